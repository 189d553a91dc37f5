//! What is true of PureSpectrum, as data.

use super::assumptions;
use crate::model::VendorId;
use crate::model::billing::Billing;
use crate::model::capability::{Capability, ExclusionGroups};
use crate::model::figures::Figure;
use crate::model::marketplace::{Emulator, Facts, Habit, Lapse, Lapses, Recognition, Recognitions};
use crate::model::suppliers::Terms;

/// The pure half of PureSpectrum.
#[derive(Debug, Clone, Copy)]
pub struct PureSpectrum;

/// PureSpectrum. Surveys stand alone; questions are the same in every locale and stand in the vendor's wiki; there is no
/// idempotency key and no look-up, so a lost create is found by its content.
pub static FACTS: Facts = Facts {
    api: "PureSpectrum, Buy API v2",
    rank: 10,
    // `POST /surveyGroups` (vendor wiki 33550418).
    exclusion_groups: Some(ExclusionGroups {
        most: None,
        fixed_days: None,
        text_ids: None,
    }),
    recognition: Recognitions {
        survey: Recognition::Content,
        group: Recognition::Content,
    },
    // A list by status and day (vendor wiki 702185580).
    looks_for_twins: true,
    takes_days: true,
    // `PUT /surveys/{id}/suppliers` (vendor wiki 855638135).
    suppliers: Some(Terms::Counted),
    // Equal billing ids share a line of the invoice (vendor wiki 237502474), and lists of transactions call them
    // `PO / Billing` (the vendor's sample of a transaction); `external_project_id` is the caller's project (2739568674). A
    // lost create is found by its content, never by these.
    billing: Billing {
        purchase_order: Some("billing_id"),
        project: Some("external_project_id"),
    },
    // `GET /surveys/{id}/performance` (vendor wiki 33551187).
    figures: &Figure::ALL,
    // Docs create-survey; vendor wiki 3115974657.
    full_quotas_pause: true,
    lapses: Lapses {
        paused: Some(Lapse {
            days: 10,
            rule: "PureSpectrum closes for good what is paused for more than 10 days (vendor wiki 3115974657)",
        }),
        silent: Some(Lapse {
            days: 3,
            rule: "PureSpectrum closes for good what has no complete within 3 days of its launch (vendor wiki 3115974657)",
        }),
        end: None,
    },
    hosts: &["api.spectrumsurveys.com"],
    variables: &["PURESPECTRUM_"],
    traffic: assumptions::TRAFFIC,
    // `required_count` is the hard cap (vendor wiki 613285971); QLC hands completes to other quotas.
    quotas_stop: Habit::unless(
        "qlc",
        "a respondent is ended if any matched quota has nothing open (vendor's supplier wiki 33515296), unless completes are \
         re-allocated (vendor wiki 849707035)",
    ),
    // 10 wanted at 10 %: 100 people at once.
    lets_in_by_incidence: Habit::unless("quota_throttling", "vendor wiki 849674364"),
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

/// What PureSpectrum can do, for the documentation.
pub const CAPABILITIES: [Capability; 11] = [
    Capability::can("create a survey with quotas in one call").documented("`POST /surveys`; always a draft"),
    Capability::can("templates").documented("once, at creation; overrides from the manifest win"),
    Capability::can("launch, pause, resume, close")
        .assumed("`PATCH /surveys/{id}` is documented, the patch path is assumed"),
    Capability::can("change price, completes and quota counts in field")
        .documented("read back after every write"),
    Capability::can("change targeting in field").assumed("behind the guard `edit-live-targeting`"),
    Capability::can("exclusion groups")
        .documented("create is documented; the bodies of read and update are assumed"),
    Capability::can("recover a lost create")
        .assumed("no idempotency key and no look-up: drafts are matched by content and time"),
    Capability::can("suppliers").documented(
        "completes and price of each, or of several; who is not listed sends nobody; one `PUT`, read back",
    ),
    Capability::can("ask listed respondents again")
        .assumed("the path is documented, and the body of its list is assumed; fixed once it is launched"),
    Capability::can("outcomes of transactions").documented(
        "status call while open, live reconciliation afterwards; lists are read by pages where that works",
    ),
    Capability::cannot("undo a close").documented("closed is final"),
];
