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

use crate::marketplace::shelf::inventory::Made;
use crate::marketplace::{Reader, Sought, VendorError};
use crate::model::marketplace::Recognition;
use crate::model::{
    Address, Intent, Known, KnownSurvey, Level, LiveSurvey, Reading, Resource, ResourceKind, VendorId,
};
use crate::state::Op;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

mod content;
mod name;

/// How much our clock and the vendor's may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// How long after its intent a create may still leave this program: it waits for its turn, and for as long as the
/// vendor asks with 429, several times. Generous, because being wrong makes a survey twice.
const LONGEST_SEND: SignedDuration = SignedDuration::from_hours(1);

/// What recovery asks one vendor. A [`Reader`] asks the vendor itself; tests answer from a list.
pub trait Search: Send + Sync {
    /// How a lost create of something at this level is found.
    fn recognition(&self, level: Level) -> Recognition;

    /// How long something new may be missing from lists.
    fn lists_settle_after(&self) -> Duration;

    /// Every survey of the account made since about then, in any status.
    ///
    /// # Errors
    /// When a page of the list could not be read.
    fn surveys_since(&self, since: Timestamp) -> impl Future<Output = Result<Made, VendorError>> + Send;

    /// What has the same name as each thing sought, in their order.
    fn twins(&self, sought: &[Sought<'_>]) -> impl Future<Output = Vec<Reading<Vec<LiveSurvey>>>> + Send;
}

impl Search for Reader {
    fn recognition(&self, level: Level) -> Recognition {
        Self::recognition(self, level)
    }

    fn lists_settle_after(&self) -> Duration {
        Self::lists_settle_after(self)
    }

    async fn surveys_since(&self, since: Timestamp) -> Result<Made, VendorError> {
        (**self).surveys_since(since).await
    }

    async fn twins(&self, sought: &[Sought<'_>]) -> Vec<Reading<Vec<LiveSurvey>>> {
        (**self).twins(sought).await
    }
}

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

/// Whether a create was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was: this is the survey.
    Made {
        /// What to remember from now on.
        resource: Box<Resource>,
    },
    /// It was not: it may be sent.
    NotMade,
    /// Its answer was recorded; only the intent was left open.
    Recorded,
    /// It cannot be told yet; the lists need this much more time to settle.
    TooSoon {
        /// How long to wait, ISO 8601.
        #[schemars(with = "String")]
        wait: SignedDuration,
    },
    /// It cannot be told; a person has to look.
    Undecided {
        /// Why, for people.
        why: String,
    },
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
                format!(
                    "survey {} is the one whose create lost its answer; it is taken over",
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
/// `alone_since` is when the state was locked: whoever sent those creates cannot send any more since then. Without a
/// lock a create under way cannot be told from a lost one, and the answer is good for showing only.
pub async fn recover<S: Search>(
    known: &Known,
    readers: &BTreeMap<VendorId, S>,
    now: Timestamp,
    alone_since: Option<Timestamp>,
) -> Vec<Recovery> {
    let mut by_vendor: BTreeMap<VendorId, Vec<(&String, &Intent)>> = BTreeMap::new();
    let mut all = Vec::new();
    for (id, intent) in &known.intents {
        if is_recorded(known, intent) {
            all.push(Recovery {
                intent: id.clone(),
                address: intent.address.clone(),
                outcome: Outcome::Recorded,
            });
        } else {
            by_vendor.entry(intent.vendor).or_default().push((id, intent));
        }
    }
    for (vendor, intents) in by_vendor {
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
            outcomes.extend(content::recover(vendor, &content, known, reader, now, alone_since).await);
        }
        if let Some(reader) = readers.get(&vendor).filter(|_| !titled.is_empty()) {
            outcomes.extend(name::recover(vendor, &titled, known, reader, now, alone_since).await);
        }
        all.extend(
            content
                .into_iter()
                .chain(titled)
                .zip(outcomes)
                .map(|((id, intent), outcome)| Recovery {
                    intent: id.clone(),
                    address: intent.address.clone(),
                    outcome,
                }),
        );
    }
    all
}

/// Whether the survey that the create made is in the state already: a write of both was cut off in between.
fn is_recorded(known: &Known, intent: &Intent) -> bool {
    known
        .resources
        .get(&intent.address)
        .is_some_and(|resource| !intent.former.contains(&resource.id))
}

/// For how long the lists have been settling since the create was sent at the latest. A start that seems to lie ahead,
/// written by a clock that differs a little from ours, counts as now.
fn settling_for(start: Option<Timestamp>, now: Timestamp, alone_since: Option<Timestamp>) -> SignedDuration {
    let sent = match (start, alone_since) {
        (None, None) => now,
        (None, Some(alone)) => alone,
        (Some(start), None) => start,
        (Some(start), Some(alone)) => alone.min(start.saturating_add(LONGEST_SEND).unwrap_or(alone)),
    };
    now.duration_since(sent).max(SignedDuration::ZERO)
}

fn made(intent: &Intent, live: &LiveSurvey) -> Outcome {
    // What the vendor does not show may never have been written: the next plan writes it again.
    let mut applied = intent.wanted.clone();
    applied
        .attributes
        .retain(|name, _| live.spec.attributes.contains_key(name));
    let survey = KnownSurvey {
        applied,
        unsure: intent.hidden.iter().cloned().collect(),
        former: intent.former.clone(),
        ..KnownSurvey::default()
    };
    Outcome::Made {
        resource: Box::new(Resource {
            vendor: intent.vendor,
            kind: ResourceKind::Survey(Box::new(survey)),
            id: live.id.clone(),
        }),
    }
}

#[cfg(test)]
mod tests;
