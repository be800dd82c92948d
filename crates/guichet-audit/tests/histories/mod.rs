//! Logs for tests: reference data first, then what happens to cases, day by day.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

// The same events as those of the tests of the statistics.
#[path = "../../../guichet-stats/tests/common/happened.rs"]
mod happened;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guichet_catalogue::{calendars, embedded};
use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{CaseSubmitted, Timeliness};
use guichet_core::id::{CaseId, CommandId, PersonId, Position, Revision, StreamId, Version};
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::reference::{Bulletin, BulletinFigure, Catalogue, Directory, ReferenceEvent, publish};
use guichet_core::testkit::{id, procedure, sourced};
use guichet_core::time::{Date, Offset, Term, Timestamp, date};
use guichet_log::codec::Event;
use guichet_log::codec::json;
use guichet_log::projection::{Projection, Recorded};
use guichet_log::record::Cause;
use guichet_stats::{Ask, Dimension, Figure, Period, Scope, Statistics};
use serde_json::Value;

#[allow(unused_imports, reason = "each test uses a part of it")]
pub(crate) use happened::{accepted, correction, decided, reopened, resumed, suspended, withdrawn};

/// A day of March 2010; the 1st was a Monday.
pub(crate) fn march(day: i8) -> Date {
    date(2010, 3, day)
}

/// Monday to Friday, with these days off.
pub(crate) fn calendar(version: u32, off: &[Date]) -> Arc<Calendar> {
    let covered = DayRange::new(date(2009, 1, 1), date(2012, 12, 31)).unwrap();
    let mut facts = CalendarFacts::monday_to_friday(id("MON_FRI"), covered);
    facts.version = Version(version.into());
    facts.non_working_weekdays_dates = off.to_vec();
    Arc::new(Calendar::new(facts).unwrap())
}

/// The item `name`: promised in so many working days, 20 by law.
pub(crate) fn item(name: &str, kind: ProcedureKind, promised: u16) -> Procedure {
    let mut item = procedure(name);
    item.kind = kind;
    item.terms.promised = Some(sourced(Term::WorkingDays(promised)));
    item
}

/// A log that grows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    pub(crate) log: Vec<Recorded>,
    revisions: BTreeMap<String, u64>,
    day: Option<Date>,
}

impl Story {
    /// A log with a calendar and two items: `permit`, promised in 10 working days, and `stamp`, which is immediate.
    pub(crate) fn begun() -> Self {
        Self::with([
            item("permit", ProcedureKind::Promised, 10),
            item("stamp", ProcedureKind::Immediate, 10),
        ])
    }

    /// A log with a calendar and these items.
    pub(crate) fn with(items: impl IntoIterator<Item = Procedure>) -> Self {
        let mut story = Self::default();
        story.publish(ReferenceEvent::CalendarPublished(calendar(1, &[])));
        for item in items {
            story.publish(ReferenceEvent::ProcedurePublished(Arc::new(item)));
        }
        story
    }

    /// Something of the reference data, on the day of what came before it.
    pub(crate) fn publish(&mut self, event: ReferenceEvent) -> &mut Self {
        let stream = event.stream().to_owned();
        let on = self.day.unwrap_or(date(2009, 12, 1));
        self.push(&stream, Event::Reference(event), on, on, Self::clerk());
        self
    }

    /// Something happens to a case on a day.
    pub(crate) fn on(&mut self, day: Date, case: &str, event: impl Into<CaseEvent>) -> &mut Self {
        self.late(day, day, case, event)
    }

    /// Something happens to a case on a day, and is recorded on a later one.
    pub(crate) fn late(
        &mut self,
        day: Date,
        recorded: Date,
        case: &str,
        event: impl Into<CaseEvent>,
    ) -> &mut Self {
        let stream = StreamId::of_case(&CaseId::new(case).unwrap());
        self.day = Some(recorded);
        self.push(
            stream.as_str(),
            Event::Case(event.into()),
            day,
            recorded,
            Self::clerk(),
        );
        self
    }

