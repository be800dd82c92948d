//! What the codes of answers are called, in a language: the pages translate no code themselves.

use std::collections::BTreeMap;

use guichet_audit::findings::{RuleId, Severity, standing_name};
use guichet_catalogue::{kind_name, window_form_name};
use guichet_core::actor::Role;
use guichet_core::case::CaseEvent;
use guichet_core::case::event::{ClockKind, Outcome};
use guichet_core::lang::Lang;
use guichet_core::light::Light;
use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::{FindingStanding, WindowForm};
use guichet_stats::{Dimension, Figure, Standing};
use guichet_terminal::context::Context;
use guichet_terminal::{explain, words};
use serde::Serialize;

type Names = BTreeMap<&'static str, String>;

/// Words, as `schemas/words.v1.schema.json` describes them.
#[derive(Serialize)]
pub(crate) struct Document {
    version: u16,
    lang: &'static str,
    events: Names,
    stages: Names,
    statuses: Names,
    lights: Names,
    outcomes: Names,
    clocks: Names,
    roles: Names,
    window_forms: Names,
    kinds: Names,
    opinions: Names,
    severities: Names,
    standings: Names,
    dimensions: Names,
    figures: BTreeMap<&'static str, FigureWords>,
    rules: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct FigureWords {
    name: &'static str,
    means: &'static str,
    unit: guichet_stats::figure::Unit,
}

pub(crate) fn document(lang: Lang) -> Document {
    let context = Context {
        json: false,
        quiet: true,
        lang,
        terminal: false,
    };
    let named = |codes: &[&'static str], name: &dyn Fn(&str) -> String| -> Names {
        codes.iter().map(|code| (*code, name(code))).collect()
    };
    let stages: Vec<&'static str> = Standing::ALL.iter().map(|stage| stage.as_str()).collect();
    Document {
        version: 1,
        lang: match lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        },
        events: CaseEvent::KINDS
            .iter()
            .map(|kind| (*kind, words::event_name(kind, lang)))
            .collect(),
        stages: named(&stages, &|code| words::stage(code, context).to_owned()),
        statuses: named(&["open", "done", "released", "superseded"], &|code| {
            words::status(code, context).to_owned()
        }),
        lights: Light::ALL
            .iter()
            .map(|light| (light.as_str(), explain::words::colour(*light, lang).to_owned()))
            .collect(),
        outcomes: Outcome::ALL
            .iter()
            .map(|outcome| (outcome.as_str(), words::outcome(*outcome, context).to_owned()))
            .collect(),
        clocks: ClockKind::ALL
            .iter()
            .map(|clock| (clock.as_str(), explain::words::clock(*clock, lang).to_owned()))
            .collect(),
        roles: Role::ALL
            .iter()
            .map(|role| (role.as_str(), words::role(*role, context).to_owned()))
            .collect(),
        window_forms: WindowForm::ALL
            .iter()
            .map(|form| (form.as_str(), window_form_name(*form, lang).to_owned()))
            .collect(),
        kinds: ProcedureKind::ALL
            .iter()
            .map(|kind| (kind.as_str(), kind_name(*kind, lang).to_owned()))
            .collect(),
        opinions: named(
            &[
                "agree",
                "disagree",
                "agree_but_forward",
                "deemed_consent",
                "decided",
            ],
            &|code| words::opinion(code, context).to_owned(),
        ),
        severities: Severity::ALL
            .iter()
            .map(|severity| (severity.as_str(), severity.name(lang).to_owned()))
            .collect(),
        standings: FindingStanding::ALL
            .iter()
            .map(|standing| (standing.as_str(), standing_name(*standing, lang).to_owned()))
            .collect(),
        dimensions: Dimension::ALL
            .iter()
            .map(|dimension| (dimension.as_str(), dimension.name(lang).to_owned()))
            .collect(),
        figures: Figure::ALL
            .iter()
            .map(|figure| {
                let words = FigureWords {
                    name: figure.name(lang),
                    means: figure.meaning(lang),
                    unit: figure.unit(),
                };
                (figure.as_str(), words)
            })
            .collect(),
        rules: RuleId::ALL
            .iter()
            .map(|rule| (rule.as_str(), rule.name(lang).to_owned()))
            .collect(),
    }
}
