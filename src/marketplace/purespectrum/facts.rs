//! What is true of PureSpectrum, as data.

use super::assumptions;
use crate::marketplace::http::session::Pace;
use crate::model::VendorId;
use crate::model::capability::{Ability, Capability};
use crate::model::marketplace::{Emulator, Facts, Recognition, Recognitions};

/// PureSpectrum. Surveys stand alone; questions are the same in every locale and stand in the vendor's wiki; there is no
/// idempotency key and no look-up, so a lost create is found by its content.
pub static FACTS: Facts = Facts {
    api: "PureSpectrum, Buy API v2",
    rank: 10,
    // `POST /surveyGroups` (vendor wiki 33550418).
    has_exclusion_groups: true,
    recognition: Recognitions {
        survey: Recognition::Content,
        group: Recognition::Content,
    },
    takes_days: true,
    emulator: Some(Emulator {
        base: "/buyers/v2",
        auth: "",
        note: "",
    }),
    ..Facts::plain("purespectrum", "PureSpectrum")
};

/// PureSpectrum.
pub const ID: VendorId = VendorId::new(&FACTS);

/// The vendor's production base URL (vendor wiki 341803016).
pub const PRODUCTION: &str = "https://api.spectrumsurveys.com/buyers/v2";

/// How fast it is asked by default; no limit is documented.
pub const DEFAULT_PACE: Pace = Pace {
    requests_per_second: None,
    concurrency: assumptions::CONCURRENCY,
};

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
