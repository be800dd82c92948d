//! What the year came to: counts, and how they are told.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use guichet::core::case::CaseEvent;
use guichet::core::case::event::{Outcome, Timeliness};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::table;

/// The counts of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// Cases that were handed in.
    pub(super) cases: u64,
    /// Events of cases.
    pub(super) case_events: u64,
    /// Cases whose file was closed.
    pub(super) completed: u64,
    /// Decisions, by how they stand to their terms.
    pub(super) decisions: BTreeMap<String, u64>,
    /// Cases by how they were decided or ended.
    pub(super) outcomes: BTreeMap<String, u64>,
    /// What the timekeeper recorded, by kind.
    pub(super) lapses: BTreeMap<String, u64>,
    /// Ratings by level.
    pub(super) ratings: BTreeMap<String, u64>,
    /// Other things worth a number, by kind of event.
    pub(super) others: BTreeMap<String, u64>,
    /// Commands that the rules refused: those that a story wants.
    pub(super) refused_as_told: u64,
    /// Commands that the rules refused although nobody wanted that; a defect of the simulation.
    pub(super) refused: u64,
}

/// Kinds that are counted by name.
const TOLD: &[&str] = &[
    "case.correction_requested",
    "case.transferred",
    "case.parallel_opened",
    "case.dissent_resolved",
    "case.special_procedure_started",
    "case.clock_suspended",
    "case.extension_granted",
    "case.fee_paid",
    "case.step_sent_back",
    "case.reopened",
    "case.agency_appointed",
    "case.complaint_received",
    "case.praise_received",
];

impl Tally {
    /// Counts an event.
    pub(super) fn count(&mut self, event: &CaseEvent) {
        self.case_events += 1;
        if event.lapsed_on().is_some() {
            *self.lapses.entry(event.kind().to_owned()).or_default() += 1;
        }
        if TOLD.contains(&event.kind()) {
            *self.others.entry(event.kind().to_owned()).or_default() += 1;
        }
        if let CaseEvent::CaseSubmitted(_) = event {
            self.cases += 1;
        } else if let CaseEvent::CaseCompleted(_) = event {
            self.completed += 1;
        } else if let CaseEvent::DecisionMade(decision) = event {
            *self.decisions.entry(decision.timeliness.to_string()).or_default() += 1;
            self.end(decision.verdict.into());
        } else if let CaseEvent::RatingGiven(rating) = event {
            *self.ratings.entry(rating.level.to_string()).or_default() += 1;
        } else if let CaseEvent::AcceptanceRefused(_) = event {
            self.end(Outcome::NotAccepted);
        } else if let CaseEvent::NoLicenceNeeded(_) = event {
            self.end(Outcome::NoLicenceNeeded);
        } else if let CaseEvent::CaseWithdrawn(_) = event {
            self.end(Outcome::Withdrawn);
        } else if let CaseEvent::CaseTerminated(ended) = event {
            self.end(if ended.lapsed {
                Outcome::Lapsed
            } else {
                Outcome::Terminated
            });
        }
    }

    fn end(&mut self, outcome: Outcome) {
        *self.outcomes.entry(outcome.to_string()).or_default() += 1;
    }

    fn decided(&self, timeliness: Timeliness) -> u64 {
        self.decisions.get(timeliness.as_str()).copied().unwrap_or(0)
    }

    /// Decisions that kept the promise, and all that could be measured.
    pub(super) fn on_time(&self) -> (u64, u64) {
        let kept = self.decided(Timeliness::Early) + self.decided(Timeliness::OnTime);
        (
            kept,
            kept + self.decided(Timeliness::Overdue) + self.decided(Timeliness::Illegal),
        )
    }

    /// Ratings that are no bad ones, and all of them.
    pub(super) fn satisfied(&self) -> (u64, u64) {
        let all = self.ratings.values().sum();
        let bad: u64 = self
            .ratings
            .iter()
            .filter(|(level, _)| level.contains("dissatisfied"))
            .map(|(_, n)| n)
            .sum();
        (all - bad, all)
    }
}

/// A story that was planted, and where to find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Planted {
    /// Its name.
    pub(super) story: String,
    /// Its cases.
    pub(super) cases: Vec<String>,
    /// What it is about, in Chinese.
    pub(super) zh: String,
    /// What it is about, in English.
    pub(super) en: String,
}

/// The end of a demo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    /// The version of this document.
    pub(super) version: u8,
    /// The seed.
    pub(super) seed: u64,
    /// How many cases were asked for.
    pub(super) asked: u64,
    /// Where the log is.
    pub(super) data: String,
    /// Records in the log, those of the catalogue included.
    pub(super) records: u64,
    /// Cases that are neither decided nor ended.
    pub(super) open: u64,
    /// How long it took, in milliseconds; 0 when it had been there.
    pub(super) millis: u64,
    /// The counts.
    #[serde(flatten)]
    pub(super) tally: Tally,
    /// The stories.
    pub(super) stories: Vec<Planted>,
    /// How often each rule of supervision was given something to find; `planted.jsonl` lists it.
    pub(super) planted: BTreeMap<String, u64>,
    /// What to try next.
    pub(super) next: Vec<String>,
}

