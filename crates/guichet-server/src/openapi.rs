//! The `OpenAPI` document, made from the table of routes and the files of `schemas/`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::route::{Form, Param, Place, Right, Route, routes};

/// The schemas that answers and bodies are described by: each as its file has it, or in short.
const SCHEMAS: &[(&str, &str)] = &[
    ("answer", include_str!("../../../schemas/answer.v1.schema.json")),
    ("case", include_str!("../../../schemas/case.v1.schema.json")),
    (
        "case-held",
        include_str!("../../../schemas/case-held.v1.schema.json"),
    ),
    (
        "case-timeline",
        include_str!("../../../schemas/case-timeline.v1.schema.json"),
    ),
    ("command", include_str!("../../../schemas/command.v1.schema.json")),
    (
        "explanation",
        include_str!("../../../schemas/explanation.v1.schema.json"),
    ),
    (
        "stats-figures",
        include_str!("../../../schemas/stats-figures.v1.schema.json"),
    ),
    (
        "stats-process",
        include_str!("../../../schemas/stats-process.v1.schema.json"),
    ),
    ("http", include_str!("../../../schemas/http.v1.schema.json")),
];

/// The document as text.
#[must_use]
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes() {
        paths
            .entry(route.path)
            .or_default()
            .insert(route.method.as_str().to_lowercase(), operation(&route));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Guichet",
            "version": "1",
            "description": "A service centre over HTTP. docs/http.md says more.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" }
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": crate::api::session::COOKIE }
            }
        }
    })
}

fn operation(route: &Route) -> Value {
    let ok = if route.gives == Form::Nothing {
        "204"
    } else {
        "200"
    };
    let mut answers = Map::new();
    let mut good = json!({ "description": route.says });
    if let Some(content) = content(route.gives) {
        put(&mut good, "content", content);
    }
    answers.insert(ok.to_owned(), good);
    let mut refused = |status: &str, says: &str| {
        answers.insert(
            status.to_owned(),
            json!({
                "description": says,
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/http.problem" } } }
            }),
        );
    };
    refused("401", "No token, or none that is good.");
    refused("422", "A parameter, a header or the body makes no sense.");
    refused("429", "Too many requests from this address.");
    refused("500", "What was recorded cannot be read.");
    refused("503", "Not now: the engine is full, ending, or has stopped.");
    if route.right != Right::Public {
        refused("403", "The token's role may not do this.");
    }
    if route.path.contains('{') || route.method == axum::http::Method::POST {
        refused("404", "There is none, or none that one may see.");
    }
    if route.takes != Form::Nothing {
        refused("408", "The body took too long.");
        refused("413", "The body is too large.");
        refused("415", "The body is no JSON.");
    }
    let mut operation = json!({
        "summary": route.says,
        "operationId": name(route),
        "parameters": route.params.iter().map(param).collect::<Vec<_>>(),
        "responses": {},
    });
    if route.path == "/api/v1/commands" {
        // What the rules refuse is an answer of the same form.
        answers.insert(
            "409".to_owned(),
            json!({
                "description": "The rules said no, or the id was used for another command.",
                "content": {
                    "application/json": { "schema": { "$ref": "#/components/schemas/answer" } },
                    "application/problem+json": { "schema": { "$ref": "#/components/schemas/http.problem" } }
                }
            }),
        );
        answers.insert(
            "412".to_owned(),
            json!({
                "description": "The case has changed since.",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/http.problem" } } }
            }),
        );
    }
    put(&mut operation, "responses", Value::Object(answers));
    if let Some(content) = content(route.takes) {
        put(
            &mut operation,
            "requestBody",
            json!({ "required": true, "content": content }),
        );
    }
    let security = if route.right == Right::Public {
        json!([{}, { "bearer": [] }, { "cookie": [] }])
    } else {
        json!([{ "bearer": [] }, { "cookie": [] }])
    };
    put(&mut operation, "security", security);
    operation
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(name.to_owned(), value);
    }
}

/// `get_cases_case_timeline`: the method, and the words of the path.
fn name(route: &Route) -> String {
    let path = route.path.trim_start_matches("/api/v1");
    let words = path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let words: Vec<String> = std::iter::once(route.method.as_str().to_lowercase())
        .chain(words.map(str::to_owned))
        .collect();
    words.join("_")
}

fn param(param: &Param) -> Value {
    let schema = if param.values.is_empty() {
        json!({ "type": "string" })
    } else {
        json!({ "type": "string", "enum": param.values })
    };
    json!({
        "name": param.name,
        "in": match param.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        },
        "required": param.place == Place::Path,
        "description": param.says,
        "schema": schema,
    })
}

fn content(form: Form) -> Option<Value> {
    match form {
        Form::Nothing => None,
        Form::Media(kind) => {
            let kind = kind.split(';').next().unwrap_or(kind).trim();
            Some(
                json!({ kind: { "schema": { "type": if kind == "application/json" { "object" } else { "string" } } } }),
            )
        }
        Form::Schema(name) => {
            let whole = SCHEMAS.iter().any(|(known, _)| *known == name);
            let place = if whole {
                name.to_owned()
            } else {
                format!("http.{name}")
            };
            Some(
                json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{place}") } } }),
            )
        }
    }
}

/// Every schema under its name, and its definitions beside it as `name.definition`.
fn schemas() -> Value {
    let mut all = Map::new();
    for (name, text) in SCHEMAS {
        let Ok(mut schema) = serde_json::from_str::<Value>(text) else {
            continue;
        };
        rename(&mut schema, name);
        let Value::Object(mut fields) = schema else {
            continue;
        };
        fields.remove("$schema");
        fields.remove("$id");
        if let Some(Value::Object(definitions)) = fields.remove("$defs") {
            for (definition, schema) in definitions {
                all.insert(format!("{name}.{definition}"), schema);
            }
        }
        all.insert((*name).to_owned(), Value::Object(fields));
    }
    Value::Object(all)
}

/// Has references to definitions of a file point to where they stand in the document.
fn rename(schema: &mut Value, name: &str) {
    match schema {
        Value::Object(fields) => {
            for (field, value) in fields {
                if field == "$ref"
                    && let Value::String(target) = value
                    && let Some(definition) = target.strip_prefix("#/$defs/")
                {
                    *target = format!("#/components/schemas/{name}.{definition}");
                } else {
                    rename(value, name);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
