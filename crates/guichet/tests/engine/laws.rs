//! Laws of the engine, over commands by chance.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet::core::actor::{Actor, Role};
use guichet::core::case::event::{CorrectionItem, Opinion, Satisfaction, SuspensionGround, Verdict};
use guichet::core::case::{CaseCommand, CaseState, Command};
use guichet::{Answer, Guichet, Timekeeper};
use proptest::prelude::*;

use crate::common::{HandTurned, MONDAY, Store, at_window, case, command, engine_over, person, publish};

/// What somebody does next, in numbers: what it means depends on where the case stands.
#[derive(Clone, Copy, Debug)]
struct Move {
    case: usize,
    what: usize,
    days: i32,
    choice: usize,
}

fn moves(most: usize) -> impl Strategy<Value = Vec<Move>> {
    let one = (
        0..4_usize,
        0..24_usize,
        prop_oneof![6 => Just(0), 3 => 1..4, 1 => 5..90],
        0..8_usize,
    );
    prop::collection::vec(
        one.prop_map(|(case, what, days, choice)| Move {
            case,
            what,
            days,
            choice,
        }),
        1..most,
    )
}

/// The procedures that these tests use, with window, clerk and approver: one decided on the spot, one with four steps, and
/// one that three departments approve in parallel.
const PROCEDURES: [(&str, &str, &str, &str); 3] = [
    ("seal-filing", "w04", "s07", "s08"),
    ("food-service", "w05", "s09", "s10"),
    ("enterprise-establishment", "w01", "s01", "s02"),
];

/// Who may do a step, by its role and department: people that the directory knows.
fn who(engine: &Guichet, state: &CaseState, step: &str, choice: usize) -> Option<Actor> {
    let known = state.case()?;
    let (_, reached) = known.steps.iter().find(|(id, _)| id.as_str() == step)?;
    let directory = engine.directory();
    let able: Vec<_> = directory
        .staff
        .values()
        .filter(|staff| {
            staff.roles.contains(&reached.role) && staff.departments.contains(&reached.department)
        })
        .collect();
    let staff = able.get(choice % able.len().max(1))?;
    let window = directory
        .windows
        .values()
        .find(|window| window.department.as_ref() == Some(&reached.department))
        .map(|window| window.id.clone());
    let mut actor = Actor::new(staff.id.clone(), reached.role);
    if reached.role == Role::Clerk {
        actor.window = window;
    }
    Some(actor)
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each thing that somebody may do"
)]
fn ask_of(engine: &Guichet, number: usize, of: &str, state: &CaseState, step: Move) -> Command {
    let (procedure, window, clerk, approver) = PROCEDURES[step.case % PROCEDURES.len()];
    let clerk = at_window(window, clerk, Role::Clerk);
    let head = person(approver, Role::Approver);
    let materials = || -> BTreeSet<_> {
        let directory = engine.directory();
        let newest = directory.newest(&procedure.parse().unwrap()).unwrap();
        newest
            .materials
            .iter()
            .map(|material| material.id.clone())
            .collect()
    };
    let open: Vec<_> = state
        .case()
        .map(|known| known.progress.open.iter().cloned().collect())
        .unwrap_or_default();
    let at = open.get(step.choice % open.len().max(1)).cloned();
    let (actor, ask) = match (step.what, at) {
        (0..=2, _) if state.case().is_none() => {
            let facts = BTreeMap::from([("agent".to_owned(), step.choice.is_multiple_of(2).into())]);
            let ask = CaseCommand::Submit {
                procedure: procedure.parse().unwrap(),
                applicant: "p-1".parse().unwrap(),
                channel: None,
                facts,
                materials: materials(),
                resubmits: None,
            };
            (clerk, ask)
        }
        (0..=4, None) => (clerk, CaseCommand::Accept { gaps_due_on: None }),
        (0..=10, Some(step_id)) => {
            let actor = who(engine, state, step_id.as_str(), step.choice).unwrap_or(clerk);
            let opinion = if step.choice == 7 {
                Opinion::Disagree
            } else {
                Opinion::Agree
            };
            let reasons = (step.choice == 7).then(|| "it is not safe".to_owned());
            let decides = actor.role == Role::Approver && open.len() == 1 && step.what > 6;
            if decides {
                let verdict = if step.choice == 7 {
                    Verdict::Refused
                } else {
                    Verdict::Granted
                };
                (actor, CaseCommand::Decide { verdict, reasons })
            } else {
                (
                    actor,
                    CaseCommand::GiveOpinion {
                        step: step_id,
                        opinion,
                        reasons,
                    },
                )
            }
        }
        (5..=6, None) => (
            head,
            CaseCommand::Decide {
                verdict: Verdict::Granted,
                reasons: None,
            },
        ),
        (7, _) => (
            clerk,
            CaseCommand::RequestCorrection {
                items: vec![CorrectionItem {
                    material: "applicant-id".parse().unwrap(),
                    defect: "the form is not signed".into(),
                }],
            },
        ),
        (8 | 11, _) => (
            clerk,
            CaseCommand::SubmitCorrection {
                materials: materials(),
                complete: step.choice > 1,
            },
        ),
        (9 | 12, _) => (
            head,
            CaseCommand::Suspend {
                ground: SuspensionGround::ForceMajeure,
                reason: "the house is flooded".into(),
                notice: None,
            },
        ),
        (10 | 13, _) => (head, CaseCommand::Resume {}),
        (14, _) => (
            clerk,
            CaseCommand::Transfer {
                to: "w17".parse().unwrap(),
                reason: "it belongs there".into(),
            },
        ),
        (15, _) => (
            clerk,
            CaseCommand::ReturnTransfer {
                reason: "not ours".into(),
            },
        ),
        (16, _) => (
            person("p-1", Role::Applicant),
            CaseCommand::Withdraw {
                reason: "no longer needed".into(),
            },
        ),
        (17, _) => (
            head,
            CaseCommand::Reopen {
                reason: "something came to light".into(),
                at: None,
            },
        ),
        (18, _) => (
            clerk,
            CaseCommand::Deliver {
                method: "at the window".into(),
            },
        ),
        (19, _) => (clerk, CaseCommand::Complete {}),
        (20, _) => {
            let opportunity = state
                .case()
                .and_then(|known| known.ratings.keys().next().cloned());
            (
                person("p-1", Role::Applicant),
                CaseCommand::Rate {
                    opportunity: opportunity.unwrap_or_else(|| "none".parse().unwrap()),
                    level: Satisfaction::Satisfied,
                    comment: None,
                },
            )
        }
        (21, _) => (person("timekeeper", Role::Timekeeper), CaseCommand::NoteTime {}),
        (_, _) => (
            person("importer", Role::Importer),
            CaseCommand::RecordStep {
                activity: "noted".into(),
                by: None,
                group: None,
                attributes: BTreeMap::new(),
            },
        ),
    };
    command(&format!("k{number}"), of, actor, ask)
}

