//! The project as the rest of the program sees it: environments, where secrets are, what may be done.
//!
//! Promises: no secret's value is in here unless it was written literally for a loopback server, and `Debug` never
//! shows it. Reading variables and files is left to the command line.

use super::scope::Scope;
use super::types::{EnvironmentManifest, ExposureManifest, GuardsManifest, ProjectManifest};
use super::vendors;
use crate::diag::{Diagnostic, code};
use crate::marketplace::shelf::blocks::OwnSettings;
use crate::model::Money;
use crate::model::VendorId;
use crate::model::marketplace::SignIn;
use crate::text::host::is_this_machine;
use crate::text::pointer::below;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use url::Url;

/// The name of the environment that is always there.
pub const SANDBOX: &str = "sandbox";

/// The project of the manifests that were loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its environments by name; `sandbox` is in here only if the file mentions it.
    pub environments: BTreeMap<String, Environment>,
    /// The file that describes it.
    pub file: PathBuf,
    /// The folder of that file: relative paths start here, and state lives here by default.
    pub root: PathBuf,
}

/// One environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Access to marketplaces.
    pub access: BTreeMap<VendorId, Access>,
    /// Where state is kept: a path relative to the project, or a URL; `None` is the default place.
    pub state: Option<String>,
    /// What may be done.
    pub guards: Guards,
}

/// Pace of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// Most requests a second; `None` is the vendor's default.
    pub requests_per_second: Option<u32>,
    /// Most requests at a time; `None` is the vendor's default.
    pub concurrency: Option<u32>,
}

/// Access to a marketplace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// Where the API is; `None` is the vendor's production host.
    pub base_url: Option<String>,
    /// Where tokens are issued; `None` is the vendor's own place.
    pub auth_url: Option<String>,
    /// Where the client's id is, where an account is a client.
    pub client_id: Option<Secret>,
    /// Where the token is, or the client's secret; `None` if the file does not say.
    pub secret: Option<Secret>,
    /// How fast.
    pub pace: Pace,
    /// Settings that only this marketplace has, as they are written.
    pub own: OwnSettings,
}

/// Where a secret is. Only a literal for a loopback server is the secret itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// In an environment variable.
    Env(String),
    /// In a file: absolute, or relative to the project.
    File(String),
    /// Here; only ever for loopback servers.
    Literal(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "Env({name:?})"),
            Self::File(path) => write!(f, "File({path:?})"),
            Self::Literal(_) => f.write_str("Literal(***)"),
        }
    }
}

/// What a guard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// Do it.
    Allow,
    /// Ask first.
    Ask,
    /// Refuse.
    Deny,
}

/// The guards of an environment; `None` is the default of whoever asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guards {
    /// Going into field.
    pub launch: Option<Rule>,
    /// Closing for good.
    pub close: Option<Rule>,
    /// Replacing a survey by a new one.
    pub replace: Option<Rule>,
    /// Changing who is asked while respondents are asked.
    pub edit_live_targeting: Option<Rule>,
    /// Changing outcomes of interviews.
    pub reconcile: Option<Rule>,
    /// Rejecting every complete that a list does not name.
    pub accept_list: Option<Rule>,
    /// Most exposure that one apply may add.
    pub max_increase: Option<Money>,
    /// Most exposure of all surveys together.
    pub max_total: Option<Money>,
    /// Highest price per complete.
    pub max_cpi: Option<Money>,
}

/// The project of a document, as far as it is valid.
pub(super) fn lower(
    scope: &mut Scope<'_>,
    manifest: &ProjectManifest,
    document: &Value,
    file: PathBuf,
) -> Project {
    let mut environments = BTreeMap::new();
    for (name, environment) in &manifest.environments {
        let base = below("/environments", name);
        let written = document.pointer(&base).unwrap_or(&Value::Null);
        let lowered = lower_environment(scope, name, environment, written, &base);
        environments.insert(name.clone(), lowered);
    }
    let root = file.parent().map(PathBuf::from).unwrap_or_default();
    Project {
        name: manifest.name.clone(),
        environments,
        file,
        root,
    }
}

