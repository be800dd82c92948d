//! What was done on purpose that a rule of supervision names: taken down by who does it, when it is done.
//!
//! The demo knows what it did, and by which rule a supervisor would object. It never looks into the log for it and asks no
//! rule of the audit tool, so that its list and the tool's can be held against each other.

use guichet::core::id::{CaseId, DepartmentId, PersonId, WindowId};
use serde::{Deserialize, Serialize};

/// The version of a line.
const LINE_VERSION: u8 = 1;

/// What something was done to, as the audit tool would name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Subject {
    Case(CaseId),
    Person(PersonId),
    Window(WindowId),
    Department(DepartmentId),
}

/// One thing that was done on purpose: the rule that names it, and what was done, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Planting {
    version: u8,
    pub(super) rule: String,
    pub(super) subject: Subject,
    zh: String,
    en: String,
}

impl Planting {
    pub(super) fn new(rule: &str, subject: Subject, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            version: LINE_VERSION,
            rule: rule.to_owned(),
            subject,
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// What the list is in a file: a line of JSON each.
pub(super) fn lines(planted: &[Planting]) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for planting in planted {
        text.push_str(&serde_json::to_string(planting)?);
        text.push('\n');
    }
    Ok(text)
}

/// What the stories do on purpose: the rule, the case, how often, and what is done there.
const OF_STORIES: &[(&str, &str, usize, &str, &str)] = &[
    (
        "B17",
        "deemed-acceptance",
        1,
        "故事：窗口未答复，期满视为受理",
        "story: nobody answers, so silence accepts",
    ),
    (
        "A2",
        "deemed-acceptance",
        1,
        "故事：视为受理后才补办受理环节",
        "story: the intake is done after the silence",
    ),
    (
        "B1",
        "two-correction-notices",
        1,
        "故事：第二次补正告知",
        "story: a second correction notice",
    ),
    (
        "A2",
        "two-correction-notices",
        1,
        "故事：审核拖到第三天",
        "story: the review takes until the third day",
    ),
    (
        "A2",
        "national-day-suspensions",
        1,
        "故事：审查拖过自己的时限",
        "story: the examination runs past its own term",
    ),
    (
        "A2",
        "extension-by-the-wrong-level",
        3,
        "故事：前置审批组和两个审核环节拖延",
        "story: the pre-approvals and two reviews take too long",
    ),
    (
        "A2",
        "deemed-consent",
        2,
        "故事：文化意见逾期默认，审核拖延",
        "story: the culture department stays silent past its term, and a review takes too long",
    ),
    (
        "B7",
        "transfer-ping-pong",
        2,
        "故事：同一对窗口来回移送，最后一天又移送",
        "story: to and fro between two windows, once more on the last day",
    ),
    (
        "A2",
        "transfer-ping-pong",
        1,
        "故事：来回移送中审查逾期",
        "story: the examination is late for all the sending",
    ),
    (
        "B11",
        "withdrawn-on-the-last-day",
        1,
        "故事：到期日撤件，次日再报",
        "story: withdrawn on the last day and handed in again",
    ),
    (
        "A2",
        "withdrawn-on-the-last-day",
        1,
        "故事：审查拖过自己的时限",
        "story: the examination runs past its own term",
    ),
    (
        "A11",
        "late-back-entry",
        6,
        "故事：线下办理的六项事后补录",
        "story: six approvals done on paper and entered weeks later",
    ),
    (
        "B4",
        "late-back-entry",
        4,
        "故事：补录的日期倒签三项，集中录入一次",
        "story: three days dated back, and one burst of entries",
    ),
    (
        "A2",
        "denial-on-time",
        1,
        "故事：审核拖过自己的时限",
        "story: the review runs past its own term",
    ),
    (
        "A1",
        "overdue-but-legal",
        1,
        "故事：超过承诺时限作出决定",
        "story: decided past the promise",
    ),
    (
        "A2",
        "calendar-amended",
        1,
        "故事：日历变更期间审核拖延",
        "story: the review takes too long while the calendar changes",
    ),
    (
        "A1",
        "reopened-after-completion",
        1,
        "故事：重新办理后的决定超过承诺时限",
        "story: opened again, and decided past the promise",
    ),
];

/// What the stories do on purpose.
pub(super) fn of_stories() -> Vec<Planting> {
    let mut planted = Vec::new();
    for (rule, case, times, zh, en) in OF_STORIES {
        if let Ok(case) = CaseId::new(case) {
            let planting = Planting::new(rule, Subject::Case(case), *zh, *en);
            planted.extend(std::iter::repeat_n(planting, *times));
        }
    }
    planted
}
