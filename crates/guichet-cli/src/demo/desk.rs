//! The desk plan: who acts for a department in a role, and at which window on which day.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet::core::actor::{Actor, Role};
use guichet::core::id::{DepartmentId, PersonId, WindowId};
use guichet::core::reference::{Directory, WindowForm};
use guichet::core::time::Date;

/// Where a clerk sits whom nobody told where to sit, in this order.
const USUAL_FORMS: &[WindowForm] = &[
    WindowForm::Reception,
    WindowForm::Rotating,
    WindowForm::AnnualInspection,
    WindowForm::ApprovalOffice,
];

/// Who does what, as the directory has it.
#[derive(Debug)]
pub(super) struct Desk {
    directory: Arc<Directory>,
    by_role: BTreeMap<Role, Vec<PersonId>>,
}

impl Desk {
    pub(super) fn new(directory: Arc<Directory>) -> Self {
        let mut by_role: BTreeMap<Role, Vec<PersonId>> = BTreeMap::new();
        for (person, staff) in &directory.staff {
            for role in &staff.roles {
                by_role.entry(*role).or_default().push(person.clone());
            }
        }
        Self { directory, by_role }
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Somebody who acts in a role, whatever the department.
    pub(super) fn holder(&self, role: Role) -> Option<Actor> {
        let person = self.by_role.get(&role)?.first()?;
        Some(Actor::new(person.clone(), role))
    }

    /// Everybody who acts in a role.
    pub(super) fn holders(&self, role: Role) -> &[PersonId] {
        self.by_role.get(&role).map_or(&[], Vec::as_slice)
    }

    /// Somebody who acts for a department in a role, at a window of the form that is asked for. Nobody, where no such
    /// window serves the department that day.
    pub(super) fn actor(
        &self,
        department: &DepartmentId,
        role: Role,
        form: Option<WindowForm>,
        day: Date,
    ) -> Option<Actor> {
        let mut people = self.holders(role).iter();
        let person = people.find(|person| {
            let staff = self.directory.staff.get(*person);
            staff.is_some_and(|staff| staff.departments.contains(department))
        })?;
        let actor = Actor::new(person.clone(), role);
        let window = match form {
            Some(form) => Some(self.window(department, form, day)?),
            None if role == Role::Clerk => {
                let mut forms = USUAL_FORMS.iter();
                Some(forms.find_map(|form| self.window(department, *form, day))?)
            }
            None => None,
        };
        Some(match window {
            // A window that serves several departments does not say for which one somebody acts.
            Some(window) if self.directory.on_duty(&window, day).len() > 1 => {
                actor.at(window).of(department.clone())
            }
            Some(window) => actor.at(window),
            None => actor,
        })
    }

    /// The window of a form that serves a department on a day.
    pub(super) fn window(&self, department: &DepartmentId, form: WindowForm, day: Date) -> Option<WindowId> {
        let windows = self.directory.windows.values();
        let mut of_form = windows.filter(|window| window.form == form);
        of_form
            .find(|window| self.directory.on_duty(&window.id, day).contains(department))
            .map(|window| window.id.clone())
    }

    /// A person of the staff in a role in which they may put a bad rating right.
    pub(super) fn rectifying(&self, person: &PersonId) -> Option<Actor> {
        let staff = self.directory.staff.get(person)?;
        let role = [Role::Handler, Role::Approver]
            .into_iter()
            .find(|role| staff.roles.contains(role))?;
        Some(Actor::new(person.clone(), role))
    }
}
