//! The stories of the demo centre: histories that stay as they are, and what they must fold to.
//!
//! A folder of `replay-fixtures/` holds one story: `README.md` says which rule it shows, `commands.jsonl` what was asked,
//! `events.jsonl` what happened (lines of an export; history, never rewritten), `state.txt` and `timeline.txt` what must
//! come of it. `UPDATE_FIXTURES=1` rewrites those two, and writes `events.jsonl` only where there is none yet.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of tests fails them as a test does"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use guichet::catalogue::{calendars, embedded};
use guichet::core::actor::{Actor, Role};
use guichet::core::calendar::{Calendar, CalendarFacts};
use guichet::core::case::state::{SpecialStatus, Stage, StepAnswer};
use guichet::core::case::{Case, CaseEvent, CaseState, Command, evolve};
use guichet::core::id::{PersonId, Position, Version};
use guichet::core::reference::Catalogue;
use guichet::core::time::{Date, Offset, TimeSource, Timestamp, date};
use guichet::log::codec::json::{self, ExportLine};
use guichet::log::codec::{self, Event};
use guichet::log::memory::MemoryLog;
use guichet::log::projection::Recorded;
use guichet::stats::AsOf;
use guichet::stats::measure::Measure;
use guichet::{Answer, Config, Guichet, Timekeeper};
use serde_json::{Map, Value};

/// Every story that the demo centre tells, by its folder.
const STORIES: &[&str] = &[
    "agency-green-channel",
    "bad-review-rectified",
    "calendar-amended",
    "deemed-acceptance",
    "deemed-consent",
    "denial-on-time",
    "dissent-overridden",
    "extension-by-the-wrong-level",
    "item-version-changed",
    "late-back-entry",
    "malicious-review-appealed",
    "national-day-suspensions",
    "overdue-but-legal",
    "reopened-after-completion",
    "rotating-window",
    "transfer-ping-pong",
    "two-correction-notices",
    "withdrawn-and-resubmitted",
];

/// Where the wall clock of the demo centre stands.
const OFFSET: Offset = Offset::hours(8);

fn folder(story: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../replay-fixtures")
        .join(story)
}

fn update() -> bool {
    std::env::var_os("UPDATE_FIXTURES").is_some_and(|value| value == "1")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A clock that stands where it was put.
struct HandTurned(AtomicI64);

impl HandTurned {
    fn turn_to(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::Relaxed);
    }
}

