//! Everything about InnovateMR's buyer API that the vendor's readable documents do not say, in one table.
//!
//! Of 21 endpoints one could be read in full (Update Group Status, portal page of 2025-03-04); names and methods of the
//! others come from its menu, most paths from a public buyer client, some from nothing but analogy. Whoever has a
//! staging token can correct all of it under `innovatemr.assumptions` in `infield.yaml`, without a new build.

use crate::marketplace::shelf::blocks::OwnSettings;
use crate::model::call::encode_segment;
use crate::model::{Pace, Status, Traffic};
use iso_currency::Currency;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The vendor's own page.
    Documented,
    /// A public client of the API, which is in use.
    Client,
    /// Nobody; it mirrors its neighbours.
    Assumed,
}

/// A call of the API that infield knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// Create Job.
    CreateJob,
    /// Update Job.
    UpdateJob,
    /// Get Job Details.
    Job,
    /// Update Job Status.
    JobStatus,
    /// Get Job List By Status.
    Jobs,
    /// Create Group.
    CreateGroup,
    /// Update Group.
    UpdateGroup,
    /// Get Group Details.
    Group,
    /// Update Group Status.
    GroupStatus,
    /// Add and Update Target.
    Target,
    /// Remove Target Question.
    RemoveTarget,
    /// Add Quota to Group.
    CreateQuota,
    /// Update Group Quota.
    UpdateQuota,
    /// Get Group Quotas.
    Quotas,
    /// Get Group Feasibility.
    GroupFeasibility,
    /// Feasibility.
    Feasibility,
    /// Questions Library.
    Questions,
    /// Get Job Stats.
    JobStats,
    /// Get Group Stats.
    GroupStats,
    /// Get Group Quota Stats.
    QuotaStats,
}

/// Key in `infield.yaml`, path with its parameters, and how the path is known.
type Row = (Endpoint, &'static str, &'static str, Evidence);

/// All paths below the base URL.
pub const ENDPOINTS: [Row; 20] = {
    use Endpoint as E;
    use Evidence::{Assumed, Client, Documented};
    [
        (E::CreateJob, "create_job", "/pega/job", Client),
        (E::UpdateJob, "update_job", "/pega/job/{JobId}", Assumed),
        (E::Job, "job", "/pega/jobs/{JobId}", Assumed),
        (E::JobStatus, "job_status", "/pega/job/{JobId}/status", Client),
        (E::Jobs, "jobs", "/pega/jobs", Assumed),
        (E::CreateGroup, "create_group", "/pega/jobs/{JobId}/group", Client),
        (E::UpdateGroup, "update_group", "/pega/group/{GroupId}", Client),
        (E::Group, "group", "/pega/groups/{GroupId}", Client),
        (
            E::GroupStatus,
            "group_status",
            "/pega/group/{GroupId}/status",
            Documented,
        ),
        (E::Target, "target", "/pega/group/{GroupId}/target", Client),
        (
            E::RemoveTarget,
            "remove_target",
            "/pega/group/{GroupId}/{QuestionKey}",
            Client,
        ),
        (E::CreateQuota, "create_quota", "/pega/quota", Client),
        (E::UpdateQuota, "update_quota", "/pega/quota/{QuotaId}", Client),
        (E::Quotas, "quotas", "/pega/quotas/{GroupId}", Client),
        (
            E::GroupFeasibility,
            "group_feasibility",
            "/pega/group/{GroupId}/feasibility",
            Client,
        ),
        (E::Feasibility, "feasibility", "/pega/feasibility", Client),
        (
            E::Questions,
            "questions",
            "/pega/questions/{CountryCode}/{Language}",
            Client,
        ),
        (E::JobStats, "job_stats", "/pega/job/{JobId}/stats", Assumed),
        (
            E::GroupStats,
            "group_stats",
            "/pega/group/{GroupId}/stats",
            Assumed,
        ),
        (
            E::QuotaStats,
            "quota_stats",
            "/pega/group/{GroupId}/quota/stats",
            Assumed,
        ),
    ]
};

/// What an environment says differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// Paths by the key of their endpoint.
    pub paths: BTreeMap<String, String>,
    /// Key of the status in a job's status call.
    pub job_status_key: Option<String>,
    /// Key of the status in a group's status call.
    pub group_status_key: Option<String>,
    /// Codes of statuses by their names here.
    pub status_codes: BTreeMap<String, i64>,
    /// ISO 4217 code of the account's currency.
    pub currency: Option<String>,
    /// Keys of what is counted, by their names here.
    pub counters: BTreeMap<String, String>,
}

/// Keys of what is counted, in the statistics of a group and of its quotas. No document shows either; `status` looks at
/// them and says so, and nothing is planned on them, unless the settings name the key of completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// Respondents who completed.
    pub completes: String,
    /// Respondents who did not qualify.
    pub terminations: String,
    /// The id of the quota that a row counts for.
    pub quota: String,
    /// Whether the settings of the account say how completes are counted: then they are planned on.
    pub settled: bool,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            completes: "Completes".to_owned(),
            terminations: "Terminations".to_owned(),
            quota: "QuotaId".to_owned(),
            settled: false,
        }
    }
}

