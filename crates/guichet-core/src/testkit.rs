//! Given, when, then: tests of decisions, for this house and for programs that embed it.
//!
//! One helper knows how to ask for a decision, so that a hundred tests survive a change of how that is done.
//!
//! ```
//! use guichet_core::case::{CaseCommand, Rejection};
//! use guichet_core::testkit::{self, given, staff, submit};
//! use guichet_core::{actor::Role, time::date};
//!
//! let (monday, tuesday) = (date(2010, 3, 1), date(2010, 3, 2));
//! let centre = testkit::centre();
//!
//! given(&centre, [])
//!     .after(&staff(Role::Clerk), submit("permit"), monday)
//!     .when(&staff(Role::Clerk), CaseCommand::Deliver { method: "at the window".into() }, tuesday)
//!     .then_rejected(&Rejection::WrongStage { stage: "intake", wanted: "decided" });
//! ```
#![expect(
    clippy::panic,
    reason = "a test kit fails the test that uses it, and says what it found"
)]
#![expect(
    clippy::return_self_not_must_use,
    clippy::must_use_candidate,
    reason = "a test may end with what it asserts"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;

use crate::actor::{Actor, Role};
use crate::calendar::{Calendar, CalendarFacts, DayRange};
use crate::case::{
    Case, CaseCommand, CaseEvent, CaseState, Command, Decided, Rejection, decide, evolve, fold,
};
use crate::flow::{Block, Join, Parallel, Step};
use crate::id::{BlockId, CalendarId, CaseId, CommandId, DepartmentId, PersonId, ProcedureId, Version};
use crate::policy::Policy;
use crate::procedure::{Names, Procedure, ProcedureKind, Silence, SourcedTerm, Terms};
use crate::reference::{Centre, Department, Directory, Roster, Staff, Window, WindowForm};
use crate::time::{Date, Offset, Term, Timestamp, date};

/// Where the wall clock of the test centre stands.
pub const OFFSET: Offset = Offset::hours(8);

/// The department of the [`centre`].
pub const DEPARTMENT: &str = "licensing";

/// The reception window of the [`centre`].
pub const WINDOW: &str = "W1";

/// An id of any kind.
///
/// # Panics
///
/// When the text is no id.
///
/// ```
/// # use guichet_core::{id::StepId, testkit::id};
/// assert_eq!(id::<StepId>("intake"), StepId::new("intake")?);
/// # Ok::<(), guichet_core::id::IdError>(())
/// ```
#[must_use]
#[track_caller]
pub fn id<T: FromStr>(text: &str) -> T
where
    T::Err: Debug,
{
    match text.parse() {
        Ok(id) => id,
        Err(error) => panic!("`{text}` is no id: {error:?}"),
    }
}

/// Somebody of the test centre: whoever holds the role there. The person is called as the role is; a clerk sits at the
/// reception window, a cashier at the bank's.
#[must_use]
pub fn staff(role: Role) -> Actor {
    let actor = person(role.as_str(), role);
    match role {
        Role::Clerk => actor.at(id(WINDOW)),
        Role::Cashier => actor.at(id("BANK")),
        Role::Handler
        | Role::Reviewer
        | Role::Approver
        | Role::AuthorityHead
        | Role::GovernmentHead
        | Role::Supervisor
        | Role::Director
        | Role::Applicant
        | Role::Agent
        | Role::Timekeeper
        | Role::Importer => actor,
    }
}

/// Anybody, in a role.
#[must_use]
pub fn person(name: &str, role: Role) -> Actor {
    Actor::new(id::<PersonId>(name), role)
}

/// An application of `applicant` under a procedure, with nothing said and nothing handed in.
#[must_use]
pub fn submit(procedure: &str) -> CaseCommand {
    CaseCommand::Submit {
        procedure: id(procedure),
        applicant: id(Role::Applicant.as_str()),
        channel: None,
        facts: BTreeMap::new(),
        materials: BTreeSet::new(),
        resubmits: None,
    }
}

