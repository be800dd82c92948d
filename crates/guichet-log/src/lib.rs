//! What is recorded: records, their bytes, their proofs; the log as a port.

pub mod block;
pub mod conformance;
pub mod log;
pub mod memory;
pub mod merkle;
pub mod record;
pub mod testkit;
