//! Where a case stands.

mod document;
mod text;

use std::collections::BTreeMap;

use guichet_core::case::{CaseEvent, CaseState};
use guichet_core::id::{Revision, StepId};
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::history::CaseView;
use guichet_terminal::context::{Context, Failure};
use serde_json::Value;

use crate::as_of::light;

use document::{Shown, State, Submitted};
use text::text;

/// The fact in which an import keeps the types of a source's attributes. It is for exports, and says nothing to people.
pub const SOURCE_TYPES: &str = "guichet:types";

/// Tells where a case stands on a day: as JSON, or as tables.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn print(view: &CaseView, directory: &Directory, day: Date, context: Context) -> Result<(), Failure> {
    let shown = shown(view, directory, day);
    let order = started(view);
    context.answer(&shown, || text(&shown, &order, directory, context))
}

/// Where a case stands on a day, as `schemas/case.v1.schema.json` describes it.
#[must_use]
pub fn document(view: &CaseView, directory: &Directory, day: Date) -> Value {
    serde_json::to_value(shown(view, directory, day)).unwrap_or_default()
}

fn shown<'a>(view: &'a CaseView, directory: &Directory, day: Date) -> Shown<'a> {
    let state = match &view.state {
        CaseState::Known(case) => {
            let light = light(directory, case, day);
            State::Submitted(Box::new(Submitted::of(case, light)))
        }
        CaseState::PreChecked | CaseState::Absent => State::PreChecked,
    };
    Shown {
        version: 1,
        case: &view.case,
        revision: view.revision,
        as_of: day,
        state,
    }
}

/// When each step was reached last, by the revision of that record: the order in which people read them.
fn started(view: &CaseView) -> BTreeMap<StepId, Revision> {
    let mut order = BTreeMap::new();
    for recorded in &view.records {
        if let Event::Case(CaseEvent::StepStarted(event)) = &recorded.event {
            order.insert(event.step.clone(), recorded.revision);
        }
    }
    order
}
