//! A subscription: history, then what comes, in one loop and without gaps.

use std::collections::VecDeque;
use std::sync::Arc;

use guichet_core::id::Position;
use guichet_log::log::{EventLog, with_sources};
use guichet_log::projection::Recorded;
use tokio::sync::watch;

use crate::error::EngineError;

/// How many records are read at once.
const PAGE_RECORDS_MAX: usize = 512;

/// Every record from a position on, for ever. A reader that falls behind misses nothing: it reads the log itself.
pub struct Subscription {
    log: Arc<dyn EventLog>,
    head: watch::Receiver<Position>,
    /// Its sender goes when nothing more can come.
    ended: watch::Receiver<()>,
    next: Position,
    page: VecDeque<Recorded>,
}

impl Subscription {
    pub(crate) fn new(log: Arc<dyn EventLog>, ended: watch::Receiver<()>, from: Position) -> Self {
        let head = log.watch();
        Self {
            log,
            head,
            ended,
            next: from,
            page: VecDeque::new(),
        }
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

    /// The next record; waits for it where there is none yet. Nothing, once the engine has ended and all was handed out.
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
            // In this order: what was written before the end is seen before the end is told.
            let ended = self.ended.has_changed().is_err();
            let head = *self.head.borrow_and_update();
            if self.next < head {
                self.fill().await?;
            } else if ended {
                return Ok(None);
            } else {
                tokio::select! {
                    _ = self.head.changed() => {}
                    _ = self.ended.changed() => {}
                }
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
        for record in records {
            match Recorded::of_record(record) {
                Ok(recorded) => {
                    self.next = recorded.position.next();
                    self.page.push_back(recorded);
                }
                // What comes before it is handed out first.
                Err(_) if !self.page.is_empty() => return Ok(()),
                Err(error) => return Err(EngineError::Decode(with_sources(&error))),
            }
        }
        Ok(())
    }
}
