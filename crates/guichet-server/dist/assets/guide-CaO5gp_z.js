var e=`catalogue-lead = What can be applied for here: what to bring, what it costs, how long it takes.
catalogue-seek = Search by name or department
catalogue-found = { $n } items
catalogue-back = All items
item-promised = promised { $term }
guide-print = Guide to print
guide-bring = What to bring
guide-material = Material
guide-required = Needed
guide-always = always
guide-sometimes = in some cases
guide-may-follow = May follow later
yes = yes
no = no
guide-limits = How long it takes
guide-limit = Time limit
guide-term = Length
guide-source = Source
guide-fees = What it costs
guide-fee = Fee
guide-amount = Amount
guide-free = It costs nothing.
guide-flow = How it goes
guide-flow-alt = Flow chart of { $item }; the printed guide tells the same steps in words
`;export{e as default};