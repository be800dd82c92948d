//! Tampering at random with a closed database of 10,000 events: whatever changes what a reader would see is found, and nothing
//! makes the tool fail. `TAMPERINGS=20` does it forty times as often: 2,000 flipped bits, 500 cuts, 200 and more of everything else.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod chance;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use guichet::testkit::{HandTurned, application, director};
use guichet::{Config, Guichet};
use guichet_audit::verify::{Against, FindingKind, Input, Verification, verify};
use guichet_catalogue::embedded;
use guichet_core::id::{Position, Revision, StreamId};
use guichet_core::time::TimeSource;
use guichet_log::block::{Block, BlockBuilder, Compression};
use guichet_log::log::{Append, EventLog, Expected, READ_RECORDS_MAX};
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::note::{Note, PrivateKey};
use guichet_log::record::Draft;
use guichet_log::sealed_head::SealedHead;
use guichet_sled::journal::{self, FileHeader, SECTOR_BYTES};
use guichet_sled::{Options, SledLog, keys};
use tempfile::TempDir;

use chance::{Chance, times};

fn options() -> Options {
    let small = Options::default().with_journal_file_bytes(512 * 1024).unwrap();
    small.with_unsealed_files(4, 8).unwrap()
}

/// A centre that took in 10,000 applications, most of them sealed and some in the journal, and was closed.
static HONEST: LazyLock<TempDir> = LazyLock::new(|| filled(2010));

fn filled(salt: u64) -> TempDir {
    let dir = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let log = Arc::new(SledLog::open(dir.path(), options()).unwrap());
        let clock = Arc::new(HandTurned::at("2010-03-01T09:00:00+08:00".parse().unwrap()));
        let config = Config::default()
            .time(clock as Arc<dyn TimeSource>)
            .command_salt(salt);
        let engine = Guichet::start(Arc::clone(&log) as Arc<dyn EventLog>, config)
            .await
            .unwrap();
        let shipped = embedded("harbin-2010").unwrap();
        engine
            .publish_catalogue(&shipped.catalogue, &director())
            .await
            .unwrap();
        while log.head() < Position(10_000) {
            engine.submit(application()).await.unwrap().accepted().unwrap();
        }
        engine.close().await.unwrap();
    });
    dir
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copied(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn key() -> PrivateKey {
    PrivateKey::from_seed("centre.example/log", &[5; 32]).unwrap()
}

/// What a reader sees: every stored byte, and what the log answers when it is asked for streams and commands.
type View = (Vec<u8>, BTreeMap<String, usize>);

fn view(dir: &Path) -> Result<View, String> {
    let scratch = TempDir::new().unwrap();
    copied(dir, scratch.path());
    let log = SledLog::open(scratch.path(), options()).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let told = |error: guichet_log::log::ReadError| error.to_string();
        let (mut bytes, mut counts, mut next) = (Vec::new(), BTreeMap::new(), Position::START);
        while next < log.head() {
            for block in log.read_blocks(next, 1 << 22).await.map_err(told)? {
                for position in (block.first().0..block.end().0).map(Position) {
                    bytes.extend_from_slice(block.stored(position).unwrap());
                    let record = block
                        .record(position)
                        .unwrap()
                        .map_err(|error| error.to_string())?;
                    if position.0 % 97 == 0 {
                        let stream = StreamId::new(record.stream).unwrap();
                        let found = log.read_stream(&stream, Revision::START, READ_RECORDS_MAX).await;
                        counts.insert(stream.to_string(), found.map_err(told)?.len());
                        let command = guichet_core::id::CommandId::new(record.command).unwrap();
                        let found = log.find_command(&command).await.map_err(told)?;
                        counts.insert(command.to_string(), found.map_or(0, |found| found.len()));
                    }
                }
                next = block.end();
            }
        }
        Ok((bytes, counts))
    })
}

/// How the tamperings of a kind went.
#[derive(Debug, Default)]
struct Tally {
    told: usize,
    refused: usize,
    unseen: usize,
    kinds: BTreeMap<FindingKind, usize>,
}

/// A database to tamper with, and what a reader of the honest one sees.
struct Bench {
    dir: TempDir,
    chance: Chance,
    honest: View,
    tally: Tally,
    kept: Note,
}

impl Bench {
    fn new(seed: u64) -> Self {
        let dir = TempDir::new().unwrap();
        copied(HONEST.path(), dir.path());
        let verification = of(dir.path(), &Against::default()).unwrap();
        assert_eq!(verification.findings, [], "an honest database passes");
        let database = verification.database.unwrap();
        assert!(database.sealed > 5_000 && database.journal > 100, "{database:?}");
        Self {
            honest: view(dir.path()).unwrap(),
            kept: head_of(&verification),
            dir,
            chance: Chance::new(seed),
            tally: Tally::default(),
        }
    }

