//! Reading an archive: nothing is handed out that does not lead to the root of the newest head.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guichet_core::id::Position;

use super::layout::{self, BUNDLE_RECORDS, Bundle, CHECKPOINT, HEADS, KEY, Tile, bundle_path, head_path};
use super::{ArchiveError, layout::packed};
use crate::merkle::proof::{Leaves, Node, Nodes, root_of};
use crate::merkle::{Frontier, Hash};
use crate::note::{Note, PublicKey};
use crate::projection::{Recorded, Unreadable};
use crate::record::RecordRef;
use crate::sealed_head::{SealedHead, SealedHeadError};

/// The hashes of tiles by level and place.
type Tiles = BTreeMap<(u8, u64), Arc<Vec<Hash>>>;

/// An archive as its newest head describes it. What is written to it later is not seen before it is opened again.
///
/// Every hash and record that it gives was checked against the root in that head. Whether the head itself can be trusted is
/// asked of its [`note`](Archive::note) with a public key.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    note: Note,
    head: SealedHead,
    /// Tiles that were read and checked. Those above the leaves stay, and are one for 65,536 records.
    tiles: Mutex<Tiles>,
}

impl Archive {
    /// Opens an archive by its newest head, and checks the hashes that make up its root.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when there is none, or when its right edge does not have the root that its head states.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, ArchiveError> {
        let dir = dir.into();
        let path = dir.join(CHECKPOINT);
        let Some(note) = read_note(&path)? else {
            return Err(ArchiveError::None(dir));
        };
        Self::at(dir, note, &path)
    }

    /// The archive as an earlier head describes it.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when the archive has no such head, or its files do not have the root that it states.
    pub fn open_at(dir: impl Into<PathBuf>, size: u64) -> Result<Self, ArchiveError> {
        let dir = dir.into();
        let path = dir.join(head_path(size));
        let Some(note) = read_note(&path)? else {
            return Err(ArchiveError::Missing {
                path,
                position: Position(size),
            });
        };
        Self::at(dir, note, &path)
    }

    /// The archive as its newest head describes it, without a check of anything: for whoever looks for what is wrong, with
    /// [`raw_tile`](Archive::raw_tile) and [`raw_bundle`](Archive::raw_bundle).
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when there is no head.
    pub fn open_unchecked(dir: impl Into<PathBuf>) -> Result<Self, ArchiveError> {
        let dir = dir.into();
        let path = dir.join(CHECKPOINT);
        let Some(note) = read_note(&path)? else {
            return Err(ArchiveError::None(dir));
        };
        Self::unchecked(dir, note, &path)
    }

    fn unchecked(dir: PathBuf, note: Note, path: &Path) -> Result<Self, ArchiveError> {
        let head = SealedHead::of_text(note.unverified()).map_err(|source| ArchiveError::Head {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            dir,
            note,
            head,
            tiles: Mutex::default(),
        })
    }

    fn at(dir: PathBuf, note: Note, path: &Path) -> Result<Self, ArchiveError> {
        let archive = Self::unchecked(dir, note, path)?;
        let root = root_of(&mut Edge(&archive), 0, archive.head.size)?;
        if root == archive.head.root {
            return Ok(archive);
        }
        let reason = format!(
            "the hashes of the tree lead to the root {root}, and the head states {}",
            archive.head.root
        );
        Err(ArchiveError::damaged(path, archive.head.size, reason))
    }

    /// The archive's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The head with its signatures.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// What the head says.
    #[must_use]
    pub const fn head(&self) -> &SealedHead {
        &self.head
    }

    /// One past the last record.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position(self.head.size)
    }

    /// The public key of the log, as the archive itself tells it: good enough to know which key to ask for, not to trust.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when the file is missing, or holds no key.
    pub fn stated_key(&self) -> Result<PublicKey, ArchiveError> {
        let path = self.dir.join(KEY);
        let text = fs::read_to_string(&path).map_err(|source| ArchiveError::io(&path, "read", source))?;
        text.trim_end()
            .parse()
            .map_err(|error| ArchiveError::damaged(path, 0, format!("it holds no public key: {error}")))
    }

    /// The sizes of all sealed heads that the archive keeps, from the first.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when a folder cannot be read.
    pub fn heads(&self) -> Result<Vec<u64>, ArchiveError> {
        let root = self.dir.join(HEADS);
        let files = files_below(&root)?;
        let sizes = files
            .iter()
            .filter_map(|path| layout::of_threes(path.strip_prefix(&root).ok()?));
        let mut sizes: Vec<_> = sizes.collect();
        sizes.sort_unstable();
        Ok(sizes)
    }

    /// The files that are not full, and that the newest head or an earlier one needs: each with its tile, or the one whose
    /// records it holds, and whether it holds records.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when a folder cannot be read.
    pub fn unfinished(&self) -> Result<Vec<(Tile, bool)>, ArchiveError> {
        let files = files_below(&self.dir.join("tile"))?;
        let unfinished = files
            .iter()
            .filter_map(|path| layout::of_unfinished(path.strip_prefix(&self.dir).ok()?));
        let mut unfinished: Vec<_> = unfinished.collect();
        unfinished.sort_unstable();
        Ok(unfinished)
    }

    /// A sealed head by its size; nothing when the archive has none of that size.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when it cannot be read, or is no signed note.
    pub fn head_note(&self, size: u64) -> Result<Option<Note>, ArchiveError> {
        read_note(&self.dir.join(head_path(size)))
    }

    /// The hashes of a tile, which were checked against the root.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when it is missing or damaged.
    pub fn tile(&self, level: u8, index: u64) -> Result<Arc<Vec<Hash>>, ArchiveError> {
        if let Some(known) = self.known(level, index) {
            return Ok(known);
        }
        let (tile, hashes) = self.read_tile(level, index)?;
        // The tiles at the right edge were checked when the archive was opened; any other is full and has a place above.
        if tile.is_full() {
            let above = self.tile(level + 1, index / BUNDLE_RECORDS)?;
            let place = usize::try_from(index % BUNDLE_RECORDS).unwrap_or_default();
            let computed = root_of(&mut Leaves(hashes.clone()), 0, BUNDLE_RECORDS);
            if computed.ok().as_ref() != above.get(place) {
                let path = self.dir.join(tile.path());
                return Err(ArchiveError::damaged(
                    path,
                    tile.first_record(),
                    "its hashes do not lead to the root of the head",
                ));
            }
        }
        Ok(self.keep(level, index, hashes))
    }

    fn known(&self, level: u8, index: u64) -> Option<Arc<Vec<Hash>>> {
        self.tiles().get(&(level, index)).cloned()
    }

    fn keep(&self, level: u8, index: u64, hashes: Vec<Hash>) -> Arc<Vec<Hash>> {
        let hashes = Arc::new(hashes);
        let mut tiles = self.tiles();
        if level == 0 {
            // A reader goes from one to the next: the last one is enough.
            tiles.retain(|(level, _), _| *level > 0);
        }
        tiles.insert((level, index), Arc::clone(&hashes));
        hashes
    }

    fn tiles(&self) -> MutexGuard<'_, Tiles> {
        // It changes by single inserts, so it is whole after a panic.
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hashes of a tile as they stand in its file, whether they lead to the root or not.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when it is missing, or has too few hashes.
    pub fn raw_tile(&self, tile: Tile) -> Result<Vec<Hash>, ArchiveError> {
        Ok(self.read_tile(tile.level, tile.index)?.1)
    }

    /// The hashes of a tile as they stand in its file.
    fn read_tile(&self, level: u8, index: u64) -> Result<(Tile, Vec<Hash>), ArchiveError> {
        let Some(tile) = Tile::at(level, index, self.head.size) else {
            let reason = format!("the tree of {} records has no such tile", self.head.size);
            let path = Tile {
                level,
                index,
                width: 256,
            }
            .path();
            return Err(ArchiveError::damaged(path, self.head.size, reason));
        };
        let (path, bytes) = self.read(|width| Tile { width, ..tile }.path(), tile)?;
        let width = usize::from(tile.width);
        let hashes = layout::hashes(&bytes).filter(|hashes| hashes.len() >= width);
        let mut hashes = hashes.ok_or_else(|| {
            let reason = format!("it has {} bytes, and {} were expected", bytes.len(), width * 32);
            ArchiveError::damaged(path, tile.first_record(), reason)
        })?;
        hashes.truncate(width);
        Ok((tile, hashes))
    }

    /// The bytes of a file that may have grown since the head was sealed: of the width that the head knows, or full.
    fn read(&self, path: impl Fn(u16) -> PathBuf, tile: Tile) -> Result<(PathBuf, Vec<u8>), ArchiveError> {
        for width in [256, tile.width] {
            let path = self.dir.join(path(width));
            let bytes = layout::read(&path).map_err(|source| ArchiveError::io(&path, "read", source))?;
            if let Some(bytes) = bytes {
                return Ok((path, bytes));
            }
        }
        Err(ArchiveError::Missing {
            path: self.dir.join(path(tile.width)),
            position: Position(tile.first_record()),
        })
    }

    /// How many files of records the head covers.
    #[must_use]
    pub const fn bundles(&self) -> u64 {
        self.head.size.div_ceil(BUNDLE_RECORDS)
    }

    /// The records of a file, as their bytes stand there, whether they lead to the root or not. A file that has grown since
    /// the head was sealed is cut to what the head covers.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when it is missing, or has too few records.
    pub fn raw_bundle(&self, index: u64) -> Result<Bundle, ArchiveError> {
        let Some(tile) = Tile::at(0, index, self.head.size) else {
            let reason = format!("the log of {} records has no such file", self.head.size);
            return Err(ArchiveError::damaged(
                bundle_path(index, 256),
                self.head.size,
                reason,
            ));
        };
        let (path, bytes) = self.read(|width| bundle_path(index, width), tile)?;
        let whole = Bundle::parse(bytes).map_err(|whole| {
            let position = tile.first_record().saturating_add(whole as u64);
            ArchiveError::damaged(&path, position, "the file ends within this record")
        })?;
        let width = usize::from(tile.width);
        if whole.len() < width {
            let position = tile.first_record().saturating_add(whole.len() as u64);
            let reason = format!("it has {} records, and {width} were expected", whole.len());
            return Err(ArchiveError::damaged(path, position, reason));
        }
        Ok(whole.cut(width))
    }

    /// The records of a file, checked against the root.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when it is missing or damaged; the position is that of the first record that is not right.
    pub fn bundle(&self, index: u64) -> Result<Bundle, ArchiveError> {
        let bundle = self.raw_bundle(index)?;
        let leaves = self.tile(0, index)?;
        for (place, (record, leaf)) in bundle.records().zip(leaves.iter()).enumerate() {
            if Hash::of_leaf(record) != *leaf {
                let width = Tile::at(0, index, self.head.size).map_or(256, |tile| tile.width);
                return Err(ArchiveError::damaged(
                    self.dir.join(bundle_path(index, width)),
                    index * BUNDLE_RECORDS + place as u64,
                    "the record's hash is not the one in the tree",
                ));
            }
        }
        Ok(bundle)
    }

    /// The stored bytes of a record, checked against the root; nothing past the end.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when its file is missing or damaged.
    pub fn record(&self, position: Position) -> Result<Option<Vec<u8>>, ArchiveError> {
        if position >= self.end() {
            return Ok(None);
        }
        let bundle = self.bundle(position.0 / BUNDLE_RECORDS)?;
        let place = usize::try_from(position.0 % BUNDLE_RECORDS).unwrap_or_default();
        Ok(bundle.record(place).map(<[u8]>::to_vec))
    }

    /// The records from a position on, each checked against the root. It ends after the first that cannot be read.
    #[must_use]
    pub const fn records(&self, from: Position) -> Records<'_> {
        Records {
            archive: self,
            next: from,
            bundle: None,
        }
    }

    /// The frontier of the tree at this head: what a log goes on from.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when a tile cannot be read.
    pub fn frontier(&self) -> Result<Frontier, ArchiveError> {
        let size = self.head.size;
        let mut roots = Vec::new();
        let mut end = 0_u64;
        for level in (0..64_u8).rev().filter(|level| size >> level & 1 == 1) {
            let start = end;
            end += 1 << level;
            roots.push((&mut &*self).hash(Node {
                level,
                index: start >> level,
            })?);
        }
        Ok(Frontier::from_roots(size, roots).unwrap_or_default())
    }
}

