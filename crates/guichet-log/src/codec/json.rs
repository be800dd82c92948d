//! Events as JSON: the line of an export, and an event read from its JSON form.
//!
//! `schemas/event.v1.schema.json` describes both. This is the border of the house; nothing here is stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_core::case::event;
use guichet_core::id::{DepartmentId, PersonId, Position, Revision, WindowId};
use guichet_core::reference::ReferenceEvent;
use guichet_core::time::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{CodecError, Event, EventRef};
use crate::merkle::Hash;
use crate::record::{Cause, Record, RecordRef};

/// A record with its event, as one line of an export.
///
/// Instants are RFC 3339 in UTC, dates ISO 8601, the leaf hash small hexadecimal digits. `version` is that of the stored
/// payload; `data` is the event as this build reads it. The payload's bytes are not in it, so the leaf hash ties the line
/// to the log but cannot be computed from the line.
#[derive(Clone, Debug, Serialize)]
pub struct ExportLine<'a> {
    /// Its place in the log.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: &'a str,
    /// Its place in the stream.
    pub revision: Revision,
    /// The name of the event's type.
    pub kind: &'a str,
    /// The version of the stored payload.
    pub version: u16,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// When it was so in the world and in law.
    pub occurred_at: Timestamp,
    /// Who caused it.
    pub actor: ActorLine<'a>,
    /// On what basis; left out when none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<&'a str>,
    /// What led to it: `"asked"`, `{"followed": position}` or `{"imported": entry}`.
    #[serde(serialize_with = "cause")]
    pub cause: Cause,
    /// The command that was handled.
    pub command: &'a str,
    /// The leaf hash of the record.
    #[serde(serialize_with = "hash")]
    pub leaf: Hash,
    /// The event itself.
    pub data: Data<'a>,
}

/// Who caused a record, as an export writes it: what is unknown is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ActorLine<'a> {
    /// The person.
    pub person: &'a str,
    /// In which role.
    pub role: &'a str,
    /// At which window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<&'a str>,
    /// For which department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<&'a str>,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<&'a str>,
}

/// An event's fields, without its kind.
///
/// ```
/// # use guichet_core::{case::event::{CaseCompleted, CaseEvent}, time::date};
/// # use guichet_log::codec::json::Data;
/// let completed = CaseEvent::from(CaseCompleted { completed_on: date(2010, 3, 1) });
/// assert_eq!(serde_json::to_string(&Data::of(&completed))?, r#"{"completed_on":"2010-03-01"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data<'a>(EventRef<'a>);

impl<'a> Data<'a> {
    /// The fields of `event`.
    #[must_use]
    pub fn of(event: impl Into<EventRef<'a>>) -> Self {
        Self(event.into())
    }
}

impl<'a> ExportLine<'a> {
    /// The line of a record that is read in place.
    #[must_use]
    pub fn of_ref(record: &RecordRef<'a>, event: &'a Event) -> Self {
        Self {
            position: record.place.position,
            stream: record.stream,
            revision: record.place.revision,
            kind: record.kind,
            version: record.version,
            recorded_at: record.place.recorded_at,
            occurred_at: record.occurred_at,
            actor: ActorLine {
                person: record.person,
                role: record.role,
                window: record.window,
                department: record.department,
                acting_for: record.acting_for,
            },
            authority: record.authority,
            cause: record.cause,
            command: record.command,
            leaf: record.leaf_hash(),
            data: Data::of(event),
        }
    }

    /// The line of a record.
    #[must_use]
    pub fn of_record(record: &'a Record, event: &'a Event) -> Self {
        Self {
            position: record.position,
            stream: record.stream.as_str(),
            revision: record.revision,
            kind: record.kind.as_str(),
            version: record.version,
            recorded_at: record.recorded_at,
            occurred_at: record.occurred_at,
            actor: ActorLine {
                person: record.actor.person.as_str(),
                role: record.actor.role.as_str(),
                window: record.actor.window.as_ref().map(WindowId::as_str),
                department: record.actor.department.as_ref().map(DepartmentId::as_str),
                acting_for: record.actor.acting_for.as_ref().map(PersonId::as_str),
            },
            authority: record.authority.as_deref(),
            cause: record.cause,
            command: record.command.as_str(),
            leaf: record.leaf_hash(),
            data: Data::of(event),
        }
    }
}

/// The fields of an event for tables: all of them as JSON text, and those that are text, numbers or flags by name.
///
/// ```
/// # use guichet_core::{case::event::{CaseCompleted, CaseEvent}, time::date};
/// # use guichet_log::codec::json::Fields;
/// let completed = CaseEvent::from(CaseCompleted { completed_on: date(2010, 3, 1) });
/// let fields = Fields::of(&completed);
/// assert_eq!(fields.json, r#"{"completed_on":"2010-03-01"}"#);
/// assert_eq!(fields.plain["completed_on"], "2010-03-01");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// All fields, as an export line has them in `data`.
    pub json: String,
    /// The fields that are text, numbers or flags, as text.
    pub plain: BTreeMap<String, String>,
}

