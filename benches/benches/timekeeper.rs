//! What a night's round of the timekeeper costs those who work meanwhile: a clerk takes in applications while thousands of
//! intake terms lapse.
//!
//! ```text
//! cargo bench -p guichet-benches --bench timekeeper -- [--cases 10000]
//! ```

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use guichet::{Guichet, Timekeeper, testkit};
use guichet_benches::{Arguments, Failure};

/// Clients that fill the centre before the night.
const FILLING: usize = 64;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    if !arguments.measures() {
        return Ok(());
    }
    let cases = arguments.number("--cases", 10_000)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(night(cases))
}

async fn night(cases: usize) -> Result<(), Failure> {
    let (engine, time) = testkit::centre().await;
    fill(&engine, cases).await?;
    let mut timekeeper = Timekeeper::new(engine.clone());
    timekeeper.tick().await?;
    let quiet = clerk(&engine, &Arc::new(AtomicBool::new(false)), Some(2_000)).await?;

    // A week later nothing was accepted: every intake term has lapsed, and lights have turned before it did.
    time.turn_to("2010-03-12T02:00:00+08:00".parse()?);
    let done = Arc::new(AtomicBool::new(false));
    let working = tokio::spawn({
        let (engine, done) = (engine.clone(), Arc::clone(&done));
        async move { clerk(&engine, &done, None).await }
    });
    let began = Instant::now();
    let lapsed = timekeeper.tick().await?;
    let took = began.elapsed();
    done.store(true, Ordering::Release);
    let busy = working.await??;

    println!(
        "{cases} cases due at once: {} events in {:.2} s ({:.0} cases/s)",
        lapsed.events.len(),
        took.as_secs_f64(),
        cases as f64 / took.as_secs_f64()
    );
    for (name, waits) in [("quiet", quiet), ("during the round", busy)] {
        println!(
            "a clerk's command, {name}: {} commands, median {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
            waits.len(),
            at(&waits, 0.5),
            at(&waits, 0.99),
            at(&waits, 1.0)
        );
    }
    Ok(())
}

/// So many applications that nobody accepts.
async fn fill(engine: &Guichet, cases: usize) -> Result<(), Failure> {
    let mut clients = Vec::new();
    for client in 0..FILLING {
        let engine = engine.clone();
        let share = cases / FILLING + usize::from(client < cases % FILLING);
        clients.push(tokio::spawn(async move {
            for _ in 0..share {
                engine.submit(testkit::application()).await?.accepted()?;
            }
            Ok::<(), Failure>(())
        }));
    }
    for client in clients {
        client.await??;
    }
    Ok(())
}

/// One application after the other until `done`, or so many; how long each took, sorted.
async fn clerk(
    engine: &Guichet,
    done: &Arc<AtomicBool>,
    times: Option<usize>,
) -> Result<Vec<Duration>, Failure> {
    let mut waits = Vec::new();
    while !done.load(Ordering::Acquire) && times.is_none_or(|times| waits.len() < times) {
        let began = Instant::now();
        engine.submit(testkit::application()).await?.accepted()?;
        waits.push(began.elapsed());
    }
    waits.sort_unstable();
    Ok(waits)
}

/// The wait, in milliseconds, that this share of the commands did not exceed.
fn at(waits: &[Duration], share: f64) -> f64 {
    if waits.is_empty() {
        return 0.0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = ((waits.len() - 1) as f64 * share) as usize;
    waits[place].as_secs_f64() * 1e3
}
