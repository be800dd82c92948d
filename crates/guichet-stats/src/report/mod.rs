//! Reports: documents that a centre prints and publishes, made of the figures of its log and of nothing else.
//!
//! A report is a pure function: the same log, period and language give the same [`Document`] on every machine. What it
//! looks like on paper or on a screen is for whoever prints it.

mod agency;
mod annual;
mod document;
mod happened;
mod performance;
mod rules;
mod speed_up;
mod suppress;
pub(crate) mod words;

use std::collections::BTreeMap;

use guichet_core::id::Position;
use guichet_core::lang::Lang;
use guichet_core::time::Date;

pub use agency::agency;
pub use annual::annual;
pub use document::{Cell, Column, Document, Part, Report, Table};
pub use happened::{Counted, EventKind};
pub use performance::{Line, Score, performance, scores};
pub use rules::{Condition, Rule, RulePart, Rules, ScoreOf, Share};
pub use speed_up::speed_up;
pub use suppress::{CELL_CASES_MIN, is_small, suppressed};

use crate::as_of::AsOf;
use crate::dimension::{Dimension, Scope, Value};
use crate::figure::{Figure, Told};
use crate::fraction::Fraction;
use crate::period::Period;
use crate::statistics::{Ask, Statistics};

use self::words::say;

/// The form of documents that is written.
const VERSION: u16 = 1;
/// The most months that a table shows side by side.
const MONTHS_MAX: usize = 24;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The statistics, settled.
    pub statistics: &'a Statistics,
    /// Over which period.
    pub period: Period,
    /// In which language.
    pub lang: Lang,
}

/// The day of the last thing that happened to a case, by the centre's clock. None in an empty log.
#[must_use]
pub fn last_day(statistics: &Statistics) -> Option<Date> {
    let facts = statistics.facts();
    let last = facts.rows().map(|rows| rows.case.last_occurred_at).max();
    last.map(|at| facts.directory().zone().date(at))
}

/// The period of a report where none is asked for: the calendar year of the last day.
#[must_use]
pub fn last_year(statistics: &Statistics) -> Period {
    last_day(statistics).map_or(Period::ALWAYS, Period::year_of)
}

