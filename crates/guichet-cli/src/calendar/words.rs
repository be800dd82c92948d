//! What days are called, for people and for programs.

use guichet::catalogue::notice::chinese_name;
use guichet::core::calendar::{Day, DayKind};
use guichet::core::time::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::{Context, Lang};

/// The weekday, in short.
pub(super) fn weekday(date: Date, lang: Lang) -> &'static str {
    let (zh, en) = match date.iso_weekday() {
        1 => ("周一", "Mon"),
        2 => ("周二", "Tue"),
        3 => ("周三", "Wed"),
        4 => ("周四", "Thu"),
        5 => ("周五", "Fri"),
        6 => ("周六", "Sat"),
        _ => ("周日", "Sun"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// The name of a kind of day.
pub(super) const fn kind(kind: DayKind, context: Context) -> &'static str {
    match kind {
        DayKind::Working => context.say("工作日", "working day"),
        DayKind::MakeUp => context.say("调休上班", "make-up day"),
        DayKind::Weekend => context.say("周末", "weekend"),
        DayKind::Holiday => context.say("放假", "holiday"),
        DayKind::Closure => context.say("停办", "closed"),
    }
}

/// What a day is called beside its kind: holidays, the reason of a layer, service.
pub(super) fn names(day: &Day<'_>, context: Context) -> String {
    let mut names: Vec<String> = day
        .holidays
        .iter()
        .map(|holiday| match context.lang {
            Lang::Zh => chinese_name(&holiday.name).unwrap_or(&holiday.name).to_owned(),
            Lang::En => holiday.name.clone(),
        })
        .collect();
    if let Some(layer) = day.layer {
        names.push(format!("{} [{}]", context.name(&layer.name), layer.layer));
    }
    if let Some(service) = day.service {
        let open = context.say("开放，不计", "open, does not count");
        names.push(format!(
            "{open}: {} [{}]",
            context.name(&service.name),
            service.layer
        ));
    }
    names.join(context.say("；", "; "))
}

/// One day, for programs.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DayView {
    /// The day, like 2010-02-20.
    #[schemars(with = "String")]
    date: Date,
    /// The day of the week, Monday being 1.
    #[schemars(range(min = 1, max = 7))]
    weekday: u8,
    /// What the calendar makes of it: `working`, `make_up`, `weekend`, `holiday` or `closure`.
    #[schemars(extend("enum" = ["working", "make_up", "weekend", "holiday", "closure"]))]
    kind: &'static str,
    /// Whether it is a working day.
    works: bool,
    /// What is celebrated.
    holidays: Vec<String>,
    /// The layer that decided; null where the ground calendar did.
    layer: Option<LayerView>,
    /// The layer that opens the centre although the day does not count.
    service: Option<LayerView>,
    /// Whether nobody has officially announced the day yet.
    provisional: bool,
}

/// What a layer says of a day.
#[derive(Debug, Serialize, JsonSchema)]
struct LayerView {
    /// The layer.
    layer: String,
    /// Why, in Chinese.
    zh: String,
    /// Why, in English.
    en: String,
}

impl DayView {
    pub(super) const fn date(&self) -> Date {
        self.date
    }

    pub(super) fn of(day: &Day<'_>) -> Self {
        let layer = |layer: &guichet::core::calendar::LayeredDay| LayerView {
            layer: layer.layer.to_string(),
            zh: layer.name.zh.clone(),
            en: layer.name.en.clone(),
        };
        Self {
            date: day.date,
            weekday: day.date.iso_weekday(),
            kind: day.kind.as_str(),
            works: day.kind.works(),
            holidays: day.holidays.iter().map(|holiday| holiday.name.clone()).collect(),
            layer: day.layer.map(layer),
            service: day.service.map(layer),
            provisional: day.provisional,
        }
    }
}
