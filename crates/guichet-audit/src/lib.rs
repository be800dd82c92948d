//! What supervisors ask of a centre's log, answered from records alone: the library behind `guichet-audit`.

pub mod args;
pub mod as_of;
pub mod case_file;
pub mod diff;
pub mod explain;
pub mod findings;
pub mod held;
pub mod recompute;
pub mod replay;
pub mod report;
pub mod show;
pub mod source;
pub mod timeline;
pub mod verify;
pub mod version;
pub mod what_if;
