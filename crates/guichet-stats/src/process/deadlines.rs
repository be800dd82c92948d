//! What the times of a case as a whole say: when it was submitted, when it ended, and when it should have.

use std::collections::BTreeMap;

use serde::Serialize;

use super::describe::{Describe, median};
use super::measure::Measures;
use super::names::Names;
use super::sums::{month, month_text};
use super::{Case, Dimension};
use crate::moment::{DAY_MS, Moment};

/// What a case without a value counts under.
pub(super) const NONE: &str = "(none)";

/// By how much a deadline may miss the same time of day and still be at it: sources write one of the two rounded.
const TOLERANCE_MS: i64 = 1_000;

/// How many of the commonest distances from submission to deadline are shown.
const DISTANCES_SHOWN_MAX: usize = 12;

/// How many of them are compared with the wall clock.
const DISTANCES_TRIED_MAX: usize = 2;

/// The figures of the times of whole cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimesView {
    /// How cases stand to their deadlines.
    pub deadline: DeadlineView,
    /// How they stand to the end that was planned.
    pub planned_end: PlannedEnd,
    /// From submission to end; below zero where a source has them so.
    pub submitted_to_ended_ms: Describe,
    /// The same in working days, by calendar.
    pub submitted_to_ended_working_days: BTreeMap<String, Describe>,
    /// Cases that ended before they were submitted.
    pub ended_before_submitted: u64,
    /// The same without those cases.
    pub submitted_to_ended_in_order: Ended,
    /// Cases by what they are of, with the median time to their end, those that ended before submission left out.
    pub ended_by: EndedOf,
    /// Cases by local date of submission.
    pub submitted_per_day: BTreeMap<String, u64>,
    /// Cases by local month of submission.
    pub submitted_per_month: BTreeMap<String, u64>,
    /// Cases by local month of their end.
    pub ended_per_month: BTreeMap<String, u64>,
    /// Cases that had not ended when the log did.
    pub open_cases_at_log_end: OpenAtEnd,
    /// Whether deadlines lie a fixed number of days behind submission.
    pub deadline_rule: DeadlineRule,
    /// The commonest distances from submission to deadline in days, rounded: how many cases have them.
    pub deadline_minus_submitted_days: BTreeMap<String, u64>,
}

/// How cases stand to their deadlines.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadlineView {
    /// When a case is on time.
    pub rule: &'static str,
    /// The figures.
    #[serde(flatten)]
    pub figures: PlannedEnd,
    /// Cases with a deadline and no end.
    pub open_with_deadline: u64,
    /// Cases with both, by the channel through which they came.
    pub by_channel: BTreeMap<String, OnTime>,
    /// The same by department.
    pub by_department: BTreeMap<String, OnTime>,
}

/// How cases stand to a time that was set for their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct PlannedEnd {
    /// Cases with an end and a time set for it.
    pub with_both: u64,
    /// Those that ended by that time.
    pub on_time: u64,
    /// Those that ended after it.
    pub late: u64,
    /// On time of those with both; none of nothing.
    pub rate: Option<f64>,
    /// Cases without an end.
    pub no_end: u64,
    /// Cases without a time set for it.
    pub no_deadline: u64,
}

/// Cases on time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OnTime {
    /// Cases with both times.
    pub with_both: u64,
    /// Those on time.
    pub on_time: u64,
}

/// From submission to end, of the cases that ended after they were submitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ended {
    /// In milliseconds.
    pub ms: Describe,
    /// In working days, by calendar.
    pub working_days: BTreeMap<String, Describe>,
}

/// How long cases took, by what they are of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct EndedOf {
    /// By channel.
    pub channel: BTreeMap<String, EndedCases>,
    /// By department.
    pub department: BTreeMap<String, EndedCases>,
}

/// Some cases, and how long they took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct EndedCases {
    /// How many.
    pub cases: u64,
    /// Those that ended.
    pub ended: u64,
    /// The median from submission to end.
    pub median_ms: Option<f64>,
}

/// Cases that had not ended when the log did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenAtEnd {
    /// How many.
    pub open: u64,
    /// Those whose deadline lies before the last event of the log.
    pub past_deadline: u64,
}

/// Whether deadlines lie a fixed number of days behind submission.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadlineRule {
    /// What is compared.
    pub what: &'static str,
    /// `submitted_plus_N_days_wall_clock` for the commonest numbers of days: cases whose deadline is there at the same local
    /// time of day.
    #[serde(flatten)]
    pub plus_days: BTreeMap<String, u64>,
    /// Those of the commonest number with a clock change between submission and deadline.
    pub of_these_crossing_a_clock_change: u64,
    /// Cases with both times.
    pub cases: u64,
}

/// A number of cases of one kind while they are counted.
#[derive(Debug, Default)]
struct OfKind {
    cases: u64,
    ended: u64,
    took_ms: Vec<i64>,
    both: OnTime,
}

