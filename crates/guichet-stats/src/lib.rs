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

pub mod fact;
mod fraction;
mod overview;
mod records;
mod standing;
pub mod table;
mod timeliness;

pub use fact::{CaseFact, Facts, Standing};
pub use fraction::Fraction;
pub use overview::{DepartmentView, Overview, OverviewView};
pub use records::{Records, RecordsView};
pub use standing::{Standings, StandingsView};
pub use timeliness::{Measured, TimelinessView, Timely, Timings};
