//! Proofs from an archive, as test vectors that any implementation of RFC 6962 can check: that records are in the tree of
//! each sealed head, and that each head extends those before it. `guichet vectors run` reads them too.
//!
//! ```text
//! cargo run -p guichet-log --example proofs -- ARCHIVE > proofs.json
//! ```

use std::error::Error;
use std::io::{self, Write as _};

use guichet_log::archive::Archive;
use guichet_log::merkle::Hash;
use guichet_log::merkle::proof::{Node, Nodes as _, consistency, inclusion, root_of};
use serde_json::{Value, json};

/// About how many records of each head's tree are proven.
const RECORDS: usize = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args_os().nth(1).ok_or("usage: proofs ARCHIVE")?;
    let archive = Archive::open(dir)?;
    let heads = archive.heads()?;
    let mut vectors = Vec::new();
    for (place, &size) in heads.iter().enumerate() {
        let root = root_of(&mut &archive, 0, size)?;
        let step = usize::try_from(size)?.div_ceil(RECORDS).max(1);
        for index in (0..size).step_by(step).chain(size.checked_sub(1)) {
            let leaf = (&archive).hash(Node { level: 0, index })?;
            vectors.push(json!({
                "kind": "inclusion",
                "index": index,
                "size": size,
                "leaf_hash": leaf.to_string(),
                "root": root.to_string(),
                "proof": texts(&inclusion(&mut &archive, index, size)?),
                "valid": true,
            }));
        }
        for &earlier in heads.iter().take(place + 1).filter(|size| **size > 0) {
            vectors.push(json!({
                "kind": "consistency",
                "size1": earlier,
                "size2": size,
                "root1": root_of(&mut &archive, 0, earlier)?.to_string(),
                "root2": root.to_string(),
                "proof": texts(&consistency(&mut &archive, earlier, size)?),
                "valid": true,
            }));
        }
    }
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &json!({ "vectors": vectors }))?;
    Ok(writeln!(out)?)
}

fn texts(hashes: &[Hash]) -> Vec<Value> {
    hashes.iter().map(|hash| hash.to_string().into()).collect()
}
