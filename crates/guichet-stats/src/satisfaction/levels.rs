//! How many ratings said what, and what follows from the five numbers.

use guichet_core::case::event::Satisfaction;
use serde::{Deserialize, Serialize};

use crate::fraction::Fraction;

/// How many ratings gave each level: R1 (very satisfied) to R5 (very dissatisfied).
///
/// A sum over ratings. Sums add up in any order, and what was added can be taken out again; halfway, where one part takes
/// out what another part added, a count may be below zero, and is then read as 0.
///
/// ```
/// # use guichet_core::case::event::Satisfaction;
/// # use guichet_stats::satisfaction::Levels;
/// let mut levels = Levels::default();
/// levels.add(Satisfaction::VerySatisfied);
/// levels.add(Satisfaction::BasicallySatisfied);
/// assert_eq!(levels.satisfied().percent().as_deref(), Some("100.00"));
/// assert_eq!(levels.satisfied_strictly().percent().as_deref(), Some("50.00"));
/// assert_eq!(Levels::default().satisfied().percent(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    very_satisfied: i64,
    satisfied: i64,
    basically_satisfied: i64,
    dissatisfied: i64,
    very_dissatisfied: i64,
}

/// What each level is worth in a score: policy, so data.
///
/// ```
/// # use guichet_stats::satisfaction::Weights;
/// assert_eq!(Weights::HUNDRED.very_satisfied, 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// 非常满意.
    pub very_satisfied: u32,
    /// 满意.
    pub satisfied: u32,
    /// 基本满意.
    pub basically_satisfied: u32,
    /// 不满意.
    pub dissatisfied: u32,
    /// 非常不满意.
    pub very_dissatisfied: u32,
}

impl Weights {
    /// 100, 80, 60, 30, 0.
    pub const HUNDRED: Self = Self::new([100, 80, 60, 30, 0]);
    /// 10, 8, 6, 4, 2.
    pub const TEN: Self = Self::new([10, 8, 6, 4, 2]);
    /// 5 points for very satisfied down to 1 for very dissatisfied.
    pub const POINTS: Self = Self::new([5, 4, 3, 2, 1]);

    /// What the levels are worth, from very satisfied to very dissatisfied.
    #[must_use]
    pub const fn new(from_best: [u32; 5]) -> Self {
        let [
            very_satisfied,
            satisfied,
            basically_satisfied,
            dissatisfied,
            very_dissatisfied,
        ] = from_best;
        Self {
            very_satisfied,
            satisfied,
            basically_satisfied,
            dissatisfied,
            very_dissatisfied,
        }
    }

    /// What a level is worth.
    #[must_use]
    pub const fn of(&self, level: Satisfaction) -> u32 {
        match level {
            Satisfaction::VerySatisfied => self.very_satisfied,
            Satisfaction::Satisfied => self.satisfied,
            Satisfaction::BasicallySatisfied => self.basically_satisfied,
            Satisfaction::Dissatisfied => self.dissatisfied,
            Satisfaction::VeryDissatisfied => self.very_dissatisfied,
        }
    }
}

/// The points of a level, from 5 for the best to 1 for the worst.
const fn points(level: Satisfaction) -> u32 {
    Weights::POINTS.of(level)
}

impl Levels {
    /// The counts of the levels, from very satisfied to very dissatisfied.
    ///
    /// ```
    /// # use guichet_stats::satisfaction::Levels;
    /// assert_eq!(Levels::of([1, 0, 0, 0, 2]).ratings(), 3);
    /// ```
    #[must_use]
    pub fn of(from_best: [u64; 5]) -> Self {
        let mut levels = Self::default();
        for (level, count) in Satisfaction::ALL.iter().zip(from_best) {
            *levels.sum(*level) = i64::try_from(count).unwrap_or(i64::MAX);
        }
        levels
    }

    const fn sum(&mut self, level: Satisfaction) -> &mut i64 {
        match level {
            Satisfaction::VerySatisfied => &mut self.very_satisfied,
            Satisfaction::Satisfied => &mut self.satisfied,
            Satisfaction::BasicallySatisfied => &mut self.basically_satisfied,
            Satisfaction::Dissatisfied => &mut self.dissatisfied,
            Satisfaction::VeryDissatisfied => &mut self.very_dissatisfied,
        }
    }

    /// Adds a rating.
    pub const fn add(&mut self, level: Satisfaction) {
        self.change(level, 1);
    }

    /// Takes a rating out again.
    pub const fn retract(&mut self, level: Satisfaction) {
        self.change(level, -1);
    }

    /// Adds `by` ratings of a level, or takes them out where it is below zero.
    // Wrapping, so that the order in which sums are put together never shows: no log holds as many ratings.
    pub const fn change(&mut self, level: Satisfaction, by: i64) {
        let sum = self.sum(level);
        *sum = sum.wrapping_add(by);
    }

    /// Adds another sum to this one.
    pub fn merge(&mut self, other: &Self) {
        for level in Satisfaction::ALL {
            self.change(*level, other.signed(*level));
        }
    }

    /// Takes another sum out of this one.
    pub fn take_out(&mut self, other: &Self) {
        for level in Satisfaction::ALL {
            self.change(*level, other.signed(*level).wrapping_neg());
        }
    }

