//! Who may do what: role, window and roster of the day, department, four eyes.

use super::Ask;
use crate::actor::Role;
use crate::case::rejection::Rejection;
use crate::case::state::Case;
use crate::flow::Step;
use crate::id::{DepartmentId, PersonId, StepId};
use crate::reference::{Staff, WindowForm};

impl<'a> Ask<'a> {
    /// The actor is who they say: known, still there, holding the role.
    pub(super) fn identify(&self) -> Result<(), Rejection> {
        let person = &self.actor.person;
        if self.actor.role.is_staff() && !self.present(person)?.roles.contains(&self.actor.role) {
            return Err(Rejection::RoleNotHeld {
                person: person.clone(),
                role: self.actor.role,
            });
        }
        Ok(())
    }

    /// The actor acts in one of these roles, at a window where they work, on a day that has come.
    pub(super) fn role(&self, allowed: &'static [Role]) -> Result<(), Rejection> {
        if allowed.contains(&self.actor.role) || self.is_import() {
            self.place()
        } else {
            Err(Rejection::RoleNotAllowed {
                role: self.actor.role,
                allowed,
            })
        }
    }

    /// The actor works at the window, and the command speaks of a day that has come. For commands that ask for no role.
    pub(super) fn place(&self) -> Result<(), Rejection> {
        let person = &self.actor.person;
        let Some(window) = &self.actor.window else {
            // A clerk without a window could act for any department.
            return if self.actor.role == Role::Clerk {
                Err(Rejection::WindowMissing)
            } else {
                self.dates()
            };
        };
        if !self.directory.windows.contains_key(window) {
            return Err(Rejection::UnknownWindow {
                window: window.clone(),
            });
        }
        let works_here = |staff: &Staff| {
            if staff.windows.is_empty() {
                !self
                    .directory
                    .on_duty(window, self.today)
                    .is_disjoint(&staff.departments)
            } else {
                staff.windows.contains(window)
            }
        };
        if self.actor.role.is_staff() && !self.staff(person).is_ok_and(works_here) {
            return Err(Rejection::NotAtWindow {
                person: person.clone(),
                window: window.clone(),
            });
        }
        self.dates()
    }

    /// What the directory knows of a person.
    pub(super) fn staff(&self, person: &PersonId) -> Result<&'a Staff, Rejection> {
        let unknown = || Rejection::UnknownPerson {
            person: person.clone(),
        };
        self.directory.staff.get(person).ok_or_else(unknown)
    }

    /// What the directory knows of a person who has not left.
    pub(super) fn present(&self, person: &PersonId) -> Result<&'a Staff, Rejection> {
        let staff = self.staff(person)?;
        match staff.until.filter(|until| *until < self.today) {
            Some(until) => Err(Rejection::NoLongerStaff {
                person: person.clone(),
                until,
            }),
            None => Ok(staff),
        }
    }

    /// The actor acts for this department today: their own, or the one that their rotating window serves on this day.
    pub(super) fn department(&self, department: &DepartmentId) -> Result<(), Rejection> {
        if self.is_import() || !self.actor.role.is_staff() {
            return Ok(());
        }
        let staff = self.staff(&self.actor.person)?;
        let wrong = || Rejection::WrongDepartment {
            person: self.actor.person.clone(),
            department: department.clone(),
        };
        if self
            .actor
            .department
            .as_ref()
            .is_some_and(|named| named != department)
        {
            return Err(wrong());
        }
        if let Some(window) = &self.actor.window {
            if !self.directory.on_duty(window, self.today).contains(department) {
                let (window, department) = (window.clone(), department.clone());
                return Err(Rejection::NotOnDuty {
                    window,
                    department,
                    day: self.today,
                });
            }
            let form = self.directory.windows.get(window).map(|window| window.form);
            if form == Some(WindowForm::Rotating) && staff.windows.contains(window) {
                return Ok(());
            }
        }
        if staff.departments.contains(department) {
            Ok(())
        } else {
            Err(wrong())
        }
    }

    /// As [`department`](Self::department), but the director answers for the whole centre.
    pub(super) fn department_or_director(&self, department: &DepartmentId) -> Result<(), Rejection> {
        if self.actor.role == Role::Director {
            Ok(())
        } else {
            self.department(department)
        }
    }

    /// The actor is the applicant, the agent who acts for them, or a clerk who writes down what they say: one at the
    /// window that has the file, or at one that serves the department of the case.
    pub(super) fn applicant(&self, case: &Case) -> Result<(), Rejection> {
        let actor = self.actor;
        let entitled = match actor.role {
            Role::Applicant => actor.person == case.applicant,
            Role::Agent => {
                case.agent.as_ref() == Some(&actor.person)
                    && actor.acting_for.as_ref() == Some(&case.applicant)
            }
            Role::Clerk if actor.window.is_some() && actor.window == case.window => return Ok(()),
            Role::Clerk => return self.department(&case.department),
            Role::Importer => return Ok(()),
            Role::Handler
            | Role::Reviewer
            | Role::Approver
            | Role::AuthorityHead
            | Role::GovernmentHead
            | Role::Cashier
            | Role::Supervisor
            | Role::Director
            | Role::Timekeeper => false,
        };
        if entitled {
            Ok(())
        } else {
            Err(Rejection::NotTheApplicant {
                person: actor.person.clone(),
            })
        }
    }

    /// The actor may do this step of this case: role, department, form of window, the holder, and four eyes.
    pub(super) fn step(&self, case: &Case, id: &StepId, step: Option<&Step>) -> Result<(), Rejection> {
        let Some(reached) = case.steps.get(id) else {
            return Err(Rejection::UnknownStep { step: id.clone() });
        };
        if self.is_import() {
            return Ok(());
        }
        if self.actor.role != reached.role {
            return Err(Rejection::WrongRole {
                needed: reached.role,
                given: self.actor.role,
            });
        }
        // A step that the flow gives to the applicant's side is done by nobody else.
        if matches!(self.actor.role, Role::Applicant | Role::Agent) {
            self.applicant(case)?;
        }
        self.department(&reached.department)?;
        if let Some(needed) = reached.window {
            let window = self
                .actor
                .window
                .as_ref()
                .and_then(|window| self.directory.windows.get(window));
            if window.map(|window| window.form) != Some(needed) {
                return Err(Rejection::WrongWindowForm { needed });
            }
        }
        if let Some(holder) = reached
            .holder
            .as_ref()
            .filter(|holder| **holder != self.actor.person)
        {
            return Err(Rejection::HeldByAnother {
                step: id.clone(),
                holder: holder.clone(),
            });
        }
        step.map_or(Ok(()), |step| other_eyes(case, step, &self.actor.person))
    }
}

/// Four eyes: this person has answered none of the steps that this one must not share a person with.
pub(super) fn other_eyes(case: &Case, step: &Step, person: &PersonId) -> Result<(), Rejection> {
    let same = step
        .four_eyes
        .iter()
        .find(|other| case.answered_by(other) == Some(person));
    same.map_or(Ok(()), |other| {
        Err(Rejection::SamePerson {
            person: person.clone(),
            step: step.id.clone(),
            other: other.clone(),
        })
    })
}
