//! The fold over the log, whole or in parts, and what it found.

use std::collections::HashMap;
use std::sync::Arc;

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, Position};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::AsOf;

use super::case::Row;
use super::finding::{Fact, Finding, Place, Subject};
use super::patterns::Patterns;
use super::rule::{RuleId, Rules};
use super::turn::Turn;
use crate::verify::FindingKind;

/// Looks through a log for what the rules name, record by record.
///
/// A log may be read in parts: each takes all reference data, in order, and the records of its own cases; what they find is
/// put together by [`Findings::merged`] and is the same however the cases were dealt out. Only the order of the log itself
/// is seen by whoever sees every record: [`Findings::sees`].
///
/// Of an open case its state is kept, of one that is over a small row, and never its events.
///
/// ```
/// use guichet_audit::findings::{Findings, Rules};
/// use guichet_log::projection::Projection;
/// assert!(Findings::new(Rules::default(), Default::default()).view().findings.is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Findings {
    rules: Arc<Rules>,
    as_of: AsOf,
    directory: Directory,
    /// Found by name; never told in its own order.
    rows: HashMap<CaseId, Row>,
    found: Vec<Finding>,
    patterns: Patterns,
    order: Order,
    end: Position,
    last_recorded_at: Option<Timestamp>,
}

/// What was found, in order, with what it takes to tell it.
#[derive(Clone, Debug)]
pub struct Found {
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The day as of which open cases were judged: that of the last record. None of an empty log.
    pub as_of: Option<Date>,
    /// The findings, by rule, subject and first record.
    pub findings: Vec<Finding>,
    /// The reference data at the end.
    pub directory: Directory,
}

/// The order of the log: positions follow each other, and the time of record never goes back.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    last: Option<(Position, Timestamp)>,
}

impl Default for Findings {
    fn default() -> Self {
        Self::new(Rules::default(), AsOf::Now)
    }
}

impl Findings {
    /// Nothing read yet.
    #[must_use]
    pub fn new(rules: impl Into<Arc<Rules>>, as_of: AsOf) -> Self {
        Self {
            rules: rules.into(),
            as_of,
            directory: Directory::default(),
            rows: HashMap::new(),
            found: Vec::new(),
            patterns: Patterns::default(),
            order: Order::default(),
            end: Position::START,
            last_recorded_at: None,
        }
    }

    /// Looks at the place of a record that follows the one before: for the part that sees all of them, in order.
    pub fn sees(&mut self, position: Position, recorded_at: Timestamp) {
        let on = self.directory.zone().date(recorded_at);
        if let Some((before, before_at)) = self.order.last {
            if position != before.next() {
                let fact = Fact::PositionGap {
                    expected: before.next().0,
                    found: position.0,
                };
                self.of_log(position, [before], on, fact);
            }
            if recorded_at < before_at {
                let fact = Fact::RecordedBackwards {
                    before: before_at,
                    after: recorded_at,
                };
                self.of_log(position, [before], on, fact);
            }
        }
        self.order.last = Some((position, recorded_at));
    }

    /// Takes in what verification found at a position.
    pub fn broken(&mut self, position: Position, problem: FindingKind) {
        let is_past = match self.as_of {
            AsOf::Now | AsOf::Effective(_) => false,
            AsOf::Position(end) => position >= end,
            AsOf::Recorded(_) => position >= self.end,
        };
        if is_past {
            return;
        }
        let on = self.last_recorded_at.map(|at| self.directory.zone().date(at));
        // Of a log of which nothing can be read, no day is known.
        self.of_log(position, [], on.unwrap_or_default(), Fact::LogBroken { problem });
    }

    fn of_log(
        &mut self,
        position: Position,
        others: impl IntoIterator<Item = Position>,
        on: Date,
        fact: Fact,
    ) {
        let Some(severity) = self.rules.severity(RuleId::B16) else {
            return;
        };
        let evidence: Vec<Position> = std::iter::once(position).chain(others).collect();
        self.found.push(Finding {
            rule: RuleId::B16,
            severity,
            subject: Subject::Log,
            records: u64::try_from(evidence.len()).unwrap_or(u64::MAX),
            evidence,
            on,
            place: Place::default(),
            facts: vec![fact],
        });
    }

