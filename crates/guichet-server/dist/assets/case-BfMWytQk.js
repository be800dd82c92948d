var e=`# 办件列表
cases-lead = 按截止日排列的在办件；可按部门、窗口、事项、阶段和灯色筛选，筛选条件留在网址中。
cases-caption = 办件
cases-total = 共 { $n } 件
cases-none = 没有符合条件的办件
cases-none-help = 放宽筛选条件，或查看已办结的办件。
cases-frozen = 以下为位置 { $position } 时的列表；继续翻页不受新办件影响。
cases-live = 回到实时
filter-number = 办件编号
filter-number-hint = 以此开头
filter-stage-open = 在办
filter-stage-any = 全部（含已办结）
sort = 排序
sort-urgent = 最急在前
sort-received = 最近收件在前
holder = 办理人
steps-now = 当前环节
left-days = { $n ->
    [0] 今天到期
   *[other] 还剩 { $n } 天
  }
over-days = 超 { $n } 天
figure-cases-lead = 构成该指标的办件。点开一件即可看到逐日计时说明。
figure-part = 范围
figure-part-all = 全部办件
figure-part-numerator = 分子
figure-part-rest = 分母中不在分子的
figure-counts = 计入分子
figure-amount = 计入量
figure-total = 本页依据 { $n } 件
figure-not-yours = 共 { $total } 件，您可查看 { $yours } 件
figure-where = 条件
figure-in = 期间
figure-as-of = 截至

# 办件
case-of = { $item }办件
case-not-live = 这是{ $at }时系统所知的情况
case-to-live = 回到现在
case-as-of = 按当时所知查看
case-as-of-help = 选择日期，看当天日终时系统所知道的办件。
case-show = 查看
view-timeline = 经过
view-clocks = 计时说明
view-flow = 流程
view-held = 经手
view-file = 案卷
view-findings = 监察发现
view-evidence = 凭据
views = 办件的各个方面
print-explanation = 打印说明
accepted-on = 受理日
accepted-deemed = 视为受理
decided-on = 决定日
delivered-on = 送达日
ended-on = 办结日
promised-due = 承诺到期
statutory-due = 法定到期
next-due = 下一到期
outcome = 结果
channel-label = 渠道
applicant = 申请人
agent = 代办员
green-channel = 绿色通道
suspended = 计时中止
reopened = 重新办理 { $n } 次
resubmits = 重新申请，前件
transfer-to = 转往

timeline-title = 办件经过
timeline-note = 按发生先后排列；条形从开始到结束，点开可见每条记录
timeline-groups = 分组
timeline-all = 全部记录
timeline-open-all = 全部展开
timeline-close-all = 全部收起
timeline-none = 这一时刻之前没有记录
timeline-late = 迟 { $after }登记
timeline-today = 今天
timeline-moment = 此刻
timeline-legend-work = 办理
timeline-legend-late = 超期部分
timeline-legend-pause = 计时中止
timeline-legend-wait = 等待申请人
timeline-legend-promised = 承诺到期日
timeline-legend-statutory = 法定到期日
timeline-records = { $n } 条记录
timeline-since = { $from } 起
timeline-due = 期限 { $due }
timeline-run = 第 { $n } 次
timeline-followed = 随位置 { $position } 而生
timeline-not-given = 未评价
group-intake = 收件与受理
group-correction = 补正
group-materials = 补交材料
group-transfer = 转件
group-step = 环节
group-group = 并联审批
group-special = 特别程序
group-suspension = 中止计时
group-extension = 延期
group-fee = 收费
group-decision = 决定
group-delivery = 制证与送达
group-end = 办结
group-rating = 评价
group-complaint = 投诉
group-agency = 代办
group-light = 变灯
group-note = 其他记录

clock-choose = 选择计时
clock-term = 期限
clock-source = 依据
clock-started = 起算
clock-stopped = 停止
clock-running = 仍在计时
clock-due = 最后一天
clock-warn = 提醒日
clock-used = 已用 / 允许
clock-calendar = 日历
clock-calendar-version = { $calendar } 第 { $version } 版
clock-policy = 计时规则
clock-told = 告知过的最后一天
clock-told-with = 随{ $event }
clock-told-announced = 书面告知
clock-moved = 最后一天变动过
clock-provisional = 日历尚未覆盖，暂定
clock-pauses = 中止
clock-pause = 中止 { $n }
clock-pause-open = { $from } 起，尚未结束
clock-pause-between = { $from } 至 { $until }
clock-extensions = 延期
clock-extension-by = 延长 { $by }，{ $role }批准
clock-days = 逐日
clock-days-caption = { $clock }逐日计算
clock-day = 日期
clock-weekday = 星期
clock-kind = 日子
clock-reading = 计法
clock-nth = 第几日
clock-notes = 说明
clock-none = 还没有开始计时
clock-none-help = 收件后才有时限。
clock-no-days = 这一计时没有逐日记录
clock-in-time = 未超期
clock-over = 超 { $n } 日
clock-no-due = 无到期日
clock-sentence = { $clock }为 { $term }，{ $start } 起算，最后一天 { $due }。
clock-sentence-none = { $clock }为 { $term }，{ $start } 起算。
weekday-name = { $n ->
    [1] 一
    [2] 二
    [3] 三
    [4] 四
    [5] 五
    [6] 六
   *[7] 日
  }
reading = { $code ->
    [start] 起算，不计入
    [counted] 计入
    [extended] 计入（延长期）
    [off] 不计
    [void] 作废，此后重新起算
    [rolled] 期满遇休息日，顺延
    [late] 超期
    [paused] 中止，不计
   *[other] { $code }
  }
day-kind = { $code ->
    [working] 工作日
    [make_up] 调休上班
    [weekend] 周末
    [holiday] 节假日
    [closure] 休息日
   *[other] { $code }
  }
pause-effect = { $code ->
    [suspend] 期间不计入时限
    [reset] 结束后重新起算
    [none] 不影响时限
   *[other] { $code }
  }

flow-title = 走到哪一步
flow-note = 已走过的环节，以及并联审批中还没有开始的部分
flow-published = 公布的流程图
flow-received = 收件
flow-decided = 决定
flow-delivered = 送达
flow-completed = 办结
flow-here = 现在在此
flow-none = 还没有开始任何环节
flow-lead = 牵头：{ $department }
flow-arrived = { $n }/{ $of } 已到齐
flow-not-yet = 未开始
flow-correction = 补正

held-title = 谁在办
held-note = 每一段由哪个部门、窗口、环节经手，多久
held-from = 从
held-until = 到
held-now = 至今
held-days = 时长
held-person = 经手人
held-windows = 各窗口合计
held-windows-caption = 办件在各窗口停留的时间
held-times = 次数
held-total = 日历天
held-working = 工作日
held-none = 没有经手记录
held-waits = 等待申请人
held-in-transfer = 转往{ $window }途中

duration-minutes = { $n } 分钟
duration-hours = { $n } 小时
duration-days = { $n } 天

file-materials = 材料
file-materials-caption = 办件的材料
file-material = 材料
file-state = 状态
file-supplied = 已交
file-missing = 容缺，待补
file-not-yet = 未交
file-needed = 必需
file-not-needed = 视情形
file-fees = 收费
file-fees-caption = 办件的费用
file-fee = 费用
file-owed = 应缴
file-paid = 已缴
file-refunded = 已退
file-settled = 结清
file-waived = 减免
file-no-fees = 没有收费
file-ratings = 评价
file-ratings-caption = 办件的评价
file-rating-point = 评价环节
file-rating-level = 评价
file-rating-closes = 截止
file-rating-staff = 被评人
file-rectify-by = 整改期限
file-rectified-on = 整改完成
file-no-ratings = 没有评价
file-no-rating = 未评价
file-counts = 计入统计
file-complaints = 投诉
file-facts = 要素
file-fact = 要素
file-value = 值
file-no-facts = 没有登记要素

evidence-title = 凭据
evidence-note = 每条记录在日志中的位置；日志的根可以证明它们未被改动
evidence-root = 日志此刻的根
evidence-records = 本办件的记录
evidence-caption = 办件记录及其在日志中的位置
evidence-revision = 版次
evidence-occurred = 发生
evidence-recorded = 登记
evidence-delay = 迟延
evidence-actor = 登记人
evidence-command = 指令
evidence-cause = 起因
evidence-asked = 有人提出
evidence-followed = 位置 { $position }
evidence-imported = 由原系统转入，第 { $entry } 条
evidence-late = 迟登记 { $n } 条
evidence-archive = 归档
evidence-archive-none = 没有归档
evidence-archive-sealed = 封存到 { $size } 条，根 { $root }
evidence-raw = 原文

findings-of-case = 监察发现
findings-of-case-none = 这一办件没有监察发现

# 各处共用的代码
list-comma = 、
colon = ：
yes = 是
no = 否
step-name = { $step ->
    [intake] 受理
    [examine] 审查
    [review] 审核
    [decide] 决定
    [decision] 决定
    [air-defence-check] 人防初步设计意见
    [air-defence-inspection] 人防验收
    [archives-inspection] 档案验收
    [certificates] 代码证与公章
    [culture-opinion] 文化经营意见
    [design-group] 初步设计联审
    [drawing-review] 施工图审查
    [energy-saving] 节能审查
    [envelope] 证照合并
    [environment-inspection] 环保验收
    [feasibility-group] 选址、用地、环评并联审批
    [feasibility-reply] 可研批复
    [fire-check] 开业前消防安全检查
    [fire-inspection] 消防验收
    [fire-opinion] 消防意见
    [gardens-opinion] 园林绿化意见
    [joint-inspection] 联合验收
    [land-group] 用地
    [lightning-opinion] 防雷意见
    [pay-fees] 统一缴费
    [permit-group] 缴费与质监备案
    [planning-inspection] 规划验收
    [pre-approvals] 前置并联审批
    [project-group] 核准或备案、环评
    [quality-filing] 质量安全监督备案
    [scheme-group] 设计方案联审
    [culture] 文化经营
    [environment] 环境影响
    [fire] 消防
    [food] 食品经营
    [hygiene] 公共场所卫生
    [verify-or-file] 核准或备案
   *[other] { $step }
  }
channel = { $code ->
    [window] 窗口
    [online] 网上
    [post] 邮寄
    [agent] 代办
    [internal] 内部
   *[other] { $code }
  }
ground = { $code ->
    [force_majeure] 不可抗力
    [awaiting_decision] 须待法院或其他机关先行裁决
    [improvement] 申请人整改
    [applicant_request] 申请人请求
    [incomplete] 材料不齐，申请人补正
    [incorrect] 材料有误，申请人更正
    [agreement] 双方约定
   *[other] { $code }
  }
consent-ground = { $code ->
    [timeout] 逾期未答复
    [absence] 缺席
    [no_reason] 不同意而未说明理由
    [invalid_form] 形式不符
   *[other] { $code }
  }
special-kind = { $code ->
    [hearing] 听证
    [bidding] 招标
    [auction] 拍卖
    [inspection] 检验
    [testing] 检测
    [quarantine] 检疫
    [appraisal] 鉴定
    [expert_review] 专家评审
    [public_notice] 公示
    [other] 其他特别程序
   *[unknown] { $code }
  }
level = { $code ->
    [very_satisfied] 非常满意
    [satisfied] 满意
    [basically_satisfied] 基本满意
    [dissatisfied] 不满意
    [very_dissatisfied] 非常不满意
   *[other] { $code }
  }
rectification-level = { $code ->
    [satisfied] 满意
    [partly] 部分满意
    [dissatisfied] 不满意
   *[other] { $code }
  }
timeliness = { $code ->
    [early] 提前
    [on_time] 按时
    [overdue] 超承诺时限
    [illegal] 超法定时限
    [unmeasured] 无时限
   *[other] { $code }
  }
point = { $code ->
    [submission] 收件
    [correction] 补正
    [decision] 决定
    [collection] 领证
   *[other] { $code }
  }
group-outcome = { $code ->
    [agreed] 一致同意
    [refused] 不同意
    [overridden] 牵头部门决定继续
    [released] 免办
   *[other] { $code }
  }
resolution = { $code ->
    [approve] 继续
    [refuse] 不予
   *[other] { $code }
  }
complaint-finding = { $code ->
    [upheld] 属实
    [unfounded] 不属实
    [withdrawn] 撤诉
   *[other] { $code }
  }
silence = { $code ->
    [granted] 视为准予
    [refused] 视为不予
   *[other] { $code }
  }
join = { $code ->
    [all] 全部答复
    [any] 任一答复
   *[other] { $code } 个答复
  }
field = { $field ->
    [procedure] 事项
    [note] 备注
    [department] 部门
    [applicant] 申请人
    [channel] 渠道
    [window] 窗口
    [facts] 要素
    [materials] 材料
    [received_on] 收件日
    [intake_due_on] 受理期限
    [resubmits] 前件
    [notice] 通知书
    [items] 需补正
    [served_on] 送达日
    [respond_by] 补正期限
    [complete] 齐全
    [lapsed_on] 到期日
    [effective_on] 生效日
    [gaps] 容缺材料
    [gaps_due_on] 容缺期限
    [statutory_due_on] 法定到期
    [promised_due_on] 承诺到期
    [refused_on] 不予受理日
    [reasons] 理由
    [reason] 理由
    [remedies] 救济途径
    [declared_on] 告知日
    [from] 从
    [to] 到
    [on_behalf] 代签
    [step] 环节
    [group] 并联组
    [role] 岗位
    [started_on] 开始日
    [due_on] 期限
    [by] 由
    [opinion] 意见
    [superseded] 作废
    [block] 部分
    [released] 免办
    [choice] 选择
    [taken] 选中
    [lead] 牵头部门
    [join] 会合条件
    [members] 成员
    [opened_on] 开始日
    [member] 成员
    [evidence] 证据
    [silent_until] 沉默期至
    [ground] 原因
    [branch] 分支
    [dissent] 有异议
    [term] 期限
    [safety] 涉安全
    [resolution] 处理
    [tell_by] 告知期限
    [outcome] 结果
    [special] 特别程序
    [kind] 种类
    [name] 名称
    [announced] 告知时长
    [excluded] 不计入时限
    [ended_on] 结束日
    [result] 结果文书
    [suspended_on] 中止日
    [resumed_on] 恢复日
    [approver] 批准人
    [approver_role] 批准级别
    [fees] 费用
    [fee] 费用
    [amount_fen] 金额
    [bank_reference] 银行流水
    [verdict] 决定
    [decided_on] 决定日
    [used] 用时
    [timeliness] 时效
    [delivery_due_on] 送达期限
    [effect] 效果
    [source] 依据
    [certificate] 证照
    [delivered_on] 送达日
    [method] 方式
    [completed_on] 办结日
    [retention] 保管
    [withdrawn_on] 撤回日
    [terminated_on] 终止日
    [lapsed] 逾期
    [revoked_on] 撤销日
    [reopened_on] 重办日
    [at] 从环节
    [agent] 代办员
    [scope] 范围
    [entry] 记录
    [opportunity] 评价
    [point] 评价环节
    [staff] 被评人
    [closes_on] 截止
    [level] 评价
    [comment] 留言
    [rectify_by] 整改期限
    [reached] 联系上
    [report] 报告
    [done_on] 完成日
    [complaint] 投诉
    [content] 内容
    [finding] 认定
    [answer] 答复
    [field] 字段
    [old] 原值
    [new] 新值
    [clock] 计时
    [of] 环节
    [light] 灯
    [turned_on] 变灯日
    [activity] 活动
    [attributes] 属性
   *[other] { $field }
  }
holiday = { $code ->
    [new-year-s-day] 元旦
    [spring-festival] 春节
    [tomb-sweeping-day] 清明节
    [labour-day] 劳动节
    [dragon-boat-festival] 端午节
    [mid-autumn-festival] 中秋节
    [national-day] 国庆节
   *[other] { $name }
  }
finding-evidence = 日志位置
`;export{e as default};