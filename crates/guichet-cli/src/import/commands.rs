//! What cases and events of a source become: commands, with ids that are the same whenever the source is imported.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::actor::Actor;
use guichet_core::case::decide::{ENTRIES_MAX, TEXT_BYTES_MAX};
use guichet_core::case::event::{Channel, ClockKind, CorrectionItem, Verdict};
use guichet_core::case::{CaseCommand, Command};
use guichet_core::condition::{Fact, Facts};
use guichet_core::id::{CaseId, CommandId, ID_BYTES_MAX, IdError, MaterialId, PersonId, ProcedureId};
use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::Zone;
use sha2::{Digest, Sha256};

use super::mapping::{Becomes, CaseFact, DeadlineBecomes, Decided, EndedBecomes, Mapping};
use super::source::{SourceCase, SourceEvent, Value};
use super::times::Times;

/// The most attributes of a step or facts of a case, below the bound of a command to leave room for those of the import.
const ATTRIBUTES_TAKEN_MAX: usize = ENTRIES_MAX - 20;

/// The names under which a recorded step keeps what the source says of an event: those of the XES standard, whatever the
/// form of the file was.
pub mod names {
    /// The activity, where blanks around it would be lost.
    pub const ACTIVITY: &str = "concept:name";
    /// The instant as the source wrote it, with its distance from UTC.
    pub const TIME: &str = "time:timestamp";
    /// The person.
    pub const PERSON: &str = "org:resource";
    /// The group, where it does not fit the field.
    pub const GROUP: &str = "org:group";
    /// The role.
    pub const ROLE: &str = "org:role";
    /// The place in the activity's own life.
    pub const LIFECYCLE: &str = "lifecycle:transition";
    /// The id of the task or step.
    pub const TASK: &str = "concept:instance";
    /// The types of the other attributes that were no texts, as JSON from name to type, so that an export has them again.
    pub const TYPES: &str = guichet_audit::show::SOURCE_TYPES;
}

/// An attribute that was not taken whole, by its name, and why.
pub(super) type Cut = (String, String);

/// Makes commands.
pub(super) struct Commands<'m> {
    mapping: &'m Mapping,
    actor: Actor,
    procedure: ProcedureId,
    /// Where the centre's clock stands.
    zone: Zone,
    unknown_applicant: PersonId,
    unnamed_material: MaterialId,
}

/// A command with its weight in the batch.
pub(super) struct Weighed {
    pub(super) command: Command,
    pub(super) bytes: usize,
    pub(super) cut: Vec<Cut>,
}

/// What follows a recorded step.
pub(super) enum Follows {
    /// Nothing: the step is all.
    Nothing,
    /// The command that the event becomes, behind those that have to come before it where the rules let them.
    Commands(Vec<Command>),
    /// The mapping wants a command for which a recorded procedure has no place.
    NoPlace,
}

impl<'m> Commands<'m> {
    pub(super) fn new(
        mapping: &'m Mapping,
        actor: Actor,
        procedure: ProcedureId,
        zone: Zone,
    ) -> Result<Self, IdError> {
        Ok(Self {
            mapping,
            actor,
            procedure,
            zone,
            unknown_applicant: PersonId::new("unknown")?,
            unnamed_material: MaterialId::new("unnamed")?,
        })
    }

    /// The case's id in Guichet.
    pub(super) fn case_id(&self, source: &str) -> Result<CaseId, IdError> {
        match &self.mapping.case_prefix {
            Some(prefix) => CaseId::new(&format!("{prefix}{source}")),
            None => CaseId::new(source),
        }
    }

    /// A command's id: the log, the case, and what of the case.
    pub(super) fn command_id(&self, case: &CaseId, part: &str) -> Result<CommandId, IdError> {
        let log = self.mapping.log.as_str();
        let plain = format!("{log}/{case}/{part}");
        if plain.len() <= ID_BYTES_MAX {
            return CommandId::new(&plain);
        }
        let hash = Sha256::digest(case.as_str().as_bytes());
        let short = hash
            .iter()
            .take(16)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        CommandId::new(&format!("{log}/~{short}/{part}"))
    }

