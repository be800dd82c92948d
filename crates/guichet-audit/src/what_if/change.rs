//! What is supposed to be otherwise, and the reference data that say so. Time itself is counted by `guichet-core` alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use guichet_core::calendar::{Calendar, FactsError};
use guichet_core::id::{CalendarId, DepartmentId, IdError, Position, ProcedureId, Version};
use guichet_core::policy::Policy;
use guichet_core::procedure::{Procedure, SourcedTerm};
use guichet_core::reference::{Directory, ReferenceEvent};
use guichet_core::time::{Date, Term};
use serde::Serialize;

/// Whose promise is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Every item that promises more: no promise gets longer, and none is made where there was none.
    Everyone,
    /// One item, whatever it promises.
    Procedure(ProcedureId),
    /// The items of one department that promise more.
    Department(DepartmentId),
}

guichet_core::codes! {
    /// Which cases are left out, by what.
    Left("kind of cases to leave out") {
        /// Those that a window took in.
        Window = "window",
        /// Those of the department that decided, or else answers.
        Department = "department",
        /// Those that a person decided.
        Handler = "handler",
        /// Those that an agent accompanies, or handed in.
        Agent = "agent",
        /// Those of an item.
        Procedure = "procedure",
    }
}

/// One thing that is supposed to be otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another calendar in the place of one, or of every one.
    Calendar {
        /// In whose place; of all where none is named.
        of: Option<CalendarId>,
        /// Which.
        calendar: Arc<Calendar>,
    },
    /// Nobody works on a day.
    DayOff(Date),
    /// People work on a day.
    WorkingDay(Date),
    /// Another term by law of an item.
    Term {
        /// Which item.
        procedure: ProcedureId,
        /// The term.
        term: Term,
    },
    /// Another promise.
    Promise {
        /// Whose.
        of: Whom,
        /// The promise.
        term: Term,
    },
    /// Another law of counting, for every item.
    Policy(Arc<Policy>),
    /// One switch of the law of counting, for every item.
    Switch {
        /// Its name, as in `schemas/policy.v1.schema.json`.
        name: String,
        /// Its value.
        value: String,
    },
    /// Without some cases.
    Without {
        /// By what.
        by: Left,
        /// Which value.
        value: String,
    },
}

/// A change that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// The text is no change.
    #[error("`{found}` is no {what}; write {expected}")]
    Text {
        /// What was written.
        found: String,
        /// What it should be.
        what: &'static str,
        /// How that is written.
        expected: &'static str,
    },
    /// The catalogue has no such item or department.
    #[error("the catalogue in the log has no {what} `{id}`")]
    Unknown {
        /// What.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// A day that no calendar covers.
    #[error("no calendar in the log covers {0}")]
    Uncovered(Date),
    /// A calendar that cannot be.
    #[error("calendar {calendar} cannot be changed so")]
    Calendar {
        /// Which.
        calendar: CalendarId,
        /// Why.
        source: FactsError,
    },
    /// A policy without such a switch, or without such a value of it.
    #[error("a policy cannot have {name} = {value}: {reason}")]
    Switch {
        /// The switch.
        name: String,
        /// The value.
        value: String,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calendar { of: None, calendar } => {
                write!(f, "calendar {} v{}", calendar.id(), calendar.version())
            }
            Self::Calendar {
                of: Some(of),
                calendar,
            } => write!(f, "calendar {of}={} v{}", calendar.id(), calendar.version()),
            Self::DayOff(day) => write!(f, "day-off {day}"),
            Self::WorkingDay(day) => write!(f, "working-day {day}"),
            Self::Term { procedure, term } => write!(f, "term {procedure}={term}"),
            Self::Promise { of, term } => match of {
                Whom::Everyone => write!(f, "promise {term}"),
                Whom::Procedure(id) => write!(f, "promise item:{id}={term}"),
                Whom::Department(id) => write!(f, "promise department:{id}={term}"),
            },
            Self::Policy(policy) => write!(f, "policy {}", policy.id),
            Self::Switch { name, value } => write!(f, "switch {name}={value}"),
            Self::Without { by, value } => write!(f, "without {by}={value}"),
        }
    }
}

impl Serialize for Change {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Change {
    /// A term by law: `construction-permit=10wd`.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Text`] when it is written otherwise.
    pub fn term(text: &str) -> Result<Self, ChangeError> {
        let wrong = || ChangeError::Text {
            found: text.to_owned(),
            what: "term of an item",
            expected: "ITEM=TERM, such as construction-permit=10wd",
        };
        let (procedure, term) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Self::Term {
            procedure: procedure.parse().map_err(|_: IdError| wrong())?,
            term: term.parse().map_err(|_| wrong())?,
        })
    }

