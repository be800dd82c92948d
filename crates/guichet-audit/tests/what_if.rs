//! What would have been: named cases, and the law that a supposition of nothing changes nothing.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod histories;

use guichet_audit::what_if::{Change, ChangeError, Fixed, Question, Supposed, WhatIf, text};
use guichet_core::case::event::{AgencyAppointed, Timeliness};
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::testkit::id;
use guichet_core::time::{Term, date};
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::{AsOf, Ask, Figure, Fraction, Period, Scope};
use guichet_terminal::context::{Context, Lang};
use histories::{
    Story, accepted, counted, decided, fixtures, item, march, period, resumed, submitted, suspended,
};
use proptest::prelude::*;

fn suppose(log: &[Recorded], changes: Vec<Change>) -> Supposed {
    asked(log, changes, Period::ALWAYS).unwrap()
}

fn asked(log: &[Recorded], changes: Vec<Change>, period: Period) -> Result<Supposed, ChangeError> {
    let mut what_if = WhatIf::new(Question {
        changes,
        period,
        as_of: AsOf::Now,
    });
    for recorded in log {
        what_if.apply(recorded);
    }
    let answer = what_if.view().map_err(|impossible| impossible.source)?;
    Ok(answer.supposed)
}

/// The item of the examples of the law: 20 working days by law, and so many promised.
fn licence(promised: u16) -> Procedure {
    item("licence", ProcedureKind::Promised, promised)
}

#[test]
fn a_day_declared_off_moves_the_last_day_and_a_case_decided_then_flips() {
    // Accepted on 1 March under 20 working days: due on the 29th, or on the 30th had the 10th been off.
    let mut story = Story::with([licence(20)]);
    story.case("late", "licence", march(1), march(30), 21, Timeliness::Illegal);
    story.case("early", "licence", march(1), march(12), 9, Timeliness::Early);
    let supposed = suppose(&story.log, vec![Change::DayOff(march(10))]);
    let [flip] = supposed.flips.as_slice() else {
        panic!("{:?}", supposed.flips)
    };
    assert_eq!(flip.case.as_str(), "late");
    assert_eq!((flip.before, flip.after), ("illegal", "on_time"));
    for due in [flip.promise, flip.statute] {
        assert_eq!((due.before, due.after), (Some(march(29)), Some(march(30))));
        assert!(due.late_before && !due.late_after);
    }
    assert_eq!(supposed.centre.before.on_time, Fraction::new(1, 2));
    assert_eq!(supposed.centre.after.on_time, Fraction::new(2, 2));
    assert_eq!(supposed.moved, 2);
    assert!(supposed.recorded_otherwise.is_empty(), "{supposed:?}");
}

#[test]
fn twenty_days_made_ten_break_the_promises_that_took_longer() {
    let mut story = Story::with([licence(20)]);
    for (name, to, used, is) in [
        ("1", march(5), 4, Timeliness::Early),
        ("2", march(15), 10, Timeliness::Early),
        ("3", march(16), 11, Timeliness::Early),
        ("4", march(29), 20, Timeliness::OnTime),
    ] {
        story.case(name, "licence", march(1), to, used, is);
    }
    let supposed = suppose(&story.log, vec![Change::promise("10wd").unwrap()]);
    let flipped: Vec<&str> = supposed.flips.iter().map(|flip| flip.case.as_str()).collect();
    assert_eq!(flipped, ["3", "4"]);
    assert!(
        supposed
            .flips
            .iter()
            .all(|flip| flip.after == "overdue" && !flip.statute.late_after)
    );
    let [item] = supposed.items.as_slice() else {
        panic!("{:?}", supposed.items)
    };
    assert_eq!(
        (item.promise_now, item.promise_then),
        (Some(Term::WorkingDays(20)), Some(Term::WorkingDays(10)))
    );
    assert_eq!(item.rates.before.on_time, Fraction::new(4, 4));
    assert_eq!(item.rates.after.on_time, Fraction::new(2, 4));
    // Nineteen in twenty of four are four: only the promise of today keeps them.
    assert_eq!(item.shortest_kept, Some(Term::WorkingDays(20)));
    assert!(
        supposed
            .held_fixed
            .iter()
            .any(|held| held.what == Fixed::NoLonger)
    );

    // A promise for all lengthens none; one for the item itself does.
    let longer = suppose(&story.log, vec![Change::promise("30wd").unwrap()]);
    assert_eq!(longer.items[0].promise_then, Some(Term::WorkingDays(20)));
    let its_own = suppose(&story.log, vec![Change::promise("item:licence=30wd").unwrap()]);
    assert_eq!(its_own.items[0].promise_then, Some(Term::WorkingDays(30)));
}

#[test]
fn the_shortest_promise_keeps_nineteen_in_twenty_and_not_the_last_one() {
    let mut story = Story::with([licence(20)]);
    for n in 0..20_i8 {
        // One takes 20 working days, the others three.
        let (to, used) = if n == 7 { (march(29), 20) } else { (march(4), 3) };
        story.case(&format!("{n}"), "licence", march(1), to, used, Timeliness::Early);
    }
    let supposed = suppose(&story.log, Vec::new());
    assert_eq!(supposed.items[0].shortest_kept, Some(Term::WorkingDays(3)));
}

