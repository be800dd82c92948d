//! What the tests of the tool share: the stories of the demo centre as logs, and the tool that looks into them.

#![allow(dead_code, reason = "each test binary uses its part")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::SystemTime;

use assert_cmd::Command;
use guichet::testkit::HandTurned;
use guichet::{Answer, Config, Guichet, Timekeeper};
use guichet_audit::source::Memory;
use guichet_catalogue::{calendars, embedded};
use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::{Calendar, CalendarFacts};
use guichet_core::id::{PersonId, Position, Version};
use guichet_core::reference::Catalogue;
use guichet_core::time::{Date, TimeSource};
use guichet_log::archive::ArchiveWriter;
use guichet_log::log::EventLog;
use guichet_log::memory::MemoryLog;
use guichet_log::note::PrivateKey;
use guichet_log::projection::Recorded;
use guichet_sled::{Options, SledLog};
use serde_json::Value;
use tempfile::TempDir;

/// A story of `replay-fixtures`, as it was lived.
pub(crate) fn lived(story: &str, log: Arc<dyn EventLog>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let clock = Arc::new(HandTurned::at("2010-01-04T08:00:00+08:00".parse().unwrap()));
        let config = Config::default()
            .time(Arc::clone(&clock) as Arc<dyn TimeSource>)
            .command_salt(2010);
        let engine = Guichet::start(log, config).await.unwrap();
        let director = Actor::new(PersonId::new("s40").unwrap(), Role::Director);
        let demo = embedded("harbin-2010").unwrap().catalogue;
        engine.publish_catalogue(&demo, &director).await.unwrap();
        let mut timekeeper = Timekeeper::new(engine.clone());
        for line in lines(story) {
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
                let command = serde_json::from_value(line["command"].clone()).unwrap();
                let answer = engine.handle(command).await.unwrap();
                let expected = line.get("rejected").is_some();
                assert_eq!(matches!(answer, Answer::Rejected(_)), expected, "{story}: {line}");
            }
        }
        engine.close().await.unwrap();
    });
}

fn lines(story: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../replay-fixtures")
        .join(story)
        .join("commands.jsonl");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
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

/// A story in memory.
pub(crate) fn in_memory(story: &str) -> Memory {
    let log = Arc::new(MemoryLog::default());
    lived(story, Arc::clone(&log) as Arc<dyn EventLog>);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut records = Vec::new();
    runtime.block_on(async {
        while Position(records.len() as u64) < log.head() {
            let page = log.read_all(Position(records.len() as u64), 1_000).await.unwrap();
            records.extend(
                page.into_iter()
                    .map(|record| Recorded::of_record(record).unwrap()),
            );
        }
    });
    Memory::new(records)
}

/// A story on disk: as a closed database, and as an archive.
pub(crate) struct Centre {
    pub(crate) dir: TempDir,
}

impl Centre {
    pub(crate) fn with(story: &str) -> Self {
        let centre = Self {
            dir: TempDir::new().unwrap(),
        };
        lived(
            story,
            Arc::new(SledLog::open(centre.data(), Options::default()).unwrap()),
        );
        let log = SledLog::open(centre.data(), Options::default()).unwrap();
        let key = PrivateKey::from_seed("guichet.example/log", &[7; 32]).unwrap();
        let mut archive = ArchiveWriter::open(centre.archive(), key.public()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            while archive.end() < log.head() {
                for block in log.read_blocks(archive.end(), 1 << 20).await.unwrap() {
                    archive.push_block(&block).unwrap();
                }
            }
            log.close().await.unwrap();
        });
        archive.seal(&key).unwrap();
        centre
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.dir.path().join("archive")
    }

    /// Calls the tool on the archive.
    pub(crate) fn call(&self, arguments: &[&str]) -> Output {
        audit(arguments)
            .arg("--archive")
            .arg(self.archive())
            .output()
            .unwrap()
    }

    /// What a call says in English, in Chinese, and in JSON.
    pub(crate) fn in_all_forms(&self, arguments: &[&str]) -> String {
        let mut text = String::new();
        for form in [["--lang", "en"].as_slice(), &["--lang", "zh"], &["--json"]] {
            let arguments = [arguments, form].concat();
            let told = told(&self.call(&arguments), self.dir.path());
            writeln!(text, "$ guichet-audit {}\n{told}", arguments.join(" ")).unwrap();
        }
        text
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.call(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// The tool, in an environment that says nothing.
pub(crate) fn audit(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("guichet-audit"));
    for name in [
        "LC_ALL",
        "LC_MESSAGES",
        "LC_CTYPE",
        "LANG",
        "GUICHET_ARCHIVE",
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
pub(crate) fn told(output: &Output, dir: &Path) -> String {
    let clean = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.replace(&dir.display().to_string(), "DIR")
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

/// Checks that a document is what a schema says.
pub(crate) fn assert_fits(schema: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas")
        .join(schema);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
}

/// Every file of a folder, with when it was written to last, and what it holds.
pub(crate) fn stamps(dir: &Path) -> Vec<(PathBuf, SystemTime, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(stamps(&path));
        } else {
            let written = fs::metadata(&path).unwrap().modified().unwrap();
            found.push((path.clone(), written, fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}
