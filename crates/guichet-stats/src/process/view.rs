//! The process view as programs read it: `schemas/stats-process.v1.schema.json`.

use std::collections::BTreeMap;

use guichet_core::id::Position;
use guichet_core::time::Date;
use serde::Serialize;

use super::deadlines::{NONE, Times, TimesView};
use super::describe::{Describe, Sojourn};
use super::measure::{Measures, midnight_ms, row};
use super::names::Names;
use super::sums::{Sums, WhoSums, month, month_text};
use super::transfers::TransferView;
use super::{Dimension, Process};
use crate::moment::written;

/// How many of the most frequent variants are shown.
const VARIANTS_SHOWN_MAX: usize = 10;

/// The process view of a log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProcessView {
    /// The version of this form.
    pub version: u16,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The name of the log: of the procedure that all its cases are of, or of the centre.
    pub log: String,
    /// Where the wall clock stands by which dates and months are counted.
    pub timezone: String,
    /// The calendars by which working days are counted.
    pub calendars: Vec<String>,
    /// How much there is.
    pub counts: CountsView,
    /// From the first event of a case to its last.
    pub duration_ms: Describe,
    /// The same in local dates.
    pub duration_calendar_days: Describe,
    /// The same in working days, by calendar; the first day does not count.
    pub duration_working_days: BTreeMap<String, Describe>,
    /// The same in open time on working days, by calendar; the key names the hours: `open_time_9_17_ms`.
    #[serde(flatten)]
    pub open_time_ms: BTreeMap<String, BTreeMap<String, Describe>>,
    /// Cases with a day that a calendar does not know, by calendar: the figures above leave them out. Only where there are
    /// any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub uncovered: BTreeMap<String, u64>,
    /// The activities, the most frequent first.
    pub activities: Vec<ActivityView>,
    /// Events that repeat an activity of the same case.
    pub rework: ReworkView,
    /// What each person, group and role did.
    pub throughput: Whose<Vec<ThroughputView>>,
    /// How often cases change hands.
    pub transfers: Whose<TransferView>,
    /// Cases by their first activity.
    pub start_activities: BTreeMap<String, u64>,
    /// Cases by their last activity.
    pub end_activities: BTreeMap<String, u64>,
    /// The sequences of activities that cases have.
    pub variants: VariantsView,
    /// From which activity to which next one, how often: the most frequent first, then by name.
    pub directly_follows: Vec<Flow>,
    /// Cases by the local month of their first event.
    pub arrivals_per_month: BTreeMap<String, u64>,
    /// Cases by the local month of their last event.
    pub completions_per_month: BTreeMap<String, u64>,
    /// Cases by the local day of the week of their first event, Monday being 1.
    pub arrivals_per_iso_weekday: BTreeMap<String, u64>,
    /// From the first event of a case to the first event of the next one.
    pub arrival_gaps_ms: Describe,
    /// Cases under way at the beginning of each month.
    pub work_in_progress_at_month_starts: Vec<OpenAt>,
    /// What the times of whole cases say. Only where any case has one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub times: Option<TimesView>,
    /// Cases by what they are of; only what any case says. The most telling are channel and department.
    pub cases_by: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

/// From an activity to the next, and how often.
pub type Flow = (String, String, u64);

/// How much there is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountsView {
    /// Cases.
    pub cases: u64,
    /// Cases with at least one event.
    pub cases_with_events: u64,
    /// Events.
    pub events: u64,
    /// Different activities.
    pub activities: usize,
    /// Different persons.
    pub resources: usize,
    /// Different groups.
    pub groups: usize,
    /// Different roles.
    pub roles: usize,
    /// Events of which no person is known.
    pub events_without_resource: u64,
    /// The first event of all.
    pub first_event: Option<String>,
    /// The last event of all.
    pub last_event: Option<String>,
    /// Cases whose events stand in the source in another order than they happened.
    pub cases_whose_file_order_is_not_time_order: u64,
    /// Events of each case that has any.
    pub events_per_case: Describe,
}

/// One activity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActivityView {
    /// Its name.
    pub activity: String,
    /// Events.
    pub events: u64,
    /// Cases that have it.
    pub cases: u64,
    /// Cases that have it more than once.
    pub cases_with_rework: u64,
    /// Events that repeat it.
    pub repetitions: u64,
    /// Different persons who did it.
    pub resources: usize,
    /// From the event before in the case; the first event of a case has none.
    pub sojourn_ms: Sojourn,
}

/// Events that repeat an activity of the same case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReworkView {
    /// How many.
    pub repetitions: u64,
    /// Cases with any.
    pub cases_with_rework: u64,
}

