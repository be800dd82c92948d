//! Tampering at random with an archive of 10,000 events: whatever changes what a reader would see is found, and nothing makes
//! the tool fail. `TAMPERINGS=20` does it twenty times as often.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod archived;
mod chance;

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use guichet_audit::verify::{Against, FindingKind, archive as verify};
use guichet_log::archive::{Archive, ArchiveError, Tile, bundle_path};

use archived::{Archived, public};
use chance::{Chance, times};

/// The archive, and what is known of it before anybody touches it.
struct Bench {
    archived: Archived,
    chance: Chance,
    files: Vec<PathBuf>,
}

impl Bench {
    fn new(seed: u64) -> Self {
        let archived = Archived::of(10_000);
        // Earlier heads are kept beside the newest one: all of it is what a reader sees.
        let mut files: Vec<_> = ["tile", "heads"]
            .iter()
            .flat_map(|folder| archived.files(folder))
            .collect();
        files.push(archived.path().join("checkpoint"));
        let bench = Self {
            archived,
            chance: Chance::new(seed),
            files,
        };
        assert_eq!(bench.verdict(), Ok(Vec::new()));
        bench
    }

    /// What the tool finds: the kinds, or that there is no archive to speak of.
    fn verdict(&self) -> Result<Vec<FindingKind>, String> {
        let against = Against {
            key: Some(public()),
            kept: Vec::new(),
        };
        let two = NonZeroUsize::new(2).unwrap();
        match verify(self.archived.path(), &against, two) {
            Ok(verification) => {
                let reached = verification
                    .findings
                    .iter()
                    .all(|finding| finding.position.0 <= verification.records);
                assert!(reached, "every finding has a position in the log");
                Ok(verification.findings.iter().map(|finding| finding.kind).collect())
            }
            Err(error @ (ArchiveError::Head { .. } | ArchiveError::None(_))) => Err(error.to_string()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Tampers with one file, asks for the verdict, and puts it back.
    fn tamper(&mut self, path: &PathBuf, tampering: &str, change: impl FnOnce(&mut Vec<u8>, &mut Chance)) {
        let honest = fs::read(path).unwrap();
        let mut bytes = honest.clone();
        change(&mut bytes, &mut self.chance);
        if bytes == honest {
            return;
        }
        fs::write(path, &bytes).unwrap();
        let verdict = self.verdict();
        assert_ne!(
            verdict,
            Ok(Vec::new()),
            "{tampering} of {} passes",
            path.display()
        );
        fs::write(path, honest).unwrap();
    }

    fn entries(&self) -> Vec<PathBuf> {
        self.archived.files("tile/entries")
    }
}

fn records(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut records = Vec::new();
    while let [high, low, after @ ..] = rest {
        let (record, next) = after.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        records.push(record.to_vec());
        rest = next;
    }
    records
}

fn packed(records: &[Vec<u8>]) -> Vec<u8> {
    records
        .iter()
        .flat_map(|record| {
            let length = u16::try_from(record.len()).unwrap();
            [&length.to_be_bytes()[..], record].concat()
        })
        .collect()
}

#[test]
fn no_flipped_bit_passes() {
    let mut bench = Bench::new(0x5eed);
    for _ in 0..times(2_000, 20) {
        let path = bench.chance.one(&bench.files).clone();
        bench.tamper(&path, "a flipped bit", |bytes, chance| {
            let place = chance.below(bytes.len());
            bytes[place] ^= 1 << chance.below(8);
        });
    }
}

#[test]
fn no_file_that_was_cut_passes() {
    let mut bench = Bench::new(0xc07);
    for _ in 0..times(500, 20) {
        let path = bench.chance.one(&bench.files).clone();
        bench.tamper(&path, "a cut", |bytes, chance| {
            let length = chance.below(bytes.len());
            bytes.truncate(length);
        });
    }
}

#[test]
fn no_record_that_was_swapped_removed_doubled_or_moved_passes() {
    let mut bench = Bench::new(0x5a9);
    for round in 0..times(400, 20) {
        let path = bench.chance.one(&bench.entries()).clone();
        bench.tamper(&path, "another order", |bytes, chance| {
            let mut all = records(bytes);
            let (a, b) = (chance.below(all.len()), chance.below(all.len()));
            match round % 4 {
                0 => all.swap(a, b),
                1 => drop(all.remove(a)),
                2 => all.insert(a, all[b].clone()),
                _ => {
                    let moved = all.remove(a);
                    all.insert(b.min(all.len()), moved);
                }
            }
            *bytes = packed(&all);
        });
    }
}

#[test]
fn no_file_in_the_place_of_another_passes() {
    let mut bench = Bench::new(0xf11e);
    for _ in 0..times(200, 20) {
        let (path, other) = (
            bench.chance.one(&bench.files).clone(),
            bench.chance.one(&bench.files).clone(),
        );
        // The newest head stands twice, and may.
        if fs::read(&path).unwrap() != fs::read(&other).unwrap() {
            bench.tamper(&path, "another file's content", |bytes, _| {
                *bytes = fs::read(&other).unwrap();
            });
        }
    }
}

#[test]
fn no_missing_file_passes_but_those_of_earlier_heads_alone() {
    let bench = Bench::new(1);
    let newest = Archive::open(bench.archived.path()).unwrap().end().0;
    let tiles = (0..3).filter_map(|level| Tile::at(level, (newest >> (8 * level)) / 256, newest));
    let of_newest: Vec<_> = tiles
        .flat_map(|tile| [tile.path(), bundle_path(tile.index, tile.width)])
        .collect();
    for path in &bench.files {
        let honest = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        let inside = path.strip_prefix(bench.archived.path()).unwrap();
        let unfinished = inside.parent().unwrap().extension().is_some_and(|end| end == "p");
        // That a head was sealed once is not written elsewhere: whoever needs it keeps it.
        let earlier =
            inside.starts_with("heads") || unfinished && !of_newest.iter().any(|file| inside == *file);
        assert_eq!(bench.verdict() == Ok(Vec::new()), earlier, "{}", path.display());
        fs::write(path, honest).unwrap();
    }
}
