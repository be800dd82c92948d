//! What kind of day a date is, for people who ask why it counts or does not.

use super::{Calendar, CalendarError, Holiday, LayerEffect, LayeredDay};
use crate::code::codes;
use crate::time::Date;

codes! {
    /// What a calendar makes of a day.
    DayKind("kind of day") {
        /// The centre works, as on any day of that name.
        Working = "working",
        /// The centre works on a day that would be off: a make-up day (调休), or one that a layer opened.
        MakeUp = "make_up",
        /// Off as every week.
        Weekend = "weekend",
        /// Off under a name.
        Holiday = "holiday",
        /// Off without a name of its own: closed by a layer, or by the calendar itself.
        Closure = "closure",
    }
}

impl DayKind {
    /// Whether the day counts as a working day.
    #[must_use]
    pub const fn works(self) -> bool {
        match self {
            Self::Working | Self::MakeUp => true,
            Self::Weekend | Self::Holiday | Self::Closure => false,
        }
    }
}

/// One day, and what made it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day<'a> {
    /// The day.
    pub date: Date,
    /// What the calendar makes of it.
    pub kind: DayKind,
    /// What is celebrated, on a working day too.
    pub holidays: &'a [Holiday],
    /// The layer that decided; nothing where the ground calendar did.
    pub layer: Option<&'a LayeredDay>,
    /// The layer that opens the centre although the day does not count.
    pub service: Option<&'a LayeredDay>,
    /// Whether nobody has officially announced the day yet.
    pub provisional: bool,
}

impl Calendar {
    /// What kind of day `date` is.
    ///
    /// # Errors
    ///
    /// [`CalendarError::Uncovered`] when the calendar does not know that day.
    ///
    /// ```
    /// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayKind, DayRange}, id::CalendarId, time::date};
    /// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
    /// let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("town-hall")?, covered);
    /// facts.working_weekend_dates.push(date(2010, 2, 20));
    /// let calendar = Calendar::new(facts)?;
    /// assert_eq!(calendar.day(date(2010, 2, 20))?.kind, DayKind::MakeUp);
    /// assert_eq!(calendar.day(date(2010, 2, 27))?.kind, DayKind::Weekend);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn day(&self, date: Date) -> Result<Day<'_>, CalendarError> {
        let works = self.is_working_day(date)?;
        let holidays = on(&self.facts.holidays, date, |holiday| holiday.date);
        let layered = on(&self.facts.layered, date, |layered| layered.date);
        let (service, layer) = (
            layered.iter().find(|day| day.effect == LayerEffect::Service),
            layered.iter().find(|day| day.effect != LayerEffect::Service),
        );
        let weekend = self.facts.weekend_iso_days.contains(&date.iso_weekday());
        let kind = match (works, layer) {
            (true, None) if !weekend => DayKind::Working,
            (true, _) => DayKind::MakeUp,
            (false, None) if !holidays.is_empty() => DayKind::Holiday,
            (false, None) if weekend => DayKind::Weekend,
            (false, Some(_) | None) => DayKind::Closure,
        };
        Ok(Day {
            date,
            kind,
            holidays,
            layer,
            service,
            provisional: self.is_provisional(date),
        })
    }
}

/// The entries of a sorted list that stand for `date`.
fn on<T>(list: &[T], date: Date, date_of: impl Fn(&T) -> Date) -> &[T] {
    let start = list.partition_point(|entry| date_of(entry) < date);
    let end = list.partition_point(|entry| date_of(entry) <= date);
    list.get(start..end).unwrap_or_default()
}
