//! The project as the rest of the program sees it: environments, where secrets are, what may be done.
//!
//! Promises: no secret's value is in here unless it was written literally for a loopback server, and `Debug` never
//! shows it. Reading variables and files is left to the command line.

use super::money::money;
use super::questions;
use super::rules;
use crate::diag::{Code, Diagnostic, code, suggest};
use crate::manifest::expand::scope::Scope;
use crate::manifest::lints::{Lint, Lints};
use crate::manifest::shape::fields::AccessManifest;
use crate::manifest::shape::types::ProjectManifest;
use crate::marketplace::registry;
use crate::marketplace::shelf::blocks::OwnSettings;
use crate::model::guard::{Guard, GuardRules, Reached, Rule};
use crate::model::marketplace::SignIn;
use crate::model::notify::{Hook, Shape, Topic};
use crate::model::own::Books;
use crate::model::own_rule::OwnRule;
use crate::model::{Alarms, Money, VendorId};
use crate::text::host::is_this_machine;
use crate::text::pointer::below;
use indexmap::IndexMap;
use rust_decimal::Decimal;
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
    /// Its own names for questions and answers.
    pub books: Books,
    /// What becomes of warnings.
    pub lints: Lints,
    /// Its own rules over plans.
    pub rules: Vec<OwnRule>,
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
    pub guards: GuardRules,
    /// How far figures may be from what was promised.
    pub alarms: Alarms,
    /// Of how many runs the history keeps plans that can be shown again; `None` is the default.
    pub replays: Option<usize>,
    /// Who is told of what happens.
    pub notify: Vec<Hook>,
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
    /// What people call the account.
    pub account: Option<String>,
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

/// The project of a document, as far as it is valid.
pub(crate) fn lower(scope: &mut Scope<'_>, manifest: ProjectManifest, file: PathBuf) -> Project {
    check_requires(scope, manifest.requires.as_deref());
    let mut environments = BTreeMap::new();
    for (name, written) in &manifest.environments {
        let base = below("/environments", name);
        environments.insert(name.clone(), environment(scope, name, written, &base));
    }
    let root = file.parent().map(PathBuf::from).unwrap_or_default();
    Project {
        books: books(scope, manifest.questions.as_ref()),
        name: manifest.name,
        environments,
        lints: lints(scope, &manifest.lints),
        rules: rules::lower(scope, manifest.rules),
        file,
        root,
    }
}

/// The project's own names for questions, as far as they can be used.
fn books(scope: &mut Scope<'_>, written: Option<&Value>) -> Books {
    let Some(written) = written.and_then(Value::as_object) else {
        return Books::default();
    };
    let (books, wrong) = questions::read(written);
    for wrong in wrong {
        let told = scope.error(code::PROJECT_QUESTIONS).says(wrong.message);
        match wrong.key {
            true => told.key(&wrong.pointer, wrong.label),
            false => told.value(&wrong.pointer, wrong.label),
        }
        .help(wrong.help);
    }
    books
}

/// The lints of a project as they are written.
fn lints(scope: &mut Scope<'_>, written: &IndexMap<String, String>) -> Lints {
    let mut lints = Lints::new();
    for (name, word) in written {
        if let Some(code) = Code::find(name) {
            lints.insert(code, Lint::of(word));
            continue;
        }
        let names = code::ALL
            .iter()
            .map(|code| code.id().trim_start_matches("infield::"));
        let bare = name.trim_start_matches("infield::");
        let help = suggest::help(bare, names, || "`infield explain` lists all of them".to_owned());
        scope
            .error(code::PROJECT_LINT)
            .says(format!("there is no problem with the code `{bare}`"))
            .key(&below("/lints", name), "no such code")
            .help(help);
    }
    lints
}

/// Refuses a project that asks for a newer infield than this one.
fn check_requires(scope: &mut Scope<'_>, written: Option<&str>) {
    const OURS: &str = env!("CARGO_PKG_VERSION");
    let numbers = |version: &str| {
        version
            .split('.')
            .map(|number| number.parse().unwrap_or(0))
            .collect::<Vec<u64>>()
    };
    if let Some(oldest) = written.and_then(|written| written.strip_prefix(">="))
        && numbers(oldest) > numbers(OURS)
    {
        scope
            .error(code::PROJECT_REQUIRES)
            .says(format!(
                "this project is for infield {oldest} and newer, and this is {OURS}"
            ))
            .value("/requires", "newer than this infield")
            .help("install the newer one; an older one may misread what the project holds");
    }
}

