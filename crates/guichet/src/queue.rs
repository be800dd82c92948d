//! The queue before the writer: whoever sends puts a task down, and the writer takes all that lie there at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::writer::Task;

/// The queue. How many commands may lie in it is counted by the engine, which knows how many a task holds.
#[derive(Default)]
pub(crate) struct Queue {
    lying: Mutex<Lying>,
    /// Told when the first task is put down, and when no more will come: one wake-up for many tasks.
    changed: Notify,
}

#[derive(Default)]
struct Lying {
    tasks: Vec<Task>,
    /// No more tasks come.
    closed: bool,
    /// Nobody takes them any more.
    ended: bool,
}

/// Why a task was not put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The queue was closed.
    Closed,
    /// The writer has ended.
    Ended,
}

impl Queue {
    fn lying(&self) -> MutexGuard<'_, Lying> {
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a task down.
    pub(crate) fn put(&self, task: Task) -> Result<(), Refused> {
        let first = {
            let mut lying = self.lying();
            if lying.closed {
                return Err(Refused::Closed);
            }
            if lying.ended {
                return Err(Refused::Ended);
            }
            lying.tasks.push(task);
            lying.tasks.len() == 1
        };
        if first {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits for tasks, and takes all of them into `taken`, which is empty; says whether any can still come.
    ///
    /// Dropping the future loses nothing.
    pub(crate) async fn take(&self, taken: &mut Vec<Task>) -> bool {
        loop {
            {
                let mut lying = self.lying();
                if !lying.tasks.is_empty() {
                    std::mem::swap(&mut lying.tasks, taken);
                    return true;
                }
                if lying.closed {
                    return false;
                }
            }
            self.changed.notified().await;
        }
    }

    /// Lets no more tasks in; those that lie there are still taken.
    pub(crate) fn close(&self) {
        self.lying().closed = true;
        self.changed.notify_one();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lying().closed
    }

    /// Drops what lies there, since nobody will take it: whoever waits for an answer is told by that.
    pub(crate) fn end(&self) {
        let left = {
            let mut lying = self.lying();
            lying.ended = true;
            std::mem::take(&mut lying.tasks)
        };
        drop(left);
    }
}
