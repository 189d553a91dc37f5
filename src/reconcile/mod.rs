//! Transactions get the outcomes a list says: a small pipeline of its own beside the one for surveys.
//!
//! ```text
//! rows ───────┐
//! ledgers ────┼─► plan (pure) ─► Plan ─► run ─► ledgers, results
//! vendor ─────┘
//! ```
//!
//! `prepare` finds the surveys and reads what is needed · `plan` decides, row by row, from the state the vendor reports ·
//! `run` sends, looks, and writes down what was confirmed · `results` says it row by row.
//!
//! Promises: nothing is sent for a row that was not read; a row whose outcome was confirmed is never sent again; what
//! became of a call without an answer is read before anything is sent again; a crash anywhere costs reads. Lists of a
//! hundred thousand rows are kept as rows, and calls are made from them one by one. The accept list, which rejects what
//! it does not name, cannot be reached from here.

mod context;
mod ledger_writer;
pub mod plan;
pub mod prepare;
pub mod results;
pub mod run;
#[cfg(test)]
mod tests;
mod verdict;

pub use context::{Context, Progress};
pub use plan::{Batch, Plan, PlannedRow};
pub use prepare::{Facts, Problem, Target};
pub use run::{Ran, Verdict};
