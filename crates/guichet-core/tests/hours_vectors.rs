//! The 545 service-hour vectors that other people's programs answered, against this build.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;
use std::io::Read as _;

use guichet_core::calendar::Calendar;
use guichet_core::hours::{OpenInterval, OpeningHours, TimeOfDay, Timetable, WorkingTime, day_of_receipt};
use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::Zone;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    schedules: BTreeMap<String, Vec<OpenInterval>>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    calendar: String,
    timezone: Zone,
    #[serde(flatten)]
    question: Question,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Question {
    OpenTime {
        schedule: String,
        start: Timestamp,
        end: Timestamp,
        expect_ms: u64,
    },
    DayOfReceipt {
        instant: Timestamp,
        closing: TimeOfDay,
        expect: Date,
    },
}

fn calendars() -> BTreeMap<&'static str, Calendar> {
    [
        include_str!("../../guichet-catalogue/calendars/CN.json"),
        include_str!("../../guichet-catalogue/calendars/FR.json"),
        include_str!("../../guichet-catalogue/calendars/MON_FRI.json"),
        include_str!("../../guichet-catalogue/calendars/NL_ATW.json"),
        include_str!("../../guichet-catalogue/calendars/US_FED.json"),
    ]
    .into_iter()
    .zip(["CN", "FR", "MON_FRI", "NL_ATW", "US_FED"])
    .map(|(json, name)| (name, serde_json::from_str(json).unwrap()))
    .collect()
}

#[test]
fn all_545_service_hour_vectors_agree() {
    let packed = include_bytes!("../../../replay-fixtures/vectors/service_hours.json.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    let hours: BTreeMap<_, _> = file
        .schedules
        .into_iter()
        .map(|(name, open)| (name, OpeningHours::daily(open).unwrap()))
        .collect();
    let calendars = calendars();

    assert_eq!(file.vectors.len(), 545);
    for vector in file.vectors {
        let calendar = &calendars[vector.calendar.as_str()];
        let (id, zone) = (vector.id, &vector.timezone);
        match vector.question {
            Question::OpenTime {
                schedule,
                start,
                end,
                expect_ms,
            } => {
                let timetable = Timetable::new(&hours[&schedule], calendar, zone);
                let expected = WorkingTime::from_micros(expect_ms * 1_000);
                assert_eq!(timetable.open_time(start, end), Ok(expected), "{id}");
            }
            Question::DayOfReceipt {
                instant,
                closing,
                expect,
            } => assert_eq!(
                day_of_receipt(instant, closing, calendar, zone),
                Ok(expect),
                "{id}"
            ),
        }
    }
}
