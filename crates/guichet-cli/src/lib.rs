//! What the `guichet` binary is made of, as a library, so that tests and other hosts can call it.

pub mod import;
