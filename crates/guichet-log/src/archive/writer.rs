//! Writing an archive as the log grows: files first, synced, and then the head that covers them.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use guichet_core::id::Position;

use super::ArchiveError;
use super::layout::{BUNDLE_RECORDS, CHECKPOINT, HEADS, KEY, Tile, TileStack, bundle_path, head_path};
use super::reader::{Archive, pack, push_entry};
use crate::block::Block;
use crate::merkle::{Frontier, Hash};
use crate::note::{PrivateKey, PublicKey};
use crate::projection::Unreadable;
use crate::record::RecordRef;
use crate::sealed_head::SealedHead;
use crate::stream_map::StreamMap;

/// Files that a record filled: tiles, from the leaves upwards, and the records below the first.
#[derive(Debug)]
struct Full {
    tiles: Vec<(Tile, Vec<Hash>)>,
    bundle: Vec<u8>,
}

/// What writes an archive. One at a time writes to a folder.
///
/// It grows its own tree from the records that it writes, and signs no root but that tree's.
#[derive(Debug)]
pub struct ArchiveWriter {
    dir: PathBuf,
    frontier: Frontier,
    streams: StreamMap,
    tiles: TileStack,
    /// The bytes of the unfinished file of records.
    bundle: Vec<u8>,
    head: Option<SealedHead>,
}

impl ArchiveWriter {
    /// Goes on with the archive in a folder, or begins one there. What is there is read whole and checked, since the stream
    /// map follows from it.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when what is there cannot be read or is not what its newest head says, or is signed by another key.
    pub fn open(dir: impl Into<PathBuf>, key: &PublicKey) -> Result<Self, ArchiveError> {
        let dir = dir.into();
        let mut writer = Self {
            dir,
            frontier: Frontier::default(),
            streams: StreamMap::default(),
            tiles: TileStack::default(),
            bundle: Vec::new(),
            head: None,
        };
        match Archive::open(&writer.dir) {
            Err(ArchiveError::None(_)) => {
                nothing_foreign(&writer.dir)?;
                fs::create_dir_all(&writer.dir)
                    .map_err(|source| ArchiveError::io(&writer.dir, "made", source))?;
                write_file(&writer.dir.join(KEY), format!("{key}\n").as_bytes())?;
            }
            Err(error) => return Err(error),
            Ok(archive) => writer.take_over(&archive, key)?,
        }
        Ok(writer)
    }

    fn take_over(&mut self, archive: &Archive, key: &PublicKey) -> Result<(), ArchiveError> {
        let head = archive.head();
        if head.origin != key.name() {
            return Err(ArchiveError::OtherKey {
                archived: head.origin.clone(),
                key: key.name().to_owned(),
            });
        }
        SealedHead::verified(archive.note(), key).map_err(|source| ArchiveError::Head {
            path: self.dir.join(CHECKPOINT),
            source,
        })?;
        for index in 0..archive.bundles() {
            for record in archive.bundle(index)?.records() {
                self.take(record)?;
            }
        }
        if self.streams.root() != head.streams_root {
            return Err(ArchiveError::damaged(
                self.dir.join(CHECKPOINT),
                head.size,
                "the head states other ends of streams than the records have",
            ));
        }
        self.head = Some(head.clone());
        Ok(())
    }

