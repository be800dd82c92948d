//! What a record tells as an event of an event log: the same for XES and OCEL.

use std::collections::BTreeMap;

use guichet::core::actor::Role;
use guichet::core::case::CaseEvent;
use guichet::core::case::event::StepRecorded;
use guichet::core::reference::Directory;
use guichet::core::time::Timestamp;
use guichet::core::zone::Zone;
use guichet_log::codec::Event;
use guichet_log::codec::json::Data;
use guichet_log::projection::Recorded;
use guichet_log::record::RecordRef;
use serde_json::{Map, Value};

use crate::import::names;

/// What an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Text,
    Integer,
    Float,
    Boolean,
    Date,
}

/// An attribute, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Attribute {
    pub(super) fn new(name: &str, kind: Kind, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            text: text.into(),
        }
    }
}

/// An event, in the words of the XES standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) activity: String,
    /// With a distance from UTC.
    pub(super) at: String,
    pub(super) person: Option<String>,
    pub(super) group: Option<String>,
    pub(super) role: Option<String>,
    pub(super) lifecycle: Option<String>,
    pub(super) task: Option<String>,
    pub(super) attributes: Vec<Attribute>,
}

/// What stands before the kind of every event of a case.
const CASE_KIND: &str = "case.";

/// Whether a record is an event of its case: all are, but for what an import concluded beside the events of its source.
pub(super) fn is_event(record: &RecordRef<'_>) -> bool {
    record.kind.starts_with(CASE_KIND)
        && (record.role != Role::Importer.as_str() || record.kind == StepRecorded::KIND)
}

/// The same, of a record that was read.
pub(super) fn is_recorded_event(recorded: &Recorded) -> bool {
    match &recorded.event {
        Event::Reference(_) => false,
        Event::Case(CaseEvent::StepRecorded(_)) => true,
        Event::Case(_) => recorded.actor.role != Role::Importer,
    }
}

impl Told {
    pub(super) fn of(recorded: &Recorded, directory: &Directory) -> Self {
        match &recorded.event {
            Event::Case(CaseEvent::StepRecorded(step)) => Self::imported(recorded, step, directory.zone()),
            Event::Case(_) | Event::Reference(_) => Self::handled(recorded, directory),
        }
    }

    fn handled(recorded: &Recorded, directory: &Directory) -> Self {
        let zone = directory.zone();
        let actor = &recorded.actor;
        let kind = recorded.event.kind();
        let mut attributes = vec![
            Attribute::new("position", Kind::Integer, recorded.position.to_string()),
            Attribute::new("recorded_at", Kind::Date, instant(recorded.recorded_at, zone)),
        ];
        if let Some(window) = &actor.window {
            attributes.push(Attribute::new("actor_window", Kind::Text, window.as_str()));
        }
        let fields = fields(&recorded.event);
        let named = fields.get("department").and_then(Value::as_str);
        let group = actor.department.as_ref().map(ToString::to_string);
        let group = group.or_else(|| {
            // Whoever sits at a window acts for its department, where that is one only.
            let day = zone.date(recorded.occurred_at);
            let on_duty = directory.on_duty(actor.window.as_ref()?, day);
            let only = on_duty.first().filter(|_| on_duty.len() == 1);
            only.map(ToString::to_string)
        });
        let group = group.or_else(|| named.map(str::to_owned));
        for (name, value) in fields {
            let (kind, text) = match value {
                Value::Null => continue,
                Value::Array(empty) if empty.is_empty() => continue,
                Value::Object(empty) if empty.is_empty() => continue,
                Value::String(text) => (Kind::Text, text),
                Value::Number(number) => (Kind::Integer, number.to_string()),
                Value::Bool(flag) => (Kind::Boolean, flag.to_string()),
                other @ (Value::Array(_) | Value::Object(_)) => (Kind::Text, other.to_string()),
            };
            attributes.push(Attribute { name, kind, text });
        }
        Self {
            activity: kind.strip_prefix(CASE_KIND).unwrap_or(kind).to_owned(),
            at: instant(recorded.occurred_at, zone),
            person: Some(actor.person.to_string()),
            group,
            role: Some(actor.role.as_str().to_owned()),
            lifecycle: Some("complete".to_owned()),
            task: None,
            attributes,
        }
    }

