//! What the player says, in both languages.

use guichet_core::light::Light;
use guichet_terminal::context::Lang;

use super::{Pane, Speed};

pub(super) const fn say<'t>(lang: Lang, zh: &'t str, en: &'t str) -> &'t str {
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// A light in a letter, so that it can be told without colours.
pub(super) const fn letter(light: Option<Light>, lang: Lang) -> &'static str {
    match light {
        Some(Light::Green) => say(lang, "绿", "G"),
        Some(Light::Yellow) => say(lang, "黄", "Y"),
        Some(Light::Red) => say(lang, "红", "R"),
        Some(Light::Black) => say(lang, "黑", "B"),
        Some(Light::Grey) => say(lang, "停", "S"),
        None => say(lang, "无", "–"),
    }
}

pub(super) fn speed(speed: Speed, lang: Lang) -> String {
    match (speed, lang) {
        (Speed::Events(n), Lang::Zh) => format!("{n} 件/秒"),
        (Speed::Events(n), Lang::En) => format!("{n} ev/s"),
        (Speed::Hours(n), Lang::Zh) if n % 24 == 0 => format!("{} 天/秒", n / 24),
        (Speed::Hours(n), Lang::En) if n % 24 == 0 => format!("{} d/s", n / 24),
        (Speed::Hours(n), Lang::Zh) => format!("{n} 小时/秒"),
        (Speed::Hours(n), Lang::En) => format!("{n} h/s"),
    }
}

pub(super) const fn pane(pane: Pane, lang: Lang) -> &'static str {
    match pane {
        Pane::Windows => say(lang, "窗口", "Windows"),
        Pane::Departments => say(lang, "部门", "Departments"),
        Pane::Cases => say(lang, "在办件", "Open cases"),
    }
}

/// The keys, with what each does.
pub(super) const KEYS: &[(&str, &str, &str)] = &[
    ("space", "播放 / 暂停", "play, pause"),
    ("← →", "后退、前进一条", "a record back, on"),
    ("[ ]  ⇧← ⇧→", "后退、前进一天", "a day back, on"),
    ("- +", "放慢、加快", "slower, faster"),
    ("home end", "开头、末尾", "start, end"),
    (
        "g",
        "到时间或位置：2010-05-14、2010-05-14T10:00、120",
        "go to a time or place: 2010-05-14, 2010-05-14T10:00, 120",
    ),
    (
        "c d w",
        "到某办件、部门、窗口的下一条（空白：光标处的）",
        "next record of a case, department, window (empty: this one)",
    ),
    (
        "/",
        "查找：事件名、办件、人员",
        "search: name of an event, case, person",
    ),
    (
        "n N",
        "下一个、上一个（按上次所找）",
        "next, previous of what was last looked for",
    ),
    ("f F", "下一个、上一个发现", "next, previous finding"),
    ("tab", "窗口、部门、在办件", "windows, departments, open cases"),
    ("↑ ↓", "滚动列表", "scroll that list"),
    ("?", "帮助", "help"),
    ("q", "退出", "quit"),
];

/// Fields of events, as people say them; others go by their own names.
const FIELDS: &[(&str, &str, &str)] = &[
    ("applicant", "申请人", "applicant"),
    ("amount_fen", "金额（分）", "amount (fen)"),
    ("activity", "活动", "activity"),
    ("by", "由", "by"),
    ("channel", "渠道", "channel"),
    ("clock", "时限", "clock"),
    ("closes_on", "截止", "closes on"),
    ("completed_on", "办结日", "completed on"),
    ("decided_on", "决定日", "decided on"),
    ("delivered_on", "送达日", "delivered on"),
    ("department", "部门", "department"),
    ("due_on", "期限", "due on"),
    ("effective_on", "生效日", "effective on"),
    ("fee", "费用", "fee"),
    ("from", "自", "from"),
    ("group", "并联组", "group"),
    ("intake_due_on", "受理期限", "intake due on"),
    ("level", "评价", "level"),
    ("light", "灯", "light"),
    ("member", "成员", "member"),
    ("name", "名称", "name"),
    ("notice", "通知", "notice"),
    ("of", "环节", "of"),
    ("opinion", "意见", "opinion"),
    ("procedure", "事项", "procedure"),
    ("promised_due_on", "承诺期限", "promised due on"),
    ("reason", "原因", "reason"),
    ("reasons", "理由", "reasons"),
    ("received_on", "收件日", "received on"),
    ("respond_by", "补正期限", "respond by"),
    ("role", "角色", "role"),
    ("staff", "人员", "staff"),
    ("started_on", "开始日", "started on"),
    ("statutory_due_on", "法定期限", "statutory due on"),
    ("step", "环节", "step"),
    ("timeliness", "是否按时", "timeliness"),
    ("to", "至", "to"),
    ("turned_on", "变灯日", "turned on"),
    ("verdict", "决定", "verdict"),
    ("version", "版本", "version"),
    ("window", "窗口", "window"),
];

/// The name of a field.
pub(super) fn field(name: &str, lang: Lang) -> String {
    let known = FIELDS.iter().find(|(field, _, _)| *field == name);
    known.map_or_else(
        || name.replace('_', " "),
        |(_, zh, en)| say(lang, zh, en).to_owned(),
    )
}
