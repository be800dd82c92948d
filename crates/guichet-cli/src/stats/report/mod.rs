//! `guichet stats report`: documents to print and to publish, made of the log alone.

mod rules;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use guichet_stats::Period;
use guichet_stats::report::{self, Counted, Document, Report, Setting};
use guichet_terminal::paper::{Title, html, markdown};

use super::figures::AsOfArgs;
use crate::context::{Context, Exit, Failure};
use crate::data::{self, DataArg};
use crate::output::deliver;
use crate::told::Told as _;

/// What `guichet stats report` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ReportArgs {
    /// Which report: speed-up, agency, performance, annual
    #[arg(value_name = "REPORT")]
    report: Report,
    #[command(flatten)]
    data: DataArg,
    /// Over which period: 2010, 2010-q3, 2010-03, 2010-03-01..2010-03-15 [default: the year of the last event]
    #[arg(long = "in", value_name = "PERIOD")]
    period: Option<Period>,
    #[command(flatten)]
    as_of: AsOfArgs,
    /// In which form [default: markdown; with --json the document as data]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Into which file; to standard output when absent
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// By which rules performance is scored: `default`, or a YAML file (schemas/performance-rules.v1.schema.json)
    #[arg(long, value_name = "FILE")]
    rules: Option<String>,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Html,
    Markdown,
}

/// Writes a report.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read, the rules are none, or the file cannot be written.
pub(super) async fn run(args: &ReportArgs, context: Context) -> Result<Exit, Failure> {
    let scored = args.report == Report::Performance;
    if args.rules.is_some() && !scored {
        return Err(
            Failure::usage("rules", format!("the report `{}` goes by no rules", args.report))
                .help("leave --rules out, or ask for the report `performance`")
                .zh(
                    format!("报告“{}”不使用评分规则", args.report),
                    Some("去掉 --rules，或改用 performance"),
                ),
        );
    }
    let rules = rules::find(args.rules.as_deref().unwrap_or(rules::DEFAULT))?;
    let engine = data::open(&args.data.data, &context).await?;
    let events = rules.events().filter(|_| scored);
    let counted = engine
        .project_into(Counted::new(args.as_of.as_of(), events))
        .await;
    engine.close().await.told()?;
    let mut counted = counted.told()?;
    counted.statistics.settle();
    let setting = Setting {
        statistics: &counted.statistics,
        period: args
            .period
            .unwrap_or_else(|| report::last_year(&counted.statistics)),
        lang: context.lang,
    };
    let document = match args.report {
        Report::SpeedUp => report::speed_up(&setting),
        Report::Agency => report::agency(&setting),
        Report::Performance => report::performance(&setting, &rules, &counted),
        Report::Annual => report::annual(&setting),
    };
    write(&document, args, context)
}

fn write(document: &Document, args: &ReportArgs, context: Context) -> Result<Exit, Failure> {
    let text = match (args.format, context.json) {
        (Some(Format::Html), _) => html(&Title::from(document), &document.parts),
        (Some(Format::Markdown), _) | (None, false) => markdown(&Title::from(document), &document.parts),
        (None, true) => {
            let json = serde_json::to_string_pretty(document);
            json.map_err(|error| Failure::output(&error.into()))? + "\n"
        }
    };
    deliver(&text, args.output.as_deref(), context)
}
