//! What a supposition holds fixed. A number without this list would be taken for a forecast.

use guichet_core::lang::Lang;
use serde::Serialize;

use super::change::{Change, Changes};

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $zh:literal, $en:literal;)+) => {
        guichet_core::codes! {
            /// Something that is held fixed.
            Fixed("thing held fixed") { $($(#[$doc])* $name = $code,)+ }
        }

        impl Fixed {
            /// It in words.
            #[must_use]
            pub const fn words(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::Zh) => $zh, (Self::$name, Lang::En) => $en,)+
                }
            }
        }
    };
}

fixed! {
    /// The events.
    Events = "events",
        "事件及其先后、发生日期和记录时间不变；已作的决定仍在同一天作出",
        "The events, their order, and the days on which they happened and were recorded: every decision was made on the day on which it was made.";
    /// How people work.
    Conduct = "conduct",
        "人的做法不变：期限若不同，人员会怎样安排、会办得快还是慢，这里不知道。结果是重新计算，不是预测",
        "How people work. Under another term they would have worked otherwise, and nobody knows how. This is a recount, not a forecast.";
    /// What was announced.
    Announced = "announced",
        "已告知申请人的期限照旧；变的只是计算出来的期限",
        "What applicants were told. The dates announced stay as they are; only the dates counted change.";
    /// Silence.
    Silence = "silence",
        "已记录的视为受理、视为同意、视为决定照旧；按新规则本来会发生的，不补记",
        "Silence. Deemed acceptances, consents and decisions that were recorded stay, and none is added that would have come about.";
    /// Pauses and extensions.
    Granted = "granted",
        "已有的中止、特别程序和延期照旧，按原来的日期计，即使按新规则不需要或不应允许",
        "Suspensions, special procedures and extensions: as they were granted and on their days, also where they would not have been needed, or allowed.";
    /// The calendar of each decision.
    Calendars = "calendars",
        "每个决定按作出时有效的工作日历计算（改变叠加在其上）；未办结的按最新日历计算",
        "Each decision is counted by the calendar that was in force when it was made, and each open case by the newest; what is supposed is laid over that one.";
    /// Other clocks.
    OtherClocks = "other_clocks",
        "只重算决定的承诺期限和法定期限；收件、环节、并联、送达和评价的期限及灯色、预警不重算",
        "Only the terms for the decision are counted again, by promise and by law: those of intake, steps, members, delivery and ratings stay, and so do lights and warnings.";
    /// Extensions in another unit.
    Units = "units",
        "延期的单位与期限不同的，仍不增加期限；承诺单位不同的事项不变",
        "Units. An extension in another unit than the term adds nothing to it, and a promise in another unit is left alone.";
    /// The law of those who promise.
    NoLonger = "no_longer",
        "统一的承诺只缩短较长的承诺：没有承诺的、承诺更短的事项不变",
        "Shorter promises, and items without any: one promise for all only cuts what is longer.";
    /// The work of those who remain.
    Workload = "workload",
        "其余办件照旧：去掉的办件所占的人力，不转给其余办件",
        "The other cases. The time that the cases left out have taken is not given to them.";
}

/// Something that is held fixed, as programs read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HeldFixed {
    /// What.
    #[serde(serialize_with = "code")]
    pub what: Fixed,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn code<S: serde::Serializer>(fixed: &Fixed, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(fixed.as_str())
}

/// What some changes hold fixed.
pub(super) fn of(changes: &Changes) -> Vec<HeldFixed> {
    let changes_rules = changes
        .all
        .iter()
        .any(|change| !matches!(change, Change::Without { .. }));
    let changes_terms = changes
        .all
        .iter()
        .any(|change| matches!(change, Change::Term { .. } | Change::Promise { .. }));
    let holds = |fixed: Fixed| match fixed {
        Fixed::Events | Fixed::Conduct => true,
        Fixed::Announced | Fixed::Silence | Fixed::Granted | Fixed::Calendars | Fixed::OtherClocks => {
            changes_rules
        }
        Fixed::Units => changes_terms,
        Fixed::NoLonger => changes.cap_promises(),
        Fixed::Workload => changes.leave_out(),
    };
    let all = Fixed::ALL.iter().copied().filter(|fixed| holds(*fixed));
    all.map(|what| HeldFixed {
        what,
        zh: what.words(Lang::Zh),
        en: what.words(Lang::En),
    })
    .collect()
}
