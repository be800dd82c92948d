//! What leaves the house as CSV, Parquet, XES and OCEL: whole, the same every time, and readable again.
//!
//! Other people's programs read the same exports in `cargo xtask exports`.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::{env, fs};

use common::{Centre, guichet, told};
use guichet_cli::import::mapping::Mapping;
use guichet_cli::import::source::{Item, Reader, SourceEvent, Value};
use tempfile::TempDir;

/// A log with every type, names that need care, and times of three distances from UTC.
const HOSTILE: &str = r#"<log xes.version="1849.2016">
  <trace>
    <string key="concept:name" value="件 &quot;1&quot; &lt;&amp;&gt;"/>
    <date key="deadline" value="2010-04-01T00:00:00.000+01:00"/>
    <float key="cost" value="1.50"/>
    <int key="pages" value="-3"/>
    <boolean key="urgent" value="false"/>
    <string key="note" value="=cmd|'x'&#10;second line&#9;😀"/>
    <event>
      <string key="concept:name" value="收件 (&quot;intake&quot;)"/>
      <date key="time:timestamp" value="2010-03-01T09:00:00.000+08:00"/>
      <string key="org:resource" value="+小王"/>
      <string key="org:group" value="@group, &apos;3&apos;"/>
      <string key="org:role" value="clerk"/>
      <string key="lifecycle:transition" value="start"/>
      <string key="concept:instance" value="t-1"/>
      <float key="weight" value="1e-3"/>
      <string key="outer" value="o"><int key="inner" value="7"/></string>
    </event>
    <event>
      <string key="concept:name" value="done"/>
      <date key="time:timestamp" value="2010-03-01T01:00:00.000001-05:00"/>
      <date key="checked" value="2010-03-01T02:00:00Z"/>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="2"/>
    <event>
      <string key="concept:name" value="done"/>
      <date key="time:timestamp" value="2010-02-01T01:00:00Z"/>
    </event>
  </trace>
</log>
"#;

fn call(data: &Path, arguments: &[&str]) -> Output {
    guichet(arguments).arg("--data").arg(data).output().unwrap()
}

