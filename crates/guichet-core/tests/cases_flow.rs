//! Work on the steps of a flow and approval side by side: what each command does, and each no it can give.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up fails"
)]

mod common;

use common::*;
use guichet_core::actor::Role;
use guichet_core::case::event::{
    BranchAdded, CaseEvent, CaseTransferred, ConsentGround, DissentResolved, MemberConsentDeemed, Opinion,
    Outcome, Resolution, StepClaimed, StepDelegated, StepReleased, TransferConfirmed, TransferReturned,
};
use guichet_core::case::state::StepAnswer;
use guichet_core::case::{CaseCommand, Rejection, next_lapse};
use guichet_core::flow::{Block, Choice, GroupOutcome, Join, Optional, SubFlow};
use guichet_core::id::{PersonId, StepId};
use guichet_core::reference::Directory;
use guichet_core::testkit::{Furnish, Scenario, decision, given, id, parallel, person, staff, step, submit};
use guichet_core::time::{Term, date};

fn transfer(to: &str) -> CaseCommand {
    CaseCommand::Transfer {
        to: id(to),
        reason: text("needs the fire service"),
    }
}

fn fire_clerk() -> guichet_core::actor::Actor {
    person("fire-clerk", Role::Clerk).at(id("W2"))
}

#[test]
fn a_file_that_is_sent_waits_until_it_is_signed_for() {
    let sent = submitted()
        .when(&clerk(), transfer("W2"), MONDAY)
        .then([CaseTransferred {
            from: id("W1"),
            to: id("W2"),
            department: Some(id("fire")),
            reason: text("needs the fire service"),
        }
        .into()]);
    sent.clone()
        .when(&clerk(), transfer("OFFICE"), MONDAY)
        .then_rejected(&Rejection::TransferPending {
            from: id("W1"),
            to: id("W2"),
        });
    let confirmed = |on_behalf| TransferConfirmed {
        window: id("W2"),
        on_behalf,
    };
    let arrived = sent
        .clone()
        .when(&fire_clerk(), CaseCommand::ConfirmTransfer {}, march(2))
        .then([confirmed(false).into()]);
    assert_eq!(arrived.case().window, Some(id("W2")));
    // Nobody signs, so the sender signs for them.
    sent.clone()
        .when(&clerk(), CaseCommand::ConfirmTransfer {}, march(3))
        .then([confirmed(true).into()]);
    let returned = sent
        .clone()
        .when(
            &fire_clerk(),
            CaseCommand::ReturnTransfer {
                reason: text("not ours"),
            },
            march(2),
        )
        .then([TransferReturned {
            window: id("W1"),
            reason: text("not ours"),
        }
        .into()]);
    assert_eq!(returned.case().window, Some(id("W1")));
    // Only the receiver can send it back, and only somebody at either window can sign.
    let elsewhere = Rejection::FileElsewhere { at: id("W2") };
    sent.clone()
        .when(
            &clerk(),
            CaseCommand::ReturnTransfer { reason: text("") },
            march(2),
        )
        .then_rejected(&elsewhere);
    sent.clone()
        .when(
            &handler().at(id("OFFICE")),
            CaseCommand::ConfirmTransfer {},
            march(2),
        )
        .then_rejected(&elsewhere);
    sent.when(
        &fire_clerk(),
        CaseCommand::ReturnTransfer { reason: text(" ") },
        march(2),
    )
    .then_rejected(&reasons_missing("a returned transfer"));
    submitted()
        .when(&clerk(), CaseCommand::ConfirmTransfer {}, march(2))
        .then_rejected(&Rejection::WrongStage {
            stage: "at rest at a window",
            wanted: "a file on its way between windows",
        });
}

#[test]
fn a_transfer_is_refused_for_window_stage_place_of_the_file_and_reason_in_that_order() {
    let no_reason = |to: &str| CaseCommand::Transfer {
        to: id(to),
        reason: text(" "),
    };
    given(&centre(), [])
        .when(&clerk(), no_reason("NOWHERE"), MONDAY)
        .then_rejected(&Rejection::UnknownWindow {
            window: id("NOWHERE"),
        });
    given(&centre(), [])
        .when(&clerk(), no_reason("W2"), MONDAY)
        .then_rejected(&Rejection::NotSubmitted);
    submitted()
        .when(&fire_clerk(), no_reason("W2"), MONDAY)
        .then_rejected(&Rejection::FileElsewhere { at: id("W1") });
    submitted()
        .when(&clerk(), no_reason("W1"), MONDAY)
        .then_rejected(&Rejection::FileElsewhere { at: id("W1") });
    submitted()
        .when(&handler_of("fire"), no_reason("W2"), MONDAY)
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    submitted()
        .when(&clerk(), no_reason("W2"), MONDAY)
        .then_rejected(&reasons_missing("a transfer"));
    // An application through the web lies at no window until somebody at one sends it on.
    let online = || given(&centre(), []).after(&applicant(), submit("licence"), MONDAY);
    online()
        .when(&handler(), transfer("W2"), MONDAY)
        .then_rejected(&Rejection::WindowMissing);
    online().after(&handler().at(id("OFFICE")), transfer("W2"), MONDAY);
}

