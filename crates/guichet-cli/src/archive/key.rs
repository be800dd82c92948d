//! The key with which heads are signed: the one that is named, or that which lies beside the log.

use std::path::{Path, PathBuf};

use clap::Args;
use guichet_log::note::PrivateKey;
use guichet_terminal::key::{make, read};

use crate::context::Failure;

/// The key's file beside the log, where no other is named.
const KEY_FILE: &str = "archive.key";

/// The key that signs an archive.
#[derive(Clone, Debug, Default, Args)]
pub struct KeyArg {
    /// The file with the private key that signs the archive [default: archive.key in the data folder, made when absent]
    #[arg(long, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
}

impl KeyArg {
    /// The key, which is made where none was named and there is none yet.
    pub(super) fn open(&self, data: &Path) -> Result<PrivateKey, Failure> {
        let Some(path) = &self.key else {
            let path = data.join(KEY_FILE);
            return if path.exists() {
                read(&path)
            } else {
                make(&path, None)
            };
        };
        read(path)
    }
}
