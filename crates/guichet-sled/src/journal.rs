//! The journal: files of frames, one frame for each commit group, and what can be recovered from their bytes.

use guichet_core::id::Position;
use guichet_log::block::{Block, BlockBuilder, BlockError, Compression};
use guichet_log::merkle::{Frontier, Hash};

/// The version of the journal's files that this build writes.
pub const JOURNAL_FORMAT: u16 = 1;

/// Frames begin at multiples of this many bytes, so that no write touches a sector of an acknowledged frame.
pub const SECTOR_BYTES: usize = 512;

const FILE_MAGIC: [u8; 4] = *b"GJNL";
const FRAME_MAGIC: [u8; 4] = *b"GFRM";
const END_MAGIC: [u8; 4] = *b"GEND";
const FILE_HEADER_BYTES: usize = 28;
const FRAME_HEADER_BYTES: usize = 28;
const FLAG_USED_BEFORE: u16 = 1;
const SALT_BITS_DAMAGED_MAX: u32 = 8;

/// What the first sector of a journal file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// The position of the first frame's first record.
    pub first: Position,
    /// A number of this file's own: what an earlier use of the same disk blocks left behind has another one.
    pub salt: u64,
    /// Whether the file held another part of the journal before, whose frames may still follow.
    pub used_before: bool,
}

impl FileHeader {
    /// The first sector.
    #[must_use]
    pub fn encode(&self) -> [u8; SECTOR_BYTES] {
        let mut header = Vec::with_capacity(FILE_HEADER_BYTES);
        header.extend_from_slice(&FILE_MAGIC);
        header.extend_from_slice(&JOURNAL_FORMAT.to_le_bytes());
        header.extend_from_slice(&(if self.used_before { FLAG_USED_BEFORE } else { 0 }).to_le_bytes());
        header.extend_from_slice(&self.salt.to_le_bytes());
        header.extend_from_slice(&self.first.0.to_le_bytes());
        header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
        let mut sector = [0; SECTOR_BYTES];
        for (place, byte) in sector.iter_mut().zip(header) {
            *place = byte;
        }
        sector
    }

    /// Reads the first sector of a journal file.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        let header: &[u8; FILE_HEADER_BYTES] = bytes.first_chunk().ok_or(HeaderError::Short(bytes.len()))?;
        let mut fields = Fields(header);
        if fields.take() != FILE_MAGIC {
            return Err(HeaderError::NoJournal);
        }
        let format = u16::from_le_bytes(fields.take());
        if format != JOURNAL_FORMAT {
            return Err(HeaderError::Format(format));
        }
        let flags = u16::from_le_bytes(fields.take());
        let salt = u64::from_le_bytes(fields.take());
        let first = Position(u64::from_le_bytes(fields.take()));
        let stated = u32::from_le_bytes(fields.take());
        let (covered, _) = header.split_at(FILE_HEADER_BYTES - 4);
        if crc32c::crc32c(covered) != stated {
            return Err(HeaderError::Checksum);
        }
        Ok(Self {
            first,
            salt,
            used_before: flags & FLAG_USED_BEFORE != 0,
        })
    }
}

/// A journal file that does not begin like one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Fewer bytes than a header.
    #[error("it has {0} bytes, and the header of a journal file has {FILE_HEADER_BYTES}")]
    Short(usize),
    /// Not the first bytes of a journal file.
    #[error("it does not begin with `GJNL`")]
    NoJournal,
    /// A format that this build does not know.
    #[error(
        "it has format {0}, and this build reads format {JOURNAL_FORMAT}; use the build that wrote it, or a newer one"
    )]
    Format(u16),
    /// The checksum does not fit.
    #[error("the checksum of its header does not fit")]
    Checksum,
}

