//! The figures of small stories, and the defects of real systems that they must not have.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod common;

use std::sync::Arc;

use common::{
    Story, accepted, calendar, corrected, correction, counted, decided, item, march, reopened, resumed,
    submitted, suspended, withdrawn,
};
use guichet_core::case::event::{
    ComplaintAnswered, ComplaintFinding, ComplaintReceived, DecisionDeemed, DecisionMade, FeePaid,
    RatingGiven, RatingOffered, Satisfaction, StepStarted, Timeliness, Verdict,
};
use guichet_core::condition::Fact;
use guichet_core::id::CaseId;
use guichet_core::policy::EdgeDay;
use guichet_core::procedure::{DecisionSilence, ProcedureKind, RatingPoint};
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
fn a_law_that_counts_the_first_day_counts_it_with_nothing_left_out_too() {
    let mut item = item("counted-from-the-first-day", ProcedureKind::Promised);
    item.policy.first_day = EdgeDay::Counted;
    let mut story = Story::begun();
    story
        .publish(ReferenceEvent::ProcedurePublished(Arc::new(item)))
        .on(
            march(1),
            "1",
            submitted("counted-from-the-first-day", "health", march(1)),
        )
        .on(march(1), "1", accepted(march(1)))
        .on(march(8), "1", suspended(march(8)))
        .on(march(15), "1", resumed(march(15)))
        .on(march(22), "1", decided(march(22), 11, Timeliness::OnTime));
    // The same stretch as above, and the 1st.
    assert_eq!(story.rate(Figure::ElapsedMean).0, Some(16));
    assert_eq!(story.rate(Figure::Hidden).0, Some(5));
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

#[test]
fn every_way_to_end_a_case_is_counted_as_what_it_is() {
    let mut story = Story::begun();
    let refused = |used| DecisionMade {
        verdict: Verdict::Refused,
        ..decided(march(1), used, Timeliness::Early)
    };
    story
        .on(march(1), "same-day", submitted("permit", "health", march(1)))
        .on(march(1), "same-day", accepted(march(1)))
        .on(march(1), "same-day", refused(0));
    case(&mut story, "later", march(1), march(3), 2, Timeliness::Early);
    for (name, effect) in [
        ("deemed-granted", DecisionSilence::Granted),
        ("deemed-refused", DecisionSilence::Refused),
    ] {
        let deemed = DecisionDeemed {
            effect,
            lapsed_on: march(30),
            source: "the law".to_owned(),
        };
        story
            .on(march(1), name, submitted("permit", "health", march(1)))
            .on(march(1), name, accepted(march(1)))
            .on(march(31), name, deemed);
    }
    let parts = |figure| {
        let (part, whole, _) = story.rate(figure);
        (part.unwrap(), whole.unwrap_or_default())
    };
    assert_eq!(parts(Figure::Completed), (4, 0));
    assert_eq!(parts(Figure::SameDay), (1, 4));
    assert_eq!(parts(Figure::Denial), (2, 4));
    assert_eq!(parts(Figure::DeemedDecisions), (2, 0));
    assert_eq!(parts(Figure::OverdueIllegal), (2, 4));
}

#[test]
fn only_promised_items_are_early_and_have_a_speed() {
    let mut story = Story::begun();
    case(&mut story, "promised", march(1), march(3), 2, Timeliness::Early);
    story
        .on(march(1), "immediate", submitted("stamp", "health", march(1)))
        .on(march(1), "immediate", accepted(march(1)))
        .on(march(1), "immediate", decided(march(1), 0, Timeliness::Early));
    assert_eq!(story.rate(Figure::Early).1, Some(1));
    assert_eq!(story.rate(Figure::SpeedUp).1, Some(20));
    assert_eq!(story.rate(Figure::UsedMean).1, Some(1));
    assert_eq!(
        story.rate(Figure::ImmediateByVolume),
        (Some(1), Some(2), Some("50.00".to_owned()))
    );
    assert_eq!(story.rate(Figure::ImmediateItems).2.as_deref(), Some("50.00"));
    // Both were promised in 10 days, and the law has 20.
    assert_eq!(
        story.rate(Figure::PromiseCompressionByVolume).2.as_deref(),
        Some("50.00")
    );
    // Decided on the last day of the promise, nothing is overdue.
    case(
        &mut story,
        "last-day",
        march(1),
        march(15),
        10,
        Timeliness::OnTime,
    );
    assert_eq!(story.rate(Figure::OverdueMean), (Some(0), Some(0), None));
}

#[test]
fn one_correction_is_no_repeated_one() {
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(2), "1", correction(march(2)));
    assert_eq!(story.rate(Figure::Correction).0, Some(1));
    assert_eq!(story.rate(Figure::CorrectionRepeated).0, Some(0));
}