#[test]
fn a_rotating_window_signs_for_whichever_department_it_serves() {
    let both = submitted().when(&clerk(), transfer("ROTA"), march(1));
    let one = submitted().when(&clerk(), transfer("ROTA"), march(2));
    let department = |scenario: &Scenario| match scenario.events() {
        [CaseEvent::CaseTransferred(sent)] => sent.department.clone(),
        other => panic!("expected a transfer, found {other:?}"),
    };
    assert_eq!(department(&both), None);
    assert_eq!(department(&one), Some(id("fire")));
}

#[test]
fn a_step_is_claimed_given_back_and_handed_over() {
    let release = |reason: &str| CaseCommand::Release {
        step: id("examine"),
        reason: text(reason),
    };
    let delegate = |to: &str| CaseCommand::Delegate {
        step: id("examine"),
        to: id(to),
        reason: text("on leave"),
    };
    let held = in_review()
        .when(&handler(), claim("examine"), MONDAY)
        .then([StepClaimed {
            step: id("examine"),
            by: id("handler"),
        }
        .into()]);
    let by_another = |holder: &str| Rejection::HeldByAnother {
        step: id("examine"),
        holder: id(holder),
    };
    let second = || person("second", Role::Handler);
    held.clone()
        .when(&second(), agree("examine"), MONDAY)
        .then_rejected(&by_another("handler"));
    held.clone()
        .when(&second(), claim("examine"), MONDAY)
        .then_rejected(&by_another("handler"));
    held.clone()
        .when(&second(), release("mine"), MONDAY)
        .then_rejected(&by_another("handler"));
    held.clone()
        .when(&handler(), release(" "), MONDAY)
        .then_rejected(&reasons_missing("giving a step back"));
    let free = held
        .clone()
        .when(&handler(), release("on leave"), MONDAY)
        .then([StepReleased {
            step: id("examine"),
            by: id("handler"),
            reason: text("on leave"),
        }
        .into()]);
    free.clone()
        .when(&handler(), release("again"), MONDAY)
        .then_rejected(&Rejection::NotHeld {
            step: id("examine"),
            person: id("handler"),
        });
    free.clone().after(&second(), claim("examine"), MONDAY);
    free.when(&handler(), delegate("second"), MONDAY)
        .then_rejected(&Rejection::NotHeld {
            step: id("examine"),
            person: id("handler"),
        });
    held.clone()
        .when(&handler(), delegate("second"), MONDAY)
        .then([StepDelegated {
            step: id("examine"),
            from: id("handler"),
            to: id("second"),
            reason: text("on leave"),
        }
        .into()])
        .after(&second(), agree("examine"), march(2));
    held.clone()
        .when(&handler(), delegate("ghost"), MONDAY)
        .then_rejected(&Rejection::UnknownPerson { person: id("ghost") });
    held.clone()
        .when(&handler(), delegate("reviewer"), MONDAY)
        .then_rejected(&Rejection::CannotReceive {
            person: id("reviewer"),
            role: Role::Handler,
        });
    held.clone()
        .when(&handler(), delegate("fire-handler"), MONDAY)
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    held.when(
        &handler(),
        CaseCommand::Delegate {
            step: id("examine"),
            to: id("second"),
            reason: text(""),
        },
        MONDAY,
    )
    .then_rejected(&reasons_missing("handing a step over"));
}

#[test]
fn a_step_held_by_somebody_who_left_is_taken_back_by_their_head() {
    let held = in_review().after(&handler(), claim("examine"), MONDAY);
    let mut centre = held.directory().clone();
    centre.staff.get_mut("handler").unwrap().until = Some(MONDAY);
    let release = || CaseCommand::Release {
        step: id("examine"),
        reason: text("has left"),
    };
    let held = held.under(&centre);
    held.clone()
        .when(&handler(), release(), march(2))
        .then_rejected(&Rejection::NoLongerStaff {
            person: id("handler"),
            until: MONDAY,
        });
    held.clone()
        .when(
            &person("fire-authority_head", Role::AuthorityHead),
            release(),
            march(2),
        )
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-authority_head"),
            department: id("licensing"),
        });
    held.when(&head(), release(), march(2))
        .then([StepReleased {
            step: id("examine"),
            by: id("handler"),
            reason: text("has left"),
        }
        .into()])
        .after(&person("second", Role::Handler), agree("examine"), march(2));
}

