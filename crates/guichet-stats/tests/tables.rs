//! The tables of an export: every cell is of its column's type, every column is filled by something, and the rows stand in
//! one order.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod common;

use std::collections::BTreeMap;

use common::{
    Story, accepted, corrected, correction, counted, counted_over_a_restart, decided, march, reopened,
    resumed, submitted, suspended, withdrawn, written,
};
use guichet_core::actor::Role;
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{
    AgencyAppointed, BadRatingAssigned, BranchAdded, CallbackMade, CaseAccepted, CaseCompleted,
    CertificateDelivered, ClockKind, ComplaintAnswered, ComplaintFinding, ComplaintReceived, ConsentGround,
    DecisionMade, FeeItem, FeeNotified, FeePaid, FeeRefunded, FeeWaived, GreenChannelMarked, LightTurned,
    MemberConsentDeemed, MemberOpinionGiven, Opinion, PraiseReceived, RatingAppended, RatingGiven,
    RatingInvalidated, RatingOffered, RectificationDone, RectificationLevel, RectificationRated,
    Satisfaction, StepStarted, Timeliness, TransferConfirmed,
};
use guichet_core::condition::Fact;
use guichet_core::light::Light;
use guichet_core::procedure::{Names, RatingPoint};
use guichet_core::reference::{ReferenceEvent, Window, WindowForm};
use guichet_core::testkit::id;
use guichet_core::time::{Date, Term};
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::table::{self, Row, Rows, Table, Type, Value};
use guichet_stats::{Facts, Figure};

impl Story {
    /// Something happens to the case `full` at a window.
    fn at_window(&mut self, day: Date, event: impl Into<CaseEvent>) -> &mut Self {
        self.on(day, "full", event);
        self.log.last_mut().unwrap().actor.window = Some(id("w1"));
        self
    }

    fn member(&mut self, step: &str, started_on: Date) -> &mut Self {
        let added = BranchAdded {
            group: id("pre-approvals"),
            branch: id(step),
            department: id(step),
            term: Some(Term::WorkingDays(3)),
            safety: false,
            reason: "a kitchen".to_owned(),
        };
        let started = StepStarted {
            step: id(step),
            group: Some(id("pre-approvals")),
            department: id(step),
            role: Role::Handler,
            window: None,
            started_on,
            due_on: Some(march(5)),
        };
        self.on(started_on, "full", added).on(started_on, "full", started)
    }

    fn rated(&mut self, opportunity: &str, level: Satisfaction, on: Date) -> &mut Self {
        let offered = RatingOffered {
            opportunity: id(opportunity),
            point: RatingPoint::Decision,
            staff: Some(id("s02")),
            window: Some(id("w1")),
            department: id("health"),
            closes_on: march(20),
        };
        let given = RatingGiven {
            opportunity: id(opportunity),
            level,
            comment: Some(id("doc-1")),
            rectify_by: level.is_bad().then(|| march(25)),
        };
        self.on(march(10), "full", offered).on(on, "full", given)
    }
}

/// A case to which everything happens that a table has a column for, and one to which nothing does.
fn story() -> Story {
    let mut story = Story::begun();
    story.publish(ReferenceEvent::WindowRegistered(Window {
        id: id("w1"),
        name: Names {
            zh: "一号窗口".to_owned(),
            en: "Window 1".to_owned(),
        },
        form: WindowForm::Reception,
        department: Some(id("health")),
    }));
    handled(&mut story);
    rated(&mut story);
    paid(&mut story);
    story.at_window(
        march(15),
        ComplaintReceived {
            complaint: id("k1"),
            channel: "telephone".to_owned(),
            content: Some(id("doc-2")),
            department: Some(id("health")),
        },
    );
    let answered = ComplaintAnswered {
        complaint: id("k1"),
        finding: ComplaintFinding::Upheld,
        answer: None,
    };
    story.on(march(18), "full", answered);
    let praise = PraiseReceived {
        channel: "banner".to_owned(),
        content: Some(id("doc-3")),
    };
    story.at_window(march(19), praise);
    story.on(march(2), "bare", submitted("nowhere", "health", march(2)));
    story
}

