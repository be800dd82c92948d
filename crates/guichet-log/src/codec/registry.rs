//! The registry: every kind with the versions of its payload that this build reads.

use std::sync::{Arc, LazyLock};

use guichet_core::case::event;
use guichet_core::reference::ReferenceEvent;

use super::{CODEC_BINCODE, CodecError, Event, Fault, document, read};
use crate::record::PAYLOAD_BYTES_MAX;
use crate::upcast::{self, Older};

/// Reads the payload of one kind and version, and makes today's event of it.
pub(crate) type Read = fn(&[u8]) -> Result<Event, Fault>;

/// A chain of payload versions that has a flaw. It is a mistake in this build, not in a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncompleteChain {
    /// A version between the first and the current one cannot be read.
    #[error(
        "this build writes version {current} of `{kind}` and cannot read version {missing}; report this as a bug"
    )]
    Missing {
        /// The kind.
        kind: &'static str,
        /// The version without a reader.
        missing: u16,
        /// The version written now.
        current: u16,
    },
    /// A version can be read in two ways.
    #[error("this build has two readers of version {version} of `{kind}`; report this as a bug")]
    Twice {
        /// The kind.
        kind: &'static str,
        /// The version.
        version: u16,
    },
    /// A reader of a version that is not older than the current one, or of a kind that no event has.
    #[error("this build reads version {version} of `{kind}`, which it does not know; report this as a bug")]
    Stray {
        /// The kind.
        kind: &'static str,
        /// The version.
        version: u16,
    },
}

/// Whether every kind can be read in every version from the first to the one written now. A log is opened only then.
///
/// # Errors
///
/// [`IncompleteChain`] names the first kind and version that is wrong.
///
/// ```
/// assert_eq!(guichet_log::codec::registry::check(), Ok(()));
/// ```
pub fn check() -> Result<(), IncompleteChain> {
    shared().map(|_| ())
}

/// Whether a payload of this kind, version and codec can be read, told without its bytes.
///
/// # Errors
///
/// [`CodecError`] says what this build does not know.
///
/// ```
/// # use guichet_log::codec::registry::readable;
/// assert_eq!(readable("case.submitted", 1, 1), Ok(()));
/// assert_eq!(
///     readable("case.submitted", 9, 1).map_err(|error| error.to_string()),
///     Err("this build reads version 1 of `case.submitted`, and the record has version 9; use a newer Guichet".into())
/// );
/// ```
pub fn readable(kind: &str, version: u16, codec: u8) -> Result<(), CodecError> {
    shared()?.reader(kind, version, codec).map(|_| ())
}

/// Every kind with the version that this build writes, in the order of their names.
pub fn current() -> impl Iterator<Item = (&'static str, u16)> {
    let forms = SHARED.as_ref().map(|registry| registry.forms.as_slice());
    forms
        .unwrap_or_default()
        .iter()
        .map(|form| (form.kind, form.current))
}

pub(super) fn shared() -> Result<&'static Registry, IncompleteChain> {
    SHARED.as_ref().map_err(Clone::clone)
}

static SHARED: LazyLock<Result<Registry, IncompleteChain>> =
    LazyLock::new(|| Registry::new(TODAY, upcast::CURRENT, upcast::OLDER));

macro_rules! today {
    ($($name:ident = $kind:literal,)+) => {
        /// The readers of the versions written now.
        const TODAY: &[(&str, Read)] = &[
            $(($kind, |payload| read::<event::$name>(payload).map(Event::from)),)+
            ("reference.centre_published", |payload| {
                read(payload).map(ReferenceEvent::CentrePublished).map(Event::from)
            }),
            ("reference.department_registered", |payload| {
                read(payload).map(ReferenceEvent::DepartmentRegistered).map(Event::from)
            }),
            ("reference.window_registered", |payload| {
                read(payload).map(ReferenceEvent::WindowRegistered).map(Event::from)
            }),
            ("reference.roster_published", |payload| {
                read(payload).map(ReferenceEvent::RosterPublished).map(Event::from)
            }),
            ("reference.staff_registered", |payload| {
                read(payload).map(ReferenceEvent::StaffRegistered).map(Event::from)
            }),
            ("reference.procedure_published", |payload| {
                document::read(payload).map(Arc::new).map(ReferenceEvent::ProcedurePublished).map(Event::from)
            }),
            ("reference.calendar_published", |payload| {
                document::read(payload).map(Arc::new).map(ReferenceEvent::CalendarPublished).map(Event::from)
            }),
            ("reference.bulletin_published", |payload| {
                read(payload).map(ReferenceEvent::BulletinPublished).map(Event::from)
            }),
            ("reference.finding_issued", |payload| {
                read(payload).map(ReferenceEvent::FindingIssued).map(Event::from)
            }),
            ("reference.finding_explained", |payload| {
                read(payload).map(ReferenceEvent::FindingExplained).map(Event::from)
            }),
            ("reference.finding_upheld", |payload| {
                read(payload).map(ReferenceEvent::FindingUpheld).map(Event::from)
            }),
            ("reference.finding_cancelled", |payload| {
                read(payload).map(ReferenceEvent::FindingCancelled).map(Event::from)
            }),
        ];
    };
}
guichet_core::for_each_case_event!(today);

