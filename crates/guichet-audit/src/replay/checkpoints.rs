//! Boards that are kept on the way, so that no place of a log is far from one.

use std::collections::BTreeMap;

use guichet_core::id::Position;

use super::board::Board;

/// How many records lie between two kept boards, at first: folding so many takes a few hundredths of a second.
pub const CHECKPOINT_RECORDS: u64 = 4096;

/// About how much memory kept boards may take. Where a log would need more, every second one goes, and places are further
/// from a board.
pub const CHECKPOINT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Boards by the place that they stand at.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    apart: u64,
    bytes_max: usize,
    bytes: usize,
    boards: BTreeMap<Position, Board>,
}

impl Checkpoints {
    /// Boards so far apart at first, within so much memory.
    pub(super) const fn new(apart: u64, bytes_max: usize) -> Self {
        Self {
            apart,
            bytes_max,
            bytes: 0,
            boards: BTreeMap::new(),
        }
    }

    /// Keeps a board, if one is due where it stands.
    pub(super) fn offer(&mut self, board: &Board) {
        if !board.at().0.is_multiple_of(self.apart) {
            return;
        }
        self.bytes += self.bytes_beside_the_last(board);
        self.boards.insert(board.at(), board.clone());
        while self.bytes > self.bytes_max && self.boards.len() > 2 {
            self.thin();
        }
    }

    fn bytes_beside_the_last(&self, board: &Board) -> usize {
        match self.boards.last_key_value() {
            Some((_, last)) => board.bytes_beside(last),
            None => board.bytes_beside(&Board::new(board.order())),
        }
    }

    /// Lets every second board go.
    fn thin(&mut self) {
        self.apart = self.apart.saturating_mul(2);
        let apart = self.apart;
        self.boards.retain(|at, _| at.0.is_multiple_of(apart));
        self.bytes = 0;
        let mut before: Option<&Board> = None;
        for board in self.boards.values() {
            self.bytes += match before {
                Some(before) => board.bytes_beside(before),
                None => board.bytes_beside(&Board::new(board.order())),
            };
            before = Some(board);
        }
    }

    /// The last board at or before a place.
    pub(super) fn before(&self, place: Position) -> Option<&Board> {
        self.boards.range(..=place).next_back().map(|(_, board)| board)
    }

    /// The board that was kept at a place.
    pub(super) fn at(&self, place: Position) -> Option<&Board> {
        self.boards.get(&place)
    }

    /// How many records lie between two boards.
    pub(super) const fn apart(&self) -> u64 {
        self.apart
    }

    /// About how much memory they take.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.boards.len()
    }

    #[cfg(test)]
    pub(super) fn replace(&mut self, board: Board) {
        self.boards.insert(board.at(), board);
    }
}