    /// A case of an item, submitted and accepted on one day and decided on another.
    pub(crate) fn case(&mut self, name: &str, item: &str, from: Date, to: Date, used: u16, is: Timeliness) {
        self.on(from, name, submitted(item, "health", from))
            .on(from, name, accepted(from))
            .on(to, name, decided(to, used, is));
    }

    fn clerk() -> Actor {
        Actor::new(PersonId::new("s01").unwrap(), Role::Clerk)
    }

    fn push(&mut self, stream: &str, event: Event, day: Date, recorded: Date, actor: Actor) {
        let revision = self.revisions.entry(stream.to_owned()).or_default();
        let position = self.log.len() as u64;
        self.log.push(Recorded {
            position: Position(position),
            stream: StreamId::new(stream).unwrap(),
            revision: Revision(*revision),
            recorded_at: recorded.at(9, 0, Offset::default()),
            occurred_at: day.at(9, 0, Offset::default()),
            actor,
            authority: None,
            cause: Cause::Asked,
            command: CommandId::new(&format!("c-{position}")).unwrap(),
            event,
        });
        *revision += 1;
    }

    /// Publishes every figure of the centre and of each department over a period, as they are counted now, after something was
    /// done to them.
    pub(crate) fn bulletin(
        &mut self,
        name: &str,
        period: Period,
        restates: Option<&str>,
        touched: impl Fn(&mut BulletinFigure),
    ) -> &mut Self {
        let statistics = counted(&self.log);
        let mut figures = Vec::new();
        for by in [vec![], vec![Dimension::Department]] {
            let view = statistics.figures(&Ask {
                figures: Figure::ALL.to_vec(),
                by,
                periods: vec![period],
                scope: Scope::all(),
            });
            for row in view.rows {
                let department = row.group.get("department").cloned().flatten();
                figures.extend(row.figures.into_iter().map(|told| {
                    let mut figure = BulletinFigure {
                        figure: told.figure.to_string(),
                        department: department.as_deref().map(id),
                        numerator: told.numerator,
                        denominator: told.denominator,
                        value: told.value,
                    };
                    touched(&mut figure);
                    figure
                }));
            }
        }
        self.publish(ReferenceEvent::BulletinPublished(Bulletin {
            name: name.to_owned(),
            first_day: period.first(),
            last_day: period.last(),
            position: Position(self.log.len() as u64),
            restates: restates.map(str::to_owned),
            reason: restates.map(|_| "a record came late".to_owned()),
            figures,
        }))
    }
}

/// Hands every record to whoever asks.
#[expect(clippy::type_complexity, reason = "what the question asks for, said once")]
pub(crate) fn read(log: &[Recorded]) -> impl FnMut(&mut dyn FnMut(&Recorded)) -> Result<(), Infallible> + '_ {
    move |take| {
        for recorded in log {
            take(recorded);
        }
        Ok(())
    }
}

pub(crate) fn counted<'a>(log: impl IntoIterator<Item = &'a Recorded>) -> Statistics {
    let mut statistics = Statistics::default();
    for recorded in log {
        statistics.apply(recorded);
    }
    statistics.settle();
    statistics
}

pub(crate) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

/// Handed in at a window.
pub(crate) fn submitted(item: &str, department: &str, on: Date) -> CaseSubmitted {
    CaseSubmitted {
        window: Some(id("W1")),
        ..happened::submitted(item, department, on)
    }
}

/// The demo centre with everything that happens in the stories of `replay-fixtures/`, in the order of their time. Days that
/// a story closes are closed for no other.
pub(crate) fn fixtures() -> Vec<Recorded> {
    let all = folders().into_iter();
    lived(all.flat_map(|(_, folder)| entries(&folder, false)).collect())
}

