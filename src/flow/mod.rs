//! Use cases without a terminal: what the commands do that change something, and what they share.
//!
//! `doctor` what can be reached · `apply` · `freeze` · `thaw` · `run` rounds of what was approved before · `reconcile` · `accept_list` · `import` · `accept` the use cases ·
//! `project` manifests, state and accounts of an environment · `reach` which secrets are read, and where they go · `lock` the one bracket around everything that changes
//! something · `selection` what a plan is about · `reconciler` lists of outcomes, as all commands treat them ·
//! `approval` what has to be said before a guarded deed · `problems` telling what is wrong with files ·
//! `notify` telling webhooks · `terminal` and `process` what a use case is given: somebody to talk to, and a clock, variables and emulators ·
//! `status` how far what is in field got · `simulate` what happens in a sandbox · `test` tests of manifests · `rules` the own rules of projects ·
//! `history` keeping what was done · `outcome` how it ended.
//!
//! Promises: inputs are typed, and nothing here knows clap, a terminal, the environment of the process, its clock or an
//! exit code. Whatever changes something at a vendor or in a state goes through [`project::Project::locked`].

pub mod accept;
pub mod accept_list;
pub mod apply;
pub mod approval;
pub mod doctor;
pub mod files;
pub mod freeze;
pub mod history;
pub mod import;
pub mod lock;
pub mod loopback;
pub mod notify;
pub mod outcome;
pub mod problems;
pub mod process;
pub mod project;
mod reach;
pub mod reconcile;
pub mod reconciler;
pub mod rules;
pub mod run;
pub mod selection;
pub mod simulate;
pub mod state_place;
pub mod status;
pub mod terminal;
pub mod test;
pub mod thaw;

pub use lock::{Connected, Locked};
pub use outcome::{Cause, OrFail, Outcome, Stop};
pub use process::{Emulators, Process};
pub use project::{Project, Vendors};
pub use selection::Selection;
pub use terminal::{Meter, Terminal};

/// A number of things, in words.
pub fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
