//! The log in memory: for tests, and the plain model that every other log is held against.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use guichet_core::id::{CommandId, Position, Revision, StreamId};
use guichet_core::time::Timestamp;
use tokio::sync::watch;

use crate::block::{Block, BlockBuilder, Compression};
use crate::log::{
    Append, AppendError, Appended, AppendedTo, CloseError, EventLog, Expected, GROUP_BYTES_MAX, Head,
    READ_RECORDS_MAX, ReadError, STREAM_RECORDS_MAX, at_most, check_group,
};
use crate::merkle::{Frontier, Hash};
use crate::record::Record;

/// A log that lives as long as its last clone; a clone is the same log.
///
/// ```
/// # use guichet_log::{log::{EventLog, Expected}, memory::MemoryLog, testkit::append};
/// # use guichet_core::time::Timestamp;
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let log = MemoryLog::default();
/// let group = vec![append("case/1", Expected::Absent, "c-1", &[b"submitted", b"accepted"])];
/// let appended = log.append(group, Timestamp::from_micros(0)).await?;
/// assert_eq!(appended.appends[0].count, 2);
/// assert_eq!(log.head().0, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryLog {
    kept: Arc<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    state: Mutex<State>,
    head: watch::Sender<Position>,
}

#[derive(Debug, Default)]
struct State {
    blocks: Vec<Arc<Block>>,
    streams: BTreeMap<StreamId, Stream>,
    commands: BTreeMap<CommandId, Vec<Position>>,
    frontier: Frontier,
    recorded_at: Option<Timestamp>,
    poisoned: Option<String>,
    closed: bool,
}

#[derive(Clone, Debug)]
struct Stream {
    head: Head,
    positions: Vec<Position>,
}

impl MemoryLog {
    /// Makes the log behave as after a failed write: it takes no more appends and names `cause`; reads go on.
    pub fn poison(&self, cause: &str) {
        self.state().poisoned = Some(cause.to_owned());
    }

    /// Makes a closed or poisoned log take appends again, as opening it again would.
    pub fn reopen(&self) {
        let mut state = self.state();
        state.poisoned = None;
        state.closed = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock can only come from a bug in here; what is kept was whole before each change.
        self.kept.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn append(&mut self, group: Vec<Append>, asked: Timestamp) -> Result<Appended, AppendError> {
        check_group(&group)?;
        if self.closed {
            return Err(AppendError::Closed);
        }
        if let Some(cause) = &self.poisoned {
            return Err(AppendError::Poisoned { cause: cause.clone() });
        }
        let first = Position(self.frontier.size());
        let recorded_at = self.recorded_at.map_or(asked, |before| before.max(asked));
        let mut builder = BlockBuilder::new(self.frontier.clone()).with_zone_map();
        let mut staged: BTreeMap<StreamId, Head> = BTreeMap::new();
        let mut placed = Vec::new();
        let mut appends = Vec::new();
        for Append {
            stream,
            expected,
            drafts,
        } in group
        {
            let mut head = staged
                .get(&stream)
                .copied()
                .or_else(|| Some(self.streams.get(&stream)?.head));
            let actual = head.map(|head| head.revision);
            let fits = match expected {
                Expected::Absent => actual.is_none(),
                Expected::At(revision) => actual == Some(revision),
                Expected::Any => true,
            };
            if !fits {
                return Err(AppendError::Conflict {
                    stream,
                    expected,
                    actual,
                });
            }
            let revision = actual.map_or(Revision::START, Revision::next);
            let count = drafts.len() as u64;
            at_most(
                "the records of a stream",
                revision.0.saturating_add(count),
                STREAM_RECORDS_MAX,
            )?;
            appends.push(AppendedTo {
                first: builder.end(),
                revision,
                count,
            });
            for draft in drafts {
                let mut encoded = Vec::new();
                draft.encode(&stream, &mut encoded);
                let position = builder.end();
                let revision = head.map_or(Revision::START, |head| head.revision.next());
                let previous = head.map_or(Hash::NONE, |head| head.hash);
                let hash = builder.place(&encoded, revision, recorded_at, previous);
                head = Some(Head { revision, hash });
                placed.push((stream.clone(), draft.command, position));
            }
            staged.extend(head.map(|head| (stream, head)));
        }
        at_most(
            "the bytes of a group",
            builder.bytes() as u64,
            GROUP_BYTES_MAX as u64,
        )?;

        let block = builder.finish(Compression::None, &mut Vec::new());
        self.frontier = block.frontier().clone();
        self.recorded_at = Some(recorded_at);
        self.blocks.push(Arc::new(block));
        for (stream, command, position) in placed {
            if let Some(head) = staged.get(&stream) {
                let kept = self.streams.entry(stream).or_insert(Stream {
                    head: *head,
                    positions: Vec::new(),
                });
                kept.head = *head;
                kept.positions.push(position);
            }
            self.commands.entry(command).or_default().push(position);
        }
        Ok(Appended {
            first,
            recorded_at,
            appends,
        })
    }

    fn block(&self, position: Position) -> Option<&Arc<Block>> {
        let after = self.blocks.partition_point(|block| block.end() <= position);
        self.blocks.get(after)
    }

    fn record(&self, position: Position) -> Result<Record, ReadError> {
        let damaged = |reason: String| ReadError::Damaged { position, reason };
        self.block(position)
            .and_then(|block| block.record(position))
            .ok_or_else(|| damaged("no record is there".to_owned()))?
            .and_then(|record| record.to_record())
            .map_err(|error| damaged(error.to_string()))
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(&self, group: Vec<Append>, recorded_at: Timestamp) -> Result<Appended, AppendError> {
        let mut state = self.state();
        let appended = state.append(group, recorded_at)?;
        self.kept.head.send_replace(Position(state.frontier.size()));
        Ok(appended)
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Record>, ReadError> {
        let state = self.state();
        let positions = state
            .streams
            .get(stream)
            .map_or(&[][..], |stream| &stream.positions);
        positions
            .iter()
            .skip(usize::try_from(from.0).unwrap_or(usize::MAX))
            .take(limit.min(READ_RECORDS_MAX))
            .map(|position| state.record(*position))
            .collect()
    }

    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Record>, ReadError> {
        let state = self.state();
        let limit = limit.min(READ_RECORDS_MAX) as u64;
        (from.0..state.frontier.size().min(from.0.saturating_add(limit)))
            .map(|position| state.record(Position(position)))
            .collect()
    }

    async fn read_blocks(&self, from: Position, bytes_max: usize) -> Result<Vec<Arc<Block>>, ReadError> {
        let state = self.state();
        let after = state.blocks.partition_point(|block| block.end() <= from);
        let mut bytes = 0;
        Ok(state
            .blocks
            .iter()
            .skip(after)
            .take_while(|block| {
                let wanted = bytes == 0 || bytes + block.bytes() <= bytes_max;
                bytes += block.bytes();
                wanted
            })
            .cloned()
            .collect())
    }

    async fn stream_head(&self, stream: &StreamId) -> Result<Option<Head>, ReadError> {
        Ok(self.state().streams.get(stream).map(|stream| stream.head))
    }

    async fn find_command(&self, command: &CommandId) -> Result<Option<Vec<Record>>, ReadError> {
        let state = self.state();
        state
            .commands
            .get(command)
            .map(|positions| positions.iter().map(|position| state.record(*position)).collect())
            .transpose()
    }

    fn head(&self) -> Position {
        *self.kept.head.borrow()
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.kept.head.subscribe()
    }

    async fn close(&self) -> Result<(), CloseError> {
        self.state().closed = true;
        Ok(())
    }
}
