//! The player: at any place of a log in few steps.

use std::collections::BTreeMap;

use guichet_core::id::Position;
use guichet_core::reference::Directory;
use guichet_core::time::Timestamp;
use guichet_core::zone::Zone;
use guichet_log::projection::Recorded;
use guichet_terminal::context::Failure;

use super::board::Board;
use super::checkpoints::{CHECKPOINT_BYTES_MAX, CHECKPOINT_RECORDS};
use super::course::Course;
use super::index::{Index, Wanted};
use super::order::Tape;
use crate::source::Records;

/// How many records lie between the boards that are kept around the place where one is, for steps backwards.
const NEAR_RECORDS: u64 = 128;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end.
    Forward,
    /// Towards the start.
    Back,
}

/// A player over a log: the board at a place, and ways to other places.
///
/// The place is how many records the board has taken in; the record under the cursor is the one before it.
pub struct Replay<'t> {
    tape: &'t dyn Tape,
    /// The whole log.
    course: Course,
    marks: BTreeMap<Position, String>,
    near: Near,
    board: Board,
}

/// The records around the place where one is, and boards among them.
#[derive(Debug, Default)]
struct Near {
    /// The kept board that they follow.
    start: Option<Position>,
    from: Position,
    records: Vec<Recorded>,
    boards: BTreeMap<Position, Board>,
}

impl Near {
    fn end(&self) -> Position {
        self.from.plus(self.records.len() as u64)
    }

    fn read_until(&mut self, place: Position, tape: &dyn Tape) -> Result<(), Failure> {
        let missing = place.0.saturating_sub(self.end().0);
        let missing = usize::try_from(missing).unwrap_or(usize::MAX);
        if missing > 0 {
            for recorded in tape.records(self.end()).take(missing) {
                self.records.push(recorded?);
            }
        }
        Ok(())
    }

    fn record(&self, place: Position) -> Option<&Recorded> {
        let index = place.0.checked_sub(self.from.0)?;
        self.records.get(usize::try_from(index).ok()?)
    }
}

impl<'t> Replay<'t> {
    /// Reads a log once from start to end, and stands at its start. `progress` hears how far the reading is.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read.
    ///
    /// ```
    /// # use guichet_audit::replay::{InMemory, Replay};
    /// # use guichet_core::id::Position;
    /// let log = InMemory::recorded(Vec::new());
    /// let mut replay = Replay::open(&log, |_| {})?;
    /// assert_eq!(replay.go_to(Position(120))?.at(), replay.end());
    /// # Ok::<(), guichet_terminal::context::Failure>(())
    /// ```
    pub fn open(tape: &'t dyn Tape, progress: impl FnMut(Position)) -> Result<Self, Failure> {
        Self::with_bounds(tape, CHECKPOINT_RECORDS, CHECKPOINT_BYTES_MAX, progress)
    }

    /// The same, with other bounds: how many records lie between kept boards, and how much memory these may take.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read.
    pub fn with_bounds(
        tape: &'t dyn Tape,
        apart: u64,
        bytes_max: usize,
        mut progress: impl FnMut(Position),
    ) -> Result<Self, Failure> {
        let mut course = Course::with_bounds(tape.order(), apart, bytes_max);
        for recorded in tape.records(Position::START) {
            course.apply(&recorded?);
            progress(course.board().at());
        }
        Ok(Self {
            tape,
            course,
            marks: BTreeMap::new(),
            near: Near::default(),
            board: Board::new(tape.order()),
        })
    }

    /// With places to stop at: findings, each with its text.
    #[must_use]
    pub fn with_marks(mut self, marks: BTreeMap<Position, String>) -> Self {
        self.marks = marks;
        self
    }

    /// Where it stands: how many records the board has taken in.
    #[must_use]
    pub const fn at(&self) -> Position {
        self.board.at()
    }

    /// One past the last place.
    #[must_use]
    pub fn end(&self) -> Position {
        self.tape.end()
    }

    /// The centre where it stands.
    #[must_use]
    pub const fn board(&self) -> &Board {
        &self.board
    }

    /// Where the wall clock of the centre stands, by what is known at the end of the log.
    #[must_use]
    pub fn last_zone(&self) -> &Zone {
        self.course.newest().zone()
    }

