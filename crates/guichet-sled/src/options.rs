//! How a log on disk is kept: sizes and bounds, each with a default that fits a service centre.

use std::sync::Arc;

use crate::disk::{Disk, RealDisk};

/// The smallest journal file: smaller ones are changed more often than they are filled.
pub const JOURNAL_FILE_BYTES_MIN: u64 = 16 * 1024;

/// The largest journal file: all of it is read when the log is opened.
pub const JOURNAL_FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The most journal files that wait to be sealed, for the same reason.
pub const UNSEALED_FILES_MAX: usize = 64;

/// The longest queue before the writer.
pub const QUEUE_MAX: usize = 65_536;

/// How a log on disk is kept.
///
/// ```
/// # use guichet_sled::Options;
/// let options = Options::default().with_journal_file_bytes(1024 * 1024)?.with_cache_bytes(64 * 1024 * 1024);
/// # Ok::<(), guichet_sled::OptionsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    journal_file_bytes: u64,
    seal_after_files: usize,
    unsealed_files_max: usize,
    cache_bytes: u64,
    filter_bytes: usize,
    queue: usize,
    disk: Arc<dyn Disk>,
    #[cfg(test)]
    pub(crate) acknowledge_before_sync: bool,
}

/// A value outside its bounds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {found}, and {min} to {max} is allowed")]
pub struct OptionsError {
    what: &'static str,
    found: u64,
    min: u64,
    max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            journal_file_bytes: 32 * 1024 * 1024,
            seal_after_files: 4,
            unsealed_files_max: 8,
            cache_bytes: 64 * 1024 * 1024,
            filter_bytes: 8 * 1024 * 1024,
            queue: 1_024,
            disk: Arc::new(RealDisk),
            #[cfg(test)]
            acknowledge_before_sync: false,
        }
    }
}

impl Options {
    /// How large a journal file becomes. The first ones are smaller, so that a small log stays small.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] outside [`JOURNAL_FILE_BYTES_MIN`] to [`JOURNAL_FILE_BYTES_MAX`].
    pub fn with_journal_file_bytes(self, bytes: u64) -> Result<Self, OptionsError> {
        check(
            "the size of a journal file",
            bytes,
            JOURNAL_FILE_BYTES_MIN,
            JOURNAL_FILE_BYTES_MAX,
        )?;
        Ok(Self {
            journal_file_bytes: bytes,
            ..self
        })
    }

    /// From how many full journal files on they are sealed while the writer is busy, and at how many the writer waits
    /// for the sealer. While the writer rests, every full file is sealed.
    ///
    /// The unsealed files are held in memory, so the second number bounds that memory too.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] when the first is not in 1 to the second, or the second above [`UNSEALED_FILES_MAX`].
    pub fn with_unsealed_files(self, seal_after: usize, max: usize) -> Result<Self, OptionsError> {
        check(
            "the number of unsealed journal files",
            max as u64,
            1,
            UNSEALED_FILES_MAX as u64,
        )?;
        check(
            "the number of journal files from which on they are sealed",
            seal_after as u64,
            1,
            max as u64,
        )?;
        Ok(Self {
            seal_after_files: seal_after,
            unsealed_files_max: max,
            ..self
        })
    }

    /// How much sled keeps in memory, in bytes. It takes more while it is scanned.
    #[must_use]
    pub fn with_cache_bytes(self, bytes: u64) -> Self {
        Self {
            cache_bytes: bytes.max(1024 * 1024),
            ..self
        }
    }

    /// How much memory the filter before the index has, in bytes: about 5 for each 4 streams and commands.
    ///
    /// A log that outgrows it answers the same, a little more slowly.
    #[must_use]
    pub fn with_filter_bytes(self, bytes: usize) -> Self {
        Self {
            filter_bytes: bytes,
            ..self
        }
    }

    /// How many appends wait before the writer; one more waits outside.
    ///
    /// # Errors
    ///
    /// [`OptionsError`] outside 1 to [`QUEUE_MAX`].
    pub fn with_queue(self, appends: usize) -> Result<Self, OptionsError> {
        check("the length of the queue", appends as u64, 1, QUEUE_MAX as u64)?;
        Ok(Self {
            queue: appends,
            ..self
        })
    }

    /// The disk under the journal, and the one that syncs sled's files. A test puts a failing one here.
    #[must_use]
    pub fn with_disk(self, disk: Arc<dyn Disk>) -> Self {
        Self { disk, ..self }
    }

    pub(crate) const fn journal_file_bytes(&self) -> u64 {
        self.journal_file_bytes
    }

    pub(crate) const fn seal_after_files(&self) -> usize {
        self.seal_after_files
    }

    pub(crate) const fn unsealed_files_max(&self) -> usize {
        self.unsealed_files_max
    }

    pub(crate) const fn cache_bytes(&self) -> u64 {
        self.cache_bytes
    }

    pub(crate) const fn filter_bytes(&self) -> usize {
        self.filter_bytes
    }

    pub(crate) const fn queue(&self) -> usize {
        self.queue
    }

    pub(crate) const fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }
}

const fn check(what: &'static str, found: u64, min: u64, max: u64) -> Result<(), OptionsError> {
    if found < min || found > max {
        return Err(OptionsError {
            what,
            found,
            min,
            max,
        });
    }
    Ok(())
}
