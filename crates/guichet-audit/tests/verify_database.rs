//! Verification of a closed database: what opening it would cut, build anew or refuse is told, all of it, with positions.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod stories;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use guichet_audit::verify::{Against, FindingKind, Input, Verification, verify};
use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::archive::Archive;
use guichet_log::block::{Block, BlockBuilder, Compression};
use guichet_log::log::{Append, EventLog, Expected};
use guichet_log::merkle::{Frontier, Hash};
use guichet_sled::{Options, SledLog, keys};
use serde_json::Value;
use tempfile::TempDir;

use stories::{Centre, assert_fits, audit, stamps, told};

fn of(dir: &Path, against: &Against) -> Verification {
    verify(&Input::Database(dir.to_owned()), against, NonZeroUsize::MIN).unwrap()
}

fn kinds(verification: &Verification) -> Vec<(u64, FindingKind)> {
    let findings = verification.findings.iter();
    findings
        .map(|finding| (finding.position.0, finding.kind))
        .collect()
}

const STORY: &str = "two-correction-notices";

/// A closed database most of which is sealed: the story's records, again and again.
fn sealed() -> TempDir {
    let centre = Centre::with(STORY);
    let dir = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let source = SledLog::open(centre.data(), Options::default()).unwrap();
        let records = source.read_all(Position::START, 10_000).await.unwrap();
        source.close().await.unwrap();
        let small = Options::default().with_journal_file_bytes(64 * 1024).unwrap();
        let log = SledLog::open(dir.path(), small).unwrap();
        for _ in 0..20 {
            for record in &records {
                let append = Append {
                    stream: record.stream.clone(),
                    expected: Expected::Any,
                    drafts: vec![record.clone().into_draft()],
                };
                log.append(vec![append], Timestamp::from_micros(1)).await.unwrap();
            }
        }
        // The sealer works while the writer rests.
        while sealed_blocks(dir.path()) < 4 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        log.close().await.unwrap();
    });
    dir
}

/// How many journal files were let go of.
fn sealed_blocks(dir: &Path) -> usize {
    let spares = fs::read_dir(dir.join("journal")).unwrap();
    spares
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("spare")
        })
        .count()
}

/// Writes into sled behind the back of the log.
fn in_sled(dir: &Path, change: impl FnOnce(&sled::Tree)) {
    let db = sled::Config::new()
        .path(dir.join("sled"))
        .segment_size(2 * 1024 * 1024)
        .open()
        .unwrap();
    let tree = db.open_tree(keys::TREE).unwrap();
    change(&tree);
    tree.flush().unwrap();
}

/// The sealed blocks, by their keys.
fn blocks(tree: &sled::Tree) -> Vec<(sled::IVec, Vec<u8>)> {
    let all = tree
        .range(keys::FIRST_BLOCK..keys::AFTER_BLOCKS)
        .map(Result::unwrap);
    all.map(|(key, stored)| (key, stored.to_vec())).collect()
}

/// Changes a stored block, and states the checksum anew (CRC32C, bit by bit).
fn changed(stored: &mut [u8], change: impl FnOnce(&mut [u8])) {
    change(stored);
    stored[28..32].fill(0);
    let crc = stored.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let low = crc & 1;
            (crc >> 1) ^ (0x82f6_3b78 * low)
        })
    });
    stored[28..32].copy_from_slice(&(!crc).to_le_bytes());
}

#[test]
fn an_honest_database_passes_has_the_root_of_its_archive_and_is_not_written_to() {
    let centre = Centre::with(STORY);
    let archive = Archive::open(centre.archive()).unwrap();
    let before = stamps(&centre.data());
    let kept = Against {
        key: Some(archive.stated_key().unwrap()),
        kept: vec![(PathBuf::from("checkpoint"), archive.note().clone())],
    };
    let verification = of(&centre.data(), &kept);
    assert_eq!(verification.findings, []);
    assert_eq!(
        (
            verification.head.root,
            verification.head.streams_root,
            verification.records
        ),
        (
            archive.head().root.to_string(),
            archive.head().streams_root.to_string(),
            archive.head().size
        )
    );
    assert_eq!(stamps(&centre.data()), before);
}

