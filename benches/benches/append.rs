//! What a durable command costs: the engine beside a raw file with group commit, and beside the bare log.
//!
//! ```text
//! cargo bench -p guichet-benches --bench append -- [--rounds 3] [--seconds 3] [--clients 64] [--only engine] [--archiving] [--dir DIR]
//! ```
//!
//! `--archiving` runs the engine beside itself with an archive that it writes as it goes, instead of the three.
//!
//! All three have the same clients: tasks on one runtime, each of which sends one command and waits until it is durable.
//! The raw file is preallocated and written by one thread, which takes what waits, writes it at once and calls
//! `fdatasync`: what any log on this disk can hope for. Rounds of the three take turns, and the table shows medians.

#![expect(
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use guichet::{Config, Guichet, catalogue};
use guichet_benches::Failure;
use guichet_benches::clients::{Round, Standing, median, run};
use guichet_core::actor::{Actor, Role};
use guichet_core::case::{CaseCommand, Command};
use guichet_core::id::{CaseId, CommandId, PersonId, Revision, StreamId};
use guichet_core::time::Timestamp;
use guichet_log::log::{Append, EventLog, Expected};
use guichet_log::note::PrivateKey;
use guichet_log::testkit::{draft, stream};
use guichet_sled::{Options, SledLog};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

/// Commands of one case, the submission included.
const CASE_COMMANDS: u64 = 20;
const RAW_FILE_BYTES: u64 = 512 * 1024 * 1024;
/// How often a head is sealed: more often than an engine does by default, so that a round sees several.
const SEALED_EVERY: Duration = Duration::from_secs(1);
const RAW_QUEUE: usize = 4_096;

/// What a command leads to is made on one thread and let go on another. The allocator of the GNU C library has a lock
/// there; this one does not. All three run on it, unless the feature `system-allocator` says otherwise.
#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Arguments {
    rounds: usize,
    length: Duration,
    clients: Vec<usize>,
    /// The one that is run, for a profiler; all three when absent.
    only: Option<String>,
    /// Whether the engine is compared with itself and an archive.
    archiving: bool,
    dir: PathBuf,
}

impl Arguments {
    fn read() -> Result<Option<Self>, Failure> {
        let mut read = Self {
            rounds: 3,
            length: Duration::from_secs(3),
            clients: vec![1, 8, 64, 256],
            only: None,
            archiving: false,
            dir: std::env::temp_dir(),
        };
        let mut asked = false;
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--rounds" => read.rounds = value()?.parse()?,
                "--seconds" => read.length = Duration::from_secs_f64(value()?.parse()?),
                "--clients" => read.clients = vec![value()?.parse()?],
                "--only" => read.only = Some(value()?),
                "--archiving" => read.archiving = true,
                "--dir" => read.dir = value()?.into(),
                // Cargo says so when it runs benches; under `cargo test` it does not, and then nothing is measured.
                "--bench" => asked = true,
                other => return Err(format!("{other} is no option; see the head of this file").into()),
            }
        }
        Ok(asked.then_some(read))
    }
}

fn main() -> Result<(), Failure> {
    let Some(arguments) = Arguments::read()? else {
        return Ok(());
    };
    if let Some(only) = &arguments.only {
        return run_one(only, &arguments);
    }
    if arguments.archiving {
        return beside_an_archive(&arguments);
    }
    println!(
        "clients  raw/s    log/s    engine/s  log:raw  engine:raw  p50 ms raw log engine   p99 ms raw log engine   µs raw log engine"
    );
    for clients in &arguments.clients {
        let mut rounds = [const { Vec::new() }; 3];
        for _ in 0..arguments.rounds {
            for (number, round) in [raw_round, log_round, engine_round].into_iter().enumerate() {
                let dir = tempfile::Builder::new()
                    .prefix("guichet-bench")
                    .tempdir_in(&arguments.dir)?;
                rounds[number].push(round(dir.path(), *clients, arguments.length)?);
            }
        }
        let [raw, log, engine] = rounds.map(median);
        println!(
            "{clients:>7}  {:<7.0}  {:<7.0}  {:<8.0}  {:<7.2}  {:<10.2}  {:>6.2} {:>6.2} {:>6.2}    {:>6.2} {:>6.2} {:>6.2}   {:>5.1} {:>5.1} {:>5.1}",
            raw.rate,
            log.rate,
            engine.rate,
            log.rate / raw.rate,
            engine.rate / raw.rate,
            raw.p50,
            log.p50,
            engine.p50,
            raw.p99,
            log.p99,
            engine.p99,
            raw.cpu,
            log.cpu,
            engine.cpu,
        );
    }
    Ok(())
}

