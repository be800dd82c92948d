//! Findings as they are told: filtered, grouped, as JSON and as text, with what became of each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use guichet_core::id::{DepartmentId, PersonId, Position, ProcedureId, Version, WindowId};
use guichet_core::lang::Lang;
use guichet_core::reference::{Directory, FindingRecord, FindingStanding};
use guichet_core::time::Date;
use guichet_terminal::table;
use serde::Serialize;

use super::finding::{Fact, Finding, Subject};
use super::fold::Found;
use super::rule::{BothLanguages, ListedRule, RuleId, Rules, Severity};

/// Which findings are told: all that have one of each kind that is asked for. Nothing asked for takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// By rule.
    pub rules: BTreeSet<RuleId>,
    /// Of this weight or more.
    pub at_least: Option<Severity>,
    /// By department.
    pub departments: BTreeSet<DepartmentId>,
    /// By window.
    pub windows: BTreeSet<WindowId>,
    /// By the member of staff whose act it is.
    pub handlers: BTreeSet<PersonId>,
    /// By the agent of the case.
    pub agents: BTreeSet<PersonId>,
    /// By the two windows that it lies between, in any order.
    pub pairs: BTreeSet<(WindowId, WindowId)>,
    /// By what it is about, such as the number of a case.
    pub subjects: BTreeSet<String>,
    /// By how it stands.
    pub standings: BTreeSet<FindingStanding>,
}

impl Filter {
    /// Whether a finding is told.
    #[must_use]
    pub fn takes(&self, finding: &Finding, directory: &Directory) -> bool {
        fn one_of<T: Ord>(asked: &BTreeSet<T>, is: Option<&T>) -> bool {
            asked.is_empty() || is.is_some_and(|is| asked.contains(is))
        }
        let place = &finding.place;
        let pair = place.pair.as_ref();
        let turned = pair.map(|(a, b)| (b.clone(), a.clone()));
        let person = if let Subject::Person(person) = &finding.subject {
            Some(person)
        } else {
            None
        };
        one_of(&self.rules, Some(&finding.rule))
            && self.at_least.is_none_or(|least| finding.severity >= least)
            && one_of(&self.departments, place.department.as_ref())
            && one_of(&self.windows, place.window.as_ref())
            && one_of(&self.handlers, person.or(place.handler.as_ref()))
            && one_of(&self.agents, place.agent.as_ref())
            && (one_of(&self.pairs, pair) || one_of(&self.pairs, turned.as_ref()))
            && one_of(&self.subjects, Some(&finding.subject.to_string()))
            && one_of(&self.standings, Some(&standing(finding, directory)))
    }
}

/// How a finding stands.
#[must_use]
pub fn standing(finding: &Finding, directory: &Directory) -> FindingStanding {
    let record = directory.findings.get(&finding.id());
    record.map_or(FindingStanding::Open, FindingRecord::standing)
}

/// What a standing is called.
#[must_use]
pub const fn standing_name(standing: FindingStanding, lang: Lang) -> &'static str {
    match (standing, lang) {
        (FindingStanding::Open, Lang::Zh) => "未处理",
        (FindingStanding::Issued, Lang::Zh) => "已发出",
        (FindingStanding::Explained, Lang::Zh) => "已说明",
        (FindingStanding::Upheld, Lang::Zh) => "维持",
        (FindingStanding::Cancelled, Lang::Zh) => "撤销",
        (FindingStanding::Open, Lang::En) => "open",
        (FindingStanding::Issued, Lang::En) => "issued",
        (FindingStanding::Explained, Lang::En) => "explained",
        (FindingStanding::Upheld, Lang::En) => "upheld",
        (FindingStanding::Cancelled, Lang::En) => "cancelled",
    }
}

/// One thing that was said about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said<'a> {
    /// What was done: `issued`, `explained`, `upheld`, `cancelled`.
    pub act: FindingStanding,
    /// By whom.
    pub by: &'a PersonId,
    /// When.
    pub on: Date,
    /// What was said, or why.
    pub text: &'a str,
}

