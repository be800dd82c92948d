//! The board as programs and screens read it, as `schemas/replay.v1.schema.json` describes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_core::case::event::ClockKind;
use guichet_core::id::{BlockId, CaseId, DepartmentId, PersonId, Position, ProcedureId, StepId, WindowId};
use guichet_core::light::Light;
use guichet_core::reference::{Directory, WindowForm};
use guichet_core::time::{Date, Timestamp};
use serde::Serialize;

use super::board::Board;
use super::order::Order;
use super::row::Row;

/// How many cases show each light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lights {
    /// Time is left.
    pub green: u64,
    /// Little is left.
    pub yellow: u64,
    /// Past a promise, or a term without one.
    pub red: u64,
    /// Past a term of the law.
    pub black: u64,
    /// The clocks stand still.
    pub grey: u64,
    /// No clock ever ran, or no calendar tells.
    pub none: u64,
}

impl Lights {
    /// One more.
    pub const fn add(&mut self, light: Option<Light>) {
        *match light {
            Some(Light::Green) => &mut self.green,
            Some(Light::Yellow) => &mut self.yellow,
            Some(Light::Red) => &mut self.red,
            Some(Light::Black) => &mut self.black,
            Some(Light::Grey) => &mut self.grey,
            None => &mut self.none,
        } += 1;
    }

    /// How many show a light.
    #[must_use]
    pub const fn of(&self, light: Option<Light>) -> u64 {
        match light {
            Some(Light::Green) => self.green,
            Some(Light::Yellow) => self.yellow,
            Some(Light::Red) => self.red,
            Some(Light::Black) => self.black,
            Some(Light::Grey) => self.grey,
            None => self.none,
        }
    }

    /// Past a promise or a term of the law.
    #[must_use]
    pub const fn overdue(&self) -> u64 {
        self.red + self.black
    }
}

/// The centre at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BoardView {
    /// The version of this form.
    pub version: u16,
    /// In which order the log is replayed.
    pub order: Order,
    /// How many records were taken in.
    pub at: Position,
    /// How many there are.
    pub end: Position,
    /// When the last of them was, or the moment that was asked for.
    pub now: Option<Timestamp>,
    /// That day, by the clock of the centre; lights are as of it.
    pub day: Option<Date>,
    /// What was counted.
    pub totals: TotalsView,
    /// The lights of the cases that are not over.
    pub lights: Lights,
    /// The windows, by id.
    pub windows: Vec<WindowRow>,
    /// The departments that have, or had, cases, by id.
    pub departments: Vec<DepartmentRow>,
    /// The cases that are not over: the worst light first, then by due date, then by number.
    pub cases: Vec<CaseRow>,
    /// The last events, the oldest first.
    pub events: Vec<EventLine>,
}

/// What was counted: `received` is `in_hand`, `waiting` and `done` together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TotalsView {
    /// Cases that were received.
    pub received: u64,
    /// Cases that were accepted.
    pub accepted: u64,
    /// The next move is the centre's.
    pub in_hand: u64,
    /// The applicant corrects the file, or the clocks stand still.
    pub waiting: u64,
    /// Over: completed, or ended without a decision.
    pub done: u64,
    /// Of those that are over, past a promise or a term of the law.
    pub done_late: u64,
    /// Of those that are not over, past a promise or a term of the law.
    pub overdue: u64,
}

/// A window with what lies there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowRow {
    /// The window; none for cases that no window has.
    pub window: Option<WindowId>,
    /// Its form.
    pub form: Option<WindowForm>,
    /// The departments on duty there that day.
    pub departments: Vec<DepartmentId>,
    /// How many cases lie there.
    pub open: u64,
    /// How many are on their way there.
    pub coming: u64,
    /// How many were received there.
    pub received: u64,
    /// How many ended there.
    pub done: u64,
    /// The lights of the cases there.
    pub lights: Lights,
    /// The cases there, the most urgent first.
    pub queue: Vec<CaseId>,
}

/// A department with what it has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DepartmentRow {
    /// The department.
    pub department: DepartmentId,
    /// Cases in which it has to do something.
    pub open: u64,
    /// The lights of those.
    pub lights: Lights,
    /// Cases that it answers for, received.
    pub received: u64,
    /// Of those, over.
    pub done: u64,
    /// Of those that are over, late.
    pub done_late: u64,
}

