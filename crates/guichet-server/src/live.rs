//! What goes on: a thread that follows the log, and shows the centre as it stands at most four times a second.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::thread;
use std::time::{Duration, Instant};

use guichet::{EngineError, Guichet, Subscription};
use guichet_audit::findings::{Findings, Found, Rules};
use guichet_audit::replay::{
    Board, BoardView, Course, InMemory, Lights, Order, Tape as _, Totals, Views, is_imported,
};
use guichet_audit::source::port::Port;
use guichet_audit::source::{Records, Source as _};
use guichet_core::id::{CaseId, DepartmentId, Position, WindowId};
use guichet_core::time::{Date, Timestamp};
use guichet_log::log::with_sources;
use guichet_log::projection::{Projection as _, Recorded};
use guichet_terminal::context::Failure;
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::public::{Number, Numbers};

/// How long what changes is gathered before it is shown.
const SHOWN_EVERY: Duration = Duration::from_millis(250);

/// How often the clock is looked at where nothing changes: lights turn at midnight.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

/// How many of the last events are remembered for those who follow.
const RECENT_MAX: usize = 4_096;

/// How long what was found is shown before it is looked for again.
const FOUND_FOR: Duration = Duration::from_secs(5);

/// One event, for those who follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) position: Position,
    pub(crate) case: Option<CaseId>,
    pub(crate) kind: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) department: Option<DepartmentId>,
    pub(crate) window: Option<WindowId>,
}

/// A day that is over, with where the log stood at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DayMark {
    day: Date,
    /// How many records there were at its end, in the order of the replay.
    position: Position,
    received: u64,
    done: u64,
    open: u64,
}

/// The centre as it was shown last.
pub(crate) struct Now {
    pub(crate) board: Board,
    pub(crate) view: BoardView,
}

/// What was read of the log so far.
pub(crate) struct Reading {
    pub(crate) course: Course,
    findings: Findings,
    days: Vec<DayMark>,
    last_day: Option<(Date, DayMark)>,
    recent: VecDeque<Line>,
    pub(crate) numbers: Numbers,
}

/// The centre as it goes on.
pub(crate) struct Live {
    engine: Guichet,
    reading: RwLock<Reading>,
    shown: watch::Sender<Arc<Now>>,
    found: Mutex<Option<(Instant, Arc<Found>)>>,
    failed: Mutex<Option<String>>,
    /// Where the log ended when this began, and whether it was read up to there.
    began_at: Position,
    read: watch::Sender<bool>,
}

impl Live {
    /// Begins to follow, until the server or the engine ends. `numbers` makes the numbers and secrets that the public knows cases by.
    pub(crate) fn start(
        engine: Guichet,
        rules: Arc<Rules>,
        numbers: Numbers,
        ending: watch::Receiver<bool>,
    ) -> std::io::Result<Arc<Self>> {
        let order = Order::Recorded;
        let course = Course::new(order);
        let mut views = Views::default();
        let shown = now(&engine, &course, &mut views);
        let began_at = engine.head();
        let live = Arc::new(Self {
            engine,
            began_at,
            read: watch::Sender::new(began_at == Position::START),
            reading: RwLock::new(Reading::new(course, rules, numbers)),
            shown: watch::Sender::new(shown),
            found: Mutex::default(),
            failed: Mutex::default(),
        });
        let follower = Arc::clone(&live);
        // Its own, so that it ends when it is told to and not when a runtime is taken from under it.
        let runtime = Builder::new_current_thread().enable_time().build()?;
        thread::Builder::new()
            .name("guichet-live".to_owned())
            .spawn(move || {
                if let Err(why) = follower.follow(&mut views, &runtime, &ending) {
                    *follower.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
                    // Nobody waits for what does not come.
                    follower.read.send_replace(true);
                }
            })?;
        Ok(live)
    }

    /// The engine.
    pub(crate) const fn engine(&self) -> &Guichet {
        &self.engine
    }

    /// The centre as it is shown now.
    pub(crate) fn now(&self) -> Arc<Now> {
        Arc::clone(&self.shown.borrow())
    }

