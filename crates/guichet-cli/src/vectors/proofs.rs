//! Vectors of Merkle proofs: that a leaf is in a tree, that a tree extends another. In two shapes: hashes in hexadecimal
//! digits with `valid`, and hashes in base 64 with `wantErr`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use guichet_log::merkle::Hash;
use guichet_log::merkle::proof::{verify_consistency, verify_inclusion};
use serde::Deserialize;
use serde_json::Value;

use super::{Verdict, fields};

/// That a leaf is in a tree.
pub(super) const INCLUSION: &str = "inclusion";

/// That a tree extends another.
pub(super) const CONSISTENCY: &str = "consistency";

#[derive(Deserialize)]
struct Inclusion {
    #[serde(alias = "leafIdx")]
    index: u64,
    #[serde(alias = "treeSize")]
    size: u64,
    #[serde(alias = "leafHash")]
    leaf_hash: String,
    root: String,
    proof: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
}

/// Whether a vector's proof proves what the vector says it does.
pub(super) fn run(kind: &str, vector: &Value) -> Verdict {
    let (expected, hash): (bool, fn(&str) -> Option<Hash>) =
        match (vector.get("valid"), vector.get("wantErr")) {
            (Some(Value::Bool(valid)), _) => (*valid, of_hex),
            (None, Some(Value::Bool(wrong))) => (!wrong, of_base64),
            _ => return Verdict::Broken("missing field `valid` or `wantErr`, true or false".to_owned()),
        };
    let proven = if kind == INCLUSION {
        fields::<Inclusion>(vector).map(|vector| inclusion(&vector, hash))
    } else {
        fields::<Consistency>(vector).map(|vector| consistency(&vector, hash))
    };
    match proven {
        Err(reason) => Verdict::Broken(reason),
        Ok(proven) if proven.is_ok() == expected => Verdict::Agreed,
        Ok(proven) => Verdict::Differs {
            expected: expected.into(),
            got: proven.is_ok().into(),
            because: proven.err(),
        },
    }
}

fn inclusion(vector: &Inclusion, hash: fn(&str) -> Option<Hash>) -> Result<(), String> {
    let [leaf, root] = [&vector.leaf_hash, &vector.root].map(|text| hash(text).ok_or_else(|| no_hash(text)));
    let proof = hashes(vector.proof.as_deref(), hash)?;
    verify_inclusion(vector.index, vector.size, &leaf?, &proof, &root?).map_err(|error| error.to_string())
}

fn consistency(vector: &Consistency, hash: fn(&str) -> Option<Hash>) -> Result<(), String> {
    let [earlier, later] = [&vector.root1, &vector.root2].map(|text| hash(text).ok_or_else(|| no_hash(text)));
    let proof = hashes(vector.proof.as_deref(), hash)?;
    verify_consistency(vector.size1, vector.size2, &earlier?, &later?, &proof)
        .map_err(|error| error.to_string())
}

fn hashes(proof: Option<&[String]>, hash: fn(&str) -> Option<Hash>) -> Result<Vec<Hash>, String> {
    let texts = proof.unwrap_or_default().iter();
    texts
        .map(|text| hash(text).ok_or_else(|| no_hash(text)))
        .collect()
}

fn no_hash(text: &str) -> String {
    format!("{} is no hash of 32 bytes", super::named(text))
}

fn of_hex(text: &str) -> Option<Hash> {
    text.parse().ok()
}

fn of_base64(text: &str) -> Option<Hash> {
    BASE64.decode(text).ok()?.try_into().ok().map(Hash)
}
