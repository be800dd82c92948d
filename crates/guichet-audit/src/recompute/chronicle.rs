//! The chronicle: the events of each case in order, and the reference data with the place in the log from which they count.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_core::calendar::Calendar;
use guichet_core::case::CaseEvent;
use guichet_core::id::{
    CalendarId, CaseId, DepartmentId, PersonId, Position, ProcedureId, Revision, Version,
};
use guichet_core::procedure::Procedure;
use guichet_core::reference::{Directory, ReferenceEvent};
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::Event;
use guichet_log::projection::Recorded;
use guichet_stats::AsOf;

/// One event of a case, with what else its record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) recorded_at: Timestamp,
    /// When it happened, by the wall clock of the centre.
    pub(super) on: Date,
    /// For which department somebody acted.
    pub(super) department: Option<DepartmentId>,
    pub(super) event: CaseEvent,
}

/// Something of the reference data, and when the log took it.
#[derive(Clone, Debug)]
struct Published<T> {
    position: Position,
    recorded_at: Timestamp,
    what: Arc<T>,
}

/// A bulletin's way into the log.
#[derive(Clone, Debug)]
pub(super) struct Publication {
    pub(super) position: Position,
    pub(super) recorded_at: Timestamp,
    pub(super) by: PersonId,
}

/// Everything that the second path counts from.
#[derive(Clone, Debug, Default)]
pub(super) struct Chronicle {
    cases: BTreeMap<CaseId, Vec<Line>>,
    calendars: BTreeMap<CalendarId, Vec<Published<Calendar>>>,
    procedures: BTreeMap<ProcedureId, BTreeMap<Version, Published<Procedure>>>,
    /// All reference data, for names and bulletins.
    pub(super) directory: Directory,
    /// When each bulletin was recorded, and by whom it was published.
    pub(super) published: Vec<Publication>,
    /// One past the last record.
    pub(super) end: Position,
}

impl Chronicle {
    /// Takes in the next record of the log.
    pub(super) fn apply(&mut self, recorded: &Recorded) {
        self.end = recorded.position.next();
        match &recorded.event {
            Event::Reference(event) => self.publish(event, recorded),
            Event::Case(event) => {
                // Lights and told dates follow from the rest, and no figure counts the steps of another system.
                let counts = !matches!(
                    event,
                    CaseEvent::LightTurned(_) | CaseEvent::DueDateAnnounced(_) | CaseEvent::StepRecorded(_)
                );
                if let (true, Some(case)) = (counts, recorded.stream.case()) {
                    self.cases.entry(case).or_default().push(Line {
                        position: recorded.position,
                        revision: recorded.revision,
                        recorded_at: recorded.recorded_at,
                        on: self.directory.zone().date(recorded.occurred_at),
                        department: recorded.actor.department.clone(),
                        event: event.clone(),
                    });
                }
            }
        }
    }

    fn publish(&mut self, event: &ReferenceEvent, recorded: &Recorded) {
        let (position, recorded_at) = (recorded.position, recorded.recorded_at);
        if let ReferenceEvent::CalendarPublished(calendar) = event {
            self.calendars
                .entry(calendar.id().clone())
                .or_default()
                .push(Published {
                    position,
                    recorded_at,
                    what: Arc::clone(calendar),
                });
        } else if let ReferenceEvent::ProcedurePublished(procedure) = event {
            self.procedures
                .entry(procedure.id.clone())
                .or_default()
                .entry(procedure.version)
                .or_insert(Published {
                    position,
                    recorded_at,
                    what: Arc::clone(procedure),
                });
        } else if let ReferenceEvent::BulletinPublished(_) = event {
            self.published.push(Publication {
                position,
                recorded_at,
                by: recorded.actor.person.clone(),
            });
        }
        self.directory.apply(event);
    }

    /// The chronicle as of a moment.
    pub(super) const fn at(&self, as_of: AsOf) -> View<'_> {
        View {
            chronicle: self,
            as_of,
            before: self.end,
        }
    }
}

/// The chronicle as of a moment: what it takes is decided here, record by record.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    chronicle: &'a Chronicle,
    as_of: AsOf,
    /// Nothing at this position or after it is seen.
    before: Position,
}

impl<'a> View<'a> {
    /// The same, but nothing at a position or after it.
    pub(super) fn before(self, position: Position) -> Self {
        Self {
            before: self.before.min(position),
            ..self
        }
    }

    fn takes(self, position: Position, recorded_at: Timestamp, on: Option<Date>) -> bool {
        let by_moment = match self.as_of {
            AsOf::Now => true,
            AsOf::Position(end) => position < end,
            AsOf::Recorded(at) => recorded_at <= at,
            // Reference data are those of now.
            AsOf::Effective(day) => on.is_none_or(|on| on <= day),
        };
        by_moment && position < self.before
    }

    /// The ids of the cases that there are, whether or not anything of them is seen.
    pub(super) fn ids(self) -> impl Iterator<Item = &'a CaseId> {
        self.chronicle.cases.keys()
    }

    /// The events of a case.
    pub(super) fn lines(self, case: &CaseId) -> impl Iterator<Item = &'a Line> {
        let lines = self.chronicle.cases.get(case).map(Vec::as_slice);
        lines
            .unwrap_or_default()
            .iter()
            .filter(move |line| self.takes(line.position, line.recorded_at, Some(line.on)))
    }

    /// A calendar as it was when the log had reached a position.
    pub(super) fn calendar(self, calendar: &CalendarId, at: Position) -> Option<&'a Calendar> {
        let versions = self.chronicle.calendars.get(calendar)?;
        let known = versions
            .iter()
            .rev()
            .find(|version| version.position < at && self.takes(version.position, version.recorded_at, None));
        known.map(|version| version.what.as_ref())
    }

    /// A version of a procedure, once it was published.
    pub(super) fn procedure(
        self,
        procedure: &ProcedureId,
        version: Version,
        at: Position,
    ) -> Option<&'a Procedure> {
        let known = self.chronicle.procedures.get(procedure)?.get(&version)?;
        (known.position < at && self.takes(known.position, known.recorded_at, None))
            .then_some(known.what.as_ref())
    }

    /// The newest version of every procedure.
    pub(super) fn catalogue(self) -> impl Iterator<Item = &'a Procedure> {
        self.chronicle.procedures.values().filter_map(move |versions| {
            let known = versions
                .values()
                .rev()
                .find(|version| self.takes(version.position, version.recorded_at, None));
            known.map(|version| version.what.as_ref())
        })
    }

    /// Where calendars were published.
    pub(super) fn calendar_positions(self) -> impl Iterator<Item = Position> + 'a {
        let versions = self.chronicle.calendars.values().flatten();
        versions.map(|version| version.position)
    }

    /// The place in the log from which everything that is seen is known.
    pub(super) const fn end(self) -> Position {
        self.before
    }
}
