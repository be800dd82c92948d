//! What clocks, days, pauses and lights are called on paper. JSON has the codes.

use guichet_core::calendar::DayKind;
use guichet_core::case::event::{ClockKind, SuspensionGround};
use guichet_core::explain::{Day, Moment, PauseLine, Reading};
use guichet_core::lang::Lang;
use guichet_core::light::Light;
use guichet_core::policy::Effect;
use guichet_core::procedure::SpecialKind;
use guichet_core::time::{Date, Term};

pub use crate::words::event_name;

/// The first text in Chinese, the second in English.
#[must_use]
pub const fn say<'t>(lang: Lang, zh: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// What a clock is called.
#[must_use]
pub const fn clock(kind: ClockKind, lang: Lang) -> &'static str {
    match kind {
        ClockKind::Intake => say(lang, "受理时限", "intake term"),
        ClockKind::Statutory => say(lang, "法定时限", "statutory term"),
        ClockKind::Promised => say(lang, "承诺时限", "promised term"),
        ClockKind::Step => say(lang, "环节时限", "term of a step"),
        ClockKind::Group => say(lang, "并联审批时限", "term of a parallel group"),
        ClockKind::Delivery => say(lang, "送达时限", "delivery term"),
        ClockKind::Correction => say(lang, "补正时限", "correction term"),
        ClockKind::Special => say(lang, "特别程序时限", "term of a special procedure"),
        ClockKind::Rectification => say(lang, "整改时限", "rectification term"),
        ClockKind::Complaint => say(lang, "投诉办理时限", "complaint term"),
    }
}

/// A term in words.
#[must_use]
pub fn term(term: Term, lang: Lang) -> String {
    let count = term.count();
    let (zh, one, many) = match term {
        Term::WorkingDays(_) => ("个工作日", "working day", "working days"),
        Term::CalendarDays(_) => ("个自然日", "calendar day", "calendar days"),
        Term::Weeks(_) => ("周", "week", "weeks"),
        Term::Months(_) => ("个月", "month", "months"),
        Term::WorkingHours(_) => ("个工作小时", "working hour", "working hours"),
    };
    match lang {
        Lang::Zh => format!("{count}{zh}"),
        Lang::En => format!("{count} {}", if count == 1 { one } else { many }),
    }
}

/// A number of the days that a term counts.
#[must_use]
pub fn days(count: u32, of: Term, lang: Lang) -> String {
    let works = match of {
        Term::WorkingDays(_) | Term::WorkingHours(_) => true,
        Term::CalendarDays(_) | Term::Weeks(_) | Term::Months(_) => false,
    };
    match (lang, works) {
        (Lang::Zh, true) => format!("{count}个工作日"),
        (Lang::Zh, false) => format!("{count}个自然日"),
        (Lang::En, works) => {
            let unit = if works { "working day" } else { "calendar day" };
            format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
        }
    }
}

/// The shape of a light, so that it can be told without colours.
#[must_use]
pub const fn shape(light: Light) -> &'static str {
    match light {
        Light::Green => "●",
        Light::Yellow => "▲",
        Light::Red => "■",
        Light::Black => "◆",
        Light::Grey => "○",
    }
}

/// The colour of a light, as people call it.
#[must_use]
pub const fn colour(light: Light, lang: Lang) -> &'static str {
    match light {
        Light::Green => say(lang, "绿灯", "green"),
        Light::Yellow => say(lang, "黄灯", "yellow"),
        Light::Red => say(lang, "红灯", "red"),
        Light::Black => say(lang, "黑灯", "black"),
        Light::Grey => say(lang, "灰灯", "grey"),
    }
}

/// A light as a shape and a word.
#[must_use]
pub fn light(light: Light, lang: Lang) -> String {
    format!("{} {}", shape(light), colour(light, lang))
}

