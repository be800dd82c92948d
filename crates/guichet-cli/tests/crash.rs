//! Killed processes: `guichet run` takes commands while it is killed with SIGKILL at random moments. What it had
//! acknowledged, a witness keeps apart; all of it is there afterwards, whole, once, and in order.
//!
//! `GUICHET_KILLS=1000` kills more often; `GUICHET_SEED=7` repeats what a failure printed.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use common::Centre;
use guichet::Guichet;
use guichet::core::id::{CaseId, CommandId};
use serde_json::{Value, json};

/// How often the process is killed.
const KILLS: u64 = 200;
/// The last moment at which it is killed, after it began to answer.
const KILLED_WITHIN_MICROS: u64 = 40_000;

#[test]
fn what_was_acknowledged_before_a_kill_is_there_whole_once_and_in_order() {
    let number = |name: &str, usual| {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(usual)
    };
    let seed = number("GUICHET_SEED", 20_100_301);
    let mut chance = Chance(seed);
    let centre = Centre::open();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut acknowledged, mut cut_short) = (0, 0);
    for kill in 0..number("GUICHET_KILLS", KILLS) {
        let asked = commands(kill);
        let witness = run_and_kill(
            centre.dir.path(),
            &asked,
            Duration::from_micros(chance.below(KILLED_WITHIN_MICROS)),
        );
        acknowledged += witness.len();
        cut_short += usize::from(witness.len() < asked.len());
        runtime.block_on(check(
            centre.dir.path(),
            &witness,
            &asked,
            &format!("seed {seed}, kill {kill}"),
        ));
    }
    // A battery that always comes too late, or too early, shows nothing.
    assert!(
        acknowledged > 200,
        "only {acknowledged} commands were acknowledged before a kill"
    );
    assert!(cut_short > 20, "only {cut_short} runs were cut short");
}

/// What one child is asked: cases that are handed in, talked about, and taken back.
fn commands(kill: u64) -> Vec<Value> {
    let mut commands = Vec::new();
    for case in 0..40 {
        let (number, person) = (format!("{kill}-{case}"), format!("p-{case}"));
        let asks = [
            json!({"submit": {"procedure": "senior-card", "applicant": person}}),
            json!({"receive_complaint": {"complaint": "w-1", "channel": "telephone"}}),
            json!({"receive_praise": {"channel": "a letter"}}),
            json!({"withdraw": {"reason": "moved away"}}),
        ];
        for (place, ask) in asks.into_iter().enumerate() {
            let actor = json!({"person": person, "role": "applicant"});
            commands.push(
                json!({"id": format!("k-{number}-{place}"), "case": number, "actor": actor, "command": ask}),
            );
        }
    }
    commands
}

/// Runs the tool on the commands, kills it after a while, and keeps the answers that had come until then.
fn run_and_kill(data: &Path, commands: &[Value], after: Duration) -> Vec<Value> {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
        .args(["run", "--data"])
        .arg(data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let answers = listen(&mut child);
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = commands.iter().map(Value::to_string).collect();
    let lines = lines.join("\n") + "\n";
    let writing = std::thread::spawn(move || {
        // The pipe breaks when the child is killed.
        let _ = input.write_all(lines.as_bytes());
        input
    });
    let mut witness: Vec<Value> = answers
        .recv_timeout(Duration::from_secs(60))
        .ok()
        .into_iter()
        .collect();
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    drop(writing.join().unwrap());
    witness.extend(answers.iter());
    witness
}

/// Every whole line that the child wrote.
fn listen(child: &mut Child) -> Receiver<Value> {
    let (told, answers) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines() {
            // A line that the kill cut off acknowledges nothing.
            let Some(answer) = line.ok().and_then(|line| serde_json::from_str(&line).ok()) else {
                return;
            };
            if told.send(answer).is_err() {
                return;
            }
        }
    });
    answers
}

async fn check(data: &Path, witness: &[Value], asked: &[Value], place: &str) {
    let engine = Guichet::open(data)
        .await
        .unwrap_or_else(|error| panic!("{place}: the log does not open: {error:?}"));
    let mut cases: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for answer in witness {
        assert_eq!(answer["status"], "accepted", "{place}: {answer}");
        let id = CommandId::new(answer["id"].as_str().unwrap()).unwrap();
        let records = engine.log().find_command(&id).await.unwrap();
        let records = records.unwrap_or_else(|| panic!("{place}: {id} was acknowledged and is gone"));
        assert_eq!(
            records.len(),
            answer["events"].as_array().unwrap().len(),
            "{place}: {id} is not whole"
        );
        assert_eq!(
            json!(records[0].position.0),
            answer["position"],
            "{place}: {id} is elsewhere"
        );
        cases
            .entry(answer["case"].as_str().unwrap())
            .or_default()
            .push(answer["id"].as_str().unwrap());
    }
    // What was asked and not acknowledged is there whole or not at all; nothing is there twice or out of order.
    for command in asked {
        cases.entry(command["case"].as_str().unwrap()).or_default();
    }
    for (case, acknowledged) in cases {
        let Some(view) = engine.case(&CaseId::new(case).unwrap()).await.unwrap() else {
            assert!(acknowledged.is_empty(), "{place}: case {case} is gone");
            continue;
        };
        let mut commands: Vec<&str> = view
            .records
            .iter()
            .map(|record| record.command.as_str())
            .collect();
        commands.dedup();
        let asked = asked
            .iter()
            .filter(|command| command["case"] == case)
            .map(|command| command["id"].as_str().unwrap());
        let asked: Vec<&str> = asked.take(commands.len()).collect();
        assert_eq!(
            commands, asked,
            "{place}: case {case} has something twice, or out of order"
        );
        assert!(
            acknowledged.len() <= commands.len(),
            "{place}: case {case} lost a command"
        );
        for (revision, record) in view.records.iter().enumerate() {
            assert_eq!(
                record.revision.0,
                u64::try_from(revision).unwrap(),
                "{place}: case {case} has a gap"
            );
        }
    }
    engine.close().await.unwrap();
}

/// Numbers that a seed repeats (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