#[test]
fn every_damaged_block_is_told_and_not_only_the_first() {
    let dir = sealed();
    assert_eq!(of(dir.path(), &Against::default()).findings, []);
    let mut damaged = Vec::new();
    in_sled(dir.path(), |tree| {
        let all = blocks(tree);
        assert!(all.len() > 5, "{} blocks", all.len());
        for number in [1, 4] {
            let (key, mut stored) = all[number].clone();
            damaged.push(Block::parse(&stored).unwrap().first().0);
            *stored.last_mut().unwrap() ^= 1;
            tree.insert(key, stored).unwrap();
        }
    });
    let found = kinds(&of(dir.path(), &Against::default()));
    let unreadable = found
        .iter()
        .filter(|(_, kind)| *kind == FindingKind::BlockUnreadable);
    assert_eq!(
        unreadable.map(|(position, _)| *position).collect::<Vec<_>>(),
        damaged
    );
}

#[test]
fn a_changed_record_with_a_right_checksum_is_told_by_its_block_and_by_what_follows_on_it() {
    let dir = sealed();
    let mut block = None;
    in_sled(dir.path(), |tree| {
        let (key, stored) = blocks(tree)[0].clone();
        let honest = Block::parse(&stored).unwrap();
        let mut builder = BlockBuilder::new(Frontier::default()).with_zone_map();
        for position in (0..honest.end().0).map(Position) {
            let mut record = honest.stored(position).unwrap().to_vec();
            // The digest of the first record's command: nothing else reads it.
            record[77] ^= u8::from(position == Position::START);
            builder.push(&record, Hash::of_leaf(&record));
        }
        let mut forged = Vec::new();
        builder.finish(Compression::Lz4, &mut forged);
        tree.insert(key, forged).unwrap();
        block = Some(honest);
    });
    let found = kinds(&of(dir.path(), &Against::default()));
    // Its block states the forged tree, and the next one the honest one.
    assert!(
        found.contains(&(block.unwrap().end().0, FindingKind::TreeDiffers)),
        "{found:?}"
    );
    assert!(
        found.iter().any(|(_, kind)| *kind == FindingKind::ChainBroken),
        "{found:?}"
    );
}

#[test]
fn a_header_that_hides_records_or_misstates_their_time_is_told() {
    for at in [32, 40] {
        let dir = sealed();
        in_sled(dir.path(), |tree| {
            let (key, mut stored) = blocks(tree)[0].clone();
            changed(&mut stored, |stored| stored[at] ^= 1);
            tree.insert(key, stored).unwrap();
        });
        assert_eq!(
            kinds(&of(dir.path(), &Against::default())),
            [(0, FindingKind::HeaderDiffers)]
        );
    }
    let dir = sealed();
    in_sled(dir.path(), |tree| {
        let names = |stored: &[u8]| stored.windows(9).any(|part| part == b"submitted");
        let (key, mut stored) = blocks(tree)
            .into_iter()
            .find(|(_, stored)| names(stored))
            .unwrap();
        changed(&mut stored, |stored| {
            let kind = stored.windows(9).position(|part| part == b"submitted").unwrap();
            stored[kind] = b'x';
        });
        tree.insert(key, stored).unwrap();
    });
    let found = kinds(&of(dir.path(), &Against::default()));
    assert!(
        !found.is_empty() && found.iter().all(|(_, kind)| *kind == FindingKind::HeaderDiffers),
        "{found:?}"
    );
}

#[test]
fn an_index_that_would_be_built_anew_is_told_and_is_no_finding() {
    let dir = sealed();
    in_sled(dir.path(), |tree| drop(tree.remove(keys::INDEX).unwrap()));
    let verification = of(dir.path(), &Against::default());
    assert_eq!(verification.findings, []);
    assert_eq!(verification.database.unwrap().index_from, Some(Position::START));
}

#[test]
fn an_index_that_hides_a_stream_is_told_by_the_record_that_it_does_not_lead_to() {
    let dir = sealed();
    in_sled(dir.path(), |tree| {
        let (key, chunk) = tree
            .range(keys::FIRST_CHUNK..keys::AFTER_CHUNKS)
            .next()
            .unwrap()
            .unwrap();
        tree.insert(key, &chunk[..chunk.len() - keys::ENTRY_BYTES])
            .unwrap();
    });
    let found = kinds(&of(dir.path(), &Against::default()));
    assert!(matches!(found[..], [(_, FindingKind::IndexDiffers)]), "{found:?}");
}

