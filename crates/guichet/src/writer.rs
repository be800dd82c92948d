//! The writer: one thread that owns the tail of the log.
//!
//! It takes what the queue holds, decides each command on the state as the commands before it leave it, hands the group
//! to the log as one commit, and answers when that is durable. While one group is being made durable, the next is
//! decided; should the first fail, the second is not recorded either, and nothing more is taken.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, RwLock};

use guichet_core::actor::Actor;
use guichet_core::case::command::Command;
use guichet_core::case::{CaseCommand, CaseEvent, Rejection, decide, evolve};
use guichet_core::id::{CaseId, CommandId, Position, Revision, StreamId};
use guichet_core::reference::{Catalogue, Directory, ReferenceEvent, publish};
use guichet_core::time::{TimeSource, Timestamp};
use guichet_log::codec;
use guichet_log::log::{Append, AppendError, Appended, EventLog, Expected};
use guichet_log::record::{Cause, Draft};
use tokio::sync::{mpsc, oneshot};

use crate::answer::{Accepted, Answer};
use crate::engine::Published;
use crate::error::{EngineError, PublishError, with_sources};
use crate::hot::{Hot, HotCases, Recent};
use crate::view::{read_case, repeated};

/// The most commands of one group: a few milliseconds of deciding, so that nobody waits long behind it.
pub(crate) const GROUP_COMMANDS_MAX: usize = 1_024;
/// The most bytes of payload in one group, well inside what the log takes at once.
const GROUP_PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

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

pub(crate) type Reply = Result<Answer, EngineError>;

/// What the writer is asked to do.
pub(crate) enum Task {
    Handle(Box<Prepared>, oneshot::Sender<Reply>),
    HandleAll(Vec<Prepared>, oneshot::Sender<Vec<Reply>>),
    Publish(Box<(Catalogue, Actor, CommandId)>, oneshot::Sender<Result<Published, PublishError>>),
}

/// What the writer shares with everybody else.
pub(crate) struct Shared {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) directory: RwLock<Arc<Directory>>,
    /// The cases that the writer keeps folded: for those, nothing has to be looked up beforehand.
    pub(crate) hot: RwLock<HashSet<CaseId>>,
    pub(crate) poison: RwLock<Option<String>>,
    pub(crate) time: Arc<dyn TimeSource>,
}

impl Shared {
    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub(crate) fn is_hot(&self, case: &CaseId) -> bool {
        self.hot.read().unwrap_or_else(std::sync::PoisonError::into_inner).contains(case)
    }

    pub(crate) fn poisoned(&self) -> Option<String> {
        self.poison.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// Where one answer goes, once its group is durable.
enum Waiting {
    One(oneshot::Sender<Reply>, Outcome),
    All(oneshot::Sender<Vec<Reply>>, Vec<Outcome>),
    Published(oneshot::Sender<Result<Published, PublishError>>, PublishOutcome),
}

/// What was decided on one command, before it is durable.
enum Outcome {
    /// These events, in the append with this number; none, if nothing followed.
    Accepted { case: CaseId, append: Option<usize>, head: Option<Revision>, events: Vec<CaseEvent> },
    /// A no, or a failure that concerns this command alone.
    Answered(Reply),
    /// The same command is in the group itself, or was accepted before: its answer is looked up.
    Repeats(Box<Command>, [u8; 8]),
}

struct PublishOutcome {
    directory: Arc<Directory>,
    events: usize,
    append: Option<usize>,
}

/// A group that is being put together.
#[derive(Default)]
struct Group {
    appends: Vec<Append>,
    waiting: Vec<Waiting>,
    commands: usize,
    payload_bytes: usize,
    /// The position that the group's first record will have.
    first: Option<Position>,
    now: Option<Timestamp>,
}

impl Group {
    fn is_full(&self) -> bool {
        self.commands >= GROUP_COMMANDS_MAX || self.payload_bytes >= GROUP_PAYLOAD_BYTES_MAX
    }
}

/// The thread's own state.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    directory: Arc<Directory>,
    cases: HotCases,
    recent: Recent,
    /// One past the last position that is durable or staged.
    head: Position,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, hot_cases_max: usize) -> Self {
        let head = shared.log.head();
        let directory = shared.directory();
        Self { cases: HotCases::new(hot_cases_max), recent: Recent::new(head), shared, directory, head }
    }

