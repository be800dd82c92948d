//! What the `guichet` binary is made of, as a library, so that tests and other hosts can call it.

pub mod calendar;
pub mod case;
pub mod catalogue;
pub mod cli;
pub mod context;
pub mod data;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod import;
mod output;
pub mod run;
pub mod stats;
mod table;
pub mod vectors;
mod version;