impl TimeSource for HandTurned {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// The calendar of the demo with one more day off, as its second version.
fn closed_on(day: Date) -> Catalogue {
    let mut facts: CalendarFacts = serde_json::from_str(calendars::shipped("CN").unwrap().json()).unwrap();
    facts.version = Version(2);
    facts.non_working_weekdays_dates.push(day);
    Catalogue {
        calendars: vec![Arc::new(Calendar::new(facts).unwrap())],
        ..Catalogue::default()
    }
}

/// Runs a script over the demo catalogue, and exports what happened to its cases.
async fn run(story: &str) -> Vec<Value> {
    let engine = lived(story).await;
    let mut exported = Vec::new();
    let mut next = Position::START;
    while next < engine.head() {
        for record in engine.log().read_all(next, 1_000).await.unwrap() {
            next = record.position.next();
            if record.stream.case().is_some() {
                let event = Recorded::of_record(record.clone()).unwrap().event;
                exported.push(serde_json::to_value(ExportLine::of_record(&record, &event)).unwrap());
            }
        }
    }
    engine.close().await.unwrap();
    exported
}

/// An engine to which everything happened that the script asks for.
async fn lived(story: &str) -> Guichet {
    let morning = date(2010, 1, 4).at(8, 0, OFFSET);
    let clock = Arc::new(HandTurned(AtomicI64::new(morning.as_micros())));
    // The salt makes the command ids of the timekeeper part of the history.
    let config = Config::default()
        .time(Arc::clone(&clock) as Arc<dyn TimeSource>)
        .command_salt(2010);
    let engine = Guichet::start(Arc::new(MemoryLog::default()), config)
        .await
        .unwrap();
    let director = Actor::new(PersonId::new("s40").unwrap(), Role::Director);
    let demo = embedded("harbin-2010").unwrap().catalogue;
    engine.publish_catalogue(&demo, &director).await.unwrap();
    let mut timekeeper = Timekeeper::new(engine.clone());
    for line in lines(&folder(story).join("commands.jsonl")) {
        clock.turn_to(line["at"].as_str().unwrap().parse().unwrap());
        if let Some(name) = line["publish"].as_str() {
            let amended = embedded(name).unwrap().catalogue;
            engine.publish_catalogue(&amended, &director).await.unwrap();
        } else if let Some(day) = line["close"].as_str() {
            let amended = closed_on(day.parse().unwrap());
            engine.publish_catalogue(&amended, &director).await.unwrap();
        } else if line["tick"] == true {
            timekeeper.tick().await.unwrap();
        } else {
            let command: Command = serde_json::from_value(line["command"].clone()).unwrap();
            let id = command.id.clone();
            match engine.handle(command).await.unwrap() {
                Answer::Accepted(_) => {
                    assert_eq!(
                        line.get("rejected"),
                        None,
                        "{story}: {id} should have been refused"
                    );
                }
                Answer::Rejected(rejection) => {
                    assert_eq!(line["rejected"], *rejection.code(), "{story}: {id}: {rejection}");
                }
            }
        }
    }
    engine
}

/// What of a line is the history itself: its place in the whole log, and with it its leaf hash, hang on how many records
/// the catalogue has before it, and the timekeeper's command ids on how many commands the engine had minted.
fn history(line: &Value) -> Value {
    let mut line = line.clone();
    let fields = line.as_object_mut().unwrap();
    for field in ["position", "leaf", "cause"] {
        fields.remove(field);
    }
    if fields["actor"]["role"] == "timekeeper" {
        fields.remove("command");
    }
    line
}

fn events(story: &str) -> Vec<Value> {
    lines(&folder(story).join("events.jsonl"))
}

fn event(line: &Value) -> CaseEvent {
    match json::read(line["kind"].as_str().unwrap(), line["data"].clone()).unwrap() {
        Event::Case(event) => event,
        Event::Reference(event) => panic!("{} is no event of a case", event.kind()),
    }
}

/// The cases of a story, in the order in which they came in.
fn folded(events: &[Value]) -> Vec<(String, Case)> {
    let mut order = Vec::new();
    let mut states: BTreeMap<String, CaseState> = BTreeMap::new();
    for line in events {
        let stream = line["stream"].as_str().unwrap().to_owned();
        if !order.contains(&stream) {
            order.push(stream.clone());
        }
        let state = states.remove(&stream).unwrap_or_default();
        states.insert(stream, evolve(state, &event(line)));
    }
    let known = |stream: String| {
        let case = states[&stream]
            .case()
            .expect("every story hands its cases in")
            .clone();
        (stream, case)
    };
    order.into_iter().map(known).collect()
}

fn or_none<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn joined<T: std::fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    if values.is_empty() {
        "none".to_owned()
    } else {
        values.join(", ")
    }
}

