//! Cubes: sums over rows, by dimensions and by day.
//!
//! A sum is a commutative monoid with retraction: rows that change are taken out as they were and put in as they are, and
//! cubes of parts add up to the cube of the whole, in any order, to the same bytes.

use std::collections::BTreeMap;

use guichet_core::time::Date;

use crate::dimension::{Dimension, Scope, Subject, Value};
use crate::measure::{Measure, Portion, Postings, Spread};
use crate::period::Period;
use crate::rows::CaseRows;

/// The sums of one day, or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    amounts: BTreeMap<Measure, i64>,
    spreads: BTreeMap<Spread, BTreeMap<u32, i64>>,
}

impl Sums {
    /// The sum of a measure.
    #[must_use]
    pub fn of(&self, measure: Measure) -> i64 {
        self.amounts.get(&measure).copied().unwrap_or_default()
    }

    /// A distribution: how many cases took so many days.
    #[must_use]
    pub fn spread(&self, spread: Spread) -> Option<&BTreeMap<u32, i64>> {
        self.spreads.get(&spread)
    }

    fn is_empty(&self) -> bool {
        self.amounts.is_empty() && self.spreads.is_empty()
    }

    fn change(&mut self, measure: Measure, by: i64) {
        change(&mut self.amounts, measure, by);
    }

    fn change_spread(&mut self, spread: Spread, days: u32, by: i64) {
        let distribution = self.spreads.entry(spread).or_default();
        change(distribution, days, by);
        if distribution.is_empty() {
            self.spreads.remove(&spread);
        }
    }

    /// Adds other sums.
    pub fn merge(&mut self, other: &Self) {
        for (measure, amount) in &other.amounts {
            self.change(*measure, *amount);
        }
        for (spread, distribution) in &other.spreads {
            for (days, count) in distribution {
                self.change_spread(*spread, *days, *count);
            }
        }
    }
}

/// Adds to an entry, and drops it when it comes to nothing: what was added and taken out leaves no trace.
fn change<K: Ord>(sums: &mut BTreeMap<K, i64>, key: K, by: i64) {
    use std::collections::btree_map::Entry;
    match sums.entry(key) {
        Entry::Vacant(entry) => {
            if by != 0 {
                entry.insert(by);
            }
        }
        Entry::Occupied(mut entry) => {
            *entry.get_mut() = entry.get().saturating_add(by);
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// The values of a group, in the order of the cube's dimensions.
pub type Group = Vec<Value>;

/// Sums over the rows of all cases in a scope, by dimensions and by day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cube {
    dimensions: Vec<Dimension>,
    scope: Scope,
    groups: BTreeMap<Group, BTreeMap<Date, Sums>>,
}

impl Cube {
    /// An empty cube.
    #[must_use]
    pub const fn new(dimensions: Vec<Dimension>, scope: Scope) -> Self {
        Self {
            dimensions,
            scope,
            groups: BTreeMap::new(),
        }
    }

    /// The cube of all these rows.
    pub fn of<'a>(
        dimensions: Vec<Dimension>,
        scope: Scope,
        rows: impl IntoIterator<Item = &'a CaseRows>,
    ) -> Self {
        let mut cube = Self::new(dimensions, scope);
        for rows in rows {
            cube.add(rows);
        }
        cube
    }

    /// Its dimensions.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// Which cases it is over.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Puts the rows of a case in.
    pub fn add(&mut self, rows: &CaseRows) {
        self.change(rows, 1);
    }

    /// Takes the rows of a case out, as they were when they were put in.
    pub fn retract(&mut self, rows: &CaseRows) {
        self.change(rows, -1);
    }

    /// Adds another cube of the same dimensions and scope.
    pub fn merge(&mut self, other: &Self) {
        for (group, days) in &other.groups {
            for (day, sums) in days {
                self.groups
                    .entry(group.clone())
                    .or_default()
                    .entry(*day)
                    .or_default()
                    .merge(sums);
            }
        }
        for days in self.groups.values_mut() {
            days.retain(|_, sums| !sums.is_empty());
        }
        self.groups.retain(|_, days| !days.is_empty());
    }

    /// The groups that hold anything.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.keys()
    }

    /// The groups that the rows of a case fall into.
    pub(crate) fn groups_of<'a>(&'a self, rows: &'a CaseRows) -> impl Iterator<Item = Group> + 'a {
        Portion::of(rows)
            .filter(|(subject, _)| self.scope.takes(subject))
            .map(|(subject, _)| self.group(&subject))
    }

    fn group(&self, subject: &Subject<'_>) -> Group {
        self.dimensions
            .iter()
            .map(|dimension| subject.value(*dimension))
            .collect()
    }

    /// What is needed to tell the figures of a group over a period.
    #[must_use]
    pub fn totals(&self, group: &[Value], period: Period) -> Totals {
        let mut totals = Totals::default();
        let Some(days) = self.groups.get(group) else {
            return totals;
        };
        for (_, sums) in days.range(..period.first()) {
            totals.before.merge(sums);
        }
        for (_, sums) in days.range(period.first()..=period.last()) {
            totals.within.merge(sums);
        }
        totals
    }

    /// The first and the last day on which something is posted.
    #[must_use]
    pub fn span(&self) -> Option<Period> {
        let first = self.groups.values().filter_map(|days| days.keys().next()).min();
        let last = self
            .groups
            .values()
            .filter_map(|days| days.keys().next_back())
            .max();
        Period::new(*first?, *last?)
    }

    fn change(&mut self, rows: &CaseRows, sign: i64) {
        for (subject, portion) in Portion::of(rows) {
            if self.scope.takes(&subject) {
                self.within(&subject, sign, |to| portion.post(to));
            }
        }
    }

    fn within(&mut self, subject: &Subject<'_>, sign: i64, post: impl FnOnce(&mut Posting<'_>)) {
        let group = self.group(subject);
        let days = self.groups.entry(group.clone()).or_default();
        post(&mut Posting { days, sign });
        if days.is_empty() {
            self.groups.remove(&group);
        }
    }
}

/// Posts into the days of one group.
struct Posting<'a> {
    days: &'a mut BTreeMap<Date, Sums>,
    sign: i64,
}

impl Posting<'_> {
    fn on(&mut self, day: Date, change: impl FnOnce(&mut Sums)) {
        let sums = self.days.entry(day).or_default();
        change(sums);
        if sums.is_empty() {
            self.days.remove(&day);
        }
    }
}

impl Postings for Posting<'_> {
    fn post(&mut self, measure: Measure, on: Date, amount: i64) {
        let by = amount.saturating_mul(self.sign);
        self.on(on, |sums| sums.change(measure, by));
    }

    fn spread(&mut self, spread: Spread, on: Date, days: u32) {
        let by = self.sign;
        self.on(on, |sums| sums.change_spread(spread, days, by));
    }
}

/// Sums before a period and within it: together they are the stock at its close.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Everything before the first day.
    pub before: Sums,
    /// Everything from the first to the last day.
    pub within: Sums,
}

impl Totals {
    /// What fell into the period.
    #[must_use]
    pub fn flow(&self, measure: Measure) -> i64 {
        self.within.of(measure)
    }

    /// What stood at the close of its last day.
    #[must_use]
    pub fn stock(&self, measure: Measure) -> i64 {
        self.opening(measure).saturating_add(self.flow(measure))
    }

    /// What stood at the close of the eve of its first day.
    #[must_use]
    pub fn opening(&self, measure: Measure) -> i64 {
        self.before.of(measure)
    }
}
