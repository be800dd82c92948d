//! `guichet import`: event logs of other systems, as XES or CSV, become recorded events.
//!
//! A thread reads the source and hands over runs: a case with the events that follow it. The import turns them into
//! commands, a batch at a time, and while the engine makes one batch durable the next is put together. Nothing is kept for
//! all cases: a case that was forgotten is read from the log again.

mod commands;
mod csv;
mod input;
mod known;
pub mod mapping;
mod report;
mod rows;
mod setup;
pub mod source;
mod times;
mod xes;

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use guichet::log::codec::Event;
use guichet::{Answer, Config, EngineError, Guichet};
use guichet_core::case::{CaseEvent, Command};
use guichet_core::condition::Fact;
use guichet_core::id::{CaseId, Position};
use guichet_core::time::Offset;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use commands::names;
pub use report::{FELL_BACK_SHOWN_MAX, REFUSED_SHOWN_MAX, Refusal, Summary};

use self::commands::{Commands, Cut, Follows, Weighed, facts_of};
use self::known::{Known, KnownCases, Status, tells_times_apart};
use self::mapping::{Becomes, CaseFact, Mapping};
use self::report::{Files, Report};
use self::source::{
    FatalReadError, Item, Lost, Place, Reader, Refused, SourceCase, SourceEvent, TRACE_EVENTS_MAX,
};
use crate::context::{Context, Exit, Failure};
use crate::data::{DataArg, open_or_begin};
use crate::told::{Tell as _, Told as _};

/// The most commands of one batch, below what the engine commits as one group, so that all commands of an event are
/// recorded together or not at all.
const BATCH_COMMANDS_MAX: usize = 1_000;

/// The most bytes of one batch, well below what the log takes in one group.
const BATCH_BYTES_MAX: usize = 512 * 1024;

/// The most commands that one event leads to: its step, what it becomes, and what has to come before that.
const EVENT_COMMANDS_MAX: usize = 3;

/// The most commands that open a case.
const OPENING_COMMANDS_MAX: usize = 2;

/// The most events of one case: the log takes 100,000 records in one stream, and an event can lead to more than one.
const CASE_EVENTS_MAX: u64 = 90_000;

/// The events after which the reader hands over what it has.
const HANDOVER_EVENTS: usize = 512;

/// How many handovers may wait.
const HANDOVERS_MAX: usize = 4;

/// How long the import waits when the engine is busy with others.
const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// What `guichet import` is given.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// Where the centre's data is, or is to be.
    #[command(flatten)]
    pub data: DataArg,
    /// What columns, attributes and activities mean: the name of a mapping that ships, or the path of a YAML file.
    #[arg(long, value_name = "NAME|FILE")]
    pub mapping: String,
    /// The second file of a CSV log, with one row a case.
    #[arg(long, value_name = "FILE")]
    pub cases: Option<PathBuf>,
    /// Read and map the log, and record nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Write every line that could not be taken into this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub refused: Option<PathBuf>,
    /// The event log, as XES or CSV, gzipped or not; the parts of one log in their order.
    #[arg(required = true, value_name = "LOG")]
    pub logs: Vec<PathBuf>,
}

/// Imports an event log, and answers with a [`Summary`].
///
/// # Errors
///
/// [`Failure`] when the mapping or the source cannot be used, or the log cannot be written. What was recorded before stays,
/// and the same import goes on from there.
pub async fn run(args: ImportArgs, context: Context) -> Result<Exit, Failure> {
    let summary = import(&args, context).await?;
    context.answer(&summary, || summary.text(context))?;
    Ok(Exit::with_findings(summary.refused_total > 0))
}

