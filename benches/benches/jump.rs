//! What the replay costs over an archive: opening it, jumping to places anywhere in it, steps, and the memory that is kept.
//!
//! ```text
//! guichet demo --headless --cases 50000 --data DATA --archive ARCHIVE
//! cargo bench -p guichet-benches --bench jump -- --archive ARCHIVE [--jumps 2000]
//! ```

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::time::{Duration, Instant};

use guichet_audit::replay::{AsRecorded, BoardView, Replay};
use guichet_audit::source::archive;
use guichet_benches::{Arguments, Failure, resident_mb};
use guichet_core::id::Position;

#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    let (true, Some(dir)) = (arguments.measures(), arguments.value("--archive")) else {
        return Ok(());
    };
    let jumps = arguments.number("--jumps", 2_000_u64)?;
    let archive = archive::open(dir.as_ref())?;
    let end = archive.end();
    let tape = AsRecorded(&archive);

    let began = Instant::now();
    let mut replay = Replay::open(&tape, |_| {})?;
    let opened = began.elapsed().as_secs_f64();
    let (kept, apart, bytes) = replay.kept();
    println!(
        "open      {end} events in {opened:.2} s, {:.0} events/s; {kept} boards, {apart} events apart, about {} MB; {:?} MB resident",
        end.0 as f64 / opened,
        bytes / 1_000_000,
        resident_mb()
    );

    // Any order of places: multiplied by an odd number, each is far from the one before.
    let place = |nth: u64| Position(nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (end.0 + 1));
    let jump: Vec<Duration> = (0..jumps)
        .map(|nth| timed(|| replay.go_to(place(nth)).map(drop)))
        .collect::<Result<_, _>>()?;
    told("jump", jump);
    let seen: Vec<Duration> = (0..jumps / 4)
        .map(|nth| {
            timed(|| {
                let board = replay.go_to(place(nth))?;
                std::hint::black_box(BoardView::of(board, end, None));
                Ok::<_, Failure>(())
            })
        })
        .collect::<Result<_, _>>()?;
    told("and view", seen);
    replay.go_to(Position(end.0 / 2))?;
    for (name, by) in [("step on", 1), ("step back", -1)] {
        let steps: Vec<Duration> = (0..jumps)
            .map(|_| timed(|| replay.step(by).map(drop)))
            .collect::<Result<_, _>>()?;
        told(name, steps);
    }
    let open = replay.board().open().len();
    println!(
        "          {open} cases are open in the middle; {:?} MB resident at the end",
        resident_mb()
    );
    let began = Instant::now();
    replay.check()?;
    println!(
        "check     every kept board is the fold from the start: {:.2} s",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

fn timed<E>(act: impl FnOnce() -> Result<(), E>) -> Result<Duration, E> {
    let began = Instant::now();
    act()?;
    Ok(began.elapsed())
}

fn told(name: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    println!(
        "{name:<9} p50 {:>7.3} ms, p99 {:>7.3} ms, longest {:>7.3} ms, of {}",
        at(50),
        at(99),
        at(100),
        took.len()
    );
}
