//! What differs, for people.

use std::fmt::Write as _;

use guichet_core::case::event::Outcome;
use guichet_core::light::Light;
use guichet_stats::AsOf;
use guichet_terminal::context::{Context, Lang};
use guichet_terminal::explain::words as clock_words;
use guichet_terminal::table;
use guichet_terminal::words;
use serde::Deserialize as _;
use serde_json::Value;

use super::clocks::{Clock, Reading};
use super::{Because, By, Difference, Published, Side};
use crate::as_of::said;
use crate::timeline::{lines, word};

// Writing into a string does not fail, here and below.
pub(super) fn text(difference: &Difference<'_>, context: Context) -> String {
    let say = |zh, en| context.say(zh, en);
    let directory = &difference.after.known.directory;
    let mut text = format!("{}\n\n", difference.case);
    text.push_str(&side(say("先", "before"), &difference.before, context));
    text.push_str(&side(say("后", "after "), &difference.after, context));
    let mut section = |title: &str, body: &str| {
        if !body.is_empty() {
            let _ = write!(text, "\n{title}\n{body}");
        }
    };
    section(
        say("其间记录", "recorded in between"),
        &lines(&difference.added, directory, context),
    );
    section(
        say("先有后无的记录", "known before and not after"),
        &lines(&difference.taken_away, directory, context),
    );
    section(
        say("其间公布", "published in between"),
        &published(&difference.published, context),
    );
    section(say("差异", "what differs"), &fields(difference, context));
    section(
        say("时限差异", "clocks that differ"),
        &clocks(&difference.clocks, context),
    );
    if difference.fields.is_empty() && difference.clocks.is_empty() {
        section(
            say("差异", "what differs"),
            &format!(
                "  {}\n",
                say(
                    "办件状态与时限均无差异",
                    "nothing: the case and its clocks are the same"
                )
            ),
        );
    }
    text
}

fn side(name: &str, side: &Side<'_>, context: Context) -> String {
    let count = side.records;
    let records = match (context.lang, count) {
        (Lang::Zh, 0) => "尚无记录".to_owned(),
        (Lang::Zh, _) => format!("{count} 条记录"),
        (Lang::En, 0) => "nothing had happened".to_owned(),
        (Lang::En, 1) => "1 record".to_owned(),
        (Lang::En, _) => format!("{count} records"),
    };
    let mut moment = said(side.known.as_of, side.known.directory.zone(), context);
    if let AsOf::Now | AsOf::Position(_) = side.known.as_of {
        let _ = match context.lang {
            Lang::Zh => write!(moment, "（{}）", side.day),
            Lang::En => write!(moment, " ({})", side.day),
        };
    }
    format!("  {name}  {moment}{}{records}\n", context.say("：", ": "))
}

fn published(published: &[Published], context: Context) -> String {
    let mut text = String::new();
    for one in published {
        let what = match one.kind {
            "reference.calendar_published" => context.say("工作日历", "calendar"),
            "reference.procedure_published" => context.say("事项", "procedure"),
            "reference.centre_published" => context.say("中心", "the centre"),
            other => other,
        };
        let _ = write!(text, "  {what}");
        if let (Some(id), Some(number)) = (&one.id, one.number) {
            let _ = match context.lang {
                Lang::Zh => write!(text, " {id} 第{number}版"),
                Lang::En => write!(text, " {id}, version {number}"),
            };
        }
        let position = one.position;
        let _ = match context.lang {
            Lang::Zh => writeln!(text, "（位置 {position}）"),
            Lang::En => writeln!(text, " (position {position})"),
        };
    }
    text
}

fn fields(difference: &Difference<'_>, context: Context) -> String {
    if difference.fields.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut rows = table::table([
        say("项目", "field"),
        say("先", "before"),
        say("后", "after"),
        say("原因", "because of"),
    ]);
    for field in &difference.fields {
        rows.add_row(vec![
            name(&field.name, context),
            value(&field.name, &field.before, context),
            value(&field.name, &field.after, context),
            because(field.because, &field.changed_by, context),
        ]);
    }
    table::wrap_only(&mut rows, &[0, 1, 2, 3]);
    indented(&table::print(&rows))
}

fn clocks(clocks: &[Clock], context: Context) -> String {
    if clocks.is_empty() {
        return String::new();
    }
    let say = |zh, en| context.say(zh, en);
    let mut rows = table::table([
        say("时限", "clock"),
        say("起算", "began"),
        say("先", "before"),
        say("后", "after"),
        say("原因", "because of"),
    ]);
    for clock in clocks {
        let mut name = clock_words::clock(clock.kind, context.lang).to_owned();
        if let Some(of) = &clock.of {
            let _ = write!(name, " {of}");
        }
        rows.add_row(vec![
            name,
            clock.started_on.to_string(),
            reading(clock.before.as_ref(), context),
            reading(clock.after.as_ref(), context),
            because(clock.because, &clock.changed_by, context),
        ]);
    }
    table::wrap_only(&mut rows, &[0, 2, 3, 4]);
    indented(&table::print(&rows))
}

