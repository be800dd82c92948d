//! Sums over cases: what the view is made of.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::time::Date;

use super::measure::{CaseRow, Course, Measures};
use super::names::Label;
use super::transfers::{Transfers, Who};

/// What is counted of one activity.
#[derive(Debug, Default)]
pub(super) struct ActivitySums {
    pub(super) events: u64,
    pub(super) cases: u64,
    pub(super) cases_with_rework: u64,
    pub(super) repetitions: u64,
    pub(super) people: BTreeSet<u32>,
    pub(super) sojourns: Vec<i64>,
}

/// What is counted of one person, group or role.
#[derive(Debug)]
pub(super) struct WhoSums {
    pub(super) events: u64,
    pub(super) cases: u64,
    pub(super) activities: BTreeSet<u32>,
    pub(super) first_ms: i64,
    pub(super) last_ms: i64,
    /// The number of the case that was counted last.
    last_case: u64,
}

/// Values of cases by one calendar.
#[derive(Debug, Default)]
pub(super) struct ByCalendar {
    pub(super) working_days: Vec<i64>,
    pub(super) open_ms: Vec<i64>,
    /// Cases with a day that the calendar does not know.
    pub(super) uncovered: u64,
}

#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) cases: u64,
    pub(super) cases_with_events: u64,
    pub(super) events: u64,
    pub(super) events_without_resource: u64,
    pub(super) reordered: u64,
    pub(super) events_per_case: Vec<i64>,
    pub(super) durations_ms: Vec<i64>,
    pub(super) calendar_days: Vec<i64>,
    pub(super) calendars: Vec<ByCalendar>,
    pub(super) activities: BTreeMap<u32, ActivitySums>,
    pub(super) repetitions: u64,
    pub(super) cases_with_rework: u64,
    pub(super) who: [BTreeMap<u32, WhoSums>; 3],
    pub(super) transfers: [Transfers; 3],
    pub(super) starts: BTreeMap<u32, u64>,
    pub(super) ends: BTreeMap<u32, u64>,
    pub(super) variants: BTreeMap<Vec<u32>, u64>,
    pub(super) follows: BTreeMap<(u32, u32), u64>,
    pub(super) firsts_ms: Vec<i64>,
    pub(super) lasts_ms: Vec<i64>,
    pub(super) arrivals: BTreeMap<(i16, i8), u64>,
    pub(super) completions: BTreeMap<(i16, i8), u64>,
    pub(super) weekdays: BTreeMap<u8, u64>,
    /// The months of the first and the last event of all.
    pub(super) span: Option<(Date, Date)>,
}

impl Sums {
    pub(super) fn new(measures: &Measures<'_>) -> Self {
        Self {
            calendars: measures.calendars.iter().map(|_| ByCalendar::default()).collect(),
            ..Self::default()
        }
    }

    /// Takes in a case.
    pub(super) fn add(&mut self, row: &CaseRow, course: &Course) {
        self.cases += 1;
        let Some(times) = &row.times else { return };
        self.cases_with_events += 1;
        self.reordered += u64::from(course.is_reordered);
        self.events_per_case
            .push(i64::try_from(row.events).unwrap_or(i64::MAX));
        self.durations_ms.push(times.duration_ms());
        self.calendar_days.push(times.calendar_days());
        let counted = times.working_days.iter().zip(&times.open_ms);
        for (sums, (days, open_ms)) in self.calendars.iter_mut().zip(counted) {
            sums.working_days.extend(days);
            sums.open_ms.extend(open_ms);
            sums.uncovered += u64::from(days.is_none() || open_ms.is_none());
        }
        self.firsts_ms.push(times.first_ms);
        self.lasts_ms.push(times.last_ms);
        *self.arrivals.entry(month(times.first_date)).or_default() += 1;
        *self.completions.entry(month(times.last_date)).or_default() += 1;
        *self.weekdays.entry(times.first_date.iso_weekday()).or_default() += 1;
        let (first, last) = self.span.unwrap_or((times.first_date, times.last_date));
        self.span = Some((first.min(times.first_date), last.max(times.last_date)));

        self.repetitions += row.rework_events;
        self.cases_with_rework += u64::from(row.rework_events > 0);
        self.add_activities(course);
        self.add_who(course);
        let sequence: Vec<u32> = course.events.iter().map(|(_, label)| label.activity).collect();
        if let (Some(first), Some(last)) = (sequence.first(), sequence.last()) {
            *self.starts.entry(*first).or_default() += 1;
            *self.ends.entry(*last).or_default() += 1;
        }
        for (one, next) in sequence.iter().zip(sequence.iter().skip(1)) {
            *self.follows.entry((*one, *next)).or_default() += 1;
        }
        *self.variants.entry(sequence).or_default() += 1;
    }

    fn add_activities(&mut self, course: &Course) {
        let mut times_done: BTreeMap<u32, u64> = BTreeMap::new();
        let mut before = None;
        for (event, label) in &course.events {
            let sums = self.activities.entry(label.activity).or_default();
            self.events += 1;
            sums.events += 1;
            sums.people.extend(Who::Resource.pick(&label.who));
            sums.sojourns
                .extend(before.map(|before: i64| event.at_ms - before));
            before = Some(event.at_ms);
            let done = times_done.entry(label.activity).or_default();
            *done += 1;
            match *done {
                1 => sums.cases += 1,
                2 => {
                    sums.cases_with_rework += 1;
                    sums.repetitions += 1;
                }
                _ => sums.repetitions += 1,
            }
        }
    }

    fn add_who(&mut self, course: &Course) {
        let case = self.cases;
        for (event, label) in &course.events {
            self.events_without_resource += u64::from(Who::Resource.pick(&label.who).is_none());
            for (all, who) in self.who.iter_mut().zip(label.who) {
                let Some(who) = who else { continue };
                let sums = all.entry(who).or_insert_with(|| WhoSums {
                    events: 0,
                    cases: 0,
                    activities: BTreeSet::new(),
                    first_ms: event.at_ms,
                    last_ms: event.at_ms,
                    last_case: 0,
                });
                sums.events += 1;
                sums.cases += u64::from(sums.last_case != case);
                sums.last_case = case;
                sums.activities.insert(label.activity);
                sums.first_ms = sums.first_ms.min(event.at_ms);
                sums.last_ms = sums.last_ms.max(event.at_ms);
            }
        }
        for (transfers, who) in self.transfers.iter_mut().zip(Who::ALL) {
            transfers.add(who, course.events.iter().map(|(_, label): &(_, Label)| *label));
        }
    }
}

/// The month of a date.
pub(super) fn month(date: Date) -> (i16, i8) {
    let (year, month, _) = date.ymd();
    (year, month)
}

/// A month as text.
pub(super) fn month_text((year, month): (i16, i8)) -> String {
    format!("{year:04}-{month:02}")
}
