//! The log on disk keeps what every log promises, whether its records are in the journal or sealed.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::sync::Arc;

use guichet_log::conformance::{Store, check};
use guichet_sled::{Options, SledLog};
use tempfile::TempDir;

struct OnDisk {
    dir: TempDir,
    options: Options,
}

impl Store for OnDisk {
    type Log = SledLog;

    fn open(&self) -> Arc<SledLog> {
        Arc::new(SledLog::open(self.dir.path(), self.options.clone()).unwrap())
    }
}

fn on_disk(options: &Options) -> OnDisk {
    OnDisk {
        dir: TempDir::new().unwrap(),
        options: options.clone(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_stays_in_its_journal_keeps_every_promise() {
    let options = Options::default();
    check(|| on_disk(&options)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_seals_all_the_time_keeps_every_promise() {
    let options = Options::default()
        .with_journal_file_bytes(16 * 1024)
        .unwrap()
        .with_unsealed_files(1, 2)
        .unwrap();
    check(|| on_disk(&options)).await;
}
