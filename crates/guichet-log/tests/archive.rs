//! The archive: what was written is read back, extends what was sealed before, and nothing damaged is believed.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::archive::{Archive, ArchiveError, ArchiveWriter, CHECKPOINT, Tile, bundle_path};
use guichet_log::log::{EventLog, Expected};
use guichet_log::memory::MemoryLog;
use guichet_log::merkle::proof::{consistency, inclusion, root_of, verify_consistency, verify_inclusion};
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::note::PrivateKey;
use guichet_log::sealed_head::SealedHead;
use guichet_log::testkit::{append, stream};
use tempfile::TempDir;

fn key() -> PrivateKey {
    PrivateKey::from_seed("centre.example/log", &[3; 32]).expect("the name is one")
}

/// A log of records on seven streams, `count` in all, written to it in groups of up to 40.
struct Centre {
    runtime: tokio::runtime::Runtime,
    log: MemoryLog,
    written: u64,
}

impl Centre {
    fn new() -> Self {
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime"),
            log: MemoryLog::default(),
            written: 0,
        }
    }

    fn grow_to(&mut self, count: u64) {
        while self.written < count {
            let group = (self.written..count.min(self.written + 40))
                .map(|number| {
                    let case = format!("case/{}", number % 7);
                    let payload = number.to_be_bytes();
                    append(&case, Expected::Any, &format!("c-{number}"), &[&payload])
                })
                .collect::<Vec<_>>();
            self.written += group.len() as u64;
            let appended = self.log.append(group, Timestamp::from_micros(0));
            self.runtime.block_on(appended).expect("it is appended");
        }
    }

    fn archive_to(&self, writer: &mut ArchiveWriter) -> Result<SealedHead, ArchiveError> {
        while writer.end().0 < self.written {
            let blocks = self.log.read_blocks(writer.end(), 100_000);
            for block in self.runtime.block_on(blocks).expect("it can be read") {
                writer.push_block(&block)?;
            }
        }
        writer.seal(&key())
    }
}

fn writer(dir: &Path) -> ArchiveWriter {
    ArchiveWriter::open(dir, key().public()).expect("the folder is free")
}

/// An archive of so many records, sealed once.
fn archived(count: u64) -> (TempDir, Centre) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut centre = Centre::new();
    centre.grow_to(count);
    centre.archive_to(&mut writer(dir.path())).expect("it is written");
    (dir, centre)
}

#[test]
fn an_archive_of_any_size_gives_back_every_record_and_proves_it() {
    for count in [1, 2, 255, 256, 257, 512, 700, 1_000] {
        let (dir, centre) = archived(count);
        let archive = Archive::open(dir.path()).expect("it is whole");
        assert_eq!(archive.end(), Position(count));
        let log = centre
            .runtime
            .block_on(centre.log.read_all(Position::START, 2_000))
            .expect("it reads");
        for record in log.iter().step_by(37) {
            let position = record.position;
            let bytes = archive.record(position).expect("it reads");
            assert_eq!(bytes.as_deref(), Some(record.encode().as_slice()));
            let proof = inclusion(&mut &archive, position.0, count).expect("it is there");
            let root = &archive.head().root;
            let proven = verify_inclusion(position.0, count, &record.leaf_hash(), &proof, root);
            assert_eq!(proven, Ok(()));
        }
        assert_eq!(archive.record(Position(count)).expect("it reads"), None);
    }
}

#[test]
fn an_archive_of_more_tiles_than_one_holds_is_read_through_them_all() {
    let (dir, centre) = archived(66_000);
    let archive = Archive::open(dir.path()).expect("it is whole");
    assert!(dir.path().join("tile/1/000").is_file() && dir.path().join("tile/2/000.p/1").is_file());
    for index in [0, 100, 255, 256, archive.bundles() - 1] {
        let bundle = archive.bundle(index).expect("it is whole");
        let stored = centre
            .runtime
            .block_on(centre.log.read_all(Position(index * 256), 1))
            .expect("it reads");
        assert_eq!(bundle.record(0), Some(stored[0].encode().as_slice()));
    }
    let proof = consistency(&mut &archive, 65_500, 66_000).expect("the sizes are in order");
    let earlier = root_of(&mut &archive, 0, 65_500).expect("it reads");
    let later = &archive.head().root;
    assert_eq!(
        verify_consistency(65_500, 66_000, &earlier, later, &proof),
        Ok(())
    );
    assert_eq!(archive.frontier().expect("it reads").root(), *later);
}

