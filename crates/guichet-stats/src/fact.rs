//! The main row of a case: what is counted of it, and what lists show.

use guichet_core::case::event::{CaseSubmitted, Channel, Outcome};
use guichet_core::condition::Fact;
use guichet_core::id::{DepartmentId, PersonId, ProcedureId, Version, WindowId};
use guichet_core::light::Light;
use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::WindowForm;
use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::Zone;
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::rows::put;
use crate::timeliness::{Measured, Timely};
use crate::timing::Timing;

/// The fact under which an imported source says when a case ended.
pub const ENDED: &str = "ended";
/// The fact under which an imported source says when a case should have ended.
pub const DEADLINE: &str = "deadline";
/// The fact under which an application names the district that it comes from.
pub const DISTRICT: &str = "district";

/// Where a case stands: the stage, without what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// It waits for the intake decision.
    Intake,
    /// It waits for corrections.
    AwaitingCorrection,
    /// It was accepted, and its flow runs.
    Review,
    /// It was decided, and waits for delivery and completion.
    Decided,
    /// It ended without a decision, or its decision was taken back.
    Ended,
    /// Everything about it is done.
    Completed,
    /// Its file is in the archive.
    Archived,
}

impl Standing {
    /// Every one, in the order of a case's life.
    pub const ALL: &'static [Self] = &[
        Self::Intake,
        Self::AwaitingCorrection,
        Self::Review,
        Self::Decided,
        Self::Ended,
        Self::Completed,
        Self::Archived,
    ];

    /// The word that answers and screens use for the stage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::AwaitingCorrection => "awaiting_correction",
            Self::Review => "review",
            Self::Decided => "decided",
            Self::Ended => "ended",
            Self::Completed => "completed",
            Self::Archived => "archived",
        }
    }

    /// Whether somebody still has to do something before the case is decided or ends.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Intake | Self::AwaitingCorrection | Self::Review => true,
            Self::Decided | Self::Ended | Self::Completed | Self::Archived => false,
        }
    }
}

/// How a round of a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// The day of that.
    pub on: Date,
    /// The times, where it was decided and its procedure has a term.
    pub timing: Option<Timing>,
}

/// A stretch over which a case was open: from its acceptance, or its reopening, to its decision or other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The day on which it began.
    pub opened_on: Date,
    /// How it ended, once it has.
    pub end: Option<Ending>,
    /// The last day by law, by the calendar as it was when the round ended, or as it is now. None while the clocks stand
    /// still, since nobody can say then.
    pub statutory_due_on: Option<Date>,
    /// The last day of the promise, likewise.
    pub promised_due_on: Option<Date>,
}

/// One case, as far as it is counted or listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFact {
    /// Its procedure.
    pub procedure: ProcedureId,
    /// The version it keeps to.
    pub version: Version,
    /// The kind of its procedure.
    pub kind: Option<ProcedureKind>,
    /// The department that answers for it; once it is decided, the one that decided. A joint case belongs to its lead.
    pub department: DepartmentId,
    /// The window that has the file.
    pub window: Option<WindowId>,
    /// The window that took it in.
    pub intake_window: Option<WindowId>,
    /// The form of that window.
    pub window_form: Option<WindowForm>,
    /// By which way it came.
    pub channel: Channel,
    /// The agent that accompanies it, or that handed it in.
    pub agent: Option<PersonId>,
    /// The district that it comes from, where the application says so.
    pub district: Option<String>,
    /// Who decided it.
    pub handler: Option<PersonId>,
    /// The day of receipt in law.
    pub received_on: Date,
    /// From which day it counts as accepted, once it does.
    pub accepted_on: Option<Date>,
    /// Whether it was accepted by silence.
    pub deemed_acceptance: bool,
    /// How many members of its parallel groups count as having consented.
    pub deemed_consents: u32,
    /// How many correction notices it had.
    pub corrections: u32,
    /// How often its file went to another window, and was confirmed there.
    pub transfers: u32,
    /// How often it was sent back to an earlier step.
    pub sent_back: u32,
    /// Whether it goes by the green channel.
    pub green_channel: bool,
    /// Where it stands.
    pub standing: Standing,
    /// How it was decided or ended.
    pub outcome: Option<Outcome>,
    /// The day of that.
    pub ended_on: Option<Date>,
    /// The stretches over which it was open.
    pub rounds: Vec<Round>,
    /// The days on which a decision was taken back.
    pub revoked_on: Vec<Date>,
    /// The day on which the result was handed over.
    pub delivered_on: Option<Date>,
    /// The day on which everything was done.
    pub completed_on: Option<Date>,
    /// The last day of the decision by law, as last recorded.
    pub statutory_due_on: Option<Date>,
    /// The last day of the promise, as last recorded.
    pub promised_due_on: Option<Date>,
    /// The light that its decision clocks showed last.
    pub light: Option<Light>,
    /// How its decision stands to its terms.
    pub timely: Option<Timely>,
    /// How its end stands to its deadline, both as an imported source gives them, and the day of that end.
    pub by_source: Option<(Timely, Date)>,
    /// How many records it has.
    pub records: u64,
    /// When something happened to it last.
    pub last_occurred_at: Timestamp,
}

