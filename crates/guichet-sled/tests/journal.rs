//! Recovery as a pure function: whatever is done to the bytes of a journal, what comes out is a whole prefix or a name
//! for the damage.

use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::block::{BlockBuilder, BlockError};
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::testkit::{draft, stream};
use guichet_sled::journal::{
    FileHeader, FollowError, HeaderError, SECTOR_BYTES, Scan, end_mark, follow, scan, stamp_frame,
    write_frame,
};

const SALT: u64 = 0x1234_5678_9abc_def0;

/// A journal file of frames with so many records each, and where each frame begins and ends.
fn journal(first: &Frontier, sizes: &[u8], used_before: bool) -> (Vec<u8>, Vec<(usize, usize)>) {
    let header = FileHeader {
        first: Position(first.size()),
        salt: SALT,
        used_before,
    };
    let mut bytes = header.encode().to_vec();
    let mut places = Vec::new();
    let mut tree = first.clone();
    for (number, size) in sizes.iter().enumerate() {
        let mut builder = BlockBuilder::new(tree);
        for index in 0..*size {
            let mut record = Vec::new();
            draft(&format!("c-{number}"), &[index + 1; 150]).encode(&stream("a"), &mut record);
            builder.place(
                &record,
                Revision(builder.end().0),
                Timestamp::from_micros(1),
                Hash::NONE,
            );
        }
        let mut frame = Vec::new();
        let block = write_frame(builder, &mut frame);
        stamp_frame(&mut frame, SALT, block.first());
        places.push((bytes.len(), bytes.len() + frame.len()));
        bytes.extend(frame);
        tree = block.frontier().clone();
    }
    (bytes, places)
}

/// What an open finds: the records below the end, what was cut, or the damage.
fn recover(bytes: &[u8]) -> Result<(u64, Option<String>), String> {
    let scan = scan(bytes).map_err(|error| error.to_string())?;
    let torn = scan.torn.clone().map(|torn| torn.reason);
    let mut tree = Frontier::default();
    follow(scan, &mut tree).map_err(|error| error.to_string())?;
    Ok((tree.size(), torn))
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len() + 4 * SECTOR_BYTES, 0);
    bytes
}

#[test]
fn a_journal_cut_at_any_byte_gives_the_frames_before_the_cut() {
    let sizes = [1, 3, 1, 2];
    let (bytes, places) = journal(&Frontier::default(), &sizes, false);
    // Whole frames end before the zeros that fill their last sector.
    let whole: Vec<usize> = places
        .iter()
        .map(|(start, end)| start + bytes[*start..*end].iter().rposition(|byte| *byte != 0).unwrap() + 1)
        .collect();
    for cut in 0..=bytes.len() {
        // A file that lost its end, and one whose end was never written.
        let ends = bytes[..cut].to_vec();
        let mut zeros = ends.clone();
        zeros.resize(bytes.len(), 0);
        for file in [ends, zeros] {
            if cut < 28 {
                let error = scan(&file).unwrap_err();
                let named = matches!(
                    error,
                    HeaderError::Short(_) | HeaderError::NoJournal | HeaderError::Checksum
                ) || error == HeaderError::Format(0);
                assert!(named, "cut at {cut}: {error:?}");
                continue;
            }
            let frames = whole.iter().filter(|end| **end <= cut).count();
            let records: u8 = sizes[..frames].iter().sum();
            let (found, torn) = recover(&file).unwrap();
            assert_eq!(found, u64::from(records), "cut at {cut}");
            let begun = file[places
                .get(frames)
                .map_or(file.len(), |place| place.0.min(file.len()))..]
                .iter()
                .any(|byte| *byte != 0);
            assert_eq!(torn.is_some(), begun, "cut at {cut}: {torn:?}");
        }
    }
}

