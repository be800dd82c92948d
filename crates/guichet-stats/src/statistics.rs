//! The statistics: rows and cubes over a log, and the figures that they answer with.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::id::{CalendarId, CaseId, Position, Version};
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::reference::ReferenceEvent;
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use serde::Serialize;

use crate::as_of::AsOf;
use crate::cube::{Cube, Group, Sums, Totals};
use crate::dimension::{Dimension, Scope, Subject, Value};
use crate::figure::{At, Figure, Rule, Told, sum};
use crate::measure::{Measure, Portion, Posted, Postings, Spread};
use crate::period::Period;
use crate::rows::{CaseRows, Facts, Touched};
use crate::timing::{DayUnit, days_in};

/// The cubes that are kept current; every other one is made when it is asked for.
const KEPT: &[&[Dimension]] = &[
    &[],
    &[Dimension::Department],
    &[Dimension::Item],
    &[Dimension::Window],
];

/// Rows of every case and cubes over them, kept current record by record.
///
/// A record takes the rows that it changes out of the cubes as they were; [`Statistics::settle`] puts them back as they
/// are. Figures are asked of settled statistics.
#[derive(Clone, Debug)]
pub struct Statistics {
    facts: Facts,
    cubes: Vec<Cube>,
    unsettled: Unsettled,
    /// The groups that changed since they were last told, where anybody wants to know.
    changed: Option<BTreeSet<ChangedGroup>>,
    position: Position,
}

/// The places of rows that stand in no cube at the moment. It is asked once a record, so it answers without a search.
#[derive(Clone, Debug, Default)]
struct Unsettled {
    places: Vec<usize>,
    /// Of each place, whether it is among them.
    among: Vec<bool>,
}

impl Unsettled {
    /// Whether the place is a new one.
    fn insert(&mut self, place: usize) -> bool {
        if place >= self.among.len() {
            self.among.resize(place + 1, false);
        }
        let is_new = self
            .among
            .get_mut(place)
            .is_some_and(|among| !std::mem::replace(among, true));
        if is_new {
            self.places.push(place);
        }
        is_new
    }

    fn take(&mut self) -> Vec<usize> {
        for place in &self.places {
            if let Some(among) = self.among.get_mut(*place) {
                *among = false;
            }
        }
        std::mem::take(&mut self.places)
    }
}

/// A group of a cube that is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChangedGroup {
    /// The dimensions of the cube.
    pub dimensions: Vec<Dimension>,
    /// The value in each.
    pub group: Group,
}

impl Default for Statistics {
    fn default() -> Self {
        Self::at(AsOf::Now)
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which figures.
    pub figures: Vec<Figure>,
    /// Set apart by what.
    pub by: Vec<Dimension>,
    /// Over which periods, each for itself.
    pub periods: Vec<Period>,
    /// Of which cases.
    pub scope: Scope,
}

/// The figures of one group over one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupFigures {
    /// The value in each dimension asked for; null where the cases have none.
    pub group: BTreeMap<&'static str, Value>,
    /// The period.
    pub period: Period,
    /// The figures, in the order in which they were asked for.
    pub figures: Vec<Told>,
}

/// Figures with everything that is needed to check them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiguresView {
    /// The version of this form.
    pub version: u16,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The calendars by which days were counted, with their versions.
    pub calendars: BTreeMap<CalendarId, Version>,
    /// Of which cases, by dimension; empty for all.
    pub scope: BTreeMap<&'static str, BTreeSet<Value>>,
    /// The figures, by group and period.
    pub rows: Vec<GroupFigures>,
}

/// The cases behind a figure, each with how much of it is theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// Those of the part.
    pub numerator: BTreeMap<CaseId, i64>,
    /// Those of the whole.
    pub denominator: BTreeMap<CaseId, i64>,
}

impl Statistics {
    /// Statistics as they were at a moment.
    #[must_use]
    pub fn at(as_of: AsOf) -> Self {
        Self {
            facts: Facts::at(as_of),
            cubes: KEPT
                .iter()
                .map(|dimensions| Cube::new(dimensions.to_vec(), Scope::all()))
                .collect(),
            unsettled: Unsettled::default(),
            changed: None,
            position: Position::START,
        }
    }

