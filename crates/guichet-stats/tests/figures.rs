//! The figures of small stories, and the defects of real systems that they must not have.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod common;

use common::{
    Story, accepted, calendar, corrected, correction, counted, decided, march, reopened, resumed, submitted,
    suspended, withdrawn,
};
use guichet_core::case::event::{StepStarted, Timeliness};
use guichet_core::id::CaseId;
use guichet_core::reference::ReferenceEvent;
use guichet_core::testkit::id;
use guichet_core::time::{Date, date};
use guichet_log::projection::Projection;
use guichet_stats::{AsOf, Ask, Dimension, Figure, Period, Scope, Statistics};

/// A case of the item `permit`, submitted, accepted and decided.
fn case(story: &mut Story, name: &str, from: Date, to: Date, used: u16, timeliness: Timeliness) {
    story
        .on(from, name, submitted("permit", "health", from))
        .on(from, name, accepted(from))
        .on(to, name, decided(to, used, timeliness));
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

#[test]
fn an_early_rate_between_nothing_and_all_is_neither() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(3), 2, Timeliness::Early);
    case(&mut story, "2", march(1), march(15), 10, Timeliness::OnTime);
    case(&mut story, "3", march(1), march(15), 10, Timeliness::OnTime);
    assert_eq!(
        story.rate(Figure::Early),
        (Some(1), Some(3), Some("33.33".to_owned()))
    );
}

#[test]
fn a_rate_of_nothing_is_neither_0_nor_100_but_no_value_in_every_figure() {
    let told = Story::begun().counted().figures(&Ask {
        figures: Figure::ALL.to_vec(),
        by: Vec::new(),
        periods: vec![period("2010-03")],
        scope: Scope::all(),
    });
    for told in &told.rows[0].figures {
        match told.denominator {
            Some(0) => assert_eq!(told.value, None, "{}", told.figure),
            // Two items are in the catalogue.
            Some(_) => assert!(
                matches!(told.figure, Figure::ImmediateItems | Figure::PromiseCompression),
                "{}",
                told.figure
            ),
            None => assert_eq!(told.numerator, Some(0), "{}", told.figure),
        }
    }
}

#[test]
fn a_rate_takes_its_part_out_of_its_own_whole() {
    // Two decisions of March on cases of February, three acceptances of March that are still open.
    let mut story = Story::begun();
    for name in ["1", "2"] {
        case(
            &mut story,
            name,
            date(2010, 2, 22),
            march(2),
            5,
            Timeliness::Early,
        );
    }
    for name in ["3", "4", "5"] {
        story
            .on(march(29), name, submitted("permit", "health", march(29)))
            .on(march(29), name, accepted(march(29)));
    }
    assert_eq!(story.rate(Figure::OnTime).2.as_deref(), Some("100.00"));
    assert_eq!(story.rate(Figure::Early).1, Some(2));
    assert_eq!(
        story.rate(Figure::CompletionRate),
        (Some(2), Some(3), Some("66.67".to_owned()))
    );
    assert_eq!(
        story.rate(Figure::CompletionCohort),
        (Some(0), Some(3), Some("0.00".to_owned()))
    );
}

#[test]
fn a_case_that_was_late_and_then_withdrawn_stays_late_in_the_months_in_which_it_was() {
    // Promised in 10 working days from 1 March: late from the 16th on.
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(1), "1", accepted(march(1)))
        .on(march(24), "1", withdrawn(march(24)));
    let late = |day: &str| story.told(Figure::OpenOverdue, period(day)).numerator;
    assert_eq!(late("2010-03-15"), Some(0));
    assert_eq!(late("2010-03-16"), Some(1));
    assert_eq!(late("2010-03-23"), Some(1));
    assert_eq!(late("2010-03-24"), Some(0));
    assert_eq!(story.rate(Figure::Out).0, Some(1));
    assert_eq!(story.rate(Figure::OnTime).1, Some(0));
}

#[test]
fn days_are_working_days_and_never_minutes() {
    // Accepted on Friday 5 March, decided on Monday the 22nd: 11 working days, 17 by the calendar.
    let mut story = Story::begun();
    story
        .on(march(5), "1", submitted("permit", "health", march(5)))
        .on(march(5), "1", accepted(march(5)))
        .on(march(22), "1", decided(march(22), 11, Timeliness::Overdue));
    assert_eq!(story.rate(Figure::UsedMean).2.as_deref(), Some("11.00"));
    assert_eq!(story.rate(Figure::ElapsedMean).2.as_deref(), Some("11.00"));
    assert_eq!(
        story.rate(Figure::OverdueMean),
        (Some(1), Some(1), Some("1.00".to_owned()))
    );
}

