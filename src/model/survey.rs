//! A survey as somebody states it: the manifest, the vendor, or our memory of the last apply.

use super::attributes::Attributes;
use super::{Criterion, Field, Money, Quota};
use jiff::Timestamp;
use rust_decimal::Decimal;
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
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Closed => "closed",
        })
    }
}

/// The fields of a survey. See [`Field`] for what a missing one means, which depends on who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SurveySpec {
    /// Title at the vendor.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub title: Field<String>,
    /// BCP 47 tag, `en-US`.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub locale: Field<String>,
    /// Completes wanted.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub completes: Field<u64>,
    /// Expected incidence rate, percent.
    #[serde(skip_serializing_if = "Field::is_absent")]
    #[schemars(with = "Option<String>")]
    pub incidence_rate: Field<Decimal>,
    /// Expected length of interview, minutes.
    #[serde(skip_serializing_if = "Field::is_absent")]
    #[schemars(with = "Option<String>")]
    pub length_of_interview: Field<Decimal>,
    /// Time in field, days.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub field_days: Field<u64>,
    /// When it should go in field, UTC; at vendors that take dates.
    #[serde(skip_serializing_if = "Field::is_absent")]
    #[schemars(with = "Option<String>")]
    pub start: Field<Timestamp>,
    /// When it should go out of field, UTC; at vendors that take dates.
    #[serde(skip_serializing_if = "Field::is_absent")]
    #[schemars(with = "Option<String>")]
    pub end: Field<Timestamp>,
    /// Price per complete; `Null` is the vendor's market price.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub cpi: Field<Money>,
    /// Highest price per complete, where a vendor tells the offered price and its ceiling apart.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub max_cpi: Field<Money>,
    /// Entry URL for respondents.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub live_url: Field<String>,
    /// Entry URL for tests.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub test_url: Field<String>,
    /// Wanted or seen status.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub status: Field<Status>,
    /// The vendor's template the survey is made from; create-only at vendors that have templates.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub template: Field<u64>,
    /// All must hold; canonical order.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub qualifications: Field<Vec<Criterion>>,
    /// In manifest order.
    #[serde(skip_serializing_if = "Field::is_absent")]
    pub quotas: Field<Vec<Quota>>,
    /// The vendor's own settings.
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
}

impl SurveySpec {
    /// Whether any question is asked of respondents, to let them in or to count them.
    pub fn asks(&self) -> bool {
        let listed = self.qualifications.value().is_some_and(|list| !list.is_empty());
        listed || self.quotas.value().is_some_and(|list| !list.is_empty())
    }
}
