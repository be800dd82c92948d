//! Performance scores (绩效评分): points given and taken by rules, each with the cases that it is for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use guichet_core::id::CaseId;
use guichet_core::lang::Lang;
use guichet_core::time::Date;

use super::document::{Cell, Document, Part as Shown, Report, Table, capital};
use super::happened::{Counted, Occurrence};
use super::rules::{Condition, Rule, Rules};
use super::{Example, RulePart, ScoreOf, Setting, words};
use crate::figure::{At, Figure, Part, Rule as Made, Told};
use crate::fraction::Fraction;
use crate::measure::{Measure, Portion, Postings, Spread};
use crate::period::Period;

/// The most cases that a cell names; the document as data names all.
const NAMED_MAX: usize = 30;

/// What one of those who are scored came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Who.
    pub subject: String,
    /// The points of each period for itself, and with what it began.
    pub periods: Vec<(Period, i64)>,
    /// Every rule that gave or took points, or would have but for a limit.
    pub lines: Vec<Line>,
}

impl Score {
    /// The mean of its periods.
    #[must_use]
    pub fn mean(&self) -> Fraction {
        let sum: i64 = self.periods.iter().map(|(_, points)| points).sum();
        // No part falls below nothing, and so no score does.
        let sum = u64::try_from(sum).unwrap_or_default();
        Fraction::new(sum, u64::try_from(self.periods.len()).unwrap_or(u64::MAX))
    }
}

/// What a rule gave to or took from somebody over a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Over which period.
    pub period: Period,
    /// The place of the part.
    pub part: usize,
    /// The rule.
    pub rule: String,
    /// The share, where the rule is for one.
    pub told: Option<Told>,
    /// The cases that it is for, each with the points it gave or took. Points for a share belong to no single case: there
    /// each has none.
    pub cases: BTreeMap<CaseId, i64>,
    /// The points that it gave or took.
    pub points: i64,
}

/// Of whom, in which period, by which rule.
type Key = (String, usize, usize);
/// The cases behind each, and how often.
type Behind = BTreeMap<Key, BTreeMap<CaseId, i64>>;

/// The scores by a scheme, in the order of those who are scored.
///
/// The points of a line are those of its cases, and a score is what its parts begin with and the points of its lines: points
/// beyond a limit are not given to any case. Within a rule, cases are taken in the order of their ids.
#[must_use]
pub fn scores(setting: &Setting<'_>, rules: &Rules, counted: &Counted) -> Vec<Score> {
    let periods = periods(setting, rules);
    let flat: Vec<(usize, &Rule)> = flat(rules);
    let behind = behind(setting, rules.of, &flat, &periods, counted);
    let told = setting.by_periods(rules.of.dimension(), &shares(&flat), &periods);
    let mut subjects: BTreeSet<String> = behind.keys().map(|(subject, _, _)| subject.clone()).collect();
    let busy = [
        Figure::Received,
        Figure::Accepted,
        Figure::Completed,
        Figure::Open,
    ];
    for (subject, told) in setting.by(rules.of.dimension(), &busy, setting.period) {
        if told.iter().any(|told| told.numerator != Some(0)) {
            subjects.insert(subject);
        }
    }
    let score = |subject: String| {
        let mut score = Score {
            subject,
            periods: Vec::new(),
            lines: Vec::new(),
        };
        for (place, (period, told)) in periods.iter().zip(&told).enumerate() {
            let told = told.get(&score.subject).map(Vec::as_slice).unwrap_or_default();
            let mut points = 0;
            for (part_place, part) in rules.parts().iter().enumerate() {
                let mut purse = Purse::of(part);
                for (number, (_, rule)) in flat.iter().enumerate().filter(|(_, (of, _))| *of == part_place) {
                    let key = (score.subject.clone(), place, number);
                    let cases = behind.get(&key);
                    if let Some((cases, told, points)) = purse.apply(rule, cases, told) {
                        score.lines.push(Line {
                            period: *period,
                            part: part_place,
                            rule: rule.id.clone(),
                            told,
                            cases,
                            points,
                        });
                    }
                }
                points += purse.points;
            }
            score.periods.push((*period, points));
        }
        score
    };
    subjects.into_iter().map(score).collect()
}

