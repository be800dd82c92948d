//! Reports of small stories: ranks, scores that trace to cases, cells that are kept back.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod common;

use common::{Story, accepted, decided, item, march, submitted};
use guichet_core::case::event::{
    AgencyAppointed, AgencyLogged, DecisionMade, PraiseReceived, StepSentBack, Timeliness,
};
use guichet_core::flow::Superseded;
use guichet_core::lang::Lang;
use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::ReferenceEvent;
use guichet_core::testkit::id;
use guichet_core::time::{Date, date};
use guichet_log::projection::Projection;
use guichet_stats::report::{
    Cell, Counted, Document, Part, Rules, Score, Setting, Table, agency, annual, performance, scores,
    speed_up,
};
use guichet_stats::{AsOf, Period};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A case of a department, decided.
fn case(
    story: &mut Story,
    name: &str,
    department: &str,
    days: (Date, Date),
    used: u16,
    timeliness: Timeliness,
) {
    let (from, to) = days;
    let decision = DecisionMade {
        by: id("s02"),
        ..decided(to, used, timeliness)
    };
    story
        .on(from, name, submitted("permit", department, from))
        .on(from, name, accepted(from))
        .on(to, name, decision);
}

fn counted(story: &Story, rules: Option<&Rules>) -> Counted {
    let mut counted = Counted::new(AsOf::Now, rules.into_iter().flat_map(Rules::events));
    for recorded in &story.log {
        counted.apply(recorded);
    }
    counted.statistics.settle();
    counted
}

fn setting<'a>(counted: &'a Counted, period: &str, lang: Lang) -> Setting<'a> {
    Setting {
        statistics: &counted.statistics,
        period: period.parse().unwrap(),
        lang,
    }
}

fn tables(document: &Document) -> Vec<&Table> {
    let tables = document.parts.iter().filter_map(|part| match part {
        Part::Table(table) => Some(table),
        Part::Heading { .. } | Part::Paragraph { .. } | Part::Command { .. } => None,
    });
    tables.collect()
}

fn texts(rows: &[Vec<Cell>], columns: &[usize]) -> Vec<Vec<String>> {
    let row = |row: &Vec<Cell>| columns.iter().map(|at| row[*at].text.clone()).collect();
    rows.iter().map(row).collect()
}

fn scheme(parts: &Value) -> Rules {
    serde_json::from_value(json!({
        "version": 1, "name": {"zh": "规则", "en": "rules"}, "of": "department", "parts": parts
    }))
    .unwrap()
}

fn rule(id: &str, condition: &Value, points: i16) -> Value {
    json!({"id": id, "name": {"zh": id, "en": id}, "for": condition, "points": points})
}

fn names() -> Value {
    json!({"zh": "部分", "en": "part"})
}

fn praise() -> PraiseReceived {
    PraiseReceived {
        channel: "banner".to_owned(),
        content: None,
    }
}

fn sent_back() -> StepSentBack {
    StepSentBack {
        from: id("review"),
        to: id("examine"),
        reason: "a page is missing".to_owned(),
        superseded: Superseded::default(),
    }
}

#[test]
fn equal_speed_ups_share_a_rank_and_who_has_no_base_stands_apart() {
    let mut story = Story::begun();
    case(
        &mut story,
        "1",
        "air",
        (march(1), march(11)),
        8,
        Timeliness::Early,
    );
    case(
        &mut story,
        "2",
        "fire",
        (march(1), march(3)),
        2,
        Timeliness::Early,
    );
    // Two in ten and ten days: the same ratio of sums as one in six.
    case(
        &mut story,
        "3",
        "water",
        (march(1), march(3)),
        2,
        Timeliness::Early,
    );
    case(
        &mut story,
        "4",
        "earth",
        (march(1), march(15)),
        10,
        Timeliness::OnTime,
    );
    story
        .on(march(2), "5", submitted("stamp", "post", march(2)))
        .on(march(2), "5", accepted(march(2)))
        .on(march(2), "5", decided(march(2), 0, Timeliness::Early));
    let counted = counted(&story, None);
    let document = speed_up(&setting(&counted, "2010-03", Lang::En));
    let tables = tables(&document);
    assert_eq!(
        texts(&tables[0].rows, &[0, 1, 2]),
        [
            ["1", "fire", "90.00 %"],
            ["1", "water", "90.00 %"],
            ["3", "air", "60.00 %"],
            ["4", "earth", "50.00 %"],
            ["", "whole centre", "72.50 %"]
        ]
    );
    assert_eq!(texts(&tables[1].rows, &[0, 1, 2]), [["post", "1", "1"]]);
}