/// The table in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumptions {
    paths: BTreeMap<Endpoint, String>,
    /// Key of the status in a job's status call: a public client sends `Status`.
    pub job_status_key: String,
    /// Key of the status in a group's status call: the vendor's page sends `status`, a public client `Status`.
    pub group_status_key: String,
    /// Codes of statuses. 1 is live and 2 is paused by the vendor's page; 0 is what jobs are created with by a public
    /// client; that 3 is closed is assumed.
    codes: [(Status, i64); 4],
    /// The account's currency; no document names one.
    pub currency: Currency,
    /// Keys of what is counted.
    pub counters: Counters,
}

/// How long something new may be missing from the job list. Nobody says; a minute is generous.
pub const LISTS_SETTLE_AFTER: Duration = Duration::from_secs(60);

/// The oldest respondents, at which a range such as `65+` ends. No document names an end; 99 is that of other marketplaces.
pub const OLDEST: i64 = 99;

/// No limit was found in any source. A group is read by its details and its quotas.
pub const TRAFFIC: Traffic = Traffic {
    pace: Pace {
        requests_per_second: Some(5),
        concurrency: 4,
    },
    why: "no source has a limit; polite",
    to_read_one: 2,
    lists: None,
};

/// Whether a quota stops at its goal: the only values seen in use (a public client).
pub const HARD_STOP: (bool, i64) = (true, 0);

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            paths: ENDPOINTS
                .iter()
                .map(|(endpoint, _, path, _)| (*endpoint, (*path).to_owned()))
                .collect(),
            job_status_key: "Status".to_owned(),
            group_status_key: "status".to_owned(),
            codes: [
                (Status::Draft, 0),
                (Status::Live, 1),
                (Status::Paused, 2),
                (Status::Closed, 3),
            ],
            currency: Currency::USD,
            counters: Counters::default(),
        }
    }
}

impl Assumptions {
    /// The table as the settings of an account correct it.
    ///
    /// # Errors
    /// With a sentence on the first value that means nothing.
    pub(super) fn of(settings: Option<&Value>) -> Result<Self, String> {
        match settings {
            None => Ok(Self::default()),
            Some(settings) => {
                let overrides = Overrides::deserialize(settings).map_err(|error| error.to_string())?;
                Self::with(&overrides)
            }
        }
    }

    /// The table with what an environment says differently.
    ///
    /// # Errors
    /// With a sentence on the first value that means nothing.
    pub fn with(overrides: &Overrides) -> Result<Self, String> {
        let mut table = Self::default();
        for (key, path) in &overrides.paths {
            let Some((endpoint, _, usual, _)) = ENDPOINTS.iter().find(|(_, name, _, _)| name == key) else {
                let known: Vec<&str> = ENDPOINTS.iter().map(|(_, name, _, _)| *name).collect();
                return Err(format!("there is no path `{key}`; known: {}", known.join(", ")));
            };
            if !path.starts_with('/') {
                return Err(format!("the path `{key}` has to start with a slash: {path}"));
            }
            if let Some(missing) = parameters(usual).find(|name| !path.contains(&format!("{{{name}}}"))) {
                return Err(format!("the path `{key}` has no {{{missing}}}: {path}"));
            }
            if let Some(unknown) = parameters(path).find(|name| !usual.contains(&format!("{{{name}}}"))) {
                return Err(format!("the path `{key}` knows no {{{unknown}}}: {path}"));
            }
            table.paths.insert(*endpoint, path.clone());
        }
        if let Some(key) = &overrides.job_status_key {
            table.job_status_key.clone_from(key);
        }
        if let Some(key) = &overrides.group_status_key {
            table.group_status_key.clone_from(key);
        }
        for (name, code) in &overrides.status_codes {
            let Some(row) = table
                .codes
                .iter_mut()
                .find(|(status, _)| status.to_string() == *name)
            else {
                return Err(format!(
                    "there is no status `{name}`; known: draft, live, paused, closed"
                ));
            };
            row.1 = *code;
        }
        let mut codes = table.codes.map(|(_, code)| code);
        codes.sort_unstable();
        if let Some(pair) = codes.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("two statuses have the code {}", pair[0]));
        }
        for (name, key) in &overrides.counters {
            let counter = match name.as_str() {
                "completes" => &mut table.counters.completes,
                "terminations" => &mut table.counters.terminations,
                "quota" => &mut table.counters.quota,
                _ => {
                    return Err(format!(
                        "there is no counter `{name}`; known: completes, terminations, quota"
                    ));
                }
            };
            counter.clone_from(key);
            table.counters.settled |= name == "completes";
        }
        if let Some(code) = &overrides.currency {
            table.currency =
                Currency::from_code(code).ok_or_else(|| format!("`{code}` is no currency code"))?;
        }
        Ok(table)
    }

    /// The path of an endpoint with its parameters filled in. Values that are placeholders of a plan stay as they are.
    pub fn path(&self, endpoint: Endpoint, values: &[(&str, &str)]) -> String {
        let mut path = self.paths.get(&endpoint).cloned().unwrap_or_default();
        for (name, value) in values {
            let planned = value.starts_with('{') && value.ends_with('}');
            let value = if planned {
                (*value).to_owned()
            } else {
                encode_segment(value)
            };
            path = path.replace(&format!("{{{name}}}"), &value);
        }
        path
    }

    /// The code of a status.
    pub fn code(&self, status: Status) -> i64 {
        let found = self.codes.iter().find(|(known, _)| *known == status);
        found.expect("the table has every status").1
    }

    /// The status of a code; `None` for one that is in no table.
    pub fn status(&self, code: i64) -> Option<Status> {
        let found = self.codes.iter().find(|(_, known)| *known == code);
        found.map(|(status, _)| *status)
    }
}

