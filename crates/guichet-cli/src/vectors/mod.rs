//! `guichet vectors`: questions that others have answered, asked of this build.
//!
//! Every answer comes from the public functions that cases use: the calendar, the clock and the opening hours of
//! `guichet-core`, the calendars that ship, the tree of the log, the figures of `guichet-stats`.

mod file;
mod merkle;
mod proofs;
mod report;
mod satisfaction;
mod service_hours;
mod workdays;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use guichet::catalogue::calendars;
use guichet::core::calendar::{Calendar, CalendarError};
use guichet::core::hours::OpeningHours;
use guichet::core::policy::{EdgeDay, Policy, Roll};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use self::report::{Report, named, text};
use crate::context::{Context, Exit, Failure};

/// What `guichet vectors` takes.
#[derive(Clone, Debug, Args)]
pub struct VectorsArgs {
    #[command(subcommand)]
    command: VectorsCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum VectorsCommand {
    /// Run files of test vectors against this build; the exit code is 1 where an answer differs
    #[command(after_help = "\
Files are JSON, packed with gzip or not. A file holds a list `vectors`, each with its `kind` and the answer expected of it, \
or the `known_roots` and `trees` of Merkle trees; docs/cli.md lists the kinds. What is no vector, and what is of a kind that \
this build does not know, is told and hides nothing else.

Example: guichet vectors run replay-fixtures/vectors/*.gz")]
    Run(RunArgs),
}

#[derive(Clone, Debug, Args)]
struct RunArgs {
    /// Files of test vectors
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Runs vectors.
///
/// # Errors
///
/// [`Failure`] when a file cannot be read, once the others have been run.
pub fn run(args: &VectorsArgs, context: Context) -> Result<Exit, Failure> {
    match &args.command {
        VectorsCommand::Run(args) => run_files(args, context),
    }
}

fn run_files(args: &RunArgs, context: Context) -> Result<Exit, Failure> {
    let mut books = Books::new();
    let mut report = Report::default();
    let mut failures = Vec::new();
    for path in &args.files {
        match file::read(path) {
            Ok(file) => report.add(path.display().to_string(), file, &mut books),
            Err(failure) => failures.push(failure),
        }
    }
    if !report.files.is_empty() {
        context.answer(&report, || text(&report, context))?;
    }
    let last = failures.pop();
    for failure in &failures {
        failure.print(context);
    }
    match last {
        Some(failure) => Err(failure),
        None => Ok(Exit::with_findings(!report.all_agreed())),
    }
}

/// What vectors are asked of: calendars by name, and the laws that the kinds are defined by.
struct Books {
    calendars: BTreeMap<String, Calendar>,
    /// The day on which a pause begins is left out, the day on which it ends counts.
    law: Policy,
    /// The same, where a term stays on the day off on which it ends.
    unrolled: Policy,
}

impl Books {
    fn new() -> Self {
        let law = Policy {
            suspended_day: EdgeDay::LeftOut,
            resumed_day: EdgeDay::Counted,
            ..Policy::default()
        };
        let unrolled = Policy {
            roll: Roll::Stay,
            ..law.clone()
        };
        Self {
            calendars: BTreeMap::new(),
            law,
            unrolled,
        }
    }

    /// Makes the shipped calendar of this name ready.
    fn open(&mut self, name: &str) -> Result<(), String> {
        if self.calendars.contains_key(name) {
            return Ok(());
        }
        let shipped = calendars::shipped(name).ok_or_else(|| {
            let known: Vec<_> = calendars::SHIPPED.iter().map(|shipped| shipped.id()).collect();
            format!(
                "no calendar {} ships; there are {}",
                named(name),
                known.join(", ")
            )
        })?;
        let calendar = shipped.calendar().map_err(|error| error.to_string())?;
        self.calendars.insert(name.to_owned(), calendar);
        Ok(())
    }

    /// A calendar that was made ready.
    fn opened(&self, name: &str) -> Result<&Calendar, String> {
        self.calendars
            .get(name)
            .ok_or_else(|| format!("calendar {name} was not opened"))
    }
}

/// What this build makes of a question: the fields in which a vector holds the answer, with the answers.
struct Asked {
    fields: Vec<&'static str>,
    got: Result<Vec<Value>, CalendarError>,
}

impl Asked {
    /// An answer in one field.
    fn one(field: &'static str, got: Result<Value, CalendarError>) -> Self {
        Self {
            fields: vec![field],
            got: got.map(|got| vec![got]),
        }
    }
}

/// What a calendar answers that is asked for a day it does not know.
const OUT_OF_RANGE: &str = "out_of_range";

/// How one vector came out.
enum Verdict {
    Agreed,
    Differs {
        expected: Value,
        got: Value,
        because: Option<String>,
    },
    /// It is no vector of its kind.
    Broken(String),
    /// This build knows no such kind.
    UnknownKind,
}

/// Compares what is expected with what came out.
fn compare(vector: &Value, asked: &Asked) -> Verdict {
    let mut expected = Map::new();
    for field in &asked.fields {
        match vector.get(*field) {
            Some(value) => expected.insert((*field).to_owned(), value.clone()),
            None => return Verdict::Broken(format!("missing field `{field}`, the answer expected")),
        };
    }
    let (got, because) = match &asked.got {
        Ok(got) => {
            let fields = asked.fields.iter().map(|field| (*field).to_owned());
            (fields.zip(got.iter().cloned()).collect(), None)
        }
        Err(error) => {
            let fields = asked.fields.iter().map(|field| (*field).to_owned());
            let out: Map<_, _> = fields.map(|field| (field, OUT_OF_RANGE.into())).collect();
            (out, Some(error.to_string()))
        }
    };
    if got == expected {
        return Verdict::Agreed;
    }
    Verdict::Differs {
        expected: alone(expected),
        got: alone(got),
        because,
    }
}

/// The only field's value, or all fields.
fn alone(fields: Map<String, Value>) -> Value {
    if fields.len() == 1
        && let Some((_, only)) = fields.iter().next()
    {
        return only.clone();
    }
    Value::Object(fields)
}

/// What a vector says, as the fields of its kind.
fn fields<T: DeserializeOwned>(vector: &Value) -> Result<T, String> {
    T::deserialize(vector).map_err(|error| error.to_string())
}

/// Every kind that this build can answer.
const KINDS: &[&str] = &[
    "between",
    proofs::CONSISTENCY,
    "day_of_receipt",
    "due",
    "elapsed",
    proofs::INCLUSION,
    merkle::KNOWN_ROOT,
    "open_time",
    OUT_OF_RANGE,
    "roll",
    satisfaction::SATISFACTION,
    "suspended_due",
    merkle::TREE_ROOT,
];

/// Asks one vector of a list.
fn ask(kind: &str, vector: &Value, terms: &Terms, books: &mut Books) -> Verdict {
    let asked = match kind {
        proofs::CONSISTENCY | proofs::INCLUSION => return proofs::run(kind, vector),
        satisfaction::SATISFACTION => return satisfaction::run(vector, terms.tolerance.as_ref()),
        "due" | OUT_OF_RANGE => workdays::due(vector, books),
        "between" => workdays::between(vector, books),
        "roll" => workdays::roll(vector, books),
        "suspended_due" => workdays::suspended_due(vector, books),
        "elapsed" => workdays::elapsed(vector, books),
        "open_time" => service_hours::open_time(vector, &terms.schedules, books),
        "day_of_receipt" => service_hours::day_of_receipt(vector, books),
        _ => return Verdict::UnknownKind,
    };
    match asked {
        Ok(asked) => compare(vector, &asked),
        Err(reason) => Verdict::Broken(reason),
    }
}

/// What a file says once for all its vectors.
struct Terms {
    schedules: Schedules,
    /// How far a number may be from the one expected.
    tolerance: Option<Value>,
}

/// The opening hours that a file names, or what is wrong with them.
type Schedules = BTreeMap<String, Result<OpeningHours, String>>;
