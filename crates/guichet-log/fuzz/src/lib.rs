//! What the fuzz targets do with their bytes, and the seeds that they begin with.
//!
//! Every target reads bytes as the house does. Whatever they are, nothing may panic, and what was taken must survive being
//! written and read again. `crates/guichet-cli/tests/bytes.rs` calls the same functions with damaged seeds, so that each
//! test run says that much.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a target says by a panic that it found something"
)]

use std::sync::LazyLock;

use guichet_catalogue::finding;
use guichet_cli::import::mapping::{Mapping, SHIPPED};
use guichet_cli::import::source::Reader;
use guichet_core::case::Command;
use guichet_core::id::{Position, Revision};
use guichet_core::time::Timestamp;
use guichet_log::block::{Block, BlockBuilder, Compression};
use guichet_log::codec::{self, json, registry};
use guichet_log::merkle::{Frontier, Hash};
use guichet_log::record::RecordRef;
use guichet_log::testkit::{draft, stream};
use guichet_sled::journal::{self, FileHeader, SECTOR_BYTES};

/// A small catalogue without faults, which the catalogue's own tests break by hand.
#[path = "../../../guichet-catalogue/tests/common/mod.rs"]
mod small;

/// One reader of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Reads the bytes, and panics when it found something.
    pub read: fn(&[u8]),
    /// Bytes to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them, by name.
pub const TARGETS: &[(&str, Target)] = &[
    target("record", record, record_seeds),
    target("block", block, block_seeds),
    target("payload", payload, payload_seeds),
    target("journal", journal, journal_seeds),
    target("command", command, command_seeds),
    target("catalogue", catalogue, catalogue_seeds),
    target("mapping", mapping, mapping_seeds),
    target("xes", xes, xes_seeds),
    target("csv", csv, csv_seeds),
];

const fn target(name: &'static str, read: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> (&'static str, Target) {
    (name, Target { read, seeds })
}

/// A stored record. What is taken is written as the same bytes.
pub fn record(bytes: &[u8]) {
    let Ok(read) = RecordRef::parse(bytes) else { return };
    let leaf = read.leaf_hash();
    let _ = codec::decode_ref(&read);
    if let Ok(record) = read.to_record() {
        assert_eq!(record.encode(), bytes);
        assert_eq!(record.leaf_hash(), leaf);
        let _ = codec::decode_record(&record);
    }
}

fn record_seeds() -> Vec<Vec<u8>> {
    include_str!("../../../../replay-fixtures/formats/record.v1.hex")
        .lines()
        .map(unhex)
        .collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let bytes = digits.as_chunks::<2>().0;
    bytes
        .iter()
        .map(|[high, low]| u8::try_from(high * 16 + low).unwrap())
        .collect()
}

/// A stored block: as it is, and with its length and checksum put right, which no fuzzer guesses.
pub fn block(bytes: &[u8]) {
    walk(bytes);
    let mut mended = bytes.to_vec();
    mend_block(&mut mended);
    walk(&mended);
}

fn walk(bytes: &[u8]) {
    let Ok(block) = Block::parse(bytes) else { return };
    assert_eq!(block.end().0 - block.first().0, block.len() as u64);
    for position in block.first().0..block.end().0 {
        let stored = block.stored(Position(position));
        record(stored.unwrap_or_default());
    }
    assert_eq!(block.stored(block.end()), None);
    let _ = block.records_from(Position(block.first().0 + 1)).count();
    let _ = block.check(&Frontier::default());
}

/// Puts right the magic number, the format, the length and the checksum of a block that is all of `bytes`.
fn mend_block(bytes: &mut [u8]) {
    let Ok(length) = u32::try_from(bytes.len()) else {
        return;
    };
    if bytes.len() < 52 {
        return;
    }
    bytes[..6].copy_from_slice(b"GBLK\x01\0");
    bytes[20..24].copy_from_slice(&length.to_le_bytes());
    bytes[28..32].fill(0);
    let crc = crc32c::crc32c(bytes);
    bytes[28..32].copy_from_slice(&crc.to_le_bytes());
}

fn blocks() -> Vec<BlockBuilder> {
    let mut tree = Frontier::default();
    let mut blocks = Vec::new();
    for payloads in [vec![b"a".to_vec(), vec![0; 300]], vec![Vec::new(); 5]] {
        let mut builder = BlockBuilder::new(tree.clone()).with_zone_map();
        let mut previous = Hash::NONE;
        for (number, payload) in payloads.iter().enumerate() {
            let mut encoded = Vec::new();
            draft(&format!("c-{number}"), payload).encode(&stream("case/1"), &mut encoded);
            previous = builder.place(
                &encoded,
                Revision(number as u64),
                Timestamp::from_micros(7),
                previous,
            );
        }
        tree = builder.frontier().clone();
        blocks.push(builder);
    }
    blocks
}

