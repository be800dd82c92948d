//! What the log holds: the source's events and the centre's own, apart from the reference data.

use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_log::record::Cause;
use serde::Serialize;

/// Counts the records of a log by where they come from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records {
    imported: u64,
    followed: u64,
    asked: u64,
    catalogue: u64,
    /// Whether the record before was taken over from a source, or followed from one that was.
    importing: bool,
}

/// How many records there are, by where they come from. Every record is in exactly one of the four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordsView {
    /// All of them.
    pub total: u64,
    /// Events of another system's log: one for each entry that was taken over.
    pub imported: u64,
    /// What Guichet concluded from an imported event and recorded beside it.
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
        match (&recorded.event, recorded.cause) {
            (Event::Reference(_), _) => self.catalogue += 1,
            (Event::Case(_), Cause::Imported { .. }) => {
                self.importing = true;
                self.imported += 1;
            }
            (Event::Case(_), Cause::Asked) => {
                self.importing = false;
                self.asked += 1;
            }
            // The records of a command stand side by side, so what led to this one is the last that was no follower.
            (Event::Case(_), Cause::Followed(_)) if self.importing => self.followed += 1,
            (Event::Case(_), Cause::Followed(_)) => self.asked += 1,
        }
    }

    fn view(&self) -> RecordsView {
        RecordsView {
            total: self.imported + self.followed + self.asked + self.catalogue,
            imported: self.imported,
            concluded: self.followed,
            handled: self.asked,
            catalogue: self.catalogue,
        }
    }
}