#[test]
fn a_speed_up_is_set_against_the_period_before() {
    let mut story = Story::begun();
    let february = (date(2010, 2, 1), date(2010, 2, 15));
    case(&mut story, "1", "air", february, 10, Timeliness::OnTime);
    case(&mut story, "2", "fire", february, 6, Timeliness::Early);
    case(&mut story, "3", "air", (march(1), march(5)), 4, Timeliness::Early);
    case(
        &mut story,
        "4",
        "fire",
        (march(1), march(9)),
        6,
        Timeliness::Early,
    );
    let counted = counted(&story, None);
    let document = speed_up(&setting(&counted, "2010-03", Lang::En));
    // Rank, department, speed-up, change, rank before.
    assert_eq!(
        texts(&tables(&document)[0].rows, &[0, 1, 2, 3, 4]),
        [
            ["1", "air", "80.00 %", "+30.00", "2"],
            ["2", "fire", "70.00 %", "0.00", "1"],
            ["", "whole centre", "75.00 %", "+15.00", ""]
        ]
    );
}

#[test]
fn an_empty_log_gives_every_report_and_no_figure() {
    let rules = scheme(
        &json!([{"name": names(), "points": 10, "rules": [rule("late", &json!({"each": "overdue"}), -5)]}]),
    );
    let counted = counted(&Story::default(), Some(&rules));
    for lang in Lang::ALL {
        for period in [Period::ALWAYS, "2010".parse().unwrap()] {
            let setting = Setting {
                statistics: &counted.statistics,
                period,
                lang,
            };
            for document in [
                speed_up(&setting),
                agency(&setting),
                annual(&setting),
                performance(&setting, &rules, &counted),
            ] {
                for told in tables(&document)
                    .iter()
                    .flat_map(|table| table.rows.iter().flatten())
                {
                    let figure = told.figure.as_ref();
                    assert!(
                        figure.is_none_or(|told| told.value.is_none() || told.numerator == Some(0)),
                        "{}: {told:?}",
                        document.report
                    );
                }
            }
        }
    }
}

/// A score is what its parts begin with and the points of its lines; a line's points are those of its cases.
fn assert_traced(score: &Score, start: i64) {
    let lines: i64 = score.lines.iter().map(|line| line.points).sum();
    let begun = start * i64::try_from(score.periods.len()).unwrap();
    let sum: i64 = score.periods.iter().map(|(_, points)| points).sum();
    assert_eq!(sum, begun + lines, "{score:?}");
    for line in score.lines.iter().filter(|line| line.told.is_none()) {
        assert_eq!(line.points, line.cases.values().sum::<i64>(), "{line:?}");
    }
}

