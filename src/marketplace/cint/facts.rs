//! What is true of Cint, as data. Where no other source is named it is the vendor's OpenAPI document.

use super::assumptions;
use crate::marketplace::http::session::Pace;
use crate::model::VendorId;
use crate::model::capability::{Ability, Capability};
use crate::model::marketplace::{Emulator, Facts, Nouns, Recognition, Recognitions, SignIn, UniqueBy};

/// Cint. A survey is a project without a status, its groups are the project's target groups; both have a reference number
/// that we choose.
pub static FACTS: Facts = Facts {
    api: "Cint Exchange, Demand API 2025-12-18",
    rank: 30,
    has_groups: true,
    has_library: true,
    containers_have_status: false,
    nouns: Nouns {
        survey: "project",
        group: "target group",
    },
    recognition: Recognitions {
        survey: Recognition::Name,
        group: Recognition::Name,
    },
    unique_by: UniqueBy {
        what: "reference number",
        path: "/cint/reference",
        survey_key: Some("project_reference"),
        group_key: Some("reference"),
    },
    looks_for_twins: true,
    targets_at_once: true,
    checks_targeting: true,
    reopens: true,
    sign_in: SignIn::Client,
    emulator: Some(Emulator {
        base: "/v1",
        auth: "/oauth/token",
        note: ", account 1",
    }),
    ..Facts::plain("cint", "Cint")
};

/// Cint.
pub const ID: VendorId = VendorId::new(&FACTS);

/// The vendor's production base URL (OpenAPI, servers).
pub const PRODUCTION: &str = "https://api.cint.com/v1";

/// How fast it is asked by default; no limit is published.
pub const DEFAULT_PACE: Pace = Pace {
    requests_per_second: Some(assumptions::REQUESTS_PER_SECOND),
    concurrency: assumptions::CONCURRENCY,
};

const fn row(what: &'static str, ability: Ability, documented: bool, comment: &'static str) -> Capability {
    Capability {
        what,
        ability,
        documented,
        comment,
    }
}

/// What Cint can do, for the documentation.
pub const CAPABILITIES: [Capability; 17] = [
    row(
        "projects",
        Ability::Can,
        true,
        "made with an idempotency key, changed with the version that was read",
    ),
    row(
        "target groups",
        Ability::Can,
        true,
        "made in one call, as a draft; no key recognises a repetition",
    ),
    row(
        "outcomes of respondents",
        Ability::Can,
        true,
        "one upload, followed to its end; no state of a single respondent is shown",
    ),
    row(
        "launch and schedule",
        Ability::Can,
        true,
        "a job of the vendor, waited for; its number is kept in state",
    ),
    row(
        "pause, resume, complete, relaunch",
        Ability::Can,
        true,
        "actions on the fielding run, with the version that was read",
    ),
    row(
        "complete a paused target group",
        Ability::Can,
        false,
        "the contract names live and scheduled ones only",
    ),
    row(
        "delete or archive anything",
        Ability::Cannot,
        true,
        "a draft that is not wanted stays a draft",
    ),
    row(
        "change a draft",
        Ability::Can,
        true,
        "one document, written whole",
    ),
    row(
        "change in field",
        Ability::Can,
        true,
        "a resource for each part; country, language, business unit, study and industry are fixed",
    ),
    row(
        "quotas",
        Ability::Can,
        true,
        "of one question each, or one set of quotas that crosses two or three",
    ),
    row(
        "check targeting before writing",
        Ability::Can,
        true,
        "the vendor's validation is asked when a plan is made",
    ),
    row(
        "Fielding Assistant",
        Ability::Can,
        true,
        "pricing, quota overlay, pacing, soft launch",
    ),
    row(
        "allocations",
        Ability::Can,
        true,
        "suppliers, blocked suppliers, share of the exchange, test supplier",
    ),
    row(
        "exclusions",
        Ability::Can,
        true,
        "within the project, and by activity elsewhere",
    ),
    row(
        "re-entry after the launch",
        Ability::Cannot,
        false,
        "the call exists and no document names its path; it can be set",
    ),
    row(
        "recover a lost create",
        Ability::Can,
        true,
        "by reference numbers, once the lists had time to settle",
    ),
    row(
        "control blended profiles",
        Ability::NotYet,
        true,
        "left alone where they exist; a draft keeps them",
    ),
];