    /// Asks for the verdict on what was done, and puts everything back.
    fn judge(&mut self, tampering: &str) {
        let verdict = of(self.dir.path(), &Against::default());
        match verdict {
            Ok(verification) if verification.findings.is_empty() => {
                assert_eq!(
                    view(self.dir.path()).as_ref().map(|seen| *seen == self.honest),
                    Ok(true),
                    "{tampering} passes, and a reader sees something else"
                );
                self.tally.unseen += 1;
            }
            Ok(verification) => {
                for finding in &verification.findings {
                    assert!(finding.position.0 <= 20_000, "{tampering}: {finding:?}");
                    *self.tally.kinds.entry(finding.kind).or_default() += 1;
                }
                self.tally.told += 1;
            }
            Err(error) => {
                assert!(
                    ["no_data", "unknown_format"].contains(&error),
                    "{tampering}: {error}"
                );
                self.tally.refused += 1;
            }
        }
        self.restore();
    }

    fn restore(&self) {
        fs::remove_dir_all(self.dir.path()).unwrap();
        copied(HONEST.path(), self.dir.path());
    }

    fn change(&mut self, path: &Path, tampering: &str, change: impl FnOnce(&mut Vec<u8>, &mut Chance)) {
        let mut bytes = fs::read(path).unwrap();
        let honest = bytes.clone();
        change(&mut bytes, &mut self.chance);
        if bytes != honest {
            fs::write(path, bytes).unwrap();
            self.judge(&format!("{tampering} of {}", path.display()));
        }
    }

    fn any_file(&mut self) -> PathBuf {
        let files = files(self.dir.path());
        self.chance.one(&files).clone()
    }

    fn journal_files(&self) -> Vec<PathBuf> {
        let mut found = files(&self.dir.path().join("journal"));
        found.retain(|path| path.extension().is_some_and(|extension| extension == "journal"));
        found
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        println!("{:?}", self.tally);
    }
}

fn of(dir: &Path, against: &Against) -> Result<Verification, &'static str> {
    let input = Input::Database(dir.to_owned());
    verify(&input, against, NonZeroUsize::MIN).map_err(|failure| failure.error)
}

/// The head of a log, signed, as a supervisor keeps it.
fn head_of(verification: &Verification) -> Note {
    let head = SealedHead {
        origin: "centre.example/log".to_owned(),
        size: verification.head.size,
        root: verification.head.root.parse().unwrap(),
        streams: verification.streams,
        streams_root: verification.head.streams_root.parse().unwrap(),
    };
    head.sign(&key()).unwrap()
}

fn against(kept: Note) -> Against {
    Against {
        key: Some(key().public().clone()),
        kept: vec![(PathBuf::from("kept"), kept)],
    }
}

#[test]
fn no_flipped_bit_passes_unless_nobody_would_see_it() {
    let mut bench = Bench::new(0x5eed);
    for _ in 0..times(2_000, 40) {
        let path = bench.any_file();
        bench.change(&path, "a flipped bit", |bytes, chance| {
            let place = chance.below(bytes.len());
            bytes[place] ^= 1 << chance.below(8);
        });
    }
}

#[test]
fn no_file_that_was_cut_passes() {
    let mut bench = Bench::new(0xc07);
    for _ in 0..times(500, 40) {
        let path = bench.any_file();
        bench.change(&path, "a cut", |bytes, chance| {
            let length = chance.below(bytes.len());
            bytes.truncate(length);
        });
    }
}

#[test]
fn no_stretch_of_bytes_that_was_swapped_removed_or_moved_passes() {
    let mut bench = Bench::new(0x5a9);
    for round in 0..times(600, 40) {
        let path = bench.any_file();
        bench.change(&path, "another order of bytes", |bytes, chance| {
            let length = SECTOR_BYTES.min(bytes.len() / 2);
            let places = bytes.len() / length;
            let (a, b) = (chance.below(places) * length, chance.below(places) * length);
            match round % 3 {
                0 => {
                    let (one, other) = (bytes[a..a + length].to_vec(), bytes[b..b + length].to_vec());
                    bytes[a..a + length].copy_from_slice(&other);
                    bytes[b..b + length].copy_from_slice(&one);
                }
                1 => drop(bytes.drain(a..a + length)),
                _ => {
                    let (from, to) = (a.min(b), a.max(b) + length);
                    bytes[from..to].rotate_left(length);
                }
            }
        });
    }
}

#[test]
fn no_file_in_the_place_of_another_and_no_missing_one_passes() {
    let mut bench = Bench::new(0xf11e);
    for round in 0..times(200, 40) {
        let (path, other) = (bench.any_file(), bench.any_file());
        if round % 2 == 0 {
            fs::remove_file(&path).unwrap();
            bench.judge(&format!("the removal of {}", path.display()));
        } else {
            let content = fs::read(&other).unwrap();
            bench.change(&path, "another file's content", |bytes, _| *bytes = content);
        }
    }
}

