//! The second path: each figure counted naively over the story of each case, from the figure's published definition.
//!
//! Nothing of how `guichet-stats` counts is used here: no rows, no cubes, no measures. What the two share is the name of a
//! figure and its meaning (to which the words belong by which a delivery counts as sent), the words for a period and a moment,
//! and the clock of `guichet-core`. A figure that this page does not know has no second path, and is answered so.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each figure looks for the events that it is about, and any figure not named has no second path"
)]

use std::collections::BTreeMap;

use guichet_core::case::CaseEvent;
use guichet_core::case::event::{Outcome, Timeliness};
use guichet_core::id::{CaseId, DepartmentId};
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::time::{Date, Term};
use guichet_stats::{Figure, Period};

use super::chronicle::View;
use super::count::Stories;
use super::story::{Spell, Story, Took, days};
use super::voices;

/// What a case adds to a figure: to its part, to its whole, and its days where the figure ranks them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Adds {
    pub(super) part: i64,
    pub(super) whole: i64,
    pub(super) days: Vec<u32>,
}

impl Adds {
    /// Whether it adds nothing.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    fn count(count: usize) -> Self {
        Self::share(count, 0)
    }

    fn share(part: usize, whole: usize) -> Self {
        let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            part: number(part),
            whole: number(whole),
            days: Vec::new(),
        }
    }

    fn sums(part: i64, whole: i64) -> Self {
        Self {
            part,
            whole,
            days: Vec::new(),
        }
    }

    fn ranked(mut days: Vec<u32>) -> Self {
        days.sort_unstable();
        Self {
            part: 0,
            whole: i64::try_from(days.len()).unwrap_or(i64::MAX),
            days,
        }
    }
}

/// A figure by the second path: the cases of its part and of its whole, and its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) cases: BTreeMap<CaseId, Adds>,
    /// What is counted over the items of the catalogue, and not over cases.
    items: Option<(i64, i64)>,
}

/// Counts a figure over all cases, of one department or of the whole centre. None where it has no second path.
pub(super) fn count(
    figure: Figure,
    stories: &Stories<'_>,
    of: Option<&DepartmentId>,
    period: Period,
) -> Option<Counted> {
    if let Some(items) = over_the_catalogue(figure, stories.view, of) {
        let cases = BTreeMap::new();
        return Some(Counted {
            cases,
            items: Some(items),
        });
    }
    let mut cases = BTreeMap::new();
    for (id, story) in stories.about(of) {
        let adds = of_case(figure, story, of, period)?;
        if !adds.is_nothing() {
            cases.insert(id.clone(), adds);
        }
    }
    // A centre without cases must not make a figure known that nobody can count.
    has_second_path(figure).then_some(Counted { cases, items: None })
}

/// What one case adds to a figure. None where the figure has no second path.
pub(super) fn of_case(
    figure: Figure,
    story: &Story<'_>,
    of: Option<&DepartmentId>,
    period: Period,
) -> Option<Adds> {
    if !has_second_path(figure) {
        return None;
    }
    if let Some(adds) = voices::of_case(figure, story, of, period) {
        return Some(adds);
    }
    let for_them = of.is_none_or(|department| department == story.department);
    let adds = main_line(figure, story, of, period)?;
    Some(if for_them || is_of_members(figure) {
        adds
    } else {
        Adds::default()
    })
}

/// Whether a figure can be counted here.
pub(super) const fn has_second_path(figure: Figure) -> bool {
    !matches!(
        figure,
        Figure::OneVisit
            | Figure::OnTimeBySource
            | Figure::MembersOpen
            | Figure::MembersOnTime
            | Figure::MembersUsedMean
            | Figure::OnSiteCallbackRate
            | Figure::OnSiteRectificationRate
            | Figure::OnlineCallbackRate
            | Figure::OnlineRectificationRate
            | Figure::ElsewhereCallbackRate
            | Figure::ElsewhereRectificationRate
    )
}

const fn is_of_members(figure: Figure) -> bool {
    matches!(figure, Figure::MembersAsked | Figure::DeemedConsents)
}

/// The figures over the items of the catalogue: their part and their whole.
fn over_the_catalogue(figure: Figure, view: View<'_>, of: Option<&DepartmentId>) -> Option<(i64, i64)> {
    let items = || {
        let items = view.catalogue();
        items.filter(move |item| of.is_none_or(|department| *department == item.department))
    };
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    if figure == Figure::ImmediateItems {
        let immediate = items().filter(|item| item.kind == ProcedureKind::Immediate);
        return Some((number(immediate.count()), number(items().count())));
    }
    (figure == Figure::PromiseCompression).then(|| {
        let lengths: Vec<(i64, i64)> = items().filter_map(statutory_and_promised).collect();
        let statutory = lengths.iter().map(|(statutory, _)| statutory).sum::<i64>();
        let promised = lengths.iter().map(|(_, promised)| promised).sum::<i64>();
        (statutory - promised, statutory)
    })
}

