//! A case (办件): what may be asked of it, what happened to it, and what follows.

mod clock_history;
pub mod clocks;
mod codes;
pub mod command;
pub mod decide;
pub mod event;
mod evolve;
pub mod rejection;
mod rejection_zh;
pub mod state;

pub use clock_history::{CasePause, Cause, ClockHistories, ClockHistory, GrantedExtension, Told, ToldDue};
pub use command::{CaseCommand, Command};
pub use decide::{Decided, decide, next_lapse};
pub use event::CaseEvent;
pub use evolve::{evolve, fold};
pub use rejection::Rejection;
pub use state::{Case, CaseState, Stage};
