//! Statistics that are kept over a restart: their rows and cubes as parts of a state, and back.
//!
//! What is kept is what counting on needs and counting anew is slow for. Reference data are few, and are read from the log again.

use std::collections::BTreeMap;

use guichet_core::id::Position;
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_log::codec::state::{KeptState, Part, StateError, pack};

use crate::as_of::AsOf;
use crate::cube::{Cube, Group, Sums};
use crate::rows::{CaseRows, Facts};
use crate::statistics::Statistics;

/// How many cases are packed together: enough to be packed well, few beside a centre's year.
const CASES: usize = 512;

/// By which code these statistics are counted and kept: a fingerprint of its sources, and of the versions of what it is built
/// from. What another fingerprint kept is not read.
#[must_use]
pub const fn fingerprint() -> u64 {
    let digits = env!("GUICHET_STATS_SOURCES").as_bytes();
    let (mut fingerprint, mut rest) = (0_u64, digits);
    while let [digit, after @ ..] = rest {
        fingerprint = fingerprint.wrapping_mul(10).wrapping_add((*digit - b'0') as u64);
        rest = after;
    }
    fingerprint
}

/// The rows of some cases, in the order in which the cases were submitted.
#[derive(Debug)]
#[expect(
    clippy::vec_box,
    reason = "each in the place of its own that it keeps from then on"
)]
pub struct KeptRows(Vec<Box<CaseRows>>);

impl KeptRows {
    /// The rows in one part of a state. Parts are read on as many threads as there are, in any order; the first one holds no
    /// rows.
    ///
    /// # Errors
    ///
    /// [`StateError`] when the part is not what was kept.
    pub fn read(state: &KeptState, part: usize) -> Result<Self, StateError> {
        state.unpack(part).map(Self)
    }
}

impl Statistics {
    /// The parts of the state that these statistics go on from. None where they are of another moment than now, or not settled.
    ///
    /// # Errors
    ///
    /// [`StateError::Unwritable`] when a part is too large.
    pub fn kept(&self) -> Option<Result<Vec<Part>, StateError>> {
        if self.as_of() != AsOf::Now || !self.is_settled() {
            return None;
        }
        let groups: Vec<_> = self.cubes().iter().map(Cube::groups_by_day).collect();
        let rows = self.facts().boxed().chunks(CASES);
        Some(std::iter::once(pack(&groups)).chain(rows.map(pack)).collect())
    }

    /// Statistics that go on from a kept state, with the rows of all its parts but the first, in their order, and the reference
    /// data as they were at that position.
    ///
    /// # Errors
    ///
    /// [`StateError`] when the first part is not what was kept.
    pub fn from_kept(
        state: &KeptState,
        rows: impl IntoIterator<Item = KeptRows>,
        directory: Directory,
    ) -> Result<Self, StateError> {
        let groups: Vec<BTreeMap<Group, BTreeMap<Date, Sums>>> = state.unpack(0)?;
        let position: Position = state.stamp().position;
        let rows = rows.into_iter().flat_map(|KeptRows(rows)| rows).collect();
        Ok(Self::restored(Facts::restored(rows, directory), groups, position))
    }
}
