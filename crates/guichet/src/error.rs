//! What can go wrong around a command. A rejection is no error: it is an answer.

use guichet_core::id::{CommandId, Revision};
use guichet_core::reference::PublishRejection;
use guichet_log::log::{CloseError, ReadError, with_sources};

/// An error of the engine.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Too many commands wait. Nothing was recorded; try again in a moment.
    #[error(
        "{waiting} commands wait for the writer, which is the most; nothing was recorded; try again in a moment"
    )]
    Busy {
        /// How many may wait.
        waiting: usize,
    },
    /// The case has changed since the asker saw it. Nothing was recorded; read it again and decide anew.
    #[error("the case was expected to end at revision {expected}, and {}; read it again", found(*.actual))]
    Conflict {
        /// The revision that the command expected.
        expected: Revision,
        /// The revision of the case's last record, if it has one.
        actual: Option<Revision>,
    },
    /// The command's id was used for another command. Nothing was recorded; give each command an id of its own.
    #[error("the command id {id} was used for another command; give each command an id of its own")]
    CommandIdReused {
        /// The id.
        id: CommandId,
    },
    /// A write failed, and the engine takes no more commands. Reads go on; close the engine and open it again.
    #[error("the engine takes no more commands since a write failed: {cause}; reads go on; open it again")]
    Poisoned {
        /// What failed.
        cause: String,
    },
    /// The engine was closed.
    #[error("the engine is closed")]
    Closed,
    /// The log could not be read. Nothing was recorded.
    #[error("the log cannot be read: {0}")]
    Read(String),
    /// What was read is no event that this build knows.
    #[error("a record cannot be decoded: {0}")]
    Decode(String),
    /// What the command says is too large for the log. Nothing was recorded; put it into a document.
    #[error("what the command says is too large for the log: {0}")]
    TooLarge(String),
    /// The case has as many records as a case may have. Nothing was recorded; hand in a new one.
    #[error("the case would have {records} records, and {max} is the most; nothing was recorded")]
    CaseFull {
        /// How many it would have.
        records: u64,
        /// The bound.
        max: u64,
    },
}

fn found(actual: Option<Revision>) -> String {
    actual.map_or_else(
        || "it has no record".to_owned(),
        |actual| format!("it ends at revision {actual}"),
    )
}

impl EngineError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "busy",
            Self::Conflict { .. } => "conflict",
            Self::CommandIdReused { .. } => "command_id_reused",
            Self::Poisoned { .. } => "poisoned",
            Self::Closed => "closed",
            Self::Read(_) => "read_failed",
            Self::Decode(_) => "decode_failed",
            Self::TooLarge(_) => "too_large",
            Self::CaseFull { .. } => "case_full",
        }
    }

    /// Whether the same command may succeed when it is sent again as it is.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Read(_) => true,
            Self::Conflict { .. }
            | Self::CommandIdReused { .. }
            | Self::Poisoned { .. }
            | Self::Closed
            | Self::Decode(_)
            | Self::TooLarge(_)
            | Self::CaseFull { .. } => false,
        }
    }
}

impl From<ReadError> for EngineError {
    fn from(error: ReadError) -> Self {
        Self::Read(with_sources(&error))
    }
}

impl From<CloseError> for EngineError {
    fn from(error: CloseError) -> Self {
        Self::Poisoned {
            cause: with_sources(&error),
        }
    }
}

/// An engine that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The log on disk does not open.
    #[cfg(feature = "sled")]
    #[error("the log cannot be opened")]
    Log(#[from] guichet_sled::OpenError),
    /// This build lacks a step from an old payload to the present one.
    #[error("this build cannot read every payload that an earlier one wrote")]
    Upcasts(#[from] guichet_log::codec::registry::IncompleteChain),
    /// The reference data cannot be read.
    #[error("the reference data cannot be read")]
    Reference(#[source] EngineError),
    /// The writer's thread does not start.
    #[error("the writer cannot be started")]
    Writer(#[source] std::io::Error),
}

/// A catalogue that was not published. Nothing of it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// It contradicts itself, or what was published before.
    #[error(transparent)]
    Rejected(#[from] PublishRejection),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
