//! What an approval by a plan's name covers, as the state keeps it.

use super::{Address, Money};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A plan that was approved by its name and begun: what a later run may still do of it.
///
/// Made and judged by `plan::approval`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The plan's whole name.
    pub name: String,
    /// Digests of its steps, and of the changes and calls of steps with several calls. None once all of it was done.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub covers: BTreeSet<String>,
    /// What it makes: in later plans their ids stand where this one has placeholders.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub makes: BTreeSet<Address>,
    /// The most that each survey it touches can cost in all; `None` where nothing bounds it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ceilings: BTreeMap<Address, Option<Money>>,
}
