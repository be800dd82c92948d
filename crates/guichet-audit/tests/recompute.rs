//! Both paths count the same, over every fixture and over random logs; and what was published wrongly is found.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod histories;

use guichet_audit::recompute::{Answer, Question, Why, recompute, text};
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{
    AcceptanceDeemed, AcceptanceRefused, CaseCompleted, ComplaintAnswered, ComplaintFinding,
    ComplaintReceived, DecisionDeemed, DecisionRevoked, ExtensionGranted, FeePaid, FeeRefunded,
    PraiseReceived, RatingGiven, RatingInvalidated, RatingOffered, RecordCorrected, Satisfaction, Timeliness,
};
use guichet_core::id::Revision;
use guichet_core::procedure::{DecisionSilence, RatingPoint};
use guichet_core::reference::ReferenceEvent;
use guichet_core::testkit::id;
use guichet_core::time::{Date, Term, date};
use guichet_log::projection::Recorded;
use guichet_stats::{AsOf, Figure, Period};
use guichet_terminal::context::{Context, Lang};
use histories::{
    Story, accepted, calendar, correction, counted, decided, fixtures, march, period, read, reopened,
    resumed, submitted, suspended, withdrawn,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn asked(log: &[Recorded], figures: &[Figure], period: Period) -> Answer {
    let question = Question {
        figures: figures.to_vec(),
        by_department: true,
        cases: true,
        as_of: AsOf::Now,
    };
    recompute(&question, period, read(log), |_| None).unwrap()
}

/// What two paths that count the same leave: nothing.
fn disputes(answer: &Answer) -> Vec<String> {
    let rows = answer.recomputed.rows.iter();
    let wrong = rows.filter(|row| row.now.agree == Some(false));
    wrong
        .map(|row| {
            format!(
                "{} of {:?}: {:?} and {:?}; {:?}",
                row.figure, row.department, row.now.first, row.now.second, row.now.disputed
            )
        })
        .collect()
}

#[test]
fn both_paths_count_every_fixture_the_same_in_every_month() {
    let log = fixtures();
    let months = counted(&log).span().unwrap().by_month();
    for month in months.chain([period("2010")]) {
        let answer = asked(&log, &[], month);
        assert_eq!(disputes(&answer), Vec::<String>::new(), "{month}");
    }
    // The figures of the year are of something: most of them have cases.
    let year = asked(&log, &[], period("2010")).recomputed;
    let of_nothing = year.rows.iter().filter(|row| row.department.is_none());
    let of_nothing = of_nothing.filter(|row| row.now.first.value.as_deref().is_none_or(|value| value == "0"));
    assert!(of_nothing.count() < Figure::ALL.len() / 2);
}

#[test]
fn a_figure_has_a_second_path_or_says_that_it_has_none() {
    let log = fixtures();
    let year = asked(&log, &[], period("2010")).recomputed;
    let without: Vec<&str> = year
        .rows
        .iter()
        .filter(|row| row.department.is_none() && row.now.second.is_none())
        .map(|row| row.figure.as_str())
        .collect();
    assert_eq!(
        without,
        [
            "one_visit",
            "on_time_by_source",
            "members_open",
            "members_on_time",
            "members_used_mean",
            "callback_rate_on_site",
            "rectification_rate_on_site",
            "callback_rate_online",
            "rectification_rate_online",
            "callback_rate_elsewhere",
            "rectification_rate_elsewhere",
        ]
    );
    // The same of a log without a case.
    let empty = asked(&Story::begun().log, &[], period("2010")).recomputed;
    let nothing = |row: &&guichet_audit::recompute::Row| row.department.is_none() && row.now.second.is_none();
    assert_eq!(empty.rows.iter().filter(nothing).count(), without.len());
}

/// Three cases of March: two in time, one overdue.
fn three() -> Story {
    let mut story = Story::begun();
    story.case("1", "permit", march(1), march(3), 2, Timeliness::Early);
    story.case("2", "permit", march(1), march(15), 10, Timeliness::OnTime);
    story.case("3", "permit", march(1), march(18), 13, Timeliness::Overdue);
    story
}

#[test]
fn a_bulletin_that_says_what_the_log_says_holds() {
    let mut story = three();
    story.bulletin("2010-03", period("2010-03"), None, |_| {});
    let answer = asked(&story.log, &[], period("2010-03")).recomputed;
    assert!(!answer.differs(), "{answer:?}");
    let on_time = answer
        .rows
        .iter()
        .find(|row| row.figure == Figure::OnTime)
        .unwrap();
    let cases = on_time.cases.as_ref().unwrap();
    let part: Vec<&str> = cases
        .iter()
        .filter(|(_, adds)| adds.part > 0)
        .map(|(case, _)| case.as_str())
        .collect();
    assert_eq!((part.as_slice(), cases.len()), (["1", "2"].as_slice(), 3));
    assert_eq!(on_time.published[0].published.value.as_deref(), Some("66.67"));
    assert!(on_time.published[0].holds && !on_time.published[0].changed_since);
}

#[test]
fn a_number_that_was_published_wrongly_is_found() {
    let mut story = three();
    story.bulletin("2010-03", period("2010-03"), None, |figure| {
        if figure.figure == "on_time" && figure.department.is_none() {
            figure.numerator = Some(3);
            figure.value = Some("100.00".to_owned());
        }
    });
    let answer = asked(&story.log, &[], period("2010-03")).recomputed;
    assert_eq!((answer.wrong, answer.changed, answer.disputed), (1, 0, 0));
    let wrong: Vec<_> = answer
        .rows
        .iter()
        .flat_map(|row| row.published.iter().map(move |published| (row, published)))
        .filter(|(_, published)| !published.holds)
        .collect();
    let [(row, published)] = wrong.as_slice() else {
        panic!("{wrong:?}")
    };
    assert_eq!((row.figure, &row.department), (Figure::OnTime, &None));
    assert_eq!(published.published.value.as_deref(), Some("100.00"));
    assert_eq!(
        published.then.second.as_ref().unwrap().value.as_deref(),
        Some("66.67")
    );
}

#[test]
fn a_decision_that_is_recorded_late_changes_a_published_month_and_is_named() {
    let mut story = three();
    story
        .on(march(8), "4", submitted("permit", "health", march(8)))
        .on(march(8), "4", accepted(march(8)));
    let march_2010 = period("2010-03");
    story.bulletin("2010-03", march_2010, None, |_| {});
    let late = decided(march(10), 2, Timeliness::Early);
    story.late(march(10), date(2010, 4, 6), "4", late);
    let place = story.log.len() as u64 - 1;

    let answer = asked(&story.log, &[Figure::OnTime], march_2010).recomputed;
    assert_eq!((answer.wrong, answer.changed, answer.disputed), (0, 2, 0));
    let centre = &answer.rows[0].published[0];
    assert_eq!(centre.then.first.value.as_deref(), Some("66.67"));
    assert_eq!(answer.rows[0].now.first.value.as_deref(), Some("75.00"));
    let [changed] = centre.changed.as_slice() else {
        panic!("{:?}", centre.changed)
    };
    assert_eq!(
        (changed.case.as_str(), changed.then.whole, changed.now.whole),
        ("4", 0, 1)
    );
    let [by] = changed.by.as_slice() else {
        panic!("{:?}", changed.by)
    };
    assert_eq!(
        (by.position.0, by.event, by.why),
        (place, "case.decision_made", Why::LateRecord)
    );

    // Restated by name, the month stands again.
    story.bulletin("2010-03-b", march_2010, Some("2010-03"), |_| {});
    let answer = asked(&story.log, &[Figure::OnTime], march_2010).recomputed;
    assert!(!answer.differs(), "{answer:?}");
    let [restated] = answer.restatements.as_slice() else {
        panic!("{:?}", answer.restatements)
    };
    assert_eq!(
        (restated.restates.as_str(), restated.bulletin.as_str()),
        ("2010-03", "2010-03-b")
    );
    assert_eq!(restated.reason.as_deref(), Some("a record came late"));
    assert!(restated.figures_changed > 0 && restated.recorded_at.is_some());
}

#[test]
fn a_reopened_case_and_an_amended_calendar_are_named_as_what_changed_a_stock() {
    let mut story = three();
    // Promised until 15 March, and open: late at the close of the 15th only by a later calendar's leave.
    story
        .on(march(1), "4", submitted("permit", "health", march(1)))
        .on(march(1), "4", accepted(march(1)));
    let days = period("2010-03-16");
    story.bulletin("2010-03-16", days, None, |_| {});
    story.publish(ReferenceEvent::CalendarPublished(calendar(2, &[march(10)])));
    let late = asked(&story.log, &[Figure::OpenOverdue], days).recomputed;
    let by = &late.rows[0].published[0].changed[0].by;
    assert_eq!((by[0].why, by[0].event), (Why::Calendar, "calendar.published"));
    assert!(late.differs());

    story.late(march(16), march(30), "3", withdrawn(march(16)));
    story.late(march(16), march(30), "2", reopened(march(16)));
    let open = asked(&story.log, &[Figure::Open], days).recomputed;
    let changed = &open.rows[0].published[0].changed;
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(
        (changed[0].case.as_str(), changed[0].by[0].why),
        ("2", Why::Reopening)
    );
}

/// Where a case of a random log stands.
#[derive(Clone, Copy, PartialEq)]
enum At {
    Nowhere,
    Intake,
    Review { suspended: bool },
    Decided,
    Over,
}

const CASES: usize = 10;
const DEPARTMENTS: [&str; 3] = ["health", "fire", "commerce"];

/// A random log: each entry picks a case, what may happen to it next, and how many days go by.
fn stories() -> impl Strategy<Value = Story> {
    vec((0..CASES, any::<u8>(), 0..3_i32, 0..25_u16), 0..140).prop_map(|entries| {
        let mut story = Story::begun();
        let mut at = [At::Nowhere; CASES];
        let mut day = date(2010, 1, 4);
        for (number, (case, what, gap, used)) in entries.into_iter().enumerate() {
            day = day.plus_days(gap);
            if number == 70 {
                story.publish(ReferenceEvent::CalendarPublished(calendar(
                    2,
                    &[date(2010, 2, 10)],
                )));
            }
            let name = format!("case-{case}");
            if what % 3 == 0 && at[case] != At::Nowhere {
                for event in said(what, day, used) {
                    story.on(day, &name, event);
                }
                continue;
            }
            let (event, next) = happens(at[case], case, what, day, used);
            at[case] = next;
            if let Some(event) = event {
                story.on(day, &name, event);
            }
        }
        story
    })
}

/// What people say of a case, and what is paid, refunded and put right.
#[expect(clippy::too_many_lines, reason = "one arm for what may be said")]
fn said(what: u8, day: Date, used: u16) -> Vec<CaseEvent> {
    let occasion = || id(["o-1", "o-2"][usize::from(what) / 3 % 2]);
    let level = [
        Satisfaction::VerySatisfied,
        Satisfaction::Satisfied,
        Satisfaction::BasicallySatisfied,
        Satisfaction::Dissatisfied,
        Satisfaction::VeryDissatisfied,
    ][usize::from(used) % 5];
    let point = [
        RatingPoint::Submission,
        RatingPoint::Correction,
        RatingPoint::Decision,
        RatingPoint::Collection,
    ][usize::from(used) % 4];
    let offered = || RatingOffered {
        opportunity: occasion(),
        point,
        staff: used.is_multiple_of(2).then(|| id("s07")),
        window: used.is_multiple_of(3).then(|| id("W1")),
        department: id(DEPARTMENTS[usize::from(used) % 3]),
        closes_on: day.plus_days(7),
    };
    let given = || RatingGiven {
        opportunity: occasion(),
        level,
        comment: None,
        rectify_by: None,
    };
    match what / 3 % 12 {
        0 | 1 => vec![offered().into()],
        2 | 3 => vec![given().into()],
        4 => vec![offered().into(), given().into()],
        5 => vec![
            RatingInvalidated {
                opportunity: occasion(),
                reasons: "another case".to_owned(),
                by: id("s40"),
            }
            .into(),
        ],
        6 => vec![
            ComplaintReceived {
                complaint: id("k-1"),
                channel: "telephone".to_owned(),
                content: None,
                department: used
                    .is_multiple_of(2)
                    .then(|| id(DEPARTMENTS[usize::from(used) % 3])),
            }
            .into(),
        ],
        7 => vec![
            ComplaintAnswered {
                complaint: id("k-1"),
                finding: ComplaintFinding::Upheld,
                answer: None,
            }
            .into(),
        ],
        8 => vec![
            PraiseReceived {
                channel: "letter".to_owned(),
                content: None,
            }
            .into(),
        ],
        9 => vec![
            FeePaid {
                fee: id("licence"),
                amount_fen: u64::from(used) * 100,
                bank_reference: "B-1".to_owned(),
            }
            .into(),
        ],
        10 => vec![
            FeeRefunded {
                fee: id("licence"),
                amount_fen: u64::from(used),
                reason: "paid twice".to_owned(),
            }
            .into(),
        ],
        _ => vec![
            RecordCorrected {
                target: Revision(u64::from(used) % 6),
                field: [
                    "closes_on",
                    "department",
                    "channel",
                    "window",
                    "amount_fen",
                    "point",
                ][usize::from(used) % 6]
                    .to_owned(),
                old: String::new(),
                new: ["2010-02-15", "fire", "online", "", "77", "collection"][usize::from(used) % 6]
                    .to_owned(),
                reason: "a slip".to_owned(),
            }
            .into(),
        ],
    }
}

fn happens(at: At, case: usize, what: u8, day: Date, used: u16) -> (Option<CaseEvent>, At) {
    let review = At::Review { suspended: false };
    let timeliness = [
        Timeliness::Early,
        Timeliness::OnTime,
        Timeliness::Overdue,
        Timeliness::Illegal,
        Timeliness::Unmeasured,
    ][usize::from(what) % 5];
    match (at, what % 9) {
        (At::Nowhere, _) => {
            let department = DEPARTMENTS[usize::from(what) % DEPARTMENTS.len()];
            let item = ["permit", "stamp"][case % 2];
            (Some(submitted(item, department, day).into()), At::Intake)
        }
        (At::Intake, 0) => (Some(correction(day).into()), At::Intake),
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
        (At::Intake, 4) => (Some(decided(day, used, timeliness).into()), At::Decided),
        (At::Intake, _) => (Some(accepted(day).into()), review),
        (At::Review { suspended: false }, 0) => (Some(suspended(day).into()), At::Review { suspended: true }),
        (At::Review { suspended: true }, 0..5) => (Some(resumed(day).into()), review),
        (At::Review { suspended }, 1) => {
            let granted = ExtensionGranted {
                by: Term::WorkingDays(5),
                approver: id("s30"),
                approver_role: guichet_core::actor::Role::AuthorityHead,
                reason: "hard".to_owned(),
                statutory_due_on: None,
                promised_due_on: None,
            };
            (Some(granted.into()), At::Review { suspended })
        }
        (At::Review { .. }, 2) => (Some(withdrawn(day).into()), At::Over),
        (At::Review { .. }, 3) => {
            let silent = DecisionDeemed {
                effect: DecisionSilence::Granted,
                lapsed_on: day,
                source: "a law".to_owned(),
            };
            (Some(silent.into()), At::Decided)
        }
        (At::Review { suspended: false }, 4..) => {
            let mut made = decided(day, used, timeliness);
            if what > 128 {
                made.used = None;
                made.verdict = guichet_core::case::event::Verdict::Refused;
            }
            (Some(made.into()), At::Decided)
        }
        (At::Decided, 0..3) => (Some(reopened(day).into()), review),
        (At::Decided, 3) => (Some(CaseCompleted { completed_on: day }.into()), At::Decided),
        (At::Decided, 4) => {
            let revoked = DecisionRevoked {
                revoked_on: day,
                reasons: "bribed".to_owned(),
            };
            (Some(revoked.into()), At::Over)
        }
        (At::Review { .. } | At::Decided | At::Over, _) => (None, at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn both_paths_count_any_log_the_same(story in stories(), from in 0..90_i32, days in 0..60_i32) {
        let first = date(2010, 1, 4).plus_days(from);
        let answer = asked(&story.log, &[], Period::new(first, first.plus_days(days)).unwrap());
        prop_assert_eq!(disputes(&answer), Vec::<String>::new());
    }

    #[test]
    fn as_of_any_moment_both_paths_count_the_same(story in stories(), at in 0..140_u64) {
        let day = date(2010, 1, 4).plus_days(i32::try_from(at).unwrap() / 2);
        for as_of in [
            AsOf::Position(guichet_core::id::Position(at)),
            AsOf::Effective(day),
            AsOf::Recorded(day.at(12, 0, guichet_core::time::Offset::UTC)),
        ] {
            let question = Question {
                figures: Vec::new(),
                by_department: true,
                cases: false,
                as_of,
            };
            let answer = recompute(&question, period("2010-02"), read(&story.log), |_| None).unwrap();
            prop_assert_eq!(disputes(&answer), Vec::<String>::new(), "{:?}", as_of);
        }
    }

    #[test]
    fn a_figure_published_from_the_log_holds_for_good(story in stories(), cut in 0..140_usize) {
        // Published after a part of what happened; the rest comes later.
        let mut begun = story.clone();
        begun.log.truncate(cut);
        begun.bulletin("2010-02", period("2010-02"), None, |_| {});
        let answer = asked(&begun.log, &[], period("2010-02"));
        prop_assert_eq!(answer.recomputed.wrong, 0);
        prop_assert!(!answer.recomputed.differs());
    }
}

#[test]
fn the_answer_is_what_its_schema_says() {
    let mut story = three();
    story.bulletin("2010-03", period("2010-03"), None, |figure| {
        figure.numerator = None;
    });
    story.late(march(30), date(2010, 4, 6), "3", reopened(march(30)));
    story.bulletin("2010-03-b", period("2010-03"), Some("2010-03"), |_| {});
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/audit-recompute.v1.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for log in [story.log, fixtures()] {
        let answer = serde_json::to_value(asked(&log, &[], period("2010-03")).recomputed).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&answer)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

/// A month that was published, to which a decision came late, and that was restated.
fn restated() -> Story {
    let mut story = three();
    story
        .on(march(8), "4", submitted("permit", "health", march(8)))
        .on(march(8), "4", accepted(march(8)));
    story.bulletin("2010-03", period("2010-03"), None, |figure| {
        // One figure is written down wrongly.
        if figure.figure == "denial" && figure.department.is_none() {
            figure.value = Some("1.00".to_owned());
        }
    });
    story.late(
        march(10),
        date(2010, 4, 6),
        "4",
        decided(march(10), 2, Timeliness::Early),
    );
    story.bulletin("2010-03-b", period("2010-03"), Some("2010-03"), |_| {});
    story
}

#[test]
fn what_a_person_reads_says_what_differs_and_why() {
    let log = restated().log;
    let figures = [
        Figure::OnTime,
        Figure::Denial,
        Figure::UsedMedian,
        Figure::OneVisit,
    ];
    let question = Question {
        figures: figures.to_vec(),
        by_department: false,
        cases: true,
        as_of: AsOf::Now,
    };
    let answer = recompute(&question, period("2010-03"), read(&log), |position| {
        Some(format!("root-at-{position}"))
    })
    .unwrap();
    for (name, lang) in [("recompute_en", Lang::En), ("recompute_zh", Lang::Zh)] {
        let context = Context {
            lang,
            ..Context::default()
        };
        insta::assert_snapshot!(name, text(&answer, context));
    }
}
