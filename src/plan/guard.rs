//! What needs approval before money or respondents are at stake.

use crate::model::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A kind of danger that needs approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "GuardReport")]
pub enum Guard {
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

impl Guard {
    /// Every guard, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Launch,
        Self::Close,
        Self::Replace,
        Self::EditLiveTargeting,
        Self::Exposure,
        Self::Reconcile,
        Self::AcceptList,
    ];

    /// The name used in `infield.yaml` and after `--allow`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Launch => "launch",
            Self::Close => "close",
            Self::Replace => "replace",
            Self::EditLiveTargeting => "edit-live-targeting",
            Self::Exposure => "exposure",
            Self::Reconcile => "reconcile",
            Self::AcceptList => "accept-list",
        }
    }

    /// What an environment says to it that says nothing. Limits on money are never asked about: what breaks them does
    /// not happen.
    pub fn default_rule(self) -> Rule {
        match self {
            Self::Launch | Self::Close | Self::EditLiveTargeting | Self::Reconcile | Self::AcceptList => {
                Rule::Ask
            }
            Self::Replace | Self::Exposure => Rule::Deny,
        }
    }

    /// The guard with this name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.key() == key)
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What an environment says to a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Go on without asking.
    Allow,
    /// Ask, or want `--allow`.
    Ask,
    /// Never.
    Deny,
}

/// The rules of one environment. Without any, each guard has its default and money has no limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardRules {
    rules: BTreeMap<Guard, Rule>,
    /// Limit on what one apply may add to the exposure, per currency code.
    pub max_increase: BTreeMap<String, Money>,
    /// Limit on the exposure after an apply, per currency code.
    pub max_total: BTreeMap<String, Money>,
    /// Highest CPI a plan may set, per currency code.
    pub max_cpi: BTreeMap<String, Money>,
}

impl GuardRules {
    /// The rule for a guard.
    pub fn rule(&self, guard: Guard) -> Rule {
        self.rules
            .get(&guard)
            .copied()
            .unwrap_or_else(|| guard.default_rule())
    }

    /// Sets the rule for a guard.
    pub fn set(&mut self, guard: Guard, rule: Rule) {
        self.rules.insert(guard, rule);
    }
}
