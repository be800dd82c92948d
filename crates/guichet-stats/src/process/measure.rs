//! Measuring one case: what there is to know of it alone, and the row that it has in a table of cases.

use std::sync::Arc;

use guichet_core::calendar::Calendar;
use guichet_core::hours::{HoursError, OpenInterval, OpeningHours, Timetable};
use guichet_core::id::ProcedureId;
use guichet_core::time::Date;
use guichet_core::zone::Zone;

use super::names::Label;
use super::transfers::Who;
use super::{Case, Happened, Process};
use crate::moment::{millis, timestamp, written};

/// By what cases are measured, and which of them.
#[derive(Clone, Debug)]
pub struct Measures<'m> {
    pub(super) log: &'m str,
    pub(super) zone: &'m Zone,
    pub(super) calendars: &'m [Arc<Calendar>],
    pub(super) interval: OpenInterval,
    pub(super) hours: OpeningHours,
    pub(super) procedure: Option<&'m ProcedureId>,
}

impl<'m> Measures<'m> {
    /// By the wall clock of a zone, the working days of some calendars, and hours in which a centre is open on them. `log`
    /// is the name that the view has.
    ///
    /// # Errors
    ///
    /// [`HoursError`] when the hours are none.
    pub fn new(
        log: &'m str,
        zone: &'m Zone,
        calendars: &'m [Arc<Calendar>],
        hours: OpenInterval,
    ) -> Result<Self, HoursError> {
        Ok(Self {
            log,
            zone,
            calendars,
            interval: hours,
            hours: OpeningHours::daily([hours])?,
            procedure: None,
        })
    }

    /// Only the cases of one procedure.
    #[must_use]
    pub const fn of(mut self, procedure: &'m ProcedureId) -> Self {
        self.procedure = Some(procedure);
        self
    }

    /// The names of the calendars, in their order.
    pub(super) fn calendar_names(&self) -> Vec<String> {
        self.calendars
            .iter()
            .map(|calendar| calendar.id().to_string())
            .collect()
    }

    /// The key of open time: `open_time_9_17_ms`, with minutes where there are any.
    pub(super) fn open_key(&self) -> String {
        let time = |minutes: u16| match (minutes / 60, minutes % 60) {
            (hour, 0) => hour.to_string(),
            (hour, minute) => format!("{hour}h{minute:02}"),
        };
        let (from, until) = (self.interval.from().minutes(), self.interval.until().minutes());
        format!("open_time_{}_{}_ms", time(from), time(until))
    }

    /// How many working days lie behind the first date, up to the last, by each calendar; none where it does not know them.
    pub(super) fn working_days(&self, first: Date, last: Date) -> Vec<Option<i64>> {
        let count = |calendar: &Arc<Calendar>| {
            let days = calendar.working_days_between(first, last).ok()?;
            Some(i64::from(days))
        };
        self.calendars.iter().map(count).collect()
    }

    fn open_ms(&self, first_ms: i64, last_ms: i64) -> Vec<Option<i64>> {
        let count = |calendar: &Arc<Calendar>| {
            let timetable = Timetable::new(&self.hours, calendar, self.zone);
            let open = timetable
                .open_time(timestamp(first_ms), timestamp(last_ms))
                .ok()?;
            i64::try_from(open.as_micros() / 1_000).ok()
        };
        self.calendars.iter().map(count).collect()
    }
}

/// The columns of the table of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    calendars: Vec<String>,
    who: Vec<Who>,
}

impl Columns {
    /// The names of the columns.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = [
            "case_id",
            "events",
            "first_event",
            "last_event",
            "first_local_date",
            "last_local_date",
            "duration_ms",
        ]
        .map(str::to_owned)
        .into();
        for calendar in &self.calendars {
            names.push(format!("working_days_{calendar}"));
            names.push(format!("open_ms_{calendar}"));
        }
        names.push("rework_events".to_owned());
        names.extend(self.who.iter().map(|who| format!("transfers_{}", who.as_str())));
        names
    }

    /// The cells of a case, in the order of the columns.
    #[must_use]
    pub fn cells(&self, row: &CaseRow) -> Vec<String> {
        let mut cells = vec![row.case.clone(), row.events.to_string()];
        let of_times = row.times.as_ref();
        let mut time = |cell: Option<String>| cells.push(cell.unwrap_or_default());
        time(of_times.map(|times| written(times.first_ms)));
        time(of_times.map(|times| written(times.last_ms)));
        time(of_times.map(|times| times.first_date.to_string()));
        time(of_times.map(|times| times.last_date.to_string()));
        time(of_times.map(|times| times.duration_ms().to_string()));
        for place in 0..self.calendars.len() {
            let counted = |of: &[Option<i64>]| of.get(place).copied().flatten().map(|n| n.to_string());
            time(of_times.and_then(|times| counted(&times.working_days)));
            time(of_times.and_then(|times| counted(&times.open_ms)));
        }
        cells.push(row.rework_events.to_string());
        let transfers = self.who.iter().map(|who| who.pick(&row.transfers).to_string());
        cells.extend(transfers);
        cells
    }
}

