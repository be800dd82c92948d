//! Why a date is what it is: the count behind a due date, day by day, with what moved it.
//!
//! An explanation is data, the same for the same events, calendar and policy, so that two people who ask hold the same
//! paper. How it is written for people is for whoever shows it.

use serde::Serialize;

use crate::calendar::{Calendar, CalendarError, DayKind};
use crate::case::event::{ClockKind, SuspensionGround};
use crate::case::{CasePause, Cause, ClockHistories, ClockHistory};
use crate::clock::{Clock, DayReading};
use crate::code::codes;
use crate::id::{
    BlockId, CalendarId, DocumentId, PersonId, PolicyId, ProcedureId, Revision, SpecialProcedureId, Version,
};
use crate::light::{Light, lights_of, shown};
use crate::policy::Effect;
use crate::procedure::{Procedure, SpecialKind};
use crate::reference::Centre;
use crate::time::{Date, Term};
use crate::zone::LocalTime;

codes! {
    /// How a day of an explanation is read.
    Reading("reading of a day") {
        /// The term began on it.
        Start = "start",
        /// It counts.
        Counted = "counted",
        /// Nobody works.
        Off = "off",
        /// It lies in a pause.
        Paused = "paused",
        /// It counted, until the term started anew.
        Void = "void",
        /// The term has ended on a day off before it, and waits for a working day.
        Rolled = "rolled",
        /// It comes after the last day.
        Late = "late",
    }
}

/// The count behind one due date.
///
/// As a document: JSON, described by `schemas/explanation.v1.schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What the clock measures.
    pub clock: ClockKind,
    /// Of what, where the case has several clocks of the kind.
    pub of: Option<BlockId>,
    /// The procedure whose term it is.
    pub procedure: ProcedureId,
    /// In which version.
    pub procedure_version: Version,
    /// The term, without extensions.
    pub term: Term,
    /// The rule that sets the term.
    pub source: Option<String>,
    /// The policy by which it was counted.
    pub policy: PolicyId,
    /// What the policy cites.
    pub policy_sources: Vec<String>,
    /// The calendar by which it was counted.
    pub calendar: CalendarId,
    /// In which version.
    pub calendar_version: Version,
    /// As of which day.
    pub as_of: Date,
    /// What started the clock.
    pub started: Moment,
    /// What stopped it.
    pub stopped: Option<Moment>,
    /// The day from which it counts: later than its start where a pause made it start anew.
    pub counted_from: Date,
    /// What was added to the term.
    pub extensions: Vec<Extension>,
    /// When the clock was paused.
    pub pauses: Vec<PauseLine>,
    /// How many days the term has in all.
    pub days_allowed: u32,
    /// How many were used when the clock stopped, or until `as_of`.
    pub days_used: u32,
    /// The first day with a warning.
    pub warn_on: Date,
    /// The last day that is in time.
    pub due_on: Date,
    /// When on that day, or before it, a term in hours is over: date and time by the wall clock of a centre that has opening
    /// hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<LocalTime>,
    /// Whether nobody has officially announced that day yet.
    pub provisional: bool,
    /// The light when the clock stopped, or on `as_of`.
    pub light: Light,
    /// The due dates that were told.
    pub told: Vec<ToldLine>,
    /// Whether the date told last is another one.
    pub moved: bool,
    /// Every day from the start on.
    pub days: Vec<Day>,
}

/// An event that did something to a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// The day on which it is so in law.
    pub on: Date,
    /// The event's kind.
    pub event: &'static str,
    /// Its place among the events of the case.
    pub revision: Revision,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extension {
    /// How much longer.
    pub by: Term,
    /// Who granted it.
    pub approver: PersonId,
    /// The reason told to the applicant.
    pub reason: String,
    /// With which event.
    pub granted: Moment,
}

/// A pause, and what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PauseLine {
    /// What it does by the policy.
    pub effect: Effect,
    /// Its ground, for a suspension.
    pub ground: Option<SuspensionGround>,
    /// The special procedure that it is.
    pub special: Option<SpecialProcedureId>,
    /// Of which kind.
    pub special_kind: Option<SpecialKind>,
    /// The reason given.
    pub reason: Option<String>,
    /// The paper on which the applicant was told.
    pub notice: Option<DocumentId>,
    /// What began it.
    pub began: Moment,
    /// What ended it; counted until `as_of` where nothing has.
    pub ended: Option<Moment>,
}

/// A due date that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToldLine {
    /// The date.
    pub due_on: Date,
    /// Whether the applicant was told.
    pub announced: bool,
    /// On which paper.
    pub notice: Option<DocumentId>,
    /// With which event.
    pub with: Moment,
}

/// One day of the count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// The day of the week, Monday being 1 (ISO 8601).
    pub weekday: u8,
    /// What the calendar makes of it.
    pub kind: DayKind,
    /// What is celebrated on it, or which layer of the calendar decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// What the clock makes of it.
    pub reading: Reading,
    /// As which day of the term it counts, or by how many it is late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    /// Whether an extension added it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub extended: bool,
    /// Which pause it lies in, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause: Option<usize>,
}