#[test]
fn a_flipped_bit_is_damage_or_a_reported_cut_and_never_passes() {
    let (bytes, places) = journal(&Frontier::default(), &[2, 1, 2], false);
    let bytes = padded(bytes);
    let (last_start, last_end) = places[2];
    for at in 0..last_end {
        for bit in [0, 3, 7] {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let found = recover(&flipped);
            match found {
                // Zeros that fill a sector carry nothing.
                Ok((5, None)) => assert_eq!(bytes[at], 0, "byte {at} bit {bit}"),
                // The header's sector carries nothing after its checksum.
                Ok((5, Some(_))) => panic!("byte {at} bit {bit} is reported and lost nothing"),
                Ok((3, Some(_))) => assert!(at >= last_start, "byte {at} bit {bit} cuts only the last frame"),
                Ok(other) => panic!("byte {at} bit {bit}: {other:?}"),
                Err(error) => {
                    assert!(at < last_start, "byte {at} bit {bit}: {error}");
                    assert!(
                        at < 28 || error.ends_with("although a later frame is whole"),
                        "{error}"
                    );
                }
            }
        }
    }
}

#[test]
fn after_an_orderly_end_even_the_last_frame_cannot_be_lost_in_silence() {
    let (mut bytes, places) = journal(&Frontier::default(), &[2, 1], false);
    bytes.extend(end_mark(SALT, Position(3)));
    let bytes = padded(bytes);
    assert_eq!(recover(&bytes), Ok((3, None)));
    let (start, end) = places[1];
    let filled = start + bytes[start..end].iter().rposition(|byte| *byte != 0).unwrap();
    for at in start..=filled {
        let mut flipped = bytes.clone();
        flipped[at] ^= 16;
        let error = recover(&flipped).unwrap_err();
        assert!(
            error.starts_with("the journal ended in order at position 3"),
            "byte {at}: {error}"
        );
    }
}

#[test]
fn what_an_earlier_use_of_the_file_left_is_not_taken_for_frames() {
    let (old, _) = journal(&Frontier::default(), &[3, 3, 3, 3], false);
    let mut tree = Frontier::default();
    follow(scan(&old).unwrap(), &mut tree).unwrap();
    let header = FileHeader {
        first: Position(12),
        salt: !SALT,
        used_before: true,
    };
    let mut bytes = old;
    bytes[..SECTOR_BYTES].copy_from_slice(&header.encode());
    let found = scan(&bytes).unwrap();
    assert_eq!(
        (found.frames.len(), found.end, found.torn.clone()),
        (0, SECTOR_BYTES, None)
    );
    assert_eq!(follow(found, &mut tree), Ok(vec![]));
}

#[test]
fn a_torn_frame_in_a_file_that_was_used_before_is_reported_too() {
    let (bytes, places) = journal(&Frontier::default(), &[1, 6], true);
    let mut torn = bytes;
    let (start, _) = places[1];
    torn[start + 2 * SECTOR_BYTES..start + 3 * SECTOR_BYTES].fill(0);
    let (found, reason) = recover(&torn).unwrap();
    assert_eq!(found, 1);
    assert!(reason.unwrap().starts_with("a block's checksum is "));
}

#[test]
fn frames_that_do_not_follow_on_the_sealed_part_are_named() {
    let (bytes, _) = journal(&Frontier::default(), &[2, 2], false);
    let whole = |bytes: &[u8]| -> Scan { scan(bytes).unwrap() };
    // Sealed up to the end of the first frame: only the second one is taken.
    let mut tree = whole(&bytes).frames[0].frontier().clone();
    let taken = follow(whole(&bytes), &mut tree).unwrap();
    assert_eq!(
        taken.iter().map(|(block, _)| block.first()).collect::<Vec<_>>(),
        [Position(2)]
    );
    // Sealed is another history of the same length.
    let mut other = Frontier::default();
    other.push(Hash::of_leaf(b"1"));
    other.push(Hash::of_leaf(b"2"));
    assert_eq!(
        follow(whole(&bytes), &mut other),
        Err(FollowError::Block(BlockError::Frontier))
    );
    // The sealed part ends inside of a frame.
    let mut half = Frontier::default();
    half.push(Hash::of_leaf(b"1"));
    assert_eq!(
        follow(whole(&bytes), &mut half),
        Err(FollowError::Block(BlockError::Gap {
            expected: Position(1),
            found: Position(0)
        }))
    );
}

#[test]
fn a_journal_of_an_unknown_format_is_refused_by_name() {
    let (mut bytes, _) = journal(&Frontier::default(), &[1], false);
    bytes[4] = 9;
    let error = scan(&bytes).unwrap_err();
    assert_eq!(error, HeaderError::Format(9));
    assert!(error.to_string().contains("format 9"), "{error}");
}
