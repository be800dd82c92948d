//! Findings: each rule with a history that fires it and a near miss that does not, and the laws that hold for all.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod export;
mod laws;
mod listing;
mod pairs;
mod story;
