//! A small log for tests: reference data first, then what happens to cases, day by day.

#![allow(dead_code, reason = "each test uses a part of it")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod happened;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::{Calendar, CalendarFacts, DayRange};
use guichet_core::case::CaseEvent;
use guichet_core::case::event::CorrectionSubmitted;
use guichet_core::id::{CaseId, CommandId, PersonId, Position, Revision, StreamId, Version};
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::reference::{Directory, ReferenceEvent};
use guichet_core::testkit::{id, procedure, sourced};
use guichet_core::time::{Date, Offset, Term, date};
use guichet_log::codec::Event;
use guichet_log::codec::state::{KeptState, Stamp, write};
use guichet_log::merkle::Hash;
use guichet_log::projection::{Projection, Recorded};
use guichet_log::record::Cause;
use guichet_stats::kept::{KeptRows, fingerprint};
use guichet_stats::{Ask, Figure, Period, Scope, Statistics, figure::Told};

#[allow(unused_imports, reason = "each test uses a part of it")]
pub(crate) use happened::{
    accepted, correction, decided, reopened, resumed, submitted, suspended, withdrawn,
};

/// A day of March 2010; the 1st was a Monday.
pub(crate) fn march(day: i8) -> Date {
    date(2010, 3, day)
}

/// The item `name`: promised in 10 working days, 20 by law.
pub(crate) fn item(name: &str, kind: ProcedureKind) -> Procedure {
    let mut item = procedure(name);
    item.kind = kind;
    item.terms.promised = Some(sourced(Term::WorkingDays(10)));
    item
}

/// Monday to Friday, with these days off.
pub(crate) fn calendar(version: u32, off: &[Date]) -> Arc<Calendar> {
    let covered = DayRange::new(date(2009, 1, 1), date(2012, 12, 31)).unwrap();
    let mut facts = CalendarFacts::monday_to_friday(id("MON_FRI"), covered);
    facts.version = Version(version.into());
    for day in off {
        facts.non_working_weekdays_dates.push(*day);
    }
    Arc::new(Calendar::new(facts).unwrap())
}

/// A log that grows.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) log: Vec<Recorded>,
    revisions: BTreeMap<String, u64>,
}

impl Story {
    /// A log with a calendar and two items: `permit`, which is promised, and `stamp`, which is immediate.
    pub(crate) fn begun() -> Self {
        let mut story = Self::default();
        story.publish(ReferenceEvent::CalendarPublished(calendar(1, &[])));
        story.publish(ReferenceEvent::ProcedurePublished(Arc::new(item(
            "permit",
            ProcedureKind::Promised,
        ))));
        story.publish(ReferenceEvent::ProcedurePublished(Arc::new(item(
            "stamp",
            ProcedureKind::Immediate,
        ))));
        story
    }

    pub(crate) fn publish(&mut self, event: ReferenceEvent) -> &mut Self {
        let stream = event.stream().to_owned();
        self.push(&stream, Event::Reference(event), date(2009, 12, 1));
        self
    }

    /// Something happens to a case on a day.
    pub(crate) fn on(&mut self, day: Date, case: &str, event: impl Into<CaseEvent>) -> &mut Self {
        let stream = StreamId::of_case(&CaseId::new(case).unwrap());
        self.push(stream.as_str(), Event::Case(event.into()), day);
        self
    }

    fn push(&mut self, stream: &str, event: Event, day: Date) {
        let revision = self.revisions.entry(stream.to_owned()).or_default();
        let position = self.log.len() as u64;
        let at = day.at(9, 0, Offset::default());
        self.log.push(Recorded {
            position: Position(position),
            stream: StreamId::new(stream).unwrap(),
            revision: Revision(*revision),
            recorded_at: at,
            occurred_at: at,
            actor: Actor::new(PersonId::new("s01").unwrap(), Role::Clerk),
            authority: None,
            cause: Cause::Asked,
            command: CommandId::new(&format!("c-{position}")).unwrap(),
            event,
        });
        *revision += 1;
    }

    pub(crate) fn counted(&self) -> Statistics {
        counted(&self.log)
    }

    /// One figure of the whole centre.
    pub(crate) fn told(&self, figure: Figure, period: Period) -> Told {
        let ask = Ask {
            figures: vec![figure],
            by: Vec::new(),
            periods: vec![period],
            scope: Scope::all(),
        };
        self.counted().figures(&ask).rows[0].figures[0].clone()
    }

    /// Its part, its whole, and how it is shown.
    pub(crate) fn rate(&self, figure: Figure) -> (Option<i64>, Option<i64>, Option<String>) {
        let told = self.told(figure, "2010-03".parse().unwrap());
        (told.numerator, told.denominator, told.value)
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

pub(crate) fn corrected(on: Date) -> CorrectionSubmitted {
    CorrectionSubmitted {
        materials: BTreeSet::new(),
        complete: true,
        received_on: on,
        intake_due_on: None,
    }
}

/// Counts a log up to a cut, keeps what was counted, takes it up again and goes on to the end.
pub(crate) fn counted_over_a_restart(log: &[Recorded], cut: usize) -> Statistics {
    let (before, after) = log.split_at(cut);
    let counted = counted(before);
    let stamp = Stamp {
        fingerprint: fingerprint(),
        position: counted.position(),
        root: Hash::NONE,
    };
    let mut file = Vec::new();
    write(&stamp, &counted.kept().unwrap().unwrap(), &mut file).unwrap();
    drop(counted);

    let state = KeptState::parse(file).unwrap();
    let mut directory = Directory::default();
    for event in before.iter().filter_map(|recorded| recorded.event.reference()) {
        directory.apply(event);
    }
    let rows = (1..state.len()).map(|part| KeptRows::read(&state, part).unwrap());
    let mut statistics = Statistics::from_kept(&state, rows, directory).unwrap();
    for recorded in after {
        statistics.apply(recorded);
    }
    statistics.settle();
    statistics
}

/// Everything that statistics hold, as text.
pub(crate) fn written(statistics: &Statistics) -> String {
    format!(
        "{} {:?} {:?} {:?}",
        statistics.position(),
        statistics.cubes(),
        statistics.facts().rows().collect::<Vec<_>>(),
        statistics.facts().directory()
    )
}
