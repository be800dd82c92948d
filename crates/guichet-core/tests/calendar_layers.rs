//! Layers over a calendar, kinds of days, and days that nobody has announced yet.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use guichet_core::calendar::{
    Calendar, CalendarFacts, DayKind, DayRange, FactsError, Layer, LayerEffect, LayerError, LayerProblem,
};
use guichet_core::clock::Clock;
use guichet_core::id::{CalendarId, Version};
use guichet_core::policy::Policy;
use guichet_core::time::{Date, Term, date};
use proptest::prelude::*;
use serde_json::{Value, json};

fn cn() -> Calendar {
    serde_json::from_str(include_str!("../../guichet-catalogue/calendars/CN.json")).unwrap()
}

fn day(month: i8, day: i8) -> Date {
    date(2010, month, day)
}

/// A layer over the calendar with that name.
fn layer(id: &str, base: &str, closed: &[(&str, &str)], opened: &[(&str, &str, bool)]) -> Layer {
    let name = |name: &str| json!({"zh": name, "en": name});
    let closed: Vec<Value> = closed
        .iter()
        .map(|(days, why)| json!({"days": days, "name": name(why)}))
        .collect();
    let opened: Vec<Value> = opened
        .iter()
        .map(|(days, why, counts)| json!({"days": days, "name": name(why), "counts": counts}))
        .collect();
    serde_json::from_value(json!({
        "id": id, "title": id, "base": base, "source": "notice of the test", "closed": closed, "opened": opened,
    }))
    .unwrap()
}

fn kind(calendar: &Calendar, date: Date) -> DayKind {
    calendar.day(date).unwrap().kind
}

/// Which layer decided a day, and why.
fn decided_by(calendar: &Calendar, date: Date) -> Option<(String, String)> {
    let layer = calendar.day(date).unwrap().layer?;
    Some((layer.layer.to_string(), layer.name.en.clone()))
}

// Kinds of days.

#[test]
fn every_day_of_2010_has_its_kind() {
    let cn = cn();
    for (date, expected) in [
        (day(3, 1), DayKind::Working),
        (day(3, 6), DayKind::Weekend),
        (day(2, 15), DayKind::Holiday),
        (day(2, 13), DayKind::Holiday),
        (day(2, 20), DayKind::MakeUp),
        (day(10, 9), DayKind::MakeUp),
    ] {
        assert_eq!(kind(&cn, date), expected, "{date}");
    }
    let spring = cn.day(day(2, 15)).unwrap();
    assert_eq!(spring.holidays.len(), 1);
    assert_eq!(spring.holidays[0].name, "Spring Festival");
    assert_eq!(
        (spring.layer, spring.service, spring.provisional),
        (None, None, false)
    );

    let counted = |wanted| {
        (0..365)
            .filter(|place| kind(&cn, day(1, 1).plus_days(*place)) == wanted)
            .count()
    };
    assert_eq!(counted(DayKind::Working) + counted(DayKind::MakeUp), 250);
    assert_eq!(counted(DayKind::MakeUp), 8);
    assert_eq!(counted(DayKind::Closure), 0);
}

