//! How a case ends: certificate, delivery, completion, archive, withdrawal, termination.

use guichet::core::actor::Role;
use guichet::core::case::CaseCommand;
use guichet::core::case::state::Stage;

use super::super::hours::DAY_MINUTES;
use super::{Move, Taken, Turn};

impl Turn<'_> {
    pub(super) fn issue(&mut self) -> Taken {
        if !matches!(self.case.stage, Stage::Decided { .. }) || self.case.certificate.is_some() {
            return Ok(Move::Drop);
        }
        let certificate = self.document("certificate")?;
        Ok(Self::by(
            self.own(Role::Handler, None),
            CaseCommand::IssueCertificate { certificate },
        ))
    }

    pub(super) fn deliver(&mut self) -> Move {
        if !matches!(self.case.stage, Stage::Decided { .. }) || self.case.delivered_on.is_some() {
            return Move::Drop;
        }
        let unpaid = self.case.fees.values().any(|fee| !fee.is_settled());
        if self.open.procedure.fee_before_delivery && unpaid {
            return Move::Later(DAY_MINUTES / 2);
        }
        let method = if self.open.chance.happens(150) {
            "express"
        } else {
            "collected at the window"
        };
        Self::by(
            self.clerk(),
            CaseCommand::Deliver {
                method: method.to_owned(),
            },
        )
    }

    pub(super) fn complete(&self) -> Move {
        let closable = match self.case.stage {
            Stage::Decided { .. } => self.case.delivered_on.is_some(),
            Stage::Ended { .. } => true,
            Stage::Intake { .. }
            | Stage::Correction { .. }
            | Stage::Review
            | Stage::Completed { .. }
            | Stage::Archived { .. } => false,
        };
        if closable {
            Self::by(self.clerk(), CaseCommand::Complete {})
        } else {
            Move::Drop
        }
    }

    pub(super) fn archive(&self) -> Move {
        if !matches!(self.case.stage, Stage::Completed { .. }) {
            return Move::Drop;
        }
        Self::by(
            self.own(Role::Handler, None),
            CaseCommand::Archive {
                retention: "10 years".to_owned(),
            },
        )
    }

    pub(super) fn withdraw(&self) -> Move {
        if !self.case.stage.is_open() {
            return Move::Drop;
        }
        Move::Ask(
            self.applicant(),
            CaseCommand::Withdraw {
                reason: "the plan was given up".to_owned(),
            },
        )
    }

    pub(super) fn terminate(&self) -> Move {
        if !matches!(self.case.stage, Stage::Correction { lapsed: true, .. }) {
            return Move::Drop;
        }
        let reason = "the applicant was asked for material and stayed silent".to_owned();
        Self::by(self.own(Role::Handler, None), CaseCommand::Terminate { reason })
    }
}