fn periods(setting: &Setting<'_>, rules: &Rules) -> Vec<Period> {
    if rules.monthly {
        setting.months()
    } else {
        vec![setting.period]
    }
}

/// The rules with the places of their parts.
fn flat(rules: &Rules) -> Vec<(usize, &Rule)> {
    let parts = rules.parts().iter().enumerate();
    parts
        .flat_map(|(place, part)| part.rules.iter().map(move |rule| (place, rule)))
        .collect()
}

fn shares(flat: &[(usize, &Rule)]) -> Vec<Figure> {
    let shares = flat.iter().filter_map(|(_, rule)| match &rule.condition {
        Condition::Share(share) => Some(share.figure()),
        Condition::Each(_) | Condition::Event(_) => None,
    });
    let shares: BTreeSet<Figure> = shares.collect();
    shares.into_iter().collect()
}

/// The points of a part while its rules are applied.
struct Purse {
    points: i64,
    most: i64,
}

impl Purse {
    fn of(part: &RulePart) -> Self {
        Self {
            points: part.points.into(),
            most: part.most.map_or(i64::MAX, i64::from),
        }
    }

    /// Gives or takes points as far as the part and the rest of the rule let it. Answers with how many.
    fn take(&mut self, wanted: i64, rest: &mut i64) -> i64 {
        let allowed = wanted.clamp(-*rest, *rest);
        let after = self.points.saturating_add(allowed);
        let after = if allowed > 0 {
            after.min(self.most.max(self.points))
        } else {
            after.max(0)
        };
        let taken = after - self.points;
        self.points = after;
        *rest -= taken.abs();
        taken
    }

    /// What a rule does; none where it has nothing to do.
    fn apply(
        &mut self,
        rule: &Rule,
        cases: Option<&BTreeMap<CaseId, i64>>,
        told: &[Told],
    ) -> Option<(BTreeMap<CaseId, i64>, Option<Told>, i64)> {
        let mut rest = rule.at_most.map_or(i64::MAX, |most| most.get().into());
        let each = i64::from(rule.points.get());
        match &rule.condition {
            Condition::Each(_) | Condition::Event(_) => {
                let cases: BTreeMap<CaseId, i64> = cases?
                    .iter()
                    .map(|(case, times)| (case.clone(), self.take(each.saturating_mul(*times), &mut rest)))
                    .collect();
                let points = cases.values().sum();
                Some((cases, None, points))
            }
            Condition::Share(share) => {
                let told = told.iter().find(|told| told.figure == share.figure())?;
                let times = share.times(told.numerator?, told.denominator?);
                if times == 0 {
                    return None;
                }
                let points = self.take(each.saturating_mul(times), &mut rest);
                let cases = cases.into_iter().flatten();
                let cases = cases.map(|(case, _)| (case.clone(), 0)).collect();
                Some((cases, Some(told.clone()), points))
            }
        }
    }
}

/// The cases behind every rule, found in one walk over the rows.
fn behind(
    setting: &Setting<'_>,
    of: ScoreOf,
    flat: &[(usize, &Rule)],
    periods: &[Period],
    counted: &Counted,
) -> Behind {
    let parts: Vec<(usize, Vec<Part>)> = flat
        .iter()
        .enumerate()
        .filter_map(|(number, (_, rule))| Some((number, parts_of(rule)?)))
        .collect();
    let mut behind = Behind::new();
    for rows in setting.statistics.facts().rows() {
        let mut amounts: BTreeMap<Key, i64> = BTreeMap::new();
        for (subject, portion) in Portion::of(rows) {
            let Some(who) = subject.value(of.dimension()) else {
                continue;
            };
            let mut found = Found {
                parts: &parts,
                periods,
                amounts: Vec::new(),
            };
            portion.post(&mut found);
            for (period, number, amount) in found.amounts {
                *amounts.entry((who.clone(), period, number)).or_default() += amount;
            }
        }
        for (key, amount) in amounts.into_iter().filter(|(_, amount)| *amount > 0) {
            behind.entry(key).or_default().insert(rows.id.clone(), amount);
        }
    }
    for occurrence in counted.occurrences() {
        let Some(who) = whose(setting, of, occurrence) else {
            continue;
        };
        for (number, (_, rule)) in flat.iter().enumerate() {
            if rule.condition != Condition::Event(occurrence.kind) {
                continue;
            }
            for (place, _) in within(periods, occurrence.on) {
                let cases = behind.entry((who.clone(), place, number)).or_default();
                *cases.entry(occurrence.case.clone()).or_default() += 1;
            }
        }
    }
    behind
}

