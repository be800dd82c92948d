//! The tail: what is acknowledged and not yet sealed, in memory, one part for each journal file.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use foldhash::fast::RandomState;
use guichet_core::id::Position;
use guichet_log::block::Block;
use guichet_log::merkle::Hash;

/// Before the first one.
const NONE: u32 = u32::MAX;

/// How large a record is taken to be, and how many of them a stream is taken to have in one file, when room is made for
/// a file's keys: so the maps do not grow while readers wait for them.
const RECORD_BYTES: u64 = 512;
const STREAM_RECORDS: usize = 4;

/// What one journal file holds.
#[derive(Debug)]
pub(crate) struct TailFile {
    pub(crate) path: PathBuf,
    pub(crate) length: u64,
    pub(crate) first: Position,
    pub(crate) blocks: Vec<Arc<Block>>,
    /// Under each short key of a stream, and of a command, the last record that has it.
    last: [HashMap<u64, u32, RandomState>; 2],
    /// For each record, the one before it under the same stream's and the same command's key.
    before: Vec<[u32; 2]>,
    /// What the sealer would otherwise work out again.
    pub(crate) marks: Vec<Mark>,
}

/// The short keys of a record: its stream's and its command's.
pub(crate) type Keys = [u64; 2];

/// What is known of a record from when it was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) keys: Keys,
    pub(crate) leaf: Hash,
}

impl TailFile {
    pub(crate) fn new(path: PathBuf, length: u64, first: Position) -> Self {
        let records = usize::try_from(length / RECORD_BYTES).unwrap_or(0);
        let map = |keys| HashMap::with_capacity_and_hasher(keys, RandomState::default());
        Self {
            path,
            length,
            first,
            blocks: Vec::new(),
            last: [map(records / STREAM_RECORDS), map(records)],
            before: Vec::with_capacity(records),
            marks: Vec::with_capacity(records),
        }
    }

    /// Takes the next block, with what is known of its records.
    pub(crate) fn push(&mut self, block: Arc<Block>, marks: &[Mark]) {
        let [streams, commands] = &mut self.last;
        for Mark {
            keys: [stream, command],
            ..
        } in marks
        {
            // A journal file is smaller than 4 GiB, so its records can be counted in 32 bits.
            let number = u32::try_from(self.before.len()).unwrap_or(NONE);
            let stream_before = streams.insert(*stream, number).unwrap_or(NONE);
            let command_before = commands.insert(*command, number).unwrap_or(NONE);
            self.before.push([stream_before, command_before]);
        }
        self.marks.extend_from_slice(marks);
        self.blocks.push(block);
    }

    fn block(&self, position: Position) -> Option<&Arc<Block>> {
        let after = self.blocks.partition_point(|block| block.end() <= position);
        self.blocks.get(after).filter(|block| block.first() <= position)
    }
}

/// Which of a record's two keys is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chain {
    Stream,
    Command,
}

/// All journal files that are not sealed, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) files: VecDeque<TailFile>,
}

impl Tail {
    /// The position from which on everything is in here.
    pub(crate) fn first(&self) -> Option<Position> {
        self.files.front().map(|file| file.first)
    }

    pub(crate) fn block(&self, position: Position) -> Option<&Arc<Block>> {
        let after = self.files.partition_point(|file| file.first <= position);
        self.files.get(after.checked_sub(1)?)?.block(position)
    }

    /// The blocks from a position on that are in the same journal file.
    pub(crate) fn blocks(&self, from: Position) -> &[Arc<Block>] {
        let after = self.files.partition_point(|file| file.first <= from);
        // A file can be empty while the next frame is on its way.
        let Some(file) = after.checked_sub(1).and_then(|number| self.files.get(number)) else {
            return &[];
        };
        let start = file.blocks.partition_point(|block| block.end() <= from);
        file.blocks.get(start..).unwrap_or_default()
    }

    /// The positions under a key, latest first. They are to be looked at: another name can have the same key.
    pub(crate) fn find(&self, chain: Chain, key: u64) -> impl Iterator<Item = Position> {
        self.files.iter().rev().flat_map(move |file| {
            let [streams, commands] = &file.last;
            let last = match chain {
                Chain::Stream => streams,
                Chain::Command => commands,
            };
            let last = last.get(&key).copied().unwrap_or(NONE);
            std::iter::successors(Some(last), move |number| {
                let [stream, command] = file.before.get(*number as usize)?;
                Some(match chain {
                    Chain::Stream => *stream,
                    Chain::Command => *command,
                })
            })
            .take_while(|number| *number != NONE)
            .map(|number| file.first.plus(u64::from(number)))
        })
    }
}