#[test]
fn three_shares_are_each_counted_and_none_is_what_the_others_leave() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(2), 1, Timeliness::Early);
    case(&mut story, "2", march(1), march(16), 11, Timeliness::Overdue);
    case(&mut story, "3", march(1), march(30), 21, Timeliness::Illegal);
    case(&mut story, "4", march(1), march(30), 21, Timeliness::Unmeasured);
    let part = |figure| story.rate(figure).0;
    assert_eq!(part(Figure::OnTime), Some(1));
    assert_eq!(part(Figure::Overdue), Some(2));
    assert_eq!(part(Figure::OverdueIllegal), Some(1));
    assert_eq!(story.rate(Figure::OnTime).1, Some(3));
    // 33.33 and 66.67, and the case that no term measures is in neither.
    assert_eq!(part(Figure::Unmeasured), Some(1));
}

#[test]
fn a_case_without_a_term_is_neither_early_nor_on_time() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(2), 1, Timeliness::Unmeasured);
    assert_eq!(story.rate(Figure::Early).0, Some(0));
    assert_eq!(story.rate(Figure::OnTime), (Some(0), Some(0), None));
    assert_eq!(story.rate(Figure::Unmeasured).0, Some(1));
}

#[test]
fn a_late_correction_reaches_every_month_that_it_touches() {
    // The decision of 2 March is recorded after figures of March were asked for.
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(1), "1", accepted(march(1)));
    let mut statistics = story.counted();
    let before = story.log.len();
    story.on(date(2010, 5, 3), "1", decided(march(2), 1, Timeliness::Early));
    for recorded in &story.log[before..] {
        statistics.apply(recorded);
    }
    statistics.settle();
    assert_eq!(statistics.cubes(), counted(&story.log).cubes());
    assert_eq!(story.rate(Figure::Completed).0, Some(1));
    assert_eq!(story.told(Figure::Open, period("2010-04")).numerator, Some(0));
}

#[test]
fn the_strict_rate_holds_what_is_late_and_still_open() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(3), 2, Timeliness::Early);
    story
        .on(march(1), "2", submitted("permit", "health", march(1)))
        .on(march(1), "2", accepted(march(1)));
    assert_eq!(story.rate(Figure::OnTime).2.as_deref(), Some("100.00"));
    assert_eq!(
        story.rate(Figure::OnTimeStrict),
        (Some(1), Some(2), Some("50.00".to_owned()))
    );
    // It counts again in each period in which it is open and late.
    assert_eq!(
        story.told(Figure::OnTimeStrict, period("2010-04")).denominator,
        Some(1)
    );
}

#[test]
fn a_speed_up_is_a_ratio_of_sums_and_may_be_negative() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(2), 1, Timeliness::Early);
    case(
        &mut story,
        "2",
        march(1),
        date(2010, 4, 30),
        45,
        Timeliness::Illegal,
    );
    let both = story.told(Figure::SpeedUp, period("2010"));
    assert_eq!((both.numerator, both.denominator), (Some(40 - 46), Some(40)));
    assert_eq!(both.value.as_deref(), Some("-15.00"));
}

#[test]
fn what_is_hidden_by_exclusions_is_elapsed_less_used() {
    // 1 to 22 March are 15 working days; a suspension from the 8th to the 15th leaves 10.
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(1), "1", accepted(march(1)))
        .on(march(8), "1", suspended(march(8)))
        .on(march(15), "1", resumed(march(15)))
        .on(march(22), "1", decided(march(22), 10, Timeliness::OnTime));
    assert_eq!(story.rate(Figure::UsedMean).0, Some(10));
    assert_eq!(story.rate(Figure::ElapsedMean).0, Some(15));
    assert_eq!(
        story.rate(Figure::Hidden),
        (Some(5), Some(1), Some("5.00".to_owned()))
    );
    assert_eq!(story.rate(Figure::SpecialShare).0, Some(1));
    let waiting = |day: &str| story.told(Figure::Waiting, period(day)).numerator;
    assert_eq!(
        (
            waiting("2010-03-07"),
            waiting("2010-03-08"),
            waiting("2010-03-14"),
            waiting("2010-03-15")
        ),
        (Some(0), Some(1), Some(1), Some(0))
    );
}

#[test]
fn a_case_that_stands_still_is_not_late_and_is_again_once_it_runs() {
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(1), "1", accepted(march(1)))
        .on(march(12), "1", suspended(march(12)));
    assert_eq!(
        story.told(Figure::OpenOverdue, period("2010-06")).numerator,
        Some(0)
    );
    // Of ten days eight had gone by before the 12th; two are left from 1 April on.
    story.on(date(2010, 4, 1), "1", resumed(date(2010, 4, 1)));
    let late = |day: &str| story.told(Figure::OpenOverdue, period(day)).numerator;
    assert_eq!((late("2010-04-02"), late("2010-04-05")), (Some(0), Some(1)));
}

#[test]
fn a_reopening_takes_nothing_out_of_the_month_that_counted_the_decision() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(3), 2, Timeliness::Early);
    story.on(date(2010, 4, 6), "1", reopened(date(2010, 4, 6))).on(
        date(2010, 4, 8),
        "1",
        decided(date(2010, 4, 8), 27, Timeliness::Illegal),
    );
    let april = period("2010-04");
    assert_eq!(story.rate(Figure::Completed).0, Some(1));
    assert_eq!(story.rate(Figure::OnTime).0, Some(1));
    assert_eq!(story.told(Figure::Reopened, april).numerator, Some(1));
    assert_eq!(story.told(Figure::Completed, april).numerator, Some(1));
    assert_eq!(story.told(Figure::Open, period("2010-04-07")).numerator, Some(1));
    assert_eq!(story.told(Figure::Open, april).numerator, Some(0));
}

