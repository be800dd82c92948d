//! An archive: every file that its newest head covers, every record, every head.

use std::num::NonZeroUsize;
use std::path::Path;

use guichet_core::id::Position;
use guichet_log::archive::{Archive, ArchiveError, BUNDLE_RECORDS, Tile, TileStack};
use guichet_log::log::with_sources;
use guichet_log::merkle::{Frontier, Hash};

use super::chain::Chain;
use super::heads::Heads;
use super::{Against, Finding, FindingKind, Found, Verification, earlier, tiles};

/// How high the tree over a full tile is.
const TILE_HEIGHT: u32 = BUNDLE_RECORDS.trailing_zeros();

/// Verifies an archive: every file of it that its newest head covers, every record, every head, and the heads that were
/// kept earlier. The answer is the same on any number of threads.
///
/// # Errors
///
/// [`ArchiveError`] when there is no archive, or its newest head cannot be read at all; everything else is a finding.
pub fn verify(dir: &Path, against: &Against, threads: NonZeroUsize) -> Result<Verification, ArchiveError> {
    let archive = Archive::open_unchecked(dir)?;
    let mut found = Found::default();
    let mut heads = Heads::of_archive(&archive, against, &mut found)?;
    let mut stack = TileStack::default();
    let mut chain = Chain::default();
    let mut tree = Frontier::default();
    heads.compare(&tree, &mut chain, &mut found);
    let mut index = 0;
    // Bounded: so many files are in memory at once, whatever the size of the log.
    let window = threads.get() as u64 * tiles::BUNDLES_AT_ONCE;
    while index < archive.bundles() {
        let end = archive.bundles().min(index + window);
        for read in tiles::read_bundles(&archive, index..end, threads) {
            for finding in read.findings {
                found.add(finding);
            }
            let end = tree.size() + read.records.len() as u64;
            let is_whole = heads.next_size().is_none_or(|size| size >= end);
            // Its tree was worked out where it was read, unless a head is to be compared in its middle.
            let root = read
                .root
                .filter(|root| is_whole && tree.push_subtree(TILE_HEIGHT, *root));
            if let Some(root) = root {
                let full = stack.push_full(root);
                tiles::compare_all(&archive, of_tiles(&full), &mut found);
            }
            for record in read.records {
                let leaf = record.leaf;
                chain.take(record, &mut found);
                if root.is_none() {
                    tree.push(leaf);
                    let full = stack.push(leaf);
                    tiles::compare_all(&archive, of_tiles(&full), &mut found);
                    heads.compare(&tree, &mut chain, &mut found);
                }
            }
            heads.compare(&tree, &mut chain, &mut found);
        }
        index = end;
    }
    tiles::compare_all(&archive, stack.unfinished(), &mut found);
    earlier::check(&archive, &mut found)?;
    heads.finish(archive.head().size, &mut found);
    Ok(Verification {
        head: archive.head().into(),
        database: None,
        signature_checked: heads.signature_checked(),
        records: archive.head().size,
        streams: chain.streams(),
        heads: heads.archived(),
        kept_heads: heads.kept(),
        findings: found.sorted(),
    })
}

fn of_tiles(full: &[(Tile, Vec<Hash>)]) -> impl Iterator<Item = (Tile, &[Hash])> {
    full.iter().map(|(tile, hashes)| (*tile, hashes.as_slice()))
}

/// What is wrong with a file that cannot be used.
pub(super) fn of_file(name: String, error: &ArchiveError, position: u64) -> Finding {
    let (kind, position, detail) = match error {
        ArchiveError::Missing { .. } => (
            FindingKind::FileMissing,
            Position(position),
            "the newest head covers it, and it is not there".to_owned(),
        ),
        ArchiveError::Damaged { position, reason, .. } => (FindingKind::FileCut, *position, reason.clone()),
        ArchiveError::Io { .. }
        | ArchiveError::None(_)
        | ArchiveError::Foreign { .. }
        | ArchiveError::Head { .. }
        | ArchiveError::Forked { .. }
        | ArchiveError::Shorter { .. }
        | ArchiveError::OtherKey { .. }
        | ArchiveError::Order { .. }
        | ArchiveError::Unreadable(_)
        | ArchiveError::Block { .. } => (FindingKind::FileCut, Position(position), with_sources(error)),
    };
    Finding {
        position,
        kind,
        file: Some(name),
        stream: None,
        detail,
    }
}
