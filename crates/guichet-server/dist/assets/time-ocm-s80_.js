var e=`time-lead = 拖动滑块，查看整个中心在任一时刻的样子：亮灯、总量、窗口、部门和当时的指标。
time-empty = 日志中还没有记录
time-jump = 跳到日期
time-within = { $day } 当日内
time-days = 日期
time-first = 起点
time-day-back = 前一天
time-step-back = 退一条
time-play-back = 倒放
time-play = 播放
time-pause = 暂停
time-step = 进一条
time-day = 后一天
time-last = 现在
time-speed = 速度
time-records-a-second = 每秒 { $n } 条
time-lights = 当时亮灯
time-figures = 当时的 { $month } 月份指标
time-figures-note = 只用当时已有的记录计算
time-figures-wait = 暂停后计算指标
time-events = 当时最新动态
time-scale-note = 曲线为每日在办件数；下方标记为监察规则发现的 { $n } 处问题。
`;export{e as default};