//! What is counted: projections over the log.
//!
//! Two levels. A [`fact`] is one row a case, folded from its events; a statistic is a sum over such rows, so that a fact
//! that changes takes its old row out and puts its new one in. Every figure is a count or an exact [`Fraction`].
//!
//! ```
//! use guichet_log::projection::Projection;
//! use guichet_stats::Overview;
//!
//! let empty = Overview::default().view();
//! assert_eq!((empty.cases, empty.timeliness.on_time.percent()), (0, None));
//! ```

mod as_of;
pub mod cube;
pub mod dimension;
pub mod fact;
pub mod figure;
mod fraction;
pub mod kept;
mod ledger;
pub mod measure;
mod moment;
mod overview;
mod period;
pub mod process;
mod question;
mod records;
pub mod report;
pub mod rows;
pub mod satisfaction;
mod standing;
pub mod statistics;
pub mod table;
mod timeliness;
pub mod timing;

pub use as_of::AsOf;
pub use cube::Cube;
pub use dimension::{Dimension, Scope};
pub use fact::{CaseFact, Standing};
pub use figure::Figure;
pub use fraction::Fraction;
pub use overview::{DepartmentView, Overview, OverviewView};
pub use period::{Period, PeriodError};
pub use question::{Apart, Only, Question};
pub use records::{Records, RecordsView};
pub use rows::{CaseRows, Facts};
pub use standing::{Standings, StandingsView};
pub use statistics::{Ask, Behind, FiguresView, GroupFigures, Statistics};
pub use timeliness::{Measured, TimelinessView, Timely, Timings};
