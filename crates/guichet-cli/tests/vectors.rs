//! Test vectors run against this build: those of others, which agree, and those that are wrong, broken or hostile.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use common::{assert_fits, guichet, parsed, told};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tempfile::TempDir;

fn shipped(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures/vectors");
    folder.join(name).display().to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A folder of its own with files of vectors.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// What running these files says.
    fn says(&self, names: &[&str], options: &[&str]) -> String {
        let paths: Vec<_> = names
            .iter()
            .map(|name| self.0.path().join(name).display().to_string())
            .collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let output = guichet(&[&["vectors", "run"], paths.as_slice(), options].concat())
            .output()
            .unwrap();
        told(&output, self.0.path())
    }
}

/// The vectors of each file by kind.
const AGREED: &[&[(&str, u64)]] = &[
    &[
        ("between", 544),
        ("due", 764),
        ("elapsed", 708),
        ("out_of_range", 2),
        ("roll", 374),
        ("suspended_due", 708),
    ],
    &[("day_of_receipt", 154), ("open_time", 391)],
    &[("satisfaction", 161)],
    &[
        ("consistency", 119),
        ("inclusion", 120),
        ("known_root", 17),
        ("tree_root", 45),
    ],
    &[("consistency", 39), ("inclusion", 32)],
];

#[test]
fn all_4178_vectors_of_days_hours_satisfaction_and_trees_agree() {
    let output = guichet(&[
        "vectors",
        "run",
        &shipped("workdays.json.gz"),
        &shipped("service_hours.json.gz"),
        &shipped("satisfaction.json.gz"),
        &shipped("merkle.json.gz"),
        &shipped("merkle_transparency_dev.json.gz"),
        "--json",
    ])
    .output()
    .unwrap();
    let report = parsed(&output);

    assert_fits("vectors.v1.schema.json", &report);
    for (place, kinds) in AGREED.iter().enumerate() {
        let file = &report["files"][place];
        assert_eq!(file["differences"], json!([]));
        assert_eq!(file["broken"], json!([]));
        let agreed: Vec<_> = file["kinds"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(kind, tally)| (kind.as_str(), tally["agreed"].as_u64().unwrap()))
            .collect();
        assert_eq!(agreed, *kinds);
    }
    assert_eq!(
        (&report["vectors"], &report["agreed"]),
        (&json!(4_178), &json!(4_178))
    );
    assert_eq!(output.status.code(), Some(0));
}

/// A tree whose first proof is right.
fn tree() -> Value {
    json!({
            "name": "events",
            "leaf_rule": "data of leaf i = {\"seq\":i,\"case\":\"C\" + (i mod 37, three digits),\"type\":T[i mod 5]} in this order \
                          without spaces, T = submitted, accepted, transferred, approved, completed",
            "roots": {
                "0": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "1": "b89c9449c5ccbdef4ffe286eb540857c90cbcbcd27a0e6133f66e575a0d595d7",
                "2": "9685d8a872fc35576d09ea78f0d06cedfb44f94e262fa60b7ac2af9e5ca236af",
            },
            "inclusion": [
                {"index": 0, "size": 1, "proof": null, "valid": true,
                 "leaf_hash": "b89c9449c5ccbdef4ffe286eb540857c90cbcbcd27a0e6133f66e575a0d595d7",
                 "root": "b89c9449c5ccbdef4ffe286eb540857c90cbcbcd27a0e6133f66e575a0d595d7"},
                {"index": 0, "size": 2, "proof": [], "valid": true, "leaf_hash": "00", "root": "00"},
                {},
            ],
            "consistency": [
                {"size1": 0, "size2": 1, "root1": "", "root2": "uJyUScXMvb7/Tihu5UCFfJDLy80noOYTP2bldaDVldc=", "proof": null,
                 "wantErr": false},
            ],
    })
}