fn done(data: &Path, arguments: &[&str]) -> Output {
    let output = call(data, arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

fn text(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap()
}

/// What a log says of a case: its attributes, and its events in the order of their instants.
type Said = (BTreeMap<String, Value>, Vec<SourceEvent>);

fn distance(instant: &str) -> &str {
    if instant.ends_with('Z') {
        "+00:00"
    } else {
        &instant[instant.len() - 6..]
    }
}

/// Everything that a log says, but for where in the file it stands.
fn said(log: impl Iterator<Item = Item>) -> BTreeMap<String, Said> {
    let mut cases: BTreeMap<String, Said> = BTreeMap::new();
    for item in log {
        match item {
            Item::Case(case) => cases.entry(case.id).or_default().0.extend(case.attributes),
            Item::Event(event) => {
                let event = SourceEvent {
                    entry: 0,
                    place: guichet_cli::import::source::Place::default(),
                    // The same distance from UTC, however many zeros stand before it.
                    at_text: distance(&event.at_text).to_owned(),
                    ..event
                };
                cases.entry(event.case.clone()).or_default().1.push(event);
            }
            Item::Refused(refused) => panic!("{refused:?}"),
        }
    }
    for (_, events) in cases.values_mut() {
        events.sort_by_key(|event| event.at);
    }
    cases
}

fn read(log: &str) -> BTreeMap<String, Said> {
    let mapping = Mapping::find("xes").unwrap();
    let reader = Reader::of_bytes("log.xes", log.as_bytes(), None, &mapping).unwrap();
    said(reader.map(Result::unwrap))
}

/// Dates are the same when they are the same instant.
fn plain(said: BTreeMap<String, Said>) -> Vec<String> {
    let value = |value: &Value| match value {
        Value::Instant { at, .. } => format!("instant {at}"),
        other @ (Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_)) => {
            format!("{other:?}")
        }
    };
    let mut lines = Vec::new();
    for (case, (attributes, events)) in said {
        lines.push(format!("case {case:?}"));
        lines.extend(
            attributes
                .iter()
                .map(|(name, it)| format!("  {name} = {}", value(it))),
        );
        for event in events {
            let attributes: Vec<_> = event
                .attributes
                .iter()
                .map(|(name, it)| format!("{name} = {}", value(it)))
                .collect();
            lines.push(format!(
                "  {:?}",
                (
                    event.activity,
                    event.at,
                    event.at_text,
                    event.person,
                    event.group,
                    event.role,
                    event.lifecycle,
                    event.task,
                    attributes
                )
            ));
        }
    }
    lines
}

fn import(data: &Path, log: &Path) {
    let log = log.display().to_string();
    done(data, &["import", "--mapping", "xes", "-q", &log]);
}

/// The files under a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

#[test]
fn a_small_centre_is_exported_in_every_form() {
    let centre = Centre::with_cases();
    insta::assert_snapshot!("xes", text(centre.call(&["export", "--format", "xes"])));
    insta::assert_snapshot!("ocel", text(centre.call(&["export", "--format", "ocel"])));
    let csv = |table| text(centre.call(&["export", "--format", "csv", "--table", table]));
    insta::assert_snapshot!("cases_csv", csv("cases"));
    let events = csv("events");
    assert_eq!(events.matches("\r\n").count(), 277);
    let of_cases: String = events
        .lines()
        .filter(|line| line.contains("case/") || line.starts_with("position"))
        .fold(String::new(), |text, line| text + line + "\n");
    insta::assert_snapshot!("events_csv", of_cases);
    // The log as it was after the submissions.
    let early = text(centre.call(&["export", "--format", "csv", "--table", "cases", "--to", "260"]));
    assert_eq!(early.lines().count(), 3, "{early}");

    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("all");
    let name = folder.display().to_string();
    let mut told = centre.says(&["export", "--format", "csv", "--all", "--lang", "zh", "-o", &name]);
    told += &centre.says(&["export", "--format", "csv", "--all", "-o", &name]);
    let written = files(&folder);
    for (path, bytes) in &written {
        writeln!(
            told,
            "{}: {} lines",
            path.display(),
            bytes.split(|byte| *byte == b'\n').count() - 1
        )
        .unwrap();
    }
    assert_eq!(written[Path::new("events.csv")], events.as_bytes());
    insta::assert_snapshot!("csv_all", told.replace(&name, "FOLDER"));
    let page = |name: &str| String::from_utf8(written[Path::new(name)].clone()).unwrap();
    insta::assert_snapshot!(
        "dictionary",
        ["dictionary.csv", "dictionary.en.md", "dictionary.zh.md"]
            .map(page)
            .join("\n---\n")
    );
}

#[test]
fn an_empty_log_is_exported_as_one() {
    let centre = Centre::open();
    let xes = text(centre.call(&["export", "--format", "xes"]));
    assert!(!xes.contains("<trace>") && xes.ends_with("</log>\n"), "{xes}");
    let ocel: serde_json::Value = common::parsed(&centre.call(&["export", "--format", "ocel"]));
    assert_eq!(ocel["events"], serde_json::json!([]));
    assert_eq!(ocel["objects"], serde_json::json!([]));
    assert_eq!(ocel["eventTypes"], serde_json::json!([]));
    assert_eq!(
        text(centre.call(&["export", "--format", "csv", "--table", "cases"]))
            .lines()
            .count(),
        1
    );
    let none = text(centre.call(&["export", "--format", "csv", "--table", "events", "--to", "0"]));
    assert_eq!(none.lines().count(), 1);
}

#[test]
fn a_log_of_another_system_comes_out_as_it_went_in() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log.xes");
    fs::write(&log, HOSTILE).unwrap();
    let data = dir.path().join("data");
    import(&data, &log);
    let exported = text(done(&data, &["export", "--format", "xes"]));
    let after = plain(read(&exported));
    assert_eq!(after, plain(read(HOSTILE)), "{exported}");

    // And again: an import of the export gives the same cases, and the same export.
    let again = dir.path().join("again");
    let log = dir.path().join("again.xes");
    fs::write(&log, &exported).unwrap();
    import(&again, &log);
    let twice = text(done(&again, &["export", "--format", "xes"]));
    assert_eq!(plain(read(&twice)), after);

    let csv = text(done(&data, &["export", "--format", "csv", "--table", "events"]));
    assert!(
        csv.contains(",'+小王,") && csv.contains(",\"'@group, '3'\","),
        "{csv}"
    );
    let raw = text(done(
        &data,
        &["export", "--format", "csv", "--table", "events", "--raw", "--bom"],
    ));
    assert!(raw.starts_with('\u{feff}') && raw.contains(",+小王,"), "{raw}");
}

#[test]
fn cases_that_were_handled_here_are_the_same_cases_once_imported() {
    let centre = Centre::with_cases();
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log.xes");
    fs::write(&log, text(centre.call(&["export", "--format", "xes"]))).unwrap();
    let exported = fs::read_to_string(&log).unwrap();
    let data = dir.path().join("data");
    import(&data, &log);
    let again = text(done(&data, &["export", "--format", "xes"]));
    assert_eq!(plain(read(&again)), plain(read(&exported)));
    assert_eq!(read(&again).len(), 3);
}

