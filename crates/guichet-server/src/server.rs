//! The server: what it is given, and what every request finds.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use guichet::{ArchiveWatch, EngineError, Guichet, LiveStatistics};
use guichet_audit::findings::Rules;
use guichet_core::procedure::Names;
use guichet_stats::{AsOf, Statistics};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};

use crate::access::{Access, AccessError, Role};
use crate::answers::Answers;
use crate::api::figures::Gathered;
use crate::guard::{Guard, Limits};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::public::{Key, Numbers};
use crate::refusals::Refusals;
use crate::scope::Caller;

/// How many statistics of past moments are kept.
const PAST_MAX: usize = 8;

/// What is shown beside a log that nobody lives in.
#[derive(Clone, Debug, Serialize)]
pub struct Showing {
    /// The seed of the demo.
    pub seed: u64,
    /// How many minutes a working day takes.
    pub minutes_a_day: f64,
    /// What to know of it.
    pub says: Names,
}

/// How a server is set up.
pub struct Settings {
    /// The folder with the tokens and the key of public numbers.
    pub dir: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// What may be asked without a token, where it listens on loopback alone.
    pub visitors: Role,
    /// What to say where the log is a demo's.
    pub showing: Option<Showing>,
    /// How far the archive is, where one is written.
    pub archive: Option<ArchiveWatch>,
    /// By which rules findings are told.
    pub rules: Arc<Rules>,
    /// The proxies whose word is taken for where a request comes from (`X-Forwarded-For`) and whether it came by HTTPS
    /// (`X-Forwarded-Proto`).
    pub proxies: Vec<IpAddr>,
    /// How often one address may ask.
    pub limits: Limits,
}

impl Settings {
    /// A server over a folder as it is where nobody says more: on this machine alone, at any free port, and visitors see
    /// what is public.
    #[must_use]
    pub fn of(dir: PathBuf) -> Self {
        Self {
            dir,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            visitors: Role::Public,
            showing: None,
            archive: None,
            rules: Arc::default(),
            proxies: Vec::new(),
            limits: Limits::default(),
        }
    }
}

