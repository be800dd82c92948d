//! Killed processes: `guichet run` takes commands while it is killed with SIGKILL at random moments. What it had
//! acknowledged, a witness keeps apart; all of it is there afterwards, whole, once, and in order.
//!
//! `GUICHET_KILLS=1000` kills more often; `GUICHET_SEED=7` repeats what a failure printed.

mod common;
mod witness;

use std::process::Stdio;
use std::time::Duration;

use common::Centre;
use witness::{Chance, Pace, Taking, check, commands, number};

/// How often the process is killed.
const KILLS: u64 = 200;
/// A child that gets everything at once is killed so long after its first answer at most.
const AT_ONCE_KILLED_WITHIN_MICROS: u64 = 4_000;
/// One that gets its commands slowly.
const SLOWLY_KILLED_WITHIN_MICROS: u64 = 40_000;
const SLOWLY: Pace = Pace::Slow {
    pause: Duration::from_micros(150),
    held: 1,
};

#[test]
fn what_was_acknowledged_before_a_kill_is_there_whole_once_and_in_order() {
    let seed = number("GUICHET_SEED", 20_100_301);
    let mut chance = Chance(seed);
    let centre = Centre::open();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut acknowledged, mut cut_short) = (0, 0);
    for kill in 0..number("GUICHET_KILLS", KILLS) {
        let asked = commands(kill);
        // Whole groups in the first milliseconds, and small ones over a longer time: the last command comes after the kill.
        let (pace, within) = if kill % 2 == 0 {
            (Pace::AtOnce, AT_ONCE_KILLED_WITHIN_MICROS)
        } else {
            (SLOWLY, SLOWLY_KILLED_WITHIN_MICROS)
        };
        let taking = Taking::begin(centre.path(), &asked, pace, Stdio::inherit());
        std::thread::sleep(Duration::from_micros(chance.below(within)));
        let witness = taking.kill();
        acknowledged += witness.len();
        cut_short += usize::from(witness.len() < asked.len());
        runtime.block_on(check(
            centre.path(),
            &witness,
            &asked,
            &format!("seed {seed}, kill {kill}"),
        ));
    }
    // A battery that always comes too late, or too early, shows nothing.
    assert!(
        acknowledged > 200,
        "only {acknowledged} commands were acknowledged before a kill"
    );
    assert!(cut_short > 20, "only {cut_short} runs were cut short");
}
