//! Who held a case on each day, and how long it lay at each window.

use std::collections::{BTreeMap, BTreeSet};

use guichet_core::calendar::Calendar;
use guichet_core::case::state::{Case, Stage};
use guichet_core::case::{CaseEvent, CaseState, evolve};
use guichet_core::id::{CaseId, DepartmentId, PersonId, StepId, WindowId};
use guichet_core::reference::Directory;
use guichet_core::time::{Date, Timestamp};
use guichet_log::codec::Event;
use guichet_log::history::CaseView;
use guichet_terminal::context::{Context, Failure, Lang};
use guichet_terminal::table::{self, or_dash};
use guichet_terminal::words;
use serde::Serialize;

use crate::as_of::{Known, Named, said};
use crate::timeline::local;

/// Who held a case, as `schemas/case-held.v1.schema.json` describes it.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    version: u16,
    case: CaseId,
    as_of: Named,
    day: Date,
    /// One after another, without gaps, from the first record to the end of the case or the moment asked about.
    stays: Vec<Stay>,
    /// The sums, the longest first.
    windows: Vec<AtWindow>,
}

/// A time over which the same people held a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stay {
    from: Timestamp,
    /// The beginning of the next stay; none while the case is held still.
    until: Option<Timestamp>,
    from_on: Date,
    /// The last day; the day asked about while the case is held still.
    until_on: Date,
    #[serde(flatten)]
    holding: Holding,
}

/// Who holds a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Holding {
    stage: &'static str,
    /// The window that has the file.
    window: Option<WindowId>,
    /// Who took it in at that window, or signed for it there.
    received_by: Option<PersonId>,
    /// The window that it was sent to, and that has not signed for it yet.
    sent_to: Option<WindowId>,
    department: DepartmentId,
    /// Whether the applicant has to do something before anybody else can.
    awaits_applicant: bool,
    /// The steps that are open, and who has each.
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Step {
    #[serde(rename = "step")]
    id: StepId,
    department: DepartmentId,
    person: Option<PersonId>,
}

impl Holding {
    /// Nobody holds what has ended.
    fn of(case: &Case, received_by: Option<&PersonId>) -> Option<Self> {
        match case.stage {
            Stage::Intake { .. } | Stage::Correction { .. } | Stage::Review | Stage::Decided { .. } => {}
            Stage::Ended { .. } | Stage::Completed { .. } | Stage::Archived { .. } => return None,
        }
        let open = case
            .steps
            .iter()
            .filter(|(id, _)| case.progress.open.contains(*id));
        let steps = open.map(|(id, step)| Step {
            id: id.clone(),
            department: step.department.clone(),
            person: step.holder.clone(),
        });
        Some(Self {
            stage: case.stage.as_str(),
            window: case.window.clone(),
            received_by: received_by.filter(|_| case.window.is_some()).cloned(),
            sent_to: case.transfer.as_ref().map(|transfer| transfer.to.clone()),
            department: case.department.clone(),
            awaits_applicant: matches!(case.stage, Stage::Correction { .. }),
            steps: steps.collect(),
        })
    }
}

/// How long a case lay at a window. What was sent lies at the window that sent it until another one signs for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtWindow {
    /// The window; none where the file is at no window.
    window: Option<WindowId>,
    /// How often it came there.
    times: u32,
    /// How long it lay there by the clock. What lies there still is counted to the moment asked about.
    seconds: i64,
    /// On how many days, each counted once.
    days: usize,
    /// How many of them were working days; none where the calendar does not say.
    working_days: Option<usize>,
}

/// Who held a case, as far as it was known.
///
/// Events are read in the order in which they happened, so that what was entered late stands where it belongs.
#[must_use]
pub fn held(view: &CaseView, known: &Known) -> Held {
    let stays = stays(&hands(view), known);
    let calendar = view.state.case().and_then(|case| {
        let procedure = known.directory.procedure(&case.procedure, case.version)?;
        known.directory.calendars.get(&procedure.calendar)
    });
    let windows = sums(&stays, known, calendar.map(AsRef::as_ref));
    Held {
        version: 1,
        case: view.case.clone(),
        as_of: Named(known.as_of),
        day: known.day,
        stays,
        windows,
    }
}

/// Who held the case from when on. Several events of one instant are one change of hands.
fn hands(view: &CaseView) -> Vec<(Timestamp, Option<Holding>)> {
    let mut hands: Vec<(Timestamp, Option<Holding>)> = Vec::new();
    let mut state = CaseState::Absent;
    let mut received_by = None;
    for recorded in view.timeline() {
        if let Event::Case(event) = &recorded.event {
            if let CaseEvent::CaseSubmitted(_) | CaseEvent::TransferConfirmed(_) = event {
                received_by = Some(&recorded.actor.person);
            }
            state = evolve(state, event);
            hands.pop_if(|(at, _)| *at == recorded.occurred_at);
            hands.push((
                recorded.occurred_at,
                state.case().and_then(|case| Holding::of(case, received_by)),
            ));
        }
    }
    hands.dedup_by(|next, last| next.1 == last.1);
    hands
}

fn stays(hands: &[(Timestamp, Option<Holding>)], known: &Known) -> Vec<Stay> {
    let zone = known.directory.zone();
    let ends = hands.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
    let stays = hands.iter().zip(ends).filter_map(|((from, holding), until)| {
        let from_on = zone.date(*from);
        Some(Stay {
            from: *from,
            until,
            from_on,
            until_on: until.map_or(known.day.max(from_on), |at| zone.date(at)),
            holding: holding.clone()?,
        })
    });
    stays.collect()
}

