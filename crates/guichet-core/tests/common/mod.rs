//! The service centre and the commands that the tests of decisions share.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

pub(crate) mod calendars;

use guichet_core::actor::{Actor, Role};
use guichet_core::calendar::Calendar;
use guichet_core::case::event::{CaseEvent, Opinion, Verdict};
use guichet_core::case::{CaseCommand, Rejection};
use guichet_core::flow::{Block, Join, MemberSilence, SilenceEffect, SilenceNeeds, Step};
use guichet_core::id::StepId;
use guichet_core::procedure::{
    ExtensionRule, Fee, Material, Names, Procedure, Rating, RatingPoint, SpecialKind, SpecialRule,
};
use guichet_core::reference::{Directory, WindowForm};
use guichet_core::testkit::{
    self, Furnish, Scenario, decision, given, id, parallel, person, sourced, staff, step, submit,
};
use guichet_core::time::{Date, Term, date};

pub(crate) fn march(day: i8) -> Date {
    date(2010, 3, day)
}

/// Monday the first of March 2010, on which nearly every case begins.
pub(crate) const MONDAY: Date = Date::from_days(14_669);

pub(crate) fn cn() -> Calendar {
    serde_json::from_str(include_str!("../../../guichet-catalogue/calendars/CN.json")).unwrap()
}

fn material(name: &str) -> Material {
    Material {
        id: id(name),
        name: names(name),
        required: true,
        when: None,
        may_follow: false,
    }
}

fn names(name: &str) -> Names {
    Names {
        zh: name.into(),
        en: name.into(),
    }
}

fn special(kind: SpecialKind, excluded: bool) -> SpecialRule {
    SpecialRule {
        kind,
        excluded,
        longest: Some(Term::WorkingDays(20)),
        source: "set for a test".into(),
    }
}

pub(crate) fn of(department: &str, mut step: Step) -> Block {
    step.department = Some(id(department));
    step.into()
}

/// Everything a procedure can ask for, over a flow of three steps: examine, review by other eyes, decide by other eyes.
pub(crate) fn licence() -> Procedure {
    let mut licence = testkit::procedure("licence");
    licence.materials = vec![
        material("form"),
        Material {
            may_follow: true,
            ..material("plan")
        },
        Material {
            when: Some("case.area > 500".parse().unwrap()),
            ..material("map")
        },
    ];
    licence.fees = vec![Fee {
        id: id("fee"),
        name: names("fee"),
        amount_fen: 5_000,
        source: "set for a test".into(),
    }];
    licence.fee_before_delivery = true;
    licence.terms.promised = Some(sourced(Term::WorkingDays(10)));
    licence.terms.delivery = Some(sourced(Term::WorkingDays(10)));
    licence.terms.correction = Some(sourced(Term::WorkingDays(10)));
    licence.silence.intake_accepts = true;
    licence.special_procedures = vec![
        special(SpecialKind::Hearing, true),
        special(SpecialKind::Inspection, false),
        special(SpecialKind::Other, true),
    ];
    licence.extension = Some(ExtensionRule {
        longest: Term::WorkingDays(10),
        times: 1,
        approver: Role::AuthorityHead,
        source: "set for a test".into(),
    });
    licence.rating = Some(Rating {
        points: RatingPoint::ALL.to_vec(),
        open_for: Term::WorkingDays(10),
        rectify_within: Term::WorkingDays(5),
    });
    let mut examine = step("examine");
    examine.term = Some(Term::WorkingDays(5));
    let mut review = step("review");
    review.role = Some(Role::Reviewer);
    review.four_eyes = vec![id("examine")];
    let mut decision = decision();
    decision.four_eyes = vec![id("examine"), id("review")];
    licence.flow = Some(Block::Sequence(vec![
        examine.into(),
        review.into(),
        decision.into(),
    ]));
    licence
}

/// A procedure of nothing but a flow.
pub(crate) fn flowing(name: &str, flow: Block) -> Procedure {
    let mut procedure = testkit::procedure(name);
    procedure.flow = Some(flow);
    procedure
}

/// Examination, then fire (safety), health and culture side by side, whose silence counts after seven working days, then
/// the decision.
pub(crate) fn joint(join: Join) -> Procedure {
    let mut fire = step("fire");
    fire.safety = true;
    let mut group = parallel(
        "group",
        join,
        [
            of("fire", fire),
            of("health", step("health")),
            of("culture", step("culture")),
        ],
    );
    group.silence = Some(MemberSilence {
        after: Term::WorkingDays(7),
        effect: SilenceEffect::Consent,
        needs: SilenceNeeds::ProofOfService,
        only: Vec::new(),
    });
    flowing(
        "joint",
        Block::Sequence(vec![step("examine").into(), group.into(), decision().into()]),
    )
}

pub(crate) fn centre() -> Directory {
    let mut centre = testkit::centre()
        .with_calendar(cn())
        .with_window("W2", WindowForm::Reception, Some("fire"))
        .with_window("ROTA", WindowForm::Rotating, None)
        .with_staff("second", &[Role::Handler], &["licensing"], &[])
        .with_staff(
            "all-eyes",
            &[Role::Handler, Role::Reviewer, Role::Approver],
            &["licensing"],
            &[],
        )
        .with_staff("fire-clerk", &[Role::Clerk], &["fire"], &[])
        .with_staff("rota-clerk", &[Role::Clerk], &[], &["ROTA"])
        .with_staff("fire-supervisor", &[Role::Supervisor], &["fire"], &[])
        .with_staff("own-supervisor", &[Role::Supervisor], &["licensing"], &[]);
    for name in ["fire", "health", "culture"] {
        centre = centre.with_department(name);
        for role in [Role::Handler, Role::Approver, Role::AuthorityHead] {
            centre = centre.with_staff(&format!("{name}-{role}"), &[role], &[name], &[]);
        }
    }
    centre
        .with_roster("ROTA", (march(1), march(1)), &["licensing", "fire"])
        .with_roster("ROTA", (march(2), march(2)), &["fire"])
        .with_procedure(licence())
        .with_procedure(joint(Join::All))
}