/// Imports an event log without telling anybody.
///
/// # Errors
///
/// As [`run`].
pub async fn import(args: &ImportArgs, context: Context) -> Result<Summary, Failure> {
    let started = Instant::now();
    let mapping = Mapping::find(&args.mapping)
        .map_err(|error| Failure::config("mapping", "the mapping cannot be used").because_of(&error))?;
    if args.cases.is_some() && args.logs.len() > 1 {
        return Err(Failure::usage(
            "several_logs",
            "`--cases` goes with one LOG only, but there are several",
        )
        .help("import the parts one after the other, or put them into one file"));
    }
    // Nothing is made on disk for a log that is not there.
    for path in args.logs.iter().chain(&args.cases) {
        std::fs::metadata(path).map_err(|error| Failure::file(path, "cannot read", &error))?;
    }
    let source = Source::start(args.logs.clone(), args.cases.clone(), mapping.clone());
    let report = Report::new(mapping.log.as_str(), args.refused.as_deref())?;
    let bar = progress(context);
    let summary = if args.dry_run {
        dry_run(source, &mapping, report, &bar).await
    } else {
        record(args, source, &mapping, report, &bar, context).await
    };
    bar.finish_and_clear();
    let mut summary = summary?;
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

fn progress(context: Context) -> ProgressBar {
    if !context.terminal || context.quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    let events = context.say("个事件", "events");
    let template = format!("{{spinner}} {{human_pos}} {events}, {{per_sec}}, {{elapsed}}");
    // The template is constant; should it be wrong, the plain bar does.
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A case with the events that follow it in the source, in the order of their instants.
#[derive(Debug)]
struct Run {
    case: SourceCase,
    events: Vec<SourceEvent>,
}

/// What the reader hands over.
enum Work {
    /// Another file begins; numbers of its events come after those of the files before.
    File(Files),
    Run(Run),
    Refused(Refused),
    /// A file is read; so many local times were in the zone of the mapping.
    End {
        local_times: u64,
    },
}

/// The source, read by a thread of its own.
struct Source {
    work: mpsc::Receiver<Vec<Work>>,
    /// A piece that was looked at, and not yet taken.
    seen: Option<Vec<Work>>,
    reading: JoinHandle<Result<(), FatalReadError>>,
}

impl Source {
    fn start(logs: Vec<PathBuf>, cases: Option<PathBuf>, mapping: Mapping) -> Self {
        let (sender, work) = mpsc::channel(HANDOVERS_MAX);
        let reading = tokio::task::spawn_blocking(move || {
            let mut entries_before = 0;
            for log in &logs {
                entries_before = read(log, cases.as_deref(), &mapping, entries_before, &sender)?;
            }
            Ok(())
        });
        Self {
            work,
            seen: None,
            reading,
        }
    }

    /// The next piece; nothing once all is read.
    async fn next(&mut self) -> Option<Vec<Work>> {
        match self.seen.take() {
            Some(seen) => Some(seen),
            None => self.work.recv().await,
        }
    }

    /// The next piece, which stays the next one; empty once all is read.
    async fn look(&mut self) -> &[Work] {
        self.seen = self.next().await;
        self.seen.as_deref().unwrap_or_default()
    }

    /// Whether all was read.
    async fn end(self) -> Result<(), Failure> {
        drop(self.work);
        match self.reading.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::config("source", "the log cannot be read to its end")
                .because_of(&error)
                .help("mend the file and import it again: what was taken stays, and is not taken twice")),
            Err(error) => {
                Err(Failure::store("source", "the thread that reads the log ended")
                    .because(error.to_string()))
            }
        }
    }
}

/// Reads one file, and says how many entries there were up to its end.
fn read(
    log: &Path,
    cases: Option<&Path>,
    mapping: &Mapping,
    entries_before: u64,
    sender: &mpsc::Sender<Vec<Work>>,
) -> Result<u64, FatalReadError> {
    let mut reader = Reader::open(log, cases, mapping)?;
    let files = Files {
        log: log.display().to_string(),
        cases: cases.map(|path| path.display().to_string()).unwrap_or_default(),
    };
    let mut handover = Handover {
        work: vec![Work::File(files)],
        events: 0,
        run: None,
        sender,
    };
    let mut last_entry = entries_before;
    while let Some(item) = reader.next() {
        let goes_on = match item {
            Ok(Item::Case(case)) => handover.case(case),
            Ok(Item::Event(mut event)) => {
                event.entry = event.entry.saturating_add(entries_before);
                last_entry = last_entry.max(event.entry);
                handover.event(event)
            }
            Ok(Item::Refused(refused)) => handover.push(Work::Refused(refused)),
            Err(error) => {
                // What was read before the damage is taken.
                handover.finish(reader.tally().local_times);
                return Err(error);
            }
        };
        // Nobody listens any more: the import failed, and says why itself.
        if !goes_on {
            return Ok(entries_before);
        }
    }
    let tally = reader.tally();
    handover.finish(tally.local_times);
    Ok(last_entry.max(entries_before + tally.events + tally.events_refused))
}

