//! From paths and the name of an environment to everything a command works with: manifests, state, accounts.
//!
//! The only place that reads environment variables for secrets, and the only one that decides that `sandbox` needs no
//! configuration.

use super::embedded::Embedded;
use super::loopback;
use super::place::{self, Place};
use super::ui::{Stop, Ui};
use super::{Common, Paths};
use crate::diag;
use crate::manifest::{self, Loaded, Secret, project};
use crate::marketplace::connect::AcceptLister;
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::{Network, Transport};
use crate::marketplace::registry;
use crate::marketplace::{Account, Client, Markets, Reader, Writer};
use crate::model::VendorId;
use crate::model::marketplace::SignIn;
use crate::plan::{Guard, GuardRules, Rule};
use crate::refresh::Readers;
use crate::state::{Document, Keeper, LockInfo, Store};
use crate::text::host::names_this_machine;
use camino::Utf8PathBuf;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The name of the environment that always exists.
pub(super) const SANDBOX: &str = manifest::project::SANDBOX;

/// The folder everything local lives in.
pub(super) const LOCAL_FOLDER: &str = ".infield";

/// The project's files and where things belong.
pub(super) struct Opened {
    /// What was read.
    pub(super) loaded: Loaded,
    /// The folder that `.infield` stands in.
    pub(super) root: Utf8PathBuf,
    /// Name of the environment.
    pub(super) environment: String,
    /// Secrets that were read, so that no file gets one by accident.
    pub(super) secrets: Mutex<Vec<SecretString>>,
}

/// Reads the manifests. Problems are not told yet.
pub(super) fn open(paths: &Paths, common: &Common) -> Result<Opened, Stop> {
    let (given, options) = place(paths)?;
    let mut loaded = manifest::load(&given, &options);
    let base = options.base;
    let root = match &loaded.project {
        Some(project) => project.root.clone(),
        // Without an infield.yaml the first path is the project, if it is a folder.
        None => match given.first().map(|first| base.join(first)) {
            Some(first) if first.is_dir() => {
                loaded.whole_project = given.len() == 1;
                first
            }
            Some(_) => base,
            None => {
                loaded.whole_project = true;
                base
            }
        },
    };
    let root = Utf8PathBuf::from_path_buf(root).map_err(|path| {
        Stop::failed(format!(
            "the folder {} has a name that is not UTF-8",
            path.display()
        ))
    })?;
    Ok(Opened {
        loaded,
        root,
        environment: common.env.clone(),
        secrets: Mutex::default(),
    })
}

/// The paths that were given, and the folder they start from.
pub(super) fn place(paths: &Paths) -> Result<(Vec<PathBuf>, manifest::Options), Stop> {
    let base = std::env::current_dir()
        .map_err(|e| Stop::failed(format!("the current folder cannot be read: {e}")))?;
    let given = paths.paths.iter();
    let given = given.map(|path| path.clone().into_std_path_buf()).collect();
    Ok((given, manifest::Options { base }))
}

impl Opened {
    /// The folder of this environment's local files.
    pub(super) fn local(&self) -> Utf8PathBuf {
        self.root.join(LOCAL_FOLDER).join(&self.environment)
    }

    fn configured(&self) -> Option<&project::Environment> {
        self.loaded
            .project
            .as_ref()
            .and_then(|project| project.environments.get(&self.environment))
    }

    /// The environment's settings.
    ///
    /// # Errors
    /// When there is no such environment.
    pub(super) fn settings(&self) -> Result<project::Environment, Stop> {
        match self.configured() {
            Some(settings) => Ok(settings.clone()),
            None if self.environment == SANDBOX => Ok(project::Environment::default()),
            None => {
                let mut names: Vec<&str> = vec![SANDBOX];
                if let Some(project) = &self.loaded.project {
                    names.extend(
                        project
                            .environments
                            .keys()
                            .map(String::as_str)
                            .filter(|name| *name != SANDBOX),
                    );
                }
                let all = format!(
                    "infield.yaml configures environments; this project has {}",
                    names.join(", ")
                );
                let stop = Stop::failed(format!("there is no environment `{}`", self.environment));
                Err(stop.meant(&self.environment, names, all))
            }
        }
    }

    /// The rules of the environment.
    pub(super) fn guards(&self) -> Result<GuardRules, Stop> {
        let settings = self.settings()?;
        let mut rules = GuardRules::default();
        let given = settings.guards;
        for (guard, rule) in [
            (Guard::Launch, given.launch),
            (Guard::Close, given.close),
            (Guard::Replace, given.replace),
            (Guard::EditLiveTargeting, given.edit_live_targeting),
            (Guard::Reconcile, given.reconcile),
            (Guard::AcceptList, given.accept_list),
        ] {
            if let Some(rule) = rule {
                rules.set(
                    guard,
                    match rule {
                        project::Rule::Allow => Rule::Allow,
                        project::Rule::Ask => Rule::Ask,
                        project::Rule::Deny => Rule::Deny,
                    },
                );
            }
        }
        for (limit, given) in [
            (&mut rules.max_increase, given.max_increase),
            (&mut rules.max_total, given.max_total),
            (&mut rules.max_cpi, given.max_cpi),
        ] {
            if let Some(money) = given {
                limit.insert(money.currency.code().to_owned(), money);
            }
        }
        Ok(rules)
    }