fn within(periods: &[Period], on: Date) -> impl Iterator<Item = (usize, &Period)> {
    periods
        .iter()
        .enumerate()
        .filter(move |(_, period)| period.contains(on))
}

/// Whose an event is: theirs who did it, or else theirs who have the case.
fn whose(setting: &Setting<'_>, of: ScoreOf, occurrence: &Occurrence) -> Option<String> {
    let case = setting
        .statistics
        .facts()
        .case(&occurrence.case)
        .map(|rows| &rows.case);
    match of {
        ScoreOf::Department => {
            let own = occurrence.department.as_ref();
            own.or_else(|| case.map(|case| &case.department))
                .map(ToString::to_string)
        }
        ScoreOf::Window => {
            let own = occurrence.window.as_ref();
            own.or_else(|| case?.intake_window.as_ref())
                .map(ToString::to_string)
        }
        ScoreOf::Handler => Some(occurrence.person.to_string()),
    }
}

/// What is added up to find the cases behind a rule: those of the part of its figure; of a share that is missed, those of
/// the whole that are not in the part. None for events and for what is of the catalogue.
fn parts_of(rule: &Rule) -> Option<Vec<Part>> {
    let (figure, is_missed) = match &rule.condition {
        Condition::Each(figure) => (Figure::from(*figure), false),
        Condition::Share(share) => (share.figure(), share.is_for_a_miss()),
        Condition::Event(_) => return None,
    };
    match figure.rule() {
        Made::Share(part, whole) if is_missed => {
            let part = part.iter().map(|part| Part {
                times: part.times.saturating_neg(),
                ..*part
            });
            Some(whole.iter().copied().chain(part).collect())
        }
        Made::Count(part) | Made::Share(part, _) => Some(part.to_vec()),
        Made::Mean(..)
        | Made::Score(..)
        | Made::Money(_)
        | Made::Rank(..)
        | Made::Longest(_)
        | Made::Cohort
        | Made::ImmediateItems
        | Made::CatalogueCompression => None,
    }
}

/// Where what a case adds goes: to every rule and period that it counts for.
struct Found<'a> {
    parts: &'a [(usize, Vec<Part>)],
    periods: &'a [Period],
    amounts: Vec<(usize, usize, i64)>,
}

impl Postings for Found<'_> {
    fn post(&mut self, measure: Measure, on: Date, amount: i64) {
        for (number, parts) in self.parts {
            for part in parts.iter().filter(|part| part.measure == measure) {
                for (place, period) in self.periods.iter().enumerate() {
                    let counts = match part.at {
                        At::Within => period.contains(on),
                        At::Close => on <= period.last(),
                    };
                    if counts {
                        self.amounts
                            .push((place, *number, amount.saturating_mul(part.times)));
                    }
                }
            }
        }
    }

    fn spread(&mut self, _: Spread, _: Date, _: u32) {}
}

