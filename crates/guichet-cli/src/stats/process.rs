//! `guichet stats process`: the process view.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clap::Args;
use comfy_table::Table;
use guichet::core::case::CaseEvent;
use guichet::core::id::DepartmentId;
use guichet::core::reference::Directory;
use guichet::core::time::Timestamp;
use guichet::core::zone::Zone;
use guichet_stats::Fraction;
use guichet_stats::process::{Describe, OnTime, PlannedEnd, ProcessView, TransferView};

use super::measured::{Measured, MeasuredArgs};
use crate::case::event_name;
use crate::context::{Context, Exit, Failure, Lang};
use crate::table::{self, number, or_dash};

/// How many rows of a long list people are shown; the JSON has all of them.
const ROWS_SHOWN_MAX: usize = 15;

/// How many variants people are shown.
const VARIANTS_SHOWN_MAX: usize = 5;

/// What `guichet stats process` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct ProcessArgs {
    #[command(flatten)]
    measured: MeasuredArgs,
}

/// Shows the process view.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read.
pub(super) async fn run(args: &ProcessArgs, context: Context) -> Result<Exit, Failure> {
    let measured = Measured::read(&args.measured, context).await?;
    let view = measured.process.view(&measured.measures()?);
    context.answer(&view, || {
        let page = Page {
            view: &view,
            directory: measured.process.directory(),
            zone: &measured.zone,
            context,
        };
        page.text()
    })?;
    Ok(Exit::Ok)
}

/// The view, for people.
struct Page<'p> {
    view: &'p ProcessView,
    directory: &'p Directory,
    zone: &'p Zone,
    context: Context,
}

