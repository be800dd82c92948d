//! The codec: events as payload bytes and back, by kind and version. The only module that encodes.
//!
//! A payload is the event's struct in bincode 2 (standard configuration: little endian, variable integers), without a
//! name or a length around it. `docs/adr/0003` says which texts and numbers stand in it. Procedures and calendars are
//! documents: canonical JSON text behind a document version.

mod document;
pub mod json;
pub mod registry;
pub mod state;

use std::str;

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::enc::write::Writer;
use bincode::error::{DecodeError, EncodeError};
use guichet_core::case::event::{self, CaseEvent};
use guichet_core::reference::ReferenceEvent;
use serde::{Deserialize, Serialize};

use crate::record::{Kind, PAYLOAD_BYTES_MAX, Record, RecordRef};
use crate::upcast;

use registry::IncompleteChain;

/// The codec id of bincode 2 in its standard configuration: the only codec so far.
pub const CODEC_BINCODE: u8 = 1;

/// How much decoding one payload may claim, in bytes. bincode books eight bytes for a number that takes one, so an
/// honest payload claims up to eight times its size; text of an invented length claims more and is refused unread.
const CLAIM_BYTES_MAX: usize = 8 * PAYLOAD_BYTES_MAX;

type Config = Configuration<LittleEndian, Varint, Limit<CLAIM_BYTES_MAX>>;

const CONFIG: Config = bincode::config::standard().with_limit::<CLAIM_BYTES_MAX>();

/// An event of any kind that the log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something happened to a case.
    Case(CaseEvent),
    /// Something happened to the reference data.
    Reference(ReferenceEvent),
}

impl Event {
    /// The kind under which the event is recorded.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Case(event) => event.kind(),
            Self::Reference(event) => event.kind(),
        }
    }

    /// The case's event, if it is one.
    #[must_use]
    pub const fn case(&self) -> Option<&CaseEvent> {
        match self {
            Self::Case(event) => Some(event),
            Self::Reference(_) => None,
        }
    }

    /// The reference data's event, if it is one.
    #[must_use]
    pub const fn reference(&self) -> Option<&ReferenceEvent> {
        match self {
            Self::Case(_) => None,
            Self::Reference(event) => Some(event),
        }
    }
}

impl From<CaseEvent> for Event {
    fn from(event: CaseEvent) -> Self {
        Self::Case(event)
    }
}

impl From<ReferenceEvent> for Event {
    fn from(event: ReferenceEvent) -> Self {
        Self::Reference(event)
    }
}

/// An event of any kind, borrowed: what [`encode`] takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventRef<'a> {
    /// Something happened to a case.
    Case(&'a CaseEvent),
    /// Something happened to the reference data.
    Reference(&'a ReferenceEvent),
}

impl<'a> From<&'a CaseEvent> for EventRef<'a> {
    fn from(event: &'a CaseEvent) -> Self {
        Self::Case(event)
    }
}

impl<'a> From<&'a ReferenceEvent> for EventRef<'a> {
    fn from(event: &'a ReferenceEvent) -> Self {
        Self::Reference(event)
    }
}

impl<'a> From<&'a Event> for EventRef<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::Case(event) => Self::Case(event),
            Event::Reference(event) => Self::Reference(event),
        }
    }
}

/// An event as bytes, with all that is needed to read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The name of the event's type.
    pub kind: Kind,
    /// The version of the payload's form.
    pub version: u16,
    /// How the payload is encoded.
    pub codec: u8,
    /// The event itself.
    pub payload: Vec<u8>,
}

/// A payload that cannot be read, or an event that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A kind that this build does not know.
    #[error("this build knows no event of kind `{kind}`; use a newer Guichet")]
    UnknownKind {
        /// The kind.
        kind: String,
    },
    /// A version that is newer than this build.
    #[error(
        "this build reads version {known} of `{kind}`, and the record has version {found}; use a newer Guichet"
    )]
    NewerVersion {
        /// The kind.
        kind: String,
        /// The record's version.
        found: u16,
        /// The newest version that this build reads.
        known: u16,
    },
    /// A version that no build ever wrote.
    #[error("the record has version {found} of `{kind}`, and versions start at 1; the record is damaged")]
    NoVersion {
        /// The kind.
        kind: String,
        /// The record's version.
        found: u16,
    },
    /// A codec that this build does not know.
    #[error(
        "the payload of a `{kind}` is in codec {codec}, and this build reads codec {CODEC_BINCODE}; use a newer Guichet"
    )]
    UnknownCodec {
        /// The kind.
        kind: String,
        /// The codec's id.
        codec: u8,
    },
    /// More bytes than a payload may have.
    #[error("the payload of a `{kind}` has {bytes} bytes, and {PAYLOAD_BYTES_MAX} is the most")]
    Large {
        /// The kind.
        kind: String,
        /// How many bytes there are.
        bytes: usize,
    },
    /// Bytes that are not what kind and version say.
    #[error("the payload of a `{kind}` (version {version}) cannot be read: {fault}")]
    Unreadable {
        /// The kind.
        kind: String,
        /// The version.
        version: u16,
        /// What is wrong.
        fault: Fault,
    },
    /// An event that has no bytes.
    #[error("a `{kind}` cannot be written: {reason}")]
    Unwritable {
        /// The kind.
        kind: String,
        /// Why.
        reason: String,
    },
    /// This build itself is incomplete.
    #[error(transparent)]
    Incomplete(#[from] IncompleteChain),
}

