//! `guichet serve`: the centre over HTTP, with its clocks kept.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use guichet::{Guichet, Timekeeper};
use guichet_server::{Limits, ListenError, Role, Server, Settings};
use sd_notify::NotifyState;

use crate::archive::{AlsoArchive, Running};
use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, ClockArg, DataArg};
use crate::run::StopSignal;
use crate::told::Told as _;

/// How often it is looked whether something has lapsed.
const TICK_EVERY: Duration = Duration::from_secs(60);

/// What `guichet serve` takes.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Whoever comes without a token sees what is public. Tokens: `guichet token create`. It listens on this machine alone unless \
--listen says otherwise, and elsewhere only where there are tokens. docs/http.md says what can be asked.

Example: guichet serve --data DIR")]
pub struct ServeArgs {
    #[command(flatten)]
    data: DataArg,
    /// Where to listen: an address and a port; port 0 for any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8640")]
    listen: SocketAddr,
    /// What visitors without a token may see, on this machine alone: public, dashboard or supervisor
    #[arg(long, value_name = "ROLE", default_value = "public", value_parser = visitors)]
    visitors: Role,
    /// A proxy whose X-Forwarded-For and X-Forwarded-Proto are believed: its address, as often as there are proxies
    #[arg(long = "proxy", value_name = "IP")]
    proxies: Vec<IpAddr>,
    /// How often one address may ask in a second; three times as often at once
    #[arg(long, value_name = "N", default_value_t = Limits::default().asks_a_second)]
    asks_a_second: NonZeroU32,
    #[command(flatten)]
    archive: AlsoArchive,
    #[command(flatten)]
    clock: ClockArg,
}

fn visitors(text: &str) -> Result<Role, String> {
    match text.parse()? {
        role @ (Role::Public | Role::Dashboard | Role::Supervisor) => Ok(role),
        role @ (Role::Clerk | Role::Handler | Role::DepartmentHead) => Err(format!(
            "a {role} is a person, and a visitor is nobody; expected public, dashboard or supervisor"
        )),
    }
}

/// Serves until somebody ends it.
///
/// # Errors
///
/// [`Failure`] when the data does not open, the address is not to be had, or the engine stops.
pub async fn run(args: &ServeArgs, context: Context) -> Result<Exit, Failure> {
    let dir = &args.data.data;
    let engine = data::open_with(dir, args.clock.config(), &context).await?;
    let archive = args.archive.begin(&engine, dir).await?;
    let settings = Settings {
        listen: args.listen,
        visitors: args.visitors,
        archive: archive.as_ref().map(Running::watch),
        proxies: args.proxies.clone(),
        limits: Limits {
            asks_a_second: args.asks_a_second,
            ..Limits::default()
        },
        ..Settings::of(dir.clone())
    };
    let server = match Server::start(engine.clone(), settings).await {
        Ok(server) => server,
        Err(error) => {
            engine.close().await.told()?;
            return Err(refused(&error));
        }
    };
    let stop = StopSignal::listen();
    context.remark(&greeting(&server, args, context));
    let serving = format!("serving at http://{}/", server.address());
    tell_manager(&[NotifyState::Ready, NotifyState::Status(&serving)], context);
    let kept = keep_time(&engine, stop).await;
    tell_manager(&[NotifyState::Stopping], context);
    server.stop().await;
    let archived = Running::finish(archive, context).await;
    let closed = engine.close().await;
    kept?;
    closed.told()?;
    archived?;
    Ok(Exit::Ok)
}

/// Tells systemd, where it asks, how the server stands. Where `NOTIFY_SOCKET` is absent nobody is told.
fn tell_manager(states: &[NotifyState<'_>], context: Context) {
    if let Err(error) = sd_notify::notify(states) {
        // Whoever waits for it in vain finds the reason in its journal.
        context.remark(&match context.lang {
            Lang::Zh => format!("无法通知 NOTIFY_SOCKET 所指的服务管理器：{error}"),
            Lang::En => format!("the service manager at NOTIFY_SOCKET cannot be told: {error}"),
        });
    }
}

/// Tells cases what time it is, until somebody ends it.
async fn keep_time(engine: &Guichet, mut stop: StopSignal) -> Result<(), Failure> {
    let mut timekeeper = Timekeeper::new(engine.clone());
    loop {
        if engine.poisoned().is_none() {
            timekeeper.tick().await.told()?;
        }
        tokio::select! {
            () = stop.wait() => return Ok(()),
            () = tokio::time::sleep(TICK_EVERY) => {}
        }
    }
}

fn greeting(server: &Server, args: &ServeArgs, context: Context) -> String {
    let (address, tokens, data) = (server.address(), server.tokens(), args.data.data.display());
    let mut text = match context.lang {
        Lang::Zh => format!("服务地址 http://{address}/（{tokens} 个口令；Ctrl-C 结束）"),
        Lang::En => format!("serving at http://{address}/ ({tokens} tokens; Ctrl-C ends it)"),
    };
    if tokens == 0 && args.visitors == Role::Public {
        // Writing into a string does not fail.
        let _ = match context.lang {
            Lang::Zh => write!(
                text,
                "\n尚无口令，只能查看公开内容；新建：guichet token create audit --role supervisor --data {data}"
            ),
            Lang::En => write!(
                text,
                "\nthere is no token yet, so only what is public is shown; make one: guichet token create audit --role supervisor --data {data}"
            ),
        };
    }
    text
}

pub(crate) fn refused(error: &ListenError) -> Failure {
    match error {
        ListenError::NoTokens { address } => Failure::config("no_tokens", error.to_string())
            .help("make a token first: `guichet token create NAME --role supervisor --data DIR`; or listen on 127.0.0.1")
            .zh(
                format!("{address} 可从其他机器访问，而尚无任何口令"),
                Some("请先创建口令：`guichet token create NAME --role supervisor --data DIR`；或只监听 127.0.0.1"),
            ),
        ListenError::OpenDoor { address } => Failure::config("open_door", error.to_string())
            .help("leave --visitors out, or listen on 127.0.0.1 without --proxy")
            .zh(
                format!("{address} 可从其他机器访问，访客只能查看公开内容"),
                Some("请去掉 --visitors，或去掉 --proxy 并只监听 127.0.0.1"),
            ),
        ListenError::Address { address, .. } => Failure::store("address", format!("cannot listen on {address}"))
            .help("another program may listen there; name another port with --listen, or port 0 for any")
            .zh(
                format!("无法监听 {address}"),
                Some("可能已被其他程序占用；用 --listen 指定其他端口，或用端口 0 自动选择"),
            )
            .because_of(error),
        ListenError::Access(_) | ListenError::Key { .. } => Failure::store("serve", error.to_string())
            .help("give this user the right to read and write the file that is named, or take it away to begin anew")
            .zh(
                "口令或公开编号的密钥无法读取",
                Some("请让本用户可读写所列文件，或移走该文件后重新开始"),
            )
            .because_of(error),
        ListenError::Statistics(_) | ListenError::Thread(_) => not_started(error),
        // One that a later server knows.
        unknown => not_started(unknown),
    }
}

fn not_started(error: &ListenError) -> Failure {
    Failure::store("serve", error.to_string())
        .zh("服务无法启动", None)
        .because_of(error)
}