/// A case, as a page that people can read.
fn page(stream: &str, case: &Case) -> String {
    let mut page = format!("{stream}\n");
    let mut say = |label: &str, text: String| writeln!(page, "  {label:<12}{text}").unwrap();
    say(
        "procedure",
        format!(
            "{} version {}, of {}",
            case.procedure, case.version, case.department
        ),
    );
    say(
        "applicant",
        format!(
            "{}, by {}, received on {}",
            case.applicant, case.channel, case.received_on
        ),
    );
    if let Some(earlier) = &case.resubmits {
        say("resubmits", earlier.to_string());
    }
    say("stage", stage(&case.stage));
    say("outcome", or_none(case.outcome()));
    say("notices", case.notices.to_string());
    if let Some(acceptance) = &case.acceptance {
        let how = if acceptance.deemed { ", by silence" } else { "" };
        let gaps = joined(&acceptance.gaps);
        say(
            "accepted",
            format!("{}{how}, gaps: {gaps}", acceptance.effective_on),
        );
    }
    let (statutory, promised) = (or_none(case.due.statutory), or_none(case.due.promised));
    say("due", format!("statutory {statutory}, promised {promised}"));
    let pauses = case.pauses();
    let from_to = pauses
        .iter()
        .map(|pause| format!("{} to {}", pause.since, or_none(pause.until)));
    say("paused", joined(from_to));
    if let Some(decision) = &case.decision {
        say("decision", format!("{} on {}", decision.outcome, decision.on));
    }
    say("certificate", or_none(case.certificate.as_ref()));
    say("delivered", or_none(case.delivered_on));
    say("window", or_none(case.window.as_ref()));
    say("agent", or_none(case.agent.as_ref()));
    say("green", if case.green_channel { "yes" } else { "no" }.to_owned());
    say("reopened", case.reopened.to_string());
    say("materials", joined(&case.materials));
    for (name, fact) in &case.facts {
        say("fact", format!("{name} = {fact}"));
    }
    steps_and_groups(case, &mut say);
    clocks(case, &mut say);
    fees_and_ratings(case, &mut say);
    page
}

fn steps_and_groups(case: &Case, say: &mut dyn FnMut(&str, String)) {
    for (id, step) in &case.steps {
        let answer = match &step.answer {
            None => "no answer".to_owned(),
            Some(StepAnswer::Given { opinion, by }) => format!("{opinion} by {by}"),
            Some(StepAnswer::Deemed { ground }) => format!("consent deemed: {ground}"),
            Some(StepAnswer::Decided { by }) => format!("decided by {by}"),
        };
        let (since, due) = (step.started_on, or_none(step.due_on));
        let whose = format!("{} of {}", step.role, step.department);
        say(
            "step",
            format!("{id} ({whose}), from {since}, due {due}: {answer}"),
        );
    }
    for (id, group) in &case.groups {
        let standing = &case.progress.groups[id];
        let outcome = standing
            .outcome
            .map_or_else(|| "open".to_owned(), |outcome| outcome.to_string());
        let due = or_none(group.due_on);
        say(
            "group",
            format!("{id} led by {}, due {due}: {outcome}", group.lead),
        );
        let arrived = joined(standing.arrived.keys());
        let served = joined(group.served.keys());
        say("", format!("arrived: {arrived}; served: {served}"));
    }
}

fn clocks(case: &Case, say: &mut dyn FnMut(&str, String)) {
    for (id, special) in &case.specials {
        let status = match &special.status {
            SpecialStatus::Requested => "requested".to_owned(),
            SpecialStatus::Approved { excluded } => format!("approved, excluded: {excluded}"),
            SpecialStatus::Refused => "refused".to_owned(),
            SpecialStatus::Running { excluded, since } => format!("since {since}, excluded: {excluded}"),
            SpecialStatus::Ended {
                excluded,
                since,
                until,
            } => format!("{since} to {until}, excluded: {excluded}"),
        };
        say(
            "special",
            format!(
                "{id}, {}, announced {}: {status}",
                special.kind, special.announced
            ),
        );
    }
    for pause in &case.suspensions {
        let until = or_none(pause.until);
        say(
            "suspension",
            format!("{}, {} to {until}", pause.ground, pause.since),
        );
    }
    if !case.extensions.is_empty() {
        say("extensions", joined(&case.extensions));
    }
}

fn fees_and_ratings(case: &Case, say: &mut dyn FnMut(&str, String)) {
    for (id, fee) in &case.fees {
        let (owed, paid, settled) = (fee.owed_fen, fee.paid_fen, fee.is_settled());
        say(
            "fee",
            format!("{id}: {owed} fen owed, {paid} paid, settled: {settled}"),
        );
    }
    for (id, rating) in &case.ratings {
        let mut text = format!("{id}, open until {}: {}", rating.closes_on, or_none(rating.level));
        if rating.invalid {
            text.push_str(", does not count");
        }
        if let Some(to) = &rating.assigned_to {
            let (by, on) = (or_none(rating.rectify_by), or_none(rating.rectified_on));
            let judged = rating.rectification_rated;
            write!(text, ", with {to} until {by}, put right {on}, judged: {judged}").unwrap();
        }
        say("rating", text);
    }
    for (id, complaint) in &case.complaints {
        say("complaint", format!("{id}, answered: {}", complaint.answered));
    }
}

