//! As of when the log is read.

use guichet_core::id::Position;
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::Event;
use guichet_log::projection::Recorded;
use serde::Serialize;

/// As of when the log is read: on which of its axes, and how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "by", content = "at", rename_all = "snake_case")]
pub enum AsOf {
    /// Everything that there is.
    #[default]
    Now,
    /// What stood in the log before this position.
    Position(Position),
    /// What the log had taken by this instant: what the centre knew then.
    #[serde(rename = "recorded_at")]
    Recorded(Timestamp),
    /// What had happened by the end of this day, by the wall clock of the centre, as it is known now. Reference data are
    /// those of now.
    #[serde(rename = "effective_on")]
    Effective(Date),
}

impl AsOf {
    /// Whether a record belongs to the story by then.
    #[must_use]
    pub fn takes(self, recorded: &Recorded, directory: &Directory) -> bool {
        match self {
            Self::Now => true,
            Self::Position(position) => recorded.position < position,
            Self::Recorded(at) => recorded.recorded_at <= at,
            Self::Effective(day) => match recorded.event {
                Event::Reference(_) => true,
                Event::Case(_) => directory.zone().date(recorded.occurred_at) <= day,
            },
        }
    }
}
