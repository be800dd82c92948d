//! Reports: as people print them in both languages, and as programs read them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use common::{Centre, assert_fits, guichet, parsed, told};
use guichet_core::id::Position;
use guichet_stats::Period;
use guichet_stats::report::{Cell, Column, Document, Part, Report, Table};
use guichet_terminal::paper::{Title, html, markdown};
use serde_json::Value;
use tempfile::TempDir;

const REPORTS: [&str; 4] = ["speed-up", "agency", "performance", "annual"];

/// The smallest demo: the stories, and a few cases around them.
static DEMO: LazyLock<TempDir> = LazyLock::new(|| {
    let dir = TempDir::new().unwrap();
    let mut demo = guichet(&["demo", "--headless", "--quiet", "--cases", "80", "--data"]);
    let output = demo.arg(dir.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    dir
});

fn report(name: &str, more: &[&str]) -> std::process::Output {
    // One process at a time opens the log.
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut call = guichet(&["stats", "report", name]);
    call.args(more).arg("--data").arg(DEMO.path()).output().unwrap()
}

/// What a call says, and nothing beside it.
fn says(name: &str, more: &[&str]) -> String {
    let output = report(name, more);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_speed_up_bulletin_ranks_departments_and_items() {
    let bulletin = ["--in", "2010-q3"];
    insta::assert_snapshot!(
        "speed_up_zh",
        says("speed-up", &[&bulletin[..], &["--lang", "zh"]].concat())
    );
    insta::assert_snapshot!(
        "speed_up_en",
        says("speed-up", &[&bulletin[..], &["--lang", "en"]].concat())
    );
}

#[test]
fn the_agency_report_says_what_was_accompanied() {
    insta::assert_snapshot!("agency_zh", says("agency", &["--lang", "zh"]));
    insta::assert_snapshot!("agency_en", says("agency", &["--lang", "en"]));
}

#[test]
fn the_scores_name_the_cases_of_each_point() {
    let quarter = ["--in", "2010-q2"];
    insta::assert_snapshot!(
        "performance_zh",
        says("performance", &[&quarter[..], &["--lang", "zh"]].concat())
    );
    insta::assert_snapshot!(
        "performance_en",
        says("performance", &[&quarter[..], &["--lang", "en"]].concat())
    );
}

#[test]
fn the_annual_report_tells_of_the_year() {
    insta::assert_snapshot!("annual_zh", says("annual", &["--lang", "zh"]));
    insta::assert_snapshot!("annual_en", says("annual", &["--lang", "en"]));
}

#[test]
fn a_report_is_a_page_that_needs_nothing_beside_it() {
    let page = says("agency", &["--format", "html", "--lang", "zh"]);
    insta::assert_snapshot!("agency_html", page);
    for name in REPORTS {
        let page = says(name, &["--format", "html", "--lang", "en"]);
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
        for outside in ["<script", "http:", "https:", "src=", "href=", "url("] {
            assert!(!page.contains(outside), "{name} has {outside}");
        }
    }
}

#[test]
fn reports_as_data_fit_their_schema_and_scores_their_cases() {
    for name in REPORTS {
        for lang in ["zh", "en"] {
            let document = parsed(&report(name, &["--json", "--lang", lang]));
            assert_fits("report.v1.schema.json", &document);
            assert_eq!(document["report"], name);
        }
    }
    let document = parsed(&report("performance", &["--json", "--in", "2010-05"]));
    let parts = document["parts"].as_array().unwrap();
    let cells = parts.iter().filter_map(|part| part["rows"].as_array()).flatten();
    // Month, part, rule, points, figure, cases: where no figure is named, the points are those of the cases.
    let mut lines = 0;
    for row in cells.filter_map(Value::as_array).filter(|row| row.len() == 6) {
        if let Some(cases) = row[5]["cases"].as_object().filter(|_| row[4]["text"] == "") {
            let points: i64 = row[3]["text"].as_str().unwrap().parse().unwrap();
            assert_eq!(
                cases.values().filter_map(Value::as_i64).sum::<i64>(),
                points,
                "{row:?}"
            );
            lines += 1;
        }
    }
    assert!(lines > 0);
}

#[test]
fn the_same_log_gives_the_same_bytes_and_the_past_stays_as_it_was() {
    for name in REPORTS {
        assert_eq!(says(name, &[]), says(name, &[]));
    }
    let march = ["--in", "2010-03", "--as-of", "2010-03-31"];
    let text = says("speed-up", &march);
    assert!(
        text.contains("| As of") || text.contains("what had happened by 2010-03-31"),
        "{text}"
    );
    let at = ["--in", "2010", "--as-of-position", "300"];
    assert!(says("annual", &at).contains("| log read up to position | 300 |"));
}

#[test]
fn the_command_at_the_end_lists_the_cases_behind_a_figure() {
    let text = says("speed-up", &[]);
    let (_, command) = text.split_once("```text\nguichet ").unwrap();
    let words: Vec<&str> = command.lines().next().unwrap().split(' ').collect();
    let words = words.strip_suffix(&["--data", "DIR"]).unwrap();
    let output = guichet(words).arg("--data").arg(DEMO.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.starts_with("actual speed-up: "), "{listed}");
    assert!(listed.lines().count() > 3, "{listed}");
}

#[test]
fn a_centre_without_cases_has_every_report() {
    let centre = Centre::open();
    let mut text = String::new();
    for name in REPORTS {
        text.push_str(&centre.says(&["stats", "report", name, "--lang", "en"]));
    }
    insta::assert_snapshot!("without_cases", text);
}

#[test]
fn a_report_goes_into_a_file_whole() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("bulletin.html");
    let output = report("speed-up", &["--format", "html", "-o", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.is_empty());
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        says("speed-up", &["--format", "html"])
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

fn shipped() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/default.yaml");
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_shipped_rules_fit_their_schema_and_score_like_a_file_of_them() {
    let rules: Value = serde_saphyr::from_str(&shipped()).unwrap();
    assert_fits("performance-rules.v1.schema.json", &rules);
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("mine.yaml");
    fs::write(&path, shipped()).unwrap();
    let by_file = says("performance", &["--rules", path.to_str().unwrap()]);
    assert_eq!(by_file, says("performance", &[]));
}

#[test]
fn broken_rules_are_refused_with_line_and_column() {
    let dir = TempDir::new().unwrap();
    let broken = [
        (
            "unknown-figure.yaml",
            shipped().replace("each: deemed_consents", "each: deemed_concerts"),
        ),
        (
            "unknown-event.yaml",
            shipped().replace("case.step_sent_back", "case.step_sent_home"),
        ),
        ("no-points.yaml", shipped().replace("points: -10", "points: 0")),
        ("twice.yaml", shipped().replace("id: praise", "id: early")),
        ("unknown-field.yaml", shipped().replace("at_most: 5", "atmost: 5")),
        ("version.yaml", shipped().replace("version: 1", "version: 2")),
        ("share.yaml", shipped().replace("from: 30, ", "")),
        ("no-text.yaml", String::new()),
    ];
    let mut text = String::new();
    for (name, rules) in broken {
        let path = dir.path().join(name);
        fs::write(&path, rules).unwrap();
        let lang = if name == "no-points.yaml" { "zh" } else { "en" };
        let output = report(
            "performance",
            &["--rules", path.to_str().unwrap(), "--lang", lang],
        );
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        text.push_str(&told(&output, dir.path()));
    }
    let missing = dir.path().join("missing.yaml");
    text.push_str(&told(
        &report("performance", &["--rules", missing.to_str().unwrap()]),
        dir.path(),
    ));
    text.push_str(&told(&report("annual", &["--rules", "default"]), dir.path()));
    insta::assert_snapshot!("broken_rules", text);
}

#[test]
fn names_that_are_markup_stay_names() {
    let hostile = "<script>alert('1')</script> & \"q\" | `x` *y* [a](javascript:b)\n# z";
    let document = Document {
        version: 1,
        report: Report::Annual,
        lang: "en",
        title: hostile.to_owned(),
        subtitle: hostile.to_owned(),
        period: Period::ALWAYS,
        position: Position(1),
        calendars: std::collections::BTreeMap::new(),
        parts: vec![
            Part::Heading {
                level: 2,
                text: hostile.to_owned(),
            },
            Part::Paragraph {
                text: hostile.to_owned(),
            },
            Part::Command {
                text: format!("{hostile}\n```\n<b>"),
            },
            Part::Table(Table {
                columns: vec![Column {
                    name: hostile.to_owned(),
                    numbers: true,
                }],
                rows: vec![vec![Cell {
                    text: hostile.to_owned(),
                    ..Cell::default()
                }]],
                notes: vec![hostile.to_owned()],
            }),
        ],
    };
    let page = html(&Title::from(&document), &document.parts);
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert_eq!(page.matches("&lt;script&gt;alert(&#39;1&#39;)").count(), 10);
    let text = markdown(&Title::from(&document), &document.parts);
    let fenced = text.split("```").nth(1).unwrap();
    for line in text.replace(fenced, "").lines() {
        assert!(!line.contains("<script") && !line.contains(" | `x`"), "{line}");
        assert!(!line.starts_with("# z"), "{line}");
    }
    // The table is one column wide, whatever stands in it.
    assert_eq!(text.lines().filter(|line| line.starts_with("| ")).count(), 3);
    assert_eq!(text.lines().filter(|line| line.starts_with("```")).count(), 2);
}
