//! The writer: one thread that owns the tail of the log.
//!
//! It takes what the queue holds, decides each command on the state as the commands before it leave it, hands the group
//! to the log as one commit, and answers when that is durable. While one group is being made durable, the next is
//! decided; should the first fail, the second is not recorded either, and nothing more is taken.

use std::any::Any;
use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use foldhash::fast::RandomState;
use guichet_core::actor::Actor;
use guichet_core::case::command::Command;
use guichet_core::id::{CaseId, CommandId, Position};
use guichet_core::reference::{Catalogue, Directory};
use guichet_core::time::TimeSource;
use guichet_log::log::EventLog;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::engine::Published;
use crate::error::{EngineError, PublishError};
use crate::hot::Hot;
use crate::queue::Queue;
use crate::settling::{Durable, Reader, Settled, Settling, Told, Waiting, poisoned};
use crate::staging::{Group, Staged, Staging};

/// The most commands of one group: a few milliseconds of deciding, so that nobody waits long behind it. Commands that
/// are refused count too, for what they take up is bounded by this.
pub(crate) const GROUP_COMMANDS_MAX: usize = 1_024;
/// How many commands are decided before the group under way is looked at again, so that its answers go out in time.
const TURN_COMMANDS_MAX: usize = 128;

/// A command on its way to the writer, with what was looked up for it beforehand.
pub(crate) struct Prepared {
    pub(crate) command: Command,
    pub(crate) digest: [u8; 8],
    /// Whether and where the command stands in an imported source.
    pub(crate) entry: Option<u64>,
    /// How far the log reached when the command's id was not in it.
    pub(crate) unknown_at: Position,
    /// The case as it was then, where the writer did not seem to have it.
    pub(crate) loaded: Option<Hot>,
}

/// A catalogue on its way to the writer.
pub(crate) struct Publication {
    pub(crate) catalogue: Catalogue,
    pub(crate) actor: Actor,
    pub(crate) id: CommandId,
}

pub(crate) type Reply = Result<Answer, EngineError>;

/// What the writer is asked to do.
pub(crate) enum Task {
    Handle(Box<Prepared>, oneshot::Sender<Told>),
    HandleAll(Vec<Prepared>, oneshot::Sender<Vec<Reply>>),
    Publish(Box<Publication>, oneshot::Sender<Result<Published, PublishError>>),
}

/// What the writer shares with everybody else.
pub(crate) struct Shared {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) directory: RwLock<Arc<Directory>>,
    /// The cases that the writer keeps folded: for those, nothing has to be looked up beforehand.
    pub(crate) hot: RwLock<HashSet<CaseId, RandomState>>,
    pub(crate) queue: Queue,
    /// What failed first.
    pub(crate) poison: OnceLock<String>,
    pub(crate) time: Arc<dyn TimeSource>,
    /// How many commands wait for the writer.
    pub(crate) waiting: AtomicUsize,
}

impl Shared {
    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn is_hot(&self, case: &CaseId) -> bool {
        self.hot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(case)
    }

    pub(crate) fn poisoned(&self) -> Option<String> {
        self.poison.get().cloned()
    }

    /// Makes the engine refuse every command from now on; the first cause is the one that is told.
    pub(crate) fn poison(&self, cause: &str) {
        // A second cause follows from the first.
        let _ = self.poison.set(cause.to_owned());
    }

    /// As [`poison`](Self::poison), for a writer that panicked.
    pub(crate) fn poison_of_panic(&self, panic: &(dyn Any + Send)) {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("without a text");
        self.poison(&format!("the writer panicked: {text}"));
    }
}

/// One thing to decide, and who waits for it.
enum Item {
    Handle(Box<Prepared>, Reader),
    Publish(Box<Publication>, oneshot::Sender<Result<Published, PublishError>>),
}

/// What was taken from the queue and is not decided yet.
#[derive(Default)]
struct Inbox {
    tasks: Vec<Task>,
    items: VecDeque<Item>,
}

impl Inbox {
    /// Waits for the queue, and takes what it holds; says whether anything can still come.
    ///
    /// Dropping the future loses nothing.
    async fn fill(&mut self, queue: &Queue) -> bool {
        if !queue.take(&mut self.tasks).await {
            return false;
        }
        for task in self.tasks.drain(..) {
            match task {
                Task::Handle(prepared, reply) => {
                    self.items.push_back(Item::Handle(prepared, Reader::One(reply)));
                }
                Task::HandleAll(commands, reply) => {
                    let batch = Reader::of(commands.len(), reply);
                    let item = |prepared| Item::Handle(Box::new(prepared), Reader::Of(Rc::clone(&batch)));
                    self.items.extend(commands.into_iter().map(item));
                }
                Task::Publish(publication, reply) => self.items.push_back(Item::Publish(publication, reply)),
            }
        }
        true
    }
}

