//! The habits of staff and applicants: what an event makes somebody mean to do about a case, and when.
//!
//! When the time of an intention has come, `turns` makes it a command, or drops it because the case has moved on. So the
//! simulated staff know of a case what its events say, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use guichet::core::actor::Role;
use guichet::core::case::CaseEvent;
use guichet::core::case::event::Verdict;
use guichet::core::flow::GroupOutcome;
use guichet::core::id::{BlockId, ComplaintId, FeeId, OpportunityId, SpecialProcedureId, StepId, WindowId};
use guichet::core::time::Timestamp;

use super::hours::{DAY_MINUTES, Hours};
use super::items;
use super::open::{Fate, Open};

/// What somebody means to do about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Intake,
    Announce,
    Correct { last: bool },
    Supply,
    Step(StepId),
    DecideRefusal,
    Prove(BlockId, StepId),
    Resolve(BlockId),
    RequestSpecial,
    ApproveSpecial(SpecialProcedureId),
    StartSpecial(SpecialProcedureId),
    EndSpecial(SpecialProcedureId),
    Suspend,
    Resume,
    RequestExtension,
    AnswerExtension,
    Transfer,
    ReceiveTransfer,
    NotifyFees,
    PayFee(FeeId),
    Issue,
    Deliver,
    Complete,
    Archive,
    Withdraw,
    Terminate,
    Appoint,
    GreenChannel,
    LogAgency(&'static str),
    EndAgency,
    Rate(OpportunityId),
    AssignRating(OpportunityId),
    CallBack(OpportunityId),
    Rectify(OpportunityId),
    JudgeRectification(OpportunityId),
    Complain,
    AnswerComplaint(ComplaintId),
    Praise,
}

/// Of how many promised days an item is at least, for its cases to be suspended.
const SUSPENDED_OF_MIN: i64 = 5;
/// The item whose cases nobody suspends but one handler, who does it too often (`plants`).
pub(super) const SUSPENDED_BY_ONE: &str = "land-planning-permit";
/// The step of the department that never answers (`plants`).
pub(super) const SILENT: &str = "culture-opinion";

/// Windows at which somebody has rated a case that took longer than a day, so that nowhere only quick cases are rated.
pub(super) type Seen = BTreeSet<WindowId>;

/// Whether an occasion is the first one at its window of a case that took longer than a day.
fn first_slow_one(open: &Open, window: Option<&WindowId>, seen: &mut Seen) -> bool {
    let (Some(window), Some(case)) = (window, open.state.case()) else {
        return false;
    };
    let accepted_on = case.acceptance.as_ref().map(|acceptance| acceptance.effective_on);
    let decided_on = case.decision.as_ref().map(|decision| decision.on);
    decided_on.is_some() && decided_on != accepted_on && seen.insert(window.clone())
}

/// What an event calls forth, and when.
pub(super) fn called_forth(
    open: &mut Open,
    event: &CaseEvent,
    at: Timestamp,
    hours: &Hours,
    seen: &mut Seen,
) -> Vec<(Timestamp, Intent)> {
    let mut agenda = Agenda {
        at,
        hours,
        due: Vec::new(),
    };
    if let CaseEvent::CaseSubmitted(submitted) = event {
        handed_in(open, submitted.window.is_some(), &mut agenda);
    } else if let CaseEvent::CorrectionRequested(_) = event {
        if !open.chance.happens(70) {
            let last = !open.chance.happens(100);
            agenda.working(open.days(1, 8), Intent::Correct { last });
        }
    } else if let CaseEvent::CorrectionSubmitted(submitted) = event {
        if submitted.complete {
            let minutes = open.minutes(10, 400);
            agenda.intake(open, minutes);
        } else {
            agenda.working(open.days(1, 5), Intent::Correct { last: true });
        }
    } else if let CaseEvent::CorrectionLapsed(_) = event {
        agenda.working(open.days(1, 4), Intent::Terminate);
    } else if let CaseEvent::CaseAccepted(accepted) = event {
        if accepted.promised_due_on.is_some() && !items::is_immediate(&open.procedure) {
            agenda.working(2, Intent::Announce);
        }
        if !accepted.gaps.is_empty() && open.chance.happens(850) {
            agenda.working(open.days(2, 8), Intent::Supply);
        }
        accepted_now(open, &mut agenda);
    } else if let CaseEvent::AcceptanceDeemed(_) = event {
        // What lay for so long is late whatever is done now.
        open.late = true;
        accepted_now(open, &mut agenda);
    } else if let CaseEvent::StepStarted(started) = event {
        started_step(
            open,
            &started.step,
            started.group.as_ref(),
            started.role,
            &mut agenda,
        );
    } else if let CaseEvent::BranchArrived(arrived) = event {
        if arrived.dissent {
            agenda.working(open.minutes(200, 900), Intent::Resolve(arrived.group.clone()));
        }
    } else if let CaseEvent::ParallelClosed(closed) = event {
        if closed.outcome == GroupOutcome::Refused {
            agenda.working(open.days(1, 3), Intent::DecideRefusal);
        }
    } else if let CaseEvent::CaseTransferred(_) = event {
        agenda.working(open.minutes(15, 180), Intent::ReceiveTransfer);
    } else if let CaseEvent::TransferReturned(_) = event {
        open.returned = true;
        agenda.working(open.minutes(60, 400), Intent::Transfer);
    } else if let CaseEvent::FeeNotified(notified) = event {
        for fee in &notified.fees {
            agenda.working(open.minutes(30, 3 * DAY_MINUTES), Intent::PayFee(fee.fee.clone()));
        }
    } else {
        later_on(open, event, seen, &mut agenda);
    }
    agenda.due
}

