//! Reports: the same bytes for whoever asks, nothing hidden of a log that is damaged, and a signature that holds or does not.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod archived;
mod histories;
mod stories;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use guichet_audit::findings::Rules;
use guichet_audit::report::{Report, Setting, document};
use guichet_audit::source::{Memory, Source as _};
use guichet_audit::verify::{Head, Verification};
use guichet_core::case::event::Timeliness;
use guichet_core::lang::Lang;
use guichet_stats::Period;
use guichet_terminal::paper::{Title, markdown};
use serde_json::Value;

use archived::Archived;
use histories::{Story, march, period, submitted};
use stories::{Centre, assert_fits, audit, told};

/// A verification that has nothing to say of a log in memory.
fn verified(log: &Memory) -> Verification {
    Verification {
        head: Head {
            log: Some("centre.example/log".to_owned()),
            size: log.end().0,
            root: "00".repeat(32),
            streams_root: "00".repeat(32),
        },
        database: None,
        signature_checked: true,
        records: log.end().0,
        streams: 3,
        heads: 1,
        kept_heads: 0,
        findings: Vec::new(),
    }
}

fn setting(over: Option<Period>) -> Setting {
    Setting {
        period: over,
        rules: Rules::default(),
        threads: NonZeroUsize::new(2).unwrap(),
    }
}

fn report(story: &Story, over: &str) -> Report {
    let log = Memory::new(story.log.clone());
    let verification = verified(&log);
    Report::of(Some(&log), verification, &setting(Some(period(over))))
}

fn pages(report: &Report, lang: Lang) -> String {
    let document = document(report, lang);
    let title = Title {
        lang: lang.tag(),
        title: &document.title,
        subtitle: &document.subtitle,
    };
    markdown(&title, &document.parts)
}

/// Two cases in March, one of them late; the figures of March were published, and again of the year.
fn year() -> Story {
    let mut story = Story::begun();
    story.case("c1", "permit", march(1), march(4), 3, Timeliness::Early);
    story.case("c2", "permit", march(8), march(26), 14, Timeliness::Overdue);
    story
}

/// The files of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn two_supervisors_hold_the_same_bytes_on_any_number_of_threads() {
    let centre = Centre::with("deemed-acceptance");
    let mut written = Vec::new();
    for (name, lang, threads) in [("first", "en", "1"), ("second", "zh", "2"), ("third", "en", "7")] {
        let to = centre.dir.path().join(name);
        let output = centre.call(&[
            "report",
            "--to",
            to.to_str().unwrap(),
            "--lang",
            lang,
            "--threads",
            threads,
        ]);
        // What the story shows is found.
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        written.push(files(&to));
    }
    assert_eq!(
        written[0].keys().map(String::as_str).collect::<Vec<_>>(),
        ["report.en.html", "report.json", "report.zh.html"]
    );
    assert_eq!(written[0], written[1]);
    assert_eq!(written[0], written[2]);
}

#[test]
fn the_report_and_what_is_told_of_it_are_what_their_schemas_say() {
    let centre = Centre::with("deemed-acceptance");
    let to = centre.dir.path().join("report");
    let output = centre.call(&["report", "--to", to.to_str().unwrap(), "--json"]);
    assert_fits(
        "audit-report-written.v1.schema.json",
        &serde_json::from_slice(&output.stdout).unwrap(),
    );
    let data: Value = serde_json::from_slice(&fs::read(to.join("report.json")).unwrap()).unwrap();
    assert_fits("audit-report.v1.schema.json", &data);
    let findings = data["contents"]["findings"].as_array().unwrap();
    assert!(
        findings.iter().any(|finding| finding["rule"] == "B17"),
        "{data:#}"
    );
    assert_eq!(data["contents"]["period"], "2010");

    let mut published = year();
    published.bulletin("2010-03", period("2010-03"), None, |figure| {
        figure.numerator = figure.numerator.map(|part| part + 1);
    });
    let data = serde_json::to_value(report(&published, "2010")).unwrap();
    assert_fits("audit-report.v1.schema.json", &data);
}

