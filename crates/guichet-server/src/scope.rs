//! Who asks, and which cases are theirs to see.

use std::collections::BTreeSet;

use guichet_audit::replay::Row;
use guichet_core::id::{DepartmentId, WindowId};

use crate::access::{Role, Token};
use crate::live::Line;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) role: Role,
    /// The token that was shown; none for whoever comes without one.
    pub(crate) token: Option<Token>,
    /// The departments whose cases they see today.
    pub(crate) departments: BTreeSet<DepartmentId>,
}

impl Caller {
    /// Whether they see every case.
    pub(crate) const fn sees_all(&self) -> bool {
        match self.role {
            Role::Supervisor => true,
            Role::Public | Role::Dashboard | Role::Clerk | Role::Handler | Role::DepartmentHead => false,
        }
    }

    /// Their window.
    pub(crate) fn window(&self) -> Option<&WindowId> {
        self.token.as_ref().and_then(|token| token.window.as_ref())
    }

    /// Whether they see a case: one that lies at their window or comes to it, or that their departments answer for or have
    /// to do with.
    pub(crate) fn sees(&self, row: &Row) -> bool {
        self.sees_all()
            || (self.window().is_some() && (row.window() == self.window() || row.to() == self.window()))
            || self.departments.contains(row.department())
            || row
                .departments()
                .any(|department| self.departments.contains(department))
    }

    /// Whether they see of which case an event is.
    pub(crate) fn sees_case_of(&self, line: &Line) -> bool {
        self.sees_all()
            || (self.window().is_some() && line.window.as_ref() == self.window())
            || line
                .department
                .as_ref()
                .is_some_and(|department| self.departments.contains(department))
    }
}
