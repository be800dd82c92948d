//! Figures as of one moment, by both paths, and the cases that they count differently.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, DepartmentId};
use guichet_stats::{Ask, Behind, Dimension, Figure, Period, Scope, Statistics};

use super::answer::{Amounts, Both, DisputedCase};
use super::chronicle::View;
use super::second::{Adds, Counted, Value, count};
use super::story::Story;

/// A figure of a department, or of the whole centre.
pub(super) type Group = (Figure, Option<DepartmentId>);

/// The stories of all cases as of a moment.
pub(super) struct Stories<'a> {
    pub(super) view: View<'a>,
    all: Vec<(&'a CaseId, Story<'a>)>,
    /// Which of them name a department at all: no other one can count for it.
    naming: BTreeMap<DepartmentId, Vec<usize>>,
}

impl<'a> Stories<'a> {
    pub(super) fn of(view: View<'a>) -> Self {
        let stories = view.ids().filter_map(|id| Some((id, Story::of(view, id)?)));
        let all: Vec<_> = stories.collect();
        let mut naming: BTreeMap<DepartmentId, Vec<usize>> = BTreeMap::new();
        for (place, (_, story)) in all.iter().enumerate() {
            for department in named(story) {
                naming.entry(department).or_default().push(place);
            }
        }
        Self { view, all, naming }
    }

    /// The stories of the cases that may count for a department, or all.
    pub(super) fn about(&self, of: Option<&DepartmentId>) -> impl Iterator<Item = (&'a CaseId, &Story<'a>)> {
        let naming = of.map(|department| self.naming.get(department).map_or(&[][..], Vec::as_slice));
        let places = naming.map(|places| places.iter().copied());
        let every = places.is_none().then_some(0..self.all.len());
        let places = places.into_iter().flatten().chain(every.into_iter().flatten());
        places.filter_map(|place| self.all.get(place).map(|(id, story)| (*id, story)))
    }
}

/// Every department that the events of a case name.
fn named(story: &Story<'_>) -> BTreeSet<DepartmentId> {
    let mut named = BTreeSet::from([story.department.clone(), story.submitted.department.clone()]);
    for line in &story.lines {
        named.extend(line.department.clone());
        if let CaseEvent::StepStarted(e) = &line.event {
            named.insert(e.department.clone());
        } else if let CaseEvent::RatingOffered(e) = &line.event {
            named.insert(e.department.clone());
        } else if let CaseEvent::ComplaintReceived(e) = &line.event {
            named.extend(e.department.clone());
        } else if let CaseEvent::RecordCorrected(e) = &line.event
            && e.field == "department"
        {
            named.extend(DepartmentId::new(&e.new).ok());
        }
    }
    named
}

/// What is counted.
#[derive(Clone, Copy)]
pub(super) struct Counter<'a> {
    pub(super) figures: &'a [Figure],
    pub(super) departments: bool,
}

impl Counter<'_> {
    /// Every figure over a period by `guichet-stats`, of the centre and of each department that anything fell to.
    fn first(&self, statistics: &Statistics, period: Period) -> BTreeMap<Group, Value> {
        let mut first = BTreeMap::new();
        let groupings = [
            Some(Vec::new()),
            self.departments.then(|| vec![Dimension::Department]),
        ];
        for by in groupings.into_iter().flatten() {
            let told = statistics.figures(&Ask {
                figures: self.figures.to_vec(),
                by,
                periods: vec![period],
                scope: Scope::all(),
            });
            for row in told.rows {
                let department = row.group.get(Dimension::Department.as_str()).cloned().flatten();
                let department = department.and_then(|department| DepartmentId::new(&department).ok());
                for told in row.figures {
                    let value = Value {
                        numerator: told.numerator,
                        denominator: told.denominator,
                        value: told.value,
                    };
                    first.insert((told.figure, department.clone()), value);
                }
            }
        }
        first
    }
}

