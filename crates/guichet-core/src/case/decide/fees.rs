//! Fees: told once for all departments, paid at the bank window. They never stop a clock.

use super::{Ask, at_stage, known, one};
use crate::actor::Role;
use crate::case::event::{CaseEvent, FeeItem, FeeNotified, FeePaid, FeeRefunded, FeeWaived};
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, FeeState, Stage};
use crate::id::FeeId;
use crate::reference::WindowForm;

const TELLING: &[Role] = &[Role::Clerk, Role::Handler, Role::Approver];
const WAIVING: &[Role] = &[Role::Approver, Role::AuthorityHead, Role::Director];

/// The applicant is told what to pay. A fee outside the published list is recorded too: the supervisors find it (A6).
pub(super) fn notify(
    ask: &Ask<'_>,
    state: &CaseState,
    fees: &[FeeItem],
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(TELLING)?;
    let case = at_stage(state, "a stage before completion", |stage| match stage {
        Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review | Stage::Decided { .. } => true,
        Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => false,
    })?;
    ask.department(&case.department)?;
    if fees.is_empty() {
        return Err(Rejection::NothingNamed { what: "a fee notice" });
    }
    Ask::count("fees", fees.len() + case.fees.len())?;
    Ok(one(FeeNotified { fees: fees.to_vec() }))
}

/// The bank window takes the whole amount that was told.
pub(super) fn pay(
    ask: &Ask<'_>,
    state: &CaseState,
    fee: &FeeId,
    amount_fen: u64,
    bank_reference: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Cashier])?;
    let told = told(known(state)?, fee)?;
    bank_window(ask)?;
    let owed = if told.waived {
        0
    } else {
        told.owed_fen.saturating_sub(told.paid_fen)
    };
    if amount_fen != owed || owed == 0 {
        return Err(Rejection::WrongAmount {
            given_fen: amount_fen,
            expected_fen: owed,
            what: "owed",
        });
    }
    let bank_reference = Ask::reasons("a payment", bank_reference)?.to_owned();
    Ok(one(FeePaid {
        fee: fee.clone(),
        amount_fen,
        bank_reference,
    }))
}

/// A fee that was told is waived, with a reason.
pub(super) fn waive(
    ask: &Ask<'_>,
    state: &CaseState,
    fee: &FeeId,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(WAIVING)?;
    let case = known(state)?;
    told(case, fee)?;
    ask.department_or_director(&case.department)?;
    Ok(one(FeeWaived {
        fee: fee.clone(),
        reason: Ask::reasons("a waiver", reason)?.to_owned(),
    }))
}

/// Not more is paid back than was paid.
pub(super) fn refund(
    ask: &Ask<'_>,
    state: &CaseState,
    fee: &FeeId,
    amount_fen: u64,
    reason: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Cashier])?;
    let told = told(known(state)?, fee)?;
    bank_window(ask)?;
    let paid = told.paid_fen.saturating_sub(told.refunded_fen);
    if amount_fen == 0 || amount_fen > paid {
        return Err(Rejection::WrongAmount {
            given_fen: amount_fen,
            expected_fen: paid,
            what: "the most that can be paid back",
        });
    }
    Ok(one(FeeRefunded {
        fee: fee.clone(),
        amount_fen,
        reason: Ask::reasons("a refund", reason)?.to_owned(),
    }))
}

/// Money changes hands at the bank window, where it changes hands at a window at all.
fn bank_window(ask: &Ask<'_>) -> Result<(), Rejection> {
    let window = ask
        .actor
        .window
        .as_ref()
        .and_then(|window| ask.directory.windows.get(window));
    match window.map(|window| window.form) {
        Some(form) if form != WindowForm::Bank && !ask.is_import() => Err(Rejection::WrongWindowForm {
            needed: WindowForm::Bank,
        }),
        Some(_) | None => Ok(()),
    }
}

fn told<'s>(case: &'s Case, fee: &FeeId) -> Result<&'s FeeState, Rejection> {
    case.fees
        .get(fee)
        .ok_or_else(|| Rejection::UnknownFee { fee: fee.clone() })
}
