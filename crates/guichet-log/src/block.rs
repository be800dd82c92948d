//! A block: the records of one commit group, or of several packed together, as one value that is whole or not there.

use std::collections::BTreeSet;

use guichet_core::id::Position;
use guichet_core::time::Timestamp;

use crate::merkle::{Frontier, Hash};
use crate::record::{
    Kind, Place, RECORD_BYTES_MAX, RecordError, RecordRef, kind_of, recorded_at_of, set_place,
};

/// The version of the stored form of a block that this build writes.
pub const BLOCK_FORMAT: u16 = 1;

/// The largest body of a block before compression, in bytes: what one parse may be made to allocate.
pub const BLOCK_BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most records of a block: each has at least its fixed part, so more cannot be in a body of the largest size.
pub const BLOCK_RECORDS_MAX: usize = 64 * 1024;

// The largest record fits into a block.
const _: () = assert!(RECORD_BYTES_MAX + 4 <= BLOCK_BODY_BYTES_MAX);

const MAGIC: [u8; 4] = *b"GBLK";
const HEADER_BYTES: usize = 52;
const CRC_AT: usize = 28;
const FIELD_KINDS: u8 = 1;

/// How the body of a block is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is: the journal's frames.
    None,
    /// As one LZ4 block: what is sealed.
    Lz4,
}

impl Compression {
    const fn id(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Lz4 => 1,
        }
    }
}

/// The records of a block, in memory and not compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    first: Position,
    records: Vec<u8>,
    /// Where each record ends in `records`.
    ends: Vec<u32>,
    recorded: (Timestamp, Timestamp),
    frontier: Frontier,
    kinds: Option<BTreeSet<Kind>>,
}

impl Block {
    /// Reads the stored form. Total: any bytes give a block or an error.
    ///
    /// The checksum covers every byte; [`Block::check`] looks further, into the records.
    ///
    /// # Errors
    ///
    /// [`BlockError`] says what is wrong.
    pub fn parse(stored: &[u8]) -> Result<Self, BlockError> {
        let header: &[u8; HEADER_BYTES] = stored.first_chunk().ok_or(BlockError::Short(stored.len()))?;
        let mut fields = Fields(header);
        if fields.take::<4>() != MAGIC {
            return Err(BlockError::NoBlock);
        }
        let format = u16::from_le_bytes(fields.take());
        if format != BLOCK_FORMAT {
            return Err(BlockError::Format(format));
        }
        let [compression, reserved] = fields.take();
        let first = Position(u64::from_le_bytes(fields.take()));
        let count = size(fields.take());
        let stated = size(fields.take());
        let body_bytes = size(fields.take());
        let crc = u32::from_le_bytes(fields.take());
        let recorded = (fields.time(), fields.time());
        let extension_bytes = usize::from(u16::from_le_bytes(fields.take()));
        let [roots, reserved_too] = fields.take();

        if stated != stored.len() {
            return Err(BlockError::Length {
                stated,
                found: stored.len(),
            });
        }
        let computed = checksum(stored);
        if crc != computed {
            return Err(BlockError::Checksum {
                stated: crc,
                computed,
            });
        }
        if reserved != 0 || reserved_too != 0 {
            return Err(BlockError::Reserved);
        }
        if count == 0 || count > BLOCK_RECORDS_MAX || body_bytes > BLOCK_BODY_BYTES_MAX {
            return Err(BlockError::Size { count, body_bytes });
        }

        let rest = stored.get(HEADER_BYTES..).unwrap_or_default();
        let (roots, rest) = rest
            .split_at_checked(usize::from(roots) * 32)
            .ok_or(BlockError::Frontier)?;
        let (extension, body) = rest
            .split_at_checked(extension_bytes)
            .ok_or(BlockError::Extension)?;
        let roots = roots.as_chunks::<32>().0.iter().copied().map(Hash).collect();
        let end = first.0.checked_add(count as u64).ok_or(BlockError::Frontier)?;
        let frontier = Frontier::from_roots(end, roots).ok_or(BlockError::Frontier)?;
        let kinds = read_extension(extension)?;

        let unpacked;
        let body = match compression {
            0 => body,
            1 => {
                unpacked = lz4_flex::block::decompress(body, body_bytes)
                    .map_err(|error| BlockError::Compressed(error.to_string()))?;
                &unpacked
            }
            unknown => return Err(BlockError::Compression(unknown)),
        };
        if body.len() != body_bytes {
            return Err(BlockError::Length {
                stated: body_bytes,
                found: body.len(),
            });
        }
        let (table, records) = body.split_at_checked(count * 4).ok_or(BlockError::Offsets)?;
        let ends: Vec<u32> = table
            .as_chunks::<4>()
            .0
            .iter()
            .map(|end| u32::from_le_bytes(*end))
            .collect();
        let ordered = ends.is_sorted() && ends.last().is_some_and(|end| *end as usize == records.len());
        if !ordered {
            return Err(BlockError::Offsets);
        }
        Ok(Self {
            first,
            records: records.to_vec(),
            ends,
            recorded,
            frontier,
            kinds,
        })
    }

