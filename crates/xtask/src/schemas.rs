//! The schemas: every file in `schemas/` is a sound JSON Schema with a name, and its examples hold.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// What is wrong with the schemas in `folder`, one sentence each.
pub(crate) fn check_folder(folder: &Path) -> Result<Vec<String>, String> {
    let unreadable = |error| format!("{} cannot be read: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();

    let mut findings = Vec::new();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for path in paths {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text =
            fs::read_to_string(&path).map_err(|error| format!("schemas/{name} cannot be read: {error}"))?;
        match serde_json::from_str::<Value>(&text) {
            Err(error) => findings.push(format!("schemas/{name} is no JSON: {error}")),
            Ok(schema) => {
                findings.extend(check(&name, &schema));
                let id = schema.get("$id").and_then(Value::as_str).unwrap_or_default();
                if let Some(other) = ids.insert(id.to_owned(), name.clone())
                    && !id.is_empty()
                {
                    findings.push(format!("schemas/{name} has the $id of schemas/{other}"));
                }
            }
        }
    }
    Ok(findings)
}

fn check(name: &str, schema: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    for field in ["$schema", "$id", "title"] {
        if schema
            .get(field)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            findings.push(format!("schemas/{name} has no {field}"));
        }
    }
    if !is_versioned(name) {
        findings.push(format!(
            "schemas/{name} has no version in its name; name it like command.v1.json"
        ));
    }
    if let Err(error) = jsonschema::meta::validate(schema) {
        findings.push(format!(
            "schemas/{name} is no JSON Schema: at {}, {error}",
            place(error.instance_path().as_str())
        ));
        return findings;
    }
    if let Err(error) = jsonschema::validator_for(schema) {
        findings.push(format!("schemas/{name} cannot be used: {error}"));
        return findings;
    }
    check_examples(name, schema, schema, "", &mut findings);
    findings
}

/// Checks the examples of `part`, which stands at `pointer` in `schema`, and of everything in it.
fn check_examples(name: &str, schema: &Value, part: &Value, pointer: &str, findings: &mut Vec<String>) {
    let Value::Object(fields) = part else {
        if let Value::Array(items) = part {
            for (i, item) in items.iter().enumerate() {
                check_examples(name, schema, item, &format!("{pointer}/{i}"), findings);
            }
        }
        return;
    };
    if let Some(Value::Array(examples)) = fields.get("examples") {
        match jsonschema::validator_for(&alone(schema, part)) {
            Err(error) => findings.push(format!(
                "schemas/{name}: the part at {} cannot be used: {error}",
                place(pointer)
            )),
            Ok(validator) => {
                for (i, example) in examples.iter().enumerate() {
                    if let Err(error) = validator.validate(example) {
                        findings.push(format!(
                            "schemas/{name}: example {i} of {} does not hold: at {}, {error}",
                            place(pointer),
                            place(error.instance_path().as_str())
                        ));
                    }
                }
            }
        }
    }
    for (key, value) in fields {
        let pointer = format!("{pointer}/{key}");
        match (key.as_str(), value) {
            // What stands in these is data, not a schema.
            ("examples" | "default" | "const" | "enum", _) => {}
            // In these the keys are names: one called `examples` would be no list of examples.
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                Value::Object(named),
            ) => {
                for (of, value) in named {
                    check_examples(name, schema, value, &format!("{pointer}/{of}"), findings);
                }
            }
            _ => check_examples(name, schema, value, &pointer, findings),
        }
    }
}

/// A part of a schema as a schema of its own, with the definitions that it may refer to.
fn alone(schema: &Value, part: &Value) -> Value {
    if part == schema {
        return schema.clone();
    }
    let mut whole = Map::new();
    for field in ["$schema", "$id", "$defs", "definitions"] {
        if let Some(value) = schema.get(field) {
            whole.insert(field.to_owned(), value.clone());
        }
    }
    whole.insert("allOf".to_owned(), json!([part]));
    Value::Object(whole)
}

/// Whether a file is named after a thing and its version: `command.v1.json`, or `command.v1.schema.json`.
fn is_versioned(name: &str) -> bool {
    let stem = name
        .strip_suffix(".json")
        .map(|stem| stem.strip_suffix(".schema").unwrap_or(stem));
    let Some((thing, version)) = stem.and_then(|stem| stem.rsplit_once(".v")) else {
        return false;
    };
    !thing.is_empty() && version.parse::<u32>().is_ok_and(|n| n > 0)
}

fn place(pointer: &str) -> &str {
    if pointer.is_empty() { "the top" } else { pointer }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:guichet:answer:1",
            "title": "An answer",
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"$ref": "#/$defs/id"}, "examples": {"type": "array"}},
            "$defs": {"id": {"type": "string", "examples": ["2010-17"]}},
            "examples": [{"id": "2010-17", "examples": [1]}],
        })
    }

    #[test]
    fn the_schemas_of_the_house_are_sound() {
        assert_eq!(check_folder(&crate::root().join("schemas")), Ok(Vec::new()));
    }

    #[test]
    fn a_sound_schema_has_no_finding() {
        assert_eq!(check("answer.v1.json", &schema()), [""; 0]);
    }

    #[test]
    fn a_schema_has_an_id_a_title_and_a_version_in_its_name() {
        let nameless = json!({"$schema": "https://json-schema.org/draft/2020-12/schema"});
        assert_eq!(
            check("answer.json", &nameless),
            [
                "schemas/answer.json has no $id",
                "schemas/answer.json has no title",
                "schemas/answer.json has no version in its name; name it like command.v1.json",
            ]
        );
        for name in [
            "v1.json",
            ".v1.json",
            "answer.v0.json",
            "answer.v.json",
            "answer.v1.txt",
        ] {
            assert!(!is_versioned(name), "{name}");
        }
        for name in ["answer.v1.json", "answer.v12.schema.json"] {
            assert!(is_versioned(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_schema_is_found() {
        let mut wrong = schema();
        wrong["type"] = json!("thing");
        let findings = check("answer.v1.json", &wrong);
        assert_eq!(findings.len(), 1);
        assert!(
            findings[0].starts_with("schemas/answer.v1.json is no JSON Schema: at /type, "),
            "{findings:?}"
        );
    }

    #[test]
    fn an_example_that_does_not_hold_is_found_where_it_stands() {
        let mut wrong = schema();
        wrong["examples"] = json!([{"id": "2010-17"}, {"id": 17}]);
        wrong["$defs"]["id"]["examples"] = json!(["2010-17", 17]);
        assert_eq!(
            check("answer.v1.json", &wrong),
            [
                "schemas/answer.v1.json: example 1 of the top does not hold: at /id, 17 is not of type \"string\"",
                "schemas/answer.v1.json: example 1 of /$defs/id does not hold: at the top, 17 is not of type \"string\"",
            ]
        );
    }
}
