//! `guichet doctor`: what is wrong, or soon will be, and what to type about it.

mod server;

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use clap::Args;
use guichet::Guichet;
use guichet::core::id::Position;
use guichet::core::reference::Directory;
use guichet::core::time::{Date, Timestamp};
use guichet_log::block::Block;
use guichet_log::codec;
use guichet_log::log::{EventLog, with_sources};
use guichet_log::merkle::Frontier;
use guichet_sled::{RecoveryReport, SledLog};
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, ClockArg, Found};
use crate::table;
use crate::told::{Tell as _, Told as _};
use guichet_audit::version;

/// What `guichet doctor` takes.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Where a server has the data open, everything but the log is looked at.

Example: guichet doctor --data DIR")]
pub struct DoctorArgs {
    /// The folder with the centre's data; without it, only this machine is looked at
    #[arg(long, value_name = "DIR", env = "GUICHET_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
    /// Read every record, check every hash and the tree over them, and decode everything
    #[arg(long, requires = "data")]
    full: bool,
    /// Where `guichet serve` is to listen: whether it can
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8640")]
    listen: SocketAddr,
    #[command(flatten)]
    clock: ClockArg,
}

/// How many places of the log a look without `--full` reads.
const SAMPLES: u64 = 32;
/// How many bytes of records are read at once.
const READ_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many damaged places are told one by one.
const DAMAGES_MAX: usize = 20;
/// How many syncs measure the disk.
const SYNCS: usize = 16;
/// A sync that takes longer makes commands wait visibly.
const SYNC_SLOW: Duration = Duration::from_millis(50);
/// Less room than this fills up within days.
const ROOM_BYTES_MIN: u64 = 1024 * 1024 * 1024;
/// A calendar that ends sooner leaves long terms without a due date.
const CALENDAR_DAYS_MIN: i32 = 90;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Error,
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Looked {
    check: &'static str,
    state: State,
    found: String,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// What to type, or to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

impl Looked {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Ok,
            found: found.into(),
            why: None,
            help: None,
        }
    }

    fn bad(check: &'static str, state: State, found: impl Into<String>, why: &str, help: &str) -> Self {
        Self {
            check,
            state,
            found: found.into(),
            why: Some(why.to_owned()),
            help: Some(help.to_owned()),
        }
    }
}

/// Everything that was looked at.
#[derive(Serialize)]
struct Report {
    version: u16,
    checks: Vec<Looked>,
    #[serde(skip)]
    failed: Option<Failure>,
}

/// Looks.
///
/// # Errors
///
/// [`Failure`] with exit code 4 when what was recorded is damaged, 5 when the data does not open. The report is printed all
/// the same.
pub async fn run(args: &DoctorArgs, context: Context) -> Result<Exit, Failure> {
    let mut report = Report {
        version: 1,
        checks: vec![Looked::ok("version", version::THIS.line("guichet"))],
        failed: None,
    };
    report.checks.push(terminal(context));
    report.checks.push(server::open_files(context));
    report.checks.push(server::pages(context).await);
    if let Some(dir) = &args.data {
        look_at(dir, args, context, &mut report).await?;
    } else {
        let now = args.clock.now();
        report.checks.push(server::clock(now, None, context));
        report.checks.push(server::address(args.listen, None, context));
    }
    context.answer(&report, || text(&report, context))?;
    if let Some(failure) = report.failed {
        return Err(failure);
    }
    Ok(Exit::with_findings(
        report.checks.iter().any(|check| check.state > State::Ok),
    ))
}

async fn look_at(
    dir: &Path,
    args: &DoctorArgs,
    context: Context,
    report: &mut Report,
) -> Result<(), Failure> {
    let say = |zh, en| context.say(zh, en);
    // Opening it would begin a log there, and looking is no writing.
    let failure = match data::look(dir)? {
        Found::Centre => None,
        Found::Missing | Found::Empty => Some(data::none_there(dir)),
        Found::Foreign(names) => Some(data::foreign(dir, &names)),
        Found::NoFolder => Some(data::no_folder(dir)),
    };
    if let Some(failure) = failure {
        let why = say("没有数据就无从检查", "without data there is nothing to look at");
        report.fail("data", failure, why, context);
        return Ok(());
    }
    report.checks.push(room(dir, context));
    let seen = match data::open_log(dir).await {
        Ok(log) => look_into(log, dir, args, context, report).await?,
        Err(failure) if failure.error == "locked" => {
            report.checks.push(held(args.full, context));
            Seen {
                held: true,
                ..Seen::default()
            }
        }
        Err(failure) => {
            report.fail(
                "store",
                failure,
                say(
                    "数据打不开，命令就无法办理",
                    "no command is taken while it does not open",
                ),
                context,
            );
            Seen::default()
        }
    };
    let now = args.clock.now();
    let today = seen
        .today
        .unwrap_or_else(|| Directory::default().zone().date(now));
    report.checks.push(server::clock(now, seen.last, context));
    report
        .checks
        .push(server::address(args.listen, Some(seen.held), context));
    report
        .checks
        .push(server::tokens(dir, args.listen, today, context));
    report.checks.extend(server::secrets(dir, context));
    Ok(())
}

