//! Merging: a notice and a calendar make the calendar's next version.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::calendar::{Calendar, CalendarFacts, DayKind, DayRange, Holiday};
use guichet_core::id::Version;
use guichet_core::time::Date;

use super::{Notice, NoticeDay, NoticeError};

/// What is wanted of a merge beside the notice itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The year; that of the notice when absent.
    pub year: Option<i16>,
    /// When the new version is published; when the notice was issued if absent.
    pub published_on: Option<Date>,
    /// Whether only the days that the notice names change. A notice that replaces its year says nothing of the others.
    pub amend: bool,
}

/// What came of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The next version of the calendar; the old one where nothing changed.
    pub calendar: Calendar,
    /// The year of the notice.
    pub year: i16,
    /// The days that the new version covers and the old one did not.
    pub added: Option<DayRange>,
    /// The days that are worked now and were not, or the other way round; of days that were not covered, those that
    /// differ from an ordinary week.
    pub changes: Vec<Change>,
    /// Whether anything is different, names included.
    pub changed: bool,
}

/// A day that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The day.
    pub date: Date,
    /// What it was; nothing where the old version did not cover it.
    pub before: Option<DayKind>,
    /// What it is.
    pub after: DayKind,
}

/// What a notice makes of one day.
#[derive(Debug)]
struct Ruled<'a> {
    day: &'a NoticeDay,
    names: Vec<&'a str>,
}

/// Merges a notice into a calendar.
///
/// The year of the notice is replaced, or, where the notice amends, only the days that it names. Its days lie in its year;
/// the holiday around New Year may begin in the December before.
///
/// # Errors
///
/// [`NoticeError`] with the line, when the notice contradicts itself or the calendar's weeks, belongs to another year, or
/// would leave a gap in what the calendar covers.
///
/// ```
/// # use guichet_catalogue::{calendars, notice::{self, Terms}};
/// # use guichet_core::time::date;
/// let china = calendars::shipped("CN").ok_or("not shipped")?.calendar()?;
/// let text = "document = 'an example'\nyear = 2026\namends = true\n[[holidays]]\n\
///     name = { zh = '演练', en = 'Drill' }\ndays_off = [2026-03-10]\n";
/// let merged = notice::merge(&china, &notice::read("drill.toml", text)?, Terms::default())?;
/// assert_eq!(merged.changes.len(), 1);
/// assert!(!merged.calendar.is_working_day(date(2026, 3, 10))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn merge(calendar: &Calendar, notice: &Notice, terms: Terms) -> Result<Merged, NoticeError> {
    if !calendar.facts().layers.is_empty() {
        return Err(notice.refuse_all(format!(
            "calendar {} is a layer over {}; merge the notice into that one, and the layer follows",
            calendar.id(),
            calendar
                .facts()
                .layers
                .iter()
                .map(|layer| layer.calendar.to_string())
                .collect::<Vec<_>>()
                .join(", "),
        )));
    }
    let amend = terms.amend || notice.amends;
    let year = year_of(notice, terms.year)?;
    let ruled = ruled(calendar, notice, year, amend)?;
    let covered = covered(calendar, notice, &ruled, year, amend)?;

    let mut facts = calendar.facts().clone();
    facts.first_date = covered.first();
    facts.last_date = covered.last();
    if !amend {
        let stays = |date: &Date| date.ymd().0 != year;
        facts.working_weekend_dates.retain(stays);
        facts.non_working_weekdays_dates.retain(stays);
        facts.holidays.retain(|holiday| stays(&holiday.date));
        facts.provisional_from = announced(facts.provisional_from, DayRange::year(year), covered);
    }
    apply(&mut facts, &ruled);
    let new = |facts| Calendar::new(facts).map_err(|error| notice.refuse_all(error.to_string()));
    // Sorted as the old ones are, the new facts can be compared with them.
    let same = new(facts.clone())?.facts() == calendar.facts();
    if !same {
        facts.version = Version(facts.version.0.saturating_add(1));
        facts.published_on = terms.published_on.or(notice.issued);
        let document = notice.document.as_deref().unwrap_or("a notice without a number");
        facts.source = format!("{year}: {document} ({}); before: {}", notice.form, facts.source);
    }
    let merged = new(facts)?;
    let december = ruled.keys().filter(|date| date.ymd().0 < year).copied();
    let changes = december
        .chain(DayRange::year(year).days())
        .filter_map(|date| change(calendar, &merged, date))
        .collect();
    Ok(Merged {
        added: added(calendar.covered(), covered),
        calendar: merged,
        year,
        changes,
        changed: !same,
    })
}

/// The year that a merge is about.
fn year_of(notice: &Notice, wanted: Option<i16>) -> Result<i16, NoticeError> {
    match (wanted, notice.year) {
        (Some(wanted), Some(said)) if wanted != said => {
            Err(notice.refuse_all(format!("the notice is about {said}, and {wanted} was asked for")))
        }
        (Some(year), _) | (None, Some(year)) => Ok(year),
        (None, None) => {
            let years: BTreeSet<i16> = notice.days.iter().map(|day| day.date.ymd().0).collect();
            match (years.first(), years.last()) {
                (Some(first), Some(last)) if first == last => Ok(*first),
                (first, last) => Err(notice.refuse_all(format!(
                    "the document has days of {} to {}; say with --year which of the years is meant",
                    first.copied().unwrap_or_default(),
                    last.copied().unwrap_or_default(),
                ))),
            }
        }
    }
}

