//! `guichet case timeline`: what happened to a case, event by event.

use guichet::CaseView;
use guichet::core::actor::Actor;
use guichet::core::id::{CaseId, Position, Revision};
use guichet::core::reference::Directory;
use guichet::core::time::{Offset, Timestamp};
use guichet_log::codec::Event;
use guichet_log::codec::json::Data;
use guichet_log::projection::Recorded;
use guichet_log::record::Cause;
use serde::Serialize;
use serde_json::Value;

use super::words;
use crate::context::{Context, Failure};
use crate::table;

/// A case's history.
#[derive(Serialize)]
struct Timeline<'a> {
    version: u16,
    case: &'a CaseId,
    events: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
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
    fn of(recorded: &'a Recorded) -> Self {
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

pub(super) fn print(view: &CaseView, directory: &Directory, context: &Context) -> Result<(), Failure> {
    let events = view.timeline().into_iter().map(Entry::of).collect();
    let timeline = Timeline { version: 1, case: &view.case, events };
    context.answer(&timeline, || text(&timeline, directory, context))
}

fn text(timeline: &Timeline<'_>, directory: &Directory, context: &Context) -> String {
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        "",
        say("发生", "occurred"),
        say("事件", "event"),
        say("内容", "what"),
        say("经办", "by"),
        say("窗口", "window"),
        say("记录", "recorded"),
    ]);
    let offset = directory.offset();
    for entry in &timeline.events {
        let occurred = local(entry.occurred_at, offset);
        let recorded = local(entry.recorded_at, offset);
        let same = occurred == recorded;
        table.add_row(vec![
            table::number(entry.revision),
            occurred.into(),
            words::event(entry.kind, context).into(),
            brief(&entry.data).into(),
            format!("{} ({})", entry.actor.person, words::role(entry.actor.role, context)).into(),
            table::or_dash(entry.actor.window.as_ref()).into(),
            if same { "=".to_owned() } else { recorded }.into(),
        ]);
    }
    table::print(&table)
}

/// An instant by the wall clock of the centre, to the minute.
pub(super) fn local(instant: Timestamp, offset: Offset) -> String {
    let day = instant.date_at(offset);
    let minutes = (instant.as_micros() - day.midnight_at(offset).as_micros()) / 60_000_000;
    format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// The longest text of one field that is shown; the JSON has all of it.
const FIELD_CHARS_MAX: usize = 40;

/// The fields of an event that say something, in one line.
fn brief(data: &Value) -> String {
    let Value::Object(fields) = data else { return String::new() };
    let mut said = Vec::new();
    for (name, value) in fields {
        let value = match value {
            Value::Null => continue,
            Value::Array(values) if values.is_empty() => continue,
            Value::Object(values) if values.is_empty() => continue,
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(values) => values.iter().map(word).collect::<Vec<_>>().join(", "),
            Value::Object(values) => {
                values.iter().map(|(name, value)| format!("{name}={}", word(value))).collect::<Vec<_>>().join(", ")
            }
        };
        said.push(format!("{name} {}", shortened(&value)));
    }
    said.join(" · ")
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= FIELD_CHARS_MAX {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(FIELD_CHARS_MAX).collect();
    short.push('…');
    short
}
