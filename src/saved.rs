//! Saved plans: what was reviewed, in a file.
//!
//! A saved plan is never trusted blindly, and nothing that is sent comes from the file. `apply --plan` plans again and goes on
//! only if that is still the plan by its name, or what is left of it; `report::reviewed` says what differs. What
//! moves while people review (counters, remarks, versions, the state's serial) is no part of that.

use crate::plan::{Choices, Plan, hash};
use crate::state::Document;
use crate::workflow::Planned;
use serde::{Deserialize, Serialize};

/// The format this version writes and reads. In the first one, names covered counters and exposure.
pub const FORMAT: &str = "infield.saved-plan/2";

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// `infield.saved-plan/2`.
    pub format: String,
    /// Unique to this file.
    pub id: String,
    /// When it was made, UTC, RFC 3339.
    pub made: String,
    /// The plan's whole name.
    pub hash: String,
    /// Lineage of the state it was made from; empty where there was no state yet.
    pub lineage: String,
    /// SHA-256 of the manifests.
    pub manifests: String,
    /// What was asked for on the command line.
    pub choices: Choices,
    /// The plan, with placeholders for the versions of what it writes.
    pub plan: Plan,
}

/// Why bytes are not a saved plan this version can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanError {
    /// Not JSON, or of another shape.
    #[error("it is not a saved plan: {0}")]
    Damaged(String),
    /// Another format or version. What a name covers differs between versions, so that an older file cannot be compared.
    #[error("it has the format {0:?}, and this infield reads {FORMAT}")]
    Format(String),
    /// The hash does not belong to the plan: somebody edited the file.
    #[error("its plan is not the one its hash names: the file was changed after it was written")]
    Edited,
}

impl SavedPlan {
    /// A plan to be saved.
    pub fn new(id: String, made: String, state: &Document, manifests: &str, planned: &Planned) -> Self {
        let Planned { plan, choices, .. } = planned;
        Self {
            format: FORMAT.to_owned(),
            id,
            made,
            hash: hash::hash(plan),
            lineage: state.lineage.clone(),
            manifests: manifests.to_owned(),
            choices: choices.clone(),
            plan: hash::without_versions(plan.clone()),
        }
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// When the bytes are something else, of another format, or were edited.
    pub fn parse(bytes: &[u8]) -> Result<Self, SavedPlanError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let damaged = |error: serde_json::Error| SavedPlanError::Damaged(error.to_string());
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format != FORMAT {
            return Err(SavedPlanError::Format(head.format));
        }
        let saved: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        match hash::hash(&saved.plan) == saved.hash {
            true => Ok(saved),
            false => Err(SavedPlanError::Edited),
        }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a saved plan consists of plain data");
        bytes.push(b'\n');
        bytes
    }

    /// Whether a state says that this file was carried out to its end before.
    pub fn was_used(&self, state: &Document) -> bool {
        state.saved_plans.contains(&self.id)
    }
}