/// The hashes of tiles, checked.
impl Nodes for &Archive {
    type Error = ArchiveError;

    fn hash(&mut self, node: Node) -> Result<Hash, ArchiveError> {
        node_of(node, |level, index| self.tile(level, index))
    }
}

/// The hashes of the tiles at the right edge of the tree, before they are checked: they are what is checked first.
struct Edge<'a>(&'a Archive);

impl Nodes for Edge<'_> {
    type Error = ArchiveError;

    fn hash(&mut self, node: Node) -> Result<Hash, ArchiveError> {
        node_of(node, |level, index| match self.0.known(level, index) {
            Some(known) => Ok(known),
            None => Ok(self.0.keep(level, index, self.0.read_tile(level, index)?.1)),
        })
    }
}

/// The hash of a node, out of the tile that holds the hashes below it.
fn node_of(
    node: Node,
    tile: impl FnOnce(u8, u64) -> Result<Arc<Vec<Hash>>, ArchiveError>,
) -> Result<Hash, ArchiveError> {
    let (level, within) = (node.level / 8, node.level % 8);
    let first = node.index.checked_shl(u32::from(within)).unwrap_or(u64::MAX);
    let hashes = tile(level, first / BUNDLE_RECORDS)?;
    let start = first % BUNDLE_RECORDS;
    let below = usize::try_from(start)
        .ok()
        .and_then(|start| hashes.get(start..start + (1 << within)));
    let below = below.map(|below| Leaves(below.to_vec()));
    let root = below.and_then(|mut below| root_of(&mut below, 0, 1 << within).ok());
    root.ok_or_else(|| {
        let path = Tile {
            level,
            index: first / BUNDLE_RECORDS,
            width: 256,
        }
        .path();
        ArchiveError::damaged(path, 0, "the tree has no such node")
    })
}

