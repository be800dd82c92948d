//! What happened to cases by kind of event, beside their statistics: for rules that name an event.

use std::collections::BTreeSet;
use std::fmt;

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, DepartmentId, PersonId, WindowId};
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::as_of::AsOf;
use crate::statistics::Statistics;

/// A kind of event of a case, such as `case.step_sent_back`.
///
/// ```
/// # use guichet_stats::report::EventKind;
/// let kind = EventKind::try_from("case.step_sent_back".to_owned());
/// assert_eq!(kind.map(|kind| kind.to_string()).as_deref(), Ok("case.step_sent_back"));
/// assert!(EventKind::try_from("case.lost".to_owned()).is_err_and(|error| error.contains("no kind of event")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKind(&'static str);

impl TryFrom<String> for EventKind {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = CaseEvent::KINDS.iter().find(|kind| **kind == text);
        known.copied().map(Self).ok_or_else(|| {
            let text: String = text.chars().take(60).collect();
            format!("`{text}` is no kind of event of a case; expected one such as case.step_sent_back (schemas/event.v1.schema.json)")
        })
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::try_from(text).map_err(D::Error::custom)
    }
}

impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One event of a kind that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) kind: EventKind,
    pub(super) case: CaseId,
    pub(super) on: Date,
    pub(super) department: Option<DepartmentId>,
    pub(super) window: Option<WindowId>,
    pub(super) person: PersonId,
}

/// Statistics, and the events of some kinds.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The statistics.
    pub statistics: Statistics,
    wanted: BTreeSet<EventKind>,
    occurrences: Vec<Occurrence>,
}

impl Counted {
    /// As of when, and with which kinds of events.
    #[must_use]
    pub fn new(as_of: AsOf, wanted: impl IntoIterator<Item = EventKind>) -> Self {
        Self {
            statistics: Statistics::at(as_of),
            wanted: wanted.into_iter().collect(),
            occurrences: Vec::new(),
        }
    }

    pub(super) fn occurrences(&self) -> &[Occurrence] {
        &self.occurrences
    }
}

impl Projection for Counted {
    type View = Statistics;

    fn apply(&mut self, recorded: &Recorded) {
        let directory = self.statistics.facts().directory();
        if let Event::Case(event) = &recorded.event
            && let Some(kind) = self.wanted.get(&EventKind(event.kind()))
            && self.statistics.as_of().takes(recorded, directory)
            && let Some(case) = recorded.stream.case()
        {
            self.occurrences.push(Occurrence {
                kind: *kind,
                case,
                on: directory.zone().date(recorded.occurred_at),
                department: recorded.actor.department.clone(),
                window: recorded.actor.window.clone(),
                person: recorded.actor.person.clone(),
            });
        }
        self.statistics.apply(recorded);
    }

    fn view(&self) -> Statistics {
        self.statistics.clone()
    }
}
