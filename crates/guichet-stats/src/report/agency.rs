//! The agency work report (代办工作报告): what the agents of the centre accompanied, and how it went.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::case::event::Outcome;

use super::document::{Cell, Document, Part, Report, Table, capital};
use super::{Example, Setting, words};
use crate::dimension::Dimension;
use crate::fact::Standing;
use crate::figure::Figure;
use crate::rows::{AgencyFact, CaseRows};

const FIGURES: &[Figure] = &[
    Figure::Accepted,
    Figure::Completed,
    Figure::OnTime,
    Figure::Early,
    Figure::UsedMean,
    Figure::SpeedUp,
];

/// A case that an agent accompanied on a day of the period.
struct Project<'a> {
    rows: &'a CaseRows,
    agencies: Vec<&'a AgencyFact>,
}

/// The report.
///
/// A case is a project of every agent who accompanied it on a day of the period. Figures by agent take each case for the
/// agent appointed last, so that no case counts twice in them.
#[must_use]
pub fn agency(setting: &Setting<'_>) -> Document {
    let title = setting.say("代办工作报告", "Agency work report");
    let mut document = setting.document(Report::Agency, title);
    let by_agent = projects(setting);
    let all: BTreeSet<_> = by_agent
        .values()
        .flatten()
        .map(|project| &project.rows.id)
        .collect();
    let (agents, projects) = (by_agent.len(), all.len());
    document.paragraph(match setting.lang {
        guichet_core::lang::Lang::Zh => format!("期内 {agents} 名代办员代办项目 {projects} 个。"),
        guichet_core::lang::Lang::En => {
            let people = if agents == 1 { "agent" } else { "agents" };
            let cases = if projects == 1 { "project" } else { "projects" };
            format!("In the period {agents} {people} accompanied {projects} {cases}.")
        }
    });
    if !by_agent.is_empty() {
        agents_table(setting, &mut document, &by_agent);
        standings(setting, &mut document, &by_agent);
        outcomes(setting, &mut document, &by_agent);
        list(setting, &mut document, &by_agent);
    }
    setting.ending(
        &mut document,
        &Example {
            figure: Figure::Accepted,
            only: by_agent
                .keys()
                .next()
                .map(|agent| (Dimension::Agency, agent.clone())),
        },
    );
    document
}

fn projects<'a>(setting: &Setting<'a>) -> BTreeMap<String, Vec<Project<'a>>> {
    let mut by_agent: BTreeMap<String, Vec<Project<'a>>> = BTreeMap::new();
    for rows in setting.statistics.facts().sorted() {
        let mut of_case: BTreeMap<String, Vec<&AgencyFact>> = BTreeMap::new();
        for agency in rows
            .agencies
            .rows
            .iter()
            .filter(|row| row.runs_in(setting.period))
        {
            of_case.entry(agency.agent.to_string()).or_default().push(agency);
        }
        for (agent, agencies) in of_case {
            by_agent
                .entry(agent)
                .or_default()
                .push(Project { rows, agencies });
        }
    }
    by_agent
}

impl Project<'_> {
    fn entries(&self, setting: &Setting<'_>) -> usize {
        let agencies = self.agencies.iter();
        agencies.map(|agency| agency.entries_in(setting.period)).sum()
    }
}

fn agents_table(
    setting: &Setting<'_>,
    document: &mut Document,
    by_agent: &BTreeMap<String, Vec<Project<'_>>>,
) {
    document.heading(2, setting.say("代办员", "Agents"));
    let mut table = Table::new([setting.say("代办员", "agent")]);
    for name in [
        setting.say("代办项目", "projects"),
        setting.say("绿色通道", "green channel"),
        setting.say("代办日志", "log entries"),
    ] {
        table.number_column(name);
    }
    for figure in FIGURES {
        table.number_column(figure.name(setting.lang));
    }
    let figures = setting.by(Dimension::Agency, FIGURES, setting.period);
    for (agent, projects) in by_agent {
        let green = projects.iter().filter(|project| project.rows.case.green_channel);
        let entries: usize = projects.iter().map(|project| project.entries(setting)).sum();
        let mut row = vec![
            Cell::text(agent),
            Cell::number(projects.len()),
            Cell::number(green.count()),
            Cell::number(entries),
        ];
        match figures.get(agent) {
            Some(told) => row.extend(told.iter().map(Cell::figure)),
            None => row.extend(FIGURES.iter().map(|_| Cell::text("–"))),
        }
        table.rows.push(row);
    }
    table.note(setting.say(
        "代办项目：期内任一日有代办的办件。代办日志：期内的记录条数。",
        "Projects: cases accompanied on any day of the period. Log entries: those of the period.",
    ));
    table.note(setting.say(
        "其余各项按办件最后的代办员计算，一件只计一次。",
        "The other figures take a case for its last agent, so that it counts once.",
    ));
    table.explain(FIGURES, setting.lang);
    document.parts.push(Part::Table(table));
}

