//! An archive as a log to look into.

use std::collections::BTreeSet;
use std::path::Path;

use guichet_core::id::{Position, StreamId};
use guichet_log::archive::{Archive, ArchiveError, BUNDLE_RECORDS};
use guichet_log::projection::{Recorded, Unreadable};
use guichet_log::record::RecordRef;
use guichet_terminal::context::Failure;

use super::{Records, Source};

/// Opens the archive in a folder, as its newest head describes it.
///
/// # Errors
///
/// [`Failure`] when there is none, or it is damaged.
pub fn open(dir: &Path) -> Result<Archive, Failure> {
    Archive::open(dir).map_err(|error| failure(&error))
}

/// How an archive that cannot be read is told.
#[must_use]
pub fn failure(error: &ArchiveError) -> Failure {
    match error {
        ArchiveError::None(dir) => Failure::store(
            "no_archive",
            format!("there is no archive in `{}`", dir.display()),
        )
        .because("it has no file `checkpoint`")
        .help("look at --archive; the engine writes one, or `guichet archive --data DIR --to DIR`")
        .zh(
            format!("`{}` 中没有归档", dir.display()),
            Some("检查 --archive；归档由引擎写出，或用 `guichet archive --data DIR --to DIR`"),
        ),
        ArchiveError::Io { path, source, .. } => Failure::store("file", error.to_string())
            .zh(format!("无法读取 `{}`", path.display()), None)
            .because(source.to_string()),
        ArchiveError::Head { .. }
        | ArchiveError::Missing { .. }
        | ArchiveError::Damaged { .. }
        | ArchiveError::Forked { .. }
        | ArchiveError::Shorter { .. }
        | ArchiveError::OtherKey { .. }
        | ArchiveError::Order { .. }
        | ArchiveError::Unreadable(_)
        | ArchiveError::Block { .. } => Failure::integrity(
            "archive_damaged",
            "the archive is damaged, or was copied in part",
        )
        .help("`guichet-audit verify` names every damaged place; compare with another copy of the archive")
        .zh(
            "归档已损坏，或复制不完整",
            Some("`guichet-audit verify` 逐处列出损坏；请与归档的另一份副本比对"),
        )
        .because_of(error),
    }
}

impl Source for Archive {
    fn end(&self) -> Position {
        Self::end(self)
    }

    fn records(&self, from: Position) -> Records<'_> {
        Box::new(Self::records(self, from).map(|read| read.map_err(|error| failure(&error))))
    }

    /// Every record is checked against the root, and only those of the streams are decoded.
    fn streams(&self, streams: &BTreeSet<StreamId>) -> Result<Vec<Recorded>, Failure> {
        let names: BTreeSet<&str> = streams.iter().map(StreamId::as_str).collect();
        let mut found = Vec::new();
        for index in 0..self.bundles() {
            let bundle = self.bundle(index).map_err(|error| failure(&error))?;
            for (position, bytes) in (index * BUNDLE_RECORDS..).map(Position).zip(bundle.records()) {
                let unreadable = |cause| failure(&ArchiveError::Unreadable(Unreadable { position, cause }));
                let record = RecordRef::parse(bytes).map_err(|error| unreadable(error.into()))?;
                if names.contains(record.stream) {
                    let recorded = Recorded::of_ref(&record).map_err(|error| failure(&error.into()))?;
                    found.push(recorded);
                }
            }
        }
        Ok(found)
    }
}