fn stage(stage: &Stage) -> String {
    let name = stage.as_str();
    match stage {
        Stage::Intake { since, due_on } => format!("{name} since {since}, due {}", or_none(*due_on)),
        Stage::Correction {
            served_on,
            respond_by,
            ..
        } => {
            format!("{name} since {served_on}, respond by {}", or_none(*respond_by))
        }
        Stage::Review | Stage::Archived { .. } => name.to_owned(),
        Stage::Decided { delivery_due_on } => format!("{name}, deliver by {}", or_none(*delivery_due_on)),
        Stage::Ended { on, .. } | Stage::Completed { on, .. } => format!("{name} on {on}"),
    }
}

fn state_page(events: &[Value]) -> String {
    let pages: Vec<String> = folded(events)
        .iter()
        .map(|(stream, case)| page(stream, case))
        .collect();
    pages.join("\n")
}

/// Date and time by the wall clock of the centre.
fn wall(instant: &Value) -> String {
    let instant: Timestamp = instant.as_str().unwrap().parse().unwrap();
    let day = instant.date_at(OFFSET);
    let minutes = (instant.as_micros() - day.midnight_at(OFFSET).as_micros()) / 60_000_000;
    format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
}

fn timeline_page(events: &[Value]) -> String {
    let mut order: Vec<&Value> = events.iter().collect();
    order.sort_by_key(|line| {
        let occurred: Timestamp = line["occurred_at"].as_str().unwrap().parse().unwrap();
        (occurred, line["position"].as_u64())
    });
    let several = folded(events).len() > 1;
    let mut page = String::new();
    for line in order {
        let (occurred, recorded) = (wall(&line["occurred_at"]), wall(&line["recorded_at"]));
        let who: Vec<&str> = ["role", "person", "window", "acting_for"]
            .iter()
            .filter_map(|field| line["actor"][*field].as_str())
            .collect();
        let kind = line["kind"].as_str().unwrap().trim_start_matches("case.");
        write!(page, "{occurred}  {kind}  ({})", who.join(" ")).unwrap();
        if several {
            write!(page, "  {}", line["stream"].as_str().unwrap()).unwrap();
        }
        if recorded != occurred {
            write!(page, "  [recorded {recorded}]").unwrap();
        }
        page.push('\n');
        for (field, value) in line["data"].as_object().into_iter().flat_map(Map::iter) {
            let text = match value {
                Value::Null => continue,
                Value::Array(values) if values.is_empty() => continue,
                Value::Object(fields) if fields.is_empty() => continue,
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
            };
            writeln!(page, "    {field}: {text}").unwrap();
        }
    }
    page
}