#[test]
fn corrections_count_for_the_day_of_submission() {
    let mut story = Story::begun();
    story
        .on(march(30), "1", submitted("permit", "health", march(30)))
        .on(date(2010, 4, 1), "1", correction(date(2010, 4, 1)))
        .on(date(2010, 4, 6), "1", corrected(date(2010, 4, 6)))
        .on(date(2010, 4, 7), "1", correction(date(2010, 4, 7)));
    assert_eq!(story.rate(Figure::Correction).2.as_deref(), Some("100.00"));
    assert_eq!(story.rate(Figure::CorrectionRepeated).0, Some(1));
    assert_eq!(
        story.told(Figure::Correction, period("2010-04")).denominator,
        Some(0)
    );
}

#[test]
fn a_calendar_that_is_amended_moves_what_is_open_and_not_what_is_decided() {
    let mut story = Story::begun();
    case(&mut story, "done", march(1), march(16), 11, Timeliness::Overdue);
    story
        .on(march(1), "open", submitted("permit", "health", march(1)))
        .on(march(1), "open", accepted(march(1)));
    let late = |story: &Story| story.told(Figure::OpenOverdue, period("2010-03-16")).numerator;
    assert_eq!(late(&story), Some(1));
    story.publish(ReferenceEvent::CalendarPublished(calendar(2, &[march(10)])));
    assert_eq!(late(&story), Some(0));
    assert_eq!(story.rate(Figure::Overdue).0, Some(1));
}

#[test]
fn levels_are_never_mixed_a_joint_case_counts_once_and_each_member_for_itself() {
    let mut story = Story::begun();
    let member = |step: &str, department: &str| StepStarted {
        step: id(step),
        group: Some(id("pre-approvals")),
        department: id(department),
        role: guichet_core::actor::Role::Handler,
        window: None,
        started_on: march(2),
        due_on: None,
    };
    story
        .on(march(1), "1", submitted("permit", "commerce", march(1)))
        .on(march(1), "1", accepted(march(1)))
        .on(march(2), "1", member("fire", "fire"))
        .on(march(2), "1", member("food", "food-drug"))
        .on(march(9), "1", decided(march(9), 6, Timeliness::Early));
    let view = story.counted().figures(&Ask {
        figures: vec![Figure::Completed, Figure::MembersAsked],
        by: vec![Dimension::Department],
        periods: vec![period("2010-03")],
        scope: Scope::all(),
    });
    let rows: Vec<_> = view
        .rows
        .iter()
        .map(|row| {
            let department = row.group["department"].clone().unwrap();
            (
                department,
                row.figures[0].numerator.unwrap(),
                row.figures[1].numerator.unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("commerce".to_owned(), 1, 0),
            ("fire".to_owned(), 0, 1),
            ("food-drug".to_owned(), 0, 1)
        ]
    );
}

#[test]
fn as_of_a_position_an_instant_or_a_day_the_log_ends_there() {
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(2), "1", accepted(march(2)));
    case(&mut story, "2", march(8), march(9), 1, Timeliness::Early);
    let cases = |as_of| {
        let mut statistics = Statistics::at(as_of);
        for recorded in &story.log {
            statistics.apply(recorded);
        }
        statistics.settle();
        let facts = statistics.facts();
        (
            facts.rows().len(),
            facts
                .case(&CaseId::new("1").unwrap())
                .is_some_and(|rows| rows.case.accepted_on.is_some()),
        )
    };
    assert_eq!(cases(AsOf::Now), (2, true));
    assert_eq!(cases(AsOf::Position(story.log[4].position)), (1, false));
    assert_eq!(cases(AsOf::Recorded(story.log[4].recorded_at)), (1, true));
    assert_eq!(cases(AsOf::Effective(march(1))), (1, false));
    assert_eq!(cases(AsOf::Effective(march(7))), (1, true));
}

#[test]
fn the_figure_that_a_city_published_has_the_statute_for_its_base() {
    // Promised items took 1.78 days on average, the actual speed-up was 92.80 %: 24.7 days are the statute's, not the promise's.
    let mut story = Story::begun();
    for (nth, used) in (0..50_u32).map(|nth| (nth, if nth < 39 { 2 } else { 1 })) {
        let name = format!("c{nth}");
        case(
            &mut story,
            &name,
            march(1),
            march(1).plus_days(i32::from(used)),
            used,
            Timeliness::Early,
        );
    }
    assert_eq!(story.rate(Figure::UsedMean).2.as_deref(), Some("1.78"));
    // 20 days by law: 1 − 1.78/20.
    assert_eq!(story.rate(Figure::SpeedUp).2.as_deref(), Some("91.10"));
}