#[test]
fn points_are_those_of_the_cases_and_stop_at_the_limits() {
    let mut story = Story::begun();
    for name in ["1", "2", "3"] {
        case(
            &mut story,
            name,
            "air",
            (march(1), march(17)),
            12,
            Timeliness::Overdue,
        );
    }
    case(&mut story, "4", "air", (march(1), march(3)), 2, Timeliness::Early);
    story.on(march(4), "4", praise());
    story
        .on(march(2), "4", sent_back())
        .on(march(3), "4", sent_back());
    let mut sent = rule("sent", &json!({"event": "case.step_sent_back"}), -2);
    sent["at_most"] = json!(3);
    let rules = scheme(&json!([
        {"name": names(), "points": 12, "rules": [rule("late", &json!({"each": "overdue"}), -5)]},
        {"name": names(), "points": 10, "rules": [sent, rule("praise", &json!({"each": "praise"}), 1)]},
        {"name": names(), "points": 0, "most": 2, "rules": [
            rule("early", &json!({"share": {"figure": "early", "from": 10, "step": 5}}), 1),
            rule("missed", &json!({"share": {"figure": "on_time", "below": 90}}), -1),
        ]},
    ]));
    let counted = counted(&story, Some(&rules));
    let scores = scores(&setting(&counted, "2010-03", Lang::En), &rules, &counted);
    assert_eq!(scores.len(), 1);
    let score = &scores[0];
    assert_traced(score, 22);
    let line = |rule: &str| {
        let line = score.lines.iter().find(|line| line.rule == rule).unwrap();
        let cases = line.cases.iter().map(|(case, points)| (case.as_str(), *points));
        (line.points, cases.collect::<Vec<_>>())
    };
    // Twelve points are there to be taken, so that the third case finds but two.
    assert_eq!(line("late"), (-12, vec![("1", -5), ("2", -5), ("3", -2)]));
    assert_eq!(line("sent"), (-3, vec![("4", -3)]));
    assert_eq!(line("praise"), (1, vec![("4", 1)]));
    // 25 % early is 10 and three steps more, and the part lets two in. Points for a share are of no single case.
    assert_eq!(line("early"), (2, vec![("4", 0)]));
    assert_eq!(line("missed"), (-1, vec![("1", 0), ("2", 0), ("3", 0)]));
    assert_eq!(score.periods, [("2010-03".parse().unwrap(), 9)]);
}

#[test]
fn rules_that_cannot_be_counted_are_refused_with_their_reason() {
    let refused = |condition: Value| {
        let parts = json!([{"name": names(), "points": 1, "rules": [rule("a", &condition, 1)]}]);
        let document = json!({"version": 1, "name": names(), "of": "department", "parts": parts});
        serde_json::from_value::<Rules>(document).unwrap_err().to_string()
    };
    let message = refused(json!({"each": "used_mean"}));
    assert!(
        message.starts_with("`used_mean` counts no cases one by one"),
        "{message}"
    );
    let message = refused(json!({"each": "speed_up"}));
    assert!(
        message.starts_with("`speed_up` counts no cases one by one"),
        "{message}"
    );
    let message = refused(json!({"event": "case.lost"}));
    assert!(
        message.starts_with("`case.lost` is no kind of event of a case"),
        "{message}"
    );
    let message = refused(json!({"share": {"figure": "completed", "from": 1}}));
    assert!(message.starts_with("`completed` is no share"), "{message}");
    let message = refused(json!({"share": {"figure": "early"}}));
    assert!(
        message.starts_with("a share needs `from` or `below`"),
        "{message}"
    );
}

#[test]
fn the_annual_report_keeps_small_cells_back_in_its_text_and_in_its_data() {
    let mut story = Story::begun();
    for (department, count) in [("air", 7), ("fire", 2), ("water", 9)] {
        for n in 0..count {
            let name = format!("{department}-{n}");
            case(
                &mut story,
                &name,
                department,
                (march(1), march(3)),
                2,
                Timeliness::Early,
            );
        }
    }
    let counted = counted(&story, None);
    let document = annual(&setting(&counted, "2010-03", Lang::En));
    let by_department: Vec<_> = tables(&document)
        .into_iter()
        .filter(|table| table.columns[0].name == "Department")
        .collect();
    assert_eq!(by_department.len(), 4);
    // Two of them would be had back from the total, so that the next smallest goes with it.
    assert_eq!(
        texts(&by_department[0].rows, &[0, 1, 2]),
        [
            ["air", "*", "*"],
            ["fire", "*", "*"],
            ["water", "9", "9"],
            ["total", "18", "18"]
        ]
    );
    let json = serde_json::to_value(&document).unwrap();
    let cells = json["parts"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|part| part["rows"].as_array());
    let kept_back = cells.flatten().filter_map(Value::as_array).flatten();
    let kept_back: Vec<_> = kept_back.filter(|cell| cell["suppressed"] == true).collect();
    assert!(kept_back.len() > 10);
    for cell in kept_back {
        assert_eq!(*cell, json!({"text": "*", "suppressed": true}));
    }
}

