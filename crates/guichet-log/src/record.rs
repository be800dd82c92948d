//! A record: an event as bytes, before and with its place in the log.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use guichet_core::actor::{Actor, Role};
use guichet_core::id::{CommandId, DepartmentId, PersonId, Position, Revision, StreamId, WindowId};
use guichet_core::time::Timestamp;

use crate::merkle::Hash;

/// The version of the stored form of a record that this build writes.
pub const RECORD_FORMAT: u8 = 1;

/// The longest name of a kind, in bytes: a name, not a sentence, and one length byte before it.
pub const KIND_BYTES_MAX: usize = 64;

/// The longest authority, in bytes: one length byte before it, and a legal basis with article and paragraph fits.
pub const AUTHORITY_BYTES_MAX: usize = 255;

/// The largest payload, in bytes: an event is a fact, not a document; documents stay with the host. A whole record must fit
/// an entry of an archive, whose length has two bytes.
pub const PAYLOAD_BYTES_MAX: usize = 60 * 1024;

/// The largest record, in bytes: the fixed part, nine texts with their length bytes, and the payload.
pub const RECORD_BYTES_MAX: usize = FIXED_BYTES + 9 * 256 + PAYLOAD_BYTES_MAX;

/// The name of an event's type on disk, like `case.submitted`.
///
/// Small letters, digits, `_` and `.`, up to [`KIND_BYTES_MAX`] bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Cow<'static, str>);

impl Kind {
    /// The kind named `name`.
    ///
    /// # Errors
    ///
    /// [`KindError`] when `name` is empty, too long, or holds another character.
    pub fn new(name: &str) -> Result<Self, KindError> {
        if is_kind(name) {
            Ok(Self(Cow::Owned(name.to_owned())))
        } else {
            Err(KindError(name.chars().take(KIND_BYTES_MAX).collect()))
        }
    }

    /// The kind named `name`, for a name that stands in the source; as a constant it is checked when it is compiled.
    ///
    /// # Panics
    ///
    /// When `name` is no kind.
    ///
    /// ```
    /// # use guichet_log::record::Kind;
    /// const SUBMITTED: Kind = Kind::from_static("case.submitted");
    /// assert_eq!(Ok(SUBMITTED), Kind::new("case.submitted"));
    /// ```
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_kind(name), "no kind: 1 to 64 of a-z, 0-9, `_` and `.`");
        Self(Cow::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_kind(name: &str) -> bool {
    let mut rest = name.as_bytes();
    if rest.is_empty() || rest.len() > KIND_BYTES_MAX {
        return false;
    }
    while let [first, after @ ..] = rest {
        if !matches!(first, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.') {
            return false;
        }
        rest = after;
    }
    true
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.0)
    }
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(name: &str) -> Result<Self, KindError> {
        Self::new(name)
    }
}

/// Text that is no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind; write 1 to {KIND_BYTES_MAX} of a-z, 0-9, `_` and `.`, like case.submitted")]
pub struct KindError(String);

/// What led to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Somebody asked for it.
    Asked,
    /// It followed from the record at this position.
    Followed(Position),
    /// It was taken over from another system.
    Imported {
        /// The entry's number in the imported source, from 0.
        entry: u64,
    },
}

/// An event as bytes, before it has a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The name of the event's type.
    pub kind: Kind,
    /// The version of the payload's form.
    pub version: u16,
    /// How the payload is encoded; the numbers are `codec`'s.
    pub codec: u8,
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
    /// The first bytes of a hash of the command's content, so that the same id with other content is noticed.
    pub command_digest: [u8; 8],
    /// The event itself, in the form that kind, version and codec name.
    pub payload: Vec<u8>,
}

