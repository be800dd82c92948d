//! `guichet case moved`: due dates that came out otherwise than they were told, as after an amended calendar.

use clap::Args;
use guichet::core::calendar::{Calendar, CalendarError};
use guichet::core::case::event::ClockKind;
use guichet::core::case::state::Case;
use guichet::core::case::{CaseState, ClockHistory, ToldDue};
use guichet::core::clock::Clock;
use guichet::core::id::{
    BlockId, CalendarId, CaseId, DepartmentId, DocumentId, ProcedureId, Revision, Version,
};
use guichet::core::procedure::Procedure;
use guichet::core::reference::Directory;
use guichet::core::time::Date;
use guichet_audit::explain;
use serde::Serialize;

use super::as_of::AsOf;
use super::{department_name, event_name};
use crate::context::{Context, Exit, Failure};
use crate::data::{self, DataArg};
use crate::explain::words;
use crate::table;
use crate::told::Told as _;

/// What `guichet case moved` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct MovedArgs {
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    as_of: AsOf,
}

/// The due dates that moved, as `schemas/moved.v1.schema.json` describes them.
#[derive(Serialize)]
struct Moved {
    version: u16,
    as_of: Date,
    clocks: Vec<Row>,
}

/// One clock whose date is no longer the one that was told.
#[derive(Serialize)]
struct Row {
    case: CaseId,
    procedure: ProcedureId,
    procedure_version: Version,
    department: DepartmentId,
    clock: ClockKind,
    of: Option<BlockId>,
    told: Told,
    due_on: Date,
    provisional: bool,
    calendar: CalendarId,
    calendar_version: Version,
    /// The newest older version of the calendar by which the date comes out as it was told.
    told_by_version: Option<Version>,
    days: i32,
    working_days: i64,
}

/// The date as it was told last.
#[derive(Serialize)]
struct Told {
    due_on: Date,
    on: Date,
    event: &'static str,
    revision: Revision,
    announced: bool,
    notice: Option<DocumentId>,
}

impl From<&ToldDue> for Told {
    fn from(told: &ToldDue) -> Self {
        Self {
            due_on: told.due_on,
            on: told.with.on,
            event: told.with.kind,
            revision: told.with.revision,
            announced: told.announced,
            notice: told.notice.clone(),
        }
    }
}

pub(super) async fn run(args: &MovedArgs, context: Context) -> Result<Exit, Failure> {
    let engine = data::open_with(&args.data.data, args.as_of.config(), &context).await?;
    let found = find(args, &engine).await;
    let (directory, as_of) = (engine.directory(), args.as_of.day(&engine));
    engine.close().await.told()?;
    let moved = Moved {
        version: 1,
        as_of,
        clocks: found?,
    };
    context.answer(&moved, || text(&moved, &directory, context))?;
    Ok(Exit::with_findings(!moved.clocks.is_empty()))
}

async fn find(args: &MovedArgs, engine: &guichet::Guichet) -> Result<Vec<Row>, Failure> {
    let (directory, as_of) = (engine.directory(), args.as_of.day(engine));
    let mut rows = Vec::new();
    for (id, state) in args.as_of.cases(engine).await?.states {
        // Most cases are finished, and nothing is due in them: only the others are read again with their history.
        let CaseState::Known(case) = state else { continue };
        let Some(procedure) = directory.procedure(&case.procedure, case.version) else {
            continue;
        };
        let Some(calendar) = directory.calendars.get(&procedure.calendar) else {
            continue;
        };
        if guichet::core::case::clocks::running(procedure, &case).is_empty() {
            continue;
        }
        let Some(view) = engine.case(&id).await.told()? else {
            continue;
        };
        let Some(view) = args.as_of.view(view, &directory) else {
            continue;
        };
        let (histories, _) = explain::histories(&directory, &view);
        let open = Open {
            id: &id,
            case: &case,
            procedure,
            calendar,
            directory: &directory,
            as_of,
        };
        rows.extend(histories.clocks.iter().filter_map(|history| open.row(history)));
    }
    Ok(rows)
}

