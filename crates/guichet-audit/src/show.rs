//! Where a case stands.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use guichet_core::case::event::{Channel, Outcome, Satisfaction};
use guichet_core::case::state::{Case, FeeState, GroupState, RatingState, StepAnswer, StepState};
use guichet_core::case::{CaseEvent, CaseState, Stage};
use guichet_core::condition::Facts;
use guichet_core::id::{
    BlockId, CaseId, DepartmentId, FeeId, MaterialId, OpportunityId, PersonId, ProcedureId, Revision, StepId,
    Version, WindowId,
};
use guichet_core::light::CaseLight;
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_log::codec::Event;
use guichet_log::history::CaseView;
use guichet_terminal::context::{Context, Failure};
use guichet_terminal::explain::words as clock_words;
use guichet_terminal::table::{self, or_dash};
use guichet_terminal::words::{self, department_name, procedure_name};
use serde::Serialize;
use serde_json::Value;

use crate::as_of::{Lit, light};

/// The fact in which an import keeps the types of a source's attributes. It is for exports, and says nothing to people.
pub const SOURCE_TYPES: &str = "guichet:types";

/// A case, as `schemas/case.v1.schema.json` describes it.
#[derive(Serialize)]
struct Shown<'a> {
    version: u16,
    case: &'a CaseId,
    revision: Revision,
    as_of: Date,
    #[serde(flatten)]
    state: State<'a>,
}

#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State<'a> {
    /// Somebody was advised; no application yet.
    PreChecked,
    /// An application was handed in.
    Submitted(Box<Submitted<'a>>),
}

#[derive(Serialize)]
struct Submitted<'a> {
    procedure: &'a ProcedureId,
    procedure_version: Version,
    department: &'a DepartmentId,
    applicant: &'a PersonId,
    agent: Option<&'a PersonId>,
    channel: Channel,
    window: Option<&'a WindowId>,
    transfer_to: Option<&'a WindowId>,
    stage: &'static str,
    outcome: Option<Outcome>,
    #[serde(flatten)]
    shown: Lit,
    received_on: Date,
    intake_due_on: Option<Date>,
    correction_due_on: Option<Date>,
    accepted_on: Option<Date>,
    acceptance_deemed: bool,
    promised_due_on: Option<Date>,
    statutory_due_on: Option<Date>,
    suspended: bool,
    decided_on: Option<Date>,
    delivery_due_on: Option<Date>,
    delivered_on: Option<Date>,
    ended_on: Option<Date>,
    green_channel: bool,
    reopened: u16,
    resubmits: Option<&'a CaseId>,
    facts: &'a Facts,
    materials: Vec<&'a MaterialId>,
    gaps: Vec<&'a MaterialId>,
    steps: BTreeMap<&'a StepId, Step<'a>>,
    groups: BTreeMap<&'a BlockId, Group<'a>>,
    fees: BTreeMap<&'a FeeId, Fee>,
    ratings: BTreeMap<&'a OpportunityId, Rating<'a>>,
    complaints: BTreeMap<&'a str, &'static str>,
}

#[derive(Serialize)]
struct Step<'a> {
    department: &'a DepartmentId,
    group: Option<&'a BlockId>,
    status: &'static str,
    started_on: Date,
    due_on: Option<Date>,
    holder: Option<&'a PersonId>,
    opinion: Option<&'static str>,
    by: Option<&'a PersonId>,
}

#[derive(Serialize)]
struct Group<'a> {
    lead: &'a DepartmentId,
    due_on: Option<Date>,
    members: Vec<&'a BlockId>,
    arrived: Vec<&'a BlockId>,
    outcome: Option<String>,
}

#[derive(Serialize)]
struct Fee {
    owed_fen: u64,
    paid_fen: u64,
    refunded_fen: u64,
    waived: bool,
    settled: bool,
}

#[derive(Serialize)]
struct Rating<'a> {
    department: &'a DepartmentId,
    staff: Option<&'a PersonId>,
    closes_on: Date,
    level: Option<Satisfaction>,
    counts: bool,
    rectify_by: Option<Date>,
    rectified_on: Option<Date>,
}

