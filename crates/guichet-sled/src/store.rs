//! The sealed part of the log: blocks and index in one sled tree, and how they are made to last.

use std::any::Any;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::block::{Block, BlockBuilder, Compression};
use guichet_log::log::ReadError;
use guichet_log::merkle::Frontier;
use sled::{Batch, Db, Tree};

use crate::disk::Disk;
use crate::index::{self, BlockEntries, Filter, Runs, entries_of};
use crate::keys::{self, Entry, STORE_FORMAT};
use crate::options::Options;
use crate::tail::{Keys, Mark};

/// A sealed block is closed when its records reach this size: one case is read quickly, and LZ4 still finds repetition.
const SEALED_BLOCK_BYTES: usize = 32 * 1024;

/// A batch is applied when its blocks reach this size: sled's readers wait while it is applied.
const BATCH_BYTES: usize = 512 * 1024;

/// sled writes segments of this size; its values stay inside as long as they are below a quarter of it.
const SEGMENT_BYTES: usize = 2 * 1024 * 1024;

/// How many unpacked bytes of blocks are kept for the next reader.
const BLOCK_CACHE_BYTES: usize = 16 * 1024 * 1024;

/// The most entries that are held in memory while the index is built anew.
const REBUILD_ENTRIES: usize = 512 * 1024;

/// How long an open waits for the lock that a log dropped just before still holds, in steps.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(25);

#[derive(Debug)]
pub(crate) struct Store {
    db: Db,
    tree: Tree,
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    runs: RwLock<Runs>,
    filter: Filter,
    cache: Mutex<Cache>,
}

/// Why sled's part of the log does not open.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another log of this one, has it open.
    #[error("another process has the log open; close it there first")]
    Locked,
    /// A layout that this build does not know.
    #[error(
        "the store has format {0}, and this build reads format {STORE_FORMAT}; use the build that wrote it, or a newer one"
    )]
    Format(u16),
    /// The format's number is gone, and there are blocks.
    #[error("the store holds blocks and no format number; restore the directory from a backup")]
    NoFormat,
    /// sled panicked.
    #[error(
        "sled cannot read its own files ({0}); keep the journal, and restore the directory `sled` from a backup"
    )]
    Panicked(String),
    /// sled reported an error.
    #[error("sled reported an error")]
    Sled(#[from] sled::Error),
    /// A file could not be synced, listed or removed.
    #[error("the store's files cannot be made to last")]
    Io(#[from] io::Error),
    /// A block cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A record in a block cannot be read.
    #[error("the records at position {0} cannot be sealed as they were taken")]
    Records(Position),
}

/// What opening the store found to do.
#[derive(Debug, Default)]
pub(crate) struct StoreReport {
    pub(crate) removed: Vec<String>,
    pub(crate) indexed_from: Option<Position>,
}

/// The end of the sealed part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealed {
    pub(crate) frontier: Frontier,
    pub(crate) recorded_at: Option<Timestamp>,
}

impl Store {
    pub(crate) fn open(dir: &Path, options: &Options) -> Result<(Self, Sealed, StoreReport), StoreError> {
        let disk = Arc::clone(options.disk());
        let mut report = StoreReport::default();
        if dir.is_dir() {
            for path in disk.list(dir)? {
                // An interrupted snapshot stays behind under this name, and sled stumbles over it.
                if path
                    .extension()
                    .is_some_and(|extension| extension == "generating")
                {
                    disk.remove(&path)?;
                    report.removed.push(path.display().to_string());
                }
            }
        }
        let db = open_sled(dir, options)?;
        let tree = db.open_tree(keys::TREE)?;
        match tree.get(keys::FORMAT)? {
            Some(format) => match format.as_ref().try_into().map(u16::from_le_bytes) {
                Ok(STORE_FORMAT) => {}
                Ok(unknown) => return Err(StoreError::Format(unknown)),
                Err(_) => return Err(StoreError::NoFormat),
            },
            None if tree.is_empty() => {
                tree.insert(keys::FORMAT, &STORE_FORMAT.to_le_bytes())?;
            }
            None => return Err(StoreError::NoFormat),
        }
        let store = Self {
            tree,
            db,
            dir: dir.to_owned(),
            disk,
            runs: RwLock::default(),
            filter: Filter::new(options.filter_bytes()),
            cache: Mutex::default(),
        };
        let sealed = store.sealed()?;
        store.open_index(&sealed, &mut report)?;
        store.sync()?;
        Ok((store, sealed, report))
    }