/// Submitted, corrected, accepted, asked about, decided in time, delivered and completed.
fn handled(story: &mut Story) {
    let mut submission = submitted("permit", "health", march(1));
    submission.window = Some(id("w1"));
    for (name, fact) in [
        ("district", "east"),
        ("ended", "2010-03-09T10:00:00Z"),
        ("deadline", "2010-03-15T10:00:00Z"),
    ] {
        submission
            .facts
            .insert(name.to_owned(), Fact::Text(fact.to_owned()));
    }
    let agent = AgencyAppointed {
        agent: id("g1"),
        scope: "all".to_owned(),
    };
    let transfer = TransferConfirmed {
        window: id("w2"),
        on_behalf: false,
    };
    let green = GreenChannelMarked {
        reason: "an investor".to_owned(),
    };
    let acceptance = CaseAccepted {
        statutory_due_on: Some(march(29)),
        promised_due_on: Some(march(15)),
        ..accepted(march(1))
    };
    let answer = MemberOpinionGiven {
        group: id("pre-approvals"),
        member: id("fire"),
        opinion: Opinion::Agree,
        reasons: None,
        by: id("s03"),
    };
    let silence = MemberConsentDeemed {
        group: id("pre-approvals"),
        member: id("food"),
        ground: ConsentGround::Timeout,
        lapsed_on: march(5),
    };
    let light = LightTurned {
        clock: ClockKind::Promised,
        of: None,
        light: Light::Yellow,
        turned_on: march(8),
        due_on: march(15),
    };
    let decision = DecisionMade {
        statutory_due_on: Some(march(29)),
        promised_due_on: Some(march(15)),
        ..decided(march(9), 5, Timeliness::Early)
    };
    let delivery = CertificateDelivered {
        delivered_on: march(11),
        method: "by hand".to_owned(),
    };
    let done = CaseCompleted {
        completed_on: march(12),
    };
    story
        .at_window(march(1), submission)
        .on(march(1), "full", agent)
        .on(march(1), "full", green)
        .on(march(1), "full", correction(march(1)))
        .at_window(march(1), corrected(march(1)))
        .on(march(1), "full", acceptance)
        .on(march(1), "full", transfer)
        .member("fire", march(2))
        .member("food", march(2))
        .on(march(3), "full", suspended(march(3)))
        .on(march(4), "full", resumed(march(4)))
        .on(march(4), "full", answer)
        .on(march(6), "full", silence)
        .on(march(8), "full", light)
        .on(march(9), "full", decision)
        .on(march(11), "full", delivery)
        .on(march(12), "full", done);
}

/// A bad rating that is put right, and one that does not count.
fn rated(story: &mut Story) {
    let added = RatingAppended {
        opportunity: id("o1"),
        comment: id("doc-4"),
    };
    let assigned = BadRatingAssigned {
        opportunity: id("o1"),
        to: id("s04"),
    };
    let called = CallbackMade {
        opportunity: id("o1"),
        reached: true,
    };
    let right = RectificationDone {
        opportunity: id("o1"),
        report: id("doc-5"),
        done_on: march(16),
    };
    let judged = RectificationRated {
        opportunity: id("o1"),
        level: RectificationLevel::Partly,
    };
    let invalid = RatingInvalidated {
        opportunity: id("o2"),
        reasons: "another case was meant".to_owned(),
        by: id("s05"),
    };
    story
        .rated("o1", Satisfaction::Dissatisfied, march(11))
        .rated("o2", Satisfaction::Satisfied, march(12))
        .rated("o3", Satisfaction::VerySatisfied, march(21))
        .on(march(13), "full", added)
        .on(march(14), "full", assigned)
        .on(march(14), "full", called)
        .on(march(16), "full", right)
        .on(march(17), "full", judged)
        .on(march(17), "full", invalid);
}

/// A fee that is paid and partly paid back, one that is waived, and money for one that nobody told.
fn paid(story: &mut Story) {
    let told = FeeNotified {
        fees: vec![
            FeeItem {
                fee: id("licence"),
                amount_fen: 5_000,
            },
            FeeItem {
                fee: id("copy"),
                amount_fen: 100,
            },
        ],
    };
    let paid = |fee: &str, amount_fen| FeePaid {
        fee: id(fee),
        amount_fen,
        bank_reference: "B-1".to_owned(),
    };
    let waived = FeeWaived {
        fee: id("copy"),
        reason: "hardship".to_owned(),
    };
    let back = FeeRefunded {
        fee: id("licence"),
        amount_fen: 1_000,
        reason: "too much".to_owned(),
    };
    story
        .on(march(9), "full", told)
        .at_window(march(10), paid("licence", 4_000))
        .on(march(10), "full", waived)
        .on(march(12), "full", back)
        .on(march(13), "full", paid("tip", 700));
}

