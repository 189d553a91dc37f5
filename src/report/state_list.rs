//! What is remembered, as a list: `infield.state-list/1`.

use super::json::pretty;
use crate::model::Links;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What infield remembers of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield state list")]
pub struct StateList {
    /// The format's name and version.
    pub format: Format,
    /// The environment.
    pub environment: String,
    /// Surveys and groups, by name.
    pub resources: Vec<Remembered>,
    /// Creates of which it is not known whether they were carried out.
    pub unknown: Vec<Open>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.state-list/1")]
    V1,
}

/// A survey or group that is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remembered {
    /// Its name in the project.
    #[schemars(example = &"soda-tracker-w3")]
    pub address: String,
    /// The vendor's key.
    #[schemars(example = &"purespectrum")]
    pub vendor: String,
    /// The vendor's id.
    #[schemars(example = &"1000001")]
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it was left in field.
    pub in_field: bool,
    /// Whether its manifest was gone when it was applied last.
    pub orphaned: bool,
    /// Ids of those that it replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// The freeze that keeps it out of field, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<String>,
    /// Where somebody tries it out, as the vendor showed it last.
    #[serde(default, skip_serializing_if = "Links::is_none")]
    pub links: Links,
    /// Words by which commands find it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// What a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "RememberedKind")]
pub enum Kind {
    /// A survey, or a group inside of one.
    Survey,
    /// Surveys that keep their respondents out of each other.
    ExclusionGroup,
}

/// A create with unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Open {
    /// The survey or group it was for.
    pub address: String,
    /// The vendor's key.
    pub vendor: String,
    /// When it was sent, UTC.
    pub since: String,
    /// The name of the intent.
    pub intent: String,
}

impl StateList {
    /// As JSON.
    pub fn to_json(&self) -> String {
        pretty(self)
    }
}
