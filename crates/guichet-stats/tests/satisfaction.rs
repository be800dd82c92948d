//! Figures of satisfaction: those that other programs computed, the laws of sums, and the defects of other systems.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use guichet_core::case::event::Satisfaction;
use guichet_stats::Fraction;
use guichet_stats::satisfaction::{
    Alpha, Counted, Interval, Levels, Rated, RatingSums, Recommendations, Silence, Weights, wilson,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

fn vectors(path: &Path) -> (f64, Vec<Value>) {
    let mut text = String::new();
    GzDecoder::new(File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let tolerance = file.get("tolerance").and_then(Value::as_f64).unwrap();
    (
        tolerance,
        file.get("vectors").and_then(Value::as_array).unwrap().clone(),
    )
}

fn counts<const N: usize>(vector: &Value, field: &str) -> [u64; N] {
    let counts: Vec<u64> = serde_json::from_value(vector.get(field).unwrap().clone()).unwrap();
    counts.try_into().unwrap()
}

/// Compares one vector; the figures that do not agree, by name.
fn differing(vector: &Value, tolerance: f64) -> Vec<String> {
    let mut from_best: [u64; 5] = counts(vector, "counts_1_to_5");
    from_best.reverse();
    let levels = Levels::of(from_best);
    let answers = Recommendations::of(counts(vector, "counts_0_to_10"));
    let alpha = Alpha::new(vector.get("alpha").and_then(Value::as_f64).unwrap()).unwrap();
    let (strict, broad, bad) = (levels.satisfied_strictly(), levels.satisfied(), levels.bad());
    let low = |of: Option<Interval>| of.map(|of| of.low);
    let high = |of: Option<Interval>| of.map(|of| of.high);
    let some = levels.ratings() > 0;
    let answered = answers.answers() > 0;
    let count = |count: u64, when: bool| when.then(|| Value::from(count));
    let number = |number: Option<f64>| number.map(Value::from);
    let got = [
        ("n", count(levels.ratings(), true)),
        ("satisfied_4_or_5", count(strict.numerator, some)),
        ("satisfaction_rate", number(strict.value())),
        ("wilson_low", number(low(wilson(strict, alpha)))),
        ("wilson_high", number(high(wilson(strict, alpha)))),
        ("dissatisfied_1_or_2", count(bad.numerator, some)),
        ("dissatisfaction_rate", number(bad.value())),
        ("satisfied_3_and_above", count(broad.numerator, some)),
        ("rate_3_and_above", number(broad.value())),
        ("wilson3_low", number(low(wilson(broad, alpha)))),
        ("wilson3_high", number(high(wilson(broad, alpha)))),
        ("mean_score", number(levels.mean().value())),
        ("csat_points_0_100", number(levels.csat_points().value())),
        ("median_score", number(levels.median().value())),
        ("sd_ddof1", number(levels.standard_deviation())),
        ("nps_n", count(answers.answers(), true)),
        ("promoters", count(answers.promoters(), answered)),
        ("passives", count(answers.passives(), answered)),
        ("detractors", count(answers.detractors(), answered)),
        ("nps", number(answers.net_promoter_score())),
    ];
    got.into_iter()
        .filter(|(name, got)| {
            // Absent and null are the same: there is no value.
            let expected = vector
                .get("expect")
                .unwrap()
                .get(*name)
                .filter(|value| !value.is_null());
            match (expected, got) {
                (None, None) => false,
                (Some(expected), Some(got)) => {
                    (expected.as_f64().unwrap() - got.as_f64().unwrap()).abs() > tolerance
                }
                (None, Some(_)) | (Some(_), None) => true,
            }
        })
        .map(|(name, _)| format!("{name} of {}", vector.get("id").unwrap()))
        .collect()
}

#[test]
fn every_figure_of_161_vectors_is_that_of_another_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/vectors");
    let (tolerance, vectors) = vectors(&folder.join("satisfaction.json.gz"));
    let differing: Vec<String> = vectors
        .iter()
        .flat_map(|vector| differing(vector, tolerance))
        .collect();
    assert_eq!((vectors.len(), differing), (161, Vec::new()));
}

/// 98 very satisfied, one dissatisfied.
fn nearly_all() -> Levels {
    Levels::of([98, 0, 0, 1, 0])
}

#[test]
fn a_rate_between_nothing_and_all_is_not_cut_to_one_of_them() {
    assert_eq!(nearly_all().satisfied().percent().as_deref(), Some("98.99"));
    assert_eq!(nearly_all().bad().percent().as_deref(), Some("1.01"));
    assert_eq!(nearly_all().score(&Weights::HUNDRED), Fraction::new(9_830, 99));
    let mut sums = RatingSums::default();
    sums.add(Counted::Closed(Rated::Valid(Satisfaction::Satisfied)));
    sums.add(Counted::Closed(Rated::Silent));
    sums.add(Counted::Closed(Rated::Silent));
    assert_eq!(sums.rating_rate().percent().as_deref(), Some("33.33"));
}

#[test]
fn where_nobody_rated_there_is_no_value_neither_nothing_nor_all() {
    let (levels, sums) = (Levels::default(), RatingSums::default());
    for rate in [
        levels.satisfied(),
        levels.satisfied_strictly(),
        levels.bad(),
        levels.score(&Weights::HUNDRED),
        levels.mean(),
        levels.median(),
        levels.csat_points(),
        sums.rating_rate(),
        sums.callback_rate(),
        sums.rectification_rate(),
        sums.levels_under(Silence::LeftOut).1,
    ] {
        assert_eq!((rate.percent(), rate.value()), (None, None));
        assert_eq!(wilson(rate, Alpha::FIVE_PERCENT), None);
    }
    assert_eq!(levels.standard_deviation(), None);
    assert_eq!(Recommendations::default().net_promoter_score(), None);
}

#[test]
fn each_of_three_percentages_is_counted_and_none_is_what_the_others_leave() {
    let levels = Levels::of([0, 1, 1, 1, 0]);
    let thirds = [
        levels.satisfied_strictly(),
        Fraction::new(levels.count(Satisfaction::BasicallySatisfied), levels.ratings()),
        levels.bad(),
    ];
    for third in thirds {
        assert_eq!(third, Fraction::new(1, 3));
        assert_eq!(third.percent().as_deref(), Some("33.33"));
    }
}

#[test]
fn a_rate_has_its_parts_and_its_whole_from_the_same_set() {
    let mut sums = RatingSums::default();
    for rated in [
        Rated::Valid(Satisfaction::VerySatisfied),
        Rated::Valid(Satisfaction::VeryDissatisfied),
        Rated::Invalid,
        Rated::Silent,
    ] {
        sums.add(Counted::Closed(rated));
    }
    assert_eq!(sums.levels.satisfied(), Fraction::new(1, 2));
    assert_eq!(sums.rating_rate(), Fraction::new(2, 4));
}

#[test]
fn silence_counts_as_a_rating_only_by_policy_and_says_its_share() {
    let mut sums = RatingSums::default();
    sums.add(Counted::Closed(Rated::Valid(Satisfaction::Dissatisfied)));
    for _ in 0..3 {
        sums.add(Counted::Closed(Rated::Silent));
    }
    sums.add(Counted::Closed(Rated::Invalid));

    let (levels, by_default) = sums.levels_under(Silence::LeftOut);
    assert_eq!(
        (levels.satisfied(), by_default),
        (Fraction::new(0, 1), Fraction::new(0, 1))
    );

    let policy = serde_json::from_str(r#"{"counts_as": "basically_satisfied"}"#).unwrap();
    let (levels, by_default) = sums.levels_under(policy);
    assert_eq!(
        (levels.satisfied(), by_default),
        (Fraction::new(3, 4), Fraction::new(3, 4))
    );
    // The rating rate is of people who answered, whatever silence counts as.
    assert_eq!(sums.rating_rate(), Fraction::new(1, 5));
}

#[test]
fn weights_are_data() {
    let weights: Weights = serde_json::from_str(
        r#"{"very_satisfied": 7, "satisfied": 5, "basically_satisfied": 3, "dissatisfied": 2, "very_dissatisfied": 1}"#,
    )
    .unwrap();
    assert_eq!(Levels::of([1, 1, 1, 1, 1]).score(&weights), Fraction::new(18, 5));
    assert_eq!(
        Levels::of([0, 0, 0, 0, 4]).score(&Weights::TEN),
        Fraction::new(8, 4)
    );
}

fn level() -> impl Strategy<Value = Satisfaction> {
    proptest::sample::select(Satisfaction::ALL)
}

fn rated() -> impl Strategy<Value = Rated> {
    prop_oneof![
        level().prop_map(Rated::Valid),
        Just(Rated::Invalid),
        Just(Rated::Silent)
    ]
}

fn counted() -> impl Strategy<Value = Counted> {
    prop_oneof![
        4 => rated().prop_map(Counted::Closed),
        1 => any::<bool>().prop_map(|called_back| Counted::Bad { called_back }),
        1 => any::<bool>().prop_map(|in_time| Counted::Due { in_time }),
    ]
}

fn sum<'a>(entries: impl IntoIterator<Item = &'a Counted>) -> RatingSums {
    let mut sums = RatingSums::default();
    for entry in entries {
        sums.add(*entry);
    }
    sums
}

fn from_best() -> impl Strategy<Value = [u64; 5]> {
    prop_oneof![
        [0..4_u64, 0..4_u64, 0..4_u64, 0..4_u64, 0..4_u64],
        [
            0..1_000_000_u64,
            0..1_000_000_u64,
            0..1_000_000_u64,
            0..1_000_000_u64,
            0..1_000_000_u64
        ],
    ]
}

fn rate() -> impl Strategy<Value = Fraction> {
    prop_oneof![1..50_u64, 1..10_000_000_u64]
        .prop_flat_map(|n| (0..=n, Just(n)))
        .prop_map(|(part, n)| Fraction::new(part, n))
}

fn alpha() -> impl Strategy<Value = Alpha> {
    prop_oneof![1e-12..1.0, 0.001..0.2].prop_map(|alpha| Alpha::new(alpha).unwrap())
}

proptest! {
    #[test]
    fn sums_add_up_in_any_order_and_any_parts(
        entries in vec((counted(), 0..3_usize), 0..60).prop_shuffle(),
    ) {
        let whole = sum(entries.iter().map(|(entry, _)| entry));
        let parts: Vec<RatingSums> = (0..3)
            .map(|part| sum(entries.iter().filter(|(_, of)| *of == part).map(|(entry, _)| entry)))
            .collect();
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut merged = RatingSums::default();
            for part in order {
                merged.merge(&parts[part]);
            }
            prop_assert_eq!(merged, whole);
        }
        // Grouped otherwise: the second and the third first.
        let mut behind = parts[1];
        behind.merge(&parts[2]);
        behind.merge(&parts[0]);
        prop_assert_eq!(behind, whole);
    }

    #[test]
    fn what_is_added_and_taken_out_leaves_nothing(kept in vec(counted(), 0..30), gone in vec(counted(), 0..30)) {
        let expected = sum(&kept);
        let mut sums = RatingSums::default();
        // Taken out first, as in a part that corrects what another part counted.
        for entry in &gone {
            sums.retract(*entry);
        }
        for entry in kept.iter().chain(&gone) {
            sums.add(*entry);
        }
        prop_assert_eq!(sums, expected);
        sums.merge(&sum(&gone));
        sums.take_out(&sum(&gone));
        prop_assert_eq!(sums, expected);
    }

    #[test]
    fn recommendations_add_up_and_can_be_taken_out(kept in vec(0..14_u8, 0..40), gone in vec(0..14_u8, 0..40)) {
        let sum = |answers: &[u8]| {
            let mut sum = Recommendations::default();
            for answer in answers {
                sum.add(*answer);
            }
            sum
        };
        let mut both = sum(&gone);
        both.merge(&sum(&kept));
        both.take_out(&sum(&gone));
        prop_assert_eq!(both, sum(&kept));
        for answer in &gone {
            both.add(*answer);
        }
        for answer in &gone {
            both.retract(*answer);
        }
        prop_assert_eq!(both, sum(&kept));
        prop_assert_eq!(both.answers(), both.promoters() + both.passives() + both.detractors());
        prop_assert!(both.net_promoter_score().is_none_or(|score| (-100.0..=100.0).contains(&score)));
    }

    #[test]
    fn rates_recount_one_rating_at_a_time(from_best in [0..6_u64, 0..6_u64, 0..6_u64, 0..6_u64, 0..6_u64]) {
        let levels = Levels::of(from_best);
        let mut points: Vec<u64> = (0..5)
            .flat_map(|place| std::iter::repeat_n(5 - place as u64, usize::try_from(from_best[place]).unwrap()))
            .collect();
        points.sort_unstable();
        let n = points.len() as u64;
        let of = |wanted: fn(&u64) -> bool| Fraction::new(points.iter().filter(|p| wanted(p)).count() as u64, n);
        prop_assert_eq!(levels.satisfied(), of(|p| *p >= 3));
        prop_assert_eq!(levels.satisfied_strictly(), of(|p| *p >= 4));
        prop_assert_eq!(levels.bad(), of(|p| *p <= 2));
        prop_assert_eq!(levels.mean(), Fraction::new(points.iter().sum(), n));
        if n > 0 {
            let middle = points[(points.len() - 1) / 2] + points[points.len() / 2];
            prop_assert_eq!(levels.median(), Fraction::new(middle, 2));
            let sum: u64 = points.iter().sum();
            prop_assert_eq!(levels.csat_points(), Fraction::new((sum - n) * 25, n));
        }
    }

    #[test]
    fn no_rating_makes_satisfaction_go_the_wrong_way(from_best in from_best(), alpha in alpha()) {
        let before = Levels::of(from_best);
        if before.ratings() == 0 {
            return Ok(());
        }
        let low = |levels: &Levels| wilson(levels.satisfied(), alpha).unwrap().low;
        for level in Satisfaction::ALL {
            let mut after = before;
            after.add(*level);
            let (was, is) = (before.satisfied().value().unwrap(), after.satisfied().value().unwrap());
            if level.is_bad() {
                prop_assert!(is <= was);
                prop_assert!(low(&after) <= low(&before) + 1e-12);
            } else {
                prop_assert!(is >= was);
                prop_assert!(low(&after) >= low(&before) - 1e-12);
            }
        }
        prop_assert!(before.satisfied_strictly().numerator <= before.satisfied().numerator);
        prop_assert_eq!(before.satisfied().numerator + before.bad().numerator, before.ratings());
    }

    #[test]
    fn an_interval_holds_its_rate_and_narrows_with_alpha_and_with_n(rate in rate(), a in alpha(), b in alpha()) {
        let of = wilson(rate, a).unwrap();
        let share = rate.value().unwrap();
        prop_assert!(0.0 <= of.low && of.low <= share && share <= of.high && of.high <= 1.0, "{of:?}");
        let other = wilson(rate, b).unwrap();
        let (narrow, wide) = if a.get() > b.get() { (of, other) } else { (other, of) };
        prop_assert!(wide.low <= narrow.low + 1e-12 && narrow.high <= wide.high + 1e-12);
        let more = wilson(Fraction::new(rate.numerator * 4, rate.denominator * 4), a).unwrap();
        prop_assert!(more.high - more.low <= of.high - of.low + 1e-12);
        let turned = wilson(Fraction::new(rate.denominator - rate.numerator, rate.denominator), a).unwrap();
        prop_assert!((turned.low - (1.0 - of.high)).abs() < 1e-9 && (turned.high - (1.0 - of.low)).abs() < 1e-9);
    }

    #[test]
    fn no_counts_make_a_figure_panic(
        from_best in [any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>()],
        answers in proptest::array::uniform11(any::<u64>()),
    ) {
        let (mut levels, mut recommendations) = (Levels::of(from_best), Recommendations::of(answers));
        levels.merge(&levels.clone());
        recommendations.merge(&recommendations.clone());
        for weights in [Weights::HUNDRED, Weights::new([u32::MAX; 5])] {
            let _ = levels.score(&weights).value();
        }
        let spread = levels.standard_deviation();
        prop_assert!(spread.is_none_or(|spread| (0.0..=3.0).contains(&spread)));
        let interval = wilson(levels.satisfied(), Alpha::FIVE_PERCENT);
        prop_assert!(interval.is_none_or(|of| 0.0 <= of.low && of.low <= of.high && of.high <= 1.0));
        let _ = (levels.median(), recommendations.net_promoter_score());
    }
}
