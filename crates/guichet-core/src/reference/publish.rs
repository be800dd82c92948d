//! Publishing: what happens to the reference data, and what follows from a catalogue.

use std::sync::Arc;

use super::{
    Bulletin, Catalogue, Centre, Department, Directory, FindingAct, FindingExplained, FindingIssued,
    FindingRecord, FindingRuling, Roster, Staff, Window,
};
use crate::actor::{Actor, Role};
use crate::calendar::Calendar;
use crate::flow::{Block, soundness};
use crate::id::{CalendarId, DepartmentId, PersonId, ProcedureId, Version, WindowId};
use crate::procedure::Procedure;
use crate::time::Date;

/// Defines the events of the reference data, like those of a case.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $kind:literal ($(#[$payload_doc:meta])* $payload:ty),)+) => {
        /// One event of the reference data.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum ReferenceEvent {
            $($(#[$doc])* $name($payload),)+
        }

        impl ReferenceEvent {
            /// Every kind, in the order of this page.
            pub const KINDS: &'static [&'static str] = &[$($kind),+];

            /// The kind under which this event is recorded.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)+ }
            }
        }
    };
}

events! {
    /// The centre named itself and its wall clock.
    CentrePublished = "reference.centre_published" (Centre),
    /// A department is present from now on, or is described anew.
    DepartmentRegistered = "reference.department_registered" (Department),
    /// A window is there from now on, or is described anew.
    WindowRegistered = "reference.window_registered" (Window),
    /// A rotating window got a roster for some days.
    RosterPublished = "reference.roster_published" (Roster),
    /// Somebody is on the staff from now on, or has other roles.
    StaffRegistered = "reference.staff_registered" (Staff),
    /// A version of a procedure was published.
    ProcedurePublished = "reference.procedure_published" (Arc<Procedure>),
    /// A version of a calendar was published.
    CalendarPublished = "reference.calendar_published" (Arc<Calendar>),
    /// The figures of a period were published.
    BulletinPublished = "reference.bulletin_published" (Bulletin),
    /// A supervisor took a finding up.
    FindingIssued = "reference.finding_issued" (FindingIssued),
    /// A department answered a finding.
    FindingExplained = "reference.finding_explained" (FindingExplained),
    /// A finding was upheld.
    FindingUpheld = "reference.finding_upheld" (FindingRuling),
    /// A finding was cancelled.
    FindingCancelled = "reference.finding_cancelled" (FindingRuling),
}

/// The streams of the reference data.
pub const REFERENCE_STREAMS: &[&str] = &[
    "reference/centre",
    "reference/departments",
    "reference/windows",
    "reference/staff",
    "reference/calendars",
    "reference/procedures",
    "reference/bulletins",
    "reference/findings",
];

impl ReferenceEvent {
    /// The stream that the event belongs to.
    #[must_use]
    pub const fn stream(&self) -> &'static str {
        match self {
            Self::CentrePublished(_) => "reference/centre",
            Self::DepartmentRegistered(_) => "reference/departments",
            Self::WindowRegistered(_) | Self::RosterPublished(_) => "reference/windows",
            Self::StaffRegistered(_) => "reference/staff",
            Self::CalendarPublished(_) => "reference/calendars",
            Self::ProcedurePublished(_) => "reference/procedures",
            Self::BulletinPublished(_) => "reference/bulletins",
            Self::FindingIssued(_)
            | Self::FindingExplained(_)
            | Self::FindingUpheld(_)
            | Self::FindingCancelled(_) => "reference/findings",
        }
    }
}

