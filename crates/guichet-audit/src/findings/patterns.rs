//! The rules that look across cases: B6, B7's sums, B11, the second half of B12, B15, and the signals of B18.
//!
//! Everything here is a sum or a bounded list that adds up from parts of the log, whichever cases each part holds.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::actor::Role;
use guichet_core::case::clocks::decision_start;
use guichet_core::case::event::ConsentGround;
use guichet_core::case::{Case, CaseEvent, Stage};
use guichet_core::clock::Clock;
use guichet_core::id::{CaseId, DepartmentId, PersonId, Position, ProcedureId, WindowId};
use guichet_core::procedure::RatingPoint;
use guichet_core::reference::Staff;
use guichet_core::time::{Date, Term, Timestamp};
use guichet_log::projection::Recorded;

use super::case::{Application, Marks, Row, knows_staff};
use super::finding::{EVIDENCE_MAX, Fact, Finding, OutOfPlace, Place, Refusal, Subject};
use super::rule::{RuleId, Rules};
use super::turn::{Turn, calendar_days, working_days};

/// Positions of records, the first of them by name and all by number.
#[derive(Clone, Debug, Default)]
struct Evidence {
    first: BTreeSet<Position>,
    count: u64,
}

impl Evidence {
    fn add(&mut self, position: Position) {
        self.first.insert(position);
        self.count += 1;
        if self.first.len() > EVIDENCE_MAX {
            self.first.pop_last();
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first.extend(other.first);
        while self.first.len() > EVIDENCE_MAX {
            self.first.pop_last();
        }
    }
}

/// A rating that came within seconds of its occasion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quick {
    pub(super) at: Timestamp,
    pub(super) position: Position,
    pub(super) on: Date,
}

/// The occasions of a window.
#[derive(Clone, Debug, Default)]
struct Rated {
    offered: u64,
    given: u64,
    best: u64,
    /// Of cases that were withdrawn, or accepted and decided on one day.
    offered_fast: u64,
    given_fast: u64,
    offered_later: u64,
    given_later: u64,
    ratings: Evidence,
    quick: Vec<Quick>,
    last_on: Option<Date>,
}

/// The time of one handler's cases of one item.
#[derive(Clone, Debug, Default)]
struct Spent {
    cases: u64,
    excluded: u64,
    elapsed: u64,
    decisions: Evidence,
    last_on: Option<Date>,
    department: Option<DepartmentId>,
}

/// The answers of one department in parallel groups.
#[derive(Clone, Debug, Default)]
struct Answers {
    asked: u64,
    deemed: Evidence,
    last_on: Option<Date>,
}

/// One way of being out of place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Misplaced {
    person: PersonId,
    ground: OutOfPlace,
    role: Role,
    window: Option<WindowId>,
}

#[derive(Clone, Debug, Default)]
struct Records {
    evidence: Evidence,
    cases: BTreeSet<CaseId>,
    days: Option<(Date, Date)>,
    place: Place,
}

/// An application that was withdrawn when its limit was near.
#[derive(Clone, Debug)]
struct Withdrawn {
    case: CaseId,
    applicant: PersonId,
    position: Position,
    due_on: Date,
    on: Date,
    place: Place,
}

/// A complete application that was turned away.
#[derive(Clone, Debug)]
struct TurnedAway {
    case: CaseId,
    applicant: PersonId,
    position: Position,
    refusal: Refusal,
    on: Date,
    place: Place,
}

/// What is known across cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns {
    spent: BTreeMap<(ProcedureId, PersonId), Spent>,
    answers: BTreeMap<DepartmentId, Answers>,
    misplaced: BTreeMap<Misplaced, Records>,
    withdrawn: Vec<Withdrawn>,
    turned_away: Vec<TurnedAway>,
    rated: BTreeMap<WindowId, Rated>,
    raters: BTreeMap<(PersonId, Date), Evidence>,
}

