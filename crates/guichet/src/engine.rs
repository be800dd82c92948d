//! The engine: commands in, answers out; reading, subscribing, projecting.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::thread::JoinHandle;

use guichet_core::actor::Actor;
use guichet_core::case::event::{Opinion, Verdict};
use guichet_core::case::{CaseCommand, Command};
use guichet_core::id::{CaseId, CommandId, IdError, Position, StepId, StreamId, WindowId};
use guichet_core::reference::{Catalogue, Directory, REFERENCE_STREAMS};
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::{self, Event};
use guichet_log::history::CaseView;
use guichet_log::log::{EventLog, with_sources};
use guichet_log::projection::{Projection, RecordedReader};
use guichet_stats::{AsOf, Statistics};
use sha2::{Digest, Sha256};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{oneshot, watch};

use crate::answer::{Accepted, Answer};
use crate::config::Config;
use crate::error::{EngineError, OpenError, PublishError};
use crate::kept::{Kept, NotKept, root_at};
use crate::queue::{Queue, Refused};
use crate::staging::rule;
use crate::statistics::LiveStatistics;
use crate::submit::Submit;
use crate::subscription::Subscription;
use crate::view::{read_case, read_recorded, repeated, view_case};
use crate::writer::{GROUP_COMMANDS_MAX, Prepared, Publication, Shared, Task, Writer};

/// How much of the log is read at once for a replay, in bytes: enough to keep a core busy, little beside the log.
pub(crate) const REPLAY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What publishing a catalogue led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The position of the first record; nothing when all of it had been published before.
    pub position: Option<Position>,
    /// How many things are new or have changed.
    pub events: usize,
}

/// The engine of one service centre. Cloning it is cheap: every clone is the same engine.
#[derive(Clone)]
pub struct Guichet {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    queue_max: usize,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Its sender goes when the writer has ended.
    ended: watch::Receiver<()>,
    /// Held while the log is closed, so that nobody who closes it is told too early.
    closing: tokio::sync::Mutex<()>,
    /// What makes this engine's own command ids differ from every other's.
    salt: u64,
    minted: AtomicU64,
    /// Where the statistics are kept, if they are.
    kept: Option<Arc<Kept>>,
}

impl Guichet {
    /// Opens the centre's data in a folder, which is made if it is not there. One process at a time can have it open.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the log does not open: it says what was found, and the way out.
    #[cfg(feature = "sled")]
    pub async fn open(dir: impl AsRef<std::path::Path>) -> Result<Self, OpenError> {
        Self::open_with(dir, Config::default()).await
    }

    /// Opens the centre's data in a folder, with settings.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    #[cfg(feature = "sled")]
    pub async fn open_with(dir: impl AsRef<std::path::Path>, mut config: Config) -> Result<Self, OpenError> {
        let dir = dir.as_ref().to_owned();
        config
            .statistics_dir
            .get_or_insert_with(|| dir.join("statistics"));
        let opening = move || guichet_sled::SledLog::open(dir, guichet_sled::Options::default());
        let log = tokio::task::spawn_blocking(opening)
            .await
            .map_err(std::io::Error::other)
            .map_err(OpenError::Writer)??;
        Self::start(Arc::new(log), config).await
    }

