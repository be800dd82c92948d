var e=`# The list of cases
cases-lead = Cases in hand, the first due first. Filter by department, window, item, stage and light; the filters stay in the address.
cases-caption = Cases
cases-total = { $n ->
    [one] 1 case
   *[other] { $n } cases
  }
cases-none = No case answers to these filters
cases-none-help = Widen the filters, or look at cases that are completed.
cases-frozen = The list as it was at position { $position }; further pages are not moved by new cases.
cases-live = Back to live
filter-number = Case number
filter-number-hint = Begins with
filter-stage-open = In hand
filter-stage-any = All, completed ones too
sort = Order
sort-urgent = Most urgent first
sort-received = Received last first
holder = Held by
steps-now = Step now
left-days = { $n ->
    [0] due today
    [one] 1 day left
   *[other] { $n } days left
  }
over-days = { $n ->
    [one] 1 day over
   *[other] { $n } days over
  }
figure-cases-lead = The cases that make up this figure. Open one to see how its days were counted.
figure-part = Part
figure-part-all = All cases
figure-part-numerator = Numerator
figure-part-rest = In the denominator, not in the numerator
figure-counts = In the numerator
figure-amount = Adds
figure-total = { $n ->
    [one] 1 case
   *[other] { $n } cases
  }
figure-not-yours = { $total } cases in all, { $yours } that you may see
figure-where = Where
figure-in = Period
figure-as-of = As of

# A case
case-of = { $item }
case-not-live = What the system knew at { $at }
case-to-live = Back to now
case-as-of = As it was known on
case-as-of-help = Choose a day to see the case as the system knew it at the end of that day.
case-show = Show
view-timeline = Timeline
view-clocks = Clocks explained
view-flow = Flow
view-held = Who held it
view-file = Case file
view-findings = Findings
view-evidence = Evidence
views = Aspects of the case
print-explanation = Print the explanation
accepted-on = Accepted on
accepted-deemed = acceptance deemed
decided-on = Decided on
delivered-on = Delivered on
ended-on = Ended on
promised-due = Due as promised
statutory-due = Due by law
next-due = Next due
outcome = Outcome
channel-label = Channel
applicant = Applicant
agent = Agent
green-channel = Green channel
suspended = Clocks suspended
reopened = { $n ->
    [one] reopened once
   *[other] reopened { $n } times
  }
resubmits = Handed in again, after
transfer-to = On its way to

timeline-title = Timeline
timeline-note = In the order in which it happened; bars go from beginning to end. Open a line to see its records.
timeline-groups = Grouped
timeline-all = All records
timeline-open-all = Open all
timeline-close-all = Close all
timeline-none = Nothing was recorded before this moment
timeline-late = entered { $after } late
timeline-today = today
timeline-moment = this moment
timeline-legend-work = worked on
timeline-legend-late = past its term
timeline-legend-pause = clocks suspended
timeline-legend-wait = waiting for the applicant
timeline-legend-promised = due as promised
timeline-legend-statutory = due by law
timeline-records = { $n ->
    [one] 1 record
   *[other] { $n } records
  }
timeline-since = since { $from }
timeline-due = due { $due }
timeline-run = { $n ->
    [2] second time
    [3] third time
   *[other] time { $n }
  }
timeline-followed = followed from position { $position }
timeline-not-given = not rated
group-intake = Intake and acceptance
group-correction = Correction
group-materials = Material supplied
group-transfer = Transfer
group-step = Step
group-group = Parallel approvals
group-special = Special procedure
group-suspension = Clock suspended
group-extension = Extension
group-fee = Fees
group-decision = Decision
group-delivery = Certificate and delivery
group-end = Completion
group-rating = Rating
group-complaint = Complaint
group-agency = Agent
group-light = Lights turned
group-note = Other records

clock-choose = Choose a clock
clock-term = Term
clock-source = Source
clock-started = Started
clock-stopped = Stopped
clock-running = still running
clock-due = Last day
clock-warn = Reminder
clock-used = Used / allowed
clock-calendar = Calendar
clock-calendar-version = { $calendar }, version { $version }
clock-policy = Policy of clocks
clock-told = Last days that were told
clock-told-with = with: { $event }
clock-told-announced = announced in writing
clock-moved = The last day was moved
clock-provisional = Provisional: the calendar does not reach this far
clock-pauses = Pauses
clock-pause = pause { $n }
clock-pause-open = since { $from }, not over
clock-pause-between = { $from } to { $until }
clock-extensions = Extensions
clock-extension-by = by { $by }, approved by { $role }
clock-days = Day by day
clock-days-caption = { $clock }, day by day
clock-day = Day
clock-weekday = Weekday
clock-kind = Kind of day
clock-reading = How it counts
clock-nth = Day no.
clock-notes = Notes
clock-none = No clock has started
clock-none-help = Terms begin when the application is received.
clock-no-days = This clock has no days to show
clock-in-time = in time
clock-over = { $n ->
    [one] 1 day over
   *[other] { $n } days over
  }
clock-no-due = no last day
clock-sentence = { $clock }: { $term }, from { $start }; the last day is { $due }.
clock-sentence-none = { $clock }: { $term }, from { $start }.
weekday-name = { $n ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
  }
reading = { $code ->
    [start] the term begins; not counted
    [counted] counted
    [extended] counted, by extension
    [off] not counted
    [void] void: the term began anew later
    [rolled] the term waits for a working day
    [late] past the term
    [paused] suspended, not counted
   *[other] { $code }
  }
day-kind = { $code ->
    [working] working day
    [make_up] make-up working day
    [weekend] weekend
    [holiday] holiday
    [closure] day off
   *[other] { $code }
  }
pause-effect = { $code ->
    [suspend] its days are left out
    [reset] the term begins anew after it
    [none] it moves nothing
   *[other] { $code }
  }

flow-title = Where it stands
flow-note = The steps that it went through, and those of parallel approvals that have not begun
flow-published = The published flow chart
flow-received = Received
flow-decided = Decision
flow-delivered = Delivery
flow-completed = Completed
flow-here = it stands here
flow-none = No step has begun
flow-lead = lead: { $department }
flow-arrived = { $n } of { $of } arrived
flow-not-yet = not begun
flow-correction = Correction

held-title = Who held it
held-note = Which department, window and step had it, and for how long
held-from = From
held-until = Until
held-now = until now
held-days = For
held-person = Persons
held-windows = Sums by window
held-windows-caption = How long the case was at each window
held-times = Times
held-total = Calendar days
held-working = Working days
held-none = Nobody held it
held-waits = waits for the applicant
held-in-transfer = on its way to { $window }

duration-minutes = { $n } min
duration-hours = { $n } h
duration-days = { $n ->
    [one] 1 day
   *[other] { $n } days
  }

file-materials = Documents
file-materials-caption = Documents of the case
file-material = Document
file-state = State
file-supplied = Handed in
file-missing = Promised for later
file-not-yet = Not handed in
file-needed = Required
file-not-needed = Depends on the case
file-fees = Fees
file-fees-caption = Fees of the case
file-fee = Fee
file-owed = Owed
file-paid = Paid
file-refunded = Refunded
file-settled = Settled
file-waived = Waived
file-no-fees = No fees
file-ratings = Ratings
file-ratings-caption = Ratings of the case
file-rating-point = Rated after
file-rating-level = Rating
file-rating-closes = Open until
file-rating-staff = Person rated
file-rectify-by = Put right by
file-rectified-on = Put right on
file-no-ratings = No ratings
file-no-rating = Not rated
file-counts = in the statistics
file-complaints = Complaints
file-facts = Facts
file-fact = Fact
file-value = Value
file-no-facts = No facts were entered

evidence-title = Evidence
evidence-note = Where each record stands in the log; the log's root proves that none of them was changed
evidence-root = Root of the log now
evidence-records = Records of this case
evidence-caption = Records of the case and their places in the log
evidence-revision = Revision
evidence-occurred = Occurred
evidence-recorded = Recorded
evidence-delay = Delay
evidence-actor = Entered by
evidence-command = Command
evidence-cause = Cause
evidence-asked = Asked for
evidence-followed = Position { $position }
evidence-imported = Taken over, entry { $entry }
evidence-late = { $n ->
    [one] 1 entered late
   *[other] { $n } entered late
  }
evidence-archive = Archive
evidence-archive-none = No archive
evidence-archive-sealed = sealed up to { $size } records, root { $root }
evidence-raw = As it is stored

findings-of-case = Findings
findings-of-case-none = Supervision found nothing on this case

# Codes that several pages share
list-comma = {", "}
colon = {": "}
yes = yes
no = no
step-name = { $step ->
    [intake] Intake
    [examine] Examination
    [review] Review
    [decide] Decision
    [decision] Decision
    [air-defence-check] Air-defence opinion
    [air-defence-inspection] Air-defence inspection
    [archives-inspection] Archives inspection
    [certificates] Organisation code and seal
    [culture-opinion] Culture opinion
    [design-group] Preliminary design
    [drawing-review] Drawing review
    [energy-saving] Energy saving
    [envelope] One envelope
    [environment-inspection] Environment inspection
    [feasibility-group] Site, land and environment
    [feasibility-reply] Reply on the feasibility study
    [fire-check] Fire opening check
    [fire-inspection] Fire inspection
    [fire-opinion] Fire opinion
    [gardens-opinion] Gardens opinion
    [joint-inspection] Joint inspection
    [land-group] Land
    [lightning-opinion] Lightning opinion
    [pay-fees] Fees at the bank window
    [permit-group] Fees and filings
    [planning-inspection] Planning inspection
    [pre-approvals] Pre-approvals
    [project-group] Verification or filing
    [quality-filing] Quality and safety filing
    [scheme-group] Design scheme
    [culture] Culture
    [environment] Environment
    [fire] Fire
    [food] Food
    [hygiene] Hygiene
    [verify-or-file] Verification or filing
   *[other] { $step }
  }
channel = { $code ->
    [window] at a window
    [online] online
    [post] by post
    [agent] by an agent
    [internal] internal
   *[other] { $code }
  }
ground = { $code ->
    [force_majeure] force majeure
    [awaiting_decision] another authority decides first
    [improvement] the applicant improves something
    [applicant_request] the applicant asked for it
    [incomplete] the file is incomplete
    [incorrect] something in the file is wrong
    [agreement] both sides agreed on it
   *[other] { $code }
  }
consent-ground = { $code ->
    [timeout] no answer in time
    [absence] absent
    [no_reason] disagreed without reasons
    [invalid_form] not in due form
   *[other] { $code }
  }
special-kind = { $code ->
    [hearing] hearing
    [bidding] bidding
    [auction] auction
    [inspection] inspection
    [testing] testing
    [quarantine] quarantine
    [appraisal] appraisal
    [expert_review] review by experts
    [public_notice] public notice
    [other] another special procedure
   *[unknown] { $code }
  }
level = { $code ->
    [very_satisfied] very satisfied
    [satisfied] satisfied
    [basically_satisfied] basically satisfied
    [dissatisfied] dissatisfied
    [very_dissatisfied] very dissatisfied
   *[other] { $code }
  }
rectification-level = { $code ->
    [satisfied] satisfied
    [partly] partly satisfied
    [dissatisfied] dissatisfied
   *[other] { $code }
  }
timeliness = { $code ->
    [early] early
    [on_time] on time
    [overdue] past the promise
    [illegal] past the statute
    [unmeasured] without a term
   *[other] { $code }
  }
point = { $code ->
    [submission] submission
    [correction] correction
    [decision] decision
    [collection] collection
   *[other] { $code }
  }
group-outcome = { $code ->
    [agreed] all agree
    [refused] refused
    [overridden] the lead goes on
    [released] not needed
   *[other] { $code }
  }
resolution = { $code ->
    [approve] goes on
    [refuse] refuses
   *[other] { $code }
  }
complaint-finding = { $code ->
    [upheld] upheld
    [unfounded] unfounded
    [withdrawn] withdrawn
   *[other] { $code }
  }
silence = { $code ->
    [granted] deemed granted
    [refused] deemed refused
   *[other] { $code }
  }
join = { $code ->
    [all] all must answer
    [any] any one
   *[other] { $code } answers
  }
field = { $field ->
    [received_on] received on
    [intake_due_on] intake due
    [resubmits] after case
    [served_on] served on
    [respond_by] respond by
    [lapsed_on] lapsed on
    [effective_on] effective on
    [gaps] promised later
    [gaps_due_on] later by
    [statutory_due_on] due by law
    [promised_due_on] due as promised
    [refused_on] refused on
    [declared_on] declared on
    [on_behalf] on behalf
    [started_on] started on
    [due_on] due on
    [opened_on] opened on
    [silent_until] silent until
    [tell_by] tell by
    [announced] announced for
    [excluded] left out of the term
    [ended_on] ended on
    [suspended_on] suspended on
    [resumed_on] resumed on
    [approver_role] approved by
    [amount_fen] amount
    [bank_reference] bank reference
    [decided_on] decided on
    [delivery_due_on] delivery due
    [delivered_on] delivered on
    [completed_on] completed on
    [withdrawn_on] withdrawn on
    [terminated_on] terminated on
    [revoked_on] revoked on
    [reopened_on] reopened on
    [at] from step
    [opportunity] rating
    [point] rated after
    [staff] person rated
    [closes_on] open until
    [rectify_by] put right by
    [done_on] done on
    [turned_on] turned on
    [materials] documents
    [served] served
   *[other] { $field }
  }
holiday = { $name }
finding-evidence = Log positions
`;export{e as default};