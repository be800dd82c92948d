page-overview = Overview
page-screen = Big screen
page-departments = Departments
page-windows = Windows
page-items = Items
page-cases = Cases
page-supervision = Supervision
page-satisfaction = Satisfaction
page-speed-up = Speed-up bulletin
page-process = Process map
page-catalogue = Service guide
page-time = Time slider
page-public = Public screen
page-status = Status query
page-system = System
page-sign-in = Sign in
page-not-found = There is no such page
page-not-found-help = Nothing is found at { $path }.
group-running = Operations
group-analysis = Analysis
group-supervision = Supervision
group-public = Public
navigation = Main navigation
menu = Menu
skip = Skip to the content
sign-in = Sign in
sign-out = Sign out
theme-label = Appearance: { $theme ->
    [light] light
    [dark] dark
   *[auto] as the system
  }
demo = Demonstration data, all of it fictional
live-state = { $state ->
    [live] Live
    [connecting] Connecting
    [stale] Connection lost
   *[off] Not connected
  }
live-means = Figures follow the log as it grows; the position is how many records are counted in
lag = { $n } behind
position = Position
root = Root
root-means = Root of the log's Merkle tree at this position; press to see all of it
stale-as-of = The connection is lost. Data as of position { $position }; connecting again.
stale-note = This could not be read again; what is shown is older.
loading = Loading…
nothing = Nothing to show
more = Show more
try-again = Try again
as-table = As table
problem-unreachable = The server cannot be reached
problem-unreachable-help = Check the network; the page goes on by itself when the server is back.
light-none = No clock
lights-nothing = Nothing in hand
rate-open = Show what it rests on
rate-value = Value
rate-numerator = Numerator
rate-denominator = Denominator
rate-cases-numerator = Cases of the numerator
rate-cases-denominator = Cases of the denominator
unit = { $unit ->
    [working_days] working days
    [calendar_days] days
    [days] days
    [points] points
    [score] points
    [yuan] yuan
    [fen] fen
   *[other] { $unit }
  }
term-at-once = at once
term-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
  }
term-days = { $n ->
    [one] 1 day
   *[other] { $n } days
  }
term-weeks = { $n ->
    [one] 1 week
   *[other] { $n } weeks
  }
term-working-hours = { $n ->
    [one] 1 working hour
   *[other] { $n } working hours
  }
term-months = { $n ->
    [one] 1 month
   *[other] { $n } months
  }
department = Department
window = Window
item = Item
case = Case
stage = Stage
light = Light
due = Due
received-on = Received on
promised = Promised
statutory = Statutory
time-limits = Time limits
total = Total
all = All
received = Received
done = Completed
in-hand = In hand
waiting = Waiting for the applicant
overdue = Overdue
when = When
event = Event
list-comma = {", "}
state = State
screen-leave = Leave
role-public = Visitor
role-dashboard = Dashboard
filters = Filters
filters-clear = Clear
yuan = { $n } yuan
