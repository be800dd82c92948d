//! What findings say: a sentence that can be sent to a department as it is.

mod en;
mod zh;

use std::fmt::Display;

use guichet_core::actor::Role;
use guichet_core::case::event::{ClockKind, ConsentGround};
use guichet_core::id::{BlockId, DepartmentId, FeeId, MaterialId, StepId, WindowId};
use guichet_core::lang::Lang;
use guichet_core::procedure::{Procedure, SpecialKind};
use guichet_core::reference::Directory;
use guichet_core::time::{Term, Timestamp};
use guichet_stats::timing::DayUnit;

use super::finding::{Fact, Finding, Interval, Milestone, OutOfPlace, Over, Piece, Refusal, Subject};

/// The first text in Chinese, the second in English.
const fn say<'t>(lang: Lang, zh: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

fn listed<T: Display>(things: impl IntoIterator<Item = T>, lang: Lang) -> String {
    let things: Vec<String> = things.into_iter().map(|thing| thing.to_string()).collect();
    things.join(say(lang, "、", ", "))
}

fn days(count: u32, unit: DayUnit, lang: Lang) -> String {
    match (unit, lang) {
        (DayUnit::Working, Lang::Zh) => format!("{count} 个工作日"),
        (DayUnit::Calendar, Lang::Zh) => format!("{count} 个自然日"),
        (DayUnit::Working, Lang::En) => format!("{count} working day{}", plural(count.into())),
        (DayUnit::Calendar, Lang::En) => format!("{count} calendar day{}", plural(count.into())),
    }
}

const fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn term(term: Term, lang: Lang) -> String {
    let count = term.count();
    let (zh, en) = match term {
        Term::WorkingDays(_) => ("个工作日", "working day"),
        Term::CalendarDays(_) => ("个自然日", "calendar day"),
        Term::Weeks(_) => ("周", "week"),
        Term::Months(_) => ("个月", "month"),
        Term::WorkingHours(_) => ("个工作小时", "working hour"),
    };
    match lang {
        Lang::Zh => format!("{count} {zh}"),
        Lang::En => format!("{count} {en}{}", plural(count.into())),
    }
}

fn yuan(fen: u64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = (u128::from(part) * 2_000 + u128::from(whole)) / (u128::from(whole) * 2);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

const fn clock(kind: ClockKind, lang: Lang) -> &'static str {
    match kind {
        ClockKind::Statutory => say(lang, "法定时限", "the statutory limit"),
        ClockKind::Promised => say(lang, "承诺时限", "the promised limit"),
        ClockKind::Intake => say(lang, "受理时限", "the intake term"),
        ClockKind::Step => say(lang, "环节时限", "the term of the step"),
        ClockKind::Group => say(lang, "并联审批时限", "the term of the group"),
        ClockKind::Delivery => say(lang, "送达时限", "the delivery term"),
        ClockKind::Correction => say(lang, "补正时限", "the correction term"),
        ClockKind::Special => say(lang, "特别程序时限", "the term of the special procedure"),
        ClockKind::Rectification => say(lang, "整改时限", "the rectification term"),
        ClockKind::Complaint => say(lang, "投诉办理时限", "the complaint term"),
    }
}

const fn role(role: Role, lang: Lang) -> &'static str {
    match role {
        Role::Clerk => say(lang, "窗口人员", "clerk"),
        Role::Handler => say(lang, "承办人", "handler"),
        Role::Reviewer => say(lang, "审核人", "reviewer"),
        Role::Approver => say(lang, "批准人", "approver"),
        Role::AuthorityHead => say(lang, "行政机关负责人", "head of the authority"),
        Role::GovernmentHead => say(lang, "本级人民政府负责人", "head of the government"),
        Role::Cashier => say(lang, "收费人员", "cashier"),
        Role::Supervisor => say(lang, "监察人员", "supervisor"),
        Role::Director => say(lang, "中心主任", "director"),
        Role::Applicant => say(lang, "申请人", "applicant"),
        Role::Agent => say(lang, "代办员", "agent"),
        Role::Timekeeper => say(lang, "计时程序", "timekeeper"),
        Role::Importer => say(lang, "导入程序", "importer"),
    }
}

const fn special(kind: SpecialKind, lang: Lang) -> &'static str {
    match kind {
        SpecialKind::Hearing => say(lang, "听证", "hearing"),
        SpecialKind::Bidding => say(lang, "招标", "bidding"),
        SpecialKind::Auction => say(lang, "拍卖", "auction"),
        SpecialKind::Inspection => say(lang, "检验", "inspection"),
        SpecialKind::Testing => say(lang, "检测", "testing"),
        SpecialKind::Quarantine => say(lang, "检疫", "quarantine"),
        SpecialKind::Appraisal => say(lang, "鉴定", "appraisal"),
        SpecialKind::ExpertReview => say(lang, "专家评审", "expert review"),
        SpecialKind::PublicNotice => say(lang, "公示", "public notice"),
        SpecialKind::Other => say(lang, "其他特别程序", "other special procedure"),
    }
}

