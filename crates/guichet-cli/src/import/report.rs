//! What an import did, and what it could not take: for people, for programs, and line by line in a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::source::{Lost, Place, Refused, SourceFile, excerpt};
use crate::context::{Context, Failure};

/// The refused lines that the summary shows; `--refused FILE` has them all.
pub const REFUSED_SHOWN_MAX: usize = 20;

/// The different activities of which the summary says how often they fell back to steps; the rest is one number.
pub const FELL_BACK_SHOWN_MAX: usize = 1_000;

/// What an import did.
///
/// `events` counts the source's events that are in the log now, each once; what the import itself recorded beside them
/// (reference data, openings, conclusions) is in `records_added` only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "Summary of an import", extend("$id" = "urn:guichet:schema:import:v1"))]
pub struct Summary {
    /// The name of the log, as the mapping has it.
    pub log: String,
    /// Whether it was a dry run: nothing was recorded, and the numbers say what was read.
    pub dry_run: bool,
    /// The source's cases that are in the log now.
    pub cases: u64,
    /// Those of them that this import added.
    pub cases_added: u64,
    /// Those of them that were there before.
    pub cases_known: u64,
    /// Cases that were not taken.
    pub cases_refused: u64,
    /// The source's events that are in the log now.
    pub events: u64,
    /// Those of them that this import added.
    pub events_added: u64,
    /// Those of them that were there before.
    pub events_known: u64,
    /// Events that were not taken.
    pub events_refused: u64,
    /// Attributes that were not taken, or not whole.
    pub attributes_refused: u64,
    /// How many events, by activity, became a command of Guichet's beside the recorded step.
    pub became_commands: BTreeMap<String, u64>,
    /// How many events, by activity, should have become a command and stayed recorded steps only, because the rules
    /// had no place for the command there.
    pub fell_back: BTreeMap<String, u64>,
    /// How many conclusions from facts about cases (completions, due dates) were recorded.
    pub concluded: u64,
    /// Local times whose distance from UTC came from the mapping's zone.
    pub local_times: u64,
    /// How many records the log has now that it did not have before.
    pub records_added: u64,
    /// One past the last position of the log.
    pub position: u64,
    /// How long it took.
    pub seconds: f64,
    /// How many lines of the source could not be taken, wholly or in part.
    pub refused_total: u64,
    /// The first of them.
    pub refused: Vec<Refusal>,
}

/// Something in the source that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Refusal {
    /// The file.
    pub file: String,
    /// The line, from 1, in the unpacked file.
    pub line: u64,
    /// What: a case, an event, or an attribute of one.
    pub what: String,
    /// Why.
    pub reason: String,
    /// The beginning of it, or its case.
    pub excerpt: String,
}

/// The files of one log, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    pub(super) log: String,
    pub(super) cases: String,
}

/// Counts, and keeps what has to be told.
pub(super) struct Report {
    pub(super) summary: Summary,
    file: Option<(PathBuf, BufWriter<File>)>,
    unwritten: Option<std::io::Error>,
}

impl Report {
    pub(super) fn new(log: &str, refused: Option<&Path>) -> Result<Self, Failure> {
        let file = match refused {
            Some(path) => {
                let file = File::create(path).map_err(|error| Failure::file(path, "cannot write", &error))?;
                Some((path.to_owned(), BufWriter::new(file)))
            }
            None => None,
        };
        let summary = Summary {
            log: log.to_owned(),
            ..Summary::default()
        };
        Ok(Self {
            summary,
            file,
            unwritten: None,
        })
    }

    /// Counts something that was not taken, and tells it.
    pub(super) fn refuse(&mut self, files: &Files, what: Lost, place: Place, reason: String, about: &str) {
        match what {
            Lost::Case { events } => {
                self.summary.cases_refused += 1;
                self.summary.events_refused += events;
            }
            Lost::Event => self.summary.events_refused += 1,
            Lost::Attribute => self.summary.attributes_refused += 1,
        }
        self.summary.refused_total += 1;
        let file = match place.file {
            SourceFile::Log => &files.log,
            SourceFile::Cases => &files.cases,
        };
        let refusal = Refusal {
            file: file.clone(),
            line: place.line,
            what: what.to_string(),
            reason,
            excerpt: excerpt(about),
        };
        if let Some((_, file)) = &mut self.file
            && let Err(error) = serde_json::to_writer(&mut *file, &refusal)
                .map_err(std::io::Error::from)
                .and_then(|()| file.write_all(b"\n"))
        {
            self.unwritten.get_or_insert(error);
        }
        if self.summary.refused.len() < REFUSED_SHOWN_MAX {
            self.summary.refused.push(refusal);
        }
    }

    /// As [`refuse`](Self::refuse), of what the reader refused.
    pub(super) fn refuse_read(&mut self, files: &Files, refused: &Refused) {
        self.refuse(
            files,
            refused.what,
            refused.place,
            refused.reason.to_string(),
            &refused.excerpt,
        );
    }

