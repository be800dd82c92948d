//! What every command is given, and what it gives back: the context, the exit, the failure.

use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use guichet_catalogue::LoadError;
use guichet_core::procedure::Names;
use serde::Serialize;

pub use guichet_core::lang::Lang;

/// How a command was called: what holds for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Whether answers are wanted as JSON.
    pub json: bool,
    /// Whether only answers and failures are wanted: no progress, no remarks.
    pub quiet: bool,
    /// In which language people are addressed.
    pub lang: Lang,
    /// Whether standard error is a terminal: progress bars are drawn only there.
    pub terminal: bool,
}

impl Context {
    /// The first text in Chinese, the second in English.
    #[must_use]
    pub const fn say<'t>(self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// A name in the language of the answer.
    #[must_use]
    pub fn name(self, names: &Names) -> &str {
        self.say(&names.zh, &names.en)
    }

    /// Standard output, buffered: what a command answers goes here, and nothing else. Flush it before ending.
    #[must_use]
    pub fn out(self) -> BufWriter<StdoutLock<'static>> {
        BufWriter::new(io::stdout().lock())
    }

    /// Writes an answer: as one JSON document, or as the text made for people.
    ///
    /// # Errors
    ///
    /// [`Failure`] when standard output cannot be written.
    pub fn answer<T: Serialize>(self, answer: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let mut out = self.out();
        if self.json {
            serde_json::to_writer_pretty(&mut out, answer).map_err(|error| Failure::output(&error.into()))?;
            writeln!(out)?;
        } else {
            out.write_all(text().as_bytes())?;
        }
        Ok(out.flush()?)
    }

    /// Says something beside the answer, on standard error. Not when it is to be quiet.
    pub fn remark(self, text: &str) {
        if !self.quiet {
            // A remark that nobody can read is no reason to fail.
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }
}

impl Default for Context {
    fn default() -> Self {
        Self {
            json: false,
            quiet: false,
            lang: Lang::En,
            terminal: io::stderr().is_terminal(),
        }
    }
}

/// The languages that `--lang` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// Chinese.
    #[value(alias = "zh-CN", alias = "zh_CN")]
    Zh,
    /// English.
    En,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Self {
        match lang {
            LangArg::Zh => Self::Zh,
            LangArg::En => Self::En,
        }
    }
}

/// The language that the environment asks for: the first of these that says something, Chinese if it says so.
///
/// ```
/// use guichet_terminal::context::{Lang, lang_of};
/// assert_eq!(lang_of([Some("zh_CN.UTF-8"), Some("en_GB.UTF-8")]), Lang::Zh);
/// assert_eq!(lang_of([None, Some(""), Some("C.UTF-8")]), Lang::En);
/// ```
pub fn lang_of<'a>(variables: impl IntoIterator<Item = Option<&'a str>>) -> Lang {
    match variables.into_iter().flatten().find(|value| !value.is_empty()) {
        Some(value) if value.starts_with("zh") => Lang::Zh,
        Some(_) | None => Lang::En,
    }
}

/// How a command ended that did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok,
    /// It did its work, and something wants a person's eye: a lint, a line that was not taken.
    Findings,
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings => 1,
        }
    }

    /// Findings, if there are any.
    #[must_use]
    pub const fn with_findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Ok }
    }
}

/// A command that could not do what it was asked: what happened, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The exit code.
    #[serde(rename = "exit")]
    pub code: u8,
    /// A stable name for programs.
    pub error: &'static str,
    /// What happened, and where.
    pub message: String,
    /// What led to it, nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cause: Vec<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What happened and what to do next, in Chinese, where it was written down; programs get the English one.
    #[serde(skip)]
    zh: Option<Box<Zh>>,
}

/// The Chinese side of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Zh {
    message: String,
    help: Option<String>,
}

impl Failure {
    /// The name of a failure that is none: whoever read the output has gone away.
    const BROKEN_PIPE: &'static str = "broken_pipe";