/// Explains one clock of a case, as of a day. A term in hours is explained by its days; with the centre it has its instant, too.
///
/// # Errors
///
/// [`CalendarError::Uncovered`] when the calendar ends before the answer does.
pub fn explain(
    procedure: &Procedure,
    calendar: &Calendar,
    centre: Option<&Centre>,
    histories: &ClockHistories,
    history: &ClockHistory,
    as_of: Date,
) -> Result<Explanation, CalendarError> {
    let policy = &procedure.policy;
    let running = &history.clock;
    let pauses: Vec<&CasePause> = histories.pauses_of(running, policy.decision_start).collect();
    let extensions = if matches!(running.id.kind, ClockKind::Statutory | ClockKind::Promised) {
        histories.extensions.as_slice()
    } else {
        &[]
    };
    let clock = Clock {
        start: running.start,
        term: running.term,
        extensions: extensions.iter().map(|extension| extension.by).collect(),
        pauses: pauses.iter().map(|pause| pause.pause.clone()).collect(),
        policy,
        calendar,
    };
    let run = clock.run(as_of)?;
    let until = history.stopped.map_or(as_of, |stopped| stopped.on).min(as_of);
    let lines = clock.table(as_of, until)?;
    let days = lines
        .into_iter()
        .map(|line| day(calendar, line.date, line.reading))
        .collect::<Result<Vec<_>, _>>()?;
    let (warns, past) = lights_of(procedure, running.id.kind).unwrap_or((true, Light::Red));
    let light = if history.stopped.is_none() && clock.is_paused(as_of) {
        Light::Grey
    } else {
        shown(&run, warns, past, until)
    };
    let due_at = match centre.and_then(|centre| Some((centre, centre.opening_hours.as_ref()?))) {
        Some((centre, hours)) if policy.hours(clock.extended()).is_some() => {
            let midnight = || centre.zone.instant(LocalTime::midnight(running.start));
            let started_at = history.started.at.filter(|_| history.started.on == running.start);
            let due_at = clock.due_at(started_at.unwrap_or_else(midnight), hours, &centre.zone, as_of)?;
            Some(centre.zone.local(due_at))
        }
        Some(_) | None => None,
    };
    let told: Vec<ToldLine> = history.told.iter().map(told_line).collect();
    Ok(Explanation {
        clock: running.id.kind,
        of: running.id.of.clone(),
        procedure: procedure.id.clone(),
        procedure_version: procedure.version,
        term: running.term,
        source: running.source.clone(),
        policy: policy.id.clone(),
        policy_sources: policy.sources.clone(),
        calendar: calendar.id().clone(),
        calendar_version: calendar.version(),
        as_of,
        started: Moment {
            on: running.start,
            ..moment(&history.started)
        },
        stopped: history.stopped.as_ref().map(moment),
        counted_from: run.start,
        extensions: extensions
            .iter()
            .map(|extension| Extension {
                by: extension.by,
                approver: extension.approver.clone(),
                reason: extension.reason.clone(),
                granted: moment(&extension.granted),
            })
            .collect(),
        pauses: pauses
            .into_iter()
            .map(|pause| pause_line(&clock, pause))
            .collect(),
        days_allowed: run.days,
        days_used: clock.used(until)?,
        warn_on: run.warn_on,
        due_at,
        provisional: calendar.is_provisional(run.due_on),
        light,
        moved: told.last().is_some_and(|last| last.due_on != run.due_on),
        due_on: run.due_on,
        told,
        days,
    })
}

fn moment(cause: &Cause) -> Moment {
    Moment {
        on: cause.on,
        event: cause.kind,
        revision: cause.revision,
    }
}

fn told_line(told: &crate::case::ToldDue) -> ToldLine {
    ToldLine {
        due_on: told.due_on,
        announced: told.announced,
        notice: told.notice.clone(),
        with: moment(&told.with),
    }
}

fn pause_line(clock: &Clock<'_>, pause: &CasePause) -> PauseLine {
    let (special, special_kind) = pause.special.clone().unzip();
    PauseLine {
        effect: clock.effect(&pause.pause),
        ground: pause.pause.ground,
        special,
        special_kind,
        reason: pause.reason.clone(),
        notice: pause.notice.clone(),
        began: moment(&pause.began),
        ended: pause.ended.as_ref().map(moment),
    }
}

fn day(calendar: &Calendar, date: Date, reading: DayReading) -> Result<Day, CalendarError> {
    let known = calendar.day(date)?;
    let layers = known.layer.into_iter().chain(known.service);
    let names = known.holidays.iter().map(|holiday| holiday.name.clone());
    let mut line = Day {
        date,
        weekday: date.iso_weekday(),
        kind: known.kind,
        names: names.chain(layers.map(|layer| layer.layer.to_string())).collect(),
        reading: Reading::Off,
        nth: None,
        extended: false,
        pause: None,
    };
    match reading {
        DayReading::Start => line.reading = Reading::Start,
        DayReading::Counted { nth, extended } => {
            line.reading = Reading::Counted;
            line.nth = Some(nth);
            line.extended = extended;
        }
        DayReading::Off => {}
        DayReading::Paused { pause } => {
            line.reading = Reading::Paused;
            line.pause = Some(pause + 1);
        }
        DayReading::Void => line.reading = Reading::Void,
        DayReading::Rolled => line.reading = Reading::Rolled,
        DayReading::Late { by } => {
            line.reading = Reading::Late;
            line.nth = Some(by);
        }
    }
    Ok(line)
}