/// The document: who came to what, by which rules, and for which cases.
#[must_use]
pub fn performance(setting: &Setting<'_>, rules: &Rules, counted: &Counted) -> Document {
    let title = setting.say("绩效评分", "Performance scores");
    let mut document = setting.document(Report::Performance, title);
    let scores = scores(setting, rules, counted);
    let start: i64 = rules.parts().iter().map(|part| i64::from(part.points)).sum();
    let name = words::name(&rules.name, setting.lang);
    document.paragraph(match setting.lang {
        Lang::Zh => format!("规则：{name}。各部分起始共 {start} 分，每部分不低于 0 分。"),
        Lang::En => format!("Rules: {name}. The parts begin with {start} points in all; none falls below 0."),
    });
    if let Some(notice) = &rules.notice {
        document.paragraph(words::name(notice, setting.lang));
    }
    document.heading(2, setting.say("得分", "Scores"));
    ranking(setting, &mut document, rules, &scores);
    if scores.iter().any(|score| !score.lines.is_empty()) {
        document.heading(2, setting.say("加分与扣分", "Points given and taken"));
    }
    for score in scores.iter().filter(|score| !score.lines.is_empty()) {
        lines(setting, &mut document, rules, score);
    }
    document.heading(2, setting.say("评分规则", "Rules"));
    scheme(setting, &mut document, rules);
    setting.ending(&mut document, &example(rules, &scores));
    document
}

/// The first figure that took or gave somebody points.
fn example(rules: &Rules, scores: &[Score]) -> Example {
    let figure = |id: &str| {
        let (_, rule) = flat(rules).into_iter().find(|(_, rule)| rule.id == id)?;
        match &rule.condition {
            Condition::Each(figure) => Some(Figure::from(*figure)),
            Condition::Share(share) => Some(share.figure()),
            Condition::Event(_) => None,
        }
    };
    let mut lines = scores
        .iter()
        .flat_map(|score| score.lines.iter().map(move |line| (score, line)));
    let found = lines.find_map(|(score, line)| Some((figure(&line.rule)?, score.subject.clone())));
    match found {
        Some((figure, subject)) => Example {
            figure,
            only: Some((rules.of.dimension(), subject)),
        },
        None => Example {
            figure: Figure::Overdue,
            only: None,
        },
    }
}

fn subject(setting: &Setting<'_>, of: ScoreOf, id: &str) -> String {
    setting.named(of.dimension(), id)
}

fn ranking(setting: &Setting<'_>, document: &mut Document, rules: &Rules, scores: &[Score]) {
    let shown = |score: &Score| {
        let decimal = score.mean().decimal().unwrap_or_else(|| "–".to_owned());
        decimal.strip_suffix(".00").map_or(decimal.clone(), str::to_owned)
    };
    let mut order: Vec<&Score> = scores.iter().collect();
    // All have as many periods, so that sums compare as means do.
    order.sort_by_key(|score| (Reverse(score.mean().numerator), score.subject.clone()));
    let mut table = Table::new([
        setting.say("#名次", "#rank"),
        rules.of.dimension().name(setting.lang),
        setting.say("#得分", "#score"),
    ]);
    let months = scores
        .first()
        .map(|score| score.periods.len())
        .unwrap_or_default();
    if rules.monthly && months <= super::MONTHS_MAX {
        for (period, _) in scores.iter().take(1).flat_map(|score| &score.periods) {
            table.number_column(period.to_string());
        }
    }
    let mut last: Option<(u64, u32)> = None;
    for (place, score) in (1..).zip(order) {
        let sum = score.mean().numerator;
        let rank = last
            .filter(|(before, _)| *before == sum)
            .map_or(place, |(_, rank)| rank);
        last = Some((sum, rank));
        let mut row = vec![
            Cell::number(rank),
            Cell::text(subject(setting, rules.of, &score.subject)),
            Cell::text(shown(score)),
        ];
        if table.columns.len() > row.len() {
            row.extend(score.periods.iter().map(|(_, points)| Cell::number(points)));
        }
        table.rows.push(row);
    }
    if table.rows.is_empty() {
        document.paragraph(setting.say("期内没有办件。", "There were no cases in the period."));
        return;
    }
    if rules.monthly {
        table.note(setting.say(
            "逐月评分，得分为各月平均；只计日志已到达的月份。",
            "Each month is scored for itself, and the score is their mean; only months that the log has come to.",
        ));
    }
    document.parts.push(Shown::Table(table));
}

