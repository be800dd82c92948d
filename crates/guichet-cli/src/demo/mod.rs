//! `guichet demo`: a service centre works through the year 2010, served over HTTP while it does.
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
mod pace;
mod planted;
mod plants;
mod stories;
mod tally;
mod turns;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use guichet::Guichet;
use guichet::core::procedure::Names;
use guichet::core::time::Date;
use guichet_server::{Role, Server, Settings, Showing};
use indicatif::{ProgressBar, ProgressStyle};

use self::centre::{Centre, first_morning, last_evening, settings, settings_again};
use self::pace::Pace;
use self::planted::Planting;
use self::stories::STORIES;
use self::tally::{Planted, Summary};
use crate::archive::{AlsoArchive, Running};
use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{Found, look, open_or_begin};
use crate::run::StopSignal;
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
    /// Nobody watches: the year passes as fast as it goes, and a summary is told
    #[arg(long)]
    pub headless: bool,
    /// How many minutes a working day takes somebody who watches; 0 for as fast as it goes
    #[arg(long, value_name = "MINUTES", default_value_t = 5.0, value_parser = minutes)]
    pub speed: f64,
    /// From which day on the year is watched; the days before pass as fast as they go
    #[arg(long, value_name = "DATE", default_value = "2010-06-07", value_parser = day_of_2010)]
    pub from: Date,
    /// Where the centre is served to those who watch: an address of this machine and a port; port 0 for any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8640")]
    pub listen: SocketAddr,
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

const SECONDS_A_MINUTE: f64 = 60.0;
/// The most minutes that a working day may take: as many as it has.
const SPEED_MAX: f64 = 480.0;

fn minutes(text: &str) -> Result<f64, String> {
    let minutes: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (0.0..=SPEED_MAX).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(format!("a working day takes from 0 to {SPEED_MAX} minutes"))
    }
}

fn day_of_2010(text: &str) -> Result<Date, String> {
    let day: Date = text.parse().map_err(|error| format!("{error}"))?;
    if day.ymd().0 == 2010 {
        Ok(day)
    } else {
        Err("the demo's year is 2010".to_owned())
    }
}