#[test]
fn what_a_killed_process_leaves_is_told_as_such() {
    let dir = TempDir::new().unwrap();
    let copy = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let centre = Centre::with(STORY);
    runtime.block_on(async {
        let source = SledLog::open(centre.data(), Options::default()).unwrap();
        let first = source.read_all(Position::START, 1).await.unwrap().remove(0);
        let log = SledLog::open(dir.path(), Options::default()).unwrap();
        let append = Append {
            stream: first.stream.clone(),
            expected: Expected::Absent,
            drafts: vec![first.into_draft()],
        };
        log.append(vec![append], Timestamp::from_micros(1)).await.unwrap();
        // What stands on the disk while it is open is what a killed process leaves.
        for folder in ["journal", "sled"] {
            fs::create_dir(copy.path().join(folder)).unwrap();
            for entry in fs::read_dir(dir.path().join(folder)).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_file() {
                    fs::copy(entry.path(), copy.path().join(folder).join(entry.file_name())).unwrap();
                }
            }
        }
        log.close().await.unwrap();
    });
    assert_eq!(
        kinds(&of(copy.path(), &Against::default())),
        [(1, FindingKind::NotClosed)]
    );
    assert_eq!(of(dir.path(), &Against::default()).findings, []);
}

/// Flips a bit in the middle of a journal that has many frames.
fn damage(data: &Path) {
    let journals = fs::read_dir(data.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let journal = journals
        .filter(|path| path.extension().is_some_and(|extension| extension == "journal"))
        .max()
        .unwrap();
    let mut bytes = fs::read(&journal).unwrap();
    let frames: Vec<_> = bytes
        .windows(4)
        .enumerate()
        .filter(|(_, part)| part == b"GBLK")
        .map(|(at, _)| at)
        .collect();
    bytes[frames[frames.len() / 2] + 200] ^= 1;
    fs::write(&journal, bytes).unwrap();
}

#[test]
fn the_tool_verifies_a_database_in_both_languages_and_for_programs() {
    let centre = Centre::with(STORY);
    let kept = centre.archive().join("checkpoint").display().to_string();
    let call = |arguments: &[&str]| {
        audit(arguments)
            .arg("--data")
            .arg(centre.data())
            .output()
            .unwrap()
    };
    let mut text = String::new();
    for arguments in [&["verify"][..], &["verify", "--kept", &kept]] {
        for lang in ["en", "zh"] {
            text.push_str(&told(
                &call(&[arguments, &["--lang", lang]].concat()),
                centre.dir.path(),
            ));
        }
    }
    damage(&centre.data());
    for arguments in [&["verify", "--kept", &kept][..], &["findings", "--rule", "B16"]] {
        for lang in ["en", "zh"] {
            text.push_str(&told(
                &call(&[arguments, &["--lang", lang]].concat()),
                centre.dir.path(),
            ));
        }
    }
    let output = call(&["verify", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_fits(
        "verification.v1.schema.json",
        &serde_json::from_slice(&output.stdout).unwrap(),
    );
    let output = call(&["findings", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_fits(
        "findings.v1.schema.json",
        &serde_json::from_slice(&output.stdout).unwrap(),
    );
    insta::assert_snapshot!(text);
}

#[test]
fn findings_over_a_damaged_archive_tell_b16_where_it_is_damaged() {
    let centre = Centre::with(STORY);
    let tile = centre.archive().join("tile/entries/000");
    let mut bytes = fs::read(&tile).unwrap();
    // The last byte is of the last of its 256 records.
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&tile, bytes).unwrap();
    let output = centre.call(&["findings", "--rule", "B16", "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let listing: Value = serde_json::from_slice(&output.stdout).unwrap();
    let evidence: Vec<_> = listing["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["evidence"][0].clone())
        .collect();
    assert!(evidence.contains(&255.into()), "{listing:#}");
}