    pub(super) fn opening_id(&self, case: &CaseId) -> Result<CommandId, IdError> {
        self.command_id(case, "open")
    }

    fn command(
        &self,
        case: &CaseId,
        part: &str,
        at: Timestamp,
        ask: CaseCommand,
    ) -> Result<Command, IdError> {
        let mut command = Command::new(
            self.command_id(case, part)?,
            case.clone(),
            self.actor.clone(),
            ask,
        );
        command.occurred_at = Some(at);
        Ok(command)
    }

    /// The date that the source's clock showed, told as the business date where the centre's clock shows another one.
    fn dated(&self, mut command: Command, day: Option<Date>) -> Command {
        let today = command.occurred_at.map(|at| self.zone.date(at));
        command.effective_on = day.filter(|day| today.is_some_and(|today| *day < today));
        command
    }

    /// The date that the source's clock showed.
    pub(super) fn day_of(&self, at: Timestamp, text: &str) -> Date {
        let by_zone = self.mapping.time_zone.as_ref().and_then(|zone| zone.date_of(at));
        let written = || text.get(..10).and_then(|day| day.parse().ok());
        let today = self.zone.date(at);
        // A date that stands more than a day from the instant is no date of this instant, but another way of writing.
        let is_near = |day: &Date| (today.days() - day.days()).abs() <= 1;
        by_zone
            .or_else(written)
            .filter(is_near)
            .map_or(today, |day| day.min(today))
    }

    /// When the case was submitted: when the source says so, or with its first event where that is earlier or the source
    /// says nothing.
    pub(super) fn opened_at(
        &self,
        case: &SourceCase,
        first: Option<&SourceEvent>,
    ) -> Option<(Timestamp, Date)> {
        let submitted = case.facts.get(&CaseFact::Submitted).and_then(instant);
        let first = first.map(|event| (event.at, event.at_text.as_str()));
        let (at, text) = match (submitted, first) {
            (Some(submitted), Some(first)) if first.0 < submitted.0 => first,
            (Some(submitted), _) => submitted,
            (None, first) => first?,
        };
        Some((at, self.day_of(at, text)))
    }

    /// The opening of a case.
    pub(super) fn open(
        &self,
        id: &CaseId,
        case: &SourceCase,
        opened: (Timestamp, Date),
    ) -> Result<Weighed, IdError> {
        let (facts, bytes, cut) = facts_of(case);
        let text = |fact| case.facts.get(&fact).map(Value::to_string);
        let applicant = text(CaseFact::Applicant).and_then(|id| PersonId::new(&id).ok());
        let ask = CaseCommand::Submit {
            procedure: self.procedure.clone(),
            applicant: applicant.unwrap_or_else(|| self.unknown_applicant.clone()),
            channel: text(CaseFact::Channel).as_deref().and_then(channel_of),
            facts,
            materials: BTreeSet::new(),
            resubmits: None,
        };
        let command = self.dated(self.command(id, "open", opened.0, ask)?, Some(opened.1));
        Ok(Weighed { command, bytes, cut })
    }

    /// The announcement of the deadline, where the mapping says that it was announced.
    pub(super) fn deadline(
        &self,
        id: &CaseId,
        case: &SourceCase,
        opened: Timestamp,
    ) -> Result<Option<Command>, IdError> {
        let clock = match self.mapping.facts_become.deadline {
            Some(DeadlineBecomes::Statutory) => ClockKind::Statutory,
            Some(DeadlineBecomes::Promised) => ClockKind::Promised,
            None => return Ok(None),
        };
        let Some((at, text)) = case.facts.get(&CaseFact::Deadline).and_then(instant) else {
            return Ok(None);
        };
        let due_on = self.day_of(at, text);
        let ask = CaseCommand::AnnounceDueDate {
            clock,
            due_on,
            notice: None,
        };
        self.command(id, "deadline", opened, ask).map(Some)
    }

