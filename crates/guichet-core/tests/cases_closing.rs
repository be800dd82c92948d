//! How a case is decided, delivered, ended and opened again; fees, ratings, complaints and records about records.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod common;

use common::*;
use guichet_core::actor::Role;
use guichet_core::case::event::{
    CaseCompleted, CaseEvent, CaseTerminated, CaseWithdrawn, CertificateDelivered, CertificateIssued,
    ClockKind, ComplaintFinding, DecisionMade, DecisionRevoked, FeeItem, FeePaid, Outcome, ProcedureMigrated,
    RatingGiven, RatingInvalidated, RecordCorrected, RectificationLevel, Satisfaction, StepRecorded,
    Timeliness, Verdict,
};
use guichet_core::case::{CaseCommand, Rejection, Stage, decide as decide_command};
use guichet_core::flow::Block;
use guichet_core::id::{Revision, Version};
use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::WindowForm;
use guichet_core::testkit::{
    self, Furnish, Scenario, decision, given, id, noon, person, staff, step, submit,
};
use guichet_core::time::{Term, date};

fn certificate() -> CaseCommand {
    CaseCommand::IssueCertificate {
        certificate: id("cert"),
    }
}
fn deliver(method: &str) -> CaseCommand {
    CaseCommand::Deliver { method: text(method) }
}
fn complete() -> CaseCommand {
    CaseCommand::Complete {}
}
fn reopen(at: Option<&str>, reason: &str) -> CaseCommand {
    CaseCommand::Reopen {
        reason: text(reason),
        at: at.map(id),
    }
}
fn withdraw(reason: &str) -> CaseCommand {
    CaseCommand::Withdraw { reason: text(reason) }
}
fn terminate(reason: &str) -> CaseCommand {
    CaseCommand::Terminate { reason: text(reason) }
}
fn migrate(to: u64, reason: &str) -> CaseCommand {
    CaseCommand::Migrate {
        to: Version(to),
        reason: text(reason),
    }
}
fn foreign(role: Role) -> guichet_core::actor::Actor {
    person(&format!("fire-{role}"), role)
}
fn not_of_licensing(person: &str) -> Rejection {
    Rejection::WrongDepartment {
        person: id(person),
        department: id("licensing"),
    }
}

#[test]
fn a_decision_says_how_it_stands_to_its_terms() {
    let made = before_decision()
        .when(&approver(), grant(), march(15))
        .without_lights();
    let expected = DecisionMade {
        verdict: Verdict::Granted,
        reasons: None,
        by: id("approver"),
        decided_on: march(15),
        step: Some(id("decision")),
        used: Some(Term::WorkingDays(10)),
        timeliness: Timeliness::OnTime,
        statutory_due_on: Some(march(29)),
        promised_due_on: Some(march(15)),
        delivery_due_on: Some(march(29)),
    };
    assert_eq!(made.events().first(), Some(&CaseEvent::from(expected)));
    assert_eq!(
        kinds(made.events()),
        ["case.decision_made", "case.rating_offered"]
    );
    assert_eq!(open_steps(&made), Vec::<&str>::new());
    for (day, timeliness) in [
        (march(12), Timeliness::Early),
        (march(16), Timeliness::Overdue),
        (march(29), Timeliness::Overdue),
        (march(30), Timeliness::Illegal),
    ] {
        let made = before_decision()
            .after(&approver(), grant(), day)
            .without_lights();
        match made.events().first() {
            Some(CaseEvent::DecisionMade(made)) => assert_eq!(made.timeliness, timeliness, "on {day}"),
            other => panic!("expected a decision, found {other:?}"),
        }
    }
}

