//! Bulletins: the figures of a period as the centre published them.
//!
//! A published figure never changes. What is found out later makes another figure, and that is published by another
//! bulletin, which names the one that it restates and says why.

use serde::{Deserialize, Serialize};

use crate::id::{DepartmentId, Position};
use crate::time::Date;

/// The figures of a period as the centre published them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulletin {
    /// By what people and later bulletins name it, such as `2010-03`.
    pub name: String,
    /// The first day of the period.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// As of which position of the log the figures were counted.
    pub position: Position,
    /// The bulletin that this one restates, if it does.
    #[serde(default)]
    pub restates: Option<String>,
    /// Why it does.
    #[serde(default)]
    pub reason: Option<String>,
    /// The figures.
    pub figures: Vec<BulletinFigure>,
}

/// One published figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulletinFigure {
    /// Its code, such as `on_time`.
    pub figure: String,
    /// Of which department; of the whole centre where none is named.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// The part, or the count.
    #[serde(default)]
    pub numerator: Option<i64>,
    /// The whole; of a count nothing.
    #[serde(default)]
    pub denominator: Option<i64>,
    /// As it was shown; nothing where it had no value.
    #[serde(default)]
    pub value: Option<String>,
}

impl Bulletin {
    /// Whether it is of the same days as another one.
    #[must_use]
    pub fn is_of_the_days_of(&self, other: &Self) -> bool {
        (self.first_day, self.last_day) == (other.first_day, other.last_day)
    }
}
