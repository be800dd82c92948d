//! `guichet stats publish` and `guichet stats bulletins`: figures that are published, and what became of them since.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use guichet::Guichet;
use guichet::core::actor::{Actor, Role};
use guichet::core::id::{CaseId, DepartmentId, PersonId, Position};
use guichet::core::reference::{Bulletin, BulletinFigure, Catalogue, Directory};
use guichet::core::time::Date;
use guichet_stats::figure::Told;
use guichet_stats::{AsOf, Ask, Dimension, Figure, Period, Scope, Statistics};
use guichet_terminal::words::department_or_centre;
use serde::Serialize;

use crate::context::{Context, Exit, Failure, Lang};
use crate::data::{self, ClockArg, DataArg};
use crate::table::{self, number, or_dash};
use crate::told::Told as _;

/// What `guichet stats publish` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct PublishArgs {
    #[command(flatten)]
    data: DataArg,
    /// The period: 2010, 2010-q3, 2010-03, 2010-03-15, 2010-03-01..2010-03-15
    #[arg(long = "in", value_name = "PERIOD")]
    period: Period,
    /// Who publishes, as the centre's director
    #[arg(long, value_name = "PERSON")]
    by: PersonId,
    /// By what the figures are named from now on [default: the period]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The bulletin that these figures restate
    #[arg(long, value_name = "NAME", requires = "reason")]
    restates: Option<String>,
    /// Why they do
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    clock: ClockArg,
}

/// What `guichet stats bulletins` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct BulletinsArgs {
    #[command(flatten)]
    data: DataArg,
    /// Which bulletin is counted again, as of its position and as of now
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// A bulletin as programs read it, without its figures.
#[derive(Debug, Serialize)]
struct Head<'a> {
    name: &'a str,
    first_day: Date,
    last_day: Date,
    position: Position,
    restates: Option<&'a str>,
    reason: Option<&'a str>,
    figures: usize,
}

