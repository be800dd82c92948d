//! The log in memory keeps what every log promises.

use std::sync::Arc;

use guichet_log::conformance::{Store, check};
use guichet_log::memory::MemoryLog;

struct InMemory(MemoryLog);

impl Store for InMemory {
    type Log = MemoryLog;

    fn open(&self) -> Arc<MemoryLog> {
        self.0.reopen();
        Arc::new(self.0.clone())
    }
}

#[tokio::test]
async fn the_log_in_memory_keeps_every_promise() {
    check(|| InMemory(MemoryLog::default())).await;
}
