var e=`page-overview = 中心总览
page-screen = 大屏
page-departments = 部门
page-windows = 窗口
page-items = 事项
page-cases = 办件
page-supervision = 监察
page-satisfaction = 好差评
page-speed-up = 提速通报
page-process = 流程图
page-catalogue = 办事指南
page-time = 时间回放
page-public = 公众屏
page-status = 进度查询
page-system = 系统
page-sign-in = 登录
page-not-found = 没有这一页
page-not-found-help = 地址 { $path } 下没有页面。
group-running = 运行
group-analysis = 分析
group-supervision = 监察
group-public = 公众
navigation = 主导航
menu = 菜单
skip = 跳到正文
sign-in = 登录
sign-out = 退出
theme-label = 外观：{ $theme ->
    [light] 浅色
    [dark] 深色
   *[auto] 跟随系统
  }
demo = 演示数据，均为虚构
live-state = { $state ->
    [live] 实时
    [connecting] 连接中
    [stale] 连接中断
   *[off] 未连接
  }
live-means = 数据随日志实时更新；位置是已计入的记录数
lag = 滞后 { $n } 条
position = 位置
root = 根哈希
root-means = 日志在该位置的默克尔树根；点击显示全文
stale-as-of = 连接中断，以下数据截至位置 { $position }；正在重新连接。
stale-note = 未能更新，显示的是较早的数据。
loading = 正在读取…
nothing = 没有数据
more = 显示更多
try-again = 重试
as-table = 显示为表格
problem-unreachable = 无法连接服务器
problem-unreachable-help = 请检查网络；服务器恢复后页面会继续更新。
light-none = 无计时
lights-nothing = 无在办件
rate-open = 查看依据
rate-value = 数值
rate-numerator = 分子
rate-denominator = 分母
rate-cases-numerator = 查看分子办件
rate-cases-denominator = 查看分母办件
unit = { $unit ->
    [working_days] 个工作日
    [calendar_days] 天
    [days] 天
    [points] 分
    [score] 分
    [yuan] 元
    [fen] 分
   *[other] { $unit }
  }
term-at-once = 即办
term-working-days = { $n } 个工作日
term-days = { $n } 天
term-weeks = { $n } 周
term-working-hours = { $n } 个工作小时
term-months = { $n } 个月
department = 部门
window = 窗口
item = 事项
case = 办件
stage = 阶段
light = 灯
due = 截止日
received-on = 收件日
promised = 承诺时限
statutory = 法定时限
time-limits = 时限
total = 合计
all = 全部
received = 收件
done = 办结
in-hand = 在办
waiting = 等待申请人
overdue = 超期
when = 时间
event = 事项动态
list-comma = 、
state = 状态
screen-leave = 返回
role-public = 访客
role-dashboard = 数据展示
filters = 筛选条件
filters-clear = 清除筛选
yuan = { $n } 元
`;export{e as default};