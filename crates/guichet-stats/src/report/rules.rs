//! Rules of performance scores (绩效评分): what is worth how many points, as data.

use std::collections::BTreeSet;
use std::num::{NonZeroI16, NonZeroU16};

use guichet_core::lang::Lang;
use guichet_core::procedure::Names;
use serde::{Deserialize, Serialize};

use super::happened::EventKind;
use crate::dimension::Dimension;
use crate::figure::{Figure, Rule as Made};

/// The most rules of one file: a scheme of a city has some dozens.
const RULES_MAX: usize = 200;

guichet_core::codes! {
    /// Whom scores are for.
    ScoreOf("whom scores are for") {
        /// Departments.
        Department = "department",
        /// Windows.
        Window = "window",
        /// The people who decide.
        Handler = "handler",
    }
}

impl ScoreOf {
    /// The dimension in which they are told apart.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::Department => Dimension::Department,
            Self::Window => Dimension::Window,
            Self::Handler => Dimension::Handler,
        }
    }
}

/// A scheme of scores. As a document: YAML, described by `schemas/performance-rules.v1.schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The version of this form: 1.
    pub version: One,
    /// Its name.
    pub name: Names,
    /// Where it comes from, and what it leaves out.
    #[serde(default)]
    pub notice: Option<Names>,
    /// Whom it scores.
    pub of: ScoreOf,
    /// Whether each month is scored for itself and the score is the mean of the months.
    #[serde(default)]
    pub monthly: bool,
    /// Its parts.
    pub parts: Parts,
}

/// The number 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct One;

impl TryFrom<u16> for One {
    type Error = String;

    fn try_from(version: u16) -> Result<Self, String> {
        if version == 1 {
            Ok(Self)
        } else {
            Err(format!(
                "rules of version {version} are not known here; expected version 1"
            ))
        }
    }
}

impl From<One> for u16 {
    fn from(_: One) -> Self {
        1
    }
}

/// The parts of a scheme, with rules of different ids.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<RulePart>", into = "Vec<RulePart>")]
pub struct Parts(Vec<RulePart>);

impl TryFrom<Vec<RulePart>> for Parts {
    type Error = String;

    fn try_from(parts: Vec<RulePart>) -> Result<Self, String> {
        let mut seen = BTreeSet::new();
        for rule in parts.iter().flat_map(|part| &part.rules) {
            if !seen.insert(&rule.id) {
                return Err(format!(
                    "the rule `{}` is there twice; points could not be told apart, so give each rule its own id",
                    rule.id
                ));
            }
        }
        if seen.len() > RULES_MAX {
            return Err(format!(
                "there are {} rules; at most {RULES_MAX} are taken",
                seen.len()
            ));
        }
        Ok(Self(parts))
    }
}

impl From<Parts> for Vec<RulePart> {
    fn from(parts: Parts) -> Self {
        parts.0
    }
}

/// A part of a scheme: it begins with its points, and never falls below none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RulePart {
    /// Its name.
    pub name: Names,
    /// What it begins with.
    pub points: u16,
    /// What it can reach at most; without end when absent.
    #[serde(default)]
    pub most: Option<u16>,
    /// Its rules, in the order in which they are applied.
    pub rules: Vec<Rule>,
}

/// A rule: for what, and how many points.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Names,
    /// For what.
    #[serde(rename = "for")]
    pub condition: Condition,
    /// How many points each time, given or taken.
    pub points: NonZeroI16,
    /// How many points it gives or takes at most.
    #[serde(default)]
    pub at_most: Option<NonZeroU16>,
}

/// For what a rule gives or takes points.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// For each case of a count, or of the part of a share.
    Each(EachFigure),
    /// For each event of a kind.
    Event(EventKind),
    /// For a share that is reached or missed.
    Share(Share),
}

/// A figure whose cases can be listed one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "FigureName", into = "Figure")]
pub struct EachFigure(Figure);

/// The code of a figure. There are too many to name them all where one is wrong.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct FigureName(Figure);

impl TryFrom<String> for FigureName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            let text: String = text.chars().take(60).collect();
            format!("`{text}` is no figure; `guichet stats glossary` lists those that there are")
        })
    }
}

impl Serialize for FigureName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl TryFrom<FigureName> for EachFigure {
    type Error = String;

    fn try_from(FigureName(figure): FigureName) -> Result<Self, String> {
        // A part of days is days, and they are no cases.
        let of_days = matches!(
            figure,
            Figure::SpeedUp | Figure::PromiseCompressionByVolume | Figure::ExcludedShare
        );
        match figure.rule() {
            Made::Count(_) | Made::Share(..) if !of_days => Ok(Self(figure)),
            Made::Count(_)
            | Made::Share(..)
            | Made::Mean(..)
            | Made::Score(..)
            | Made::Money(_)
            | Made::Rank(..)
            | Made::Longest(_)
            | Made::Cohort
            | Made::ImmediateItems
            | Made::CatalogueCompression => Err(format!(
                "`{figure}` counts no cases one by one; expected a count such as deemed_acceptances, or a share of cases such as overdue"
            )),
        }
    }
}

impl From<EachFigure> for Figure {
    fn from(each: EachFigure) -> Self {
        each.0
    }
}

/// A share, and from where on it is worth something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "WrittenShare", into = "WrittenShare")]
pub struct Share {
    figure: Figure,
    bound: Bound,
    step: Option<NonZeroU16>,
    of_at_least: Option<NonZeroU16>,
}

/// A bound of a share, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    From(u16),
    Below(u16),
}

/// A share as it is written.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenShare {
    figure: FigureName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    below: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<NonZeroU16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of_at_least: Option<NonZeroU16>,
}

