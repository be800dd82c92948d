//! `guichet demo`: a service centre works through the year 2010 before your eyes.
//!
//! The centre, its people and its cases are invented; the calendar of that year is real. The same seed writes the same
//! log, byte for byte.

mod centre;
mod chance;
mod desk;
mod habits;
mod hours;
mod items;
mod late;
mod limits;
mod open;
mod planted;
mod plants;
mod stories;
mod tally;
mod turns;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use guichet::core::time::Date;
use indicatif::{ProgressBar, ProgressStyle};

use self::centre::{Centre, first_morning, settings};
use self::planted::Planting;
use self::stories::STORIES;
use self::tally::{Planted, Summary};
use crate::archive::{AlsoArchive, Running};
use crate::context::{Context, Exit, Failure};
use crate::data::{Found, look, open_or_begin};
use crate::told::Told as _;

/// The file beside the log that says which finished demo it is.
const MARK: &str = "guichet-demo.json";
/// The file beside it that lists what was done on purpose that a rule of supervision names.
const PLANTED: &str = "planted.jsonl";
/// The version of that file, and of the summary that it is.
const SUMMARY_VERSION: u8 = 2;
/// How many folders of one name are tried when none was named.
const FOLDERS_MAX: u32 = 99;

/// What a demo is told.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Without a dashboard: progress and a summary only (so far the only way)
    #[arg(long)]
    pub headless: bool,
    /// How many cases come in over the year, those of the planted stories included
    #[arg(long, value_name = "N", default_value_t = 3_000, value_parser = clap::value_parser!(u64).range(80..=1_000_000))]
    pub cases: u64,
    /// The seed: the same one writes the same log, byte for byte
    #[arg(long, value_name = "S", default_value_t = 2_010)]
    pub seed: u64,
    /// The folder for the log; one in the system's temporary folder when absent
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The archive that is written meanwhile, if one is
    #[command(flatten)]
    pub archive: AlsoArchive,
}

/// Runs the demo.
///
/// # Errors
///
/// [`Failure`] when the folder holds something else, or the engine fails.
pub async fn run(args: &DemoArgs, context: &Context) -> Result<Exit, Failure> {
    if !args.headless {
        context.remark(context.say(
            "仪表盘尚未提供，示范以无界面方式运行（等同 --headless）。",
            "There is no dashboard yet, so the demo runs without one (as with --headless).",
        ));
    }
    let dir = folder(args, *context)?;
    if let Some(summary) = finished(&dir, args) {
        context.remark(context.say(
            "该数据目录中已有相同的示范，不再重复运行。",
            "The same demo is in that folder already; it is not run again.",
        ));
        context.answer(&summary, || summary.text(*context))?;
        return Ok(Exit::Ok);
    }
    let began = Instant::now();
    let clock = first_morning();
    let engine = open_or_begin(&dir, settings(&clock, args.seed), context).await?;
    let archive = args.archive.begin(&engine, &dir).await?;
    let mut centre = Centre::open(engine.clone(), clock, args.seed, args.cases).await?;
    let bar = progress(*context);
    let mut shown = |day: Date, centre: &Centre| {
        let text = format!(
            "{day}  {} {}  {} {}",
            centre.tally.cases,
            context.say("件", "cases"),
            centre.open_cases(),
            context.say("在办", "open"),
        );
        bar.set_message(text);
        bar.inc(1);
    };
    let worked = centre.work(&mut shown).await;
    bar.finish_and_clear();
    let records = engine.head().0;
    let open = centre.open_cases();
    let archived = Running::finish(archive, *context).await;
    let closed = engine.close().await;
    worked?;
    closed.told()?;
    archived?;
    for refusal in &centre.refusals {
        context.remark(refusal);
    }
    let exit = Exit::with_findings(centre.tally.refused > 0);
    let data = dir.display().to_string();
    let summary = Summary {
        version: SUMMARY_VERSION,
        seed: args.seed,
        asked: args.cases,
        next: next(&data),
        data,
        records,
        open,
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        tally: centre.tally,
        stories: stories_told(),
        planted: by_rule(&centre.planted),
    };
    let list = dir.join(PLANTED);
    let text = planted::lines(&centre.planted).unwrap_or_default();
    fs::write(&list, text).map_err(|error| Failure::file(&list, "cannot write", &error))?;
    let mark = dir.join(MARK);
    let text = serde_json::to_string_pretty(&summary).unwrap_or_default();
    fs::write(&mark, text).map_err(|error| Failure::file(&mark, "cannot write", &error))?;
    context.answer(&summary, || summary.text(*context))?;
    Ok(exit)
}

