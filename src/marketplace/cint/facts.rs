//! What is true of Cint, as data. Where no other source is named it is the vendor's OpenAPI document.

use super::assumptions;
use super::exclusion_groups::is_id;
use crate::model::VendorId;
use crate::model::capability::{Capability, ExclusionGroups};
use crate::model::figures::Figure;
use crate::model::marketplace::{
    Emulator, Facts, Habit, Lapses, Nouns, Recognition, Recognitions, SignIn, UniqueBy,
};
use crate::model::suppliers::Terms;

/// Cint. A survey is a project without a status, its groups are the project's target groups; both have a reference number
/// that we choose.
pub static FACTS: Facts = Facts {
    api: "Cint Exchange, Demand API 2025-12-18",
    rank: 30,
    has_groups: true,
    has_library: true,
    containers_have_status: false,
    // `/exclusion-groups`; they have no duration.
    exclusion_groups: Some(ExclusionGroups {
        most: Some((
            100,
            "an exclusion group of Cint holds at most 100 target groups (OpenAPI `create_exclusion_group`)",
        )),
        fixed_days: Some(
            "exclusion groups of Cint have no duration (OpenAPI `create_exclusion_group`); `cint.activity_exclusions` of a \
             survey has one",
        ),
        text_ids: Some(is_id),
    }),
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
    // OpenAPI `TargetGroupOverview`.
    figures: &[Figure::IncidenceRate, Figure::LengthOfInterview, Figure::DropOff],
    targets_at_once: true,
    checks_targeting: true,
    quotas_stop: Habit::not(
        "what counts against a goal is `prescreens` unless said otherwise (OpenAPI), and no document says that quotas stop \
         completes",
    ),
    // A question stands in one profile, which lets in whom its quotas count (create_target_group).
    quotas_let_in: true,
    lets_in_by_incidence: Habit::not("no public document"),
    reopens: true,
    suppliers: Some(Terms::Shared),
    lapses: Lapses {
        paused: None,
        silent: None,
        end: Some(
            "Cint resumes and relaunches nothing after the end of its run (OpenAPI `relaunch_fielding_run`)",
        ),
    },
    sign_in: SignIn::Client,
    hosts: &["api.cint.com", "auth.cint.com"],
    variables: &["CINT_"],
    traffic: assumptions::TRAFFIC,
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

/// What Cint can do, for the documentation.
pub const CAPABILITIES: [Capability; 19] = [
    Capability::can("projects")
        .documented("made with an idempotency key, changed with the version that was read"),
    Capability::can("target groups")
        .documented("made in one call, as a draft; no key recognises a repetition"),
    Capability::can("outcomes of respondents")
        .documented("one upload, followed to its end; no state of a single respondent is shown"),
    Capability::can("launch and schedule")
        .documented("a job of the vendor, waited for; its number is kept in state"),
    Capability::can("pause, resume, complete, relaunch")
        .documented("actions on the fielding run, with the version that was read"),
    Capability::can("complete a paused target group")
        .assumed("the contract names live and scheduled ones only"),
    Capability::cannot("delete or archive anything").documented("a draft that is not wanted stays a draft"),
    Capability::can("change a draft").documented("one document, written whole"),
    Capability::can("change in field").documented(
        "a resource for each part; country, language, business unit, study and industry are fixed",
    ),
    Capability::can("quotas")
        .documented("of one question each, or one set of quotas that crosses two or three"),
    Capability::can("check targeting before writing")
        .documented("the vendor's validation is asked when a plan is made"),
    Capability::can("Fielding Assistant").documented("pricing, quota overlay, pacing, soft launch"),
    Capability::can("allocations")
        .documented("shares of suppliers and blocked ones as `suppliers`; share of the exchange, private exchange and test supplier in the block"),
    Capability::can("exclusions").documented("within the project, and by activity elsewhere, by name"),
    Capability::can("ask listed respondents again, or keep them out")
        .documented("uploads followed to their end; a list in field is changed while it is paused"),
    Capability::can("exclusion groups")
        .assumed("of the account, found by their tag; that drafts are taken, and that a repetition changes nothing, is not said"),
    Capability::cannot("re-entry after the launch")
        .assumed("the call exists and no document names its path; it can be set"),
    Capability::can("recover a lost create")
        .documented("by reference numbers, once the lists had time to settle"),
    Capability::not_yet("control blended profiles")
        .documented("left alone where they exist; a draft keeps them"),
];