/// A case whose clocks run.
struct Open<'a> {
    id: &'a CaseId,
    case: &'a Case,
    procedure: &'a Procedure,
    calendar: &'a Calendar,
    directory: &'a Directory,
    as_of: Date,
}

impl Open<'_> {
    fn row(&self, history: &ClockHistory) -> Option<Row> {
        let told = history.told.last().filter(|_| history.stopped.is_none())?;
        let clock = self.clock(history, self.calendar);
        // The date of a clock that stands still is told when it goes on.
        if clock.is_paused(self.as_of) {
            return None;
        }
        let due_on = clock
            .due_on(self.as_of)
            .ok()
            .filter(|due_on| *due_on != told.due_on)?;
        let older = self.directory.superseded_calendars.iter().rev();
        let told_by_version = older
            .filter(|((id, _), _)| id == self.calendar.id())
            .find(|(_, older)| {
                self.clock(history, older)
                    .due_on(self.as_of)
                    .is_ok_and(|then| then == told.due_on)
            })
            .map(|((_, version), _)| *version);
        Some(Row {
            case: self.id.clone(),
            procedure: self.procedure.id.clone(),
            procedure_version: self.procedure.version,
            department: self.case.department.clone(),
            clock: history.clock.id.kind,
            of: history.clock.id.of.clone(),
            told: Told::from(told),
            due_on,
            provisional: self.calendar.is_provisional(due_on),
            calendar: self.calendar.id().clone(),
            calendar_version: self.calendar.version(),
            told_by_version,
            days: due_on.days().saturating_sub(told.due_on.days()),
            working_days: working_days(told.due_on, due_on, self.calendar).ok()?,
        })
    }

    /// A clock by the working days of a calendar.
    fn clock<'c>(&'c self, history: &ClockHistory, calendar: &'c Calendar) -> Clock<'c> {
        history.clock.clock(self.case, &self.procedure.policy, calendar)
    }
}

/// How many working days later one day is than another; fewer than none where it is earlier.
fn working_days(from: Date, to: Date, calendar: &Calendar) -> Result<i64, CalendarError> {
    let later = calendar.working_days_between(from.min(to), from.max(to))?;
    Ok(if to < from {
        -i64::from(later)
    } else {
        i64::from(later)
    })
}

fn text(moved: &Moved, directory: &Directory, context: Context) -> String {
    let say = |zh, en| context.say(zh, en);
    if moved.clocks.is_empty() {
        let none = say(
            "在办件的期限均与最后告知的一致",
            "every due date of an open case is the one told last",
        );
        return format!("{none}\n");
    }
    let mut rows = table::table([
        say("办件", "case"),
        say("部门", "department"),
        say("时限", "clock"),
        say("最后告知", "told"),
        say("告知记录", "with"),
        say("现算得", "counted now"),
        say("相差（日）", "days"),
        say("工作日", "working days"),
        say("原因", "because"),
    ]);
    for row in &moved.clocks {
        let mut clock = words::clock(row.clock, context.lang).to_owned();
        if let Some(of) = &row.of {
            clock.push(' ');
            clock.push_str(of.as_str());
        }
        let event = event_name(row.told.event, context.lang);
        let with = format!("{} {event} #{}", row.told.on, row.told.revision);
        rows.add_row(vec![
            row.case.to_string().into(),
            department_name(directory, &row.department, context).into(),
            clock.into(),
            row.told.due_on.to_string().into(),
            with.into(),
            row.due_on.to_string().into(),
            table::number(format!("{:+}", row.days)),
            table::number(format!("{:+}", row.working_days)),
            because(row, context).into(),
        ]);
    }
    table::wrap_only(&mut rows, &[1, 2, 4, 8]);
    table::print(&rows)
}

fn because(row: &Row, context: Context) -> String {
    let (calendar, new) = (&row.calendar, row.calendar_version);
    match (row.told_by_version, context.lang) {
        (Some(old), crate::context::Lang::Zh) => format!("日历 {calendar} 由第{old}版改为第{new}版"),
        (Some(old), crate::context::Lang::En) => format!("calendar {calendar}: version {new}, {old} then"),
        (None, _) => context
            .say(
                "非日历变更，见 case explain",
                "not the calendar: see case explain",
            )
            .to_owned(),
    }
}
