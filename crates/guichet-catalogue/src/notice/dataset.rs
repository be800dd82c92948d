//! The JSON of the `holiday-calendar` data set: one document a region and year.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Form, Mark, Notice, NoticeDay, NoticeError, holiday_name};
use crate::load::{options, problem};
use crate::source::Place;

/// One document. What else it holds is not needed here.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    year: Option<i16>,
    #[serde(default)]
    region: Option<String>,
    /// Older editions say `holidays`.
    #[serde(alias = "holidays")]
    dates: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    date: Spanned<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    name_cn: Option<String>,
    #[serde(default)]
    name_en: Option<String>,
    #[serde(rename = "type")]
    kind: Spanned<String>,
}

pub(super) fn read(file: &str, text: &str) -> Result<Notice, NoticeError> {
    // JSON is YAML, and the reader of YAML knows where each value stands.
    let parsed = if text.trim_start().starts_with('[') {
        serde_saphyr::from_str_with_options(text, options()).map(|dates| Document {
            year: None,
            region: None,
            dates,
        })
    } else {
        serde_saphyr::from_str_with_options(text, options())
    };
    let document: Document = parsed.map_err(|error| {
        let place = error
            .location()
            .map_or_else(|| Place::start(file), |at| Place::of(file, at));
        let problem = problem(error.without_snippet());
        let problem = problem.replace(&format!(" at line {}, column {}", place.line, place.column), "");
        NoticeError::at(text, place, problem)
    })?;
    let mut days = Vec::new();
    for entry in &document.dates {
        let refuse = |value: &Spanned<String>, problem: String| {
            let mut place = Place::of(file, value.referenced);
            place.length = value.value.chars().count() + 2;
            NoticeError::at(text, place, problem)
        };
        let works = match entry.kind.value.as_str() {
            "public_holiday" => false,
            "transfer_workday" => true,
            other => {
                let other: String = other.chars().take(60).collect();
                return Err(refuse(
                    &entry.kind,
                    format!("`{other}` is no type of day; expected public_holiday or transfer_workday"),
                ));
            }
        };
        let date = entry
            .date
            .value
            .parse()
            .map_err(|error| refuse(&entry.date, format!("{error}")))?;
        let said = |name: &Option<String>| name.clone().unwrap_or_default();
        let english = entry
            .name_en
            .clone()
            .or_else(|| entry.name.clone())
            .unwrap_or_default();
        let place = Place::of(file, entry.date.referenced);
        days.push(NoticeDay {
            date,
            works,
            name: holiday_name(&said(&entry.name_cn), &english),
            mark: Mark::Line {
                line: place.line,
                column: place.column,
                length: entry.date.value.chars().count() + 2,
            },
        });
    }
    let mut notice = Notice::new(Form::Dataset, file, text);
    notice.document = document.region.map(|region| format!("holiday-calendar {region}"));
    notice.year = document.year;
    notice.days = days;
    Ok(notice)
}
