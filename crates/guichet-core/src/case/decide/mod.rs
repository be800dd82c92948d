//! What follows from a command: events, or a rejection. Nothing else in the house takes decisions.
//!
//! [`decide`] only picks the function; each command is one function, in the module of its subject.

mod agency;
mod authority;
mod clocks;
mod closing;
mod fees;
mod intake;
mod parallel;
mod ratings;
mod records;
mod steps;
mod time;
mod turn;

use crate::actor::{Actor, Role};
use crate::case::command::{CaseCommand, Command};
use crate::case::event::CaseEvent;
use crate::case::rejection::Rejection;
use crate::case::state::{Case, CaseState, Stage};
use crate::decider::Decider;
use crate::procedure::Procedure;
use crate::reference::Directory;
use crate::time::{Date, Timestamp};

pub use time::next_lapse;

/// The longest text of a command, in bytes: a reason that needs more belongs into a document.
pub const TEXT_BYTES_MAX: usize = 4_000;
/// The most entries of a list in a command, and of each collection that a case holds.
pub const ENTRIES_MAX: usize = 1_000;

impl Decider for Directory {
    type State = CaseState;
    type Command = Command;
    type Event = CaseEvent;
    type Rejection = Rejection;

    fn decide(
        &self,
        state: &CaseState,
        command: &Command,
        now: Timestamp,
    ) -> Result<Vec<CaseEvent>, Rejection> {
        decide(self, state, command, now).map(Decided::into_events)
    }

    fn evolve(state: CaseState, event: &CaseEvent) -> CaseState {
        super::evolve(state, event)
    }
}

/// What follows from a command: what had lapsed when it came, and what it asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// What had lapsed before the command came, with what follows from it: the words of the timekeeper, whoever asked.
    /// A command to note the time leads to nothing else.
    pub lapsed: Vec<CaseEvent>,
    /// What was asked for, and then what follows from it.
    pub asked: Vec<CaseEvent>,
}

impl Decided {
    /// Every event, in the order in which it is recorded: what had lapsed comes first.
    #[must_use]
    pub fn into_events(mut self) -> Vec<CaseEvent> {
        self.lapsed.append(&mut self.asked);
        self.lapsed
    }
}

/// What follows from `command` on a case in `state`, at `now`, by the rules in `directory`.
///
/// # Errors
///
/// The first rejection in the order of [`Precedence`](super::rejection::Precedence).
pub fn decide(
    directory: &Directory,
    state: &CaseState,
    command: &Command,
    now: Timestamp,
) -> Result<Decided, Rejection> {
    let ask = &Ask::new(directory, command, now);
    ask.identify()?;
    if matches!(command.ask, CaseCommand::NoteTime {}) {
        let lapsed = follow(ask, state, &command.ask)?;
        let asked = Vec::new();
        return Ok(Decided { lapsed, asked });
    }
    // What lapsed before this command was given comes first, whether or not the timekeeper has been by.
    let has_lapsed = || time::next_lapse_before(directory, state, ask.today).is_some();
    if ask.is_import() || !has_lapsed() {
        let asked = follow(ask, state, &command.ask)?;
        let lapsed = Vec::new();
        return Ok(Decided { lapsed, asked });
    }
    let lapsed = time::lapsed(ask, state)?;
    let state = lapsed.iter().fold(state.clone(), super::evolve);
    let asked = follow(ask, &state, &command.ask)?;
    Ok(Decided { lapsed, asked })
}

