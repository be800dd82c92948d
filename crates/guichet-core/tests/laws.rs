//! What holds for every flow, every order of actors and every sequence of commands, sensible or not.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]

mod common;

use std::collections::BTreeSet;

use common::*;
use guichet_core::actor::{Actor, Role};
use guichet_core::case::event::{
    Channel, ClockKind, ComplaintFinding, ConsentGround, CorrectionItem, FeeItem, Opinion, Outcome,
    RectificationLevel, Resolution, Satisfaction, SuspensionGround, Verdict,
};
use guichet_core::case::rejection::Precedence;
use guichet_core::case::{
    CaseCommand, CaseState, Command, Decided, Rejection, Stage, decide as decide_on, evolve, fold,
};
use guichet_core::flow::{Block, Choice, GroupOutcome, Join, Optional, SubFlow, check};
use guichet_core::id::{Revision, StepId, Version};
use guichet_core::procedure::{DecisionSilence, SpecialKind};
use guichet_core::reference::Directory;
use guichet_core::testkit::{Furnish, Scenario, decision, given, id, noon, parallel, person, staff, step};
use guichet_core::time::{Date, Term, date};
use proptest::prelude::*;

// Flows of every kind of block.

#[derive(Clone, Debug)]
enum Shape {
    Step(u8),
    Sequence(Vec<Shape>),
    Parallel(u8, bool, Vec<Shape>),
    Choice(bool, Box<Shape>, Option<Box<Shape>>),
    Optional(Box<Shape>),
    Procedure(Box<Shape>),
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = (0_u8..4).prop_map(Shape::Step);
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Shape::Sequence),
            (0_u8..4, any::<bool>(), prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(join, veto, branches)| Shape::Parallel(join, veto, branches)),
            (any::<bool>(), inner.clone(), prop::option::of(inner.clone())).prop_map(
                |(holds, then, other)| { Shape::Choice(holds, Box::new(then), other.map(Box::new)) }
            ),
            inner.clone().prop_map(|block| Shape::Optional(Box::new(block))),
            inner.prop_map(|block| Shape::Procedure(Box::new(block))),
        ]
    })
}

const DEPARTMENTS: [&str; 4] = ["licensing", "fire", "health", "culture"];

fn draw(shape: &Shape, next: &mut u32) -> Block {
    *next += 1;
    let number = *next;
    match shape {
        Shape::Step(department) => of(DEPARTMENTS[usize::from(*department)], step(&format!("s{number}"))),
        Shape::Sequence(blocks) => Block::Sequence(blocks.iter().map(|block| draw(block, next)).collect()),
        Shape::Parallel(join, veto, branches) => {
            let branches: Vec<Block> = branches.iter().map(|block| draw(block, next)).collect();
            let join = match join {
                0 => Join::All,
                1 => Join::Any,
                // A quorum is reached however many branches a choice leads past.
                _ => Join::Quorum(u16::try_from(branches.len().min(2)).unwrap()),
            };
            let mut group = parallel(&format!("g{number}"), join, branches);
            if *veto {
                group.veto.extend(group.branches.first().and_then(Block::id));
            }
            group.into()
        }
        Shape::Choice(holds, then, other) => Block::Choice(Box::new(Choice {
            id: Some(id(&format!("c{number}"))),
            when: (if *holds { "case.area > 0" } else { "case.area < 0" })
                .parse()
                .unwrap(),
            then: draw(then, next),
            otherwise: other.as_ref().map(|other| draw(other, next)),
        })),
        Shape::Optional(block) => Block::Optional(Box::new(Optional {
            id: id(&format!("o{number}")),
            block: draw(block, next),
        })),
        Shape::Procedure(block) => Block::Procedure(Box::new(SubFlow {
            id: Some(id(&format!("p{number}"))),
            procedure: id("licence"),
            version: Some(Version(1)),
            flow: Some(draw(block, next)),
        })),
    }
}

fn centre_with(shape: &Shape) -> (Directory, Block) {
    let flow = Block::Sequence(vec![draw(shape, &mut 0), decision().into()]);
    (centre().with_procedure(flowing("p", flow.clone())), flow)
}

fn begun(centre: &Directory) -> Scenario {
    given(centre, [])
        .after(&clerk(), submit_with("p", &[]), MONDAY)
        .after(&clerk(), accept(), MONDAY)
}