/// Noon of a day, by the wall clock of the test centre.
#[must_use]
pub fn noon(day: Date) -> Timestamp {
    day.at(12, 0, OFFSET)
}

/// A step of a flow.
#[must_use]
pub fn step(name: &str) -> Step {
    Step::new(id(name))
}

/// The step that is the decision.
#[must_use]
pub fn decision() -> Step {
    let mut step = step("decision");
    step.decides = true;
    step
}

/// A parallel group of a flow, without veto or rule of silence.
#[must_use]
pub fn parallel(name: &str, join: Join, branches: impl IntoIterator<Item = Block>) -> Parallel {
    Parallel {
        id: id::<BlockId>(name),
        name: None,
        lead: None,
        join,
        veto: Vec::new(),
        silence: None,
        term: None,
        branches: branches.into_iter().collect(),
    }
}

impl From<Step> for Block {
    fn from(step: Step) -> Self {
        Self::Step(Box::new(step))
    }
}

impl From<Parallel> for Block {
    fn from(group: Parallel) -> Self {
        Self::Parallel(Box::new(group))
    }
}

/// A term with a source that says it is a test's.
#[must_use]
pub fn sourced(term: Term) -> SourcedTerm {
    SourcedTerm {
        term,
        source: "set for a test".to_owned(),
    }
}

/// A procedure of the test centre in version 1: five working days to accept, twenty to decide, no flow, nothing else.
#[must_use]
pub fn procedure(name: &str) -> Procedure {
    Procedure {
        id: id::<ProcedureId>(name),
        version: Version(1),
        name: names(name),
        department: id(DEPARTMENT),
        kind: ProcedureKind::Promised,
        sensitive: false,
        calendar: id(MON_FRI),
        law: None,
        policy: Policy::default(),
        materials: Vec::new(),
        fees: Vec::new(),
        fee_before_delivery: false,
        terms: Terms {
            intake: Some(sourced(Term::WorkingDays(5))),
            statutory: Some(sourced(Term::WorkingDays(20))),
            promised: None,
            delivery: None,
            correction: None,
        },
        special_procedures: Vec::new(),
        extension: None,
        silence: Silence::default(),
        rating: None,
        flow: None,
    }
}

const MON_FRI: &str = "MON_FRI";

fn names(name: &str) -> Names {
    Names {
        zh: name.to_owned(),
        en: name.to_owned(),
    }
}

/// A small service centre: one department with a reception window and an approval office, the bank's window, one person
/// in each role, Monday to Friday as working days from 2009 to 2012, and the procedure `permit`, which has no flow.
///
/// A test adds what it needs with [`Furnish`].
///
/// # Panics
///
/// Never: its calendar is well formed.
#[must_use]
pub fn centre() -> Directory {
    let mut centre = Directory {
        centre: Some(Centre {
            name: names("centre"),
            zone: OFFSET.into(),
            opening_hours: None,
        }),
        ..Directory::default()
    };
    if let Some(covered) = DayRange::new(date(2009, 1, 1), date(2012, 12, 31)) {
        match Calendar::new(CalendarFacts::monday_to_friday(
            id::<CalendarId>(MON_FRI),
            covered,
        )) {
            Ok(calendar) => centre = centre.with_calendar(calendar),
            Err(error) => panic!("the calendar of the test centre: {error}"),
        }
    }
    centre = centre
        .with_department(DEPARTMENT)
        .with_window(WINDOW, WindowForm::Reception, Some(DEPARTMENT))
        .with_window("OFFICE", WindowForm::ApprovalOffice, Some(DEPARTMENT))
        .with_window("BANK", WindowForm::Bank, None);
    for role in Role::ALL.iter().filter(|role| role.is_staff()) {
        let (departments, windows): (&[&str], &[&str]) = match role {
            Role::Cashier => (&[], &["BANK"]),
            Role::Supervisor | Role::Director | Role::GovernmentHead => (&[], &[]),
            Role::Clerk
            | Role::Handler
            | Role::Reviewer
            | Role::Approver
            | Role::AuthorityHead
            | Role::Applicant
            | Role::Agent
            | Role::Timekeeper
            | Role::Importer => (&[DEPARTMENT], &[]),
        };
        centre = centre.with_staff(role.as_str(), &[*role], departments, windows);
    }
    centre.with_procedure(procedure("permit"))
}