fn expect(story: &str, file: &str, found: &str) {
    let path = folder(story).join(file);
    if update() {
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE_FIXTURES=1 writes it", path.display()));
    assert_eq!(
        found, expected,
        "{story}/{file} differs; UPDATE_FIXTURES=1 rewrites it"
    );
}

#[test]
fn every_story_is_there_and_says_what_it_shows() {
    let mut found: Vec<String> = fs::read_dir(folder(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("commands.jsonl").exists())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, STORIES);
    for story in STORIES {
        let readme = fs::read_to_string(folder(story).join("README.md")).unwrap_or_default();
        assert!(readme.contains("## The rule"), "{story}/README.md says no rule");
        assert!(
            readme.contains("## Why this case"),
            "{story}/README.md does not say why it shows it"
        );
    }
}

#[tokio::test]
async fn at_every_month_end_what_is_open_is_what_was_open_and_came_less_what_went() {
    for story in STORIES {
        let engine = lived(story).await;
        let statistics = engine.statistics(AsOf::Now, NonZeroUsize::MIN).await.unwrap();
        let months = statistics.span().unwrap().by_month();
        for month in months {
            for cube in statistics.cubes() {
                // A case moves to the department that decides it with everything it posts, so this holds in every group.
                for group in cube.groups() {
                    let totals = cube.totals(group, month);
                    let flow = |measure| totals.flow(measure);
                    let came = flow(Measure::Accepted) + flow(Measure::Reopened);
                    let went = flow(Measure::Done) + flow(Measure::Out);
                    assert_eq!(
                        totals.stock(Measure::Open),
                        totals.opening(Measure::Open) + came - went,
                        "{story}, {month}, {group:?}"
                    );
                }
            }
        }
        engine.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_script_run_again_leads_to_the_same_history() {
    for story in STORIES {
        let found = run(story).await;
        let path = folder(story).join("events.jsonl");
        if update() && !path.exists() {
            let lines: Vec<String> = found.iter().map(Value::to_string).collect();
            let text = lines.join("\n") + "\n";
            fs::write(&path, text).unwrap();
        }
        let recorded = events(story);
        for (found, recorded) in found.iter().zip(&recorded) {
            assert_eq!(history(found), history(recorded), "{story}");
        }
        assert_eq!(found.len(), recorded.len(), "{story}");
    }
}

#[test]
fn a_recorded_history_folds_to_what_it_did() {
    for story in STORIES {
        let events = events(story);
        expect(story, "state.txt", &state_page(&events));
        expect(story, "timeline.txt", &timeline_page(&events));
    }
}

#[test]
fn every_recorded_event_survives_its_bytes() {
    for story in STORIES {
        for line in events(story) {
            let event = event(&line);
            let encoded = codec::encode(&event).unwrap();
            let kind = encoded.kind.as_str();
            assert_eq!(kind, line["kind"]);
            let decoded = codec::decode(kind, encoded.version, encoded.codec, &encoded.payload);
            assert_eq!(decoded.unwrap(), Event::Case(event), "{story}");
        }
    }
}

/// The events of a kind in a story.
fn of_kind(story: &str, kind: &str) -> Vec<Value> {
    let found = events(story).into_iter().filter(|line| line["kind"] == *kind);
    found.map(|line| line["data"].clone()).collect()
}

#[test]
fn silence_at_the_counter_accepts_from_the_day_of_receipt() {
    let deemed = &of_kind("deemed-acceptance", "case.acceptance_deemed")[0];
    assert_eq!(deemed["lapsed_on"], "2010-09-19");
    assert_eq!(deemed["effective_on"], "2010-09-13");
    assert_eq!(deemed["statutory_due_on"], "2010-10-15");
}

#[test]
fn suspensions_that_overlap_count_each_day_once() {
    let resumed = of_kind("national-day-suspensions", "case.clock_resumed");
    assert_eq!(resumed[1]["statutory_due_on"], "2010-11-09");
    assert_eq!(resumed[1]["promised_due_on"], "2010-10-26");
}

#[test]
fn an_amended_calendar_moves_the_date_counted_and_not_the_date_told() {
    let told = &of_kind("calendar-amended", "case.due_date_announced")[0];
    let decided = &of_kind("calendar-amended", "case.decision_made")[0];
    assert_eq!(told["due_on"], "2010-03-29");
    assert_eq!(decided["statutory_due_on"], "2010-03-30");
    assert_eq!(decided["timeliness"], "on_time");
}

#[test]
fn a_joint_case_is_extended_by_the_government_to_sixty_days() {
    let accepted = &of_kind("extension-by-the-wrong-level", "case.accepted")[0];
    let granted = of_kind("extension-by-the-wrong-level", "case.extension_granted");
    assert_eq!(accepted["statutory_due_on"], "2010-07-07");
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0]["approver_role"], "government_head");
    assert_eq!(granted[0]["statutory_due_on"], "2010-07-28");
}

#[test]
fn a_case_keeps_the_version_under_which_it_was_handed_in() {
    let decided = of_kind("item-version-changed", "case.decision_made");
    assert_eq!(decided[0]["statutory_due_on"], "2010-07-21");
    assert_eq!(decided[1]["statutory_due_on"], "2010-07-12");
}
