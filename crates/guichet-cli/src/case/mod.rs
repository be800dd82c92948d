//! `guichet case`: the cases of a centre, one of them, its history, its time.

mod as_of;
mod explain;
mod list;
mod moved;

use clap::{Args, Subcommand};
use guichet::core::id::CaseId;
use guichet::core::time::Date;
use guichet::{CaseView, Guichet};
use guichet_audit::{show, timeline};

use crate::context::{Context, Exit, Failure};
use crate::data::{self, DataArg};
use crate::table;
use crate::told::Told as _;

use self::as_of::AsOf;

pub(crate) use guichet_terminal::words::{department_name, event_name, outcome, procedure_name};
pub use list::ListArgs;

/// What `guichet case` takes.
#[derive(Clone, Debug, Args)]
pub struct CaseArgs {
    #[command(subcommand)]
    command: CaseCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum CaseCommand {
    /// List the cases, or those that answer to the filters
    List(ListArgs),
    /// Show where a case stands
    Show(ShowArgs),
    /// Tell a case's history, event by event
    Timeline(OneArgs),
    /// Explain a due date, day by day
    Explain(explain::ExplainArgs),
    /// List due dates that come out otherwise than they were told
    Moved(moved::MovedArgs),
}

/// What `guichet case show` takes.
#[derive(Clone, Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    as_of: AsOf,
}

/// One case of a centre.
#[derive(Clone, Debug, Args)]
struct OneArgs {
    #[command(flatten)]
    data: DataArg,
    /// The case's number
    #[arg(value_name = "CASE")]
    case: CaseId,
}

/// Lists, shows, or tells.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read, and for a case that is not there.
pub async fn run(args: &CaseArgs, context: Context) -> Result<Exit, Failure> {
    match &args.command {
        CaseCommand::List(args) => list::run(args, context).await,
        CaseCommand::Show(args) => {
            let (engine, view) = read(&args.one, args.as_of, context).await?;
            show::print(&view, &engine.directory(), args.as_of.day(&engine), context)?;
            Ok(Exit::Ok)
        }
        CaseCommand::Timeline(args) => {
            let (engine, view) = read(args, AsOf::default(), context).await?;
            timeline::print(&timeline::Timeline::of(&view), &engine.directory(), context)?;
            Ok(Exit::Ok)
        }
        CaseCommand::Explain(args) => explain::run(args, context).await,
        CaseCommand::Moved(args) => moved::run(args, context).await,
    }
}

/// Reads one case as it stood on a day, and lets go of the data.
async fn read(args: &OneArgs, as_of: AsOf, context: Context) -> Result<(Guichet, CaseView), Failure> {
    let engine = data::open_with(&args.data.data, as_of.config(), &context).await?;
    let view = engine.case(&args.case).await;
    engine.close().await.told()?;
    let Some(view) = view.told()? else {
        return Err(
            Failure::usage("no_such_case", format!("there is no case {}", args.case))
                .help("`guichet case list` shows which there are")
                .zh(
                    format!("没有办件 {}", args.case),
                    Some("用 `guichet case list` 查看现有办件"),
                ),
        );
    };
    let directory = engine.directory();
    let first = view
        .records
        .first()
        .map(|first| directory.zone().date(first.occurred_at));
    match as_of.view(view, &directory) {
        Some(view) => Ok((engine, view)),
        None => Err(not_yet(&args.case, as_of.day(&engine), first)),
    }
}

/// A case that was not there yet.
fn not_yet(case: &CaseId, as_of: Date, first: Option<Date>) -> Failure {
    let first = table::or_dash(first);
    Failure::usage(
        "not_yet",
        format!("nothing had happened to case {case} by {as_of}"),
    )
    .help(format!(
        "its history begins on {first}: ask about that day or a later one with --as-of"
    ))
    .zh(
        format!("截至 {as_of}，办件 {case} 尚无记录"),
        Some(&format!("其记录始于 {first}；请用 --as-of 指定该日或更晚的日期")),
    )
}
