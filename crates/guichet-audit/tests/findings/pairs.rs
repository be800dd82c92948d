//! Each rule with a history that fires it and a near miss that does not.

use guichet_audit::findings::{Fact, RuleId};
use guichet_core::actor::Role;
use guichet_core::procedure::ProcedureKind;
use guichet_core::testkit::id;
use guichet_core::time::{Term, date};
use guichet_log::record::Cause;
use serde_json::json;

use super::story::{Story, by, item, moment};

/// A rule, what fires it, and what nearly does.
pub(crate) struct Pair {
    pub(crate) rule: RuleId,
    pub(crate) fires: fn(&mut Story),
    pub(crate) near: fn(&mut Story),
}

impl Pair {
    pub(crate) fn story(history: fn(&mut Story)) -> Story {
        let mut story = Story::new();
        history(&mut story);
        story
    }

    fn check(&self) {
        let (fires, near) = (
            Self::story(self.fires).of(self.rule),
            Self::story(self.near).of(self.rule),
        );
        assert!(!fires.is_empty(), "{} should have fired", self.rule);
        assert_eq!(near, [], "{} should not have fired", self.rule);
    }
}

macro_rules! pairs {
    ($($rule:ident $name:ident: $fires:expr, $near:expr;)+) => {
        /// Every pair, in the order of the rules.
        pub(crate) const PAIRS: &[Pair] = &[$(Pair { rule: RuleId::$rule, fires: $fires, near: $near }),+];

        $(#[test]
        fn $name() {
            Pair { rule: RuleId::$rule, fires: $fires, near: $near }.check();
        })+
    };
}

/// Somebody of the centre, by name.
fn named(name: &str, role: Role) -> guichet_core::actor::Actor {
    guichet_core::testkit::person(name, role)
}

fn special(story: &mut Story, when: [&str; 3], notice: Option<&str>, kind: &str, announced: &str) {
    let handler = || by(Role::Handler);
    story
        .does(
            when[0],
            "C",
            handler(),
            "special_procedure_requested",
            json!({"special": "s-1", "kind": kind, "announced": announced}),
        )
        .does(
            when[1],
            "C",
            by(Role::Approver),
            "special_procedure_approved",
            json!({"special": "s-1", "excluded": true, "notice": notice}),
        )
        .does(
            when[2],
            "C",
            handler(),
            "special_procedure_started",
            json!({"special": "s-1", "started_on": super::story::day(when[2])}),
        );
}

fn special_ended(story: &mut Story, when: &str, result: Option<&str>) {
    story.does(
        when,
        "C",
        by(Role::Handler),
        "special_procedure_ended",
        json!({"special": "s-1", "ended_on": super::story::day(when), "result": result}),
    );
}

fn correction(story: &mut Story, when: &str, notice: u16, material: &str) {
    story.does(when, "C", by(Role::Clerk), "correction_requested",
        json!({"notice": notice, "items": [{"material": material, "defect": "unsigned"}], "served_on": super::story::day(when)}));
}

fn corrected(story: &mut Story, when: &str, materials: &[&str]) {
    story.does(
        when,
        "C",
        by(Role::Applicant),
        "correction_submitted",
        json!({"materials": materials, "complete": true, "received_on": super::story::day(when)}),
    );
}

fn extended(story: &mut Story, when: &str, role: Role, days: u16) {
    story.does(when, "C", by(role), "extension_granted",
        json!({"by": format!("{days}wd"), "approver": by(role).person, "approver_role": role, "reason": "a survey"}));
}

fn transferred(story: &mut Story, when: &str, from: &str, to: &str) {
    story.does(
        when,
        "C",
        by(Role::Clerk),
        "transferred",
        json!({"from": from, "to": to, "reason": "theirs"}),
    );
}

fn fee(story: &mut Story, when: &str, fee: &str, amount_fen: u64) {
    story.does(
        when,
        "C",
        by(Role::Clerk),
        "fee_notified",
        json!({"fees": [{"fee": fee, "amount_fen": amount_fen}]}),
    );
}

fn refused(story: &mut Story, when: &str, reasons: &str) {
    story.does(
        when,
        "C",
        by(Role::Clerk),
        "acceptance_refused",
        json!({"refused_on": super::story::day(when), "reasons": reasons}),
    );
}

