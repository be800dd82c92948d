//! `guichet export`: the log, written out record by record as it is read.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use guichet::core::id::Position;
use guichet_log::codec;
use guichet_log::codec::json::ExportLine;
use guichet_log::log::EventLog;
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, DataArg};

/// How many bytes of records are read at once.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What `guichet export` takes.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    data: DataArg,
    /// In which form; jsonl is one JSON object a record (schemas/event.v1.schema.json)
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Into which file; to standard output when absent
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// From which position of the log on
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    from: u64,
}

/// The forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
}

/// What was written.
#[derive(Serialize)]
struct Exported<'a> {
    version: u16,
    file: &'a Path,
    from: Position,
    to: Position,
    records: u64,
}

/// Exports.
///
/// # Errors
///
/// [`Failure`] when the data does not open, a record cannot be read, or the output cannot be written. An output file is
/// there whole, or not at all.
pub async fn run(args: &ExportArgs, context: Context) -> Result<Exit, Failure> {
    let engine = data::open(&args.data.data, &context).await?;
    let done = export(args, &**engine.log(), context).await;
    engine.close().await?;
    done.map(|()| Exit::Ok)
}

async fn export(args: &ExportArgs, log: &dyn EventLog, context: Context) -> Result<(), Failure> {
    let Format::Jsonl = args.format;
    let from = Position(args.from);
    // What is there now: records that come meanwhile are the next export's.
    let to = log.head();
    let Some(path) = &args.output else {
        let mut out = context.out();
        write_lines(log, from, to, &mut out).await?;
        return Ok(out.flush()?);
    };
    let beside = beside(path);
    let written = write_file(log, from, to, path, &beside).await;
    if written.is_err() {
        // Half an export would be taken for a whole one.
        let _ = std::fs::remove_file(&beside);
    }
    written?;
    let records = to.0.saturating_sub(from.0);
    let exported = Exported {
        version: 1,
        file: path,
        from,
        to,
        records,
    };
    if context.json {
        return context.answer(&exported, String::new);
    }
    context.remark(&match context.lang {
        Lang::Zh => format!("已将 {records} 条记录写入 {}", path.display()),
        Lang::En => format!("{records} records written to {}", path.display()),
    });
    Ok(())
}

/// The name that a file has until it is whole.
pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, ToOwned::to_owned);
    name.push(".part");
    path.with_file_name(name)
}

async fn write_file(
    log: &dyn EventLog,
    from: Position,
    to: Position,
    path: &Path,
    beside: &Path,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file(path, "cannot write", &error);
    let mut out = BufWriter::new(File::create(beside).map_err(failed)?);
    let written = write_lines(log, from, to, &mut out).await;
    written.map_err(|mut failure| {
        if failure.error == "output" {
            failure.message = format!("cannot write `{}`", path.display());
        }
        failure
    })?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(beside, path).map_err(failed)
}

async fn write_lines(
    log: &dyn EventLog,
    from: Position,
    to: Position,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let mut next = from;
    while next < to {
        let blocks = log
            .read_blocks(next, READ_BYTES_MAX)
            .await
            .map_err(guichet::EngineError::from)?;
        for block in &blocks {
            let wanted = usize::try_from(to.0.saturating_sub(next.0)).unwrap_or(usize::MAX);
            for record in block.records_from(next).take(wanted) {
                let record = record.map_err(|error| unreadable(next, &error))?;
                let event = codec::decode_ref(&record).map_err(|error| unreadable(next, &error))?;
                let line = ExportLine::of_ref(&record, &event);
                serde_json::to_writer(&mut *out, &line).map_err(|error| Failure::output(&error.into()))?;
                out.write_all(b"\n")?;
                next = next.next();
            }
        }
    }
    Ok(())
}

/// A record that cannot be read, and what to do about it.
fn unreadable(position: Position, error: &dyn std::error::Error) -> Failure {
    Failure::integrity(
        "unreadable_record",
        format!("the record at position {position} cannot be read"),
    )
    .because_of(error)
    .help("run `guichet doctor --full --data DIR`: it names every damaged place")
}
