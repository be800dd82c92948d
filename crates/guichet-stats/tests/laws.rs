//! The laws of the statistics, over random logs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    clippy::match_same_arms,
    reason = "one arm for what may happen next, and a naive count that looks at what it counts"
)]

mod common;

use std::collections::BTreeMap;

use common::{
    Story, accepted, calendar, corrected, correction, counted, counted_over_a_restart, decided, reopened,
    resumed, submitted, suspended, withdrawn, written,
};
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{
    AcceptanceDeemed, AcceptanceRefused, ConsentGround, MemberConsentDeemed, MemberOpinionGiven, Opinion,
    StepStarted, Timeliness,
};
use guichet_core::id::CaseId;
use guichet_core::reference::ReferenceEvent;
use guichet_core::testkit::id;
use guichet_core::time::{Date, date};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::cube::Totals;
use guichet_stats::measure::Measure;
use guichet_stats::{Ask, Cube, Dimension, Figure, Period, Scope, Statistics};
use proptest::collection::vec;
use proptest::prelude::*;

/// Where a case of a random log stands.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Nowhere,
    Intake,
    Correcting,
    Review { suspended: bool, member: bool },
    Decided,
    Over,
}

const CASES: usize = 12;
const DEPARTMENTS: [&str; 3] = ["health", "fire", "commerce"];
const ITEMS: [&str; 2] = ["permit", "stamp"];

/// A random log: each entry picks a case, what may happen to it next, and how many days go by.
fn stories() -> impl Strategy<Value = Story> {
    vec((0..CASES, any::<u8>(), 0..3_i32, 0..25_u16), 0..160).prop_map(|entries| {
        let mut story = Story::begun();
        let mut at = [At::Nowhere; CASES];
        let mut day = date(2010, 1, 4);
        for (number, (case, what, gap, used)) in entries.into_iter().enumerate() {
            day = day.plus_days(gap);
            if number == 80 {
                story.publish(ReferenceEvent::CalendarPublished(calendar(
                    2,
                    &[date(2010, 2, 10)],
                )));
            }
            let (event, next) = happens(at[case], case, what, day, used);
            at[case] = next;
            if let Some(event) = event {
                story.on(day, &format!("case-{case}"), event);
            }
        }
        story
    })
}

