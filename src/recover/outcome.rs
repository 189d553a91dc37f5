//! Whether a create was carried out, and how long to wait until the lists tell.

use crate::model::{Intent, KnownSurvey, LiveSurvey, Resource, ResourceKind};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much our clock and the vendor's may differ.
pub(super) const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// How long after its intent a create may still leave this program: it waits for its turn, and for as long as the
/// vendor asks with 429, several times. Generous, because being wrong makes a survey twice.
pub(super) const LONGEST_SEND: SignedDuration = SignedDuration::from_hours(1);

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

/// For how long the lists have been settling since the create was sent at the latest. A start that seems to lie ahead,
/// written by a clock that differs a little from ours, counts as now.
pub(super) fn settling_for(
    start: Option<Timestamp>,
    now: Timestamp,
    alone_since: Option<Timestamp>,
) -> SignedDuration {
    let sent = match (start, alone_since) {
        (None, None) => now,
        (None, Some(alone)) => alone,
        (Some(start), None) => start,
        (Some(start), Some(alone)) => alone.min(start.saturating_add(LONGEST_SEND).unwrap_or(alone)),
    };
    now.duration_since(sent).max(SignedDuration::ZERO)
}

/// The survey that a create made, as it is remembered from now on.
pub(super) fn made(intent: &Intent, live: &LiveSurvey) -> Outcome {
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

/// An outcome that a person has to find out, and why.
pub(super) fn undecided(why: impl Into<String>) -> Outcome {
    Outcome::Undecided { why: why.into() }
}
