//! The data folder: how commands find, open and refuse it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use guichet::core::time::{TimeSource, Timestamp};
use guichet::{Config, Guichet, OpenError, SystemTime};
use guichet_audit::source::database::log_failure;
use guichet_sled::{Options, RecoveryReport, SledLog};

use crate::context::{Context, Failure};
use crate::told::Told as _;

/// Where a centre's data is.
#[derive(Clone, Debug, Args)]
pub struct DataArg {
    /// The folder with the centre's data
    #[arg(long, value_name = "DIR", env = "GUICHET_DATA", hide_env_values = true)]
    pub data: PathBuf,
}

/// Where the engine's clock stands: for tests and for scripts that must give the same answer every time.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ClockArg {
    /// Where the engine's clock stands, for tests: RFC 3339
    #[arg(long, value_name = "INSTANT", hide = true)]
    now: Option<Timestamp>,
}

impl ClockArg {
    /// The settings of an engine with this clock.
    #[must_use]
    pub fn config(self) -> Config {
        match self.now {
            Some(now) => Config::default().time(Arc::new(Standing(now))),
            None => Config::default(),
        }
    }

    /// What this clock says.
    #[must_use]
    pub fn now(self) -> Timestamp {
        self.now.unwrap_or_else(|| SystemTime.now())
    }
}

/// A clock that stands still.
struct Standing(Timestamp);

impl TimeSource for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// What a folder holds, before anything in it is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is nothing under this name.
    Missing,
    /// An empty folder.
    Empty,
    /// A centre's data.
    Centre,
    /// Things that are not ours.
    Foreign(Vec<String>),
    /// No folder.
    NoFolder,
}

/// How many names of foreign files a failure tells.
const NAMES_MAX: usize = 5;

/// Looks into a folder without touching it.
///
/// # Errors
///
/// [`Failure`] when it cannot be looked into.
pub fn look(dir: &Path) -> Result<Found, Failure> {
    let unreadable = |error: &std::io::Error| Failure::file(dir, "cannot look into", error);
    match std::fs::metadata(dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) => return Err(unreadable(&error)),
        Ok(found) if !found.is_dir() => return Ok(Found::NoFolder),
        Ok(_) => {}
    }
    let names = names_in(dir).map_err(|error| unreadable(&error))?;
    if names.is_empty() {
        return Ok(Found::Empty);
    }
    if !names.iter().any(|name| name == "journal" || name == "sled") {
        return Ok(Found::Foreign(names));
    }
    let journal = dir.join("journal");
    if !journal.is_dir() {
        // Half of a centre's data: opening it says what is missing.
        return Ok(Found::Centre);
    }
    // The engine clears its journal of what it does not know, so it must be sure that the folder is its own.
    let journal = names_in(&journal).map_err(|error| unreadable(&error))?;
    let foreign: Vec<_> = journal
        .iter()
        .filter(|name| !is_journal(name))
        .map(|name| format!("journal/{name}"))
        .collect();
    Ok(if foreign.is_empty() {
        Found::Centre
    } else {
        Found::Foreign(foreign)
    })
}

fn is_journal(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|extension| extension == "journal") || name.starts_with("spare-")
}