    /// The completion of a case that ended, from the fact as the log has it, where the mapping says so.
    pub(super) fn ended(&self, id: &CaseId, ended: &str) -> Result<Option<Command>, IdError> {
        match self.mapping.facts_become.ended {
            Some(EndedBecomes::Complete) => {}
            None => return Ok(None),
        }
        let format = self.mapping.csv.as_ref().and_then(|csv| csv.time_format.clone());
        let at = Times::new(self.mapping, None).read(ended);
        let at = at.or_else(|refused| match format {
            Some(format) => Times::new(self.mapping, Some(format)).read(ended),
            None => Err(refused),
        });
        let Ok(at) = at else { return Ok(None) };
        let day = self.day_of(at, ended);
        self.command(id, "ended", at, CaseCommand::Complete {})
            .map(|command| Some(self.dated(command, Some(day))))
    }

    /// The recorded step of an event: everything that the source says of it.
    pub(super) fn step(&self, id: &CaseId, number: u64, event: &SourceEvent) -> Result<Weighed, IdError> {
        let mut texts = Texts::default();
        let by = event
            .person
            .as_deref()
            .and_then(|person| PersonId::new(person).ok());
        let group = event.group.clone().filter(|group| group.len() <= TEXT_BYTES_MAX);
        texts.put(names::TIME, &event.at_text);
        if event.activity.trim() != event.activity {
            texts.put(names::ACTIVITY, &event.activity);
        }
        let unplaced_person = event.person.as_ref().filter(|_| by.is_none());
        let unplaced_group = event.group.as_ref().filter(|_| group.is_none());
        for (name, text) in [
            (names::PERSON, unplaced_person),
            (names::GROUP, unplaced_group),
            (names::ROLE, event.role.as_ref()),
            (names::LIFECYCLE, event.lifecycle.as_ref()),
            (names::TASK, event.task.as_ref()),
        ] {
            if let Some(text) = text {
                texts.put(name, text);
            }
        }
        for (name, value) in &event.attributes {
            if let Some(name) = texts.put(name, &value.to_string()) {
                texts.note(name, value);
            }
        }
        texts.put_types();
        let bytes = texts.bytes + event.activity.len() + group.as_ref().map_or(0, String::len);
        let ask = CaseCommand::RecordStep {
            activity: event.activity.clone(),
            by,
            group,
            attributes: texts.taken,
        };
        let command = self.command(id, &number.to_string(), event.at, ask)?;
        Ok(Weighed {
            command,
            bytes,
            cut: texts.cut,
        })
    }

