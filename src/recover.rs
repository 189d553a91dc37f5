//! Settling creates whose outcome is not known: was the survey made, or was it not?
//!
//! A create that may have been carried out is never repeated. Its intent holds what was sent and when; this module
//! looks for a survey that has exactly that content, was made since, and is nobody's yet. One such survey is adopted.
//! None, in lists that had time to settle, proves that nothing was made. Everything else is for a person to decide.
//!
//! Promises: only readers are used; nothing is written here: `plan` shows what `apply` then records.

use crate::model::{
    Address, Intent, Known, KnownSurvey, LiveSurvey, Resource, ResourceKind, Status, VendorId,
};
use crate::plan::diff::diff;
use crate::refresh::Readers;
use crate::state::Op;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How much our clock and the vendor's may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// What was found out about one intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The intent's id.
    pub intent: String,
    /// What it was for.
    pub address: Address,
    /// Whether it happened.
    pub outcome: Outcome,
}

/// Whether a create was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was: this is the survey.
    Made {
        /// What to remember from now on.
        resource: Box<Resource>,
    },
    /// It was not: it may be sent.
    NotMade,
    /// It cannot be told yet; the lists need this much more time to settle.
    TooSoon {
        /// How long to wait.
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
            Outcome::NotMade => vec![close],
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
            Outcome::NotMade => drop(known.intents.remove(&self.intent)),
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
pub async fn recover(known: &Known, readers: &Readers, now: Timestamp) -> Vec<Recovery> {
    let mut by_vendor: BTreeMap<VendorId, Vec<(&String, &Intent)>> = BTreeMap::new();
    for (id, intent) in &known.intents {
        by_vendor.entry(intent.vendor).or_default().push((id, intent));
    }
    let mut all = Vec::new();
    for (vendor, intents) in by_vendor {
        let outcomes = recover_vendor(vendor, &intents, known, readers, now).await;
        all.extend(
            intents
                .into_iter()
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

async fn recover_vendor(
    vendor: VendorId,
    intents: &[(&String, &Intent)],
    known: &Known,
    readers: &Readers,
    now: Timestamp,
) -> Vec<Outcome> {
    let undecided = |why: String| vec![Outcome::Undecided { why }; intents.len()];
    let Some(reader) = readers.get(&vendor) else {
        return undecided(format!(
            "this environment configures no {} account",
            vendor.name()
        ));
    };
    let starts: Vec<Option<Timestamp>> = intents.iter().map(|(_, intent)| intent.at.parse().ok()).collect();
    let Some(earliest) = starts.iter().flatten().min() else {
        return undecided("the state does not say when it was sent".to_owned());
    };
    let surveys = match reader.surveys_since(*earliest - CLOCK_SKEW).await {
        Ok(surveys) => surveys,
        Err(error) => return undecided(format!("the list of surveys could not be read: {error}")),
    };
    let ours: BTreeSet<&str> = known
        .resources
        .values()
        .filter(|resource| resource.vendor == vendor)
        .flat_map(|resource| {
            let former = resource
                .survey()
                .into_iter()
                .flat_map(|survey| survey.former.iter());
            std::iter::once(&resource.id).chain(former)
        })
        .map(String::as_str)
        .collect();
    let settle = SignedDuration::try_from(reader.lists_settle_after()).unwrap_or(SignedDuration::MAX);
    let candidates: Vec<Vec<&LiveSurvey>> = intents
        .iter()
        .zip(&starts)
        .map(|((_, intent), start)| {
            surveys
                .iter()
                .filter(|(live, _)| !ours.contains(live.id.as_str()))
                .filter(|(_, made)| match (made, start) {
                    (Some(made), Some(start)) => *made >= *start - CLOCK_SKEW,
                    _ => true,
                })
                .map(|(live, _)| live)
                .filter(|live| matches(intent, live))
                .collect()
        })
        .collect();
    intents
        .iter()
        .zip(&starts)
        .enumerate()
        .map(|(index, ((_, intent), start))| {
            let age = start.map_or(SignedDuration::ZERO, |start| now.duration_since(start));
            decide(intent, index, &candidates, age, settle)
        })
        .collect()
}

/// Whether a survey has the content that was sent. What a template brought does not count against it.
fn matches(intent: &Intent, live: &LiveSurvey) -> bool {
    let wanted = &intent.wanted;
    let template = wanted.template.value() == live.spec.template.value();
    template && diff(wanted, wanted, live).is_empty()
}

fn decide(
    intent: &Intent,
    index: usize,
    candidates: &[Vec<&LiveSurvey>],
    age: SignedDuration,
    settle: SignedDuration,
) -> Outcome {
    let wait = settle - age;
    match candidates[index].as_slice() {
        [] if wait > SignedDuration::ZERO => Outcome::TooSoon { wait },
        [] => Outcome::NotMade,
        [only] if only.status != Some(Status::Draft) => Outcome::Undecided {
            why: format!(
                "survey {} has the content that was sent, but it is {} already",
                only.id, only.status_text
            ),
        },
        [only] => {
            let wanted_by_others = candidates
                .iter()
                .enumerate()
                .any(|(other, list)| other != index && list.iter().any(|live| live.id == only.id));
            if wanted_by_others {
                return Outcome::Undecided {
                    why: format!("survey {} could be the one of more than one lost create", only.id),
                };
            }
            // What the vendor does not show may never have been written: the next plan writes it again.
            let mut applied = intent.wanted.clone();
            applied
                .attributes
                .retain(|name, _| only.spec.attributes.contains_key(name));
            let survey = KnownSurvey {
                applied,
                former: intent.former.clone(),
                ..KnownSurvey::default()
            };
            let kind = ResourceKind::Survey(Box::new(survey));
            Outcome::Made {
                resource: Box::new(Resource {
                    vendor: intent.vendor,
                    kind,
                    id: only.id.clone(),
                }),
            }
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|live| live.id.as_str()).collect();
            Outcome::Undecided {
                why: format!("surveys {} all have the content that was sent", ids.join(", ")),
            }
        }
    }
}