const fn refusal(refusal: Refusal, lang: Lang) -> &'static str {
    match refusal {
        Refusal::NotAccepted => say(lang, "不予受理", "not accepted"),
        Refusal::NoLicenceNeeded => say(lang, "告知不受理", "told that no licence is needed"),
        Refusal::Refused => say(lang, "不予许可", "refused"),
    }
}

const fn milestone(what: Milestone, lang: Lang) -> &'static str {
    match what {
        Milestone::Accepted => say(lang, "受理", "accepted"),
        Milestone::Decided => say(lang, "作出决定", "decided"),
        Milestone::Completed => say(lang, "办结", "completed"),
    }
}

fn interval(what: Interval, name: Option<&str>, lang: Lang) -> String {
    let what = match what {
        Interval::Correction => say(lang, "补正", "correction"),
        Interval::Special => say(lang, "特别程序", "special procedure"),
        Interval::Suspension => say(lang, "中止", "suspension"),
    };
    match (name, lang) {
        (Some(name), Lang::Zh) => format!("{what}“{name}”"),
        (Some(name), Lang::En) => format!("{what} {name}"),
        (None, _) => what.to_owned(),
    }
}

const fn piece(piece: Piece, lang: Lang) -> &'static str {
    match piece {
        Piece::Procedure => say(lang, "事项版本", "the version of its item"),
        Piece::Acceptance => say(lang, "受理", "the acceptance"),
        Piece::Decision => say(lang, "决定", "the decision"),
        Piece::Certificate => say(lang, "证件", "the certificate"),
        Piece::Delivery => say(lang, "送达", "the delivery"),
        Piece::Rating => say(lang, "评价机会", "an occasion for a rating"),
        Piece::Facts => say(lang, "要素", "facts"),
    }
}

const fn out_of_place(ground: OutOfPlace, lang: Lang) -> &'static str {
    match ground {
        OutOfPlace::NotOnStaff => say(lang, "不在人员名册内", "is not on the staff"),
        OutOfPlace::HasLeft => say(lang, "已离职", "had left"),
        OutOfPlace::RoleNotHeld => say(lang, "不具有该角色", "does not hold the role"),
        OutOfPlace::UnknownWindow => say(lang, "窗口未登记", "was at a window that nobody registered"),
        OutOfPlace::NotAtWindow => say(
            lang,
            "当日不在该窗口值班",
            "does not work at that window on that day",
        ),
    }
}

const fn ground(ground: ConsentGround, lang: Lang) -> &'static str {
    match ground {
        ConsentGround::Timeout => say(lang, "超时", "silence"),
        ConsentGround::Absence => say(lang, "缺席", "absence"),
        ConsentGround::NoReason => say(lang, "未说明理由", "a disagreement without reasons"),
        ConsentGround::InvalidForm => say(lang, "形式无效", "an answer without form"),
    }
}

/// An act by the kind of its event, such as `case.decision_made`.
fn act(kind: &str, lang: Lang) -> String {
    let zh = match kind {
        "case.submitted" => "收件",
        "case.correction_requested" => "补正告知",
        "case.correction_submitted" => "补正",
        "case.material_supplied" => "补交材料",
        "case.accepted" => "受理",
        "case.acceptance_refused" => "不予受理",
        "case.no_licence_needed" => "不受理",
        "case.service_proved" => "送达证明",
        "case.step_opinion_given" => "环节意见",
        "case.member_opinion_given" => "并联意见",
        "case.special_procedure_started" => "特别程序开始",
        "case.special_procedure_ended" => "特别程序结束",
        "case.clock_suspended" => "中止",
        "case.clock_resumed" => "恢复",
        "case.decision_made" => "决定",
        "case.certificate_issued" => "制证",
        "case.certificate_delivered" => "送达",
        "case.completed" => "办结",
        "case.withdrawn" => "撤回",
        "case.terminated" => "终止",
        "case.decision_revoked" => "撤销",
        "case.reopened" => "重新办理",
        "case.rectification_done" => "整改",
        other => other,
    };
    match lang {
        Lang::Zh => zh.to_owned(),
        Lang::En => kind.trim_start_matches("case.").replace('_', " "),
    }
}

/// Names as the reference data have them.
#[derive(Clone, Copy, Debug)]
struct Names<'a> {
    directory: &'a Directory,
    item: Option<&'a Procedure>,
    lang: Lang,
}

impl<'a> Names<'a> {
    fn of(finding: &Finding, directory: &'a Directory, lang: Lang) -> Self {
        let item = finding.place.procedure.as_ref();
        Self {
            directory,
            item: item
                .and_then(|(id, version)| directory.procedure(id, *version))
                .map(AsRef::as_ref),
            lang,
        }
    }

    /// A step or a group by its name in the flow.
    fn step(self, id: &str) -> String {
        let flow = self.item.and_then(|item| item.flow.as_ref());
        let step = StepId::new(id).ok().and_then(|id| flow?.step(&id)?.name.as_ref());
        let name = step.or_else(|| {
            BlockId::new(id)
                .ok()
                .and_then(|id| flow?.group(&id)?.name.as_ref())
        });
        name.map_or_else(
            || id.to_owned(),
            |name| say(self.lang, &name.zh, &name.en).to_owned(),
        )
    }

