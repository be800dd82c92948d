//! Cubes: sums over rows, by dimensions and by day.
//!
//! A sum is a commutative monoid with retraction: rows that change are taken out as they were and put in as they are, and
//! cubes of parts add up to the cube of the whole, in any order, to the same bytes.

use std::collections::BTreeMap;

use guichet_core::time::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::dimension::{Dimension, Scope, Subject, Value};
use crate::figure::At;
use crate::measure::{Measure, Portion, Posted, Spread};
use crate::period::Period;
use crate::rows::CaseRows;

/// The sums of one day, or of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// One sum a measure, in the order of [`Measure::ALL`].
    amounts: Box<[i64; Measure::ALL.len()]>,
    spreads: BTreeMap<Spread, BTreeMap<u32, i64>>,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            amounts: Box::new([0; Measure::ALL.len()]),
            spreads: BTreeMap::new(),
        }
    }
}

/// Only the sums that are not nothing: most of a day's are.
impl Serialize for Sums {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let amounts = self
            .amounts
            .iter()
            .enumerate()
            .filter(|(_, amount)| **amount != 0);
        (amounts.collect::<Vec<_>>(), &self.spreads).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sums {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (amounts, spreads) = <(Vec<(usize, i64)>, _)>::deserialize(deserializer)?;
        let mut sums = Self {
            spreads,
            ..Self::default()
        };
        for (measure, amount) in amounts {
            let place = sums.amounts.get_mut(measure);
            *place.ok_or_else(|| de::Error::custom("a sum of no measure"))? = amount;
        }
        Ok(sums)
    }
}

impl Sums {
    /// The sum of a measure.
    #[must_use]
    pub fn of(&self, measure: Measure) -> i64 {
        self.amounts.get(measure as usize).copied().unwrap_or_default()
    }

    /// A distribution: how many cases took so many days.
    #[must_use]
    pub fn spread(&self, spread: Spread) -> Option<&BTreeMap<u32, i64>> {
        self.spreads.get(&spread)
    }

    fn is_empty(&self) -> bool {
        self.spreads.is_empty() && self.amounts.iter().all(|amount| *amount == 0)
    }

    fn change(&mut self, measure: Measure, by: i64) {
        if let Some(amount) = self.amounts.get_mut(measure as usize) {
            *amount = amount.saturating_add(by);
        }
    }

    fn change_spread(&mut self, spread: Spread, days: u32, by: i64) {
        let distribution = self.spreads.entry(spread).or_default();
        let count = distribution.entry(days).or_default();
        *count = count.saturating_add(by);
        // What was added and taken out leaves no trace.
        if *count == 0 {
            distribution.remove(&days);
        }
        if distribution.is_empty() {
            self.spreads.remove(&spread);
        }
    }

    /// Adds other sums.
    pub fn merge(&mut self, other: &Self) {
        for (amount, by) in self.amounts.iter_mut().zip(&*other.amounts) {
            *amount = amount.saturating_add(*by);
        }
        for (spread, distribution) in &other.spreads {
            for (days, count) in distribution {
                self.change_spread(*spread, *days, *count);
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

    pub(crate) const fn groups_by_day(&self) -> &BTreeMap<Group, BTreeMap<Date, Sums>> {
        &self.groups
    }

    pub(crate) fn with_groups(self, groups: BTreeMap<Group, BTreeMap<Date, Sums>>) -> Self {
        Self { groups, ..self }
    }

    /// The groups that hold anything.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.keys()
    }

    /// The group of a subject.
    pub(crate) fn group(&self, subject: &Subject<'_>) -> Group {
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
        let (mut posted, mut group) = (Posted::default(), Group::new());
        for (subject, portion) in Portion::of(rows) {
            portion.posted(&mut posted);
            self.post(&subject, &posted, sign, &mut group);
        }
    }

    /// Adds what a portion of a case posts, or takes it out. Leaves the group in `group`, and says whether the cube is over
    /// such cases.
    pub(crate) fn post(
        &mut self,
        subject: &Subject<'_>,
        posted: &Posted,
        sign: i64,
        group: &mut Group,
    ) -> bool {
        if !self.scope.takes(subject) {
            return false;
        }
        group.resize(self.dimensions.len(), None);
        for (value, dimension) in group.iter_mut().zip(&self.dimensions) {
            subject.write(*dimension, value);
        }
        if !self.groups.contains_key(group) {
            self.groups.insert(group.clone(), BTreeMap::new());
        }
        let Some(days) = self.groups.get_mut(group) else {
            return false;
        };
        for day in posted.amounts.chunk_by(|a, b| a.0 == b.0) {
            let Some((on, _, _)) = day.first() else { continue };
            let sums = days.entry(*on).or_default();
            for (_, measure, amount) in day {
                sums.change(*measure, amount.saturating_mul(sign));
            }
            if sums.is_empty() {
                days.remove(on);
            }
        }
        for (on, spread, count) in &posted.spreads {
            let sums = days.entry(*on).or_default();
            sums.change_spread(*spread, *count, sign);
            if sums.is_empty() {
                days.remove(on);
            }
        }
        if days.is_empty() {
            self.groups.remove(group);
        }
        true
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
    /// The sum of a measure that is meant.
    #[must_use]
    pub fn at(&self, measure: Measure, at: At) -> i64 {
        match at {
            At::Within => self.flow(measure),
            At::Close => self.stock(measure),
        }
    }

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