/// An event as bytes, with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place in the log.
    pub position: Position,
    /// Its place in the stream.
    pub revision: Revision,
    /// When the log took it. Never decreases along the log.
    pub recorded_at: Timestamp,
    /// The leaf hash of the stream's previous record, or [`Hash::NONE`].
    pub previous: Hash,
    /// The name of the event's type.
    pub kind: Kind,
    /// The version of the payload's form.
    pub version: u16,
    /// How the payload is encoded; the numbers are `codec`'s.
    pub codec: u8,
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
    /// The first bytes of a hash of the command's content.
    pub command_digest: [u8; 8],
    /// The event itself, in the form that kind, version and codec name.
    pub payload: Vec<u8>,
}

/// A record's place: all that the log adds to a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Place in the log.
    pub position: Position,
    /// Place in the stream.
    pub revision: Revision,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// The leaf hash of the stream's previous record, or [`Hash::NONE`].
    pub previous: Hash,
}

/// A draft that no log takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The payload is too large.
    #[error("the payload of a `{kind}` has {bytes} bytes, and {PAYLOAD_BYTES_MAX} is the most")]
    Payload {
        /// The draft's kind.
        kind: Kind,
        /// The payload's size.
        bytes: usize,
    },
    /// The authority is too long, or empty.
    #[error(
        "the authority of a `{kind}` has {bytes} bytes; it has 1 to {AUTHORITY_BYTES_MAX}, or is left out"
    )]
    Authority {
        /// The draft's kind.
        kind: Kind,
        /// The authority's size.
        bytes: usize,
    },
}

impl Draft {
    /// Whether the draft keeps the bounds of a record.
    ///
    /// # Errors
    ///
    /// [`DraftError`] when the payload or the authority is too large, or the authority is empty.
    pub fn check(&self) -> Result<(), DraftError> {
        if self.payload.len() > PAYLOAD_BYTES_MAX {
            return Err(DraftError::Payload {
                kind: self.kind.clone(),
                bytes: self.payload.len(),
            });
        }
        match &self.authority {
            Some(text) if text.is_empty() || text.len() > AUTHORITY_BYTES_MAX => Err(DraftError::Authority {
                kind: self.kind.clone(),
                bytes: text.len(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Appends the stored form to `out`, with an empty place: [`set_place`] fills it in.
    ///
    /// Everything slow about a record is in here, so that it can be done before the log's writer has its turn. The
    /// draft must have passed [`Draft::check`]; what is too long is cut.
    pub fn encode(&self, stream: &StreamId, out: &mut Vec<u8>) {
        let (cause, number) = match self.cause {
            Cause::Asked => (CAUSE_ASKED, 0),
            Cause::Followed(position) => (CAUSE_FOLLOWED, position.0),
            Cause::Imported { entry } => (CAUSE_IMPORTED, entry),
        };
        out.reserve(FIXED_BYTES + 256 + self.payload.len());
        out.push(RECORD_FORMAT);
        out.push(self.codec);
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&[0; PLACE_BYTES]);
        out.extend_from_slice(&self.occurred_at.as_micros().to_le_bytes());
        out.push(cause);
        out.extend_from_slice(&number.to_le_bytes());
        out.extend_from_slice(&self.command_digest);
        text(out, self.kind.as_str());
        text(out, stream.as_str());
        text(out, self.command.as_str());
        text(out, self.actor.person.as_str());
        text(out, self.actor.role.as_str());
        text(out, self.actor.window.as_ref().map_or("", WindowId::as_str));
        text(
            out,
            self.actor.department.as_ref().map_or("", DepartmentId::as_str),
        );
        text(out, self.actor.acting_for.as_ref().map_or("", PersonId::as_str));
        text(out, self.authority.as_deref().unwrap_or(""));
        out.extend_from_slice(&self.payload);
    }

    /// The draft with its place: a record.
    #[must_use]
    pub fn place(self, stream: StreamId, place: Place) -> Record {
        Record {
            stream,
            position: place.position,
            revision: place.revision,
            recorded_at: place.recorded_at,
            previous: place.previous,
            kind: self.kind,
            version: self.version,
            codec: self.codec,
            occurred_at: self.occurred_at,
            actor: self.actor,
            authority: self.authority,
            cause: self.cause,
            command: self.command,
            command_digest: self.command_digest,
            payload: self.payload,
        }
    }
}

impl Record {
    /// The stored form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.clone().into_draft().encode(&self.stream, &mut out);
        set_place(&mut out, &self.place());
        out
    }

    /// The record whose stored form `bytes` are.
    ///
    /// # Errors
    ///
    /// [`RecordError`] says what is wrong, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        RecordRef::parse(bytes)?.to_record()
    }

    /// The leaf hash: SHA-256 over the byte 0 and the stored bytes (RFC 6962).
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        Hash::of_leaf(&self.encode())
    }

    /// The record's place.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place {
            position: self.position,
            revision: self.revision,
            recorded_at: self.recorded_at,
            previous: self.previous,
        }
    }

    /// The record without its place.
    #[must_use]
    pub fn into_draft(self) -> Draft {
        Draft {
            kind: self.kind,
            version: self.version,
            codec: self.codec,
            occurred_at: self.occurred_at,
            actor: self.actor,
            authority: self.authority,
            cause: self.cause,
            command: self.command,
            command_digest: self.command_digest,
            payload: self.payload,
        }
    }
}