/// A case that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseRow {
    /// The case.
    pub case: CaseId,
    /// Its procedure.
    pub procedure: ProcedureId,
    /// The department that answers for it.
    pub department: DepartmentId,
    /// The window that has the file.
    pub window: Option<WindowId>,
    /// Where it stands.
    pub stage: &'static str,
    /// The light of its worst clock.
    pub light: Option<Light>,
    /// Which clock that is.
    pub clock: Option<ClockKind>,
    /// Of what, where the case may have several of the kind.
    pub clock_of: Option<BlockId>,
    /// The last day of that clock.
    pub due_on: Option<Date>,
    /// When it was received.
    pub received_on: Date,
    /// The steps that somebody has to do.
    pub steps: Vec<StepId>,
    /// Who has one of them.
    pub holder: Option<PersonId>,
}

/// One event, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventLine {
    /// Its place in the log.
    pub position: Position,
    /// Its case; none for reference data.
    pub case: Option<CaseId>,
    /// Its kind.
    pub kind: &'static str,
    /// When, on the axis of the replay.
    pub at: Timestamp,
}

/// How urgent a light is: the worst first, what stands still last.
const fn urgency(light: Option<Light>) -> u8 {
    match light {
        Some(Light::Black) => 0,
        Some(Light::Red) => 1,
        Some(Light::Yellow) => 2,
        Some(Light::Green) => 3,
        Some(Light::Grey) => 4,
        None => 5,
    }
}

impl CaseRow {
    /// A case as it stands on a day.
    #[must_use]
    pub fn of(board: &Board, case: &CaseId, row: &Row, day: Option<Date>) -> Self {
        let light = day.and_then(|day| row.light(board.directory(), day));
        let (shows, due_on, clock) = light.map_or((None, None, None), |light| {
            (Some(light.light), light.due_on, light.clock)
        });
        let (clock, clock_of) = clock.map_or((None, None), |clock| (Some(clock.kind), clock.of));
        Self {
            case: case.clone(),
            procedure: row.procedure().clone(),
            department: row.department().clone(),
            window: row.window().cloned(),
            stage: row.stage().as_str(),
            light: shows,
            clock,
            clock_of,
            due_on,
            received_on: row.received_on(),
            steps: row.steps().iter().map(|step| step.id.clone()).collect(),
            holder: row.holder().cloned(),
        }
    }
}

impl CaseRow {
    /// Puts rows in order: the worst light first, then by due date, then by number.
    pub fn sort_by_urgency(rows: &mut [Self]) {
        rows.sort_by(by_urgency);
    }
}

fn by_urgency(a: &CaseRow, b: &CaseRow) -> std::cmp::Ordering {
    let key = |row: &CaseRow| (urgency(row.light), row.due_on.unwrap_or(Date::MAX));
    key(a).cmp(&key(b)).then_with(|| a.case.cmp(&b.case))
}

/// One view after another of a board that goes on.
///
/// From one to the next most cases stand as they stood, and thawing them for their lights is most of the work: what was worked
/// out for a case is kept while its row, the day and the reference data are the same.
#[derive(Debug, Default)]
pub struct Views {
    of: Option<(Arc<Directory>, Option<Date>)>,
    /// By number.
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    row: Arc<Row>,
    shown: CaseRow,
}

impl Views {
    /// A board as it stands at a moment; at its last record where none is asked for.
    pub fn next(&mut self, board: &Board, end: Position, moment: Option<Timestamp>) -> BoardView {
        let now = moment.or(board.now());
        let day = now.map(|now| board.directory().zone().date(now));
        self.keep(board, day);
        BoardView::made(board, end, now, day, &self.most_urgent_first())
    }

    /// Keeps what still holds of the rows, and makes the others.
    fn keep(&mut self, board: &Board, day: Option<Date>) {
        let holds = self
            .of
            .as_ref()
            .is_some_and(|(directory, of)| *of == day && Arc::ptr_eq(directory, board.shared_directory()));
        let before = std::mem::take(&mut self.kept);
        let mut before = before.into_iter().filter(|_| holds).peekable();
        let open = board.shared_open().map(|(case, row)| {
            while before.next_if(|kept| kept.shown.case < *case).is_some() {}
            let kept = before.next_if(|kept| kept.shown.case == *case && Arc::ptr_eq(&kept.row, row));
            kept.unwrap_or_else(|| Kept {
                row: Arc::clone(row),
                shown: CaseRow::of(board, case, row, day),
            })
        });
        self.kept = open.collect();
        self.of = Some((Arc::clone(board.shared_directory()), day));
    }