/// What the events of clocks, of the end of a case and of what comes after it call forth.
fn later_on(open: &mut Open, event: &CaseEvent, seen: &mut Seen, agenda: &mut Agenda<'_>) {
    if let CaseEvent::SpecialProcedureRequested(asked) = event {
        agenda.working(
            open.minutes(100, 500),
            Intent::ApproveSpecial(asked.special.clone()),
        );
    } else if let CaseEvent::SpecialProcedureApproved(approved) = event {
        agenda.working(
            open.minutes(60, 400),
            Intent::StartSpecial(approved.special.clone()),
        );
    } else if let CaseEvent::SpecialProcedureStarted(started) = event {
        let case = open.state.case();
        let announced = case
            .and_then(|case| case.specials.get(&started.special))
            .map(|special| special.announced);
        let share = open.chance.between(600, 950);
        let minutes = announced.map_or(DAY_MINUTES, |term| Open::share_of(term, share));
        agenda.working(minutes, Intent::EndSpecial(started.special.clone()));
    } else if let CaseEvent::ClockSuspended(_) = event {
        agenda.working(open.days(2, 12), Intent::Resume);
    } else if let CaseEvent::ExtensionRequested(_) = event {
        agenda.working(open.minutes(200, 900), Intent::AnswerExtension);
    } else if let CaseEvent::DecisionMade(decision) = event {
        if decision.verdict == Verdict::Refused {
            agenda.working(open.minutes(200, 1_500), Intent::Deliver);
        } else if items::is_immediate(&open.procedure) {
            agenda.working(open.minutes(2, 5), Intent::Issue);
        } else {
            agenda.working(open.minutes(20, 500), Intent::Issue);
        }
    } else if let CaseEvent::CertificateIssued(_) = event {
        let at_once = items::is_immediate(&open.procedure);
        let minutes = if at_once {
            open.minutes(2, 6)
        } else {
            open.minutes(60, 4 * DAY_MINUTES)
        };
        agenda.working(minutes, Intent::Deliver);
    } else if let CaseEvent::CertificateDelivered(_) = event {
        agenda.working(open.minutes(3, 10), Intent::Complete);
        if open.agent.is_some() {
            agenda.working(
                open.minutes(20, 90),
                Intent::LogAgency("reply collected and brought to the applicant"),
            );
            agenda.working(open.minutes(100, 300), Intent::EndAgency);
        }
    } else if let CaseEvent::CaseCompleted(_) = event {
        if open.chance.happens(300) {
            agenda.working(open.days(1, 5), Intent::Archive);
        }
        if open.chance.happens(9) {
            agenda.working(open.days(1, 6), Intent::Praise);
        }
    } else if let CaseEvent::RatingOffered(offered) = event {
        let rates = open.chance.happens(550);
        if rates || first_slow_one(open, offered.window.as_ref(), seen) {
            let at_once = open.chance.happens(700);
            let minutes = if at_once {
                open.minutes(1, 25)
            } else {
                open.minutes(600, 3 * 24 * 60)
            };
            agenda.anytime(minutes, Intent::Rate(offered.opportunity.clone()));
        }
    } else if let CaseEvent::RatingGiven(given) = event {
        if given.level.is_bad() {
            agenda.working(
                open.minutes(60, 700),
                Intent::AssignRating(given.opportunity.clone()),
            );
        }
    } else if let CaseEvent::BadRatingAssigned(assigned) = event {
        agenda.working(
            open.minutes(60, 500),
            Intent::CallBack(assigned.opportunity.clone()),
        );
    } else if let CaseEvent::CallbackMade(made) = event {
        if made.reached {
            agenda.working(open.days(1, 11), Intent::Rectify(made.opportunity.clone()));
        } else {
            agenda.working(open.minutes(200, 900), Intent::CallBack(made.opportunity.clone()));
        }
    } else if let CaseEvent::RectificationDone(done) = event {
        if open.chance.happens(800) {
            agenda.anytime(
                open.minutes(300, 3_000),
                Intent::JudgeRectification(done.opportunity.clone()),
            );
        }
    } else if let CaseEvent::ComplaintReceived(received) = event {
        agenda.working(
            open.days(2, 9),
            Intent::AnswerComplaint(received.complaint.clone()),
        );
    } else if is_end(event) {
        agenda.working(open.minutes(15, 60), Intent::Complete);
    }
}

