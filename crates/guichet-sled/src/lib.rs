//! The log on disk: a journal with one real sync per commit group, and blocks sealed into sled.
//!
//! `docs/format.md` draws every byte, and says what survives what.

pub mod disk;
pub mod examine;
mod index;
pub mod journal;
pub mod keys;
mod options;
#[cfg(test)]
mod power;
mod recover;
mod seal;
mod shared;
mod store;
mod tail;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use guichet_core::id::{CommandId, Position, Revision, StreamId};
use guichet_core::time::Timestamp;
use guichet_log::block::Block;
use guichet_log::log::{
    Append, AppendError, Appended, BoxError, CloseError, EventLog, Head, READ_RECORDS_MAX, ReadError,
};
use guichet_log::record::Record;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

pub use crate::options::{
    JOURNAL_FILE_BYTES_MAX, JOURNAL_FILE_BYTES_MIN, Options, OptionsError, QUEUE_MAX, UNSEALED_FILES_MAX,
};
pub use crate::recover::{Cut, OpenError, RecoveryReport};
pub use crate::store::StoreError;

use crate::recover::Opened;
use crate::shared::{Reach, Shared};
use crate::writer::{Message, Request, Writer};

/// A log in a directory of its own. One process has it open at a time.
///
/// ```
/// # use guichet_core::{id::Position, time::Timestamp};
/// # use guichet_log::{log::{EventLog, Expected}, testkit::append};
/// # use guichet_sled::{Options, SledLog};
/// # let dir = tempfile::tempdir()?;
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let log = SledLog::open(dir.path(), Options::default())?;
/// let group = vec![append("case/1", Expected::Absent, "c-1", &[b"submitted"])];
/// log.append(group, Timestamp::from_micros(0)).await?;
/// log.close().await?;
///
/// let log = SledLog::open(dir.path(), Options::default())?;
/// assert_eq!(log.head(), Position(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SledLog {
    /// Taken when the log is dropped, which ends the writer.
    queue: Option<mpsc::Sender<Message>>,
    /// Taken when the log is closed, which lets go of the store.
    shared: RwLock<Option<Arc<Shared>>>,
    head: Arc<watch::Sender<Position>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    recovery: RecoveryReport,
}

impl SledLog {
    /// Opens the log in `dir`, or begins one there. Works on the calling thread until the journal is read.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when another process has the log open, when a format is unknown, or when acknowledged records are
    /// damaged or missing. A write that was never acknowledged is no error: it is cut, and [`SledLog::recovery`] says so.
    pub fn open(dir: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let dir = dir.as_ref();
        let head = Arc::new(watch::Sender::new(Position::START));
        let (queue, waiting) = mpsc::channel(options.queue());
        let Opened {
            shared,
            file,
            sealed,
            tree,
            recorded_at,
            report,
        } = recover::open(dir, options, Arc::clone(&head))?;
        let thread = |source| OpenError::Io {
            path: dir.to_owned(),
            source,
        };
        let sealer = thread::Builder::new()
            .name("guichet-sealer".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || seal::run(&shared, sealed)
            })
            .map_err(thread)?;
        let writer = Writer::new(Arc::clone(&shared), waiting, file, tree, recorded_at);
        let writer = thread::Builder::new()
            .name("guichet-writer".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    let closing = writer.run();
                    shared.sealing().stop = true;
                    shared.sealing_changed.notify_all();
                    // The sealer reports its failures itself.
                    let _ = sealer.join();
                    drop(shared);
                    if let Some((answer, ended)) = closing {
                        // Whoever closed the log and went away does not need to know.
                        let _ = answer.send(ended);
                    }
                }
            })
            .map_err(thread)?;
        Ok(Self {
            queue: Some(queue),
            shared: RwLock::new(Some(shared)),
            head,
            writer: Mutex::new(Some(writer)),
            recovery: report,
        })
    }

    /// What opening the log found, and what it did about it.
    #[must_use]
    pub const fn recovery(&self) -> &RecoveryReport {
        &self.recovery
    }

    fn shared(&self) -> Result<Arc<Shared>, ReadError> {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        shared
            .clone()
            .ok_or_else(|| ReadError::Storage("the log is closed".into()))
    }
}

