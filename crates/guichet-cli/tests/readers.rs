//! Reading logs and mappings: real ones, small ones of our own, and hostile ones.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use guichet_cli::import::mapping::{Becomes, CaseFact, Decided, Mapping, SHIPPED};
use guichet_cli::import::source::{Item, Lost, Reader, SourceCase, SourceEvent, Tally, Value};
use guichet_core::time::Timestamp;

/// Cases, events, and what was refused.
type Sorted = (Vec<SourceCase>, Vec<SourceEvent>, Vec<String>);
type Row<'a> = (Timestamp, &'a str, Option<&'a str>, Option<&'a str>);

fn data(name: &str) -> Vec<u8> {
    fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data")
            .join(name),
    )
    .expect("a file of this crate")
}

fn permits() -> Mapping {
    Mapping::from_yaml("permits.yaml", &String::from_utf8(data("permits.yaml")).unwrap()).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The folder with the real logs beside the repository. It is no part of it, so the tests that need it pass without,
/// except where `CI=true` says that it has to be there.
fn real_logs() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "the real logs are not at {}",
        folder.display()
    );
    eprintln!("skipped: no real logs at {}", folder.display());
    None
}

fn sort(items: impl Iterator<Item = Item>) -> Sorted {
    let (mut cases, mut events, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Case(case) => cases.push(case),
            Item::Event(event) => events.push(event),
            Item::Refused(line) => refused.push(line.to_string()),
        }
    }
    (cases, events, refused)
}

fn read_file(log: &Path, cases: Option<&Path>, mapping: &Mapping) -> (Sorted, Tally) {
    let mut reader = Reader::open(log, cases, mapping).expect("a log that opens");
    let read = sort(
        reader
            .by_ref()
            .map(|item| item.expect("a log that reads to its end")),
    );
    (read, reader.tally())
}

fn read(name: &str, log: &[u8], cases: Option<(&str, &[u8])>, mapping: &Mapping) -> Sorted {
    let reader = Reader::of_bytes(name, log, cases, mapping).expect("a log that opens");
    sort(reader.map(|item| item.expect("a log that reads to its end")))
}

/// The events of each case in canonical order: by instant, then by their place in the file.
fn canonical(events: &[SourceEvent]) -> BTreeMap<&str, Vec<Row<'_>>> {
    let mut by_case: BTreeMap<_, Vec<&SourceEvent>> = BTreeMap::new();
    for event in events {
        by_case.entry(event.case.as_str()).or_default().push(event);
    }
    by_case
        .into_iter()
        .map(|(case, mut events)| {
            events.sort_by_key(|event| (event.at, event.entry));
            (case, events.into_iter().map(row).collect())
        })
        .collect()
}

fn row(event: &SourceEvent) -> Row<'_> {
    (
        event.at,
        event.activity.as_str(),
        event.person.as_deref(),
        event.task.as_deref(),
    )
}

/// Everything a reader says, as text: one line an item, the error last.
fn said(name: &str, log: &[u8], cases: Option<(&str, &[u8])>, mapping: &Mapping) -> String {
    const LINES_MAX: usize = 6;
    let mut lines = Vec::new();
    let mut reader = match Reader::of_bytes(name, log, cases, mapping) {
        Ok(reader) => reader,
        Err(error) => return format!("error: {error}\n"),
    };
    for item in reader.by_ref() {
        match item {
            Ok(Item::Refused(refused)) => lines.push(format!("refused: {refused}")),
            Ok(Item::Case(_) | Item::Event(_)) => {}
            Err(error) => lines.push(format!("error: {error}")),
        }
    }
    if lines.len() > LINES_MAX {
        let more = lines.len() - LINES_MAX;
        lines.truncate(LINES_MAX);
        lines.push(format!("and {more} more"));
    }
    let tally = reader.tally();
    lines.push(format!("taken: {} cases, {} events", tally.cases, tally.events));
    lines.join("\n") + "\n"
}

#[test]
fn the_real_permit_log_is_read_whole_and_alike_from_xes_and_from_csv() {
    let Some(folder) = real_logs() else { return };
    let mapping = Mapping::find("receipt").unwrap();
    let logs = folder.join("logs");
    let ((xes_cases, xes_events, refused), tally) = read_file(&logs.join("receipt.xes.gz"), None, &mapping);
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!((tally.cases, tally.events, tally.local_times), (1_434, 8_577, 0));

    let ((csv_cases, csv_events, refused), tally) = read_file(
        &logs.join("receipt.events.csv.gz"),
        Some(&logs.join("receipt.cases.csv.gz")),
        &mapping,
    );
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!((tally.cases, tally.events), (1_434, 8_577));

    let facts = |cases: &[SourceCase]| -> BTreeMap<String, BTreeMap<CaseFact, Value>> {
        cases
            .iter()
            .map(|case| (case.id.clone(), case.facts.clone()))
            .collect()
    };
    assert_eq!(facts(&xes_cases), facts(&csv_cases));
    assert_eq!(canonical(&xes_events), canonical(&csv_events));
    assert!(
        xes_events
            .iter()
            .zip(1..)
            .all(|(event, entry)| event.entry == entry)
    );
}

