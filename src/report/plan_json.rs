//! The frozen machine format of a plan, `infield.plan/1`.
//!
//! Promises: the types here are the format and nothing else uses them, so that the planner may change without the
//! format moving; keys are only ever added, and readers are asked to ignore keys they do not know. Money is text in
//! plain decimals. Steps stand in an order that respects their dependencies.

mod from_plan;

use super::PictureMark;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What infield would do, why, what it would cost, and what it would leave alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield plan")]
pub struct PlanReport {
    /// The format's name and version.
    pub format: Format,
    /// The environment the plan was made for.
    pub environment: String,
    /// The plan's name, as `infield apply --approve` takes it. Two plans with the same name send the same calls.
    #[schemars(regex(pattern = r"^[2-9a-km-z]{4}-[2-9a-km-z]{4}$"), example = &"k7m2-9qfd")]
    pub hash: String,
    /// Present where the plan was made from a picture: no vendor was asked, and the state was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureReport>,
    /// Counts over the steps.
    pub summary: SummaryReport,
    /// Completes still wanted of surveys in field times their price, one entry per currency.
    pub exposure: Vec<ExposureReport>,
    /// What would be done, every step after those it depends on.
    pub steps: Vec<StepReport>,
    /// What is worth a look although nothing is done about it.
    pub notes: Vec<NoteReport>,
    /// What moved at the vendors since it was left there; only with `--refresh-only`, whose plans have no steps and whose
    /// exposure is as left and as found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Vec<DriftReport>>,
    /// Outcomes of transactions, each list with a name of its own to approve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reconciliations: Vec<super::ReconciliationReport>,
    /// What vendors estimate for what the plan makes or changes, with `--feasibility`: advice, and no part of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimates: Vec<super::feasibility::Row>,
}

/// The picture a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PictureReport {
    /// When it was taken, UTC, RFC 3339.
    #[schemars(example = &"2026-11-24T08:00:00Z")]
    pub taken: String,
    /// How old it was when the plan was made, in seconds.
    pub age_seconds: u64,
    /// Whether digests stand in the plan for redacted texts, so that the plan made with credentials has another hash.
    pub redacted: bool,
    /// Whether it had to be presumed that the names of what is new are free, and that the vendor takes its targeting.
    pub presumed: bool,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.plan/1")]
    V1,
}

/// Counts over the steps of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SummaryReport {
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
    /// Surveys and groups with nothing to do.
    pub unchanged: usize,
    /// Writing calls.
    pub calls: usize,
}

/// Exposure in one currency, as plain decimals without the currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExposureReport {
    /// ISO 4217 code.
    #[schemars(regex(pattern = "^[A-Z]{3}$"), example = &"USD")]
    pub currency: String,
    /// Before the plan.
    #[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = &"0.00")]
    pub before: String,
    /// After the plan.
    #[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = &"1500.00")]
    pub after: String,
    /// The difference; negative where the plan lowers it.
    #[schemars(regex(pattern = r"^-?[0-9]+(\.[0-9]+)?$"), example = &"1500.00")]
    pub change: String,
}

/// One action on one survey or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepReport {
    /// The step's name, unique within the plan.
    #[schemars(example = &"soda-tracker-w3:launch")]
    pub id: String,
    /// The survey or group, by its name in the project.
    #[schemars(example = &"soda-tracker-w3")]
    pub address: String,
    /// The vendor's key.
    #[schemars(example = &"purespectrum")]
    pub vendor: String,
    /// What is done.
    pub action: ActionReport,
    /// Why, in one line for people.
    pub reason: String,
    /// The fields it changes.
    pub changes: Vec<ChangeReport>,
    /// The calls, in order. Nothing else is written.
    pub calls: Vec<CallReport>,
    /// Names of the steps that must be done first.
    pub depends_on: Vec<String>,
    /// What somebody or something has to approve first.
    pub guards: Vec<GuardReport>,
}

/// A survey or group that is not as it was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftReport {
    /// The survey or group, by its name in the project.
    #[schemars(example = &"soda-tracker-w3")]
    pub address: String,
    /// The vendor's key.
    #[schemars(example = &"purespectrum")]
    pub vendor: String,
    /// What moved: before as it was left, after as it was found.
    pub changes: Vec<ChangeReport>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActionReport {
    /// Makes it, as a draft.
    Create,
    /// Changes it in place.
    Update,
    /// Makes a new one in place of one that cannot be changed.
    Replace,
    /// Puts a draft in field.
    Launch,
    /// Puts a paused survey back in field.
    Resume,
    /// Takes it out of field for now.
    Pause,
    /// Takes it out of field for good.
    Close,
    /// Only forgets it.
    Forget,
}

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeReport {
    /// JSON pointer in the vocabulary of the manifest.
    #[schemars(example = &"/quotas/men/completes")]
    pub path: String,
    /// What the vendor shows now; null where there is nothing.
    pub before: Value,
    /// What the manifest wants; null where it goes.
    pub after: Value,
    /// What the change does to what is collected and paid already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Present and true where somebody else moved the field since the last apply.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drift: bool,
}

/// One call to a vendor. `{address}` in a path and `{"$id": "address"}` in a body stand for ids that earlier calls return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallReport {
    /// HTTP method.
    pub method: MethodReport,
    /// Path below the vendor's base URL.
    #[schemars(example = &"/surveys")]
    pub path: String,
    /// Headers of this call alone; `{$key}` stands for the idempotency key that is made when it is sent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// JSON body; missing where the call has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What is sent instead, once, when the vendor refuses the call or answers without doing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Box<CallReport>>,
}

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the methods of HTTP explain themselves")]
pub enum MethodReport {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A kind of danger that needs approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GuardReport {
    /// A survey goes in field, for the first time or again.
    Launch,
    /// A survey is closed for good.
    Close,
    /// A new survey takes the place of an existing one.
    Replace,
    /// Who is asked changes while respondents are already asked.
    EditLiveTargeting,
    /// More money than the limits allow.
    Exposure,
    /// Outcomes of transactions change.
    Reconcile,
    /// Every complete that a list does not name is rejected; no step of a plan does that.
    AcceptList,
}

/// Something worth a look although nothing is done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoteReport {
    /// The survey or group.
    pub address: String,
    /// What sort of remark it is.
    pub kind: NoteKindReport,
    /// What is the matter, one sentence.
    pub message: String,
    /// What to type or do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The manifest field it is about, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoteKindReport {
    /// A guard or a rule of infield refuses a step.
    Refused,
    /// Something has to happen first; nothing is done until then.
    Blocked,
    /// The vendor shows something else than was left there.
    Drift,
    /// The vendor or infield cannot do it.
    Unsupported,
    /// Found at the vendor, not managed by a manifest, left alone.
    Unmanaged,
    /// Good to know before approving.
    Advice,
}

impl PlanReport {
    /// The same, marked as made from a picture.
    #[must_use]
    pub fn with_picture(mut self, mark: Option<&PictureMark>) -> Self {
        self.picture = mark.map(|mark| PictureReport {
            taken: mark.taken.clone(),
            age_seconds: mark.age_seconds,
            redacted: mark.redacted,
            presumed: mark.presumed,
        });
        self
    }

    /// The format as text: two-space indentation, keys always in the same order, a line feed at the end.
    pub fn to_text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a report consists of plain data");
        text.push('\n');
        text
    }
}

/// The JSON Schema of [`PlanReport`], draft 2020-12.
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<PlanReport>()
        .to_value()
}
