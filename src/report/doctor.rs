//! What can be reached with what is configured: `infield.doctor/1` as JSON, and as text.

use super::json::pretty;
use super::words::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// What works of what is configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield doctor")]
pub struct DoctorReport {
    /// The format's name and version.
    pub format: Format,
    /// Whether all of it works.
    pub works: bool,
    /// Each environment that was looked at, by name.
    pub environments: Vec<Environment>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.doctor/1")]
    V1,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The place of its state: read, and its lock taken and given back.
    pub state: Finding,
    /// Its accounts, each tried with one read, in the order in which vendors are shown.
    pub vendors: Vec<Finding>,
}

/// What was tried, and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// `state`, or the vendor's key.
    pub what: String,
    /// The same for people.
    pub name: String,
    /// Where it is.
    pub place: String,
    /// Whether it works.
    pub works: bool,
    /// What was found, or why it does not work.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl DoctorReport {
    /// A report on these environments.
    pub fn new(environments: Vec<Environment>) -> Self {
        let works = environments
            .iter()
            .flat_map(Environment::findings)
            .all(|finding| finding.works);
        Self {
            format: Format::V1,
            works,
            environments,
        }
    }

    /// The report as JSON.
    pub fn to_json(&self) -> String {
        pretty(self)
    }

    /// The report for people.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for environment in &self.environments {
            let _ = writeln!(out, "{}", clean(&environment.name));
            for finding in environment.findings() {
                let how = if finding.works { "works" } else { "FAILS" };
                let (name, place) = (clean(&finding.name), clean(&finding.place));
                let _ = writeln!(out, "  {how}  {name}, {place}: {}", clean(&finding.message));
                if let Some(help) = &finding.help {
                    let _ = writeln!(out, "         help: {}", clean(help));
                }
            }
            if environment.vendors.is_empty() {
                let _ = writeln!(out, "         no account at any vendor");
            }
        }
        out
    }
}

impl Environment {
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        std::iter::once(&self.state).chain(&self.vendors)
    }
}
