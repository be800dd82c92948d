//! What stages, outcomes, kinds and forms are called in reports.

use guichet_core::case::event::Outcome;
use guichet_core::lang::Lang;
use guichet_core::procedure::{Names, ProcedureKind};
use guichet_core::reference::WindowForm;

use crate::fact::Standing;
use crate::rows::Source;
use crate::timeliness::Timely;

/// The first text in Chinese, the second in English.
pub(super) const fn say<'t>(lang: Lang, zh: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

pub(crate) fn name(names: &Names, lang: Lang) -> &str {
    say(lang, &names.zh, &names.en)
}

pub(super) const fn stage(standing: Standing, lang: Lang) -> &'static str {
    match standing {
        Standing::Intake => say(lang, "收件", "intake"),
        Standing::AwaitingCorrection => say(lang, "待补正", "correction"),
        Standing::Review => say(lang, "审查中", "review"),
        Standing::Decided => say(lang, "已决定", "decided"),
        Standing::Ended => say(lang, "已终结", "ended"),
        Standing::Completed => say(lang, "办结", "completed"),
        Standing::Archived => say(lang, "已归档", "archived"),
    }
}

pub(super) const fn outcome(outcome: Outcome, lang: Lang) -> &'static str {
    match outcome {
        Outcome::Granted => say(lang, "准予", "granted"),
        Outcome::GrantedWithGaps => say(lang, "容缺通过", "granted with gaps"),
        Outcome::Refused => say(lang, "不予", "refused"),
        Outcome::DeemedGranted => say(lang, "视为准予", "deemed granted"),
        Outcome::DeemedRefused => say(lang, "视为不予", "deemed refused"),
        Outcome::NotAccepted => say(lang, "不予受理", "not accepted"),
        Outcome::NoLicenceNeeded => say(lang, "不受理", "no licence needed"),
        Outcome::Withdrawn => say(lang, "撤回", "withdrawn"),
        Outcome::Terminated => say(lang, "终止", "terminated"),
        Outcome::Lapsed => say(lang, "逾期未补正", "lapsed"),
        Outcome::Revoked => say(lang, "撤销", "revoked"),
    }
}

pub(super) const fn timely(timely: Timely, lang: Lang) -> &'static str {
    match timely {
        Timely::InTime => say(lang, "按时", "in time"),
        Timely::Overdue => say(lang, "超承诺", "past the promise"),
        Timely::Illegal => say(lang, "超法定", "past the statute"),
    }
}

pub(crate) const fn kind(kind: ProcedureKind, lang: Lang) -> &'static str {
    match kind {
        ProcedureKind::Immediate => say(lang, "即办件", "immediate"),
        ProcedureKind::Promised => say(lang, "承诺件", "promised"),
        ProcedureKind::Forwarded => say(lang, "上报件", "forwarded"),
        ProcedureKind::Joint => say(lang, "联办件", "joint"),
        ProcedureKind::AnnualInspection => say(lang, "年检", "annual inspection"),
        ProcedureKind::Recorded => say(lang, "仅作记录", "recorded"),
    }
}

pub(crate) const fn form(form: WindowForm, lang: Lang) -> &'static str {
    match form {
        WindowForm::ApprovalOffice => say(lang, "审批办", "approval office"),
        WindowForm::Reception => say(lang, "接待窗口", "reception"),
        WindowForm::Rotating => say(lang, "轮流值班综合代办窗口", "rotating"),
        WindowForm::AnnualInspection => say(lang, "年检窗口", "annual inspection"),
        WindowForm::Bank => say(lang, "银行收费窗口", "bank"),
        WindowForm::Intermediary => say(lang, "中介窗口", "intermediary"),
    }
}

pub(super) const fn source(source: Source, lang: Lang) -> &'static str {
    match source {
        Source::OnSite => say(lang, "现场", "on site"),
        Source::Online => say(lang, "网上", "online"),
        Source::Elsewhere => say(lang, "其他渠道", "elsewhere"),
    }
}