fn who(case: &Scenario, step: &StepId) -> Actor {
    let reached = &case.case().steps[step];
    if reached.department == "licensing" {
        staff(reached.role)
    } else {
        person(&format!("{}-{}", reached.department, reached.role), reached.role)
    }
}

fn opinion(step: &StepId, opinion: Opinion) -> CaseCommand {
    CaseCommand::GiveOpinion {
        step: step.clone(),
        opinion,
        reasons: (opinion == Opinion::Disagree).then(|| text("too narrow")),
    }
}

/// What can be asked of a case where it stands, except the decision.
fn choices(case: &Scenario, flow: &Block) -> Vec<(Actor, CaseCommand)> {
    let mut found = Vec::new();
    let progress = &case.case().progress;
    for name in progress.open.iter().filter(|name| name.as_str() != "decision") {
        let actor = who(case, name);
        found.push((actor.clone(), opinion(name, Opinion::Agree)));
        found.push((actor.clone(), opinion(name, Opinion::Disagree)));
        found.push((actor.clone(), CaseCommand::Claim { step: name.clone() }));
        for done in &progress.done {
            let back = CaseCommand::SendBack {
                from: name.clone(),
                to: done.clone(),
                reason: text("again"),
            };
            found.push((actor.clone(), back));
        }
    }
    for (group, standing) in &progress.groups {
        for resolution in [Resolution::Approve, Resolution::Refuse] {
            let resolve = CaseCommand::ResolveDissent {
                group: group.clone(),
                resolution,
                reasons: text("considered"),
            };
            found.push((handler(), resolve));
        }
        let branches = flow.group(group).into_iter().flat_map(|group| &group.branches);
        for branch in branches.filter_map(Block::id) {
            let remove = CaseCommand::RemoveBranch {
                group: group.clone(),
                branch,
                reason: text("not needed"),
            };
            found.push((handler(), remove));
        }
        let add = CaseCommand::AddBranch {
            group: group.clone(),
            branch: id(&format!("{group}-{}", standing.added.len())),
            department: id("fire"),
            term: None,
            safety: false,
            reason: text("an old tree"),
        };
        found.push((handler(), add));
    }
    flow.walk(&mut |block| {
        if let Block::Optional(optional) = block {
            let skip = CaseCommand::SkipBlock {
                block: optional.id.clone(),
                reason: text("not needed"),
            };
            found.push((handler(), skip));
        }
    });
    found
}

/// One step straight ahead: the decision, or a consent, or the lead's word on a disagreement.
fn ahead(case: Scenario) -> Scenario {
    let granted = case.clone().when(&approver(), grant(), MONDAY);
    match granted.answer() {
        Ok(_) => return granted,
        Err(Rejection::FlowRefused) => return case.after(&approver(), decide(Verdict::Refused), MONDAY),
        Err(_) => {}
    }
    let open = case
        .case()
        .progress
        .open
        .iter()
        .find(|name| name.as_str() != "decision");
    if let Some(name) = open.cloned() {
        let actor = who(&case, &name);
        let actor = case.case().steps[&name]
            .holder
            .clone()
            .map_or(actor.clone(), |holder| Actor {
                person: holder,
                ..actor
            });
        return case.after(&actor, opinion(&name, Opinion::Agree), MONDAY);
    }
    let groups: Vec<_> = case.case().progress.groups.keys().cloned().collect();
    let resolved = groups.into_iter().find_map(|group| {
        let ask = CaseCommand::ResolveDissent {
            group,
            resolution: Resolution::Approve,
            reasons: text("considered"),
        };
        let resolved = case.clone().when(&handler(), ask, MONDAY);
        resolved.answer().is_ok().then_some(resolved)
    });
    resolved.unwrap_or_else(|| panic!("nothing can be done: {:#?}", case.case().progress))
}