impl Bundle {
    /// The first records alone.
    fn cut(self, records: usize) -> Self {
        if self.len() == records {
            return self;
        }
        let bytes = self
            .records()
            .take(records)
            .fold(Vec::new(), |mut bytes, record| {
                push_entry(&mut bytes, record);
                bytes
            });
        Self::parse(bytes).unwrap_or(self)
    }
}

/// Adds a record to the bytes of a file.
pub(super) fn push_entry(bytes: &mut Vec<u8>, record: &[u8]) {
    // A record keeps to a bound that two bytes can count, which the layout checks when it is compiled.
    let length = u16::try_from(record.len()).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(record);
}

/// Every file below a folder; none when there is no such folder.
fn files_below(root: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| ArchiveError::io(&folder, "read", source);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}

fn read_note(path: &Path) -> Result<Option<Note>, ArchiveError> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(|source| ArchiveError::io(path, "read", source))?,
    };
    let note = Note::parse(&bytes).map_err(|source| ArchiveError::Head {
        path: path.to_owned(),
        source: SealedHeadError::Note(source),
    })?;
    Ok(Some(note))
}

/// The records of an archive, one after the other.
#[derive(Debug)]
pub struct Records<'a> {
    archive: &'a Archive,
    next: Position,
    bundle: Option<Bundle>,
}