impl Page<'_> {
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.context.say(zh, en)
    }

    fn text(&self) -> String {
        let mut text = self.summary();
        text.push_str(&self.durations());
        text.push_str(&self.deadlines());
        text.push_str(&self.activities());
        text.push_str(&self.flows());
        text.push_str(&self.variants());
        text.push_str(&self.hands());
        text.push_str(&self.months());
        text
    }

    /// A section: its heading, and what stands below it.
    fn section(&self, zh: &str, en: &str, table: &Table) -> String {
        format!("\n{}\n{}", self.say(zh, en), table::print(table))
    }

    fn summary(&self) -> String {
        let view = self.view;
        let counts = &view.counts;
        let mut table = table::fields();
        let mut row = |name: &str, value: String| {
            table.add_row(vec![name.to_owned().into(), number(value)]);
        };
        row(self.say("日志", "log"), view.log.clone());
        row(self.say("时区", "time zone"), view.timezone.clone());
        row(self.say("办件", "cases"), counts.cases.to_string());
        if counts.cases_with_events != counts.cases {
            let name = self.say("  有事件的", "  with events");
            row(name, counts.cases_with_events.to_string());
        }
        row(self.say("事件", "events"), counts.events.to_string());
        row(self.say("活动种类", "activities"), counts.activities.to_string());
        row(self.say("人员", "people"), counts.resources.to_string());
        row(
            self.say("部门或小组", "groups or departments"),
            counts.groups.to_string(),
        );
        row(
            self.say("角色或窗口", "roles or windows"),
            counts.roles.to_string(),
        );
        let local = |instant: &Option<String>| or_dash(instant.as_ref().map(|at| self.local(at)));
        row(self.say("首个事件", "first event"), local(&counts.first_event));
        row(self.say("末个事件", "last event"), local(&counts.last_event));
        row(self.say("变体", "variants"), view.variants.distinct.to_string());
        row(
            self.say("重复事件", "repeated events"),
            view.rework.repetitions.to_string(),
        );
        row(
            self.say("  涉及办件", "  cases with any"),
            view.rework.cases_with_rework.to_string(),
        );
        let mut text = table::print(&table);
        for (calendar, cases) in &view.uncovered {
            // Writing into a string does not fail.
            let _ = match self.context.lang {
                Lang::Zh => writeln!(
                    text,
                    "\n日历 {calendar} 未涵盖 {cases} 件的日期，其工作日数字不含这些办件"
                ),
                Lang::En => writeln!(
                    text,
                    "\nthe calendar {calendar} does not know all days of {cases} cases: its figures leave them out"
                ),
            };
        }
        text
    }

    fn durations(&self) -> String {
        let view = self.view;
        let mut table = table::table([
            self.say("每件", "of a case"),
            self.say("件数", "cases"),
            self.say("平均", "mean"),
            self.say("中位", "median"),
            "p90",
            "p95",
            self.say("最大", "most"),
        ]);
        let mut row = |name: String, described: &Describe, written: fn(&Self, f64) -> String| {
            let figures = described.figures.as_ref();
            let cell = |value: Option<f64>| number(or_dash(value.map(|value| written(self, value))));
            #[expect(clippy::cast_precision_loss, reason = "this is the display step")]
            let max = figures.map(|figures| figures.max as f64);
            table.add_row(vec![
                name.into(),
                number(described.n),
                cell(figures.map(|figures| figures.mean)),
                cell(figures.map(|figures| figures.p50)),
                cell(figures.map(|figures| figures.p90)),
                cell(figures.map(|figures| figures.p95)),
                cell(max),
            ]);
        };
        let say = |zh, en| self.say(zh, en).to_owned();
        row(say("事件数", "events"), &view.counts.events_per_case, Self::plain);
        row(say("历时", "duration"), &view.duration_ms, Self::span);
        row(
            say("日历天数", "calendar days"),
            &view.duration_calendar_days,
            Self::plain,
        );
        for (calendar, described) in &view.duration_working_days {
            row(
                format!("{} {calendar}", self.say("工作日", "working days")),
                described,
                Self::plain,
            );
        }
        for (key, by_calendar) in &view.open_time_ms {
            let hours = key.trim_start_matches("open_time_").trim_end_matches("_ms");
            for (calendar, described) in by_calendar {
                let name = format!(
                    "{} {} {calendar}",
                    self.say("开放时间", "open time"),
                    hours.replace('_', "–")
                );
                row(name, described, Self::hours);
            }
        }
        row(
            say("到达间隔", "gap between arrivals"),
            &view.arrival_gaps_ms,
            Self::span,
        );
        if let Some(times) = view
            .times
            .as_ref()
            .filter(|times| times.submitted_to_ended_ms.n > 0)
        {
            row(
                say("提交至结束", "submission to end"),
                &times.submitted_to_ended_ms,
                Self::span,
            );
            for (calendar, described) in &times.submitted_to_ended_working_days {
                let name = format!(
                    "{} {calendar}",
                    self.say("提交至结束工作日", "submission to end, working days")
                );
                row(name, described, Self::plain);
            }
        }
        table::wrap_only(&mut table, &[0]);
        self.section("时间", "Time", &table)
    }

    fn deadlines(&self) -> String {
        let Some(times) = &self.view.times else {
            return String::new();
        };
        if times.ended_per_month.is_empty() {
            // A log that says of no case when it ended has not only open cases.
            return String::new();
        }
        let mut table = table::table([
            "",
            self.say("可比", "with both"),
            self.say("按时", "on time"),
            self.say("超期", "late"),
            self.say("按时率", "rate"),
        ]);
        let mut row = |name: String, with_both: u64, on_time: u64| {
            table.add_row(vec![
                name.into(),
                number(with_both),
                number(on_time),
                number(with_both - on_time),
                number(rate(on_time, with_both)),
            ]);
        };
        let set = |figures: &PlannedEnd| (figures.with_both, figures.on_time);
        let (with_both, on_time) = set(&times.deadline.figures);
        row(self.say("期限", "deadline").to_owned(), with_both, on_time);
        let by = |by: &BTreeMap<String, OnTime>| -> Vec<(String, OnTime)> {
            let mut all: Vec<_> = by.iter().map(|(name, of)| (name.clone(), *of)).collect();
            all.sort_by_key(|(_, of)| std::cmp::Reverse(of.with_both));
            all.truncate(ROWS_SHOWN_MAX);
            all
        };
        for (name, of) in by(&times.deadline.by_channel) {
            row(format!("  {name}"), of.with_both, of.on_time);
        }
        for (name, of) in by(&times.deadline.by_department) {
            row(format!("  {}", self.department(&name)), of.with_both, of.on_time);
        }
        let (with_both, on_time) = set(&times.planned_end);
        row(
            self.say("计划或承诺的结束", "planned or promised end").to_owned(),
            with_both,
            on_time,
        );
        table::wrap_only(&mut table, &[0]);
        let mut text = self.section("期限", "Deadlines", &table);
        let open = times.open_cases_at_log_end;
        let early = times.ended_before_submitted;
        // Writing into a string does not fail.
        let _ = match self.context.lang {
            Lang::Zh => writeln!(
                text,
                "\n日志结束时未结 {} 件，其中已过期限 {} 件；结束早于提交 {early} 件",
                open.open, open.past_deadline
            ),
            Lang::En => writeln!(
                text,
                "\n{} cases without an end when the log ends, {} of them past their deadline; {early} ended before they were \
                 submitted",
                open.open, open.past_deadline
            ),
        };
        text
    }

    fn activities(&self) -> String {
        if self.view.activities.is_empty() {
            return String::new();
        }
        let mut table = table::table([
            self.say("活动", "activity"),
            self.say("事件", "events"),
            self.say("办件", "cases"),
            self.say("重复", "repeated"),
            self.say("人员", "people"),
            self.say("等待中位", "median before it"),
            "p90",
        ]);
        for activity in self.view.activities.iter().take(ROWS_SHOWN_MAX) {
            let figures = activity.sojourn_ms.figures;
            let span = |value: Option<f64>| number(or_dash(value.map(|value| self.span(value))));
            table.add_row(vec![
                self.activity(&activity.activity).into(),
                number(activity.events),
                number(activity.cases),
                number(activity.repetitions),
                number(activity.resources),
                span(figures.map(|figures| figures.p50)),
                span(figures.map(|figures| figures.p90)),
            ]);
        }
        table::wrap_only(&mut table, &[0]);
        let mut text = self.section("活动", "Activities", &table);
        text.push_str(&self.more(self.view.activities.len(), ROWS_SHOWN_MAX));
        text
    }

    fn flows(&self) -> String {
        let mut table = table::table([
            self.say("活动", "from"),
            self.say("下一活动", "to"),
            self.say("次数", "times"),
        ]);
        for (from, to, count) in self.view.directly_follows.iter().take(ROWS_SHOWN_MAX) {
            table.add_row(vec![
                self.activity(from).into(),
                self.activity(to).into(),
                number(count),
            ]);
        }
        if self.view.directly_follows.is_empty() {
            return String::new();
        }
        table::wrap_only(&mut table, &[0, 1]);
        let mut text = self.section("先后", "What follows what", &table);
        text.push_str(&self.more(self.view.directly_follows.len(), ROWS_SHOWN_MAX));
        text
    }

    fn variants(&self) -> String {
        let mut table = table::table([self.say("办件", "cases"), self.say("变体", "variant")]);
        for variant in self.view.variants.top.iter().take(VARIANTS_SHOWN_MAX) {
            let names: Vec<_> = variant.sequence.iter().map(|name| self.activity(name)).collect();
            table.add_row(vec![number(variant.cases), names.join(" → ").into()]);
        }
        if self.view.variants.top.is_empty() {
            return String::new();
        }
        table::wrap_only(&mut table, &[1]);
        let mut text = self.section("变体", "Variants", &table);
        text.push_str(&self.more(self.view.variants.distinct, VARIANTS_SHOWN_MAX));
        text
    }

    fn hands(&self) -> String {
        let transfers = &self.view.transfers;
        let of = [
            (self.say("人员", "people"), &transfers.resource),
            (self.say("部门或小组", "groups or departments"), &transfers.group),
            (self.say("角色或窗口", "roles or windows"), &transfers.role),
        ];
        let known: Vec<_> = of
            .into_iter()
            .filter(|(_, view)| view.pairs_with_both_known > 0)
            .collect();
        if known.is_empty() {
            return String::new();
        }
        let mut table = table::table([
            self.say("之间", "between"),
            self.say("转手", "transfers"),
            self.say("占比", "of pairs"),
            self.say("涉及办件", "cases with any"),
            self.say("往返", "ping-pongs"),
        ]);
        for (name, view) in &known {
            table.add_row(vec![
                (*name).into(),
                number(view.transfers),
                number(rate(view.transfers, view.pairs_with_both_known)),
                number(view.cases_with_transfer),
                number(view.ping_pongs_nulls_skipped),
            ]);
        }
        table::wrap_only(&mut table, &[0]);
        let mut text = self.section("转手", "Changing hands", &table);
        let moved: Vec<_> = known
            .into_iter()
            .filter(|(_, view)| !view.matrix.is_empty())
            .collect();
        for (name, view) in moved {
            text.push_str(&self.matrix(name, view));
        }
        text
    }

    fn matrix(&self, name: &str, view: &TransferView) -> String {
        const SHOWN: usize = 5;
        let mut table = table::table([name, self.say("转至", "to"), self.say("次数", "times")]);
        for (from, to, count) in view.matrix.iter().take(SHOWN) {
            table.add_row(vec![
                self.department(from).into(),
                self.department(to).into(),
                number(count),
            ]);
        }
        table::wrap_only(&mut table, &[0, 1]);
        let more = self.more(view.matrix.len(), SHOWN);
        format!("\n{}{more}", table::print(&table))
    }

    fn months(&self) -> String {
        let view = self.view;
        let mut months: BTreeMap<&str, [Option<u64>; 2]> = BTreeMap::new();
        for (month, count) in &view.arrivals_per_month {
            months.entry(month).or_default()[0] = Some(*count);
        }
        for (month, count) in &view.completions_per_month {
            months.entry(month).or_default()[1] = Some(*count);
        }
        if months.is_empty() {
            return String::new();
        }
        let mut table = table::table([
            self.say("月份", "month"),
            self.say("到达", "arrived"),
            self.say("完成", "completed"),
            self.say("月末在途", "under way at its end"),
        ]);
        let zone = self.zone;
        let open: BTreeMap<String, usize> = view
            .work_in_progress_at_month_starts
            .iter()
            .filter_map(|at| {
                let start: Timestamp = at.instant.parse().ok()?;
                // The month that ends then.
                let (year, month, _) = zone.date(start).plus_days(-1).ymd();
                Some((format!("{year:04}-{month:02}"), at.open))
            })
            .collect();
        let shown = months.len().saturating_sub(MONTHS_SHOWN_MAX);
        for (month, [arrived, completed]) in months.iter().skip(shown) {
            table.add_row(vec![
                (*month).into(),
                number(arrived.unwrap_or_default()),
                number(completed.unwrap_or_default()),
                number(or_dash(open.get(*month))),
            ]);
        }
        let mut text = self.section("每月", "Months", &table);
        text.push_str(&self.more(months.len(), MONTHS_SHOWN_MAX));
        text
    }

    /// How much of a list was not shown.
    fn more(&self, all: usize, shown: usize) -> String {
        match all.saturating_sub(shown) {
            0 => String::new(),
            more => match self.context.lang {
                Lang::Zh => format!("另有 {more} 项，见 --json\n"),
                Lang::En => format!("and {more} more, see --json\n"),
            },
        }
    }

    /// An activity: an event of the house by its name, another system's as it stands.
    fn activity(&self, activity: &str) -> String {
        let (kind, step) = activity.split_once(' ').unwrap_or((activity, ""));
        let kind = format!("case.{kind}");
        if !CaseEvent::KINDS.contains(&kind.as_str()) {
            return activity.to_owned();
        }
        let name = event_name(&kind, self.context.lang);
        if step.is_empty() {
            return name;
        }
        format!("{name}{}{step}", self.say("：", ": "))
    }

    /// A department by its name, anything else as it stands.
    fn department(&self, name: &str) -> String {
        let known = DepartmentId::new(name).ok();
        let known = known.and_then(|id| self.directory.departments.get(&id));
        known.map_or_else(
            || name.to_owned(),
            |department| self.context.name(&department.name).to_owned(),
        )
    }

    /// An instant by the clock of the centre, to the minute.
    fn local(&self, instant: &str) -> String {
        let Ok(instant) = instant.parse::<Timestamp>() else {
            return instant.to_owned();
        };
        let local = self.zone.local(instant);
        let minutes = local.micros_of_day() / 60_000_000;
        format!("{} {:02}:{:02}", local.date(), minutes / 60, minutes % 60)
    }

    #[expect(clippy::unused_self, reason = "one form of writing a value among others")]
    fn plain(&self, value: f64) -> String {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    }

    /// Open time: in hours, because a day of it is no day of 24.
    fn hours(&self, ms: f64) -> String {
        format!("{:.1}{}", ms / 3_600_000.0, self.say("小时", " h"))
    }

    /// A time for people: its two largest units.
    fn span(&self, ms: f64) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds of years are far below the bound, and this is the display step"
        )]
        let seconds = (ms / 1_000.0).round() as i64;
        let sign = if seconds < 0 { "−" } else { "" };
        let seconds = seconds.saturating_abs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
        let (d, h, m, s) = match self.context.lang {
            Lang::Zh => ("天", "小时", "分", "秒"),
            Lang::En => (" d", " h", " min", " s"),
        };
        let body = if days > 0 {
            format!("{days}{d} {}{h}", hours % 24)
        } else if hours > 0 {
            format!("{hours}{h} {}{m}", minutes % 60)
        } else if minutes > 0 {
            format!("{minutes}{m} {}{s}", seconds % 60)
        } else {
            format!("{seconds}{s}")
        };
        format!("{sign}{body}")
    }
}

/// How many months people are shown, the last ones.
const MONTHS_SHOWN_MAX: usize = 24;

/// A share in percent with two digits; nothing of nothing.
fn rate(of: u64, all: u64) -> String {
    Fraction::new(of, all)
        .percent()
        .map_or_else(|| "–".to_owned(), |percent| format!("{percent} %"))
}
