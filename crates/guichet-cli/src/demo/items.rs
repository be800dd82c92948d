//! What people come for: the items, how often each is asked for, and what an application says and brings.

use std::collections::BTreeSet;

use guichet::core::condition::{Fact, Facts};
use guichet::core::flow::Block;
use guichet::core::id::{MaterialId, ProcedureId};
use guichet::core::procedure::Procedure;
use guichet::core::reference::Directory;
use guichet::core::time::Date;

use super::chance::Chance;

/// How often each item is asked for, against the others: people come for a card or their savings, hardly anybody builds.
const ASKED_FOR: &[(&str, u64)] = &[
    ("senior-card", 230),
    ("provident-fund", 230),
    ("company-name", 80),
    ("company-registration", 55),
    ("tax-registration", 50),
    ("organisation-code", 45),
    ("seal-filing", 45),
    ("food-service", 45),
    ("hygiene-licence", 30),
    ("road-transport", 25),
    ("enterprise-establishment", 14),
    ("project-filing", 12),
    ("eia-register", 12),
    ("fire-design-review", 12),
    ("works-planning-permit", 10),
    ("construction-permit", 10),
    ("lightning-review", 9),
    ("eia-form", 8),
    ("pre-sale-permit", 8),
    ("completion-filing", 8),
    ("land-planning-permit", 7),
    ("air-defence-review", 7),
    ("project-verification", 6),
    ("site-opinion", 6),
    ("land-pre-examination", 6),
    ("preliminary-design", 6),
    ("feasibility", 5),
    ("private-construction", 5),
    ("medical-institution", 4),
    ("land-use-right", 4),
    ("eia-report", 3),
    ("government-construction", 3),
];

/// The yearly inspection has a season: 1 March to 30 June.
const INSPECTION: (&str, u64) = ("annual-inspection", 180);
const INSPECTION_MONTHS: std::ops::RangeInclusive<i8> = 3..=6;

const TRADES: &[(&str, u64)] = &[
    ("retail", 40),
    ("food", 22),
    ("salon", 10),
    ("hotel", 6),
    ("bath", 4),
    ("culture", 10),
    ("software", 8),
];

/// The items of a day, with their weights: those that the centre has.
pub(super) fn of_day(directory: &Directory, day: Date) -> Vec<(&'static str, u64)> {
    let (_, month, _) = day.ymd();
    let season = INSPECTION_MONTHS.contains(&month).then_some(INSPECTION);
    let known = |name: &str| ProcedureId::new(name).is_ok_and(|id| directory.newest(&id).is_some());
    ASKED_FOR
        .iter()
        .copied()
        .chain(season)
        .filter(|(name, _)| known(name))
        .collect()
}

/// Whether an item is decided while the applicant waits.
pub(super) fn is_immediate(procedure: &Procedure) -> bool {
    procedure
        .terms
        .promised
        .as_ref()
        .is_some_and(|term| term.term.count() == 0)
}

/// What the procedure asks about a case, answered by chance. `agent` says whether somebody acts for the applicant.
pub(super) fn facts(procedure: &Procedure, agent: bool, chance: &mut Chance) -> Facts {
    let mut asked = BTreeSet::new();
    for material in &procedure.materials {
        asked.extend(material.when.iter().flat_map(|when| when.facts()));
    }
    if let Some(flow) = &procedure.flow {
        flow.walk(&mut |block| {
            if let Block::Choice(choice) = block {
                asked.extend(choice.when.facts());
            }
        });
    }
    let mut facts = Facts::new();
    for name in asked {
        let fact = match name {
            "trade" => Fact::from(chance.weighted(TRADES).unwrap_or("retail")),
            "agent" => Fact::Flag(agent),
            "polluting" => Fact::Flag(chance.happens(150)),
            "premises_rented" => Fact::Flag(chance.happens(600)),
            "new_building" => Fact::Flag(chance.happens(700)),
            _ => Fact::Flag(chance.happens(300)),
        };
        facts.insert(name.to_owned(), fact);
    }
    facts
}

/// The materials that acceptance needs of a case with these facts, and whether each may follow later.
pub(super) fn materials(procedure: &Procedure, facts: &Facts) -> Vec<(MaterialId, bool)> {
    let needed = procedure
        .materials
        .iter()
        .filter(|material| material.required && material.when.as_ref().is_none_or(|when| when.holds(facts)));
    needed
        .map(|material| (material.id.clone(), material.may_follow))
        .collect()
}