#[test]
fn a_step_is_refused_for_stage_target_authority_and_content_in_that_order() {
    submitted()
        .when(&nobody(), claim("no-such"), MONDAY)
        .then_rejected(&Rejection::UnknownPerson { person: id("nobody") });
    submitted()
        .when(&handler(), claim("no-such"), MONDAY)
        .then_rejected(&Rejection::WrongStage {
            stage: "intake",
            wanted: "review",
        });
    in_review()
        .when(&reviewer(), claim("no-such"), MONDAY)
        .then_rejected(&Rejection::UnknownStep { step: id("no-such") });
    in_review()
        .when(&handler(), claim("review"), MONDAY)
        .then_rejected(&Rejection::StepNotOpen {
            step: id("review"),
            found: "not reached",
            open: [id("examine")].into(),
        });
    in_review()
        .after(&handler(), agree("examine"), MONDAY)
        .when(&handler(), claim("examine"), MONDAY)
        .then_rejected(&Rejection::StepNotOpen {
            step: id("examine"),
            found: "done",
            open: [id("review")].into(),
        });
    in_review()
        .when(&reviewer(), opine("examine", Opinion::Disagree, None), MONDAY)
        .then_rejected(&Rejection::WrongRole {
            needed: Role::Handler,
            given: Role::Reviewer,
        });
    in_review()
        .when(
            &handler_of("fire"),
            opine("examine", Opinion::Disagree, None),
            MONDAY,
        )
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    in_review()
        .when_effective(
            &handler(),
            opine("examine", Opinion::Disagree, None),
            MONDAY,
            date(2010, 2, 1),
        )
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 1),
            earliest: MONDAY,
        });
    in_review()
        .when(&handler(), opine("examine", Opinion::Disagree, Some(" ")), MONDAY)
        .then_rejected(&reasons_missing("a disagreement"));
    in_review()
        .when(
            &handler(),
            opine("examine", Opinion::AgreeButForward, None),
            MONDAY,
        )
        .then_rejected(&Rejection::NotForwardable { step: id("examine") });
    before_decision()
        .when(&handler(), agree("decision"), MONDAY)
        .then_rejected(&Rejection::StepDecides { step: id("decision") });
}

#[test]
fn a_step_can_ask_for_a_form_of_window() {
    let mut at_reception = step("receive");
    at_reception.window = Some(guichet_core::reference::WindowForm::ApprovalOffice);
    let centre = centre().with_procedure(flowing("p", at_reception.into()));
    running(&centre, "p")
        .when(&handler().at(id("W1")), agree("receive"), MONDAY)
        .then_rejected(&Rejection::WrongWindowForm {
            needed: guichet_core::reference::WindowForm::ApprovalOffice,
        });
    running(&centre, "p").after(&handler().at(id("OFFICE")), agree("receive"), MONDAY);
}

#[test]
fn four_eyes_hold_for_opinions_for_the_decision_and_for_whoever_takes_a_step_over() {
    let all_eyes = |role| person("all-eyes", role);
    let same = |step: &str| Rejection::SamePerson {
        person: id("all-eyes"),
        step: id(step),
        other: id("examine"),
    };
    let examined = in_review().after(&all_eyes(Role::Handler), agree("examine"), MONDAY);
    examined
        .clone()
        .when(&all_eyes(Role::Reviewer), agree("review"), MONDAY)
        .then_rejected(&same("review"));
    examined
        .clone()
        .after(&reviewer(), claim("review"), MONDAY)
        .when(
            &reviewer(),
            CaseCommand::Delegate {
                step: id("review"),
                to: id("all-eyes"),
                reason: text("on leave"),
            },
            MONDAY,
        )
        .then_rejected(&same("review"));
    let reviewed = examined.after(&reviewer(), agree("review"), MONDAY);
    reviewed
        .clone()
        .when(&all_eyes(Role::Approver), grant(), MONDAY)
        .then_rejected(&same("decision"));
    reviewed.after(&approver(), grant(), MONDAY);
}

#[test]
fn work_sent_back_is_redone_and_the_decision_clocks_run_on() {
    let back = before_decision().when(&approver(), send_back("decision", "examine"), march(4));
    assert_eq!(kinds(back.events()), ["case.step_sent_back", "case.step_started"]);
    assert_eq!(open_steps(&back), ["examine"]);
    let before = before_decision();
    assert_eq!(back.case().due, before.case().due);
    assert_eq!(back.case().steps["examine"].first_started_on, MONDAY);
    assert_eq!(back.case().steps["examine"].started_on, march(4));
    let again = back
        .after(&handler(), agree("examine"), march(5))
        .after(&reviewer(), agree("review"), march(5))
        .after(&approver(), grant(), march(5));
    assert_eq!(again.case().outcome(), Some(Outcome::Granted));
    // Refused for target, authority, order and content in that order.
    let no_reason = |from: &str, to: &str| CaseCommand::SendBack {
        from: id(from),
        to: id(to),
        reason: text(""),
    };
    before_decision()
        .when(&handler(), no_reason("decision", "no-such"), march(4))
        .then_rejected(&Rejection::UnknownStep { step: id("no-such") });
    before_decision()
        .when(&handler(), no_reason("decision", "examine"), march(4))
        .then_rejected(&Rejection::WrongRole {
            needed: Role::Approver,
            given: Role::Handler,
        });
    before_decision()
        .when(&approver(), no_reason("decision", "decision"), march(4))
        .then_rejected(&Rejection::NotDone { step: id("decision") });
    before_decision()
        .when(&approver(), no_reason("decision", "examine"), march(4))
        .then_rejected(&reasons_missing("a return"));
}

