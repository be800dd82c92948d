//! What the writer, the sealer and the readers share: the tail, the store, and the way to a record.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use guichet_core::id::{Position, Revision};
use guichet_log::block::Block;
use guichet_log::log::{Head, ReadError};
use guichet_log::record::{Record, RecordError, RecordRef};
use tokio::sync::watch;

use crate::keys;
use crate::options::Options;
use crate::store::Store;
use crate::tail::{Chain, Tail};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    /// Where the journal's files are.
    pub(crate) journal: PathBuf,
    pub(crate) store: Store,
    tail: RwLock<Tail>,
    pub(crate) head: Arc<watch::Sender<Position>>,
    /// What failed first. Nothing is acknowledged after it.
    pub(crate) poisoned: OnceLock<String>,
    pub(crate) sealing: Mutex<Sealing>,
    /// Something about the sealing changed: a file is full, a file is sealed, the end has come.
    pub(crate) sealing_changed: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct Sealing {
    pub(crate) stop: bool,
    pub(crate) spares: Vec<Spare>,
    /// The next spare file's number.
    pub(crate) next_spare: u64,
}

/// A file that the journal can go on in.
#[derive(Debug)]
pub(crate) struct Spare {
    pub(crate) path: PathBuf,
    pub(crate) length: u64,
    pub(crate) used_before: bool,
}

impl Shared {
    pub(crate) fn new(
        options: Options,
        journal: PathBuf,
        store: Store,
        tail: Tail,
        head: Arc<watch::Sender<Position>>,
    ) -> Self {
        for mark in tail.files.iter().flat_map(|file| &file.marks) {
            store.note(mark.keys);
        }
        Self {
            options,
            journal,
            store,
            tail: RwLock::new(tail),
            head,
            poisoned: OnceLock::new(),
            sealing: Mutex::default(),
            sealing_changed: Condvar::new(),
        }
    }

    // A panic under one of these locks can only come from a bug in here. The tail changes by single pushes and pops, so
    // it is whole after any of them.