/// Why a catalogue is not published: it contradicts itself, or what was published before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishRejection {
    /// Only the centre's director publishes.
    #[error("{role} may not publish a catalogue; it takes director")]
    RoleNotAllowed {
        /// The role.
        role: Role,
    },
    /// A version that was published stays as it is.
    #[error(
        "procedure {procedure} was published in version {version} with other rules; give the change a new version"
    )]
    VersionChanged {
        /// Which procedure.
        procedure: ProcedureId,
        /// Which version.
        version: Version,
    },
    /// A calendar's version that was published stays as it is.
    #[error(
        "calendar {calendar} was published in version {version} with other days; give the change a new version"
    )]
    CalendarChanged {
        /// Which calendar.
        calendar: CalendarId,
        /// Which version.
        version: Version,
    },
    /// Versions only grow.
    #[error("procedure {procedure} has version {newest}, and version {version} is older")]
    VersionGoesBack {
        /// Which procedure.
        procedure: ProcedureId,
        /// The version offered.
        version: Version,
        /// The newest that was published.
        newest: Version,
    },
    /// A department that nobody registered.
    #[error("{what} names the department {department}, which nobody registered")]
    UnknownDepartment {
        /// What names it.
        what: String,
        /// The department.
        department: DepartmentId,
    },
    /// A window that nobody registered.
    #[error("{what} names the window {window}, which nobody registered")]
    UnknownWindow {
        /// What names it.
        what: String,
        /// The window.
        window: WindowId,
    },
    /// A calendar that was not published.
    #[error("procedure {procedure} counts by the calendar {calendar}, which was not published")]
    UnknownCalendar {
        /// The procedure.
        procedure: ProcedureId,
        /// The calendar.
        calendar: CalendarId,
    },
    /// A flow that cannot be run.
    #[error("the flow of procedure {procedure} cannot be run: {defect}")]
    Unsound {
        /// The procedure.
        procedure: ProcedureId,
        /// What is wrong with it.
        defect: String,
    },
    /// A roster that ends before it begins.
    #[error("the roster of window {window} ends before it begins")]
    EmptyRoster {
        /// The window.
        window: WindowId,
    },
    /// A bulletin without a name, or of a period that ends before it begins.
    #[error("the bulletin `{name}` has no name or no days; name it, and give the earlier day first")]
    NoBulletin {
        /// Its name.
        name: String,
    },
    /// Another bulletin has that name.
    #[error(
        "a bulletin `{name}` was published before; what is published never changes, so give this one another name"
    )]
    BulletinNameTaken {
        /// The name.
        name: String,
    },
    /// The days of the bulletin were published, and it does not restate the newest of them; or it restates what is none.
    #[error(
        "the newest bulletin of {first_day} to {last_day} is {}; a bulletin names the one that it restates, and the first one none",
        newest.as_deref().unwrap_or("none")
    )]
    PeriodPublished {
        /// The first day.
        first_day: Date,
        /// The last day.
        last_day: Date,
        /// The newest bulletin of these days.
        newest: Option<String>,
    },
    /// A finding that was taken up before.
    #[error("the finding {id} was issued before; what is to be added is an explanation or a ruling")]
    FindingKnown {
        /// Its id.
        id: String,
    },
    /// An answer to a finding that nobody issued, or a ruling on it.
    #[error("nobody issued the finding {id}; a finding is issued before it is explained or ruled on")]
    UnknownFinding {
        /// Its id.
        id: String,
    },
    /// A second ruling that does not name the first.
    #[error(
        "the finding {id} has {}; a ruling names the one in whose place it comes, and the first one none",
        newest.map_or_else(|| "no ruling".to_owned(), |newest| format!("ruling {newest}"))
    )]
    FindingRuled {
        /// Its id.
        id: String,
        /// The number of its newest ruling.
        newest: Option<u16>,
    },
    /// An act on a finding that says nothing, or has no id.
    #[error("what is said of the finding `{id}` has no text; say what, or why")]
    FindingWithoutText {
        /// Its id.
        id: String,
    },
    /// Who acts on a finding is not who is said to.
    #[error("{actor} cannot say that {by} acted on the finding {id}; each speaks for themselves")]
    FindingByAnother {
        /// Its id.
        id: String,
        /// Who is said to have acted.
        by: PersonId,
        /// Who asks.
        actor: PersonId,
    },
    /// A role that has no say in findings.
    #[error("{role} may not {act} a finding; {wanted}")]
    NoSayInFindings {
        /// The role.
        role: Role,
        /// What was asked.
        act: &'static str,
        /// Whom it takes.
        wanted: &'static str,
    },
    /// Somebody whom the directory does not know in that role.
    #[error("the directory does not know {person} as {role}")]
    NotInThatRole {
        /// The person.
        person: PersonId,
        /// The role.
        role: Role,
    },
    /// A restatement that does not say why.
    #[error("the bulletin `{name}` restates another one and does not say why; give a reason")]
    RestatedWithoutReason {
        /// Its name.
        name: String,
    },
}

