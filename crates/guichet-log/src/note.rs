//! Signed notes: text under one or more signatures, with the keys that make and check them (C2SP signed-note).
//!
//! A signature names its key by the key's name and by four bytes of a hash over name, algorithm and public key, so
//! that another algorithm can stand beside Ed25519, and later in its place, without a new format.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// The algorithm's number in keys: Ed25519 (RFC 8032).
const ED25519: u8 = 1;

/// The largest note that is read, in bytes: a head with dozens of signatures is far smaller.
pub const NOTE_BYTES_MAX: usize = 64 * 1024;

/// The longest name of a key, in bytes.
pub const KEY_NAME_BYTES_MAX: usize = 255;

/// What every signature line begins with.
const DASH: &str = "\u{2014} ";

/// What a private key's text begins with.
const PRIVATE: &str = "PRIVATE+KEY+";

/// A key that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name is empty, too long, or holds a space, a plus or a control character.
    #[error("`{0}` is no name of a key; write 1 to {KEY_NAME_BYTES_MAX} bytes without spaces and plus signs")]
    Name(String),
    /// The text does not have the parts of a key.
    #[error(
        "this is no {what} key; expected `{expected}`, with no space around it; copy the whole line of the key file"
    )]
    Shape {
        /// Public or private.
        what: &'static str,
        /// What a key looks like.
        expected: &'static str,
    },
    /// The key is of an algorithm that this build does not know.
    #[error("the key is of algorithm {0}, and this build knows 1 (Ed25519); use a newer version of Guichet")]
    Algorithm(u8),
    /// The hash in the key is not that of the rest: a typing error, or another key's.
    #[error(
        "the key says that its hash is {stated:08x}, and it is {computed:08x}; copy it again from its source"
    )]
    Hash {
        /// The hash as written.
        stated: u32,
        /// The hash of name and key.
        computed: u32,
    },
    /// The bytes are no point on the curve.
    #[error("the bytes of the public key are no Ed25519 key; copy it again from its source")]
    Point,
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    if name.is_empty() || name.len() > KEY_NAME_BYTES_MAX || !name.chars().all(plain) {
        return Err(KeyError::Name(name.chars().take(KEY_NAME_BYTES_MAX).collect()));
    }
    Ok(())
}

fn key_id(name: &str, algorithm: u8, public: &[u8]) -> u32 {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update(b"\n")
        .chain_update([algorithm])
        .chain_update(public)
        .finalize()
        .into();
    let [first, second, third, fourth, ..] = hash;
    u32::from_be_bytes([first, second, third, fourth])
}

/// A key's text taken apart: name, hash, and what is behind the algorithm's number.
fn key_parts<'t>(
    text: &'t str,
    what: &'static str,
    expected: &'static str,
) -> Result<(&'t str, u32, [u8; 32]), KeyError> {
    let shape = || KeyError::Shape { what, expected };
    let (name, rest) = text.split_once('+').ok_or_else(shape)?;
    let (hash, key) = rest.split_once('+').ok_or_else(shape)?;
    check_name(name)?;
    if hash.len() != 8 {
        return Err(shape());
    }
    let hash = u32::from_str_radix(hash, 16).map_err(|_| shape())?;
    let key = BASE64.decode(key).map_err(|_| shape())?;
    let (algorithm, key) = key.split_first().ok_or_else(shape)?;
    if *algorithm != ED25519 {
        return Err(KeyError::Algorithm(*algorithm));
    }
    Ok((name, hash, key.try_into().map_err(|_| shape())?))
}

/// A public key with its name: what a supervisor holds.
///
/// ```
/// # use guichet_log::note::PublicKey;
/// let text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
/// let key: PublicKey = text.parse()?;
/// assert_eq!((key.name(), key.to_string().as_str()), ("example.com/foo", text));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl PublicKey {
    fn new(name: &str, key: VerifyingKey) -> Self {
        Self {
            name: name.to_owned(),
            id: key_id(name, ED25519, key.as_bytes()),
            key,
        }
    }

    /// The key's name: that of the log or of the person that signs with it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{:08x}+{}", self.name, self.id, BASE64.encode(key))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, stated, key) = key_parts(text, "public", "NAME+HASH+KEY")?;
        let key = Self::new(name, VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Point)?);
        if key.id != stated {
            return Err(KeyError::Hash {
                stated,
                computed: key.id,
            });
        }
        Ok(key)
    }
}

/// A private key with its name: what signs. Its text form is the key itself, so it is written to one file and never shown.
pub struct PrivateKey {
    public: PublicKey,
    key: SigningKey,
}

