//! What applicants and agents say: agency, ratings and what follows a bad one, complaints, praise.

use guichet::core::actor::{Actor, Role};
use guichet::core::case::CaseCommand;
use guichet::core::case::event::{ComplaintFinding, RectificationLevel, Satisfaction};
use guichet::core::id::{ComplaintId, OpportunityId};

use super::{Move, Taken, Turn};

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
const COMPLAINT_CHANNELS: &[&str] = &["report telephone", "opinion box", "director's mailbox"];
const PRAISE_CHANNELS: &[&str] = &["letter", "banner", "opinion book"];

impl Turn<'_> {
    pub(super) fn appoint(&self) -> Move {
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

    pub(super) fn green_channel(&self) -> Move {
        if !self.case.stage.is_open() {
            return Move::Drop;
        }
        let reason = "key project of the city".to_owned();
        Self::by(
            self.desk.holder(Role::Director),
            CaseCommand::MarkGreenChannel { reason },
        )
    }

    pub(super) fn as_agent(&self, command: CaseCommand) -> Move {
        if self.case.agent.is_some() {
            Move::Ask(self.applicant(), command)
        } else {
            Move::Drop
        }
    }

    pub(super) fn rate(&mut self, opportunity: &OpportunityId) -> Taken {
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
            // Who came to be served rates it, not who was sent.
            Actor::new(self.open.applicant.clone(), Role::Applicant),
            CaseCommand::Rate {
                opportunity: opportunity.clone(),
                level,
                comment,
            },
        ))
    }

    pub(super) fn supervisor(&mut self) -> Option<Actor> {
        let person = self.open.chance.one_of(self.desk.holders(Role::Supervisor))?;
        Some(Actor::new(person.clone(), Role::Supervisor))
    }

    pub(super) fn assign_rating(&mut self, opportunity: &OpportunityId) -> Move {
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
    pub(super) fn as_assigned(&self, opportunity: &OpportunityId, command: CaseCommand) -> Move {
        let assigned = self
            .case
            .ratings
            .get(opportunity)
            .and_then(|rating| rating.assigned_to.as_ref());
        let actor = assigned.and_then(|person| self.desk.rectifying(person));
        actor.map_or(Move::Drop, |actor| Move::Ask(actor, command))
    }

    pub(super) fn call_back(&mut self, opportunity: &OpportunityId) -> Move {
        let reached = self.open.chance.happens(800);
        let opportunity = opportunity.clone();
        self.as_assigned(
            &opportunity.clone(),
            CaseCommand::RecordCallback { opportunity, reached },
        )
    }

    pub(super) fn judge(&mut self, opportunity: &OpportunityId) -> Move {
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

    pub(super) fn complain(&mut self) -> Taken {
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

    pub(super) fn answer_complaint(&mut self, complaint: &ComplaintId) -> Taken {
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

    pub(super) fn praise(&mut self) -> Taken {
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
