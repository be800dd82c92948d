//! Every rule of the lint, each with a catalogue that breaks it.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails them as a test does")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use common::{SOUND, replaced, sound, with};
use guichet_catalogue::finding::{Rule, render, to_json};
use guichet_catalogue::{Loaded, check, from_documents};

#[test]
fn a_sound_catalogue_has_no_findings() {
    let small = from_documents("small", sound()).unwrap();
    assert_eq!(render(&check(&small)), "no errors, no warnings\n");
}

fn text_of(file: &str) -> &'static str {
    SOUND
        .iter()
        .find(|(name, _)| *name == file)
        .map(|(_, text)| *text)
        .unwrap()
}

fn versions(first: u64, second: u64) -> Loaded {
    let filing = text_of("procedures/filing.yaml");
    let mut documents = sound();
    documents.retain(|(name, _)| name != "procedures/filing.yaml");
    for version in [first, second] {
        let text = filing.replace("version: 1", &format!("version: {version}"));
        documents.push((format!("procedures/filing.v{version}.yaml"), text));
    }
    from_documents("small", documents).unwrap()
}

/// The sound catalogue with a layer over the calendar of China.
fn layered(fields: &str) -> Loaded {
    let mut documents = sound();
    documents.retain(|(name, _)| name != "calendars.yaml");
    documents.push((
        "calendars.yaml".to_owned(),
        "calendars: [CN, centre]\n".to_owned(),
    ));
    documents.push((
        "calendars/centre.yaml".to_owned(),
        format!("id: centre\ntitle: Centre\nbase: CN\nsource: a notice\n{fields}\n"),
    ));
    from_documents("small", documents).unwrap()
}