fn rows(table: &Table, log: &[Recorded]) -> Vec<Row> {
    match table.rows {
        Rows::Records(row) => log.iter().map(row).collect(),
        Rows::Facts(rows) => {
            let mut facts = Facts::default();
            for recorded in log {
                facts.apply(recorded);
            }
            rows(&facts).collect()
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) | Value::Decimal(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Instant(instant) => instant.to_string(),
    }
}

/// The rows of a table, by the names of the columns; cells without a value are left out.
fn named(name: &str, log: &[Recorded]) -> Vec<BTreeMap<&'static str, String>> {
    let table = table::all().into_iter().find(|table| table.name == name).unwrap();
    let named = rows(&table, log).into_iter().map(|row| {
        let cells = table.columns.iter().zip(&row);
        let filled = cells.filter_map(|(column, cell)| Some((column.name, shown(cell.as_ref()?))));
        filled.collect()
    });
    named.collect()
}

/// These cells of each row, `-` where there is no value.
fn cells(name: &str, columns: &[&str], log: &[Recorded]) -> Vec<String> {
    let rows = named(name, log);
    let cells = rows.iter().map(|row| {
        let cells = columns
            .iter()
            .map(|column| row.get(column).map_or("-", String::as_str));
        cells.collect::<Vec<_>>().join(" ")
    });
    cells.collect()
}

#[test]
fn every_cell_is_of_its_column_and_every_column_has_a_value_somewhere() {
    let story = story();
    for table in table::all() {
        // What an imported source says, no record of a centre has.
        let mut empty: Vec<_> = if table.name == "events" {
            Vec::new()
        } else {
            table.columns.iter().map(|column| column.name).collect()
        };
        let rows = rows(&table, &story.log);
        assert!(!rows.is_empty(), "{}", table.name);
        for row in &rows {
            assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            for (column, cell) in table.columns.iter().zip(row) {
                let Some(value) = cell else {
                    assert!(column.nullable, "{}.{}", table.name, column.name);
                    continue;
                };
                empty.retain(|name| *name != column.name);
                let fits = matches!(
                    (value, column.kind),
                    (Value::Text(_), Type::Text)
                        | (Value::Integer(_), Type::Integer)
                        | (Value::Flag(_), Type::Flag)
                        | (Value::Date(_), Type::Date)
                        | (Value::Instant(_), Type::Instant)
                        | (Value::Decimal(_), Type::Decimal(_))
                );
                assert!(fits, "{}.{}: {value:?}", table.name, column.name);
            }
        }
        assert_eq!(empty, Vec::<&str>::new(), "{}", table.name);
    }
}

#[test]
fn kept_at_any_record_a_case_to_which_everything_happens_goes_on_as_if_it_had_not_been() {
    let log = story().log;
    let whole = written(&counted(&log));
    for cut in 0..=log.len() {
        assert_eq!(written(&counted_over_a_restart(&log, cut)), whole, "cut at {cut}");
    }
}

#[test]
fn a_case_has_the_times_of_its_last_decision() {
    let log = story().log;
    let times = [
        "case",
        "timely",
        "early",
        "day_unit",
        "used_days",
        "elapsed_days",
        "statutory_days",
        "promised_days",
        "promised_limit_days",
    ];
    assert_eq!(
        cells("cases", &times, &log),
        [
            "full in_time true working_days 5 6 20 10 10",
            "bare - - - - - - - -"
        ]
    );
    let counts = [
        "corrections",
        "transfers",
        "sent_back",
        "reopened",
        "green_channel",
        "light",
    ];
    assert_eq!(
        cells("cases", &counts, &log),
        ["1 1 0 0 true yellow", "0 0 0 0 false -"]
    );
}

