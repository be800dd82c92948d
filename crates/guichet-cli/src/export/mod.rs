//! `guichet export`: the log written out, in the forms that other programs read.
//!
//! Every form is written while the log is read, so that its length does not matter; each file of this folder says what it
//! keeps in memory meanwhile.

mod csv;
mod dictionary;
mod jsonl;
#[cfg(feature = "parquet")]
pub mod manifest;
mod ocel;
#[cfg(feature = "parquet")]
mod parquet;
mod told;
mod xes;

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use guichet::Guichet;
use guichet::core::id::Position;
use guichet::core::reference::Directory;
use guichet::core::zone::Zone;
use guichet_log::log::EventLog;
use guichet_log::projection::Recorded;
use guichet_log::record::RecordRef;
use guichet_stats::table::{self, Table};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, DataArg};
use crate::output::{self, WholeFile};
use crate::told::Told as _;

/// How many bytes of records are read at once.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What `guichet export` takes.
#[derive(Clone, Debug, Args)]
#[command(after_help = after_help())]
pub struct ExportArgs {
    #[command(flatten)]
    data: DataArg,
    /// In which form: jsonl, one JSON object a record (schemas/event.v1.schema.json); csv and parquet, tables; xes and ocel
    /// (2.0, JSON), event logs for process mining
    #[arg(long, value_enum, default_value_t = Format::Jsonl, hide_possible_values = true, value_name = "FORMAT")]
    format: Format,
    /// Into which file; to standard output when absent. A folder for parquet and for --all
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// From which position of the log on; jsonl only
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    from: u64,
    /// Up to which position, itself not included: the log as it was then [default: all of it]
    #[arg(long, value_name = "POSITION")]
    to: Option<u64>,
    /// Which table; of parquet all when absent
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    table: Option<String>,
    /// All tables and a data dictionary, into the folder of --output
    #[arg(long)]
    all: bool,
    /// A byte order mark before the CSV, by which spreadsheets know that it is UTF-8
    #[arg(long)]
    bom: bool,
    /// Texts in CSV as they are, also those that a spreadsheet would take for a formula
    #[arg(long)]
    raw: bool,
}

fn after_help() -> String {
    let mut text = String::from("Tables of csv and parquet:\n");
    for table in table::all() {
        // Writing into a string does not fail.
        let _ = writeln!(text, "  {:12} {}", table.name, table.row.en);
    }
    text + "\ndocs/export.md says what each form holds, and how other programs read it."
}

/// The forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
    Parquet,
    Xes,
    Ocel,
}

/// How much was written, as far as the form has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Counts {
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tables: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cases: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<u64>,
}

impl Counts {
    /// In words: `3 cases, 17 events`.
    fn words(&self, lang: Lang) -> String {
        let named = [
            (self.tables, "张表", "tables"),
            (self.records, "条记录", "records"),
            (self.rows, "行", "rows"),
            (self.cases, "个办件", "cases"),
            (self.events, "个事件", "events"),
            (self.objects, "个对象", "objects"),
        ];
        let words = named.iter().filter_map(|(count, zh, en)| {
            count.map(|count| match lang {
                Lang::Zh => format!("{count} {zh}"),
                Lang::En => format!("{count} {en}"),
            })
        });
        words.collect::<Vec<_>>().join(match lang {
            Lang::Zh => "、",
            Lang::En => ", ",
        })
    }
}

/// What was written.
#[derive(Serialize)]
struct Exported<'a> {
    version: u16,
    file: &'a Path,
    from: Position,
    to: Position,
    #[serde(flatten)]
    counts: Counts,
}

/// The part of the log that is exported.
struct Source<'l> {
    log: &'l dyn EventLog,
    from: Position,
    to: Position,
    /// Who and what there is in the centre, and where its clock stands.
    directory: &'l Directory,
    bar: ProgressBar,
}

