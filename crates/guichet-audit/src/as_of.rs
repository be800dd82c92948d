//! Moments: as of when a log is looked at, on which of its axes, and what was known then.

use std::fmt;
use std::str::FromStr;

use guichet_core::case::event::ClockKind;
use guichet_core::case::state::Case;
use guichet_core::id::{BlockId, Position};
use guichet_core::light::{CaseLight, Light, case_light};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_core::zone::{LocalTime, Zone};
use guichet_log::history::CaseView;
use guichet_log::projection::Recorded;
use guichet_stats::AsOf;
use guichet_terminal::context::{Context, Lang};
use serde::Serialize;

use crate::timeline::local;

/// A moment as somebody names it.
///
/// ```
/// # use guichet_audit::as_of::Moment;
/// # use guichet_core::{id::Position, time::date};
/// assert_eq!("position:120".parse(), Ok(Moment::Position(Position(120))));
/// assert_eq!("2010-05-14".parse(), Ok(Moment::Day(date(2010, 5, 14))));
/// assert!("2010-05-14T10:00".parse::<Moment>().is_ok_and(|moment| matches!(moment, Moment::Wall(_))));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// The end of the log.
    #[default]
    Now,
    /// Before the record at this position.
    Position(Position),
    /// What the log had taken by this instant.
    Instant(Timestamp),
    /// What the log had taken when the centre's clock showed this.
    Wall(LocalTime),
    /// What had happened by the end of this day.
    Day(Date),
}

/// A text that names no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no moment: expected a day such as 2010-05-14 (what had happened by its end), an instant such as \
     2010-05-14T10:00+08:00 (what the log had taken by then; without a distance from UTC by the centre's clock), \
     position:N (what stands before that position), or now"
)]
pub struct NoMoment(String);

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || NoMoment(text.to_owned());
        if text == "now" {
            return Ok(Self::Now);
        }
        if let Some(position) = text.strip_prefix("position:") {
            return position
                .parse()
                .map(|at| Self::Position(Position(at)))
                .map_err(|_| no());
        }
        if let Some(day) = text.strip_prefix("effective:") {
            return day.parse().map(Self::Day).map_err(|_| no());
        }
        let recorded = text.strip_prefix("recorded:");
        if recorded.is_none()
            && let Ok(day) = text.parse()
        {
            return Ok(Self::Day(day));
        }
        let text = recorded.unwrap_or(text);
        text.parse()
            .map(Self::Instant)
            .ok()
            .or_else(|| with_seconds(text)?.parse().map(Self::Instant).ok())
            .or_else(|| wall(text).map(Self::Wall))
            .ok_or_else(no)
    }
}

/// An instant whose seconds were left out, with them.
fn with_seconds(text: &str) -> Option<String> {
    let (minutes, rest) = text.split_at_checked(16)?;
    rest.starts_with(['+', '-', 'Z'])
        .then(|| format!("{minutes}:00{rest}"))
}

/// `2010-05-14T10:00` or with seconds, as a wall shows it.
fn wall(text: &str) -> Option<LocalTime> {
    let (day, time) = text.split_at_checked(10)?;
    let day: Date = day.parse().ok()?;
    let time = time.strip_prefix(['T', ' '])?;
    let mut parts = time.split(':');
    let mut two_digits = |max: i64| {
        let part = parts.next()?;
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: i64 = is_number.then(|| part.parse().ok()).flatten()?;
        (number <= max).then_some(number)
    };
    let (hours, minutes) = (two_digits(23)?, two_digits(59)?);
    let seconds = if time.len() == 5 { 0 } else { two_digits(59)? };
    let is_all = parts.next().is_none();
    is_all.then(|| LocalTime::new(day, ((hours * 60 + minutes) * 60 + seconds) * 1_000_000))
}

impl Moment {
    /// How far the log is read, by the clock of the centre.
    #[must_use]
    pub fn as_of(self, zone: &Zone) -> AsOf {
        match self {
            Self::Now => AsOf::Now,
            Self::Position(position) => AsOf::Position(position),
            Self::Instant(at) => AsOf::Recorded(at),
            Self::Wall(local) => AsOf::Recorded(zone.instant(local)),
            Self::Day(day) => AsOf::Effective(day),
        }
    }
}

/// How far a log was read, as texts and documents name it. A tool that is given the name reads as far again.
///
/// ```
/// # use guichet_audit::as_of::Named;
/// # use guichet_core::id::Position;
/// # use guichet_stats::AsOf;
/// assert_eq!(Named(AsOf::Position(Position(120))).to_string(), "position:120");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named(pub AsOf);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            AsOf::Now => f.write_str("now"),
            AsOf::Position(position) => write!(f, "position:{position}"),
            AsOf::Recorded(at) => write!(f, "recorded:{at}"),
            AsOf::Effective(day) => write!(f, "effective:{day}"),
        }
    }
}

