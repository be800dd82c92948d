//! What supervision costs over a log: verifying it beside bare SHA-256 over the same bytes, and asking every rule of findings.
//!
//! ```text
//! guichet demo --headless --cases 50000 --data DATA --archive ARCHIVE
//! cargo bench -p guichet-benches --bench verify -- --archive ARCHIVE [--data DATA] [--rounds 3] [--only verify|findings]
//! ```
//!
//! The archive is verified on one thread, in processor time, which neighbours disturb least; rounds of it and of SHA-256 take
//! turns, and medians are told.

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use guichet_audit::as_of::Moment;
use guichet_audit::findings::{Rules, find};
use guichet_audit::source::{Source, archive};
use guichet_audit::verify::{Against, Input, verify};
use guichet_benches::{Arguments, Failure, resident_mb};
use guichet_core::id::{Position, Revision};
use guichet_core::zone::Zone;
use guichet_log::archive::Archive;
use guichet_log::merkle::Hash;
use guichet_log::projection::Recorded;
use rustix::time::{ClockId, clock_gettime};

#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    let (true, Some(dir)) = (arguments.measures(), arguments.value("--archive")) else {
        return Ok(());
    };
    let (dir, rounds) = (PathBuf::from(dir), arguments.number("--rounds", 3_usize)?);
    let only = arguments.value("--only");
    if only != Some("findings") {
        verification(&dir, rounds)?;
        if let Some(data) = arguments.value("--data") {
            of_database(Path::new(data), rounds)?;
        }
    }
    if only != Some("verify") {
        findings(&dir, rounds)?;
    }
    Ok(())
}

fn verification(dir: &Path, rounds: usize) -> Result<(), Failure> {
    let archive = archive::open(dir)?;
    let (events, bytes) = (archive.end().0 as f64, bytes_of(&archive)?);
    let input = Input::Archive(dir.to_owned());
    let cores = std::thread::available_parallelism()?;
    let (mut hashing, mut reading, mut verifying, mut waiting) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rounds.max(1) {
        reading.push(worked(|| bytes_of(&archive).map(drop))?.0);
        hashing.push(worked(|| hash(&archive))?.0);
        verifying.push(worked(|| passes(&input, NonZeroUsize::MIN))?.0);
        waiting.push(worked(|| passes(&input, cores))?.1);
    }
    let (reading, hashing) = (median(reading), median(hashing));
    let (verifying, waiting) = (median(verifying), median(waiting));
    // The files are read by both; what is compared is the hashing alone.
    let bare = hashing - reading;
    println!(
        "archive   {events} events, {:.0} bytes an event",
        bytes as f64 / events
    );
    println!(
        "sha-256   {:.0} events/s a core, {:.0} MB/s; reading the files beside it {reading:.2} s",
        events / bare,
        bytes as f64 / bare / 1e6
    );
    println!(
        "verify    {:.0} events/s a core, {:.2} of sha-256 (target 0.5); on {cores} cores {waiting:.2} s, {:.0} events/s; {:?} MB at most",
        events / verifying,
        bare / verifying,
        events / waiting,
        resident_mb()
    );
    Ok(())
}

fn of_database(data: &Path, rounds: usize) -> Result<(), Failure> {
    let input = Input::Database(data.to_owned());
    let mut verifying = Vec::new();
    let mut records = 0;
    for _ in 0..rounds.max(1) {
        let took = worked(|| {
            let verification = verify(&input, &Against::default(), NonZeroUsize::MIN)?;
            records = verification.records;
            Ok(())
        })?;
        verifying.push(took);
    }
    let cpu = median(verifying.iter().map(|(cpu, _)| *cpu).collect());
    let wall = median(verifying.iter().map(|(_, wall)| *wall).collect());
    println!(
        "database  {records} events, copied and verified in {wall:.2} s, {:.0} events/s a core; {:?} MB at most",
        records as f64 / cpu,
        resident_mb()
    );
    Ok(())
}

fn findings(dir: &Path, rounds: usize) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism()?;
    for threads in [NonZeroUsize::MIN, cores] {
        let archive = archive::open(dir)?;
        let (mut took, mut found, mut cases) = (Vec::new(), 0, 0);
        for _ in 0..rounds.max(1) {
            took.push(worked(|| {
                let mut begun = 0;
                let records = Source::records(&archive, Position::START).inspect(|read| {
                    let is_first = |recorded: &Recorded| recorded.revision == Revision::START;
                    let is_case = |recorded: &Recorded| recorded.stream.case_name().is_some();
                    begun += u64::from(read.as_ref().is_ok_and(|read| is_first(read) && is_case(read)));
                });
                let told = find(records, Rules::default(), Moment::Now.as_of(&Zone::UTC), threads)?;
                (found, cases) = (told.findings.len(), begun);
                Ok(())
            })?);
        }
        let cpu = median(took.iter().map(|(cpu, _)| *cpu).collect());
        let wall = median(took.iter().map(|(_, wall)| *wall).collect());
        println!(
            "findings  {cases} cases, {} events, {found} findings, {threads} threads: {wall:.1} s ({cpu:.1} s of processor), {:.0} events/s; {:?} MB at most",
            archive.end(),
            archive.end().0 as f64 / wall,
            resident_mb()
        );
    }
    Ok(())
}

fn passes(input: &Input, threads: NonZeroUsize) -> Result<(), Failure> {
    let verification = verify(input, &Against::default(), threads)?;
    if verification.findings.is_empty() {
        Ok(())
    } else {
        Err("the archive does not pass".into())
    }
}

/// How many bytes the records have; reads all of them.
fn bytes_of(archive: &Archive) -> Result<u64, Failure> {
    let mut bytes = 0;
    for index in 0..archive.bundles() {
        bytes += archive
            .raw_bundle(index)?
            .records()
            .map(|record| record.len() as u64)
            .sum::<u64>();
    }
    Ok(bytes)
}

/// Reads all records, and hashes each.
fn hash(archive: &Archive) -> Result<(), Failure> {
    for index in 0..archive.bundles() {
        for record in archive.raw_bundle(index)?.records() {
            std::hint::black_box(Hash::of_leaf(record));
        }
    }
    Ok(())
}

/// The processor's seconds and the wall's.
fn worked(work: impl FnOnce() -> Result<(), Failure>) -> Result<(f64, f64), Failure> {
    let processor = || {
        let spent = clock_gettime(ClockId::ProcessCPUTime);
        spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
    };
    let (began, before) = (Instant::now(), processor());
    work()?;
    Ok((processor() - before, began.elapsed().as_secs_f64()))
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