#[test]
fn a_layer_of_the_catalogue_is_published_as_a_calendar_of_its_own() {
    let loaded = layered("closed:\n  - {days: 2010-03-10, name: {zh: 修缮, en: repairs}}");
    assert_eq!(render(&check(&loaded)), "no errors, no warnings\n");
    let calendars: Vec<_> = loaded
        .catalogue
        .calendars
        .iter()
        .map(|calendar| {
            let day = guichet_core::time::date(2010, 3, 10);
            (calendar.id().as_str(), calendar.is_working_day(day).unwrap())
        })
        .collect();
    assert_eq!(calendars, [("CN", true), ("centre", false)]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a rule")]
fn every_rule_finds_what_it_is_there_for() {
    let (departments, windows, rosters, staff) =
        ("departments.yaml", "windows.yaml", "rosters.yaml", "staff.yaml");
    let (licence, filing) = ("procedures/licence.yaml", "procedures/filing.yaml");
    let change = |file: &str, passage: &str, by: &str| replaced(file, passage, by).unwrap();
    let cases: Vec<(Rule, Loaded)> = vec![
        (Rule::DuplicateId, change(staff, "id: s2", "id: s1")),
        (Rule::DuplicateId, change(licence, "id: plan", "id: form")),
        (
            Rule::UnknownDepartment,
            change(
                licence,
                "archives, department: archives",
                "archives, department: archive",
            ),
        ),
        (Rule::UnknownDepartment, change(rosters, "[fire]", "[fire, 消防]")),
        (
            Rule::UnknownDepartment,
            change(licence, "lead: commerce", "lead: gardens"),
        ),
        (
            Rule::UnknownWindow,
            change(staff, "windows: [w3]", "windows: [w3, w33]"),
        ),
        (
            Rule::UnknownCalendar,
            change(licence, "calendar: CN", "calendar: NL"),
        ),
        (
            Rule::EmptyName,
            change(departments, "{zh: 消防, en: Fire}", "{zh: \"\", en: Fire}"),
        ),
        (
            Rule::EmptySource,
            change(licence, "20wd, source: the law}", "20wd, source: \" \"}"),
        ),
        (Rule::VersionGap, versions(1, 3)),
        (Rule::VersionGap, versions(0, 1)),
        (
            Rule::FileName,
            with(
                "procedures/more.yaml",
                &text_of(filing).replace("id: filing", "id: 备案"),
            )
            .unwrap(),
        ),
        (
            Rule::NoSuchWindow,
            change(filing, "window: rotating", "window: reception"),
        ),
        (
            Rule::MissingRole,
            change(licence, "id: kitchen", "id: kitchen, role: reviewer"),
        ),
        (
            Rule::MissingRole,
            change(licence, "approver: authority_head", "approver: government_head"),
        ),
        (Rule::MissingRole, change(staff, "windows: [w3]", "windows: [w1]")),
        (
            Rule::PromisePastStatute,
            change(licence, "term: 12wd", "term: 21wd"),
        ),
        (
            Rule::PromiseMayPassStatute,
            change(licence, "statutory: {term: 20wd", "statutory: {term: 14cd"),
        ),
        (
            Rule::NoPromise,
            change(licence, "  promised: {term: 12wd, source: the centre}\n", ""),
        ),
        (
            Rule::StepPastPromise,
            change(licence, "fire, term: 7wd", "fire, term: 13wd"),
        ),
        (
            Rule::SilenceGrantsSafety,
            change(licence, "intake_accepts: true", "decision: granted"),
        ),
        (
            Rule::SilenceCoversNobody,
            change(licence, "silence: {after: 7wd", "silence: {after: 8wd"),
        ),
        (
            Rule::Extension,
            change(licence, "longest: 10wd, approver", "longest: 21wd, approver"),
        ),
        (
            Rule::Extension,
            change(licence, "longest: 10wd, approver", "longest: 1mo, approver"),
        ),
        (
            Rule::DuplicateSpecial,
            change(
                licence,
                "extension:",
                "  - {kind: hearing, excluded: false, source: the law}\nextension:",
            ),
        ),
        (Rule::NoRoster, change(rosters, "window: w3", "window: w2")),
        (
            Rule::UselessRoster,
            change(rosters, "to: 2010-12-31", "to: 2009-12-31"),
        ),
        (Rule::UselessRoster, change(rosters, "window: w3", "window: w1")),
        (
            Rule::UselessRoster,
            change(windows, "form: reception", "form: rotating"),
        ),
        (Rule::NoWindow, change(departments, ", opinion_only: true", "")),
        (
            Rule::Fee,
            change(
                licence,
                "fees:\n  - {id: fee, name: {zh: 登记费, en: Fee}, amount_fen: 30000, source: the price list}\n",
                "",
            ),
        ),
        (
            Rule::UnknownFact,
            change(
                licence,
                "when: case.trade == 'food'\n",
                "when: case.trades == 'food'\n",
            ),
        ),
        (
            Rule::Unreachable,
            change(
                licence,
                "then: {step: {id: kitchen}}",
                "then: {choice: {when: case.trade == 'food', then: {step: {id: kitchen}}, else: {step: {id: never}}}}",
            ),
        ),
        (
            Rule::Material,
            change(licence, "may_follow: true", "required: false, may_follow: true"),
        ),
        (Rule::NotJoint, change(filing, "kind: promised", "kind: joint")),
        (Rule::NoDecision, change(filing, ", decides: true", "")),
        (
            Rule::StaffRole,
            change(staff, "roles: [cashier]", "roles: [cashier, applicant]"),
        ),
        (Rule::Rating, change(licence, "points: [decision]", "points: []")),
        (
            Rule::LayerUncovered,
            layered("closed:\n  - {days: 2027-01-04, name: {zh: 修缮, en: repairs}}"),
        ),
        (
            Rule::LayerTwice,
            layered(
                "closed:\n  - {days: 2010-03-08 to 2010-03-10, name: {zh: 修缮, en: repairs}}\nopened:\n  \
                 - {days: 2010-03-09, name: {zh: 展会, en: fair}, counts: true}",
            ),
        ),
        (
            Rule::LayerIdle,
            layered("closed:\n  - {days: 2010-02-15, name: {zh: 春节, en: Spring Festival}}"),
        ),
        (
            Rule::LayerIdle,
            layered("opened:\n  - {days: 2010-03-08, name: {zh: 延时服务, en: service}, counts: false}"),
        ),
        (
            Rule::EmptyName,
            layered("closed:\n  - {days: 2010-03-08, name: {zh: \"\", en: repairs}}"),
        ),
        (
            Rule::Unsound,
            change(licence, "only: [archives]", "only: [fire, gardens]"),
        ),
        (
            Rule::Unsound,
            change(filing, "four_eyes: [intake]", "four_eyes: [decide]"),
        ),
    ];
    let mut shown = String::new();
    let mut found = BTreeSet::new();
    for (rule, loaded) in cases {
        let findings = check(&loaded);
        assert!(
            findings.iter().any(|finding| finding.rule == rule),
            "{} is not among:\n{}",
            rule.code(),
            render(&findings)
        );
        found.insert(rule);
        writeln!(shown, "== {}\n{}", rule.code(), render(&findings)).unwrap();
    }
    assert_eq!(found, Rule::ALL.iter().copied().collect());
    insta::assert_snapshot!(shown);
}

#[test]
fn findings_for_programs_say_the_same() {
    let loaded = with("calendars.yaml", "calendars: [CN, NL]\n").unwrap();
    let none = to_json(&loaded, &check(&loaded));
    assert_eq!((&none["errors"], &none["warnings"]), (&0.into(), &0.into()));
    let loaded = replaced("procedures/licence.yaml", "term: 12wd", "term: 21wd").unwrap();
    insta::assert_json_snapshot!(to_json(&loaded, &check(&loaded)));
}

#[test]
fn every_rule_is_explained_in_the_docs() {
    let docs =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/catalogue.md")).unwrap();
    for rule in Rule::ALL {
        assert!(
            docs.contains(&format!("| `{}` |", rule.code())),
            "{} is missing",
            rule.code()
        );
    }
}