impl<'a> Head<'a> {
    fn of(bulletin: &'a Bulletin) -> Self {
        Self {
            name: &bulletin.name,
            first_day: bulletin.first_day,
            last_day: bulletin.last_day,
            position: bulletin.position,
            restates: bulletin.restates.as_deref(),
            reason: bulletin.reason.as_deref(),
            figures: bulletin.figures.len(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Heads<'a> {
    version: u16,
    bulletins: Vec<Head<'a>>,
}

/// A figure as it was published, as it is counted again from the log of then, and as it is now.
#[derive(Debug, Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    published: &'a BulletinFigure,
    /// As the log up to the position of the bulletin gives it; it must be the published one.
    recounted: Option<String>,
    /// As it is now.
    now: Option<String>,
    /// The cases that make the difference between then and now.
    changed: BTreeSet<CaseId>,
    agrees: bool,
}

#[derive(Debug, Serialize)]
struct Comparison<'a> {
    version: u16,
    #[serde(flatten)]
    bulletin: Head<'a>,
    now: Position,
    /// How many figures differ from what the log of then gives.
    disagreeing: usize,
    /// How many would be others today.
    changed: usize,
    compared: Vec<Compared<'a>>,
}

/// Of whom a published figure is: a department, or the whole centre.
type Of = (Option<DepartmentId>, Figure);

/// Every figure of a period, of the whole centre and of each department.
fn counted(statistics: &Statistics, period: Period) -> BTreeMap<Of, Told> {
    let mut counted = BTreeMap::new();
    for by in [vec![], vec![Dimension::Department]] {
        let view = statistics.figures(&Ask {
            figures: Figure::ALL.to_vec(),
            by,
            periods: vec![period],
            scope: Scope::all(),
        });
        for row in view.rows {
            let department = row.group.get(Dimension::Department.as_str()).cloned().flatten();
            let department = department.and_then(|department| DepartmentId::new(&department).ok());
            let figures = row.figures.into_iter();
            counted.extend(figures.map(|told| ((department.clone(), told.figure), told)));
        }
    }
    counted
}

/// Publishes the figures of a period as they are counted now.
///
/// # Errors
///
/// [`Failure`] when the data does not open, or the period was published and is not restated by name.
pub(super) async fn publish(args: &PublishArgs, context: Context) -> Result<Exit, Failure> {
    let engine = data::open_with(&args.data.data, args.clock.config(), &context).await?;
    let done = publish_with(&engine, args).await;
    engine.close().await.told()?;
    let bulletin = done?;
    let head = Head::of(&bulletin);
    context.answer(&head, || {
        let name = &bulletin.name;
        let (count, position) = (head.figures, head.position);
        match context.lang {
            Lang::Zh => format!("已公布 {name}：{count} 项指标，截至日志位置 {position}\n"),
            Lang::En => format!("published {name}: {count} figures, as of log position {position}\n"),
        }
    })?;
    Ok(Exit::Ok)
}

async fn publish_with(engine: &Guichet, args: &PublishArgs) -> Result<Bulletin, Failure> {
    let statistics = engine.statistics(AsOf::Now, super::cores()).await.told()?;
    let counted = counted(&statistics, args.period).into_iter();
    let worth_saying = counted.filter(|((department, _), told)| department.is_none() || !is_nothing(told));
    let figures = worth_saying.map(|((department, _), told)| published(told, department));
    let bulletin = Bulletin {
        name: args.name.clone().unwrap_or_else(|| args.period.to_string()),
        first_day: args.period.first(),
        last_day: args.period.last(),
        position: statistics.position(),
        restates: args.restates.clone(),
        reason: args.reason.clone(),
        figures: figures.collect(),
    };
    let catalogue = Catalogue {
        bulletins: vec![bulletin.clone()],
        ..Catalogue::default()
    };
    let director = Actor::new(args.by.clone(), Role::Director);
    let recorded = engine.publish_catalogue(&catalogue, &director).await;
    recorded.map_err(|error| {
        Failure::config(
            "not_published",
            "the figures were not published; nothing was recorded",
        )
        .zh("统计没有公布，未作任何记录", None)
        .because_of(&error)
    })?;
    Ok(bulletin)
}

/// Whether a figure counts nothing and has no base. A bulletin says so of the whole centre, and leaves it out of the lists of
/// departments, most of which have no case of most kinds: what it does not name there was nothing.
fn is_nothing(told: &Told) -> bool {
    let none = |number: Option<i64>| number.is_none_or(|number| number == 0);
    let shown = told.value.as_deref().is_none_or(|value| value == "0");
    none(told.numerator) && none(told.denominator) && shown
}

fn published(told: Told, department: Option<DepartmentId>) -> BulletinFigure {
    BulletinFigure {
        figure: told.figure.to_string(),
        department,
        numerator: told.numerator,
        denominator: told.denominator,
        value: told.value,
    }
}

/// Lists what was published, or counts one bulletin again.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read, or no bulletin has that name.
pub(super) async fn bulletins(args: &BulletinsArgs, context: Context) -> Result<Exit, Failure> {
    let engine = data::open(&args.data.data, &context).await?;
    let directory = engine.directory();
    let Some(name) = &args.name else {
        engine.close().await.told()?;
        let bulletins = directory.bulletins.iter().map(Head::of).collect();
        let heads = Heads {
            version: 1,
            bulletins,
        };
        context.answer(&heads, || listed(&heads, context))?;
        return Ok(Exit::Ok);
    };
    let Some(bulletin) = directory.bulletins.iter().find(|bulletin| bulletin.name == *name) else {
        engine.close().await.told()?;
        return Err(
            Failure::usage("unknown_bulletin", format!("no bulletin `{name}` was published"))
                .zh(
                    format!("没有公布过 `{name}`"),
                    Some("`guichet stats bulletins` 列出全部"),
                )
                .help("`guichet stats bulletins` lists all"),
        );
    };
    let then = engine
        .statistics(AsOf::Position(bulletin.position), super::cores())
        .await;
    let now = super::counted(&engine, AsOf::Now, context).await;
    engine.close().await.told()?;
    let recount = Recount::of(bulletin, then.told()?, now?);
    let left_out = recount.left_out(bulletin);
    let comparison = compared(bulletin, &left_out, &recount);
    context.answer(&comparison, || text(&comparison, &directory, context))?;
    Ok(Exit::with_findings(comparison.disagreeing > 0))
}

/// What a bulletin named, counted again twice: as the log was then, and as it is now.
struct Recount {
    /// None where the bulletin's days are none.
    period: Option<Period>,
    then: Statistics,
    now: Statistics,
    figures_then: BTreeMap<Of, Told>,
    figures_now: BTreeMap<Of, Told>,
}

impl Recount {
    fn of(bulletin: &Bulletin, then: Statistics, now: Statistics) -> Self {
        let period = Period::of_bulletin(bulletin);
        let figures = |statistics| period.map_or_else(BTreeMap::new, |period| counted(statistics, period));
        Self {
            period,
            figures_then: figures(&then),
            figures_now: figures(&now),
            then,
            now,
        }
    }

