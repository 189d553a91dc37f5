//! From opened manifests and the name of an environment to everything a command works with: rules, state, accounts.
//!
//! The only place that decides that `sandbox` needs no configuration; which secrets may be read, and where they may go, is
//! left to `reach`.

use super::loopback;
use super::reach::Allowed;
use super::state_place::StatePlace;
use super::{Emulators, Process, Stop, Terminal};
use crate::apply::{Takes, takes};
use crate::manifest::{Loaded, Secret, project};
use crate::marketplace::connect::AcceptLister;
use crate::marketplace::http::guarded::Guarded;
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::{Network, Transport};
use crate::marketplace::registry;
use crate::marketplace::{Account, Client, Markets, Reader, Writer};
use crate::model::marketplace::SignIn;
use crate::model::own::Books;
use crate::model::{Pace, VendorId};
use crate::plan::{GuardRules, Plan};
use crate::refresh::Readers;
use crate::state::{Document, Keeper};
use crate::text::host::names_this_machine;
use camino::Utf8PathBuf;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The name of the environment that always exists.
pub const SANDBOX: &str = project::SANDBOX;

/// The value of `state` that says that it is kept on this machine on purpose.
const LOCAL_STATE: &str = "local";

/// The folder everything local lives in.
pub const LOCAL_FOLDER: &str = ".infield";

/// The project's files and where things belong.
pub struct Project {
    /// What was read.
    pub loaded: Loaded,
    /// The paths that were read; none for the whole project.
    pub paths: Vec<PathBuf>,
    /// The folder that relative paths start from.
    pub base: PathBuf,
    /// The folder that `.infield` stands in.
    pub root: Utf8PathBuf,
    /// Name of the environment.
    pub environment: String,
    /// The environment that its own rules take it for, where that is another one.
    pub judged_as: Option<String>,
    /// The clock and the variables.
    pub process: &'static dyn Process,
}

impl Project {
    /// The name that `infield.yaml` gives it.
    pub fn name(&self) -> Option<&str> {
        self.loaded.project.as_ref().map(|project| project.name.as_str())
    }

    /// The folder of this environment's local files.
    pub fn local(&self) -> Utf8PathBuf {
        self.root.join(LOCAL_FOLDER).join(&self.environment)
    }

    /// Names of the environments that reach vendors, as `infield.yaml` has them.
    pub fn others(&self) -> Vec<&str> {
        let all = self
            .loaded
            .project
            .iter()
            .flat_map(|project| &project.environments);
        all.map(|(name, _)| name.as_str())
            .filter(|name| *name != SANDBOX)
            .collect()
    }

    /// The environment's settings.
    ///
    /// # Errors
    /// When there is no such environment.
    pub fn settings(&self) -> Result<project::Environment, Stop> {
        let mut all = self
            .loaded
            .project
            .iter()
            .flat_map(|project| &project.environments);
        if let Some((_, settings)) = all.find(|(name, _)| **name == self.environment) {
            return Ok(settings.clone());
        }
        if self.environment == SANDBOX {
            return Ok(project::Environment::default());
        }
        let names: Vec<&str> = std::iter::once(SANDBOX).chain(self.others()).collect();
        let all = format!(
            "infield.yaml configures environments; this project has {}",
            names.join(", ")
        );
        let stop = Stop::failed(format!("there is no environment `{}`", self.environment));
        Err(stop.meant(&self.environment, names, all))
    }

    /// The rules of the environment.
    pub fn guards(&self) -> Result<GuardRules, Stop> {
        Ok(self.settings()?.guards)
    }

    /// The project's own names for questions.
    pub fn books(&self) -> Books {
        let project = self.loaded.project.as_ref();
        project.map(|project| project.books.clone()).unwrap_or_default()
    }

    /// The vendors' pure halves, as the environment describes them.
    ///
    /// # Errors
    /// When there is no such environment.
    pub fn markets(&self) -> Result<Markets, Stop> {
        self.markets_among(VendorId::all())
    }

