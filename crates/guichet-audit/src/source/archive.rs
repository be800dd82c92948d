//! An archive as a log to look into.

use std::collections::BTreeSet;
use std::path::Path;

use guichet_core::id::{Position, StreamId};
use guichet_log::archive::{Archive, ArchiveError, BUNDLE_RECORDS};
use guichet_log::merkle::proof::root_of;
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

/// An archive that cannot be read or written, told with the way out.
#[must_use]
pub fn failure(error: &ArchiveError) -> Failure {
    match error {
        ArchiveError::Io { .. } => Failure::store("archive_io", "the archive cannot be read or written")
            .help("look at the rights on the folder, and at the room on the disk; what was sealed before stands")
            .zh(
                "归档无法读写",
                Some("检查文件夹权限和磁盘空间；此前已签署的部分不受影响"),
            ),
        ArchiveError::None(_) => Failure::store("no_archive", "there is no archive")
            .help("look at the folder; `guichet archive --data DIR --to ARCHIVE` writes one")
            .zh(
                "没有归档",
                Some("检查文件夹；`guichet archive --data DIR --to ARCHIVE` 可写出归档"),
            ),
        ArchiveError::Foreign { .. } => Failure::usage("foreign_folder", "the folder is no archive and is not empty")
            .help("name an empty folder, or one that does not exist yet; nothing in this one was touched")
            .zh(
                "该文件夹不是归档，且不为空",
                Some("请指定空文件夹或尚不存在的文件夹；此文件夹未作任何改动"),
            ),
        ArchiveError::OtherKey { .. } => Failure::config("other_key", "the archive is of another log")
            .help("name another folder with --to, or the key with which this archive was begun with --key")
            .zh(
                "该归档属于另一日志",
                Some("用 --to 指定其他文件夹，或用 --key 指定该归档原有的密钥"),
            ),
        ArchiveError::Forked { .. } | ArchiveError::Shorter { .. } => {
            Failure::integrity("other_history", "the log and its archive tell different histories")
                .help("keep both as they are; ask whoever supervises the centre which head they hold")
                .zh(
                    "日志与其归档的历史不一致",
                    Some("保留两者原样；向监督人员核对其持有的签署头"),
                )
        }
        ArchiveError::Head { .. }
        | ArchiveError::Missing { .. }
        | ArchiveError::Damaged { .. }
        | ArchiveError::Order { .. }
        | ArchiveError::Unreadable(_)
        | ArchiveError::Block { .. } => {
            Failure::integrity("archive_damaged", "the archive is damaged, and was left as it is")
                .help("`guichet-audit verify --archive DIR` names every damaged place; write the archive anew to another folder")
                .zh(
                    "归档已损坏，未作任何改动",
                    Some("`guichet-audit verify --archive DIR` 逐处列出损坏；请将归档重新写入另一文件夹"),
                )
        }
    }
    .because_of(error)
}

impl Source for Archive {
    fn end(&self) -> Position {
        Self::end(self)
    }

    fn records(&self, from: Position) -> Records<'_> {
        Box::new(Self::records(self, from).map(|read| read.map_err(|error| failure(&error))))
    }

    fn root(&self, position: Position) -> Option<String> {
        let is_known = position <= Self::end(self);
        let root = is_known.then(|| root_of(&mut &*self, 0, position.0).ok());
        root.flatten().map(|root| root.to_string())
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
