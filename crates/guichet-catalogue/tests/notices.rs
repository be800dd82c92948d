//! Published notices: read in every form, merged into calendars, written out again, and refused with their place.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails them as a test does")]

use std::fmt::Write as _;

use guichet_catalogue::calendars::{SHIPPED, shipped};
use guichet_catalogue::notice::{self, Form, Merged, Notice, Terms, ics, merge};
use guichet_core::calendar::{Calendar, CalendarFacts, DayKind, DayRange};
use guichet_core::id::{CalendarId, Version};
use guichet_core::lang::Lang;
use guichet_core::time::{Date, date};
use proptest::prelude::*;
use serde_json::json;

/// The notice for 2010, 国办发明电〔2009〕27号.
const NOTICE_2010: &str = include_str!("data/notice-2010.toml");

fn cn() -> Calendar {
    shipped("CN").unwrap().calendar().unwrap()
}

/// The calendar of China as it was known until the end of a year.
fn cn_until(year: i16) -> Calendar {
    let mut facts = cn().facts().clone();
    let known = |date: &Date| date.ymd().0 <= year;
    facts.last_date = date(year, 12, 31);
    facts.working_weekend_dates.retain(known);
    facts.non_working_weekdays_dates.retain(known);
    facts.holidays.retain(|holiday| known(&holiday.date));
    Calendar::new(facts).unwrap()
}

fn read(file: &str, text: &str) -> Notice {
    notice::read(file, text).unwrap()
}

fn merged(calendar: &Calendar, notice: &Notice) -> Merged {
    merge(calendar, notice, Terms::default()).unwrap()
}

/// The days of a year that are worked.
fn worked(calendar: &Calendar, year: i16) -> Vec<Date> {
    DayRange::year(year)
        .days()
        .filter(|date| calendar.is_working_day(*date).unwrap())
        .collect()
}

/// The notice for 2010 as the data set would have it.
fn dataset_2010() -> String {
    let notice = read("n.toml", NOTICE_2010);
    let dates: Vec<_> = notice
        .days
        .iter()
        .map(|day| {
            let kind = if day.works {
                "transfer_workday"
            } else {
                "public_holiday"
            };
            json!({
                "date": day.date.to_string(), "name": day.name, "name_cn": notice::chinese_name(&day.name),
                "name_en": day.name, "type": kind,
            })
        })
        .collect();
    serde_json::to_string_pretty(&json!({"year": 2010, "region": "CN", "dates": dates})).unwrap()
}

#[test]
fn the_notice_of_2010_makes_the_calendar_of_2010_in_every_form() {
    let forms = [
        ("n.toml", NOTICE_2010.to_owned(), Form::StateCouncil),
        ("n.json", dataset_2010(), Form::Dataset),
        (
            "n.ics",
            ics::write(&cn(), DayRange::year(2010), Lang::Zh).unwrap(),
            Form::ICalendar,
        ),
        (
            "n.ics",
            ics::write(&cn(), DayRange::year(2010), Lang::En).unwrap(),
            Form::ICalendar,
        ),
        ("n.json", shipped("CN").unwrap().json().to_owned(), Form::Calendar),
    ];
    for (file, text, form) in forms {
        let notice = read(file, &text);
        assert_eq!(notice.form, form);
        let terms = Terms {
            year: Some(2010),
            published_on: Some(date(2009, 12, 8)),
            amend: false,
        };
        let before = cn_until(2009);
        let merged = merge(&before, &notice, terms).unwrap();
        assert_eq!(worked(&merged.calendar, 2010), worked(&cn(), 2010), "{form}");
        assert_eq!(worked(&merged.calendar, 2009), worked(&cn(), 2009), "{form}");
        assert_eq!(merged.added, Some(DayRange::year(2010)));
        assert_eq!(merged.calendar.version(), Version(2));
        assert_eq!(merged.calendar.facts().published_on, Some(date(2009, 12, 8)));
        let named = |calendar: &Calendar| {
            let of_2010 = calendar
                .facts()
                .holidays
                .iter()
                .filter(|holiday| holiday.date.ymd().0 == 2010);
            of_2010.cloned().collect::<Vec<_>>()
        };
        assert_eq!(named(&merged.calendar), named(&cn()), "{form}");
        // A covered year that the notice says nothing new about stays as it is.
        let again = merge(&cn(), &notice, terms).unwrap();
        assert!(!again.changed && again.changes.is_empty(), "{form}");
        assert_eq!(again.calendar, cn());
    }
}

