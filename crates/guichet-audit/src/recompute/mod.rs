//! `recompute`: a published figure rebuilt from events alone by a second code path, and the cases that differ.
//!
//! Three numbers stand side by side: what was published, what `guichet-stats` counts, and what the second path counts; the
//! last two from the log as it was when the figure was published, and from the log as it is now. Where they differ, the cases
//! are named, and of a case that changed since then the events that changed it.

mod answer;
mod change;
mod chronicle;
mod command;
mod count;
mod second;
mod story;
mod text;
mod voices;

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::id::{DepartmentId, Position};
use guichet_core::reference::{Bulletin, Directory};
use guichet_core::time::Date;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::{AsOf, Figure, Period, Statistics};

use change::{changed, restatements};
use chronicle::Chronicle;
use count::{Counter, Counts, Group, Stories};
use second::count;

pub use answer::{
    Amounts, Answer, AsPublished, Both, Change, ChangedCase, DisputedCase, Recomputed, Restatement, Row, Why,
};
pub use command::{RecomputeArgs, run};
pub use second::Value;
pub use text::{shown, text, verdict};

/// What is to be counted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which figures; every one when empty.
    pub figures: Vec<Figure>,
    /// Whether each department is counted for itself as well.
    pub by_department: bool,
    /// Whether the cases behind each figure are wanted.
    pub cases: bool,
    /// As of when the log is read for what is called *now*.
    pub as_of: AsOf,
}

/// Counts the figures of a period again. `read` hands every record of the log, in order, to whoever it is given; it is called
/// twice, because only the whole log says which positions were published. `root` tells the root of the log at a position.
///
/// # Errors
///
/// What `read` answers with.
pub fn recompute<E>(
    question: &Question,
    period: Period,
    mut read: impl FnMut(&mut dyn FnMut(&Recorded)) -> Result<(), E>,
    root: impl Fn(Position) -> Option<String>,
) -> Result<Answer, E> {
    let recount = Recount::of(&mut read)?;
    let recomputed = recount.period(question, period, read, root)?;
    Ok(Answer {
        recomputed,
        directory: recount.chronicle.directory,
    })
}

/// A log that was read once, whose figures can be counted again.
#[derive(Debug)]
pub struct Recount {
    chronicle: Chronicle,
}

impl Recount {
    /// Reads the events of a log.
    ///
    /// # Errors
    ///
    /// What `read` answers with.
    pub fn of<E>(read: impl FnOnce(&mut dyn FnMut(&Recorded)) -> Result<(), E>) -> Result<Self, E> {
        let mut chronicle = Chronicle::default();
        read(&mut |recorded| chronicle.apply(recorded))?;
        Ok(Self { chronicle })
    }

    /// The reference data of the whole log.
    #[must_use]
    pub const fn directory(&self) -> &Directory {
        &self.chronicle.directory
    }

    /// The day of the last thing that had happened to a case by a moment.
    #[must_use]
    pub fn last_day(&self, as_of: AsOf) -> Option<Date> {
        let view = self.chronicle.at(as_of);
        let days = view.ids().flat_map(|id| view.lines(id));
        days.map(|line| line.on).max()
    }

    /// Counts the figures of a period.
    ///
    /// # Errors
    ///
    /// What `read` answers with, which hands over the same records as before.
    pub fn period<E>(
        &self,
        question: &Question,
        period: Period,
        read: impl FnOnce(&mut dyn FnMut(&Recorded)) -> Result<(), E>,
        root: impl Fn(Position) -> Option<String>,
    ) -> Result<Recomputed, E> {
        let mut counting = Counting::new(self, question, &[period], &root);
        counting.read(read)?;
        Ok(counting.of_period(0, period))
    }

    /// Counts the figures of several periods while the log is read once more.
    ///
    /// # Errors
    ///
    /// What `read` answers with, which hands over the same records as before.
    pub fn periods<E>(
        &self,
        question: &Question,
        periods: &[Period],
        read: impl FnOnce(&mut dyn FnMut(&Recorded)) -> Result<(), E>,
        root: impl Fn(Position) -> Option<String>,
    ) -> Result<Vec<Recomputed>, E> {
        let mut counting = Counting::new(self, question, periods, &root);
        counting.read(read)?;
        let periods = periods.iter().enumerate();
        Ok(periods
            .map(|(place, period)| counting.of_period(place, *period))
            .collect())
    }
}