async fn state_of(engine: &Guichet, of: &str) -> CaseState {
    let view = engine.case(&case(of)).await.unwrap();
    view.map_or(CaseState::Absent, |view| view.state)
}

/// Walks a random path, and asks after each step whether an engine that starts now knows the same.
async fn walk(store: &Store, moves: &[Move]) -> usize {
    let time = HandTurned::at(MONDAY, 9);
    let engine = engine_over(Arc::clone(&store.log), Arc::clone(&time)).await;
    publish(&engine).await;
    let mut day = MONDAY;
    let mut accepted = 0;
    for (number, step) in moves.iter().enumerate() {
        day = day.plus_days(step.days);
        time.turn_to(day, 9);
        let of = format!("c{}", step.case);
        let before = state_of(&engine, &of).await;
        let head = engine.head();
        let command = ask_of(&engine, number, &of, &before, *step);
        let would = engine.dry_run(&command).await.unwrap();
        let answer = engine.handle(command.clone()).await.unwrap();
        let after = state_of(&engine, &of).await;
        match &answer {
            Answer::Rejected(rejection) => {
                assert_eq!(would, Answer::Rejected(rejection.clone()));
                assert_eq!(engine.head(), head, "a rejection reached the log");
                assert_eq!(after, before, "a rejection changed a case");
            }
            Answer::Accepted(answer) => {
                accepted += usize::from(!answer.events.is_empty());
                assert_eq!(would.accepted().unwrap().events, answer.events);
                assert_eq!(
                    engine.head(),
                    head.plus(answer.events.len() as u64),
                    "half of it was applied"
                );
                let folded = answer.events.iter().fold(before, guichet::core::case::evolve);
                assert_eq!(
                    after, folded,
                    "what was recorded folds to another state than what was decided"
                );
            }
        }
        // A second engine over the same log, as after a restart, decides as the running one does.
        let fresh = engine_over(Arc::clone(&store.log), Arc::clone(&time)).await;
        assert_eq!(*fresh.directory(), *engine.directory());
        for of in 0..4 {
            let of = format!("c{of}");
            assert_eq!(state_of(&fresh, &of).await, state_of(&engine, &of).await);
        }
        let next = moves.get(number + 1).copied().unwrap_or(*step);
        let probe = ask_of(
            &engine,
            1_000_000 + number,
            &format!("c{}", next.case),
            &after,
            next,
        );
        let (here, there) = (
            engine.dry_run(&probe).await.unwrap(),
            fresh.dry_run(&probe).await.unwrap(),
        );
        assert_eq!(here, there);
    }
    let mut timekeeper = Timekeeper::new(engine.clone());
    time.turn_to(day.plus_days(120), 9);
    timekeeper.tick().await.unwrap();
    assert_eq!(timekeeper.tick().await.unwrap().events, []);
    accepted
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// One step after the other, through each procedure to its end: what chance alone would rarely find.
fn straight() -> Vec<Move> {
    (0..3)
        .flat_map(|case| {
            (0..30).map(move |number| Move {
                case,
                what: [0, 3, 8, 10, 18, 19]
                    [usize::min(number, 3 + usize::from(number > 24) + usize::from(number > 27))],
                days: 0,
                choice: number % 2,
            })
        })
        .collect()
}

#[test]
fn the_straight_way_is_the_same_to_a_reopened_engine() {
    let accepted = runtime().block_on(walk(&Store::in_memory(), &straight()));
    assert!(accepted > 12, "{accepted}");
}

#[test]
fn the_straight_way_is_the_same_on_disk() {
    let accepted = runtime().block_on(walk(&Store::on_disk(), &straight()));
    assert!(accepted > 12, "{accepted}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_commands_leave_what_a_reopened_engine_reads(moves in moves(40)) {
        runtime().block_on(walk(&Store::in_memory(), &moves));
    }
}