fn lines(setting: &Setting<'_>, document: &mut Document, rules: &Rules, score: &Score) {
    document.heading(3, subject(setting, rules.of, &score.subject));
    let mut columns = vec![
        setting.say("部分", "part"),
        setting.say("规则", "rule"),
        setting.say("#得分", "#points"),
        setting.say("指标", "figure"),
        setting.say("办件", "cases"),
    ];
    if rules.monthly {
        columns.insert(0, setting.say("月份", "month"));
    }
    let mut table = Table::new(columns);
    let flat = flat(rules);
    for line in &score.lines {
        let part = rules.parts().get(line.part);
        let rule = flat.iter().find(|(_, rule)| rule.id == line.rule);
        let named = |names: Option<&guichet_core::procedure::Names>| {
            Cell::text(
                names
                    .map(|names| words::name(names, setting.lang))
                    .unwrap_or_default(),
            )
        };
        let mut row = vec![
            named(part.map(|part| &part.name)),
            named(rule.map(|(_, rule)| &rule.name)),
            Cell::text(points(line.points)),
            line.told.as_ref().map_or_else(|| Cell::text(""), Cell::rate),
            cases(setting, line),
        ];
        if rules.monthly {
            row.insert(0, Cell::text(line.period.to_string()));
        }
        table.rows.push(row);
    }
    document.parts.push(Shown::Table(table));
}

/// Points with their sign.
fn points(points: i64) -> String {
    if points > 0 {
        format!("+{points}")
    } else {
        points.to_string()
    }
}

fn cases(setting: &Setting<'_>, line: &Line) -> Cell {
    let of_cases = line.told.is_none();
    let named = line.cases.iter().take(NAMED_MAX).map(|(case, of_it)| {
        if of_cases {
            format!("{case} ({})", points(*of_it))
        } else {
            case.to_string()
        }
    });
    let mut text = named.collect::<Vec<_>>().join(", ");
    let more = line.cases.len().saturating_sub(NAMED_MAX);
    if more > 0 {
        let others = match setting.lang {
            Lang::Zh => format!(" 等，另有 {more} 件（--json 全部列出）"),
            Lang::En => format!(" and {more} more (--json lists all)"),
        };
        text.push_str(&others);
    }
    if line.cases.is_empty() {
        setting.say("目录", "the catalogue").clone_into(&mut text);
    }
    Cell {
        cases: line.cases.clone(),
        ..Cell::text(text)
    }
}

fn scheme(setting: &Setting<'_>, document: &mut Document, rules: &Rules) {
    let lang = setting.lang;
    let mut table = Table::new([
        setting.say("部分", "part"),
        setting.say("#起始分", "#begins with"),
        setting.say("规则", "rule"),
        setting.say("条件", "for"),
        setting.say("#分值", "#points"),
        setting.say("#上限", "#at most"),
    ]);
    for part in rules.parts() {
        for (place, rule) in part.rules.iter().enumerate() {
            let first = place == 0;
            table.rows.push(vec![
                Cell::text(if first { words::name(&part.name, lang) } else { "" }),
                Cell::text(if first {
                    part.points.to_string()
                } else {
                    String::new()
                }),
                Cell::text(words::name(&rule.name, lang)),
                Cell::text(condition(rule, lang)),
                Cell::text(points(rule.points.get().into())),
                Cell::text(
                    rule.at_most
                        .map_or_else(|| "–".to_owned(), |most| most.to_string()),
                ),
            ]);
        }
    }
    document.parts.push(Shown::Table(table));
}

fn condition(rule: &Rule, lang: Lang) -> String {
    match (&rule.condition, lang) {
        (Condition::Each(figure), Lang::Zh) => {
            format!("计入“{}”的每件", Figure::from(*figure).name(lang))
        }
        (Condition::Each(figure), Lang::En) => {
            format!("Each case counted in: {}", Figure::from(*figure).name(lang))
        }
        (Condition::Event(kind), Lang::Zh) => format!("每次事件 {kind}"),
        (Condition::Event(kind), Lang::En) => format!("Each event {kind}"),
        (Condition::Share(share), _) => capital(&share.told(lang)),
    }
}