/// One case, measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its id.
    pub case: String,
    /// How many events it has.
    pub events: usize,
    /// Its times, if it has any event.
    pub times: Option<CaseTimes>,
    /// How many events repeat an activity of the same case.
    pub rework_events: u64,
    /// How often it changed hands: persons, groups, roles.
    pub transfers: [u64; 3],
}

/// The times of a case that has events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseTimes {
    /// The first event, in milliseconds since 1970.
    pub first_ms: i64,
    /// The last event.
    pub last_ms: i64,
    /// The date of the first event on the wall.
    pub first_date: Date,
    /// The date of the last event.
    pub last_date: Date,
    /// The working days between, by calendar; none where a calendar does not know a day.
    pub working_days: Vec<Option<i64>>,
    /// The milliseconds of open time between, by calendar.
    pub open_ms: Vec<Option<i64>>,
}

impl CaseTimes {
    /// From the first event to the last.
    #[must_use]
    pub const fn duration_ms(&self) -> i64 {
        self.last_ms - self.first_ms
    }

    /// The same in dates on the wall.
    #[must_use]
    pub fn calendar_days(&self) -> i64 {
        i64::from(self.last_date.days() - self.first_date.days())
    }
}

/// The events of one case in their order, looked up.
pub(super) struct Course {
    pub(super) events: Vec<(Happened, Label)>,
    /// Whether the source had them in another order.
    pub(super) is_reordered: bool,
}

impl Process {
    /// The cases that are asked for, in the order in which they came into the log.
    pub(super) fn chosen<'s>(&'s self, measures: &'s Measures<'_>) -> impl Iterator<Item = &'s Case> + 's {
        let wanted = |case: &&Case| measures.procedure.is_none_or(|only| *only == case.procedure);
        self.cases.iter().filter(wanted)
    }

    /// The events of a case in canonical order.
    pub(super) fn course(&self, case: &Case) -> Course {
        let mut events = case.events.clone();
        // Stable: what the source does not number stays as the log has it.
        events.sort_by_key(|event| (event.at_ms, event.entry));
        let numbered = || {
            events
                .iter()
                .map(|event| event.entry)
                .filter(|entry| *entry != u32::MAX)
        };
        let is_reordered = numbered().zip(numbered().skip(1)).any(|(one, next)| next < one);
        let events = events
            .into_iter()
            .filter_map(|event| Some((event, self.labels.label(event.label)?)))
            .collect();
        Course { events, is_reordered }
    }

    /// Which columns a table of these cases has: persons, groups and roles only where any event has one.
    #[must_use]
    pub fn columns(&self, measures: &Measures<'_>) -> Columns {
        let mut found = [false; 3];
        let labels = self.chosen(measures).flat_map(|case| &case.events);
        for label in labels.filter_map(|event| self.labels.label(event.label)) {
            for (found, who) in found.iter_mut().zip(label.who) {
                *found |= who.is_some();
            }
            if found == [true; 3] {
                break;
            }
        }
        Columns {
            calendars: measures.calendar_names(),
            who: Who::ALL.into_iter().filter(|who| who.pick(&found)).collect(),
        }
    }

    /// The cases, one row each, in the order in which they came into the log.
    pub fn rows<'s>(&'s self, measures: &'s Measures<'_>) -> impl Iterator<Item = CaseRow> + 's {
        self.chosen(measures).map(|case| {
            let course = self.course(case);
            row(case, &course, measures)
        })
    }
}

/// Measures one case.
pub(super) fn row(case: &Case, course: &Course, measures: &Measures<'_>) -> CaseRow {
    let ends = course.events.first().zip(course.events.last());
    let times = ends.map(|((first, _), (last, _))| {
        let (first_ms, last_ms) = (first.at_ms, last.at_ms);
        let first_date = measures.zone.date(timestamp(first_ms));
        let last_date = measures.zone.date(timestamp(last_ms));
        CaseTimes {
            first_ms,
            last_ms,
            first_date,
            last_date,
            working_days: measures.working_days(first_date, last_date),
            open_ms: measures.open_ms(first_ms, last_ms),
        }
    });
    let mut activities: Vec<u32> = course.events.iter().map(|(_, label)| label.activity).collect();
    activities.sort_unstable();
    let repeated = activities.windows(2).filter(|two| two.first() == two.last());
    let rework_events = repeated.fold(0, |n, _| n + 1);
    let transfers = Who::ALL.map(|who| {
        let both = course.events.iter().zip(course.events.iter().skip(1));
        let pairs =
            both.filter_map(|((_, one), (_, next))| Some((who.pick(&one.who)?, who.pick(&next.who)?)));
        pairs.filter(|(one, next)| one != next).fold(0, |n, _| n + 1)
    });
    CaseRow {
        case: case.id.to_string(),
        events: course.events.len(),
        times,
        rework_events,
        transfers,
    }
}

/// The milliseconds of midnight at the beginning of a date.
pub(super) fn midnight_ms(date: Date, zone: &Zone) -> i64 {
    millis(zone.instant(guichet_core::zone::LocalTime::midnight(date)))
}
