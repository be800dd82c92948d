//! What holds for all findings, whatever the log.

use guichet_audit::findings::{Findings, RuleId, Rules};
use guichet_core::id::Position;
use guichet_core::lang::Lang;
use guichet_log::codec::Event;
use guichet_log::projection::{Projection as _, Recorded};
use guichet_stats::AsOf;

use super::pairs::PAIRS;
use super::pairs::Pair;
use super::story::Story;

/// One log in which every pair happens, each to cases of its own.
pub(crate) fn everything() -> Vec<Recorded> {
    let base = Story::new().log;
    let mut log = base.clone();
    let mut all: Vec<Recorded> = Vec::new();
    for (nth, pair) in PAIRS.iter().enumerate() {
        for (which, history) in [("fires", pair.fires), ("near", pair.near)] {
            let story = Pair::story(history).log;
            for mut record in story.into_iter().skip(base.len()) {
                let Some(case) = record.stream.case() else {
                    continue;
                };
                let name = format!("{nth}-{which}-{case}");
                record.stream =
                    guichet_core::id::StreamId::of_case(&guichet_core::id::CaseId::new(&name).unwrap());
                all.push(record);
            }
        }
    }
    // As a log would have taken them.
    all.sort_by_key(|record| record.recorded_at);
    for mut record in all {
        record.position = Position(log.len() as u64);
        log.push(record);
    }
    log
}

pub(crate) fn folded<'a>(log: impl IntoIterator<Item = &'a Recorded>, as_of: AsOf) -> Findings {
    let mut findings = Findings::new(Rules::default(), as_of);
    for recorded in log {
        findings.apply(recorded);
    }
    findings
}

#[test]
fn findings_are_the_same_in_whatever_parts_and_order_the_cases_are_read() {
    let log = everything();
    let whole = folded(&log, AsOf::Now).view();
    assert!(whole.findings.len() > RuleId::ALL.len());
    for threads in [1_usize, 2, 3, 7] {
        let mut parts: Vec<Findings> = (0..threads)
            .map(|_| Findings::new(Rules::default(), AsOf::Now))
            .collect();
        // The first part looks at the order of the log; every part takes the reference data.
        for recorded in &log {
            parts[0].sees(recorded.position, recorded.recorded_at);
        }
        for recorded in log
            .iter()
            .filter(|recorded| matches!(recorded.event, Event::Reference(_)))
        {
            for part in &mut parts {
                part.take(recorded);
            }
        }
        let mut cases: Vec<_> = log.iter().filter_map(|recorded| recorded.stream.case()).collect();
        cases.sort();
        cases.dedup();
        // Case by case, the last one first.
        for (nth, case) in cases.iter().enumerate().rev() {
            for recorded in log
                .iter()
                .filter(|recorded| recorded.stream.case().as_ref() == Some(case))
            {
                parts[nth % threads].take(recorded);
            }
        }
        let found = Findings::merged(parts.into_iter().rev()).unwrap().found();
        assert_eq!(found.findings, whole.findings, "{threads} parts");
        assert_eq!((found.position, found.as_of), (whole.position, whole.as_of));
        let threads = std::num::NonZeroUsize::new(threads).unwrap();
        let records = log.iter().cloned().map(Ok::<_, std::convert::Infallible>);
        let on_threads =
            guichet_audit::findings::find(records, Rules::default(), AsOf::Now, threads).unwrap();
        assert_eq!(on_threads.findings, whole.findings, "{threads} threads");
    }
}

#[test]
fn findings_at_a_position_are_those_of_the_log_cut_there() {
    let log = everything();
    for at in (0..log.len()).step_by(17) {
        let position = Position(at as u64);
        let then = folded(&log, AsOf::Position(position)).view();
        let cut = folded(&log[..at], AsOf::Now).view();
        assert_eq!(then.findings, cut.findings, "position {at}");
    }
}

#[test]
fn every_finding_has_an_id_of_its_own_that_stays_as_the_log_grows() {
    let log = everything();
    let found = folded(&log, AsOf::Now).view().findings;
    let mut ids: Vec<String> = found.iter().map(guichet_audit::findings::Finding::id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
    let rules: std::collections::BTreeSet<RuleId> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules.len(), RuleId::ALL.len(), "every rule has fired");
}

#[test]
fn every_finding_says_in_both_languages_whom_it_is_about_and_by_which_rule() {
    let found = folded(&everything(), AsOf::Now).view();
    for finding in &found.findings {
        for lang in Lang::ALL {
            let sentence = finding.sentence(&found.directory, lang);
            assert!(sentence.contains(finding.rule.name(lang)), "{sentence}");
            assert!(!sentence.contains('{') && !sentence.contains("  "), "{sentence}");
            let han = sentence
                .chars()
                .any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
            assert_eq!(han, lang == Lang::Zh, "{sentence}");
        }
    }
}

#[test]
fn a_rule_that_is_off_finds_nothing_and_one_that_weighs_more_says_so() {
    let rules: Rules = serde_json::from_str(
        r#"{"version": 1, "rules": {"B1": {"off": true}, "B2": {"severity": "notice"}}}"#,
    )
    .unwrap();
    let mut findings = Findings::new(rules, AsOf::Now);
    for recorded in &everything() {
        findings.apply(recorded);
    }
    let found = findings.view().findings;
    assert!(found.iter().all(|finding| finding.rule != RuleId::B1));
    let mut of_b2 = found.iter().filter(|finding| finding.rule == RuleId::B2);
    assert_eq!(
        of_b2.next().map(|finding| finding.severity.as_str()),
        Some("notice")
    );
}
