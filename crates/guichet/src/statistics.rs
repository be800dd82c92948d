//! Statistics over the log of an engine: counted anew on many cores, or kept current as the log grows.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use guichet_core::id::{Position, case_of};
use guichet_core::time::Timestamp;
use guichet_log::block::Block;
use guichet_log::log::{EventLog, with_sources};
use guichet_log::projection::{Projection, Recorded, RecordedReader};
use guichet_stats::statistics::ChangedGroup;
use guichet_stats::{AsOf, Statistics};
use tokio::sync::{mpsc, watch};

use crate::engine::{Guichet, REPLAY_BYTES_MAX};
use crate::error::EngineError;
use crate::kept::{Kept, root_at};

/// How many batches of blocks may wait for a thread that counts.
const BATCHES_WAITING_MAX: usize = 2;

/// How many changes are kept for those who follow; who falls further behind is told that everything may have changed.
const CHANGES_KEPT: usize = 1_024;

/// What is read at once, for all threads.
type Batch = (Position, Arc<Vec<Arc<Block>>>);

/// The statistics of a log as of a moment, counted on so many threads.
///
/// Each thread reads all reference data and the records of its own cases; what they count adds up to the same bytes however
/// many they are.
pub(crate) async fn rebuild(
    log: &dyn EventLog,
    as_of: AsOf,
    threads: NonZeroUsize,
) -> Result<Statistics, EngineError> {
    let head = match as_of {
        AsOf::Position(position) => position.min(log.head()),
        AsOf::Now | AsOf::Recorded(_) | AsOf::Effective(_) => log.head(),
    };
    let (mut counting, mut feeds) = (Vec::new(), Vec::new());
    for nth in 0..threads.get() {
        let (feed, batches) = mpsc::channel(BATCHES_WAITING_MAX);
        feeds.push(feed);
        counting.push(tokio::task::spawn_blocking(move || {
            count(batches, as_of, nth, threads.get())
        }));
    }
    let mut next = Position::START;
    'reading: while next < head {
        let blocks = Arc::new(log.read_blocks(next, REPLAY_BYTES_MAX).await?);
        let end = blocks.last().map_or(head, |block| block.end());
        for feed in &feeds {
            if feed.send((next, Arc::clone(&blocks))).await.is_err() {
                // A thread that met a record it cannot read has gone; it tells below.
                break 'reading;
            }
        }
        next = end;
    }
    drop(feeds);
    let mut parts = Vec::new();
    for part in counting {
        let counted = part.await;
        parts.push(counted.map_err(|error| EngineError::Read(error.to_string()))??);
    }
    Ok(Statistics::merged(as_of, parts))
}

/// Counts the cases that fall to one thread of so many.
fn count(
    mut batches: mpsc::Receiver<Batch>,
    as_of: AsOf,
    nth: usize,
    threads: usize,
) -> Result<Statistics, EngineError> {
    let mut statistics = Statistics::at(as_of);
    let mut reader = RecordedReader::default();
    while let Some((from, blocks)) = batches.blocking_recv() {
        for block in blocks.iter() {
            for record in block.records_from(from) {
                let record = record.map_err(|error| EngineError::Decode(with_sources(&error)))?;
                if threads > 1 && case_of(record.stream).is_some_and(|case| share(case, threads) != nth) {
                    continue;
                }
                let recorded = reader
                    .read(&record)
                    .map_err(|error| EngineError::Decode(with_sources(&error)))?;
                statistics.apply(&recorded);
            }
        }
    }
    statistics.settle();
    Ok(statistics)
}

/// To which of so many threads a case falls: always the same one, whatever the machine.
fn share(case: &str, threads: usize) -> usize {
    // FNV-1a: a few instructions a byte, and evenly spread over names that differ in their last digits.
    let hash = case.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let threads = u64::try_from(threads).unwrap_or(u64::MAX);
    // The upper half is the better mixed one.
    usize::try_from((hash >> 32) % threads).unwrap_or_default()
}

/// What a change of the log changed in the cubes that are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsChange {
    /// How far the log is counted: one past the last position.
    pub position: Position,
    /// When the last of it was recorded.
    pub recorded_at: Option<Timestamp>,
    /// How many records of the log are not counted yet.
    pub lag: u64,
    /// The groups that changed. None when so much has changed since the last answer that all of them may have.
    pub groups: Option<BTreeSet<ChangedGroup>>,
}

/// Statistics that follow the log of an engine. Clones share one count.
///
/// A record that cannot be read stops this count and nothing else: [`LiveStatistics::failed`] names it, and what was
/// counted before stays readable.
#[derive(Clone)]
pub struct LiveStatistics {
    shared: Arc<Counted>,
    reached: watch::Receiver<Position>,
}

struct Counted {
    log: Arc<dyn EventLog>,
    statistics: RwLock<Statistics>,
    changes: Mutex<Changes>,
    failed: Mutex<Option<String>>,
}