#[test]
fn the_real_expense_log_is_read_whole() {
    let Some(folder) = real_logs() else { return };
    let mapping = Mapping::find("bpic20_domestic").unwrap();
    let logs = folder.join("logs");
    let ((cases, events, refused), tally) = read_file(
        &logs.join("bpic20_domestic.events.csv.gz"),
        Some(&logs.join("bpic20_domestic.cases.csv.gz")),
        &mapping,
    );
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!((tally.cases, tally.events), (10_500, 56_437));
    assert!(
        cases
            .iter()
            .all(|case| case.facts.contains_key(&CaseFact::Amount))
    );
    let submitted = events
        .iter()
        .filter(|event| mapping.becomes(&event.activity, None, true) == Becomes::Submit)
        .count();
    assert_eq!(submitted, 11_531);
}

#[test]
fn the_city_requests_are_read_as_one_row_a_case() {
    let Some(folder) = real_logs() else { return };
    let mapping = Mapping::find("nyc311_2018").unwrap();
    let ((cases, events, refused), tally) =
        read_file(&folder.join("city/nyc311_2018.csv.gz"), None, &mapping);
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(cases.len(), 1_000);
    assert_eq!(
        events.iter().filter(|event| event.activity == "opened").count(),
        1_000
    );
    assert!(tally.local_times > 2_000, "{tally:?}");
    let first = &events[0];
    assert_eq!(
        (first.at.to_string(), first.at_text.as_str()),
        ("2018-06-26T14:58:54Z".to_owned(), "2018-06-26T10:58:54")
    );
}

#[test]
fn reading_speed_can_be_measured() {
    // Run with `GUICHET_MEASURE=1 cargo test --release -p guichet-cli --test readers measured -- --nocapture`.
    if env::var_os("GUICHET_MEASURE").is_none() {
        return;
    }
    let Some(folder) = real_logs() else { return };
    let logs = folder.join("logs");
    for (name, mapping, log, cases) in [
        ("XES", "receipt", "receipt.xes.gz", None),
        (
            "CSV",
            "bpic20_domestic",
            "bpic20_domestic.events.csv.gz",
            Some("bpic20_domestic.cases.csv.gz"),
        ),
    ] {
        let mapping = Mapping::find(mapping).unwrap();
        let cases = cases.map(|cases| logs.join(cases));
        let begun = std::time::Instant::now();
        let mut events = 0;
        while begun.elapsed().as_secs() < 3 {
            let mut reader = Reader::open(&logs.join(log), cases.as_deref(), &mapping).unwrap();
            assert!(reader.by_ref().all(|item| item.is_ok()));
            events += reader.tally().events;
        }
        let seconds = begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = events as f64 / seconds;
        println!("{name}: {rate:.0} events/s");
    }
}

#[test]
fn a_small_log_keeps_nested_attributes_offsets_and_ties() {
    let (cases, events, refused) = read("permits.xes", &data("permits.xes"), None, &permits());
    assert_eq!(refused, Vec::<String>::new());
    insta::assert_snapshot!("permits_xes", shown(&cases, &events));
}

#[test]
fn the_same_log_as_csv_gives_the_same_cases_and_events() {
    let mapping = permits();
    let cases = data("permits.cases.csv");
    let (csv_cases, csv_events, refused) = read(
        "permits.csv",
        &data("permits.events.csv"),
        Some(("cases.csv", &cases)),
        &mapping,
    );
    assert_eq!(refused, Vec::<String>::new());
    let (xes_cases, xes_events, _) = read("permits.xes", &data("permits.xes"), None, &mapping);
    assert_eq!(canonical(&csv_events), canonical(&xes_events));
    let facts = |cases: &[SourceCase]| -> Vec<_> {
        cases
            .iter()
            .map(|case| (case.id.clone(), case.facts.clone()))
            .collect()
    };
    assert_eq!(facts(&csv_cases), facts(&xes_cases));
    insta::assert_snapshot!("permits_csv", shown(&csv_cases, &csv_events));
}

#[test]
fn gzip_is_known_by_its_bytes_and_a_byte_order_mark_is_taken_off() {
    let mapping = permits();
    let plain = read("permits.xes", &data("permits.xes"), None, &mapping);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(data("permits.xes"));
    let two_members = [gzip(&marked[..700]), gzip(&marked[700..])].concat();
    for (name, bytes) in [
        ("permits.csv", gzip(&data("permits.xes"))),
        ("permits", marked.clone()),
        ("permits.xes.gz", gzip(&marked)),
        ("permits", two_members),
    ] {
        assert_eq!(read(name, &bytes, None, &mapping), plain, "{name}");
    }
    let plain = read("e.csv", &data("permits.events.csv"), None, &mapping);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(data("permits.events.csv"));
    assert_eq!(read("e", &gzip(&marked), None, &mapping), plain);
}

