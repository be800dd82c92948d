//! The demo catalogue: what it promises to hold, and what is printed of it.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails them as a test does")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use common::replaced;
use guichet_catalogue::embedded::SHIPPED;
use guichet_catalogue::{Lang, Loaded, check, diagram, embedded, guide, load};
use guichet_core::actor::{Actor, Role};
use guichet_core::flow::{Block, soundness};
use guichet_core::id::{BlockId, DepartmentId, PersonId, ProcedureId, StepId, Version, WindowId};
use guichet_core::procedure::{Procedure, ProcedureKind};
use guichet_core::reference::{Directory, WindowForm, publish};
use guichet_core::time::{Term, date};

fn demo() -> Loaded {
    embedded("harbin-2010").unwrap()
}

fn procedure<'a>(loaded: &'a Loaded, id: &str) -> &'a Procedure {
    loaded
        .catalogue
        .procedures
        .iter()
        .find(|procedure| procedure.id == *id)
        .unwrap()
}

fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("catalogues")
        .join(name)
}

#[test]
fn the_demo_has_the_size_that_it_says() {
    let demo = demo();
    let catalogue = &demo.catalogue;
    let (opinions, present): (Vec<_>, Vec<_>) = catalogue
        .departments
        .iter()
        .partition(|department| department.opinion_only);
    assert_eq!((present.len(), opinions.len()), (18, 3));
    assert_eq!(catalogue.windows.len(), 26);
    let forms: BTreeSet<_> = catalogue.windows.iter().map(|window| window.form).collect();
    assert_eq!(forms, WindowForm::ALL.iter().copied().collect());
    let supervisors = catalogue
        .staff
        .iter()
        .filter(|person| person.roles.contains(&Role::Supervisor))
        .count();
    assert_eq!((catalogue.staff.len() - supervisors, supervisors), (40, 3));
    let joint = catalogue
        .procedures
        .iter()
        .filter(|procedure| procedure.kind == ProcedureKind::Joint)
        .count();
    // 28 items, of which the environmental one has three documents, and three joint flows.
    assert_eq!((catalogue.procedures.len() - joint, joint), (30, 3));
}

#[test]
fn the_only_finding_is_the_one_made_on_purpose() {
    let readme = std::fs::read_to_string(folder("harbin-2010").join("README.md")).unwrap();
    assert!(readme.contains("`GC013` in `procedures/medical-institution.yaml`"));
    for shipped in SHIPPED {
        let findings = check(&embedded(shipped.name).unwrap());
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.rule.code(), finding.place.file.as_str()))
            .collect();
        assert_eq!(
            found,
            [("GC013", "procedures/medical-institution.yaml")],
            "{}",
            shipped.name
        );
    }
}

#[test]
fn every_flow_is_sound_with_its_sub_flows_filled_in() {
    for procedure in &demo().catalogue.procedures {
        assert_eq!(
            soundness::check(procedure.flow.as_ref().unwrap()),
            [],
            "{}",
            procedure.id
        );
    }
}

#[test]
fn what_is_embedded_is_what_lies_in_the_folder() {
    let embedded = demo();
    let loaded = load(&folder("harbin-2010")).unwrap();
    assert_eq!(embedded.catalogue, loaded.catalogue);
    assert_eq!(
        embedded.sources.files().collect::<Vec<_>>(),
        loaded.sources.files().collect::<Vec<_>>()
    );
}

#[test]
fn the_construction_permit_gets_a_second_version_and_the_joint_flows_keep_the_first() {
    let (before, after) = (demo(), embedded("harbin-2010-amended").unwrap());
    let terms = |loaded: &Loaded| -> BTreeMap<Version, Term> {
        let permits = loaded
            .catalogue
            .procedures
            .iter()
            .filter(|procedure| procedure.id == "construction-permit");
        permits
            .map(|permit| (permit.version, permit.terms.statutory.as_ref().unwrap().term))
            .collect()
    };
    let (first, second) = (Term::WorkingDays(15), Term::WorkingDays(7));
    assert_eq!(terms(&before), BTreeMap::from([(Version(1), first)]));
    assert_eq!(
        terms(&after),
        BTreeMap::from([(Version(1), first), (Version(2), second)])
    );
    let more = after
        .catalogue
        .procedures
        .iter()
        .filter(|procedure| !before.catalogue.procedures.contains(procedure));
    assert_eq!(more.count(), 1);
}

#[test]
fn both_catalogues_can_be_published_and_the_later_one_adds_a_single_event() {
    let director = Actor::new(PersonId::new("s40").unwrap(), Role::Director);
    let mut directory = Directory::default();
    for event in publish(&directory, &demo().catalogue, &director).unwrap() {
        directory.apply(&event);
    }
    assert_eq!(publish(&directory, &demo().catalogue, &director).unwrap(), []);
    let amended = embedded("harbin-2010-amended").unwrap();
    let more = publish(&directory, &amended.catalogue, &director).unwrap();
    assert_eq!(more.len(), 1);
    let permit = ProcedureId::new("construction-permit").unwrap();
    directory.apply(&more[0]);
    assert_eq!(directory.newest(&permit).unwrap().version, Version(2));
}

