//! Changing what a manifest says, in place: single values, answers, and quotas that go.
//!
//! Promises: every byte that does not belong to a changed value stays: comments, order, quotes, line ends; what cannot be
//! written without touching something else is not written, and the reason is told; nothing is written to disk here.
//! Whether the new text means what it should is left to the caller, who loads it again.

mod change;
mod list;
mod place;
mod rewrite;
mod splice;
#[cfg(test)]
mod tests;
mod wish;
mod write;

pub use change::edit;
pub use rewrite::rewritten;
pub use wish::{Asks, Edited, QuotaBecomes, Reason, What, Wish};