/// Something of persons, groups and roles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Whose<T> {
    /// Of persons.
    pub resource: T,
    /// Of groups: teams, departments.
    pub group: T,
    /// Of roles, or windows.
    pub role: T,
}

/// What one of them did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThroughputView {
    /// Who.
    pub who: String,
    /// Events.
    pub events: u64,
    /// Different cases.
    pub cases: u64,
    /// Different activities.
    pub activities: usize,
    /// The first event.
    pub first: String,
    /// The last event.
    pub last: String,
}

/// The sequences of activities that cases have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VariantsView {
    /// How many different ones.
    pub distinct: usize,
    /// The most frequent, then by their activities.
    pub top: Vec<Variant>,
}

/// One sequence of activities.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variant {
    /// Cases that have it.
    pub cases: u64,
    /// Its activities.
    pub sequence: Vec<String>,
}

/// How many cases were under way at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenAt {
    /// The instant.
    pub instant: String,
    /// Cases whose first event was there by then, and whose last event was yet to come.
    pub open: usize,
}

impl Process {
    /// The view, by these measures.
    #[must_use]
    pub fn view(&self, measures: &Measures<'_>) -> ProcessView {
        let (mut sums, mut times) = (Sums::new(measures), Times::new(measures));
        let mut of: [BTreeMap<Option<u32>, u64>; 4] = Default::default();
        for case in self.chosen(measures) {
            let course = self.course(case);
            sums.add(&row(case, &course, measures), &course);
            times.add(case, measures);
            for (by, dimension) in of.iter_mut().zip(Dimension::ALL) {
                *by.entry(dimension.of(case)).or_default() += 1;
            }
        }
        let cases_by = Dimension::ALL.into_iter().zip(of).filter_map(|(dimension, by)| {
            by.keys().any(Option::is_some).then(|| {
                let named = |name: Option<u32>| name.map_or(NONE, |name| self.words.name(name)).to_owned();
                let by = by.into_iter().map(|(name, count)| (named(name), count));
                (dimension.as_str(), by.collect())
            })
        });
        let cases_by = cases_by.collect();
        self.assemble(sums, times, cases_by, measures)
    }

