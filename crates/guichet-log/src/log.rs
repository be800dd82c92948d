//! The log as a port: what every log promises, whatever it is kept in.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use guichet_core::id::{CommandId, Position, Revision, StreamId};
use guichet_core::time::Timestamp;

use crate::block::Block;
use crate::merkle::Hash;
use crate::record::{Draft, DraftError, Record};

/// The most records of one group: a group is one commit, and its block must fit into memory several times over.
pub const GROUP_RECORDS_MAX: usize = 16_384;

/// The most bytes of one group's stored records, for the same reason.
pub const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most records of one stream: a case is folded whole, and a hundred thousand events are no longer one case.
pub const STREAM_RECORDS_MAX: u64 = 100_000;

/// The most records that one read answers with; a caller that asks for more gets this many, and asks again.
pub const READ_RECORDS_MAX: usize = 16_384;

/// An error of any origin, kept as the source of ours.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// An error with what caused it, in one line: for an answer, a report or the cause of a poison, where nobody follows
/// sources.
///
/// ```
/// # use guichet_log::log::{AppendError, with_sources};
/// let error = AppendError::Storage("the disk is full".into());
/// assert_eq!(with_sources(&error), "the log cannot be written: the disk is full");
/// ```
#[must_use]
pub fn with_sources(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}

/// Where the writer believes a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The stream has no record yet.
    Absent,
    /// The last record has this revision.
    At(Revision),
    /// Wherever it ends.
    Any,
}

/// Drafts for one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The stream.
    pub stream: StreamId,
    /// Where it must end for the append to happen.
    pub expected: Expected,
    /// What is appended, in this order.
    pub drafts: Vec<Draft>,
}

/// Whether a group keeps the bounds that need no look at the log, and how many records it has.
///
/// # Errors
///
/// [`AppendError::Empty`], [`AppendError::Draft`], or [`AppendError::TooLarge`].
pub fn check_group(group: &[Append]) -> Result<u64, AppendError> {
    if group.is_empty() || group.iter().any(|append| append.drafts.is_empty()) {
        return Err(AppendError::Empty);
    }
    let count: usize = group.iter().map(|append| append.drafts.len()).sum();
    at_most("the records of a group", count as u64, GROUP_RECORDS_MAX as u64)?;
    for draft in group.iter().flat_map(|append| &append.drafts) {
        draft.check()?;
    }
    Ok(count as u64)
}

/// Whether `count` keeps a bound.
///
/// # Errors
///
/// [`AppendError::TooLarge`] names `what` was counted.
pub const fn at_most(what: &'static str, count: u64, max: u64) -> Result<(), AppendError> {
    if count > max {
        return Err(AppendError::TooLarge { what, count, max });
    }
    Ok(())
}

/// What a log answers when a group is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The position of the group's first record; the others follow without gaps, in the order of the drafts.
    pub first: Position,
    /// The recorded time of the group: the one asked for, or that of the record before it where that is later.
    pub recorded_at: Timestamp,
    /// One entry for each append of the group, in the same order.
    pub appends: Vec<AppendedTo>,
}

/// Where one append of a group went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppendedTo {
    /// The position of its first record.
    pub first: Position,
    /// The revision of its first record.
    pub revision: Revision,
    /// How many records it has.
    pub count: u64,
}

/// The end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The revision of its last record.
    pub revision: Revision,
    /// The leaf hash of its last record.
    pub hash: Hash,
}