#[test]
fn a_return_into_a_group_opens_it_again_and_leaves_the_others_as_they_are() {
    let agreed = in_group(Join::All)
        .after(&handler_of("fire"), agree("fire"), march(2))
        .after(&handler_of("health"), agree("health"), march(2))
        .after(&handler_of("culture"), agree("culture"), march(2));
    assert_eq!(open_steps(&agreed), ["decision"]);
    let back = agreed.after(&approver(), send_back("decision", "health"), march(3));
    assert_eq!(open_steps(&back), ["health"]);
    let group = &back.case().progress.groups["group"];
    assert_eq!(group.outcome, None);
    let arrived: Vec<_> = group
        .arrived
        .keys()
        .map(guichet_core::id::BlockId::as_str)
        .collect();
    assert_eq!(arrived, ["culture", "fire"]);
    let again = back.after(&handler_of("health"), agree("health"), march(4));
    assert_eq!(open_steps(&again), ["decision"]);
    // To before the group: everything after is void.
    let back = again.after(&approver(), send_back("decision", "examine"), march(5));
    assert_eq!(open_steps(&back), ["examine"]);
    let back = back.after(&handler(), agree("examine"), march(5));
    assert_eq!(open_steps(&back), ["culture", "fire", "health"]);
}

#[test]
fn a_return_into_a_group_of_which_one_was_enough_asks_the_others_again() {
    // The second branch is a group of its own, which ended only because the outer one went on.
    let inner = parallel(
        "inner",
        Join::All,
        [of("health", step("health")), of("culture", step("culture"))],
    );
    let outer = parallel("outer", Join::Any, [of("fire", step("fire")), inner.into()]);
    let flow = Block::Sequence(vec![outer.into(), decision().into()]);
    let centre = centre().with_procedure(flowing("p", flow));
    let done = running(&centre, "p").after(&handler_of("fire"), agree("fire"), march(2));
    assert_eq!(open_steps(&done), ["decision"]);
    let back = done.after(&approver(), send_back("decision", "fire"), march(3));
    assert_eq!(open_steps(&back), ["culture", "fire", "health"]);
}

#[test]
fn an_added_branch_can_be_sent_back_like_any_other() {
    let add = CaseCommand::AddBranch {
        group: id("group"),
        branch: id("gardens"),
        department: id("culture"),
        term: Some(Term::WorkingDays(3)),
        safety: false,
        reason: text("an old tree"),
    };
    let added = in_group(Join::All).when(&handler(), add, march(2));
    assert_eq!(
        added.events().first(),
        Some(&CaseEvent::from(BranchAdded {
            group: id("group"),
            branch: id("gardens"),
            department: id("culture"),
            term: Some(Term::WorkingDays(3)),
            safety: false,
            reason: text("an old tree"),
        }))
    );
    assert_eq!(added.case().steps["gardens"].due_on, Some(march(5)));
    let agreed = ["fire", "health", "culture"]
        .into_iter()
        .fold(added, |case, name| {
            case.after(&handler_of(name), agree(name), march(3))
        });
    assert_eq!(open_steps(&agreed), ["gardens"]);
    let agreed = agreed.after(&handler_of("culture"), agree("gardens"), march(3));
    let back = agreed.after(&approver(), send_back("decision", "gardens"), march(4));
    assert_eq!(open_steps(&back), ["gardens"]);
}

#[test]
fn a_branch_is_added_only_by_the_lead_to_an_open_group_under_a_new_name() {
    let add = |group: &str, branch: &str, department: &str, reason: &str| CaseCommand::AddBranch {
        group: id(group),
        branch: id(branch),
        department: id(department),
        term: None,
        safety: false,
        reason: text(reason),
    };
    let case = || in_group(Join::All);
    case()
        .when(&clerk(), add("none", "fire", "none", ""), march(2))
        .then_rejected(&Rejection::RoleNotAllowed {
            role: Role::Clerk,
            allowed: &[Role::Handler, Role::Reviewer, Role::Approver],
        });
    case()
        .when(&handler_of("fire"), add("none", "fire", "none", ""), march(2))
        .then_rejected(&Rejection::GroupNotOpen { group: id("none") });
    case()
        .when(&handler_of("fire"), add("group", "fire", "none", ""), march(2))
        .then_rejected(&Rejection::UnknownDepartment {
            department: id("none"),
        });
    case()
        .when(&handler_of("fire"), add("group", "fire", "fire", ""), march(2))
        .then_rejected(&Rejection::BlockExists { block: id("fire") });
    case()
        .when(&handler_of("fire"), add("group", "new", "fire", ""), march(2))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    case()
        .when(&handler(), add("group", "new", "fire", ""), march(2))
        .then_rejected(&reasons_missing("an added branch"));
}

