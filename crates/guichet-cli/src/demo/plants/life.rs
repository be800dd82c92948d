//! The life of a planted case, act by act, on days counted from the one on which it is handed in.

use std::sync::Arc;

use guichet::core::actor::{Actor, Role};
use guichet::core::case::event::Verdict;
use guichet::core::case::{CaseCommand, Command};
use guichet::core::condition::{Fact, Facts};
use guichet::core::id::{CaseId, CommandId, DocumentId, IdError, MaterialId, PersonId, ProcedureId, StepId};
use guichet::core::procedure::Procedure;
use guichet::core::reference::{Directory, WindowForm};
use guichet::core::time::{Date, Timestamp};

use super::super::chance::Chance;
use super::super::desk::Desk;
use super::super::hours::Hours;
use super::super::items;
use super::super::planted::{Planting, Subject};
use super::super::stories::Line;

/// Why a script cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// A name that is none.
    #[error(transparent)]
    Name(#[from] IdError),
    /// Nobody there to do it.
    #[error("the demo catalogue has nobody or nothing for {0}")]
    Missing(String),
}

pub(super) type Written = Result<(), Problem>;

/// The lines so far.
pub(super) struct Script<'a> {
    directory: &'a Directory,
    pub(super) desk: &'a Desk,
    hours: &'a Hours,
    pub(super) lines: Vec<Line>,
    pub(super) planted: Vec<Planting>,
}

impl<'a> Script<'a> {
    pub(super) const fn new(directory: &'a Directory, desk: &'a Desk, hours: &'a Hours) -> Self {
        Self {
            directory,
            desk,
            hours,
            lines: Vec::new(),
            planted: Vec::new(),
        }
    }

    /// Takes down what is done on purpose.
    pub(super) fn plant(&mut self, rule: &str, subject: Subject, zh: &str, en: &str) {
        self.planted.push(Planting::new(rule, subject, zh, en));
    }

    /// The working day that lies so many after another one.
    pub(super) fn day(&self, base: Date, after: u32) -> Date {
        let mut day = base;
        for _ in 0..after {
            day = day.next();
            while !self.hours.works_on(day) {
                day = day.next();
            }
        }
        day
    }

    /// A case of an item, handed in on a day.
    pub(super) fn life(&mut self, name: &str, item: &str, base: Date) -> Result<Life<'_, 'a>, Problem> {
        let missing = |what: &str| Problem::Missing(format!("{what} of {item}"));
        let procedure = self.directory.newest(&ProcedureId::new(item)?).cloned();
        let procedure = procedure.ok_or_else(|| missing("the item"))?;
        let steps = procedure
            .flow
            .as_ref()
            .map(|flow| flow.steps())
            .unwrap_or_default();
        let counter = steps
            .iter()
            .find(|step| step.role == Some(Role::Clerk))
            .and_then(|step| step.window);
        let deciding = steps
            .iter()
            .find(|step| step.decides)
            .and_then(|step| step.window);
        let somebody = |role, form: Option<WindowForm>| {
            let actor = self.desk.actor(&procedure.department, role, form, base);
            actor.ok_or_else(|| missing(role.as_str()))
        };
        let (clerk, handler) = (somebody(Role::Clerk, counter)?, somebody(Role::Handler, None)?);
        let (reviewer, approver) = (
            somebody(Role::Reviewer, None)?,
            somebody(Role::Approver, deciding)?,
        );
        // The same answers every time: nothing special about the case.
        let facts = items::facts(&procedure, false, &mut Chance::new(0));
        let materials = items::materials(&procedure, &facts)
            .into_iter()
            .map(|(material, _)| material)
            .collect();
        let number = self.planted.len() + self.lines.len();
        Ok(Life {
            script: self,
            name: name.to_owned(),
            case: CaseId::new(name)?,
            applicant: PersonId::new(&format!("x-{number:04}"))?,
            procedure,
            base,
            clerk,
            handler,
            reviewer,
            approver,
            facts,
            materials,
            acts: 0,
        })
    }
}

/// A planted case, and who has to do with it.
pub(super) struct Life<'s, 'a> {
    pub(super) script: &'s mut Script<'a>,
    name: String,
    pub(super) case: CaseId,
    pub(super) applicant: PersonId,
    pub(super) procedure: Arc<Procedure>,
    base: Date,
    pub(super) clerk: Actor,
    pub(super) handler: Actor,
    pub(super) reviewer: Actor,
    pub(super) approver: Actor,
    pub(super) facts: Facts,
    pub(super) materials: Vec<MaterialId>,
    acts: u32,
}

/// A time of the day, as hour and minute.
pub(super) type Clock = (i64, i64);

impl Life<'_, '_> {
    /// Takes down what is done on purpose with this case.
    pub(super) fn plants(&mut self, rule: &str, zh: &str, en: &str) -> &mut Self {
        let subject = Subject::Case(self.case.clone());
        self.script.plant(rule, subject, zh, en);
        self
    }