/// The names in braces of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
}

/// Schemas of the settings of an account that only InnovateMR has.
pub(super) fn settings_schema() -> OwnSettings {
    let assumptions = json!({
        "title": "Assumptions",
        "description": "What no public document of InnovateMR says, corrected: paths, spellings, codes.",
        "type": "object", "additionalProperties": false,
        "properties": {
            "paths": {
                "title": "Paths", "description": "Paths below the base URL, by the names in infield's table of endpoints.",
                "type": "object", "additionalProperties": {"type": "string", "minLength": 1},
                "examples": [{"job": "/pega/jobs/{JobId}"}],
            },
            "job_status_key": {"title": "Status key of jobs", "description": "Key of the status in a job's status call.", "type": "string", "enum": ["Status", "status"], "examples": ["Status"]},
            "group_status_key": {"title": "Status key of groups", "description": "Key of the status in a group's status call.", "type": "string", "enum": ["Status", "status"], "examples": ["status"]},
            "status_codes": {
                "title": "Status codes", "description": "Codes of statuses by their names here.",
                "type": "object", "additionalProperties": {"type": "integer"}, "examples": [{"closed": 3}],
            },
            "counters": {
                "title": "Counters", "description": "Keys of what is counted in the statistics of groups and quotas, for `infield status`.",
                "type": "object", "additionalProperties": false,
                "properties": {
                    "completes": {"title": "Completes", "description": "Key of the completes.", "type": "string", "minLength": 1, "examples": ["Completes"]},
                    "terminations": {"title": "Terminations", "description": "Key of those who did not qualify.", "type": "string", "minLength": 1, "examples": ["Terminations"]},
                    "quota": {"title": "Quota", "description": "Key of a quota's id.", "type": "string", "minLength": 1, "examples": ["QuotaId"]},
                },
            },
            "currency": {"title": "Currency", "description": "ISO 4217 code of the account's currency; US dollars if left out.", "type": "string", "examples": ["USD"]},
        },
    });
    OwnSettings::from_iter([("assumptions".to_owned(), assumptions)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(yaml: serde_json::Value) -> Overrides {
        serde_json::from_value(yaml).unwrap()
    }

    #[test]
    fn an_environment_can_correct_everything() {
        let table = Assumptions::with(&overrides(serde_json::json!({
            "paths": {"job": "/v3/job-details/{JobId}"},
            "group_status_key": "Status",
            "status_codes": {"closed": 9},
            "currency": "EUR",
            "counters": {"completes": "Done"},
        })))
        .unwrap();
        assert_eq!(table.path(Endpoint::Job, &[("JobId", "7")]), "/v3/job-details/7");
        assert_eq!(
            table.path(Endpoint::Quotas, &[("GroupId", "{a/b}")]),
            "/pega/quotas/{a/b}"
        );
        assert_eq!((table.code(Status::Closed), table.status(3)), (9, None));
        assert_eq!(table.currency, Currency::EUR);
        assert_eq!(
            (
                table.counters.completes.as_str(),
                table.counters.terminations.as_str()
            ),
            ("Done", "Terminations")
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (wrong, says) in [
            (serde_json::json!({"paths": {"jbo": "/x"}}), "no path `jbo`"),
            (serde_json::json!({"paths": {"job": "/x"}}), "has no {JobId}"),
            (
                serde_json::json!({"paths": {"job": "x/{JobId}"}}),
                "start with a slash",
            ),
            (
                serde_json::json!({"paths": {"job": "/{JobId}/{Id}"}}),
                "knows no {Id}",
            ),
            (
                serde_json::json!({"status_codes": {"gone": 1}}),
                "no status `gone`",
            ),
            (
                serde_json::json!({"status_codes": {"closed": 2}}),
                "two statuses have the code 2",
            ),
            (serde_json::json!({"currency": "coins"}), "no currency"),
            (
                serde_json::json!({"counters": {"clicks": "Clicks"}}),
                "no counter `clicks`",
            ),
        ] {
            let problem = Assumptions::with(&overrides(wrong)).unwrap_err();
            assert!(problem.contains(says), "{problem}");
        }
    }
}