    /// Counts an event that stayed a step although it should have become more.
    pub(super) fn fell_back(&mut self, activity: &str) {
        count(&mut self.summary.fell_back, activity);
    }

    /// Counts an event that became a command.
    pub(super) fn became(&mut self, activity: &str) {
        count(&mut self.summary.became_commands, activity);
    }

    /// The summary, once the file of refused lines is written.
    pub(super) fn finish(self) -> Result<Summary, Failure> {
        if let Some((path, mut file)) = self.file {
            let written = match self.unwritten {
                Some(error) => Err(error),
                None => file.flush(),
            };
            written.map_err(|error| Failure::file(&path, "cannot write", &error))?;
        }
        Ok(self.summary)
    }
}

fn count(counts: &mut BTreeMap<String, u64>, activity: &str) {
    let name = if counts.len() < FELL_BACK_SHOWN_MAX || counts.contains_key(activity) {
        activity
    } else {
        "…"
    };
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

impl Summary {
    /// The summary for people.
    pub(super) fn text(&self, context: Context) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = self.write(context, &mut text);
        text
    }

    fn write(&self, context: Context, text: &mut String) -> std::fmt::Result {
        let say = |zh: &'static str, en: &'static str| context.say(zh, en);
        if self.dry_run {
            writeln!(
                text,
                "{} `{}`",
                say("试运行,未写入任何记录:日志", "dry run, nothing was recorded: log"),
                self.log
            )?;
        } else {
            writeln!(text, "{} `{}`", say("已导入日志", "imported log"), self.log)?;
        }
        writeln!(
            text,
            "  {:<10} {:>10}   {} {}, {} {}, {} {}",
            say("办件", "cases"),
            self.cases,
            say("新增", "added"),
            self.cases_added,
            say("已有", "there before"),
            self.cases_known,
            say("未收", "refused"),
            self.cases_refused
        )?;
        writeln!(
            text,
            "  {:<10} {:>10}   {} {}, {} {}, {} {}",
            say("事件", "events"),
            self.events,
            say("新增", "added"),
            self.events_added,
            say("已有", "there before"),
            self.events_known,
            say("未收", "refused"),
            self.events_refused
        )?;
        if !self.dry_run {
            writeln!(
                text,
                "  {:<10} {:>10}   {} {}, {:.1} s",
                say("记录", "records"),
                self.records_added,
                say("日志位置", "position"),
                self.position,
                self.seconds
            )?;
        }
        self.write_conclusions(context, text)?;
        self.write_refused(context, text)
    }

    fn write_conclusions(&self, context: Context, text: &mut String) -> std::fmt::Result {
        let say = |zh: &'static str, en: &'static str| context.say(zh, en);
        for (title, counts) in [
            (
                say("成为命令的事件", "events that became commands"),
                &self.became_commands,
            ),
            (
                say(
                    "仅记为步骤(规则不容该命令)",
                    "stayed recorded steps, for want of a place in the rules",
                ),
                &self.fell_back,
            ),
        ] {
            if !counts.is_empty() {
                writeln!(text, "  {title}:")?;
                for (activity, count) in counts {
                    writeln!(text, "    {count:>8}  {}", excerpt(activity))?;
                }
            }
        }
        if self.concluded > 0 {
            writeln!(
                text,
                "  {} {}",
                say(
                    "由办件信息得出的记录:",
                    "records concluded from facts about cases:"
                ),
                self.concluded
            )?;
        }
        if self.local_times > 0 {
            writeln!(
                text,
                "  {} {}",
                say(
                    "按映射时区解读的本地时间:",
                    "local times read in the mapping's zone:"
                ),
                self.local_times
            )?;
        }
        Ok(())
    }

    fn write_refused(&self, context: Context, text: &mut String) -> std::fmt::Result {
        let say = |zh: &'static str, en: &'static str| context.say(zh, en);
        if self.refused_total > 0 {
            writeln!(
                text,
                "  {} {}:",
                say("未能收入", "not taken:"),
                self.refused_total
            )?;
            for refusal in &self.refused {
                writeln!(
                    text,
                    "    {}:{}: {}: {}{}",
                    refusal.file,
                    refusal.line,
                    refusal.what,
                    refusal.reason,
                    if refusal.excerpt.is_empty() {
                        String::new()
                    } else {
                        format!(" ({})", refusal.excerpt)
                    }
                )?;
            }
            let more = self
                .refused_total
                .saturating_sub(u64::try_from(self.refused.len()).unwrap_or(u64::MAX));
            if more > 0 {
                writeln!(
                    text,
                    "    {} {more} {}",
                    say("另有", "and"),
                    say(
                        "行;用 --refused FILE 写出全部",
                        "more; `--refused FILE` writes them all"
                    )
                )?;
            }
        }
        Ok(())
    }
}
