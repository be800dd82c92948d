//! The centre at work: a year, day by day and slot by slot, on an engine whose clock is turned by hand.
//!
//! Everything that happens in a slot is handed to the engine as one group, so a year takes some thousand commits.

mod arrivals;
mod slots;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use guichet::catalogue::{calendars, embedded};
use guichet::core::actor::{Actor, Role};
use guichet::core::calendar::{Calendar, CalendarFacts};
use guichet::core::case::{CaseEvent, Command, evolve};
use guichet::core::id::{CalendarId, CaseId, CommandId, IdError, PersonId, Version};
use guichet::core::reference::Catalogue;
use guichet::core::time::{Date, Offset, TimeSource, Timestamp, date};
use guichet::{Config, Guichet, Timekeeper};

use super::chance::Chance;
use super::desk::Desk;
use super::habits::{Intent, Seen, called_forth};
use super::hours::Hours;
use super::late;
use super::open::Open;
use super::pace::Pace;
use super::planted::{Planting, of_stories};
use super::plants;
use super::stories::{Line, STORIES};
use super::tally::Tally;
use crate::context::Failure;
use crate::told::Told as _;

/// The shipped catalogue of the demo centre.
const CATALOGUE: &str = "harbin-2010";
/// The calendar that the demo centre follows.
const CALENDAR: &str = "CN";
/// Where its wall clock stands.
const OFFSET: Offset = Offset::hours(8);
/// The item that asks the culture department, and the minute of the day at which somebody comes for it.
const SILENT_ITEM: &str = "enterprise-establishment";
const SILENT_AT: i64 = 9 * 60;
/// Over how many minutes of a morning is spread what falls due on that day.
const SPREAD_MINUTES: u64 = 60;
/// The most refusals that are kept in words.
const REFUSALS_MAX: usize = 10;

/// A clock that stands where it was put.
#[derive(Debug)]
pub(super) struct Clock(AtomicI64);

impl Clock {
    fn turn_to(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::Relaxed);
    }
}

impl TimeSource for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// The first morning of the simulated year, as a clock.
pub(super) fn first_morning() -> Arc<Clock> {
    Arc::new(Clock(AtomicI64::new(
        date(2010, 1, 1).at(8, 0, OFFSET).as_micros(),
    )))
}

/// The last evening of the year, as a clock.
pub(super) fn last_evening() -> Arc<Clock> {
    Arc::new(Clock(AtomicI64::new(
        date(2010, 12, 31).at(18, 0, OFFSET).as_micros(),
    )))
}

/// The settings of an engine for a demo that is over: with its clock, and with command ids of its own.
pub(super) fn settings_again(clock: &Arc<Clock>) -> Config {
    Config::default().time(Arc::clone(clock) as Arc<dyn TimeSource>)
}

/// The settings of an engine for a demo: with its clock, and with command ids that come out the same every time.
pub(super) fn settings(clock: &Arc<Clock>, seed: u64) -> Config {
    Config::default()
        .time(Arc::clone(clock) as Arc<dyn TimeSource>)
        .command_salt(seed)
}

/// Something that will happen.
#[derive(Debug)]
enum Task {
    /// Somebody comes with a new application.
    Arrive(&'static str, Way),
    /// Somebody means to do something about a case.
    Mean(CaseId, Intent),
    /// A line of a story.
    Tell(Box<Line>),
}

/// How an application comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Counter,
    Web,
    /// At the counter with everything, to found a business of which the culture department is asked (`plants`).
    Culture,
}

/// What a command of a group was for.
enum About {
    /// A case of the simulation.
    Case,
    /// A story, with the refusal that it wants.
    Story(Option<String>),
}

struct Asked {
    command: Command,
    about: About,
    at: Timestamp,
}

/// The centre and its year.
pub(super) struct Centre {
    engine: Guichet,
    clock: Arc<Clock>,
    timekeeper: Timekeeper,
    chance: Chance,
    hours: Hours,
    desk: Desk,
    pace: Pace,
    /// How long the part of the day that is worked on takes.
    takes: Duration,
    agenda: BTreeMap<(Timestamp, u64), Task>,
    open: BTreeMap<CaseId, Open>,
    told: BTreeSet<CaseId>,
    numbered: u64,
    commands: u64,
    arrivals: u64,
    applicants: u64,
    pub(super) tally: Tally,
    /// Windows at which somebody has rated a case that took longer.
    seen: Seen,
    /// The day of the last record.
    recorded_on: Date,
    /// What was done on purpose that a rule names.
    pub(super) planted: Vec<Planting>,
    /// Refusals that nobody wanted, in words.
    pub(super) refusals: Vec<String>,
}

