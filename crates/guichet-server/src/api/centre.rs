//! The centre's names, and the words for its codes.

use guichet_core::hours::OpeningHours;
use guichet_core::id::{DepartmentId, ProcedureId, Version, WindowId};
use guichet_core::procedure::{Names, Procedure, ProcedureKind};
use guichet_core::reference::WindowForm;
use guichet_core::time::{Date, Term, Timestamp};
use guichet_core::zone::Zone;
use serde::Serialize;

use crate::call::{Answer, Call, json, typed};
use crate::server::Showing;
use crate::words;

/// The centre, as `schemas/centre-shown.v1.schema.json` describes it.
#[derive(Serialize)]
struct Centre<'a> {
    version: u16,
    name: Option<&'a Names>,
    zone: &'a Zone,
    today: Date,
    now: Timestamp,
    opening_hours: Option<&'a OpeningHours>,
    guichet: &'static str,
    demo: Option<&'a Showing>,
    departments: Vec<Department<'a>>,
    windows: Vec<Window<'a>>,
    procedures: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Department<'a> {
    #[serde(rename = "department")]
    id: &'a DepartmentId,
    name: &'a Names,
    opinion_only: bool,
}

#[derive(Serialize)]
struct Window<'a> {
    #[serde(rename = "window")]
    id: &'a WindowId,
    name: &'a Names,
    form: WindowForm,
    department: Option<&'a DepartmentId>,
}

/// An item in a list.
#[derive(Serialize)]
pub(crate) struct Item<'a> {
    procedure: &'a ProcedureId,
    procedure_version: Version,
    name: &'a Names,
    department: &'a DepartmentId,
    kind: ProcedureKind,
    materials: usize,
    promised: Option<Term>,
    statutory: Option<Term>,
}

impl<'a> Item<'a> {
    pub(crate) fn of(procedure: &'a Procedure) -> Self {
        Self {
            procedure: &procedure.id,
            procedure_version: procedure.version,
            name: &procedure.name,
            department: &procedure.department,
            kind: procedure.kind,
            materials: procedure.materials.len(),
            promised: procedure.terms.promised.as_ref().map(|term| term.term),
            statutory: procedure.terms.statutory.as_ref().map(|term| term.term),
        }
    }
}

pub(crate) async fn centre(call: Call) -> Answer {
    let engine = call.server.live.engine();
    let directory = engine.directory();
    let centre = directory.centre.as_ref();
    let procedures = directory.procedures.keys().filter_map(|id| directory.newest(id));
    json(&Centre {
        version: 1,
        name: centre.map(|centre| &centre.name),
        zone: directory.zone(),
        today: engine.today(),
        now: engine.now(),
        opening_hours: centre.and_then(|centre| centre.opening_hours.as_ref()),
        guichet: env!("CARGO_PKG_VERSION"),
        demo: call.server.settings.showing.as_ref(),
        departments: directory
            .departments
            .values()
            .map(|department| Department {
                id: &department.id,
                name: &department.name,
                opinion_only: department.opinion_only,
            })
            .collect(),
        windows: directory
            .windows
            .values()
            .map(|window| Window {
                id: &window.id,
                name: &window.name,
                form: window.form,
                department: window.department.as_ref(),
            })
            .collect(),
        procedures: procedures.map(|procedure| Item::of(procedure)).collect(),
    })
}

pub(crate) async fn words(call: Call) -> Answer {
    let words = words::document(call.asked_lang()?);
    let body = serde_json::to_vec(&words).unwrap_or_default();
    Ok(typed("application/json", "public, max-age=300", body))
}
