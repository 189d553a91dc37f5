//! The emulators, called as a client would call them.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are tests, which clippy does not see"
)]

mod cint;
mod purespectrum;
mod switches;

use std::path::{Path, PathBuf};

/// The examples that a vendor's documents show; the tests of its client read them too.
fn fixtures(vendor: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(vendor)
}