    fn markets_among(&self, vendors: &[VendorId]) -> Result<Markets, Stop> {
        let settings = self.settings()?;
        let mut markets = Markets::default().naming(self.books());
        for vendor in vendors {
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

    /// Where the environment's state is kept, with the ledgers beside it.
    ///
    /// # Errors
    /// When the place is one this version cannot use.
    pub fn place(&self) -> Result<StatePlace, Stop> {
        match self.settings()?.state {
            None => Ok(StatePlace::local(self.local())),
            Some(declared) if declared == LOCAL_STATE => Ok(StatePlace::local(self.local())),
            Some(place) if place.contains("://") => StatePlace::remote(&place, self.process),
            Some(path) => Ok(StatePlace::local(self.root.join(path))),
        }
    }

    /// Sees to it that nobody fields surveys with a state that only this machine has, without having said so: another clone, or
    /// a fresh runner, knows nothing of them. Somebody who can be asked is asked while it is empty; afterwards it is a warning.
    ///
    /// # Errors
    /// When nobody can be asked, or says no.
    pub async fn check_shared(&self, terminal: &dyn Terminal, may_ask: bool) -> Result<(), Stop> {
        let settings = self.settings()?;
        let here = |access: &project::Access| access.base_url.as_deref().is_some_and(names_this_machine);
        if settings.state.is_some() || self.environment == SANDBOX || settings.access.values().all(here) {
            return Ok(());
        }
        let name = &self.environment;
        let document = self.peek().await?;
        let lead = format!(
            "write `state: s3://BUCKET/PREFIX` (or gs://, az://) under `{name}` in infield.yaml, so that every clone and every \
             pipeline finds it; `state: {LOCAL_STATE}` says that this machine alone is meant to have it"
        );
        if !document.resources.is_empty() || !document.intents.is_empty() {
            terminal.status(&format!(
                "warning: only this machine has the state of `{name}`; {lead}"
            ));
            return Ok(());
        }
        let problem = format!("only this machine would remember what is made in `{name}`");
        let question = format!(
            "{problem}. Another clone or a pipeline knows nothing of it.\nKeep the state here all the same?"
        );
        if may_ask && terminal.ask(&question) == Some(true) {
            return Ok(());
        }
        Err(Stop::refused(format!(
            "{problem}, and infield.yaml does not say that this is meant"
        ))
        .help(lead))
    }

    /// The state as it is, without taking the lock or making anything.
    ///
    /// # Errors
    /// When it cannot be trusted.
    pub async fn peek(&self) -> Result<Document, Stop> {
        let store = self.place()?.store;
        let document = store.load().await?;
        let document = document.unwrap_or_else(|| Document::new(&self.environment, String::new()));
        Keeper::check_environment(&*store, &document, &self.environment)?;
        Ok(document)
    }

    /// How long a plan takes at the pace of this environment; `None` where that is not worth a word. What answers on this
    /// machine takes no time, unless a rate is set.
    pub fn takes(&self, plan: &Plan) -> Option<Takes> {
        let settings = self.settings().ok()?;
        takes(plan, |vendor| {
            let access = settings.access.get(&vendor);
            let base_url = access.and_then(|access| access.base_url.as_deref());
            let (said, usual) = (access.map(|access| access.pace), vendor.facts().traffic.pace);
            let said = said.unwrap_or_default();
            let embedded = self.environment == SANDBOX && base_url.is_none();
            let requests_per_second = said
                .requests_per_second
                .or_else(|| usual.requests_per_second.filter(|_| !embedded));
            let here = embedded || base_url.is_some_and(names_this_machine);
            (requests_per_second.is_some() || !here).then(|| Pace {
                requests_per_second,
                concurrency: said.concurrency.map_or(usual.concurrency, |c| c as usize),
            })
        })
    }

    /// Opens ways to the vendors of the environment; for the sandbox, starts it.
    ///
    /// # Errors
    /// When a secret is missing or the sandbox cannot be started.
    pub async fn connect(&self, terminal: &dyn Terminal) -> Result<Vendors, Stop> {
        self.connect_to(VendorId::all(), terminal).await
    }

    /// The same for some of the vendors.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn connect_to(&self, vendors: &[VendorId], terminal: &dyn Terminal) -> Result<Vendors, Stop> {
        let settings = self.settings()?;
        let allowed = Allowed::read(self)?;
        let mut embedded: Option<Emulators> = None;
        let mut accounts = Vec::new();
        let sandbox = self.environment == SANDBOX;
        for vendor in vendors.iter().copied() {
            let access = settings.access.get(&vendor);
            let base_url = access.and_then(|access| access.base_url.clone());
            let pace = access.map(|access| access.pace).unwrap_or_default();
            let by_client = vendor.facts().sign_in == SignIn::Client;
            let emulated = sandbox && base_url.is_none();
            if let Some(emulator) = vendor.facts().emulator.filter(|_| emulated) {
                let server = match &embedded {
                    Some(server) => server,
                    None => embedded.insert(self.process.emulate(&self.local(), terminal).await?),
                };
                let token = || SecretString::from(server.token);
                let at = |path: &str| format!("{}/{vendor}{path}", server.url);
                accounts.push(Account {
                    vendor,
                    base_url: Some(at(emulator.base)),
                    token: token(),
                    client: by_client.then(|| Client {
                        id: token(),
                        auth_url: Some(at(emulator.auth)),
                    }),
                    requests_per_second: pace.requests_per_second.or(Some(0)),
                    concurrency: Some(pace.concurrency.map_or(server.concurrency, |c| c as usize)),
                    lists_settle_after: Some(Duration::ZERO),
                });
            } else if let Some(access) = access {
                let urls = [("base_url", &access.base_url), ("auth_url", &access.auth_url)];
                allowed.check_hosts(self, vendor, urls)?;
                let secret = |key: &str, secret: Option<&Secret>| {
                    allowed.secret(self, terminal, (vendor, key), secret)
                };
                let id = by_client.then(|| secret("client_id", access.client_id.as_ref()));
                let client = id.transpose()?.map(|id| Client {
                    id,
                    auth_url: access.auth_url.clone(),
                });
                let key = if by_client { "client_secret" } else { "token" };
                accounts.push(Account {
                    vendor,
                    token: secret(key, access.secret.as_ref())?,
                    client,
                    requests_per_second: pace.requests_per_second,
                    concurrency: pace.concurrency.map(|c| c as usize),
                    lists_settle_after: None,
                    base_url,
                });
            }
        }
        let network: Arc<dyn Transport> = Arc::new(Network::new(self.process.variables(&Network::PROXIES)));
        let markets = self.markets_among(vendors)?;
        let mut vendors = Vendors {
            environment: self.environment.clone(),
            readers: BTreeMap::new(),
            writers: BTreeMap::new(),
            sessions: BTreeMap::new(),
            labels: settings
                .access
                .iter()
                .filter_map(|(vendor, access)| Some((*vendor, access.account.clone()?)))
                .collect(),
            markets: markets.clone(),
            embedded,
        };
        for account in accounts {
            let patience = loopback::patience(account.base_url.as_deref());
            let hosts = allowed.hosts(account.vendor);
            let guarded = Guarded::new(Arc::clone(&network), self.process.secrets(), hosts);
            let session = account.open(Arc::new(guarded), patience);
            let session = session.map_err(|e| Stop::failed(e.to_string()))?;
            let (reader, writer) = (
                Reader::of(Arc::clone(&session), &markets),
                Writer::new(Arc::clone(&session)),
            );
            vendors.readers.insert(account.vendor, reader);
            vendors.writers.insert(account.vendor, writer);
            vendors.sessions.insert(account.vendor, session);
        }
        Ok(vendors)
    }
}

/// Ways to the vendors of an environment.
pub struct Vendors {
    /// Name of the environment.
    environment: String,
    /// To read.
    pub readers: Readers,
    /// What their pure halves know.
    pub markets: Markets,
    /// To write. Commands that only look drop it.
    pub writers: BTreeMap<VendorId, Writer>,
    /// Sessions, for what neither a reader nor a writer does.
    sessions: BTreeMap<VendorId, Arc<Session>>,
    /// What people call the accounts.
    labels: BTreeMap<VendorId, String>,
    /// The sandbox, where it runs inside this process.
    pub embedded: Option<Emulators>,
}

impl Vendors {
    /// The way to read at a vendor.
    ///
    /// # Errors
    /// When the environment has no account there.
    pub fn reader(&self, vendor: VendorId) -> Result<&Reader, Stop> {
        self.readers.get(&vendor).ok_or_else(|| {
            Stop::failed(format!(
                "the environment `{}` has no account at {}",
                self.environment,
                vendor.name()
            ))
        })
    }

