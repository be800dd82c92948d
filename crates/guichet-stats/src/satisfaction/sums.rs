//! What became of the occasions for a rating, and of the bad ratings among them.

use guichet_core::case::event::Satisfaction;
use serde::{Deserialize, Serialize};

use super::Levels;
use crate::fraction::Fraction;

/// What became of an occasion for a rating that has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rated {
    /// A rating that counts.
    Valid(Satisfaction),
    /// A rating that was found mistaken or malicious.
    Invalid,
    /// No rating in time.
    Silent,
}

/// What silence counts as: policy, so data. Whatever it says, silence is never mixed into the ratings: it is a number of its
/// own, and a figure that counts it says which share of it is silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// As nothing. Ratings are voluntary.
    #[default]
    LeftOut,
    /// As a rating of this level, as some local rules had it (Guangdong 2019: basically satisfied).
    CountsAs(Satisfaction),
}

/// What one row counts as, on one day. A row may count as several of them, each on a day of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// An occasion that closed.
    Closed(Rated),
    /// A valid bad rating, by the applicant's name.
    Bad {
        /// Whether the applicant was called back and reached.
        called_back: bool,
    },
    /// A valid bad rating whose time to be put right has passed.
    Due {
        /// Whether it was put right in that time.
        in_time: bool,
    },
}

/// A sum over the occasions for a rating that closed: what became of each, and what was done about the bad ones.
///
/// Which occasion belongs to which period is said where the rows are (`rows::rating`); here each is one more or one less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RatingSums {
    /// Those with a rating that counts, by level: R1 to R5.
    pub levels: Levels,
    /// Those whose rating does not count.
    invalid: i64,
    /// Those without a rating.
    silent: i64,
    /// Valid bad ratings, each by the applicant's name.
    bad: i64,
    /// Of these, those whose applicant was called back and reached.
    called_back: i64,
    /// Valid bad ratings whose time to be put right has passed.
    rectification_due: i64,
    /// Of these, those put right in that time.
    rectified_in_time: i64,
}

impl RatingSums {
    /// Adds what a row counts as.
    ///
    /// ```
    /// # use guichet_core::case::event::Satisfaction;
    /// # use guichet_stats::satisfaction::{Counted, Rated, RatingSums};
    /// let mut sums = RatingSums::default();
    /// sums.add(Counted::Closed(Rated::Valid(Satisfaction::Satisfied)));
    /// sums.add(Counted::Closed(Rated::Silent));
    /// assert_eq!(sums.rating_rate().percent().as_deref(), Some("50.00"));
    /// ```
    pub const fn add(&mut self, counted: Counted) {
        self.change(counted, 1);
    }

    /// Takes it out again.
    pub const fn retract(&mut self, counted: Counted) {
        self.change(counted, -1);
    }

    const fn change(&mut self, counted: Counted, by: i64) {
        let (sum, part) = match counted {
            Counted::Closed(Rated::Valid(level)) => return self.levels.change(level, by),
            Counted::Closed(Rated::Invalid) => (&mut self.invalid, None),
            Counted::Closed(Rated::Silent) => (&mut self.silent, None),
            Counted::Bad { called_back } => (
                &mut self.bad,
                if called_back {
                    Some(&mut self.called_back)
                } else {
                    None
                },
            ),
            Counted::Due { in_time } => (
                &mut self.rectification_due,
                if in_time {
                    Some(&mut self.rectified_in_time)
                } else {
                    None
                },
            ),
        };
        *sum = sum.wrapping_add(by);
        if let Some(part) = part {
            *part = part.wrapping_add(by);
        }
    }

    /// Adds another sum to this one.
    pub fn merge(&mut self, other: &Self) {
        self.levels.merge(&other.levels);
        for (sum, by) in self.sums().into_iter().zip(other.signed()) {
            *sum = sum.wrapping_add(by);
        }
    }

    /// Takes another sum out of this one.
    pub fn take_out(&mut self, other: &Self) {
        self.levels.take_out(&other.levels);
        for (sum, by) in self.sums().into_iter().zip(other.signed()) {
            *sum = sum.wrapping_sub(by);
        }
    }

    const fn sums(&mut self) -> [&mut i64; 6] {
        [
            &mut self.invalid,
            &mut self.silent,
            &mut self.bad,
            &mut self.called_back,
            &mut self.rectification_due,
            &mut self.rectified_in_time,
        ]
    }

    const fn signed(&self) -> [i64; 6] {
        [
            self.invalid,
            self.silent,
            self.bad,
            self.called_back,
            self.rectification_due,
            self.rectified_in_time,
        ]
    }

    /// How many occasions closed without a rating.
    #[must_use]
    pub fn silent(&self) -> u64 {
        count(self.silent)
    }

    /// How many occasions have a rating that does not count.
    #[must_use]
    pub fn invalid(&self) -> u64 {
        count(self.invalid)
    }

    /// O: how many occasions closed.
    #[must_use]
    pub fn closed(&self) -> u64 {
        self.levels
            .ratings()
            .saturating_add(self.invalid())
            .saturating_add(self.silent())
    }

    /// Rating rate (评议率): N / O.
    #[must_use]
    pub fn rating_rate(&self) -> Fraction {
        Fraction::new(self.levels.ratings(), self.closed())
    }

    /// Callback rate (回访率): called back and reached / bad ratings by name. Every rating is its applicant's, so all are.
    #[must_use]
    pub fn callback_rate(&self) -> Fraction {
        Fraction::new(count(self.called_back), count(self.bad))
    }

    /// Rectification rate (整改率): put right in time / valid bad ratings whose time has passed.
    #[must_use]
    pub fn rectification_rate(&self) -> Fraction {
        Fraction::new(count(self.rectified_in_time), count(self.rectification_due))
    }

    /// The levels under a policy, and which share of them is silence that was counted as a rating: 0 of N where silence is
    /// left out.
    ///
    /// ```
    /// # use guichet_core::case::event::Satisfaction;
    /// # use guichet_stats::satisfaction::{Counted, Rated, RatingSums, Silence};
    /// let mut sums = RatingSums::default();
    /// sums.add(Counted::Closed(Rated::Valid(Satisfaction::Dissatisfied)));
    /// sums.add(Counted::Closed(Rated::Silent));
    /// let (levels, by_default) = sums.levels_under(Silence::CountsAs(Satisfaction::BasicallySatisfied));
    /// assert_eq!(levels.satisfied().percent().as_deref(), Some("50.00"));
    /// assert_eq!(by_default.percent().as_deref(), Some("50.00"));
    /// let (levels, _) = sums.levels_under(Silence::LeftOut);
    /// assert_eq!(levels.satisfied().percent().as_deref(), Some("0.00"));
    /// ```
    #[must_use]
    pub fn levels_under(&self, policy: Silence) -> (Levels, Fraction) {
        let mut levels = self.levels;
        let by_default = match policy {
            Silence::LeftOut => 0,
            Silence::CountsAs(level) => {
                levels.change(level, self.silent);
                self.silent()
            }
        };
        (levels, Fraction::new(by_default, levels.ratings()))
    }
}

/// A sum below zero is a part of one; nothing is counted in it yet.
fn count(sum: i64) -> u64 {
    u64::try_from(sum).unwrap_or_default()
}
