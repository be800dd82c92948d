//! The timekeeper: tells cases what time it is, so that what has lapsed is recorded, with the date on which it lapsed.
//!
//! Which case is due when is a projection over the log. A timekeeper that was down for a week writes the same events as
//! one that ran every night.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_core::case::event::CaseEvent;
use guichet_core::case::{CaseCommand, Command, next_lapse};
use guichet_core::id::{CaseId, CommandId, Position};
use guichet_core::reference::Directory;
use guichet_core::time::Date;

use crate::answer::Answer;
use crate::engine::Guichet;
use crate::error::EngineError;
use crate::staging::timekeeper;
use crate::view::read_case;

/// The most cases told the time before commands of others get their turn.
const TICK_CASES_MAX: usize = 64;

/// Watches which case is due when.
///
/// ```
/// use guichet::{Timekeeper, testkit};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let (engine, time) = testkit::centre().await;
/// let mut timekeeper = Timekeeper::new(engine.clone());
/// engine.submit(testkit::application()).await?.accepted()?;
/// time.turn_to("2010-03-02T02:00:00+08:00".parse()?);
/// // Once a night is enough; after a week of sleep, too.
/// assert_eq!(timekeeper.tick().await?.events, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Timekeeper {
    engine: Guichet,
    /// How far the log has been read.
    position: Position,
    /// By which rules and calendars the days were counted.
    rules: Option<Arc<Directory>>,
    /// The last day before something of a case lapses.
    due: BTreeSet<(Date, CaseId)>,
    /// Every open case, with that day if it has one: another calendar may give it another.
    open: BTreeMap<CaseId, Option<Date>>,
}

/// What one round of the timekeeper recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lapsed {
    /// What lapsed, by case.
    pub events: Vec<(CaseId, CaseEvent)>,
}

impl Timekeeper {
    /// A timekeeper that has read nothing yet.
    #[must_use]
    pub const fn new(engine: Guichet) -> Self {
        Self {
            engine,
            position: Position::START,
            rules: None,
            due: BTreeSet::new(),
            open: BTreeMap::new(),
        }
    }

    /// The day after which the next clock lapses, as far as the log has been read.
    #[must_use]
    pub fn next_due(&self) -> Option<Date> {
        self.due.first().map(|(day, _)| *day)
    }

    /// Reads what is new, and records everything that has lapsed before today.
    ///
    /// # Errors
    ///
    /// [`EngineError`]; what was recorded until then stands, and the next tick goes on.
    pub async fn tick(&mut self) -> Result<Lapsed, EngineError> {
        let mut lapsed = Lapsed::default();
        loop {
            self.catch_up().await?;
            let today = self.engine.today();
            let due: Vec<CaseId> = self
                .due
                .iter()
                .take_while(|(day, _)| *day < today)
                .map(|(_, case)| case.clone())
                .take(TICK_CASES_MAX)
                .collect();
            if due.is_empty() {
                return Ok(lapsed);
            }
            let mut commands = Vec::with_capacity(due.len());
            for case in &due {
                commands.push(self.note(case)?);
            }
            let answers = self.engine.handle_all(commands).await;
            for (case, answer) in due.into_iter().zip(answers) {
                match answer? {
                    // Nothing lapsed after all: the case is looked at again when it changes.
                    Answer::Accepted(accepted) if accepted.events.is_empty() => self.forget(&case),
                    Answer::Accepted(accepted) => {
                        lapsed
                            .events
                            .extend(accepted.events.into_iter().map(|event| (case.clone(), event)));
                    }
                    Answer::Rejected(_) => self.forget(&case),
                }
            }
        }
    }

    fn note(&self, case: &CaseId) -> Result<Command, EngineError> {
        let id: CommandId = self.engine.mint_command();
        Ok(Command::new(
            id,
            case.clone(),
            timekeeper()?,
            CaseCommand::NoteTime {},
        ))
    }

    /// Takes a case out of the index until it is looked at again.
    fn forget(&mut self, case: &CaseId) {
        if let Some(day) = self.open.get_mut(case).and_then(Option::take) {
            self.due.remove(&(day, case.clone()));
        }
    }

    /// Reads the log to its head, and looks again at every case that has changed.
    async fn catch_up(&mut self) -> Result<(), EngineError> {
        let head = self.engine.head();
        let directory = self.engine.directory();
        let mut changed = BTreeSet::new();
        if !self
            .rules
            .as_ref()
            .is_some_and(|rules| Arc::ptr_eq(rules, &directory))
        {
            // Calendars are not pinned: an amended one moves the days of every open case.
            changed.extend(self.open.keys().cloned());
        }
        let mut subscription = self.engine.subscribe(self.position);
        while subscription.position() < head {
            let records = subscription.available().await?;
            changed.extend(records.iter().filter_map(|recorded| recorded.stream.case()));
        }
        for case in changed {
            let hot = read_case(&**self.engine.log(), &case).await?;
            self.forget(&case);
            if !hot.state.case().is_some_and(|known| known.stage.is_open()) {
                self.open.remove(&case);
                continue;
            }
            let day = next_lapse(&directory, &hot.state);
            self.due.extend(day.map(|day| (day, case.clone())));
            self.open.insert(case, day);
        }
        self.position = subscription.position();
        self.rules = Some(directory);
        Ok(())
    }
}