    /// The archive's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// One past the last record that was taken; those after the newest head are not sealed yet.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position(self.frontier.size())
    }

    /// The newest head.
    #[must_use]
    pub const fn head(&self) -> Option<&SealedHead> {
        self.head.as_ref()
    }

    /// Where every stream ends, as far as records were taken.
    #[must_use]
    pub const fn streams(&self) -> &StreamMap {
        &self.streams
    }

    /// Takes a block of the log in, as far as it is new. The tree that follows must be the one that the block states.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Forked`] when it is not, so that nothing after it can be sealed; others when a record is not right or
    /// a file cannot be written.
    pub fn push_block(&mut self, block: &Block) -> Result<(), ArchiveError> {
        if block.first() > self.end() || block.end() < self.end() {
            return Err(ArchiveError::Order {
                expected: self.end(),
                found: block.first(),
            });
        }
        for position in self.end().0..block.end().0 {
            let record = block.stored(Position(position)).unwrap_or_default();
            if let Some(full) = self.take(record)? {
                self.write_full(&full)?;
            }
        }
        if self.frontier == *block.frontier() {
            return Ok(());
        }
        Err(ArchiveError::Forked {
            position: block.end(),
            archived: self.frontier.root(),
            logged: block.frontier().root(),
        })
    }

    /// Takes a record in; what it filled.
    fn take(&mut self, record: &[u8]) -> Result<Option<Full>, ArchiveError> {
        let position = self.end();
        let read = RecordRef::parse(record).map_err(|cause| Unreadable {
            position,
            cause: cause.into(),
        })?;
        if read.place.position != position {
            return Err(ArchiveError::Order {
                expected: position,
                found: read.place.position,
            });
        }
        let leaf = Hash::of_leaf(record);
        self.frontier.push(leaf);
        self.streams.add_named(read.stream, leaf);
        push_entry(&mut self.bundle, record);
        let tiles = self.tiles.push(leaf);
        Ok((!tiles.is_empty()).then(|| Full {
            bundle: std::mem::take(&mut self.bundle),
            tiles,
        }))
    }

    fn write_full(&self, full: &Full) -> Result<(), ArchiveError> {
        for (tile, hashes) in &full.tiles {
            let path = self.dir.join(tile.path());
            write_file(&path, &bytes_of(hashes))?;
            forget_partial(&path);
            if tile.level == 0 {
                let path = self.dir.join(bundle_path(tile.index, tile.width));
                write_file(&path, &full.bundle)?;
                forget_partial(&path);
            }
        }
        Ok(())
    }

    /// Writes what is not in a full file yet, syncs everything, and seals it with a head. The newest head again, when
    /// nothing has come since.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when a file cannot be written. The earlier head then stands.
    pub fn seal(&mut self, key: &PrivateKey) -> Result<SealedHead, ArchiveError> {
        if let Some(head) = self
            .head
            .as_ref()
            .filter(|head| head.size == self.frontier.size())
        {
            return Ok(head.clone());
        }
        self.write_partial()?;
        let head = SealedHead {
            origin: key.public().name().to_owned(),
            size: self.frontier.size(),
            root: self.frontier.root(),
            streams: self.streams.streams(),
            streams_root: self.streams.root(),
        };
        let path = self.dir.join(CHECKPOINT);
        let note = head.sign(key).map_err(|source| ArchiveError::Head {
            path: path.clone(),
            source,
        })?;
        let note = note.to_string();
        write_file(&self.dir.join(head_path(head.size)), note.as_bytes())?;
        sync(&self.dir)?;
        write_file(&path, note.as_bytes())?;
        sync(&self.dir)?;
        self.head = Some(head.clone());
        Ok(head)
    }

    fn write_partial(&self) -> Result<(), ArchiveError> {
        for (tile, hashes) in self.tiles.unfinished() {
            write_file(&self.dir.join(tile.path()), &bytes_of(hashes))?;
            if tile.level == 0 {
                write_file(&self.dir.join(bundle_path(tile.index, tile.width)), &self.bundle)?;
            }
        }
        Ok(())
    }

    /// Packs the full files of records with gzip; how many were. They shrink to about a third, and readers unpack them.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when a file cannot be read or written.
    pub fn pack(&self) -> Result<u64, ArchiveError> {
        let full = self.head.as_ref().map_or(0, |head| head.size / BUNDLE_RECORDS);
        let mut packed = 0;
        for index in 0..full {
            packed += u64::from(pack(&self.dir.join(bundle_path(index, 256)))?);
        }
        sync(&self.dir)?;
        Ok(packed)
    }
}

/// Whether a folder without a head is empty, or holds what a writer that was stopped before its first head left.
fn nothing_foreign(dir: &Path) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::io(dir, "read", source);
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let found = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let own = [KEY, HEADS, "tile"]
            .iter()
            .any(|own| found.strip_suffix(".new").unwrap_or(&found) == *own);
        if !own {
            return Err(ArchiveError::Foreign {
                dir: dir.to_owned(),
                found,
            });
        }
    }
    Ok(())
}

fn bytes_of(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Writes a file aside and gives it its name when it is whole.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::io(path, "written", source);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = PathBuf::from(aside);
    File::create(&aside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&aside, path))
        .map_err(failed)
}

/// Removes the unfinished forms of a file that is full now. A reader that looks for one finds the full one.
fn forget_partial(path: &Path) {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".p");
    // What cannot be removed is in nobody's way.
    let _ = fs::remove_dir_all(PathBuf::from(partial));
}

/// Waits until everything that was written is on disk: files, names and folders.
fn sync(dir: &Path) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::io(dir, "synced", source);
    let folder = File::open(dir).map_err(failed)?;
    // One call for thousands of small files, where syncing each would wait for each.
    rustix::fs::syncfs(&folder).map_err(|error| failed(error.into()))
}
