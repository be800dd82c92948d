//! Examination: everything that is wrong with a log's directory, told one by one, where opening the log would cut, build
//! anew, or refuse at the first damage.
//!
//! It looks at what the directory holds and how the parts fit; what the records say is for whoever is handed them.

mod index;
mod journal;
mod sealed;

use std::path::{Path, PathBuf};
use std::{fmt, io};

use guichet_core::id::Position;
use guichet_log::block::Block;

use crate::disk::Disk;
use crate::options::Options;
use crate::recover::OpenError;
use crate::store::StoreError;

use self::sealed::Sealed;

/// What examining shows, in the order of the log; problems of the index come after the blocks, and those of the end last.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// The next records that a reader would see, and the file that they are in.
    Block(&'a Block, &'a str),
    /// Something that is not as it must be.
    Problem(&'a Problem),
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The first record that it concerns.
    pub position: Position,
    /// What kind of thing it is.
    pub kind: ProblemKind,
    /// The file in which it shows, from the log's directory.
    pub file: String,
    /// What was found, and what was expected.
    pub detail: String,
}

/// The kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// sled cannot read its own files.
    StoreUnreadable,
    /// A block or frame is damaged.
    BlockUnreadable,
    /// No block holds these records.
    Missing,
    /// A block, frame or file stands where it does not belong.
    OutOfPlace,
    /// The index does not lead to the records that are there, or leads elsewhere.
    IndexDiffers,
    /// A journal file does not begin like one.
    FileUnreadable,
    /// The log was not closed in order, so its end does not show whether anything followed.
    NotClosed,
}

/// How far the log reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// One past the last sealed record.
    pub sealed: Position,
    /// One past the last record.
    pub end: Position,
    /// From which position on opening would build the index anew, if it would: it is derived from the blocks.
    pub index_from: Option<Position>,
}

/// Examines the directory of a log that nobody has open. sled repairs its own files when it is opened, so this takes a
/// **copy** of the directory; the journal is only read.
///
/// # Errors
///
/// [`OpenError`] when the directory cannot be read, when somebody has the log open, and when sled's part is of a format that
/// this build does not know. Damage is no error: it is shown.
///
/// ```
/// # use guichet_core::{id::Position, time::Timestamp};
/// # use guichet_log::{log::{EventLog, Expected}, testkit::append};
/// use guichet_sled::examine::{examine, Seen};
/// # use guichet_sled::{Options, SledLog};
/// # let dir = tempfile::tempdir()?;
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// # let log = SledLog::open(dir.path(), Options::default())?;
/// # log.append(vec![append("case/1", Expected::Absent, "c-1", &[b"submitted"])], Timestamp::from_micros(0)).await?;
/// # log.close().await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// let mut problems = 0;
/// let examined = examine(dir.path(), &Options::default(), &mut |seen| {
///     problems += usize::from(matches!(seen, Seen::Problem(_)));
/// })?;
/// assert_eq!((examined.end, problems), (Position(1), 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn examine(
    dir: &Path,
    options: &Options,
    see: &mut dyn FnMut(Seen<'_>),
) -> Result<Examination, OpenError> {
    let mut look = Look {
        dir,
        disk: options.disk().as_ref(),
        next: Position::START,
        explained: false,
        see,
    };
    let store = dir.join("sled");
    let failed = |source| OpenError::Store {
        path: store.clone(),
        source,
    };
    let sealed = Sealed::open(&store, options, &mut look).map_err(failed)?;
    if let Some(sealed) = &sealed {
        sealed.blocks(&mut look);
    }
    let end_of_sealed = look.next;
    journal::examine(&mut look, sealed.as_ref())?;
    let mut examination = Examination {
        sealed: end_of_sealed,
        end: look.next,
        index_from: None,
    };
    if let Some(sealed) = sealed {
        examination.index_from = index::examine(&sealed, end_of_sealed, &mut look);
        sealed.let_go();
    }
    Ok(examination)
}

/// What looks through the directory.
struct Look<'a> {
    dir: &'a Path,
    disk: &'a dyn Disk,
    /// Where the next records are expected.
    next: Position,
    /// Whether it was told already why they are not there.
    explained: bool,
    see: &'a mut dyn FnMut(Seen<'_>),
}

impl Look<'_> {
    fn problem(&mut self, position: Position, kind: ProblemKind, file: &str, detail: impl fmt::Display) {
        (self.see)(Seen::Problem(&Problem {
            position,
            kind,
            file: file.to_owned(),
            detail: detail.to_string(),
        }));
    }

    /// Hands on a block that begins at the next position or past it; what lies between is missing.
    fn block(&mut self, block: &Block, file: &str) {
        self.reaches(block.first(), file);
        (self.see)(Seen::Block(block, file));
        self.next = block.end();
    }

    /// Goes on at a position; what lies before it is missing.
    fn reaches(&mut self, position: Position, file: &str) {
        if position > self.next && !self.explained {
            let last = Position(position.0 - 1);
            let detail = format!("no block holds the records from here to position {last}");
            self.problem(self.next, ProblemKind::Missing, file, detail);
        }
        self.explained = false;
        self.next = self.next.max(position);
    }

    /// A path as it is told: from the log's directory.
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.dir).unwrap_or(path).display().to_string()
    }
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, OpenError> {
    result.map_err(|source| OpenError::Io {
        path: PathBuf::from(path),
        source,
    })
}

/// Whether an error of the store is none of its content.
const fn refuses(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Locked | StoreError::Format(_) | StoreError::Io(_)
    )
}