impl Patterns {
    /// What an event adds to the sums.
    pub(super) fn before(&mut self, t: &Turn<'_>, case: &Case, marks: &Marks, event: &CaseEvent) {
        if let CaseEvent::DecisionMade(e) = event {
            self.decided(t, case, marks, &e.by, e.decided_on);
        } else if let CaseEvent::MemberOpinionGiven(e) = event {
            if let Some(step) = case.steps.get(&e.member) {
                let answers = self.answers.entry(step.department.clone()).or_default();
                answers.asked += 1;
            }
        } else if let CaseEvent::MemberConsentDeemed(e) = event {
            let silent = matches!(e.ground, ConsentGround::Timeout | ConsentGround::Absence);
            if let Some(step) = case.steps.get(&e.member) {
                let answers = self.answers.entry(step.department.clone()).or_default();
                answers.asked += 1;
                if silent {
                    answers.deemed.add(t.position);
                    answers.last_on = answers.last_on.max(Some(t.on));
                }
            }
        } else if let CaseEvent::CaseWithdrawn(e) = event {
            self.withdrawn(t, case, e.withdrawn_on);
        }
    }

    /// B6: how much of the time of a case was left out.
    fn decided(&mut self, t: &Turn<'_>, case: &Case, marks: &Marks, by: &PersonId, on: Date) {
        let Some((procedure, calendar)) = t.law().filter(|_| case.stage == Stage::Review) else {
            return;
        };
        let start = decision_start(procedure, case);
        let mut clock = Clock::new(start, Term::WorkingDays(0), &procedure.policy, calendar);
        clock.pauses = case.pauses();
        let (Ok(elapsed), Ok(used)) = (calendar.working_days_between(start, on), clock.used(on)) else {
            return;
        };
        let handler = marks.kept.handler.as_ref().unwrap_or(by);
        let key = (procedure.id.clone(), handler.clone());
        let spent = self.spent.entry(key).or_default();
        let excluded = elapsed.saturating_sub(used);
        spent.cases += 1;
        spent.elapsed += u64::from(elapsed);
        spent.excluded += u64::from(excluded);
        if excluded > 0 {
            spent.decisions.add(t.position);
        }
        spent.last_on = spent.last_on.max(Some(on));
        spent.department = Some(procedure.department.clone());
    }

    /// B11: withdrawn when little was left.
    fn withdrawn(&mut self, t: &Turn<'_>, case: &Case, on: Date) {
        let Some((procedure, calendar)) = t.law().filter(|_| case.stage == Stage::Review) else {
            return;
        };
        let terms = &procedure.terms;
        let Some(term) = terms.promised.as_ref().or(terms.statutory.as_ref()) else {
            return;
        };
        let start = decision_start(procedure, case);
        let mut clock = Clock::new(start, term.term, &procedure.policy, calendar);
        clock.extensions.clone_from(&case.extensions);
        clock.pauses = case.pauses();
        let Ok(due_on) = clock.due_on(on) else { return };
        if working_days(Some(calendar), on, due_on) <= t.rules.of().b11.days_left_max && !clock.is_paused(on)
        {
            self.withdrawn.push(Withdrawn {
                case: t.id.clone(),
                applicant: case.applicant.clone(),
                position: t.position,
                due_on,
                on,
                place: t.place.clone(),
            });
        }
    }

    /// A5: complete, and turned away.
    pub(super) fn turned_away(&mut self, t: &Turn<'_>, case: &Case, refusal: Refusal, on: Date) {
        self.turned_away.push(TurnedAway {
            case: t.id.clone(),
            applicant: case.applicant.clone(),
            position: t.position,
            refusal,
            on,
            place: t.place.clone(),
        });
    }

    /// B15: whether the actor of a record was in place.
    pub(super) fn person(&mut self, t: &Turn<'_>, recorded: &Recorded) {
        let actor = &recorded.actor;
        if !actor.role.is_staff() || !knows_staff(t.directory) || t.rules.severity(RuleId::B15).is_none() {
            return;
        }
        let Some(ground) = out_of_place(t, t.directory.staff.get(&actor.person), recorded) else {
            return;
        };
        let key = Misplaced {
            person: actor.person.clone(),
            ground,
            role: actor.role,
            window: actor.window.clone(),
        };
        let records = self.misplaced.entry(key).or_default();
        if records
            .evidence
            .first
            .first()
            .is_none_or(|first| t.position < *first)
        {
            records.place = Place {
                handler: Some(actor.person.clone()),
                window: actor.window.clone(),
                ..t.place.clone()
            };
        }
        records.evidence.add(t.position);
        records.cases.insert(t.id.clone());
        let (first, last) = records.days.unwrap_or((t.on, t.on));
        records.days = Some((first.min(t.on), last.max(t.on)));
    }