    fn sealed(&self) -> Result<Sealed, StoreError> {
        let last = self.tree.range(keys::FIRST_BLOCK..keys::AFTER_BLOCKS).next_back();
        let Some((key, stored)) = last.transpose()? else {
            return Ok(Sealed::default());
        };
        let block = parse(&key, &stored)?;
        Ok(Sealed {
            frontier: block.frontier().clone(),
            recorded_at: Some(block.recorded().1),
        })
    }

    fn open_index(&self, sealed: &Sealed, report: &mut StoreReport) -> Result<(), StoreError> {
        let end = Position(sealed.frontier.size());
        let kept = self.tree.get(keys::INDEX)?.and_then(|bytes| Runs::decode(&bytes));
        // A list that is missing, of another version, or of another log counts for nothing.
        let mut runs = kept.filter(|runs| runs.end <= end).unwrap_or_default();
        runs.remove_strangers(&self.tree)?;
        if runs.end < end {
            report.indexed_from = Some(runs.end);
            let mut entries = Vec::new();
            let mut from = runs.end;
            while from < end {
                let block = self.block(from)?;
                entries_of(&block, &mut entries).map_err(|_| StoreError::Records(from))?;
                from = block.end();
                if entries.len() >= REBUILD_ENTRIES || from >= end {
                    runs = runs.add(&self.tree, std::mem::take(&mut entries), from, Batch::default())?;
                }
            }
        }
        *self.runs.write().unwrap_or_else(PoisonError::into_inner) = runs;
        Ok(())
    }