/// What follows from a command on a case whose lapses are all told.
#[expect(
    clippy::too_many_lines,
    reason = "one arm a command: it only picks the function"
)]
fn follow(ask: &Ask<'_>, state: &CaseState, command: &CaseCommand) -> Result<Vec<CaseEvent>, Rejection> {
    match command {
        CaseCommand::RecordPreCheck { procedure, note } => {
            intake::record_pre_check(ask, state, procedure, note.as_ref())
        }
        CaseCommand::Submit {
            procedure,
            applicant,
            channel,
            facts,
            materials,
            resubmits,
        } => {
            let handed_in = intake::HandedIn {
                procedure,
                applicant,
                facts,
                materials,
                resubmits: resubmits.as_ref(),
            };
            intake::submit(ask, state, &handed_in, *channel)
        }
        CaseCommand::RequestCorrection { items } => intake::request_correction(ask, state, items),
        CaseCommand::SubmitCorrection { materials, complete } => {
            intake::submit_correction(ask, state, materials, *complete)
        }
        CaseCommand::SupplyMaterial { materials } => intake::supply_material(ask, state, materials),
        CaseCommand::Accept { gaps_due_on } => intake::accept(ask, state, *gaps_due_on),
        CaseCommand::RefuseAcceptance { reasons, remedies } => {
            intake::refuse_acceptance(ask, state, reasons, remedies.as_deref())
        }
        CaseCommand::DeclareNoLicenceNeeded { reasons } => {
            intake::declare_no_licence_needed(ask, state, reasons)
        }

        CaseCommand::Transfer { to, reason } => steps::transfer(ask, state, to, reason),
        CaseCommand::ConfirmTransfer {} => steps::confirm_transfer(ask, state),
        CaseCommand::ReturnTransfer { reason } => steps::return_transfer(ask, state, reason),
        CaseCommand::Claim { step } => steps::claim(ask, state, step),
        CaseCommand::Release { step, reason } => steps::release(ask, state, step, reason),
        CaseCommand::Delegate { step, to, reason } => steps::delegate(ask, state, step, to, reason),
        CaseCommand::GiveOpinion {
            step,
            opinion,
            reasons,
        } => steps::give_opinion(ask, state, step, *opinion, reasons.as_deref()),
        CaseCommand::SendBack { from, to, reason } => steps::send_back(ask, state, from, to, reason),
        CaseCommand::SkipBlock { block, reason } => steps::skip_block(ask, state, block, reason),

        CaseCommand::AddBranch {
            group,
            branch,
            department,
            term,
            safety,
            reason,
        } => {
            let added = parallel::Added {
                group,
                branch,
                department,
                term: *term,
                safety: *safety,
            };
            parallel::add_branch(ask, state, &added, reason)
        }
        CaseCommand::RemoveBranch {
            group,
            branch,
            reason,
        } => parallel::remove_branch(ask, state, group, branch, reason),
        CaseCommand::ProveService {
            group,
            member,
            evidence,
        } => parallel::prove_service(ask, state, group, member, evidence),
        CaseCommand::DeemConsent {
            group,
            member,
            ground,
        } => parallel::deem_consent(ask, state, group, member, *ground),
        CaseCommand::ResolveDissent {
            group,
            resolution,
            reasons,
        } => parallel::resolve_dissent(ask, state, group, *resolution, reasons),

        CaseCommand::RequestSpecialProcedure {
            special,
            kind,
            name,
            announced,
        } => clocks::request_special(ask, state, special, *kind, name.as_deref(), *announced),
        CaseCommand::ApproveSpecialProcedure { special, notice } => {
            clocks::approve_special(ask, state, special, notice.as_ref())
        }
        CaseCommand::RefuseSpecialProcedure { special, reasons } => {
            clocks::refuse_special(ask, state, special, reasons)
        }
        CaseCommand::StartSpecialProcedure { special } => clocks::start_special(ask, state, special),
        CaseCommand::EndSpecialProcedure { special, result } => {
            clocks::end_special(ask, state, special, result.as_ref())
        }
        CaseCommand::Suspend {
            ground,
            reason,
            notice,
        } => clocks::suspend(ask, state, *ground, reason, notice.as_ref()),
        CaseCommand::Resume {} => clocks::resume(ask, state),
        CaseCommand::RequestExtension { by, reason } => clocks::request_extension(ask, state, *by, reason),
        CaseCommand::GrantExtension { by, reason } => clocks::grant_extension(ask, state, *by, reason),
        CaseCommand::RefuseExtension { reasons } => clocks::refuse_extension(ask, state, reasons),
        CaseCommand::RevokeExtension { reasons } => clocks::revoke_extension(ask, state, reasons),

        CaseCommand::NotifyFees { fees } => fees::notify(ask, state, fees),
        CaseCommand::PayFee {
            fee,
            amount_fen,
            bank_reference,
        } => fees::pay(ask, state, fee, *amount_fen, bank_reference),
        CaseCommand::WaiveFee { fee, reason } => fees::waive(ask, state, fee, reason),
        CaseCommand::RefundFee {
            fee,
            amount_fen,
            reason,
        } => fees::refund(ask, state, fee, *amount_fen, reason),

        CaseCommand::Decide { verdict, reasons } => {
            closing::make_decision(ask, state, *verdict, reasons.as_deref())
        }
        CaseCommand::IssueCertificate { certificate } => closing::issue_certificate(ask, state, certificate),
        CaseCommand::Deliver { method } => closing::deliver(ask, state, method),
        CaseCommand::Complete {} => closing::complete(ask, state),
        CaseCommand::Archive { retention } => closing::archive(ask, state, retention),
        CaseCommand::Withdraw { reason } => closing::withdraw(ask, state, reason),
        CaseCommand::Terminate { reason } => closing::terminate(ask, state, reason),
        CaseCommand::Revoke { reasons } => closing::revoke(ask, state, reasons),
        CaseCommand::Reopen { reason, at } => closing::reopen(ask, state, reason, at.as_ref()),
        CaseCommand::Migrate { to, reason } => closing::migrate(ask, state, *to, reason),

        CaseCommand::AppointAgent { agent, scope } => agency::appoint(ask, state, agent, scope),
        CaseCommand::LogAgency { entry } => agency::log(ask, state, entry),
        CaseCommand::EndAgency { reason } => agency::end(ask, state, reason),
        CaseCommand::MarkGreenChannel { reason } => agency::mark_green_channel(ask, state, reason),

        CaseCommand::Rate {
            opportunity,
            level,
            comment,
        } => ratings::rate(ask, state, opportunity, *level, comment.as_ref()),
        CaseCommand::AppendRating { opportunity, comment } => {
            ratings::append(ask, state, opportunity, comment)
        }
        CaseCommand::InvalidateRating { opportunity, reasons } => {
            ratings::invalidate(ask, state, opportunity, reasons)
        }
        CaseCommand::AssignBadRating { opportunity, to } => ratings::assign(ask, state, opportunity, to),
        CaseCommand::RecordCallback { opportunity, reached } => {
            ratings::record_callback(ask, state, opportunity, *reached)
        }
        CaseCommand::RecordRectification { opportunity, report } => {
            ratings::record_rectification(ask, state, opportunity, report)
        }
        CaseCommand::RateRectification { opportunity, level } => {
            ratings::rate_rectification(ask, state, opportunity, *level)
        }
        CaseCommand::ReceiveComplaint {
            complaint,
            channel,
            content,
            department,
        } => {
            let received = ratings::Complaint {
                id: complaint,
                channel,
                content: content.as_ref(),
                department: department.as_ref(),
            };
            ratings::receive_complaint(ask, state, &received)
        }
        CaseCommand::AnswerComplaint {
            complaint,
            finding,
            answer,
        } => ratings::answer_complaint(ask, state, complaint, *finding, answer.as_ref()),
        CaseCommand::ReceivePraise { channel, content } => {
            ratings::receive_praise(ask, state, channel, content.as_ref())
        }

        CaseCommand::CorrectRecord {
            target,
            field,
            old,
            new,
            reason,
        } => records::correct(
            ask,
            state,
            *target,
            &records::Correction {
                field,
                old,
                new,
                reason,
            },
        ),
        CaseCommand::AnnounceDueDate {
            clock,
            due_on,
            notice,
        } => records::announce_due_date(ask, state, *clock, *due_on, notice.as_ref()),
        CaseCommand::RecordStep {
            activity,
            by,
            group,
            attributes,
        } => records::record_step(ask, state, activity, by.as_ref(), group.as_deref(), attributes),
        CaseCommand::NoteTime {} => time::note(ask, state),
    }
}