    /// The leaf hashes of the records, if they are the ones that the header speaks of and let the tree `before` grow into
    /// the block's own.
    ///
    /// # Errors
    ///
    /// [`BlockError`] names the first record or field that disagrees.
    pub fn check(&self, before: &Frontier) -> Result<Vec<Hash>, BlockError> {
        if before.size() != self.first.0 {
            return Err(BlockError::Gap {
                expected: Position(before.size()),
                found: self.first,
            });
        }
        let mut frontier = before.clone();
        let mut leaves = Vec::with_capacity(self.len());
        for record in self.records() {
            let position = Position(frontier.size());
            let record = record.map_err(|source| BlockError::Record { position, source })?;
            if record.place.position != position {
                return Err(BlockError::Gap {
                    expected: position,
                    found: record.place.position,
                });
            }
            let leaf = record.leaf_hash();
            frontier.push(leaf);
            leaves.push(leaf);
        }
        if frontier == self.frontier {
            Ok(leaves)
        } else {
            Err(BlockError::Frontier)
        }
    }

    /// The position of the first record.
    #[must_use]
    pub const fn first(&self) -> Position {
        self.first
    }

    /// One past the position of the last record.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position(self.frontier.size())
    }

    /// How many records there are. Never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a block is never empty")]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes the records have.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.records.len()
    }

    /// The earliest and the latest recorded time.
    #[must_use]
    pub const fn recorded(&self) -> (Timestamp, Timestamp) {
        self.recorded
    }

    /// The frontier of the log's tree after this block.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Whether a record of this kind can be in here; a block without a zone map can hold any.
    #[must_use]
    pub fn may_hold(&self, kind: &Kind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }

    /// The stored form of the record at this position.
    #[must_use]
    pub fn stored(&self, position: Position) -> Option<&[u8]> {
        let index = usize::try_from(position.0.checked_sub(self.first.0)?).ok()?;
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.records.get(start..end)
    }

    /// The record at this position, read in place.
    #[must_use]
    pub fn record(&self, position: Position) -> Option<Result<RecordRef<'_>, RecordError>> {
        self.stored(position).map(RecordRef::parse)
    }

    /// The records in order, read in place.
    pub fn records(&self) -> impl Iterator<Item = Result<RecordRef<'_>, RecordError>> {
        self.records_from(self.first)
    }

    /// The records from a position on, read in place.
    pub fn records_from(&self, from: Position) -> impl Iterator<Item = Result<RecordRef<'_>, RecordError>> {
        (from.max(self.first).0..self.end().0).filter_map(|position| self.record(Position(position)))
    }
}

/// Builds a block, record by record.
///
/// ```
/// # use guichet_log::{block::{Block, BlockBuilder, Compression}, merkle::Frontier};
/// # use guichet_log::testkit::{draft, stream};
/// # use guichet_log::record::Place;
/// # use guichet_core::{id::{Position, Revision}, time::Timestamp};
/// let mut builder = BlockBuilder::new(Frontier::default());
/// let mut record = Vec::new();
/// draft("c-1", b"the event").encode(&stream("case/1"), &mut record);
/// builder.place(&record, Revision::START, Timestamp::from_micros(0), Default::default());
/// let mut stored = Vec::new();
/// let block = builder.finish(Compression::None, &mut stored);
/// assert_eq!(Block::parse(&stored), Ok(block));
/// ```
#[derive(Clone, Debug)]
pub struct BlockBuilder {
    first: Position,
    records: Vec<u8>,
    ends: Vec<u32>,
    recorded: (Timestamp, Timestamp),
    frontier: Frontier,
    kinds: Option<BTreeSet<Kind>>,
}

impl BlockBuilder {
    /// A block that begins where the tree `before` ends.
    #[must_use]
    pub const fn new(before: Frontier) -> Self {
        Self {
            first: Position(before.size()),
            records: Vec::new(),
            ends: Vec::new(),
            recorded: (Timestamp::from_micros(i64::MAX), Timestamp::from_micros(i64::MIN)),
            frontier: before,
            kinds: None,
        }
    }

    /// Makes room for so many records of so many bytes together, so that nothing is copied while they come.
    #[must_use]
    pub fn with_room(mut self, records: usize, bytes: usize) -> Self {
        self.ends.reserve_exact(records);
        self.records.reserve_exact(bytes);
        self
    }

