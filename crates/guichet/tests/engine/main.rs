//! The engine over every log: answers, order, restarts, failures, time.

mod answers;
mod bounds;
mod common;
mod concurrency;
mod faults;
mod laws;
mod publishing;
mod timekeeper;
