//! Where in an archive what stands, and the bytes of its files.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use crate::merkle::{Frontier, Hash};
use crate::record::RECORD_BYTES_MAX;

/// The file with the newest sealed head.
pub const CHECKPOINT: &str = "checkpoint";

/// The folder of all sealed heads.
pub const HEADS: &str = "heads";

/// The file with the public key, as the archive itself tells it.
pub const KEY: &str = "log.key";

/// How many records one file holds, and how many hashes one tile: fixed by tlog-tiles.
pub const BUNDLE_RECORDS: u64 = 256;

/// The largest file of an archive once it is unpacked.
const FILE_BYTES_MAX: u64 = BUNDLE_RECORDS * (RECORD_BYTES_MAX as u64 + 2);

// The length before each record has two bytes.
const _: () = assert!(RECORD_BYTES_MAX <= u16::MAX as usize);

/// A tile: up to 256 neighbouring hashes of one level, where a level of tiles is eight levels of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// The level, from 0 for the leaves.
    pub level: u8,
    /// The tile's place in its level, from 0.
    pub index: u64,
    /// How many hashes it has: 256 when it is full.
    pub width: u16,
}

impl Tile {
    /// The tile at a place, in the tree of `size` leaves; nothing when that tree has none there.
    ///
    /// ```
    /// # use guichet_log::archive::Tile;
    /// // The example of the specification: a tree of 70,000 leaves.
    /// let widths = [(0, 272), (0, 273), (1, 0), (1, 1), (2, 0), (2, 1)]
    ///     .map(|(level, index)| Tile::at(level, index, 70_000).map(|tile| tile.width));
    /// assert_eq!(widths, [Some(256), Some(112), Some(256), Some(17), Some(1), None]);
    /// ```
    #[must_use]
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(u32::from(level) * 8).unwrap_or_default();
        let first = index.checked_mul(BUNDLE_RECORDS)?;
        let width = hashes.checked_sub(first)?.min(BUNDLE_RECORDS);
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { level, index, width })
    }

    /// The first record that is below it.
    #[must_use]
    pub fn first_record(&self) -> u64 {
        self.index
            .checked_shl((u32::from(self.level) + 1) * 8)
            .unwrap_or(u64::MAX)
    }

    /// Whether it has all its hashes, so that it never changes again.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width as u64 == BUNDLE_RECORDS
    }

    /// Where it stands, from the archive's folder.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new("tile")
            .join(self.level.to_string())
            .join(numbered(self.index, self.width))
    }
}

/// The tiles of a tree that grows: those that are not full, of each level. It remembers nothing of a full one.
#[derive(Clone, Debug, Default)]
pub struct TileStack {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl TileStack {
    /// Adds a leaf; the tiles that are full now, from the leaves upwards.
    pub fn push(&mut self, leaf: Hash) -> Vec<(Tile, Vec<Hash>)> {
        self.size += 1;
        self.push_at(0, leaf)
    }

    /// Adds a full tile of leaves by its root, where the last one is full; the tiles above that are full now.
    pub fn push_full(&mut self, root: Hash) -> Vec<(Tile, Vec<Hash>)> {
        self.size += BUNDLE_RECORDS;
        if self.levels.is_empty() {
            self.levels.push(Vec::new());
        }
        self.push_at(1, root)
    }

    fn push_at(&mut self, level: u8, hash: Hash) -> Vec<(Tile, Vec<Hash>)> {
        let mut filled = Vec::new();
        let mut hash = hash;
        for level in level.. {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::new());
            }
            let Some(tile) = self.levels.get_mut(usize::from(level)) else {
                break;
            };
            tile.push(hash);
            if (tile.len() as u64) < BUNDLE_RECORDS {
                break;
            }
            let hashes = std::mem::take(tile);
            hash = Frontier::of_leaves(hashes.iter().copied()).root();
            let index = (self.size >> (8 * u32::from(level))) / BUNDLE_RECORDS - 1;
            let tile = Tile {
                level,
                index,
                width: 256,
            };
            filled.push((tile, hashes));
        }
        filled
    }

    /// The tiles at the right edge, which are not full.
    pub fn unfinished(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        (0_u8..).zip(&self.levels).filter_map(|(level, hashes)| {
            let index = (self.size >> (8 * u32::from(level))) / BUNDLE_RECORDS;
            Some((Tile::at(level, index, self.size)?, hashes.as_slice()))
        })
    }
}

/// Where the file of records stands that goes with a tile of level 0.
#[must_use]
pub fn bundle_path(index: u64, width: u16) -> PathBuf {
    Path::new("tile").join("entries").join(numbered(index, width))
}

/// Where the sealed head of a size stands.
#[must_use]
pub fn head_path(size: u64) -> PathBuf {
    Path::new(HEADS).join(in_threes(size))
}

fn numbered(index: u64, width: u16) -> PathBuf {
    let mut path = in_threes(index);
    if u64::from(width) < BUNDLE_RECORDS {
        path.as_mut_os_string().push(".p");
        path.push(width.to_string());
    }
    path
}

/// A number in groups of three digits, `x` before all but the last: so that no folder grows large.
fn in_threes(number: u64) -> PathBuf {
    let mut rest = number / 1_000;
    let mut groups = vec![format!("{:03}", number % 1_000)];
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.iter().rev().collect()
}

