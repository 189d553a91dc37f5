//! `kind: Test` as it is written.
//!
//! Words of plans and of fieldwork stand here as lists, because manifests know neither; `flow::test` holds both together.

use super::fields::{HELP, MAX_COMPLETES, Name, SURVEY_MARK, shapes};
use crate::model::VendorId;
use crate::model::guard::Guard;
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// What a step of a plan does.
pub(crate) const ACTIONS: [&str; 8] = [
    "create", "update", "replace", "launch", "resume", "pause", "close", "forget",
];

/// Kinds of notes of a plan.
pub(crate) const NOTES: [&str; 11] = [
    "refused",
    "blocked",
    "drift",
    "ended-short",
    "soft-launch-waiting",
    "held",
    "unsupported",
    "unmanaged",
    "moved",
    "advice",
    "done",
];

/// What is thought of a survey in field.
pub(crate) const VERDICTS: [&str; 17] = [
    "gone",
    "unread",
    "stalled",
    "ended-short",
    "check-failed",
    "soft-launch-waiting",
    "overquota-risk",
    "slow",
    "on-track",
    "in-field",
    "scheduled",
    "paused",
    "done",
    "closed",
    "draft",
    "unmade",
    "unclear",
];

/// Lists of words by the names of surveys.
fn words_of(words: &[&str], example: &str) -> Value {
    json!({
        "type": "object", "minProperties": 1,
        "additionalProperties": {"type": "array", "items": {"type": "string", "enum": words}},
        "examples": [{"soda-tracker-w3": [example]}],
    })
}

shapes! {
    /// The name of a survey.
    Tested = json!({SURVEY_MARK: true, "type": "string", "minLength": 1, "examples": ["soda-tracker-w3"]});
    /// A time that passes.
    Passing = json!({
        "type": "string", "pattern": "^([0-9]{1,6}[dhms] ?)+$", "examples": ["1d"],
        HELP: "write a time such as `3h` or `11d`",
    });
    /// A moment, in UTC.
    Moment = json!({
        "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z$",
        "examples": ["2026-12-01T09:00:00Z"], HELP: "write a time in UTC, such as `2026-12-01T09:00:00Z`",
    });
    /// Money that may be below zero; of several currencies, a list.
    Amounts = json!({
        "type": ["string", "array"], "minItems": 1, "items": {"type": "string"}, "examples": ["750.00 USD"],
    });
    /// Actions by surveys.
    Actions = words_of(&ACTIONS, "create");
    /// Notes by surveys.
    Notes = words_of(&NOTES, "advice");
    /// Names of rules by surveys.
    RulesBySurvey = json!({
        "type": "object", "minProperties": 1, "additionalProperties": {"type": "array", "items": {"type": "string"}},
        "examples": [{"soda-tracker-w3": ["max-cpi-de"]}],
    });
    /// Guards.
    Guards = {
        let all: Vec<&str> = Guard::approvable().map(Guard::key).collect();
        json!({"type": "array", "items": {"type": "string", "enum": all}, "examples": [["launch"]]})
    };
    /// What to think of a survey.
    Judged = json!({"type": "string", "enum": VERDICTS, "examples": ["on-track"]});
    /// The key of a marketplace.
    At = {
        let keys: Vec<&str> = VendorId::all().iter().map(|vendor| vendor.key()).collect();
        json!({"type": "string", "enum": keys})
    };
    /// Values by their places in a manifest.
    Places = json!({
        "type": "object", "minProperties": 1, "propertyNames": {"pattern": "^(/[^/]+)+$"}, "additionalProperties": true,
        "examples": [{"/cpi": "3.00 USD"}],
    });
}

/// A test of manifests: what a plan of them says, and what becomes of them. It runs in a sandbox of its own and reaches no
/// vendor.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Test", deny_unknown_fields, extend("required" = ["name"]))]
pub(crate) struct TestManifest {
    /// Its name: lower-case letters, digits and dashes, unique among the tests of the project.
    #[schemars(with = "Name")]
    pub(crate) name: String,
    /// Files and folders with the manifests that are tested, relative to this file; the whole project if left out.
    #[schemars(with = "Vec<String>", length(min = 1), inner(length(min = 1)), example = json!(["../surveys"]))]
    pub(crate) manifests: Option<Vec<String>>,
    /// The environment whose guards and alarms count; those of `sandbox` if left out. Its accounts are never used.
    #[schemars(with = "String", length(min = 1), example = &"production")]
    pub(crate) environment: Option<String>,
    /// What time it is when the test begins, in UTC; 2026-01-05T09:00:00Z, a Monday, if left out. The clock stands still until a
    /// step moves it.
    #[schemars(with = "Moment")]
    pub(crate) at: Option<String>,
    /// What happens, in this order.
    #[schemars(with = "Vec<StepManifest>", length(min = 1))]
    pub(crate) steps: Option<Vec<StepManifest>>,
    /// What is expected after the last step.
    #[schemars(with = "ExpectManifest")]
    pub(crate) expect: Option<ExpectManifest>,
}

/// Something that happens: one of these.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Step", deny_unknown_fields, extend("minProperties" = 1))]
pub(crate) struct StepManifest {
    /// Applies the manifests, as `infield apply --yes` does.
    #[schemars(with = "ApplyManifest")]
    pub(crate) apply: Option<ApplyManifest>,
    /// Lets people answer a survey, as `infield sandbox respondents` does.
    #[schemars(with = "RespondentsManifest")]
    pub(crate) respondents: Option<RespondentsManifest>,
    /// Lets time pass, as `infield sandbox clock` does.
    #[schemars(with = "Passing")]
    pub(crate) clock: Option<String>,
    /// Changes a manifest for the rest of the test; the file stays as it is.
    #[schemars(with = "EditManifest")]
    pub(crate) edit: Option<EditManifest>,
    /// What is expected at this point.
    #[schemars(with = "ExpectManifest")]
    pub(crate) expect: Option<ExpectManifest>,
}

