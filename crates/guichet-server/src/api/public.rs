//! What the public sees: a whitelist of fields, masked, and never a case that is sensitive.
//!
//! The log holds no names of people, so none can be shown. Source of the rules: `docs/rules.md`, what the public may see.

use std::sync::Arc;

use guichet_audit::replay::CaseRow;
use guichet_core::case::event::Outcome;
use guichet_core::case::state::Stage;
use guichet_core::id::{DepartmentId, MaterialId, ProcedureId};
use guichet_core::light::Light;
use guichet_core::procedure::{Names, Procedure};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_stats::figure::Told;
use guichet_stats::{Figure, Period, Question};
use serde::{Deserialize, Serialize};

use crate::api::commands::body;
use crate::call::{Answer, Call, blocking, json};
use crate::problem::{Both, Problem};
use crate::public::Number;

/// How many cases roll over the screen.
const SCREEN_CASES: usize = 60;

/// Figures of fewer cases than this are not published.
const SMALL: i64 = 5;

/// The screen, as `schemas/public-screen.v1.schema.json` describes it.
#[derive(Serialize)]
struct Screen {
    version: u16,
    now: Option<Timestamp>,
    day: Option<Date>,
    received_today: Option<String>,
    completed_today: Option<String>,
    satisfaction: Vec<Satisfaction>,
    cases: Vec<Rolling>,
}

/// A rate of satisfaction with its variant and how many ratings it rests on.
#[derive(Serialize)]
struct Satisfaction {
    figure: Figure,
    period: Period,
    numerator: i64,
    denominator: i64,
    value: String,
}

#[derive(Serialize)]
struct Rolling {
    number: String,
    procedure: ProcedureId,
    department: DepartmentId,
    stage: &'static str,
    light: Option<Light>,
    received_on: Date,
    due_on: Option<Date>,
}

/// The variants of satisfaction that are shown: given at the window, plain and strict.
const SATISFACTION: [Figure; 2] = [Figure::OnSiteSatisfaction, Figure::OnSiteSatisfactionStrict];

fn is_sensitive(directory: &Directory, procedure: &ProcedureId) -> bool {
    directory.newest(procedure).is_none_or(|known| known.sensitive)
}

pub(crate) async fn screen(call: Call) -> Answer {
    let server = Arc::clone(&call.server);
    let screen = blocking(move || {
        let now = server.live.now();
        let board = &now.board;
        let day = now.view.day;
        let mut rows: Vec<&CaseRow> = now
            .view
            .cases
            .iter()
            .filter(|row| !is_sensitive(board.directory(), &row.procedure))
            .collect();
        rows.sort_by(|a, b| (b.received_on, &b.case).cmp(&(a.received_on, &a.case)));
        let reading = server.live.reading();
        let cases = rows.into_iter().take(SCREEN_CASES).map(|row| Rolling {
            number: reading.numbers.key.number(&row.case).to_string(),
            procedure: row.procedure.clone(),
            department: row.department.clone(),
            stage: row.stage,
            light: row.light,
            received_on: row.received_on,
            due_on: row.due_on,
        });
        let cases = cases.collect();
        drop(reading);
        let count = |figure: Figure, period: Period| -> Option<Told> {
            server.statistics.read(|statistics| {
                let question = Question {
                    figures: vec![figure],
                    period: Some(period),
                    ..Question::default()
                };
                let view = statistics.figures(&question.ask(statistics));
                view.rows.into_iter().next()?.figures.into_iter().next()
            })
        };
        let today = day.and_then(|day| Period::new(day, day));
        let counted = |figure| {
            today
                .and_then(|today| count(figure, today))
                .and_then(|told| told.value)
        };
        let year = day.map(Period::year_of);
        let satisfaction = SATISFACTION.into_iter().filter_map(|figure| {
            let period = year?;
            let told = count(figure, period)?;
            let (numerator, denominator) = (told.numerator?, told.denominator?);
            (denominator >= SMALL).then_some(Satisfaction {
                figure,
                period,
                numerator,
                denominator,
                value: told.value?,
            })
        });
        Ok(Screen {
            version: 1,
            now: now.view.now,
            day,
            received_today: counted(Figure::Received),
            completed_today: counted(Figure::Completed),
            satisfaction: satisfaction.collect(),
            cases,
        })
    })
    .await?;
    json(&screen)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    number: String,
    secret: String,
}