#[test]
fn an_extension_and_a_suspension_stay_what_they_were() {
    // Accepted 1 March, held from the 8th to the 19th: by a calendar without holidays 20 days end on 9 April, and where the
    // day of resuming counts, on the 8th.
    let april = |day| date(2010, 4, day);
    let mut story = Story::with([licence(20)]);
    story
        .on(march(1), "1", submitted("licence", "health", march(1)))
        .on(march(1), "1", accepted(march(1)))
        .on(march(8), "1", suspended(march(8)))
        .on(march(19), "1", resumed(march(19)))
        .on(april(9), "1", decided(april(9), 20, Timeliness::OnTime));
    let supposed = suppose(&story.log, vec![Change::switch("resume_day_counts").unwrap()]);
    let [flip] = supposed.flips.as_slice() else {
        panic!("{supposed:?}")
    };
    assert_eq!(flip.promise.before, Some(april(9)));
    assert_eq!(flip.promise.after, Some(april(8)));
}

#[test]
fn without_a_window_its_cases_are_in_no_rate_and_nothing_else_moves() {
    let mut story = Story::with([licence(20)]);
    story.case("1", "licence", march(1), march(5), 4, Timeliness::Early);
    let mut elsewhere = submitted("licence", "health", march(1));
    elsewhere.window = Some(id("W2"));
    story
        .on(march(1), "2", elsewhere)
        .on(march(1), "2", accepted(march(1)))
        .on(march(31), "2", decided(march(31), 22, Timeliness::Illegal));
    let supposed = suppose(&story.log, vec![Change::without("window=W2").unwrap()]);
    assert_eq!(supposed.centre.before.on_time, Fraction::new(1, 2));
    assert_eq!(supposed.centre.after.on_time, Fraction::new(1, 1));
    assert_eq!(
        supposed
            .left_out
            .iter()
            .map(guichet_core::id::CaseId::as_str)
            .collect::<Vec<_>>(),
        ["2"]
    );
    assert!(supposed.flips.is_empty() && supposed.moved == 0);
    for (by, left) in [
        ("handler=s02", 2),
        ("department=health", 2),
        ("procedure=licence", 2),
        ("agent=a9", 0),
    ] {
        let supposed = suppose(&story.log, vec![Change::without(by).unwrap()]);
        assert_eq!(supposed.left_out.len(), left, "{by}");
    }
    let agent = AgencyAppointed {
        agent: id("a9"),
        scope: "all".to_owned(),
    };
    story.on(march(31), "1", agent);
    let supposed = suppose(&story.log, vec![Change::without("agent=a9").unwrap()]);
    assert_eq!(supposed.left_out.len(), 1);
}

#[test]
fn a_case_that_is_open_flips_when_its_last_day_would_have_passed() {
    let mut story = Story::with([licence(20)]);
    story
        .on(march(1), "open", submitted("licence", "health", march(1)))
        .on(march(1), "open", accepted(march(1)))
        .on(march(16), "other", submitted("licence", "health", march(16)));
    let supposed = suppose(&story.log, vec![Change::promise("10wd").unwrap()]);
    assert_eq!(supposed.open_on, Some(march(16)));
    let [flip] = supposed.flips.as_slice() else {
        panic!("{supposed:?}")
    };
    assert_eq!(
        (flip.decided_on, flip.before, flip.after),
        (None, "open", "open_overdue")
    );
    assert_eq!(
        (flip.promise.before, flip.promise.after),
        (Some(march(29)), Some(march(15)))
    );
    assert_eq!(
        (
            supposed.centre.before.open_overdue,
            supposed.centre.after.open_overdue
        ),
        (0, 1)
    );
}

#[test]
fn what_the_log_does_not_have_cannot_be_supposed() {
    let story = Story::with([licence(20)]);
    let refused = |change: &str| asked(&story.log, vec![Change::term(change).unwrap()], Period::ALWAYS);
    assert_eq!(
        refused("passport=5wd").unwrap_err().to_string(),
        "the catalogue in the log has no item `passport`"
    );
    let day = asked(&story.log, vec![Change::DayOff(date(2030, 1, 1))], Period::ALWAYS);
    assert_eq!(
        day.unwrap_err().to_string(),
        "no calendar in the log covers 2030-01-01"
    );
    assert_eq!(
        Change::without("colour=red").unwrap_err().to_string(),
        "`colour=red` is no set of cases to leave out; write window=ID, department=ID, handler=ID, agent=ID or procedure=ID"
    );
    let error = Change::switch("resumed_day=sometimes").unwrap_err().to_string();
    assert!(
        error.starts_with("a policy cannot have resumed_day = sometimes"),
        "{error}"
    );
    assert!(
        Change::switch("colour=red")
            .unwrap_err()
            .to_string()
            .contains("unknown field")
    );
}

