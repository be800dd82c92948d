//! What differs between a case as it was known at two moments, and which event changed it.

mod clocks;
mod fields;
mod text;

use std::collections::BTreeSet;

use guichet_core::id::{CaseId, Position, Revision, Version};
use guichet_core::reference::ReferenceEvent;
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::projection::Recorded;
use guichet_terminal::context::{Context, Failure};
use serde::Serialize;

use self::clocks::Clock;
use self::fields::Field;
use crate::as_of::{Known, Named};
use crate::source::Seen;
use crate::timeline::Entry;

/// What differs, as `schemas/case-difference.v1.schema.json` describes it.
#[derive(Debug, Serialize)]
pub struct Difference<'a> {
    version: u16,
    case: &'a CaseId,
    before: Side<'a>,
    after: Side<'a>,
    /// The events of the case that are known after and were not before.
    added: Vec<Entry<'a>>,
    /// Those that were known before and are not after: there are some where the moments go back or are of two kinds.
    taken_away: Vec<Entry<'a>>,
    /// What was published in between and is of this case: the centre, its procedure, its calendar.
    published: Vec<Published>,
    /// What differs of what the case is.
    fields: Vec<Field>,
    /// What differs of what is counted.
    clocks: Vec<Clock>,
}

/// One of the two moments.
#[derive(Debug, Serialize)]
struct Side<'a> {
    as_of: Named,
    day: Date,
    /// How many records of the case were known.
    records: usize,
    #[serde(skip)]
    known: &'a Known,
}

impl<'a> From<&'a Known> for Side<'a> {
    fn from(known: &'a Known) -> Self {
        Self {
            as_of: Named(known.as_of),
            day: known.day,
            records: known.records().len(),
            known,
        }
    }
}

/// Reference data that were published in between.
#[derive(Debug, Serialize)]
struct Published {
    position: Position,
    kind: &'static str,
    id: Option<String>,
    #[serde(rename = "version")]
    number: Option<Version>,
}

/// Why something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Because {
    /// The day alone is another one.
    Day,
    /// Reference data that were published in between.
    Published,
    /// Events that were added.
    Events,
    /// Events that were taken away.
    TakenAway,
}

impl Because {
    /// The least that explains how something is read after: the same events read on the later day, then also with the later
    /// reference data, and only then other events.
    fn of<T: PartialEq>(sides: &Sides<'_>, after: &T, on_the_day: &T, as_published: &T) -> Self {
        if on_the_day == after {
            Self::Day
        } else if as_published == after {
            Self::Published
        } else if sides.added.is_empty() {
            Self::TakenAway
        } else {
            Self::Events
        }
    }
}

/// An added event, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct By {
    position: Position,
    revision: Revision,
    kind: &'static str,
}

impl From<&Recorded> for By {
    fn from(recorded: &Recorded) -> Self {
        Self {
            position: recorded.position,
            revision: recorded.revision,
            kind: recorded.event.kind(),
        }
    }
}

/// The two moments, and the records that only one of them knows.
struct Sides<'a> {
    before: &'a Known,
    after: &'a Known,
    added: Vec<&'a Recorded>,
    taken_away: Vec<&'a Recorded>,
}

impl<'a> Sides<'a> {
    fn new(before: &'a Known, after: &'a Known) -> Self {
        let only = |of: &'a Known, not: &Known| {
            let others: BTreeSet<_> = not.records().iter().map(|recorded| recorded.position).collect();
            let records = of.records().iter();
            records
                .filter(|recorded| !others.contains(&recorded.position))
                .collect()
        };
        Self {
            before,
            after,
            added: only(after, before),
            taken_away: only(before, after),
        }
    }

    /// The added event with this revision.
    fn added(&self, revision: Revision) -> Option<By> {
        let place = self
            .added
            .binary_search_by_key(&revision, |recorded| recorded.revision)
            .ok()?;
        self.added.get(place).copied().map(By::from)
    }
}

/// What differs between two moments of a case.
#[must_use]
pub fn difference<'a>(seen: &'a Seen<'_>, before: &'a Known, after: &'a Known) -> Difference<'a> {
    let sides = Sides::new(before, after);
    Difference {
        version: 1,
        case: seen.case(),
        before: Side::from(before),
        after: Side::from(after),
        added: sides.added.iter().map(|recorded| Entry::of(recorded)).collect(),
        taken_away: sides
            .taken_away
            .iter()
            .map(|recorded| Entry::of(recorded))
            .collect(),
        published: published(seen, &sides),
        fields: fields::compare(seen.case(), &sides),
        clocks: clocks::compare(&sides),
    }
}

/// The reference data of the case that only the later moment knows.
fn published(seen: &Seen<'_>, sides: &Sides<'_>) -> Vec<Published> {
    let view = sides.after.view.as_ref().or(sides.before.view.as_ref());
    let Some(case) = view.and_then(|view| view.state.case()) else {
        return Vec::new();
    };
    let procedure = sides.after.directory.procedure(&case.procedure, case.version);
    let calendar = procedure.map(|procedure| &procedure.calendar);
    let takes = |known: &Known, recorded: &Recorded| known.as_of.takes(recorded, &known.directory);
    let in_between = seen
        .reference()
        .iter()
        .filter(|recorded| takes(sides.after, recorded) && !takes(sides.before, recorded));
    in_between
        .filter_map(|recorded| {
            let Event::Reference(event) = &recorded.event else {
                return None;
            };
            let (id, number) = match event {
                ReferenceEvent::CentrePublished(_) => (None, None),
                ReferenceEvent::CalendarPublished(of) if calendar == Some(of.id()) => {
                    (Some(of.id().to_string()), Some(of.version()))
                }
                ReferenceEvent::ProcedurePublished(of) if of.id == case.procedure => {
                    (Some(of.id.to_string()), Some(of.version))
                }
                ReferenceEvent::CalendarPublished(_)
                | ReferenceEvent::ProcedurePublished(_)
                | ReferenceEvent::DepartmentRegistered(_)
                | ReferenceEvent::WindowRegistered(_)
                | ReferenceEvent::RosterPublished(_)
                | ReferenceEvent::StaffRegistered(_)
                | ReferenceEvent::BulletinPublished(_)
                | ReferenceEvent::FindingIssued(_)
                | ReferenceEvent::FindingExplained(_)
                | ReferenceEvent::FindingUpheld(_)
                | ReferenceEvent::FindingCancelled(_) => return None,
            };
            Some(Published {
                position: recorded.position,
                kind: event.kind(),
                id,
                number,
            })
        })
        .collect()
}

/// Tells what differs: as JSON, or as text.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn print(difference: &Difference<'_>, context: Context) -> Result<(), Failure> {
    context.answer(difference, || text::text(difference, context))
}
