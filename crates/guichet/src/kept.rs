//! Statistics over a restart: one file with their state, their position in the log and the root of its tree, taken up again
//! when it is whole, of this build and of this log. Whatever else it is, it is left alone and the log is counted anew.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use guichet_core::id::Position;
use guichet_log::codec::state::{self, KeptState, Stamp, StateError};
use guichet_log::log::{EventLog, ReadError};
use guichet_log::merkle::{Frontier, Hash};
use guichet_stats::kept::{KeptRows, fingerprint};
use guichet_stats::{AsOf, Statistics};

use crate::engine::{catch_up, directory_at};
use crate::error::EngineError;
use crate::statistics::rebuild;

/// The file, and the one beside it that takes its place when it is whole.
const FILE: &str = "kept";
const BESIDE: &str = "kept.new";

/// How many records must be new before the statistics are kept again, unless a host says otherwise: counting as many takes a
/// tenth of a second.
const EVERY: u64 = 100_000;

/// The statistics are kept again when a share of one in so many of the log is new: what is written grows with the log, so it
/// is written more rarely.
const SHARE: u64 = 16;

/// Why statistics were counted anew, or not kept.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotKept {
    /// The file cannot be read.
    #[error("the kept statistics in `{}` cannot be read ({reason}); they are counted anew", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is not what was written.
    #[error("the kept statistics in `{}` are damaged ({cause}); they are counted anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: StateError,
    },
    /// Another build kept them, which may count otherwise.
    #[error("the kept statistics in `{}` are those of another build; they are counted anew", path.display())]
    OtherBuild {
        /// The file.
        path: PathBuf,
    },
    /// They were counted from a log that is not this one, or that had more in it.
    #[error("the kept statistics in `{}` are those of another log; they are counted anew", path.display())]
    OtherLog {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written. What is counted is not touched by that.
    #[error("the statistics cannot be kept in `{}` ({reason}); the next start counts them anew", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// Where the statistics of a log are kept.
#[derive(Debug)]
pub(crate) struct Kept {
    dir: PathBuf,
    every: Option<u64>,
    /// Held while the file is written; how far the statistics in it reach.
    reaches: Mutex<Position>,
    remark: Mutex<Option<NotKept>>,
}

impl Kept {
    pub(crate) const fn new(dir: PathBuf, every: Option<u64>) -> Self {
        Self {
            dir,
            every,
            reaches: Mutex::new(Position::START),
            remark: Mutex::new(None),
        }
    }

    pub(crate) fn remark(&self) -> Option<NotKept> {
        self.remark.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, remark: Option<NotKept>) {
        *self.remark.lock().unwrap_or_else(PoisonError::into_inner) = remark;
    }

    /// The statistics of now: those that were kept and what came since, or all of it counted anew. Keeps them again where
    /// much is new.
    pub(crate) async fn statistics(
        self: &Arc<Self>,
        log: &Arc<dyn EventLog>,
        threads: NonZeroUsize,
    ) -> Result<Statistics, EngineError> {
        self.note(None);
        let kept = match self.load(log, threads).await {
            Ok(kept) => kept,
            Err(remark) => {
                self.note(Some(remark));
                None
            }
        };
        // One thread catches up, all of them count anew.
        let worth = |kept: &Statistics| log.head().0 - kept.position().0 <= kept.position().0;
        let statistics = match kept.filter(worth) {
            Some(mut kept) => {
                catch_up(&**log, &mut kept).await?;
                kept
            }
            None => rebuild(&**log, AsOf::Now, threads).await?,
        };
        if !self.is_due(statistics.position()) {
            return Ok(statistics);
        }
        let Ok(Some(root)) = root_at(&**log, statistics.position()).await else {
            // What cannot be read now is read when they are kept the next time.
            return Ok(statistics);
        };
        let this = Arc::clone(self);
        let saving = tokio::task::spawn_blocking(move || {
            this.save(&statistics, root);
            statistics
        });
        saving.await.map_err(|error| EngineError::Read(error.to_string()))
    }

    /// Whether so much is new at this position that the statistics are kept again.
    pub(crate) fn is_due(&self, position: Position) -> bool {
        let reaches = *self.reaches.lock().unwrap_or_else(PoisonError::into_inner);
        let new = position.0.saturating_sub(reaches.0);
        new >= self.every.unwrap_or_else(|| EVERY.max(reaches.0 / SHARE))
    }

    /// Whether any are kept, so that the log is not too short for it.
    pub(crate) fn has_some(&self) -> bool {
        *self.reaches.lock().unwrap_or_else(PoisonError::into_inner) > Position::START
    }

    /// Keeps statistics: written beside, made durable, and then put in the place of the earlier ones, all at once.
    ///
    /// What fails is a remark: the next start counts anew, and nothing that was counted is wrong.
    pub(crate) fn save(&self, statistics: &Statistics, root: Hash) {
        let mut reaches = self.reaches.lock().unwrap_or_else(PoisonError::into_inner);
        if statistics.position() <= *reaches {
            return;
        }
        let stamp = Stamp {
            fingerprint: fingerprint(),
            position: statistics.position(),
            root,
        };
        let written = match statistics.kept() {
            None => return,
            Some(Ok(parts)) => self.replace(&stamp, &parts).map_err(|error| error.to_string()),
            Some(Err(error)) => Err(error.to_string()),
        };
        match written {
            Ok(()) => *reaches = stamp.position,
            Err(reason) => self.note(Some(NotKept::Unwritable {
                path: self.dir.join(FILE),
                reason,
            })),
        }
    }

    fn replace(&self, stamp: &Stamp, parts: &[state::Part]) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let (beside, path) = (self.dir.join(BESIDE), self.dir.join(FILE));
        let mut out = BufWriter::new(File::create(&beside)?);
        state::write(stamp, parts, &mut out)?;
        out.flush()?;
        out.get_ref().sync_all()?;
        fs::rename(&beside, &path)?;
        sync_dir(&self.dir)
    }

    /// The statistics that were kept. None where none were.
    async fn load(
        &self,
        log: &Arc<dyn EventLog>,
        threads: NonZeroUsize,
    ) -> Result<Option<Statistics>, NotKept> {
        let path = self.dir.join(FILE);
        let unreadable = |error: &dyn std::fmt::Display| NotKept::Unreadable {
            path: path.clone(),
            reason: error.to_string(),
        };
        let damaged = |cause| NotKept::Damaged {
            path: path.clone(),
            cause,
        };
        let reading = path.clone();
        let read = tokio::task::spawn_blocking(move || fs::read(reading)).await;
        let bytes = match read.map_err(|error| unreadable(&error))? {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(&error)),
        };
        let state = KeptState::parse(bytes).map_err(damaged)?;
        let stamp = state.stamp();
        if stamp.fingerprint != fingerprint() {
            return Err(NotKept::OtherBuild { path });
        }
        let root = root_at(&**log, stamp.position)
            .await
            .map_err(|error| unreadable(&error))?;
        if root != Some(stamp.root) {
            return Err(NotKept::OtherLog { path });
        }
        let directory = directory_at(&**log, stamp.position)
            .await
            .map_err(|error| unreadable(&error))?;
        let state = Arc::new(state);
        let rows = rows(&state, threads)
            .await
            .map_err(|error| unreadable(&error))?
            .map_err(damaged)?;
        let statistics = Statistics::from_kept(&state, rows, directory).map_err(damaged)?;
        *self.reaches.lock().unwrap_or_else(PoisonError::into_inner) = stamp.position;
        Ok(Some(statistics))
    }
}

