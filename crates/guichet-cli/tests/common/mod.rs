//! What the tests of the whole tool share: running it, and a small history to run it on.

#![allow(dead_code, reason = "each test binary uses its part")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The tool, in an environment that says nothing.
pub(crate) fn guichet(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("guichet"));
    for name in [
        "LC_ALL",
        "LC_MESSAGES",
        "LC_CTYPE",
        "LANG",
        "GUICHET_DATA",
        "CLICOLOR_FORCE",
        "COLUMNS",
    ] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1").args(arguments);
    command
}

/// Everything that a call says, with its exit code, and without what differs from run to run.
pub(crate) fn told(output: &Output, data: &Path) -> String {
    let clean = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .replace(&data.display().to_string(), "DATA")
    };
    let (out, err) = (clean(&output.stdout), clean(&output.stderr));
    let mut text = format!("exit {}\n", output.status.code().unwrap_or(-1));
    if !out.is_empty() {
        text.push_str("--- out\n");
        text.push_str(&out);
    }
    if !err.is_empty() {
        text.push_str("--- err\n");
        text.push_str(&err);
    }
    text
}

/// A centre of its own.
pub(crate) struct Centre {
    pub(crate) dir: TempDir,
}

/// A morning in March, by the wall clock of the centre.
pub(crate) const MONDAY: &str = "2010-03-01T09:00:00+08:00";
pub(crate) const TUESDAY: &str = "2010-03-02T09:00:00+08:00";
pub(crate) const TENTH: &str = "2010-03-10T15:30:00+08:00";

impl Centre {
    /// A centre that has published its catalogue and nothing more.
    pub(crate) fn open() -> Self {
        let centre = Self {
            dir: TempDir::new().unwrap(),
        };
        let published = centre.call(&[
            "catalogue",
            "publish",
            "harbin-2010",
            "--by",
            "s40",
            "--now",
            "2010-03-01T08:00:00+08:00",
        ]);
        assert_eq!(published.status.code(), Some(0), "{published:?}");
        centre
    }

    /// A centre with three cases: one decided, one that lacks material, one under review.
    pub(crate) fn with_cases() -> Self {
        let centre = Self::open();
        let all = [
            "application-form",
            "business-licence",
            "floor-plan",
            "safety-rules",
            "health-certificates",
        ];
        let submit = |applicant, materials: &[&str], facts| json!({"submit": {"procedure": "food-service", "applicant": applicant, "materials": materials, "facts": facts}});
        let agree = |step| json!({"give_opinion": {"step": step, "opinion": "agree"}});
        centre.run(
            MONDAY,
            &[
                command(
                    "c-01",
                    "2010-1",
                    "clerk",
                    &submit("a-7", &all, json!({"area": 80, "trade": "餐饮"})),
                ),
                command(
                    "c-02",
                    "2010-2",
                    "clerk",
                    &submit("a-8", &["application-form"], json!({})),
                ),
                command("c-03", "2010-3", "clerk", &submit("a-9", &all, json!({}))),
                command("c-04", "2010-2", "clerk", &json!({"accept": {}})),
                command("c-05", "2010-1", "clerk", &json!({"accept": {}})),
            ],
        );
        centre.run(TUESDAY, &[
            command("c-06", "2010-1", "clerk", &agree("intake")),
            command(
                "c-07",
                "2010-2",
                "clerk",
                &json!({"request_correction": {"items": [{"material": "floor-plan", "defect": "is missing"}]}}),
            ),
            command("c-08", "2010-3", "clerk", &json!({"accept": {}})),
        ]);
        centre.run(
            TENTH,
            &[
                command(
                    "c-09",
                    "2010-1",
                    "handler",
                    &json!({"claim": {"step": "examine"}}),
                ),
                command("c-10", "2010-1", "handler", &agree("examine")),
                command(
                    "c-11",
                    "2010-1",
                    "clerk",
                    &json!({"notify_fees": {"fees": [{"fee": "lab-test", "amount_fen": 60_000}]}}),
                ),
                command("c-12", "2010-1", "reviewer", &agree("review")),
                command(
                    "c-13",
                    "2010-1",
                    "approver",
                    &json!({"decide": {"verdict": "granted"}}),
                ),
            ],
        );
        centre
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Calls the tool on this centre.
    pub(crate) fn call(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = guichet(arguments);
        command.arg("--data").arg(self.path());
        command
    }

    /// What a call says.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        told(&self.call(arguments), self.path())
    }

    /// What several calls say, one after the other, each below its command line.
    pub(crate) fn says_all(&self, calls: &[&[&str]]) -> String {
        let mut text = String::new();
        for arguments in calls {
            writeln!(
                text,
                "$ guichet {}\n{}",
                arguments.join(" "),
                self.says(arguments)
            )
            .unwrap();
        }
        text
    }

    /// Sends lines through `guichet run`, and answers with what it says to each.
    pub(crate) fn run(&self, now: &str, lines: &[String]) -> Vec<Value> {
        let mut input = lines.join("\n");
        input.push('\n');
        let output = self
            .command(&["run", "--now", now])
            .write_stdin(input)
            .output()
            .unwrap();
        let answers = String::from_utf8(output.stdout).unwrap();
        answers
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// A command of the people who handle food in the demo.
pub(crate) fn command(id: &str, case: &str, role: &str, ask: &Value) -> String {
    let actor = match role {
        "clerk" => json!({"person": "s09", "role": role, "window": "w05"}),
        "handler" => json!({"person": "s09", "role": role, "department": "food-drug"}),
        _ => json!({"person": "s10", "role": role, "department": "food-drug"}),
    };
    json!({"id": id, "case": case, "actor": actor, "command": ask}).to_string()
}

/// Checks that a document is what a schema says.
pub(crate) fn assert_fits(schema: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas")
        .join(schema);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
}

/// What a call answers, as JSON.
pub(crate) fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}