/// What the log said, as far as it was looked into.
#[derive(Default)]
struct Seen {
    /// Whether another process has it open.
    held: bool,
    /// When the last record was taken.
    last: Option<Timestamp>,
    /// Today, by the wall clock of the centre.
    today: Option<Date>,
}

async fn look_into(
    log: SledLog,
    dir: &Path,
    args: &DoctorArgs,
    context: Context,
    report: &mut Report,
) -> Result<Seen, Failure> {
    report.checks.push(store(log.recovery(), log.head(), context));
    if log.recovery().cut.is_some() {
        report.checks.push(cut(log.recovery(), context));
    }
    report.checks.push(sync_latency(dir, context));
    let log = Arc::new(log);
    let damages = if args.full {
        read_everything(&*log).await
    } else {
        read_samples(&*log).await
    };
    report.integrity(&damages, args.full, log.head(), context);
    let mut seen = Seen {
        last: last_recorded(&*log).await,
        ..Seen::default()
    };
    let port: Arc<dyn EventLog> = log;
    match Guichet::start(Arc::clone(&port), args.clock.config()).await {
        Ok(engine) => {
            let today = engine.today();
            seen.today = Some(today);
            report.checks.push(catalogue(&engine.directory(), context));
            report
                .checks
                .extend(calendars(&engine.directory(), today, context));
            engine.close().await.told()?;
        }
        Err(error) => {
            report.fail(
                "catalogue",
                error.tell(),
                context.say("没有目录就无法办理", "no case is decided without the catalogue"),
                context,
            );
            port.close().await.map_err(guichet::EngineError::from).told()?;
        }
    }
    Ok(seen)
}

/// When the last record was taken, where it can be read.
async fn last_recorded(log: &dyn EventLog) -> Option<Timestamp> {
    let last = Position(log.head().0.checked_sub(1)?);
    let records = log.read_all(last, 1).await.ok()?;
    records.last().map(|record| record.recorded_at)
}

/// The data belong to a process that runs: that is how it should be, and the log is its own until it ends.
fn held(full: bool, context: Context) -> Looked {
    let found = context.say(
        "正由另一个进程使用（服务、`run` 或演示），未查看日志",
        "in use by another process (a server, `run` or a demo), so the log was not looked at",
    );
    let help = context.say(
        "结束该进程后再查，或核验其归档：`guichet-audit verify --archive DIR`",
        "end it and look again, or verify its archive: `guichet-audit verify --archive DIR`",
    );
    if full {
        let why = context.say(
            "要求查看全部记录，却一条也未查看",
            "every record was to be read, and none was",
        );
        return Looked::bad("store", State::Warning, found, why, help);
    }
    let mut looked = Looked::ok("store", found);
    looked.help = Some(help.to_owned());
    looked
}

impl Report {
    fn fail(&mut self, check: &'static str, failure: Failure, why: &str, context: Context) {
        let (message, help) = failure.said(context.lang);
        let found = failure
            .cause
            .iter()
            .fold(message.to_owned(), |found, cause| found + ": " + cause);
        self.checks.push(Looked::bad(
            check,
            State::Error,
            found,
            why,
            help.unwrap_or_default(),
        ));
        // The report has said the rest.
        self.failed.get_or_insert(failure.in_short());
    }

