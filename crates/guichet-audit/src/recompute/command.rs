//! `guichet-audit recompute`.

use clap::Args;
use guichet_core::id::Position;
use guichet_stats::{Figure, Period};
use guichet_terminal::context::{Context, Exit, Failure};

use super::{Question, recompute, text};
use crate::args::LogArgs;
use crate::as_of::Moment;
use crate::source::zone;

/// What `guichet-audit recompute` takes.
#[derive(Clone, Debug, Args)]
pub struct RecomputeArgs {
    #[command(flatten)]
    log: LogArgs,
    /// Which figure; several separated by commas [default: all]
    #[arg(
        long = "figure",
        value_name = "FIGURE",
        value_delimiter = ',',
        help = "Which figure, such as on_time; several separated by commas [default: all; `guichet stats glossary` tells them]"
    )]
    figures: Vec<Figure>,
    /// Over which period: 2010, 2010-q3, 2010-03, 2010-03-15, 2010-03-01..2010-03-15
    #[arg(long, value_name = "PERIOD")]
    over: Period,
    /// Set apart by what: each department for itself as well
    #[arg(long, value_name = "WHAT", value_parser = ["department"])]
    by: Option<String>,
    /// List the cases of the part and of the whole
    #[arg(long, requires = "figures")]
    cases: bool,
    /// As of when the log is read for what is called now: a day, an instant, position:N
    #[arg(long, value_name = "MOMENT", default_value = "now", hide_default_value = true)]
    as_of: Moment,
}

/// Counts published figures again.
///
/// # Errors
///
/// [`Failure`] when the log cannot be read.
pub fn run(args: &RecomputeArgs, context: Context) -> Result<Exit, Failure> {
    let source = args.log.open(context)?;
    let question = Question {
        figures: args.figures.clone(),
        by_department: args.by.is_some(),
        cases: args.cases,
        as_of: args.as_of.as_of(&zone(source.as_ref(), args.as_of)?),
    };
    let read = |take: &mut dyn FnMut(&_)| -> Result<(), Failure> {
        for recorded in source.records(Position::START) {
            take(&recorded?);
        }
        Ok(())
    };
    let answer = recompute(&question, args.over, read, |position| source.root(position))?;
    context.answer(&answer.recomputed, || text(&answer, context))?;
    Ok(Exit::with_findings(answer.recomputed.differs()))
}