#[test]
fn a_csv_without_its_file_of_cases_and_with_cases_mixed_still_has_each_case_before_its_events() {
    let log = b"case,activity,time,person,group,transition,task\n\
        A,x,2010-03-01T09:00:00Z,,,,\nB,x,2010-03-01T09:00:00Z,,,,\nA,y,2010-03-01T09:00:01Z,,,,\n";
    let (cases, events, _) = read("e.csv", log, None, &permits());
    let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["A", "B", "A"]);
    assert_eq!(
        events.iter().map(|event| event.entry).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[test]
fn local_times_follow_the_policy_of_the_mapping_and_are_counted() {
    let gap_and_fold =
        "case,activity,time\n1,a,2011-03-27T02:30:00\n1,b,2011-10-30T02:30:00\n1,c,2011/06/01 12:00\n";
    let with = |policy: &str| {
        let yaml = format!(
            "log: m\ntime_zone: Europe/Amsterdam\nlocal_time: {policy}\ncsv: {{case: case, activity: activity, time: time}}\n"
        );
        let mapping = Mapping::from_yaml("m.yaml", &yaml).unwrap();
        let mut reader = Reader::of_bytes("m.csv", gap_and_fold.as_bytes(), None, &mapping).unwrap();
        let (_, events, refused) = sort(reader.by_ref().map(Result::unwrap));
        let times: Vec<_> = events.iter().map(|event| event.at.to_string()).collect();
        let tally = reader.tally();
        (
            times.join(" "),
            refused.len(),
            (
                tally.local_times,
                tally.local_times_missing,
                tally.local_times_twice,
            ),
        )
    };
    let noon = "2011-06-01T10:00:00Z";
    assert_eq!(
        with("compatible"),
        (
            format!("2011-03-27T01:30:00Z 2011-10-30T00:30:00Z {noon}"),
            0,
            (3, 1, 1)
        )
    );
    assert_eq!(
        with("earlier"),
        (
            format!("2011-03-27T00:30:00Z 2011-10-30T00:30:00Z {noon}"),
            0,
            (3, 1, 1)
        )
    );
    assert_eq!(
        with("later"),
        (
            format!("2011-03-27T01:30:00Z 2011-10-30T01:30:00Z {noon}"),
            0,
            (3, 1, 1)
        )
    );
    assert_eq!(with("refuse"), (noon.to_owned(), 2, (1, 0, 0)));
}

#[test]
fn a_time_format_takes_dates_of_other_houses() {
    let yaml = "log: m\ntime_zone: '+08:00'\ncsv: {case: a, activity: b, time: c, time_format: '%d.%m.%Y', delimiter: ';'}\n";
    let mapping = Mapping::from_yaml("m.yaml", yaml).unwrap();
    let (_, events, _) = read("m.csv", b"a;b;c\n1;x;01.03.2010\n", None, &mapping);
    assert_eq!(events[0].at.to_string(), "2010-02-28T16:00:00Z");
}

#[test]
fn rules_are_tried_in_order_and_know_the_second_time() {
    let mapping = Mapping::find("bpic20_domestic").unwrap();
    for (activity, first, expected) in [
        ("Declaration SUBMITTED by EMPLOYEE", true, Becomes::Submit),
        (
            "Declaration SUBMITTED by EMPLOYEE",
            false,
            Becomes::SubmitCorrection,
        ),
        ("Declaration REJECTED by EMPLOYEE", true, Becomes::Step),
        (
            "Declaration REJECTED by BUDGET OWNER",
            false,
            Becomes::RequestCorrection,
        ),
        (
            "Declaration FINAL_APPROVED by SUPERVISOR",
            true,
            Becomes::Decide {
                outcome: Decided::Granted,
            },
        ),
        ("Declaration SAVED by EMPLOYEE", true, Becomes::Step),
    ] {
        assert_eq!(mapping.becomes(activity, None, first), expected, "{activity}");
    }
}

#[test]
fn a_log_larger_than_its_memory_is_read_one_trace_at_a_time() {
    /// 60,000 traces, made while they are read.
    struct Endless {
        left: u32,
        block: Vec<u8>,
        at: usize,
    }
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.at == self.block.len() {
                self.at = 0;
                self.left = self.left.saturating_sub(1);
                self.block = match self.left {
                    0 => return Ok(0),
                    1 => b"</log>".to_vec(),
                    n => format!(
                        "<trace><string key='concept:name' value='c{n}'/><event><string key='concept:name' \
                         value='a'/><date key='time:timestamp' value='2010-03-01T00:00:00Z'/></event></trace>"
                    )
                    .into_bytes(),
                };
            }
            let n = into.len().min(self.block.len() - self.at);
            into[..n].copy_from_slice(&self.block[self.at..self.at + n]);
            self.at += n;
            Ok(n)
        }
    }
    let source = Endless {
        left: 60_002,
        block: b"<log>".to_vec(),
        at: 0,
    };
    let mut reader = Reader::of_reader("big.xes", source, None, &Mapping::find("xes").unwrap()).unwrap();
    assert!(reader.by_ref().all(|item| item.is_ok()));
    assert_eq!((reader.tally().cases, reader.tally().events), (60_000, 60_000));
}

