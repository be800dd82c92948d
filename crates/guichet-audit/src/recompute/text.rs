//! What a person reads of figures that were counted again.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use guichet_core::id::DepartmentId;
use guichet_core::reference::Directory;
use guichet_stats::Figure;
use guichet_stats::figure::Unit;
use guichet_terminal::context::{Context, Lang};
use guichet_terminal::table::{self, number, or_dash};
use guichet_terminal::words;

use super::{Amounts, Answer, AsPublished, Change, Recomputed, Row, Value, Why};

/// How many figures are shown that are as they should be; of more only those are shown that are not.
const ROWS_SHOWN_MAX: usize = 40;

/// The answer as text.
#[must_use]
pub fn text(answer: &Answer, context: Context) -> String {
    let found = &answer.recomputed;
    let writer = Writer {
        directory: &answer.directory,
        context,
    };
    let mut text = writer.head(found);
    let is_long = found.rows.len() > ROWS_SHOWN_MAX;
    let shown: Vec<&Row> = found
        .rows
        .iter()
        .filter(|row| !is_long || row.wants_an_eye())
        .collect();
    text.push_str(&writer.figures(&shown));
    if shown.len() < found.rows.len() {
        let rest = found.rows.len() - shown.len();
        let _ = match context.lang {
            Lang::Zh if shown.is_empty() => writeln!(text, "{rest} 项均相符，未列出"),
            Lang::En if shown.is_empty() => {
                writeln!(text, "all {rest} are as they should be, and not shown")
            }
            Lang::Zh => writeln!(text, "其余 {rest} 项相符，未列出"),
            Lang::En => writeln!(text, "{rest} more are as they should be, and not shown"),
        };
    }
    for part in [
        writer.bulletins(found),
        writer.changed(&shown),
        writer.cases(&shown),
        writer.disputed(&shown),
        writer.restatements(found),
        writer.without(found),
    ] {
        if !part.is_empty() {
            text.push('\n');
            text.push_str(&part);
        }
    }
    text.push('\n');
    text.push_str(context.say(
        "第二种算法只从事件逐件计算；与第一种共用的只有指标的名称和定义（含哪些用词算邮寄送达）、期间与时点、期限的日数计算（guichet-core）\n",
        "The second path counts case by case from the events. It shares with the first the name and meaning of a figure (with the words by which a delivery counts as sent), the words for periods and moments, and the counting of days (guichet-core); nothing else.\n",
    ));
    text
}

struct Writer<'a> {
    directory: &'a Directory,
    context: Context,
}

