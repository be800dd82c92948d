//! What the statistics cost: counting a whole log on one core and on two beside the bare decode of the same log, catching
//! up with new events, a figure as of another moment, and one figure by department and month.
//!
//! ```text
//! guichet demo --headless --cases 1000000 --data DIR
//! cargo bench -p guichet-benches --bench projection -- --data DIR
//! ```

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use guichet::stats::{AsOf, Ask, Dimension, Figure, Period, Scope};
use guichet::{Config, Guichet};
use guichet_benches::{Arguments, Failure, resident_mb};
use guichet_core::id::Position;
use guichet_log::codec;
use guichet_log::log::EventLog;

const READ_BYTES: usize = 4 * 1024 * 1024;
/// How often a figure is asked, for its percentiles.
const ASKED: usize = 200;
/// How often a whole log is read as of another moment.
const AS_OF: u64 = 5;

// As the `guichet` binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    if !arguments.measures() {
        return Ok(());
    }
    let Some(data) = arguments.value("--data") else {
        println!(
            "projection: no log to count; make one with `guichet demo --headless`, and name it with --data DIR"
        );
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()?;
    runtime.block_on(async {
        let engine = Guichet::open_with(data, Config::default()).await?;
        measure(&engine).await?;
        engine.close().await?;
        Ok(())
    })
}

async fn measure(engine: &Guichet) -> Result<(), Failure> {
    let head = engine.head();
    let events = head.0 as f64;
    println!("log       {head} events; {:?} MB", resident_mb());
    let mut runs = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        decode(&**engine.log()).await?;
        let bare = started.elapsed();
        let one = counted(engine, 1).await?;
        let two = counted(engine, 2).await?;
        runs.push((bare, one, two));
    }
    runs.sort_by_key(|run| run.1);
    let (bare, one, two) = runs[runs.len() / 2];
    let rate = |time: Duration| events / time.as_secs_f64();
    println!("decode    {:>10.0} events/s on one core", rate(bare));
    println!(
        "count     {:>10.0} events/s on one core, {:.2} of it; {:?} MB",
        rate(one),
        rate(one) / rate(bare),
        resident_mb()
    );
    println!(
        "count     {:>10.0} events/s on two, {:.2} times one",
        rate(two),
        rate(two) / rate(one)
    );

    let behind = Position(head.0 - head.0 / 100);
    let earlier = engine.statistics(AsOf::Position(behind), two_threads()).await?;
    let mut statistics = earlier.carried_on();
    let started = Instant::now();
    engine.catch_up(&mut statistics).await?;
    println!(
        "catch up  {:>10.3} s for {} new events",
        started.elapsed().as_secs_f64(),
        head.0 - behind.0
    );

    let mut times = Vec::new();
    for nth in 0..ASKED {
        let month = Period::month(2010, i8::try_from(nth % 12 + 1)?);
        let ask = Ask {
            figures: vec![Figure::OnTime],
            by: vec![Dimension::Department],
            periods: vec![month],
            scope: Scope::all(),
        };
        let started = Instant::now();
        std::hint::black_box(statistics.figures(&ask));
        times.push(started.elapsed());
    }
    tell("figure by department, one month", &mut times);

    let mut times = Vec::new();
    for nth in 0..AS_OF {
        // Spread over the log, the same in every run.
        let position = Position(head.0 * (2 * nth + 1) / (2 * AS_OF));
        let started = Instant::now();
        std::hint::black_box(engine.statistics(AsOf::Position(position), two_threads()).await?);
        times.push(started.elapsed());
    }
    tell("all statistics as of a position", &mut times);
    Ok(())
}

fn tell(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    println!("{what}: p50 {:.3} ms, p99 {:.3} ms", at(50), at(99));
}

const fn two_threads() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(1)
}

async fn counted(engine: &Guichet, threads: usize) -> Result<Duration, Failure> {
    let threads = NonZeroUsize::new(threads).ok_or("no thread")?;
    let started = Instant::now();
    std::hint::black_box(engine.statistics(AsOf::Now, threads).await?);
    Ok(started.elapsed())
}

/// Decodes every payload of the log, and does nothing with it.
async fn decode(log: &dyn EventLog) -> Result<(), Failure> {
    let mut next = Position::START;
    while next < log.head() {
        for block in log.read_blocks(next, READ_BYTES).await? {
            for record in block.records_from(next) {
                std::hint::black_box(codec::decode_ref(&record?)?);
            }
            next = block.end();
        }
    }
    Ok(())
}