/// What the reader has put together and not yet handed over.
struct Handover<'s> {
    work: Vec<Work>,
    events: usize,
    run: Option<Run>,
    sender: &'s mpsc::Sender<Vec<Work>>,
}

impl Handover<'_> {
    fn case(&mut self, case: SourceCase) -> bool {
        let goes_on = self.close_run();
        self.run = Some(Run {
            case,
            events: Vec::new(),
        });
        goes_on
    }

    fn event(&mut self, event: SourceEvent) -> bool {
        let Some(run) = &mut self.run else { return true };
        if run.events.len() < TRACE_EVENTS_MAX {
            run.events.push(event);
            return true;
        }
        let case = run.case.clone();
        let goes_on = self.close_run();
        self.run = Some(Run {
            case,
            events: vec![event],
        });
        goes_on
    }

    fn close_run(&mut self) -> bool {
        let Some(mut run) = self.run.take() else {
            return true;
        };
        // Stable: events of one instant stay in the order of the file.
        run.events.sort_by_key(|event| event.at);
        self.events += run.events.len() + 1;
        self.push(Work::Run(run))
    }

    fn push(&mut self, work: Work) -> bool {
        self.work.push(work);
        if self.events < HANDOVER_EVENTS && self.work.len() < HANDOVER_EVENTS {
            return true;
        }
        self.events = 0;
        self.sender.blocking_send(std::mem::take(&mut self.work)).is_ok()
    }

    fn finish(mut self, local_times: u64) {
        self.close_run();
        self.work.push(Work::End { local_times });
        // Nobody listens any more only when the import failed, and it says why itself.
        let _ = self.sender.blocking_send(self.work);
    }
}

/// Reads and maps everything, and records nothing.
async fn dry_run(
    mut source: Source,
    mapping: &Mapping,
    mut report: Report,
    bar: &ProgressBar,
) -> Result<Summary, Failure> {
    let mut files = Files::default();
    // Eight bytes a case: only here, where no log can be asked, are all cases remembered.
    let mut cases = HashSet::new();
    let mut times_apart = HashSet::new();
    let hash = |of: &[&str]| {
        let mut hasher = DefaultHasher::new();
        of.hash(&mut hasher);
        hasher.finish()
    };
    while let Some(work) = source.next().await {
        for work in work {
            match work {
                Work::File(next) => files = next,
                Work::Refused(refused) => report.refuse_read(&files, &refused),
                Work::End { local_times } => report.summary.local_times += local_times,
                Work::Run(run) => {
                    cases.insert(hash(&[&run.case.id]));
                    for event in &run.events {
                        report.summary.events += 1;
                        bar.inc(1);
                        let apart = tells_times_apart(mapping, &event.activity, event.lifecycle.as_ref());
                        let first = !apart || times_apart.insert(hash(&[&event.case, &event.activity]));
                        match mapping.becomes(&event.activity, event.lifecycle.as_deref(), first) {
                            Becomes::Submit | Becomes::Step => {}
                            Becomes::Transfer | Becomes::SendBack => report.fell_back(&event.activity),
                            Becomes::Accept
                            | Becomes::Decide { .. }
                            | Becomes::Complete
                            | Becomes::Withdraw
                            | Becomes::Deliver
                            | Becomes::RequestCorrection
                            | Becomes::SubmitCorrection => report.became(&event.activity),
                        }
                    }
                }
            }
        }
    }
    source.end().await?;
    report.summary.dry_run = true;
    report.summary.cases = u64::try_from(cases.len()).unwrap_or(u64::MAX);
    report.finish()
}

/// Opens the log, and records what the source says.
async fn record(
    args: &ImportArgs,
    mut source: Source,
    mapping: &Mapping,
    report: Report,
    bar: &ProgressBar,
    context: Context,
) -> Result<Summary, Failure> {
    // A source that cannot be read at all leaves no trace; its first piece also says where its clocks stand.
    if !source
        .look()
        .await
        .iter()
        .any(|work| matches!(work, Work::Run(_) | Work::Refused(_)))
    {
        source.end().await?;
        return report.finish();
    }
    let engine = open_or_begin(&args.data.data, Config::default(), &context).await?;
    let done = record_all(
        &engine,
        source,
        KnownCases::default(),
        mapping,
        report,
        bar,
        context,
    )
    .await;
    let closed = engine.close().await;
    let summary = done?;
    closed.told()?;
    Ok(summary)
}

