//! The files of records and hashes: each record has the hash that the tree has for it, and each hash of the tree is that of
//! what lies below.

use std::cell::LazyCell;
use std::num::NonZeroUsize;
use std::ops::Range;

use guichet_core::id::{Position, Revision, StreamId};
use guichet_core::time::Timestamp;
use guichet_log::archive::{Archive, BUNDLE_RECORDS, Tile, bundle_path};
use guichet_log::log::with_sources;
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::projection::RecordedReader;
use guichet_log::record::RecordRef;

use super::archive::of_file;
use super::{Finding, FindingKind, Found};

/// How many files each thread reads before what they hold is looked at in order.
pub(super) const BUNDLES_AT_ONCE: u64 = 16;

/// A record as the tree and its stream see it.
pub(super) struct Seen {
    pub(super) position: Position,
    /// The hash that goes into the tree: the record's own; the tree's where the record is gone or is not what it was.
    pub(super) leaf: Hash,
    /// What it says of its place; nothing when it cannot be read.
    pub(super) place: Option<SeenPlace>,
}

/// What a record says of its place.
pub(super) struct SeenPlace {
    pub(super) stream: StreamId,
    pub(super) position: Position,
    pub(super) revision: Revision,
    pub(super) recorded_at: Timestamp,
    pub(super) previous: Hash,
}

/// What one file of records holds.
pub(super) struct Read {
    pub(super) records: Vec<Seen>,
    /// The root of the tree over them, where the file is full.
    pub(super) root: Option<Hash>,
    pub(super) findings: Vec<Finding>,
}

/// Reads files of records on several threads; what they hold, in the order of the log.
pub(super) fn read_bundles(archive: &Archive, bundles: Range<u64>, threads: NonZeroUsize) -> Vec<Read> {
    let threads = threads.get() as u64;
    let mut read: Vec<(u64, Read)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let own = bundles.clone().filter(move |index| index % threads == thread);
                scope.spawn(move || {
                    own.map(|index| (index, read_bundle(archive, index)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let done = workers.into_iter().flat_map(|worker| match worker.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.collect()
    });
    read.sort_by_key(|(index, _)| *index);
    read.into_iter().map(|(_, read)| read).collect()
}

fn read_bundle(archive: &Archive, index: u64) -> Read {
    let mut findings = Vec::new();
    let size = archive.head().size;
    let Some(tile) = Tile::at(0, index, size) else {
        return Read {
            records: Vec::new(),
            root: None,
            findings,
        };
    };
    let first = tile.first_record();
    let bundle_name = bundle_path(index, tile.width).display().to_string();
    let hashes = archive.raw_tile(tile).map_err(|error| {
        findings.push(of_file(tile.path().display().to_string(), &error, first));
    });
    let bundle = archive.raw_bundle(index).map_err(|error| {
        findings.push(of_file(bundle_name.clone(), &error, first));
    });
    let hashes = hashes.unwrap_or_default();
    // Asked only where a record and the tree differ, which in an honest archive is nowhere.
    let trusted = LazyCell::new(|| fits_above(archive, tile, &hashes));
    let mut records = Vec::with_capacity(usize::from(tile.width));
    let mut reader = RecordedReader::default();
    for place in 0..usize::from(tile.width) {
        let position = Position(first + place as u64);
        let hash = hashes.get(place).copied();
        let bytes = bundle.as_ref().ok().and_then(|bundle| bundle.record(place));
        let Some(bytes) = bytes else {
            // A missing file was told as a whole, and the tree goes on with what it has for the record.
            records.push(Seen {
                position,
                leaf: hash.unwrap_or(Hash::NONE),
                place: None,
            });
            continue;
        };
        let own = Hash::of_leaf(bytes);
        if let Some(hash) = hash.filter(|hash| *hash != own) {
            let (kind, file) = if *trusted {
                (FindingKind::RecordChanged, bundle_name.clone())
            } else {
                (FindingKind::HashChanged, tile.path().display().to_string())
            };
            findings.push(Finding {
                position,
                kind,
                file: Some(file),
                stream: None,
                detail: format!("the record has the hash {own}, and the tree has {hash} for it"),
            });
        }
        let leaf = hash.filter(|hash| *hash != own && *trusted).unwrap_or(own);
        let place = parsed(&mut reader, bytes).unwrap_or_else(|(place, detail)| {
            findings.push(Finding {
                position,
                kind: FindingKind::RecordUnreadable,
                file: Some(bundle_name.clone()),
                stream: None,
                detail,
            });
            place
        });
        records.push(Seen {
            position,
            leaf,
            place,
        });
    }
    let leaves = records.iter().map(|record| record.leaf);
    let root = tile.is_full().then(|| Frontier::of_leaves(leaves).root());
    Read {
        records,
        root,
        findings,
    }
}

/// Whether the hashes of a tile are those that the tile above has for it: then it is the records that were changed, where
/// both differ. A tile at the right edge has none above it and is taken at its word; the root tells.
fn fits_above(archive: &Archive, tile: Tile, hashes: &[Hash]) -> bool {
    if !tile.is_full() {
        return true;
    }
    let above = Tile::at(tile.level + 1, tile.index / BUNDLE_RECORDS, archive.head().size);
    let Some(Ok(above)) = above.map(|above| archive.raw_tile(above)) else {
        return false;
    };
    let place = usize::try_from(tile.index % BUNDLE_RECORDS).unwrap_or_default();
    above.get(place) == Some(&Frontier::of_leaves(hashes.iter().copied()).root())
}

/// What a record says of its place; or, where it cannot be read, as far as that can be told, and what is wrong.
pub(super) fn parsed(
    reader: &mut RecordedReader,
    bytes: &[u8],
) -> Result<Option<SeenPlace>, (Option<SeenPlace>, String)> {
    let record = RecordRef::parse(bytes).map_err(|error| (None, with_sources(&error)))?;
    let place = |stream| SeenPlace {
        stream,
        position: record.place.position,
        revision: record.place.revision,
        recorded_at: record.place.recorded_at,
        previous: record.place.previous,
    };
    match reader.read(&record) {
        Ok(recorded) => Ok(Some(place(recorded.stream))),
        // A stream whose name is none has no order that could be looked at.
        Err(error) => Err((
            StreamId::new(record.stream).ok().map(place),
            with_sources(&error.cause),
        )),
    }
}

/// Compares tiles, as they are worked out from below, with the files.
pub(super) fn compare_all<'h>(
    archive: &Archive,
    tiles: impl IntoIterator<Item = (Tile, &'h [Hash])>,
    found: &mut Found,
) {
    for (tile, hashes) in tiles {
        compare(archive, tile, hashes, found);
    }
}

/// Compares a tile above the leaves with what was worked out; those of the leaves were compared with the records.
fn compare(archive: &Archive, tile: Tile, expected: &[Hash], found: &mut Found) {
    if tile.level == 0 {
        return;
    }
    let name = tile.path().display().to_string();
    let hashes = match archive.raw_tile(tile) {
        Ok(hashes) => hashes,
        Err(error) => {
            let finding = of_file(name, &error, tile.first_record());
            return found.add(finding);
        }
    };
    for (place, (hash, expected)) in hashes.iter().zip(expected).enumerate() {
        if hash != expected {
            let below = (tile.index * BUNDLE_RECORDS + place as u64) << (8 * u32::from(tile.level));
            found.add(Finding {
                position: Position(below),
                kind: FindingKind::HashChanged,
                file: Some(name.clone()),
                stream: None,
                detail: format!("the tree has {hash} here, and what lies below has {expected}"),
            });
        }
    }
}