#[test]
fn a_writer_that_stopped_goes_on_where_the_last_head_stands_and_keeps_every_head() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut centre = Centre::new();
    let sizes = [3, 256, 300, 513, 514, 1_100];
    for size in sizes {
        centre.grow_to(size);
        centre.archive_to(&mut writer(dir.path())).expect("it is written");
    }
    let archive = Archive::open(dir.path()).expect("it is whole");
    assert_eq!(archive.heads().expect("they read"), sizes);
    for size in sizes {
        let earlier = archive.head_note(size).expect("it reads").expect("it is kept");
        let earlier = SealedHead::verified(&earlier, key().public()).expect("it is signed");
        let proof = consistency(&mut &archive, size, 1_100).expect("the sizes are in order");
        let root = &archive.head().root;
        assert_eq!(
            verify_consistency(size, 1_100, &earlier.root, root, &proof),
            Ok(())
        );
    }
    let whole = archived(1_100).0;
    let whole = Archive::open(whole.path()).expect("it is whole");
    assert_eq!(whole.head(), archive.head());
}

#[test]
fn what_was_written_past_the_last_head_is_no_part_of_the_archive_and_is_written_again() {
    let (dir, mut centre) = archived(300);
    centre.grow_to(900);
    let mut stopped = writer(dir.path());
    let blocks = centre
        .runtime
        .block_on(centre.log.read_blocks(Position(300), 1_000_000))
        .expect("they read");
    for block in blocks {
        stopped.push_block(&block).expect("it follows");
    }
    drop(stopped);
    assert_eq!(
        Archive::open(dir.path()).expect("it is whole").end(),
        Position(300)
    );
    centre.archive_to(&mut writer(dir.path())).expect("it is written");
    let archive = Archive::open(dir.path()).expect("it is whole");
    assert!((0..archive.bundles()).all(|index| archive.bundle(index).is_ok()));
}

#[test]
fn a_reader_that_opened_an_earlier_head_goes_on_reading_it_while_the_archive_grows() {
    let (dir, mut centre) = archived(300);
    let reader = Archive::open(dir.path()).expect("it is whole");
    centre.grow_to(2_000);
    centre.archive_to(&mut writer(dir.path())).expect("it is written");
    assert_eq!(reader.end(), Position(300));
    let last = reader.bundle(1).expect("it is whole");
    assert_eq!(last.len(), 300 - 256);
}

#[test]
fn the_history_of_another_log_is_not_sealed() {
    let (dir, _) = archived(300);
    let mut other = Centre::new();
    other.grow_to(10);
    // One record more in between makes another history of what follows.
    let group = vec![append("case/9", Expected::Any, "x", &[b"another"])];
    other
        .runtime
        .block_on(other.log.append(group, Timestamp::from_micros(0)))
        .expect("it is appended");
    other.written += 1;
    other.grow_to(400);
    let mut writer = writer(dir.path());
    let forked = other
        .archive_to(&mut writer)
        .expect_err("it parts from the archive");
    assert!(matches!(forked, ArchiveError::Forked { position, .. } if position.0 > 300));
    assert_eq!(
        Archive::open(dir.path()).expect("it is whole").end(),
        Position(300)
    );
}

#[test]
fn an_archive_is_not_gone_on_with_under_another_key() {
    let (dir, _) = archived(10);
    let same_name = PrivateKey::from_seed("centre.example/log", &[4; 32]).expect("the name is one");
    let other_name = PrivateKey::from_seed("another.example/log", &[3; 32]).expect("the name is one");
    let refused = ArchiveWriter::open(dir.path(), same_name.public()).expect_err("it is another key");
    assert!(matches!(refused, ArchiveError::Head { .. }));
    let refused = ArchiveWriter::open(dir.path(), other_name.public()).expect_err("it is another log's");
    assert!(matches!(refused, ArchiveError::OtherKey { .. }));
}

#[test]
fn a_packed_archive_reads_as_before_and_can_be_gone_on_with() {
    let (dir, mut centre) = archived(1_000);
    let writer_of_it = writer(dir.path());
    assert_eq!(writer_of_it.pack().expect("it is packed"), 3);
    assert_eq!(writer_of_it.pack().expect("it is packed"), 0);
    assert!(!dir.path().join(bundle_path(0, 256)).exists());
    centre.grow_to(1_300);
    centre.archive_to(&mut writer(dir.path())).expect("it is written");
    let archive = Archive::open(dir.path()).expect("it is whole");
    assert!((0..archive.bundles()).all(|index| archive.bundle(index).is_ok()));
}

