//! What the public knows of cases: a number that says nothing, and a secret that goes with it.
//!
//! Both are drawn from a key beside the log and the case's own number, so neither is stored anywhere, and neither tells how
//! many cases there are. Source of the rule: `docs/rules.md`, what the public may see.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use guichet_core::id::CaseId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::access::{hex, save};

/// The file beside the log that holds the key.
const FILE: &str = "public.key";

const KEY_BYTES: usize = 32;

/// Digits that nobody takes for one another: Crockford's, without I, L, O and U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many digits a number has, and a secret: 40 bits to find a case by, 60 to prove that one was given it.
const NUMBER_DIGITS: usize = 8;
const SECRET_DIGITS: usize = 12;

/// A number that the public knows a case by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Number(String);

impl Number {
    /// What somebody typed: small letters and blanks do not matter, and 0 and 1 may be written as letters.
    pub(crate) fn typed(text: &str) -> Self {
        Self(normal(text))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(&self.0))
    }
}

fn normal(text: &str) -> String {
    let digits = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(64);
    digits
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// Digits in groups of four.
fn grouped(digits: &str) -> String {
    digits
        .chars()
        .enumerate()
        .fold(String::new(), |mut text, (at, digit)| {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(digit);
            text
        })
}

/// The key from which numbers and secrets are drawn.
#[derive(Clone)]
pub(crate) struct Key([u8; KEY_BYTES]);

impl Key {
    /// The key in a folder; a new one where there is none.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join(FILE);
        let mut key = [0; KEY_BYTES];
        match fs::read_to_string(&path) {
            Ok(text) => {
                let text = text.trim();
                let no_key = || {
                    io::Error::new(
                        io::ErrorKind::InvalidData,
                        "it holds no key of 64 hexadecimal digits",
                    )
                };
                if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
                    return Err(no_key());
                }
                for (at, byte) in key.iter_mut().enumerate() {
                    let digits = text.get(2 * at..2 * at + 2).ok_or_else(no_key)?;
                    *byte = u8::from_str_radix(digits, 16).map_err(|_| no_key())?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
                save(&path, format!("{}\n", hex(&key)).as_bytes())?;
            }
            Err(error) => return Err(error),
        }
        Ok(Self(key))
    }

    fn draw(&self, what: &str, case: &CaseId, digits: usize) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            // A key of any length is one.
            return String::new();
        };
        mac.update(what.as_bytes());
        mac.update(case.as_str().as_bytes());
        let drawn = mac.finalize().into_bytes();
        let drawn = drawn.iter().take(digits);
        drawn
            .filter_map(|byte| DIGITS.get(usize::from(byte & 31)))
            .map(|digit| char::from(*digit))
            .collect()
    }

    /// The number of a case.
    pub(crate) fn number(&self, case: &CaseId) -> Number {
        Number(self.draw("number\0", case, NUMBER_DIGITS))
    }

    /// The secret of a case, as its applicant is given it.
    pub(crate) fn secret(&self, case: &CaseId) -> String {
        grouped(&self.draw("secret\0", case, SECRET_DIGITS))
    }

    /// Whether somebody typed the secret of a case. It takes as long whatever was typed.
    pub(crate) fn is_secret(&self, case: &CaseId, typed: &str) -> bool {
        let (typed, secret) = (normal(typed), normal(&self.secret(case)));
        let differing = typed.len() ^ secret.len();
        let bytes = typed.bytes().chain(std::iter::repeat(0)).zip(secret.bytes());
        bytes.fold(differing, |all, (a, b)| all | usize::from(a ^ b)) == 0
    }
}

/// The numbers of all cases.
#[derive(Clone)]
pub(crate) struct Numbers {
    pub(crate) key: Key,
    cases: HashMap<Number, CaseId>,
}

impl Numbers {
    pub(crate) fn new(key: Key) -> Self {
        Self {
            key,
            cases: HashMap::new(),
        }
    }

    pub(crate) fn add(&mut self, case: CaseId) {
        self.cases.insert(self.key.number(&case), case);
    }

    pub(crate) fn case(&self, number: &Number) -> Option<&CaseId> {
        self.cases.get(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_nothing_of_the_case_and_a_secret_is_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::open(dir.path()).unwrap();
        let (one, two) = (
            CaseId::new("20100608-1").unwrap(),
            CaseId::new("20100608-2").unwrap(),
        );
        assert_ne!(key.number(&one), key.number(&two));
        assert_eq!(key.number(&one).to_string().len(), 9, "{}", key.number(&one));
        let typed = key
            .secret(&one)
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o");
        assert!(key.is_secret(&one, &typed));
        assert!(
            !key.is_secret(&two, &typed) && !key.is_secret(&one, "") && !key.is_secret(&one, &typed[1..])
        );
        let again = Key::open(dir.path()).unwrap();
        assert_eq!(again.number(&one), key.number(&one), "the key is kept");
    }

    #[test]
    fn a_file_without_a_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "no key").unwrap();
        let refused = Key::open(dir.path()).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    }
}
