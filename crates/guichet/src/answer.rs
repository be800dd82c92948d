//! What the engine answers to a command.

use guichet_core::case::{CaseEvent, Rejection};
use guichet_core::id::{CaseId, Position, Revision};
use guichet_core::time::Timestamp;

/// The answer to a command: it was accepted and recorded, or the rules said no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What followed is durable.
    Accepted(Accepted),
    /// The rules said no, and nothing was recorded.
    Rejected(Rejection),
}

/// What followed from a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The case.
    pub case: CaseId,
    /// The position of the first record; nothing when no event followed.
    pub position: Option<Position>,
    /// The revision of the case's last record; nothing when it has none.
    pub revision: Option<Revision>,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// What happened.
    pub events: Vec<CaseEvent>,
    /// Whether the command had been accepted before, and this is that answer again.
    pub repeated: bool,
}

impl Answer {
    /// What followed, or why not.
    ///
    /// # Errors
    ///
    /// The rejection.
    pub fn accepted(self) -> Result<Accepted, Rejection> {
        match self {
            Self::Accepted(accepted) => Ok(accepted),
            Self::Rejected(rejection) => Err(rejection),
        }
    }
}