/// How the manifests are applied.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ApplyManifest {
    /// Guards that are approved.
    #[schemars(with = "Guards")]
    pub(crate) allow: Vec<String>,
    /// Goes on to stages, as `--advance` does.
    #[schemars(with = "Vec<String>", example = ["soda-tracker-w3=full"])]
    pub(crate) advance: Vec<String>,
    /// Puts these back in field, as `--resume` does.
    #[schemars(with = "Vec<String>", example = ["soda-tracker-w3"])]
    pub(crate) resume: Vec<String>,
    /// Whether something of it may be refused or blocked. Otherwise that fails the test.
    #[schemars(with = "bool", example = true)]
    pub(crate) in_part: bool,
}

/// People who come.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["survey"]))]
pub(crate) struct RespondentsManifest {
    /// The survey or group that they answer.
    #[schemars(with = "Tested")]
    pub(crate) survey: String,
    /// Where it is, where several marketplaces field it.
    #[schemars(with = "At")]
    pub(crate) vendor: Option<String>,
    /// Completed interviews.
    #[schemars(with = "u64", range(max = 1_000_000), example = 40)]
    pub(crate) completes: u64,
    /// Interviews that the survey ended early.
    #[schemars(with = "u64", range(max = 1_000_000), example = 10)]
    pub(crate) terminations: u64,
    /// Only respondents of this quota.
    #[schemars(with = "String", length(min = 1), example = &"men")]
    pub(crate) quota: Option<String>,
}

/// A change of a manifest.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["manifest"]))]
pub(crate) struct EditManifest {
    /// The name of the survey or group of surveys.
    #[schemars(with = "Tested")]
    pub(crate) manifest: String,
    /// Values by their places in the document, as JSON pointers; null takes one out.
    #[schemars(with = "Places")]
    pub(crate) set: Option<Map<String, Value>>,
    /// Takes the whole document out.
    #[schemars(with = "bool", example = true)]
    pub(crate) remove: bool,
}

/// What is expected.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Expectations", deny_unknown_fields, extend("minProperties" = 1))]
pub(crate) struct ExpectManifest {
    /// Of a plan that is made now.
    #[schemars(with = "PlanManifest")]
    pub(crate) plan: Option<PlanManifest>,
    /// Of surveys in field, by their names.
    #[schemars(with = "IndexMap<String, StatusManifest>", length(min = 1))]
    #[schemars(example = json!({"soda-tracker-w3": {"verdict": "on-track", "completes": 40}}))]
    pub(crate) status: Option<IndexMap<String, StatusManifest>>,
}

/// What a plan says.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub(crate) struct PlanManifest {
    /// What is done with surveys and groups, in the order in which it is done; `[]` for nothing.
    #[schemars(with = "Actions")]
    pub(crate) surveys: Option<IndexMap<String, Vec<String>>>,
    /// The kinds of notes about surveys and groups, whatever their number and order.
    #[schemars(with = "Notes")]
    pub(crate) notes: Option<IndexMap<String, Vec<String>>>,
    /// The project's own rules that say something about surveys and groups, whatever their order.
    #[schemars(with = "RulesBySurvey")]
    pub(crate) rules: Option<IndexMap<String, Vec<String>>>,
    /// How many writing calls it makes; 0 for a plan that changes nothing.
    #[schemars(with = "u64", range(max = 1_000_000), example = 2)]
    pub(crate) calls: Option<u64>,
    /// The guards that ask for an approval.
    #[schemars(with = "Guards")]
    pub(crate) guards: Option<Vec<String>>,
    /// What surveys in field can cost from then on.
    #[schemars(with = "ExposureManifest")]
    pub(crate) exposure: Option<ExposureManifest>,
}

/// The most that surveys in field can cost.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub(crate) struct ExposureManifest {
    /// Before the plan.
    #[schemars(with = "Amounts")]
    pub(crate) before: Option<Value>,
    /// After it.
    #[schemars(with = "Amounts")]
    pub(crate) after: Option<Value>,
    /// The difference; negative where the plan lowers it.
    #[schemars(with = "Amounts")]
    pub(crate) change: Option<Value>,
}

/// How far a survey got.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Fieldwork", deny_unknown_fields, extend("minProperties" = 1))]
pub(crate) struct StatusManifest {
    /// What to think of it.
    #[schemars(title = "Verdict", with = "Judged")]
    pub(crate) verdict: Option<String>,
    /// Completes collected.
    #[schemars(title = "Completes", with = "u64", range(max = MAX_COMPLETES), example = 40)]
    pub(crate) completes: Option<u64>,
    /// Completes wanted, at its stage where it is fielded in stages.
    #[schemars(title = "Goal", with = "u64", range(max = MAX_COMPLETES), example = 400)]
    pub(crate) goal: Option<u64>,
    /// The vendor's word for its status, as `infield status` shows it.
    #[schemars(title = "Status", with = "String", length(min = 1), example = &"live")]
    pub(crate) status: Option<String>,
    /// The stage that it is on.
    #[schemars(title = "Stage", with = "Name", example = &"soft")]
    pub(crate) stage: Option<String>,
    /// What the completes so far cost.
    #[schemars(title = "Cost", with = "String", example = &"100.00 USD")]
    pub(crate) cost: Option<String>,
}
