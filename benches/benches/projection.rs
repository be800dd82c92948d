//! What the statistics cost: counting a whole log on one core and on two beside the bare decode of the same log, catching
//! up with new events, a figure as of another moment, and one figure by department and month.
//!
//! ```text
//! guichet demo --headless --cases 200000 --data DIR
//! cargo bench -p guichet-benches --bench projection -- --data DIR
//! ```
//!
//! One core is one core: the process is held to it, and what reads the log shares it with what counts. With
//! `--times 5 --into LARGER` the log is first written out so many times, each time under other case numbers, and that log is
//! counted.

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use guichet::stats::{AsOf, Ask, Dimension, Figure, Period, Scope};
use guichet::{Config, Guichet};
use guichet_benches::{Arguments, Failure, resident_mb};
use guichet_core::id::{CaseId, CommandId, Position, StreamId};
use guichet_core::time::Timestamp;
use guichet_log::codec;
use guichet_log::log::{Append, EventLog, Expected};
use guichet_sled::{Options, SledLog};
use rustix::thread::CpuSet;
use rustix::time::ClockId;
use tokio::runtime::{Builder, Runtime};

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
    let times = arguments.number("--times", 1)?;
    let data = match arguments.value("--into") {
        Some(into) if !Path::new(into).exists() => {
            runtime(2)?.block_on(enlarge(data, into, times))?;
            into
        }
        Some(into) => into,
        None => data,
    };
    let opened = runtime(2)?;
    let engine = opened.block_on(Guichet::open_with(data, Config::default()))?;
    measure(&engine)?;
    opened.block_on(engine.close())?;
    Ok(())
}

/// A runtime whose threads, and whatever they start, are held to so many cores.
fn runtime(cores: usize) -> Result<Runtime, Failure> {
    let mut set = CpuSet::new();
    (0..cores).for_each(|core| set.set(core));
    rustix::thread::sched_setaffinity(None, &set)?;
    let runtime = Builder::new_multi_thread().worker_threads(cores).build()?;
    Ok(runtime)
}

/// Writes a log out so many times: the reference data once, and each time every case under another number.
async fn enlarge(from: &str, into: &str, times: u64) -> Result<(), Failure> {
    let from = SledLog::open(from, Options::default())?;
    let into = SledLog::open(into, Options::default())?;
    for time in 0..times {
        let mut next = Position::START;
        while next < from.head() {
            for block in from.read_blocks(next, READ_BYTES).await? {
                let mut group: Vec<Append> = Vec::new();
                let mut recorded_at = Timestamp::from_micros(0);
                for record in block.records_from(next) {
                    let record = record?.to_record()?;
                    if record.stream.case().is_none() && time > 0 {
                        continue;
                    }
                    recorded_at = record.recorded_at;
                    let stream = match record.stream.case() {
                        Some(case) => StreamId::of_case(&CaseId::new(&format!("{case}-{time}"))?),
                        None => record.stream.clone(),
                    };
                    let mut draft = record.into_draft();
                    draft.command = CommandId::new(&format!("{}-{time}", draft.command))?;
                    match group.last_mut() {
                        Some(last) if last.stream == stream => last.drafts.push(draft),
                        Some(_) | None => group.push(Append {
                            stream,
                            expected: Expected::Any,
                            drafts: vec![draft],
                        }),
                    }
                }
                if !group.is_empty() {
                    into.append(group, recorded_at).await?;
                }
                next = block.end();
            }
        }
    }
    from.close().await?;
    into.close().await?;
    Ok(())
}

fn measure(engine: &Guichet) -> Result<(), Failure> {
    let head = engine.head();
    let events = head.0 as f64;
    println!("log       {head} events; {:?} MB", resident_mb());
    let mut runs = Vec::new();
    for _ in 0..3 {
        let on_one = runtime(1)?;
        let bare = took(|| on_one.block_on(decode(&**engine.log())))?;
        let one = took(|| on_one.block_on(counted(engine, 1)))?;
        drop(on_one);
        let on_two = runtime(2)?;
        let two = took(|| on_two.block_on(counted(engine, 2)))?;
        let [(_, decoding), (_, counting), (_, on_both)] = [bare, one, two];
        println!(
            "processor {:.2} s to decode, {:.2} s to count on one core ({:.2} of its speed), {:.2} s on two; {:?} MB",
            decoding.as_secs_f64(),
            counting.as_secs_f64(),
            decoding.as_secs_f64() / counting.as_secs_f64(),
            on_both.as_secs_f64(),
            resident_mb()
        );
        runs.push((bare.0, one.0, two.0));
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

    let on_two = runtime(2)?;
    let behind = Position(head.0 - head.0 / 100);
    let earlier = on_two.block_on(engine.statistics(AsOf::Position(behind), two_threads()))?;
    let mut statistics = earlier.carried_on();
    let started = Instant::now();
    on_two.block_on(engine.catch_up(&mut statistics))?;
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
        let then = engine.statistics(AsOf::Position(position), two_threads());
        std::hint::black_box(on_two.block_on(then)?);
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

/// How long something took: by the wall, and of the processor, which other work on the machine changes little.
fn took(work: impl FnOnce() -> Result<(), Failure>) -> Result<(Duration, Duration), Failure> {
    let processor = || Duration::try_from(rustix::time::clock_gettime(ClockId::ProcessCPUTime));
    let (started, used) = (Instant::now(), processor()?);
    work()?;
    Ok((started.elapsed(), processor()?.saturating_sub(used)))
}

async fn counted(engine: &Guichet, threads: usize) -> Result<(), Failure> {
    let threads = NonZeroUsize::new(threads).ok_or("no thread")?;
    // Those of now would go on from what was kept, and it is counting that is measured.
    let all = AsOf::Position(engine.head());
    std::hint::black_box(engine.statistics(all, threads).await?);
    Ok(())
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
