//! The annual open-government report (政务公开年度报告): what a centre publishes of its year.
//!
//! It is public, so small cells of its breakdowns are kept back.

use std::collections::BTreeMap;

use guichet_core::procedure::ProcedureKind;
use guichet_core::reference::WindowForm;
use guichet_core::time::Date;

use super::document::{Cell, Document, Part, Report, Table, capital};
use super::suppress::{is_small, suppressed};
use super::{CELL_CASES_MIN, Example, MONTHS_MAX, Setting, words};
use crate::dimension::Dimension;
use crate::figure::{Figure, Told};
use crate::measure::{Measure, Portion, Postings, Spread};
use crate::period::Period;
use crate::rows::Source;

/// Cases that came and went.
const CASES: &[Figure] = &[
    Figure::Received,
    Figure::Accepted,
    Figure::NotAccepted,
    Figure::Completed,
    Figure::Finished,
    Figure::Out,
    Figure::Reopened,
    Figure::Open,
    Figure::Waiting,
    Figure::CompletionRate,
    Figure::CompletionCohort,
    Figure::SameDay,
    Figure::OneVisit,
    Figure::ImmediateItems,
    Figure::ImmediateByVolume,
    Figure::Denial,
];

/// How long they took.
const TIME: &[Figure] = &[
    Figure::OnTime,
    Figure::OnTimeStrict,
    Figure::Early,
    Figure::Overdue,
    Figure::OverdueIllegal,
    Figure::Unmeasured,
    Figure::OpenOverdue,
    Figure::OpenIllegal,
    Figure::UsedMean,
    Figure::UsedMedian,
    Figure::UsedP90,
    Figure::ElapsedMean,
    Figure::Hidden,
    Figure::PromiseCompression,
    Figure::SpeedUp,
];

/// The same by department. The first is the number of cases that the others are taken from.
const TIME_BY_DEPARTMENT: &[Figure] = &[
    Figure::OnTime,
    Figure::OnTimeStrict,
    Figure::Overdue,
    Figure::UsedMean,
    Figure::UsedMedian,
    Figure::UsedP90,
    Figure::SpeedUp,
];

/// What should not happen, and what should happen seldom.
const SILENCE: &[Figure] = &[
    Figure::DeemedAcceptances,
    Figure::DeemedConsents,
    Figure::DeemedDecisions,
    Figure::Correction,
    Figure::CorrectionRepeated,
    Figure::SpecialShare,
    Figure::ExcludedShare,
];

const COMPLAINTS: &[Figure] = &[Figure::Complaints, Figure::ComplaintsUpheld, Figure::Praise];
const FEES: &[Figure] = &[Figure::FeesPaid, Figure::FeesRefunded];

/// The report.
#[must_use]
pub fn annual(setting: &Setting<'_>) -> Document {
    let title = setting.say("政务公开年度报告", "Annual open-government report");
    let mut document = setting.document(Report::Annual, title);
    document.heading(2, setting.say("中心概况", "The centre"));
    centre(setting, &mut document);
    document.heading(2, setting.say("办件", "Cases"));
    figures(setting, &mut document, CASES);
    by_month(setting, &mut document);
    small_breakdown(setting, &mut document, Dimension::WindowForm);
    small_breakdown(setting, &mut document, Dimension::Kind);
    document.heading(2, setting.say("时限", "Time"));
    figures(setting, &mut document, TIME);
    time_by_department(setting, &mut document);
    document.heading(2, setting.say("满意度", "Satisfaction"));
    satisfaction(setting, &mut document);
    document.heading(2, setting.say("投诉与表扬", "Complaints and praise"));
    figures(setting, &mut document, COMPLAINTS);
    document.heading(2, setting.say("默示与补正", "Silence and corrections"));
    figures(setting, &mut document, SILENCE);
    document.heading(2, setting.say("收费", "Fees"));
    figures(setting, &mut document, FEES);
    setting.ending(
        &mut document,
        &Example {
            figure: Figure::OnTime,
            only: None,
        },
    );
    document
}