/// Where the place begins in the stored form, after format, codec and payload version.
const PLACE_AT: usize = 4;
/// Position, revision, recorded time and the previous record's hash.
const PLACE_BYTES: usize = 8 + 8 + 8 + 32;
/// Everything before the first text.
const FIXED_BYTES: usize = PLACE_AT + PLACE_BYTES + 8 + 1 + 8 + 8;

const CAUSE_ASKED: u8 = 0;
const CAUSE_FOLLOWED: u8 = 1;
const CAUSE_IMPORTED: u8 = 2;

/// Writes one length byte and the text. Every text of a checked draft fits.
fn text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let kept = bytes.get(..255).unwrap_or(bytes);
    out.push(u8::try_from(kept.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(kept);
}

/// Fills the place into a stored form that [`Draft::encode`] wrote. Bytes that are too short stay as they are.
pub fn set_place(stored: &mut [u8], place: &Place) {
    let Some(bytes) = stored.get_mut(PLACE_AT..PLACE_AT + PLACE_BYTES) else {
        return;
    };
    let (position, bytes) = bytes.split_at_mut(8);
    let (revision, bytes) = bytes.split_at_mut(8);
    let (recorded_at, previous) = bytes.split_at_mut(8);
    position.copy_from_slice(&place.position.0.to_le_bytes());
    revision.copy_from_slice(&place.revision.0.to_le_bytes());
    recorded_at.copy_from_slice(&place.recorded_at.as_micros().to_le_bytes());
    previous.copy_from_slice(&place.previous.0);
}

/// The recorded time in a stored form, without a look at the rest; the epoch when the bytes are too short.
pub(crate) fn recorded_at_of(stored: &[u8]) -> Timestamp {
    let micros = stored
        .get(PLACE_AT + 16..)
        .and_then(|rest| rest.first_chunk())
        .map_or(0, |micros| i64::from_le_bytes(*micros));
    Timestamp::from_micros(micros)
}

/// The kind's name in a stored form, without a look at the rest.
pub(crate) fn kind_of(stored: &[u8]) -> Option<&str> {
    let (length, rest) = stored.get(FIXED_BYTES..)?.split_first()?;
    str::from_utf8(rest.get(..usize::from(*length))?).ok()
}

/// A record read in place: the same fields, borrowed from the stored bytes.
///
/// Identifiers are text here, known to be UTF-8 and not checked further; [`RecordRef::to_record`] checks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRef<'a> {
    /// The stored form.
    pub stored: &'a [u8],
    /// The stream it belongs to.
    pub stream: &'a str,
    /// Its place in the log and in the stream.
    pub place: Place,
    /// The name of the event's type.
    pub kind: &'a str,
    /// The version of the payload's form.
    pub version: u16,
    /// How the payload is encoded.
    pub codec: u8,
    /// When it was so in the world and in law.
    pub occurred_at: Timestamp,
    /// The acting person.
    pub person: &'a str,
    /// The acting person's role.
    pub role: &'a str,
    /// At which window.
    pub window: Option<&'a str>,
    /// For which department.
    pub department: Option<&'a str>,
    /// For whom.
    pub acting_for: Option<&'a str>,
    /// On what basis.
    pub authority: Option<&'a str>,
    /// What led to it.
    pub cause: Cause,
    /// The command that was handled.
    pub command: &'a str,
    /// The first bytes of a hash of the command's content.
    pub command_digest: [u8; 8],
    /// The event itself.
    pub payload: &'a [u8],
}

