//! Bytes that nobody wrote: what the fuzz targets begin with, damaged at random, into everything that reads bytes.
//!
//! The targets themselves are in `crates/guichet-log/fuzz`, where cargo-fuzz searches further. `GUICHET_SEED=7` takes other
//! damage, `GUICHET_ROUNDS=100000` takes more of it, and `GUICHET_CORPUS=FOLDER` writes the seeds where cargo-fuzz looks.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

#[expect(unreachable_pub, reason = "the library of the fuzz targets, as it is")]
#[path = "../../guichet-log/fuzz/src/lib.rs"]
mod targets;
mod witness;

use std::fs;
use std::path::PathBuf;

use targets::TARGETS;
use witness::{Chance, number};

/// How many damaged inputs each target reads.
const ROUNDS: u64 = 600;

#[test]
fn no_bytes_make_a_reader_panic() {
    let mut chance = Chance(number("GUICHET_SEED", 20_100_301));
    let rounds = number("GUICHET_ROUNDS", ROUNDS);
    let corpus = std::env::var_os("GUICHET_CORPUS").map(PathBuf::from);
    for (name, target) in TARGETS {
        let seeds = (target.seeds)();
        if let Some(folder) = corpus.as_ref().map(|corpus| corpus.join(name)) {
            fs::create_dir_all(&folder).unwrap();
            for (number, seed) in seeds.iter().enumerate() {
                fs::write(folder.join(format!("seed-{number:03}")), seed).unwrap();
            }
        }
        for seed in &seeds {
            (target.read)(seed);
        }
        for _ in 0..rounds {
            let mut bytes = seeds[pick(&mut chance, seeds.len())].clone();
            for _ in 0..=chance.below(4) {
                damage(&mut bytes, &seeds, &mut chance);
            }
            let read = std::panic::catch_unwind(|| (target.read)(&bytes));
            assert!(
                read.is_ok(),
                "{name} panics on {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

/// A place below `bound`; 0 when there is none.
fn pick(chance: &mut Chance, bound: usize) -> usize {
    usize::try_from(chance.below(bound.max(1) as u64)).unwrap()
}

/// Flips, sets, cuts out, doubles, or puts in a piece of another seed.
fn damage(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    let at = pick(chance, bytes.len());
    let end = at + pick(chance, (bytes.len() - at).min(64) + 1);
    match chance.below(6) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = u8::try_from(chance.below(256)).unwrap();
            }
        }
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
        _ => {
            let other = &seeds[pick(chance, seeds.len())];
            let from = pick(chance, other.len());
            let to = from + pick(chance, (other.len() - from).min(64) + 1);
            bytes.splice(at..at, other[from..to].iter().copied());
        }
    }
}