fn names_in(dir: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Opens a centre's data that is there.
///
/// # Errors
///
/// [`Failure`] when there is none, or it does not open.
pub async fn open(dir: &Path, context: &Context) -> Result<Guichet, Failure> {
    open_with(dir, Config::default(), context).await
}

/// Opens a centre's data that is there, with settings.
///
/// # Errors
///
/// As [`open`].
pub async fn open_with(dir: &Path, config: Config, context: &Context) -> Result<Guichet, Failure> {
    match look(dir)? {
        Found::Centre => start(dir, config, context).await,
        Found::Missing | Found::Empty => Err(none_there(dir)),
        Found::Foreign(names) => Err(foreign(dir, &names)),
        Found::NoFolder => Err(no_folder(dir)),
    }
}

/// Opens a centre's data, or begins it in a folder that is empty or not there yet.
///
/// # Errors
///
/// [`Failure`] when the folder holds other things, or the data does not open.
pub async fn open_or_begin(dir: &Path, config: Config, context: &Context) -> Result<Guichet, Failure> {
    match look(dir)? {
        Found::Centre | Found::Missing | Found::Empty => start(dir, config, context).await,
        Found::Foreign(names) => Err(foreign(dir, &names)),
        Found::NoFolder => Err(no_folder(dir)),
    }
}

async fn start(dir: &Path, config: Config, context: &Context) -> Result<Guichet, Failure> {
    let log = open_log(dir).await?;
    if let Some(remark) = recovered(log.recovery(), *context) {
        context.remark(&remark);
    }
    let config = config.keep_statistics_in(dir.join("statistics"));
    Guichet::start(Arc::new(log), config).await.told()
}

/// Opens the log alone.
///
/// # Errors
///
/// [`Failure`] when it does not open.
pub async fn open_log(dir: &Path) -> Result<SledLog, Failure> {
    let dir = dir.to_owned();
    let opening = tokio::task::spawn_blocking(move || SledLog::open(dir, Options::default()));
    let opened = opening
        .await
        .map_err(std::io::Error::other)
        .map_err(OpenError::Writer)
        .told()?;
    opened.map_err(OpenError::Log).told()
}

/// What had to be put right at the opening, if anything had.
fn recovered(report: &RecoveryReport, context: Context) -> Option<String> {
    let cut = report.cut.as_ref()?;
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = match context.lang {
        crate::context::Lang::Zh => write!(
            text,
            "注意：位置 {} 处有一次未完成、从未确认的写入（{} 字节），已截除并保存在 {}",
            cut.position,
            cut.bytes,
            cut.kept_in.display()
        ),
        crate::context::Lang::En => write!(
            text,
            "note: an interrupted write at position {} ({} bytes, never acknowledged) was cut off and kept in {}",
            cut.position,
            cut.bytes,
            cut.kept_in.display()
        ),
    };
    Some(text)
}

pub(crate) fn none_there(dir: &Path) -> Failure {
    Failure::store(
        "no_data",
        format!("there is no centre's data in `{}`", dir.display()),
    )
    .help(
        "look at --data; or begin one: `guichet demo --headless --data DIR`, or \
             `guichet catalogue publish harbin-2010 --data DIR --by PERSON`",
    )
    .zh(
        format!("`{}` 中没有中心的数据", dir.display()),
        Some(
            "检查 --data；或新建：`guichet demo --headless --data DIR`，\
                 或 `guichet catalogue publish harbin-2010 --data DIR --by PERSON`",
        ),
    )
}

pub(crate) fn foreign(dir: &Path, names: &[String]) -> Failure {
    let mut shown = names
        .iter()
        .take(NAMES_MAX)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES_MAX {
        // Writing into a string does not fail.
        let _ = write!(shown, ", and {} more", names.len() - NAMES_MAX);
    }
    Failure::store(
        "foreign_folder",
        format!("`{}` holds other things than a centre's data", dir.display()),
    )
    .because(format!("found {shown}"))
    .help("name an empty folder, or one that does not exist yet; nothing in this one was touched")
    .zh(
        format!("`{}` 中有其他文件，不是中心的数据", dir.display()),
        Some("请指定空文件夹或尚不存在的文件夹；此文件夹未作任何改动"),
    )
}

pub(crate) fn no_folder(dir: &Path) -> Failure {
    Failure::store("no_folder", format!("`{}` is no folder", dir.display()))
        .help("name the folder that holds the centre's data")
        .zh(
            format!("`{}` 不是文件夹", dir.display()),
            Some("请指定存放中心数据的文件夹"),
        )
}

/// A log that does not open, told with its exit code and the way out.
pub(crate) fn open_failure(error: &OpenError) -> Failure {
    if let OpenError::Log(log) = error {
        return log_failure(log);
    }
    if let OpenError::Reference(_) = error {
        return Failure::integrity("reference_data", "the centre's catalogue cannot be read back")
            .help("run `guichet doctor --full --data DIR`: it names every damaged place")
            .zh(
                "中心的目录无法读取",
                Some("运行 `guichet doctor --full --data DIR`，逐处列出损坏"),
            )
            .because_of(error);
    }
    Failure::store("open_failed", "the centre's data does not open")
        .zh("中心的数据打不开", None)
        .because_of(error)
}
