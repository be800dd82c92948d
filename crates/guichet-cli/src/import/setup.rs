//! What an import needs as reference data: a centre, a calendar, a department, and one procedure that is recorded.

use std::sync::Arc;

use guichet::Guichet;
use guichet::catalogue::calendars;
use guichet_core::actor::{Actor, Role};
use guichet_core::id::{CalendarId, DepartmentId, IdError, PersonId, ProcedureId, Version};
use guichet_core::policy::Policy;
use guichet_core::procedure::{Names, Procedure, ProcedureKind, Silence, SourcedTerm, Terms};
use guichet_core::reference::{Catalogue, Centre, Department, Directory};
use guichet_core::time::Offset;

use super::mapping::Mapping;
use crate::context::{Context, Failure};
use crate::told::Told as _;

/// The calendar of a mapping that names none: Monday to Friday, without holidays.
const CALENDAR_UNNAMED: &str = "MON_FRI";

/// Who acts when the import does.
pub(super) fn importer() -> Result<Actor, IdError> {
    Ok(Actor::new(PersonId::new("import")?, Role::Importer))
}

/// Publishes what is missing, and only that: a second import publishes nothing.
pub(super) async fn publish(
    engine: &Guichet,
    mapping: &Mapping,
    fallback: Offset,
    context: Context,
) -> Result<ProcedureId, Failure> {
    let directory = engine.directory();
    let (procedure, catalogue) = wanted(&directory, mapping, fallback)?;
    if let Some(published) = directory.newest(&procedure.id)
        && published.terms != procedure.terms
    {
        context.remark(context.say(
            "该日志的事项早已发布,其时限与映射不同;以已发布者为准",
            "the procedure of this log was published before with other terms than the mapping's; those published count",
        ));
    }
    let actor = importer().map_err(|error| unnameable(mapping, &error))?;
    engine.publish_catalogue(&catalogue, &actor).await.told()?;
    Ok(procedure.id)
}

fn wanted(
    directory: &Directory,
    mapping: &Mapping,
    fallback: Offset,
) -> Result<(Procedure, Catalogue), Failure> {
    let name = mapping.log.as_str();
    let names = Names {
        zh: name.to_owned(),
        en: name.to_owned(),
    };
    let unnameable = |error| unnameable(mapping, &error);
    let department = DepartmentId::new(name).map_err(unnameable)?;
    let calendar = mapping.calendar.as_deref().unwrap_or(CALENDAR_UNNAMED);
    let calendar_id = CalendarId::new(calendar).map_err(unnameable)?;
    let sourced = |term| SourcedTerm {
        term,
        source: format!("the mapping of the log {name}"),
    };
    let procedure = Procedure {
        id: ProcedureId::new(name).map_err(unnameable)?,
        version: Version(1),
        name: names.clone(),
        department: department.clone(),
        kind: ProcedureKind::Recorded,
        sensitive: false,
        calendar: calendar_id.clone(),
        law: None,
        policy: Policy::default(),
        materials: Vec::new(),
        fees: Vec::new(),
        fee_before_delivery: false,
        terms: Terms {
            intake: None,
            statutory: mapping.terms.statutory.map(sourced),
            promised: mapping.terms.promised.map(sourced),
            delivery: None,
            correction: None,
        },
        special_procedures: Vec::new(),
        extension: None,
        silence: Silence::default(),
        rating: None,
        flow: None,
    };
    let mut catalogue = Catalogue::default();
    if directory.centre.is_none() {
        let zone = mapping.time_zone.as_ref();
        catalogue.centre = Some(Centre {
            name: names.clone(),
            zone: zone.map_or_else(|| fallback.into(), super::mapping::Zone::of_centre),
            opening_hours: None,
        });
    }
    if directory.newest(&procedure.id).is_none() {
        if !directory.calendars.contains_key(&calendar_id) {
            catalogue.calendars.push(Arc::new(shipped(mapping, calendar)?));
        }
        if !directory.departments.contains_key(&department) {
            catalogue.departments.push(Department {
                id: department,
                name: names,
                opinion_only: false,
            });
        }
        catalogue.procedures.push(procedure.clone());
    }
    Ok((procedure, catalogue))
}

fn shipped(mapping: &Mapping, calendar: &str) -> Result<guichet_core::calendar::Calendar, Failure> {
    let Some(shipped) = calendars::shipped(calendar) else {
        let ids: Vec<_> = calendars::SHIPPED.iter().map(|shipped| shipped.id()).collect();
        let message = format!(
            "the mapping `{}` names the calendar `{calendar}`, which is neither published in this log nor shipped",
            mapping.log
        );
        let help = format!(
            "name one of {}, or publish a catalogue with that calendar first",
            ids.join(", ")
        );
        return Err(Failure::config("unknown_calendar", message).help(help));
    };
    shipped
        .calendar()
        .map_err(|error| Failure::config("unknown_calendar", format!("the calendar `{calendar}`: {error}")))
}

fn unnameable(mapping: &Mapping, error: &IdError) -> Failure {
    Failure::config(
        "mapping",
        format!(
            "the mapping `{}` holds a name that is no identifier: {error}",
            mapping.log
        ),
    )
}
