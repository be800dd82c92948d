//! A closed database as a log to look into: a copy of it is read, so nothing is ever written to the database itself.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use guichet_core::id::{Position, StreamId};
use guichet_log::log::EventLog as _;
use guichet_log::projection::Recorded;
use guichet_sled::journal::HeaderError;
use guichet_sled::{Options, RecoveryReport, SledLog, StoreError};
use guichet_terminal::context::{Failure, Lang};
use tempfile::TempDir;

use super::{Records, Source, port};

/// The folders of a database that hold the log.
const FOLDERS: [&str; 2] = ["journal", "sled"];

/// How often a copy is begun again because somebody wrote to the database meanwhile.
const COPIES_MAX: usize = 3;

/// A copy of the files of a closed database, in a temporary folder that goes with it.
#[derive(Debug)]
pub struct Copied(TempDir);

impl Copied {
    /// Copies the database in `dir` to a temporary folder.
    ///
    /// # Errors
    ///
    /// [`Failure`] when there is no database, and when somebody writes to it.
    pub fn of(dir: &Path) -> Result<Self, Failure> {
        if !FOLDERS.iter().all(|folder| dir.join(folder).is_dir()) {
            return Err(none_there(dir));
        }
        let copy = tempfile::Builder::new().prefix("guichet-audit-").tempdir();
        let copy = copy.map_err(|error| no_copy(&error))?;
        whole_copy(dir, copy.path(), copy_file)?;
        Ok(Self(copy))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A database that is read: a copy of it.
#[derive(Debug)]
pub struct Database {
    log: SledLog,
    // Dropped after the log, whose files it holds.
    _copy: Copied,
}

impl Database {
    /// Copies the database in `dir` to a temporary folder, and opens the copy.
    ///
    /// # Errors
    ///
    /// [`Failure`] when there is no database, when somebody writes to it, and when it is damaged.
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        Self::of(Copied::of(dir)?)
    }

    /// Opens a copy, which changes it.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it is damaged.
    pub fn of(copy: Copied) -> Result<Self, Failure> {
        let log = SledLog::open(copy.path(), Options::default()).map_err(|error| log_failure(&error))?;
        Ok(Self { log, _copy: copy })
    }

    /// What opening the copy found: a write that was cut off says that a process ended, or writes still.
    #[must_use]
    pub const fn recovery(&self) -> &RecoveryReport {
        self.log.recovery()
    }
}

/// What was left out of the copy, for people; none where it is whole.
#[must_use]
pub fn cut_off(report: &RecoveryReport, lang: Lang) -> Option<String> {
    let cut = report.cut.as_ref()?;
    let (position, bytes) = (cut.position, cut.bytes);
    Some(match lang {
        Lang::Zh => format!(
            "注意：位置 {position} 处有一次未完成、从未确认的写入（{bytes} 字节），未计入；数据库未作任何改动"
        ),
        Lang::En => format!(
            "note: an interrupted write at position {position} ({bytes} bytes, never acknowledged) was left out; \
             nothing in the database was changed"
        ),
    })
}

/// How long a file is, and when it was written to last.
type Written = (u64, Option<SystemTime>);

/// The files of the log, by their names within the database.
fn files(dir: &Path) -> io::Result<BTreeMap<PathBuf, Written>> {
    let mut files = BTreeMap::new();
    for folder in FOLDERS {
        add_files(dir, Path::new(folder), &mut files)?;
    }
    Ok(files)
}

fn add_files(dir: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Written>) -> io::Result<()> {
    for entry in fs::read_dir(dir.join(folder))? {
        let name = folder.join(entry?.file_name());
        // A file may go while the folder is read: the second look shows it.
        let found = match fs::metadata(dir.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found?,
        };
        if found.is_dir() {
            add_files(dir, &name, files)?;
        } else if found.is_file() {
            files.insert(name, (found.len(), found.modified().ok()));
        }
    }
    Ok(())
}

/// Copies the files of the log, all as they were at one moment.
fn whole_copy(
    dir: &Path,
    to: &Path,
    copy_file: impl Fn(&Path, &Path, &Path) -> io::Result<()>,
) -> Result<(), Failure> {
    let look = || files(dir).map_err(|error| Failure::file(dir, "cannot look into", &error));
    for _ in 0..COPIES_MAX {
        let before = look()?;
        let copied = before.keys().try_for_each(|name| copy_file(dir, to, name));
        // Files of several moments are no state that the database ever had, and a file that was being removed is no failure.
        if look()? == before {
            return copied.map_err(|error| no_copy(&error));
        }
        for folder in FOLDERS {
            let part = to.join(folder);
            if part.exists() {
                fs::remove_dir_all(part).map_err(|error| no_copy(&error))?;
            }
        }
    }
    Err(written_to(dir))
}

fn no_copy(error: &io::Error) -> Failure {
    Failure::store("no_copy", "the database cannot be copied to a temporary folder")
        .help("the copy takes as much room as the database; TMPDIR says where it is made")
        .zh(
            "无法将数据库复制到临时文件夹",
            Some("副本与数据库一样大；可用 TMPDIR 指定存放位置"),
        )
        .because(error.to_string())
}

fn copy_file(from: &Path, to: &Path, name: &Path) -> io::Result<()> {
    let target = to.join(name);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut source = fs::File::open(from.join(name))?;
    // Not with its rights: a file that nobody may write to is copied, and the copy is opened for writing.
    let mut target = fs::File::create(target)?;
    io::copy(&mut source, &mut target).map(|_| ())
}

fn none_there(dir: &Path) -> Failure {
    Failure::store(
        "no_data",
        format!("there is no centre's data in `{}`", dir.display()),
    )
    .help("look at --data: it names the folder that the engine was given; an archive is named with --archive")
    .zh(
        format!("`{}` 中没有中心的数据", dir.display()),
        Some("检查 --data：应为引擎使用的文件夹；归档请用 --archive 指定"),
    )
}

fn written_to(dir: &Path) -> Failure {
    Failure::store(
        "written_to",
        format!(
            "a process writes to `{}`, so no copy of it is whole",
            dir.display()
        ),
    )
    .help("look into the archive instead, which can be read while the engine runs; or end that process")
    .zh(
        format!("有进程正在写入 `{}`，无法得到完整的副本", dir.display()),
        Some("请改为读取归档（引擎运行时也可读取），或先结束该进程"),
    )
}

/// How a log that does not open is told.
#[must_use]
pub fn log_failure(error: &guichet_sled::OpenError) -> Failure {
    use guichet_sled::OpenError as Log;

    match error {
        Log::Io { .. } => Failure::store("open_failed", "the centre's data does not open")
            .help("look at the rights on the folder, and at the room on the disk")
            .zh("中心的数据打不开", Some("检查文件夹的权限和磁盘空间"))
            .because_of(error),
        Log::Store {
            source: StoreError::Locked,
            path,
        } => locked(path.parent().unwrap_or(path)),
        Log::Store {
            source: source @ StoreError::Format(_),
            ..
        } => unknown_format(source),
        Log::Header {
            source: source @ HeaderError::Format(_),
            ..
        } => unknown_format(source),
        Log::Store { .. }
        | Log::Header { .. }
        | Log::Damaged { .. }
        | Log::Missing { .. }
        | Log::NoJournal { .. } => {
            Failure::integrity("damaged", "the centre's data is damaged, and was left as it is")
                .help(
                    "restore the folder from a backup; keep this one, so that what happened can be found out",
                )
                .zh(
                    "中心的数据已损坏，未作任何改动",
                    Some("从备份恢复该文件夹，并保留这一份以便查明原因"),
                )
                .because_of(error)
        }
    }
}

fn locked(dir: &Path) -> Failure {
    Failure::store("locked", format!("another process has `{}` open", dir.display()))
        .because("one process at a time works on a centre's data")
        .help("wait until that process ends, or end it")
        .zh(
            format!("`{}` 正被另一个进程使用", dir.display()),
            Some("等待该进程结束，或结束它"),
        )
}

fn unknown_format(error: &dyn Error) -> Failure {
    Failure::store(
        "unknown_format",
        "the centre's data was written by another version of Guichet",
    )
    .help("`guichet version` says which formats this one reads; nothing was changed")
    .zh(
        "中心的数据由另一版本的 Guichet 写入",
        Some("`guichet version` 显示本版本可读的格式；未作任何改动"),
    )
    .because_of(error)
}

impl Source for Database {
    fn end(&self) -> Position {
        self.log.head()
    }

