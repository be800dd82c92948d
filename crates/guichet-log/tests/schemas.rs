//! What leaves the house and what comes in is what `schemas/` says: every kind of event, every command, the answers.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails them as a test does")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use guichet_core::actor::{Actor, Role};
use guichet_core::case::command::{CaseCommand, Command};
use guichet_core::id::{CommandId, DepartmentId, PersonId, Position, Revision, StreamId, WindowId};
use guichet_core::time::Timestamp;
use guichet_log::codec::json::{self, ExportLine};
use guichet_log::codec::{encode, registry};
use guichet_log::merkle::Hash;
use guichet_log::record::{Cause, Draft, Place, Record, RecordRef};
use jsonschema::Validator;
use serde_json::{Value, json};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema(name: &str) -> Validator {
    let text = std::fs::read_to_string(root().join("schemas").join(name)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn lines(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("replay-fixtures/formats").join(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn record(example: &Value, cause: Cause, full: bool) -> Record {
    let event = json::read(example["kind"].as_str().unwrap(), example["data"].clone()).unwrap();
    let encoded = encode(&event).unwrap();
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
        authority: full.then(|| "Administrative License Law, art. 32".to_owned()),
        cause,
        command: CommandId::new("c-1").unwrap(),
        command_digest: [7; 8],
        payload: encoded.payload,
    };
    draft.place(
        StreamId::new("case/HRB-2010-00042").unwrap(),
        Place {
            position: Position(9),
            revision: Revision(2),
            recorded_at: Timestamp::from_micros(1_267_400_000_000_001),
            previous: Hash::NONE,
        },
    )
}

fn line(record: &Record) -> Value {
    let event = guichet_log::codec::decode_record(record).unwrap();
    let line = serde_json::to_value(ExportLine::of_record(record, &event)).unwrap();
    let stored = record.encode();
    let in_place = RecordRef::parse(&stored).unwrap();
    assert_eq!(
        line,
        serde_json::to_value(ExportLine::of_ref(&in_place, &event)).unwrap()
    );
    line
}

/// Everything that differs from `valid` in one place of `part`: a field too many, one missing, one of a wrong type.
fn spoilt(valid: &Value, part: &str, required: &dyn Fn(&Value) -> bool) -> Vec<Value> {
    let fields = valid.pointer(part).unwrap().as_object().unwrap();
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut wrong = valid.clone();
        change(wrong.pointer_mut(part).unwrap().as_object_mut().unwrap());
        all.push(wrong);
    };
    with(&|fields| {
        fields.insert("surprise".to_owned(), json!(1));
    });
    for (name, value) in fields {
        // No field anywhere is a number with a fraction.
        with(&|fields| {
            fields.insert(name.clone(), json!(0.5));
        });
        if required(value) {
            with(&|fields| {
                fields.remove(name);
            });
        }
    }
    all
}

#[test]
fn a_line_of_every_kind_of_event_is_what_the_schema_says() {
    let schema = schema("event.v1.schema.json");
    let mut kinds = BTreeSet::new();
    for (i, example) in lines("events.v1.jsonl").iter().enumerate() {
        let cause = [
            Cause::Asked,
            Cause::Followed(Position(3)),
            Cause::Imported { entry: 5 },
        ][i % 3];
        let line = line(&record(example, cause, i % 2 == 0));
        if let Err(error) = schema.validate(&line) {
            panic!("{}: {error} at {}", example["kind"], error.instance_path());
        }
        assert_eq!(line["data"], example["data"]);
        kinds.insert(example["kind"].as_str().unwrap().to_owned());
    }
    let known: BTreeSet<String> = registry::current().map(|(kind, _)| kind.to_owned()).collect();
    assert_eq!(kinds, known);
}

#[test]
fn a_line_with_a_wrong_field_is_refused() {
    let schema = schema("event.v1.schema.json");
    for example in lines("events.v1.jsonl") {
        let valid = line(&record(&example, Cause::Asked, true));
        let always = |_: &Value| true;
        // Documents leave out what is not so, and each field that they write may be such a one.
        let data_required: &dyn Fn(&Value) -> bool = match example["kind"].as_str().unwrap() {
            "reference.procedure_published" => &|_| false,
            _ => &always,
        };
        for wrong in spoilt(&valid, "/data", data_required) {
            assert!(!schema.is_valid(&wrong), "{wrong}");
        }
    }
    let valid = line(&record(&lines("events.v1.jsonl")[0], Cause::Asked, false));
    for wrong in spoilt(&valid, "", &|_| true)
        .into_iter()
        .chain(spoilt(&valid, "/actor", &|_| true))
    {
        assert!(!schema.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn a_command_of_every_name_is_what_the_schema_says_and_what_the_engine_reads() {
    let schema = schema("command.v1.schema.json");
    let mut names = BTreeSet::new();
    for document in lines("commands.v1.jsonl") {
        if let Err(error) = schema.validate(&document) {
            panic!("{document}: {error} at {}", error.instance_path());
        }
        let command: Command = serde_json::from_value(document.clone()).unwrap();
        names.insert(command.ask.name());
        // What the engine writes is a command as well.
        let written = serde_json::to_value(&command).unwrap();
        if let Err(error) = schema.validate(&written) {
            panic!("{written}: {error} at {}", error.instance_path());
        }
    }
    assert_eq!(names, CaseCommand::NAMES.iter().copied().collect());
}

#[test]
fn the_schema_refuses_a_command_exactly_where_the_engine_does() {
    let schema = schema("command.v1.schema.json");
    for document in lines("commands.v1.jsonl") {
        let name = document["command"]
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap()
            .clone();
        let always = |_: &Value| true;
        let parts = [
            String::new(),
            "/actor".to_owned(),
            format!("/command/{name}"),
            "/command".to_owned(),
        ];
        for part in parts {
            for wrong in spoilt(&document, &part, &always) {
                let read = serde_json::from_value::<Command>(wrong.clone());
                assert_eq!(schema.is_valid(&wrong), read.is_ok(), "{wrong}: {read:?}");
            }
        }
    }
}

#[test]
fn the_schema_refuses_an_answer_that_says_two_things() {
    let schema = schema("answer.v1.schema.json");
    let error = json!({"code": "busy", "message": "256 commands are waiting", "retryable": true});
    let rejection = json!({"code": "closed", "message": "the case is closed"});
    let accepted = json!({"id": "c", "status": "accepted", "case": "1", "events": [{"kind": "case.completed", "data": {}}]});
    for right in [
        accepted.clone(),
        json!({"id": "c", "status": "rejected", "case": "1", "rejection": rejection}),
        json!({"id": "c", "status": "busy", "error": error}),
        json!({"id": null, "status": "failed", "error": error}),
    ] {
        assert!(schema.is_valid(&right), "{right}");
    }
    let mut both = accepted;
    both["error"] = error.clone();
    for wrong in [
        both,
        json!({"id": "c", "status": "accepted", "case": "1"}),
        json!({"id": "c", "status": "rejected", "case": "1"}),
        json!({"id": "c", "status": "rejected", "rejection": rejection, "events": []}),
        json!({"id": "c", "status": "busy"}),
        json!({"id": "c", "status": "done"}),
        json!({"status": "busy", "error": error}),
        json!({"id": "c", "status": "accepted", "case": "1", "events": [{"kind": "case.teleported", "data": {}}]}),
    ] {
        assert!(!schema.is_valid(&wrong), "{wrong}");
    }
}
