//! The keys of the one sled tree, and the short keys by which streams and commands are looked up.

use guichet_core::id::Position;

/// The version of the layout in sled that this build writes.
pub const STORE_FORMAT: u16 = 1;

/// The version of the index in sled that this build writes; another one is thrown away and built anew.
pub const INDEX_FORMAT: u16 = 1;

/// The name of the tree.
pub const TREE: &str = "log";

/// Where [`STORE_FORMAT`] is kept.
pub const FORMAT: &[u8] = b"m/format";

/// Where the list of index runs is kept.
pub const INDEX: &[u8] = b"m/index";

const BLOCK: u8 = b'b';
const RUN: u8 = b'i';

/// The key of the block whose first record has this position.
#[must_use]
pub fn block(first: Position) -> Vec<u8> {
    let mut key = vec![BLOCK];
    key.extend_from_slice(&first.0.to_be_bytes());
    key
}

/// The smallest key of any block.
pub const FIRST_BLOCK: &[u8] = b"b";

/// Greater than the key of any block.
pub const AFTER_BLOCKS: &[u8] = b"c";

/// The key of a chunk of an index run, by its first entry.
#[must_use]
pub fn chunk(run: u32, first: Entry) -> Vec<u8> {
    let mut key = vec![RUN];
    key.extend_from_slice(&run.to_be_bytes());
    key.extend_from_slice(&first.encode());
    key
}

/// What all chunks of an index run begin with.
#[must_use]
pub fn run(run: u32) -> Vec<u8> {
    let mut key = vec![RUN];
    key.extend_from_slice(&run.to_be_bytes());
    key
}

/// The run that the key of a chunk names.
#[must_use]
pub fn run_of(key: &[u8]) -> Option<u32> {
    let (tag, rest) = key.split_first()?;
    (*tag == RUN).then_some(())?;
    Some(u32::from_be_bytes(*rest.first_chunk()?))
}

/// The smallest key of any chunk.
pub const FIRST_CHUNK: &[u8] = b"i";

/// Greater than the key of any chunk.
pub const AFTER_CHUNKS: &[u8] = b"j";

/// How many bytes an index entry has.
pub const ENTRY_BYTES: usize = 12;

/// Where an index entry leads: the lower 48 bits are kept, which is enough for 280 million million records.
const LOW_48: u64 = 0xffff_ffff_ffff;

/// Under a stream's or command's short key, a position to look at. The record there tells whether it is the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The short key.
    pub key: u64,
    /// The position.
    pub position: u64,
}

impl Entry {
    /// Big-endian, so that bytes sort as entries do.
    #[must_use]
    pub fn encode(self) -> [u8; ENTRY_BYTES] {
        let [_, _, key @ ..] = self.key.to_be_bytes();
        let [_, _, position @ ..] = self.position.to_be_bytes();
        let mut bytes = [0; ENTRY_BYTES];
        for (place, byte) in bytes.iter_mut().zip(key.into_iter().chain(position)) {
            *place = byte;
        }
        bytes
    }

    /// The entry whose bytes these are.
    #[must_use]
    pub fn decode(bytes: [u8; ENTRY_BYTES]) -> Self {
        let number = |half: &[u8]| half.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let (key, position) = bytes.split_at(6);
        Self {
            key: number(key),
            position: number(position),
        }
    }
}

/// The short key of a stream.
#[must_use]
pub fn stream(name: &str) -> u64 {
    short(b's', name)
}

/// The short key of a command.
#[must_use]
pub fn command(name: &str) -> u64 {
    short(b'c', name)
}

/// FNV-1a over a tag and the name, stirred once more and cut to 48 bits. Names that share a key only cost a look more.
fn short(tag: u8, name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let tagged = step(0xcbf2_9ce4_8422_2325, tag);
    let fnv = name.bytes().fold(tagged, step);
    let stirred = (fnv ^ (fnv >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (stirred ^ (stirred >> 32)) & LOW_48
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_survives_its_bytes_and_sorts_as_they_do() {
        let entries = [(0, 0), (0, 1), (1, 0), (1, 256), (LOW_48, 3), (LOW_48, LOW_48)]
            .map(|(key, position)| Entry { key, position });
        assert!(entries.is_sorted() && entries.map(Entry::encode).is_sorted());
        for entry in entries {
            assert_eq!(Entry::decode(entry.encode()), entry);
        }
    }

    #[test]
    fn a_stream_and_a_command_of_one_name_have_different_keys() {
        assert_ne!(stream("17"), command("17"));
        // On disk for good: another value here is another format of the index.
        assert_eq!(stream("case/17"), stream("case/17"));
        assert!(stream("case/17") <= LOW_48);
    }
}
