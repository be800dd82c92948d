//! State that is kept beside a log: what a projection had counted, as one file that is whole and of this log, or is not used.
//!
//! `docs/format.md` draws the file. What is in its parts is nobody's to rely on: it changes with the code that folds it, and the
//! fingerprint in front says of which code it is (`docs/adr/0009`).

use std::io::{self, Write};

use bincode::config::{Configuration, LittleEndian, NoLimit, Varint};
use guichet_core::id::Position;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Fault;
use crate::merkle::Hash;

/// The version of the file's form that this build writes, and the only one that it reads.
pub const STATE_FORMAT: u16 = 1;

const MAGIC: [u8; 4] = *b"GSTA";
const HEADER_BYTES: usize = 64;
const CRC_AT: usize = 60;
const ENTRY_BYTES: usize = 12;

/// How much longer than its stored bytes a part can be: LZ4 does not do better.
const PACKED_TIMES_MAX: usize = 255;

// Nothing is made as large as a length in the bytes says before that many bytes were seen, so no limit is needed.
type Config = Configuration<LittleEndian, Varint, NoLimit>;

const CONFIG: Config = bincode::config::standard();

/// Of what a kept state is the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The code that folded it and wrote it down.
    pub fingerprint: u64,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The root of the log's tree at that size.
    pub root: Hash,
}

/// A piece of a state, packed.
#[derive(Clone, Debug)]
pub struct Part {
    stored: Vec<u8>,
    bytes: u32,
}

/// Bytes that are no kept state, or a damaged one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Too few bytes for a header.
    #[error("it has {0} bytes, and its header alone has {HEADER_BYTES}")]
    Short(usize),
    /// Something else.
    #[error("it is no kept state: it does not begin with `GSTA`")]
    NoState,
    /// Another form of the file.
    #[error("it has format {0}, and this build reads format {STATE_FORMAT}")]
    Format(u16),
    /// More or fewer bytes than its header says.
    #[error("it should have {stated} bytes, and has {found}")]
    Length {
        /// What the header says.
        stated: usize,
        /// What there is.
        found: usize,
    },
    /// Bytes that changed after they were written.
    #[error("the checksum of {0} does not hold")]
    Checksum(Where),
    /// A part that cannot be unpacked.
    #[error("part {part} cannot be unpacked: {reason}")]
    Packed {
        /// Which part.
        part: usize,
        /// Why.
        reason: String,
    },
    /// A part that is not what is looked for in it.
    #[error("part {part} cannot be read: {fault}")]
    Unreadable {
        /// Which part.
        part: usize,
        /// What is wrong.
        fault: Fault,
    },
    /// A part that is not there.
    #[error("it has no part {0}")]
    NoPart(usize),
    /// A state that has no bytes.
    #[error("a state cannot be written: {0}")]
    Unwritable(String),
}

/// Which bytes of a kept state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// The header and the table of parts.
    Header,
    /// One of the parts.
    Part(usize),
}

impl std::fmt::Display for Where {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Part(part) => write!(f, "part {part}"),
        }
    }
}

/// Packs a piece of a state.
///
/// # Errors
///
/// [`StateError::Unwritable`] when it has no bytes, or 4 GiB of them.
pub fn pack<T: Serialize + ?Sized>(state: &T) -> Result<Part, StateError> {
    let bytes = bincode::serde::encode_to_vec(state, CONFIG)
        .map_err(|error| StateError::Unwritable(error.to_string()))?;
    let too_large = |_| StateError::Unwritable(format!("a part has {} bytes", bytes.len()));
    let length = u32::try_from(bytes.len()).map_err(too_large)?;
    let stored = lz4_flex::block::compress(&bytes);
    u32::try_from(stored.len()).map_err(too_large)?;
    Ok(Part {
        stored,
        bytes: length,
    })
}