#[test]
fn a_decision_needs_reasons_and_gaps_that_fit() {
    let refuse = CaseCommand::Decide {
        verdict: Verdict::Refused,
        reasons: Some(text(" ")),
    };
    before_decision()
        .when(&approver(), refuse, march(2))
        .then_rejected(&reasons_missing("a refusal"));
    before_decision()
        .when(&approver(), decide(Verdict::GrantedWithGaps), march(2))
        .then_rejected(&Rejection::NoGaps);
    let gaps = given(&centre(), [])
        .after(&clerk(), submit_with("licence", &["form"]), MONDAY)
        .after(
            &clerk(),
            CaseCommand::Accept {
                gaps_due_on: Some(march(10)),
            },
            MONDAY,
        )
        .after(&handler(), agree("examine"), MONDAY)
        .after(&reviewer(), agree("review"), MONDAY);
    gaps.clone()
        .when(&approver(), grant(), march(2))
        .then_rejected(&Rejection::GapsOpen {
            materials: [id("plan")].into(),
        });
    let granted = gaps.after(&approver(), decide(Verdict::GrantedWithGaps), march(2));
    assert_eq!(granted.case().outcome(), Some(Outcome::GrantedWithGaps));
}

#[test]
fn a_decision_is_refused_for_role_stage_authority_day_and_order_in_that_order() {
    submitted()
        .when(&supervisor(), grant(), march(2))
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Supervisor,
            allowed: &[
                Role::Approver,
                Role::AuthorityHead,
                Role::GovernmentHead,
                Role::Reviewer,
                Role::Handler,
                Role::Clerk,
            ],
        });
    submitted()
        .when(&foreign(Role::Approver), grant(), march(2))
        .then_rejected(&Rejection::WrongStage {
            stage: "intake",
            wanted: "review",
        });
    in_review()
        .when_effective(&foreign(Role::Approver), grant(), march(2), date(2010, 2, 1))
        .then_rejected(&not_of_licensing("fire-approver"));
    in_review()
        .when_effective(&approver(), grant(), march(2), date(2010, 2, 1))
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 1),
            earliest: MONDAY,
        });
    // A procedure without a flow is decided by an approver, or on the spot by a clerk.
    let bare = || running(&centre(), "permit");
    bare()
        .when(&handler(), grant(), MONDAY)
        .then_rejected(&Rejection::WrongRole {
            needed: Role::Approver,
            given: Role::Handler,
        });
    bare().after(&clerk(), grant(), MONDAY);
}

#[test]
fn a_granted_case_gets_its_certificate_once_the_fee_is_settled() {
    let fees = CaseCommand::NotifyFees {
        fees: vec![FeeItem {
            fee: id("fee"),
            amount_fen: 5_000,
        }],
    };
    let granted = decided(Verdict::Granted).after(&clerk(), fees.clone(), march(2));
    granted
        .clone()
        .when(&foreign(Role::Handler), deliver(""), march(3))
        .then_rejected(&not_of_licensing("fire-handler"));
    granted
        .clone()
        .when(&clerk(), deliver("x"), march(3))
        .then_rejected(&Rejection::NoCertificate);
    let issued = granted
        .when(&clerk(), certificate(), march(3))
        .then([CertificateIssued {
            certificate: id("cert"),
        }
        .into()]);
    issued
        .clone()
        .when(&clerk(), deliver("x"), march(3))
        .then_rejected(&Rejection::Unpaid { fee: id("fee") });
    let paid = issued.after(&staff(Role::Cashier), pay(5_000), march(3));
    paid.clone()
        .when_effective(&clerk(), deliver(""), march(3), march(1))
        .then_rejected(&Rejection::TooEarly {
            given: march(1),
            earliest: march(2),
        });
    paid.clone()
        .when(&clerk(), deliver(" "), march(3))
        .then_rejected(&reasons_missing("a delivery"));
    paid.clone()
        .when(&clerk(), complete(), march(3))
        .then_rejected(&Rejection::NotDelivered);
    let delivered = paid.when(&clerk(), deliver("by post"), march(4));
    let told = CertificateDelivered {
        delivered_on: march(4),
        method: text("by post"),
    };
    assert_eq!(delivered.events().first(), Some(&CaseEvent::from(told)));
    delivered
        .clone()
        .when(&clerk(), deliver("again"), march(4))
        .then_rejected(&Rejection::AlreadyDelivered { on: march(4) });
    delivered
        .clone()
        .when(&foreign(Role::Handler), complete(), march(5))
        .then_rejected(&not_of_licensing("fire-handler"));
    let archive = |retention: &str| CaseCommand::Archive {
        retention: text(retention),
    };
    delivered
        .clone()
        .when(&clerk(), archive("30 years"), march(5))
        .then_rejected(&Rejection::WrongStage {
            stage: "decided",
            wanted: "completed",
        });
    let closed = delivered
        .when(&clerk(), complete(), march(5))
        .then([CaseCompleted {
            completed_on: march(5),
        }
        .into()]);
    closed
        .clone()
        .when(&clerk(), archive(" "), march(6))
        .then_rejected(&reasons_missing("archiving"));
    let archived = closed.after(&clerk(), archive("30 years"), march(6));
    assert_eq!(
        archived.case().stage,
        Stage::Archived {
            outcome: Some(Outcome::Granted)
        }
    );
    // An unpaid fee never holds a refusal back.
    decided(Verdict::Refused)
        .after(&clerk(), fees, march(2))
        .after(&clerk(), deliver("by post"), march(3));
    decided(Verdict::Refused)
        .when(&foreign(Role::Handler), certificate(), march(3))
        .then_rejected(&Rejection::WrongStage {
            stage: "refused",
            wanted: "a grant",
        });
}

