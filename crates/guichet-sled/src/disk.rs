//! The disk as the log sees it: few operations, so that a test can put a failing disk in its place.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory tree that can be made to last.
///
/// Nothing counts as stable before it was synced: a file's bytes and length by [`DiskFile::sync`] or
/// [`Disk::sync_file`], its name by [`Disk::sync_dir`] of the directory it is in.
pub trait Disk: Debug + Send + Sync {
    /// Makes a directory and the ones above it, where they are missing.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;

    /// The files of a directory, by name, without its subdirectories.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>>;

    /// How many bytes a file has.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn length(&self, path: &Path) -> io::Result<u64>;

    /// Opens a file that exists, to read and write.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Creates an empty file, also in place of one that exists.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name in the same directory.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the bytes and the length of a file last that somebody else writes: sled's files.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory last.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file.
pub trait DiskFile: Debug + Send + Sync {
    /// The whole content.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn read(&self) -> io::Result<Vec<u8>>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    ///
    /// Whatever the system says; then any part of the bytes may be there.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes the bytes and the length last.
    ///
    /// # Errors
    ///
    /// Whatever the system says; then nothing is known about what lasts.
    fn sync(&self) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

#[derive(Debug)]
struct RealFile(File);

impl Disk for RealDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Arc::new(RealFile(file)))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)?;
        Ok(Arc::new(RealFile(file)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().read(true).write(true).open(path)?.sync_all()
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        // Windows can neither open nor sync a directory; there the file system journals names by itself.
        if cfg!(unix) {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    }
}

impl DiskFile for RealFile {
    fn read(&self) -> io::Result<Vec<u8>> {
        let mut file = &self.0;
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        // A file has one user at a time, so its one offset is enough and works on every system.
        let mut file = &self.0;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