/// What follows from publishing a catalogue: an event for everything that is new or has changed, and none for the rest,
/// so that publishing twice changes nothing the second time.
///
/// # Errors
///
/// [`PublishRejection`] when the catalogue contradicts itself or changes a version that was published. Nothing of it is
/// published then.
pub fn publish(
    directory: &Directory,
    catalogue: &Catalogue,
    actor: &Actor,
) -> Result<Vec<ReferenceEvent>, PublishRejection> {
    let about_findings = Catalogue {
        findings: catalogue.findings.clone(),
        ..Catalogue::default()
    };
    let only_about_findings = !catalogue.findings.is_empty() && *catalogue == about_findings;
    if !(only_about_findings || matches!(actor.role, Role::Director | Role::Importer)) {
        return Err(PublishRejection::RoleNotAllowed { role: actor.role });
    }
    let mut turn = Turn {
        directory: directory.clone(),
        events: Vec::new(),
    };
    if let Some(centre) = &catalogue.centre
        && turn.directory.centre.as_ref() != Some(centre)
    {
        turn.push(ReferenceEvent::CentrePublished(centre.clone()));
    }
    for department in &catalogue.departments {
        if turn.directory.departments.get(&department.id) != Some(department) {
            turn.push(ReferenceEvent::DepartmentRegistered(department.clone()));
        }
    }
    for window in &catalogue.windows {
        turn.departments(|| format!("window {}", window.id), &window.department)?;
        if turn.directory.windows.get(&window.id) != Some(window) {
            turn.push(ReferenceEvent::WindowRegistered(window.clone()));
        }
    }
    for roster in &catalogue.rosters {
        turn.roster(roster)?;
    }
    for staff in &catalogue.staff {
        turn.departments(|| format!("staff {}", staff.id), &staff.departments)?;
        turn.windows(|| format!("staff {}", staff.id), &staff.windows)?;
        if turn.directory.staff.get(&staff.id) != Some(staff) {
            turn.push(ReferenceEvent::StaffRegistered(staff.clone()));
        }
    }
    for calendar in &catalogue.calendars {
        turn.calendar(calendar)?;
    }
    for procedure in &catalogue.procedures {
        turn.procedure(procedure)?;
    }
    for bulletin in &catalogue.bulletins {
        turn.bulletin(bulletin)?;
    }
    for act in &catalogue.findings {
        turn.finding(act, actor)?;
    }
    Ok(turn.events)
}

struct Turn {
    directory: Directory,
    events: Vec<ReferenceEvent>,
}

impl Turn {
    fn push(&mut self, event: ReferenceEvent) {
        self.directory.apply(&event);
        self.events.push(event);
    }