/// What is summed for a window.
#[derive(Default)]
struct Sum {
    times: u32,
    micros: i64,
    days: BTreeSet<Date>,
}

fn sums(stays: &[Stay], known: &Known, calendar: Option<&Calendar>) -> Vec<AtWindow> {
    let mut sums: BTreeMap<Option<&WindowId>, Sum> = BTreeMap::new();
    let mut before: Option<(&Stay, Option<&WindowId>)> = None;
    for stay in stays {
        let window = stay.holding.window.as_ref();
        let sum = sums.entry(window).or_default();
        let goes_on = before.is_some_and(|(last, at)| at == window && last.until == Some(stay.from));
        sum.times += u32::from(!goes_on);
        let until = stay.until.unwrap_or(known.at);
        sum.micros = sum
            .micros
            .saturating_add((until.as_micros() - stay.from.as_micros()).max(0));
        let days = stay.from_on.days()..=stay.until_on.days();
        sum.days.extend(days.map(Date::from_days));
        before = Some((stay, window));
    }
    let mut windows: Vec<_> = sums
        .into_iter()
        .map(|(window, sum)| AtWindow {
            window: window.cloned(),
            times: sum.times,
            seconds: sum.micros / 1_000_000,
            days: sum.days.len(),
            working_days: calendar.and_then(|calendar| working(calendar, &sum.days)),
        })
        .collect();
    windows.sort_by(|a, b| b.seconds.cmp(&a.seconds).then_with(|| a.window.cmp(&b.window)));
    windows
}

fn working(calendar: &Calendar, days: &BTreeSet<Date>) -> Option<usize> {
    let mut working = 0;
    for day in days {
        working += usize::from(calendar.is_working_day(*day).ok()?);
    }
    Some(working)
}

/// Tells who held a case: as JSON, or as two tables.
///
/// # Errors
///
/// [`Failure`] when standard output cannot be written.
pub fn print(held: &Held, directory: &Directory, context: Context) -> Result<(), Failure> {
    context.answer(held, || text(held, directory, context))
}

fn text(held: &Held, directory: &Directory, context: Context) -> String {
    let say = |zh, en| context.say(zh, en);
    let zone = directory.zone();
    let mut text = format!("{}  {}\n\n", held.case, said(held.as_of.0, zone, context));
    let mut stays = table::table([
        say("自", "from"),
        say("至", "until"),
        say("窗口", "window"),
        say("接收人", "received by"),
        say("阶段", "stage"),
        say("部门", "department"),
        say("环节与经办", "steps and who has them"),
    ]);
    for stay in &held.stays {
        let holding = &stay.holding;
        let until = stay
            .until
            .map_or_else(|| say("至今", "still").to_owned(), |at| local(at, zone));
        stays.add_row(vec![
            local(stay.from, zone),
            until,
            window(holding, context),
            or_dash(holding.received_by.as_ref()),
            words::stage(holding.stage, context).to_owned(),
            words::department_name(directory, &holding.department, context),
            who(holding, directory, context),
        ]);
    }
    table::wrap_only(&mut stays, &[5, 6]);
    text.push_str(&table::print(&stays));
    text.push('\n');
    let mut windows = table::table([
        say("窗口", "window"),
        say("名称", "name"),
        say("次数", "times"),
        say("时长", "how long"),
        say("日数", "days"),
        say("工作日", "working days"),
    ]);
    for sum in &held.windows {
        let name = sum.window.as_ref().and_then(|id| directory.windows.get(id));
        windows.add_row(vec![
            or_dash(sum.window.as_ref()).into(),
            or_dash(name.map(|window| context.name(&window.name))).into(),
            table::number(sum.times),
            table::number(length(sum.seconds, context.lang)),
            table::number(sum.days),
            table::number(or_dash(sum.working_days)),
        ]);
    }
    table::wrap_only(&mut windows, &[1]);
    text.push_str(&table::print(&windows));
    text
}

fn window(holding: &Holding, context: Context) -> String {
    let window = or_dash(holding.window.as_ref());
    match (&holding.sent_to, context.lang) {
        (Some(to), Lang::Zh) => format!("{window}，转往 {to}"),
        (Some(to), Lang::En) => format!("{window}, sent to {to}"),
        (None, _) => window,
    }
}

fn who(holding: &Holding, directory: &Directory, context: Context) -> String {
    if holding.awaits_applicant {
        return context
            .say("申请人补正", "the applicant corrects the file")
            .to_owned();
    }
    let steps = holding.steps.iter().map(|step| {
        let mut said = step.id.to_string();
        if step.department != holding.department {
            said.push_str(context.say("（", " ("));
            said.push_str(&words::department_name(directory, &step.department, context));
            said.push_str(context.say("）", ")"));
        }
        match &step.person {
            Some(person) => format!("{said} {person}"),
            None => format!("{said} {}", context.say("未领办", "not claimed")),
        }
    });
    let steps: Vec<_> = steps.collect();
    if steps.is_empty() {
        "–".to_owned()
    } else {
        steps.join(context.say("；", "; "))
    }
}

/// A length of time in days, hours and minutes.
fn length(seconds: i64, lang: Lang) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (lang, days) {
        (Lang::Zh, 0) => format!("{hours}小时{minutes:02}分"),
        (Lang::Zh, _) => format!("{days}天{hours:02}小时{minutes:02}分"),
        (Lang::En, 0) => format!("{hours}h {minutes:02}m"),
        (Lang::En, _) => format!("{days}d {hours:02}h {minutes:02}m"),
    }
}