impl Fields {
    /// The fields of `event`.
    #[must_use]
    pub fn of<'a>(event: impl Into<EventRef<'a>>) -> Self {
        let data = Data::of(event);
        // An event is a struct of named fields, which JSON always takes.
        let json = serde_json::to_string(&data).unwrap_or_default();
        let Ok(Value::Object(fields)) = serde_json::to_value(data) else {
            return Self::default();
        };
        let plain = fields.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            Value::Bool(flag) => Some((name, flag.to_string())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        });
        Self {
            json,
            plain: plain.collect(),
        }
    }
}

fn cause<S: Serializer>(cause: &Cause, serializer: S) -> Result<S::Ok, S::Error> {
    match cause {
        Cause::Asked => serializer.serialize_unit_variant("Cause", 0, "asked"),
        Cause::Followed(position) => serializer.serialize_newtype_variant("Cause", 1, "followed", position),
        Cause::Imported { entry } => serializer.serialize_newtype_variant("Cause", 2, "imported", entry),
    }
}

fn hash<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(hash)
}

/// The event of a kind from its fields as JSON, as an export line has them in `data`.
///
/// # Errors
///
/// [`CodecError::UnknownKind`], or [`CodecError::Unreadable`] with the field that is missing, unknown or wrong.
///
/// ```
/// # use guichet_log::codec::json;
/// let event = json::read("case.completed", serde_json::json!({"completed_on": "2010-03-01"}))?;
/// assert_eq!(event.kind(), "case.completed");
/// # Ok::<(), guichet_log::codec::CodecError>(())
/// ```
pub fn read(kind: &str, data: Value) -> Result<Event, CodecError> {
    parse(kind, data)
        .ok_or_else(|| CodecError::UnknownKind {
            kind: kind.to_owned(),
        })?
        .map_err(|error| CodecError::Unreadable {
            kind: kind.to_owned(),
            version: crate::upcast::current_version(kind),
            fault: super::Fault::Content(error.to_string()),
        })
}

macro_rules! each {
    ($($name:ident = $kind:literal,)+) => {
        fn parse(kind: &str, data: Value) -> Option<Result<Event, serde_json::Error>> {
            use serde_json::from_value;
            let reference = |event: Result<ReferenceEvent, _>| Some(event.map(Event::from));
            match kind {
                $($kind => Some(from_value::<event::$name>(data).map(Event::from)),)+
                "reference.centre_published" => reference(from_value(data).map(ReferenceEvent::CentrePublished)),
                "reference.department_registered" => {
                    reference(from_value(data).map(ReferenceEvent::DepartmentRegistered))
                }
                "reference.window_registered" => reference(from_value(data).map(ReferenceEvent::WindowRegistered)),
                "reference.roster_published" => reference(from_value(data).map(ReferenceEvent::RosterPublished)),
                "reference.staff_registered" => reference(from_value(data).map(ReferenceEvent::StaffRegistered)),
                "reference.procedure_published" => {
                    reference(from_value(data).map(|it| ReferenceEvent::ProcedurePublished(Arc::new(it))))
                }
                "reference.calendar_published" => {
                    reference(from_value(data).map(|it| ReferenceEvent::CalendarPublished(Arc::new(it))))
                }
                "reference.bulletin_published" => {
                    reference(from_value(data).map(ReferenceEvent::BulletinPublished))
                }
                "reference.finding_issued" => {
                    reference(from_value(data).map(ReferenceEvent::FindingIssued))
                }
                "reference.finding_explained" => {
                    reference(from_value(data).map(ReferenceEvent::FindingExplained))
                }
                "reference.finding_upheld" => {
                    reference(from_value(data).map(ReferenceEvent::FindingUpheld))
                }
                "reference.finding_cancelled" => {
                    reference(from_value(data).map(ReferenceEvent::FindingCancelled))
                }
                _ => None,
            }
        }

        impl Serialize for Data<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    $(EventRef::Case(event::CaseEvent::$name(event)) => event.serialize(serializer),)+
                    EventRef::Reference(event) => match event {
                        ReferenceEvent::CentrePublished(centre) => centre.serialize(serializer),
                        ReferenceEvent::DepartmentRegistered(department) => department.serialize(serializer),
                        ReferenceEvent::WindowRegistered(window) => window.serialize(serializer),
                        ReferenceEvent::RosterPublished(roster) => roster.serialize(serializer),
                        ReferenceEvent::StaffRegistered(staff) => staff.serialize(serializer),
                        ReferenceEvent::ProcedurePublished(procedure) => procedure.serialize(serializer),
                        ReferenceEvent::CalendarPublished(calendar) => calendar.serialize(serializer),
                        ReferenceEvent::BulletinPublished(bulletin) => bulletin.serialize(serializer),
                        ReferenceEvent::FindingIssued(issued) => issued.serialize(serializer),
                        ReferenceEvent::FindingExplained(explained) => explained.serialize(serializer),
                        ReferenceEvent::FindingUpheld(ruling) | ReferenceEvent::FindingCancelled(ruling) => {
                            ruling.serialize(serializer)
                        }
                    },
                }
            }
        }
    };
}
guichet_core::for_each_case_event!(each);
