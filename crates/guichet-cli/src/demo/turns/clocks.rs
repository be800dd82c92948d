//! What moves the clocks: special procedures, suspensions, extensions.

use std::sync::Arc;

use guichet::core::actor::Role;
use guichet::core::case::CaseCommand;
use guichet::core::case::event::SuspensionGround;
use guichet::core::case::state::Stage;
use guichet::core::id::{SpecialProcedureId, StepId};
use guichet::core::time::Term;

use super::super::limits::Limits;
use super::{Move, Taken, Turn};

const GROUNDS: &[(SuspensionGround, &str)] = &[
    (SuspensionGround::ForceMajeure, "the way to the site is flooded"),
    (
        SuspensionGround::AwaitingDecision,
        "a court has to say whose land it is",
    ),
    (
        SuspensionGround::ApplicantRequest,
        "the applicant asked for time to redraw",
    ),
];

/// How many working days are left at least when a special procedure is asked for.
const SPECIAL_DAYS_LEFT_MIN: u32 = 8;
/// How many working days are left of a step at least when its case is suspended.
const SUSPENSION_DAYS_LEFT_MIN: u32 = 2;
/// How many working days it takes at most until it is approved and has begun.
const APPROVAL_DAYS: u32 = 4;

impl Turn<'_> {
    pub(super) fn request_special(&mut self) -> Taken {
        let procedure = Arc::clone(&self.open.procedure);
        let Some(rule) = self.open.chance.one_of(&procedure.special_procedures) else {
            return Ok(Move::Drop);
        };
        if !self.case.specials.is_empty() {
            return Ok(Move::Drop);
        }
        let longest = rule.longest.unwrap_or(Term::WorkingDays(10));
        let most = longest.count().clamp(1, 20);
        let count =
            u16::try_from(self.open.chance.between(i64::from(most.min(3)), i64::from(most))).unwrap_or(1);
        let announced = match longest {
            Term::WorkingDays(_) => Term::WorkingDays(count),
            Term::CalendarDays(_) => Term::CalendarDays(count),
            Term::WorkingHours(_) => Term::WorkingHours(count),
            Term::Weeks(_) => Term::Weeks(1),
            Term::Months(_) => Term::Months(1),
        };
        // Only while the examination has time enough: the special procedure begins well before the end, and what is not
        // left out of the clocks fits in as well.
        let inside = if rule.excluded {
            0
        } else {
            u32::from(announced.count())
        };
        let whole = self
            .days_left()
            .is_some_and(|left| left >= inside + SPECIAL_DAYS_LEFT_MIN);
        if !whole
            || self
                .examination_left()
                .is_none_or(|left| left < inside + APPROVAL_DAYS)
        {
            return Ok(Move::Drop);
        }
        let special = SpecialProcedureId::new("special-1")?;
        let (kind, name) = (rule.kind, None);
        Ok(self.under_review(
            Role::Handler,
            CaseCommand::RequestSpecialProcedure {
                special,
                kind,
                name,
                announced,
            },
        ))
    }

    pub(super) fn approve_special(&mut self, special: &SpecialProcedureId) -> Taken {
        let special = special.clone();
        let too_late = self
            .days_left()
            .is_none_or(|left| left < SPECIAL_DAYS_LEFT_MIN - 2);
        if too_late || self.open.chance.happens(50) {
            let reasons = "what the file holds is enough".to_owned();
            return Ok(self.under_review(
                Role::Approver,
                CaseCommand::RefuseSpecialProcedure { special, reasons },
            ));
        }
        let notice = Some(self.document("notice-special")?);
        Ok(self.under_review(
            Role::Approver,
            CaseCommand::ApproveSpecialProcedure { special, notice },
        ))
    }

    fn limits(&self) -> Option<Limits<'_>> {
        let calendars = &self.desk.directory().calendars;
        Some(Limits {
            case: self.case,
            procedure: &self.open.procedure,
            calendar: calendars.get(&self.open.procedure.calendar)?,
        })
    }

    /// How many working days are left for the decision.
    fn days_left(&self) -> Option<u32> {
        self.limits()?.days_left(self.day)
    }

    /// How many working days are left for the examination, while it is open.
    fn examination_left(&self) -> Option<u32> {
        let steps = &self.case.steps;
        let examines = |step: &&StepId| steps.get(*step).is_some_and(|step| step.role == Role::Handler);
        let step = self.case.progress.open.iter().find(examines)?;
        self.limits()?.step_days_left(step, self.day)
    }

    pub(super) fn suspend(&mut self) -> Taken {
        if self
            .case
            .suspensions
            .iter()
            .any(|suspension| suspension.until.is_none())
        {
            return Ok(Move::Drop);
        }
        // The day of a suspension counts, so nobody suspends on the last day of a step.
        let mut open = self.case.progress.open.iter();
        let tight = open.any(|step| {
            let left = self
                .limits()
                .and_then(|limits| limits.step_days_left(step, self.day));
            left.is_some_and(|left| left < SUSPENSION_DAYS_LEFT_MIN)
        });
        if tight {
            return Ok(Move::Drop);
        }
        let Some((ground, reason)) = self.open.chance.one_of(GROUNDS).copied() else {
            return Ok(Move::Drop);
        };
        let (reason, notice) = (reason.to_owned(), Some(self.document("notice-suspension")?));
        Ok(self.under_review(
            Role::Handler,
            CaseCommand::Suspend {
                ground,
                reason,
                notice,
            },
        ))
    }

    /// Whether the term that an extension would make longer still runs.
    pub(super) fn in_time(&self) -> bool {
        self.case
            .due
            .statutory
            .or(self.case.due.promised)
            .is_some_and(|due_on| due_on >= self.day)
    }

    pub(super) fn request_extension(&self) -> Move {
        let Some(rule) = self.open.procedure.extension.as_ref().filter(|_| self.in_time()) else {
            return Move::Drop;
        };
        let possible =
            self.case.extensions.len() < usize::from(rule.times) && self.case.extension_requested.is_none();
        if !possible {
            return Move::Drop;
        }
        let reason = "the file is unusually large".to_owned();
        self.under_review(
            Role::Handler,
            CaseCommand::RequestExtension {
                by: rule.longest,
                reason,
            },
        )
    }

    pub(super) fn answer_extension(&mut self) -> Move {
        let Some(by) = self
            .case
            .extension_requested
            .filter(|_| matches!(self.case.stage, Stage::Review))
        else {
            return Move::Drop;
        };
        let Some(rule) = &self.open.procedure.extension else {
            return Move::Drop;
        };
        let approver = if rule.approver == Role::GovernmentHead {
            self.desk.holder(rule.approver)
        } else {
            self.own(rule.approver, None)
        };
        if !self.in_time() || self.open.chance.happens(150) {
            let reasons = "the term is long enough for it".to_owned();
            return Self::by(approver, CaseCommand::RefuseExtension { reasons });
        }
        let reason = "told to the applicant: the file is unusually large".to_owned();
        Self::by(approver, CaseCommand::GrantExtension { by, reason })
    }
}