/// The days of an item by law and by promise, where they are days of one kind.
fn statutory_and_promised(item: &Procedure) -> Option<(i64, i64)> {
    let statutory = item.terms.statutory.as_ref()?.term;
    let promised = item.terms.promised.as_ref()?.term;
    let working = |term| matches!(term, Term::WorkingDays(_) | Term::WorkingHours(_));
    let days = |term| days(term, item.policy.hours_per_day).map(i64::from);
    (working(statutory) == working(promised)).then_some((days(statutory)?, days(promised)?))
}

/// A decision that counts in a period.
struct Decided<'s> {
    on: Date,
    outcome: Outcome,
    took: Option<&'s Took>,
}

fn decided<'s>(story: &'s Story<'_>, period: Period) -> Vec<Decided<'s>> {
    let ends = story.spells.iter().filter_map(|spell| spell.end.as_ref());
    ends.filter(|end| end.outcome.is_decision() && period.contains(end.on))
        .map(|end| Decided {
            on: end.on,
            outcome: end.outcome,
            took: end.took.as_ref(),
        })
        .collect()
}

/// Whether a stretch has begun and not ended at the close of a day.
fn is_open(spell: &Spell, day: Date) -> bool {
    spell.from <= day && spell.end.as_ref().is_none_or(|end| day < end.on)
}