/// Where a case stands, as `schemas/public-status.v1.schema.json` describes it.
#[derive(Serialize)]
struct Status<'a> {
    version: u16,
    number: String,
    procedure: &'a ProcedureId,
    department: &'a DepartmentId,
    stage: &'static str,
    light: Option<Light>,
    received_on: Date,
    due_on: Option<Date>,
    /// Whose move it is: `applicant` or `centre`; null where the case is over.
    waits_for: Option<&'static str>,
    /// What has to be brought.
    missing: Vec<Names>,
    fees: Fees,
    outcome: Option<Outcome>,
    ended_on: Option<Date>,
}

#[derive(Serialize)]
struct Fees {
    owed_fen: u64,
    paid_fen: u64,
}

pub(crate) async fn status(call: Call) -> Answer {
    let Query { number, secret } = body(&call)?;
    let number = Number::typed(&number);
    // A number that is nobody's is put to the same test, so that the time tells nothing.
    let case = {
        let reading = call.server.live.reading();
        let nobody = guichet_core::id::CaseId::new("nobody").ok();
        let asked = reading.case_of(&number).cloned();
        let is_it = asked
            .as_ref()
            .or(nobody.as_ref())
            .is_some_and(|case| reading.numbers.key.is_secret(case, &secret));
        asked.filter(|_| is_it)
    };
    let no_match = || {
        Problem::absent(
            "no_match",
            Both::new("编号或查询码不符", "the number and the secret do not match"),
        )
        .help(
            "两者都印在收件回执上；字母大小写不限，如有疑问请到窗口询问",
            "both stand on the receipt; small or capital letters do not matter; ask at the window",
        )
    };
    let Some(case) = case else { return Err(no_match()) };
    let engine = call.server.live.engine();
    let view = engine.case(&case).await?;
    let Some(known) = view.as_ref().and_then(|view| view.state.case()) else {
        return Err(no_match());
    };
    let directory = engine.directory();
    let light = guichet_audit::as_of::light(&directory, known, engine.today());
    let procedure = directory.procedure(&known.procedure, known.version);
    let (mut missing, mut ended_on, mut waits_for) = (Vec::new(), None, Some("centre"));
    match &known.stage {
        Stage::Correction { items, .. } => {
            waits_for = Some("applicant");
            // What is wrong with each is said in the notice, in words that are the applicant's alone.
            missing = items
                .iter()
                .map(|item| named(procedure.map(AsRef::as_ref), &item.material))
                .collect();
        }
        Stage::Ended { on, .. } | Stage::Completed { on, .. } => {
            ended_on = Some(*on);
            waits_for = None;
        }
        Stage::Archived { .. } => waits_for = None,
        Stage::Intake { .. } | Stage::Review | Stage::Decided { .. } => {}
    }
    json(&Status {
        version: 1,
        number: number.to_string(),
        procedure: &known.procedure,
        department: &known.department,
        stage: known.stage.as_str(),
        light: light.as_ref().map(|light| light.light),
        received_on: known.received_on,
        due_on: light.and_then(|light| light.due_on),
        waits_for,
        missing,
        fees: Fees {
            owed_fen: known.fees.values().map(|fee| fee.owed_fen).sum(),
            paid_fen: known.fees.values().map(|fee| fee.paid_fen).sum(),
        },
        outcome: known.outcome(),
        ended_on,
    })
}

/// What a material is called; its id where the item does not list it.
fn named(procedure: Option<&Procedure>, material: &MaterialId) -> Names {
    let listed =
        procedure.and_then(|procedure| procedure.materials.iter().find(|known| known.id == *material));
    listed.map_or_else(
        || Names {
            zh: material.to_string(),
            en: material.to_string(),
        },
        |known| known.name.clone(),
    )
}
