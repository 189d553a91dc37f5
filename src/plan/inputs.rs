//! What a plan is made from.

use super::market::Marketplaces;
use crate::model::guard::GuardRules;
use crate::model::{Address, Desired, Known, Live};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything a plan is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Name of the environment, part of the plan's identity.
    pub environment: &'a str,
    /// What the manifests want.
    pub desired: &'a Desired,
    /// What is remembered.
    pub known: &'a Known,
    /// What was read.
    pub live: &'a Live,
    /// The rules of the environment.
    pub guards: &'a GuardRules,
    /// What the user asked for on the command line.
    pub choices: &'a Choices,
    /// The vendors' pure halves.
    pub markets: &'a dyn Marketplaces,
}

/// What the user asked for on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Only these resources; empty for all.
    pub targets: BTreeSet<Address>,
    /// Not these resources.
    pub excludes: BTreeSet<Address>,
    /// Resume these although somebody else paused them.
    pub resume: BTreeSet<Address>,
    /// Go on to these stages, whatever the stages before them wait for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub advance: BTreeMap<Address, String>,
    /// Nothing but what was approved before: nobody is there who could approve anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved_before: bool,
    /// Whether the manifests that were read are the whole project, so that a missing one means removed.
    pub whole_project: bool,
    /// Manifests that are not among those that were read and may be in a file that is not: why, by their names. They do not
    /// count as removed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unseen: BTreeMap<String, String>,
}

impl Choices {
    /// Whether a resource is to be resumed although somebody else paused it.
    pub fn resumes(&self, address: &Address) -> bool {
        names(&self.resume, address)
    }

    /// Whether a resource is part of this plan.
    pub fn includes(&self, address: &Address) -> bool {
        let named = |set: &BTreeSet<Address>| {
            names(set, address) || names(set, &Address::survey(address.survey_name()))
        };
        // A group cannot be without the survey that holds it.
        let holds = |set: &BTreeSet<Address>| {
            set.iter().any(|other| {
                let parent = other.parent();
                parent.as_ref() == Some(address) || parent.as_ref() == Some(&address.alone())
            })
        };
        let wanted = self.targets.is_empty() || named(&self.targets) || holds(&self.targets);
        wanted && !named(&self.excludes)
    }
}

/// Whether one of several addresses names this one. A survey is meant at all of its marketplaces, unless one is named.
fn names(set: &BTreeSet<Address>, address: &Address) -> bool {
    set.contains(address) || set.contains(&address.alone())
}
