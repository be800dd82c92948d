//! Turns: an intention whose time has come becomes a command, waits, or is dropped because the case has moved on.

mod clocks;
mod closing;
mod counter;
mod examination;
mod voices;

use guichet::core::actor::{Actor, Role};
use guichet::core::case::event::Verdict;
use guichet::core::case::state::Stage;
use guichet::core::case::{Case, CaseCommand};
use guichet::core::id::{DocumentId, IdError};
use guichet::core::reference::WindowForm;
use guichet::core::time::Date;

use super::desk::Desk;
use super::habits::Intent;
use super::hours::DAY_MINUTES;
use super::open::Open;

/// What becomes of an intention when its time has come.
pub(super) enum Move {
    /// It is asked.
    Ask(Actor, CaseCommand),
    /// Not now, but after so many minutes of open counter.
    Later(i64),
    /// The case has moved on.
    Drop,
}

/// What becomes of an intention now.
///
/// # Errors
///
/// A name that is no identifier: never one of this module's.
pub(super) fn taken_up(
    open: &mut Open,
    intent: &Intent,
    desk: &Desk,
    day: Date,
    at: &str,
) -> Result<Move, IdError> {
    let state = std::mem::take(&mut open.state);
    let found = state.case().map(|case| {
        let mut turn = Turn {
            open,
            case,
            desk,
            day,
            stamp: at,
        };
        turn.take_up(intent)
    });
    open.state = state;
    found.unwrap_or(Ok(Move::Drop))
}

struct Turn<'a> {
    open: &'a mut Open,
    case: &'a Case,
    desk: &'a Desk,
    day: Date,
    /// What makes references of this moment differ from those of others.
    stamp: &'a str,
}

/// The same, or nothing to be done: the shape of most answers below.
type Taken = Result<Move, IdError>;

impl Turn<'_> {
    fn take_up(&mut self, intent: &Intent) -> Taken {
        match intent {
            Intent::Intake => Ok(self.intake()),
            Intent::Announce => self.announce(),
            Intent::Correct { last } => Ok(self.correct(*last)),
            Intent::Supply => Ok(self.supply()),
            Intent::Step(step) => self.step(step),
            Intent::DecideRefusal => Ok(self.decide(Verdict::Refused)),
            Intent::Prove(group, member) => self.prove(group, member),
            Intent::Resolve(group) => Ok(self.resolve(group)),
            Intent::RequestSpecial => self.request_special(),
            Intent::ApproveSpecial(special) => self.approve_special(special),
            Intent::StartSpecial(special) => {
                let special = special.clone();
                Ok(self.under_review(Role::Handler, CaseCommand::StartSpecialProcedure { special }))
            }
            Intent::EndSpecial(special) => {
                let (special, result) = (special.clone(), Some(self.document("result")?));
                Ok(self.under_review(
                    Role::Handler,
                    CaseCommand::EndSpecialProcedure { special, result },
                ))
            }
            Intent::Suspend => self.suspend(),
            Intent::Resume => Ok(self.under_review(Role::Handler, CaseCommand::Resume {})),
            Intent::RequestExtension => Ok(self.request_extension()),
            Intent::AnswerExtension => Ok(self.answer_extension()),
            Intent::Transfer => Ok(self.transfer()),
            Intent::ReceiveTransfer => Ok(self.receive_transfer()),
            Intent::NotifyFees => Ok(self.notify_fees()),
            Intent::PayFee(fee) => Ok(self.pay_fee(fee)),
            Intent::Issue => self.issue(),
            Intent::Deliver => Ok(self.deliver()),
            Intent::Complete => Ok(self.complete()),
            Intent::Archive => Ok(self.archive()),
            Intent::Withdraw => Ok(self.withdraw()),
            Intent::Terminate => Ok(self.terminate()),
            Intent::Appoint => Ok(self.appoint()),
            Intent::GreenChannel => Ok(self.green_channel()),
            Intent::LogAgency(entry) => Ok(self.as_agent(CaseCommand::LogAgency {
                entry: (*entry).to_owned(),
            })),
            Intent::EndAgency => Ok(self.as_agent(CaseCommand::EndAgency {
                reason: "the reply was collected".to_owned(),
            })),
            Intent::Rate(opportunity) => self.rate(opportunity),
            Intent::AssignRating(opportunity) => Ok(self.assign_rating(opportunity)),
            Intent::CallBack(opportunity) => Ok(self.call_back(opportunity)),
            Intent::Rectify(opportunity) => {
                let report = self.document("report")?;
                let opportunity = opportunity.clone();
                Ok(self.as_assigned(
                    &opportunity.clone(),
                    CaseCommand::RecordRectification { opportunity, report },
                ))
            }
            Intent::JudgeRectification(opportunity) => Ok(self.judge(opportunity)),
            Intent::Complain => self.complain(),
            Intent::AnswerComplaint(complaint) => self.answer_complaint(complaint),
            Intent::Praise => self.praise(),
        }
    }

    fn document(&mut self, what: &str) -> Result<DocumentId, IdError> {
        DocumentId::new(&format!("{what}-{}", self.stamp))
    }

    /// Somebody of the case's department.
    fn own(&self, role: Role, form: Option<WindowForm>) -> Option<Actor> {
        self.desk.actor(&self.case.department, role, form, self.day)
    }

    /// The form of window at which the item is taken in.
    fn counter_form(&self) -> Option<WindowForm> {
        let flow = self.open.procedure.flow.as_ref()?;
        flow.steps().first().and_then(|step| step.window)
    }

    fn clerk(&self) -> Option<Actor> {
        self.own(Role::Clerk, self.counter_form())
    }

    /// Somebody asks it, or it waits for a day on which there is somebody.
    fn by(actor: Option<Actor>, command: CaseCommand) -> Move {
        match actor {
            Some(actor) => Move::Ask(actor, command),
            None => Move::Later(DAY_MINUTES),
        }
    }

    fn under_review(&self, role: Role, command: CaseCommand) -> Move {
        if matches!(self.case.stage, Stage::Review) {
            Self::by(self.own(role, None), command)
        } else {
            Move::Drop
        }
    }

    /// The applicant, or the agent who acts for them.
    fn applicant(&self) -> Actor {
        match &self.case.agent {
            Some(agent) => Actor::new(agent.clone(), Role::Agent).acting_for(self.case.applicant.clone()),
            None => Actor::new(self.open.applicant.clone(), Role::Applicant),
        }
    }
}
