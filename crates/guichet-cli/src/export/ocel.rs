//! OCEL 2.0 as JSON: events, and the objects that each is about.
//!
//! Events are written as they are read. A second pass writes the objects of a case when its last record has been read. So in
//! memory are the ids of all cases, people, windows, departments and procedures, a row of facts for each case, and the objects
//! of the cases that are under way at the same time. Values are texts, as the schema of the standard wants them; their types stand beside their names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use guichet::core::actor::Role;
use guichet::core::case::CaseEvent;
use guichet::core::case::event::{ClockKind, LightTurned};
use guichet::core::id::{CaseId, DepartmentId, PersonId, Position, WindowId};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection as _, Recorded};
use guichet_stats::{CaseFact, Facts};
use serde::Serialize;
use serde_json::{Map, Value};

use super::told::{Kind, Told, fields, instant, is_recorded_event};
use super::{Counts, Source};
use crate::context::Failure;

/// From when on an attribute holds that never changes.
const ALWAYS: &str = "1970-01-01T00:00:00Z";

/// The types of objects, with the attributes that they have.
const OBJECT_TYPES: &[(&str, &[&str])] = &[
    (
        "case",
        &[
            "channel",
            "received_on",
            "stage",
            "outcome",
            "window",
            "version",
            "statutory_due_on",
            "promised_due_on",
            "statutory_light",
            "promised_light",
        ],
    ),
    ("certificate", &[]),
    ("complaint", &["channel", "finding"]),
    ("department", &[]),
    ("fee", &["amount_fen"]),
    ("group", &["outcome", "due_on"]),
    ("member", &["opinion"]),
    ("person", &[]),
    ("procedure", &[]),
    ("rating", &["point", "level"]),
    ("window", &[]),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OcelEvent<'e> {
    id: String,
    #[serde(rename = "type")]
    kind: &'e str,
    time: &'e str,
    attributes: Vec<OcelValue<'e>>,
    relationships: &'e [Relation],
}

#[derive(Serialize)]
struct OcelValue<'e> {
    name: &'e str,
    value: &'e str,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Relation {
    #[serde(rename = "objectId")]
    object: String,
    qualifier: &'static str,
}

#[derive(Serialize)]
struct OcelObject<'o> {
    id: &'o str,
    #[serde(rename = "type")]
    kind: &'static str,
    attributes: &'o [Change],
    relationships: &'o BTreeSet<Relation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Change {
    name: &'static str,
    value: String,
    time: String,
}

#[derive(Serialize)]
struct TypeOf<'t> {
    name: &'t str,
    attributes: Vec<Typed<'t>>,
}

#[derive(Serialize)]
struct Typed<'t> {
    name: &'t str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// An object that is kept until its case is written, or to the end.
#[derive(Clone, Debug, Default)]
struct Object {
    kind: &'static str,
    changes: Vec<Change>,
    relations: BTreeSet<Relation>,
}

/// Objects that no single case owns, and how far each case reaches.
#[derive(Default)]
struct Shared {
    ends: BTreeMap<CaseId, Position>,
    objects: BTreeMap<String, &'static str>,
}