    /// An occasion at a window.
    pub(super) fn offered(
        &mut self,
        _: &Turn<'_>,
        window: Option<&WindowId>,
        point: RatingPoint,
        case: Option<&Case>,
    ) {
        let Some(window) = window else { return };
        let rated = self.rated.entry(window.clone()).or_default();
        rated.offered += 1;
        match is_fast(point, case) {
            Some(true) => rated.offered_fast += 1,
            Some(false) => rated.offered_later += 1,
            None => {}
        }
    }

    /// A rating at a window.
    pub(super) fn given(
        &mut self,
        t: &Turn<'_>,
        window: &WindowId,
        point: RatingPoint,
        case: Option<&Case>,
        best: bool,
        position: Position,
    ) {
        let rated = self.rated.entry(window.clone()).or_default();
        rated.given += 1;
        rated.best += u64::from(best);
        match is_fast(point, case) {
            Some(true) => rated.given_fast += 1,
            Some(false) => rated.given_later += 1,
            None => {}
        }
        rated.ratings.add(position);
        rated.last_on = rated.last_on.max(Some(t.on));
    }

    /// A rating that came at once.
    pub(super) fn quick(&mut self, window: &WindowId, quick: Quick) {
        self.rated.entry(window.clone()).or_default().quick.push(quick);
    }

    /// A rating by somebody who is not the applicant.
    pub(super) fn rated_by(&mut self, t: &Turn<'_>, rater: &PersonId, position: Position) {
        self.raters
            .entry((rater.clone(), t.on))
            .or_default()
            .add(position);
    }

