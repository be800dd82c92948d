//! `guichet archive`: the log as static files under a signed head, and back again.

mod key;
mod restore;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use guichet::{ArchiveWatch, Archiving, ArchivingError, Guichet};
use guichet_log::archive::{Archive, ArchiveError, ArchiveWriter};
use guichet_log::note::PublicKey;
use guichet_log::sealed_head::SealedHead;
use guichet_terminal::key::{NewKeyArgs, read as read_key, run as new_key};
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data;
use crate::told::{Tell, Told as _};

pub use key::KeyArg;

/// The version of what `guichet archive --json` writes.
const VERSION: u8 = 1;

/// How often a head is sealed while the engine works, if something was recorded since.
const HEAD_EVERY: Duration = Duration::from_secs(60);

/// What `guichet archive` takes.
#[derive(Clone, Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
The archive is the log as static files in the layout of C2SP tlog-tiles. It can be copied to any place and read with \
`guichet-audit`, with the public key of the log alone. Written again, it goes on where it ended; a log that parts from its \
archive is not sealed.

While the engine works on the data, nobody else can open it: let it write the archive itself (`guichet run --archive DIR`).

Example: guichet archive --data DIR --to ARCHIVE"
)]
pub struct ArchiveArgs {
    #[command(subcommand)]
    command: Option<ArchiveCommand>,
    /// The folder with the centre's data
    #[arg(
        long,
        value_name = "DIR",
        env = "GUICHET_DATA",
        hide_env_values = true,
        required = true
    )]
    data: Option<PathBuf>,
    /// The folder for the archive
    #[arg(long, value_name = "DIR", required = true)]
    to: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArg,
}

#[derive(Clone, Debug, Subcommand)]
enum ArchiveCommand {
    /// Begin a centre's data anew out of its archive
    Restore(Box<restore::RestoreArgs>),
    /// Pack the files of records that are full with gzip
    Pack(PackArgs),
    /// Make the key with which heads are signed
    Key(NewKeyArgs),
}

#[derive(Clone, Debug, Args)]
struct PackArgs {
    /// The folder with the archive
    #[arg(long, value_name = "DIR")]
    archive: PathBuf,
    /// The file with the private key that signs it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// What `guichet archive --json` says: `schemas/archive.v1.schema.json`.
#[derive(Serialize)]
struct Report {
    version: u8,
    archive: String,
    log: String,
    records: u64,
    new: u64,
    streams: u64,
    root: String,
    streams_root: String,
    public_key: String,
}

impl Report {
    fn new(archive: &Path, head: &SealedHead, before: u64, key: &PublicKey) -> Self {
        Self {
            version: VERSION,
            archive: archive.display().to_string(),
            log: head.origin.clone(),
            records: head.size,
            new: head.size - before,
            streams: head.streams,
            root: head.root.to_string(),
            streams_root: head.streams_root.to_string(),
            public_key: key.to_string(),
        }
    }