fn to_the_end(mut case: Scenario) -> Scenario {
    // Every answer closes a step or a group, so the bound is their number.
    for _ in 0..200 {
        if matches!(case.case().stage, Stage::Decided { .. }) {
            return case;
        }
        case = ahead(case);
    }
    panic!("no end after 200 steps: {:#?}", case.case().progress)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn every_sound_flow_ends_whatever_its_actors_choose(
        shape in shapes(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..16),
    ) {
        let (centre, flow) = centre_with(&shape);
        prop_assume!(check(&flow).is_empty());
        let mut case = begun(&centre);
        for pick in picks {
            let choices = choices(&case, &flow);
            if choices.is_empty() {
                break;
            }
            let (actor, ask) = pick.get(&choices);
            let before = case.state().clone();
            case = case.when(actor, ask.clone(), MONDAY);
            if case.answer().is_err() {
                prop_assert_eq!(&before, case.state());
            }
            prop_assert_eq!(&fold(case.history()), case.state());
        }
        let ended = to_the_end(case);
        prop_assert!(ended.case().progress.open.is_empty());
        prop_assert_eq!(&fold(ended.history()), ended.state());
    }

    #[test]
    fn work_sent_back_and_redone_comes_to_the_same_end(shape in shapes(), pick in any::<prop::sample::Index>()) {
        let (centre, flow) = centre_with(&shape);
        prop_assume!(check(&flow).is_empty());
        let mut case = begun(&centre);
        while !case.case().progress.open.contains("decision") {
            case = ahead(case);
        }
        let straight = to_the_end(case.clone());
        let done: Vec<StepId> = case.case().progress.done.iter().cloned().collect();
        prop_assume!(!done.is_empty());
        let back = CaseCommand::SendBack {
            from: id("decision"),
            to: pick.get(&done).clone(),
            reason: text("again"),
        };
        let back = case.when(&approver(), back, MONDAY);
        // A group that has its answer from other branches does not wait for a step again.
        prop_assume!(back.answer() != Err(&Rejection::NotAskedAgain { step: pick.get(&done).clone() }));
        prop_assert!(back.answer().is_ok(), "{:?}", back.answer());
        prop_assert!(back.case().progress.open.contains(pick.get(&done)), "the step is asked for again");
        prop_assert!(!back.case().progress.open.contains("decision"));
        let again = to_the_end(back);
        prop_assert_eq!(again.case().outcome(), straight.case().outcome());
        let ends = |case: &Scenario| -> Vec<_> {
            let groups = case.case().progress.groups.iter();
            groups.map(|(group, standing)| (group.clone(), standing.outcome)).collect()
        };
        prop_assert_eq!(ends(&again), ends(&straight));
        // A case opened again at that step ends the same way too.
        let reopened = straight.after(
            &head(),
            CaseCommand::Reopen { reason: text("again"), at: Some(pick.get(&done).clone()) },
            MONDAY,
        );
        prop_assert!(reopened.case().progress.open.contains(pick.get(&done)));
        let outcome = reopened.case().outcome();
        prop_assert_eq!(outcome, None);
        prop_assert_eq!(to_the_end(reopened).case().outcome(), Some(Outcome::Granted));
    }
}

// Side by side: every order of up to five actors.

fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for order in orders(count - 1) {
        for at in 0..count {
            let mut longer = order.clone();
            longer.insert(at, count - 1);
            all.push(longer);
        }
    }
    all
}

const MEMBERS: [&str; 5] = ["m0", "m1", "m2", "m3", "m4"];

/// How a group of `count` members ends when they answer in this order; bit n of `against` is a reasoned no of member n.
fn interleave(opened: &Scenario, order: &[usize], against: usize) -> (Vec<String>, Option<GroupOutcome>) {
    let mut case = opened.clone();
    for member in order {
        let no = against & (1 << member) != 0;
        let ask = if no {
            disagree(MEMBERS[*member])
        } else {
            agree(MEMBERS[*member])
        };
        case = case.when(&handler(), ask, MONDAY);
        let late = matches!(
            case.answer(),
            Err(Rejection::StepNotOpen { .. } | Rejection::WrongStage { .. })
        );
        assert!(case.answer().is_ok() || late, "{:?}", case.answer());
    }
    let group = &case.case().progress.groups["group"];
    let arrived = group
        .arrived
        .iter()
        .map(|(branch, no)| format!("{branch}{no}"))
        .collect();
    (arrived, group.outcome)
}

fn group_of(count: usize, join: Join) -> Scenario {
    let branches = MEMBERS[..count].iter().map(|name| step(name).into());
    let flow = Block::Sequence(vec![parallel("group", join, branches).into(), decision().into()]);
    begun(&centre().with_procedure(flowing("p", flow)))
}

