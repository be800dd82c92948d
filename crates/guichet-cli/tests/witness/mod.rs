//! What the suites of ended processes and cut power share: commands for `guichet run`, a child that takes them, and a
//! witness of what it acknowledged.

#![allow(dead_code, reason = "each suite uses its part")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use guichet::Guichet;
use guichet::core::id::{CaseId, CommandId};
use serde_json::{Value, json};

/// How long a child may take to its first answer, or to its end: a bound for what hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A number that the environment may set.
pub(crate) fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// Numbers that a seed repeats (splitmix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What the child of one round is asked: cases that are handed in, talked about, and taken back.
pub(crate) fn commands(round: u64) -> Vec<Value> {
    let mut commands = Vec::new();
    for case in 0..40 {
        let (number, person) = (format!("{round}-{case}"), format!("p-{case}"));
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

/// How the commands come.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// All at once.
    AtOnce,
    /// One, and when that is answered the others with a pause between them; but the last ones are held back until
    /// [`Taking::end`], so that however fast the child is, it is not done before.
    Slow { pause: Duration, held: usize },
}

/// `guichet run`, while it takes commands.
pub(crate) struct Taking {
    child: Child,
    answers: Receiver<Value>,
    writing: JoinHandle<ChildStdin>,
    go_on: Sender<()>,
    witness: Vec<Value>,
}

impl Taking {
    /// Starts the tool, sends it the commands, and returns when it has begun to answer.
    pub(crate) fn begin(data: &Path, commands: &[Value], pace: Pace, errors: Stdio) -> Self {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
            .args(["run", "--data"])
            .arg(data)
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let answers = listen(&mut child);
        let mut input = child.stdin.take().unwrap();
        let lines: Vec<String> = commands.iter().map(|command| format!("{command}\n")).collect();
        let (go_on, told) = channel();
        let writing = std::thread::spawn(move || {
            // The pipe breaks when the child ends, and nobody tells to go on any more when it was killed.
            let _ = write(&mut input, &lines, pace, &told);
            input
        });
        let witness = answers.recv_timeout(PATIENCE).ok().into_iter().collect();
        let _ = go_on.send(());
        Self {
            child,
            answers,
            writing,
            go_on,
            witness,
        }
    }

    /// Kills the child (on Unix with SIGKILL), and answers with all that it had answered until then.
    pub(crate) fn kill(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        drop(self.go_on);
        drop(self.writing.join().unwrap());
        self.witness.extend(self.answers.iter());
        self.witness
    }

    /// Sends the rest, ends the input, and lets the child end: all that it answered, its exit code, and what it said of errors.
    pub(crate) fn end(mut self) -> (Vec<Value>, Option<i32>, String) {
        let _ = self.go_on.send(());
        drop(self.writing.join().unwrap());
        // The answers end with the child.
        loop {
            match self.answers.recv_timeout(PATIENCE) {
                Ok(answer) => self.witness.push(answer),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    let _ = self.child.wait();
                    panic!("the child does not end");
                }
            }
        }
        let output = self.child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (self.witness, output.status.code(), said)
    }
}

fn write(input: &mut ChildStdin, lines: &[String], pace: Pace, told: &Receiver<()>) -> Option<()> {
    let Pace::Slow { pause, held } = pace else {
        return input.write_all(lines.concat().as_bytes()).ok();
    };
    for (number, line) in lines.iter().enumerate() {
        if number == 1 || number + held == lines.len() {
            told.recv().ok()?;
        }
        input.write_all(line.as_bytes()).ok()?;
        std::thread::sleep(pause);
    }
    Some(())
}

/// Every whole line that the child writes.
fn listen(child: &mut Child) -> Receiver<Value> {
    let (told, answers) = channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in output.lines() {
            // A line that was cut off acknowledges nothing.
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

/// Checks that all of `witness` is in the log, whole, once, and in order, and of the rest of `asked` nothing out of
/// order. `place` says in a failure which round it was.
pub(crate) async fn check(data: &Path, witness: &[Value], asked: &[Value], place: &str) {
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
