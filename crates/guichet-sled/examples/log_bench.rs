//! Measures the log on this machine's disk: `append` beside a raw file with group commit, and `fill` for the rest.
//!
//! ```text
//! cargo run --release -p guichet-sled --example log_bench -- append DIR [ROUNDS] [SECONDS]
//! cargo run --release -p guichet-sled --example log_bench -- fill DIR EVENTS
//! cargo run --release -p guichet-sled --example log_bench -- open DIR
//! ```

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a measurement that runs by hand"
)]

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::log::{Append, EventLog, Expected};
use guichet_log::testkit::{draft, stream};
use guichet_sled::{Options, SledLog};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

const PAYLOAD: [u8; 208] = {
    // Neither constant nor random: something that compresses about as well as an event does.
    let mut payload = [0; 208];
    let mut at = 0;
    while at < 208 {
        payload[at] = (at * at % 61) as u8 + b'A';
        at += 1;
    }
    payload
};

const CLIENTS: [usize; 4] = [1, 8, 64, 256];
const RAW_FILE_BYTES: u64 = 1024 * 1024 * 1024;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["append", dir] => append(Path::new(dir), 3, 3),
        ["append", dir, rounds, seconds] => append(Path::new(dir), rounds.parse()?, seconds.parse()?),
        ["fill", dir, events] => fill(Path::new(dir), events.parse()?),
        ["open", dir] => open(Path::new(dir)),
        _ => Err("say `append DIR [ROUNDS SECONDS]`, `fill DIR EVENTS` or `open DIR`".into()),
    }
}

/// Rounds of raw file and log in turn; medians over the rounds.
fn append(dir: &Path, rounds: usize, seconds: u64) -> Result<(), Failure> {
    let length = Duration::from_secs(seconds);
    println!("clients  raw/s  log/s  log:raw  raw p99 ms  log p99 ms");
    let only: Option<usize> = std::env::var("CLIENTS")
        .ok()
        .and_then(|number| number.parse().ok());
    for clients in CLIENTS
        .into_iter()
        .filter(|clients| only.is_none_or(|only| only == *clients))
    {
        let mut raws = Vec::new();
        let mut logs = Vec::new();
        for _ in 0..rounds {
            raws.push(raw_round(dir, clients, length)?);
            logs.push(log_round(dir, clients, length)?);
        }
        let (raw, raw_p99) = median(&mut raws);
        let (log, log_p99) = median(&mut logs);
        println!(
            "{clients:>7}  {raw:>7.0}  {log:>7.0}  {:>5.2}  {raw_p99:>8.2}  {log_p99:>8.2}",
            log / raw
        );
    }
    Ok(())
}

fn median(rounds: &mut [(f64, f64)]) -> (f64, f64) {
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    rounds[rounds.len() / 2]
}

fn rate(mut latencies: Vec<Duration>, taken: Duration) -> (f64, f64) {
    latencies.sort_unstable();
    let p99 = latencies[latencies.len() * 99 / 100];
    (
        latencies.len() as f64 / taken.as_secs_f64(),
        p99.as_secs_f64() * 1e3,
    )
}

type RawRequest = (Vec<u8>, oneshot::Sender<()>);

