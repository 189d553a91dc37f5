//! Whether a create was carried out, and how long to wait until the lists tell.

use crate::model::{Intent, LiveSurvey, Resource, ResourceKind};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much the vendor's clocks may differ among each other.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// How much the clock of the machine that wrote an intent may differ from the vendor's, where the vendor's time is not known.
const FOREIGN_SKEW: SignedDuration = SignedDuration::from_hours(26);

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

/// When a create was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) at: Timestamp,
    /// Whether that is the vendor's time, or that of some machine.
    pub(super) by_vendor: bool,
}

impl Announced {
    /// `None` where the state does not say.
    pub(super) fn of(intent: &Intent) -> Option<Self> {
        let (at, by_vendor) = match &intent.vendor_at {
            Some(at) => (at, true),
            None => (&intent.at, false),
        };
        let at = at.parse().ok()?;
        Some(Self { at, by_vendor })
    }

    /// How much the vendor's time of it may be another one.
    pub(super) fn skew(self) -> SignedDuration {
        if self.by_vendor { CLOCK_SKEW } else { FOREIGN_SKEW }
    }
}

/// For how long the lists have been settling since the create was sent at the latest. The vendor's time is compared with the
/// vendor's time; where one of them is not known, what counts is how long nobody else can have sent anything.
pub(super) fn settling_for(
    announced: Option<Announced>,
    vendor_now: Option<Timestamp>,
    alone_for: Option<SignedDuration>,
) -> SignedDuration {
    let by_vendor = announced.filter(|announced| announced.by_vendor).zip(vendor_now);
    let since = by_vendor.map(|(announced, now)| now.duration_since(announced.at));
    let at_least = match (since, alone_for) {
        (None, None) => SignedDuration::ZERO,
        (None, Some(alone)) => alone,
        (Some(since), None) => since,
        (Some(since), Some(alone)) => alone.max(since.saturating_sub(LONGEST_SEND)),
    };
    at_least.max(SignedDuration::ZERO)
}

/// The survey that a create made, as it is remembered from now on.
pub(super) fn made(intent: &Intent, live: &LiveSurvey) -> Outcome {
    let mut survey = intent.found();
    survey
        .applied
        .attributes
        .retain(|name, _| live.spec.attributes.contains_key(name));
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
