//! Vectors of satisfaction: rates with their intervals, mean, median and spread, and the net promoter score.

use guichet_stats::Fraction;
use guichet_stats::satisfaction::{Alpha, Levels, Recommendations, wilson};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Verdict, fields};

/// What counts ratings by level. Vectors of this kind may leave their kind out, and are known by their counts.
pub(super) const SATISFACTION: &str = "satisfaction";

/// How far a number may be from the one expected where a file does not say it.
const TOLERANCE: f64 = 1e-9;

/// The widest tolerance that is still a comparison.
const TOLERANCE_MAX: f64 = 1e-3;

/// The most answers of a vector: up to here a floating-point number tells each count from the next.
const ANSWERS_MAX: u64 = 1 << 53;

#[derive(Deserialize)]
struct Counted {
    alpha: f64,
    counts_1_to_5: [u64; 5],
    counts_0_to_10: Option<[u64; 11]>,
    expect: Map<String, Value>,
}

/// Compares every figure that there is with what is expected, and that there is none where none is expected.
pub(super) fn run(vector: &Value, tolerance: Option<&Value>) -> Verdict {
    match asked(vector, tolerance) {
        Ok((expected, got, tolerance)) => compare(expected, got, tolerance),
        Err(reason) => Verdict::Broken(reason),
    }
}

type Figures = Map<String, Value>;

fn asked(vector: &Value, tolerance: Option<&Value>) -> Result<(Figures, Figures, f64), String> {
    let tolerance = match tolerance {
        None => TOLERANCE,
        Some(given) => given
            .as_f64()
            .filter(|given| (0.0..=TOLERANCE_MAX).contains(given))
            .ok_or_else(|| {
                format!("the file's `tolerance` is {given}; expected a number from 0 to {TOLERANCE_MAX}")
            })?,
    };
    let counted: Counted = fields(vector)?;
    let alpha = Alpha::new(counted.alpha).map_err(|error| error.to_string())?;
    for counts in [
        counted.counts_1_to_5.as_slice(),
        counted
            .counts_0_to_10
            .as_ref()
            .map_or(&[], |counts| counts.as_slice()),
    ] {
        let answers = counts
            .iter()
            .try_fold(0, |sum: u64, count| sum.checked_add(*count));
        if answers.is_none_or(|answers| answers > ANSWERS_MAX) {
            return Err(format!("it counts more than {ANSWERS_MAX} answers"));
        }
    }
    let mut got = Map::new();
    // Files count from very dissatisfied to very satisfied, the house the other way round.
    let mut from_best = counted.counts_1_to_5;
    from_best.reverse();
    rates(&Levels::of(from_best), alpha, &mut got);
    if let Some(answers) = counted.counts_0_to_10 {
        promoters(&Recommendations::of(answers), &mut got);
    }
    Ok((counted.expect, got, tolerance))
}

fn rates(levels: &Levels, alpha: Alpha, got: &mut Figures) {
    got.insert("n".to_owned(), levels.ratings().into());
    let strict = levels.satisfied_strictly();
    let bad = levels.bad();
    let broad = levels.satisfied();
    if let Some((low, high)) = ends(strict, alpha)
        && let Some((low3, high3)) = ends(broad, alpha)
    {
        let figures = [
            ("satisfied_4_or_5", Some(strict.numerator.into())),
            ("satisfaction_rate", strict.value().map(Value::from)),
            ("wilson_low", Some(low)),
            ("wilson_high", Some(high)),
            ("dissatisfied_1_or_2", Some(bad.numerator.into())),
            ("dissatisfaction_rate", bad.value().map(Value::from)),
            ("satisfied_3_and_above", Some(broad.numerator.into())),
            ("rate_3_and_above", broad.value().map(Value::from)),
            ("wilson3_low", Some(low3)),
            ("wilson3_high", Some(high3)),
            ("mean_score", levels.mean().value().map(Value::from)),
            ("csat_points_0_100", levels.csat_points().value().map(Value::from)),
            ("median_score", levels.median().value().map(Value::from)),
        ];
        let told = figures
            .into_iter()
            .filter_map(|(name, figure)| Some((name.to_owned(), figure?)));
        got.extend(told);
        // One rating has a mean and no spread: files say null.
        let spread = levels.standard_deviation();
        got.insert("sd_ddof1".to_owned(), spread.map_or(Value::Null, Value::from));
    }
}

fn ends(rate: Fraction, alpha: Alpha) -> Option<(Value, Value)> {
    wilson(rate, alpha).map(|interval| (interval.low.into(), interval.high.into()))
}

fn promoters(answers: &Recommendations, got: &mut Figures) {
    got.insert("nps_n".to_owned(), answers.answers().into());
    if let Some(score) = answers.net_promoter_score() {
        let figures = [
            ("promoters", answers.promoters().into()),
            ("passives", answers.passives().into()),
            ("detractors", answers.detractors().into()),
            ("nps", Value::from(score)),
        ];
        got.extend(figures.map(|(name, figure)| (name.to_owned(), figure)));
    }
}

/// Only what differs is told: most figures of a vector are right where one is wrong.
fn compare(mut expected: Figures, mut got: Figures, tolerance: f64) -> Verdict {
    let same: Vec<String> = expected
        .iter()
        .filter(|(name, value)| {
            got.get(*name)
                .is_some_and(|figure| agree(value, figure, tolerance))
        })
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        expected.remove(&name);
        got.remove(&name);
    }
    if expected.is_empty() && got.is_empty() {
        return Verdict::Agreed;
    }
    Verdict::Differs {
        expected: Value::Object(expected),
        got: Value::Object(got),
        because: None,
    }
}

/// Counts agree to the last one, other numbers within the tolerance.
fn agree(expected: &Value, got: &Value, tolerance: f64) -> bool {
    match (got.as_u64(), got.as_f64()) {
        (Some(count), _) => expected.as_u64() == Some(count),
        (None, Some(figure)) => expected
            .as_f64()
            .is_some_and(|expected| (expected - figure).abs() <= tolerance),
        (None, None) => expected == got,
    }
}
