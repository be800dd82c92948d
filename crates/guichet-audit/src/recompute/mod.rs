//! `recompute`: a published figure rebuilt from events alone by a second code path, and the cases that differ.
//!
//! Three numbers stand side by side: what was published, what `guichet-stats` counts, and what the second path counts; the
//! last two from the log as it was when the figure was published, and from the log as it is now. Where they differ, the cases
//! are named, and of a case that changed since then the events that changed it.

mod answer;
mod chronicle;
mod command;
mod second;
mod story;
mod text;
mod voices;

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, DepartmentId, Position};
use guichet_core::reference::Bulletin;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::{AsOf, Ask, Behind, Dimension, Figure, Period, Scope, Statistics};

use chronicle::{Chronicle, Line, View};
use second::{Adds, Counted, count, of_case};
use story::Story;

pub use answer::{
    Amounts, Answer, AsPublished, Both, Change, ChangedCase, DisputedCase, Recomputed, Restatement, Row, Why,
};
pub use command::{RecomputeArgs, run};
pub use second::Value;
pub use text::text;

/// What is to be counted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which figures; every one when empty.
    pub figures: Vec<Figure>,
    /// Over which period.
    pub period: Period,
    /// Whether each department is counted for itself as well.
    pub by_department: bool,
    /// Whether the cases behind each figure are wanted.
    pub cases: bool,
    /// As of when the log is read for what is called *now*.
    pub as_of: AsOf,
}

/// Counts figures again. `read` hands every record of the log, in order, to whoever it is given; it is called twice, because only
/// the whole log says which positions were published. `root` tells the root of the log at a position.
///
/// # Errors
///
/// What `read` answers with.
pub fn recompute<E>(
    question: &Question,
    mut read: impl FnMut(&mut dyn FnMut(&Recorded)) -> Result<(), E>,
    root: impl Fn(Position) -> Option<String>,
) -> Result<Answer, E> {
    let mut chronicle = Chronicle::default();
    read(&mut |recorded| chronicle.apply(recorded))?;
    let bulletins: Vec<&Bulletin> = chronicle
        .directory
        .bulletins
        .iter()
        .filter(|bulletin| Period::new(bulletin.first_day, bulletin.last_day) == Some(question.period))
        .collect();
    let moments: BTreeSet<Position> = bulletins.iter().map(|bulletin| bulletin.position).collect();
    let mut then: BTreeMap<Position, Statistics> = moments
        .iter()
        .map(|position| (*position, Statistics::at(AsOf::Position(*position))))
        .collect();
    let mut now = Statistics::at(question.as_of);
    read(&mut |recorded| {
        now.apply(recorded);
        for statistics in then.values_mut() {
            statistics.apply(recorded);
        }
    })?;
    now.settle();
    for statistics in then.values_mut() {
        statistics.settle();
    }
    let figures = if question.figures.is_empty() {
        Figure::ALL
    } else {
        &question.figures
    };
    let counter = Counter {
        figures,
        period: question.period,
        departments: question.by_department,
    };
    let of_now = counter.count(&now, chronicle.at(question.as_of));
    let of_then: BTreeMap<Position, Counts<'_>> = then
        .iter()
        .map(|(position, statistics)| {
            let view = chronicle.at(AsOf::Position(*position));
            (*position, counter.count(statistics, view))
        })
        .collect();
    let mut groups: BTreeSet<Option<DepartmentId>> = BTreeSet::from([None]);
    if question.by_department {
        let published = bulletins.iter().flat_map(|bulletin| &bulletin.figures);
        groups.extend(published.map(|figure| figure.department.clone()));
        let counts = of_then.values().chain([&of_now]);
        groups.extend(counts.flat_map(|counts| counts.first.keys().map(|(_, of)| of.clone())));
    }
    let mut rows = Vec::new();
    for figure in figures {
        for department in &groups {
            let published = bulletins.iter().filter_map(|bulletin| {
                let told = bulletin
                    .figures
                    .iter()
                    .find(|told| told.figure == figure.as_str() && told.department == *department)?;
                let told = Value {
                    numerator: told.numerator,
                    denominator: told.denominator,
                    value: told.value.clone(),
                };
                let restated_by = bulletins
                    .iter()
                    .find(|later| later.restates.as_ref() == Some(&bulletin.name));
                let then = of_then.get(&bulletin.position)?;
                Some(as_published(
                    (*figure, department.as_ref()),
                    (bulletin, told, restated_by.map(|later| later.name.clone())),
                    (then, &of_now),
                    root(bulletin.position),
                ))
            });
            rows.push(Row {
                figure: *figure,
                department: department.clone(),
                published: published.collect(),
                now: of_now.both(*figure, department.as_ref()),
                cases: question.cases.then(|| of_now.cases(*figure, department.as_ref())),
            });
        }
    }
    let restatements = restatements(&chronicle, &bulletins);
    let recomputed = summed(question, now.position(), rows, restatements);
    Ok(Answer {
        recomputed,
        directory: chronicle.directory,
    })
}