/// Departments, windows and items, as the directory has them.
fn centre(setting: &Setting<'_>, document: &mut Document) {
    let lang = setting.lang;
    let directory = setting.statistics.facts().directory();
    let mut table = Table::new([setting.say("项目", "what"), setting.say("#数量", "#number")]);
    let mut row = |name: String, count: usize| {
        table.rows.push(vec![Cell::text(name), Cell::number(count)]);
    };
    let departments = directory.departments.values();
    row(setting.say("部门", "departments").to_owned(), departments.len());
    let silent = directory
        .departments
        .values()
        .filter(|department| department.opinion_only);
    row(
        setting
            .say("其中：仅提供意见", "of those, giving opinions only")
            .to_owned(),
        silent.count(),
    );
    row(setting.say("窗口", "windows").to_owned(), directory.windows.len());
    for form in WindowForm::ALL {
        let windows = directory.windows.values().filter(|window| window.form == *form);
        let of_form = format!(
            "{}{}",
            setting.say("其中：", "of those, "),
            words::form(*form, lang)
        );
        row(of_form, windows.count());
    }
    row(
        setting.say("事项", "items").to_owned(),
        directory.procedures.len(),
    );
    for kind in ProcedureKind::ALL {
        let newest = directory.procedures.keys().filter_map(|id| directory.newest(id));
        let of_kind = format!(
            "{}{}",
            setting.say("其中：", "of those, "),
            words::kind(*kind, lang)
        );
        row(of_kind, newest.filter(|item| item.kind == *kind).count());
    }
    table.rows.retain(|row| {
        let texts: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
        !matches!(texts.as_slice(), [name, "0"] if name.starts_with(setting.say("其中", "of those")))
    });
    table.note(setting.say(
        "取自日志中最后发布的目录；事项取最新版本。",
        "From the catalogue published last in the log; items in their newest version.",
    ));
    document.parts.push(Part::Table(table));
}

/// Figures of the whole centre, beside those of the period before.
fn figures(setting: &Setting<'_>, document: &mut Document, figures: &[Figure]) {
    let mut table = Table::new([setting.say("指标", "figure")]);
    table.number_column(setting.period.name(setting.lang));
    let now = setting.whole(figures, setting.period);
    let before = setting
        .before()
        .map(|period| (period, setting.whole(figures, period)));
    if let Some((period, _)) = &before {
        table.number_column(period.name(setting.lang));
    }
    for (place, told) in now.iter().enumerate() {
        let mut row = vec![
            Cell::text(capital(told.figure.name(setting.lang))),
            Cell::rate(told),
        ];
        if let Some((_, before)) = &before {
            row.extend(before.get(place).map(Cell::rate));
        }
        table.rows.push(row);
    }
    table.explain(figures, setting.lang);
    document.parts.push(Part::Table(table));
}

/// Received, accepted and completed: departments by months.
fn by_month(setting: &Setting<'_>, document: &mut Document) {
    let months = setting.months();
    let months = if months.len() > MONTHS_MAX {
        Vec::new()
    } else {
        months
    };
    for figure in [Figure::Received, Figure::Accepted, Figure::Completed] {
        let mut columns: Vec<(String, Period)> =
            months.iter().map(|month| (month_name(*month), *month)).collect();
        columns.push((setting.say("合计", "total").to_owned(), setting.period));
        let mut heading = figure.name(setting.lang).to_owned();
        heading.push_str(setting.say("：按部门和月份", " by department and month"));
        breakdown(
            setting,
            document,
            &capital(&heading),
            &columns
                .iter()
                .map(|(name, period)| (name.clone(), figure, *period))
                .collect::<Vec<_>>(),
            (Dimension::Department, !months.is_empty()),
        );
    }
}

/// The month of a year.
fn month_name(month: Period) -> String {
    let (year, month, _) = month.first().ymd();
    format!("{year:04}-{month:02}")
}

/// Received, accepted and completed by something with few values.
fn small_breakdown(setting: &Setting<'_>, document: &mut Document, dimension: Dimension) {
    let columns: Vec<(String, Figure, Period)> = [Figure::Received, Figure::Accepted, Figure::Completed]
        .iter()
        .map(|figure| (figure.name(setting.lang).to_owned(), *figure, setting.period))
        .collect();
    let name = dimension.name(setting.lang);
    let heading = match setting.lang {
        guichet_core::lang::Lang::Zh => format!("按{name}"),
        guichet_core::lang::Lang::En => format!("By {name}"),
    };
    breakdown(setting, document, &heading, &columns, (dimension, false));
}

