public-title = 办件公示
public-received = 今日收件
public-completed = 今日办结
public-caption = 正在办理
public-number = 查询号
public-note = 查询号与办件编号无关；凭受理回执上的查询号和查询密码可查进度。
status-lead = 输入受理回执上的查询号和查询密码，查看办件进度。
status-secret = 查询密码
status-ask = 查询
status-waits = 正在等待
status-waits-for = { $who ->
    [applicant] 等待您补正或办理
   *[centre] 等待中心办理
  }
status-missing = 尚缺材料
status-fees = 费用
status-fees-told = 应缴 { $owed }，已缴 { $paid }
