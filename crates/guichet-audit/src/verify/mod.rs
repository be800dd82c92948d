//! Verification: is the log complete, in order and untouched? It reports everything that it finds, and does not give up.

mod chain;
mod earlier;
mod heads;
mod tiles;
mod told;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use guichet_core::id::Position;
use guichet_core::lang::Lang;
use guichet_log::archive::{Archive, ArchiveError, CHECKPOINT, TileStack};
use guichet_log::log::with_sources;
use guichet_log::merkle::Frontier;
use guichet_log::note::{Note, PublicKey};
use guichet_log::sealed_head::SealedHead;
use serde::Serialize;

pub use told::print;

use self::chain::Chain;
use self::heads::Heads;

/// What verification is told besides the archive.
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
    /// The file in which it shows, from the archive's folder; or the file of a kept head.
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
    /// A head that was kept earlier does not fit the archive: its history was changed.
    KeptHeadDiffers,
    /// The archive ends before a head that was kept earlier.
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
    /// What the newest head says.
    pub head: Head,
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
    /// The log's name.
    pub log: String,
    /// How many records it covers.
    pub size: u64,
    /// The root over them.
    pub root: String,
    /// The root of the map of where each stream ends.
    pub streams_root: String,
}

impl From<&SealedHead> for Head {
    fn from(head: &SealedHead) -> Self {
        Self {
            log: head.origin.clone(),
            size: head.size,
            root: head.root.to_string(),
            streams_root: head.streams_root.to_string(),
        }
    }
}

/// Verifies an archive: every file of it that its newest head covers, every record, every head, and the heads that were
/// kept earlier. The answer is the same on any number of threads.
///
/// # Errors
///
/// [`ArchiveError`] when there is no archive, or its newest head cannot be read at all; everything else is a finding.
pub fn verify(dir: &Path, against: &Against, threads: NonZeroUsize) -> Result<Verification, ArchiveError> {
    let archive = Archive::open_unchecked(dir)?;
    let mut found = Found::new(&archive);
    let mut heads = Heads::new(&archive, against, &mut found)?;
    let mut stack = TileStack::default();
    let mut chain = Chain::default();
    let mut tree = Frontier::default();
    heads.compare(&tree, &mut chain, &mut found);
    let mut index = 0;
    // Bounded: so many files are in memory at once, whatever the size of the log.
    let window = threads.get() as u64 * tiles::BUNDLES_AT_ONCE;
    while index < archive.bundles() {
        let end = archive.bundles().min(index + window);
        for read in tiles::read_bundles(&archive, index..end, threads) {
            for finding in read.findings {
                found.add(finding);
            }
            for record in read.records {
                tree.push(record.leaf);
                let full = stack.push(record.leaf);
                let full = full.iter().map(|(tile, hashes)| (*tile, hashes.as_slice()));
                tiles::compare_all(&archive, full, &mut found);
                chain.take(record, &mut found);
                heads.compare(&tree, &mut chain, &mut found);
            }
        }
        index = end;
    }
    tiles::compare_all(&archive, stack.unfinished(), &mut found);
    earlier::check(&archive, &mut found)?;
    heads.finish(&mut found);
    Ok(Verification {
        head: archive.head().into(),
        signature_checked: heads.signature_checked(),
        records: archive.head().size,
        streams: chain.streams(),
        heads: heads.archived(),
        kept_heads: heads.kept(),
        findings: found.sorted(),
    })
}

/// How many findings of one kind are told, so that a log that was written anew does not fill the disk; how many there are
/// besides is told in the last one.
const FINDINGS_OF_A_KIND_MAX: usize = 1_000;

/// What was found so far.
struct Found<'a> {
    archive: &'a Archive,
    findings: Vec<Finding>,
    of_kind: BTreeMap<FindingKind, usize>,
}

impl<'a> Found<'a> {
    const fn new(archive: &'a Archive) -> Self {
        Self {
            archive,
            findings: Vec::new(),
            of_kind: BTreeMap::new(),
        }
    }

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

/// What is wrong with a file that cannot be used.
fn of_file(name: String, error: &ArchiveError, position: u64) -> Finding {
    let (kind, position, detail) = match error {
        ArchiveError::Missing { .. } => (
            FindingKind::FileMissing,
            Position(position),
            "the newest head covers it, and it is not there".to_owned(),
        ),
        ArchiveError::Damaged { position, reason, .. } => (FindingKind::FileCut, *position, reason.clone()),
        ArchiveError::Io { .. }
        | ArchiveError::None(_)
        | ArchiveError::Foreign { .. }
        | ArchiveError::Head { .. }
        | ArchiveError::Forked { .. }
        | ArchiveError::Shorter { .. }
        | ArchiveError::OtherKey { .. }
        | ArchiveError::Order { .. }
        | ArchiveError::Unreadable(_)
        | ArchiveError::Block { .. } => (FindingKind::FileCut, Position(position), with_sources(error)),
    };
    Finding {
        position,
        kind,
        file: Some(name),
        stream: None,
        detail,
    }
}
