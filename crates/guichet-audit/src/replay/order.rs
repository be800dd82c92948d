//! The order in which a log is replayed, and the tape: its records in that order.

use guichet_core::actor::Role;
use guichet_core::id::Position;
use guichet_core::time::Timestamp;
use guichet_log::projection::Recorded;
use guichet_terminal::context::Failure;

use crate::source::{Records, Source};

/// The most records that are put into another order than that of the log: all of them are held in memory, about a kilobyte
/// each.
pub const OCCURRED_RECORDS_MAX: u64 = 500_000;

/// The order in which records are replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As the log took them, by the time at which it did: what the centre knew.
    #[default]
    Recorded,
    /// As things happened, wherever they stand in the log: for histories that were imported in one go.
    Occurred,
}

impl Order {
    /// When a record was, on the axis of this order.
    #[must_use]
    pub const fn time(self, recorded: &Recorded) -> Timestamp {
        match self {
            Self::Recorded => recorded.recorded_at,
            Self::Occurred => recorded.occurred_at,
        }
    }
}

/// A log in the order in which it is replayed. A place on it counts from 0, as a position does; in the order of the log both
/// are the same.
pub trait Tape {
    /// In which order.
    fn order(&self) -> Order;

    /// One past the last place.
    fn end(&self) -> Position;

    /// The records from a place on.
    fn records(&self, from: Position) -> Records<'_>;
}

/// A log in its own order.
pub struct AsRecorded<'s>(pub &'s dyn Source);

impl Tape for AsRecorded<'_> {
    fn order(&self) -> Order {
        Order::Recorded
    }

    fn end(&self) -> Position {
        self.0.end()
    }

    fn records(&self, from: Position) -> Records<'_> {
        self.0.records(from)
    }
}

/// Whether most of what begins a log was imported: whoever recorded it then was not there when it happened.
///
/// # Errors
///
/// [`Failure`] when a record cannot be read.
pub fn is_imported(source: &dyn Source) -> Result<bool, Failure> {
    /// As many as tell a log that is handled here from one that was taken over.
    const SAMPLE_RECORDS: usize = 4096;
    let (mut imported, mut others) = (0_u64, 0_u64);
    for recorded in source.records(Position::START).take(SAMPLE_RECORDS) {
        let recorded = recorded?;
        if recorded.stream.case_name().is_some() {
            *(if recorded.actor.role == Role::Importer {
                &mut imported
            } else {
                &mut others
            }) += 1;
        }
    }
    Ok(imported > others)
}

/// Records in memory, in one of the orders.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    order: Order,
    records: Vec<Recorded>,
}

impl InMemory {
    /// These records, in the order in which they stand.
    #[must_use]
    pub const fn recorded(records: Vec<Recorded>) -> Self {
        Self {
            order: Order::Recorded,
            records,
        }
    }

    /// A whole log, as things happened in it.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read, or there are more than memory is meant to hold.
    pub fn occurred_in(source: &dyn Source) -> Result<Self, Failure> {
        let end = source.end().0;
        if end > OCCURRED_RECORDS_MAX {
            return Err(Failure::usage(
                "too_many_records",
                format!("the log has {end} records, and at most {OCCURRED_RECORDS_MAX} are put into the order in which things happened"),
            )
            .help("replay it in the order in which it was recorded: --order recorded")
            .zh(
                format!("日志有 {end} 条记录，最多只能把 {OCCURRED_RECORDS_MAX} 条按发生先后排列"),
                Some("请按记录先后回放：--order recorded"),
            ));
        }
        let records: Result<_, _> = source.records(Position::START).collect();
        Ok(Self::occurred(records?))
    }

    /// These records, as things happened: what the centre is made of first, then by the time at which it occurred, and at one
    /// instant by place in the log.
    #[must_use]
    pub fn occurred(mut records: Vec<Recorded>) -> Self {
        // An import publishes its reference data when it runs, long after the events that are read by them.
        records.sort_by_key(|recorded| {
            let case = recorded.stream.case_name().is_some();
            let at = if case {
                recorded.occurred_at
            } else {
                Timestamp::from_micros(i64::MIN)
            };
            (at, recorded.position)
        });
        Self {
            order: Order::Occurred,
            records,
        }
    }
}

impl Tape for InMemory {
    fn order(&self) -> Order {
        self.order
    }

    fn end(&self) -> Position {
        Position(u64::try_from(self.records.len()).unwrap_or(u64::MAX))
    }

    fn records(&self, from: Position) -> Records<'_> {
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        Box::new(self.records.iter().skip(from).cloned().map(Ok))
    }
}
