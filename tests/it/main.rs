//! What is tested in process and needs no program: one binary, so that no core waits for the end of another one's tests.
//!
//! A module is a subject; what it is about stands at its top. `cargo test --test it format::` runs one of them.

mod any_bytes;
mod circles;
mod corpus;
mod explain;
mod format;
mod guarantees;
mod layering;
mod manifest_examples;
mod manifest_invalid;
mod manifest_load;
mod manifest_properties;
mod reconcile;
mod schemas;
mod second_reader;
mod settings;
mod shipped;

use infield::yaml;
