//! Who may ask: tokens with roles. Only hashes of tokens are kept.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use guichet_core::id::{DepartmentId, PersonId, WindowId};
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::route::Right;

/// The file beside the log that holds the tokens.
pub const FILE: &str = "access.json";

/// The version of that file.
const VERSION: u16 = 1;

/// How often the file is looked at for changes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How many random bytes a token has: nobody guesses 256 bits, so a plain hash keeps it.
const SECRET_BYTES: usize = 32;

/// What every token begins with, so that one that was left lying about is recognised.
const PREFIX: &str = "guichet_";

/// What a token lets somebody do. It never lets anybody do more than the directory does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Whoever comes: the catalogue, the public screen, the status of a case whose number and secret one has.
    Public,
    /// A screen or a page that shows sums: no case numbers.
    Dashboard,
    /// A clerk at a window: the cases of the window and of the departments on duty there that day, and commands at it.
    Clerk,
    /// Who examines: the cases of their departments, and commands in that role.
    Handler,
    /// Who heads a department: its cases, its findings, and commands in that role.
    DepartmentHead,
    /// Who watches: everything to read, nothing to write.
    Supervisor,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 6] = [
        Self::Public,
        Self::Dashboard,
        Self::Clerk,
        Self::Handler,
        Self::DepartmentHead,
        Self::Supervisor,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Dashboard => "dashboard",
            Self::Clerk => "clerk",
            Self::Handler => "handler",
            Self::DepartmentHead => "department_head",
            Self::Supervisor => "supervisor",
        }
    }

    /// Whether it has a right.
    ///
    /// ```
    /// use guichet_server::{Right, Role};
    /// assert!(Role::Clerk.has(Right::Act) && !Role::Supervisor.has(Right::Act));
    /// ```
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        match (self, right) {
            (_, Right::Public)
            | (Self::Dashboard, Right::Sums)
            | (Self::Clerk | Self::Handler, Right::Sums | Right::Cases | Right::Act)
            | (Self::DepartmentHead, Right::Sums | Right::Cases | Right::Act | Right::Findings)
            | (Self::Supervisor, Right::Sums | Right::Cases | Right::Findings | Right::Log) => true,
            (Self::Public, Right::Sums | Right::Cases | Right::Act | Right::Findings | Right::Log)
            | (Self::Dashboard, Right::Cases | Right::Act | Right::Findings | Right::Log)
            | (Self::Clerk | Self::Handler, Right::Findings | Right::Log)
            | (Self::DepartmentHead, Right::Log)
            | (Self::Supervisor, Right::Act) => false,
        }
    }

    /// Whether a token of it names a person of the staff.
    #[must_use]
    pub const fn is_of_a_person(self) -> bool {
        match self {
            Self::Clerk | Self::Handler | Self::DepartmentHead => true,
            Self::Public | Self::Dashboard | Self::Supervisor => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|role| role.as_str()).collect();
            format!("`{text}` is no role; expected one of {}", names.join(", "))
        })
    }
}

/// A token as it is kept: everything but the token itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Its name, for people who look after tokens.
    pub label: String,
    /// What it lets somebody do.
    pub role: Role,
    /// Whose it is, where the role acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// At which window, for a clerk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowId>,
    /// The last day on which it is good; without end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The SHA-256 of the token, in hexadecimal digits.
    pub sha256: String,
}

impl Token {
    /// The departments whose cases it shows on a day: those on duty at the clerk's window, or those of the person.
    #[must_use]
    pub fn departments(&self, directory: &Directory, today: Date) -> BTreeSet<DepartmentId> {
        match (self.role, &self.window, &self.person) {
            (Role::Clerk, Some(window), _) => directory.on_duty(window, today),
            (Role::Handler | Role::DepartmentHead, _, Some(person)) => directory
                .staff
                .get(person)
                .map(|staff| staff.departments.clone())
                .unwrap_or_default(),
            (
                Role::Public
                | Role::Dashboard
                | Role::Clerk
                | Role::Handler
                | Role::DepartmentHead
                | Role::Supervisor,
                _,
                _,
            ) => BTreeSet::new(),
        }
    }
}

/// A token as its owner has it. It is shown once.
pub struct Secret(String);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`AccessError::Chance`] when the machine gives no random bytes.
    pub fn new() -> Result<Self, AccessError> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| AccessError::Chance(error.to_string()))?;
        Ok(Self(format!("{PREFIX}{}", hex(&bytes))))
    }

    /// Its text, for its owner.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn sha256(&self) -> String {
        digest(&self.0)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use fmt::Write as _;
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Tokens that cannot be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The file cannot be read or written.
    #[error("the tokens in `{path}` cannot be read or written")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not what this build writes.
    #[error("`{path}` holds no tokens that this build can read: {reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is a token of this name.
    #[error("there is a token named `{0}`; give the new one another name, or revoke that one first")]
    Taken(String),
    /// There is no token of this name.
    #[error("there is no token named `{0}`")]
    Unknown(String),
    /// The machine gives no random bytes.
    #[error("the machine gives no random bytes: {0}")]
    Chance(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u16,
    tokens: Vec<Token>,
}

/// The tokens of a centre, as they are kept in a file beside its log. A running server takes changes of the file.
#[derive(Debug)]
pub struct Access {
    path: PathBuf,
    read: RwLock<Read>,
}

