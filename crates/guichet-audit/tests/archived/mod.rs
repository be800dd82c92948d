//! What the tests of the audit tool share: a centre's archive.

#![allow(dead_code, reason = "each test binary uses its part")]
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use guichet::testkit;
use guichet_log::note::{PrivateKey, PublicKey};
use tempfile::TempDir;

/// Longer than any test: heads are sealed only when they are asked for.
const NEVER: Duration = Duration::from_secs(3_600);

/// The archive of a centre that took so many cases in, sealed three times on the way.
pub(crate) struct Archived {
    pub(crate) dir: TempDir,
}

impl Archived {
    pub(crate) fn of(cases: u32) -> Self {
        let dir = TempDir::new().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let (engine, _) = testkit::centre().await;
            let archiving = engine.archive_to(dir.path(), key(), NEVER).await.unwrap();
            archiving.seal().await.unwrap();
            for part in 0..3 {
                for _ in 0..cases / 3 {
                    engine
                        .submit(testkit::application())
                        .await
                        .unwrap()
                        .accepted()
                        .unwrap();
                }
                if part < 2 {
                    archiving.seal().await.unwrap();
                }
            }
            archiving.stop().await.unwrap();
        });
        Self { dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Every file below a folder of it, in order.
    pub(crate) fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.dir.path().join(folder), &mut found).unwrap();
        found.sort();
        found
    }
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

pub(crate) fn key() -> PrivateKey {
    PrivateKey::from_seed("centre.example/log", &[5; 32]).unwrap()
}

pub(crate) fn public() -> PublicKey {
    key().public().clone()
}