    /// Takes in a record: reference data, or one of a case of this part. Of each case in order, of several in any.
    pub fn take(&mut self, recorded: &Recorded) {
        if !self.as_of.takes(recorded, &self.directory) {
            return;
        }
        self.end = self.end.max(recorded.position.next());
        self.last_recorded_at = self.last_recorded_at.max(Some(recorded.recorded_at));
        match &recorded.event {
            Event::Reference(event) => self.directory.apply(event),
            Event::Case(event) => self.of_case(recorded, event),
        }
    }

    fn of_case(&mut self, recorded: &Recorded, event: &CaseEvent) {
        let Some(name) = recorded.stream.case_name() else {
            return;
        };
        let (id, row) = match self.rows.remove_entry(name) {
            Some(known) => known,
            None => match recorded.stream.case() {
                Some(id) => (id, Row::default()),
                None => return,
            },
        };
        let mut open = row.into_open();
        let mut turn = Turn {
            rules: &self.rules,
            directory: &self.directory,
            id: &id,
            position: recorded.position,
            on: self.directory.zone().date(recorded.occurred_at),
            procedure: None,
            calendar: None,
            place: Place {
                window: recorded.actor.window.clone(),
                ..Place::default()
            },
            found: &mut self.found,
        };
        open.apply(&mut turn, &mut self.patterns, event, recorded);
        let row = Row::of(open, &self.directory);
        self.rows.insert(id, row);
    }

    /// Looks at a record that another part takes in: at its place in the log, and at reference data.
    pub fn watch(&mut self, recorded: &Recorded) {
        if !self.as_of.takes(recorded, &self.directory) {
            return;
        }
        self.sees(recorded.position, recorded.recorded_at);
        if let Event::Reference(_) = &recorded.event {
            self.take(recorded);
        }
    }

    /// Adds what another part of the log found. Both have read all reference data.
    pub fn add(&mut self, part: Self) {
        self.rows.extend(part.rows);
        self.found.extend(part.found);
        self.patterns.merge(part.patterns);
        self.end = self.end.max(part.end);
        self.last_recorded_at = self.last_recorded_at.max(part.last_recorded_at);
    }

    /// What parts of a log found together.
    #[must_use]
    pub fn merged(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        parts.into_iter().reduce(|mut whole, part| {
            whole.add(part);
            whole
        })
    }

    /// What was found, with what is late of the cases that stand open.
    #[must_use]
    pub fn found(&self) -> Found {
        let as_of = match self.as_of {
            AsOf::Effective(day) => Some(day),
            AsOf::Now | AsOf::Position(_) | AsOf::Recorded(_) => {
                self.last_recorded_at.map(|at| self.directory.zone().date(at))
            }
        };
        let mut found = self.found.clone();
        if let Some(today) = as_of {
            for (id, row) in &self.rows {
                if let Row::Open(open) = row {
                    let mut turn = Turn {
                        rules: &self.rules,
                        directory: &self.directory,
                        id,
                        position: self.end,
                        on: today,
                        procedure: None,
                        calendar: None,
                        place: Place::default(),
                        found: &mut found,
                    };
                    open.as_of(&mut turn, today);
                }
            }
        }
        self.patterns.found(&self.rules, self.rows.iter(), &mut found);
        Found {
            position: self.end,
            as_of,
            findings: in_order(found),
            directory: self.directory.clone(),
        }
    }
}

/// Findings in the order in which they are told; those of one name are one.
fn in_order(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut told: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        match told.last_mut().filter(|last| last.key() == finding.key()) {
            Some(last) => {
                last.severity = last.severity.max(finding.severity);
                last.on = last.on.max(finding.on);
                for position in finding.evidence {
                    if !last.evidence.contains(&position) {
                        last.evidence.push(position);
                    }
                }
                last.records = last.records.max(finding.records);
                for fact in finding.facts {
                    if !last.facts.contains(&fact) {
                        last.facts.push(fact);
                    }
                }
            }
            None => told.push(finding),
        }
    }
    told
}

impl Projection for Findings {
    type View = Found;

    fn apply(&mut self, recorded: &Recorded) {
        if self.as_of.takes(recorded, &self.directory) {
            self.sees(recorded.position, recorded.recorded_at);
        }
        self.take(recorded);
    }

    fn view(&self) -> Found {
        self.found()
    }
}