#[test]
fn a_day_outside_the_covered_ones_has_no_kind() {
    let error = cn().day(date(2027, 1, 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "calendar CN knows nothing of 2027-01-01: it covers 2004-01-01 to 2026-12-31; publish a version that covers that day"
    );
}

#[test]
fn a_day_off_without_a_name_is_a_closure_of_the_calendar_itself() {
    let mut facts = cn().facts().clone();
    facts.version = Version(2);
    facts.non_working_weekdays_dates.push(day(3, 10));
    let amended = Calendar::new(facts).unwrap();
    assert_eq!(kind(&amended, day(3, 10)), DayKind::Closure);
    assert_eq!(decided_by(&amended, day(3, 10)), None);
}

// Layers.

#[test]
fn a_centre_over_a_region_over_the_nation_says_which_of_them_decided_each_day() {
    let region = layer(
        "heilongjiang",
        "CN",
        &[("2010-08-09 to 2010-08-11", "flood")],
        &[],
    );
    let region = Calendar::layered(&cn(), &region).unwrap();
    let centre = layer(
        "harbin",
        "heilongjiang",
        &[("2010-03-10", "moving house")],
        &[
            ("2010-08-11", "open again", true),
            ("2010-03-13", "Saturday service", false),
        ],
    );
    let centre = Calendar::layered(&region, &centre).unwrap();

    let decided = |month, d| decided_by(&centre, day(month, d));
    assert_eq!(decided(8, 9), Some(("heilongjiang".into(), "flood".into())));
    assert_eq!(decided(8, 11), Some(("harbin".into(), "open again".into())));
    assert_eq!(decided(3, 10), Some(("harbin".into(), "moving house".into())));
    assert_eq!(decided(2, 15), None);
    assert_eq!(kind(&centre, day(8, 10)), DayKind::Closure);
    assert_eq!(kind(&centre, day(8, 11)), DayKind::MakeUp);
    assert_eq!(kind(&centre, day(2, 15)), DayKind::Holiday);

    let below: Vec<_> = centre
        .facts()
        .layers
        .iter()
        .map(|layer| layer.calendar.as_str())
        .collect();
    assert_eq!(below, ["CN", "heilongjiang"]);
    assert_eq!(
        (centre.id().as_str(), centre.title(), centre.version()),
        ("harbin", "harbin", Version(1))
    );
    // The nation's 250 days, without two of the flood and the day of moving.
    assert_eq!(
        centre.working_days_between(date(2009, 12, 31), day(12, 31)),
        Ok(247)
    );
}

#[test]
fn work_done_on_a_non_working_day_does_not_make_that_day_count() {
    let service = layer("centre", "CN", &[], &[("2010-03-06", "Saturday service", false)]);
    let centre = Calendar::layered(&cn(), &service).unwrap();

    let saturday = centre.day(day(3, 6)).unwrap();
    assert_eq!(saturday.kind, DayKind::Weekend);
    assert_eq!(saturday.service.unwrap().effect, LayerEffect::Service);
    assert_eq!(centre.is_working_day(day(3, 6)), Ok(false));
    assert_eq!(centre.nth_working_day_after(day(3, 5), 1), Ok(day(3, 8)));
}

#[test]
fn a_make_up_day_can_be_closed_and_a_holiday_worked() {
    let changes = layer(
        "centre",
        "CN",
        &[("2010-02-20 to 2010-02-21", "no heating")],
        &[("2010-02-18", "extra day", true)],
    );
    let centre = Calendar::layered(&cn(), &changes).unwrap();
    assert_eq!(kind(&centre, day(2, 20)), DayKind::Closure);
    assert_eq!(kind(&centre, day(2, 18)), DayKind::MakeUp);
    assert_eq!(centre.nth_working_day_after(day(2, 12), 1), Ok(day(2, 18)));
    assert_eq!(centre.nth_working_day_after(day(2, 12), 2), Ok(day(2, 22)));
}

#[test]
fn a_closed_week_leaves_its_weekend_as_it_is() {
    let week = layer(
        "centre",
        "CN",
        &[("2010-03-08 to 2010-03-14", "moving house")],
        &[],
    );
    assert_eq!(week.faults(&cn()), []);
    let centre = Calendar::layered(&cn(), &week).unwrap();
    assert_eq!(kind(&centre, day(3, 12)), DayKind::Closure);
    assert_eq!(kind(&centre, day(3, 13)), DayKind::Weekend);
    assert_eq!(centre.facts().layered.len(), 5);
}

#[test]
fn closing_a_day_ends_the_service_below_it() {
    let region = layer("region", "CN", &[], &[("2010-03-06", "Saturday service", false)]);
    let region = Calendar::layered(&cn(), &region).unwrap();
    let centre = layer("centre", "region", &[("2010-03-06", "no power")], &[]);
    assert_eq!(centre.faults(&region), []);
    let centre = Calendar::layered(&region, &centre).unwrap();
    assert_eq!(centre.day(day(3, 6)).unwrap().service, None);
    assert_eq!(kind(&centre, day(3, 6)), DayKind::Weekend);
}

#[test]
fn a_layer_that_cannot_be_says_which_entry_and_why() {
    let refused = |closed: &[(&str, &str)], opened: &[(&str, &str, bool)]| {
        Calendar::layered(&cn(), &layer("centre", "CN", closed, opened))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(&[("2027-01-04", "repairs")], &[]),
        "layer centre: closed has 2027-01-04, outside the 2004-01-01 to 2026-12-31 that the calendar below covers"
    );
    assert_eq!(
        refused(
            &[("2010-03-10", "repairs")],
            &[("2010-03-09 to 2010-03-11", "fair", true)]
        ),
        "layer centre: opened has 2010-03-10, and an earlier entry has it, too"
    );
    let other = Calendar::layered(&cn(), &layer("centre", "NL", &[], &[])).unwrap_err();
    assert_eq!(
        other.to_string(),
        "layer centre belongs over calendar NL, and was laid over CN"
    );
    let same = Calendar::layered(&cn(), &layer("CN", "CN", &[], &[])).unwrap_err();
    assert_eq!(
        same,
        LayerError::SameName {
            layer: CalendarId::new("CN").unwrap()
        }
    );
    let mut newer = layer("centre", "CN", &[], &[]);
    newer.base_version = Some(Version(2));
    assert_eq!(
        Calendar::layered(&cn(), &newer).unwrap_err().to_string(),
        "layer centre belongs over version 2 of calendar CN, and that is at version 1; look the layer through, and write \
         the version that it fits"
    );
    let mut zero = layer("centre", "CN", &[], &[]);
    zero.version = Version(0);
    assert_eq!(
        Calendar::layered(&cn(), &zero),
        Err(LayerError::Facts(FactsError::VersionZero {
            calendar: CalendarId::new("centre").unwrap()
        }))
    );
}

#[test]
fn entries_that_change_nothing_are_named_and_forbid_nothing() {
    let idle = layer(
        "centre",
        "CN",
        &[
            ("2010-03-06 to 2010-03-07", "weekend"),
            ("2010-02-15", "Spring Festival"),
        ],
        &[
            ("2010-03-08", "Monday", true),
            ("2010-02-20", "make-up day", false),
        ],
    );
    let faults = idle.faults(&cn());
    let problems: Vec<_> = faults.iter().map(|fault| fault.problem).collect();
    assert_eq!(
        problems,
        [
            LayerProblem::AlreadyOff,
            LayerProblem::AlreadyOff,
            LayerProblem::AlreadyWorking,
            LayerProblem::AlreadyWorking
        ]
    );
    assert_eq!(faults[2].to_string(), "opened has 2010-03-08, worked anyway");
    assert_eq!(
        faults[0].to_string(),
        "closed has 2010-03-06 to 2010-03-07, off anyway"
    );

    let centre = Calendar::layered(&cn(), &idle).unwrap();
    assert_eq!(centre.facts().layered, []);
    assert_eq!(
        centre.facts().working_weekend_dates,
        cn().facts().working_weekend_dates
    );
}

#[test]
fn days_in_a_document_run_forwards_and_are_dates() {
    let parse = |text: &str| text.parse::<DayRange>().map_err(|error| error.to_string());
    assert_eq!(
        parse("2010-03-10").unwrap().to_string(),
        "2010-03-10 to 2010-03-10"
    );
    assert_eq!(
        serde_json::to_string(&parse("2010-03-10").unwrap()).unwrap(),
        r#""2010-03-10""#
    );
    assert_eq!(
        serde_json::to_string(&parse("2010-10-01 to 2010-10-07").unwrap()).unwrap(),
        r#""2010-10-01 to 2010-10-07""#
    );
    assert_eq!(
        parse("2010-10-07 to 2010-10-01").unwrap_err(),
        "the days end on 2010-10-01, before they begin on 2010-10-07; put them in order"
    );
    assert_eq!(
        parse("Monday").unwrap_err(),
        "`Monday` is no date; write it like 2010-03-01, or several days like 2010-10-01 to 2010-10-07"
    );
}

#[test]
fn a_layered_calendar_is_published_whole_and_read_again_without_its_base() {
    let changes = layer(
        "centre",
        "CN",
        &[("2010-03-10", "repairs")],
        &[("2010-03-06", "Saturday service", false)],
    );
    let centre = Calendar::layered(&cn(), &changes).unwrap();
    let text = serde_json::to_string(&centre).unwrap();
    assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), centre);

    let plain = serde_json::to_string(&cn()).unwrap();
    for field in ["layers", "layered", "provisional_from"] {
        assert!(!plain.contains(field), "{field}");
    }
}

