//! Figures: what is published, each put together from measures by one rule.
//!
//! The rules are those of the trade: the base set of each figure is named in its meaning, a part is never taken from another
//! set than its whole, and where the whole is nothing there is no value.

use std::collections::BTreeMap;

use guichet_core::lang::Lang;
use serde::Serialize;

use crate::cube::Totals;
use crate::fraction::Fraction;
use crate::measure::{Measure, Spread};
use crate::satisfaction::{Alpha, wilson};

/// A measure in a figure: over the period or at its close, added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What.
    pub measure: Measure,
    /// What fell into the period, or what stood at its close.
    pub at: At,
    /// How often it is added; below nothing, taken away.
    pub times: i64,
}

/// Which sum of a measure is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// What fell into the period.
    Within,
    /// What stood at the close of its last day.
    Close,
}

const fn plus(measure: Measure) -> Part {
    Part {
        measure,
        at: At::Within,
        times: 1,
    }
}

const fn minus(measure: Measure) -> Part {
    Part {
        measure,
        at: At::Within,
        times: -1,
    }
}

const fn at_close(measure: Measure) -> Part {
    Part {
        measure,
        at: At::Close,
        times: 1,
    }
}

const fn times(times: i64, measure: Measure) -> Part {
    Part {
        measure,
        at: At::Within,
        times,
    }
}

/// How a figure is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A count of cases, decisions or members.
    Count(&'static [Part]),
    /// A part of a whole, in percent.
    Share(&'static [Part], &'static [Part]),
    /// Days over a number of cases.
    Mean(&'static [Part], &'static [Part]),
    /// The points of ratings over their number.
    Score(&'static [Part], &'static [Part]),
    /// Money, in fen.
    Money(&'static [Part]),
    /// The smallest number of days that at least so many percent of the cases took no longer than.
    Rank(Spread, u8),
    /// The most days.
    Longest(Spread),
    /// Of the cases accepted in the period, the part decided by its close.
    Cohort,
    /// Of the items in the catalogue, the part of the immediate kind.
    ImmediateItems,
    /// Of the statutory days in the catalogue, the part that the promises take off.
    CatalogueCompression,
}

guichet_core::codes! {
    /// In what a figure is told.
    Unit("unit") {
        /// A number.
        Count = "count",
        /// Hundredths.
        Percent = "percent",
        /// Working days.
        WorkingDays = "working_days",
        /// Points, 100 at most.
        Points = "points",
        /// Yuan: hundred fen.
        Yuan = "yuan",
    }
}

/// The levels at which cases are counted; they are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A case counts once, for the department that decided, the lead of a joint one.
    Case,
    /// Each member of a parallel group counts for itself.
    Member,
    /// Each occasion for a rating counts for itself.
    Encounter,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $level:ident, $rule:expr,
        $zh:literal, $en:literal, $means_zh:literal, $means_en:literal;)+) => {
        guichet_core::codes! {
            /// A published figure.
            Figure("figure") { $(#[doc = $means_en] $name = $code,)+ }
        }

        impl Figure {
            /// How it is put together.
            #[must_use]
            pub const fn rule(self) -> Rule {
                match self { $(Self::$name => const { $rule },)+ }
            }

            /// At which level cases are counted in it.
            #[must_use]
            pub const fn level(self) -> Level {
                match self { $(Self::$name => Level::$level,)+ }
            }

            /// Its name.
            #[must_use]
            pub const fn name(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Zh) => $zh, (Self::$name, Lang::En) => $en,)+ }
            }

            /// What it means: its base set, and what is counted of it.
            #[must_use]
            pub const fn meaning(self, lang: Lang) -> &'static str {
                match (self, lang) { $((Self::$name, Lang::Zh) => $means_zh, (Self::$name, Lang::En) => $means_en,)+ }
            }
        }
    };
}

