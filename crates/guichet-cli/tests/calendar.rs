//! `guichet calendar`: years shown, days counted, notices taken in, in both languages and for programs.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{assert_fits, guichet, parsed, told};
use guichet_cli::calendar::{Between, Calendars, Imported, TermEnd, YearView};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;
use tempfile::TempDir;

const NOTICE: &str = "../guichet-catalogue/tests/data/notice-2010.toml";

/// What calls say, in a folder with a layer, a calendar with days that nobody announced, and notices.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        let facts = |first: &str, provisional: &str| {
            format!(
                r#"{{"id":"town","title":"Town hall","first_date":"{first}","last_date":"2011-12-31",{provisional}
                "weekend_iso_days":[6,7],"source":"the town council","working_weekend_dates":[],
                "non_working_weekdays_dates":["2010-12-24"],"holidays":[]}}"#
            )
        };
        write(
            "town.json",
            &facts("2010-01-01", "\"provisional_from\":\"2011-01-01\","),
        );
        write(
            "centre.yaml",
            "id: centre\ntitle: Service centre\nbase: CN\nsource: notice of the centre\nclosed:\n  \
             - {days: 2010-08-09 to 2010-08-10, name: {zh: 防汛停办, en: closed for the flood}}\nopened:\n  \
             - {days: 2010-03-13, name: {zh: 周六延时服务, en: Saturday service}, counts: false}\n  \
             - {days: 2010-08-14, name: {zh: 补班, en: makes up for the flood}, counts: true}\n",
        );
        write(
            "broken.yaml",
            "id: broken\ntitle: Broken\nbase: CN\nsource: x\nclosed:\n  - {days: 2031-01-02, name: {zh: 一, en: one}}\n",
        );
        write(
            "loose.yaml",
            "id: loose\ntitle: Loose\nbase: atlantis\nsource: x\n",
        );
        write(
            "amend.toml",
            "document = '加急通知'\nissued = 2010-02-25\nyear = 2010\namends = true\n[[holidays]]\n\
             name = { zh = '特别假', en = 'Special day' }\ndays_off = [2010-03-10]\nmake_up_workdays = [2010-03-13]\n",
        );
        write(
            "wrong.toml",
            "document = 'x'\nyear = 2010\n[[holidays]]\nname = { zh = '春节', en = '' }\nmake_up_workdays = [2010-03-10]\n",
        );
        let notice = Path::new(env!("CARGO_MANIFEST_DIR")).join(NOTICE);
        fs::copy(notice, dir.path().join("notice.toml")).unwrap();
        Self(dir)
    }

    fn call(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = guichet(&[&["calendar"], arguments].concat());
        command.current_dir(self.0.path()).output().unwrap()
    }

    fn says(&self, arguments: &[&str]) -> String {
        told(&self.call(arguments), self.0.path())
    }

    /// What calls say in English and Chinese.
    fn in_both(&self, calls: &[&[&str]]) -> String {
        let mut text = String::new();
        for call in calls {
            for lang in ["en", "zh"] {
                let call = [*call, &["--lang", lang]].concat();
                writeln!(
                    text,
                    "$ guichet calendar {}\n{}",
                    call.join(" "),
                    self.says(&call)
                )
                .unwrap();
            }
        }
        text
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.call(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        parsed(&output)
    }
}

#[test]
fn the_help_says_what_there_is() {
    let desk = Desk::new();
    let mut text = String::new();
    for command in ["list", "show", "due", "between", "import", "export"] {
        writeln!(
            text,
            "$ guichet calendar {command} --help\n{}",
            desk.says(&[command, "--help"])
        )
        .unwrap();
    }
    insta::assert_snapshot!("calendar_help", format!("{}\n{text}", desk.says(&["--help"])));
}

#[test]
fn calendars_are_listed_and_a_year_is_shown() {
    let desk = Desk::new();
    insta::assert_snapshot!(
        "calendar_show",
        desk.in_both(&[
            &["list"],
            &["show", "2010"],
            &["show", "2010", "--calendar", "centre.yaml"],
            &["show", "2011", "--calendar", "town.json"],
        ])
    );
}

#[test]
fn due_dates_are_counted_day_by_day() {
    let desk = Desk::new();
    insta::assert_snapshot!(
        "calendar_due",
        desk.in_both(&[
            &["due", "2010-09-17", "20wd"],
            &["due", "2010-02-22", "-5wd"],
            &["due", "2010-03-01", "20cd"],
            &["due", "2010-01-31", "1mo"],
            &["due", "2010-12-23", "6wd", "--calendar", "town.json"],
            &["due", "2010-08-06", "3wd", "--calendar", "centre.yaml"],
            &["due", "2010-03-06", "0wd"],
            &["between", "2010-09-17", "2010-10-21"],
            &["between", "2010-12-20", "2011-01-10", "--calendar", "town.json"],
        ])
    );
}