#[test]
fn a_branch_is_taken_out_unless_it_guards_safety_has_answered_or_is_the_last() {
    let remove = |branch: &str, reason: &str| CaseCommand::RemoveBranch {
        group: id("group"),
        branch: id(branch),
        reason: text(reason),
    };
    let case = || in_group(Join::All);
    case()
        .when(&handler_of("fire"), remove("none", ""), march(2))
        .then_rejected(&Rejection::NotAMember {
            group: id("group"),
            branch: text("none"),
        });
    case()
        .when(&handler_of("fire"), remove("fire", ""), march(2))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    case()
        .when(&handler(), remove("fire", ""), march(2))
        .then_rejected(&Rejection::SafetyBranch { step: id("fire") });
    case()
        .after(&handler_of("health"), agree("health"), march(2))
        .when(&handler(), remove("health", ""), march(2))
        .then_rejected(&Rejection::BranchSettled { branch: id("health") });
    case()
        .when(&handler(), remove("health", ""), march(2))
        .then_rejected(&reasons_missing("a removed branch"));
    let removed = case()
        .when(&handler(), remove("health", "not a kitchen"), march(2))
        .then_kinds(["case.branch_removed"]);
    assert_eq!(open_steps(&removed), ["culture", "fire"]);
    removed
        .clone()
        .when(&handler_of("health"), agree("health"), march(2))
        .then_rejected(&Rejection::StepNotOpen {
            step: id("health"),
            found: "not needed any more",
            open: [id("culture"), id("fire")].into(),
        });
    let closed = removed
        .after(&handler_of("fire"), agree("fire"), march(2))
        .when(&handler(), remove("culture", "no theatre"), march(3))
        .then_kinds(["case.branch_removed", "case.parallel_closed", "case.step_started"]);
    assert_eq!(open_steps(&closed), ["decision"]);

    let pair = parallel(
        "group",
        Join::All,
        [of("health", step("health")), of("culture", step("culture"))],
    );
    let centre = centre().with_procedure(flowing("pair", pair.into()));
    running(&centre, "pair")
        .after(&handler(), remove("health", "not a kitchen"), march(2))
        .when(&handler(), remove("culture", "no theatre"), march(2))
        .then_rejected(&Rejection::LastBranch { group: id("group") });
}

#[test]
fn an_optional_block_is_skipped_before_it_is_begun() {
    let inner = parallel(
        "inner",
        Join::All,
        [of("health", step("health")), of("fire", step("fire"))],
    );
    let optional = Block::Optional(Box::new(Optional {
        id: id("maybe"),
        block: Block::Sequence(vec![inner.into()]),
    }));
    let flow = Block::Sequence(vec![optional, decision().into()]);
    let centre = centre().with_procedure(flowing("p", flow));
    let skip = |block: &str, reason: &str| CaseCommand::SkipBlock {
        block: id(block),
        reason: text(reason),
    };
    let case = || running(&centre, "p");
    let not_optional = |block: &str| Rejection::NotOptional { block: id(block) };
    case()
        .when(&handler_of("fire"), skip("inner", ""), march(2))
        .then_rejected(&not_optional("inner"));
    case()
        .when(&handler_of("fire"), skip("maybe", ""), march(2))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    case()
        .when(&handler(), skip("maybe", ""), march(2))
        .then_rejected(&reasons_missing("skipping a block"));
    case()
        .after(&handler_of("fire"), agree("fire"), march(2))
        .when(&handler(), skip("maybe", "no kitchen"), march(2))
        .then_rejected(&not_optional("maybe"));
    let skipped = case()
        .when(&handler(), skip("maybe", "no kitchen"), march(2))
        .then_kinds(["case.parallel_closed", "case.block_skipped", "case.step_started"]);
    assert_eq!(open_steps(&skipped), ["decision"]);
    // What belongs to the skipped block is no group any more that somebody could work on.
    skipped
        .when(
            &handler(),
            CaseCommand::AddBranch {
                group: id("inner"),
                branch: id("new"),
                department: id("fire"),
                term: None,
                safety: false,
                reason: text("late"),
            },
            march(3),
        )
        .then_rejected(&Rejection::GroupNotOpen { group: id("inner") });
}

#[test]
fn a_choice_goes_by_the_facts_and_a_sub_flow_is_part_of_the_flow() {
    let choice = Choice {
        id: Some(id("trade")),
        when: "case.area > 50".parse().unwrap(),
        then: Block::Procedure(Box::new(SubFlow {
            id: Some(id("sub")),
            procedure: id("licence"),
            version: None,
            flow: Some(step("sub.inspect").into()),
        })),
        otherwise: Some(step("glance").into()),
    };
    let flow = Block::Sequence(vec![Block::Choice(Box::new(choice)), decision().into()]);
    let centre = centre().with_procedure(flowing("p", flow));
    let large = given(&centre, [])
        .after(&clerk(), submit_with("p", &[]), MONDAY)
        .when(&clerk(), accept(), MONDAY)
        .then_kinds(["case.accepted", "case.branch_chosen", "case.step_started"]);
    assert_eq!(open_steps(&large), ["sub.inspect"]);
    assert_eq!(open_steps(&running(&centre, "p")), ["glance"]);
}

