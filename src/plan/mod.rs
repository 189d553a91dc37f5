//! Deciding: desired × known × live → plan.
//!
//! Promises: [`plan`] is synchronous, total and deterministic. It reads no clock, no environment, no network and
//! no randomness; the same inputs give the same bytes. A plan leaves nothing to decide: its steps hold the exact calls.
//! Sending them is left to `apply`, saying them to `report`.

pub mod approval;
pub mod audit;
mod beforehand;
mod budget;
pub mod cells;
mod change;
mod changes;
mod collected;
mod container;
pub mod diff;
mod drafted;
pub mod drift;
mod drop;
mod edits;
pub mod exposure;
pub mod finished;
mod frozen;
mod group;
pub mod hash;
pub mod hours;
mod inputs;
pub mod ladder;
mod layer;
mod limits;
mod make;
pub mod market;
pub mod moves;
mod named;
pub mod note;
mod overlay;
mod own_rules;
mod pace;
mod planner;
mod protect;
mod reach;
mod removed;
mod renamed;
mod replaced;
mod signed;
pub mod stake;
mod status;
pub mod step;
pub mod study;
mod summary;
mod sums;
mod survey;
mod template;
#[cfg(test)]
mod tests;
mod unattended;
mod update;

pub use crate::model::guard::Reach;
pub use crate::model::guard::{Guard, GuardRules, Rule};
pub use change::Change;
pub use drift::{Drift, Drifted};
pub use drop::drop_steps;
pub use inputs::{Choices, Inputs};
pub use make::{keep_rules, plan, refuse_unapproved};
pub use market::{Marketplace, Marketplaces, Refusal, Subject};
pub use note::{Note, NoteKind};
pub use own_rules::{OwnRules, Verdicts, keep_own_rules};
pub use step::{Action, Exposure, Plan, Record, Step};
pub use summary::Summary;
