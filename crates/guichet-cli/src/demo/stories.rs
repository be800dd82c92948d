//! The stories that every demo log holds: scripts, planted at known cases on known days.
//!
//! They are the scripts of `replay-fixtures/`, so what a fixture shows can be looked up in every demo.

use guichet::core::case::Command;
use guichet::core::id::CaseId;
use guichet::core::time::{Date, Timestamp};
use serde::Deserialize;

/// A story: its name, what it is about in both languages, and its script.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    script: &'static str,
}

macro_rules! stories {
    ($($name:literal: $zh:literal, $en:literal;)+) => {
        /// Every story, in the order of the year's rules.
        pub(super) const STORIES: &[Story] = &[$(Story {
            name: $name,
            zh: $zh,
            en: $en,
            script: include_str!(concat!("../../../../replay-fixtures/", $name, "/commands.jsonl")),
        }),+];
    };
}

stories! {
    "deemed-acceptance": "逾期未告知，视为受理", "silence at the counter accepts the application";
    "two-correction-notices": "两次补正告知", "two correction notices where the law wants one";
    "national-day-suspensions": "国庆期间的特别程序与两次中止", "a special procedure and two suspensions over National Day";
    "extension-by-the-wrong-level": "越级批准延期被拒", "an extension granted at the wrong level is refused";
    "deemed-consent": "并联成员超时默认", "a silent member counts as having consented";
    "dissent-overridden": "牵头部门不采纳异议", "the lead goes on in spite of a reasoned disagreement";
    "transfer-ping-pong": "窗口之间反复移送", "a file goes to and fro between two windows";
    "withdrawn-and-resubmitted": "到期日撤件后重新申请", "withdrawn on the last day and handed in again";
    "late-back-entry": "事后补录", "handled on paper and entered weeks later";
    "denial-on-time": "按时作出不予许可决定", "refused in time, on a working Sunday";
    "overdue-but-legal": "超过承诺时限但未超法定时限", "past the promise, inside the law";
    "bad-review-rectified": "差评、回访、整改、再评价", "a bad rating put right on the fifth day";
    "malicious-review-appealed": "恶意差评申诉成功", "a malicious rating that does not count";
    "calendar-amended": "办理期间日历变更", "the calendar changes while the case runs";
    "item-version-changed": "办理期间事项版本变更", "the item changes, and running cases keep their limits";
    "reopened-after-completion": "办结后重新办理", "opened again after completion";
    "agency-green-channel": "代办与绿色通道", "an agent, a green channel and their log";
    "rotating-window": "轮值窗口一日服务两部门", "a rotating window serves two departments in one day";
}

/// One line of a script.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// When.
    pub(super) at: Timestamp,
    /// What is asked.
    #[serde(default)]
    pub(super) command: Option<Command>,
    /// The reason for which it is refused, where that is the story.
    #[serde(default)]
    pub(super) rejected: Option<String>,
    /// A shipped catalogue that is published.
    #[serde(default)]
    pub(super) publish: Option<String>,
    /// A day that is declared off in a new version of the calendar.
    #[serde(default)]
    pub(super) close: Option<Date>,
    /// Whether the timekeeper comes by. The demo's own comes every night, so it has no need of this.
    #[serde(default)]
    pub(super) tick: bool,
}

impl Line {
    /// Somebody asks something, at an instant.
    pub(super) const fn of(at: Timestamp, command: Command) -> Self {
        Self {
            at,
            command: Some(command),
            rejected: None,
            publish: None,
            close: None,
            tick: false,
        }
    }
}

impl Story {
    /// The script.
    ///
    /// # Errors
    ///
    /// What is wrong with a line: never for a story that ships.
    pub(super) fn lines(&self) -> Result<Vec<Line>, serde_json::Error> {
        self.script.lines().map(serde_json::from_str).collect()
    }

    /// The cases that the story is about.
    pub(super) fn cases(&self) -> Vec<CaseId> {
        let mut cases: Vec<CaseId> = Vec::new();
        for line in self.lines().unwrap_or_default() {
            if let Some(command) = line.command.filter(|command| !cases.contains(&command.case)) {
                cases.push(command.case);
            }
        }
        cases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_story_has_a_script_that_can_be_read() {
        assert_eq!(STORIES.len(), 18);
        for story in STORIES {
            let lines = story.lines().unwrap();
            assert!(lines.iter().all(|line| {
                line.tick || line.command.is_some() || line.publish.is_some() || line.close.is_some()
            }));
            assert!(!story.cases().is_empty(), "{}", story.name);
            assert!(lines.is_sorted_by_key(|line| line.at), "{}", story.name);
        }
    }
}