/// What is wrong with a payload.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes end before the event does.
    #[error("it ends too early")]
    Short,
    /// The event ends before the bytes do.
    #[error("{0} more bytes follow its end")]
    Trailing(usize),
    /// A text of a length that cannot be.
    #[error("it claims to hold more than a payload can")]
    Claim,
    /// A text that is not UTF-8.
    #[error("a text in it is not UTF-8")]
    Utf8,
    /// A document in a form that is newer than this build.
    #[error("its document has version {found}, and this build reads version {known}; use a newer Guichet")]
    NewerDocument {
        /// The document's version.
        found: u16,
        /// The newest version that this build reads.
        known: u16,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Content(String),
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        if let DecodeError::UnexpectedEnd { .. } = error {
            Self::Short
        } else if let DecodeError::LimitExceeded = error {
            Self::Claim
        } else if let DecodeError::Utf8 { .. } = error {
            Self::Utf8
        } else if let DecodeError::OtherString(reason) = error {
            Self::Content(reason)
        } else {
            Self::Content(error.to_string())
        }
    }
}

/// Reads a whole payload as one struct.
pub(crate) fn read<'p, T: Deserialize<'p>>(payload: &'p [u8]) -> Result<T, Fault> {
    let (value, used) = bincode::serde::borrow_decode_from_slice(payload, CONFIG)?;
    match payload.len().checked_sub(used) {
        Some(0) | None => Ok(value),
        Some(left) => Err(Fault::Trailing(left)),
    }
}

fn write<T: Serialize>(payload: &T) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Bytes(Vec::with_capacity(PAYLOAD_BYTES));
    bincode::serde::encode_into_writer(payload, &mut bytes, CONFIG)?;
    Ok(bytes.0)
}

/// Room for most payloads: bincode's own way to a vector begins with an empty one, and copies it while it grows.
const PAYLOAD_BYTES: usize = 256;

/// Bytes that grow as they are written.
struct Bytes(Vec<u8>);

impl Writer for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// The bytes of an event, in the newest version of its payload.
///
/// # Errors
///
/// [`CodecError::Unwritable`] when the event has no bytes, [`CodecError::Large`] when it has too many.
///
/// ```
/// # use guichet_core::{case::event::{CaseCompleted, CaseEvent}, time::date};
/// # use guichet_log::codec::{Event, decode, encode};
/// let completed = CaseEvent::from(CaseCompleted { completed_on: date(2010, 3, 1) });
/// let encoded = encode(&completed)?;
/// assert_eq!(encoded.kind.as_str(), "case.completed");
/// let decoded = decode(encoded.kind.as_str(), encoded.version, encoded.codec, &encoded.payload)?;
/// assert_eq!(decoded, Event::Case(completed));
/// # Ok::<(), guichet_log::codec::CodecError>(())
/// ```
pub fn encode<'a>(event: impl Into<EventRef<'a>>) -> Result<Encoded, CodecError> {
    let (kind, written) = match event.into() {
        EventRef::Case(event) => case_payload(event),
        EventRef::Reference(event) => reference_payload(event),
    };
    let payload = written.map_err(|error| CodecError::Unwritable {
        kind: kind.to_string(),
        reason: error.to_string(),
    })?;
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(CodecError::Large {
            kind: kind.to_string(),
            bytes: payload.len(),
        });
    }
    Ok(Encoded {
        version: upcast::current_version(kind.as_str()),
        codec: CODEC_BINCODE,
        kind,
        payload,
    })
}

