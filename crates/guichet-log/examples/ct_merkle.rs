//! The `ct-merkle` crate checks an archive's roots and the proofs that the example `proofs` has written, and writes proofs of its
//! own as vectors for `guichet vectors run`. `.ci/interop` runs it over a real archive.
//!
//! ```text
//! cargo run -p guichet-log --example ct_merkle -- ARCHIVE PROOFS OUT
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use guichet_log::archive::{BUNDLE_RECORDS, bundle_path, head_path};
use guichet_log::merkle::Hash;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

type Tree = MemoryBackedTree<Sha256, Vec<u8>>;
type Failure = Box<dyn Error>;

#[derive(Deserialize)]
struct Proofs {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Vector {
    Inclusion {
        index: u64,
        size: u64,
        proof: Vec<String>,
    },
    Consistency {
        size1: u64,
        size2: u64,
        proof: Vec<String>,
    },
}

fn main() -> Result<(), Failure> {
    let [archive, proofs, out] = <[_; 3]>::try_from(std::env::args_os().skip(1).collect::<Vec<_>>())
        .map_err(|_| "usage: ct_merkle ARCHIVE PROOFS OUT")?;
    let archive = Path::new(&archive);
    let proofs: Proofs = serde_json::from_slice(&fs::read(proofs)?)?;

    // The sizes come from the proofs, the roots from the heads at those sizes: a proof states neither to be believed.
    let mut heads = BTreeMap::new();
    for vector in &proofs.vectors {
        let (Vector::Inclusion { size, .. } | Vector::Consistency { size2: size, .. }) = vector;
        heads.insert(*size, root(&fs::read_to_string(archive.join(head_path(*size)))?)?);
    }
    let newest = heads.keys().next_back().copied().ok_or("there are no proofs")?;
    let (mut tree, mut vectors) = (Tree::new(), Vec::new());
    for entry in entries(archive, newest)? {
        tree.push(entry);
        if let Some(root) = heads.get(&tree.len()) {
            if tree.root().as_bytes().as_slice() != root.0 {
                return Err(format!("ct-merkle has another root at {} records", tree.len()).into());
            }
            vectors.extend(own(&tree, *root, &heads)?);
        }
    }
    let head = |size: u64| {
        heads
            .get(&size)
            .map(|root| RootHash::<Sha256>::new(root.0.into(), size))
    };
    let (mut inclusions, mut consistencies) = (0, 0);
    for vector in &proofs.vectors {
        let taken = |bytes: Vec<u8>| -> Result<bool, Failure> {
            Ok(match vector {
                Vector::Inclusion { index, size, .. } => {
                    let leaf = tree.get(usize::try_from(*index)?).ok_or("no such record")?;
                    let proof = InclusionProof::try_from_bytes(bytes).map_err(|error| error.to_string())?;
                    let head = head(*size).ok_or("no such head")?;
                    head.verify_inclusion(leaf, *index, &proof).is_ok()
                }
                Vector::Consistency { size1, size2, .. } => {
                    let proof = ConsistencyProof::try_from_bytes(bytes).map_err(|error| error.to_string())?;
                    let earlier = head(*size1).ok_or("no such head")?;
                    let later = head(*size2).ok_or("no such head")?;
                    later.verify_consistency(&earlier, &proof).is_ok()
                }
            })
        };
        let (name, proof) = match vector {
            Vector::Inclusion { index, size, proof } => {
                inclusions += 1;
                (format!("of record {index} in {size}"), proof)
            }
            Vector::Consistency { size1, size2, proof } => {
                consistencies += 1;
                (format!("from {size1} to {size2}"), proof)
            }
        };
        let proof = of_hex(&proof.concat())?;
        if !taken(proof.clone())? {
            return Err(format!("ct-merkle refuses the proof {name}").into());
        }
        let mut broken = proof.clone();
        match broken.first_mut() {
            Some(byte) => *byte ^= 1,
            None => broken.extend([0; 32]),
        }
        if taken(broken)? {
            return Err(format!("ct-merkle takes the proof {name} with a bit of it changed").into());
        }
    }
    fs::write(out, serde_json::to_vec(&json!({ "vectors": vectors }))?)?;
    println!(
        "interop: Rust: ct-merkle has the roots of {} heads, and takes {inclusions} inclusion and {consistencies} consistency \
         proofs, and none of them broken",
        heads.len()
    );
    Ok(())
}

/// Proofs by ct-merkle over the tree as it stands.
fn own(tree: &Tree, root: Hash, heads: &BTreeMap<u64, Hash>) -> Result<Vec<Value>, Failure> {
    let size = tree.len();
    let mut vectors = Vec::new();
    for index in (0..size).step_by(usize::try_from(size / 70 + 1)?) {
        let at = usize::try_from(index)?;
        let leaf = Hash::of_leaf(tree.get(at).ok_or("no such record")?);
        vectors.push(json!({
            "kind": "inclusion", "index": index, "size": size, "leaf_hash": leaf.to_string(), "root": root.to_string(),
            "proof": texts(tree.prove_inclusion(at).as_bytes()), "valid": true,
        }));
    }
    for (earlier, earlier_root) in heads.range(1..=size) {
        vectors.push(json!({
            "kind": "consistency", "size1": earlier, "size2": size,
            "root1": earlier_root.to_string(), "root2": root.to_string(),
            "proof": texts(tree.prove_consistency(usize::try_from(size - earlier)?).as_bytes()), "valid": true,
        }));
    }
    Ok(vectors)
}

/// The root that a head states, which is its third line.
fn root(head: &str) -> Result<Hash, Failure> {
    let line = head.lines().nth(2).ok_or("a head without a root")?;
    let bytes = BASE64.decode(line).map_err(|error| error.to_string())?;
    Ok(Hash(bytes.try_into().map_err(|_| "a root of another length")?))
}

/// All entries, from the files of records alone: each behind its length in two bytes.
fn entries(archive: &Path, size: u64) -> Result<Vec<Vec<u8>>, Failure> {
    let mut entries = Vec::new();
    for bundle in 0..size.div_ceil(BUNDLE_RECORDS) {
        let width = (size - bundle * BUNDLE_RECORDS).min(BUNDLE_RECORDS);
        let bytes = fs::read(archive.join(bundle_path(bundle, u16::try_from(width)?)))?;
        let mut rest = bytes.as_slice();
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, behind) = behind
                .split_at_checked(length)
                .ok_or("a file ends within a record")?;
            entries.push(entry.to_vec());
            rest = behind;
        }
    }
    Ok(entries)
}

fn texts(proof: &[u8]) -> Vec<String> {
    let (hashes, _) = proof.as_chunks();
    hashes.iter().map(|hash| Hash(*hash).to_string()).collect()
}

fn of_hex(text: &str) -> Result<Vec<u8>, Failure> {
    let (pairs, _) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?);
    pairs.iter().map(byte).collect()
}