fn pay(amount_fen: u64) -> CaseCommand {
    CaseCommand::PayFee {
        fee: id("fee"),
        amount_fen,
        bank_reference: text("b-1"),
    }
}

#[test]
fn a_fee_is_told_paid_in_full_at_the_bank_waived_or_paid_back() {
    let cashier = || staff(Role::Cashier);
    let tell = |fees: Vec<FeeItem>| CaseCommand::NotifyFees { fees };
    let fee = || FeeItem {
        fee: id("fee"),
        amount_fen: 5_000,
    };
    in_review()
        .when(&foreign(Role::Handler), tell(vec![]), march(2))
        .then_rejected(&not_of_licensing("fire-handler"));
    in_review()
        .when(&clerk(), tell(vec![]), march(2))
        .then_rejected(&Rejection::NothingNamed { what: "a fee notice" });
    in_review()
        .when(&cashier(), pay(5_000), march(2))
        .then_rejected(&Rejection::UnknownFee { fee: id("fee") });
    let told = in_review()
        .when(&clerk(), tell(vec![fee()]), march(2))
        .then_kinds(["case.fee_notified"]);
    let owed = |given_fen, expected_fen| Rejection::WrongAmount {
        given_fen,
        expected_fen,
        what: "owed",
    };
    told.clone()
        .when(&clerk(), pay(1), march(2))
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Clerk,
            allowed: &[Role::Cashier],
        });
    let centre = centre().with_staff("cashier", &[Role::Cashier], &["licensing"], &[]);
    told.clone()
        .under(&centre)
        .when(&person("cashier", Role::Cashier).at(id("W1")), pay(1), march(2))
        .then_rejected(&Rejection::WrongWindowForm {
            needed: WindowForm::Bank,
        });
    told.clone()
        .when(&cashier(), pay(1), march(2))
        .then_rejected(&owed(1, 5_000));
    let paid = told
        .clone()
        .when(&cashier(), pay(5_000), march(2))
        .then([FeePaid {
            fee: id("fee"),
            amount_fen: 5_000,
            bank_reference: text("b-1"),
        }
        .into()]);
    paid.clone()
        .when(&cashier(), pay(0), march(2))
        .then_rejected(&owed(0, 0));
    let refund = |amount_fen, reason: &str| CaseCommand::RefundFee {
        fee: id("fee"),
        amount_fen,
        reason: text(reason),
    };
    paid.clone()
        .when(&cashier(), refund(5_001, ""), march(3))
        .then_rejected(&Rejection::WrongAmount {
            given_fen: 5_001,
            expected_fen: 5_000,
            what: "the most that can be paid back",
        });
    paid.clone()
        .when(&cashier(), refund(5_000, ""), march(3))
        .then_rejected(&reasons_missing("a refund"));
    paid.when(&cashier(), refund(5_000, "charged twice"), march(3))
        .then_kinds(["case.fee_refunded"]);
    let waive = |reason: &str| CaseCommand::WaiveFee {
        fee: id("fee"),
        reason: text(reason),
    };
    told.clone()
        .when(&foreign(Role::Approver), waive(""), march(2))
        .then_rejected(&not_of_licensing("fire-approver"));
    told.clone()
        .when(&approver(), waive(""), march(2))
        .then_rejected(&reasons_missing("a waiver"));
    let waived = told.when(&approver(), waive("a veteran"), march(2));
    assert!(waived.case().fees["fee"].is_settled());
    waived
        .when(&cashier(), pay(5_000), march(2))
        .then_rejected(&owed(5_000, 0));
    submitted()
        .after(&applicant(), withdraw("sold"), march(2))
        .when(&clerk(), tell(vec![fee()]), march(2))
        .then_rejected(&Rejection::Ended {
            outcome: Outcome::Withdrawn,
            on: march(2),
        });
}

