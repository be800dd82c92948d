var e=`catalogue-lead = 在这里可以办理的事项：需要的材料、费用和时限。
catalogue-seek = 按名称或部门查找
catalogue-found = 共 { $n } 项
catalogue-back = 全部事项
item-promised = 承诺 { $term }
guide-print = 打印办事指南
guide-bring = 需要的材料
guide-material = 材料
guide-required = 是否必交
guide-always = 必交
guide-sometimes = 视情况
guide-may-follow = 可容缺后补
yes = 是
no = 否
guide-limits = 办理时限
guide-limit = 时限
guide-term = 期限
guide-source = 依据
guide-fees = 收费
guide-fee = 项目
guide-amount = 金额
guide-free = 不收费。
guide-flow = 办理流程
guide-flow-alt = { $item } 流程图；打印版指南有相同步骤的文字说明
`;export{e as default};