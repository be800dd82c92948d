//! Which build this is, and what it reads and writes.

use guichet_log::block::BLOCK_FORMAT;
use guichet_log::record::RECORD_FORMAT;
use guichet_sled::journal::JOURNAL_FORMAT;
use guichet_sled::keys::STORE_FORMAT;
use serde::Serialize;

use guichet_terminal::context::{Context, Exit, Failure};

/// What this build is.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Version {
    guichet: &'static str,
    system: &'static str,
    architecture: &'static str,
    formats: Formats,
}

/// What of a build decides on the bytes of an answer: nothing of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Build {
    guichet: &'static str,
    formats: Formats,
}

/// The formats that this build writes, and the newest that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Formats {
    record: u8,
    block: u16,
    journal: u16,
    store: u16,
}

/// This build.
pub const THIS: Version = Version {
    guichet: env!("CARGO_PKG_VERSION"),
    system: std::env::consts::OS,
    architecture: std::env::consts::ARCH,
    formats: Formats {
        record: RECORD_FORMAT,
        block: BLOCK_FORMAT,
        journal: JOURNAL_FORMAT,
        store: STORE_FORMAT,
    },
};

impl Version {
    /// What of it decides on the bytes of an answer.
    #[must_use]
    pub const fn build(&self) -> Build {
        Build {
            guichet: self.guichet,
            formats: self.formats,
        }
    }

    /// In a line, as the version of a tool.
    #[must_use]
    pub fn line(&self, tool: &str) -> String {
        let Formats {
            record,
            block,
            journal,
            store,
        } = self.formats;
        format!(
            "{tool} {} ({}, {}); formats: record {record}, block {block}, journal {journal}, store {store}",
            self.guichet, self.system, self.architecture
        )
    }
}

impl Build {
    /// The version's number.
    #[must_use]
    pub const fn number(&self) -> &'static str {
        self.guichet
    }
}

/// Says which version a tool is.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn run(tool: &str, context: Context) -> Result<Exit, Failure> {
    context.answer(&THIS, || THIS.line(tool) + "\n")?;
    Ok(Exit::Ok)
}
