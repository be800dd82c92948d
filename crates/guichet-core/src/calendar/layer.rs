//! Layers: what a region or a centre changes about the calendar below it.
//!
//! A layer over a calendar gives an ordinary calendar, with the layer's own name and version. That is what is published, so
//! replaying a history needs neither the layer nor the calendar below.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::facts::first_version;
use super::{Calendar, DayRange, FactsError};
use crate::code::codes;
use crate::id::{CalendarId, Version};
use crate::procedure::Names;
use crate::time::Date;

codes! {
    /// What a layer makes of a day.
    LayerEffect("effect of a layer") {
        /// The day is off.
        Closed = "closed",
        /// The day is worked, and counts.
        MakeUp = "make_up",
        /// The centre is open (延时服务), and the day does not count: work done on it does not make it a working day.
        Service = "service",
    }
}

impl LayerEffect {
    /// Whether the day counts as a working day.
    #[must_use]
    pub const fn works(self) -> bool {
        match self {
            Self::MakeUp => true,
            Self::Closed | Self::Service => false,
        }
    }
}

/// A layer as its document states it.
///
/// ```
/// # use guichet_core::{calendar::{Calendar, CalendarFacts, DayKind, DayRange, Layer}, id::CalendarId, time::date};
/// # let covered = DayRange::new(date(2010, 1, 1), date(2010, 12, 31)).ok_or("backwards")?;
/// let base = Calendar::new(CalendarFacts::monday_to_friday(CalendarId::new("CN")?, covered))?;
/// let layer: Layer = serde_json::from_str(r#"{
///     "id": "town-hall", "title": "The town hall", "base": "CN", "source": "notice of 6 August",
///     "closed": [{"days": "2010-08-09 to 2010-08-10", "name": {"zh": "防汛", "en": "flood"}}]
/// }"#)?;
/// let calendar = Calendar::layered(&base, &layer)?;
/// let day = calendar.day(date(2010, 8, 9))?;
/// assert_eq!((day.kind, day.layer.map(|layer| layer.layer.as_str())), (DayKind::Closure, Some("town-hall")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The name of the calendar that it makes.
    pub id: CalendarId,
    /// The version of that calendar, from 1. It grows when the layer changes, and when the calendar below does.
    #[serde(default = "first_version")]
    pub version: Version,
    /// What people call it.
    pub title: String,
    /// When it was published.
    #[serde(default)]
    pub published_on: Option<Date>,
    /// The calendar below.
    pub base: CalendarId,
    /// The version of the calendar below, where it must be that one.
    #[serde(default)]
    pub base_version: Option<Version>,
    /// Where the changes come from.
    pub source: String,
    /// The days on which nobody works.
    #[serde(default)]
    pub closed: Vec<ClosedDays>,
    /// The days on which the centre is open.
    #[serde(default)]
    pub opened: Vec<OpenedDays>,
}

/// Days that a layer closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedDays {
    /// The days.
    pub days: DayRange,
    /// Why, or what is celebrated.
    pub name: Names,
}

/// Days that a layer opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedDays {
    /// The days.
    pub days: DayRange,
    /// Why.
    pub name: Names,
    /// Whether they count as working days. Days of service alone do not.
    pub counts: bool,
}

/// One of the lists of a layer's document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerList {
    /// `closed`.
    Closed,
    /// `opened`.
    Opened,
}

impl fmt::Display for LayerList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Opened => "opened",
        })
    }
}

/// An entry of a layer that cannot be, or that changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerFault {
    /// The list.
    pub list: LayerList,
    /// The entry's place in it, from 0.
    pub at: usize,
    /// Its days.
    pub days: DayRange,
    /// What is wrong with it.
    pub problem: LayerProblem,
}

/// What is wrong with an entry of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerProblem {
    /// A day outside the ones that the calendar below covers.
    OutsideCovered {
        /// What it covers.
        covered: DayRange,
    },
    /// A day that an earlier entry has, too.
    Twice {
        /// The day.
        date: Date,
    },
    /// All days are off anyway.
    AlreadyOff,
    /// All days are worked anyway.
    AlreadyWorking,
}

impl LayerProblem {
    /// Whether it keeps the layer from being used; else it only changes nothing.
    #[must_use]
    pub const fn forbids(self) -> bool {
        match self {
            Self::OutsideCovered { .. } | Self::Twice { .. } => true,
            Self::AlreadyOff | Self::AlreadyWorking => false,
        }
    }
}