impl<'a> Submitted<'a> {
    fn of(case: &'a Case, light: Option<CaseLight>) -> Self {
        let (mut intake_due_on, mut correction_due_on, mut delivery_due_on, mut ended_on) =
            (None, None, None, None);
        match &case.stage {
            Stage::Intake { due_on, .. } => intake_due_on = *due_on,
            Stage::Correction { respond_by, .. } => correction_due_on = *respond_by,
            Stage::Decided {
                delivery_due_on: due_on,
            } => delivery_due_on = *due_on,
            Stage::Ended { on, .. } | Stage::Completed { on, .. } => ended_on = Some(*on),
            Stage::Review | Stage::Archived { .. } => {}
        }
        Self {
            procedure: &case.procedure,
            procedure_version: case.version,
            department: &case.department,
            applicant: &case.applicant,
            agent: case.agent.as_ref(),
            channel: case.channel,
            window: case.window.as_ref(),
            transfer_to: case.transfer.as_ref().map(|transfer| &transfer.to),
            stage: case.stage.as_str(),
            outcome: case.outcome(),
            shown: Lit::from(light),
            received_on: case.received_on,
            intake_due_on,
            correction_due_on,
            accepted_on: case.acceptance.as_ref().map(|acceptance| acceptance.effective_on),
            acceptance_deemed: case
                .acceptance
                .as_ref()
                .is_some_and(|acceptance| acceptance.deemed),
            promised_due_on: case.due.promised,
            statutory_due_on: case.due.statutory,
            suspended: case.is_suspended(),
            decided_on: case.decision.as_ref().map(|decision| decision.on),
            delivery_due_on,
            delivered_on: case.delivered_on,
            ended_on,
            green_channel: case.green_channel,
            reopened: case.reopened,
            resubmits: case.resubmits.as_ref(),
            facts: &case.facts,
            materials: case.materials.iter().collect(),
            gaps: case
                .acceptance
                .iter()
                .flat_map(|acceptance| &acceptance.gaps)
                .collect(),
            steps: case
                .steps
                .iter()
                .map(|(id, step)| (id, Step::of(id, step, case)))
                .collect(),
            groups: case
                .groups
                .iter()
                .map(|(id, group)| (id, Group::of(id, group, case)))
                .collect(),
            fees: case.fees.iter().map(|(id, fee)| (id, Fee::of(fee))).collect(),
            ratings: case
                .ratings
                .iter()
                .map(|(id, rating)| (id, Rating::of(rating)))
                .collect(),
            complaints: case
                .complaints
                .iter()
                .map(|(id, complaint)| (id.as_str(), if complaint.answered { "answered" } else { "open" }))
                .collect(),
        }
    }
}

impl<'a> Step<'a> {
    fn of(id: &StepId, step: &'a StepState, case: &Case) -> Self {
        let status = if case.progress.open.contains(id) {
            "open"
        } else if case.progress.done.contains(id) {
            "done"
        } else if case.progress.released.contains(id) {
            "released"
        } else {
            "superseded"
        };
        let (opinion, by) = match &step.answer {
            Some(StepAnswer::Given { opinion, by }) => (Some(opinion.as_str()), Some(by)),
            Some(StepAnswer::Deemed { .. }) => (Some("deemed_consent"), None),
            Some(StepAnswer::Decided { by }) => (Some("decided"), Some(by)),
            None => (None, None),
        };
        Self {
            department: &step.department,
            group: step.group.as_ref(),
            status,
            started_on: step.started_on,
            due_on: step.due_on,
            holder: step.holder.as_ref(),
            opinion,
            by,
        }
    }
}

impl<'a> Group<'a> {
    fn of(id: &BlockId, group: &'a GroupState, case: &'a Case) -> Self {
        let progress = case.progress.groups.get(id);
        let members = group.members.iter().map(|member| &member.branch);
        let added = progress.into_iter().flat_map(|progress| progress.added.keys());
        Self {
            lead: &group.lead,
            due_on: group.due_on,
            members: members.chain(added).collect(),
            arrived: progress
                .into_iter()
                .flat_map(|progress| progress.arrived.keys())
                .collect(),
            outcome: progress
                .and_then(|progress| progress.outcome)
                .map(|outcome| outcome.to_string()),
        }
    }
}

impl Fee {
    const fn of(fee: &FeeState) -> Self {
        Self {
            owed_fen: fee.owed_fen,
            paid_fen: fee.paid_fen,
            refunded_fen: fee.refunded_fen,
            waived: fee.waived,
            settled: fee.is_settled(),
        }
    }
}

impl<'a> Rating<'a> {
    fn of(rating: &'a RatingState) -> Self {
        Self {
            department: &rating.department,
            staff: rating.staff.as_ref(),
            closes_on: rating.closes_on,
            level: rating.level,
            counts: rating.level.is_some() && !rating.invalid,
            rectify_by: rating.rectify_by,
            rectified_on: rating.rectified_on,
        }
    }
}

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

