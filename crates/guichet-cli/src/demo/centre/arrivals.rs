//! Who comes: how many on a day, for what, and what they hand in.

use std::collections::BTreeSet;
use std::sync::Arc;

use guichet::core::actor::{Actor, Role};
use guichet::core::case::{CaseCommand, Command};
use guichet::core::condition::Fact;
use guichet::core::id::{CaseId, MaterialId, PersonId, ProcedureId};
use guichet::core::time::{Date, Timestamp};

use super::super::hours::{RUSH, SLOT_MINUTES, WEB_HOURS};
use super::super::items;
use super::super::open::Open;
use super::super::stories::STORIES;
use super::{About, Asked, Centre, Task, Way, command_id, unnameable};
use crate::context::Failure;

/// The agents of the demo, who are no staff.
const AGENTS: &[&str] = &["a01", "a02", "a03", "a04", "a05", "a06"];
/// Items for which people send an agent.
const AGENCY: &[&str] = &[
    "enterprise-establishment",
    "private-construction",
    "government-construction",
    "project-verification",
    "project-filing",
    "company-registration",
];

/// How many applicants there are, one for each case that a demo may have.
const APPLICANTS: u64 = 1_000_000;
const APPLICANT_STEP: u64 = 618_033;

impl Centre {
    /// How many people come on a day, against the others.
    pub(super) fn weight(&self, day: Date) -> u64 {
        // The whole day is off in a story that begins later, so nobody is expected.
        let closed = STORIES
            .iter()
            .filter_map(|story| story.lines().ok())
            .flatten()
            .any(|line| line.close == Some(day));
        if closed || !self.hours.works_on(day) {
            return 3;
        }
        let (_, month, _) = day.ymd();
        let by_month = match month {
            1 | 2 => 85,
            3..=6 => 115,
            9 | 11 => 105,
            _ => 95,
        };
        let by_weekday = match day.iso_weekday() {
            1 => 125,
            2 => 110,
            3 | 4 => 100,
            5 => 85,
            _ => 60,
        };
        by_month * by_weekday / 100
    }

    /// Draws who comes on a day.
    pub(super) fn expect(&mut self, day: Date, people: u64) {
        let all = items::of_day(self.desk.directory(), day);
        let directory = Arc::clone(&self.engine.directory());
        let at_home: Vec<_> = all
            .iter()
            .copied()
            .filter(|(item, _)| {
                let procedure = ProcedureId::new(item)
                    .ok()
                    .and_then(|id| directory.newest(&id).cloned());
                procedure.is_some_and(|procedure| !items::is_immediate(&procedure))
            })
            .collect();
        let works = self.hours.works_on(day);
        for _ in 0..people {
            let way = if works && !self.chance.happens(110) {
                Way::Counter
            } else {
                Way::Web
            };
            let choice = if way == Way::Counter { &all } else { &at_home };
            let Some(item) = self.chance.weighted(choice) else {
                continue;
            };
            let minute = match way {
                Way::Counter | Way::Culture => {
                    let slot = self.chance.weighted(&RUSH).unwrap_or(WEB_HOURS.0);
                    slot + self.chance.between(0, SLOT_MINUTES - 1)
                }
                Way::Web => self.chance.between(WEB_HOURS.0, WEB_HOURS.1),
            };
            let seconds = self.chance.between(0, 59);
            let at = self
                .hours
                .at(day, minute)
                .saturating_add_micros(seconds * 1_000_000);
            self.plan(at, Task::Arrive(item, way));
        }
    }

    /// The number of the next applicant: nobody comes twice in the year, whatever the seed.
    const fn next_applicant(&mut self) -> u64 {
        self.applicants += 1;
        // A step without a common divisor goes once through all numbers before any comes again.
        (self.applicants * APPLICANT_STEP) % APPLICANTS
    }

    /// Somebody hands an application in.
    pub(super) fn arrive(
        &mut self,
        item: &str,
        way: Way,
        day: Date,
        at: Timestamp,
    ) -> Result<Asked, Failure> {
        self.commands += 1;
        let mut chance = self.chance.fork();
        let procedure = ProcedureId::new(item).map_err(unnameable)?;
        let newest = self.engine.directory().newest(&procedure).cloned();
        let newest = newest
            .ok_or_else(|| Failure::config("catalogue", format!("the demo catalogue has no item {item}")))?;
        let with_agent = way != Way::Culture && AGENCY.contains(&item) && chance.happens(120);
        let agent = if with_agent {
            chance.one_of(AGENTS).copied()
        } else {
            None
        };
        let agent = agent.map(PersonId::new).transpose().map_err(unnameable)?;
        let letter = if item == "senior-card" || item == "provident-fund" {
            'p'
        } else {
            'e'
        };
        let applicant =
            PersonId::new(&format!("{letter}-{:06}", self.next_applicant())).map_err(unnameable)?;
        let planted = way == Way::Culture;
        let mut facts = items::facts(&newest, agent.is_some(), &mut chance);
        if planted {
            facts.insert("trade".to_owned(), Fact::from("culture"));
        }
        let mut materials = items::materials(&newest, &facts);
        let lacking = if items::is_immediate(&newest) { 25 } else { 95 };
        if !planted && chance.happens(lacking) && !materials.is_empty() {
            let some = if chance.happens(250) { 2 } else { 1 };
            for _ in 0..some {
                let at = chance.below(u64::try_from(materials.len()).unwrap_or(0));
                if let Ok(at) = usize::try_from(at)
                    && at < materials.len()
                {
                    materials.remove(at);
                }
            }
        }
        let form = newest
            .flow
            .as_ref()
            .and_then(|flow| flow.steps().first().and_then(|step| step.window));
        let clerk = self.desk.actor(&newest.department, Role::Clerk, form, day);
        let actor = match (way, &agent, clerk) {
            (_, Some(agent), _) => Actor::new(agent.clone(), Role::Agent).acting_for(applicant.clone()),
            (Way::Counter | Way::Culture, None, Some(clerk)) => clerk,
            (Way::Counter | Way::Culture | Way::Web, None, _) => {
                Actor::new(applicant.clone(), Role::Applicant)
            }
        };
        let number = self.commands;
        let case =
            CaseId::new(&format!("{}-{number:06}", day.to_string().replace('-', ""))).map_err(unnameable)?;
        let submit = CaseCommand::Submit {
            procedure,
            applicant: applicant.clone(),
            channel: None,
            facts,
            materials: materials
                .into_iter()
                .map(|(material, _)| material)
                .collect::<BTreeSet<MaterialId>>(),
            resubmits: None,
        };
        let mut open = Open::new(newest, applicant, agent, chance);
        if planted {
            open.keep_to_the_rules();
        }
        self.open.insert(case.clone(), open);
        let mut command = Command::new(command_id(number)?, case, actor, submit);
        command.occurred_at = Some(at);
        Ok(Asked {
            command,
            about: About::Case,
            at,
        })
    }
}
