//! The command line of `guichet-audit`: what can be typed, and what it leads to.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use guichet_core::id::{BlockId, CaseId};
use guichet_log::note::{KeyError, Note, PublicKey};
use guichet_terminal::cli::{CompletionsArgs, Global, completions, ended, parsed};
use guichet_terminal::context::{Context, Exit, Failure};
use guichet_terminal::key::{NewKeyArgs, run as new_key};

use crate::as_of::Moment;
use crate::explain::{Asked, Paper, clocks, sheet};
use crate::findings::{self, FindingsArgs};
use crate::recompute::RecomputeArgs;
use crate::replay::command::{self as replay, ReplayArgs};
use crate::report::{self, CheckReportArgs, ReportArgs};
use crate::source::{Seen, Source, archive, database};
use crate::timeline::Timeline;
use crate::verify::{self, Against, Input, Verification};
use crate::what_if::WhatIfArgs;
use crate::{case_file, diff, held, recompute, show, timeline, version, what_if};

/// What supervisors ask of a service centre's log: what happened, what was known when, why a date is what it is
#[derive(Debug, Parser)]
#[command(
    name = "guichet-audit",
    version,
    propagate_version = false,
    arg_required_else_help = true,
    after_help = "\
Nothing is ever written to what is looked into. The same log gives the same bytes, whoever asks and whenever.

Exit codes: 0 done, 1 findings, 2 wrong usage, 3 wrong input, 4 damaged data, 5 data not to be had, 130 interrupted.

Answers go to standard output, everything else to standard error; docs/audit.md says more."
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that the log is complete, in order and untouched
    Verify(VerifyArgs),
    /// Tell a case's history, event by event; who held it; what differs between two moments
    Timeline(TimelineArgs),
    /// Show where a case stood
    Show(ShowArgs),
    /// Explain a due date, day by day
    Explain(ExplainArgs),
    /// Write a case file as evidence: its events, proofs that they are in the log, and that none was left out
    Prove(ProveArgs),
    /// Check a case file with the log's public key and nothing else
    CheckProof(CheckProofArgs),
    /// Look for what the rules of electronic supervision name, and tell what became of it
    Findings(Box<FindingsArgs>),
    /// Count published figures again by a second path, and list the cases that differ
    Recompute(RecomputeArgs),
    /// Ask what would have been under other rules, or without some cases
    WhatIf(Box<WhatIfArgs>),
    /// Replay the centre, forwards and backwards: a player at a terminal, --json for programs
    Replay {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        args: ReplayArgs,
    },
    /// Write the audit of a period: what was verified, found, published, and the figures; as pages, as data, signed
    Report(Box<ReportArgs>),
    /// Check a signed report with the public key of whoever signed it
    CheckReport(CheckReportArgs),
    /// Make a private key to sign reports with, and tell its public key
    Key(NewKeyArgs),
    /// Write a completion script for a shell
    Completions(CompletionsArgs),
    /// Say which version this is
    Version,
}

/// The log that is looked into.
#[derive(Clone, Debug, Args)]
pub struct LogArgs {
    /// The archive to look into
    #[arg(
        long,
        help = "The archive to look into; the engine may go on writing it [env: GUICHET_ARCHIVE]",
        value_name = "DIR",
        conflicts_with = "data"
    )]
    archive: Option<PathBuf>,
    /// A closed database instead: it is copied to a temporary folder, and the copy is read
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl LogArgs {
    /// Opens the log.
    ///
    /// # Errors
    ///
    /// [`Failure`] when none is named, and when it does not open.
    pub fn open(&self, context: Context) -> Result<Box<dyn Source>, Failure> {
        Ok(match self.input()? {
            Input::Archive(dir) => Box::new(archive::open(&dir)?),
            Input::Database(dir) => Box::new(opened(database::Copied::of(&dir)?, context)?),
        })
    }

    /// Verifies the log, and opens it: once copied where it is a database.
    ///
    /// # Errors
    ///
    /// [`Failure`] when none is named, when it cannot be verified, and when it passes and does not open all the same.
    pub fn open_verified(
        &self,
        against: &Against,
        threads: NonZeroUsize,
        context: Context,
    ) -> Result<Verified, Failure> {
        let (verification, source): (_, Result<Box<dyn Source>, Failure>) = match self.input()? {
            input @ Input::Archive(_) => (verify::verify(&input, against, threads)?, self.open(context)),
            Input::Database(dir) => {
                let copy = database::Copied::of(&dir)?;
                let verification = verify::database(&copy, against)?;
                let source = opened(copy, context).map(|database| Box::new(database) as Box<dyn Source>);
                (verification, source)
            }
        };
        let source = match source {
            Ok(source) => Some(source),
            Err(failure) if verification.findings.is_empty() => return Err(failure),
            Err(_) => None,
        };
        Ok(Verified { verification, source })
    }

    /// Where the log is.
    ///
    /// # Errors
    ///
    /// [`Failure`] when none is named.
    pub fn input(&self) -> Result<Input, Failure> {
        if let Some(dir) = &self.data {
            return Ok(Input::Database(dir.clone()));
        }
        let of_environment = || std::env::var_os("GUICHET_ARCHIVE").map(PathBuf::from);
        let Some(dir) = self.archive.clone().or_else(of_environment) else {
            return Err(Failure::usage("no_log", "no log to look into was named")
                .help("name an archive with --archive DIR or GUICHET_ARCHIVE, or a closed database with --data DIR")
                .zh(
                    "未指定要查看的日志",
                    Some("用 --archive DIR 或 GUICHET_ARCHIVE 指定归档，或用 --data DIR 指定已关闭的数据库"),
                ));
        };
        Ok(Input::Archive(dir))
    }
}

