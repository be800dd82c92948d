//! What the server costs: commands over HTTP beside the same ones handled in the process, readings of the overview, and those
//! who watch beside those who append.
//!
//! ```text
//! cargo bench -p guichet-benches --bench http -- [--rounds 3] [--seconds 3] [--open 10000] [--viewers 100] [--only commands|reads|viewers] [--dir DIR]
//! ```
//!
//! Clients, server and engine are one process, and share its processors. The clients hold their connections, as a proxy or a
//! browser does. A case is handed in and accepted at its window; then its decision is taken on and given back again and again, so
//! that a round leaves few cases behind. Rounds take turns, and the tables show medians.

#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "figures for people, from a program that measures"
)]

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use futures_core::Stream as _;
use guichet::{Config, Guichet, catalogue, testkit};
use guichet_benches::clients::{Round, Standing, median, processor_time, run};
use guichet_benches::{Arguments, Failure, resident_mb};
use guichet_core::actor::{Actor, Role as Acts};
use guichet_core::case::event::Opinion;
use guichet_core::case::{CaseCommand, Command};
use guichet_core::id::{CaseId, CommandId};
use guichet_server::{Access, Limits, Role, Secret, Server, Settings, Token};
use guichet_sled::{Options, SledLog};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Commands of one case.
const CASE_COMMANDS: u64 = 20;
/// How many clients send commands beside those who watch.
const APPENDING: usize = 8;
/// How often the page of one who watches reads the overview anew.
const READS_EVERY: Duration = Duration::from_secs(2);
/// How many commands a second come where those who watch are not to be in anybody's way: five times as many as a centre of a
/// hundred windows has in its busiest hour.
const CALM_A_SECOND: u32 = 100;

struct Bench {
    rounds: usize,
    length: Duration,
    dir: PathBuf,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::read();
    if !arguments.measures() {
        return Ok(());
    }
    let bench = Bench {
        rounds: arguments.number("--rounds", 3)?,
        length: Duration::from_secs(arguments.number("--seconds", 3)?),
        dir: arguments
            .value("--dir")
            .map_or_else(std::env::temp_dir, PathBuf::from),
    };
    let open = arguments.number("--open", 10_000)?;
    let viewers = arguments.number("--viewers", 100)?;
    let wants = |part| arguments.value("--only").is_none_or(|only| only == part);
    if wants("commands") {
        bench.commands()?;
    }
    if wants("reads") {
        bench.reads(open)?;
    }
    if wants("viewers") {
        bench.viewers(open, viewers)?;
    }
    Ok(())
}

impl Bench {
    /// One round over an empty centre of its own.
    fn round<F>(&self, work: impl FnOnce(Centre) -> F) -> Result<Round, Failure>
    where
        F: Future<Output = Result<Round, Failure>>,
    {
        let dir = tempfile::Builder::new()
            .prefix("guichet-bench")
            .tempdir_in(&self.dir)?;
        Runtime::new()?.block_on(async { work(Centre::open(dir.path()).await?).await })
    }

    fn commands(&self) -> Result<(), Failure> {
        println!(
            "commands   clients  embedded/s  HTTP/s   ratio   p50 ms embedded HTTP   p99 ms embedded HTTP   µs embedded HTTP"
        );
        for clients in [1, 8, 64] {
            let mut rounds = [const { Vec::new() }; 2];
            for _ in 0..self.rounds {
                rounds[0].push(self.round(|centre| embedded(centre, clients, self.length))?);
                rounds[1].push(self.round(|centre| over_http(centre, clients, self.length))?);
            }
            let [embedded, http] = rounds.map(median);
            println!(
                "           {clients:>7}  {:<10.0}  {:<7.0}  {:<6.2}  {:>15.2} {:>4.2}   {:>15.2} {:>4.2}   {:>11.1} {:>4.1}",
                embedded.rate,
                http.rate,
                http.rate / embedded.rate,
                embedded.p50,
                http.p50,
                embedded.p99,
                http.p99,
                embedded.cpu,
                http.cpu
            );
        }
        Ok(())
    }