/// Adds to a directory, as publishing would, for tests that need more than the [`centre`] has.
pub trait Furnish: Sized {
    /// With a department.
    #[must_use]
    fn with_department(self, name: &str) -> Self;
    /// With a window; one without a department follows its rosters.
    #[must_use]
    fn with_window(self, name: &str, form: WindowForm, department: Option<&str>) -> Self;
    /// With a roster of a rotating window.
    #[must_use]
    fn with_roster(self, window: &str, days: (Date, Date), departments: &[&str]) -> Self;
    /// With somebody on the staff, at these windows or at every window of their departments.
    #[must_use]
    fn with_staff(self, name: &str, roles: &[Role], departments: &[&str], windows: &[&str]) -> Self;
    /// With a version of a procedure.
    #[must_use]
    fn with_procedure(self, procedure: Procedure) -> Self;
    /// With a calendar.
    #[must_use]
    fn with_calendar(self, calendar: Calendar) -> Self;
}

impl Furnish for Directory {
    fn with_department(mut self, name: &str) -> Self {
        let department = Department {
            id: id(name),
            name: names(name),
            opinion_only: false,
        };
        self.departments.insert(department.id.clone(), department);
        self
    }

    fn with_window(mut self, name: &str, form: WindowForm, department: Option<&str>) -> Self {
        let window = Window {
            id: id(name),
            name: names(name),
            form,
            department: department.map(id::<DepartmentId>),
        };
        self.windows.insert(window.id.clone(), window);
        self
    }

    fn with_roster(mut self, window: &str, (from, to): (Date, Date), departments: &[&str]) -> Self {
        let roster = Roster {
            window: id(window),
            from,
            to,
            departments: departments.iter().map(|name| id(name)).collect(),
        };
        self.rosters
            .entry(roster.window.clone())
            .or_default()
            .push(roster);
        self
    }

    fn with_staff(mut self, name: &str, roles: &[Role], departments: &[&str], windows: &[&str]) -> Self {
        let staff = Staff {
            id: id(name),
            roles: roles.iter().copied().collect(),
            departments: departments.iter().map(|name| id(name)).collect(),
            windows: windows.iter().map(|name| id(name)).collect(),
            until: None,
        };
        self.staff.insert(staff.id.clone(), staff);
        self
    }

    fn with_procedure(mut self, procedure: Procedure) -> Self {
        let versions = self.procedures.entry(procedure.id.clone()).or_default();
        versions.insert(procedure.version, Arc::new(procedure));
        self
    }

    fn with_calendar(mut self, calendar: Calendar) -> Self {
        self.calendars.insert(calendar.id().clone(), Arc::new(calendar));
        self
    }
}

/// A case with this history, under these rules.
#[must_use]
pub fn given(directory: &Directory, history: impl IntoIterator<Item = CaseEvent>) -> Scenario {
    let history: Vec<CaseEvent> = history.into_iter().collect();
    Scenario {
        state: fold(&history),
        directory: directory.clone(),
        history,
        answer: Ok(Vec::new()),
    }
}

/// A case under test: its history, and the answer to the last command.
#[derive(Clone, Debug)]
pub struct Scenario {
    directory: Directory,
    history: Vec<CaseEvent>,
    state: CaseState,
    answer: Result<Vec<CaseEvent>, Rejection>,
}

impl Scenario {
    /// The command under test, given and recorded at noon of a day. What follows is for [`then`](Self::then) to judge.
    #[must_use]
    pub fn when(self, actor: &Actor, ask: CaseCommand, on: Date) -> Self {
        let command = self.command(actor, ask);
        self.when_command(&command, noon(on))
    }

