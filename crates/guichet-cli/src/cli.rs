//! The command line: what can be typed, and what it leads to.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::archive::ArchiveArgs;
use crate::calendar::CalendarArgs;
use crate::case::CaseArgs;
use crate::catalogue::CatalogueArgs;
use crate::context::{Context, Exit, Failure, LangArg, lang_of};
use crate::demo::DemoArgs;
use crate::doctor::DoctorArgs;
use crate::export::ExportArgs;
use crate::finding::FindingArgs;
use crate::import::ImportArgs;
use crate::run::RunArgs;
use crate::stats::StatsArgs;
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

#[derive(Clone, Copy, Debug, Args)]
struct Global {
    /// Answer in JSON; failures become one line of JSON too
    #[arg(long, global = true, display_order = 900)]
    json: bool,
    /// Say nothing but answers and failures
    #[arg(long, short, global = true, display_order = 901)]
    quiet: bool,
    /// The language of answers
    #[arg(
        long,
        help = "The language of answers [default: that of LC_ALL, LC_MESSAGES or LANG]",
        global = true,
        value_enum,
        value_name = "zh|en",
        hide_possible_values = true,
        display_order = 902
    )]
    lang: Option<LangArg>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Let a service centre work through a year
    Demo(DemoArgs),
    /// Take commands as JSON lines, answer each when it is durable
    Run(RunArgs),
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
    /// Say which version this is
    Version,
}

#[derive(Clone, Copy, Debug, Args)]
struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

impl From<Global> for Context {
    fn from(global: Global) -> Self {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok());
        let of_environment = lang_of(variables.iter().map(|value| value.as_deref()));
        Self {
            json: global.json,
            quiet: global.quiet,
            lang: global.lang.map_or(of_environment, Into::into),
            ..Self::default()
        }
    }
}

/// Does what the arguments ask for, and tells failures on standard error.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no failures, and clap sends each to its stream.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(2)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let context = Context::from(cli.global);
    match run(cli.command, context) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            failure.print(context);
            ExitCode::from(failure.code)
        }
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
        Command::Completions(args) => completions(args, context),
        Command::Version => crate::version::run(context),
    }
}

fn completions(args: CompletionsArgs, context: Context) -> Result<Exit, Failure> {
    use std::io::Write as _;

    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "guichet", &mut script);
    let mut out = context.out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Ok)
}