/// Writes a kept state: its header, and its parts behind it.
///
/// ```
/// # use guichet_core::id::Position;
/// # use guichet_log::codec::state::{KeptState, Stamp, pack, write};
/// # use guichet_log::merkle::Frontier;
/// let stamp = Stamp { fingerprint: 7, position: Position(0), root: Frontier::default().root() };
/// let mut file = Vec::new();
/// write(&stamp, &[pack(&("counted", 3_u64))?], &mut file)?;
/// let kept = KeptState::parse(file)?;
/// assert_eq!((kept.stamp(), kept.len()), (stamp, 1));
/// assert_eq!(kept.unpack::<(String, u64)>(0)?, ("counted".to_owned(), 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of `out`, and [`io::ErrorKind::InvalidInput`] for more parts than a header can count.
pub fn write(stamp: &Stamp, parts: &[Part], out: &mut impl Write) -> io::Result<()> {
    let count =
        u32::try_from(parts.len()).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let mut header = Vec::with_capacity(HEADER_BYTES + parts.len() * ENTRY_BYTES);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&STATE_FORMAT.to_le_bytes());
    header.extend_from_slice(&[0; 2]);
    header.extend_from_slice(&stamp.fingerprint.to_le_bytes());
    header.extend_from_slice(&stamp.position.0.to_le_bytes());
    header.extend_from_slice(&stamp.root.0);
    header.extend_from_slice(&count.to_le_bytes());
    header.extend_from_slice(&[0; 4]);
    for part in parts {
        // Both lengths were found to fit when the part was packed.
        let stored = u32::try_from(part.stored.len()).unwrap_or(u32::MAX);
        header.extend_from_slice(&stored.to_le_bytes());
        header.extend_from_slice(&part.bytes.to_le_bytes());
        header.extend_from_slice(&crc32c::crc32c(&part.stored).to_le_bytes());
    }
    let crc = checksum(&header);
    if let Some(field) = header.get_mut(CRC_AT..HEADER_BYTES) {
        field.copy_from_slice(&crc.to_le_bytes());
    }
    out.write_all(&header)?;
    parts.iter().try_for_each(|part| out.write_all(&part.stored))
}

/// Over header and table, the four bytes of the checksum counted as zero.
fn checksum(header: &[u8]) -> u32 {
    let before = header.get(..CRC_AT).unwrap_or(header);
    let after = header.get(HEADER_BYTES..).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c_append(crc32c::crc32c(before), &[0; 4]), after)
}

/// A kept state that is whole: its header and all lengths agree. Each part's checksum is looked at when it is unpacked.
#[derive(Clone, Debug)]
pub struct KeptState {
    bytes: Vec<u8>,
    stamp: Stamp,
    parts: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: usize,
    stored: usize,
    bytes: usize,
    crc: u32,
}

impl KeptState {
    /// Reads the header. Total: any bytes give a state or an error.
    ///
    /// # Errors
    ///
    /// [`StateError`] says what is wrong.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, StateError> {
        let header: &[u8; HEADER_BYTES] = bytes.first_chunk().ok_or(StateError::Short(bytes.len()))?;
        let mut rest = header.as_slice();
        if take::<4>(&mut rest) != MAGIC {
            return Err(StateError::NoState);
        }
        let format = u16::from_le_bytes(take(&mut rest));
        if format != STATE_FORMAT {
            return Err(StateError::Format(format));
        }
        let _zero = take::<2>(&mut rest);
        let stamp = Stamp {
            fingerprint: u64::from_le_bytes(take(&mut rest)),
            position: Position(u64::from_le_bytes(take(&mut rest))),
            root: Hash(take(&mut rest)),
        };
        let count = size(take(&mut rest));
        let crc = u32::from_le_bytes(take(&mut rest));
        let ends = count
            .checked_mul(ENTRY_BYTES)
            .and_then(|table| table.checked_add(HEADER_BYTES))
            .filter(|end| *end <= bytes.len())
            .ok_or(StateError::Short(bytes.len()))?;
        let (front, _) = bytes.split_at(ends);
        if crc != checksum(front) {
            return Err(StateError::Checksum(Where::Header));
        }
        let mut at = ends;
        let mut parts = Vec::with_capacity(count);
        for mut entry in front
            .get(HEADER_BYTES..)
            .unwrap_or_default()
            .chunks_exact(ENTRY_BYTES)
        {
            let entry = Entry {
                at,
                stored: size(take(&mut entry)),
                bytes: size(take(&mut entry)),
                crc: u32::from_le_bytes(take(&mut entry)),
            };
            at = at.saturating_add(entry.stored);
            parts.push(entry);
        }
        if at != bytes.len() {
            return Err(StateError::Length {
                stated: at,
                found: bytes.len(),
            });
        }
        Ok(Self { bytes, stamp, parts })
    }

    /// Of what it is the state.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// How many parts it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// One of its parts.
    ///
    /// # Errors
    ///
    /// [`StateError`] when there is no such part, or its bytes are not those that were written, or hold something else.
    pub fn unpack<T: DeserializeOwned>(&self, part: usize) -> Result<T, StateError> {
        let entry = self.parts.get(part).ok_or(StateError::NoPart(part))?;
        let stored = self
            .bytes
            .get(entry.at..)
            .and_then(|rest| rest.get(..entry.stored))
            .ok_or(StateError::NoPart(part))?;
        if crc32c::crc32c(stored) != entry.crc {
            return Err(StateError::Checksum(Where::Part(part)));
        }
        let packed = |reason: String| StateError::Packed { part, reason };
        if entry.bytes > stored.len().saturating_mul(PACKED_TIMES_MAX).saturating_add(64) {
            return Err(packed(format!(
                "{} bytes cannot hold {}",
                stored.len(),
                entry.bytes
            )));
        }
        let bytes =
            lz4_flex::block::decompress(stored, entry.bytes).map_err(|error| packed(error.to_string()))?;
        let unreadable = |fault| StateError::Unreadable { part, fault };
        let (state, used) = bincode::serde::decode_from_slice(&bytes, CONFIG)
            .map_err(|error| unreadable(Fault::from(error)))?;
        match bytes.len().checked_sub(used) {
            Some(0) | None => Ok(state),
            Some(left) => Err(unreadable(Fault::Trailing(left))),
        }
    }
}