/// The on-time rate that `guichet-stats` counts.
fn on_time(log: &[Recorded], period: Period) -> (Option<i64>, Option<i64>) {
    let view = counted(log).figures(&Ask {
        figures: vec![Figure::OnTime],
        by: Vec::new(),
        periods: vec![period],
        scope: Scope::all(),
    });
    let told = &view.rows[0].figures[0];
    (told.numerator, told.denominator)
}

#[test]
fn over_every_fixture_nothing_supposed_changes_nothing_and_the_rate_is_the_published_one() {
    let year = period("2010");
    let mut measured = 0;
    for (name, log) in histories::each() {
        let supposed = asked(&log, Vec::new(), year).unwrap();
        assert!(
            supposed.flips.is_empty() && supposed.moved == 0 && supposed.left_out.is_empty(),
            "{name}"
        );
        assert_eq!(supposed.recorded_otherwise, [], "{name}");
        assert_eq!(supposed.centre.before, supposed.centre.after, "{name}");
        let counted = supposed.centre.before.on_time;
        let number = |count: u64| i64::try_from(count).ok();
        let told = (number(counted.numerator), number(counted.denominator));
        assert_eq!(told, on_time(&log, year), "{name}");
        measured += counted.denominator;
    }
    assert!(measured >= 10, "{measured}");
}

#[test]
fn the_answer_is_what_its_schema_says() {
    let log = fixtures();
    let changes = vec![
        Change::promise("3wd").unwrap(),
        Change::without("window=w01").unwrap(),
    ];
    let answer = serde_json::to_value(suppose(&log, changes)).unwrap();
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/audit-what-if.v1.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&answer)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_supposition_of_what_is_changes_nothing(
        cases in prop::collection::vec((0..60_i32, 0..45_i32, any::<bool>(), any::<bool>()), 0..20),
    ) {
        let mut story = Story::with([licence(15)]);
        for (number, (from, takes, is_held, is_decided)) in cases.into_iter().enumerate() {
            let name = format!("{number}");
            let from = date(2010, 1, 4).plus_days(from);
            let to = from.plus_days(takes);
            story.on(from, &name, submitted("licence", "health", from)).on(from, &name, accepted(from));
            if is_held && takes > 3 {
                story.on(from.plus_days(1), &name, suspended(from.plus_days(1)));
                story.on(from.plus_days(3), &name, resumed(from.plus_days(3)));
            }
            if is_decided {
                story.on(to, &name, decided(to, 1, Timeliness::OnTime));
            }
        }
        let nothing: [Vec<Change>; 4] = [
            vec![],
            vec![Change::promise("item:licence=15wd").unwrap()],
            vec![Change::term("licence=20wd").unwrap()],
            vec![Change::switch("resumed_day=left_out").unwrap(), Change::DayOff(date(2010, 1, 9))],
        ];
        for changes in nothing {
            let supposed = suppose(&story.log, changes);
            prop_assert!(supposed.flips.is_empty(), "{:?}", supposed.flips);
            prop_assert_eq!(supposed.moved, 0);
            prop_assert_eq!(supposed.centre.before, supposed.centre.after);
            for item in &supposed.items {
                prop_assert_eq!(item.rates.before, item.rates.after);
                prop_assert_eq!(item.promise_now, item.promise_then);
            }
        }
    }

    #[test]
    fn a_shorter_promise_never_keeps_more(days in 1..20_u16, takes in prop::collection::vec(0..40_i32, 1..12)) {
        let mut story = Story::with([licence(20)]);
        for (number, takes) in takes.into_iter().enumerate() {
            let to = march(1).plus_days(takes);
            story.case(&format!("{number}"), "licence", march(1), to, 1, Timeliness::OnTime);
        }
        let supposed = suppose(&story.log, vec![Change::promise(&format!("{days}wd")).unwrap()]);
        prop_assert!(supposed.centre.after.on_time.numerator <= supposed.centre.before.on_time.numerator);
        prop_assert!(supposed.flips.iter().all(|flip| flip.promise.late_after && !flip.promise.late_before));
    }
}

#[test]
fn what_a_person_reads_says_what_flips_and_what_was_held_fixed() {
    let mut story = Story::with([licence(20)]);
    story.case("late", "licence", march(1), march(30), 21, Timeliness::Illegal);
    story.case("early", "licence", march(1), march(12), 9, Timeliness::Early);
    let mut what_if = WhatIf::new(Question {
        changes: vec![Change::DayOff(march(10)), Change::without("handler=s99").unwrap()],
        period: period("2010-03"),
        as_of: AsOf::Now,
    });
    for recorded in &story.log {
        what_if.apply(recorded);
    }
    let answer = what_if.view().unwrap();
    for (name, lang) in [("what_if_en", Lang::En), ("what_if_zh", Lang::Zh)] {
        let context = Context {
            lang,
            ..Context::default()
        };
        insta::assert_snapshot!(name, text(&answer, context));
    }
}
