//! A log for tests of findings: a small centre, and events given as they stand, possible or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_audit::findings::{Finding, Findings, Found, RuleId, Rules};
use guichet_core::actor::{Actor, Role};
use guichet_core::flow::{Block, Join};
use guichet_core::id::{CaseId, CommandId, Position, Revision, StreamId};
use guichet_core::procedure::{
    ExtensionRule, Fee, Material, Names, Procedure, ProcedureKind, Rating, RatingPoint, Silence, SpecialKind,
    SpecialRule,
};
use guichet_core::reference::{Directory, ReferenceEvent, WindowForm};
use guichet_core::testkit::{Furnish as _, centre, decision, id, parallel, procedure, sourced, step};
use guichet_core::time::{Date, Term, Timestamp, date};
use guichet_log::codec::{Event, json};
use guichet_log::projection::{Projection as _, Recorded};
use guichet_log::record::Cause;
use guichet_stats::AsOf;
use serde_json::{Value, json};

fn names(name: &str) -> Names {
    Names {
        zh: name.to_owned(),
        en: name.to_owned(),
    }
}

/// An item with everything that rules look at: promised in 10 working days, 20 by law, one step before the decision.
pub(crate) fn item(name: &str, kind: ProcedureKind) -> Procedure {
    let mut item = procedure(name);
    item.kind = kind;
    item.terms.intake = Some(sourced(Term::WorkingDays(5)));
    item.terms.statutory = Some(sourced(Term::WorkingDays(20)));
    item.terms.promised = Some(sourced(Term::WorkingDays(10)));
    item.terms.delivery = Some(sourced(Term::WorkingDays(10)));
    item.materials = [("form", false), ("plan", true)]
        .map(|(material, may_follow)| Material {
            id: id(material),
            name: names(material),
            required: true,
            when: None,
            may_follow,
        })
        .into();
    item.fees = vec![Fee {
        id: id("stamp"),
        name: names("stamp"),
        amount_fen: 5_000,
        source: "a made-up list".to_owned(),
    }];
    item.special_procedures = vec![SpecialRule {
        kind: SpecialKind::Hearing,
        excluded: true,
        longest: Some(Term::WorkingDays(10)),
        source: "a made-up rule".to_owned(),
    }];
    item.extension = Some(ExtensionRule {
        longest: Term::WorkingDays(10),
        times: 1,
        approver: Role::AuthorityHead,
        source: "a made-up rule".to_owned(),
    });
    item.silence = Silence {
        intake_accepts: true,
        decision: None,
    };
    item.rating = Some(Rating {
        points: vec![RatingPoint::Decision],
        open_for: Term::WorkingDays(5),
        rectify_within: Term::WorkingDays(15),
    });
    let mut examine = step("examine");
    examine.role = Some(Role::Handler);
    examine.term = Some(Term::WorkingDays(3));
    let mut decide = decision();
    decide.role = Some(Role::Approver);
    decide.four_eyes = vec![id("examine")];
    item.flow = Some(Block::Sequence(vec![
        Block::Step(Box::new(examine)),
        Block::Step(Box::new(decide)),
    ]));
    item
}

/// An item whose flow asks two departments side by side.
fn joint() -> Procedure {
    let mut item = item("joint", ProcedureKind::Promised);
    let member = |name: &str, department: &str, safety: bool| {
        let mut member = step(name);
        member.department = Some(id(department));
        member.role = Some(Role::Handler);
        member.safety = safety;
        Block::Step(Box::new(member))
    };
    let branches = [
        member("culture", "licensing", false),
        member("fire", "health", true),
    ];
    item.flow = Some(Block::Sequence(vec![
        Block::Parallel(Box::new(parallel("opinions", Join::All, branches))),
        Block::Step(Box::new(decision())),
    ]));
    item
}

/// A log that grows.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) log: Vec<Recorded>,
    revisions: BTreeMap<String, u64>,
}

/// A moment of 2010 by the wall clock of the centre, such as `03-01 09:00` or `03-01 09:00:05`.
pub(crate) fn moment(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    let seconds = if time.len() == 5 { ":00" } else { "" };
    format!("2010-{day}T{time}{seconds}+08:00").parse().unwrap()
}

/// The day of such a moment.
pub(crate) fn day(text: &str) -> String {
    format!("2010-{}", &text[..5])
}

/// Somebody of the centre, in a role: each is called by it.
pub(crate) fn by(role: Role) -> Actor {
    guichet_core::testkit::staff(role)
}

