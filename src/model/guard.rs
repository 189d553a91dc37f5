//! What needs approval before money or respondents are at stake.

use super::Money;
use rust_decimal::Decimal;
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
    /// Something in field stops, or is forgotten, because the manifests do not name it any more.
    Remove,
    /// A new survey takes the place of an existing one.
    Replace,
    /// Who is asked changes while respondents are already asked.
    EditLiveTargeting,
    /// More money than the limits allow.
    Exposure,
    /// More of the surveys at once than the limits allow.
    Changes,
    /// Outcomes of transactions change.
    Reconcile,
    /// Every complete that a list does not name is rejected; no step of a plan does that.
    AcceptList,
}

/// What is said of a guard.
struct About {
    word: &'static str,
    before: &'static str,
    rule: Rule,
}

impl Guard {
    /// Every guard, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Launch,
        Self::Close,
        Self::Remove,
        Self::Replace,
        Self::EditLiveTargeting,
        Self::Exposure,
        Self::Changes,
        Self::Reconcile,
        Self::AcceptList,
    ];

    fn about(self) -> About {
        let (word, before, rule) = match self {
            Self::Launch => (
                "launch",
                "a survey going in field, for the first time or again",
                Rule::Ask,
            ),
            Self::Close => ("close", "a survey being closed for good", Rule::Ask),
            Self::Remove => (
                "remove",
                "something in field stopping, or being forgotten, because it was removed from the manifests",
                Rule::Ask,
            ),
            Self::Replace => (
                "replace",
                "a new survey taking the place of an old one",
                Rule::Deny,
            ),
            Self::EditLiveTargeting => (
                "edit-live-targeting",
                "a change of who is asked while respondents are asked",
                Rule::Ask,
            ),
            Self::Exposure => (
                "exposure",
                "more money than the limits allow; there are none unless set",
                Rule::Deny,
            ),
            Self::Changes => (
                "changes",
                "more of the surveys being removed, paused or changed at once than its limits allow",
                Rule::Ask,
            ),
            Self::Reconcile => ("reconcile", "transactions changing their outcomes", Rule::Ask),
            Self::AcceptList => (
                "accept-list",
                "every complete being rejected that a list does not name (`infield accept-list` only)",
                Rule::Ask,
            ),
        };
        About { word, before, rule }
    }

    /// The name used in `infield.yaml` and after `--allow`.
    pub fn key(self) -> &'static str {
        self.about().word
    }

    /// What it stands before, as a part of a sentence.
    pub fn stands_before(self) -> &'static str {
        self.about().before
    }

    /// What an environment says to it that says nothing. Limits on money are never asked about: what breaks them does
    /// not happen.
    pub fn default_rule(self) -> Rule {
        self.about().rule
    }

    /// The guard with this name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.key() == key)
    }

    /// The guards that an environment has a rule for, in the order of `infield.yaml`. The others have limits instead.
    pub fn with_rules() -> impl Iterator<Item = Self> {
        Self::approvable().filter(|guard| *guard != Self::Changes)
    }

    /// The guards that an approval can lift. Limits of money are lifted by nothing.
    pub fn approvable() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|guard| *guard != Self::Exposure)
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// How many surveys a state holds before shares of them are limited unasked. Of fewer, each is a large share.
pub const MANY: usize = 10;

/// What one plan does to many surveys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "ReachedReport")]
pub enum Reached {
    /// The manifests do not name them any more.
    Removed,
    /// They leave the field, for now or for good, whatever the reason.
    Paused,
    /// Anything is done to them.
    Touched,
}

impl Reached {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Removed, Self::Paused, Self::Touched];

    /// The name of its limit in `infield.yaml`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Removed => "max_removed",
            Self::Paused => "max_paused",
            Self::Touched => "max_touched",
        }
    }

    /// What happens to them, as the end of a sentence.
    pub fn happens(self) -> &'static str {
        match self {
            Self::Removed => "are removed from the manifests",
            Self::Paused => "leave the field",
            Self::Touched => "are changed",
        }
    }

    /// The share that goes unasked where an environment says nothing, percent.
    pub fn usual(self) -> Option<Decimal> {
        match self {
            Self::Removed => Some(Decimal::TEN),
            Self::Paused => Some(Decimal::from(30)),
            Self::Touched => None,
        }
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

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::Allow, Self::Ask, Self::Deny];

    /// The word in `infield.yaml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }

    /// The rule of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
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
    /// Limits on what surveys with a tag may still cost together: by the tag's word, its value and the currency.
    pub budgets: BTreeMap<String, BTreeMap<String, BTreeMap<String, Money>>>,
    /// What the environment says about how many surveys a plan may reach, percent; see [`GuardRules::share`].
    pub shares: BTreeMap<Reached, Decimal>,
}

impl GuardRules {
    /// The rule for a guard.
    pub fn rule(&self, guard: Guard) -> Rule {
        self.rules
            .get(&guard)
            .copied()
            .unwrap_or_else(|| guard.default_rule())
    }

    /// The share of the surveys, percent, that one plan may reach without an approval; `None` for any. What is usual counts
    /// once the state holds [`MANY`] surveys, what the environment says always.
    pub fn share(&self, reached: Reached, in_state: usize) -> Option<Decimal> {
        let usual = || reached.usual().filter(|_| in_state >= MANY);
        self.shares.get(&reached).copied().or_else(usual)
    }

    /// Sets the rule for a guard.
    pub fn set(&mut self, guard: Guard, rule: Rule) {
        self.rules.insert(guard, rule);
    }
}

/// A share of the surveys that a plan reaches, above its limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ReachReport")]
pub struct Reach {
    /// What happens to them.
    pub what: Reached,
    /// How many surveys it happens to.
    pub surveys: usize,
    /// How many there are in the state that are neither finished nor closed.
    pub of: usize,
    /// The share that goes without an approval.
    #[schemars(example = &"30%")]
    pub limit: String,
}

impl Reach {
    /// The figures, as a sentence without its end.
    pub fn sentence(&self) -> String {
        let Self {
            what,
            surveys,
            of,
            limit,
        } = self;
        let share = Decimal::from(surveys * 100) / Decimal::from((*of).max(1));
        let (share, key, happens) = (share.round_dp(1).normalize(), what.key(), what.happens());
        format!("{surveys} of {of} surveys ({share}%) {happens}, above {key} {limit}")
    }
}