figures! {
    Received = "received", Case, Rule::Count(&[plus(Measure::Received)]),
        "收件", "received",
        "期内提交的办件", "Cases submitted in the period.";
    Accepted = "accepted", Case, Rule::Count(&[plus(Measure::Accepted)]),
        "受理", "accepted",
        "期内首次受理（含视为受理）的办件，以受理生效日计", "Cases accepted for the first time, expressly or deemed, by the effective day.";
    NotAccepted = "not_accepted", Case, Rule::Count(&[plus(Measure::NotAccepted)]),
        "不予受理", "not accepted",
        "期内决定不予受理的办件", "Cases refused at intake in the period.";
    Completed = "completed", Case, Rule::Count(&[plus(Measure::Done)]),
        "办结", "completed",
        "期内作出的决定（准予、容缺准予、不予、视为决定）", "Decisions of the period: granted, granted with gaps, denied, deemed.";
    Finished = "finished", Case, Rule::Count(&[plus(Measure::Completed)]),
        "办完", "finished",
        "期内全部手续完成的办件", "Cases of which everything was done in the period, delivery included.";
    Out = "out", Case, Rule::Count(&[plus(Measure::Out)]),
        "退件撤件", "out",
        "受理后未决定即撤回、终止、失效或撤销的办件", "Cases withdrawn, terminated, lapsed or revoked after acceptance, without a decision.";
    Reopened = "reopened", Case, Rule::Count(&[plus(Measure::Reopened)]),
        "重新办理", "reopened",
        "期内重新办理的办件；冲减本期，不改动已公布月份", "Cases taken up again in the period: a reversal of this period, never of a published one.";
    Open = "open", Case, Rule::Count(&[at_close(Measure::Open)]),
        "在办", "open",
        "期末已受理、未办结、未退出的办件", "Accepted, not done and not out at the close of the last day.";
    Waiting = "waiting", Case, Rule::Count(&[at_close(Measure::Waiting)]),
        "等待中", "waiting",
        "期末在办且时限中止的办件", "Open and suspended at the close of the last day.";
    OpenOverdue = "open_overdue", Case, Rule::Count(&[at_close(Measure::LateByPromise)]),
        "在办超承诺", "open past the promise",
        "期末在办且承诺期限已过的办件", "Open at the close of the last day, the last day of the promise having passed.";
    OpenIllegal = "open_illegal", Case, Rule::Count(&[at_close(Measure::LateByStatute)]),
        "在办超法定", "open past the statute",
        "期末在办且法定期限已过的办件", "Open at the close of the last day, the last day by law having passed.";
    CompletionRate = "completion_rate", Case, Rule::Share(&[plus(Measure::Done)], &[plus(Measure::Accepted)]),
        "办结率", "completion rate",
        "期内办结数除以期内受理数；可超过 100 %", "Decisions over acceptances of the period; it can exceed 100 %.";
    CompletionCohort = "completion_cohort", Case, Rule::Cohort,
        "同批办结率", "completion rate of the cohort",
        "期内受理的办件中，至期末已办结的份额", "Of the cases accepted in the period, the share decided by its close.";
    OnTime = "on_time", Case, Rule::Share(&[plus(Measure::DoneInTime)], &[plus(Measure::DoneMeasured)]),
        "按时办结率", "on-time rate",
        "期内办结且有时限的办件中，未超承诺（无承诺则法定）时限的份额；含提前办结与不予许可", "Of the decisions that have a term, those within the promise, or else the statute; early and denied ones count.";
    OnTimeStrict = "on_time_strict", Case,
        Rule::Share(&[plus(Measure::DoneInTime)], &[plus(Measure::DoneMeasured), at_close(Measure::LateByPromise)]),
        "按时办结率（严）", "on-time rate, strict",
        "同上，分母加期末在办且已超承诺的办件", "The same, with the cases in the whole that are open past the promise at the close.";
    Unmeasured = "unmeasured", Case, Rule::Count(&[plus(Measure::Done), minus(Measure::DoneMeasured)]),
        "无时限办结", "completed without a term",
        "期内办结而无时限可比的办件，不计入任何按时率", "Decisions without a term to be measured by; they are in no on-time rate.";
    Early = "early", Case, Rule::Share(&[plus(Measure::PromisedEarly)], &[plus(Measure::PromisedMeasured)]),
        "提前办结率", "early rate",
        "期内办结的承诺件中，用时少于承诺的份额；不含即办件", "Of the decisions on promised items, those with time left; immediate items are not in it.";
    Overdue = "overdue", Case,
        Rule::Share(&[plus(Measure::DoneOverdue), plus(Measure::DoneIllegal)], &[plus(Measure::DoneMeasured)]),
        "超期率", "overdue rate",
        "期内办结且有时限的办件中，超承诺或超法定的份额", "Of the decisions that have a term, those past the promise or the statute.";
    OverdueIllegal = "overdue_illegal", Case,
        Rule::Share(&[plus(Measure::DoneIllegal)], &[plus(Measure::DoneMeasured)]),
        "超法定率", "past the statute",
        "期内办结且有时限的办件中，超法定时限的份额", "Of the decisions that have a term, those past the statute.";
    OverdueMean = "overdue_mean", Case, Rule::Mean(&[plus(Measure::OverdueDays)], &[plus(Measure::OverdueCases)]),
        "平均超期", "mean days overdue",
        "超承诺办件平均超出的工作日", "Working days past the promise, over the decisions past it.";
    OverdueLongest = "overdue_longest", Case, Rule::Longest(Spread::Overdue),
        "最长超期", "most days overdue",
        "超承诺办件最多超出的工作日", "The most working days past the promise.";
    UsedMean = "used_mean", Case, Rule::Mean(&[plus(Measure::UsedDays)], &[plus(Measure::PromisedUsed)]),
        "平均办结时间", "mean days used",
        "期内办结的承诺件平均用时（工作日，已扣除）；当日办结计 0", "Counted working days of the decisions on promised items; decided on the day of acceptance is 0.";
    UsedMedian = "used_median", Case, Rule::Rank(Spread::Used, 50),
        "办结时间中位数", "median days used",
        "同上，半数办件不超过的用时", "The same: no more than this for half of them.";
    UsedP90 = "used_p90", Case, Rule::Rank(Spread::Used, 90),
        "办结时间九成位", "days used, 90th percentile",
        "同上，九成办件不超过的用时", "The same: no more than this for nine in ten.";
    ElapsedMean = "elapsed_mean", Case, Rule::Mean(&[plus(Measure::ElapsedDays)], &[plus(Measure::PromisedUsed)]),
        "平均跨度用时", "mean days elapsed",
        "期内办结的承诺件平均跨度（工作日，不扣除）", "Working days of the decisions on promised items with nothing left out.";
    ElapsedMedian = "elapsed_median", Case, Rule::Rank(Spread::Elapsed, 50),
        "跨度用时中位数", "median days elapsed",
        "同上，半数办件不超过的跨度", "The same: no more than this for half of them.";
    ElapsedP90 = "elapsed_p90", Case, Rule::Rank(Spread::Elapsed, 90),
        "跨度用时九成位", "days elapsed, 90th percentile",
        "同上，九成办件不超过的跨度", "The same: no more than this for nine in ten.";
    Hidden = "hidden_by_exclusion", Case,
        Rule::Mean(&[plus(Measure::ElapsedDays), minus(Measure::UsedDays)], &[plus(Measure::PromisedUsed)]),
        "扣除隐藏的时间", "days hidden by exclusions",
        "平均跨度用时与平均办结时间之差", "Mean days elapsed less mean days used.";
    PromiseCompression = "promise_compression", Case, Rule::CatalogueCompression,
        "承诺提速率", "promise compression",
        "目录中有法定时限且单位一致的事项：（法定之和 − 承诺之和）÷ 法定之和", "Over the items of the catalogue with a statutory term in the same unit: statutory less promised days, over the statutory.";
    PromiseCompressionByVolume = "promise_compression_by_volume", Case,
        Rule::Share(
            &[plus(Measure::CompressionStatutoryDays), minus(Measure::CompressionPromisedDays)],
            &[plus(Measure::CompressionStatutoryDays)],
        ),
        "承诺提速率（按件）", "promise compression by volume",
        "同上，按期内办结件数加权", "The same, each item as often as it was decided in the period.";
    SpeedUp = "speed_up", Case,
        Rule::Share(
            &[plus(Measure::SpeedStatutoryDays), minus(Measure::SpeedUsedDays)],
            &[plus(Measure::SpeedStatutoryDays)],
        ),
        "实际提速率", "actual speed-up",
        "期内办结的承诺件：（法定之和 − 用时之和）÷ 法定之和；可为负", "Decisions on promised items: statutory less used days, over the statutory; a ratio of sums, and it may be negative.";
    ImmediateItems = "immediate_items", Case, Rule::ImmediateItems,
        "即办率（按事项）", "immediate rate by item",
        "目录中即办件事项的份额", "Of the items of the catalogue, those of the immediate kind.";
    ImmediateByVolume = "immediate_by_volume", Case,
        Rule::Share(
            &[plus(Measure::AcceptedImmediate)],
            &[plus(Measure::AcceptedImmediate), plus(Measure::AcceptedPromised)],
        ),
        "即办率（按件）", "immediate rate by volume",
        "期内受理的即办件，占即办件与承诺件之和", "Immediate cases accepted, over immediate and promised ones.";
    SameDay = "same_day", Case, Rule::Share(&[plus(Measure::SameDay)], &[plus(Measure::Done)]),
        "当日办结率", "same-day rate",
        "期内办结的办件中，决定日即受理日的份额", "Of the decisions, those made on the day of acceptance.";
    OneVisit = "one_visit", Case, Rule::Share(&[plus(Measure::OneVisit)], &[plus(Measure::Done)]),
        "最多跑一次率", "one-visit rate",
        "期内办结的办件中，到场不超过一次的份额", "Of the decisions, those on cases with one visit to a window or none.";
    Correction = "correction", Case, Rule::Share(&[plus(Measure::Corrected)], &[plus(Measure::Received)]),
        "补正率", "correction rate",
        "期内收件中，曾被要求补正的份额", "Of the cases received, those with a correction notice.";
    CorrectionRepeated = "correction_repeated", Case,
        Rule::Share(&[plus(Measure::CorrectedAgain)], &[plus(Measure::Received)]),
        "多次补正率", "repeated correction rate",
        "期内收件中，被要求补正两次以上的份额", "Of the cases received, those with two correction notices or more.";
    Denial = "denial", Case, Rule::Share(&[plus(Measure::Denied)], &[plus(Measure::Done)]),
        "不予许可率", "denial rate",
        "期内办结的办件中，不予许可的份额", "Of the decisions, those that deny.";
    SpecialShare = "special_share", Case, Rule::Share(&[plus(Measure::WithExcluded)], &[plus(Measure::Done)]),
        "特别程序占比", "special-procedure share",
        "期内办结的办件中，有扣除时间的份额", "Of the decisions, those on cases with time left out.";
    ExcludedShare = "excluded_share", Case,
        Rule::Share(&[plus(Measure::ElapsedDays), minus(Measure::UsedDays)], &[plus(Measure::ElapsedDays)]),
        "扣除时间占比", "share of days excluded",
        "期内办结的承诺件，扣除的工作日占跨度", "Of the elapsed working days of promised items, those left out.";
    DeemedAcceptances = "deemed_acceptances", Case, Rule::Count(&[plus(Measure::AcceptedByDeeming)]),
        "视为受理", "deemed acceptances",
        "期内因逾期视为受理的办件；应为 0", "Cases accepted by silence in the period; it should be 0.";
    DeemedDecisions = "deemed_decisions", Case, Rule::Count(&[plus(Measure::DoneByDeeming)]),
        "视为决定", "deemed decisions",
        "期内因逾期视为作出的决定；应为 0", "Decisions by silence in the period; it should be 0.";
    OnTimeBySource = "on_time_by_source", Case,
        Rule::Share(&[plus(Measure::InTimeBySource)], &[plus(Measure::MeasuredBySource)]),
        "按时率（来源数据）", "on time by the source",
        "导入的办件中，来源同时给出结束与期限的，按来源计算", "Imported cases whose source gives an end and a deadline: those that ended by it.";
    MembersAsked = "members_asked", Member, Rule::Count(&[plus(Measure::MemberAsked)]),
        "征求意见", "members asked",
        "期内并联审批征求意见的成员", "Members of parallel groups asked for an opinion in the period.";
    MembersOpen = "members_open", Member, Rule::Count(&[at_close(Measure::MemberOpen)]),
        "未反馈成员", "members that have not answered",
        "期末仍待反馈的成员", "Members asked that have not answered at the close of the last day.";
    MembersOnTime = "members_on_time", Member,
        Rule::Share(&[plus(Measure::MemberInTime)], &[plus(Measure::MemberMeasured)]),
        "成员按时率", "members on time",
        "期内反馈（含超时默认）且有时限的成员中，按时反馈的份额", "Of the opinions and silences that have a term, the opinions within it.";
    MembersUsedMean = "members_used_mean", Member,
        Rule::Mean(&[plus(Measure::MemberUsedDays)], &[plus(Measure::MemberUsed)]),
        "成员平均用时", "mean days used by members",
        "期内反馈（含超时默认）成员平均用时（工作日）", "Counted working days from the question to the opinion, or to the silence that stands for it.";
    DeemedConsents = "deemed_consents", Member, Rule::Count(&[plus(Measure::MemberDeemed)]),
        "超时默认同意", "deemed consents",
        "期内因沉默视为同意的成员；应为 0", "Members whose silence counted as consent in the period; it should be 0.";
    OnSiteRatings = "ratings_on_site", Encounter, Rule::Count(&[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied), plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)]),
        "有效评价（现场）", "ratings, on site",
        "期内有效、非默认的评价", "Valid ratings of the period that somebody gave.";
    OnSiteRatingRate = "rating_rate_on_site", Encounter, Rule::Share(&[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied), plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)], &[plus(Measure::OnSiteClosed)]),
        "主动评价率（现场）", "rating rate, on site",
        "有效评价除以期内结束的评价机会", "Valid ratings over the occasions that closed in the period.";
    OnSiteSatisfaction = "satisfaction_on_site", Encounter, Rule::Share(&[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied)], &[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied), plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)]),
        "满意率（现场，宽）", "satisfaction, on site, broad",
        "非常满意、满意、基本满意之和，占有效评价", "Very satisfied, satisfied and basically satisfied, of the valid ratings.";
    OnSiteSatisfactionStrict = "satisfaction_strict_on_site", Encounter, Rule::Share(&[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied)], &[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied), plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)]),
        "满意率（现场，严）", "satisfaction, on site, strict",
        "非常满意、满意之和，占有效评价", "Very satisfied and satisfied, of the valid ratings.";
    OnSiteBadRate = "bad_rate_on_site", Encounter, Rule::Share(&[plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)], &[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied), plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)]),
        "差评率（现场）", "bad ratings, on site",
        "不满意、非常不满意之和，占有效评价", "Dissatisfied and very dissatisfied, of the valid ratings.";
    OnSiteScore = "score_on_site", Encounter, Rule::Score(&[times(100, Measure::OnSiteVerySatisfied), times(80, Measure::OnSiteSatisfied), times(60, Measure::OnSiteBasicallySatisfied), times(30, Measure::OnSiteDissatisfied)], &[plus(Measure::OnSiteVerySatisfied), plus(Measure::OnSiteSatisfied), plus(Measure::OnSiteBasicallySatisfied), plus(Measure::OnSiteDissatisfied), plus(Measure::OnSiteVeryDissatisfied)]),
        "评价得分（现场）", "score, on site",
        "100、80、60、30、0 分加权平均", "The mean of 100, 80, 60, 30 and 0 points, from the best level to the worst.";
    OnSiteCallbackRate = "callback_rate_on_site", Encounter, Rule::Share(&[plus(Measure::OnSiteCalledBack)], &[plus(Measure::OnSiteBad)]),
        "差评回访率（现场）", "callback rate, on site",
        "有效差评中已回访到评价人的份额", "Of the valid bad ratings, those whose rater was called back and reached.";
    OnSiteRectificationRate = "rectification_rate_on_site", Encounter,
        Rule::Share(&[plus(Measure::OnSiteRectified)], &[plus(Measure::OnSiteRectificationDue)]),
        "差评整改率（现场）", "rectification rate, on site",
        "期内整改到期的有效差评中，按期整改的份额", "Of the valid bad ratings whose last day for it fell into the period, those put right by then.";
    OnSiteCaseSatisfaction = "case_satisfaction_on_site", Case, Rule::Share(&[plus(Measure::OnSiteCaseVerySatisfied), plus(Measure::OnSiteCaseSatisfied), plus(Measure::OnSiteCaseBasicallySatisfied)], &[plus(Measure::OnSiteCaseVerySatisfied), plus(Measure::OnSiteCaseSatisfied), plus(Measure::OnSiteCaseBasicallySatisfied), plus(Measure::OnSiteCaseDissatisfied), plus(Measure::OnSiteCaseVeryDissatisfied)]),
        "按件满意率（现场，宽）", "satisfaction by case, on site, broad",
        "每件取最后一次有效评价，以该次评价日计", "One rating a case, the last valid one, on its day.";
    OnSiteCaseSatisfactionStrict = "case_satisfaction_strict_on_site", Case, Rule::Share(&[plus(Measure::OnSiteCaseVerySatisfied), plus(Measure::OnSiteCaseSatisfied)], &[plus(Measure::OnSiteCaseVerySatisfied), plus(Measure::OnSiteCaseSatisfied), plus(Measure::OnSiteCaseBasicallySatisfied), plus(Measure::OnSiteCaseDissatisfied), plus(Measure::OnSiteCaseVeryDissatisfied)]),
        "按件满意率（现场，严）", "satisfaction by case, on site, strict",
        "同上，不含基本满意", "The same, without basically satisfied.";
    OnlineRatings = "ratings_online", Encounter, Rule::Count(&[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied), plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)]),
        "有效评价（网上）", "ratings, online",
        "期内有效、非默认的评价", "Valid ratings of the period that somebody gave.";
    OnlineRatingRate = "rating_rate_online", Encounter, Rule::Share(&[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied), plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)], &[plus(Measure::OnlineClosed)]),
        "主动评价率（网上）", "rating rate, online",
        "有效评价除以期内结束的评价机会", "Valid ratings over the occasions that closed in the period.";
    OnlineSatisfaction = "satisfaction_online", Encounter, Rule::Share(&[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied)], &[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied), plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)]),
        "满意率（网上，宽）", "satisfaction, online, broad",
        "非常满意、满意、基本满意之和，占有效评价", "Very satisfied, satisfied and basically satisfied, of the valid ratings.";
    OnlineSatisfactionStrict = "satisfaction_strict_online", Encounter, Rule::Share(&[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied)], &[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied), plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)]),
        "满意率（网上，严）", "satisfaction, online, strict",
        "非常满意、满意之和，占有效评价", "Very satisfied and satisfied, of the valid ratings.";
    OnlineBadRate = "bad_rate_online", Encounter, Rule::Share(&[plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)], &[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied), plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)]),
        "差评率（网上）", "bad ratings, online",
        "不满意、非常不满意之和，占有效评价", "Dissatisfied and very dissatisfied, of the valid ratings.";
    OnlineScore = "score_online", Encounter, Rule::Score(&[times(100, Measure::OnlineVerySatisfied), times(80, Measure::OnlineSatisfied), times(60, Measure::OnlineBasicallySatisfied), times(30, Measure::OnlineDissatisfied)], &[plus(Measure::OnlineVerySatisfied), plus(Measure::OnlineSatisfied), plus(Measure::OnlineBasicallySatisfied), plus(Measure::OnlineDissatisfied), plus(Measure::OnlineVeryDissatisfied)]),
        "评价得分（网上）", "score, online",
        "100、80、60、30、0 分加权平均", "The mean of 100, 80, 60, 30 and 0 points, from the best level to the worst.";
    OnlineCallbackRate = "callback_rate_online", Encounter, Rule::Share(&[plus(Measure::OnlineCalledBack)], &[plus(Measure::OnlineBad)]),
        "差评回访率（网上）", "callback rate, online",
        "有效差评中已回访到评价人的份额", "Of the valid bad ratings, those whose rater was called back and reached.";
    OnlineRectificationRate = "rectification_rate_online", Encounter,
        Rule::Share(&[plus(Measure::OnlineRectified)], &[plus(Measure::OnlineRectificationDue)]),
        "差评整改率（网上）", "rectification rate, online",
        "期内整改到期的有效差评中，按期整改的份额", "Of the valid bad ratings whose last day for it fell into the period, those put right by then.";
    OnlineCaseSatisfaction = "case_satisfaction_online", Case, Rule::Share(&[plus(Measure::OnlineCaseVerySatisfied), plus(Measure::OnlineCaseSatisfied), plus(Measure::OnlineCaseBasicallySatisfied)], &[plus(Measure::OnlineCaseVerySatisfied), plus(Measure::OnlineCaseSatisfied), plus(Measure::OnlineCaseBasicallySatisfied), plus(Measure::OnlineCaseDissatisfied), plus(Measure::OnlineCaseVeryDissatisfied)]),
        "按件满意率（网上，宽）", "satisfaction by case, online, broad",
        "每件取最后一次有效评价，以该次评价日计", "One rating a case, the last valid one, on its day.";
    OnlineCaseSatisfactionStrict = "case_satisfaction_strict_online", Case, Rule::Share(&[plus(Measure::OnlineCaseVerySatisfied), plus(Measure::OnlineCaseSatisfied)], &[plus(Measure::OnlineCaseVerySatisfied), plus(Measure::OnlineCaseSatisfied), plus(Measure::OnlineCaseBasicallySatisfied), plus(Measure::OnlineCaseDissatisfied), plus(Measure::OnlineCaseVeryDissatisfied)]),
        "按件满意率（网上，严）", "satisfaction by case, online, strict",
        "同上，不含基本满意", "The same, without basically satisfied.";
    ElsewhereRatings = "ratings_elsewhere", Encounter, Rule::Count(&[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied), plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)]),
        "有效评价（其他渠道）", "ratings, elsewhere",
        "期内有效、非默认的评价", "Valid ratings of the period that somebody gave.";
    ElsewhereRatingRate = "rating_rate_elsewhere", Encounter, Rule::Share(&[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied), plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)], &[plus(Measure::ElsewhereClosed)]),
        "主动评价率（其他渠道）", "rating rate, elsewhere",
        "有效评价除以期内结束的评价机会", "Valid ratings over the occasions that closed in the period.";
    ElsewhereSatisfaction = "satisfaction_elsewhere", Encounter, Rule::Share(&[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied)], &[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied), plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)]),
        "满意率（其他渠道，宽）", "satisfaction, elsewhere, broad",
        "非常满意、满意、基本满意之和，占有效评价", "Very satisfied, satisfied and basically satisfied, of the valid ratings.";
    ElsewhereSatisfactionStrict = "satisfaction_strict_elsewhere", Encounter, Rule::Share(&[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied)], &[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied), plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)]),
        "满意率（其他渠道，严）", "satisfaction, elsewhere, strict",
        "非常满意、满意之和，占有效评价", "Very satisfied and satisfied, of the valid ratings.";
    ElsewhereBadRate = "bad_rate_elsewhere", Encounter, Rule::Share(&[plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)], &[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied), plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)]),
        "差评率（其他渠道）", "bad ratings, elsewhere",
        "不满意、非常不满意之和，占有效评价", "Dissatisfied and very dissatisfied, of the valid ratings.";
    ElsewhereScore = "score_elsewhere", Encounter, Rule::Score(&[times(100, Measure::ElsewhereVerySatisfied), times(80, Measure::ElsewhereSatisfied), times(60, Measure::ElsewhereBasicallySatisfied), times(30, Measure::ElsewhereDissatisfied)], &[plus(Measure::ElsewhereVerySatisfied), plus(Measure::ElsewhereSatisfied), plus(Measure::ElsewhereBasicallySatisfied), plus(Measure::ElsewhereDissatisfied), plus(Measure::ElsewhereVeryDissatisfied)]),
        "评价得分（其他渠道）", "score, elsewhere",
        "100、80、60、30、0 分加权平均", "The mean of 100, 80, 60, 30 and 0 points, from the best level to the worst.";
    ElsewhereCallbackRate = "callback_rate_elsewhere", Encounter, Rule::Share(&[plus(Measure::ElsewhereCalledBack)], &[plus(Measure::ElsewhereBad)]),
        "差评回访率（其他渠道）", "callback rate, elsewhere",
        "有效差评中已回访到评价人的份额", "Of the valid bad ratings, those whose rater was called back and reached.";
    ElsewhereRectificationRate = "rectification_rate_elsewhere", Encounter,
        Rule::Share(&[plus(Measure::ElsewhereRectified)], &[plus(Measure::ElsewhereRectificationDue)]),
        "差评整改率（其他渠道）", "rectification rate, elsewhere",
        "期内整改到期的有效差评中，按期整改的份额", "Of the valid bad ratings whose last day for it fell into the period, those put right by then.";
    ElsewhereCaseSatisfaction = "case_satisfaction_elsewhere", Case, Rule::Share(&[plus(Measure::ElsewhereCaseVerySatisfied), plus(Measure::ElsewhereCaseSatisfied), plus(Measure::ElsewhereCaseBasicallySatisfied)], &[plus(Measure::ElsewhereCaseVerySatisfied), plus(Measure::ElsewhereCaseSatisfied), plus(Measure::ElsewhereCaseBasicallySatisfied), plus(Measure::ElsewhereCaseDissatisfied), plus(Measure::ElsewhereCaseVeryDissatisfied)]),
        "按件满意率（其他渠道，宽）", "satisfaction by case, elsewhere, broad",
        "每件取最后一次有效评价，以该次评价日计", "One rating a case, the last valid one, on its day.";
    ElsewhereCaseSatisfactionStrict = "case_satisfaction_strict_elsewhere", Case, Rule::Share(&[plus(Measure::ElsewhereCaseVerySatisfied), plus(Measure::ElsewhereCaseSatisfied)], &[plus(Measure::ElsewhereCaseVerySatisfied), plus(Measure::ElsewhereCaseSatisfied), plus(Measure::ElsewhereCaseBasicallySatisfied), plus(Measure::ElsewhereCaseDissatisfied), plus(Measure::ElsewhereCaseVeryDissatisfied)]),
        "按件满意率（其他渠道，严）", "satisfaction by case, elsewhere, strict",
        "同上，不含基本满意", "The same, without basically satisfied.";
    Complaints = "complaints", Case, Rule::Count(&[plus(Measure::Complaints)]),
        "投诉", "complaints",
        "期内收到的投诉，计入被投诉部门", "Complaints received in the period, for the department that they are about.";
    ComplaintsUpheld = "complaints_upheld", Case,
        Rule::Share(&[plus(Measure::ComplaintsUpheld)], &[plus(Measure::ComplaintsAnswered)]),
        "投诉属实率", "complaints upheld",
        "期内答复的投诉中，属实的份额", "Of the complaints answered in the period, those upheld.";
    Praise = "praise", Case, Rule::Count(&[plus(Measure::Praise)]),
        "表扬", "praise",
        "期内收到的表扬", "Praise received in the period.";
    FeesPaid = "fees_paid", Case, Rule::Money(&[plus(Measure::FeesPaidFen)]),
        "收费", "fees paid",
        "期内缴纳的费用（元）", "Fees paid in the period, in yuan.";
    FeesRefunded = "fees_refunded", Case, Rule::Money(&[plus(Measure::FeesRefundedFen)]),
        "退费", "fees refunded",
        "期内退还的费用（元）", "Fees refunded in the period, in yuan.";
}