/// Counts the times of cases, a case at a time.
#[derive(Debug, Default)]
pub(super) struct Times {
    known: bool,
    deadline: PlannedEnd,
    planned_end: PlannedEnd,
    /// Whether any of the ends and deadlines was read off a wall.
    walls: bool,
    open_with_deadline: u64,
    took_ms: Vec<i64>,
    took_days: Vec<Vec<i64>>,
    in_order_ms: Vec<i64>,
    in_order_days: Vec<Vec<i64>>,
    ended_before_submitted: u64,
    by: [BTreeMap<Option<u32>, OfKind>; 2],
    submitted_per_day: BTreeMap<String, u64>,
    submitted_per_month: BTreeMap<(i16, i8), u64>,
    ended_per_month: BTreeMap<(i16, i8), u64>,
    open: u64,
    /// The deadlines of open cases, as instants.
    open_deadlines_ms: Vec<i64>,
    /// Days from submission to deadline: how many cases, and the number of the first of them.
    distances: BTreeMap<i64, (u64, u64)>,
    /// Distances on the wall that are whole days: cases, and those of them with a clock change between.
    whole_days: BTreeMap<i64, (u64, u64)>,
    with_deadline_and_submission: u64,
}

impl Times {
    pub(super) fn new(measures: &Measures<'_>) -> Self {
        let empty: Vec<Vec<i64>> = measures.calendars.iter().map(|_| Vec::new()).collect();
        Self {
            took_days: empty.clone(),
            in_order_days: empty,
            ..Self::default()
        }
    }

    /// Takes in a case.
    pub(super) fn add(&mut self, case: &Case, measures: &Measures<'_>) {
        let zone = measures.zone;
        let Case {
            submitted,
            ended,
            deadline,
            planned_end,
            ..
        } = *case;
        self.known |= [submitted, ended, deadline, planned_end]
            .iter()
            .any(Option::is_some);
        let on_time = self.deadline.add(ended, deadline, measures);
        self.planned_end.add(ended, planned_end, measures);
        self.walls |= matches!((ended, deadline), (Some(Moment::Wall(_)), Some(Moment::Wall(_))));
        self.open_with_deadline += u64::from(ended.is_none() && deadline.is_some());
        if ended.is_none() {
            self.open += 1;
            self.open_deadlines_ms
                .extend(deadline.map(|deadline| deadline.instant_ms(zone)));
        }
        let mut took = None;
        if let Some(submitted) = submitted {
            let date = submitted.date(zone);
            *self.submitted_per_day.entry(date.to_string()).or_default() += 1;
            *self.submitted_per_month.entry(month(date)).or_default() += 1;
        }
        if let Some(ended) = ended {
            *self.ended_per_month.entry(month(ended.date(zone))).or_default() += 1;
        }
        if let (Some(submitted), Some(ended)) = (submitted, ended) {
            let ms = submitted.until_ms(ended, zone);
            let days = measures.working_days(submitted.date(zone), ended.date(zone));
            let is_in_order = ms >= 0;
            self.took_ms.push(ms);
            for ((all, in_order), days) in self.took_days.iter_mut().zip(&mut self.in_order_days).zip(days) {
                all.extend(days);
                in_order.extend(days.filter(|_| is_in_order));
            }
            if is_in_order {
                self.in_order_ms.push(ms);
                took = Some(ms);
            } else {
                self.ended_before_submitted += 1;
            }
        }
        let kinds = [Dimension::Channel, Dimension::Department];
        for (by, dimension) in self.by.iter_mut().zip(kinds) {
            let kind = by.entry(dimension.of(case)).or_default();
            kind.cases += 1;
            kind.ended += u64::from(ended.is_some());
            kind.took_ms.extend(took);
            if let Some(on_time) = on_time {
                kind.both.with_both += 1;
                kind.both.on_time += u64::from(on_time);
            }
        }
        if let (Some(submitted), Some(deadline)) = (submitted, deadline) {
            self.distance(submitted, deadline, measures);
        }
    }

    fn distance(&mut self, submitted: Moment, deadline: Moment, measures: &Measures<'_>) {
        let zone = measures.zone;
        let days = rounded_days(submitted.until_ms(deadline, zone));
        let number = self.with_deadline_and_submission;
        self.with_deadline_and_submission += 1;
        self.distances.entry(days).or_insert((0, number)).0 += 1;
        let on_the_wall = deadline.wall_ms(zone) - submitted.wall_ms(zone);
        let whole = rounded_days(on_the_wall);
        if (on_the_wall - whole * DAY_MS).abs() <= TOLERANCE_MS {
            let offset = |moment: Moment| moment.wall_ms(zone) - moment.instant_ms(zone);
            let crosses = offset(submitted) != offset(deadline);
            let (cases, crossing) = self.whole_days.entry(whole).or_default();
            *cases += 1;
            *crossing += u64::from(crosses);
        }
    }

