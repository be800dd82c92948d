//! The schemas in `schemas/` fit the documents that ship, and refuse what the loader refuses.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails them as a test does")]

mod common;

use std::fs;
use std::path::PathBuf;

use guichet_catalogue::embedded::SHIPPED;
use guichet_catalogue::{calendars, check, embedded, finding};
use serde_json::Value;

fn schema_path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas"))
        .join(format!("{name}.v1.schema.json"))
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(schema_path(name)).unwrap()).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn problems(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

const NAMES: [&str; 9] = [
    "centre",
    "departments",
    "windows",
    "rosters",
    "staff",
    "calendars",
    "procedure",
    "calendar",
    "calendar-layer",
];

fn schema_of(file: &str) -> &str {
    match file.split_once('/') {
        Some(("procedures", _)) => "procedure",
        Some((_, name)) if name.split('.').next_back() == Some("yaml") => "calendar-layer",
        Some(_) => "calendar",
        None => file.trim_end_matches(".yaml"),
    }
}

#[test]
fn every_document_that_ships_fits_its_schema() {
    for shipped in SHIPPED {
        for (file, text) in shipped.documents() {
            assert_eq!(problems(&schema(schema_of(file)), &yaml(text)), [""; 0], "{file}");
        }
    }
    for shipped in calendars::SHIPPED {
        let document = serde_json::from_str(shipped.json()).unwrap();
        assert_eq!(
            problems(&schema("calendar"), &document),
            [""; 0],
            "{}",
            shipped.id()
        );
    }
}

#[test]
fn every_example_in_a_schema_fits_it_and_loads() {
    for name in NAMES {
        let schema = schema(name);
        let examples = schema["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name} has no example");
        for example in examples {
            assert_eq!(problems(&schema, example), [""; 0], "{name}");
            // YAML holds JSON, so an example is a document.
            let file = match name {
                "procedure" => format!("procedures/{}.yaml", example["id"].as_str().unwrap()),
                "calendar" => continue,
                "calendar-layer" => format!("calendars/{}.yaml", example["id"].as_str().unwrap()),
                list => format!("{list}.yaml"),
            };
            let loaded = common::with(&file, &example.to_string());
            assert!(loaded.is_ok(), "{name}: {}", loaded.unwrap_err());
        }
    }
}

#[test]
fn a_layered_calendar_fits_the_schema_of_calendars() {
    let example = &schema("calendar-layer")["examples"][0];
    let layer = serde_json::from_value(example.clone()).unwrap();
    let base = calendars::shipped("CN").unwrap().calendar().unwrap();
    let mut facts = guichet_core::calendar::Calendar::layered(&base, &layer)
        .unwrap()
        .facts()
        .clone();
    facts.provisional_from = Some(guichet_core::time::date(2026, 1, 1));
    let document = serde_json::to_value(&facts).unwrap();
    assert_eq!(problems(&schema("calendar"), &document), [""; 0]);
    assert_eq!(facts.layered.len(), 4);
}

#[test]
fn what_the_loader_refuses_does_not_fit_either() {
    let licence = common::SOUND
        .iter()
        .find(|(name, _)| name.ends_with("licence.yaml"))
        .unwrap()
        .1;
    let schema = schema("procedure");
    assert_eq!(problems(&schema, &yaml(licence)), [""; 0]);
    for (passage, by) in [
        ("term: 12wd", "term: 12"),
        ("kind: joint", "kind: joined"),
        ("needs: proof_of_service, ", ""),
        ("silence: {intake_accepts", "silent: {intake_accepts"),
        ("amount_fen: 30000", "amount_fen: 0.5"),
        ("role: approver, four", "role: king, four"),
        ("    - choice:", "    - loop:"),
        ("{zh: 许可, en: Licence}", "{zh: 许可}"),
    ] {
        assert!(licence.contains(passage), "{passage}");
        let broken = yaml(&licence.replacen(passage, by, 1));
        assert!(!problems(&schema, &broken).is_empty(), "{by} fits");
    }
}

#[test]
fn findings_fit_their_schema() {
    let schema = schema("catalogue-findings");
    let demo = embedded("harbin-2010").unwrap();
    let broken = common::replaced("procedures/licence.yaml", "term: 12wd", "term: 21wd").unwrap();
    for loaded in [demo, broken] {
        let json = finding::to_json(&loaded, &check(&loaded));
        assert_eq!(problems(&schema, &json), [""; 0]);
    }
    for example in schema["examples"].as_array().unwrap() {
        assert_eq!(problems(&schema, example), [""; 0]);
    }
}