#[test]
fn every_order_of_up_to_five_actors_joins_all_in_the_same_set() {
    for count in 1..=5 {
        let opened = group_of(count, Join::All);
        // Every set of those who say no for up to four, none and each alone for five.
        let sets: Vec<usize> = match count {
            5 => vec![0, 1, 2, 4, 8, 16, 0b10_101],
            _ => (0..1 << count).collect(),
        };
        for against in sets {
            let ends: Vec<_> = orders(count)
                .iter()
                .map(|order| interleave(&opened, order, against))
                .collect();
            let (arrived, outcome) = &ends[0];
            assert_eq!(arrived.len(), count);
            assert_eq!(*outcome, (against == 0).then_some(GroupOutcome::Agreed));
            assert!(
                ends.iter().all(|end| *end == ends[0]),
                "{count} members, against {against:b}"
            );
        }
    }
}

#[test]
fn every_order_of_up_to_four_actors_obeys_any_and_the_quorum() {
    for (join, needed) in [(Join::Any, 1), (Join::Quorum(2), 2), (Join::Quorum(3), 3)] {
        for count in needed..=4 {
            let opened = group_of(count, join);
            for against in 0..1_usize << count {
                let with = count - usize::try_from(against.count_ones()).unwrap();
                for order in orders(count) {
                    let (arrived, outcome) = interleave(&opened, &order, against);
                    let agreed = arrived.iter().filter(|branch| branch.ends_with("false")).count();
                    let expected = (with >= needed).then_some(GroupOutcome::Agreed);
                    assert_eq!(
                        outcome, expected,
                        "{join:?} of {count}, against {against:b}, {order:?}"
                    );
                    assert_eq!(agreed, with.min(needed), "{join:?} of {count}, {order:?}");
                }
            }
        }
    }
}

// Any sequence of commands.

/// Everything a procedure can have, in one.
fn everything() -> Directory {
    let mut procedure = licence();
    procedure.silence.decision = Some(DecisionSilence::Granted);
    let mut group = match joint(Join::Quorum(2)).flow {
        Some(Block::Sequence(mut blocks)) => blocks.remove(1),
        other => panic!("expected a sequence, found {other:?}"),
    };
    if let Block::Parallel(group) = &mut group {
        group.veto = vec![id("fire")];
    }
    let maybe = Block::Optional(Box::new(Optional {
        id: id("maybe"),
        block: step("peek").into(),
    }));
    let mut blocks = match procedure.flow {
        Some(Block::Sequence(blocks)) => blocks,
        other => panic!("expected a sequence, found {other:?}"),
    };
    blocks.insert(1, maybe);
    blocks.insert(2, group);
    procedure.flow = Some(Block::Sequence(blocks));
    let mut second = procedure.clone();
    second.version = Version(2);
    if let Some(Block::Sequence(blocks)) = &mut second.flow {
        blocks.remove(1);
    }
    let centre = centre().with_procedure(procedure);
    // The newest version is the one that is submitted, so the older one is what a case migrates to.
    centre.with_procedure(second)
}

/// The numbers from which a command is made: which one, and what it is about.
#[derive(Clone, Copy, Debug)]
struct Draw {
    which: usize,
    a: usize,
    b: usize,
    /// Whether its texts say something.
    speaks: bool,
    actor: usize,
    fitting: bool,
    /// Days from the day before, and back to the business date.
    later: i32,
    back: i32,
}

/// How many numbers `command` knows.
const COMMANDS: usize = 66;

fn draws() -> impl Strategy<Value = Draw> {
    // The commands of the beginning come up more often, else nearly no case would get under way.
    let which =
        prop_oneof![3 => prop::sample::select(vec![1_usize, 5, 14, 14, 38, 38, 37]), 7 => 0..COMMANDS];
    (
        which,
        0_usize..12,
        0_usize..12,
        prop::bool::weighted(0.9),
        0_usize..40,
        prop::bool::weighted(0.8),
        0_i32..6,
        0_i32..3,
    )
        .prop_map(|(which, a, b, speaks, actor, fitting, later, back)| Draw {
            which,
            a,
            b,
            speaks,
            actor,
            fitting,
            later,
            back,
        })
}

