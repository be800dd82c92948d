//! The writer: one thread that owns the tail of the log.
//!
//! It takes what the queue holds, decides each command on the state as the commands before it leave it, hands the group
//! to the log as one commit, and answers when that is durable. While one group is being made durable, the next is
//! decided; should the first fail, the second is not recorded either, and nothing more is taken.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use guichet_core::actor::{Actor, Role};
use guichet_core::case::command::Command;
use guichet_core::case::{CaseCommand, CaseEvent, Rejection, decide, evolve};
use guichet_core::id::{CaseId, CommandId, PersonId, Position, Revision, StreamId};
use guichet_core::reference::{Catalogue, Directory, ReferenceEvent, publish};
use guichet_core::time::{TimeSource, Timestamp};
use guichet_log::codec;
use guichet_log::log::{
    Append, AppendError, Appended, EventLog, Expected, GROUP_BYTES_MAX, GROUP_RECORDS_MAX, STREAM_RECORDS_MAX,
};
use guichet_log::record::{Cause, Draft, PAYLOAD_BYTES_MAX, RECORD_BYTES_MAX};
use tokio::sync::{mpsc, oneshot};

use crate::answer::{Accepted, Answer};
use crate::engine::Published;
use crate::error::{EngineError, PublishError, with_sources};
use crate::hot::{Hot, HotCases, Recent};
use crate::view::{read_case, repeated};

/// The most commands of one group: a few milliseconds of deciding, so that nobody waits long behind it. Commands that
/// are refused count too, for what they take up is bounded by this.
pub(crate) const GROUP_COMMANDS_MAX: usize = 1_024;
/// From how many bytes on a group takes no more: enough to make one sync worth its while.
const GROUP_BYTES_ENOUGH: usize = 1024 * 1024;
/// The most bytes of one group, inside what the log takes at once.
const GROUP_BYTES_ROOM: usize = GROUP_BYTES_MAX - 64 * 1024;
/// How many commands are decided before the group under way is looked at again, so that its answers go out in time.
const TURN_COMMANDS_MAX: usize = 128;
/// What a record takes beside its texts and its payload, generously: its fixed part, and its place in the block.
const RECORD_BYTES_BESIDE: usize = RECORD_BYTES_MAX - PAYLOAD_BYTES_MAX - 9 * 255 + 16;

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
    Handle(Box<Prepared>, oneshot::Sender<Reply>),
    HandleAll(Vec<Prepared>, oneshot::Sender<Vec<Reply>>),
    Publish(Box<Publication>, oneshot::Sender<Result<Published, PublishError>>),
}

