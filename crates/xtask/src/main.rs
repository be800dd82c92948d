//! What maintainers run: `cargo xtask ci`, and each of its steps alone.

mod ci;
mod layers;
mod schemas;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
What maintainers of Guichet run.

Usage: cargo xtask <task> [--keep-going]

Tasks:
  ci        everything below in this order, as the build server runs it
  fmt       the code is formatted
  layers    every crate uses only what its layer may use
  schemas   every schema is sound, and so are its examples
  clippy    no lint speaks, in any target
  test      all tests and doc tests
  doc       the documentation builds without a warning
  benches   the benches compile

Options:
  --keep-going   run the steps after a failed one too
";

fn main() -> ExitCode {
    let mut task = None;
    let mut keep_going = false;
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--keep-going" => keep_going = true,
            "-h" | "--help" | "help" => {
                print!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            _ if task.is_none() && !arg.starts_with('-') => task = Some(arg),
            _ => return usage(&format!("`{arg}` is not expected here")),
        }
    }
    let steps: Vec<ci::Step> = match task.as_deref() {
        None => return usage("no task is named"),
        Some("ci") => ci::Step::ALL.to_vec(),
        Some(name) => match ci::Step::named(name) {
            Some(step) => vec![step],
            None => return usage(&format!("there is no task `{name}`")),
        },
    };
    if ci::run(&root(), &steps, keep_going) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("xtask: {problem}\n\n{USAGE}");
    ExitCode::from(2)
}

/// The top of the workspace, two folders above this crate.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}