    fn assemble(
        &self,
        mut sums: Sums,
        times: Times,
        cases_by: BTreeMap<&'static str, BTreeMap<String, u64>>,
        measures: &Measures<'_>,
    ) -> ProcessView {
        sums.firsts_ms.sort_unstable();
        sums.lasts_ms.sort_unstable();
        let end_ms = sums.lasts_ms.last().copied();
        let work_in_progress = work_in_progress(&sums, measures);
        let gaps = sums.firsts_ms.windows(2).filter_map(|two| match two {
            [one, next] => Some(next - one),
            _ => None,
        });
        let arrival_gaps_ms = Describe::of(gaps.collect());
        let [people, groups, roles] = &sums.who;
        let counts = CountsView {
            cases: sums.cases,
            cases_with_events: sums.cases_with_events,
            events: sums.events,
            activities: sums.activities.len(),
            resources: people.len(),
            groups: groups.len(),
            roles: roles.len(),
            events_without_resource: sums.events_without_resource,
            first_event: sums.firsts_ms.first().copied().map(written),
            last_event: end_ms.map(written),
            cases_whose_file_order_is_not_time_order: sums.reordered,
            events_per_case: Describe::of(sums.events_per_case),
        };
        let calendars = measures.calendar_names();
        let (mut working_days, mut open_ms, mut uncovered) =
            (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (name, by) in calendars.iter().zip(sums.calendars) {
            working_days.insert(name.clone(), Describe::of(by.working_days));
            open_ms.insert(name.clone(), Describe::of(by.open_ms));
            if by.uncovered > 0 {
                uncovered.insert(name.clone(), by.uncovered);
            }
        }
        let months = |by: BTreeMap<(i16, i8), u64>| {
            by.into_iter()
                .map(|(month, count)| (month_text(month), count))
                .collect()
        };
        let named = |by: BTreeMap<u32, u64>| {
            by.into_iter()
                .map(|(activity, count)| (self.activities.name(activity).to_owned(), count))
                .collect()
        };
        let [of_people, of_groups, of_roles] = sums.who;
        let [by_people, by_groups, by_roles] = sums.transfers;
        let [person_names, group_names, role_names] = &self.people;
        ProcessView {
            version: 1,
            position: self.position,
            log: measures.log.to_owned(),
            timezone: measures.zone.to_string(),
            calendars,
            counts,
            duration_ms: Describe::of(sums.durations_ms),
            duration_calendar_days: Describe::of(sums.calendar_days),
            duration_working_days: working_days,
            open_time_ms: BTreeMap::from([(measures.open_key(), open_ms)]),
            uncovered,
            activities: self.activities_view(sums.activities),
            rework: ReworkView {
                repetitions: sums.repetitions,
                cases_with_rework: sums.cases_with_rework,
            },
            throughput: Whose {
                resource: throughput(of_people, person_names),
                group: throughput(of_groups, group_names),
                role: throughput(of_roles, role_names),
            },
            transfers: Whose {
                resource: by_people.view(person_names),
                group: by_groups.view(group_names),
                role: by_roles.view(role_names),
            },
            start_activities: named(sums.starts),
            end_activities: named(sums.ends),
            variants: self.variants_view(sums.variants),
            directly_follows: self.flows(sums.follows),
            arrivals_per_month: months(sums.arrivals),
            completions_per_month: months(sums.completions),
            arrivals_per_iso_weekday: sums
                .weekdays
                .into_iter()
                .map(|(day, count)| (day.to_string(), count))
                .collect(),
            arrival_gaps_ms,
            work_in_progress_at_month_starts: work_in_progress,
            times: times.view(end_ms, &self.words, measures),
            cases_by,
        }
    }

    fn activities_view(&self, sums: BTreeMap<u32, super::sums::ActivitySums>) -> Vec<ActivityView> {
        let view = |(activity, sums): (u32, super::sums::ActivitySums)| ActivityView {
            activity: self.activities.name(activity).to_owned(),
            events: sums.events,
            cases: sums.cases,
            cases_with_rework: sums.cases_with_rework,
            repetitions: sums.repetitions,
            resources: sums.people.len(),
            sojourn_ms: Sojourn::of(sums.sojourns),
        };
        let mut activities: Vec<_> = sums.into_iter().map(view).collect();
        activities.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.activity.cmp(&b.activity)));
        activities
    }

    fn variants_view(&self, variants: BTreeMap<Vec<u32>, u64>) -> VariantsView {
        let distinct = variants.len();
        let name = |activity: u32| self.activities.name(activity);
        let mut all: Vec<_> = variants.into_iter().collect();
        all.sort_by(|(a, cases), (b, others)| {
            let names = |sequence: &[u32]| sequence.iter().map(|id| name(*id)).collect::<Vec<_>>();
            others.cmp(cases).then_with(|| names(a).cmp(&names(b)))
        });
        let top = all.into_iter().take(VARIANTS_SHOWN_MAX);
        VariantsView {
            distinct,
            top: top
                .map(|(sequence, cases)| Variant {
                    cases,
                    sequence: sequence.into_iter().map(|id| name(id).to_owned()).collect(),
                })
                .collect(),
        }
    }

    fn flows(&self, follows: BTreeMap<(u32, u32), u64>) -> Vec<Flow> {
        let name = |activity: u32| self.activities.name(activity).to_owned();
        let mut flows: Vec<Flow> = follows
            .into_iter()
            .map(|((from, to), count)| (name(from), name(to), count))
            .collect();
        flows.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
        flows
    }
}

fn throughput(sums: BTreeMap<u32, WhoSums>, names: &Names) -> Vec<ThroughputView> {
    let view = |(who, sums): (u32, WhoSums)| ThroughputView {
        who: names.name(who).to_owned(),
        events: sums.events,
        cases: sums.cases,
        activities: sums.activities.len(),
        first: written(sums.first_ms),
        last: written(sums.last_ms),
    };
    let mut all: Vec<_> = sums.into_iter().map(view).collect();
    all.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.who.cmp(&b.who)));
    all
}

/// Cases under way at the beginning of each month from the second one up to the one after the last event.
fn work_in_progress(sums: &Sums, measures: &Measures<'_>) -> Vec<OpenAt> {
    let Some((first, last)) = sums.span else {
        return Vec::new();
    };
    let (_, _, day) = first.ymd();
    let mut start: Date = first.plus_days(1 - i32::from(day));
    let mut all = Vec::new();
    while month(start) <= month(last) {
        let next = start.plus_months(1);
        if next <= start {
            break;
        }
        start = next;
        let at = midnight_ms(start, measures.zone);
        // A case ends when or after it begins, so those that have ended are among those that have begun.
        let begun = sums.firsts_ms.partition_point(|first| *first <= at);
        let ended = sums.lasts_ms.partition_point(|last| *last <= at);
        all.push(OpenAt {
            instant: written(at),
            open: begun - ended,
        });
    }
    all
}