/// What the writer shares with everybody else.
pub(crate) struct Shared {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) directory: RwLock<Arc<Directory>>,
    /// The cases that the writer keeps folded: for those, nothing has to be looked up beforehand.
    pub(crate) hot: RwLock<HashSet<CaseId>>,
    pub(crate) poison: RwLock<Option<String>>,
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
        self.poison.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes the engine refuse every command from now on; the first cause is the one that is told.
    pub(crate) fn poison(&self, cause: &str) {
        let mut poison = self.poison.write().unwrap_or_else(PoisonError::into_inner);
        poison.get_or_insert_with(|| cause.to_owned());
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

/// What follows from a command on a case as it stands.
///
/// # Errors
///
/// [`EngineError::Conflict`] when the case ends elsewhere than the command expects.
pub(crate) fn rule(
    directory: &Directory,
    hot: &Hot,
    command: &Command,
    now: Timestamp,
) -> Result<Result<Vec<CaseEvent>, Rejection>, EngineError> {
    if let Some(expected) = command.expected.filter(|expected| hot.head != Some(*expected)) {
        let actual = hot.head;
        return Err(EngineError::Conflict { expected, actual });
    }
    if let CaseCommand::CorrectRecord { target, .. } = &command.ask
        && hot.head.is_some_and(|head| *target > head)
    {
        return Ok(Err(Rejection::UnknownRecord { target: *target }));
    }
    Ok(decide(directory, &hot.state, command, now))
}

/// One thing to decide, and who waits for it.
enum Item {
    Handle(Box<Prepared>, Reader),
    Publish(Box<Publication>, oneshot::Sender<Result<Published, PublishError>>),
}

/// Who waits for the answer to a command.
enum Reader {
    One(oneshot::Sender<Reply>),
    /// Somebody who sent several: answers are given in order, so the last one makes them whole.
    Of(Rc<RefCell<Batch>>),
}

struct Batch {
    answers: Vec<Reply>,
    count: usize,
    reply: Option<oneshot::Sender<Vec<Reply>>>,
}

impl Reader {
    // A send fails only when whoever asked has gone away: what was recorded is recorded all the same.
    fn answer(self, answer: Reply) {
        match self {
            Self::One(reply) => {
                let _ = reply.send(answer);
            }
            Self::Of(batch) => {
                let mut batch = batch.borrow_mut();
                batch.answers.push(answer);
                if batch.answers.len() == batch.count
                    && let Some(reply) = batch.reply.take()
                {
                    let _ = reply.send(std::mem::take(&mut batch.answers));
                }
            }
        }
    }
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
    async fn fill(&mut self, queue: &mut mpsc::Receiver<Task>) -> bool {
        if queue.recv_many(&mut self.tasks, GROUP_COMMANDS_MAX).await == 0 {
            return false;
        }
        for task in self.tasks.drain(..) {
            match task {
                Task::Handle(prepared, reply) => {
                    self.items.push_back(Item::Handle(prepared, Reader::One(reply)));
                }
                Task::HandleAll(commands, reply) => {
                    let batch = Rc::new(RefCell::new(Batch {
                        answers: Vec::with_capacity(commands.len()),
                        count: commands.len(),
                        reply: Some(reply),
                    }));
                    let item = |prepared| Item::Handle(Box::new(prepared), Reader::Of(Rc::clone(&batch)));
                    self.items.extend(commands.into_iter().map(item));
                }
                Task::Publish(publication, reply) => self.items.push_back(Item::Publish(publication, reply)),
            }
        }
        true
    }
}

/// Where one answer goes, once its group is durable.
enum Waiting {
    Handle(Reader, Outcome),
    Publish(
        oneshot::Sender<Result<Published, PublishError>>,
        Result<PublishOutcome, PublishError>,
    ),
}

/// What was decided on one command, before it is durable.
enum Outcome {
    /// These events, in the append with this number; none, if nothing followed.
    Accepted {
        case: CaseId,
        append: Option<usize>,
        head: Option<Revision>,
        events: Vec<CaseEvent>,
        decided_at: Timestamp,
    },
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

/// What became of the next thing to decide.
enum Staged<T> {
    /// It is in the group.
    Now(T),
    /// The group has no room for it: it opens the next one.
    Later,
}

/// A group that is being put together.
#[derive(Default)]
struct Group {
    appends: Vec<Append>,
    waiting: Vec<Waiting>,
    records: usize,
    bytes: usize,
    /// The position that the group's first record will have.
    first: Option<Position>,
    recorded_at: Option<Timestamp>,
    /// Whether something had to be left for the next group.
    closed: bool,
}

impl Group {
    fn is_full(&self) -> bool {
        self.closed || self.waiting.len() >= GROUP_COMMANDS_MAX || self.bytes >= GROUP_BYTES_ENOUGH
    }

    fn has_room(&self, records: usize, bytes: usize) -> bool {
        self.records + records <= GROUP_RECORDS_MAX && self.bytes + bytes <= GROUP_BYTES_ROOM
    }
}

/// The most that the stored form of a draft takes in a block.
fn bytes_of(stream: &StreamId, draft: &Draft) -> usize {
    let actor = &draft.actor;
    RECORD_BYTES_BESIDE
        + draft.kind.as_str().len()
        + stream.as_str().len()
        + draft.command.as_str().len()
        + actor.person.as_str().len()
        + actor.role.as_str().len()
        + actor.window.as_ref().map_or(0, |window| window.as_str().len())
        + actor
            .department
            .as_ref()
            .map_or(0, |department| department.as_str().len())
        + actor
            .acting_for
            .as_ref()
            .map_or(0, |person| person.as_str().len())
        + draft.authority.as_ref().map_or(0, String::len)
        + draft.payload.len()
}

/// Records that no group can hold.
fn beyond_a_group(records: usize, bytes: usize) -> EngineError {
    EngineError::TooLarge(format!(
        "{records} records of {bytes} bytes follow from it, and one commit takes at most {GROUP_RECORDS_MAX} records \
         and {GROUP_BYTES_ROOM} bytes"
    ))
}

/// The thread's own state.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    directory: Arc<Directory>,
    cases: HotCases,
    recent: Recent,
    /// One past the last position that is durable or staged.
    head: Position,
    /// How many records the reference streams have, durable or staged, once something was published.
    reference_records: BTreeMap<&'static str, u64>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, hot_cases_max: usize) -> Self {
        let head = shared.log.head();
        let directory = shared.directory();
        Self {
            cases: HotCases::new(hot_cases_max),
            recent: Recent::new(head),
            shared,
            directory,
            head,
            reference_records: BTreeMap::new(),
        }
    }

    /// Works until every sender is gone.
    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<Task>) {
        let mut inbox = Inbox::default();
        let mut group = Group::default();
        let mut under_way: Option<UnderWay> = None;
        let mut open = true;
        loop {
            let mut append = if let Some(append) = under_way.take() {
                append
            } else {
                // Nothing is staged: take what there is, or wait for it.
                if inbox.items.is_empty() && !inbox.fill(&mut queue).await {
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
                    more = inbox.fill(&mut queue), if open && !left => open = more,
                }
            };
            let Durable { waiting, appended } = match settled.durable() {
                Ok(durable) => durable,
                Err((waiting, cause)) => {
                    self.refuse(waiting, &cause);
                    self.refuse_all(&cause, group, inbox, &mut queue).await;
                    return;
                }
            };
            // The disk gets the next group before the answers to this one are given, so that it does not wait for them.
            if !group.waiting.is_empty() {
                under_way = Some(begun(self.commit(&mut group)).await);
            }
            self.answer_all(waiting, appended.as_ref()).await;
        }
    }

    /// The commit of what is staged, on its way once it is polled.
    fn commit(&self, group: &mut Group) -> UnderWay {
        Box::pin(commit(Arc::clone(&self.shared.log), std::mem::take(group)))
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
            // Each command has its own moment: a group may stay open for as long as a slow disk takes for the one before.
            let now = self.shared.time.now();
            group.first.get_or_insert(self.head);
            group.recorded_at = group.recorded_at.max(Some(now));
            let waiting = match item {
                Item::Handle(mut prepared, reader) => match self.stage(&mut prepared, now, group).await {
                    Staged::Now(outcome) => Waiting::Handle(reader, outcome),
                    Staged::Later => {
                        inbox.items.push_front(Item::Handle(prepared, reader));
                        group.closed = true;
                        return;
                    }
                },
                Item::Publish(publication, reply) => {
                    match self.stage_publication(&publication, now, group).await {
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
            self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
            group.waiting.push(waiting);
        }
    }

    /// Decides one command on the state as everything before it leaves it.
    async fn stage(&mut self, prepared: &mut Prepared, now: Timestamp, group: &mut Group) -> Staged<Outcome> {
        let answered = |error| Staged::Now(Outcome::Answered(Err(error)));
        let command = &prepared.command;
        match self.known(&command.id, prepared.unknown_at).await {
            Ok(Some(known)) if known == prepared.digest => {
                return Staged::Now(Outcome::Repeats(Box::new(command.clone()), known));
            }
            Ok(Some(_)) => {
                let id = command.id.clone();
                return answered(EngineError::CommandIdReused { id });
            }
            Ok(None) => {}
            Err(error) => return answered(error),
        }
        let hot = self.case(&command.case, prepared.unknown_at, prepared.loaded.take());
        let (mut hot, kept) = match hot.await {
            Ok(found) => found,
            Err(error) => return answered(error),
        };
        let staged = self.decide(&mut hot, prepared, now, group);
        // A case that does not exist takes no room among those that do.
        if hot.head.is_some() {
            self.put(prepared.command.case.clone(), hot, kept);
        }
        staged
    }

    fn decide(
        &mut self,
        hot: &mut Hot,
        prepared: &Prepared,
        now: Timestamp,
        group: &mut Group,
    ) -> Staged<Outcome> {
        let command = &prepared.command;
        let answered = |reply| Staged::Now(Outcome::Answered(reply));
        let events = match rule(&self.directory, hot, command, now) {
            Ok(Ok(events)) => events,
            Ok(Err(rejection)) => return answered(Ok(Answer::Rejected(rejection))),
            Err(error) => return answered(Err(error)),
        };
        let case = command.case.clone();
        if events.is_empty() {
            return Staged::Now(Outcome::Accepted {
                case,
                append: None,
                head: hot.head,
                events,
                decided_at: now,
            });
        }
        let stream = StreamId::of_case(&case);
        let drafts = match self.drafts(hot, &events, prepared, now) {
            Ok(drafts) => drafts,
            Err(error) => return answered(Err(error)),
        };
        let count = drafts.len() as u64;
        let records = hot.head.map_or(0, |head| head.next().0).saturating_add(count);
        if records > STREAM_RECORDS_MAX {
            let max = STREAM_RECORDS_MAX;
            return answered(Err(EngineError::CaseFull { records, max }));
        }
        let bytes = drafts.iter().map(|draft| bytes_of(&stream, draft)).sum();
        if !group.has_room(drafts.len(), bytes) {
            if group.waiting.is_empty() {
                return answered(Err(beyond_a_group(drafts.len(), bytes)));
            }
            return Staged::Later;
        }
        // From here on nothing is refused: what is staged is in the group.
        let expected = hot.head.map_or(Expected::Absent, Expected::At);
        hot.head = Some(Revision(records - 1));
        hot.state = events.iter().fold(std::mem::take(&mut hot.state), evolve);
        self.recent.insert(self.head, command.id.clone(), prepared.digest);
        self.head = self.head.plus(count);
        group.records += drafts.len();
        group.bytes += bytes;
        group.appends.push(Append {
            stream,
            expected,
            drafts,
        });
        Staged::Now(Outcome::Accepted {
            case,
            append: Some(group.appends.len() - 1),
            head: hot.head,
            events,
            decided_at: now,
        })
    }

    /// The events of a command as drafts. What had lapsed when it came is told first, as the timekeeper would have told it;
    /// of the rest, the first was asked for, and the others follow from it.
    fn drafts(
        &self,
        hot: &Hot,
        events: &[CaseEvent],
        prepared: &Prepared,
        now: Timestamp,
    ) -> Result<Vec<Draft>, EngineError> {
        let command = &prepared.command;
        let offset = self.directory.offset();
        let lapses = self.lapses(hot, events, command, now)?;
        let mut lapsed_at = None;
        let mut drafts = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            let encoded =
                codec::encode(event).map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
            let (actor, authority, occurred_at) = if at < lapses {
                // It happened in law when its last day ended, whenever somebody came by; so did what follows from it.
                let ended_at = event.lapsed_on().map(|day| day.next().midnight_at(offset));
                lapsed_at = ended_at.or(lapsed_at);
                (timekeeper()?, None, lapsed_at)
            } else {
                (
                    command.actor.clone(),
                    command.authority.clone(),
                    command.occurred_at,
                )
            };
            let draft = Draft {
                kind: encoded.kind,
                version: encoded.version,
                codec: encoded.codec,
                occurred_at: occurred_at.unwrap_or(now),
                actor,
                authority,
                cause: match (at, prepared.entry) {
                    (at, Some(entry)) if at == lapses => Cause::Imported { entry },
                    (at, _) if at == 0 || at == lapses => Cause::Asked,
                    (at, _) if at < lapses => Cause::Followed(self.head),
                    (_, _) => Cause::Followed(self.head.plus(lapses as u64)),
                },
                command: command.id.clone(),
                command_digest: prepared.digest,
                payload: encoded.payload,
            };
            draft
                .check()
                .map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
            drafts.push(draft);
        }
        Ok(drafts)
    }

    /// How many of the events tell what had lapsed before the command came.
    fn lapses(
        &self,
        hot: &Hot,
        events: &[CaseEvent],
        command: &Command,
        now: Timestamp,
    ) -> Result<usize, EngineError> {
        if events.first().is_none_or(|first| first.lapsed_on().is_none()) {
            return Ok(0);
        }
        if matches!(command.ask, CaseCommand::NoteTime {}) {
            return Ok(events.len());
        }
        let ask = CaseCommand::NoteTime {};
        let mut noting = Command::new(command.id.clone(), command.case.clone(), timekeeper()?, ask);
        noting.occurred_at = command.occurred_at;
        let lapsed = decide(&self.directory, &hot.state, &noting, now).unwrap_or_default();
        Ok(if events.starts_with(&lapsed) {
            lapsed.len()
        } else {
            0
        })
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

    /// The case as it is now, and whether it was kept; else it was loaded beforehand and is unchanged since, or is read.
    async fn case(
        &mut self,
        case: &CaseId,
        loaded_at: Position,
        loaded: Option<Hot>,
    ) -> Result<(Hot, bool), EngineError> {
        if let Some(hot) = self.cases.take(case) {
            return Ok((hot, true));
        }
        // What was loaded beforehand is still true if no command since then was about this case. A case with records that
        // are staged is always kept, so whatever else there is of it is in the log.
        let hot = match loaded.filter(|_| self.cases.kept_all_since(loaded_at)) {
            Some(hot) => hot,
            None => read_case(&*self.shared.log, case).await?,
        };
        Ok((hot, false))
    }

    /// Keeps a case, which was `kept` before or is new here.
    fn put(&mut self, case: CaseId, hot: Hot, kept: bool) {
        let gone = self.cases.put(case.clone(), hot, self.head);
        if gone.is_none() && kept {
            return;
        }
        let mut names = self.shared.hot.write().unwrap_or_else(PoisonError::into_inner);
        for case in gone.iter().flat_map(HashMap::keys) {
            names.remove(case);
        }
        names.insert(case);
    }

    async fn stage_publication(
        &mut self,
        publication: &Publication,
        now: Timestamp,
        group: &mut Group,
    ) -> Result<Staged<PublishOutcome>, PublishError> {
        let Publication { catalogue, actor, id } = publication;
        let events = publish(&self.directory, catalogue, actor)?;
        let mut directory = (*self.directory).clone();
        // In the order of the events, so that reading the log folds to the same directory.
        let mut appends: Vec<Append> = Vec::new();
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut bytes = 0;
        for event in &events {
            directory.apply(event);
            let draft = draft_of(event, actor, id, now)?;
            let stream =
                StreamId::new(event.stream()).map_err(|error| EngineError::TooLarge(error.to_string()))?;
            bytes += bytes_of(&stream, &draft);
            *counts.entry(event.stream()).or_default() += 1;
            match appends.last_mut().filter(|last| last.stream == stream) {
                Some(last) => last.drafts.push(draft),
                None => appends.push(Append {
                    stream,
                    expected: Expected::Any,
                    drafts: vec![draft],
                }),
            }
        }
        for (stream, count) in &mut counts {
            *count += self.reference_records(stream).await?;
            if *count > STREAM_RECORDS_MAX {
                let stream = format!(
                    "the stream `{stream}` would have {count} records, and {STREAM_RECORDS_MAX} is the most"
                );
                return Err(EngineError::TooLarge(stream).into());
            }
        }
        if !group.has_room(events.len(), bytes) {
            if group.waiting.is_empty() {
                return Err(beyond_a_group(events.len(), bytes).into());
            }
            return Ok(Staged::Later);
        }
        // From here on nothing is refused: what is staged is in the group.
        let append = (!events.is_empty()).then_some(group.appends.len());
        self.reference_records.extend(counts);
        self.head = self.head.plus(events.len() as u64);
        self.directory = Arc::new(directory);
        group.records += events.len();
        group.bytes += bytes;
        group.appends.extend(appends);
        Ok(Staged::Now(PublishOutcome {
            directory: Arc::clone(&self.directory),
            events: events.len(),
            append,
        }))
    }

    /// How many records a reference stream has, durable or staged.
    async fn reference_records(&self, name: &'static str) -> Result<u64, EngineError> {
        if let Some(records) = self.reference_records.get(name) {
            return Ok(*records);
        }
        let stream = StreamId::new(name).map_err(|error| EngineError::TooLarge(error.to_string()))?;
        let head = self.shared.log.stream_head(&stream).await?;
        Ok(head.map_or(0, |head| head.revision.next().0))
    }

    /// Answers everybody whose group is durable.
    async fn answer_all(&self, waiting: Vec<Waiting>, appended: Option<&Appended>) {
        for waiting in waiting {
            match waiting {
                Waiting::Handle(reader, outcome) => {
                    reader.answer(self.answer(outcome, appended).await);
                }
                Waiting::Publish(reply, outcome) => {
                    let published = outcome.map(|outcome| self.published(outcome, appended));
                    // A send fails only when whoever asked has gone away.
                    let _ = reply.send(published);
                }
            }
        }
    }

    async fn answer(&self, outcome: Outcome, appended: Option<&Appended>) -> Reply {
        match outcome {
            Outcome::Answered(reply) => reply,
            Outcome::Accepted {
                case,
                append,
                head,
                events,
                decided_at,
            } => {
                let place = append.and_then(|append| appended?.appends.get(append));
                Ok(Answer::Accepted(Accepted {
                    case,
                    position: place.map(|place| place.first),
                    revision: head,
                    recorded_at: appended.map_or(decided_at, |appended| appended.recorded_at),
                    events,
                    repeated: false,
                }))
            }
            Outcome::Repeats(command, digest) => match repeated(&*self.shared.log, &command, digest).await {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) => Err(EngineError::Read(format!(
                    "the records of command {} are gone",
                    command.id
                ))),
                Err(error) => Err(error),
            },
        }
    }

    fn published(&self, outcome: PublishOutcome, appended: Option<&Appended>) -> Published {
        let PublishOutcome {
            directory,
            events,
            append,
        } = outcome;
        *self
            .shared
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = directory;
        let place = append.and_then(|append| appended?.appends.get(append));
        Published {
            position: place.map(|place| place.first),
            events,
        }
    }

    /// Tells everybody in a group that nothing of it was acknowledged, and why.
    fn refuse(&self, waiting: Vec<Waiting>, cause: &str) {
        self.shared.poison(cause);
        for waiting in waiting {
            match waiting {
                Waiting::Handle(reader, _) => reader.answer(Err(poisoned(cause))),
                Waiting::Publish(reply, _) => {
                    let _ = reply.send(Err(poisoned(cause).into()));
                }
            }
        }
    }

    /// Refuses everything that is staged or still comes, with the cause.
    async fn refuse_all(
        &self,
        cause: &str,
        group: Group,
        mut inbox: Inbox,
        queue: &mut mpsc::Receiver<Task>,
    ) {
        self.refuse(group.waiting, cause);
        loop {
            for item in inbox.items.drain(..) {
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                match item {
                    Item::Handle(_, reader) => reader.answer(Err(poisoned(cause))),
                    Item::Publish(_, reply) => {
                        let _ = reply.send(Err(poisoned(cause).into()));
                    }
                }
            }
            if !inbox.fill(queue).await {
                return;
            }
        }
    }
}