fn environment(scope: &mut Scope<'_>, name: &str, written: &Value, base: &str) -> Environment {
    let state = written.get("state").and_then(Value::as_str);
    let guards = written.get("guards").unwrap_or(&Value::Null);
    let mut environment = Environment {
        access: BTreeMap::new(),
        guards: lower_guards(scope, guards, &format!("{base}/guards")),
        state: state.map(str::to_owned),
        alarms: lower_alarms(written),
        replays: written
            .get("replays")
            .and_then(Value::as_u64)
            .and_then(|runs| usize::try_from(runs).ok()),
        notify: lower_hooks(scope, written, &format!("{base}/notify")),
    };
    if let Some(state) = state {
        check_state(scope, state, &format!("{base}/state"));
    }
    for vendor in VendorId::all() {
        let base = format!("{base}/{vendor}");
        if let Some(written) = written.get(vendor.key()).and_then(Value::as_object) {
            refuse_in_sandbox(scope, name, &base);
            let access = lower_access(scope, *vendor, written, &base);
            environment.access.insert(*vendor, access);
        }
    }
    environment
}

fn lower_access(scope: &mut Scope<'_>, vendor: VendorId, written: &OwnSettings, base: &str) -> Access {
    let neutral = AccessManifest::deserialize(written).unwrap_or_default();
    let here = check_url(scope, neutral.base_url.as_deref(), &format!("{base}/base_url"));
    let auth = check_url(scope, neutral.auth_url.as_deref(), &format!("{base}/auth_url"));
    let loopback = here == Some(true) && auth != Some(false);
    let mut own = written.clone();
    let known = registry::of(vendor).settings_schema();
    own.retain(|key, _| known.contains_key(key));
    if let Err((key, problem)) = registry::of(vendor).check_settings(&own) {
        let place = scope.value(&format!("{base}/{key}"));
        scope.push(Diagnostic::error(code::PROJECT_ASSUMPTION, problem).at(place, "in here"));
    }
    let mut find = |key: &str| secret(scope, written.get(key), &format!("{base}/{key}"), loopback);
    let (client_id, secret) = match vendor.facts().sign_in {
        SignIn::Token => (None, find("token")),
        SignIn::Client => (find("client_id"), find("client_secret")),
    };
    Access {
        base_url: neutral.base_url,
        auth_url: neutral.auth_url,
        client_id,
        secret,
        account: neutral.account,
        pace: Pace {
            requests_per_second: neutral.requests_per_second,
            concurrency: neutral.concurrency,
        },
        own,
    }
}

fn refuse_in_sandbox(scope: &mut Scope<'_>, name: &str, pointer: &str) {
    if name == SANDBOX {
        scope
            .error(code::PROJECT_RESERVED_ENVIRONMENT)
            .says("the environment `sandbox` is built in and reaches no vendor")
            .key(pointer, "not in `sandbox`")
            .help("give the environment another name; guards and state may stay");
    }
}

fn lower_guards(scope: &mut Scope<'_>, written: &Value, base: &str) -> GuardRules {
    let mut rules = GuardRules::default();
    for guard in Guard::with_rules() {
        let word = written.get(guard.key()).and_then(Value::as_str);
        if let Some(rule) = word.and_then(Rule::from_word) {
            rules.set(guard, rule);
        }
    }
    for (limit, pointer) in [
        (&mut rules.max_increase, "/exposure/max_increase"),
        (&mut rules.max_total, "/exposure/max_total"),
        (&mut rules.max_cpi, "/max_cpi"),
    ] {
        *limit = limits(scope, written.pointer(pointer), &format!("{base}{pointer}"));
    }
    let budgets = written.get("budgets").and_then(Value::as_object);
    for (tag, values) in budgets.into_iter().flatten() {
        let own = rules.budgets.entry(tag.clone()).or_default();
        for (value, written) in values.as_object().into_iter().flatten() {
            let pointer = below(&below(&format!("{base}/budgets"), tag), value);
            own.insert(value.clone(), limits(scope, Some(written), &pointer));
        }
    }
    for reached in Reached::ALL {
        let share = percent(written, &format!("/{}/{}", Guard::Changes, reached.key()));
        rules.shares.extend(share.map(|share| (reached, share)));
    }
    rules
}

/// A limit of money, by currency.
fn limits(scope: &mut Scope<'_>, written: Option<&Value>, pointer: &str) -> BTreeMap<String, Money> {
    let each = written.is_some_and(Value::is_object);
    let mut limits = BTreeMap::new();
    for (text, pointer) in amounts(scope, written, pointer) {
        let given = match Money::written(&text) {
            Err(error) if each => {
                let told = scope.error(code::MONEY_INVALID).says(error.to_string());
                told.value(&pointer, "not a limit")
                    .help("write the code of a currency and an amount of it, such as `USD: 4.00`");
                None
            }
            _ => money(scope, Some(&text), &pointer),
        };
        limits.extend(given.map(|money| (money.currency.code().to_owned(), money)));
    }
    limits
}

fn lower_alarms(written: &Value) -> Alarms {
    let mut alarms = Alarms::default();
    for (key, _) in Alarms::KEYS {
        let limit = alarms.get_mut(key);
        if let (Some(limit), Some(share)) = (limit, percent(written, &format!("/alarms/{key}"))) {
            *limit = share;
        }
    }
    alarms
}

