//! Blocks: what goes in comes out, and no damage passes.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::block::{Block, BlockBuilder, BlockError, Compression};
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::record::{Kind, Record, RecordRef};
use guichet_log::testkit::{draft, stream};
use proptest::collection::vec;
use proptest::prelude::*;

/// A tree of some size, to begin a block on.
fn tree(size: u64) -> Frontier {
    let mut tree = Frontier::default();
    for number in 0..size {
        tree.push(Hash::of_leaf(&number.to_le_bytes()));
    }
    tree
}

/// A block of these payloads, and its stored form.
fn block(before: u64, payloads: &[Vec<u8>], compression: Compression) -> (Block, Vec<u8>) {
    let mut builder = BlockBuilder::new(tree(before)).with_zone_map();
    let mut previous = Hash::NONE;
    for (number, payload) in payloads.iter().enumerate() {
        let mut encoded = Vec::new();
        draft(&format!("c-{number}"), payload).encode(&stream("case/1"), &mut encoded);
        let recorded_at = Timestamp::from_micros(i64::try_from(number).unwrap() * 7 - 3);
        previous = builder.place(&encoded, Revision(number as u64), recorded_at, previous);
    }
    let mut stored = Vec::new();
    let block = builder.finish(compression, &mut stored);
    (block, stored)
}

fn compression() -> impl Strategy<Value = Compression> {
    prop_oneof![Just(Compression::None), Just(Compression::Lz4)]
}

proptest! {
    #[test]
    fn a_block_survives_its_bytes(
        before in 0..40_u64,
        payloads in vec(vec(any::<u8>(), 0..400), 1..20),
        compression in compression(),
    ) {
        let (block, stored) = block(before, &payloads, compression);
        let parsed = Block::parse(&stored).unwrap();
        prop_assert_eq!(&parsed, &block);
        let leaves = parsed.records().map(|record| record.unwrap().leaf_hash()).collect();
        prop_assert_eq!(parsed.check(&tree(before)), Ok(leaves));
        prop_assert_eq!(parsed.len(), payloads.len());
        prop_assert_eq!((parsed.first().0, parsed.end().0), (before, before + payloads.len() as u64));
        let read: Vec<Vec<u8>> = parsed.records().map(|record| record.unwrap().payload.to_vec()).collect();
        prop_assert_eq!(read, payloads);
        prop_assert!(parsed.may_hold(&Kind::from_static("test.noted")));
        prop_assert!(!parsed.may_hold(&Kind::from_static("test.other")));
        prop_assert_eq!(parsed.record(Position(before + 100)), None);
    }

    #[test]
    fn packing_a_block_anew_keeps_its_records_and_its_tree(
        before in 0..40_u64,
        payloads in vec(vec(any::<u8>(), 0..400), 1..20),
    ) {
        let (journal, _) = block(before, &payloads, Compression::None);
        let mut builder = BlockBuilder::new(tree(before));
        for record in journal.records() {
            let record = record.unwrap();
            builder.push(record.stored, record.leaf_hash());
        }
        let mut stored = Vec::new();
        builder.finish(Compression::Lz4, &mut stored);
        let sealed = Block::parse(&stored).unwrap();
        prop_assert_eq!(sealed.frontier(), journal.frontier());
        prop_assert_eq!(sealed.recorded(), journal.recorded());
        for position in before..journal.end().0 {
            prop_assert_eq!(sealed.stored(Position(position)), journal.stored(Position(position)));
        }
    }

    #[test]
    fn a_flipped_byte_is_always_found(
        payloads in vec(vec(any::<u8>(), 0..60), 1..4),
        compression in compression(),
        flip in 1..=255_u8,
    ) {
        let (_, stored) = block(5, &payloads, compression);
        for at in 0..stored.len() {
            let mut damaged = stored.clone();
            damaged[at] ^= flip;
            let found = Block::parse(&damaged);
            let named = match (at, &found) {
                (0..=3, found) => *found == Err(BlockError::NoBlock),
                (4..=5, found) => matches!(found, Err(BlockError::Format(_))),
                (20..=23, found) => matches!(found, Err(BlockError::Length { .. })),
                (_, found) => matches!(found, Err(BlockError::Checksum { .. })),
            };
            prop_assert!(named, "byte {} of {}: {:?}", at, stored.len(), found);
        }
    }

    #[test]
    fn a_cut_or_grown_block_is_always_found(payloads in vec(vec(any::<u8>(), 0..60), 1..4)) {
        let (_, stored) = block(5, &payloads, Compression::Lz4);
        for end in 0..stored.len() {
            let found = Block::parse(&stored[..end]).unwrap_err();
            let named = matches!(found, BlockError::Short(_) | BlockError::Length { .. });
            prop_assert!(named, "cut at {}: {:?}", end, found);
        }
        let grown = [stored.as_slice(), &[0]].concat();
        let found = Block::parse(&grown);
        let named = matches!(found, Err(BlockError::Length { .. }));
        prop_assert!(named, "{:?}", found);
    }

    #[test]
    fn any_bytes_give_a_block_or_an_error(bytes in vec(any::<u8>(), 0..300), start in any::<bool>()) {
        let mut bytes = bytes;
        if start {
            bytes.splice(..0, *b"GBLK\x01\0\x01\0");
        }
        let _ = Block::parse(&bytes);
        let _ = RecordRef::parse(&bytes);
        let _ = Record::decode(&[&[1], bytes.as_slice()].concat());
    }
}

