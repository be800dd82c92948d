//! `guichet catalogue`: catalogues checked, drawn, printed and published.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use guichet::Guichet;
use guichet::catalogue::embedded::SHIPPED;
use guichet::catalogue::finding::{self, Severity};
use guichet::catalogue::{self, Finding, Loaded, diagram, guide};
use guichet::core::actor::{Actor, Role};
use guichet::core::id::{DepartmentId, PersonId, Position, ProcedureId, Version};
use guichet::core::procedure::{Names, Procedure};
use guichet::core::reference::{ReferenceEvent, publish};
use guichet::core::time::Term;
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, ClockArg, DataArg};
use crate::output::{self, deliver};
use crate::table::{self, number};
use crate::told::Told as _;

/// What `guichet catalogue` takes.
#[derive(Clone, Debug, Args)]
pub struct CatalogueArgs {
    #[command(subcommand)]
    command: CatalogueCommand,
}

#[derive(Clone, Debug, Subcommand)]
enum CatalogueCommand {
    /// List the catalogues that ship, or the procedures of one
    List(ListArgs),
    /// Look for mistakes, each told with its line; the exit code is 1 where there is one
    Check(CheckArgs),
    /// Draw the flow of a procedure
    Diagram(DiagramArgs),
    /// Write the public service guide of a procedure, or of all of them
    Guide(GuideArgs),
    /// Publish a catalogue: what is new or has changed becomes events
    Publish(PublishArgs),
}

#[derive(Clone, Debug, Args)]
struct ListArgs {
    /// A catalogue: the name of one that ships, or a folder
    #[arg(value_name = "CATALOGUE")]
    catalogue: Option<String>,
}

#[derive(Clone, Debug, Args)]
struct CheckArgs {
    /// The name of one that ships, or a folder
    #[arg(value_name = "CATALOGUE")]
    catalogue: String,
}

