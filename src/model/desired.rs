//! What should be in field: the manifests, checked, resolved and with the files forgotten.

use super::{Address, Field, Ladder, Money, Renames, Status, Study, SurveySpec, VendorId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything the manifests ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desired {
    /// Surveys by address.
    pub surveys: BTreeMap<Address, DesiredSurvey>,
    /// Exclusion groups by address; they share the namespace of surveys.
    pub groups: BTreeMap<Address, DesiredGroup>,
    /// How surveys are divided that several marketplaces field, by the name of the manifest.
    pub studies: BTreeMap<Address, Study>,
    /// Names that they had before.
    pub renames: Renames,
}

/// One survey at one vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredSurvey {
    /// Where it is fielded.
    pub vendor: VendorId,
    /// What the manifest manages. Its status is in `spec.status`.
    pub spec: SurveySpec,
    /// What to do in the situations that need a decision.
    pub policy: Policy,
    /// Quotas that had another name, by the new one, and `None` for those that are said to be new.
    pub moved_quotas: MovedQuotas,
    /// The stages on which it is fielded, where there are any.
    pub ladder: Option<Ladder>,
}

/// Old names of quotas by new ones; `None` for a quota that is said to be new.
pub type MovedQuotas = BTreeMap<String, Option<String>>;

impl DesiredSurvey {
    /// A survey without stages that says nothing of old names of its quotas.
    pub fn new(vendor: VendorId, spec: SurveySpec, policy: Policy) -> Self {
        Self {
            vendor,
            spec,
            policy,
            moved_quotas: MovedQuotas::new(),
            ladder: None,
        }
    }

    /// The wanted status; a manifest that does not say gets a draft and is never launched or closed.
    pub fn status(&self) -> Option<Status> {
        match self.spec.status {
            Field::Set(status) => Some(status),
            Field::Absent | Field::Null => None,
        }
    }
}

/// What a manifest says that no vendor is told: decisions it takes in advance, and tags.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// The manifest names another template than the survey was made from.
    pub on_template_change: OnTemplateChange,
    /// The manifest changes what the vendor has fixed since the survey was made or launched.
    #[serde(skip_serializing_if = "OnFixedChange::is_default")]
    pub on_fixed_change: OnFixedChange,
    /// The survey was stopped by somebody else.
    pub on_external_pause: OnExternalPause,
    /// The manifest is gone.
    pub on_remove: OnRemove,
    /// The survey is neither closed, nor replaced, nor removed, until an earlier apply has lifted this.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// Words by which commands find it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// The most that everything of the manifest may still cost, together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
}

/// What to do when the template in the manifest cannot be applied to the existing survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnTemplateChange {
    /// Leave the survey alone and say so.
    #[default]
    Refuse,
    /// Create a new survey from the template and close the old one.
    Replace,
}

/// What to do when the manifest changes something that the vendor does not let change any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnFixedChange {
    /// Leave the survey alone and say so.
    #[default]
    Refuse,
    /// Create a new survey and close the old one. What has ended for good and is asked back gets a new one for what is
    /// missing.
    Replace,
}

impl OnFixedChange {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What to do when a survey we launched is paused by the vendor or by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnExternalPause {
    /// Report it as drift.
    #[default]
    Report,
    /// Resume it.
    Resume,
}

/// What to do with a survey whose manifest was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnRemove {
    /// Leave it as it is at the vendor and forget it.
    Forget,
    /// Pause it if it is live, and keep it in state.
    #[default]
    Pause,
    /// Close it.
    Close,
}

impl fmt::Display for OnRemove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Surveys whose respondents may not take part in each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DesiredGroup {
    /// Where it exists.
    pub vendor: VendorId,
    /// The key by which it is found at the vendor, chosen by us.
    pub reference: String,
    /// Name for people.
    pub title: String,
    /// Members in canonical order.
    pub members: Vec<GroupMember>,
    /// Days during which a respondent of one member is kept out of the others.
    pub exclusion_days: Option<u64>,
}

/// A survey in an exclusion group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupMember {
    /// A survey of this project, or a group of one where groups are what is fielded.
    Survey(Address),
    /// One that was made elsewhere, by the vendor's id.
    VendorId(MemberId),
}

impl GroupMember {
    /// The member as manifests and plans write it.
    pub fn written(&self) -> Value {
        match self {
            Self::Survey(address) => Value::from(address.as_str()),
            Self::VendorId(id) => id.into(),
        }
    }
}

/// A vendor's id of something in an exclusion group: a number, or a text that is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MemberId {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

impl MemberId {
    /// The id as a text.
    pub fn text(&self) -> String {
        match self {
            Self::Number(id) => id.to_string(),
            Self::Text(id) => id.clone(),
        }
    }
}

impl From<u64> for MemberId {
    fn from(id: u64) -> Self {
        Self::Number(id)
    }
}

impl From<&str> for MemberId {
    fn from(id: &str) -> Self {
        id.parse()
            .map_or_else(|_| Self::Text(id.to_owned()), Self::Number)
    }
}

impl From<&MemberId> for Value {
    fn from(id: &MemberId) -> Self {
        match id {
            MemberId::Number(id) => Self::from(*id),
            MemberId::Text(id) => Self::from(id.as_str()),
        }
    }
}
