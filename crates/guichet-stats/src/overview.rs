//! The overview: the figures that `guichet stats` shows, for the centre and for each department.

use std::collections::BTreeMap;

use guichet_core::id::{DepartmentId, Position};
use guichet_log::projection::{Projection, Recorded};
use serde::Serialize;

use crate::fact::CaseFact;
use crate::records::{Records, RecordsView};
use crate::rows::Facts;
use crate::standing::{Standings, StandingsView};
use crate::timeliness::{TimelinessView, Timings};

/// The figures of a centre, kept current record by record.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    facts: Facts,
    records: Records,
    position: Position,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    cases: u64,
    standings: Standings,
    timings: Timings,
}

impl Sums {
    fn add(&mut self, fact: &CaseFact) {
        self.cases += 1;
        self.standings.add(fact);
        self.timings.add(fact);
    }
}

/// The figures of a centre at one position of its log, as `schemas/stats.v1.schema.json` describes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OverviewView {
    /// The version of this form.
    pub version: u16,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// Cases: applications that were handed in.
    pub cases: u64,
    /// What happened to cases: imported events and those handled here.
    pub events: u64,
    /// Where the records of the log come from.
    pub records: RecordsView,
    /// Where the cases stand.
    #[serde(flatten)]
    pub standings: StandingsView,
    /// Whether they were finished in time.
    pub timeliness: TimelinessView,
    /// The same for each department that answers for a case, by id.
    pub departments: BTreeMap<DepartmentId, DepartmentView>,
}

/// The figures of one department: of the cases that it answers for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DepartmentView {
    /// Its cases.
    pub cases: u64,
    /// Where they stand.
    #[serde(flatten)]
    pub standings: StandingsView,
    /// Whether they were finished in time.
    pub timeliness: TimelinessView,
}

impl Overview {
    /// The rows that the figures are sums over.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }
}

impl Projection for Overview {
    type View = OverviewView;

    fn apply(&mut self, recorded: &Recorded) {
        self.position = recorded.position.next();
        self.records.apply(recorded);
        self.facts.apply(recorded);
    }

    fn view(&self) -> OverviewView {
        let records = self.records.view();
        let mut centre = Sums::default();
        let mut departments: BTreeMap<&DepartmentId, Sums> = BTreeMap::new();
        for rows in self.facts.rows() {
            centre.add(&rows.case);
            departments
                .entry(&rows.case.department)
                .or_default()
                .add(&rows.case);
        }
        let departments = departments.into_iter().map(|(id, sums)| {
            let view = DepartmentView {
                cases: sums.cases,
                standings: sums.standings.view(),
                timeliness: sums.timings.view(),
            };
            (id.clone(), view)
        });
        OverviewView {
            version: 1,
            position: self.position,
            cases: centre.cases,
            events: records.events(),
            records,
            standings: centre.standings.view(),
            timeliness: centre.timings.view(),
            departments: departments.collect(),
        }
    }
}