#[test]
fn a_speed_up_that_is_taken_from_few_is_kept_back_where_many_were_decided() {
    let mut story = Story::begun();
    case(
        &mut story,
        "promised",
        "air",
        (march(1), march(3)),
        2,
        Timeliness::Early,
    );
    for n in 0..6 {
        let name = format!("stamp-{n}");
        story
            .on(march(2), &name, submitted("stamp", "air", march(2)))
            .on(march(2), &name, accepted(march(2)))
            .on(march(2), &name, decided(march(2), 0, Timeliness::Early));
    }
    let counted = counted(&story, None);
    let document = annual(&setting(&counted, "2010-03", Lang::En));
    let tables = tables(&document);
    let of_department = |table: &&&Table| table.columns[0].name == "Department";
    let time = tables.iter().rfind(of_department).unwrap();
    // On time are seven decisions; days used and speed-up are of one.
    assert_eq!(texts(&time.rows, &[0, 1, 4, 7]), [["air", "100.00 %", "*", "*"]]);
}

#[test]
fn an_agent_has_their_projects_and_the_entries_of_the_period() {
    let mut story = Story::begun();
    case(&mut story, "1", "air", (march(1), march(9)), 6, Timeliness::Early);
    for (on, event) in [
        (march(1), "went"),
        (march(8), "came"),
        (date(2010, 4, 1), "wrote"),
    ] {
        if on == march(1) {
            let appointed = AgencyAppointed {
                agent: id("a01"),
                scope: "all".to_owned(),
            };
            story.on(on, "1", appointed);
        }
        let logged = AgencyLogged {
            agent: id("a01"),
            entry: event.to_owned(),
        };
        story.on(on, "1", logged);
    }
    let counted = counted(&story, None);
    let document = agency(&setting(&counted, "2010-03", Lang::En));
    let tables = tables(&document);
    assert_eq!(
        texts(&tables[0].rows, &[0, 1, 2, 3, 5]),
        [["a01", "1", "0", "2", "1"]]
    );
    let last = tables[3];
    assert_eq!(
        texts(&last.rows, &[1, 4, 5, 7, 8, 9, 10, 11]),
        [["1", "2010-03-01..", "2", "granted", "6", "10", "20", "in time"]]
    );
}

proptest! {
    /// Whatever happens, and whatever the rules are.
    #[test]
    fn every_score_traces_to_its_cases(
        cases in prop::collection::vec((0_usize..3, 1_i8..20, 0_u16..15, prop::bool::ANY), 0..12),
        points in prop::collection::vec(-9_i16..9, 3),
        start in 0_i64..20,
        monthly in prop::bool::ANY,
    ) {
        let mut story = Story::begun();
        story.publish(ReferenceEvent::ProcedurePublished(std::sync::Arc::new(item("other", ProcedureKind::Promised))));
        for (n, (department, from, used, late)) in cases.iter().enumerate() {
            let name = format!("c-{n}");
            let timeliness = if *late { Timeliness::Overdue } else { Timeliness::Early };
            let to = march(*from).plus_days(i32::from(*used));
            case(&mut story, &name, ["air", "fire", "water"][*department], (march(*from), to), *used, timeliness);
            if n % 2 == 0 {
                story.on(to, &name, praise()).on(to, &name, sent_back());
            }
        }
        let points = |at: usize| if points[at] == 0 { 1 } else { points[at] };
        let mut rules = scheme(&json!([{"name": names(), "points": start, "most": 25, "rules": [
            rule("late", &json!({"each": "overdue"}), points(0)),
            rule("sent", &json!({"event": "case.step_sent_back"}), points(1)),
            rule("praise", &json!({"each": "praise"}), 2),
            rule("early", &json!({"share": {"figure": "early", "from": 10, "step": 10}}), points(2)),
        ]}]));
        rules.monthly = monthly;
        let counted = counted(&story, Some(&rules));
        let setting = setting(&counted, "2010", Lang::Zh);
        for score in scores(&setting, &rules, &counted) {
            assert_traced(&score, start);
            prop_assert!(score.periods.iter().all(|(_, points)| (0..=25).contains(points)));
        }
        let once = serde_json::to_string(&performance(&setting, &rules, &counted)).unwrap();
        let again = serde_json::to_string(&performance(&setting, &rules, &counted)).unwrap();
        prop_assert_eq!(once, again);
    }
}