/// Where the log goes: where it was told to, or a folder of its own in the system's temporary folder.
fn folder(args: &DemoArgs, context: Context) -> Result<PathBuf, Failure> {
    if let Some(dir) = &args.data {
        return match look(dir)? {
            Found::Centre if finished(dir, args).is_none() => Err(occupied(dir, context)),
            // Opening it says what is wrong with anything else.
            Found::Missing | Found::Empty | Found::Centre | Found::Foreign(_) | Found::NoFolder => {
                Ok(dir.clone())
            }
        };
    }
    let name = format!("guichet-demo-{}-{}", args.seed, args.cases);
    for number in 1..=FOLDERS_MAX {
        let name = if number == 1 {
            name.clone()
        } else {
            format!("{name}-{number}")
        };
        let dir = std::env::temp_dir().join(name);
        match look(&dir)? {
            Found::Missing | Found::Empty => return Ok(dir),
            Found::Centre if finished(&dir, args).is_some() => return Ok(dir),
            Found::Centre | Found::Foreign(_) | Found::NoFolder => {}
        }
    }
    Err(Failure::store(
        "demo_folder",
        format!("there are {FOLDERS_MAX} demos of this seed in the temporary folder"),
    )
    .help("name a folder with `--data DIR`, or remove the old ones"))
}

fn occupied(dir: &Path, context: Context) -> Failure {
    let message = format!(
        "`{}` {}",
        dir.display(),
        context.say(
            "中已有日志，且不是同一个已完成的示范",
            "holds a log that is not the same finished demo",
        )
    );
    Failure::store("demo_folder", message).help(context.say(
        "用 `--data DIR` 指定空目录或不存在的目录，或沿用当时的 `--seed` 和 `--cases`",
        "name an empty or new folder with `--data DIR`, or repeat the `--seed` and `--cases` it was made with",
    ))
}

/// The summary of the same demo, if it is there and finished.
fn finished(dir: &Path, args: &DemoArgs) -> Option<Summary> {
    let text = fs::read_to_string(dir.join(MARK)).ok()?;
    let mut summary: Summary = serde_json::from_str(&text).ok()?;
    let same = summary.version == SUMMARY_VERSION && summary.seed == args.seed && summary.asked == args.cases;
    // The folder may have been moved, and this time took no time.
    summary.data = dir.display().to_string();
    summary.next = next(&summary.data);
    summary.millis = 0;
    same.then_some(summary)
}

/// How often each rule was given something to find.
fn by_rule(planted: &[Planting]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for planting in planted {
        *counts.entry(planting.rule.clone()).or_default() += 1;
    }
    counts
}

fn stories_told() -> Vec<Planted> {
    let planted = STORIES.iter().map(|story| Planted {
        story: story.name.to_owned(),
        cases: story.cases().iter().map(ToString::to_string).collect(),
        zh: story.zh.to_owned(),
        en: story.en.to_owned(),
    });
    planted.collect()
}

fn next(data: &str) -> Vec<String> {
    let data = if data.contains(char::is_whitespace) {
        format!("'{data}'")
    } else {
        data.to_owned()
    };
    vec![
        format!("guichet case list --data {data}"),
        format!("guichet case timeline deemed-acceptance --data {data}"),
        format!("guichet stats --data {data}"),
        format!("guichet-audit findings --data {data}"),
        format!("guichet export --format jsonl --data {data}"),
    ]
}

/// A bar over the days of the year, on a terminal.
fn progress(context: Context) -> ProgressBar {
    const DAYS: u64 = 365;
    if !context.terminal || context.quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(DAYS);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
