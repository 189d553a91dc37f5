//! What no public document says about Cint's API, in one place.
//!
//! The contract (OpenAPI of version 2025-12-18) settles shapes; what it leaves open is settled here, and what an account
//! may know better can be set under `cint.assumptions` in `infield.yaml`.

use crate::marketplace::shelf::blocks::OwnSettings;
use crate::model::{Pace, Traffic};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Limits exist and no numbers are published (docs rate-limits). A launched target group is read by its details, overview,
/// profiles and fielding run.
pub const TRAFFIC: Traffic = Traffic {
    pace: Pace {
        requests_per_second: Some(5),
        concurrency: 4,
    },
    why: "limits exist, and no numbers are published (docs rate-limits); polite",
    to_read_one: 4,
    lists: None,
};

/// How long something new may be missing from lists. Nothing is said about it.
pub const LISTS_SETTLE_AFTER: Duration = Duration::from_secs(30);

/// Part of a token's life after which a new one is asked for, in percent.
pub(super) const TOKEN_LIFE_USED: u32 = 90;

/// How far before its end a draft is said to start where the manifest names no start. A draft needs one that lies ahead,
/// and a launch sets the real one.
pub(super) const START_BEFORE_END: Duration = Duration::from_secs(60);

/// The start, in seconds since 1970, of a scheduled target group that is kept from starting: 2099-01-01. Only what is in
/// field can be paused, and a start and an end that lie ahead can be moved (OpenAPI `pause_fielding_run`,
/// `update_fielding_run`); no document bounds them.
pub(super) const PARKED_START: i64 = 4_070_908_800;

/// The time between the start and the end of one that is kept from starting.
pub(super) const PARKED_FOR: Duration = Duration::from_secs(86_400);

/// How soon one starts that was kept from it beyond the time of its own start: a start has to lie ahead when the call
/// arrives.
pub(super) const STARTS_AGAIN_IN: Duration = Duration::from_secs(600);

/// Longest wait between two looks at work that goes on.
pub(super) const LONGEST_LOOK: Duration = Duration::from_secs(10);

/// How long a job is waited for.
pub(super) const JOB_PATIENCE: Duration = Duration::from_secs(600);

/// How long a new project is waited for until it can be read.
pub(super) const VISIBLE_PATIENCE: Duration = Duration::from_secs(60);

/// What can be corrected: what `infield.yaml` may say, and how quick an emulator is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Assumptions {
    /// First wait between two looks at work that goes on; doubled each time.
    #[serde(skip)]
    pub first_look: Duration,
    /// Whether a paused target group can be completed; the contract names live and scheduled ones only, a guide any.
    pub complete_paused: bool,
    /// The path of the re-entry configuration below a launched target group. The vendor has one and no document names it.
    pub re_entry_path: Option<String>,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            first_look: Duration::from_secs(1),
            complete_paused: true,
            re_entry_path: None,
        }
    }
}

impl Assumptions {
    /// The table as the settings of an account correct it.
    ///
    /// # Errors
    /// With a sentence on the first value that means nothing.
    pub(super) fn of(settings: Option<&Value>) -> Result<Self, String> {
        let Some(settings) = settings else {
            return Ok(Self::default());
        };
        let mut table = Self::deserialize(settings).map_err(|error| error.to_string())?;
        if let Some(path) = &mut table.re_entry_path {
            *path = path.trim_matches('/').to_owned();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
            if path.is_empty() || !path.chars().all(plain) {
                return Err(format!("`{path}` is not a path below a target group"));
            }
        }
        Ok(table)
    }
}

/// Schemas of the settings of an account that only Cint has.
pub(super) fn settings_schema() -> OwnSettings {
    let account = json!({"title": "Account", "description": "Number of the account.", "type": "integer", "minimum": 1, "examples": [42]});
    let assumptions = json!({
        "title": "Assumptions",
        "description": "What no public document of Cint says, corrected.",
        "type": "object", "additionalProperties": false,
        "properties": {
            "complete_paused": {"title": "Complete paused", "description": "Whether a paused target group can be completed; yes if left out.", "type": "boolean", "examples": [false]},
            "re_entry_path": {"title": "Re-entry path", "description": "Where a launched target group takes its re-entry configuration, below its own path; it cannot be changed if left out.", "type": "string", "minLength": 1, "examples": ["re-entry-configuration"]},
        },
    });
    OwnSettings::from_iter([
        ("account_id".to_owned(), account),
        ("assumptions".to_owned(), assumptions),
    ])
}
