//! Every policy that ships against its golden vectors in `replay-fixtures/jurisdictions`.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use guichet_catalogue::{calendars, policies};
use guichet_core::clock::{Clock, Pause};
use guichet_core::hours::OpeningHours;
use guichet_core::policy::{Policy, SuspensionGround};
use guichet_core::time::{Date, Term, Timestamp};
use guichet_core::zone::Zone;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    policy: String,
    calendar: String,
    #[expect(dead_code, reason = "for people")]
    source: String,
    zone: Option<Zone>,
    hours: Option<OpeningHours>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    start: Date,
    started_at: Option<Timestamp>,
    term: Term,
    #[serde(default)]
    extensions: Vec<Term>,
    #[serde(default)]
    pauses: Vec<Paused>,
    as_of: Option<Date>,
    due_on: Date,
    due_at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paused {
    ground: SuspensionGround,
    since: Date,
    until: Option<Date>,
}

fn golden(policy: &str) -> Golden {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/jurisdictions");
    let text = std::fs::read_to_string(folder.join(format!("{policy}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn assert_golden(policy: &Policy, golden: &Golden) {
    let calendar = calendars::SHIPPED
        .iter()
        .find(|shipped| shipped.id() == golden.calendar)
        .unwrap()
        .calendar()
        .unwrap();
    for vector in &golden.vectors {
        let mut clock = Clock::new(vector.start, vector.term, policy, &calendar);
        clock.extensions.clone_from(&vector.extensions);
        let pause = |pause: &Paused| Pause {
            since: pause.since,
            until: pause.until,
            ground: Some(pause.ground),
        };
        clock.pauses = vector.pauses.iter().map(pause).collect();
        let as_of = vector.as_of.unwrap_or(vector.start);
        let name = format!("{} {}", golden.policy, vector.id);
        // In hours the last day is that of the instant; by days alone it is never earlier.
        let due_on = clock.due_on(as_of).unwrap();
        match policy.hours(vector.term) {
            Some(_) => assert!(
                due_on >= vector.due_on,
                "{name}: {due_on} is before {}",
                vector.due_on
            ),
            None => assert_eq!(due_on, vector.due_on, "{name}"),
        }
        if let (Some(started_at), Some(due_at)) = (vector.started_at, vector.due_at) {
            let (hours, zone) = (golden.hours.as_ref().unwrap(), golden.zone.as_ref().unwrap());
            assert_eq!(
                clock.due_at(started_at, hours, zone, as_of).unwrap(),
                due_at,
                "{name}"
            );
            assert_eq!(zone.date(due_at), vector.due_on, "{name}");
        }
    }
}

#[test]
fn every_policy_gives_the_due_dates_of_its_vectors() {
    for shipped in policies::SHIPPED {
        let golden = golden(shipped.id());
        assert_eq!(golden.policy, shipped.id());
        assert!(golden.vectors.len() >= 3, "{}: too few vectors", shipped.id());
        assert_golden(&shipped.policy().unwrap(), &golden);
    }
}

#[test]
fn one_history_has_another_last_day_under_every_law() {
    let due: BTreeMap<&str, String> = policies::SHIPPED
        .iter()
        .map(|shipped| {
            let golden = golden(shipped.id());
            let history = golden.vectors.iter().find(|vector| vector.id == "one-history");
            (shipped.id(), history.unwrap().due_on.to_string())
        })
        .collect();
    assert_eq!(
        due,
        BTreeMap::from([
            ("cn-all", "2010-04-12".to_owned()),
            ("fr-sva", "2010-05-19".to_owned()),
            ("kr-civil", "2010-04-08".to_owned()),
            ("nl-awb", "2010-05-06".to_owned()),
            ("us-fcc", "2010-05-18".to_owned()),
            ("us-fcc-other", "2010-08-09".to_owned()),
            ("vn-61", "2010-04-09".to_owned()),
        ])
    );
}

#[test]
fn the_law_of_china_is_what_a_procedure_gets_that_names_none() {
    let cn = policies::shipped("cn-all").unwrap().policy().unwrap();
    let named = Policy {
        name: cn.name.clone(),
        sources: cn.sources.clone(),
        ..Policy::default()
    };
    assert_eq!(cn, named);
}

#[test]
fn every_policy_cites_its_sources_and_has_a_file_of_vectors_and_no_file_is_left_over() {
    for shipped in policies::SHIPPED {
        let policy = shipped.policy().unwrap();
        assert_eq!(policy.id.as_str(), shipped.id());
        assert!(
            !policy.sources.is_empty() && policy.name.is_some(),
            "{}",
            shipped.id()
        );
    }
    let ids = |folder: &str, extension: &str| -> Vec<String> {
        let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let mut ids: Vec<String> = paths
            .filter(|path: &PathBuf| path.extension().is_some_and(|found| found == extension))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let shipped: Vec<&str> = policies::SHIPPED.iter().map(|shipped| shipped.id()).collect();
    assert_eq!(ids("policies", "yaml"), shipped);
    assert_eq!(ids("../../replay-fixtures/jurisdictions", "json"), shipped);
}
