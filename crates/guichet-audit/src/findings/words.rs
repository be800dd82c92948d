//! What findings say: a sentence that can be sent to a department as it is.

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

    #[expect(clippy::too_many_lines, reason = "one arm a fact")]
    fn zh(&self, names: Names<'_>) -> String {
        let lang = Lang::Zh;
        match self {
            Self::DecisionLate {
                clock: kind,
                over: late,
            } => {
                format!("超过{}：{}", clock(*kind, lang), over(late, "作出决定", lang))
            }
            Self::StepLate {
                step,
                group,
                department,
                over: late,
                case_in_time,
            } => {
                let what = if *group { "并联组" } else { "环节" };
                let whole = if *case_in_time {
                    "；整个办件当时尚未超期"
                } else {
                    "；整个办件当时也已超期"
                };
                let department = names.department(department);
                format!(
                    "{department}的{what}“{}”超时：{}{whole}",
                    names.step(step),
                    over(late, "完成", lang)
                )
            }
            Self::ForwardedLate {
                accepted_on,
                over: late,
            } => {
                format!(
                    "{accepted_on} 受理的上报件，初审上报超时：{}",
                    over(late, "上报", lang)
                )
            }
            Self::NoReasons {
                refusal: how,
                reasons,
            } => {
                let how = refusal(*how, lang);
                if reasons.is_empty() {
                    format!("{how}，没有说明理由")
                } else {
                    format!("{how}，理由只写了“{reasons}”")
                }
            }
            Self::TurnedAway {
                refusal: how,
                on,
                again,
            } => {
                let how = refusal(*how, lang);
                match again {
                    Some(again) => format!("必需材料齐全，{on} {how}，不久后同一申请以办件 {again} 被受理"),
                    None => format!("补正后已确认材料齐全，{on} {how}"),
                }
            }
            Self::LeftLying {
                received_on,
                over: late,
            } => {
                format!(
                    "{received_on} 收到的申请材料齐全，未在受理期限内答复：{}",
                    over(late, "答复", lang)
                )
            }
            Self::FeeNotListed {
                fee,
                amount_fen,
                paid,
            } => {
                let fee = names.fee(fee);

                let how = if *paid { "收取" } else { "通知缴纳" };
                format!(
                    "{how}费用“{fee}”{} 元，不在该事项公布的收费目录内",
                    yuan(*amount_fen)
                )
            }
            Self::FeeNotStandard {
                fee,
                amount_fen,
                standard_fen,
                paid,
            } => {
                let fee = names.fee(fee);

                let how = if *paid { "收取" } else { "通知缴纳" };
                let difference = yuan(amount_fen.abs_diff(*standard_fen));
                let direction = if amount_fen > standard_fen { "多" } else { "少" };
                format!(
                    "{how}费用“{fee}”{} 元，公布的标准为 {} 元，{direction} {difference} 元",
                    yuan(*amount_fen),
                    yuan(*standard_fen)
                )
            }
            Self::NoOpinions { opinions } => {
                format!("作出决定前只有 {opinions} 项环节意见，流程的办理不在系统内")
            }
            Self::OutsideTheFlow { activity } => format!("记录了流程之外的办理“{activity}”"),
            Self::EnteredByAnother { by, entered_by } => format!("{by} 的意见由 {entered_by} 录入"),
            Self::Again { what, first } => {
                let what = milestone(*what, lang);
                let first = first.map_or_else(String::new, |first| format!("（首次见日志位置 {first}）"));
                format!("没有重新办理而再次{what}{first}")
            }
            Self::NotClosed { what, name } => {
                format!("办结时{}尚未结束", interval(*what, name.as_deref(), lang))
            }
            Self::TwoOpen { what, name } => {
                format!("{}尚未结束又开始一个", interval(*what, name.as_deref(), lang))
            }
            Self::EndedWithoutStart { what, name } => {
                format!("{}没有开始就结束", interval(*what, name.as_deref(), lang))
            }
            Self::Incomplete { missing, facts } => {
                let missing = listed(missing.iter().map(|missing| piece(*missing, lang)), lang);
                if facts.is_empty() {
                    format!("已办结，缺少：{missing}")
                } else {
                    format!("已办结，缺少：{missing}（{}）", listed(facts, lang))
                }
            }
            Self::EnteredLate {
                kind,
                occurred_at,
                recorded_at,
                hours,
            } => {
                let occurred_at = names.moment(*occurred_at);
                let recorded_at = names.moment(*recorded_at);
                format!(
                    "{}发生于 {occurred_at}，{recorded_at} 才登记，晚 {hours} 小时",
                    act(kind, lang)
                )
            }
            Self::AskedAgain { notice } => format!("第 {notice} 次补正告知；法律要求一次性告知"),
            Self::AskedOnLastDay { due_on, served_on } => {
                if served_on > due_on {
                    format!("受理期限 {due_on} 届满，{served_on} 才告知补正")
                } else {
                    format!("受理期限的最后一天（{due_on}）才告知补正")
                }
            }
            Self::MaterialNotListed { materials } => {
                format!(
                    "补正告知要求的材料不在公布目录内：{}",
                    listed(materials.iter().map(|material| names.material(material)), lang)
                )
            }
            Self::MaterialMissing { materials } => {
                format!(
                    "受理时缺少必需材料且无容缺承诺：{}",
                    listed(materials.iter().map(|material| names.material(material)), lang)
                )
            }
            Self::Backdated {
                kind,
                effective_on,
                recorded_on,
                days: between,
            } => format!(
                "{}的日期写为 {effective_on}，{recorded_on} 登记，相差 {between} 个工作日",
                act(kind, lang)
            ),
            Self::Burst { acts, seconds } => format!("{seconds} 秒内录入 {acts} 项办理"),
            Self::StartedLate {
                special: id,
                kind,
                days_left,
                due_on,
            } => format!(
                "{}“{id}”开始时距期限（{due_on}）只剩 {days_left} 个工作日",
                special(*kind, lang)
            ),
            Self::TookLonger {
                special: id,
                kind,
                announced,
                over: late,
            } => format!(
                "{}“{id}”告知为 {}：{}",
                special(*kind, lang),
                term(*announced, lang),
                over(late, "结束", lang)
            ),
            Self::NoNotice { special: id, kind } => {
                format!("{}“{id}”开始前没有书面告知", special(*kind, lang))
            }
            Self::NoResult { special: id, kind } => {
                format!("{}“{id}”结束时没有结果文件", special(*kind, lang))
            }
            Self::SpecialNotAllowed { special: id, kind } => {
                format!("该事项版本不允许{}（“{id}”）", special(*kind, lang))
            }
            Self::AnnouncedTooLong {
                special: id,
                kind,
                announced,
                longest,
            } => format!(
                "{}“{id}”告知为 {}，最长只允许 {}",
                special(*kind, lang),
                term(*announced, lang),
                term(*longest, lang)
            ),
            Self::OftenSuspended {
                procedure,
                cases,
                excluded,
                elapsed,
                others_excluded,
                others_elapsed,
            } => {
                format!(
                    "事项 {procedure} 经办 {cases} 件，{elapsed} 个工作日中扣除 {excluded} 个（{}）；其他承办人为 {}",
                    percent(*excluded, *elapsed),
                    percent(*others_excluded, *others_elapsed)
                )
            }
            Self::ToAndFro { a, b, times } => {
                format!(
                    "在窗口 {} 与 {} 之间移送 {times} 次",
                    names.window(a),
                    names.window(b)
                )
            }
            Self::TransferredOnLastDay { from, to, due_on, .. } => format!(
                "在期限最后一天（{due_on}）由窗口 {} 移送至 {}",
                names.window(from),
                names.window(to)
            ),
            Self::OnePersonAlone { person, roles } => {
                format!(
                    "{person} 一人以{}办理",
                    listed(roles.iter().map(|held| role(*held, lang)), lang)
                )
            }
            Self::FourEyesBroken { person, step, other } => {
                let step = names.step(step.as_str());
                let other = names.step(other.as_str());

                format!("{person} 既办环节“{other}”又办“{step}”，流程要求不同的人")
            }
            Self::WrongLevel {
                approver,
                role: held,
                needed,
            } => format!(
                "延期由 {approver}（{}）批准，应由{}批准",
                role(*held, lang),
                role(*needed, lang)
            ),
            Self::LevelNotHeld { approver, role: held } => {
                format!(
                    "延期由 {approver} 以{}身份批准，名册中没有该角色",
                    role(*held, lang)
                )
            }
            Self::ExtendedAfterTerm { due_on, on } => format!("期限 {due_on} 届满后，{on} 才批准延期"),
            Self::ExtendedTooOften { times, allowed } => format!("第 {times} 次延期，最多 {allowed} 次"),
            Self::ExtendedTooLong { by, longest } => {
                format!("延期 {}，最长 {}", term(*by, lang), term(*longest, lang))
            }
            Self::NoExtensionAllowed { by } => format!("延期 {}，该事项版本没有延期规定", term(*by, lang)),
            Self::DecidedAtOnce { seconds } => format!("承诺件受理后 {seconds} 秒即作出决定"),
            Self::LongAdvice {
                advised_on,
                on,
                days: advised,
            } => {
                format!("{advised_on} 开始预审，{advised} 个工作日后于 {on} 当天受理并决定")
            }
            Self::WithdrawnAndBack {
                due_on,
                withdrawn_on,
                again,
                again_on,
            } => {
                format!("期限为 {due_on}，{withdrawn_on} 由申请人撤回，{again_on} 又以办件 {again} 提交")
            }
            Self::NoProofOfService { member, ground: why } => {
                let member = names.step(member.as_str());

                format!("成员“{member}”因{}被视为同意，没有送达证明", ground(*why, lang))
            }
            Self::MayNotConsent {
                member,
                ground: why,
                safety,
            } => {
                let member = names.step(member.as_str());

                let rule = if *safety {
                    "涉及安全"
                } else {
                    "流程不允许默认"
                };
                format!("成员“{member}”因{}被视为同意，但{rule}", ground(*why, lang))
            }
            Self::OftenSilent { deemed, answers } => format!(
                "应答复 {answers} 次，其中 {deemed} 次默认同意（{}）",
                percent(*deemed, *answers)
            ),
            Self::MembersOpen { members } => {
                format!(
                    "并联成员尚未全部答复即作出决定：{}",
                    listed(members.iter().map(|member| names.step(member)), lang)
                )
            }
            Self::SpecialOpen { special: id, kind } => {
                format!("{}“{id}”尚未结束即作出决定", special(*kind, lang))
            }
            Self::WaivedAfterDecision { fee, decided_on, on } => {
                let fee = names.fee(fee);

                format!("费用“{fee}”于 {on} 减免，决定已于 {decided_on} 作出")
            }
            Self::DeliveredBeforeDecision {
                delivered_on,
                decided_on,
            } => match decided_on {
                Some(decided_on) => format!("{delivered_on} 送达，早于决定日期 {decided_on}"),
                None => format!("{delivered_on} 送达，尚无决定"),
            },
            Self::DeliveredLate { over: late } => format!("送达超期：{}", over(late, "送达", lang)),
            Self::ActedOutOfPlace {
                ground: why,
                role: held,
                window,
                first_on,
                last_on,
                records,
                cases,
            } => {
                let at = window
                    .as_ref()
                    .map_or_else(String::new, |window| format!("在窗口 {}", names.window(window)));
                let when = if first_on == last_on {
                    first_on.to_string()
                } else {
                    format!("{first_on} 至 {last_on}")
                };
                format!(
                    "{when} 以{}身份{at}办理 {cases} 件 {records} 条记录，{}",
                    role(*held, lang),
                    out_of_place(*why, lang)
                )
            }
            Self::RevisionGap { expected, found } => format!("办件序号应为 {expected}，实为 {found}"),
            Self::PositionGap { expected, found } => format!("日志位置应为 {expected}，实为 {found}"),
            Self::RecordedBackwards { before, after } => {
                let before = names.moment(*before);
                let after = names.moment(*after);

                format!("登记时间由 {before} 倒退到 {after}")
            }
            Self::OccurredAhead {
                occurred_at,
                recorded_at,
            } => {
                let occurred_at = names.moment(*occurred_at);
                let recorded_at = names.moment(*recorded_at);

                format!("发生时间 {occurred_at} 晚于登记时间 {recorded_at}")
            }
            Self::LogBroken { problem } => format!("日志未通过核验：{problem}"),
            Self::AcceptedBySilence {
                received_on,
                lapsed_on,
            } => {
                format!("{received_on} 收到的申请到 {lapsed_on} 未答复，视为自收到之日起受理")
            }
            Self::RatedBeforeTheEnd { opportunity, point } => match point {
                Some(_) => format!("评价“{opportunity}”在服务结束之前作出"),
                None => format!("评价“{opportunity}”没有对应的服务"),
            },
            Self::RatedInBurst { ratings, minutes, on } => {
                format!("{on} 起 {minutes} 分钟内 {ratings} 次评价均在提供后数秒内作出")
            }
            Self::RatedByOne { cases, on } => format!("{on} 一人作出 {cases} 次评价，均非其本人申请"),
            Self::RatedByStaff { opportunity, person } => {
                format!("评价“{opportunity}”由工作人员 {person} 作出")
            }
            Self::AllBest { offered, given, best } => {
                format!("{offered} 次评价机会评了 {given} 次，其中 {best} 次为最高评价")
            }
            Self::OnlySomeRated { given, others } => {
                format!("{given} 次评价全部来自撤回或当日办结的办件，其余 {others} 次机会无一评价")
            }
            Self::ChangedAfterCall { opportunity, hours } => {
                format!("评价“{opportunity}”在回访后 {hours} 小时内被撤销")
            }
            Self::LevelChanged { opportunity } => format!("评价“{opportunity}”由差评改为好评"),
            Self::InvalidatedByTheRated {
                opportunity,
                by,
                department,
            } => format!(
                "评价“{opportunity}”由被评价的{}的 {by} 撤销",
                names.department(department)
            ),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a fact")]
    fn en(&self, names: Names<'_>) -> String {
        let lang = Lang::En;
        match self {
            Self::DecisionLate {
                clock: kind,
                over: late,
            } => {
                format!("past {}: {}", clock(*kind, lang), over(late, "decided", lang))
            }
            Self::StepLate {
                step,
                group,
                department,
                over: late,
                case_in_time,
            } => {
                let what = if *group { "parallel group" } else { "step" };
                let whole = if *case_in_time { "in time" } else { "late as well" };
                let department = names.department(department);
                format!(
                    "{what} {} of {department} took too long: {}; the case as a whole was {whole} by then",
                    names.step(step),
                    over(late, "done", lang)
                )
            }
            Self::ForwardedLate {
                accepted_on,
                over: late,
            } => format!(
                "accepted on {accepted_on} and not sent up to the higher level in time: {}",
                over(late, "sent up", lang)
            ),
            Self::NoReasons {
                refusal: how,
                reasons,
            } => {
                let how = refusal(*how, lang);
                if reasons.is_empty() {
                    format!("{how}, and no reasons are recorded")
                } else {
                    format!("{how}, with no more reasons than `{reasons}`")
                }
            }
            Self::TurnedAway {
                refusal: how,
                on,
                again,
            } => {
                let how = refusal(*how, lang);
                match again {
                    Some(again) => format!(
                        "all required material was there, and on {on} it was {how}; soon after, the same application was accepted as {again}"
                    ),
                    None => format!("the corrections had been found complete, and on {on} it was {how}"),
                }
            }
            Self::LeftLying {
                received_on,
                over: late,
            } => format!(
                "complete since {received_on}, and not answered within the intake term: {}",
                over(late, "answered", lang)
            ),
            Self::FeeNotListed {
                fee,
                amount_fen,
                paid,
            } => {
                let fee = names.fee(fee);

                let how = if *paid { "taken" } else { "asked for" };
                format!(
                    "fee {fee} of {} yuan was {how}; the item lists no such fee",
                    yuan(*amount_fen)
                )
            }
            Self::FeeNotStandard {
                fee,
                amount_fen,
                standard_fen,
                paid,
            } => {
                let fee = names.fee(fee);

                let how = if *paid { "taken" } else { "asked for" };
                let difference = yuan(amount_fen.abs_diff(*standard_fen));
                let direction = if amount_fen > standard_fen { "more" } else { "less" };
                format!(
                    "{} yuan were {how} for fee {fee}; the published standard is {} yuan, {difference} {direction}",
                    yuan(*amount_fen),
                    yuan(*standard_fen)
                )
            }
            Self::NoOpinions { opinions } => {
                format!(
                    "decided with {opinions} opinions of steps on record: its flow was not handled in the system"
                )
            }
            Self::OutsideTheFlow { activity } => {
                format!("`{activity}` was done, which its flow does not know")
            }
            Self::EnteredByAnother { by, entered_by } => {
                format!("the opinion of {by} was entered by {entered_by}")
            }
            Self::Again { what, first } => {
                let what = milestone(*what, lang);
                let first = first.map_or_else(String::new, |first| format!(" (first at position {first})"));
                format!("{what} again without having been opened again{first}")
            }
            Self::NotClosed { what, name } => {
                format!(
                    "completed with a {} still open",
                    interval(*what, name.as_deref(), lang)
                )
            }
            Self::TwoOpen { what, name } => {
                format!(
                    "a {} was open, and another one began",
                    interval(*what, name.as_deref(), lang)
                )
            }
            Self::EndedWithoutStart { what, name } => {
                format!(
                    "a {} ended that had not begun",
                    interval(*what, name.as_deref(), lang)
                )
            }
            Self::Incomplete { missing, facts } => {
                let missing = listed(missing.iter().map(|missing| piece(*missing, lang)), lang);
                if facts.is_empty() {
                    format!("completed without {missing}")
                } else {
                    format!("completed without {missing} ({})", listed(facts, lang))
                }
            }
            Self::EnteredLate {
                kind,
                occurred_at,
                recorded_at,
                hours,
            } => {
                let occurred_at = names.moment(*occurred_at);
                let recorded_at = names.moment(*recorded_at);
                format!(
                    "{} of {occurred_at} was recorded at {recorded_at}: {hours} hours later",
                    act(kind, lang)
                )
            }
            Self::AskedAgain { notice } => {
                format!("correction notice number {notice}; the law wants one notice of everything")
            }
            Self::AskedOnLastDay { due_on, served_on } => {
                if served_on > due_on {
                    format!(
                        "the intake term ended on {due_on}, and a correction was asked for on {served_on}"
                    )
                } else {
                    format!("a correction was asked for on the last day of the intake term, {due_on}")
                }
            }
            Self::MaterialNotListed { materials } => {
                format!(
                    "the correction notice asks for material that is not on the published list: {}",
                    listed(materials.iter().map(|material| names.material(material)), lang)
                )
            }
            Self::MaterialMissing { materials } => format!(
                "accepted without required material and without a promise of it: {}",
                listed(materials.iter().map(|material| names.material(material)), lang)
            ),
            Self::Backdated {
                kind,
                effective_on,
                recorded_on,
                days: between,
            } => format!(
                "{} is dated {effective_on} and was recorded on {recorded_on}: {} between",
                act(kind, lang),
                days(*between, DayUnit::Working, lang)
            ),
            Self::Burst { acts, seconds } => format!("{acts} acts were entered within {seconds} seconds"),
            Self::StartedLate {
                special: id,
                kind,
                days_left,
                due_on,
            } => format!(
                "{} {id} began with {} left (last day {due_on})",
                special(*kind, lang),
                days(*days_left, DayUnit::Working, lang)
            ),
            Self::TookLonger {
                special: id,
                kind,
                announced,
                over: late,
            } => format!(
                "{} {id} was announced to take {}: {}",
                special(*kind, lang),
                term(*announced, lang),
                over(late, "ended", lang)
            ),
            Self::NoNotice { special: id, kind } => {
                format!("{} {id} began without a written notice", special(*kind, lang))
            }
            Self::NoResult { special: id, kind } => {
                format!(
                    "{} {id} ended without a document of its result",
                    special(*kind, lang)
                )
            }
            Self::SpecialNotAllowed { special: id, kind } => {
                format!("the item version allows no {} ({id})", special(*kind, lang))
            }
            Self::AnnouncedTooLong {
                special: id,
                kind,
                announced,
                longest,
            } => format!(
                "{} {id} was announced to take {}; at most {} are allowed",
                special(*kind, lang),
                term(*announced, lang),
                term(*longest, lang)
            ),
            Self::OftenSuspended {
                procedure,
                cases,
                excluded,
                elapsed,
                others_excluded,
                others_elapsed,
            } => {
                format!(
                    "of {elapsed} working days in {cases} cases of {procedure}, {excluded} were left out ({}); with all others it is {}",
                    percent(*excluded, *elapsed),
                    percent(*others_excluded, *others_elapsed)
                )
            }
            Self::ToAndFro { a, b, times } => format!(
                "sent between windows {} and {} {times} times",
                names.window(a),
                names.window(b)
            ),
            Self::TransferredOnLastDay { from, to, due_on, .. } => format!(
                "sent from window {} to {} on the last day, {due_on}",
                names.window(from),
                names.window(to)
            ),
            Self::OnePersonAlone { person, roles } => format!(
                "{person} alone acted as {}",
                listed(roles.iter().map(|held| role(*held, lang)), lang)
            ),
            Self::FourEyesBroken { person, step, other } => {
                let step = names.step(step.as_str());
                let other = names.step(other.as_str());

                format!("{person} did both {other} and {step}, for which the flow wants two people")
            }
            Self::WrongLevel {
                approver,
                role: held,
                needed,
            } => format!(
                "more time was granted by {approver} as {}; it takes the {}",
                role(*held, lang),
                role(*needed, lang)
            ),
            Self::LevelNotHeld { approver, role: held } => format!(
                "more time was granted by {approver} as {}, a role that they do not hold",
                role(*held, lang)
            ),
            Self::ExtendedAfterTerm { due_on, on } => {
                format!("more time was granted on {on}, after the term had ended on {due_on}")
            }
            Self::ExtendedTooOften { times, allowed } => {
                format!("extended {times} times, and {allowed} are allowed")
            }
            Self::ExtendedTooLong { by, longest } => {
                format!(
                    "extended by {}, and {} are allowed",
                    term(*by, lang),
                    term(*longest, lang)
                )
            }
            Self::NoExtensionAllowed { by } => {
                format!(
                    "extended by {}, and the item version knows no extension",
                    term(*by, lang)
                )
            }
            Self::DecidedAtOnce { seconds } => {
                format!(
                    "a promised item, decided {seconds} second{} after its acceptance",
                    plural(*seconds)
                )
            }
            Self::LongAdvice {
                advised_on,
                on,
                days: advised,
            } => format!(
                "advised since {advised_on}, and after {} accepted and decided on one day, {on}",
                days(*advised, DayUnit::Working, lang)
            ),
            Self::WithdrawnAndBack {
                due_on,
                withdrawn_on,
                again,
                again_on,
            } => format!(
                "due on {due_on}, withdrawn by the applicant on {withdrawn_on}, and handed in again as {again} on {again_on}"
            ),
            Self::NoProofOfService { member, ground: why } => {
                let member = names.step(member.as_str());
                format!(
                    "member {member} counts as having consented by {}, and nothing shows that it was notified",
                    ground(*why, lang)
                )
            }
            Self::MayNotConsent {
                member,
                ground: why,
                safety,
            } => {
                let member = names.step(member.as_str());

                let rule = if *safety {
                    "guards safety"
                } else {
                    "may not consent by silence"
                };
                format!(
                    "member {member} counts as having consented by {}, but it {rule}",
                    ground(*why, lang)
                )
            }
            Self::OftenSilent { deemed, answers } => format!(
                "of {answers} answers in parallel groups, {deemed} were consents by silence ({})",
                percent(*deemed, *answers)
            ),
            Self::MembersOpen { members } => {
                format!(
                    "decided before all members had answered: {}",
                    listed(members.iter().map(|member| names.step(member)), lang)
                )
            }
            Self::SpecialOpen { special: id, kind } => {
                format!("decided before {} {id} had ended", special(*kind, lang))
            }
            Self::WaivedAfterDecision { fee, decided_on, on } => {
                let fee = names.fee(fee);

                format!("fee {fee} was waived on {on}, after the decision of {decided_on}")
            }
            Self::DeliveredBeforeDecision {
                delivered_on,
                decided_on,
            } => match decided_on {
                Some(decided_on) => {
                    format!("delivered on {delivered_on}, before the decision of {decided_on}")
                }
                None => format!("delivered on {delivered_on} without a decision"),
            },
            Self::DeliveredLate { over: late } => {
                format!("delivered too late: {}", over(late, "delivered", lang))
            }
            Self::ActedOutOfPlace {
                ground: why,
                role: held,
                window,
                first_on,
                last_on,
                records,
                cases,
            } => {
                let at = window.as_ref().map_or_else(String::new, |window| {
                    format!(" at window {}", names.window(window))
                });
                let when = if first_on == last_on {
                    format!("on {first_on}")
                } else {
                    format!("from {first_on} to {last_on}")
                };
                format!(
                    "acted {when} as {}{at} in {cases} case{} ({records} record{}) but {}",
                    role(*held, lang),
                    plural(*cases),
                    plural(*records),
                    out_of_place(*why, lang)
                )
            }
            Self::RevisionGap { expected, found } => {
                format!("the next record of the case should have number {expected} and has {found}")
            }
            Self::PositionGap { expected, found } => {
                format!("the next record of the log should have position {expected} and has {found}")
            }
            Self::RecordedBackwards { before, after } => {
                let before = names.moment(*before);
                let after = names.moment(*after);

                format!("the time of record goes back from {before} to {after}")
            }
            Self::OccurredAhead {
                occurred_at,
                recorded_at,
            } => {
                let occurred_at = names.moment(*occurred_at);
                let recorded_at = names.moment(*recorded_at);

                format!("recorded at {recorded_at}, before it happened at {occurred_at}")
            }
            Self::LogBroken { problem } => format!("the log does not pass the check: {problem}"),
            Self::AcceptedBySilence {
                received_on,
                lapsed_on,
            } => format!(
                "received on {received_on} and not answered by {lapsed_on}, so it counts as accepted from the day of receipt"
            ),
            Self::RatedBeforeTheEnd { opportunity, point } => match point {
                Some(_) => format!("rating {opportunity} was given before the encounter ended"),
                None => format!("rating {opportunity} belongs to no encounter"),
            },
            Self::RatedInBurst { ratings, minutes, on } => format!(
                "{ratings} ratings within {minutes} minutes on {on}, each within seconds of its occasion"
            ),
            Self::RatedByOne { cases, on } => {
                format!("gave {cases} ratings on {on}, none for an application of their own")
            }
            Self::RatedByStaff { opportunity, person } => {
                format!("rating {opportunity} was given by {person} of the staff")
            }
            Self::AllBest { offered, given, best } => {
                format!("{given} of {offered} occasions were rated, {best} of them with the best level")
            }
            Self::OnlySomeRated { given, others } => format!(
                "all {given} ratings are of cases withdrawn or decided on one day, and of {others} other occasions none was rated"
            ),
            Self::ChangedAfterCall { opportunity, hours } => {
                format!("rating {opportunity} was invalidated {hours} hours after a call to the applicant")
            }
            Self::LevelChanged { opportunity } => format!("rating {opportunity} was bad and became good"),
            Self::InvalidatedByTheRated {
                opportunity,
                by,
                department,
            } => format!(
                "rating {opportunity} was invalidated by {by} of {}, the department that was rated",
                names.department(department)
            ),
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
