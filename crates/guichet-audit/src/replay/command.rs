//! `guichet-audit replay`: the player, a board at a moment, or the boards and events between two moments.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use guichet_core::id::{CaseId, Position};
use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::LocalTime;
use guichet_stats::AsOf;
use guichet_terminal::context::{Context, Exit, Failure};
use serde::Serialize;

use super::screen::{Screen, page, terminal};
use super::{AsRecorded, BoardView, InMemory, Replay, Tape, is_imported};
use crate::as_of::Moment;
use crate::findings::command as findings;
use crate::findings::{Rules, find};
use crate::source::Source;
use crate::timeline::Entry;

/// How large the picture of a moment is where nobody says: what fits everywhere.
const PAGE: (u16, u16) = (80, 24);

/// What `guichet-audit replay` takes, beside the log.
#[derive(Clone, Debug, Args)]
pub struct ReplayArgs {
    /// Begin at this moment; without a terminal, or with --json, show the centre at it
    #[arg(
        long,
        value_name = "MOMENT",
        long_help = "\
Begin at this moment; without a terminal, or with --json, show the centre at it [default: the start at a terminal, else the end of the log]:
  2010-05-14              the end of that day
  2010-05-14T10:00        by the centre's clock
  2010-05-14T10:00+08:00  the same, as an instant
  position:120            before the record at that place"
    )]
    at: Option<Moment>,
    /// Every event from this moment on, as lines of JSON
    #[arg(long, value_name = "MOMENT", conflicts_with = "at")]
    from: Option<Moment>,
    /// Up to this moment [default: the end of the log]
    #[arg(long, value_name = "MOMENT", requires = "from")]
    to: Option<Moment>,
    /// The lines of --from: events, or the board after so many records, or at the end of each day
    #[arg(long, value_name = "events|N|day", default_value = "events")]
    every: Every,
    /// By which rules findings are marked: a YAML file, as `findings --rules` takes it [default: those that ship]
    #[arg(long, value_name = "FILE", conflicts_with = "no_findings")]
    rules: Option<PathBuf>,
    /// Mark no findings: it begins sooner
    #[arg(long)]
    no_findings: bool,
    /// In which order; `auto` takes a log that was imported as things happened, any other as it was recorded
    #[arg(long, value_enum, default_value = "auto")]
    order: OrderArg,
    /// Fold the log a second time, and compare every board that was kept
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OrderArg {
    Auto,
    Recorded,
    Occurred,
}

/// What a stream of lines holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Every {
    Events,
    Records(u64),
    Day,
}

impl FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "events" => Ok(Self::Events),
            "day" => Ok(Self::Day),
            number => match number.parse() {
                Ok(records @ 1_u64..) => Ok(Self::Records(records)),
                Ok(0) | Err(_) => Err(format!(
                    "`{text}` is none of `events`, `day` and a number of records from 1"
                )),
            },
        }
    }
}

/// A line of a stream: `schemas/replay.v1.schema.json`.
#[derive(Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
enum StreamLine<'a> {
    Board(BoardView),
    Event {
        version: u16,
        at: Position,
        now: Timestamp,
        case: Option<CaseId>,
        #[serde(flatten)]
        event: Entry<'a>,
    },
}

/// Does what the arguments ask for.
///
/// # Errors
///
/// [`Failure`] when the log cannot be read, or the terminal not be used.
pub fn run(args: &ReplayArgs, source: &dyn Source, context: Context) -> Result<Exit, Failure> {
    let occurred = match args.order {
        OrderArg::Auto => source.end().0 <= super::OCCURRED_RECORDS_MAX && is_imported(source)?,
        OrderArg::Recorded => false,
        OrderArg::Occurred => true,
    };
    // Programs ask `findings` itself.
    let marks = if args.no_findings || context.json {
        BTreeMap::new()
    } else {
        found(args, source, context)?
    };
    if occurred {
        let tape = InMemory::occurred_in(source)?;
        let mut places = BTreeMap::new();
        for (place, recorded) in (0..).map(Position).zip(tape.records(Position::START)) {
            if let Some(text) = marks.get(&recorded?.position) {
                places.insert(place, text.clone());
            }
        }
        show(args, &tape, places, context)
    } else {
        show(args, &AsRecorded(source), marks, context)
    }
}

/// What the rules find, by the record that each finding is named after.
fn found(
    args: &ReplayArgs,
    source: &dyn Source,
    context: Context,
) -> Result<BTreeMap<Position, String>, Failure> {
    let rules = args
        .rules
        .as_deref()
        .map_or_else(|| Ok(Rules::default()), findings::read)?;
    let found = find(
        source.records(Position::START),
        rules,
        AsOf::Now,
        findings::threads(),
    )?;
    let mut marks: BTreeMap<Position, String> = BTreeMap::new();
    for finding in &found.findings {
        let Some(place) = finding.evidence.first() else {
            continue;
        };
        let text = format!(
            "{} {} · {}",
            finding.rule,
            finding.rule.name(context.lang),
            finding.subject
        );
        let all = marks.entry(*place).or_default();
        if !all.is_empty() {
            all.push_str(context.say("；", "; "));
        }
        all.push_str(&text);
    }
    Ok(marks)
}

