//! Projections: folds over the log, and the records as they see them.

use guichet_core::actor::Actor;
use guichet_core::id::{CommandId, IdError, Position, Revision, StreamId};
use guichet_core::time::Timestamp;

use crate::codec::{self, CodecError, Event};
use crate::record::{Cause, Record, RecordError, RecordRef};

/// A read model: built from nothing but recorded events, in log order.
///
/// ```
/// # use guichet_log::{codec::Event, projection::{Projection, Recorded}};
/// /// How many cases were submitted.
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
/// assert_eq!(Submitted::default().view(), 0);
/// ```
pub trait Projection {
    /// What it answers.
    type View;

    /// Takes in the next record of the log.
    fn apply(&mut self, recorded: &Recorded);

    /// What it answers now.
    fn view(&self) -> Self::View;
}

/// A record with its event: what projections see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place in the stream.
    pub revision: Revision,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// When it was so in the world and in law.
    pub occurred_at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The legal or organisational basis on which the actor acted, if one was named.
    pub authority: Option<String>,
    /// What led to it.
    pub cause: Cause,
    /// The command that was handled.
    pub command: CommandId,
    /// What happened.
    pub event: Event,
}

/// A record of the log that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record at position {position} cannot be read")]
pub struct Unreadable {
    /// Its place in the log.
    pub position: Position,
    /// What is wrong with it.
    #[source]
    pub cause: UnreadableCause,
}

/// What is wrong with a record that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableCause {
    /// Something around the payload.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The payload.
    #[error(transparent)]
    Payload(#[from] CodecError),
}

impl Recorded {
    /// What a record that is read in place says.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when an identifier in it is none, or its payload cannot be decoded.
    pub fn of_ref(record: &RecordRef<'_>) -> Result<Self, Unreadable> {
        RecordedReader::default().read(record)
    }

    fn read(
        record: &RecordRef<'_>,
        stream: Option<StreamId>,
        command: Option<CommandId>,
    ) -> Result<Self, UnreadableCause> {
        let stream = stream.map_or_else(|| StreamId::new(record.stream), Ok);
        let command = command.map_or_else(|| CommandId::new(record.command), Ok);
        Ok(Self {
            position: record.place.position,
            stream: stream.map_err(|error| text("the stream", &error))?,
            revision: record.place.revision,
            recorded_at: record.place.recorded_at,
            occurred_at: record.occurred_at,
            actor: record.actor()?,
            authority: record.authority.map(str::to_owned),
            cause: record.cause,
            command: command.map_err(|error| text("the command", &error))?,
            event: codec::decode_ref(record)?,
        })
    }

    /// What a record says.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when its payload cannot be decoded.
    pub fn of_record(record: Record) -> Result<Self, Unreadable> {
        let event = codec::decode_record(&record).map_err(|cause| Unreadable {
            position: record.position,
            cause: cause.into(),
        })?;
        Ok(Self {
            position: record.position,
            stream: record.stream,
            revision: record.revision,
            recorded_at: record.recorded_at,
            occurred_at: record.occurred_at,
            actor: record.actor,
            authority: record.authority,
            cause: record.cause,
            command: record.command,
            event,
        })
    }
}

/// Reads records one after another. What a record says as the one before it did is not made again.
///
/// A command often leads to several records, and they name the same stream, command and basis.
///
/// ```
/// # use guichet_core::case::event::{CaseCompleted, CaseEvent};
/// # use guichet_core::time::date;
/// # use guichet_log::{codec, projection::{Recorded, RecordedReader}, testkit};
/// # use guichet_log::record::{Draft, RecordRef};
/// # let event = CaseEvent::from(CaseCompleted { completed_on: date(2010, 3, 1) });
/// # let codec::Encoded { kind, version, codec, payload } = codec::encode(&event)?;
/// # let draft = Draft { kind, version, codec, ..testkit::draft("c-1", &payload) };
/// # let mut stored = Vec::new();
/// # draft.encode(&testkit::stream("case/1"), &mut stored);
/// let record = RecordRef::parse(&stored)?;
/// let mut reader = RecordedReader::default();
/// assert_eq!(reader.read(&record)?, Recorded::of_ref(&record)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct RecordedReader {
    last: Option<(StreamId, CommandId)>,
}

impl RecordedReader {
    /// What the next record says.
    ///
    /// # Errors
    ///
    /// As [`Recorded::of_ref`].
    pub fn read(&mut self, record: &RecordRef<'_>) -> Result<Recorded, Unreadable> {
        let (stream, command) = self.last.take().unzip();
        let recorded = Recorded::read(
            record,
            stream.filter(|stream| *stream == record.stream),
            command.filter(|command| *command == record.command),
        );
        let recorded = recorded.map_err(|cause| Unreadable {
            position: record.place.position,
            cause,
        })?;
        self.last = Some((recorded.stream.clone(), recorded.command.clone()));
        Ok(recorded)
    }
}

fn text(what: &'static str, error: &IdError) -> RecordError {
    RecordError::Text {
        what,
        reason: error.to_string(),
    }
}
