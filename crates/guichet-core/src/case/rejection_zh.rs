//! The same refusals in Chinese, as a clerk at a window would say them.

use std::fmt::Display;

use super::event::Outcome;
use super::rejection::Rejection;
use crate::actor::Role;
use crate::lang::Lang;
use crate::procedure::SpecialKind;
use crate::reference::WindowForm;
use crate::time::Term;

impl Rejection {
    /// The refusal as a sentence in a language.
    ///
    /// ```
    /// # use guichet_core::{case::Rejection, lang::Lang};
    /// assert_eq!(Rejection::NotSuspended.sentence(Lang::Zh), "办理时限正在计算，没有处于暂停状态");
    /// assert_eq!(Rejection::NotSuspended.sentence(Lang::En), "the decision clocks run");
    /// ```
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::Zh => self.zh(),
            Lang::En => self.to_string(),
        }
    }

    /// The refusal as a Chinese sentence, without a full stop.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm a refusal")]
    pub fn zh(&self) -> String {
        match self {
            Self::UnknownPerson { person } => format!("人员名录中没有 {person}"),
            Self::NoLongerStaff { person, until } => format!("{person} 的任职已于 {until} 截止"),
            Self::RoleNotHeld { person, role } => format!("{person} 不担任{}", role_zh(*role)),
            Self::RoleNotAllowed { role, allowed } => {
                let allowed = list(allowed.iter().map(|role| role_zh(*role)));
                format!("{}不能办理此项操作，应由{allowed}办理", role_zh(*role))
            }
            Self::UnknownWindow { window } => format!("没有登记窗口 {window}"),
            Self::WindowMissing => "此项操作须在窗口办理，但没有写明窗口".to_owned(),
            Self::NotAtWindow { person, window } => format!("{person} 不在窗口 {window} 工作"),
            Self::NotOnDuty {
                window,
                department,
                day,
            } => format!("{day} 窗口 {window} 不受理 {department} 的业务"),

            Self::NotSubmitted => "该编号下还没有收到申请".to_owned(),
            Self::AlreadySubmitted { received_on } => format!("该编号已于 {received_on} 收件"),
            Self::WrongStage { stage, wanted } => {
                format!(
                    "办件现处于“{}”，此项操作要求“{}”",
                    stage_zh(stage),
                    stage_zh(wanted)
                )
            }
            Self::Ended { outcome, on } => format!("办件已于 {on} 终结：{}", outcome_zh(*outcome)),
            Self::TransferPending { from, to } => {
                format!("案卷正由窗口 {from} 转往窗口 {to}，尚未签收")
            }

            Self::UnknownProcedure { procedure } => format!("没有公布事项 {procedure}"),
            Self::UnknownVersion { procedure, version } => {
                format!("事项 {procedure} 没有第 {version} 版")
            }
            Self::UnknownCalendar { procedure } => {
                format!("事项 {procedure} 所用的工作日历没有公布，无法计算期限")
            }
            Self::UnknownDepartment { department } => format!("没有登记部门 {department}"),
            Self::UnknownStep { step } => format!("流程中没有环节 {step}"),
            Self::StepNotOpen { step, found, open } => {
                format!("环节 {step} {}，正在办理的环节：{}", found_zh(found), list(open))
            }
            Self::StepDecides { step } => format!("环节 {step} 就是审批决定，请直接作出决定"),
            Self::GroupNotOpen { group } => format!("并联审批 {group} 没有在办理中"),
            Self::NotAMember { group, branch } => format!("{branch} 不是并联审批 {group} 的成员"),
            Self::BlockExists { block } => format!("流程中已有名为 {block} 的部分"),
            Self::NotOptional { block } => format!("没有可以略过的部分 {block}"),
            Self::SpecialElsewhere {
                special,
                found,
                wanted,
            } => format!(
                "特别程序 {special} 的状态是“{}”，此项操作要求“{}”",
                special_zh(found),
                special_zh(wanted)
            ),
            Self::UnknownOpportunity { opportunity } => format!("本办件没有评价机会 {opportunity}"),
            Self::UnknownFee { fee } => format!("没有告知过费用 {fee}"),
            Self::UnknownComplaint { complaint } => format!("没有待答复的投诉 {complaint}"),
            Self::ComplaintExists { complaint } => format!("投诉 {complaint} 已经登记"),
            Self::NoAgent => "本办件没有代办员".to_owned(),
            Self::UnknownRecord { target } => format!("本办件还没有第 {target} 条记录"),

            Self::WrongRole { needed, given } => {
                format!("此环节应由{}办理，当前为{}", role_zh(*needed), role_zh(*given))
            }
            Self::WrongDepartment { person, department } => {
                format!("{person} 不能代表部门 {department} 办理")
            }
            Self::CannotReceive { person, role } => {
                format!("{person} 不担任此环节要求的{}，不能接办", role_zh(*role))
            }
            Self::WrongWindowForm { needed } => format!("应在{}办理", form_zh(*needed)),
            Self::HeldByAnother { step, holder } => format!("环节 {step} 已由 {holder} 领办"),
            Self::AssignedToAnother { opportunity, to } => {
                format!("评价 {opportunity} 的整改已指派给 {to}")
            }
            Self::NotHeld { step, person } => format!("{person} 没有领办环节 {step}"),
            Self::SamePerson { person, step, other } => {
                format!("{person} 已办理环节 {other}，环节 {step} 须由另一人办理")
            }
            Self::FileElsewhere { at } => format!("案卷在窗口 {at}"),
            Self::NotTheApplicant { person } => format!("{person} 不是申请人，也不是其代办员"),
            Self::OwnDepartment { person, department } => {
                format!("{person} 属于被评议的部门 {department}，应当回避")
            }

            Self::InFuture { given, today } => format!("日期 {given} 晚于 {today}"),
            Self::TooEarly { given, earliest } => format!("日期 {given} 早于 {earliest}"),
            Self::SpecialOpen { kind } => format!("已有未结束的特别程序：{}", special_kind_zh(*kind)),
            Self::AlreadySuspended { since } => format!("办理时限自 {since} 起已经暂停"),
            Self::NotSuspended => "办理时限正在计算，没有处于暂停状态".to_owned(),
            Self::ExtensionPending { by } => format!("延长 {} 的申请尚待答复", term_zh(*by)),
            Self::NoExtension { wanted } => match *wanted {
                "stands" => "没有有效的延期".to_owned(),
                _ => "没有待答复的延期申请".to_owned(),
            },
            Self::ExtensionsUsedUp { times } => format!("该事项最多延期 {times} 次，已经用完"),
            Self::TermOver { due_on } => format!("办理期限已于 {due_on} 届满"),
            Self::StepsOpen { steps } => format!("下列环节尚未办结：{}", list(steps)),
            Self::FlowRefused => "并联审批未通过，只能作出不予许可的决定".to_owned(),
            Self::NoDissent { group } => format!("并联审批 {group} 中没有待处理的反对意见"),
            Self::NotDone { step } => format!("环节 {step} 尚未办理过"),
            Self::NotAskedAgain { step } => format!(
                "环节 {step} 不会重新办理：所在并联审批已由其他分支得出结果；请指定已答复分支的环节，或并联审批之前的环节"
            ),
            Self::NeverAccepted => "本办件从未受理".to_owned(),
            Self::NoCertificate => "还没有制发证照".to_owned(),
            Self::NotDelivered => "结果尚未送达申请人".to_owned(),
            Self::AlreadyDelivered { on } => format!("已于 {on} 送达"),
            Self::Unpaid { fee } => format!("费用 {fee} 尚未缴清"),
            Self::AgentAppointed { agent } => format!("申请人已有代办员 {agent}"),
            Self::AlreadyRated { opportunity } => {
                format!("评价机会 {opportunity} 已经使用，一次服务只评价一次")
            }
            Self::RatingClosed {
                opportunity,
                closed_on,
            } => format!("评价机会 {opportunity} 已于 {closed_on} 截止"),
            Self::NoSuchRating { opportunity, wanted } => {
                let wanted = match *wanted {
                    "bad rating" => "差评",
                    "rectification" => "整改记录",
                    _ => "评价",
                };
                format!("评价机会 {opportunity} 下没有有效的{wanted}")
            }
            Self::SameVersion { version } => format!("本办件已适用第 {version} 版"),
            Self::BranchSettled { branch } => format!("分支 {branch} 已答复或已撤出"),
            Self::SafetyBranch { step } => format!("环节 {step} 涉及安全，不得撤出"),
            Self::LastBranch { group } => format!("这是并联审批 {group} 中最后一个被征询的分支，不得撤出"),

            Self::ReasonsMissing { what } => format!("{}须写明内容或理由", what_zh(what)),
            Self::NothingNamed { what } => format!("{}没有列出任何内容", what_zh(what)),
            Self::TextTooLong { field, bytes, max } => {
                format!("{}有 {bytes} 字节，最多 {max} 字节", what_zh(field))
            }
            Self::TooMany { what, count, max } => {
                format!("{}将达到 {count} 项，最多 {max} 项", what_zh(what))
            }
            Self::MaterialsMissing { materials } => format!("缺少必需的材料：{}", list(materials)),
            Self::MayNotFollow { materials } => format!("下列材料不适用容缺受理：{}", list(materials)),
            Self::GapsOpen { materials } => {
                format!(
                    "承诺补交的材料尚未交齐：{}；可以容缺通过，或等待补交",
                    list(materials)
                )
            }
            Self::NoGaps => "没有承诺补交的材料".to_owned(),
            Self::NotExtensible => "该事项不允许延期".to_owned(),
            Self::TooLong { asked, longest } => {
                format!("{}超过规定的最长期限 {}", term_zh(*asked), term_zh(*longest))
            }
            Self::UnitDiffers { asked, rule } => {
                format!("{}与规定的 {} 单位不同", term_zh(*asked), term_zh(*rule))
            }
            Self::SpecialNotAllowed { kind } => format!("该事项没有特别程序：{}", special_kind_zh(*kind)),
            Self::NameMissing => "“其他”特别程序须写明名称".to_owned(),
            Self::SilenceNotAllowed { member } => format!("{member} 的沉默不视为同意"),
            Self::ServiceNotProved { member } => format!("没有向 {member} 送达的证明"),
            Self::NotForwardable { step } => {
                format!("环节 {step} 不在并联审批中，不能选择“同意但须转报”")
            }
            Self::WrongAmount {
                given_fen,
                expected_fen,
                what,
            } => {
                let what = if *what == "owed" { "应缴" } else { "最多可退" };
                format!("金额 {given_fen} 分不符，{what} {expected_fen} 分")
            }
            Self::Calendar(error) => format!("无法计算期限（{error}）"),
        }
    }
}

