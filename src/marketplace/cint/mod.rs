//! Cint Exchange, Demand API 2025-12-18: a survey is a project, its groups are the project's target groups.
//!
//! The vendor publishes the whole contract as an OpenAPI document; what it leaves open stands in `assumptions`.
//!
//! `options` the manifest block · `canonical` one form for its settings · `locale` countries and languages · `codebook` and
//! `resolve` neutral names and the vendor's library · `fit` and `profiling` qualifications and quotas ↔ profiles ·
//! `encode` and `decode` the rest of our vocabulary ↔ theirs · `calls`, `launched`, `fielding` changes → calls, pure ·
//! `auth` tokens · `envelope`, `client`, `library`, `lookup`, `history` reading · `limits` what manifests have to respect · `sandbox` the
//! emulator.

pub mod assumptions;
pub(crate) mod auth;
mod calls;
mod canonical;
pub(crate) mod client;
pub mod codebook;
mod decode;
mod encode;
pub(crate) mod envelope;
pub(crate) mod estimates;
mod fielding;
mod fit;
pub(crate) mod history;
pub(crate) mod inventory;
pub(crate) mod keep_list;
mod launched;
mod library;
pub mod limits;
pub(crate) mod lists;
mod locale;
pub(crate) mod lookup;
pub mod options;
mod paths;
mod profiling;
pub(crate) mod reconcile;
mod resolve;
pub mod sandbox;

use crate::marketplace::http::session::Pace;
use crate::model::capability::{Ability, Capability, Mutability};
use crate::model::codebook::Codebook;
use crate::model::{Address, Call, DesiredGroup, Level, Lexicon, LiveGroup, Status, SurveySpec, VendorId};
use crate::plan::diff::FieldName;
use crate::plan::market::{Edits, Marketplace, Move, Refusal, Subject};
use assumptions::Assumptions;

/// The vendor's production base URL (OpenAPI, servers).
pub const PRODUCTION: &str = "https://api.cint.com/v1";

/// How fast it is asked by default; no limit is published.
pub const DEFAULT_PACE: Pace = Pace {
    requests_per_second: Some(assumptions::REQUESTS_PER_SECOND),
    concurrency: assumptions::CONCURRENCY,
};

/// The pure half of Cint: the account that its paths name, and what is assumed.
#[derive(Debug, Clone)]
pub struct Cint {
    /// Number of the account.
    pub account: u64,
    /// What no document says.
    pub assumptions: Assumptions,
}

impl Default for Cint {
    /// The account of the sandbox.
    fn default() -> Self {
        Self {
            account: 1,
            assumptions: Assumptions::default(),
        }
    }
}

/// Settings that nothing can change once a target group was launched: no launched resource has them (OpenAPI).
const FROZEN: [&str; 5] = [
    "business_unit",
    "collects_pii",
    "study_type",
    "industry",
    "client",
];

impl Marketplace for Cint {
    fn id(&self) -> VendorId {
        VendorId::Cint
    }

    fn noun(&self, level: Level) -> &'static str {
        match level {
            Level::Container | Level::Survey => "project",
            Level::Group => "target group",
        }
    }

    fn told_apart_by(&self) -> (&'static str, &'static str) {
        ("reference number", "/cint/reference")
    }

    fn looks_for_twins(&self) -> bool {
        true
    }

    fn codebook(&self) -> &'static Codebook {
        &codebook::CODEBOOK
    }

    fn resolve(&self, wanted: &SurveySpec, lexicon: &Lexicon) -> Result<SurveySpec, Vec<Refusal>> {
        resolve::resolve(wanted, lexicon)
    }

    fn mutability(&self, field: &FieldName, status: Status) -> Mutability {
        if status == Status::Draft {
            return Mutability::Free;
        }
        match field {
            FieldName::Locale => {
                Mutability::CreateOnly("Cint fixes country and language when a target group is launched")
            }
            FieldName::Attribute(key) if FROZEN.contains(&key.as_str()) => {
                Mutability::CreateOnly("Cint fixes it when a target group is launched")
            }
            FieldName::Attribute(key) if key == "re_entry" && self.assumptions.re_entry_path.is_none() => {
                Mutability::CreateOnly(
                    "no public document says where a launched target group takes it; \
                     `cint.assumptions.re_entry_path` in infield.yaml can name the path",
                )
            }
            FieldName::Qualifications | FieldName::QuotaCriteria => Mutability::TargetingWhenLive,
            _ => Mutability::Free,
        }
    }

    /// A price that the vendor moves, and what the launched resources do not show.
    fn may_hide(&self, field: &FieldName) -> bool {
        match field {
            FieldName::Cpi => true,
            FieldName::Attribute(key) => key == "filling_strategy" || key == "re_entry",
            _ => false,
        }
    }

    fn targets_at_once(&self) -> bool {
        true
    }

    fn reopens(&self) -> bool {
        true
    }

    /// The state machine of fielding runs (OpenAPI); that a paused run can be completed is assumed.
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        match (from, to) {
            (Status::Draft, Status::Closed) => {
                Err(Refusal::new("Cint cannot close a draft: it has neither a way to delete nor to archive one")
                    .help("set `status: draft`, or remove the manifest; a draft costs nothing"))
            }
            (Status::Paused, Status::Closed) if !self.assumptions.complete_paused => Err(Refusal::new(
                "a paused target group is assumed not to be closed (`cint.assumptions.complete_paused: false`)",
            )
            .help("leave it paused")),
            (Status::Live | Status::Paused | Status::Closed, Status::Draft) | (Status::Draft, Status::Paused) => {
                Err(Refusal::new(format!("Cint has no way from {from} to {to}"))
                    .help("use `draft`, `live`, `paused` or `closed` in the order of a survey's life"))
            }
            (Status::Closed, Status::Paused) => Err(Refusal::new("a completed target group cannot be paused")
                .help("set `status: closed`, or `live` to field it again")),
            _ => Ok(()),
        }
    }

    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal> {
        let mut missing = Vec::new();
        if level == Level::Group {
            let urls = [("live_url", &after.live_url), ("test_url", &after.test_url)];
            for (key, url) in urls {
                if url.value().is_none_or(String::is_empty) {
                    missing.push(
                        Refusal::new(format!(
                            "a target group that goes in field without `{key}` can never be edited there again"
                        ))
                        .help(format!("set `{key}`"))
                        .at(format!("/{key}")),
                    );
                }
            }
            if after.end.value().is_none() {
                missing.push(
                    Refusal::new("Cint launches nothing without an end")
                        .help("set `field: {end: ...}`")
                        .at("/field/end"),
                );
            }
        }
        missing
    }

    fn template_rule(&self, _applied: Option<u64>) -> Refusal {
        Refusal::new("Cint has no templates of surveys")
    }

    fn template_missing(&self, _template: u64) -> Refusal {
        Refusal::new("Cint has no templates of surveys")
    }

    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        if subject.address.is_group() {
            calls::create_group(self, subject, wanted)
        } else {
            Ok(calls::create_project(self, subject.address, wanted))
        }
    }

    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        if edits.subject.address.is_group() {
            calls::update_group(self, edits)
        } else {
            Ok(calls::update_project(self, edits))
        }
    }

    fn set_status(&self, change: &Move<'_>) -> Vec<Call> {
        fielding::set_status(self, change)
    }

    fn create_group(&self, _address: &Address, _wanted: &DesiredGroup) -> Vec<Call> {
        Vec::new()
    }

    fn update_group(&self, _live: &LiveGroup, _wanted: &DesiredGroup) -> Vec<Call> {
        Vec::new()
    }
}

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