    /// Hears of every change that is shown.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Now>> {
        self.shown.subscribe()
    }

    /// What was read.
    pub(crate) fn reading(&self) -> RwLockReadGuard<'_, Reading> {
        self.reading.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which record stopped it, if one did.
    pub(crate) fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what was there when this began has been read and is shown: sums before that are of a part of the log.
    pub(crate) async fn read(&self) {
        // The sender is this one's own.
        let _ = self.read.subscribe().wait_for(|read| *read).await;
    }

    /// Whether it has been.
    pub(crate) fn is_read(&self) -> bool {
        *self.read.borrow()
    }

    /// How many hundredths of it have been.
    pub(crate) fn percent_read(&self) -> u64 {
        let at = self.now().board.at().0.min(self.began_at.0);
        at.saturating_mul(100) / self.began_at.0.max(1)
    }

    /// How many records are not shown yet.
    pub(crate) fn lag(&self) -> u64 {
        self.engine.head().0.saturating_sub(self.now().board.at().0)
    }

    /// What the rules of supervision find, as of some seconds ago at most. Blocks while it is looked for.
    pub(crate) fn found(&self) -> Arc<Found> {
        // Held while it is looked for, so that many who ask at once have it done once.
        let mut kept = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, found)) = kept.as_ref().filter(|(at, _)| at.elapsed() < FOUND_FOR) {
            let _ = at;
            return Arc::clone(found);
        }
        let found = Arc::new(self.reading().findings.found());
        *kept = Some((Instant::now(), Arc::clone(&found)));
        found
    }

    /// The centre at a place of its log. Blocks while records are read.
    pub(crate) fn board_at(&self, place: Position) -> Result<Board, Failure> {
        let (mut board, place) = {
            let reading = self.reading();
            let place = place.min(reading.course.board().at());
            let start = || Board::new(reading.course.board().order());
            (reading.course.before(place).cloned().unwrap_or_else(start), place)
        };
        if board.at() == place {
            return Ok(board);
        }
        let source = Port::new(Arc::clone(self.engine.log()));
        if board.order() == Order::Recorded {
            let from = board.at();
            take_up_to(&mut board, place, source.records(from))?;
        } else {
            let tape = InMemory::occurred_in(&source)?;
            let from = board.at();
            take_up_to(&mut board, place, tape.records(from))?;
        }
        Ok(board)
    }

    /// Follows the log until the engine ends; the reason where it cannot go on.
    fn follow(
        &self,
        views: &mut Views,
        runtime: &Runtime,
        ending: &watch::Receiver<bool>,
    ) -> Result<(), String> {
        let from = self.take_history(views)?;
        let mut subscription = self.engine.subscribe(from);
        let mut shown_at = Instant::now();
        let mut unshown = true;
        while !*ending.borrow() {
            let wait = if unshown {
                SHOWN_EVERY.saturating_sub(shown_at.elapsed())
            } else {
                LOOKED_EVERY
            };
            match self.take_next(&mut subscription, wait, runtime) {
                Ok(Taken::Some) => unshown = true,
                Ok(Taken::None) => {}
                Ok(Taken::Ended) => {
                    self.show(views);
                    return Ok(());
                }
                Err(error) => return Err(with_sources(&error)),
            }
            let turned = self.now().view.day != Some(self.engine.today());
            let awaited = !self.is_read() && self.reading().course.board().at() >= self.began_at;
            if awaited || (unshown || turned) && shown_at.elapsed() >= SHOWN_EVERY {
                self.show(views);
                shown_at = Instant::now();
                unshown = false;
            }
        }
        Ok(())
    }

    /// Takes in what is there now. A log that was imported is replayed as things happened: it was recorded on one day.
    fn take_history(&self, views: &mut Views) -> Result<Position, String> {
        let told = |failure: Failure| failure.to_string();
        let source = Port::new(Arc::clone(self.engine.log()));
        let end = source.end();
        if !is_imported(&source).map_err(told)? {
            return Ok(Position::START);
        }
        let Ok(tape) = InMemory::occurred_in(&source) else {
            return Ok(Position::START);
        };
        let mut reading = self.reading.write().unwrap_or_else(PoisonError::into_inner);
        reading.course = Course::new(Order::Occurred);
        for recorded in source.records(Position::START) {
            let recorded = recorded.map_err(told)?;
            reading.note(&recorded);
        }
        for recorded in tape.records(Position::START) {
            reading.go_on(&recorded.map_err(told)?);
        }
        drop(reading);
        self.show(views);
        Ok(end)
    }

    fn take_next(
        &self,
        subscription: &mut Subscription,
        wait: Duration,
        runtime: &Runtime,
    ) -> Result<Taken, EngineError> {
        let next = runtime.block_on(async { tokio::time::timeout(wait, subscription.next()).await });
        let first = match next {
            Err(_) => return Ok(Taken::None),
            Ok(next) => match next? {
                Some(first) => first,
                None => return Ok(Taken::Ended),
            },
        };
        let more = runtime.block_on(subscription.available())?;
        let mut reading = self.reading.write().unwrap_or_else(PoisonError::into_inner);
        for recorded in std::iter::once(first).chain(more) {
            reading.note(&recorded);
            reading.go_on(&recorded);
        }
        Ok(Taken::Some)
    }

    /// Shows the centre as it was read.
    fn show(&self, views: &mut Views) {
        let now = now(&self.engine, &self.reading().course, views);
        let read = now.board.at() >= self.began_at;
        self.shown.send_replace(now);
        if read && !self.is_read() {
            self.read.send_replace(true);
        }
    }
}

