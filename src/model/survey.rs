//! A survey as somebody states it: the manifest, the vendor, or our memory of the last apply. Its fields stand in
//! [`super::fields`].

use super::SurveySpec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a survey is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Exists at the vendor, invisible to respondents, costs nothing.
    Draft,
    /// In field: respondents are asked and completes cost money.
    Live,
    /// Out of field for now.
    Paused,
    /// Out of field for good.
    Closed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl SurveySpec {
    /// Whether any question is asked of respondents, to let them in or to count them.
    pub fn asks(&self) -> bool {
        let listed = self.qualifications.value().is_some_and(|list| !list.is_empty());
        listed || self.quotas.value().is_some_and(|list| !list.is_empty())
    }
}
