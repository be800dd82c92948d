//! `prove` and `check-proof`: folders written, and what they come to.

use std::fs;
use std::path::Path;

use guichet_core::id::CaseId;
use guichet_log::archive::Archive;
use guichet_log::note::PublicKey;
use guichet_terminal::context::{Context, Exit, Failure, Lang};
use guichet_terminal::output::WholeFolder;
use serde::Serialize;

use super::{Checked, NotProven, check, prove};
use crate::source::archive;

/// The version of what both commands write as JSON.
const VERSION: u8 = 1;

/// Writes the case file of a case into a folder that does not exist yet, or is empty.
///
/// # Errors
///
/// [`Failure`] when the case cannot be proven, or the folder cannot be written.
pub fn write(log: &Archive, case: &CaseId, to: &Path, context: Context) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Report<'a> {
        version: u8,
        case: &'a CaseId,
        folder: String,
        events: u64,
        size: u64,
    }

    let proven = prove(log, case).map_err(|error| not_proven(&error))?;
    let folder = WholeFolder::begin(to)?;
    for (name, bytes) in &proven.files {
        let path = folder.place().join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&path, bytes))
            .map_err(|error| Failure::file(&path, "cannot write", &error))?;
    }
    folder.finish()?;
    let report = Report {
        version: VERSION,
        case,
        folder: to.display().to_string(),
        events: proven.records,
        size: proven.size,
    };
    context.answer(&report, || {
        let Report {
            folder, events, size, ..
        } = &report;
        match context.lang {
            Lang::Zh => format!(
                "{folder}：办件 {case} 的 {events} 个事件及其证明，依据含 {size} 条记录的签署头\n\
                 核验：`guichet-audit check-proof {folder} --key 'NAME+HASH+KEY'`\n"
            ),
            Lang::En => format!(
                "{folder}: {events} events of case {case} with their proofs, by a head over {size} records\n\
                 check it: `guichet-audit check-proof {folder} --key 'NAME+HASH+KEY'`\n"
            ),
        }
    })?;
    Ok(Exit::Ok)
}

fn not_proven(error: &NotProven) -> Failure {
    match error {
        NotProven::Archive(error) => archive::failure(error),
        NotProven::NoCase(case) => Failure::usage("no_such_case", error.to_string())
            .help("look at the case's number: it is written as the engine gives it")
            .zh(
                format!("此归档中没有办件 {case}"),
                Some("请检查办件编号，应与引擎给出的写法一致"),
            ),
        NotProven::Streams => Failure::integrity("streams_differ", error.to_string())
            .help("`guichet-audit verify --archive DIR` says what else is wrong")
            .zh(
                "归档的签署头与其记录的各流末端不符",
                Some("`guichet-audit verify --archive DIR` 会列出其他问题"),
            ),
        NotProven::Json(_) => Failure::store("no_json", error.to_string()),
    }
}

/// Checks the case file in a folder.
///
/// # Errors
///
/// [`Failure`] when the folder holds no case file.
pub fn checked(folder: &Path, key: &PublicKey, context: Context) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Report<'a> {
        version: u8,
        #[serde(flatten)]
        checked: &'a Checked,
    }

    let checked = check(folder, key).map_err(|error| {
        Failure::config(
            "no_case_file",
            format!("`{}` holds no case file", folder.display()),
        )
        .help("name the folder that `guichet-audit prove` wrote")
        .zh(
            format!("`{}` 中没有办件证据", folder.display()),
            Some("请指定 `guichet-audit prove` 写出的文件夹"),
        )
        .because_of(&error)
    })?;
    let report = Report {
        version: VERSION,
        checked: &checked,
    };
    context.answer(&report, || text(&checked, context))?;
    Ok(Exit::with_findings(!checked.faults.is_empty()))
}

fn text(checked: &Checked, context: Context) -> String {
    let Checked {
        case,
        log,
        size,
        events,
        faults,
    } = checked;
    if faults.is_empty() {
        return match context.lang {
            Lang::Zh => {
                format!("已证明：日志 {log} 含 {size} 条记录时，办件 {case} 恰有这 {events} 个事件\n")
            }
            Lang::En => {
                format!(
                    "proven: when the log {log} had {size} records, case {case} had exactly these {events} events\n"
                )
            }
        };
    }
    let mut text = match context.lang {
        Lang::Zh => format!("未能证明：办件 {case}\n"),
        Lang::En => format!("not proven: case {case}\n"),
    };
    for fault in faults {
        text.push_str("  ");
        text.push_str(&fault.sentence(context.lang));
        text.push('\n');
    }
    text
}
