//! `guichet import`: event logs of other systems, as XES or CSV, become recorded events.

mod csv;
mod input;
pub mod mapping;
mod rows;
pub mod source;
mod times;
mod xes;