/// One vector of each kind that agrees, one that differs, and the roots of trees.
fn mixed() -> Value {
    let suspended = json!([{"from": "2010-03-08", "to": "2010-03-19"}]);
    json!({
        "schedules": {
            "lunch": [["09:00", "12:00"], ["13:30", "17:00"]],
            "early_fridays": {
                "working_day": [["09:00", "17:00"]],
                "weekdays": [{"iso_weekday": 5, "open": [["09:00", "12:00"]]}],
            },
        },
        "vectors": [
            {"id": "a", "kind": "due", "calendar": "CN", "start": "2010-03-01", "n": 20, "expect": "2010-03-29"},
            {"id": "b", "kind": "due", "calendar": "CN", "start": "2010-03-01", "n": 20, "expect": "2010-03-30"},
            {"id": "c", "kind": "due", "calendar": "CN", "start": "2010-03-01", "n": -1, "expect": "2010-02-26"},
            {"id": "d", "kind": "due", "calendar": "CN", "start": "1999-03-01", "n": 1, "expect": "1999-03-02"},
            {"id": "e", "kind": "out_of_range", "calendar": "CN", "start": "1999-03-01", "n": 1, "expect": "out_of_range"},
            {"id": "f", "kind": "out_of_range", "calendar": "CN", "start": "2010-03-01", "n": 1, "expect": "out_of_range"},
            {"id": "g", "kind": "between", "calendar": "CN", "start": "2010-03-01", "end": "2010-03-29", "expect": 20},
            {"id": "h", "kind": "between", "calendar": "CN", "start": "2010-03-01", "end": "2010-03-29", "expect": 21},
            {
                "id": "i", "kind": "roll", "calendar": "FR", "start": "2023-05-15", "n": 2, "unit": "months",
                "expect": "2023-07-17", "unrolled": "2023-07-15",
            },
            {"id": "j", "kind": "roll", "calendar": "FR", "start": "2023-05-15", "n": 8, "unit": "weeks", "expect": "2023-07-10"},
            {
                "id": "k", "kind": "roll", "calendar": "FR", "start": "2023-05-15", "n": 30, "unit": "days",
                "expect": "2023-06-14", "unrolled": "2023-06-15",
            },
            {
                "id": "l", "kind": "suspended_due", "calendar": "CN", "start": "2010-03-01", "n": 20,
                "suspensions": suspended, "expect": "2010-04-12",
            },
            {
                "id": "m", "kind": "suspended_due", "calendar": "CN", "start": "2010-03-01", "n": 20,
                "suspensions": [{"from": "2010-03-29", "to": null}], "expect": null,
            },
            {
                "id": "n", "kind": "suspended_due", "calendar": "CN", "start": "2010-03-01", "n": 20,
                "suspensions": [{"from": "2010-03-30", "to": null}], "expect": null,
            },
            {
                "id": "o", "kind": "elapsed", "calendar": "CN", "start": "2010-03-01", "as_of": "2010-03-29", "limit": 10,
                "suspensions": suspended, "elapsed": 11, "remaining": 0, "over": 1, "suspended_on_as_of": false,
            },
            {
                "id": "p", "kind": "elapsed", "calendar": "CN", "start": "2010-03-01", "as_of": "2010-03-10", "limit": 10,
                "suspensions": [{"from": "2010-03-08", "to": null}],
                "elapsed": 4, "remaining": 6, "over": 0, "suspended_on_as_of": false,
            },
            {
                "id": "q", "kind": "open_time", "calendar": "CN", "timezone": "Asia/Shanghai", "schedule": "lunch",
                "start": "2010-03-05T08:00:00Z", "end": "2010-03-08T03:00:00Z", "expect_ms": 10_800_000,
            },
            {
                "id": "r", "kind": "open_time", "calendar": "CN", "timezone": "+08:00", "schedule": "early_fridays",
                "start": "2010-03-05T00:00:00Z", "end": "2010-03-08T01:00:00.0005Z", "expect_ms": 10_800_000,
            },
            {
                "id": "s", "kind": "day_of_receipt", "calendar": "CN", "timezone": "Asia/Shanghai", "closing": "16:00",
                "instant": "2010-03-05T08:00:00Z", "expect": "2010-03-08",
            },
            {
                "id": "t", "kind": "day_of_receipt", "calendar": "CN", "timezone": "Asia/Shanghai", "closing": "24:00",
                "instant": "2010-03-05T08:00:00Z", "expect": "2010-03-08",
            },
            {"id": "u", "kind": "horoscope", "sign": "ox", "expect": "luck"},
            {
                "id": "v", "alpha": 0.05, "counts_1_to_5": [0, 0, 0, 0, 0], "counts_0_to_10": [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0],
                "expect": {"n": 0, "nps_n": 2, "promoters": 1, "passives": 1, "detractors": 0, "nps": 50.0},
            },
            {"id": "w", "alpha": 0.05, "counts_1_to_5": [0, 0, 0, 0, 0], "expect": {"n": 0, "satisfaction_rate": 0.0}},
            {"id": "x", "alpha": 0.05, "counts_1_to_5": [0, 0, 0, 0, 1], "expect": {
                "n": 1, "satisfied_4_or_5": 1, "satisfaction_rate": 1.0, "wilson_low": 0.2065, "wilson_high": 1.0,
                "dissatisfied_1_or_2": 1, "dissatisfaction_rate": 0.0, "satisfied_3_and_above": 1, "rate_3_and_above": 1.0,
                "wilson3_low": 0.206_549_314_4, "wilson3_high": 1.0, "mean_score": 5.0, "csat_points_0_100": 100.0,
                "median_score": 5.0, "sd_ddof1": null,
            }},
            {"id": "y", "kind": "satisfaction", "alpha": 0.05, "counts_1_to_5": [0, 0, 0, 1, 0], "expect": {"n": 1, "nps": 0.0}},
        ],
        "known_roots": {
            "empty_root": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "leaves_hex": ["", "00"],
            "leaf_hashes": ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
            "roots_of_first_n_leaves": {
                "1": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "2": "0000000000000000000000000000000000000000000000000000000000000000",
            },
        },
        "trees": [tree()],
    })
}

