//! An application on its way in: what a front desk fills out.

use guichet_core::actor::{Actor, Role};
use guichet_core::case::CaseCommand;
use guichet_core::case::event::Channel;
use guichet_core::condition::{Fact, Facts};
use guichet_core::id::{CaseId, CommandId, IdError, MaterialId, PersonId, ProcedureId, WindowId};

/// An application, before it is handed in.
///
/// Names that are no identifiers are told when it is handed in, not before.
///
/// ```
/// # use guichet::{Submit, testkit};
/// let submit = Submit::new("seal-filing")
///     .at("w04")
///     .by(&testkit::clerk())
///     .applicant("p-1")
///     .material("business-licence");
/// ```
#[derive(Clone, Debug)]
pub struct Submit {
    pub(crate) procedure: Result<ProcedureId, IdError>,
    pub(crate) applicant: Option<Result<PersonId, IdError>>,
    pub(crate) window: Option<Result<WindowId, IdError>>,
    pub(crate) actor: Option<Actor>,
    pub(crate) case: Option<CaseId>,
    pub(crate) id: Option<CommandId>,
    channel: Option<Channel>,
    facts: Facts,
    materials: Vec<Result<MaterialId, IdError>>,
    resubmits: Option<CaseId>,
}

impl Submit {
    /// An application under a procedure, in its newest version.
    #[must_use]
    pub fn new(procedure: &str) -> Self {
        Self {
            procedure: ProcedureId::new(procedure),
            applicant: None,
            window: None,
            actor: None,
            case: None,
            id: None,
            channel: None,
            facts: Facts::new(),
            materials: Vec::new(),
            resubmits: None,
        }
    }

    /// At a window.
    #[must_use]
    pub fn at(mut self, window: &str) -> Self {
        self.window = Some(WindowId::new(window));
        self
    }

    /// Handed in, or taken in, by somebody.
    #[must_use]
    pub fn by(mut self, actor: &Actor) -> Self {
        self.actor = Some(actor.clone());
        self
    }

    /// For an applicant; whoever acts, when absent.
    #[must_use]
    pub fn applicant(mut self, applicant: &str) -> Self {
        self.applicant = Some(PersonId::new(applicant));
        self
    }

    /// With a fact that the procedure may ask about.
    #[must_use]
    pub fn fact(mut self, name: &str, fact: impl Into<Fact>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// With a document from the procedure's list.
    #[must_use]
    pub fn material(mut self, material: &str) -> Self {
        self.materials.push(MaterialId::new(material));
        self
    }

    /// By another channel than the usual one.
    #[must_use]
    pub const fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Taking an earlier case up again.
    #[must_use]
    pub fn resubmits(mut self, case: CaseId) -> Self {
        self.resubmits = Some(case);
        self
    }

    /// Under this number; a new one is made from the command's id when absent.
    #[must_use]
    pub fn numbered(mut self, case: CaseId) -> Self {
        self.case = Some(case);
        self
    }

    /// With this command id, so that it can be repeated safely; a new one when absent.
    #[must_use]
    pub fn command(mut self, id: CommandId) -> Self {
        self.id = Some(id);
        self
    }

    /// Who acts, and what is asked.
    pub(crate) fn into_parts(self) -> Result<(Actor, CaseCommand), IdError> {
        let anonymous = || PersonId::new("applicant").map(|person| Actor::new(person, Role::Applicant));
        let mut actor = self.actor.map_or_else(anonymous, Ok)?;
        if let Some(window) = self.window {
            actor.window = Some(window?);
        }
        let applicant = self
            .applicant
            .transpose()?
            .unwrap_or_else(|| actor.person.clone());
        let materials = self.materials.into_iter().collect::<Result<_, _>>()?;
        let ask = CaseCommand::Submit {
            procedure: self.procedure?,
            applicant,
            channel: self.channel,
            facts: self.facts,
            materials,
            resubmits: self.resubmits,
        };
        Ok((actor, ask))
    }
}