    /// A promise: `10wd` for every item that promises more, `item:construction-permit=10wd`, `department:fire=10wd`.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Text`] when it is written otherwise.
    ///
    /// ```
    /// # use guichet_audit::what_if::Change;
    /// assert_eq!(Change::promise("10wd")?.to_string(), "promise 10wd");
    /// assert_eq!(Change::promise("department:fire=5wd")?.to_string(), "promise department:fire=5wd");
    /// # Ok::<(), guichet_audit::what_if::ChangeError>(())
    /// ```
    pub fn promise(text: &str) -> Result<Self, ChangeError> {
        let wrong = || ChangeError::Text {
            found: text.to_owned(),
            what: "promise",
            expected: "TERM, item:ITEM=TERM or department:DEPARTMENT=TERM, such as 10wd",
        };
        let (of, term) = match text.split_once('=') {
            None => (Whom::Everyone, text),
            Some((of, term)) => {
                let of = match of.split_once(':') {
                    Some(("item", id)) => Whom::Procedure(id.parse().map_err(|_: IdError| wrong())?),
                    Some(("department", id)) => Whom::Department(id.parse().map_err(|_: IdError| wrong())?),
                    Some(_) | None => return Err(wrong()),
                };
                (of, term)
            }
        };
        let term = term.parse().map_err(|_| wrong())?;
        Ok(Self::Promise { of, term })
    }

    /// Cases to leave out: `window=w12`, `agent=a-07`.
    ///
    /// # Errors
    ///
    /// [`ChangeError::Text`] when it is written otherwise.
    pub fn without(text: &str) -> Result<Self, ChangeError> {
        let wrong = || ChangeError::Text {
            found: text.to_owned(),
            what: "set of cases to leave out",
            expected: "window=ID, department=ID, handler=ID, agent=ID or procedure=ID",
        };
        let (by, value) = text.split_once('=').ok_or_else(wrong)?;
        Ok(Self::Without {
            by: Left::from_str(by).map_err(|_| wrong())?,
            value: value.to_owned(),
        })
    }

