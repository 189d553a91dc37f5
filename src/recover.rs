//! Settling creates whose outcome is not known: was the survey made, or was it not?
//!
//! A create that may have been carried out is never repeated. Its intent holds what was sent and when; this module
//! looks for a survey that has exactly that content, was made since, and is nobody's yet. Nothing is concluded before
//! the lists had time to settle: until then the right survey may be missing and a copy of it may be there. Then one
//! such survey is adopted, and none at all proves that nothing was made. Everything else is for a person to decide.
//!
//! Creates with the same content are interchangeable: two of them and two surveys are paired in any order.
//!
//! Promises: only readers are used; nothing is written here: `plan` shows what `apply` then records.

use crate::model::marketplace::Recognition;
use crate::model::{Address, Intent, Known, Level, ResourceKind, VendorId};
use crate::state::Op;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod content;
mod group;
mod name;
mod outcome;
mod search;

pub use outcome::Outcome;
pub use search::Search;

/// What was found out about one intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    /// The intent's id.
    pub intent: String,
    /// What it was for.
    pub address: Address,
    /// Whether it happened.
    pub outcome: Outcome,
}

impl Recovery {
    /// What to write into the state; nothing where it could not be told.
    pub fn ops(&self) -> Vec<Op> {
        let close = Op::CloseIntent {
            id: self.intent.clone(),
        };
        match &self.outcome {
            Outcome::Made { resource } => {
                vec![
                    Op::Put {
                        address: self.address.clone(),
                        resource: resource.clone(),
                    },
                    close,
                ]
            }
            Outcome::NotMade | Outcome::Recorded => vec![close],
            Outcome::TooSoon { .. } | Outcome::Undecided { .. } => Vec::new(),
        }
    }

    /// Applies the finding to what is known, without writing anything.
    pub fn apply_to(&self, known: &mut Known) {
        match &self.outcome {
            Outcome::Made { resource } => {
                known.resources.insert(self.address.clone(), (**resource).clone());
                known.intents.remove(&self.intent);
            }
            Outcome::NotMade | Outcome::Recorded => drop(known.intents.remove(&self.intent)),
            Outcome::TooSoon { .. } | Outcome::Undecided { .. } => {}
        }
    }

    /// The finding in one line, without the address.
    pub fn describe(&self) -> String {
        match &self.outcome {
            Outcome::Made { resource } => {
                let what = match resource.kind {
                    ResourceKind::Survey(_) => "survey",
                    ResourceKind::Group(_) => "exclusion group",
                };
                format!(
                    "{what} {} is the one whose create lost its answer; it is taken over",
                    resource.id
                )
            }
            Outcome::NotMade => "the create that lost its answer was not carried out".to_owned(),
            Outcome::Recorded => "the create was carried out, and its survey is in the state".to_owned(),
            Outcome::TooSoon { wait } => {
                format!(
                    "whether it was created shows in about {} s",
                    wait.as_secs().max(1)
                )
            }
            Outcome::Undecided { why } => format!("whether it was created cannot be told: {why}"),
        }
    }
}

/// Looks for the outcome of every open intent.
///
/// `alone_for` is how long the state has been locked, by a steady clock: whoever sent those creates cannot send any more since
/// then. Without a lock a create under way cannot be told from a lost one, and the answer is good for showing only.
pub async fn recover<S: Search>(
    known: &Known,
    readers: &BTreeMap<VendorId, S>,
    alone_for: Option<SignedDuration>,
) -> Vec<Recovery> {
    let mut by_vendor: BTreeMap<VendorId, Vec<(&String, &Intent)>> = BTreeMap::new();
    let mut all = Vec::new();
    let found = |id: &String, intent: &Intent, outcome| Recovery {
        intent: id.clone(),
        address: intent.address.clone(),
        outcome,
    };
    for (id, intent) in &known.intents {
        if is_recorded(known, intent) {
            all.push(found(id, intent, Outcome::Recorded));
        } else {
            by_vendor.entry(intent.vendor).or_default().push((id, intent));
        }
    }
    for (vendor, intents) in by_vendor {
        let (groups, intents): (Vec<_>, Vec<_>) = intents
            .into_iter()
            .partition(|(_, intent)| intent.group.is_some());
        for (id, intent) in groups {
            let outcome = group::recover(vendor, intent, readers.get(&vendor), alone_for).await;
            all.push(found(id, intent, outcome));
        }
        let by_content = |intent: &Intent| {
            let level = Level::of(vendor, &intent.address);
            let reader = readers.get(&vendor);
            reader.is_none_or(|reader| reader.recognition(level) == Recognition::Content)
        };
        let (content, titled): (Vec<_>, Vec<_>) =
            intents.into_iter().partition(|(_, intent)| by_content(intent));
        let mut outcomes = Vec::new();
        if !content.is_empty() {
            let reader = readers.get(&vendor);
            outcomes.extend(content::recover(vendor, &content, known, reader, alone_for).await);
        }
        if let Some(reader) = readers.get(&vendor).filter(|_| !titled.is_empty()) {
            outcomes.extend(name::recover(vendor, &titled, known, reader, alone_for).await);
        }
        let intents = content.into_iter().chain(titled).zip(outcomes);
        all.extend(intents.map(|((id, intent), outcome)| found(id, intent, outcome)));
    }
    for recovery in &mut all {
        inherit(known, recovery);
    }
    all
}

/// What a survey stands in for leaves behind its names and what it has collected.
fn inherit(known: &Known, recovery: &mut Recovery) {
    if let Outcome::Made { resource } = &mut recovery.outcome
        && let ResourceKind::Survey(survey) = &mut resource.kind
        && let Some(before) = known.survey(&recovery.address)
    {
        survey.stand_in_for(before);
    }
}

/// Whether the survey that the create made is in the state already: a write of both was cut off in between.
fn is_recorded(known: &Known, intent: &Intent) -> bool {
    known
        .resources
        .get(&intent.address)
        .is_some_and(|resource| !intent.former.contains(&resource.id))
}

#[cfg(test)]
mod tests;