async fn record_all(
    engine: &Guichet,
    mut source: Source,
    cases: KnownCases,
    mapping: &Mapping,
    report: Report,
    bar: &ProgressBar,
    context: Context,
) -> Result<Summary, Failure> {
    let head = engine.head();
    let procedure = setup::publish(engine, mapping, written_offset(source.look().await), context).await?;
    let unnameable = |error: guichet_core::id::IdError| Failure::config("mapping", error.to_string());
    let actor = setup::importer().map_err(unnameable)?;
    let zone = engine.directory().zone().clone();
    let commands = Commands::new(mapping, actor, procedure.clone(), zone).map_err(unnameable)?;
    let mut import = Import {
        engine,
        mapping,
        commands: &commands,
        cases,
        batch: Batch::default(),
        under_way: None,
        files: Files::default(),
        report,
        bar,
    };
    while let Some(work) = source.next().await {
        for work in work {
            match work {
                Work::File(files) => {
                    import.flush().await?;
                    import.settle().await?;
                    import.files = files;
                }
                Work::Refused(refused) => import.report.refuse_read(&import.files, &refused),
                Work::End { local_times } => import.report.summary.local_times += local_times,
                Work::Run(run) => import.run(run).await?,
            }
        }
    }
    import.flush().await?;
    import.settle().await?;
    source.end().await?;
    if mapping.facts_become.ended.is_some() {
        import.conclude(&procedure).await?;
    }
    let mut report = import.report;
    let summary = &mut report.summary;
    summary.cases = summary.cases_added + summary.cases_known;
    summary.events = summary.events_added + summary.events_known;
    summary.position = engine.head().0;
    summary.records_added = engine.head().0.saturating_sub(head.0);
    report.finish()
}

/// The distance from UTC that the first event has in the source, for a centre whose mapping says no zone.
fn written_offset(work: &[Work]) -> Offset {
    let texts = work.iter().filter_map(|work| match work {
        Work::Run(run) => run.events.first().map(|event| event.at_text.as_str()),
        Work::File(_) | Work::Refused(_) | Work::End { .. } => None,
    });
    let mut offsets = texts.filter_map(|text| text.get(text.len().checked_sub(6)?..)?.parse().ok());
    offsets.next().unwrap_or_default()
}

/// What a command of a batch is for, so that its answer can be counted.
struct Purpose {
    kind: Kind,
    place: Place,
    /// The case, or the activity.
    about: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Opening,
    Step,
    Becomes,
    /// Recorded where the rules let it, and of no weight where they do not.
    Aside,
    Concludes,
}

#[derive(Default)]
struct Batch {
    commands: Vec<(Command, Option<u64>)>,
    purposes: Vec<Purpose>,
    bytes: usize,
}

impl Batch {
    fn push(&mut self, command: Command, entry: Option<u64>, purpose: Purpose) {
        self.commands.push((command, entry));
        self.purposes.push(purpose);
    }

    fn has_room(&self, commands: usize, bytes: usize) -> bool {
        self.commands.is_empty()
            || (self.commands.len() + commands <= BATCH_COMMANDS_MAX && self.bytes + bytes <= BATCH_BYTES_MAX)
    }
}

/// A batch that the engine is making durable.
struct UnderWay {
    answers: JoinHandle<Vec<Result<Answer, EngineError>>>,
    purposes: Vec<Purpose>,
}

struct Import<'i> {
    engine: &'i Guichet,
    mapping: &'i Mapping,
    commands: &'i Commands<'i>,
    cases: KnownCases,
    batch: Batch,
    under_way: Option<UnderWay>,
    files: Files,
    report: Report,
    bar: &'i ProgressBar,
}

