//! The cases that the import knows: how far each is, asked of the log where it was forgotten.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash as _, Hasher as _};

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

/// The bits of the filter that remembers which cases were met: 4 MiB. With a million cases it takes one new case in 5,000 for
/// one that was met; then the numbers of events in the source decide, which is right for every source that did not change.
const MET_BITS: u64 = 32 * 1024 * 1024;

/// The bits of one case in that filter.
const MET_BITS_EACH: u64 = 4;

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
pub(super) struct KnownCases {
    young: HashMap<CaseId, Known>,
    old: HashMap<CaseId, Known>,
    generation_cases_max: usize,
    met: Met,
}

/// Which cases were met in this import: never forgets one, and rarely takes another for one of them.
struct Met(Vec<u64>);

impl Met {
    /// Whether the case may have been met; from now on it was.
    fn insert(&mut self, case: &CaseId) -> bool {
        let mut hasher = DefaultHasher::new();
        case.hash(&mut hasher);
        let hash = hasher.finish();
        let (first, step) = (hash >> 32, (hash & 0xffff_ffff) | 1);
        let mut was_met = true;
        for n in 0..MET_BITS_EACH {
            let bit = first.wrapping_add(n.wrapping_mul(step)) % MET_BITS;
            let word = usize::try_from(bit / 64)
                .ok()
                .and_then(|word| self.0.get_mut(word));
            if let Some(word) = word {
                was_met &= *word & (1 << (bit % 64)) != 0;
                *word |= 1 << (bit % 64);
            }
        }
        was_met
    }
}

impl Default for KnownCases {
    fn default() -> Self {
        Self::of_generation(GENERATION_CASES_MAX)
    }
}

impl KnownCases {
    /// Keeps so many cases in each generation. They must be more than can be on their way to the log.
    pub(super) fn of_generation(generation_cases_max: usize) -> Self {
        let words = usize::try_from(MET_BITS / 64).unwrap_or_default();
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            generation_cases_max,
            met: Met(vec![0; words]),
        }
    }

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
        // What is met for the first time has had no event in this import, however the source has changed since the last one.
        let first_entry = if self.met.insert(case) { first_entry } else { 0 };
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
        if self.young.len() >= self.generation_cases_max {
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
            let Event::Case(event) = &recorded.event else {
                continue;
            };
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
                    if tells_times_apart(
                        mapping,
                        &step.activity,
                        step.attributes.get(super::commands::names::LIFECYCLE),
                    ) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_was_met_is_remembered_and_few_others_are_taken_for_it() {
        let mut met = KnownCases::default().met;
        let id = |n: u32| CaseId::new(&format!("case-{n}")).unwrap();
        let mistaken = (0..50_000).filter(|n| met.insert(&id(*n))).count();
        assert!(mistaken <= 5, "{mistaken}");
        assert!((0..50_000).all(|n| met.insert(&id(n))));
    }
}