impl<'a> RecordRef<'a> {
    /// Reads the stored form in place.
    ///
    /// # Errors
    ///
    /// [`RecordError`] says what is wrong, and where.
    pub fn parse(stored: &'a [u8]) -> Result<Self, RecordError> {
        let mut reader = Reader { bytes: stored, at: 0 };
        let format = reader.u8("the format")?;
        if format != RECORD_FORMAT {
            return Err(RecordError::Format(format));
        }
        let codec = reader.u8("the codec")?;
        let version = u16::from_le_bytes(reader.array("the payload's version")?);
        let place = Place {
            position: Position(reader.u64("the position")?),
            revision: Revision(reader.u64("the revision")?),
            recorded_at: reader.time("the recorded time")?,
            previous: Hash(reader.array("the previous record's hash")?),
        };
        let occurred_at = reader.time("the occurred time")?;
        let cause_at = reader.at;
        let cause = reader.u8("the cause")?;
        let number = reader.u64("the cause's number")?;
        let cause = match (cause, number) {
            (CAUSE_ASKED, 0) => Cause::Asked,
            (CAUSE_FOLLOWED, position) => Cause::Followed(Position(position)),
            (CAUSE_IMPORTED, entry) => Cause::Imported { entry },
            (found, _) => return Err(RecordError::Cause { found, at: cause_at }),
        };
        let command_digest = reader.array("the command's digest")?;
        Ok(Self {
            stored,
            kind: reader.text("the kind")?,
            stream: reader.text("the stream")?,
            command: reader.text("the command")?,
            person: reader.text("the person")?,
            role: reader.text("the role")?,
            window: reader.optional("the window")?,
            department: reader.optional("the department")?,
            acting_for: reader.optional("the represented person")?,
            authority: reader.optional("the authority")?,
            payload: reader.rest()?,
            place,
            version,
            codec,
            occurred_at,
            cause,
            command_digest,
        })
    }

    /// The record on its own, with its identifiers checked.
    ///
    /// # Errors
    ///
    /// [`RecordError::Text`] when a text is no identifier, no role or no kind.
    pub fn to_record(&self) -> Result<Record, RecordError> {
        Ok(Record {
            stream: id("the stream", self.stream, StreamId::new)?,
            position: self.place.position,
            revision: self.place.revision,
            recorded_at: self.place.recorded_at,
            previous: self.place.previous,
            kind: id("the kind", self.kind, Kind::new)?,
            version: self.version,
            codec: self.codec,
            occurred_at: self.occurred_at,
            actor: self.actor()?,
            authority: self.authority.map(str::to_owned),
            cause: self.cause,
            command: id("the command", self.command, CommandId::new)?,
            command_digest: self.command_digest,
            payload: self.payload.to_vec(),
        })
    }