#[test]
fn the_end_of_every_stream_is_under_the_head() {
    let (dir, mut centre) = archived(20);
    centre.grow_to(23);
    let mut writer = writer(dir.path());
    let head = centre.archive_to(&mut writer).expect("it is written");
    let proof = writer.streams().prove(&stream("case/1")).expect("it is there");
    assert_eq!(proof.end.records, 4);
    assert_eq!(proof.verify(&stream("case/1"), &head.streams_root), Ok(()));
}

/// Every file of an archive, by its path.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("it reads") {
        let path = entry.expect("it reads").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The first thing that a reader of everything meets that is not right.
fn read_all(dir: &Path) -> Result<u64, ArchiveError> {
    let archive = Archive::open(dir)?;
    (0..archive.bundles())
        .map(|index| archive.bundle(index).map(|bundle| bundle.len() as u64))
        .sum()
}

#[test]
fn a_flipped_bit_in_any_file_of_records_or_hashes_is_never_believed() {
    let (dir, _) = archived(600);
    for path in files(&dir.path().join("tile")) {
        let whole = fs::read(&path).expect("it reads");
        for place in (0..whole.len()).step_by(1 + whole.len() / 60) {
            let mut flipped = whole.clone();
            flipped[place] ^= 1 << (place % 8);
            fs::write(&path, flipped).expect("it is written");
            let found = read_all(dir.path()).expect_err("it is damaged");
            assert!(
                matches!(found, ArchiveError::Damaged { .. }),
                "{} at {place}: {found}",
                path.display()
            );
        }
        fs::write(&path, whole).expect("it is written");
    }
    assert_eq!(read_all(dir.path()).expect("it is whole"), 600);
}

#[test]
fn a_file_that_is_cut_or_missing_is_named() {
    let (dir, _) = archived(600);
    for path in files(&dir.path().join("tile")) {
        let whole = fs::read(&path).expect("it reads");
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).expect("it is written");
            let found = read_all(dir.path()).expect_err("it is cut").to_string();
            assert!(
                found.contains(&*path.to_string_lossy()),
                "{} at {length}: {found}",
                path.display()
            );
        }
        fs::remove_file(&path).expect("it goes");
        let found = read_all(dir.path()).expect_err("it is gone");
        assert!(
            matches!(&found, ArchiveError::Missing { .. }),
            "{}: {found}",
            path.display()
        );
        fs::write(&path, whole).expect("it is written");
    }
}

#[test]
fn a_folder_without_a_head_is_no_archive_and_a_head_that_is_none_is_told() {
    let (dir, _) = archived(5);
    fs::write(dir.path().join(CHECKPOINT), "nothing\n").expect("it is written");
    assert!(matches!(
        Archive::open(dir.path()),
        Err(ArchiveError::Head { .. })
    ));
    fs::remove_file(dir.path().join(CHECKPOINT)).expect("it goes");
    assert!(matches!(Archive::open(dir.path()), Err(ArchiveError::None(_))));
}

#[test]
fn the_hashes_in_a_tile_are_those_of_the_records() {
    let (dir, centre) = archived(300);
    let tile = Tile::at(0, 0, 300).expect("the tree has it");
    let bytes = fs::read(dir.path().join(tile.path())).expect("it reads");
    let first = centre
        .runtime
        .block_on(centre.log.read_all(Position::START, 1))
        .expect("it reads");
    assert_eq!(&bytes[..32], &first[0].leaf_hash().0);
    let above = fs::read(dir.path().join("tile/1/000.p/1")).expect("it reads");
    let leaves = bytes.as_chunks::<32>().0.iter().copied().map(Hash);
    assert_eq!(above, Frontier::of_leaves(leaves).root().0);
}

#[test]
fn a_folder_with_other_things_is_not_made_an_archive() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("letter.txt"), "yours").expect("it is written");
    let refused = ArchiveWriter::open(dir.path(), key().public()).expect_err("it is not empty");
    assert!(matches!(refused, ArchiveError::Foreign { ref found, .. } if found == "letter.txt"));
    assert_eq!(files(dir.path()).len(), 1);
}
