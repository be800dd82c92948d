//! What the benches share: one case of the demo centre, decided once, that can be recorded under any number.

pub mod clients;

use std::collections::BTreeSet;
use std::error::Error;
use std::num::ParseIntError;
use std::str::FromStr;

use guichet::catalogue;
use guichet_core::actor::{Actor, Role};
use guichet_core::case::event::{Opinion, Verdict};
use guichet_core::case::{CaseCommand, CaseEvent, CaseState, Command, decide, evolve};
use guichet_core::id::{CaseId, CommandId, PersonId, StreamId};
use guichet_core::reference::{Directory, publish};
use guichet_core::time::{Offset, Timestamp, date};
use guichet_log::codec;
use guichet_log::log::{Append, Expected};
use guichet_log::record::{Cause, Draft};

/// An error of any origin: a bench ends with it.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What follows the `--` of `cargo bench`: options, most with a value.
#[derive(Clone, Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// Those of this process.
    #[must_use]
    pub fn read() -> Self {
        Self(std::env::args().skip(1).collect())
    }

    /// Whether to measure at all: cargo says so when it runs benches, and under `cargo test` it does not.
    #[must_use]
    pub fn measures(&self) -> bool {
        self.0.iter().any(|argument| argument == "--bench")
    }

    /// The value of an option, where it was given.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|argument| argument == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    /// The number that an option was given, and this one where it was not.
    ///
    /// # Errors
    ///
    /// When the value is no such number.
    pub fn number<N>(&self, name: &str, otherwise: N) -> Result<N, Failure>
    where
        N: FromStr<Err = ParseIntError>,
    {
        self.value(name).map_or(Ok(otherwise), |value| {
            value
                .parse()
                .map_err(|error| format!("{name} {value}: {error}").into())
        })
    }
}

/// A food service licence from the counter to the archive, as drafts.
///
/// # Errors
///
/// When the demo catalogue does not let the case run to its end.
pub fn licence() -> Result<Vec<Draft>, Failure> {
    let director = Actor::new(PersonId::new("director")?, Role::Director);
    let loaded = catalogue::embedded("harbin-2010").map_err(|error| error.to_string())?;
    let mut directory = Directory::default();
    for event in publish(&Directory::default(), &loaded.catalogue, &director)? {
        directory.apply(&event);
    }
    let procedure = directory
        .newest(&"food-service".parse()?)
        .ok_or("no food-service procedure")?;
    let materials: BTreeSet<_> = procedure
        .materials
        .iter()
        .map(|material| material.id.clone())
        .collect();
    let mut run = Run {
        directory: &directory,
        state: CaseState::Absent,
        drafts: Vec::new(),
        asked: 0,
    };
    run.ask(CaseCommand::Submit {
        procedure: procedure.id.clone(),
        applicant: "p-0017".parse()?,
        channel: None,
        facts: [
            ("trade".to_owned(), "food".into()),
            ("area".to_owned(), 120.into()),
        ]
        .into(),
        materials,
        resubmits: None,
    })?;
    run.ask(CaseCommand::Accept { gaps_due_on: None })?;
    while let Some(step) = run.open_step() {
        let reasons = Some("meets the conditions of the procedure".to_owned());
        if run
            .ask(CaseCommand::GiveOpinion {
                step,
                opinion: Opinion::Agree,
                reasons,
            })
            .is_err()
        {
            break;
        }
    }
    run.ask(CaseCommand::Decide {
        verdict: Verdict::Granted,
        reasons: None,
    })?;
    run.ask(CaseCommand::IssueCertificate {
        certificate: "licence-0017".parse()?,
    })?;
    run.ask(CaseCommand::Deliver {
        method: "at the window".to_owned(),
    })?;
    run.ask(CaseCommand::Complete {})?;
    Ok(run.drafts)
}

struct Run<'a> {
    directory: &'a Directory,
    state: CaseState,
    drafts: Vec<Draft>,
    asked: u64,
}

impl Run<'_> {
    fn open_step(&self) -> Option<guichet_core::id::StepId> {
        self.state.case()?.progress.open.first().cloned()
    }

    fn ask(&mut self, ask: CaseCommand) -> Result<(), Failure> {
        let importer = Actor::new(PersonId::new("s07")?, Role::Importer);
        self.asked += 1;
        let id = CommandId::new(&format!("c{}", self.asked))?;
        let command = Command::new(id.clone(), CaseId::new("c")?, importer.clone(), ask);
        let day = i8::try_from(self.asked)?;
        let now = date(2010, 3, day).at(10, 0, Offset::hours(8));
        for event in decide(self.directory, &self.state, &command, now)?.into_events() {
            self.drafts.push(draft_of(&event, &importer, &id, now)?);
            self.state = evolve(std::mem::take(&mut self.state), &event);
        }
        Ok(())
    }
}

fn draft_of(event: &CaseEvent, actor: &Actor, command: &CommandId, at: Timestamp) -> Result<Draft, Failure> {
    let encoded = codec::encode(event)?;
    Ok(Draft {
        kind: encoded.kind,
        version: encoded.version,
        codec: encoded.codec,
        occurred_at: at,
        actor: actor.clone(),
        authority: None,
        cause: Cause::Asked,
        command: command.clone(),
        command_digest: [7; 8],
        payload: encoded.payload,
    })
}

/// The case under a number of its own.
///
/// # Errors
///
/// Never for a number.
pub fn numbered(case: &[Draft], number: u64) -> Result<Append, Failure> {
    let drafts = case.iter().map(|draft| {
        let command = CommandId::new(&format!("{}-{number:x}", draft.command))?;
        Ok::<_, Failure>(Draft {
            command,
            ..draft.clone()
        })
    });
    let drafts = drafts.collect::<Result<_, _>>()?;
    Ok(Append {
        stream: StreamId::of_case(&CaseId::new(&format!("2010-{number:08}"))?),
        expected: Expected::Absent,
        drafts,
    })
}

/// How much memory this process has resident, in MB, and the most it had; nothing where the system does not say.
#[must_use]
pub fn resident_mb() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}