impl Setting<'_> {
    const fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        say(self.lang, zh, en)
    }

    /// Figures of everything, over a period.
    fn whole(&self, figures: &[Figure], period: Period) -> Vec<Told> {
        let by = self.by_all(&[], figures, period);
        by.into_values().next().unwrap_or_default()
    }

    /// Figures by a dimension, over a period; cases that have no value in it are left out.
    fn by(&self, dimension: Dimension, figures: &[Figure], period: Period) -> BTreeMap<String, Vec<Told>> {
        let all = self.by_all(&[dimension], figures, period).into_iter();
        all.filter_map(|(group, told)| Some((group.into_iter().next()??, told)))
            .collect()
    }

    /// The same over several periods, in their order.
    fn by_periods(
        &self,
        dimension: Dimension,
        figures: &[Figure],
        periods: &[Period],
    ) -> Vec<BTreeMap<String, Vec<Told>>> {
        let view = self.statistics.figures(&Ask {
            figures: figures.to_vec(),
            by: vec![dimension],
            periods: periods.to_vec(),
            scope: Scope::all(),
        });
        let mut by_period: Vec<BTreeMap<String, Vec<Told>>> = vec![BTreeMap::new(); periods.len()];
        for row in view.rows {
            let place = periods.iter().position(|period| *period == row.period);
            let value = row.group.into_values().next().flatten();
            if let Some((of_period, value)) = place.and_then(|place| by_period.get_mut(place)).zip(value) {
                of_period.insert(value, row.figures);
            }
        }
        by_period
    }

    fn by_all(
        &self,
        by: &[Dimension],
        figures: &[Figure],
        period: Period,
    ) -> BTreeMap<Vec<Value>, Vec<Told>> {
        let view = self.statistics.figures(&Ask {
            figures: figures.to_vec(),
            by: by.to_vec(),
            periods: vec![period],
            scope: Scope::all(),
        });
        let rows = view.rows.into_iter();
        rows.map(|row| (row.group.into_values().collect(), row.figures))
            .collect()
    }

    /// The period of the same length before this one, where anything had happened by its close.
    fn before(&self) -> Option<Period> {
        let before = self.period.before()?;
        let first = self.statistics.span()?.first();
        (first <= before.last()).then_some(before)
    }

    /// The months of the period that have begun by the last day of the log. Empty for a period without bounds.
    fn months(&self) -> Vec<Period> {
        let Some(last) = last_day(self.statistics).filter(|_| self.period != Period::ALWAYS) else {
            return Vec::new();
        };
        let months = self.period.by_month();
        months.take_while(|month| month.first() <= last).collect()
    }

    fn department(&self, id: &str) -> String {
        self.named(Dimension::Department, id)
    }

    fn item(&self, id: &str) -> String {
        self.named(Dimension::Item, id)
    }

    /// What a value of a dimension is called.
    fn named(&self, dimension: Dimension, value: &str) -> String {
        let directory = self.statistics.facts().directory();
        dimension.value_name(value, directory, self.lang)
    }

    /// A document with its title and without its parts.
    fn document(&self, report: Report, title: &str) -> Document {
        let directory = self.statistics.facts().directory();
        let centre = directory.centre.as_ref();
        let centre = centre.map_or_else(
            || self.say("政务服务中心", "Service centre").to_owned(),
            |centre| words::name(&centre.name, self.lang).to_owned(),
        );
        let calendars = directory.calendars.iter();
        Document {
            version: VERSION,
            report,
            lang: self.lang.tag(),
            title: title.to_owned(),
            subtitle: format!("{centre} · {}", self.period.name(self.lang)),
            period: self.period,
            position: self.position(),
            calendars: calendars
                .map(|(id, calendar)| (id.clone(), calendar.version()))
                .collect(),
            parts: Vec::new(),
        }
    }

    /// How far the log was read.
    fn position(&self) -> Position {
        let read = self.statistics.position();
        match self.statistics.as_of() {
            AsOf::Position(position) => position.min(read),
            AsOf::Now | AsOf::Recorded(_) | AsOf::Effective(_) => read,
        }
    }

    /// What every report ends with: from where its figures are, and how to check one of them.
    fn ending(&self, document: &mut Document, example: &Example) {
        document.heading(2, self.say("数据说明", "About these figures"));
        let mut table = Table::new([self.say("项目", "what"), self.say("内容", "value")]);
        let mut row = |name: &str, value: String| table.rows.push(vec![Cell::text(name), Cell::text(value)]);
        row(self.say("时段", "period"), self.period.name(self.lang));
        row(
            self.say("日志读至位置", "log read up to position"),
            document.position.to_string(),
        );
        row(
            self.say("截至", "as of"),
            match self.statistics.as_of() {
                AsOf::Now => self.say("整个日志", "the whole log").to_owned(),
                AsOf::Position(position) => match self.lang {
                    Lang::Zh => format!("位置 {position} 之前"),
                    Lang::En => format!("before position {position}"),
                },
                AsOf::Recorded(at) => match self.lang {
                    Lang::Zh => format!("{at} 前登记的"),
                    Lang::En => format!("what was recorded by {at}"),
                },
                AsOf::Effective(on) => match self.lang {
                    Lang::Zh => format!("{on} 前发生的"),
                    Lang::En => format!("what had happened by {on}"),
                },
            },
        );
        let calendars = document.calendars.iter();
        let calendars: Vec<String> = calendars
            .map(|(id, version)| format!("{id} v{version}"))
            .collect();
        row(
            self.say("工作日历", "calendars"),
            if calendars.is_empty() {
                "–".to_owned()
            } else {
                calendars.join(", ")
            },
        );
        document.parts.push(Part::Table(table));
        document.paragraph(self.say(
            "每项数字均由日志计算；分母为 0 时没有数值。任一数字背后的办件可这样列出：",
            "Every number is counted from the log; where the whole is nothing there is no value. This lists the cases behind one:",
        ));
        document.parts.push(Part::Command {
            text: self.command(example),
        });
    }

    fn command(&self, example: &Example) -> String {
        let only = example.only.as_ref().map(|(dimension, value)| {
            let value = quoted(value);
            format!(" --where {dimension}={value}")
        });
        let period = (self.period != Period::ALWAYS).then(|| format!(" --in {}", self.period));
        let as_of = match self.statistics.as_of() {
            AsOf::Now | AsOf::Position(_) => format!(" --as-of-position {}", self.position()),
            AsOf::Recorded(at) => format!(" --as-of-recorded {at}"),
            AsOf::Effective(on) => format!(" --as-of {on}"),
        };
        format!(
            "guichet stats figures {} --cases{}{}{as_of} --data DIR",
            example.figure,
            only.unwrap_or_default(),
            period.unwrap_or_default()
        )
    }
}

/// A figure whose cases the end of a report lists as an example.
#[derive(Clone, Debug)]
struct Example {
    figure: Figure,
    only: Option<(Dimension, String)>,
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

impl Document {
    fn heading(&mut self, level: u8, text: impl Into<String>) {
        let text = text.into();
        self.parts.push(Part::Heading { level, text });
    }

    fn paragraph(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Paragraph { text: text.into() });
    }
}

/// The difference of two shares in percentage points, with its sign. None where either is none.
fn change(now: (i64, i64), before: (i64, i64)) -> Option<String> {
    if now.1 <= 0 || before.1 <= 0 {
        return None;
    }
    let wide = i128::from;
    let part = wide(now.0) * wide(before.1) - wide(before.0) * wide(now.1);
    let whole = u64::try_from(wide(now.1) * wide(before.1)).ok()?;
    let shown = Fraction::new(u64::try_from(part.unsigned_abs()).ok()?, whole).percent()?;
    let sign = match part.signum() {
        _ if shown == "0.00" => "",
        1 => "+",
        _ => "-",
    };
    Some(format!("{sign}{shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_its_sign_unless_nothing_of_it_is_shown() {
        assert_eq!(change((3, 4), (1, 2)).as_deref(), Some("+25.00"));
        assert_eq!(change((1, 2), (3, 4)).as_deref(), Some("-25.00"));
        assert_eq!(change((-1, 2), (1, 2)).as_deref(), Some("-100.00"));
        assert_eq!(change((1, 3), (100_000, 300_001)).as_deref(), Some("0.00"));
        assert_eq!(change((0, 0), (1, 2)), None);
        assert_eq!(change((i64::MAX, i64::MAX), (1, i64::MAX)), None);
    }

    #[test]
    fn a_value_with_a_quote_is_one_word_of_a_shell() {
        assert_eq!(quoted("food-drug"), "food-drug");
        assert_eq!(quoted("a b'; rm"), "'a b'\\''; rm'");
    }
}
