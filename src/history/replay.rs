//! The plan of a run, to be shown again: what it touched as a whole, and digests of the rest.

use crate::model::Address;
use crate::plan::{Guard, Plan, Record, hash};
use crate::text::packed;
use serde::{Deserialize, Serialize};

/// Of how many runs plans are kept, where the environment says nothing else.
pub const REPLAYS: usize = 100;

/// The format of a kept plan.
const FORMAT: &str = "infield.history-plan/1";

/// What a plan has at most when it is unpacked.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;

/// A plan as it was carried out. Its file is for this program alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The format's name and version.
    pub format: String,
    /// The run.
    pub run: String,
    /// SHA-256 of all manifests at that time.
    pub manifests: String,
    /// How many surveys and groups were as wanted; nothing else is kept of them.
    pub unchanged: usize,
    /// Guards that the environment allowed without asking.
    pub allowed: Vec<Guard>,
    /// What was given besides the command.
    pub given: Vec<String>,
    /// The plan, without what is remembered afterwards.
    pub plan: Plan,
}

impl Kept {
    /// The plan of a run.
    pub fn new(run: &str, manifests: &str, plan: &Plan) -> Self {
        let mut plan = hash::without_versions(plan.clone());
        for step in plan.steps.iter_mut().chain(&mut plan.held_back) {
            if !matches!(step.record, Record::Survey { .. }) {
                step.record = Record::Forgotten;
            }
        }
        Self {
            format: FORMAT.to_owned(),
            run: run.to_owned(),
            manifests: manifests.to_owned(),
            unchanged: std::mem::take(&mut plan.unchanged).len(),
            allowed: Vec::new(),
            given: Vec::new(),
            plan,
        }
    }

    /// The plan as it is shown: what it did not touch is there in number.
    pub fn shown(&self) -> Plan {
        Plan {
            unchanged: vec![Address::survey("unchanged"); self.unchanged],
            ..self.plan.clone()
        }
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a plan consists of plain data") + "\n"
    }

    /// Reads the file, packed or not.
    ///
    /// # Errors
    /// When it is something else, or of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = packed::unpack(bytes, MOST_BYTES)?;
        let kept: Self = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        match kept.format == FORMAT {
            true => Ok(kept),
            false => Err(format!(
                "it has the format {:?}, and this infield reads {FORMAT}",
                kept.format
            )),
        }
    }
}