impl Import<'_> {
    /// Takes a case and the events that follow it.
    async fn run(&mut self, run: Run) -> Result<(), Failure> {
        let Run { case, events } = run;
        let id = match self.commands.case_id(&case.id) {
            Ok(id) => id,
            Err(error) => {
                self.refuse_run(&case, &events, &format!("its id cannot be taken: {error}"));
                return Ok(());
            }
        };
        let first_entry = events.iter().map(|event| event.entry).min().unwrap_or(u64::MAX);
        let taken = self
            .cases
            .take(self.engine, self.commands, self.mapping, &id, first_entry)
            .await;
        let mut known = taken.told()?;
        self.open(&id, &case, &events, &mut known).await?;
        if let Status::Refused(reason) = &known.status {
            let reason = reason.clone();
            self.refuse_events(&events, &reason);
        } else {
            for event in &events {
                self.event(&id, event, &mut known).await?;
            }
        }
        self.cases.put(id, known);
        Ok(())
    }

    /// Opens a case that nobody has opened, and compares one that is there already.
    async fn open(
        &mut self,
        id: &CaseId,
        case: &SourceCase,
        events: &[SourceEvent],
        known: &mut Known,
    ) -> Result<(), Failure> {
        match &known.status {
            Status::Open => Ok(()),
            Status::Refused(reason) => {
                if known.is_first_met() {
                    let reason = reason.clone();
                    self.report.refuse(
                        &self.files,
                        Lost::Case { events: 0 },
                        case.place,
                        reason,
                        &case.id,
                    );
                    known.next = known.next.max(2);
                }
                Ok(())
            }
            Status::Loaded(facts) => {
                if known.is_first_met() {
                    self.report.summary.cases_known += 1;
                }
                if facts_of(case).0 != *facts {
                    let reason = "it was imported before with other facts, and those stay".to_owned();
                    self.report
                        .refuse(&self.files, Lost::Attribute, case.place, reason, &case.id);
                }
                known.status = Status::Open;
                Ok(())
            }
            Status::Absent => {
                let Some(opened) = self.commands.opened_at(case, events.first()) else {
                    let reason = "it has no event, and nothing says when it was submitted".to_owned();
                    self.report.refuse(
                        &self.files,
                        Lost::Case { events: 0 },
                        case.place,
                        reason,
                        &case.id,
                    );
                    return Ok(());
                };
                let parts = self.commands.open(id, case, opened);
                let deadline = self.commands.deadline(id, case, opened.0);
                let (Weighed { command, bytes, cut }, deadline) =
                    match parts.and_then(|open| Ok((open, deadline?))) {
                        Ok(parts) => parts,
                        Err(error) => {
                            known.status = Status::Refused(format!("its id cannot be taken: {error}"));
                            return Ok(());
                        }
                    };
                self.make_room(OPENING_COMMANDS_MAX, bytes).await?;
                self.refuse_cut(case.place, &cut);
                let purpose = |kind| Purpose {
                    kind,
                    place: case.place,
                    about: case.id.clone(),
                };
                self.batch.bytes += bytes;
                self.batch.push(command, None, purpose(Kind::Opening));
                if let Some(command) = deadline {
                    self.batch.push(command, None, purpose(Kind::Concludes));
                }
                known.waiting_since = Some(opened.1);
                known.status = Status::Open;
                Ok(())
            }
        }
    }

    /// Records an event as a step, and what it becomes.
    async fn event(&mut self, id: &CaseId, event: &SourceEvent, known: &mut Known) -> Result<(), Failure> {
        let number = known.next;
        known.next += 1;
        let refuse = |import: &mut Self, reason: String| {
            import
                .report
                .refuse(&import.files, Lost::Event, event.place, reason, &event.activity);
        };
        if number > CASE_EVENTS_MAX {
            refuse(self, format!("the case has more than {CASE_EVENTS_MAX} events"));
            return Ok(());
        }
        let apart = tells_times_apart(self.mapping, &event.activity, event.lifecycle.as_ref());
        let first = !apart || known.seen.insert(event.activity.clone());
        let becomes = self
            .mapping
            .becomes(&event.activity, event.lifecycle.as_deref(), first);
        let step = self.commands.step(id, number, event);
        let follows = self
            .commands
            .follows(id, number, event, becomes, known.waiting_since);
        let (step, follows) = match step.and_then(|step| Ok((step, follows?))) {
            Ok(parts) => parts,
            Err(error) => {
                refuse(self, format!("it cannot be named: {error}"));
                return Ok(());
            }
        };
        if becomes == Becomes::SubmitCorrection {
            known.waiting_since = Some(self.commands.day_of(event.at, &event.at_text));
        }
        self.make_room(EVENT_COMMANDS_MAX, step.bytes).await?;
        self.refuse_cut(event.place, &step.cut);
        let purpose = |kind| Purpose {
            kind,
            place: event.place,
            about: event.activity.clone(),
        };
        self.batch.bytes += step.bytes;
        self.batch
            .push(step.command, Some(event.entry), purpose(Kind::Step));
        // An event that was recorded before became then what it could become; the case has gone on since, and what the
        // rules refused then must not happen now.
        if number <= known.done {
            return Ok(());
        }
        match follows {
            Follows::Nothing => {}
            Follows::NoPlace => self.report.fell_back(&event.activity),
            Follows::Commands(mut commands) => {
                let becomes = commands.pop();
                for command in commands {
                    self.batch.push(command, None, purpose(Kind::Aside));
                }
                if let Some(command) = becomes {
                    self.batch.push(command, None, purpose(Kind::Becomes));
                }
            }
        }
        Ok(())
    }

    /// Sees to it that commands that belong together go into one batch.
    async fn make_room(&mut self, commands: usize, bytes: usize) -> Result<(), Failure> {
        if self.batch.has_room(commands, bytes) {
            Ok(())
        } else {
            self.flush().await
        }
    }

    /// Hands the batch to the engine, once the one before is durable.
    async fn flush(&mut self) -> Result<(), Failure> {
        self.settle().await?;
        let Batch {
            commands, purposes, ..
        } = std::mem::take(&mut self.batch);
        if commands.is_empty() {
            return Ok(());
        }
        let engine = self.engine.clone();
        let answers = tokio::spawn(async move {
            loop {
                let answers = engine.handle_entries(commands.clone()).await;
                let is_busy =
                    |answer: &Result<Answer, EngineError>| matches!(answer, Err(EngineError::Busy { .. }));
                if !answers.iter().any(is_busy) {
                    return answers;
                }
                tokio::time::sleep(BUSY_PAUSE).await;
            }
        });
        self.under_way = Some(UnderWay { answers, purposes });
        Ok(())
    }

    /// Waits for the batch that is under way, and counts its answers.
    async fn settle(&mut self) -> Result<(), Failure> {
        let Some(UnderWay { answers, purposes }) = self.under_way.take() else {
            return Ok(());
        };
        let answers = answers
            .await
            .map_err(|error| Failure::store("import", error.to_string()))?;
        for (purpose, answer) in purposes.into_iter().zip(answers) {
            self.count(purpose, answer)?;
        }
        Ok(())
    }

    fn count(&mut self, purpose: Purpose, answer: Result<Answer, EngineError>) -> Result<(), Failure> {
        let Purpose { kind, place, about } = purpose;
        let outcome = match answer {
            Ok(Answer::Accepted(accepted)) => Ok(accepted.repeated),
            Ok(Answer::Rejected(rejection)) => Err(rejection.to_string()),
            Err(EngineError::CommandIdReused { .. }) => {
                Err("it was imported before with other contents, and those stay".to_owned())
            }
            Err(error @ EngineError::TooLarge(_)) => Err(error.to_string()),
            Err(error) => return Err(error.tell()),
        };
        let summary = &mut self.report.summary;
        match (kind, outcome) {
            (Kind::Opening, Ok(false)) => summary.cases_added += 1,
            (Kind::Opening, Ok(true)) => summary.cases_known += 1,
            (Kind::Step, Ok(repeated)) => {
                if repeated {
                    summary.events_known += 1;
                } else {
                    summary.events_added += 1;
                }
                self.bar.inc(1);
            }
            (Kind::Becomes, Ok(_)) => self.report.became(&about),
            (Kind::Becomes, Err(_)) => self.report.fell_back(&about),
            (Kind::Concludes, Ok(repeated)) => summary.concluded += u64::from(!repeated),
            (Kind::Aside | Kind::Concludes, _) => {}
            (Kind::Opening, Err(reason)) => {
                self.report
                    .refuse(&self.files, Lost::Case { events: 0 }, place, reason, &about);
            }
            (Kind::Step, Err(reason)) => self
                .report
                .refuse(&self.files, Lost::Event, place, reason, &about),
        }
        Ok(())
    }

    fn refuse_run(&mut self, case: &SourceCase, events: &[SourceEvent], reason: &str) {
        self.report.refuse(
            &self.files,
            Lost::Case { events: 0 },
            case.place,
            reason.to_owned(),
            &case.id,
        );
        self.refuse_events(events, &format!("its case was not taken: {reason}"));
    }

    fn refuse_events(&mut self, events: &[SourceEvent], reason: &str) {
        for event in events {
            self.report.refuse(
                &self.files,
                Lost::Event,
                event.place,
                reason.to_owned(),
                &event.activity,
            );
        }
    }

    fn refuse_cut(&mut self, place: Place, cut: &[Cut]) {
        for (name, reason) in cut {
            self.report
                .refuse(&self.files, Lost::Attribute, place, reason.clone(), name);
        }
    }

    /// Completes the cases that ended by a fact about them.
    ///
    /// Only at the end of all files is it known that a case has no more events; the cases are found in the log itself, so that
    /// an import that was interrupted and taken up again ends in the same state.
    async fn conclude(&mut self, procedure: &guichet_core::id::ProcedureId) -> Result<(), Failure> {
        let head = self.engine.head();
        let mut records = self.engine.subscribe(Position::START);
        while records.position() < head {
            for recorded in records.available().await.told()? {
                let Event::Case(CaseEvent::CaseSubmitted(submitted)) = &recorded.event else {
                    continue;
                };
                if submitted.procedure != *procedure {
                    continue;
                }
                let Some(case) = recorded.stream.case() else {
                    continue;
                };
                let Some(Fact::Text(ended)) = submitted.facts.get(CaseFact::Ended.as_str()) else {
                    continue;
                };
                // The opening had an id, so this command has one too.
                let Ok(Some(command)) = self.commands.ended(&case, ended) else {
                    continue;
                };
                self.make_room(1, 0).await?;
                let purpose = Purpose {
                    kind: Kind::Concludes,
                    place: Place::default(),
                    about: String::new(),
                };
                self.batch.push(command, None, purpose);
            }
        }
        self.flush().await?;
        self.settle().await
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use guichet::log::memory::MemoryLog;

    use super::*;

    /// Imports a file of rows, keeping few cases in use at a time.
    async fn record_with_few_cases_in_use(engine: &Guichet, log: &Path, mapping: &Mapping) -> Summary {
        let source = Source::start(vec![log.to_owned()], None, mapping.clone());
        let report = Report::new("few", None).unwrap();
        // More than two batches on their way have, and fewer than the source.
        let cases = KnownCases::of_generation(2_200);
        let bar = ProgressBar::hidden();
        record_all(engine, source, cases, mapping, report, &bar, Context::default())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_case_that_was_forgotten_goes_on_where_it_was() {
        let mapping = "log: few\ntime_zone: '+08:00'\ncsv: {case: c, activity: a, time: t}\n\
            activities:\n  - {activity: Submit, becomes: submit, again: step}\n\
            \x20 - {activity: Accept, becomes: accept, again: withdraw}\n";
        let mapping = Mapping::from_yaml("few.yaml", mapping).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log.csv");
        let mut rows = "c,a,t\n".to_owned();
        for (hour, activity) in ["Submit", "Accept", "Accept"].iter().enumerate() {
            for case in 0..4_800 {
                writeln!(rows, "{case},{activity},2010-03-01T{:02}:00:00", 8 + hour).unwrap();
            }
        }
        std::fs::write(&log, rows).unwrap();

        let engine = Guichet::start(Arc::new(MemoryLog::default()), Config::default())
            .await
            .unwrap();
        let first = record_with_few_cases_in_use(&engine, &log, &mapping).await;
        assert_eq!(
            (first.cases, first.events, first.refused_total),
            (4_800, 14_400, 0)
        );
        assert_eq!(first.became_commands.get("Accept"), Some(&9_600));
        let second = record_with_few_cases_in_use(&engine, &log, &mapping).await;
        assert_eq!(
            (second.cases, second.events_known, second.records_added),
            (4_800, 14_400, 0)
        );
        engine.close().await.unwrap();
    }
}