/// The sealed blocks, and what writes into them behind the back of the log.
fn sealed(dir: &Path, change: impl FnOnce(&sled::Tree, Vec<(sled::IVec, Block)>)) {
    let db = sled::Config::new()
        .path(dir.join("sled"))
        .segment_size(2 * 1024 * 1024)
        .open()
        .unwrap();
    let tree = db.open_tree(keys::TREE).unwrap();
    let blocks = tree.range(keys::FIRST_BLOCK..keys::AFTER_BLOCKS).map(|found| {
        let (key, stored) = found.unwrap();
        (key, Block::parse(&stored).unwrap())
    });
    let blocks = blocks.collect();
    change(&tree, blocks);
    tree.flush().unwrap();
    drop(tree);
    db.flush().unwrap();
}

/// The records of a block, each as it is stored.
fn records(block: &Block) -> Vec<Vec<u8>> {
    let positions = (block.first().0..block.end().0).map(Position);
    positions
        .map(|position| block.stored(position).unwrap().to_vec())
        .collect()
}

/// A block of these records that agrees with itself: somebody worked out the tree and the checksum anew.
fn packed(before: Frontier, records: &[Vec<u8>], compression: Compression) -> (Frontier, Vec<u8>) {
    let mut builder = BlockBuilder::new(before);
    if compression == Compression::Lz4 {
        builder = builder.with_zone_map();
    }
    for record in records {
        builder.push(record, Hash::of_leaf(record));
    }
    let mut stored = Vec::new();
    let block = builder.finish(compression, &mut stored);
    (block.frontier().clone(), stored)
}

/// Swaps, removes, doubles or moves one of some things.
fn reorder<T: Clone>(all: &mut Vec<T>, round: usize, chance: &mut Chance) {
    let (a, b) = (chance.below(all.len()), chance.below(all.len()));
    match round % 4 {
        0 => all.swap(a, b),
        1 if all.len() > 1 => drop(all.remove(a)),
        2 => all.insert(a, all[b].clone()),
        _ => {
            let moved = all.remove(a);
            all.insert(b.min(all.len()), moved);
        }
    }
}

#[test]
fn no_sealed_record_that_was_swapped_removed_doubled_or_moved_passes() {
    let mut bench = Bench::new(0x5ea1);
    for round in 0..times(600, 40) {
        let chance = &mut bench.chance;
        let mut is_changed = false;
        sealed(bench.dir.path(), |tree, blocks| {
            let number = chance.below(blocks.len());
            let before = match number.checked_sub(1) {
                Some(before) => blocks[before].1.frontier().clone(),
                None => Frontier::default(),
            };
            let (key, block) = &blocks[number];
            let mut all = records(block);
            let honest = all.clone();
            reorder(&mut all, round, chance);
            is_changed = all != honest;
            tree.insert(key, packed(before, &all, Compression::Lz4).1)
                .unwrap();
        });
        if is_changed {
            bench.judge("another order of sealed records");
        }
    }
    assert_eq!(
        (bench.tally.unseen, bench.tally.refused),
        (0, 0),
        "{:?}",
        bench.tally
    );
}

#[test]
fn no_sealed_block_and_no_part_of_the_index_that_was_swapped_removed_or_changed_passes() {
    let mut bench = Bench::new(0xb10c);
    for round in 0..times(600, 40) {
        let chance = &mut bench.chance;
        sealed(bench.dir.path(), |tree, _| {
            let all: Vec<_> = tree
                .range(keys::FIRST_BLOCK..keys::AFTER_CHUNKS)
                .map(Result::unwrap)
                .collect();
            let ((a, stored), (b, other)) = (chance.one(&all), chance.one(&all));
            match round % 3 {
                0 => drop(tree.remove(a).unwrap()),
                1 => {
                    tree.insert(a, other.clone()).unwrap();
                    tree.insert(b, stored.clone()).unwrap();
                }
                _ => {
                    let mut changed = stored.to_vec();
                    changed[chance.below(stored.len())] ^= 1 << chance.below(8);
                    tree.insert(a, changed).unwrap();
                }
            }
        });
        bench.judge("another block or chunk of the index");
    }
    assert!(bench.tally.told > bench.tally.unseen, "{:?}", bench.tally);
}

#[test]
fn no_frame_of_the_journal_that_was_swapped_removed_doubled_or_moved_passes() {
    let mut bench = Bench::new(0xf2a3);
    for round in 0..times(600, 40) {
        let journals = bench.journal_files();
        let path = bench.chance.one(&journals).clone();
        bench.change(&path, "another order of frames", |bytes, chance| {
            let scan = journal::scan(bytes).unwrap();
            let mut all = scan.frames;
            if all.len() > 1 {
                reorder(&mut all, round, chance);
                rewrite(bytes, &scan.header, &all);
            }
        });
    }
    assert!(bench.tally.told > bench.tally.unseen, "{:?}", bench.tally);
}