/// Finishes a block as a frame in `out`, padded to whole sectors; [`stamp_frame`] makes it one of a certain file.
pub fn write_frame(builder: BlockBuilder, out: &mut Vec<u8>) -> Block {
    out.clear();
    out.extend_from_slice(&[0; FRAME_HEADER_BYTES]);
    let block = builder.finish(Compression::None, out);
    let length = out.len() - FRAME_HEADER_BYTES;
    let lengths = out.get_mut(4..8).into_iter().flatten();
    for (place, byte) in lengths.zip(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()) {
        *place = byte;
    }
    out.resize(out.len().next_multiple_of(SECTOR_BYTES), 0);
    block
}

/// Fills in the header of a frame, for the file that has this salt.
pub fn stamp_frame(frame: &mut [u8], salt: u64, first: Position) {
    let length = frame
        .get(4..8)
        .and_then(|length| length.try_into().ok())
        .map_or(0, u32::from_le_bytes);
    let header = frame_header(FRAME_MAGIC, length, salt, first);
    for (place, byte) in frame.iter_mut().zip(header) {
        *place = byte;
    }
}

/// The sector that ends a journal in order, after the last frame: the log reaches to `head`.
#[must_use]
pub fn end_mark(salt: u64, head: Position) -> Vec<u8> {
    let mut sector = frame_header(END_MAGIC, 0, salt, head);
    sector.resize(SECTOR_BYTES, 0);
    sector
}

fn frame_header(magic: [u8; 4], length: u32, salt: u64, position: Position) -> Vec<u8> {
    let mut header = Vec::with_capacity(FRAME_HEADER_BYTES);
    header.extend_from_slice(&magic);
    header.extend_from_slice(&length.to_le_bytes());
    header.extend_from_slice(&salt.to_le_bytes());
    header.extend_from_slice(&position.0.to_le_bytes());
    header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
    header
}

/// What stands at the beginning of a sector.
enum Sector {
    /// A frame, whole.
    Frame(Block, usize),
    /// An end mark.
    End(Position),
    /// The beginning of a frame or mark of this file that is not whole.
    Damaged(String),
    /// Nothing of this file.
    Nothing,
}

fn sector(bytes: &[u8], salt: u64) -> Sector {
    let Some((header, rest)) = bytes.split_first_chunk::<FRAME_HEADER_BYTES>() else {
        return Sector::Nothing;
    };
    let mut fields = Fields(header);
    let magic = fields.take::<4>();
    let length = u32::from_le_bytes(fields.take()) as usize;
    let found_salt = u64::from_le_bytes(fields.take());
    let position = Position(u64::from_le_bytes(fields.take()));
    let stated = u32::from_le_bytes(fields.take());
    // A salt that is off by a few bits is a damaged one; that of another use of the file is off by dozens.
    if (found_salt ^ salt).count_ones() > SALT_BITS_DAMAGED_MAX {
        return Sector::Nothing;
    }
    let (covered, _) = header.split_at(FRAME_HEADER_BYTES - 4);
    if crc32c::crc32c(covered) != stated {
        return Sector::Damaged("the checksum of the frame's header does not fit".to_owned());
    }
    if magic == END_MAGIC {
        return Sector::End(position);
    }
    if magic != FRAME_MAGIC || found_salt != salt {
        return Sector::Damaged("the frame does not begin with `GFRM` and the file's salt".to_owned());
    }
    let Some(stored) = rest.get(..length) else {
        return Sector::Damaged(format!(
            "the frame states {length} bytes, and {} follow",
            rest.len()
        ));
    };
    match Block::parse(stored) {
        Ok(block) if block.first() == position => Sector::Frame(block, FRAME_HEADER_BYTES + length),
        Ok(_) => Sector::Damaged("the frame's header and its block state different positions".to_owned()),
        Err(error) => Sector::Damaged(error.to_string()),
    }
}

/// What the bytes of one journal file hold.
#[derive(Debug)]
pub struct Scan {
    /// The file's header.
    pub header: FileHeader,
    /// Every whole frame, in the order of the file.
    pub frames: Vec<Block>,
    /// Where the next frame belongs: the first sector after the last whole frame.
    pub end: usize,
    /// The head that an orderly end noted, if the last thing in the file is such a mark.
    pub ended_at: Option<Position>,
    /// What was begun after the last whole frame and is not whole.
    pub torn: Option<Torn>,
    /// Every sector that begins like a frame or mark of this file and is none, wherever it stands.
    pub damages: Vec<Damage>,
}

