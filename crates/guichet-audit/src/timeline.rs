//! What happened to a case, event by event.

use guichet_core::actor::Actor;
use guichet_core::id::{CaseId, Position, Revision};
use guichet_core::reference::Directory;
use guichet_core::time::Timestamp;
use guichet_core::zone::Zone;
use guichet_log::codec::Event;
use guichet_log::codec::json::Data;
use guichet_log::history::CaseView;
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;
use guichet_stats::AsOf;
use guichet_terminal::context::{Context, Failure};
use guichet_terminal::{table, words};
use serde::Serialize;
use serde_json::Value;

use crate::as_of::{Named, said};

/// A case's history, as `schemas/case-timeline.v1.schema.json` describes it.
#[derive(Debug, Serialize)]
pub struct Timeline<'a> {
    version: u16,
    case: &'a CaseId,
    /// As of when, where somebody asked about a moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Named>,
    events: Vec<Entry<'a>>,
}

/// One event with everything around it.
#[derive(Debug, Serialize)]
pub(crate) struct Entry<'a> {
    position: Position,
    revision: Revision,
    kind: &'static str,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    actor: &'a Actor,
    authority: Option<&'a str>,
    cause: Value,
    command: &'a str,
    data: Value,
}

impl<'a> Entry<'a> {
    pub(crate) fn of(recorded: &'a Recorded) -> Self {
        let data = match &recorded.event {
            Event::Case(event) => serde_json::to_value(Data::of(event)),
            Event::Reference(event) => serde_json::to_value(Data::of(event)),
        };
        Self {
            position: recorded.position,
            revision: recorded.revision,
            kind: recorded.event.kind(),
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            actor: &recorded.actor,
            authority: recorded.authority.as_deref(),
            cause: match recorded.cause {
                Cause::Asked => Value::from("asked"),
                Cause::Followed(position) => serde_json::json!({ "followed": position }),
                Cause::Imported { entry } => serde_json::json!({ "imported": entry }),
            },
            command: recorded.command.as_str(),
            data: data.unwrap_or_default(),
        }
    }
}

impl<'a> Timeline<'a> {
    /// What happened, in the order in which it happened.
    #[must_use]
    pub fn of(view: &'a CaseView) -> Self {
        Self {
            version: 1,
            case: &view.case,
            as_of: None,
            events: view.timeline().into_iter().map(Entry::of).collect(),
        }
    }

    /// The same, as it was known at a moment that somebody asked about.
    #[must_use]
    pub fn as_of(self, as_of: AsOf) -> Self {
        Self {
            as_of: Some(Named(as_of)),
            ..self
        }
    }
}

/// Tells what happened: as JSON, or line by line.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn print(timeline: &Timeline<'_>, directory: &Directory, context: Context) -> Result<(), Failure> {
    context.answer(timeline, || {
        let as_of = timeline
            .as_of
            .map(|Named(as_of)| format!("  {}", said(as_of, directory.zone(), context)));
        let lines = lines(&timeline.events, directory, context);
        format!("{}{}\n\n{lines}", timeline.case, as_of.unwrap_or_default())
    })
}

/// Events for people, a line or two each.
pub(crate) fn lines(events: &[Entry<'_>], directory: &Directory, context: Context) -> String {
    let zone = directory.zone();
    let columns = table::columns();
    let last = events.iter().map(|entry| entry.revision).max();
    let digits = last.map_or(1, |last| last.0.to_string().len());
    let margin = digits + 2;
    let kinds: Vec<_> = events
        .iter()
        .map(|entry| words::event(entry.kind, context))
        .collect();
    let kind_columns = kinds
        .iter()
        .map(|kind| table::width(kind))
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for (entry, kind) in events.iter().zip(&kinds) {
        let (occurred, recorded) = (local(entry.occurred_at, zone), local(entry.recorded_at, zone));
        let actor = entry.actor;
        let mut line = format!(
            "{:>digits$}  {occurred}  {}  {} ({})",
            entry.revision,
            table::padded(kind, kind_columns),
            actor.person,
            words::role(actor.role, context)
        );
        if let Some(window) = &actor.window {
            line.push_str(" @ ");
            line.push_str(window.as_str());
        }
        if let Some(person) = &actor.acting_for {
            line.push_str(context.say("，代 ", ", for "));
            line.push_str(person.as_str());
        }
        text.push_str(&line);
        text.push('\n');
        let mut said = brief(&entry.data);
        if recorded != occurred {
            said.push(format!("{} {recorded}", context.say("记录于", "recorded")));
        }
        text.push_str(&table::wrapped(&said, " · ", margin, columns));
    }
    text
}

/// An instant by the wall clock of the centre, to the minute.
pub(crate) fn local(instant: Timestamp, zone: &Zone) -> String {
    let local = zone.local(instant);
    let minutes = local.micros_of_day() / 60_000_000;
    format!("{} {:02}:{:02}", local.date(), minutes / 60, minutes % 60)
}

/// The longest text of one field that is shown; the JSON has all of it.
const FIELD_CHARS_MAX: usize = 60;

/// The fields of an event that say something.
fn brief(data: &Value) -> Vec<String> {
    let Value::Object(fields) = data else {
        return Vec::new();
    };
    let mut said = Vec::new();
    for (name, value) in fields {
        let value = word(value);
        if !value.is_empty() {
            said.push(format!("{name} {}", shortened(&value)));
        }
    }
    said
}

/// A value as people read it; nothing where it says nothing.
pub(crate) fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(values) => values.iter().map(word).collect::<Vec<_>>().join(", "),
        Value::Object(values) => values
            .iter()
            .map(|(name, value)| (name, word(value)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= FIELD_CHARS_MAX {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(FIELD_CHARS_MAX).collect();
    short.push('…');
    short
}
