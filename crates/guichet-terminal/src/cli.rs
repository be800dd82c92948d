//! The command line as far as every tool shares it: what holds for all commands, how arguments are read, how a call ends.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser};

use crate::context::{Context, Exit, Failure, LangArg, lang_of};

/// What every command takes.
#[derive(Clone, Copy, Debug, Args)]
pub struct Global {
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

/// What a completion script is made for.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

/// The arguments as a tool understands them.
///
/// # Errors
///
/// The exit code, where there is nothing more to do: help was asked for, or the arguments make no sense. Either was told.
pub fn parsed<C: Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<C, ExitCode> {
    C::try_parse_from(arguments).map_err(|error| {
        // Help and version are no failures, and clap sends each to its stream.
        let _ = error.print();
        if error.use_stderr() {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        }
    })
}

/// The exit code of a call, with its failure told on standard error.
#[must_use]
pub fn ended(done: Result<Exit, Failure>, context: Context) -> ExitCode {
    match done {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            failure.print(context);
            ExitCode::from(failure.code)
        }
    }
}

/// Writes the completion script of a tool.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn completions<C: CommandFactory>(
    args: CompletionsArgs,
    tool: &str,
    context: Context,
) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut C::command(), tool, &mut script);
    let mut out = context.out();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Ok)
}