    /// Statistics as of a position, taken as those of a log that has not been read further yet.
    #[must_use]
    pub fn carried_on(mut self) -> Self {
        if let AsOf::Position(_) = self.as_of() {
            self.facts.carry_on();
        }
        self
    }

    /// Statistics with these rows, and cubes that hold them in these groups.
    pub(crate) fn restored(
        facts: Facts,
        groups: Vec<BTreeMap<Group, BTreeMap<Date, Sums>>>,
        position: Position,
    ) -> Self {
        let empty = Self::default();
        let cubes = empty.cubes.into_iter().zip(groups);
        Self {
            facts,
            cubes: cubes.map(|(cube, groups)| cube.with_groups(groups)).collect(),
            position,
            unsettled: empty.unsettled,
            changed: None,
        }
    }

    /// Whether every row stands in the cubes.
    pub(crate) const fn is_settled(&self) -> bool {
        self.unsettled.places.is_empty()
    }

    /// As of when they are.
    #[must_use]
    pub const fn as_of(&self) -> AsOf {
        self.facts.as_of()
    }

    /// How far the log was read.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The rows.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// From now on [`settle`](Self::settle) says which groups changed.
    pub fn note_changes(&mut self) {
        self.changed = Some(BTreeSet::new());
    }

    /// Puts the rows that changed back into the cubes. Answers with the groups of the kept cubes that may have changed, where
    /// they are noted.
    pub fn settle(&mut self) -> BTreeSet<ChangedGroup> {
        let mut poster = Poster::default();
        for place in self.unsettled.take() {
            let Some((rows, directory)) = self.facts.row_mut(place) else {
                continue;
            };
            rows.settle(directory);
            poster.post(rows, 1, &mut self.cubes, self.changed.as_mut());
        }
        self.changed.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes rows out of the cubes, as they were put in.
    fn unsettle(&mut self, place: usize) {
        if !self.unsettled.insert(place) {
            return;
        }
        if let Some(rows) = self.facts.at_place(place) {
            Poster::default().post(rows, -1, &mut self.cubes, self.changed.as_mut());
        }
    }

    /// The statistics of a whole log from those of its parts, each with all reference data and with cases of its own.
    /// Whatever the parts are, and in whatever order, the whole is the same.
    #[must_use]
    pub fn merged(as_of: AsOf, parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().unwrap_or_else(|| Self::at(as_of));
        whole.settle();
        let mut facts = vec![std::mem::take(&mut whole.facts)];
        for mut part in parts {
            part.settle();
            for (cube, more) in whole.cubes.iter_mut().zip(&part.cubes) {
                cube.merge(more);
            }
            whole.position = whole.position.max(part.position);
            facts.push(part.facts);
        }
        whole.facts = Facts::merged(as_of, facts);
        whole
    }

    /// The cube of these dimensions over a scope: one that is kept, or one made for this.
    fn cube(&self, dimensions: &[Dimension], scope: &Scope) -> std::borrow::Cow<'_, Cube> {
        let kept = self
            .cubes
            .iter()
            .find(|cube| cube.dimensions() == dimensions && cube.scope() == scope);
        kept.map_or_else(
            || {
                let rows = self.facts.rows();
                std::borrow::Cow::Owned(Cube::of(dimensions.to_vec(), scope.clone(), rows))
            },
            std::borrow::Cow::Borrowed,
        )
    }

    /// The cubes that are kept.
    #[must_use]
    pub fn cubes(&self) -> &[Cube] {
        &self.cubes
    }

    /// The first and the last day on which anything is posted.
    #[must_use]
    pub fn span(&self) -> Option<Period> {
        self.cubes.first().and_then(Cube::span)
    }