#[test]
fn the_rotating_windows_are_staffed_on_every_day_of_the_year_and_shared_for_a_week() {
    let director = Actor::new(PersonId::new("s40").unwrap(), Role::Director);
    let mut directory = Directory::default();
    for event in publish(&directory, &demo().catalogue, &director).unwrap() {
        directory.apply(&event);
    }
    let on_duty = |window: &str, day| directory.on_duty(&WindowId::new(window).unwrap(), day).len();
    let mut day = date(2010, 1, 1);
    while day <= date(2010, 12, 31) {
        let shared = date(2010, 6, 7) <= day && day <= date(2010, 6, 13);
        let expected = if shared { 2 } else { 1 };
        assert_eq!(
            (on_duty("w17", day), on_duty("w18", day)),
            (expected, expected),
            "{day}"
        );
        day = day.next();
    }
    assert_eq!(on_duty("w19", date(2010, 7, 1)), 10);
}

#[test]
fn a_sub_flow_keeps_its_department_and_leaves_the_decision_to_the_flow_around_it() {
    let demo = demo();
    let flow = procedure(&demo, "government-construction").flow.as_ref().unwrap();
    let decide = flow.step(&StepId::new("site-opinion.decide").unwrap()).unwrap();
    assert!(!decide.decides);
    assert_eq!(decide.role, Some(Role::Approver));
    assert_eq!(
        decide.department.as_ref().map(DepartmentId::as_str),
        Some("planning")
    );
    assert_eq!(
        decide.four_eyes,
        ["site-opinion.intake", "site-opinion.examine"].map(|id| StepId::new(id).unwrap())
    );
    let deciding: Vec<_> = flow
        .steps()
        .into_iter()
        .filter(|step| step.decides)
        .map(|step| step.id.as_str())
        .collect();
    assert_eq!(deciding, ["decision"]);
    let mut permit = None;
    flow.walk(&mut |block| {
        if let Block::Procedure(sub) = block
            && sub.procedure == "construction-permit"
        {
            permit = sub.version;
        }
    });
    assert_eq!(permit, Some(Version(1)));
}

#[test]
fn the_stages_of_the_joint_flows_have_the_published_limits() {
    let demo = demo();
    let limits = |id: &str| -> Vec<(String, u16)> {
        let mut limits = Vec::new();
        procedure(&demo, id).flow.as_ref().unwrap().walk(&mut |block| {
            if let Block::Parallel(group) = block {
                limits.push((group.id.to_string(), group.term.unwrap().count()));
            }
        });
        limits
    };
    let named = |pairs: &[(&str, u16)]| -> Vec<(String, u16)> {
        pairs
            .iter()
            .map(|(id, count)| ((*id).to_owned(), *count))
            .collect()
    };
    assert_eq!(
        limits("government-construction"),
        named(&[
            ("feasibility-group", 15),
            ("land-group", 30),
            ("scheme-group", 8),
            ("design-group", 12),
            ("permit-group", 3),
            ("joint-inspection", 7),
        ])
    );
    assert_eq!(
        limits("private-construction"),
        named(&[
            ("land-group", 15),
            ("project-group", 15),
            ("scheme-group", 8),
            ("permit-group", 10),
            ("joint-inspection", 7),
        ])
    );
    assert_eq!(
        limits("enterprise-establishment"),
        named(&[("pre-approvals", 12), ("certificates", 1)])
    );
}

#[test]
fn silence_is_consent_for_culture_and_archives_only_and_fire_guards_safety() {
    let demo = demo();
    let mut silent = BTreeSet::new();
    for procedure in &demo.catalogue.procedures {
        procedure.flow.as_ref().unwrap().walk(&mut |block| {
            if let Block::Parallel(group) = block
                && let Some(silence) = &group.silence
            {
                assert!(!silence.only.is_empty(), "{} covers everybody", group.id);
                silent.extend(silence.only.iter().map(ToString::to_string));
            }
        });
    }
    assert_eq!(
        silent,
        BTreeSet::from(["archives-inspection".to_owned(), "culture-opinion".to_owned()])
    );
    for id in [
        "government-construction",
        "private-construction",
        "enterprise-establishment",
    ] {
        let flow = procedure(&demo, id).flow.as_ref().unwrap();
        let unguarded: Vec<_> = flow
            .steps()
            .into_iter()
            .filter(|step| {
                step.id.as_str().starts_with("fire-") && !step.id.as_str().contains('.') && !step.safety
            })
            .collect();
        assert!(unguarded.is_empty(), "{unguarded:?}");
    }
}

