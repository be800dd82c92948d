//! The archive, written as the log grows.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use guichet_core::id::Position;
use guichet_log::archive::{ArchiveError, ArchiveWriter};
use guichet_log::log::{BoxError, EventLog, ReadError, with_sources};
use guichet_log::note::PrivateKey;
use guichet_log::sealed_head::SealedHead;
use tokio::sync::{mpsc, oneshot, watch};

use crate::engine::Guichet;

/// How many bytes of records are read from the log at once.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Why an archive is not written any further. The log is not touched by it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ArchivingError {
    /// The archive cannot be written, or must not be: it is of another history.
    #[error("the archive is not written any further")]
    Archive(#[source] Arc<ArchiveError>),
    /// The log cannot be read.
    #[error("the log cannot be read for its archive")]
    Read(#[source] Arc<ReadError>),
    /// It was stopped, or the engine has ended.
    #[error("the archive is written no more: it was stopped, or the engine has ended")]
    Stopped,
    /// The work on the archive ended in the middle, which is a bug.
    #[error("the work on the archive broke off: {0}; report this as a bug")]
    BrokenOff(String),
}

impl From<ArchiveError> for ArchivingError {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(Arc::new(error))
    }
}

/// How far an archive is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveStatus {
    /// The newest sealed head: as far as it reaches, others can read the archive.
    pub head: Option<SealedHead>,
    /// How many records of the log are not under that head.
    pub lag: u64,
    /// What stopped it, if something did.
    pub failed: Option<String>,
}

/// An archive that follows the log of an engine until this is stopped or dropped.
///
/// A failure stops the archive and nothing else; the records it lacks are written when it is started again.
pub struct Archiving {
    watch: ArchiveWatch,
    asks: mpsc::Sender<Ask>,
}

/// Sees how far an archive is, wherever it is held. Clones see the same archive.
#[derive(Clone)]
pub struct ArchiveWatch {
    log: Arc<dyn EventLog>,
    head: watch::Receiver<Option<SealedHead>>,
    failed: Arc<Mutex<Option<ArchivingError>>>,
}

/// What the task is asked for.
enum Ask {
    Seal(oneshot::Sender<Result<SealedHead, ArchivingError>>),
    Stop(oneshot::Sender<Result<SealedHead, ArchivingError>>),
}

impl Guichet {
    /// Writes the log to an archive, and goes on as it grows: it seals a head `every` so often if something was recorded
    /// since, and whenever it is asked to.
    ///
    /// ```
    /// # use guichet::testkit;
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let (engine, _) = testkit::centre().await;
    /// # let dir = tempfile::tempdir()?;
    /// use std::time::Duration;
    /// use guichet::log::{archive::Archive, note::PrivateKey};
    ///
    /// let key = PrivateKey::from_seed("centre.example/log", &[7; 32])?;
    /// let archiving = engine.archive_to(dir.path(), key, Duration::from_secs(60)).await?;
    /// engine.submit(testkit::application()).await?.accepted()?;
    /// let head = archiving.seal().await?;
    /// assert_eq!(Archive::open(dir.path())?.head(), &head);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArchivingError::Archive`] when the folder holds an archive that is damaged, of another key, or longer than the log.
    pub async fn archive_to(
        &self,
        dir: impl Into<PathBuf>,
        key: PrivateKey,
        every: Duration,
    ) -> Result<Archiving, ArchivingError> {
        let dir = dir.into();
        let key = Arc::new(key);
        let writer = {
            let key = Arc::clone(&key);
            blocking(move || Ok(ArchiveWriter::open(dir, key.public())?)).await?
        };
        let log = Arc::clone(self.log());
        let (tell, head) = watch::channel(writer.head().cloned());
        let (asks, asked) = mpsc::channel(1);
        let failed: Arc<Mutex<Option<ArchivingError>>> = Arc::default();
        let mut follower = Follower {
            log: Arc::clone(&log),
            key,
            writer: Some(writer),
            tell,
        };
        // What does not fit together is told at once, and not by a task that nobody looks at.
        follower.check().await?;
        let ended = self.ended();
        tokio::spawn({
            let failed = Arc::clone(&failed);
            async move {
                if let Err(error) = follower.run(every, asked, ended).await {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            }
        });
        let watch = ArchiveWatch { log, head, failed };
        Ok(Archiving { watch, asks })
    }
}

impl ArchiveWatch {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> ArchiveStatus {
        let head = self.head.borrow().clone();
        let sealed = head.as_ref().map_or(0, |head| head.size);
        ArchiveStatus {
            lag: self.log.head().0.saturating_sub(sealed),
            head,
            failed: self.failure().map(|error| with_sources(&error)),
        }
    }

