//! A log to look into: its end, its records, and what was known of a case at a moment. Nothing here writes.

pub mod archive;
pub mod database;
pub mod port;

use std::collections::BTreeSet;

use guichet_core::id::{CaseId, Position, StreamId};
use guichet_core::reference::{Directory, REFERENCE_STREAMS};
use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::{LocalTime, Zone};
use guichet_log::codec::Event;
use guichet_log::history::CaseView;
use guichet_log::projection::Recorded;
use guichet_stats::AsOf;
use guichet_terminal::context::{Context, Failure, Lang};

use crate::as_of::{Known, Moment, said};
use crate::timeline::local;

/// The records of a log, one after another; a record that cannot be read is told, and ends them.
pub type Records<'s> = Box<dyn Iterator<Item = Result<Recorded, Failure>> + 's>;

/// A log to look into.
pub trait Source {
    /// One past the last position.
    fn end(&self) -> Position;

    /// The records from a position on, in the order of the log.
    fn records(&self, from: Position) -> Records<'_>;

    /// All records of some streams, in the order of the log. A log that knows where they are need not be read whole.
    ///
    /// # Errors
    ///
    /// [`Failure`] when a record cannot be read.
    fn streams(&self, streams: &BTreeSet<StreamId>) -> Result<Vec<Recorded>, Failure> {
        let wanted = |recorded: &Result<Recorded, Failure>| match recorded {
            Ok(recorded) => streams.contains(&recorded.stream),
            Err(_) => true,
        };
        self.records(Position::START).filter(wanted).collect()
    }

    /// The root of the log at a position, where the log keeps the hashes that tell it.
    fn root(&self, _position: Position) -> Option<String> {
        None
    }

    /// When the log took the last record before a position; none where there is no record.
    ///
    /// # Errors
    ///
    /// [`Failure`] when that record cannot be read.
    fn taken_before(&self, position: Position) -> Result<Option<Timestamp>, Failure> {
        let Some(last) = position.min(self.end()).0.checked_sub(1) else {
            return Ok(None);
        };
        let last = self.records(Position(last)).next().transpose()?;
        Ok(last.map(|recorded| recorded.recorded_at))
    }
}

/// Records in memory, for tests and for logs that were read before.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    records: Vec<Recorded>,
}

impl Memory {
    /// A log of these records, which stand at the positions from 0 on.
    #[must_use]
    pub const fn new(records: Vec<Recorded>) -> Self {
        Self { records }
    }
}

impl Source for Memory {
    fn end(&self) -> Position {
        Position(u64::try_from(self.records.len()).unwrap_or(u64::MAX))
    }

    fn records(&self, from: Position) -> Records<'_> {
        let from = usize::try_from(from.0).unwrap_or(usize::MAX);
        Box::new(self.records.iter().skip(from).cloned().map(Ok))
    }
}

/// A case in a log, with the reference data by which it is read: from here, what was known at any moment.
pub struct Seen<'s> {
    source: &'s dyn Source,
    case: CaseId,
    reference: Vec<Recorded>,
    records: Vec<Recorded>,
    /// The reference data of the end of the log: they say where the centre's clock stands.
    newest: Directory,
}

impl<'s> Seen<'s> {
    /// Reads a case and the reference data.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the log has no such case, or cannot be read.
    pub fn read(source: &'s dyn Source, case: &CaseId) -> Result<Self, Failure> {
        let of_case = StreamId::of_case(case);
        let mut streams: BTreeSet<StreamId> = REFERENCE_STREAMS
            .iter()
            .filter_map(|name| StreamId::new(name).ok())
            .collect();
        streams.insert(of_case.clone());
        let (records, reference): (Vec<_>, Vec<_>) = source
            .streams(&streams)?
            .into_iter()
            .partition(|recorded| recorded.stream == of_case);
        if records.is_empty() {
            return Err(
                Failure::usage("no_such_case", format!("there is no case {case} in this log"))
                    .help("look at the case's number: it is written as the engine gives it")
                    .zh(
                        format!("此日志中没有办件 {case}"),
                        Some("请检查办件编号，应与引擎给出的写法一致"),
                    ),
            );
        }
        let newest = directory(&reference, AsOf::Now);
        Ok(Self {
            source,
            case: case.clone(),
            reference,
            records,
            newest,
        })
    }