    /// The vendors' pure halves, as the environment describes them.
    ///
    /// # Errors
    /// When there is no such environment.
    pub(super) fn markets(&self) -> Result<Markets, Stop> {
        let settings = self.settings()?;
        let mut markets = Markets::default();
        for vendor in VendorId::all() {
            let access = settings.access.get(vendor);
            let url = access.and_then(|access| access.base_url.as_deref());
            // Without an address, `sandbox` has an emulator of its own.
            let local = url.map_or(self.environment == SANDBOX, names_this_machine);
            let own = access.map(|access| &access.own);
            let described = registry::of(*vendor).described(own, local);
            let described = described.map_err(|(lacks, help)| {
                Stop::failed(format!(
                    "the {} account of `{}` {lacks}",
                    vendor.name(),
                    self.environment
                ))
                .help(help)
            })?;
            if let Some(described) = described {
                markets = markets.with(described);
            }
        }
        Ok(markets)
    }

    /// The values of all secrets that were read so far, to look for them in what is about to be written.
    pub(super) fn secrets_used(&self) -> Vec<String> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets
            .iter()
            .map(|secret| secret.expose_secret().to_owned())
            .collect()
    }

    /// Where the environment's state is kept.
    ///
    /// # Errors
    /// When the place is one this version cannot use.
    pub(super) fn store(&self) -> Result<Arc<dyn Store>, Stop> {
        Ok(self.place()?.store)
    }

    /// Where the environment's state is kept, with the ledgers beside it.
    ///
    /// # Errors
    /// When the place is one this version cannot use.
    pub(super) fn place(&self) -> Result<Place, Stop> {
        match self.settings()?.state {
            None => Ok(Place::local(self.local())),
            Some(place) if place.contains("://") => place::remote(&place),
            Some(path) => Ok(Place::local(self.root.join(path))),
        }
    }

    /// The state as it is, without taking the lock or making anything.
    ///
    /// # Errors
    /// When it cannot be trusted.
    pub(super) async fn peek(&self) -> Result<Document, Stop> {
        let store = self.store()?;
        let document = match store.load().await? {
            Some(document) => document,
            None => Document::new(&self.environment, String::new()),
        };
        Keeper::check_environment(&*store, &document, &self.environment)?;
        Ok(document)
    }

    /// Opens ways to the vendors of the environment; for the sandbox, starts it.
    ///
    /// # Errors
    /// When a secret is missing or the sandbox cannot be started.
    pub(super) async fn connect(&self, ui: &Ui) -> Result<Vendors, Stop> {
        let settings = self.settings()?;
        let mut embedded = None;
        let mut accounts = Vec::new();
        let sandbox = self.environment == SANDBOX;
        for vendor in VendorId::all().iter().copied() {
            let access = settings.access.get(&vendor);
            let base_url = access.and_then(|access| access.base_url.clone());
            let pace = access.map(|access| access.pace).unwrap_or_default();
            let by_client = vendor.facts().sign_in == SignIn::Client;
            let emulated = sandbox && base_url.is_none();
            if let Some(emulator) = vendor.facts().emulator.filter(|_| emulated) {
                let server = match &embedded {
                    Some(server) => server,
                    None => embedded.insert(Embedded::start(&self.local(), ui).await?),
                };
                let token = || SecretString::from(super::embedded::TOKEN);
                accounts.push(Account {
                    vendor,
                    base_url: Some(server.url(vendor, emulator.base)),
                    token: token(),
                    client: by_client.then(|| Client {
                        id: token(),
                        auth_url: Some(server.url(vendor, emulator.auth)),
                    }),
                    requests_per_second: pace.requests_per_second.or(Some(0)),
                    concurrency: Some(
                        pace.concurrency
                            .map_or(super::embedded::CONCURRENCY, |c| c as usize),
                    ),
                    lists_settle_after: Some(Duration::ZERO),
                });
            } else if let Some(access) = access {
                let client = if by_client {
                    Some(Client {
                        id: self.secret(vendor, "client_id", access.client_id.as_ref())?,
                        auth_url: access.auth_url.clone(),
                    })
                } else {
                    None
                };
                let key = if by_client { "client_secret" } else { "token" };
                accounts.push(Account {
                    vendor,
                    token: self.secret(vendor, key, access.secret.as_ref())?,
                    client,
                    requests_per_second: pace.requests_per_second,
                    concurrency: pace.concurrency.map(|c| c as usize),
                    // A vendor on this machine is an emulator, whose lists are never behind.
                    lists_settle_after: base_url
                        .as_deref()
                        .is_some_and(names_this_machine)
                        .then_some(Duration::ZERO),
                    base_url,
                });
            }
        }
        let network: Arc<dyn Transport> =
            Arc::new(Network::new().map_err(|e| Stop::failed(format!("no HTTP client can be made: {e}")))?);
        let markets = self.markets()?;
        let mut vendors = Vendors {
            readers: BTreeMap::new(),
            writers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            markets: markets.clone(),
            embedded,
        };
        for account in accounts {
            let session = account
                .open(
                    Arc::clone(&network),
                    loopback::patience(account.base_url.as_deref()),
                )
                .map_err(|e| Stop::failed(e.to_string()))?;
            vendors
                .readers
                .insert(account.vendor, Reader::of(Arc::clone(&session), &markets));
            vendors
                .writers
                .insert(account.vendor, Writer::new(Arc::clone(&session)));
            vendors.sessions.insert(account.vendor, session);
        }
        Ok(vendors)
    }

    /// The value of a secret. No message ever contains it.
    fn secret(&self, vendor: VendorId, key: &str, secret: Option<&Secret>) -> Result<SecretString, Stop> {
        let missing = |what: String| {
            Stop::failed(format!(
                "the {} {} of `{}` is missing: {what}",
                vendor.name(),
                key.replace('_', " "),
                self.environment
            ))
        };
        let value = match secret {
            None => {
                return Err(missing("infield.yaml names none".to_owned())
                    .help(format!("write `{}: {{{key}: \"${{VARIABLE}}\"}}`", vendor.key())));
            }
            Some(Secret::Literal(value)) => value.clone(),
            Some(Secret::Env(name)) => {
                std::env::var(name).map_err(|_| missing(format!("the variable {name} is not set")))?
            }
            Some(Secret::File(path)) => {
                let path = self.root.join(path);
                std::fs::read_to_string(&path).map_err(|e| missing(format!("{path} cannot be read: {e}")))?
            }
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(missing("its value is empty".to_owned()));
        }
        let value = SecretString::from(value.to_owned());
        // What stands in infield.yaml opens only a server on this machine.
        if !matches!(secret, Some(Secret::Literal(_))) {
            let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
            secrets.push(value.clone());
        }
        Ok(value)
    }
}

