//! Opening: what is sealed, what the journal adds, and what had to be cut or put right.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::block::Block;
use guichet_log::merkle::{Frontier, Hash};
use tokio::sync::watch;

use crate::disk::Disk;
use crate::journal::{self, FollowError, HeaderError, Torn};
use crate::keys;
use crate::options::Options;
use crate::seal::SPARES_MAX;
use crate::shared::{Shared, Spare};
use crate::store::{Store, StoreError};
use crate::tail::{Mark, Tail, TailFile};
use crate::writer::{ActiveFile, begin_file, first_length};

/// A log that does not open. Nothing acknowledged is changed by a failed open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or directory cannot be read or written.
    #[error("`{path}` cannot be used")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// sled's part does not open.
    #[error("the sealed part of the log in `{path}` does not open")]
    Store {
        /// sled's directory.
        path: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// A journal file does not begin like one.
    #[error("the journal file `{path}` cannot be read; restore it from a backup")]
    Header {
        /// The file.
        path: PathBuf,
        /// Why.
        source: HeaderError,
    },
    /// Acknowledged records are damaged: something whole follows them, so this is no torn write.
    #[error(
        "the journal file `{path}` is damaged in the middle; restore it from a backup, and keep this one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is damaged.
        source: FollowError,
    },
    /// Acknowledged records are missing before a journal file.
    #[error(
        "the journal file `{path}` begins at position {found}, and what comes before it reaches only to {expected}; restore the missing or damaged file from a backup"
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// How far the log reaches before it.
        expected: Position,
        /// Where it begins.
        found: Position,
    },
    /// There is a sealed part and no journal at all.
    #[error(
        "`{path}` holds no journal file, although {sealed} records are sealed and one is always kept; restore the directory from a backup"
    )]
    NoJournal {
        /// The journal's directory.
        path: PathBuf,
        /// How many records are sealed.
        sealed: u64,
    },
}

/// What opening a log found, and what it did about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// How many records are sealed in sled.
    pub sealed: u64,
    /// How many records came from the journal.
    pub from_journal: u64,
    /// What was cut off the end of the journal: a write that was never acknowledged.
    pub cut: Option<Cut>,
    /// The files that interrupted work had left, and that were removed.
    pub removed: Vec<String>,
    /// From which position on the index was built anew, if it was.
    pub indexed_from: Option<Position>,
}

/// The end of a journal that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The position that the cut records would have begun at.
    pub position: Position,
    /// How many bytes were cut.
    pub bytes: usize,
    /// Why they are no frame.
    pub reason: String,
    /// Where the bytes are kept.
    pub kept_in: PathBuf,
}

/// All that the log needs to go on.
pub(crate) struct Opened {
    pub(crate) shared: Arc<Shared>,
    pub(crate) file: ActiveFile,
    /// The tree over what is sealed, and over everything.
    pub(crate) sealed: Frontier,
    pub(crate) tree: Frontier,
    pub(crate) recorded_at: Option<Timestamp>,
    pub(crate) report: RecoveryReport,
}

fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, OpenError> {
    result.map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })
}

pub(crate) fn open(
    dir: &Path,
    options: Options,
    head: Arc<watch::Sender<Position>>,
) -> Result<Opened, OpenError> {
    let disk = Arc::clone(options.disk());
    let journal = dir.join("journal");
    let store_dir = dir.join("sled");
    at(&journal, disk.create_dir(&journal))?;
    // sled's lock comes first: nothing else is touched while another process works here.
    let (store, sealed, found) = Store::open(&store_dir, &options).map_err(|source| OpenError::Store {
        path: store_dir,
        source,
    })?;
    at(dir, disk.sync_dir(dir))?;
    if let Some(above) = dir.parent().filter(|above| above.is_dir()) {
        at(above, disk.sync_dir(above))?;
    }
    let mut replay = Replay {
        dir,
        disk: disk.as_ref(),
        tree: sealed.frontier.clone(),
        tail: Tail::default(),
        active: None,
        recorded_at: sealed.recorded_at,
        report: RecoveryReport {
            sealed: sealed.frontier.size(),
            removed: found.removed,
            indexed_from: found.indexed_from,
            ..RecoveryReport::default()
        },
    };
    let is_journal = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "journal");
    let (mut files, spares): (Vec<_>, Vec<_>) = at(&journal, disk.list(&journal))?
        .into_iter()
        .partition(is_journal);
    let last = files.pop();
    for path in files {
        replay.file(path, false)?;
    }
    if let Some(path) = last {
        replay.file(path, true)?;
    }
    let Replay {
        tree,
        tail,
        active,
        recorded_at,
        mut report,
        ..
    } = replay;
    at(&journal, disk.sync_dir(&journal))?;
    report.from_journal = tree.size() - sealed.frontier.size();
    head.send_replace(Position(tree.size()));
    let shared = Arc::new(Shared::new(options, journal.clone(), store, tail, head));
    at(&journal, keep_spares(&shared, spares))?;
    let file = match active {
        Some(file) => file,
        None if tree.size() > 0 => {
            return Err(OpenError::NoJournal {
                path: journal,
                sealed: tree.size(),
            });
        }
        None => {
            let wanted = first_length(&shared);
            let (file, tail_file) = at(&journal, begin_file(&shared, Position::START, wanted))?;
            shared.tail_mut().files.push_back(tail_file);
            file
        }
    };
    Ok(Opened {
        shared,
        file,
        sealed: sealed.frontier,
        tree,
        recorded_at,
        report,
    })
}

