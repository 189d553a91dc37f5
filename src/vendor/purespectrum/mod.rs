//! PureSpectrum, Buy API v2 (`buyers/v2`).
//!
//! `attributes` the settings of the manifest block · `encode` and `decode` our vocabulary ↔ theirs · `calls` changes →
//! calls, pure · `client` reading · `reconcile` outcomes → calls, pure · `transactions` reading them · `accept_list` the call
//! that rejects what it does not name, kept apart · `assumptions` what no source of the vendor says.

pub(crate) mod accept_list;
pub mod assumptions;
mod attributes;
pub(crate) use attributes::is_default;
mod calls;
pub(crate) mod client;
pub mod codebook;
mod decode;
mod encode;
pub(crate) mod estimates;
pub mod limits;
pub(crate) mod lists;
pub mod options;
pub(crate) mod reconcile;
pub mod sandbox;
pub(crate) mod transactions;

use crate::model::capability::{Ability, Capability, Mutability};
use crate::model::codebook::Codebook;
use crate::model::{Address, Call, DesiredGroup, Level, LiveGroup, Status, SurveySpec, VendorId};
use crate::plan::diff::FieldName;
use crate::plan::market::{Edits, Marketplace, Move, Refusal, Subject};
use crate::vendor::session::Pace;

/// The vendor's production base URL (vendor wiki 341803016).
pub const PRODUCTION: &str = "https://api.spectrumsurveys.com/buyers/v2";

/// How fast it is asked by default; no limit is documented.
pub const DEFAULT_PACE: Pace = Pace {
    requests_per_second: None,
    concurrency: assumptions::CONCURRENCY,
};

/// The pure half of PureSpectrum.
#[derive(Debug, Clone, Copy)]
pub struct PureSpectrum;

fn refusal(message: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal::new(message).help(help)
}

impl Marketplace for PureSpectrum {
    fn id(&self) -> VendorId {
        VendorId::PureSpectrum
    }

    fn noun(&self, _level: Level) -> &'static str {
        "survey"
    }

    fn codebook(&self) -> &'static Codebook {
        &codebook::CODEBOOK
    }

    /// Price, goal and quota counts are documented as changeable in field (vendor wiki 34117092, 2709782529, 613285971);
    /// titles, URLs and the like are not mentioned and assumed harmless; who is asked is guarded.
    fn mutability(&self, field: &FieldName, _status: Status) -> Mutability {
        match field {
            FieldName::Locale | FieldName::Qualifications | FieldName::QuotaCriteria => {
                Mutability::TargetingWhenLive
            }
            FieldName::Attribute(key) => {
                attributes::setting(key).map_or(Mutability::Free, |setting| setting.mutability)
            }
            FieldName::Title
            | FieldName::Completes
            | FieldName::IncidenceRate
            | FieldName::LengthOfInterview
            | FieldName::FieldDays
            | FieldName::Start
            | FieldName::End
            | FieldName::Cpi
            | FieldName::MaxCpi
            | FieldName::LiveUrl
            | FieldName::TestUrl => Mutability::Free,
        }
    }

    fn may_hide(&self, field: &FieldName) -> bool {
        match field {
            FieldName::Attribute(key) => attributes::setting(key).is_some_and(attributes::Setting::may_hide),
            _ => false,
        }
    }

    /// The transition table is assumed, except that nothing leaves `closed` (vendor wiki 3115974657).
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        match (from, to) {
            (Status::Closed, Status::Closed) => Ok(()),
            (Status::Closed, _) => Err(refusal(
                "PureSpectrum cannot put a closed survey back in field",
                "field it again under a new name",
            )),
            (Status::Draft, Status::Paused) | (Status::Live | Status::Paused, Status::Draft) => Err(refusal(
                format!("PureSpectrum has no way from {from} to {to}"),
                "use `draft`, `live`, `paused` or `closed` in the order of a survey's life",
            )),
            _ => Ok(()),
        }
    }

    fn missing_for_launch(&self, _level: Level, after: &SurveySpec) -> Vec<Refusal> {
        if after.live_url.value().is_some_and(|url| !url.is_empty()) {
            return Vec::new();
        }
        vec![refusal(
            "PureSpectrum cannot launch a survey without a live URL",
            "set `live_url`",
        )]
    }

    fn template_rule(&self, applied: Option<u64>) -> Refusal {
        let message = match applied {
            Some(id) => format!(
                "the survey was made from template {id} and cannot take another one: PureSpectrum applies one template \
                 per survey, at creation only (code 1014)"
            ),
            None => "the survey was made without a template and cannot take one now: PureSpectrum applies a template \
                     at creation only (code 1014)"
                .to_owned(),
        };
        Refusal::new(message)
    }

    fn template_missing(&self, template: u64) -> Refusal {
        refusal(
            format!(
                "template {template} does not exist or is not shared with this account (PureSpectrum code 1006)"
            ),
            "ask PureSpectrum to share the template with the account, or name another one",
        )
    }

    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        Ok(calls::create(subject.address, wanted))
    }

    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        Ok(calls::update(edits))
    }

    fn set_status(&self, change: &Move<'_>) -> Vec<Call> {
        calls::set_status(change.id, change.to)
    }

    fn create_group(&self, _address: &Address, wanted: &DesiredGroup) -> Vec<Call> {
        calls::create_group(wanted)
    }

    fn update_group(&self, live: &LiveGroup, wanted: &DesiredGroup) -> Vec<Call> {
        calls::update_group(live, wanted)
    }
}

/// What PureSpectrum can do, for the documentation.
pub const CAPABILITIES: [Capability; 10] = [
    Capability {
        what: "create a survey with quotas in one call",
        ability: Ability::Can,
        documented: true,
        comment: "`POST /surveys`; always a draft",
    },
    Capability {
        what: "templates",
        ability: Ability::Can,
        documented: true,
        comment: "once, at creation; overrides from the manifest win",
    },
    Capability {
        what: "launch, pause, resume, close",
        ability: Ability::Can,
        documented: false,
        comment: "`PATCH /surveys/{id}` is documented, the patch path is assumed",
    },
    Capability {
        what: "change price, completes and quota counts in field",
        ability: Ability::Can,
        documented: true,
        comment: "read back after every write",
    },
    Capability {
        what: "change targeting in field",
        ability: Ability::Can,
        documented: false,
        comment: "behind the guard `edit-live-targeting`",
    },
    Capability {
        what: "exclusion groups",
        ability: Ability::Can,
        documented: true,
        comment: "create is documented; the bodies of read and update are assumed",
    },
    Capability {
        what: "recover a lost create",
        ability: Ability::Can,
        documented: false,
        comment: "no idempotency key and no look-up: drafts are matched by content and time",
    },
    Capability {
        what: "suppliers and allocations",
        ability: Ability::NotYet,
        documented: true,
        comment: "the vendor attaches all suppliers of the locale",
    },
    Capability {
        what: "outcomes of transactions",
        ability: Ability::Can,
        documented: true,
        comment: "status call while open, live reconciliation afterwards; lists are read by pages where that works",
    },
    Capability {
        what: "undo a close",
        ability: Ability::Cannot,
        documented: true,
        comment: "closed is final",
    },
];

#[cfg(test)]
pub(crate) mod shown;