impl TryFrom<WrittenShare> for Share {
    type Error = String;

    fn try_from(written: WrittenShare) -> Result<Self, String> {
        let WrittenShare {
            figure: FigureName(figure),
            step,
            of_at_least,
            ..
        } = written;
        match figure.rule() {
            Made::Share(..) | Made::ImmediateItems | Made::CatalogueCompression => {}
            Made::Count(_)
            | Made::Mean(..)
            | Made::Score(..)
            | Made::Money(_)
            | Made::Rank(..)
            | Made::Longest(_)
            | Made::Cohort => {
                return Err(format!(
                    "`{figure}` is no share; expected one in percent, such as early"
                ));
            }
        }
        let bound = match (written.from, written.below) {
            (Some(from), None) => Bound::From(from),
            (None, Some(below)) => Bound::Below(below),
            (Some(_), Some(_)) | (None, None) => {
                return Err("a share needs `from` or `below`, in percent, and not both".to_owned());
            }
        };
        Ok(Self {
            figure,
            bound,
            step,
            of_at_least,
        })
    }
}

impl From<Share> for WrittenShare {
    fn from(share: Share) -> Self {
        let (from, below) = match share.bound {
            Bound::From(from) => (Some(from), None),
            Bound::Below(below) => (None, Some(below)),
        };
        Self {
            figure: FigureName(share.figure),
            from,
            below,
            step: share.step,
            of_at_least: share.of_at_least,
        }
    }
}

impl Share {
    /// Which share.
    #[must_use]
    pub const fn figure(self) -> Figure {
        self.figure
    }

    /// Whether its points are for missing it.
    pub(super) const fn is_for_a_miss(self) -> bool {
        match self.bound {
            Bound::From(_) => false,
            Bound::Below(_) => true,
        }
    }

    /// What it asks for, in words.
    pub(super) fn told(self, lang: Lang) -> String {
        let name = self.figure.name(lang);
        let mut told = match (self.bound, lang) {
            (Bound::From(from), Lang::Zh) => format!("{name}达到 {from} %"),
            (Bound::From(from), Lang::En) => format!("{name} of {from} % or more"),
            (Bound::Below(below), Lang::Zh) => format!("{name}低于 {below} %"),
            (Bound::Below(below), Lang::En) => format!("{name} below {below} %"),
        };
        if let Some(step) = self.step {
            let again = match lang {
                Lang::Zh => format!("，此后每 {step} 个百分点一次"),
                Lang::En => format!(", and again for each further {step} points"),
            };
            told.push_str(&again);
        }
        if let Some(least) = self.of_at_least {
            let base = match lang {
                Lang::Zh => format!("（分母不少于 {least}）"),
                Lang::En => format!(" (of at least {least})"),
            };
            told.push_str(&base);
        }
        told
    }

    /// How often its points are given: once where the bound is reached or missed, and once more for each further step. A
    /// share of nothing is none, and reaches and misses nothing.
    pub(super) fn times(self, part: i64, whole: i64) -> i64 {
        let least = self.of_at_least.map_or(1, |least| i64::from(least.get()));
        if whole < least {
            return 0;
        }
        let (part, whole) = (i128::from(part) * 100, i128::from(whole));
        // How far beyond the bound, in percent times the whole.
        let beyond = match self.bound {
            Bound::From(from) => part - i128::from(from) * whole,
            Bound::Below(below) => i128::from(below) * whole - part,
        };
        let reached = match self.bound {
            Bound::From(_) => beyond >= 0,
            Bound::Below(_) => beyond > 0,
        };
        if !reached {
            return 0;
        }
        let further = self
            .step
            .map_or(0, |step| beyond / (i128::from(step.get()) * whole));
        i64::try_from(1 + further).unwrap_or(i64::MAX)
    }
}

impl Rules {
    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> &[RulePart] {
        &self.parts.0
    }

    /// The kinds of events that its rules name.
    pub fn events(&self) -> impl Iterator<Item = EventKind> {
        let rules = self.parts().iter().flat_map(|part| &part.rules);
        rules.filter_map(|rule| match &rule.condition {
            Condition::Event(kind) => Some(*kind),
            Condition::Each(_) | Condition::Share(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(bound: Bound, step: u16) -> Share {
        Share {
            figure: Figure::Early,
            bound,
            step: NonZeroU16::new(step),
            of_at_least: None,
        }
    }

    #[test]
    fn a_share_gives_its_points_once_at_the_bound_and_once_more_a_step() {
        let early = share(Bound::From(10), 10);
        let times = |part| early.times(part, 1000);
        assert_eq!(
            (times(99), times(100), times(199), times(200), times(1000)),
            (0, 1, 1, 2, 10)
        );
        assert_eq!(share(Bound::From(10), 0).times(1000, 1000), 1);
    }

    #[test]
    fn a_share_that_must_not_be_missed_takes_its_points_below_the_bound_only() {
        let on_time = share(Bound::Below(90), 0);
        assert_eq!((on_time.times(90, 100), on_time.times(89, 100)), (0, 1));
    }

    #[test]
    fn a_share_of_too_few_is_worth_nothing() {
        let early = Share {
            of_at_least: NonZeroU16::new(5),
            ..share(Bound::From(10), 10)
        };
        assert_eq!((early.times(4, 4), early.times(5, 5)), (0, 10));
    }

    #[test]
    fn a_share_of_nothing_reaches_and_misses_nothing() {
        assert_eq!(share(Bound::From(0), 0).times(0, 0), 0);
        assert_eq!(share(Bound::Below(90), 0).times(0, 0), 0);
    }
}
