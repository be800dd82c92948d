//! What is done on purpose: acts that a rule of supervision names, one small function each.
//!
//! Each is a script of commands on known days, as a story is, and takes down what it does. What the rules of the engine
//! refuse is not here: the acts are those of people who keep to the letter of the engine and not to the law.

mod counter;
mod handling;
mod life;
mod patterns;

use guichet::catalogue::from_yaml;
use guichet::core::actor::Role;
use guichet::core::id::{DepartmentId, IdError, PersonId};
use guichet::core::procedure::Procedure;
use guichet::core::reference::{Catalogue, Directory, Staff};
use guichet::core::time::Date;

use self::life::Script;
use super::desk::Desk;
use super::hours::Hours;
use super::planted::Planting;
use super::stories::Line;
use crate::context::Failure;

/// The item that is there for two of them.
const ITEM: &str = include_str!("item.yaml");
/// A handler who suspends whatever comes to them.
const SUSPENDER: &str = "s41";
/// Somebody who may handle and approve.
const ALONE: &str = "s42";
/// Where both work.
const THEIR_DEPARTMENT: &str = "planning";

/// What beside the shipped catalogue the planted acts need: two more of the staff, and an item.
pub(super) fn catalogue() -> Result<Catalogue, Failure> {
    let procedure: Procedure = from_yaml("item.yaml", ITEM).map_err(|error| {
        Failure::config("catalogue", "the demo's own item cannot be read").because(error.to_string())
    })?;
    let staff = |id: &str, roles: &[Role]| -> Result<Staff, IdError> {
        Ok(Staff {
            id: PersonId::new(id)?,
            roles: roles.iter().copied().collect(),
            departments: [DepartmentId::new(THEIR_DEPARTMENT)?].into(),
            windows: [].into(),
            until: None,
        })
    };
    let unnameable =
        |error: IdError| Failure::config("catalogue", "the demo's own staff").because(error.to_string());
    Ok(Catalogue {
        procedures: vec![procedure],
        staff: vec![
            staff(SUSPENDER, &[Role::Clerk, Role::Handler]).map_err(unnameable)?,
            staff(ALONE, &[Role::Handler, Role::Approver]).map_err(unnameable)?,
        ],
        ..Catalogue::default()
    })
}

/// The scripts, what they plant, and the days on which somebody comes whose case the silent department has to answer.
pub(super) struct Plants {
    pub(super) lines: Vec<Line>,
    pub(super) planted: Vec<Planting>,
    pub(super) silent_days: Vec<Date>,
}

/// Everything that is planted.
///
/// # Errors
///
/// What the demo's catalogue lacks: never for the one that ships.
pub(super) fn plants(directory: &Directory, desk: &Desk, hours: &Hours) -> Result<Plants, Failure> {
    let mut script = Script::new(directory, desk, hours);
    let written = counter::plant(&mut script)
        .and_then(|()| handling::plant(&mut script))
        .and_then(|()| patterns::plant(&mut script));
    written.map_err(|problem| {
        Failure::config("demo", "what is planted cannot be written").because(problem.to_string())
    })?;
    Ok(Plants {
        lines: script.lines,
        planted: script.planted,
        silent_days: patterns::silent_days(),
    })
}