fn happens(at: At, case: usize, what: u8, day: Date, used: u16) -> (Option<CaseEvent>, At) {
    let review = At::Review {
        suspended: false,
        member: false,
    };
    let timeliness = [
        Timeliness::Early,
        Timeliness::OnTime,
        Timeliness::Overdue,
        Timeliness::Illegal,
        Timeliness::Unmeasured,
    ][usize::from(what) % 5];
    match (at, what % 8) {
        (At::Nowhere, _) => {
            let department = DEPARTMENTS[usize::from(what) % DEPARTMENTS.len()];
            let item = ITEMS[case % ITEMS.len()];
            (Some(submitted(item, department, day).into()), At::Intake)
        }
        (At::Intake, 0) => (Some(correction(day).into()), At::Correcting),
        (At::Intake, 1) => (Some(withdrawn(day).into()), At::Over),
        (At::Intake, 2) => {
            let refused = AcceptanceRefused {
                refused_on: day,
                reasons: "none".to_owned(),
                remedies: None,
            };
            (Some(refused.into()), At::Over)
        }
        (At::Intake, 3) => {
            let deemed = AcceptanceDeemed {
                effective_on: day.plus_days(-2),
                lapsed_on: day,
                statutory_due_on: None,
                promised_due_on: None,
            };
            (Some(deemed.into()), review)
        }
        (At::Intake, _) => (Some(accepted(day).into()), review),
        (At::Correcting, _) => (Some(corrected(day).into()), At::Intake),
        (
            At::Review {
                suspended: false,
                member,
            },
            0,
        ) => (
            Some(suspended(day).into()),
            At::Review {
                suspended: true,
                member,
            },
        ),
        (
            At::Review {
                suspended: true,
                member,
            },
            0..4,
        ) => (
            Some(resumed(day).into()),
            At::Review {
                suspended: false,
                member,
            },
        ),
        (
            At::Review {
                member: false,
                suspended,
            },
            1,
        ) => {
            let asked = StepStarted {
                step: id("member"),
                group: Some(id("group")),
                department: id(DEPARTMENTS[usize::from(used) % 3]),
                role: guichet_core::actor::Role::Handler,
                window: None,
                started_on: day,
                due_on: None,
            };
            (
                Some(asked.into()),
                At::Review {
                    suspended,
                    member: true,
                },
            )
        }
        (
            At::Review {
                member: true,
                suspended,
            },
            2,
        ) => {
            let given = MemberOpinionGiven {
                group: id("group"),
                member: id("member"),
                opinion: Opinion::Agree,
                reasons: None,
                by: id("s03"),
            };
            (
                Some(given.into()),
                At::Review {
                    suspended,
                    member: false,
                },
            )
        }
        (
            At::Review {
                member: true,
                suspended,
            },
            3,
        ) => {
            let deemed = MemberConsentDeemed {
                group: id("group"),
                member: id("member"),
                ground: ConsentGround::Timeout,
                lapsed_on: day,
            };
            (
                Some(deemed.into()),
                At::Review {
                    suspended,
                    member: false,
                },
            )
        }
        (At::Review { .. }, 4) => (Some(withdrawn(day).into()), At::Over),
        (At::Review { suspended: false, .. }, 5..) => {
            (Some(decided(day, used, timeliness).into()), At::Decided)
        }
        (At::Decided, 0..3) => (Some(reopened(day).into()), review),
        (At::Review { .. } | At::Decided | At::Over, _) => (None, at),
    }
}

/// Every day on which something could fall.
fn year() -> Period {
    "2009-12-01..2011-03-31".parse().unwrap()
}

fn whole(statistics: &Statistics, period: Period) -> Totals {
    statistics.cubes()[0].totals(&[], period)
}

/// Of the whole log, what belongs to some of the cases, and all reference data.
fn part(log: &[Recorded], of: usize, parts: usize) -> Vec<Recorded> {
    let mut cases: BTreeMap<CaseId, usize> = BTreeMap::new();
    let mut taken = Vec::new();
    for recorded in log {
        let mine = recorded.stream.case().is_none_or(|case| {
            let next = cases.len();
            *cases.entry(case).or_insert(next) % parts == of
        });
        if mine {
            taken.push(recorded.clone());
        }
    }
    taken
}

fn all(figures: &[Figure], by: &[Dimension], period: Period) -> Ask {
    Ask {
        figures: figures.to_vec(),
        by: by.to_vec(),
        periods: vec![period],
        scope: Scope::all(),
    }
}