impl Centre {
    /// Publishes the catalogue and plants the stories.
    pub(super) async fn open(
        engine: Guichet,
        clock: Arc<Clock>,
        seed: u64,
        cases: u64,
        pace: Pace,
    ) -> Result<Self, Failure> {
        engine
            .publish_catalogue(&embedded(CATALOGUE)?.catalogue, &director()?)
            .await
            .told()?;
        engine
            .publish_catalogue(&plants::catalogue()?, &director()?)
            .await
            .told()?;
        let mut centre = Self {
            timekeeper: Timekeeper::new(engine.clone()),
            chance: Chance::new(seed),
            hours: Hours {
                calendar: None,
                offset: OFFSET,
            },
            desk: Desk::new(engine.directory()),
            pace,
            takes: Duration::ZERO,
            agenda: BTreeMap::new(),
            open: BTreeMap::new(),
            told: BTreeSet::new(),
            numbered: 0,
            commands: 0,
            arrivals: 0,
            applicants: 0,
            tally: Tally::default(),
            seen: Seen::new(),
            recorded_on: date(2010, 1, 1),
            planted: of_stories(),
            refusals: Vec::new(),
            clock,
            engine,
        };
        centre.look_around();
        for story in STORIES {
            let broken = |error: &serde_json::Error| {
                Failure::config("story", format!("the story {}", story.name)).because(error.to_string())
            };
            for line in story.lines().map_err(|error| broken(&error))? {
                if let Some(command) = &line.command {
                    centre.told.insert(command.case.clone());
                }
                if !line.tick {
                    centre.plan(line.at, Task::Tell(Box::new(line)));
                }
            }
        }
        let planted = plants::plants(&centre.engine.directory(), &centre.desk, &centre.hours)?;
        centre.planted.extend(planted.planted);
        for line in planted.lines {
            if let Some(command) = &line.command {
                centre.told.insert(command.case.clone());
            }
            centre.plan(line.at, Task::Tell(Box::new(line)));
        }
        for day in &planted.silent_days {
            let at = centre.hours.at(*day, SILENT_AT);
            centre.plan(at, Task::Arrive(SILENT_ITEM, Way::Culture));
        }
        let told = centre.told.len() + planted.silent_days.len();
        centre.arrivals = cases.saturating_sub(u64::try_from(told).unwrap_or(0));
        Ok(centre)
    }

    /// Takes in what was published last.
    fn look_around(&mut self) {
        let directory = self.engine.directory();
        let calendar = CalendarId::new(CALENDAR)
            .ok()
            .and_then(|id| directory.calendars.get(&id).cloned());
        self.hours = Hours {
            calendar,
            offset: OFFSET,
        };
        self.desk = Desk::new(directory);
    }

    fn plan(&mut self, at: Timestamp, task: Task) {
        self.numbered += 1;
        self.agenda.insert((at, self.numbered), task);
    }

    fn mean(&mut self, at: Timestamp, case: &CaseId, intent: Intent) {
        if let Some(open) = self.open.get_mut(case) {
            open.waiting += 1;
            self.plan(at, Task::Mean(case.clone(), intent));
        }
    }

    /// As [`mean`](Self::mean), but no later than it may be done, where nobody means to be late.
    fn mean_in_time(&mut self, planned: Timestamp, case: &CaseId, intent: Intent, now: Timestamp) {
        let spread = self.numbered % SPREAD_MINUTES;
        let last_day = self.open.get(case).zip(self.hours.calendar.as_ref());
        let last_day =
            last_day.and_then(|(open, calendar)| open.last_day(&intent, calendar, now.date_at(OFFSET)));
        let at = last_day.map_or(planned, |last_day| {
            let spread = i64::try_from(spread).unwrap_or(0);
            self.hours.not_after(planned, last_day, now, spread)
        });
        self.mean(at, case, intent);
    }

    /// Works through the year; `shown` is told of every day that is over.
    pub(super) async fn work(&mut self, shown: &mut dyn FnMut(Date, &Self)) -> Result<(), Failure> {
        let (first, last) = (date(2010, 1, 1), date(2010, 12, 31));
        let weights: Vec<u64> = days(first, last).map(|day| self.weight(day)).collect();
        let whole: u64 = weights.iter().sum();
        let mut before = 0;
        for (day, weight) in days(first, last).zip(weights) {
            // Whole numbers of arrivals that come to the number asked for in the end.
            let share = |weight: u64| {
                (u128::from(self.arrivals) * u128::from(weight))
                    .checked_div(u128::from(whole))
                    .unwrap_or(0)
            };
            let today = share(before + weight) - share(before);
            before += weight;
            self.expect(day, u64::try_from(today).unwrap_or(0));
            let slots = self.hours.slots(day);
            self.takes = self.pace.part(day, slots.len());
            for (from, to) in slots {
                self.slot(day, from, to).await?;
            }
            self.night(day).await?;
            passed(self.pace.night(day)).await;
            shown(day, self);
        }
        self.left_open();
        Ok(())
    }