impl fmt::Display for LayerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            list, days, problem, ..
        } = self;
        let days = Shown(*days);
        match problem {
            LayerProblem::OutsideCovered { covered } => {
                write!(
                    f,
                    "{list} has {days}, outside the {covered} that the calendar below covers"
                )
            }
            LayerProblem::Twice { date } => write!(f, "{list} has {date}, and an earlier entry has it, too"),
            LayerProblem::AlreadyOff => write!(f, "{list} has {days}, off anyway"),
            LayerProblem::AlreadyWorking => write!(f, "{list} has {days}, worked anyway"),
        }
    }
}

/// Days in a sentence: a single one by itself.
struct Shown(DayRange);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.first == self.0.last {
            return write!(f, "{}", self.0.first);
        }
        write!(f, "{}", self.0)
    }
}

/// A layer that cannot be laid over a calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayerError {
    /// It belongs over another calendar.
    #[error("layer {layer} belongs over calendar {expected}, and was laid over {found}")]
    WrongBase {
        /// The layer.
        layer: CalendarId,
        /// The calendar that it names.
        expected: CalendarId,
        /// The calendar that it was laid over.
        found: CalendarId,
    },
    /// It belongs over another version.
    #[error(
        "layer {layer} belongs over version {expected} of calendar {base}, and that is at version {found}; look the \
         layer through, and write the version that it fits"
    )]
    WrongBaseVersion {
        /// The layer.
        layer: CalendarId,
        /// The calendar below.
        base: CalendarId,
        /// The version that it names.
        expected: Version,
        /// The version that there is.
        found: Version,
    },
    /// It has the name of a calendar below it.
    #[error("layer {layer} has the name of a calendar below it; give it its own")]
    SameName {
        /// The layer.
        layer: CalendarId,
    },
    /// An entry that cannot be.
    #[error("layer {layer}: {fault}")]
    Fault {
        /// The layer.
        layer: CalendarId,
        /// The entry.
        fault: LayerFault,
    },
    /// What comes of it is no calendar.
    #[error(transparent)]
    Facts(#[from] FactsError),
}

/// A calendar that another one was laid over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerRef {
    /// The calendar.
    pub calendar: CalendarId,
    /// Its version.
    pub version: Version,
    /// Where its facts come from.
    pub source: String,
    /// When they were published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_on: Option<Date>,
}

/// A day that a layer decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayeredDay {
    /// The day.
    pub date: Date,
    /// What the layer made of it.
    pub effect: LayerEffect,
    /// Why.
    pub name: Names,
    /// The layer.
    pub layer: CalendarId,
}

/// An entry of either list.
#[derive(Clone, Copy)]
struct Entry<'a> {
    list: LayerList,
    at: usize,
    days: DayRange,
    name: &'a Names,
    effect: LayerEffect,
}

impl Layer {
    /// Every entry that cannot be, or that changes nothing, in the order of the document.
    #[must_use]
    pub fn faults(&self, base: &Calendar) -> Vec<LayerFault> {
        let mut seen = BTreeSet::new();
        let mut faults = Vec::new();
        for entry in self.entries() {
            if let Some(problem) = problem(&entry, base, &mut seen) {
                faults.push(LayerFault {
                    list: entry.list,
                    at: entry.at,
                    days: entry.days,
                    problem,
                });
            }
        }
        faults
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let closed = self.closed.iter().enumerate().map(|(at, closed)| Entry {
            list: LayerList::Closed,
            at,
            days: closed.days,
            name: &closed.name,
            effect: LayerEffect::Closed,
        });
        let opened = self.opened.iter().enumerate().map(|(at, opened)| Entry {
            list: LayerList::Opened,
            at,
            days: opened.days,
            name: &opened.name,
            effect: if opened.counts {
                LayerEffect::MakeUp
            } else {
                LayerEffect::Service
            },
        });
        closed.chain(opened)
    }

