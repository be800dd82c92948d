//! The course of a centre: its records folded one after another, with what it takes to be at any place of them again.

use std::sync::Arc;

use guichet_core::id::Position;
use guichet_core::reference::Directory;
use guichet_log::projection::Recorded;

use super::board::Board;
use super::checkpoints::{CHECKPOINT_BYTES_MAX, CHECKPOINT_RECORDS, Checkpoints};
use super::index::Index;
use super::order::Order;

/// The board after the last record that was taken in, an index of all of them, and boards that were kept on the way. It can
/// follow a log that goes on.
#[derive(Clone, Debug)]
pub struct Course {
    index: Index,
    pub(super) checkpoints: Checkpoints,
    board: Board,
}

impl Course {
    /// Before the first record.
    ///
    /// ```
    /// # use guichet_audit::replay::{Course, Order};
    /// # use guichet_core::id::Position;
    /// let course = Course::new(Order::Recorded);
    /// assert_eq!(course.board().at(), Position::START);
    /// ```
    #[must_use]
    pub fn new(order: Order) -> Self {
        Self::with_bounds(order, CHECKPOINT_RECORDS, CHECKPOINT_BYTES_MAX)
    }

    /// The same, with other bounds: how many records lie between kept boards, and how much memory these may take.
    #[must_use]
    pub fn with_bounds(order: Order, apart: u64, bytes_max: usize) -> Self {
        let board = Board::new(order);
        let mut checkpoints = Checkpoints::new(apart.max(1), bytes_max);
        checkpoints.offer(&board);
        Self {
            index: Index::default(),
            checkpoints,
            board,
        }
    }

    /// Takes in the next record.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.board.apply(recorded);
        self.index.push(recorded, &self.board);
        self.checkpoints.offer(&self.board);
    }

    /// The centre after the last record.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// Times, cases, departments and windows of all records.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The nearest board at or before a place. The board at the place itself is that one with the records between applied.
    #[must_use]
    pub fn before(&self, place: Position) -> Option<&Board> {
        if self.board.at() <= place {
            return Some(&self.board);
        }
        self.checkpoints.before(place)
    }

    /// Who and what there is in the centre after the last record.
    pub(super) const fn newest(&self) -> &Arc<Directory> {
        self.board.shared_directory()
    }
}
