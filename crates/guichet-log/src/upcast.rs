//! Old payload versions, frozen as they were released, and the way from each of them to the event of today.
//!
//! When a released event changes, three lines change here, and golden bytes of both versions stand in
//! `replay-fixtures/formats/`:
//!
//! 1. the old struct moves here under its version, `CaseSubmittedV1`, with a `From` into the new one;
//! 2. `OLDER` gains `Older::new::<CaseSubmittedV1, CaseSubmitted>("case.submitted", 1)`; of several old versions, each
//!    one's `From` may go by way of the next;
//! 3. `CURRENT` says `("case.submitted", 2)`.
//!
//! Whoever forgets the second gets no log: [`check`](crate::codec::registry::check) finds the missing version.

use serde::de::DeserializeOwned;

use crate::codec::registry::Read;
use crate::codec::{Event, read};

/// The kinds whose payload has changed since its first release, with the version written now. All others write 1.
pub(crate) const CURRENT: &[(&str, u16)] = &[];

/// The readers of old versions.
pub(crate) const OLDER: &[Older] = &[];

/// The version of a kind's payload that this build writes.
pub(crate) fn current_version(kind: &str) -> u16 {
    version_in(CURRENT, kind)
}

/// The version that `current` says of a kind, or else the first.
pub(crate) fn version_in(current: &[(&str, u16)], kind: &str) -> u16 {
    current
        .iter()
        .find(|(changed, _)| *changed == kind)
        .map_or(1, |(_, version)| *version)
}

/// How one old version of a kind's payload is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Older {
    pub(crate) kind: &'static str,
    pub(crate) version: u16,
    pub(crate) read: Read,
}

impl Older {
    /// The reader of payloads that hold an `Old`, which becomes the event `New`.
    #[cfg_attr(
        not(test),
        expect(
            dead_code,
            reason = "no released payload has changed yet; the tests show that it works"
        )
    )]
    pub(crate) const fn new<Old, New>(kind: &'static str, version: u16) -> Self
    where
        Old: DeserializeOwned + Into<New>,
        New: Into<Event>,
    {
        Self {
            kind,
            version,
            read: |payload| read::<Old>(payload).map(Into::into).map(New::into),
        }
    }
}
