//! Importing logs: small ones of our own, the real ones, twice, interrupted, and killed.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use guichet::log::codec::Event;
use guichet::log::projection::{Projection, Recorded};
use guichet::log::record::Cause;
use guichet::{Guichet, SystemTime};
use guichet_cli::context::{Context, Exit, Lang};
use guichet_cli::data::DataArg;
use guichet_cli::import::{ImportArgs, Summary, import, names, run};
use guichet_core::case::CaseEvent;
use guichet_core::time::{Offset, TimeSource as _};
use tempfile::TempDir;

const QUIET: Context = Context {
    json: true,
    quiet: true,
    lang: Lang::En,
    terminal: false,
};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn args(data: &Path, mapping: &str, log: impl Into<PathBuf>, cases: Option<PathBuf>) -> ImportArgs {
    ImportArgs {
        data: DataArg {
            data: data.to_owned(),
        },
        mapping: mapping.to_owned(),
        cases,
        dry_run: false,
        refused: None,
        logs: vec![log.into()],
    }
}

fn imported(args: &ImportArgs) -> Summary {
    runtime().block_on(import(args, QUIET)).unwrap()
}

fn permits_mapping() -> String {
    example("permits.yaml").display().to_string()
}

fn permits_xes(data: &Path) -> ImportArgs {
    args(data, &permits_mapping(), example("permits.xes"), None)
}

fn permits_csv(data: &Path) -> ImportArgs {
    args(
        data,
        &permits_mapping(),
        example("permits.events.csv"),
        Some(example("permits.cases.csv")),
    )
}

/// Every record of a log, but for the time at which it was recorded.
#[derive(Default)]
struct Records(Vec<Recorded>);

impl Projection for Records {
    type View = Vec<Recorded>;

    fn apply(&mut self, recorded: &Recorded) {
        self.0.push(recorded.clone());
    }

    fn view(&self) -> Vec<Recorded> {
        self.0.clone()
    }
}

fn records(data: &Path) -> Vec<Recorded> {
    runtime().block_on(async {
        let engine = Guichet::open(data).await.unwrap();
        let records = engine.project::<Records>().await.unwrap().view();
        engine.close().await.unwrap();
        records
    })
}

/// What an import leaves behind, stream by stream: everything but positions and the times of recording.
fn state(data: &Path) -> BTreeMap<String, Vec<String>> {
    let mut state: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for recorded in records(data) {
        let at = match &recorded.event {
            Event::Case(_) => recorded.occurred_at.to_string(),
            Event::Reference(_) => String::new(),
        };
        let line = format!(
            "{at} {} {:?} {:?}",
            recorded.revision, recorded.cause, recorded.event
        );
        state.entry(recorded.stream.to_string()).or_default().push(line);
    }
    state
}

/// The source's events of each case, in the order in which they happened.
fn timelines(data: &Path) -> BTreeMap<String, Vec<String>> {
    let mut records = records(data);
    records.sort_by_key(|recorded| (recorded.stream.clone(), recorded.occurred_at, recorded.revision));
    let mut timelines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for recorded in records {
        let Some(case) = recorded.stream.case() else {
            continue;
        };
        let timeline = timelines.entry(case.to_string()).or_default();
        if let Event::Case(CaseEvent::StepRecorded(step)) = &recorded.event {
            let more: Vec<_> = [names::LIFECYCLE, names::TASK, names::ROLE, names::TIME]
                .iter()
                .map(|name| step.attributes.get(*name).map(String::as_str))
                .collect();
            let by = step.by.as_ref().map(ToString::to_string);
            timeline.push(format!(
                "{} {} {by:?} {:?} {more:?}",
                recorded.occurred_at, step.activity, step.group
            ));
        }
    }
    timelines
}

fn entries(data: &Path) -> Vec<u64> {
    let entries = records(data)
        .into_iter()
        .filter_map(|recorded| match recorded.cause {
            Cause::Imported { entry } => Some(entry),
            Cause::Asked | Cause::Followed(_) => None,
        });
    entries.collect()
}