/// A finding as programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingView<'a> {
    /// Its name.
    pub id: String,
    /// The rule.
    pub rule: RuleId,
    /// How much it weighs.
    pub severity: Severity,
    /// What it is about.
    pub subject: &'a Subject,
    /// The day of it.
    pub on: Date,
    /// The item.
    pub procedure: Option<&'a ProcedureId>,
    /// Its version.
    pub procedure_version: Option<Version>,
    /// The department.
    pub department: Option<&'a DepartmentId>,
    /// The window.
    pub window: Option<&'a WindowId>,
    /// The member of staff whose act it is.
    pub handler: Option<&'a PersonId>,
    /// The agent of the case.
    pub agent: Option<&'a PersonId>,
    /// The two windows that it lies between.
    pub pair: Option<&'a (WindowId, WindowId)>,
    /// The records that fired it; first the one that it is named after.
    pub evidence: &'a [Position],
    /// How many there are.
    pub records: u64,
    /// What was found.
    pub facts: &'a [Fact],
    /// The finding in a sentence.
    pub sentence: BothLanguages,
    /// How it stands.
    pub standing: FindingStanding,
    /// Who said what about it, in order.
    pub said: Vec<Said<'a>>,
}

/// Findings as programs read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listing<'a> {
    /// The version of this form.
    pub version: u16,
    /// How far the log was read: one past the last position.
    pub position: Position,
    /// The day as of which open cases were judged.
    pub as_of: Option<Date>,
    /// How many findings there are in all.
    pub found: usize,
    /// Those that were asked for, by rule, subject and first record.
    pub findings: Vec<FindingView<'a>>,
}

impl<'a> Listing<'a> {
    /// The findings that a filter takes.
    #[must_use]
    pub fn of(found: &'a Found, filter: &Filter) -> Self {
        let directory = &found.directory;
        let taken = found
            .findings
            .iter()
            .filter(|finding| filter.takes(finding, directory));
        Self {
            version: 1,
            position: found.position,
            as_of: found.as_of,
            found: found.findings.len(),
            findings: taken.map(|finding| view(finding, directory)).collect(),
        }
    }

    /// The findings as text: how many by rule, and then each in a sentence, the gravest first, by rule and department.
    #[must_use]
    pub fn text(&self, directory: &Directory, lang: Lang, columns: Option<u16>) -> String {
        let mut text = self.heading(lang);
        if self.findings.is_empty() {
            return text;
        }
        text.push('\n');
        text.push_str(&self.counts(lang, columns));
        let mut groups: BTreeMap<_, Vec<&FindingView<'_>>> = BTreeMap::new();
        for finding in &self.findings {
            let key = (
                std::cmp::Reverse(finding.severity),
                finding.rule,
                finding.department,
            );
            groups.entry(key).or_default().push(finding);
        }
        let mut heading = None;
        for ((std::cmp::Reverse(severity), rule, department), findings) in groups {
            if heading != Some((severity, rule)) {
                heading = Some((severity, rule));
                let _ = writeln!(text, "\n{} · {rule} {}", severity.name(lang), rule.name(lang));
            }
            let name = department.map(|id| {
                let known = directory.departments.get(id);
                known.map_or(id.as_str(), |known| match lang {
                    Lang::Zh => &known.name.zh,
                    Lang::En => &known.name.en,
                })
            });
            if let Some(name) = name {
                let _ = writeln!(text, "  {name}");
            }
            for finding in findings {
                let line = format!("    {} {}", mark(finding.standing), finding.sentence.tell(lang));
                text.push_str(&table::hanging(&line, 6, columns));
                if !line.ends_with('\n') {
                    text.push('\n');
                }
                for said in &finding.said {
                    let act = standing_name(said.act, lang);
                    let line = match lang {
                        Lang::Zh => format!("      {act}：{}，{}：{}", said.on, said.by, said.text),
                        Lang::En => format!("      {act} on {} by {}: {}", said.on, said.by, said.text),
                    };
                    text.push_str(&table::hanging(&line, 8, columns));
                    text.push('\n');
                }
            }
        }
        text
    }

    fn heading(&self, lang: Lang) -> String {
        let (told, found, position) = (self.findings.len(), self.found, self.position);
        let as_of = self.as_of.map(|day| day.to_string());
        let as_of = as_of.as_deref().unwrap_or("–");
        match lang {
            Lang::Zh => format!("日志位置 {position}，截至 {as_of}：发现 {found} 项，列出 {told} 项\n"),
            Lang::En => {
                format!("log position {position}, as of {as_of}: {found} findings, {told} of them listed\n")
            }
        }
    }