#[test]
fn the_difference_names_the_days_that_change_sides() {
    let mut facts = cn_until(2009).facts().clone();
    facts.last_date = date(2010, 12, 31);
    let guessed = Calendar::new(facts).unwrap();
    let merged = merged(&guessed, &read("n.toml", NOTICE_2010));
    let (now_worked, now_off): (Vec<notice::Change>, Vec<_>) = merged
        .changes
        .iter()
        .copied()
        .partition(|change| change.after.works());
    assert_eq!((now_worked.len(), now_off.len()), (8, 19));
    assert!(now_worked.iter().all(|change| change.after == DayKind::MakeUp));
    assert_eq!(merged.added, None);
    assert_eq!(
        merged.calendar.source(),
        format!("2010: 国办发明电〔2009〕27号 (notice); before: {}", cn().source())
    );
}

#[test]
fn an_amending_notice_changes_the_days_that_it_names_and_no_others() {
    let text = "document = '加急'\nissued = 2010-02-25\nyear = 2010\namends = true\n[[holidays]]\n\
                name = { zh = '特别假', en = 'Special day' }\ndays_off = [2010-03-10]\nmake_up_workdays = [2010-03-13]\n";
    let merged = merged(&cn(), &read("n.toml", text));
    let changes: Vec<_> = merged
        .changes
        .iter()
        .map(|change| (change.date, change.after))
        .collect();
    assert_eq!(
        changes,
        [
            (date(2010, 3, 10), DayKind::Holiday),
            (date(2010, 3, 13), DayKind::MakeUp)
        ]
    );
    assert_eq!(worked(&merged.calendar, 2010).len(), 250);
    // A day off given back is a working day again, and keeps no name.
    let back = "document = '加急'\nyear = 2010\namends = true\n[[holidays]]\n\
                name = { zh = '特别假', en = 'Special day' }\nmake_up_workdays = [2010-03-10]\n";
    let merged = self::merged(&merged.calendar, &read("n.toml", back));
    assert_eq!(merged.changes.len(), 1);
    assert_eq!(
        merged.calendar.day(date(2010, 3, 10)).unwrap().kind,
        DayKind::Working
    );
    assert_eq!(merged.calendar.version(), Version(3));
}

#[test]
fn a_holiday_around_new_year_may_begin_in_the_december_before() {
    let text = "document = 'x'\nyear = 2010\n[[holidays]]\nname = { zh = '元旦', en = '' }\n\
                days_off = ['2009-12-31 to 2010-01-02']\nmake_up_workdays = [2009-12-26]\n";
    let merged = merged(&cn_until(2009), &read("n.toml", text));
    assert_eq!(
        merged.calendar.day(date(2009, 12, 31)).unwrap().kind,
        DayKind::Holiday
    );
    assert_eq!(
        merged.calendar.day(date(2009, 12, 26)).unwrap().kind,
        DayKind::MakeUp
    );
    let changed: Vec<_> = merged.changes.iter().map(|change| change.date).collect();
    assert_eq!(
        changed,
        [
            date(2009, 12, 26),
            date(2009, 12, 31),
            date(2010, 1, 1),
            date(2010, 1, 2)
        ]
    );
}

#[test]
fn a_year_that_is_announced_is_no_longer_provisional() {
    let mut facts = cn_until(2009).facts().clone();
    facts.last_date = date(2011, 12, 31);
    facts.provisional_from = Some(date(2010, 1, 1));
    let merged = merged(&Calendar::new(facts).unwrap(), &read("n.toml", NOTICE_2010));
    assert_eq!(merged.calendar.provisional_from(), Some(date(2011, 1, 1)));
}

#[test]
fn a_layer_takes_no_notice_the_calendar_below_it_does() {
    let layer =
        serde_json::from_value(json!({"id": "centre", "title": "", "base": "CN", "source": "x"})).unwrap();
    let centre = Calendar::layered(&cn(), &layer).unwrap();
    let error = merge(&centre, &read("n.toml", NOTICE_2010), Terms::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "n.toml: calendar centre is a layer over CN; merge the notice into that one, and the layer follows"
    );
}