#[derive(Clone, Debug, Args)]
struct DiagramArgs {
    /// The name of one that ships, or a folder
    #[arg(value_name = "CATALOGUE")]
    catalogue: String,
    /// The procedure, in its newest version or as ID@VERSION
    #[arg(value_name = "PROCEDURE")]
    procedure: String,
    /// In which form: a picture, or text that many tools draw
    #[arg(long, value_enum, default_value_t = DiagramFormat::Svg)]
    format: DiagramFormat,
    /// Into which file; to standard output when absent
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiagramFormat {
    Svg,
    Mermaid,
}

#[derive(Clone, Debug, Args)]
struct GuideArgs {
    /// The name of one that ships, or a folder
    #[arg(value_name = "CATALOGUE")]
    catalogue: String,
    /// The procedure, in its newest version or as ID@VERSION; all of them when absent
    #[arg(value_name = "PROCEDURE", required_unless_present = "output")]
    procedure: Option<String>,
    /// In which form: a page that prints well, or text
    #[arg(long, value_enum, default_value_t = GuideFormat::Html)]
    format: GuideFormat,
    /// Into which file, or for all procedures into which folder; one procedure goes to standard output when absent
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum GuideFormat {
    Html,
    Markdown,
}

#[derive(Clone, Debug, Args)]
struct PublishArgs {
    #[command(flatten)]
    data: DataArg,
    /// The name of one that ships, or a folder
    #[arg(value_name = "CATALOGUE")]
    catalogue: String,
    /// Who publishes, as the centre's director
    #[arg(long, value_name = "PERSON")]
    by: PersonId,
    /// Only say what would be published
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    clock: ClockArg,
}

/// Lists, checks, draws, prints or publishes.
///
/// # Errors
///
/// [`Failure`] when the catalogue cannot be read, has mistakes that forbid publishing it, or cannot be written.
pub async fn run(args: &CatalogueArgs, context: Context) -> Result<Exit, Failure> {
    match &args.command {
        CatalogueCommand::List(args) => list(args, context),
        CatalogueCommand::Check(args) => check(args, context),
        CatalogueCommand::Diagram(args) => draw(args, context),
        CatalogueCommand::Guide(args) => print(args, context),
        CatalogueCommand::Publish(args) => publish_into(args, context).await,
    }
}

/// The catalogue that is meant: one that ships, by name, or else a folder.
///
/// # Errors
///
/// [`Failure`] when there is neither, or the documents cannot be read.
pub fn resolve(name: &str) -> Result<Loaded, Failure> {
    let shipped = SHIPPED.iter().any(|shipped| shipped.name == name);
    let folder = Path::new(name);
    if shipped || (!folder.exists() && folder.components().count() == 1) {
        return catalogue::embedded(name).map_err(|error| {
            Failure::from(error)
                .help("name a folder, or one of those that ship: `guichet catalogue list` shows them")
        });
    }
    Ok(catalogue::load(folder)?)
}

#[derive(Serialize)]
struct Catalogues {
    version: u16,
    catalogues: Vec<Shipped>,
}

#[derive(Serialize)]
struct Shipped {
    name: &'static str,
    about: &'static str,
}

#[derive(Serialize)]
struct Offered<'a> {
    version: u16,
    catalogue: &'a str,
    procedures: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    procedure: &'a ProcedureId,
    version: Version,
    name: &'a Names,
    department: &'a DepartmentId,
    kind: &'static str,
    promised: Option<Term>,
    statutory: Option<Term>,
}

fn list(args: &ListArgs, context: Context) -> Result<Exit, Failure> {
    let Some(name) = &args.catalogue else {
        let catalogues = SHIPPED
            .iter()
            .map(|shipped| Shipped {
                name: shipped.name,
                about: shipped.about,
            })
            .collect();
        let catalogues = Catalogues {
            version: 1,
            catalogues,
        };
        context.answer(&catalogues, || {
            let mut table = table::table([
                context.say("目录", "catalogue"),
                context.say("内容", "what it is"),
            ]);
            for shipped in &catalogues.catalogues {
                table.add_row([shipped.name, shipped.about]);
            }
            table::print(&table)
        })?;
        return Ok(Exit::Ok);
    };
    let loaded = resolve(name)?;
    let offered = Offered {
        version: 1,
        catalogue: &loaded.name,
        procedures: loaded.catalogue.procedures.iter().map(Item::of).collect(),
    };
    context.answer(&offered, || {
        let say = |zh, en| context.say(zh, en);
        let mut table = table::table([
            say("事项", "procedure"),
            say("版", "v"),
            say("名称", "name"),
            say("部门", "department"),
            say("承诺", "promised"),
            say("法定", "by law"),
        ]);
        for item in &offered.procedures {
            table.add_row(vec![
                item.procedure.to_string().into(),
                number(item.version),
                context.name(item.name).into(),
                department(&loaded, item.department, context).into(),
                number(table::or_dash(item.promised.map(|term| words(term, context)))),
                number(table::or_dash(item.statutory.map(|term| words(term, context)))),
            ]);
        }
        table::wrap_only(&mut table, &[2, 3]);
        let legend = say("", "\n wd working days, cd calendar days, w weeks, mo months\n");
        table::print(&table) + legend
    })?;
    Ok(Exit::Ok)
}

fn check(args: &CheckArgs, context: Context) -> Result<Exit, Failure> {
    let loaded = resolve(&args.catalogue)?;
    let findings = catalogue::check(&loaded);
    context.answer(&finding::to_json(&loaded, &findings), || {
        finding::render(&findings)
    })?;
    Ok(Exit::with_findings(!findings.is_empty()))
}

fn draw(args: &DiagramArgs, context: Context) -> Result<Exit, Failure> {
    let loaded = resolve(&args.catalogue)?;
    let procedure = procedure(&loaded, &args.procedure)?;
    let drawn = match args.format {
        DiagramFormat::Svg => diagram::svg(procedure, &loaded.catalogue, context.lang),
        DiagramFormat::Mermaid => diagram::mermaid(procedure, &loaded.catalogue, context.lang),
    };
    deliver(&drawn, args.output.as_deref(), context)
}

fn print(args: &GuideArgs, context: Context) -> Result<Exit, Failure> {
    let loaded = resolve(&args.catalogue)?;
    let page = |procedure: &Procedure| match args.format {
        GuideFormat::Html => guide::html(procedure, &loaded, context.lang),
        GuideFormat::Markdown => guide::markdown(procedure, &loaded, context.lang),
    };
    match (&args.procedure, &args.output) {
        (Some(name), output) => deliver(&page(procedure(&loaded, name)?), output.as_deref(), context),
        (None, Some(folder)) => {
            let failed = |error: &std::io::Error| Failure::file(folder, "cannot write into", error);
            std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            let suffix = match args.format {
                GuideFormat::Html => "html",
                GuideFormat::Markdown => "md",
            };
            let newest = newest(&loaded);
            for procedure in &newest {
                let path = folder.join(format!("{}.{suffix}", procedure.id));
                output::save(&path, page(procedure).as_bytes())?;
            }
            let count = newest.len();
            context.remark(&match context.lang {
                Lang::Zh => format!("已将 {count} 份办事指南写入 {}", folder.display()),
                Lang::En => format!("{count} service guides written to {}", folder.display()),
            });
            Ok(Exit::Ok)
        }
        (None, None) => Err(Failure::usage(
            "no_procedure",
            "name a procedure, or a folder with --output for all of them",
        )),
    }
}

impl<'a> Item<'a> {
    fn of(procedure: &'a Procedure) -> Self {
        Self {
            procedure: &procedure.id,
            version: procedure.version,
            name: &procedure.name,
            department: &procedure.department,
            kind: procedure.kind.as_str(),
            promised: procedure.terms.promised.as_ref().map(|limit| limit.term),
            statutory: procedure.terms.statutory.as_ref().map(|limit| limit.term),
        }
    }
}

/// The name of a department; its id where the catalogue has none.
fn department<'a>(loaded: &'a Loaded, id: &'a DepartmentId, context: Context) -> &'a str {
    let known = loaded
        .catalogue
        .departments
        .iter()
        .find(|department| department.id == *id);
    known.map_or(id.as_str(), |department| context.name(&department.name))
}

/// A term as short as a column wants it.
fn words(term: Term, context: Context) -> String {
    let unit = match term {
        Term::WorkingDays(_) => context.say("个工作日", " wd"),
        Term::CalendarDays(_) => context.say("日", " cd"),
        Term::Weeks(_) => context.say("周", " w"),
        Term::Months(_) => context.say("个月", " mo"),
        Term::WorkingHours(_) => context.say("个工作小时", " wh"),
    };
    format!("{}{unit}", term.count())
}

/// The newest version of each procedure.
fn newest(loaded: &Loaded) -> Vec<&Procedure> {
    let mut newest: std::collections::BTreeMap<&ProcedureId, &Procedure> = std::collections::BTreeMap::new();
    for procedure in &loaded.catalogue.procedures {
        let kept = newest.entry(&procedure.id).or_insert(procedure);
        if procedure.version > kept.version {
            *kept = procedure;
        }
    }
    newest.into_values().collect()
}

/// The procedure that is meant: by id in its newest version, or as `id@version`.
fn procedure<'a>(loaded: &'a Loaded, name: &str) -> Result<&'a Procedure, Failure> {
    let (id, version) = match name
        .rsplit_once('@')
        .and_then(|(id, version)| Some((id, version.parse::<u64>().ok()?)))
    {
        Some((id, version)) => (id, Some(Version(version))),
        None => (name, None),
    };
    let versions = loaded
        .catalogue
        .procedures
        .iter()
        .filter(|procedure| procedure.id == *id);
    let wanted = match version {
        Some(version) => versions
            .filter(|procedure| procedure.version == version)
            .max_by_key(|known| known.version),
        None => versions.max_by_key(|procedure| procedure.version),
    };
    wanted.ok_or_else(|| {
        let message = format!("the catalogue {} has no procedure `{name}`", loaded.name);
        Failure::usage("no_such_procedure", message).help(format!(
            "`guichet catalogue list {}` shows which there are",
            loaded.name
        ))
    })
}