#[test]
fn an_xes_cut_off_anywhere_is_never_taken_for_a_whole_one() {
    let whole = data("permits.xes");
    let mapping = permits();
    let end = whole.len() - 2; // Without the line end and the last `>`.
    for length in 1..=end {
        let reader = Reader::of_bytes("cut.xes", &whole[..length], None, &mapping);
        let error = match reader {
            Ok(reader) => {
                let mut reader = reader;
                reader.find_map(Result::err)
            }
            .map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        let error = error.unwrap_or_default();
        assert!(error.starts_with("cut.xes"), "{length} bytes: {error:?}");
    }
}

#[test]
fn no_damage_to_a_single_byte_makes_a_reader_panic() {
    let mapping = permits();
    for (name, whole) in [
        ("a.xes", data("permits.xes")),
        ("a.csv", data("permits.events.csv")),
        ("a.gz", gzip(&data("permits.events.csv"))),
    ] {
        for at in 0..whole.len() {
            for with in [0, b'<', b'"', b'\n', whole[at] ^ 0x80] {
                let mut damaged = whole.clone();
                damaged[at] = with;
                let read = Reader::of_bytes(name, &damaged, None, &mapping);
                let items = read.map_or(1, Iterator::count);
                assert!(items < 1_000, "{name} with {with} at {at}");
            }
        }
    }
}

fn shown(cases: &[SourceCase], events: &[SourceEvent]) -> String {
    let mut text = String::new();
    for case in cases {
        writeln!(text, "case {} ({})", case.id, case.place).unwrap();
        for (fact, value) in &case.facts {
            writeln!(text, "  {fact} = {value:?}").unwrap();
        }
        for (key, value) in &case.attributes {
            writeln!(text, "  {key}: {value:?}").unwrap();
        }
    }
    for e in events {
        writeln!(
            text,
            "event {} of {} ({}): {} at {} [{}]",
            e.entry, e.case, e.place, e.activity, e.at, e.at_text
        )
        .unwrap();
        let people = [
            ("person", &e.person),
            ("group", &e.group),
            ("role", &e.role),
            ("lifecycle", &e.lifecycle),
            ("task", &e.task),
        ];
        for (name, value) in people {
            if let Some(value) = value {
                writeln!(text, "  {name} = {value}").unwrap();
            }
        }
        for (key, value) in &e.attributes {
            writeln!(text, "  {key}: {value:?}").unwrap();
        }
    }
    text
}

const EVENT: &str = "<event><string key='concept:name' value='a'/><date key='time:timestamp' value='2010-03-01T00:00:00Z'/></event>";
const TRACE: &str = "<trace><string key='concept:name' value='c'/><event><string key='concept:name' value='a'/><date key='time:timestamp' value='2010-03-01T00:00:00Z'/></event></trace>";

fn trace(inside: &str) -> Vec<u8> {
    format!("<log>\n<trace>\n<string key='concept:name' value='c'/>\n{inside}\n</trace>\n</log>\n")
        .into_bytes()
}

fn event(inside: &str) -> Vec<u8> {
    trace(&format!("{EVENT}\n<event>\n{inside}\n</event>"))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of inputs")]
fn hostile_xes_is_answered_with_line_and_reason() {
    let name = "<string key='concept:name' value='b'/>";
    let date = "<date key='time:timestamp' value='2010-03-01T00:00:00Z'/>";
    let whole_event = format!("{name}{date}");
    let bomb = "<!DOCTYPE log [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>\n<log><string key='k' value='&b;'/></log>";
    let cut = gzip(&data("permits.xes"));
    let mut damaged = gzip(&data("permits.xes"));
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    let utf16: Vec<u8> = "<log/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let inputs: Vec<(&str, Vec<u8>)> = vec![
        ("empty file", Vec::new()),
        ("only blanks", b" \n\n ".to_vec()),
        ("no XML", b"case,activity\n".to_vec()),
        (
            "another root",
            b"<?xml version='1.0'?>\n<html><body/></html>".to_vec(),
        ),
        (
            "only a declaration",
            b"<?xml version='1.0' encoding='UTF-8'?>\n".to_vec(),
        ),
        ("an end that does not match", trace("<event></evnt>")),
        (
            "an end without a beginning",
            format!("<log>{TRACE}</trace></log>").into_bytes(),
        ),
        (
            "cut off in a trace",
            format!("<log>\n{TRACE}\n<trace>\n{EVENT}").into_bytes(),
        ),
        (
            "cut off in a tag",
            format!("<log>\n{TRACE}\n<trace>\n<string key='conce").into_bytes(),
        ),
        ("two roots", format!("<log>{TRACE}</log>\n<log/>").into_bytes()),
        ("text behind the end", b"<log></log>\nand more".to_vec()),
        (
            "a doubled attribute",
            trace("<string key='a' key='b' value='c'/>"),
        ),
        ("an attribute without quotes", trace("<string key=a value='c'/>")),
        ("a prefix nobody declared", b"<log>\n<x:trace/></log>".to_vec()),
        ("an entity bomb", bomb.as_bytes().to_vec()),
        (
            "an entity nobody declared",
            trace("<string key='k' value='&boom;'/>"),
        ),
        ("a reference to NUL", trace("<string key='k' value='a&#0;b'/>")),
        ("a NUL byte in a value", trace("<string key='k' value='a\0b'/>")),
        ("a NUL byte between elements", trace("\0")),
        (
            "Latin-1 in a value",
            [trace("<string key='k' value='").as_slice(), b"caf\xe9'/>"].concat(),
        ),
        (
            "a declared encoding",
            b"<?xml version='1.0' encoding='ISO-8859-1'?>\n<log/>".to_vec(),
        ),
        ("UTF-16", utf16),
        (
            "10,000 elements in each other",
            trace(&"<string key='k' value='v'>\n".repeat(10_000)),
        ),
        (
            "20 attributes in each other",
            trace(&format!(
                "{}{}",
                "<string key='k' value='v'>\n".repeat(20),
                "</string>".repeat(20)
            )),
        ),
        (
            "an attribute of 2 MB",
            trace(&format!("<string key='k' value='{}'/>", "x".repeat(2_000_000))),
        ),
        (
            "a tag that is never closed",
            trace(&format!("<string key='k' value='{}", "x\n".repeat(2_000_000))),
        ),
        (
            "2,000 attributes",
            trace(&(0..2_000).fold(String::new(), |all, n| {
                all + &format!("<int key='k{n}' value='1'/>\n")
            })),
        ),
        (
            "100 attributes in one tag",
            trace(&format!(
                "<string {}/>",
                (0..100).fold(String::new(), |all, n| all + &format!("a{n}='1' "))
            )),
        ),
        (
            "a trace without a name",
            format!("<log>\n{TRACE}\n<trace>\n<string key='k' value='v'/>{EVENT}{EVENT}</trace>\n</log>")
                .into_bytes(),
        ),
        (
            "a trace with a name of 300 bytes",
            format!(
                "<log><trace><string key='concept:name' value='{}'/>{EVENT}</trace></log>",
                "x".repeat(300)
            )
            .into_bytes(),
        ),
        ("an event without a time", event(name)),
        ("an event without an activity", event(date)),
        (
            "an event with a blank activity",
            event(&format!("<string key='concept:name' value=' '/>{date}")),
        ),
        (
            "an event with a local time",
            event(&format!(
                "{name}<date key='time:timestamp' value='2010-03-01T09:00:00'/>"
            )),
        ),
        (
            "an event on 30 February",
            event(&format!(
                "{name}\n<date key='time:timestamp' value='2010-02-30T09:00:00Z'/>"
            )),
        ),
        (
            "an event at 25 o'clock",
            event(&format!(
                "{name}\n<date key='time:timestamp' value='2010-02-03T25:00:00Z'/>"
            )),
        ),
        (
            "an event in the year 99999",
            event(&format!(
                "{name}\n<date key='time:timestamp' value='99999-02-03T05:00:00Z'/>"
            )),
        ),
        (
            "an event with a date only",
            event(&format!(
                "{name}\n<date key='time:timestamp' value='2010-02-03'/>"
            )),
        ),
        (
            "an event outside of a trace",
            format!("<log>\n{EVENT}\n{TRACE}</log>").into_bytes(),
        ),
        ("an event in an event", event(&format!("{whole_event}\n{EVENT}"))),
        (
            "a word as a number",
            event(&format!("{whole_event}\n<int key='pages' value='twelve'/>")),
        ),
        (
            "a number beyond 64 bits",
            event(&format!(
                "{whole_event}\n<int key='pages' value='92233720368547758070'/>"
            )),
        ),
        (
            "a word as truth",
            event(&format!("{whole_event}\n<boolean key='urgent' value='perhaps'/>")),
        ),
        (
            "a word as a float",
            event(&format!("{whole_event}\n<float key='area' value='1,5'/>")),
        ),
        (
            "an attribute without a key",
            event(&format!("{whole_event}\n<string value='x'/>")),
        ),
        (
            "an attribute without a value",
            event(&format!("{whole_event}\n<string key='x'/>")),
        ),
        (
            "a key twice",
            event(&format!(
                "{whole_event}\n<string key='x' value='1'/>\n<string key='x' value='2'/>"
            )),
        ),
        ("a trace in a trace", trace(&format!("{EVENT}\n{TRACE}"))),
        (
            "an unknown element",
            event(&format!("{whole_event}\n<text key='x' value='1'/>")),
        ),
        (
            "text between elements",
            event(&format!("{whole_event}\nhello\u{1b}[31m")),
        ),
        ("gzip cut off", cut[..cut.len() / 2].to_vec()),
        ("gzip without its last byte", cut[..cut.len() - 1].to_vec()),
        ("gzip damaged", damaged),
        ("gzip of nothing", gzip(b"")),
        ("gzip in gzip", gzip(&gzip(b"<log/>"))),
        ("a ZIP archive", b"PK\x03\x04rest".to_vec()),
        ("a trace of 100,002 events", trace(&"<event/>".repeat(100_002))),
    ];
    let mapping = Mapping::find("xes").unwrap();
    let answers = inputs.iter().fold(String::new(), |all, (name, bytes)| {
        all + &format!("== {name}\n{}\n", said("log.xes", bytes, None, &mapping))
    });
    insta::assert_snapshot!("hostile_xes", answers);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of inputs")]
fn hostile_csv_is_answered_with_line_and_reason() {
    let header = "case,activity,time\n";
    let good = "1,a,2010-03-01T00:00:00Z\n";
    let rows = |bad: &str| format!("{header}{good}{bad}\n{good}").into_bytes();
    let inputs: Vec<(&str, Vec<u8>)> = vec![
        ("empty file", Vec::new()),
        ("only blank lines", b"\n\n\n".to_vec()),
        ("header only", header.as_bytes().to_vec()),
        (
            "a column missing",
            b"case,what,time\n1,a,2010-03-01T00:00:00Z\n".to_vec(),
        ),
        (
            "semicolons",
            b"case;activity;time\n1;a;2010-03-01T00:00:00Z\n".to_vec(),
        ),
        (
            "tabs",
            b"case\tactivity\ttime\n1\ta\t2010-03-01T00:00:00Z\n".to_vec(),
        ),
        ("a column twice", b"case,activity,time,case\n".to_vec()),
        ("too few cells", rows("2,b")),
        ("too many cells", rows("2,b,2010-03-01T00:00:00Z,c,d")),
        ("a quote left open", rows("2,\"b,2010-03-01T00:00:00Z")),
        (
            "a quote left open at the end",
            format!("{header}{good}2,\"b").into_bytes(),
        ),
        ("text behind a quote", rows("2,\"b\"c,2010-03-01T00:00:00Z")),
        ("a NUL byte", rows("2,b\0,2010-03-01T00:00:00Z")),
        ("an escape character", rows("2,b\u{1b}[2J,2010-03-01T00:00:00Z")),
        (
            "carriage returns alone",
            b"case,activity,time\r1,a,2010-03-01T00:00:00Z\r".to_vec(),
        ),
        (
            "Latin-1",
            [
                header.as_bytes(),
                good.as_bytes(),
                b"2,caf\xe9,2010-03-01T00:00:00Z\n",
            ]
            .concat(),
        ),
        ("Latin-1 in the header", b"case,activit\xe9,time\n".to_vec()),
        ("no case", rows(",b,2010-03-01T00:00:00Z")),
        ("no activity", rows("2, ,2010-03-01T00:00:00Z")),
        ("no time", rows("2,b,")),
        ("30 February", rows("2,b,2010-02-30T00:00:00Z")),
        ("no offset and no zone", rows("2,b,2010-02-03 00:00:00")),
        ("a date only", rows("2,b,2010-02-03")),
        ("a word as a time", rows("2,b,yesterday")),
        ("an offset of 30 hours", rows("2,b,2010-02-03T00:00:00+30:00")),
        ("a line of 2 MB", rows(&"x".repeat(2_000_000))),
        (
            "an open quote before 3,000 lines",
            format!("{header}{good}2,\"b,x\n{}", good.repeat(3_000)).into_bytes(),
        ),
        (
            "a case id of 300 bytes",
            rows(&format!("{},b,2010-03-01T00:00:00Z", "x".repeat(300))),
        ),
        (
            "an activity of 2,000 bytes",
            rows(&format!("2,{},2010-03-01T00:00:00Z", "x".repeat(2_000))),
        ),
        (
            "5,000 columns",
            format!(
                "{}\n",
                (0..5_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",")
            )
            .into_bytes(),
        ),
        ("gzip cut off", {
            let packed = gzip(&rows(""));
            packed[..packed.len() - 9].to_vec()
        }),
    ];
    let mapping = Mapping::from_yaml(
        "m.yaml",
        "log: m\ncsv: {case: case, activity: activity, time: time}\n",
    )
    .unwrap();
    let mut answers = inputs.iter().fold(String::new(), |all, (name, bytes)| {
        all + &format!("== {name}\n{}\n", said("log.csv", bytes, None, &mapping))
    });
    let events = data("permits.events.csv");
    for (name, cases) in [
        ("a file of cases without its column", "id,received,due,office\n"),
        ("a case twice", "case,received,due,office\nP-1,,,\nP-1,,,x\n"),
        ("a case without an id", "case,received,due,office\n,,,x\n"),
        (
            "a deadline that is none",
            "case,received,due,office\nP-1,,soon,x\n",
        ),
        ("a short row of a case", "case,received,due,office\nP-1,\n"),
        ("a file of cases that is empty", ""),
    ] {
        let said = said(
            "log.csv",
            &events,
            Some(("cases.csv", cases.as_bytes())),
            &permits(),
        );
        write!(answers, "== {name}\n{said}\n").unwrap();
    }
    let said_of = |name, log: &str, cases, mapping: &Mapping| said(name, log.as_bytes(), cases, mapping);
    let city = Mapping::find("nyc311_2018").unwrap();
    let row = "case_id,opened,closed,due,agency,channel,type,status\n,2018-06-26T10:58:54,,,,,,\n2,2018-06-26T10:58:54,never,late,,,,\n";
    for (name, said) in [
        ("rows that are cases", said_of("log.csv", row, None, &city)),
        (
            "XML for a mapping of CSV",
            said_of("log.csv", "<log/>", None, &city),
        ),
        (
            "CSV for a mapping of XES",
            said_of("log.csv", header, None, &Mapping::find("xes").unwrap()),
        ),
        (
            "cases beside XES",
            said_of(
                "log.xes",
                "<log/>",
                Some(("cases.csv", b"case\n".as_slice())),
                &permits(),
            ),
        ),
        (
            "cases without a section",
            said_of(
                "log.csv",
                header,
                Some(("cases.csv", b"case\n".as_slice())),
                &mapping,
            ),
        ),
    ] {
        write!(answers, "== {name}\n{said}\n").unwrap();
    }
    insta::assert_snapshot!("hostile_csv", answers);
}

#[test]
fn a_refused_event_keeps_its_number_so_that_the_ones_behind_keep_theirs() {
    let log = b"case,activity,time,person,group,transition,task\n1,a,never,,,,\n1,b\n1,\"c\n1,d,2010-03-01T00:00:00Z,,,,\n";
    let (_, events, refused) = read("e.csv", log, None, &permits());
    assert_eq!(refused.len(), 3, "{refused:#?}");
    assert_eq!(events.iter().map(|event| event.entry).collect::<Vec<_>>(), [4]);
}

#[test]
fn a_refusal_says_how_many_events_go_with_a_case() {
    let log = format!("<log><trace>{EVENT}{EVENT}</trace></log>");
    let mut reader = Reader::of_bytes("a.xes", log.as_bytes(), None, &Mapping::find("xes").unwrap()).unwrap();
    let refused = match reader.next() {
        Some(Ok(Item::Refused(refused))) => refused,
        other => panic!("expected a refusal, found {other:?}"),
    };
    assert_eq!(refused.what, Lost::Case { events: 2 });
    assert_eq!(reader.tally().events_refused, 2);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of inputs")]
fn hostile_mappings_are_answered_with_file_line_column_and_snippet() {
    let deep = format!("log: {}x{}\n", "[".repeat(10_000), "]".repeat(10_000));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        writeln!(
            bomb,
            "a{n}: &a{n} [{}]",
            vec![format!("*a{}", n - 1); 9].join(", ")
        )
        .unwrap();
    }
    let aliases = format!(
        "log: m\nactivities:\n  - &r {{activity: a, becomes: submit}}\n{}",
        "  - *r\n".repeat(200)
    );
    let inputs = [
        ("empty", ""),
        ("no log", "format: any\n"),
        (
            "an unknown field",
            "log: m\nactivites:\n  - {activity: a, becomes: submit}\n",
        ),
        (
            "an unknown field inside",
            "log: m\ncsv:\n  case: a\n  activty: b\n",
        ),
        ("a list as the log", "log: [m]\n"),
        ("a name with blanks", "log: My Log\n"),
        ("an unknown format", "log: m\nformat: json\n"),
        ("an unknown zone", "log: m\ntime_zone: Europe/Atlantis\n"),
        ("a zone beyond the day", "log: m\ntime_zone: '+25:00'\n"),
        ("a term without a unit", "log: m\nterms:\n  statutory: 8\n"),
        (
            "an unknown verb",
            "log: m\nactivities:\n  - activity: a\n    becomes: celebrate\n",
        ),
        (
            "a decision without outcome",
            "log: m\nactivities:\n  - activity: a\n    becomes: decide\n",
        ),
        (
            "an unknown outcome",
            "log: m\nactivities:\n  - activity: a\n    becomes: {decide: {outcome: maybe}}\n",
        ),
        (
            "a rule without activity",
            "log: m\nactivities:\n  - becomes: submit\n",
        ),
        (
            "an empty activity",
            "log: m\nactivities:\n  - {activity: '', becomes: submit}\n",
        ),
        ("a key twice", "log: m\nlog: n\n"),
        ("broken indentation", "log: m\ncsv:\n  case: a\n activity: b\n"),
        ("an open quote", "log: \"m\n"),
        ("a tab as indentation", "csv:\n\tcase: a\n"),
        ("two documents", "log: m\n---\nlog: n\n"),
        ("an alias of nothing", "log: *m\n"),
        ("an alias bomb", &bomb),
        ("200 aliases", &aliases),
        ("10,000 brackets", &deep),
        (
            "a delimiter of two",
            "log: m\ncsv: {case: a, activity: b, time: c, delimiter: ';;'}\n",
        ),
        (
            "a delimiter beyond ASCII",
            "log: m\ncsv: {case: a, activity: b, time: c, delimiter: '、'}\n",
        ),
        (
            "delimiter and quote alike",
            "log: m\ncsv: {case: a, activity: b, time: c, delimiter: '\"'}\n",
        ),
        ("no column of the time", "log: m\ncsv: {case: a, activity: b}\n"),
        ("csv without its section", "log: m\nformat: csv\n"),
        (
            "xes with the csv section",
            "log: m\nformat: xes\ncsv: {case: a, activity: b, time: c}\n",
        ),
        (
            "events of rows that are events",
            "log: m\ncsv: {case: a, activity: b, time: c, events: [{activity: x, time: y}]}\n",
        ),
        (
            "rows that are cases without events",
            "log: m\ncsv: {row: case, case: a}\n",
        ),
    ];
    let mut answers = String::new();
    for (name, yaml) in inputs {
        let answer = match Mapping::from_yaml("mine.yaml", yaml) {
            Ok(mapping) => format!("taken: {}", mapping.log),
            Err(error) => error.to_string(),
        };
        write!(answers, "== {name}\n{answer}\n\n").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.yaml");
    fs::write(&path, b"log: caf\xe9\n").unwrap();
    let long = folder.path().join("long.yaml");
    fs::write(&long, vec![b'#'; 300_000]).unwrap();
    for (name, file) in [
        ("no such mapping", "recept".to_owned()),
        ("not UTF-8", path.display().to_string()),
        ("a file too long", long.display().to_string()),
        ("a folder", folder.path().display().to_string()),
    ] {
        let error = Mapping::find(&file).expect_err(name).to_string();
        let error = error.replace(&folder.path().display().to_string(), "FOLDER");
        write!(answers, "== {name}\n{error}\n\n").unwrap();
    }
    insta::assert_snapshot!("hostile_mappings", answers);
}

#[test]
fn every_shipped_mapping_fits_the_schema_and_reads() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let own = ("permits", String::from_utf8(data("permits.yaml")).unwrap());
    let shipped = SHIPPED
        .iter()
        .map(|shipped| (shipped.name, shipped.text.to_owned()));
    for (name, text) in shipped.chain([own]) {
        let mapping = Mapping::from_yaml(name, &text).unwrap();
        assert_eq!(mapping.log.as_str(), name);
        let json: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let problems: Vec<_> = validator
            .iter_errors(&json)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(problems, Vec::<String>::new(), "{name}");
    }
    for wrong in [
        r#"{"format": "any"}"#,
        r#"{"log": "My Log"}"#,
        r#"{"log": "m", "unknown": 1}"#,
    ] {
        let json: serde_json::Value = serde_json::from_str(wrong).unwrap();
        assert!(!validator.is_valid(&json), "{wrong}");
    }
}

/// The schema in `schemas/`, which must be what the types say. `UPDATE_FIXTURES=1` writes it anew.
fn schema() -> serde_json::Value {
    let schema = serde_json::to_value(schemars::schema_for!(Mapping)).unwrap();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/mapping.v1.schema.json");
    if env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let shipped = fs::read_to_string(&path).expect("the schema of mappings");
    assert_eq!(
        shipped, text,
        "schemas/mapping.v1.schema.json is not what the types say; run with UPDATE_FIXTURES=1"
    );
    schema
}
