//! The index: where a stream and a command are found, as sorted runs that are written once and merged later.
//!
//! Derived from the blocks alone. One key in sled for a thousand entries, never one for an event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use guichet_core::id::Position;
use guichet_log::block::Block;
use guichet_log::record::RecordError;
use sled::{Batch, Tree};

use crate::keys::{self, ENTRY_BYTES, Entry, INDEX_FORMAT};
use crate::tail::Keys;

/// How many entries one key in sled holds: 12 kB, well below the size from which sled keeps a value in a file.
const CHUNK_ENTRIES: usize = 1_024;

/// How many runs of one level are merged into one of the next: few look-ups, and each entry is rewritten rarely.
const MERGE_RUNS: usize = 8;

/// How many chunks go into one batch: sled's readers wait while a batch is applied.
const BATCH_CHUNKS: usize = 64;

/// The entries that a block adds: the first record of each stream in it, and of each uninterrupted row of one command.
#[derive(Debug, Default)]
pub(crate) struct BlockEntries {
    streams: BTreeSet<u64>,
    command_before: Option<u64>,
}

impl BlockEntries {
    /// Takes the next record of the block, by its short keys.
    pub(crate) fn push(&mut self, position: u64, [stream, command]: Keys, out: &mut Vec<Entry>) {
        if self.streams.insert(stream) {
            out.push(Entry {
                key: stream,
                position,
            });
        }
        if self.command_before.replace(command) != Some(command) {
            out.push(Entry {
                key: command,
                position,
            });
        }
    }
}

/// The entries that a block adds, from its bytes alone.
pub(crate) fn entries_of(block: &Block, out: &mut Vec<Entry>) -> Result<(), RecordError> {
    let mut entries = BlockEntries::default();
    for record in block.records() {
        let record = record?;
        let keys = [keys::stream(record.stream), keys::command(record.command)];
        entries.push(record.place.position.0, keys, out);
    }
    Ok(())
}

/// The runs there are, and how far into the log they reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runs {
    /// One past the last position that is indexed.
    pub(crate) end: Position,
    next: u32,
    list: Vec<Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    id: u32,
    level: u8,
}

impl Runs {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = INDEX_FORMAT.to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.end.0.to_le_bytes());
        bytes.extend_from_slice(&self.next.to_le_bytes());
        for run in &self.list {
            bytes.extend_from_slice(&run.id.to_le_bytes());
            bytes.push(run.level);
        }
        bytes
    }

    /// Nothing when the bytes are of another version, or no list of runs.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (format, rest) = bytes.split_first_chunk()?;
        let (end, rest) = rest.split_first_chunk()?;
        let (next, rest) = rest.split_first_chunk()?;
        let (runs, left) = rest.as_chunks::<5>();
        (u16::from_le_bytes(*format) == INDEX_FORMAT && left.is_empty()).then(|| Self {
            end: Position(u64::from_le_bytes(*end)),
            next: u32::from_le_bytes(*next),
            list: runs
                .iter()
                .map(|[a, b, c, d, level]| Run {
                    id: u32::from_le_bytes([*a, *b, *c, *d]),
                    level: *level,
                })
                .collect(),
        })
    }

    /// Writes a run of these entries; the last batch also holds what `more` brings and the new list of runs.
    pub(crate) fn add(
        &self,
        tree: &Tree,
        mut entries: Vec<Entry>,
        end: Position,
        more: Batch,
    ) -> sled::Result<Self> {
        entries.sort_unstable();
        entries.dedup();
        let mut runs = self.clone();
        let run = Run {
            id: runs.next,
            level: 0,
        };
        runs.next = runs.next.wrapping_add(1);
        runs.list.push(run);
        runs.end = end;
        let mut writer = RunWriter::new(tree, run.id, more);
        for entry in entries {
            writer.push(entry)?;
        }
        writer.finish(&runs)?;
        Ok(runs)
    }

    /// Merges the runs of the lowest level that has enough of them, and names those that are now to be removed. Nothing
    /// when no level has.
    pub(crate) fn merge(&self, tree: &Tree) -> sled::Result<Option<(Self, Vec<u32>)>> {
        let mut levels: BTreeMap<u8, Vec<u32>> = BTreeMap::new();
        for run in &self.list {
            levels.entry(run.level).or_default().push(run.id);
        }
        let Some((level, merged)) = levels.into_iter().find(|(_, runs)| runs.len() >= MERGE_RUNS) else {
            return Ok(None);
        };
        let mut runs = self.clone();
        let run = Run {
            id: runs.next,
            level: level.saturating_add(1),
        };
        runs.next = runs.next.wrapping_add(1);
        runs.list.retain(|run| !merged.contains(&run.id));
        runs.list.push(run);
        let mut writer = RunWriter::new(tree, run.id, Batch::default());
        let mut sources: Vec<_> = merged.iter().map(|run| entries(tree, *run)).collect();
        let mut heads = BTreeSet::new();
        for (number, source) in sources.iter_mut().enumerate() {
            heads.extend(source.next().transpose()?.map(|entry| (entry, number)));
        }
        while let Some((entry, number)) = heads.pop_first() {
            writer.push(entry)?;
            if let Some(source) = sources.get_mut(number) {
                heads.extend(source.next().transpose()?.map(|entry| (entry, number)));
            }
        }
        writer.finish(&runs)?;
        Ok(Some((runs, merged)))
    }

    /// Removes the chunks of runs that the list does not name: an interrupted merge left them.
    pub(crate) fn remove_strangers(&self, tree: &Tree) -> sled::Result<bool> {
        let known: BTreeSet<u32> = self.list.iter().map(|run| run.id).collect();
        let mut removed = false;
        let mut from = keys::FIRST_CHUNK.to_vec();
        while let Some(found) = tree.range(from.as_slice()..keys::AFTER_CHUNKS).next() {
            let (key, _) = found?;
            let Some(run) = keys::run_of(&key) else {
                break;
            };
            if !known.contains(&run) {
                remove(tree, run)?;
                removed = true;
            }
            let Some(next) = run.checked_add(1) else {
                break;
            };
            from = keys::run(next);
        }
        Ok(removed)
    }

    /// The positions under a short key, ascending.
    pub(crate) fn find(&self, tree: &Tree, key: u64) -> sled::Result<Vec<u64>> {
        let from = Entry { key, position: 0 };
        let mut positions = Vec::new();
        for run in &self.list {
            // The chunk that holds the first such entry begins at it or before it.
            let first = keys::chunk(run.id, from);
            let before = tree.range(keys::run(run.id)..=first.clone()).next_back();
            let chunk = before.transpose()?.map_or(first, |(key, _)| key.to_vec());
            'run: for found in tree.range(chunk.as_slice()..keys::AFTER_CHUNKS) {
                let (chunk_key, value) = found?;
                if keys::run_of(&chunk_key) != Some(run.id) {
                    break;
                }
                let (entries, _) = value.as_chunks::<ENTRY_BYTES>();
                let start = entries.partition_point(|entry| Entry::decode(*entry) < from);
                for entry in entries.iter().skip(start).map(|entry| Entry::decode(*entry)) {
                    if entry.key != key {
                        break 'run;
                    }
                    positions.push(entry.position);
                }
            }
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(positions)
    }

    /// The numbers of the runs.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u32> {
        self.list.iter().map(|run| run.id)
    }

    /// Every entry of every run, for the filter.
    pub(crate) fn all(&self, tree: &Tree) -> impl Iterator<Item = sled::Result<Entry>> {
        self.list.iter().flat_map(|run| entries(tree, run.id))
    }
}