fn raw_round(dir: &Path, clients: usize, length: Duration) -> Result<(f64, f64), Failure> {
    let dir = dir.join("raw");
    fs::create_dir_all(&dir)?;
    let path = dir.join("file");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .open(&path)?;
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..RAW_FILE_BYTES / zeros.len() as u64 {
        file.write_all(&zeros)?;
    }
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let (queue, mut waiting) = mpsc::channel::<RawRequest>(1_024);
    let writer = std::thread::spawn(move || -> std::io::Result<()> {
        let mut group = Vec::new();
        let mut answers = Vec::new();
        while let Some((bytes, answer)) = waiting.blocking_recv() {
            group.extend_from_slice(&bytes);
            answers.push(answer);
            while let Ok((bytes, answer)) = waiting.try_recv() {
                group.extend_from_slice(&bytes);
                answers.push(answer);
            }
            file.write_all(&group)?;
            file.sync_data()?;
            if file.stream_position()? > RAW_FILE_BYTES - 8 * 1024 * 1024 {
                file.seek(SeekFrom::Start(0))?;
            }
            group.clear();
            for answer in answers.drain(..) {
                let _ = answer.send(());
            }
        }
        Ok(())
    });
    let runtime = Runtime::new()?;
    let result = runtime.block_on(async {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for client in 0..clients {
            let queue = queue.clone();
            tasks.spawn(async move {
                let stream = stream(&format!("case/{client}"));
                let mut latencies = Vec::new();
                while started.elapsed() < length {
                    let asked = Instant::now();
                    let mut bytes = Vec::new();
                    draft(&format!("c-{client}-{}", latencies.len()), &PAYLOAD).encode(&stream, &mut bytes);
                    let (answer, answered) = oneshot::channel();
                    queue.send((bytes, answer)).await?;
                    answered.await?;
                    latencies.push(asked.elapsed());
                }
                Ok::<_, Failure>(latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(task) = tasks.join_next().await {
            latencies.extend(task??);
        }
        Ok::<_, Failure>(rate(latencies, started.elapsed()))
    })?;
    drop(queue);
    writer.join().map_err(|_| "the raw writer panicked")??;
    fs::remove_dir_all(&dir)?;
    Ok(result)
}

fn options() -> Result<Options, Failure> {
    let number = |name: &str, default| {
        std::env::var(name)
            .ok()
            .and_then(|n| n.parse().ok())
            .unwrap_or(default)
    };
    Ok(Options::default().with_unsealed_files(number("SEAL_AFTER", 4), number("UNSEALED", 8))?)
}

fn log_round(dir: &Path, clients: usize, length: Duration) -> Result<(f64, f64), Failure> {
    let dir = dir.join("log");
    let log = Arc::new(SledLog::open(&dir, options()?)?);
    // The raw file is filled before its clock runs. So are the log's journal files: it keeps those that it has sealed.
    let runtime = Runtime::new()?;
    let result = runtime.block_on(async {
        for number in 0..240 {
            let drafts = (0..3_000).map(|_| draft("c-warm", &PAYLOAD)).collect();
            let group = Append {
                stream: stream(&format!("warm/{number}")),
                expected: Expected::Absent,
                drafts,
            };
            log.append(vec![group], Timestamp::from_micros(1)).await?;
        }
        while fs::read_dir(dir.join("journal"))?
            .flatten()
            .filter(|entry| entry.path().extension().is_some())
            .count()
            > 1
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for client in 0..clients {
            let log = Arc::clone(&log);
            tasks.spawn(async move {
                let mut latencies: Vec<Duration> = Vec::new();
                while started.elapsed() < length {
                    let number = latencies.len() as u64;
                    let asked = Instant::now();
                    // A case has 20 events.
                    let stream = stream(&format!("case/{client}-{}", number / 20));
                    let expected = match number % 20 {
                        0 => Expected::Absent,
                        later => Expected::At(Revision(later - 1)),
                    };
                    let draft = draft(&format!("c-{client}-{number}"), &PAYLOAD);
                    let group = vec![Append {
                        stream,
                        expected,
                        drafts: vec![draft],
                    }];
                    log.append(group, Timestamp::from_micros(1)).await?;
                    latencies.push(asked.elapsed());
                }
                Ok::<_, Failure>(latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(task) = tasks.join_next().await {
            latencies.extend(task??);
        }
        let result = rate(latencies, started.elapsed());
        log.close().await?;
        Ok::<_, Failure>(result)
    })?;
    fs::remove_dir_all(&dir)?;
    Ok(result)
}

/// Fills a log as fast as it goes and ends without closing it, as a killed process does.
fn fill(dir: &Path, events: u64) -> Result<(), Failure> {
    let log = Arc::new(SledLog::open(dir, Options::default())?);
    let runtime = Runtime::new()?;
    let started = Instant::now();
    runtime.block_on(async {
        let mut case = 0_u64;
        let mut tasks: JoinSet<Result<(), Failure>> = JoinSet::new();
        while case < events / 20 {
            let group: Vec<Append> = (case..(case + 20).min(events / 20))
                .map(|case| Append {
                    stream: stream(&format!("case/2010-{case}")),
                    expected: Expected::Absent,
                    drafts: (0..20)
                        .map(|number| draft(&format!("c-{case}-{number}"), &PAYLOAD))
                        .collect(),
                })
                .collect();
            case += group.len() as u64;
            let log = Arc::clone(&log);
            tasks.spawn(async move {
                log.append(group, Timestamp::from_micros(1)).await?;
                Ok(())
            });
            if tasks.len() >= 32
                && let Some(task) = tasks.join_next().await
            {
                task??;
            }
        }
        while let Some(task) = tasks.join_next().await {
            task??;
        }
        Ok::<_, Failure>(())
    })?;
    let taken = started.elapsed();
    println!(
        "{} events in {:.2} s, {:.0} events/s; {}",
        log.head(),
        taken.as_secs_f64(),
        log.head().0 as f64 / taken.as_secs_f64(),
        memory()
    );
    std::process::abort();
}

/// Opens a filled log, reads all of it twice, looks things up, and counts what is on the disk.
fn open(dir: &Path) -> Result<(), Failure> {
    let started = Instant::now();
    let log = SledLog::open(dir, Options::default())?;
    println!(
        "open {:.3} s; {:?}; {}",
        started.elapsed().as_secs_f64(),
        log.recovery(),
        memory()
    );
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let head = log.head();
        let started = Instant::now();
        let mut next = Position::START;
        let mut bytes = 0;
        while next < head {
            for block in log.read_blocks(next, 1024 * 1024).await? {
                next = block.end();
                bytes += block.bytes();
            }
        }
        let taken = started.elapsed().as_secs_f64();
        println!(
            "blocks {:.0} events/s, {} bytes a record; {}",
            head.0 as f64 / taken,
            bytes as u64 / head.0,
            memory()
        );

        let started = Instant::now();
        let mut next = Position::START;
        while next < head {
            for block in log.read_blocks(next, 1024 * 1024).await? {
                next = block.end();
                for record in block.records() {
                    std::hint::black_box(record?.to_record()?);
                }
            }
        }
        println!(
            "records {:.0} events/s; {}",
            head.0 as f64 / started.elapsed().as_secs_f64(),
            memory()
        );

        for (what, offset) in [("cold", 7_919), ("warm", 7_919), ("absent", u64::MAX / 2)] {
            let started = Instant::now();
            for number in 0..200_u64 {
                let case =
                    number.wrapping_mul(offset) % (head.0 / 20) + if what == "absent" { head.0 } else { 0 };
                let records = log
                    .read_stream(&stream(&format!("case/2010-{case}")), Revision::START, 100)
                    .await?;
                assert_eq!(
                    records.len(),
                    if what == "absent" { 0 } else { 20 },
                    "case {case}"
                );
            }
            println!(
                "case of 20 events, {what}: {:.0} µs",
                started.elapsed().as_secs_f64() * 1e6 / 200.0
            );
        }
        log.close().await?;
        Ok::<_, Failure>(())
    })?;
    for part in ["journal", "sled"] {
        let bytes: u64 = fs::read_dir(dir.join(part))?
            .flatten()
            .filter_map(|entry| entry.metadata().ok())
            .map(|file| file.len())
            .sum();
        println!("{part}: {bytes} bytes");
    }
    Ok(())
}

fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}