fn show(
    args: &ReplayArgs,
    tape: &dyn Tape,
    marks: BTreeMap<Position, String>,
    context: Context,
) -> Result<Exit, Failure> {
    let end = tape.end();
    let tells = context.terminal && !context.quiet;
    let mut percent = u64::MAX;
    let mut replay = Replay::open(tape, |at| {
        let now = at.0 * 100 / end.0.max(1);
        if tells && now != percent {
            percent = now;
            // Progress that nobody can read is no reason to fail.
            let _ = write!(
                io::stderr(),
                "\r{} {percent} %",
                context.say("读取日志", "reading the log")
            );
        }
    })?;
    if tells {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    replay = replay.with_marks(marks);
    if args.check {
        replay.check()?;
    }
    if let Some(from) = args.from {
        stream(args, &mut replay, from, context)?;
        return Ok(Exit::Ok);
    }
    let player = io::stdout().is_terminal() && io::stdin().is_terminal() && !context.json;
    if player {
        let mut now = None;
        if let Some(moment) = args.at {
            let found = place(&replay, moment);
            replay.go_to(found.0)?;
            now = found.1;
        }
        return terminal::play(Screen::new(replay, context.lang).on(now));
    }
    let (place, now) = place(&replay, args.at.unwrap_or_default());
    replay.go_to(place)?;
    if context.json {
        let board = StreamLine::Board(BoardView::of(replay.board(), end, now));
        context.answer(&board, String::new)?;
    } else {
        let mut out = context.out();
        out.write_all(page(&Screen::new(replay, context.lang).on(now), PAGE.0, PAGE.1).as_bytes())?;
        out.flush()?;
    }
    Ok(Exit::Ok)
}

/// The place of a moment on the axis of a replay, and the instant where the moment says one.
pub(crate) fn place(replay: &Replay<'_>, moment: Moment) -> (Position, Option<Timestamp>) {
    let index = replay.index();
    let zone = replay.last_zone();
    let at = |instant: Timestamp| (index.at(instant), Some(instant));
    match moment {
        Moment::Now => (replay.end(), None),
        Moment::Position(position) => (position.min(replay.end()), None),
        Moment::Instant(instant) => at(instant),
        Moment::Wall(local) => at(zone.instant(local)),
        Moment::Day(day) => at(midnight_before(zone, day.next())),
    }
}

/// The last instant before a day begins.
fn midnight_before(zone: &guichet_core::zone::Zone, day: Date) -> Timestamp {
    zone.instant(LocalTime::midnight(day)).saturating_add_micros(-1)
}

/// Lines of JSON between two moments.
fn stream(args: &ReplayArgs, replay: &mut Replay<'_>, from: Moment, context: Context) -> Result<(), Failure> {
    let mut at = place(replay, from).0;
    let to = place(replay, args.to.unwrap_or_default()).0;
    let mut out = context.out();
    let mut write = |line: &StreamLine<'_>| -> Result<(), Failure> {
        serde_json::to_writer(&mut out, line).map_err(|error| Failure::output(&error.into()))?;
        Ok(writeln!(out)?)
    };
    match args.every {
        Every::Events => {
            let count = usize::try_from(to.0.saturating_sub(at.0)).unwrap_or(usize::MAX);
            let order = replay.board().order();
            for recorded in replay.records(at).take(count) {
                let recorded = recorded?;
                write(&StreamLine::Event {
                    version: 1,
                    at,
                    now: order.time(&recorded),
                    case: recorded.stream.case(),
                    event: Entry::of(&recorded),
                })?;
                at = at.next();
            }
        }
        Every::Records(records) => loop {
            replay.go_to(at)?;
            write(&StreamLine::Board(BoardView::of(
                replay.board(),
                replay.end(),
                None,
            )))?;
            if at >= to {
                break;
            }
            at = at.plus(records).min(to);
        },
        Every::Day => {
            while at < to {
                let Some(next) = replay.index().time(at) else {
                    break;
                };
                let zone = replay.last_zone();
                let evening = midnight_before(zone, zone.date(next).next());
                at = replay.index().at(evening).min(to).max(at.next());
                replay.go_to(at)?;
                write(&StreamLine::Board(BoardView::of(
                    replay.board(),
                    replay.end(),
                    Some(evening),
                )))?;
            }
        }
    }
    Ok(out.flush()?)
}
