//! A disk that fails: nothing acknowledged is lost, nothing half visible, and the error says what happened.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::log::{AppendError, EventLog, Expected, READ_RECORDS_MAX, with_sources};
use guichet_log::record::Record;
use guichet_log::testkit::{append, command, stream};
use guichet_sled::disk::{Disk, DiskFile, RealDisk};
use guichet_sled::examine::{ProblemKind, Seen, examine};
use guichet_sled::{OpenError, Options, SledLog, StoreError};
use tempfile::TempDir;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A sync of the journal reports an error, and nothing is known about what lasts.
    FailingSync,
    /// A write stops in the middle.
    ShortWrite,
    /// A write, and every new file, finds the disk full.
    FullDisk,
    /// Everything about the sync of sled's files fails.
    FailingStoreSync,
}

/// The real disk, until it has done so many of the operations that the fault is about.
#[derive(Debug)]
struct FaultyDisk {
    fault: Fault,
    left: AtomicI64,
}

impl FaultyDisk {
    fn new(fault: Fault, left: i64) -> Arc<Self> {
        Arc::new(Self {
            fault,
            left: AtomicI64::new(left),
        })
    }

    fn fails(&self, fault: Fault) -> bool {
        self.fault == fault && self.left.fetch_sub(1, Ordering::SeqCst) <= 0
    }
}

fn full() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "no space left on device")
}

#[derive(Debug)]
struct FaultyFile {
    disk: Arc<FaultyDisk>,
    file: Arc<dyn DiskFile>,
}

/// The disk is shared with the test, which turns the fault on.
#[derive(Debug)]
struct Shared(Arc<FaultyDisk>);

impl Shared {
    fn file(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(FaultyFile {
            disk: Arc::clone(&self.0),
            file,
        })
    }
}

