//! The formats on disk: golden bytes of every kind and version, and of a whole record.
//!
//! `UPDATE_FIXTURES=1` writes what is missing in `replay-fixtures/formats/`, and never touches what is there: what was
//! once released decodes for ever.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails them as a test does"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use guichet_core::actor::{Actor, Role};
use guichet_core::case::event::{
    CaseEvent, CaseSubmitted, CaseTransferred, Channel, Opinion, StepOpinionGiven, StepRecorded,
};
use guichet_core::condition::Fact;
use guichet_core::id::{
    CommandId, DepartmentId, MaterialId, PersonId, Position, Revision, StreamId, WindowId,
};
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::{Event, decode, decode_ref, encode, json, registry};
use guichet_log::merkle::Hash;
use guichet_log::projection::Recorded;
use guichet_log::record::{Cause, Draft, Place, Record, RecordRef};
use proptest::prelude::*;
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/formats")
}

/// The examples by kind and version, each with the event that it must become.
fn examples() -> BTreeMap<(String, u16), Vec<Event>> {
    let text = std::fs::read_to_string(folder().join("events.v1.jsonl")).unwrap();
    let mut examples: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let kind = line["kind"].as_str().unwrap().to_owned();
        let version = u16::try_from(line["version"].as_u64().unwrap()).unwrap();
        let event = json::read(&kind, line["data"].take()).unwrap_or_else(|error| panic!("{error}"));
        examples.entry((kind, version)).or_default().push(event);
    }
    examples
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "half a byte in {text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The lines of a golden file; written first from `fresh` when it is missing and that was asked for.
fn golden(name: &str, fresh: impl FnOnce() -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let path = folder().join(name);
    if !path.exists() && std::env::var_os("UPDATE_FIXTURES").is_some() {
        let text: String = fresh().iter().map(|bytes| hex(bytes) + "\n").collect();
        std::fs::write(&path, text).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("{name}: {error}; a new kind or version gets its golden bytes by UPDATE_FIXTURES=1, once")
    });
    text.lines().map(unhex).collect()
}

#[test]
fn golden_bytes_decode_to_their_event_and_back() {
    let current: BTreeMap<_, _> = registry::current().collect();
    for ((kind, version), events) in examples() {
        let written = *current.get(kind.as_str()).unwrap();
        let stored = golden(&format!("{kind}.v{version}.hex"), || {
            assert_eq!(
                version, written,
                "{kind}: bytes of an old version cannot be made anew"
            );
            events
                .iter()
                .map(|event| encode(event).unwrap().payload)
                .collect()
        });
        assert_eq!(stored.len(), events.len(), "{kind}: one line for each example");
        for (bytes, event) in stored.iter().zip(&events) {
            assert_eq!(decode(&kind, version, 1, bytes).as_ref(), Ok(event), "{kind}");
            if version == written {
                let encoded = encode(event).unwrap();
                assert_eq!(
                    (encoded.kind.as_str(), encoded.version, encoded.codec),
                    (kind.as_str(), version, 1)
                );
                assert_eq!(
                    hex(&encoded.payload),
                    hex(bytes),
                    "{kind}: released bytes never change"
                );
            }
        }
    }
}

#[test]
fn every_kind_and_version_has_golden_bytes() {
    let known: BTreeSet<_> = registry::current()
        .flat_map(|(kind, current)| (1..=current).map(move |version| (kind.to_owned(), version)))
        .collect();
    assert_eq!(examples().into_keys().collect::<BTreeSet<_>>(), known);
    let files: BTreeSet<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "hex")
        })
        .filter(|name| !name.starts_with("record."))
        .collect();
    let expected = known
        .into_iter()
        .map(|(kind, version)| format!("{kind}.v{version}.hex"));
    assert_eq!(files, expected.collect());
}

#[test]
fn a_payload_cut_at_any_byte_is_refused() {
    for ((kind, version), events) in examples() {
        for event in events {
            let payload = encode(&event).unwrap().payload;
            for end in 0..payload.len() {
                let cut = decode(&kind, version, 1, &payload[..end]);
                assert!(cut.is_err(), "{kind} cut at byte {end} became {cut:?}");
            }
        }
    }
}

fn record(event: &Event, full: bool) -> Record {
    let encoded = encode(event).unwrap();
    let mut actor = Actor::new(PersonId::new("p07").unwrap(), Role::Clerk);
    if full {
        actor = actor
            .at(WindowId::new("W12").unwrap())
            .of(DepartmentId::new("health").unwrap())
            .acting_for(PersonId::new("a-9").unwrap());
    }
    let draft = Draft {
        kind: encoded.kind,
        version: encoded.version,
        codec: encoded.codec,
        occurred_at: Timestamp::from_micros(1_267_400_000_000_000),
        actor,
        authority: full.then(|| "行政许可法, art. 32".to_owned()),
        cause: if full {
            Cause::Followed(Position(3))
        } else {
            Cause::Asked
        },
        command: CommandId::new("c-1").unwrap(),
        command_digest: *b"digested",
        payload: encoded.payload,
    };
    draft.place(
        StreamId::new("case/HRB-2010-00042").unwrap(),
        Place {
            position: Position(9),
            revision: Revision(2),
            recorded_at: Timestamp::from_micros(1_267_400_000_000_001),
            previous: if full { Hash([9; 32]) } else { Hash::NONE },
        },
    )
}