const STEPS: [&str; 9] = [
    "examine", "peek", "fire", "health", "culture", "review", "decision", "added", "none",
];
const PEOPLE: [&str; 9] = [
    "clerk",
    "handler",
    "reviewer",
    "approver",
    "fire-handler",
    "health-handler",
    "culture-handler",
    "second",
    "none",
];

fn pick<T: Copy>(all: &[T], at: usize) -> T {
    all[at % all.len()]
}

#[expect(clippy::too_many_lines, reason = "one arm a command")]
fn command(draw: &Draw) -> CaseCommand {
    let Draw { a, b, speaks, .. } = *draw;
    let says = || text(if speaks { "because" } else { " " });
    let step = || id::<StepId>(pick(&STEPS, a));
    let special = || id(pick(&["h1", "h2"], a));
    let document = || id("document");
    let materials = || [id(pick(&["form", "plan"], a))].into();
    match draw.which {
        0 => CaseCommand::RecordPreCheck {
            procedure: id(pick(&["licence", "none"], a)),
            note: None,
        },
        1 => {
            let CaseCommand::Submit {
                procedure,
                applicant,
                facts,
                materials,
                ..
            } = submit_with("licence", pick(&[&["form", "plan"][..], &["form"], &[]], a / 2))
            else {
                unreachable!("submit_with makes a submission")
            };
            CaseCommand::Submit {
                procedure,
                applicant,
                channel: Some(pick(Channel::ALL, b)),
                facts,
                materials,
                resubmits: None,
            }
        }
        2 => CaseCommand::RequestCorrection {
            items: vec![CorrectionItem {
                material: id("form"),
                defect: says(),
            }],
        },
        3 => CaseCommand::SubmitCorrection {
            materials: materials(),
            complete: b > 2,
        },
        4 => CaseCommand::SupplyMaterial {
            materials: materials(),
        },
        5 => CaseCommand::Accept {
            gaps_due_on: (b > 8).then(|| date(2010, 6, 1)),
        },
        6 => CaseCommand::RefuseAcceptance {
            reasons: says(),
            remedies: None,
        },
        7 => CaseCommand::DeclareNoLicenceNeeded { reasons: says() },
        8 => CaseCommand::Transfer {
            to: id(pick(&["W1", "W2", "OFFICE", "ROTA"], a)),
            reason: says(),
        },
        9 => CaseCommand::ConfirmTransfer {},
        10 => CaseCommand::ReturnTransfer { reason: says() },
        11 => CaseCommand::Claim { step: step() },
        12 => CaseCommand::Release {
            step: step(),
            reason: says(),
        },
        13 => CaseCommand::Delegate {
            step: step(),
            to: id(pick(&PEOPLE, b)),
            reason: says(),
        },
        14 => CaseCommand::GiveOpinion {
            step: step(),
            opinion: pick(
                &[
                    Opinion::Agree,
                    Opinion::Agree,
                    Opinion::Disagree,
                    Opinion::AgreeButForward,
                ],
                b,
            ),
            reasons: Some(says()),
        },
        15 => CaseCommand::SendBack {
            from: step(),
            to: id(pick(&STEPS, b)),
            reason: says(),
        },
        16 => CaseCommand::SkipBlock {
            block: id(pick(&["maybe", "group"], a)),
            reason: says(),
        },
        17 => CaseCommand::AddBranch {
            group: id(pick(&["group", "none"], a)),
            branch: id(pick(&["added", "fire"], b)),
            department: id(pick(&DEPARTMENTS, a)),
            term: None,
            safety: false,
            reason: says(),
        },
        18 => CaseCommand::RemoveBranch {
            group: id("group"),
            branch: id(pick(&STEPS, a)),
            reason: says(),
        },
        19 => CaseCommand::ProveService {
            group: id("group"),
            member: step(),
            evidence: document(),
        },
        20 => CaseCommand::DeemConsent {
            group: id("group"),
            member: step(),
            ground: pick(ConsentGround::ALL, b),
        },
        21 => CaseCommand::ResolveDissent {
            group: id("group"),
            resolution: pick(Resolution::ALL, b),
            reasons: says(),
        },
        22 => CaseCommand::RequestSpecialProcedure {
            special: special(),
            kind: pick(SpecialKind::ALL, b),
            name: Some(says()),
            announced: Term::WorkingDays(10),
        },
        23 => CaseCommand::ApproveSpecialProcedure {
            special: special(),
            notice: None,
        },
        24 => CaseCommand::RefuseSpecialProcedure {
            special: special(),
            reasons: says(),
        },
        25 => CaseCommand::StartSpecialProcedure { special: special() },
        26 => CaseCommand::EndSpecialProcedure {
            special: special(),
            result: None,
        },
        27 => CaseCommand::Suspend {
            ground: pick(SuspensionGround::ALL, b),
            reason: says(),
            notice: None,
        },
        28 => CaseCommand::Resume {},
        29 => CaseCommand::RequestExtension {
            by: Term::WorkingDays(10),
            reason: says(),
        },
        30 => CaseCommand::GrantExtension {
            by: Term::WorkingDays(10),
            reason: says(),
        },
        31 => CaseCommand::RefuseExtension { reasons: says() },
        32 => CaseCommand::RevokeExtension { reasons: says() },
        33 => CaseCommand::NotifyFees {
            fees: vec![FeeItem {
                fee: id("fee"),
                amount_fen: 5_000,
            }],
        },
        34 => CaseCommand::PayFee {
            fee: id("fee"),
            amount_fen: 5_000,
            bank_reference: says(),
        },
        35 => CaseCommand::WaiveFee {
            fee: id("fee"),
            reason: says(),
        },
        36 => CaseCommand::RefundFee {
            fee: id("fee"),
            amount_fen: 5_000,
            reason: says(),
        },
        37 => CaseCommand::Decide {
            verdict: pick(Verdict::ALL, b),
            reasons: Some(says()),
        },
        38 => CaseCommand::GiveOpinion {
            step: step(),
            opinion: Opinion::Agree,
            reasons: None,
        },
        _ => later_command(draw),
    }
}