fn reading(reading: Option<&Reading>, context: Context) -> String {
    let Some(reading) = reading else {
        return "–".to_owned();
    };
    let light = clock_words::light(reading.light, context.lang);
    let mut text = format!("{light} {}{}", context.say("至 ", "until "), reading.due_on);
    if let Some(on) = reading.stopped_on {
        let _ = write!(text, "{}{on}", context.say("，停于 ", ", stopped "));
    }
    text
}

/// Why, and with which events: first the one that decided it.
fn because(because: Because, by: &[By], context: Context) -> String {
    match (because, by) {
        (Because::Day, _) => context.say("日期不同", "the day").to_owned(),
        (Because::Published, _) => context.say("其间公布的数据", "what was published").to_owned(),
        (Because::TakenAway, _) => context
            .say("先有后无的记录", "what is not known after")
            .to_owned(),
        (Because::Events, []) => context.say("其间的记录", "what was recorded").to_owned(),
        (Because::Events, [earlier @ .., last]) => {
            let said = format!("#{} {}", last.revision, words::event(last.kind, context));
            let earlier: Vec<_> = earlier.iter().map(|by| format!("#{}", by.revision)).collect();
            match context.lang {
                _ if earlier.is_empty() => said,
                Lang::Zh => format!("{said}（此前 {}）", earlier.join("、")),
                Lang::En => format!("{said} (earlier {})", earlier.join(", ")),
            }
        }
    }
}

/// A value as people read it: codes in words, lists with commas.
fn value(field: &str, value: &Value, context: Context) -> String {
    let code = value.as_str().unwrap_or_default();
    let last = field.rsplit('.').next().unwrap_or(field);
    let named = match last {
        "stage" => Some(words::stage(code, context).to_owned()),
        "light" => Light::deserialize(value)
            .ok()
            .map(|light| clock_words::light(light, context.lang)),
        "outcome" => Outcome::deserialize(value)
            .ok()
            .map(|outcome| words::outcome(outcome, context).to_owned()),
        "status" => Some(words::status(code, context).to_owned()),
        "opinion" => Some(words::opinion(code, context).to_owned()),
        _ => None,
    };
    let named = named
        .filter(|named| !named.is_empty())
        .unwrap_or_else(|| match value {
            Value::Bool(true) => context.say("是", "yes").to_owned(),
            Value::Bool(false) => context.say("否", "no").to_owned(),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                word(value)
            }
        });
    if named.is_empty() { "–".to_owned() } else { named }
}

/// The name of a field: its parts in words, what is an identifier as it is.
fn name(field: &str, context: Context) -> String {
    let parts = field.split('.').map(|part| {
        let known = FIELDS.iter().find(|(code, _)| *code == part);
        match context.lang {
            Lang::Zh => known.map_or_else(|| part.to_owned(), |(_, chinese)| (*chinese).to_owned()),
            Lang::En if known.is_some() => part.replace('_', " "),
            Lang::En => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join(" · ")
}

/// The fields of a case, as people say them in Chinese.
const FIELDS: &[(&str, &str)] = &[
    ("state", "状况"),
    ("procedure", "事项"),
    ("procedure_version", "事项版本"),
    ("department", "部门"),
    ("applicant", "申请人"),
    ("agent", "代办员"),
    ("channel", "渠道"),
    ("window", "窗口"),
    ("transfer_to", "转往"),
    ("stage", "阶段"),
    ("outcome", "结果"),
    ("light", "状态灯"),
    ("next_due_on", "最近期限"),
    ("next_due_clock", "最近期限的时限"),
    ("next_due_of", "最近期限的环节"),
    ("received_on", "收件"),
    ("intake_due_on", "受理期限"),
    ("correction_due_on", "补正期限"),
    ("accepted_on", "受理"),
    ("acceptance_deemed", "视为受理"),
    ("promised_due_on", "承诺期限"),
    ("statutory_due_on", "法定期限"),
    ("suspended", "计时中止"),
    ("decided_on", "决定"),
    ("delivery_due_on", "送达期限"),
    ("delivered_on", "送达"),
    ("ended_on", "结束"),
    ("green_channel", "绿色通道"),
    ("reopened", "重新办理次数"),
    ("resubmits", "续办自"),
    ("facts", "情况"),
    ("materials", "材料"),
    ("gaps", "容缺材料"),
    ("steps", "环节"),
    ("group", "并联组"),
    ("status", "状态"),
    ("started_on", "开始"),
    ("due_on", "期限"),
    ("holder", "经办"),
    ("opinion", "意见"),
    ("by", "签署人"),
    ("groups", "并联组"),
    ("lead", "牵头"),
    ("members", "成员"),
    ("arrived", "已回"),
    ("fees", "费用"),
    ("owed_fen", "应缴（分）"),
    ("paid_fen", "已缴（分）"),
    ("refunded_fen", "已退（分）"),
    ("waived", "减免"),
    ("settled", "已清"),
    ("ratings", "好差评"),
    ("staff", "人员"),
    ("closes_on", "截止"),
    ("level", "评价"),
    ("counts", "计入"),
    ("rectify_by", "整改期限"),
    ("rectified_on", "整改"),
    ("complaints", "投诉"),
];

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut lines, line| {
        lines.push(' ');
        lines.push_str(line);
        lines.push('\n');
        lines
    })
}