fn lower_hooks(scope: &mut Scope<'_>, written: &Value, base: &str) -> Vec<Hook> {
    let listed = written.get("notify").and_then(Value::as_array);
    let mut hooks: Vec<Hook> = Vec::new();
    for (at, written) in listed.into_iter().flatten().enumerate() {
        let pointer = format!("{base}/{at}/url");
        let Some(url) = written.get("url").and_then(Value::as_str) else {
            continue;
        };
        let Some(variable) = whole_variable(url) else {
            scope
                .error(code::PROJECT_LITERAL_SECRET)
                .says("whoever has the address of a webhook can write there: it does not belong into version control")
                .key(&pointer, "its value is not of the form `${VARIABLE}`")
                .help("put the whole address into a variable and write `url: \"${INFIELD_NOTIFY_OPS}\"`; then revoke the one written here");
            continue;
        };
        if hooks.iter().any(|hook| hook.variable == variable) {
            scope
                .error(code::PROJECT_URL)
                .says(format!("the webhook of {variable} is there twice"))
                .value(&pointer, "again")
                .help("one entry says all that it is told: `on: [verdicts, applies]`");
            continue;
        }
        let word = |key: &str| written.get(key).and_then(Value::as_str);
        let shape = Shape::ALL
            .into_iter()
            .find(|shape| word("format") == Some(shape.word()));
        let named = written.get("on").and_then(Value::as_array);
        let is_named = |topic: &Topic| {
            named.is_none_or(|named| named.iter().any(|word| word.as_str() == Some(topic.word())))
        };
        hooks.push(Hook {
            variable: variable.to_owned(),
            shape: shape.unwrap_or_default(),
            topics: Topic::ALL.into_iter().filter(is_named).collect(),
        });
    }
    hooks
}

/// A share that is written as `10%`; the schema has checked it.
fn percent(written: &Value, pointer: &str) -> Option<Decimal> {
    let number = written.pointer(pointer)?.as_str()?.strip_suffix('%')?;
    Decimal::from_str_exact(number).ok()
}

/// A limit as it is written, with its place: one amount, or an amount for each currency.
fn amounts(scope: &Scope<'_>, written: Option<&Value>, pointer: &str) -> Vec<(String, String)> {
    match written {
        Some(Value::String(text)) => vec![(text.clone(), pointer.to_owned())],
        Some(Value::Object(each)) => {
            let amount = |(currency, amount): (&String, &Value)| {
                let pointer = below(pointer, currency);
                // A fraction is taken from the text: values of documents have none.
                let number = match amount {
                    Value::Number(number) if number.is_f64() => {
                        scope.written(scope.value(&pointer)).to_owned()
                    }
                    Value::String(text) => text.clone(),
                    whole => whole.to_string(),
                };
                (format!("{number} {currency}"), pointer)
            };
            each.iter().map(amount).collect()
        }
        _ => Vec::new(),
    }
}

/// Checks a base URL; says whether it is on this machine, where it is a URL at all.
fn check_url(scope: &mut Scope<'_>, text: Option<&str>, pointer: &str) -> Option<bool> {
    let text = text?;
    let wrong = |scope: &mut Scope<'_>, what: &str| {
        scope
            .error(code::PROJECT_URL)
            .says(format!("this URL {what}"))
            .value(pointer, "not a base URL")
            .help("write an absolute URL such as `https://api.example.com/v2`");
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
        scope
            .error(code::PROJECT_URL)
            .says(format!("the URL of the state {fault}"))
            .value(pointer, "not a place for state")
            .help("write a path, or a URL such as `s3://bucket/prefix`");
    }
}

/// The variable that a text is as a whole.
fn whole_variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let goes_on = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (begins && goes_on).then_some(name)
}

/// Reads a reference to a secret. A literal is refused unless it goes to this machine; its value is never shown.
fn secret(scope: &mut Scope<'_>, value: Option<&Value>, pointer: &str, loopback: bool) -> Option<Secret> {
    let value = value?;
    if let Some(path) = value.get("file").and_then(Value::as_str) {
        return Some(Secret::File(path.to_owned()));
    }
    let text = value.as_str()?;
    if let Some(name) = whole_variable(text) {
        return Some(Secret::Env(name.to_owned()));
    }
    if text.starts_with("${") {
        scope
            .error(code::PROJECT_SECRET_REFERENCE)
            .says("this reference to a secret is not complete")
            .key(pointer, "its value is not of the form `${VARIABLE}`")
            .help("write the whole value as `\"${VARIABLE}\"`");
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
    scope.error(code::PROJECT_LITERAL_SECRET).says(format!("`{key}` is written into the file; secrets do not belong into version control")).key(pointer, "its value is a literal").help(format!(
        "put it into an environment variable and write `{key}: \"${{{variable}}}\"`, or name a file: `{key}: {{file: PATH}}`; then revoke the one written here"
    ));
    None
}