/// What the notice makes of each of its days, after checking that it can be.
fn ruled<'a>(
    calendar: &Calendar,
    notice: &'a Notice,
    year: i16,
    amend: bool,
) -> Result<BTreeMap<Date, Ruled<'a>>, NoticeError> {
    let mut ruled: BTreeMap<Date, Ruled<'a>> = BTreeMap::new();
    for day in &notice.days {
        let date = day.date;
        let (day_year, month, _) = date.ymd();
        if day_year != year && notice.form.holds_years() {
            continue;
        }
        let new_year = day_year == year.saturating_sub(1) && month == 12;
        if day_year != year && !new_year {
            return Err(notice.refuse(
                day,
                format!("{date} is no day of {year}; a notice names the days of its year, and of the December before"),
            ));
        }
        let weekend = calendar.facts().weekend_iso_days.contains(&date.iso_weekday());
        let worked_anyway = !weekend && (!amend || calendar.is_working_day(date) != Ok(false));
        if day.works && worked_anyway {
            return Err(notice.refuse(
                day,
                format!(
                    "{date} is a {}, worked anyway; a make-up day lies on a weekend",
                    weekday(date)
                ),
            ));
        }
        let known = ruled.entry(date).or_insert_with(|| Ruled {
            day,
            names: Vec::new(),
        });
        let again = !std::ptr::eq(known.day, day);
        if again && known.day.works != day.works {
            return Err(notice.refuse(
                day,
                format!("{date} is a day off and a make-up day at once; leave one"),
            ));
        }
        if again && (day.works || known.names.contains(&day.name.as_str())) {
            return Err(notice.refuse(day, format!("{date} is there twice; leave one")));
        }
        known.names.push(&day.name);
    }
    if ruled.is_empty() {
        return Err(notice.refuse_all(format!("the document names no day of {year}")));
    }
    Ok(ruled)
}

/// The days that the new version covers: no gap, and no day of the notice outside.
fn covered(
    calendar: &Calendar,
    notice: &Notice,
    ruled: &BTreeMap<Date, Ruled<'_>>,
    year: i16,
    amend: bool,
) -> Result<DayRange, NoticeError> {
    let old = calendar.covered();
    let whole = DayRange::year(year);
    if !amend && (old.last().next() < whole.first() || whole.last().next() < old.first()) {
        return Err(notice.refuse_all(format!(
            "calendar {} covers {old}, so {year} would leave a gap; import the years between first",
            calendar.id()
        )));
    }
    let covered = if amend {
        old
    } else {
        let (first, last) = (old.first().min(whole.first()), old.last().max(whole.last()));
        DayRange::new(first, last).unwrap_or(old)
    };
    match ruled.iter().find(|(date, _)| !covered.contains(**date)) {
        Some((date, ruled)) => Err(notice.refuse(
            ruled.day,
            format!(
                "calendar {} covers {covered}, and {date} lies outside",
                calendar.id()
            ),
        )),
        None => Ok(covered),
    }
}

/// From when the facts are provisional once a year was announced.
fn announced(from: Option<Date>, year: DayRange, covered: DayRange) -> Option<Date> {
    let from = from?;
    let next = year.last().next();
    if !year.contains(from) {
        // An earlier year still waits for its notice, or a later one does.
        return Some(from);
    }
    covered.contains(next).then_some(next)
}

fn apply(facts: &mut CalendarFacts, ruled: &BTreeMap<Date, Ruled<'_>>) {
    let mut working: BTreeSet<Date> = facts.working_weekend_dates.iter().copied().collect();
    let mut off: BTreeSet<Date> = facts.non_working_weekdays_dates.iter().copied().collect();
    facts
        .holidays
        .retain(|holiday| ruled.get(&holiday.date).is_none_or(|ruled| !ruled.renames()));
    for (date, ruled) in ruled {
        let weekend = facts.weekend_iso_days.contains(&date.iso_weekday());
        match (ruled.day.works, weekend) {
            (true, true) => working.insert(*date),
            (true, false) => off.remove(date),
            (false, true) => working.remove(date),
            (false, false) => off.insert(*date),
        };
        if !ruled.day.works {
            let named = ruled.names.iter().filter(|name| !name.is_empty());
            facts.holidays.extend(named.map(|name| Holiday {
                date: *date,
                name: (*name).to_owned(),
            }));
        }
    }
    facts.working_weekend_dates = working.into_iter().collect();
    facts.non_working_weekdays_dates = off.into_iter().collect();
}

impl Ruled<'_> {
    /// Whether the day's old names go: it is worked now, or has new ones.
    fn renames(&self) -> bool {
        self.day.works || self.names.iter().any(|name| !name.is_empty())
    }
}

fn change(old: &Calendar, new: &Calendar, date: Date) -> Option<Change> {
    let before = old.day(date).ok().map(|day| day.kind);
    let after = new.day(date).ok()?.kind;
    let differs = match before {
        Some(before) => before.works() != after.works(),
        None => !matches!(after, DayKind::Working | DayKind::Weekend),
    };
    differs.then_some(Change { date, before, after })
}

/// The days that `new` has beyond `old`. It grows at one end.
fn added(old: DayRange, new: DayRange) -> Option<DayRange> {
    if new.last() > old.last() {
        return DayRange::new(old.last().next(), new.last());
    }
    DayRange::new(new.first(), old.first().plus_days(-1))
}

fn weekday(date: Date) -> &'static str {
    match date.iso_weekday() {
        1 => "Monday",
        2 => "Tuesday",
        3 => "Wednesday",
        4 => "Thursday",
        5 => "Friday",
        6 => "Saturday",
        _ => "Sunday",
    }
}