    fn integrity(&mut self, damages: &Damages, full: bool, head: Position, context: Context) {
        let read = damages.records;
        if damages.found.is_empty() {
            let found = match (context.lang, full) {
                (Lang::Zh, true) => {
                    format!("全部 {read} 条记录的哈希、次序和内容均完好；根 {}", damages.root)
                }
                (Lang::En, true) => {
                    format!(
                        "all {read} records are whole, in order and readable; root {}",
                        damages.root
                    )
                }
                (Lang::Zh, false) => format!("抽查 {read} / {head} 条记录，均完好"),
                (Lang::En, false) => format!("{read} of {head} records read as a sample, all whole"),
            };
            let mut check = Looked::ok("log", found);
            if !full && head > Position(read) {
                check.help = Some("guichet doctor --full --data DIR".to_owned());
            }
            self.checks.push(check);
            return;
        }
        for damage in damages.found.iter().take(DAMAGES_MAX) {
            self.checks.push(Looked::bad(
                "log",
                State::Error,
                damage,
                context.say(
                    "记录是证据，不能缺损",
                    "records are evidence; figures and due dates stand on them",
                ),
                context.say(
                    "从备份恢复该文件夹，并保留这一份",
                    "restore the folder from a backup, and keep this one",
                ),
            ));
        }
        let count = damages.found.len();
        let failure = Failure::integrity("damaged", format!("the log is damaged in {count} places"))
            .zh(format!("日志有 {count} 处损坏"), None);
        self.failed.get_or_insert(failure);
    }
}

fn terminal(context: Context) -> Looked {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = variables
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let utf8 = locale.as_deref().is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    let columns = comfy_table::Table::new().width();
    let shown = std::io::stdout().is_terminal();
    let found = match (context.lang, shown) {
        (Lang::Zh, true) => format!(
            "终端 {} 列，区域设置 {}",
            columns.unwrap_or(80),
            locale.as_deref().unwrap_or("未设置")
        ),
        (Lang::En, true) => {
            format!(
                "a terminal of {} columns, locale {}",
                columns.unwrap_or(80),
                locale.as_deref().unwrap_or("not set")
            )
        }
        (Lang::Zh, false) => "输出不是终端".to_owned(),
        (Lang::En, false) => "the output is no terminal".to_owned(),
    };
    if shown && !utf8 {
        return Looked::bad(
            "terminal",
            State::Warning,
            found,
            context.say("中文可能显示不正确", "Chinese names may not be shown as they are"),
            "export LANG=C.UTF-8",
        );
    }
    Looked::ok("terminal", found)
}

fn room(dir: &Path, context: Context) -> Looked {
    let why = context.say(
        "磁盘写满后，命令会被拒绝",
        "commands are refused once the disk is full",
    );
    match rustix::fs::statvfs(dir) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let text = match context.lang {
                Lang::Zh => format!("磁盘剩余 {}", bytes(free)),
                Lang::En => format!("{} free on the disk", bytes(free)),
            };
            if found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
                let found = context.say("文件系统只读", "the file system is read-only");
                let help = context.say(
                    "以可写方式挂载",
                    "mount it so that it can be written, or work on a copy",
                );
                return Looked::bad("room", State::Error, found, why, help);
            }
            if free < ROOM_BYTES_MIN {
                let help = context.say(
                    "腾出空间，或移到更大的磁盘",
                    "make room, or move the folder to a larger disk",
                );
                Looked::bad("room", State::Warning, text, why, help)
            } else {
                Looked::ok("room", text)
            }
        }
        Err(error) => {
            let help = context.say("检查文件夹的权限", "look at the rights on the folder");
            Looked::bad("room", State::Warning, error.to_string(), why, help)
        }
    }
}

/// A number of bytes as people say it.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut shown = (bytes, "B");
    for unit in UNITS {
        if shown.0 < 1024 {
            break;
        }
        shown = (shown.0 / 1024, unit);
    }
    format!("{} {}", shown.0, shown.1)
}

fn store(report: &RecoveryReport, head: Position, context: Context) -> Looked {
    let RecoveryReport {
        sealed, from_journal, ..
    } = report;
    Looked::ok(
        "store",
        match context.lang {
            Lang::Zh => format!("可打开；{head} 条记录（已封存 {sealed}，日志文件中 {from_journal}）"),
            Lang::En => format!("opens; {head} records ({sealed} sealed, {from_journal} in the journal)"),
        },
    )
}

fn cut(report: &RecoveryReport, context: Context) -> Looked {
    let found = report
        .cut
        .as_ref()
        .map_or_else(String::new, |cut| match context.lang {
            Lang::Zh => format!(
                "位置 {} 处截除 {} 字节（{}），保存在 {}",
                cut.position,
                cut.bytes,
                cut.reason,
                cut.kept_in.display()
            ),
            Lang::En => format!(
                "{} bytes were cut off at position {} ({}), and kept in {}",
                cut.bytes,
                cut.position,
                cut.reason,
                cut.kept_in.display()
            ),
        });
    Looked::bad(
        "recovery",
        State::Warning,
        found,
        context.say(
            "一次写入被打断；它从未被确认",
            "a write was interrupted; it had never been acknowledged",
        ),
        context.say(
            "请发送方以相同编号重发未获回答的命令",
            "send commands that got no answer again, with the same ids",
        ),
    )
}