    /// Who and what there is in the centre, by what is known at the end of the log.
    #[must_use]
    pub fn newest(&self) -> &Directory {
        self.course.newest()
    }

    /// Times, cases, departments and windows of all records.
    #[must_use]
    pub const fn index(&self) -> &Index {
        self.course.index()
    }

    /// The places to stop at.
    #[must_use]
    pub const fn marks(&self) -> &BTreeMap<Position, String> {
        &self.marks
    }

    /// The record under the cursor: the last one that the board has taken in.
    #[must_use]
    pub fn event(&self) -> Option<&Recorded> {
        self.near.record(Position(self.at().0.checked_sub(1)?))
    }

    /// The records from a place on.
    #[must_use]
    pub fn records(&self, from: Position) -> Records<'_> {
        self.tape.records(from)
    }

    /// What the kept boards are: how many, how many records apart, and about how many bytes.
    #[must_use]
    pub fn kept(&self) -> (usize, u64, usize) {
        (
            self.course.checkpoints.len(),
            self.course.checkpoints.apart(),
            self.course.checkpoints.bytes(),
        )
    }

    /// Goes to a place; one past the end is the end.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read, or a board that was kept is not what the records fold to.
    pub fn go_to(&mut self, place: Position) -> Result<&Board, Failure> {
        let place = place.min(self.end());
        self.check_on_the_way(place)?;
        let kept = self.course.checkpoints.before(place);
        let start = kept.map_or(Position::START, Board::at);
        if self.near.start != Some(start) {
            // The record before the first one stands under the cursor there.
            self.near = Near {
                start: Some(start),
                from: Position(start.0.saturating_sub(1)),
                ..Near::default()
            };
        }
        let near = self.near.boards.range(..=place).next_back();
        let bases = near.map(|(_, board)| board).into_iter().chain([&self.board]);
        let base = bases
            .chain(kept)
            .filter(|base| base.at() <= place)
            .max_by_key(|base| base.at());
        let mut board = base.map_or_else(|| Board::new(self.tape.order()), Clone::clone);
        self.near.read_until(place, self.tape)?;
        while board.at() < place {
            let Some(recorded) = self.near.record(board.at()) else {
                break;
            };
            board.apply(recorded);
            if board.at().0.is_multiple_of(NEAR_RECORDS) {
                self.near.boards.insert(board.at(), board.clone());
            }
        }
        self.board = board;
        Ok(&self.board)
    }

    /// Who steps onto a place where a board was kept has come to it by the fold: the two are compared.
    fn check_on_the_way(&mut self, place: Position) -> Result<(), Failure> {
        let way = place.0.checked_sub(self.at().0);
        let (Some(kept), Some(1..=NEAR_RECORDS)) = (self.course.checkpoints.at(place), way) else {
            return Ok(());
        };
        if self.near.start.is_none() {
            return Ok(());
        }
        self.near.read_until(place, self.tape)?;
        let mut folded = self.board.clone();
        while folded.at() < place
            && let Some(recorded) = self.near.record(folded.at())
        {
            folded.apply(recorded);
        }
        if folded == *kept {
            Ok(())
        } else {
            Err(differs(place))
        }
    }

    /// Folds the whole log again and compares every board that was kept.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read, or at the first board that is not what the records fold to.
    pub fn check(&self) -> Result<(), Failure> {
        let mut board = Board::new(self.tape.order());
        for recorded in self.tape.records(Position::START) {
            board.apply(&recorded?);
            if self
                .course
                .checkpoints
                .at(board.at())
                .is_some_and(|kept| *kept != board)
            {
                return Err(differs(board.at()));
            }
        }
        Ok(())
    }

    /// Goes some records on, or back.
    ///
    /// # Errors
    ///
    /// As [`go_to`](Self::go_to).
    pub fn step(&mut self, records: i64) -> Result<&Board, Failure> {
        self.go_to(Position(self.at().0.saturating_add_signed(records)))
    }

    /// Goes to an instant: after everything that was there by then.
    ///
    /// # Errors
    ///
    /// As [`go_to`](Self::go_to).
    pub fn go_to_time(&mut self, instant: Timestamp) -> Result<&Board, Failure> {
        self.go_to(self.course.index().at(instant))
    }

    /// Goes to the next record that is wanted, or the one before, and says whether there is one.
    ///
    /// # Errors
    ///
    /// As [`go_to`](Self::go_to).
    pub fn go_to_wanted(&mut self, wanted: &Wanted, direction: Direction) -> Result<bool, Failure> {
        let found = match direction {
            Direction::Forward => self.course.index().next(wanted, self.at()),
            Direction::Back => self.course.index().previous(wanted, self.under()),
        };
        self.go_to_record(found)
    }

    /// The next place to stop at, or the one before.
    #[must_use]
    pub fn mark(&self, direction: Direction) -> Option<Position> {
        let found = match direction {
            Direction::Forward => self.marks.range(self.at()..).next(),
            Direction::Back => self.marks.range(..self.under()).next_back(),
        };
        found.map(|(place, _)| *place)
    }

    /// Goes to the next place to stop at, or the one before, and says whether there is one.
    ///
    /// # Errors
    ///
    /// As [`go_to`](Self::go_to).
    pub fn go_to_mark(&mut self, direction: Direction) -> Result<bool, Failure> {
        self.go_to_record(self.mark(direction))
    }

    /// What was found at the record under the cursor.
    #[must_use]
    pub fn marked(&self) -> Option<&str> {
        let under = self.at().0.checked_sub(1)?;
        self.marks.get(&Position(under)).map(String::as_str)
    }

    /// The place of the record under the cursor; the start where there is none.
    fn under(&self) -> Position {
        Position(self.at().0.saturating_sub(1))
    }

    fn go_to_record(&mut self, found: Option<Position>) -> Result<bool, Failure> {
        match found {
            Some(place) => self.go_to(place.next()).map(|_| true),
            None => Ok(false),
        }
    }
}

