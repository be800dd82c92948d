//! The server, asked over its socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail by panicking, like the tests"
)]

mod access;
mod answers;
mod centre;
mod commands;
mod hostile;
mod kept;
mod pages;
mod public;
mod stream;
