//! Saved plans: what was reviewed, in a file.
//!
//! A saved plan is never trusted blindly, and nothing that is sent comes from the file. `apply --plan` plans again and goes on
//! only if that is still the plan by its name, or what is left of it; `report::reviewed` says what differs. What
//! moves while people review (counters, remarks, versions, the state's serial) is no part of that.

use crate::plan::{Choices, Plan, Record, hash};
use crate::state::Document;
use crate::workflow::Planned;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

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
    /// The plan, with placeholders for the versions of what it writes and without what is remembered afterwards: neither
    /// belongs to its name, and nothing is carried out from here.
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
    pub fn new(id: String, made: String, state: &Document, manifests: &str, planned: Planned) -> Self {
        let Planned { plan, choices, .. } = planned;
        let mut plan = hash::without_versions(plan);
        for step in plan.steps.iter_mut().chain(&mut plan.held_back) {
            step.record = Record::Forgotten;
        }
        Self {
            format: FORMAT.to_owned(),
            id,
            made,
            hash: hash::hash(&plan),
            lineage: state.lineage.clone(),
            manifests: manifests.to_owned(),
            choices,
            plan,
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

    /// Writes the file, on one line: a machine reads it, and plans of ten thousand surveys are large.
    ///
    /// # Errors
    /// As the writer has it.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Whether a state says that this file was carried out to its end before.
    pub fn was_used(&self, state: &Document) -> bool {
        state.saved_plans.contains(&self.id)
    }
}
