//! The command line: what can be typed, and what it leads to.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use guichet_terminal::cli::{CompletionsArgs, Global, completions, ended, parsed};

use crate::archive::ArchiveArgs;
use crate::calendar::CalendarArgs;
use crate::case::CaseArgs;
use crate::catalogue::CatalogueArgs;
use crate::context::{Context, Exit, Failure};
use crate::demo::DemoArgs;
use crate::doctor::DoctorArgs;
use crate::export::ExportArgs;
use crate::finding::FindingArgs;
use crate::import::ImportArgs;
use crate::man::ManArgs;
use crate::run::RunArgs;
use crate::serve::ServeArgs;
use crate::stats::StatsArgs;
use crate::token::TokenArgs;
use crate::vectors::VectorsArgs;

/// The engine of a government service centre: takes cases in, decides by published procedures, counts lawful time
#[derive(Debug, Parser)]
#[command(
    name = "guichet",
    version,
    propagate_version = false,
    arg_required_else_help = true,
    after_help = "\
Exit codes: 0 done, 1 findings, 2 wrong usage, 3 wrong input, 4 damaged data, 5 data not to be had, 130 interrupted.

Answers go to standard output, everything else to standard error; docs/cli.md says more."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let a service centre work through a year
    Demo(DemoArgs),
    /// Take commands as JSON lines, answer each when it is durable
    Run(RunArgs),
    /// Serve the centre over HTTP
    Serve(ServeArgs),
    /// Say who may ask the server, and for what
    Token(TokenArgs),
    /// Take over the event log of another system: XES or CSV
    Import(ImportArgs),
    /// List cases, show one, tell its history
    Case(CaseArgs),
    /// Count: cases, events, outcomes, what was in time
    Stats(StatsArgs),
    /// Issue, explain, uphold and cancel what `guichet-audit findings` shows
    Finding(FindingArgs),
    /// Write the log out
    Export(ExportArgs),
    /// Write the log as signed static files that others can check, and restore it from them
    Archive(ArchiveArgs),
    /// Check, draw, print and publish catalogues of procedures
    Catalogue(CatalogueArgs),
    /// Run anybody's test vectors against this build
    Vectors(VectorsArgs),
    /// Show calendars, count working days, take in published notices
    Calendar(CalendarArgs),
    /// Look for what is wrong, or soon will be
    Doctor(DoctorArgs),
    /// Write a completion script for a shell
    Completions(CompletionsArgs),
    /// Write the pages for `man`
    Man(ManArgs),
    /// Say which version this is
    Version,
}

/// Does what the arguments ask for, and tells failures on standard error.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match parsed::<Cli>(arguments) {
        Ok(cli) => {
            let context = Context::from(cli.global);
            ended(run(cli.command, context), context)
        }
        Err(exit) => exit,
    }
}

fn run(command: Command, context: Context) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::store("no_threads", "no thread can be started").because(error.to_string())
        })?;
    let done = runtime.block_on(dispatch(command, context));
    // A thread that waits for standard input would hold the process for ever.
    runtime.shutdown_background();
    done
}

async fn dispatch(command: Command, context: Context) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => crate::run::run(&args, context).await,
        Command::Serve(args) => crate::serve::run(&args, context).await,
        Command::Token(args) => crate::token::run(&args, context),
        Command::Demo(args) => crate::demo::run(&args, &context).await,
        Command::Import(args) => crate::import::run(args, context).await,
        Command::Case(args) => crate::case::run(&args, context).await,
        Command::Stats(args) => crate::stats::run(&args, context).await,
        Command::Finding(args) => crate::finding::run(&args, context).await,
        Command::Export(args) => crate::export::run(&args, context).await,
        Command::Archive(args) => crate::archive::run(&args, context).await,
        Command::Catalogue(args) => crate::catalogue::run(&args, context).await,
        Command::Vectors(args) => crate::vectors::run(&args, context),
        Command::Calendar(args) => crate::calendar::run(&args, context),
        Command::Doctor(args) => crate::doctor::run(&args, context).await,
        Command::Completions(args) => completions::<Cli>(args, "guichet", context),
        Command::Man(args) => crate::man::run(&args, context),
        Command::Version => guichet_audit::version::run("guichet", context),
    }
}
