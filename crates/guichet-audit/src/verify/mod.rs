//! Verification: is the log complete, in order and untouched? It reports everything that it finds, and does not give up.

mod archive;
mod chain;
mod database;
mod earlier;
mod heads;
mod tiles;
mod told;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use guichet_core::id::Position;
use guichet_core::lang::Lang;
use guichet_log::archive::CHECKPOINT;
use guichet_log::note::{Note, PublicKey};
use guichet_log::sealed_head::SealedHead;
use guichet_terminal::context::Failure;
use serde::Serialize;

pub use archive::verify as archive;
pub use database::verify as database;
pub use told::print;

use crate::source;
use crate::source::database::Copied;

/// What verification is told besides the log.
#[derive(Clone, Debug, Default)]
pub struct Against {
    /// The public key of the log, from whoever handed it over: without it no signature is checked.
    pub key: Option<PublicKey>,
    /// Heads that the supervisor kept earlier, each with the file it was kept in.
    pub kept: Vec<(PathBuf, Note)>,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The first record that it concerns; the end of the log where it concerns all of them.
    pub position: Position,
    /// What kind of thing it is.
    pub kind: FindingKind,
    /// The file in which it shows, from the log's folder; or the file of a kept head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The stream that it concerns, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// What was found, and what was expected.
    pub detail: String,
}

impl Finding {
    /// Whether it says that somebody else signed the newest head.
    fn is_of_signature(&self) -> bool {
        self.kind == FindingKind::HeadNotSigned && self.file.as_deref() == Some(CHECKPOINT)
    }
}

/// The kinds of things that verification finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A head is no sealed head.
    HeadUnreadable,
    /// A head is not signed by the key.
    HeadNotSigned,
    /// The tree over the records has another root than a head of the archive states.
    RootDiffers,
    /// A head that was kept earlier does not fit the log: its history was changed.
    KeptHeadDiffers,
    /// The log ends before a head that was kept earlier.
    Shorter,
    /// A head states other ends of streams than the records have.
    StreamsDiffer,
    /// A file of records or hashes is missing.
    FileMissing,
    /// A file of records or hashes is cut off or cannot be read.
    FileCut,
    /// A record does not have the hash that the tree has for it.
    RecordChanged,
    /// A hash in the tree is not that of what lies below it.
    HashChanged,
    /// A record cannot be read.
    RecordUnreadable,
    /// A record says that it stands at another position.
    OutOfOrder,
    /// A record does not follow on the one before it in its stream.
    ChainBroken,
    /// A record was recorded before the one in front of it.
    TimeBackwards,
    /// The files of the database's sealed part cannot be read.
    StoreUnreadable,
    /// A block of records cannot be read.
    BlockUnreadable,
    /// Records are missing between others.
    RecordsMissing,
    /// The header of a block says something of its records that they are not.
    HeaderDiffers,
    /// The records of a block do not make the tree grow into what the block states.
    TreeDiffers,
    /// The index does not lead to the records.
    IndexDiffers,
    /// The database was not closed in order: its end does not show whether anything followed.
    NotClosed,
}