    /// The figures; none where no case says anything. `end_ms` is the last event of all.
    pub(super) fn view(
        self,
        end_ms: Option<i64>,
        words: &Names,
        measures: &Measures<'_>,
    ) -> Option<TimesView> {
        if !self.known {
            return None;
        }
        let mut commonest: Vec<_> = self.distances.iter().map(|(days, seen)| (*days, *seen)).collect();
        // As frequent ones keep the order in which they came.
        commonest.sort_by_key(|(_, (count, first))| (std::cmp::Reverse(*count), *first));
        let tried = || commonest.iter().take(DISTANCES_TRIED_MAX);
        let at_the_wall = |days: &i64| self.whole_days.get(days).copied().unwrap_or_default();
        let deadline_rule = DeadlineRule {
            what: "the deadline that the municipality's own system set, against submitted + N days at the same local time \
                of day (tolerance 1 s); no roll at weekends or holidays is seen",
            plus_days: tried()
                .map(|(days, _)| {
                    (
                        format!("submitted_plus_{days}_days_wall_clock"),
                        at_the_wall(days).0,
                    )
                })
                .collect(),
            of_these_crossing_a_clock_change: tried().next().map_or(0, |(days, _)| at_the_wall(days).1),
            cases: self.with_deadline_and_submission,
        };
        let distances = commonest.iter().take(DISTANCES_SHOWN_MAX);
        let past = |deadline: &&i64| end_ms.is_some_and(|end| **deadline < end);
        let past_deadline = self.open_deadlines_ms.iter().filter(past).fold(0, |n, _| n + 1);
        let described = |days: Vec<Vec<i64>>| {
            let names = measures.calendar_names().into_iter();
            names.zip(days.into_iter().map(Describe::of)).collect()
        };
        let [channels, departments] = self.by;
        let named = |name: Option<u32>| name.map_or(NONE, |name| words.name(name)).to_owned();
        let both = |by: &BTreeMap<Option<u32>, OfKind>| {
            let some = by.iter().filter(|(_, kind)| kind.both.with_both > 0);
            some.map(|(name, kind)| (named(*name), kind.both)).collect()
        };
        let months = |by: BTreeMap<(i16, i8), u64>| {
            by.into_iter()
                .map(|(month, count)| (month_text(month), count))
                .collect()
        };
        let ended = |by: BTreeMap<Option<u32>, OfKind>| {
            let of = |kind: OfKind| EndedCases {
                cases: kind.cases,
                ended: kind.ended,
                median_ms: median(kind.took_ms),
            };
            by.into_iter()
                .map(|(name, kind)| (named(name), of(kind)))
                .collect()
        };
        Some(TimesView {
            deadline: DeadlineView {
                rule: if self.walls {
                    "on time when ended <= deadline, local wall clock"
                } else {
                    "on time when ended <= deadline as instants"
                },
                figures: self.deadline.rated(),
                open_with_deadline: self.open_with_deadline,
                by_channel: both(&channels),
                by_department: both(&departments),
            },
            planned_end: self.planned_end.rated(),
            submitted_to_ended_ms: Describe::of(self.took_ms),
            submitted_to_ended_working_days: described(self.took_days),
            ended_before_submitted: self.ended_before_submitted,
            submitted_to_ended_in_order: Ended {
                ms: Describe::of(self.in_order_ms),
                working_days: described(self.in_order_days),
            },
            ended_by: EndedOf {
                channel: ended(channels),
                department: ended(departments),
            },
            submitted_per_day: self.submitted_per_day,
            submitted_per_month: months(self.submitted_per_month),
            ended_per_month: months(self.ended_per_month),
            open_cases_at_log_end: OpenAtEnd {
                open: self.open,
                past_deadline,
            },
            deadline_rule,
            deadline_minus_submitted_days: distances
                .map(|(days, (count, _))| (days.to_string(), *count))
                .collect(),
        })
    }
}

impl PlannedEnd {
    /// Takes in a case, and says whether it was on time, where it has both.
    fn add(&mut self, ended: Option<Moment>, set: Option<Moment>, measures: &Measures<'_>) -> Option<bool> {
        self.no_end += u64::from(ended.is_none());
        self.no_deadline += u64::from(set.is_none());
        let on_time = ended?.until_ms(set?, measures.zone) >= 0;
        self.with_both += 1;
        self.on_time += u64::from(on_time);
        self.late += u64::from(!on_time);
        Some(on_time)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the counts are exact; this is the display step"
    )]
    fn rated(mut self) -> Self {
        self.rate = (self.with_both > 0).then(|| self.on_time as f64 / self.with_both as f64);
        self
    }
}

/// Whole days, the nearest; of two that are as near the even one.
fn rounded_days(ms: i64) -> i64 {
    let (days, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    match (rest * 2).cmp(&DAY_MS) {
        std::cmp::Ordering::Less => days,
        std::cmp::Ordering::Equal => days + days.rem_euclid(2),
        std::cmp::Ordering::Greater => days + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_rounded_to_the_nearest_and_halves_to_even() {
        let half = DAY_MS / 2;
        let rounded = [0, half - 1, half, half + 1, DAY_MS + half, -half, -half - 1].map(rounded_days);
        assert_eq!(rounded, [0, 0, 0, 1, 2, 0, -1]);
    }
}
