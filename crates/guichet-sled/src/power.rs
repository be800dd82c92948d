//! Power cuts: a disk that remembers what was really synced, and the images that a cut leaves behind.
//!
//! An image holds what was synced, and of everything written since then a random part: single pages, the old or the new
//! length, the old or the new names. The same goes for sled's own files, of which the disk sees only the syncs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::log::{Append, EventLog, Expected, READ_RECORDS_MAX, with_sources};
use guichet_log::testkit::{command, draft, stream};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::disk::{Disk, DiskFile, RealDisk};
use crate::{Options, SledLog};

type Names = BTreeMap<PathBuf, u64>;
/// What was acknowledged: positions and payloads.
type Acknowledged = Vec<(Position, Vec<u8>)>;
type Image = BTreeMap<PathBuf, Vec<u8>>;

/// A disk whose syncs only note what is stable, and that takes images at moments chosen beforehand.
#[derive(Debug)]
struct PowerDisk {
    root: PathBuf,
    state: Mutex<State>,
    /// What was acknowledged so far: position and payload.
    acknowledged: Arc<Mutex<Acknowledged>>,
    own: Weak<PowerDisk>,
}

#[derive(Debug)]
struct State {
    /// The synced content of each file, by inode.
    content: BTreeMap<u64, Vec<u8>>,
    /// For each directory its names when it was synced last, and after each change since then.
    names: BTreeMap<PathBuf, Vec<Names>>,
    /// How many operations there were, and at which ones an image is taken: of the journal's frames, and of the rest.
    operations: [u64; 2],
    moments: [BTreeSet<u64>; 2],
    random: Random,
    cuts: Vec<PowerCut>,
}

/// Before the sync of a frame that is written, and everywhere else.
const FRAMES: usize = 0;
const REST: usize = 1;

/// What a cut left, and what had been acknowledged before it.
#[derive(Debug)]
struct PowerCut {
    image: Image,
    acknowledged: Acknowledged,
}

#[derive(Debug)]
struct PowerFile {
    disk: Arc<PowerDisk>,
    inode: u64,
    file: Arc<dyn DiskFile>,
}

impl PowerDisk {
    fn new(root: &Path, moments: [BTreeSet<u64>; 2], random: Random) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            root: root.to_owned(),
            state: Mutex::new(State {
                content: BTreeMap::new(),
                names: BTreeMap::new(),
                operations: [0; 2],
                moments,
                random,
                cuts: Vec::new(),
            }),
            acknowledged: Arc::default(),
            own: own.clone(),
        })
    }

    /// Counts an operation, and cuts the power in an image when its moment has come.
    fn moment(&self, of: usize) {
        let due = {
            let mut state = self.state.lock().unwrap();
            state.operations[of] += 1;
            let number = state.operations[of];
            state.moments[of].remove(&number)
        };
        if due {
            // Whoever was answered gets the time to say so.
            std::thread::sleep(Duration::from_millis(2));
            let acknowledged = self.acknowledged.lock().unwrap().clone();
            let mut state = self.state.lock().unwrap();
            for _ in 0..3 {
                let image = self.image(&mut state);
                let acknowledged = acknowledged.clone();
                state.cuts.push(PowerCut { image, acknowledged });
            }
        }
    }

    fn image(&self, state: &mut State) -> Image {
        let mut image = Image::new();
        let page_bytes = if state.random.below(2) == 0 { 512 } else { 4_096 };
        let kept_percent = [0, 10, 50, 90, 100][state.random.below(5)];
        for dir in ["journal", "cut", "sled", "sled/blobs"].map(|dir| self.root.join(dir)) {
            if !dir.is_dir() {
                continue;
            }
            let live = names(&dir);
            let mut choices = state.names.get(&dir).cloned().unwrap_or_default();
            choices.push(live.clone());
            let chosen = choices.swap_remove(state.random.below(choices.len()));
            for (path, inode) in chosen {
                let stable = state.content.get(&inode).cloned().unwrap_or_default();
                let written = live
                    .iter()
                    .find(|(_, found)| **found == inode)
                    .and_then(|(path, _)| fs::read(path).ok())
                    .unwrap_or_else(|| stable.clone());
                let bytes = mix(&stable, &written, page_bytes, kept_percent, &mut state.random);
                image.insert(path.strip_prefix(&self.root).unwrap().to_owned(), bytes);
            }
        }
        image
    }

    fn changed_names(&self, dir: &Path) {
        let found = names(dir);
        let mut state = self.state.lock().unwrap();
        state
            .names
            .entry(dir.to_owned())
            .or_insert_with(|| vec![Names::new()])
            .push(found);
    }

    fn synced(&self, path: &Path) -> io::Result<()> {
        let bytes = fs::read(path)?;
        let inode = fs::metadata(path)?.ino();
        self.state.lock().unwrap().content.insert(inode, bytes);
        Ok(())
    }

    fn file(&self, path: &Path, file: Arc<dyn DiskFile>) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(PowerFile {
            disk: self.own.upgrade().unwrap(),
            inode: fs::metadata(path)?.ino(),
            file,
        }))
    }
}