/// Ways to the vendors of an environment.
pub(super) struct Vendors {
    /// To read.
    pub(super) readers: Readers,
    /// What their pure halves know.
    pub(super) markets: Markets,
    /// To write. Commands that only look drop it.
    pub(super) writers: BTreeMap<VendorId, Writer>,
    /// Sessions, for what neither a reader nor a writer does.
    sessions: BTreeMap<VendorId, Arc<Session>>,
    /// The sandbox, where it runs inside this process.
    pub(super) embedded: Option<Embedded>,
}

impl Vendors {
    /// The way to send an accept list, which no plan and no writer can; only the command of that name asks for it.
    pub(super) fn accept_lister(&self, vendor: VendorId) -> Option<AcceptLister> {
        let session = self.sessions.get(&vendor).cloned()?;
        Some(AcceptLister::new(session, Arc::new(self.markets.clone())))
    }

    /// Ends the embedded sandbox, if there is one.
    pub(super) async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}

/// Diagnostics as this terminal wants them.
pub(super) fn style(ui: &Ui) -> diag::text::Style {
    diag::text::Style {
        width: ui.width,
        color: ui.color_err,
        unicode: true,
    }
}

/// Who takes a lock, for people who have to wait.
pub(super) fn lock_info(purpose: &str) -> LockInfo {
    let user = std::env::var("USER")
        .or_else(|_| std::env::var("USERNAME"))
        .unwrap_or_else(|_| "unknown".to_owned());
    let host = std::env::var("HOSTNAME")
        .ok()
        .or_else(|| {
            std::fs::read_to_string("/etc/hostname")
                .ok()
                .map(|name| name.trim().to_owned())
        })
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown-host".to_owned());
    LockInfo {
        owner: format!("{user}@{host}"),
        pid: std::process::id(),
        purpose: purpose.to_owned(),
        since: now(),
    }
}

/// The time, UTC, RFC 3339 with whole seconds.
pub(super) fn now() -> String {
    let now = jiff::Timestamp::now();
    // Cut, not rounded: what is written down must not lie ahead.
    jiff::Timestamp::from_second(now.as_second())
        .unwrap_or(now)
        .to_string()
}
