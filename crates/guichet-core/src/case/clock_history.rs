//! The clocks of a case over its whole life: what started, paused, moved and stopped each, and which due dates were told.

use std::collections::BTreeMap;

use crate::case::CaseEvent;
use crate::case::clocks::{ClockId, Running, running};
use crate::case::codes::{ClockKind, SuspensionGround};
use crate::case::evolve::evolve;
use crate::case::state::{CaseState, SpecialStatus};
use crate::clock::Pause;
use crate::id::{DocumentId, PersonId, Revision, SpecialProcedureId};
use crate::policy::DecisionStart;
use crate::procedure::SpecialKind;
use crate::reference::Directory;
use crate::time::{Date, Term, Timestamp};

/// An event of a case, with its place and day.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Its place among the events of the case.
    pub revision: Revision,
    /// When it happened.
    pub at: Timestamp,
    /// The day on which it happened, by the wall clock of the centre.
    pub on: Date,
    /// What happened.
    pub event: &'a CaseEvent,
}

/// Which event did something, and from which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The event's place among the events of the case.
    pub revision: Revision,
    /// The event's kind.
    pub kind: &'static str,
    /// The day on which it is so in law.
    pub on: Date,
    /// When it happened, where that was on the same day.
    pub at: Option<Timestamp>,
}

/// One clock, from its start to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockHistory {
    /// Which clock, its start, its term.
    pub clock: Running,
    /// What started it.
    pub started: Cause,
    /// What stopped it, once something has.
    pub stopped: Option<Cause>,
    /// The due dates that were told, in the order in which they were.
    pub told: Vec<ToldDue>,
}

/// A due date as it was told: a fact, whatever is counted later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldDue {
    /// The date told.
    pub due_on: Date,
    /// With which event.
    pub with: Cause,
    /// Whether the applicant was told.
    pub announced: bool,
    /// On which paper.
    pub notice: Option<DocumentId>,
}

/// A time over which the clocks of a case stood still, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePause {
    /// From when to when.
    pub pause: Pause,
    /// What began it.
    pub began: Cause,
    /// What ended it, once something has.
    pub ended: Option<Cause>,
    /// Which special procedure it is, where it is one.
    pub special: Option<(SpecialProcedureId, SpecialKind)>,
    /// The reason given.
    pub reason: Option<String>,
    /// The paper on which the applicant was told.
    pub notice: Option<DocumentId>,
}

/// An extension that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedExtension {
    /// How much longer.
    pub by: Term,
    /// What granted it.
    pub granted: Cause,
    /// Who did.
    pub approver: PersonId,
    /// The reason told to the applicant.
    pub reason: String,
}

/// Everything that ever moved a clock of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockHistories {
    /// The clocks, in the order in which they started.
    pub clocks: Vec<ClockHistory>,
    /// The suspensions and the special procedures whose time is left out, in the order in which they began.
    pub pauses: Vec<CasePause>,
    /// The corrections before acceptance, in order. They pause the decision where its term runs from receipt.
    pub corrections: Vec<CasePause>,
    /// The extensions that stand, in order.
    pub extensions: Vec<GrantedExtension>,
}

