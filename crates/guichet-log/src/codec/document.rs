//! Documents in payloads: procedures and calendars, as canonical JSON text behind a version of its own.
//!
//! A document grows optional fields, which JSON can default and bincode cannot. Canonical means: keys in byte order, no
//! blanks, so that the same document always has the same bytes.

use std::fmt::Write as _;

use bincode::error::EncodeError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Fault;

/// The version of procedures and calendars as documents that this build writes, and the newest that it reads.
const DOCUMENT_VERSION: u16 = 1;

/// The payload: which form the document has, and its text.
#[derive(Serialize, Deserialize)]
struct Document<'a> {
    version: u16,
    json: &'a str,
}

pub(super) fn write<T: Serialize>(document: &T) -> Result<Vec<u8>, EncodeError> {
    let value =
        serde_json::to_value(document).map_err(|error| EncodeError::OtherString(error.to_string()))?;
    let mut json = String::new();
    canonical(&value, &mut json);
    super::write(&Document {
        version: DOCUMENT_VERSION,
        json: &json,
    })
}

pub(super) fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Fault> {
    let document: Document<'_> = super::read(payload)?;
    if document.version > DOCUMENT_VERSION {
        return Err(Fault::NewerDocument {
            found: document.version,
            known: DOCUMENT_VERSION,
        });
    }
    serde_json::from_str(document.json).map_err(|error| Fault::Content(error.to_string()))
}

/// Appends the canonical text of `value`. Sorting here does not rely on how a map of `serde_json` is built.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            // Writing to a string cannot fail.
            let _ = write!(out, "{value}");
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (i, (name, field)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                // As above; a name is written like any text.
                let _ = write!(out, "{}:", Value::from(name.as_str()));
                canonical(field, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_text_has_its_keys_in_order_and_no_blanks() {
        let value = json!({"b": [1, {"y": null, "x": true}], "a\"": "办 件", "B": -2});
        let mut text = String::new();
        canonical(&value, &mut text);
        assert_eq!(text, r#"{"B":-2,"a\"":"办 件","b":[1,{"x":true,"y":null}]}"#);
    }

    #[test]
    fn a_document_of_a_newer_form_is_refused_by_name() {
        let payload = super::super::write(&Document {
            version: 2,
            json: "{}",
        })
        .unwrap();
        assert_eq!(
            read::<Value>(&payload),
            Err(Fault::NewerDocument { found: 2, known: 1 })
        );
    }

    #[test]
    fn a_document_that_is_no_json_is_refused_where_it_breaks() {
        let payload = super::super::write(&Document {
            version: 1,
            json: "{\"a\":",
        })
        .unwrap();
        let fault = read::<Value>(&payload).unwrap_err().to_string();
        assert!(fault.ends_with("at line 1 column 5"), "{fault}");
    }
}