/// The folder with the real logs beside the repository. It is no part of it, so the tests that need it pass without,
/// except where `CI=true` says that it has to be there.
fn real_log(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/logs")
        .join(name);
    if path.is_file() {
        return Some(path);
    }
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "the real log is not at {}",
        path.display()
    );
    eprintln!("skipped: no real log at {}", path.display());
    None
}

/// A log of so many cases with seven events each, made up.
fn large_log(cases: usize) -> String {
    let mut csv = String::from("case,activity,time,person,group,transition,task,pages\n");
    for case in 0..cases {
        let (day, hour) = (1 + case % 28, 8 + case / 28 % 8);
        let activities = [
            "Receive application",
            "Accept",
            "Inspect site",
            "Check zoning",
            "Grant permit",
            "Hand over",
            "Close file",
        ];
        for (minute, activity) in activities.iter().enumerate() {
            writeln!(
                csv,
                "C-{case},{activity},2010-03-{day:02}T{hour:02}:{minute:02}:00+08:00,p{},Window {},complete,t-{case}-{minute},3",
                case % 17,
                case % 5
            )
            .unwrap();
        }
    }
    csv
}

#[test]
fn an_imported_log_has_every_event_of_the_source_once_with_all_that_it_said() {
    let dir = TempDir::new().unwrap();
    let summary = imported(&permits_xes(dir.path()));
    assert_eq!(
        (
            summary.cases,
            summary.cases_added,
            summary.events,
            summary.events_added
        ),
        (5, 5, 26, 26)
    );
    assert_eq!(
        (summary.refused_total, summary.records_added),
        (0, summary.position)
    );
    assert_eq!(summary.fell_back, BTreeMap::new());
    assert_eq!(entries(dir.path()), (1..=26).collect::<Vec<u64>>());

    let lines: Vec<String> = records(dir.path())
        .into_iter()
        .filter(|recorded| recorded.stream.case().is_some_and(|case| case == "2010-002"))
        .map(|recorded| {
            format!(
                "{} {} {}",
                recorded.occurred_at,
                recorded.event.kind(),
                recorded.command
            )
        })
        .collect();
    insta::assert_snapshot!("permits_case", lines.join("\n"));
    let state = state(dir.path());
    insta::assert_snapshot!("permits_first_records", state["case/2010-001"][..4].join("\n"));
}

#[test]
fn xes_and_csv_of_the_same_log_give_the_same_cases_in_the_same_order_at_the_same_times() {
    let (xes, csv) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    imported(&permits_xes(xes.path()));
    imported(&permits_csv(csv.path()));
    assert_eq!(timelines(xes.path()), timelines(csv.path()));
}

#[test]
fn rows_sorted_by_time_give_the_same_as_rows_sorted_by_case() {
    let dir = TempDir::new().unwrap();
    let text = fs::read_to_string(example("permits.events.csv")).unwrap();
    let mut rows: Vec<&str> = text.lines().skip(1).collect();
    rows.sort_by_key(|row| row.split(',').nth(2).map(str::to_owned));
    let by_time = dir.path().join("by-time.csv");
    fs::write(
        &by_time,
        format!("{}\n{}\n", text.lines().next().unwrap(), rows.join("\n")),
    )
    .unwrap();

    let (one, other) = (dir.path().join("one"), dir.path().join("other"));
    let by_case = imported(&permits_csv(&one));
    let by_time = imported(&args(
        &other,
        &permits_mapping(),
        by_time,
        Some(example("permits.cases.csv")),
    ));
    assert_eq!((by_time.cases, by_time.events, by_time.refused_total), (5, 26, 0));
    assert_eq!(by_time.became_commands, by_case.became_commands);
    assert_eq!(timelines(&one), timelines(&other));
}