/// How long a real sync takes where the data is.
fn sync_latency(dir: &Path, context: Context) -> Looked {
    let path = dir.join("doctor-sync.tmp");
    let measured = measure_syncs(&path);
    let _ = std::fs::remove_file(&path);
    let why = context.say(
        "每组命令等待一次真正的落盘",
        "every group of commands waits for one real sync before it is answered",
    );
    match measured {
        Ok((median, worst)) => {
            let found = match context.lang {
                Lang::Zh => format!("落盘耗时 {median:.1?}（中位），{worst:.1?}（最慢）"),
                Lang::En => format!("a sync takes {median:.1?} (median), {worst:.1?} (slowest of {SYNCS})"),
            };
            if median > SYNC_SLOW {
                let help = context.say("把数据放到更快的磁盘上", "move the folder to a faster disk");
                Looked::bad("sync", State::Warning, found, why, help)
            } else {
                Looked::ok("sync", found)
            }
        }
        Err(error) => {
            let help = context.say(
                "检查文件夹的权限",
                "look at the rights on the folder, and at the room on the disk",
            );
            Looked::bad("sync", State::Error, error.to_string(), why, help)
        }
    }
}

fn measure_syncs(path: &Path) -> std::io::Result<(Duration, Duration)> {
    let mut file = File::create(path)?;
    file.write_all(&[0; 4096])?;
    file.sync_all()?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    let at = |index: usize| took.get(index).copied().unwrap_or_default();
    Ok((at(SYNCS / 2), at(SYNCS - 1)))
}

fn catalogue(directory: &Directory, context: Context) -> Looked {
    if directory.procedures.is_empty() {
        return Looked::bad(
            "catalogue",
            State::Warning,
            context.say("尚未发布目录", "no catalogue was published"),
            context.say(
                "没有事项就不能收件",
                "no application can be handed in without a procedure",
            ),
            "guichet catalogue publish harbin-2010 --data DIR --by PERSON",
        );
    }
    let (procedures, departments, windows) = (
        directory.procedures.len(),
        directory.departments.len(),
        directory.windows.len(),
    );
    Looked::ok(
        "catalogue",
        match context.lang {
            Lang::Zh => format!("{procedures} 个事项，{departments} 个部门，{windows} 个窗口"),
            Lang::En => format!("{procedures} procedures, {departments} departments, {windows} windows"),
        },
    )
}

/// Whether the calendars reach far enough beyond today.
fn calendars(directory: &Directory, today: Date, context: Context) -> Vec<Looked> {
    let mut checks = Vec::new();
    for (id, calendar) in &directory.calendars {
        let covered = calendar.covered();
        let left = covered.last().days().saturating_sub(today.days());
        let found = match context.lang {
            Lang::Zh => format!(
                "{id}（第 {} 版）覆盖 {} 至 {}",
                calendar.version(),
                covered.first(),
                covered.last()
            ),
            Lang::En => format!(
                "{id} (version {}) covers {} to {}",
                calendar.version(),
                covered.first(),
                covered.last()
            ),
        };
        if left >= CALENDAR_DAYS_MIN {
            checks.push(Looked::ok("calendar", found));
        } else {
            checks.push(Looked::bad(
                "calendar",
                State::Warning,
                found,
                context.say(
                    "日历之外的期限无法计算，相关命令会被拒绝",
                    "a due date past the calendar cannot be counted, and the command is refused",
                ),
                context.say(
                    "发布新版日历后重新发布目录",
                    "add the next year to the catalogue's calendar, and publish it",
                ),
            ));
        }
    }
    checks
}

/// What reading the log found.
#[derive(Default)]
struct Damages {
    /// How many records were read and are whole.
    records: u64,
    /// The root of the tree over everything, where everything was read.
    root: String,
    found: Vec<String>,
}