    /// Answers. Groups come in the order of their values, and of each its periods.
    #[must_use]
    pub fn figures(&self, ask: &Ask) -> FiguresView {
        let cube = self.cube(&ask.by, &ask.scope);
        let mut groups: Vec<Group> = cube.groups().cloned().collect();
        if ask.by.is_empty() && groups.is_empty() {
            groups.push(Group::new());
        }
        let cohorts = self.cohorts(&cube, ask);
        let mut rows = Vec::new();
        for group in &groups {
            for (nth, period) in ask.periods.iter().enumerate() {
                let totals = cube.totals(group, *period);
                let cohort = cohorts.get(group).and_then(|of| of.get(nth));
                let cohort = cohort.copied().unwrap_or_default();
                let figures = ask.figures.iter();
                let figures = figures.map(|figure| self.told(*figure, &totals, ask, group, cohort));
                rows.push(GroupFigures {
                    group: named(&ask.by, group),
                    period: *period,
                    figures: figures.collect(),
                });
            }
        }
        FiguresView {
            version: 1,
            position: self.position,
            calendars: self.calendars(),
            scope: ask
                .scope
                .wanted()
                .map(|(dimension, values)| (dimension.as_str(), values.clone()))
                .collect(),
            rows,
        }
    }

    /// Of each group and period, how many of the cases accepted in it were decided by its close, and how many there are. No
    /// sum over days tells that, so where it is asked for the rows are walked, once for all groups.
    fn cohorts(&self, cube: &Cube, ask: &Ask) -> BTreeMap<Group, Vec<(i64, i64)>> {
        let mut cohorts: BTreeMap<Group, Vec<(i64, i64)>> = BTreeMap::new();
        if !ask.figures.iter().any(|figure| figure.rule() == Rule::Cohort) {
            return cohorts;
        }
        for rows in self.facts.rows().filter(|rows| rows.case.accepted_on.is_some()) {
            let subject = Subject::case(&rows.case);
            if !ask.scope.takes(&subject) {
                continue;
            }
            let of = cohorts
                .entry(cube.group(&subject))
                .or_insert_with(|| vec![(0, 0); ask.periods.len()]);
            for (sums, period) in of.iter_mut().zip(&ask.periods) {
                let (part, whole) = cohort(rows, *period);
                *sums = (sums.0 + part, sums.1 + whole);
            }
        }
        cohorts
    }

    fn told(
        &self,
        figure: Figure,
        totals: &Totals,
        ask: &Ask,
        group: &[Value],
        (decided, accepted): (i64, i64),
    ) -> Told {
        figure.of(totals).unwrap_or_else(|| match figure.rule() {
            Rule::Cohort => figure.share(decided, accepted),
            Rule::ImmediateItems => self.of_items(figure, ask, group, |items| {
                let immediate = |item: &&&Procedure| item.kind == ProcedureKind::Immediate;
                (count(items.iter().filter(immediate).count()), count(items.len()))
            }),
            Rule::CatalogueCompression => self.of_items(figure, ask, group, |items| {
                let days = items.iter().filter_map(|item| compressed(item));
                days.fold((0, 0), |(saved, whole), (statutory, promised)| {
                    (saved + statutory - promised, whole + statutory)
                })
            }),
            Rule::Count(_)
            | Rule::Share(..)
            | Rule::Mean(..)
            | Rule::Score(..)
            | Rule::Money(_)
            | Rule::Rank(..)
            | Rule::Longest(_) => figure.untold(),
        })
    }

    /// A figure over the items of the catalogue. Only where the groups and the scope are told apart by what an item has.
    fn of_items(
        &self,
        figure: Figure,
        ask: &Ask,
        group: &[Value],
        counted: impl FnOnce(&[&Procedure]) -> (i64, i64),
    ) -> Told {
        let of_item = |item: &Procedure, dimension| match dimension {
            Dimension::Department => Some(item.department.as_str().to_owned()),
            Dimension::Item => Some(item.id.as_str().to_owned()),
            Dimension::Kind => Some(item.kind.as_str().to_owned()),
            Dimension::Window
            | Dimension::WindowForm
            | Dimension::ItemVersion
            | Dimension::Channel
            | Dimension::Agency
            | Dimension::District
            | Dimension::Handler => None,
        };
        let apart = |dimension| {
            matches!(
                dimension,
                Dimension::Department | Dimension::Item | Dimension::Kind
            )
        };
        if !ask.by.iter().copied().all(apart) || !ask.scope.wanted().all(|(dimension, _)| apart(dimension)) {
            return figure.untold();
        }
        let directory = self.facts.directory();
        let newest = directory.procedures.keys().filter_map(|id| directory.newest(id));
        let wanted = newest.map(AsRef::as_ref).filter(|item: &&Procedure| {
            let in_group = ask
                .by
                .iter()
                .zip(group)
                .all(|(dimension, value)| of_item(item, *dimension) == *value);
            let in_scope = ask
                .scope
                .wanted()
                .all(|(dimension, values)| values.contains(&of_item(item, dimension)));
            in_group && in_scope
        });
        let (part, whole) = counted(&wanted.collect::<Vec<_>>());
        figure.share(part, whole)
    }

