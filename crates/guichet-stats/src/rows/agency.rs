//! Agency (代办): who accompanies a case for its applicant, from when to when, and what they wrote into their log.

use guichet_core::actor::Role;
use guichet_core::case::CaseEvent;
use guichet_core::id::{PersonId, Revision};
use guichet_core::time::Date;
use guichet_core::zone::Zone;
use guichet_log::projection::Recorded;
use serde::{Deserialize, Serialize};

use crate::period::Period;

/// One agency: an agent who accompanies the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgencyFact {
    /// Who.
    pub agent: PersonId,
    /// The record that began it.
    pub record: Revision,
    /// The day of that.
    pub since: Date,
    /// The day on which the applicant appointed them; none where they only handed the application in.
    pub appointed_on: Option<Date>,
    /// The days of their entries in the agency log, in the order of the records.
    pub entries: Vec<Date>,
    /// The day on which it ended, once it has.
    pub ended_on: Option<Date>,
}

impl AgencyFact {
    fn begun(agent: &PersonId, record: Revision, since: Date) -> Self {
        Self {
            agent: agent.clone(),
            record,
            since,
            appointed_on: None,
            entries: Vec::new(),
            ended_on: None,
        }
    }

    /// Whether it ran on a day of the period.
    #[must_use]
    pub fn runs_in(&self, period: Period) -> bool {
        self.since <= period.last() && self.ended_on.is_none_or(|on| on >= period.first())
    }

    /// How many entries fall into the period.
    #[must_use]
    pub fn entries_in(&self, period: Period) -> usize {
        self.entries.iter().filter(|on| period.contains(**on)).count()
    }
}

/// The agencies of one case, in the order in which they began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agencies {
    /// A row an agency.
    pub rows: Vec<AgencyFact>,
}

impl Agencies {
    /// Takes in a record of the case.
    ///
    /// An agent who hands the application in accompanies it from then on; an appointment that follows says so and begins
    /// nothing new. An entry of somebody who was never appointed counts all the same: the log says that they did it.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a new event says nothing of agency unless it is named here"
    )]
    pub fn apply(&mut self, recorded: &Recorded, event: &CaseEvent, zone: &Zone) {
        let on = || zone.date(recorded.occurred_at);
        match event {
            CaseEvent::CaseSubmitted(e) if recorded.actor.role == Role::Agent => {
                let agent = &recorded.actor.person;
                self.rows
                    .push(AgencyFact::begun(agent, recorded.revision, e.received_on));
            }
            CaseEvent::AgencyAppointed(e) => {
                let row = self.running(&e.agent, recorded.revision, on());
                row.appointed_on.get_or_insert_with(on);
            }
            CaseEvent::AgencyLogged(e) => {
                let row = self.running(&e.agent, recorded.revision, on());
                row.entries.push(on());
            }
            CaseEvent::AgencyEnded(e) => {
                let mut open = self.rows.iter_mut().rev();
                if let Some(row) = open.find(|row| row.agent == e.agent && row.ended_on.is_none()) {
                    row.ended_on = Some(on());
                }
            }
            _ => {}
        }
    }

    /// The agency of an agent that runs; a new one where none does.
    fn running(&mut self, agent: &PersonId, record: Revision, on: Date) -> &mut AgencyFact {
        let open = |row: &AgencyFact| row.agent == *agent && row.ended_on.is_none();
        let place = self.rows.iter().rposition(open).unwrap_or_else(|| {
            self.rows.push(AgencyFact::begun(agent, record, on));
            self.rows.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the place was found or filled just now")]
        &mut self.rows[place]
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::actor::Actor;
    use guichet_core::case::event::{AgencyAppointed, AgencyEnded, AgencyLogged, Channel};
    use guichet_core::testkit::id;

    use super::super::testing::{Happened, applicant, day, fold, submitted};
    use super::*;

    fn agent() -> Actor {
        Actor::new(id("a01"), Role::Agent)
    }

    fn appointed() -> CaseEvent {
        AgencyAppointed {
            agent: id("a01"),
            scope: "all".to_owned(),
        }
        .into()
    }

    fn logged() -> CaseEvent {
        AgencyLogged {
            agent: id("a01"),
            entry: "went there".to_owned(),
        }
        .into()
    }

    fn ended() -> CaseEvent {
        AgencyEnded {
            agent: id("a01"),
            reason: "done".to_owned(),
        }
        .into()
    }

    fn agencies(history: Vec<Happened>) -> Vec<AgencyFact> {
        let mut agencies = Agencies::default();
        fold(history, |recorded, event, zone| {
            agencies.apply(recorded, event, zone);
        });
        agencies.rows
    }

    #[test]
    fn an_agent_who_hands_in_and_is_appointed_later_accompanies_once() {
        let rows = agencies(vec![
            Happened(1, agent(), submitted(Channel::Agent, None)),
            Happened(2, applicant(), appointed()),
            Happened(3, agent(), logged()),
            Happened(5, agent(), logged()),
            Happened(9, agent(), ended()),
        ]);
        let [row] = rows.as_slice() else {
            panic!("{rows:?}")
        };
        assert_eq!(
            (row.since, row.appointed_on, row.ended_on),
            (day(1), Some(day(2)), Some(day(9)))
        );
        let days = |from, to| Period::new(day(from), day(to)).unwrap();
        assert_eq!(row.entries_in(days(1, 4)), 1);
        assert!(row.runs_in(days(9, 31)));
        assert!(!row.runs_in(days(10, 31)));
    }

    #[test]
    fn an_entry_of_somebody_who_was_never_appointed_counts() {
        let rows = agencies(vec![Happened(3, agent(), logged())]);
        assert_eq!(
            (rows[0].since, rows[0].entries.len(), rows[0].appointed_on),
            (day(3), 1, None)
        );
    }

    #[test]
    fn an_appointment_after_the_end_begins_another_agency() {
        let rows = agencies(vec![
            Happened(1, applicant(), appointed()),
            Happened(2, agent(), ended()),
            Happened(4, applicant(), appointed()),
        ]);
        assert_eq!(
            rows.iter().map(|row| row.since).collect::<Vec<_>>(),
            [day(1), day(4)]
        );
    }
}