fn later_command(draw: &Draw) -> CaseCommand {
    let Draw {
        which, a, b, speaks, ..
    } = *draw;
    let says = || text(if speaks { "because" } else { " " });
    let opportunity = || {
        id(pick(
            &["submission-1", "correction-2", "decision-2", "decision-3"],
            a,
        ))
    };
    let document = || id("document");
    // 38 is taken by an opinion without reasons, so the commands after the decision stand one further on.
    match which {
        39 => CaseCommand::Deliver { method: says() },
        40 => CaseCommand::Complete {},
        41 => CaseCommand::Archive { retention: says() },
        42 => CaseCommand::Withdraw { reason: says() },
        43 => CaseCommand::Terminate { reason: says() },
        44 => CaseCommand::Revoke { reasons: says() },
        45 => CaseCommand::Reopen {
            reason: says(),
            at: (b > 3).then(|| id(pick(&STEPS, a))),
        },
        46 => CaseCommand::Migrate {
            to: Version(u64::try_from(a % 3).unwrap()),
            reason: says(),
        },
        47 => CaseCommand::AppointAgent {
            agent: id("agent"),
            scope: says(),
        },
        48 => CaseCommand::LogAgency { entry: says() },
        49 => CaseCommand::EndAgency { reason: says() },
        50 => CaseCommand::MarkGreenChannel { reason: says() },
        51 => CaseCommand::Rate {
            opportunity: opportunity(),
            level: pick(Satisfaction::ALL, b),
            comment: None,
        },
        52 => CaseCommand::AppendRating {
            opportunity: opportunity(),
            comment: document(),
        },
        53 => CaseCommand::InvalidateRating {
            opportunity: opportunity(),
            reasons: says(),
        },
        54 => CaseCommand::AssignBadRating {
            opportunity: opportunity(),
            to: id(pick(&PEOPLE, b)),
        },
        55 => CaseCommand::RecordCallback {
            opportunity: opportunity(),
            reached: true,
        },
        56 => CaseCommand::RecordRectification {
            opportunity: opportunity(),
            report: document(),
        },
        57 => CaseCommand::RateRectification {
            opportunity: opportunity(),
            level: RectificationLevel::Partly,
        },
        58 => CaseCommand::ReceiveComplaint {
            complaint: id("c1"),
            channel: says(),
            content: None,
            department: None,
        },
        59 => CaseCommand::AnswerComplaint {
            complaint: id("c1"),
            finding: ComplaintFinding::Unfounded,
            answer: None,
        },
        60 => CaseCommand::ReceivePraise {
            channel: says(),
            content: None,
        },
        61 => CaseCommand::CorrectRecord {
            target: Revision(0),
            field: says(),
            old: text(""),
            new: text(""),
            reason: says(),
        },
        62 => CaseCommand::AnnounceDueDate {
            clock: pick(ClockKind::ALL, b),
            due_on: date(2010, 6, 1),
            notice: None,
        },
        63 => CaseCommand::RecordStep {
            activity: says(),
            by: None,
            group: None,
            attributes: [].into(),
        },
        64 => CaseCommand::NoteTime {},
        _ => CaseCommand::IssueCertificate {
            certificate: document(),
        },
    }
}