    /// Starts the engine over a log.
    ///
    /// # Errors
    ///
    /// [`OpenError::Reference`] when the reference data in the log cannot be read; [`OpenError::Upcasts`] when this build
    /// cannot read every payload that an earlier one wrote.
    pub async fn start(log: Arc<dyn EventLog>, config: Config) -> Result<Self, OpenError> {
        codec::registry::check()?;
        let directory = read_directory(&*log).await.map_err(OpenError::Reference)?;
        let shared = Arc::new(Shared {
            log,
            directory: RwLock::new(Arc::new(directory)),
            hot: RwLock::new(HashSet::default()),
            queue: Queue::default(),
            poison: OnceLock::new(),
            time: config.time,
            waiting: AtomicUsize::new(0),
        });
        // A runtime with threads of its own goes on whoever waits, so it can be left to wake the others.
        let host = Handle::try_current()
            .ok()
            .filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        let writer = Writer::new(Arc::clone(&shared), config.hot_cases_max, host);
        // Deciding is work for a core, so it has a thread of its own and blocks nobody's runtime.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(OpenError::Writer)?;
        let thread = std::thread::Builder::new().name("guichet-engine".to_owned());
        let (running, ended) = watch::channel(());
        let work = {
            let shared = Arc::clone(&shared);
            move || {
                let work = AssertUnwindSafe(|| runtime.block_on(writer.run()));
                // What was staged when it panicked is gone with it, so nothing more is taken, as after a failed write.
                if let Err(panic) = catch_unwind(work) {
                    shared.poison_of_panic(&*panic);
                }
                shared.queue.end();
                drop(running);
            }
        };
        let writer = thread.spawn(work).map_err(OpenError::Writer)?;
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                queue_max: config.queue_commands_max,
                writer: Mutex::new(Some(writer)),
                ended,
                closing: tokio::sync::Mutex::new(()),
                salt: config
                    .command_salt
                    .unwrap_or_else(|| RandomState::new().hash_one(std::process::id())),
                minted: AtomicU64::new(0),
                kept: config
                    .statistics_dir
                    .map(|dir| Arc::new(Kept::new(dir, config.statistics_every))),
            }),
        })
    }

    /// Takes no more commands, waits for those that were taken, and lets go of the log.
    ///
    /// # Errors
    ///
    /// [`EngineError::Poisoned`] when the log does not end in order; what was acknowledged is durable all the same.
    pub async fn close(&self) -> Result<(), EngineError> {
        self.inner.shared.queue.close();
        let _closing = self.inner.closing.lock().await;
        self.writer_ended().await;
        let writer = self
            .inner
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            // It has ended, and a panic of it is told as the cause of the poison.
            let _ = writer.join();
        }
        Ok(self.inner.shared.log.close().await?)
    }

    /// Publishes a catalogue: departments, windows, rosters, staff, calendars and procedures that are new or have changed.
    /// Publishing it again changes nothing.
    ///
    /// # Errors
    ///
    /// [`PublishError::Rejected`] when it contradicts itself or what was published before. Nothing of it is published then.
    pub async fn publish_catalogue(
        &self,
        catalogue: &Catalogue,
        actor: &Actor,
    ) -> Result<Published, PublishError> {
        let (reply, answer) = oneshot::channel();
        if let Some(cause) = self.poisoned() {
            return Err(EngineError::Poisoned { cause }.into());
        }
        let publication = Publication {
            catalogue: catalogue.clone(),
            actor: actor.clone(),
            id: self.mint_command(),
        };
        self.enqueue(1, Task::Publish(Box::new(publication), reply))
            .await?;
        match answer.await {
            Ok(published) => published,
            Err(_) => Err(self.gone().await.into()),
        }
    }

    /// Handles a command: the answer comes when what followed is durable.
    ///
    /// Dropping the future does not take the command back. A command whose answer was lost is sent again with the same
    /// id, and gets the same answer.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use guichet::core::case::{CaseCommand, Command};
    ///
    /// let case = engine.submit(testkit::application()).await?.accepted()?.case;
    /// let ask = CaseCommand::Accept { gaps_due_on: None };
    /// let command = Command::new("accept-1".parse()?, case, testkit::clerk(), ask);
    /// let answer = engine.handle(command.clone()).await?.accepted()?;
    /// assert_eq!(answer.events[0].kind(), "case.accepted");
    /// // Sent again, it is the same answer, and nothing more is recorded.
    /// assert!(engine.handle(command).await?.accepted()?.repeated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EngineError`]; a rejection by the rules is an [`Answer`].
    pub async fn handle(&self, command: Command) -> Result<Answer, EngineError> {
        match self.prepare(command, None).await? {
            Preparation::Answered(answer) => Ok(answer),
            Preparation::New(prepared) => {
                let (reply, answer) = oneshot::channel();
                self.enqueue(1, Task::Handle(prepared, reply)).await?;
                match answer.await {
                    Ok(told) => told.answer,
                    Err(_) => Err(self.gone().await),
                }
            }
        }
    }

    /// Handles commands in order and commits them together: one answer each, once all are durable.
    ///
    /// It is not one transaction: a command that is rejected leaves the others as they are. Meant for simulations and for
    /// taking over the history of another system. When the queue has no room, what follows is not tried either.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use guichet::core::case::{CaseCommand, Command};
    ///
    /// let case = engine.submit(testkit::application()).await?.accepted()?.case;
    /// let commands = ["agent-1", "agent-2"].map(|id| {
    ///     let ask = CaseCommand::MarkGreenChannel { reason: "a promised project".to_owned() };
    ///     Ok(Command::new(id.parse()?, case.clone(), testkit::clerk(), ask))
    /// });
    /// let commands = commands.into_iter().collect::<Result<_, guichet::core::id::IdError>>()?;
    /// let answers = engine.handle_all(commands).await;
    /// assert_eq!(answers.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn handle_all(&self, commands: Vec<Command>) -> Vec<Result<Answer, EngineError>> {
        self.handle_entries(commands.into_iter().map(|command| (command, None)).collect())
            .await
    }

    /// As [`handle_all`](Self::handle_all), with the place of each command in the source it was taken from.
    pub async fn handle_entries(
        &self,
        commands: Vec<(Command, Option<u64>)>,
    ) -> Vec<Result<Answer, EngineError>> {
        let mut answers = Vec::with_capacity(commands.len());
        let mut commands = commands.into_iter();
        let chunk_max = GROUP_COMMANDS_MAX.min(self.inner.queue_max);
        loop {
            let chunk: Vec<_> = commands.by_ref().take(chunk_max).collect();
            if chunk.is_empty() {
                return answers;
            }
            let refused = self.handle_chunk(chunk, &mut answers).await;
            if let Err(error) = refused {
                // What follows may build on what was refused, so it is not tried either.
                answers.extend(commands.map(|_| Err(error.clone())));
                return answers;
            }
        }
    }

    /// Handles some commands; an error when the writer took none of them.
    async fn handle_chunk(
        &self,
        commands: Vec<(Command, Option<u64>)>,
        answers: &mut Vec<Result<Answer, EngineError>>,
    ) -> Result<(), EngineError> {
        let mut prepared = Vec::with_capacity(commands.len());
        let mut waiting = Vec::new();
        for (command, entry) in commands {
            match self.prepare(command, entry).await {
                Ok(Preparation::Answered(answer)) => prepared.push(Some(Ok(answer))),
                Ok(Preparation::New(new)) => {
                    prepared.push(None);
                    waiting.push(*new);
                }
                Err(error) => prepared.push(Some(Err(error))),
            }
        }
        let count = waiting.len();
        let (answered, taken) = match self.take_all(waiting).await {
            Ok(answered) => (answered, Ok(())),
            Err(error) => ((0..count).map(|_| Err(error.clone())).collect(), Err(error)),
        };
        let mut answered = answered.into_iter();
        // There is one answer for each command that the writer was sent.
        answers.extend(
            prepared
                .into_iter()
                .filter_map(|known| known.or_else(|| answered.next())),
        );
        taken
    }

    async fn take_all(
        &self,
        commands: Vec<Prepared>,
    ) -> Result<Vec<Result<Answer, EngineError>>, EngineError> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.enqueue(commands.len(), Task::HandleAll(commands, reply))
            .await?;
        match answer.await {
            Ok(answers) => Ok(answers),
            Err(_) => Err(self.gone().await),
        }
    }

    /// What a command would lead to now, without recording it.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use guichet::core::case::{CaseCommand, Command};
    ///
    /// let case = engine.submit(testkit::application()).await?.accepted()?.case;
    /// let ask = CaseCommand::Accept { gaps_due_on: None };
    /// let command = Command::new("accept-1".parse()?, case, testkit::clerk(), ask);
    /// let head = engine.head();
    /// assert!(engine.dry_run(&command).await?.accepted().is_ok());
    /// assert_eq!(engine.head(), head);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle), as far as they show without recording it.
    pub async fn dry_run(&self, command: &Command) -> Result<Answer, EngineError> {
        let now = self.inner.shared.time.now();
        let log = &*self.inner.shared.log;
        if let Some(answer) = repeated(log, command, digest_of(command)).await? {
            return Ok(answer);
        }
        let hot = read_case(log, &command.case).await?;
        Ok(match rule(&self.directory(), &hot, command, now)? {
            Ok(decided) => Answer::Accepted(Accepted {
                case: command.case.clone(),
                position: None,
                revision: hot.head,
                recorded_at: now,
                events: decided.into_events(),
                repeated: false,
            }),
            Err(rejection) => Answer::Rejected(rejection),
        })
    }

    /// A case with its history, if anything of it was recorded.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// let case = engine.submit(testkit::application()).await?.accepted()?.case;
    /// let shown = engine.case(&case).await?.ok_or("nothing was recorded")?;
    /// assert_eq!(shown.timeline()[0].event.kind(), "case.submitted");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EngineError::Read`] and [`EngineError::Decode`].
    pub async fn case(&self, case: &CaseId) -> Result<Option<CaseView>, EngineError> {
        view_case(&*self.inner.shared.log, case).await
    }

    /// Every record from a position on: history first, then what comes, without gaps.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use guichet::core::id::Position;
    ///
    /// let mut live = engine.subscribe(Position::START);
    /// let first = live.next().await?.ok_or("the engine has ended")?;
    /// assert_eq!(first.event.kind(), "reference.centre_published");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn subscribe(&self, from: Position) -> Subscription {
        Subscription::new(Arc::clone(&self.inner.shared.log), self.ended(), from)
    }

    /// Changes when nothing more can be recorded.
    pub(crate) fn ended(&self) -> watch::Receiver<()> {
        self.inner.ended.clone()
    }

    /// A projection over the whole log as it is now.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use guichet::log::projection::{Projection, Recorded};
    ///
    /// #[derive(Default)]
    /// struct Submitted(u64);
    ///
    /// impl Projection for Submitted {
    ///     type View = u64;
    ///
    ///     fn apply(&mut self, recorded: &Recorded) {
    ///         self.0 += u64::from(recorded.event.kind() == "case.submitted");
    ///     }
    ///
    ///     fn view(&self) -> u64 {
    ///         self.0
    ///     }
    /// }
    ///
    /// engine.submit(testkit::application()).await?.accepted()?;
    /// assert_eq!(engine.project::<Submitted>().await?.view(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EngineError::Read`] and [`EngineError::Decode`]: a projection never leaves a record out.
    pub async fn project<P: Projection + Default>(&self) -> Result<P, EngineError> {
        self.project_into(P::default()).await
    }

    /// The same for a projection that was given something to begin with, such as which records it takes.
    ///
    /// # Errors
    ///
    /// [`EngineError::Read`] and [`EngineError::Decode`]: a projection never leaves a record out.
    pub async fn project_into<P: Projection>(&self, mut projection: P) -> Result<P, EngineError> {
        project_from(&*self.inner.shared.log, Position::START, &mut projection).await?;
        Ok(projection)
    }

    /// Counts what the log has taken since the statistics were counted.
    ///
    /// # Errors
    ///
    /// As [`statistics`](Self::statistics).
    pub async fn catch_up(&self, statistics: &mut Statistics) -> Result<(), EngineError> {
        catch_up(&*self.inner.shared.log, statistics).await
    }

    /// The statistics of the centre as of a moment, counted on so many threads: one fewer than the cores leaves room for
    /// those who work.
    ///
    /// Those of now go on from the ones that were kept, where the engine keeps them
    /// ([`Config::keep_statistics_in`](crate::Config::keep_statistics_in)); it makes no difference to what they say.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use std::num::NonZeroUsize;
    /// use guichet::stats::{AsOf, Figure, Period, measure::Measure};
    ///
    /// engine.submit(testkit::application()).await?.accepted()?;
    /// let statistics = engine.statistics(AsOf::Now, NonZeroUsize::MIN).await?;
    /// let centre = statistics.cubes()[0].totals(&[], Period::ALWAYS);
    /// assert_eq!(centre.flow(Measure::Received), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EngineError::Read`] and [`EngineError::Decode`]: a figure never leaves a record out.
    pub async fn statistics(&self, as_of: AsOf, threads: NonZeroUsize) -> Result<Statistics, EngineError> {
        let log = &self.inner.shared.log;
        match (&self.inner.kept, as_of) {
            (Some(kept), AsOf::Now) => kept.statistics(log, threads).await,
            (None, _) | (_, AsOf::Position(_) | AsOf::Recorded(_) | AsOf::Effective(_)) => {
                crate::statistics::rebuild(&**log, as_of, threads).await
            }
        }
    }

    /// Why the statistics that were last asked for were counted anew though some had been kept, or why they were not kept.
    #[must_use]
    pub fn statistics_remark(&self) -> Option<NotKept> {
        self.inner.kept.as_ref()?.remark()
    }

    pub(crate) fn kept(&self) -> Option<&Arc<Kept>> {
        self.inner.kept.as_ref()
    }

    /// Statistics that follow the log from now on, first counted on so many threads.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use std::num::NonZeroUsize;
    ///
    /// let mut live = engine.live_statistics(NonZeroUsize::MIN).await?;
    /// let known = live.read(|statistics| statistics.position());
    /// engine.submit(testkit::application()).await?.accepted()?;
    /// let change = live.changed_since(known).await.ok_or("the engine has ended")?;
    /// assert_eq!((change.position > known, change.groups.is_some()), (true, true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`statistics`](Self::statistics).
    pub async fn live_statistics(&self, threads: NonZeroUsize) -> Result<LiveStatistics, EngineError> {
        LiveStatistics::start(self, threads).await
    }

    /// The root of the log's Merkle tree at a size; none where the log is shorter.
    ///
    /// # Errors
    ///
    /// [`EngineError::Read`] when the log cannot be read.
    pub async fn root(&self, size: Position) -> Result<Option<guichet_log::merkle::Hash>, EngineError> {
        Ok(root_at(&*self.inner.shared.log, size).await?)
    }

    /// One past the last position: how far the log reaches.
    #[must_use]
    pub fn head(&self) -> Position {
        self.inner.shared.log.head()
    }

    /// The departments, windows, staff and procedures as they are now.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.inner.shared.directory()
    }

    /// The present moment, by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.shared.time.now()
    }

    /// Today, by the wall clock of the centre.
    #[must_use]
    pub fn today(&self) -> Date {
        self.directory().zone().date(self.now())
    }

    /// The log under the engine.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.inner.shared.log
    }

    /// What failed, if the engine takes no more commands.
    #[must_use]
    pub fn poisoned(&self) -> Option<String> {
        self.inner.shared.poisoned()
    }

    /// A command id that no other command has.
    #[must_use]
    pub fn mint_command(&self) -> CommandId {
        let number = self.inner.minted.fetch_add(1, Ordering::Relaxed);
        let text = format!("g-{:x}-{:x}-{number}", self.now().as_micros(), self.inner.salt);
        // The text is short and printable, so it is an identifier; a fallback keeps this free of panics.
        CommandId::new(&text).unwrap_or_else(|_| fallback_command())
    }

    async fn prepare(&self, command: Command, entry: Option<u64>) -> Result<Preparation, EngineError> {
        let shared = &self.inner.shared;
        if let Some(cause) = shared.poisoned() {
            return Err(EngineError::Poisoned { cause });
        }
        if shared.queue.is_closed() {
            return Err(EngineError::Closed);
        }
        let digest = digest_of(&command);
        let unknown_at = shared.log.head();
        if let Some(answer) = repeated(&*shared.log, &command, digest).await? {
            return Ok(Preparation::Answered(answer));
        }
        let loaded = if shared.is_hot(&command.case) {
            None
        } else {
            Some(read_case(&*shared.log, &command.case).await?)
        };
        Ok(Preparation::New(Box::new(Prepared {
            command,
            digest,
            entry,
            unknown_at,
            loaded,
        })))
    }

    /// Hands something to the writer that counts as so many commands.
    async fn enqueue(&self, commands: usize, task: Task) -> Result<(), EngineError> {
        let waiting = &self.inner.shared.waiting;
        let max = self.inner.queue_max;
        let room = |taken: usize| taken.checked_add(commands).filter(|sum| *sum <= max);
        if waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room)
            .is_err()
        {
            return Err(self
                .poisoned()
                .map_or(EngineError::Busy { waiting: max }, |cause| {
                    EngineError::Poisoned { cause }
                }));
        }
        let error = match self.inner.shared.queue.put(task) {
            Ok(()) => return Ok(()),
            Err(Refused::Closed) => EngineError::Closed,
            Err(Refused::Ended) => self.gone().await,
        };
        waiting.fetch_sub(commands, Ordering::Relaxed);
        Err(error)
    }

    /// Why no answer came: the writer has ended without giving one.
    async fn gone(&self) -> EngineError {
        self.writer_ended().await;
        self.poisoned()
            .map_or(EngineError::Closed, |cause| EngineError::Poisoned { cause })
    }

    async fn writer_ended(&self) {
        // Nothing is ever sent: the channel only tells that its sender is gone.
        while self.inner.ended.clone().changed().await.is_ok() {}
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Nobody is left to ask, so the writer ends when it has answered what it was asked.
        self.shared.queue.close();
    }
}

