//! What the process view and the list of cases are given alike: the data, and by what it is measured.

use std::collections::BTreeSet;
use std::sync::Arc;

use clap::Args;
use guichet::catalogue::calendars;
use guichet::core::calendar::Calendar;
use guichet::core::hours::{OpenInterval, TimeOfDay};
use guichet::core::id::{CalendarId, ProcedureId};
use guichet::core::reference::Directory;
use guichet::core::zone::Zone;
use guichet_stats::process::{Measures, Process};

use crate::context::{Context, Failure};
use crate::data::{self, DataArg};
use crate::told::Told as _;

/// The calendar that is always shown beside a log's own: Monday to Friday, without holidays.
const PLAIN: &str = "MON_FRI";

/// By what cases are measured, and which.
#[derive(Clone, Debug, Args)]
pub(super) struct MeasuredArgs {
    #[command(flatten)]
    data: DataArg,
    /// The calendar whose working days count, published in the log or shipped; can be given several times
    #[arg(
        long,
        value_name = "NAME",
        help = "The calendar whose working days count; can be given several times [default: MON_FRI and those of the \
            procedures]"
    )]
    calendar: Vec<String>,
    /// The hours of open time on working days, by the clock of the centre
    #[arg(long, value_name = "FROM-TO", default_value = "09:00-17:00", value_parser = hours)]
    hours: OpenInterval,
    /// Where the clock stands by which dates and months are counted
    #[arg(
        long,
        value_name = "ZONE",
        help = "Where the clock stands by which dates and months are counted [default: the centre's]"
    )]
    zone: Option<Zone>,
    /// Only cases of this procedure
    #[arg(long, value_name = "ID")]
    procedure: Option<ProcedureId>,
}

fn hours(text: &str) -> Result<OpenInterval, String> {
    let (from, until) = text
        .split_once(['-', '–'])
        .ok_or("write two times of day like 09:00-17:00")?;
    let time = |text: &str| {
        text.trim()
            .parse::<TimeOfDay>()
            .map_err(|error| error.to_string())
    };
    let (from, until) = (time(from)?, time(until)?);
    if until <= from {
        return Err("the second time of day is not after the first".to_owned());
    }
    Ok(OpenInterval::new(from, until))
}

/// A log gathered, with what it is measured by.
pub(super) struct Measured {
    pub(super) process: Process,
    calendars: Vec<Arc<Calendar>>,
    log: String,
    pub(super) zone: Zone,
    hours: OpenInterval,
    procedure: Option<ProcedureId>,
}

impl Measured {
    /// Reads the whole log.
    pub(super) async fn read(args: &MeasuredArgs, context: Context) -> Result<Self, Failure> {
        let engine = data::open(&args.data.data, &context).await?;
        let process = engine.project::<Process>().await;
        engine.close().await.told()?;
        let process = process.told()?;
        let procedures: BTreeSet<ProcedureId> = process.procedures().into_iter().cloned().collect();
        if let Some(wanted) = &args.procedure
            && !procedures.contains(wanted)
        {
            let known: Vec<_> = procedures.iter().map(ProcedureId::as_str).collect();
            return Err(Failure::usage(
                "unknown_procedure",
                format!("no case is of the procedure `{wanted}`"),
            )
            .help(format!("name one of {}", known.join(", "))));
        }
        let directory = process.directory();
        let chosen = || match &args.procedure {
            Some(only) => vec![only],
            None => procedures.iter().collect(),
        };
        let names = if args.calendar.is_empty() {
            let of_procedures: BTreeSet<String> = chosen()
                .into_iter()
                .filter_map(|procedure| Some(directory.newest(procedure)?.calendar.to_string()))
                .filter(|name| name != PLAIN)
                .collect();
            [PLAIN.to_owned()].into_iter().chain(of_procedures).collect()
        } else {
            args.calendar.clone()
        };
        let mut calendars = Vec::new();
        let mut seen = BTreeSet::new();
        for name in names {
            if seen.insert(name.clone()) {
                calendars.push(calendar(&name, directory)?);
            }
        }
        let centre = || {
            let centre = directory.centre.as_ref();
            centre.map(|centre| centre.name.en.clone()).unwrap_or_default()
        };
        let log = match chosen().as_slice() {
            [only] => only.to_string(),
            _ => centre(),
        };
        let zone = args.zone.clone().unwrap_or_else(|| directory.zone().clone());
        Ok(Self {
            calendars,
            log,
            zone,
            hours: args.hours,
            procedure: args.procedure.clone(),
            process,
        })
    }

    /// By what it is measured.
    pub(super) fn measures(&self) -> Result<Measures<'_>, Failure> {
        let measures = Measures::new(&self.log, &self.zone, &self.calendars, self.hours)
            .map_err(|error| Failure::usage("no_hours", error.to_string()))?;
        Ok(match &self.procedure {
            Some(only) => measures.of(only),
            None => measures,
        })
    }
}

/// A calendar by name: as the log has it, or else as it ships.
fn calendar(name: &str, directory: &Directory) -> Result<Arc<Calendar>, Failure> {
    let published = CalendarId::new(name)
        .ok()
        .and_then(|id| directory.calendars.get(&id));
    if let Some(calendar) = published {
        return Ok(Arc::clone(calendar));
    }
    let unknown = || {
        let published = directory.calendars.keys().map(CalendarId::as_str);
        let shipped = calendars::SHIPPED.iter().map(|shipped| shipped.id());
        let known: BTreeSet<_> = published.chain(shipped).collect();
        let known: Vec<_> = known.into_iter().collect();
        let message = format!("the calendar `{name}` is neither published in this log nor shipped");
        Failure::usage("unknown_calendar", message).help(format!("name one of {}", known.join(", ")))
    };
    let calendar = calendars::shipped(name)
        .ok_or_else(unknown)?
        .calendar()
        .map_err(|error| Failure::config("unknown_calendar", format!("the calendar `{name}`: {error}")))?;
    Ok(Arc::new(calendar))
}