impl Writer<'_> {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.context.say(zh, en)
    }

    fn of(&self, department: Option<&DepartmentId>) -> String {
        words::department_or_centre(self.directory, department, self.context)
    }

    fn head(&self, found: &Recomputed) -> String {
        let Recomputed {
            period,
            position,
            wrong,
            changed,
            disputed,
            ..
        } = found;
        match self.context.lang {
            Lang::Zh => format!(
                "{period}，日志读至位置 {position}\n公布的数字与当时的日志不符：{wrong} 项；公布后有变、尚未更正：{changed} 项；两种算法不一致：{disputed} 处\n\n"
            ),
            Lang::En => format!(
                "{period}, the log read up to position {position}\npublished, but not what the log of then gives: {wrong}; changed since and not restated: {changed}; the two paths disagree: {disputed}\n\n"
            ),
        }
    }

    fn figures(&self, rows: &[&Row]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let mut table = table::table([
            self.say("指标", "figure"),
            self.say("范围", "of"),
            self.say("公报", "bulletin"),
            self.say("公布", "published"),
            self.say("当时", "then"),
            self.say("当时（另算）", "then, 2nd path"),
            self.say("现在", "now"),
            self.say("现在（另算）", "now, 2nd path"),
            self.say("结论", "verdict"),
        ]);
        for row in rows {
            let name = row.figure.name(self.context.lang);
            let of = self.of(row.department.as_ref());
            let now = |table: &mut Vec<comfy_table::Cell>| {
                table.push(number(value(&row.now.first)));
                table.push(number(or_dash(row.now.second.as_ref().map(value))));
            };
            if row.published.is_empty() {
                let mut cells = vec![name.into(), of.clone().into(), "–".into()];
                cells.extend([number("–"), number("–"), number("–")]);
                now(&mut cells);
                cells.push(verdict(row, None, self.context).into());
                table.add_row(cells);
            }
            for published in &row.published {
                let mut cells = vec![name.into(), of.clone().into(), published.bulletin.clone().into()];
                cells.push(number(value(&published.published)));
                cells.push(number(value(&published.then.first)));
                cells.push(number(or_dash(published.then.second.as_ref().map(value))));
                now(&mut cells);
                cells.push(verdict(row, Some(published), self.context).into());
                table.add_row(cells);
            }
        }
        table::wrap_only(&mut table, &[8]);
        table::print(&table)
    }

    /// As of which position each bulletin was counted, and the root of the log there.
    fn bulletins(&self, found: &Recomputed) -> String {
        let published = found.rows.iter().flat_map(|row| &row.published);
        let bulletins: BTreeSet<_> = published
            .map(|row| (row.position, row.bulletin.as_str(), row.root.as_deref()))
            .collect();
        let mut text = String::new();
        for (position, name, root) in bulletins {
            let root = root.unwrap_or("–");
            let _ = match self.context.lang {
                Lang::Zh => writeln!(text, "公报 {name}：截至日志位置 {position}，该处的根 {root}"),
                Lang::En => writeln!(
                    text,
                    "bulletin {name}: as of log position {position}, root there {root}"
                ),
            };
        }
        text
    }

    fn changed(&self, rows: &[&Row]) -> String {
        let mut table = table::table([
            self.say("办件", "case"),
            self.say("指标", "figure"),
            self.say("范围", "of"),
            self.say("公报", "bulletin"),
            self.say("当时", "then"),
            self.say("现在", "now"),
            self.say("因何改变", "changed by"),
        ]);
        let mut any = false;
        for row in rows {
            for published in row.published.iter().filter(|published| published.changed_since) {
                for case in &published.changed {
                    any = true;
                    let by: Vec<String> = case.by.iter().map(|change| self.cause(change)).collect();
                    table.add_row(vec![
                        case.case.to_string().into(),
                        row.figure.name(self.context.lang).into(),
                        self.of(row.department.as_ref()).into(),
                        published.bulletin.clone().into(),
                        number(amounts(row.figure, case.then)),
                        number(amounts(row.figure, case.now)),
                        by.join(self.say("；", "; ")).into(),
                    ]);
                }
            }
        }
        if !any {
            return String::new();
        }
        table::wrap_only(&mut table, &[6]);
        let title = self.say("公布后计法有变的办件", "cases that count otherwise since");
        format!("{title}\n{}", table::print(&table))
    }

    fn cause(&self, change: &Change) -> String {
        let why = match change.why {
            Why::Correction => self.say("更正记录", "correction"),
            Why::Reopening => self.say("重新办理", "reopening"),
            Why::LateRecord => self.say("事后补录", "late record"),
            Why::Calendar => self.say("日历变更", "calendar published"),
            Why::LaterEvent => self.say("期后发生", "happened later"),
        };
        let position = change.position;
        let event = words::event_name(change.event, self.context.lang);
        let zone = self.directory.zone();
        let recorded = change.recorded_at.map(|at| zone.date(at));
        match (change.on, recorded, self.context.lang) {
            (Some(on), Some(recorded), Lang::Zh) => {
                format!("{why}：{event}（位置 {position}，{on} 发生，{recorded} 记录）")
            }
            (Some(on), Some(recorded), Lang::En) => {
                format!("{why}: {event} (position {position}, of {on}, recorded {recorded})")
            }
            (_, _, Lang::Zh) => format!("{why}（位置 {position}）"),
            (_, _, Lang::En) => format!("{why} (position {position})"),
        }
    }

    /// The cases behind each figure: those of the part, and those of the whole that are not in the part.
    fn cases(&self, rows: &[&Row]) -> String {
        let mut text = String::new();
        let mut list = |title: String, ids: Vec<String>| {
            let _ = writeln!(text, "{title}");
            text.push_str(&table::wrapped(&ids, " ", 2, table::columns().or(Some(100))));
        };
        for row in rows {
            let Some(cases) = &row.cases else { continue };
            let name = format!(
                "{}, {}",
                row.figure.name(self.context.lang),
                self.of(row.department.as_ref())
            );
            let ids = |wanted: &dyn Fn(&Amounts) -> bool| -> Vec<String> {
                let cases = cases.iter().filter(|(_, adds)| wanted(adds));
                cases.map(|(case, _)| case.to_string()).collect()
            };
            let (part, rest) = (ids(&|adds| adds.part != 0), ids(&|adds| adds.part == 0));
            list(
                format!("{name}: {} {}", self.say("分子", "the part"), part.len()),
                part,
            );
            if !rest.is_empty() {
                let of_whole = self.say("仅在分母", "only in the whole");
                list(format!("{name}: {of_whole} {}", rest.len()), rest);
            }
        }
        text
    }

    fn disputed(&self, rows: &[&Row]) -> String {
        let mut table = table::table([
            self.say("办件", "case"),
            self.say("指标", "figure"),
            self.say("范围", "of"),
            self.say("时点", "as of"),
            self.say("第一种", "first path"),
            self.say("第二种", "second path"),
        ]);
        let mut any = false;
        for row in rows {
            let then = row
                .published
                .iter()
                .map(|published| (published.bulletin.as_str(), &published.then));
            for (as_of, both) in then.chain([(self.say("现在", "now"), &row.now)]) {
                for case in &both.disputed {
                    any = true;
                    table.add_row(vec![
                        case.case.to_string().into(),
                        row.figure.name(self.context.lang).into(),
                        self.of(row.department.as_ref()).into(),
                        as_of.into(),
                        number(amounts(row.figure, case.first)),
                        number(amounts(row.figure, case.second)),
                    ]);
                }
            }
        }
        if !any {
            return String::new();
        }
        table::wrap_only(&mut table, &[]);
        let title = self.say(
            "两种算法计法不同的办件",
            "cases that the two paths count differently",
        );
        format!("{title}\n{}", table::print(&table))
    }

    fn restatements(&self, found: &Recomputed) -> String {
        if found.restatements.is_empty() {
            return String::new();
        }
        let mut table = table::table([
            self.say("更正公报", "restatement"),
            self.say("所更正", "restates"),
            self.say("记录时间", "recorded"),
            self.say("发布人", "by"),
            self.say("日志位置", "log position"),
            self.say("变动指标", "figures changed"),
            self.say("原因", "reason"),
        ]);
        let zone = self.directory.zone();
        for restated in &found.restatements {
            table.add_row(vec![
                restated.bulletin.clone().into(),
                restated.restates.clone().into(),
                or_dash(restated.recorded_at.map(|at| zone.date(at))).into(),
                or_dash(restated.by.as_ref()).into(),
                number(restated.position),
                number(restated.figures_changed),
                or_dash(restated.reason.as_ref()).into(),
            ]);
        }
        table::wrap_only(&mut table, &[6]);
        let title = self.say("更正", "restatements");
        format!("{title}\n{}", table::print(&table))
    }

    fn without(&self, found: &Recomputed) -> String {
        let without = found.rows.iter().filter(|row| row.now.second.is_none());
        let figures: BTreeSet<Figure> = without.map(|row| row.figure).collect();
        if figures.is_empty() {
            return String::new();
        }
        let names: Vec<&str> = figures
            .iter()
            .map(|figure| figure.name(self.context.lang))
            .collect();
        let names = names.join(self.say("、", ", "));
        match self.context.lang {
            Lang::Zh => format!("无第二种算法，未经复核：{names}\n"),
            Lang::En => format!("no second path, so not checked by one: {names}\n"),
        }
    }
}

