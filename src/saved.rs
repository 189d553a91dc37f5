//! Saved plans: what was reviewed, with enough beside it to tell whether the world has moved since.
//!
//! A saved plan is never trusted blindly. `apply --plan` plans again and carries the plan out only if it is the same,
//! to the byte of every call; this module then says what moved. It is carried out once.

use crate::model::targeting::Criterion;
use crate::model::{Address, Field, Live, LiveSurvey, Reading, SurveySpec};
use crate::plan::{Choices, Plan, hash};
use crate::state::Document;
use crate::workflow::Planned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The format this version writes and reads.
pub const FORMAT: &str = "infield.saved-plan/1";

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// `infield.saved-plan/1`.
    pub format: String,
    /// Unique to this file.
    pub id: String,
    /// When it was made, UTC, RFC 3339.
    pub made: String,
    /// The plan's whole name.
    pub hash: String,
    /// Lineage of the state it was made from; empty where there was no state yet.
    pub lineage: String,
    /// Serial of that state.
    pub serial: u64,
    /// SHA-256 of the manifests.
    pub manifests: String,
    /// What was asked for on the command line.
    pub choices: Choices,
    /// What the vendor showed of every survey the plan touches, by address.
    pub seen: BTreeMap<Address, Seen>,
    /// The plan.
    pub plan: Plan,
}

/// What the vendor showed of a survey when the plan was made. Counters are not in it: they move all the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    id: String,
    status: String,
    spec: SurveySpec,
    quotas: BTreeMap<String, (u64, Vec<Criterion>)>,
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    qualifications: Field<Vec<Criterion>>,
}

impl Seen {
    fn of(live: &LiveSurvey) -> Self {
        let key = |quota: &crate::model::LiveQuota| quota.name.clone().unwrap_or_else(|| quota.id.clone());
        Self {
            id: live.id.clone(),
            status: live.status_text.clone(),
            spec: live.spec.clone(),
            quotas: live
                .quotas
                .iter()
                .map(|q| (key(q), (q.completes, q.criteria.clone())))
                .collect(),
            qualifications: live.qualifications.clone(),
        }
    }

    /// The fields that differ, as the manifest calls them.
    fn moved(&self, now: &Self) -> Vec<String> {
        let mut moved = Vec::new();
        if self.id != now.id {
            moved.push(format!("it is survey {} now instead of {}", now.id, self.id));
        }
        if self.status != now.status {
            moved.push(format!("/status from {} to {}", self.status, now.status));
        }
        let fields = |spec: &SurveySpec| match serde_json::to_value(spec) {
            Ok(Value::Object(map)) => map,
            _ => serde_json::Map::new(),
        };
        let (before, after) = (fields(&self.spec), fields(&now.spec));
        let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys.into_iter().filter(|key| *key != "status") {
            let (old, new) = (before.get(key), after.get(key));
            if old != new {
                let show =
                    |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
                moved.push(format!("/{key} from {} to {}", show(old), show(new)));
            }
        }
        let new = now.quotas.keys().filter(|name| !self.quotas.contains_key(*name));
        let quotas = self.quotas.keys().chain(new);
        let differ = quotas.filter(|name| self.quotas.get(*name) != now.quotas.get(*name));
        moved.extend(differ.map(|name| format!("/quotas/{name}")));
        if self.qualifications != now.qualifications {
            moved.push("/qualifications".to_owned());
        }
        moved
    }
}

/// Why bytes are not a saved plan this version can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanError {
    /// Not JSON, or of another shape.
    #[error("it is not a saved plan: {0}")]
    Damaged(String),
    /// Another format or version.
    #[error("it has the format {0:?}, and this infield reads {FORMAT}")]
    Format(String),
    /// Its hash is the short name that earlier versions wrote, which proves too little.
    #[error(
        "its hash has 40 bits, as an earlier infield wrote it: that does not tell whether the file was changed"
    )]
    ShortName,
    /// The hash does not belong to the plan: somebody edited the file.
    #[error("its plan is not the one its hash names: the file was changed after it was written")]
    Edited,
}

/// The surveys a plan touches, as they were seen.
fn touched(plan: &Plan, live: &Live) -> BTreeMap<Address, Seen> {
    plan.steps
        .iter()
        .filter_map(|step| {
            let live = live.surveys.get(&step.address).and_then(Reading::present)?;
            Some((step.address.clone(), Seen::of(live)))
        })
        .collect()
}

impl SavedPlan {
    /// A plan to be saved.
    pub fn new(id: String, made: String, state: &Document, manifests: &str, planned: &Planned) -> Self {
        let Planned {
            plan, live, choices, ..
        } = planned;
        Self {
            format: FORMAT.to_owned(),
            id,
            made,
            hash: hash::hash(plan),
            lineage: state.lineage.clone(),
            serial: state.serial,
            manifests: manifests.to_owned(),
            choices: choices.clone(),
            seen: touched(plan, live),
            plan: plan.clone(),
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
        if hash::is_short(&saved.hash) {
            Err(SavedPlanError::ShortName)
        } else if hash::hash(&saved.plan) == saved.hash {
            Ok(saved)
        } else {
            Err(SavedPlanError::Edited)
        }
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a saved plan consists of plain data");
        bytes.push(b'\n');
        bytes
    }

    /// Whether a state says that this file was carried out before.
    pub fn was_used(&self, state: &Document) -> bool {
        state.saved_plans.contains(&self.id)
    }

    /// What moved since the plan was saved, given the plan made now; empty when it is still the same plan.
    pub fn moved(&self, now: &Plan, state: &Document, manifests: &str, live: &Live) -> Vec<String> {
        let same = now.environment == self.plan.environment && now.steps == self.plan.steps;
        // A state without lineage is one that did not exist when the plan was made.
        let same_state = self.lineage.is_empty() || self.lineage == state.lineage;
        if same && same_state {
            return Vec::new();
        }
        if now.environment != self.plan.environment {
            let environment = &self.plan.environment;
            return vec![format!("it was made for the environment `{environment}`")];
        }
        if !same_state {
            return vec!["the state is another one (its lineage differs)".to_owned()];
        }
        let mut moved = Vec::new();
        if manifests != self.manifests {
            moved.push("the manifests were changed".to_owned());
        }
        if state.serial != self.serial {
            moved.push(format!(
                "the state was written: serial {} then, {} now",
                self.serial, state.serial
            ));
        }
        for (address, then) in &self.seen {
            match live.surveys.get(address) {
                Some(Reading::Present(live)) => {
                    let fields = then.moved(&Seen::of(live)).into_iter();
                    moved.extend(fields.map(|field| format!("{address} at the vendor: {field}")));
                }
                Some(Reading::Absent { proof }) => {
                    moved.push(format!("{address} is gone at the vendor: {proof}"));
                }
                Some(Reading::Unknown { why }) => moved.push(format!("{address} could not be read: {why}")),
                None => moved.push(format!("{address} is not in the state any more")),
            }
        }
        if moved.is_empty() {
            let then = &self.plan.steps;
            let differs = now
                .steps
                .iter()
                .find(|step| !then.contains(step))
                .or_else(|| then.iter().find(|s| !now.steps.contains(s)));
            moved.push(match differs {
                Some(step) => format!("{} is not what it was", step.id),
                None => "the order of its steps".to_owned(),
            });
        }
        moved
    }
}
