//! The steps of `cargo xtask ci`: run in order, timed, and named when they fail.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{layers, schemas};

/// One step, which also runs alone. What fails fastest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Fmt,
    Layers,
    Schemas,
    Clippy,
    Test,
    Doc,
    Benches,
}

impl Step {
    pub(crate) const ALL: [Self; 7] = [
        Self::Fmt,
        Self::Layers,
        Self::Schemas,
        Self::Clippy,
        Self::Test,
        Self::Doc,
        Self::Benches,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Layers => "layers",
            Self::Clippy => "clippy",
            Self::Schemas => "schemas",
            Self::Test => "test",
            Self::Doc => "doc",
            Self::Benches => "benches",
        }
    }

    fn run(self, root: &Path, keep_going: bool) -> Result<(), String> {
        match self {
            Self::Fmt => cargo(root, &["fmt", "--all", "--check"]),
            Self::Layers => report(&layers::check_workspace(root)?),
            Self::Schemas => report(&schemas::check_folder(&root.join("schemas"))?),
            Self::Clippy => cargo(
                root,
                &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
            ),
            Self::Test => test(root, keep_going),
            Self::Doc => {
                let mut doc = command(root, &["doc", "--workspace", "--no-deps"]);
                doc.env("RUSTDOCFLAGS", "-D warnings");
                finish(doc)
            }
            // In the profile of the tests: optimising what is not run would only cost minutes.
            Self::Benches => cargo(root, &["test", "--workspace", "--benches", "--no-run"]),
        }
    }
}

/// Runs `steps` and prints how each went. The answer is whether all went well.
pub(crate) fn run(root: &Path, steps: &[Step], keep_going: bool) -> bool {
    let mut done: Vec<(Step, Duration, Result<(), String>)> = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        println!("── {} ({} of {})", step.name(), place + 1, steps.len());
        let begun = Instant::now();
        let outcome = step.run(root, keep_going);
        if let Err(why) = &outcome {
            eprintln!("step `{}` failed: {why}", step.name());
        }
        let failed = outcome.is_err();
        done.push((*step, begun.elapsed(), outcome));
        if failed && !keep_going {
            break;
        }
    }

    if steps.len() > 1 {
        summarise(steps, &done);
    }
    done.iter().all(|(_, _, outcome)| outcome.is_ok())
}

fn summarise(steps: &[Step], done: &[(Step, Duration, Result<(), String>)]) {
    println!("──");
    for (step, took, outcome) in done {
        let word = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("{:<8} {:>7.1} s  {word}", step.name(), took.as_secs_f64());
    }
    for step in steps.iter().skip(done.len()) {
        println!("{:<8}            not run", step.name());
    }
    let failed: Vec<&str> = done
        .iter()
        .filter(|(_, _, outcome)| outcome.is_err())
        .map(|(step, _, _)| step.name())
        .collect();
    if !failed.is_empty() {
        eprintln!(
            "failed: {}; run one alone with `cargo xtask <step>`",
            failed.join(", ")
        );
    }
}

fn report(findings: &[String]) -> Result<(), String> {
    for finding in findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("1 finding".to_owned()),
        n => Err(format!("{n} findings")),
    }
}

fn command(root: &Path, args: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args(args).stdin(Stdio::null());
    println!("   cargo {}", args.join(" "));
    command
}

fn cargo(root: &Path, args: &[&str]) -> Result<(), String> {
    finish(command(root, args))
}

fn finish(mut command: Command) -> Result<(), String> {
    let status = command
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo ended with {status}"))
    }
}

/// Runs all tests, passes their output on and adds up their counts, which cargo gives for each test binary apart.
fn test(root: &Path, keep_going: bool) -> Result<(), String> {
    let mut args = vec!["test", "--workspace"];
    if keep_going {
        args.push("--no-fail-fast");
    }
    let mut child = command(root, &args)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    let mut total = Counts::default();
    if let Some(out) = child.stdout.take() {
        // A test may print bytes that are no text.
        for line in BufReader::new(out).split(b'\n') {
            let line = line.map_err(|error| format!("the tests' output cannot be read: {error}"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            if let Some(counts) = Counts::of_line(&line) {
                total.passed += counts.passed;
                total.failed += counts.failed;
                total.ignored += counts.ignored;
            }
        }
    }
    let status = child.wait().map_err(|error| format!("cargo was lost: {error}"))?;

    let Counts {
        passed,
        failed,
        ignored,
    } = total;
    println!("tests: {passed} passed, {failed} failed, {ignored} skipped");
    match (status.success(), passed) {
        (true, 0) => Err("no test was run".to_owned()),
        (true, _) => Ok(()),
        (false, _) => Err(format!("cargo ended with {status}")),
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    /// The counts of a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    fn of_line(line: &str) -> Option<Self> {
        let (_verdict, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut found = Self::default();
        for part in counts.split("; ") {
            match part.split_once(' ') {
                Some((n, "passed")) => found.passed = n.parse().ok()?,
                Some((n, "failed")) => found.failed = n.parse().ok()?,
                Some((n, "ignored")) => found.ignored = n.parse().ok()?,
                Some(_) | None => {}
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_a_result_line_are_read() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(
            Counts::of_line(line),
            Some(Counts {
                passed: 12,
                failed: 2,
                ignored: 1
            })
        );
        assert_eq!(Counts::of_line("test a_case_is_closed ... ok"), None);
    }

    #[test]
    fn every_step_goes_by_its_own_name() {
        for step in Step::ALL {
            assert_eq!(Step::named(step.name()), Some(step));
        }
        assert_eq!(Step::named("deploy"), None);
    }
}
