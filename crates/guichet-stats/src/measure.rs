//! Measures: what is summed over the rows of a case, and on which day it falls.
//!
//! Every published figure is put together from these sums. A flow falls on the day on which something happened; a stock is
//! the sum of everything up to the close of a day, so what enters it is posted with plus and what leaves it with minus.

use guichet_core::case::event::{ComplaintFinding, Outcome, Satisfaction};
use guichet_core::procedure::ProcedureKind;
use guichet_core::time::Date;

use crate::dimension::Subject;
use crate::fact::{CaseFact, Round};
use crate::rows::{CaseRows, ComplaintFact, RatingFact, Source, StepEnd, StepFact};
use crate::satisfaction::{Counted, Rated};
use crate::timeliness::Timely;
use crate::timing::{DayUnit, Timing};

guichet_core::codes! {
    /// What is summed. The name in the comment is the one of the trade; the days are those of the centre.
    Measure("measure") {
        /// 收件: cases submitted, on the day of submission.
        Received = "received",
        /// 受理: cases accepted for the first time, by a person or by silence, on the effective day.
        Accepted = "accepted",
        /// Accepted by silence (视为受理), on the effective day.
        AcceptedByDeeming = "accepted_by_deeming",
        /// 不予受理: refused at intake.
        NotAccepted = "not_accepted",
        /// Declared to need no licence.
        NoLicenceNeeded = "no_licence_needed",
        /// Withdrawn, terminated or lapsed before acceptance.
        EndedBeforeAcceptance = "ended_before_acceptance",
        /// 办结: decisions, by a person or by silence.
        Done = "done",
        /// 退件/撤件: withdrawn, terminated, lapsed or revoked while open.
        Out = "out",
        /// Taken up again after an end.
        Reopened = "reopened",
        /// Decisions taken back.
        Revoked = "revoked",
        /// 送达: results handed over.
        Delivered = "delivered",
        /// 办完: everything done.
        Completed = "completed",
        /// 在办, a stock: accepted, neither done nor out.
        Open = "open",
        /// A stock: open and suspended.
        Waiting = "waiting",
        /// A stock: open past the last day of the promise.
        LateByPromise = "late_by_promise",
        /// A stock: open past the last day by law.
        LateByStatute = "late_by_statute",
        /// Decisions that have a term to be measured by.
        DoneMeasured = "done_measured",
        /// Of those: within the promise, or else the statute.
        DoneInTime = "done_in_time",
        /// Of those: past the promise, within the statute.
        DoneOverdue = "done_overdue",
        /// Of those: past the statute.
        DoneIllegal = "done_illegal",
        /// Decisions on items of the promised kind (承诺件) that have a promise to be measured by.
        PromisedMeasured = "promised_measured",
        /// Of those: with time left.
        PromisedEarly = "promised_early",
        /// Decisions on promised items whose used working days are known.
        PromisedUsed = "promised_used",
        /// Their used working days, added up.
        UsedDays = "used_days",
        /// Their elapsed working days, added up.
        ElapsedDays = "elapsed_days",
        /// Of those: decisions whose case was held at some time.
        WithExcluded = "with_excluded",
        /// Decisions past a promise in working days: how many.
        OverdueCases = "overdue_cases",
        /// Those: working days past the promise, added up.
        OverdueDays = "overdue_days",
        /// Decisions on promised items whose used days and statutory term are both in working days.
        SpeedCases = "speed_cases",
        /// Their statutory working days as published, added up.
        SpeedStatutoryDays = "speed_statutory_days",
        /// Their used working days, added up.
        SpeedUsedDays = "speed_used_days",
        /// Decisions whose statutory and promised term are in the same unit.
        CompressionCases = "compression_cases",
        /// Their statutory days as published, added up.
        CompressionStatutoryDays = "compression_statutory_days",
        /// Their promised days as published, added up.
        CompressionPromisedDays = "compression_promised_days",
        /// Decisions on the day of acceptance.
        SameDay = "same_day",
        /// Decisions that refuse (不予许可), silence included.
        Denied = "denied",
        /// Decisions by silence.
        DoneByDeeming = "done_by_deeming",
        /// Accepted: immediate items (即办件).
        AcceptedImmediate = "accepted_immediate",
        /// Accepted: promised items (承诺件).
        AcceptedPromised = "accepted_promised",
        /// Received cases with a correction notice, on the day of submission.
        Corrected = "corrected",
        /// Received cases with two correction notices or more, on the day of submission.
        CorrectedAgain = "corrected_again",
        /// Decisions on cases that took one visit or none.
        OneVisit = "one_visit",
        /// Imported cases whose source gives an end and a deadline, on the day of that end.
        MeasuredBySource = "measured_by_source",
        /// Of those: ended in time.
        InTimeBySource = "in_time_by_source",
        /// Members of parallel groups asked for an opinion.
        MemberAsked = "member_asked",
        /// A stock: members that have not answered and are still needed.
        MemberOpen = "member_open",
        /// Opinions of members.
        MemberAnswered = "member_answered",
        /// Members whose silence counts as consent (超时默认).
        MemberDeemed = "member_deemed",
        /// Opinions and silences that have a term to be measured by.
        MemberMeasured = "member_measured",
        /// Of those: answered within the term.
        MemberInTime = "member_in_time",
        /// Days used by members, in working days, added up.
        MemberUsedDays = "member_used_days",
        /// Members whose used working days are known.
        MemberUsed = "member_used",
        /// Occasions for a rating that closed, on site: answered, or their last day passed.
        OnSiteClosed = "on_site_closed",
        /// Valid ratings, on site: very satisfied.
        OnSiteVerySatisfied = "on_site_very_satisfied",
        /// Valid ratings, on site: satisfied.
        OnSiteSatisfied = "on_site_satisfied",
        /// Valid ratings, on site: basically satisfied.
        OnSiteBasicallySatisfied = "on_site_basically_satisfied",
        /// Valid ratings, on site: dissatisfied.
        OnSiteDissatisfied = "on_site_dissatisfied",
        /// Valid ratings, on site: very dissatisfied.
        OnSiteVeryDissatisfied = "on_site_very_dissatisfied",
        /// Valid bad ratings, on site.
        OnSiteBad = "on_site_bad",
        /// Of those: whose rater was called back and reached.
        OnSiteCalledBack = "on_site_called_back",
        /// Valid bad ratings, on site, whose last day for putting right it is.
        OnSiteRectificationDue = "on_site_rectification_due",
        /// Of those: put right by that day.
        OnSiteRectified = "on_site_rectified",
        /// Cases whose last valid rating, on site, is very satisfied.
        OnSiteCaseVerySatisfied = "on_site_case_very_satisfied",
        /// Cases whose last valid rating, on site, is satisfied.
        OnSiteCaseSatisfied = "on_site_case_satisfied",
        /// Cases whose last valid rating, on site, is basically satisfied.
        OnSiteCaseBasicallySatisfied = "on_site_case_basically_satisfied",
        /// Cases whose last valid rating, on site, is dissatisfied.
        OnSiteCaseDissatisfied = "on_site_case_dissatisfied",
        /// Cases whose last valid rating, on site, is very dissatisfied.
        OnSiteCaseVeryDissatisfied = "on_site_case_very_dissatisfied",
        /// Occasions for a rating that closed, online: answered, or their last day passed.
        OnlineClosed = "online_closed",
        /// Valid ratings, online: very satisfied.
        OnlineVerySatisfied = "online_very_satisfied",
        /// Valid ratings, online: satisfied.
        OnlineSatisfied = "online_satisfied",
        /// Valid ratings, online: basically satisfied.
        OnlineBasicallySatisfied = "online_basically_satisfied",
        /// Valid ratings, online: dissatisfied.
        OnlineDissatisfied = "online_dissatisfied",
        /// Valid ratings, online: very dissatisfied.
        OnlineVeryDissatisfied = "online_very_dissatisfied",
        /// Valid bad ratings, online.
        OnlineBad = "online_bad",
        /// Of those: whose rater was called back and reached.
        OnlineCalledBack = "online_called_back",
        /// Valid bad ratings, online, whose last day for putting right it is.
        OnlineRectificationDue = "online_rectification_due",
        /// Of those: put right by that day.
        OnlineRectified = "online_rectified",
        /// Cases whose last valid rating, online, is very satisfied.
        OnlineCaseVerySatisfied = "online_case_very_satisfied",
        /// Cases whose last valid rating, online, is satisfied.
        OnlineCaseSatisfied = "online_case_satisfied",
        /// Cases whose last valid rating, online, is basically satisfied.
        OnlineCaseBasicallySatisfied = "online_case_basically_satisfied",
        /// Cases whose last valid rating, online, is dissatisfied.
        OnlineCaseDissatisfied = "online_case_dissatisfied",
        /// Cases whose last valid rating, online, is very dissatisfied.
        OnlineCaseVeryDissatisfied = "online_case_very_dissatisfied",
        /// Occasions for a rating that closed, elsewhere: answered, or their last day passed.
        ElsewhereClosed = "elsewhere_closed",
        /// Valid ratings, elsewhere: very satisfied.
        ElsewhereVerySatisfied = "elsewhere_very_satisfied",
        /// Valid ratings, elsewhere: satisfied.
        ElsewhereSatisfied = "elsewhere_satisfied",
        /// Valid ratings, elsewhere: basically satisfied.
        ElsewhereBasicallySatisfied = "elsewhere_basically_satisfied",
        /// Valid ratings, elsewhere: dissatisfied.
        ElsewhereDissatisfied = "elsewhere_dissatisfied",
        /// Valid ratings, elsewhere: very dissatisfied.
        ElsewhereVeryDissatisfied = "elsewhere_very_dissatisfied",
        /// Valid bad ratings, elsewhere.
        ElsewhereBad = "elsewhere_bad",
        /// Of those: whose rater was called back and reached.
        ElsewhereCalledBack = "elsewhere_called_back",
        /// Valid bad ratings, elsewhere, whose last day for putting right it is.
        ElsewhereRectificationDue = "elsewhere_rectification_due",
        /// Of those: put right by that day.
        ElsewhereRectified = "elsewhere_rectified",
        /// Cases whose last valid rating, elsewhere, is very satisfied.
        ElsewhereCaseVerySatisfied = "elsewhere_case_very_satisfied",
        /// Cases whose last valid rating, elsewhere, is satisfied.
        ElsewhereCaseSatisfied = "elsewhere_case_satisfied",
        /// Cases whose last valid rating, elsewhere, is basically satisfied.
        ElsewhereCaseBasicallySatisfied = "elsewhere_case_basically_satisfied",
        /// Cases whose last valid rating, elsewhere, is dissatisfied.
        ElsewhereCaseDissatisfied = "elsewhere_case_dissatisfied",
        /// Cases whose last valid rating, elsewhere, is very dissatisfied.
        ElsewhereCaseVeryDissatisfied = "elsewhere_case_very_dissatisfied",
        /// Complaints received.
        Complaints = "complaints",
        /// Complaints answered.
        ComplaintsAnswered = "complaints_answered",
        /// Complaints answered, and upheld.
        ComplaintsUpheld = "complaints_upheld",
        /// Praise received.
        Praise = "praise",
        /// Fees paid, in fen, added up.
        FeesPaidFen = "fees_paid_fen",
        /// Fees refunded, in fen, added up.
        FeesRefundedFen = "fees_refunded_fen",
    }
}

