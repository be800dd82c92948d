//! A rate as it is counted: two whole numbers, rounded only when it is shown.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A part of a whole. Where the whole is nothing, there is no value.
///
/// JSON: numerator, denominator, and `percent` as a decimal text with two places, or null.
///
/// ```
/// # use guichet_stats::Fraction;
/// assert_eq!(Fraction::new(2, 3).percent().as_deref(), Some("66.67"));
/// assert_eq!(Fraction::new(0, 0).percent(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fraction {
    /// The part.
    pub numerator: u64,
    /// The whole.
    pub denominator: u64,
}

impl Fraction {
    /// `numerator` of `denominator`.
    #[must_use]
    pub const fn new(numerator: u64, denominator: u64) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// The quotient, for what is made of it last; nothing where the denominator is 0.
    ///
    /// ```
    /// # use guichet_stats::Fraction;
    /// assert_eq!(Fraction::new(1, 2).value(), Some(0.5));
    /// assert_eq!(Fraction::new(0, 0).value(), None);
    /// ```
    #[must_use]
    pub fn value(self) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "the last step: 53 of its bits are what a number for people has"
        )]
        let quotient = self.numerator as f64 / self.denominator as f64;
        (self.denominator != 0).then_some(quotient)
    }

    /// In percent with two places, half rounded up; nothing where the denominator is 0.
    #[must_use]
    pub fn percent(self) -> Option<String> {
        self.hundredths(100)
    }

    /// With two places, half rounded up; nothing where the denominator is 0.
    ///
    /// ```
    /// # use guichet_stats::Fraction;
    /// assert_eq!(Fraction::new(7, 3).decimal().as_deref(), Some("2.33"));
    /// ```
    #[must_use]
    pub fn decimal(self) -> Option<String> {
        self.hundredths(1)
    }

    fn hundredths(self, times: u128) -> Option<String> {
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        // The value in hundredths, with half of one added before the division cuts off.
        let hundredths = (numerator * 200 * times + denominator).checked_div(2 * denominator)?;
        Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Fraction", 3)?;
        fields.serialize_field("numerator", &self.numerator)?;
        fields.serialize_field("denominator", &self.denominator)?;
        fields.serialize_field("percent", &self.percent())?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_rounded_only_when_it_is_shown_and_half_goes_up() {
        let percent = |numerator, denominator| Fraction::new(numerator, denominator).percent();
        assert_eq!(percent(1, 3).as_deref(), Some("33.33"));
        assert_eq!(percent(1, 8).as_deref(), Some("12.50"));
        assert_eq!(percent(1, 20_000).as_deref(), Some("0.01"));
        assert_eq!(percent(1, 20_001).as_deref(), Some("0.00"));
        assert_eq!(percent(7, 7).as_deref(), Some("100.00"));
        assert_eq!(percent(u64::MAX, u64::MAX).as_deref(), Some("100.00"));
    }

    #[test]
    fn a_rate_of_nothing_has_no_value() {
        assert_eq!(Fraction::new(0, 0).percent(), None);
    }
}
