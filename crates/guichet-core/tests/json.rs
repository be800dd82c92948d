//! The border in JSON: every command is read from its document, every event of a case from its fields, and what is not
//! known there is refused by name.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of tests fails them as a test does"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use guichet_core::case::command::{CaseCommand, Command};
use guichet_core::case::event::{self, CaseEvent};
use serde_json::{Value, json};

fn lines(name: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/formats");
    let text = std::fs::read_to_string(path.join(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

macro_rules! by_kind {
    ($($name:ident = $kind:literal,)+) => {
        fn read(kind: &str, data: Value) -> serde_json::Result<CaseEvent> {
            match kind {
                $($kind => serde_json::from_value::<event::$name>(data).map(CaseEvent::from),)+
                other => panic!("no event of a case is of kind {other}"),
            }
        }

        fn write(event: &CaseEvent) -> Value {
            match event {
                $(CaseEvent::$name(event) => serde_json::to_value(event).unwrap(),)+
            }
        }
    };
}
guichet_core::for_each_case_event!(by_kind);

fn events() -> impl Iterator<Item = (String, Value)> {
    lines("events.v1.jsonl").into_iter().filter_map(|line| {
        let kind = line["kind"].as_str().unwrap().to_owned();
        kind.starts_with("case.").then(|| (kind, line["data"].clone()))
    })
}

#[test]
fn every_event_of_a_case_survives_its_json() {
    let mut kinds = BTreeSet::new();
    for (kind, data) in events() {
        let event = read(&kind, data.clone()).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(event.kind(), kind);
        assert_eq!(write(&event), data, "{kind}");
        kinds.insert(kind);
    }
    assert_eq!(
        kinds,
        CaseEvent::KINDS.iter().map(|kind| (*kind).to_owned()).collect()
    );
}

#[test]
fn an_event_with_an_unknown_or_a_missing_field_is_refused_by_the_field() {
    for (kind, data) in events() {
        let mut more = data.clone();
        more["surprise"] = json!(1);
        let error = read(&kind, more).unwrap_err().to_string();
        assert!(
            error.starts_with("unknown field `surprise`, expected "),
            "{kind}: {error}"
        );
        for (field, value) in data.as_object().unwrap() {
            let mut less = data.clone();
            less.as_object_mut().unwrap().remove(field);
            match read(&kind, less) {
                // What may be absent reads as absent.
                Ok(event) => assert_eq!(write(&event)[field], Value::Null, "{kind}"),
                Err(error) => {
                    assert!(!value.is_null(), "{kind}: {error}");
                    assert_eq!(error.to_string(), format!("missing field `{field}`"), "{kind}");
                }
            }
        }
    }
}

#[test]
fn every_command_is_read_from_its_json() {
    let mut names = BTreeSet::new();
    for document in lines("commands.v1.jsonl") {
        let command: Command =
            serde_json::from_value(document.clone()).unwrap_or_else(|error| panic!("{document}: {error}"));
        assert!(document["command"][command.ask.name()].is_object());
        let written = serde_json::to_value(&command).unwrap();
        assert_eq!(serde_json::from_value::<Command>(written).unwrap(), command);
        names.insert(command.ask.name());
    }
    assert_eq!(names, CaseCommand::NAMES.iter().copied().collect());
}

#[test]
fn a_command_with_an_unknown_field_is_refused_by_the_field() {
    for document in lines("commands.v1.jsonl") {
        let name = document["command"]
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap()
            .clone();
        for part in [String::new(), "/actor".to_owned(), format!("/command/{name}")] {
            let mut wrong = document.clone();
            wrong.pointer_mut(&part).unwrap()["surprise"] = json!(1);
            let error = serde_json::from_value::<Command>(wrong).unwrap_err().to_string();
            assert!(
                error.starts_with("unknown field `surprise`"),
                "{document}: {error}"
            );
        }
    }
}

#[test]
fn a_command_that_does_not_exist_is_refused_by_its_name() {
    let document = json!({
        "id": "c-1", "case": "17", "actor": {"person": "p07", "role": "clerk"}, "command": {"teleport": {}},
    });
    let error = serde_json::from_value::<Command>(document)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("unknown variant `teleport`, expected one of `record_pre_check`, "),
        "{error}"
    );
}

#[test]
fn what_a_command_may_leave_out_has_its_stated_meaning() {
    let read = |ask: Value| serde_json::from_value::<CaseCommand>(ask).unwrap();
    assert_eq!(
        read(json!({"submit_correction": {}})),
        CaseCommand::SubmitCorrection {
            materials: BTreeSet::new(),
            complete: true
        }
    );
    assert_eq!(
        read(json!({"accept": {}})),
        CaseCommand::Accept { gaps_due_on: None }
    );
}