    /// As [`when`](Self::when), with a business date that differs from the day of recording.
    #[must_use]
    pub fn when_effective(self, actor: &Actor, ask: CaseCommand, on: Date, effective_on: Date) -> Self {
        let mut command = self.command(actor, ask);
        command.effective_on = Some(effective_on);
        self.when_command(&command, noon(on))
    }

    /// As [`when`](Self::when), with every part of the command spelled out.
    #[must_use]
    pub fn when_command(mut self, command: &Command, now: Timestamp) -> Self {
        self.answer = decide(&self.directory, &self.state, command, now).map(Decided::into_events);
        if let Ok(events) = &self.answer {
            self.state = events.iter().fold(self.state, evolve);
            self.history.extend(events.iter().cloned());
        }
        self
    }

    /// A command of the case's history: it must be accepted.
    ///
    /// # Panics
    ///
    /// When it is rejected.
    #[track_caller]
    pub fn after(self, actor: &Actor, ask: CaseCommand, on: Date) -> Self {
        let name = ask.name();
        let next = self.when(actor, ask, on);
        if let Err(rejection) = &next.answer {
            panic!("expected to {name} on {on}, but {rejection}");
        }
        next
    }

    /// The same answer without the lights that had turned by themselves, for a test that is about something else.
    #[must_use]
    pub fn without_lights(mut self) -> Self {
        if let Ok(events) = &mut self.answer {
            events.retain(|event| !matches!(event, CaseEvent::LightTurned(_)));
        }
        self
    }

    /// The command was accepted, and exactly these events followed.
    ///
    /// # Panics
    ///
    /// When it was rejected, or other events followed.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = CaseEvent>) -> Self {
        let expected: Vec<CaseEvent> = events.into_iter().collect();
        assert_eq!(self.answer, Ok(expected));
        self
    }

    /// The command was accepted, and events of exactly these kinds followed.
    ///
    /// # Panics
    ///
    /// When it was rejected, or events of other kinds followed.
    #[track_caller]
    pub fn then_kinds<'k>(self, kinds: impl IntoIterator<Item = &'k str>) -> Self {
        let found: Vec<&str> = self.events().iter().map(CaseEvent::kind).collect();
        assert_eq!(found, kinds.into_iter().collect::<Vec<_>>());
        self
    }

    /// The command was rejected for this reason, and nothing happened.
    ///
    /// # Panics
    ///
    /// When it was accepted, or rejected for another reason.
    #[track_caller]
    pub fn then_rejected(self, rejection: &Rejection) -> Self {
        assert_eq!(self.answer.as_ref(), Err(rejection));
        self
    }

    /// The events that followed from the last command.
    ///
    /// # Panics
    ///
    /// When it was rejected.
    #[must_use]
    #[track_caller]
    pub fn events(&self) -> &[CaseEvent] {
        match &self.answer {
            Ok(events) => events,
            Err(rejection) => panic!("expected events, but {rejection}"),
        }
    }

    /// The answer to the last command.
    ///
    /// # Errors
    ///
    /// The rejection, where that was the answer.
    pub const fn answer(&self) -> Result<&Vec<CaseEvent>, &Rejection> {
        self.answer.as_ref()
    }

    /// Everything that has happened so far.
    #[must_use]
    pub fn history(&self) -> &[CaseEvent] {
        &self.history
    }

    /// Where the case stands.
    #[must_use]
    pub const fn state(&self) -> &CaseState {
        &self.state
    }

    /// The case.
    ///
    /// # Panics
    ///
    /// When no application was handed in.
    #[must_use]
    #[track_caller]
    pub fn case(&self) -> &Case {
        match self.state.case() {
            Some(case) => case,
            None => panic!("expected a case, but no application was handed in"),
        }
    }

    /// The rules.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The same case under other rules.
    #[must_use]
    pub fn under(mut self, directory: &Directory) -> Self {
        self.directory = directory.clone();
        self
    }

    fn command(&self, actor: &Actor, ask: CaseCommand) -> Command {
        let number = self.history.len();
        Command::new(
            id::<CommandId>(&format!("c{number}")),
            id::<CaseId>("case-1"),
            actor.clone(),
            ask,
        )
    }
}