#[test]
fn a_second_import_adds_nothing() {
    let dir = TempDir::new().unwrap();
    let first = imported(&permits_xes(dir.path()));
    let second = imported(&permits_xes(dir.path()));
    assert_eq!((second.records_added, second.position), (0, first.position));
    assert_eq!((second.cases, second.cases_added, second.cases_known), (5, 0, 5));
    assert_eq!(
        (second.events, second.events_added, second.events_known),
        (26, 0, 26)
    );
    assert_eq!(second.refused_total, 0);
}

#[test]
fn the_csv_of_a_log_adds_nothing_to_its_xes_and_says_where_the_two_differ() {
    let dir = TempDir::new().unwrap();
    let first = imported(&permits_xes(dir.path()));
    let second = imported(&permits_csv(dir.path()));
    assert_eq!((second.records_added, second.position), (0, first.position));
    assert_eq!(second.events_known + second.events_refused, 26);
    let differs = "it was imported before with other contents, and those stay";
    assert!(
        second.refused.iter().all(|refusal| refusal.reason == differs),
        "{:?}",
        second.refused
    );
}

#[test]
fn a_log_that_has_grown_adds_its_new_events_only() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let text = fs::read_to_string(example("permits.events.csv")).unwrap();
    let (part, whole) = (dir.path().join("part.csv"), example("permits.events.csv"));
    // Without the last event of the first case, and without the last case.
    let kept = text
        .lines()
        .filter(|row| !row.contains("t-7,") && !row.starts_with("2010-005"));
    fs::write(&part, kept.collect::<Vec<_>>().join("\n")).unwrap();

    let cases = Some(example("permits.cases.csv"));
    let first = imported(&args(&data, &permits_mapping(), part, cases.clone()));
    assert_eq!(first.events, 21);
    let second = imported(&args(&data, &permits_mapping(), whole, cases.clone()));
    assert_eq!(
        (second.events_added, second.events_known, second.refused_total),
        (5, 21, 0)
    );

    let at_once = dir.path().join("at-once");
    imported(&permits_csv(&at_once));
    assert_eq!(timelines(&data), timelines(&at_once));
}

#[test]
fn an_event_for_which_the_rules_have_no_place_stays_a_step() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log.csv");
    let rows = "case,activity,time,person,group,transition,task\n\
        a,Hand over,2010-03-01T09:00:00+08:00,p,,,\n\
        a,Close file,2010-03-01T10:00:00+08:00,p,,,\n\
        a,Close file,2010-03-01T11:00:00+08:00,p,,,\n\
        a,Shred,2010-03-01T12:00:00+08:00,p,,,\n";
    fs::write(&log, rows).unwrap();
    let data = dir.path().join("data");
    let summary = imported(&args(&data, &permits_mapping(), &log, None));
    assert_eq!((summary.events, summary.refused_total), (4, 0));
    let counts = |of: &[(&str, u64)]| -> BTreeMap<String, u64> {
        of.iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    };
    assert_eq!(summary.fell_back, counts(&[("Close file", 1), ("Hand over", 1)]));
    assert_eq!(summary.became_commands, counts(&[("Close file", 1)]));
    // What the rules refused once is not tried again, although the case stands elsewhere now.
    let again = imported(&args(&data, &permits_mapping(), &log, None));
    assert_eq!(again.records_added, 0);
}

