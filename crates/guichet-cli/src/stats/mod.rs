//! `guichet stats`: the figures of a centre.

mod bulletin;
mod cases;
mod figures;
mod measured;
mod process;
pub mod report;

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use clap::{Args, Subcommand};
use guichet::core::case::event::Outcome;
use guichet::core::reference::Directory;
use guichet::{Guichet, NotKept};
use guichet_log::projection::Projection as _;
use guichet_stats::{AsOf, Fraction, Overview, OverviewView, Statistics};

use crate::case::{department_name, outcome};
use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, DataArg};
use crate::table::{self, number};
use crate::told::Told as _;

/// What `guichet stats` takes.
#[derive(Clone, Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
pub struct StatsArgs {
    #[command(subcommand)]
    command: Option<StatsCommand>,
    #[command(flatten)]
    data: Option<DataArg>,
}

#[derive(Clone, Debug, Subcommand)]
enum StatsCommand {
    /// Figures by period, by department, window, item and so on, with the cases behind them
    Figures(Box<figures::FiguresArgs>),
    /// Say what each figure means: its base set, and what is counted of it
    Glossary,
    /// Show what is done to cases in which order, by whom, and how long it takes
    Process(process::ProcessArgs),
    /// List cases with their times and transfers, one row each
    Cases(cases::CasesArgs),
    /// Publish the figures of a period: they are kept as they are now, and only restated by name
    Publish(bulletin::PublishArgs),
    /// List what was published, or count one bulletin again, as of then and as of now
    Bulletins(bulletin::BulletinsArgs),
    /// Reports to print and to publish: the speed-up bulletin, agency work, performance scores, the annual report
    Report(Box<report::ReportArgs>),
}

/// The statistics as of a moment, with a word where kept ones were of no use.
async fn counted(engine: &Guichet, as_of: AsOf, context: Context) -> Result<Statistics, Failure> {
    let counted = engine.statistics(as_of, cores()).await.told()?;
    if let Some(remark) = engine.statistics_remark() {
        context.remark(&match context.lang {
            Lang::En => format!("note: {remark}"),
            Lang::Zh => not_kept_zh(&remark),
        });
    }
    Ok(counted)
}

fn not_kept_zh(remark: &NotKept) -> String {
    match remark {
        NotKept::OtherBuild { .. } => "注意：保存的统计数据出自另一版本的程序，已重新统计".to_owned(),
        NotKept::OtherLog { .. } => "注意：保存的统计数据不属于本日志，已重新统计".to_owned(),
        NotKept::Unwritable { path, reason } => {
            format!(
                "注意：统计数据无法保存到 {}（{reason}），下次启动将重新统计",
                path.display()
            )
        }
        NotKept::Unreadable { path, .. } | NotKept::Damaged { path, .. } => {
            format!(
                "注意：{} 中保存的统计数据已损坏或无法读取，已重新统计",
                path.display()
            )
        }
        // One that a later engine knows.
        other => format!("注意：{other}"),
    }
}

/// How many threads count: one a core.
fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Counts.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read: a figure never leaves a record out.
pub async fn run(args: &StatsArgs, context: Context) -> Result<Exit, Failure> {
    match (&args.command, &args.data) {
        (Some(StatsCommand::Figures(args)), _) => figures::run(args, context).await,
        (Some(StatsCommand::Glossary), _) => figures::glossary(context),
        (Some(StatsCommand::Process(args)), _) => process::run(args, context).await,
        (Some(StatsCommand::Cases(args)), _) => cases::run(args, context).await,
        (Some(StatsCommand::Publish(args)), _) => bulletin::publish(args, context).await,
        (Some(StatsCommand::Bulletins(args)), _) => bulletin::bulletins(args, context).await,
        (Some(StatsCommand::Report(args)), _) => report::run(args, context).await,
        (None, Some(data)) => overview(data, context).await,
        (None, None) => Err(Failure::usage("no_data", "`--data DIR` is missing")
            .help("say where the centre's data is, or set GUICHET_DATA")),
    }
}