#[test]
fn the_applicant_takes_the_application_back_until_it_is_decided() {
    in_review()
        .when(&person("other", Role::Applicant), withdraw(""), march(2))
        .then_rejected(&Rejection::NotTheApplicant { person: id("other") });
    in_review()
        .when(&applicant(), withdraw(""), march(2))
        .then_rejected(&reasons_missing("a withdrawal"));
    let withdrawn = in_review()
        .when(&applicant(), withdraw("sold the shop"), march(2))
        .then([CaseWithdrawn {
            withdrawn_on: march(2),
            reason: text("sold the shop"),
        }
        .into()]);
    assert_eq!(open_steps(&withdrawn), Vec::<&str>::new());
    decided(Verdict::Granted)
        .when(&applicant(), withdraw("sold"), march(3))
        .then_rejected(&Rejection::WrongStage {
            stage: "decided",
            wanted: "a stage before the decision",
        });
    // Opened again, what was open is asked for again.
    let reopened = withdrawn.after(&head(), reopen(None, "a misunderstanding"), march(3));
    assert_eq!(open_steps(&reopened), ["examine"]);
    assert_eq!(reopened.case().due.statutory, Some(march(29)));
}

#[test]
fn the_authority_ends_a_case_with_a_reason() {
    in_review()
        .when(&foreign(Role::Handler), terminate(""), march(2))
        .then_rejected(&not_of_licensing("fire-handler"));
    in_review()
        .when(&handler(), terminate(""), march(2))
        .then_rejected(&reasons_missing("a termination"));
    let ended = in_review()
        .when(&handler(), terminate("the shop burned down"), march(2))
        .then([CaseTerminated {
            terminated_on: march(2),
            reason: text("the shop burned down"),
            lapsed: false,
        }
        .into()]);
    ended
        .clone()
        .when_effective(&clerk(), complete(), march(3), march(1))
        .then_rejected(&Rejection::TooEarly {
            given: march(1),
            earliest: march(2),
        });
    let closed = ended.after(&clerk(), complete(), march(3));
    assert_eq!(closed.case().outcome(), Some(Outcome::Terminated));
    closed
        .when(
            &head(),
            CaseCommand::Revoke {
                reasons: text("an error"),
            },
            march(4),
        )
        .then_rejected(&Rejection::WrongStage {
            stage: "completed",
            wanted: "a decision that stands",
        });
}

