//! See `guichet_fuzz::csv`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guichet_fuzz::csv(bytes));
