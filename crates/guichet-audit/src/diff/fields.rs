//! What a case is, field by field, at two moments.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::{CaseState, evolve};
use guichet_core::id::CaseId;
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::history::CaseView;
use serde::Serialize;
use serde_json::Value;

use super::{Because, By, Sides};
use crate::as_of::Known;
use crate::show;

/// A field of a case that differs, named as `schemas/case.v1.schema.json` names it.
#[derive(Debug, Serialize)]
pub(super) struct Field {
    /// Where it stands, from the outside in: `steps.examine.holder`.
    #[serde(rename = "field")]
    pub(super) name: String,
    pub(super) before: Value,
    pub(super) after: Value,
    pub(super) because: Because,
    /// The added events that changed it, the last one to what it is after.
    pub(super) changed_by: Vec<By>,
}

/// Of the document, what is no field of the case.
const ABOUT: &[&str] = &["version", "case", "revision", "as_of"];

type Flat = BTreeMap<String, Value>;

pub(super) fn compare(case: &CaseId, sides: &Sides<'_>) -> Vec<Field> {
    let read = |of: &Known, with: &Known, day: Date| match &of.view {
        Some(view) => flat(view, &with.directory, day),
        None => Flat::new(),
    };
    let (before, after) = (
        read(sides.before, sides.before, sides.before.day),
        read(sides.after, sides.after, sides.after.day),
    );
    let on_the_day = read(sides.before, sides.before, sides.after.day);
    let as_published = read(sides.before, sides.after, sides.after.day);
    let mut changes = changes(case, sides);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name));
    let of = |flat: &Flat, name: &String| flat.get(name).cloned().unwrap_or_default();
    differ
        .map(|name| {
            let (was, is) = (of(&before, name), of(&after, name));
            let because = Because::of(sides, &is, &of(&on_the_day, name), &of(&as_published, name));
            let changed_by = match because {
                Because::Events => changes.remove(name).unwrap_or_default(),
                Because::Day | Because::Published | Because::TakenAway => Vec::new(),
            };
            Field {
                name: name.clone(),
                before: was,
                after: is,
                because,
                changed_by,
            }
        })
        .collect()
}

/// Which added events changed which field.
fn changes(case: &CaseId, sides: &Sides<'_>) -> BTreeMap<String, Vec<By>> {
    let mut changes: BTreeMap<String, Vec<By>> = BTreeMap::new();
    let Some(first) = sides.added.first() else {
        return changes;
    };
    let mut view = CaseView {
        case: case.clone(),
        state: CaseState::Absent,
        revision: first.revision,
        records: Vec::new(),
    };
    let read = |view: &CaseView| match view.state {
        CaseState::Absent => Flat::new(),
        CaseState::PreChecked | CaseState::Known(_) => flat(view, &sides.after.directory, sides.after.day),
    };
    // What stood before the first one that was added needs no reading.
    let mut last: Option<Flat> = None;
    for recorded in sides.after.records() {
        let Event::Case(event) = &recorded.event else {
            continue;
        };
        let is_added = sides.added(recorded.revision).is_some();
        let before = if is_added {
            Some(last.take().unwrap_or_else(|| read(&view)))
        } else {
            None
        };
        view.state = evolve(std::mem::take(&mut view.state), event);
        view.revision = recorded.revision;
        let Some(before) = before else {
            last = None;
            continue;
        };
        let now = read(&view);
        let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        for name in names
            .into_iter()
            .filter(|name| before.get(*name) != now.get(*name))
        {
            changes.entry(name.clone()).or_default().push(By::from(recorded));
        }
        last = Some(now);
    }
    changes
}

/// The fields of a case as they stand in its document, each with its whole name.
fn flat(view: &CaseView, directory: &Directory, day: Date) -> Flat {
    let mut flat = Flat::new();
    if let Value::Object(fields) = show::document(view, directory, day) {
        for (name, value) in fields {
            if !ABOUT.contains(&name.as_str()) {
                put(&mut flat, name, value);
            }
        }
    }
    flat
}

fn put(flat: &mut Flat, name: String, value: Value) {
    match value {
        Value::Object(fields) => {
            for (inner, value) in fields {
                put(flat, format!("{name}.{inner}"), value);
            }
        }
        // What is not there, and a list of nothing, are the same as no field.
        Value::Null => {}
        Value::Array(values) if values.is_empty() => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            flat.insert(name, value);
        }
    }
}
