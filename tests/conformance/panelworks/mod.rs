//! A fourth marketplace, which `src` does not know, from manifests to its emulator and back: what "another marketplace is a
//! folder" promises.
//!
//! `market` is the vendor, with its words in `wire` and its reader in `read`; `emulator` is what it talks to.
//! [`crate::subject::add`] is all that the program is told about it.

pub(crate) mod emulator;
mod lists;
mod manifests;
pub(crate) mod market;
mod plans;
mod program;
mod read;
pub(crate) mod subject;
mod wire;