/// The verbs of a front desk: each makes a command with an id of its own and handles it.
impl Guichet {
    /// Hands an application in; the answer names the case.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// use guichet::Submit;
    ///
    /// let submit = Submit::new("senior-card").by(&testkit::clerk());
    /// let no = engine.submit(submit).await?.accepted().unwrap_err();
    /// assert!(no.to_string().contains("civil-affairs"), "the clerk serves another department: {no}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle); [`EngineError::TooLarge`] where a name of the application is no identifier.
    pub async fn submit(&self, submit: Submit) -> Result<Answer, EngineError> {
        let id = submit.id.clone().unwrap_or_else(|| self.mint_command());
        let case = match submit.case.clone() {
            Some(case) => case,
            None => number_of(self.today(), &id).map_err(|error| EngineError::TooLarge(error.to_string()))?,
        };
        let (actor, ask) = submit
            .into_parts()
            .map_err(|error| EngineError::TooLarge(error.to_string()))?;
        self.handle(Command::new(id, case, actor, ask)).await
    }

    /// Asks something of a case, now.
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle).
    pub async fn ask(&self, case: &CaseId, actor: &Actor, ask: CaseCommand) -> Result<Answer, EngineError> {
        self.handle(Command::new(
            self.mint_command(),
            case.clone(),
            actor.clone(),
            ask,
        ))
        .await
    }

    /// Accepts an application that lacks nothing.
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle).
    pub async fn accept(&self, case: &CaseId, actor: &Actor) -> Result<Answer, EngineError> {
        self.ask(case, actor, CaseCommand::Accept { gaps_due_on: None })
            .await
    }

    /// Sends the file to another window.
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle).
    pub async fn transfer(
        &self,
        case: &CaseId,
        to: &WindowId,
        reason: &str,
        actor: &Actor,
    ) -> Result<Answer, EngineError> {
        self.ask(
            case,
            actor,
            CaseCommand::Transfer {
                to: to.clone(),
                reason: reason.to_owned(),
            },
        )
        .await
    }

    /// Answers a step.
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle).
    pub async fn give_opinion(
        &self,
        case: &CaseId,
        step: &StepId,
        opinion: Opinion,
        reasons: Option<&str>,
        actor: &Actor,
    ) -> Result<Answer, EngineError> {
        let reasons = reasons.map(str::to_owned);
        self.ask(
            case,
            actor,
            CaseCommand::GiveOpinion {
                step: step.clone(),
                opinion,
                reasons,
            },
        )
        .await
    }

    /// Decides an application.
    ///
    /// # Errors
    ///
    /// As [`handle`](Self::handle).
    pub async fn decide(
        &self,
        case: &CaseId,
        verdict: Verdict,
        reasons: Option<&str>,
        actor: &Actor,
    ) -> Result<Answer, EngineError> {
        self.ask(
            case,
            actor,
            CaseCommand::Decide {
                verdict,
                reasons: reasons.map(str::to_owned),
            },
        )
        .await
    }
}

