//! What each route does, a file a subject.

pub(crate) mod cases;
pub(crate) mod catalogue;
pub(crate) mod centre;
pub(crate) mod commands;
pub(crate) mod figures;
pub(crate) mod findings;
pub(crate) mod health;
pub(crate) mod overview;
pub(crate) mod public;
pub(crate) mod session;
pub(crate) mod stream;