/// The kinds in the order of their names, so that one is found by halving.
#[derive(Debug)]
pub(super) struct Registry {
    forms: Vec<Form>,
}

#[derive(Debug)]
struct Form {
    kind: &'static str,
    current: u16,
    /// The readers of versions 1 to `current`.
    readers: Vec<Read>,
}

impl Registry {
    fn new(
        today: &[(&'static str, Read)],
        current: &[(&'static str, u16)],
        older: &[Older],
    ) -> Result<Self, IncompleteChain> {
        let mut forms = Vec::with_capacity(today.len());
        for (kind, read) in today {
            forms.push(Form::new(kind, *read, upcast::version_in(current, kind), older)?);
        }
        forms.sort_by_key(|form| form.kind);
        for pair in forms.windows(2) {
            if let [a, b] = pair
                && a.kind == b.kind
            {
                return Err(IncompleteChain::Twice {
                    kind: b.kind,
                    version: b.current,
                });
            }
        }
        let known = |kind: &str| forms.iter().find(|form| form.kind == kind);
        let stray = older
            .iter()
            .map(|old| (old.kind, old.version))
            .find(|(kind, version)| known(kind).is_none_or(|form| *version == 0 || *version >= form.current));
        let unwritten = current.iter().copied().find(|(kind, _)| known(kind).is_none());
        match stray.or(unwritten) {
            Some((kind, version)) => Err(IncompleteChain::Stray { kind, version }),
            None => Ok(Self { forms }),
        }
    }

    pub(super) fn decode(
        &self,
        kind: &str,
        version: u16,
        codec: u8,
        payload: &[u8],
    ) -> Result<Event, CodecError> {
        let read = self.reader(kind, version, codec)?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(CodecError::Large {
                kind: kind.to_owned(),
                bytes: payload.len(),
            });
        }
        read(payload).map_err(|fault| CodecError::Unreadable {
            kind: kind.to_owned(),
            version,
            fault,
        })
    }

    fn reader(&self, kind: &str, version: u16, codec: u8) -> Result<Read, CodecError> {
        let form = self
            .forms
            .binary_search_by_key(&kind, |form| form.kind)
            .ok()
            .and_then(|at| self.forms.get(at))
            .ok_or_else(|| CodecError::UnknownKind {
                kind: kind.to_owned(),
            })?;
        if codec != CODEC_BINCODE {
            return Err(CodecError::UnknownCodec {
                kind: kind.to_owned(),
                codec,
            });
        }
        if version > form.current {
            return Err(CodecError::NewerVersion {
                kind: kind.to_owned(),
                found: version,
                known: form.current,
            });
        }
        usize::from(version)
            .checked_sub(1)
            .and_then(|at| form.readers.get(at))
            .copied()
            .ok_or_else(|| CodecError::NoVersion {
                kind: kind.to_owned(),
                found: version,
            })
    }
}

impl Form {
    fn new(kind: &'static str, read: Read, current: u16, older: &[Older]) -> Result<Self, IncompleteChain> {
        let mut readers = Vec::with_capacity(usize::from(current));
        for version in 1..current {
            let mut of_version = older
                .iter()
                .filter(|old| old.kind == kind && old.version == version);
            let first = of_version.next().ok_or(IncompleteChain::Missing {
                kind,
                missing: version,
                current,
            })?;
            if of_version.next().is_some() {
                return Err(IncompleteChain::Twice { kind, version });
            }
            readers.push(first.read);
        }
        readers.push(read);
        Ok(Self {
            kind,
            current,
            readers,
        })
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::case::event::{CaseCompleted, CaseEvent, CaseWithdrawn};
    use guichet_core::reference::ReferenceEvent;
    use guichet_core::time::{Date, date};
    use serde::{Deserialize, Serialize};

    use super::*;

    /// A withdrawal as it was before anyone wrote down why: a history that only this test has.
    #[derive(Serialize, Deserialize)]
    struct CaseWithdrawnV1 {
        on: Date,
    }

    /// A withdrawal with a coded reason.
    #[derive(Serialize, Deserialize)]
    struct CaseWithdrawnV2 {
        on: Date,
        reason: Option<u8>,
    }

    impl From<CaseWithdrawnV1> for CaseWithdrawnV2 {
        fn from(old: CaseWithdrawnV1) -> Self {
            Self {
                on: old.on,
                reason: None,
            }
        }
    }

    impl From<CaseWithdrawnV2> for CaseWithdrawn {
        fn from(old: CaseWithdrawnV2) -> Self {
            Self {
                withdrawn_on: old.on,
                reason: old
                    .reason
                    .map_or_else(String::new, |code| format!("reason {code}")),
            }
        }
    }

    impl From<CaseWithdrawnV1> for CaseWithdrawn {
        fn from(old: CaseWithdrawnV1) -> Self {
            CaseWithdrawnV2::from(old).into()
        }
    }

    const KIND: &str = "case.withdrawn";
    const READ: (&str, Read) = (KIND, |payload| read::<CaseWithdrawn>(payload).map(Event::from));
    const V1: Older = Older::new::<CaseWithdrawnV1, CaseWithdrawn>(KIND, 1);
    const V2: Older = Older::new::<CaseWithdrawnV2, CaseWithdrawn>(KIND, 2);

    fn withdrawn(reason: &str) -> Event {
        CaseWithdrawn {
            withdrawn_on: date(2010, 3, 1),
            reason: reason.to_owned(),
        }
        .into()
    }

    #[test]
    fn an_old_payload_becomes_the_event_of_today() {
        let registry = Registry::new(&[READ], &[(KIND, 3)], &[V2, V1]).unwrap();
        let on = date(2010, 3, 1);
        let decode = |version, payload: &[u8]| registry.decode(KIND, version, CODEC_BINCODE, payload);
        let first = super::super::write(&CaseWithdrawnV1 { on }).unwrap();
        assert_eq!(decode(1, &first), Ok(withdrawn("")));
        let second = super::super::write(&CaseWithdrawnV2 { on, reason: Some(4) }).unwrap();
        assert_eq!(decode(2, &second), Ok(withdrawn("reason 4")));
        let third = super::super::encode(&withdrawn("moved away")).unwrap().payload;
        assert_eq!(decode(3, &third), Ok(withdrawn("moved away")));
        assert!(matches!(
            decode(4, &third),
            Err(CodecError::NewerVersion {
                found: 4,
                known: 3,
                ..
            })
        ));
    }

    #[test]
    fn a_chain_with_a_gap_is_found() {
        let missing = |missing| {
            Err(IncompleteChain::Missing {
                kind: KIND,
                missing,
                current: 3,
            })
        };
        let check = |current, older: &[Older]| Registry::new(&[READ], &[(KIND, current)], older).map(|_| ());
        assert_eq!(check(3, &[]), missing(1));
        assert_eq!(check(3, &[V1]), missing(2));
        assert_eq!(check(3, &[V2]), missing(1));
        assert_eq!(check(3, &[V1, V2]), Ok(()));
        assert_eq!(
            check(3, &[V1, V2, V1]),
            Err(IncompleteChain::Twice {
                kind: KIND,
                version: 1
            })
        );
        assert_eq!(
            check(2, &[V1, V2]),
            Err(IncompleteChain::Stray {
                kind: KIND,
                version: 2
            })
        );
    }

    #[test]
    fn a_version_of_a_kind_that_no_event_has_is_found() {
        let stray = IncompleteChain::Stray {
            kind: KIND,
            version: 1,
        };
        assert_eq!(Registry::new(&[], &[], &[V1]).map(|_| ()), Err(stray));
        let unwritten = IncompleteChain::Stray {
            kind: KIND,
            version: 2,
        };
        assert_eq!(Registry::new(&[], &[(KIND, 2)], &[]).map(|_| ()), Err(unwritten));
        let twice = IncompleteChain::Twice {
            kind: KIND,
            version: 1,
        };
        assert_eq!(Registry::new(&[READ, READ], &[], &[]).map(|_| ()), Err(twice));
    }

    #[test]
    fn every_kind_of_core_is_known_in_the_version_that_is_written() {
        let mut kinds: Vec<_> = [CaseEvent::KINDS, ReferenceEvent::KINDS].concat();
        kinds.sort_unstable();
        assert_eq!(check(), Ok(()));
        assert_eq!(current().map(|(kind, _)| kind).collect::<Vec<_>>(), kinds);
        for (kind, version) in current() {
            assert_eq!(version, upcast::current_version(kind), "{kind}");
        }
        let completed = CaseCompleted {
            completed_on: date(2010, 3, 1),
        };
        assert_eq!(
            super::super::encode(&CaseEvent::from(completed)).unwrap().version,
            1
        );
    }
}
