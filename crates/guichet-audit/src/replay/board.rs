//! The board: the centre after some records of its log.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use guichet_core::case::{CaseEvent, CaseState, evolve};
use guichet_core::id::{CaseId, DepartmentId, Position, StreamId, WindowId};
use guichet_core::light::Light;
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::Event;
use guichet_log::projection::Recorded;

use super::order::Order;
use super::row::Row;

/// How many of the last events a board remembers: as many as a large screen shows.
pub(super) const HAPPENED_MAX: usize = 40;

/// Finished cases are kept in parts of this size, which boards share.
const PART_CASES: usize = 1024;

/// The centre after some records.
///
/// Cloning it is cheap: rows, reference data and finished cases are shared until they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    order: Order,
    at: Position,
    now: Option<Timestamp>,
    directory: Arc<Directory>,
    open: BTreeMap<CaseId, Arc<Row>>,
    finished: Finished,
    totals: Totals,
    departments: BTreeMap<DepartmentId, Totals>,
    windows: BTreeMap<WindowId, Totals>,
    happened: VecDeque<Happened>,
}

/// What was counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Cases that were received.
    pub received: u64,
    /// Cases that were accepted.
    pub accepted: u64,
    /// Cases that are over.
    pub done: u64,
    /// Of those, how many ended past a promise or a term of the law.
    pub done_late: u64,
}

/// One of the last events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Its place in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its kind.
    pub kind: &'static str,
    /// When, on the axis of the replay.
    pub at: Timestamp,
}

/// Cases that are over, the newest last; one that was opened again may stand here more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Finished {
    full: Vec<Arc<BTreeMap<CaseId, Done>>>,
    last: BTreeMap<CaseId, Done>,
}

/// A case that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Done {
    row: Arc<Row>,
    /// Whether it ended late, by the calendars that were known at its end.
    late: bool,
}

impl Finished {
    fn push(&mut self, case: CaseId, done: Done) {
        self.last.insert(case, done);
        if self.last.len() >= PART_CASES {
            self.full.push(Arc::new(std::mem::take(&mut self.last)));
        }
    }

    fn get(&self, case: &str) -> Option<(&CaseId, &Done)> {
        let mut parts = std::iter::once(&self.last).chain(self.full.iter().rev().map(AsRef::as_ref));
        parts.find_map(|part| part.get_key_value(case))
    }
}

impl Board {
    /// The board before the first record.
    #[must_use]
    pub fn new(order: Order) -> Self {
        Self {
            order,
            at: Position::START,
            now: None,
            directory: Arc::default(),
            open: BTreeMap::new(),
            finished: Finished::default(),
            totals: Totals::default(),
            departments: BTreeMap::new(),
            windows: BTreeMap::new(),
            happened: VecDeque::new(),
        }
    }

    /// How many records it has taken in: the place of the next one.
    #[must_use]
    pub const fn at(&self) -> Position {
        self.at
    }

