//! What a rate of a few can tell about all: the Wilson interval, and the quantile of the normal distribution it needs.

use serde::{Deserialize, Serialize};

use crate::fraction::Fraction;

/// The share of intervals that may miss, over 0 and at most 1: 0.05 for an interval at a confidence of 95 %.
///
/// ```
/// # use guichet_stats::satisfaction::Alpha;
/// assert_eq!(Alpha::new(0.05)?, Alpha::FIVE_PERCENT);
/// assert!(Alpha::new(0.0).is_err_and(|error| error.to_string().contains("over 0")));
/// # Ok::<(), guichet_stats::satisfaction::NotAnAlpha>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Alpha(f64);

/// A number that is no share of intervals that may miss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotAnAlpha {
    /// What was given.
    pub found: f64,
}

impl std::fmt::Display for NotAnAlpha {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "alpha is {}; expected a number over 0 and at most 1, such as 0.05 for a confidence of 95 %",
            self.found
        )
    }
}

impl std::error::Error for NotAnAlpha {}

impl Alpha {
    /// A confidence of 95 %.
    pub const FIVE_PERCENT: Self = Self(0.05);

    /// A share of intervals that may miss.
    ///
    /// # Errors
    ///
    /// [`NotAnAlpha`] unless it is over 0 and at most 1.
    pub fn new(alpha: f64) -> Result<Self, NotAnAlpha> {
        if alpha > 0.0 && alpha <= 1.0 {
            Ok(Self(alpha))
        } else {
            Err(NotAnAlpha { found: alpha })
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// How many standard deviations to either side of the mean a normal distribution leaves alpha outside.
    ///
    /// ```
    /// # use guichet_stats::satisfaction::Alpha;
    /// assert!((Alpha::FIVE_PERCENT.deviations() - 1.959_963_984_540_054).abs() < 1e-14);
    /// ```
    #[must_use]
    pub fn deviations(self) -> f64 {
        // From the lower tail: 1 - alpha / 2 would round a small alpha away. Half of the smallest number there is is none.
        -normal_quantile((self.0 / 2.0).max(f64::MIN_POSITIVE / 2.0))
    }
}

impl TryFrom<f64> for Alpha {
    type Error = NotAnAlpha;

    fn try_from(alpha: f64) -> Result<Self, NotAnAlpha> {
        Self::new(alpha)
    }
}

impl From<Alpha> for f64 {
    fn from(alpha: Alpha) -> Self {
        alpha.0
    }
}

/// Between which shares the truth lies, as far as a sample can tell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end, from 0 to 1.
    pub low: f64,
    /// The upper end, from 0 to 1.
    pub high: f64,
}

/// The Wilson score interval of a rate at a confidence of 1 - alpha, without continuity correction. Nothing where the
/// denominator is 0, or smaller than the numerator: that is no rate.
///
/// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
/// Statistical Association 22 (1927), 209-212.
///
/// ```
/// # use guichet_stats::{Fraction, satisfaction::{Alpha, wilson}};
/// let all_of_a_hundred = wilson(Fraction::new(100, 100), Alpha::FIVE_PERCENT);
/// assert!(all_of_a_hundred.is_some_and(|of| (of.low - 0.963_006_501_793).abs() < 1e-12 && of.high == 1.0));
/// assert_eq!(wilson(Fraction::new(0, 0), Alpha::FIVE_PERCENT), None);
/// ```
#[must_use]
pub fn wilson(rate: Fraction, alpha: Alpha) -> Option<Interval> {
    let share = rate.value()?;
    if rate.numerator > rate.denominator {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "the last step: 53 of its bits are what a number for people has"
    )]
    let n = rate.denominator as f64;
    let z2 = alpha.deviations().powi(2);
    let scale = 1.0 + z2 / n;
    let centre = (share + z2 / (2.0 * n)) / scale;
    let half = (z2 * (share * (1.0 - share) / n + z2 / (4.0 * n * n))).sqrt() / scale;
    // Exact at the ends, where rounding would leave a trace; and whatever is rounded, the rate lies in its interval.
    let low = if rate.numerator == 0 { 0.0 } else { centre - half };
    let high = if rate.numerator == rate.denominator {
        1.0
    } else {
        centre + half
    };
    Some(Interval {
        low: low.clamp(0.0, share),
        high: high.clamp(share, 1.0),
    })
}

