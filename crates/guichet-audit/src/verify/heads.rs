//! The heads: each is signed, and each is the head of this history.

use guichet_core::id::Position;
use guichet_log::archive::{Archive, ArchiveError, CHECKPOINT, head_path};
use guichet_log::log::with_sources;
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::note::Note;
use guichet_log::sealed_head::SealedHead;

use super::chain::Chain;
use super::{Against, Finding, FindingKind, Found};

/// The heads that the records are compared with, by size.
pub(super) struct Heads {
    /// The greatest last, so that the next one is taken from the end.
    waiting: Vec<Waiting>,
    archived: u64,
    kept: u64,
    signed: bool,
}

struct Waiting {
    head: SealedHead,
    file: String,
    kept: bool,
}

impl Heads {
    /// Those that were kept earlier.
    pub(super) fn kept_earlier(against: &Against, found: &mut Found) -> Self {
        let mut heads = Self {
            waiting: Vec::new(),
            archived: 0,
            kept: 0,
            signed: false,
        };
        for (path, note) in &against.kept {
            heads.add(note, path.display().to_string(), true, against, found);
        }
        heads.sort();
        heads
    }

    /// The same, and those of an archive.
    pub(super) fn of_archive(
        archive: &Archive,
        against: &Against,
        found: &mut Found,
    ) -> Result<Self, ArchiveError> {
        let mut heads = Self::kept_earlier(against, found);
        let newest = archive.head().size;
        heads.signed =
            heads.add(archive.note(), CHECKPOINT.to_owned(), false, against, found) && against.key.is_some();
        for size in archive.heads()? {
            let name = head_path(size).display().to_string();
            match archive.head_note(size) {
                Ok(Some(note)) if size <= newest && note != *archive.note() => {
                    heads.add(&note, name, false, against, found);
                }
                // The newest one again; or one past it, of a writer that stopped before it could say so.
                Ok(_) => {}
                Err(error) => found.add(unreadable(name, with_sources(&error))),
            }
        }
        heads.sort();
        Ok(heads)
    }

    fn sort(&mut self) {
        self.waiting
            .sort_by(|a, b| (b.head.size, &b.file).cmp(&(a.head.size, &a.file)));
    }

    /// Whether it is a head that may be believed.
    fn add(&mut self, note: &Note, file: String, kept: bool, against: &Against, found: &mut Found) -> bool {
        let head = match SealedHead::of_text(note.unverified()) {
            Ok(head) => head,
            Err(error) => {
                found.add(unreadable(file, error.to_string()));
                return false;
            }
        };
        let checked = against.key.as_ref().map(|key| SealedHead::verified(note, key));
        let signed = match checked {
            Some(Err(error)) => {
                found.add(Finding {
                    position: Position(head.size),
                    kind: FindingKind::HeadNotSigned,
                    file: Some(file.clone()),
                    stream: None,
                    detail: error.to_string(),
                });
                false
            }
            Some(Ok(_)) | None => true,
        };
        if kept {
            self.kept += 1;
        } else {
            self.archived += 1;
        }
        self.waiting.push(Waiting { head, file, kept });
        signed
    }

    pub(super) const fn archived(&self) -> u64 {
        self.archived
    }

    pub(super) const fn kept(&self) -> u64 {
        self.kept
    }

    pub(super) const fn signature_checked(&self) -> bool {
        self.signed
    }

    /// Passes over the heads of sizes below this one: what they cover is not all there, so they cannot be compared.
    pub(super) fn pass(&mut self, size: u64, found: &mut Found) {
        while let Some(Waiting { head, file, .. }) = self.waiting.pop_if(|waiting| waiting.head.size < size) {
            found.add(Finding {
                position: Position(head.size),
                kind: FindingKind::KeptHeadDiffers,
                file: Some(file),
                stream: None,
                detail: "records before it are missing or cannot be read, so the head cannot be compared with them"
                    .to_owned(),
            });
        }
    }

    /// The size of the next head that is to be compared.
    pub(super) fn next_size(&self) -> Option<u64> {
        self.waiting.last().map(|waiting| waiting.head.size)
    }

    /// Compares the heads of the size that the tree has now.
    pub(super) fn compare(&mut self, tree: &Frontier, chain: &mut Chain, found: &mut Found) {
        let mut roots: Option<(Hash, Hash)> = None;
        while let Some(waiting) = self.waiting.pop_if(|waiting| waiting.head.size == tree.size()) {
            let (root, streams_root) = *roots.get_or_insert_with(|| (tree.root(), chain.root()));
            let Waiting { head, file, kept } = waiting;
            let finding = |kind, detail| Finding {
                position: Position(head.size),
                kind,
                file: Some(file.clone()),
                stream: None,
                detail,
            };
            if head.root != root {
                let kind = if kept {
                    FindingKind::KeptHeadDiffers
                } else {
                    FindingKind::RootDiffers
                };
                let detail = format!(
                    "the head states the root {} over the first {} records, and they have {root}",
                    head.root, head.size
                );
                found.add(finding(kind, detail));
            }
            if (head.streams, head.streams_root) != (chain.streams(), streams_root) {
                let detail = format!(
                    "the head states {} streams with the root {}, and there are {} with {streams_root}",
                    head.streams,
                    head.streams_root,
                    chain.streams()
                );
                found.add(finding(FindingKind::StreamsDiffer, detail));
            }
        }
    }

    /// Heads that the log does not reach.
    pub(super) fn finish(&mut self, end: u64, found: &mut Found) {
        for Waiting { head, file, .. } in self.waiting.drain(..) {
            found.add(Finding {
                position: Position(end),
                kind: FindingKind::Shorter,
                file: Some(file),
                stream: None,
                detail: format!(
                    "the head covers {} records, and the log ends at {end}: what came after was cut off, or this is an older copy",
                    head.size
                ),
            });
        }
    }
}

fn unreadable(file: String, detail: String) -> Finding {
    Finding {
        position: Position::START,
        kind: FindingKind::HeadUnreadable,
        file: Some(file),
        stream: None,
        detail,
    }
}
