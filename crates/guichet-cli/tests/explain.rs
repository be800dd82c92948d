//! Explanations, lights, and due dates that moved: as people and programs read them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use common::{Centre, assert_fits, command, guichet, parsed, told};
use guichet_cli::explain::{Explained, Layout, Sheet, html, text};
use guichet_core::actor::Role;
use guichet_core::case::event::CorrectionItem;
use guichet_core::case::{CaseCommand, ClockHistories, Told};
use guichet_core::explain::explain;
use guichet_core::lang::Lang;
use guichet_core::procedure::Procedure;
use guichet_core::reference::Directory;
use guichet_core::testkit::{
    Furnish as _, Scenario, centre, given, id, noon, procedure, sourced, staff, submit,
};
use guichet_core::time::{Date, Term, date};
use serde_json::{Value, json};

/// A case that nobody accepted, whose clocks were paused twice at once over the holidays of autumn 2010, and extended.
fn autumn() -> Centre {
    let centre = Centre::open();
    let all = [
        "application-form",
        "business-licence",
        "floor-plan",
        "safety-rules",
        "health-certificates",
    ];
    let asks = [
        (
            "2010-09-13T09:00:00+08:00",
            "clerk",
            json!({"submit": {"procedure": "food-service", "applicant": "a-7", "materials": all}}),
        ),
        (
            "2010-09-21T10:00:00+08:00",
            "handler",
            json!({"request_special_procedure": {"special": "lab-1", "kind": "testing", "announced": "10wd"}}),
        ),
        (
            "2010-09-21T10:30:00+08:00",
            "approver",
            json!({"approve_special_procedure": {"special": "lab-1", "notice": "notice-71"}}),
        ),
        (
            "2010-09-21T11:00:00+08:00",
            "handler",
            json!({"start_special_procedure": {"special": "lab-1"}}),
        ),
        (
            "2010-09-27T09:00:00+08:00",
            "handler",
            json!({"suspend": {"ground": "force_majeure", "reason": "洪水 flood at <the laboratory>", "notice": "notice-72"}}),
        ),
        (
            "2010-09-29T09:00:00+08:00",
            "handler",
            json!({"end_special_procedure": {"special": "lab-1"}}),
        ),
        ("2010-10-09T09:00:00+08:00", "handler", json!({"resume": {}})),
        (
            "2010-10-11T09:00:00+08:00",
            "authority_head",
            json!({"grant_extension": {"by": "5wd", "reason": "a second test is needed"}}),
        ),
        (
            "2010-10-11T09:30:00+08:00",
            "clerk",
            json!({"announce_due_date": {"clock": "promised", "due_on": "2010-10-25", "notice": "notice-73"}}),
        ),
    ];
    for (at, (now, role, ask)) in asks.iter().enumerate() {
        let answers = centre.run(now, &[command(&format!("c-{at}"), "2010-7", role, ask)]);
        assert_eq!(answers[0]["status"], "accepted", "{}", answers[0]);
    }
    centre
}

#[test]
fn a_due_date_is_explained_day_by_day() {
    let centre = autumn();
    let explain = ["case", "explain", "2010-7", "--as-of", "2010-10-27"];
    let call = |more: &[&str]| centre.says_all(&[&[&explain[..], more].concat()]);
    insta::assert_snapshot!("text_en", call(&["--lang", "en"]));
    insta::assert_snapshot!("text_zh", call(&["--lang", "zh"]));
    insta::assert_snapshot!(
        "text_brief",
        call(&["--brief", "--clock", "statutory"])
            + &call(&["--brief", "--clock", "statutory", "--lang", "zh"])
    );
    insta::assert_snapshot!("json", call(&["--clock", "promised", "--json"]));
    insta::assert_snapshot!("html_en", call(&["--clock", "promised", "--format", "html"]));
    insta::assert_snapshot!(
        "html_zh",
        call(&["--clock", "promised", "--format", "html", "--lang", "zh"])
    );
}

#[test]
fn a_clock_is_explained_as_it_stood_on_the_day_asked_about() {
    let centre = autumn();
    let at = |day: &str, more: &[&str]| {
        let explain = ["case", "explain", "2010-7", "--brief", "--as-of", day];
        centre.says_all(&[&[&explain[..], more].concat()])
    };
    // Before anybody answered; while both pauses ran; every clock that ever ran.
    let text = [
        at("2010-09-17", &[]),
        at("2010-09-28", &["--clock", "promised"]),
        at("2010-09-28", &["--clock", "all", "--lang", "zh"]),
    ];
    insta::assert_snapshot!("as_of", text.join("\n"));
}