/// Runs the engine without and with an archive, in turn.
fn beside_an_archive(arguments: &Arguments) -> Result<(), Failure> {
    println!("clients  engine/s  archiving/s  ratio   p99 ms  archiving   µs  archiving");
    for clients in &arguments.clients {
        let mut rounds = [const { Vec::new() }; 2];
        for _ in 0..arguments.rounds {
            for (number, round) in [engine_round, archiving_round].into_iter().enumerate() {
                let dir = tempfile::Builder::new()
                    .prefix("guichet-bench")
                    .tempdir_in(&arguments.dir)?;
                rounds[number].push(round(dir.path(), *clients, arguments.length)?);
            }
        }
        let [engine, archiving] = rounds.map(median);
        println!(
            "{clients:>7}  {:<8.0}  {:<11.0}  {:<5.2}  {:>6.2}  {:>9.2}  {:>4.1}  {:>9.1}",
            engine.rate,
            archiving.rate,
            archiving.rate / engine.rate,
            engine.p99,
            archiving.p99,
            engine.cpu,
            archiving.cpu,
        );
    }
    Ok(())
}

/// Runs one of the three alone, round by round.
fn run_one(name: &str, arguments: &Arguments) -> Result<(), Failure> {
    let round = match name {
        "raw" => raw_round,
        "log" => log_round,
        "engine" => engine_round,
        other => return Err(format!("{other} is not one of raw, log and engine").into()),
    };
    for clients in &arguments.clients {
        for _ in 0..arguments.rounds {
            let dir = tempfile::Builder::new()
                .prefix("guichet-bench")
                .tempdir_in(&arguments.dir)?;
            let Round { rate, p50, p99, cpu } = round(dir.path(), *clients, arguments.length)?;
            println!(
                "{name} {clients}: {rate:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms, {cpu:.1} µs of processor a command"
            );
        }
    }
    Ok(())
}

fn raw_round(dir: &Path, clients: usize, length: Duration) -> Result<Round, Failure> {
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .open(dir.join("raw"))?;
    let zeros = vec![0; 1024 * 1024];
    for _ in 0..RAW_FILE_BYTES / zeros.len() as u64 {
        file.write_all(&zeros)?;
    }
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let (queue, mut waiting) = mpsc::channel::<(Vec<u8>, oneshot::Sender<()>)>(RAW_QUEUE);
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
                // Whoever went away needs no answer.
                let _ = answer.send(());
            }
        }
        Ok(())
    });
    let runtime = Runtime::new()?;
    let round = runtime.block_on(run(clients, length, move |client, number| {
        let queue = queue.clone();
        async move {
            let mut bytes = Vec::new();
            draft(&format!("c-{client}-{number}"), &payload())
                .encode(&case_stream(client, number), &mut bytes);
            let (answer, answered) = oneshot::channel();
            queue.send((bytes, answer)).await?;
            Ok(answered.await?)
        }
    }))?;
    drop(runtime);
    writer
        .join()
        .map_err(|_| "the writer of the raw file panicked")??;
    Ok(round)
}

fn log_round(dir: &Path, clients: usize, length: Duration) -> Result<Round, Failure> {
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let log = warm_log(dir).await?;
        let asked = Arc::clone(&log);
        let round = run(clients, length, move |client, number| {
            let log = Arc::clone(&asked);
            async move {
                let expected = match number % CASE_COMMANDS {
                    0 => Expected::Absent,
                    later => Expected::At(Revision(later - 1)),
                };
                let append = Append {
                    stream: case_stream(client, number),
                    expected,
                    drafts: vec![draft(&format!("c-{client}-{number}"), &payload())],
                };
                log.append(vec![append], Timestamp::from_micros(1)).await?;
                Ok(())
            }
        })
        .await?;
        log.close().await?;
        Ok(round)
    })
}

