//! What is recorded: records, their bytes, their proofs; the log as a port.

pub mod block;
pub mod codec;
pub mod conformance;
pub mod log;
pub mod memory;
pub mod merkle;
pub mod projection;
pub mod record;
pub mod testkit;
pub mod upcast;