#[test]
fn what_programs_read_of_clocks_is_what_the_schemas_say() {
    let centre = autumn();
    for day in ["2010-09-13", "2010-09-28", "2010-10-27"] {
        let explained = centre.call(&[
            "case", "explain", "2010-7", "--clock", "all", "--json", "--as-of", day,
        ]);
        assert_fits("explanation.v1.schema.json", &parsed(&explained));
        assert_fits(
            "case-list.v1.schema.json",
            &parsed(&centre.call(&["case", "list", "--json", "--as-of", day])),
        );
        assert_fits(
            "case.v1.schema.json",
            &parsed(&centre.call(&["case", "show", "2010-7", "--json", "--as-of", day])),
        );
        assert_fits(
            "moved.v1.schema.json",
            &parsed(&centre.call(&["case", "moved", "--json", "--as-of", day])),
        );
    }
}

#[test]
fn the_same_question_gets_the_same_bytes_whatever_the_machine_says() {
    let centre = autumn();
    for format in ["text", "html", "json"] {
        let ask = [
            "case",
            "explain",
            "2010-7",
            "--clock",
            "all",
            "--as-of",
            "2010-10-27",
            "--lang",
            "zh",
            "--format",
            format,
        ];
        let first = centre.call(&ask).stdout;
        let again = centre
            .command(&ask)
            .env("LC_ALL", "de_DE.UTF-8")
            .env("TZ", "America/New_York")
            .env("COLUMNS", "50")
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        assert_eq!(first, again.stdout, "{format}");
        let file = centre
            .path()
            .parent()
            .unwrap()
            .join(format!("explained-{}.{format}", std::process::id()));
        let mut saved = centre.command(&ask);
        let saved = saved.arg("-o").arg(&file).output().unwrap();
        assert_eq!(saved.stdout, Vec::<u8>::new());
        assert_eq!(first, fs::read(&file).unwrap(), "{format}");
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_question_that_has_no_answer_says_which_have() {
    let centre = autumn();
    let pre_check = json!({"record_pre_check": {"procedure": "food-service", "note": "note-1"}});
    centre.run(
        "2010-09-13T09:00:00+08:00",
        &[command("c-20", "2010-8", "clerk", &pre_check)],
    );
    let text = centre.says_all(&[
        &["case", "explain", "2010-9"],
        &["case", "explain", "2010-8"],
        &["case", "explain", "2010-7", "--clock", "delivery"],
        &[
            "case", "explain", "2010-7", "--clock", "step", "--of", "tasting", "--lang", "zh",
        ],
        &["case", "explain", "2010-7", "--clock", "delivery", "--json"],
        &["case", "explain", "2010-7", "--clock", "lunch"],
        &["case", "explain", "2010-7", "--of", "intake"],
        &["case", "explain", "2010-7", "--as-of", "2010-09-12"],
        &[
            "case",
            "explain",
            "2010-7",
            "--as-of",
            "2010-09-12",
            "--lang",
            "zh",
        ],
        &["case", "explain", "2010-7", "--as-of", "yesterday"],
        &["case", "explain", "2010-7", "--as-of", "2031-01-01"],
        &[
            "case",
            "explain",
            "2010-7",
            "--as-of",
            "2010-10-27",
            "-o",
            "/nowhere/page.html",
        ],
    ]);
    insta::assert_snapshot!("no_answer", text);
}

#[test]
fn every_case_shows_its_light_on_the_day_asked_about() {
    let centre = autumn();
    let mut text = String::new();
    for day in [
        "2010-09-13",
        "2010-09-17",
        "2010-09-20",
        "2010-09-28",
        "2010-10-22",
        "2010-10-25",
        "2010-10-26",
        "2010-11-30",
    ] {
        let list = parsed(&centre.call(&["case", "list", "--json", "--as-of", day]));
        let case = &list["cases"][0];
        writeln!(
            text,
            "{day} {} {} {} {}",
            case["light"], case["next_due_clock"], case["next_due_of"], case["next_due_on"]
        )
        .unwrap();
    }
    insta::assert_snapshot!("lights", text);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The catalogue of the centre with its calendar in a second version, which has one more day off.
fn amended(folder: &Path, day: &str) {
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guichet-catalogue");
    copy(&catalogue.join("catalogues/harbin-2010"), folder);
    let shipped = catalogue.join("calendars/CN.json");
    let mut calendar: Value = serde_json::from_str(&fs::read_to_string(shipped).unwrap()).unwrap();
    calendar["version"] = json!(2);
    let off = calendar["non_working_weekdays_dates"].as_array_mut().unwrap();
    off.push(json!(day));
    off.sort_by_key(|day| day.as_str().unwrap().to_owned());
    fs::create_dir(folder.join("calendars")).unwrap();
    fs::write(folder.join("calendars/CN.json"), calendar.to_string()).unwrap();
}

#[test]
fn an_amended_calendar_moves_due_dates_and_the_difference_is_listed() {
    let centre = Centre::with_cases();
    let moved = ["case", "moved", "--as-of", "2010-03-10"];
    let before = centre.says(&moved);
    assert_eq!(
        before,
        "exit 0\n--- out\nevery due date of an open case is the one told last\n"
    );
    let folder = tempfile::TempDir::new().unwrap();
    amended(folder.path(), "2010-03-11");
    let published = centre.call(&[
        "catalogue",
        "publish",
        folder.path().to_str().unwrap(),
        "--by",
        "s40",
    ]);
    assert_eq!(
        published.status.code(),
        Some(0),
        "{}",
        told(&published, folder.path())
    );
    let forms = [&["--lang", "en"][..], &["--lang", "zh"], &["--json"]];
    let calls: Vec<_> = forms.iter().map(|form| [&moved[..], form].concat()).collect();
    let calls: Vec<_> = calls.iter().map(Vec::as_slice).collect();
    insta::assert_snapshot!("moved", centre.says_all(&calls));
    assert_fits("moved.v1.schema.json", &parsed(&centre.call(calls[2])));
    insta::assert_snapshot!(
        "moved_explained",
        centre.says_all(&[&[
            "case",
            "explain",
            "2010-3",
            "--clock",
            "promised",
            "--as-of",
            "2010-03-10"
        ]])
    );
}

/// Under a rule by which an incomplete file starts the term anew.
fn anew() -> (Directory, Procedure) {
    let mut permit = procedure("permit-anew");
    permit.policy = serde_json::from_value(json!({
        "id": "anew", "sources": ["set for a test"], "month_end": "eve", "roll": "stay",
        "suspended_day": "left_out", "resumed_day": "left_out",
        "grounds": {"incomplete": {"effect": "reset"}}, "decision_start": "receipt"
    }))
    .unwrap();
    permit.terms.statutory = Some(sourced(Term::Months(1)));
    (centre().with_procedure(permit.clone()), permit)
}

/// The last clock of a kind in a story told day by day.
fn sheet(directory: &Directory, rules: &Procedure, story: &[(Date, &Scenario)], as_of: Date) -> Sheet {
    let history = story.last().unwrap().1.history();
    let told = history.iter().enumerate().map(|(at, event)| {
        let on = story
            .iter()
            .find(|(_, then)| at < then.history().len())
            .unwrap()
            .0;
        Told {
            revision: guichet_core::id::Revision(u64::try_from(at).unwrap()),
            at: noon(on),
            on,
            event,
        }
    });
    let (histories, _) = ClockHistories::of(directory, told);
    let calendar = &directory.calendars[&rules.calendar];
    let clocks = histories
        .clocks
        .iter()
        .filter(|history| history.clock.id.kind.as_str() == "statutory")
        .map(|history| Explained {
            name: None,
            explanation: explain(
                rules,
                calendar,
                directory.centre.as_ref(),
                &histories,
                history,
                as_of,
            )
            .unwrap(),
        });
    Sheet::new(id("case-1"), "Permit", clocks.collect())
}

#[test]
fn a_term_that_began_anew_says_from_when_and_what_became_void() {
    let (directory, rules) = anew();
    let clerk = staff(Role::Clerk);
    let (monday, tuesday, friday) = (date(2010, 3, 1), date(2010, 3, 2), date(2010, 3, 5));
    let submitted = given(&directory, []).after(&clerk, submit("permit-anew"), monday);
    let asked = submitted.clone().after(
        &clerk,
        CaseCommand::RequestCorrection {
            items: vec![CorrectionItem {
                material: id("plan"),
                defect: "is missing".to_owned(),
            }],
        },
        tuesday,
    );
    let corrected = asked.clone().after(
        &clerk,
        CaseCommand::SubmitCorrection {
            materials: [id("plan")].into(),
            complete: true,
        },
        friday,
    );
    let accepted = corrected
        .clone()
        .after(&clerk, CaseCommand::Accept { gaps_due_on: None }, friday);
    let story = [
        (monday, &submitted),
        (tuesday, &asked),
        (friday, &corrected),
        (friday, &accepted),
    ];
    let sheet = sheet(&directory, &rules, &story, date(2010, 3, 8));
    let [english, chinese] = [Lang::En, Lang::Zh].map(|lang| text(&sheet, lang, Layout::default()));
    insta::assert_snapshot!("anew", format!("{english}\n{chinese}"));
    assert_eq!(html(&sheet, Lang::En), html(&sheet, Lang::En));
}

#[test]
fn new_commands_explain_themselves() {
    let mut text = String::new();
    for arguments in [["case", "explain", "--help"], ["case", "moved", "--help"]] {
        let output = guichet(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        text.push_str(&String::from_utf8(output.stdout).unwrap());
    }
    insta::assert_snapshot!("help", text);
}