#[test]
fn lines_that_cannot_be_taken_are_told_with_number_and_reason_and_end_in_exit_1() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log.csv");
    let rows = "case,activity,time,person,group,transition,task,note\n\
        a,Receive application,2010-03-01T09:00:00+08:00,p,,,,\n\
        a,Accept,some day,p,,,,\n\
        a,Grant permit,2999-03-01T09:00:00+08:00,p,,,,\n\
        b\u{feff}c,Receive application,2010-03-01T09:00:00+08:00,p,,,,\n\
        a,Inspect site,2010-03-02T09:00:00+08:00,p,,,,LONG\n\
        a,Close file\n";
    fs::write(&log, rows.replace("LONG", &"x".repeat(5_000))).unwrap();
    let mut args = args(&dir.path().join("data"), &permits_mapping(), &log, None);
    args.refused = Some(dir.path().join("refused.jsonl"));
    let today = SystemTime.now().date_at(Offset::hours(8)).to_string();
    let summary = imported(&args);
    assert_eq!((summary.cases, summary.events), (1, 2));
    let told: Vec<String> = summary
        .refused
        .iter()
        .map(|refusal| {
            let reason = refusal.reason.replace(&today, "TODAY");
            format!(
                "{}: {}: {reason} ({})",
                refusal.line, refusal.what, refusal.excerpt
            )
        })
        .collect();
    insta::assert_snapshot!("refused_lines", told.join("\n"));
    let written = fs::read_to_string(dir.path().join("refused.jsonl")).unwrap();
    assert_eq!(written.lines().count() as u64, summary.refused_total);
    assert_eq!(runtime().block_on(run(args, QUIET)), Ok(Exit::Findings));
}

#[test]
fn a_case_of_somebody_else_is_not_touched() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let first = imported(&permits_xes(&data));
    let (log, mapping) = (dir.path().join("other.xes"), dir.path().join("other.yaml"));
    fs::copy(example("permits.xes"), &log).unwrap();
    fs::write(&mapping, "log: other\n").unwrap();
    let second = imported(&args(&data, &mapping.display().to_string(), &log, None));
    assert_eq!(
        (
            second.cases,
            second.events,
            second.cases_refused,
            second.events_refused
        ),
        (0, 0, 5, 26)
    );
    // Only the other log's procedure and what it needs is new.
    assert!(second.position - first.position <= 3, "{second:?}");

    fs::write(&mapping, "log: other\ncase_prefix: other/\n").unwrap();
    let third = imported(&args(&data, &mapping.display().to_string(), &log, None));
    assert_eq!((third.cases, third.events, third.refused_total), (5, 26, 0));
}

#[test]
fn a_dry_run_reads_everything_and_leaves_no_trace() {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let mut args = permits_xes(&data);
    args.dry_run = true;
    let summary = imported(&args);
    assert_eq!((summary.cases, summary.events, summary.position), (5, 26, 0));
    assert!(!data.exists());
}

#[test]
fn a_log_that_is_no_log_leaves_no_trace() {
    let dir = TempDir::new().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log.xes"));
    fs::write(&log, "case,activity\n").unwrap();
    let failure = runtime()
        .block_on(import(&args(&data, "receipt", &log, None), QUIET))
        .unwrap_err();
    assert_eq!((failure.code, failure.error), (3, "source"));
    assert!(!data.exists());
}

#[test]
fn what_stands_before_the_damage_is_taken_and_the_mended_log_goes_on_from_there() {
    let dir = TempDir::new().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log.xes"));
    let text = fs::read_to_string(example("permits.xes")).unwrap();
    let cut = text.find("2010-004").unwrap();
    fs::write(&log, &text[..cut]).unwrap();
    let failure = runtime()
        .block_on(import(&args(&data, &permits_mapping(), &log, None), QUIET))
        .unwrap_err();
    assert_eq!((failure.code, failure.error), (3, "source"));
    fs::write(&log, &text).unwrap();
    let summary = imported(&args(&data, &permits_mapping(), &log, None));
    assert_eq!(
        (summary.cases_known, summary.cases_added, summary.events),
        (3, 2, 26)
    );
}

#[test]
fn an_import_that_was_dropped_goes_on_to_the_same_end() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log.csv");
    fs::write(&log, large_log(1_500)).unwrap();
    let (whole, data) = (dir.path().join("whole"), dir.path().join("data"));
    let at_once = imported(&args(&whole, &permits_mapping(), &log, None));
    assert_eq!(
        (at_once.cases, at_once.events, at_once.refused_total),
        (1_500, 10_500, 0)
    );

    let mut given_up = 0;
    for millis in [30, 120, 250] {
        let args = args(&data, &permits_mapping(), &log, None);
        let given = runtime().block_on(async {
            tokio::time::timeout(Duration::from_millis(millis), import(&args, QUIET))
                .await
                .is_err()
        });
        given_up += usize::from(given);
    }
    assert!(given_up > 0, "no import was interrupted");
    let rest = imported(&args(&data, &permits_mapping(), &log, None));
    assert_eq!((rest.cases, rest.events, rest.refused_total), (1_500, 10_500, 0));
    assert_eq!(state(&data), state(&whole));
}