    /// Works until every sender is gone.
    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<Task>) {
        let mut inbox = Vec::new();
        let mut group = Group::default();
        let mut open = true;
        loop {
            // Nothing is staged: take what there is, or wait for it.
            if group.waiting.is_empty() {
                if inbox.is_empty() && (!open || queue.recv_many(&mut inbox, GROUP_COMMANDS_MAX).await == 0) {
                    return;
                }
                self.stage_all(&mut inbox, &mut group).await;
            }
            let under_way = std::mem::take(&mut group);
            let append = commit(&self.shared.log, under_way);
            tokio::pin!(append);
            // While it is made durable, the next group is decided.
            let settled = loop {
                tokio::select! {
                    biased;
                    settled = &mut append => break settled,
                    taken = queue.recv_many(&mut inbox, GROUP_COMMANDS_MAX), if open && inbox.is_empty() => {
                        open = taken > 0;
                        self.stage_all(&mut inbox, &mut group).await;
                    }
                }
            };
            if let Some(cause) = self.settle(settled).await {
                self.poison(&cause, group, &mut inbox, &mut queue).await;
                return;
            }
        }
    }

    /// Stages what was taken until the group is full; the rest stays for the next one.
    async fn stage_all(&mut self, inbox: &mut Vec<Task>, group: &mut Group) {
        let mut tasks = std::mem::take(inbox).into_iter();
        while !group.is_full() {
            let Some(task) = tasks.next() else { return };
            group.first.get_or_insert(self.head);
            let now = *group.now.get_or_insert_with(|| self.shared.time.now());
            let waiting = match task {
                Task::Handle(prepared, reply) => Waiting::One(reply, self.stage(*prepared, now, group).await),
                Task::HandleAll(commands, reply) => {
                    let mut outcomes = Vec::with_capacity(commands.len());
                    for prepared in commands {
                        outcomes.push(self.stage(prepared, now, group).await);
                    }
                    Waiting::All(reply, outcomes)
                }
                Task::Publish(publication, reply) => {
                    let (catalogue, actor, id) = *publication;
                    match self.stage_publication(&catalogue, &actor, &id, now, group) {
                        Ok(outcome) => Waiting::Published(reply, outcome),
                        Err(error) => {
                            // Whoever asked has gone away: nothing is owed to them.
                            let _ = reply.send(Err(error));
                            continue;
                        }
                    }
                }
            };
            group.waiting.push(waiting);
        }
        inbox.extend(tasks);
    }

    /// Decides one command on the state as everything before it leaves it.
    async fn stage(&mut self, prepared: Prepared, now: Timestamp, group: &mut Group) -> Outcome {
        let Prepared { command, digest, entry, unknown_at, loaded } = prepared;
        match self.known(&command.id, unknown_at).await {
            Ok(Some(known)) if known == digest => return Outcome::Repeats(Box::new(command), digest),
            Ok(Some(_)) => return Outcome::Answered(Err(EngineError::CommandIdReused { id: command.id })),
            Ok(None) => {}
            Err(error) => return Outcome::Answered(Err(error)),
        }
        let hot = match self.case(&command.case, unknown_at, loaded).await {
            Ok(hot) => hot,
            Err(error) => return Outcome::Answered(Err(error)),
        };
        let (hot, outcome) = self.decide(hot, &command, digest, entry, now, group);
        self.put(command.case, hot);
        outcome
    }

    fn decide(
        &mut self,
        mut hot: Hot,
        command: &Command,
        digest: [u8; 8],
        entry: Option<u64>,
        now: Timestamp,
        group: &mut Group,
    ) -> (Hot, Outcome) {
        if let Some(expected) = command.expected.filter(|expected| hot.head != Some(*expected)) {
            let conflict = EngineError::Conflict { expected, actual: hot.head };
            return (hot, Outcome::Answered(Err(conflict)));
        }
        if let CaseCommand::CorrectRecord { target, .. } = &command.ask
            && hot.head.is_some_and(|head| *target > head)
        {
            let rejection = Rejection::UnknownRecord { target: *target };
            return (hot, Outcome::Answered(Ok(Answer::Rejected(rejection))));
        }
        let events = match decide(&self.directory, &hot.state, command, now) {
            Ok(events) => events,
            Err(rejection) => return (hot, Outcome::Answered(Ok(Answer::Rejected(rejection)))),
        };
        group.commands += 1;
        let case = command.case.clone();
        if events.is_empty() {
            let head = hot.head;
            return (hot, Outcome::Accepted { case, append: None, head, events });
        }
        let drafts = match self.drafts(&events, command, digest, entry, now) {
            Ok(drafts) => drafts,
            Err(error) => return (hot, Outcome::Answered(Err(error))),
        };
        let expected = hot.head.map_or(Expected::Absent, Expected::At);
        let count = u64::try_from(drafts.len()).unwrap_or(u64::MAX);
        hot.head = Some(hot.head.map_or(Revision(count.saturating_sub(1)), |head| head.plus(count)));
        hot.state = events.iter().fold(std::mem::take(&mut hot.state), evolve);
        self.recent.insert(self.head, command.id.clone(), digest, case.clone());
        self.head = self.head.plus(count);
        group.payload_bytes += drafts.iter().map(|draft| draft.payload.len()).sum::<usize>();
        group.appends.push(Append { stream: StreamId::of_case(&case), expected, drafts });
        let append = Some(group.appends.len() - 1);
        let head = hot.head;
        (hot, Outcome::Accepted { case, append, head, events })
    }

    /// The events of a command as drafts: the first was asked for, the others follow from it.
    fn drafts(
        &self,
        events: &[CaseEvent],
        command: &Command,
        digest: [u8; 8],
        entry: Option<u64>,
        now: Timestamp,
    ) -> Result<Vec<Draft>, EngineError> {
        let offset = self.directory.offset();
        let mut drafts = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            let encoded = codec::encode(event).map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
            // What lapsed happened in law when its last day ended, whenever the timekeeper came by.
            let lapsed_at = event.lapsed_on().map(|day| day.next().midnight_at(offset));
            let draft = Draft {
                kind: encoded.kind,
                version: encoded.version,
                codec: encoded.codec,
                occurred_at: lapsed_at.or(command.occurred_at).unwrap_or(now),
                actor: command.actor.clone(),
                authority: command.authority.clone(),
                cause: match (at, entry) {
                    (0, None) => Cause::Asked,
                    (0, Some(entry)) => Cause::Imported { entry },
                    (_, _) => Cause::Followed(self.head),
                },
                command: command.id.clone(),
                command_digest: digest,
                payload: encoded.payload,
            };
            draft.check().map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
            drafts.push(draft);
        }
        Ok(drafts)
    }

    /// The digest of the command that was accepted under this id, if one was.
    async fn known(&self, id: &CommandId, unknown_at: Position) -> Result<Option<[u8; 8]>, EngineError> {
        if let Some(digest) = self.recent.digest(id) {
            return Ok(Some(digest));
        }
        if self.recent.is_whole_since(unknown_at) {
            return Ok(None);
        }
        let records = self.shared.log.find_command(id).await?;
        Ok(records.and_then(|records| records.first().map(|record| record.command_digest)))
    }

    /// The case as it is now: kept, or loaded beforehand and unchanged since, or read.
    async fn case(&mut self, case: &CaseId, loaded_at: Position, loaded: Option<Hot>) -> Result<Hot, EngineError> {
        if let Some(hot) = self.cases.take(case) {
            return Ok(hot);
        }
        // What was loaded beforehand is still true if no command since then was about this case. A case with records that
        // are staged is always kept, so whatever else there is of it is in the log.
        match loaded.filter(|_| self.recent.is_untouched_since(case, loaded_at)) {
            Some(hot) => Ok(hot),
            None => read_case(&*self.shared.log, case).await,
        }
    }

    fn put(&mut self, case: CaseId, hot: Hot) {
        let gone = self.cases.put(case.clone(), hot);
        if gone.is_none() && self.shared.is_hot(&case) {
            return;
        }
        let mut names = self.shared.hot.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for case in gone.iter().flat_map(HashMap::keys) {
            names.remove(case);
        }
        names.insert(case);
    }

    fn stage_publication(
        &mut self,
        catalogue: &Catalogue,
        actor: &Actor,
        id: &CommandId,
        now: Timestamp,
        group: &mut Group,
    ) -> Result<PublishOutcome, PublishError> {
        let events = publish(&self.directory, catalogue, actor)?;
        let mut directory = (*self.directory).clone();
        let mut by_stream: BTreeMap<&'static str, Vec<Draft>> = BTreeMap::new();
        for event in &events {
            directory.apply(event);
            by_stream.entry(event.stream()).or_default().push(draft_of(event, actor, id, now)?);
        }
        let count = events.len();
        let append = (count > 0).then_some(group.appends.len());
        for (stream, drafts) in by_stream {
            let stream = StreamId::new(stream).map_err(|error| EngineError::TooLarge(error.to_string()))?;
            group.appends.push(Append { stream, expected: Expected::Any, drafts });
        }
        let records = u64::try_from(count).unwrap_or(u64::MAX);
        self.head = self.head.plus(records);
        self.directory = Arc::new(directory);
        Ok(PublishOutcome { directory: Arc::clone(&self.directory), events: count, append })
    }

    /// Answers everybody whose group is durable, or says why the writer has to stop.
    async fn settle(&mut self, settled: Settled) -> Option<String> {
        let Settled { waiting, result, first } = settled;
        let appended = match result {
            Ok(appended) => appended,
            Err(error) => {
                let cause = with_sources(&error);
                self.fail(waiting, &cause);
                return Some(cause);
            }
        };
        // The order of positions is the writer's own; a second writer beside it would break every promise.
        if let Some(appended) = &appended
            && Some(appended.first) != first
        {
            let cause = format!("the group went to position {}, so another writer is at work on this log", appended.first);
            self.fail(waiting, &cause);
            return Some(cause);
        }
        for waiting in waiting {
            match waiting {
                Waiting::One(reply, outcome) => {
                    let answer = self.answer(outcome, appended.as_ref()).await;
                    // Whoever asked has gone away: the command is recorded all the same.
                    let _ = reply.send(answer);
                }
                Waiting::All(reply, outcomes) => {
                    let mut answers = Vec::with_capacity(outcomes.len());
                    for outcome in outcomes {
                        answers.push(self.answer(outcome, appended.as_ref()).await);
                    }
                    let _ = reply.send(answers);
                }
                Waiting::Published(reply, outcome) => {
                    let PublishOutcome { directory, events, append } = outcome;
                    *self.shared.directory.write().unwrap_or_else(std::sync::PoisonError::into_inner) = directory;
                    let place = append.and_then(|append| appended.as_ref()?.appends.get(append));
                    let _ = reply.send(Ok(Published { position: place.map(|place| place.first), events }));
                }
            }
        }
        None
    }

    async fn answer(&self, outcome: Outcome, appended: Option<&Appended>) -> Reply {
        match outcome {
            Outcome::Answered(reply) => reply,
            Outcome::Accepted { case, append, head, events } => {
                let place = append.and_then(|append| appended?.appends.get(append));
                Ok(Answer::Accepted(Accepted {
                    case,
                    position: place.map(|place| place.first),
                    revision: head,
                    recorded_at: appended.map_or_else(|| self.shared.time.now(), |appended| appended.recorded_at),
                    events,
                    repeated: false,
                }))
            }
            Outcome::Repeats(command, digest) => match repeated(&*self.shared.log, &command, digest).await {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => Err(EngineError::Read(format!("the records of command {} are gone", command.id))),
                Err(error) => Err(error),
            },
        }
    }

    fn fail(&self, waiting: Vec<Waiting>, cause: &str) {
        *self.shared.poison.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(cause.to_owned());
        let error = || EngineError::Poisoned { cause: cause.to_owned() };
        for waiting in waiting {
            match waiting {
                Waiting::One(reply, _) => {
                    let _ = reply.send(Err(error()));
                }
                Waiting::All(reply, outcomes) => {
                    let _ = reply.send(outcomes.iter().map(|_| Err(error())).collect());
                }
                Waiting::Published(reply, _) => {
                    let _ = reply.send(Err(error().into()));
                }
            }
        }
    }

    /// Refuses everything that is staged or still comes, with the cause.
    async fn poison(&mut self, cause: &str, group: Group, inbox: &mut Vec<Task>, queue: &mut mpsc::Receiver<Task>) {
        self.fail(group.waiting, cause);
        loop {
            for task in inbox.drain(..) {
                let waiting = match task {
                    Task::Handle(prepared, reply) => {
                        let error = EngineError::Poisoned { cause: cause.to_owned() };
                        drop(prepared);
                        Waiting::One(reply, Outcome::Answered(Err(error)))
                    }
                    Task::HandleAll(commands, reply) => {
                        let outcomes = commands.iter().map(|_| {
                            Outcome::Answered(Err(EngineError::Poisoned { cause: cause.to_owned() }))
                        });
                        Waiting::All(reply, outcomes.collect())
                    }
                    Task::Publish(_, reply) => {
                        let directory = Arc::clone(&self.directory);
                        Waiting::Published(reply, PublishOutcome { directory, events: 0, append: None })
                    }
                };
                self.fail(vec![waiting], cause);
            }
            if queue.recv_many(inbox, GROUP_COMMANDS_MAX).await == 0 {
                return;
            }
        }
    }
}

/// A group with what the log said to it.
struct Settled {
    waiting: Vec<Waiting>,
    /// Nothing, where no command of the group led to an event.
    result: Result<Option<Appended>, AppendError>,
    first: Option<Position>,
}

async fn commit(log: &Arc<dyn EventLog>, group: Group) -> Settled {
    let Group { appends, waiting, first, now, .. } = group;
    let result = match now {
        Some(now) if !appends.is_empty() => log.append(appends, now).await.map(Some),
        Some(_) | None => Ok(None),
    };
    Settled { waiting, result, first }
}

fn draft_of(event: &ReferenceEvent, actor: &Actor, id: &CommandId, now: Timestamp) -> Result<Draft, EngineError> {
    let encoded = codec::encode(event).map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
    Ok(Draft {
        kind: encoded.kind,
        version: encoded.version,
        codec: encoded.codec,
        occurred_at: now,
        actor: actor.clone(),
        authority: None,
        cause: Cause::Asked,
        command: id.clone(),
        command_digest: [0; 8],
        payload: encoded.payload,
    })
}

