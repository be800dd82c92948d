//! `guichet-audit report` and `check-report`: what can be typed, and what is answered.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use guichet_core::lang::Lang;
use guichet_log::note::PublicKey;
use guichet_stats::Period;
use guichet_terminal::context::{Context, Exit, Failure};
use guichet_terminal::output::WholeFolder;
use guichet_terminal::paper::{Title, html};
use guichet_terminal::{key, table};
use serde::Serialize;

use super::signed::{FileFault, NOTE_FILE, SignedFile, SignedFiles, check_folder, note_over, sha256};
use super::{Report, Setting, VERSION, document};
use crate::args::{Verified, VerifyArgs, public_key};
use crate::findings::command::read;

/// What `guichet-audit report` takes.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    verify: VerifyArgs,
    /// The folder for the report, which must not exist yet
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Over which period: 2010, 2010-q3, 2010-03, 2010-03-01..2010-03-15 [default: the year of the log's last day]
    #[arg(long, value_name = "PERIOD")]
    over: Option<Period>,
    /// By which rules findings are looked for: a YAML file (schemas/finding-rules.v1.schema.json) [default: those that ship]
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Sign the report with the private key in this file (`guichet-audit key` makes one)
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
}

/// What `guichet-audit check-report` takes.
#[derive(Clone, Debug, Args)]
pub struct CheckReportArgs {
    /// The folder that `report` wrote
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The public key of whoever signed the report, or a file that holds it
    #[arg(long, value_name = "KEY", value_parser = public_key)]
    key: PublicKey,
}

/// The page in each language.
const PAGES: [(&str, Lang); 2] = [("report.en.html", Lang::En), ("report.zh.html", Lang::Zh)];
/// The report as data.
const DATA: &str = "report.json";

/// What is told of a report that was written.
#[derive(Serialize)]
struct Written<'a> {
    version: u16,
    folder: String,
    files: Vec<SignedFile>,
    signed_by: Option<String>,
    records: u64,
    root: &'a str,
    wrong_with_the_log: usize,
    findings: Option<usize>,
    divergences: Option<usize>,
}

/// Writes the report on a log.
///
/// # Errors
///
/// [`Failure`] when there is no log, the rules or the key cannot be read, or the folder cannot be written.
pub fn run(args: &ReportArgs, context: Context) -> Result<Exit, Failure> {
    // What would stop the report in the end is looked at before the work.
    let signing = args.sign.as_deref().map(key::read).transpose()?;
    let rules = args
        .rules
        .as_deref()
        .map_or_else(|| Ok(super::Rules::default()), read)?;
    let folder = WholeFolder::begin(&args.to)?;
    let Verified { verification, source } = args.verify.open_verified(context)?;
    let setting = Setting {
        period: args.over,
        rules,
        threads: args.verify.threads(),
    };
    let report = Report::of(source.as_deref(), verification, &setting);
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (file, lang) in PAGES {
        let document = document(&report, lang);
        let title = Title {
            lang: lang.tag(),
            title: &document.title,
            subtitle: &document.subtitle,
        };
        files.insert(file, html(&title, &document.parts).into_bytes());
    }
    let mut data = serde_json::to_vec_pretty(&report).map_err(|error| Failure::output(&error.into()))?;
    data.push(b'\n');
    files.insert(DATA, data);
    let signed_by = signing.as_ref().map(|key| key.public().name().to_owned());
    let note = signing.map(|key| note_over(&files, &key)).transpose();
    let note =
        note.map_err(|error| Failure::store("unsigned", "the report cannot be signed").because_of(&error))?;
    let place = folder.place();
    for (file, bytes) in &files {
        save(&place.join(file), bytes)?;
    }
    if let Some(note) = note {
        save(&place.join(NOTE_FILE), note.to_string().as_bytes())?;
    }
    folder.finish()?;
    let written = Written {
        version: 1,
        folder: args.to.display().to_string(),
        files: files
            .iter()
            .map(|(file, bytes)| SignedFile {
                file: (*file).to_owned(),
                sha256: sha256(bytes),
                fault: None,
            })
            .collect(),
        signed_by,
        records: report.verification.records,
        root: &report.verification.head.root,
        wrong_with_the_log: report.verification.findings.len(),
        findings: report
            .contents
            .as_ref()
            .map(|contents| contents.findings.findings.len()),
        divergences: report
            .contents
            .as_ref()
            .map(|contents| contents.divergences.len()),
    };
    context.answer(&written, || told(&written, context))?;
    Ok(Exit::with_findings(!report.is_clean()))
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::file(path, "cannot write", &error))
}

fn told(written: &Written<'_>, context: Context) -> String {
    let mut facts = table::fields();
    let unread = || context.say("未能读取日志", "the log cannot be read").to_owned();
    let count = |count: Option<usize>| count.map_or_else(unread, |count| count.to_string());
    facts.add_row([context.say("报告", "report"), &written.folder]);
    for SignedFile { file, sha256, .. } in &written.files {
        facts.add_row([file, sha256]);
    }
    let unsigned = context.say("未签署（--sign）", "nobody (--sign)");
    facts.add_row([
        context.say("签署人", "signed by"),
        written.signed_by.as_deref().unwrap_or(unsigned),
    ]);
    facts.add_row([context.say("记录", "records"), &written.records.to_string()]);
    facts.add_row([context.say("根", "root"), written.root]);
    facts.add_row([
        context.say("日志本身的问题", "wrong with the log"),
        &written.wrong_with_the_log.to_string(),
    ]);
    facts.add_row([context.say("异常", "findings"), &count(written.findings)]);
    facts.add_row([
        context.say("数字差异", "figures that diverge"),
        &count(written.divergences),
    ]);
    table::print(&facts)
}

/// Checks a signed report.
///
/// # Errors
///
/// [`Failure`] when the folder holds none of this key.
pub fn check(args: &CheckReportArgs, context: Context) -> Result<Exit, Failure> {
    #[derive(Serialize)]
    struct Checked<'a> {
        version: u16,
        #[serde(flatten)]
        signed: &'a SignedFiles,
    }

    let signed = check_folder(&args.folder, &args.key).map_err(|error| {
        Failure::integrity(
            "no_signed_report",
            format!("`{}` holds no report that this key has signed", args.folder.display()),
        )
        .help("name the folder that `guichet-audit report --sign` wrote, and the public key of whoever signed it")
        .zh(
            format!("`{}` 中没有由该密钥签署的报告", args.folder.display()),
            Some("请指定 `guichet-audit report --sign` 写出的文件夹，以及签署人的公钥"),
        )
        .because_of(&error)
    })?;
    let checked = Checked {
        version: VERSION,
        signed: &signed,
    };
    context.answer(&checked, || checked_text(&signed, context))?;
    Ok(Exit::with_findings(
        signed.files.iter().any(|file| file.fault.is_some()),
    ))
}

fn checked_text(signed: &SignedFiles, context: Context) -> String {
    let mut facts = table::fields();
    for file in &signed.files {
        let verdict = match file.fault {
            None => context.say("与签署时一致", "as it was signed"),
            Some(FileFault::Missing) => context.say("缺失", "missing"),
            Some(FileFault::Changed) => context.say("签署后被改动", "changed since it was signed"),
            Some(FileFault::Unreadable) => context.say("无法读取", "cannot be read"),
        };
        facts.add_row([file.file.as_str(), verdict]);
    }
    facts.add_row([context.say("签署人", "signed by"), &signed.signed_by]);
    table::print(&facts)
}
