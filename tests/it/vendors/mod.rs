//! Vendors whose surveys have groups, from manifests to the emulator and back, in one process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cint;
mod innovatemr;
mod support;
