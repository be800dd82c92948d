//! What the clocks of a case say at two moments.

use std::collections::BTreeMap;

use guichet_core::case::event::ClockKind;
use guichet_core::explain::{Explanation, explain};
use guichet_core::id::{BlockId, Revision, Version};
use guichet_core::light::Light;
use guichet_core::time::Date;
use serde::Serialize;

use super::{Because, By, Sides};
use crate::as_of::Known;
use crate::explain::histories;

/// A clock whose due date, light or end differs.
#[derive(Debug, Serialize)]
pub(super) struct Clock {
    #[serde(rename = "clock")]
    pub(super) kind: ClockKind,
    pub(super) of: Option<BlockId>,
    pub(super) started_on: Date,
    pub(super) before: Option<Reading>,
    pub(super) after: Option<Reading>,
    pub(super) because: Because,
    /// The added events that did something to it.
    pub(super) changed_by: Vec<By>,
}

/// How a clock is read.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Reading {
    pub(super) due_on: Date,
    pub(super) light: Light,
    pub(super) stopped_on: Option<Date>,
    /// The due date that was told last.
    pub(super) told: Option<Date>,
    pub(super) calendar_version: Version,
}

/// Two readings that say the same, whichever version of the calendar said it.
impl PartialEq for Reading {
    fn eq(&self, other: &Self) -> bool {
        let says = |reading: &Self| (reading.due_on, reading.light, reading.stopped_on, reading.told);
        says(self) == says(other)
    }
}

impl From<&Explanation> for Reading {
    fn from(e: &Explanation) -> Self {
        Self {
            due_on: e.due_on,
            light: e.light,
            stopped_on: e.stopped.as_ref().map(|stopped| stopped.on),
            told: e.told.last().map(|told| told.due_on),
            calendar_version: e.calendar_version,
        }
    }
}

/// A clock of a case: of what, and with which event it started.
type Id = (Revision, ClockKind, Option<BlockId>);

/// Every clock whose calendar reaches far enough to tell.
fn clocks(of: &Known, with: &Known, day: Date) -> BTreeMap<Id, Explanation> {
    let mut clocks = BTreeMap::new();
    let directory = &with.directory;
    let Some(view) = &of.view else { return clocks };
    let (histories, state) = histories(directory, view);
    let Some(case) = state.case() else { return clocks };
    let Some(procedure) = directory.procedure(&case.procedure, case.version) else {
        return clocks;
    };
    let Some(calendar) = directory.calendars.get(&procedure.calendar) else {
        return clocks;
    };
    for clock in &histories.clocks {
        let centre = directory.centre.as_ref();
        if let Ok(explanation) = explain(procedure, calendar, centre, &histories, clock, day) {
            let id = (
                clock.started.revision,
                clock.clock.id.kind,
                clock.clock.id.of.clone(),
            );
            clocks.insert(id, explanation);
        }
    }
    clocks
}

pub(super) fn compare(sides: &Sides<'_>) -> Vec<Clock> {
    let (before, after) = (
        clocks(sides.before, sides.before, sides.before.day),
        clocks(sides.after, sides.after, sides.after.day),
    );
    let on_the_day = clocks(sides.before, sides.before, sides.after.day);
    let as_published = clocks(sides.before, sides.after, sides.after.day);
    let mut ids: Vec<&Id> = before.keys().chain(after.keys()).collect();
    ids.sort();
    ids.dedup();
    let rows = ids.into_iter().filter_map(|id| {
        let of = |clocks: &BTreeMap<Id, Explanation>| clocks.get(id).map(Reading::from);
        let (was, is) = (of(&before), of(&after));
        if was == is {
            return None;
        }
        let because = Because::of(sides, &is, &of(&on_the_day), &of(&as_published));
        let changed_by = match because {
            Because::Events => after.get(id).map(|e| moved_by(e, sides)).unwrap_or_default(),
            Because::Day | Because::Published | Because::TakenAway => Vec::new(),
        };
        let started = after.get(id).or_else(|| before.get(id))?;
        Some(Clock {
            kind: started.clock,
            of: started.of.clone(),
            started_on: started.started.on,
            before: was,
            after: is,
            because,
            changed_by,
        })
    });
    rows.collect()
}

/// The added events that started, paused, extended, told or stopped a clock.
fn moved_by(e: &Explanation, sides: &Sides<'_>) -> Vec<By> {
    let pauses = e
        .pauses
        .iter()
        .flat_map(|pause| [Some(&pause.began), pause.ended.as_ref()]);
    let moments = [Some(&e.started), e.stopped.as_ref()]
        .into_iter()
        .chain(pauses)
        .chain(e.extensions.iter().map(|extension| Some(&extension.granted)))
        .chain(e.told.iter().map(|told| Some(&told.with)));
    let mut revisions: Vec<Revision> = moments.flatten().map(|moment| moment.revision).collect();
    revisions.sort_unstable();
    revisions.dedup();
    revisions
        .into_iter()
        .filter_map(|revision| sides.added(revision))
        .collect()
}