/// The journal's files, taken one after the other.
struct Replay<'a> {
    dir: &'a Path,
    disk: &'a dyn Disk,
    tree: Frontier,
    tail: Tail,
    active: Option<ActiveFile>,
    recorded_at: Option<Timestamp>,
    report: RecoveryReport,
}

impl Replay<'_> {
    fn file(&mut self, path: PathBuf, is_last: bool) -> Result<(), OpenError> {
        let file = at(&path, self.disk.open(&path))?;
        let bytes = at(&path, file.read())?;
        let scan = journal::scan(&bytes).map_err(|source| OpenError::Header {
            path: path.clone(),
            source,
        })?;
        if scan.header.first.0 > self.tree.size() {
            return Err(OpenError::Missing {
                path,
                expected: Position(self.tree.size()),
                found: scan.header.first,
            });
        }
        let (salt, end, torn) = (scan.header.salt, scan.end, scan.torn.clone());
        let first = Position(self.tree.size());
        let blocks = journal::follow(scan, &mut self.tree).map_err(|source| OpenError::Damaged {
            path: path.clone(),
            source,
        })?;
        if blocks.is_empty() && !is_last {
            // It was sealed, and the crash came before it was removed.
            at(&path, self.disk.remove(&path))?;
            self.report.removed.push(path.display().to_string());
            return Ok(());
        }
        if let Some((block, _)) = blocks.last() {
            self.recorded_at = Some(block.recorded().1);
        }
        let length = bytes.len() as u64;
        let mut tail_file = TailFile::new(path.clone(), length, first);
        for (block, leaves) in blocks {
            let marks = marks_of(&block, &leaves);
            tail_file.push(Arc::new(block), &marks);
        }
        self.tail.files.push_back(tail_file);
        if is_last {
            if let Some(torn) = torn {
                let rest = bytes.get(end..).unwrap_or_default();
                let position = Position(self.tree.size());
                self.report.cut = Some(cut(self.dir, self.disk, position, rest, torn)?);
                // Only now that a copy is kept.
                let zeros = vec![0; rest.len()];
                at(&path, file.write_at(&zeros, end as u64))?;
                at(&path, file.sync())?;
            }
            self.active = Some(ActiveFile {
                file,
                salt,
                length,
                end: end as u64,
            });
        }
        Ok(())
    }
}

/// Keeps the spare files of full length for later, and removes the other ones: what they hold has no meaning. A file that
/// bears no name of ours is left alone.
fn keep_spares(shared: &Shared, found: Vec<PathBuf>) -> io::Result<()> {
    let disk = shared.options.disk();
    let mut sealing = shared.sealing();
    for path in found {
        let number = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_prefix("spare-")?.parse().ok());
        let length = disk.length(&path)?;
        match number {
            Some(number)
                if length >= shared.options.journal_file_bytes() && sealing.spares.len() < SPARES_MAX =>
            {
                sealing.next_spare = sealing.next_spare.max(number);
                sealing.spares.push(Spare {
                    path,
                    length,
                    used_before: true,
                });
            }
            Some(_) => disk.remove(&path)?,
            None => {}
        }
    }
    Ok(())
}

/// Keeps a copy of what is cut, for whoever wants to know what it was.
fn cut(dir: &Path, disk: &dyn Disk, position: Position, rest: &[u8], torn: Torn) -> Result<Cut, OpenError> {
    let kept = dir.join("cut");
    at(&kept, disk.create_dir(&kept))?;
    let kept_in = kept.join(format!("{position:020}.cut"));
    let file = at(&kept_in, disk.create(&kept_in))?;
    at(&kept_in, file.write_at(rest.get(..torn.bytes).unwrap_or(rest), 0))?;
    at(&kept_in, file.sync())?;
    at(&kept, disk.sync_dir(&kept))?;
    Ok(Cut {
        position,
        bytes: torn.bytes,
        reason: torn.reason,
        kept_in,
    })
}

/// What the writer would have noted of a block's records.
fn marks_of(block: &Block, leaves: &[Hash]) -> Vec<Mark> {
    // `follow` has read every record already, so none is left out.
    let records = block.records().flatten().zip(leaves);
    records
        .map(|(record, leaf)| Mark {
            keys: [keys::stream(record.stream), keys::command(record.command)],
            leaf: *leaf,
        })
        .collect()
}
