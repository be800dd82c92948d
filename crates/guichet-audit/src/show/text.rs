//! A case as people read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use guichet_core::case::event::Satisfaction;
use guichet_core::id::{BlockId, MaterialId, Revision, StepId};
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_terminal::context::Context;
use guichet_terminal::explain::words as clock_words;
use guichet_terminal::table::{self, or_dash};
use guichet_terminal::words::{self, department_name, procedure_name};

use super::SOURCE_TYPES;
use super::document::{Shown, State, Submitted};

pub(super) fn text(
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