impl FindingKind {
    /// What it is called by people.
    #[must_use]
    pub const fn name(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::HeadUnreadable => ("签署头无法读取", "head unreadable"),
            Self::HeadNotSigned => ("签署头并非由该密钥签署", "head not signed by the key"),
            Self::RootDiffers => ("记录与签署头不符", "records differ from the head"),
            Self::KeptHeadDiffers => ("与先前保存的签署头不符", "history differs from a kept head"),
            Self::Shorter => ("短于先前保存的签署头", "shorter than a kept head"),
            Self::StreamsDiffer => ("各流末端与签署头不符", "ends of streams differ from the head"),
            Self::FileMissing => ("文件缺失", "file missing"),
            Self::FileCut => ("文件不完整", "file cut off"),
            Self::RecordChanged => ("记录被改动", "record changed"),
            Self::HashChanged => ("哈希被改动", "hash changed"),
            Self::RecordUnreadable => ("记录无法读取", "record unreadable"),
            Self::OutOfOrder => ("次序不对", "out of order"),
            Self::ChainBroken => ("记录链断裂", "chain of a stream broken"),
            Self::TimeBackwards => ("时间倒流", "time runs backwards"),
            Self::StoreUnreadable => ("存储文件无法读取", "store unreadable"),
            Self::BlockUnreadable => ("记录块无法读取", "block unreadable"),
            Self::RecordsMissing => ("记录缺失", "records missing"),
            Self::HeaderDiffers => ("块头与记录不符", "header differs from the records"),
            Self::TreeDiffers => ("哈希树与记录不符", "tree differs from the records"),
            Self::IndexDiffers => ("索引与记录不符", "index differs from the records"),
            Self::NotClosed => ("未正常关闭", "not closed in order"),
        };
        match lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// What verification came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// What the newest head of the archive says; what the records of a database come to.
    pub head: Head,
    /// Where the records of a database are; nothing for an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<OfDatabase>,
    /// Whether a key was given and the newest head is signed by it.
    pub signature_checked: bool,
    /// How many records were read.
    pub records: u64,
    /// How many streams they belong to.
    pub streams: u64,
    /// How many heads of the archive were compared with the records.
    pub heads: u64,
    /// How many heads that were kept earlier were.
    pub kept_heads: u64,
    /// Everything that is not as it must be, by position.
    pub findings: Vec<Finding>,
}

/// A head as reports show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The log's name. A database does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// How many records it covers.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// The root of the map of where each stream ends.
    pub streams_root: String,
}

/// Where the records of a database are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OfDatabase {
    /// How many are sealed in sled.
    pub sealed: u64,
    /// How many are in the journal alone.
    pub journal: u64,
    /// From which position on opening would build the index anew, if it would. That changes nothing that a reader sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_from: Option<Position>,
}

impl From<&SealedHead> for Head {
    fn from(head: &SealedHead) -> Self {
        Self {
            log: Some(head.origin.clone()),
            size: head.size,
            root: head.root.to_string(),
            streams_root: head.streams_root.to_string(),
        }
    }
}

/// Where the log is that is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// An archive, as its newest head describes it.
    Archive(PathBuf),
    /// A closed database: a copy of it is read.
    Database(PathBuf),
}

/// Verifies a log: everything that a reader of it would see, and the heads that were kept earlier. The answer is the same on
/// any number of threads.
///
/// # Errors
///
/// [`Failure`] when there is no log, when it cannot be read at all, and when somebody writes to a database; damage is a
/// finding.
pub fn verify(input: &Input, against: &Against, threads: NonZeroUsize) -> Result<Verification, Failure> {
    match input {
        Input::Archive(dir) => {
            archive(dir, against, threads).map_err(|error| source::archive::failure(&error))
        }
        Input::Database(dir) => database(&Copied::of(dir)?, against),
    }
}

/// How many findings of one kind are told, so that a log that was written anew does not fill the disk; how many there are
/// besides is told in the last one.
const FINDINGS_OF_A_KIND_MAX: usize = 1_000;

/// What was found so far.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    of_kind: BTreeMap<FindingKind, usize>,
}

impl Found {
    fn add(&mut self, finding: Finding) {
        let count = self.of_kind.entry(finding.kind).or_default();
        *count += 1;
        if *count <= FINDINGS_OF_A_KIND_MAX {
            self.findings.push(finding);
        }
    }

    fn sorted(mut self) -> Vec<Finding> {
        self.findings.sort();
        for (kind, count) in self.of_kind {
            let Some(more) = count.checked_sub(FINDINGS_OF_A_KIND_MAX).filter(|more| *more > 0) else {
                continue;
            };
            let last = self
                .findings
                .iter_mut()
                .rev()
                .find(|finding| finding.kind == kind);
            if let Some(last) = last {
                last.detail = format!("{}; and {more} more of this kind", last.detail);
            }
        }
        self.findings
    }
}