fn block_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for compression in [Compression::None, Compression::Lz4] {
        for builder in blocks() {
            let mut stored = Vec::new();
            builder.finish(compression, &mut stored);
            seeds.push(stored);
        }
    }
    seeds
}

/// A payload: a byte that chooses the kind, one for the version, one for the codec, then the payload itself.
/// What is taken is written and read again as the same event, by the codec and as JSON.
pub fn payload(bytes: &[u8]) {
    let Some(([kind, version, codec], payload)) = bytes.split_first_chunk() else {
        return;
    };
    let kinds: Vec<_> = registry::current().collect();
    let (kind, _) = kinds[usize::from(*kind) % kinds.len()];
    let Ok(event) = codec::decode(kind, u16::from(*version), *codec, payload) else {
        return;
    };
    assert_eq!(event.kind(), kind);
    let encoded = codec::encode(&event).unwrap();
    let again = codec::decode(
        encoded.kind.as_str(),
        encoded.version,
        encoded.codec,
        &encoded.payload,
    );
    assert_eq!(again.as_ref(), Ok(&event));
    let data = serde_json::to_value(json::Data::of(&event)).unwrap();
    assert_eq!(json::read(kind, data), Ok(event));
}

fn payload_seeds() -> Vec<Vec<u8>> {
    let kinds: Vec<_> = registry::current().collect();
    let lines = include_str!("../../../../replay-fixtures/formats/events.v1.jsonl").lines();
    lines
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            let data = line["data"].take();
            let event = json::read(line["kind"].as_str().unwrap(), data).unwrap();
            let encoded = codec::encode(&event).unwrap();
            let kind = kinds.iter().position(|(kind, _)| *kind == encoded.kind.as_str());
            let mut seed = vec![
                u8::try_from(kind.unwrap()).unwrap(),
                u8::try_from(encoded.version).unwrap(),
                encoded.codec,
            ];
            seed.extend(encoded.payload);
            seed
        })
        .collect()
}

/// A journal file: as it is, and with the salts, lengths and checksums of its header and frames put right.
pub fn journal(bytes: &[u8]) {
    recover(bytes);
    let mut mended = bytes.to_vec();
    mend_journal(&mut mended);
    recover(&mended);
}

fn recover(bytes: &[u8]) {
    let Ok(scan) = journal::scan(bytes) else { return };
    assert!(scan.end.is_multiple_of(SECTOR_BYTES));
    let frames = scan.frames.len();
    let mut tree = Frontier::default();
    if let Ok(followed) = journal::follow(scan, &mut tree) {
        assert!(followed.len() <= frames);
        let records: usize = followed.iter().map(|(block, _)| block.len()).sum();
        assert_eq!(tree.size(), records as u64);
    }
}

fn mend_journal(bytes: &mut [u8]) {
    if bytes.len() < SECTOR_BYTES {
        return;
    }
    let salt: [u8; 8] = bytes[8..16].try_into().unwrap();
    bytes[..6].copy_from_slice(b"GJNL\x01\0");
    mend_header(&mut bytes[..28]);
    for at in (SECTOR_BYTES..bytes.len()).step_by(SECTOR_BYTES) {
        let Some((header, rest)) = bytes[at..].split_first_chunk_mut::<28>() else {
            return;
        };
        // Only what begins like a frame or an end mark becomes one.
        if header[0] != b'G' {
            continue;
        }
        let mark = header[1] == b'E';
        header[..4].copy_from_slice(if mark { b"GEND" } else { b"GFRM" });
        header[8..16].copy_from_slice(&salt);
        if !mark {
            let stated = u32::from_le_bytes(header[4..8].try_into().unwrap()) as usize;
            let length = stated.min(rest.len());
            header[4..8].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
            mend_block(&mut rest[..length]);
        }
        mend_header(header);
    }
}

/// Puts the checksum right that stands in the last four bytes of a header.
fn mend_header(header: &mut [u8]) {
    let (covered, crc) = header.split_at_mut(24);
    crc.copy_from_slice(&crc32c::crc32c(covered).to_le_bytes());
}

