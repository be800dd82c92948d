//! Periods: stretches of days of the centre.

use std::fmt;
use std::str::FromStr;

use guichet_core::lang::Lang;
use guichet_core::reference::Bulletin;
use guichet_core::time::{Date, date};
use serde::{Serialize, Serializer};

/// From a first to a last day, both in it.
///
/// As text: `2010`, `2010-q3`, `2010-03`, `2010-03-15`, or two dates: `2010-03-01..2010-03-15`.
///
/// ```
/// # use guichet_stats::Period;
/// # use guichet_core::time::date;
/// let march: Period = "2010-03".parse()?;
/// assert_eq!((march.first(), march.last()), (date(2010, 3, 1), date(2010, 3, 31)));
/// assert_eq!("2010-03-01..2010-03-31".parse::<Period>()?, march);
/// assert_eq!(march.to_string(), "2010-03");
/// # Ok::<(), guichet_stats::PeriodError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    first: Date,
    last: Date,
}

/// Text that is no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// It has another form.
    #[error(
        "`{0}` is no period; expected a year 2010, a quarter 2010-q3, a month 2010-03, a day 2010-03-15, or two days 2010-03-01..2010-03-15"
    )]
    Form(String),
    /// It ends before it begins.
    #[error("the period ends on {last}, before it begins on {first}; give the earlier day first")]
    Backwards {
        /// The first day named.
        first: Date,
        /// The last day named.
        last: Date,
    },
}

impl Period {
    /// All days that there are.
    pub const ALWAYS: Self = Self {
        first: Date::from_days(i32::MIN),
        last: Date::MAX,
    };

    /// From `first` to `last`; none where that is before.
    #[must_use]
    pub fn new(first: Date, last: Date) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// A calendar month.
    #[must_use]
    pub fn month(year: i16, month: i8) -> Self {
        Self::months(date(year, month, 1), 1)
    }

    /// So many calendar months from the first day of one.
    fn months(first: Date, count: i32) -> Self {
        Self {
            first,
            last: first.plus_months(count).plus_days(-1),
        }
    }

    /// The month that a day lies in.
    #[must_use]
    pub fn month_of(day: Date) -> Self {
        let (year, month, _) = day.ymd();
        Self::month(year, month)
    }

    /// The calendar year that a day lies in.
    #[must_use]
    pub fn year_of(day: Date) -> Self {
        let (year, _, _) = day.ymd();
        Self::months(date(year, 1, 1), 12)
    }

    /// The days that a bulletin is about; none where it ends before it begins.
    #[must_use]
    pub fn of_bulletin(bulletin: &Bulletin) -> Option<Self> {
        Self::new(bulletin.first_day, bulletin.last_day)
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> Date {
        self.first
    }

    /// The last day.
    #[must_use]
    pub const fn last(self) -> Date {
        self.last
    }

    /// A period as people say it: 2010年第3季度, 2010 Q3.
    ///
    /// ```
    /// use guichet_core::lang::Lang;
    /// # use guichet_stats::Period;
    /// let quarter: Period = "2010-q3".parse()?;
    /// assert_eq!((quarter.name(Lang::Zh).as_str(), quarter.name(Lang::En).as_str()), ("2010年第3季度", "2010 Q3"));
    /// # Ok::<(), guichet_stats::PeriodError>(())
    /// ```
    #[must_use]
    pub fn name(self, lang: Lang) -> String {
        if self == Self::ALWAYS {
            return match lang {
                Lang::Zh => "全部",
                Lang::En => "all days",
            }
            .to_owned();
        }
        let (year, month, _) = self.first.ymd();
        let quarter = (month + 2) / 3;
        let is = |text: String| text.parse() == Ok(self);
        match lang {
            Lang::Zh if is(format!("{year:04}")) => format!("{year}年"),
            Lang::Zh if is(format!("{year:04}-q{quarter}")) => format!("{year}年第{quarter}季度"),
            Lang::En if is(format!("{year:04}-q{quarter}")) => format!("{year} Q{quarter}"),
            Lang::Zh if is(format!("{year:04}-{month:02}")) => format!("{year}年{month}月"),
            Lang::Zh if self.first != self.last => {
                format!("{} 至 {}", self.first, self.last)
            }
            Lang::En if self.to_string().contains("..") => {
                format!("{} to {}", self.first, self.last)
            }
            Lang::Zh | Lang::En => self.to_string(),
        }
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// The period of the same form right before it: the year before a year, the month before a month; of whole months as
    /// many, of other days as many. None before all days.
    ///
    /// ```
    /// # use guichet_stats::Period;
    /// let before = |text: &str| text.parse().ok().and_then(Period::before).map(|before| before.to_string());
    /// assert_eq!(before("2010-q1").as_deref(), Some("2009-10-01..2009-12-31"));
    /// assert_eq!(before("2010-03-15").as_deref(), Some("2010-03-14"));
    /// ```
    #[must_use]
    pub fn before(self) -> Option<Self> {
        if self == Self::ALWAYS {
            return None;
        }
        let ((year, month, day), (last_year, last_month, _)) = (self.first.ymd(), self.last.ymd());
        let months =
            (i32::from(last_year) - i32::from(year)) * 12 + i32::from(last_month) - i32::from(month) + 1;
        if day == 1 && self == Self::months(self.first, months) {
            return Some(Self::months(self.first.plus_months(-months), months));
        }
        let days = self
            .last
            .days()
            .saturating_sub(self.first.days())
            .saturating_add(1);
        Self::new(
            self.first.plus_days(days.saturating_neg()),
            self.first.plus_days(-1),
        )
    }

    /// The calendar months that it touches, each cut to it.
    pub fn by_month(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self.first);
        std::iter::from_fn(move || {
            let first = next?;
            let last = Self::month_of(first).last.min(self.last);
            next = (last < self.last).then(|| last.next());
            Some(Self { first, last })
        })
    }

    /// Its days.
    pub fn by_day(self) -> impl Iterator<Item = Self> {
        let mut next = Some(self.first);
        std::iter::from_fn(move || {
            let day = next?;
            next = (day < self.last).then(|| day.next());
            Some(Self {
                first: day,
                last: day,
            })
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALWAYS {
            return f.write_str("always");
        }
        let (year, month, _) = self.first.ymd();
        if *self == Self::month(year, month) {
            return write!(f, "{year:04}-{month:02}");
        }
        if *self == Self::months(date(year, 1, 1), 12) {
            return write!(f, "{year:04}");
        }
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        write!(f, "{}..{}", self.first, self.last)
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let form = || PeriodError::Form(text.chars().take(40).collect());
        let day = |text: &str| text.parse::<Date>().map_err(|_| form());
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (day(first)?, day(last)?);
            return Self::new(first, last).ok_or(PeriodError::Backwards { first, last });
        }
        match text.len() {
            4 => Ok(Self::months(day(&format!("{text}-01-01"))?, 12)),
            7 if text
                .as_bytes()
                .get(5)
                .is_some_and(|q| q.eq_ignore_ascii_case(&b'q')) =>
            {
                let (year, quarter) = text.split_at(5);
                let quarter = quarter.get(1..).and_then(|n| n.parse::<u8>().ok());
                let month = quarter.filter(|n| (1..=4).contains(n)).ok_or_else(form)? * 3 - 2;
                Ok(Self::months(day(&format!("{year}{month:02}-01"))?, 3))
            }
            7 => Ok(Self::months(day(&format!("{text}-01"))?, 1)),
            10 => day(text).map(|day| Self {
                first: day,
                last: day,
            }),
            _ => Err(form()),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
