//! infield: surveys as code.
//!
//! ```text
//! manifests ─► Desired ─┐
//! state ─────► Known  ──┼─► plan (pure) ─► Plan ─► apply ─► events ─► report
//! vendors ───► Live   ──┘
//! ```
//!
//! Read in this order. Arrows point one way; `tests/it/layering.rs` holds them.
//!
//! - `text` what many do with texts: the name that was meant, pointers, digests, what is of this machine
//! - [`yaml`] text → tree with the exact place of every key and value
//! - [`diag`] how problems are described and shown
//! - [`manifest`] what was written: files → shape → meaning → [`model::Desired`]
//! - [`format`](mod@format) manifests in their canonical form, comments kept
//! - [`model`] the shared vocabulary; no I/O, no vendor's words
//! - [`marketplace`] what exists: the contract, the registry, and one folder per marketplace: reading, and changes → calls
//! - [`refresh`] which reads a plan needs, made side by side
//! - [`recover`] what became of creates whose answer was lost
//! - [`picture`] what a plan reads, kept in a file, so that one can be made without credentials
//! - [`plan`] pure: desired × known × live → steps, notes, exposure
//! - [`fieldwork`] how far surveys in field got: numbers → verdict
//! - [`import`] surveys made elsewhere, as manifests
//! - [`notify`] what webhooks are told, and what they were told
//! - [`freeze`] plans to pause surveys at once, and to undo that, from the state alone
//! - [`saved`] a plan in a file, and whether it is still the same
//! - [`state`] what is remembered, and how it is kept safe
//! - [`history`] what was done and seen, beside the state; no plan reads it
//! - [`apply`] carries a finished plan out and has nothing left to choose
//! - [`workflow`] the order of work that `plan` and `apply` share
//! - [`reconcile`] outcomes of transactions: a small pipeline of its own
//! - `lsp` says it while one types, to an editor
//! - [`report`] says plans and fieldwork: text, JSON, Markdown, pages, the screen of a watch
//! - [`flow`] use cases without a terminal, and the one bracket around everything that changes something
//! - [`cli`] the only place that knows clap, the terminal, the environment and the clock
//!
//! The emulated vendors are the crate [`infield_sandbox`], in `crates/sandbox`. It knows nothing of this one.

pub mod apply;
pub mod cli;
pub mod diag;
pub mod fieldwork;
pub mod flow;
pub mod format;
pub mod freeze;
pub mod history;
pub mod import;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod manifest;
pub mod marketplace;
pub mod model;
pub mod notify;
pub mod picture;
pub mod plan;
pub mod reconcile;
pub mod recover;
pub mod refresh;
pub mod report;
pub mod saved;
pub mod state;
mod text;
pub mod workflow;
pub mod yaml;