    /// Lets the block say which kinds it holds.
    #[must_use]
    pub fn with_zone_map(mut self) -> Self {
        self.kinds = Some(BTreeSet::new());
        self
    }

    /// Takes a record as [`Draft::encode`](crate::record::Draft::encode) wrote it, gives it the next position, and
    /// answers with its leaf hash.
    pub fn place(
        &mut self,
        encoded: &[u8],
        revision: guichet_core::id::Revision,
        recorded_at: Timestamp,
        previous: Hash,
    ) -> Hash {
        let start = self.records.len();
        self.records.extend_from_slice(encoded);
        let place = Place {
            position: self.end(),
            revision,
            recorded_at,
            previous,
        };
        let stored = self.records.get_mut(start..).unwrap_or_default();
        set_place(stored, &place);
        let leaf = Hash::of_leaf(stored);
        self.ended(start, leaf, recorded_at);
        leaf
    }

    /// Takes a record that already has its place, which is the next position, and whose leaf hash is known.
    pub fn push(&mut self, stored: &[u8], leaf: Hash) {
        let start = self.records.len();
        self.records.extend_from_slice(stored);
        self.ended(start, leaf, recorded_at_of(stored));
    }

    fn ended(&mut self, start: usize, leaf: Hash, recorded_at: Timestamp) {
        // The bounds of groups and blocks keep the body far below 4 GiB.
        self.ends
            .push(u32::try_from(self.records.len()).unwrap_or(u32::MAX));
        self.frontier.push(leaf);
        self.recorded = (self.recorded.0.min(recorded_at), self.recorded.1.max(recorded_at));
        if let Some(kinds) = &mut self.kinds
            && let Some(kind) = self.records.get(start..).and_then(kind_of)
            && !kinds.iter().any(|known| known.as_str() == kind)
            && let Ok(kind) = Kind::new(kind)
        {
            kinds.insert(kind);
        }
    }

    /// The position of the next record.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position(self.frontier.size())
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no record yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes the records have.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.records.len()
    }

    /// The frontier after the records so far.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The offset table, then the records.
    fn write_body(&self, out: &mut Vec<u8>) {
        for end in &self.ends {
            out.extend_from_slice(&end.to_le_bytes());
        }
        out.extend_from_slice(&self.records);
    }

    /// Appends the stored form to `out`, and answers with the block.
    pub fn finish(self, compression: Compression, out: &mut Vec<u8>) -> Block {
        let extension = write_extension(self.kinds.as_ref());
        let body_bytes = self.ends.len() * 4 + self.records.len();
        let start = out.len();
        out.reserve(HEADER_BYTES + self.frontier.roots().len() * 32 + extension.len() + body_bytes);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&BLOCK_FORMAT.to_le_bytes());
        out.extend_from_slice(&[compression.id(), 0]);
        out.extend_from_slice(&self.first.0.to_le_bytes());
        out.extend_from_slice(&number(self.ends.len()));
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&number(body_bytes));
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.recorded.0.as_micros().to_le_bytes());
        out.extend_from_slice(&self.recorded.1.as_micros().to_le_bytes());
        out.extend_from_slice(&u16::try_from(extension.len()).unwrap_or(0).to_le_bytes());
        out.push(u8::try_from(self.frontier.roots().len()).unwrap_or(0));
        out.push(0);
        for root in self.frontier.roots() {
            out.extend_from_slice(&root.0);
        }
        out.extend_from_slice(&extension);
        match compression {
            Compression::None => self.write_body(out),
            Compression::Lz4 => {
                let mut body = Vec::with_capacity(body_bytes);
                self.write_body(&mut body);
                out.extend_from_slice(&lz4_flex::block::compress(&body));
            }
        }
        let length = number(out.len() - start);
        put(out, length_at, length);
        let crc = checksum(out.get(start..).unwrap_or_default());
        put(out, start + CRC_AT, crc.to_le_bytes());
        Block {
            first: self.first,
            records: self.records,
            ends: self.ends,
            recorded: self.recorded,
            frontier: self.frontier,
            kinds: self.kinds,
        }
    }
}

/// CRC32C over the stored form, its own four bytes counted as zero.
fn checksum(stored: &[u8]) -> u32 {
    let (before, rest) = stored.split_at_checked(CRC_AT).unwrap_or((stored, &[]));
    let after = rest.get(4..).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(before), &[0; 4]), after)
}

fn number(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes()
}

fn put(out: &mut [u8], at: usize, bytes: [u8; 4]) {
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&bytes);
    }
}

fn size(bytes: [u8; 4]) -> usize {
    u32::from_le_bytes(bytes) as usize
}