/// A log that was verified.
pub struct Verified {
    /// What verification came to.
    pub verification: Verification,
    /// The log; nothing where it is so damaged that it does not open.
    pub source: Option<Box<dyn Source>>,
}

/// How many threads there are room for.
pub(crate) fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Opens a copy of a database, and says what opening it cut off.
fn opened(copy: database::Copied, context: Context) -> Result<database::Database, Failure> {
    let database = database::Database::of(copy)?;
    if let Some(note) = database::cut_off(database.recovery(), context.lang) {
        // Said also to whom wants quiet: what is read is not all that stands on the disk.
        Context {
            quiet: false,
            ..context
        }
        .remark(&note);
    }
    Ok(database)
}

/// An archive, where nothing else will do.
#[derive(Clone, Debug, Args)]
struct ArchiveArg {
    /// The archive; the engine may go on writing it
    #[arg(long, value_name = "DIR", env = "GUICHET_ARCHIVE", hide_env_values = true)]
    archive: PathBuf,
}

/// What a log is verified against.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    log: LogArgs,
    /// The log's public key, or a file that holds it; without it no signature is checked
    #[arg(long, value_name = "KEY", env = "GUICHET_KEY", hide_env_values = true, value_parser = public_key)]
    key: Option<PublicKey>,
    /// A signed head that you kept earlier (a copy of the archive's `checkpoint`): the log must still extend it
    #[arg(long, value_name = "FILE")]
    kept: Vec<PathBuf>,
    /// On how many threads; the answer is the same on any [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

#[derive(Clone, Debug, Args)]
struct ProveArgs {
    #[command(flatten)]
    archive: ArchiveArg,
    /// The case's number
    #[arg(value_name = "CASE")]
    case: CaseId,
    /// The folder for the case file, which must not exist yet
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

#[derive(Clone, Debug, Args)]
struct CheckProofArgs {
    /// The folder that `prove` wrote
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The log's public key, or a file that holds it
    #[arg(long, value_name = "KEY", env = "GUICHET_KEY", hide_env_values = true, value_parser = public_key)]
    key: PublicKey,
}

/// A public key, or what a file holds.
pub(crate) fn public_key(text: &str) -> Result<PublicKey, String> {
    let of_file = std::fs::read_to_string(text);
    let text = of_file.as_deref().unwrap_or(text).trim();
    text.parse().map_err(|error: KeyError| error.to_string())
}

/// One case of a log.
#[derive(Clone, Debug, Args)]
struct OneArgs {
    #[command(flatten)]
    log: LogArgs,
    /// The case's number
    #[arg(value_name = "CASE")]
    case: CaseId,
}

/// As of when a case is looked at.
#[derive(Clone, Copy, Debug, Args)]
struct AsOfArgs {
    /// As of when [default: now, the end of the log]
    #[arg(
        long,
        value_name = "MOMENT",
        default_value = "now",
        hide_default_value = true,
        long_help = "\
As of when [default: now, the end of the log]:
  2010-05-14              what had happened by the end of that day, as it is known now
  2010-05-14T10:00        as the system then knew it, by the centre's clock
  2010-05-14T10:00+08:00  the same, as an instant
  position:120            what stands in the log before that position"
    )]
    as_of: Moment,
}

#[derive(Clone, Debug, Args)]
struct TimelineArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    moment: AsOfArgs,
    /// What differs between two moments, and which event changed it; `now` is the end of the log
    #[arg(long, num_args = 2, value_names = ["MOMENT", "MOMENT"], conflicts_with_all = ["as_of", "held"])]
    diff: Option<Vec<Moment>>,
    /// Who held the case on each day, and how long it lay at each window
    #[arg(long)]
    held: bool,
}

#[derive(Clone, Debug, Args)]
struct ShowArgs {
    #[command(flatten)]
    one: OneArgs,
    #[command(flatten)]
    moment: AsOfArgs,
}

#[derive(Clone, Debug, Args)]
struct ExplainArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Which clock; `all` for every one that ever ran [default: those of the decision, or the one that runs]
    #[arg(value_name = "CLOCK", value_parser = clocks())]
    clock: Option<String>,
    /// Of which step, group or special procedure, where the case has several clocks of the kind
    #[arg(long, value_name = "NAME", requires = "clock")]
    of: Option<BlockId>,
    #[command(flatten)]
    moment: AsOfArgs,
    #[command(flatten)]
    paper: Paper,
}