/// A sector that begins like a frame and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// How many bytes of the file come before it.
    pub at: usize,
    /// How many whole frames do.
    pub frames_before: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// The beginning of a frame that never became whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// How many bytes there are, up to the last one that is not 0.
    pub bytes: usize,
    /// What is wrong with them.
    pub reason: String,
}

/// Reads a journal file. A pure function of its bytes: it finds every frame that is whole, wherever it stands, and
/// leaves it to [`follow`] to say whether they belong together.
///
/// # Errors
///
/// [`HeaderError`] when the file does not begin like a journal file.
pub fn scan(bytes: &[u8]) -> Result<Scan, HeaderError> {
    let header = FileHeader::decode(bytes)?;
    let mut found = Scan {
        header,
        frames: Vec::new(),
        end: SECTOR_BYTES,
        ended_at: None,
        torn: None,
        damages: Vec::new(),
    };
    let mut damage = None;
    let mut at = SECTOR_BYTES;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match sector(rest, header.salt) {
            Sector::Frame(block, length) => {
                at = (at + length).next_multiple_of(SECTOR_BYTES);
                found.frames.push(block);
                found.end = at;
                found.ended_at = None;
                damage = None;
            }
            Sector::End(head) => {
                found.ended_at = Some(head);
                at += SECTOR_BYTES;
            }
            Sector::Damaged(reason) => {
                damage.get_or_insert_with(|| reason.clone());
                let frames_before = found.frames.len();
                found.damages.push(Damage {
                    at,
                    frames_before,
                    reason,
                });
                at += SECTOR_BYTES;
            }
            Sector::Nothing => at += SECTOR_BYTES,
        }
    }
    let rest = bytes.get(found.end..).unwrap_or_default();
    let left = rest
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    // After a former use anything may follow, so there only what bears the file's own salt counts.
    if damage.is_none() && left > 0 && !header.used_before && found.ended_at.is_none() {
        damage = Some("bytes that are no frame follow the last frame".to_owned());
    }
    found.torn = damage.map(|reason| Torn { bytes: left, reason });
    Ok(found)
}

/// A frame that follows on the ones before it, with the leaf hashes of its records.
pub type Followed = (Block, Vec<Hash>);

/// Takes the frames of one file that follow on the tree so far, in order; those below its end are sealed already.
///
/// # Errors
///
/// [`FollowError`] when the frames do not follow on each other: then something acknowledged is damaged or missing,
/// because a frame is written only after the one before it was synced.
pub fn follow(scan: Scan, tree: &mut Frontier) -> Result<Vec<Followed>, FollowError> {
    let mut followed = Vec::new();
    for block in scan.frames {
        if block.end().0 <= tree.size() {
            continue;
        }
        let leaves = block.check(tree)?;
        *tree = block.frontier().clone();
        followed.push((block, leaves));
    }
    if let Some(head) = scan.ended_at.filter(|head| head.0 > tree.size()) {
        return Err(FollowError::Ended {
            head,
            found: Position(tree.size()),
        });
    }
    Ok(followed)
}

/// Frames that do not follow on each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FollowError {
    /// A frame is missing or disagrees with the ones before it.
    #[error("{0}, although a later frame is whole")]
    Block(#[from] BlockError),
    /// The journal was ended in order further on.
    #[error("the journal ended in order at position {head}, and its frames reach only to {found}")]
    Ended {
        /// Where it ended.
        head: Position,
        /// Where the frames end.
        found: Position,
    },
}

/// Fields of fixed length, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        match self.0.split_first_chunk() {
            Some((field, rest)) => {
                self.0 = rest;
                *field
            }
            None => [0; N],
        }
    }
}