/// Runs the demo.
///
/// # Errors
///
/// [`Failure`] when the folder holds something else, the address is not to be had, or the engine fails.
pub async fn run(args: &DemoArgs, context: &Context) -> Result<Exit, Failure> {
    let dir = folder(args, *context)?;
    if let Some(summary) = finished(&dir, args) {
        if !args.headless {
            return served_again(args, &dir, &summary, *context).await;
        }
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
    let mut centre = Centre::open(engine.clone(), clock, args.seed, args.cases, args.pace()).await?;
    let mut watched = match watch(args, &engine, &dir, archive.as_ref(), *context).await {
        Ok(watched) => watched,
        Err(failure) => {
            engine.close().await.told()?;
            return Err(failure);
        }
    };
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
    // Nobody else ends a year that nobody watches: the signal does what it does to any process.
    let worked = if let Some(Watched { stop, .. }) = &mut watched {
        tokio::select! {
            worked = centre.work(&mut shown) => Some(worked),
            () = stop.wait() => None,
        }
    } else {
        Some(centre.work(&mut shown).await)
    };
    bar.finish_and_clear();
    if let (Some(Ok(())), Some(Watched { stop, .. })) = (&worked, &mut watched) {
        keep(&dir, &centre, args, began, engine.head().0)?;
        context.remark(context.say(
            "这一年已经结束，页面仍可查看；Ctrl-C 结束。",
            "The year is over, and can still be looked at; Ctrl-C ends it.",
        ));
        stop.wait().await;
    }
    if let Some(Watched { server, .. }) = watched {
        server.stop().await;
    }
    let records = engine.head().0;
    let archived = Running::finish(archive, *context).await;
    let closed = engine.close().await;
    let Some(worked) = worked else {
        closed.told()?;
        archived?;
        context.remark(&ended_early(&dir, *context));
        return Ok(Exit::Ok);
    };
    worked?;
    closed.told()?;
    archived?;
    for refusal in &centre.refusals {
        context.remark(refusal);
    }
    let exit = Exit::with_findings(centre.tally.refused > 0);
    let summary = keep(&dir, &centre, args, began, records)?;
    context.answer(&summary, || summary.text(*context))?;
    Ok(exit)
}

impl DemoArgs {
    fn pace(&self) -> Pace {
        if self.headless {
            return Pace::HEADLESS;
        }
        Pace::watched(Duration::from_secs_f64(self.speed * SECONDS_A_MINUTE), self.from)
    }

    fn showing(&self) -> Showing {
        Showing {
            seed: self.seed,
            minutes_a_day: self.speed,
            says: Names {
                zh: "虚构的示范中心，按 2010 年的日历模拟运行；不构成法律意见。".to_owned(),
                en:
                    "An invented centre that works through the calendar of 2010. Fictional, not legal advice."
                        .to_owned(),
            },
        }
    }
}

/// What those who watch need.
struct Watched {
    server: Server,
    /// How they end it: listened for since before they were told the address.
    stop: StopSignal,
}

/// Serves the centre to those who watch; nothing where nobody does.
async fn watch(
    args: &DemoArgs,
    engine: &Guichet,
    dir: &Path,
    archive: Option<&Running>,
    context: Context,
) -> Result<Option<Watched>, Failure> {
    if args.headless {
        return Ok(None);
    }
    let settings = Settings {
        listen: args.listen,
        // Nobody's secrets are in a demo, and a supervisor writes nothing.
        visitors: Role::Supervisor,
        showing: Some(args.showing()),
        archive: archive.map(Running::watch),
        ..Settings::of(dir.to_owned())
    };
    let server = Server::start(engine.clone(), settings).await;
    let server = server.map_err(|error| crate::serve::refused(&error))?;
    let stop = StopSignal::listen();
    let (address, seed, data) = (server.address(), args.seed, dir.display());
    context.remark(&match context.lang {
        Lang::Zh => format!(
            "示范中心：http://{address}/（种子 {seed}，数据在 {data}；Ctrl-C 结束）\n可以试试：\n  \
             curl http://{address}/api/v1/overview\n  curl -N http://{address}/api/v1/stream\n  \
             结束后：guichet case explain national-day-suspensions --data {data}"
        ),
        Lang::En => format!(
            "the demo's centre: http://{address}/ (seed {seed}, data in {data}; Ctrl-C ends it)\ntry:\n  \
             curl http://{address}/api/v1/overview\n  curl -N http://{address}/api/v1/stream\n  \
             and when it is over: guichet case explain national-day-suspensions --data {data}"
        ),
    });
    Ok(Some(Watched { server, stop }))
}

/// A year that is over, served as it stands.
async fn served_again(
    args: &DemoArgs,
    dir: &Path,
    summary: &Summary,
    context: Context,
) -> Result<Exit, Failure> {
    let clock = last_evening();
    let engine = open_or_begin(dir, settings_again(&clock), &context).await?;
    let watched = watch(args, &engine, dir, None, context).await;
    if let Ok(Some(Watched { server, mut stop })) = watched {
        context.remark(context.say(
            "该数据目录中已有相同的示范，不再重复运行，按年末的样子提供查看。",
            "The same demo is in that folder already; it is not run again, and shown as it stands at the end of the year.",
        ));
        stop.wait().await;
        server.stop().await;
        engine.close().await.told()?;
        context.answer(summary, || summary.text(context))?;
        return Ok(Exit::Ok);
    }
    engine.close().await.told()?;
    watched.map(|_| Exit::Ok)
}

fn ended_early(dir: &Path, context: Context) -> String {
    let data = dir.display();
    match context.lang {
        Lang::Zh => format!("示范在年末之前结束，数据留在 {data}：guichet serve --data {data} 可继续查看"),
        Lang::En => format!(
            "ended before the year was over; what happened stays in {data}: look at it with guichet serve --data {data}"
        ),
    }
}

/// Writes beside the log which demo it is, and what was planted in it.
fn keep(
    dir: &Path,
    centre: &Centre,
    args: &DemoArgs,
    began: Instant,
    records: u64,
) -> Result<Summary, Failure> {
    let data = dir.display().to_string();
    let summary = Summary {
        version: SUMMARY_VERSION,
        seed: args.seed,
        asked: args.cases,
        next: next(&data),
        data,
        records,
        open: centre.open_cases(),
        millis: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        tally: centre.tally.clone(),
        stories: stories_told(),
        planted: by_rule(&centre.planted),
    };
    let list = dir.join(PLANTED);
    let text = planted::lines(&centre.planted).unwrap_or_default();
    fs::write(&list, text).map_err(|error| Failure::file(&list, "cannot write", &error))?;
    let mark = dir.join(MARK);
    let text = serde_json::to_string_pretty(&summary).unwrap_or_default();
    fs::write(&mark, text).map_err(|error| Failure::file(&mark, "cannot write", &error))?;
    Ok(summary)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet::core::time::date;
    use guichet::log::memory::MemoryLog;

    use super::*;

    /// The root of the log that a year writes at some pace.
    async fn root(pace: Pace) -> String {
        let clock = first_morning();
        let engine = Guichet::start(Arc::new(MemoryLog::default()), settings(&clock, 7)).await;
        let engine = engine.unwrap();
        let mut centre = Centre::open(engine.clone(), clock, 7, 80, pace).await.unwrap();
        centre.work(&mut |_, _| {}).await.unwrap();
        let root = engine.root(engine.head()).await.unwrap();
        root.unwrap().to_string()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_year_that_is_watched_writes_the_same_records() {
        // Long enough for commands to be handed in one after another, short enough for a test.
        let watched = Pace::watched(Duration::from_millis(8), date(2010, 3, 1));
        assert_eq!(root(watched).await, root(Pace::HEADLESS).await);
    }
}