/// The extension area: fields of one tag byte, two length bytes and their bytes. Unknown tags are left alone.
fn write_extension(kinds: Option<&BTreeSet<Kind>>) -> Vec<u8> {
    let Some(kinds) = kinds else {
        return Vec::new();
    };
    let mut names = Vec::new();
    for kind in kinds {
        names.push(u8::try_from(kind.as_str().len()).unwrap_or(0));
        names.extend_from_slice(kind.as_str().as_bytes());
    }
    // More kinds than the area can say: then it says nothing, and the block may hold any.
    let Some(length) = u16::try_from(names.len())
        .ok()
        .filter(|length| *length < u16::MAX - 3)
    else {
        return Vec::new();
    };
    let mut field = vec![FIELD_KINDS];
    field.extend_from_slice(&length.to_le_bytes());
    field.append(&mut names);
    field
}

fn read_extension(mut area: &[u8]) -> Result<Option<BTreeSet<Kind>>, BlockError> {
    let mut kinds = None;
    while let Some((tag, rest)) = area.split_first() {
        let (length, rest) = rest.split_first_chunk().ok_or(BlockError::Extension)?;
        let (field, rest) = rest
            .split_at_checked(usize::from(u16::from_le_bytes(*length)))
            .ok_or(BlockError::Extension)?;
        if *tag == FIELD_KINDS {
            kinds = Some(read_kinds(field)?);
        }
        area = rest;
    }
    Ok(kinds)
}

fn read_kinds(mut field: &[u8]) -> Result<BTreeSet<Kind>, BlockError> {
    let mut kinds = BTreeSet::new();
    while let Some((length, rest)) = field.split_first() {
        let (name, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or(BlockError::Extension)?;
        let kind = str::from_utf8(name).ok().and_then(|name| Kind::new(name).ok());
        kinds.insert(kind.ok_or(BlockError::Extension)?);
        field = rest;
    }
    Ok(kinds)
}

/// The header's fields, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    /// The next field; the header has all of them, so zeros never come.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N],
        }
    }

    fn time(&mut self) -> Timestamp {
        Timestamp::from_micros(i64::from_le_bytes(self.take()))
    }
}

/// Bytes that are no block, or a block that disagrees with itself or with the one before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Fewer bytes than a header.
    #[error("a block has {0} bytes, and its header alone has {HEADER_BYTES}")]
    Short(usize),
    /// It does not begin like a block.
    #[error("no block begins here: its first bytes are not `GBLK`")]
    NoBlock,
    /// A format that this build does not know.
    #[error(
        "a block has format {0}, and this build reads format {BLOCK_FORMAT}; use the build that wrote it, or a newer one"
    )]
    Format(u16),
    /// A compression that this build does not know.
    #[error("a block has compression {0}, and this build reads 0 (none) and 1 (lz4); use a newer build")]
    Compression(u8),
    /// Another length than the header states.
    #[error("a block or its body has {found} bytes, and its header states {stated}")]
    Length {
        /// By the header.
        stated: usize,
        /// In truth.
        found: usize,
    },
    /// The checksum does not fit.
    #[error("a block's checksum is {computed:08x}, and its header states {stated:08x}")]
    Checksum {
        /// By the header.
        stated: u32,
        /// In truth.
        computed: u32,
    },
    /// A reserved byte is set.
    #[error("a block has a reserved byte that is not 0; use the build that wrote it, or a newer one")]
    Reserved,
    /// Too many records, none, or too many bytes.
    #[error(
        "a block states {count} records in {body_bytes} bytes; it has 1 to {BLOCK_RECORDS_MAX} in at most {BLOCK_BODY_BYTES_MAX}"
    )]
    Size {
        /// The records it states.
        count: usize,
        /// The body's bytes it states.
        body_bytes: usize,
    },
    /// The body cannot be unpacked.
    #[error("a block's body cannot be unpacked: {0}")]
    Compressed(String),
    /// The offset table does not divide the body.
    #[error("a block's offset table does not divide its body into records")]
    Offsets,
    /// The extension area cannot be read.
    #[error("a block's extension area cannot be read")]
    Extension,
    /// The frontier does not fit the records.
    #[error("a block's tree frontier does not follow from its records and the tree before it")]
    Frontier,
    /// A record cannot be read.
    #[error("the record at position {position} cannot be read")]
    Record {
        /// Its place.
        position: Position,
        /// Why.
        source: RecordError,
    },
    /// A position is missing or comes twice.
    #[error("position {expected} was expected, and {found} was found")]
    Gap {
        /// The position that comes next.
        expected: Position,
        /// The one that is there.
        found: Position,
    },
}
