//! The signature over a report: a signed note that names the bytes of each of its files.
//!
//! The note's text is one line of what it is, and then the lines that `sha256sum` writes and checks. So whoever holds the
//! supervisor's public key needs no Guichet: the note by any tool for C2SP signed notes, the files by `sha256sum -c`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guichet_log::merkle::Hash;
use guichet_log::note::{Note, NoteError, PrivateKey, PublicKey};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The file with the signature.
pub const NOTE_FILE: &str = "report.note";

/// What the text of a report's note begins with.
const KIND: &str = "guichet-audit report v1";

/// One file that a note names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignedFile {
    /// Its name.
    pub file: String,
    /// The SHA-256 of its bytes, as the note says.
    pub sha256: String,
    /// What is wrong with the file, if anything is: it is missing, or has other bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<FileFault>,
}

/// What can be wrong with a file of a signed report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// It is not there.
    Missing,
    /// It has other bytes than those that were signed.
    Changed,
    /// It cannot be read.
    Unreadable,
}

/// The files that a key has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignedFiles {
    /// The name of the key.
    pub signed_by: String,
    /// Every file that the note names.
    pub files: Vec<SignedFile>,
}

/// A folder without a signed report.
#[derive(Debug, thiserror::Error)]
pub enum NoReport {
    /// The note cannot be read.
    #[error("`{path}` cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is no note, or not under this key.
    #[error("the signature does not hold")]
    Note(#[from] NoteError),
    /// It is a note over something else.
    #[error("the note is not over a report: line {line} is `{found}`, and {expected} was expected")]
    Form {
        /// Which line of it.
        line: usize,
        /// What stands there.
        found: String,
        /// What would have to.
        expected: &'static str,
    },
}

/// The SHA-256 of some bytes, in hexadecimal digits.
#[must_use]
pub(super) fn sha256(bytes: &[u8]) -> String {
    Hash(Sha256::digest(bytes).into()).to_string()
}

/// The note over the files of a report.
///
/// # Errors
///
/// [`NoteError`] when a name of a file cannot stand in a note.
pub fn note_over(files: &BTreeMap<&str, Vec<u8>>, key: &PrivateKey) -> Result<Note, NoteError> {
    let mut text = format!("{KIND}\n");
    for (file, bytes) in files {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {file}", sha256(bytes));
    }
    Note::sign(text, key)
}

/// Checks the report in a folder with the public key of whoever signed it.
///
/// # Errors
///
/// [`NoReport`] when there is no note of this key over a report; what is wrong with a file that it names stands with the file.
pub fn check_folder(folder: &Path, key: &PublicKey) -> Result<SignedFiles, NoReport> {
    let path = folder.join(NOTE_FILE);
    let bytes = fs::read(&path).map_err(|source| NoReport::Io { path, source })?;
    let note = Note::parse(&bytes)?;
    let text = note.verify(key)?;
    let mut files = Vec::new();
    for (line, found) in (1..).zip(text.lines()) {
        let form = |expected| NoReport::Form {
            line,
            found: found.chars().take(80).collect(),
            expected,
        };
        if line == 1 {
            if found != KIND {
                return Err(form("`guichet-audit report v1`"));
            }
            continue;
        }
        let (sha, file) = found
            .split_once("  ")
            .filter(|(sha, file)| sha.len() == 64 && is_name(file))
            .ok_or_else(|| form("the hash and the name of a file"))?;
        let fault = match fs::read(folder.join(file)) {
            Ok(bytes) => (sha256(&bytes) != sha).then_some(FileFault::Changed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(FileFault::Missing),
            Err(_) => Some(FileFault::Unreadable),
        };
        files.push(SignedFile {
            file: file.to_owned(),
            sha256: sha.to_owned(),
            fault,
        });
    }
    Ok(SignedFiles {
        signed_by: key.name().to_owned(),
        files,
    })
}

/// Whether it names a file of the folder itself: a note leads nowhere else.
fn is_name(file: &str) -> bool {
    !file.is_empty() && file != "." && file != ".." && !file.contains(['/', '\\', ':'])
}