macro_rules! case_payloads {
    ($($name:ident = $kind:literal,)+) => {
        $(
            impl From<event::$name> for Event {
                fn from(event: event::$name) -> Self {
                    Self::Case(event.into())
                }
            }
        )+

        fn case_payload(event: &CaseEvent) -> (Kind, Result<Vec<u8>, EncodeError>) {
            match event {
                $(CaseEvent::$name(event) => (const { Kind::from_static($kind) }, write(&**event)),)+
            }
        }
    };
}
guichet_core::for_each_case_event!(case_payloads);

fn reference_payload(event: &ReferenceEvent) -> (Kind, Result<Vec<u8>, EncodeError>) {
    let written = match event {
        ReferenceEvent::CentrePublished(centre) => write(centre),
        ReferenceEvent::DepartmentRegistered(department) => write(department),
        ReferenceEvent::WindowRegistered(window) => write(window),
        ReferenceEvent::RosterPublished(roster) => write(roster),
        ReferenceEvent::StaffRegistered(staff) => write(staff),
        ReferenceEvent::ProcedurePublished(procedure) => document::write(&**procedure),
        ReferenceEvent::CalendarPublished(calendar) => document::write(&**calendar),
        ReferenceEvent::BulletinPublished(bulletin) => write(bulletin),
        ReferenceEvent::FindingIssued(issued) => write(issued),
        ReferenceEvent::FindingExplained(explained) => write(explained),
        ReferenceEvent::FindingUpheld(ruling) | ReferenceEvent::FindingCancelled(ruling) => write(ruling),
    };
    (reference_kind(event), written)
}

const fn reference_kind(event: &ReferenceEvent) -> Kind {
    match event {
        ReferenceEvent::CentrePublished(_) => const { Kind::from_static("reference.centre_published") },
        ReferenceEvent::DepartmentRegistered(_) => {
            const { Kind::from_static("reference.department_registered") }
        }
        ReferenceEvent::WindowRegistered(_) => const { Kind::from_static("reference.window_registered") },
        ReferenceEvent::RosterPublished(_) => const { Kind::from_static("reference.roster_published") },
        ReferenceEvent::StaffRegistered(_) => const { Kind::from_static("reference.staff_registered") },
        ReferenceEvent::ProcedurePublished(_) => const { Kind::from_static("reference.procedure_published") },
        ReferenceEvent::CalendarPublished(_) => const { Kind::from_static("reference.calendar_published") },
        ReferenceEvent::BulletinPublished(_) => const { Kind::from_static("reference.bulletin_published") },
        ReferenceEvent::FindingIssued(_) => const { Kind::from_static("reference.finding_issued") },
        ReferenceEvent::FindingExplained(_) => const { Kind::from_static("reference.finding_explained") },
        ReferenceEvent::FindingUpheld(_) => const { Kind::from_static("reference.finding_upheld") },
        ReferenceEvent::FindingCancelled(_) => const { Kind::from_static("reference.finding_cancelled") },
    }
}

/// The event that a payload holds.
///
/// # Errors
///
/// [`CodecError`] says what this build does not know, or what is wrong with the bytes.
pub fn decode(kind: &str, version: u16, codec: u8, payload: &[u8]) -> Result<Event, CodecError> {
    registry::shared()?.decode(kind, version, codec, payload)
}

/// The event of a record that is read in place.
///
/// # Errors
///
/// Those of [`decode`].
pub fn decode_ref(record: &RecordRef<'_>) -> Result<Event, CodecError> {
    decode(record.kind, record.version, record.codec, record.payload)
}

/// The event of a record.
///
/// # Errors
///
/// Those of [`decode`].
pub fn decode_record(record: &Record) -> Result<Event, CodecError> {
    decode(
        record.kind.as_str(),
        record.version,
        record.codec,
        &record.payload,
    )
}

#[cfg(test)]
mod tests {
    use guichet_core::case::event::{CaseCompleted, CaseWithdrawn, MaterialSupplied};
    use guichet_core::id::MaterialId;
    use guichet_core::time::date;

    use super::*;

    fn withdrawn() -> CaseEvent {
        CaseWithdrawn {
            withdrawn_on: date(2010, 3, 1),
            reason: "moved away".to_owned(),
        }
        .into()
    }

    #[test]
    fn a_payload_is_the_fields_in_order_and_nothing_else() {
        let encoded = encode(&withdrawn()).unwrap();
        // 14 669 days, doubled for the sign, as a variable integer of two bytes; then ten bytes of text.
        assert_eq!(encoded.payload, b"\xfb\x9a\x72\x0amoved away");
        assert_eq!((encoded.version, encoded.codec), (1, CODEC_BINCODE));
    }