pub(super) async fn write(source: &Source<'_>, out: &mut impl Write) -> Result<Counts, Failure> {
    let mut shared = Shared::default();
    let mut kinds: BTreeMap<String, BTreeMap<String, Kind>> = BTreeMap::new();
    let mut events = List::begin(out, "{\"events\":")?;
    source
        .each_event(|recorded| {
            let Some(case) = recorded.stream.case() else {
                return Ok(());
            };
            let about = About::of(&case, &recorded);
            let is_event = is_recorded_event(&recorded);
            for (id, kind) in &about.objects {
                // Of what an import concluded, only the objects count that others stand to: nobody did anything.
                let counts = is_event || about.between.iter().any(|(_, relation)| relation.object == *id);
                if counts && !about.owned.contains(id) {
                    shared.objects.entry(id.clone()).or_insert(kind);
                }
            }
            shared.ends.insert(case, recorded.position);
            if !is_event {
                return Ok(());
            }
            let told = Told::of(&recorded, source.directory);
            let known = kinds.entry(told.activity.clone()).or_default();
            for (name, _, kind) in values(&told) {
                let kept = known.entry(name.to_owned()).or_insert(kind);
                if *kept != kind {
                    *kept = Kind::Text;
                }
            }
            events.put(
                out,
                &OcelEvent {
                    id: format!("e{}", recorded.position),
                    kind: &told.activity,
                    time: &told.at,
                    attributes: values(&told)
                        .map(|(name, value, _)| OcelValue { name, value })
                        .collect(),
                    relationships: &about.relations,
                },
            )
        })
        .await?;
    let events = events.end(out)?;

    let mut objects = List::begin(out, ",\"objects\":")?;
    let mut under_way = UnderWay::default();
    source
        .each_event(|recorded| {
            let Some(case) = recorded.stream.case() else {
                // The facts need to know the centre.
                under_way.facts.apply(&recorded);
                return Ok(());
            };
            under_way.apply(&case, &recorded, source, &shared);
            if shared.ends.get(&case) == Some(&recorded.position) {
                for (id, object) in under_way.cases.remove(&case).unwrap_or_default() {
                    objects.object(out, &id, &object)?;
                }
            }
            Ok(())
        })
        .await?;
    for (id, kind) in &shared.objects {
        let object = Object {
            kind,
            ..Object::default()
        };
        objects.object(out, id, &object)?;
    }
    let objects = objects.end(out)?;
    out.write_all(b",\"eventTypes\":")?;
    json(out, &event_types(&kinds))?;
    out.write_all(b",\"objectTypes\":")?;
    json(out, &object_types())?;
    out.write_all(b"}\n")?;
    Ok(Counts {
        cases: Some(shared.ends.len() as u64),
        events: Some(events),
        objects: Some(objects),
        ..Counts::default()
    })
}

/// The attributes of an event, with their types.
fn values(told: &Told) -> impl Iterator<Item = (&str, &str, Kind)> {
    let named = [
        ("resource", &told.person),
        ("group", &told.group),
        ("role", &told.role),
        ("lifecycle", &told.lifecycle),
        ("task", &told.task),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?, Kind::Text)));
    // A field of the event that has one of these names says the same, or more: it stands under a name of its own.
    let others = told.attributes.iter().map(|attribute| {
        let name = match attribute.name.as_str() {
            "group" => "event_group",
            "role" => "event_role",
            "resource" => "event_resource",
            "lifecycle" => "event_lifecycle",
            "task" => "event_task",
            other => other,
        };
        (name, attribute.text.as_str(), attribute.kind)
    });
    named.chain(others)
}

fn event_types(kinds: &BTreeMap<String, BTreeMap<String, Kind>>) -> Vec<TypeOf<'_>> {
    let types = kinds.iter().map(|(name, attributes)| TypeOf {
        name,
        attributes: attributes
            .iter()
            .map(|(name, kind)| Typed {
                name,
                kind: match kind {
                    Kind::Text => "string",
                    Kind::Integer => "integer",
                    Kind::Float => "float",
                    Kind::Boolean => "boolean",
                    Kind::Date => "time",
                },
            })
            .collect(),
    });
    types.collect()
}

fn object_types() -> Vec<TypeOf<'static>> {
    let types = OBJECT_TYPES.iter().map(|(name, attributes)| TypeOf {
        name,
        attributes: attributes
            .iter()
            .map(|name| Typed {
                name,
                kind: if matches!(*name, "amount_fen" | "version") {
                    "integer"
                } else {
                    "string"
                },
            })
            .collect(),
    });
    types.collect()
}

/// What an event is about: the objects that its fields name, and how it stands to them.
#[derive(Default)]
struct About {
    relations: Vec<Relation>,
    objects: BTreeMap<String, &'static str>,
    /// Those that belong to the case alone.
    owned: BTreeSet<String>,
    /// How objects stand to each other.
    between: Vec<(String, Relation)>,
}

