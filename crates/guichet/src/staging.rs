//! Staging: what follows from each command, on the state as the commands before it leave it, gathered into a group.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use guichet_core::actor::{Actor, Role};
use guichet_core::case::command::Command;
use guichet_core::case::{CaseCommand, CaseEvent, Decided, Rejection, decide, evolve};
use guichet_core::id::{CaseId, CommandId, PersonId, Position, Revision, StreamId};
use guichet_core::reference::{Directory, ReferenceEvent, publish};
use guichet_core::time::Timestamp;
use guichet_core::zone::LocalTime;
use guichet_log::codec;
use guichet_log::log::{
    Append, Expected, GROUP_BYTES_MAX, GROUP_RECORDS_MAX, STREAM_RECORDS_MAX, with_sources,
};
use guichet_log::record::{Cause, Draft, PAYLOAD_BYTES_MAX, RECORD_BYTES_MAX};

use crate::answer::Answer;
use crate::error::{EngineError, PublishError};
use crate::hot::{Hot, HotCases, Recent};
use crate::settling::{Outcome, PublishOutcome, Waiting};
use crate::view::read_case;
use crate::writer::{GROUP_COMMANDS_MAX, Prepared, Publication, Shared};

/// From how many bytes on a group takes no more: enough to make one sync worth its while.
const GROUP_BYTES_ENOUGH: usize = 1024 * 1024;
/// The most bytes of one group, inside what the log takes at once.
const GROUP_BYTES_ROOM: usize = GROUP_BYTES_MAX - 64 * 1024;
/// What a record takes beside its texts and its payload, generously: its fixed part, and its place in the block.
const RECORD_BYTES_BESIDE: usize = RECORD_BYTES_MAX - PAYLOAD_BYTES_MAX - 9 * 255 + 16;

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
) -> Result<Result<Decided, Rejection>, EngineError> {
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

/// What became of the next thing to decide.
pub(crate) enum Staged<T> {
    /// It is in the group.
    Now(T),
    /// The group has no room for it: it opens the next one.
    Later,
}

/// A group that is being put together.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) appends: Vec<Append>,
    pub(crate) waiting: Vec<Waiting>,
    records: usize,
    bytes: usize,
    /// The position that the group's first record will have.
    pub(crate) first: Option<Position>,
    pub(crate) recorded_at: Option<Timestamp>,
    /// Whether something had to be left for the next group.
    pub(crate) closed: bool,
}

impl Group {
    pub(crate) fn is_full(&self) -> bool {
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

/// What the writer decides on, and how far it has come.
pub(crate) struct Staging {
    shared: Arc<Shared>,
    directory: Arc<Directory>,
    cases: HotCases,
    recent: Recent,
    /// One past the last position that is durable or staged.
    head: Position,
    /// How many records the reference streams have, durable or staged, once something was published.
    reference_records: BTreeMap<&'static str, u64>,
}

impl Staging {
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

    /// Opens the group, if this is its first command, and says what time it is for this one.
    pub(crate) fn begin(&self, group: &mut Group) -> Timestamp {
        // Each command has its own moment: a group may stay open for as long as a slow disk takes for the one before.
        let now = self.shared.time.now();
        group.first.get_or_insert(self.head);
        group.recorded_at = group.recorded_at.max(Some(now));
        now
    }

    /// Decides one command on the state as everything before it leaves it.
    pub(crate) async fn stage(
        &mut self,
        prepared: &mut Prepared,
        now: Timestamp,
        group: &mut Group,
    ) -> Staged<Outcome> {
        let answered = |error| Staged::Now(Outcome::Answered(Err(error)));
        let command = &prepared.command;
        match self.known(&command.id, prepared.unknown_at).await {
            Ok(Some(known)) if known == prepared.digest => {
                return Staged::Now(Outcome::Repeats(known));
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
        let decided = match rule(&self.directory, hot, command, now) {
            Ok(Ok(decided)) => decided,
            Ok(Err(rejection)) => return answered(Ok(Answer::Rejected(rejection))),
            Err(error) => return answered(Err(error)),
        };
        let lapses = decided.lapsed.len();
        let events = if lapses == 0 {
            decided.asked
        } else {
            decided.into_events()
        };
        if events.is_empty() {
            return Staged::Now(Outcome::Accepted {
                append: None,
                head: hot.head,
                events,
                decided_at: now,
            });
        }
        let stream = hot
            .stream
            .get_or_insert_with(|| StreamId::of_case(&command.case))
            .clone();
        let drafts = match self.drafts(&events, lapses, prepared, now) {
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
            append: Some(group.appends.len() - 1),
            head: hot.head,
            events,
            decided_at: now,
        })
    }

    /// The events of a command as drafts. So many `lapses` come first, as the timekeeper would have told them; of the rest,
    /// the first was asked for, and the others follow from it.
    fn drafts(
        &self,
        events: &[CaseEvent],
        lapses: usize,
        prepared: &Prepared,
        now: Timestamp,
    ) -> Result<Vec<Draft>, EngineError> {
        let command = &prepared.command;
        let zone = self.directory.zone();
        let mut lapsed_at = None;
        let mut drafts = Vec::with_capacity(events.len());
        for (at, event) in events.iter().enumerate() {
            let encoded =
                codec::encode(event).map_err(|error| EngineError::TooLarge(with_sources(&error)))?;
            let (actor, authority, occurred_at) = if at < lapses {
                // It happened in law when its last day ended, whenever somebody came by; so did what follows from it.
                let ended_at = event
                    .lapsed_on()
                    .map(|day| zone.instant(LocalTime::midnight(day.next())));
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

    pub(crate) async fn stage_publication(
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
}

/// Who tells what has lapsed.
pub(crate) fn timekeeper() -> Result<Actor, EngineError> {
    let person = PersonId::new("timekeeper").map_err(|error| EngineError::Decode(error.to_string()))?;
    Ok(Actor::new(person, Role::Timekeeper))
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