/// Writes the frames of a journal file anew, each as it was, and the mark of an orderly end where there was one.
fn rewrite(bytes: &mut [u8], header: &FileHeader, frames: &[Block]) {
    let ended_at = journal::scan(bytes).unwrap().ended_at;
    let mut written = header.encode().to_vec();
    for block in frames {
        let (mut frame, mut stored) = (vec![0; 28], Vec::new());
        let before = before(block);
        let mut builder = BlockBuilder::new(before);
        for record in records(block) {
            builder.push(&record, Hash::of_leaf(&record));
        }
        let honest = builder.finish(Compression::None, &mut stored);
        let mut stored = if honest.frontier() == block.frontier() {
            stored
        } else {
            panic!("the frame as it was")
        };
        frame[4..8].copy_from_slice(&u32::try_from(stored.len()).unwrap().to_le_bytes());
        frame.append(&mut stored);
        frame.resize(frame.len().next_multiple_of(SECTOR_BYTES), 0);
        journal::stamp_frame(&mut frame, header.salt, block.first());
        written.extend_from_slice(&frame);
    }
    if let Some(head) = ended_at {
        written.extend_from_slice(&journal::end_mark(header.salt, head));
    }
    written.resize(bytes.len().max(written.len()), 0);
    written.truncate(bytes.len());
    bytes.copy_from_slice(&written);
}

/// The tree before a position of the honest log.
fn before(block: &Block) -> Frontier {
    static LEAVES: LazyLock<Vec<Hash>> = LazyLock::new(|| {
        let scratch = TempDir::new().unwrap();
        copied(HONEST.path(), scratch.path());
        let log = SledLog::open(scratch.path(), options()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let blocks = runtime
            .block_on(log.read_blocks(Position::START, usize::MAX))
            .unwrap();
        blocks
            .iter()
            .flat_map(|block| records(block))
            .map(|record| Hash::of_leaf(&record))
            .collect()
    });
    let first = usize::try_from(block.first().0).unwrap();
    Frontier::of_leaves(LEAVES[..first].iter().copied())
}

/// Somebody with all rights on the folder writes another history, with every checksum, hash and index as it must be.
fn forked(dir: &Path, is_shorter: bool, chance: &mut Chance) {
    let scratch = TempDir::new().unwrap();
    copied(dir, scratch.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let log = SledLog::open(scratch.path(), options()).unwrap();
        let all = log.read_blocks(Position::START, usize::MAX).await.unwrap();
        let chosen = chance.below(usize::try_from(log.head().0).unwrap());
        log.close().await.unwrap();
        fs::remove_dir_all(dir.join("journal")).unwrap();
        fs::remove_dir_all(dir.join("sled")).unwrap();
        let log = SledLog::open(dir, options()).unwrap();
        let mut group = Vec::new();
        for record in all
            .iter()
            .flat_map(|block| block.records().map(Result::unwrap).collect::<Vec<_>>())
        {
            let is_chosen = record.place.position.0 == chosen as u64;
            // One event less, and everything after it moves up.
            if is_chosen && is_shorter {
                continue;
            }
            let recorded_at = record.place.recorded_at;
            let record = record.to_record().unwrap();
            group.push(Append {
                stream: record.stream.clone(),
                expected: Expected::Any,
                drafts: vec![Draft {
                    // Or one event that says something else.
                    command_digest: if is_chosen { [7; 8] } else { record.command_digest },
                    ..record.into_draft()
                }],
            });
            if group.len() == 500 {
                log.append(std::mem::take(&mut group), recorded_at).await.unwrap();
            }
        }
        log.close().await.unwrap();
    });
}

#[test]
fn a_history_that_was_written_anew_shows_against_a_kept_head() {
    let mut bench = Bench::new(0xf02c);
    for round in 0..times(200, 40) {
        let is_shorter = round % 2 == 0;
        forked(bench.dir.path(), is_shorter, &mut bench.chance);
        // It agrees with itself: nobody can tell it from an honest one without a head that was kept elsewhere.
        assert_eq!(of(bench.dir.path(), &Against::default()).unwrap().findings, []);
        let told = of(bench.dir.path(), &against(bench.kept.clone())).unwrap();
        let kinds: Vec<_> = told.findings.iter().map(|finding| finding.kind).collect();
        let expected: &[_] = if is_shorter {
            &[FindingKind::Shorter]
        } else {
            &[FindingKind::KeptHeadDiffers, FindingKind::StreamsDiffer]
        };
        assert_eq!(kinds, expected);
        bench.restore();
    }
}
