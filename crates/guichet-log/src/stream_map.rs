//! The stream map: how far every stream reached, under one hash, so that a proof can say that nothing of a case was left out.
//!
//! A sparse Merkle tree over the SHA-256 hashes of the streams' names. A stream has one place in it, given by its name's
//! hash bit by bit from the highest, so that there cannot be two of one name. A part of the tree without streams is 32
//! zero bytes; a part with one stream is that stream's hash; any other is a node's hash. `docs/format.md` draws them.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::id::StreamId;
use sha2::{Digest as _, Sha256};

use crate::merkle::Hash;

/// What is hashed before a stream's end. Leaves and nodes of the log's tree have 0 and 1.
const STREAM: u8 = 2;

/// What is hashed before the two halves of a part.
const NODE: u8 = 3;

/// The bits of a key.
const BITS: usize = 256;

/// How many bits of the key choose a part whose hash is remembered, with those of the parts that it is in: 4,096 of them, so
/// that a change costs one such part and twelve hashes.
const PART_BITS: usize = 12;

/// The number of such parts.
const PARTS: usize = 1 << PART_BITS;

/// Where a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamEnd {
    /// How many records it has.
    pub records: u64,
    /// The leaf hash of its last record, which names the one before it, and so all of them.
    pub last: Hash,
}

/// A place in the map: the SHA-256 hash of a stream's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key([u8; 32]);

impl Key {
    fn of(stream: &str) -> Self {
        Self(Sha256::digest(stream).into())
    }

    /// Whether the way to the stream turns right at this depth.
    fn right(&self, depth: usize) -> bool {
        let byte = self.0.get(depth / 8).copied().unwrap_or_default();
        byte >> (7 - depth % 8) & 1 == 1
    }

    fn part(&self) -> u16 {
        let [first, second, ..] = self.0;
        u16::from_be_bytes([first, second]) >> (16 - PART_BITS)
    }

    fn hash(&self, end: &StreamEnd) -> Hash {
        let hash = Sha256::new()
            .chain_update([STREAM])
            .chain_update(self.0)
            .chain_update(end.records.to_be_bytes())
            .chain_update(end.last.0);
        Hash(hash.finalize().into())
    }
}

/// A stream by its place, with its end.
type Stream = (Key, StreamEnd);

/// What is in a part of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Empty,
    One(Hash),
    Many(Hash),
}

impl Part {
    const fn hash(self) -> Hash {
        match self {
            Self::Empty => Hash::NONE,
            Self::One(hash) | Self::Many(hash) => hash,
        }
    }

    /// Two halves put together. One stream alone stays itself, however large the part around it.
    fn join(left: Self, right: Self) -> Self {
        match (left, right) {
            (part @ (Self::Empty | Self::One(_)), Self::Empty) | (Self::Empty, part @ Self::One(_)) => part,
            (Self::Empty | Self::One(_) | Self::Many(_), _) => Self::Many(node(&left.hash(), &right.hash())),
        }
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let hash = Sha256::new()
        .chain_update([NODE])
        .chain_update(left.0)
        .chain_update(right.0);
    Hash(hash.finalize().into())
}

/// How far every stream of a log reached. It grows by about 100 bytes a stream.
///
/// ```
/// # use guichet_core::id::StreamId;
/// # use guichet_log::{merkle::Hash, stream_map::StreamMap};
/// let case = StreamId::new("case/1")?;
/// let mut map = StreamMap::default();
/// map.add(&case, Hash::of_leaf(b"submitted"));
/// map.add(&case, Hash::of_leaf(b"accepted"));
/// let proof = map.prove(&case).expect("the stream is there");
/// assert_eq!(proof.end.records, 2);
/// proof.verify(&case, &map.root())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StreamMap {
    ends: BTreeMap<Key, StreamEnd>,
    /// The parts as a binary tree: the whole at 1, the halves of `n` at `2n` and `2n + 1`, the smallest from [`PARTS`] on.
    parts: Vec<Part>,
    /// The smallest parts that have changed since.
    changed: BTreeSet<u16>,
}

impl PartialEq for StreamMap {
    fn eq(&self, other: &Self) -> bool {
        self.ends == other.ends
    }
}

impl Eq for StreamMap {}