    /// What follows the step. `waiting_since` is the day from which the case waits for acceptance, where that is known.
    pub(super) fn follows(
        &self,
        id: &CaseId,
        number: u64,
        event: &SourceEvent,
        becomes: Becomes,
        waiting_since: Option<Date>,
    ) -> Result<Follows, IdError> {
        let words = || event.activity.clone();
        let mut all = Vec::new();
        let ask = match becomes {
            Becomes::Submit | Becomes::Step => return Ok(Follows::Nothing),
            Becomes::Transfer | Becomes::SendBack => return Ok(Follows::NoPlace),
            Becomes::Accept => CaseCommand::Accept { gaps_due_on: None },
            Becomes::Decide { outcome } => {
                // Only accepted cases are decided, and many logs do not say when a case was accepted. Its time counts from
                // the day on which it was all there then, as where an authority says nothing.
                let accept = CaseCommand::Accept { gaps_due_on: None };
                let accept = self.command(id, &format!("{number}/accept"), event.at, accept)?;
                all.push(self.dated(accept, waiting_since));
                match outcome {
                    Decided::Granted => CaseCommand::Decide {
                        verdict: Verdict::Granted,
                        reasons: None,
                    },
                    Decided::Refused => CaseCommand::Decide {
                        verdict: Verdict::Refused,
                        reasons: Some(words()),
                    },
                }
            }
            Becomes::Complete => CaseCommand::Complete {},
            Becomes::Withdraw => CaseCommand::Withdraw { reason: words() },
            Becomes::Deliver => CaseCommand::Deliver { method: words() },
            Becomes::RequestCorrection => {
                let item = CorrectionItem {
                    material: self.unnamed_material.clone(),
                    defect: words(),
                };
                CaseCommand::RequestCorrection { items: vec![item] }
            }
            Becomes::SubmitCorrection => CaseCommand::SubmitCorrection {
                materials: BTreeSet::new(),
                complete: true,
            },
        };
        let day = self.day_of(event.at, &event.at_text);
        let command = self.command(id, &format!("{number}/{}", ask.name()), event.at, ask)?;
        all.push(self.dated(command, Some(day)));
        Ok(Follows::Commands(all))
    }
}

/// The number of the event in its case, from the id of the command that recorded its step.
pub(super) fn number_of(command: &CommandId) -> Option<u64> {
    command.as_str().rsplit_once('/')?.1.parse().ok()
}

/// What the source says of a case, as facts; their weight; and what was cut.
pub(super) fn facts_of(case: &SourceCase) -> (Facts, usize, Vec<Cut>) {
    let mut texts = Texts::default();
    let mut facts = Facts::new();
    let known = case.facts.iter().map(|(fact, value)| (fact.as_str(), value));
    let others = case.attributes.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in known.chain(others) {
        if let Some(name) = texts.put(name, &value.to_string()) {
            let fact = match value {
                Value::Integer(number) => Fact::Number(*number),
                Value::Boolean(flag) => Fact::Flag(*flag),
                Value::Text(_) | Value::Float(_) | Value::Instant { .. } => {
                    texts.note(name.clone(), value);
                    Fact::Text(texts.taken.get(&name).cloned().unwrap_or_default())
                }
            };
            facts.insert(name, fact);
        }
    }
    if texts.put_types()
        && let Some(types) = texts.taken.get(names::TYPES)
    {
        facts.insert(names::TYPES.to_owned(), Fact::Text(types.clone()));
    }
    (facts, texts.bytes, texts.cut)
}

/// Names and texts, inside the bounds of a command.
#[derive(Default)]
struct Texts {
    taken: BTreeMap<String, String>,
    bytes: usize,
    cut: Vec<Cut>,
    types: BTreeMap<String, &'static str>,
}

impl Texts {
    /// Remembers of which type a value was that was taken under `name`.
    fn note(&mut self, name: String, value: &Value) {
        let kind = match value {
            Value::Text(_) => return,
            Value::Integer(_) => "int",
            Value::Float(_) => "float",
            Value::Boolean(_) => "boolean",
            Value::Instant { .. } => "date",
        };
        self.types.insert(name, kind);
    }

    /// Puts down the types, where there are any and all of them fit, and says whether it did.
    fn put_types(&mut self) -> bool {
        let types = serde_json::to_string(&self.types).unwrap_or_default();
        let fits = types.len() <= TEXT_BYTES_MAX && self.taken.len() < ATTRIBUTES_TAKEN_MAX;
        if self.types.is_empty() || !fits || self.taken.contains_key(names::TYPES) {
            return false;
        }
        self.put(names::TYPES, &types).is_some()
    }