    /// A step of another system's history, as that system told it.
    fn imported(recorded: &Recorded, step: &StepRecorded, zone: &Zone) -> Self {
        let mut rest = step.attributes.clone();
        let kinds = kinds(rest.remove(names::TYPES).as_deref());
        let written = rest.remove(names::TIME);
        let mut take = |field: Option<String>, name: &str| field.or_else(|| rest.remove(name));
        let person = take(step.by.as_ref().map(ToString::to_string), names::PERSON);
        // A step that was recorded here, and not taken over, was done by whoever recorded it, if it names nobody.
        let here = (recorded.actor.role != Role::Importer).then_some(&recorded.actor);
        let person = person.or_else(|| here.map(|actor| actor.person.to_string()));
        let group = take(step.group.clone(), names::GROUP);
        let (role, lifecycle, task) = (
            take(None, names::ROLE).or_else(|| here.map(|actor| actor.role.as_str().to_owned())),
            take(None, names::LIFECYCLE),
            take(None, names::TASK),
        );
        Self {
            activity: rest
                .remove(names::ACTIVITY)
                .unwrap_or_else(|| step.activity.clone()),
            at: as_written(recorded.occurred_at, written.as_deref(), zone),
            person,
            group,
            role,
            lifecycle,
            task,
            attributes: typed(rest, &kinds, zone),
        }
    }
}

/// The fields of an event.
pub(super) fn fields(event: &Event) -> Map<String, Value> {
    match serde_json::to_value(Data::of(event)) {
        Ok(Value::Object(fields)) => fields,
        // An event is a struct of named fields, which JSON always takes.
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | Err(_) => {
            Map::new()
        }
    }
}

/// The types that the source's attributes had, where they were no texts.
pub(super) fn kinds(types: Option<&str>) -> BTreeMap<String, Kind> {
    let types: BTreeMap<String, String> = types
        .and_then(|types| serde_json::from_str(types).ok())
        .unwrap_or_default();
    let named = types.into_iter().filter_map(|(name, kind)| {
        let kind = match kind.as_str() {
            "int" => Kind::Integer,
            "float" => Kind::Float,
            "boolean" => Kind::Boolean,
            "date" => Kind::Date,
            _ => return None,
        };
        Some((name, kind))
    });
    named.collect()
}

/// Texts with the types that they had.
pub(super) fn typed(
    texts: BTreeMap<String, String>,
    kinds: &BTreeMap<String, Kind>,
    zone: &Zone,
) -> Vec<Attribute> {
    let attributes = texts.into_iter().map(|(name, text)| {
        let kind = kinds.get(&name).copied().unwrap_or(Kind::Text);
        let (kind, text) = in_form(kind, text, zone);
        Attribute { name, kind, text }
    });
    attributes.collect()
}

/// A text in the form that XML Schema wants of its type; as text where it has no such form.
fn in_form(kind: Kind, text: String, zone: &Zone) -> (Kind, String) {
    let trimmed = text.trim();
    let formed = match kind {
        Kind::Text => None,
        Kind::Integer => trimmed.parse::<i64>().ok().map(|number| number.to_string()),
        Kind::Boolean => trimmed.parse::<bool>().ok().map(|flag| flag.to_string()),
        Kind::Float => trimmed.parse::<f64>().ok().map(|number| {
            if number.is_nan() {
                "NaN".to_owned()
            } else if number.is_infinite() && trimmed.to_ascii_lowercase().contains("inf") {
                if number > 0.0 { "INF" } else { "-INF" }.to_owned()
            } else {
                trimmed.to_owned()
            }
        }),
        Kind::Date => trimmed
            .parse::<Timestamp>()
            .ok()
            .map(|at| as_written(at, Some(trimmed), zone)),
    };
    match formed {
        Some(formed) => (kind, formed),
        None => (Kind::Text, text),
    }
}