    /// Who caused it, with the identifiers checked.
    ///
    /// # Errors
    ///
    /// [`RecordError::Text`] when a text is no identifier or no role.
    pub fn actor(&self) -> Result<Actor, RecordError> {
        Ok(Actor {
            person: id("the person", self.person, PersonId::new)?,
            role: id("the role", self.role, Role::from_str)?,
            window: self
                .window
                .map(|text| id("the window", text, WindowId::new))
                .transpose()?,
            department: self
                .department
                .map(|text| id("the department", text, DepartmentId::new))
                .transpose()?,
            acting_for: self
                .acting_for
                .map(|text| id("the represented person", text, PersonId::new))
                .transpose()?,
        })
    }

    /// The leaf hash: SHA-256 over the byte 0 and the stored bytes (RFC 6962).
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        Hash::of_leaf(self.stored)
    }
}

fn id<T, E: fmt::Display>(
    what: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, RecordError> {
    parse(text).map_err(|error| RecordError::Text {
        what,
        reason: error.to_string(),
    })
}

/// Bytes that are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A format that this build does not know.
    #[error(
        "a record has format {0}, and this build reads format {RECORD_FORMAT}; use the build that wrote it, or a newer one"
    )]
    Format(u8),
    /// The bytes end too early.
    #[error("a record ends at byte {at}, inside {what}")]
    Short {
        /// The field that is cut.
        what: &'static str,
        /// Where the field begins.
        at: usize,
    },
    /// More bytes than a record has.
    #[error("a record has a payload of {0} bytes, and {PAYLOAD_BYTES_MAX} is the most")]
    Long(usize),
    /// A cause that does not exist.
    #[error("a record has cause {found} at byte {at}, and only 0, 1 and 2 have a meaning; 0 has no number")]
    Cause {
        /// The byte.
        found: u8,
        /// Its place.
        at: usize,
    },
    /// A text that is not UTF-8.
    #[error("a record's text at byte {at} is not UTF-8, inside {what}")]
    Utf8 {
        /// The field.
        what: &'static str,
        /// Where its text begins.
        at: usize,
    },
    /// A text that is not what it should be.
    #[error("a record cannot be read in {what}: {reason}")]
    Text {
        /// The field.
        what: &'static str,
        /// Why.
        reason: String,
    },
}

