//! The process view: what is done to cases in which order, by whom, and how long it takes.
//!
//! [`Process`] gathers the events of each case out of the log, in the canonical order: by instant to the millisecond, and
//! where instants are equal as the source had them. [`Process::view`] and [`Process::rows`] answer from that. Every figure
//! counts by `docs/statistics.md`; the calendars, the zone and the hours by which they count come in by name.
//!
//! ```
//! use guichet_core::{hours::{OpenInterval, TimeOfDay}, zone::Zone};
//! use guichet_stats::process::{Measures, Process};
//!
//! let hours = OpenInterval::new("09:00".parse::<TimeOfDay>()?, "17:00".parse()?);
//! let empty = Process::default().view(&Measures::new("nothing", &Zone::UTC, &[], hours)?);
//! assert_eq!((empty.counts.cases, empty.variants.distinct), (0, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod deadlines;
mod describe;
mod measure;
mod names;
mod own;
mod sums;
mod transfers;
mod view;

use std::collections::BTreeMap;

use guichet_core::actor::Role;
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{CaseSubmitted, StepRecorded};
use guichet_core::condition::Fact;
use guichet_core::id::{CaseId, Position, ProcedureId, WindowId};
use guichet_core::reference::Directory;
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_log::record::Cause;
use serde::Serialize;

pub use self::deadlines::{
    DeadlineRule, DeadlineView, Ended, EndedCases, EndedOf, OnTime, OpenAtEnd, PlannedEnd, TimesView,
};
pub use self::describe::{Describe, Figures, Sojourn, SojournFigures};
pub use self::measure::{CaseRow, CaseTimes, Columns, Measures};
pub use self::transfers::{TransferView, Who};
pub use self::view::{
    ActivityView, CountsView, Flow, OpenAt, ProcessView, ReworkView, ThroughputView, Variant, VariantsView,
    Whose,
};

use self::names::{Label, Labels, Names};
use self::own::Change;
use crate::moment::{self, Moment};

/// Whether a text is a moment that the view reads: RFC 3339, or the same without a distance from UTC, which then is what a
/// wall clock showed.
///
/// ```
/// use guichet_stats::process::is_moment;
///
/// assert!(is_moment("2018-06-26T10:58:54-04:00") && is_moment("2018-06-26T10:58:54"));
/// assert!(!is_moment("26.06.2018 10:58"));
/// ```
#[must_use]
pub fn is_moment(text: &str) -> bool {
    Moment::read(text).is_some()
}

/// The attributes under which an imported step keeps what does not fit its own fields: the names of the XES standard.
mod attributes {
    pub(super) const ACTIVITY: &str = "concept:name";
    pub(super) const PERSON: &str = "org:resource";
    pub(super) const GROUP: &str = "org:group";
    pub(super) const ROLE: &str = "org:role";
}

/// The events of each case, gathered out of a log.
///
/// It takes 16 bytes an event and some hundred bytes a case.
#[derive(Clone, Debug, Default)]
pub struct Process {
    directory: Directory,
    activities: Names,
    /// Persons, groups and roles, by [`Who`].
    people: [Names; 3],
    labels: Labels,
    /// Channels, departments and whatever else a case is of.
    words: Names,
    cases: Vec<Case>,
    places: BTreeMap<CaseId, usize>,
    /// The case that the last record was of: a log often has several in a row.
    last: Option<(CaseId, usize)>,
    events: u64,
    position: Position,
}

/// How much of a log was gathered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gathered {
    /// How far it was read.
    pub position: Position,
    /// Cases.
    pub cases: u64,
    /// Activities of cases.
    pub events: u64,
}

/// One case as it is gathered.
#[derive(Clone, Debug)]
struct Case {
    id: CaseId,
    procedure: ProcedureId,
    /// Whether an import opened it: then what an import notes beside the source's events is no activity.
    imported: bool,
    events: Vec<Happened>,
    submitted: Option<Moment>,
    ended: Option<Moment>,
    deadline: Option<Moment>,
    planned_end: Option<Moment>,
    /// By [`Dimension`].
    of: [Option<u32>; 4],
}

/// An event of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Happened {
    at_ms: i64,
    /// The number of the entry in the source; the greatest for what did not come from one.
    entry: u32,
    label: u32,
}

