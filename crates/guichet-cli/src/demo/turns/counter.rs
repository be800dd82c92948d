//! The counter: intake, corrections, supplies, transfers between windows, fees.

use guichet::core::actor::Role;
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{ClockKind, CorrectionItem, FeeItem};
use guichet::core::case::state::Stage;
use guichet::core::id::{FeeId, MaterialId};
use guichet::core::reference::WindowForm;

use super::super::hours::DAY_MINUTES;
use super::super::items;
use super::super::open::Fate;
use super::{Move, Taken, Turn};

impl Turn<'_> {
    pub(super) fn intake(&mut self) -> Move {
        if !matches!(self.case.stage, Stage::Intake { .. }) {
            return Move::Drop;
        }
        let Some(clerk) = self.clerk() else {
            return Move::Later(DAY_MINUTES);
        };
        let ask = match self.open.fate {
            Fate::NotAccepted => CaseCommand::RefuseAcceptance {
                reasons: "another authority decides on this".to_owned(),
                remedies: Some(
                    "hand it in at the district's own hall; an appeal can be filed within 60 days".to_owned(),
                ),
            },
            Fate::NoLicenceNeeded => CaseCommand::DeclareNoLicenceNeeded {
                reasons: "the item was taken off the list; nothing needs to be licensed".to_owned(),
            },
            Fate::Ordinary | Fate::Withdrawn | Fate::Refused | Fate::Overlooked => self.look_through(),
        };
        Move::Ask(clerk, ask)
    }

    /// Whether everything is there, may follow, or has to be asked for.
    pub(super) fn look_through(&mut self) -> CaseCommand {
        let needed = items::materials(&self.open.procedure, &self.case.facts);
        let missing: Vec<(MaterialId, bool)> = needed
            .into_iter()
            .filter(|(material, _)| !self.case.materials.contains(material))
            .collect();
        if missing.is_empty() {
            return CaseCommand::Accept { gaps_due_on: None };
        }
        if missing.iter().all(|(_, may_follow)| *may_follow) && self.open.chance.happens(600) {
            return CaseCommand::Accept {
                gaps_due_on: Some(self.day.plus_days(14)),
            };
        }
        let item = |(material, _)| CorrectionItem {
            material,
            defect: "missing".to_owned(),
        };
        CaseCommand::RequestCorrection {
            items: missing.into_iter().map(item).collect(),
        }
    }

    pub(super) fn announce(&mut self) -> Taken {
        let Some(due_on) = self
            .case
            .due
            .promised
            .filter(|_| matches!(self.case.stage, Stage::Review))
        else {
            return Ok(Move::Drop);
        };
        let notice = Some(self.document("notice-acceptance")?);
        Ok(Self::by(
            self.clerk(),
            CaseCommand::AnnounceDueDate {
                clock: ClockKind::Promised,
                due_on,
                notice,
            },
        ))
    }

    pub(super) fn correct(&self, last: bool) -> Move {
        let Stage::Correction { items, .. } = &self.case.stage else {
            return Move::Drop;
        };
        let missing = items.iter().map(|item| item.material.clone());
        let open = missing.filter(|material| !self.case.materials.contains(material));
        let some = if last { usize::MAX } else { 1 };
        Move::Ask(
            self.applicant(),
            CaseCommand::SubmitCorrection {
                materials: open.take(some).collect(),
                complete: last,
            },
        )
    }

    pub(super) fn supply(&self) -> Move {
        let gaps = self
            .case
            .acceptance
            .as_ref()
            .map(|acceptance| acceptance.gaps.clone())
            .unwrap_or_default();
        let possible = match self.case.stage {
            Stage::Review | Stage::Decided { .. } => true,
            Stage::Intake { .. }
            | Stage::Correction { .. }
            | Stage::Ended { .. }
            | Stage::Completed { .. }
            | Stage::Archived { .. } => false,
        };
        if gaps.is_empty() || !possible {
            return Move::Drop;
        }
        Move::Ask(self.applicant(), CaseCommand::SupplyMaterial { materials: gaps })
    }

    pub(super) fn transfer(&self) -> Move {
        let reception = self
            .desk
            .window(&self.case.department, WindowForm::Reception, self.day);
        let office = self
            .desk
            .window(&self.case.department, WindowForm::ApprovalOffice, self.day);
        let (Some(from), Some(to)) = (reception, office) else {
            return Move::Drop;
        };
        let possible = matches!(self.case.stage, Stage::Review) && self.case.transfer.is_none();
        if !possible || self.case.window.as_ref() != Some(&from) {
            return Move::Drop;
        }
        let reason = "for examination at the approval office".to_owned();
        Self::by(
            self.own(Role::Clerk, Some(WindowForm::Reception)),
            CaseCommand::Transfer { to, reason },
        )
    }

    pub(super) fn receive_transfer(&mut self) -> Move {
        if self.case.transfer.is_none() || !self.case.stage.is_open() {
            return Move::Drop;
        }
        let receiver = self.own(Role::Handler, Some(WindowForm::ApprovalOffice));
        // A file that came back once is taken the second time.
        if !self.open.returned && self.open.chance.happens(40) {
            return Self::by(
                receiver,
                CaseCommand::ReturnTransfer {
                    reason: "two sheets are missing".to_owned(),
                },
            );
        }
        Self::by(receiver, CaseCommand::ConfirmTransfer {})
    }

    pub(super) fn notify_fees(&self) -> Move {
        if !self.case.stage.is_open() {
            return Move::Drop;
        }
        let fees = self.open.procedure.fees.iter();
        let fees = fees
            .map(|fee| FeeItem {
                fee: fee.id.clone(),
                amount_fen: fee.amount_fen,
            })
            .collect();
        Self::by(self.clerk(), CaseCommand::NotifyFees { fees })
    }

    pub(super) fn pay_fee(&mut self, fee: &FeeId) -> Move {
        let owed = self
            .case
            .fees
            .get(fee)
            .filter(|state| !state.is_settled())
            .map(|state| state.owed_fen);
        let ended = matches!(self.case.stage, Stage::Ended { .. });
        let Some(amount_fen) = owed.filter(|_| !ended) else {
            return Move::Drop;
        };
        let fee = fee.clone();
        // Once it is decided, what was told is paid.
        if self.case.decision.is_none() && self.open.chance.happens(25) {
            let reason = "a household on the minimum living allowance".to_owned();
            return Self::by(
                self.own(Role::Approver, None),
                CaseCommand::WaiveFee { fee, reason },
            );
        }
        let cashier = self.own(Role::Cashier, Some(WindowForm::Bank));
        let bank_reference = format!("BOH-{}", self.stamp);
        Self::by(
            cashier,
            CaseCommand::PayFee {
                fee,
                amount_fen,
                bank_reference,
            },
        )
    }
}