#[test]
fn the_real_permit_log_comes_out_as_it_went_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/logs/receipt.xes.gz");
    if !path.is_file() {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "the real log is not at {}",
            path.display()
        );
        eprintln!("skipped: no real log at {}", path.display());
        return;
    }
    let dir = TempDir::new().unwrap();
    import(dir.path(), &path);
    let exported = text(done(dir.path(), &["export", "--format", "xes"]));
    let mapping = Mapping::find("xes").unwrap();
    let original = said(Reader::open(&path, None, &mapping).unwrap().map(Result::unwrap));
    assert_eq!(original.len(), 1_434);
    let (before, after) = (plain(original), plain(read(&exported)));
    for (line, other) in before.iter().zip(&after) {
        assert_eq!(line, other);
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let centre = Centre::open();
    let dir = TempDir::new().unwrap();
    let mut all = String::new();
    for arguments in [
        &["--format", "xes", "--from", "3"][..],
        &["--format", "ocel", "--table", "cases"],
        &["--format", "xes", "--bom"],
        &["--format", "csv"],
        &["--format", "csv", "--all"],
        &["--format", "csv", "--table", "件"],
        &["--format", "parquet"],
        &["--format", "csv", "--all", "-o", "TAKEN"],
    ] {
        fs::create_dir_all(dir.path().join("taken/inside")).unwrap();
        let taken = dir.path().join("taken").display().to_string();
        let arguments: Vec<_> = arguments
            .iter()
            .map(|it| if *it == "TAKEN" { &taken } else { *it })
            .collect();
        for lang in ["en", "zh"] {
            let output = centre
                .command(&["export", "--lang", lang])
                .args(&arguments)
                .output()
                .unwrap();
            writeln!(all, "$ {}\n{}", arguments.join(" "), told(&output, centre.path())).unwrap();
        }
    }
    insta::assert_snapshot!("refused", all.replace(&dir.path().display().to_string(), "DIR"));
    assert_eq!(files(dir.path()).len(), 0);
}

#[cfg(feature = "parquet")]
mod parquet {
    use guichet_cli::export::manifest::Manifest;
    use serde_json::Value as Json;

    use super::*;

    const SCHEMA: &str = "export-manifest.v1.schema.json";

    #[test]
    fn a_parquet_export_is_the_same_every_time_and_its_manifest_says_what_it_holds() {
        let centre = Centre::with_cases();
        let dir = TempDir::new().unwrap();
        let into = |name: &str| {
            let folder = dir.path().join(name);
            let output = centre.call(&[
                "export",
                "--format",
                "parquet",
                "-o",
                &folder.display().to_string(),
            ]);
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            files(&folder)
        };
        let (first, second) = (into("first"), into("second"));
        assert_eq!(first, second);
        let manifest = &first[Path::new("manifest.json")];
        let json: Json = serde_json::from_slice(manifest).unwrap();
        common::assert_fits(SCHEMA, &json);
        let manifest: Manifest = serde_json::from_value(json).unwrap();
        let rows = |name: &str| {
            manifest
                .tables
                .iter()
                .find(|it| it.name == name)
                .map(|it| it.rows)
        };
        assert_eq!(
            (manifest.position, rows("cases"), rows("events")),
            (276, Some(3), Some(276))
        );
        let mut listed = 4;
        for file in manifest.tables.iter().flat_map(|table| &table.files) {
            listed += 1;
            assert_eq!(
                first[Path::new(&file.path)].len() as u64,
                file.bytes,
                "{}",
                file.path
            );
        }
        assert_eq!(first.len(), listed);
        let one = dir.path().join("one").display().to_string();
        let told = centre.says(&[
            "export", "--format", "parquet", "--table", "cases", "--json", "-o", &one,
        ]);
        insta::assert_snapshot!("parquet_one", told.replace(&one, "FOLDER"));
    }

    #[test]
    fn an_empty_log_has_a_manifest_and_no_parts() {
        let centre = Centre::open();
        let dir = TempDir::new().unwrap();
        let folder = dir.path().join("none");
        let name = folder.display().to_string();
        let output = centre.call(&["export", "--format", "parquet", "--to", "0", "-o", &name]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(files(&folder).len(), 4);
    }

    #[test]
    fn the_manifest_fits_its_schema() {
        let schema = serde_json::to_value(schemars::schema_for!(Manifest)).unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../schemas")
            .join(SCHEMA);
        if env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
        }
        let shipped: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(
            shipped, schema,
            "UPDATE_FIXTURES=1 cargo test writes schemas/{SCHEMA} anew"
        );
    }
}
