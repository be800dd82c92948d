//! What the centre offers, for whoever comes: items, their guides, their flows drawn.

use std::sync::Arc;

use guichet_catalogue::{Loaded, diagram, guide};
use guichet_core::id::{FeeId, MaterialId, ProcedureId};
use guichet_core::procedure::{Names, Procedure, SourcedTerm};
use guichet_core::reference::{Catalogue, Directory};
use serde::Serialize;

use crate::api::centre::Item;
use crate::call::{Answer, Call, json, typed};
use crate::problem::{Both, Problem};

#[derive(Serialize)]
struct List<'a> {
    version: u16,
    procedures: Vec<Item<'a>>,
}

pub(crate) async fn list(call: Call) -> Answer {
    let directory = call.server.live.engine().directory();
    let procedures = directory.procedures.keys().filter_map(|id| directory.newest(id));
    json(&List {
        version: 1,
        procedures: procedures.map(|procedure| Item::of(procedure)).collect(),
    })
}

/// One item, as `schemas/item.v1.schema.json` describes it.
#[derive(Serialize)]
struct Shown<'a> {
    version: u16,
    #[serde(flatten)]
    item: Item<'a>,
    papers: Vec<Paper<'a>>,
    fees: Vec<Price<'a>>,
    terms: Vec<Limit<'a>>,
    /// The guide as text, with Markdown's marks.
    guide: String,
}

#[derive(Serialize)]
struct Paper<'a> {
    material: &'a MaterialId,
    name: &'a Names,
    required: bool,
    may_follow: bool,
}

#[derive(Serialize)]
struct Price<'a> {
    fee: &'a FeeId,
    name: &'a Names,
    amount_fen: u64,
    source: &'a str,
}

#[derive(Serialize)]
struct Limit<'a> {
    clock: &'static str,
    #[serde(flatten)]
    term: &'a SourcedTerm,
}

fn known(call: &Call, directory: &Directory) -> Result<Arc<Procedure>, Problem> {
    let id: ProcedureId = call.part("procedure")?;
    directory.newest(&id).cloned().ok_or_else(|| {
        Problem::absent(
            "no_such_item",
            Both::new(
                format!("中心没有事项 {id}"),
                format!("the centre offers no item `{id}`"),
            ),
        )
    })
}

pub(crate) async fn item(call: Call) -> Answer {
    let directory = call.server.live.engine().directory();
    let procedure = known(&call, &directory)?;
    let terms = &procedure.terms;
    let terms = [
        ("intake", &terms.intake),
        ("promised", &terms.promised),
        ("statutory", &terms.statutory),
        ("correction", &terms.correction),
        ("delivery", &terms.delivery),
    ];
    json(&Shown {
        version: 1,
        item: Item::of(&procedure),
        papers: procedure
            .materials
            .iter()
            .map(|material| Paper {
                material: &material.id,
                name: &material.name,
                required: material.required,
                may_follow: material.may_follow,
            })
            .collect(),
        fees: procedure
            .fees
            .iter()
            .map(|fee| Price {
                fee: &fee.id,
                name: &fee.name,
                amount_fen: fee.amount_fen,
                source: &fee.source,
            })
            .collect(),
        terms: terms
            .into_iter()
            .filter_map(|(clock, term)| term.as_ref().map(|term| Limit { clock, term }))
            .collect(),
        guide: guide::markdown(&procedure, &loaded(&directory), call.asked_lang()?),
    })
}

/// What is published, as a catalogue that guides and diagrams are made from.
fn loaded(directory: &Directory) -> Loaded {
    Loaded {
        catalogue: published(directory),
        ..Loaded::default()
    }
}

fn published(directory: &Directory) -> Catalogue {
    Catalogue {
        centre: directory.centre.clone(),
        departments: directory.departments.values().cloned().collect(),
        windows: directory.windows.values().cloned().collect(),
        rosters: directory.rosters.values().flatten().cloned().collect(),
        procedures: directory
            .procedures
            .values()
            .flat_map(|versions| versions.values())
            .map(|procedure| procedure.as_ref().clone())
            .collect(),
        ..Catalogue::default()
    }
}

pub(crate) async fn flow(call: Call) -> Answer {
    let directory = call.server.live.engine().directory();
    let procedure = known(&call, &directory)?;
    let drawn = diagram::svg(&procedure, &published(&directory), call.asked_lang()?);
    Ok(typed("image/svg+xml", "public, max-age=60", drawn))
}

pub(crate) async fn guide(call: Call) -> Answer {
    let directory = call.server.live.engine().directory();
    let procedure = known(&call, &directory)?;
    let page = guide::html(&procedure, &loaded(&directory), call.asked_lang()?);
    Ok(typed("text/html; charset=utf-8", "public, max-age=60", page))
}