    /// The cases that are not over, the worst light first, then by due date, then by number.
    fn most_urgent_first(&self) -> Vec<&Kept> {
        let mut open: Vec<_> = self.kept.iter().collect();
        open.sort_by(|a, b| by_urgency(&a.shown, &b.shown));
        open
    }
}

impl BoardView {
    /// A board as it stands at a moment; at its last record where none is asked for.
    #[must_use]
    pub fn of(board: &Board, end: Position, moment: Option<Timestamp>) -> Self {
        Views::default().next(board, end, moment)
    }

    fn made(board: &Board, end: Position, now: Option<Timestamp>, day: Option<Date>, open: &[&Kept]) -> Self {
        let directory = board.directory();
        let mut lights = Lights::default();
        let mut waiting = 0;
        let mut at_windows: BTreeMap<Option<&WindowId>, (Lights, Vec<CaseId>)> = BTreeMap::new();
        let mut coming: BTreeMap<&WindowId, u64> = BTreeMap::new();
        let mut at_departments: BTreeMap<DepartmentId, Lights> = BTreeMap::new();
        for Kept { shown, row } in open {
            lights.add(shown.light);
            waiting += u64::from(row.waits());
            let at = at_windows.entry(row.window()).or_default();
            at.0.add(shown.light);
            at.1.push(shown.case.clone());
            if let Some(to) = row.to() {
                *coming.entry(to).or_default() += 1;
            }
            for department in row.departments() {
                at_departments
                    .entry(department.clone())
                    .or_default()
                    .add(shown.light);
            }
        }
        let window = |window: Option<&WindowId>| {
            let known = window.and_then(|window| directory.windows.get(window));
            let totals = window.map(|window| board.of_window(window)).unwrap_or_default();
            let here = at_windows.get(&window);
            let queue = here.map(|(_, queue)| queue.as_slice()).unwrap_or_default();
            WindowRow {
                window: window.cloned(),
                form: known.map(|known| known.form),
                departments: window
                    .zip(day)
                    .map(|(window, day)| directory.on_duty(window, day).into_iter().collect())
                    .unwrap_or_default(),
                open: queue.len() as u64,
                coming: window
                    .and_then(|window| coming.get(window))
                    .copied()
                    .unwrap_or_default(),
                received: totals.received,
                done: totals.done,
                lights: here.map(|(lights, _)| *lights).unwrap_or_default(),
                queue: queue.to_vec(),
            }
        };
        let mut names: Vec<Option<&WindowId>> = directory.windows.keys().map(Some).collect();
        names.extend(
            at_windows
                .keys()
                .filter(|name| name.is_none_or(|name| !directory.windows.contains_key(name))),
        );
        let windows = names.into_iter().map(window).collect();
        let departments = departments(board, at_departments);
        let totals = board.totals();
        BoardView {
            version: 1,
            order: board.order(),
            at: board.at(),
            end,
            now,
            day,
            totals: TotalsView {
                received: totals.received,
                accepted: totals.accepted,
                in_hand: open.len() as u64 - waiting,
                waiting,
                done: totals.done,
                done_late: totals.done_late,
                overdue: lights.overdue(),
            },
            lights,
            windows,
            departments,
            cases: open.iter().map(|kept| kept.shown.clone()).collect(),
            events: board
                .happened()
                .map(|happened| EventLine {
                    position: happened.position,
                    case: happened.stream.case(),
                    kind: happened.kind,
                    at: happened.at,
                })
                .collect(),
        }
    }
}

fn departments(board: &Board, mut open: BTreeMap<DepartmentId, Lights>) -> Vec<DepartmentRow> {
    for department in board.departments() {
        open.entry(department.clone()).or_default();
    }
    let rows = open.into_iter().map(|(department, lights)| {
        let totals = board.of_department(&department);
        let Lights {
            green,
            yellow,
            red,
            black,
            grey,
            none,
        } = lights;
        DepartmentRow {
            department,
            open: green + yellow + red + black + grey + none,
            lights,
            received: totals.received,
            done: totals.done,
            done_late: totals.done_late,
        }
    });
    rows.collect()
}
