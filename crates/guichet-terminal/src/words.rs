//! What stages, outcomes, roles and events are called on screens. JSON has the codes.

use comfy_table::{Attribute, Cell, Color};
use guichet_core::actor::Role;
use guichet_core::case::event::Outcome;
use guichet_core::id::{DepartmentId, ProcedureId};
use guichet_core::light::Light;
use guichet_core::reference::Directory;

use crate::context::{Context, Lang};
use crate::explain::words;

/// The name of a stage, by its code.
#[must_use]
pub fn stage(code: &str, context: Context) -> &str {
    match code {
        "intake" => context.say("收件", "intake"),
        "awaiting_correction" => context.say("待补正", "correction"),
        "review" => context.say("审查中", "review"),
        "decided" => context.say("已决定", "decided"),
        "ended" => context.say("已终结", "ended"),
        "completed" => context.say("办结", "completed"),
        "archived" => context.say("已归档", "archived"),
        other => other,
    }
}

/// How far a step is, by its code.
#[must_use]
pub fn status(code: &str, context: Context) -> &str {
    match code {
        "open" => context.say("办理中", "open"),
        "done" => context.say("完成", "done"),
        "released" => context.say("免办", "not needed"),
        "superseded" => context.say("作废", "void"),
        other => other,
    }
}

/// How a step was answered, by its code.
#[must_use]
pub fn opinion(code: &str, context: Context) -> &str {
    match code {
        "agree" => context.say("同意", "agrees"),
        "disagree" => context.say("不同意", "disagrees"),
        "agree_but_forward" => context.say("同意，须上报", "agrees, forwards"),
        "deemed_consent" => context.say("视为同意", "silent: consents"),
        "decided" => context.say("决定", "decided"),
        other => other,
    }
}

/// The name of a procedure in the language of the answer; its id where the directory has none.
#[must_use]
pub fn procedure_name(directory: &Directory, id: &ProcedureId, context: Context) -> String {
    directory.newest(id).map_or_else(
        || id.to_string(),
        |procedure| context.name(&procedure.name).to_owned(),
    )
}

/// The name of a department, likewise.
#[must_use]
pub fn department_name(directory: &Directory, id: &DepartmentId, context: Context) -> String {
    directory.departments.get(id).map_or_else(
        || id.to_string(),
        |department| context.name(&department.name).to_owned(),
    )
}

/// The name of a department, or of the whole centre where none is meant.
#[must_use]
pub fn department_or_centre(directory: &Directory, id: Option<&DepartmentId>, context: Context) -> String {
    id.map_or_else(
        || context.say("全中心", "whole centre").to_owned(),
        |id| department_name(directory, id, context),
    )
}

/// The name of an outcome.
#[must_use]
pub const fn outcome(outcome: Outcome, context: Context) -> &'static str {
    match outcome {
        Outcome::Granted => context.say("准予", "granted"),
        Outcome::GrantedWithGaps => context.say("容缺通过", "granted with gaps"),
        Outcome::Refused => context.say("不予", "refused"),
        Outcome::DeemedGranted => context.say("视为准予", "deemed granted"),
        Outcome::DeemedRefused => context.say("视为不予", "deemed refused"),
        Outcome::NotAccepted => context.say("不予受理", "not accepted"),
        Outcome::NoLicenceNeeded => context.say("不受理", "no licence needed"),
        Outcome::Withdrawn => context.say("撤回", "withdrawn"),
        Outcome::Terminated => context.say("终止", "terminated"),
        Outcome::Lapsed => context.say("逾期未补正", "lapsed"),
        Outcome::Revoked => context.say("撤销", "revoked"),
    }
}

/// A light as a shape and a word, in its colour where the answer goes to a terminal.
#[must_use]
pub fn light(light: Option<Light>, context: Context) -> Cell {
    let Some(light) = light else {
        return Cell::new("–");
    };
    let cell = Cell::new(words::light(light, context.lang));
    match light {
        Light::Green => cell.fg(Color::Green),
        Light::Yellow => cell.fg(Color::Yellow),
        Light::Red => cell.fg(Color::Red),
        // Black would not be seen on most terminals.
        Light::Black => cell.add_attribute(Attribute::Reverse),
        Light::Grey => cell.fg(Color::DarkGrey),
    }
}

/// The name of a role.
#[must_use]
pub const fn role(role: Role, context: Context) -> &'static str {
    match role {
        Role::Clerk => context.say("窗口人员", "clerk"),
        Role::Handler => context.say("承办人", "handler"),
        Role::Reviewer => context.say("审核人", "reviewer"),
        Role::Approver => context.say("批准人", "approver"),
        Role::AuthorityHead => context.say("机关负责人", "authority head"),
        Role::GovernmentHead => context.say("政府负责人", "government head"),
        Role::Cashier => context.say("收费员", "cashier"),
        Role::Supervisor => context.say("监察", "supervisor"),
        Role::Director => context.say("中心主任", "director"),
        Role::Applicant => context.say("申请人", "applicant"),
        Role::Agent => context.say("代办员", "agent"),
        Role::Timekeeper => context.say("计时", "timekeeper"),
        Role::Importer => context.say("导入", "importer"),
    }
}

