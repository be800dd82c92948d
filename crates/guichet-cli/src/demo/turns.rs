//! Turns: an intention whose time has come becomes a command, waits, or is dropped because the case has moved on.

use std::sync::Arc;

use guichet::core::actor::{Actor, Role};
use guichet::core::case::event::{
    ClockKind, ComplaintFinding, CorrectionItem, FeeItem, Opinion, RectificationLevel, Resolution,
    Satisfaction, SuspensionGround, Verdict,
};
use guichet::core::case::state::{SpecialStatus, Stage};
use guichet::core::case::{Case, CaseCommand};
use guichet::core::id::{
    BlockId, ComplaintId, DocumentId, FeeId, IdError, MaterialId, OpportunityId, SpecialProcedureId, StepId,
};
use guichet::core::reference::WindowForm;
use guichet::core::time::{Date, Term};

use super::desk::Desk;
use super::habits::{Fate, Intent, Open};
use super::hours::DAY_MINUTES;
use super::items;

/// What becomes of an intention when its time has come.
pub(super) enum Move {
    /// It is asked.
    Ask(Actor, CaseCommand),
    /// Not now, but after so many minutes of open counter.
    Later(i64),
    /// The case has moved on.
    Drop,
}

const LEVELS: &[(Satisfaction, u64)] = &[
    (Satisfaction::VerySatisfied, 760),
    (Satisfaction::Satisfied, 180),
    (Satisfaction::BasicallySatisfied, 44),
    (Satisfaction::Dissatisfied, 12),
    (Satisfaction::VeryDissatisfied, 4),
];
/// Who was kept waiting past the promise rates otherwise.
const LEVELS_LATE: &[(Satisfaction, u64)] = &[
    (Satisfaction::VerySatisfied, 250),
    (Satisfaction::Satisfied, 350),
    (Satisfaction::BasicallySatisfied, 250),
    (Satisfaction::Dissatisfied, 110),
    (Satisfaction::VeryDissatisfied, 40),
];
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
const REFUSALS: &[&str] = &[
    "the premises do not meet the conditions of the item; an appeal can be filed within 60 days",
    "the documents contradict each other in a point that decides; an appeal can be filed within 60 days",
    "the plan keeps the parcel free; an appeal can be filed within 60 days",
];
const DISAGREEMENTS: &[&str] = &[
    "the distance to the neighbour is less than the rule asks for",
    "the way of escape on the second floor is too narrow",
    "the noise at the nearest window was measured above the limit",
];
const COMPLAINT_CHANNELS: &[&str] = &["report telephone", "opinion box", "director's mailbox"];
const PRAISE_CHANNELS: &[&str] = &["letter", "banner", "opinion book"];

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

    fn intake(&mut self) -> Move {
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
            Fate::Ordinary | Fate::Withdrawn | Fate::Refused => self.look_through(),
        };
        Move::Ask(clerk, ask)
    }

    /// Whether everything is there, may follow, or has to be asked for.
    fn look_through(&mut self) -> CaseCommand {
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

    fn announce(&mut self) -> Taken {
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

    fn correct(&self, last: bool) -> Move {
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

    fn supply(&self) -> Move {
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

    fn step(&mut self, step: &StepId) -> Taken {
        if !matches!(self.case.stage, Stage::Review) || !self.case.progress.open.contains(step) {
            return Ok(Move::Drop);
        }
        if self.case.is_suspended() {
            return Ok(Move::Later(DAY_MINUTES));
        }
        if self.case.transfer.is_some() {
            return Ok(Move::Later(30));
        }
        let Some(reached) = self.case.steps.get(step) else {
            return Ok(Move::Drop);
        };
        let decides = self
            .open
            .procedure
            .flow
            .as_ref()
            .and_then(|flow| flow.step(step))
            .is_some_and(|step| step.decides);
        if decides {
            let unfinished = self.case.specials.values().any(|special| match special.status {
                SpecialStatus::Requested | SpecialStatus::Approved { .. } | SpecialStatus::Running { .. } => {
                    true
                }
                SpecialStatus::Refused | SpecialStatus::Ended { .. } => false,
            });
            if unfinished {
                return Ok(Move::Later(DAY_MINUTES / 2));
            }
            let gaps = self
                .case
                .acceptance
                .as_ref()
                .is_some_and(|acceptance| !acceptance.gaps.is_empty());
            let verdict = match (self.open.fate, gaps) {
                (Fate::Refused, _) => Verdict::Refused,
                (_, true) => Verdict::GrantedWithGaps,
                (_, false) => Verdict::Granted,
            };
            return Ok(self.decide(verdict));
        }
        let Some(actor) = self
            .desk
            .actor(&reached.department, reached.role, reached.window, self.day)
        else {
            return Ok(Move::Later(DAY_MINUTES));
        };
        if reached.role == Role::Reviewer && !self.open.sent_back && self.open.chance.happens(18) {
            let examined = StepId::new(&step.as_str().replace("review", "examine"))?;
            if self.case.progress.done.contains(&examined) {
                self.open.sent_back = true;
                let reason = "the measure of the premises is missing from the report".to_owned();
                return Ok(Move::Ask(
                    actor,
                    CaseCommand::SendBack {
                        from: step.clone(),
                        to: examined,
                        reason,
                    },
                ));
            }
        }
        let member = reached.group.is_some();
        let (opinion, reasons) = if member && self.open.chance.happens(30) {
            (
                Opinion::Disagree,
                self.open
                    .chance
                    .one_of(DISAGREEMENTS)
                    .map(|text| (*text).to_owned()),
            )
        } else if member && self.open.chance.happens(8) {
            (
                Opinion::AgreeButForward,
                Some("the ministry has to be asked".to_owned()),
            )
        } else {
            (Opinion::Agree, None)
        };
        Ok(Move::Ask(
            actor,
            CaseCommand::GiveOpinion {
                step: step.clone(),
                opinion,
                reasons,
            },
        ))
    }

    fn decide(&mut self, verdict: Verdict) -> Move {
        if !matches!(self.case.stage, Stage::Review) {
            return Move::Drop;
        }
        let flow = self.open.procedure.flow.as_ref();
        let form = flow.and_then(|flow| {
            flow.steps()
                .into_iter()
                .find(|step| step.decides)
                .and_then(|step| step.window)
        });
        let reasons = if verdict == Verdict::Refused {
            self.open.chance.one_of(REFUSALS).map(|text| (*text).to_owned())
        } else {
            None
        };
        Self::by(
            self.own(Role::Approver, form),
            CaseCommand::Decide { verdict, reasons },
        )
    }

    fn lead(&self, group: &BlockId) -> Option<Actor> {
        let lead = &self.case.groups.get(group)?.lead;
        let standing = self.case.progress.groups.get(group)?;
        if standing.outcome.is_some() || !matches!(self.case.stage, Stage::Review) {
            return None;
        }
        self.desk.actor(lead, Role::Handler, None, self.day)
    }

    fn prove(&mut self, group: &BlockId, member: &StepId) -> Taken {
        let Some(lead) = self
            .lead(group)
            .filter(|_| self.case.progress.open.contains(member))
        else {
            return Ok(Move::Drop);
        };
        let (group, member, evidence) = (group.clone(), member.clone(), self.document("receipt")?);
        Ok(Move::Ask(
            lead,
            CaseCommand::ProveService {
                group,
                member,
                evidence,
            },
        ))
    }

    fn resolve(&mut self, group: &BlockId) -> Move {
        // Where two members disagreed, the lead answers both at once.
        let standing = self.case.progress.groups.get(group);
        let waits =
            standing.is_some_and(|group| !group.overridden && group.arrived.values().any(|dissent| *dissent));
        let Some(lead) = self.lead(group).filter(|_| waits) else {
            return Move::Drop;
        };
        let (resolution, reasons) = if self.open.chance.happens(750) {
            (
                Resolution::Approve,
                "measured again with the member on site; the reasons go to it in writing",
            )
        } else {
            (Resolution::Refuse, "the objection is right and cannot be cured")
        };
        Move::Ask(
            lead,
            CaseCommand::ResolveDissent {
                group: group.clone(),
                resolution,
                reasons: reasons.to_owned(),
            },
        )
    }

    fn request_special(&mut self) -> Taken {
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

    fn approve_special(&mut self, special: &SpecialProcedureId) -> Taken {
        let special = special.clone();
        if self.open.chance.happens(50) {
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

    fn suspend(&mut self) -> Taken {
        if self
            .case
            .suspensions
            .iter()
            .any(|suspension| suspension.until.is_none())
        {
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
    fn in_time(&self) -> bool {
        self.case
            .due
            .statutory
            .or(self.case.due.promised)
            .is_some_and(|due_on| due_on >= self.day)
    }

    fn request_extension(&self) -> Move {
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

    fn answer_extension(&mut self) -> Move {
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

    fn transfer(&self) -> Move {
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

    fn receive_transfer(&mut self) -> Move {
        if self.case.transfer.is_none() || !self.case.stage.is_open() {
            return Move::Drop;
        }
        let receiver = self.own(Role::Handler, Some(WindowForm::ApprovalOffice));
        if self.open.chance.happens(40) {
            return Self::by(
                receiver,
                CaseCommand::ReturnTransfer {
                    reason: "two sheets are missing".to_owned(),
                },
            );
        }
        Self::by(receiver, CaseCommand::ConfirmTransfer {})
    }

    fn notify_fees(&self) -> Move {
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

    fn pay_fee(&mut self, fee: &FeeId) -> Move {
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
        if self.open.chance.happens(25) {
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

    fn issue(&mut self) -> Taken {
        if !matches!(self.case.stage, Stage::Decided { .. }) || self.case.certificate.is_some() {
            return Ok(Move::Drop);
        }
        let certificate = self.document("certificate")?;
        Ok(Self::by(
            self.own(Role::Handler, None),
            CaseCommand::IssueCertificate { certificate },
        ))
    }

    fn deliver(&mut self) -> Move {
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

    fn complete(&self) -> Move {
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

    fn archive(&self) -> Move {
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

    fn withdraw(&self) -> Move {
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

    fn terminate(&self) -> Move {
        if !matches!(self.case.stage, Stage::Correction { lapsed: true, .. }) {
            return Move::Drop;
        }
        let reason = "the applicant was asked for material and stayed silent".to_owned();
        Self::by(self.own(Role::Handler, None), CaseCommand::Terminate { reason })
    }

    fn appoint(&self) -> Move {
        let Some(agent) = self.open.agent.clone().filter(|_| self.case.stage.is_open()) else {
            return Move::Drop;
        };
        let applicant = Actor::new(self.open.applicant.clone(), Role::Applicant);
        Move::Ask(
            applicant,
            CaseCommand::AppointAgent {
                agent,
                scope: "everything up to the collection".to_owned(),
            },
        )
    }

    fn green_channel(&self) -> Move {
        if !self.case.stage.is_open() {
            return Move::Drop;
        }
        let reason = "key project of the city".to_owned();
        Self::by(
            self.desk.holder(Role::Director),
            CaseCommand::MarkGreenChannel { reason },
        )
    }

    fn as_agent(&self, command: CaseCommand) -> Move {
        if self.case.agent.is_some() {
            Move::Ask(self.applicant(), command)
        } else {
            Move::Drop
        }
    }

    fn rate(&mut self, opportunity: &OpportunityId) -> Taken {
        let offered = self.case.ratings.get(opportunity);
        if !offered.is_some_and(|rating| rating.level.is_none() && rating.closes_on >= self.day) {
            return Ok(Move::Drop);
        }
        let decided = self.case.decision.as_ref().map(|decision| decision.on);
        let late = decided
            .zip(self.case.due.promised)
            .is_some_and(|(on, due_on)| on > due_on);
        let levels = if late { LEVELS_LATE } else { LEVELS };
        let level = self
            .open
            .chance
            .weighted(levels)
            .unwrap_or(Satisfaction::Satisfied);
        let comment = if level.is_bad() {
            Some(self.document("comment")?)
        } else {
            None
        };
        Ok(Move::Ask(
            self.applicant(),
            CaseCommand::Rate {
                opportunity: opportunity.clone(),
                level,
                comment,
            },
        ))
    }

    fn supervisor(&mut self) -> Option<Actor> {
        let person = self.open.chance.one_of(self.desk.holders(Role::Supervisor))?;
        Some(Actor::new(person.clone(), Role::Supervisor))
    }

    fn assign_rating(&mut self, opportunity: &OpportunityId) -> Move {
        let rated = self
            .case
            .ratings
            .get(opportunity)
            .and_then(|rating| rating.staff.clone());
        let able = rated.filter(|person| self.desk.rectifying(person).is_some());
        let handler = || self.own(Role::Handler, None).map(|actor| actor.person);
        let Some(to) = able.or_else(handler) else {
            return Move::Drop;
        };
        let opportunity = opportunity.clone();
        Self::by(
            self.supervisor(),
            CaseCommand::AssignBadRating { opportunity, to },
        )
    }

    /// The person who has to put a bad rating right.
    fn as_assigned(&self, opportunity: &OpportunityId, command: CaseCommand) -> Move {
        let assigned = self
            .case
            .ratings
            .get(opportunity)
            .and_then(|rating| rating.assigned_to.as_ref());
        let actor = assigned.and_then(|person| self.desk.rectifying(person));
        actor.map_or(Move::Drop, |actor| Move::Ask(actor, command))
    }

    fn call_back(&mut self, opportunity: &OpportunityId) -> Move {
        let reached = self.open.chance.happens(800);
        let opportunity = opportunity.clone();
        self.as_assigned(
            &opportunity.clone(),
            CaseCommand::RecordCallback { opportunity, reached },
        )
    }

    fn judge(&mut self, opportunity: &OpportunityId) -> Move {
        let levels = [
            (RectificationLevel::Satisfied, 80),
            (RectificationLevel::Partly, 15),
            (RectificationLevel::Dissatisfied, 5),
        ];
        let level = self
            .open
            .chance
            .weighted(&levels)
            .unwrap_or(RectificationLevel::Satisfied);
        Move::Ask(
            self.applicant(),
            CaseCommand::RateRectification {
                opportunity: opportunity.clone(),
                level,
            },
        )
    }

    fn complain(&mut self) -> Taken {
        let complaint = ComplaintId::new("complaint-1")?;
        let channel = self
            .open
            .chance
            .one_of(COMPLAINT_CHANNELS)
            .map_or_else(String::new, |text| (*text).to_owned());
        let (content, department) = (
            Some(self.document("complaint")?),
            Some(self.case.department.clone()),
        );
        let command = CaseCommand::ReceiveComplaint {
            complaint,
            channel,
            content,
            department,
        };
        Ok(Move::Ask(
            Actor::new(self.open.applicant.clone(), Role::Applicant),
            command,
        ))
    }

    fn answer_complaint(&mut self, complaint: &ComplaintId) -> Taken {
        let findings = [
            (ComplaintFinding::Upheld, 35),
            (ComplaintFinding::Unfounded, 55),
            (ComplaintFinding::Withdrawn, 10),
        ];
        let finding = self
            .open
            .chance
            .weighted(&findings)
            .unwrap_or(ComplaintFinding::Unfounded);
        let (complaint, answer) = (complaint.clone(), Some(self.document("answer")?));
        Ok(Self::by(
            self.supervisor(),
            CaseCommand::AnswerComplaint {
                complaint,
                finding,
                answer,
            },
        ))
    }

    fn praise(&mut self) -> Taken {
        let channel = self
            .open
            .chance
            .one_of(PRAISE_CHANNELS)
            .map_or_else(String::new, |text| (*text).to_owned());
        let content = Some(self.document("praise")?);
        let applicant = Actor::new(self.open.applicant.clone(), Role::Applicant);
        Ok(Move::Ask(
            applicant,
            CaseCommand::ReceivePraise { channel, content },
        ))
    }
}