fn names(dir: &Path) -> Names {
    let mut names = Names::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        // A file of sled's can go while it is listed.
        if let Ok(found) = entry.metadata()
            && found.is_file()
        {
            names.insert(entry.path(), found.ino());
        }
    }
    names
}

/// The stable bytes with a random part of the written pages, and either length.
fn mix(
    stable: &[u8],
    written: &[u8],
    page_bytes: usize,
    kept_percent: usize,
    random: &mut Random,
) -> Vec<u8> {
    let length = if random.below(2) == 0 {
        stable.len()
    } else {
        written.len()
    };
    let mut bytes = stable.to_vec();
    bytes.resize(length, 0);
    for (number, page) in written.chunks(page_bytes).enumerate() {
        let start = number * page_bytes;
        let end = (start + page.len()).min(length);
        if start < end && bytes[start..end] != page[..end - start] && random.below(100) < kept_percent {
            bytes[start..end].copy_from_slice(&page[..end - start]);
        }
    }
    bytes
}

impl Disk for PowerDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        RealDisk.list(dir)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        RealDisk.length(path)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.file(path, RealDisk.open(path)?)
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.moment(REST);
        let file = RealDisk.create(path)?;
        self.changed_names(path.parent().unwrap());
        self.file(path, file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.moment(REST);
        RealDisk.rename(from, to)?;
        self.changed_names(to.parent().unwrap());
        self.moment(REST);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.moment(REST);
        RealDisk.remove(path)?;
        self.changed_names(path.parent().unwrap());
        self.moment(REST);
        Ok(())
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.moment(REST);
        self.synced(path)?;
        self.moment(REST);
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.moment(REST);
        let found = names(dir);
        self.state
            .lock()
            .unwrap()
            .names
            .insert(dir.to_owned(), vec![found]);
        self.moment(REST);
        Ok(())
    }
}

impl DiskFile for PowerFile {
    fn read(&self) -> io::Result<Vec<u8>> {
        self.file.read()
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.moment(FRAMES);
        // The name can have changed since the file was opened.
        let bytes = self.file.read()?;
        self.disk.state.lock().unwrap().content.insert(self.inode, bytes);
        self.disk.moment(REST);
        Ok(())
    }
}

/// A disk that syncs nothing, for the logs that live only as long as a check.
#[derive(Debug)]
struct HastyDisk;