/// The kinds of events of a case, as people say them.
const EVENTS: &[(&str, &str)] = &[
    ("case.pre_check_recorded", "预审"),
    ("case.submitted", "收件"),
    ("case.correction_requested", "一次性告知补正"),
    ("case.correction_submitted", "提交补正"),
    ("case.correction_lapsed", "补正逾期"),
    ("case.material_supplied", "补交材料"),
    ("case.accepted", "受理"),
    ("case.acceptance_deemed", "视为受理"),
    ("case.acceptance_refused", "不予受理"),
    ("case.no_licence_needed", "不受理"),
    ("case.transferred", "转件"),
    ("case.transfer_confirmed", "签收"),
    ("case.transfer_returned", "退件"),
    ("case.step_started", "环节开始"),
    ("case.step_claimed", "领办"),
    ("case.step_released", "放回"),
    ("case.step_delegated", "转交"),
    ("case.step_opinion_given", "签署意见"),
    ("case.step_sent_back", "退回环节"),
    ("case.block_skipped", "跳过"),
    ("case.branch_chosen", "分支选择"),
    ("case.parallel_opened", "并联审批开始"),
    ("case.service_proved", "送达证明"),
    ("case.member_opinion_given", "成员意见"),
    ("case.member_consent_deemed", "视为同意"),
    ("case.branch_arrived", "分支到达"),
    ("case.branch_added", "增加部门"),
    ("case.branch_removed", "减少部门"),
    ("case.dissent_resolved", "分歧处理"),
    ("case.parallel_closed", "并联审批结束"),
    ("case.special_procedure_requested", "特别程序申请"),
    ("case.special_procedure_approved", "特别程序批准"),
    ("case.special_procedure_refused", "特别程序不批准"),
    ("case.special_procedure_started", "特别程序开始"),
    ("case.special_procedure_ended", "特别程序结束"),
    ("case.clock_suspended", "中止计时"),
    ("case.clock_resumed", "恢复计时"),
    ("case.extension_requested", "延期申请"),
    ("case.extension_granted", "延期批准"),
    ("case.extension_refused", "延期不批准"),
    ("case.extension_revoked", "延期撤销"),
    ("case.fee_notified", "缴费通知"),
    ("case.fee_paid", "缴费"),
    ("case.fee_waived", "减免"),
    ("case.fee_refunded", "退费"),
    ("case.decision_made", "决定"),
    ("case.decision_deemed", "视为决定"),
    ("case.certificate_issued", "制证"),
    ("case.certificate_delivered", "送达"),
    ("case.completed", "办结"),
    ("case.archived", "归档"),
    ("case.withdrawn", "撤回"),
    ("case.terminated", "终止"),
    ("case.decision_revoked", "撤销决定"),
    ("case.reopened", "重新办理"),
    ("case.procedure_migrated", "事项版本变更"),
    ("case.agency_appointed", "委托代办"),
    ("case.agency_logged", "代办日志"),
    ("case.agency_ended", "代办结束"),
    ("case.green_channel_marked", "绿色通道"),
    ("case.rating_offered", "邀请评价"),
    ("case.rating_given", "评价"),
    ("case.rating_appended", "追加评价"),
    ("case.rating_invalidated", "评价无效"),
    ("case.bad_rating_assigned", "差评交办"),
    ("case.callback_made", "回访"),
    ("case.rectification_done", "整改完成"),
    ("case.rectification_rated", "整改评价"),
    ("case.complaint_received", "投诉"),
    ("case.complaint_answered", "投诉答复"),
    ("case.praise_received", "表扬"),
    ("case.record_corrected", "更正记录"),
    ("case.due_date_announced", "告知期限"),
    ("case.light_turned", "变灯"),
    ("case.step_recorded", "记录环节"),
];

/// What happened, in words: the kind without its prefix in English.
#[must_use]
pub fn event(kind: &str, context: Context) -> String {
    event_name(kind, context.lang)
}

/// What happened, in a language.
pub fn event_name(kind: &str, lang: Lang) -> String {
    let english = kind.strip_prefix("case.").unwrap_or(kind).replace('_', " ");
    let chinese = EVENTS
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, chinese)| *chinese);
    match lang {
        Lang::Zh => chinese.map_or(english, str::to_owned),
        Lang::En => english,
    }
}

#[cfg(test)]
mod tests {
    use guichet_core::case::CaseEvent;

    use super::*;

    #[test]
    fn every_event_has_a_chinese_name() {
        let kinds: Vec<_> = EVENTS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, CaseEvent::KINDS);
    }
}
