//! `guichet stats cases`: one row a case.

use std::io::Write as _;

use clap::Args;

use super::measured::{Measured, MeasuredArgs};
use crate::context::{Context, Exit, Failure};
use crate::table::{self, number};

/// How many cases are listed where nobody says how many.
const LISTED: usize = 20;

/// What `guichet stats cases` takes.
#[derive(Clone, Debug, Args)]
pub(super) struct CasesArgs {
    #[command(flatten)]
    measured: MeasuredArgs,
    /// Write all cases as CSV
    #[arg(long)]
    csv: bool,
    /// How many cases are listed for people, in the order of the log
    #[arg(long, value_name = "COUNT", default_value_t = LISTED, conflicts_with = "csv")]
    limit: usize,
}

/// Lists.
///
/// # Errors
///
/// [`Failure`] when the data does not open or cannot be read, or the output cannot be written.
pub(super) async fn run(args: &CasesArgs, context: Context) -> Result<Exit, Failure> {
    if context.json {
        return Err(
            Failure::usage("no_json", "the list of cases is written as CSV, not as JSON")
                .help("run `guichet stats cases --csv`"),
        );
    }
    let log = Measured::read(&args.measured, context).await?;
    let measures = log.measures()?;
    let columns = log.process.columns(&measures);
    let rows = log.process.rows(&measures);
    let mut out = context.out();
    if args.csv {
        let mut csv = csv::Writer::from_writer(&mut out);
        let failed = |error: csv::Error| Failure::output(&error.into());
        csv.write_record(columns.names()).map_err(failed)?;
        for row in rows {
            csv.write_record(columns.cells(&row)).map_err(failed)?;
        }
        csv.flush()?;
        drop(csv);
        out.flush()?;
        return Ok(Exit::Ok);
    }
    let names = columns.names();
    let mut table = table::table(names.iter().map(String::as_str));
    let mut total = 0_usize;
    for row in rows {
        total += 1;
        if total > args.limit {
            continue;
        }
        let cells = columns.cells(&row).into_iter().enumerate();
        let cells: Vec<comfy_table::Cell> = cells
            .map(|(place, cell)| if place == 0 { cell.into() } else { number(cell) })
            .collect();
        table.add_row(cells);
    }
    out.write_all(table::print(&table).as_bytes())?;
    if total > args.limit {
        let shown = args.limit;
        let more = match context.lang {
            crate::context::Lang::Zh => format!("\n共 {total} 件，列出前 {shown} 件；--csv 列出全部\n"),
            crate::context::Lang::En => {
                format!("\nthe first {shown} of {total} cases; --csv writes all\n")
            }
        };
        out.write_all(more.as_bytes())?;
    }
    out.flush()?;
    Ok(Exit::Ok)
}
