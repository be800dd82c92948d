//! A question after figures, as people write it at a terminal or in an address.

use std::str::FromStr;

use crate::dimension::{Dimension, Scope, Value};
use crate::figure::Figure;
use crate::period::Period;
use crate::statistics::{Ask, Statistics};

/// The figures that groups are shown by where none is named: what a director asks first.
const FIRST: &[Figure] = &[
    Figure::Received,
    Figure::Accepted,
    Figure::Completed,
    Figure::Open,
    Figure::OnTime,
    Figure::OnTimeStrict,
    Figure::UsedMean,
    Figure::SpeedUp,
];

/// A question: what was left open in it is filled in from what there is.
///
/// ```
/// use guichet_stats::{Question, Statistics};
/// let question = Question { by: vec!["department".parse()?], ..Question::default() };
/// assert!(question.ask(&Statistics::default()).figures.len() < 10);
/// assert_eq!(Question::default().ask(&Statistics::default()).figures.len(), guichet_stats::Figure::ALL.len());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Which figures; all where none is named, by groups the first few.
    pub figures: Vec<Figure>,
    /// Set apart by what.
    pub by: Vec<Apart>,
    /// Over which period; from the first day to the last where none is named.
    pub period: Option<Period>,
    /// Of which cases: one of several values of a dimension is enough.
    pub only: Vec<Only>,
}

/// By what figures are set apart: a dimension, or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apart {
    /// A dimension.
    Dimension(Dimension),
    /// Months.
    Month,
    /// Days.
    Day,
}

impl FromStr for Apart {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "month" => Ok(Self::Month),
            "day" => Ok(Self::Day),
            text => match text.parse() {
                Ok(dimension) => Ok(Self::Dimension(dimension)),
                Err(error) => Err(format!("{error}, month, day")),
            },
        }
    }
}

/// One value of a dimension: `department=food-drug`; `window=` for cases that have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only(pub Dimension, pub Value);

impl FromStr for Only {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((dimension, value)) = text.split_once('=') else {
            return Err(format!(
                "`{text}` names no value; expected something like department=food-drug"
            ));
        };
        let dimension = dimension
            .parse::<Dimension>()
            .map_err(|error| error.to_string())?;
        Ok(Self(dimension, (!value.is_empty()).then(|| value.to_owned())))
    }
}

impl Question {
    /// What is asked of these statistics.
    #[must_use]
    pub fn ask(&self, statistics: &Statistics) -> Ask {
        let by = self.by.iter().filter_map(|apart| match apart {
            Apart::Dimension(dimension) => Some(*dimension),
            Apart::Month | Apart::Day => None,
        });
        let months = self.by.contains(&Apart::Month);
        let span = statistics.span().and_then(|span| {
            // Months are shown whole, unless somebody asks for other days.
            let (first, last) = (Period::month_of(span.first()), Period::month_of(span.last()));
            if months {
                Period::new(first.first(), last.last())
            } else {
                Some(span)
            }
        });
        let whole = self.period.or(span).unwrap_or(Period::ALWAYS);
        // What has no days at all has none to be set apart by.
        let bounded = whole != Period::ALWAYS;
        let periods = if bounded && self.by.contains(&Apart::Day) {
            whole.by_day().collect()
        } else if bounded && months {
            whole.by_month().collect()
        } else {
            vec![whole]
        };
        let figures = match (self.figures.is_empty(), self.by.is_empty()) {
            (false, _) => self.figures.clone(),
            (true, true) => Figure::ALL.to_vec(),
            (true, false) => FIRST.to_vec(),
        };
        let only = self.only.iter();
        Ask {
            figures,
            by: by.collect(),
            periods,
            scope: only.fold(Scope::all(), |scope, Only(dimension, value)| {
                scope.with(*dimension, value.clone())
            }),
        }
    }
}
