//! See `guichet_fuzz::mapping`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| guichet_fuzz::mapping(bytes));
