//! Verification: an honest archive passes, and everything else is found, with its position.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod archived;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use guichet_audit::verify::{Against, Finding, FindingKind, Verification, archive as verify};
use guichet_core::id::Position;
use guichet_log::archive::{Archive, CHECKPOINT};
use guichet_log::merkle::Hash;
use guichet_log::note::{Note, PrivateKey};
use guichet_log::sealed_head::SealedHead;

use archived::{Archived, key, public};

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn with_key() -> Against {
    Against {
        key: Some(public()),
        kept: Vec::new(),
    }
}

fn checked(dir: &Path) -> Verification {
    verify(dir, &with_key(), threads(2)).unwrap()
}

fn kinds(verification: &Verification) -> Vec<(u64, FindingKind)> {
    let findings = verification.findings.iter();
    findings
        .map(|finding| (finding.position.0, finding.kind))
        .collect()
}

/// Writes a file of records anew, changed.
fn rewrite(path: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut rest = fs::read(path).unwrap();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let length = usize::from(u16::from_be_bytes([rest[0], rest[1]]));
        records.push(rest[2..2 + length].to_vec());
        rest.drain(..2 + length);
    }
    change(&mut records);
    let mut bytes = Vec::new();
    for record in records {
        bytes.extend_from_slice(&u16::try_from(record.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&record);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_honest_archive_passes_on_any_number_of_threads() {
    let archived = Archived::of(900);
    let one = verify(archived.path(), &with_key(), threads(1)).unwrap();
    assert_eq!(one.findings, []);
    assert_eq!((one.signature_checked, one.heads), (true, 4));
    for count in [2, 3, 8] {
        assert_eq!(verify(archived.path(), &with_key(), threads(count)).unwrap(), one);
    }
}

#[test]
fn without_a_key_everything_is_checked_but_the_signature() {
    let archived = Archived::of(30);
    let verification = verify(archived.path(), &Against::default(), threads(2)).unwrap();
    assert_eq!(
        (verification.signature_checked, verification.findings.len()),
        (false, 0)
    );
}

#[test]
fn every_changed_record_is_told_and_not_only_the_first() {
    let archived = Archived::of(900);
    let [first, third] = [0, 2].map(|place| archived.files("tile/entries")[place].clone());
    for (path, place) in [(&first, 255), (&third, 3)] {
        rewrite(path, |records| *records[place].last_mut().unwrap() ^= 1);
    }
    let changed: Vec<_> = kinds(&checked(archived.path()))
        .into_iter()
        .filter(|(_, kind)| *kind == FindingKind::RecordChanged)
        .collect();
    assert_eq!(
        changed,
        [
            (255, FindingKind::RecordChanged),
            (515, FindingKind::RecordChanged)
        ]
    );
}

#[test]
fn a_changed_hash_is_told_apart_from_a_changed_record() {
    let archived = Archived::of(900);
    let tile = archived.path().join("tile/0/001");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[32 * 7] ^= 1;
    fs::write(&tile, bytes).unwrap();
    let verification = checked(archived.path());
    assert_eq!(kinds(&verification), [(256 + 7, FindingKind::HashChanged)]);
    assert_eq!(verification.findings[0].file.as_deref(), Some("tile/0/001"));
}

#[test]
fn a_missing_file_of_records_leaves_the_rest_to_be_checked() {
    let archived = Archived::of(900);
    fs::remove_file(archived.path().join("tile/entries/001")).unwrap();
    let found = kinds(&checked(archived.path()));
    assert_eq!(found.first(), Some(&(256, FindingKind::FileMissing)));
    // The tree went on with its own hashes, so the heads still fit.
    assert!(!found.iter().any(|(_, kind)| *kind == FindingKind::RootDiffers));
}

#[test]
fn a_history_that_was_written_anew_fits_neither_its_head_nor_a_kept_one() {
    let (archived, other) = (Archived::of(300), Archived::of(600));
    let kept = Archive::open(archived.path()).unwrap();
    let against = Against {
        key: Some(public()),
        kept: vec![(PathBuf::from("kept"), kept.note().clone())],
    };
    // The same key signed both: the holder of the key forked the log.
    let forked = verify(other.path(), &against, threads(2)).unwrap();
    assert_eq!(
        forked
            .findings
            .iter()
            .map(|finding| finding.kind)
            .collect::<Vec<_>>(),
        [FindingKind::KeptHeadDiffers, FindingKind::StreamsDiffer]
    );
    assert_eq!(forked.findings[0].position, kept.end());
}

#[test]
fn a_tail_that_was_cut_off_shows_against_a_kept_head_alone() {
    let archived = Archived::of(300);
    let newest = Archive::open(archived.path()).unwrap();
    let sizes = newest.heads().unwrap();
    let earlier = newest.head_note(sizes[1]).unwrap().unwrap();
    fs::write(archived.path().join(CHECKPOINT), earlier.to_string()).unwrap();
    assert_eq!(checked(archived.path()).findings, []);
    let against = Against {
        key: Some(public()),
        kept: vec![(PathBuf::from("kept"), newest.note().clone())],
    };
    let verification = verify(archived.path(), &against, threads(2)).unwrap();
    assert_eq!(kinds(&verification), [(sizes[1], FindingKind::Shorter)]);
}

#[test]
fn a_head_that_somebody_else_signed_is_told() {
    let archived = Archived::of(30);
    let head = Archive::open(archived.path()).unwrap().head().clone();
    let thief = PrivateKey::from_seed("centre.example/log", &[6; 32]).unwrap();
    fs::write(
        archived.path().join(CHECKPOINT),
        head.sign(&thief).unwrap().to_string(),
    )
    .unwrap();
    let verification = checked(archived.path());
    assert_eq!(kinds(&verification), [(head.size, FindingKind::HeadNotSigned)]);
    assert!(!verification.signature_checked);
}

#[test]
fn a_head_with_other_ends_of_streams_is_told_even_when_its_root_is_right() {
    let archived = Archived::of(30);
    let head = Archive::open(archived.path()).unwrap().head().clone();
    let lying = SealedHead {
        streams_root: Hash::of_leaf(b"a case with fewer records"),
        ..head
    };
    fs::write(
        archived.path().join(CHECKPOINT),
        lying.sign(&key()).unwrap().to_string(),
    )
    .unwrap();
    let found = kinds(&checked(archived.path()));
    assert_eq!(found, [(lying.size, FindingKind::StreamsDiffer)]);
}

#[test]
fn records_that_changed_places_are_told_by_their_places() {
    let archived = Archived::of(300);
    let path = archived.files("tile/entries")[1].clone();
    rewrite(&path, |records| records.swap(10, 20));
    let found = kinds(&checked(archived.path()));
    for place in [256 + 10, 256 + 20] {
        assert!(found.contains(&(place, FindingKind::RecordChanged)), "{found:?}");
        assert!(found.contains(&(place, FindingKind::OutOfOrder)), "{found:?}");
    }
}

#[test]
fn a_head_that_is_none_is_told_and_the_others_are_compared() {
    let archived = Archived::of(30);
    let first = archived.files("heads")[0].clone();
    fs::write(&first, "no head\n").unwrap();
    let verification = checked(archived.path());
    assert_eq!(kinds(&verification), [(0, FindingKind::HeadUnreadable)]);
    assert_eq!(verification.heads, 3);
}

#[test]
fn findings_are_in_the_order_of_the_log() {
    let archived = Archived::of(900);
    for path in archived.files("tile/entries") {
        rewrite(&path, |records| *records[9].last_mut().unwrap() ^= 1);
    }
    let findings = checked(archived.path()).findings;
    assert!(findings.len() >= 4 && findings.is_sorted());
    assert!(
        findings
            .iter()
            .all(|finding: &Finding| finding.position >= Position(9))
    );
    let note = Note::parse(b"kept\n");
    assert!(note.is_err());
}