impl StreamMap {
    /// Takes in the next record of a stream, by its leaf hash.
    pub fn add(&mut self, stream: &StreamId, leaf: Hash) {
        self.add_named(stream.as_str(), leaf);
    }

    /// As [`StreamMap::add`], of a stream that is known by its text.
    pub fn add_named(&mut self, stream: &str, leaf: Hash) {
        let key = Key::of(stream);
        self.changed.insert(key.part());
        let end = self.ends.entry(key).or_insert(StreamEnd {
            records: 0,
            last: Hash::NONE,
        });
        *end = StreamEnd {
            records: end.records.saturating_add(1),
            last: leaf,
        };
    }

    /// Puts a stream where it ends, whatever the map held of it.
    pub fn set(&mut self, stream: &str, end: StreamEnd) {
        let key = Key::of(stream);
        self.changed.insert(key.part());
        self.ends.insert(key, end);
    }

    /// How many streams there are.
    #[must_use]
    pub fn streams(&self) -> u64 {
        self.ends.len() as u64
    }

    /// Where a stream ends; nothing when there is no record of it.
    #[must_use]
    pub fn end(&self, stream: &StreamId) -> Option<StreamEnd> {
        self.ends.get(&Key::of(stream.as_str())).copied()
    }

    /// The hash of it all. It costs what has changed since it was last asked for.
    pub fn root(&mut self) -> Hash {
        if self.parts.is_empty() {
            self.parts = vec![Part::Empty; 2 * PARTS];
        }
        let mut changed = BTreeSet::new();
        for prefix in std::mem::take(&mut self.changed) {
            let place = PARTS + usize::from(prefix);
            let part = self.part(prefix);
            self.put(place, part);
            changed.insert(place / 2);
        }
        // A part comes after those that it is in, so the greatest place has all its halves.
        while let Some(place) = changed.pop_last().filter(|place| *place > 0) {
            let part = Part::join(self.at(2 * place), self.at(2 * place + 1));
            self.put(place, part);
            changed.insert(place / 2);
        }
        self.at(1).hash()
    }

    fn at(&self, place: usize) -> Part {
        self.parts.get(place).copied().unwrap_or(Part::Empty)
    }

    fn put(&mut self, place: usize, part: Part) {
        if let Some(known) = self.parts.get_mut(place) {
            *known = part;
        }
    }

    /// What is in the part whose keys begin with these [`PART_BITS`] bits.
    fn part(&self, prefix: u16) -> Part {
        let bound = |begin: u16, rest: u8| {
            let mut key = [rest; 32];
            let [high, low] = begin.to_be_bytes();
            if let Some(begin) = key.first_chunk_mut() {
                *begin = [high, low];
            }
            Key(key)
        };
        let spare = 16 - PART_BITS;
        let first = bound(prefix << spare, 0);
        let last = bound((prefix << spare) | ((1 << spare) - 1), u8::MAX);
        let within: Vec<_> = self
            .ends
            .range(first..=last)
            .map(|(key, end)| (*key, *end))
            .collect();
        joined(&within, PART_BITS)
    }

    /// The proof of where a stream ends; nothing when there is no record of it.
    #[must_use]
    pub fn prove(&self, stream: &StreamId) -> Option<StreamProof> {
        let key = Key::of(stream.as_str());
        let end = *self.ends.get(&key)?;
        let all: Vec<_> = self.ends.iter().map(|(key, end)| (*key, *end)).collect();
        let mut siblings = Vec::new();
        let mut part = all.as_slice();
        let mut depth = 0;
        while part.len() > 1 && depth < BITS {
            let (left, right) = halves(part, depth);
            let (own, other) = if key.right(depth) {
                (right, left)
            } else {
                (left, right)
            };
            siblings.push(joined(other, depth + 1).hash());
            part = own;
            depth += 1;
        }
        siblings.reverse();
        Some(StreamProof { end, siblings })
    }
}

/// The streams of a part that turn left at a depth, and those that turn right.
fn halves(part: &[Stream], depth: usize) -> (&[Stream], &[Stream]) {
    part.split_at(part.partition_point(|(key, _)| !key.right(depth)))
}