impl Serialize for Named {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How far a log was read, as people say it: by the centre's clock.
#[must_use]
pub fn said(as_of: AsOf, zone: &Zone, context: Context) -> String {
    match (as_of, context.lang) {
        (AsOf::Now, Lang::Zh) => "日志末尾".to_owned(),
        (AsOf::Now, Lang::En) => "the end of the log".to_owned(),
        (AsOf::Position(position), Lang::Zh) => format!("位置 {position} 之前"),
        (AsOf::Position(position), Lang::En) => format!("before position {position}"),
        (AsOf::Recorded(at), Lang::Zh) => format!("{} 系统当时所知", local(at, zone)),
        (AsOf::Recorded(at), Lang::En) => format!("{}, as the system then knew it", local(at, zone)),
        (AsOf::Effective(day), Lang::Zh) => format!("{day} 日终，按日志末尾所知"),
        (AsOf::Effective(day), Lang::En) => format!("the end of {day}, as it is known at the end of the log"),
    }
}

/// A case as it stood then; none where nothing had happened to it.
#[must_use]
pub fn view(mut view: CaseView, as_of: AsOf, directory: &Directory) -> Option<CaseView> {
    view.records.retain(|recorded| as_of.takes(recorded, directory));
    CaseView::of(view.case, view.records)
}

/// Everything that was known of a case at a moment.
#[derive(Clone, Debug)]
pub struct Known {
    /// As of when.
    pub as_of: AsOf,
    /// The instant that it was then: when the log took the last record that was known, unless the moment says otherwise.
    pub at: Timestamp,
    /// The day that it was then, by the clock of the centre: on it clocks are read.
    pub day: Date,
    /// The reference data of then.
    pub directory: Directory,
    /// The case; none where nothing had happened to it.
    pub view: Option<CaseView>,
}

impl Known {
    /// The records of the case that were known then.
    #[must_use]
    pub fn records(&self) -> &[Recorded] {
        self.view.as_ref().map_or(&[], |view| &view.records)
    }
}

/// The light of a case on a day. None where no clock of it ever ran, or where its calendar does not reach far enough to
/// tell.
#[must_use]
pub fn light(directory: &Directory, case: &Case, day: Date) -> Option<CaseLight> {
    let procedure = directory.procedure(&case.procedure, case.version)?;
    let calendar = directory.calendars.get(&procedure.calendar)?;
    case_light(procedure, calendar, case, day).ok().flatten()
}

/// The light of a case as programs read it.
#[derive(Clone, Debug, Serialize)]
pub struct Lit {
    /// The light.
    pub light: Option<Light>,
    /// The last day of the clock behind it.
    pub next_due_on: Option<Date>,
    /// The clock behind it.
    pub next_due_clock: Option<ClockKind>,
    /// Of what, where the case has several clocks of the kind.
    pub next_due_of: Option<BlockId>,
}

impl From<Option<CaseLight>> for Lit {
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

#[cfg(test)]
mod tests {
    use guichet_core::time::date;

    use super::*;

    #[test]
    fn a_moment_is_a_day_an_instant_a_wall_clock_a_position_or_now() {
        let day = date(2010, 5, 14);
        let ten = LocalTime::new(day, 10 * 3_600_000_000);
        let instant: Timestamp = "2010-05-14T02:00:00Z".parse().unwrap();
        for (text, moment) in [
            ("now", Moment::Now),
            ("position:0", Moment::Position(Position(0))),
            ("2010-05-14", Moment::Day(day)),
            ("effective:2010-05-14", Moment::Day(day)),
            ("2010-05-14T10:00:00+08:00", Moment::Instant(instant)),
            ("2010-05-14T10:00+08:00", Moment::Instant(instant)),
            ("recorded:2010-05-14T02:00Z", Moment::Instant(instant)),
            ("2010-05-14T10:00", Moment::Wall(ten)),
            ("2010-05-14 10:00:00", Moment::Wall(ten)),
        ] {
            assert_eq!(text.parse(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_named() {
        for text in [
            "",
            "soon",
            "position:",
            "position:-1",
            "effective:2010-05-14T10:00",
            "recorded:2010-05-14",
            "2010-05-14T",
            "2010-05-14T24:00",
            "2010-05-14T1:00",
            "2010-05-14T10:00:00:00",
            "2010-02-30",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(NoMoment(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_moment_that_was_printed_is_the_same_moment_when_it_is_read_again() {
        let zone: Zone = "+08:00".parse().unwrap();
        for text in ["now", "position:7", "2010-05-14", "2010-05-14T10:00"] {
            let as_of = text.parse::<Moment>().unwrap().as_of(&zone);
            let printed = Named(as_of).to_string();
            assert_eq!(
                printed.parse::<Moment>().unwrap().as_of(&zone),
                as_of,
                "{printed}"
            );
        }
    }
}