/// Every figure wanted over a period as of one moment, by both paths.
pub(super) struct Counts<'s, 'a> {
    pub(super) stories: &'s Stories<'a>,
    pub(super) period: Period,
    statistics: &'s Statistics,
    first: BTreeMap<Group, Value>,
}

impl<'s, 'a> Counts<'s, 'a> {
    pub(super) fn new(
        counter: Counter<'_>,
        stories: &'s Stories<'a>,
        statistics: &'s Statistics,
        period: Period,
    ) -> Self {
        Self {
            stories,
            period,
            statistics,
            first: counter.first(statistics, period),
        }
    }

    /// The departments that anything fell to, and the whole centre.
    pub(super) fn groups(&self) -> impl Iterator<Item = Option<DepartmentId>> {
        self.first.keys().map(|(_, of)| of.clone())
    }

    /// A figure by both paths, with what the second one counted.
    pub(super) fn both(&self, figure: Figure, of: Option<&DepartmentId>) -> (Both, Option<Counted>) {
        let counted = count(figure, self.stories, of, self.period);
        let second = counted.as_ref().map(|counted| counted.value(figure));
        // A department that nothing fell to is not among the groups, and has nothing.
        let first = self.first.get(&(figure, of.cloned())).cloned();
        let first = first.unwrap_or_else(|| nothing(figure));
        let agree = second.as_ref().map(|second| *second == first);
        let disputed = counted.as_ref().filter(|_| agree == Some(false));
        let disputed = disputed.map(|counted| self.disputed(figure, of, counted));
        let both = Both {
            first,
            second,
            agree,
            disputed: disputed.unwrap_or_default(),
        };
        (both, counted)
    }

    /// The cases behind a figure, each with what it adds, by the second path if there is one.
    pub(super) fn cases(
        &self,
        figure: Figure,
        of: Option<&DepartmentId>,
        counted: Option<&Counted>,
    ) -> BTreeMap<CaseId, Amounts> {
        if let Some(counted) = counted {
            let cases = counted.cases.iter();
            return cases.map(|(case, adds)| (case.clone(), amounts(adds))).collect();
        }
        let behind = self.behind(figure, of);
        let mut cases: BTreeMap<CaseId, Amounts> = BTreeMap::new();
        for (case, part) in behind.numerator {
            cases.entry(case).or_default().part = part;
        }
        for (case, whole) in behind.denominator {
            cases.entry(case).or_default().whole = whole;
        }
        cases
    }

    fn behind(&self, figure: Figure, of: Option<&DepartmentId>) -> Behind {
        let (by, group) = match of {
            Some(department) => (vec![Dimension::Department], vec![Some(department.to_string())]),
            None => (vec![], vec![]),
        };
        self.statistics
            .behind(figure, &by, &group, &Scope::all(), self.period)
    }

    fn disputed(&self, figure: Figure, of: Option<&DepartmentId>, counted: &Counted) -> Vec<DisputedCase> {
        let behind = self.behind(figure, of);
        let cases: BTreeSet<&CaseId> = behind
            .numerator
            .keys()
            .chain(behind.denominator.keys())
            .chain(counted.cases.keys())
            .collect();
        let disputed = cases.into_iter().filter_map(|case| {
            let of = |amounts: &BTreeMap<CaseId, i64>| amounts.get(case).copied().unwrap_or_default();
            let first = Amounts {
                part: of(&behind.numerator),
                whole: of(&behind.denominator),
            };
            let second = counted.cases.get(case).map(amounts).unwrap_or_default();
            (first != second).then(|| DisputedCase {
                case: case.clone(),
                first,
                second,
            })
        });
        disputed.collect()
    }
}

/// A figure of nothing, as `guichet-stats` tells it.
fn nothing(figure: Figure) -> Value {
    Counted::default().value(figure)
}

pub(super) fn amounts(adds: &Adds) -> Amounts {
    Amounts {
        part: adds.part,
        whole: adds.whole,
    }
}