    fn material(self, id: &MaterialId) -> String {
        let known = self
            .item
            .and_then(|item| item.materials.iter().find(|material| material.id == *id));
        known.map_or_else(
            || id.to_string(),
            |known| say(self.lang, &known.name.zh, &known.name.en).to_owned(),
        )
    }

    fn fee(self, id: &FeeId) -> String {
        let known = self
            .item
            .and_then(|item| item.fees.iter().find(|fee| fee.id == *id));
        known.map_or_else(
            || id.to_string(),
            |known| say(self.lang, &known.name.zh, &known.name.en).to_owned(),
        )
    }

    /// A moment as the wall clock of the centre shows it.
    fn moment(self, at: Timestamp) -> String {
        let local = self.directory.zone().local(at);
        let seconds = local.micros_of_day() / 1_000_000;
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        format!("{} {hours:02}:{minutes:02}:{:02}", local.date(), seconds % 60)
    }

    fn department(self, id: &DepartmentId) -> String {
        let known = self.directory.departments.get(id);
        known.map_or_else(
            || id.to_string(),
            |known| say(self.lang, &known.name.zh, &known.name.en).to_owned(),
        )
    }

    fn window(self, id: &WindowId) -> String {
        let known = self.directory.windows.get(id);
        let name = known.map(|known| say(self.lang, &known.name.zh, &known.name.en));
        match (name.filter(|name| *name != id.as_str()), self.lang) {
            (Some(name), Lang::Zh) => format!("{id}（{name}）"),
            (Some(name), Lang::En) => format!("{id} ({name})"),
            (None, _) => id.to_string(),
        }
    }
}

fn over(over: &Over, done: &str, lang: Lang) -> String {
    let (due_on, on, late) = (over.due_on, over.on, days(over.days, over.unit, lang));
    match (lang, over.open) {
        (Lang::Zh, false) => format!("最后一天为 {due_on}，{on} {done}，超过 {late}"),
        (Lang::Zh, true) => format!("最后一天为 {due_on}，截至 {on} 仍未{done}，已超过 {late}"),
        (Lang::En, false) => format!("last day {due_on}, {done} on {on}: {late} over"),
        (Lang::En, true) => format!("last day {due_on}, still not {done} on {on}: {late} over"),
    }
}

impl Fact {
    fn told(&self, names: Names<'_>) -> String {
        match names.lang {
            Lang::Zh => self.zh(names),
            Lang::En => self.en(names),
        }
    }
}

impl Finding {
    /// The finding in a sentence that says who, what, when, by which rule and by how much.
    #[must_use]
    pub fn sentence(&self, directory: &Directory, lang: Lang) -> String {
        let names = Names::of(self, directory, lang);
        let facts: Vec<String> = self.facts.iter().map(|fact| fact.told(names)).collect();
        let facts = facts.join(say(lang, "；", "; "));
        let who = self.who(names);
        let evidence = listed(&self.evidence, lang);
        let more = self
            .records
            .saturating_sub(u64::try_from(self.evidence.len()).unwrap_or(u64::MAX));
        let rule = self.rule;
        let name = rule.name(lang);
        match lang {
            Lang::Zh => {
                let more = if more > 0 {
                    format!(" 等 {} 条", self.records)
                } else {
                    String::new()
                };
                format!("{who}：{facts}。（规则 {rule}“{name}”，日志位置 {evidence}{more}）")
            }
            Lang::En => {
                let more = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                format!("{who}: {facts}. (Rule {rule}, {name}; log positions {evidence}{more}.)")
            }
        }
    }

    fn who(&self, names: Names<'_>) -> String {
        let lang = names.lang;
        let department = self.place.department.as_ref().map(|id| names.department(id));
        match &self.subject {
            Subject::Case(case) => {
                let item = self.place.procedure.as_ref().map(|(id, version)| {
                    let known = names.directory.procedure(id, *version);
                    known.map_or_else(
                        || id.to_string(),
                        |known| say(lang, &known.name.zh, &known.name.en).to_owned(),
                    )
                });
                let about: Vec<String> = item.into_iter().chain(department).collect();
                match (lang, about.is_empty()) {
                    (Lang::Zh, false) => format!("办件 {case}（{}）", about.join("，")),
                    (Lang::En, false) => format!("Case {case} ({})", about.join(", ")),
                    (Lang::Zh, true) => format!("办件 {case}"),
                    (Lang::En, true) => format!("Case {case}"),
                }
            }
            Subject::Person(person) => match (lang, department) {
                (Lang::Zh, Some(department)) => format!("{department} {person}"),
                (Lang::En, Some(department)) => format!("{person} ({department})"),
                (Lang::Zh | Lang::En, None) => person.to_string(),
            },
            Subject::Window(window) => {
                let window = names.window(window);
                format!("{} {window}", say(lang, "窗口", "Window"))
            }
            Subject::Department(department) => names.department(department),
            Subject::Log => say(lang, "日志", "The log").to_owned(),
        }
    }
}
