//! `guichet man`: pages for `man`, made of the same table as `--help`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man;
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::output;

/// What `guichet man` takes.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Pages that are there already are written anew; nothing else in the folder is touched.

Example: guichet man --to /usr/local/share/man/man1")]
pub struct ManArgs {
    /// The folder to write the pages into; made where there is none
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// One page: the name of its file, and what is in it.
struct Page {
    file: String,
    text: Vec<u8>,
}

/// What was written, as programs read it.
#[derive(Serialize)]
struct Written<'a> {
    version: u16,
    pages: Vec<&'a str>,
}

/// Writes a page for `guichet`, for `guichet-audit`, and for every command of theirs.
///
/// # Errors
///
/// [`Failure`] when the folder cannot be written.
pub fn run(args: &ManArgs, context: Context) -> Result<Exit, Failure> {
    let mut pages = pages_of(crate::cli::Cli::command())?;
    pages.extend(pages_of(guichet_audit::args::Cli::command())?);
    fs::create_dir_all(&args.to).map_err(|error| Failure::file(&args.to, "cannot write into", &error))?;
    for page in &pages {
        output::save(&args.to.join(&page.file), &page.text)?;
    }
    if context.json {
        let pages = pages.iter().map(|page| page.file.as_str()).collect();
        context.answer(&Written { version: 1, pages }, String::new)?;
    } else {
        let (count, to) = (pages.len(), args.to.display());
        context.remark(&match context.lang {
            Lang::Zh => format!("已将 {count} 页手册写入 {to}"),
            Lang::En => format!("{count} pages written to {to}"),
        });
    }
    Ok(Exit::Ok)
}

/// The pages of a tool: its own first, then those of its commands.
fn pages_of(tool: Command) -> Result<Vec<Page>, Failure> {
    let mut tool = tool.disable_help_subcommand(true);
    // Gives every command below its full name.
    tool.build();
    let name = tool.get_name().to_owned();
    let mut pages = Vec::new();
    gather(&tool, &name, &mut pages)?;
    Ok(pages)
}

fn gather(command: &Command, tool: &str, pages: &mut Vec<Page>) -> Result<(), Failure> {
    let page = Man::new(command.clone());
    let file = page.get_filename();
    let mut text = Vec::new();
    page.render(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    pages.push(Page {
        text: headed(&text, file.trim_end_matches(".1"), tool).into_bytes(),
        file,
    });
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        gather(command, tool, pages)?;
    }
    Ok(())
}

/// The page under a heading of ours. That of `clap_mangen` leaves an empty date out, so that the version is taken for it, and
/// a date would make two builds of the same sources differ.
fn headed(text: &str, name: &str, tool: &str) -> String {
    let mut page = String::with_capacity(text.len());
    for line in text.lines() {
        if line.starts_with(".TH ") {
            let (title, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
            // Writing into a string does not fail.
            let _ = writeln!(page, r#".TH "{title}" "1" "" "{tool} {version}" "Guichet""#);
        } else if line == ".SH EXTRA" {
            page.push_str(".SH NOTES\n");
        } else {
            page.push_str(line.trim_end());
            page.push('\n');
        }
    }
    if name != tool {
        let _ = writeln!(page, ".SH \"SEE ALSO\"\n.BR {tool} (1)");
    }
    page
}
