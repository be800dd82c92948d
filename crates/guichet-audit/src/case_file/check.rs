//! Checking a case file: with a public key, and nothing else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use guichet_core::id::{CaseId, Revision, StreamId};
use guichet_core::lang::Lang;
use guichet_log::log::with_sources;
use guichet_log::merkle::Hash;
use guichet_log::note::PublicKey;
use guichet_log::projection::Recorded;
use guichet_log::record::{RECORD_BYTES_MAX, RecordRef};
use guichet_log::sealed_head::SealedHead;
use guichet_log::tlog_proof::TlogProof;
use serde::Serialize;

use super::{CASE_FILE, CaseFile, Readable, VERSION, record_name};

/// What a case file came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The case.
    pub case: CaseId,
    /// The log's name.
    pub log: String,
    /// How many records the log had when its head was sealed.
    pub size: u64,
    /// How many events were proven.
    pub events: u64,
    /// What is not as it must be; nothing, when all is proven.
    pub faults: Vec<Fault>,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// A file is missing, or cannot be read as what it is to be.
    File {
        /// Its name.
        file: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A record is not proven to be in the log.
    NotInLog {
        /// Its place in the case.
        revision: Revision,
        /// Why not.
        detail: String,
    },
    /// A record is of another case, or at another place, than it is filed under.
    Misplaced {
        /// Where it is filed.
        revision: Revision,
        /// What it says of itself.
        detail: String,
    },
    /// Events were left out.
    LeftOut {
        /// How many the log has.
        expected: u64,
        /// How many are here.
        found: u64,
    },
    /// The proof that nothing was left out does not prove it.
    NotComplete {
        /// Why not.
        detail: String,
    },
    /// What people read is not what the record says.
    ReadsOtherwise {
        /// The record's place in the case.
        revision: Revision,
    },
}

impl Fault {
    /// A sentence about it.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::En, Self::File { file, detail }) => format!("`{file}`: {detail}"),
            (Lang::Zh, Self::File { file, detail }) => format!("文件 `{file}`：{detail}"),
            (Lang::En, Self::NotInLog { revision, detail }) => {
                format!("event {revision} is not proven to be in the log: {detail}")
            }
            (Lang::Zh, Self::NotInLog { revision, detail }) => {
                format!("无法证明第 {revision} 个事件在日志中：{detail}")
            }
            (Lang::En, Self::Misplaced { revision, detail }) => {
                format!("the record filed as event {revision} is another one: {detail}")
            }
            (Lang::Zh, Self::Misplaced { revision, detail }) => {
                format!("归为第 {revision} 个事件的记录并非该事件：{detail}")
            }
            (Lang::En, Self::LeftOut { expected, found }) => {
                format!("events were left out: the log has {expected} of this case, and {found} are here")
            }
            (Lang::Zh, Self::LeftOut { expected, found }) => {
                format!("有事件被遗漏：日志中该办件有 {expected} 个事件，此处只有 {found} 个")
            }
            (Lang::En, Self::NotComplete { detail }) => {
                format!("it is not proven that these are all events: {detail}")
            }
            (Lang::Zh, Self::NotComplete { detail }) => format!("无法证明这是全部事件：{detail}"),
            (Lang::En, Self::ReadsOtherwise { revision }) => {
                format!("event {revision} reads otherwise in `{CASE_FILE}` than in its record")
            }
            (Lang::Zh, Self::ReadsOtherwise { revision }) => {
                format!("第 {revision} 个事件在 `{CASE_FILE}` 中的文字与其记录不符")
            }
        }
    }
}

/// A folder that is no case file at all.
#[derive(Debug, thiserror::Error)]
pub enum NoCaseFile {
    /// Its first file cannot be read.
    #[error("`{path}` cannot be read")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is no JSON of the form of a case file.
    #[error("`{path}` is no case file")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// It is of a form that this build does not know.
    #[error(
        "the case file is of version {0}, and this build knows {VERSION}; use a newer version of Guichet"
    )]
    Version(u8),
}

/// The largest `case-file.json`: as many events as a stream may have, in words.
const CASE_FILE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Checks a case file with the log's public key.
///
/// # Errors
///
/// [`NoCaseFile`] when the folder holds none; everything else is a fault.
pub fn check(folder: &Path, key: &PublicKey) -> Result<Checked, NoCaseFile> {
    let path = folder.join(CASE_FILE);
    let bytes = bounded(&path, CASE_FILE_BYTES_MAX).map_err(|source| NoCaseFile::Io {
        path: path.clone(),
        source,
    })?;
    let file: CaseFile =
        serde_json::from_slice(&bytes).map_err(|source| NoCaseFile::Json { path, source })?;
    if file.version != VERSION {
        return Err(NoCaseFile::Version(file.version));
    }
    let mut checking = Checking {
        folder,
        key,
        stream: StreamId::of_case(&file.case),
        head: None,
        previous: Hash::NONE,
        faults: Vec::new(),
    };
    for (revision, event) in (0..).map(Revision).zip(&file.events) {
        checking.event(revision, event);
    }
    checking.complete(&file);
    Ok(Checked {
        case: file.case,
        log: file.log,
        size: file.size,
        events: file.events.len() as u64,
        faults: checking.faults,
    })
}

