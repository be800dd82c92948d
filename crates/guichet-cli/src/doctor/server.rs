//! What `guichet serve` needs: an address, its pages, room for connections, a clock, tokens, and files that nobody else reads.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use guichet::core::time::{Date, Timestamp};
use guichet::{Config, Guichet};
use guichet_log::log::with_sources;
use guichet_log::memory::MemoryLog;
use guichet_server::{Access, Server, Settings};
use rustix::process::{Resource, getrlimit};

use super::{Looked, State};
use crate::context::{Context, Lang};

/// How long a server may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// How much of an answer is read: more than any page has.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How many connections the server takes.
const CONNECTIONS_MAX: u64 = 4_096;
/// How many files the engine and the store have open beside them, and some to spare.
const FILES_BESIDE: u64 = 64;
/// With fewer open files a hall full of screens has no room.
const OPEN_FILES_MIN: u64 = 1_024;
/// The first of January 2026, in microseconds: no build is older.
const CLOCK_MIN: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);
/// How far the clock may stand behind the last record: clocks of machines differ a little.
const CLOCK_BEHIND_MAX: i64 = 60_000_000;
/// What lies beside the log and is for its owner alone.
const SECRETS: [&str; 3] = ["access.json", "public.key", "archive.key"];

/// Whether a server could listen there, or does. `in_use` says whether another process has the data open; nothing where no
/// data was named.
pub(super) fn address(listen: SocketAddr, in_use: Option<bool>, context: Context) -> Looked {
    let why = context.say(
        "地址被占用或不可用时，`guichet serve` 无法启动",
        "`guichet serve` does not start where it cannot listen",
    );
    let bad = |found: String, help: &str| Looked::bad("address", State::Warning, found, why, help);
    let Err(error) = TcpListener::bind(listen) else {
        return Looked::ok(
            "address",
            match context.lang {
                Lang::Zh => format!("{listen} 可用"),
                Lang::En => format!("{listen} is free"),
            },
        );
    };
    if error.kind() != ErrorKind::AddrInUse {
        let found = match context.lang {
            Lang::Zh => format!("无法监听 {listen}：{error}"),
            Lang::En => format!("cannot listen on {listen}: {error}"),
        };
        let help = context.say(
            "指定本机的地址和 1024 以上的端口：`--listen`",
            "name an address of this machine, and a port above 1023, with --listen",
        );
        return bad(found, help);
    }
    let is_ours = answer(listen, "/health").is_ok_and(|heard| heard.contains(r#"{"status":"ok""#));
    match (is_ours, in_use) {
        (true, Some(true) | None) => Looked::ok(
            "address",
            match context.lang {
                Lang::Zh => format!("{listen} 上已有 Guichet 服务应答"),
                Lang::En => format!("a Guichet server answers at {listen}"),
            },
        ),
        (true, Some(false)) => bad(
            match context.lang {
                Lang::Zh => format!("{listen} 上应答的 Guichet 服务用的是其他数据"),
                Lang::En => format!("a Guichet server answers at {listen}, over other data than these"),
            },
            context.say(
                "结束该服务，或用 --listen 指定其他端口",
                "end it, or name another port with --listen",
            ),
        ),
        (false, _) => bad(
            match context.lang {
                Lang::Zh => format!("{listen} 被其他程序占用"),
                Lang::En => format!("another program listens on {listen}"),
            },
            context.say(
                "用 --listen 指定其他端口；`ss -ltnp` 显示是哪个程序",
                "name another port with --listen; `ss -ltnp` says which program it is",
            ),
        ),
    }
}

/// Whether the dashboard lies in this binary: asked of a server over nothing, on this machine alone.
pub(super) async fn pages(context: Context) -> Looked {
    let why = context.say(
        "网页随程序编译；缺少时浏览器只见错误",
        "the pages are part of the build; without them a browser sees errors alone",
    );
    let help = context.say(
        "请改用完整的发行版本",
        "take a build that was made with crates/guichet-server/dist",
    );
    match ask_for_pages().await {
        Ok(()) => Looked::ok(
            "pages",
            context.say("网页均在程序内", "the dashboard lies in this binary"),
        ),
        Err(found) => Looked::bad("pages", State::Warning, found, why, help),
    }
}

async fn ask_for_pages() -> Result<(), String> {
    let dir = Passing::new().map_err(|error| error.to_string())?;
    let engine = Guichet::start(Arc::new(MemoryLog::default()), Config::default())
        .await
        .map_err(|error| error.to_string())?;
    let asked = match Server::start(engine.clone(), Settings::of(dir.0.clone())).await {
        Ok(server) => {
            let address = server.address();
            let asked = tokio::task::spawn_blocking(move || front_page(address)).await;
            server.stop().await;
            asked.map_err(|error| error.to_string()).and_then(|asked| asked)
        }
        Err(error) => Err(error.to_string()),
    };
    engine.close().await.map_err(|error| error.to_string())?;
    asked
}

/// Asks for the front page, and for the first script that it names.
fn front_page(address: SocketAddr) -> Result<(), String> {
    let ask = |path: &str| {
        let heard = answer(address, path).map_err(|error| error.to_string())?;
        if heard.starts_with("HTTP/1.0 200") || heard.starts_with("HTTP/1.1 200") {
            return Ok(heard);
        }
        let said = heard.lines().next().unwrap_or_default().to_owned();
        Err(format!("{path}: {said}"))
    };
    let page = ask("/")?;
    let script = page
        .split("src=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    ask(script.ok_or("the front page names no script")?).map(|_| ())
}

/// What is answered at an address.
fn answer(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWERS_WITHIN)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    stream.set_write_timeout(Some(ANSWERS_WITHIN))?;
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept-Language: en\r\n\r\n"
    )?;
    let mut heard = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut heard)?;
    Ok(String::from_utf8_lossy(&heard).into_owned())
}

