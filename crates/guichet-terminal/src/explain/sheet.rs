//! What an explanation says, in words and in order, whatever it is written on.

use guichet_core::explain::{Day, Explanation, Reading};
use guichet_core::lang::Lang;
use guichet_core::time::Date;

use super::Explained;
use super::words::{self, say};

/// A name and what stands beside it.
pub(super) type Field = (&'static str, String);

/// What a clock is called, with its term.
pub(super) fn title(explained: &Explained, lang: Lang) -> String {
    let Explained { name, explanation } = explained;
    let mut title = words::clock(explanation.clock, lang).to_owned();
    if let Some(of) = &explanation.of {
        title.push_str(say(lang, "“", " “"));
        title.push_str(name.as_deref().unwrap_or(of.as_str()));
        title.push('”');
    }
    title.push_str(say(lang, "：", ": "));
    title.push_str(&words::term(explanation.term, lang));
    title
}

/// What led to the due date, and how the clock stands.
pub(super) fn fields(explanation: &Explanation, lang: Lang) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut field = |zh, en, value: String| fields.push((say(lang, zh, en), value));
    let version = |id: &str, version: u64| match lang {
        Lang::Zh => format!("{id}，第{version}版"),
        Lang::En => format!("{id}, version {version}"),
    };
    let e = explanation;
    if let Some(source) = &e.source {
        field("时限依据", "rule", source.clone());
    }
    field(
        "事项",
        "procedure",
        version(e.procedure.as_str(), e.procedure_version.0),
    );
    let mut policy = e.policy.to_string();
    if !e.policy_sources.is_empty() {
        policy.push_str(say(lang, "：", ": "));
        policy.push_str(&e.policy_sources.join(say(lang, "；", "; ")));
    }
    field("计时规则", "counted by", policy);
    field(
        "工作日历",
        "calendar",
        version(e.calendar.as_str(), e.calendar_version.0),
    );
    field("起算", "began", words::moment(&e.started, lang));
    if e.counted_from != e.started.on {
        field("重新起算", "began anew", e.counted_from.to_string());
    }
    field("截至", "as of", e.as_of.to_string());
    field("已用", "used", used(e, lang));
    field("预警日", "warning from", e.warn_on.to_string());
    field("期限", "due on", due(e, lang));
    if let Some(stopped) = &e.stopped {
        field("停止计时", "stopped", words::moment(stopped, lang));
    }
    for told in &e.told {
        let event = words::event_name(told.with.event, lang);
        let mut said = vec![
            format!("{} {event}", told.with.on),
            format!("#{}", told.with.revision),
        ];
        if told.announced {
            said.push(say(lang, "已告知申请人", "told to the applicant").to_owned());
        }
        if let Some(notice) = &told.notice {
            said.push(format!("{}{notice}", say(lang, "文书 ", "on paper ")));
        }
        let line = match lang {
            Lang::Zh => format!("{}（{}）", told.due_on, said.join("，")),
            Lang::En => format!("{} ({})", told.due_on, said.join(", ")),
        };
        field("曾告知期限", "told before", line);
    }
    // The date told last is the one that people hold on to; the others led up to it.
    if let Some(last) = fields
        .iter_mut()
        .rev()
        .find(|(name, _)| *name == say(lang, "曾告知期限", "told before"))
    {
        last.0 = say(lang, "最后告知", "told last");
    }
    if let Some(moved) = moved(e, lang) {
        fields.push((say(lang, "有无变动", "has it moved"), moved));
    }
    fields
}

fn used(e: &Explanation, lang: Lang) -> String {
    let late = late(e);
    let (allowed, used) = (
        words::days(e.days_allowed, e.term, lang),
        e.days_used.min(e.days_allowed),
    );
    let left = e.days_allowed.saturating_sub(e.days_used);
    match (lang, late) {
        (Lang::Zh, 0) => format!("{used} / {allowed}，剩余{}", words::days(left, e.term, lang)),
        (Lang::Zh, late) => format!("{used} / {allowed}，超时{}", words::days(late, e.term, lang)),
        (Lang::En, 0) => format!("{used} of {allowed}, {left} left"),
        (Lang::En, late) => format!("{used} of {allowed}, and {late} more: late"),
    }
}

/// By how many days the term was overrun.
fn late(e: &Explanation) -> u32 {
    let late = e.days.iter().filter(|day| day.reading == Reading::Late);
    late.filter_map(|day| day.nth).max().unwrap_or_default()
}

fn due(e: &Explanation, lang: Lang) -> String {
    let mut due = e.due_on.to_string();
    if let Some(day) = e.days.iter().find(|day| day.date == e.due_on) {
        due.push(' ');
        due.push_str(words::weekday(day.weekday, lang));
    }
    if e.stopped.is_none() && e.pauses.iter().any(|pause| pause.ended.is_none()) {
        due.push_str(say(
            lang,
            "（若中止于截至日结束）",
            " (if the pause ended on the day asked about)",
        ));
    }
    if let Some(due_at) = e.due_at {
        due.push_str(say(
            lang,
            "，按工作小时截至 ",
            ", counted in working hours until ",
        ));
        due.push_str(&due_at.to_string());
    }
    if e.provisional {
        due.push_str(say(
            lang,
            "（暂定：该年放假安排尚未公布）",
            " (provisional: the holidays of that year are not announced yet)",
        ));
    }
    due
}

