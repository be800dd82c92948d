//! Small drafts for tests and examples, so that a test says only what it is about.

use guichet_core::actor::{Actor, Role};
use guichet_core::id::{CommandId, PersonId, StreamId};
use guichet_core::time::Timestamp;

use crate::log::{Append, Expected};
use crate::record::{Cause, Draft, Kind};

/// The stream named `name`.
///
/// # Panics
///
/// When `name` is no identifier.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "for tests, which name their streams themselves"
)]
pub fn stream(name: &str) -> StreamId {
    StreamId::new(name).expect("a test names its streams with identifiers")
}

/// The command named `name`.
///
/// # Panics
///
/// When `name` is no identifier.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "for tests, which name their commands themselves"
)]
pub fn command(name: &str) -> CommandId {
    CommandId::new(name).expect("a test names its commands with identifiers")
}

/// A draft of the command named `command_name`, with a payload of no meaning.
///
/// # Panics
///
/// When `command_name` is no identifier.
#[must_use]
#[expect(clippy::expect_used, reason = "the identifiers stand here")]
pub fn draft(command_name: &str, payload: &[u8]) -> Draft {
    Draft {
        kind: Kind::from_static("test.noted"),
        version: 1,
        codec: 0,
        occurred_at: Timestamp::from_micros(1_267_400_000_000_000),
        actor: Actor::new(PersonId::new("s07").expect("`s07` is an identifier"), Role::Clerk),
        authority: None,
        cause: Cause::Asked,
        command: command(command_name),
        command_digest: [0; 8],
        payload: payload.to_vec(),
    }
}

/// An append of one draft for each payload, all of one command.
///
/// # Panics
///
/// When a name is no identifier.
#[must_use]
pub fn append(stream_name: &str, expected: Expected, command_name: &str, payloads: &[&[u8]]) -> Append {
    Append {
        stream: stream(stream_name),
        expected,
        drafts: payloads
            .iter()
            .map(|payload| draft(command_name, payload))
            .collect(),
    }
}
