//! The files that were not full when an earlier head was sealed, and are still there for those who read at that head.

use std::fs;

use guichet_core::id::Position;
use guichet_log::archive::{Archive, ArchiveError, Bundle, Tile, bundle_path};

use super::{Finding, FindingKind, Found};

/// Checks that each holds the beginning of what there is now.
pub(super) fn check(archive: &Archive, found: &mut Found) -> Result<(), ArchiveError> {
    for (unfinished, entries) in archive.unfinished()? {
        let Tile { level, index, width } = unfinished;
        let Some(now) = Tile::at(level, index, archive.head().size) else {
            continue;
        };
        // Those of the newest head were read as such; wider ones were written past it.
        if width >= now.width {
            continue;
        }
        let path = if entries {
            bundle_path(index, width)
        } else {
            unfinished.path()
        };
        let Ok(bytes) = fs::read(archive.dir().join(&path)) else {
            continue;
        };
        let differs = if entries {
            // What there is now was compared with the tree.
            archive
                .raw_bundle(index)
                .ok()
                .and_then(|now| differing_record(bytes, &now, width))
        } else {
            archive.raw_tile(now).ok().and_then(|now| {
                let now: Vec<u8> = now
                    .iter()
                    .take(usize::from(width))
                    .flat_map(|hash| hash.0)
                    .collect();
                differing(&bytes, &now).map(|byte| byte as u64 / 32)
            })
        };
        if let Some(place) = differs {
            let first = unfinished.first_record();
            let each = 1_u64.checked_shl(8 * u32::from(level)).unwrap_or_default();
            found.add(Finding {
                position: Position(first.saturating_add(place.saturating_mul(each))),
                kind: if entries {
                    FindingKind::RecordChanged
                } else {
                    FindingKind::HashChanged
                },
                file: Some(path.display().to_string()),
                stream: None,
                detail: format!(
                    "it was written for an earlier head, and differs from what there is now in place {place}"
                ),
            });
        }
    }
    Ok(())
}

/// Where two runs of bytes differ first.
fn differing(one: &[u8], other: &[u8]) -> Option<usize> {
    let shared = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (shared < one.len().max(other.len())).then_some(shared)
}

/// The first record that is not the same now.
fn differing_record(bytes: Vec<u8>, now: &Bundle, width: u16) -> Option<u64> {
    let width = usize::from(width);
    let earlier = match Bundle::parse(bytes) {
        Ok(earlier) => earlier,
        Err(whole) => return Some(whole as u64),
    };
    let shared = earlier
        .records()
        .zip(now.records())
        .take_while(|(a, b)| a == b)
        .count();
    (shared < width.max(earlier.len())).then_some(shared.min(width) as u64)
}