impl Story {
    /// The centre, with nothing that has happened.
    pub(crate) fn new() -> Self {
        let july = (date(2010, 3, 1), date(2010, 7, 31));
        let directory = centre()
            .with_department("health")
            .with_window("W2", WindowForm::Reception, Some("health"))
            .with_window("ROTA", WindowForm::Rotating, None)
            .with_roster("ROTA", july, &["health"])
            .with_staff("nurse", &[Role::Handler], &["health"], &[])
            .with_staff(
                "all",
                &[Role::Handler, Role::Reviewer, Role::Approver],
                &["licensing"],
                &[],
            )
            .with_procedure(item("permit", ProcedureKind::Promised))
            .with_procedure(item("land", ProcedureKind::Forwarded))
            .with_procedure(joint());
        let mut story = Self {
            log: Vec::new(),
            revisions: BTreeMap::new(),
        };
        story.publish(directory);
        story
    }

    fn publish(&mut self, directory: Directory) {
        let mut events: Vec<ReferenceEvent> = Vec::new();
        events.extend(directory.centre.map(ReferenceEvent::CentrePublished));
        events.extend(
            directory
                .departments
                .into_values()
                .map(ReferenceEvent::DepartmentRegistered),
        );
        events.extend(
            directory
                .windows
                .into_values()
                .map(ReferenceEvent::WindowRegistered),
        );
        events.extend(
            directory
                .rosters
                .into_values()
                .flatten()
                .map(ReferenceEvent::RosterPublished),
        );
        events.extend(directory.staff.into_values().map(ReferenceEvent::StaffRegistered));
        events.extend(
            directory
                .calendars
                .into_values()
                .map(ReferenceEvent::CalendarPublished),
        );
        let versions = directory.procedures.into_values().flat_map(BTreeMap::into_values);
        events.extend(versions.map(ReferenceEvent::ProcedurePublished));
        for event in events {
            let stream = event.stream().to_owned();
            self.push(
                "02-01 08:00",
                &stream,
                by(Role::Director),
                Event::Reference(event),
            );
        }
    }

    /// Publishes another version of an item.
    pub(crate) fn item(&mut self, change: impl FnOnce(&mut Procedure)) -> &mut Self {
        let mut item = item("permit", ProcedureKind::Promised);
        change(&mut item);
        let event = ReferenceEvent::ProcedurePublished(Arc::new(item));
        self.push(
            "02-01 08:00",
            "reference/procedures",
            by(Role::Director),
            Event::Reference(event),
        );
        self
    }

    fn push(&mut self, when: &str, stream: &str, actor: Actor, event: Event) {
        let revision = self.revisions.entry(stream.to_owned()).or_default();
        let position = self.log.len() as u64;
        self.log.push(Recorded {
            position: Position(position),
            stream: StreamId::new(stream).unwrap(),
            revision: Revision(*revision),
            recorded_at: moment(when),
            occurred_at: moment(when),
            actor,
            authority: None,
            cause: Cause::Asked,
            command: CommandId::new(&format!("c-{position}")).unwrap(),
            event,
        });
        *revision += 1;
    }

    /// Somebody says something that is no event of a case.
    pub(crate) fn says(&mut self, actor: &Actor, event: ReferenceEvent) -> &mut Self {
        let stream = event.stream().to_owned();
        self.push("03-31 09:00", &stream, actor.clone(), Event::Reference(event));
        self
    }

    /// Something happens to a case: the kind without `case.`, and its fields; those that may be absent may be left out.
    pub(crate) fn does(
        &mut self,
        when: &str,
        case: &str,
        actor: Actor,
        kind: &str,
        fields: Value,
    ) -> &mut Self {
        let event = json::read(&format!("case.{kind}"), fields).unwrap();
        let stream = StreamId::of_case(&CaseId::new(case).unwrap());
        self.push(when, stream.as_str(), actor, event);
        self
    }

    /// Changes the record before.
    pub(crate) fn but(&mut self, change: impl FnOnce(&mut Recorded)) -> &mut Self {
        change(self.log.last_mut().unwrap());
        self
    }

    /// An application for `permit` with all material.
    pub(crate) fn submitted(&mut self, when: &str, case: &str) -> &mut Self {
        self.submitted_with(when, case, json!({}))
    }

