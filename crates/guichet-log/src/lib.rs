//! What is recorded: records, their bytes, their proofs; the log as a port.

pub mod archive;
pub mod block;
pub mod codec;
pub mod conformance;
pub mod history;
pub mod log;
pub mod memory;
pub mod merkle;
pub mod note;
pub mod projection;
pub mod record;
pub mod sealed_head;
pub mod stream_map;
pub mod testkit;
pub mod tlog_proof;
pub mod upcast;