impl About {
    fn of(case: &CaseId, recorded: &Recorded) -> Self {
        let mut about = Self::default();
        let this = about.own(case, "case", None, "case");
        let actor = &recorded.actor;
        // An import did nothing itself.
        if actor.role != Role::Importer {
            about.share("person", actor.person.as_str(), "actor");
        }
        for (kind, id, qualifier) in [
            ("window", actor.window.as_ref().map(WindowId::as_str), "at"),
            (
                "department",
                actor.department.as_ref().map(DepartmentId::as_str),
                "for",
            ),
            (
                "person",
                actor.acting_for.as_ref().map(PersonId::as_str),
                "acting for",
            ),
        ] {
            if let Some(id) = id {
                about.share(kind, id, qualifier);
            }
        }
        let fields = fields(&recorded.event);
        for (name, value) in &fields {
            if let Value::String(id) = value
                && let Some((kind, qualifier)) = named(recorded.event.kind(), name)
            {
                let object = about.share(kind, id, qualifier);
                if name == "applicant" || (recorded.event.kind() == "case.submitted" && name != "procedure") {
                    about.link(&this, &object, qualifier);
                }
            }
        }
        about.things(case, &this, &fields, recorded.event.kind());
        about.relations.sort();
        about.relations.dedup();
        about
    }

    /// What belongs to the case: groups, members, fees, certificates, ratings, complaints; and its procedure.
    fn things(&mut self, case: &CaseId, this: &str, fields: &Map<String, Value>, kind: &str) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        if let (Some(procedure), Some(version)) =
            (text("procedure"), fields.get("version").and_then(Value::as_u64))
        {
            let object = self.share("procedure", &format!("{procedure}@{version}"), "procedure");
            self.link(this, &object, "procedure");
        }
        for (name, kind, qualifier) in [
            ("fee", "fee", "fee"),
            ("certificate", "certificate", "certificate"),
            ("opportunity", "rating", "rating"),
            ("complaint", "complaint", "complaint"),
        ] {
            if let Some(id) = text(name) {
                let object = self.own(case, kind, Some(&[id]), qualifier);
                self.link(this, &object, qualifier);
                for (name, kind) in [
                    ("department", "department"),
                    ("window", "window"),
                    ("staff", "person"),
                ] {
                    if let Some(id) = text(name) {
                        self.link(&object, &format!("{kind}:{id}"), "about");
                    }
                }
            }
        }
        for fee in fields.get("fees").and_then(Value::as_array).into_iter().flatten() {
            if let Some(id) = fee.get("fee").and_then(Value::as_str) {
                let object = self.own(case, "fee", Some(&[id]), "fee");
                self.link(this, &object, "fee");
            }
        }
        // Of an imported step the group is one of people.
        let Some(group) = text("group").filter(|_| kind != "case.step_recorded") else {
            return;
        };
        let whole = self.own(case, "group", Some(&[group]), "group");
        self.link(this, &whole, "group");
        if let Some(lead) = text("lead") {
            self.link(&whole, &format!("department:{lead}"), "lead");
        }
        let step = text("step").filter(|_| kind == "case.step_started");
        if let Some(member) = text("member").or_else(|| text("branch")).or(step) {
            let part = self.own(case, "member", Some(&[group, member]), "member");
            self.link(&whole, &part, "member");
            if let Some(department) = text("department") {
                self.link(&part, &format!("department:{department}"), "department");
            }
        }
        for member in fields
            .get("members")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if let Some(branch) = member.get("branch").and_then(Value::as_str) {
                let part = self.own(case, "member", Some(&[group, branch]), "member");
                self.link(&whole, &part, "member");
                if let Some(id) = member.get("department").and_then(Value::as_str) {
                    let department = self.share("department", id, "asked");
                    self.link(&part, &department, "department");
                }
            }
        }
    }

    /// An object that several cases share.
    fn share(&mut self, kind: &'static str, id: &str, qualifier: &'static str) -> String {
        let object = format!("{kind}:{id}");
        self.relate(object, kind, qualifier)
    }

    /// The case itself, or an object of it.
    fn own(
        &mut self,
        case: &CaseId,
        kind: &'static str,
        id: Option<&[&str]>,
        qualifier: &'static str,
    ) -> String {
        let object = match id {
            None => format!("{kind}:{case}"),
            Some(parts) => {
                // A slash in a name would make two names one.
                let parts: Vec<_> = parts.iter().map(|part| escaped(part)).collect();
                format!("{kind}:{}/{}", escaped(case.as_str()), parts.join("/"))
            }
        };
        self.owned.insert(object.clone());
        self.relate(object, kind, qualifier)
    }

    fn relate(&mut self, object: String, kind: &'static str, qualifier: &'static str) -> String {
        self.relations.push(Relation {
            object: object.clone(),
            qualifier,
        });
        self.objects.insert(object.clone(), kind);
        object
    }

    fn link(&mut self, from: &str, to: &str, qualifier: &'static str) {
        let relation = Relation {
            object: to.to_owned(),
            qualifier,
        };
        self.between.push((from.to_owned(), relation));
    }
}

fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

/// The type of the object that a field of an event names, and how the event stands to it.
fn named(kind: &str, field: &str) -> Option<(&'static str, &'static str)> {
    Some(match (kind, field) {
        ("case.transferred", "from") => ("window", "from"),
        ("case.transferred", "to") => ("window", "to"),
        ("case.step_delegated", "from") => ("person", "from"),
        ("case.step_delegated", "to") => ("person", "to"),
        ("case.bad_rating_assigned", "to") => ("person", "assigned"),
        // The form of window that a step needs is no window.
        ("case.step_started", "window") => return None,
        (_, "window") => ("window", "window"),
        (_, "department") => ("department", "department"),
        (_, "lead") => ("department", "lead"),
        (_, "applicant") => ("person", "applicant"),
        (_, "agent") => ("person", "agent"),
        (_, "approver") => ("person", "approver"),
        (_, "staff") => ("person", "staff"),
        (_, "by") => ("person", "by"),
        _ => return None,
    })
}

/// The objects of the cases that are under way.
#[derive(Default)]
struct UnderWay {
    cases: BTreeMap<CaseId, BTreeMap<String, Object>>,
    facts: Facts,
}

impl UnderWay {
    fn apply(&mut self, case: &CaseId, recorded: &Recorded, source: &Source<'_>, shared: &Shared) {
        let about = About::of(case, recorded);
        let at = instant(recorded.occurred_at, source.zone());
        let objects = self.cases.entry(case.clone()).or_default();
        for id in &about.owned {
            let kind = about.objects.get(id).copied().unwrap_or_default();
            objects.entry(id.clone()).or_default().kind = kind;
        }
        for (from, relation) in about.between {
            if let Some(object) = objects.get_mut(&from) {
                object.relations.insert(relation);
            }
        }
        let this = format!("case:{case}");
        let fields = fields(&recorded.event);
        self.facts.apply(recorded);
        if let (Some(rows), Some(object)) = (self.facts.case(case), objects.get_mut(&this)) {
            of_case(object, &rows.case, &at);
        }
        if let Some(object) = objects.get_mut(&this) {
            if let Some(channel) = fields.get("channel").and_then(Value::as_str)
                && recorded.event.kind() == "case.submitted"
            {
                object.change("channel", channel, ALWAYS);
            }
            // An earlier case that the log has not, as of this position, is no object.
            if let Some(earlier) = fields.get("resubmits").and_then(Value::as_str)
                && shared.ends.contains_key(earlier)
            {
                object.relations.insert(Relation {
                    object: format!("case:{earlier}"),
                    qualifier: "resubmits",
                });
            }
            if let Event::Case(CaseEvent::LightTurned(turned)) = &recorded.event {
                of_light(object, turned, &at);
            }
        }
        for id in about.owned.iter().filter(|id| **id != this) {
            if let Some(object) = objects.get_mut(id) {
                of_thing(object, id, &fields, &at);
            }
        }
    }
}

