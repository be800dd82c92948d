//! Answers from 0 to 10 to the question whether one would recommend something, and the net promoter score.

use crate::fraction::Fraction;

/// How many answers gave each number from 0 to 10. A sum, as [`super::Levels`] is.
///
/// ```
/// # use guichet_stats::satisfaction::Recommendations;
/// let mut answers = Recommendations::default();
/// answers.add(10);
/// answers.add(8);
/// answers.add(10);
/// answers.add(3);
/// assert_eq!((answers.promoters(), answers.passives(), answers.detractors()), (2, 1, 1));
/// assert_eq!(answers.net_promoter_score(), Some(25.0));
/// assert_eq!(Recommendations::default().net_promoter_score(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recommendations([i64; 11]);

impl Recommendations {
    /// The counts of the answers 0 to 10.
    #[must_use]
    pub fn of(from_zero: [u64; 11]) -> Self {
        Self(from_zero.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Adds an answer. One above 10 is no answer.
    pub fn add(&mut self, answer: u8) {
        self.change(answer, 1);
    }

    /// Takes an answer out again.
    pub fn retract(&mut self, answer: u8) {
        self.change(answer, -1);
    }

    fn change(&mut self, answer: u8, by: i64) {
        if let Some(sum) = self.0.get_mut(usize::from(answer)) {
            *sum = sum.wrapping_add(by);
        }
    }

    /// Adds another sum to this one.
    pub fn merge(&mut self, other: &Self) {
        for (sum, by) in self.0.iter_mut().zip(other.0) {
            *sum = sum.wrapping_add(by);
        }
    }

    /// Takes another sum out of this one.
    pub fn take_out(&mut self, other: &Self) {
        for (sum, by) in self.0.iter_mut().zip(other.0) {
            *sum = sum.wrapping_sub(by);
        }
    }

    fn counted(&self, wanted: std::ops::RangeInclusive<usize>) -> u64 {
        let sums = self.0.iter().enumerate();
        sums.filter(|(answer, _)| wanted.contains(answer))
            .fold(0, |sum, (_, count)| {
                sum.saturating_add(u64::try_from(*count).unwrap_or_default())
            })
    }

    /// How many answers there are.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.counted(0..=10)
    }

    /// Answers 9 and 10.
    #[must_use]
    pub fn promoters(&self) -> u64 {
        self.counted(9..=10)
    }

    /// Answers 7 and 8.
    #[must_use]
    pub fn passives(&self) -> u64 {
        self.counted(7..=8)
    }

    /// Answers 0 to 6.
    #[must_use]
    pub fn detractors(&self) -> u64 {
        self.counted(0..=6)
    }

    /// 100 × (promoters - detractors) / answers: from -100 to 100. Nothing where there is no answer.
    #[must_use]
    pub fn net_promoter_score(&self) -> Option<f64> {
        let (promoters, detractors) = (self.promoters(), self.detractors());
        let share = Fraction::new(promoters.abs_diff(detractors), self.answers()).value()?;
        Some(100.0 * if promoters < detractors { -share } else { share })
    }
}