    /// In which order.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// When the last record was, on the axis of the replay; none before the first.
    #[must_use]
    pub const fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// The day of the last record, by the clock of the centre.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        self.now.map(|now| self.directory.zone().date(now))
    }

    /// Who and what there is in the centre.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(super) const fn shared_directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The cases that are not over, by number.
    #[must_use]
    pub fn open(&self) -> impl ExactSizeIterator<Item = (&CaseId, &Row)> {
        self.open.iter().map(|(case, row)| (case, row.as_ref()))
    }

    /// The same, as boards share them.
    pub(super) fn shared_open(&self) -> impl ExactSizeIterator<Item = (&CaseId, &Arc<Row>)> {
        self.open.iter()
    }

    /// A case, over or not.
    #[must_use]
    pub fn case(&self, case: &str) -> Option<&Row> {
        match self.open.get(case) {
            Some(row) => Some(row),
            None => self.finished.get(case).map(|(_, done)| done.row.as_ref()),
        }
    }

    /// What was counted so far.
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    /// The same for a department that answers for cases.
    #[must_use]
    pub fn of_department(&self, department: &DepartmentId) -> Totals {
        self.departments.get(department).copied().unwrap_or_default()
    }

    /// The departments that answer, or answered, for cases.
    pub fn departments(&self) -> impl Iterator<Item = &DepartmentId> {
        self.departments.keys()
    }

    /// The same for the window at which the cases were last.
    #[must_use]
    pub fn of_window(&self, window: &WindowId) -> Totals {
        self.windows.get(window).copied().unwrap_or_default()
    }

    /// The last events, the oldest first.
    #[must_use]
    pub fn happened(&self) -> impl DoubleEndedIterator<Item = &Happened> {
        self.happened.iter()
    }

    /// Takes in the next record.
    pub fn apply(&mut self, recorded: &Recorded) {
        let at = self.order.time(recorded);
        self.at = self.at.next();
        // As things happened, reference data stand before everything, whenever they were published.
        if self.order == Order::Recorded || recorded.stream.case_name().is_some() {
            // What was entered late does not turn the clock back.
            self.now = Some(self.now.map_or(at, |now| now.max(at)));
        }
        if self.happened.len() >= HAPPENED_MAX {
            self.happened.pop_front();
        }
        self.happened.push_back(Happened {
            position: recorded.position,
            stream: recorded.stream.clone(),
            kind: recorded.event.kind(),
            at,
        });
        match &recorded.event {
            Event::Reference(event) => Arc::make_mut(&mut self.directory).apply(event),
            Event::Case(event) => {
                if let Some(case) = recorded.stream.case_name() {
                    self.apply_case(case, event);
                }
            }
        }
    }

    fn apply_case(&mut self, case: &str, event: &CaseEvent) {
        if let Some(row) = self.open.get_mut(case) {
            if tells_nothing(event) {
                return;
            }
            let before = row.is_accepted();
            let after = row.after(event);
            let accepted = u64::from(!before && after.is_accepted());
            let finished = after.is_finished();
            *row = Arc::new(after);
            if accepted > 0 {
                let row = Arc::clone(row);
                self.count(&row, |totals| totals.accepted += accepted);
            }
            if finished && let Some((case, row)) = self.open.remove_entry(case) {
                self.finish(case, row);
            }
        } else if let CaseEvent::CaseSubmitted(submitted) = event {
            if let (CaseState::Known(known), Ok(case)) = (evolve(CaseState::Absent, event), CaseId::new(case))
            {
                let mut known = *known;
                // Many cases name the same few things: the directory's names serve them all.
                if let Some((id, _)) = self.directory.procedures.get_key_value(&submitted.procedure) {
                    known.procedure = id.clone();
                }
                if let Some((id, _)) = self.directory.departments.get_key_value(&submitted.department) {
                    known.department = id.clone();
                }
                let window = submitted.window.as_ref();
                if let Some((id, _)) = window.and_then(|window| self.directory.windows.get_key_value(window))
                {
                    known.window = Some(id.clone());
                }
                let row = Arc::new(Row::of(known));
                self.count(&row, |totals| totals.received += 1);
                self.open.insert(case, row);
            }
        } else if reaches_the_finished(event)
            && let Some((case, before)) = self.finished.get(case)
        {
            let (case, before) = (case.clone(), before.clone());
            let after = Arc::new(before.row.after(event));
            self.count(&before.row, |totals| {
                totals.done -= 1;
                totals.done_late -= u64::from(before.late);
            });
            if after.is_finished() {
                self.finish(case, after);
            } else {
                self.open.insert(case, after);
            }
        }
    }

    fn finish(&mut self, case: CaseId, row: Arc<Row>) {
        let late = self.is_late(&row);
        self.count(&row, |totals| {
            totals.done += 1;
            totals.done_late += u64::from(late);
        });
        self.finished.push(case, Done { row, late });
    }

    /// Whether a case that is over ended late. Its colour is that of its end, whatever day it is asked on.
    fn is_late(&self, row: &Row) -> bool {
        let light = row.light(&self.directory, row.received_on());
        light.is_some_and(|light| matches!(light.light, Light::Red | Light::Black))
    }

    fn count(&mut self, row: &Row, change: impl Fn(&mut Totals)) {
        change(&mut self.totals);
        change(self.departments.entry(row.department().clone()).or_default());
        if let Some(window) = row.window() {
            change(self.windows.entry(window.clone()).or_default());
        }
    }

    /// About how much memory this board takes beside another one with which it shares rows.
    #[must_use]
    pub fn bytes_beside(&self, other: &Self) -> usize {
        // A pair of identifiers and pointers, in nodes that are filled by two thirds.
        const ENTRY_BYTES: usize = 24 * 3 / 2;
        const HAPPENED_BYTES: usize = size_of::<Happened>() + 32;
        let own = |case: &CaseId, row: &Arc<Row>| {
            let other = other.open.get(case);
            !other.is_some_and(|other| Arc::ptr_eq(other, row))
        };
        let rows = self.open.iter().filter(|(case, row)| own(case, row));
        let rows: usize = rows.map(|(_, row)| row.bytes()).sum();
        let parts = self.finished.full.len();
        let new = self.finished.full.get(other.finished.full.len().min(parts)..);
        let new: usize = new.unwrap_or_default().iter().map(|part| bytes_of(part)).sum();
        size_of::<Self>()
            + rows
            + new
            + bytes_of(&self.finished.last)
            + ENTRY_BYTES * self.open.len()
            + size_of::<Arc<Row>>() * parts
            + HAPPENED_BYTES * self.happened.len()
            + 64 * (self.departments.len() + self.windows.len())
    }
}

fn bytes_of(part: &BTreeMap<CaseId, Done>) -> usize {
    part.values().map(|done| done.row.bytes() + 48).sum()
}

/// Events that change nothing that a row knows: most of them, after a case is decided.
const fn tells_nothing(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::LightTurned(_)
            | CaseEvent::StepRecorded(_)
            | CaseEvent::DueDateAnnounced(_)
            | CaseEvent::RatingOffered(_)
            | CaseEvent::RatingGiven(_)
            | CaseEvent::FeeNotified(_)
            | CaseEvent::FeePaid(_)
            | CaseEvent::AgencyLogged(_)
            | CaseEvent::CertificateIssued(_)
    )
}

/// Events that can change where a case stands that is over.
const fn reaches_the_finished(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::CaseReopened(_) | CaseEvent::DecisionRevoked(_) | CaseEvent::ProcedureMigrated(_)
    )
}
