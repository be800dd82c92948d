//! What was found, in Chinese.

use guichet_core::lang::Lang;

use super::super::finding::Fact;
use super::{
    Names, act, clock, ground, interval, listed, milestone, out_of_place, over, percent, piece, refusal,
    role, special, term, yuan,
};

impl Fact {
    #[expect(clippy::too_many_lines, reason = "one arm a fact")]
    pub(super) fn zh(&self, names: Names<'_>) -> String {
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
            Self::LogBroken { problem } => format!("日志未通过核验：{}", problem.name(lang)),
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
}