#[test]
fn what_a_document_says_of_its_layers_must_agree_with_its_days() {
    let changes = layer("centre", "CN", &[("2010-03-10", "repairs")], &[]);
    let facts = Calendar::layered(&cn(), &changes).unwrap().facts().clone();
    let refused = |change: fn(&mut CalendarFacts)| {
        let mut facts = facts.clone();
        change(&mut facts);
        Calendar::new(facts).unwrap_err().to_string()
    };
    assert_eq!(
        refused(|facts| facts.layered[0].effect = LayerEffect::MakeUp),
        "calendar centre has 2010-03-10 in layered as make_up, but its lists say otherwise"
    );
    assert_eq!(
        refused(|facts| facts.layered[0].date = date(2010, 3, 9)),
        "calendar centre has 2010-03-09 in layered as closed, but its lists say otherwise"
    );
    assert_eq!(
        refused(|facts| facts.layered.push(facts.layered[0].clone())),
        "calendar centre has 2010-03-10 twice in layered; remove one"
    );
    assert_eq!(
        refused(|facts| facts.layered[0].date = date(2030, 3, 9)),
        "calendar centre has 2030-03-09 in layered, outside the 2004-01-01 to 2026-12-31 that it covers"
    );
}

// Days that nobody has announced yet.

fn with_provisional_2011() -> Calendar {
    let mut facts = cn().facts().clone();
    facts.provisional_from = Some(date(2011, 1, 1));
    Calendar::new(facts).unwrap()
}