#[test]
fn a_flow_may_decide_in_two_places_of_which_one_is_reached() {
    let mut plain = decision();
    plain.id = id("plain");
    let mut grave = decision();
    grave.id = id("grave");
    grave.role = Some(Role::GovernmentHead);
    let choice = Choice {
        id: Some(id("size")),
        when: "case.area > 50".parse().unwrap(),
        then: plain.into(),
        otherwise: Some(grave.into()),
    };
    let flow = Block::Sequence(vec![step("examine").into(), Block::Choice(Box::new(choice))]);
    let centre = centre().with_procedure(flowing("p", flow)).with_staff(
        "government_head",
        &[Role::GovernmentHead],
        &["licensing"],
        &[],
    );
    let small = running(&centre, "p").after(&handler(), agree("examine"), MONDAY);
    assert_eq!(open_steps(&small), ["grave"]);
    let decided = small.after(&staff(Role::GovernmentHead), grant(), march(2));
    assert_eq!(decided.case().outcome(), Some(Outcome::Granted));
}

// Parallel approval.

fn answer(case: Scenario, name: &str, opinion: &str) -> Scenario {
    let ask = match opinion {
        "agree" => agree(name),
        "forward" => opine(name, Opinion::AgreeButForward, None),
        _ => disagree(name),
    };
    case.after(&handler_of(name), ask, march(3))
}

fn outcome(case: &Scenario) -> Option<GroupOutcome> {
    case.case().progress.groups["group"].outcome
}

#[test]
fn a_group_opens_with_the_longest_term_and_joins_when_all_have_agreed() {
    let mut procedure = joint(Join::All);
    procedure.flow.as_mut().map(set_terms).unwrap();
    let centre = centre().with_procedure(procedure);
    let opened = running(&centre, "joint").after(&handler(), agree("examine"), MONDAY);
    assert_eq!(opened.case().groups["group"].due_on, Some(march(15)));
    assert_eq!(
        kinds(opened.events()),
        [
            "case.step_opinion_given",
            "case.parallel_opened",
            "case.step_started",
            "case.step_started",
            "case.step_started",
        ]
    );
    let two = answer(answer(opened, "fire", "agree"), "health", "forward");
    assert_eq!(outcome(&two), None);
    let three = answer(two, "culture", "agree");
    assert_eq!(outcome(&three), Some(GroupOutcome::Agreed));
}

fn set_terms(flow: &mut Block) {
    let Block::Sequence(blocks) = flow else { return };
    for block in blocks {
        let Block::Parallel(group) = block else { continue };
        for (branch, days) in group.branches.iter_mut().zip([10, 5, 7]) {
            if let Block::Step(step) = branch {
                step.term = Some(Term::WorkingDays(days));
            }
        }
    }
}

#[test]
fn one_is_enough_for_any_and_the_quorum_for_a_quorum() {
    let any = answer(in_group(Join::Any), "health", "agree");
    assert_eq!(outcome(&any), Some(GroupOutcome::Agreed));
    assert_eq!(open_steps(&any), ["decision"]);
    let one = answer(in_group(Join::Quorum(2)), "health", "agree");
    assert_eq!(outcome(&one), None);
    let two = answer(one, "fire", "agree");
    assert_eq!(outcome(&two), Some(GroupOutcome::Agreed));
}

fn resolve(resolution: Resolution, reasons: &str) -> CaseCommand {
    CaseCommand::ResolveDissent {
        group: id("group"),
        resolution,
        reasons: text(reasons),
    }
}

#[test]
fn one_reasoned_no_is_no_veto_but_waits_for_the_lead() {
    let all = answer(answer(in_group(Join::All), "fire", "agree"), "health", "disagree");
    let all = answer(all, "culture", "agree");
    assert_eq!(outcome(&all), None);
    all.clone()
        .when(&handler_of("health"), resolve(Resolution::Approve, "x"), march(4))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("health-handler"),
            department: id("licensing"),
        });
    all.clone()
        .when(&handler(), resolve(Resolution::Approve, ""), march(4))
        .then_rejected(&reasons_missing("the answer to a disagreement"));
    let on = all.clone().when(
        &handler(),
        resolve(Resolution::Approve, "the plan was amended"),
        march(4),
    );
    let told = DissentResolved {
        group: id("group"),
        resolution: Resolution::Approve,
        reasons: text("the plan was amended"),
        tell_by: Some(march(18)),
    };
    assert_eq!(on.events().first(), Some(&CaseEvent::from(told)));
    assert_eq!(outcome(&on), Some(GroupOutcome::Overridden));
    let no = all.after(&handler(), resolve(Resolution::Refuse, "too narrow"), march(4));
    assert_eq!(outcome(&no), Some(GroupOutcome::Refused));
    in_group(Join::All)
        .when(&handler(), resolve(Resolution::Approve, "x"), march(4))
        .then_rejected(&Rejection::NoDissent { group: id("group") });
}