fn engine_round(dir: &Path, clients: usize, length: Duration) -> Result<Round, Failure> {
    engine(dir, clients, length, false)
}

fn archiving_round(dir: &Path, clients: usize, length: Duration) -> Result<Round, Failure> {
    engine(dir, clients, length, true)
}

fn engine(dir: &Path, clients: usize, length: Duration, archives: bool) -> Result<Round, Failure> {
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let log = warm_log(dir).await?;
        let engine = Guichet::start(log, Config::default().time(Arc::new(Standing))).await?;
        let director = Actor::new(PersonId::new("director")?, Role::Director);
        let loaded = catalogue::embedded("harbin-2010").map_err(|error| format!("{error:?}"))?;
        engine.publish_catalogue(&loaded.catalogue, &director).await?;
        let archiving = if archives {
            let key = PrivateKey::from_seed("bench.example/log", &[7; 32])?;
            let to = dir.join("archive");
            Some(engine.archive_to(to, key, SEALED_EVERY).await?)
        } else {
            None
        };
        let asked = engine.clone();
        let round = run(clients, length, move |client, number| {
            let engine = asked.clone();
            async move {
                let answer = engine.handle(command(client, number)?).await?;
                answer.accepted()?;
                Ok(())
            }
        })
        .await?;
        if let Some(archiving) = archiving {
            let (lag, head) = (archiving.status().lag, engine.head());
            println!("         {lag} of {head} records were not yet under a head when the clients stopped");
            archiving.stop().await?;
        }
        engine.close().await?;
        Ok(round)
    })
}

/// A log whose journal files exist, as after some hours of work: the raw file is there before its clock runs, too.
async fn warm_log(dir: &Path) -> Result<Arc<SledLog>, Failure> {
    let dir = dir.join("log");
    let log = Arc::new(SledLog::open(&dir, Options::default())?);
    for number in 0..240 {
        let append = Append {
            stream: stream(&format!("warm/{number}")),
            expected: Expected::Absent,
            drafts: (0..3_000).map(|_| draft("c-warm", &payload())).collect(),
        };
        log.append(vec![append], Timestamp::from_micros(1)).await?;
    }
    let unsealed = || -> std::io::Result<usize> {
        let files = fs::read_dir(dir.join("journal"))?.flatten();
        Ok(files.filter(|entry| entry.path().extension().is_some()).count())
    };
    while unsealed()? > 1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(log)
}

/// Neither constant nor random: something that compresses about as well as an event does.
fn payload() -> [u8; 208] {
    std::array::from_fn(|at| u8::try_from(at * at % 61).unwrap_or_default() + b'A')
}

fn case_stream(client: usize, number: u64) -> StreamId {
    stream(&format!("case/{client}-{}", number / CASE_COMMANDS))
}

fn command(client: usize, number: u64) -> Result<Command, Failure> {
    let ask = if number.is_multiple_of(CASE_COMMANDS) {
        CaseCommand::Submit {
            procedure: "seal-filing".parse()?,
            applicant: "p-1".parse()?,
            channel: None,
            facts: BTreeMap::new(),
            materials: ["business-licence", "applicant-id", "seal-samples"]
                .into_iter()
                .map(str::parse)
                .collect::<Result<_, _>>()?,
            resubmits: None,
        }
    } else {
        let activity = format!("step {}", number % CASE_COMMANDS);
        CaseCommand::RecordStep {
            activity,
            by: None,
            group: Some("reception".to_owned()),
            attributes: BTreeMap::from([("text".to_owned(), String::from_utf8(payload()[..160].to_vec())?)]),
        }
    };
    let id = CommandId::new(&format!("c-{client}-{number}"))?;
    let case = CaseId::new(&format!("{client}-{}", number / CASE_COMMANDS))?;
    Ok(Command::new(
        id,
        case,
        Actor::new(PersonId::new("importer")?, Role::Importer),
        ask,
    ))
}
