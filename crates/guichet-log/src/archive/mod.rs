//! The archive: the log as static files that anyone can read, copy and check (C2SP tlog-tiles).
//!
//! ```text
//! checkpoint               the newest sealed head
//! heads/<size>             every sealed head, by how many records it covers
//! tile/<level>/<n>         hashes of the Merkle tree, 256 a file; `.p/<width>` behind the name of one that is not full
//! tile/entries/<n>         records, 256 a file, each behind its length; likewise
//! log.key                  the public key of the log, as the archive itself tells it
//! ```
//!
//! A writer adds files and replaces only `checkpoint`, last of all, so a reader sees a whole archive at any moment. Full
//! files may be packed with gzip, each under its name with `.gz` behind it.

mod layout;
mod reader;
mod writer;

use std::io;
use std::path::PathBuf;

use guichet_core::id::Position;

use crate::block::BlockError;
use crate::merkle::Hash;
use crate::projection::Unreadable;
use crate::sealed_head::SealedHeadError;

pub use layout::{BUNDLE_RECORDS, Bundle, CHECKPOINT, HEADS, KEY, Tile, TileStack, bundle_path, head_path};
pub use reader::{Archive, Records};
pub use writer::ArchiveWriter;

/// An archive that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file cannot be read or written.
    #[error("`{path}` cannot be {what}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was to be done with it.
        what: &'static str,
        /// Why it cannot.
        #[source]
        source: io::Error,
    },
    /// The folder holds no archive.
    #[error("there is no archive in `{0}`: it has no file `checkpoint`")]
    None(PathBuf),
    /// The folder for a new archive holds something else.
    #[error(
        "`{dir}` is no archive and holds `{found}`; name an empty folder; nothing in this one was touched"
    )]
    Foreign {
        /// The folder.
        dir: PathBuf,
        /// What it holds.
        found: String,
    },
    /// The newest head, or another one, is no sealed head.
    #[error("`{path}` is no sealed head")]
    Head {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: SealedHeadError,
    },
    /// A file that the newest head covers is not there.
    #[error("`{path}` is missing, and the newest head covers it: the archive was damaged or copied in part")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The first record that it covers.
        position: Position,
    },
    /// A file does not hold what the newest head says.
    #[error("`{path}` is damaged at position {position}: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The record, or the first that the file covers.
        position: Position,
        /// What is wrong.
        reason: String,
    },
    /// The archive is of another log than the one that is to be written to it, or of another history of that log.
    #[error(
        "the archive and the log part before position {position}: the archive's tree has the root {archived} there, and the \
         log's has {logged}; nothing was sealed; keep both, and find out which history is the true one"
    )]
    Forked {
        /// Where both could be compared first.
        position: Position,
        /// The root of the archive's tree.
        archived: Hash,
        /// The root of the log's tree.
        logged: Hash,
    },
    /// The log ends before its archive does.
    #[error(
        "the log ends at {log}, and its archive at {archive}: records that were archived are gone from the log; \
         nothing was sealed; restore the log from the archive"
    )]
    Shorter {
        /// The end of the log.
        log: Position,
        /// The end of the archive.
        archive: Position,
    },
    /// The archive is signed by another key than the one given.
    #[error("the archive is of the log `{archived}`, and the key is of `{key}`")]
    OtherKey {
        /// Whom the archive names.
        archived: String,
        /// Whom the key names.
        key: String,
    },
    /// A record that is to be archived does not follow on the archive.
    #[error("record {found} came where {expected} was expected")]
    Order {
        /// The position that follows.
        expected: Position,
        /// The position that came.
        found: Position,
    },
    /// A record cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A block of the log is not right.
    #[error("the log is damaged in the block at {position}")]
    Block {
        /// The block's first record.
        position: Position,
        /// What is wrong with it.
        #[source]
        source: BlockError,
    },
}

impl ArchiveError {
    fn io(path: impl Into<PathBuf>, what: &'static str, source: io::Error) -> Self {
        Self::Io {
            path: path.into(),
            what,
            source,
        }
    }

    fn damaged(path: impl Into<PathBuf>, position: u64, reason: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.into(),
            position: Position(position),
            reason: reason.into(),
        }
    }
}