#[test]
fn what_cannot_be_answered_says_why_and_what_to_do() {
    let desk = Desk::new();
    insta::assert_snapshot!(
        "calendar_refused",
        desk.in_both(&[
            &["show", "2027"],
            &["due", "2026-12-20", "20wd"],
            &["between", "2003-12-20", "2004-02-01"],
            &["between", "2010-03-02", "2010-03-01"],
            &["due", "2010-03-01", "8wh"],
            &["due", "2010-03-01", "-2mo"],
            &["due", "2010-03-01", "soon"],
            &["due", "2010-02-30", "5wd"],
            &["show", "2010", "--calendar", "ATLANTIS"],
            &["show", "2010", "--calendar", "missing.json"],
            &["show", "2010", "--calendar", "broken.yaml"],
            &["show", "2010", "--calendar", "loose.yaml"],
            &["import", "wrong.toml"],
            &["import", "missing.toml"],
            &["import", "notice.toml", "--calendar", "centre.yaml"],
            &["export", "--year", "2027"],
        ])
    );
}

#[test]
fn a_notice_makes_the_next_version_and_tells_the_difference() {
    let desk = Desk::new();
    insta::assert_snapshot!(
        "calendar_import",
        desk.in_both(&[
            &["import", "amend.toml", "-o", "CN-2.json"],
            &[
                "import",
                "notice.toml",
                "--calendar",
                "CN-2.json",
                "-o",
                "CN-3.json"
            ],
            &["import", "notice.toml", "-o", "CN-1.json"],
        ])
    );
    let amended = desk.json(&["due", "2010-03-01", "20wd", "--calendar", "CN-2.json"]);
    assert_eq!(
        (&amended["due_on"], &amended["calendar_version"]),
        (&"2010-03-29".into(), &2.into())
    );
    let there = |name: &str| fs::read_to_string(desk.0.path().join(name)).unwrap();
    let document: Value = serde_json::from_str(&there("CN-2.json")).unwrap();
    assert_fits("calendar.v1.schema.json", &document);
    // Without a file the document is the answer, and the difference is told beside it.
    let output = desk.call(&["import", "amend.toml"]);
    assert_eq!(parsed(&output), document);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("CN, version 2: 2010, 2 days change\n")
    );
}

#[test]
fn what_is_written_for_calendar_programs_is_read_again() {
    let desk = Desk::new();
    let text = String::from_utf8(desk.call(&["export", "--year", "2010", "--lang", "zh"]).stdout).unwrap();
    insta::assert_snapshot!("calendar_ics", text.replace('\r', ""));
    fs::write(desk.0.path().join("2010.ics"), &text).unwrap();
    let import = desk.json(&["import", "2010.ics", "-o", "again.json"]);
    assert_eq!(
        (&import["changed"], &import["calendar_version"]),
        (&false.into(), &1.into())
    );
    let whole = desk.call(&["export", "--format", "json"]);
    assert_eq!(
        parsed(&whole),
        serde_json::from_str::<Value>(&fs::read_to_string(desk.0.path().join("again.json")).unwrap())
            .unwrap()
    );
}

#[test]
fn programs_get_what_the_schemas_say() {
    fn fits<T: JsonSchema>(name: &str, documents: &[Value]) {
        let schema = serde_json::to_value(schema_for!(T)).unwrap();
        let file = format!("{name}.v1.schema.json");
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../schemas")
            .join(&file);
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
        }
        let shipped: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(
            shipped, schema,
            "UPDATE_FIXTURES=1 cargo test writes schemas/{file} anew"
        );
        for document in documents {
            assert_fits(&file, document);
        }
    }

    let desk = Desk::new();
    fits::<Calendars>("calendar-list", &[desk.json(&["list"])]);
    let years = [
        desk.json(&["show", "2010"]),
        desk.json(&["show", "2010", "--calendar", "centre.yaml"]),
        desk.json(&["show", "2011", "--calendar", "town.json"]),
    ];
    assert_eq!(years[0]["working_days"], 250);
    let by_month: Vec<_> = years[0]["months"]
        .as_array()
        .unwrap()
        .iter()
        .map(|month| month["working_days"].as_u64().unwrap())
        .collect();
    assert_eq!(by_month, [20, 17, 23, 21, 20, 21, 22, 22, 22, 17, 22, 23]);
    fits::<YearView>("calendar-year", &years);
    let dues = [
        desk.json(&["due", "2010-02-12", "10wd"]),
        desk.json(&["due", "2010-02-22", "-5wd"]),
        desk.json(&["due", "2010-12-23", "6wd", "--calendar", "town.json"]),
    ];
    assert_eq!(dues[0]["due_on"], "2010-03-03");
    assert_eq!(
        (&dues[2]["provisional"], &dues[0]["provisional"]),
        (&true.into(), &false.into())
    );
    fits::<TermEnd>("calendar-due", &dues);
    let between = desk.json(&["between", "2010-03-01", "2010-03-29"]);
    assert_eq!(between["working_days"], 20);
    fits::<Between>("calendar-between", &[between]);
    fits::<Imported>(
        "calendar-import",
        &[desk.json(&["import", "amend.toml", "-o", "next.json"])],
    );
}