/// What a light says about a clock that runs, or that has stopped.
#[must_use]
pub const fn standing(light: Light, stopped: bool, lang: Lang) -> &'static str {
    match (light, stopped) {
        (Light::Green, false) => say(lang, "时限内", "time is left"),
        (Light::Green, true) => say(lang, "停止时未超时", "time was left when it stopped"),
        (Light::Yellow, false) => say(lang, "即将到期", "little time is left"),
        (Light::Yellow, true) => say(
            lang,
            "停止时临近期限，未超时",
            "little time was left when it stopped",
        ),
        (Light::Red, false) => say(lang, "已超时限", "the term is over"),
        (Light::Red, true) => say(lang, "停止时已超时限", "the term was over when it stopped"),
        (Light::Black, false) => say(lang, "已超法定时限", "the term of the law is over"),
        (Light::Black, true) => say(
            lang,
            "停止时已超法定时限",
            "the term of the law was over when it stopped",
        ),
        (Light::Grey, _) => say(lang, "计时中止", "the clock stands still"),
    }
}

/// The day of the week, Monday being 1.
#[must_use]
pub fn weekday(iso: u8, lang: Lang) -> &'static str {
    let names = match lang {
        Lang::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
        Lang::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    let place = usize::from(iso).checked_sub(1);
    place.and_then(|place| names.get(place)).copied().unwrap_or("–")
}

/// What kind of day it is.
#[must_use]
pub const fn kind(kind: DayKind, lang: Lang) -> &'static str {
    match kind {
        DayKind::Working => say(lang, "工作日", "working day"),
        DayKind::MakeUp => say(lang, "调休上班", "make-up working day"),
        DayKind::Weekend => say(lang, "周末", "weekend"),
        DayKind::Holiday => say(lang, "节假日", "holiday"),
        DayKind::Closure => say(lang, "休息日", "day off"),
    }
}

/// What kind of day it is, with what it is called.
#[must_use]
pub fn named_kind(day: &Day, lang: Lang) -> String {
    let kind = kind(day.kind, lang);
    if day.names.is_empty() {
        return kind.to_owned();
    }
    let names: Vec<_> = day.names.iter().map(|name| holiday(name, lang)).collect();
    match lang {
        Lang::Zh => format!("{kind}（{}）", names.join("、")),
        Lang::En => format!("{kind} ({})", names.join(", ")),
    }
}

/// What is celebrated; as the calendar has it, where nothing else is known.
fn holiday(name: &str, lang: Lang) -> &str {
    match lang {
        Lang::Zh => guichet_catalogue::notice::chinese_name(name).unwrap_or(name),
        Lang::En => name,
    }
}

/// What the clock makes of a day.
#[must_use]
pub fn reading(day: &Day, lang: Lang) -> String {
    let plain = match day.reading {
        Reading::Start => say(lang, "起算，不计入", "the term begins; not counted"),
        Reading::Counted if day.extended => say(lang, "计入（延长期）", "counted, by extension"),
        Reading::Counted => say(lang, "计入", "counted"),
        Reading::Off => say(lang, "不计", "not counted"),
        Reading::Void => say(lang, "作废，此后重新起算", "void: the term began anew later"),
        Reading::Rolled => say(lang, "期满遇休息日，顺延", "the term waits for a working day"),
        Reading::Late => say(lang, "超时", "late"),
        Reading::Paused => {
            let number = day.pause.unwrap_or_default();
            return match lang {
                Lang::Zh => format!("不计，中止{number}"),
                Lang::En => format!("not counted: pause {number}"),
            };
        }
    };
    plain.to_owned()
}

/// As which day of the term a day counts.
#[must_use]
pub fn nth(day: &Day, lang: Lang) -> String {
    match (day.nth, day.reading, lang) {
        (None, _, _) => String::new(),
        (Some(by), Reading::Late, Lang::Zh) => format!("超{by}日"),
        (Some(by), Reading::Late, Lang::En) => format!("+{by}"),
        (Some(nth), _, Lang::Zh) => format!("第{nth}日"),
        (Some(nth), _, Lang::En) => nth.to_string(),
    }
}