    fn reads(&self, open: u64) -> Result<(), Failure> {
        println!("overview   clients  reads/s   p50 ms   p99 ms   µs   with {open} open cases");
        for (moves, says) in [(false, "nothing moves"), (true, "100 commands/s")] {
            for clients in [1, 8, 64] {
                let mut rounds = Vec::new();
                for _ in 0..self.rounds {
                    rounds.push(self.round(|centre| reading(centre, clients, open, moves, self.length))?);
                }
                let Round { rate, p50, p99, cpu } = median(rounds);
                println!("           {clients:>7}  {rate:<8.0}  {p50:<7.2}  {p99:<7.2}  {cpu:<5.0}  {says}");
            }
        }
        Ok(())
    }

    fn viewers(&self, open: u64, viewers: usize) -> Result<(), Failure> {
        println!("watched by  commands/s   p50 ms   p99 ms   µs   with {open} open cases");
        for (calm, says) in [(false, "as fast as 8 clients can"), (true, "100 commands/s")] {
            let mut rounds = [const { Vec::new() }; 2];
            for _ in 0..self.rounds {
                for (number, viewers) in [0, viewers].into_iter().enumerate() {
                    rounds[number]
                        .push(self.round(|centre| watched(centre, viewers, open, calm, self.length))?);
                }
            }
            let rounds = rounds.map(median);
            for (viewers, Round { rate, p50, p99, cpu }) in [0, viewers].into_iter().zip(rounds) {
                println!("{viewers:>10}  {rate:<10.0}   {p50:<6.2}   {p99:<6.2}   {cpu:<5.0}  {says}");
            }
            println!(
                "            {:.2} of the commands, {:.2} times the p50",
                rounds[1].rate / rounds[0].rate,
                rounds[1].p50 / rounds[0].p50
            );
        }
        match resident_mb() {
            Some((now, most)) => {
                println!("memory      {now} MB resident at the end, {most} MB at most, clients included");
            }
            None => println!("memory      this system does not tell it"),
        }
        Ok(())
    }
}

/// The demo's centre over a log on disk, with a server before it and somebody who acts.
struct Centre {
    engine: Guichet,
    server: Server,
    clerk: String,
    head: String,
    supervisor: String,
}

impl Centre {
    async fn open(dir: &Path) -> Result<Self, Failure> {
        let log = Arc::new(SledLog::open(dir, Options::default())?);
        let engine = Guichet::start(log, Config::default().time(Arc::new(Standing))).await?;
        let shipped = catalogue::embedded("harbin-2010").map_err(|error| error.to_string())?;
        engine
            .publish_catalogue(&shipped.catalogue, &testkit::director())
            .await?;
        let access = Access::open(dir)?;
        let token = |role: Role| {
            let secret = Secret::new()?;
            access.add(Token {
                label: role.to_string(),
                role,
                person: match role {
                    Role::Clerk => Some(testkit::clerk().person),
                    Role::DepartmentHead => Some(approver()?.person),
                    Role::Public | Role::Dashboard | Role::Handler | Role::Supervisor => None,
                },
                window: testkit::clerk().window.filter(|_| role == Role::Clerk),
                until: None,
                sha256: secret.sha256(),
            })?;
            Ok::<_, Failure>(secret.text().to_owned())
        };
        let [clerk, head, supervisor] = [
            token(Role::Clerk)?,
            token(Role::DepartmentHead)?,
            token(Role::Supervisor)?,
        ];
        let unlimited = Limits {
            asks_a_second: NonZeroU32::MAX,
            guesses_a_minute: NonZeroU32::MAX,
        };
        let settings = Settings {
            limits: unlimited,
            ..Settings::of(dir.to_owned())
        };
        let server = Server::start(engine.clone(), settings).await?;
        Ok(Self {
            engine,
            server,
            clerk,
            head,
            supervisor,
        })
    }