#[test]
fn the_schema_of_reports_says_the_same_as_those_that_it_repeats() {
    let schema = |name: &str| -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../schemas")
            .join(name);
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let report = schema("audit-report.v1.schema.json");
    let mut verification = schema("verification.v1.schema.json");
    verification["properties"]
        .as_object_mut()
        .unwrap()
        .remove("version");
    assert_eq!(
        report["$defs"]["verification"]["properties"],
        verification["properties"]
    );
    let findings = schema("findings.v1.schema.json");
    assert_eq!(
        report["$defs"]["finding"],
        findings["properties"]["findings"]["items"]
    );
    let recompute = schema("audit-recompute.v1.schema.json");
    let mut row = recompute["properties"]["rows"]["items"].clone();
    row["properties"].as_object_mut().unwrap().remove("cases");
    assert_eq!(report["$defs"]["row"], row);
}

#[test]
fn a_figure_that_was_published_wrong_is_told_with_what_the_log_gives() {
    let mut story = year();
    story.bulletin("2010-03", period("2010-03"), None, |figure| {
        if figure.figure == "received" && figure.department.is_none() {
            figure.numerator = Some(3);
            figure.value = Some("3".to_owned());
        }
    });
    let report = report(&story, "2010");
    let contents = report.contents.as_ref().unwrap();
    let wrong: Vec<_> = contents
        .divergences
        .iter()
        .map(|of| (of.row.figure.as_str(), of.row.published[0].holds))
        .collect();
    assert_eq!(wrong, [("received", false)]);
    let bulletin = &contents.bulletins[0];
    assert_eq!(bulletin.figures - bulletin.hold, 1);
    assert!(!report.is_clean());
    insta::assert_snapshot!("published_wrong_en", pages(&report, Lang::En));
    insta::assert_snapshot!("published_wrong_zh", pages(&report, Lang::Zh));
}

#[test]
fn a_bulletin_of_other_days_is_not_in_the_report() {
    let mut story = year();
    story.bulletin("2010-03", period("2010-03"), None, |_| {});
    let of = |over| report(&story, over).contents.unwrap().bulletins.len();
    assert_eq!(
        (of("2010-03"), of("2010"), of("2010-04"), of("2011")),
        (1, 1, 0, 0)
    );
}

#[test]
fn a_finding_of_other_days_is_not_in_the_report_and_one_about_the_log_is_in_every_one() {
    let story = year();
    let found = |over: &str| {
        let report = report(&story, over);
        let findings = report.contents.unwrap().findings.findings;
        findings
            .into_iter()
            .map(|finding| finding.id())
            .collect::<Vec<_>>()
    };
    assert!(
        found("2010-03").iter().any(|id| id.starts_with("A1:c2")),
        "{:?}",
        found("2010-03")
    );
    assert_eq!(found("2011"), Vec::<String>::new());
}

#[test]
fn what_was_recorded_after_the_verified_head_is_not_read() {
    let story = year();
    let mut grown = story.clone();
    grown.on(march(29), "c3", submitted("permit", "health", march(29)));
    let log = Memory::new(grown.log.clone());
    let before = Memory::new(story.log.clone());
    let late = Report::of(Some(&log), verified(&before), &setting(Some(period("2010"))));
    let data = |report: &Report| serde_json::to_string(report).unwrap();
    assert_eq!(data(&late), data(&report(&story, "2010")));
}