/// Where a case stands on a day, as a document.
pub(crate) fn document(view: &CaseView, directory: &Directory, day: Date) -> Value {
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

fn text(
    shown: &Shown<'_>,
    order: &BTreeMap<StepId, Revision>,
    directory: &Directory,
    context: Context,
) -> String {
    let say = |zh, en| context.say(zh, en);
    let case = match &shown.state {
        State::Submitted(case) => case,
        State::PreChecked => {
            let advised = say(
                "仅有预审记录，尚未收件",
                "somebody was advised; no application was handed in yet",
            );
            return format!("{}\n  {advised}\n", shown.case);
        }
    };
    let mut text = format!(
        "{}  {}\n\n",
        shown.case,
        procedure_name(directory, case.procedure, context)
    );
    text.push_str(&indented(&summary(case, directory, context)));
    text.push_str(&steps(case, order, directory, context));
    text.push_str(&groups(case, directory, context));
    text.push_str(&fees(case, context));
    text.push_str(&ratings(case, directory, context));
    text
}

fn summary(case: &Submitted<'_>, directory: &Directory, context: Context) -> String {
    let say = |zh, en| context.say(zh, en);
    let mut table = table::fields();
    let mut row = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            table.add_row(vec![name.to_owned(), value]);
        }
    };
    let date = |date: Option<Date>| date.map(|date| date.to_string());
    let mut stage = words::stage(case.stage, context).to_owned();
    if case.suspended {
        let _ = write!(stage, " · {}", say("计时中止", "clocks stand still"));
    }
    if let Some(outcome) = case.outcome {
        let _ = write!(stage, " · {}", words::outcome(outcome, context));
    }
    row(say("状态", "stage"), Some(stage));
    row(say("状态灯", "light"), lit(case, context));
    row(
        say("部门", "department"),
        Some(department_name(directory, case.department, context)),
    );
    row(
        say("事项版本", "procedure"),
        Some(format!("{} @ {}", case.procedure, case.procedure_version)),
    );
    row(say("申请人", "applicant"), Some(case.applicant.to_string()));
    row(say("代办员", "agent"), case.agent.map(ToString::to_string));
    row(say("窗口", "window"), case.window.map(ToString::to_string));
    row(
        say("转往", "on its way to"),
        case.transfer_to.map(ToString::to_string),
    );
    row(say("收件", "received"), Some(case.received_on.to_string()));
    row(say("受理期限", "intake due"), date(case.intake_due_on));
    row(say("补正期限", "correction due"), date(case.correction_due_on));
    let deemed = if case.acceptance_deemed {
        say("（视为受理）", " (by silence)")
    } else {
        ""
    };
    row(
        say("受理", "accepted"),
        case.accepted_on.map(|on| format!("{on}{deemed}")),
    );
    row(say("承诺期限", "promised until"), date(case.promised_due_on));
    row(say("法定期限", "by law until"), date(case.statutory_due_on));
    row(say("决定", "decided"), date(case.decided_on));
    row(say("送达期限", "delivery due"), date(case.delivery_due_on));
    row(say("送达", "delivered"), date(case.delivered_on));
    row(say("结束", "ended"), date(case.ended_on));
    row(say("续办自", "takes up"), case.resubmits.map(ToString::to_string));
    row(
        say("绿色通道", "green channel"),
        case.green_channel.then(|| say("是", "yes").to_owned()),
    );
    let list = |ids: &[&MaterialId]| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    row(
        say("材料", "materials"),
        (!case.materials.is_empty()).then(|| list(&case.materials)),
    );
    row(
        say("容缺材料", "still promised"),
        (!case.gaps.is_empty()).then(|| list(&case.gaps)),
    );
    let facts = case
        .facts
        .iter()
        .filter(|(name, _)| *name != SOURCE_TYPES)
        .map(|(name, fact)| format!("{name} = {fact}"))
        .collect::<Vec<_>>();
    row(
        say("情况", "facts"),
        (!facts.is_empty()).then(|| facts.join(", ")),
    );
    let complaints = case
        .complaints
        .iter()
        .map(|(id, status)| format!("{id} ({status})"))
        .collect::<Vec<_>>();
    row(
        say("投诉", "complaints"),
        (!complaints.is_empty()).then(|| complaints.join(", ")),
    );
    table::print(&table)
}

/// The light, and the clock that shows it.
fn lit(case: &Submitted<'_>, context: Context) -> Option<String> {
    let shown = &case.shown;
    let mut lit = clock_words::light(shown.light?, context.lang);
    if let Some(clock) = shown.next_due_clock {
        let _ = write!(lit, " · {}", clock_words::clock(clock, context.lang));
    }
    if let Some(of) = &shown.next_due_of {
        let _ = write!(lit, " {of}");
    }
    if let Some(due_on) = shown.next_due_on {
        let _ = write!(lit, "{}{due_on}", context.say("至 ", " until "));
    }
    Some(lit)
}