    /// What a bulletin left out since it was nothing, and what is something by one of the two counts: as it was published,
    /// which is as nothing.
    fn left_out(&self, bulletin: &Bulletin) -> Vec<BulletinFigure> {
        let named: BTreeSet<_> = bulletin
            .figures
            .iter()
            .map(|published| (published.department.clone(), published.figure.clone()))
            .collect();
        let both = self.figures_then.iter().chain(&self.figures_now);
        let something = both.filter(|(_, told)| !is_nothing(told)).map(|(of, _)| of);
        let missing: BTreeSet<&Of> = something
            .filter(|(department, figure)| {
                department.is_some() && !named.contains(&(department.clone(), figure.to_string()))
            })
            .collect();
        missing
            .into_iter()
            .map(
                |of| match self.figures_then.get(of).filter(|told| is_nothing(told)) {
                    Some(told) => published(told.clone(), of.0.clone()),
                    None => BulletinFigure {
                        figure: of.1.to_string(),
                        department: of.0.clone(),
                        numerator: None,
                        denominator: None,
                        value: None,
                    },
                },
            )
            .collect()
    }
}

fn compared<'a>(bulletin: &'a Bulletin, left_out: &'a [BulletinFigure], recount: &Recount) -> Comparison<'a> {
    let Some(period) = recount.period else {
        return Comparison::of(bulletin, &recount.now, Vec::new());
    };
    let figures = bulletin.figures.iter().chain(left_out).filter_map(|published| {
        let figure = published.figure.parse::<Figure>().ok()?;
        let of = (published.department.clone(), figure);
        let (recounted, today) = (recount.figures_then.get(&of), recount.figures_now.get(&of));
        let is = |told: Option<&Told>| told.map_or((None, None), |told| (told.numerator, told.denominator));
        let changed = if is(recounted) == is(today) {
            BTreeSet::new()
        } else {
            differing(&recount.then, &recount.now, figure, published, period)
        };
        let was = (published.numerator, published.denominator);
        let value = |told: Option<&Told>| told.and_then(|told| told.value.clone());
        let agrees = is(recounted) == was && value(recounted) == published.value;
        Some(Compared {
            published,
            recounted: value(recounted),
            now: value(today),
            changed,
            agrees,
        })
    });
    let all = figures.collect();
    Comparison::of(bulletin, &recount.now, all)
}

impl<'a> Comparison<'a> {
    fn of(bulletin: &'a Bulletin, now: &Statistics, mut all: Vec<Compared<'a>>) -> Self {
        let disagreeing = all.iter().filter(|compared| !compared.agrees).count();
        let others = all.iter().filter(|compared| compared.recounted != compared.now);
        let changed = others.count();
        all.retain(|compared| {
            !compared.agrees || compared.recounted != compared.now || !compared.changed.is_empty()
        });
        Self {
            version: 1,
            bulletin: Head::of(bulletin),
            now: now.position(),
            disagreeing,
            changed,
            compared: all,
        }
    }
}

/// The cases whose part in a figure, or in its whole, is another now.
fn differing(
    then: &Statistics,
    now: &Statistics,
    figure: Figure,
    published: &BulletinFigure,
    period: Period,
) -> BTreeSet<CaseId> {
    let (by, group) = match &published.department {
        Some(department) => (vec![Dimension::Department], vec![Some(department.to_string())]),
        None => (vec![], vec![]),
    };
    let behind = |statistics: &Statistics| statistics.behind(figure, &by, &group, &Scope::all(), period);
    let (then, now) = (behind(then), behind(now));
    let cases = [
        &then.numerator,
        &then.denominator,
        &now.numerator,
        &now.denominator,
    ];
    let cases = cases.into_iter().flat_map(|amounts| amounts.keys());
    cases
        .filter(|case| {
            then.numerator.get(*case) != now.numerator.get(*case)
                || then.denominator.get(*case) != now.denominator.get(*case)
        })
        .cloned()
        .collect()
}

fn listed(heads: &Heads<'_>, context: Context) -> String {
    if heads.bulletins.is_empty() {
        return format!("{}\n", context.say("没有公布过统计", "nothing was published"));
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("名称", "name"),
        say("起", "from"),
        say("止", "to"),
        say("日志位置", "log position"),
        say("更正", "restates"),
        say("原因", "reason"),
    ]);
    for head in &heads.bulletins {
        table.add_row(vec![
            head.name.into(),
            head.first_day.to_string().into(),
            head.last_day.to_string().into(),
            number(head.position),
            or_dash(head.restates).into(),
            or_dash(head.reason).into(),
        ]);
    }
    table::print(&table)
}