    /// The sums of this part and another one.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, spent) in other.spent {
            let known = self.spent.entry(key).or_default();
            known.cases += spent.cases;
            known.excluded += spent.excluded;
            known.elapsed += spent.elapsed;
            known.decisions.merge(spent.decisions);
            known.last_on = known.last_on.max(spent.last_on);
            known.department = known.department.take().or(spent.department);
        }
        for (department, answers) in other.answers {
            let known = self.answers.entry(department).or_default();
            known.asked += answers.asked;
            known.deemed.merge(answers.deemed);
            known.last_on = known.last_on.max(answers.last_on);
        }
        for (key, records) in other.misplaced {
            let known = self.misplaced.entry(key).or_default();
            let (ours, theirs) = (known.evidence.first.first(), records.evidence.first.first());
            if ours.is_none_or(|ours| theirs.is_some_and(|theirs| theirs < ours)) {
                known.place = records.place;
            }
            known.evidence.merge(records.evidence);
            known.cases.extend(records.cases);
            known.days = match (known.days, records.days) {
                (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
                (ours, theirs) => ours.or(theirs),
            };
        }
        self.withdrawn.extend(other.withdrawn);
        self.turned_away.extend(other.turned_away);
        for (window, rated) in other.rated {
            let known = self.rated.entry(window).or_default();
            known.offered += rated.offered;
            known.given += rated.given;
            known.best += rated.best;
            known.offered_fast += rated.offered_fast;
            known.given_fast += rated.given_fast;
            known.offered_later += rated.offered_later;
            known.given_later += rated.given_later;
            known.ratings.merge(rated.ratings);
            known.quick.extend(rated.quick);
            known.last_on = known.last_on.max(rated.last_on);
        }
        for (key, evidence) in other.raters {
            self.raters.entry(key).or_default().merge(evidence);
        }
    }

    /// What the sums show.
    pub(super) fn found<'a>(
        &self,
        rules: &Rules,
        rows: impl Iterator<Item = (&'a CaseId, &'a Row)>,
        found: &mut Vec<Finding>,
    ) {
        self.often_suspended(rules, found);
        self.often_silent(rules, found);
        self.out_of_place(rules, found);
        self.applied_again(rules, rows, found);
        self.bursts_of_ratings(rules, found);
        self.windows(rules, found);
        for ((person, on), evidence) in &self.raters {
            let cases = u32::try_from(evidence.count).unwrap_or(u32::MAX);
            if cases >= rules.of().b18.rater_a_day {
                let place = Place {
                    agent: Some(person.clone()),
                    ..Place::default()
                };
                let fact = Fact::RatedByOne { cases, on: *on };
                let subject = Subject::Person(person.clone());
                told(
                    rules,
                    RuleId::B18,
                    subject,
                    evidence,
                    Some(*on),
                    place,
                    fact,
                    found,
                );
            }
        }
    }

    fn often_suspended(&self, rules: &Rules, found: &mut Vec<Finding>) {
        let set = &rules.of().b6;
        let mut of_item: BTreeMap<&ProcedureId, (u64, u64)> = BTreeMap::new();
        for ((procedure, _), spent) in &self.spent {
            let sums = of_item.entry(procedure).or_default();
            sums.0 += spent.excluded;
            sums.1 += spent.elapsed;
        }
        for ((procedure, person), spent) in &self.spent {
            let (excluded, elapsed) = of_item.get(procedure).copied().unwrap_or_default();
            let (others_excluded, others_elapsed) = (excluded - spent.excluded, elapsed - spent.elapsed);
            let share =
                |part: u64, whole: u64, by: u64| u128::from(part) * u128::from(by) * u128::from(whole);
            // Shares are compared crosswise, so that none is rounded.
            let high = u128::from(spent.excluded) * 100
                >= u128::from(set.share_percent_min) * u128::from(spent.elapsed);
            let above = share(spent.excluded, others_elapsed, 1)
                >= share(others_excluded, spent.elapsed, u64::from(set.times_norm));
            let enough = spent.cases >= u64::from(set.cases_min) && spent.excluded > 0 && others_elapsed > 0;
            if !(enough && high && above) {
                continue;
            }
            let fact = Fact::OftenSuspended {
                procedure: procedure.clone(),
                cases: spent.cases,
                excluded: spent.excluded,
                elapsed: spent.elapsed,
                others_excluded,
                others_elapsed,
            };
            let place = Place {
                handler: Some(person.clone()),
                department: spent.department.clone(),
                ..Place::default()
            };
            let subject = Subject::Person(person.clone());
            told(
                rules,
                RuleId::B6,
                subject,
                &spent.decisions,
                spent.last_on,
                place,
                fact,
                found,
            );
        }
    }

    fn often_silent(&self, rules: &Rules, found: &mut Vec<Finding>) {
        let set = &rules.of().b12;
        for (department, answers) in &self.answers {
            let deemed = answers.deemed.count;
            let often =
                u128::from(deemed) * 100 >= u128::from(set.share_percent_min) * u128::from(answers.asked);
            if deemed >= u64::from(set.consents_min) && often {
                let fact = Fact::OftenSilent {
                    deemed,
                    answers: answers.asked,
                };
                let place = Place {
                    department: Some(department.clone()),
                    ..Place::default()
                };
                let subject = Subject::Department(department.clone());
                told(
                    rules,
                    RuleId::B12,
                    subject,
                    &answers.deemed,
                    answers.last_on,
                    place,
                    fact,
                    found,
                );
            }
        }
    }

    fn out_of_place(&self, rules: &Rules, found: &mut Vec<Finding>) {
        for (key, records) in &self.misplaced {
            let Some((first_on, last_on)) = records.days else {
                continue;
            };
            let fact = Fact::ActedOutOfPlace {
                ground: key.ground,
                role: key.role,
                window: key.window.clone(),
                first_on,
                last_on,
                records: records.evidence.count,
                cases: u64::try_from(records.cases.len()).unwrap_or(u64::MAX),
            };
            let subject = Subject::Person(key.person.clone());
            let place = records.place.clone();
            told(
                rules,
                RuleId::B15,
                subject,
                &records.evidence,
                Some(last_on),
                place,
                fact,
                found,
            );
        }
    }

    /// A5 and B11: what the same applicant handed in again.
    fn applied_again<'a>(
        &self,
        rules: &Rules,
        rows: impl Iterator<Item = (&'a CaseId, &'a Row)>,
        found: &mut Vec<Finding>,
    ) {
        let withdrawn = self.withdrawn.iter().map(|withdrawn| &withdrawn.applicant);
        let of: BTreeSet<&PersonId> = withdrawn
            .chain(self.turned_away.iter().map(|turned_away| &turned_away.applicant))
            .collect();
        if of.is_empty() {
            return;
        }
        let mut all: Applications<'a> = BTreeMap::new();
        for (case, row) in rows {
            if let Some(application) = row.application()
                && of.contains(application.applicant)
            {
                all.entry(application.applicant)
                    .or_default()
                    .push((case, application));
            }
        }
        for applications in all.values_mut() {
            applications.sort_by_key(|(_, application)| application.submitted);
        }
        for withdrawn in &self.withdrawn {
            let days = rules.of().b11.resubmit_days;
            let applications = of_applicant(&all, &withdrawn.applicant);
            let mut again = applications.iter().filter(|(_, application)| {
                takes_up(
                    application,
                    &withdrawn.case,
                    &withdrawn.place,
                    (withdrawn.position, withdrawn.on),
                    days,
                )
            });
            if let Some((case, application)) = again.next() {
                let fact = Fact::WithdrawnAndBack {
                    due_on: withdrawn.due_on,
                    withdrawn_on: withdrawn.on,
                    again: (*case).clone(),
                    again_on: application.received_on,
                };
                let mut evidence = Evidence::default();
                evidence.add(withdrawn.position);
                evidence.add(application.submitted);
                let subject = Subject::Case(withdrawn.case.clone());
                let place = withdrawn.place.clone();
                told(
                    rules,
                    RuleId::B11,
                    subject,
                    &evidence,
                    Some(withdrawn.on),
                    place,
                    fact,
                    found,
                );
            }
        }
        for turned_away in &self.turned_away {
            let days = rules.of().a5.again_days;
            let applications = of_applicant(&all, &turned_away.applicant);
            let mut again = applications.iter().filter_map(|(case, application)| {
                let accepted = application.accepted?;
                let place = &turned_away.place;
                takes_up(
                    application,
                    &turned_away.case,
                    place,
                    (turned_away.position, turned_away.on),
                    days,
                )
                .then_some((case, application, accepted))
            });
            if let Some((case, application, accepted)) = again.next() {
                let fact = Fact::TurnedAway {
                    refusal: turned_away.refusal,
                    on: turned_away.on,
                    again: Some((*case).clone()),
                };
                let mut evidence = Evidence::default();
                evidence.add(turned_away.position);
                evidence.add(application.submitted);
                evidence.add(accepted);
                let subject = Subject::Case(turned_away.case.clone());
                let place = turned_away.place.clone();
                told(
                    rules,
                    RuleId::A5,
                    subject,
                    &evidence,
                    Some(turned_away.on),
                    place,
                    fact,
                    found,
                );
            }
        }
    }

    fn bursts_of_ratings(&self, rules: &Rules, found: &mut Vec<Finding>) {
        let set = &rules.of().b18;
        let within = i64::from(set.burst_minutes).saturating_mul(60_000_000);
        for (window, rated) in &self.rated {
            let mut quick = rated.quick.clone();
            quick.sort_unstable();
            let mut rest = quick.as_slice();
            while let Some(first) = rest.first() {
                let inside = |quick: &Quick| quick.at.as_micros() - first.at.as_micros() <= within;
                let count = rest.iter().take_while(|quick| inside(quick)).count();
                let ratings = u32::try_from(count).unwrap_or(u32::MAX);
                let (burst, after) = rest.split_at(count);
                if ratings < set.burst_ratings {
                    rest = rest.split_first().map(|(_, rest)| rest).unwrap_or_default();
                    continue;
                }
                rest = after;
                let mut evidence = Evidence::default();
                for quick in burst {
                    evidence.add(quick.position);
                }
                let on = first.on;
                let fact = Fact::RatedInBurst {
                    ratings,
                    minutes: set.burst_minutes,
                    on,
                };
                let subject = Subject::Window(window.clone());
                let place = of_window(window);
                told(
                    rules,
                    RuleId::B18,
                    subject,
                    &evidence,
                    Some(on),
                    place,
                    fact,
                    found,
                );
            }
        }
    }

    fn windows(&self, rules: &Rules, found: &mut Vec<Finding>) {
        let set = &rules.of().b18;
        let share = |part: u64, whole: u64, percent: u32| {
            u128::from(part) * 100 >= u128::from(percent) * u128::from(whole)
        };
        for (window, rated) in &self.rated {
            let subject = || Subject::Window(window.clone());
            if rated.offered >= u64::from(set.window_min)
                && share(rated.given, rated.offered, set.rated_percent)
                && share(rated.best, rated.given, set.best_percent)
            {
                let fact = Fact::AllBest {
                    offered: rated.offered,
                    given: rated.given,
                    best: rated.best,
                };
                let place = of_window(window);
                told(
                    rules,
                    RuleId::B18,
                    subject(),
                    &rated.ratings,
                    rated.last_on,
                    place,
                    fact,
                    found,
                );
            }
            let only = u64::from(set.only_min);
            if rated.given_fast >= only && rated.given_later == 0 && rated.offered_later >= only {
                let fact = Fact::OnlySomeRated {
                    given: rated.given_fast,
                    others: rated.offered_later,
                };
                let place = of_window(window);
                told(
                    rules,
                    RuleId::B18,
                    subject(),
                    &rated.ratings,
                    rated.last_on,
                    place,
                    fact,
                    found,
                );
            }
        }
    }
}

