//! The engine over every log: answers, order, restarts, failures, time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not find where it belongs, fails it; the lints know only functions marked as tests"
)]

mod answers;
mod bounds;
mod common;
mod concurrency;
mod faults;
mod laws;
mod publishing;
mod timekeeper;