/// Does what the arguments ask for, and tells failures on standard error.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    quiet_about_sled();
    match parsed::<Cli>(arguments) {
        Ok(cli) => {
            let context = Context::from(cli.global);
            ended(run(&cli.command, context), context)
        }
        Err(exit) => exit,
    }
}

/// sled panics over damaged files of its own. That is caught, and told as what is wrong with them; its text on standard error
/// would only look as if the tool had failed.
fn quiet_about_sled() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_of_sled = panic
            .location()
            .is_some_and(|location| location.file().contains("/sled-"));
        if !is_of_sled {
            hook(panic);
        }
    }));
}

fn run(command: &Command, context: Context) -> Result<Exit, Failure> {
    match command {
        Command::Timeline(args) => timeline(args, context),
        Command::Show(args) => {
            let source = args.one.log.open(context)?;
            let (known, view) = Seen::read(source.as_ref(), &args.one.case)?.stood(args.moment.as_of)?;
            show::print(&view, &known.directory, known.day, context)?;
            Ok(Exit::Ok)
        }
        Command::Explain(args) => explain(args, context),
        Command::Verify(args) => verify(args, context),
        Command::Prove(args) => {
            let archive = archive::open(&args.archive.archive)?;
            case_file::write(&archive, &args.case, &args.to, context)
        }
        Command::CheckProof(args) => case_file::checked(&args.folder, &args.key, context),
        Command::Findings(args) => findings::run(args, context),
        Command::Recompute(args) => recompute::run(args, context),
        Command::WhatIf(args) => what_if::run(args, context),
        Command::Replay { log, args } => replay::run(args, log.open(context)?.as_ref(), context),
        Command::Report(args) => report::run(args, context),
        Command::CheckReport(args) => report::check(args, context),
        Command::Key(args) => new_key(args, context),
        Command::Completions(args) => completions::<Cli>(*args, "guichet-audit", context),
        Command::Version => version::run("guichet-audit", context),
    }
}

impl VerifyArgs {
    /// What the log is verified against.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a kept head is none.
    fn against(&self) -> Result<Against, Failure> {
        let mut against = Against {
            key: self.key.clone(),
            kept: Vec::new(),
        };
        for path in &self.kept {
            let bytes = std::fs::read(path).map_err(|error| Failure::file(path, "cannot read", &error))?;
            let note = Note::parse(&bytes).map_err(|error| {
                Failure::config("no_head", format!("`{}` is no signed head", path.display()))
                    .help("name a copy of the file `checkpoint` of an archive")
                    .zh(
                        format!("`{}` 不是签署头", path.display()),
                        Some("请指定归档中 `checkpoint` 文件的副本"),
                    )
                    .because_of(&error)
            })?;
            against.kept.push((path.clone(), note));
        }
        Ok(against)
    }

    /// On how many threads.
    pub(crate) fn threads(&self) -> NonZeroUsize {
        self.threads.unwrap_or_else(cores)
    }

    /// Verifies the log, and opens it.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a kept head is none, and those of [`LogArgs::open_verified`].
    pub(crate) fn open_verified(&self, context: Context) -> Result<Verified, Failure> {
        self.log.open_verified(&self.against()?, self.threads(), context)
    }
}

fn verify(args: &VerifyArgs, context: Context) -> Result<Exit, Failure> {
    let verification = verify::verify(&args.log.input()?, &args.against()?, args.threads())?;
    verify::print(&verification, context)?;
    Ok(Exit::with_findings(!verification.findings.is_empty()))
}

fn timeline(args: &TimelineArgs, context: Context) -> Result<Exit, Failure> {
    let source = args.one.log.open(context)?;
    let seen = Seen::read(source.as_ref(), &args.one.case)?;
    if let Some([before, after]) = args.diff.as_deref() {
        let (before, after) = (seen.known(*before)?, seen.known(*after)?);
        diff::print(&diff::difference(&seen, &before, &after), context)?;
        return Ok(Exit::Ok);
    }
    let (known, view) = seen.stood(args.moment.as_of)?;
    if args.held {
        held::print(&held::held(&view, &known), &known.directory, context)?;
    } else {
        timeline::print(&Timeline::of(&view).as_of(known.as_of), &known.directory, context)?;
    }
    Ok(Exit::Ok)
}

fn explain(args: &ExplainArgs, context: Context) -> Result<Exit, Failure> {
    let source = args.one.log.open(context)?;
    let (known, view) = Seen::read(source.as_ref(), &args.one.case)?.stood(args.moment.as_of)?;
    let asked = Asked {
        clock: args.clock.as_deref(),
        of: args.of.as_ref(),
        tool: "guichet-audit",
        all: "all",
    };
    let sheet = sheet(asked, &known.directory, &view, known.day, context)?;
    args.paper.deliver(&sheet, context)
}