/// The length of a day, in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;
const MINUTE_MICROS: i64 = 60_000_000;

/// An instant by the wall clock of the centre, with its distance from UTC.
pub(super) fn instant(at: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    let wall = i64::from(local.date().days())
        .saturating_mul(DAY_MICROS)
        .saturating_add(local.micros_of_day());
    with_distance(at, wall.saturating_sub(at.as_micros()))
}

/// An instant with the distance from UTC that its source wrote, if it wrote one.
fn as_written(at: Timestamp, written: Option<&str>, zone: &Zone) -> String {
    let written = written.filter(|text| text.parse() == Ok(at));
    written
        .and_then(distance_of)
        .map_or_else(|| instant(at, zone), |distance| with_distance(at, distance))
}

/// The distance from UTC at the end of an instant: `Z`, `+08:00`.
fn distance_of(text: &str) -> Option<i64> {
    if text.ends_with(['Z', 'z']) {
        return Some(0);
    }
    let end = text.get(text.len().checked_sub(6)?..)?;
    let (hours, minutes) = end.get(1..)?.split_once(':')?;
    let micros = (hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?) * MINUTE_MICROS;
    match end.as_bytes().first()? {
        b'+' => Some(micros),
        b'-' => Some(-micros),
        _ => None,
    }
}

/// `2010-03-01T09:00:00.000+08:00`. A distance that is not in whole minutes, as before 1900, cannot be written: UTC then.
fn with_distance(at: Timestamp, distance: i64) -> String {
    let distance = if distance % MINUTE_MICROS == 0 {
        distance
    } else {
        0
    };
    let wall = Zone::UTC.local(at.saturating_add_micros(distance));
    let (date, micros) = (wall.date(), wall.micros_of_day());
    let (seconds, part) = (micros / 1_000_000, micros % 1_000_000);
    let part = if part % 1_000 == 0 {
        format!("{:03}", part / 1_000)
    } else {
        format!("{part:06}")
    };
    let minutes = distance.abs() / MINUTE_MICROS;
    format!(
        "{date}T{:02}:{:02}:{:02}.{part}{}{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60,
        if distance < 0 { '-' } else { '+' },
        minutes / 60,
        minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_the_distance_that_its_source_wrote() {
        let harbin: Zone = "+08:00".parse().unwrap();
        let at: Timestamp = "2010-03-01T01:00:00.25Z".parse().unwrap();
        assert_eq!(instant(at, &harbin), "2010-03-01T09:00:00.250+08:00");
        let written = |text| as_written(at, Some(text), &harbin);
        assert_eq!(
            written("2010-02-28T20:30:00.25-04:30"),
            "2010-02-28T20:30:00.250-04:30"
        );
        assert_eq!(
            written("2010-03-01T01:00:00.250Z"),
            "2010-03-01T01:00:00.250+00:00"
        );
        // Another instant, or none: the centre's clock.
        assert_eq!(written("2010-03-01T01:00:00Z"), "2010-03-01T09:00:00.250+08:00");
        assert_eq!(written("件"), "2010-03-01T09:00:00.250+08:00");
    }

    #[test]
    fn a_value_keeps_its_type_where_its_text_allows_that() {
        let zone = Zone::UTC;
        let form = |kind, text: &str| in_form(kind, text.to_owned(), &zone);
        assert_eq!(form(Kind::Float, "inf"), (Kind::Float, "INF".to_owned()));
        assert_eq!(form(Kind::Float, "1.50"), (Kind::Float, "1.50".to_owned()));
        assert_eq!(form(Kind::Integer, "many"), (Kind::Text, "many".to_owned()));
        assert_eq!(
            form(Kind::Date, "2010-03-01 09:00:00+08:00"),
            (Kind::Date, "2010-03-01T09:00:00.000+08:00".to_owned())
        );
    }
}
