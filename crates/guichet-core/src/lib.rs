//! What is decided: cases, procedures, clocks and calendars.
//!
//! This crate is pure. It knows no clock, disk, network or randomness: time comes in as `now`, ids come in with
//! commands.

pub mod actor;
pub mod calendar;
pub mod case;
pub mod clock;
pub mod code;
pub mod condition;
pub mod decider;
pub mod explain;
pub mod flow;
pub mod hours;
pub mod id;
pub mod lang;
pub mod light;
pub mod policy;
pub mod procedure;
pub mod reference;
pub mod testkit;
pub mod time;
pub mod zone;