impl Object {
    fn change(&mut self, name: &'static str, value: impl Into<String>, at: &str) {
        let value = value.into();
        let last = self.changes.iter().rev().find(|change| change.name == name);
        if last.is_none_or(|last| last.value != value) {
            self.changes.push(Change {
                name,
                value,
                time: at.to_owned(),
            });
        }
    }
}

/// What changed about a case.
fn of_case(object: &mut Object, after: &CaseFact, at: &str) {
    object.change("received_on", after.received_on.to_string(), ALWAYS);
    object.change("stage", after.standing.as_str(), at);
    object.change("version", after.version.to_string(), at);
    let texts = [
        ("window", after.window.as_ref().map(ToString::to_string)),
        (
            "outcome",
            after.outcome.map(|outcome| outcome.as_str().to_owned()),
        ),
        (
            "statutory_due_on",
            after.statutory_due_on.map(|day| day.to_string()),
        ),
        (
            "promised_due_on",
            after.promised_due_on.map(|day| day.to_string()),
        ),
    ];
    for (name, text) in texts {
        match text {
            Some(text) => object.change(name, text, at),
            // What was taken back has no value any more.
            None if object.changes.iter().any(|change| change.name == name) => object.change(name, "", at),
            None => {}
        }
    }
}

fn of_light(object: &mut Object, turned: &LightTurned, at: &str) {
    let name = match turned.clock {
        ClockKind::Statutory => "statutory_light",
        ClockKind::Promised => "promised_light",
        ClockKind::Intake
        | ClockKind::Step
        | ClockKind::Group
        | ClockKind::Delivery
        | ClockKind::Correction
        | ClockKind::Special
        | ClockKind::Rectification
        | ClockKind::Complaint => return,
    };
    object.change(name, turned.light.as_str(), at);
}

/// What changed about an object of a case, by the fields of the event that names it.
fn of_thing(object: &mut Object, id: &str, fields: &Map<String, Value>, at: &str) {
    let known = OBJECT_TYPES.iter().find(|(kind, _)| *kind == object.kind);
    // The fields of an event that names a group and its member are those of the member.
    let is_inner = object.kind == "group"
        && fields
            .keys()
            .any(|name| matches!(name.as_str(), "member" | "branch" | "step"));
    for name in known.map(|(_, names)| *names).unwrap_or_default() {
        match fields.get(*name) {
            _ if is_inner => {}
            Some(Value::String(text)) => object.change(name, text.as_str(), at),
            Some(Value::Number(number)) => object.change(name, number.to_string(), at),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {}
        }
    }
    for fee in fields.get("fees").and_then(Value::as_array).into_iter().flatten() {
        let is_this = fee
            .get("fee")
            .and_then(Value::as_str)
            .is_some_and(|fee| id.rsplit('/').next() == Some(&escaped(fee)));
        if let (true, Some(amount)) = (is_this && object.kind == "fee", fee.get("amount_fen")) {
            object.change("amount_fen", amount.to_string(), at);
        }
    }
}

/// A JSON array as it is written.
struct List(u64);

impl List {
    fn begin(out: &mut impl Write, name: &str) -> Result<Self, Failure> {
        write!(out, "{name}[")?;
        Ok(Self(0))
    }

    fn put(&mut self, out: &mut impl Write, item: &impl Serialize) -> Result<(), Failure> {
        out.write_all(if self.0 == 0 { b"\n" } else { b",\n" })?;
        self.0 += 1;
        json(out, item)
    }

    fn object(&mut self, out: &mut impl Write, id: &str, object: &Object) -> Result<(), Failure> {
        let object = OcelObject {
            id,
            kind: object.kind,
            attributes: &object.changes,
            relationships: &object.relations,
        };
        self.put(out, &object)
    }

    fn end(self, out: &mut impl Write) -> Result<u64, Failure> {
        out.write_all(b"\n]")?;
        Ok(self.0)
    }
}

fn json(out: &mut impl Write, item: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(out, item).map_err(|error| Failure::output(&error.into()))
}
