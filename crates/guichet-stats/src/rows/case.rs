//! The rows of one case, and of all.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_core::actor::Role;
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{ClockKind, DecisionDeemed, DecisionMade, Outcome};
use guichet_core::flow::{Block, Superseded};
use guichet_core::id::{BlockId, CaseId, Position, StepId};
use guichet_core::procedure::{DecisionSilence, Procedure};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use serde::{Deserialize, Serialize};

use crate::as_of::AsOf;
use crate::fact::{CaseFact, Ending, Standing, by_source};
use crate::ledger::Ledger;
use crate::rows::step::{StepEnd, StepFact};
use crate::rows::{Agencies, Complaints, Encounters, Fees, Ratings, put};
use crate::timeliness::Timely;
use crate::timing::Measure;

/// Everything that is counted of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRows {
    /// Which case.
    pub id: CaseId,
    /// Where the log has its submission.
    pub submitted_at: Position,
    /// Its main row.
    pub case: CaseFact,
    /// Each entry into a step, in order.
    pub steps: Vec<StepFact>,
    /// The occasions for a rating.
    pub ratings: Ratings,
    /// The applicant's visits and other contacts.
    pub encounters: Encounters,
    /// The fees.
    pub fees: Fees,
    /// Complaints and praise.
    pub complaints: Complaints,
    /// Who accompanies it.
    pub agencies: Agencies,
    pub(crate) ledger: Ledger,
    /// The terms of branches that were added to a group of this case.
    added: BTreeMap<StepId, Option<Term>>,
}

impl CaseRows {
    /// The rows of a case that was submitted with this record. None for any other record: advice before an application is
    /// no case yet.
    fn submitted(id: CaseId, recorded: &Recorded, directory: &Directory) -> Option<Self> {
        let Event::Case(CaseEvent::CaseSubmitted(event)) = &recorded.event else {
            return None;
        };
        let source = by_source(event, directory.zone());
        let mut case = CaseFact::submitted(event, recorded.occurred_at, source);
        case.kind = directory
            .procedure(&event.procedure, event.version)
            .map(|procedure| procedure.kind);
        let window = event
            .window
            .as_ref()
            .and_then(|window| directory.windows.get(window));
        case.window_form = window.map(|window| window.form);
        if recorded.actor.role == Role::Agent {
            case.agent = Some(recorded.actor.person.clone());
        }
        Some(Self {
            id,
            submitted_at: recorded.position,
            case,
            steps: Vec::new(),
            ratings: Ratings::default(),
            encounters: Encounters::default(),
            fees: Fees::default(),
            complaints: Complaints::default(),
            agencies: Agencies::default(),
            ledger: Ledger::default(),
            added: BTreeMap::new(),
        })
    }

