//! `guichet case list`: the cases, one line each.

use clap::Args;
use clap::builder::PossibleValuesParser;
use guichet::core::case::CaseState;
use guichet::core::case::event::Outcome;
use guichet::core::id::{CaseId, DepartmentId, ProcedureId, Version, WindowId};
use guichet::core::light::CaseLight;
use guichet::core::reference::Directory;
use guichet::core::time::{Date, Timestamp};
use guichet_audit::as_of::{Lit, light};
use guichet_stats::{CaseFact, Standing};
use guichet_terminal::words;
use serde::Serialize;

use super::as_of::AsOf;
use super::{department_name, procedure_name};
use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, DataArg};
use crate::table::{self, or_dash};
use crate::told::Told as _;

/// How many cases people see unless they ask for more: what is below the fold is not read.
const SHOWN: usize = 100;

/// What `guichet case list` takes.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    as_of: AsOf,
    /// Only cases that this department answers for
    #[arg(long, value_name = "ID")]
    department: Option<DepartmentId>,
    /// Only cases in this stage; `open` is every stage before a decision or an end
    #[arg(long, value_parser = stages())]
    stage: Option<String>,
    /// Only cases under this procedure
    #[arg(long, value_name = "ID")]
    procedure: Option<ProcedureId>,
    /// At most so many, the latest received first; 0 for all [default: 100, with --json all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

fn stages() -> PossibleValuesParser {
    let mut names = vec!["open"];
    names.extend(Standing::ALL.iter().map(|standing| standing.as_str()));
    PossibleValuesParser::new(names)
}

/// The cases, as `schemas/case-list.v1.schema.json` describes them.
#[derive(Serialize)]
struct List<'a> {
    version: u16,
    as_of: Date,
    /// How many answer to the filters.
    total: usize,
    cases: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    case: &'a CaseId,
    procedure: &'a ProcedureId,
    procedure_version: Version,
    department: &'a DepartmentId,
    window: Option<&'a WindowId>,
    stage: &'static str,
    outcome: Option<Outcome>,
    #[serde(flatten)]
    shown: Lit,
    received_on: Date,
    accepted_on: Option<Date>,
    ended_on: Option<Date>,
    promised_due_on: Option<Date>,
    statutory_due_on: Option<Date>,
    records: u64,
    last_occurred_at: Timestamp,
}

impl<'a> Row<'a> {
    fn of(case: &'a CaseId, fact: &'a CaseFact, light: Option<CaseLight>) -> Self {
        Self {
            case,
            procedure: &fact.procedure,
            procedure_version: fact.version,
            department: &fact.department,
            window: fact.window.as_ref(),
            stage: fact.standing.as_str(),
            outcome: fact.outcome,
            shown: Lit::from(light),
            received_on: fact.received_on,
            accepted_on: fact.accepted_on,
            ended_on: fact.ended_on,
            promised_due_on: fact.promised_due_on,
            statutory_due_on: fact.statutory_due_on,
            records: fact.records,
            last_occurred_at: fact.last_occurred_at,
        }
    }
}

impl ListArgs {
    fn takes(&self, fact: &CaseFact) -> bool {
        let stage = self.stage.as_deref().is_none_or(|stage| match stage {
            "open" => fact.standing.is_open(),
            stage => fact.standing.as_str() == stage,
        });
        stage
            && self
                .department
                .as_ref()
                .is_none_or(|department| fact.department == *department)
            && self
                .procedure
                .as_ref()
                .is_none_or(|procedure| fact.procedure == *procedure)
    }

    fn limit(&self, context: Context) -> usize {
        match self.limit {
            Some(0) => usize::MAX,
            Some(limit) => limit,
            None if context.json => usize::MAX,
            None => SHOWN,
        }
    }
}

pub(super) async fn run(args: &ListArgs, context: Context) -> Result<Exit, Failure> {
    let engine = data::open_with(&args.data.data, args.as_of.config(), &context).await?;
    let cases = args.as_of.cases(&engine).await;
    let (directory, as_of) = (engine.directory(), args.as_of.day(&engine));
    engine.close().await.told()?;
    let cases = cases?;
    let light = |id: &CaseId| {
        let case = cases.states.get(id).and_then(CaseState::case);
        case.and_then(|case| light(&directory, case, as_of))
    };
    let facts = cases.facts.rows();
    let mut rows: Vec<_> = facts
        .filter(|rows| args.takes(&rows.case))
        .map(|rows| Row::of(&rows.id, &rows.case, light(&rows.id)))
        .collect();
    let total = rows.len();
    rows.sort_by(|a, b| (b.received_on, a.case).cmp(&(a.received_on, b.case)));
    rows.truncate(args.limit(context));
    let list = List {
        version: 1,
        as_of,
        total,
        cases: rows,
    };
    context.answer(&list, || text(&list, &directory, context))?;
    if list.cases.len() < total {
        let shown = list.cases.len();
        context.remark(&match context.lang {
            Lang::Zh => format!("共 {total} 件，显示最近收件的 {shown} 件；--limit 0 显示全部"),
            Lang::En => format!("{shown} of {total} cases, the latest received; --limit 0 shows all"),
        });
    }
    Ok(Exit::Ok)
}

fn text(list: &List<'_>, directory: &Directory, context: Context) -> String {
    if list.cases.is_empty() {
        return format!("{}\n", context.say("没有办件", "no cases"));
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("灯", "light"),
        say("办件", "case"),
        say("事项", "procedure"),
        say("部门", "department"),
        say("状态", "stage"),
        say("结果", "outcome"),
        say("收件", "received"),
        say("期限", "due"),
    ]);
    for row in &list.cases {
        table.add_row(vec![
            words::light(row.shown.light, context),
            row.case.to_string().into(),
            procedure_name(directory, row.procedure, context).into(),
            department_name(directory, row.department, context).into(),
            words::stage(row.stage, context).into(),
            or_dash(row.outcome.map(|outcome| words::outcome(outcome, context))).into(),
            row.received_on.to_string().into(),
            or_dash(row.shown.next_due_on).into(),
        ]);
    }
    table::wrap_only(&mut table, &[2, 3]);
    table::print(&table)
}
