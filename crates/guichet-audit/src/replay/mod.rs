//! The replay: the whole centre at any moment of its log, forwards and backwards.
//!
//! A [`Board`] is the centre after some records, as a fold over them. A [`Replay`] goes to any place of a log in few steps,
//! by boards that it kept on the way, each equal to the fold from the start.

mod board;
mod checkpoints;
pub mod command;
mod course;
mod index;
mod order;
mod player;
mod row;
pub mod screen;
mod view;

pub use board::{Board, Happened, Totals};
pub use checkpoints::{CHECKPOINT_BYTES_MAX, CHECKPOINT_RECORDS};
pub use course::Course;
pub use index::{Index, Wanted};
pub use order::{AsRecorded, InMemory, OCCURRED_RECORDS_MAX, Order, Tape, is_imported};
pub use player::{Direction, Replay};
pub use row::{OpenStep, Row};
pub use view::{BoardView, CaseRow, DepartmentRow, EventLine, Lights, TotalsView, Views, WindowRow};