/// Reads fields one after the other and knows where it is.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], RecordError> {
        let field = self
            .bytes
            .get(self.at..)
            .and_then(|rest| rest.get(..count))
            .ok_or(RecordError::Short { what, at: self.at })?;
        self.at += count;
        Ok(field)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], RecordError> {
        let at = self.at;
        self.take(N, what)?
            .try_into()
            .map_err(|_| RecordError::Short { what, at })
    }

    fn u8(&mut self, what: &'static str) -> Result<u8, RecordError> {
        self.array(what).map(u8::from_le_bytes)
    }

    fn u64(&mut self, what: &'static str) -> Result<u64, RecordError> {
        self.array(what).map(u64::from_le_bytes)
    }

    fn time(&mut self, what: &'static str) -> Result<Timestamp, RecordError> {
        self.array(what)
            .map(|bytes| Timestamp::from_micros(i64::from_le_bytes(bytes)))
    }

    fn text(&mut self, what: &'static str) -> Result<&'a str, RecordError> {
        let count = self.u8(what)?;
        let at = self.at;
        let bytes = self.take(usize::from(count), what)?;
        str::from_utf8(bytes).map_err(|_| RecordError::Utf8 { what, at })
    }

    fn optional(&mut self, what: &'static str) -> Result<Option<&'a str>, RecordError> {
        Ok(Some(self.text(what)?).filter(|text| !text.is_empty()))
    }

    fn rest(&mut self) -> Result<&'a [u8], RecordError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.len() > PAYLOAD_BYTES_MAX {
            return Err(RecordError::Long(rest.len()));
        }
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            kind: Kind::from_static("case.submitted"),
            version: 3,
            codec: 1,
            occurred_at: Timestamp::from_micros(-5),
            actor: Actor::new(PersonId::new("s07").unwrap(), Role::Clerk).at(WindowId::new("W12").unwrap()),
            authority: Some("licensing law, art. 32".to_owned()),
            cause: Cause::Followed(Position(6)),
            command: CommandId::new("c-1").unwrap(),
            command_digest: *b"digested",
            payload: b"the event".to_vec(),
        }
    }

    fn record() -> Record {
        draft().place(
            StreamId::new("case/17").unwrap(),
            Place {
                position: Position(7),
                revision: Revision(2),
                recorded_at: Timestamp::from_micros(1_267_400_000_000_000),
                previous: Hash([9; 32]),
            },
        )
    }

    #[test]
    fn a_record_survives_its_bytes() {
        assert_eq!(Record::decode(&record().encode()), Ok(record()));
    }

    #[test]
    fn the_stored_form_is_the_one_that_the_format_document_draws() {
        let stored = record().encode();
        assert_eq!(stored[..4], [1, 1, 3, 0]);
        assert_eq!(stored[4..12], 7_u64.to_le_bytes());
        assert_eq!(stored[12..20], 2_u64.to_le_bytes());
        assert_eq!(stored[20..28], 1_267_400_000_000_000_i64.to_le_bytes());
        assert_eq!(stored[28..60], [9; 32]);
        assert_eq!(stored[60..68], (-5_i64).to_le_bytes());
        assert_eq!(stored[68], 1);
        assert_eq!(stored[69..77], 6_u64.to_le_bytes());
        assert_eq!(stored[77..85], *b"digested");
        let texts =
            b"\x0ecase.submitted\x07case/17\x03c-1\x03s07\x05clerk\x03W12\x00\x00\x16licensing law, art. 32the event";
        assert_eq!(stored[85..], *texts);
    }

    #[test]
    fn a_record_of_an_unknown_format_is_refused_by_name() {
        let mut stored = record().encode();
        stored[0] = 2;
        assert_eq!(Record::decode(&stored), Err(RecordError::Format(2)));
    }

    #[test]
    fn a_cut_record_is_refused_where_it_is_cut() {
        let stored = record().encode();
        let payload_at = stored.len() - "the event".len();
        for end in 0..payload_at {
            assert!(
                matches!(Record::decode(&stored[..end]), Err(RecordError::Short { at, .. }) if at <= end),
                "cut at byte {end}"
            );
        }
    }

    #[test]
    fn a_text_that_is_no_identifier_is_named() {
        let mut stored = record().encode();
        let person_at = stored.windows(3).position(|text| text == b"s07").unwrap();
        stored[person_at] = b'\n';
        let error = Record::decode(&stored).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("a record cannot be read in the person: "),
            "{error}"
        );
        stored[person_at] = 0xff;
        assert_eq!(
            Record::decode(&stored),
            Err(RecordError::Utf8 {
                what: "the person",
                at: person_at
            })
        );
    }

    #[test]
    fn a_draft_beyond_its_bounds_is_refused() {
        let large = Draft {
            payload: vec![0; PAYLOAD_BYTES_MAX + 1],
            ..draft()
        };
        assert_eq!(
            large.check(),
            Err(DraftError::Payload {
                kind: draft().kind,
                bytes: PAYLOAD_BYTES_MAX + 1
            })
        );
        for authority in [String::new(), "x".repeat(256)] {
            let bytes = authority.len();
            let wrong = Draft {
                authority: Some(authority),
                ..draft()
            };
            assert_eq!(
                wrong.check(),
                Err(DraftError::Authority {
                    kind: draft().kind,
                    bytes
                })
            );
        }
        assert_eq!(draft().check(), Ok(()));
    }

    #[test]
    fn a_kind_has_small_letters_digits_and_separators() {
        for name in ["", "Case", "case submitted", "办件", &"x".repeat(65)] {
            assert!(matches!(Kind::new(name), Err(KindError(found)) if name.starts_with(&found)));
        }
        assert_eq!(
            Kind::new("case.step_2").map(|kind| kind.to_string()),
            Ok("case.step_2".to_owned())
        );
    }
}