impl PrivateKey {
    /// The key of this name that grows out of 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::Name`] when the name is none.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        let key = SigningKey::from_bytes(seed);
        Ok(Self {
            public: PublicKey::new(name, key.verifying_key()),
            key,
        })
    }

    /// The public key that goes with it.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The text form, which [`FromStr`] reads: whoever has it can sign.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut key = vec![ED25519];
        key.extend_from_slice(self.key.as_bytes());
        let PublicKey { name, id, .. } = &self.public;
        format!("{PRIVATE}{name}+{id:08x}+{}", BASE64.encode(key))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public)
    }
}

impl FromStr for PrivateKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        const EXPECTED: &str = "PRIVATE+KEY+NAME+HASH+KEY";
        let shape = KeyError::Shape {
            what: "private",
            expected: EXPECTED,
        };
        let rest = text.strip_prefix(PRIVATE).ok_or(shape)?;
        let (name, stated, seed) = key_parts(rest, "private", EXPECTED)?;
        let key = Self::from_seed(name, &seed)?;
        if key.public.id != stated {
            return Err(KeyError::Hash {
                stated,
                computed: key.public.id,
            });
        }
        Ok(key)
    }
}

/// One signature under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NoteSignature {
    name: String,
    key: u32,
    bytes: Vec<u8>,
}

/// A text with the signatures under it. It is believed only once [`Note::verify`] has found a known key's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A note that is none, or that nobody known has signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The bytes do not have the form of a note.
    #[error("this is no signed note: {0}")]
    Form(&'static str),
    /// No signature is of the key that is trusted.
    #[error("it is not signed by `{expected}`; its signatures are of: {found}")]
    Unsigned {
        /// The key that was looked for.
        expected: String,
        /// Who signed, as the note says.
        found: String,
    },
    /// A signature names the key that is trusted, and that key did not make it.
    #[error(
        "the signature of `{0}` is not right: the text was changed, or somebody else signed in that name"
    )]
    Forged(String),
}

impl Note {
    /// A note of this text under one signature.
    ///
    /// # Errors
    ///
    /// [`NoteError::Form`] when the text cannot be a note's: empty, without a newline at its end, or with control
    /// characters.
    pub fn sign(text: String, key: &PrivateKey) -> Result<Self, NoteError> {
        check_text(&text)?;
        let bytes = key.key.sign(text.as_bytes()).to_bytes().to_vec();
        let PublicKey { name, id, .. } = &key.public;
        Ok(Self {
            text,
            signatures: vec![NoteSignature {
                name: name.clone(),
                key: *id,
                bytes,
            }],
        })
    }

    /// Reads a note. What it says is not to be believed before [`Note::verify`].
    ///
    /// # Errors
    ///
    /// [`NoteError::Form`] when the bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::Form("it is larger than any note"));
        }
        let note = str::from_utf8(bytes).map_err(|_| NoteError::Form("it is not text in UTF-8"))?;
        let (text, lines) = note
            .rfind("\n\n")
            .and_then(|blank| note.split_at_checked(blank + 1))
            .ok_or(NoteError::Form("no empty line separates text and signatures"))?;
        check_text(text)?;
        let lines = lines
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'))
            .ok_or(NoteError::Form("it does not end with a line of a signature"))?;
        let signatures = lines.split('\n').map(signature).collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }

    /// The text, if a key has signed it.
    ///
    /// # Errors
    ///
    /// [`NoteError`] when the key has not, or when a signature in its name is not its own.
    pub fn verify(&self, key: &PublicKey) -> Result<&str, NoteError> {
        let mut own = self
            .signatures
            .iter()
            .filter(|signature| signature.name == key.name && signature.key == key.id)
            .peekable();
        if own.peek().is_none() {
            let found: Vec<_> = self.signers().collect();
            return Err(NoteError::Unsigned {
                expected: key.name.clone(),
                found: found.join(", "),
            });
        }
        for signature in own {
            let made = Ed25519Signature::from_slice(&signature.bytes)
                .is_ok_and(|made| key.key.verify_strict(self.text.as_bytes(), &made).is_ok());
            if !made {
                return Err(NoteError::Forged(key.name.clone()));
            }
        }
        Ok(&self.text)
    }

    /// The text, whether anybody known has signed it or not.
    #[must_use]
    pub fn unverified(&self) -> &str {
        &self.text
    }

    /// The names under the note, as it says.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| signature.name.as_str())
    }

    /// The same note under one more signature.
    pub fn add(&mut self, key: &PrivateKey) {
        let PublicKey { name, id, .. } = &key.public;
        self.signatures.push(NoteSignature {
            name: name.clone(),
            key: *id,
            bytes: key.key.sign(self.text.as_bytes()).to_bytes().to_vec(),
        });
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for NoteSignature { name, key, bytes } in &self.signatures {
            let mut signed = key.to_be_bytes().to_vec();
            signed.extend_from_slice(bytes);
            writeln!(f, "{DASH}{name} {}", BASE64.encode(signed))?;
        }
        Ok(())
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.is_empty() || !text.ends_with('\n') {
        return Err(NoteError::Form(
            "its text is empty or does not end with a newline",
        ));
    }
    if text.chars().any(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Form("its text holds control characters"));
    }
    Ok(())
}