fn entries(tree: &Tree, run: u32) -> impl Iterator<Item = sled::Result<Entry>> + use<> {
    tree.scan_prefix(keys::run(run)).flat_map(|chunk| {
        let (entries, error) = match chunk {
            Ok((_, value)) => (value.as_chunks::<ENTRY_BYTES>().0.to_vec(), None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        entries
            .into_iter()
            .map(|entry| Ok(Entry::decode(entry)))
            .chain(error)
    })
}

/// Removes the chunks of a run.
pub(crate) fn remove(tree: &Tree, run: u32) -> sled::Result<()> {
    loop {
        let mut batch = Batch::default();
        let mut some = false;
        for key in tree.scan_prefix(keys::run(run)).keys().take(BATCH_CHUNKS) {
            batch.remove(key?);
            some = true;
        }
        if !some {
            return Ok(());
        }
        tree.apply_batch(batch)?;
    }
}

struct RunWriter<'a> {
    tree: &'a Tree,
    run: u32,
    batch: Batch,
    chunks: usize,
    first: Option<Entry>,
    chunk: Vec<u8>,
}

impl<'a> RunWriter<'a> {
    const fn new(tree: &'a Tree, run: u32, batch: Batch) -> Self {
        Self {
            tree,
            run,
            batch,
            chunks: 0,
            first: None,
            chunk: Vec::new(),
        }
    }

    fn push(&mut self, entry: Entry) -> sled::Result<()> {
        self.first.get_or_insert(entry);
        self.chunk.extend_from_slice(&entry.encode());
        if self.chunk.len() >= CHUNK_ENTRIES * ENTRY_BYTES {
            self.end_chunk();
            if self.chunks >= BATCH_CHUNKS {
                self.chunks = 0;
                self.tree.apply_batch(std::mem::take(&mut self.batch))?;
            }
        }
        Ok(())
    }

    fn end_chunk(&mut self) {
        if let Some(first) = self.first.take() {
            self.batch
                .insert(keys::chunk(self.run, first), std::mem::take(&mut self.chunk));
            self.chunks += 1;
        }
    }

    fn finish(mut self, runs: &Runs) -> sled::Result<()> {
        self.end_chunk();
        self.batch.insert(keys::INDEX, runs.encode());
        self.tree.apply_batch(self.batch)
    }
}

/// A filter of fixed size over the short keys of the whole log, the tail included: most look-ups are for what is not
/// there, and end here, without a lock.
///
/// Its size does not grow with the log. A log that outgrows it is asked more often in vain, and answers the same.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Two words that a key sets bits in, side by side: one look at the memory.
    pairs: Vec<[AtomicU64; 2]>,
    /// Whether every key of the log is in here. Until then it says of each that it may be there.
    whole: AtomicBool,
}