impl Source<'_> {
    fn zone(&self) -> &Zone {
        self.directory.zone()
    }

    /// Gives every record, in the order of the log.
    async fn each(&self, mut take: impl FnMut(&RecordRef<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        let mut next = self.from;
        self.bar.set_position(next.0);
        while next < self.to {
            let blocks = self
                .log
                .read_blocks(next, READ_BYTES_MAX)
                .await
                .map_err(guichet::EngineError::from)
                .told()?;
            for block in &blocks {
                let wanted = usize::try_from(self.to.0.saturating_sub(next.0)).unwrap_or(usize::MAX);
                for record in block.records_from(next).take(wanted) {
                    take(&record.map_err(|error| unreadable(next, &error))?)?;
                    next = next.next();
                }
            }
            self.bar.set_position(next.0);
        }
        Ok(())
    }

    /// Gives every record with its event.
    async fn each_event(&self, mut take: impl FnMut(Recorded) -> Result<(), Failure>) -> Result<(), Failure> {
        self.each(|record| take(read(record)?)).await
    }
}

fn read(record: &RecordRef<'_>) -> Result<Recorded, Failure> {
    Recorded::of_ref(record).map_err(|error| unreadable(record.place.position, &error))
}

/// Exports.
///
/// # Errors
///
/// [`Failure`] when the data does not open, a record cannot be read, or the output cannot be written. An output file or
/// folder is there whole, or not at all.
pub async fn run(args: &ExportArgs, context: Context) -> Result<Exit, Failure> {
    let tables = wanted(args)?;
    let engine = data::open(&args.data.data, &context).await?;
    let done = export(args, &tables, &engine, context).await;
    engine.close().await.told()?;
    done.map(|()| Exit::Ok)
}

/// The tables that are asked for, once it is clear that the options go together.
fn wanted(args: &ExportArgs) -> Result<Vec<Table>, Failure> {
    let is_table = matches!(args.format, Format::Csv | Format::Parquet);
    if args.from > 0 && args.format != Format::Jsonl {
        return Err(misfit(
            "--from goes with jsonl only: the other forms tell whole cases",
            "--from 只用于 jsonl：其他格式以完整办件为单位",
        ));
    }
    if !is_table && (args.all || args.table.is_some()) {
        return Err(misfit(
            "--table and --all go with csv and parquet only",
            "--table 与 --all 只用于 csv 和 parquet",
        ));
    }
    if args.format != Format::Csv && (args.bom || args.raw) {
        return Err(misfit(
            "--bom and --raw go with csv only",
            "--bom 与 --raw 只用于 csv",
        ));
    }
    let is_folder = args.format == Format::Parquet || args.all;
    if is_folder && args.output.is_none() {
        return Err(misfit(
            "several files are written: name a folder for them with --output",
            "将写出多个文件：请用 --output 指定文件夹",
        ));
    }
    if !is_table {
        return Ok(Vec::new());
    }
    let all = table::all();
    let names: Vec<_> = all.iter().map(|table| table.name).collect();
    let names = names.join(", ");
    match &args.table {
        None if is_folder => Ok(all),
        None => Err(Failure::usage(
            "no_table",
            "name a table with --table, or a folder for all with --all --output DIR",
        )
        .help(format!("the tables are {names}"))
        .zh(
            "请用 --table 指定一张表，或用 --all --output DIR 写出全部",
            Some(&format!("现有的表：{names}")),
        )),
        Some(name) => {
            let found: Vec<_> = all.into_iter().filter(|table| table.name == name).collect();
            if found.is_empty() {
                return Err(
                    Failure::usage("unknown_table", format!("there is no table `{name}`"))
                        .help(format!("the tables are {names}"))
                        .zh(
                            format!("没有名为 `{name}` 的表"),
                            Some(&format!("现有的表：{names}")),
                        ),
                );
            }
            Ok(found)
        }
    }
}

fn misfit(message: &str, zh: &str) -> Failure {
    Failure::usage("options_misfit", message).zh(zh, None)
}

