var e=`supervision-lead = 各部门亮灯情况，以及监察规则发现的问题。
supervision-lights = 各部门亮灯
findings = 发现的问题
findings-note = 共 { $total } 处，截至位置 { $position }
findings-not-allowed = 仅监察人员可查看全部问题，部门负责人可查看本部门的问题。
finding-on = 日期
finding-rule = 规则
finding-severity = 程度
finding-says = 内容
finding-standing = 状态
finding-open = 查看办件
findings-none = 监察规则没有发现问题
`;export{e as default};