/// What there is to say of a figure, or of one time that it was published.
#[must_use]
pub fn verdict(row: &Row, published: Option<&AsPublished>, context: Context) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut say = |zh: &str, en: &str| said.push(context.say(zh, en).to_owned());
    let disagree = row.now.agree == Some(false)
        || published.is_some_and(|published| published.then.agree == Some(false));
    match published {
        None => say("未公布", "not published"),
        Some(published) if !published.holds => say("与当时的日志不符", "not what the log of then gives"),
        Some(_) => {}
    }
    if disagree {
        say("两种算法不一致", "the paths disagree");
    }
    match published.and_then(|published| published.restated_by.as_ref()) {
        Some(later) => say(&format!("已由 {later} 更正"), &format!("restated by {later}")),
        None if published.is_some_and(|published| published.changed_since) => {
            say("公布后有变", "changed since");
        }
        None => {}
    }
    if row.now.second.is_none() {
        say("无第二种算法", "no second path");
    }
    if said.is_empty() {
        said.push(context.say("相符", "holds").to_owned());
    }
    said.join(context.say("；", "; "))
}

/// The value, with what it is made of where it is made of two.
fn value(value: &Value) -> String {
    let shown = or_dash(value.value.as_ref());
    match (value.numerator, value.denominator) {
        (Some(part), Some(whole)) => format!("{shown} ({part}/{whole})"),
        (_, _) => shown,
    }
}

/// A figure as people read it: its value with its unit, and what it is made of where it is made of two.
#[must_use]
pub fn shown(figure: Figure, counted: &Value) -> String {
    let unit = match figure.unit() {
        Unit::Percent if counted.value.is_some() => " %",
        Unit::Percent | Unit::Count | Unit::WorkingDays | Unit::Points | Unit::Yuan => "",
    };
    let text = or_dash(counted.value.as_ref());
    match (counted.numerator, counted.denominator) {
        (Some(part), Some(whole)) => format!("{text}{unit} ({part}/{whole})"),
        (_, _) => format!("{text}{unit}"),
    }
}

/// What a case adds: of a count the count, of anything else part and whole.
fn amounts(figure: Figure, amounts: Amounts) -> String {
    match figure.unit() {
        Unit::Count | Unit::Yuan => amounts.part.to_string(),
        Unit::Percent | Unit::WorkingDays | Unit::Points => format!("{}/{}", amounts.part, amounts.whole),
    }
}
