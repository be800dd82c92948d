//! The deadlines of a real permit log against the clock. The log is not ours to hand on: it lies beside the repository.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use guichet_catalogue::calendars;
use guichet_core::clock::Clock;
use guichet_core::hours::OpeningHours;
use guichet_core::policy::{EndOfDay, Policy, Roll};
use guichet_core::time::{Term, Timestamp};
use guichet_core::zone::Zone;

/// The instants of submission and deadline of every case; none where the log is not there.
fn permits() -> Option<Vec<(Timestamp, Timestamp)>> {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/logs/receipt.cases.csv.gz");
    if !log.is_file() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "the real log is not at {}",
            log.display()
        );
        eprintln!("skipped: no real log at {}", log.display());
        return None;
    }
    let mut rows = csv::Reader::from_reader(GzDecoder::new(File::open(log).unwrap()));
    let header = rows.headers().unwrap().clone();
    let column = |name| header.iter().position(|found| found == name).unwrap();
    let (submitted, deadline) = (column("submitted"), column("deadline"));
    let row = |row: csv::StringRecord| (row[submitted].parse().unwrap(), row[deadline].parse().unwrap());
    Some(rows.records().map(|record| row(record.unwrap())).collect())
}

/// How many deadlines are the end of `term` within a second, and how many of those lie beyond a clock change.
fn agreeing(permits: &[(Timestamp, Timestamp)], term: Term) -> (usize, usize) {
    // The municipality's system moved no deadline off a weekend, and kept the time of day.
    let policy = Policy {
        roll: Roll::Stay,
        end_of_day: EndOfDay::SameTime,
        ..Policy::default()
    };
    let nl = calendars::SHIPPED
        .iter()
        .find(|shipped| shipped.id() == "NL_ATW")
        .unwrap();
    let calendar = nl.calendar().unwrap();
    let amsterdam: Zone = "Europe/Amsterdam".parse().unwrap();
    let hours: OpeningHours = serde_json::from_str(r#"{"working_day": [["09:00", "17:00"]]}"#).unwrap();
    let (mut agreed, mut across) = (0, 0);
    for (submitted, deadline) in permits {
        let start = amsterdam.date(*submitted);
        let due_at = Clock::new(start, term, &policy, &calendar)
            .due_at(*submitted, &hours, &amsterdam, start)
            .unwrap();
        let apart = due_at.as_micros().abs_diff(deadline.as_micros());
        if apart <= 1_000_000 {
            agreed += 1;
            let time_of_day = |at: Timestamp| at.as_micros().rem_euclid(86_400_000_000);
            across += usize::from(time_of_day(due_at).abs_diff(time_of_day(*submitted)) > 60_000_000);
        }
    }
    (agreed, across)
}

#[test]
fn the_deadlines_of_real_permits_come_out_to_the_second_across_clock_changes_too() {
    let Some(permits) = permits() else { return };
    assert_eq!(permits.len(), 1_434);
    assert_eq!(agreeing(&permits, Term::Weeks(8)), (982, 335));
    assert_eq!(agreeing(&permits, Term::Weeks(14)).0, 49);
}