/// A rate with what it was made of; none of nothing.
fn rate((part, whole): (u64, u64)) -> String {
    // Exact in whole numbers: rounded down to a tenth, so that less than all never reads as all.
    (part * 1_000).checked_div(whole).map_or_else(
        || "–".to_owned(),
        |tenths| format!("{}.{} % ({part}/{whole})", tenths / 10, tenths % 10),
    )
}

impl Summary {
    /// The counts, a row each.
    fn counts(&self, context: Context) -> comfy_table::Table {
        let tally = &self.tally;
        let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
        let of = |counts: &BTreeMap<String, u64>, kind: &str| counts.get(kind).copied().unwrap_or(0);
        let mut counts = table::fields();
        let mut row = |zh: &str, en: &str, value: String| {
            counts.add_row([context.say(zh, en).to_owned(), value]);
        };
        row("办件", "cases", tally.cases.to_string());
        row("记录", "records", self.records.to_string());
        row("在办", "open", self.open.to_string());
        row("办结", "completed", tally.completed.to_string());
        row(
            "承诺期限内办结率",
            "decided within the promise",
            rate(tally.on_time()),
        );
        row(
            "超承诺 / 超法定",
            "past the promise / past the law",
            format!(
                "{} / {}",
                tally.decided(Timeliness::Overdue),
                tally.decided(Timeliness::Illegal)
            ),
        );
        row("不予许可", "refused", of(&tally.outcomes, "refused").to_string());
        row("撤回", "withdrawn", of(&tally.outcomes, "withdrawn").to_string());
        row(
            "补正告知",
            "correction notices",
            of(&tally.others, "case.correction_requested").to_string(),
        );
        row(
            "移送",
            "transfers between windows",
            of(&tally.others, "case.transferred").to_string(),
        );
        row(
            "并联审批组",
            "parallel groups",
            of(&tally.others, "case.parallel_opened").to_string(),
        );
        row(
            "特别程序",
            "special procedures",
            of(&tally.others, "case.special_procedure_started").to_string(),
        );
        row(
            "中止",
            "suspensions",
            of(&tally.others, "case.clock_suspended").to_string(),
        );
        row(
            "延期",
            "extensions",
            of(&tally.others, "case.extension_granted").to_string(),
        );
        row(
            "到期事件",
            "lapses recorded by the timekeeper",
            sum(&tally.lapses).to_string(),
        );
        row("评价满意率", "satisfied, of all ratings", rate(tally.satisfied()));
        row(
            "投诉 / 表扬",
            "complaints / praise",
            format!(
                "{} / {}",
                of(&tally.others, "case.complaint_received"),
                of(&tally.others, "case.praise_received")
            ),
        );
        row(
            "有意安排的异常",
            "done on purpose for supervisors to find",
            self.planted.values().sum::<u64>().to_string(),
        );
        if self.millis > 0 {
            let seconds = format!("{}.{:01} s", self.millis / 1_000, self.millis % 1_000 / 100);
            row("用时", "took", seconds);
            row(
                "每秒记录",
                "records a second",
                (self.records * 1_000 / self.millis).to_string(),
            );
        }
        row("种子", "seed", self.seed.to_string());
        row("数据目录", "data folder", self.data.clone());
        counts
    }

    /// The summary for people.
    pub(super) fn text(&self, context: Context) -> String {
        let mut text = format!(
            "{}\n\n",
            context.say(
                "示范中心的 2010 年（虚构示例，不构成法律意见）",
                "The demo centre's year 2010 (fictional, not legal advice)",
            )
        );
        // Writing into a string does not fail.
        let _ = writeln!(
            text,
            "{}\n{}",
            table::print(&self.counts(context)),
            context.say("可查看的案例", "Stories to look up")
        );
        let mut stories = table::fields();
        for planted in &self.stories {
            stories.add_row([
                planted.cases.join("\n"),
                context.say(&planted.zh, &planted.en).to_owned(),
            ]);
        }
        text.push_str(&table::print(&stories));
        let _ = writeln!(text, "\n{}", context.say("接下来可以试试", "Try next"));
        for command in &self.next {
            let _ = writeln!(text, "  {command}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_is_no_number_and_less_than_all_is_not_all() {
        assert_eq!(rate((0, 0)), "–");
        assert_eq!(rate((9_999, 10_000)), "99.9 % (9999/10000)");
        assert_eq!(rate((5, 5)), "100.0 % (5/5)");
    }
}