/// The thread's own state.
pub(crate) struct Writer {
    staging: Staging,
    settling: Settling,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, hot_cases_max: usize, runtime: Option<Handle>) -> Self {
        Self {
            staging: Staging::new(Arc::clone(&shared), hot_cases_max),
            settling: Settling { shared, runtime },
        }
    }

    /// Works until every sender is gone.
    pub(crate) async fn run(mut self) {
        let shared = Arc::clone(&self.settling.shared);
        let mut inbox = Inbox::default();
        let mut group = Group::default();
        let mut under_way: Option<UnderWay> = None;
        let mut open = true;
        loop {
            let mut append = if let Some(append) = under_way.take() {
                append
            } else {
                // Nothing is staged: take what there is, or wait for it.
                if inbox.items.is_empty() && !inbox.fill(&shared.queue).await {
                    return;
                }
                self.stage_some(&mut inbox, &mut group, GROUP_COMMANDS_MAX).await;
                self.commit(&mut group)
            };
            // While it is made durable, the next group is decided.
            let settled = loop {
                let left = !inbox.items.is_empty();
                tokio::select! {
                    biased;
                    settled = &mut append => break settled,
                    () = std::future::ready(()), if left && !group.is_full() => {
                        self.stage_some(&mut inbox, &mut group, TURN_COMMANDS_MAX).await;
                    }
                    more = inbox.fill(&shared.queue), if open && !left => open = more,
                }
            };
            let Durable { waiting, appended } = match settled.durable() {
                Ok(durable) => durable,
                Err((waiting, cause)) => {
                    self.settling.refuse(waiting, &cause);
                    self.refuse_all(&cause, group, inbox).await;
                    return;
                }
            };
            // The disk gets the next group before the answers to this one are given, so that it does not wait for them.
            if !group.waiting.is_empty() {
                under_way = Some(begun(self.commit(&mut group)).await);
            }
            self.settling.answer_all(waiting, appended.as_ref()).await;
        }
    }

    /// The commit of what is staged, on its way once it is polled.
    fn commit(&self, group: &mut Group) -> UnderWay {
        Box::pin(commit(
            Arc::clone(&self.settling.shared.log),
            std::mem::take(group),
        ))
    }

    /// Stages some of what was taken, until the group is full; the rest stays for the next turn.
    async fn stage_some(&mut self, inbox: &mut Inbox, group: &mut Group, commands_max: usize) {
        for _ in 0..commands_max {
            if group.is_full() {
                return;
            }
            let Some(item) = inbox.items.pop_front() else {
                return;
            };
            let now = self.staging.begin(group);
            let waiting = match item {
                Item::Handle(mut prepared, reader) => {
                    match self.staging.stage(&mut prepared, now, group).await {
                        Staged::Now(outcome) => Waiting::Handle(reader, prepared, outcome),
                        Staged::Later => {
                            inbox.items.push_front(Item::Handle(prepared, reader));
                            group.closed = true;
                            return;
                        }
                    }
                }
                Item::Publish(publication, reply) => {
                    match self.staging.stage_publication(&publication, now, group).await {
                        Ok(Staged::Now(outcome)) => Waiting::Publish(reply, Ok(outcome)),
                        Ok(Staged::Later) => {
                            inbox.items.push_front(Item::Publish(publication, reply));
                            group.closed = true;
                            return;
                        }
                        Err(error) => Waiting::Publish(reply, Err(error)),
                    }
                }
            };
            self.settling.shared.waiting.fetch_sub(1, Ordering::Relaxed);
            group.waiting.push(waiting);
        }
    }

    /// Refuses everything that is staged or still comes, with the cause.
    async fn refuse_all(&self, cause: &str, group: Group, mut inbox: Inbox) {
        let shared = &self.settling.shared;
        self.settling.refuse(group.waiting, cause);
        loop {
            for item in inbox.items.drain(..) {
                shared.waiting.fetch_sub(1, Ordering::Relaxed);
                match item {
                    Item::Handle(command, reader) => reader.answer(Err(poisoned(cause)), command),
                    Item::Publish(_, reply) => {
                        let _ = reply.send(Err(poisoned(cause).into()));
                    }
                }
            }
            if !inbox.fill(&shared.queue).await {
                return;
            }
        }
    }
}

/// A group that is being made durable.
type UnderWay = Pin<Box<dyn Future<Output = Settled>>>;

async fn commit(log: Arc<dyn EventLog>, group: Group) -> Settled {
    let Group {
        appends,
        waiting,
        first,
        recorded_at,
        ..
    } = group;
    let result = match recorded_at {
        Some(recorded_at) if !appends.is_empty() => log.append(appends, recorded_at).await.map(Some),
        Some(_) | None => Ok(None),
    };
    Settled {
        waiting,
        result,
        first,
    }
}

/// Polls a commit once, so that it is on its way.
async fn begun(mut append: UnderWay) -> UnderWay {
    let settled = tokio::select! {
        biased;
        settled = &mut append => Some(settled),
        () = std::future::ready(()) => None,
    };
    match settled {
        Some(settled) => Box::pin(std::future::ready(settled)),
        None => append,
    }
}