    fn failure(&self) -> Option<ArchivingError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Archiving {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> ArchiveStatus {
        self.watch.status()
    }

    /// The same, to be held elsewhere.
    #[must_use]
    pub fn watch(&self) -> ArchiveWatch {
        self.watch.clone()
    }

    /// Writes everything that the log has taken, and seals it.
    ///
    /// # Errors
    ///
    /// [`ArchivingError`] when it cannot, or could not before.
    pub async fn seal(&self) -> Result<SealedHead, ArchivingError> {
        self.ask(Ask::Seal).await
    }

    /// As [`seal`](Self::seal), and writes no more after it. Call it before the engine is closed, so that the last records are
    /// archived too.
    ///
    /// # Errors
    ///
    /// As [`seal`](Self::seal).
    pub async fn stop(self) -> Result<SealedHead, ArchivingError> {
        self.ask(Ask::Stop).await
    }

    async fn ask(
        &self,
        ask: fn(oneshot::Sender<Result<SealedHead, ArchivingError>>) -> Ask,
    ) -> Result<SealedHead, ArchivingError> {
        let (answer, answered) = oneshot::channel();
        let gone = || self.watch.failure().unwrap_or(ArchivingError::Stopped);
        self.asks.send(ask(answer)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// What follows the log.
struct Follower {
    log: Arc<dyn EventLog>,
    key: Arc<PrivateKey>,
    /// Away while blocking work is done with it.
    writer: Option<ArchiveWriter>,
    tell: watch::Sender<Option<SealedHead>>,
}

impl Follower {
    /// Whether the archive is of this log, as far as both go.
    async fn check(&mut self) -> Result<(), ArchivingError> {
        let end = self.end();
        let head = self.log.head();
        if head < end {
            return Err(ArchiveError::Shorter {
                log: head,
                archive: end,
            }
            .into());
        }
        // The block with the last archived record says what the tree was at its end, with what follows if there is more.
        let Some(last) = end.0.checked_sub(1) else {
            return Ok(());
        };
        self.take(Position(last)).await
    }

    fn end(&self) -> Position {
        self.writer.as_ref().map_or(Position::START, ArchiveWriter::end)
    }

    /// Takes in the blocks of one read.
    async fn take(&mut self, from: Position) -> Result<(), ArchivingError> {
        let blocks = self.log.read_blocks(from, READ_BYTES_MAX).await;
        let blocks = blocks.map_err(|error| ArchivingError::Read(Arc::new(error)))?;
        self.work(move |writer, _| {
            for block in &blocks {
                writer.push_block(block)?;
            }
            Ok(())
        })
        .await
    }

    async fn seal(&mut self) -> Result<SealedHead, ArchivingError> {
        let head = self.log.head();
        while self.end() < head {
            self.take(self.end()).await?;
        }
        let head = self.work(|writer, key| Ok(writer.seal(key)?)).await?;
        self.tell.send_replace(Some(head.clone()));
        Ok(head)
    }

    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut ArchiveWriter, &PrivateKey) -> Result<T, ArchivingError> + Send + 'static,
    ) -> Result<T, ArchivingError> {
        let mut writer = self.writer.take().ok_or(ArchivingError::Stopped)?;
        let key = Arc::clone(&self.key);
        let (writer, done) = blocking(move || {
            let done = work(&mut writer, &key);
            Ok((writer, done))
        })
        .await?;
        self.writer = Some(writer);
        done
    }

    async fn run(
        mut self,
        every: Duration,
        mut asked: mpsc::Receiver<Ask>,
        mut ended: watch::Receiver<()>,
    ) -> Result<(), ArchivingError> {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        ticks.tick().await;
        self.seal().await?;
        loop {
            let ask = tokio::select! {
                ask = asked.recv() => match ask {
                    Some(ask) => Some(ask),
                    // Nobody holds it any more.
                    None => return Ok(()),
                },
                _ = ticks.tick() => None,
                _ = ended.changed() => return Ok(()),
            };
            let sealed = self.seal().await;
            match ask {
                None => sealed.map(drop)?,
                Some(Ask::Seal(answer)) => {
                    let failure = sealed.as_ref().err().cloned();
                    // Whoever asked and went away does not need to know.
                    let _ = answer.send(sealed);
                    if let Some(failure) = failure {
                        return Err(failure);
                    }
                }
                Some(Ask::Stop(answer)) => {
                    let _ = answer.send(sealed);
                    return Ok(());
                }
            }
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchivingError> + Send + 'static,
) -> Result<T, ArchivingError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => {
            let cause: BoxError = Box::new(error);
            Err(ArchivingError::BrokenOff(cause.to_string()))
        }
    }
}
