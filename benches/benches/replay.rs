//! What a log of many cases costs: replaying it, opening it after its process was killed, and the room it takes.
//!
//! ```text
//! cargo bench -p guichet-benches --bench replay -- [--events 3000000] [--dir DIR]
//! ```
//!
//! A child process fills a log with closed cases and is killed with SIGKILL while it goes on writing. Then the log is
//! opened, read once with every payload decoded and thrown away, and read once with every event folded into its case.

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use guichet_benches::{Arguments, Failure, licence, numbered, resident_mb};
use guichet_core::case::{CaseEvent, CaseState, evolve};
use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::codec::{self, Event};
use guichet_log::log::EventLog;
use guichet_sled::{Options, SledLog};

/// Cases of one group while the log is filled.
const GROUP_CASES: u64 = 100;
const READ_BYTES: usize = 4 * 1024 * 1024;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    let filled = arguments.value("--fill");
    if !arguments.measures() && filled.is_none() {
        return Ok(());
    }
    let events = arguments.number("--events", 3_000_000)?;
    if let Some(dir) = filled {
        return fill(Path::new(dir), events);
    }
    let above = arguments
        .value("--dir")
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::Builder::new()
        .prefix("guichet-bench")
        .tempdir_in(above)?;
    measure(&dir.path().join("log"), events)
}

fn fill(dir: &Path, events: u64) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let log = SledLog::open(dir, Options::default())?;
        let case = licence()?;
        let mut number = 0;
        let mut told = false;
        loop {
            let group = (number..number + GROUP_CASES)
                .map(|number| numbered(&case, number))
                .collect::<Result<_, _>>()?;
            log.append(group, Timestamp::from_micros(1_267_405_200_000_000))
                .await?;
            number += GROUP_CASES;
            if !told && log.head().0 >= events {
                println!("filled, {:?} MB resident and at most", resident_mb());
                told = true;
            }
        }
    })
}

fn measure(dir: &Path, events: u64) -> Result<(), Failure> {
    let started = Instant::now();
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--fill", &dir.to_string_lossy(), "--events", &events.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut told = String::new();
    BufReader::new(child.stdout.take().ok_or("the child has no output")?).read_line(&mut told)?;
    child.kill()?;
    child.wait()?;
    println!(
        "fill      {:>9.0} events/s; {}",
        events as f64 / started.elapsed().as_secs_f64(),
        told.trim()
    );

    let started = Instant::now();
    let log: Arc<dyn EventLog> = Arc::new(SledLog::open(dir, Options::default())?);
    let opened = started.elapsed();
    let head = log.head();
    println!(
        "reopen    {:>9.3} s after SIGKILL, with {head} events; {:?} MB",
        opened.as_secs_f64(),
        resident_mb()
    );
    println!(
        "on disk   {:>9.0} bytes an event",
        bytes_in(dir)? as f64 / head.0 as f64
    );

    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut rates = Vec::new();
    for _ in 0..3 {
        let bare = runtime.block_on(replay(&*log, |_, event| {
            std::hint::black_box(&event);
        }))?;
        let mut cases: HashMap<String, CaseState> = HashMap::new();
        let folded = runtime.block_on(replay(&*log, |stream, event| {
            let Event::Case(event) = event else { return };
            let Some(state) = cases.get_mut(stream) else {
                cases.insert(stream.to_owned(), evolve(CaseState::Absent, &event));
                return;
            };
            *state = evolve(std::mem::take(state), &event);
            // A case that is closed leaves memory.
            if matches!(event, CaseEvent::CaseCompleted(_)) {
                cases.remove(stream);
            }
        }))?;
        rates.push((bare, folded));
    }
    rates.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (bare, folded) = rates[rates.len() / 2];
    println!("decode    {bare:>9.0} events/s on one core");
    println!(
        "and fold  {folded:>9.0} events/s on one core, {:.2} of it; {:?} MB",
        folded / bare,
        resident_mb()
    );
    Ok(())
}

/// Hands every event of the log out, and says how many a second.
async fn replay(log: &dyn EventLog, mut each: impl FnMut(&str, Event)) -> Result<f64, Failure> {
    let started = Instant::now();
    let mut next = Position::START;
    while next < log.head() {
        for block in log.read_blocks(next, READ_BYTES).await? {
            for record in block.records_from(next) {
                let record = record?;
                each(record.stream, codec::decode_ref(&record)?);
            }
            next = block.end();
        }
    }
    Ok(next.0 as f64 / started.elapsed().as_secs_f64())
}

fn bytes_in(dir: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        bytes += if kind.is_dir() {
            bytes_in(&entry.path())?
        } else {
            entry.metadata()?.len()
        };
    }
    Ok(bytes)
}