#[test]
fn a_decision_is_taken_back_once_by_the_head() {
    let revoke = |reasons: &str| CaseCommand::Revoke {
        reasons: text(reasons),
    };
    in_review()
        .when(&foreign(Role::AuthorityHead), revoke(""), march(3))
        .then_rejected(&Rejection::WrongStage {
            stage: "review",
            wanted: "a decision that stands",
        });
    decided(Verdict::Granted)
        .when(&foreign(Role::AuthorityHead), revoke(""), march(3))
        .then_rejected(&not_of_licensing("fire-authority_head"));
    decided(Verdict::Granted)
        .when(&head(), revoke(""), march(3))
        .then_rejected(&reasons_missing("a revocation"));
    decided(Verdict::Granted)
        .when(&head(), revoke("forged papers"), march(3))
        .then([DecisionRevoked {
            revoked_on: march(3),
            reasons: text("forged papers"),
        }
        .into()])
        .after(&clerk(), complete(), march(4))
        .when(&head(), revoke("again"), march(5))
        .then_rejected(&Rejection::WrongStage {
            stage: "completed",
            wanted: "a decision that stands",
        });
}

#[test]
fn a_case_is_opened_again_at_a_step_and_its_clocks_go_on() {
    let case = || decided(Verdict::Granted);
    case()
        .when(&foreign(Role::AuthorityHead), reopen(Some("none"), ""), march(3))
        .then_rejected(&Rejection::UnknownStep { step: id("none") });
    case()
        .when(&foreign(Role::AuthorityHead), reopen(None, ""), march(3))
        .then_rejected(&not_of_licensing("fire-authority_head"));
    case()
        .when_effective(&head(), reopen(None, ""), march(3), march(1))
        .then_rejected(&Rejection::TooEarly {
            given: march(1),
            earliest: march(2),
        });
    case()
        .when(&head(), reopen(None, ""), march(3))
        .then_rejected(&reasons_missing("reopening a case"));
    submitted()
        .after(&applicant(), withdraw("sold"), march(2))
        .when(&head(), reopen(None, "again"), march(3))
        .then_rejected(&Rejection::NeverAccepted);
    in_review()
        .when(&head(), reopen(None, "again"), march(3))
        .then_rejected(&Rejection::WrongStage {
            stage: "review",
            wanted: "decided, ended or completed",
        });
    let at_decision = case().after(&head(), reopen(None, "a complaint"), march(3));
    assert_eq!(open_steps(&at_decision), ["decision"]);
    assert_eq!(at_decision.case().due.statutory, Some(march(29)));
    assert_eq!(at_decision.case().decision, None);
    let at_examine = case().after(
        &staff(Role::Director),
        reopen(Some("examine"), "a complaint"),
        march(3),
    );
    assert_eq!(open_steps(&at_examine), ["examine"]);
    in_review()
        .after(&applicant(), withdraw("sold"), march(2))
        .when(&head(), reopen(Some("review"), "again"), march(3))
        .then_rejected(&Rejection::NotDone { step: id("review") });
}

/// Version 2 knows no review, gives the examination to fire, and has shorter terms.
fn second_version() -> guichet_core::procedure::Procedure {
    let mut second = licence();
    second.version = Version(2);
    second.terms.statutory = Some(testkit::sourced(Term::WorkingDays(15)));
    second.flow = Some(Block::Sequence(vec![
        of("fire", step("examine")),
        decision().into(),
    ]));
    second
}