/// What the rules need to know of a command beside its words: who asks, when, and what the directory says.
struct Ask<'a> {
    directory: &'a Directory,
    actor: &'a Actor,
    /// When it happened.
    at: Timestamp,
    /// Whether the business date was given with the command.
    dated: bool,
    /// The day on which it happened, by the wall clock of the centre.
    today: Date,
    /// The business date: the day on which it is so in law.
    day: Date,
    /// The day on which it is written down.
    recorded_on: Date,
}

impl<'a> Ask<'a> {
    fn new(directory: &'a Directory, command: &'a Command, now: Timestamp) -> Self {
        let zone = directory.zone();
        let at = command.occurred_at.unwrap_or(now);
        let today = zone.date(at);
        let recorded_on = zone.date(now);
        let day = command.effective_on.unwrap_or(today);
        Self {
            directory,
            actor: &command.actor,
            at,
            dated: command.effective_on.is_some(),
            today,
            day,
            recorded_on,
        }
    }

    /// Nothing can have happened after it was written down, or be so in law after it happened.
    fn dates(&self) -> Result<(), Rejection> {
        if self.today > self.recorded_on {
            return Err(Rejection::InFuture {
                given: self.today,
                today: self.recorded_on,
            });
        }
        if self.day > self.today {
            return Err(Rejection::InFuture {
                given: self.day,
                today: self.today,
            });
        }
        Ok(())
    }