    /// Puts all that is indexed into the filter. Not a matter of opening: until it is done, look-ups go to the index.
    pub(crate) fn fill_filter(&self) -> Result<(), StoreError> {
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner).clone();
        for entry in runs.all(&self.tree) {
            self.filter.insert(entry?.key);
        }
        self.filter.set_whole();
        Ok(())
    }

    /// Makes everything in sled last: sled's own flush hands the bytes to the system, the sync hands them to the disk.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        self.db.flush()?;
        for dir in [self.dir.join("blobs"), self.dir.clone()] {
            if dir.is_dir() {
                for path in self.disk.list(&dir)? {
                    match self.disk.sync_file(&path) {
                        // A snapshot that sled replaced between the listing and now needs no sync.
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        synced => synced?,
                    }
                }
                self.disk.sync_dir(&dir)?;
            }
        }
        Ok(())
    }

    /// Packs the blocks of one journal file and makes them last. Answers with the tree after them.
    pub(crate) fn seal(
        &self,
        before: &Frontier,
        frames: &[Arc<Block>],
        marks: &[Mark],
    ) -> Result<Frontier, StoreError> {
        let mut packing = Packing::new(before.clone());
        let mut marks = marks.iter();
        for frame in frames {
            for (position, mark) in (frame.first().0..frame.end().0).zip(marks.by_ref()) {
                let stored = frame
                    .stored(Position(position))
                    .ok_or(StoreError::Records(frame.first()))?;
                packing.push(position, stored, *mark);
            }
            // The tree grown from the leaves must be the one that was acknowledged.
            if packing.builder.frontier() != frame.frontier() {
                return Err(StoreError::Records(frame.first()));
            }
            // A batch ends with a frame, so that a reader never sees a part of a commit group after a crash.
            if packing.batch_bytes >= BATCH_BYTES {
                packing.end_block();
                packing.batch_bytes = 0;
                self.tree.apply_batch(std::mem::take(&mut packing.batch))?;
            }
        }
        packing.end_block();
        let Packing {
            builder,
            batch,
            entries,
            ..
        } = packing;
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner).clone();
        let runs = runs.add(&self.tree, entries, builder.end(), batch)?;
        *self.runs.write().unwrap_or_else(PoisonError::into_inner) = runs;
        self.sync()?;
        Ok(builder.frontier().clone())
    }

    /// Merges index runs where it is time to. Needs no sync of its own: what it replaces says the same.
    pub(crate) fn merge(&self) -> Result<(), StoreError> {
        loop {
            let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner).clone();
            let Some((merged, replaced)) = runs.merge(&self.tree)? else {
                return Ok(());
            };
            // A reader keeps the lock while it looks into the runs, so after this nobody looks into the replaced ones.
            *self.runs.write().unwrap_or_else(PoisonError::into_inner) = merged;
            for run in replaced {
                index::remove(&self.tree, run)?;
            }
        }
    }

    /// The block that holds the record at this position.
    pub(crate) fn block(&self, position: Position) -> Result<Arc<Block>, ReadError> {
        if let Some(block) = self.cache().get(position) {
            return Ok(block);
        }
        let found = self
            .tree
            .range(keys::FIRST_BLOCK.to_vec()..=keys::block(position))
            .next_back()
            .transpose()
            .map_err(storage)?;
        let block = match found {
            Some((key, stored)) => parse(&key, &stored)?,
            None => return Err(missing(position)),
        };
        if block.end() <= position {
            return Err(missing(position));
        }
        let block = Arc::new(block);
        self.cache().insert(Arc::clone(&block));
        Ok(block)
    }

    /// The blocks from a position on, read in sequence and not kept, until `bytes_max` or the end of what is sealed.
    pub(crate) fn blocks(
        &self,
        from: Position,
        end: Position,
        bytes_max: usize,
    ) -> Result<Vec<Arc<Block>>, ReadError> {
        let start = self
            .tree
            .range(keys::FIRST_BLOCK.to_vec()..=keys::block(from))
            .next_back()
            .transpose()
            .map_err(storage)?
            .ok_or_else(|| missing(from))?
            .0;
        let mut blocks = Vec::new();
        let mut bytes = 0;
        let mut next = from;
        for found in self.tree.range(start.as_ref()..keys::AFTER_BLOCKS) {
            let (key, stored) = found.map_err(storage)?;
            let block = parse(&key, &stored)?;
            if block.first() > next || block.end() <= next {
                return Err(missing(next));
            }
            if !blocks.is_empty() && bytes + block.bytes() > bytes_max {
                return Ok(blocks);
            }
            bytes += block.bytes();
            next = block.end();
            blocks.push(Arc::new(block));
            if next >= end {
                return Ok(blocks);
            }
        }
        // Only the end that is known may end a scan; anything else is a hole.
        if next < end {
            Err(missing(next))
        } else {
            Ok(blocks)
        }
    }

    /// Notes the keys of a record that is about to be taken: from now on the filter says that the log may hold them.
    pub(crate) fn note(&self, [stream, command]: Keys) {
        self.filter.insert(stream);
        self.filter.insert(command);
    }

    /// Whether something can be under a short key, here or in the tail.
    pub(crate) fn may_hold(&self, key: u64) -> bool {
        self.filter.may_hold(key)
    }

    /// The positions under a short key, ascending.
    pub(crate) fn find(&self, key: u64) -> Result<Vec<u64>, ReadError> {
        let runs = self.runs.read().unwrap_or_else(PoisonError::into_inner);
        runs.find(&self.tree, key).map_err(storage)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Records on their way into sealed blocks.
struct Packing {
    builder: BlockBuilder,
    block_entries: BlockEntries,
    batch: Batch,
    batch_bytes: usize,
    entries: Vec<Entry>,
}

impl Packing {
    fn new(before: Frontier) -> Self {
        Self {
            builder: BlockBuilder::new(before).with_zone_map(),
            block_entries: BlockEntries::default(),
            batch: Batch::default(),
            batch_bytes: 0,
            entries: Vec::new(),
        }
    }

    fn push(&mut self, position: u64, stored: &[u8], mark: Mark) {
        self.builder.push(stored, mark.leaf);
        self.block_entries.push(position, mark.keys, &mut self.entries);
        if self.builder.bytes() >= SEALED_BLOCK_BYTES {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        if self.builder.is_empty() {
            return;
        }
        let next = BlockBuilder::new(self.builder.frontier().clone()).with_zone_map();
        let mut stored = Vec::new();
        let block = std::mem::replace(&mut self.builder, next).finish(Compression::Lz4, &mut stored);
        self.batch_bytes += stored.len();
        self.batch.insert(keys::block(block.first()), stored);
        self.block_entries = BlockEntries::default();
    }
}

pub(crate) fn open_sled(dir: &Path, options: &Options) -> Result<Db, StoreError> {
    let config = sled::Config::new()
        .path(dir)
        .cache_capacity(options.cache_bytes())
        .segment_size(SEGMENT_BYTES)
        .flush_every_ms(None);
    let mut tries = 0;
    loop {
        // After a damage of its files sled panics where it should return an error.
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(db)) => return Ok(db),
            Ok(Err(error)) if is_lock(&error) => {
                if tries == LOCK_TRIES {
                    return Err(StoreError::Locked);
                }
                tries += 1;
                thread::sleep(LOCK_WAIT);
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(panic) => return Err(StoreError::Panicked(text_of(panic.as_ref()))),
        }
    }
}

/// sled has no error of its own for a lock that somebody else holds, only this text.
fn is_lock(error: &sled::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// What a panic said.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text")
        .to_owned()
}

pub(crate) fn parse(key: &[u8], stored: &[u8]) -> Result<Block, ReadError> {
    let first = key
        .get(1..)
        .and_then(|rest| rest.try_into().ok())
        .map_or(Position::START, |rest| Position(u64::from_be_bytes(rest)));
    let damaged = |reason: String| ReadError::Damaged {
        position: first,
        reason,
    };
    let block = Block::parse(stored).map_err(|error| damaged(error.to_string()))?;
    if block.first() == first {
        Ok(block)
    } else {
        Err(damaged(format!(
            "the block there begins at position {}",
            block.first()
        )))
    }
}

fn missing(position: Position) -> ReadError {
    ReadError::Damaged {
        position,
        reason: "no block holds it".to_owned(),
    }
}

fn storage(error: sled::Error) -> ReadError {
    ReadError::Storage(Box::new(error))
}

/// Unpacked blocks, in two generations: when the young one is full it becomes the old one, and the old one goes.
#[derive(Debug, Default)]
struct Cache {
    young: BTreeMap<Position, Arc<Block>>,
    old: BTreeMap<Position, Arc<Block>>,
    young_bytes: usize,
}

impl Cache {
    fn get(&mut self, position: Position) -> Option<Arc<Block>> {
        let find = |blocks: &BTreeMap<Position, Arc<Block>>| {
            let (_, block) = blocks.range(..=position).next_back()?;
            (position < block.end()).then(|| Arc::clone(block))
        };
        find(&self.young).or_else(|| {
            let block = find(&self.old)?;
            self.insert(Arc::clone(&block));
            Some(block)
        })
    }

    fn insert(&mut self, block: Arc<Block>) {
        if self.young_bytes + block.bytes() > BLOCK_CACHE_BYTES / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += block.bytes();
        self.young.insert(block.first(), block);
    }
}