#[test]
fn a_running_case_follows_another_version_only_by_command_and_can_be_asked_beforehand() {
    let both = centre().with_procedure(second_version());
    // The version that is pinned stays, whatever is published.
    let case = || in_review().under(&both);
    assert_eq!(case().case().version, Version(1));
    case()
        .when(&foreign(Role::Approver), migrate(9, ""), march(2))
        .then_rejected(&Rejection::UnknownVersion {
            procedure: id("licence"),
            version: Version(9),
        });
    case()
        .when(&foreign(Role::Approver), migrate(1, ""), march(2))
        .then_rejected(&not_of_licensing("fire-approver"));
    case()
        .when(&approver(), migrate(1, ""), march(2))
        .then_rejected(&Rejection::SameVersion { version: Version(1) });
    case()
        .when(&approver(), migrate(2, ""), march(2))
        .then_rejected(&reasons_missing("a migration"));
    // A dry run is a decision that is not recorded.
    let dry = case();
    let command =
        guichet_core::case::Command::new(id("dry"), id("case-1"), approver(), migrate(2, "new law"));
    let would = decide_command(&both, dry.state(), &command, noon(march(2))).unwrap();
    assert_eq!(dry.case().version, Version(1));
    let migrated = dry.when(&approver(), migrate(2, "new law"), march(2));
    assert_eq!(migrated.events(), would.into_events());
    let expected = ProcedureMigrated {
        from: Version(1),
        to: Version(2),
        reason: text("new law"),
        superseded: [id("examine")].into(),
        statutory_due_on: Some(march(22)),
        promised_due_on: Some(march(15)),
    };
    assert_eq!(migrated.events().first(), Some(&CaseEvent::from(expected)));
    // The open step is fire's now, and fire can do it.
    let decided = migrated
        .after(&handler_of("fire"), agree("examine"), march(3))
        .after(&approver(), grant(), march(3));
    assert_eq!(decided.case().outcome(), Some(Outcome::Granted));
    // A step that the new version does not know is void.
    let reviewing = case().after(&handler(), agree("examine"), MONDAY);
    let migrated = reviewing.after(&approver(), migrate(2, "new law"), march(2));
    assert_eq!(open_steps(&migrated), ["decision"]);
    let online = given(&both, []).after(&applicant(), submit("licence"), march(2));
    assert_eq!(online.case().version, Version(2));
}

// Ratings and complaints.

fn rate(opportunity: &str, level: Satisfaction) -> CaseCommand {
    CaseCommand::Rate {
        opportunity: id(opportunity),
        level,
        comment: None,
    }
}

fn bad() -> Scenario {
    submitted().after(
        &applicant(),
        rate("submission-1", Satisfaction::Dissatisfied),
        march(2),
    )
}

#[test]
fn one_visit_gets_one_rating_while_its_occasion_is_open() {
    let no_occasion = Rejection::UnknownOpportunity {
        opportunity: id("none-1"),
    };
    submitted()
        .when(&clerk(), rate("none-1", Satisfaction::Satisfied), march(2))
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Clerk,
            allowed: &[Role::Applicant, Role::Agent],
        });
    submitted()
        .when(
            &person("other", Role::Applicant),
            rate("none-1", Satisfaction::Satisfied),
            march(2),
        )
        .then_rejected(&no_occasion);
    submitted()
        .when(
            &person("other", Role::Applicant),
            rate("submission-1", Satisfaction::Satisfied),
            march(2),
        )
        .then_rejected(&Rejection::NotTheApplicant { person: id("other") });
    let rated = submitted()
        .when(
            &applicant(),
            rate("submission-1", Satisfaction::Satisfied),
            march(15),
        )
        .without_lights()
        .then_kinds(["case.acceptance_deemed", "case.step_started", "case.rating_given"]);
    rated
        .when(
            &applicant(),
            rate("submission-1", Satisfaction::Dissatisfied),
            march(15),
        )
        .then_rejected(&Rejection::AlreadyRated {
            opportunity: id("submission-1"),
        });
    submitted()
        .when(
            &applicant(),
            rate("submission-1", Satisfaction::Satisfied),
            march(16),
        )
        .then_rejected(&Rejection::RatingClosed {
            opportunity: id("submission-1"),
            closed_on: march(15),
        });
    // Each encounter is an occasion of its own, with who it was.
    let twice = decided(Verdict::Granted);
    let occasions: Vec<_> = twice
        .case()
        .ratings
        .keys()
        .map(guichet_core::id::OpportunityId::as_str)
        .collect();
    assert_eq!(occasions, ["decision-2", "submission-1"]);
    assert_eq!(twice.case().ratings["decision-2"].staff, Some(id("approver")));
}

