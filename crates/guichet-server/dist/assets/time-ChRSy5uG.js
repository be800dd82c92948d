var e=`time-lead = Draw the slider to see the whole centre as it stood: lights, totals, windows, departments, and the figures of that moment.
time-empty = The log has no records yet
time-jump = Jump to a date
time-within = Within { $day }
time-days = Days
time-first = Beginning
time-day-back = Day back
time-step-back = Record back
time-play-back = Backwards
time-play = Play
time-pause = Pause
time-step = Next record
time-day = Next day
time-last = Now
time-speed = Speed
time-records-a-second = { $n ->
    [one] 1 record a second
   *[other] { $n } records a second
  }
time-lights = Lights then
time-figures = Figures of { $month } as they stood
time-figures-note = Counted from the records of that moment alone
time-figures-wait = Figures are counted when it rests
time-events = What had happened last
time-scale-note = The curve is what was in hand each day; below it, { $n } findings of the rules of supervision.
`;export{e as default};