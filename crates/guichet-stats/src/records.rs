//! What the log holds: the source's events and the centre's own, apart from the reference data.

use guichet_core::actor::Role;
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_log::record::Cause;
use serde::Serialize;

/// Counts the records of a log by where they come from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records {
    imported: u64,
    concluded: u64,
    handled: u64,
    catalogue: u64,
}

/// How many records there are, by where they come from. Every record is in exactly one of the four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordsView {
    /// All of them.
    pub total: u64,
    /// Events of another system's log: one for each entry that was taken over.
    pub imported: u64,
    /// What an import recorded beside the source's events: what it concluded from them, or from what the source says about
    /// a case as a whole.
    pub concluded: u64,
    /// Events of cases that were handled here.
    pub handled: u64,
    /// Reference data: departments, windows, staff, procedures, calendars.
    pub catalogue: u64,
}

impl RecordsView {
    /// How many things happened: the source's events and those of the cases handled here. What the catalogue says, and
    /// what was concluded from imported events, is not among them.
    #[must_use]
    pub const fn events(self) -> u64 {
        self.imported + self.handled
    }
}

impl Projection for Records {
    type View = RecordsView;

    fn apply(&mut self, recorded: &Recorded) {
        let count = match (&recorded.event, recorded.cause) {
            (Event::Reference(_), _) => &mut self.catalogue,
            (Event::Case(_), Cause::Imported { .. }) => &mut self.imported,
            // What an importer records beside the source's events, it concluded from them or from what is said of a case.
            (Event::Case(_), Cause::Asked | Cause::Followed(_)) if recorded.actor.role == Role::Importer => {
                &mut self.concluded
            }
            (Event::Case(_), Cause::Asked | Cause::Followed(_)) => &mut self.handled,
        };
        *count += 1;
    }

    fn view(&self) -> RecordsView {
        let Self {
            imported,
            concluded,
            handled,
            catalogue,
        } = *self;
        let total = imported + concluded + handled + catalogue;
        RecordsView {
            total,
            imported,
            concluded,
            handled,
            catalogue,
        }
    }
}