#[test]
fn a_flow_written_as_in_the_design_loads_as_it_stands() {
    let flow = "flow:
  sequence:
    - step: {id: intake, window: reception, term: 5wd}
    - parallel:
        id: pre-approvals
        lead: commerce
        join: all                 # all | any | {quorum: 2}; a veto can be named
        silence: {after: 7wd, effect: consent, needs: proof_of_service}   # off unless written; never for `safety: true`
        branches:
          - step: {id: food, department: food-drug, term: 12wd}
          - step: {id: fire, department: fire, term: 7wd, safety: true}
          - choice: {when: \"case.trade == 'culture'\", then: {step: {id: culture, department: culture, term: 8wd}}}
    - step: {id: decision, role: approver, four_eyes: [intake]}
";
    let old = common::SOUND
        .iter()
        .find(|(name, _)| *name == "procedures/licence.yaml")
        .unwrap()
        .1;
    let at = old.find("flow:").unwrap();
    let loaded = replaced("procedures/licence.yaml", &old[at..], flow).unwrap();
    let flow = procedure(&loaded, "licence").flow.as_ref().unwrap();
    assert_eq!(soundness::check(flow), []);
    let group = flow.group(&BlockId::new("pre-approvals").unwrap()).unwrap();
    let branches: Vec<_> = group
        .branches
        .iter()
        .filter_map(Block::id)
        .map(|id| id.to_string())
        .collect();
    assert_eq!(branches, ["food", "fire", "culture"]);
}

#[test]
fn charts_are_drawn_the_same_every_time() {
    let demo = demo();
    let catalogue = &demo.catalogue;
    insta::assert_snapshot!(
        "senior_card_en_svg",
        diagram::svg(procedure(&demo, "senior-card"), catalogue, Lang::En)
    );
    let establishment = procedure(&demo, "enterprise-establishment");
    insta::assert_snapshot!(
        "establishment_zh_svg",
        diagram::svg(establishment, catalogue, Lang::Zh)
    );
    insta::assert_snapshot!(
        "establishment_en_mermaid",
        diagram::mermaid(establishment, catalogue, Lang::En)
    );
    assert_eq!(
        diagram::svg(establishment, catalogue, Lang::Zh),
        diagram::svg(
            procedure(&self::demo(), "enterprise-establishment"),
            catalogue,
            Lang::Zh
        )
    );
}

#[test]
fn guides_say_what_the_catalogue_says() {
    let demo = demo();
    insta::assert_snapshot!(
        "food_service_zh_markdown",
        guide::markdown(procedure(&demo, "food-service"), &demo, Lang::Zh)
    );
    insta::assert_snapshot!(
        "food_service_en_html",
        guide::html(procedure(&demo, "food-service"), &demo, Lang::En)
    );
    let establishment = procedure(&demo, "enterprise-establishment");
    insta::assert_snapshot!(
        "establishment_en_markdown",
        guide::markdown(establishment, &demo, Lang::En)
    );
}

#[test]
fn every_procedure_can_be_drawn_and_printed_in_both_languages() {
    let demo = demo();
    for procedure in &demo.catalogue.procedures {
        for lang in Lang::ALL {
            let page = guide::html(procedure, &demo, lang);
            assert_eq!(page.matches("<svg ").count(), 1, "{}", procedure.id);
            assert!(page.contains("<title id=\"chart-title\">"), "{}", procedure.id);
            assert!(
                !page.contains("http://") || page.matches("http://").count() == 1,
                "{} needs a server",
                procedure.id
            );
            assert!(guide::markdown(procedure, &demo, lang).starts_with("# "));
            let chart = diagram::mermaid(procedure, &demo.catalogue, lang);
            assert_eq!(
                chart.matches("subgraph ").count(),
                chart.lines().filter(|line| line.trim() == "end").count()
            );
        }
    }
}

#[test]
fn markup_in_a_catalogue_never_reaches_a_page() {
    let hostile = "<script>alert('x')</script>";
    let loaded = replaced(
        "procedures/licence.yaml",
        "{zh: 许可, en: Licence}",
        &format!("{{zh: \"{hostile}\", en: \"{hostile}|`#\"}}"),
    )
    .unwrap();
    let licence = procedure(&loaded, "licence");
    for lang in Lang::ALL {
        let svg = diagram::svg(licence, &loaded.catalogue, lang);
        for page in [
            guide::html(licence, &loaded, lang),
            svg,
            diagram::mermaid(licence, &loaded.catalogue, lang),
        ] {
            assert!(!page.contains("<script"), "{page}");
        }
        assert!(!guide::markdown(licence, &loaded, lang).contains("<script"));
    }
}

#[test]
fn only_a_shipped_catalogue_can_be_asked_for_by_name() {
    let error = embedded("atlantis").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no catalogue `atlantis` ships; there are harbin-2010, harbin-2010-amended"
    );
}