/// Whether an event ends a case without a decision.
const fn is_end(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::AcceptanceRefused(_)
            | CaseEvent::NoLicenceNeeded(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::CaseTerminated(_)
    )
}

/// What is to be done from an instant on.
struct Agenda<'a> {
    at: Timestamp,
    hours: &'a Hours,
    due: Vec<(Timestamp, Intent)>,
}

impl Agenda<'_> {
    /// After so many minutes of open counter.
    fn working(&mut self, minutes: i64, intent: Intent) {
        self.due.push((self.hours.after(self.at, minutes), intent));
    }

    /// The application is looked at after so many minutes; late in the day, what is decided on the spot waits for the
    /// next morning.
    fn intake(&mut self, open: &Open, minutes: i64) {
        let at = self.hours.after(self.at, minutes);
        let at = if items::is_immediate(&open.procedure) {
            self.hours.early_enough(at)
        } else {
            at
        };
        self.due.push((at, Intent::Intake));
    }

    /// After so many minutes, at the counter or from home.
    fn anytime(&mut self, minutes: i64, intent: Intent) {
        self.due.push((Hours::later(self.at, minutes), intent));
    }
}

fn handed_in(open: &mut Open, at_a_window: bool, agenda: &mut Agenda<'_>) {
    if open.fate != Fate::Overlooked {
        let minutes = if at_a_window {
            open.minutes(4, 12)
        } else {
            open.minutes(30, DAY_MINUTES)
        };
        agenda.intake(open, minutes);
    }
    if open.agent.is_some() {
        agenda.working(1, Intent::Appoint);
        agenda.working(
            open.minutes(60, 300),
            Intent::LogAgency("file handed in for the applicant"),
        );
        if open.chance.happens(300) {
            agenda.working(open.minutes(20, 60), Intent::GreenChannel);
        }
    }
    if open.chance.happens(6) {
        agenda.working(open.days(1, 20), Intent::Complain);
    }
}

fn accepted_now(open: &mut Open, agenda: &mut Agenda<'_>) {
    let procedure = Arc::clone(&open.procedure);
    if !procedure.fees.is_empty() {
        agenda.working(open.minutes(5, 15), Intent::NotifyFees);
    }
    if !procedure.special_procedures.is_empty() && open.chance.happens(280) {
        agenda.working(open.minutes(60, 700), Intent::RequestSpecial);
    }
    // Where the promise is a day or two, a suspension would use up what is left of it.
    let days = open.promised(1_000) / DAY_MINUTES;
    if days >= SUSPENDED_OF_MIN && procedure.id.as_str() != SUSPENDED_BY_ONE && open.chance.happens(14) {
        agenda.working(open.minutes(100, 1_500), Intent::Suspend);
    }
    if procedure.extension.is_some() && open.pace > 1_000 && open.chance.happens(700) {
        agenda.working(open.promised(650), Intent::RequestExtension);
    }
    if open.fate == Fate::Withdrawn {
        let share = open.chance.between(100, 950);
        agenda.working(open.promised(share), Intent::Withdraw);
    }
    if !open.late_from_the_start() && open.chance.happens(600) {
        agenda.working(open.minutes(20, 120), Intent::Transfer);
    }
    if open.agent.is_some() {
        agenda.working(
            open.days(1, 5),
            Intent::LogAgency("asked at the window how the case stands"),
        );
    }
}

fn started_step(
    open: &mut Open,
    step: &StepId,
    group: Option<&BlockId>,
    role: Role,
    agenda: &mut Agenda<'_>,
) {
    let procedure = Arc::clone(&open.procedure);
    let flow = procedure.flow.as_ref();
    let counts = flow.zip(group).is_some_and(|(flow, group)| {
        let silence = flow.group(group).and_then(|group| group.silence.as_ref());
        let safety = flow.step(step).is_some_and(|step| step.safety);
        silence.is_some_and(|rule| !safety && (rule.only.is_empty() || rule.only.contains(step)))
    });
    let never_answers = *step == *SILENT;
    if let Some(group) = group.filter(|_| counts && (never_answers || open.chance.happens(900))) {
        agenda.working(open.minutes(30, 300), Intent::Prove(group.clone(), step.clone()));
        // A member that was shown to know may stay silent; the timekeeper then counts its silence.
        if never_answers {
            return;
        }
    }
    agenda.working(open.work_on(step, role), Intent::Step(step.clone()));
}