guichet_core::codes! {
    /// A distribution of days, one entry a case.
    Spread("distribution") {
        /// Used working days of decisions on promised items.
        Used = "used",
        /// Elapsed working days of the same.
        Elapsed = "elapsed",
        /// Working days past the promise.
        Overdue = "overdue",
    }
}

/// Where sums are posted.
pub trait Postings {
    /// So much of a measure falls on a day.
    fn post(&mut self, measure: Measure, on: Date, amount: i64);

    /// One entry of a distribution falls on a day.
    fn spread(&mut self, spread: Spread, on: Date, days: u32);
}

/// What a portion of a case adds, in the order of the days.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    pub(crate) amounts: Vec<(Date, Measure, i64)>,
    pub(crate) spreads: Vec<(Date, Spread, u32)>,
}

impl Postings for Posted {
    fn post(&mut self, measure: Measure, on: Date, amount: i64) {
        // What adds nothing must leave nothing behind, not even a day of zeros.
        if amount != 0 {
            self.amounts.push((on, measure, amount));
        }
    }

    fn spread(&mut self, spread: Spread, on: Date, days: u32) {
        self.spreads.push((on, spread, days));
    }
}

/// A part of a case that is counted for somebody: the whole of it for the department that decided, the work of a member for
/// the department that was asked, a rating for the window that it is about.
#[derive(Clone, Copy, Debug)]
pub enum Portion<'a> {
    /// The whole case.
    Case(&'a CaseRows),
    /// One member of a parallel group.
    Member(&'a StepFact),
    /// One occasion for a rating.
    Rating(&'a RatingFact),
    /// One complaint.
    Complaint(&'a ComplaintFact),
}

impl<'a> Portion<'a> {
    /// The portions of a case, each with those for whom it is counted.
    pub fn of(rows: &'a CaseRows) -> impl Iterator<Item = (Subject<'a>, Self)> {
        let case = &rows.case;
        let whole = std::iter::once((Subject::case(case), Self::Case(rows)));
        let members = rows
            .members()
            .map(move |(_, member)| (Subject::member(case, member), Self::Member(member)));
        let ratings = rows.ratings.rows.iter().map(move |rating| {
            let subject = Subject::part(
                case,
                &rating.department,
                rating.window.as_ref(),
                rating.staff.as_ref(),
            );
            (subject, Self::Rating(rating))
        });
        let complaints = rows.complaints.rows.iter().map(move |complaint| {
            let department = complaint.department.as_ref().unwrap_or(&case.department);
            (
                Subject::part(case, department, None, None),
                Self::Complaint(complaint),
            )
        });
        whole.chain(members).chain(ratings).chain(complaints)
    }

    /// What it adds, day by day, in place of what another portion added.
    pub(crate) fn posted(&self, posted: &mut Posted) {
        posted.amounts.clear();
        posted.spreads.clear();
        self.post(posted);
        posted.amounts.sort_unstable();
    }

    /// What it adds.
    pub fn post(&self, to: &mut impl Postings) {
        match self {
            Self::Case(rows) => post_case(rows, to),
            Self::Member(member) => post_member(member, to),
            Self::Rating(rating) => post_rating(rating, to),
            Self::Complaint(complaint) => post_complaint(complaint, to),
        }
    }
}

/// Everything that one case adds at case level.
fn post_case(rows: &CaseRows, to: &mut impl Postings) {
    let case = &rows.case;
    let mut count = |measure, on| to.post(measure, on, 1);
    count(Measure::Received, case.received_on);
    if case.corrections > 0 {
        count(Measure::Corrected, case.received_on);
    }
    if case.corrections > 1 {
        count(Measure::CorrectedAgain, case.received_on);
    }
    if let Some(on) = case.accepted_on {
        count(Measure::Accepted, on);
        if case.deemed_acceptance {
            count(Measure::AcceptedByDeeming, on);
        }
        match case.kind {
            Some(ProcedureKind::Immediate) => count(Measure::AcceptedImmediate, on),
            Some(ProcedureKind::Promised) => count(Measure::AcceptedPromised, on),
            Some(
                ProcedureKind::Forwarded
                | ProcedureKind::Joint
                | ProcedureKind::AnnualInspection
                | ProcedureKind::Recorded,
            )
            | None => {}
        }
    }
    if let (Some(outcome), Some(on), true) = (case.outcome, case.ended_on, case.rounds.is_empty()) {
        count(
            match outcome {
                Outcome::NotAccepted => Measure::NotAccepted,
                Outcome::NoLicenceNeeded => Measure::NoLicenceNeeded,
                Outcome::Granted
                | Outcome::GrantedWithGaps
                | Outcome::Refused
                | Outcome::DeemedGranted
                | Outcome::DeemedRefused
                | Outcome::Withdrawn
                | Outcome::Terminated
                | Outcome::Lapsed
                | Outcome::Revoked => Measure::EndedBeforeAcceptance,
            },
            on,
        );
    }
    for on in &case.revoked_on {
        count(Measure::Revoked, *on);
    }
    if let Some(on) = case.delivered_on {
        count(Measure::Delivered, on);
    }
    if let Some(on) = case.completed_on {
        count(Measure::Completed, on);
    }
    if let Some((timely, on)) = case.by_source {
        count(Measure::MeasuredBySource, on);
        if timely == Timely::InTime {
            count(Measure::InTimeBySource, on);
        }
    }
    for fee in &rows.fees.rows {
        for payment in &fee.paid {
            to.post(Measure::FeesPaidFen, payment.on, fen(payment.amount_fen));
        }
        for refund in &fee.refunded {
            to.post(Measure::FeesRefundedFen, refund.on, fen(refund.amount_fen));
        }
    }
    for praise in &rows.complaints.praise {
        to.post(Measure::Praise, praise.received_on, 1);
    }
    post_case_ratings(rows, to);
    for (nth, round) in case.rounds.iter().enumerate() {
        // A case that was never accepted before it was taken up again enters the stock by that alone.
        if nth > 0 || case.accepted_on.is_none() {
            to.post(Measure::Reopened, round.opened_on, 1);
        }
        post_round(rows, round, to);
    }
}

fn post_round(rows: &CaseRows, round: &Round, to: &mut impl Postings) {
    let closed_on = round.end.as_ref().map(|end| end.on);
    stock(Measure::Open, round.opened_on, closed_on, to);
    let late_from = |due_on: Option<Date>| due_on.map(|due_on| due_on.next().max(round.opened_on));
    for (measure, due_on) in [
        (Measure::LateByPromise, round.promised_due_on),
        (Measure::LateByStatute, round.statutory_due_on),
    ] {
        if let Some(from) = late_from(due_on) {
            stock(measure, from, closed_on, to);
        }
    }
    if rows.ledger.was_held() {
        for held in rows.ledger.held_days().ranges() {
            let until = (held.last() < Date::MAX).then(|| held.last().next());
            let leaves = match (until, closed_on) {
                (Some(until), Some(closed)) => Some(until.min(closed)),
                (until, closed) => until.or(closed),
            };
            stock(Measure::Waiting, held.first().max(round.opened_on), leaves, to);
        }
    }
    let Some(end) = &round.end else { return };
    if end.outcome.is_decision() {
        to.post(Measure::Done, end.on, 1);
        post_decision(rows, end.outcome, end.on, end.timing.as_ref(), to);
    } else {
        to.post(Measure::Out, end.on, 1);
    }
}

/// Something is in a stock from one day on, until the eve of another.
fn stock(measure: Measure, from: Date, until: Option<Date>, to: &mut impl Postings) {
    if until.is_some_and(|until| until <= from) {
        return;
    }
    to.post(measure, from, 1);
    if let Some(until) = until {
        to.post(measure, until, -1);
    }
}

fn post_decision(
    rows: &CaseRows,
    outcome: Outcome,
    on: Date,
    timing: Option<&Timing>,
    to: &mut impl Postings,
) {
    let case = &rows.case;
    let mut count = |measure| to.post(measure, on, 1);
    if case.accepted_on == Some(on) {
        count(Measure::SameDay);
    }
    if outcome == Outcome::Refused || outcome == Outcome::DeemedRefused {
        count(Measure::Denied);
    }
    if outcome == Outcome::DeemedGranted || outcome == Outcome::DeemedRefused {
        count(Measure::DoneByDeeming);
    }
    if rows.ledger.was_held() {
        count(Measure::WithExcluded);
    }
    if rows.encounters.one_visit() == Some(true) {
        count(Measure::OneVisit);
    }
    let Some(timing) = timing else { return };
    if let Some(timely) = timing.timely {
        count(Measure::DoneMeasured);
        count(match timely {
            Timely::InTime => Measure::DoneInTime,
            Timely::Overdue => Measure::DoneOverdue,
            Timely::Illegal => Measure::DoneIllegal,
        });
    }
    post_days(case, on, timing, to);
}

fn post_days(case: &CaseFact, on: Date, timing: &Timing, to: &mut impl Postings) {
    let promised_kind = case.kind == Some(ProcedureKind::Promised);
    if promised_kind && timing.promised.is_some() && timing.timely.is_some() {
        to.post(Measure::PromisedMeasured, on, 1);
        if timing.early {
            to.post(Measure::PromisedEarly, on, 1);
        }
    }
    if let (Some(statutory), Some(promised)) = (timing.statutory, timing.promised) {
        to.post(Measure::CompressionCases, on, 1);
        to.post(Measure::CompressionStatutoryDays, on, i64::from(statutory));
        to.post(Measure::CompressionPromisedDays, on, i64::from(promised));
    }
    let (DayUnit::Working, Some(used)) = (timing.unit, timing.used) else {
        return;
    };
    if let Some(limit) = timing.promised_limit
        && let Some(over) = used.checked_sub(limit).filter(|over| *over > 0)
    {
        to.post(Measure::OverdueCases, on, 1);
        to.post(Measure::OverdueDays, on, i64::from(over));
        to.spread(Spread::Overdue, on, over);
    }
    if !promised_kind {
        return;
    }
    if let Some(statutory) = timing.statutory {
        to.post(Measure::SpeedCases, on, 1);
        to.post(Measure::SpeedStatutoryDays, on, i64::from(statutory));
        to.post(Measure::SpeedUsedDays, on, i64::from(used));
    }
    if let Some(elapsed) = timing.elapsed {
        to.post(Measure::PromisedUsed, on, 1);
        to.post(Measure::UsedDays, on, i64::from(used));
        to.post(Measure::ElapsedDays, on, i64::from(elapsed));
        to.spread(Spread::Used, on, used);
        to.spread(Spread::Elapsed, on, elapsed);
    }
}

/// What one member of a parallel group adds at member level.
fn post_member(member: &StepFact, to: &mut impl Postings) {
    to.post(Measure::MemberAsked, member.started_on, 1);
    stock(Measure::MemberOpen, member.started_on, member.ended_on, to);
    let (Some(end), Some(on)) = (member.end, member.ended_on) else {
        return;
    };
    match end {
        StepEnd::Answered(_) => to.post(Measure::MemberAnswered, on, 1),
        StepEnd::Deemed(_) => to.post(Measure::MemberDeemed, on, 1),
        StepEnd::Released | StepEnd::Superseded => return,
    }
    if let Some(in_time) = member.in_time {
        to.post(Measure::MemberMeasured, on, 1);
        if in_time {
            to.post(Measure::MemberInTime, on, 1);
        }
    }
    if let Some(used) = member.used
        && member
            .term
            .is_some_and(|term| matches!(term, guichet_core::time::Term::WorkingDays(_)))
    {
        to.post(Measure::MemberUsed, on, 1);
        to.post(Measure::MemberUsedDays, on, i64::from(used));
    }
}

fn fen(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// The measures of the ratings of one source. Sources are never mixed.
struct OfSource {
    closed: Measure,
    /// At the level of encounters, from the best to the worst.
    levels: [Measure; 5],
    /// At the level of cases.
    case_levels: [Measure; 5],
    bad: Measure,
    called_back: Measure,
    rectification_due: Measure,
    rectified: Measure,
}

impl OfSource {
    const fn of(source: Source) -> Self {
        match source {
            Source::OnSite => Self {
                closed: Measure::OnSiteClosed,
                levels: [
                    Measure::OnSiteVerySatisfied,
                    Measure::OnSiteSatisfied,
                    Measure::OnSiteBasicallySatisfied,
                    Measure::OnSiteDissatisfied,
                    Measure::OnSiteVeryDissatisfied,
                ],
                case_levels: [
                    Measure::OnSiteCaseVerySatisfied,
                    Measure::OnSiteCaseSatisfied,
                    Measure::OnSiteCaseBasicallySatisfied,
                    Measure::OnSiteCaseDissatisfied,
                    Measure::OnSiteCaseVeryDissatisfied,
                ],
                bad: Measure::OnSiteBad,
                called_back: Measure::OnSiteCalledBack,
                rectification_due: Measure::OnSiteRectificationDue,
                rectified: Measure::OnSiteRectified,
            },
            Source::Online => Self {
                closed: Measure::OnlineClosed,
                levels: [
                    Measure::OnlineVerySatisfied,
                    Measure::OnlineSatisfied,
                    Measure::OnlineBasicallySatisfied,
                    Measure::OnlineDissatisfied,
                    Measure::OnlineVeryDissatisfied,
                ],
                case_levels: [
                    Measure::OnlineCaseVerySatisfied,
                    Measure::OnlineCaseSatisfied,
                    Measure::OnlineCaseBasicallySatisfied,
                    Measure::OnlineCaseDissatisfied,
                    Measure::OnlineCaseVeryDissatisfied,
                ],
                bad: Measure::OnlineBad,
                called_back: Measure::OnlineCalledBack,
                rectification_due: Measure::OnlineRectificationDue,
                rectified: Measure::OnlineRectified,
            },
            Source::Elsewhere => Self {
                closed: Measure::ElsewhereClosed,
                levels: [
                    Measure::ElsewhereVerySatisfied,
                    Measure::ElsewhereSatisfied,
                    Measure::ElsewhereBasicallySatisfied,
                    Measure::ElsewhereDissatisfied,
                    Measure::ElsewhereVeryDissatisfied,
                ],
                case_levels: [
                    Measure::ElsewhereCaseVerySatisfied,
                    Measure::ElsewhereCaseSatisfied,
                    Measure::ElsewhereCaseBasicallySatisfied,
                    Measure::ElsewhereCaseDissatisfied,
                    Measure::ElsewhereCaseVeryDissatisfied,
                ],
                bad: Measure::ElsewhereBad,
                called_back: Measure::ElsewhereCalledBack,
                rectification_due: Measure::ElsewhereRectificationDue,
                rectified: Measure::ElsewhereRectified,
            },
        }
    }
}

/// The place of a level, from the best to the worst.
const fn place(level: Satisfaction) -> usize {
    match level {
        Satisfaction::VerySatisfied => 0,
        Satisfaction::Satisfied => 1,
        Satisfaction::BasicallySatisfied => 2,
        Satisfaction::Dissatisfied => 3,
        Satisfaction::VeryDissatisfied => 4,
    }
}

/// What one occasion for a rating adds at the level of encounters.
fn post_rating(rating: &RatingFact, to: &mut impl Postings) {
    let of = OfSource::of(rating.source);
    for (on, counted) in rating.counted() {
        match counted {
            Counted::Closed(rated) => {
                to.post(of.closed, on, 1);
                if let Rated::Valid(level) = rated
                    && let Some(measure) = of.levels.get(place(level))
                {
                    to.post(*measure, on, 1);
                }
            }
            Counted::Bad { called_back } => {
                to.post(of.bad, on, 1);
                to.post(of.called_back, on, i64::from(called_back));
            }
            Counted::Due { in_time } => {
                to.post(of.rectification_due, on, 1);
                to.post(of.rectified, on, i64::from(in_time));
            }
        }
    }
}

/// What the ratings of a case add at case level: of each source the last valid one, on its day.
fn post_case_ratings(rows: &CaseRows, to: &mut impl Postings) {
    for source in [Source::OnSite, Source::Online, Source::Elsewhere] {
        let valid = rows.ratings.rows.iter().filter(|row| row.source == source);
        let last = valid
            .filter_map(|row| Some((row.counts_on(), row.valid()?)))
            .max_by_key(|(on, _)| *on);
        if let Some((on, level)) = last
            && let Some(measure) = OfSource::of(source).case_levels.get(place(level))
        {
            to.post(*measure, on, 1);
        }
    }
}

/// What a complaint adds.
fn post_complaint(complaint: &ComplaintFact, to: &mut impl Postings) {
    to.post(Measure::Complaints, complaint.received_on, 1);
    if let Some(on) = complaint.answered_on {
        to.post(Measure::ComplaintsAnswered, on, 1);
        if complaint.finding == Some(ComplaintFinding::Upheld) {
            to.post(Measure::ComplaintsUpheld, on, 1);
        }
    }
}
