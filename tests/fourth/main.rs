//! A fourth marketplace, which `src` does not know, from manifests to its emulator and back: what "another marketplace is a
//! folder" promises.
//!
//! `market` is the vendor, with its words in `wire` and its reader in `read`; `emulator` is what it talks to. `world::add` is all that the program is
//! told about it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod emulator;
mod interrupted;
mod manifests;
mod market;
mod plans;
mod program;
mod read;
mod wire;
mod world;
