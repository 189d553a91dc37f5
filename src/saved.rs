//! Saved plans: what was reviewed, in a file.
//!
//! A saved plan is never trusted blindly, and nothing that is sent comes from the file. `apply --plan` plans again and goes on
//! only if that is still the plan by its name, or what is left of it; `report::reviewed` says what differs. What
//! moves while people review (counters, remarks, versions, the state's serial) is no part of that.

use crate::model::{Call, Json};
use crate::plan::{Choices, Plan, Record, Step, hash};
use crate::state::Document;
use crate::workflow::Planned;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The format this version writes. In the first one, names covered counters and exposure.
pub const FORMAT: &str = "infield.saved-plan/3";
/// Formats this version reads: the second one says in full what has no part in a plan's name.
const READ: [&str; 2] = [FORMAT, "infield.saved-plan/2"];

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPlan {
    /// `infield.saved-plan/3`.
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
    /// The plan, with placeholders for the versions of what it writes and without what has no part in its name: nothing is
    /// carried out from here.
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

/// Takes out of a step what has no part in its name: why it is done, what it costs and what is remembered of it.
fn bare(step: &mut Step) {
    fn silent(call: &mut Call) {
        (call.purpose, call.returns_id) = (String::new(), None);
        call.otherwise.iter_mut().for_each(|call| silent(call));
    }
    (step.record, step.reason) = (Record::Forgotten, String::new());
    (step.money, step.adds_exposure, step.adds_later) = (None, None, None);
    step.approved_before = false;
    step.guards.clear();
    step.hidden.clear();
    step.calls.iter_mut().chain(&mut step.resumes).for_each(silent);
    for change in &mut step.changes {
        change.remark = None;
        if change.before.is_null() {
            change.before = Json::unsaid();
        }
    }
}

impl SavedPlan {
    /// A plan to be saved.
    pub fn new(id: String, made: String, state: &Document, manifests: &str, planned: Planned) -> Self {
        let Planned { plan, choices, .. } = planned;
        let mut plan = hash::without_versions(plan);
        for step in plan.steps.iter_mut().chain(&mut plan.held_back) {
            bare(step);
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
        if !READ.contains(&&*head.format) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::desired::Policy;
    use crate::model::{Address, CallClass, Live, Method, SurveySpec};
    use crate::plan::{Action, Change, Guard};
    use serde_json::{Value, json};

    fn planned() -> Planned {
        let call = Call {
            purpose: "make it".to_owned(),
            returns_id: Some("/id".to_owned()),
            ..Call::new(Method::Post, "/surveys", CallClass::Create, "").body(json!({"cpi": 3.75}))
        };
        let record = Record::survey(SurveySpec::default(), false, Policy::default(), false);
        let vendor = crate::marketplace::PURESPECTRUM;
        let mut step = Step::new(
            &Address::survey("soda"),
            vendor,
            Action::Create,
            "it is new",
            record,
        );
        step.changes = vec![
            Change::new("/title", Value::Null, json!("Soda")).remark(Some("new".to_owned())),
            Change::new("/completes", json!(1), Value::Null),
        ];
        step.guards = vec![Guard::Launch];
        step.calls = vec![call];
        let plan = Plan {
            environment: "sandbox".to_owned(),
            steps: vec![step],
            ..Plan::default()
        };
        Planned {
            plan,
            unread: Vec::new(),
            live: Live::default(),
            choices: Choices::default(),
        }
    }

    fn saved() -> SavedPlan {
        SavedPlan::new(
            "1".to_owned(),
            String::new(),
            &Document::new("sandbox", String::new()),
            "",
            planned(),
        )
    }

    fn parse(saved: &impl Serialize) -> Result<SavedPlan, SavedPlanError> {
        SavedPlan::parse(&serde_json::to_vec(saved).unwrap())
    }

    #[test]
    fn what_is_left_out_has_no_part_in_the_name_and_what_is_left_is_read_again() {
        let saved = saved();
        assert_eq!(saved.hash, hash::hash(&planned().plan));
        let text = serde_json::to_string(&saved).unwrap();
        for gone in ["it is new", "make it", "/id", "launch", "\"new\"", "record"] {
            assert!(!text.contains(gone), "{gone}: {text}");
        }
        assert_eq!(text.matches("null").count(), 1, "what goes is said: {text}");
        let read = parse(&saved).unwrap();
        assert_eq!(read.plan.steps[0].changes, planned_changes());
        assert_eq!(
            read.plan.steps[0].calls[0].body,
            Some(json!({"cpi": 3.75}).into())
        );
        let changed = text.replace("3.75", "3.76");
        assert_eq!(SavedPlan::parse(changed.as_bytes()), Err(SavedPlanError::Edited));
    }

    fn planned_changes() -> Vec<Change> {
        let changes = planned().plan.steps.remove(0).changes;
        changes.into_iter().map(|change| change.remark(None)).collect()
    }

    #[test]
    fn the_format_before_is_read_and_others_are_refused_by_their_numbers() {
        let before = |format: &str| SavedPlan {
            format: format.to_owned(),
            plan: planned().plan,
            ..saved()
        };
        assert_eq!(
            parse(&before("infield.saved-plan/2")).unwrap().plan,
            planned().plan
        );
        for other in ["infield.saved-plan/1", "infield.saved-plan/4"] {
            let refused = Err(SavedPlanError::Format(other.to_owned()));
            assert_eq!(parse(&before(other)), refused);
        }
    }
}