/// The number that a path of [`in_threes`] stands for.
pub(super) fn of_threes(path: &Path) -> Option<u64> {
    let mut number = 0_u64;
    for part in path {
        let part = part.to_str()?;
        let group: u64 = part.strip_prefix('x').unwrap_or(part).parse().ok()?;
        number = number.checked_mul(1_000)?.checked_add(group)?;
    }
    (in_threes(number) == path).then_some(number)
}

/// A file that is not full, as its path from the archive's folder names it: the tile that it is, or whose records it holds,
/// and whether it holds records. Nothing for any other path.
pub(super) fn of_unfinished(path: &Path) -> Option<(Tile, bool)> {
    let mut parts = path.strip_prefix("tile").ok()?.iter();
    let level = parts.next()?.to_str()?;
    let (level, entries) = match level {
        "entries" => (0, true),
        level => (level.parse().ok()?, false),
    };
    let rest = parts.as_path();
    let width = rest
        .file_name()?
        .to_str()?
        .parse()
        .ok()
        .filter(|width| (1..256).contains(width))?;
    let number = rest.parent()?.to_str()?.strip_suffix(".p")?;
    let index = of_threes(Path::new(number))?;
    Some((Tile { level, index, width }, entries))
}

/// The bytes of a file, unpacked if only its packed form is there; nothing when neither is.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let open = |path: &Path| match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    };
    let mut bytes = Vec::new();
    if let Some(file) = open(path)? {
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        return Ok(Some(bytes));
    }
    let Some(packed) = open(&packed(path))? else {
        return Ok(None);
    };
    GzDecoder::new(packed)
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// The name of a file's packed form.
pub(super) fn packed(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(".gz");
    path.into()
}

/// The hashes of a tile's bytes; nothing when they are not whole.
pub(super) fn hashes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty()
        .then(|| hashes.iter().copied().map(Hash).collect())
}

/// A file of records: neighbours in the log, each behind its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    bytes: Vec<u8>,
    /// Where each record begins and ends.
    spans: Vec<(u32, u32)>,
}

impl Bundle {
    /// Reads the bytes of a file; what is wrong otherwise.
    ///
    /// # Errors
    ///
    /// The number of records that could be told apart, when the bytes end within one.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, usize> {
        let mut spans = Vec::with_capacity(256);
        let mut at = 0_usize;
        while at < bytes.len() {
            let length = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
            let length = length.map(|length| usize::from(u16::from_be_bytes(*length)));
            let end = length
                .map(|length| at + 2 + length)
                .filter(|end| *end <= bytes.len());
            match (u32::try_from(at + 2), end.map(u32::try_from)) {
                (Ok(start), Some(Ok(end))) => {
                    spans.push((start, end));
                    at = end as usize;
                }
                _ => return Err(spans.len()),
            }
        }
        Ok(Self { bytes, spans })
    }

    /// How many records it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The stored bytes of its records.
    #[must_use]
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.spans
            .iter()
            .map(|(start, end)| self.bytes.get(*start as usize..*end as usize).unwrap_or_default())
    }

    /// The stored bytes of a record, by its place in the file.
    #[must_use]
    pub fn record(&self, index: usize) -> Option<&[u8]> {
        let (start, end) = self.spans.get(index)?;
        self.bytes.get(*start as usize..*end as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_paths_of_three_digits_and_back() {
        for (number, path) in [
            (0, "000"),
            (7, "007"),
            (1_000, "x001/000"),
            (1_234_067, "x001/x234/067"),
        ] {
            assert_eq!(in_threes(number), Path::new(path));
            assert_eq!(of_threes(Path::new(path)), Some(number));
        }
        for path in ["7", "x007", "001/000", "x001", "x001/abc", "x000/001", ""] {
            assert_eq!(of_threes(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_tile_that_is_not_full_says_so_in_its_path() {
        let full = Tile::at(0, 272, 70_000).map(|tile| tile.path());
        let partial = Tile::at(0, 273, 70_000).map(|tile| tile.path());
        assert_eq!(full, Some("tile/0/272".into()));
        assert_eq!(partial, Some("tile/0/273.p/112".into()));
        assert_eq!(
            bundle_path(1_234_067, 256),
            Path::new("tile/entries/x001/x234/067")
        );
        assert_eq!(Tile::at(9, 0, u64::MAX), None);
    }

    #[test]
    fn a_path_of_a_file_that_is_not_full_is_read_back() {
        let tile = Tile {
            level: 1,
            index: 1_234,
            width: 17,
        };
        let leaves = Tile { level: 0, ..tile };
        assert_eq!(of_unfinished(&tile.path()), Some((tile, false)));
        assert_eq!(of_unfinished(&bundle_path(1_234, 17)), Some((leaves, true)));
        for path in [
            "tile/0/001",
            "tile/entries/001",
            "tile/0/001.p/256",
            "tile/0/1.p/3",
            "heads/001",
            "tile",
        ] {
            assert_eq!(of_unfinished(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_bundle_that_ends_within_a_record_tells_how_many_were_whole() {
        let whole = [0, 1, b'a', 0, 2, b'b', b'c'];
        let bundle = Bundle::parse(whole.to_vec()).expect("it is whole");
        assert_eq!(bundle.records().collect::<Vec<_>>(), [b"a".as_slice(), b"bc"]);
        assert_eq!(Bundle::parse(whole[..6].to_vec()), Err(1));
        assert_eq!(Bundle::parse(whole[..4].to_vec()), Err(1));
        assert_eq!(Bundle::parse(Vec::new()).map(|bundle| bundle.len()), Ok(0));
    }
}