/// A bulletin of one of the periods that are counted.
#[derive(Clone, Copy)]
struct OfPeriod<'a> {
    /// Which period.
    place: usize,
    period: Period,
    /// Which of its bulletins.
    nth: usize,
    bulletin: &'a Bulletin,
}

/// Figures of several periods while the log is read: what was published is compared in passing, when the statistics have
/// reached the place in the log as of which it was counted.
struct Counting<'a> {
    recount: &'a Recount,
    question: &'a Question,
    counter: Counter<'a>,
    root: &'a dyn Fn(Position) -> Option<String>,
    /// Where something was published that the reading has not reached yet.
    ahead: BTreeMap<Position, Vec<OfPeriod<'a>>>,
    bulletins: Vec<Vec<&'a Bulletin>>,
    /// The log up to where it was read.
    walked: Statistics,
    /// The log as of the moment that is called now, where that is not its end.
    apart: Option<Statistics>,
    now: Stories<'a>,
    /// What was published of each period, by figure, and by the bulletin's place among those of the period.
    published: Vec<BTreeMap<Group, BTreeMap<usize, AsPublished>>>,
    /// The departments of each period.
    groups: Vec<BTreeSet<Option<DepartmentId>>>,
}

impl<'a> Counting<'a> {
    fn new(
        recount: &'a Recount,
        question: &'a Question,
        periods: &[Period],
        root: &'a dyn Fn(Position) -> Option<String>,
    ) -> Self {
        let mut ahead: BTreeMap<Position, Vec<OfPeriod<'a>>> = BTreeMap::new();
        let mut bulletins = vec![Vec::new(); periods.len()];
        for (place, (period, of_it)) in periods.iter().zip(&mut bulletins).enumerate() {
            let all = recount.directory().bulletins.iter();
            of_it.extend(all.filter(|bulletin| Period::of_bulletin(bulletin) == Some(*period)));
            for (nth, bulletin) in of_it.iter().enumerate() {
                ahead.entry(bulletin.position).or_default().push(OfPeriod {
                    place,
                    period: *period,
                    nth,
                    bulletin,
                });
            }
        }
        let figures = if question.figures.is_empty() {
            Figure::ALL
        } else {
            &question.figures
        };
        Self {
            recount,
            question,
            counter: Counter {
                figures,
                departments: question.by_department,
            },
            root,
            ahead,
            bulletins,
            walked: Statistics::default(),
            apart: (question.as_of != AsOf::Now).then(|| Statistics::at(question.as_of)),
            now: Stories::of(recount.chronicle.at(question.as_of)),
            published: vec![BTreeMap::new(); periods.len()],
            groups: vec![BTreeSet::from([None]); periods.len()],
        }
    }

    fn read<E>(&mut self, read: impl FnOnce(&mut dyn FnMut(&Recorded)) -> Result<(), E>) -> Result<(), E> {
        read(&mut |recorded| {
            self.pass(recorded.position);
            if let Some(apart) = &mut self.apart {
                apart.apply(recorded);
                if self.ahead.is_empty() {
                    return;
                }
            }
            self.walked.apply(recorded);
        })?;
        self.pass(Position(u64::MAX));
        self.apart.as_mut().unwrap_or(&mut self.walked).settle();
        Ok(())
    }

    /// Compares what was published as of a position that the reading has come to.
    fn pass(&mut self, position: Position) {
        while let Some(next) = self.ahead.first_entry().filter(|next| *next.key() <= position) {
            let (position, published) = next.remove_entry();
            self.walked.settle();
            let then = Stories::of(self.recount.chronicle.at(AsOf::Position(position)));
            for of_period in published {
                self.compare(of_period, &then);
            }
        }
    }