/// A server that does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address is not to be had.
    #[error("cannot listen on {address}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The address can be reached from elsewhere, and nobody has a token.
    #[error("{address} can be reached from other machines, and there is no token that says who may ask")]
    NoTokens {
        /// The address.
        address: SocketAddr,
    },
    /// The address can be reached from elsewhere, itself or through a proxy, and whoever comes would see more than the public.
    #[error("{address} can be reached from other machines, where visitors may see no more than the public")]
    OpenDoor {
        /// The address.
        address: SocketAddr,
    },
    /// The tokens cannot be read.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The key of the public numbers cannot be read or made.
    #[error("the key of the public numbers in `{dir}` cannot be read or made")]
    Key {
        /// The folder.
        dir: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The statistics cannot be counted.
    #[error("the statistics cannot be counted")]
    Statistics(#[source] EngineError),
    /// No thread can be started.
    #[error("no thread can be started")]
    Thread(#[source] io::Error),
}

/// Everything that requests share.
pub(crate) struct Shared {
    pub(crate) live: Arc<Live>,
    pub(crate) statistics: LiveStatistics,
    pub(crate) past: Mutex<Past>,
    pub(crate) process: Mutex<Option<Gathered>>,
    pub(crate) access: Access,
    pub(crate) settings: Settings,
    pub(crate) guard: Guard,
    pub(crate) answers: Answers,
    pub(crate) metrics: Metrics,
    pub(crate) refusals: Refusals,
    pub(crate) began: Instant,
    pub(crate) ending: watch::Receiver<bool>,
}

impl Shared {
    /// Whose token somebody shows, if it is anybody's.
    pub(crate) fn caller_of(&self, shown: &str) -> Option<Caller> {
        let engine = self.live.engine();
        let token = self.access.find(shown, engine.today())?;
        Some(Caller {
            role: token.role,
            departments: token.departments(&engine.directory(), engine.today()),
            token: Some(token),
        })
    }

    /// Whoever comes without a token. What visitors of this machine may see is not for those who come through a proxy,
    /// named or not.
    pub(crate) fn visitor(&self, origin: &Origin) -> Caller {
        Caller {
            role: if origin.forwarded {
                Role::Public
            } else {
                self.settings.visitors
            },
            token: None,
            departments: std::collections::BTreeSet::default(),
        }
    }
}

/// Statistics of past moments, the last asked for last.
#[derive(Default)]
pub(crate) struct Past(VecDeque<(AsOf, Arc<Statistics>)>);

impl Past {
    pub(crate) fn get(&self, as_of: AsOf) -> Option<Arc<Statistics>> {
        // What had happened by a day may be entered later: only what is told by a place in the log stays as it was.
        let stays = matches!(as_of, AsOf::Position(_));
        let known = self.0.iter().find(|(known, _)| stays && *known == as_of);
        known.map(|(_, statistics)| Arc::clone(statistics))
    }

    pub(crate) fn keep(&mut self, as_of: AsOf, statistics: &Arc<Statistics>) {
        if !matches!(as_of, AsOf::Position(_)) {
            return;
        }
        if self.0.len() >= PAST_MAX {
            self.0.pop_front();
        }
        self.0.push_back((as_of, Arc::clone(statistics)));
    }
}

/// A server that listens, until it is stopped or dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    end: watch::Sender<bool>,
    serving: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Begins to listen, and answers from then on; what goes on is read meanwhile.
    ///
    /// # Errors
    ///
    /// [`ListenError`] when the address is not to be had or not to be opened, or what the server needs cannot be read.
    pub async fn start(engine: Guichet, settings: Settings) -> Result<Self, ListenError> {
        let access = Access::open(&settings.dir)?;
        check_door(&settings, &access)?;
        let key = open_key(&settings.dir)?;
        let address = settings.listen;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ListenError::Address { address, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| ListenError::Address { address, source })?;
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let statistics = engine
            .live_statistics(threads)
            .await
            .map_err(ListenError::Statistics)?;
        let (end, ending) = watch::channel(false);
        let guard = Guard::new(settings.limits);
        let rules = Arc::clone(&settings.rules);
        let live =
            Live::start(engine, rules, Numbers::new(key), ending.clone()).map_err(ListenError::Thread)?;
        let shared = Arc::new(Shared {
            live,
            statistics,
            past: Mutex::default(),
            process: Mutex::default(),
            access,
            refusals: Refusals::begin(&settings.dir),
            settings,
            guard,
            answers: Answers::default(),
            metrics: Metrics::new(),
            began: Instant::now(),
            ending: ending.clone(),
        });
        let router = crate::guard::router(&shared);
        let serving = tokio::spawn(crate::listen::serve(listener, router, ending));
        Ok(Self {
            address,
            shared,
            end,
            serving,
        })
    }

    /// Where it listens: the port too where any was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many tokens there are.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.shared.access.tokens().len()
    }

    /// Takes no more connections, tells those who follow that it ends, and waits for answers that are under way.
    pub async fn stop(self) {
        // Nobody listens any more where serving has ended by itself.
        let _ = self.end.send(true);
        let _ = self.serving.await;
    }
}

/// Loopback alone is open to whoever comes; what other machines reach wants tokens, and it shows visitors what is public, as
/// does loopback behind a proxy.
fn check_door(settings: &Settings, access: &Access) -> Result<(), ListenError> {
    let address = settings.listen;
    if address.ip().is_loopback() && settings.proxies.is_empty() {
        return Ok(());
    }
    if settings.visitors != Role::Public {
        return Err(ListenError::OpenDoor { address });
    }
    if access.tokens().is_empty() && !address.ip().is_loopback() {
        return Err(ListenError::NoTokens { address });
    }
    Ok(())
}

fn open_key(dir: &Path) -> Result<Key, ListenError> {
    Key::open(dir).map_err(|source| ListenError::Key {
        dir: dir.to_owned(),
        source,
    })
}
