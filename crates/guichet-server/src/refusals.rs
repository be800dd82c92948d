//! Every attempt that was refused, as a line of JSON in a file beside the log: who, what, from where, why. Never a token.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use guichet_core::time::Timestamp;
use serde::Serialize;

use crate::access::Role;

/// The file, and the one that it becomes when it is full.
const FILE: &str = "refused.jsonl";
const BEFORE: &str = "refused.1.jsonl";

/// How large the file may grow.
const BYTES_MAX: u64 = 8 * 1024 * 1024;

/// One attempt.
#[derive(Serialize)]
pub(crate) struct Refusal<'a> {
    pub(crate) at: Timestamp,
    pub(crate) from: IpAddr,
    pub(crate) role: Role,
    pub(crate) label: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) code: &'a str,
}

/// Where they are written.
pub(crate) struct Refusals {
    dir: PathBuf,
    file: Mutex<Option<(File, u64)>>,
}

impl Refusals {
    pub(crate) fn begin(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            file: Mutex::default(),
        }
    }

    /// Writes one down. Where it cannot be written the refusal stands all the same, and the metrics count it.
    pub(crate) fn write(&self, refusal: &Refusal<'_>) {
        let Ok(mut line) = serde_json::to_vec(refusal) else {
            return;
        };
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.as_ref().is_some_and(|(_, bytes)| *bytes >= BYTES_MAX) {
            *file = None;
            // One that cannot be moved is written over from its end.
            let _ = std::fs::rename(self.dir.join(FILE), self.dir.join(BEFORE));
        }
        if file.is_none() {
            let opened = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.dir.join(FILE));
            *file = opened.ok().map(|opened| {
                let bytes = opened.metadata().map_or(0, |found| found.len());
                (opened, bytes)
            });
        }
        if let Some((file, bytes)) = file.as_mut()
            && file.write_all(&line).is_ok()
        {
            *bytes = bytes.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        }
    }
}