#[test]
fn a_lead_that_went_over_one_no_has_not_answered_the_next() {
    let first = answer(in_group(Join::All), "fire", "disagree").after(
        &handler(),
        resolve(Resolution::Approve, "the plan was amended"),
        march(4),
    );
    first
        .clone()
        .when(&handler(), resolve(Resolution::Approve, "again"), march(4))
        .then_rejected(&Rejection::NoDissent { group: id("group") });
    let second = answer(answer(first, "health", "disagree"), "culture", "agree");
    assert_eq!(outcome(&second), None);
    let on = second.after(&handler(), resolve(Resolution::Approve, "and again"), march(5));
    assert_eq!(outcome(&on), Some(GroupOutcome::Overridden));
}

#[test]
fn a_veto_ends_the_group_and_leaves_only_a_refusal_by_whom_the_flow_names() {
    let mut procedure = joint(Join::All);
    if let Some(Block::Sequence(blocks)) = &mut procedure.flow {
        for block in blocks {
            if let Block::Parallel(group) = block {
                group.veto = vec![id("fire")];
            }
        }
    }
    let centre = centre().with_procedure(procedure);
    let opened = running(&centre, "joint").after(&handler(), agree("examine"), MONDAY);
    let vetoed = answer(opened, "fire", "disagree");
    assert_eq!(outcome(&vetoed), Some(GroupOutcome::Refused));
    assert_eq!(open_steps(&vetoed), Vec::<&str>::new());
    vetoed
        .clone()
        .when(&approver(), grant(), march(4))
        .then_rejected(&Rejection::FlowRefused);
    let refusal = || decide(guichet_core::case::event::Verdict::Refused);
    vetoed
        .clone()
        .when(&clerk(), refusal(), march(4))
        .then_rejected(&Rejection::WrongRole {
            needed: Role::Approver,
            given: Role::Clerk,
        });
    let refused = vetoed.after(&approver(), refusal(), march(4));
    assert_eq!(refused.case().outcome(), Some(Outcome::Refused));
}

#[test]
fn an_inner_group_that_was_answered_is_no_disagreement_of_its_branch() {
    let inner = parallel(
        "inner",
        Join::Quorum(1),
        [of("health", step("health")), of("culture", step("culture"))],
    );
    let outer = parallel("group", Join::All, [of("fire", step("fire")), inner.into()]);
    let centre = centre().with_procedure(flowing(
        "p",
        Block::Sequence(vec![outer.into(), decision().into()]),
    ));
    let case = answer(running(&centre, "p"), "health", "disagree");
    let case = answer(answer(case, "culture", "agree"), "fire", "agree");
    assert_eq!(outcome(&case), Some(GroupOutcome::Agreed));
}

#[test]
fn a_disagreement_without_reasons_is_consent_where_silence_counts_and_refused_where_it_guards_safety() {
    let ask = |name: &str| opine(name, Opinion::Disagree, Some("  "));
    let deemed = in_group(Join::All).when(&handler_of("health"), ask("health"), march(3));
    let consent = MemberConsentDeemed {
        group: id("group"),
        member: id("health"),
        ground: ConsentGround::NoReason,
        lapsed_on: march(3),
    };
    assert_eq!(deemed.events().first(), Some(&CaseEvent::from(consent)));
    in_group(Join::All)
        .when(&handler_of("fire"), ask("fire"), march(3))
        .then_rejected(&reasons_missing("a disagreement"));
}

#[test]
fn a_silent_member_consents_after_its_term_once_service_is_proved() {
    let case = || in_group(Join::All);
    let deem = |member: &str, ground| CaseCommand::DeemConsent {
        group: id("group"),
        member: id(member),
        ground,
    };
    let unproved = || Rejection::ServiceNotProved { member: id("health") };
    // Without proof of service nothing lapses, and nobody can say that it did.
    case()
        .when(&timekeeper(), note_time(), march(31))
        .without_lights()
        .then([]);
    case()
        .when(&handler(), deem("health", ConsentGround::Timeout), march(31))
        .then_rejected(&unproved());
    case()
        .when(&handler(), deem("health", ConsentGround::Absence), march(3))
        .then_rejected(&unproved());
    // Silence on safety never counts, proved or not.
    let safety = case().after(&handler(), prove("fire"), march(2));
    safety
        .clone()
        .when(&timekeeper(), note_time(), march(31))
        .without_lights()
        .then([]);
    safety
        .when(&handler(), deem("fire", ConsentGround::Absence), march(3))
        .then_rejected(&Rejection::SilenceNotAllowed { member: id("fire") });
    // Served on Tuesday the 2nd, seven working days are over at the end of Thursday the 11th.
    let served = case().after(&handler(), prove("health"), march(2));
    assert_eq!(next_lapse(served.directory(), served.state()), Some(march(11)));
    served
        .clone()
        .when(&timekeeper(), note_time(), march(11))
        .then([]);
    served
        .clone()
        .when(&handler(), deem("health", ConsentGround::Timeout), march(11))
        .then_rejected(&Rejection::TooEarly {
            given: march(11),
            earliest: march(12),
        });
    let noted = served.clone().when(&timekeeper(), note_time(), march(25));
    let consent = |ground, lapsed_on| {
        CaseEvent::from(MemberConsentDeemed {
            group: id("group"),
            member: id("health"),
            ground,
            lapsed_on,
        })
    };
    assert_eq!(
        noted.events().first(),
        Some(&consent(ConsentGround::Timeout, march(11)))
    );
    let answered = &noted.case().steps["health"].answer;
    assert_eq!(
        *answered,
        Some(StepAnswer::Deemed {
            ground: ConsentGround::Timeout
        })
    );
    noted
        .when(&timekeeper(), note_time(), march(31))
        .without_lights()
        .then([]);
    // Absence from the joint meeting counts at once.
    let absent = served.when(&handler(), deem("health", ConsentGround::Absence), march(4));
    assert_eq!(
        absent.events().first(),
        Some(&consent(ConsentGround::Absence, march(4)))
    );
}

