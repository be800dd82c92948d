//! Scratch.
pub mod context;
pub mod data;
pub mod demo;