/// Whoever handles cases for another department.
pub(crate) fn handler_of(department: &str) -> Actor {
    person(&format!("{department}-handler"), Role::Handler)
}

pub(crate) fn clerk() -> Actor {
    staff(Role::Clerk)
}
pub(crate) fn handler() -> Actor {
    staff(Role::Handler)
}
pub(crate) fn reviewer() -> Actor {
    staff(Role::Reviewer)
}
pub(crate) fn approver() -> Actor {
    staff(Role::Approver)
}
pub(crate) fn head() -> Actor {
    staff(Role::AuthorityHead)
}
pub(crate) fn applicant() -> Actor {
    staff(Role::Applicant)
}
pub(crate) fn timekeeper() -> Actor {
    staff(Role::Timekeeper)
}
pub(crate) fn supervisor() -> Actor {
    staff(Role::Supervisor)
}
pub(crate) fn nobody() -> Actor {
    person("nobody", Role::Handler)
}

pub(crate) fn submit_with(procedure: &str, materials: &[&str]) -> CaseCommand {
    let CaseCommand::Submit {
        procedure, applicant, ..
    } = submit(procedure)
    else {
        unreachable!("submit makes a submission")
    };
    CaseCommand::Submit {
        procedure,
        applicant,
        channel: None,
        facts: [("area".to_owned(), 100.into())].into(),
        materials: materials.iter().map(|name| id(name)).collect(),
        resubmits: None,
    }
}

pub(crate) fn accept() -> CaseCommand {
    CaseCommand::Accept { gaps_due_on: None }
}
pub(crate) fn note_time() -> CaseCommand {
    CaseCommand::NoteTime {}
}
pub(crate) fn claim(name: &str) -> CaseCommand {
    CaseCommand::Claim { step: id(name) }
}
pub(crate) fn agree(name: &str) -> CaseCommand {
    opine(name, Opinion::Agree, None)
}
pub(crate) fn disagree(name: &str) -> CaseCommand {
    opine(name, Opinion::Disagree, Some("the stairs are too narrow"))
}
pub(crate) fn opine(name: &str, opinion: Opinion, reasons: Option<&str>) -> CaseCommand {
    CaseCommand::GiveOpinion {
        step: id(name),
        opinion,
        reasons: reasons.map(str::to_owned),
    }
}
pub(crate) fn send_back(from: &str, to: &str) -> CaseCommand {
    CaseCommand::SendBack {
        from: id(from),
        to: id(to),
        reason: "a figure is wrong".into(),
    }
}
pub(crate) fn decide(verdict: Verdict) -> CaseCommand {
    CaseCommand::Decide {
        verdict,
        reasons: (verdict == Verdict::Refused).then(|| "the site is protected".into()),
    }
}
pub(crate) fn grant() -> CaseCommand {
    decide(Verdict::Granted)
}
pub(crate) fn prove(member: &str) -> CaseCommand {
    CaseCommand::ProveService {
        group: id("group"),
        member: id(member),
        evidence: id("receipt"),
    }
}
pub(crate) fn text(text: &str) -> String {
    text.to_owned()
}

/// A licence handed in on Monday with what it needs.
pub(crate) fn submitted() -> Scenario {
    given(&centre(), []).after(&clerk(), submit_with("licence", &["form", "plan"]), MONDAY)
}

/// The same, accepted that day: it stands at `examine`.
pub(crate) fn in_review() -> Scenario {
    submitted().after(&clerk(), accept(), MONDAY)
}

/// The same, examined and reviewed that day: it stands at `decision`.
pub(crate) fn before_decision() -> Scenario {
    in_review()
        .after(&handler(), agree("examine"), MONDAY)
        .after(&reviewer(), agree("review"), MONDAY)
}

pub(crate) fn decided(verdict: Verdict) -> Scenario {
    before_decision().after(&approver(), decide(verdict), march(2))
}

/// A case of some procedure, accepted on Monday.
pub(crate) fn running(centre: &Directory, procedure: &str) -> Scenario {
    given(centre, [])
        .after(&clerk(), submit(procedure), MONDAY)
        .after(&clerk(), accept(), MONDAY)
}

/// A joint case whose group stands open since Monday.
pub(crate) fn in_group(join: Join) -> Scenario {
    let centre = centre().with_procedure(joint(join));
    running(&centre, "joint").after(&handler(), agree("examine"), MONDAY)
}

pub(crate) fn kinds(events: &[CaseEvent]) -> Vec<&'static str> {
    events.iter().map(CaseEvent::kind).collect()
}

pub(crate) fn reasons_missing(what: &'static str) -> Rejection {
    Rejection::ReasonsMissing { what }
}

pub(crate) fn open_steps(scenario: &Scenario) -> Vec<&str> {
    scenario.case().progress.open.iter().map(StepId::as_str).collect()
}