/// The ground of a suspension.
#[must_use]
pub const fn ground(ground: SuspensionGround, lang: Lang) -> &'static str {
    match ground {
        SuspensionGround::ForceMajeure => say(lang, "不可抗力", "force majeure"),
        SuspensionGround::AwaitingDecision => say(
            lang,
            "须待法院或其他机关先行裁决",
            "another authority decides first",
        ),
        SuspensionGround::Improvement => say(lang, "申请人整改", "the applicant improves something"),
        SuspensionGround::ApplicantRequest => say(lang, "申请人请求", "the applicant asked for it"),
        SuspensionGround::Incomplete => say(lang, "材料不齐，申请人补正", "the file is incomplete"),
        SuspensionGround::Incorrect => say(lang, "材料有误，申请人更正", "something in the file is wrong"),
        SuspensionGround::Agreement => say(lang, "双方约定", "both sides agreed on it"),
    }
}

/// The kind of a special procedure.
#[must_use]
pub const fn special(kind: SpecialKind, lang: Lang) -> &'static str {
    match kind {
        SpecialKind::Hearing => say(lang, "听证", "hearing"),
        SpecialKind::Bidding => say(lang, "招标", "bidding"),
        SpecialKind::Auction => say(lang, "拍卖", "auction"),
        SpecialKind::Inspection => say(lang, "检验", "inspection"),
        SpecialKind::Testing => say(lang, "检测", "testing"),
        SpecialKind::Quarantine => say(lang, "检疫", "quarantine"),
        SpecialKind::Appraisal => say(lang, "鉴定", "appraisal"),
        SpecialKind::ExpertReview => say(lang, "专家评审", "review by experts"),
        SpecialKind::PublicNotice => say(lang, "公示", "public notice"),
        SpecialKind::Other => say(lang, "其他特别程序", "another special procedure"),
    }
}

/// What a pause does to the term.
#[must_use]
pub const fn effect(effect: Effect, lang: Lang) -> &'static str {
    match effect {
        Effect::Suspend => say(lang, "期间不计入时限", "its days are left out"),
        Effect::Reset => say(lang, "结束后重新起算", "the term begins anew after it"),
        Effect::Ignore => say(lang, "不影响时限", "it moves nothing"),
    }
}

/// Why a clock was paused.
pub fn why(pause: &PauseLine, lang: Lang) -> String {
    let mut words: Vec<&str> = Vec::new();
    words.extend(pause.special_kind.map(|kind| special(kind, lang)));
    words.extend(
        pause
            .special
            .as_ref()
            .map(guichet_core::id::SpecialProcedureId::as_str),
    );
    words.extend(pause.ground.map(|known| ground(known, lang)));
    words.extend(pause.reason.as_deref());
    words.join(say(lang, "：", ": "))
}

/// From when to when, as far as that is known.
#[must_use]
pub fn between(began: Date, ended: Option<Date>, lang: Lang) -> String {
    match (ended, lang) {
        (Some(ended), Lang::Zh) => format!("{began} 至 {ended}"),
        (Some(ended), Lang::En) => format!("{began} to {ended}"),
        (None, Lang::Zh) => format!("{began} 起，尚未结束"),
        (None, Lang::En) => format!("since {began}"),
    }
}

/// An event with its place in the case's history.
#[must_use]
pub fn event(moment: &Moment, lang: Lang) -> String {
    let name = event_name(moment.event, lang);
    match lang {
        Lang::Zh => format!("{name}（#{}）", moment.revision),
        Lang::En => format!("{name} (#{})", moment.revision),
    }
}

/// A day, and the event that made it one.
#[must_use]
pub fn moment(moment: &Moment, lang: Lang) -> String {
    format!("{}{}{}", moment.on, say(lang, "，", ", "), event(moment, lang))
}