impl Filter {
    pub(crate) fn new(bytes: usize) -> Self {
        let pairs = (0..(bytes / 16).max(1)).map(|_| Default::default());
        Self {
            pairs: pairs.collect(),
            whole: AtomicBool::new(false),
        }
    }

    fn pair(&self, key: u64) -> Option<&[AtomicU64; 2]> {
        let stirred = u128::from(key.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        // The upper half of the product is a number below the length, each as likely as the others.
        let pair = (stirred * self.pairs.len() as u128) >> 64;
        self.pairs.get(usize::try_from(pair).ok()?)
    }

    /// Three bits in each of the two words, from six bits of the key each.
    fn bits(key: u64) -> [u64; 2] {
        let stirred = key.wrapping_mul(0xff51_afd7_ed55_8ccd);
        let stirred = stirred ^ (stirred >> 29);
        let bit = |number: u64| 1 << (stirred >> (number * 6) & 63);
        [bit(0) | bit(1) | bit(2), bit(3) | bit(4) | bit(5)]
    }

    pub(crate) fn insert(&self, key: u64) {
        if let Some(pair) = self.pair(key) {
            for (word, bits) in pair.iter().zip(Self::bits(key)) {
                word.fetch_or(bits, Ordering::Relaxed);
            }
        }
    }

    /// Says that every key of the log was inserted, and that each new one is before anybody can know of it.
    pub(crate) fn set_whole(&self) {
        self.whole.store(true, Ordering::Release);
    }

    pub(crate) fn may_hold(&self, key: u64) -> bool {
        if !self.whole.load(Ordering::Acquire) {
            return true;
        }
        self.pair(key).is_none_or(|pair| {
            pair.iter()
                .zip(Self::bits(key))
                .all(|(word, bits)| word.load(Ordering::Relaxed) & bits == bits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_runs_survives_its_bytes_and_another_version_is_not_read() {
        let runs = Runs {
            end: Position(9),
            next: 3,
            list: vec![Run { id: 1, level: 0 }, Run { id: 2, level: 4 }],
        };
        assert_eq!(Runs::decode(&runs.encode()), Some(runs.clone()));
        let mut newer = runs.encode();
        newer[0] += 1;
        assert_eq!(Runs::decode(&newer), None);
        assert_eq!(Runs::decode(&runs.encode()[..13]), None);
    }

    #[test]
    fn entries_are_found_in_any_run_and_after_a_merge() {
        let db = sled::Config::new().temporary(true).open().unwrap();
        let tree = db.open_tree("t").unwrap();
        let mut runs = Runs::default();
        for number in 0..9_u64 {
            let entries = (0..3_000)
                .map(|key| Entry {
                    key: key % 1_000,
                    position: number * 10_000 + key,
                })
                .collect();
            runs = runs
                .add(&tree, entries, Position(number), Batch::default())
                .unwrap();
        }
        let expected: Vec<u64> = (0..9)
            .flat_map(|run| [7, 1_007, 2_007].map(|key| run * 10_000 + key))
            .collect();
        assert_eq!(runs.find(&tree, 7).unwrap(), expected);
        assert_eq!(runs.find(&tree, 1_000).unwrap(), [] as [u64; 0]);
        let (merged, replaced) = runs.merge(&tree).unwrap().unwrap();
        assert_eq!((merged.list.len(), replaced.len()), (1, 9));
        assert_eq!(merged.find(&tree, 7).unwrap(), expected);
        assert_eq!(merged.find(&tree, 999).unwrap().len(), 27);
        assert!(merged.remove_strangers(&tree).unwrap());
        assert!(!merged.remove_strangers(&tree).unwrap());
        assert_eq!(merged.find(&tree, 7).unwrap(), expected);
        assert!(Runs::default().remove_strangers(&tree).unwrap());
        assert_eq!(tree.scan_prefix(keys::FIRST_CHUNK).count(), 0);
    }

    #[test]
    fn a_filter_holds_what_was_put_in_and_little_else() {
        let filter = Filter::new(64 * 1_024);
        let names: Vec<String> = (0..50_000).map(|number| format!("case/{number}")).collect();
        for name in &names {
            filter.insert(keys::stream(name));
        }
        assert!(
            filter.may_hold(keys::stream("never put in")),
            "it is not whole yet"
        );
        filter.set_whole();
        assert!(names.iter().all(|name| filter.may_hold(keys::stream(name))));
        let wrong = names
            .iter()
            .filter(|name| filter.may_hold(keys::command(name)))
            .count();
        assert!(wrong < 50_000 / 20, "{wrong} of 50000");
    }
}
