//! What a case is and was: its state, and its history record by record.

use guichet_core::case::{CaseState, evolve};
use guichet_core::id::{CaseId, Revision};

use crate::codec::Event;
use crate::projection::Recorded;

/// A case with its history.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: CaseId,
    /// What it is after these records.
    pub state: CaseState,
    /// The revision of its last record.
    pub revision: Revision,
    /// What happened, in the order in which it was recorded.
    pub records: Vec<Recorded>,
}

impl CaseView {
    /// A case to which this happened, in the order in which it was recorded; none where nothing has.
    ///
    /// ```
    /// # use guichet_core::id::CaseId;
    /// # use guichet_log::history::CaseView;
    /// assert!(CaseView::of(CaseId::new("2010-1")?, Vec::new()).is_none());
    /// # Ok::<(), guichet_core::id::IdError>(())
    /// ```
    #[must_use]
    pub fn of(case: CaseId, records: Vec<Recorded>) -> Option<Self> {
        let revision = records.last()?.revision;
        Some(Self {
            case,
            state: state_of(&records),
            revision,
            records,
        })
    }

    /// What happened, in the order in which it happened; what happened at one instant, in the order of its records.
    #[must_use]
    pub fn timeline(&self) -> Vec<&Recorded> {
        let mut timeline: Vec<&Recorded> = self.records.iter().collect();
        timeline.sort_by_key(|recorded| (recorded.occurred_at, recorded.revision));
        timeline
    }
}

/// What a case is after these records.
///
/// ```
/// # use guichet_core::case::CaseState;
/// assert_eq!(guichet_log::history::state_of(&[]), CaseState::Absent);
/// ```
#[must_use]
pub fn state_of(records: &[Recorded]) -> CaseState {
    let events = records.iter().filter_map(|recorded| match &recorded.event {
        Event::Case(event) => Some(event),
        Event::Reference(_) => None,
    });
    events.fold(CaseState::Absent, evolve)
}