impl ClockHistories {
    /// Reads a case's events, the first one first.
    #[must_use]
    pub fn of<'a>(directory: &Directory, events: impl IntoIterator<Item = Told<'a>>) -> (Self, CaseState) {
        let mut histories = Self::default();
        let mut state = CaseState::Absent;
        let mut notices = BTreeMap::new();
        for told in events {
            let on = day_of(told.event).unwrap_or(told.on);
            let by = Cause {
                revision: told.revision,
                kind: told.event.kind(),
                on,
                at: (on == told.on).then_some(told.at),
            };
            state = evolve(state, told.event);
            histories.pause(&state, told.event, by, &mut notices);
            histories.extend(told.event, by);
            histories.run(directory, &state, by);
            for due in told_by(told.event) {
                histories.tell(&due, by);
            }
        }
        (histories, state)
    }

    /// The pauses that a clock counts, in the order in which it was given them.
    pub fn pauses_of(&self, clock: &Running, start: DecisionStart) -> impl Iterator<Item = &CasePause> {
        let pauses = clock.pauses_with_the_case();
        let corrected = matches!(clock.id.kind, ClockKind::Statutory | ClockKind::Promised)
            && start == DecisionStart::Receipt;
        let corrections = self.corrections.iter().filter(move |_| corrected);
        self.pauses.iter().filter(move |_| pauses).chain(corrections)
    }

    fn pause(
        &mut self,
        state: &CaseState,
        event: &CaseEvent,
        by: Cause,
        notices: &mut BTreeMap<SpecialProcedureId, Option<DocumentId>>,
    ) {
        let began = |ground, special, reason: Option<&str>, notice| CasePause {
            pause: Pause {
                since: by.on,
                until: None,
                ground,
            },
            began: by,
            ended: None,
            special,
            reason: reason.map(str::to_owned),
            notice,
        };
        if let CaseEvent::ClockSuspended(e) = event {
            let pause = began(Some(e.ground), None, Some(&e.reason), e.notice.clone());
            self.pauses.push(pause);
        } else if let CaseEvent::ClockResumed(_) = event {
            end(&mut self.pauses, by, |pause| pause.special.is_none());
        } else if let CaseEvent::SpecialProcedureApproved(e) = event {
            notices.insert(e.special.clone(), e.notice.clone());
        } else if let CaseEvent::SpecialProcedureStarted(e) = event {
            let known = state.case().and_then(|case| case.specials.get(&e.special));
            if let Some(special) = known
                && let SpecialStatus::Running { excluded: true, .. } = special.status
            {
                let notice = notices.get(&e.special).cloned().flatten();
                self.pauses
                    .push(began(None, Some((e.special.clone(), special.kind)), None, notice));
            }
        } else if let CaseEvent::SpecialProcedureEnded(e) = event {
            end(&mut self.pauses, by, |pause| {
                pause.special.as_ref().is_some_and(|(id, _)| *id == e.special)
            });
        } else if let CaseEvent::CorrectionRequested(_) = event {
            self.corrections
                .push(began(Some(SuspensionGround::Incomplete), None, None, None));
        } else if let CaseEvent::CorrectionSubmitted(e) = event
            && e.complete
        {
            end(&mut self.corrections, by, |_| true);
        }
    }

    fn extend(&mut self, event: &CaseEvent, by: Cause) {
        if let CaseEvent::ExtensionGranted(e) = event {
            self.extensions.push(GrantedExtension {
                by: e.by,
                granted: by,
                approver: e.approver.clone(),
                reason: e.reason.clone(),
            });
        } else if let CaseEvent::ExtensionRevoked(_) = event {
            self.extensions.pop();
        }
    }

    /// Which clocks run after an event: those that did not before have started, and the others have stopped.
    fn run(&mut self, directory: &Directory, state: &CaseState, by: Cause) {
        let Some(case) = state.case() else { return };
        let Some(procedure) = directory.procedure(&case.procedure, case.version) else {
            return;
        };
        let mut now = running(procedure, case);
        for known in &mut self.clocks {
            let place = now.iter().position(|clock| same(clock, &known.clock));
            match place.map(|place| now.swap_remove(place)) {
                // A decision that was opened again goes on with the clock that it had.
                Some(again) => {
                    known.clock = again;
                    known.stopped = None;
                }
                None => {
                    known.stopped.get_or_insert(by);
                }
            }
        }
        now.sort_by(|a, b| a.id.cmp(&b.id));
        self.clocks.extend(now.into_iter().map(|clock| ClockHistory {
            clock,
            started: by,
            stopped: None,
            told: Vec::new(),
        }));
    }

    fn tell(&mut self, due: &Due<'_>, by: Cause) {
        let names = |clock: &ClockId| {
            clock.kind == due.kind
                && due
                    .of
                    .is_none_or(|of| clock.of.as_ref().is_some_and(|name| name.as_str() == of))
        };
        let clock = self.clocks.iter_mut().rfind(|history| names(&history.clock.id));
        let (Some(history), Some(due_on)) = (clock, due.date) else {
            return;
        };
        if !due.announced && history.told.last().is_some_and(|last| last.due_on == due_on) {
            return;
        }
        history.told.push(ToldDue {
            due_on,
            with: by,
            announced: due.announced,
            notice: due.notice.cloned(),
        });
    }
}

/// Whether two readings are one clock: the same measure of the same thing from the same day.
fn same(a: &Running, b: &Running) -> bool {
    a.id == b.id && a.start == b.start
}