/// Reads where blocking is allowed.
async fn off_the_runtime<T: Send + 'static>(
    shared: Arc<Shared>,
    read: impl FnOnce(&Shared) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    match Handle::try_current() {
        Ok(runtime) => runtime
            .spawn_blocking(move || read(&shared))
            .await
            .map_err(|error| ReadError::Storage(Box::new(error)))?,
        Err(_) => read(&shared),
    }
}

#[async_trait]
impl EventLog for SledLog {
    async fn append(&self, group: Vec<Append>, recorded_at: Timestamp) -> Result<Appended, AppendError> {
        let (request, answered) = Request::new(group, recorded_at)?;
        let queue = self.queue.as_ref().ok_or(AppendError::Closed)?;
        queue
            .send(Message::Append(request))
            .await
            .map_err(|_| AppendError::Closed)?;
        // The writer answers everything that it takes, so a dropped answer means that it did not take this.
        answered.await.unwrap_or(Err(AppendError::Closed))
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        limit: usize,
    ) -> Result<Vec<Record>, ReadError> {
        let (shared, limit) = (self.shared()?, limit.min(READ_RECORDS_MAX));
        if let Some(records) = shared.read_stream(stream.as_str(), from, limit, Reach::Memory)? {
            return Ok(records);
        }
        let stream = stream.clone();
        let records = off_the_runtime(shared, move |shared| {
            shared.read_stream(stream.as_str(), from, limit, Reach::Store)
        });
        Ok(records.await?.unwrap_or_default())
    }

    async fn read_all(&self, from: Position, limit: usize) -> Result<Vec<Record>, ReadError> {
        let (shared, limit) = (self.shared()?, limit.min(READ_RECORDS_MAX));
        if shared.in_memory(from) {
            return shared.read_all(from, limit);
        }
        off_the_runtime(shared, move |shared| shared.read_all(from, limit)).await
    }

    async fn read_blocks(&self, from: Position, bytes_max: usize) -> Result<Vec<Arc<Block>>, ReadError> {
        let shared = self.shared()?;
        if shared.in_memory(from) {
            return shared.read_blocks(from, bytes_max);
        }
        off_the_runtime(shared, move |shared| shared.read_blocks(from, bytes_max)).await
    }

    async fn stream_head(&self, stream: &StreamId) -> Result<Option<Head>, ReadError> {
        let shared = self.shared()?;
        if let Some(head) = shared.stream_head(stream.as_str(), Reach::Memory)? {
            return Ok(head);
        }
        let stream = stream.clone();
        let head = off_the_runtime(shared, move |shared| {
            shared.stream_head(stream.as_str(), Reach::Store)
        });
        Ok(head.await?.flatten())
    }

    async fn find_command(&self, command: &CommandId) -> Result<Option<Vec<Record>>, ReadError> {
        let shared = self.shared()?;
        if !shared.may_hold_command(command.as_str()) {
            return Ok(None);
        }
        let command = command.clone();
        off_the_runtime(shared, move |shared| shared.find_command(command.as_str())).await
    }

    fn head(&self) -> Position {
        *self.head.borrow()
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    async fn close(&self) -> Result<(), CloseError> {
        let shared = self.shared.write().unwrap_or_else(PoisonError::into_inner).take();
        let (answer, answered) = oneshot::channel();
        let Some(queue) = &self.queue else {
            return Ok(());
        };
        if queue.send(Message::Close(answer)).await.is_err() {
            // Closed before.
            return Ok(());
        }
        let ended = answered.await.unwrap_or(Ok(()));
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let let_go = move || {
            // The store's files are let go of here, which may wait for the disk.
            drop(shared);
            writer.map(JoinHandle::join)
        };
        let joined = match Handle::try_current() {
            Ok(runtime) => runtime
                .spawn_blocking(let_go)
                .await
                .map_err(|error| CloseError(Box::new(error)))?,
            Err(_) => let_go(),
        };
        if let Some(Err(panic)) = joined {
            let text: BoxError = store::text_of(panic.as_ref()).into();
            return Err(CloseError(text));
        }
        ended.map_err(CloseError)
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        self.queue = None;
        self.shared
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let writer = self
            .writer
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            // The directory is free again when this returns. A panic of the writer was printed where it happened.
            let _ = writer.join();
        }
    }
}