/// How many projects of each agent are of which sort; sorts that nobody has are left out.
fn counted<T: Copy + Ord>(
    setting: &Setting<'_>,
    by_agent: &BTreeMap<String, Vec<Project<'_>>>,
    of: impl Fn(&CaseRows) -> Option<T>,
    name: impl Fn(T) -> &'static str,
) -> Table {
    let mut table = Table::new([setting.say("代办员", "agent")]);
    let projects = by_agent.values().flatten();
    let sorts: BTreeSet<T> = projects.filter_map(|project| of(project.rows)).collect();
    for sort in &sorts {
        table.number_column(name(*sort));
    }
    for (agent, projects) in by_agent {
        let mut row = vec![Cell::text(agent)];
        for sort in &sorts {
            let of_sort = projects.iter().filter(|project| of(project.rows) == Some(*sort));
            row.push(Cell::number(of_sort.count()));
        }
        table.rows.push(row);
    }
    table
}

fn standings(setting: &Setting<'_>, document: &mut Document, by_agent: &BTreeMap<String, Vec<Project<'_>>>) {
    document.heading(2, setting.say("所处阶段", "Stages"));
    let stage = |stage: Standing| words::stage(stage, setting.lang);
    let mut table = counted(setting, by_agent, |rows| Some(rows.case.standing), stage);
    table.note(setting.say(
        "代办项目在日志截止处所处的阶段。",
        "Where the projects stand at the end of what was read of the log.",
    ));
    document.parts.push(Part::Table(table));
}

fn outcomes(setting: &Setting<'_>, document: &mut Document, by_agent: &BTreeMap<String, Vec<Project<'_>>>) {
    let outcome = |outcome: Outcome| words::outcome(outcome, setting.lang);
    let mut table = counted(setting, by_agent, |rows| rows.case.outcome, outcome);
    if table.columns.len() < 2 {
        return;
    }
    document.heading(2, setting.say("办理结果", "Outcomes"));
    table.note(setting.say("只计已有结果的代办项目。", "Only projects that have an outcome."));
    document.parts.push(Part::Table(table));
}

fn list(setting: &Setting<'_>, document: &mut Document, by_agent: &BTreeMap<String, Vec<Project<'_>>>) {
    document.heading(2, setting.say("代办项目", "Projects"));
    let mut table = Table::new([
        setting.say("代办员", "agent"),
        setting.say("办件", "case"),
        setting.say("事项", "item"),
        setting.say("部门", "department"),
        setting.say("代办起止", "accompanied"),
        setting.say("#日志", "#entries"),
        setting.say("阶段", "stage"),
        setting.say("结果", "outcome"),
        setting.say("#用时", "#days used"),
        setting.say("#承诺", "#promise"),
        setting.say("#法定", "#statute"),
        setting.say("时限", "term"),
    ]);
    for (agent, projects) in by_agent {
        for project in projects {
            table.rows.push(row(setting, agent, project));
        }
    }
    table.note(setting.say(
        "用时、承诺、法定以工作日计，取最后一次决定；时限以自然日计的标“日”。日志内容见 guichet case timeline。",
        "Days used, promise and statute are in working days, those of the last decision; d marks calendar days. What the entries say is in guichet case timeline.",
    ));
    document.parts.push(Part::Table(table));
}

fn row(setting: &Setting<'_>, agent: &str, project: &Project<'_>) -> Vec<Cell> {
    let lang = setting.lang;
    let case = &project.rows.case;
    let ended = case.rounds.iter().rev().find_map(|round| round.end.as_ref());
    let timing = ended.and_then(|end| end.timing.as_ref());
    let unit = match timing.map(|timing| timing.unit) {
        Some(crate::timing::DayUnit::Calendar) => setting.say(" 日", " d"),
        Some(crate::timing::DayUnit::Working) | None => "",
    };
    let days = |days: Option<u32>| days.map_or_else(|| "–".to_owned(), |days| format!("{days}{unit}"));
    let timely = timing.and_then(|timing| timing.timely);
    let spans = project.agencies.iter().map(|agency| {
        let until = agency.ended_on.map(|on| on.to_string()).unwrap_or_default();
        format!("{}..{until}", agency.since)
    });
    let item = setting.item(case.procedure.as_str());
    let item = if case.green_channel {
        format!("{item}{}", setting.say("（绿色通道）", " (green channel)"))
    } else {
        item
    };
    vec![
        Cell::text(agent),
        Cell {
            cases: BTreeMap::from([(project.rows.id.clone(), 0)]),
            ..Cell::text(project.rows.id.as_str())
        },
        Cell::text(capital(&item)),
        Cell::text(setting.department(case.department.as_str())),
        Cell::text(spans.collect::<Vec<_>>().join(", ")),
        Cell::number(project.entries(setting)),
        Cell::text(words::stage(case.standing, lang)),
        Cell::text(case.outcome.map_or("–", |outcome| words::outcome(outcome, lang))),
        Cell::text(days(timing.and_then(|timing| timing.used))),
        Cell::text(days(timing.and_then(|timing| timing.promised))),
        Cell::text(days(timing.and_then(|timing| timing.statutory))),
        Cell::text(timely.map_or("–", |timely| words::timely(timely, lang))),
    ]
}