#[test]
fn an_import_that_was_killed_goes_on_to_the_same_end() {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("log.csv");
    fs::write(&log, large_log(1_500)).unwrap();
    let (whole, data) = (dir.path().join("whole"), dir.path().join("data"));
    let end = imported(&args(&whole, &permits_mapping(), &log, None)).position;

    // Later each time, until some kills were in the midst of it: machines differ in how soon that is.
    let mut midway = 0;
    for millis in (40..4_000).step_by(60) {
        let mut child = Process::new(env!("CARGO_BIN_EXE_guichet"))
            .args(["import", "--mapping", &permits_mapping(), "--data"])
            .args([&data, &log])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(millis));
        // On Unix this is SIGKILL; a child that has ended is no error.
        child.kill().unwrap();
        child.wait().unwrap();
        let reached = if data.exists() {
            records(&data).len() as u64
        } else {
            0
        };
        midway += u64::from((100..end).contains(&reached));
        if midway == 3 || reached == end {
            break;
        }
    }
    assert!(midway > 0, "no import was killed midway");
    let rest = imported(&args(&data, &permits_mapping(), &log, None));
    assert_eq!((rest.cases, rest.events, rest.refused_total), (1_500, 10_500, 0));
    assert_eq!(state(&data), state(&whole));
}

#[test]
fn the_summary_fits_its_schema() {
    let schema = serde_json::to_value(schemars::schema_for!(Summary)).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/import.v1.schema.json");
    if env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    }
    let shipped: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(
        shipped, schema,
        "UPDATE_FIXTURES=1 cargo test writes schemas/import.v1.schema.json anew"
    );

    let dir = TempDir::new().unwrap();
    let summary = imported(&permits_xes(dir.path()));
    let validator = jsonschema::validator_for(&shipped).unwrap();
    validator
        .validate(&serde_json::to_value(&summary).unwrap())
        .unwrap();
}

#[test]
fn the_real_permit_log_is_taken_whole_and_alike_from_xes_and_from_csv() {
    let (Some(xes), Some(events), Some(cases)) = (
        real_log("receipt.xes.gz"),
        real_log("receipt.events.csv.gz"),
        real_log("receipt.cases.csv.gz"),
    ) else {
        return;
    };
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let from_xes = imported(&args(one.path(), "receipt", xes.clone(), None));
    assert_eq!(
        (from_xes.cases, from_xes.events, from_xes.refused_total),
        (1_434, 8_577, 0)
    );
    assert_eq!(entries(one.path()).len(), 8_577);
    let from_csv = imported(&args(other.path(), "receipt", events, Some(cases)));
    assert_eq!(
        (from_csv.cases, from_csv.events, from_csv.refused_total),
        (1_434, 8_577, 0)
    );
    assert_eq!(timelines(one.path()), timelines(other.path()));
    let again = imported(&args(one.path(), "receipt", xes, None));
    assert_eq!((again.records_added, again.events_known), (0, 8_577));
}

#[test]
fn the_real_expense_log_is_taken_whole() {
    let (Some(events), Some(cases)) = (
        real_log("bpic20_domestic.events.csv.gz"),
        real_log("bpic20_domestic.cases.csv.gz"),
    ) else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let args = args(dir.path(), "bpic20_domestic", events, Some(cases));
    let summary = imported(&args);
    assert_eq!(
        (summary.cases, summary.events, summary.refused_total),
        (10_500, 56_437, 0)
    );
    let again = imported(&args);
    assert_eq!((again.records_added, again.events_known), (0, 56_437));
}
