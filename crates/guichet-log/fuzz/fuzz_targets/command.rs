//! See `guichet_fuzz::command`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guichet_fuzz::command(bytes));