fn lower_environment(
    scope: &mut Scope<'_>,
    name: &str,
    manifest: &EnvironmentManifest,
    document: &Value,
    base: &str,
) -> Environment {
    let mut environment = Environment {
        state: manifest.state.clone(),
        guards: lower_guards(scope, manifest.guards.as_ref(), base),
        ..Environment::default()
    };
    if let Some(state) = &manifest.state {
        check_state(scope, state, &format!("{base}/state"));
    }
    for vendor in VendorId::all() {
        let written = document.get(vendor.key()).filter(|access| !access.is_null());
        if let Some(written) = written {
            let base = format!("{base}/{vendor}");
            refuse_in_sandbox(scope, name, &base);
            environment
                .access
                .insert(*vendor, lower_access(scope, *vendor, written, &base));
        }
    }
    environment
}

/// Keys of access that are the same at every marketplace.
const NEUTRAL: [&str; 7] = [
    "base_url",
    "auth_url",
    "token",
    "client_id",
    "client_secret",
    "requests_per_second",
    "concurrency",
];

fn lower_access(scope: &mut Scope<'_>, vendor: VendorId, written: &Value, base: &str) -> Access {
    let text = |key: &str| written.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| {
        let number = written.get(key).and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok())
    };
    let (base_url, auth_url) = (text("base_url"), text("auth_url"));
    let here = check_url(scope, base_url.as_deref(), &format!("{base}/base_url"));
    let auth = check_url(scope, auth_url.as_deref(), &format!("{base}/auth_url"));
    let loopback = here == Some(true) && auth != Some(false);
    let own: OwnSettings = written
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !NEUTRAL.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Err((key, problem)) = vendors::check_settings(vendor, &own) {
        let place = scope.value(&format!("{base}/{key}"));
        scope.push(Diagnostic::error(code::PROJECT_ASSUMPTION, problem).at(place, "in here"));
    }
    let mut find = |key: &str| secret(scope, written.get(key), &format!("{base}/{key}"), loopback);
    let (client_id, secret) = match vendor.facts().sign_in {
        SignIn::Token => (None, find("token")),
        SignIn::Client => (find("client_id"), find("client_secret")),
    };
    Access {
        base_url,
        auth_url,
        client_id,
        secret,
        pace: Pace {
            requests_per_second: number("requests_per_second"),
            concurrency: number("concurrency"),
        },
        own,
    }
}

fn refuse_in_sandbox(scope: &mut Scope<'_>, name: &str, pointer: &str) {
    if name == SANDBOX {
        let problem = Diagnostic::error(
            code::PROJECT_RESERVED_ENVIRONMENT,
            "the environment `sandbox` is built in and reaches no vendor",
        );
        let help = "give the environment another name; guards and state may stay";
        scope.push(problem.at(scope.key(pointer), "not in `sandbox`").help(help));
    }
}

fn lower_guards(scope: &mut Scope<'_>, manifest: Option<&GuardsManifest>, base: &str) -> Guards {
    let Some(manifest) = manifest else {
        return Guards::default();
    };
    let GuardsManifest {
        launch,
        close,
        replace,
        edit_live_targeting,
        reconcile,
        accept_list,
        exposure,
        max_cpi,
    } = manifest;
    let ExposureManifest {
        max_increase,
        max_total,
    } = exposure.clone().unwrap_or_default();
    let base = format!("{base}/guards");
    Guards {
        launch: *launch,
        close: *close,
        replace: *replace,
        edit_live_targeting: *edit_live_targeting,
        reconcile: *reconcile,
        accept_list: *accept_list,
        max_increase: money(
            scope,
            max_increase.as_deref(),
            &format!("{base}/exposure/max_increase"),
        ),
        max_total: money(scope, max_total.as_deref(), &format!("{base}/exposure/max_total")),
        max_cpi: money(scope, max_cpi.as_deref(), &format!("{base}/max_cpi")),
    }
}

/// An error's text with whatever the user wrote in it, but not all of a novel.
fn short_message(text: &str) -> String {
    text.chars().take(160).collect()
}

