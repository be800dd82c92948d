//! Examination: the steps of a flow, the decision, and parallel groups.

use guichet::core::actor::{Actor, Role};
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{Opinion, Resolution, Verdict};
use guichet::core::case::state::{SpecialStatus, Stage};
use guichet::core::id::{BlockId, StepId};

use super::super::hours::DAY_MINUTES;
use super::super::open::Fate;
use super::{Move, Taken, Turn};

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

impl Turn<'_> {
    pub(super) fn step(&mut self, step: &StepId) -> Taken {
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
        // What a special procedure is to show belongs to the examination; where its time is left out, only the decision has
        // to wait for it.
        let waits = self.case.specials.values().any(|special| match special.status {
            SpecialStatus::Requested | SpecialStatus::Approved { .. } => true,
            SpecialStatus::Running { excluded, .. } => decides || !excluded,
            SpecialStatus::Refused | SpecialStatus::Ended { .. } => false,
        });
        if waits {
            return Ok(Move::Later(DAY_MINUTES / 8));
        }
        if decides {
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

    pub(super) fn decide(&mut self, verdict: Verdict) -> Move {
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

    pub(super) fn lead(&self, group: &BlockId) -> Option<Actor> {
        let lead = &self.case.groups.get(group)?.lead;
        let standing = self.case.progress.groups.get(group)?;
        if standing.outcome.is_some() || !matches!(self.case.stage, Stage::Review) {
            return None;
        }
        self.desk.actor(lead, Role::Handler, None, self.day)
    }

    pub(super) fn prove(&mut self, group: &BlockId, member: &StepId) -> Taken {
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

    pub(super) fn resolve(&mut self, group: &BlockId) -> Move {
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
}
