//! Describing many values in a few figures: percentiles both as an interpolation and as one of the values themselves.

use serde::Serialize;

/// What there is to say about some whole numbers.
///
/// ```
/// use guichet_stats::process::Describe;
///
/// let four = Describe::of(vec![40, 10, 20, 30]);
/// let figures = four.figures.ok_or("four values have figures")?;
/// assert_eq!((figures.sum, figures.p50, figures.nr50), (100, 25.0, 20));
/// assert_eq!(Describe::of(vec![]).figures, None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Describe {
    /// How many there are.
    pub n: usize,
    /// The figures; none of nothing.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
}

/// The figures of at least one value. `p…` are percentiles by linear interpolation between the sorted values (type 7, as
/// numpy has it), `nr…` by nearest rank, so one of the values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each is named by what it is")]
pub struct Figures {
    pub min: i64,
    pub max: i64,
    pub sum: i128,
    pub mean: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p90: f64,
    pub p95: f64,
    pub p99: f64,
    pub nr50: i64,
    pub nr90: i64,
    pub nr95: i64,
}

impl Describe {
    /// Describes these values, in any order.
    #[must_use]
    pub fn of(mut values: Vec<i64>) -> Self {
        values.sort_unstable();
        let figures = || {
            Some(Figures {
                min: *values.first()?,
                max: *values.last()?,
                sum: sum(&values),
                mean: mean(&values)?,
                p25: interpolated(&values, 25)?,
                p50: interpolated(&values, 50)?,
                p75: interpolated(&values, 75)?,
                p90: interpolated(&values, 90)?,
                p95: interpolated(&values, 95)?,
                p99: interpolated(&values, 99)?,
                nr50: nearest_rank(&values, 50)?,
                nr90: nearest_rank(&values, 90)?,
                nr95: nearest_rank(&values, 95)?,
            })
        };
        Self {
            n: values.len(),
            figures: figures(),
        }
    }
}

/// The shorter form that each activity has of the times before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sojourn {
    /// How many there are.
    pub n: usize,
    /// The figures; none of nothing.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub figures: Option<SojournFigures>,
}

/// The figures of at least one time before an activity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each is named by what it is")]
pub struct SojournFigures {
    pub max: i64,
    pub sum: i128,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub nr50: i64,
}

impl Sojourn {
    /// Describes these values, in any order.
    #[must_use]
    pub fn of(values: Vec<i64>) -> Self {
        let Describe { n, figures } = Describe::of(values);
        let figures = figures.map(|all| SojournFigures {
            max: all.max,
            sum: all.sum,
            mean: all.mean,
            p50: all.p50,
            p90: all.p90,
            nr50: all.nr50,
        });
        Self { n, figures }
    }
}

/// The median by interpolation.
pub(super) fn median(mut values: Vec<i64>) -> Option<f64> {
    values.sort_unstable();
    interpolated(&values, 50)
}

fn sum(values: &[i64]) -> i128 {
    values.iter().map(|value| i128::from(*value)).sum()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the sum is exact; this is the display step"
)]
fn mean(values: &[i64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values) as f64 / values.len() as f64)
}

/// The percentile of sorted values by linear interpolation.
///
/// Which two values it lies between is found with whole numbers. The step between them is taken in floating point, in the
/// order in which numpy takes it: only so can figures be compared with those of others digit by digit.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds and days stay far below 2^53"
)]
fn interpolated(values: &[i64], percent: usize) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let (below, rest) = (last * percent / 100, last * percent % 100);
    let low = *values.get(below)? as f64;
    if rest == 0 {
        return Some(low);
    }
    let high = *values.get(below + 1)? as f64;
    let part = last as f64 * (percent as f64 / 100.0) - below as f64;
    Some(if part < 0.5 {
        low + (high - low) * part
    } else {
        high - (high - low) * (1.0 - part)
    })
}

/// The percentile of sorted values by nearest rank: the ⌈p·n⌉-th smallest.
fn nearest_rank(values: &[i64], percent: usize) -> Option<i64> {
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_is_every_percentile() {
        let one = Describe::of(vec![7]).figures.unwrap();
        assert_eq!((one.min, one.max, one.sum, one.mean), (7, 7, 7, 7.0));
        assert_eq!((one.p25, one.p50, one.p99), (7.0, 7.0, 7.0));
        assert_eq!((one.nr50, one.nr90, one.nr95), (7, 7, 7));
    }

    #[test]
    fn a_percentile_lies_between_two_values_and_a_nearest_rank_is_one_of_them() {
        let ten = Describe::of((1..=10).rev().collect()).figures.unwrap();
        assert_eq!((ten.p25, ten.p50, ten.p75, ten.p90), (3.25, 5.5, 7.75, 9.1));
        assert_eq!((ten.nr50, ten.nr90, ten.nr95), (5, 9, 10));
    }

    #[test]
    fn values_below_zero_are_described_like_others() {
        let signed = Describe::of(vec![-4, 2, -10]).figures.unwrap();
        assert_eq!(
            (signed.min, signed.sum, signed.mean, signed.p25, signed.p50),
            (-10, -12, -4.0, -7.0, -4.0)
        );
    }

    #[test]
    fn nothing_has_a_count_and_no_figures() {
        assert_eq!(Describe::of(vec![]), Describe { n: 0, figures: None });
        assert_eq!(Sojourn::of(vec![]).figures, None);
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn a_sum_that_64_bits_do_not_hold_is_exact() {
        let three = Describe::of(vec![i64::MAX; 3]).figures.unwrap();
        assert_eq!(three.sum, 3 * i128::from(i64::MAX));
    }
}
