//! The fourth pass: from documents of the right shape to the model.

pub(super) mod answers;
mod billing;
pub(super) mod criteria;
pub(super) mod exclusion_group;
pub(super) mod fielding;
pub(super) mod file;
mod list_file;
pub(super) mod money;
pub(super) mod named;
pub mod project;
pub(super) mod questions;
mod ranges;
pub(super) mod respondents;
mod rules;
mod stages;
pub(super) mod study;
mod suppliers;
pub(super) mod survey;
pub(super) mod target_groups;
pub mod test;
mod times;
mod windows;
