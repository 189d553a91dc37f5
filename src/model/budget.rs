//! A limit on what some surveys together may still cost.

use super::{Address, Money};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What some surveys together may still cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Whose it is, in words.
    pub whose: String,
    /// Where it is written, in words.
    pub place: String,
    /// The limits, by currency.
    pub limits: BTreeMap<String, Money>,
    /// The surveys and groups that it is for.
    pub members: BTreeSet<Address>,
    /// What they can cost before the plan, an entry for each currency.
    pub before: Vec<Money>,
}
