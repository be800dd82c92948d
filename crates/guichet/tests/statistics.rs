//! Statistics over an engine: on any number of threads, as of any moment, and live.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::num::NonZeroUsize;

use guichet::Guichet;
use guichet::core::id::Position;
use guichet::stats::figure::Told;
use guichet::stats::{AsOf, Ask, Dimension, Figure, Period, Scope, Statistics};
use guichet::testkit;

async fn submit(engine: &Guichet) {
    let answer = engine.submit(testkit::application()).await.unwrap();
    answer.accepted().unwrap();
}

async fn centre_with(cases: usize) -> Guichet {
    let (engine, _) = testkit::centre().await;
    for _ in 0..cases {
        submit(&engine).await;
    }
    engine
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn received(statistics: &Statistics) -> Told {
    let ask = Ask {
        figures: vec![Figure::Received],
        by: Vec::new(),
        periods: vec![Period::ALWAYS],
        scope: Scope::all(),
    };
    statistics.figures(&ask).rows[0].figures[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_any_number_of_threads_the_statistics_are_the_same_to_the_byte() {
    let engine = centre_with(40).await;
    let bytes = |statistics: &Statistics| {
        let ask = Ask {
            figures: Figure::ALL.to_vec(),
            by: vec![Dimension::Department, Dimension::Window],
            periods: vec![Period::ALWAYS],
            scope: Scope::all(),
        };
        format!(
            "{:?} {:?} {:?}",
            statistics.facts().sorted(),
            statistics.cubes(),
            statistics.figures(&ask)
        )
    };
    let one = engine.statistics(AsOf::Now, threads(1)).await.unwrap();
    assert_eq!(received(&one).numerator, Some(40));
    for count in [2, 3, 8] {
        let many = engine.statistics(AsOf::Now, threads(count)).await.unwrap();
        assert_eq!(bytes(&many), bytes(&one), "{count} threads");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_a_position_the_statistics_are_those_of_the_log_that_ended_there() {
    let engine = centre_with(3).await;
    let head = engine.head();
    submit(&engine).await;
    let then = engine.statistics(AsOf::Position(head), threads(2)).await.unwrap();
    assert_eq!((received(&then).numerator, then.position()), (Some(3), head));
    let beyond = engine
        .statistics(AsOf::Position(Position(u64::MAX)), threads(1))
        .await
        .unwrap();
    assert_eq!(
        (received(&beyond).numerator, beyond.position()),
        (Some(4), engine.head())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn live_statistics_follow_the_log_and_say_which_groups_changed() {
    let engine = centre_with(2).await;
    let mut live = engine.live_statistics(threads(2)).await.unwrap();
    let known = live.read(Statistics::position);
    assert_eq!((known, live.lag()), (engine.head(), 0));

    submit(&engine).await;
    let mut change = live.changed_since(known).await.unwrap();
    while change.position < engine.head() {
        change = live.changed_since(known.max(change.position)).await.unwrap();
    }

    let groups = live.clone().changed_since(known).await.unwrap().groups.unwrap();
    let dimensions: Vec<_> = groups.iter().map(|group| group.dimensions.as_slice()).collect();
    assert_eq!(
        dimensions,
        [
            &[][..],
            &[Dimension::Department],
            &[Dimension::Window],
            &[Dimension::Item]
        ]
    );
    assert_eq!((change.lag, live.failed()), (0, None));
    let rebuilt = engine.statistics(AsOf::Now, threads(1)).await.unwrap();
    live.read(|live| {
        assert_eq!(
            (live.cubes(), received(live).numerator),
            (rebuilt.cubes(), Some(3))
        );
    });
    engine.close().await.unwrap();
    assert_eq!(live.changed_since(change.position).await, None);
}
