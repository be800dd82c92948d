//! What is decided: cases, procedures, clocks and calendars.
//!
//! This crate is pure. It knows no clock, disk, network or randomness: time comes in as `now`, ids come in with
//! commands.

pub mod id;
pub mod time;