/// What is in the part that these streams, which share the bits above a depth, make up.
fn joined(part: &[Stream], depth: usize) -> Part {
    match part {
        [] => Part::Empty,
        [(key, end)] => Part::One(key.hash(end)),
        // No two keys are the same in all bits, so that this ends before the bits do.
        several => {
            let (left, right) = halves(several, depth);
            Part::join(joined(left, depth + 1), joined(right, depth + 1))
        }
    }
}

/// The proof of where a stream ends: the parts beside the way from the stream up to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamProof {
    /// Where the stream ends.
    pub end: StreamEnd,
    /// The hashes of the parts beside the way, from the stream upwards.
    pub siblings: Vec<Hash>,
}

/// A proof that does not prove where a stream ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamProofError {
    /// There are more hashes than a way is long.
    #[error("the proof has {0} hashes, and {BITS} is the most")]
    Long(usize),
    /// The hashes lead to another root.
    #[error("the proof leads to the root {computed} of the stream map, and {stated} was stated")]
    Root {
        /// The root as stated.
        stated: Hash,
        /// The root to which it leads.
        computed: Hash,
    },
}

impl StreamProof {
    /// Checks that a stream ends where the proof says, in the map with this root.
    ///
    /// # Errors
    ///
    /// [`StreamProofError`] says why it does not prove it.
    pub fn verify(&self, stream: &StreamId, root: &Hash) -> Result<(), StreamProofError> {
        let depth = self.siblings.len();
        if depth > BITS {
            return Err(StreamProofError::Long(depth));
        }
        let key = Key::of(stream.as_str());
        let mut computed = key.hash(&self.end);
        for (sibling, depth) in self.siblings.iter().zip((0..depth).rev()) {
            computed = if key.right(depth) {
                node(sibling, &computed)
            } else {
                node(&computed, sibling)
            };
        }
        if computed == *root {
            return Ok(());
        }
        Err(StreamProofError::Root {
            stated: *root,
            computed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(number: u32) -> StreamId {
        StreamId::new(&format!("case/{number}")).expect("it is a stream")
    }

    fn map(streams: u32) -> StreamMap {
        let mut map = StreamMap::default();
        for number in 0..streams {
            for record in 0..=number % 3 {
                map.add(&stream(number), Hash::of_leaf(&record.to_be_bytes()));
            }
        }
        map
    }

    #[test]
    fn an_empty_map_has_the_root_of_nothing() {
        assert_eq!(StreamMap::default().root(), Hash::NONE);
    }

    #[test]
    fn every_stream_of_maps_of_many_sizes_is_proven_with_its_end_and_no_other_end() {
        for streams in [1, 2, 3, 10, 257, 5_000] {
            let mut map = map(streams);
            let root = map.root();
            for number in (0..streams).step_by(1 + streams as usize / 40) {
                let proof = map.prove(&stream(number)).expect("the stream is there");
                assert_eq!(proof.end.records, u64::from(number % 3) + 1);
                assert_eq!(proof.verify(&stream(number), &root), Ok(()));
                let mut shorter = proof.clone();
                shorter.end.records -= 1;
                let mut other = proof.clone();
                other.end.last = Hash::of_leaf(b"another");
                for wrong in [shorter, other] {
                    assert!(matches!(
                        wrong.verify(&stream(number), &root),
                        Err(StreamProofError::Root { .. })
                    ));
                }
                assert!(matches!(
                    proof.verify(&stream(streams + 1), &root),
                    Err(StreamProofError::Root { .. })
                ));
            }
        }
    }

    #[test]
    fn the_root_is_the_same_whatever_was_asked_on_the_way_and_in_whatever_order_streams_came() {
        let mut along = StreamMap::default();
        for number in (0..2_000).rev() {
            for record in 0..=number % 3 {
                along.add(&stream(number), Hash::of_leaf(&record.to_be_bytes()));
            }
            if number % 97 == 0 {
                along.root();
            }
        }
        assert_eq!(along.root(), map(2_000).root());
    }

    #[test]
    fn the_root_of_a_part_is_that_of_the_plain_recursion_over_all_bits() {
        let mut map = map(300);
        let all: Vec<_> = map.ends.iter().map(|(key, end)| (*key, *end)).collect();
        assert_eq!(map.root(), joined(&all, 0).hash());
    }

    #[test]
    fn a_stream_without_records_has_no_proof() {
        assert_eq!(map(3).prove(&stream(3)), None);
    }
}
