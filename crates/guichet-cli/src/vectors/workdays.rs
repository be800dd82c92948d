//! Vectors of working days: terms, what lies between two days, terms that stand still for a while.

use guichet::core::clock::{Clock, Pause};
use guichet::core::time::{Date, Term};
use serde::Deserialize;
use serde_json::Value;

use super::{Asked, Books, fields};

#[derive(Deserialize)]
struct Due {
    calendar: String,
    start: Date,
    n: i64,
}

/// The n-th working day after the start, which never counts; before it where n is below 0.
pub(super) fn due(vector: &Value, books: &mut Books) -> Result<Asked, String> {
    let due: Due = fields(vector)?;
    books.open(&due.calendar)?;
    let calendar = books.opened(&due.calendar)?;
    let got = if due.n < 0 {
        let n = u16::try_from(due.n.unsigned_abs()).map_err(|_| {
            let most = u16::MAX;
            format!("`n` is {}; expected a number from -{most} to {most}", due.n)
        })?;
        calendar.nth_working_day_before(due.start, u32::from(n))
    } else {
        let term = Term::WorkingDays(count("n", due.n)?);
        Clock::new(due.start, term, &books.law, calendar).due_on(due.start)
    };
    Ok(Asked::one("expect", got.map(day)))
}

#[derive(Deserialize)]
struct Between {
    calendar: String,
    start: Date,
    end: Date,
}

/// How many working days d there are with start < d ≤ end.
pub(super) fn between(vector: &Value, books: &mut Books) -> Result<Asked, String> {
    let between: Between = fields(vector)?;
    books.open(&between.calendar)?;
    let calendar = books.opened(&between.calendar)?;
    let got = calendar.working_days_between(between.start, between.end);
    Ok(Asked::one("expect", got.map(Value::from)))
}

#[derive(Deserialize)]
struct Rolling {
    calendar: String,
    start: Date,
    n: i64,
    unit: Unit,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Unit {
    Days,
    Weeks,
    Months,
}

/// The last day of a term in days, weeks or months: as it falls (`unrolled`), and moved to a working day.
pub(super) fn roll(vector: &Value, books: &mut Books) -> Result<Asked, String> {
    let rolling: Rolling = fields(vector)?;
    books.open(&rolling.calendar)?;
    let calendar = books.opened(&rolling.calendar)?;
    let n = count("n", rolling.n)?;
    let term = match rolling.unit {
        Unit::Days => Term::CalendarDays(n),
        Unit::Weeks => Term::Weeks(n),
        Unit::Months => Term::Months(n),
    };
    let ends_on = |law| Clock::new(rolling.start, term, law, calendar).due_on(rolling.start);
    if vector.get("unrolled").is_none() {
        return Ok(Asked::one("expect", ends_on(&books.law).map(day)));
    }
    let both = ends_on(&books.law).and_then(|rolled| Ok(vec![day(rolled), day(ends_on(&books.unrolled)?)]));
    Ok(Asked {
        fields: vec!["expect", "unrolled"],
        got: both,
    })
}

/// A time during which a term stands still: from the first day on, up to the day of resumption.
#[derive(Clone, Copy, Deserialize)]
struct Suspension {
    from: Date,
    to: Option<Date>,
}

impl Suspension {
    const fn pause(self, until: Date) -> Pause {
        Pause {
            since: self.from,
            until: Some(until),
            ground: None,
        }
    }
}

#[derive(Deserialize)]
struct SuspendedDue {
    calendar: String,
    start: Date,
    n: i64,
    suspensions: Vec<Suspension>,
}

/// As [`due`], without the days of the suspensions; no day at all where one that has not ended stops the term first.
pub(super) fn suspended_due(vector: &Value, books: &mut Books) -> Result<Asked, String> {
    let due: SuspendedDue = fields(vector)?;
    books.open(&due.calendar)?;
    let calendar = books.opened(&due.calendar)?;
    let mut clock = Clock::new(
        due.start,
        Term::WorkingDays(count("n", due.n)?),
        &books.law,
        calendar,
    );
    clock.pauses = due
        .suspensions
        .iter()
        .filter_map(|held| held.to.map(|to| held.pause(to)))
        .collect();
    let mut open = due.suspensions.iter().filter(|held| held.to.is_none());
    let got = clock.due_on(due.start).map(|due_on| {
        if open.any(|held| held.from <= due_on) {
            Value::Null
        } else {
            day(due_on)
        }
    });
    Ok(Asked::one("expect", got))
}

#[derive(Deserialize)]
struct Elapsed {
    calendar: String,
    start: Date,
    as_of: Date,
    limit: i64,
    suspensions: Vec<Suspension>,
}

/// How a term stands at the end of a day: what is used of it, what remains, what is too much, whether it stands still.
pub(super) fn elapsed(vector: &Value, books: &mut Books) -> Result<Asked, String> {
    let asked: Elapsed = fields(vector)?;
    books.open(&asked.calendar)?;
    let calendar = books.opened(&asked.calendar)?;
    let limit = count("limit", asked.limit)?;
    let mut clock = Clock::new(asked.start, Term::WorkingDays(limit), &books.law, calendar);
    // What has not ended lasts at the end of the day that is asked for, so it may end on the next one at the earliest.
    let tomorrow = asked.as_of.next();
    clock.pauses = asked
        .suspensions
        .iter()
        .map(|held| held.pause(held.to.unwrap_or(tomorrow)))
        .collect();
    let got = clock.used(asked.as_of).map(|used| {
        let limit = u32::from(limit);
        vec![
            used.into(),
            limit.saturating_sub(used).into(),
            used.saturating_sub(limit).into(),
            clock.is_paused(asked.as_of).into(),
        ]
    });
    Ok(Asked {
        fields: vec!["elapsed", "remaining", "over", "suspended_on_as_of"],
        got,
    })
}

fn day(date: Date) -> Value {
    date.to_string().into()
}

/// A number of units that a term can have.
fn count(field: &str, n: i64) -> Result<u16, String> {
    u16::try_from(n).map_err(|_| format!("`{field}` is {n}; a term has from 0 to {} units", u16::MAX))
}