/// A table of counts by a dimension with its sums, small cells kept back.
fn breakdown(
    setting: &Setting<'_>,
    document: &mut Document,
    heading: &str,
    columns: &[(String, Figure, Period)],
    (dimension, across): (Dimension, bool),
) {
    let mut told: BTreeMap<Option<String>, Vec<Told>> = BTreeMap::new();
    // What is of one period is asked at once.
    for columns in columns.chunk_by(|(_, _, a), (_, _, b)| a == b) {
        let Some((_, _, period)) = columns.first() else {
            continue;
        };
        let figures: Vec<Figure> = columns.iter().map(|(_, figure, _)| *figure).collect();
        for (group, figures) in setting.by_all(&[dimension], &figures, *period) {
            let group = group.into_iter().next().flatten();
            told.entry(group).or_default().extend(figures);
        }
    }
    let count = |told: &Told| told.numerator.unwrap_or_default();
    told.retain(|_, row| row.iter().any(|told| count(told) != 0));
    if told.is_empty() {
        return;
    }
    // Those without a value come last.
    let none = told.remove_entry(&None);
    let mut rows: Vec<(String, Vec<Told>)> = told
        .into_iter()
        .map(|(group, row)| {
            (
                group
                    .map(|group| setting.named(dimension, &group))
                    .unwrap_or_default(),
                row,
            )
        })
        .collect();
    rows.extend(none.map(|(_, row)| (setting.say("（无）", "(none)").to_owned(), row)));
    let sums: Vec<Told> = columns
        .iter()
        .flat_map(|(_, figure, period)| setting.whole(&[*figure], *period))
        .collect();
    rows.push((setting.say("合计", "total").to_owned(), sums));
    let counts: Vec<Vec<i64>> = rows
        .iter()
        .map(|(_, row)| row.iter().map(count).collect())
        .collect();
    let kept_back = suppressed(&counts, across);
    let mut table = Table::new([dimension.name(setting.lang)]);
    for (name, _, _) in columns {
        table.number_column(name);
    }
    for ((name, row), kept_back) in rows.into_iter().zip(&kept_back) {
        let cells = row.iter().zip(kept_back);
        let cells = cells.map(|(told, kept_back)| {
            if *kept_back {
                Cell::suppressed()
            } else {
                Cell::figure(told)
            }
        });
        table
            .rows
            .push([Cell::text(name)].into_iter().chain(cells).collect());
    }
    small_cells(setting, &mut table);
    document.heading(3, heading);
    document.parts.push(Part::Table(table));
}

/// Says what a star stands for, where there is one.
fn small_cells(setting: &Setting<'_>, table: &mut Table) {
    if table.rows.iter().flatten().any(|cell| cell.suppressed) {
        table.note(match setting.lang {
            guichet_core::lang::Lang::Zh => {
                format!("* 少于 {CELL_CASES_MIN} 件，或可据以推算出这样的数字，不予公布。")
            }
            guichet_core::lang::Lang::En => format!(
                "* Fewer than {CELL_CASES_MIN} cases, or a number from which such a one could be worked out: not published."
            ),
        });
    }
}

/// A figure that is taken from too few is kept back.
fn public(told: &Told, base: i64) -> Cell {
    if is_small(base) {
        Cell::suppressed()
    } else {
        Cell::figure(told)
    }
}

fn time_by_department(setting: &Setting<'_>, document: &mut Document) {
    let by_department = setting.by(Dimension::Department, TIME_BY_DEPARTMENT, setting.period);
    let completed = setting.by(Dimension::Department, &[Figure::Completed], setting.period);
    let with_speed = speed_cases(setting);
    let mut table = Table::new([setting.say("部门", "department")]);
    for figure in TIME_BY_DEPARTMENT {
        table.number_column(figure.name(setting.lang));
    }
    for (department, told) in &by_department {
        let completed = completed.get(department).and_then(|told| told.first());
        let completed = completed.and_then(|told| told.numerator).unwrap_or_default();
        if completed <= 0 && told.iter().all(|told| told.value.is_none()) {
            continue;
        }
        let mut row = vec![Cell::text(setting.department(department))];
        row.extend(told.iter().map(|told| {
            // The whole of a speed-up is days, and those tell of nobody how few they are of.
            let base = if told.figure == Figure::SpeedUp {
                with_speed.get(department).copied().unwrap_or_default()
            } else {
                told.denominator.unwrap_or_default()
            };
            public(told, base.min(if completed > 0 { completed } else { base }))
        }));
        table.rows.push(row);
    }
    if table.rows.is_empty() {
        return;
    }
    small_cells(setting, &mut table);
    document.heading(3, setting.say("按部门", "By department"));
    document.parts.push(Part::Table(table));
}

