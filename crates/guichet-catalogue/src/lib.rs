//! The published catalogue: what a service centre offers, read, linted, drawn and printed.

pub mod calendars;
