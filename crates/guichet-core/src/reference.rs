//! Reference data: the departments, windows, rosters, staff, procedures and calendars of a centre.
//!
//! Reference data are events too, on streams of their own; [`Directory`] is what they fold to.

mod bulletin;
mod finding;
mod publish;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::calendar::Calendar;
use crate::code::codes;
use crate::hours::OpeningHours;
use crate::id::{CalendarId, DepartmentId, PersonId, ProcedureId, Version, WindowId};
use crate::procedure::{Names, Procedure};
use crate::time::{Date, Term};
use crate::zone::Zone;

pub use bulletin::{Bulletin, BulletinFigure};
pub use finding::{
    FindingAct, FindingExplained, FindingIssued, FindingRecord, FindingRuling, FindingStanding,
};
pub use publish::{PublishRejection, REFERENCE_STREAMS, ReferenceEvent, publish};

codes! {
    /// The form of a window. Source: the 2010 open-government report of a municipal service centre.
    WindowForm("form of window") {
        /// An approval office (审批办).
        ApprovalOffice = "approval_office",
        /// A reception window of a department.
        Reception = "reception",
        /// A window that serves several departments in turn (轮流值班综合代办窗口).
        Rotating = "rotating",
        /// A window for yearly inspections (年检窗口).
        AnnualInspection = "annual_inspection",
        /// The bank window for fees.
        Bank = "bank",
        /// A window of an intermediary (中介).
        Intermediary = "intermediary",
    }
}

/// The centre itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centre {
    /// Its name.
    pub name: Names,
    /// Where its wall clock stands: it decides on which date something happened.
    pub zone: Zone,
    /// When it is open on working days; terms in hours and receipt after closing need it.
    #[serde(default)]
    pub opening_hours: Option<OpeningHours>,
}

/// An authority present in the centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// Its name.
    pub name: Names,
    /// Whether it only gives opinions and has no window of its own.
    #[serde(default)]
    pub opinion_only: bool,
}

/// A counter, in one of its forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Its id.
    pub id: WindowId,
    /// Its name.
    pub name: Names,
    /// Its form.
    pub form: WindowForm,
    /// Its department; a rotating window has none and follows its roster.
    #[serde(default)]
    pub department: Option<DepartmentId>,
}

/// A person of the staff. The name stays with the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// Their id.
    pub id: PersonId,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// For which departments.
    #[serde(default)]
    pub departments: BTreeSet<DepartmentId>,
    /// At which windows; at every window of their departments when empty.
    #[serde(default)]
    pub windows: BTreeSet<WindowId>,
    /// The last day on which they may act; without end when absent.
    #[serde(default)]
    pub until: Option<Date>,
}

/// Which departments a rotating window serves over some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// The window.
    pub window: WindowId,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// The departments on duty: one, or several that share the day.
    pub departments: BTreeSet<DepartmentId>,
}

/// Everything a centre publishes, as one set of documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The centre itself.
    pub centre: Option<Centre>,
    /// The departments.
    pub departments: Vec<Department>,
    /// The windows.
    pub windows: Vec<Window>,
    /// The rosters of the rotating windows.
    pub rosters: Vec<Roster>,
    /// The staff.
    pub staff: Vec<Staff>,
    /// The procedures, sub-flows resolved.
    pub procedures: Vec<Procedure>,
    /// The calendars.
    pub calendars: Vec<Arc<Calendar>>,
    /// Figures of a period, as they are published.
    pub bulletins: Vec<Bulletin>,
    /// What is done about findings, in order.
    pub findings: Vec<FindingAct>,
}

/// Who and what there is in a centre, as of some moment: the fold of the reference streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The centre itself.
    pub centre: Option<Centre>,
    /// Departments by id.
    pub departments: BTreeMap<DepartmentId, Department>,
    /// Windows by id.
    pub windows: BTreeMap<WindowId, Window>,
    /// Staff by id.
    pub staff: BTreeMap<PersonId, Staff>,
    /// Rosters by window, the later published last: it counts where two name the same day.
    pub rosters: BTreeMap<WindowId, Vec<Roster>>,
    /// Procedures by id and version.
    pub procedures: BTreeMap<ProcedureId, BTreeMap<Version, Arc<Procedure>>>,
    /// Calendars by id, each in its newest version.
    pub calendars: BTreeMap<CalendarId, Arc<Calendar>>,
    /// The versions of calendars that newer ones took the place of.
    pub superseded_calendars: BTreeMap<(CalendarId, Version), Arc<Calendar>>,
    /// The figures that were published, in the order in which they were.
    pub bulletins: Vec<Bulletin>,
    /// The findings that were taken up, by their ids.
    pub findings: BTreeMap<String, FindingRecord>,
}

impl Directory {
    /// The newest version of a procedure.
    #[must_use]
    pub fn newest(&self, procedure: &ProcedureId) -> Option<&Arc<Procedure>> {
        self.procedures
            .get(procedure)?
            .last_key_value()
            .map(|(_, newest)| newest)
    }

    /// One version of a procedure.
    #[must_use]
    pub fn procedure(&self, procedure: &ProcedureId, version: Version) -> Option<&Arc<Procedure>> {
        self.procedures.get(procedure)?.get(&version)
    }

    /// The departments that a window serves on a day: its own, or those on its roster.
    #[must_use]
    pub fn on_duty(&self, window: &WindowId, day: Date) -> BTreeSet<DepartmentId> {
        let Some(known) = self.windows.get(window) else {
            return BTreeSet::new();
        };
        if let Some(department) = &known.department {
            return BTreeSet::from([department.clone()]);
        }
        let rosters = self.rosters.get(window).map(Vec::as_slice).unwrap_or_default();
        let today = rosters
            .iter()
            .rev()
            .find(|roster| roster.from <= day && day <= roster.to);
        today.map(|roster| roster.departments.clone()).unwrap_or_default()
    }

    /// Where the centre's wall clock stands; UTC until it has been published.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        self.centre.as_ref().map_or(&Zone::UTC, |centre| &centre.zone)
    }

    /// The longest of some terms that share a unit, as the term of a group; the first where units differ.
    #[must_use]
    pub fn longest(terms: impl IntoIterator<Item = Term>) -> Option<Term> {
        terms.into_iter().reduce(|a, b| {
            if a.same_unit(b) && b.count() > a.count() {
                b
            } else {
                a
            }
        })
    }
}