#[test]
fn an_answer_on_a_day_that_nobody_announced_is_provisional_and_the_same_otherwise() {
    let (firm, provisional) = (cn(), with_provisional_2011());
    let due = |calendar: &Calendar, n| calendar.nth_working_day_after(day(12, 30), n).unwrap();
    assert_eq!(due(&firm, 5), due(&provisional, 5));
    assert!(!provisional.is_provisional(due(&provisional, 1)));
    assert!(provisional.is_provisional(due(&provisional, 2)));
    assert!(!firm.is_provisional(due(&firm, 2)));
    assert!(provisional.day(date(2011, 1, 4)).unwrap().provisional);
    // Of a day that is not covered nothing is known, not even provisionally.
    assert!(!provisional.is_provisional(date(2027, 1, 1)));
    assert_eq!(provisional.provisional_from(), Some(date(2011, 1, 1)));
}

#[test]
fn a_layer_over_provisional_days_leaves_them_provisional() {
    let closed = layer("centre", "CN", &[("2011-01-05", "repairs")], &[]);
    let centre = Calendar::layered(&with_provisional_2011(), &closed).unwrap();
    assert!(centre.is_provisional(date(2011, 1, 5)));
}

#[test]
fn provisional_days_are_covered_ones() {
    let mut facts = cn().facts().clone();
    facts.provisional_from = Some(date(2027, 1, 1));
    assert_eq!(
        Calendar::new(facts).unwrap_err().to_string(),
        "calendar CN has provisional_from 2027-01-01, outside the 2004-01-01 to 2026-12-31 that it covers"
    );
}

// Laws.

