//! Ratings (好差评) and what follows a bad one, complaints, praise. Rules: `docs/rules.md`.

use super::turn::Counting;
use super::{Ask, known, one};
use crate::actor::Role;
use crate::case::event::{
    BadRatingAssigned, CallbackMade, CaseEvent, ComplaintAnswered, ComplaintFinding, ComplaintReceived,
    PraiseReceived, RatingAppended, RatingGiven, RatingInvalidated, RectificationDone, RectificationLevel,
    RectificationRated, Satisfaction,
};
use crate::case::rejection::Rejection;
use crate::case::state::{CaseState, RatingState};
use crate::id::{ComplaintId, DepartmentId, DocumentId, OpportunityId, PersonId};

const CENTRE: &[Role] = &[Role::Supervisor, Role::Director];
const RECTIFYING: &[Role] = &[
    Role::Clerk,
    Role::Handler,
    Role::Approver,
    Role::Supervisor,
    Role::Director,
];

/// One visit, one rating: an occasion is answered once, by the applicant, while it is open. A bad rating has to be put
/// right within the term that the procedure sets.
pub(super) fn rate(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    level: Satisfaction,
    comment: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Applicant, Role::Agent])?;
    let case = known(state)?;
    let rating = offered(state, opportunity)?;
    ask.applicant(case)?;
    if rating.level.is_some() {
        return Err(Rejection::AlreadyRated {
            opportunity: opportunity.clone(),
        });
    }
    if rating.closes_on < ask.today {
        return Err(Rejection::RatingClosed {
            opportunity: opportunity.clone(),
            closed_on: rating.closes_on,
        });
    }
    let procedure = ask.procedure(case)?;
    let rectify_within = procedure
        .rating
        .as_ref()
        .filter(|_| level.is_bad())
        .map(|rating| rating.rectify_within);
    let counting = Counting::new(ask.directory, procedure);
    let rectify_by = rectify_within
        .map(|term| counting.due(ask.today, term))
        .transpose()?;
    Ok(one(RatingGiven {
        opportunity: opportunity.clone(),
        level,
        comment: comment.cloned(),
        rectify_by,
    }))
}

/// The applicant adds to a rating; the first level stands.
pub(super) fn append(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    comment: &DocumentId,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Applicant, Role::Agent])?;
    let rating = offered(state, opportunity)?;
    ask.applicant(known(state)?)?;
    given(rating, opportunity, "rating", |_| true)?;
    Ok(one(RatingAppended {
        opportunity: opportunity.clone(),
        comment: comment.clone(),
    }))
}

/// A mistaken or malicious rating stops counting after an appeal, decided by somebody of another department (`docs/rules.md`).
pub(super) fn invalidate(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    reasons: &str,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(CENTRE)?;
    let rating = offered(state, opportunity)?;
    stranger(ask, &rating.department)?;
    given(rating, opportunity, "rating", |_| true)?;
    let reasons = Ask::reasons("invalidating a rating", reasons)?.to_owned();
    Ok(one(RatingInvalidated {
        opportunity: opportunity.clone(),
        reasons,
        by: ask.actor.person.clone(),
    }))
}

/// Who handled it answers for it (`docs/rules.md`).
pub(super) fn assign(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    to: &PersonId,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.present(to)?;
    ask.role(CENTRE)?;
    let rating = offered(state, opportunity)?;
    given(rating, opportunity, "bad rating", Satisfaction::is_bad)?;
    Ok(one(BadRatingAssigned {
        opportunity: opportunity.clone(),
        to: to.clone(),
    }))
}

/// The applicant is called back about a bad rating.
pub(super) fn record_callback(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    reached: bool,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(RECTIFYING)?;
    given(
        offered(state, opportunity)?,
        opportunity,
        "bad rating",
        Satisfaction::is_bad,
    )?;
    Ok(one(CallbackMade {
        opportunity: opportunity.clone(),
        reached,
    }))
}

/// What a bad rating was about has been put right.
pub(super) fn record_rectification(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    report: &DocumentId,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(RECTIFYING)?;
    let rating = offered(state, opportunity)?;
    if let Some(to) = rating
        .assigned_to
        .as_ref()
        .filter(|to| **to != ask.actor.person && !CENTRE.contains(&ask.actor.role))
    {
        return Err(Rejection::AssignedToAnother {
            opportunity: opportunity.clone(),
            to: to.clone(),
        });
    }
    given(rating, opportunity, "bad rating", Satisfaction::is_bad)?;
    let (opportunity, report) = (opportunity.clone(), report.clone());
    Ok(one(RectificationDone {
        opportunity,
        report,
        done_on: ask.day,
    }))
}

