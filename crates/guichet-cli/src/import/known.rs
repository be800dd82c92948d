//! The cases that the import knows: how far each is, asked of the log where it was forgotten.

use std::collections::{BTreeSet, HashMap};

use guichet::log::codec::Event;
use guichet::log::record::Cause;
use guichet::{CaseView, EngineError, Guichet};
use guichet_core::case::{CaseEvent, Stage};
use guichet_core::condition::Facts;
use guichet_core::id::CaseId;
use guichet_core::time::Date;

use super::commands::{Commands, number_of};
use super::mapping::Mapping;

/// The most cases that are kept in each of two generations: a few hundred bytes each, and many times what can be on its way
/// to the log at once. A case that is forgotten is read from the log when it comes again.
const GENERATION_CASES_MAX: usize = 20_000;

/// How far a case is.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The number of its next event in this import, from 1.
    pub(super) next: u64,
    /// The greatest number that was recorded before.
    pub(super) done: u64,
    /// The activities it has had, of those for which the mapping tells the first time from others.
    pub(super) seen: BTreeSet<String>,
    /// Since when it waits for acceptance.
    pub(super) waiting_since: Option<Date>,
    pub(super) status: Status,
}

/// Whose case it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Nobody's so far.
    Absent,
    /// This log's, opened with these facts by an import before, or so long ago that it was forgotten.
    Loaded(Facts),
    /// This log's, opened or compared in this import.
    Open,
    /// It is not taken, and its events are not either, because of this.
    Refused(String),
}

/// Cases in use, in two generations: what is not used while the younger one fills up is let go.
#[derive(Default)]
pub(super) struct KnownCases {
    young: HashMap<CaseId, Known>,
    old: HashMap<CaseId, Known>,
}

impl KnownCases {
    /// Takes a case out, or reads it. `first_entry` is the least number that its coming events have in the source.
    pub(super) async fn take(
        &mut self,
        engine: &Guichet,
        commands: &Commands<'_>,
        mapping: &Mapping,
        case: &CaseId,
        first_entry: u64,
    ) -> Result<Known, EngineError> {
        if let Some(known) = self.young.remove(case).or_else(|| self.old.remove(case)) {
            return Ok(known);
        }
        Ok(match engine.case(case).await? {
            Some(view) => Known::of(&view, commands, mapping, first_entry),
            None => Known {
                next: 1,
                done: 0,
                seen: BTreeSet::new(),
                waiting_since: None,
                status: Status::Absent,
            },
        })
    }

    pub(super) fn put(&mut self, case: CaseId, known: Known) {
        if self.young.len() >= GENERATION_CASES_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(case, known);
    }
}

impl Known {
    /// What the log says of a case: events of this source that come before `first_entry` were met in this import already.
    fn of(view: &CaseView, commands: &Commands<'_>, mapping: &Mapping, first_entry: u64) -> Self {
        let mut known = Self {
            next: 1,
            done: 0,
            seen: BTreeSet::new(),
            waiting_since: None,
            status: Status::Absent,
        };
        let opening = commands.opening_id(&view.case).ok();
        let mut opened_with = None;
        for recorded in &view.records {
            let Event::Case(event) = &recorded.event else { continue };
            if let CaseEvent::CaseSubmitted(submitted) = event
                && Some(&recorded.command) == opening.as_ref()
            {
                opened_with = Some(submitted.facts.clone());
            }
            if let CaseEvent::StepRecorded(step) = event
                && let Cause::Imported { entry } = recorded.cause
                && let Some(number) = number_of(&recorded.command)
            {
                known.done = known.done.max(number);
                if entry < first_entry {
                    known.next = known.next.max(number + 1);
                    if tells_times_apart(mapping, &step.activity, step.attributes.get(super::commands::names::LIFECYCLE)) {
                        known.seen.insert(step.activity.clone());
                    }
                }
            }
        }
        if let Some(Stage::Intake { since, .. }) = view.state.case().map(|case| &case.stage) {
            known.waiting_since = Some(*since);
        }
        known.status = match opened_with {
            Some(facts) => Status::Loaded(facts),
            None => Status::Refused(format!(
                "the case `{}` is there already, and not from this log; a `case_prefix` in the mapping keeps the two apart",
                view.case
            )),
        };
        known
    }

    /// Whether no event of the case was met in this import.
    pub(super) const fn is_first_met(&self) -> bool {
        self.next == 1
    }
}

/// Whether the mapping tells the first event of this activity from later ones.
pub(super) fn tells_times_apart(mapping: &Mapping, activity: &str, lifecycle: Option<&String>) -> bool {
    mapping
        .rule(activity, lifecycle.map(String::as_str))
        .is_some_and(|rule| rule.again.is_some())
}