    pub(crate) fn tail(&self) -> RwLockReadGuard<'_, Tail> {
        self.tail.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tail_mut(&self) -> RwLockWriteGuard<'_, Tail> {
        self.tail.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sealing(&self) -> std::sync::MutexGuard<'_, Sealing> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn poison(&self, cause: &str) {
        // Only the first cause counts; the later ones follow from it.
        let _ = self.poisoned.set(cause.to_owned());
        self.sealing_changed.notify_all();
    }

    fn block(&self, position: Position) -> Result<Arc<Block>, ReadError> {
        let in_tail = self.tail().block(position).cloned();
        in_tail.map_or_else(|| self.store.block(position), Ok)
    }

    /// Whether everything from a position on is in memory.
    pub(crate) fn in_memory(&self, from: Position) -> bool {
        self.tail().first().is_some_and(|first| first <= from)
    }

    pub(crate) fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Record>, ReadError> {
        let end = self.head.borrow().0.min(from.0.saturating_add(limit as u64));
        let mut records = Vec::new();
        let mut next = from;
        while next.0 < end {
            let block = self.block(next)?;
            let wanted = usize::try_from(end - next.0).unwrap_or(usize::MAX);
            for record in block.records_from(next).take(wanted) {
                records.push(to_record(next, record)?);
                next = next.next();
            }
        }
        Ok(records)
    }

    pub(crate) fn read_blocks(&self, from: Position, bytes_max: usize) -> Result<Vec<Arc<Block>>, ReadError> {
        let head = *self.head.borrow();
        let mut blocks: Vec<Arc<Block>> = Vec::new();
        let mut bytes = 0;
        let mut next = from;
        while next < head {
            let left = bytes_max.saturating_sub(bytes);
            // One look at the tail decides, so that a file sealed meanwhile is not missed.
            let (sealed_end, in_tail) = {
                let tail = self.tail();
                let sealed_end = tail.first().unwrap_or(head);
                (
                    sealed_end,
                    (sealed_end <= next).then(|| up_to(tail.blocks(next), left)),
                )
            };
            let more = match in_tail {
                Some(more) => more,
                None => self.store.blocks(next, sealed_end, left)?,
            };
            bytes += more.iter().map(|block| block.bytes()).sum::<usize>();
            let Some(last) = more.last() else {
                break;
            };
            next = last.end();
            blocks.extend(more);
            if bytes >= bytes_max {
                break;
            }
        }
        Ok(blocks)
    }

    /// Hands the records of a stream to `take`, latest first, until it says that it has enough; whether it had. A look
    /// into the memory alone ends before what is sealed.
    fn stream_backwards(
        &self,
        stream: &str,
        reach: Reach,
        mut take: impl FnMut(RecordRef<'_>) -> bool,
    ) -> Result<bool, ReadError> {
        let key = keys::stream(stream);
        if !self.store.may_hold(key) {
            return Ok(true);
        }
        let mut lowest = None;
        {
            let tail = self.tail();
            for position in tail.find(Chain::Stream, key) {
                if let Some(record) = tail.block(position).and_then(|block| block.record(position)) {
                    let record = record.map_err(|error| damaged(position, &error))?;
                    if record.stream == stream {
                        lowest = Some(position);
                        let more = take(record);
                        if !more || record.place.revision == Revision::START {
                            return Ok(true);
                        }
                    }
                }
            }
        }
        if reach == Reach::Memory {
            return Ok(false);
        }
        for position in self.store.find(key)?.into_iter().rev().map(Position) {
            let block = self.store.block(position)?;
            let mut here = Vec::new();
            for record in block.records_from(position) {
                let record = record.map_err(|error| damaged(position, &error))?;
                if record.stream == stream {
                    here.push(record);
                }
            }
            for record in here.into_iter().rev() {
                // What was sealed between the two looks was seen in the tail already.
                let seen = lowest.is_some_and(|lowest| lowest <= record.place.position);
                if !seen {
                    lowest = Some(record.place.position);
                    if !take(record) {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(true)
    }

    /// Nothing when the memory alone does not tell.
    pub(crate) fn read_stream(
        &self,
        stream: &str,
        from: Revision,
        limit: usize,
        reach: Reach,
    ) -> Result<Option<Vec<Record>>, ReadError> {
        let mut records = Vec::new();
        let mut failed = None;
        let head = *self.head.borrow();
        let found = self.stream_backwards(stream, reach, |record| {
            let revision = record.place.revision;
            if revision >= from && record.place.position < head {
                // Those beyond the limit are dropped again when the earlier ones arrive.
                match record.to_record() {
                    Ok(record) => records.push(record),
                    Err(error) => failed = Some(damaged(record.place.position, &error)),
                }
            }
            revision > from && failed.is_none()
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        records.reverse();
        records.truncate(limit);
        Ok(found.then_some(records))
    }

    /// Nothing when the memory alone does not tell.
    #[expect(
        clippy::option_option,
        reason = "the memory does not tell, or it is known that there is no head"
    )]
    pub(crate) fn stream_head(&self, stream: &str, reach: Reach) -> Result<Option<Option<Head>>, ReadError> {
        let mut head = None;
        let found = self.stream_backwards(stream, reach, |record| {
            head = Some(Head {
                revision: record.place.revision,
                hash: record.leaf_hash(),
            });
            false
        })?;
        Ok(found.then_some(head))
    }

    /// Whether a command can be in the log: nearly always no for one that is new, and then without a lock.
    pub(crate) fn may_hold_command(&self, command: &str) -> bool {
        self.store.may_hold(keys::command(command))
    }

    pub(crate) fn find_command(&self, command: &str) -> Result<Option<Vec<Record>>, ReadError> {
        let key = keys::command(command);
        let head = *self.head.borrow();
        let mut records = Vec::new();
        {
            let tail = self.tail();
            for position in tail.find(Chain::Command, key) {
                if let Some(record) = tail.block(position).and_then(|block| block.record(position)) {
                    let record = record.map_err(|error| damaged(position, &error))?;
                    if record.command == command && position < head {
                        records.push(to_record(position, Ok(record))?);
                    }
                }
            }
        }
        for position in self.store.find(key)?.into_iter().map(Position) {
            let block = self.store.block(position)?;
            for record in block.records_from(position) {
                let record = record.map_err(|error| damaged(position, &error))?;
                if record.command != command {
                    break;
                }
                records.push(to_record(position, Ok(record))?);
            }
        }
        records.sort_unstable_by_key(|record| record.position);
        // What was sealed between the two looks was found twice.
        records.dedup_by_key(|record| record.position);
        Ok(Some(records).filter(|records| !records.is_empty()))
    }
}

/// How far a look goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Into the filter and the tail.
    Memory,
    /// Into the store as well, which may wait for the disk.
    Store,
}

/// The first blocks, at least one, up to `bytes_max` bytes.
fn up_to(blocks: &[Arc<Block>], bytes_max: usize) -> Vec<Arc<Block>> {
    let mut bytes = 0;
    blocks
        .iter()
        .take_while(|block| {
            let wanted = bytes == 0 || bytes + block.bytes() <= bytes_max;
            bytes += block.bytes();
            wanted
        })
        .cloned()
        .collect()
}

fn to_record(position: Position, record: Result<RecordRef<'_>, RecordError>) -> Result<Record, ReadError> {
    record
        .and_then(|record| record.to_record())
        .map_err(|error| damaged(position, &error))
}

fn damaged(position: Position, error: &RecordError) -> ReadError {
    ReadError::Damaged {
        position,
        reason: error.to_string(),
    }
}
