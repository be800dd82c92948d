//! What a host may set, and the system's time.

use std::path::PathBuf;
use std::sync::Arc;

use guichet_core::time::{TimeSource, Timestamp};

use crate::writer::GROUP_COMMANDS_MAX;

/// The settings of an engine; each has a default that suits a centre of ordinary size.
///
/// ```
/// # use guichet::Config;
/// let config = Config::default().queue_commands_max(1_000).hot_cases_max(100_000);
/// ```
#[derive(Clone)]
pub struct Config {
    pub(crate) time: Arc<dyn TimeSource>,
    pub(crate) queue_commands_max: usize,
    pub(crate) hot_cases_max: usize,
    pub(crate) command_salt: Option<u64>,
    pub(crate) statistics_dir: Option<PathBuf>,
    pub(crate) statistics_every: Option<u64>,
}

/// The most commands that may wait for the writer unless a host sets it: some groups' worth. A full queue answers
/// `Busy`; it never grows.
const QUEUE_COMMANDS_MAX: usize = 4_096;
/// The most cases that the writer keeps folded unless a host sets it: a few kilobytes each.
const HOT_CASES_MAX: usize = 20_000;

/// The fewest: two groups, one being made durable and one being decided, hold up to twice this many commands over four.
const HOT_CASES_MIN: usize = 16 * GROUP_COMMANDS_MAX;

impl Default for Config {
    fn default() -> Self {
        Self {
            time: Arc::new(SystemTime),
            queue_commands_max: QUEUE_COMMANDS_MAX,
            hot_cases_max: HOT_CASES_MAX,
            command_salt: None,
            statistics_dir: None,
            statistics_every: None,
        }
    }
}

impl Config {
    /// Another source of time: a hand-turned one in tests and simulations.
    #[must_use]
    pub fn time(mut self, time: Arc<dyn TimeSource>) -> Self {
        self.time = time;
        self
    }

    /// How many commands may wait for the writer, at least one.
    #[must_use]
    pub fn queue_commands_max(mut self, commands: usize) -> Self {
        self.queue_commands_max = commands.max(1);
        self
    }

    /// How many cases the writer keeps folded, at least 16,384: a case must not be let go while a group with records of
    /// it is still being made durable.
    #[must_use]
    pub fn hot_cases_max(mut self, cases: usize) -> Self {
        self.hot_cases_max = cases.max(HOT_CASES_MIN);
        self
    }

    /// What makes the command ids that the engine mints itself differ from those of every other run; by chance unless a
    /// host sets it. For simulations that must write the same log twice; never open a log with a salt it has seen.
    #[must_use]
    pub fn command_salt(mut self, salt: u64) -> Self {
        self.command_salt = Some(salt);
        self
    }

    /// A folder in which the statistics are kept over a restart; what is in it may be thrown away at any time. An engine that
    /// is opened on a folder keeps them in there, under `statistics`; one that is started over a log keeps none unless a host
    /// says where.
    #[must_use]
    pub fn keep_statistics_in(mut self, dir: impl Into<PathBuf>) -> Self {
        self.statistics_dir = Some(dir.into());
        self
    }

    /// How many records must be new before the statistics are kept again, at least one; a log with fewer has none kept.
    /// Unless a host says so, 100,000 or a sixteenth of the log, whichever is more.
    #[must_use]
    pub fn keep_statistics_every(mut self, records: u64) -> Self {
        self.statistics_every = Some(records.max(1));
        self
    }
}

/// The time of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTime;

impl TimeSource for SystemTime {
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A machine whose clock stands before 1970 has no usable time; the log never goes back anyway.
        let micros = since_epoch.map_or(0, |elapsed| elapsed.as_micros());
        Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}