#[test]
fn a_bad_rating_is_assigned_called_back_put_right_and_judged() {
    let assign = |to: &str| CaseCommand::AssignBadRating {
        opportunity: id("submission-1"),
        to: id(to),
    };
    let callback = || CaseCommand::RecordCallback {
        opportunity: id("submission-1"),
        reached: true,
    };
    let rectify = || CaseCommand::RecordRectification {
        opportunity: id("submission-1"),
        report: id("report"),
    };
    let judge = || CaseCommand::RateRectification {
        opportunity: id("submission-1"),
        level: RectificationLevel::Satisfied,
    };
    let none = |wanted| Rejection::NoSuchRating {
        opportunity: id("submission-1"),
        wanted,
    };
    let rated = RatingGiven {
        opportunity: id("submission-1"),
        level: Satisfaction::Dissatisfied,
        comment: None,
        rectify_by: Some(march(9)),
    };
    assert_eq!(bad().events(), [CaseEvent::from(rated)]);
    for (actor, ask) in [
        (supervisor(), assign("clerk")),
        (handler(), callback()),
        (handler(), rectify()),
        (applicant(), judge()),
    ] {
        submitted()
            .after(
                &applicant(),
                rate("submission-1", Satisfaction::Satisfied),
                march(2),
            )
            .when(&actor, ask, march(3))
            .then_rejected(&none("bad rating"));
    }
    bad()
        .when(&supervisor(), assign("ghost"), march(3))
        .then_rejected(&Rejection::UnknownPerson { person: id("ghost") });
    bad()
        .when(&applicant(), judge(), march(3))
        .then_rejected(&none("rectification"));
    let assigned = bad().after(&supervisor(), assign("clerk"), march(3));
    assigned
        .clone()
        .when(&handler(), rectify(), march(4))
        .then_rejected(&Rejection::AssignedToAnother {
            opportunity: id("submission-1"),
            to: id("clerk"),
        });
    let judged = assigned
        .after(&clerk(), callback(), march(3))
        .after(&clerk(), rectify(), march(4))
        .when(&applicant(), judge(), march(5))
        .without_lights()
        .then_kinds(["case.rectification_rated"]);
    judged
        .when(&applicant(), judge(), march(5))
        .then_rejected(&Rejection::AlreadyRated {
            opportunity: id("submission-1"),
        });
}

#[test]
fn a_rating_is_invalidated_only_by_somebody_of_another_department() {
    let invalidate = |reasons: &str| CaseCommand::InvalidateRating {
        opportunity: id("submission-1"),
        reasons: text(reasons),
    };
    let append = || CaseCommand::AppendRating {
        opportunity: id("submission-1"),
        comment: id("letter"),
    };
    submitted()
        .when(&applicant(), append(), march(2))
        .then_rejected(&Rejection::NoSuchRating {
            opportunity: id("submission-1"),
            wanted: "rating",
        });
    bad().after(&applicant(), append(), march(3));
    bad()
        .when(
            &person("own-supervisor", Role::Supervisor),
            invalidate(""),
            march(3),
        )
        .then_rejected(&Rejection::OwnDepartment {
            person: id("own-supervisor"),
            department: id("licensing"),
        });
    bad()
        .when(&supervisor(), invalidate(""), march(3))
        .then_rejected(&reasons_missing("invalidating a rating"));
    bad()
        .when(
            &person("fire-supervisor", Role::Supervisor),
            invalidate("malicious"),
            march(3),
        )
        .then([RatingInvalidated {
            opportunity: id("submission-1"),
            reasons: text("malicious"),
            by: id("fire-supervisor"),
        }
        .into()])
        .when(&supervisor(), invalidate("again"), march(3))
        .then_rejected(&Rejection::NoSuchRating {
            opportunity: id("submission-1"),
            wanted: "rating",
        });
}

