//! Explanations of clocks that are read from a case's events. How they are written for people is tested where that is done.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::*;
use guichet_core::case::event::ClockKind;
use guichet_core::case::{CaseCommand, ClockHistories, Told};
use guichet_core::explain::{Explanation, Reading, explain};
use guichet_core::id::Revision;
use guichet_core::light::Light;
use guichet_core::reference::Directory;
use guichet_core::testkit::{Furnish, Scenario, given, noon};
use guichet_core::time::{Date, Term};

/// A case with the day of every event that it had by then.
struct Story {
    case: Scenario,
    days: Vec<Date>,
}

impl Story {
    fn new(centre: &Directory) -> Self {
        Self {
            case: given(centre, []),
            days: Vec::new(),
        }
    }

    fn then(mut self, actor: &guichet_core::actor::Actor, ask: CaseCommand, on: Date) -> Self {
        self.case = self.case.after(actor, ask, on);
        self.days.resize(self.case.history().len(), on);
        self
    }

    /// The last clock of a kind, as of a day.
    fn explained(&self, kind: ClockKind, as_of: Date) -> Explanation {
        let directory = self.case.directory();
        let told = self.case.history().iter().zip(&self.days).zip(0_u64..);
        let told = told.map(|((event, on), at)| Told {
            revision: Revision(at),
            at: noon(*on),
            on: *on,
            event,
        });
        let (histories, state) = ClockHistories::of(directory, told);
        let case = state.case().unwrap();
        let procedure = directory.procedure(&case.procedure, case.version).unwrap();
        let calendar = directory.calendars.get(&procedure.calendar).unwrap();
        let of_kind = |history: &&guichet_core::case::ClockHistory| history.clock.id.kind == kind;
        let history = histories.clocks.iter().rfind(of_kind).unwrap();
        explain(
            procedure,
            calendar,
            directory.centre.as_ref(),
            &histories,
            history,
            as_of,
        )
        .unwrap()
    }
}

fn accepted(centre: &Directory) -> Story {
    Story::new(centre)
        .then(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
        .then(&clerk(), accept(), MONDAY)
}

fn counted(explanation: &Explanation) -> Vec<u32> {
    let days = explanation.days.iter();
    days.filter(|day| day.reading == Reading::Counted)
        .filter_map(|day| day.nth)
        .collect()
}

#[test]
fn every_counted_day_of_a_promise_is_told_and_where_it_stops() {
    let story = accepted(&centre());
    let running = story.explained(ClockKind::Promised, march(4));
    assert_eq!(
        (running.due_on, running.days_used, running.light),
        (march(15), 3, Light::Green)
    );
    assert_eq!(counted(&running), (1..=10).collect::<Vec<_>>());
    assert_eq!(
        (running.moved, running.provisional, running.due_at),
        (false, false, None)
    );

    let withdrawn = story.then(
        &clerk(),
        CaseCommand::Withdraw {
            reason: text("moved away"),
        },
        march(17),
    );
    let stopped = withdrawn.explained(ClockKind::Promised, march(31));
    assert_eq!(
        stopped.stopped.as_ref().map(|stopped| stopped.on),
        Some(march(17))
    );
    // A finished case keeps the light with which it ended, however late somebody asks.
    assert_eq!((stopped.light, stopped.days_used), (Light::Red, 12));
    let late: Vec<_> = stopped
        .days
        .iter()
        .filter(|day| day.reading == Reading::Late)
        .map(|day| day.date)
        .collect();
    assert_eq!(late, [march(16), march(17)]);
}

#[test]
fn a_statute_beside_a_promise_gives_no_warning() {
    let story = accepted(&centre());
    let law = story.explained(ClockKind::Statutory, march(29));
    assert_eq!((law.due_on, law.light), (march(29), Light::Green));
    assert_eq!(
        story.explained(ClockKind::Statutory, march(30)).light,
        Light::Black
    );
}

#[test]
fn a_term_in_hours_has_its_instant_where_the_centre_has_hours() {
    let mut procedure = licence();
    procedure.policy.hours_up_to = 5;
    procedure.terms.promised.as_mut().unwrap().term = Term::WorkingDays(2);
    let mut open = centre().with_procedure(procedure);
    let without = accepted(&open).explained(ClockKind::Promised, march(2));
    assert_eq!((without.due_on, without.due_at), (march(3), None));

    let hours = r#"{"working_day": [["09:00", "12:00"], ["13:00", "18:00"]]}"#;
    open.centre.as_mut().unwrap().opening_hours = Some(serde_json::from_str(hours).unwrap());
    // Sixteen hours from noon on Monday: five are left that day, eight on Tuesday, three on Wednesday.
    let explained = accepted(&open).explained(ClockKind::Promised, march(2));
    assert_eq!(explained.due_on, march(3));
    assert_eq!(explained.due_at.unwrap().to_string(), "2010-03-03T12:00:00");
    // By law there are twenty days, more than are counted in hours.
    assert_eq!(
        accepted(&open).explained(ClockKind::Statutory, march(2)).due_at,
        None
    );
}