#[test]
fn a_source_says_itself_which_of_its_cases_ended_in_time() {
    let mut story = Story::begun();
    for (name, ended, deadline) in [
        ("in-time", "2010-03-08T10:00:00+01:00", "2010-03-08T09:00:00Z"),
        ("late", "2010-03-08T10:00:01", "2010-03-08T10:00:00"),
        ("later", "2010-03-09T10:00:00", "2010-03-08T10:00:00"),
    ] {
        let fact = |text: &str| Fact::Text(text.to_owned());
        let mut application = submitted("permit", "health", march(1));
        application.facts.insert("ended".to_owned(), fact(ended));
        application.facts.insert("deadline".to_owned(), fact(deadline));
        story.on(march(1), name, application);
    }
    assert_eq!(
        story.rate(Figure::OnTimeBySource),
        (Some(1), Some(3), Some("33.33".to_owned()))
    );
}

#[test]
fn ratings_count_by_level_for_their_department_and_a_case_by_its_last_one() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(3), 2, Timeliness::Early);
    let levels = [
        Satisfaction::VerySatisfied,
        Satisfaction::Satisfied,
        Satisfaction::BasicallySatisfied,
        Satisfaction::Dissatisfied,
        Satisfaction::VeryDissatisfied,
    ];
    for (nth, level) in (0..).zip(levels) {
        let opportunity = format!("o-{nth}");
        let offered = RatingOffered {
            opportunity: id(&opportunity),
            point: RatingPoint::Correction,
            staff: None,
            window: Some(id("W1")),
            department: id("fire"),
            closes_on: march(30),
        };
        let given = RatingGiven {
            opportunity: id(&opportunity),
            level,
            comment: None,
            rectify_by: (level == Satisfaction::Dissatisfied).then(|| march(20)),
        };
        story.on(march(4), "1", offered).on(march(5 + nth), "1", given);
    }
    let of = |figure: Figure| (story.rate(figure).0, story.rate(figure).1);
    assert_eq!(of(Figure::OnSiteRatings), (Some(5), None));
    assert_eq!(of(Figure::OnSiteRatingRate), (Some(5), Some(5)));
    assert_eq!(of(Figure::OnSiteSatisfaction), (Some(3), Some(5)));
    assert_eq!(of(Figure::OnSiteSatisfactionStrict), (Some(2), Some(5)));
    assert_eq!(of(Figure::OnSiteBadRate), (Some(2), Some(5)));
    assert_eq!(of(Figure::OnSiteScore), (Some(100 + 80 + 60 + 30), Some(5)));
    assert_eq!(of(Figure::OnSiteCallbackRate), (Some(0), Some(2)));
    assert_eq!(of(Figure::OnSiteRectificationRate), (Some(0), Some(1)));
    assert_eq!(of(Figure::OnSiteCaseSatisfaction), (Some(0), Some(1)));
    assert_eq!(of(Figure::OnlineRatings), (Some(0), None));
    let at_fire = story.counted().figures(&Ask {
        figures: vec![Figure::OnSiteRatings],
        by: vec![Dimension::Department],
        periods: vec![period("2010-03")],
        scope: Scope::all().with(Dimension::Department, Some("fire".to_owned())),
    });
    assert_eq!(at_fire.rows[0].figures[0].numerator, Some(5));
}

#[test]
fn money_is_told_in_yuan_and_complaints_for_the_department_that_they_are_about() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(3), 2, Timeliness::Early);
    let fee = |amount_fen| FeePaid {
        fee: id("lab-test"),
        amount_fen,
        bank_reference: "b-1".to_owned(),
    };
    let complaint = ComplaintReceived {
        complaint: id("c-1"),
        channel: "hotline".to_owned(),
        content: None,
        department: Some(id("fire")),
    };
    let answer = ComplaintAnswered {
        complaint: id("c-1"),
        finding: ComplaintFinding::Upheld,
        answer: None,
    };
    story
        .on(march(4), "1", fee(60_050))
        .on(march(5), "1", complaint)
        .on(march(8), "1", answer);
    assert_eq!(story.rate(Figure::FeesPaid).2.as_deref(), Some("600.50"));
    assert_eq!(story.rate(Figure::ComplaintsUpheld).2.as_deref(), Some("100.00"));
    let counted = story.counted().figures(&Ask {
        figures: vec![Figure::Complaints],
        by: vec![Dimension::Department],
        periods: vec![period("2010-03")],
        scope: Scope::all(),
    });
    let complaints: Vec<_> = counted
        .rows
        .iter()
        .map(|row| (row.group["department"].clone().unwrap(), row.figures[0].numerator))
        .collect();
    assert_eq!(
        complaints,
        [("fire".to_owned(), Some(1)), ("health".to_owned(), Some(0))]
    );
}

#[test]
fn groups_that_no_cube_is_kept_for_add_up_to_the_whole() {
    let mut story = Story::begun();
    case(&mut story, "1", march(1), march(3), 2, Timeliness::Early);
    case(&mut story, "2", march(2), march(4), 2, Timeliness::Early);
    let statistics = story.counted();
    let told = statistics.figures(&Ask {
        figures: vec![Figure::Received],
        by: vec![Dimension::Item, Dimension::Department, Dimension::Channel],
        periods: vec![period("2010-03")],
        scope: Scope::all(),
    });
    let sum: i64 = told.rows.iter().filter_map(|row| row.figures[0].numerator).sum();
    assert_eq!((told.rows.len(), sum), (1, 2));
    assert_eq!(statistics.span(), Period::new(march(1), march(4)));
}