    /// The cases behind everything that was asked, added up.
    #[must_use]
    pub fn behind_all(&self, ask: &Ask) -> Behind {
        let mut all = Behind::default();
        for figure in &ask.figures {
            for period in &ask.periods {
                let behind = self.behind(*figure, &[], &[], &ask.scope, *period);
                add(&mut all.numerator, behind.numerator);
                add(&mut all.denominator, behind.denominator);
            }
        }
        all
    }

    /// The cases behind a figure of a group over a period, found anew from the rows.
    #[must_use]
    pub fn behind(
        &self,
        figure: Figure,
        by: &[Dimension],
        group: &[Value],
        scope: &Scope,
        period: Period,
    ) -> Behind {
        let mut behind = Behind::default();
        for rows in self.facts.rows() {
            let within = |subject: &Subject<'_>| {
                scope.takes(subject)
                    && by
                        .iter()
                        .zip(group)
                        .all(|(dimension, value)| subject.value(*dimension) == *value)
            };
            let amounts = || {
                let mut amounts = Amounts::over(period);
                for (_, portion) in Portion::of(rows).filter(|(subject, _)| within(subject)) {
                    portion.post(&mut amounts);
                }
                amounts
            };
            let (part, whole) = match figure.rule() {
                Rule::Count(parts) | Rule::Money(parts) => {
                    let amounts = amounts();
                    (sum(parts, |measure, at| amounts.at(measure, at)), 0)
                }
                Rule::Share(part, whole) | Rule::Mean(part, whole) | Rule::Score(part, whole) => {
                    let amounts = amounts();
                    let sum = |parts| sum(parts, |measure, at| amounts.at(measure, at));
                    (sum(part), sum(whole))
                }
                Rule::Rank(spread, _) | Rule::Longest(spread) => {
                    (0, amounts().spreads.get(&spread).copied().unwrap_or_default())
                }
                Rule::Cohort if within(&Subject::case(&rows.case)) => cohort(rows, period),
                Rule::Cohort | Rule::ImmediateItems | Rule::CatalogueCompression => (0, 0),
            };
            if part != 0 {
                behind.numerator.insert(rows.id.clone(), part);
            }
            if whole != 0 {
                behind.denominator.insert(rows.id.clone(), whole);
            }
        }
        behind
    }

    fn calendars(&self) -> BTreeMap<CalendarId, Version> {
        let calendars = self.facts.directory().calendars.iter();
        calendars
            .map(|(id, calendar)| (id.clone(), calendar.version()))
            .collect()
    }
}

/// Puts the rows of cases into cubes, and takes them out again. What one case needs is kept for the next.
#[derive(Debug, Default)]
struct Poster {
    posted: Posted,
    group: Group,
}

impl Poster {
    /// Puts the rows of a case in, or takes them out, and notes the groups that this changes.
    fn post(
        &mut self,
        rows: &CaseRows,
        sign: i64,
        cubes: &mut [Cube],
        mut changed: Option<&mut BTreeSet<ChangedGroup>>,
    ) {
        for (subject, portion) in Portion::of(rows) {
            portion.posted(&mut self.posted);
            for cube in &mut *cubes {
                let is_in = cube.post(&subject, &self.posted, sign, &mut self.group);
                if let (true, Some(changed)) = (is_in, &mut changed) {
                    changed.insert(ChangedGroup {
                        dimensions: cube.dimensions().to_vec(),
                        group: self.group.clone(),
                    });
                }
            }
        }
    }
}