    /// An application with other fields.
    pub(crate) fn submitted_with(&mut self, when: &str, case: &str, other: Value) -> &mut Self {
        let mut fields = json!({
            "procedure": "permit", "version": 1, "department": "licensing", "applicant": "applicant",
            "channel": "window", "window": "W1", "facts": {}, "materials": ["form", "plan"], "received_on": day(when),
        });
        if let (Some(fields), Value::Object(other)) = (fields.as_object_mut(), other) {
            fields.extend(other);
        }
        self.does(when, case, by(Role::Clerk), "submitted", fields)
    }

    pub(crate) fn accepted(&mut self, when: &str, case: &str) -> &mut Self {
        let fields = json!({"effective_on": day(when), "gaps": []});
        self.does(when, case, by(Role::Clerk), "accepted", fields)
    }

    pub(crate) fn started(&mut self, when: &str, case: &str, step: &str, role: Role) -> &mut Self {
        let fields = json!({"step": step, "department": "licensing", "role": role, "started_on": day(when)});
        self.does(when, case, by(Role::Clerk), "step_started", fields)
            .but(|record| record.cause = Cause::Followed(Position(record.position.0 - 1)))
    }

    pub(crate) fn opinion(&mut self, when: &str, case: &str, step: &str, who: Actor) -> &mut Self {
        let fields = json!({"step": step, "opinion": "agree", "by": who.person});
        self.does(when, case, who, "step_opinion_given", fields)
    }

    /// Submitted and accepted at that moment, an hour later begun.
    pub(crate) fn begun(&mut self, when: &str, case: &str) -> &mut Self {
        self.submitted(when, case)
            .accepted(when, case)
            .started(when, case, "examine", Role::Handler)
    }

    /// Begun and examined.
    pub(crate) fn examined(&mut self, when: &str, case: &str) -> &mut Self {
        self.begun(when, case)
            .opinion(when, case, "examine", by(Role::Handler))
    }

    pub(crate) fn decided_by(&mut self, when: &str, case: &str, who: Actor, other: Value) -> &mut Self {
        let mut fields = json!({
            "verdict": "granted", "by": who.person, "decided_on": day(when), "step": "decision",
            "timeliness": "on_time",
        });
        if let (Some(fields), Value::Object(other)) = (fields.as_object_mut(), other) {
            fields.extend(other);
        }
        self.does(when, case, who, "decision_made", fields)
    }

    pub(crate) fn decided(&mut self, when: &str, case: &str) -> &mut Self {
        self.decided_by(when, case, by(Role::Approver), json!({}))
    }

    pub(crate) fn offered(&mut self, when: &str, case: &str, opportunity: &str) -> &mut Self {
        let fields = json!({
            "opportunity": opportunity, "point": "decision", "staff": "clerk", "window": "W1",
            "department": "licensing", "closes_on": "2010-12-31",
        });
        self.does(when, case, by(Role::Timekeeper), "rating_offered", fields)
    }

    pub(crate) fn rated(
        &mut self,
        when: &str,
        case: &str,
        opportunity: &str,
        level: &str,
        who: Actor,
    ) -> &mut Self {
        let fields = json!({"opportunity": opportunity, "level": level});
        self.does(when, case, who, "rating_given", fields)
    }

    /// The certificate is made out and delivered.
    pub(crate) fn delivered(&mut self, when: &str, case: &str) -> &mut Self {
        self.does(
            when,
            case,
            by(Role::Approver),
            "certificate_issued",
            json!({"certificate": "d-1"}),
        );
        let fields = json!({"delivered_on": day(when), "method": "at the window"});
        self.does(when, case, by(Role::Clerk), "certificate_delivered", fields)
    }

    pub(crate) fn completed(&mut self, when: &str, case: &str) -> &mut Self {
        let fields = json!({"completed_on": day(when)});
        self.does(when, case, by(Role::Clerk), "completed", fields)
    }

    pub(crate) fn found_with(&self, rules: Rules, as_of: AsOf) -> Found {
        let mut findings = Findings::new(rules, as_of);
        for recorded in &self.log {
            findings.apply(recorded);
        }
        findings.view()
    }

    pub(crate) fn found(&self) -> Found {
        self.found_with(Rules::default(), AsOf::Now)
    }

    /// The findings of one rule.
    pub(crate) fn of(&self, rule: RuleId) -> Vec<Finding> {
        let found = self.found().findings.into_iter();
        found.filter(|finding| finding.rule == rule).collect()
    }
}

/// A day as events write it.
pub(crate) fn on(day: &str) -> Date {
    format!("2010-{day}").parse().unwrap()
}