type Applications<'a> = BTreeMap<&'a PersonId, Vec<(&'a CaseId, Application<'a>)>>;

fn of_applicant<'m, 'a>(
    all: &'m Applications<'a>,
    applicant: &PersonId,
) -> &'m [(&'a CaseId, Application<'a>)] {
    all.get(applicant).map(Vec::as_slice).unwrap_or_default()
}

/// Whether an application takes up a case that ended: it says so, or is for the same item and came soon after.
fn takes_up(
    application: &Application<'_>,
    case: &CaseId,
    place: &Place,
    (position, ended_on): (Position, Date),
    days: u32,
) -> bool {
    let item = place.procedure.as_ref().map(|(id, _)| id);
    let soon = || calendar_days(ended_on, application.received_on) <= days;
    application.submitted > position
        && (application.resubmits == Some(case) || (Some(application.procedure) == item && soon()))
}

fn of_window(window: &WindowId) -> Place {
    Place {
        window: Some(window.clone()),
        ..Place::default()
    }
}

/// Whether a case was withdrawn, or accepted and decided on one day, at an encounter that comes after its end.
fn is_fast(point: RatingPoint, case: Option<&Case>) -> Option<bool> {
    match point {
        RatingPoint::Submission | RatingPoint::Correction => None,
        RatingPoint::Decision | RatingPoint::Collection => {
            let case = case?;
            let accepted = case.acceptance.as_ref().map(|acceptance| acceptance.effective_on);
            let decided = case.decision.as_ref().map(|decision| decision.on);
            Some(decided.is_none() || decided == accepted)
        }
    }
}