impl Disk for HastyDisk {
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
        Ok(Arc::new(HastyFile(RealDisk.open(path)?)))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(HastyFile(RealDisk.create(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_file(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct HastyFile(Arc<dyn DiskFile>);

impl DiskFile for HastyFile {
    fn read(&self) -> io::Result<Vec<u8>> {
        self.0.read()
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// `SplitMix64`: small, and the same for the same seed everywhere.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}

const APPENDERS: u8 = 4;
const GROUPS: u8 = 60;

/// Lets four appenders work until they are done, and answers with the cuts that were taken meanwhile.
fn work(seed: u64, options: &Options) -> Vec<PowerCut> {
    let mut random = Random(seed);
    let dir = TempDir::new().unwrap();
    // How many operations a run has is about known; the moments are spread over them.
    let frames = (0..10).map(|_| random.next() % 150).collect();
    let rest = (0..8).map(|_| random.next() % 400).collect();
    let moments = [frames, rest];
    let disk = PowerDisk::new(dir.path(), moments, random);
    let options = options.clone().with_disk(Arc::clone(&disk) as _);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let log = Arc::new(SledLog::open(dir.path(), options).unwrap());
        let mut appenders = JoinSet::new();
        for appender in 0..APPENDERS {
            let log = Arc::clone(&log);
            let acknowledged = Arc::clone(&disk.acknowledged);
            appenders.spawn(async move {
                for number in 0..GROUPS {
                    // Groups of 1 to 5 records, each of which says how many there are; some are large.
                    let size = 1 + (number + appender) % 5;
                    let filling = vec![number; if number % 7 == 0 { 3_000 } else { 40 }];
                    let payloads: Vec<Vec<u8>> = (0..size)
                        .map(|index| [&[appender, number, index, size], filling.as_slice()].concat())
                        .collect();
                    let name = format!("c-{appender}-{number}");
                    let group = payloads
                        .iter()
                        .map(|payload| Append {
                            stream: stream(&format!("case/{appender}/{}", number / 10)),
                            expected: Expected::Any,
                            drafts: vec![draft(&name, payload)],
                        })
                        .collect();
                    let appended = log.append(group, Timestamp::from_micros(1)).await.unwrap();
                    let mut acknowledged = acknowledged.lock().unwrap();
                    for (number, payload) in (0..).zip(payloads) {
                        acknowledged.push((appended.first.plus(number), payload));
                    }
                }
            });
        }
        while let Some(appender) = appenders.join_next().await {
            appender.unwrap();
        }
        log.close().await.unwrap();
    });
    std::mem::take(&mut disk.state.lock().unwrap().cuts)
}

/// Opens an image and looks for what had been acknowledged. The error says what is not as it was promised.
fn look(cut: &PowerCut, options: &Options) -> Result<(), String> {
    let dir = TempDir::new().unwrap();
    for (path, bytes) in &cut.image {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_sparse(&path, bytes);
    }
    let options = options.clone().with_disk(Arc::new(HastyDisk));
    let log = SledLog::open(dir.path(), options).map_err(|error| with_sources(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut records = Vec::new();
        while records.len() < usize::try_from(log.head().0).unwrap() {
            let from = Position(records.len() as u64);
            let page = log.read_all(from, READ_RECORDS_MAX).await;
            records.extend(page.map_err(|error| with_sources(&error))?);
        }
        for (position, payload) in &cut.acknowledged {
            match records.get(usize::try_from(position.0).unwrap()) {
                Some(record) if record.payload == *payload && record.position == *position => {}
                Some(record) => return Err(format!("at {position} is now {:?}", record.command)),
                None => {
                    return Err(format!(
                        "acknowledged position {position} is lost, the head is {}",
                        log.head()
                    ));
                }
            }
        }
        // Every group that is there is there whole.
        let mut rest = records.as_slice();
        while let Some(first) = rest.first() {
            let size = usize::from(first.payload[3]);
            let Some((group, after)) = rest.split_at_checked(size) else {
                return Err(format!(
                    "only {} of {size} records of {:?}",
                    rest.len(),
                    first.command
                ));
            };
            for (index, record) in (0..).zip(group) {
                if record.payload[..2] != first.payload[..2] || record.payload[2] != index {
                    return Err(format!(
                        "the group of {:?} is mixed with another one",
                        first.command
                    ));
                }
            }
            rest = after;
        }
        // The indexes know them too, and the log goes on.
        for (_, payload) in cut.acknowledged.iter().rev().step_by(13) {
            let name = format!("c-{}-{}", payload[0], payload[1]);
            let found = log.find_command(&command(&name)).await.unwrap();
            if found.map(|found| found.len()) != Some(usize::from(payload[3])) {
                return Err(format!("command {name} is not found whole"));
            }
            let name = stream(&format!("case/{}/{}", payload[0], payload[1] / 10));
            let head = log.stream_head(&name).await.unwrap();
            let read = log.read_stream(&name, Revision::START, 1_000).await.unwrap();
            if head.map(|head| head.revision.0 + 1) != Some(read.len() as u64) {
                return Err(format!(
                    "stream {name} ends at {head:?} and has {} records",
                    read.len()
                ));
            }
        }
        let next = draft("c-after", &[9, 9, 0, 1]);
        let group = vec![Append {
            stream: stream("after"),
            expected: Expected::Absent,
            drafts: vec![next],
        }];
        let appended = log.append(group, Timestamp::from_micros(1)).await.unwrap();
        if appended.first != Position(records.len() as u64) {
            return Err(format!("the next position is {}", appended.first));
        }
        log.close().await.unwrap();
        Ok(())
    })
}

/// Leaves out the zeros: sled's file is mostly holes.
fn write_sparse(path: &Path, bytes: &[u8]) {
    let mut file: File = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(path)
        .unwrap();
    file.set_len(bytes.len() as u64).unwrap();
    for (number, page) in bytes.chunks(4_096).enumerate() {
        if page.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start(number as u64 * 4_096)).unwrap();
            file.write_all(page).unwrap();
        }
    }
}

fn small() -> Options {
    Options::default()
        .with_journal_file_bytes(32 * 1024)
        .unwrap()
        .with_unsealed_files(1, 3)
        .unwrap()
        .with_filter_bytes(64 * 1024)
        .with_cache_bytes(4 * 1024 * 1024)
}

/// Runs until there are so many images, and answers with how many there were and with what was wrong.
fn cuts(options: &Options, images: usize) -> (usize, Vec<String>) {
    let mut looked = 0;
    let mut wrong = Vec::new();
    let mut seed = 0;
    while looked < images {
        seed += 1;
        for cut in work(seed, options) {
            looked += 1;
            if let Err(what) = look(&cut, options) {
                let acknowledged = cut.acknowledged.len();
                wrong.push(format!(
                    "seed {seed}, image {looked}, {acknowledged} acknowledged: {what}"
                ));
            }
        }
    }
    (looked, wrong)
}

#[test]
fn what_was_acknowledged_survives_two_hundred_power_cuts() {
    // A longer run, for a new release: POWER_CUT_IMAGES=5000 cargo test -p guichet-sled power
    let wanted = std::env::var("POWER_CUT_IMAGES")
        .ok()
        .and_then(|number| number.parse().ok());
    let (looked, wrong) = cuts(&small(), wanted.unwrap_or(200));
    assert_eq!(wrong, Vec::<String>::new(), "of {looked} images");
}

#[test]
fn an_acknowledgement_before_the_sync_is_caught() {
    let mut options = small();
    options.acknowledge_before_sync = true;
    let (looked, wrong) = cuts(&options, 60);
    assert!(
        wrong.iter().any(|what| what.contains("is lost")),
        "not one loss was seen in {looked} images: {wrong:?}"
    );
}