fn list<T: Display>(things: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = things.into_iter().map(|thing| thing.to_string()).collect();
    if words.is_empty() {
        "无".to_owned()
    } else {
        words.join("、")
    }
}

const fn role_zh(role: Role) -> &'static str {
    match role {
        Role::Clerk => "窗口人员",
        Role::Handler => "承办人",
        Role::Reviewer => "审核人",
        Role::Approver => "批准人",
        Role::AuthorityHead => "行政机关负责人",
        Role::GovernmentHead => "本级人民政府负责人",
        Role::Cashier => "收费人员",
        Role::Supervisor => "监察人员",
        Role::Director => "中心主任",
        Role::Applicant => "申请人",
        Role::Agent => "代办员",
        Role::Timekeeper => "计时程序",
        Role::Importer => "导入程序",
    }
}

const fn form_zh(form: WindowForm) -> &'static str {
    match form {
        WindowForm::ApprovalOffice => "审批办",
        WindowForm::Reception => "接待窗口",
        WindowForm::Rotating => "轮流值班综合代办窗口",
        WindowForm::AnnualInspection => "年检窗口",
        WindowForm::Bank => "银行收费窗口",
        WindowForm::Intermediary => "中介窗口",
    }
}

const fn outcome_zh(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Granted => "准予",
        Outcome::GrantedWithGaps => "容缺通过",
        Outcome::Refused => "不予",
        Outcome::DeemedGranted => "视为准予",
        Outcome::DeemedRefused => "视为不予",
        Outcome::NotAccepted => "不予受理",
        Outcome::NoLicenceNeeded => "不受理",
        Outcome::Withdrawn => "撤回",
        Outcome::Terminated => "终止",
        Outcome::Lapsed => "逾期未补正",
        Outcome::Revoked => "撤销",
    }
}