    /// Cases that are handed in and accepted, and nothing more.
    async fn fill(&self, open: u64) -> Result<(), Failure> {
        let mut tasks = JoinSet::new();
        for client in 0..APPENDING {
            let engine = self.engine.clone();
            tasks.spawn(async move {
                for case in 0..open / APPENDING as u64 {
                    for number in 0..2 {
                        let command = command("open", client, case * CASE_COMMANDS + number)?;
                        engine.handle(command).await?.accepted()?;
                    }
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(task) = tasks.join_next().await {
            task??;
        }
        let mut connection = Connection::open(self.server.address()).await?;
        loop {
            let at = connection.get("/api/v1/overview", &self.supervisor).await?;
            let at: serde_json::Value = serde_json::from_slice(&at)?;
            if at["at"].as_u64() == Some(self.engine.head().0) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn close(self) -> Result<(), Failure> {
        self.server.stop().await;
        Ok(self.engine.close().await?)
    }
}

/// A connection that is held.
struct Connection(SendRequest<Body>);

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    async fn several(address: SocketAddr, many: usize) -> Result<Arc<Vec<Mutex<Self>>>, Failure> {
        let mut several = Vec::new();
        for _ in 0..many {
            several.push(Mutex::new(Self::open(address).await?));
        }
        Ok(Arc::new(several))
    }

    async fn ask(&mut self, request: Request<Body>) -> Result<Vec<u8>, Failure> {
        self.0.ready().await?;
        let answer = self.0.send_request(request).await?;
        let status = answer.status();
        let body = to_bytes(Body::new(answer.into_body()), usize::MAX).await?;
        if status.is_success() {
            Ok(body.into())
        } else {
            Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
        }
    }

    async fn get(&mut self, path: &str, token: &str) -> Result<Vec<u8>, Failure> {
        self.ask(asking(path, token).body(Body::empty())?).await
    }

    /// As a browser asks: it takes what is compressed.
    async fn read(&mut self, path: &str, token: &str) -> Result<usize, Failure> {
        let request = asking(path, token).header(ACCEPT_ENCODING, "gzip");
        Ok(self.ask(request.body(Body::empty())?).await?.len())
    }

    async fn post(&mut self, command: &Command, token: &str) -> Result<(), Failure> {
        let request = asking("/api/v1/commands", token)
            .method("POST")
            .header(CONTENT_TYPE, "application/json");
        self.ask(request.body(serde_json::to_vec(command)?.into())?)
            .await?;
        Ok(())
    }
}

fn asking(path: &str, token: &str) -> hyper::http::request::Builder {
    Request::builder()
        .uri(path)
        .header(HOST, "centre")
        .header(AUTHORIZATION, format!("Bearer {token}"))
}

/// The next command of a client, as its clerk or as who decides.
fn command(name: &str, client: usize, number: u64) -> Result<Command, Failure> {
    let step = "decide".parse()?;
    let (actor, ask) = match number % CASE_COMMANDS {
        0 => {
            let ask = CaseCommand::Submit {
                procedure: "seal-filing".parse()?,
                applicant: "p-1".parse()?,
                channel: None,
                facts: [("agent".to_owned(), false.into())].into(),
                materials: ["business-licence", "applicant-id", "seal-samples"]
                    .into_iter()
                    .map(str::parse)
                    .collect::<Result<_, _>>()?,
                resubmits: None,
            };
            (testkit::clerk(), ask)
        }
        1 => (testkit::clerk(), CaseCommand::Accept { gaps_due_on: None }),
        2 => {
            let (step, opinion, reasons) = ("intake".parse()?, Opinion::Agree, None);
            let ask = CaseCommand::GiveOpinion {
                step,
                opinion,
                reasons,
            };
            (testkit::clerk(), ask)
        }
        odd if !odd.is_multiple_of(2) => (approver()?, CaseCommand::Claim { step }),
        _ => {
            let reason = "called to the window".to_owned();
            (approver()?, CaseCommand::Release { step, reason })
        }
    };
    Ok(Command::new(
        CommandId::new(&format!("{name}-{client}-{number}"))?,
        CaseId::new(&format!("{name}-{client}-{}", number / CASE_COMMANDS))?,
        actor,
        ask,
    ))
}

/// The head of the department whose window the clerk sits at.
fn approver() -> Result<Actor, Failure> {
    Ok(Actor::new("s08".parse()?, Acts::Approver))
}

async fn embedded(centre: Centre, clients: usize, length: Duration) -> Result<Round, Failure> {
    let round = append(&centre, clients, length).await?;
    centre.close().await?;
    Ok(round)
}

/// The commands of some clients in the process.
async fn append(centre: &Centre, clients: usize, length: Duration) -> Result<Round, Failure> {
    let engine = centre.engine.clone();
    run(clients, length, move |client, number| {
        let engine = engine.clone();
        async move {
            engine.handle(command("c", client, number)?).await?.accepted()?;
            Ok(())
        }
    })
    .await
}

async fn over_http(centre: Centre, clients: usize, length: Duration) -> Result<Round, Failure> {
    let connections = Connection::several(centre.server.address(), clients).await?;
    let tokens = Arc::new([centre.clerk.clone(), centre.head.clone()]);
    let round = run(clients, length, move |client, number| {
        let (connections, tokens) = (Arc::clone(&connections), Arc::clone(&tokens));
        async move {
            let token = &tokens[usize::from(number % CASE_COMMANDS > 2)];
            let mut connection = connections[client].lock().await;
            connection.post(&command("c", client, number)?, token).await
        }
    })
    .await?;
    centre.close().await?;
    Ok(round)
}

async fn reading(
    centre: Centre,
    clients: usize,
    open: u64,
    moves: bool,
    length: Duration,
) -> Result<Round, Failure> {
    centre.fill(open).await?;
    let connections = Connection::several(centre.server.address(), clients).await?;
    let token = centre.supervisor.clone();
    let over = Arc::new(AtomicBool::new(false));
    let moving = moves.then(|| tokio::spawn(calmly(centre.engine.clone(), Arc::clone(&over))));
    let round = run(clients, length, move |client, _| {
        let (connections, token) = (Arc::clone(&connections), token.clone());
        async move {
            let mut connection = connections[client].lock().await;
            connection.read("/api/v1/overview", &token).await?;
            Ok(())
        }
    })
    .await?;
    over.store(true, Ordering::Relaxed);
    if let Some(moving) = moving {
        moving.await??;
    }
    centre.close().await?;
    Ok(round)
}

/// So many commands a second and no more, until it is over; how long each took.
async fn calmly(engine: Guichet, over: Arc<AtomicBool>) -> Result<Vec<Duration>, Failure> {
    let mut tick = tokio::time::interval(Duration::from_secs(1) / CALM_A_SECOND);
    let mut took = Vec::new();
    while !over.load(Ordering::Relaxed) {
        tick.tick().await;
        let asked = Instant::now();
        engine
            .handle(command("calm", 0, took.len() as u64)?)
            .await?
            .accepted()?;
        took.push(asked.elapsed());
    }
    Ok(took)
}

/// Commands beside so many who watch.
async fn watched(
    centre: Centre,
    viewers: usize,
    open: u64,
    calm: bool,
    length: Duration,
) -> Result<Round, Failure> {
    centre.fill(open).await?;
    let over = Arc::new(AtomicBool::new(false));
    let messages = Arc::new(AtomicU64::new(0));
    let mut watching = JoinSet::new();
    for _ in 0..viewers {
        let (address, token) = (centre.server.address(), centre.supervisor.clone());
        watching.spawn(watch(address, token, Arc::clone(&messages)));
    }
    // All are there before it begins.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let round = if calm {
        let (began, worked) = (Instant::now(), processor_time());
        let moving = tokio::spawn(calmly(centre.engine.clone(), Arc::clone(&over)));
        tokio::time::sleep(length).await;
        over.store(true, Ordering::Relaxed);
        let mut took = moving.await??;
        let (taken, worked) = (began.elapsed(), processor_time() - worked);
        took.sort_unstable();
        let at = |hundredth: usize| took[(took.len() - 1) * hundredth / 100].as_secs_f64() * 1e3;
        Round {
            rate: took.len() as f64 / taken.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            cpu: worked / took.len() as f64,
        }
    } else {
        append(&centre, APPENDING, length).await?
    };
    while let Some(ended) = watching.try_join_next() {
        ended??;
    }
    watching.abort_all();
    if viewers > 0 && messages.load(Ordering::Relaxed) == 0 {
        return Err("nobody who watched was told anything".into());
    }
    centre.close().await?;
    Ok(round)
}

/// What the page of one who watches does: it follows the stream, and reads the overview anew where something moved.
async fn watch(address: SocketAddr, token: String, messages: Arc<AtomicU64>) -> Result<(), Failure> {
    let mut stream = Connection::open(address).await?;
    let mut pages = Connection::open(address).await?;
    stream.0.ready().await?;
    let request = asking("/api/v1/stream", &token).body(Body::empty())?;
    let answer = stream.0.send_request(request).await?;
    let mut body = std::pin::pin!(Body::new(answer.into_body()).into_data_stream());
    let mut read_at = Instant::now();
    while let Some(message) = std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        message?;
        messages.fetch_add(1, Ordering::Relaxed);
        if read_at.elapsed() >= READS_EVERY {
            read_at = Instant::now();
            pages.read("/api/v1/overview", &token).await?;
        }
    }
    Ok(())
}