    /// The case.
    #[must_use]
    pub const fn case(&self) -> &CaseId {
        &self.case
    }

    /// The reference data that the log holds, in its order.
    #[must_use]
    pub fn reference(&self) -> &[Recorded] {
        &self.reference
    }

    /// What was known at a moment.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the log cannot be read.
    pub fn known(&self, moment: Moment) -> Result<Known, Failure> {
        let zone = self.newest.zone();
        let as_of = moment.as_of(zone);
        let directory = directory(&self.reference, as_of);
        let (at, day) = match as_of {
            AsOf::Now => self.before(self.source.end())?,
            AsOf::Position(position) => self.before(position)?,
            AsOf::Recorded(at) => (at, zone.date(at)),
            AsOf::Effective(day) => (zone.instant(LocalTime::midnight(day.plus_days(1))), day),
        };
        let taken = self
            .records
            .iter()
            .filter(|recorded| as_of.takes(recorded, &self.newest));
        let view = CaseView::of(self.case.clone(), taken.cloned().collect());
        Ok(Known {
            as_of,
            at,
            day,
            directory,
            view,
        })
    }

    /// The same, of a case to which something had happened by then.
    ///
    /// # Errors
    ///
    /// [`Failure`] when nothing had, or the log cannot be read.
    pub fn stood(&self, moment: Moment) -> Result<(Known, CaseView), Failure> {
        let mut known = self.known(moment)?;
        match known.view.take() {
            Some(view) => Ok((known, view)),
            None => Err(self.not_yet(known.as_of)),
        }
    }

    /// When the last record before a position was taken, and on which day.
    fn before(&self, position: Position) -> Result<(Timestamp, Date), Failure> {
        let first = || self.records.first().map(|first| first.recorded_at);
        let taken = self
            .source
            .taken_before(position)?
            .or_else(first)
            .unwrap_or_default();
        Ok((taken, self.newest.zone().date(taken)))
    }

    fn not_yet(&self, as_of: AsOf) -> Failure {
        let (case, zone) = (&self.case, self.newest.zone());
        let said = |lang| {
            said(
                as_of,
                zone,
                Context {
                    lang,
                    ..Context::default()
                },
            )
        };
        let (en, zh) = (said(Lang::En), said(Lang::Zh));
        let failure = Failure::usage("not_yet", format!("nothing had happened to case {case}: {en}"));
        let Some(first) = self.records.first() else {
            return failure;
        };
        let (position, at, day) = (
            first.position,
            local(first.recorded_at, zone),
            zone.date(first.occurred_at),
        );
        failure
            .help(format!(
                "its first record is of {day}; the log took it at {at}, at position {position}: ask about a later moment"
            ))
            .zh(
                format!("办件 {case} 尚无记录：{zh}"),
                Some(&format!(
                    "其首条记录的日期为 {day}，于 {at} 记入日志，位置 {position}；请指定更晚的时点"
                )),
            )
    }
}

/// Where the centre's clock stands, as far as a moment needs it.
///
/// # Errors
///
/// [`Failure`] when the log cannot be read.
pub fn zone(source: &dyn Source, moment: Moment) -> Result<Zone, Failure> {
    if !matches!(moment, Moment::Wall(_)) {
        return Ok(Zone::UTC);
    }
    let streams = REFERENCE_STREAMS
        .iter()
        .filter_map(|name| StreamId::new(name).ok())
        .collect();
    Ok(directory(&source.streams(&streams)?, AsOf::Now).zone().clone())
}

/// What the reference data were.
fn directory(reference: &[Recorded], as_of: AsOf) -> Directory {
    let mut directory = Directory::default();
    // On which day something happened to a case is asked of no reference data.
    let nobody = Directory::default();
    for recorded in reference.iter().filter(|recorded| as_of.takes(recorded, &nobody)) {
        if let Event::Reference(event) = &recorded.event {
            directory.apply(event);
        }
    }
    directory
}