    /// A fact of the case.
    pub(super) fn fact(&mut self, name: &str, fact: impl Into<Fact>) -> &mut Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// The working day that lies so many after the first.
    pub(super) fn day(&self, after: u32) -> Date {
        self.script.day(self.base, after)
    }

    /// A time on a working day after the first.
    pub(super) fn at(&self, after: u32, (hour, minute): Clock) -> Timestamp {
        self.script.hours.at(self.day(after), hour * 60 + minute)
    }

    /// Somebody asks something on a day, at a time.
    pub(super) fn does(
        &mut self,
        after: u32,
        time: Clock,
        actor: &Actor,
        ask: CaseCommand,
    ) -> Result<&mut Self, IdError> {
        let at = self.at(after, time);
        self.does_at(at, actor, ask, |_| ())
    }

    /// As [`does`](Self::does), at an instant, with something about the command changed.
    pub(super) fn does_at(
        &mut self,
        at: Timestamp,
        actor: &Actor,
        ask: CaseCommand,
        but: impl FnOnce(&mut Command),
    ) -> Result<&mut Self, IdError> {
        self.acts += 1;
        let id = CommandId::new(&format!("{}-{:02}", self.name, self.acts))?;
        let mut command = Command::new(id, self.case.clone(), actor.clone(), ask);
        but(&mut command);
        self.script.lines.push(Line::of(at, command));
        Ok(self)
    }

    pub(super) fn applying(&self) -> Actor {
        Actor::new(self.applicant.clone(), Role::Applicant)
    }

    /// The application, at the counter.
    pub(super) fn submit(&self) -> CaseCommand {
        CaseCommand::Submit {
            procedure: self.procedure.id.clone(),
            applicant: self.applicant.clone(),
            channel: None,
            facts: self.facts.clone(),
            materials: self.materials.iter().cloned().collect(),
            resubmits: None,
        }
    }

    /// Handed in, accepted and taken in on the first day.
    pub(super) fn taken_in(&mut self) -> Result<&mut Self, IdError> {
        self.handed_in()?.accepted(0)?.agreed(0, (9, 50), "intake")
    }

    pub(super) fn handed_in(&mut self) -> Result<&mut Self, IdError> {
        let (clerk, submit) = (self.clerk.clone(), self.submit());
        self.does(0, (9, 5), &clerk, submit)
    }

    pub(super) fn accepted(&mut self, after: u32) -> Result<&mut Self, IdError> {
        let clerk = self.clerk.clone();
        self.does(after, (9, 20), &clerk, CaseCommand::Accept { gaps_due_on: None })
    }

    /// Who has to agrees to a step.
    pub(super) fn agreed(&mut self, after: u32, time: Clock, step: &str) -> Result<&mut Self, IdError> {
        let actor = match step {
            "intake" => self.clerk.clone(),
            "review" => self.reviewer.clone(),
            _ => self.handler.clone(),
        };
        let ask = agrees(step)?;
        self.does(after, time, &actor, ask)
    }

    pub(super) fn examined(&mut self, examined: u32, reviewed: u32) -> Result<&mut Self, IdError> {
        self.agreed(examined, (10, 5), "examine")?
            .agreed(reviewed, (11, 20), "review")
    }

    pub(super) fn granted(&mut self, after: u32) -> Result<&mut Self, IdError> {
        let (approver, verdict) = (self.approver.clone(), Verdict::Granted);
        self.does(
            after,
            (14, 5),
            &approver,
            CaseCommand::Decide {
                verdict,
                reasons: None,
            },
        )
    }

    pub(super) fn issued(&mut self, after: u32) -> Result<&mut Self, IdError> {
        let certificate = self.document("certificate")?;
        let handler = self.handler.clone();
        self.does(
            after,
            (14, 35),
            &handler,
            CaseCommand::IssueCertificate { certificate },
        )
    }

    pub(super) fn delivered(&mut self, after: u32) -> Result<&mut Self, IdError> {
        let (clerk, method) = (self.clerk.clone(), "collected at the window".to_owned());
        self.does(after, (15, 20), &clerk, CaseCommand::Deliver { method })
    }

    pub(super) fn completed(&mut self, after: u32) -> Result<&mut Self, IdError> {
        let clerk = self.clerk.clone();
        self.does(after, (15, 50), &clerk, CaseCommand::Complete {})
    }

    /// Everything from the certificate on, on one day.
    pub(super) fn closed(&mut self, after: u32) -> Result<&mut Self, IdError> {
        self.issued(after)?.delivered(after)?.completed(after)
    }

    pub(super) fn document(&self, what: &str) -> Result<DocumentId, IdError> {
        DocumentId::new(&format!("{what}-{}", self.name))
    }
}

/// The agreement to a step.
pub(super) fn agrees(step: &str) -> Result<CaseCommand, IdError> {
    Ok(CaseCommand::GiveOpinion {
        step: StepId::new(step)?,
        opinion: guichet::core::case::event::Opinion::Agree,
        reasons: None,
    })
}
