//! The index of a replay: of each record its time, its case, its department and its window, in a few bytes.

use std::collections::BTreeMap;

use guichet_core::id::{CaseId, DepartmentId, Position, WindowId};
use guichet_core::time::Timestamp;
use guichet_log::projection::Recorded;

use super::board::Board;

/// No case, no department, no window.
const NONE: u32 = u32::MAX;
const NONE_SHORT: u16 = u16::MAX;

/// Of each record its time, its case, its department and its window: 16 bytes a record, and about 100 a case.
#[derive(Clone, Debug, Default)]
pub struct Index {
    times: Vec<Timestamp>,
    cases: Vec<u32>,
    departments: Vec<u16>,
    windows: Vec<u16>,
    case_names: Names<CaseId>,
    department_names: Names<DepartmentId>,
    window_names: Names<WindowId>,
}

#[derive(Clone, Debug)]
struct Names<T> {
    by_name: BTreeMap<T, u32>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            by_name: BTreeMap::new(),
        }
    }
}

impl<T: Ord + Clone> Names<T> {
    fn number(&mut self, name: &T) -> u32 {
        if let Some(number) = self.by_name.get(name) {
            return *number;
        }
        let number = u32::try_from(self.by_name.len()).unwrap_or(NONE);
        self.by_name.insert(name.clone(), number);
        number
    }
}

/// Which records are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those of a case.
    Case(CaseId),
    /// Those of a department.
    Department(DepartmentId),
    /// Those at a window.
    Window(WindowId),
}

impl Index {
    /// Takes in the next record; `after` is the board that already has it.
    pub(super) fn push(&mut self, recorded: &Recorded, after: &Board) {
        self.times
            .push(after.now().unwrap_or(Timestamp::from_micros(i64::MIN)));
        let Some(case) = recorded.stream.case() else {
            self.cases.push(NONE);
            self.departments.push(NONE_SHORT);
            self.windows.push(NONE_SHORT);
            return;
        };
        let row = after.case(case.as_str());
        let department = recorded.actor.department.as_ref();
        let department = department.or_else(|| row.and_then(|row| row.departments().next()));
        let window = recorded.actor.window.as_ref();
        let window = window.or_else(|| row.and_then(|row| row.window()));
        let short = |number: u32| u16::try_from(number).unwrap_or(NONE_SHORT);
        self.departments
            .push(department.map_or(NONE_SHORT, |id| short(self.department_names.number(id))));
        self.windows
            .push(window.map_or(NONE_SHORT, |id| short(self.window_names.number(id))));
        self.cases.push(self.case_names.number(&case));
    }

    /// The place after all records that were there at an instant.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> Position {
        place(self.times.partition_point(|time| *time <= instant))
    }

    /// When a record was, on the axis of the replay.
    #[must_use]
    pub fn time(&self, place: Position) -> Option<Timestamp> {
        self.times.get(usize::try_from(place.0).ok()?).copied()
    }

    /// When the first record was, and the last.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        // Reference data may have been published long before the centre opened, or stand first though they came later.
        let first = self.cases.iter().position(|case| *case != NONE).unwrap_or(0);
        Some((*self.times.get(first)?, *self.times.last()?))
    }

    /// All cases.
    #[must_use]
    pub fn cases(&self) -> impl ExactSizeIterator<Item = &CaseId> + Clone {
        self.case_names.by_name.keys()
    }

    /// All departments that had to do with a case.
    #[must_use]
    pub fn departments(&self) -> impl ExactSizeIterator<Item = &DepartmentId> + Clone {
        self.department_names.by_name.keys()
    }

    /// All windows that had to do with a case.
    #[must_use]
    pub fn windows(&self) -> impl ExactSizeIterator<Item = &WindowId> + Clone {
        self.window_names.by_name.keys()
    }

    /// The first record from a place on that is wanted.
    #[must_use]
    pub fn next(&self, wanted: &Wanted, from: Position) -> Option<Position> {
        let from = usize::try_from(from.0).ok()?;
        let found = match self.number(wanted)? {
            Column::Case(number) => first(&self.cases, &number, from),
            Column::Department(number) => first(&self.departments, &number, from),
            Column::Window(number) => first(&self.windows, &number, from),
        };
        found.map(place)
    }

    /// The last record before a place that is wanted.
    #[must_use]
    pub fn previous(&self, wanted: &Wanted, before: Position) -> Option<Position> {
        let before = usize::try_from(before.0).ok()?;
        let found = match self.number(wanted)? {
            Column::Case(number) => last(&self.cases, &number, before),
            Column::Department(number) => last(&self.departments, &number, before),
            Column::Window(number) => last(&self.windows, &number, before),
        };
        found.map(place)
    }

    fn number(&self, wanted: &Wanted) -> Option<Column> {
        Some(match wanted {
            Wanted::Case(id) => Column::Case(*self.case_names.by_name.get(id)?),
            Wanted::Department(id) => {
                Column::Department(u16::try_from(*self.department_names.by_name.get(id)?).ok()?)
            }
            Wanted::Window(id) => Column::Window(u16::try_from(*self.window_names.by_name.get(id)?).ok()?),
        })
    }
}

enum Column {
    Case(u32),
    Department(u16),
    Window(u16),
}

fn first<T: PartialEq>(column: &[T], number: &T, from: usize) -> Option<usize> {
    let rest = column.get(from..)?;
    Some(from + rest.iter().position(|at| at == number)?)
}

fn last<T: PartialEq>(column: &[T], number: &T, before: usize) -> Option<usize> {
    let before = column.get(..before.min(column.len()))?;
    before.iter().rposition(|at| at == number)
}

fn place(index: usize) -> Position {
    Position(u64::try_from(index).unwrap_or(u64::MAX))
}
