//! A file of vectors: JSON, packed with gzip or not, told apart by its first bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::context::Failure;

/// The most bytes of a file once it is unpacked: a hundred times those of the largest file of ours, and a bound for what a
/// small file can unpack to.
const UNPACKED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a file of vectors holds that is looked at. What else it says is for people.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object with `vectors`, or with `known_roots` and `trees`")]
pub(super) struct VectorFile {
    /// Opening hours by name.
    #[serde(default)]
    pub(super) schedules: BTreeMap<String, Value>,
    /// How far a number may be from the one expected.
    pub(super) tolerance: Option<Value>,
    /// The vectors as text, each read alone when its turn comes: one that is none hides no other.
    pub(super) vectors: Option<Vec<Box<RawValue>>>,
    /// Leaves, and the roots over the first of them.
    pub(super) known_roots: Option<Value>,
    /// Trees with their roots and proofs.
    pub(super) trees: Option<Vec<Value>>,
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<VectorFile, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, "cannot read", &error))?;
    let bytes = unpacked(file).map_err(|error| {
        let kind = error.kind();
        if kind == io::ErrorKind::UnexpectedEof {
            none(path, "the gzip is cut off")
        } else if kind == io::ErrorKind::InvalidData || kind == io::ErrorKind::InvalidInput {
            none(path, &format!("the gzip is damaged ({error})"))
        } else {
            Failure::file(path, "cannot read", &error)
        }
    })?;
    if bytes.len() as u64 > UNPACKED_BYTES_MAX {
        let limit = format!(
            "it unpacks to more than {} MiB",
            UNPACKED_BYTES_MAX / (1024 * 1024)
        );
        return Err(none(path, &limit).help("split it into several files"));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&bytes);
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(none(path, "it is empty"));
    }
    let file: VectorFile = serde_json::from_slice(text).map_err(|error| none(path, &error.to_string()))?;
    if file.vectors.is_none() && file.known_roots.is_none() && file.trees.is_none() {
        return Err(none(
            path,
            "it has neither `vectors` nor `known_roots` nor `trees`",
        ));
    }
    Ok(file)
}

fn none(path: &Path, cause: &str) -> Failure {
    Failure::config(
        "vectors_unreadable",
        format!("`{}` is no file of vectors", path.display()),
    )
    .help("docs/cli.md lists the shapes that are read")
    .zh(
        format!("`{}` 不是测试向量文件", path.display()),
        Some("可读的格式见 docs/cli.md"),
    )
    .because(cause)
}

/// All bytes, unpacked, up to one more than there may be.
fn unpacked(mut file: File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.by_ref().take(2).read_to_end(&mut head)?;
    let packed = head == [0x1f, 0x8b];
    let whole = BufReader::new(Cursor::new(head).chain(file));
    let mut bytes = Vec::new();
    let limit = UNPACKED_BYTES_MAX + 1;
    if packed {
        MultiGzDecoder::new(whole).take(limit).read_to_end(&mut bytes)?;
    } else {
        whole.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