/// A figure with what it is made of.
///
/// JSON: `value` is a decimal text with the places that it is published with, or null where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Which figure.
    pub figure: Figure,
    /// At which level cases are counted.
    pub level: Level,
    /// In what it is told.
    pub unit: Unit,
    /// The part; of a count the count.
    pub numerator: Option<i64>,
    /// The whole; of a count nothing.
    pub denominator: Option<i64>,
    /// As it is shown.
    pub value: Option<String>,
    /// Of a rate of satisfaction, between which percentages it lies with a confidence of 95 % (Wilson).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(String, String)>,
}

impl Figure {
    /// In what it is told.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self.rule() {
            Rule::Count(_) => Unit::Count,
            Rule::Share(..) | Rule::Cohort | Rule::ImmediateItems | Rule::CatalogueCompression => {
                Unit::Percent
            }
            Rule::Mean(..) | Rule::Rank(..) | Rule::Longest(_) => Unit::WorkingDays,
            Rule::Score(..) => Unit::Points,
            Rule::Money(_) => Unit::Yuan,
        }
    }

    /// The figure over the sums of a group. A cohort and the catalogue are not sums: they are told by
    /// [`Figure::share`] from what the caller has counted.
    #[must_use]
    pub fn of(self, totals: &Totals) -> Option<Told> {
        let sum = |parts| sum(parts, |measure, at| totals.at(measure, at));
        match self.rule() {
            Rule::Count(parts) => {
                let count = sum(parts);
                Some(self.told(Some(count), None, Some(count.to_string())))
            }
            Rule::Share(part, whole) => Some(self.share(sum(part), sum(whole))),
            Rule::Mean(part, whole) | Rule::Score(part, whole) => {
                let (part, whole) = (sum(part), sum(whole));
                let value = signed(part, whole, Fraction::decimal);
                Some(self.told(Some(part), Some(whole), value))
            }
            Rule::Money(parts) => {
                let fen = sum(parts);
                Some(self.told(Some(fen), None, signed(fen, 100, Fraction::decimal)))
            }
            Rule::Rank(spread, percent) => {
                let distribution = totals.within.spread(spread);
                let cases = distribution.map_or(0, |distribution| distribution.values().sum());
                let rank = distribution.and_then(|distribution| nearest_rank(distribution, percent));
                Some(self.told(None, Some(cases), rank.map(|days| days.to_string())))
            }
            Rule::Longest(spread) => {
                let distribution = totals.within.spread(spread);
                let cases = distribution.map_or(0, |distribution| distribution.values().sum());
                let longest = distribution.and_then(|distribution| distribution.keys().next_back());
                Some(self.told(None, Some(cases), longest.map(ToString::to_string)))
            }
            Rule::Cohort | Rule::ImmediateItems | Rule::CatalogueCompression => None,
        }
    }

    /// The figure as a part of a whole.
    #[must_use]
    pub fn share(self, part: i64, whole: i64) -> Told {
        let told = self.told(Some(part), Some(whole), signed(part, whole, Fraction::percent));
        let interval = self.is_of_opinions().then(|| interval(part, whole)).flatten();
        Told { interval, ..told }
    }

    /// Whether it is a rate of what people say of the centre: few of them answer, so the number alone says too much.
    #[must_use]
    pub const fn is_of_opinions(self) -> bool {
        matches!(
            self,
            Self::OnSiteSatisfaction
                | Self::OnSiteSatisfactionStrict
                | Self::OnSiteCaseSatisfaction
                | Self::OnSiteCaseSatisfactionStrict
                | Self::OnlineSatisfaction
                | Self::OnlineSatisfactionStrict
                | Self::OnlineCaseSatisfaction
                | Self::OnlineCaseSatisfactionStrict
                | Self::ElsewhereSatisfaction
                | Self::ElsewhereSatisfactionStrict
                | Self::ElsewhereCaseSatisfaction
                | Self::ElsewhereCaseSatisfactionStrict
        )
    }

    /// The figure where it is not told for a group.
    #[must_use]
    pub const fn untold(self) -> Told {
        self.told(None, None, None)
    }

    const fn told(self, numerator: Option<i64>, denominator: Option<i64>, value: Option<String>) -> Told {
        Told {
            figure: self,
            level: self.level(),
            unit: self.unit(),
            numerator,
            denominator,
            value,
            interval: None,
        }
    }
}