    /// Compares the figures of a bulletin with those of the log as it was then.
    fn compare(&mut self, of_period: OfPeriod<'a>, then: &Stories<'_>) {
        let OfPeriod {
            place,
            period,
            nth,
            bulletin,
        } = of_period;
        let counts = Counts::new(self.counter, then, &self.walked, period);
        let (Some(of_it), Some(groups), Some(all)) = (
            self.published.get_mut(place),
            self.groups.get_mut(place),
            self.bulletins.get(place),
        ) else {
            return;
        };
        groups.extend(counts.groups());
        let restated_by = all
            .iter()
            .find(|later| later.restates.as_ref() == Some(&bulletin.name));
        for told in &bulletin.figures {
            let figure = self
                .counter
                .figures
                .iter()
                .find(|figure| figure.as_str() == told.figure);
            let Some(figure) = figure.filter(|_| self.counter.departments || told.department.is_none())
            else {
                continue;
            };
            let of = told.department.as_ref();
            groups.insert(told.department.clone());
            let published = Value {
                numerator: told.numerator,
                denominator: told.denominator,
                value: told.value.clone(),
            };
            let (both, before) = counts.both(*figure, of);
            let after = count(*figure, &self.now, of, period);
            let changed = before.zip(after).map(|(before, after)| {
                changed(
                    (*figure, of),
                    period,
                    (bulletin.position, &before),
                    (self.now.view, &after),
                )
            });
            let holds =
                both.first == published && both.second.as_ref().is_none_or(|second| *second == published);
            let row = AsPublished {
                bulletin: bulletin.name.clone(),
                position: bulletin.position,
                root: (self.root)(bulletin.position),
                restated_by: restated_by.map(|later| later.name.clone()),
                published,
                then: both,
                holds,
                // Known once the log is read to its end.
                changed_since: false,
                changed: changed.unwrap_or_default(),
            };
            of_it
                .entry((*figure, told.department.clone()))
                .or_default()
                .insert(nth, row);
        }
    }

    /// What the whole log gives of a period, beside what was published of it.
    fn of_period(&mut self, place: usize, period: Period) -> Recomputed {
        let statistics = self.apart.as_ref().unwrap_or(&self.walked);
        let counts = Counts::new(self.counter, &self.now, statistics, period);
        let mut published = self
            .published
            .get_mut(place)
            .map(std::mem::take)
            .unwrap_or_default();
        let mut groups = self.groups.get_mut(place).map(std::mem::take).unwrap_or_default();
        if self.counter.departments {
            groups.extend(counts.groups());
        }
        let best = |both: &Both| both.second.clone().unwrap_or_else(|| both.first.clone());
        let mut rows = Vec::new();
        for figure in self.counter.figures {
            for department in &groups {
                let of = department.as_ref();
                let (now, counted) = counts.both(*figure, of);
                let mut told = published
                    .remove(&(*figure, department.clone()))
                    .unwrap_or_default();
                for row in told.values_mut() {
                    row.changed_since = best(&row.then) != best(&now);
                }
                rows.push(Row {
                    figure: *figure,
                    department: department.clone(),
                    published: told.into_values().collect(),
                    cases: self
                        .question
                        .cases
                        .then(|| counts.cases(*figure, of, counted.as_ref())),
                    now,
                });
            }
        }
        let bulletins = self.bulletins.get(place).map(Vec::as_slice).unwrap_or_default();
        let restatements = restatements(&self.recount.chronicle, bulletins);
        summed(period, statistics.position(), rows, restatements)
    }
}

fn summed(period: Period, position: Position, rows: Vec<Row>, restatements: Vec<Restatement>) -> Recomputed {
    let published = || rows.iter().flat_map(|row| &row.published);
    let standing = published().filter(|row| row.restated_by.is_none());
    let both = rows
        .iter()
        .map(|row| &row.now)
        .chain(published().map(|row| &row.then));
    Recomputed {
        version: 1,
        period,
        position,
        wrong: published().filter(|row| !row.holds).count(),
        changed: standing.filter(|row| row.changed_since).count(),
        disputed: both.filter(|both| both.agree == Some(false)).count(),
        without_second_path: rows.iter().filter(|row| row.now.second.is_none()).count(),
        rows,
        restatements,
    }
}
