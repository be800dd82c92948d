//! `guichet case explain`: why a due date is what it is, day by day.

use clap::Args;
use guichet::core::id::BlockId;
use guichet_audit::explain::{Asked, Paper, clocks, sheet};

use super::as_of::AsOf;
use super::{OneArgs, read};
use crate::context::{Context, Exit, Failure};

/// What `guichet case explain` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    as_of: AsOf,
    /// Which clock; `all` for every one that ever ran [default: those of the decision, or the one that runs]
    #[arg(long, value_name = "CLOCK", value_parser = clocks())]
    clock: Option<String>,
    /// Of which step, group or special procedure, where the case has several clocks of the kind
    #[arg(long, value_name = "NAME", requires = "clock")]
    of: Option<BlockId>,
    #[command(flatten)]
    paper: Paper,
}

pub(super) async fn run(args: &ExplainArgs, context: Context) -> Result<Exit, Failure> {
    let (engine, view) = read(&args.one, args.as_of, context).await?;
    let asked = Asked {
        clock: args.clock.as_deref(),
        of: args.of.as_ref(),
        tool: "guichet case",
        all: "--clock all",
    };
    let sheet = sheet(
        asked,
        &engine.directory(),
        &view,
        args.as_of.day(&engine),
        context,
    )?;
    args.paper.deliver(&sheet, context)
}
