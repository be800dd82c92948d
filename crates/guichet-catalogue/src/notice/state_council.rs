//! The State Council's yearly notice, as TOML.

use guichet_core::calendar::DayRange;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::{Form, Mark, Notice, NoticeDay, NoticeError, holiday_name, place_of_bytes};

/// The longest stretch of days that one entry may name: no holiday has more.
const STRETCH_DAYS_MAX: i32 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    document: Spanned<String>,
    issued: Option<Spanned<Value>>,
    year: i16,
    #[serde(default)]
    amends: bool,
    #[serde(default)]
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: Name,
    #[serde(default)]
    days_off: Vec<Spanned<Value>>,
    #[serde(default)]
    make_up_workdays: Vec<Spanned<Value>>,
}

#[derive(Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "names in both languages, like { zh = '元旦', en = '' }"
)]
struct Name {
    zh: String,
    en: String,
}

pub(super) fn read(file: &str, text: &str) -> Result<Notice, NoticeError> {
    let document: Paper = toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let place = place_of_bytes(file, text, span.start, span.end);
        NoticeError::at(text, place, error.message().replace('\n', "; "))
    })?;
    let refuse = |value: &std::ops::Range<usize>, problem: String| {
        NoticeError::at(text, place_of_bytes(file, text, value.start, value.end), problem)
    };
    if document.document.get_ref().trim().is_empty() {
        return Err(refuse(
            &document.document.span(),
            "the notice has no number; write the one it was published under".to_owned(),
        ));
    }
    let mut notice = Notice::new(Form::StateCouncil, file, text);
    notice.document = Some(document.document.into_inner());
    notice.year = Some(document.year);
    notice.amends = document.amends;
    if let Some(issued) = &document.issued {
        let days = days(issued).map_err(|problem| refuse(&issued.span(), problem))?;
        if days.first() != days.last() {
            return Err(refuse(&issued.span(), "a notice is issued on one day".to_owned()));
        }
        notice.issued = Some(days.first());
    }
    for holiday in &document.holidays {
        let name = holiday_name(&holiday.name.zh, &holiday.name.en);
        for (works, list) in [(false, &holiday.days_off), (true, &holiday.make_up_workdays)] {
            for value in list {
                let stretch = days(value).map_err(|problem| refuse(&value.span(), problem))?;
                for date in stretch.days() {
                    notice.days.push(NoticeDay {
                        date,
                        works,
                        name: name.clone(),
                        mark: Mark::Bytes(value.span()),
                    });
                }
            }
        }
    }
    Ok(notice)
}

/// The days of a value: a date of TOML, or text such as `2010-10-01 to 2010-10-07`.
fn days(value: &Spanned<Value>) -> Result<DayRange, String> {
    let text = match value.get_ref() {
        Value::Datetime(datetime) => datetime.to_string(),
        Value::String(text) => text.clone(),
        other @ (Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Array(_)
        | Value::Table(_)) => {
            return Err(format!(
                "a value of type {} is no day; write it like 2010-03-01",
                other.type_str()
            ));
        }
    };
    let days: DayRange = text.parse().map_err(|error| format!("{error}"))?;
    let length = i64::from(days.last().days()) - i64::from(days.first().days()) + 1;
    if length > i64::from(STRETCH_DAYS_MAX) {
        return Err(format!(
            "{length} days on end are more than any holiday has; at most {STRETCH_DAYS_MAX} are taken"
        ));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use guichet_core::time::{Date, date};

    #[test]
    fn dates_may_be_dates_of_toml_or_text() {
        let text = "document = 'x'\nyear = 2010\nissued = 2009-12-08\n[[holidays]]\nname = {zh='春节', en='CNY'}\n\
                    days_off = [2010-02-13, '2010-02-14 to 2010-02-16']\nmake_up_workdays = [2010-02-20]\n";
        let notice = read("n.toml", text).unwrap();
        let days: Vec<(Date, bool)> = notice.days.iter().map(|day| (day.date, day.works)).collect();
        assert_eq!(
            days,
            [
                (date(2010, 2, 13), false),
                (date(2010, 2, 14), false),
                (date(2010, 2, 15), false),
                (date(2010, 2, 16), false),
                (date(2010, 2, 20), true)
            ]
        );
        assert_eq!(notice.issued, Some(date(2009, 12, 8)));
        assert_eq!(notice.days[0].name, "Spring Festival");
        let place = notice.days[1].mark.place("n.toml", text);
        assert_eq!(place.to_string(), "n.toml:6:25");
    }
}