#[expect(
    clippy::too_many_lines,
    reason = "a page that is read beside the glossary: one paragraph a figure, in its order"
)]
fn main_line(figure: Figure, story: &Story<'_>, of: Option<&DepartmentId>, period: Period) -> Option<Adds> {
    let close = period.last();
    let received = usize::from(period.contains(story.submitted.received_on));
    let accepted = story.accepted.filter(|(on, _)| period.contains(*on));
    let accepted_count = usize::from(accepted.is_some());
    let decided = decided(story, period);
    let done = decided.len();
    // Decisions that have a term, each with what it took.
    let measured = || {
        let with_term = decided.iter().filter_map(|decision| decision.took);
        with_term.filter_map(|took| Some((took.timeliness?, took)))
    };
    let stands = |wanted: &[Timeliness]| measured().filter(|(is, _)| wanted.contains(is)).count();
    let all_measured = measured().count();
    let in_time = stands(&[Timeliness::Early, Timeliness::OnTime]);
    let late = |due: fn(&Spell) -> Option<Date>| {
        let open = story.spells.iter().filter(|spell| is_open(spell, close));
        open.filter(|spell| due(spell).is_some_and(|due_on| due_on < close))
            .count()
    };
    let late_by_promise = late(|spell| spell.due.promised);
    // Decisions on promised items whose days are working days, all of them known.
    let is_promised = story.kind == Some(ProcedureKind::Promised);
    let timed: Vec<(u32, u32, &Took)> = decided
        .iter()
        .filter_map(|decision| decision.took)
        .filter(|took| is_promised && took.working)
        .filter_map(|took| Some((took.used?, took.elapsed?, took)))
        .collect();
    let used: i64 = timed.iter().map(|(used, _, _)| i64::from(*used)).sum();
    let elapsed: i64 = timed.iter().map(|(_, elapsed, _)| i64::from(*elapsed)).sum();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let overrun: Vec<u32> = decided
        .iter()
        .filter_map(|decision| decision.took.filter(|took| took.working))
        .filter_map(|took| took.used?.checked_sub(took.allowed?).filter(|over| *over > 0))
        .collect();
    let notices = story
        .lines
        .iter()
        .filter(|line| matches!(line.event, CaseEvent::CorrectionRequested(_)))
        .count();

    Some(match figure {
        Figure::Received => Adds::count(received),
        Figure::Accepted => Adds::count(accepted_count),
        Figure::NotAccepted => {
            let refused = story.lines.iter().rev().find_map(|line| match &line.event {
                CaseEvent::AcceptanceRefused(e) => Some(e.refused_on),
                _ => None,
            });
            let never_open = story.spells.is_empty();
            Adds::count(usize::from(
                never_open && refused.is_some_and(|on| period.contains(on)),
            ))
        }
        Figure::Completed => Adds::count(done),
        Figure::Finished => {
            let last = story.lines.iter().rev().find_map(|line| match &line.event {
                CaseEvent::CaseCompleted(e) => Some(Some(e.completed_on)),
                CaseEvent::CaseReopened(_) => Some(None),
                _ => None,
            });
            Adds::count(usize::from(last.flatten().is_some_and(|on| period.contains(on))))
        }
        Figure::Out => {
            let ends = story.spells.iter().filter_map(|spell| spell.end.as_ref());
            let out = ends.filter(|end| !end.outcome.is_decision() && period.contains(end.on));
            Adds::count(out.count())
        }
        Figure::Reopened => {
            let again = story.spells.iter().skip(usize::from(story.accepted.is_some()));
            Adds::count(again.filter(|spell| period.contains(spell.from)).count())
        }
        Figure::Open => Adds::count(story.spells.iter().filter(|spell| is_open(spell, close)).count()),
        Figure::Waiting => {
            let stands_still = story
                .pauses
                .iter()
                .any(|pause| pause.since <= close && pause.until.is_none_or(|until| close < until));
            let open = story.spells.iter().filter(|spell| is_open(spell, close));
            Adds::count(open.filter(|_| stands_still).count())
        }
        Figure::OpenOverdue => Adds::count(late_by_promise),
        Figure::OpenIllegal => Adds::count(late(|spell| spell.due.statutory)),
        Figure::CompletionRate => Adds::share(done, accepted_count),
        Figure::CompletionCohort => {
            let mut ends = story.spells.iter().filter_map(|spell| spell.end.as_ref());
            let is_done = ends.any(|end| end.outcome.is_decision() && end.on <= close);
            Adds::share(accepted_count * usize::from(is_done), accepted_count)
        }
        Figure::OnTime => Adds::share(in_time, all_measured),
        Figure::OnTimeStrict => Adds::share(in_time, all_measured + late_by_promise),
        Figure::Unmeasured => Adds::count(done - all_measured),
        Figure::Early => {
            let promised = || measured().filter(|(_, took)| is_promised && took.promised.is_some());
            let early = promised().filter(|(is, _)| *is == Timeliness::Early);
            Adds::share(early.count(), promised().count())
        }
        Figure::Overdue => {
            let late = stands(&[Timeliness::Overdue, Timeliness::Illegal]);
            Adds::share(late, all_measured)
        }
        Figure::OverdueIllegal => Adds::share(stands(&[Timeliness::Illegal]), all_measured),
        Figure::OverdueMean => {
            let over = overrun.iter().map(|days| i64::from(*days)).sum();
            Adds::sums(over, number(overrun.len()))
        }
        Figure::OverdueLongest => Adds::ranked(overrun),
        Figure::UsedMean => Adds::sums(used, number(timed.len())),
        Figure::ElapsedMean => Adds::sums(elapsed, number(timed.len())),
        Figure::Hidden => Adds::sums(elapsed - used, number(timed.len())),
        Figure::ExcludedShare => Adds::sums(elapsed - used, elapsed),
        Figure::UsedMedian | Figure::UsedP90 => {
            Adds::ranked(timed.iter().map(|(used, _, _)| *used).collect())
        }
        Figure::ElapsedMedian | Figure::ElapsedP90 => {
            Adds::ranked(timed.iter().map(|(_, elapsed, _)| *elapsed).collect())
        }
        Figure::PromiseCompressionByVolume => {
            let took = decided.iter().filter_map(|decision| decision.took);
            let terms: Vec<(i64, i64)> = took
                .filter_map(|took| Some((i64::from(took.statutory?), i64::from(took.promised?))))
                .collect();
            let statutory: i64 = terms.iter().map(|(statutory, _)| statutory).sum();
            let promised: i64 = terms.iter().map(|(_, promised)| promised).sum();
            Adds::sums(statutory - promised, statutory)
        }
        Figure::SpeedUp => {
            let took = decided.iter().filter_map(|decision| decision.took);
            let promised = took.filter(|took| is_promised && took.working);
            let terms: Vec<(i64, i64)> = promised
                .filter_map(|took| Some((i64::from(took.statutory?), i64::from(took.used?))))
                .collect();
            let statutory: i64 = terms.iter().map(|(statutory, _)| statutory).sum();
            let used: i64 = terms.iter().map(|(_, used)| used).sum();
            Adds::sums(statutory - used, statutory)
        }
        Figure::ImmediateByVolume => {
            let immediate = story.kind == Some(ProcedureKind::Immediate);
            let whole = accepted_count * usize::from(immediate || is_promised);
            Adds::share(whole * usize::from(immediate), whole)
        }
        Figure::SameDay => {
            let accepted_on = story.accepted.map(|(on, _)| on);
            let same = decided.iter().filter(|decision| Some(decision.on) == accepted_on);
            Adds::share(same.count(), done)
        }
        Figure::Correction => Adds::share(received * usize::from(notices >= 1), received),
        Figure::CorrectionRepeated => Adds::share(received * usize::from(notices >= 2), received),
        Figure::Denial => {
            let is_denial = |decision: &&Decided<'_>| {
                matches!(decision.outcome, Outcome::Refused | Outcome::DeemedRefused)
            };
            Adds::share(decided.iter().filter(is_denial).count(), done)
        }
        Figure::SpecialShare => Adds::share(done * usize::from(!story.pauses.is_empty()), done),
        Figure::DeemedAcceptances => Adds::count(usize::from(accepted.is_some_and(|(_, deemed)| deemed))),
        Figure::DeemedDecisions => {
            let is_silence = |decision: &&Decided<'_>| {
                matches!(decision.outcome, Outcome::DeemedGranted | Outcome::DeemedRefused)
            };
            Adds::count(decided.iter().filter(is_silence).count())
        }
        Figure::MembersAsked => {
            let asked = story.lines.iter().filter(|line| match &line.event {
                CaseEvent::StepStarted(e) => {
                    let for_them = of.is_none_or(|department| *department == e.department);
                    e.group.is_some() && for_them && period.contains(e.started_on)
                }
                _ => false,
            });
            Adds::count(asked.count())
        }
        Figure::DeemedConsents => {
            let silent = story
                .lines
                .iter()
                .enumerate()
                .filter(|(nth, line)| match &line.event {
                    CaseEvent::MemberConsentDeemed(e) => {
                        let asked = story.department_of(&e.member, *nth);
                        let for_them = of.is_none_or(|department| asked == Some(department));
                        asked.is_some() && for_them && period.contains(e.lapsed_on)
                    }
                    _ => false,
                });
            Adds::count(silent.count())
        }
        _ => return None,
    })
}

