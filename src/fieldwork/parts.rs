//! What a survey in field is told in: promises, quotas, and figures in the vendor's words.

use super::forecast::{Forecast, Outlook};
use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure in the vendor's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detail {
    /// What it is called.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Completes of an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// When it ends, UTC.
    #[schemars(with = "String")]
    pub ends: Timestamp,
    /// Completes in it.
    pub completes: u64,
}

/// A figure as it was promised, and as it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Promise {
    /// As the vendor was told.
    #[schemars(with = "Option<String>")]
    pub promised: Option<Decimal>,
    /// As the vendor measured it.
    #[schemars(with = "Option<String>")]
    pub actual: Option<Decimal>,
}

/// How far a quota got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotaFieldwork {
    /// Its name, or the vendor's id where it has none.
    pub name: String,
    /// Completes collected.
    pub completes: Option<u64>,
    /// Completes wanted; unknown where the vendor hides it and infield did not set it.
    pub goal: Option<u64>,
    /// Completes collected, in percent of those that an even pace would have brought by now.
    pub pace: Option<u64>,
    /// What it will end with if it goes on as it went.
    pub forecast: Option<Forecast>,
}

impl QuotaFieldwork {
    /// Whether something of it is still to come.
    pub fn is_open(&self) -> bool {
        self.goal
            .zip(self.completes)
            .is_some_and(|(goal, completes)| completes < goal)
    }

    /// Its pace and what it will end with, where that can be told.
    pub(super) fn outlook(&self) -> Option<Outlook> {
        let (pace, forecast) = (self.pace?, self.forecast?);
        Some(Outlook { pace, forecast })
    }
}

/// A figure as it is shown.
pub(super) fn rounded(figure: Decimal) -> Decimal {
    figure.round_dp(1).normalize()
}