fn text(comparison: &Comparison<'_>, directory: &Directory, context: Context) -> String {
    let head = &comparison.bulletin;
    let (name, position, now) = (head.name, head.position, comparison.now);
    let (count, disagreeing, changed) = (head.figures, comparison.disagreeing, comparison.changed);
    let mut text = match context.lang {
        Lang::Zh => format!(
            "{name}：{count} 项指标，截至日志位置 {position}\n按当时的日志重算：{disagreeing} 项不符\n按现在的日志（位置 {now}）：{changed} 项会不同\n"
        ),
        Lang::En => format!(
            "{name}: {count} figures, as of log position {position}\ncounted again from the log of then: {disagreeing} disagree\ncounted from the log of now (position {now}): {changed} would be others\n"
        ),
    };
    if comparison.compared.is_empty() {
        return text;
    }
    let say = |zh, en| context.say(zh, en);
    let mut table = table::table([
        say("部门", "department"),
        say("指标", "figure"),
        say("公布", "published"),
        say("重算", "then"),
        say("现在", "now"),
        say("变动的办件", "cases that changed"),
    ]);
    for compared in &comparison.compared {
        let published = compared.published;
        let name = department_or_centre(directory, published.department.as_ref(), context);
        let figure = published.figure.parse::<Figure>();
        let cases: Vec<&str> = compared.changed.iter().map(CaseId::as_str).collect();
        table.add_row(vec![
            name.into(),
            figure
                .map_or_else(
                    |_| published.figure.clone(),
                    |figure| figure.name(context.lang).to_owned(),
                )
                .into(),
            number(or_dash(published.value.as_ref())),
            number(or_dash(compared.recounted.as_ref())),
            number(or_dash(compared.now.as_ref())),
            cases.join(" ").into(),
        ]);
    }
    table::wrap_only(&mut table, &[5]);
    text.push('\n');
    text.push_str(&table::print(&table));
    text
}
