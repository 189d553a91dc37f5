//! What a vendor estimates for a survey or group that does not exist yet. Advice: nothing is planned on it.
//!
//! Promises: only calls that store nothing; what a manifest does not say is not made up, but told as the reason why the
//! vendor cannot be asked; a figure whose meaning no document gives is passed on without a unit.

use crate::model::{Field, Lexicon, Money, SurveySpec};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an estimate is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The survey or group.
    pub spec: &'a SurveySpec,
    /// The library of its locale, where the vendor resolves criteria in one and something is asked.
    pub lexicon: Option<&'a Lexicon>,
    /// The time.
    pub now: Timestamp,
    /// The time in field where neither the manifest nor the vendor has one, days.
    pub days: u64,
}

/// An estimate, as far as the vendor gives one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Completes that the vendor believes can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<Bounds<u64>>,
    /// Completes over all quotas, where the vendor sums them up; of several layers of quotas, the one with the fewest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Price per complete that the vendor suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub price: Option<Money>,
    /// Prices around it, where the vendor gives a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Bounds<String>>")]
    pub prices: Option<Bounds<Money>>,
    /// Quotas that the vendor finds hard to fill.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hard_quotas: Vec<String>,
    /// A figure for a number of days in field, in the vendor's own form; no document says what it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<Opaque>,
}

/// From and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bounds<T> {
    /// Least.
    pub min: T,
    /// Most.
    pub max: T,
}

/// A figure without a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opaque {
    /// Days in field.
    pub days: u64,
    /// The figure.
    pub figure: serde_json::Value,
    /// The figure as money, as a client of the vendor is known to take it; assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub money: Option<Money>,
}

/// The value of a field that a vendor needs.
///
/// # Errors
/// With why it cannot be asked.
pub fn needed<'a, T>(field: &'a Field<T>, key: &str) -> Result<&'a T, String> {
    field
        .value()
        .ok_or_else(|| format!("the manifest does not say `{key}`, which the vendor wants for an estimate"))
}