    fn new(code: u8, error: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            error,
            message: message.into(),
            cause: Vec::new(),
            help: None,
            zh: None,
        }
    }

    /// The command was called in a way that makes no sense (exit code 2).
    #[must_use]
    pub fn usage(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(2, error, message)
    }

    /// What the command was given to work with is wrong: a mapping, a catalogue, a source (exit code 3).
    #[must_use]
    pub fn config(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(3, error, message)
    }

    /// What was recorded is damaged (exit code 4).
    #[must_use]
    pub fn integrity(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(4, error, message)
    }

    /// The store, or a file, is not to be had (exit code 5).
    #[must_use]
    pub fn store(error: &'static str, message: impl Into<String>) -> Self {
        Self::new(5, error, message)
    }

    /// Somebody pressed Ctrl-C, or asked the process to end (exit code 130).
    #[must_use]
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self::new(130, "interrupted", message)
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn file(path: &std::path::Path, what: &str, error: &io::Error) -> Self {
        Self::store("file", format!("{what} `{}`", path.display())).because(error.to_string())
    }

    /// Output that cannot be written. A reader that has gone away is no failure.
    #[must_use]
    pub fn output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(0, Self::BROKEN_PIPE, "nobody reads the output any more");
        }
        Self::store("output", "the output cannot be written")
            .zh("无法写出结果", None)
            .because(error.to_string())
    }

    /// With one more cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause.push(cause.into());
        self
    }

    /// With everything that led to an error, and the error itself.
    #[must_use]
    pub fn because_of(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            // An error that only passes another one on says nothing new.
            let said = self.cause.last().unwrap_or(&self.message);
            if !said.contains(&text) {
                self.cause.push(text);
            }
            next = error.source();
        }
        self
    }

    /// With what to do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With what happened, and what to do next, in Chinese.
    #[must_use]
    pub fn zh(mut self, message: impl Into<String>, help: Option<&str>) -> Self {
        self.zh = Some(Box::new(Zh {
            message: message.into(),
            help: help.map(str::to_owned),
        }));
        self
    }

    /// Tells it, as the caller wants it: for people, or as one line of JSON. Always on standard error.
    pub fn print(&self, context: Context) {
        if self.error == Self::BROKEN_PIPE {
            return;
        }
        let mut err = anstream::stderr();
        // Where standard error is gone there is nobody left to tell; the exit code says it.
        let _ = err.write_all(self.text(context).as_bytes());
    }

    /// What happened, and what to do next.
    #[must_use]
    pub fn said(&self, lang: Lang) -> (&str, Option<&str>) {
        let english = (self.message.as_str(), self.help.as_deref());
        match (lang, &self.zh) {
            (Lang::Zh, Some(zh)) => (&zh.message, zh.help.as_deref().or(english.1)),
            (Lang::Zh, None) | (Lang::En, _) => english,
        }
    }

    /// The same failure, without what was told elsewhere already.
    #[must_use]
    pub fn in_short(self) -> Self {
        let zh = self.zh.map(|zh| Box::new(Zh { help: None, ..*zh }));
        Self {
            cause: Vec::new(),
            help: None,
            zh,
            ..self
        }
    }

    fn text(&self, context: Context) -> String {
        let mut text = String::new();
        if context.json {
            text.push_str(&serde_json::to_string(self).unwrap_or_default());
            text.push('\n');
            return text;
        }
        let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
        let bold = Style::new().bold();
        let (error, cause, help) = (
            context.say("错误", "error"),
            context.say("原因", "cause"),
            context.say("建议", "help"),
        );
        // Writing into a string does not fail.
        let (message, next) = self.said(context.lang);
        let colon = context.say("：", ": ");
        let _ = writeln!(text, "{red}{error}{red:#}{colon}{message}");
        for line in &self.cause {
            let _ = writeln!(text, "  {bold}{cause}{bold:#}{colon}{line}");
        }
        if let Some(line) = next {
            let _ = writeln!(text, "  {bold}{help}{bold:#}{colon}{line}");
        }
        text
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        self.cause.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Failure {}

/// Errors of standard output, which is the only stream that commands write through `?`.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::output(&error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::config("catalogue_unreadable", "the catalogue cannot be read")
            .zh("目录无法读取", None)
            .because_of(&error)
    }
}
