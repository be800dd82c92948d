//! Sealed heads: signed statements that the log at a size has a root (C2SP tlog-checkpoint), and where each of its streams
//! then ended.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::merkle::Hash;
use crate::note::{Note, NoteError, PrivateKey, PublicKey};

/// What the extension line of the stream map begins with: its name and the version of its form.
const STREAMS: &str = "guichet-streams-v1";

/// What a sealed head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedHead {
    /// Which log it is: the name of the key with which it was first signed.
    pub origin: String,
    /// How many records the log has.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
    /// How many streams the log has.
    pub streams: u64,
    /// The root of the stream map: where each stream ends.
    pub streams_root: Hash,
}

/// A sealed head that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedHeadError {
    /// It is no note, or not signed by the key that is trusted.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note does not say what a head says.
    #[error("the signed note is no head of a log: {0}")]
    Form(&'static str),
    /// It is the head of another log.
    #[error("it is a head of the log `{found}`, and the key is of `{expected}`")]
    Origin {
        /// The log that the key is of.
        expected: String,
        /// The log that the head is of.
        found: String,
    },
}

impl SealedHead {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n{STREAMS} {} {}\n",
            self.origin,
            self.size,
            BASE64.encode(self.root.0),
            self.streams,
            BASE64.encode(self.streams_root.0)
        )
    }

    /// The head under a signature.
    ///
    /// # Errors
    ///
    /// [`SealedHeadError`] when the origin is no line of text.
    pub fn sign(&self, key: &PrivateKey) -> Result<Note, SealedHeadError> {
        Ok(Note::sign(self.text(), key)?)
    }

    /// What a note says, if the key of that log has signed it.
    ///
    /// # Errors
    ///
    /// [`SealedHeadError`] when it has not, or when the note is no head of its log.
    pub fn verified(note: &Note, key: &PublicKey) -> Result<Self, SealedHeadError> {
        let head = Self::of_text(note.verify(key)?)?;
        if head.origin != key.name() {
            return Err(SealedHeadError::Origin {
                expected: key.name().to_owned(),
                found: head.origin,
            });
        }
        Ok(head)
    }

    /// What a note says, whoever has signed it.
    ///
    /// # Errors
    ///
    /// [`SealedHeadError::Form`] when the text is not that of a head.
    pub fn of_text(text: &str) -> Result<Self, SealedHeadError> {
        let form = SealedHeadError::Form;
        let mut lines = text.split_terminator('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty());
        let origin = origin.ok_or(form("its first line, the origin, is empty"))?;
        let size = lines.next().and_then(number);
        let size = size.ok_or(form("its second line is no number of records"))?;
        let root = lines.next().and_then(hash);
        let root = root.ok_or(form("its third line is no root in base 64"))?;
        let streams = lines
            .find_map(|line| line.strip_prefix(STREAMS)?.strip_prefix(' ')?.split_once(' '))
            .and_then(|(count, root)| Some((number(count)?, hash(root)?)));
        let (streams, streams_root) = streams.ok_or(form("it has no line `guichet-streams-v1`"))?;
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            streams,
            streams_root,
        })
    }
}

/// A number as heads write it: digits without leading zeros.
fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn hash(text: &str) -> Option<Hash> {
    BASE64.decode(text).ok()?.try_into().ok().map(Hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> SealedHead {
        SealedHead {
            origin: "centre.example/log".to_owned(),
            size: 42,
            root: Hash::of_leaf(b"root"),
            streams: 7,
            streams_root: Hash::of_leaf(b"streams"),
        }
    }

    fn key(name: &str) -> PrivateKey {
        PrivateKey::from_seed(name, &[1; 32]).expect("the name is one")
    }

    #[test]
    fn a_head_survives_its_note() {
        let key = key("centre.example/log");
        let note = head().sign(&key).expect("it can be signed").to_string();
        let read = Note::parse(note.as_bytes()).expect("it is a note");
        assert_eq!(SealedHead::verified(&read, key.public()), Ok(head()));
    }

    #[test]
    fn the_head_of_another_log_is_not_taken_even_when_the_key_signed_it() {
        let key = key("another.example/log");
        let note = head().sign(&key).expect("it can be signed");
        assert_eq!(
            SealedHead::verified(&note, key.public()),
            Err(SealedHeadError::Origin {
                expected: "another.example/log".to_owned(),
                found: "centre.example/log".to_owned(),
            })
        );
    }

    #[test]
    fn a_text_that_is_no_head_is_told_by_its_line() {
        let whole = head().text();
        let lines: Vec<_> = whole.lines().collect();
        for (line, instead) in [(0, ""), (1, "042"), (1, "-1"), (2, "AA=="), (3, "another 1 AA==")] {
            let mut lines = lines.clone();
            lines[line] = instead;
            let text = lines.join("\n") + "\n";
            assert!(
                matches!(SealedHead::of_text(&text), Err(SealedHeadError::Form(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn lines_of_later_versions_are_left_alone() {
        let text = head()
            .text()
            .replace("guichet-streams-v1", "later-line 1\nguichet-streams-v1");
        assert_eq!(SealedHead::of_text(&text), Ok(head()));
    }
}