#[test]
fn a_complaint_is_answered_once_and_not_by_those_it_is_about() {
    let complain = |department: Option<&str>, channel: &str| CaseCommand::ReceiveComplaint {
        complaint: id("c1"),
        channel: text(channel),
        content: None,
        department: department.map(id),
    };
    let answer = || CaseCommand::AnswerComplaint {
        complaint: id("c1"),
        finding: ComplaintFinding::Upheld,
        answer: None,
    };
    let unknown = || Rejection::UnknownComplaint { complaint: id("c1") };
    given(&centre(), [])
        .when(&applicant(), complain(None, ""), march(2))
        .then_rejected(&Rejection::NotSubmitted);
    submitted()
        .when(&applicant(), complain(Some("none"), ""), march(2))
        .then_rejected(&Rejection::UnknownDepartment {
            department: id("none"),
        });
    submitted()
        .when(&applicant(), complain(None, " "), march(2))
        .then_rejected(&reasons_missing("a complaint"));
    submitted()
        .when(&supervisor(), answer(), march(2))
        .then_rejected(&unknown());
    let received = submitted().after(&applicant(), complain(Some("licensing"), "telephone"), march(2));
    received
        .clone()
        .when(&applicant(), complain(None, "box"), march(2))
        .then_rejected(&Rejection::ComplaintExists { complaint: id("c1") });
    received
        .clone()
        .when(&person("own-supervisor", Role::Supervisor), answer(), march(2))
        .then_rejected(&Rejection::OwnDepartment {
            person: id("own-supervisor"),
            department: id("licensing"),
        });
    received
        .after(&supervisor(), answer(), march(3))
        .when(&supervisor(), answer(), march(3))
        .then_rejected(&unknown());
    let praise = |channel: &str| CaseCommand::ReceivePraise {
        channel: text(channel),
        content: None,
    };
    submitted()
        .when(&applicant(), praise("a banner"), march(2))
        .then_kinds(["case.praise_received"]);
    submitted()
        .when(&applicant(), praise(""), march(2))
        .then_rejected(&reasons_missing("praise"));
}

// Records about records.

#[test]
fn a_record_is_put_right_by_a_later_one() {
    let correct = |reason: &str| CaseCommand::CorrectRecord {
        target: Revision(0),
        field: text("channel"),
        old: text("window"),
        new: text("post"),
        reason: text(reason),
    };
    submitted()
        .when(&foreign(Role::Handler), correct(""), march(2))
        .then_rejected(&not_of_licensing("fire-handler"));
    submitted()
        .when(&handler(), correct(""), march(2))
        .then_rejected(&reasons_missing("a correction"));
    let corrected = submitted()
        .when(&supervisor(), correct("the stamp says so"), march(2))
        .then([RecordCorrected {
            target: Revision(0),
            field: text("channel"),
            old: text("window"),
            new: text("post"),
            reason: text("the stamp says so"),
        }
        .into()]);
    assert_eq!(corrected.state(), submitted().state());
}

#[test]
fn a_due_date_that_was_told_is_a_fact_and_moves_nothing() {
    let announce = || CaseCommand::AnnounceDueDate {
        clock: ClockKind::Statutory,
        due_on: march(26),
        notice: None,
    };
    in_review()
        .when(&foreign(Role::Handler), announce(), march(2))
        .then_rejected(&not_of_licensing("fire-handler"));
    let told = in_review().after(&clerk(), announce(), march(2));
    assert_eq!(told.case().due.statutory, Some(march(29)));
}

#[test]
fn a_history_is_taken_over_as_it_is() {
    let mut recorded = testkit::procedure("recorded");
    recorded.kind = ProcedureKind::Recorded;
    let centre = centre().with_procedure(recorded);
    let importer = || staff(Role::Importer);
    let record = |activity: &str| CaseCommand::RecordStep {
        activity: text(activity),
        by: None,
        group: Some(text("Group 1")),
        attributes: [].into(),
    };
    let case = given(&centre, []).after(&importer(), submit("recorded"), MONDAY);
    case.clone()
        .when(&handler(), record("T02"), march(2))
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Handler,
            allowed: &[Role::Importer],
        });
    case.clone()
        .when(&importer(), record(" "), march(2))
        .then_rejected(&reasons_missing("a recorded step"));
    case.when(&importer(), record("T02"), march(2))
        .then([StepRecorded {
            activity: text("T02"),
            by: None,
            group: Some(text("Group 1")),
            attributes: [].into(),
        }
        .into()])
        .after(&importer(), complete(), march(3));
}