/// By what cases are told apart, beside what happens to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dimension {
    Channel,
    Department,
    Group,
    Responsible,
}

impl Dimension {
    const ALL: [Self; 4] = [Self::Channel, Self::Department, Self::Group, Self::Responsible];

    /// The name of the fact, and the key in views.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Department => "department",
            Self::Group => "group",
            Self::Responsible => "responsible",
        }
    }

    fn of(self, case: &Case) -> Option<u32> {
        let [channel, department, group, responsible] = case.of;
        match self {
            Self::Channel => channel,
            Self::Department => department,
            Self::Group => group,
            Self::Responsible => responsible,
        }
    }
}

impl Case {
    fn submitted(id: CaseId, event: &CaseSubmitted, recorded: &Recorded, words: &mut Names) -> Self {
        let imported = recorded.actor.role == Role::Importer;
        let text = |name: &str| {
            let text = event.facts.get(name).map(Fact::to_string);
            text.filter(|text| !text.is_empty())
        };
        let moment = |name: &str| text(name).as_deref().and_then(Moment::read);
        let mut of = Dimension::ALL.map(|dimension| {
            let by_fact = text(dimension.as_str());
            match dimension {
                // What stands in these fields of an imported case, the import put there.
                Dimension::Channel if !imported => {
                    Some(by_fact.unwrap_or_else(|| event.channel.as_str().to_owned()))
                }
                Dimension::Department if !imported => Some(event.department.to_string()),
                Dimension::Channel | Dimension::Department | Dimension::Group | Dimension::Responsible => {
                    by_fact
                }
            }
        });
        if !imported && let [_, _, group, responsible] = &mut of {
            // Facts of an application are the applicant's words, and no answer to who works on it.
            *group = event.window.as_ref().map(ToString::to_string);
            *responsible = None;
        }
        let (submitted, ended, deadline, planned_end) = if imported {
            (
                moment("submitted"),
                moment("ended"),
                moment("deadline"),
                moment("planned_end"),
            )
        } else {
            (Some(Moment::at(recorded.occurred_at)), None, None, None)
        };
        Self {
            id,
            procedure: event.procedure.clone(),
            imported,
            events: Vec::new(),
            submitted,
            ended,
            deadline,
            planned_end,
            of: of.map(|name| name.map(|name| words.number(&name))),
        }
    }

    fn due(
        &mut self,
        statutory: Option<guichet_core::time::Date>,
        promised: Option<guichet_core::time::Date>,
    ) {
        self.deadline = statutory.or(promised).map(Moment::end_of);
        self.planned_end = promised.map(Moment::end_of);
    }

    /// Takes in what an event of a case that is handled here changes in its times.
    fn change(&mut self, event: &CaseEvent, recorded: &Recorded) {
        match own::change(event) {
            Change::None => {}
            Change::Due(statutory, promised) => self.due(statutory, promised),
            Change::End(due) => {
                if let Some((statutory, promised)) = due {
                    self.due(statutory, promised);
                }
                self.ended = Some(Moment::at(recorded.occurred_at));
            }
            Change::GoesOn(statutory, promised) => {
                self.ended = None;
                self.due(statutory, promised);
            }
        }
    }
}

impl Process {
    fn place(&mut self, id: CaseId, event: &CaseEvent, recorded: &Recorded) -> Option<usize> {
        if let Some((last, place)) = &self.last
            && *last == id
        {
            return Some(*place);
        }
        let place = match (self.places.get(&id), event) {
            (Some(place), _) => *place,
            (None, CaseEvent::CaseSubmitted(submitted)) => {
                let case = Case::submitted(id.clone(), submitted, recorded, &mut self.words);
                self.cases.push(case);
                self.places.insert(id.clone(), self.cases.len() - 1);
                self.cases.len() - 1
            }
            // Advice before an application is no case yet.
            (None, _) => return None,
        };
        self.last = Some((id, place));
        Some(place)
    }