    fn apply(&mut self, event: &CaseEvent, recorded: &Recorded, directory: &Directory) {
        let zone = directory.zone();
        self.ratings.apply(recorded, event, zone);
        self.encounters.apply(recorded, event, zone);
        self.fees.apply(recorded, event, zone);
        self.complaints.apply(recorded, event, zone);
        self.agencies.apply(recorded, event, zone);
        self.apply_main(event, recorded, directory);
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm an event, and every event named: the compiler asks about new ones"
    )]
    fn apply_main(&mut self, event: &CaseEvent, recorded: &Recorded, directory: &Directory) {
        let case = &mut self.case;
        case.records = case.records.saturating_add(1);
        case.last_occurred_at = case.last_occurred_at.max(recorded.occurred_at);
        let today = || directory.zone().date(recorded.occurred_at);
        match event {
            CaseEvent::CorrectionRequested(e) => {
                case.standing = Standing::AwaitingCorrection;
                case.corrections = case.corrections.saturating_add(1);
                self.ledger.correction_requested(e.served_on);
            }
            CaseEvent::CorrectionSubmitted(e) => {
                if e.complete {
                    case.standing = Standing::Intake;
                    self.ledger.corrected(e.received_on);
                }
            }
            CaseEvent::CaseAccepted(e) => {
                self.accepted(e.effective_on, false);
                self.case.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::AcceptanceDeemed(e) => {
                self.accepted(e.effective_on, true);
                self.case.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::AcceptanceRefused(e) => self.end(Outcome::NotAccepted, e.refused_on, directory),
            CaseEvent::NoLicenceNeeded(e) => self.end(Outcome::NoLicenceNeeded, e.declared_on, directory),
            CaseEvent::TransferConfirmed(e) => {
                case.window = Some(e.window.clone());
                case.transfers = case.transfers.saturating_add(1);
            }
            CaseEvent::TransferReturned(e) => case.window = Some(e.window.clone()),
            CaseEvent::StepStarted(e) => {
                let term = self.term_of(&e.step, directory);
                put(&mut self.steps, StepFact::started(e, term));
            }
            CaseEvent::StepClaimed(e) => self.handle(&e.step, |step| step.handler = Some(e.by.clone())),
            CaseEvent::StepReleased(e) => self.handle(&e.step, |step| step.handler = None),
            CaseEvent::StepDelegated(e) => self.handle(&e.step, |step| step.handler = Some(e.to.clone())),
            CaseEvent::StepOpinionGiven(e) => {
                self.handle(&e.step, |step| step.handler = Some(e.by.clone()));
                self.answer(&e.step, StepEnd::Answered(e.opinion), today(), directory);
            }
            CaseEvent::MemberOpinionGiven(e) => {
                self.handle(&e.member, |step| step.handler = Some(e.by.clone()));
                self.answer(&e.member, StepEnd::Answered(e.opinion), today(), directory);
            }
            CaseEvent::MemberConsentDeemed(e) => {
                case.deemed_consents = case.deemed_consents.saturating_add(1);
                self.answer(&e.member, StepEnd::Deemed(e.ground), e.lapsed_on, directory);
            }
            CaseEvent::StepSentBack(e) => {
                case.sent_back = case.sent_back.saturating_add(1);
                self.supersede(&e.superseded, today());
            }
            CaseEvent::BlockSkipped(e) => self.release(|step| e.released.contains(&step.step), today()),
            CaseEvent::BranchAdded(e) => {
                if let Some(step) = e.step() {
                    self.added.insert(step.id, step.term);
                }
            }
            CaseEvent::BranchRemoved(e) => self.release(|step| e.released.contains(&step.step), today()),
            CaseEvent::ParallelClosed(e) => self.release(|step| e.released.contains(&step.step), today()),
            CaseEvent::SpecialProcedureApproved(e) => self.ledger.special_approved(&e.special, e.excluded),
            CaseEvent::SpecialProcedureStarted(e) => self.ledger.special_started(&e.special, e.started_on),
            CaseEvent::SpecialProcedureEnded(e) => self.ledger.special_ended(&e.special, e.ended_on),
            CaseEvent::ClockSuspended(e) => self.ledger.suspended(e.ground, e.suspended_on),
            CaseEvent::ClockResumed(e) => {
                self.ledger.resumed(e.resumed_on);
                case.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::ExtensionGranted(e) => {
                self.ledger.extended(e.by);
                case.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::ExtensionRevoked(e) => {
                self.ledger.extension_revoked();
                case.due(e.statutory_due_on, e.promised_due_on);
            }
            CaseEvent::DecisionMade(e) => self.decided(e, recorded, directory),
            CaseEvent::DecisionDeemed(e) => self.decided_by_silence(e, directory),
            CaseEvent::CertificateDelivered(e) => case.delivered_on = Some(e.delivered_on),
            CaseEvent::CaseCompleted(e) => {
                case.standing = Standing::Completed;
                case.completed_on = Some(e.completed_on);
            }
            CaseEvent::CaseArchived(_) => case.standing = Standing::Archived,
            CaseEvent::CaseWithdrawn(e) => self.end(Outcome::Withdrawn, e.withdrawn_on, directory),
            CaseEvent::CaseTerminated(e) => {
                let outcome = if e.lapsed {
                    Outcome::Lapsed
                } else {
                    Outcome::Terminated
                };
                self.end(outcome, e.terminated_on, directory);
            }
            CaseEvent::DecisionRevoked(e) => self.end(Outcome::Revoked, e.revoked_on, directory),
            CaseEvent::CaseReopened(e) => {
                case.open(e.reopened_on);
                case.outcome = None;
                case.ended_on = None;
                case.completed_on = None;
                case.timely = None;
                case.due(e.statutory_due_on, e.promised_due_on);
                self.supersede(&e.superseded, e.reopened_on);
            }
            CaseEvent::ProcedureMigrated(e) => {
                case.version = e.to;
                case.due(e.statutory_due_on, e.promised_due_on);
                let void = |step: &StepFact| e.superseded.contains(&step.step);
                self.end_steps(void, StepEnd::Superseded, today());
            }
            CaseEvent::AgencyAppointed(e) => case.agent = Some(e.agent.clone()),
            CaseEvent::GreenChannelMarked(_) => case.green_channel = true,
            CaseEvent::LightTurned(e) => {
                if matches!(e.clock, ClockKind::Statutory | ClockKind::Promised) {
                    case.light = Some(e.light);
                }
            }
            // Nothing of the main line.
            CaseEvent::PreCheckRecorded(_)
            | CaseEvent::CaseSubmitted(_)
            | CaseEvent::CorrectionLapsed(_)
            | CaseEvent::MaterialSupplied(_)
            | CaseEvent::CaseTransferred(_)
            | CaseEvent::BranchChosen(_)
            | CaseEvent::ParallelOpened(_)
            | CaseEvent::ServiceProved(_)
            | CaseEvent::BranchArrived(_)
            | CaseEvent::DissentResolved(_)
            | CaseEvent::SpecialProcedureRequested(_)
            | CaseEvent::SpecialProcedureRefused(_)
            | CaseEvent::ExtensionRequested(_)
            | CaseEvent::ExtensionRefused(_)
            | CaseEvent::FeeNotified(_)
            | CaseEvent::FeePaid(_)
            | CaseEvent::FeeWaived(_)
            | CaseEvent::FeeRefunded(_)
            | CaseEvent::CertificateIssued(_)
            | CaseEvent::AgencyLogged(_)
            | CaseEvent::AgencyEnded(_)
            | CaseEvent::RatingOffered(_)
            | CaseEvent::RatingGiven(_)
            | CaseEvent::RatingAppended(_)
            | CaseEvent::RatingInvalidated(_)
            | CaseEvent::BadRatingAssigned(_)
            | CaseEvent::CallbackMade(_)
            | CaseEvent::RectificationDone(_)
            | CaseEvent::RectificationRated(_)
            | CaseEvent::ComplaintReceived(_)
            | CaseEvent::ComplaintAnswered(_)
            | CaseEvent::PraiseReceived(_)
            | CaseEvent::RecordCorrected(_)
            | CaseEvent::DueDateAnnounced(_)
            | CaseEvent::StepRecorded(_) => {}
        }
    }

    fn accepted(&mut self, on: Date, deemed: bool) {
        if self.case.accepted_on.is_none() {
            self.case.accepted_on = Some(on);
            self.case.deemed_acceptance = deemed;
        }
        self.case.open(on);
    }

    fn decided(&mut self, event: &DecisionMade, recorded: &Recorded, directory: &Directory) {
        // A decision that no acceptance went before is one.
        if self.case.rounds.is_empty() {
            self.accepted(event.decided_on, false);
        }
        let step = event.step.as_ref().and_then(|id| self.newest(id));
        let by_step = step.map(|step| step.department.clone());
        if let Some(department) = by_step.or_else(|| recorded.actor.department.clone()) {
            self.case.department = department;
        }
        self.case.handler = Some(event.by.clone());
        self.case.due(event.statutory_due_on, event.promised_due_on);
        let timely = Timely::of(event.timeliness);
        self.case.timely = timely;
        let mut ending = self.ending(event.verdict.into(), event.decided_on, directory);
        if let Some(timing) = &mut ending.timing {
            // What was told with the decision stands, whatever a later calendar says.
            timing.used = event.used.map(|used| u32::from(used.count())).or(timing.used);
            timing.timely = timely;
            timing.early = event.timeliness == guichet_core::case::event::Timeliness::Early;
        }
        self.close_round(event.statutory_due_on, event.promised_due_on);
        self.case.end(Standing::Decided, ending);
        self.release(|_| true, event.decided_on);
    }

    fn decided_by_silence(&mut self, event: &DecisionDeemed, directory: &Directory) {
        let outcome = match event.effect {
            DecisionSilence::Granted => Outcome::DeemedGranted,
            DecisionSilence::Refused => Outcome::DeemedRefused,
        };
        // Silence decides when the last day has passed: nobody answered inside the term.
        self.case.timely = Some(Timely::Illegal);
        let mut ending = self.ending(outcome, event.lapsed_on, directory);
        if let Some(timing) = &mut ending.timing {
            timing.timely = Some(Timely::Illegal);
        }
        self.close_round(self.case.statutory_due_on, self.case.promised_due_on);
        self.case.end(Standing::Decided, ending);
        self.release(|_| true, event.lapsed_on);
    }

    /// Ended without a decision that stands.
    fn end(&mut self, outcome: Outcome, on: Date, directory: &Directory) {
        self.settle(directory);
        let timing = None;
        self.case.end(Standing::Ended, Ending { outcome, on, timing });
        self.release(|_| true, on);
    }

    fn ending(&self, outcome: Outcome, on: Date, directory: &Directory) -> Ending {
        let accepted_on = self.case.accepted_on.unwrap_or(self.case.received_on);
        let timing = self
            .measure(directory)
            .and_then(|measure| measure.timing(&self.ledger, self.case.received_on, accepted_on, on));
        Ending { outcome, on, timing }
    }

    fn close_round(&mut self, statutory: Option<Date>, promised: Option<Date>) {
        if let Some(round) = self.case.rounds.last_mut() {
            round.statutory_due_on = statutory;
            round.promised_due_on = promised;
        }
    }

    /// Counts the due dates of a round that is open, by the calendar as it is now.
    pub(crate) fn settle(&mut self, directory: &Directory) {
        if self.case.open_round().is_none() {
            return;
        }
        let due = self.measure(directory).map(|measure| {
            let terms = &measure.procedure.terms;
            let policy = &measure.procedure.policy;
            let case = &self.case;
            let start = policy.decision_start.day(case.received_on, case.accepted_on);
            let due_on = |term: Term| {
                let clock = self.ledger.decision_clock(start, term, policy, measure.calendar);
                let standing = clock.pauses.iter().find(|pause| pause.until.is_none());
                // While it stands still nobody can say when it ends; but what has ended before has ended.
                let as_of = standing.map_or(start, |pause| pause.since);
                let due_on = clock.due_on(as_of).ok()?;
                (!clock.is_paused(Date::MAX) || due_on < as_of).then_some(due_on)
            };
            let limit = |limit: Option<&guichet_core::procedure::SourcedTerm>| due_on(limit?.term);
            (limit(terms.statutory.as_ref()), limit(terms.promised.as_ref()))
        });
        let (statutory, promised) = due.unwrap_or_default();
        self.close_round(statutory, promised);
    }

    fn procedure<'a>(&self, directory: &'a Directory) -> Option<&'a Arc<Procedure>> {
        directory.procedure(&self.case.procedure, self.case.version)
    }

    fn measure<'a>(&self, directory: &'a Directory) -> Option<Measure<'a>> {
        let procedure = self.procedure(directory)?;
        let calendar = directory.calendars.get(&procedure.calendar)?;
        Some(Measure { procedure, calendar })
    }

    fn term_of(&self, step: &StepId, directory: &Directory) -> Option<Term> {
        let added = self.added.get(step).copied().flatten();
        added.or_else(|| {
            let flow = self.procedure(directory)?.flow.as_ref()?;
            Block::step(flow, step)?.term
        })
    }

    fn newest(&self, step: &StepId) -> Option<&StepFact> {
        self.steps.iter().rev().find(|row| row.step == *step)
    }

    fn handle(&mut self, step: &StepId, change: impl FnOnce(&mut StepFact)) {
        if let Some(row) = self.steps.iter_mut().rev().find(|row| row.step == *step) {
            change(row);
        }
    }

    fn answer(&mut self, step: &StepId, end: StepEnd, on: Date, directory: &Directory) {
        let measure = self.measure(directory);
        let ledger = &self.ledger;
        let open = |row: &&mut StepFact| row.step == *step && row.is_open();
        if let Some(row) = self.steps.iter_mut().rev().find(open) {
            row.end(end, on, ledger, measure.as_ref());
        }
    }

    fn release(&mut self, which: impl Fn(&StepFact) -> bool, on: Date) {
        self.end_steps(which, StepEnd::Released, on);
    }

    fn supersede(&mut self, superseded: &Superseded, on: Date) {
        self.end_steps(
            |step| superseded.steps.contains(&step.step),
            StepEnd::Superseded,
            on,
        );
    }

    fn end_steps(&mut self, which: impl Fn(&StepFact) -> bool, end: StepEnd, on: Date) {
        for step in self.steps.iter_mut().filter(|step| step.is_open() && which(step)) {
            step.end(end, on, &self.ledger, None);
        }
    }

    /// The members of the groups of this case: the steps that a group asked for.
    pub fn members(&self) -> impl Iterator<Item = (&BlockId, &StepFact)> {
        self.steps
            .iter()
            .filter_map(|step| Some((step.group.as_ref()?, step)))
    }
}

