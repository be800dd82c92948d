//! The player as a person uses it: what is on the screen, and what each key does to it. Nothing here touches a terminal.

mod draw;
mod keys;
pub(super) mod terminal;
mod words;

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_core::id::{CaseId, Position};
use guichet_core::time::Timestamp;
use guichet_core::zone::LocalTime;
use guichet_log::codec::Event;
use guichet_log::codec::json::Fields;
use guichet_log::projection::Recorded;
use guichet_terminal::context::{Failure, Lang};
use guichet_terminal::words::event_name;

use super::{BoardView, Direction, Replay, Wanted};
use words::say;

pub use draw::{draw, page, text};

/// The most records that one search looks through, so that it always answers at once.
pub const SEARCH_RECORDS_MAX: usize = 100_000;

/// The smallest screen that everything fits on.
pub const SIZE_MIN: (u16, u16) = (60, 16);

/// How fast it plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// So many records a second.
    Events(u32),
    /// So many hours of the centre's time a second.
    Hours(u32),
}

/// The speeds, the slowest first.
const SPEEDS: &[Speed] = &[
    Speed::Events(1),
    Speed::Events(2),
    Speed::Events(5),
    Speed::Events(10),
    Speed::Events(25),
    Speed::Hours(4),
    Speed::Hours(24),
    Speed::Hours(3 * 24),
    Speed::Hours(7 * 24),
    Speed::Hours(30 * 24),
];

/// What the list on the left shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The windows with what lies there.
    Windows,
    /// The departments with what they have to do.
    Departments,
    /// The cases that are not over, the most urgent first.
    Cases,
}

/// A question at the bottom of the screen, while it is being answered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Prompt {
    asks: Asks,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Place,
    Case,
    Department,
    Window,
    Search,
}

/// What `n` looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sought {
    Wanted(Wanted),
    Text(String),
}

/// What follows from a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The player goes on.
    GoOn,
    /// It ends as it was asked to.
    Quit,
    /// It was interrupted.
    Interrupted,
}

/// The player: a replay, and how it is looked at.
pub struct Screen<'t> {
    replay: Replay<'t>,
    view: BoardView,
    lang: Lang,
    playing: bool,
    speed: usize,
    /// What is left of a second's share that made no whole record yet, in millionths.
    credit: u64,
    /// Where the clock of the centre stands while time runs, which is between records too.
    clock: Option<Timestamp>,
    pane: Pane,
    scroll: usize,
    prompt: Option<Prompt>,
    sought: Option<Sought>,
    help: bool,
    said: Option<String>,
}

impl<'t> Screen<'t> {
    /// A player that stands where the replay does.
    #[must_use]
    pub fn new(replay: Replay<'t>, lang: Lang) -> Self {
        let view = BoardView::of(replay.board(), replay.end(), None);
        let mut screen = Self {
            replay,
            view,
            lang,
            playing: false,
            speed: 2,
            credit: 0,
            clock: None,
            pane: Pane::Windows,
            scroll: 0,
            prompt: None,
            sought: None,
            help: false,
            said: None,
        };
        if !screen.replay.board().directory().windows.is_empty() || screen.replay.index().windows().len() > 0
        {
            return screen;
        }
        // A history that was imported may know no windows.
        screen.pane = Pane::Cases;
        screen
    }

    /// The same, with the centre's clock at an instant, which may be later than the last record.
    #[must_use]
    pub fn on(mut self, now: Option<Timestamp>) -> Self {
        self.clock = now;
        self.look();
        self
    }