/// A case of two departments side by side, both asked on 1 March.
fn joint(story: &mut Story, case: &str) {
    story
        .submitted_with("03-01 09:00", case, json!({"procedure": "joint"}))
        .accepted("03-01 09:30", case)
        .does(
            "03-01 09:30",
            case,
            by(Role::Clerk),
            "parallel_opened",
            json!({
                "group": "opinions", "lead": "licensing", "join": "all", "opened_on": "2010-03-01",
                "members": [
                    {"branch": "culture", "department": "licensing", "veto": false, "silence_consents": true},
                    {"branch": "fire", "department": "health", "veto": false, "silence_consents": false},
                ],
            }),
        );
    for (member, department) in [("culture", "licensing"), ("fire", "health")] {
        story.does(
            "03-01 09:30",
            case,
            by(Role::Clerk),
            "step_started",
            json!({
                "step": member, "group": "opinions", "department": department, "role": "handler",
                "started_on": "2010-03-01",
            }),
        );
    }
}

fn served(story: &mut Story, case: &str, member: &str) {
    story.does(
        "03-02 09:00",
        case,
        by(Role::Handler),
        "service_proved",
        json!({"group": "opinions", "member": member, "served_on": "2010-03-02", "evidence": "d-9"}),
    );
}

fn silent(story: &mut Story, case: &str, member: &str) {
    story.does(
        "03-10 00:30",
        case,
        by(Role::Timekeeper),
        "member_consent_deemed",
        json!({"group": "opinions", "member": member, "ground": "timeout", "lapsed_on": "2010-03-09"}),
    );
}

fn agreed(story: &mut Story, case: &str, member: &str) {
    let who = if member == "fire" {
        named("nurse", Role::Handler)
    } else {
        by(Role::Handler)
    };
    let fields = json!({"group": "opinions", "member": member, "opinion": "agree", "by": who.person});
    story.does("03-03 09:00", case, who, "member_opinion_given", fields);
}

fn arrived_and_closed(story: &mut Story, case: &str) {
    story.does(
        "03-03 10:00",
        case,
        by(Role::Handler),
        "parallel_closed",
        json!({"group": "opinions", "outcome": "agreed", "released": []}),
    );
}

/// Six cases of one handler and six of another, of which the first suspends his for so many days.
fn suspended_cases(story: &mut Story, days: i8) {
    for (nth, who) in (0..12).map(|nth| (nth, if nth < 6 { "all" } else { "handler" })) {
        let case = format!("S{nth}");
        story
            .begun("03-01 09:00", &case)
            .opinion("03-01 11:00", &case, "examine", named(who, Role::Handler));
        if nth < 6 {
            let until = format!("03-{:02} 09:00", 2 + days);
            story
                .does(
                    "03-02 09:00",
                    &case,
                    named(who, Role::Handler),
                    "clock_suspended",
                    json!({"ground": "force_majeure", "reason": "flood", "suspended_on": "2010-03-02"}),
                )
                .does(
                    &until,
                    &case,
                    named(who, Role::Handler),
                    "clock_resumed",
                    json!({"resumed_on": super::story::day(&until)}),
                );
        }
        story.decided("03-12 10:00", &case);
    }
}

/// Cases that are rated at W1: each after so many seconds.
fn rated_cases(story: &mut Story, cases: u32, seconds: u32) {
    for nth in 0..cases {
        let case = format!("Q{nth}");
        let (at, given) = (
            format!("03-10 10:{nth:02}:00"),
            format!("03-10 10:{nth:02}:{seconds:02}"),
        );
        story
            .examined("03-01 09:00", &case)
            .decided(&at, &case)
            .offered(&at, &case, "o")
            .rated(&given, &case, "o", "satisfied", by(Role::Applicant));
    }
}