impl CaseFact {
    pub(crate) fn submitted(event: &CaseSubmitted, at: Timestamp, by_source: Option<(Timely, Date)>) -> Self {
        Self {
            procedure: event.procedure.clone(),
            version: event.version,
            kind: None,
            department: event.department.clone(),
            window: event.window.clone(),
            intake_window: event.window.clone(),
            window_form: None,
            channel: event.channel,
            agent: None,
            district: text(event, DISTRICT).map(str::to_owned),
            handler: None,
            received_on: event.received_on,
            accepted_on: None,
            deemed_acceptance: false,
            deemed_consents: 0,
            corrections: 0,
            transfers: 0,
            sent_back: 0,
            green_channel: false,
            standing: Standing::Intake,
            outcome: None,
            ended_on: None,
            rounds: Vec::new(),
            revoked_on: Vec::new(),
            delivered_on: None,
            completed_on: None,
            statutory_due_on: None,
            promised_due_on: None,
            light: None,
            timely: None,
            by_source,
            records: 0,
            last_occurred_at: at,
        }
    }

    /// Whether it was decided on its merits, and that decision stands.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.outcome.is_some_and(Outcome::is_decision)
    }

    /// How it stands to its terms: by its decision, or else by what an imported source says. Nothing where it was not
    /// decided, had no term, or its decision does not stand.
    #[must_use]
    pub fn measured(&self) -> Option<Measured> {
        let by_decision = self
            .timely
            .filter(|_| self.is_decided())
            .map(Measured::ByDecision);
        by_decision.or_else(|| self.by_source.map(|(timely, _)| Measured::BySource(timely)))
    }

    /// The last day that the case is measured by: of the promise, or else by law.
    #[must_use]
    pub fn due_on(&self) -> Option<Date> {
        self.promised_due_on.or(self.statutory_due_on)
    }

    /// The round that has not ended.
    #[must_use]
    pub fn open_round(&self) -> Option<&Round> {
        self.rounds.last().filter(|round| round.end.is_none())
    }

    pub(crate) fn due(&mut self, statutory: Option<Date>, promised: Option<Date>) {
        self.statutory_due_on = statutory;
        self.promised_due_on = promised;
    }

    /// Accepted, or taken up again.
    pub(crate) fn open(&mut self, on: Date) {
        self.standing = Standing::Review;
        if self.open_round().is_none() {
            put(
                &mut self.rounds,
                Round {
                    opened_on: on,
                    end: None,
                    statutory_due_on: None,
                    promised_due_on: None,
                },
            );
        }
    }

    /// Decided, or ended otherwise. A round that was open closes with it.
    pub(crate) fn end(&mut self, standing: Standing, ending: Ending) {
        self.standing = standing;
        self.outcome = Some(ending.outcome);
        self.ended_on = Some(ending.on);
        match self.rounds.last_mut().filter(|round| round.end.is_none()) {
            Some(round) => round.end = Some(ending),
            None if ending.outcome == Outcome::Revoked => self.revoked_on.push(ending.on),
            None => {}
        }
    }
}

/// A fact of the application that is a text.
fn text<'a>(event: &'a CaseSubmitted, name: &str) -> Option<&'a str> {
    match event.facts.get(name)? {
        Fact::Text(text) => Some(text),
        Fact::Number(_) | Fact::Flag(_) => None,
    }
}

/// Two moments of an imported source, where it gives both: whether it ended in time, and on which day it ended. Instants are
/// compared as instants; what a wall clock showed is compared on the wall.
pub(crate) fn by_source(event: &CaseSubmitted, zone: &Zone) -> Option<(Timely, Date)> {
    let moment = |name| Moment::read(text(event, name)?);
    let (ended, deadline) = (moment(ENDED)?, moment(DEADLINE)?);
    let timely = if ended.until_ms(deadline, zone) >= 0 {
        Timely::InTime
    } else {
        Timely::Overdue
    };
    Some((timely, ended.date(zone)))
}
