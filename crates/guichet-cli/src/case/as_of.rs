//! On which day a case is looked at, and what had happened to it by then.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use guichet::core::case::{CaseState, evolve};
use guichet::core::id::CaseId;
use guichet::core::reference::Directory;
use guichet::core::time::Date;
use guichet::{CaseView, Config, Guichet};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::Facts;

use crate::context::Failure;
use crate::data::ClockArg;
use crate::told::Told as _;

/// The day on which a case is looked at.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct AsOf {
    /// As it stood at the end of this day, by the centre's clock [default: today]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    #[command(flatten)]
    clock: ClockArg,
}

impl AsOf {
    /// The settings of the engine that knows which day is today.
    pub(super) fn config(self) -> Config {
        self.clock.config()
    }

    /// The day.
    pub(super) fn day(self, engine: &Guichet) -> Date {
        self.as_of.unwrap_or_else(|| engine.today())
    }

    /// How far the log is read. A day that nobody asked for hides nothing.
    fn axis(self) -> guichet_stats::AsOf {
        self.as_of
            .map_or(guichet_stats::AsOf::Now, guichet_stats::AsOf::Effective)
    }

    /// The case as it stood then; none where nothing had happened to it.
    pub(super) fn view(self, view: CaseView, directory: &Directory) -> Option<CaseView> {
        guichet_audit::as_of::view(view, self.axis(), directory)
    }

    /// All cases as they stood then.
    pub(super) async fn cases(self, engine: &Guichet) -> Result<Cases, Failure> {
        let cases = engine
            .project_into(Cases::new(self, engine.directory()))
            .await
            .told()?;
        Ok(cases)
    }
}

/// All cases, as rows and as what they are.
pub(super) struct Cases {
    as_of: AsOf,
    directory: Arc<Directory>,
    pub(super) facts: Facts,
    pub(super) states: BTreeMap<CaseId, CaseState>,
}

impl Cases {
    fn new(as_of: AsOf, directory: Arc<Directory>) -> Self {
        Self {
            as_of,
            directory,
            facts: Facts::default(),
            states: BTreeMap::new(),
        }
    }
}

impl Projection for Cases {
    type View = ();

    fn apply(&mut self, recorded: &Recorded) {
        if !self.as_of.axis().takes(recorded, &self.directory) {
            return;
        }
        self.facts.apply(recorded);
        if let (Event::Case(event), Some(case)) = (&recorded.event, recorded.stream.case()) {
            let state = self.states.entry(case).or_default();
            *state = evolve(std::mem::take(state), event);
        }
    }

    /// Rows and states are read where they lie.
    fn view(&self) {}
}