enum Preparation {
    Answered(Answer),
    New(Box<Prepared>),
}

/// A fingerprint of everything a command says, so that an id is not used for two.
fn digest_of(command: &Command) -> [u8; 8] {
    let mut text = Vec::with_capacity(512);
    // Writing into memory does not fail, and a command has no key that JSON refuses.
    let _ = serde_json::to_writer(&mut text, command);
    let mut digest = [0; 8];
    for (to, from) in digest.iter_mut().zip(Sha256::digest(&text)) {
        *to = from;
    }
    digest
}

/// A case number from the day and the command that hands the case in: repeating the command names the same case, and
/// nobody can count cases by it.
fn number_of(today: Date, id: &CommandId) -> Result<CaseId, IdError> {
    // Without letters and digits that are mistaken for one another.
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let hash = Sha256::digest(id.as_str().as_bytes());
    let letters: String = hash
        .iter()
        .take(8)
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|l| char::from(*l))
        .collect();
    CaseId::new(&format!("{}-{letters}", today.to_string().replace('-', "")))
}

#[expect(clippy::expect_used, reason = "a constant that is an identifier")]
fn fallback_command() -> CommandId {
    CommandId::new("g").expect("one letter is an identifier")
}

/// Counts what the log has taken since the statistics were counted.
pub(crate) async fn catch_up(log: &dyn EventLog, statistics: &mut Statistics) -> Result<(), EngineError> {
    let position = statistics.position();
    let counted = project_from(log, position, statistics).await;
    statistics.settle();
    counted
}

