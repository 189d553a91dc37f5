//! A plan in numbers.

use super::step::{Action, Plan, Step};
use crate::model::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Counts over the steps of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SummaryReport")]
pub struct Summary {
    /// New surveys and groups.
    pub create: usize,
    /// Surveys and groups changed in place.
    pub update: usize,
    /// Surveys made anew in place of one that cannot be changed.
    pub replace: usize,
    /// Surveys put in field, resumed ones included.
    pub launch: usize,
    /// Surveys taken out of field for now.
    pub pause: usize,
    /// Surveys closed for good, not counting those that a replacement of the same plan closes.
    pub close: usize,
    /// Surveys only forgotten; nothing is sent for them.
    pub forget: usize,
    /// Surveys and groups that only get another name; nothing is sent for that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rename: usize,
    /// Surveys and groups of which only what their manifests decide is remembered; nothing is sent for that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub remember: usize,
    /// Surveys and groups with nothing to do.
    pub unchanged: usize,
    /// Writing calls.
    pub calls: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Plan {
    /// Counts the steps.
    pub fn summary(&self) -> Summary {
        let of = |action: Action| self.steps.iter().filter(move |step| step.action == action);
        let addresses = |action| -> BTreeSet<&Address> { of(action).map(|step| &step.address).collect() };
        let replaced = addresses(Action::Replace);
        let left = |step: &&Step| !replaced.contains(&step.address);
        Summary {
            create: of(Action::Create).count(),
            update: addresses(Action::Update).len(),
            replace: of(Action::Replace).count(),
            launch: of(Action::Launch).chain(of(Action::Resume)).count(),
            pause: of(Action::Pause).count(),
            close: of(Action::Close).filter(left).count(),
            forget: of(Action::Forget).count(),
            rename: self.moves().count(),
            remember: self.decided.len(),
            unchanged: self.unchanged.len(),
            calls: self
                .steps
                .iter()
                .map(|step| step.calls.len() + step.resumes.len())
                .sum(),
        }
    }
}
