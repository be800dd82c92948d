//! A record's proof as one file: its place, the hashes of its inclusion, and the sealed head (C2SP tlog-proof).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::merkle::Hash;
use crate::merkle::proof::{ProofError, verify_inclusion};
use crate::note::{NOTE_BYTES_MAX, Note, NoteError, PublicKey};
use crate::sealed_head::{SealedHead, SealedHeadError};

/// The first line: the name and the version of the form.
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes that a proof can have: a tree of `u64` leaves is no higher.
const HASHES_MAX: usize = 64;

/// The proof that a record is in the log that a head describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// The record's position.
    pub index: u64,
    /// The hashes beside its way to the root, from the leaf upwards.
    pub hashes: Vec<Hash>,
    /// The sealed head.
    pub head: Note,
}

/// A proof that is none, or does not prove what it is said to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The text does not have the form of a proof.
    #[error("this is no proof of the form c2sp.org/tlog-proof@v1: {0}")]
    Form(&'static str),
    /// What is to be its head is no note.
    #[error("the head in the proof is none")]
    Note(#[from] NoteError),
    /// The head is not signed by the key, or of another log.
    #[error("the head in the proof cannot be trusted")]
    Head(#[from] SealedHeadError),
    /// The hashes do not lead to the root of the head.
    #[error("the record is not proven to be in the log")]
    Proof(#[from] ProofError),
}

impl TlogProof {
    /// Reads a proof.
    ///
    /// # Errors
    ///
    /// [`TlogProofError`] when the text is none.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        let form = TlogProofError::Form;
        if text.len() > NOTE_BYTES_MAX {
            return Err(form("it is larger than any proof"));
        }
        let rest = text
            .strip_prefix(FIRST_LINE)
            .and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(form("its first line is another one"))?;
        // Extra data is opaque and not signed, so nothing here rests on it.
        let rest = match rest.strip_prefix("extra ") {
            Some(extra) => {
                extra
                    .split_once('\n')
                    .ok_or(form("it ends after its extra data"))?
                    .1
            }
            None => rest,
        };
        let (index, rest) = rest
            .strip_prefix("index ")
            .and_then(|rest| rest.split_once('\n'))
            .ok_or(form("it has no line with the index"))?;
        let number = index
            .parse()
            .ok()
            .filter(|number: &u64| number.to_string() == index);
        let index = number.ok_or(form("its index is no number"))?;
        let (hashes, head) = match rest.strip_prefix('\n') {
            Some(head) => ("", head),
            None => rest
                .split_once("\n\n")
                .ok_or(form("no empty line separates its hashes and the head"))?,
        };
        let hashes = hashes.lines().map(|line| {
            let bytes = BASE64.decode(line).ok()?;
            bytes.try_into().ok().map(Hash)
        });
        let hashes: Option<Vec<_>> = hashes.take(HASHES_MAX + 1).collect();
        let hashes = hashes.ok_or(form("a line of it is no hash in base 64"))?;
        if hashes.len() > HASHES_MAX {
            return Err(form("it has more hashes than any tree needs"));
        }
        Ok(Self {
            index,
            hashes,
            head: Note::parse(head.as_bytes())?,
        })
    }

    /// Checks that a record of this leaf hash stands at this place in the log, by the head that the key has signed; what the
    /// head says.
    ///
    /// # Errors
    ///
    /// [`TlogProofError`] says why it is not proven.
    pub fn verify(&self, leaf: &Hash, key: &PublicKey) -> Result<SealedHead, TlogProofError> {
        let head = SealedHead::verified(&self.head, key)?;
        verify_inclusion(self.index, head.size, leaf, &self.hashes, &head.root)?;
        Ok(head)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nindex {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", BASE64.encode(hash.0))?;
        }
        write!(f, "\n{}", self.head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::Frontier;
    use crate::merkle::proof::{Leaves, inclusion};
    use crate::note::PrivateKey;

    fn key() -> PrivateKey {
        PrivateKey::from_seed("centre.example/log", &[9; 32]).expect("the name is one")
    }

    fn proof(index: u64, size: u64) -> TlogProof {
        let leaves: Vec<_> = (0..size).map(|leaf| Hash::of_leaf(&leaf.to_be_bytes())).collect();
        let head = SealedHead {
            origin: "centre.example/log".to_owned(),
            size,
            root: Frontier::of_leaves(leaves.iter().copied()).root(),
            streams: 1,
            streams_root: Hash::NONE,
        };
        TlogProof {
            index,
            hashes: inclusion(&mut Leaves(leaves), index, size).expect("the leaf is there"),
            head: head.sign(&key()).expect("it can be signed"),
        }
    }

    #[test]
    fn a_proof_survives_its_text_and_proves_its_record_alone() {
        for (index, size) in [(0, 1), (0, 2), (4, 7), (255, 300)] {
            let proof = proof(index, size);
            let read = TlogProof::parse(&proof.to_string());
            assert_eq!(read.as_ref(), Ok(&proof));
            let leaf = Hash::of_leaf(&index.to_be_bytes());
            assert_eq!(
                proof.verify(&leaf, key().public()).map(|head| head.size),
                Ok(size)
            );
            let other = Hash::of_leaf(b"another");
            assert!(matches!(
                proof.verify(&other, key().public()),
                Err(TlogProofError::Proof(ProofError::Root { .. }))
            ));
        }
    }

    #[test]
    fn extra_data_is_left_alone() {
        let text = proof(4, 7).to_string();
        let with_extra = text.replacen("index", "extra AAAA\nindex", 1);
        assert_eq!(TlogProof::parse(&with_extra), TlogProof::parse(&text));
    }

    #[test]
    fn what_is_no_proof_is_told_by_what_it_lacks() {
        let text = proof(4, 7).to_string();
        for (broken, part) in [
            (text.replacen("v1", "v2", 1), "first line"),
            (text.replacen("index 4", "index 04", 1), "index"),
            (text.replacen("index 4\n", "", 1), "index"),
            (text.replacen("\n\n", "\n", 1), "no"),
            (text.replacen("index 4\n", "index 4\nAAAA\n", 1), "no hash"),
        ] {
            let error = TlogProof::parse(&broken).expect_err("it is no proof").to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