#[derive(Debug, Default)]
struct Read {
    tokens: Vec<Token>,
    written: Option<SystemTime>,
    looked: Option<Instant>,
}

impl Access {
    /// The tokens in a folder; none where there is no file.
    ///
    /// # Errors
    ///
    /// [`AccessError`] when the file is there and cannot be read.
    pub fn open(dir: &Path) -> Result<Self, AccessError> {
        let path = dir.join(FILE);
        let tokens = read(&path)?;
        let written = written(&path);
        let read = RwLock::new(Read {
            tokens,
            written,
            looked: Some(Instant::now()),
        });
        Ok(Self { path, read })
    }

    /// All of them.
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        self.read
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .tokens
            .clone()
    }

    /// Adds a token.
    ///
    /// # Errors
    ///
    /// [`AccessError`] when its name is taken, or the file cannot be written.
    pub fn add(&self, token: Token) -> Result<(), AccessError> {
        let mut tokens = self.tokens();
        if tokens.iter().any(|known| known.label == token.label) {
            return Err(AccessError::Taken(token.label));
        }
        tokens.push(token);
        self.keep(tokens)
    }

    /// Takes a token away, and says which it was.
    ///
    /// # Errors
    ///
    /// [`AccessError`] when there is none of this name, or the file cannot be written.
    pub fn revoke(&self, label: &str) -> Result<Token, AccessError> {
        let mut tokens = self.tokens();
        let Some(at) = tokens.iter().position(|known| known.label == label) else {
            return Err(AccessError::Unknown(label.to_owned()));
        };
        let revoked = tokens.remove(at);
        self.keep(tokens)?;
        Ok(revoked)
    }

    fn keep(&self, tokens: Vec<Token>) -> Result<(), AccessError> {
        let kept = Kept {
            version: VERSION,
            tokens,
        };
        let mut text = serde_json::to_string_pretty(&kept).unwrap_or_default();
        text.push('\n');
        save(&self.path, text.as_bytes()).map_err(|source| AccessError::File {
            path: self.path.clone(),
            source,
        })?;
        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
        read.tokens = kept.tokens;
        read.written = written(&self.path);
        Ok(())
    }

    /// The token that somebody shows, if it is one and still good.
    pub(crate) fn find(&self, shown: &str, today: Date) -> Option<Token> {
        self.look();
        let sha256 = digest(shown);
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
        // Hashes are compared, of which nobody learns anything by the time that it takes.
        let token = read.tokens.iter().find(|token| token.sha256 == sha256)?;
        (token.until.is_none_or(|until| today <= until)).then(|| token.clone())
    }

    /// Reads the file again where it was written to. A file that cannot be read leaves what is known as it is.
    fn look(&self) {
        let due = |read: &Read| read.looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY);
        if !due(&self.read.read().unwrap_or_else(PoisonError::into_inner)) {
            return;
        }
        let mut known = self.read.write().unwrap_or_else(PoisonError::into_inner);
        if !due(&known) {
            return;
        }
        known.looked = Some(Instant::now());
        let written = written(&self.path);
        if written != known.written
            && let Ok(tokens) = read(&self.path)
        {
            known.tokens = tokens;
            known.written = written;
        }
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

fn read(path: &Path) -> Result<Vec<Token>, AccessError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|source| AccessError::File {
            path: path.to_owned(),
            source,
        })?,
    };
    let content = |reason: String| AccessError::Content {
        path: path.to_owned(),
        reason,
    };
    let kept: Kept = serde_json::from_str(&text).map_err(|error| content(error.to_string()))?;
    if kept.version != VERSION {
        return Err(content(format!("it is of version {}", kept.version)));
    }
    Ok(kept.tokens)
}

/// Writes a file that only its owner may read, and that is there whole or not at all.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write as _;

    let beside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use guichet_core::time::date;

    use super::*;

    fn token(label: &str, secret: &Secret) -> Token {
        Token {
            label: label.to_owned(),
            role: Role::Supervisor,
            person: None,
            window: None,
            until: Some(date(2010, 6, 30)),
            sha256: secret.sha256(),
        }
    }

    #[test]
    fn only_the_hash_of_a_token_is_kept_and_the_token_is_found_by_it() {
        let dir = tempfile::tempdir().unwrap();
        let access = Access::open(dir.path()).unwrap();
        let secret = Secret::new().unwrap();
        access.add(token("audit", &secret)).unwrap();
        let kept = fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert!(!kept.contains(secret.text()) && kept.contains(&secret.sha256()));
        let day = date(2010, 6, 30);
        assert_eq!(access.find(secret.text(), day).unwrap().label, "audit");
        assert_eq!(
            access.find(secret.text(), day.next()),
            None,
            "its last day is over"
        );
        assert_eq!(access.find("guichet_0", day), None);
        assert!(
            matches!(access.add(token("audit", &secret)), Err(AccessError::Taken(name)) if name == "audit")
        );
        access.revoke("audit").unwrap();
        assert_eq!(access.find(secret.text(), day), None);
        assert!(matches!(access.revoke("audit"), Err(AccessError::Unknown(_))));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let access = Access::open(dir.path()).unwrap();
        access.add(token("audit", &Secret::new().unwrap())).unwrap();
        let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "{}").unwrap();
        let refused = Access::open(dir.path()).unwrap_err().to_string();
        assert!(
            refused.contains("access.json") && refused.contains("version"),
            "{refused}"
        );
    }
}