async fn export(
    args: &ExportArgs,
    tables: &[Table],
    engine: &Guichet,
    context: Context,
) -> Result<(), Failure> {
    let directory = engine.directory();
    let log = &**engine.log();
    // What is there now: records that come meanwhile are the next export's.
    let head = log.head();
    let to = args.to.map_or(head, |to| Position(to).min(head));
    let source = Source {
        log,
        from: Position(args.from).min(to),
        to,
        directory: &directory,
        bar: progress(args, to, context),
    };
    let counts = write(args, tables, &source, context).await;
    source.bar.finish_and_clear();
    let counts = counts?;
    let Some(path) = &args.output else {
        return Ok(());
    };
    let exported = Exported {
        version: 1,
        file: path,
        from: Position(args.from),
        to,
        counts,
    };
    if context.json {
        return context.answer(&exported, String::new);
    }
    let words = counts.words(context.lang);
    context.remark(&match context.lang {
        Lang::Zh => format!("已将 {words}写入 {}", path.display()),
        Lang::En => format!("{words} written to {}", path.display()),
    });
    Ok(())
}

async fn write(
    args: &ExportArgs,
    tables: &[Table],
    source: &Source<'_>,
    context: Context,
) -> Result<Counts, Failure> {
    let style = csv::Style {
        bom: args.bom,
        raw: args.raw,
    };
    match (&args.output, args.format) {
        (Some(folder), Format::Parquet) => parquet_into(folder, tables, source).await,
        (Some(folder), Format::Csv) if args.all => csv::write_all(folder, tables, style, source).await,
        (Some(path), _) => {
            let mut file = WholeFile::begin(path)?;
            let counts = write_one(args.format, tables, style, source, &mut file).await;
            let counts = counts.map_err(|failure| output::of_file(failure, path))?;
            file.finish()?;
            Ok(counts)
        }
        (None, _) => {
            let mut out = context.out();
            let counts = write_one(args.format, tables, style, source, &mut out).await?;
            out.flush()?;
            Ok(counts)
        }
    }
}

async fn write_one(
    format: Format,
    tables: &[Table],
    style: csv::Style,
    source: &Source<'_>,
    out: &mut impl Write,
) -> Result<Counts, Failure> {
    match (format, tables.first()) {
        (Format::Xes, _) => xes::write(source, out).await,
        (Format::Ocel, _) => ocel::write(source, out).await,
        (Format::Csv | Format::Parquet, Some(table)) => csv::write(table, style, source, out).await,
        (Format::Jsonl, _) | (Format::Csv | Format::Parquet, None) => jsonl::write(source, out).await,
    }
}

#[cfg(feature = "parquet")]
async fn parquet_into(folder: &Path, tables: &[Table], source: &Source<'_>) -> Result<Counts, Failure> {
    parquet::write(folder, tables, source).await
}

#[cfg(not(feature = "parquet"))]
#[expect(clippy::unused_async, reason = "the same call as where Parquet is built in")]
async fn parquet_into(_: &Path, _: &[Table], _: &Source<'_>) -> Result<Counts, Failure> {
    Err(
        Failure::usage("no_parquet", "this build of guichet writes no Parquet")
            .help("build it with the feature `parquet`, or export csv")
            .zh(
                "此版本的 guichet 不含 Parquet",
                Some("编译时启用 `parquet` 特性，或导出 csv"),
            ),
    )
}

fn progress(args: &ExportArgs, to: Position, context: Context) -> ProgressBar {
    // Beside lines on the same terminal a bar would only be in the way.
    let lines = args.output.is_none() && std::io::stdout().is_terminal();
    if !context.terminal || context.quiet || lines {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(to.0);
    let records = context.say("条记录", "records");
    let template = format!("{{bar:30}} {{human_pos}}/{{human_len}} {records}, {{elapsed}}");
    // The template is constant; should it be wrong, the plain bar does.
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
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
