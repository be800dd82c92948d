//! One record as the rules see it, and how they tell what they find.

use std::cmp::Ordering;

use guichet_core::calendar::Calendar;
use guichet_core::case::Case;
use guichet_core::case::event::ClockKind;
use guichet_core::clock::Clock;
use guichet_core::id::{CaseId, Position, ProcedureId, Version};
use guichet_core::procedure::Procedure;
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Term};
use guichet_stats::timing::DayUnit;

use super::finding::{Fact, Finding, Over, Place, Subject};
use super::rule::{RuleId, Rules, Severity};

/// Where findings go, with what they are judged by.
pub(super) struct Turn<'a> {
    pub(super) rules: &'a Rules,
    pub(super) directory: &'a Directory,
    pub(super) id: &'a CaseId,
    /// The record of this turn.
    pub(super) position: Position,
    /// The day of it, by the wall clock of the centre.
    pub(super) on: Date,
    pub(super) procedure: Option<&'a Procedure>,
    pub(super) calendar: Option<&'a Calendar>,
    pub(super) place: Place,
    pub(super) found: &'a mut Vec<Finding>,
}

impl<'a> Turn<'a> {
    /// The version of its item that a case keeps to.
    pub(super) fn know(&mut self, case: &Case) {
        self.know_item(&case.procedure, case.version);
        self.place.department = Some(case.department.clone());
        self.place.agent.clone_from(&case.agent);
        if self.place.window.is_none() {
            self.place.window.clone_from(&case.window);
        }
    }

    /// One version of an item.
    pub(super) fn know_item(&mut self, id: &ProcedureId, version: Version) {
        let directory = self.directory;
        self.procedure = directory.procedure(id, version).map(AsRef::as_ref);
        let calendar = self.procedure.map(|procedure| &procedure.calendar);
        self.calendar = calendar
            .and_then(|id| directory.calendars.get(id))
            .map(AsRef::as_ref);
        self.place.procedure = Some((id.clone(), version));
    }

    /// The published version and the calendar, where both are in the log.
    pub(super) fn law(&self) -> Option<(&'a Procedure, &'a Calendar)> {
        Some((self.procedure?, self.calendar?))
    }

    /// Tells a fact of the record of this turn, with the other records that it rests on.
    pub(super) fn find(&mut self, rule: RuleId, others: impl IntoIterator<Item = Position>, fact: Fact) {
        self.find_at(rule, self.position, others, fact);
    }

    /// Tells a fact under the name of another record.
    pub(super) fn find_at(
        &mut self,
        rule: RuleId,
        anchor: Position,
        others: impl IntoIterator<Item = Position>,
        fact: Fact,
    ) {
        let place = self.place.clone();
        self.find_in(rule, anchor, others, fact, place);
    }

    /// Tells a fact that belongs elsewhere than the case does.
    pub(super) fn find_in(
        &mut self,
        rule: RuleId,
        anchor: Position,
        others: impl IntoIterator<Item = Position>,
        fact: Fact,
        place: Place,
    ) {
        let Some(severity) = self.rules.severity(rule) else {
            return;
        };
        let mut others: Vec<Position> = others.into_iter().filter(|other| *other != anchor).collect();
        // Facts of one rule about one record are one finding.
        let known = self.found.iter_mut().rev().take(8).find(|known| {
            known.rule == rule
                && known.evidence.first() == Some(&anchor)
                && matches!(&known.subject, Subject::Case(case) if case == self.id)
        });
        if let Some(known) = known {
            others.extend(known.evidence.iter().skip(1));
            known.evidence = evidence(anchor, others);
            known.records = u64::try_from(known.evidence.len()).unwrap_or(u64::MAX);
            known.severity = known.severity.max(weight(severity, &fact));
            known.facts.push(fact);
            return;
        }
        let evidence = evidence(anchor, others);
        self.found.push(Finding {
            rule,
            severity: weight(severity, &fact),
            subject: Subject::Case(self.id.clone()),
            records: u64::try_from(evidence.len()).unwrap_or(u64::MAX),
            evidence,
            on: self.on,
            place,
            facts: vec![fact],
        });
    }
}

/// What breaks the law weighs most, whatever the rule weighs otherwise.
fn weight(set: Severity, fact: &Fact) -> Severity {
    if let Fact::DecisionLate {
        clock: ClockKind::Statutory,
        ..
    } = fact
    {
        Severity::Serious.max(set)
    } else {
        set
    }
}

fn evidence(anchor: Position, mut others: Vec<Position>) -> Vec<Position> {
    others.sort_unstable();
    others.dedup();
    let mut evidence = vec![anchor];
    evidence.extend(others.into_iter().take(super::finding::EVIDENCE_MAX - 1));
    evidence
}

/// How far past its last day a clock is on a day; nothing where it is not, or where that cannot be told.
pub(super) fn over(clock: &Clock<'_>, on: Date, open: bool, grace_days: u32) -> Option<Over> {
    if clock.kept(on).ok()? != Ordering::Greater {
        return None;
    }
    let due_on = clock.due_on(on).ok()?;
    let (unit, days) = match clock.term {
        Term::WorkingDays(_) | Term::WorkingHours(_) => (
            DayUnit::Working,
            clock.calendar.working_days_between(due_on, on).ok()?,
        ),
        Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => {
            (DayUnit::Calendar, calendar_days(due_on, on))
        }
    };
    (days > grace_days).then_some(Over {
        due_on,
        on,
        days,
        unit,
        open,
    })
}

/// Days of the calendar from one day to a later one; none where it is not later.
pub(super) fn calendar_days(from: Date, to: Date) -> u32 {
    u32::try_from(to.days().saturating_sub(from.days())).unwrap_or_default()
}

/// Working days from one day to a later one, or days of the calendar where no calendar is known.
pub(super) fn working_days(calendar: Option<&Calendar>, from: Date, to: Date) -> u32 {
    if to <= from {
        return 0;
    }
    calendar
        .and_then(|calendar| calendar.working_days_between(from, to).ok())
        .unwrap_or_else(|| calendar_days(from, to))
}