const fn special_kind_zh(kind: SpecialKind) -> &'static str {
    match kind {
        SpecialKind::Hearing => "听证",
        SpecialKind::Bidding => "招标",
        SpecialKind::Auction => "拍卖",
        SpecialKind::Inspection => "检验",
        SpecialKind::Testing => "检测",
        SpecialKind::Quarantine => "检疫",
        SpecialKind::Appraisal => "鉴定",
        SpecialKind::ExpertReview => "专家评审",
        SpecialKind::PublicNotice => "公示",
        SpecialKind::Other => "其他",
    }
}

fn term_zh(term: Term) -> String {
    match term {
        Term::WorkingDays(count) => format!("{count} 个工作日"),
        Term::CalendarDays(count) => format!("{count} 日"),
        Term::Weeks(count) => format!("{count} 周"),
        Term::Months(count) => format!("{count} 个月"),
        Term::WorkingHours(count) => format!("{count} 个工作小时"),
    }
}

// The words that refusals carry as text. What is missing here is shown as it is, and a test of every refusal finds it.

fn stage_zh(stage: &'static str) -> &'static str {
    match stage {
        "intake" => "待受理",
        "awaiting_correction" => "待补正",
        "review" => "审查",
        "decided" => "已决定",
        "ended" => "已终结",
        "completed" => "已办结",
        "archived" => "已归档",
        "intake, review, or material still promised" => "待受理、审查或仍有容缺材料",
        "a stage before the decision" => "作出决定之前",
        "a stage before completion" => "办结之前",
        "a decision that stands" => "有效的审批决定",
        "decided or ended" => "已决定或已终结",
        "decided, ended or completed" => "已决定、已终结或已办结",
        "refused" => "不予许可",
        "a grant" => "准予许可",
        "at rest at a window" => "案卷在窗口",
        "a file on its way between windows" => "案卷在转送途中",
        other => other,
    }
}

fn found_zh(found: &'static str) -> &'static str {
    match found {
        "done" => "已经办结",
        "not needed any more" => "已无须办理",
        "not reached" => "尚未开始",
        _ => "不在办理中",
    }
}

fn special_zh(status: &'static str) -> &'static str {
    match status {
        "new" => "新建",
        "unknown" => "未登记",
        "requested" => "已申请",
        "approved" => "已批准",
        "refused" => "未批准",
        "running" => "进行中",
        "ended" => "已结束",
        other => other,
    }
}

fn what_zh(what: &'static str) -> &'static str {
    match what {
        "a refusal to accept" => "不予受理",
        "remedies" => "救济途径",
        "the answer that no licence is needed" => "无须许可的答复",
        "a correction notice" => "补正告知",
        "each item of a correction notice" => "补正告知的每一项",
        "items" => "补正事项",
        "the name of a fact" => "事实名称",
        "a fact" | "facts" => "事实",
        "materials" => "材料",
        "a supply of material" => "补交材料",
        "a transfer" => "转送",
        "a returned transfer" => "退回转送",
        "giving a step back" => "退办环节",
        "handing a step over" => "转办环节",
        "a disagreement" => "不同意的意见",
        "reasons" => "理由",
        "a return" => "退回重办",
        "skipping a block" => "略过环节",
        "an added branch" => "增加分支",
        "added branches" => "增加的分支",
        "a removed branch" => "撤出分支",
        "the answer to a disagreement" => "对反对意见的答复",
        "the name of a special procedure" => "特别程序名称",
        "special procedures" => "特别程序",
        "a refusal" => "不予批准",
        "a suspension" => "暂停计时",
        "suspensions" => "暂停",
        "a request for more time" => "延期申请",
        "an extension" => "延期",
        "taking an extension back" => "撤销延期",
        "a fee notice" => "缴费告知",
        "fees" => "费用",
        "a payment" => "缴费",
        "a waiver" => "减免",
        "a refund" => "退费",
        "a delivery" => "送达",
        "archiving" => "归档",
        "a withdrawal" => "撤回申请",
        "a termination" => "终止办理",
        "a revocation" => "撤销决定",
        "reopening a case" => "重新办理",
        "a migration" => "变更事项版本",
        "an agency" => "代办委托",
        "an entry of the agency log" => "代办日志",
        "the end of an agency" => "终止代办",
        "the green channel" => "绿色通道",
        "invalidating a rating" => "认定评价无效",
        "a complaint" | "complaints" => "投诉",
        "praise" => "表扬",
        "the field of a correction" => "更正字段",
        "the old value" => "原值",
        "the new value" => "新值",
        "a correction" => "更正",
        "an attribute" | "attributes" => "属性",
        "the name of an attribute" => "属性名称",
        "a group" => "办理组",
        "a recorded step" => "记录的环节",
        other => other,
    }
}

#[cfg(test)]
mod tests {

    use crate::testkit::id;
    use crate::time::date;

    use super::*;

    /// One refusal of each kind, its parts recognizable.
    #[expect(clippy::too_many_lines, reason = "one entry a refusal")]
    fn each() -> Vec<Rejection> {
        let day = date(2010, 3, 1);
        vec![
            Rejection::UnknownPerson { person: id("p") },
            Rejection::NoLongerStaff {
                person: id("p"),
                until: day,
            },
            Rejection::RoleNotHeld {
                person: id("p"),
                role: Role::Clerk,
            },
            Rejection::RoleNotAllowed {
                role: Role::Clerk,
                allowed: &[Role::Handler],
            },
            Rejection::UnknownWindow { window: id("w") },
            Rejection::WindowMissing,
            Rejection::NotAtWindow {
                person: id("p"),
                window: id("w"),
            },
            Rejection::NotOnDuty {
                window: id("w"),
                department: id("d"),
                day,
            },
            Rejection::NotSubmitted,
            Rejection::AlreadySubmitted { received_on: day },
            Rejection::WrongStage {
                stage: "intake",
                wanted: "review",
            },
            Rejection::Ended {
                outcome: Outcome::Withdrawn,
                on: day,
            },
            Rejection::TransferPending {
                from: id("w"),
                to: id("v"),
            },
            Rejection::UnknownProcedure { procedure: id("q") },
            Rejection::UnknownVersion {
                procedure: id("q"),
                version: crate::id::Version(7),
            },
            Rejection::UnknownCalendar { procedure: id("q") },
            Rejection::UnknownDepartment { department: id("d") },
            Rejection::UnknownStep { step: id("s") },
            Rejection::StepNotOpen {
                step: id("s"),
                found: "done",
                open: [id("t")].into(),
            },
            Rejection::StepDecides { step: id("s") },
            Rejection::GroupNotOpen { group: id("g") },
            Rejection::NotAMember {
                group: id("g"),
                branch: "b".to_owned(),
            },
            Rejection::BlockExists { block: id("b") },
            Rejection::NotOptional { block: id("b") },
            Rejection::SpecialElsewhere {
                special: id("h"),
                found: "unknown",
                wanted: "new",
            },
            Rejection::UnknownOpportunity { opportunity: id("o") },
            Rejection::UnknownFee { fee: id("f") },
            Rejection::UnknownComplaint { complaint: id("c") },
            Rejection::ComplaintExists { complaint: id("c") },
            Rejection::NoAgent,
            Rejection::UnknownRecord {
                target: crate::id::Revision(7),
            },
            Rejection::WrongRole {
                needed: Role::Clerk,
                given: Role::Handler,
            },
            Rejection::WrongDepartment {
                person: id("p"),
                department: id("d"),
            },
            Rejection::CannotReceive {
                person: id("p"),
                role: Role::Clerk,
            },
            Rejection::WrongWindowForm {
                needed: WindowForm::Bank,
            },
            Rejection::HeldByAnother {
                step: id("s"),
                holder: id("p"),
            },
            Rejection::AssignedToAnother {
                opportunity: id("o"),
                to: id("p"),
            },
            Rejection::NotHeld {
                step: id("s"),
                person: id("p"),
            },
            Rejection::SamePerson {
                person: id("p"),
                step: id("s"),
                other: id("t"),
            },
            Rejection::FileElsewhere { at: id("w") },
            Rejection::NotTheApplicant { person: id("p") },
            Rejection::OwnDepartment {
                person: id("p"),
                department: id("d"),
            },
            Rejection::InFuture {
                given: day,
                today: day.next(),
            },
            Rejection::TooEarly {
                given: day,
                earliest: day.next(),
            },
            Rejection::SpecialOpen {
                kind: SpecialKind::Hearing,
            },
            Rejection::AlreadySuspended { since: day },
            Rejection::NotSuspended,
            Rejection::ExtensionPending {
                by: Term::WorkingDays(9),
            },
            Rejection::NoExtension { wanted: "stands" },
            Rejection::NoExtension {
                wanted: "waits for an answer",
            },
            Rejection::ExtensionsUsedUp { times: 3 },
            Rejection::TermOver { due_on: day },
            Rejection::StepsOpen {
                steps: [id("s")].into(),
            },
            Rejection::FlowRefused,
            Rejection::NoDissent { group: id("g") },
            Rejection::NotDone { step: id("s") },
            Rejection::NotAskedAgain { step: id("s") },
            Rejection::NeverAccepted,
            Rejection::NoCertificate,
            Rejection::NotDelivered,
            Rejection::AlreadyDelivered { on: day },
            Rejection::Unpaid { fee: id("f") },
            Rejection::AgentAppointed { agent: id("p") },
            Rejection::AlreadyRated { opportunity: id("o") },
            Rejection::RatingClosed {
                opportunity: id("o"),
                closed_on: day,
            },
            Rejection::NoSuchRating {
                opportunity: id("o"),
                wanted: "bad rating",
            },
            Rejection::SameVersion {
                version: crate::id::Version(7),
            },
            Rejection::BranchSettled { branch: id("b") },
            Rejection::SafetyBranch { step: id("s") },
            Rejection::LastBranch { group: id("g") },
            Rejection::ReasonsMissing { what: "a transfer" },
            Rejection::NothingNamed { what: "a fee notice" },
            Rejection::TextTooLong {
                field: "reasons",
                bytes: 5_000,
                max: 4_000,
            },
            Rejection::TooMany {
                what: "facts",
                count: 2_000,
                max: 1_000,
            },
            Rejection::MaterialsMissing {
                materials: [id("m")].into(),
            },
            Rejection::MayNotFollow {
                materials: [id("m")].into(),
            },
            Rejection::GapsOpen {
                materials: [id("m")].into(),
            },
            Rejection::NoGaps,
            Rejection::NotExtensible,
            Rejection::TooLong {
                asked: Term::Months(9),
                longest: Term::Weeks(2),
            },
            Rejection::UnitDiffers {
                asked: Term::CalendarDays(9),
                rule: Term::Weeks(2),
            },
            Rejection::SpecialNotAllowed {
                kind: SpecialKind::Auction,
            },
            Rejection::NameMissing,
            Rejection::SilenceNotAllowed { member: id("s") },
            Rejection::ServiceNotProved { member: id("s") },
            Rejection::NotForwardable { step: id("s") },
            Rejection::WrongAmount {
                given_fen: 5,
                expected_fen: 6,
                what: "owed",
            },
        ]
    }

    fn is_chinese(c: char) -> bool {
        ('\u{4e00}'..='\u{9fff}').contains(&c)
    }

    #[test]
    fn every_refusal_has_a_chinese_sentence_with_its_parts() {
        for rejection in each() {
            let (zh, en) = (rejection.zh(), rejection.to_string());
            assert!(zh.chars().any(is_chinese), "{rejection:?}: {zh}");
            assert!(!zh.ends_with('。') && !en.ends_with('.'), "{rejection:?}");
            // What the English sentence names with a single letter, a date or a number, the Chinese one names too.
            let parts = en
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .filter(|word| {
                    word.starts_with(|c: char| c.is_ascii_digit()) || (word.len() == 1 && *word != "a")
                });
            for part in parts {
                let number = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                let part = if number.is_empty() { part } else { number };
                assert!(zh.contains(part), "{rejection:?}: `{part}` is missing from {zh}");
            }
        }
    }

    #[test]
    fn no_two_kinds_of_refusal_share_a_name_and_the_list_has_them_all() {
        let names: std::collections::BTreeSet<String> = each().iter().map(Rejection::code).collect();
        let source = include_str!("rejection.rs");
        let body = source.split("pub enum Rejection {").nth(1).unwrap_or_default();
        let body = body.split("\nimpl Rejection").next().unwrap_or_default();
        let variants = body
            .lines()
            .filter(|line| {
                line.starts_with("    ") && line.trim_start().starts_with(|c: char| c.is_ascii_uppercase())
            })
            .filter(|line| line.len() - line.trim_start().len() == 4)
            .count();
        // All but the calendar's own error, which carries its text.
        assert_eq!(names.len() + 1, variants);
    }

    /// The words that the rules put into refusals, as they stand in the sources of `decide`.
    #[test]
    fn no_word_of_a_refusal_is_left_in_english() {
        let sources = [
            include_str!("decide/mod.rs"),
            include_str!("decide/agency.rs"),
            include_str!("decide/clocks.rs"),
            include_str!("decide/closing.rs"),
            include_str!("decide/fees.rs"),
            include_str!("decide/intake.rs"),
            include_str!("decide/parallel.rs"),
            include_str!("decide/ratings.rs"),
            include_str!("decide/records.rs"),
            include_str!("decide/steps.rs"),
        ];
        let mut found = 0;
        for source in sources {
            let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
            for call in [
                "Ask::reasons(",
                "Ask::text(",
                "Ask::count(",
                "ReasonsMissing { what: ",
                "NothingNamed { what: ",
            ] {
                for rest in source.split(call).skip(1) {
                    let rest = rest.trim_start();
                    let Some(word) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                        continue;
                    };
                    found += 1;
                    let word: &'static str = Box::leak(word.to_owned().into_boxed_str());
                    assert!(
                        what_zh(word).chars().any(is_chinese),
                        "`{word}` has no Chinese word"
                    );
                }
            }
            for call in ["at_stage(state, ", "wanted: ", "stage: "] {
                for rest in source.split(call).skip(1) {
                    let Some(word) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) else {
                        continue;
                    };
                    let word: &'static str = Box::leak(word.to_owned().into_boxed_str());
                    let known = [stage_zh(word), found_zh(word), special_zh(word)];
                    let known = known.iter().any(|zh| zh.chars().any(is_chinese));
                    assert!(known, "`{word}` has no Chinese word");
                }
            }
        }
        assert!(found > 50, "only {found} words were looked at");
    }
}