prop_compose! {
    /// Entries of up to nine days around the year 2010, without overlaps.
    fn entries()(
        list in prop::collection::vec((1..20_i32, 0..9_i32, 0..3_u8), 0..20),
    ) -> Vec<(DayRange, u8)> {
        let mut next = date(2010, 1, 1);
        list.into_iter()
            .map(|(gap, length, what)| {
                let first = next.plus_days(gap);
                next = first.plus_days(length);
                (DayRange::new(first, next).unwrap(), what)
            })
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_layer_decides_its_days_and_no_others(entries in entries()) {
        let cn = cn();
        let closed: Vec<(String, &str)> = entries.iter().filter(|(_, what)| *what == 0)
            .map(|(days, _)| (days.to_string(), "closed")).collect();
        let opened: Vec<(String, &str, bool)> = entries.iter().filter(|(_, what)| *what > 0)
            .map(|(days, what)| (days.to_string(), "opened", *what == 1)).collect();
        let closed: Vec<_> = closed.iter().map(|(days, name)| (days.as_str(), *name)).collect();
        let opened: Vec<_> = opened.iter().map(|(days, name, counts)| (days.as_str(), *name, *counts)).collect();
        let centre = Calendar::layered(&cn, &layer("centre", "CN", &closed, &opened)).unwrap();

        for place in 0..365 {
            let date = day(1, 1).plus_days(place);
            let what = entries.iter().find(|(days, _)| days.contains(date)).map(|(_, what)| *what);
            let before = cn.is_working_day(date).unwrap();
            let expected = match what {
                Some(0) => false,
                Some(1) => true,
                _ => before,
            };
            let now = centre.day(date).unwrap();
            prop_assert_eq!(centre.is_working_day(date), Ok(expected), "{}", date);
            prop_assert_eq!(now.kind.works(), expected);
            prop_assert_eq!(now.layer.is_some(), expected != before, "{}", date);
            prop_assert_eq!(now.service.is_some(), what == Some(2) && !before, "{}", date);
        }
        let text = serde_json::to_string(&centre).unwrap();
        prop_assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), centre);
    }

    #[test]
    fn days_before_mirror_days_after(start in 0..3_650_i32, n in 0_u32..300) {
        let cn = cn();
        let start = date(2010, 1, 1).plus_days(start);
        let after = cn.nth_working_day_after(start, n).unwrap();
        let before = cn.nth_working_day_before(start, n).unwrap();
        prop_assert_eq!(cn.working_days_between(start, after), Ok(n));
        prop_assert_eq!(cn.working_days_between(before.plus_days(-1), start.plus_days(-1)), Ok(n));
        if cn.is_working_day(start).unwrap() {
            prop_assert_eq!(cn.nth_working_day_before(after, n), Ok(start));
            prop_assert_eq!(cn.nth_working_day_after(before, n), Ok(start));
        }
        let one_more = cn.nth_working_day_before(start, n + 1).unwrap();
        prop_assert!(one_more < before || n == 0 && one_more < start);
        let (from, until) = (cn.working_day_from(start).unwrap(), cn.working_day_until(start).unwrap());
        prop_assert!(until <= start && start <= from);
        prop_assert_eq!(until == from, cn.is_working_day(start).unwrap());
        prop_assert_eq!(cn.working_days_between(until, from), Ok(u32::from(until != from)));
    }

    #[test]
    fn a_later_start_never_counts_back_to_an_earlier_day(start in 0..3_650_i32, n in 0_u32..300) {
        let cn = cn();
        let start = date(2010, 1, 1).plus_days(start);
        prop_assert!(
            cn.nth_working_day_before(start, n).unwrap() <= cn.nth_working_day_before(start.next(), n).unwrap()
        );
    }
}

#[test]
fn counting_back_past_the_covered_days_is_an_error() {
    let cn = cn();
    let error = |date, n| cn.nth_working_day_before(date, n).unwrap_err().to_string();
    let unknown = |date| {
        format!(
            "calendar CN knows nothing of {date}: it covers 2004-01-01 to 2026-12-31; publish a version that covers that day"
        )
    };
    assert_eq!(error(date(2004, 1, 5), 2), unknown("2003-12-31"));
    assert_eq!(error(date(2003, 6, 1), 1), unknown("2003-05-31"));
    assert_eq!(error(date(2027, 1, 2), 1), unknown("2027-01-01"));
    assert_eq!(
        cn.nth_working_day_before(date(2027, 1, 1), 1),
        Ok(date(2026, 12, 31))
    );
    assert_eq!(
        cn.nth_working_day_before(date(2004, 1, 5), 1),
        Ok(date(2004, 1, 2))
    );
    assert_eq!(
        cn.nth_working_day_before(date(1999, 1, 1), 0),
        Ok(date(1999, 1, 1))
    );
}

#[test]
fn terms_of_weeks_and_months_end_provisionally_too() {
    let calendar = with_provisional_2011();
    let due = Clock::new(day(12, 20), Term::Weeks(2), &Policy::default(), &calendar)
        .due_on(day(12, 20))
        .unwrap();
    assert_eq!((due, calendar.is_provisional(due)), (date(2011, 1, 4), true));
}