    /// The procedure that a case keeps to.
    fn procedure(&self, case: &Case) -> Result<&'a Procedure, Rejection> {
        let unknown = || Rejection::UnknownVersion {
            procedure: case.procedure.clone(),
            version: case.version,
        };
        self.directory
            .procedure(&case.procedure, case.version)
            .map(|known| &**known)
            .ok_or_else(unknown)
    }

    /// A text that must say something.
    fn reasons<'t>(what: &'static str, text: &'t str) -> Result<&'t str, Rejection> {
        let text = text.trim();
        if text.is_empty() {
            Err(Rejection::ReasonsMissing { what })
        } else {
            Self::text(what, text)
        }
    }

    /// A text of bounded length.
    fn text<'t>(field: &'static str, text: &'t str) -> Result<&'t str, Rejection> {
        if text.len() > TEXT_BYTES_MAX {
            Err(Rejection::TextTooLong {
                field,
                bytes: text.len(),
                max: TEXT_BYTES_MAX,
            })
        } else {
            Ok(text)
        }
    }

    /// A collection of bounded size.
    fn count(what: &'static str, count: usize) -> Result<(), Rejection> {
        if count > ENTRIES_MAX {
            Err(Rejection::TooMany {
                what,
                count,
                max: ENTRIES_MAX,
            })
        } else {
            Ok(())
        }
    }

    /// Nothing in a case under review is so before its acceptance.
    fn day_in_review(&self, case: &Case) -> Result<Date, Rejection> {
        self.day_from(accepted_on(case))
    }

    /// The business date, which may not lie before what it follows from.
    fn day_from(&self, earliest: Date) -> Result<Date, Rejection> {
        if self.day < earliest {
            Err(Rejection::TooEarly {
                given: self.day,
                earliest,
            })
        } else {
            Ok(self.day)
        }
    }

    /// Whether the engine itself asks: it takes over a history, which it cannot refuse.
    fn is_import(&self) -> bool {
        self.actor.role == Role::Importer
    }
}

/// The day from which the decision clocks run.
fn accepted_on(case: &Case) -> Date {
    case.acceptance
        .as_ref()
        .map_or(case.received_on, |acceptance| acceptance.effective_on)
}

/// The case, wherever it stands.
fn known(state: &CaseState) -> Result<&Case, Rejection> {
    match state {
        CaseState::Known(case) => Ok(case),
        CaseState::Absent | CaseState::PreChecked => Err(Rejection::NotSubmitted),
    }
}

/// The case, if it stands at one of the stages that `wanted` names.
fn at_stage<'s>(
    state: &'s CaseState,
    wanted: &'static str,
    accepts: impl Fn(&Stage) -> bool,
) -> Result<&'s Case, Rejection> {
    let case = known(state)?;
    if accepts(&case.stage) {
        return Ok(case);
    }
    match &case.stage {
        Stage::Ended { outcome, on } => Err(Rejection::Ended {
            outcome: *outcome,
            on: *on,
        }),
        other @ (Stage::Intake { .. }
        | Stage::Correction { .. }
        | Stage::Review
        | Stage::Decided { .. }
        | Stage::Completed { .. }
        | Stage::Archived { .. }) => Err(Rejection::WrongStage {
            stage: other.as_str(),
            wanted,
        }),
    }
}

/// The case, if its flow runs.
fn under_review(state: &CaseState) -> Result<&Case, Rejection> {
    at_stage(state, "review", |stage| matches!(stage, Stage::Review))
}

/// The case, if it is neither decided nor ended.
fn open(state: &CaseState) -> Result<&Case, Rejection> {
    at_stage(state, "a stage before the decision", Stage::is_open)
}

fn one(event: impl Into<CaseEvent>) -> Vec<CaseEvent> {
    vec![event.into()]
}