fn summed(
    question: &Question,
    position: Position,
    rows: Vec<Row>,
    restatements: Vec<Restatement>,
) -> Recomputed {
    let published = || rows.iter().flat_map(|row| &row.published);
    let standing = published().filter(|row| row.restated_by.is_none());
    let both = rows
        .iter()
        .map(|row| &row.now)
        .chain(published().map(|row| &row.then));
    Recomputed {
        version: 1,
        period: question.period,
        position,
        wrong: published().filter(|row| !row.holds).count(),
        changed: standing.filter(|row| row.changed_since).count(),
        disputed: both.filter(|both| both.agree == Some(false)).count(),
        without_second_path: rows.iter().filter(|row| row.now.second.is_none()).count(),
        rows,
        restatements,
    }
}

/// What is counted.
struct Counter<'a> {
    figures: &'a [Figure],
    period: Period,
    departments: bool,
}

/// Every figure wanted as of one moment, by both paths.
struct Counts<'a> {
    view: View<'a>,
    statistics: &'a Statistics,
    stories: Vec<(&'a CaseId, Story<'a>)>,
    period: Period,
    first: BTreeMap<(Figure, Option<DepartmentId>), Value>,
}

impl Counter<'_> {
    fn count<'a>(&self, statistics: &'a Statistics, view: View<'a>) -> Counts<'a> {
        let mut first = BTreeMap::new();
        let groupings = [
            Some(Vec::new()),
            self.departments.then(|| vec![Dimension::Department]),
        ];
        for by in groupings.into_iter().flatten() {
            let told = statistics.figures(&Ask {
                figures: self.figures.to_vec(),
                by,
                periods: vec![self.period],
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
        Counts {
            view,
            statistics,
            stories: view
                .ids()
                .filter_map(|id| Some((id, Story::of(view, id)?)))
                .collect(),
            period: self.period,
            first,
        }
    }
}

impl Counts<'_> {
    fn second(&self, figure: Figure, of: Option<&DepartmentId>) -> Option<Counted> {
        count(figure, &self.stories, self.view, of, self.period)
    }

    fn both(&self, figure: Figure, of: Option<&DepartmentId>) -> Both {
        let counted = self.second(figure, of);
        let second = counted.as_ref().map(|counted| counted.value(figure));
        // A department that nothing fell to is not among the groups, and has nothing.
        let first = self.first.get(&(figure, of.cloned())).cloned();
        let first = first.unwrap_or_else(|| nothing(figure));
        let agree = second.as_ref().map(|second| *second == first);
        let disputed = counted.as_ref().filter(|_| agree == Some(false));
        let disputed = disputed.map(|counted| self.disputed(figure, of, counted));
        Both {
            first,
            second,
            agree,
            disputed: disputed.unwrap_or_default(),
        }
    }

    /// The cases behind a figure, each with what it adds.
    fn cases(&self, figure: Figure, of: Option<&DepartmentId>) -> BTreeMap<CaseId, Amounts> {
        if let Some(counted) = self.second(figure, of) {
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

fn amounts(adds: &Adds) -> Amounts {
    Amounts {
        part: adds.part,
        whole: adds.whole,
    }
}

fn as_published(
    (figure, of): (Figure, Option<&DepartmentId>),
    (bulletin, published, restated_by): (&Bulletin, Value, Option<String>),
    (then, now): (&Counts<'_>, &Counts<'_>),
    root: Option<String>,
) -> AsPublished {
    let (both, today) = (then.both(figure, of), now.both(figure, of));
    let holds = both.first == published && both.second.as_ref().is_none_or(|second| *second == published);
    let best = |both: &Both| both.second.clone().unwrap_or_else(|| both.first.clone());
    let changed_since = best(&both) != best(&today);
    AsPublished {
        bulletin: bulletin.name.clone(),
        position: bulletin.position,
        root,
        restated_by,
        published,
        then: both,
        holds,
        changed_since,
        changed: changed(figure, of, bulletin.position, then, now),
    }
}

/// The cases that count otherwise now than they did, whether or not the figure changed by that.
fn changed(
    figure: Figure,
    of: Option<&DepartmentId>,
    since: Position,
    then: &Counts<'_>,
    now: &Counts<'_>,
) -> Vec<ChangedCase> {
    let (Some(before), Some(after)) = (then.second(figure, of), now.second(figure, of)) else {
        return Vec::new();
    };
    let cases: BTreeSet<&CaseId> = before.cases.keys().chain(after.cases.keys()).collect();
    let other = cases
        .into_iter()
        .filter(|case| before.cases.get(*case) != after.cases.get(*case));
    let of_case = |case: &CaseId| {
        let adds = |counted: &Counted| counted.cases.get(case).map(amounts).unwrap_or_default();
        ChangedCase {
            case: case.clone(),
            then: adds(&before),
            now: adds(&after),
            by: causes(case, figure, of, since, now),
        }
    };
    other.map(of_case).collect()
}

/// The events that changed what a case adds: the log is let grow by one event of the case, or one calendar, at a time.
fn causes(
    case: &CaseId,
    figure: Figure,
    of: Option<&DepartmentId>,
    since: Position,
    now: &Counts<'_>,
) -> Vec<Change> {
    let lines: BTreeMap<Position, &Line> = now.view.lines(case).map(|line| (line.position, line)).collect();
    let mut steps: BTreeSet<Position> = now.view.calendar_positions().collect();
    steps.extend(lines.keys().copied());
    let adds = |before: Position| {
        let story = Story::of(now.view.before(before), case);
        story.map_or_else(Adds::default, |story| {
            of_case(figure, &story, of, now.period).unwrap_or_default()
        })
    };
    let mut was = adds(since);
    let mut causes = Vec::new();
    for position in steps.into_iter().filter(|position| *position >= since) {
        let is = adds(position.next());
        if is == was {
            continue;
        }
        was = is;
        let line = lines.get(&position);
        causes.push(Change {
            position,
            event: line.map_or("calendar.published", |line| line.event.kind()),
            on: line.map(|line| line.on),
            recorded_at: line.map(|line| line.recorded_at),
            why: line.map_or(Why::Calendar, |line| why(line, now.period)),
        });
    }
    causes
}

fn why(line: &Line, period: Period) -> Why {
    if matches!(line.event, CaseEvent::RecordCorrected(_)) {
        Why::Correction
    } else if matches!(line.event, CaseEvent::CaseReopened(_)) {
        Why::Reopening
    } else if line.on <= period.last() {
        Why::LateRecord
    } else {
        Why::LaterEvent
    }
}

fn restatements(chronicle: &Chronicle, bulletins: &[&Bulletin]) -> Vec<Restatement> {
    let all = &chronicle.directory.bulletins;
    let restated = bulletins.iter().filter_map(|bulletin| {
        let restates = bulletin.restates.clone()?;
        let before = all.iter().find(|earlier| earlier.name == restates);
        let place = all.iter().position(|known| known.name == bulletin.name);
        let recorded = place.and_then(|place| chronicle.published_at.get(place)).copied();
        let others = bulletin.figures.iter().filter(|told| {
            let earlier = before.and_then(|before| {
                let mut figures = before.figures.iter();
                figures.find(|was| was.figure == told.figure && was.department == told.department)
            });
            earlier != Some(*told)
        });
        Some(Restatement {
            bulletin: bulletin.name.clone(),
            restates,
            reason: bulletin.reason.clone(),
            position: bulletin.position,
            recorded: recorded.map(|(position, _)| position),
            recorded_at: recorded.map(|(_, at)| at),
            figures_changed: others.count(),
        })
    });
    restated.collect()
}