#[test]
fn every_shipped_year_survives_being_written_for_calendar_programs() {
    for calendar in SHIPPED.iter().map(|shipped| shipped.calendar().unwrap()) {
        let (first, last) = (
            calendar.covered().first().ymd().0,
            calendar.covered().last().ymd().0,
        );
        for year in first..=last {
            for lang in [Lang::Zh, Lang::En] {
                let text = ics::write(&calendar, DayRange::year(year), lang).unwrap();
                assert!(text.lines().all(|line| line.len() <= 75), "{text}");
                if !text.contains("VEVENT") {
                    continue;
                }
                let terms = Terms {
                    year: Some(year),
                    ..Terms::default()
                };
                let merged = merge(&calendar, &read("n.ics", &text), terms).unwrap();
                assert_eq!(merged.changes, [], "{} {year}", calendar.id());
                assert!(!merged.changed, "{} {year}", calendar.id());
            }
        }
    }
}

#[test]
fn a_calendar_written_for_calendar_programs_names_layers_and_service() {
    let layer = serde_json::from_value(json!({
        "id": "centre", "title": "Centre; with, signs", "base": "CN", "source": "x", "published_on": "2009-12-31",
        "closed": [{"days": "2010-03-10 to 2010-03-11", "name": {"zh": "搬迁", "en": "moving, house; with a rather long reason that is folded"}}],
        "opened": [{"days": "2010-03-13", "name": {"zh": "延时服务", "en": "Saturday service"}, "counts": false}],
    }))
    .unwrap();
    let centre = Calendar::layered(&cn(), &layer).unwrap();
    let march = DayRange::new(date(2010, 2, 18), date(2010, 3, 31)).unwrap();
    let shown = ics::write(&centre, march, Lang::En).unwrap().replace('\r', "");
    insta::assert_snapshot!("layered_ics", shown);
}

const ICS_HEAD: &str = "BEGIN:VCALENDAR\nVERSION:2.0\n";