impl Iterator for Records<'_> {
    type Item = Result<Recorded, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.archive.end() {
            return None;
        }
        let place = usize::try_from(self.next.0 % BUNDLE_RECORDS).unwrap_or_default();
        if place == 0 || self.bundle.is_none() {
            match self.archive.bundle(self.next.0 / BUNDLE_RECORDS) {
                Ok(bundle) => self.bundle = Some(bundle),
                Err(error) => return Some(Err(self.end_with(error))),
            }
        }
        let bytes = self.bundle.as_ref().and_then(|bundle| bundle.record(place));
        let position = self.next;
        let read = RecordRef::parse(bytes.unwrap_or_default()).map_err(|cause| Unreadable {
            position,
            cause: cause.into(),
        });
        match read.and_then(|record| Recorded::of_ref(&record)) {
            Ok(recorded) => {
                self.next = position.next();
                Some(Ok(recorded))
            }
            Err(error) => Some(Err(self.end_with(error.into()))),
        }
    }
}

impl Records<'_> {
    fn end_with(&mut self, error: ArchiveError) -> ArchiveError {
        self.next = self.archive.end();
        error
    }
}

/// Packs a full file with gzip, if it is not packed yet. A reader finds one of the two at any moment.
///
/// # Errors
///
/// [`ArchiveError`] when it cannot be read or written.
pub(super) fn pack(path: &Path) -> Result<bool, ArchiveError> {
    use std::io::Write as _;

    let target = packed(path);
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        bytes => bytes.map_err(|source| ArchiveError::io(path, "read", source))?,
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let gzip = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let gzip = gzip.map_err(|source| ArchiveError::io(&target, "packed", source))?;
    super::writer::write_file(&target, &gzip)?;
    fs::remove_file(path).map_err(|source| ArchiveError::io(path, "removed", source))?;
    Ok(true)
}