    fn departments<'d>(
        &self,
        what: impl Fn() -> String,
        departments: impl IntoIterator<Item = &'d DepartmentId>,
    ) -> Result<(), PublishRejection> {
        let mut departments = departments.into_iter();
        let unknown = departments.find(|department| !self.directory.departments.contains_key(*department));
        unknown.map_or(Ok(()), |department| {
            Err(PublishRejection::UnknownDepartment {
                what: what(),
                department: department.clone(),
            })
        })
    }

    fn windows<'w>(
        &self,
        what: impl Fn() -> String,
        windows: impl IntoIterator<Item = &'w WindowId>,
    ) -> Result<(), PublishRejection> {
        let mut windows = windows.into_iter();
        let unknown = windows.find(|window| !self.directory.windows.contains_key(*window));
        unknown.map_or(Ok(()), |window| {
            Err(PublishRejection::UnknownWindow {
                what: what(),
                window: window.clone(),
            })
        })
    }

    fn roster(&mut self, roster: &Roster) -> Result<(), PublishRejection> {
        self.windows(|| "a roster".to_owned(), [&roster.window])?;
        self.departments(
            || format!("the roster of window {}", roster.window),
            &roster.departments,
        )?;
        if roster.to < roster.from {
            return Err(PublishRejection::EmptyRoster {
                window: roster.window.clone(),
            });
        }
        let known = self.directory.rosters.get(&roster.window);
        if !known.is_some_and(|known| known.contains(roster)) {
            self.push(ReferenceEvent::RosterPublished(roster.clone()));
        }
        Ok(())
    }

    fn calendar(&mut self, calendar: &Arc<Calendar>) -> Result<(), PublishRejection> {
        let version = (calendar.id().clone(), calendar.version());
        if self
            .directory
            .superseded_calendars
            .get(&version)
            .is_some_and(|known| known == calendar)
        {
            return Ok(());
        }
        match self.directory.calendars.get(calendar.id()) {
            Some(known) if known.facts() == calendar.facts() => Ok(()),
            Some(known) if known.version() >= calendar.version() => Err(PublishRejection::CalendarChanged {
                calendar: calendar.id().clone(),
                version: calendar.version(),
            }),
            Some(_) | None => {
                self.push(ReferenceEvent::CalendarPublished(Arc::clone(calendar)));
                Ok(())
            }
        }
    }

    fn bulletin(&mut self, bulletin: &Bulletin) -> Result<(), PublishRejection> {
        if self.directory.bulletins.contains(bulletin) {
            return Ok(());
        }
        let name = || bulletin.name.clone();
        if bulletin.name.trim().is_empty() || bulletin.last_day < bulletin.first_day {
            return Err(PublishRejection::NoBulletin { name: name() });
        }
        if self
            .directory
            .bulletins
            .iter()
            .any(|known| known.name == bulletin.name)
        {
            return Err(PublishRejection::BulletinNameTaken { name: name() });
        }
        let newest = self
            .directory
            .newest_bulletin(bulletin)
            .map(|newest| newest.name.clone());
        if bulletin.restates != newest {
            return Err(PublishRejection::PeriodPublished {
                first_day: bulletin.first_day,
                last_day: bulletin.last_day,
                newest,
            });
        }
        let reason = bulletin
            .reason
            .as_deref()
            .is_some_and(|reason| !reason.trim().is_empty());
        if bulletin.restates.is_some() && !reason {
            return Err(PublishRejection::RestatedWithoutReason { name: name() });
        }
        self.push(ReferenceEvent::BulletinPublished(bulletin.clone()));
        Ok(())
    }

    fn finding(&mut self, act: &FindingAct, actor: &Actor) -> Result<(), PublishRejection> {
        let (id, text, by) = match act {
            FindingAct::Issue(it) => (&it.id, &it.text, &it.by),
            FindingAct::Explain(it) => (&it.id, &it.text, &it.by),
            FindingAct::Uphold(it) | FindingAct::Cancel(it) => (&it.id, &it.reason, &it.by),
        };
        self.may_speak(act, actor)?;
        let id = id.clone();
        if *by != actor.person {
            return Err(PublishRejection::FindingByAnother {
                id,
                by: by.clone(),
                actor: actor.person.clone(),
            });
        }
        if id.trim().is_empty() || text.trim().is_empty() {
            return Err(PublishRejection::FindingWithoutText { id });
        }
        let known = self.directory.findings.get(&id);
        match (act, known) {
            (FindingAct::Issue(_), Some(_)) => Err(PublishRejection::FindingKnown { id }),
            (FindingAct::Explain(_) | FindingAct::Uphold(_) | FindingAct::Cancel(_), None) => {
                Err(PublishRejection::UnknownFinding { id })
            }
            (FindingAct::Issue(it), None) => {
                self.push(ReferenceEvent::FindingIssued(it.clone()));
                Ok(())
            }
            (FindingAct::Explain(it), Some(_)) => {
                self.push(ReferenceEvent::FindingExplained(it.clone()));
                Ok(())
            }
            (FindingAct::Uphold(it) | FindingAct::Cancel(it), Some(known)) => {
                let newest = known.ruling();
                let number = newest.map_or(1, |newest| newest.saturating_add(1));
                if it.replaces != newest || it.ruling != number {
                    return Err(PublishRejection::FindingRuled { id, newest });
                }
                self.push(if matches!(act, FindingAct::Uphold(_)) {
                    ReferenceEvent::FindingUpheld(it.clone())
                } else {
                    ReferenceEvent::FindingCancelled(it.clone())
                });
                Ok(())
            }
        }
    }

    /// Supervisors issue and rule; whoever else is on the staff explains.
    fn may_speak(&self, act: &FindingAct, actor: &Actor) -> Result<(), PublishRejection> {
        let role = actor.role;
        let refused = |act, wanted| Err(PublishRejection::NoSayInFindings { role, act, wanted });
        let supervisor = role == Role::Supervisor;
        match act {
            FindingAct::Issue(_) if !supervisor => return refused("issue", "it takes supervisor"),
            FindingAct::Uphold(_) if !supervisor => return refused("uphold", "it takes supervisor"),
            FindingAct::Cancel(_) if !supervisor => return refused("cancel", "it takes supervisor"),
            FindingAct::Explain(_) if supervisor || !role.is_staff() => {
                return refused("explain", "it takes somebody of the staff whom it concerns");
            }
            FindingAct::Issue(_) | FindingAct::Explain(_) | FindingAct::Uphold(_) | FindingAct::Cancel(_) => {
            }
        }
        let known = self.directory.staff.get(&actor.person);
        if known.is_some_and(|staff| staff.roles.contains(&role)) {
            Ok(())
        } else {
            Err(PublishRejection::NotInThatRole {
                person: actor.person.clone(),
                role,
            })
        }
    }

    fn procedure(&mut self, procedure: &Procedure) -> Result<(), PublishRejection> {
        let (id, version) = (&procedure.id, procedure.version);
        match self.directory.procedure(id, version) {
            Some(known) if **known == *procedure => return Ok(()),
            Some(_) => {
                return Err(PublishRejection::VersionChanged {
                    procedure: id.clone(),
                    version,
                });
            }
            None => {}
        }
        if let Some(newest) = self
            .directory
            .newest(id)
            .map(|newest| newest.version)
            .filter(|newest| *newest > version)
        {
            return Err(PublishRejection::VersionGoesBack {
                procedure: id.clone(),
                version,
                newest,
            });
        }
        let what = || format!("procedure {id}");
        self.departments(what, [&procedure.department])?;
        if !self.directory.calendars.contains_key(&procedure.calendar) {
            let calendar = procedure.calendar.clone();
            return Err(PublishRejection::UnknownCalendar {
                procedure: id.clone(),
                calendar,
            });
        }
        if let Some(flow) = &procedure.flow {
            if let Some(defect) = soundness::check(flow).first() {
                return Err(PublishRejection::Unsound {
                    procedure: id.clone(),
                    defect: defect.to_string(),
                });
            }
            self.departments(
                what,
                flow.steps()
                    .into_iter()
                    .filter_map(|step| step.department.as_ref()),
            )?;
            let mut leads = Vec::new();
            flow.walk(&mut |block| {
                if let Block::Parallel(group) = block {
                    leads.extend(group.lead.as_ref());
                }
            });
            self.departments(what, leads)?;
        }
        self.push(ReferenceEvent::ProcedurePublished(Arc::new(procedure.clone())));
        Ok(())
    }
}