    /// Where a vendor is and which account is used there, for people.
    pub fn place(&self, vendor: VendorId) -> String {
        let session = self.sessions.get(&vendor);
        let host = session.map_or("nowhere", |session| session.host());
        let own = self.markets.vendor(vendor).account();
        let account: Vec<String> = self.labels.get(&vendor).cloned().into_iter().chain(own).collect();
        let account = match account.is_empty() {
            true => String::new(),
            false => format!(" (account {})", account.join(", ")),
        };
        format!("{} at {host}{account}", vendor.name())
    }

    /// The way to send an accept list, which no plan and no writer can; only the command of that name asks for it.
    pub fn accept_lister(&self, vendor: VendorId) -> Option<AcceptLister> {
        let session = self.sessions.get(&vendor).cloned()?;
        Some(AcceptLister::new(session, Arc::new(self.markets.clone())))
    }

    /// What time it is at the vendors: that of the embedded sandbox, if there is one.
    pub fn now(&self, process: &dyn Process) -> jiff::Timestamp {
        let embedded = self.embedded.as_ref();
        embedded.map_or_else(|| process.now(), |emulators| (emulators.now)())
    }

    /// Ends the embedded sandbox, if there is one.
    pub async fn close(self) {
        if let Some(embedded) = self.embedded {
            embedded.stop.await;
        }
    }
}