/// What publishing led to, or would lead to.
#[derive(Serialize)]
struct Published<'a> {
    version: u16,
    catalogue: &'a str,
    dry_run: bool,
    /// How many things are new or have changed, by the kind of event.
    events: std::collections::BTreeMap<&'static str, u64>,
    position: Option<Position>,
}

async fn publish_into(args: &PublishArgs, context: Context) -> Result<Exit, Failure> {
    let loaded = resolve(&args.catalogue)?;
    let findings = catalogue::check(&loaded);
    let errors: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .collect();
    if let Some(first) = errors.first() {
        let message = format!(
            "the catalogue {} has mistakes, and was not published",
            loaded.name
        );
        return Err(Failure::config("catalogue_findings", message)
            .because(format!(
                "{} findings, the first: {}: {}",
                errors.len(),
                first.place,
                first.message
            ))
            .help(format!(
                "`guichet catalogue check {}` shows each with its line",
                args.catalogue
            )));
    }
    let director = Actor::new(args.by.clone(), Role::Director);
    let engine = data::open_or_begin(&args.data.data, args.clock.config(), &context).await?;
    let done = publish_with(&engine, &loaded, &director, args.dry_run).await;
    engine.close().await.told()?;
    let published = done?;
    context.answer(&published, || text(&published, context))?;
    Ok(Exit::Ok)
}

async fn publish_with<'a>(
    engine: &Guichet,
    loaded: &'a Loaded,
    director: &Actor,
    dry_run: bool,
) -> Result<Published<'a>, Failure> {
    let events = publish(&engine.directory(), &loaded.catalogue, director)
        .map_err(guichet::PublishError::from)
        .told()?;
    let mut by_kind = std::collections::BTreeMap::new();
    for kind in events.iter().map(ReferenceEvent::kind) {
        *by_kind.entry(kind).or_default() += 1;
    }
    let position = if dry_run {
        None
    } else {
        engine
            .publish_catalogue(&loaded.catalogue, director)
            .await
            .told()?
            .position
    };
    Ok(Published {
        version: 1,
        catalogue: &loaded.name,
        dry_run,
        events: by_kind,
        position,
    })
}

fn text(published: &Published<'_>, context: Context) -> String {
    let total: u64 = published.events.values().sum();
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = match (context.lang, total, published.dry_run) {
        (Lang::Zh, 0, _) => writeln!(text, "{}：没有变化", published.catalogue),
        (Lang::En, 0, _) => writeln!(text, "{}: nothing new or changed", published.catalogue),
        (Lang::Zh, _, true) => writeln!(text, "{}：新增或变更 {total} 项，待发布", published.catalogue),
        (Lang::En, _, true) => writeln!(
            text,
            "{}: {total} new or changed, to be published",
            published.catalogue
        ),
        (Lang::Zh, _, false) => writeln!(text, "{}：新增或变更 {total} 项，已发布", published.catalogue),
        (Lang::En, _, false) => writeln!(text, "{}: {total} new or changed, published", published.catalogue),
    };
    for (kind, count) in &published.events {
        let _ = writeln!(
            text,
            "  {count:>5}  {}",
            kind.strip_prefix("reference.").unwrap_or(kind).replace('_', " ")
        );
    }
    text
}