    /// A switch of a policy: `resumed_day=counted`, or `resume_day_counts` for that one.
    ///
    /// # Errors
    ///
    /// [`ChangeError`] when it is written otherwise, or policies have no such switch.
    pub fn switch(text: &str) -> Result<Self, ChangeError> {
        let text = if text == "resume_day_counts" {
            "resumed_day=counted"
        } else {
            text
        };
        let (name, value) = text.split_once('=').ok_or_else(|| ChangeError::Text {
            found: text.to_owned(),
            what: "switch of a policy",
            expected: "NAME=VALUE, such as resumed_day=counted, or resume_day_counts",
        })?;
        switched(&Policy::default(), name, value)?;
        Ok(Self::Switch {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// A policy with one switch set, by the names of its document.
fn switched(policy: &Policy, name: &str, value: &str) -> Result<Policy, ChangeError> {
    let wrong = |reason: String| ChangeError::Switch {
        name: name.to_owned(),
        value: value.to_owned(),
        reason,
    };
    let mut document = serde_json::to_value(policy).map_err(|error| wrong(error.to_string()))?;
    // A number, a truth value, a document, or else a word.
    let value = serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::from(value));
    if let Some(fields) = document.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
    serde_json::from_value(document).map_err(|error| wrong(error.to_string()))
}

/// All changes, as what they make of reference data.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) all: Vec<Change>,
}

impl Changes {
    /// Whether one promise is made for several items.
    pub(super) fn cap_promises(&self) -> bool {
        self.all.iter().any(|change| match change {
            Change::Promise { of, .. } => !matches!(of, Whom::Procedure(_)),
            Change::Calendar { .. }
            | Change::DayOff(_)
            | Change::WorkingDay(_)
            | Change::Term { .. }
            | Change::Policy(_)
            | Change::Switch { .. }
            | Change::Without { .. } => false,
        })
    }

    /// Whether any cases are left out.
    pub(super) fn leave_out(&self) -> bool {
        let mut all = self.all.iter();
        all.any(|change| matches!(change, Change::Without { .. }))
    }

    /// The reference data as they would have been.
    pub(super) fn of(&self, event: &ReferenceEvent) -> Result<Option<ReferenceEvent>, ChangeError> {
        if let ReferenceEvent::ProcedurePublished(procedure) = event {
            let changed = self.procedure(procedure)?;
            return Ok(Some(ReferenceEvent::ProcedurePublished(Arc::new(changed))));
        }
        if let ReferenceEvent::CalendarPublished(calendar) = event {
            let changed = self.calendar(calendar)?;
            return Ok(Some(ReferenceEvent::CalendarPublished(Arc::new(changed))));
        }
        Ok(None)
    }

    fn procedure(&self, procedure: &Procedure) -> Result<Procedure, ChangeError> {
        let mut changed = procedure.clone();
        for change in &self.all {
            match change {
                Change::Term { procedure: of, term } if *of == procedure.id => {
                    changed.terms.statutory = Some(supposed(*term));
                }
                Change::Promise { of, term } => {
                    let promises_more = || {
                        let promised = changed.terms.promised.as_ref().map(|limit| limit.term);
                        promised.is_some_and(|now| now.same_unit(*term) && now.count() > term.count())
                    };
                    let is_meant = match of {
                        Whom::Everyone => promises_more(),
                        Whom::Procedure(id) => *id == procedure.id,
                        Whom::Department(id) => *id == procedure.department && promises_more(),
                    };
                    if is_meant {
                        changed.terms.promised = Some(supposed(*term));
                    }
                }
                Change::Policy(policy) => changed.policy = policy.as_ref().clone(),
                Change::Switch { name, value } => changed.policy = switched(&changed.policy, name, value)?,
                Change::Term { .. }
                | Change::Calendar { .. }
                | Change::DayOff(_)
                | Change::WorkingDay(_)
                | Change::Without { .. } => {}
            }
        }
        Ok(changed)
    }

    fn calendar(&self, calendar: &Calendar) -> Result<Calendar, ChangeError> {
        let mut facts = calendar.facts().clone();
        for change in &self.all {
            match change {
                Change::Calendar { of, calendar: other }
                    if of.as_ref().is_none_or(|of| of == calendar.id()) =>
                {
                    // It goes by the name of the one in whose place it stands.
                    let (id, version): (CalendarId, Version) = (facts.id, facts.version);
                    facts = other.facts().clone();
                    (facts.id, facts.version) = (id, version);
                }
                Change::DayOff(day) if facts.first_date <= *day && *day <= facts.last_date => {
                    facts.working_weekend_dates.retain(|date| date != day);
                    facts.layered.retain(|layered| layered.date != *day);
                    let is_weekend = facts.weekend_iso_days.contains(&day.iso_weekday());
                    if !is_weekend && !facts.non_working_weekdays_dates.contains(day) {
                        facts.non_working_weekdays_dates.push(*day);
                    }
                }
                Change::WorkingDay(day) if facts.first_date <= *day && *day <= facts.last_date => {
                    facts.non_working_weekdays_dates.retain(|date| date != day);
                    facts.layered.retain(|layered| layered.date != *day);
                    let is_weekend = facts.weekend_iso_days.contains(&day.iso_weekday());
                    if is_weekend && !facts.working_weekend_dates.contains(day) {
                        facts.working_weekend_dates.push(*day);
                    }
                }
                Change::Calendar { .. }
                | Change::DayOff(_)
                | Change::WorkingDay(_)
                | Change::Term { .. }
                | Change::Promise { .. }
                | Change::Policy(_)
                | Change::Switch { .. }
                | Change::Without { .. } => {}
            }
        }
        Calendar::new(facts).map_err(|source| ChangeError::Calendar {
            calendar: calendar.id().clone(),
            source,
        })
    }

    /// Whether everything that is named is there.
    pub(super) fn check(&self, directory: &Directory) -> Result<(), ChangeError> {
        let unknown = |what, id: &str| ChangeError::Unknown {
            what,
            id: id.to_owned(),
        };
        for change in &self.all {
            match change {
                Change::Term { procedure, .. }
                | Change::Promise {
                    of: Whom::Procedure(procedure),
                    ..
                } if !directory.procedures.contains_key(procedure) => {
                    return Err(unknown("item", procedure.as_str()));
                }
                Change::Promise {
                    of: Whom::Department(department),
                    ..
                } if !directory.departments.contains_key(department) => {
                    return Err(unknown("department", department.as_str()));
                }
                Change::Calendar { of: Some(of), .. } if !directory.calendars.contains_key(of) => {
                    return Err(unknown("calendar", of.as_str()));
                }
                Change::DayOff(day) | Change::WorkingDay(day) => {
                    let mut calendars = directory.calendars.values();
                    if !calendars.any(|calendar| calendar.covered().contains(*day)) {
                        return Err(ChangeError::Uncovered(*day));
                    }
                }
                Change::Term { .. }
                | Change::Promise { .. }
                | Change::Calendar { .. }
                | Change::Policy(_)
                | Change::Switch { .. }
                | Change::Without { .. } => {}
            }
        }
        Ok(())
    }

    /// The sets of cases that are left out: what is asked of a case, and the values.
    pub(super) fn left_out(&self) -> BTreeMap<Left, BTreeSet<&str>> {
        let mut left: BTreeMap<Left, BTreeSet<&str>> = BTreeMap::new();
        for change in &self.all {
            if let Change::Without { by, value } = change {
                left.entry(*by).or_default().insert(value);
            }
        }
        left
    }
}

fn supposed(term: Term) -> SourcedTerm {
    SourcedTerm {
        term,
        source: "supposed".to_owned(),
    }
}

/// Where a change could not be made, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the reference data at position {position} cannot be changed")]
pub struct Impossible {
    /// Where.
    pub position: Position,
    /// Why.
    #[source]
    pub source: ChangeError,
}
