//! The rows of a case: everything of it that is counted, folded from its events. Steps and members are of its main line;
//! beside it there are ratings, encounters, fees, complaints and praise.
//!
//! Each container folds the records of one case into rows; whoever owns it keeps it under the id of the case. A row names
//! the record that it comes from, so that it can be traced, and so that a later correction of that record finds it.
//!
//! **Corrections.** `case.record_corrected` says what a field of an earlier record should have said. Where a row holds that
//! field, it holds the new value from then on, and the fold up to the record before still gives the old one. A new value
//! that is none of its kind changes nothing. What an applicant said is not the centre's to correct: a level of
//! satisfaction, a judgement, a complaint's finding stay as they are, and a rating that should not count is invalidated.

pub mod agency;
mod case;
pub mod complaint;
pub mod encounter;
pub mod fee;
pub mod rating;
pub mod step;

use std::str::FromStr;

use guichet_core::case::event::RecordCorrected;
use guichet_core::id::Revision;

pub use agency::{Agencies, AgencyFact};
pub(crate) use case::Touched;
pub use case::{CaseRows, Facts};
pub use complaint::{ComplaintFact, Complaints, PraiseFact};
pub use encounter::{EncounterFact, EncounterKind, Encounters, is_sent};
pub use fee::{FeeFact, Fees, Payment};
pub use rating::{CaseRating, Given, Invalidated, RatingFact, Ratings, Rectified, Source};
pub use step::{StepEnd, StepFact};

/// Puts a row behind the others. There are many cases, and most have one or two rows of a kind, so no room is kept for more.
pub(crate) fn put<T>(rows: &mut Vec<T>, row: T) {
    if rows.len() == rows.capacity() && rows.len() < 4 {
        rows.reserve_exact(1);
    }
    rows.push(row);
}

/// The new value of a field, where this corrects that field of that record and says something of its kind.
fn corrected<T: FromStr>(correction: &RecordCorrected, record: Revision, field: &str) -> Option<T> {
    (correction.target == record && correction.field == field)
        .then(|| correction.new.parse().ok())
        .flatten()
}

/// Sets a field that a record always has.
fn correct<T: FromStr>(value: &mut T, correction: &RecordCorrected, record: Revision, field: &str) {
    if let Some(new) = corrected(correction, record, field) {
        *value = new;
    }
}

/// Sets a field that a record may lack: an empty text takes it away.
fn correct_optional<T: FromStr>(
    value: &mut Option<T>,
    correction: &RecordCorrected,
    record: Revision,
    field: &str,
) {
    if correction.target != record || correction.field != field {
        return;
    }
    if correction.new.is_empty() {
        *value = None;
    } else if let Ok(new) = correction.new.parse() {
        *value = Some(new);
    }
}

#[cfg(test)]
mod testing {
    //! Records of one case, made up.

    use std::collections::BTreeSet;

    use guichet_core::actor::{Actor, Role};
    use guichet_core::case::CaseEvent;
    use guichet_core::case::event::{CaseSubmitted, Channel, RecordCorrected};
    use guichet_core::id::{CommandId, PersonId, Position, Revision, StreamId, Version};
    use guichet_core::testkit::{OFFSET, id};
    use guichet_core::time::{Date, Offset, date};
    use guichet_core::zone::Zone;
    use guichet_log::projection::Recorded;
    use guichet_log::record::Cause;

    /// A day of March 2010.
    pub(super) fn day(day: i8) -> Date {
        date(2010, 3, day)
    }

    pub(super) fn zone() -> Zone {
        "+08:00".parse().unwrap()
    }

    /// Somebody at a window, or nowhere in particular.
    pub(super) fn clerk(window: Option<&str>) -> Actor {
        let actor = Actor::new(id::<PersonId>("s07"), Role::Clerk);
        match window {
            Some(window) => actor.at(id(window)),
            None => actor,
        }
    }

    pub(super) fn applicant() -> Actor {
        Actor::new(id::<PersonId>("a1"), Role::Applicant)
    }

    /// One thing that happened, on a day.
    pub(super) struct Happened(pub(super) i8, pub(super) Actor, pub(super) CaseEvent);

    /// Folds a history, the first record with revision 0.
    pub(super) fn fold(history: Vec<Happened>, mut apply: impl FnMut(&Recorded, &CaseEvent, &Zone)) {
        let zone = zone();
        for (revision, Happened(on, actor, event)) in (0..).zip(history) {
            let recorded = Recorded {
                position: Position(100 + revision),
                stream: StreamId::of_case(&id("C-1")),
                revision: Revision(revision),
                recorded_at: day(on).at(9, 0, OFFSET),
                // One in the morning here is still the day before in UTC.
                occurred_at: day(on).at(1, 0, OFFSET),
                actor,
                authority: None,
                cause: Cause::Asked,
                command: CommandId::new("c-1").unwrap(),
                event: event.clone().into(),
            };
            assert_ne!(recorded.occurred_at.date_at(Offset::UTC), day(on));
            apply(&recorded, &event, &zone);
        }
    }

    pub(super) fn submitted(channel: Channel, window: Option<&str>) -> CaseEvent {
        CaseSubmitted {
            procedure: id("food-service"),
            version: Version(1),
            department: id("health"),
            applicant: id("a1"),
            channel,
            window: window.map(id),
            facts: guichet_core::condition::Facts::new(),
            materials: BTreeSet::new(),
            received_on: day(1),
            intake_due_on: None,
            resubmits: None,
        }
        .into()
    }

    pub(super) fn correction(target: u64, field: &str, new: &str) -> CaseEvent {
        RecordCorrected {
            target: Revision(target),
            field: field.to_owned(),
            old: String::new(),
            new: new.to_owned(),
            reason: "a slip".to_owned(),
        }
        .into()
    }
}
