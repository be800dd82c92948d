//! Clients that each send one command, wait for its answer, and send the next; and what they were answered.

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::fs;
use std::future::Future;
use std::time::{Duration, Instant};

use guichet_core::time::{TimeSource, Timestamp};
use tokio::task::JoinSet;

use crate::Failure;

/// The first of March 2010, nine in the morning, for ever: the calendars of the demo know that day.
#[derive(Clone, Copy, Debug)]
pub struct Standing;

impl TimeSource for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_267_405_200_000_000)
    }
}

/// What some clients were answered.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Commands a second.
    pub rate: f64,
    /// Milliseconds that half of them took at most.
    pub p50: f64,
    /// Milliseconds that all but a hundredth took at most.
    pub p99: f64,
    /// Microseconds of processor time a command, the client's part included: what tells more than the rate does on a
    /// machine that others use too.
    pub cpu: f64,
}

/// The round of the middle rate.
#[must_use]
pub fn median(mut rounds: Vec<Round>) -> Round {
    rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    rounds[rounds.len() / 2]
}

/// Runs the clients, each of which does `ask(client, number)` again and again.
///
/// # Errors
///
/// The first that a client meets.
pub async fn run<F>(
    clients: usize,
    length: Duration,
    ask: impl Fn(usize, u64) -> F + Clone + Send + 'static,
) -> Result<Round, Failure>
where
    F: Future<Output = Result<(), Failure>> + Send,
{
    let (started, worked) = (Instant::now(), processor_time());
    let mut tasks = JoinSet::new();
    for client in 0..clients {
        let ask = ask.clone();
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            while started.elapsed() < length {
                let asked = Instant::now();
                ask(client, latencies.len() as u64).await?;
                latencies.push(asked.elapsed());
            }
            Ok::<_, Failure>(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(task) = tasks.join_next().await {
        latencies.extend(task??);
    }
    let (taken, worked) = (started.elapsed(), processor_time() - worked);
    latencies.sort_unstable();
    let at = |hundredth: usize| latencies[(latencies.len() - 1) * hundredth / 100].as_secs_f64() * 1e3;
    Ok(Round {
        rate: latencies.len() as f64 / taken.as_secs_f64(),
        p50: at(50),
        p99: at(99),
        cpu: worked / latencies.len() as f64,
    })
}

/// Microseconds of processor time that this process has used, to a hundredth of a second; 0 where the system does not say.
#[must_use]
pub fn processor_time() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 1e4
}