    /// Takes a text, under a second name where the first is there already, and says under which.
    fn put(&mut self, name: &str, text: &str) -> Option<String> {
        if name.len() + 16 > TEXT_BYTES_MAX {
            let why = format!(
                "its name has {} bytes; at most {TEXT_BYTES_MAX} are taken",
                name.len()
            );
            self.cut.push((name.to_owned(), why));
            return None;
        }
        if self.taken.len() >= ATTRIBUTES_TAKEN_MAX {
            self.cut.push((
                name.to_owned(),
                format!("at most {ATTRIBUTES_TAKEN_MAX} attributes are taken"),
            ));
            return None;
        }
        let mut name = name.to_owned();
        while self.taken.contains_key(&name) {
            name.push_str(" (source)");
        }
        let end = (0..=TEXT_BYTES_MAX.min(text.len()))
            .rev()
            .find(|end| text.is_char_boundary(*end));
        let kept = text.get(..end.unwrap_or_default()).unwrap_or_default();
        if kept.len() < text.len() {
            let why = format!("it has {} bytes; the first {} are taken", text.len(), kept.len());
            self.cut.push((name.clone(), why));
        }
        self.bytes += name.len() + kept.len() + 8;
        self.taken.insert(name.clone(), kept.to_owned());
        Some(name)
    }
}

fn instant(value: &Value) -> Option<(Timestamp, &str)> {
    match value {
        Value::Instant { at, text } => Some((*at, text)),
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => None,
    }
}

/// The channels that go by a name of their own in many logs. Another name stays a fact.
fn channel_of(text: &str) -> Option<Channel> {
    match text.to_ascii_lowercase().as_str() {
        "window" | "desk" | "counter" | "balie" => Some(Channel::Window),
        "online" | "internet" | "web" | "e-mail" | "email" | "mobile" => Some(Channel::Online),
        "post" | "mail" | "letter" => Some(Channel::Post),
        "agent" => Some(Channel::Agent),
        "internal" | "intern" => Some(Channel::Internal),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::time::Offset;

    use super::*;
    use crate::import::setup::importer;

    fn mapping(text: &str) -> Mapping {
        Mapping::from_yaml("test.yaml", text).unwrap()
    }

    fn commands(mapping: &Mapping) -> Commands<'_> {
        Commands::new(
            mapping,
            importer().unwrap(),
            ProcedureId::new("p").unwrap(),
            Offset::hours(2).into(),
        )
        .unwrap()
    }

    #[test]
    fn the_id_of_a_long_case_is_short_and_still_says_the_number() {
        let mapping = mapping("log: l");
        let commands = commands(&mapping);
        let (long, other) = ("x".repeat(128), format!("{}y", "x".repeat(127)));
        let id = |case: &str| commands.command_id(&CaseId::new(case).unwrap(), "17").unwrap();
        assert_eq!(id("c 1").as_str(), "l/c 1/17");
        assert_eq!(number_of(&id("c 1")), Some(17));
        assert_eq!(number_of(&id(&long)), Some(17));
        assert_ne!(id(&long), id(&other));
    }

    #[test]
    fn a_local_date_is_that_of_the_zone_in_summer_and_winter() {
        let mapping = mapping("log: l\ntime_zone: Europe/Amsterdam");
        let commands = commands(&mapping);
        assert_eq!(
            mapping.time_zone.as_ref().unwrap().of_centre().to_string(),
            "Europe/Amsterdam"
        );
        for (text, day) in [
            ("2011-07-01T00:30:00+02:00", "2011-07-01"),
            ("2011-01-01T23:30:00+01:00", "2011-01-01"),
            ("2011-01-01T22:30:00Z", "2011-01-01"),
        ] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(commands.day_of(at, text), day.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_between_characters_and_told() {
        let mut texts = Texts::default();
        texts.put("a", &"件".repeat(2_000));
        texts.put("a", "second");
        assert_eq!(texts.taken["a"].len(), 3_999);
        assert_eq!(texts.taken["a (source)"], "second");
        assert_eq!(
            texts.cut,
            [(
                "a".to_owned(),
                "it has 6000 bytes; the first 3999 are taken".to_owned()
            )]
        );
    }
}
