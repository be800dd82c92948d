//! What is told of findings: filters, standing, JSON, text.

use std::path::Path;

use guichet_audit::findings::{Filter, Listing, RuleId, Rules, RulesListing, Severity};
use guichet_core::actor::Role;
use guichet_core::id::Position;
use guichet_core::lang::Lang;
use guichet_core::reference::{
    FindingExplained, FindingIssued, FindingRuling, FindingStanding, ReferenceEvent,
};
use guichet_core::testkit::id;
use guichet_stats::AsOf;
use serde_json::Value;

use super::laws::{everything, folded};
use super::story::{Story, by, on};

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas")
        .join(name);
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn findings_as_json_are_as_their_schema_says() {
    let found = folded(&everything(), AsOf::Now).found();
    let listing = serde_json::to_value(Listing::of(&found, &Filter::default())).unwrap();
    let schema = schema("findings.v1.schema.json");
    let errors: Vec<String> = schema
        .iter_errors(&listing)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_rule_file_with_every_default_is_as_its_schema_says() {
    let rules = serde_json::to_value(Rules::default()).unwrap();
    assert!(schema("finding-rules.v1.schema.json").is_valid(&rules));
    let listed = &schema("finding-rules.v1.schema.json");
    for (rule, set) in rules["rules"].as_object().unwrap() {
        for name in set.as_object().unwrap().keys() {
            let with_one = serde_json::json!({"version": 1, "rules": {rule: {name: set[name].clone()}}});
            assert!(listed.is_valid(&with_one), "{rule} {name}");
        }
    }
    assert!(!listed.is_valid(&serde_json::json!({"version": 1, "rules": {"A1": {"grace": 1}}})));
}

/// A story with a second correction notice, and what people said about that.
fn spoken(rulings: &[bool]) -> Story {
    let mut story = Story::new();
    let pair = super::pairs::PAIRS.iter().find(|pair| pair.rule == RuleId::B1);
    (pair.unwrap().fires)(&mut story);
    let finding = story.of(RuleId::B1).remove(0).id();
    let (supervisor, head) = (by(Role::Supervisor), by(Role::AuthorityHead));
    let day = on("03-10");
    story.says(
        &supervisor,
        ReferenceEvent::FindingIssued(FindingIssued {
            id: finding.clone(),
            rule: "B1".to_owned(),
            subject: "C".to_owned(),
            evidence: vec![Position(1)],
            text: "a second notice".to_owned(),
            by: supervisor.person.clone(),
            on: day,
        }),
    );
    story.says(
        &head,
        ReferenceEvent::FindingExplained(FindingExplained {
            id: finding.clone(),
            text: "the plan was lost".to_owned(),
            by: head.person.clone(),
            on: day,
        }),
    );
    for (number, upheld) in (1..).zip(rulings) {
        let ruling = FindingRuling {
            id: finding.clone(),
            ruling: number,
            replaces: (number > 1).then(|| number - 1),
            reason: "heard both".to_owned(),
            by: supervisor.person.clone(),
            on: day,
        };
        story.says(
            &supervisor,
            if *upheld {
                ReferenceEvent::FindingUpheld(ruling)
            } else {
                ReferenceEvent::FindingCancelled(ruling)
            },
        );
    }
    story
}

#[test]
fn a_finding_stands_as_it_was_last_ruled_on_and_tells_who_said_what() {
    for (rulings, stands, said) in [
        (&[][..], FindingStanding::Explained, 2),
        (&[true][..], FindingStanding::Upheld, 3),
        (&[true, false][..], FindingStanding::Cancelled, 4),
    ] {
        let found = spoken(rulings).found();
        let only = Filter {
            standings: [stands].into(),
            ..Filter::default()
        };
        let listing = Listing::of(&found, &only);
        assert_eq!(listing.findings.len(), 1, "{stands}");
        assert_eq!(listing.findings[0].said.len(), said);
        let text = listing.text(&found.directory, Lang::En, None);
        assert!(text.contains("the plan was lost"), "{text}");
    }
}

#[test]
fn the_same_pattern_is_found_elsewhere_by_rule_weight_person_window_agent_and_pair() {
    let found = folded(&everything(), AsOf::Now).found();
    let count = |filter: Filter| Listing::of(&found, &filter).findings.len();
    let all = count(Filter::default());
    assert_eq!(all, found.findings.len());
    let pair = |a: &str, b: &str| Filter {
        pairs: [(id(a), id(b))].into(),
        ..Filter::default()
    };
    assert_eq!(
        (
            count(pair("W1", "W2")),
            count(pair("W2", "W1")),
            count(pair("W1", "BANK"))
        ),
        (1, 1, 0)
    );
    let by_rule = Filter {
        rules: [RuleId::B1, RuleId::B2].into(),
        ..Filter::default()
    };
    assert!((2..all).contains(&count(by_rule)));
    let serious = Filter {
        at_least: Some(Severity::Serious),
        ..Filter::default()
    };
    assert!((1..all).contains(&count(serious)));
    let handler = |person: &str| Filter {
        handlers: [id(person)].into(),
        ..Filter::default()
    };
    assert!((1..all).contains(&count(handler("all"))));
    assert_eq!(count(handler("nobody-at-all")), 0);
    let department = Filter {
        departments: [id("health")].into(),
        ..Filter::default()
    };
    assert!(count(department) < all);
}

#[test]
fn findings_and_rules_are_told_to_people_in_both_languages() {
    let mut story = Story::new();
    for pair in super::pairs::PAIRS.iter().take(4) {
        (pair.fires)(&mut story);
    }
    let found = story.found();
    for lang in Lang::ALL {
        let text = Listing::of(&found, &Filter::default()).text(&found.directory, lang, Some(80));
        assert!(
            text.lines()
                .all(|line| guichet_terminal::table::width(line) <= 80),
            "{text}"
        );
        let rules = RulesListing::of(&Rules::default()).text(lang, Some(80));
        assert!(
            RuleId::ALL.iter().all(|rule| rules.contains(rule.name(lang))),
            "{rules}"
        );
    }
    let listed = RulesListing::of(&Rules::default());
    assert_eq!(listed.rules.len(), 29);
}