    fn text(&self, context: Context) -> String {
        let (records, new, streams) = (self.records, self.new, self.streams);
        let Self {
            archive,
            root,
            public_key,
            ..
        } = self;
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = match context.lang {
            Lang::Zh => write!(
                text,
                "{archive}\n  记录   {records}（新增 {new}），属于 {streams} 个流\n  根     {root}\n  公钥   {public_key}\n\
                 请监督人员另行保存公钥：`guichet-audit verify --archive {archive} --key '{public_key}'`\n"
            ),
            Lang::En => write!(
                text,
                "{archive}\n  records     {records} ({new} new) of {streams} streams\n  root        {root}\n  \
                 public key  {public_key}\n\
                 Give the public key to those who audit: `guichet-audit verify --archive {archive} --key '{public_key}'`\n"
            ),
        };
        text
    }
}

/// Writes the archive of a centre, or does what else was asked.
///
/// # Errors
///
/// [`Failure`] when the data or the archive cannot be opened, or are of different histories.
pub async fn run(args: &ArchiveArgs, context: Context) -> Result<Exit, Failure> {
    match (&args.command, &args.data, &args.to) {
        (Some(ArchiveCommand::Restore(args)), ..) => restore::run(args, context).await,
        (Some(ArchiveCommand::Pack(args)), ..) => pack(args, context),
        (Some(ArchiveCommand::Key(args)), ..) => new_key(args, context),
        (None, Some(data), Some(to)) => write(data, to, &args.key, context).await,
        // clap asks for both where no command is given.
        (None, ..) => Err(Failure::usage("no_archive", "name the data and the archive")),
    }
}

async fn write(data: &Path, dir: &Path, key: &KeyArg, context: Context) -> Result<Exit, Failure> {
    let engine = data::open(data, &context).await?;
    let archived = match to(&engine, data, dir, key).await {
        Ok(running) => running.stop().await,
        Err(failure) => {
            engine.close().await.told()?;
            return Err(failure);
        }
    };
    engine.close().await.told()?;
    let report = archived?;
    context.answer(&report, || report.text(context))?;
    Ok(Exit::Ok)
}

/// The archive that a working engine writes as it goes.
#[derive(Clone, Debug, Default, Args)]
pub struct AlsoArchive {
    /// Write the archive as the log grows, and seal a head each minute
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// The file with the private key that signs it [default: archive.key in the data folder, made when absent]
    #[arg(long, value_name = "FILE", requires = "archive")]
    archive_key: Option<PathBuf>,
}

impl AlsoArchive {
    /// Begins to write it, if it is wanted.
    pub(crate) async fn begin(&self, engine: &Guichet, data: &Path) -> Result<Option<Running>, Failure> {
        let Some(dir) = &self.archive else {
            return Ok(None);
        };
        let key = KeyArg {
            key: self.archive_key.clone(),
        };
        Ok(Some(to(engine, data, dir, &key).await?))
    }
}

/// An archive that is written while the engine works.
pub(crate) struct Running {
    archiving: Archiving,
    dir: PathBuf,
    key: PublicKey,
    before: u64,
}

/// Writes an archive while the engine works on the data in a folder.
async fn to(engine: &Guichet, data: &Path, dir: &Path, key: &KeyArg) -> Result<Running, Failure> {
    let key = key.open(data)?;
    let public = key.public().clone();
    let archiving = engine.archive_to(dir, key, HEAD_EVERY).await.told()?;
    let before = archiving.status().head.map_or(0, |head| head.size);
    Ok(Running {
        archiving,
        dir: dir.to_owned(),
        key: public,
        before,
    })
}

impl Running {
    /// How far it is, whenever that is asked.
    pub(crate) fn watch(&self) -> ArchiveWatch {
        self.archiving.watch()
    }

    async fn stop(self) -> Result<Report, Failure> {
        let head = self.archiving.stop().await.told()?;
        Ok(Report::new(&self.dir, &head, self.before, &self.key))
    }

    /// Seals what there is, before the engine is closed.
    pub(crate) async fn finish(running: Option<Self>, context: Context) -> Result<(), Failure> {
        let Some(running) = running else {
            return Ok(());
        };
        let report = running.stop().await?;
        context.remark(&match context.lang {
            Lang::Zh => {
                format!("归档至 {}：{} 条记录", report.archive, report.records)
            }
            Lang::En => {
                format!("archived to {}: {} records", report.archive, report.records)
            }
        });
        Ok(())
    }
}

fn pack(args: &PackArgs, context: Context) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Packed {
        version: u8,
        packed: u64,
    }

    let key = read_key(&args.key)?;
    Archive::open(&args.archive).told()?;
    let writer = ArchiveWriter::open(&args.archive, key.public()).told()?;
    let packed = writer.pack().told()?;
    let report = Packed {
        version: VERSION,
        packed,
    };
    context.answer(&report, || match context.lang {
        Lang::Zh => format!("已压缩 {packed} 个文件\n"),
        Lang::En => format!("files packed: {packed}\n"),
    })?;
    Ok(Exit::Ok)
}

impl Tell for ArchivingError {
    fn tell(self) -> Failure {
        match self {
            Self::Archive(error) => guichet_audit::source::archive::failure(&error),
            Self::Read(error) => Failure::integrity("read_failed", "the log cannot be read for its archive")
                .help("run `guichet doctor --full --data DIR`: it names every damaged place")
                .zh(
                    "无法为归档读取日志",
                    Some("运行 `guichet doctor --full --data DIR`，逐处列出损坏"),
                )
                .because_of(&*error),
            Self::Stopped | Self::BrokenOff(_) => {
                Failure::store("archive_stopped", "the archive is not written any further")
                    .zh("归档已停止写入", None)
                    .because_of(&self)
            }
        }
    }
}

impl Tell for ArchiveError {
    fn tell(self) -> Failure {
        guichet_audit::source::archive::failure(&self)
    }
}