#[derive(Default)]
struct Changes {
    last_recorded_at: Option<Timestamp>,
    /// Each with the position that it reaches.
    kept: VecDeque<(Position, BTreeSet<ChangedGroup>)>,
}

impl LiveStatistics {
    /// Counts the whole log on so many threads, and follows it from there.
    pub(crate) async fn start(engine: &Guichet, threads: NonZeroUsize) -> Result<Self, EngineError> {
        let log = Arc::clone(engine.log());
        let mut statistics = engine.statistics(AsOf::Now, threads).await?;
        statistics.note_changes();
        let from = statistics.position();
        let (tell, reached) = watch::channel(from);
        let shared = Arc::new(Counted {
            log,
            statistics: RwLock::new(statistics),
            changes: Mutex::default(),
            failed: Mutex::default(),
        });
        let follower = Arc::clone(&shared);
        let kept = engine.kept().cloned();
        let mut subscription = engine.subscribe(from);
        tokio::spawn(async move {
            loop {
                let first = match subscription.next().await {
                    Ok(Some(first)) => first,
                    Ok(None) => return keep(kept.as_ref(), &follower, true).await,
                    Err(error) => return follower.fail(&error),
                };
                let more = match subscription.available().await {
                    Ok(more) => more,
                    Err(error) => return follower.fail(&error),
                };
                let position = follower.count(std::iter::once(first).chain(more));
                keep(kept.as_ref(), &follower, false).await;
                if tell.send(position).is_err() {
                    // Nobody follows any more.
                    return;
                }
            }
        });
        Ok(Self { shared, reached })
    }

    /// Looks at the statistics as they are counted now.
    pub fn read<T>(&self, look: impl FnOnce(&Statistics) -> T) -> T {
        look(&self.shared.statistics())
    }

    /// How many records of the log are not counted yet.
    #[must_use]
    pub fn lag(&self) -> u64 {
        let counted = self.read(Statistics::position);
        self.shared.log.head().0.saturating_sub(counted.0)
    }

    /// Which record stopped the count, if one did.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.shared
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until more is counted than up to a position, and says what changed since. None when nothing more will be
    /// counted: the engine has ended, or the count has failed.
    ///
    /// Dropping the future loses nothing: the next call with the same position is told the same, and more.
    pub async fn changed_since(&mut self, position: Position) -> Option<StatisticsChange> {
        self.reached
            .wait_for(|reached| *reached > position)
            .await
            .ok()
            .map(|reached| *reached)
            .map(|reached| self.shared.since(position, reached))
    }
}

/// Keeps the statistics where much is new, and at the end.
async fn keep(kept: Option<&Arc<Kept>>, counted: &Arc<Counted>, at_end: bool) {
    let position = counted.position();
    let Some(kept) = kept.filter(|kept| kept.is_due(position) || (at_end && kept.has_some())) else {
        return;
    };
    let Ok(Some(root)) = root_at(&*counted.log, position).await else {
        // It is kept the next time.
        return;
    };
    let (kept, counted) = (Arc::clone(kept), Arc::clone(counted));
    // Whoever reads goes on meanwhile; whoever counts waits. Nothing else is lost when the runtime ends here.
    let _ = tokio::task::spawn_blocking(move || kept.save(&counted.statistics(), root)).await;
}

impl Counted {
    fn statistics(&self) -> RwLockReadGuard<'_, Statistics> {
        self.statistics.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn position(&self) -> Position {
        self.statistics().position()
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, error: &EngineError) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(with_sources(error));
    }

    fn count(&self, records: impl Iterator<Item = Recorded>) -> Position {
        let mut last_recorded_at = None;
        let (position, groups) = {
            let mut statistics = self.statistics.write().unwrap_or_else(PoisonError::into_inner);
            for recorded in records {
                last_recorded_at = Some(recorded.recorded_at);
                statistics.apply(&recorded);
            }
            let groups = statistics.settle();
            (statistics.position(), groups)
        };
        let mut changes = self.changes();
        changes.last_recorded_at = last_recorded_at.or(changes.last_recorded_at);
        changes.kept.push_back((position, groups));
        while changes.kept.len() > CHANGES_KEPT {
            changes.kept.pop_front();
        }
        position
    }

    fn since(&self, position: Position, reached: Position) -> StatisticsChange {
        let changes = self.changes();
        // The change that comes after what the caller knows is still kept when one before it is, or when it is the first.
        let known = changes.kept.front().is_some_and(|(first, _)| *first <= position)
            || changes.kept.len() < CHANGES_KEPT;
        let newer = changes.kept.iter().filter(|(reaches, _)| *reaches > position);
        StatisticsChange {
            position: reached,
            recorded_at: changes.last_recorded_at,
            lag: self.log.head().0.saturating_sub(reached.0),
            groups: known.then(|| newer.flat_map(|(_, groups)| groups.iter().cloned()).collect()),
        }
    }
}
