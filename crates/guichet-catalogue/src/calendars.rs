//! The calendars that ship with the house, each a document under `calendars/`.

use guichet_core::calendar::Calendar;

/// A calendar that ships: its id, and its document as text.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    id: &'static str,
    json: &'static str,
}

macro_rules! shipped {
    ($($id:literal),+ $(,)?) => {
        /// Every calendar that ships, by id.
        pub const SHIPPED: &[Shipped] = &[$(Shipped {
            id: $id,
            json: include_str!(concat!("../calendars/", $id, ".json")),
        }),+];
    };
}

shipped!("CN", "FR", "MON_FRI", "NL", "NL_ATW", "US_FED");

impl Shipped {
    /// The id by which catalogues name it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.id
    }

    /// Its document.
    #[must_use]
    pub const fn json(self) -> &'static str {
        self.json
    }

    /// The calendar.
    ///
    /// # Errors
    ///
    /// When the document is no calendar: never for one of [`SHIPPED`].
    pub fn calendar(self) -> Result<Calendar, serde_json::Error> {
        parse(self.json)
    }
}

/// The calendar of a JSON document.
///
/// # Errors
///
/// What is wrong with the text or with an entry, and where.
///
/// ```
/// let error = guichet_catalogue::calendars::parse("{}").unwrap_err();
/// assert!(error.to_string().starts_with("missing field `id`"));
/// ```
pub fn parse(json: &str) -> Result<Calendar, serde_json::Error> {
    serde_json::from_str(json)
}

/// The shipped calendar with this id.
///
/// ```
/// # use guichet_catalogue::calendars;
/// # use guichet_core::time::date;
/// let china = calendars::shipped("CN").ok_or("not shipped")?.calendar()?;
/// assert!(china.is_working_day(date(2010, 2, 20))?);
/// assert!(calendars::shipped("ATLANTIS").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn shipped(id: &str) -> Option<Shipped> {
    SHIPPED.iter().copied().find(|shipped| shipped.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use guichet_core::time::date;

    #[test]
    fn every_shipped_calendar_is_sound_and_has_its_own_name() {
        for shipped in SHIPPED {
            let calendar = shipped.calendar().unwrap();
            assert_eq!(calendar.id().as_str(), shipped.id());
            assert!(!calendar.title().is_empty() && !calendar.source().is_empty());
        }
    }

    #[test]
    fn a_shipped_calendar_has_the_working_days_that_others_count() {
        let counted = [
            ("CN", 2010, 250),
            ("CN", 2026, 248),
            ("FR", 2020, 253),
            ("NL", 2020, 254),
            ("NL_ATW", 2020, 254),
            ("US_FED", 2020, 252),
            ("MON_FRI", 2020, 262),
        ];
        for (id, year, days) in counted {
            let calendar = shipped(id).unwrap().calendar().unwrap();
            let year_days = calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31));
            assert_eq!(year_days, Ok(days), "{id} {year}");
        }
    }
}