fn journal_seeds() -> Vec<Vec<u8>> {
    let (salt, first) = (0x0123_4567_89ab_cdef, Position(0));
    let mut seeds = Vec::new();
    for used_before in [false, true] {
        let header = FileHeader {
            first,
            salt,
            used_before,
        };
        let mut file = header.encode().to_vec();
        seeds.push(file.clone());
        let mut head = first;
        for builder in blocks() {
            let mut frame = Vec::new();
            let block = journal::write_frame(builder, &mut frame);
            journal::stamp_frame(&mut frame, salt, block.first());
            head = block.end();
            file.extend(frame);
        }
        seeds.push(file.clone());
        file.extend(journal::end_mark(salt, head));
        seeds.push(file);
    }
    seeds
}

/// A line of `guichet run`. What is taken is written and read again as the same command.
pub fn command(bytes: &[u8]) {
    let Ok(command) = serde_json::from_slice::<Command>(bytes) else {
        return;
    };
    let line = serde_json::to_string(&command).unwrap();
    assert_eq!(serde_json::from_str::<Command>(&line).unwrap(), command);
}

fn command_seeds() -> Vec<Vec<u8>> {
    let lines = include_str!("../../../../replay-fixtures/formats/commands.v1.jsonl").lines();
    lines.map(|line| line.as_bytes().to_vec()).collect()
}

/// A document of a catalogue: a byte that chooses which one, then its text, among the others of a small catalogue.
/// What is taken is linted, and the findings are printed.
pub fn catalogue(bytes: &[u8]) {
    let Some((place, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let (file, _) = small::SOUND[usize::from(*place) % small::SOUND.len()];
    match small::with(file, text) {
        Ok(loaded) => {
            let findings = guichet_catalogue::check(&loaded);
            let _ = finding::render(&findings);
            let _ = finding::to_json(&loaded, &findings);
        }
        Err(error) => assert_ne!(error.to_string(), ""),
    }
}

fn catalogue_seeds() -> Vec<Vec<u8>> {
    let documents = small::SOUND.iter().enumerate();
    documents
        .map(|(place, (_, text))| {
            let mut seed = vec![u8::try_from(place).unwrap()];
            seed.extend_from_slice(text.as_bytes());
            seed
        })
        .collect()
}

/// A mapping of `guichet import`.
pub fn mapping(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Mapping::from_yaml("fuzz.yaml", text) {
        Ok(mapping) => {
            let _ = mapping.becomes("Accept", Some("complete"), true);
            read_log(
                "log.csv",
                include_bytes!("../../../guichet-cli/tests/data/permits.events.csv"),
                None,
                &mapping,
            );
            read_log(
                "log.xes",
                include_bytes!("../../../guichet-cli/tests/data/permits.xes"),
                None,
                &mapping,
            );
        }
        Err(error) => assert_ne!(error.to_string(), ""),
    }
}

const PERMITS: &str = include_str!("../../../guichet-cli/tests/data/permits.yaml");

fn mapping_seeds() -> Vec<Vec<u8>> {
    let shipped = SHIPPED.iter().map(|shipped| shipped.text);
    shipped
        .chain([PERMITS])
        .map(|text| text.as_bytes().to_vec())
        .collect()
}

/// An event log as XES, gzipped or not.
pub fn xes(bytes: &[u8]) {
    read_log("log.xes", bytes, None, &PERMITS_MAPPING);
}

/// An event log as CSV, gzipped or not; after a byte 0 its file of cases.
pub fn csv(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let log = parts.next().unwrap_or_default();
    let cases = parts.next().map(|cases| ("cases.csv", cases));
    read_log("log.csv", log, cases, &PERMITS_MAPPING);
}

/// Read once: it takes longer than most logs do.
static PERMITS_MAPPING: LazyLock<Mapping> =
    LazyLock::new(|| Mapping::from_yaml("permits.yaml", PERMITS).unwrap());

fn read_log(name: &str, log: &[u8], cases: Option<(&str, &[u8])>, mapping: &Mapping) {
    let mut reader = match Reader::of_bytes(name, log, cases, mapping) {
        Ok(reader) => reader,
        Err(error) => {
            assert_ne!(error.to_string(), "");
            return;
        }
    };
    let mut failed = false;
    for item in reader.by_ref() {
        assert!(!failed, "the reader goes on after it gave up");
        failed = item.is_err();
        assert_ne!(format!("{item:?}"), "");
    }
    let _ = reader.tally();
}

fn xes_seeds() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../guichet-cli/tests/data/permits.xes").to_vec()]
}

fn csv_seeds() -> Vec<Vec<u8>> {
    let events = include_bytes!("../../../guichet-cli/tests/data/permits.events.csv");
    let cases = include_bytes!("../../../guichet-cli/tests/data/permits.cases.csv");
    vec![events.to_vec(), [events.as_slice(), &[0], cases].concat()]
}
