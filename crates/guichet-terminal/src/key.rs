//! Private keys in files: made once, and read from a file that only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use guichet_log::merkle::Hash;
use guichet_log::note::{KeyError, PrivateKey};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::context::{Context, Exit, Failure};

/// The version of what a command that makes a key writes as JSON.
const VERSION: u8 = 1;

/// A key that is to be made.
#[derive(Clone, Debug, Args)]
pub struct NewKeyArgs {
    /// The name of whoever signs with it, such as `centre.example/log`: without spaces and plus signs
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The file for the private key, which must not exist yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Makes a key, and tells the public one.
///
/// # Errors
///
/// [`Failure`] when the name is none, the file exists, or it cannot be written.
pub fn run(args: &NewKeyArgs, context: Context) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Made {
        version: u8,
        public_key: String,
    }

    let key = make(&args.to, Some(&args.name))?;
    let made = Made {
        version: VERSION,
        public_key: key.public().to_string(),
    };
    context.answer(&made, || format!("{}\n", made.public_key))?;
    Ok(Exit::Ok)
}

/// The private key in a file.
///
/// # Errors
///
/// [`Failure`] when the file cannot be read, or holds none.
pub fn read(path: &Path) -> Result<PrivateKey, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, "cannot read", &error))?;
    text.trim_end().parse().map_err(|error: KeyError| {
        Failure::config("no_key", format!("`{}` holds no private key", path.display()))
            .help("name the file that `guichet archive key` or `guichet-audit key` wrote, or the archive.key of the centre's data")
            .zh(
                format!("`{}` 中没有私钥", path.display()),
                Some("请指定 `guichet archive key` 或 `guichet-audit key` 写出的文件，或中心数据中的 archive.key"),
            )
            .because_of(&error)
    })
}

/// A new key in a file of its own. Without a name it gets one that no other key has.
///
/// # Errors
///
/// [`Failure`] when the name is none, the file exists, or it cannot be written.
pub fn make(path: &Path, name: Option<&str>) -> Result<PrivateKey, Failure> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        Failure::store("no_randomness", "the system gives no random bytes for a key")
            .because(error.to_string())
    })?;
    let unnamed = |seed: &[u8; 32]| {
        let hash = Sha256::new()
            .chain_update(b"guichet log")
            .chain_update(seed)
            .finalize();
        let digits: String = Hash(hash.into()).to_string().chars().take(8).collect();
        format!("guichet-{digits}")
    };
    let name = name.map_or_else(|| unnamed(&seed), str::to_owned);
    let key = PrivateKey::from_seed(&name, &seed).map_err(|error| {
        Failure::usage("key_name", error.to_string()).zh(format!("`{name}` 不能作为密钥名称"), None)
    })?;
    write(path, &key.to_text()).map_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Failure::file(path, "cannot write", &error);
        }
        Failure::usage("key_exists", format!("`{}` exists already", path.display()))
            .help("name a file that does not exist: a key that is overwritten can sign no more")
            .zh(
                format!("`{}` 已存在", path.display()),
                Some("请指定尚不存在的文件：被覆盖的密钥无法再用于签署"),
            )
    })?;
    Ok(key)
}

/// Writes a file that did not exist, and that only its owner can read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
