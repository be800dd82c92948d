//! The rows of a case: everything of it that is counted, folded from its events.

mod case;
pub mod step;

pub(crate) use case::Touched;
pub use case::{CaseRows, Facts};
pub use step::{StepEnd, StepFact};