/// Somebody: now and then anybody, otherwise somebody who might ask this.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whoever is not named here is drawn"
)]
fn actor(draw: &Draw, ask: &CaseCommand) -> Actor {
    if !draw.fitting {
        let role = pick(Role::ALL, draw.actor);
        return if draw.actor.is_multiple_of(3) {
            person(pick(&PEOPLE, draw.actor), role)
        } else {
            staff(role)
        };
    }
    match ask {
        CaseCommand::GiveOpinion { step, .. }
        | CaseCommand::Claim { step }
        | CaseCommand::Release { step, .. } => match step.as_str() {
            "review" => reviewer(),
            "fire" | "health" | "culture" => handler_of(step.as_str()),
            _ => handler(),
        },
        CaseCommand::NoteTime {} => timekeeper(),
        CaseCommand::PayFee { .. } | CaseCommand::RefundFee { .. } => staff(Role::Cashier),
        CaseCommand::Decide { .. }
        | CaseCommand::ApproveSpecialProcedure { .. }
        | CaseCommand::Migrate { .. } => approver(),
        CaseCommand::GrantExtension { .. } | CaseCommand::Reopen { .. } | CaseCommand::Revoke { .. } => {
            head()
        }
        CaseCommand::Rate { .. }
        | CaseCommand::RateRectification { .. }
        | CaseCommand::SubmitCorrection { .. } => applicant(),
        CaseCommand::Submit { .. } | CaseCommand::Accept { .. } | CaseCommand::Deliver { .. } => clerk(),
        _ => match draw.actor % 4 {
            0 => clerk(),
            1 => applicant(),
            2 => supervisor(),
            _ => handler(),
        },
    }
}

#[test]
fn the_random_commands_are_all_there_are() {
    let drawn = |which| Draw {
        which,
        a: 0,
        b: 0,
        speaks: true,
        actor: 0,
        fitting: true,
        later: 0,
        back: 0,
    };
    let names: BTreeSet<_> = (0..COMMANDS).map(|which| command(&drawn(which)).name()).collect();
    assert_eq!(names, CaseCommand::NAMES.iter().copied().collect());
}

/// The command as it is given, and the day on which it is.
fn asked(draw: &Draw, day: Date) -> Command {
    let ask = command(draw);
    let mut asked = Command::new(id("c"), id("case-1"), actor(draw, &ask), ask);
    asked.effective_on = (draw.back > 0).then(|| day.plus_days(-draw.back));
    asked
}

/// A case that stands somewhere: after a random history in which every command follows or is refused.
fn wander(centre: &Directory, draws: &[Draw]) -> (CaseState, Date) {
    let (mut state, mut day) = (CaseState::Absent, MONDAY);
    for draw in draws {
        day = day.plus_days(draw.later);
        if let Ok(decided) = decide_on(centre, &state, &asked(draw, day), noon(day)) {
            state = decided.into_events().iter().fold(state, evolve);
        }
    }
    (state, day)
}

/// A case under way, or none: random commands alone seldom get past the counter.
fn histories() -> impl Strategy<Value = Vec<Draw>> {
    let at = |which, a, b| Draw {
        which,
        a,
        b,
        speaks: true,
        actor: 3,
        fitting: true,
        later: 0,
        back: 0,
    };
    let beginning = [at(1, 0, 0), at(5, 0, 0), at(38, 0, 0)];
    (0..=beginning.len(), prop::collection::vec(draws(), 0..40))
        .prop_map(move |(begun, drawn)| beginning.iter().take(begun).copied().chain(drawn).collect())
}