fn differs(place: Position) -> Failure {
    Failure::integrity(
        "checkpoint_differs",
        format!("the board kept at place {place} is not what the records before it fold to"),
    )
    .help("start the replay anew; where it says so again, the memory or the build of this tool is not to be trusted")
    .zh(
        format!("在位置 {place} 保存的状态与之前记录的重放结果不符"),
        Some("请重新启动回放；若仍出现，则本机内存或本程序不可信"),
    )
}

#[cfg(test)]
mod tests {
    use guichet_core::actor::{Actor, Role};
    use guichet_core::id::{PersonId, Revision, StreamId};
    use guichet_core::testkit::{centre, given, staff, submit};
    use guichet_core::time::date;
    use guichet_log::codec::Event;
    use guichet_log::record::Cause;

    use super::*;
    use crate::replay::InMemory;

    fn tape(cases: u64) -> InMemory {
        let directory = centre();
        let clerk = staff(Role::Clerk);
        let opened = given(&directory, []).when(&clerk, submit("permit"), date(2010, 3, 1));
        let event = opened.events()[0].clone();
        let record = |number: u64| Recorded {
            position: Position(number),
            stream: StreamId::new(&format!("case/{number}")).unwrap(),
            revision: Revision::START,
            recorded_at: Timestamp::from_micros(i64::try_from(number).unwrap()),
            occurred_at: Timestamp::from_micros(0),
            actor: Actor::new(PersonId::new("s01").unwrap(), Role::Clerk),
            authority: None,
            cause: Cause::Asked,
            command: format!("c-{number}").parse().unwrap(),
            event: Event::Case(event.clone()),
        };
        InMemory::recorded((0..cases).map(record).collect())
    }

    #[test]
    fn a_wrong_board_among_those_that_are_kept_is_caught() {
        let tape = tape(100);
        let mut replay = Replay::with_bounds(&tape, 10, usize::MAX, |_| {}).unwrap();
        assert_eq!(replay.check(), Ok(()));
        // A board that lost one case.
        let mut wrong = Board::new(tape.order());
        for recorded in tape.records(Position(1)).take(49) {
            wrong.apply(&recorded.unwrap());
        }
        wrong.apply(&tape.records(Position(49)).next().unwrap().unwrap());
        assert_eq!(wrong.at(), Position(50));
        replay.course.checkpoints.replace(wrong);
        assert_eq!(replay.check().unwrap_err().error, "checkpoint_differs");
        // Who plays over it hears of it too.
        replay.go_to(Position(49)).unwrap();
        assert_eq!(replay.step(1).unwrap_err().error, "checkpoint_differs");
    }
}
