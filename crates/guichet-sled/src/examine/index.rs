//! The index against the blocks: it must lead to every first record of a stream or command in a block, and nowhere else.
//!
//! Its memory does not grow with the log: entries are summed up in buckets, and only those of buckets that differ are kept.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};

use guichet_core::id::Position;

use super::sealed::{FILE, Sealed};
use super::{Look, ProblemKind};
use crate::index::{Runs, entries_of};
use crate::keys::{self, ENTRY_BYTES, Entry};

/// Into how many parts the entries are dealt.
const BUCKETS: usize = 4_096;

/// How many parts that differ are looked into entry by entry.
const DIFFERENT_MAX: usize = 64;

/// Sums over entries, in any order. Nobody can choose entries that add up to the same: the numbers differ each time.
struct Sums {
    random: RandomState,
    sums: Vec<u64>,
}

impl Sums {
    fn add(&mut self, entry: Entry, sign: i8) {
        let number = self.random.hash_one(entry.encode());
        if let Some(sum) = self.sums.get_mut(bucket(entry)) {
            *sum = if sign < 0 {
                sum.wrapping_sub(number)
            } else {
                sum.wrapping_add(number)
            };
        }
    }
}

/// The lowest bits of a short key are as good as any.
fn bucket(entry: Entry) -> usize {
    usize::try_from(entry.key).unwrap_or_default() % BUCKETS
}

/// Shows where the index differs. Answers from where opening would build it anew.
pub(super) fn examine(sealed: &Sealed, end: Position, look: &mut Look<'_>) -> Option<Position> {
    let kept = match sealed.get(keys::INDEX) {
        Ok(kept) => kept.and_then(|bytes| Runs::decode(&bytes)),
        Err(trouble) => {
            look.problem(Position::START, ProblemKind::StoreUnreadable, FILE, trouble.text);
            return None;
        }
    };
    // As opening does: a list that is missing, of another version, or of another log counts for nothing.
    let runs = kept.filter(|runs| runs.end <= end).unwrap_or_default();
    let rebuilt = (runs.end < end).then_some(runs.end);
    let mut sums = Sums {
        random: RandomState::new(),
        sums: vec![0; BUCKETS],
    };
    // Where no block can be read, no entry can be judged.
    let mut holes = Holes::default();
    sealed.blocks_again(look, |block| {
        holes.reaches(block.first(), block.end());
        expected(block, runs.end, |entry| sums.add(entry, 1));
    });
    holes.ends(end);
    actual(sealed, &runs, look, true, |entry| {
        if !holes.hold(entry.position) {
            sums.add(entry, -1);
        }
    });
    let different: BTreeSet<usize> = (0..BUCKETS)
        .filter(|bucket| sums.sums.get(*bucket).is_some_and(|sum| *sum != 0))
        .take(DIFFERENT_MAX)
        .collect();
    if different.is_empty() {
        return rebuilt;
    }
    let (mut wanted, mut there) = (BTreeSet::new(), BTreeSet::new());
    sealed.blocks_again(look, |block| {
        expected(block, runs.end, |entry| {
            if different.contains(&bucket(entry)) {
                wanted.insert((entry.position, entry.key));
            }
        });
    });
    actual(sealed, &runs, look, false, |entry| {
        if different.contains(&bucket(entry)) && !holes.hold(entry.position) {
            there.insert((entry.position, entry.key));
        }
    });
    let lost = wanted.difference(&there).map(|(position, _)| {
        (*position, "the index does not lead to the record at this position: whoever asks for its stream or command misses it")
    });
    let strange = there.difference(&wanted).map(|(position, _)| {
        (
            *position,
            "the index leads to this position for a stream or command that does not begin there",
        )
    });
    let mut told: Vec<_> = lost.chain(strange).collect();
    told.sort_unstable();
    for (position, detail) in told {
        look.problem(
            Position(position).min(end),
            ProblemKind::IndexDiffers,
            FILE,
            detail,
        );
    }
    rebuilt
}

/// The entries that a block must have in the index.
fn expected(block: &guichet_log::block::Block, indexed_to: Position, mut take: impl FnMut(Entry)) {
    let mut entries = Vec::new();
    // A record that cannot be read is told by whoever reads the records; the entries before it stand.
    let _ = entries_of(block, &mut entries);
    for entry in entries {
        if entry.position < indexed_to.0 {
            take(entry);
        }
    }
}

/// The entries that the index has. What is out of order is shown the first time: a search would not find it.
fn actual(sealed: &Sealed, runs: &Runs, look: &mut Look<'_>, first_time: bool, mut take: impl FnMut(Entry)) {
    for run in runs.ids() {
        let mut from = keys::run(run);
        let mut before: Option<Entry> = None;
        loop {
            let (key, value) = match sealed.first_from(&from) {
                Ok(Some((key, value))) if keys::run_of(&key) == Some(run) => (key, value),
                Ok(_) => break,
                Err(trouble) => {
                    if first_time {
                        look.problem(Position::START, ProblemKind::StoreUnreadable, FILE, trouble.text);
                    }
                    break;
                }
            };
            let (entries, rest) = value.as_chunks::<ENTRY_BYTES>();
            let entries = entries.iter().map(|entry| Entry::decode(*entry));
            let first = entries.clone().next();
            let mut is_sorted = rest.is_empty();
            is_sorted &= first.is_some_and(|first| keys::chunk(run, first) == key.as_ref());
            for entry in entries {
                is_sorted &= before.replace(entry).is_none_or(|before| before < entry);
                take(entry);
            }
            if !is_sorted && first_time {
                let position = Position(first.map_or(0, |first| first.position)).min(runs.end);
                let detail =
                    "the entries of the index are out of order, so that a search misses some of them";
                look.problem(position, ProblemKind::IndexDiffers, FILE, detail);
            }
            from = key.to_vec();
            from.push(0);
        }
    }
}

/// The positions below the end that no readable block holds.
#[derive(Default)]
struct Holes {
    list: Vec<(u64, u64)>,
    next: u64,
}

impl Holes {
    fn reaches(&mut self, first: Position, end: Position) {
        if first.0 > self.next {
            self.list.push((self.next, first.0));
        }
        self.next = end.0;
    }

    fn ends(&mut self, end: Position) {
        self.reaches(end, end);
    }

    fn hold(&self, position: u64) -> bool {
        let after = self.list.partition_point(|(first, _)| *first <= position);
        let hole = after.checked_sub(1).and_then(|number| self.list.get(number));
        hole.is_some_and(|(_, end)| position < *end)
    }
}