    const fn signed(&self, level: Satisfaction) -> i64 {
        match level {
            Satisfaction::VerySatisfied => self.very_satisfied,
            Satisfaction::Satisfied => self.satisfied,
            Satisfaction::BasicallySatisfied => self.basically_satisfied,
            Satisfaction::Dissatisfied => self.dissatisfied,
            Satisfaction::VeryDissatisfied => self.very_dissatisfied,
        }
    }

    /// How many ratings gave this level.
    #[must_use]
    pub fn count(&self, level: Satisfaction) -> u64 {
        u64::try_from(self.signed(level)).unwrap_or_default()
    }

    /// How many ratings gave one of the levels that are wanted.
    fn counted(&self, wanted: impl Fn(Satisfaction) -> bool) -> u64 {
        let levels = Satisfaction::ALL.iter().copied();
        // Five numbers of 63 bits may be too much for one of 64; then nothing is true any more, and nothing panics.
        levels
            .filter(|level| wanted(*level))
            .fold(0, |sum: u64, level| sum.saturating_add(self.count(level)))
    }

    /// N: how many ratings there are.
    #[must_use]
    pub fn ratings(&self) -> u64 {
        self.counted(|_| true)
    }

    /// Of N those that a condition holds for: each rate is counted by itself, from the same base.
    fn rate(&self, wanted: impl Fn(Satisfaction) -> bool) -> Fraction {
        Fraction::new(self.counted(wanted), self.ratings())
    }

    /// Satisfaction rate, broad (满意率): (R1 + R2 + R3) / N.
    #[must_use]
    pub fn satisfied(&self) -> Fraction {
        self.rate(|level| !level.is_bad())
    }

    /// Satisfaction rate, strict: (R1 + R2) / N.
    #[must_use]
    pub fn satisfied_strictly(&self) -> Fraction {
        self.rate(|level| points(level) >= points(Satisfaction::Satisfied))
    }

    /// Bad-rating rate (差评率): (R4 + R5) / N.
    #[must_use]
    pub fn bad(&self) -> Fraction {
        self.rate(Satisfaction::is_bad)
    }

    /// Score: the sum of weight × R, of N.
    ///
    /// ```
    /// # use guichet_stats::satisfaction::{Levels, Weights};
    /// assert_eq!(Levels::of([1, 1, 0, 0, 0]).score(&Weights::HUNDRED).value(), Some(90.0));
    /// assert_eq!(Levels::default().score(&Weights::HUNDRED).value(), None);
    /// ```
    #[must_use]
    pub fn score(&self, weights: &Weights) -> Fraction {
        let levels = Satisfaction::ALL.iter().copied();
        let worth = levels.fold(0_u64, |sum, level| {
            sum.saturating_add(self.count(level).saturating_mul(u64::from(weights.of(level))))
        });
        Fraction::new(worth, self.ratings())
    }

    /// Mean in points: 5 for very satisfied down to 1 for very dissatisfied.
    #[must_use]
    pub fn mean(&self) -> Fraction {
        self.score(&Weights::POINTS)
    }

    /// CSAT points: the mean stretched from 1..5 to 0..100, (mean - 1) / 4 × 100.
    #[must_use]
    pub fn csat_points(&self) -> Fraction {
        self.score(&Weights::new([100, 75, 50, 25, 0]))
    }

    /// Median in points: of the two in the middle the mean, so a whole number or a half.
    ///
    /// ```
    /// # use guichet_stats::satisfaction::Levels;
    /// assert_eq!(Levels::of([1, 0, 0, 0, 1]).median().value(), Some(3.0));
    /// assert_eq!(Levels::of([1, 1, 0, 0, 0]).median().value(), Some(4.5));
    /// ```
    #[must_use]
    pub fn median(&self) -> Fraction {
        let ratings = self.ratings();
        let (Some(lower), Some(upper)) = (self.rank(ratings.saturating_sub(1) / 2), self.rank(ratings / 2))
        else {
            return Fraction::default();
        };
        Fraction::new(u64::from(points(lower)) + u64::from(points(upper)), 2)
    }

    /// The rating at this place, from 0, when the worst stands first.
    fn rank(&self, place: u64) -> Option<Satisfaction> {
        let mut before = 0_u64;
        let mut levels = Satisfaction::ALL.iter().rev().copied();
        levels.find(|level| {
            before = before.saturating_add(self.count(*level));
            place < before
        })
    }

    /// Sample standard deviation of the points, n - 1 in the denominator; nothing where there are fewer than two ratings.
    ///
    /// ```
    /// # use guichet_stats::satisfaction::Levels;
    /// assert_eq!(Levels::of([2, 0, 0, 0, 0]).standard_deviation(), Some(0.0));
    /// assert_eq!(Levels::of([1, 0, 0, 0, 0]).standard_deviation(), None);
    /// ```
    #[must_use]
    pub fn standard_deviation(&self) -> Option<f64> {
        let ratings = u128::from(self.ratings());
        let (mut sum, mut squares) = (0_u128, 0_u128);
        for level in Satisfaction::ALL {
            let (count, points) = (u128::from(self.count(*level)), u128::from(points(*level)));
            sum += count * points;
            squares += count * points * points;
        }
        // n Σx² - (Σx)² is a whole number and never below 0, so nothing is lost before the one division.
        let spread = ratings.checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)?;
        let pairs = ratings.checked_mul(ratings.checked_sub(1)?)?;
        if pairs == 0 {
            return None;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "the last step: 53 of its bits are what a number for people has"
        )]
        let variance = spread as f64 / pairs as f64;
        Some(variance.sqrt())
    }
}