    /// Takes in what happened to a case, and what it calls forth.
    fn happened(&mut self, case: &CaseId, events: &[CaseEvent], at: Timestamp) {
        for event in events {
            self.tally.count(event);
        }
        let Some(open) = self.open.get_mut(case) else {
            return;
        };
        let today = at.date_at(OFFSET);
        for event in events {
            if let Some(calendar) = &self.hours.calendar {
                self.planted
                    .extend(late::seen(case, open, event, calendar, today));
            }
            open.state = evolve(std::mem::take(&mut open.state), event);
        }
        let mut due = Vec::new();
        for event in events {
            due.extend(called_forth(open, event, at, &self.hours, &mut self.seen));
        }
        for (planned, intent) in due {
            self.mean_in_time(planned, case, intent, at);
        }
        self.let_go(case);
    }

    /// A case that nobody has to do with any more leaves memory.
    fn let_go(&mut self, case: &CaseId) {
        if self.open.get(case).is_some_and(Open::is_over) {
            self.open.remove(case);
        }
    }

    /// After midnight the timekeeper looks at what has lapsed.
    async fn night(&mut self, day: Date) -> Result<(), Failure> {
        let midnight = day.next().at(0, 5, OFFSET);
        self.clock.turn_to(midnight);
        let lapsed = self.timekeeper.tick().await.told()?;
        let mut by_case: BTreeMap<CaseId, Vec<CaseEvent>> = BTreeMap::new();
        for (case, event) in lapsed.events {
            by_case.entry(case).or_default().push(event);
        }
        if !by_case.is_empty() {
            self.recorded_on = midnight.date_at(OFFSET);
        }
        for (case, events) in by_case {
            self.happened(&case, &events, midnight);
        }
        Ok(())
    }

    /// What is late of cases that are left open on the day of the last record.
    fn left_open(&mut self) {
        let Some(calendar) = &self.hours.calendar else {
            return;
        };
        for (case, open) in &self.open {
            self.planted
                .extend(late::left_open(case, open, calendar, self.recorded_on));
        }
    }

    /// Cases that are neither decided nor ended.
    pub(super) fn open_cases(&self) -> u64 {
        let open = self
            .open
            .values()
            .filter(|open| open.state.case().is_some_and(|case| case.stage.is_open()));
        u64::try_from(open.count()).unwrap_or(0)
    }
}

/// Lets time pass, where somebody watches.
async fn passed(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    (first.days()..=last.days()).map(Date::from_days)
}

fn director() -> Result<Actor, Failure> {
    Ok(Actor::new(
        PersonId::new("s40").map_err(unnameable)?,
        Role::Director,
    ))
}

fn command_id(number: u64) -> Result<CommandId, Failure> {
    CommandId::new(&format!("demo-{number:07}")).map_err(unnameable)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` asks for")]
fn unnameable(error: IdError) -> Failure {
    Failure::config("demo", "the demo made a name that is no identifier").because(error.to_string())
}

/// What a shipped catalogue adds to the demo's: its procedures. The calendar stays as it was amended meanwhile.
fn amended(name: &str) -> Result<Catalogue, Failure> {
    Ok(Catalogue {
        procedures: embedded(name)?.catalogue.procedures,
        ..Catalogue::default()
    })
}

/// The demo's calendar with one more day off, as its next version.
fn closed_on(day: Date) -> Result<Catalogue, Failure> {
    let unusable =
        |cause: String| Failure::config("calendar", "the demo's calendar cannot be amended").because(cause);
    let shipped =
        calendars::shipped(CALENDAR).ok_or_else(|| unusable(format!("no calendar {CALENDAR} ships")))?;
    let mut facts: CalendarFacts =
        serde_json::from_str(shipped.json()).map_err(|error| unusable(error.to_string()))?;
    facts.version = Version(facts.version.0 + 1);
    facts.non_working_weekdays_dates.push(day);
    let calendar = Calendar::new(facts).map_err(|error| unusable(error.to_string()))?;
    Ok(Catalogue {
        calendars: vec![Arc::new(calendar)],
        ..Catalogue::default()
    })
}
