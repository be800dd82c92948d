//! See `guichet_fuzz::xes`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guichet_fuzz::xes(bytes));