#[test]
fn what_differs_is_told_with_what_was_expected_and_what_came_out() {
    let folder = Folder::new();
    folder.put("mixed.json", mixed().to_string().as_bytes());
    let mut text = String::new();
    for lang in ["en", "zh"] {
        writeln!(
            text,
            "$ --lang {lang}\n{}",
            folder.says(&["mixed.json"], &["--lang", lang])
        )
        .unwrap();
    }
    insta::assert_snapshot!("mixed", text);
}

#[test]
fn packed_or_not_a_file_says_the_same() {
    let folder = Folder::new();
    let plain = mixed().to_string();
    folder.put("plain.json", plain.as_bytes());
    // Neither name nor ending says how it is packed.
    folder.put("packed.json", &gzip(plain.as_bytes()));
    folder.put("marked.json.gz", format!("\u{feff}{plain}").as_bytes());

    let said = folder.says(&["plain.json"], &[]);

    assert!(said.starts_with("exit 1\n"), "{said}");
    for name in ["packed.json", "marked.json.gz"] {
        assert_eq!(folder.says(&[name], &[]).replace(name, "plain.json"), said);
    }
}

#[test]
fn programs_get_what_the_schema_says() {
    let folder = Folder::new();
    let path = folder.put("mixed.json", mixed().to_string().as_bytes());
    let output = guichet(&["vectors", "run", &path.display().to_string(), "--json"])
        .output()
        .unwrap();
    let report = parsed(&output);

    assert_fits("vectors.v1.schema.json", &report);
    let sum: u64 = ["agreed", "differed", "broken", "unknown"]
        .iter()
        .map(|field| report[field].as_u64().unwrap())
        .sum();
    assert_eq!(report["vectors"].as_u64(), Some(sum));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one hostile vector after the other, each with its name"
)]
fn a_broken_vector_is_told_with_its_reason_and_hides_no_other() {
    let good =
        json!({"kind": "due", "calendar": "CN", "start": "2010-03-01", "n": 5, "expect": "2010-03-08"});
    let with = |field: &str, value: Value| {
        let mut vector = good.clone();
        vector[field] = value;
        vector
    };
    let without = |field: &str| {
        let mut vector = good.clone();
        vector.as_object_mut().unwrap().remove(field);
        vector
    };
    let open = |field: &str, value: Value| {
        let mut vector = json!({
            "kind": "open_time", "calendar": "CN", "timezone": "Asia/Shanghai", "schedule": "nine_to_five",
            "start": "2010-03-05T08:00:00Z", "end": "2010-03-08T03:00:00Z", "expect_ms": 10_800_000,
        });
        vector[field] = value;
        vector
    };
    let satisfaction = |field: &str, value: Value| {
        let mut vector = json!({"alpha": 0.05, "counts_1_to_5": [0, 0, 0, 0, 0], "expect": {"n": 0}});
        vector[field] = value;
        vector
    };
    let suspended = |suspensions: Value| {
        json!({
            "kind": "suspended_due", "calendar": "CN", "start": "2010-03-01", "n": 5,
            "suspensions": suspensions, "expect": "2010-03-08",
        })
    };
    let vectors = [
        ("nothing", json!({})),
        ("no object", json!(17)),
        ("null", json!(null)),
        ("a list", json!(["due", "CN"])),
        ("a kind that is a number", with("kind", json!(17))),
        ("no calendar", without("calendar")),
        ("an unknown calendar", with("calendar", json!("ATLANTIS"))),
        (
            "a calendar that moves the cursor",
            with("calendar", json!("\u{1b}[2J\u{1b}[H")),
        ),
        (
            "a calendar without end",
            with("calendar", json!("x".repeat(5_000))),
        ),
        ("no start", without("start")),
        ("a day that is none", with("start", json!("2010-02-30"))),
        ("a day with a time", with("start", json!("2010-03-01T09:00:00Z"))),
        ("no n", without("n")),
        ("a fraction for n", with("n", json!(1.5))),
        ("n as text", with("n", json!("5"))),
        ("n beyond a term", with("n", json!(65_536))),
        ("n beyond all days", with("n", json!(i64::MIN))),
        ("n beyond a number", with("n", json!(1e300))),
        ("nothing expected", without("expect")),
        ("suspensions that are a text", suspended(json!("none"))),
        (
            "a suspension without its first day",
            suspended(json!([{"to": "2010-03-08"}])),
        ),
        ("a unit that is none", {
            let mut vector = with("kind", json!("roll"));
            vector["unit"] = json!("fortnights");
            vector
        }),
        ("an unknown zone", open("timezone", json!("Asia/Atlantis"))),
        ("an unknown schedule", open("schedule", json!("around_the_clock"))),
        ("a schedule that overlaps", open("schedule", json!("overlapping"))),
        ("a schedule that is none", open("schedule", json!("text"))),
        (
            "a schedule that ends before it begins",
            open("schedule", json!("backwards")),
        ),
        ("a schedule of half intervals", open("schedule", json!("half"))),
        (
            "counts below zero",
            satisfaction("counts_1_to_5", json!([0, 0, 0, -1, 5])),
        ),
        ("four counts", satisfaction("counts_1_to_5", json!([0, 0, 0, 5]))),
        (
            "ten counts",
            satisfaction("counts_0_to_10", json!([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        ),
        ("an alpha of nothing", satisfaction("alpha", json!(0))),
        ("an alpha over one", satisfaction("alpha", json!(5))),
        ("an alpha as text", satisfaction("alpha", json!("0.05"))),
        ("figures that are a list", satisfaction("expect", json!([1]))),
        (
            "more reviews than can be counted",
            satisfaction("counts_1_to_5", json!([u64::MAX, u64::MAX, u64::MAX, 1, 0])),
        ),
        (
            "an instant without its zone",
            open("start", json!("2010-03-05T08:00:00")),
        ),
    ];
    let named: Vec<Value> = vectors
        .iter()
        .map(|(name, vector)| {
            let mut vector = vector.clone();
            if let Some(fields) = vector.as_object_mut() {
                fields.insert("id".to_owned(), json!(name));
            }
            vector
        })
        .chain([with("id", json!("the good one"))])
        .collect();
    let folder = Folder::new();
    let document = json!({
        "schedules": {
            "nine_to_five": [["09:00", "17:00"]],
            "overlapping": [["09:00", "12:00"], ["11:00", "17:00"]],
            "text": "nine to five",
            "backwards": [["17:00", "09:00"]],
            "half": [["09:00"]],
        },
        "vectors": named,
        "known_roots": {"empty_root": "", "leaves_hex": ["0"], "roots_of_first_n_leaves": {}},
        "trees": [
            {"name": "a", "leaf_rule": "any", "roots": {}},
            {"name": "b", "roots": {"x": "y"}},
            {"name": "c", "roots": {"18446744073709551615": ""}, "leaf_rule": mixed()["trees"][0]["leaf_rule"]},
        ],
    });
    // What no JSON value holds, and what no stack does, is written by hand.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = document.to_string().replace(
        "\"vectors\":[",
        &format!("\"vectors\":[{{\"n\":1e999}},{deep},{{\"id\":\"\\ud800\"}},"),
    );
    folder.put("hostile.json", text.as_bytes());
    insta::assert_snapshot!(
        "broken_vectors",
        folder.says(&["hostile.json"], &["--lang", "en"])
    );
}

#[test]
fn a_file_that_cannot_be_read_gets_its_reason_and_hides_no_other() {
    let folder = Folder::new();
    let good = json!({"vectors": [
        {"id": "a", "kind": "due", "calendar": "CN", "start": "2010-03-01", "n": 20, "expect": "2010-03-29"},
    ]})
    .to_string();
    let packed = gzip(good.as_bytes());
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    let mut deep = "[".repeat(100_000);
    deep.push_str(&"]".repeat(100_000));
    let mut text = String::new();
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("blank", b" \n ".to_vec()),
        ("text", b"kind,start,n\n".to_vec()),
        ("half", good.as_bytes()[..40].to_vec()),
        ("number", b"17".to_vec()),
        ("list", b"[]".to_vec()),
        ("object", b"{}".to_vec()),
        ("null", br#"{"vectors": null}"#.to_vec()),
        ("vectors-that-are-no-list", br#"{"vectors": {"a": 1}}"#.to_vec()),
        (
            "schedules-that-are-no-object",
            br#"{"schedules": [], "vectors": []}"#.to_vec(),
        ),
        ("twice", br#"{"vectors": [], "vectors": []}"#.to_vec()),
        ("too-large-a-number", br#"{"known_roots": 1e999}"#.to_vec()),
        ("deep", deep.into_bytes()),
        ("not-utf-8", b"{\"vectors\": [\"\xff\xfe\"]}".to_vec()),
        ("cut", packed[..packed.len() - 9].to_vec()),
        ("cut-at-once", packed[..4].to_vec()),
        ("damaged", damaged),
        ("bomb", gzip(&vec![b' '; 65 * 1024 * 1024])),
    ] {
        folder.put(name, &bytes);
        writeln!(text, "# {name}\n{}", folder.says(&[name], &["--lang", "en"])).unwrap();
    }
    writeln!(
        text,
        "# missing\n{}",
        folder.says(&["missing"], &["--lang", "en"])
    )
    .unwrap();
    writeln!(text, "# a folder\n{}", folder.says(&["."], &["--lang", "en"])).unwrap();
    folder.put("good", good.as_bytes());
    let among = ["text", "good", "empty"];
    for form in [["--lang", "en"].as_slice(), &["--lang", "zh"], &["--json"]] {
        writeln!(
            text,
            "# among others, {}\n{}",
            form.join(" "),
            folder.says(&among, form)
        )
        .unwrap();
    }
    writeln!(text, "# none named\n{}", folder.says(&[], &[])).unwrap();
    insta::assert_snapshot!("unreadable_files", text);
}

#[test]
fn a_file_says_how_far_a_number_may_be_off_and_no_tolerance_hides_a_wrong_one() {
    let mean = |tolerance: Value, mean: f64| {
        json!({
            "tolerance": tolerance,
            "vectors": [{"id": "a", "alpha": 0.05, "counts_1_to_5": [0, 0, 0, 0, 0], "counts_0_to_10": [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
                "expect": {"n": 0, "nps_n": 3, "promoters": 1, "passives": 0, "detractors": 2, "nps": mean}}],
        })
        .to_string()
    };
    let third = -100.0 / 3.0;
    let folder = Folder::new();
    let mut text = String::new();
    for (name, content) in [
        ("within", mean(json!(1e-6), third + 1e-7)),
        ("outside", mean(json!(1e-9), third + 1e-7)),
        ("outside the usual", mean(json!(null), third + 1e-7)),
        ("within the usual", mean(json!(null), third + 1e-11)),
        ("any number", mean(json!(100), 17.0)),
        ("below zero", mean(json!(-1e-9), third)),
        ("text", mean(json!("1e-9"), third)),
    ] {
        folder.put(name, content.as_bytes());
        writeln!(text, "# {name}\n{}", folder.says(&[name], &["--lang", "en"])).unwrap();
    }
    insta::assert_snapshot!("tolerances", text);
}

/// The same vectors where they lie beside the project, read afresh: a copy can be changed, the original is another's.
#[test]
fn the_shared_vectors_agree_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/vectors");
    if !folder.is_dir() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "no shared data at {}",
            folder.display()
        );
        eprintln!("skipped: no shared data at {}", folder.display());
        return;
    }
    for (file, vectors) in [
        ("workdays.json.gz", 3_100),
        ("service_hours.json.gz", 545),
        ("satisfaction.json.gz", 161),
        ("merkle.json.gz", 301),
        ("merkle_transparency_dev.json.gz", 71),
    ] {
        let path = folder.join(file).display().to_string();
        let report = parsed(&guichet(&["vectors", "run", &path, "--json"]).output().unwrap());
        assert_eq!(
            (&report["vectors"], &report["agreed"]),
            (&json!(vectors), &json!(vectors)),
            "{file}"
        );
    }
}
