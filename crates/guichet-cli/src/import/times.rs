//! Instants as logs write them: with a distance from UTC, or in the local time of a zone.

use guichet_core::time::Timestamp;
use guichet_stats::process::is_moment;
use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Disambiguation, Offset};

use super::mapping::{LocalTime, Mapping, Zone};
use super::source::{Reason, excerpt};

/// Reads instants, and counts those whose distance from UTC had to come from the mapping.
#[derive(Clone, Debug)]
pub(super) struct Times {
    zone: Option<Zone>,
    policy: LocalTime,
    format: Option<String>,
    pub(super) local: u64,
    pub(super) in_gap: u64,
    pub(super) in_fold: u64,
}

impl Times {
    pub(super) fn new(mapping: &Mapping, format: Option<String>) -> Self {
        Self {
            zone: mapping.time_zone.clone(),
            policy: mapping.local_time,
            format,
            local: 0,
            in_gap: 0,
            in_fold: 0,
        }
    }

    pub(super) fn read(&mut self, text: &str) -> Result<Timestamp, Reason> {
        let text = text.trim();
        let (civil, offset) = match self.format.as_deref() {
            Some(format) => by_format(format, text)?,
            None => by_standard(text)?,
        };
        let instant = match offset {
            Some(offset) => offset.to_timestamp(civil),
            None => return self.local(text, civil),
        };
        instant
            .map(|instant| Timestamp::from_micros(instant.as_microsecond()))
            .map_err(|_| Reason::NoInstant(excerpt(text)))
    }

    /// An instant as a fact about a case keeps it: as the source wrote it, and where nobody could read that without the
    /// mapping in RFC 3339, without a distance from UTC where the source says none.
    pub(super) fn kept(&self, text: &str) -> String {
        if self.format.is_none() && is_moment(text) {
            return text.to_owned();
        }
        let read = match self.format.as_deref() {
            Some(format) => by_format(format, text.trim()),
            None => by_standard(text.trim()),
        };
        let Ok((civil, offset)) = read else {
            return text.to_owned();
        };
        let offset = offset.map_or_else(String::new, |offset| {
            let sign = if offset.is_negative() { '-' } else { '+' };
            let minutes = offset.seconds().abs() / 60;
            format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        });
        format!("{civil}{offset}")
    }

    fn local(&mut self, text: &str, civil: DateTime) -> Result<Timestamp, Reason> {
        let Some(zone) = &self.zone else {
            return Err(Reason::NoOffset(excerpt(text)));
        };
        let possible = zone.zone().to_ambiguous_timestamp(civil);
        let changed = match possible.offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => Some("does not exist"),
            AmbiguousOffset::Fold { .. } => Some("exists twice"),
        };
        let how = match (changed, self.policy) {
            (Some(what), LocalTime::Refuse) => {
                return Err(Reason::LocalTime {
                    text: excerpt(text),
                    what,
                    zone: zone.name().to_owned(),
                });
            }
            (_, LocalTime::Compatible) | (None, LocalTime::Refuse) => Disambiguation::Compatible,
            (_, LocalTime::Earlier) => Disambiguation::Earlier,
            (_, LocalTime::Later) => Disambiguation::Later,
        };
        let fold = matches!(possible.offset(), AmbiguousOffset::Fold { .. });
        let instant = possible
            .disambiguate(how)
            .map_err(|_| Reason::NoInstant(excerpt(text)))?;
        self.local += 1;
        if fold {
            self.in_fold += 1;
        } else if changed.is_some() {
            self.in_gap += 1;
        }
        Ok(Timestamp::from_micros(instant.as_microsecond()))
    }
}

/// RFC 3339, and the looser forms that exports write: a blank instead of the `T`, slashes in the date, no seconds.
fn by_standard(text: &str) -> Result<(DateTime, Option<Offset>), Reason> {
    let wrong = || Reason::NoInstant(excerpt(text));
    let dashed;
    let written = if matches!(text.as_bytes(), [_, _, _, _, b'/', _, _, b'/', ..]) {
        dashed = text.replacen('/', "-", 2);
        &dashed
    } else {
        text
    };
    let pieces = Pieces::parse(written).map_err(|_| wrong())?;
    let time = pieces.time().ok_or_else(|| Reason::NoTimeOfDay(excerpt(text)))?;
    Ok((pieces.date().to_datetime(time), pieces.to_numeric_offset()))
}

fn by_format(format: &str, text: &str) -> Result<(DateTime, Option<Offset>), Reason> {
    let wrong = |_| Reason::NotOfFormat {
        text: excerpt(text),
        format: excerpt(format),
    };
    let parsed = BrokenDownTime::parse(format, text).map_err(wrong)?;
    let date = parsed.to_date().map_err(wrong)?;
    let civil = match parsed.hour() {
        Some(_) => date.to_datetime(parsed.to_time().map_err(wrong)?),
        None => date.to_datetime(jiff::civil::Time::midnight()),
    };
    Ok((civil, parsed.offset()))
}