fn signature(line: &str) -> Result<NoteSignature, NoteError> {
    let none = NoteError::Form("a line under the text is no signature");
    let parts = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' '));
    let Some((name, encoded)) = parts else {
        return Err(none);
    };
    let Ok(bytes) = BASE64.decode(encoded) else {
        return Err(none);
    };
    match (check_name(name), bytes.split_first_chunk::<4>()) {
        (Ok(()), Some((key, bytes))) => Ok(NoteSignature {
            name: name.to_owned(),
            key: u32::from_be_bytes(*key),
            bytes: bytes.to_vec(),
        }),
        _ => Err(none),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification (C2SP signed-note, section "Verifier keys").
    const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
                        Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn key(name: &str) -> PrivateKey {
        PrivateKey::from_seed(name, &[7; 32]).expect("the name is one")
    }

    #[test]
    fn the_note_of_the_specification_is_taken() {
        let note = Note::parse(NOTE.as_bytes()).expect("it is a note");
        let key: PublicKey = KEY.parse().expect("it is a key");
        assert_eq!(note.verify(&key), Ok("This is an example message.\n"));
        assert_eq!(note.to_string(), NOTE);
    }

    #[test]
    fn a_note_that_was_changed_is_forged() {
        let changed = NOTE.replace("example message", "examined message");
        let note = Note::parse(changed.as_bytes()).expect("it is a note");
        let key: PublicKey = KEY.parse().expect("it is a key");
        assert_eq!(
            note.verify(&key),
            Err(NoteError::Forged("example.com/foo".to_owned()))
        );
    }

    #[test]
    fn what_was_signed_is_read_back_under_all_its_signatures() {
        let mut note = Note::sign("one\n\ntwo\n".to_owned(), &key("a.example/log")).expect("the text is one");
        note.add(&key("b.example/witness"));
        let read = Note::parse(note.to_string().as_bytes());
        assert_eq!(read.as_ref(), Ok(&note));
        for name in ["a.example/log", "b.example/witness"] {
            assert_eq!(note.verify(key(name).public()), Ok("one\n\ntwo\n"));
        }
    }

    #[test]
    fn a_key_that_did_not_sign_is_named_beside_those_that_did() {
        let note = Note::parse(NOTE.as_bytes()).expect("it is a note");
        assert_eq!(
            note.verify(key("another.example").public()),
            Err(NoteError::Unsigned {
                expected: "another.example".to_owned(),
                found: "example.com/foo".to_owned(),
            })
        );
    }

    #[test]
    fn keys_survive_their_text_and_do_not_show_themselves() {
        let key = key("centre.example/log");
        let again: PrivateKey = key.to_text().parse().expect("it is a key");
        assert_eq!(again.public(), key.public());
        let public: PublicKey = key.public().to_string().parse().expect("it is a key");
        assert_eq!(&public, key.public());
        assert!(!format!("{key:?}").contains(&BASE64.encode([7; 32])));
    }

    #[test]
    fn what_is_no_key_is_told_in_the_error() {
        let typed = KEY.replace("530d903a", "530d903b");
        let refused = |text: &str| text.parse::<PublicKey>().expect_err("it is no key").to_string();
        for (text, part) in [
            ("", "NAME+HASH+KEY"),
            (
                "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "no name of a key",
            ),
            (typed.as_str(), "530d903b, and it is 530d903a"),
            (
                "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "algorithm 2",
            ),
            ("example.com/foo+530d903a+AekyeRrm", "NAME+HASH+KEY"),
        ] {
            assert!(refused(text).contains(part), "{text}: {}", refused(text));
        }
        assert!(
            KEY.parse::<PrivateKey>()
                .is_err_and(|error| matches!(error, KeyError::Shape { what: "private", .. }))
        );
    }

    #[test]
    fn what_is_no_note_is_refused() {
        for bytes in [
            "".as_bytes(),
            b"\xff\n\n",
            b"text\n",
            b"text\n\n",
            b"text\n\nno signature\n",
            "text\n\n\u{2014} a AAA=\n".as_bytes(),
            "te\txt\n\n\u{2014} a AAAAAAA=\n".as_bytes(),
            "\n\n\u{2014} a AAAAAAA=".as_bytes(),
        ] {
            assert!(
                matches!(Note::parse(bytes), Err(NoteError::Form(_))),
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }
}