pairs! {
    A1 a_decision_after_the_promised_day_is_found_and_one_on_it_is_not:
        |s| { s.examined("03-01 09:00", "C").decided("03-16 10:00", "C"); },
        |s| { s.examined("03-01 09:00", "C").decided("03-15 17:00", "C"); };
    A2 a_step_that_takes_a_day_too_long_is_found_though_the_case_is_in_time:
        |s| { s.begun("03-01 09:00", "C").opinion("03-05 09:00", "C", "examine", by(Role::Handler)); },
        |s| { s.begun("03-01 09:00", "C").opinion("03-04 17:00", "C", "examine", by(Role::Handler)); };
    A3 an_item_that_is_sent_up_after_twenty_working_days_is_found:
        |s| {
            s.submitted_with("03-01 09:00", "C", json!({"procedure": "land"})).accepted("03-01 09:00", "C")
                .started("03-01 09:00", "C", "examine", Role::Handler)
                .opinion("03-30 09:00", "C", "examine", by(Role::Handler));
        },
        |s| {
            s.submitted_with("03-01 09:00", "C", json!({"procedure": "land"})).accepted("03-01 09:00", "C")
                .started("03-01 09:00", "C", "examine", Role::Handler)
                .opinion("03-29 17:00", "C", "examine", by(Role::Handler));
        };
    A4 a_refusal_without_reasons_is_found_and_one_with_a_word_is_not:
        |s| {
            s.examined("03-01 09:00", "C")
                .decided_by("03-05 10:00", "C", by(Role::Approver), json!({"verdict": "refused", "reasons": " 。"}));
        },
        |s| {
            s.examined("03-01 09:00", "C")
                .decided_by("03-05 10:00", "C", by(Role::Approver), json!({"verdict": "refused", "reasons": "面积不足"}));
        };
    A5 a_complete_application_turned_away_and_then_accepted_is_found:
        |s| {
            s.submitted("03-01 09:00", "C");
            refused(s, "03-02 09:00", "outside of our competence");
            s.begun("03-10 09:00", "D");
        },
        |s| {
            s.submitted_with("03-01 09:00", "C", json!({"materials": ["form"]}));
            refused(s, "03-02 09:00", "outside of our competence");
            s.begun("03-10 09:00", "D");
        };
    A6 a_fee_above_the_standard_is_found_and_the_published_one_is_not:
        |s| { s.begun("03-01 09:00", "C"); fee(s, "03-02 09:00", "stamp", 5_001); },
        |s| { s.begun("03-01 09:00", "C"); fee(s, "03-02 09:00", "stamp", 5_000); };
    A7 a_decision_without_any_opinion_on_record_is_found:
        |s| { s.begun("03-01 09:00", "C").decided("03-05 10:00", "C"); },
        |s| { s.examined("03-01 09:00", "C").decided("03-05 10:00", "C"); };
    A8 a_case_that_is_accepted_twice_is_found_and_one_that_was_opened_again_is_not:
        |s| { s.begun("03-01 09:00", "C").accepted("03-02 09:00", "C"); },
        |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").delivered("03-05 10:10", "C")
                .completed("03-05 10:20", "C")
                .does("03-08 09:00", "C", by(Role::AuthorityHead), "reopened", json!({
                    "reopened_on": "2010-03-08", "reason": "a mistake",
                    "superseded": {"steps": [], "blocks": [], "reopened": [], "arrivals": [], "revived": []},
                }))
                .decided("03-09 10:00", "C").completed("03-10 10:20", "C");
        };
    A9 a_special_procedure_that_is_open_at_completion_is_found:
        |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-02 09:00", "03-02 10:00", "03-02 11:00"], Some("d-1"), "hearing", "5wd");
            s.decided("03-05 10:00", "C").delivered("03-05 10:10", "C").completed("03-05 10:20", "C");
        },
        |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-02 09:00", "03-02 10:00", "03-02 11:00"], Some("d-1"), "hearing", "5wd");
            special_ended(s, "03-04 10:00", Some("d-2"));
            s.decided("03-05 10:00", "C").delivered("03-05 10:10", "C").completed("03-05 10:20", "C");
        };
    A10 a_completed_case_without_its_certificate_is_found:
        |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").offered("03-05 10:00", "C", "o")
                .completed("03-05 10:20", "C");
        },
        |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").offered("03-05 10:00", "C", "o")
                .delivered("03-05 10:10", "C").completed("03-05 10:20", "C");
        };
    A11 an_opinion_that_was_entered_a_day_later_is_found:
        |s| {
            s.begun("03-01 09:00", "C").opinion("03-02 09:00", "C", "examine", by(Role::Handler))
                .but(|r| r.recorded_at = moment("03-03 09:00"));
        },
        |s| {
            s.begun("03-01 09:00", "C").opinion("03-02 09:00", "C", "examine", by(Role::Handler))
                .but(|r| r.recorded_at = moment("03-03 08:59"));
        };
    B1 a_second_correction_notice_is_found_and_a_first_one_on_the_fourth_day_is_not:
        |s| {
            s.submitted("03-01 09:00", "C");
            correction(s, "03-02 09:00", 1, "plan");
            corrected(s, "03-03 09:00", &["plan"]);
            correction(s, "03-04 09:00", 2, "form");
        },
        |s| { s.submitted("03-01 09:00", "C"); correction(s, "03-05 09:00", 1, "plan"); };
    B2 a_correction_that_asks_for_unlisted_material_is_found:
        |s| { s.submitted("03-01 09:00", "C"); correction(s, "03-02 09:00", 1, "photo"); },
        |s| { s.submitted("03-01 09:00", "C"); correction(s, "03-02 09:00", 1, "plan"); };
    B3 an_acceptance_without_required_material_is_found_and_one_with_a_promise_of_it_is_not:
        |s| {
            s.submitted_with("03-01 09:00", "C", json!({"materials": ["form"]})).accepted("03-01 09:00", "C");
        },
        |s| {
            s.submitted_with("03-01 09:00", "C", json!({"materials": ["form"]}))
                .does("03-01 09:00", "C", by(Role::Clerk), "accepted",
                    json!({"effective_on": "2010-03-01", "gaps": ["plan"], "gaps_due_on": "2010-03-08"}));
        };
    B4 a_decision_dated_two_working_days_back_is_found_and_one_over_a_weekend_is_not:
        |s| {
            s.examined("03-01 09:00", "C")
                .decided_by("03-10 10:00", "C", by(Role::Approver), json!({"decided_on": "2010-03-08"}));
        },
        |s| {
            s.examined("03-01 09:00", "C")
                .decided_by("03-08 10:00", "C", by(Role::Approver), json!({"decided_on": "2010-03-05"}));
        };
    B5 a_special_procedure_that_begins_two_days_before_the_limit_is_found:
        |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-11 09:00", "03-11 10:00", "03-11 11:00"], Some("d-1"), "hearing", "5wd");
        },
        |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-10 09:00", "03-10 10:00", "03-10 11:00"], Some("d-1"), "hearing", "5wd");
            special_ended(s, "03-17 09:00", Some("d-2"));
        };
    B6 a_handler_who_suspends_far_more_than_others_is_found:
        |s| suspended_cases(s, 6),
        |s| suspended_cases(s, 2);
    B7 a_file_that_goes_to_and_fro_three_times_is_found_and_one_that_goes_twice_is_not:
        |s| {
            s.begun("03-01 09:00", "C");
            transferred(s, "03-02 09:00", "W1", "W2");
            transferred(s, "03-03 09:00", "W2", "W1");
            transferred(s, "03-04 09:00", "W1", "W2");
        },
        |s| {
            s.begun("03-01 09:00", "C");
            transferred(s, "03-02 09:00", "W1", "W2");
            transferred(s, "03-03 09:00", "W2", "W1");
            transferred(s, "03-04 09:00", "W1", "ROTA");
        };
    B8 one_person_who_examines_and_decides_is_found:
        |s| {
            let all = |role| named("all", role);
            s.begun("03-01 09:00", "C").opinion("03-02 09:00", "C", "examine", all(Role::Handler))
                .decided_by("03-05 10:00", "C", all(Role::Approver), json!({}));
        },
        |s| {
            let all = |role| named("all", role);
            s.begun("03-01 09:00", "C").opinion("03-02 09:00", "C", "examine", all(Role::Handler))
                .decided("03-05 10:00", "C");
        };
    B9 an_extension_by_the_wrong_level_is_found_and_one_by_the_right_one_is_not:
        |s| { s.examined("03-01 09:00", "C"); extended(s, "03-10 09:00", Role::Approver, 10); },
        |s| { s.examined("03-01 09:00", "C"); extended(s, "03-10 09:00", Role::AuthorityHead, 10); };
    B10 a_decision_within_a_minute_of_the_acceptance_is_found:
        |s| { s.examined("03-01 09:00", "C").decided("03-01 09:01", "C"); },
        |s| { s.examined("03-01 09:00", "C").decided("03-01 09:01:01", "C"); };
    B11 an_application_withdrawn_a_day_before_the_limit_and_handed_in_again_is_found:
        |s| {
            s.examined("03-01 09:00", "C")
                .does("03-12 09:00", "C", by(Role::Applicant), "withdrawn",
                    json!({"withdrawn_on": "2010-03-12", "reason": "asked to"}))
                .submitted("03-16 09:00", "D");
        },
        |s| {
            s.examined("03-01 09:00", "C")
                .does("03-11 09:00", "C", by(Role::Applicant), "withdrawn",
                    json!({"withdrawn_on": "2010-03-11", "reason": "asked to"}))
                .submitted("03-16 09:00", "D");
        };
    B12 a_consent_by_silence_without_proof_of_service_is_found:
        |s| { joint(s, "C"); silent(s, "C", "culture"); },
        |s| { joint(s, "C"); served(s, "C", "culture"); silent(s, "C", "culture"); };
    B13 a_decision_before_a_member_has_answered_is_found:
        |s| { joint(s, "C"); agreed(s, "C", "culture"); s.decided("03-05 10:00", "C"); },
        |s| {
            joint(s, "C");
            agreed(s, "C", "culture");
            agreed(s, "C", "fire");
            arrived_and_closed(s, "C");
            s.decided("03-05 10:00", "C");
        };
    B14 a_certificate_that_comes_after_eleven_working_days_is_found:
        |s| { s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").delivered("03-22 10:00", "C"); },
        |s| { s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").delivered("03-19 17:00", "C"); };
    B15 somebody_at_a_window_where_they_do_not_work_is_found:
        |s| { s.begun("03-01 09:00", "C").but(|r| r.actor = by(Role::Clerk).at(id("W2"))); },
        |s| { s.begun("03-01 09:00", "C").but(|r| r.actor = by(Role::Clerk).at(id("W1"))); };
    B16 a_gap_in_the_records_of_a_case_is_found:
        |s| { s.begun("03-01 09:00", "C").but(|r| r.revision.0 += 1); },
        |s| { s.begun("03-01 09:00", "C"); };
    B17 an_acceptance_by_silence_is_found:
        |s| {
            s.submitted("03-01 09:00", "C")
                .does("03-09 00:30", "C", by(Role::Timekeeper), "acceptance_deemed",
                    json!({"effective_on": "2010-03-01", "lapsed_on": "2010-03-08"}));
        },
        |s| { s.submitted("03-01 09:00", "C").accepted("03-08 17:00", "C"); };
    B18 five_ratings_within_ten_minutes_and_seconds_of_their_occasions_are_found:
        |s| rated_cases(s, 5, 10),
        |s| rated_cases(s, 5, 11);
}

#[test]
fn each_finding_rule_has_a_fixture_that_fires_it_and_a_near_miss_that_does_not() {
    for rule in RuleId::ALL {
        let mut pairs = PAIRS.iter().filter(|pair| pair.rule == *rule);
        assert!(pairs.next().is_some(), "rule {rule} has no pair");
    }
    for pair in PAIRS {
        pair.check();
    }
}

/// The facts of a rule in a story, by what they are called in JSON.
fn facts(rule: RuleId, history: fn(&mut Story)) -> Vec<String> {
    let name = |fact: &Fact| {
        serde_json::to_value(fact).unwrap()["fact"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let findings = Pair::story(history).of(rule);
    findings
        .iter()
        .flat_map(|finding| finding.facts.iter().map(name))
        .collect()
}

macro_rules! facts {
    ($($rule:ident $name:ident: $history:expr => [$($fact:literal),*];)+) => {
        $(#[test]
        fn $name() {
            let expected: &[&str] = &[$($fact),*];
            assert_eq!(facts(RuleId::$rule, $history), expected);
        })+
    };
}

facts! {
    A1 past_the_law_both_limits_are_told: |s| { s.examined("03-01 09:00", "C").decided("03-30 10:00", "C"); }
        => ["decision_late", "decision_late"];
    A1 a_case_that_is_still_open_after_its_last_day_is_late: |s| {
            s.examined("03-01 09:00", "C").submitted("03-16 09:00", "D");
        } => ["decision_late"];
    A1 time_in_which_the_clock_stood_still_is_no_delay: |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-02 09:00", "03-02 10:00", "03-02 11:00"], Some("d-1"), "hearing", "5wd");
            special_ended(s, "03-09 10:00", Some("d-2"));
            s.decided("03-22 10:00", "C");
        } => [];
    A2 a_parallel_step_without_a_term_is_never_late: |s| {
            joint(s, "C"); served(s, "C", "culture"); silent(s, "C", "culture");
        } => [];
    A5 a_complete_application_that_nobody_answers_is_left_lying: |s| {
            s.submitted("03-01 09:00", "C").submitted_with("03-09 09:00", "D", json!({"materials": []}));
        } => ["left_lying"];
    A5 corrections_that_were_found_complete_cannot_be_turned_away: |s| {
            s.submitted("03-01 09:00", "C");
            correction(s, "03-02 09:00", 1, "plan");
            corrected(s, "03-03 09:00", &["plan"]);
            refused(s, "03-04 09:00", "outside of our competence");
        } => ["turned_away"];
    A5 a_refusal_that_nothing_contradicts_is_taken_as_it_is: |s| {
            s.submitted("03-01 09:00", "C");
            refused(s, "03-02 09:00", "outside of our competence");
        } => [];
    A6 a_fee_that_nobody_published_is_found: |s| {
            s.begun("03-01 09:00", "C"); fee(s, "03-02 09:00", "speed", 100);
        } => ["fee_not_listed"];
    A6 what_was_told_and_paid_is_told_once: |s| {
            s.begun("03-01 09:00", "C");
            fee(s, "03-02 09:00", "stamp", 6_000);
            s.does("03-02 10:00", "C", by(Role::Cashier), "fee_paid",
                json!({"fee": "stamp", "amount_fen": 6_000, "bank_reference": "b-1"}));
        } => ["fee_not_standard"];
    A6 a_payment_that_nobody_told_is_found: |s| {
            s.begun("03-01 09:00", "C")
                .does("03-02 10:00", "C", by(Role::Cashier), "fee_paid",
                    json!({"fee": "stamp", "amount_fen": 6_000, "bank_reference": "b-1"}));
        } => ["fee_not_standard"];
    A7 an_opinion_that_another_person_entered_is_found: |s| {
            s.begun("03-01 09:00", "C")
                .does("03-02 09:00", "C", by(Role::Handler), "step_opinion_given",
                    json!({"step": "examine", "opinion": "agree", "by": "all"}));
        } => ["entered_by_another"];
    A7 what_the_flow_does_not_know_is_found: |s| {
            s.begun("03-01 09:00", "C")
                .does("03-02 09:00", "C", by(Role::Handler), "step_recorded",
                    json!({"activity": "looked at on paper", "attributes": {}}));
        } => ["outside_the_flow"];
    A8 two_decisions_and_two_completions_are_found: |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").decided("03-05 11:00", "C")
                .completed("03-05 12:00", "C").completed("03-05 13:00", "C");
        } => ["again", "again"];
    A9 what_ends_without_having_begun_is_found: |s| {
            s.begun("03-01 09:00", "C");
            special_ended(s, "03-04 10:00", Some("d-2"));
            s.does("03-04 11:00", "C", by(Role::Handler), "clock_resumed", json!({"resumed_on": "2010-03-04"}));
            corrected(s, "03-04 12:00", &[]);
        } => ["ended_without_start", "ended_without_start", "ended_without_start"];
    A9 two_at_a_time_are_found: |s| {
            s.submitted("03-01 09:00", "C");
            correction(s, "03-02 09:00", 1, "plan");
            correction(s, "03-03 09:00", 2, "plan");
        } => ["two_open"];
    A9 what_the_applicant_withdrew_needs_no_end: |s| {
            s.submitted("03-01 09:00", "C");
            correction(s, "03-02 09:00", 1, "plan");
            s.does("03-03 09:00", "C", by(Role::Applicant), "withdrawn",
                json!({"withdrawn_on": "2010-03-03", "reason": "no longer needed"}))
                .completed("03-03 10:00", "C");
        } => [];
    A10 a_case_of_an_item_that_nobody_published_is_found: |s| {
            s.submitted_with("03-01 09:00", "C", json!({"procedure": "unknown"})).accepted("03-01 09:00", "C")
                .decided("03-05 10:00", "C").completed("03-05 12:00", "C");
        } => ["incomplete"];
    B1 a_notice_on_the_last_day_of_the_term_is_found: |s| {
            s.submitted("03-01 09:00", "C"); correction(s, "03-08 09:00", 1, "plan");
        } => ["asked_on_last_day"];
    B3 an_acceptance_that_was_taken_over_is_asked_where_it_says_what_was_handed_in: |s| {
            let importer = || named("import", Role::Importer);
            for (case, materials) in [("C", json!(["form"])), ("D", json!([]))] {
                s.submitted_with("03-01 09:00", case, json!({"materials": materials})).but(|r| r.actor = importer())
                    .accepted("03-01 09:00", case).but(|r| r.actor = importer());
            }
        } => ["material_missing"];
    B4 five_acts_within_five_seconds_are_a_burst: |s| {
            for second in 0..5 {
                s.does(&format!("03-02 09:00:0{second}"), "C", by(Role::Clerk), "agency_logged",
                    json!({"agent": "a", "entry": "x"}));
            }
        } => ["burst"];
    B4 what_follows_from_one_act_is_no_burst: |s| {
            for second in 0..5 {
                s.does(&format!("03-02 09:00:0{second}"), "C", by(Role::Clerk), "agency_logged",
                    json!({"agent": "a", "entry": "x"}))
                    .but(|r| r.cause = Cause::Followed(r.position));
            }
        } => [];
    B4 after_a_correction_the_day_of_the_last_paper_is_the_day_of_acceptance: |s| {
            s.submitted("03-01 09:00", "C");
            correction(s, "03-02 09:00", 1, "plan");
            corrected(s, "03-03 09:00", &["plan"]);
            s.does("03-09 09:00", "C", by(Role::Clerk), "accepted", json!({"effective_on": "2010-03-03", "gaps": []}));
        } => [];
    B5 every_fault_of_one_special_procedure_is_told: |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-02 09:00", "03-02 10:00", "03-02 11:00"], None, "auction", "5wd");
            special_ended(s, "03-10 10:00", None);
        } => ["special_not_allowed", "no_notice", "took_longer", "no_result"];
    B5 more_than_the_item_allows_cannot_be_announced: |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-02 09:00", "03-02 10:00", "03-02 11:00"], Some("d-1"), "hearing", "11wd");
        } => ["announced_too_long"];
    B7 a_transfer_on_the_last_day_is_found: |s| {
            s.begun("03-01 09:00", "C"); transferred(s, "03-15 09:00", "W1", "W2");
        } => ["transferred_on_last_day"];
    B8 two_steps_for_which_the_flow_wants_two_people_are_found: |s| {
            let all = |role| named("all", role);
            s.begun("03-01 09:00", "C").opinion("03-02 09:00", "C", "examine", all(Role::Handler))
                .decided_by("03-05 10:00", "C", all(Role::Approver), json!({}));
        } => ["four_eyes_broken", "one_person_alone"];
    B9 every_fault_of_an_extension_is_told: |s| {
            s.examined("03-01 09:00", "C");
            extended(s, "03-10 09:00", Role::AuthorityHead, 10);
            extended(s, "04-13 09:00", Role::AuthorityHead, 11);
        } => ["extended_too_often", "extended_too_long", "extended_after_term"];
    B9 an_item_without_a_rule_for_it_cannot_be_extended: |s| {
            s.item(|item| { item.version = guichet_core::id::Version(2); item.extension = None; })
                .submitted_with("03-01 09:00", "C", json!({"version": 2})).accepted("03-01 09:00", "C");
            extended(s, "03-10 09:00", Role::AuthorityHead, 10);
        } => ["no_extension_allowed"];
    B10 long_advice_before_a_case_of_one_day_is_found: |s| {
            s.does("03-01 09:00", "C", by(Role::Clerk), "pre_check_recorded", json!({"procedure": "permit"}))
                .examined("03-15 09:00", "C").decided("03-15 11:00", "C");
        } => ["long_advice"];
    B12 silence_where_safety_is_at_stake_is_no_consent: |s| {
            joint(s, "C"); served(s, "C", "fire"); silent(s, "C", "fire");
        } => ["may_not_consent"];
    B12 a_department_that_is_silent_again_and_again_is_found: |s| {
            for case in ["C1", "C2", "C3", "C4", "C5"] {
                joint(s, case); served(s, case, "culture"); silent(s, case, "culture");
            }
        } => ["often_silent"];
    B13 a_decision_before_the_hearing_ended_is_found: |s| {
            s.examined("03-01 09:00", "C");
            special(s, ["03-02 09:00", "03-02 10:00", "03-02 11:00"], Some("d-1"), "hearing", "5wd");
            s.decided("03-05 10:00", "C");
        } => ["special_open"];
    B13 a_fee_that_is_waived_after_the_decision_is_found: |s| {
            s.examined("03-01 09:00", "C");
            fee(s, "03-02 09:00", "stamp", 5_000);
            s.decided("03-05 10:00", "C")
                .does("03-08 10:00", "C", by(Role::AuthorityHead), "fee_waived", json!({"fee": "stamp", "reason": "poor"}));
        } => ["waived_after_decision"];
    B14 a_certificate_before_the_decision_is_found: |s| {
            s.examined("03-01 09:00", "C").delivered("03-04 10:00", "C").decided("03-05 10:00", "C");
        } => ["delivered_before_decision"];
    B14 a_certificate_that_nobody_delivers_is_found: |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").submitted("03-22 09:00", "D");
        } => ["delivered_late"];
    B15 a_role_that_is_not_held_is_found: |s| {
            s.submitted("03-01 09:00", "C").but(|r| r.actor = named("nurse", Role::Approver));
        } => ["acted_out_of_place"];
    B15 who_is_not_on_the_staff_is_found: |s| {
            s.submitted("03-01 09:00", "C").but(|r| r.actor = named("nobody", Role::Clerk));
        } => ["acted_out_of_place"];
    B15 whom_the_roster_does_not_name_is_found: |s| {
            s.submitted("03-01 09:00", "C").but(|r| r.actor = by(Role::Handler).at(id("ROTA")));
        } => ["acted_out_of_place"];
    B15 whom_the_roster_names_is_in_place: |s| {
            s.submitted("03-01 09:00", "C").but(|r| r.actor = named("nurse", Role::Handler).at(id("ROTA")));
        } => [];
    B16 a_time_of_record_that_goes_back_is_found: |s| {
            s.begun("03-01 09:00", "C").but(|r| {
                r.recorded_at = moment("03-01 08:59");
                r.occurred_at = moment("03-01 08:59");
            });
        } => ["recorded_backwards"];
    B16 what_happens_after_it_was_written_down_is_found: |s| {
            s.begun("03-01 09:00", "C").but(|r| r.occurred_at = moment("03-01 09:06"));
        } => ["occurred_ahead"];
    B16 what_follows_from_an_act_that_was_dated_ahead_is_found_with_the_act: |s| {
            s.submitted("03-01 09:00", "C")
                .accepted("03-01 09:10", "C").but(|r| r.occurred_at = moment("03-01 09:16"))
                .started("03-01 09:10", "C", "examine", Role::Handler).but(|r| {
                    r.occurred_at = moment("03-01 09:16");
                    r.cause = Cause::Followed(guichet_core::id::Position(r.position.0 - 1));
                });
        } => ["occurred_ahead"];
    B16 a_record_that_was_taken_out_of_the_log_is_found: |s| {
            s.begun("03-01 09:00", "C").but(|r| r.position.0 += 1);
        } => ["position_gap"];
    B18 a_rating_before_the_decision_is_found: |s| {
            s.examined("03-01 09:00", "C").offered("03-02 09:00", "C", "o")
                .rated("03-03 09:00", "C", "o", "satisfied", by(Role::Applicant));
        } => ["rated_before_the_end"];
    B18 a_rating_by_who_was_rated_is_found: |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").offered("03-05 10:00", "C", "o")
                .rated("03-05 11:00", "C", "o", "satisfied", by(Role::Clerk));
        } => ["rated_by_staff"];
    B18 a_bad_rating_that_turns_good_is_found: |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").offered("03-05 10:00", "C", "o")
                .rated("03-05 11:00", "C", "o", "dissatisfied", by(Role::Applicant))
                .rated("03-08 11:00", "C", "o", "satisfied", by(Role::Applicant));
        } => ["level_changed"];
    B18 a_bad_rating_that_the_rated_department_invalidates_soon_after_a_call_is_found: |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").offered("03-05 10:00", "C", "o")
                .rated("03-05 11:00", "C", "o", "dissatisfied", by(Role::Applicant))
                .does("03-08 09:00", "C", by(Role::Clerk), "callback_made", json!({"opportunity": "o", "reached": true}))
                .does("03-08 10:00", "C", by(Role::Handler), "rating_invalidated",
                    json!({"opportunity": "o", "reasons": "a mistake", "by": "handler"}));
        } => ["invalidated_by_the_rated", "changed_after_call"];
    B18 a_bad_rating_that_the_centre_invalidates_is_none: |s| {
            s.examined("03-01 09:00", "C").decided("03-05 10:00", "C").offered("03-05 10:00", "C", "o")
                .rated("03-05 11:00", "C", "o", "dissatisfied", by(Role::Applicant))
                .does("03-08 10:00", "C", by(Role::Supervisor), "rating_invalidated",
                    json!({"opportunity": "o", "reasons": "a mistake", "by": "supervisor"}));
        } => [];
    B18 ten_ratings_of_one_person_on_one_day_are_found: |s| {
            for nth in 0..10 {
                let case = format!("R{nth}");
                s.examined("03-01 09:00", &case).decided("03-05 10:00", &case).offered("03-05 10:00", &case, "o")
                    .rated("03-05 11:00", &case, "o", "satisfied", named("a-7", Role::Agent));
            }
        } => ["rated_by_one"];
    B18 a_window_where_everything_is_rated_and_all_of_the_best_is_found: |s| {
            for nth in 0..30 {
                let case = format!("R{nth}");
                s.examined("03-01 09:00", &case).decided("03-05 10:00", &case).offered("03-05 10:00", &case, "o")
                    .rated("03-05 11:00", &case, "o", "very_satisfied", by(Role::Applicant));
            }
        } => ["all_best"];
    B18 a_window_where_only_cases_of_one_day_are_rated_is_found: |s| {
            for nth in 0..20 {
                let case = format!("R{nth}");
                let decided = if nth < 10 { "03-01 15:00" } else { "03-05 15:00" };
                s.examined("03-01 09:00", &case).decided(decided, &case).offered(decided, &case, "o");
                if nth < 10 {
                    s.rated("03-08 11:00", &case, "o", "satisfied", by(Role::Applicant));
                }
            }
        } => ["only_some_rated"];
}

#[test]
fn an_item_of_the_centre_is_what_the_pairs_take_it_for() {
    let permit = item("permit", ProcedureKind::Promised);
    assert_eq!(
        permit.terms.promised.map(|term| term.term),
        Some(Term::WorkingDays(10))
    );
    // Day 1 is the Tuesday; the tenth working day is the Monday after next.
    assert_eq!(super::story::on("03-15"), date(2010, 3, 15));
}