    /// What an imported step was, and who did it, as the source says.
    fn imported(&mut self, step: &StepRecorded) -> u32 {
        let attribute = |name: &str| step.attributes.get(name).map(String::as_str);
        let activity = attribute(attributes::ACTIVITY).unwrap_or(&step.activity);
        let person = step.by.as_ref().map(guichet_core::id::PersonId::as_str);
        let who = [
            person.or_else(|| attribute(attributes::PERSON)),
            step.group.as_deref().or_else(|| attribute(attributes::GROUP)),
            attribute(attributes::ROLE),
        ];
        self.label(activity, who)
    }

    /// What an event of a case that is handled here was, and who did it, if it is an activity.
    fn own(&mut self, event: &CaseEvent, recorded: &Recorded) -> Option<u32> {
        let act = own::act(event)?;
        let kind = event.kind().strip_prefix("case.").unwrap_or(event.kind());
        let activity = act
            .step
            .map_or_else(|| kind.to_owned(), |step| format!("{kind} {step}"));
        let actor = &recorded.actor;
        let works = own::works(actor);
        let person = act.by.or_else(|| works.then_some(&actor.person)).cloned();
        let window = act
            .window
            .or_else(|| actor.window.as_ref().filter(|_| works))
            .cloned();
        let department = actor
            .department
            .clone()
            .filter(|_| works)
            .or_else(|| self.directory.windows.get(window.as_ref()?)?.department.clone());
        let who = [
            person.as_ref().map(guichet_core::id::PersonId::as_str),
            department.as_ref().map(guichet_core::id::DepartmentId::as_str),
            window.as_ref().map(WindowId::as_str),
        ];
        Some(self.label(&activity, who))
    }

    fn label(&mut self, activity: &str, who: [Option<&str>; 3]) -> u32 {
        let [person, group, role] = who;
        let [persons, groups, roles] = &mut self.people;
        let number = |names: &mut Names, name: Option<&str>| {
            name.filter(|name| !name.is_empty())
                .map(|name| names.number(name))
        };
        let label = Label {
            activity: self.activities.number(activity),
            who: [
                number(persons, person),
                number(groups, group),
                number(roles, role),
            ],
        };
        self.labels.number(label)
    }

    /// The procedures that its cases are of, in the order of their names.
    #[must_use]
    pub fn procedures(&self) -> std::collections::BTreeSet<&ProcedureId> {
        self.cases.iter().map(|case| &case.procedure).collect()
    }

    /// The centre's reference data, as far as the log was read.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }
}

impl Projection for Process {
    type View = Gathered;

    fn apply(&mut self, recorded: &Recorded) {
        self.position = recorded.position.next();
        let event = match &recorded.event {
            Event::Case(event) => event,
            Event::Reference(event) => {
                self.directory.apply(event);
                return;
            }
        };
        let Some(place) = recorded
            .stream
            .case()
            .and_then(|id| self.place(id, event, recorded))
        else {
            return;
        };
        let imported = self.cases.get(place).is_some_and(|case| case.imported);
        let by_engine = matches!(recorded.actor.role, Role::Importer | Role::Timekeeper);
        let (label, entry) = match (event, recorded.cause) {
            (CaseEvent::StepRecorded(step), Cause::Imported { entry }) => {
                let entry = u32::try_from(entry).unwrap_or(u32::MAX);
                (Some(self.imported(step)), entry)
            }
            (CaseEvent::StepRecorded(step), Cause::Asked | Cause::Followed(_)) => {
                (Some(self.imported(step)), u32::MAX)
            }
            // What an import concludes from a source is not another event of it.
            (_, _) if imported && by_engine => (None, u32::MAX),
            (_, _) => (self.own(event, recorded), u32::MAX),
        };
        let Some(case) = self.cases.get_mut(place) else {
            return;
        };
        if !imported {
            case.change(event, recorded);
            if let CaseEvent::StepClaimed(claimed) = event {
                let person = self.words.number(claimed.by.as_str());
                let [_, _, _, responsible] = &mut case.of;
                *responsible = Some(person);
            }
        }
        if let Some(label) = label {
            case.events.push(Happened {
                at_ms: moment::millis(recorded.occurred_at),
                entry,
                label,
            });
            self.events += 1;
        }
    }

    fn view(&self) -> Gathered {
        Gathered {
            position: self.position,
            cases: u64::try_from(self.cases.len()).unwrap_or(u64::MAX),
            events: self.events,
        }
    }
}
