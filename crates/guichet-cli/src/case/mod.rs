//! `guichet case`: the cases of a centre, one of them, its history.

mod list;
mod show;
mod timeline;
mod words;

use clap::{Args, Subcommand};
use guichet::core::id::CaseId;
use guichet::core::reference::Directory;
use guichet::{CaseView, Guichet};

use crate::context::{Context, Exit, Failure};
use crate::data::{self, DataArg};

pub use list::ListArgs;
pub(crate) use words::outcome;

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
    Show(OneArgs),
    /// Tell a case's history, event by event
    Timeline(OneArgs),
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
            let (engine, view) = read(args, context).await?;
            show::print(&view, &engine.directory(), context)?;
            Ok(Exit::Ok)
        }
        CaseCommand::Timeline(args) => {
            let (engine, view) = read(args, context).await?;
            timeline::print(&view, &engine.directory(), context)?;
            Ok(Exit::Ok)
        }
    }
}

/// Reads one case, and lets go of the data.
async fn read(args: &OneArgs, context: Context) -> Result<(Guichet, CaseView), Failure> {
    let engine = data::open(&args.data.data, &context).await?;
    let view = engine.case(&args.case).await;
    engine.close().await?;
    match view? {
        Some(view) => Ok((engine, view)),
        None => Err(
            Failure::usage("no_such_case", format!("there is no case {}", args.case))
                .help("`guichet case list` shows which there are")
                .zh(
                    format!("没有办件 {}", args.case),
                    Some("用 `guichet case list` 查看现有办件"),
                ),
        ),
    }
}

/// The name of a procedure in the language of the answer; its id where the directory has none.
fn procedure_name(directory: &Directory, id: &guichet::core::id::ProcedureId, context: Context) -> String {
    directory.newest(id).map_or_else(
        || id.to_string(),
        |procedure| context.name(&procedure.name).to_owned(),
    )
}

/// The name of a department, likewise.
pub(crate) fn department_name(
    directory: &Directory,
    id: &guichet::core::id::DepartmentId,
    context: Context,
) -> String {
    directory.departments.get(id).map_or_else(
        || id.to_string(),
        |department| context.name(&department.name).to_owned(),
    )
}