proptest! {
    #[test]
    fn settled_along_the_way_or_only_at_the_end_the_cubes_are_the_same(
        story in stories(),
        every in 1..9_usize,
    ) {
        let mut along = Statistics::default();
        for (number, recorded) in story.log.iter().enumerate() {
            along.apply(recorded);
            if number % every == 0 {
                along.settle();
            }
        }
        along.settle();
        let rebuilt = story.counted();
        prop_assert_eq!(along.cubes(), rebuilt.cubes());
        prop_assert_eq!(along.view(), rebuilt.view());
    }

    #[test]
    fn the_cubes_of_any_parts_add_up_to_the_cube_of_the_whole_in_any_order(
        story in stories(),
        parts in prop::sample::select(vec![1_usize, 2, 3, 8]),
        backwards in any::<bool>(),
    ) {
        let mut counted_parts: Vec<Statistics> =
            (0..parts).map(|of| counted(&part(&story.log, of, parts))).collect();
        if backwards {
            counted_parts.reverse();
        }
        let rebuilt = story.counted();
        for (nth, cube) in rebuilt.cubes().iter().enumerate() {
            let mut sum = Cube::new(cube.dimensions().to_vec(), Scope::all());
            for part in &counted_parts {
                sum.merge(&part.cubes()[nth]);
            }
            prop_assert_eq!(&sum, cube);
        }
    }

    #[test]
    fn kept_anywhere_and_taken_up_again_the_statistics_are_those_of_the_whole_log(
        story in stories(),
        cut in any::<prop::sample::Index>(),
    ) {
        let cut = cut.index(story.log.len() + 1);
        let restarted = counted_over_a_restart(&story.log, cut);
        prop_assert_eq!(written(&restarted), written(&story.counted()));
    }

    #[test]
    fn what_was_put_in_and_taken_out_leaves_nothing(story in stories()) {
        let statistics = story.counted();
        let mut cube = Cube::of(vec![Dimension::Department, Dimension::Item], Scope::all(), statistics.facts().rows());
        for rows in statistics.facts().rows() {
            cube.retract(rows);
        }
        prop_assert_eq!(cube.groups().count(), 0);
    }

    #[test]
    fn what_is_open_at_the_close_is_what_was_open_and_came_less_what_went(story in stories(), cut in 0..420_i32) {
        let statistics = story.counted();
        let first = year().first();
        for period in [
            Period::new(first, first.plus_days(cut)).unwrap(),
            Period::new(first.plus_days(cut), year().last()).unwrap(),
        ] {
            let totals = whole(&statistics, period);
            let flow = |measure| totals.flow(measure);
            prop_assert_eq!(
                totals.stock(Measure::Open),
                totals.opening(Measure::Open) + flow(Measure::Accepted) + flow(Measure::Reopened)
                    - flow(Measure::Done) - flow(Measure::Out)
            );
            prop_assert!(totals.stock(Measure::Waiting) <= totals.stock(Measure::Open));
            prop_assert!(totals.stock(Measure::LateByStatute) <= totals.stock(Measure::LateByPromise));
            prop_assert!(totals.stock(Measure::LateByPromise) <= totals.stock(Measure::Open));
        }
    }

    #[test]
    fn the_cases_behind_every_figure_recount_to_its_part_and_its_whole(story in stories(), from in 0..90_i32) {
        let statistics = story.counted();
        let first = date(2010, 1, 4).plus_days(from);
        let period = Period::new(first, first.plus_days(30)).unwrap();
        for by in [vec![], vec![Dimension::Department], vec![Dimension::Item, Dimension::Department]] {
            let view = statistics.figures(&all(Figure::ALL, &by, period));
            for row in &view.rows {
                let group: Vec<_> = by.iter().map(|dimension| row.group[dimension.as_str()].clone()).collect();
                for told in &row.figures {
                    let catalogue = matches!(told.figure, Figure::ImmediateItems | Figure::PromiseCompression);
                    if catalogue {
                        continue;
                    }
                    let behind = statistics.behind(told.figure, &by, &group, &Scope::all(), period);
                    if let Some(numerator) = told.numerator {
                        prop_assert_eq!(behind.numerator.values().sum::<i64>(), numerator, "{}", told.figure);
                    }
                    if let Some(denominator) = told.denominator {
                        prop_assert_eq!(behind.denominator.values().sum::<i64>(), denominator, "{}", told.figure);
                    }
                }
            }
        }
    }

    #[test]
    fn a_naive_count_of_the_events_gives_the_same_figures(story in stories(), from in 0..90_i32) {
        let first = date(2010, 1, 4).plus_days(from);
        let period = Period::new(first, first.plus_days(40)).unwrap();
        let naive = Naive::of(&story.log, period);
        let view = story.counted().figures(&all(Figure::ALL, &[], period));
        let told: BTreeMap<Figure, (Option<i64>, Option<i64>)> = view.rows[0]
            .figures
            .iter()
            .map(|told| (told.figure, (told.numerator, told.denominator)))
            .collect();
        prop_assert_eq!(told[&Figure::Received], (Some(naive.received), None));
        prop_assert_eq!(told[&Figure::Accepted], (Some(naive.accepted), None));
        prop_assert_eq!(told[&Figure::Completed], (Some(naive.done), None));
        prop_assert_eq!(told[&Figure::Out], (Some(naive.out), None));
        prop_assert_eq!(told[&Figure::Reopened], (Some(naive.reopened), None));
        prop_assert_eq!(told[&Figure::Open], (Some(naive.open), None));
        prop_assert_eq!(told[&Figure::Waiting], (Some(naive.waiting), None));
        prop_assert_eq!(told[&Figure::OnTime], (Some(naive.in_time), Some(naive.measured)));
        prop_assert_eq!(told[&Figure::Correction], (Some(naive.corrected), Some(naive.received)));
        prop_assert_eq!(told[&Figure::DeemedConsents], (Some(naive.consents), None));
    }
}

