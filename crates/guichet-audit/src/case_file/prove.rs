//! Writing a case file out of an archive.

use guichet_core::id::{CaseId, Position, StreamId};
use guichet_log::archive::{Archive, ArchiveError, BUNDLE_RECORDS};
use guichet_log::merkle::Hash;
use guichet_log::merkle::proof::{NoProof, inclusion};
use guichet_log::projection::{Recorded, Unreadable};
use guichet_log::record::RecordRef;
use guichet_log::stream_map::StreamMap;
use guichet_log::tlog_proof::TlogProof;

use super::{CASE_FILE, CaseFile, Completeness, Readable, VERSION, record_name};

/// A case file, ready to be written: its files by their paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// How many records it proves.
    pub records: u64,
    /// How many records the log had when its head was sealed.
    pub size: u64,
    /// The files, in the order of their paths.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A case that cannot be proven.
#[derive(Debug, thiserror::Error)]
pub enum NotProven {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no such case.
    #[error("there is no case {0} in this archive")]
    NoCase(CaseId),
    /// The head states other ends of streams than the records have, so nobody could check the proof.
    #[error("the head of the archive does not have the ends of streams that its records have")]
    Streams,
    /// The case file cannot be put into JSON.
    #[error("the case file cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Proves a case out of an archive, by its newest head. The whole archive is read, since the proof that nothing was left
/// out rests on the ends of all streams.
///
/// # Errors
///
/// [`NotProven`] when there is no such case, or the archive is not what its head says.
pub fn prove(archive: &Archive, case: &CaseId) -> Result<Proven, NotProven> {
    let stream = StreamId::of_case(case);
    let head = archive.head();
    let mut map = StreamMap::default();
    let mut own: Vec<(Position, Vec<u8>)> = Vec::new();
    for index in 0..archive.bundles() {
        for (place, bytes) in (0_u64..).zip(archive.bundle(index)?.records()) {
            let position = Position(index * BUNDLE_RECORDS + place);
            let record = parse(bytes, position)?;
            map.add_named(record.stream, Hash::of_leaf(bytes));
            if record.stream == stream.as_str() {
                own.push((position, bytes.to_vec()));
            }
        }
    }
    let proof = map
        .prove(&stream)
        .ok_or_else(|| NotProven::NoCase(case.clone()))?;
    if map.root() != head.streams_root {
        return Err(NotProven::Streams);
    }
    let mut files = Vec::new();
    let mut events = Vec::new();
    for (position, bytes) in own {
        let recorded = Recorded::of_ref(&parse(&bytes, position)?).map_err(ArchiveError::from)?;
        let hashes = inclusion(&mut &*archive, position.0, head.size).map_err(|error| match error {
            NoProof::Node(error) => error,
            NoProof::Proof(error) => ArchiveError::Damaged {
                path: archive.dir().to_owned(),
                position,
                reason: error.to_string(),
            },
        })?;
        let tlog = TlogProof {
            index: position.0,
            hashes,
            head: archive.note().clone(),
        };
        let name = record_name(recorded.revision);
        files.push((format!("{name}.record"), bytes));
        files.push((format!("{name}.tlog-proof"), tlog.to_string().into_bytes()));
        events.push(Readable::of(&recorded));
    }
    let file = CaseFile {
        version: VERSION,
        case: case.clone(),
        log: head.origin.clone(),
        size: head.size,
        completeness: Completeness::of(&proof),
        events,
    };
    let mut json = serde_json::to_vec_pretty(&file)?;
    json.push(b'\n');
    files.push((CASE_FILE.to_owned(), json));
    files.push(("README.md".to_owned(), include_bytes!("README.md").to_vec()));
    files.sort();
    Ok(Proven {
        records: proof.end.records,
        size: head.size,
        files,
    })
}

fn parse(bytes: &[u8], position: Position) -> Result<RecordRef<'_>, ArchiveError> {
    RecordRef::parse(bytes).map_err(|cause| {
        Unreadable {
            position,
            cause: cause.into(),
        }
        .into()
    })
}
