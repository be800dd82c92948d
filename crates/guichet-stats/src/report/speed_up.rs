//! The speed-up bulletin (提速通报): departments and items, ranked by how much faster than the law they were.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use guichet_core::lang::Lang;

use super::document::{Cell, Document, Report, Table};
use super::{Example, Setting, change};
use crate::dimension::Dimension;
use crate::figure::{Figure, Told};

/// What each row shows, the ranking figure first.
const FIGURES: &[Figure] = &[
    Figure::SpeedUp,
    Figure::PromiseCompression,
    Figure::UsedMean,
    Figure::Early,
    Figure::OnTime,
    Figure::OnTimeStrict,
    Figure::Completed,
];

/// The bulletin.
///
/// Ranked by the exact ratio, so that two are equal only where they are, and then they share a rank. Who decided nothing
/// with a statutory term in working days has nothing to be ranked by, and stands apart.
#[must_use]
pub fn speed_up(setting: &Setting<'_>) -> Document {
    let title = setting.say("提速通报", "Speed-up bulletin");
    let mut document = setting.document(Report::SpeedUp, title);
    let whole = setting.whole(FIGURES, setting.period);
    let before = setting.before();
    document.paragraph(summary(setting, whole.first(), before.is_some()));
    document.heading(2, setting.say("部门排名", "Departments"));
    let departments = ranking(setting, &mut document, Dimension::Department, &whole);
    document.heading(2, setting.say("事项排名", "Items"));
    ranking(setting, &mut document, Dimension::Item, &whole);
    setting.ending(
        &mut document,
        &Example {
            figure: Figure::SpeedUp,
            only: departments.map(|department| (Dimension::Department, department)),
        },
    );
    document
}

fn summary(setting: &Setting<'_>, whole: Option<&Told>, has_before: bool) -> String {
    let mut text = match whole
        .and_then(|told| Some((told.value.as_ref()?, speed(std::slice::from_ref(told))?)))
    {
        None => setting
            .say(
                "期内没有可计算提速率的办件。",
                "Nothing was decided that a speed-up could be counted of.",
            )
            .to_owned(),
        Some((value, (part, whole))) => match setting.lang {
            Lang::Zh => {
                format!("全中心实际提速率 {value} %：法定时限合计 {whole} 个工作日，节省 {part} 个。")
            }
            Lang::En => format!(
                "The centre as a whole was faster than the law by {value} %: of {whole} statutory working days it saved {part}."
            ),
        },
    };
    if let Some(before) = setting.before().filter(|_| has_before) {
        let before = before.name(setting.lang);
        let against = match setting.lang {
            Lang::Zh => format!("“较上期”与 {before} 相比，以百分点计。"),
            Lang::En => format!(" Changes are in percentage points against {before}."),
        };
        text.push_str(&against);
    } else {
        text.push_str(setting.say(
            "日志中没有上期数据。",
            " The log has nothing of the period before.",
        ));
    }
    text
}

/// A table of who is ranked, and one of who is not. Answers with the first.
fn ranking(
    setting: &Setting<'_>,
    document: &mut Document,
    dimension: Dimension,
    whole: &[Told],
) -> Option<String> {
    let name = |id: &str| setting.named(dimension, id);
    let now = setting.by(dimension, FIGURES, setting.period);
    let before = setting.before();
    let before = before.map(|period| setting.by(dimension, FIGURES, period));
    let ranks_before = before.as_ref().map(ranks).unwrap_or_default();
    let ranks = ranks(&now);
    let mut order: Vec<(&String, u32)> = ranks.iter().map(|(id, rank)| (*id, *rank)).collect();
    order.sort_by_key(|(id, rank)| (*rank, (*id).clone()));
    let first = order.first().map(|(id, _)| (*id).clone());
    let figures = FIGURES
        .iter()
        .map(|figure| format!("#{}", figure.name(setting.lang)));
    let mut columns = vec![
        format!("#{}", setting.say("名次", "rank")),
        dimension.name(setting.lang).to_owned(),
    ];
    columns.extend(figures);
    columns.insert(3, format!("#{}", setting.say("较上期", "change")));
    columns.insert(4, format!("#{}", setting.say("上期名次", "rank before")));
    let mut table = Table::new(columns.iter().map(String::as_str));
    for (id, rank) in order {
        let Some(told) = now.get(id) else { continue };
        let then = before.as_ref().and_then(|before| before.get(id));
        let moved = speed(told).zip(then.and_then(|told| speed(told)));
        let moved = moved.and_then(|(now, then)| change(now, then));
        let then = ranks_before.get(id).map(ToString::to_string);
        let mut row = vec![Cell::number(rank), Cell::text(name(id))];
        row.extend(told.iter().map(Cell::figure));
        row.insert(3, Cell::text(moved.unwrap_or_else(dash)));
        row.insert(4, Cell::text(then.unwrap_or_else(dash)));
        table.rows.push(row);
    }
    if table.rows.is_empty() {
        document.paragraph(setting.say("没有可排名的。", "Nobody can be ranked."));
    } else {
        let mut row = vec![Cell::text(""), Cell::text(setting.say("全中心", "whole centre"))];
        row.extend(whole.iter().map(Cell::figure));
        let then = setting.before().map(|period| setting.whole(FIGURES, period));
        let moved = speed(whole).zip(then.as_ref().and_then(|told| speed(told)));
        let moved = moved.and_then(|(now, then)| change(now, then));
        row.insert(3, Cell::text(moved.unwrap_or_else(dash)));
        row.insert(4, Cell::text(""));
        table.rows.push(row);
        table.note(setting.say(
            "提速率相同者名次并列，其后名次顺延。",
            "Equal speed-ups share a rank, and the ranks after them are left out.",
        ));
        table.explain(FIGURES, setting.lang);
        document.parts.push(super::Part::Table(table));
    }
    unranked(setting, document, dimension, &now);
    first
}