/// The rows of a state, read on so many threads.
async fn rows(
    state: &Arc<KeptState>,
    threads: NonZeroUsize,
) -> Result<Result<Vec<KeptRows>, StateError>, tokio::task::JoinError> {
    let parts: Vec<usize> = (1..state.len()).collect();
    let share = parts.len().div_ceil(threads.get()).max(1);
    let reading: Vec<_> = parts
        .chunks(share)
        .map(|parts| {
            let (state, parts) = (Arc::clone(state), parts.to_vec());
            tokio::task::spawn_blocking(move || {
                let rows = parts.into_iter().map(|part| KeptRows::read(&state, part));
                rows.collect::<Result<Vec<_>, _>>()
            })
        })
        .collect();
    let mut rows = Vec::new();
    for share in reading {
        match share.await? {
            Ok(share) => rows.extend(share),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(rows))
}

/// The root of the log's tree at a size; none where the log is shorter.
///
/// A block says what the tree is after it. Where blocks were packed anew since, the one before and the records between tell.
pub(crate) async fn root_at(log: &dyn EventLog, size: Position) -> Result<Option<Hash>, ReadError> {
    if size > log.head() {
        return Ok(None);
    }
    let Some(last) = size.0.checked_sub(1).map(Position) else {
        return Ok(Some(Frontier::default().root()));
    };
    let holding = log.read_blocks(last, 1).await?;
    let Some(block) = holding.first() else {
        return Ok(None);
    };
    if block.end() == size {
        return Ok(Some(block.frontier().root()));
    }
    let mut frontier = match block.first().0.checked_sub(1) {
        None => Frontier::default(),
        Some(before) => match log.read_blocks(Position(before), 1).await?.first() {
            Some(before) if before.end() == block.first() => before.frontier().clone(),
            Some(_) | None => return Ok(None),
        },
    };
    for position in block.first().0..size.0 {
        match block.stored(Position(position)) {
            Some(stored) => frontier.push(Hash::of_leaf(stored)),
            None => return Ok(None),
        }
    }
    Ok(Some(frontier.root()))
}

#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync_dir(_dir: &Path) -> io::Result<()> {
    // A folder cannot be opened there; the file system keeps its own journal of names.
    Ok(())
}

#[cfg(test)]
mod tests {
    use guichet_log::log::Expected;
    use guichet_log::memory::MemoryLog;
    use guichet_log::testkit::append;

    use super::*;
    use crate::config::SystemTime;
    use guichet_core::time::TimeSource as _;

    #[tokio::test]
    async fn the_root_at_any_size_is_that_of_the_records_so_far_wherever_blocks_end() {
        let log = MemoryLog::default();
        for (number, payloads) in [&[&b"a"[..], b"b", b"c"][..], &[b"d"], &[b"e", b"f"]]
            .into_iter()
            .enumerate()
        {
            let group = vec![append("case/1", Expected::Any, &format!("c-{number}"), payloads)];
            log.append(group, SystemTime.now()).await.unwrap();
        }
        let mut tree = Frontier::default();
        for record in log.read_all(Position::START, 100).await.unwrap() {
            let root = root_at(&log, Position(tree.size())).await.unwrap();
            assert_eq!(root, Some(tree.root()), "at {}", tree.size());
            tree.push(record.leaf_hash());
        }
        assert_eq!(root_at(&log, Position(6)).await.unwrap(), Some(tree.root()));
        assert_eq!(root_at(&log, Position(7)).await.unwrap(), None);
    }
}
