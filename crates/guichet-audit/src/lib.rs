//! What supervisors ask of a centre's log, answered from records alone: the library behind `guichet-audit`.

pub mod recompute;
pub mod what_if;