fn unranked(
    setting: &Setting<'_>,
    document: &mut Document,
    dimension: Dimension,
    now: &BTreeMap<String, Vec<Told>>,
) {
    let accepted = setting.by(dimension, &[Figure::Accepted, Figure::Completed], setting.period);
    let has_base = |id: &String| now.get(id).and_then(|told| speed(told)).is_some();
    let none = Vec::new();
    let told = |id: &String| accepted.get(id).unwrap_or(&none);
    let moved = |id: &&String| told(id).iter().any(|told| told.numerator != Some(0));
    let mut ids: BTreeSet<String> = accepted.keys().filter(moved).cloned().collect();
    if dimension == Dimension::Department {
        // Who only gives opinions decides nothing by design.
        let departments = setting.statistics.facts().directory().departments.values();
        let with_windows = departments.filter(|department| !department.opinion_only);
        ids.extend(with_windows.map(|department| department.id.to_string()));
    }
    ids.retain(|id| !has_base(id));
    if ids.is_empty() {
        return;
    }
    document.heading(3, setting.say("不参加排名", "Not ranked"));
    let mut table = Table::new([dimension.name(setting.lang)]);
    for figure in [Figure::Accepted, Figure::Completed] {
        table.number_column(figure.name(setting.lang));
    }
    for id in &ids {
        let name = setting.named(dimension, id);
        let mut row = vec![Cell::text(name)];
        if told(id).is_empty() {
            row.extend([Cell::number(0), Cell::number(0)]);
        }
        row.extend(told(id).iter().map(Cell::figure));
        table.rows.push(row);
    }
    table.note(setting.say(
        "期内没有办结有法定时限（工作日）的承诺件，无从计算提速率。",
        "Decided nothing on promised items with a statutory term in working days: there is nothing to be faster than.",
    ));
    document.parts.push(super::Part::Table(table));
}

/// The speed-up as a part and a whole, where there is a whole.
fn speed(told: &[Told]) -> Option<(i64, i64)> {
    let told = told.iter().find(|told| told.figure == Figure::SpeedUp)?;
    let (part, whole) = (told.numerator?, told.denominator?);
    (whole > 0).then_some((part, whole))
}

/// The rank of each, from 1; equal ones share the best.
fn ranks(told: &BTreeMap<String, Vec<Told>>) -> BTreeMap<&String, u32> {
    let mut by_speed: Vec<(Ratio, &String)> = told
        .iter()
        .filter_map(|(id, told)| Some((Ratio(speed(told)?), id)))
        .collect();
    by_speed.sort_by_key(|(ratio, id)| (Reverse(*ratio), *id));
    let mut ranks = BTreeMap::new();
    let mut last: Option<(Ratio, u32)> = None;
    for (place, (ratio, id)) in (1..).zip(by_speed) {
        let rank = last
            .filter(|(before, _)| *before == ratio)
            .map_or(place, |(_, rank)| rank);
        last = Some((ratio, rank));
        ranks.insert(id, rank);
    }
    ranks
}

/// A ratio with a whole above nothing, compared exactly.
#[derive(Clone, Copy, Debug)]
struct Ratio((i64, i64));

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (Self((a, b)), Self((c, d))) = (self, other);
        (i128::from(*a) * i128::from(*d)).cmp(&(i128::from(*c) * i128::from(*b)))
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ratio {}

fn dash() -> String {
    "–".to_owned()
}