    fn records(&self, from: Position) -> Records<'_> {
        port::records(&self.log, from)
    }

    /// The database knows where the records of a stream are.
    fn streams(&self, streams: &BTreeSet<StreamId>) -> Result<Vec<Recorded>, Failure> {
        port::streams(&self.log, streams)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for folder in FOLDERS {
            fs::create_dir(dir.path().join(folder)).unwrap();
            fs::write(dir.path().join(folder).join("file"), "one").unwrap();
        }
        dir
    }

    #[test]
    fn a_database_that_is_written_to_while_it_is_copied_is_refused() {
        let (dir, to) = (database(), tempfile::tempdir().unwrap());
        let torn = whole_copy(dir.path(), to.path(), |from, to, name| {
            let grown = fs::read_to_string(from.join("sled/file"))? + "x";
            fs::write(from.join("sled/file"), grown)?;
            copy_file(from, to, name)
        });
        assert_eq!(torn.map_err(|failure| failure.error), Err("written_to"));
        assert_eq!(
            fs::read_dir(to.path()).unwrap().count(),
            0,
            "nothing torn is left behind"
        );
    }

    #[test]
    fn a_database_that_stood_still_in_the_end_is_copied_as_it_was_then() {
        let (dir, to) = (database(), tempfile::tempdir().unwrap());
        let written = std::cell::Cell::new(false);
        let whole = whole_copy(dir.path(), to.path(), |from, to, name| {
            if !written.replace(true) {
                fs::remove_file(from.join("sled/file"))?;
                fs::write(from.join("sled/other"), "two")?;
            }
            copy_file(from, to, name)
        });
        assert_eq!(whole, Ok(()));
        assert_eq!(fs::read_to_string(to.path().join("sled/other")).unwrap(), "two");
        assert!(!to.path().join("sled/file").exists());
    }
}