/// The demo centre with each of these stories for itself, by name.
pub(crate) fn each() -> Vec<(String, Vec<Recorded>)> {
    let all = folders().into_iter();
    all.map(|(name, folder)| (name, lived(entries(&folder, true))))
        .collect()
}

fn folders() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures");
    let mut folders: Vec<(String, PathBuf)> = std::fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("commands.jsonl").exists())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    folders.sort();
    assert!(folders.len() >= 18, "{folders:?}");
    folders
}

/// What happens in a story.
enum Entry {
    Publishes(Box<Catalogue>),
    Happens(Box<Value>),
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn entries(folder: &Path, closing: bool) -> Vec<(Timestamp, Entry)> {
    let at = |line: &Value, field: &str| line[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    let commands = lines(&folder.join("commands.jsonl"))
        .into_iter()
        .filter_map(|line| {
            if let Some(name) = line["publish"].as_str() {
                let catalogue = embedded(name).unwrap().catalogue;
                return Some((at(&line, "at"), Entry::Publishes(Box::new(catalogue))));
            }
            let day = line["close"].as_str().filter(|_| closing)?;
            let mut facts: CalendarFacts =
                serde_json::from_str(calendars::shipped("CN").unwrap().json()).unwrap();
            facts.version = Version(2);
            facts.non_working_weekdays_dates.push(day.parse().unwrap());
            let closed = Catalogue {
                calendars: vec![Arc::new(Calendar::new(facts).unwrap())],
                ..Catalogue::default()
            };
            Some((at(&line, "at"), Entry::Publishes(Box::new(closed))))
        });
    let events = lines(&folder.join("events.jsonl"));
    let events = events
        .into_iter()
        .map(|line| (at(&line, "recorded_at"), Entry::Happens(Box::new(line))));
    commands.chain(events).collect()
}

/// A log of the demo centre to which all of this happens.
fn lived(mut entries: Vec<(Timestamp, Entry)>) -> Vec<Recorded> {
    entries.sort_by_key(|(at, _)| *at);
    let demo = embedded("harbin-2010").unwrap().catalogue;
    let morning = date(2010, 1, 4).at(8, 0, Offset::hours(8));
    entries.insert(0, (morning, Entry::Publishes(Box::new(demo))));

    let director = Actor::new(id("s40"), Role::Director);
    let mut directory = Directory::default();
    let mut log: Vec<Recorded> = Vec::new();
    let mut revisions: BTreeMap<String, u64> = BTreeMap::new();
    let mut push = |stream: &str, event: Event, actor: Actor, occurred_at, recorded_at| {
        let revision = revisions.entry(stream.to_owned()).or_default();
        let position = Position(log.len() as u64);
        log.push(Recorded {
            position,
            stream: StreamId::new(stream).unwrap(),
            revision: Revision(*revision),
            recorded_at,
            occurred_at,
            actor,
            authority: None,
            cause: Cause::Asked,
            command: CommandId::new(&format!("c-{position}")).unwrap(),
            event,
        });
        *revision += 1;
    };
    for (at, entry) in entries {
        match entry {
            Entry::Publishes(catalogue) => {
                for event in publish(&directory, &catalogue, &director).unwrap() {
                    directory.apply(&event);
                    let stream = event.stream().to_owned();
                    push(&stream, Event::Reference(event), director.clone(), at, at);
                }
            }
            Entry::Happens(line) => {
                let event = json::read(line["kind"].as_str().unwrap(), line["data"].clone()).unwrap();
                let actor = &line["actor"];
                let mut who = Actor::new(
                    PersonId::new(actor["person"].as_str().unwrap()).unwrap(),
                    actor["role"].as_str().unwrap().parse().unwrap(),
                );
                who.window = actor["window"].as_str().map(id);
                who.department = actor["department"].as_str().map(id);
                let occurred_at = line["occurred_at"].as_str().unwrap().parse().unwrap();
                push(line["stream"].as_str().unwrap(), event, who, occurred_at, at);
            }
        }
    }
    log
}