impl Damages {
    /// Decodes what a block holds.
    fn decode(&mut self, block: &Block) {
        for (position, record) in (block.first().0..).zip(block.records()) {
            let decoded = match &record {
                Ok(record) => codec::decode_ref(record)
                    .map(|_| ())
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            match decoded {
                Ok(()) => self.records += 1,
                Err(reason) => self.found.push(format!("position {position}: {reason}")),
            }
        }
    }
}

/// Reads every block, and grows the tree over all records anew.
async fn read_everything(log: &dyn EventLog) -> Damages {
    let mut damages = Damages::default();
    let mut before = Frontier::default();
    let mut next = Position::START;
    while next < log.head() {
        let blocks = match log.read_blocks(next, READ_BYTES_MAX).await {
            Ok(blocks) => blocks,
            Err(error) => {
                damages.found.push(with_sources(&error));
                // What follows the damage is looked at too, though no tree can be grown over the hole.
                let Some(block) = after_damage(log, next).await else {
                    return damages;
                };
                damages.decode(&block);
                // The block's own word for the tree before the next one is the only witness left.
                before = block.frontier().clone();
                next = block.end();
                continue;
            }
        };
        for block in blocks {
            if block.first() == Position(before.size())
                && let Err(error) = block.check(&before)
            {
                damages
                    .found
                    .push(format!("the block at position {}: {error}", block.first()));
            }
            damages.decode(&block);
            before = block.frontier().clone();
            next = block.end();
        }
    }
    damages.root = before.root().to_string();
    damages
}

/// The next block after a damaged one that can be read.
async fn after_damage(log: &dyn EventLog, damaged: Position) -> Option<Arc<Block>> {
    let mut next = damaged.next();
    while next < log.head() {
        if let Ok(blocks) = log.read_blocks(next, 1).await {
            return blocks.into_iter().next();
        }
        next = next.next();
    }
    None
}

/// Reads blocks spread over the log.
async fn read_samples(log: &dyn EventLog) -> Damages {
    let mut damages = Damages::default();
    let head = log.head();
    let mut read_up_to = Position::START;
    for sample in 0..=SAMPLES {
        let position = Position((head.0.saturating_sub(1)).saturating_mul(sample) / SAMPLES).max(read_up_to);
        if position >= head {
            break;
        }
        match log.read_blocks(position, 1).await {
            Ok(blocks) => {
                for block in blocks {
                    read_up_to = block.end();
                    damages.decode(&block);
                }
            }
            Err(error) => {
                read_up_to = position.next();
                damages.found.push(with_sources(&error));
            }
        }
    }
    damages
}

fn text(report: &Report, context: Context) -> String {
    /// Where what was found begins: behind the mark and the name.
    const MARGIN: usize = 19;

    let columns = table::columns();
    let mut text = String::new();
    for check in &report.checks {
        let (mark, color) = match check.state {
            State::Ok => (context.say("正常", "ok"), AnsiColor::Green),
            State::Warning => (context.say("注意", "warning"), AnsiColor::Yellow),
            State::Error => (context.say("错误", "error"), AnsiColor::Red),
        };
        let style = if std::io::stdout().is_terminal()
            && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
        {
            Style::new().fg_color(Some(color.into()))
        } else {
            Style::new()
        };
        let pad = " ".repeat(8_usize.saturating_sub(table::width(mark)));
        let name = table::padded(name(check.check, context), 11);
        let mut lines = |beginning: &str, said: &str| {
            let said = table::hanging(said, MARGIN, columns);
            text.push_str(beginning);
            text.push_str(&said);
            text.push('\n');
        };
        lines(&format!("{style}{mark}{style:#}{pad}{name}"), &check.found);
        let margin = " ".repeat(MARGIN);
        if let Some(why) = &check.why {
            lines(&margin, why);
        }
        if let Some(help) = check.help.as_ref().filter(|help| !help.is_empty()) {
            lines(&margin, &format!("→ {help}"));
        }
    }
    text
}

/// What was looked at, as people call it.
fn name(check: &'static str, context: Context) -> &'static str {
    match check {
        "version" => context.say("版本", check),
        "terminal" => context.say("终端", check),
        "data" => context.say("数据", check),
        "room" => context.say("空间", check),
        "store" => context.say("存储", check),
        "recovery" => context.say("恢复", check),
        "sync" => context.say("落盘", check),
        "log" => context.say("日志", check),
        "catalogue" => context.say("目录", check),
        "calendar" => context.say("日历", check),
        "open_files" => context.say("文件数", "open files"),
        "pages" => context.say("网页", check),
        "clock" => context.say("时钟", check),
        "address" => context.say("地址", check),
        "tokens" => context.say("口令", check),
        "secrets" => context.say("密钥", check),
        other => other,
    }
}