impl Disk for Shared {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        RealDisk.list(dir)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        RealDisk.length(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(RealDisk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(RealDisk.create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        if self.0.fails(Fault::FailingStoreSync) {
            return Err(io::Error::other("input/output error"));
        }
        RealDisk.sync_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.sync_dir(dir)
    }
}

impl DiskFile for FaultyFile {
    fn read(&self) -> io::Result<Vec<u8>> {
        self.file.read()
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.disk.fails(Fault::FullDisk) {
            self.file.write_at(&bytes[..bytes.len() / 3], offset)?;
            return Err(full());
        }
        if self.disk.fails(Fault::ShortWrite) {
            self.file.write_at(&bytes[..bytes.len() / 2], offset)?;
            return Err(io::Error::new(
                io::ErrorKind::WriteZero,
                "failed to write whole buffer",
            ));
        }
        self.file.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        if self.disk.fails(Fault::FailingSync) {
            return Err(io::Error::other("input/output error"));
        }
        self.file.sync()
    }
}

fn small() -> Options {
    Options::default()
        .with_journal_file_bytes(16 * 1024)
        .unwrap()
        .with_unsealed_files(1, 2)
        .unwrap()
}

async fn all(log: &SledLog) -> Vec<Record> {
    let mut records = Vec::new();
    while (records.len() as u64) < log.head().0 {
        let from = Position(records.len() as u64);
        records.extend(log.read_all(from, READ_RECORDS_MAX).await.unwrap());
    }
    records
}

/// Appends groups of three until one fails, and answers with how many were acknowledged and with the error.
async fn append_until_it_fails(log: &SledLog) -> (u64, AppendError) {
    for number in 0..2_000_u64 {
        let name = format!("c-{number}");
        let payload = [7; 90];
        let group = vec![
            append("a", Expected::Any, &name, &[&payload, &payload]),
            append(&format!("case/{number}"), Expected::Absent, &name, &[&payload]),
        ];
        if let Err(error) = log.append(group, Timestamp::from_micros(1)).await {
            return (number, error);
        }
    }
    panic!("the disk never failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_write_nothing_is_acknowledged_and_reads_go_on() {
    for fault in [Fault::FailingSync, Fault::ShortWrite, Fault::FullDisk] {
        for after in [12, 40, 41, 42, 150] {
            let dir = TempDir::new().unwrap();
            let disk = FaultyDisk::new(fault, after);
            let log = SledLog::open(dir.path(), small().with_disk(Arc::new(Shared(disk)))).unwrap();
            let (acknowledged, error) = append_until_it_fails(&log).await;
            let text = with_sources(&error);
            let expected = match fault {
                Fault::FailingSync | Fault::FailingStoreSync => "input/output error",
                Fault::ShortWrite => "failed to write whole buffer",
                Fault::FullDisk => "no space left on device",
            };
            assert!(text.contains(expected), "{fault:?} after {after}: {text}");

            let refused = log
                .append(
                    vec![append("b", Expected::Any, "c-b", &[b"never"])],
                    Timestamp::from_micros(1),
                )
                .await
                .unwrap_err();
            assert!(
                matches!(&refused, AppendError::Poisoned { cause } if cause.contains(expected)),
                "{fault:?} after {after}: {refused:?}"
            );
            assert_eq!(log.head(), Position(3 * acknowledged), "{fault:?} after {after}");
            assert_eq!(all(&log).await.len() as u64, 3 * acknowledged);
            let closed = log.close().await.unwrap_err();
            assert!(with_sources(&closed).contains(expected), "{closed:?}");
            drop(log);

            // With a disk that works again everything acknowledged is there, and the failed group whole or not at all.
            let log = SledLog::open(dir.path(), small()).unwrap();
            let head = log.head().0;
            assert!(
                head == 3 * acknowledged || head == 3 * (acknowledged + 1),
                "{fault:?} after {after}: {head} of {acknowledged} groups"
            );
            assert_eq!(all(&log).await.len() as u64, head);
            assert_eq!(log.find_command(&command("c-b")).await.unwrap(), None);
            for number in 0..acknowledged {
                let found = log.find_command(&command(&format!("c-{number}"))).await.unwrap();
                assert_eq!(found.map(|found| found.len()), Some(3), "command {number}");
            }
            let group = vec![append("b", Expected::Absent, "c-b", &[b"again"])];
            let appended = log.append(group, Timestamp::from_micros(1)).await.unwrap();
            assert_eq!(appended.first, Position(head));
            log.close().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_sled_cannot_be_synced_the_journal_stays() {
    let dir = TempDir::new().unwrap();
    let disk = FaultyDisk::new(Fault::FailingStoreSync, 12);
    let log = SledLog::open(dir.path(), small().with_disk(Arc::new(Shared(disk)))).unwrap();
    let (acknowledged, error) = append_until_it_fails(&log).await;
    assert!(
        with_sources(&error).contains("full journal files cannot be sealed"),
        "{error:?}"
    );
    drop(log);
    let log = SledLog::open(dir.path(), small()).unwrap();
    let head = log.head().0;
    assert!(head == 3 * acknowledged || head == 3 * (acknowledged + 1));
    assert_eq!(all(&log).await.len() as u64, head);
    log.close().await.unwrap();
}

/// A closed log of so many groups, most of them sealed when there are many.
async fn filled(groups: u64) -> TempDir {
    let dir = TempDir::new().unwrap();
    let log = SledLog::open(dir.path(), small()).unwrap();
    for number in 0..groups {
        let group = vec![append(
            "a",
            Expected::Any,
            &format!("c-{number}"),
            &[&[7; 200], &[8; 200]],
        )];
        log.append(group, Timestamp::from_micros(1)).await.unwrap();
    }
    log.close().await.unwrap();
    dir
}

fn journal_files(dir: &Path) -> Vec<PathBuf> {
    let files = RealDisk.list(&dir.join("journal")).unwrap();
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "journal"))
        .collect()
}

#[tokio::test]
async fn a_damaged_journal_does_not_open_and_says_where() {
    let dir = filled(10).await;
    let [path] = &journal_files(dir.path())[..] else {
        panic!("one journal file");
    };
    let whole = fs::read(path).unwrap();
    for at in (512..6_000).step_by(97) {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(path, &damaged).unwrap();
        match SledLog::open(dir.path(), small()) {
            Err(error @ OpenError::Damaged { .. }) => {
                let text = with_sources(&error);
                assert!(text.contains(&path.display().to_string()), "{text}");
            }
            Err(other) => panic!("byte {at}: {other:?}"),
            // The byte stands between two frames.
            Ok(log) => {
                assert_eq!(log.head(), Position(20), "byte {at}");
                assert_eq!(whole[at], 0, "byte {at}");
            }
        }
    }
    fs::write(path, &whole).unwrap();
    assert_eq!(SledLog::open(dir.path(), small()).unwrap().head(), Position(20));
}

#[tokio::test]
async fn a_torn_end_is_cut_reported_and_kept() {
    let dir = filled(3).await;
    let path = journal_files(dir.path()).pop().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // In place of the mark of the orderly end there is the beginning of a frame.
    let mark = bytes.windows(4).position(|four| four == b"GEND").unwrap();
    bytes[mark..mark + 4].copy_from_slice(b"GFRM");
    fs::write(&path, &bytes).unwrap();
    let log = SledLog::open(dir.path(), small()).unwrap();
    assert_eq!(log.head(), Position(6));
    let cut = log.recovery().cut.clone().unwrap();
    assert_eq!((cut.position, cut.bytes), (Position(6), 28));
    assert_eq!(fs::read(&cut.kept_in).unwrap(), &bytes[mark..mark + 28]);
    drop(log);
    let log = SledLog::open(dir.path(), small()).unwrap();
    assert_eq!(log.recovery().cut, None, "it is cut once");
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_missing_journal_is_noticed() {
    let dir = filled(400).await;
    let files = journal_files(dir.path());
    assert!(SledLog::open(dir.path(), small()).unwrap().recovery().sealed > 0);
    for path in &files {
        fs::rename(path, path.with_extension("away")).unwrap();
    }
    // Anything else in the directory counts as left over, so the journal is put out of the way for this.
    let away = dir.path().join("away");
    fs::rename(dir.path().join("journal"), &away).unwrap();
    let error = SledLog::open(dir.path(), small()).unwrap_err();
    assert!(
        matches!(error, OpenError::NoJournal { sealed, .. } if sealed > 0),
        "{error:?}"
    );
    fs::remove_dir_all(dir.path().join("journal")).unwrap();
    fs::rename(&away, dir.path().join("journal")).unwrap();
    for path in &files {
        fs::rename(path.with_extension("away"), path).unwrap();
    }
    // And so is a sealed part that is gone.
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let error = SledLog::open(dir.path(), small()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Missing {
                expected: Position(0),
                ..
            }
        ),
        "{error:?}"
    );
}

/// What an examination of a copy shows: the kinds of problems, by position.
fn examined(dir: &Path) -> Vec<(u64, ProblemKind)> {
    let mut problems = Vec::new();
    examine(dir, &small(), &mut |seen| {
        if let Seen::Problem(problem) = seen {
            problems.push((problem.position.0, problem.kind));
        }
    })
    .unwrap();
    problems
}

#[tokio::test]
async fn a_journal_without_its_newest_file_does_not_look_as_if_it_had_ended_before() {
    let dir = filled(10).await;
    assert_eq!(examined(dir.path()), []);
    let before = journal_files(dir.path());
    // Ended in order, and then gone on with in another file.
    let late = small().with_unsealed_files(4, 8).unwrap();
    let log = SledLog::open(dir.path(), late).unwrap();
    let group = vec![append("a", Expected::Any, "large", &[&[7; 12_000]])];
    log.append(group, Timestamp::from_micros(1)).await.unwrap();
    log.close().await.unwrap();
    let newest = journal_files(dir.path()).pop().unwrap();
    assert!(!before.contains(&newest), "it went on in another file");
    assert_eq!(examined(dir.path()), []);
    fs::remove_file(newest).unwrap();
    assert_eq!(examined(dir.path()), [(20, ProblemKind::NotClosed)]);
}

#[tokio::test]
async fn a_second_log_over_one_directory_is_refused() {
    let dir = TempDir::new().unwrap();
    let first = SledLog::open(dir.path(), small()).unwrap();
    let error = SledLog::open(dir.path(), small()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Store {
                source: StoreError::Locked,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        with_sources(&error).contains("another process has the log open"),
        "{}",
        with_sources(&error)
    );
    first.close().await.unwrap();
    assert_eq!(SledLog::open(dir.path(), small()).unwrap().head(), Position(0));
}

fn tree(dir: &Path) -> (sled::Db, sled::Tree) {
    let db = sled::Config::new()
        .path(dir.join("sled"))
        .segment_size(2 * 1024 * 1024)
        .open()
        .unwrap();
    let tree = db.open_tree(guichet_sled::keys::TREE).unwrap();
    (db, tree)
}

#[tokio::test]
async fn a_store_of_an_unknown_format_is_refused_by_name() {
    let dir = filled(1).await;
    {
        let (_db, tree) = tree(dir.path());
        tree.insert(guichet_sled::keys::FORMAT, &9_u16.to_le_bytes())
            .unwrap();
        tree.flush().unwrap();
    }
    let error = SledLog::open(dir.path(), small()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Store {
                source: StoreError::Format(9),
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_sealed_block_that_is_damaged_is_an_error_and_no_early_end() {
    let dir = filled(400).await;
    {
        let (_db, tree) = tree(dir.path());
        let (key, block) = tree.range(&b"b"[..]..).next().unwrap().unwrap();
        let mut block = block.to_vec();
        let middle = block.len() / 2;
        block[middle] ^= 1;
        tree.insert(key, block).unwrap();
        tree.flush().unwrap();
    }
    let log = SledLog::open(dir.path(), small()).unwrap();
    let error = log.read_all(Position(0), 10).await.unwrap_err();
    assert!(
        with_sources(&error).starts_with("the log is damaged at position 0"),
        "{}",
        with_sources(&error)
    );
    let error = log.read_blocks(Position(0), 1_000_000).await.unwrap_err();
    assert!(
        with_sources(&error).starts_with("the log is damaged at position 0"),
        "{}",
        with_sources(&error)
    );
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_sealed_block_that_is_gone_is_an_error_and_no_early_end() {
    let dir = filled(800).await;
    let hole = {
        let (_db, tree) = tree(dir.path());
        let keys: Vec<_> = tree
            .range(&b"b"[..]..&b"c"[..])
            .keys()
            .map(Result::unwrap)
            .collect();
        assert!(keys.len() > 3, "{} blocks", keys.len());
        tree.remove(&keys[1]).unwrap();
        tree.flush().unwrap();
        u64::from_be_bytes(keys[1][1..].try_into().unwrap())
    };
    let log = SledLog::open(dir.path(), small()).unwrap();
    for found in [
        log.read_all(Position(0), READ_RECORDS_MAX).await.map(|_| ()),
        log.read_blocks(Position(0), usize::MAX).await.map(|_| ()),
        log.read_stream(&stream("a"), Revision(0), READ_RECORDS_MAX)
            .await
            .map(|_| ()),
    ] {
        let text = with_sources(&found.unwrap_err());
        assert!(
            text.starts_with(&format!("the log is damaged at position {hole}")),
            "{text}"
        );
    }
    log.close().await.unwrap();
}

#[tokio::test]
async fn an_index_that_is_missing_or_of_another_version_is_built_anew() {
    for newer in [false, true] {
        let dir = filled(400).await;
        {
            let (_db, tree) = tree(dir.path());
            if newer {
                let mut index = tree.get(guichet_sled::keys::INDEX).unwrap().unwrap().to_vec();
                index[0] += 1;
                tree.insert(guichet_sled::keys::INDEX, index).unwrap();
            } else {
                tree.remove(guichet_sled::keys::INDEX).unwrap();
            }
            tree.flush().unwrap();
        }
        let log = SledLog::open(dir.path(), small()).unwrap();
        assert_eq!(log.recovery().indexed_from, Some(Position(0)));
        for number in 0..400 {
            let found = log.find_command(&command(&format!("c-{number}"))).await.unwrap();
            assert_eq!(found.map(|found| found.len()), Some(2));
        }
        assert_eq!(
            log.stream_head(&stream("a")).await.unwrap().unwrap().revision,
            Revision(799)
        );
        log.close().await.unwrap();
        let log = SledLog::open(dir.path(), small()).unwrap();
        assert_eq!(log.recovery().indexed_from, None);
    }
}

#[tokio::test]
async fn what_an_interrupted_snapshot_left_is_removed_and_reported() {
    let dir = filled(1).await;
    let left = dir.path().join("sled").join("snap.0000000000000001.generating");
    fs::write(&left, b"half a snapshot").unwrap();
    let log = SledLog::open(dir.path(), small()).unwrap();
    assert_eq!(log.recovery().removed, [left.display().to_string()]);
    assert!(!left.exists());
}

#[tokio::test]
async fn a_store_that_sled_cannot_read_is_an_error_with_a_way_out() {
    let dir = filled(400).await;
    let path = dir.path().join("sled").join("db");
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for at in (0..whole.len()).step_by(whole.len() / 37) {
        let mut damaged = whole.clone();
        damaged[at..].iter_mut().take(4_096).for_each(|byte| *byte = 0xa5);
        fs::write(&path, &damaged).unwrap();
        match SledLog::open(dir.path(), small()) {
            Ok(log) => assert!(log.head() <= Position(800)),
            Err(error) => {
                refused += 1;
                assert!(!with_sources(&error).is_empty());
            }
        }
    }
    assert!(refused > 0);
    fs::write(&path, &whole).unwrap();
}