#[test]
fn a_golden_record_is_read_whole_and_written_to_the_same_bytes() {
    let examples = examples();
    let submitted = &examples[&("case.submitted".to_owned(), 1)];
    let records: Vec<_> = submitted
        .iter()
        .zip([true, false])
        .map(|(event, full)| record(event, full))
        .collect();
    let stored = golden("record.v1.hex", || records.iter().map(Record::encode).collect());
    assert_eq!(stored.len(), records.len());
    for ((bytes, record), event) in stored.iter().zip(records).zip(submitted) {
        assert_eq!(Record::decode(bytes).as_ref(), Ok(&record));
        assert_eq!(hex(&record.encode()), hex(bytes));
        let in_place = RecordRef::parse(bytes).unwrap();
        assert_eq!(decode_ref(&in_place).as_ref(), Ok(event));
        let recorded = Recorded::of_ref(&in_place).unwrap();
        assert_eq!(&recorded.event, event);
        assert_eq!(Recorded::of_record(record), Ok(recorded));
    }
}

#[test]
fn a_record_that_cannot_be_read_is_named_by_its_place() {
    let mut wrong = record(&examples()[&("case.submitted".to_owned(), 1)][0], false);
    wrong.version = 9;
    let error = Recorded::of_ref(&RecordRef::parse(&wrong.encode()).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "the record at position 9 cannot be read");
    assert_eq!(
        error.cause.to_string(),
        "this build reads version 1 of `case.submitted`, and the record has version 9; use a newer Guichet"
    );
    assert_eq!(Recorded::of_record(wrong), Err(error));
}

fn id() -> impl Strategy<Value = String> {
    "[a-z0-9办件][a-z0-9 办件-]{0,20}[a-z0-9办件]"
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        ".{0,20}".prop_map(Fact::Text),
        any::<i64>().prop_map(Fact::Number),
        any::<bool>().prop_map(Fact::Flag),
    ]
}

fn events() -> impl Strategy<Value = CaseEvent> {
    let date = || any::<i32>().prop_map(Date::from_days);
    let submitted = (
        (id(), id(), id()),
        proptest::sample::select(Channel::ALL),
        proptest::collection::btree_map(".{0,8}", fact(), 0..5),
        proptest::collection::btree_set(id().prop_map(|id| MaterialId::new(&id).unwrap()), 0..5),
        date(),
        proptest::option::of(date()),
        any::<u64>(),
    )
        .prop_map(
            |((procedure, department, applicant), channel, facts, materials, received_on, due, version)| {
                CaseSubmitted {
                    procedure: procedure.parse().unwrap(),
                    version: guichet_core::id::Version(version),
                    department: department.parse().unwrap(),
                    applicant: applicant.parse().unwrap(),
                    channel,
                    window: None,
                    facts,
                    materials,
                    received_on,
                    intake_due_on: due,
                    resubmits: None,
                }
                .into()
            },
        );
    let opinion = (
        id(),
        id(),
        proptest::sample::select(Opinion::ALL),
        proptest::option::of(".*"),
    )
        .prop_map(|(step, by, opinion, reasons)| {
            StepOpinionGiven {
                step: step.parse().unwrap(),
                opinion,
                reasons,
                by: by.parse().unwrap(),
            }
            .into()
        });
    let transferred =
        (id(), id(), proptest::option::of(id()), ".*").prop_map(|(from, to, department, reason)| {
            CaseTransferred {
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
                department: department.map(|id| id.parse().unwrap()),
                reason,
            }
            .into()
        });
    let step =
        (".*", proptest::collection::btree_map(".{0,8}", ".*", 0..5)).prop_map(|(activity, attributes)| {
            StepRecorded {
                activity,
                by: None,
                group: None,
                attributes,
            }
            .into()
        });
    prop_oneof![submitted, opinion, transferred, step]
}

proptest! {
    #[test]
    fn an_event_survives_its_bytes(event in events()) {
        let encoded = encode(&event).unwrap();
        let decoded = decode(encoded.kind.as_str(), encoded.version, encoded.codec, &encoded.payload);
        prop_assert_eq!(decoded, Ok(Event::Case(event)));
    }

    #[test]
    fn hostile_bytes_are_an_error_or_an_event_that_can_be_written(
        kind in proptest::sample::select(registry::current().map(|(kind, _)| kind).collect::<Vec<_>>()),
        payload in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Ok(event) = decode(kind, 1, 1, &payload) {
            let encoded = encode(&event).unwrap();
            prop_assert_eq!(encoded.kind.as_str(), kind);
        }
    }
}

/// Prints nanoseconds per event; run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_long_encoding_and_decoding_take() {
    const ROUNDS: u32 = 200_000;
    let examples = examples();
    for kind in [
        "case.submitted",
        "case.step_opinion_given",
        "case.step_started",
        "case.step_recorded",
        "case.completed",
    ] {
        let event = &examples[&(kind.to_owned(), 1)][0];
        let stored = record(event, true).encode();
        let time = |what: &str, mut work: Box<dyn FnMut() + '_>| {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                work();
            }
            println!(
                "{kind}: {what} {} ns",
                start.elapsed().as_nanos() / u128::from(ROUNDS)
            );
        };
        let parsed = RecordRef::parse(&stored).unwrap();
        println!(
            "{kind}: {} bytes of payload in {}",
            parsed.payload.len(),
            stored.len()
        );
        time(
            "encode",
            Box::new(|| drop(std::hint::black_box(encode(event).unwrap()))),
        );
        time(
            "decode",
            Box::new(|| drop(std::hint::black_box(decode_ref(&parsed).unwrap()))),
        );
        time(
            "parse and decode to a Recorded",
            Box::new(|| {
                drop(std::hint::black_box(
                    Recorded::of_ref(&RecordRef::parse(&stored).unwrap()).unwrap(),
                ));
            }),
        );
    }
}