/// Who tells what has lapsed.
pub(crate) fn timekeeper() -> Result<Actor, EngineError> {
    let person = PersonId::new("timekeeper").map_err(|error| EngineError::Decode(error.to_string()))?;
    Ok(Actor::new(person, Role::Timekeeper))
}

fn poisoned(cause: &str) -> EngineError {
    EngineError::Poisoned {
        cause: cause.to_owned(),
    }
}

/// A group that is being made durable.
type UnderWay = Pin<Box<dyn Future<Output = Settled>>>;

/// A group with what the log said to it.
struct Settled {
    waiting: Vec<Waiting>,
    /// Nothing, where no command of the group led to an event.
    result: Result<Option<Appended>, AppendError>,
    first: Option<Position>,
}

/// A group that is in the log.
struct Durable {
    waiting: Vec<Waiting>,
    appended: Option<Appended>,
}

impl Settled {
    /// The group, if it is where the writer said it would be; else who waits for it, and why the writer has to stop.
    fn durable(self) -> Result<Durable, (Vec<Waiting>, String)> {
        let Self {
            waiting,
            result,
            first,
        } = self;
        match result {
            Err(error) => Err((waiting, with_sources(&error))),
            // The order of positions is the writer's own; a second writer beside it would break every promise.
            Ok(Some(appended)) if Some(appended.first) != first => {
                let cause = format!(
                    "the group went to position {}, so another writer is at work on this log",
                    appended.first
                );
                Err((waiting, cause))
            }
            Ok(appended) => Ok(Durable { waiting, appended }),
        }
    }
}

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

fn draft_of(
    event: &ReferenceEvent,
    actor: &Actor,
    id: &CommandId,
    now: Timestamp,
) -> Result<Draft, EngineError> {
    let encoded = codec::encode(event).map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
    let draft = Draft {
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
    };
    draft
        .check()
        .map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
    Ok(draft)
}
