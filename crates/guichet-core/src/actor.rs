//! Who acts: a person in a role, at a window, perhaps for somebody else.

use serde::{Deserialize, Serialize};

use crate::code::codes;
use crate::id::{DepartmentId, PersonId, WindowId};

codes! {
    /// What somebody does in the centre. Staff hold the roles that the directory gives them.
    Role("role") {
        /// Receives applications at a window.
        Clerk = "clerk",
        /// Examines a case (承办人).
        Handler = "handler",
        /// Checks what the handler found (审核人).
        Reviewer = "reviewer",
        /// Signs the decision (批准人).
        Approver = "approver",
        /// Heads an authority (行政机关负责人).
        AuthorityHead = "authority_head",
        /// Heads the government of that level (本级人民政府负责人).
        GovernmentHead = "government_head",
        /// Takes fees at the bank window.
        Cashier = "cashier",
        /// Watches the clocks and the conduct (监察).
        Supervisor = "supervisor",
        /// Runs the centre and publishes its catalogue.
        Director = "director",
        /// Asks for something.
        Applicant = "applicant",
        /// Handles a case for an applicant (代办员).
        Agent = "agent",
        /// The engine, when a clock lapses.
        Timekeeper = "timekeeper",
        /// The engine, when it takes over the history of another system.
        Importer = "importer",
    }
}

impl Role {
    /// Whether the directory must know the person in this role.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        match self {
            Self::Clerk
            | Self::Handler
            | Self::Reviewer
            | Self::Approver
            | Self::AuthorityHead
            | Self::GovernmentHead
            | Self::Cashier
            | Self::Supervisor
            | Self::Director => true,
            Self::Applicant | Self::Agent | Self::Timekeeper | Self::Importer => false,
        }
    }
}

/// Who caused a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The person, by the id that the host's directory knows.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// At which window, if at one.
    #[serde(default)]
    pub window: Option<WindowId>,
    /// For which department, where the window alone does not say it.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// For whom, when an agent acts.
    #[serde(default)]
    pub acting_for: Option<PersonId>,
}

impl Actor {
    /// A person in a role.
    ///
    /// ```
    /// # use guichet_core::{actor::{Actor, Role}, id::{PersonId, WindowId}};
    /// let clerk = Actor::new(PersonId::new("s07")?, Role::Clerk).at(WindowId::new("W12")?);
    /// assert!(clerk.window.is_some_and(|window| window == "W12"));
    /// # Ok::<(), guichet_core::id::IdError>(())
    /// ```
    #[must_use]
    pub const fn new(person: PersonId, role: Role) -> Self {
        Self {
            person,
            role,
            window: None,
            department: None,
            acting_for: None,
        }
    }

    /// The same person, at a window.
    #[must_use]
    pub fn at(mut self, window: WindowId) -> Self {
        self.window = Some(window);
        self
    }

    /// The same person, for a department.
    #[must_use]
    pub fn of(mut self, department: DepartmentId) -> Self {
        self.department = Some(department);
        self
    }

    /// The same person, acting for another one.
    #[must_use]
    pub fn acting_for(mut self, person: PersonId) -> Self {
        self.acting_for = Some(person);
        self
    }
}