fn precedence(answer: &Result<Vec<guichet_core::case::CaseEvent>, Rejection>) -> Option<Precedence> {
    answer.as_ref().err().map(Rejection::precedence)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 384, ..ProptestConfig::default() })]

    #[test]
    fn no_command_panics_and_a_rejected_one_changes_nothing(draws in histories()) {
        let centre = everything();
        let (mut case, mut day) = (given(&centre, []), MONDAY);
        for draw in &draws {
            day = day.plus_days(draw.later);
            let before = case.state().clone();
            case = case.when_command(&asked(draw, day), noon(day));
            match case.answer() {
                Ok(events) => {
                    let after = events.iter().fold(before, evolve);
                    prop_assert_eq!(&after, case.state());
                }
                Err(rejection) => {
                    prop_assert_eq!(&before, case.state());
                    prop_assert!(!rejection.to_string().is_empty() && !rejection.zh().is_empty());
                }
            }
            let open = case.state().case().is_none_or(|case| case.stage.is_open() || case.progress.open.is_empty());
            prop_assert!(open, "a step is open on a case that is not");
        }
        prop_assert_eq!(&fold(case.history()), case.state());
        // Any part of a history, in any order, folds too.
        let _ = fold(case.history().iter().rev());
        let _ = fold(case.history().iter().skip(1));
    }

    #[test]
    fn a_command_that_breaks_two_rules_is_refused_for_the_earlier_one(history in histories(), draw in draws()) {
        let centre = everything();
        let (state, day) = wander(&centre, &history);
        let given = asked(&draw, day);
        let answer = |centre: &Directory, state: &CaseState, command: &Command| {
            decide_on(centre, state, command, noon(day)).map(Decided::into_events)
        };
        let plain = answer(&centre, &state, &given);
        prop_assert_eq!(&plain, &answer(&centre, &state, &given), "the same command gets the same answer");

        // Faults of an early kind win over whatever else is wrong.
        let mut stranger = given.clone();
        stranger.actor = Actor { person: id("ghost"), role: Role::Handler, ..given.actor.clone() };
        prop_assert_eq!(answer(&centre, &state, &stranger), Err(Rejection::UnknownPerson { person: id("ghost") }));
        let mut nowhere = given.clone();
        nowhere.actor.window = Some(id("NOWHERE"));
        prop_assert!(precedence(&answer(&centre, &state, &nowhere)).is_some_and(|found| found <= Precedence::Place));
        let mut clockwork = given.clone();
        clockwork.actor = staff(Role::Timekeeper);
        let wrong_role = answer(&centre, &state, &clockwork);
        if precedence(&wrong_role) == Some(Precedence::Identity) {
            clockwork.actor.window = Some(id("NOWHERE"));
            prop_assert_eq!(answer(&centre, &state, &clockwork), wrong_role);
        }
        let mut ahead = given.clone();
        ahead.effective_on = Some(day.next());
        prop_assert!(precedence(&answer(&centre, &state, &ahead)).is_some_and(|found| found <= Precedence::Day));
        let begins = matches!(given.ask, CaseCommand::Submit { .. } | CaseCommand::RecordPreCheck { .. });
        if !begins {
            let found = precedence(&answer(&centre, &CaseState::Absent, &given));
            prop_assert!(found.is_some_and(|found| found <= Precedence::Stage));
        }

        // Faults of a late kind leave an earlier refusal as it is.
        let Err(refused) = plain else { return Ok(()) };
        let unchanged = |kind: Precedence, answer: Result<_, Rejection>| {
            prop_assert!(
                refused.precedence() >= kind || answer == Err(refused.clone()),
                "{:?} became {:?}", refused, answer
            );
            Ok(())
        };
        let mut mute = draw;
        mute.speaks = false;
        unchanged(Precedence::Content, answer(&centre, &state, &asked(&mute, day)))?;
        let mut early = given.clone();
        early.effective_on = Some(date(2009, 6, 1));
        unchanged(Precedence::Order, answer(&centre, &state, &early))?;
        let mut elsewhere = centre.clone();
        if let Some(staff) = elsewhere.staff.get_mut(&given.actor.person) {
            staff.windows.extend(given.actor.window.clone());
            staff.departments.clear();
        }
        unchanged(Precedence::Authority, answer(&elsewhere, &state, &given))?;
    }
}
