//! The centre, its people and its logs, as all of these tests know them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use guichet::core::actor::{Actor, Role};
use guichet::core::case::event::{Opinion, Verdict};
use guichet::core::case::{CaseCommand, Command};
use guichet::core::id::{CaseId, CommandId, PersonId, Position, Revision, StreamId};
use guichet::core::reference::Catalogue;
use guichet::core::time::{Date, Offset, TimeSource, Timestamp, date};
use guichet::log::block::Block;
use guichet::log::log::{Append, AppendError, Appended, CloseError, EventLog, Head, ReadError};
use guichet::log::memory::MemoryLog;
use guichet::log::record::Record;
use guichet::{Accepted, Answer, Config, EngineError, Guichet};
use guichet_sled::{Options, SledLog};
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};

pub(crate) const BEIJING: Offset = Offset::hours(8);
/// A Monday.
pub(crate) const MONDAY: Date = Date::from_days(14_669);

/// Makes each of these tests run over the log in memory and over the one on disk.
macro_rules! over_both_logs {
    ($($name:ident),+ $(,)?) => {
        mod over_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::common::Store::in_memory()).await;
            })+
        }
        mod over_sled {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::common::Store::on_disk()).await;
            })+
        }
    };
}
pub(crate) use over_both_logs;

/// A log, and what it takes to open it again.
pub(crate) struct Store {
    pub(crate) log: Arc<dyn EventLog>,
    kept: Kept,
}

enum Kept {
    Memory(MemoryLog),
    Disk(TempDir),
}

impl Store {
    pub(crate) fn in_memory() -> Self {
        let memory = MemoryLog::default();
        Self {
            log: Arc::new(memory.clone()),
            kept: Kept::Memory(memory),
        }
    }

    pub(crate) fn on_disk() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            log: sled_log(&dir),
            kept: Kept::Disk(dir),
        }
    }

    /// Closes the log and opens it again, as a restart would.
    pub(crate) async fn reopened(self) -> Self {
        let Self { log, kept } = self;
        log.close().await.unwrap();
        drop(log);
        let log: Arc<dyn EventLog> = match &kept {
            Kept::Memory(memory) => {
                memory.reopen();
                Arc::new(memory.clone())
            }
            Kept::Disk(dir) => sled_log(dir),
        };
        Self { log, kept }
    }

    pub(crate) async fn records(&self) -> Vec<Record> {
        all_records(&*self.log).await
    }
}

fn sled_log(dir: &TempDir) -> Arc<dyn EventLog> {
    let options = Options::default().with_journal_file_bytes(1024 * 1024).unwrap();
    Arc::new(SledLog::open(dir.path(), options).unwrap())
}

pub(crate) async fn all_records(log: &dyn EventLog) -> Vec<Record> {
    let mut records = Vec::new();
    loop {
        let page = log.read_all(Position(records.len() as u64), 1_000).await.unwrap();
        if page.is_empty() {
            return records;
        }
        records.extend(page);
    }
}

/// A clock that a test turns by hand.
pub(crate) struct HandTurned(Mutex<Timestamp>);

impl HandTurned {
    pub(crate) fn at(day: Date, hour: u8) -> Arc<Self> {
        Arc::new(Self(Mutex::new(day.at(hour, 0, BEIJING))))
    }

    pub(crate) fn turn_to(&self, day: Date, hour: u8) {
        *self.0.lock().unwrap() = day.at(hour, 0, BEIJING);
    }
}

impl TimeSource for HandTurned {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| guichet::catalogue::embedded("harbin-2010").unwrap().catalogue)
}

/// An engine over a log, on the first of March 2010, that knows no procedure yet.
pub(crate) async fn engine_over(log: Arc<dyn EventLog>, time: Arc<HandTurned>) -> Guichet {
    Guichet::start(log, Config::default().time(time)).await.unwrap()
}

/// An engine over a log, on the first of March 2010, with the catalogue published.
pub(crate) async fn centre_over(log: Arc<dyn EventLog>) -> Guichet {
    let engine = engine_over(log, HandTurned::at(MONDAY, 9)).await;
    publish(&engine).await;
    engine
}

pub(crate) async fn publish(engine: &Guichet) {
    engine.publish_catalogue(catalogue(), &director()).await.unwrap();
}

pub(crate) fn person(id: &str, role: Role) -> Actor {
    Actor::new(PersonId::new(id).unwrap(), role)
}

pub(crate) fn at_window(window: &str, id: &str, role: Role) -> Actor {
    let mut actor = person(id, role);
    actor.window = Some(window.parse().unwrap());
    actor
}

pub(crate) fn director() -> Actor {
    person("director", Role::Director)
}

/// The clerk who takes in seal filings.
pub(crate) fn clerk() -> Actor {
    at_window("w04", "s07", Role::Clerk)
}

/// Who decides seal filings.
pub(crate) fn approver() -> Actor {
    person("s08", Role::Approver)
}

pub(crate) fn case(name: &str) -> CaseId {
    CaseId::new(name).unwrap()
}

pub(crate) fn id(name: &str) -> CommandId {
    CommandId::new(name).unwrap()
}

pub(crate) fn command(name: &str, of: &str, actor: Actor, ask: CaseCommand) -> Command {
    Command::new(id(name), case(of), actor, ask)
}