async fn overview(data: &DataArg, context: Context) -> Result<Exit, Failure> {
    let engine = data::open(&data.data, &context).await?;
    let overview = engine.project::<Overview>().await;
    let directory = engine.directory();
    engine.close().await.told()?;
    let view = overview.told()?.view();
    context.answer(&view, || text(&view, &directory, context))?;
    Ok(Exit::Ok)
}

fn text(view: &OverviewView, directory: &Directory, context: Context) -> String {
    let say = |zh, en| context.say(zh, en);
    let mut text = String::new();
    let mut table = table::fields();
    let mut row = |name: &str, value: String| {
        table.add_row(vec![name.to_owned().into(), number(value)]);
    };
    row(say("办件", "cases"), view.cases.to_string());
    row(say("  在办", "  open"), view.standings.open.to_string());
    row(say("  已决定", "  decided"), view.standings.decided.to_string());
    row(say("  办结", "  completed"), view.standings.completed.to_string());
    row(
        say("  未决定而终结", "  ended without a decision"),
        view.standings.ended.to_string(),
    );
    row(say("按时", "on time"), rate(view.timeliness.on_time));
    row(
        say("超承诺期限", "past the promise"),
        rate(view.timeliness.overdue),
    );
    row(
        say("超法定期限", "past the statute"),
        rate(view.timeliness.illegal),
    );
    row(
        say("视为受理", "accepted by silence"),
        view.standings.deemed_acceptances.to_string(),
    );
    row(
        say("视为同意", "consents by silence"),
        view.standings.deemed_consents.to_string(),
    );
    row(say("事件", "events"), view.events.to_string());
    row(say("日志位置", "position"), view.position.to_string());
    text.push_str(&table::print(&table));
    let records = view.records;
    // Writing into a string does not fail.
    let _ = match context.lang {
        Lang::Zh => writeln!(
            text,
            "\n记录 {}：导入 {}，导入时推断 {}，本中心办理 {}，目录 {}",
            records.total, records.imported, records.concluded, records.handled, records.catalogue
        ),
        Lang::En => writeln!(
            text,
            "\n{} records: {} imported, {} concluded by the import, {} handled here, {} of the catalogue",
            records.total, records.imported, records.concluded, records.handled, records.catalogue
        ),
    };
    text.push_str(&outcomes(view, context));
    text.push_str(&departments(view, directory, context));
    text
}

/// A rate with what it is made of: `97.32 % (1395/1434)`.
fn rate(rate: Fraction) -> String {
    rate.percent().map_or_else(
        || "–".to_owned(),
        |percent| format!("{percent} % ({}/{})", rate.numerator, rate.denominator),
    )
}

fn outcomes(view: &OverviewView, context: Context) -> String {
    if view.standings.outcomes.is_empty() {
        return String::new();
    }
    let mut table = table::table([context.say("结果", "outcome"), context.say("办件", "cases")]);
    for (code, count) in &view.standings.outcomes {
        let name = Outcome::ALL.iter().find(|known| known.as_str() == *code);
        table.add_row(vec![
            name.map_or(*code, |name| outcome(*name, context)).into(),
            number(count),
        ]);
    }
    format!("\n{}", table::print(&table))
}

fn departments(view: &OverviewView, directory: &Directory, context: Context) -> String {
    if view.departments.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("部门", "department"),
        say("办件", "cases"),
        say("在办", "open"),
        say("已决定", "decided"),
        say("办结", "completed"),
        say("按时", "on time"),
    ]);
    for (id, department) in &view.departments {
        table.add_row(vec![
            department_name(directory, id, context).into(),
            number(department.cases),
            number(department.standings.open),
            number(department.standings.decided),
            number(department.standings.completed),
            number(rate(department.timeliness.on_time)),
        ]);
    }
    table::wrap_only(&mut table, &[0]);
    format!("\n{}", table::print(&table))
}
