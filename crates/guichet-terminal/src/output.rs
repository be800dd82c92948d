//! What is written into files and folders: there whole, or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::context::{Context, Exit, Failure, Lang};

/// A file that has another name until it is whole. Dropped before, it is gone.
pub struct WholeFile {
    path: PathBuf,
    /// The name that it has until it is whole; none where it is written in place.
    beside: Option<PathBuf>,
    out: Option<BufWriter<File>>,
}

impl WholeFile {
    /// Begins a file. What has the name already stays until the new one is whole.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be written.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        // A link goes on to lead where it leads.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        // A device or a pipe has no other name: nothing can be put in its place.
        let in_place = fs::metadata(&target).is_ok_and(|found| !found.is_file() && !found.is_dir());
        let beside = (!in_place).then(|| with_ending(&target, ".part"));
        let out =
            File::create(beside.as_ref().unwrap_or(&target)).map_err(|error| unwritten(path, &error))?;
        Ok(Self {
            path: target,
            beside,
            out: Some(BufWriter::new(out)),
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be made durable under its name.
    pub fn finish(mut self) -> Result<(), Failure> {
        let finished = self.close();
        finished.map_err(|error| unwritten(&self.path, &error))
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(out) = self.out.take() else {
            return Ok(());
        };
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        if let Some(beside) = &self.beside {
            file.sync_all()?;
            fs::rename(beside, &self.path)?;
            self.beside = None;
        }
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        // Half a file would be taken for a whole one.
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

/// A folder that has another name until it is whole. Dropped before, it is gone.
pub struct WholeFolder {
    path: PathBuf,
    beside: PathBuf,
    is_whole: bool,
}

impl WholeFolder {
    /// Begins a folder where there is none, or an empty one.
    ///
    /// # Errors
    ///
    /// [`Failure`] when something else is there, or it cannot be written.
    pub fn begin(path: &Path) -> Result<Self, Failure> {
        match fs::read_dir(path).map(|mut found| found.next().is_some()) {
            Ok(false) => {}
            Ok(true) => return Err(taken(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unwritten(path, &error)),
        }
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let beside = with_ending(&target, ".guichet-part");
        let begun = match fs::remove_dir_all(&beside) {
            // What an export that was killed has left.
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => fs::create_dir(&beside),
        };
        begun.map_err(|error| unwritten(path, &error))?;
        Ok(Self {
            path: target,
            beside,
            is_whole: false,
        })
    }

    /// Where its files are until it is whole.
    #[must_use]
    pub fn place(&self) -> &Path {
        &self.beside
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be made durable under its name.
    pub fn finish(mut self) -> Result<(), Failure> {
        sync_folders(&self.beside)
            .and_then(|()| fs::rename(&self.beside, &self.path))
            .map_err(|error| unwritten(&self.path, &error))?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for WholeFolder {
    fn drop(&mut self) {
        if !self.is_whole {
            let _ = fs::remove_dir_all(&self.beside);
        }
    }
}

/// Makes the names in a folder, and in those inside of it, durable.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsStr::to_owned);
    name.push(ending);
    path.with_file_name(name)
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::file(path, "cannot write", error)
}

fn taken(path: &Path) -> Failure {
    Failure::usage("folder_taken", format!("`{}` is not empty", path.display()))
        .help("name a folder that does not exist yet, or an empty one; nothing in this one was touched")
        .zh(
            format!("`{}` 不是空文件夹", path.display()),
            Some("请指定尚不存在的文件夹或空文件夹；此文件夹未作任何改动"),
        )
}

/// A failure of standard output, told of the file that it was.
#[must_use]
pub fn of_file(mut failure: Failure, path: &Path) -> Failure {
    if failure.error == "output" {
        failure.message = format!("cannot write `{}`", path.display());
    }
    failure
}

/// Writes a file that is there whole or not at all.
///
/// # Errors
///
/// [`Failure`] when it cannot be written.
pub fn save(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let mut file = WholeFile::begin(path)?;
    file.write_all(text).map_err(|error| unwritten(path, &error))?;
    file.finish()
}

/// Writes a document to a file or to standard output.
///
/// # Errors
///
/// [`Failure`] when it cannot be written.
pub fn deliver(document: &str, path: Option<&Path>, context: Context) -> Result<Exit, Failure> {
    if let Some(path) = path {
        save(path, document.as_bytes())?;
        context.remark(&match context.lang {
            Lang::Zh => format!("已写入 {}", path.display()),
            Lang::En => format!("written to {}", path.display()),
        });
        return Ok(Exit::Ok);
    }
    let mut out = context.out();
    out.write_all(document.as_bytes())?;
    if !document.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_stays_until_the_new_file_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("page.html");
        save(&path, b"old").unwrap();
        let mut half = WholeFile::begin(&path).unwrap();
        half.write_all(b"ne").unwrap();
        half.flush().unwrap();
        drop(half);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        save(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_and_not_replaced_and_a_link_stays_one() {
        use std::os::unix::fs::{FileTypeExt as _, symlink};

        save(Path::new("/dev/null"), b"gone").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        let dir = tempfile::tempdir().unwrap();
        let (page, link) = (dir.path().join("page"), dir.path().join("link"));
        save(&page, b"old").unwrap();
        symlink(&page, &link).unwrap();
        save(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&page).unwrap(), b"new");
    }

    #[test]
    fn a_folder_is_there_whole_or_not_at_all_and_a_full_one_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("export");
        drop(WholeFolder::begin(&path).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let folder = WholeFolder::begin(&path).unwrap();
        save(&folder.place().join("a"), b"1").unwrap();
        assert!(!path.exists());
        folder.finish().unwrap();
        assert_eq!(fs::read(path.join("a")).unwrap(), b"1");
        let again = WholeFolder::begin(&path).map(|_| ());
        assert_eq!(again.map_err(|failure| failure.error), Err("folder_taken"));
    }
}