fn end(pauses: &mut [CasePause], by: Cause, which: impl Fn(&CasePause) -> bool) {
    let open = pauses
        .iter_mut()
        .rfind(|pause| pause.pause.until.is_none() && which(pause));
    if let Some(open) = open {
        open.pause.until = Some(by.on);
        open.ended = Some(by);
    }
}

/// A due date that an event tells.
struct Due<'a> {
    kind: ClockKind,
    of: Option<&'a str>,
    date: Option<Date>,
    announced: bool,
    notice: Option<&'a DocumentId>,
}

fn told_by(event: &CaseEvent) -> Vec<Due<'_>> {
    let due = |kind, date| Due {
        kind,
        of: None,
        date,
        announced: false,
        notice: None,
    };
    let decision = |statutory, promised| {
        vec![
            due(ClockKind::Statutory, statutory),
            due(ClockKind::Promised, promised),
        ]
    };
    if let CaseEvent::CaseSubmitted(e) = event {
        vec![due(ClockKind::Intake, e.intake_due_on)]
    } else if let CaseEvent::CorrectionRequested(e) = event {
        vec![due(ClockKind::Correction, e.respond_by)]
    } else if let CaseEvent::CorrectionSubmitted(e) = event {
        vec![due(ClockKind::Intake, e.intake_due_on)]
    } else if let CaseEvent::CaseAccepted(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::AcceptanceDeemed(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::ClockResumed(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::ExtensionGranted(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::ExtensionRevoked(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::CaseReopened(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::ProcedureMigrated(e) = event {
        decision(e.statutory_due_on, e.promised_due_on)
    } else if let CaseEvent::DecisionMade(e) = event {
        let mut told = decision(e.statutory_due_on, e.promised_due_on);
        told.push(due(ClockKind::Delivery, e.delivery_due_on));
        told
    } else if let CaseEvent::StepStarted(e) = event {
        vec![Due {
            of: Some(e.step.as_str()),
            ..due(ClockKind::Step, e.due_on)
        }]
    } else if let CaseEvent::ParallelOpened(e) = event {
        vec![Due {
            of: Some(e.group.as_str()),
            ..due(ClockKind::Group, e.due_on)
        }]
    } else if let CaseEvent::SpecialProcedureStarted(e) = event {
        vec![Due {
            of: Some(e.special.as_str()),
            ..due(ClockKind::Special, e.due_on)
        }]
    } else if let CaseEvent::DueDateAnnounced(e) = event {
        vec![Due {
            announced: true,
            notice: e.notice.as_ref(),
            ..due(e.clock, Some(e.due_on))
        }]
    } else {
        Vec::new()
    }
}

/// The day on which an event is so in law, where it carries one.
fn day_of(event: &CaseEvent) -> Option<Date> {
    if let CaseEvent::CaseSubmitted(e) = event {
        Some(e.received_on)
    } else if let CaseEvent::CorrectionRequested(e) = event {
        Some(e.served_on)
    } else if let CaseEvent::CorrectionSubmitted(e) = event {
        Some(e.received_on)
    } else if let CaseEvent::CaseAccepted(e) = event {
        Some(e.effective_on)
    } else if let CaseEvent::AcceptanceRefused(e) = event {
        Some(e.refused_on)
    } else if let CaseEvent::NoLicenceNeeded(e) = event {
        Some(e.declared_on)
    } else if let CaseEvent::StepStarted(e) = event {
        Some(e.started_on)
    } else if let CaseEvent::ParallelOpened(e) = event {
        Some(e.opened_on)
    } else if let CaseEvent::SpecialProcedureStarted(e) = event {
        Some(e.started_on)
    } else if let CaseEvent::SpecialProcedureEnded(e) = event {
        Some(e.ended_on)
    } else if let CaseEvent::ClockSuspended(e) = event {
        Some(e.suspended_on)
    } else if let CaseEvent::ClockResumed(e) = event {
        Some(e.resumed_on)
    } else if let CaseEvent::DecisionMade(e) = event {
        Some(e.decided_on)
    } else if let CaseEvent::CertificateDelivered(e) = event {
        Some(e.delivered_on)
    } else if let CaseEvent::CaseWithdrawn(e) = event {
        Some(e.withdrawn_on)
    } else if let CaseEvent::CaseTerminated(e) = event {
        Some(e.terminated_on)
    } else if let CaseEvent::CaseReopened(e) = event {
        Some(e.reopened_on)
    } else {
        event.lapsed_on()
    }
}