fn moved(e: &Explanation, lang: Lang) -> Option<String> {
    let last = e.told.last()?;
    Some(match (e.moved, lang) {
        (false, Lang::Zh) => "无，与最后告知的期限一致".to_owned(),
        (false, Lang::En) => "no: it is the date told last".to_owned(),
        (true, Lang::Zh) => format!("有：最后告知 {}，现算得 {}", last.due_on, e.due_on),
        (true, Lang::En) => format!("yes: {} was told last, {} is counted now", last.due_on, e.due_on),
    })
}

/// A pause or an extension, with its number.
pub(super) struct Item {
    /// What it is, with its number.
    pub name: String,
    /// From when to when, or by how much.
    pub extent: String,
    /// What it does to the term.
    pub effect: String,
    /// Why.
    pub reason: String,
    /// On which paper.
    pub notice: String,
    /// With which events.
    pub events: String,
}

/// The headings of [`items`].
pub(super) const fn item_headings(lang: Lang) -> [&'static str; 6] {
    [
        say(lang, "事由", "what"),
        say(lang, "起止", "when"),
        say(lang, "效果", "effect"),
        say(lang, "理由", "reason"),
        say(lang, "文书", "paper"),
        say(lang, "记录", "event"),
    ]
}

/// The pauses and extensions, numbered as the table of days names them.
pub(super) fn items(e: &Explanation, lang: Lang) -> Vec<Item> {
    let pauses = e.pauses.iter().enumerate().map(|(place, pause)| {
        let ended = pause.ended.as_ref();
        let mut events = words::event(&pause.began, lang);
        if let Some(ended) = ended {
            events.push_str(say(lang, "、", ", "));
            events.push_str(&words::event(ended, lang));
        }
        Item {
            name: numbered(say(lang, "中止", "pause "), place),
            extent: words::between(pause.began.on, ended.map(|ended| ended.on), lang),
            effect: words::effect(pause.effect, lang).to_owned(),
            reason: words::why(pause, lang),
            notice: pause.notice.as_ref().map(ToString::to_string).unwrap_or_default(),
            events,
        }
    });
    let extensions = e.extensions.iter().enumerate().map(|(place, extension)| {
        let by = words::term(extension.by, lang);
        Item {
            name: numbered(say(lang, "延长", "extension "), place),
            extent: extension.granted.on.to_string(),
            effect: match lang {
                Lang::Zh => format!("延长{by}"),
                Lang::En => format!("{by} more"),
            },
            reason: match lang {
                Lang::Zh => format!("{} 批准：{}", extension.approver, extension.reason),
                Lang::En => format!("granted by {}: {}", extension.approver, extension.reason),
            },
            notice: String::new(),
            events: words::event(&extension.granted, lang),
        }
    });
    pauses.chain(extensions).collect()
}

fn numbered(what: &str, place: usize) -> String {
    format!("{what}{}", place + 1)
}

/// The headings of the table of days.
pub(super) const fn day_headings(lang: Lang) -> [&'static str; 6] {
    [
        say(lang, "日期", "date"),
        say(lang, "星期", "day"),
        say(lang, "日历", "calendar"),
        say(lang, "计时", "reading"),
        say(lang, "计数", "count"),
        say(lang, "备注", "remark"),
    ]
}

/// What happened to the clock on a day.
pub(super) fn remark(e: &Explanation, day: &Day, lang: Lang) -> String {
    let date = day.date;
    let mut said: Vec<String> = Vec::new();
    let on = |moment: Date| moment == date;
    for (place, pause) in e.pauses.iter().enumerate() {
        let number = place + 1;
        if on(pause.began.on) {
            said.push(match lang {
                Lang::Zh => format!("中止{number}开始"),
                Lang::En => format!("pause {number} begins"),
            });
        }
        if pause.ended.as_ref().is_some_and(|ended| on(ended.on)) {
            said.push(match lang {
                Lang::Zh => format!("中止{number}结束"),
                Lang::En => format!("pause {number} ends"),
            });
        }
    }
    for (place, extension) in e.extensions.iter().enumerate() {
        if on(extension.granted.on) {
            said.push(match lang {
                Lang::Zh => format!("批准延长{}", place + 1),
                Lang::En => format!("extension {} is granted", place + 1),
            });
        }
    }
    if on(e.counted_from) && e.counted_from != e.started.on {
        said.push(say(lang, "重新起算", "the term begins anew").to_owned());
    }
    if on(e.warn_on) && e.warn_on != e.due_on {
        said.push(say(lang, "预警", "warning").to_owned());
    }
    if on(e.due_on) {
        said.push(say(lang, "最后一日", "last day in time").to_owned());
    }
    if let Some(last) = e.told.last()
        && e.moved
        && on(last.due_on)
    {
        said.push(say(lang, "最后告知的期限", "the date told last").to_owned());
    }
    if let Some(stopped) = e.stopped.as_ref().filter(|stopped| on(stopped.on)) {
        said.push(words::event(stopped, lang));
    } else if e.stopped.is_none() && on(e.as_of) {
        said.push(say(lang, "截至本日", "asked about this day").to_owned());
    }
    said.join(say(lang, "；", "; "))
}