    /// The replay.
    #[must_use]
    pub const fn replay(&self) -> &Replay<'t> {
        &self.replay
    }

    /// Whether it plays.
    #[must_use]
    pub const fn plays(&self) -> bool {
        self.playing
    }

    /// How fast.
    #[must_use]
    pub fn speed(&self) -> Speed {
        SPEEDS.get(self.speed).copied().unwrap_or(Speed::Events(1))
    }

    fn say(&mut self, zh: &str, en: &str) {
        self.said = Some(say(self.lang, zh, en).to_owned());
    }

    /// Looks at the board anew, after the replay has moved.
    fn look(&mut self) {
        self.view = BoardView::of(self.replay.board(), self.replay.end(), self.clock);
    }

    /// Goes to a place.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read.
    pub fn go_to(&mut self, place: Position) -> Result<(), Failure> {
        self.clock = None;
        self.credit = 0;
        self.replay.go_to(place)?;
        self.look();
        Ok(())
    }

    fn step(&mut self, records: i64) -> Result<(), Failure> {
        let place = self.replay.at().0.saturating_add_signed(records);
        self.go_to(Position(place))
    }

    /// A day on: to the end of the next day on which something happens. A day back: to the end of the one before.
    fn day(&mut self, direction: Direction) -> Result<(), Failure> {
        let zone = self.replay.last_zone();
        let index = self.replay.index();
        let at = self.replay.at();
        let place = match direction {
            Direction::Forward => {
                let Some(next) = index.time(at) else { return Ok(()) };
                let midnight = zone.instant(LocalTime::midnight(zone.date(next).next()));
                index.at(midnight.saturating_add_micros(-1)).max(at.next())
            }
            Direction::Back => {
                let Some(now) = self.replay.board().now() else {
                    return Ok(());
                };
                let midnight = zone.instant(LocalTime::midnight(zone.date(now)));
                index
                    .at(midnight.saturating_add_micros(-1))
                    .min(Position(at.0.saturating_sub(1)))
            }
        };
        self.go_to(place)
    }

    /// Lets time pass while it plays.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read.
    pub fn tick(&mut self, passed: Duration) -> Result<(), Failure> {
        if !self.playing {
            return Ok(());
        }
        let from = self.replay.at();
        let passed = u64::try_from(passed.as_micros())
            .unwrap_or(u64::MAX)
            .min(1_000_000);
        let mut clock = None;
        let mut place = match self.speed() {
            Speed::Events(a_second) => {
                self.credit += passed * u64::from(a_second);
                let records = self.credit / 1_000_000;
                self.credit %= 1_000_000;
                from.plus(records)
            }
            Speed::Hours(a_second) => {
                let hours = i64::try_from(passed * u64::from(a_second) * 3600).unwrap_or(i64::MAX);
                let now = self.clock.or(self.replay.board().now());
                let Some(now) = now.or(self.replay.index().time(from)) else {
                    return self.pause();
                };
                let now = now.saturating_add_micros(hours);
                clock = Some(now);
                self.replay.index().at(now).max(from)
            }
        };
        let mark = self.replay.mark(Direction::Forward).map(Position::next);
        let stops = mark.filter(|mark| *mark <= place);
        if let Some(mark) = stops {
            place = mark;
            clock = None;
        }
        if place != from {
            self.replay.go_to(place)?;
        }
        self.clock = clock;
        self.look();
        if stops.is_some() {
            self.pause()?;
            self.say("停在一个发现上", "stopped at a finding");
        } else if self.replay.at() >= self.replay.end() {
            self.pause()?;
            self.say("已到末尾", "the end of the log");
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "it ends a tick, which may fail")]
    const fn pause(&mut self) -> Result<(), Failure> {
        self.playing = false;
        self.credit = 0;
        Ok(())
    }

    fn mark(&mut self, direction: Direction) -> Result<(), Failure> {
        if let Some(place) = self.replay.mark(direction) {
            return self.go_to(place.next());
        }
        match direction {
            Direction::Forward => self.say("之后没有发现", "no finding further on"),
            Direction::Back => self.say("之前没有发现", "no finding before"),
        }
        Ok(())
    }

    /// Goes to the next record of what is sought, or the one before.
    fn seek(&mut self, direction: Direction) -> Result<(), Failure> {
        self.clock = None;
        let found = match &self.sought {
            None => {
                self.say(
                    "请先用 c、d、w 或 / 查找",
                    "look for something first: c, d, w or /",
                );
                return Ok(());
            }
            Some(Sought::Wanted(wanted)) => self.replay.go_to_wanted(&wanted.clone(), direction)?,
            Some(Sought::Text(text)) => {
                let place = self.find(text, direction)?;
                match place {
                    Some(place) => {
                        self.replay.go_to(place.next())?;
                        true
                    }
                    None => false,
                }
            }
        };
        if found {
            self.look();
        } else {
            match direction {
                Direction::Forward => self.say("之后没有了", "nothing further on"),
                Direction::Back => self.say("之前没有了", "nothing before"),
            }
        }
        Ok(())
    }

    /// The next record, or the one before, that says a text.
    fn find(&self, text: &str, direction: Direction) -> Result<Option<Position>, Failure> {
        let text = text.to_lowercase();
        let at = self.replay.at();
        match direction {
            Direction::Forward => {
                let records = self.replay.records(at).take(SEARCH_RECORDS_MAX);
                for (place, recorded) in (at.0..).zip(records) {
                    if says(&recorded?, &text) {
                        return Ok(Some(Position(place)));
                    }
                }
                Ok(None)
            }
            Direction::Back => {
                let before = at.0.saturating_sub(1);
                let from = before.saturating_sub(SEARCH_RECORDS_MAX as u64);
                let count = usize::try_from(before - from).unwrap_or(SEARCH_RECORDS_MAX);
                let mut found = None;
                for (place, recorded) in (from..).zip(self.replay.records(Position(from)).take(count)) {
                    if says(&recorded?, &text) {
                        found = Some(Position(place));
                    }
                }
                Ok(found)
            }
        }
    }

    /// The case under the cursor: that of the record there.
    fn case(&self) -> Option<CaseId> {
        self.replay.event().and_then(|recorded| recorded.stream.case())
    }
}

/// Whether a record says a text: in its name, its stream, who acted, where, or what it holds.
fn says(recorded: &Recorded, text: &str) -> bool {
    let holds = |said: &str| said.to_lowercase().contains(text);
    let kind = recorded.event.kind();
    holds(recorded.stream.as_str())
        || holds(&event_name(kind, Lang::En))
        || holds(&event_name(kind, Lang::Zh))
        || holds(recorded.actor.person.as_str())
        || recorded
            .actor
            .window
            .as_ref()
            .is_some_and(|window| holds(window.as_str()))
        || fields(recorded).values().any(|value| holds(value))
}

/// What a record holds, as text.
fn fields(recorded: &Recorded) -> BTreeMap<String, String> {
    match &recorded.event {
        Event::Case(event) => Fields::of(event).plain,
        Event::Reference(event) => Fields::of(event).plain,
    }
}