#[test]
fn make_up_days_are_known_by_category_and_by_the_words_of_other_programs() {
    let event = |day: &str, summary: &str, more: &str| {
        format!("BEGIN:VEVENT\nDTSTART;VALUE=DATE:{day}\n{more}SUMMARY:{summary}\nEND:VEVENT\n")
    };
    for (summary, more, works) in [
        ("春节（班）", "", true),
        ("补班", "", true),
        ("调休", "", true),
        ("春节 调休上班", "", true),
        ("Spring Festival workday", "", true),
        ("x", "CATEGORIES:调休\n", true),
        ("春节", "CATEGORIES:Workday\n", true),
        ("春节（休）", "", false),
        ("调休放假", "", false),
        ("春节", "", false),
        ("补班", "CATEGORIES:HOLIDAY\n", false),
    ] {
        let text = format!("{ICS_HEAD}{}END:VCALENDAR\n", event("20100220", summary, more));
        let notice = read("n.ics", &text);
        let found: Vec<_> = notice.days.iter().map(|day| (day.date, day.works)).collect();
        assert_eq!(found, [(date(2010, 2, 20), works)], "{summary} {more}");
    }
    let text = format!(
        "{ICS_HEAD}{}{}{}END:VCALENDAR\n",
        event("20100213", "春节（休）", "DTEND;VALUE=DATE:20100216\n"),
        event("20100220", "gone", "STATUS:CANCELLED\n"),
        event(
            "20100306",
            "open",
            "CATEGORIES:SERVICE\nDURATION:P1W\nBEGIN:VALARM\nSUMMARY:补班\nEND:VALARM\n"
        ),
    );
    let notice = read("n.ics", &text.replace('\n', "\r\n"));
    let days: Vec<_> = notice
        .days
        .iter()
        .map(|day| (day.date.to_string(), day.name.as_str()))
        .collect();
    assert_eq!(days.len(), 3);
    assert_eq!(days[2], ("2010-02-15".to_owned(), "Spring Festival"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a notice")]
fn every_hostile_notice_is_refused_with_its_place_and_a_reason() {
    let toml = |passage: &str, by: &str| {
        assert!(NOTICE_2010.contains(passage), "{passage}");
        NOTICE_2010.replacen(passage, by, 1)
    };
    let dataset = dataset_2010();
    let json = |passage: &str, by: &str| {
        assert!(dataset.contains(passage), "{passage}");
        dataset.replacen(passage, by, 1)
    };
    let event = |lines: &str| format!("{ICS_HEAD}BEGIN:VEVENT\n{lines}END:VEVENT\nEND:VCALENDAR\n");
    let cases = [
        (
            "a make-up day in the week",
            "n.toml",
            toml("2010-02-20, ", "2010-02-22, "),
        ),
        (
            "a day of another year",
            "n.toml",
            toml("2010-04-03 to", "2011-04-03 to 2011-04-05', '2010-04-03 to"),
        ),
        (
            "a day far before its year",
            "n.toml",
            toml("'2010-04-03 to", "2009-11-03, '2010-04-03 to"),
        ),
        (
            "a holiday twice",
            "n.toml",
            toml("'2010-04-03 to", "'2010-04-04', '2010-04-03 to"),
        ),
        (
            "a day off and worked",
            "n.toml",
            toml("2010-02-20, ", "2010-02-20, 2010-02-14, "),
        ),
        (
            "a day that does not exist",
            "n.toml",
            toml("2010-02-20, ", "'2010-02-30', "),
        ),
        (
            "a date that TOML does not know",
            "n.toml",
            toml("2010-02-20, ", "2010-02-30, "),
        ),
        (
            "a date with a time",
            "n.toml",
            toml("2010-02-20, ", "2010-02-20T08:00:00, "),
        ),
        (
            "days that run backwards",
            "n.toml",
            toml("2010-04-03 to 2010-04-05", "2010-04-05 to 2010-04-03"),
        ),
        (
            "a holiday of years",
            "n.toml",
            toml("2010-04-03 to 2010-04-05", "2010-04-03 to 2110-04-05"),
        ),
        ("a number for a day", "n.toml", toml("2010-02-20, ", "20100220, ")),
        (
            "a misspelt field",
            "n.toml",
            toml("make_up_workdays", "makeup_workdays"),
        ),
        ("no number", "n.toml", toml("国办发明电〔2009〕27号", " ")),
        ("no year", "n.toml", toml("year = 2010", "")),
        (
            "half a document",
            "n.toml",
            NOTICE_2010.split_at(NOTICE_2010.len() / 2).0.to_owned(),
        ),
        (
            "a year with a gap before it",
            "n.toml",
            "document = 'x'\nyear = 2030\n[[holidays]]\nname = {zh='元旦', en=''}\ndays_off = [2030-01-01]\n"
                .to_owned(),
        ),
        (
            "a notice without days",
            "n.toml",
            "document = 'x'\nyear = 2010\n".to_owned(),
        ),
        (
            "a name in one language",
            "n.toml",
            toml("{ zh = \"春节\", en = \"Spring Festival\" }", "\"春节\""),
        ),
        ("an unknown type", "n.json", json("transfer_workday", "half_day")),
        ("a date with slashes", "n.json", json("2010-02-20", "2010/02/20")),
        (
            "a make-up day in the week, in JSON",
            "n.json",
            json("2010-02-20", "2010-02-22"),
        ),
        (
            "a day of another year, in JSON",
            "n.json",
            json("2010-02-20", "2012-02-18"),
        ),
        (
            "half of JSON",
            "n.json",
            dataset.split_at(dataset.len() / 2).0.to_owned(),
        ),
        ("JSON of something else", "n.json", "{\"hello\": 1}".to_owned()),
        ("no JSON", "n.json", "holidays are fun".to_owned()),
        (
            "a calendar that cannot be",
            "n.json",
            shipped("CN")
                .unwrap()
                .json()
                .replacen("2004-01-17", "2004-01-16", 1),
        ),
        (
            "an event with hours",
            "n.ics",
            event("DTSTART:20100213T080000Z\nSUMMARY:春节\n"),
        ),
        (
            "an event that repeats",
            "n.ics",
            event("DTSTART;VALUE=DATE:20100213\nRRULE:FREQ=YEARLY\nSUMMARY:春节\n"),
        ),
        ("an event without a day", "n.ics", event("SUMMARY:春节\n")),
        (
            "an event that ends before it begins",
            "n.ics",
            event("DTSTART;VALUE=DATE:20100213\nDTEND;VALUE=DATE:20100213\n"),
        ),
        (
            "an event of a year",
            "n.ics",
            event("DTSTART;VALUE=DATE:20100101\nDTEND;VALUE=DATE:20110101\n"),
        ),
        (
            "an event that does not end",
            "n.ics",
            format!("{ICS_HEAD}BEGIN:VEVENT\nDTSTART;VALUE=DATE:20100213\nEND:VCALENDAR\n"),
        ),
        ("an event in an event", "n.ics", event("BEGIN:VEVENT\n")),
        (
            "a day that does not exist, in iCalendar",
            "n.ics",
            event("DTSTART;VALUE=DATE:20100230\n"),
        ),
        (
            "a length of hours",
            "n.ics",
            event("DTSTART;VALUE=DATE:20100213\nDURATION:PT8H\n"),
        ),
        (
            "a make-up day in the week, in iCalendar",
            "n.ics",
            event("DTSTART;VALUE=DATE:20100222\nSUMMARY:补班\n"),
        ),
        ("no line of iCalendar", "n.ics", format!("{ICS_HEAD}hello\n")),
        ("no iCalendar at all", "n.ics", "SUMMARY:春节\n".to_owned()),
        ("an empty file", "n.ics", String::new()),
        (
            "days of two years",
            "n.ics",
            format!(
                "{ICS_HEAD}BEGIN:VEVENT\nDTSTART;VALUE=DATE:20100213\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20110213\nEND:VEVENT\nEND:VCALENDAR\n"
            ),
        ),
        ("a form that is not read", "n.xlsx", String::new()),
    ];
    let mut shown = String::new();
    for (what, file, text) in cases {
        let error = notice::read(file, &text)
            .and_then(|notice| merge(&cn(), &notice, Terms::default()))
            .expect_err(what);
        writeln!(shown, "## {what}\n{error}").unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_was_asked_for_and_what_the_notice_says_must_agree() {
    let notice = read("n.toml", NOTICE_2010);
    let refused =
        |terms: Terms, calendar: &Calendar| merge(calendar, &notice, terms).unwrap_err().to_string();
    let year = |year| Terms {
        year: Some(year),
        ..Terms::default()
    };
    assert_eq!(
        refused(year(2011), &cn()),
        "n.toml: the notice is about 2010, and 2011 was asked for"
    );
    let amend = Terms {
        amend: true,
        ..Terms::default()
    };
    assert!(
        refused(amend, &cn_until(2009))
            .contains("calendar CN covers 2004-01-01 to 2009-12-31, and 2010-01-01 lies outside")
    );
    let ics = read(
        "n.ics",
        &ics::write(&cn(), DayRange::year(2010), Lang::En).unwrap(),
    );
    assert_eq!(
        merge(&cn(), &ics, year(2012)).unwrap_err().to_string(),
        "n.ics: the document names no day of 2012"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_the_reader_or_the_merger_panic(
        file in prop::sample::select(vec!["n.toml", "n.json", "n.ics"]),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "BEGIN:VCALENDAR\n", "BEGIN:VEVENT\n", "END:VEVENT\n", "DTSTART;VALUE=DATE:20100213\n", "DTSTART:9999", "DTEND:00000101\n",
            "SUMMARY:班\n", " \\", "\"", ":", ";", "\r\n", "[", "]", "{", "}", "[[holidays]]\n", "days_off = [", "9999-12-31", "'", "year = -32768\n",
            "document = 'x'\n", "name = {zh='',en=''}\n", "\u{feff}", "\"dates\":", "\"date\":", "\"type\":\"public_holiday\"", ",", "春", "DURATION:P255W\n",
            "year = 2010\n", "\"weekend_iso_days\":[]",
        ]), 0..25),
    ) {
        if let Ok(notice) = notice::read(file, &pieces.concat()) {
            let _ = merge(&cn(), &notice, Terms::default());
        }
    }

    #[test]
    fn any_days_survive_being_written_and_read(changed in prop::collection::btree_set(0..365_i32, 1..80)) {
        let covered = DayRange::year(2010);
        let mut facts = CalendarFacts::monday_to_friday(CalendarId::new("any").unwrap(), covered);
        let plain = Calendar::new(facts.clone()).unwrap();
        for date in changed.into_iter().map(|place| covered.first().plus_days(place)) {
            if date.iso_weekday() > 5 {
                facts.working_weekend_dates.push(date);
            } else {
                facts.non_working_weekdays_dates.push(date);
            }
        }
        let calendar = Calendar::new(facts).unwrap();
        let text = ics::write(&calendar, covered, Lang::En).unwrap();
        let merged = merged(&plain, &read("n.ics", &text));
        prop_assert_eq!(worked(&merged.calendar, 2010), worked(&calendar, 2010));
    }
}
