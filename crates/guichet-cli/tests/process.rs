//! The process view of real logs and of small ones: against other people's figures, and against a second, simple count.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use common::{Centre, assert_fits, guichet, parsed, told};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A file of the data beside the repository. It is no part of it, so the tests that need it pass without, except where
/// `CI=true` says that it has to be there.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    if path.is_file() {
        return Some(path);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "the real data is not at {}",
        path.display()
    );
    eprintln!("skipped: no real data at {}", path.display());
    None
}

/// The text of a file, unpacked where it is packed.
fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}

/// A log imported into a folder of its own.
struct Log(TempDir);

impl Log {
    fn imported(mapping: &str, files: &[&Path]) -> Self {
        let log = Self(TempDir::new().unwrap());
        let files = files.iter().map(|path| path.to_str().unwrap());
        let arguments: Vec<&str> = ["import", "--quiet", "--mapping", mapping]
            .into_iter()
            .chain(files)
            .collect();
        let output = log.call(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output, log.0.path()));
        log
    }

    fn call(&self, arguments: &[&str]) -> std::process::Output {
        guichet(arguments)
            .arg("--data")
            .arg(self.0.path())
            .output()
            .unwrap()
    }

    fn view(&self) -> Value {
        let output = self.call(&["stats", "process", "--json"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output, self.0.path()));
        let view = parsed(&output);
        assert_fits("stats-process.v1.schema.json", &view);
        view
    }

    fn rows(&self) -> String {
        let output = self.call(&["stats", "cases", "--csv"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output, self.0.path()));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Every difference between what is expected and what was found, by the place in the document. What was found may say more.
fn differences(place: &str, expected: &Value, found: &Value, all: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                let place = format!("{place}/{key}");
                match found.get(key) {
                    Some(found) => differences(&place, value, found, all),
                    None => all.push(format!("{place} is missing")),
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            if expected.len() != found.len() {
                all.push(format!(
                    "{place} has {} entries instead of {}",
                    found.len(),
                    expected.len()
                ));
            }
            for (n, (expected, found)) in expected.iter().zip(found).enumerate() {
                differences(&format!("{place}/{n}"), expected, found, all);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > 1e-9 {
                all.push(format!("{place} is {b} instead of {a}"));
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => all.push(format!("{place} is {found} instead of {expected}")),
    }
}

fn assert_agrees(expected: &Value, found: &Value) {
    let mut all = Vec::new();
    differences("", expected, found, &mut all);
    assert_eq!(all, Vec::<String>::new(), "{}", all.join("\n"));
}

/// The figures of an oracle, without where its source comes from: that is the oracle's own affair.
fn oracle(path: &Path) -> Value {
    let mut oracle: Value = serde_json::from_str(&text(path)).unwrap();
    oracle.as_object_mut().unwrap().remove("source");
    oracle
}

#[test]
fn the_view_of_permit_applications_equals_that_of_others_in_every_key() {
    let (Some(xes), Some(csv), Some(cases)) = (
        shared("logs/receipt.xes.gz"),
        shared("oracles/receipt.json.gz"),
        shared("oracles/receipt.per_case.csv.gz"),
    ) else {
        return;
    };
    let log = Log::imported("receipt", &[&xes]);
    assert_agrees(&oracle(&csv), &log.view());

    let (expected, found) = (text(&cases), log.rows());
    for (n, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(found, expected, "row {n}");
    }
    assert_eq!(found, expected);
}

#[test]
fn requests_to_a_city_are_as_punctual_as_others_count_them() {
    let (Some(table), Some(figures)) = (
        shared("city/nyc311_2018.csv.gz"),
        shared("oracles/nyc311_2018.json"),
    ) else {
        return;
    };
    let (view, expected) = (Log::imported("nyc311_2018", &[&table]).view(), oracle(&figures));

    let on_time = &expected["on_time"];
    let deadline = &view["deadline"];
    assert_eq!(
        deadline["rule"],
        json!("on time when ended <= deadline, local wall clock")
    );
    for (theirs, ours) in [
        ("with_both", "with_both"),
        ("on_time", "on_time"),
        ("late", "late"),
        ("rate", "rate"),
        ("open_with_due", "open_with_deadline"),
        ("by_agency", "by_department"),
        ("by_channel", "by_channel"),
    ] {
        assert_agrees(
            &json!({theirs: on_time[theirs]}),
            &json!({theirs: deadline[ours]}),
        );
    }

    let of = |kind: &str| -> Value {
        let of = view["ended_by"][kind].as_object().unwrap().iter();
        of.map(|(name, of)| {
            let median = of["median_ms"].as_f64().map(|ms| ms / 1_000.0);
            let of = json!({"cases": of["cases"], "closed": of["ended"], "median_seconds": median});
            (name.clone(), of)
        })
        .collect()
    };
    let in_order = &view["submitted_to_ended_in_order"];
    let mut seconds = in_order["ms"].clone();
    for (key, value) in seconds.as_object_mut().unwrap() {
        if key != "n" {
            *value = if value.is_f64() {
                json!(value.as_f64().unwrap() / 1_000.0)
            } else {
                json!(value.as_i64().unwrap() / 1_000)
            };
        }
    }
    let found = json!({
        "timezone": view["timezone"],
        "table": view["log"],
        "cases": view["counts"]["cases"],
        "closed": deadline_count(&view, |open, all| all - open),
        "open": deadline_count(&view, |open, _| open),
        "closed_before_opened": view["ended_before_submitted"],
        "opened_to_closed_seconds": seconds,
        "opened_to_closed_working_days": in_order["working_days"],
        "by_agency": of("department"),
        "by_channel": of("channel"),
        "opened_per_day": view["submitted_per_day"],
        "opened_per_month": view["submitted_per_month"],
        "closed_per_month": view["ended_per_month"],
    });
    let mut expected = expected;
    expected.as_object_mut().unwrap().remove("on_time");
    assert_agrees(&expected, &found);
    assert_eq!(
        found.as_object().unwrap().len(),
        expected.as_object().unwrap().len()
    );
}

fn deadline_count(view: &Value, of: impl Fn(i64, i64) -> i64) -> i64 {
    let open = view["open_cases_at_log_end"]["open"].as_i64().unwrap();
    of(open, view["counts"]["cases"].as_i64().unwrap())
}

/// An event as the second count sees it.
struct Naive {
    case: String,
    at_ms: i64,
    /// The date as the source writes it, which is the local one.
    date: String,
    activity: String,
    /// Person, group, role.
    who: [String; 3],
}

/// The events of a CSV file with these columns: case, activity, time, person, group, role.
fn naive_events(csv: &str, columns: [&str; 6]) -> Vec<Naive> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let places: Vec<Option<usize>> = {
        let header = reader.headers().unwrap();
        let place = |name: &&str| header.iter().position(|column| column == *name);
        columns.iter().map(place).collect()
    };
    let events = reader.records().map(|row| {
        let row = row.unwrap();
        let cell = |n: usize| {
            places[n].map_or_else(String::new, |place| row.get(place).unwrap_or_default().to_owned())
        };
        let at: guichet_core::time::Timestamp = cell(2).parse().unwrap();
        Naive {
            case: cell(0),
            at_ms: at.as_micros().div_euclid(1_000),
            date: cell(2)[..10].to_owned(),
            activity: cell(1),
            who: [cell(3), cell(4), cell(5)],
        }
    });
    events.collect()
}

/// What can be said of values without a fraction.
fn naive_describe(mut values: Vec<i64>) -> Value {
    values.sort_unstable();
    if values.is_empty() {
        return json!({"n": 0});
    }
    // The smallest value that at least so many of a hundred do not exceed.
    let rank = |percent: usize| {
        let reached = |value: &&i64| {
            let below = values.iter().filter(|other| other <= value).count();
            below * 100 >= percent * values.len()
        };
        *values.iter().find(reached).unwrap()
    };
    let mut described = json!({
        "n": values.len(),
        "max": values.iter().max(),
        "sum": values.iter().sum::<i64>(),
    });
    if values.len() < 3_000 {
        described["nr50"] = json!(rank(50));
    }
    described
}

fn counted<T: Ord, I: IntoIterator<Item = T>>(values: I) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts
}

fn most_first<T: Ord + Clone>(counts: &BTreeMap<T, u64>) -> Vec<(T, u64)> {
    let mut all: Vec<_> = counts
        .iter()
        .map(|(value, count)| (value.clone(), *count))
        .collect();
    all.sort_by_key(|(value, count)| (std::cmp::Reverse(*count), value.clone()));
    all
}

/// The main figures of a log, counted a second time and in the plainest way.
#[expect(clippy::too_many_lines, reason = "one figure after the other")]
fn naive_view(events: &[Naive]) -> Value {
    let mut by_case: BTreeMap<&str, Vec<&Naive>> = BTreeMap::new();
    for event in events {
        by_case.entry(&event.case).or_default().push(event);
    }
    let reordered = by_case
        .values()
        .filter(|events| !events.is_sorted_by_key(|event| event.at_ms))
        .count();
    for events in by_case.values_mut() {
        events.sort_by_key(|event| event.at_ms);
    }
    let pairs: Vec<(&Naive, &Naive)> = by_case
        .values()
        .flat_map(|events| events.windows(2).map(|two| (two[0], two[1])))
        .collect();
    let ends: Vec<(&Naive, &Naive)> = by_case
        .values()
        .map(|events| (events[0], events[events.len() - 1]))
        .collect();
    let names: BTreeSet<&str> = events.iter().map(|event| event.activity.as_str()).collect();
    let mut activities: Vec<Value> = names
        .iter()
        .map(|name| {
            let of = |events: &[&Naive]| events.iter().filter(|event| event.activity == *name).count();
            let cases: Vec<usize> = by_case
                .values()
                .map(|events| of(events))
                .filter(|n| *n > 0)
                .collect();
            let count: usize = cases.iter().sum();
            let people: BTreeSet<_> = events
                .iter()
                .filter(|event| event.activity == *name && !event.who[0].is_empty())
                .map(|event| &event.who[0])
                .collect();
            let sojourns = pairs
                .iter()
                .filter(|(_, next)| next.activity == *name)
                .map(|(one, next)| next.at_ms - one.at_ms);
            json!({
                "activity": name,
                "events": count,
                "cases": cases.len(),
                "cases_with_rework": cases.iter().filter(|n| **n > 1).count(),
                "repetitions": count - cases.len(),
                "resources": people.len(),
                "sojourn_ms": naive_describe(sojourns.collect()),
            })
        })
        .collect();
    activities.sort_by_key(|activity| {
        (
            std::cmp::Reverse(activity["events"].as_u64()),
            activity["activity"].to_string(),
        )
    });
    let repeated = |events: &[&Naive]| {
        let different: BTreeSet<_> = events.iter().map(|event| &event.activity).collect();
        events.len() - different.len()
    };
    let variants = counted(by_case.values().map(|events| {
        let names = events.iter().map(|event| event.activity.clone());
        names.collect::<Vec<_>>()
    }));
    let top: Vec<Value> = most_first(&variants)
        .into_iter()
        .take(10)
        .map(|(sequence, cases)| json!({"cases": cases, "sequence": sequence}))
        .collect();
    let follows = counted(
        pairs
            .iter()
            .map(|(one, next)| (one.activity.clone(), next.activity.clone())),
    );
    let follows: Vec<Value> = most_first(&follows)
        .into_iter()
        .map(|((one, next), count)| json!([one, next, count]))
        .collect();
    let mut transfers = serde_json::Map::new();
    for (n, who) in ["resource", "group", "role"].into_iter().enumerate() {
        let known: Vec<_> = pairs
            .iter()
            .filter(|(one, next)| !one.who[n].is_empty() && !next.who[n].is_empty())
            .collect();
        let changes: Vec<_> = known
            .iter()
            .filter(|(one, next)| one.who[n] != next.who[n])
            .collect();
        let matrix = counted(
            changes
                .iter()
                .map(|(one, next)| (one.who[n].clone(), next.who[n].clone())),
        );
        let matrix: Vec<Value> = most_first(&matrix)
            .into_iter()
            .map(|((one, next), count)| json!([one, next, count]))
            .collect();
        let ping_pongs: usize = by_case
            .values()
            .map(|events| {
                let mut values: Vec<_> = events
                    .iter()
                    .map(|event| &event.who[n])
                    .filter(|who| !who.is_empty())
                    .collect();
                values.dedup();
                values.windows(3).filter(|three| three[0] == three[2]).count()
            })
            .sum();
        let cases: BTreeSet<_> = changes.iter().map(|(one, _)| &one.case).collect();
        transfers.insert(
            who.to_owned(),
            json!({
                "pairs_with_both_known": known.len(),
                "transfers": changes.len(),
                "same": known.len() - changes.len(),
                "cases_with_transfer": cases.len(),
                "matrix": matrix,
                "ping_pongs_nulls_skipped": ping_pongs,
            }),
        );
    }
    let different = |n: usize| {
        let names: BTreeSet<_> = events
            .iter()
            .map(|event| &event.who[n])
            .filter(|name| !name.is_empty())
            .collect();
        names.len()
    };
    let day = |date: &str| date.parse::<guichet_core::time::Date>().unwrap();
    let days = |(first, last): &(&Naive, &Naive)| {
        let (mut date, last) = (day(&first.date), day(&last.date));
        let (mut all, mut working) = (0, 0);
        while date < last {
            date = date.next();
            all += 1;
            working += i64::from(date.iso_weekday() < 6);
        }
        (all, working)
    };
    let mut firsts: Vec<i64> = ends.iter().map(|(first, _)| first.at_ms).collect();
    firsts.sort_unstable();
    json!({
        "counts": {
            "cases": by_case.len(),
            "cases_with_events": by_case.len(),
            "events": events.len(),
            "activities": names.len(),
            "resources": different(0),
            "groups": different(1),
            "roles": different(2),
            "events_without_resource": events.iter().filter(|event| event.who[0].is_empty()).count(),
            "cases_whose_file_order_is_not_time_order": reordered,
            "events_per_case": naive_describe(by_case.values().map(|events| i64::try_from(events.len()).unwrap()).collect()),
        },
        "duration_ms": naive_describe(ends.iter().map(|(first, last)| last.at_ms - first.at_ms).collect()),
        "duration_calendar_days": naive_describe(ends.iter().map(|both| days(both).0).collect()),
        "duration_working_days": {"MON_FRI": naive_describe(ends.iter().map(|both| days(both).1).collect())},
        "activities": activities,
        "rework": {
            "repetitions": by_case.values().map(|events| repeated(events)).sum::<usize>(),
            "cases_with_rework": by_case.values().filter(|events| repeated(events) > 0).count(),
        },
        "transfers": transfers,
        "start_activities": counted(ends.iter().map(|(first, _)| first.activity.clone())),
        "end_activities": counted(ends.iter().map(|(_, last)| last.activity.clone())),
        "variants": {"distinct": variants.len(), "top": top},
        "directly_follows": follows,
        "arrivals_per_month": counted(ends.iter().map(|(first, _)| first.date[..7].to_owned())),
        "completions_per_month": counted(ends.iter().map(|(_, last)| last.date[..7].to_owned())),
        "arrivals_per_iso_weekday": counted(ends.iter().map(|(first, _)| day(&first.date).iso_weekday().to_string())),
        "arrival_gaps_ms": naive_describe(firsts.windows(2).map(|two| two[1] - two[0]).collect()),
    })
}

/// Cases under way at each of the instants that the view names.
fn assert_work_in_progress(view: &Value, events: &[Naive]) {
    let mut spans: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for event in events {
        let span = spans.entry(&event.case).or_insert((event.at_ms, event.at_ms));
        *span = (span.0.min(event.at_ms), span.1.max(event.at_ms));
    }
    let starts = view["work_in_progress_at_month_starts"].as_array().unwrap();
    assert!(!starts.is_empty());
    for start in starts {
        let at: guichet_core::time::Timestamp = start["instant"].as_str().unwrap().parse().unwrap();
        let at = at.as_micros() / 1_000;
        let open = spans
            .values()
            .filter(|(first, last)| *first <= at && at < *last)
            .count();
        assert_eq!(start["open"], json!(open), "{start}");
    }
}

#[test]
fn a_log_with_roles_and_without_groups_or_deadlines_is_counted_as_a_second_count_has_it() {
    let Some(csv) = shared("logs/bpic20_domestic.events.csv.gz") else {
        return;
    };
    let view = Log::imported("bpic20_domestic", &[&csv]).view();
    let events = naive_events(
        &text(&csv),
        ["case_id", "activity", "ts", "resource", "group", "role"],
    );
    assert_agrees(&naive_view(&events), &view);
    assert_work_in_progress(&view, &events);
    assert_eq!(view.get("deadline"), None);
    assert_eq!(view["calendars"], json!(["MON_FRI", "NL_ATW"]));
}

#[test]
fn a_small_log_of_our_own_is_counted_as_a_second_count_has_it() {
    let example = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mapping = example("permits.yaml").display().to_string();
    let log = Log::imported(&mapping, &[&example("permits.xes")]);
    let view = log.view();
    let events = naive_events(
        &text(&example("permits.events.csv")),
        ["case", "activity", "time", "person", "group", "role"],
    );
    assert_agrees(&naive_view(&events), &view);
    assert_work_in_progress(&view, &events);
    insta::assert_json_snapshot!("process_permits", view);
    insta::assert_snapshot!("cases_permits", log.rows());
    let said = |lang: &str| told(&log.call(&["stats", "process", "--lang", lang]), log.0.path());
    insta::assert_snapshot!("process_permits_text", format!("{}\n{}", said("en"), said("zh")));
}

/// Rows out of order, two cases by turns, ties, events without a person, an activity that never completes.
const ODD: &str = "\
case,what,when,who,team,as,phase
b,Check,2010-03-02T10:00:00.000+08:00,p2,T1,clerk,start
a,Receive,2010-03-01T09:00:00.000+08:00,p1,T1,,complete
a,Send back,2010-03-01T09:30:00.000+08:00,,T2,,complete
b,Receive,2010-03-01T23:59:59.999+08:00,p1,,clerk,complete
a,Receive,2010-03-01T09:30:00.000+08:00,p1,T1,,complete
b,Check,2010-03-02T10:00:00.000+08:00,p3,T1,head,complete
c,Receive,2010-04-01T00:00:00.000+08:00,,,,complete
b,Check,2010-05-31T12:00:00.000+08:00,p2,T2,clerk,start
";

#[test]
fn rows_out_of_order_with_ties_and_gaps_are_counted_as_a_second_count_has_them() {
    let files = TempDir::new().unwrap();
    let (mapping, rows) = (files.path().join("odd.yaml"), files.path().join("odd.csv"));
    std::fs::write(
        &mapping,
        "log: odd\ntime_zone: '+08:00'\ncsv: {case: case, activity: what, time: when, person: who, group: team, role: as, \
         lifecycle: phase}\n",
    )
    .unwrap();
    std::fs::write(&rows, ODD).unwrap();
    let log = Log::imported(mapping.to_str().unwrap(), &[&rows]);
    let view = log.view();
    let events = naive_events(ODD, ["case", "what", "when", "who", "team", "as"]);
    assert_agrees(&naive_view(&events), &view);
    assert_work_in_progress(&view, &events);
    // Where instants are equal the order of the file counts.
    assert_eq!(
        view["variants"]["top"][0]["sequence"],
        json!(["Receive"]),
        "{}",
        view["variants"]
    );
    assert_eq!(
        view["variants"]["top"][1]["sequence"],
        json!(["Receive", "Check", "Check", "Check"])
    );
    assert_eq!(
        view["variants"]["top"][2]["sequence"],
        json!(["Receive", "Send back", "Receive"])
    );
    assert_eq!(view["counts"]["cases_whose_file_order_is_not_time_order"], 1);
    insta::assert_snapshot!("cases_odd", log.rows());
}

#[test]
fn local_times_of_a_table_in_another_form_are_measured_on_the_wall() {
    let files = TempDir::new().unwrap();
    let (mapping, rows) = (files.path().join("table.yaml"), files.path().join("table.csv"));
    std::fs::write(
        &mapping,
        "log: table\ntime_zone: America/New_York\ncsv:\n  row: case\n  case: id\n  time_format: '%d.%m.%Y %H:%M'\n  \
         facts: {submitted: in, ended: out, deadline: due, channel: by}\n  events:\n    - {activity: in, time: in}\n    \
         - {activity: out, time: out}\n",
    )
    .unwrap();
    std::fs::write(
        &rows,
        "id,in,out,due,by\n1,03.11.2018 12:00,04.11.2018 12:00,04.11.2018 12:00,web\n2,03.11.2018 12:00,,05.11.2018 08:00,\n\
         3,03.11.2018 12:00,06.11.2018 12:00,,desk\n4,03.11.2018 12:00,03.11.2018 11:00,03.11.2018 10:59,desk\n",
    )
    .unwrap();
    let view = Log::imported(mapping.to_str().unwrap(), &[&rows]).view();
    // A day on the wall, though the clock went back in that night.
    assert_agrees(
        &json!({
            "deadline": {
                "rule": "on time when ended <= deadline, local wall clock",
                "with_both": 2, "on_time": 1, "late": 1, "rate": 0.5, "no_end": 1, "no_deadline": 1, "open_with_deadline": 1,
                "by_channel": {"desk": {"with_both": 1, "on_time": 0}, "web": {"with_both": 1, "on_time": 1}},
                "by_department": {"(none)": {"with_both": 2, "on_time": 1}},
            },
            "submitted_to_ended_ms": {"n": 3, "min": -3_600_000, "max": 259_200_000, "nr50": 86_400_000},
            "submitted_to_ended_in_order": {"ms": {"n": 2, "min": 86_400_000}},
            "ended_before_submitted": 1,
            "open_cases_at_log_end": {"open": 1, "past_deadline": 1},
            "cases_by": {"channel": {"(none)": 1, "desk": 2, "web": 1}},
        }),
        &view,
    );
    assert_eq!(
        view["duration_ms"]["max"], 262_800_000_i64,
        "events are instants, and that day had 25 hours"
    );
}

#[test]
fn cases_that_are_handled_here_have_the_activities_of_the_trade() {
    let centre = Centre::with_cases();
    let view = parsed(&centre.call(&["stats", "process", "--json"]));
    assert_fits("stats-process.v1.schema.json", &view);
    insta::assert_json_snapshot!("process_centre", view);
    insta::assert_snapshot!(
        "process_centre_text",
        [["--lang", "en"], ["--lang", "zh"]]
            .map(|lang| centre.says(&["stats", "process", lang[0], lang[1]]))
            .join("\n")
    );
    insta::assert_snapshot!("cases_centre", centre.says(&["stats", "cases"]));
}

#[test]
fn a_centre_without_cases_has_an_empty_view() {
    let centre = Centre::open();
    let view = parsed(&centre.call(&["stats", "process", "--json"]));
    assert_fits("stats-process.v1.schema.json", &view);
    assert_eq!(view["counts"]["first_event"], Value::Null);
    assert_eq!(view["duration_ms"], json!({"n": 0}));
    assert_eq!(view["work_in_progress_at_month_starts"], json!([]));
    insta::assert_snapshot!(
        "process_empty",
        centre.says(&["stats", "process", "--lang", "en"])
    );
}

#[test]
fn what_it_is_measured_by_is_a_question_of_the_command_line() {
    let centre = Centre::with_cases();
    let view = parsed(&centre.call(&[
        "stats",
        "process",
        "--json",
        "--calendar",
        "US_FED",
        "--calendar",
        "CN",
        "--calendar",
        "CN",
        "--hours",
        "08:30-16:00",
        "--procedure",
        "food-service",
    ]));
    assert_fits("stats-process.v1.schema.json", &view);
    assert_eq!(view["calendars"], json!(["US_FED", "CN"]));
    assert_eq!(view["open_time_8h30_16_ms"]["CN"]["n"], 3);
    assert_eq!(view["log"], "food-service");
    let elsewhere = parsed(&centre.call(&["stats", "process", "--json", "--zone", "Pacific/Kiritimati"]));
    assert_eq!(elsewhere["timezone"], "Pacific/Kiritimati");
    assert_eq!(
        elsewhere["work_in_progress_at_month_starts"][0]["instant"],
        "2010-03-31T10:00:00.000Z"
    );
    for (arguments, found) in [
        (
            ["--calendar", "ATLANTIS"],
            "the calendar `ATLANTIS` is neither published",
        ),
        (
            ["--hours", "17:00-09:00"],
            "the second time of day is not after the first",
        ),
        (
            ["--procedure", "senior-card"],
            "no case is of the procedure `senior-card`",
        ),
    ] {
        let output = centre.call(&["stats", "process", arguments[0], arguments[1]]);
        let said = told(&output, centre.path());
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(found), "{said}");
    }
    let refused = centre.call(&["stats", "cases", "--json"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn a_day_that_a_calendar_does_not_know_is_told_and_never_guessed() {
    let files = TempDir::new().unwrap();
    let (mapping, rows) = (files.path().join("old.yaml"), files.path().join("old.csv"));
    std::fs::write(
        &mapping,
        "log: old\ntime_zone: '+08:00'\ncalendar: CN\ncsv: {case: case, activity: what, time: when}\n",
    )
    .unwrap();
    std::fs::write(
        &rows,
        "case,what,when\na,In,1999-12-30T09:00:00\na,Out,2000-01-03T10:00:00\nb,In,2010-03-01T09:00:00\nb,Out,2010-03-02T09:00:00\n",
    )
    .unwrap();
    let log = Log::imported(mapping.to_str().unwrap(), &[&rows]);
    let view = log.view();
    assert_eq!(view["uncovered"], json!({"CN": 1}));
    assert_eq!(view["duration_working_days"]["CN"]["n"], 1);
    assert_eq!(view["duration_working_days"]["MON_FRI"]["sum"], 3);
    let rows = log.rows();
    assert_eq!(rows.lines().nth(1).unwrap().split(',').nth(9), Some(""), "{rows}");
    let said = told(&log.call(&["stats", "process"]), log.0.path());
    assert!(
        said.contains("the calendar CN does not know all days of 1 cases"),
        "{said}"
    );
}