/// The same figures by a walk over the events of each case, day by day where it must be: no row, no cube.
#[derive(Debug, Default)]
struct Naive {
    received: i64,
    accepted: i64,
    done: i64,
    out: i64,
    reopened: i64,
    open: i64,
    waiting: i64,
    in_time: i64,
    measured: i64,
    corrected: i64,
    consents: i64,
}

impl Naive {
    fn of(log: &[Recorded], period: Period) -> Self {
        let mut cases: BTreeMap<CaseId, Vec<&CaseEvent>> = BTreeMap::new();
        for recorded in log {
            if let (Some(case), Event::Case(event)) = (recorded.stream.case(), &recorded.event) {
                cases.entry(case).or_default().push(event);
            }
        }
        let mut naive = Self::default();
        for events in cases.values() {
            naive.case(events, period);
        }
        naive
    }

    fn case(&mut self, events: &[&CaseEvent], period: Period) {
        let inside = |on: Date| i64::from(period.contains(on));
        let by_close = |on: Date| on <= period.last();
        let (mut open, mut waiting, mut ever_accepted, mut under_way) = (false, false, false, false);
        for event in events {
            match event {
                CaseEvent::CaseSubmitted(e) => {
                    self.received += inside(e.received_on);
                    let corrected = events
                        .iter()
                        .any(|event| matches!(event, CaseEvent::CorrectionRequested(_)));
                    self.corrected += i64::from(corrected) * inside(e.received_on);
                }
                CaseEvent::CaseAccepted(e) => {
                    self.accepted += inside(e.effective_on);
                    open |= by_close(e.effective_on);
                    (ever_accepted, under_way) = (true, true);
                }
                CaseEvent::AcceptanceDeemed(e) => {
                    self.accepted += inside(e.effective_on);
                    open |= by_close(e.effective_on);
                    (ever_accepted, under_way) = (true, true);
                }
                CaseEvent::ClockSuspended(e) => waiting |= by_close(e.suspended_on),
                CaseEvent::ClockResumed(e) => waiting &= !by_close(e.resumed_on),
                CaseEvent::MemberConsentDeemed(e) => self.consents += inside(e.lapsed_on),
                CaseEvent::DecisionMade(e) => {
                    self.done += inside(e.decided_on);
                    let measured = e.timeliness != Timeliness::Unmeasured;
                    let in_time = matches!(e.timeliness, Timeliness::Early | Timeliness::OnTime);
                    self.measured += i64::from(measured) * inside(e.decided_on);
                    self.in_time += i64::from(in_time) * inside(e.decided_on);
                    open &= !by_close(e.decided_on);
                    under_way = false;
                }
                CaseEvent::CaseWithdrawn(e) => {
                    self.out += i64::from(ever_accepted && under_way) * inside(e.withdrawn_on);
                    open &= !by_close(e.withdrawn_on);
                    under_way = false;
                }
                CaseEvent::CaseReopened(e) => {
                    self.reopened += inside(e.reopened_on);
                    open |= by_close(e.reopened_on);
                    under_way = true;
                }
                _ => {}
            }
        }
        self.open += i64::from(open);
        self.waiting += i64::from(open && waiting);
    }
}