/// What a record did to the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touched {
    /// The rows at this place.
    Case(usize),
    /// What all rows are counted by.
    Directory,
    /// Nothing.
    Nothing,
}

/// The rows of all cases.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    as_of: AsOf,
    #[expect(
        clippy::disallowed_types,
        reason = "rows are found by it, never walked, and it is asked once a record"
    )]
    places: std::collections::HashMap<CaseId, usize>,
    /// Each in a place of its own, so that a list that grows moves only pointers.
    #[expect(
        clippy::vec_box,
        reason = "the rows of a case are large, and a million of them are moved again and again while the list grows"
    )]
    rows: Vec<Box<CaseRows>>,
    directory: Directory,
    /// The case that the last record was of, with its place: a log often has several in a row.
    last: Option<(CaseId, usize)>,
}

impl Facts {
    /// The rows as they were at a moment.
    #[must_use]
    pub fn at(as_of: AsOf) -> Self {
        Self {
            as_of,
            ..Self::default()
        }
    }

    pub(crate) const fn as_of(&self) -> AsOf {
        self.as_of
    }

    pub(crate) const fn carry_on(&mut self) {
        self.as_of = AsOf::Now;
    }

    /// The rows of a whole log from those of its parts.
    pub(crate) fn merged(as_of: AsOf, parts: Vec<Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_else(|| Self::at(as_of));
        if parts.len() == 0 {
            return whole;
        }
        for part in parts {
            whole.rows.extend(part.rows);
            whole.places.extend(part.places);
        }
        whole.last = None;
        // Each part is in this order, and a stable sort only merges what is.
        whole.rows.sort_by_key(|rows| rows.submitted_at);
        for (place, rows) in whole.rows.iter().enumerate() {
            if let Some(known) = whole.places.get_mut(&rows.id) {
                *known = place;
            }
        }
        whole
    }

