var e=`supervision-lead = Lights by department, and what the rules of supervision find.
supervision-lights = Lights by department
findings = Findings
findings-note = { $total } findings as of position { $position }
findings-not-allowed = Findings are for supervisors, and for heads of departments what concerns theirs.
finding-on = On
finding-rule = Rule
finding-severity = Severity
finding-says = What was found
finding-standing = Standing
finding-open = Open the case
findings-none = The rules of supervision find nothing
`;export{e as default};