//! `guichet finding`: what a supervisor and a department say about a finding, as records that stay.

use clap::{Args, Subcommand};
use guichet::Guichet;
use guichet::core::actor::{Actor, Role};
use guichet::core::id::{PersonId, Position};
use guichet::core::reference::{
    Catalogue, FindingAct, FindingExplained, FindingIssued, FindingRuling, FindingStanding,
};
use guichet::core::time::Date;
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, ClockArg, DataArg};
use crate::told::Told as _;

/// What `guichet finding` takes.
#[derive(Clone, Debug, Args)]
pub struct FindingArgs {
    #[command(subcommand)]
    command: FindingCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum FindingCommand {
    /// Take a finding up, and send it to whom it concerns
    Issue(IssueArgs),
    /// Answer a finding for the department that it concerns
    Explain(ExplainArgs),
    /// Uphold a finding
    Uphold(RuleArgs),
    /// Cancel a finding: it leaves the score, and stays in the record
    Cancel(RuleArgs),
}

#[derive(Clone, Debug, Args)]
struct About {
    #[command(flatten)]
    data: DataArg,
    /// The finding, as `guichet-audit findings` names it, such as B1:2010-000123@4711
    #[arg(value_name = "ID")]
    id: String,
    /// Who speaks
    #[arg(long, value_name = "PERSON")]
    by: PersonId,
    #[command(flatten)]
    clock: ClockArg,
}

#[derive(Clone, Debug, Args)]
struct IssueArgs {
    #[command(flatten)]
    about: About,
    /// What is sent
    #[arg(long, value_name = "TEXT")]
    text: String,
    /// The positions of the records that show it [default: the one that the finding is named after]
    #[arg(long, value_name = "POSITION", value_delimiter = ',')]
    evidence: Vec<u64>,
}

#[derive(Clone, Debug, Args)]
struct ExplainArgs {
    #[command(flatten)]
    about: About,
    /// In which role
    #[arg(long, value_name = "ROLE")]
    role: Role,
    /// What the department says
    #[arg(long, value_name = "TEXT")]
    text: String,
}

#[derive(Clone, Debug, Args)]
struct RuleArgs {
    #[command(flatten)]
    about: About,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The number of the ruling in whose place this one comes
    #[arg(long, value_name = "NUMBER")]
    replaces: Option<u16>,
}

/// What was recorded, as programs read it.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    version: u16,
    id: &'a str,
    standing: FindingStanding,
    on: Date,
}

/// Records what is said about a finding.
///
/// # Errors
///
/// [`Failure`] when the data does not open, or the rules refuse what is said.
pub async fn run(args: &FindingArgs, context: Context) -> Result<Exit, Failure> {
    let about = match &args.command {
        FindingCommand::Issue(args) => &args.about,
        FindingCommand::Explain(args) => &args.about,
        FindingCommand::Uphold(args) | FindingCommand::Cancel(args) => &args.about,
    };
    let engine = data::open_with(&about.data.data, about.clock.config(), &context).await?;
    let done = act(&engine, about, &args.command).await;
    engine.close().await.told()?;
    let (standing, on) = done?;
    let answer = Answer {
        version: 1,
        id: &about.id,
        standing,
        on,
    };
    context.answer(&answer, || told(&answer, context))?;
    Ok(Exit::Ok)
}

async fn act(
    engine: &Guichet,
    about: &About,
    command: &FindingCommand,
) -> Result<(FindingStanding, Date), Failure> {
    let on = engine.directory().zone().date(engine.now());
    let (id, by) = (about.id.clone(), about.by.clone());
    let ruled = |args: &RuleArgs| FindingRuling {
        id: about.id.clone(),
        ruling: args.replaces.map_or(1, |replaced| replaced.saturating_add(1)),
        replaces: args.replaces,
        reason: args.reason.clone(),
        by: about.by.clone(),
        on,
    };
    let (act, role, standing) = match command {
        FindingCommand::Issue(args) => {
            let issued = issued(args, on)?;
            (
                FindingAct::Issue(issued),
                Role::Supervisor,
                FindingStanding::Issued,
            )
        }
        FindingCommand::Explain(args) => {
            let text = args.text.clone();
            let explained = FindingExplained { id, text, by, on };
            (
                FindingAct::Explain(explained),
                args.role,
                FindingStanding::Explained,
            )
        }
        FindingCommand::Uphold(args) => (
            FindingAct::Uphold(ruled(args)),
            Role::Supervisor,
            FindingStanding::Upheld,
        ),
        FindingCommand::Cancel(args) => (
            FindingAct::Cancel(ruled(args)),
            Role::Supervisor,
            FindingStanding::Cancelled,
        ),
    };
    let catalogue = Catalogue {
        findings: vec![act],
        ..Catalogue::default()
    };
    let actor = Actor::new(about.by.clone(), role);
    let recorded = engine.publish_catalogue(&catalogue, &actor).await;
    recorded.map_err(|error| {
        Failure::config(
            "finding_refused",
            "this cannot be said of the finding; nothing was recorded",
        )
        .zh("对该异常不能作此处理，未作任何记录", None)
        .because_of(&error)
    })?;
    Ok((standing, on))
}

/// A finding's id says its rule, its subject and the first record of its evidence.
fn issued(args: &IssueArgs, on: Date) -> Result<FindingIssued, Failure> {
    let about = &args.about;
    let parts = about.id.split_once(':').and_then(|(rule, rest)| {
        let (subject, first) = rest.rsplit_once('@')?;
        let first = first.parse().ok().map(Position)?;
        (!rule.is_empty() && !subject.is_empty()).then_some((rule, subject, first))
    });
    let Some((rule, subject, first)) = parts else {
        let id: String = about.id.chars().take(80).collect();
        return Err(Failure::usage(
            "no_finding_id",
            format!(
                "`{id}` names no finding; expected rule, subject and position, such as B1:2010-000123@4711"
            ),
        )
        .zh(
            format!("`{id}` 不是异常编号；格式为 规则:对象@日志位置，例如 B1:2010-000123@4711"),
            Some("`guichet-audit findings` 列出全部"),
        )
        .help("`guichet-audit findings` lists them all"));
    };
    let mut evidence: Vec<Position> = args.evidence.iter().copied().map(Position).collect();
    if evidence.is_empty() {
        evidence.push(first);
    }
    Ok(FindingIssued {
        id: about.id.clone(),
        rule: rule.to_owned(),
        subject: subject.to_owned(),
        evidence,
        text: args.text.clone(),
        by: about.by.clone(),
        on,
    })
}

fn told(answer: &Answer<'_>, context: Context) -> String {
    let (id, on) = (answer.id, answer.on);
    match (context.lang, answer.standing) {
        (Lang::Zh, FindingStanding::Open) => format!("{id}：未处理\n"),
        (Lang::Zh, FindingStanding::Issued) => format!("{id}：{on} 已发出\n"),
        (Lang::Zh, FindingStanding::Explained) => format!("{id}：{on} 已说明\n"),
        (Lang::Zh, FindingStanding::Upheld) => format!("{id}：{on} 维持\n"),
        (Lang::Zh, FindingStanding::Cancelled) => format!("{id}：{on} 撤销\n"),
        (Lang::En, standing) => format!("{id}: {standing} on {on}\n"),
    }
}
