//! On which day a case is looked at, and what had happened to it by then.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::Args;
use guichet::core::case::event::ClockKind;
use guichet::core::case::state::Case;
use guichet::core::case::{CaseState, evolve};
use guichet::core::id::{BlockId, CaseId};
use guichet::core::light::{CaseLight, Light, case_light};
use guichet::core::reference::Directory;
use guichet::core::time::Date;
use guichet::{CaseView, Config, Guichet};
use guichet_log::codec::Event;
use guichet_log::projection::{Projection, Recorded};
use guichet_stats::Facts;
use serde::Serialize;

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

    /// Whether a record belongs to the story by then. A day that nobody asked for hides nothing.
    fn takes(self, recorded: &Recorded, directory: &Directory) -> bool {
        let as_of = self
            .as_of
            .map_or(guichet_stats::AsOf::Now, guichet_stats::AsOf::Effective);
        as_of.takes(recorded, directory)
    }

    /// The case as it stood then; none where nothing had happened to it.
    pub(super) fn view(self, view: CaseView, directory: &Directory) -> Option<CaseView> {
        let mut records = view.records;
        records.retain(|recorded| self.takes(recorded, directory));
        let revision = records.last()?.revision;
        let events = records.iter().filter_map(|recorded| match &recorded.event {
            Event::Case(event) => Some(event),
            Event::Reference(_) => None,
        });
        let state = events.fold(CaseState::Absent, evolve);
        Some(CaseView {
            case: view.case,
            state,
            revision,
            records,
        })
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
        if !self.as_of.takes(recorded, &self.directory) {
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

/// The light of a case on a day. None where no clock of it ever ran, or where its calendar does not reach far enough to
/// tell.
pub(super) fn light(directory: &Directory, case: &Case, day: Date) -> Option<CaseLight> {
    let procedure = directory.procedure(&case.procedure, case.version)?;
    let calendar = directory.calendars.get(&procedure.calendar)?;
    case_light(procedure, calendar, case, day).ok().flatten()
}

/// The light of a case as programs read it.
#[derive(Serialize)]
pub(super) struct Shown {
    pub(super) light: Option<Light>,
    pub(super) next_due_on: Option<Date>,
    pub(super) next_due_clock: Option<ClockKind>,
    pub(super) next_due_of: Option<BlockId>,
}

impl From<Option<CaseLight>> for Shown {
    fn from(light: Option<CaseLight>) -> Self {
        let (shows, next_due_on, clock) = light.map_or((None, None, None), |light| {
            (Some(light.light), light.due_on, light.clock)
        });
        let (kind, of) = clock.map_or((None, None), |clock| (Some(clock.kind), clock.of));
        Self {
            light: shows,
            next_due_on,
            next_due_clock: kind,
            next_due_of: of,
        }
    }
}