/// Reads an amount; what is not one is reported.
pub(super) fn money(scope: &mut Scope<'_>, text: Option<&str>, pointer: &str) -> Option<Money> {
    let text = text?;
    match Money::written(text) {
        Ok(money) => Some(money),
        Err(error) => {
            let digits = text.trim_start_matches('$').trim();
            let number = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !digits.is_empty();
            let help = if number {
                format!("write `{digits} USD`")
            } else {
                "write an amount and a currency, such as `3.75 USD`".to_owned()
            };
            let problem = Diagnostic::error(code::MONEY_INVALID, short_message(&error.to_string()));
            scope.push(problem.at(scope.value(pointer), "not a price").help(help));
            None
        }
    }
}

/// Checks a base URL; says whether it is on this machine, where it is a URL at all.
fn check_url(scope: &mut Scope<'_>, text: Option<&str>, pointer: &str) -> Option<bool> {
    let text = text?;
    let wrong = |scope: &mut Scope<'_>, what: &str| {
        let problem = Diagnostic::error(code::PROJECT_URL, format!("this URL {what}"));
        scope.push(
            problem
                .at(scope.value(pointer), "not a base URL")
                .help("write an absolute URL such as `https://api.example.com/v2`"),
        );
        Some(false)
    };
    let Ok(url) = Url::parse(text) else {
        return wrong(scope, "cannot be read");
    };
    if !["http", "https"].contains(&url.scheme()) {
        return wrong(scope, "is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return wrong(scope, "carries credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong(scope, "has a query or a fragment");
    }
    let loopback = is_this_machine(&url);
    if url.scheme() == "http" && !loopback {
        return wrong(scope, "would send the token unencrypted; use https");
    }
    Some(loopback)
}

fn check_state(scope: &mut Scope<'_>, text: &str, pointer: &str) {
    if !text.contains("://") {
        return;
    }
    let fault = match Url::parse(text) {
        Err(_) => Some("cannot be read"),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => Some("carries credentials"),
        Ok(_) => None,
    };
    if let Some(fault) = fault {
        let problem = Diagnostic::error(code::PROJECT_URL, format!("the URL of the state {fault}"));
        scope.push(
            problem
                .at(scope.value(pointer), "not a place for state")
                .help("write a path, or a URL such as `s3://bucket/prefix`"),
        );
    }
}

/// Reads a reference to a secret. A literal is refused unless it goes to this machine; its value is never shown.
fn secret(scope: &mut Scope<'_>, value: Option<&Value>, pointer: &str, loopback: bool) -> Option<Secret> {
    let value = value?;
    if let Some(path) = value.get("file").and_then(Value::as_str) {
        return Some(Secret::File(path.to_owned()));
    }
    let text = value.as_str()?;
    if let Some(inner) = text.strip_prefix("${") {
        let name = inner.strip_suffix('}').filter(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        });
        if let Some(name) = name {
            return Some(Secret::Env(name.to_owned()));
        }
        let problem = Diagnostic::error(
            code::PROJECT_SECRET_REFERENCE,
            "this reference to a secret is not complete",
        );
        scope.push(
            problem
                .at(scope.key(pointer), "its value is not of the form `${VARIABLE}`")
                .help("write the whole value as `\"${VARIABLE}\"`"),
        );
        return None;
    }
    if loopback {
        return Some(Secret::Literal(text.to_owned()));
    }
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let variable = pointer.rsplit('/').take(2).collect::<Vec<_>>();
    let variable = variable
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
        .join("_")
        .to_ascii_uppercase();
    let problem = Diagnostic::error(
        code::PROJECT_LITERAL_SECRET,
        format!("`{key}` is written into the file; secrets do not belong into version control"),
    );
    let help = format!(
        "put it into an environment variable and write `{key}: \"${{{variable}}}\"`, or name a file: `{key}: {{file: PATH}}`; then revoke the one written here"
    );
    scope.push(
        problem
            .at(scope.key(pointer), "its value is a literal")
            .help(help),
    );
    None
}