#[test]
fn a_case_that_was_taken_up_again_has_no_times_until_it_is_decided_again() {
    let mut story = Story::begun();
    story
        .on(march(1), "1", submitted("permit", "health", march(1)))
        .on(march(1), "1", accepted(march(1)))
        .on(march(5), "1", decided(march(5), 4, Timeliness::Early))
        .on(march(8), "1", reopened(march(8)));
    let times = ["reopened", "timely", "early", "used_days"];
    assert_eq!(cells("cases", &times, &story.log), ["1 - - -"]);
    story.on(march(10), "1", decided(march(10), 7, Timeliness::OnTime));
    assert_eq!(cells("cases", &times, &story.log), ["1 in_time false 7"]);
    // One that ended before it was accepted had no round then.
    story
        .on(march(1), "2", submitted("permit", "health", march(1)))
        .on(march(2), "2", withdrawn(march(2)))
        .on(march(3), "2", reopened(march(3)));
    assert_eq!(cells("cases", &times, &story.log)[1], "1 - - -");
    // The figure counts the same.
    assert_eq!(
        story.told(Figure::Reopened, "2010-03".parse().unwrap()).numerator,
        Some(2)
    );
}

#[test]
fn members_are_the_steps_of_a_group_and_silence_is_no_opinion() {
    let log = story().log;
    let steps = [
        "case",
        "entry",
        "step",
        "ending",
        "used_days",
        "day_unit",
        "in_time",
    ];
    assert_eq!(
        cells("steps", &steps, &log),
        [
            "full 0 fire agree 1 working_days true",
            "full 1 food deemed_consent 2 working_days false"
        ]
    );
    let members = ["group", "member", "opinion", "consent_ground", "ended_on", "term"];
    assert_eq!(
        cells("members", &members, &log),
        [
            "pre-approvals fire agree - 2010-03-04 3wd",
            "pre-approvals food - timeout 2010-03-05 3wd"
        ]
    );
}

#[test]
fn a_rating_counts_where_it_came_in_time_and_was_not_found_invalid() {
    let ratings = [
        "opportunity",
        "level",
        "counts",
        "late",
        "bad",
        "rectified_in_time",
    ];
    assert_eq!(
        cells("ratings", &ratings, &story().log),
        [
            "o1 dissatisfied true false true true",
            "o2 satisfied false false false -",
            "o3 very_satisfied false true false -"
        ]
    );
}

#[test]
fn a_fee_belongs_to_the_month_of_its_first_record_also_where_nobody_told_it() {
    let fees = [
        "fee",
        "first_on",
        "notified_fen",
        "paid_fen",
        "refunded_fen",
        "owed_fen",
        "waived_on",
    ];
    assert_eq!(
        cells("fees", &fees, &story().log),
        [
            "licence 2010-03-09 5000 4000 1000 1000 -",
            "copy 2010-03-09 100 0 0 0 2010-03-10",
            "tip 2010-03-13 - 700 0 0 -"
        ]
    );
}

#[test]
fn a_record_that_a_row_names_is_the_one_in_the_events() {
    let log = story().log;
    let events = named("events", &log);
    let kind = |row: &BTreeMap<&str, String>| {
        let same = |event: &&BTreeMap<&str, String>| {
            event.get("case") == row.get("case") && event["revision"] == row["record"]
        };
        events.iter().find(same).unwrap()["kind"].clone()
    };
    let kinds = |table: &str| named(table, &log).iter().map(kind).collect::<Vec<_>>();
    assert_eq!(kinds("ratings"), ["case.rating_offered"; 3]);
    assert_eq!(kinds("complaints"), ["case.complaint_received"]);
    assert_eq!(kinds("praise"), ["case.praise_received"]);
    assert_eq!(
        kinds("encounters"),
        [
            "case.submitted",
            "case.correction_submitted",
            "case.certificate_delivered",
            "case.fee_paid",
            "case.fee_refunded",
            "case.fee_paid",
            "case.complaint_received",
            "case.submitted"
        ]
    );
}

#[test]
fn rows_stand_case_by_case_in_the_order_of_submission() {
    // The events of two cases come in turns; the first that was submitted has the name that sorts last.
    let mut story = Story::begun();
    let praise = |channel: &str| PraiseReceived {
        channel: channel.to_owned(),
        content: None,
    };
    story
        .on(march(1), "b", submitted("permit", "health", march(1)))
        .on(march(1), "a", submitted("permit", "health", march(1)))
        .on(march(2), "a", praise("letter"))
        .on(march(3), "b", praise("banner"))
        .on(march(4), "a", praise("call"));
    assert_eq!(
        cells("praise", &["case", "channel"], &story.log),
        ["b banner", "a letter", "a call"]
    );
}