struct Checking<'a> {
    folder: &'a Path,
    key: &'a PublicKey,
    stream: StreamId,
    /// The head that the proofs carry: one and the same in all of them.
    head: Option<SealedHead>,
    /// The leaf hash of the record before.
    previous: Hash,
    faults: Vec<Fault>,
}

impl Checking<'_> {
    fn event(&mut self, revision: Revision, told: &Readable) {
        let name = record_name(revision);
        let Some(bytes) = self.read(&format!("{name}.record"), RECORD_BYTES_MAX as u64) else {
            return;
        };
        let leaf = Hash::of_leaf(&bytes);
        self.in_log(revision, &name, &leaf, told);
        let recorded = RecordRef::parse(&bytes)
            .map_err(|error| with_sources(&error))
            .and_then(|record| {
                let recorded = Recorded::of_ref(&record).map_err(|error| with_sources(&error))?;
                Ok((recorded, record.place.previous))
            });
        let (recorded, previous) = match recorded {
            Ok(read) => read,
            Err(detail) => {
                let file = format!("{name}.record");
                return self.faults.push(Fault::File { file, detail });
            }
        };
        if recorded.stream != self.stream || recorded.revision != revision {
            let detail = format!("it is record {} of `{}`", recorded.revision, recorded.stream);
            self.faults.push(Fault::Misplaced { revision, detail });
        } else if previous != self.previous {
            let detail = format!(
                "it follows on {previous}, and the one before it is {}",
                self.previous
            );
            self.faults.push(Fault::Misplaced { revision, detail });
        }
        if Readable::of(&recorded) != *told {
            self.faults.push(Fault::ReadsOtherwise { revision });
        }
        self.previous = leaf;
    }

    fn in_log(&mut self, revision: Revision, name: &str, leaf: &Hash, told: &Readable) {
        let Some(proof) = self.read(&format!("{name}.tlog-proof"), 256 * 1024) else {
            return;
        };
        let text = String::from_utf8_lossy(&proof);
        let proven =
            TlogProof::parse(&text).and_then(|proof| Ok((proof.index, proof.verify(leaf, self.key)?)));
        match proven {
            Err(error) => {
                let detail = with_sources(&error);
                self.faults.push(Fault::NotInLog { revision, detail });
            }
            Ok((index, _)) if index != told.position.0 => {
                let detail = format!("it stands at position {index}, and {} was told", told.position);
                self.faults.push(Fault::NotInLog { revision, detail });
            }
            Ok((_, head)) => {
                let first = self.head.get_or_insert_with(|| head.clone());
                if *first != head {
                    let detail = "its proof carries another head than the others".to_owned();
                    self.faults.push(Fault::NotInLog { revision, detail });
                }
            }
        }
    }

    /// Whether these are all: by the end of the stream under the head.
    fn complete(&mut self, file: &CaseFile) {
        let found = file.events.len() as u64;
        let not = |detail: &str| Fault::NotComplete {
            detail: detail.to_owned(),
        };
        let Some(head) = &self.head else {
            return self
                .faults
                .push(not("no event is proven by a head that the key has signed"));
        };
        if (head.origin.as_str(), head.size) != (file.log.as_str(), file.size) {
            self.faults
                .push(not("the case file names another head than its proofs"));
        }
        let Some(proof) = file.completeness.proof() else {
            return self.faults.push(not("a hash of it is none"));
        };
        if let Err(error) = proof.verify(&self.stream, &head.streams_root) {
            return self.faults.push(not(&error.to_string()));
        }
        if proof.end.records != found {
            let expected = proof.end.records;
            self.faults.push(Fault::LeftOut { expected, found });
        } else if proof.end.last != self.previous {
            self.faults
                .push(not("the last event here is not the last one in the log"));
        }
    }

    fn read(&mut self, name: &str, bytes_max: u64) -> Option<Vec<u8>> {
        match bounded(&self.folder.join(name), bytes_max) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.faults.push(Fault::File {
                    file: name.to_owned(),
                    detail: error.to_string(),
                });
                None
            }
        }
    }
}

/// The bytes of a file, if they are not more than it can have.
fn bounded(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let bytes = fs::metadata(path)?.len();
    if bytes > bytes_max {
        let reason = format!("it has {bytes} bytes, and {bytes_max} is the most");
        return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
    }
    fs::read(path)
}
