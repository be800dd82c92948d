//! A subscription: history, then what comes, in one loop and without gaps.

use std::collections::VecDeque;
use std::sync::Arc;

use guichet_core::id::Position;
use guichet_log::codec::{self, Recorded};
use guichet_log::log::EventLog;
use tokio::sync::watch;

use crate::error::{EngineError, with_sources};

/// How many records are read at once.
const PAGE_RECORDS_MAX: usize = 512;

/// Every record from a position on, for ever. A reader that falls behind misses nothing: it reads the log itself.
pub struct Subscription {
    log: Arc<dyn EventLog>,
    head: watch::Receiver<Position>,
    next: Position,
    page: VecDeque<Recorded>,
}

impl Subscription {
    pub(crate) fn new(log: Arc<dyn EventLog>, from: Position) -> Self {
        let head = log.watch();
        Self { log, head, next: from, page: VecDeque::new() }
    }

    /// The position of the record that comes next.
    #[must_use]
    pub fn position(&self) -> Position {
        self.page.front().map_or(self.next, |recorded| recorded.position)
    }

    /// How many records have been written that were not handed out yet.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.log.head().0.saturating_sub(self.position().0)
    }

    /// The next record; waits for it where there is none yet. Nothing, once the log is closed and all was handed out.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`EngineError::Read`] and [`EngineError::Decode`]: the record cannot be read. The next call tries it again.
    pub async fn next(&mut self) -> Result<Option<Recorded>, EngineError> {
        loop {
            if let Some(recorded) = self.page.pop_front() {
                return Ok(Some(recorded));
            }
            self.head.borrow_and_update();
            self.fill().await?;
            if self.page.is_empty() && self.head.changed().await.is_err() {
                return Ok(None);
            }
        }
    }

    /// The records that are there and were not handed out yet, at most a page of them; none at the head.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn available(&mut self) -> Result<Vec<Recorded>, EngineError> {
        if self.page.is_empty() {
            self.fill().await?;
        }
        Ok(self.page.drain(..).collect())
    }

    async fn fill(&mut self) -> Result<(), EngineError> {
        let records = self.log.read_all(self.next, PAGE_RECORDS_MAX).await?;
        for record in &records {
            let recorded = Recorded::of(record).map_err(|error| EngineError::Decode(with_sources(&error)))?;
            self.page.push_back(recorded);
            self.next = record.position.next();
        }
        Ok(())
    }
}