/// Why the actor of a record was out of place, if they were.
fn out_of_place(t: &Turn<'_>, staff: Option<&Staff>, recorded: &Recorded) -> Option<OutOfPlace> {
    let actor = &recorded.actor;
    let Some(staff) = staff else {
        return Some(OutOfPlace::NotOnStaff);
    };
    if staff.until.is_some_and(|until| until < t.on) {
        return Some(OutOfPlace::HasLeft);
    }
    if !staff.roles.contains(&actor.role) {
        return Some(OutOfPlace::RoleNotHeld);
    }
    let window = actor.window.as_ref()?;
    if !t.directory.windows.contains_key(window) {
        return Some(OutOfPlace::UnknownWindow);
    }
    let works_here = if staff.windows.is_empty() {
        !t.directory.on_duty(window, t.on).is_disjoint(&staff.departments)
    } else {
        staff.windows.contains(window)
    };
    // Who works at a rotating window acts for those that its roster of the day names.
    let named = actor.department.as_ref();
    let on_duty = named.is_none_or(|named| t.directory.on_duty(window, t.on).contains(named));
    let has_departments = !t.directory.on_duty(window, t.on).is_empty();
    (!works_here || (has_departments && !on_duty)).then_some(OutOfPlace::NotAtWindow)
}

#[expect(
    clippy::too_many_arguments,
    reason = "a finding has so many parts, and each has its name at the caller"
)]
fn told(
    rules: &Rules,
    rule: RuleId,
    subject: Subject,
    evidence: &Evidence,
    on: Option<Date>,
    place: Place,
    fact: Fact,
    found: &mut Vec<Finding>,
) {
    let Some(severity) = rules.severity(rule) else {
        return;
    };
    found.push(Finding {
        rule,
        severity,
        subject,
        evidence: evidence.first.iter().copied().collect(),
        records: evidence.count,
        on: on.unwrap_or(Date::MAX),
        place,
        facts: vec![fact],
    });
}