#[test]
fn a_block_of_an_unknown_format_or_compression_is_refused_by_name() {
    let (_, stored) = block(0, &[b"x".to_vec()], Compression::None);
    let mut newer = stored.clone();
    newer[4] = 2;
    let error = Block::parse(&newer).unwrap_err();
    assert_eq!(error, BlockError::Format(2));
    assert!(error.to_string().contains("format 2"), "{error}");

    let mut packed = stored;
    packed[6] = 7;
    // With the checksum put right, as another build would have written it.
    packed[28..32].fill(0);
    let crc = crc32c::crc32c(&packed);
    packed[28..32].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(Block::parse(&packed), Err(BlockError::Compression(7)));
}

#[test]
fn the_stored_form_is_the_one_that_the_format_document_draws() {
    let (block, stored) = block(3, &[b"x".to_vec(), b"yz".to_vec()], Compression::None);
    assert_eq!(stored[..8], *b"GBLK\x01\0\0\0");
    assert_eq!(stored[8..16], 3_u64.to_le_bytes());
    assert_eq!(stored[16..20], 2_u32.to_le_bytes());
    assert_eq!(stored[20..24], u32::try_from(stored.len()).unwrap().to_le_bytes());
    let body = 8 + block.bytes();
    assert_eq!(stored[24..28], u32::try_from(body).unwrap().to_le_bytes());
    assert_eq!(stored[32..40], (-3_i64).to_le_bytes());
    assert_eq!(stored[40..48], 4_i64.to_le_bytes());
    // One extension field of tag 1: `test.noted`.
    assert_eq!(stored[48..50], 14_u16.to_le_bytes());
    // Five leaves: subtrees of four and of one.
    assert_eq!(stored[50..52], [2, 0]);
    assert_eq!(stored[52..84], block.frontier().roots()[0].0);
    assert_eq!(stored[84..116], block.frontier().roots()[1].0);
    assert_eq!(stored[116..130], *b"\x01\x0b\0\x0atest.noted");
    let first = block.stored(Position(3)).unwrap();
    assert_eq!(
        stored[130..134],
        u32::try_from(first.len()).unwrap().to_le_bytes()
    );
    assert_eq!(
        stored[134..138],
        u32::try_from(block.bytes()).unwrap().to_le_bytes()
    );
    assert_eq!(stored[138..138 + first.len()], *first);
}

#[test]
fn a_block_that_does_not_follow_is_named() {
    let (block, _) = block(3, &[b"x".to_vec()], Compression::None);
    assert_eq!(
        block.check(&tree(2)),
        Err(BlockError::Gap {
            expected: Position(2),
            found: Position(3)
        })
    );
    let mut other = tree(2);
    other.push(Hash::of_leaf(b"another history"));
    assert_eq!(block.check(&other), Err(BlockError::Frontier));
}