/// The next bytes of a header; zeros where it ends, which no caller reaches.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let Some((first, after)) = rest.split_first_chunk::<N>() else {
        return [0; N];
    };
    *rest = after;
    *first
}

fn size(bytes: [u8; 4]) -> usize {
    usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stamp() -> Stamp {
        Stamp {
            fingerprint: 0x0102_0304_0506_0708,
            position: Position(9),
            root: Hash([7; 32]),
        }
    }

    fn file() -> Vec<u8> {
        let parts = [
            pack(&vec!["a text".to_owned(); 40]).unwrap(),
            pack(&9_u64).unwrap(),
        ];
        let mut file = Vec::new();
        write(&stamp(), &parts, &mut file).unwrap();
        file
    }

    #[test]
    fn the_header_is_the_one_that_the_format_document_draws() {
        let file = file();
        assert_eq!(file[..8], *b"GSTA\x01\x00\x00\x00");
        assert_eq!(file[8..16], [8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(file[16..24], [9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(file[24..56], [7; 32]);
        assert_eq!(file[56..60], [2, 0, 0, 0]);
        let stored = u32::from_le_bytes(file[64..68].try_into().unwrap()) as usize;
        assert_eq!(
            file[68..72],
            281_u32.to_le_bytes(),
            "40 times seven bytes, and their number"
        );
        let part = &file[88..88 + stored];
        assert_eq!(file[72..76], crc32c::crc32c(part).to_le_bytes());
    }

    #[test]
    fn what_was_kept_is_read_again() {
        let kept = KeptState::parse(file()).unwrap();
        assert_eq!((kept.stamp(), kept.len(), kept.is_empty()), (stamp(), 2, false));
        assert_eq!(kept.unpack::<Vec<String>>(0), Ok(vec!["a text".to_owned(); 40]));
        assert_eq!(kept.unpack::<u64>(1), Ok(9));
        assert_eq!(kept.unpack::<u64>(2), Err(StateError::NoPart(2)));
        assert_eq!(
            kept.unpack::<(u64, u64)>(1),
            Err(StateError::Unreadable {
                part: 1,
                fault: Fault::Short
            })
        );
        assert_eq!(
            kept.unpack::<()>(1),
            Err(StateError::Unreadable {
                part: 1,
                fault: Fault::Trailing(1)
            })
        );
    }

    #[test]
    fn a_file_cut_anywhere_or_with_more_behind_it_is_refused() {
        let whole = file();
        for end in 0..whole.len() {
            assert!(KeptState::parse(whole[..end].to_vec()).is_err(), "cut at {end}");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(
            KeptState::parse(longer).unwrap_err(),
            StateError::Length {
                stated: whole.len(),
                found: whole.len() + 1
            }
        );
    }

    #[test]
    fn another_format_is_named() {
        let mut newer = file();
        newer[4] = 2;
        assert_eq!(
            KeptState::parse(newer).unwrap_err().to_string(),
            "it has format 2, and this build reads format 1"
        );
        assert_eq!(KeptState::parse(vec![0; 64]).unwrap_err(), StateError::NoState);
    }

    proptest! {
        #[test]
        fn a_flipped_bit_is_never_read(at in 0..10_000_usize, bit in 0..8_u8) {
            let mut file = file();
            let at = at % file.len();
            file[at] ^= 1 << bit;
            let read = KeptState::parse(file).and_then(|kept| {
                kept.unpack::<Vec<String>>(0)?;
                kept.unpack::<u64>(1)
            });
            prop_assert!(read.is_err(), "byte {at}, bit {bit}");
        }

        #[test]
        fn any_bytes_are_a_state_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let framed = [b"GSTA\x01\x00".as_slice(), &bytes].concat();
            for bytes in [bytes, framed] {
                if let Ok(kept) = KeptState::parse(bytes) {
                    let _ = kept.unpack::<String>(0);
                }
            }
        }
    }
}
