#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| infield_fuzz::cint(bytes));