/// Between which percentages the truth lies, as far as those who answered can tell.
fn interval(part: i64, whole: i64) -> Option<(String, String)> {
    let rate = Fraction::new(u64::try_from(part).ok()?, u64::try_from(whole).ok()?);
    let found = wilson(rate, Alpha::FIVE_PERCENT)?;
    let percent = |share: f64| format!("{:.2}", share * 100.0);
    Some((percent(found.low), percent(found.high)))
}

/// The amounts of some parts, added up.
pub(crate) fn sum(parts: &[Part], amount: impl Fn(Measure, At) -> i64) -> i64 {
    parts.iter().fold(0, |sum: i64, part| {
        sum.saturating_add(amount(part.measure, part.at).saturating_mul(part.times))
    })
}

/// A part that may be below nothing, of a whole that is not, as it is shown.
fn signed(part: i64, whole: i64, show: fn(Fraction) -> Option<String>) -> Option<String> {
    let whole = u64::try_from(whole).ok()?;
    let shown = show(Fraction::new(part.unsigned_abs(), whole))?;
    let below = part < 0 && shown.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    Some(if below { format!("-{shown}") } else { shown })
}

/// The smallest value that at least so many percent of the entries do not exceed. None of nothing.
fn nearest_rank(distribution: &BTreeMap<u32, i64>, percent: u8) -> Option<u32> {
    let count: i64 = distribution.values().sum();
    if count <= 0 {
        return None;
    }
    let rank = (count * i64::from(percent.min(100)) + 99) / 100;
    let mut seen = 0;
    distribution.iter().find_map(|(value, times)| {
        seen += times;
        (seen >= rank.max(1)).then_some(*value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_below_nothing_keeps_its_sign_unless_nothing_of_it_is_shown() {
        let percent = |part, whole| signed(part, whole, Fraction::percent);
        assert_eq!(percent(-1, 3).as_deref(), Some("-33.33"));
        assert_eq!(percent(-1, 20_000).as_deref(), Some("-0.01"));
        assert_eq!(percent(-1, 20_001).as_deref(), Some("0.00"));
        assert_eq!(percent(i64::MIN, 1).as_deref(), Some("-922337203685477580800.00"));
        assert_eq!(percent(1, 0), None);
    }

    #[test]
    fn a_rank_is_the_smallest_that_so_many_do_not_exceed() {
        let days = BTreeMap::from([(0, 5), (3, 4), (10, 1)]);
        let rank = |percent| nearest_rank(&days, percent);
        assert_eq!(
            (rank(0), rank(50), rank(51), rank(90), rank(91)),
            (Some(0), Some(0), Some(3), Some(3), Some(10))
        );
        assert_eq!(nearest_rank(&BTreeMap::new(), 50), None);
    }
}