/// How many decisions the speed-up of each department is taken from.
fn speed_cases(setting: &Setting<'_>) -> BTreeMap<String, i64> {
    struct Cases(Period, i64);

    impl Postings for Cases {
        fn post(&mut self, measure: Measure, on: Date, amount: i64) {
            if measure == Measure::SpeedCases && self.0.contains(on) {
                self.1 += amount;
            }
        }

        fn spread(&mut self, _: Spread, _: Date, _: u32) {}
    }

    let mut by_department = BTreeMap::new();
    for rows in setting.statistics.facts().rows() {
        let mut cases = Cases(setting.period, 0);
        Portion::Case(rows).post(&mut cases);
        if cases.1 != 0 {
            *by_department.entry(rows.case.department.to_string()).or_default() += cases.1;
        }
    }
    by_department
}

/// The figures of the ratings of one source: number, rate, broad, strict, bad.
const fn of_source(source: Source) -> [Figure; 5] {
    match source {
        Source::OnSite => [
            Figure::OnSiteRatings,
            Figure::OnSiteRatingRate,
            Figure::OnSiteSatisfaction,
            Figure::OnSiteSatisfactionStrict,
            Figure::OnSiteBadRate,
        ],
        Source::Online => [
            Figure::OnlineRatings,
            Figure::OnlineRatingRate,
            Figure::OnlineSatisfaction,
            Figure::OnlineSatisfactionStrict,
            Figure::OnlineBadRate,
        ],
        Source::Elsewhere => [
            Figure::ElsewhereRatings,
            Figure::ElsewhereRatingRate,
            Figure::ElsewhereSatisfaction,
            Figure::ElsewhereSatisfactionStrict,
            Figure::ElsewhereBadRate,
        ],
    }
}

/// One row a source; sources are never added up.
fn satisfaction(setting: &Setting<'_>, document: &mut Document) {
    let mut table = Table::new([
        setting.say("来源", "source"),
        setting.say("#有效评价 N", "#valid ratings, N"),
        setting.say("#主动评价率", "#rating rate"),
        setting.say("#满意率（宽）", "#satisfaction, broad"),
        setting.say("#95 % 区间", "#95 % interval"),
        setting.say("#满意率（严）", "#satisfaction, strict"),
        setting.say("#95 % 区间", "#95 % interval"),
        setting.say("#差评率", "#bad ratings"),
    ]);
    for source in Source::ALL {
        let told = setting.whole(&of_source(*source), setting.period);
        let [ratings, rate, broad, strict, bad] = told.as_slice() else {
            continue;
        };
        let n = ratings.numerator.unwrap_or_default();
        let shown = |told: &Told| public(told, n);
        let interval = |told: &Told| {
            if is_small(n) {
                Cell::suppressed()
            } else {
                let interval = told.interval.as_ref();
                Cell::text(interval.map_or_else(|| "–".to_owned(), |(low, high)| format!("{low}–{high} %")))
            }
        };
        table.rows.push(vec![
            Cell::text(words::source(*source, setting.lang)),
            shown(ratings),
            shown(rate),
            shown(broad),
            interval(broad),
            shown(strict),
            interval(strict),
            shown(bad),
        ]);
    }
    table.note(setting.say(
        "宽：非常满意、满意、基本满意之和占有效评价；严：非常满意、满意之和占有效评价。区间为 95 % 置信的 Wilson 区间。",
        "Broad: very satisfied, satisfied and basically satisfied, of the valid ratings. Strict: very satisfied and satisfied. The interval is Wilson's, at a confidence of 95 %.",
    ));
    table.note(setting.say(
        "主动评价率：有效评价除以期内结束的评价机会。各来源分别统计，从不合并。",
        "Rating rate: valid ratings over the occasions that closed in the period. Sources are never added up.",
    ));
    small_cells(setting, &mut table);
    document.parts.push(Part::Table(table));
}