    /// The rows of a log whose cases they are, in the order in which these were submitted, with its reference data.
    #[expect(clippy::vec_box, reason = "as they are kept")]
    pub(crate) fn restored(rows: Vec<Box<CaseRows>>, directory: Directory) -> Self {
        let places = rows.iter().enumerate();
        Self {
            places: places.map(|(place, rows)| (rows.id.clone(), place)).collect(),
            rows,
            directory,
            ..Self::default()
        }
    }

    pub(crate) fn boxed(&self) -> &[Box<CaseRows>] {
        &self.rows
    }

    /// The rows of each case, in the order in which the cases were submitted.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &CaseRows> + Clone {
        self.rows.iter().map(AsRef::as_ref)
    }

    /// The rows of each case, in the order of their ids.
    #[must_use]
    pub fn sorted(&self) -> Vec<&CaseRows> {
        let mut sorted: Vec<_> = self.rows().collect();
        sorted.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        sorted
    }

    /// The rows of one case.
    #[must_use]
    pub fn case(&self, id: &CaseId) -> Option<&CaseRows> {
        self.at_place(*self.places.get(id)?)
    }

    /// The reference data as it is at this point of the log.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    pub(crate) fn at_place(&self, place: usize) -> Option<&CaseRows> {
        self.rows.get(place).map(AsRef::as_ref)
    }

    pub(crate) fn row_mut(&mut self, place: usize) -> Option<(&mut CaseRows, &Directory)> {
        Some((self.rows.get_mut(place)?, &self.directory))
    }

    /// What a record will change.
    pub(crate) fn touched(&self, recorded: &Recorded) -> Touched {
        if !self.as_of.takes(recorded, &self.directory) {
            return Touched::Nothing;
        }
        match &recorded.event {
            Event::Reference(_) => Touched::Directory,
            Event::Case(_) => {
                let place = recorded.stream.case_name().map(|case| match &self.last {
                    Some((last, place)) if *last == case => *place,
                    Some(_) | None => self.places.get(case).copied().unwrap_or(self.rows.len()),
                });
                place.map_or(Touched::Nothing, Touched::Case)
            }
        }
    }

    pub(crate) fn take(&mut self, recorded: &Recorded, touched: Touched) {
        match (touched, &recorded.event) {
            (Touched::Directory, Event::Reference(event)) => self.directory.apply(event),
            (Touched::Case(place), Event::Case(event)) => {
                if place == self.rows.len()
                    && let Some(id) = recorded.stream.case()
                    && let Some(rows) = CaseRows::submitted(id.clone(), recorded, &self.directory)
                {
                    self.places.insert(id, place);
                    self.rows.push(Box::new(rows));
                }
                if let Some(rows) = self.rows.get_mut(place) {
                    rows.apply(event, recorded, &self.directory);
                    if self.last.as_ref().is_none_or(|(_, last)| *last != place) {
                        self.last = Some((rows.id.clone(), place));
                    }
                }
            }
            (Touched::Case(_) | Touched::Directory | Touched::Nothing, _) => {}
        }
    }
}

impl Projection for Facts {
    type View = Vec<CaseRows>;

    fn apply(&mut self, recorded: &Recorded) {
        let touched = self.touched(recorded);
        self.take(recorded, touched);
    }

    fn view(&self) -> Self::View {
        self.sorted().into_iter().cloned().collect()
    }
}