fn steps(
    case: &Submitted<'_>,
    order: &BTreeMap<StepId, Revision>,
    directory: &Directory,
    context: Context,
) -> String {
    if case.steps.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("环节", "step"),
        say("部门", "department"),
        say("状态", "status"),
        say("开始", "started"),
        say("期限", "due"),
        say("经办", "with"),
        say("意见", "opinion"),
    ]);
    let mut steps: Vec<_> = case.steps.iter().collect();
    steps.sort_by_key(|(id, _)| order.get(**id));
    for (id, step) in steps {
        table.add_row(vec![
            id.to_string(),
            department_name(directory, step.department, context),
            words::status(step.status, context).to_owned(),
            step.started_on.to_string(),
            or_dash(step.due_on),
            or_dash(step.by.or(step.holder)),
            or_dash(step.opinion.map(|opinion| words::opinion(opinion, context))),
        ]);
    }
    table::wrap_only(&mut table, &[0, 1]);
    section(say("环节", "steps"), &table)
}

fn groups(case: &Submitted<'_>, directory: &Directory, context: Context) -> String {
    if case.groups.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("并联组", "group"),
        say("牵头", "lead"),
        say("期限", "due"),
        say("成员", "members"),
        say("已回", "arrived"),
        say("结果", "outcome"),
    ]);
    let list = |ids: &[&BlockId]| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    for (id, group) in &case.groups {
        table.add_row(vec![
            id.to_string(),
            department_name(directory, group.lead, context),
            or_dash(group.due_on),
            list(&group.members),
            list(&group.arrived),
            or_dash(group.outcome.as_ref()),
        ]);
    }
    table::wrap_only(&mut table, &[1, 3, 4]);
    section(say("并联审批", "parallel approvals"), &table)
}

fn fees(case: &Submitted<'_>, context: Context) -> String {
    if case.fees.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("费用", "fee"),
        say("应缴（元）", "owed (yuan)"),
        say("已缴", "paid"),
        say("已退", "refunded"),
        say("状态", "status"),
    ]);
    let yuan = |fen: u64| table::number(format!("{}.{:02}", fen / 100, fen % 100));
    for (id, fee) in &case.fees {
        let status = if fee.waived {
            say("减免", "waived")
        } else if fee.settled {
            say("已清", "settled")
        } else {
            say("待缴", "owed")
        };
        table.add_row(vec![
            id.to_string().into(),
            yuan(fee.owed_fen),
            yuan(fee.paid_fen),
            yuan(fee.refunded_fen),
            status.into(),
        ]);
    }
    section(say("费用", "fees"), &table)
}

fn ratings(case: &Submitted<'_>, directory: &Directory, context: Context) -> String {
    if case.ratings.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("评价机会", "occasion"),
        say("部门", "department"),
        say("人员", "staff"),
        say("截止", "closes"),
        say("评价", "rating"),
        say("整改期限", "put right by"),
        say("整改", "put right"),
    ]);
    for (id, rating) in &case.ratings {
        let level = rating.level.map(|level| {
            let level = satisfaction(level, context);
            if rating.counts {
                level.to_owned()
            } else {
                format!("{level} ({})", say("无效", "does not count"))
            }
        });
        table.add_row(vec![
            id.to_string(),
            department_name(directory, rating.department, context),
            or_dash(rating.staff),
            rating.closes_on.to_string(),
            or_dash(level),
            or_dash(rating.rectify_by),
            or_dash(rating.rectified_on),
        ]);
    }
    table::wrap_only(&mut table, &[0, 1, 4]);
    section(say("好差评", "ratings"), &table)
}

const fn satisfaction(level: Satisfaction, context: Context) -> &'static str {
    match level {
        Satisfaction::VerySatisfied => context.say("非常满意", "very satisfied"),
        Satisfaction::Satisfied => context.say("满意", "satisfied"),
        Satisfaction::BasicallySatisfied => context.say("基本满意", "basically satisfied"),
        Satisfaction::Dissatisfied => context.say("不满意", "dissatisfied"),
        Satisfaction::VeryDissatisfied => context.say("非常不满意", "very dissatisfied"),
    }
}

fn section(title: &str, table: &comfy_table::Table) -> String {
    format!("\n{title}\n{}", indented(&table::print(table)))
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut lines, line| {
        lines.push(' ');
        lines.push_str(line);
        lines.push('\n');
        lines
    })
}