    /// How many findings there are of each rule, and how they stand.
    fn counts(&self, lang: Lang, columns: Option<u16>) -> String {
        let say = |zh, en| match lang {
            Lang::Zh => zh,
            Lang::En => en,
        };
        let mut counts: BTreeMap<_, BTreeMap<FindingStanding, usize>> = BTreeMap::new();
        for finding in &self.findings {
            let key = (std::cmp::Reverse(finding.severity), finding.rule);
            *counts
                .entry(key)
                .or_default()
                .entry(finding.standing)
                .or_default() += 1;
        }
        let standings = FindingStanding::ALL
            .iter()
            .map(|standing| standing_name(*standing, lang));
        let first = [
            say("程度", "weight"),
            say("规则", "rule"),
            say("名称", "name"),
            say("项", "found"),
        ];
        let mut rows = table::table_of(first.into_iter().chain(standings), columns);
        for ((std::cmp::Reverse(severity), rule), by) in counts {
            let mut row = vec![
                severity.name(lang).into(),
                rule.as_str().into(),
                rule.name(lang).into(),
                table::number(by.values().sum::<usize>()),
            ];
            row.extend(
                FindingStanding::ALL
                    .iter()
                    .map(|standing| table::number(table::or_dash(by.get(standing)))),
            );
            rows.add_row(row);
        }
        table::print(&rows)
    }
}

/// A standing in one sign, that needs no colour.
const fn mark(standing: FindingStanding) -> char {
    match standing {
        FindingStanding::Open => '○',
        FindingStanding::Issued => '◐',
        FindingStanding::Explained => '◑',
        FindingStanding::Upheld => '●',
        FindingStanding::Cancelled => '×',
    }
}

fn view<'a>(finding: &'a Finding, directory: &'a Directory) -> FindingView<'a> {
    let id = finding.id();
    let record = directory.findings.get(&id);
    let mut said = Vec::new();
    if let Some(record) = record {
        let issued = &record.issued;
        said.push(Said {
            act: FindingStanding::Issued,
            by: &issued.by,
            on: issued.on,
            text: &issued.text,
        });
        said.extend(record.explanations.iter().map(|explained| Said {
            act: FindingStanding::Explained,
            by: &explained.by,
            on: explained.on,
            text: &explained.text,
        }));
        said.extend(record.rulings.iter().map(|(upheld, ruling)| Said {
            act: if *upheld {
                FindingStanding::Upheld
            } else {
                FindingStanding::Cancelled
            },
            by: &ruling.by,
            on: ruling.on,
            text: &ruling.reason,
        }));
    }
    let place = &finding.place;
    FindingView {
        id,
        rule: finding.rule,
        severity: finding.severity,
        subject: &finding.subject,
        on: finding.on,
        procedure: place.procedure.as_ref().map(|(id, _)| id),
        procedure_version: place.procedure.as_ref().map(|(_, version)| *version),
        department: place.department.as_ref(),
        window: place.window.as_ref(),
        handler: place.handler.as_ref(),
        agent: place.agent.as_ref(),
        pair: place.pair.as_ref(),
        evidence: &finding.evidence,
        records: finding.records,
        facts: &finding.facts,
        sentence: BothLanguages::of(|lang| finding.sentence(directory, lang)),
        standing: record.map_or(FindingStanding::Open, FindingRecord::standing),
        said,
    }
}

/// The rules as programs read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RulesListing {
    /// The version of this form.
    pub version: u16,
    /// Every rule, with what is set.
    pub rules: Vec<ListedRule>,
}

impl RulesListing {
    /// Every rule, with what is set.
    #[must_use]
    pub fn of(rules: &Rules) -> Self {
        Self {
            version: 1,
            rules: rules.listed(),
        }
    }

    /// The rules as text.
    #[must_use]
    pub fn text(&self, lang: Lang, columns: Option<u16>) -> String {
        let mut text = String::new();
        for rule in &self.rules {
            let severity = match (rule.severity, lang) {
                (Some(severity), _) => severity.name(lang),
                (None, Lang::Zh) => "不用",
                (None, Lang::En) => "left out",
            };
            let _ = writeln!(text, "{} {} · {severity}", rule.id, rule.name.tell(lang));
            let mut line = |written: &str| {
                text.push_str(&table::hanging(written, 4, columns));
                text.push('\n');
            };
            line(&format!("    {}", rule.explanation.tell(lang)));
            for parameter in &rule.parameters {
                let meaning = match lang {
                    Lang::Zh => parameter.zh,
                    Lang::En => parameter.en,
                };
                let default = if parameter.value == parameter.default {
                    String::new()
                } else {
                    match lang {
                        Lang::Zh => format!("，默认 {}", parameter.default),
                        Lang::En => format!(", {} by default", parameter.default),
                    }
                };
                let open = match lang {
                    Lang::Zh => format!("（{meaning}{default}）"),
                    Lang::En => format!(" ({meaning}{default})"),
                };
                line(&format!("    {}: {}{open}", parameter.name, parameter.value));
            }
            line(&match lang {
                Lang::Zh => format!("    来源：{}", rule.source),
                Lang::En => format!("    source: {}", rule.source),
            });
        }
        text
    }
}
