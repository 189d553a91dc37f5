//! InnovateMR, from manifests to the emulator and back: documented examples, rules, and what must hold in both of the
//! styles that the vendor may have.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contract;
mod converge;
mod interrupted;
mod rules;
mod support;