#[test]
fn a_damaged_log_is_reported_as_one() {
    let archived = Archived::of(12);
    let bundle = archived.files("tile/entries").remove(0);
    let mut bytes = fs::read(&bundle).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(&bundle, bytes).unwrap();
    let beside = tempfile::TempDir::new().unwrap();
    let to = beside.path().join("report");
    let output = audit(&["report", "--to", to.to_str().unwrap(), "--archive"])
        .arg(archived.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let data: Value = serde_json::from_slice(&fs::read(to.join("report.json")).unwrap()).unwrap();
    let page = fs::read_to_string(to.join("report.en.html")).unwrap();
    assert_fits("audit-report.v1.schema.json", &data);
    assert!(!data["verification"]["findings"].as_array().unwrap().is_empty());
    assert_eq!(data["contents"], Value::Null);
    assert!(
        page.contains("not as it must be") && page.contains("cannot be read to its end"),
        "{page}"
    );
}

#[test]
fn a_closed_database_gives_the_same_findings_and_figures_as_its_archive_and_is_not_written_to() {
    let centre = Centre::with("deemed-acceptance");
    let before = stories::stamps(&centre.data());
    let contents = |option: &str, dir: &Path, name: &str| -> Value {
        let to = centre.dir.path().join(name);
        let output = audit(&["report", "--to", to.to_str().unwrap(), option])
            .arg(dir)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let data: Value = serde_json::from_slice(&fs::read(to.join("report.json")).unwrap()).unwrap();
        assert_fits("audit-report.v1.schema.json", &data);
        assert_eq!(data["verification"]["findings"], Value::Array(Vec::new()));
        data["contents"].clone()
    };
    let of_archive = contents("--archive", &centre.archive(), "of-archive");
    assert_eq!(of_archive, contents("--data", &centre.data(), "of-database"));
    assert_eq!(stories::stamps(&centre.data()), before);
}

#[test]
fn a_signed_report_holds_until_a_byte_of_it_changes() {
    let centre = Centre::with("deemed-acceptance");
    let path = |name: &str| centre.dir.path().join(name).to_str().unwrap().to_owned();
    let made = audit(&["key", "--name", "supervisor.example", "--to", &path("private")])
        .output()
        .unwrap();
    let public = String::from_utf8(made.stdout).unwrap();
    let public = public.trim();
    let to = path("report");
    let output = centre.call(&["report", "--to", &to, "--sign", &path("private")]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let check = |key: &str, form: &str| {
        audit(&["check-report", &to, "--key", key, form])
            .output()
            .unwrap()
    };
    let honest = check(public, "--json");
    assert_eq!(honest.status.code(), Some(0), "{honest:?}");
    let honest: Value = serde_json::from_slice(&honest.stdout).unwrap();
    assert_fits("report-check.v1.schema.json", &honest);
    assert_eq!(honest["files"].as_array().map(Vec::len), Some(3));

    // Somebody else's key.
    let other = archived::public().to_string();
    assert_eq!(check(&other, "--quiet").status.code(), Some(4));
    // A byte of a page, and a page that is gone.
    fs::write(Path::new(&to).join("report.zh.html"), "other").unwrap();
    fs::remove_file(Path::new(&to).join("report.json")).unwrap();
    let changed = check(public, "--json");
    assert_eq!(changed.status.code(), Some(1));
    let changed: Value = serde_json::from_slice(&changed.stdout).unwrap();
    assert_fits("report-check.v1.schema.json", &changed);
    let faults: Vec<_> = changed["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["fault"].as_str())
        .collect();
    assert_eq!(faults, [None, Some("missing"), Some("changed")]);
    // A byte of what was signed.
    let note = Path::new(&to).join("report.note");
    let text = fs::read_to_string(&note).unwrap();
    fs::write(&note, text.replace("report.zh.html", "report.fr.html")).unwrap();
    assert_eq!(check(public, "--quiet").status.code(), Some(4));
}

#[test]
fn a_note_over_something_else_is_no_report_and_leads_nowhere() {
    let dir = tempfile::TempDir::new().unwrap();
    let key = archived::key();
    let mut said = String::new();
    for text in [
        "centre.example/log\n12\nroot\n",
        "guichet-audit report v1\nnothing\n",
        &format!("guichet-audit report v1\n{}  ../secret\n", "0".repeat(64)),
    ] {
        let note = guichet_log::note::Note::sign(text.to_owned(), &key).unwrap();
        fs::write(dir.path().join("report.note"), note.to_string()).unwrap();
        for lang in ["en", "zh"] {
            let output = audit(&["check-report", "--lang", lang, "--key", &key.public().to_string()])
                .arg(dir.path())
                .output()
                .unwrap();
            said.push_str(&told(&output, dir.path()));
        }
    }
    insta::assert_snapshot!("no_report", said);
}

#[test]
fn nothing_is_written_where_something_stands_or_without_the_key() {
    let centre = Centre::with("deemed-acceptance");
    let to = centre.dir.path().join("report");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("mine"), "mine").unwrap();
    let before = stories::stamps(&to);
    let there = centre.call(&["report", "--to", to.to_str().unwrap()]);
    assert_eq!(there.status.code(), Some(2), "{there:?}");
    assert_eq!(stories::stamps(&to), before);
    let elsewhere = centre.dir.path().join("elsewhere");
    let keyless = centre.call(&[
        "report",
        "--to",
        elsewhere.to_str().unwrap(),
        "--sign",
        to.join("mine").to_str().unwrap(),
    ]);
    assert_eq!(keyless.status.code(), Some(3), "{keyless:?}");
    assert!(!elsewhere.exists());
}