enum Taken {
    Some,
    None,
    Ended,
}

fn take_up_to(board: &mut Board, place: Position, records: Records<'_>) -> Result<(), Failure> {
    for recorded in records {
        if board.at() >= place {
            break;
        }
        board.apply(&recorded?);
    }
    Ok(())
}

/// The board as it stands now, with lights as of today.
fn now(engine: &Guichet, course: &Course, views: &mut Views) -> Arc<Now> {
    let board = course.board().clone();
    let view = views.next(&board, board.at(), Some(engine.now()));
    Arc::new(Now { board, view })
}

impl Reading {
    fn new(course: Course, rules: Arc<Rules>, numbers: Numbers) -> Self {
        Self {
            course,
            findings: Findings::new(rules, guichet_stats::AsOf::Now),
            days: Vec::new(),
            last_day: None,
            recent: VecDeque::new(),
            numbers,
        }
    }

    /// Takes in a record for whoever reads in the order of the log.
    fn note(&mut self, recorded: &Recorded) {
        self.findings.apply(recorded);
        if let Some(case) = recorded.stream.case()
            && recorded.revision.0 == 0
        {
            self.numbers.add(case);
        }
    }

    /// Takes in the next record of the course.
    fn go_on(&mut self, recorded: &Recorded) {
        self.course.apply(recorded);
        let board = self.course.board();
        let row = recorded.stream.case_name().and_then(|case| board.case(case));
        let department = recorded.actor.department.clone();
        let department = department.or_else(|| row.map(|row| row.department().clone()));
        let window = recorded.actor.window.clone();
        let window = window.or_else(|| row.and_then(|row| row.window().cloned()));
        if self.recent.len() >= RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(Line {
            position: Position(board.at().0.saturating_sub(1)),
            case: recorded.stream.case(),
            kind: recorded.event.kind(),
            at: board.order().time(recorded),
            department,
            window,
        });
        let Some(day) = board.day() else { return };
        let Totals { received, done, .. } = board.totals();
        let mark = DayMark {
            day,
            position: board.at(),
            received,
            done,
            open: u64::try_from(board.open().len()).unwrap_or(u64::MAX),
        };
        if let Some((last, mark)) = self.last_day.filter(|(last, _)| *last != day) {
            let _ = last;
            self.days.push(mark);
        }
        self.last_day = Some((day, mark));
    }

    /// The days of the log, the last one as far as it has come.
    pub(crate) fn days(&self) -> impl Iterator<Item = DayMark> + '_ {
        let last = self.last_day.map(|(_, mark)| mark);
        self.days.iter().copied().chain(last)
    }

    /// The events of some places that are still remembered, the oldest first, at most so many of the newest; and how many
    /// were left out.
    pub(crate) fn lines(&self, places: Range<Position>, max: usize) -> (Vec<Line>, u64) {
        let asked = places.end.0.saturating_sub(places.start.0);
        let within = self
            .recent
            .iter()
            .rev()
            .skip_while(|line| line.position >= places.end)
            .take_while(|line| line.position >= places.start);
        let mut lines: Vec<Line> = within.take(max).cloned().collect();
        lines.reverse();
        let told = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        (lines, asked.saturating_sub(told))
    }

    /// The case of a number that the public knows.
    pub(crate) fn case_of(&self, number: &Number) -> Option<&CaseId> {
        self.numbers.case(number)
    }
}

/// What is told of a board without its cases: the part that anybody who sees sums may see.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) now: Option<Timestamp>,
    pub(crate) day: Option<Date>,
    pub(crate) lights: Lights,
    pub(crate) totals: guichet_audit::replay::TotalsView,
}

impl Summary {
    pub(crate) fn of(view: &BoardView) -> Self {
        Self {
            now: view.now,
            day: view.day,
            lights: view.lights,
            totals: view.totals,
        }
    }
}