impl Directory {
    /// The newest bulletin of the days of `bulletin`.
    #[must_use]
    pub fn newest_bulletin(&self, bulletin: &Bulletin) -> Option<&Bulletin> {
        let mut newest_first = self.bulletins.iter().rev();
        newest_first.find(|known| known.is_of_the_days_of(bulletin))
    }

    /// The directory after an event. It never fails and never judges.
    pub fn apply(&mut self, event: &ReferenceEvent) {
        match event {
            ReferenceEvent::CentrePublished(centre) => self.centre = Some(centre.clone()),
            ReferenceEvent::DepartmentRegistered(department) => {
                self.departments.insert(department.id.clone(), department.clone());
            }
            ReferenceEvent::WindowRegistered(window) => {
                self.windows.insert(window.id.clone(), window.clone());
            }
            ReferenceEvent::RosterPublished(roster) => {
                self.rosters
                    .entry(roster.window.clone())
                    .or_default()
                    .push(roster.clone());
            }
            ReferenceEvent::StaffRegistered(staff) => {
                self.staff.insert(staff.id.clone(), staff.clone());
            }
            ReferenceEvent::ProcedurePublished(procedure) => {
                let versions = self.procedures.entry(procedure.id.clone()).or_default();
                versions.insert(procedure.version, Arc::clone(procedure));
            }
            ReferenceEvent::CalendarPublished(calendar) => {
                if let Some(before) = self.calendars.insert(calendar.id().clone(), Arc::clone(calendar)) {
                    self.superseded_calendars
                        .insert((before.id().clone(), before.version()), before);
                }
            }
            ReferenceEvent::BulletinPublished(bulletin) => self.bulletins.push(bulletin.clone()),
            ReferenceEvent::FindingIssued(issued) => {
                let record = FindingRecord {
                    issued: issued.clone(),
                    explanations: Vec::new(),
                    rulings: Vec::new(),
                };
                self.findings.entry(issued.id.clone()).or_insert(record);
            }
            ReferenceEvent::FindingExplained(explained) => {
                if let Some(record) = self.findings.get_mut(&explained.id) {
                    record.explanations.push(explained.clone());
                }
            }
            ReferenceEvent::FindingUpheld(ruling) => {
                if let Some(record) = self.findings.get_mut(&ruling.id) {
                    record.rulings.push((true, ruling.clone()));
                }
            }
            ReferenceEvent::FindingCancelled(ruling) => {
                if let Some(record) = self.findings.get_mut(&ruling.id) {
                    record.rulings.push((false, ruling.clone()));
                }
            }
        }
    }
}
