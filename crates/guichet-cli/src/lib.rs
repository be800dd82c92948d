//! What the `guichet` binary is made of, as a library, so that tests and other hosts can call it.

pub mod archive;
pub mod calendar;
pub mod case;
pub mod catalogue;
pub mod cli;
pub mod data;
pub mod demo;
pub mod doctor;
pub mod export;
pub mod finding;
pub mod import;
pub mod man;
pub mod run;
pub mod serve;
pub mod stats;
pub mod token;
mod told;
pub mod vectors;

pub use guichet_terminal::{context, explain};
use guichet_terminal::{output, table};
