//! Reading YAML into a tree that knows where everything stands.
//!
//! Promises: any bytes give a tree or diagnostics, never a panic; every key and value has its exact span in bytes;
//! all documents of a file are read even if one of them is broken; budgets bound the work, alias expansions included;
//! numbers are taken from the source text, never through a binary fraction. What the values mean is left to others.
//!
//! The parser crate is behind [`events`] alone.

mod events;
mod json;
mod node;
mod read;
mod scalar;
#[cfg(test)]
#[path = "../../tests/it/second_reader.rs"]
pub(crate) mod second_reader;
mod slips;
#[cfg(test)]
mod tests;
mod write;

#[cfg(test)]
use crate::yaml;
pub use events::{Options, parse};
pub use json::{Budget, to_json};
pub use node::{Comment, Entry, Located, Node, NodeId, Scalar, Style, Tree};
pub use read::{MAX_FILE_BYTES, ReadError, decode, read_text};
pub use scalar::{Value, resolve};
pub use write::{flow, quoted, text, write};

/// Deepest nesting of collections, aliases followed.
pub const MAX_DEPTH: usize = 64;
/// Most nodes of a file, before aliases are followed.
pub const MAX_NODES: usize = 2_000_000;
/// Most documents of a file.
pub const MAX_DOCUMENTS: usize = 20_000;
/// Most values of a file after aliases and merge keys are followed.
pub const MAX_EXPANDED: usize = 2_000_000;