    #[test]
    fn an_event_survives_its_bytes() {
        let encoded = encode(&withdrawn()).unwrap();
        assert_eq!(
            decode("case.withdrawn", 1, CODEC_BINCODE, &encoded.payload),
            Ok(Event::Case(withdrawn()))
        );
    }

    #[test]
    fn what_this_build_does_not_know_is_named() {
        let payload = encode(&withdrawn()).unwrap().payload;
        let error = |kind, version, codec| decode(kind, version, codec, &payload).unwrap_err().to_string();
        assert_eq!(
            error("case.teleported", 1, 1),
            "this build knows no event of kind `case.teleported`; use a newer Guichet"
        );
        assert_eq!(
            error("case.withdrawn", 2, 1),
            "this build reads version 1 of `case.withdrawn`, and the record has version 2; use a newer Guichet"
        );
        assert_eq!(
            error("case.withdrawn", 0, 1),
            "the record has version 0 of `case.withdrawn`, and versions start at 1; the record is damaged"
        );
        assert_eq!(
            error("case.withdrawn", 1, 7),
            "the payload of a `case.withdrawn` is in codec 7, and this build reads codec 1; use a newer Guichet"
        );
    }

    #[test]
    fn a_payload_cut_anywhere_or_too_long_is_refused() {
        let payload = encode(&withdrawn()).unwrap().payload;
        for end in 0..payload.len() {
            assert_eq!(
                read::<CaseWithdrawn>(&payload[..end]),
                Err(Fault::Short),
                "cut at byte {end}"
            );
        }
        let longer = [payload.as_slice(), b"!"].concat();
        assert_eq!(
            decode("case.withdrawn", 1, 1, &longer).unwrap_err().to_string(),
            "the payload of a `case.withdrawn` (version 1) cannot be read: 1 more bytes follow its end"
        );
        let large = vec![0; PAYLOAD_BYTES_MAX + 1];
        assert_eq!(
            decode("case.withdrawn", 1, 1, &large),
            Err(CodecError::Large {
                kind: "case.withdrawn".to_owned(),
                bytes: PAYLOAD_BYTES_MAX + 1
            })
        );
    }

    #[test]
    fn a_text_of_an_invented_length_is_refused_before_room_is_made_for_it() {
        let hostile = [b"\xfb\x9a\x72\xfd".as_slice(), &(1_u64 << 60).to_le_bytes()].concat();
        assert_eq!(read::<CaseWithdrawn>(&hostile), Err(Fault::Claim));
        assert_eq!(read::<CaseWithdrawn>(b"\x00\x01\xff"), Err(Fault::Utf8));
    }

    #[test]
    fn an_unknown_code_is_named() {
        let wrong = decode("case.agency_ended", 1, 1, b"\x01\n\x00")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("control characters"), "{wrong}");
        let wrong = decode("case.branch_chosen", 1, 1, b"\x01a\x05never").unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "the payload of a `case.branch_chosen` (version 1) cannot be read: `never` is no side of a choice; expected one of then, else"
        );
    }

    #[test]
    fn an_event_too_large_for_a_record_is_not_written() {
        let event: CaseEvent = CaseWithdrawn {
            withdrawn_on: date(2010, 3, 1),
            reason: "x".repeat(PAYLOAD_BYTES_MAX),
        }
        .into();
        assert!(
            matches!(encode(&event), Err(CodecError::Large { bytes, .. }) if bytes == PAYLOAD_BYTES_MAX + 6)
        );
    }

    #[test]
    fn an_honest_payload_of_the_largest_size_is_read() {
        // Few bytes each: the most that a payload can claim for what it holds.
        let materials = (0..12_600)
            .map(|i| MaterialId::new(&format!("{i:x}")).unwrap())
            .collect();
        let event: CaseEvent = MaterialSupplied {
            materials,
            received_on: date(2010, 3, 1),
        }
        .into();
        let encoded = encode(&event).unwrap();
        assert!(encoded.payload.len() > PAYLOAD_BYTES_MAX * 9 / 10);
        assert_eq!(
            decode("case.material_supplied", 1, 1, &encoded.payload),
            Ok(Event::Case(event))
        );
    }

    #[test]
    fn an_event_knows_what_it_is_about() {
        let completed = Event::from(CaseCompleted {
            completed_on: date(2010, 3, 1),
        });
        assert_eq!(completed.kind(), "case.completed");
        assert!(completed.case().is_some() && completed.reference().is_none());
    }
}