fn is_calendar(recorded: &Recorded) -> bool {
    matches!(
        recorded.event,
        Event::Reference(ReferenceEvent::CalendarPublished(_))
    )
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn named(by: &[Dimension], group: &[Value]) -> BTreeMap<&'static str, Value> {
    let named = by.iter().zip(group);
    named
        .map(|(dimension, value)| (dimension.as_str(), value.clone()))
        .collect()
}

/// Whether a case was accepted in the period, and decided by its close: as part and whole.
fn cohort(rows: &CaseRows, period: Period) -> (i64, i64) {
    let accepted = rows.case.accepted_on.is_some_and(|on| period.contains(on));
    let decided = rows.case.rounds.iter().filter_map(|round| round.end.as_ref());
    let mut by_close = decided.filter(|end| end.outcome.is_decision() && end.on <= period.last());
    (
        i64::from(accepted && by_close.next().is_some()),
        i64::from(accepted),
    )
}

/// The statutory and promised days of an item, where both are of one unit.
fn compressed(item: &Procedure) -> Option<(i64, i64)> {
    let (statutory, promised) = (item.terms.statutory.as_ref()?, item.terms.promised.as_ref()?);
    [DayUnit::Working, DayUnit::Calendar].iter().find_map(|unit| {
        let days = |term| days_in(term, *unit, &item.policy).map(i64::from);
        Some((days(statutory.term)?, days(promised.term)?))
    })
}

/// What one case adds to a period.
#[derive(Debug)]
struct Amounts {
    period: Period,
    within: BTreeMap<Measure, i64>,
    before: BTreeMap<Measure, i64>,
    spreads: BTreeMap<Spread, i64>,
}

impl Amounts {
    const fn over(period: Period) -> Self {
        Self {
            period,
            within: BTreeMap::new(),
            before: BTreeMap::new(),
            spreads: BTreeMap::new(),
        }
    }

    fn at(&self, measure: Measure, at: At) -> i64 {
        let of = |amounts: &BTreeMap<Measure, i64>| amounts.get(&measure).copied().unwrap_or_default();
        match at {
            At::Within => of(&self.within),
            At::Close => of(&self.within).saturating_add(of(&self.before)),
        }
    }
}

impl Postings for Amounts {
    fn post(&mut self, measure: Measure, on: Date, amount: i64) {
        let amounts = if self.period.contains(on) {
            &mut self.within
        } else if on < self.period.first() {
            &mut self.before
        } else {
            return;
        };
        *amounts.entry(measure).or_default() += amount;
    }

    fn spread(&mut self, spread: Spread, on: Date, _days: u32) {
        if self.period.contains(on) {
            *self.spreads.entry(spread).or_default() += 1;
        }
    }
}

fn add(all: &mut BTreeMap<CaseId, i64>, more: BTreeMap<CaseId, i64>) {
    for (case, amount) in more {
        *all.entry(case).or_default() += amount;
    }
}

impl Projection for Statistics {
    type View = Vec<CaseRows>;

    fn apply(&mut self, recorded: &Recorded) {
        let touched = self.facts.touched(recorded);
        // As of a day the whole log was read; otherwise it ends where the moment is.
        if touched != Touched::Nothing || matches!(self.as_of(), AsOf::Effective(_)) {
            self.position = recorded.position.next();
        }
        match touched {
            Touched::Case(place) => self.unsettle(place),
            // A calendar moves the due dates of cases that are open.
            Touched::Directory if is_calendar(recorded) => {
                let rows = self.facts.rows().enumerate();
                let open: Vec<usize> = rows
                    .filter(|(_, rows)| rows.case.open_round().is_some())
                    .map(|(place, _)| place)
                    .collect();
                for place in open {
                    self.unsettle(place);
                }
            }
            Touched::Directory => {}
            Touched::Nothing => return,
        }
        self.facts.take(recorded, touched);
    }

    fn view(&self) -> Self::View {
        self.facts.view()
    }
}