/// A folder of our own, gone when it is dropped.
struct Passing(PathBuf);

impl Passing {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("guichet-doctor-{}", std::process::id()));
        // A folder of somebody else's is not taken: its name cannot be had twice.
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // What stays behind is in a folder that the system clears.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How many files a process started here may have open.
pub(super) fn open_files(context: Context) -> Looked {
    let Some(soft) = getrlimit(Resource::Nofile).current else {
        return Looked::ok("open_files", context.say("不限", "no limit"));
    };
    let room = soft.saturating_sub(FILES_BESIDE).min(CONNECTIONS_MAX);
    let found = match context.lang {
        Lang::Zh => format!("可同时打开 {soft} 个，可接受 {room} 个连接（服务上限 {CONNECTIONS_MAX}）"),
        Lang::En => {
            format!(
                "{soft} at once: room for {room} connections of the {CONNECTIONS_MAX} that the server takes"
            )
        }
    };
    let help = context.say(
        "`ulimit -n 8192`；systemd 服务中用 LimitNOFILE=8192",
        "`ulimit -n 8192`; under systemd LimitNOFILE=8192",
    );
    if soft < OPEN_FILES_MIN {
        let why = context.say(
            "文件数用尽后，新来的访问者须等待",
            "whoever comes when there are none left has to wait",
        );
        return Looked::bad("open_files", State::Warning, found, why, help);
    }
    let mut looked = Looked::ok("open_files", found);
    looked.help = (room < CONNECTIONS_MAX).then(|| help.to_owned());
    looked
}

/// Whether the clock can be right: not before this build, and not before what was recorded last.
pub(super) fn clock(now: Timestamp, last: Option<Timestamp>, context: Context) -> Looked {
    let help = context.say(
        "校准时钟：`timedatectl set-ntp true`",
        "set the clock: `timedatectl set-ntp true`",
    );
    if now < CLOCK_MIN {
        let found = match context.lang {
            Lang::Zh => format!("时钟为 {now}，早于本程序的任何版本"),
            Lang::En => format!("the clock says {now}, before any build of this program"),
        };
        let why = context.say(
            "受理日期和承诺时限都按时钟计算",
            "days of receipt and due dates are counted by the clock",
        );
        return Looked::bad("clock", State::Warning, found, why, help);
    }
    if let Some(last) = last
        && last.as_micros().saturating_sub(now.as_micros()) > CLOCK_BEHIND_MAX
    {
        let found = match context.lang {
            Lang::Zh => format!("时钟为 {now}，最后一条记录却在 {last}"),
            Lang::En => format!("the clock says {now}, and the last record is of {last}"),
        };
        let why = context.say(
            "记录时间不会倒退：在时钟赶上之前，新记录都记为该时刻",
            "recorded times never go back: until the clock has caught up, records bear that one",
        );
        return Looked::bad("clock", State::Warning, found, why, help);
    }
    Looked::ok(
        "clock",
        match context.lang {
            Lang::Zh => format!("{now}"),
            Lang::En => format!("the clock says {now}"),
        },
    )
}