async fn project_from<P: Projection>(
    log: &dyn EventLog,
    from: Position,
    projection: &mut P,
) -> Result<(), EngineError> {
    let head = log.head();
    let mut next = from;
    let mut reader = RecordedReader::default();
    while next < head {
        for block in log.read_blocks(next, REPLAY_BYTES_MAX).await? {
            for record in block.records_from(next) {
                let record = record.map_err(|error| EngineError::Decode(with_sources(&error)))?;
                let recorded = reader
                    .read(&record)
                    .map_err(|error| EngineError::Decode(with_sources(&error)))?;
                projection.apply(&recorded);
            }
            next = block.end();
        }
    }
    Ok(())
}

async fn read_directory(log: &dyn EventLog) -> Result<Directory, EngineError> {
    directory_at(log, log.head()).await
}

/// The reference data that a log held before a position.
pub(crate) async fn directory_at(log: &dyn EventLog, position: Position) -> Result<Directory, EngineError> {
    let mut recorded = Vec::new();
    for stream in REFERENCE_STREAMS {
        let stream = StreamId::new(stream).map_err(|error| EngineError::Decode(error.to_string()))?;
        recorded.extend(read_recorded(log, &stream).await?);
    }
    // Things name each other over several streams, so they are taken in the order in which they were published.
    recorded.sort_by_key(|recorded| recorded.position);
    let mut directory = Directory::default();
    for recorded in recorded
        .iter()
        .take_while(|recorded| recorded.position < position)
    {
        if let Event::Reference(event) = &recorded.event {
            directory.apply(event);
        }
    }
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use guichet_core::actor::Role;
    use guichet_core::case::event::Verdict;
    use guichet_core::id::PersonId;
    use guichet_core::time::{Offset, TimeSource, date};
    use guichet_log::memory::MemoryLog;

    use super::*;

    struct Monday;

    impl TimeSource for Monday {
        fn now(&self) -> Timestamp {
            date(2010, 3, 1).at(9, 0, Offset::hours(8))
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn closed_cases_leave_memory_however_many_there_were() {
        let cases = if cfg!(debug_assertions) { 20_000 } else { 60_000 };
        let hot_cases_max = 16_384;
        let config = Config::default()
            .time(Arc::new(Monday))
            .hot_cases_max(hot_cases_max);
        let engine = Guichet::start(Arc::new(MemoryLog::default()), config)
            .await
            .unwrap();
        let importer = Actor::new(PersonId::new("importer").unwrap(), Role::Importer);
        let catalogue = guichet_catalogue::embedded("harbin-2010").unwrap().catalogue;
        engine.publish_catalogue(&catalogue, &importer).await.unwrap();
        let number = |case: usize| CaseId::new(&format!("c{case}")).unwrap();
        let ask = |case: usize, name: &str, ask: CaseCommand| {
            Command::new(
                CommandId::new(&format!("{name}{case}")).unwrap(),
                number(case),
                importer.clone(),
                ask,
            )
        };
        for chunk in 0..cases / 1_000 {
            let mut commands = Vec::new();
            for case in chunk * 1_000..(chunk + 1) * 1_000 {
                let submit = Submit::new("seal-filing").by(&importer).into_parts().unwrap().1;
                commands.push(ask(case, "s", submit));
                let withdraw = CaseCommand::Withdraw {
                    reason: "no longer needed".to_owned(),
                };
                commands.push(ask(case, "w", withdraw));
            }
            for answer in engine.handle_all(commands).await {
                answer.unwrap().accepted().unwrap();
            }
            let hot = engine.inner.shared.hot.read().unwrap().len();
            assert!(hot <= hot_cases_max, "{hot} cases are kept after {chunk}000");
        }
        // The first one has long been let go, and is read again.
        assert!(!engine.inner.shared.is_hot(&number(0)));
        let decide = CaseCommand::Decide {
            verdict: Verdict::Granted,
            reasons: None,
        };
        let answer = engine.handle(ask(0, "d", decide)).await.unwrap();
        let no = answer.accepted().unwrap_err().to_string();
        assert_eq!(no, "the case ended on 2010-03-01: withdrawn");
    }
}
