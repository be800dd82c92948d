//! `recompute`: a published figure rebuilt from events alone by a second code path, and the cases that differ.
//!
//! Three numbers stand side by side: what was published, what `guichet-stats` counts, and what the second path counts; the
//! last two from the log as it was when the figure was published, and from the log as it is now. Where they differ, the cases
//! are named, and of a case that changed since then the events that changed it.

mod chronicle;
mod command;
mod second;
mod story;
mod text;
mod voices;

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::CaseEvent;
use guichet_core::id::{CaseId, DepartmentId, Position};
use guichet_core::reference::{Bulletin, Directory};
use guichet_core::time::{Date, Timestamp};
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::{AsOf, Ask, Behind, Dimension, Figure, Period, Scope, Statistics};
use serde::Serialize;

use chronicle::{Chronicle, Line, View};
use second::{Adds, Counted, count, of_case};
use story::Story;

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
    /// As of when the log is read for what is called *now*.
    pub as_of: AsOf,
}

/// Why a case counts otherwise than it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// An earlier record was put right.
    Correction,
    /// The case was taken up again.
    Reopening,
    /// Something that had happened by the end of the period was recorded later.
    LateRecord,
    /// A calendar was published.
    Calendar,
    /// Something happened after the period that the figure looks at.
    LaterEvent,
}

/// An event that changed what a case adds to a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its place in the log.
    pub position: Position,
    /// Its kind.
    pub event: &'static str,
    /// The day on which it happened.
    pub on: Option<Date>,
    /// When the log took it.
    pub recorded_at: Option<Timestamp>,
    /// What it is to the figure.
    pub why: Why,
}

/// A part and a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// What the case adds to the part.
    pub part: i64,
    /// What it adds to the whole.
    pub whole: i64,
}

/// A case that counts otherwise now than it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedCase {
    /// Which.
    pub case: CaseId,
    /// What it added when the figure was published.
    pub then: Amounts,
    /// What it adds now.
    pub now: Amounts,
    /// The events that changed it.
    pub by: Vec<Change>,
}

/// A case that the two paths count differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DisputedCase {
    /// Which.
    pub case: CaseId,
    /// What it adds by `guichet-stats`.
    pub first: Amounts,
    /// What it adds by the second path.
    pub second: Amounts,
}

/// One figure as of one moment, by both paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Both {
    /// As `guichet-stats` counts it.
    pub first: Value,
    /// As the second path counts it; nothing where it has none.
    pub second: Option<Value>,
    /// Whether the two agree; nothing where there is no second path.
    pub agree: Option<bool>,
    /// The cases that they count differently.
    pub disputed: Vec<DisputedCase>,
}

/// A published figure beside what the log gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AsPublished {
    /// The bulletin.
    pub bulletin: String,
    /// As of which position of the log it was counted.
    pub position: Position,
    /// The root of the log there, where whoever asks can tell it.
    pub root: Option<String>,
    /// The bulletin that restates this one, if there is one.
    pub restated_by: Option<String>,
    /// What was published.
    pub published: Value,
    /// From the log as it was then.
    pub then: Both,
    /// Whether what was published is what the log of then gives, by every path that there is.
    pub holds: bool,
    /// Whether the log of now gives another figure.
    pub changed_since: bool,
    /// The cases that count otherwise now.
    pub changed: Vec<ChangedCase>,
}

/// One figure of a department, or of the whole centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which figure.
    pub figure: Figure,
    /// Of which department; of the whole centre where none is named.
    pub department: Option<DepartmentId>,
    /// From the log as it is now.
    pub now: Both,
    /// As it was published, every time.
    pub published: Vec<AsPublished>,
}

/// A bulletin that took the place of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restatement {
    /// The new one.
    pub bulletin: String,
    /// The one that it restates.
    pub restates: String,
    /// Why.
    pub reason: Option<String>,
    /// As of which position of the log it was counted.
    pub position: Position,
    /// Where the log has it.
    pub recorded: Option<Position>,
    /// When it was recorded.
    pub recorded_at: Option<Timestamp>,
    /// How many of the figures are others than before.
    pub figures_changed: usize,
}

/// Figures counted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// The version of this form.
    pub version: u16,
    /// The period.
    pub period: Period,
    /// How far the log was read for what is called now.
    pub position: Position,
    /// The figures.
    pub rows: Vec<Row>,
    /// The restatements of the period.
    pub restatements: Vec<Restatement>,
    /// How many published figures are not what the log of then gives.
    pub wrong: usize,
    /// How many of those that stand would be others now.
    pub changed: usize,
    /// How many times the two paths disagree.
    pub disputed: usize,
    /// How many figures have no second path.
    pub without_second_path: usize,
}

impl Recomputed {
    /// Whether there is any difference that a person has to look at.
    #[must_use]
    pub const fn differs(&self) -> bool {
        self.wrong + self.changed + self.disputed > 0
    }
}

/// The answer, with the reference data whose names it uses.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The figures.
    pub recomputed: Recomputed,
    /// The departments, for their names.
    pub directory: Directory,
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
