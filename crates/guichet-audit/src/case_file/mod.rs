//! A case file as evidence: a folder that proves what happened to a case and that nothing of it was left out, with a public
//! key alone.
//!
//! ```text
//! case-file.json                 the case, its events as people read them, and the proof that these are all
//! records/<revision>.record      the stored bytes of each event
//! records/<revision>.tlog-proof  that it is in the log, with the signed head (C2SP tlog-proof)
//! README.md                      how to check it, also without Guichet
//! ```

mod check;
mod prove;
mod told;

use guichet_core::id::{CaseId, Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::codec::Event;
use guichet_log::codec::json::Data;
use guichet_log::projection::Recorded;
use guichet_log::stream_map::{StreamEnd, StreamProof};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use check::{Checked, Fault, NoCaseFile, check};
pub use prove::{NotProven, Proven, prove};
pub use told::{checked, write};

/// The file that says what the folder holds.
pub const CASE_FILE: &str = "case-file.json";

/// The version of its form.
const VERSION: u8 = 1;

/// What `case-file.json` holds: `schemas/case-file.v1.schema.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    version: u8,
    case: CaseId,
    /// The log's name, and how far it reached.
    log: String,
    size: u64,
    /// The proof of where the case's stream ends.
    completeness: Completeness,
    /// The events in their order, as people read them. What counts are the records.
    events: Vec<Readable>,
}

/// The proof that a stream ends where it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Completeness {
    records: u64,
    last: String,
    siblings: Vec<String>,
}

impl Completeness {
    fn of(proof: &StreamProof) -> Self {
        Self {
            records: proof.end.records,
            last: proof.end.last.to_string(),
            siblings: proof.siblings.iter().map(ToString::to_string).collect(),
        }
    }

    fn proof(&self) -> Option<StreamProof> {
        Some(StreamProof {
            end: StreamEnd {
                records: self.records,
                last: self.last.parse().ok()?,
            },
            siblings: self
                .siblings
                .iter()
                .map(|text| text.parse().ok())
                .collect::<Option<_>>()?,
        })
    }
}

/// An event as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Readable {
    revision: Revision,
    position: Position,
    kind: String,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    person: String,
    role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acting_for: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
    data: Value,
}

impl Readable {
    fn of(recorded: &Recorded) -> Self {
        let data = match &recorded.event {
            Event::Case(event) => serde_json::to_value(Data::of(event)),
            Event::Reference(event) => serde_json::to_value(Data::of(event)),
        };
        let actor = &recorded.actor;
        Self {
            revision: recorded.revision,
            position: recorded.position,
            kind: recorded.event.kind().to_owned(),
            occurred_at: recorded.occurred_at,
            recorded_at: recorded.recorded_at,
            person: actor.person.to_string(),
            role: actor.role.as_str().to_owned(),
            window: actor.window.as_ref().map(ToString::to_string),
            department: actor.department.as_ref().map(ToString::to_string),
            acting_for: actor.acting_for.as_ref().map(ToString::to_string),
            authority: recorded.authority.clone(),
            // Every event has been JSON before it left the house; there is nothing in it that JSON cannot say.
            data: data.unwrap_or(Value::Null),
        }
    }
}

/// The name of a record's files, without their ending.
fn record_name(revision: Revision) -> String {
    format!("records/{:06}", revision.0)
}
