//! What a person reads of a supposition.

use std::fmt::Write as _;

use guichet_core::id::{DepartmentId, ProcedureId};
use guichet_core::reference::Directory;
use guichet_core::time::Date;
use guichet_stats::{Fraction, Period};
use guichet_terminal::context::{Context, Lang};
use guichet_terminal::table::{self, number, or_dash};
use guichet_terminal::words;

use super::{Answer, Compared, Due, Supposed};

/// How many cases are listed; `--json` has them all.
const CASES_SHOWN_MAX: usize = 50;

/// The answer as text.
#[must_use]
pub fn text(answer: &Answer, context: Context) -> String {
    let writer = Writer {
        directory: &answer.directory,
        context,
    };
    let supposed = &answer.supposed;
    let mut text = writer.head(supposed);
    for part in [
        writer.rates(supposed),
        writer.items(supposed),
        writer.flips(supposed),
        writer.left_out(supposed),
        writer.recorded_otherwise(supposed),
        writer.held_fixed(supposed),
    ] {
        if !part.is_empty() {
            text.push('\n');
            text.push_str(&part);
        }
    }
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

    fn department(&self, id: &DepartmentId) -> String {
        words::department_name(self.directory, id, self.context)
    }

    fn item(&self, id: &ProcedureId) -> String {
        words::procedure_name(self.directory, id, self.context)
    }

    fn head(&self, supposed: &Supposed) -> String {
        let changes: Vec<String> = supposed.changes.iter().map(ToString::to_string).collect();
        let changes = if changes.is_empty() {
            self.say("（无）", "(nothing)").to_owned()
        } else {
            changes.join(self.say("；", "; "))
        };
        let period = if supposed.period == Period::ALWAYS {
            self.say("全部", "all").to_owned()
        } else {
            supposed.period.to_string()
        };
        let position = supposed.position;
        let (flips, moved) = (supposed.flips.len(), supposed.moved);
        match self.context.lang {
            Lang::Zh => format!(
                "假设：{changes}\n决定的期间：{period}；日志读至位置 {position}\n期限变动的办件：{moved}；结论翻转的办件：{flips}\n"
            ),
            Lang::En => format!(
                "supposed: {changes}\ndecisions of: {period}; the log read up to position {position}\ncases with another last day: {moved}; cases that flip: {flips}\n"
            ),
        }
    }

    fn rates(&self, supposed: &Supposed) -> String {
        let mut table = table::table([
            self.say("范围", "of"),
            self.say("决定", "decisions"),
            self.say("按时 前", "on time before"),
            self.say("按时 后", "on time after"),
            self.say("超法定 前", "past the law before"),
            self.say("超法定 后", "past the law after"),
            self.say("在办", "open"),
            self.say("在办超承诺 前", "open overdue before"),
            self.say("在办超承诺 后", "open overdue after"),
        ]);
        let mut row = |name: String, rates: &Compared| {
            let Compared { before, after } = rates;
            table.add_row(vec![
                name.into(),
                number(pair(before.decisions, after.decisions)),
                number(rate(before.on_time)),
                number(rate(after.on_time)),
                number(rate(before.past_statute)),
                number(rate(after.past_statute)),
                number(pair(before.open, after.open)),
                number(before.open_overdue),
                number(after.open_overdue),
            ]);
        };
        row(self.say("全中心", "whole centre").to_owned(), &supposed.centre);
        for of in &supposed.departments {
            row(self.department(&of.department), &of.rates);
        }
        table::wrap_only(&mut table, &[0]);
        let open_on = or_dash(supposed.open_on);
        let title = match self.context.lang {
            Lang::Zh => format!("各部门（在办以 {open_on} 日终计）"),
            Lang::En => format!("by department (open: at the close of {open_on})"),
        };
        format!("{title}\n{}", table::print(&table))
    }

    fn items(&self, supposed: &Supposed) -> String {
        let mut table = table::table([
            self.say("事项", "item"),
            self.say("承诺 现", "promise now"),
            self.say("承诺 设", "promise then"),
            self.say("法定", "by law"),
            self.say("决定", "decisions"),
            self.say("按时 前", "kept now"),
            self.say("按时 后", "kept then"),
            self.say("95% 可守的最短承诺", "shortest that 95 % kept"),
        ]);
        for item in &supposed.items {
            let Compared { before, after } = &item.rates;
            table.add_row(vec![
                self.item(&item.procedure).into(),
                number(or_dash(item.promise_now)),
                number(or_dash(item.promise_then)),
                number(or_dash(item.statutory_then)),
                number(pair(before.decisions, after.decisions)),
                number(rate(before.on_time)),
                number(rate(after.on_time)),
                number(or_dash(item.shortest_kept)),
            ]);
        }
        if supposed.items.is_empty() {
            return String::new();
        }
        table::wrap_only(&mut table, &[0]);
        let title = self.say(
            "各事项（wd 工作日，cd 自然日，w 周，mo 月）",
            "by item (wd working days, cd days of the calendar, w weeks, mo months)",
        );
        format!("{title}\n{}", table::print(&table))
    }

    fn flips(&self, supposed: &Supposed) -> String {
        if supposed.flips.is_empty() {
            return self.say("没有办件的结论翻转\n", "no case flips\n").to_owned();
        }
        let mut table = table::table([
            self.say("办件", "case"),
            self.say("事项", "item"),
            self.say("决定日", "decided"),
            self.say("承诺期限 前 → 后", "promised until, before → after"),
            self.say("法定期限 前 → 后", "by law until, before → after"),
            self.say("结论 前 → 后", "verdict, before → after"),
        ]);
        for flip in supposed.flips.iter().take(CASES_SHOWN_MAX) {
            table.add_row::<Vec<comfy_table::Cell>>(vec![
                flip.case.to_string().into(),
                self.item(&flip.procedure).into(),
                flip.decided_on
                    .map_or_else(|| self.say("在办", "open").to_owned(), |on| on.to_string())
                    .into(),
                due(flip.promise).into(),
                due(flip.statute).into(),
                format!("{} → {}", self.verdict(flip.before), self.verdict(flip.after)).into(),
            ]);
        }
        table::wrap_only(&mut table, &[1]);
        let title = self.say("结论翻转的办件", "cases that flip");
        let rest = self.rest(supposed.flips.len());
        format!("{title}\n{}{rest}", table::print(&table))
    }

    fn rest(&self, all: usize) -> String {
        match (all.checked_sub(CASES_SHOWN_MAX), self.context.lang) {
            (None | Some(0), _) => String::new(),
            (Some(rest), Lang::Zh) => format!("另有 {rest} 件，见 --json\n"),
            (Some(rest), Lang::En) => format!("and {rest} more; --json has them\n"),
        }
    }

    fn verdict(&self, word: &str) -> &'static str {
        let (zh, en) = match word {
            "early" => ("提前", "early"),
            "on_time" => ("按时", "on time"),
            "overdue" => ("超承诺", "overdue"),
            "illegal" => ("超法定", "past the law"),
            "unmeasured" => ("无时限", "no term"),
            "open_overdue" => ("在办超承诺", "open, overdue"),
            "open_past_statute" => ("在办超法定", "open, past the law"),
            _ => ("在办", "open"),
        };
        self.context.say(zh, en)
    }

    fn left_out(&self, supposed: &Supposed) -> String {
        let left = &supposed.left_out;
        if left.is_empty() {
            return String::new();
        }
        let count = left.len();
        let ids: Vec<String> = left
            .iter()
            .take(CASES_SHOWN_MAX)
            .map(ToString::to_string)
            .collect();
        let ids = table::wrapped(&ids, " ", 2, table::columns().or(Some(100)));
        let title = match self.context.lang {
            Lang::Zh => format!("去掉的办件：{count}"),
            Lang::En => format!("cases left out: {count}"),
        };
        format!("{title}\n{ids}{}", self.rest(count))
    }

    fn recorded_otherwise(&self, supposed: &Supposed) -> String {
        let others = &supposed.recorded_otherwise;
        if others.is_empty() {
            return String::new();
        }
        let mut text = match self.context.lang {
            Lang::Zh => format!(
                "决定时记录的结论与按当时规则计算的不同：{} 件（“前”以计算为准）\n",
                others.len()
            ),
            Lang::En => format!(
                "decisions whose record says something else than the rules of then give: {} (\"before\" is what is counted)\n",
                others.len()
            ),
        };
        for other in others.iter().take(CASES_SHOWN_MAX) {
            let (case, on) = (&other.case, other.decided_on);
            let (recorded, counted) = (self.verdict(other.recorded), self.verdict(other.counted));
            let _ = match self.context.lang {
                Lang::Zh => writeln!(text, "  {case} {on}：记录 {recorded}，计算 {counted}"),
                Lang::En => writeln!(text, "  {case} {on}: recorded {recorded}, counted {counted}"),
            };
        }
        text.push_str(&self.rest(others.len()));
        text
    }

    fn held_fixed(&self, supposed: &Supposed) -> String {
        let mut text = format!("{}\n", self.say("以下不变", "held fixed"));
        for held in &supposed.held_fixed {
            let said = self.context.say(held.zh, held.en);
            let _ = writeln!(text, "- {}", table::hanging(said, 2, table::columns()));
        }
        text
    }
}

fn rate(fraction: Fraction) -> String {
    let Fraction {
        numerator,
        denominator,
    } = fraction;
    match fraction.percent() {
        Some(percent) => format!("{percent} % ({numerator}/{denominator})"),
        None => "–".to_owned(),
    }
}

/// One number, or two where they differ.
fn pair(before: u64, after: u64) -> String {
    if before == after {
        before.to_string()
    } else {
        format!("{before} → {after}")
    }
}

fn due(due: Due) -> String {
    let day = |day: Option<Date>| or_dash(day);
    if due.before == due.after {
        day(due.before)
    } else {
        format!("{} → {}", day(due.before), day(due.after))
    }
}