/// A figure as it is published: its part, its whole, and how it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Value {
    /// The part; of a count the count.
    pub numerator: Option<i64>,
    /// The whole; of a count nothing.
    pub denominator: Option<i64>,
    /// As it is shown; nothing where it has no value.
    pub value: Option<String>,
}

impl Counted {
    /// The figure, as it is shown.
    pub(super) fn value(&self, figure: Figure) -> Value {
        use guichet_stats::figure::Unit;

        let cases = self.cases.values();
        let (part, whole) = self.items.unwrap_or_else(|| {
            cases.fold((0, 0), |(part, whole), adds| {
                (part + adds.part, whole + adds.whole)
            })
        });
        let rank = |percent| Value {
            numerator: None,
            denominator: Some(whole),
            value: self.rank(percent).map(|days| days.to_string()),
        };
        match figure {
            Figure::UsedMedian | Figure::ElapsedMedian => return rank(50),
            Figure::UsedP90 | Figure::ElapsedP90 => return rank(90),
            Figure::OverdueLongest => return rank(100),
            _ => {}
        }
        let (denominator, value) = match figure.unit() {
            Unit::Count => (None, Some(part.to_string())),
            Unit::Percent => (Some(whole), two_places(i128::from(part) * 100, whole)),
            Unit::WorkingDays | Unit::Points => (Some(whole), two_places(i128::from(part), whole)),
            Unit::Yuan => (None, two_places(i128::from(part), 100)),
        };
        Value {
            numerator: Some(part),
            denominator,
            value,
        }
    }

    /// The fewest days that so many in a hundred did not exceed.
    fn rank(&self, percent: usize) -> Option<u32> {
        let mut days: Vec<u32> = self.cases.values().flat_map(|adds| adds.days.clone()).collect();
        days.sort_unstable();
        let nth = (days.len() * percent).div_ceil(100).max(1);
        days.get(nth - 1).copied()
    }
}

/// A quotient with two places, half away from zero. None where it is divided by nothing.
fn two_places(part: i128, whole: i64) -> Option<String> {
    let whole = i128::from(whole);
    if whole <= 0 {
        return None;
    }
    let hundredths = (part.abs() * 200 + whole) / (2 * whole);
    let sign = if part < 0 && hundredths > 0 { "-" } else { "" };
    Some(format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100))
}