/// An append that did not happen, or whose fate the log cannot tell.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream ends elsewhere. Nothing of the group was taken.
    #[error("the stream `{stream}` was expected {}, and {}", expectation(*.expected), finding(*.actual))]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the append expected.
        expected: Expected,
        /// The revision of the stream's last record, if it has one.
        actual: Option<Revision>,
    },
    /// More than the log takes at once, or than a stream may hold. Nothing of the group was taken.
    #[error("{what} would be {count}, and {max} is the most")]
    TooLarge {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        count: u64,
        /// The bound.
        max: u64,
    },
    /// A draft beyond the bounds of a record. Nothing of the group was taken.
    #[error("a draft cannot be recorded")]
    Draft(#[from] DraftError),
    /// A group without an append, or an append without a draft. Nothing of the group was taken.
    #[error("a group has no appends, or one of its appends has no drafts; send at least one")]
    Empty,
    /// The end of a stream could not be read. Nothing of the group was taken.
    #[error("the end of a stream cannot be read, so nothing was appended")]
    Read(#[from] ReadError),
    /// An earlier write failed, so nothing more is taken until the log is opened again. Nothing of the group was taken.
    #[error("the log takes no more records since a write failed ({cause}); reads go on; open the log again")]
    Poisoned {
        /// What failed.
        cause: String,
    },
    /// The log is closed. Nothing of the group was taken.
    #[error("the log is closed")]
    Closed,
    /// This group's own write failed. Whether it is in the log shows when the log is opened again.
    #[error("the log cannot be written")]
    Storage(#[source] BoxError),
}

fn expectation(expected: Expected) -> String {
    match expected {
        Expected::Absent => "to have no record".to_owned(),
        Expected::At(revision) => format!("to end at revision {revision}"),
        Expected::Any => "to end anywhere".to_owned(),
    }
}

fn finding(actual: Option<Revision>) -> String {
    actual.map_or_else(
        || "it has no record".to_owned(),
        |revision| format!("it ends at revision {revision}"),
    )
}

/// A read that could not be answered. Never mistaken for the end of the log.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The bytes at this position are not what was written.
    #[error("the log is damaged at position {position}: {reason}; run `guichet doctor`")]
    Damaged {
        /// The position that was looked for.
        position: Position,
        /// What was found.
        reason: String,
    },
    /// The store did not answer.
    #[error("the log cannot be read")]
    Storage(#[source] BoxError),
}

/// A log that did not end in order. What was acknowledged is stable all the same.
#[derive(Debug, thiserror::Error)]
#[error("the log cannot be closed in order")]
pub struct CloseError(#[source] pub BoxError);

/// An append-only, totally ordered record of events. It knows bytes, not cases.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends a whole group or nothing, and returns once it is stable.
    ///
    /// Several appends of one group may name the same stream: each sees the ones before it.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; only after [`AppendError::Storage`] is it open whether the group is in the log.
    async fn append(&self, group: Vec<Append>, recorded_at: Timestamp) -> Result<Appended, AppendError>;

    /// Reads a stream from a revision on, oldest first, up to `limit` records.
    ///
    /// A stream that does not exist, or that ends before `from`, has no records there.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a record cannot be read.
    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Record>, ReadError>;

    /// Reads the log from a position on, up to `limit` records. Empty only at the head.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a block cannot be read: that is never an early end.
    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Record>, ReadError>;

    /// Reads the blocks that hold the records from a position on, up to about `bytes_max` bytes and at least one block.
    ///
    /// The first block may begin before `from`. Empty only at the head.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a block cannot be read: that is never an early end.
    async fn read_blocks(&self, from: Position, bytes_max: usize) -> Result<Vec<Arc<Block>>, ReadError>;

    /// Where a stream ends, if it has a record.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the stream's last record cannot be read.
    async fn stream_head(&self, stream: &StreamId) -> Result<Option<Head>, ReadError>;

    /// The records of an accepted command, for ever; nothing when no record carries its id.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when a record cannot be read.
    async fn find_command(&self, command: &CommandId) -> Result<Option<Vec<Record>>, ReadError>;

    /// One past the last position that is stable. Readers see only what is below it.
    fn head(&self) -> Position;

    /// The head as it moves.
    fn watch(&self) -> tokio::sync::watch::Receiver<Position>;

    /// Takes no more appends, waits for those that were taken, and lets go of the store.
    ///
    /// # Errors
    ///
    /// [`CloseError`] when the store does not end in order.
    async fn close(&self) -> Result<(), CloseError>;
}