/// A seal filing with everything that it takes.
pub(crate) fn submission(name: &str, of: &str) -> Command {
    let materials = ["business-licence", "applicant-id", "seal-samples"];
    command(
        name,
        of,
        clerk(),
        CaseCommand::Submit {
            procedure: "seal-filing".parse().unwrap(),
            applicant: "p-1".parse().unwrap(),
            channel: None,
            facts: std::collections::BTreeMap::from([("agent".to_owned(), false.into())]),
            materials: materials.iter().map(|name| name.parse().unwrap()).collect(),
            resubmits: None,
        },
    )
}

pub(crate) fn acceptance(name: &str, of: &str) -> Command {
    command(name, of, clerk(), CaseCommand::Accept { gaps_due_on: None })
}

/// The counter's own step, which comes before the decision.
pub(crate) fn intake(name: &str, of: &str) -> Command {
    command(
        name,
        of,
        clerk(),
        CaseCommand::GiveOpinion {
            step: "intake".parse().unwrap(),
            opinion: Opinion::Agree,
            reasons: None,
        },
    )
}

pub(crate) fn grant(name: &str, of: &str) -> Command {
    let verdict = Verdict::Granted;
    command(
        name,
        of,
        approver(),
        CaseCommand::Decide {
            verdict,
            reasons: None,
        },
    )
}

/// A step that is recorded whatever the case is at: the smallest command that always leads to one event.
pub(crate) fn note(name: &str, of: &str) -> Command {
    note_of(name, of, "noted")
}

pub(crate) fn note_of(name: &str, of: &str, activity: &str) -> Command {
    command(
        name,
        of,
        person("importer", Role::Importer),
        CaseCommand::RecordStep {
            activity: activity.to_owned(),
            by: None,
            group: None,
            attributes: std::collections::BTreeMap::new(),
        },
    )
}

/// A command that the rules refuse: the case was never handed in.
pub(crate) fn refused(name: &str) -> Command {
    acceptance(name, &format!("nobody-{name}"))
}

pub(crate) async fn accepted(engine: &Guichet, command: Command) -> Accepted {
    match engine.handle(command).await.unwrap() {
        Answer::Accepted(accepted) => accepted,
        Answer::Rejected(rejection) => panic!("rejected: {rejection}"),
    }
}

pub(crate) fn taken(answer: Result<Answer, EngineError>) -> Accepted {
    answer.unwrap().accepted().unwrap()
}

/// The answer without the note that it was given before.
pub(crate) fn plain(mut accepted: Accepted) -> Accepted {
    accepted.repeated = false;
    accepted
}

/// A number that looks like chance and is the same in every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }
}

/// A log that fails, or waits, where a test tells it to.
pub(crate) struct Faulty {
    inner: Arc<dyn EventLog>,
    /// How many appends still succeed.
    pub(crate) appends_left: AtomicUsize,
    /// Whether a failing append is in the log all the same.
    pub(crate) fails_after_writing: AtomicBool,
    pub(crate) reads_fail: AtomicBool,
    /// How many appends were begun.
    pub(crate) begun: AtomicUsize,
    /// Each append takes one of these.
    pub(crate) gate: Semaphore,
}

impl Faulty {
    pub(crate) fn over(inner: Arc<dyn EventLog>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            appends_left: AtomicUsize::new(usize::MAX),
            fails_after_writing: AtomicBool::new(false),
            reads_fail: AtomicBool::new(false),
            begun: AtomicUsize::new(0),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    /// From now on every append waits until [`open`](Self::open).
    pub(crate) fn shut(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn open(&self) {
        self.gate.add_permits(1_000_000);
    }

    /// Waits until so many appends were begun.
    pub(crate) async fn begun(&self, appends: usize) {
        while self.begun.load(Ordering::SeqCst) < appends {
            tokio::task::yield_now().await;
        }
    }

    fn check_read(&self) -> Result<(), ReadError> {
        if self.reads_fail.load(Ordering::SeqCst) {
            return Err(ReadError::Storage("the disk does not answer".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl EventLog for Faulty {
    async fn append(&self, group: Vec<Append>, recorded_at: Timestamp) -> Result<Appended, AppendError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        let count = |left: usize| left.checked_sub(1);
        if self
            .appends_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, count)
            .is_err()
        {
            if self.fails_after_writing.load(Ordering::SeqCst) {
                self.inner.append(group, recorded_at).await?;
            }
            return Err(AppendError::Storage("the disk went away".into()));
        }
        self.inner.append(group, recorded_at).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Record>, ReadError> {
        self.check_read()?;
        self.inner.read_stream(stream, from, limit).await
    }

    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Record>, ReadError> {
        self.check_read()?;
        self.inner.read_all(from, limit).await
    }

    async fn read_blocks(&self, from: Position, bytes_max: usize) -> Result<Vec<Arc<Block>>, ReadError> {
        self.check_read()?;
        self.inner.read_blocks(from, bytes_max).await
    }

    async fn stream_head(&self, stream: &StreamId) -> Result<Option<Head>, ReadError> {
        self.check_read()?;
        self.inner.stream_head(stream).await
    }

    async fn find_command(&self, command: &CommandId) -> Result<Option<Vec<Record>>, ReadError> {
        self.check_read()?;
        self.inner.find_command(command).await
    }

    fn head(&self) -> Position {
        self.inner.head()
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.inner.watch()
    }

    async fn close(&self) -> Result<(), CloseError> {
        self.inner.close().await
    }
}

pub(crate) fn march(day: i8) -> Date {
    date(2010, 3, day)
}