/// Who may ask a server.
pub(super) fn tokens(dir: &Path, listen: SocketAddr, today: Date, context: Context) -> Looked {
    let why = context.say(
        "没有口令的访客只能查看公开内容",
        "whoever comes without a token sees what is public",
    );
    let create = "guichet token create NAME --role supervisor --data DIR";
    let tokens = match Access::open(dir) {
        Ok(access) => access.tokens(),
        Err(error) => {
            let help = context.say(
                "让运行服务的用户可读该文件，或移走后重新创建口令",
                "let the user that serves read the file, or move it away and make tokens anew",
            );
            return Looked::bad("tokens", State::Error, with_sources(&error), why, help);
        }
    };
    if tokens.is_empty() {
        let found = context.say("没有口令", "no tokens");
        if listen.ip().is_loopback() {
            let mut looked = Looked::ok("tokens", found);
            looked.why = Some(why.to_owned());
            looked.help = Some(create.to_owned());
            return looked;
        }
        let why = context.say(
            "没有口令时，服务不在其他机器可达的地址上启动",
            "without one the server does not listen where other machines reach it",
        );
        return Looked::bad("tokens", State::Warning, found, why, create);
    }
    let count = tokens.len();
    let expired: Vec<_> = tokens
        .iter()
        .filter(|token| token.until.is_some_and(|until| until < today))
        .map(|token| token.label.as_str())
        .collect();
    let found = match (context.lang, expired.is_empty()) {
        (Lang::Zh, true) => format!("{count} 个口令"),
        (Lang::En, true) => format!("{count} in use"),
        (Lang::Zh, false) => format!("{count} 个口令，其中已过期：{}", expired.join("、")),
        (Lang::En, false) => format!("{count}, of which are over: {}", expired.join(", ")),
    };
    let mut looked = Looked::ok("tokens", found);
    if !expired.is_empty() {
        looked.help = Some("guichet token revoke NAME --data DIR".to_owned());
    }
    looked
}

/// Whether tokens and keys are their owner's alone, and the owner is that of the data.
pub(super) fn secrets(dir: &Path, context: Context) -> Vec<Looked> {
    let owner = fs::metadata(dir).ok().map(|found| found.uid());
    let mut found = Vec::new();
    let mut checks = Vec::new();
    for name in SECRETS {
        let path = dir.join(name);
        match fs::metadata(&path) {
            Ok(metadata) => match secret(&path, name, &metadata, owner, context) {
                Some(check) => checks.push(check),
                None => found.push(name),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => checks.push(unreadable(&path, &error, context)),
        }
    }
    if checks.is_empty() {
        let names = found.join(", ");
        checks.push(Looked::ok(
            "secrets",
            match (context.lang, found.is_empty()) {
                (Lang::Zh, true) => "尚无口令或密钥文件".to_owned(),
                (Lang::En, true) => "no files of tokens or keys yet".to_owned(),
                (Lang::Zh, false) => format!("仅属主可读：{names}"),
                (Lang::En, false) => format!("their owner's alone: {names}"),
            },
        ));
    }
    checks
}

/// What is wrong with one file, if anything is.
fn secret(
    path: &Path,
    name: &str,
    metadata: &Metadata,
    owner: Option<u32>,
    context: Context,
) -> Option<Looked> {
    let shown = path.display();
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let found = match context.lang {
            Lang::Zh => format!("`{name}` 的权限为 {mode:04o}，应为 0600"),
            Lang::En => format!("`{name}` has the mode {mode:04o}; expected 0600"),
        };
        let why = context.say(
            "他人若能读到密钥，就能以日志的名义签署或推算公开编号；若能写入，就能给自己口令",
            "who reads a key can sign in the log's name, or find out public numbers; who writes tokens has one",
        );
        let help = format!("chmod 600 {shown}");
        return Some(Looked::bad("secrets", State::Warning, found, why, &help));
    }
    if let Err(error) = File::open(path) {
        return Some(unreadable(path, &error, context));
    }
    if let Some(owner) = owner
        && owner != metadata.uid()
    {
        let uid = metadata.uid();
        let found = match context.lang {
            Lang::Zh => format!("`{name}` 属于用户 {uid}，数据文件夹属于用户 {owner}"),
            Lang::En => format!("`{name}` belongs to the user {uid}, the folder to the user {owner}"),
        };
        let why = context.say(
            "以文件夹属主运行的服务读不到它",
            "a server that runs as the folder's owner cannot read it",
        );
        let help = format!("chown {owner} {shown}");
        return Some(Looked::bad("secrets", State::Warning, found, why, &help));
    }
    None
}

fn unreadable(path: &Path, error: &io::Error, context: Context) -> Looked {
    let why = context.say(
        "本用户读不到它，服务也就无法以本用户启动",
        "a server that this user starts cannot read it either",
    );
    let help = context.say(
        "以数据文件夹的属主运行：`sudo -u guichet guichet …`",
        "work as the owner of the folder: `sudo -u guichet guichet …`",
    );
    let found = format!("{}: {error}", path.display());
    Looked::bad("secrets", State::Warning, found, why, help)
}