#[test]
fn service_is_proved_by_the_lead_to_a_member_that_has_not_answered() {
    let prove_in = |group: &str, member: &str| CaseCommand::ProveService {
        group: id(group),
        member: id(member),
        evidence: id("receipt"),
    };
    let case = || in_group(Join::All);
    case()
        .when(&handler_of("fire"), prove_in("none", "none"), march(2))
        .then_rejected(&Rejection::GroupNotOpen { group: id("none") });
    case()
        .when(&handler_of("fire"), prove_in("group", "examine"), march(2))
        .then_rejected(&Rejection::NotAMember {
            group: id("group"),
            branch: text("examine"),
        });
    answer(case(), "health", "agree")
        .when(&handler_of("fire"), prove("health"), march(3))
        .then_rejected(&Rejection::StepNotOpen {
            step: id("health"),
            found: "not open",
            open: [id("culture"), id("fire")].into(),
        });
    case()
        .when(&handler_of("fire"), prove("health"), march(2))
        .then_rejected(&Rejection::WrongDepartment {
            person: id("fire-handler"),
            department: id("licensing"),
        });
    case()
        .when_effective(&handler(), prove("health"), march(2), date(2010, 2, 1))
        .then_rejected(&Rejection::TooEarly {
            given: date(2010, 2, 1),
            earliest: MONDAY,
        });
}

#[test]
fn a_member_that_is_asked_again_has_to_be_served_again() {
    let back = in_group(Join::All)
        .after(&handler(), prove("health"), march(2))
        .after(&handler_of("health"), agree("health"), march(3))
        .after(&handler_of("fire"), agree("fire"), march(3))
        .after(&handler_of("culture"), agree("culture"), march(3))
        .after(&approver(), send_back("decision", "health"), march(4));
    back.when(&timekeeper(), note_time(), march(31))
        .without_lights()
        .then([]);
}

#[test]
fn nobody_decides_while_steps_are_open() {
    in_review()
        .when(&approver(), grant(), MONDAY)
        .then_rejected(&Rejection::StepsOpen {
            steps: [id("examine")].into(),
        });
}

#[test]
fn a_person_can_answer_for_two_departments_but_not_for_a_third() {
    let centre: Directory = centre().with_staff("double", &[Role::Handler], &["health", "culture"], &[]);
    let double = || person("double", Role::Handler);
    let case = running(&centre, "joint").after(&handler(), agree("examine"), MONDAY);
    let case = case.after(&double(), agree("health"), march(2));
    case.clone().after(&double(), agree("culture"), march(2));
    case.when(&double(), agree("fire"), march(2))
        .then_rejected(&Rejection::WrongDepartment {
            person: id::<PersonId>("double"),
            department: id("fire"),
        });
    assert_eq!(id::<StepId>("fire").as_str(), "fire");
}

#[test]
fn nobody_is_sent_back_to_a_branch_that_its_group_goes_on_without() {
    // Given a group that one branch answered for all, while the other stood at its second step.
    let branch = Block::Sequence(vec![of("fire", step("look")), of("fire", step("judge"))]);
    let group = parallel("group", Join::Any, [branch, of("health", step("health"))]);
    let flow = Block::Sequence(vec![step("examine").into(), group.into(), decision().into()]);
    let centre = centre().with_procedure(flowing("either", flow));
    let case = running(&centre, "either")
        .after(&handler(), agree("examine"), MONDAY)
        .after(&handler_of("fire"), agree("look"), march(2))
        .after(&handler_of("health"), agree("health"), march(2));
    let refused = Rejection::NotAskedAgain { step: id("look") };
    case.clone()
        .when(&approver(), send_back("decision", "look"), march(3))
        .then_rejected(&refused);
    // To the branch that answered it is lawful, and to what comes before the group.
    for step in ["health", "examine"] {
        let back = case
            .clone()
            .after(&approver(), send_back("decision", step), march(3));
        assert!(open_steps(&back).contains(&step), "{step}");
    }
    // A case that was opened again keeps to the same rule.
    let reopen = CaseCommand::Reopen {
        reason: text("forged"),
        at: Some(id("look")),
    };
    case.after(&approver(), grant(), march(3))
        .when(&head(), reopen, march(4))
        .then_rejected(&refused);
}