/// The number below which a share `p` of a standard normal distribution lies, for `0 < p < 1`, to about 16 digits.
///
/// Source: M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37
/// (1988), 477-484; its routine PPND16. The logarithm is `libm`'s, which gives the same digits on every machine.
fn normal_quantile(p: f64) -> f64 {
    let from_middle = p - 0.5;
    if from_middle.abs() <= 0.425 {
        let r = 0.425 * 0.425 - from_middle * from_middle;
        return from_middle * horner(&MIDDLE.0, r) / horner(&MIDDLE.1, r);
    }
    let tail = if from_middle < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let size = if r <= 5.0 {
        horner(&TAIL.0, r - 1.6) / horner(&TAIL.1, r - 1.6)
    } else {
        horner(&FAR_TAIL.0, r - 5.0) / horner(&FAR_TAIL.1, r - 5.0)
    };
    if from_middle < 0.0 { -size } else { size }
}

/// A polynomial, its coefficients from the constant one on.
fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// Numerator and denominator of a rational approximation.
type Rational = ([f64; 8], [f64; 8]);

/// For |p - 1/2| up to 0.425.
#[expect(clippy::excessive_precision, reason = "as the source prints them")]
const MIDDLE: Rational = (
    [
        3.387_132_872_796_366_608,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ],
    [
        1.0,
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_3,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_61,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561,
    ],
);

/// For r up to 5, in r - 1.6.
#[expect(clippy::excessive_precision, reason = "as the source prints them")]
const TAIL: Rational = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_77,
        0.022_723_844_989_269_184_583_3,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        0.689_767_334_985_100_004_55,
        0.148_103_976_427_480_074_59,
        0.015_198_666_563_616_457_19,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

/// For r over 5, in r - 5.
#[expect(clippy::excessive_precision, reason = "as the source prints them")]
const FAR_TAIL: Rational = (
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        0.296_560_571_828_504_891_23,
        0.026_532_189_526_576_123_093,
        0.001_242_660_947_388_078_438_6,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_937_69,
        0.136_929_880_922_735_805_31,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Upper-tail quantiles by another program: `scipy.stats.norm.isf`, version 1.17.1, which statsmodels asks.
    const REFERENCE: &[(f64, f64)] = &[
        (0.5, 0.0),
        (0.499_9, 0.000_250_662_830_088_007_5),
        (0.3, 0.524_400_512_708_040_9),
        (0.1, 1.281_551_565_544_600_4),
        (0.075_000_000_1, 1.439_531_470_232_018_8),
        (0.075, 1.439_531_470_938_456_3),
        (0.074_999_9, 1.439_532_177_375_901),
        (0.05, 1.644_853_626_951_472_9),
        (0.025, 1.959_963_984_540_054_5),
        (0.02, 2.053_748_910_631_823),
        (0.005, 2.575_829_303_548_901),
        (0.000_5, 3.290_526_731_491_894_5),
        (1e-6, 4.753_424_308_822_899),
        (1e-9, 5.997_807_015_007_686_5),
        (1.3e-11, 6.667_611_456_510_741),
        (1.4e-11, 6.656_723_091_518_184),
        (1e-15, 7.941_345_326_170_998),
        (1e-20, 9.262_340_089_798_409),
        (1e-50, 14.933_337_534_788_487),
        (1e-100, 21.273_453_560_965_322),
        (1e-200, 30.205_594_179_579_64),
        (1e-300, 37.047_096_299_361_2),
    ];

    #[test]
    fn the_quantile_agrees_with_another_program_from_the_middle_to_the_far_tail() {
        for (tail, expected) in REFERENCE {
            let got = Alpha::new(2.0 * tail).unwrap().deviations();
            assert!(
                (got - expected).abs() < 1e-13 * expected.max(1.0),
                "{tail}: {got}, not {expected}"
            );
        }
    }

    #[test]
    fn no_alpha_is_so_small_that_its_interval_is_no_number() {
        for alpha in [f64::MIN_POSITIVE, 5e-324] {
            let interval = wilson(Fraction::new(1, 3), Alpha::new(alpha).unwrap()).unwrap();
            assert!(
                0.0 <= interval.low && interval.low < interval.high && interval.high <= 1.0,
                "{interval:?}"
            );
        }
    }

    #[test]
    fn what_is_no_share_of_intervals_is_refused() {
        for alpha in [0.0, -0.05, 1.000_1, f64::NAN, f64::INFINITY] {
            let refused = Alpha::new(alpha).unwrap_err();
            assert_eq!(refused.found.to_bits(), alpha.to_bits());
        }
    }

    #[test]
    fn what_is_no_rate_has_no_interval() {
        assert_eq!(wilson(Fraction::new(0, 0), Alpha::FIVE_PERCENT), None);
        assert_eq!(wilson(Fraction::new(3, 2), Alpha::FIVE_PERCENT), None);
    }
}
