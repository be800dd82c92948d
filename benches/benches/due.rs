//! What lawful time costs: due dates by the calendar's index beside a loop over the days, and every due date of a centre
//! counted anew after its calendar was amended.
//!
//! ```text
//! cargo bench -p guichet-benches --bench due -- [--cases 1000000]
//! ```

use std::time::Instant;

use guichet_benches::{Arguments, Failure};
use guichet_core::calendar::{Calendar, DayRange};
use guichet_core::clock::{Clock, Pause};
use guichet_core::id::Version;
use guichet_core::policy::Policy;
use guichet_core::time::{Date, Term, date};

/// Due dates of one measurement.
const DUE_DATES: u32 = 2_000_000;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    if !arguments.measures() {
        return Ok(());
    }
    let cases = arguments.number("--cases", 1_000_000)?;
    let cn = guichet::catalogue::calendars::parse(include_str!(
        "../../crates/guichet-catalogue/calendars/CN.json"
    ))?;
    for days in [5, 20, 60, 250] {
        against_the_loop(&cn, days)?;
    }
    amended(&cn, cases)
}

/// Any day of ten years.
fn start(nth: u32) -> Date {
    date(2010, 1, 1).plus_days(i32::try_from(nth.wrapping_mul(2_654_435_761) % 3_650).unwrap_or_default())
}

fn against_the_loop(calendar: &Calendar, days: u16) -> Result<(), Failure> {
    let policy = Policy::default();
    let indexed = |start: Date| Clock::new(start, Term::WorkingDays(days), &policy, calendar).due_on(start);
    let looped = |start: Date| {
        let (mut day, mut left) = (start, days);
        while left > 0 {
            day = day.next();
            left -= u16::from(calendar.is_working_day(day)?);
        }
        Ok::<_, Failure>(day)
    };
    let (mut by_index, mut by_loop) = (0_i64, 0_i64);
    let began = Instant::now();
    for nth in 0..DUE_DATES {
        by_index += i64::from(indexed(start(nth))?.days());
    }
    let index = began.elapsed().as_secs_f64();
    let began = Instant::now();
    for nth in 0..DUE_DATES {
        by_loop += i64::from(looped(start(nth))?.days());
    }
    let walk = began.elapsed().as_secs_f64();
    if by_index != by_loop {
        return Err("the index and the loop disagree".into());
    }
    let per_second = |seconds: f64| f64::from(DUE_DATES) / seconds / 1e6;
    println!(
        "{days:>3} working days: {:>6.1} M due dates/s by the index, {:>6.1} M/s by a loop over the days, {:>5.1} times",
        per_second(index),
        per_second(walk),
        walk / index
    );
    Ok(())
}

/// Every open case counted anew, both of its terms, a third of the cases with a pause.
fn amended(calendar: &Calendar, cases: u32) -> Result<(), Failure> {
    let policy = Policy::default();
    let mut facts = calendar.facts().clone();
    facts.version = Version(calendar.version().0 + 1);
    facts.non_working_weekdays_dates.push(date(2013, 3, 13));
    let began = Instant::now();
    let amended = Calendar::new(facts)?;
    let built = began.elapsed();
    let pause = |start: Date| Pause {
        since: start.plus_days(5),
        until: Some(start.plus_days(16)),
        ground: None,
    };
    let due = |calendar: &Calendar, nth: u32| {
        let start = start(nth);
        let mut sum = 0;
        for days in [10, 20] {
            let mut clock = Clock::new(start, Term::WorkingDays(days), &policy, calendar);
            if nth.is_multiple_of(3) {
                clock.pauses.push(pause(start));
            }
            sum += i64::from(clock.due_on(start)?.days());
        }
        Ok::<_, Failure>(sum)
    };
    let (mut moved, began) = (0_u32, Instant::now());
    for nth in 0..cases {
        moved += u32::from(due(&amended, nth)? != due(calendar, nth)?);
    }
    let elapsed = began.elapsed();
    let covered: DayRange = amended.covered();
    println!(
        "{cases} open cases, calendar of {covered} amended: index built in {:.1} ms, old and new due dates of both terms \
         compared in {:.2} s, {moved} cases moved ({:.0} ns a due date)",
        built.as_secs_f64() * 1e3,
        elapsed.as_secs_f64(),
        elapsed.as_secs_f64() * 1e9 / (f64::from(cases) * 4.0)
    );
    Ok(())
}