/// The applicant judges what was done about a bad rating, once.
pub(super) fn rate_rectification(
    ask: &Ask<'_>,
    state: &CaseState,
    opportunity: &OpportunityId,
    level: RectificationLevel,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(&[Role::Applicant, Role::Agent])?;
    let rating = offered(state, opportunity)?;
    ask.applicant(known(state)?)?;
    given(rating, opportunity, "bad rating", Satisfaction::is_bad)?;
    if rating.rectified_on.is_none() {
        return Err(Rejection::NoSuchRating {
            opportunity: opportunity.clone(),
            wanted: "rectification",
        });
    }
    if rating.rectification_rated {
        return Err(Rejection::AlreadyRated {
            opportunity: opportunity.clone(),
        });
    }
    Ok(one(RectificationRated {
        opportunity: opportunity.clone(),
        level,
    }))
}

/// A complaint as it comes in.
pub(super) struct Complaint<'a> {
    pub(super) id: &'a ComplaintId,
    pub(super) channel: &'a str,
    pub(super) content: Option<&'a DocumentId>,
    pub(super) department: Option<&'a DepartmentId>,
}

/// Anybody may complain, by any channel.
pub(super) fn receive_complaint(
    ask: &Ask<'_>,
    state: &CaseState,
    complaint: &Complaint<'_>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.place()?;
    let case = known(state)?;
    if case.complaints.contains_key(complaint.id) {
        return Err(Rejection::ComplaintExists {
            complaint: complaint.id.clone(),
        });
    }
    if let Some(department) = complaint
        .department
        .filter(|department| !ask.directory.departments.contains_key(*department))
    {
        return Err(Rejection::UnknownDepartment {
            department: department.clone(),
        });
    }
    Ask::count("complaints", case.complaints.len() + 1)?;
    Ok(one(ComplaintReceived {
        complaint: complaint.id.clone(),
        channel: Ask::reasons("a complaint", complaint.channel)?.to_owned(),
        content: complaint.content.cloned(),
        department: complaint.department.cloned(),
    }))
}

/// A complaint is answered by the supervisors or the centre, not by those it is about.
pub(super) fn answer_complaint(
    ask: &Ask<'_>,
    state: &CaseState,
    complaint: &ComplaintId,
    finding: ComplaintFinding,
    answer: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.role(CENTRE)?;
    let waiting = known(state)?
        .complaints
        .get(complaint)
        .filter(|known| !known.answered);
    let waiting = waiting.ok_or_else(|| Rejection::UnknownComplaint {
        complaint: complaint.clone(),
    })?;
    if let Some(about) = &waiting.department {
        stranger(ask, about)?;
    }
    Ok(one(ComplaintAnswered {
        complaint: complaint.clone(),
        finding,
        answer: answer.cloned(),
    }))
}

/// A letter of praise, a banner.
pub(super) fn receive_praise(
    ask: &Ask<'_>,
    state: &CaseState,
    channel: &str,
    content: Option<&DocumentId>,
) -> Result<Vec<CaseEvent>, Rejection> {
    ask.place()?;
    known(state)?;
    Ok(one(PraiseReceived {
        channel: Ask::reasons("praise", channel)?.to_owned(),
        content: content.cloned(),
    }))
}

/// Nobody judges the work of their own department.
fn stranger(ask: &Ask<'_>, department: &DepartmentId) -> Result<(), Rejection> {
    let staff = ask.staff(&ask.actor.person);
    if staff.is_ok_and(|staff| staff.departments.contains(department)) {
        let (person, department) = (ask.actor.person.clone(), department.clone());
        return Err(Rejection::OwnDepartment { person, department });
    }
    Ok(())
}

fn offered<'s>(state: &'s CaseState, opportunity: &OpportunityId) -> Result<&'s RatingState, Rejection> {
    let unknown = || Rejection::UnknownOpportunity {
        opportunity: opportunity.clone(),
    };
    known(state)?.ratings.get(opportunity).ok_or_else(unknown)
}

/// The occasion was answered by a valid rating of the kind wanted.
fn given(
    rating: &RatingState,
    opportunity: &OpportunityId,
    wanted: &'static str,
    accepts: impl Fn(Satisfaction) -> bool,
) -> Result<(), Rejection> {
    if rating.level.is_some_and(accepts) && !rating.invalid {
        Ok(())
    } else {
        Err(Rejection::NoSuchRating {
            opportunity: opportunity.clone(),
            wanted,
        })
    }
}