    fn fits(&self, base: &Calendar) -> Result<(), LayerError> {
        if *base.id() != self.base {
            return Err(LayerError::WrongBase {
                layer: self.id.clone(),
                expected: self.base.clone(),
                found: base.id().clone(),
            });
        }
        if let Some(expected) = self.base_version
            && expected != base.version()
        {
            return Err(LayerError::WrongBaseVersion {
                layer: self.id.clone(),
                base: self.base.clone(),
                expected,
                found: base.version(),
            });
        }
        let below = |layer: &LayerRef| layer.calendar == self.id;
        if *base.id() == self.id || base.facts().layers.iter().any(below) {
            return Err(LayerError::SameName {
                layer: self.id.clone(),
            });
        }
        match self
            .faults(base)
            .into_iter()
            .find(|fault| fault.problem.forbids())
        {
            Some(fault) => Err(LayerError::Fault {
                layer: self.id.clone(),
                fault,
            }),
            None => Ok(()),
        }
    }
}

fn problem(entry: &Entry<'_>, base: &Calendar, seen: &mut BTreeSet<Date>) -> Option<LayerProblem> {
    let covered = base.covered();
    if !covered.contains(entry.days.first) || !covered.contains(entry.days.last) {
        return Some(LayerProblem::OutsideCovered { covered });
    }
    // From here on the days are no more than a calendar may cover.
    let mut twice = None;
    let mut idle = true;
    for date in entry.days.days() {
        if !seen.insert(date) {
            twice = twice.or(Some(date));
        }
        idle &= base
            .day(date)
            .is_ok_and(|day| day.kind.works() == entry.effect.works_anyway() && day.service.is_none());
    }
    match (twice, entry.effect) {
        (Some(date), _) => Some(LayerProblem::Twice { date }),
        (None, LayerEffect::Closed) if idle => Some(LayerProblem::AlreadyOff),
        (None, LayerEffect::MakeUp | LayerEffect::Service) if idle => Some(LayerProblem::AlreadyWorking),
        (None, LayerEffect::Closed | LayerEffect::MakeUp | LayerEffect::Service) => None,
    }
}

impl LayerEffect {
    /// How a day is that needs this effect no more.
    const fn works_anyway(self) -> bool {
        match self {
            Self::Closed => false,
            Self::MakeUp | Self::Service => true,
        }
    }
}

impl Calendar {
    /// The calendar that a layer makes of the one below it. Entries that change nothing leave the day as it is.
    ///
    /// # Errors
    ///
    /// [`LayerError`] when the layer belongs over another calendar or version, or has an entry that cannot be.
    pub fn layered(base: &Self, layer: &Layer) -> Result<Self, LayerError> {
        layer.fits(base)?;
        let mut facts = base.facts().clone();
        facts.layers.push(LayerRef {
            calendar: base.id().clone(),
            version: base.version(),
            source: base.source().to_owned(),
            published_on: facts.published_on,
        });
        facts.id.clone_from(&layer.id);
        facts.version = layer.version;
        facts.title.clone_from(&layer.title);
        facts.published_on = layer.published_on;
        facts.source.clone_from(&layer.source);

        let mut working: BTreeSet<Date> = facts.working_weekend_dates.into_iter().collect();
        let mut off: BTreeSet<Date> = facts.non_working_weekdays_dates.into_iter().collect();
        let mut decided: BTreeMap<(Date, bool), LayeredDay> = facts
            .layered
            .into_iter()
            .map(|day| ((day.date, day.effect == LayerEffect::Service), day))
            .collect();
        for entry in layer.entries() {
            for date in entry.days.days() {
                let weekend = facts.weekend_iso_days.contains(&date.iso_weekday());
                let works = working.contains(&date) || (!weekend && !off.contains(&date));
                match entry.effect {
                    LayerEffect::Closed | LayerEffect::MakeUp => {
                        // A day that is closed, or worked, is no longer one of service alone.
                        decided.remove(&(date, true));
                        if works == entry.effect.works() {
                            continue;
                        }
                        match (weekend, entry.effect.works()) {
                            (true, true) => working.insert(date),
                            (true, false) => working.remove(&date),
                            (false, true) => off.remove(&date),
                            (false, false) => off.insert(date),
                        };
                    }
                    LayerEffect::Service if works => continue,
                    LayerEffect::Service => {}
                }
                decided.insert(
                    (date, entry.effect == LayerEffect::Service),
                    LayeredDay {
                        date,
                        effect: entry.effect,
                        name: entry.name.clone(),
                        layer: layer.id.clone(),
                    },
                );
            }
        }
        facts.working_weekend_dates = working.into_iter().collect();
        facts.non_working_weekdays_dates = off.into_iter().collect();
        facts.layered = decided.into_values().collect();
        Ok(Self::new(facts)?)
    }
}
