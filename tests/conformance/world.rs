//! A world in one process: manifests, the planner, the executor, a state in memory, and the emulator.

use crate::line::Line;
use crate::panelworks::emulator::Emulator as Studio;
use crate::subject::{Ground, Subject, add};
use futures_util::future::BoxFuture;
use infield::apply::{self, Context, Event, Tally};
use infield::freeze;
use infield::manifest::{self, Options};
use infield::marketplace::http::session::Patience;
use infield::marketplace::{Account, Markets, Reader, Writer};
use infield::model::stops::Paused;
use infield::model::{Desired, Known, Pattern, Stops, VendorId};
use infield::plan::{Choices, GuardRules, NoteKind, Plan, audit, drop_steps};
use infield::state::store::{Entry, Lock, LockInfo, StateError, Store};
use infield::state::{Document, Keeper};
use infield::workflow::{self, Planned, Request};
use infield_sandbox::{Clock, Config, Emulator, Sandbox};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub(crate) struct World {
    vendor: VendorId,
    markets: Markets,
    pub(crate) guards: GuardRules,
    ground: Ground,
    pub(crate) line: Arc<Line>,
    pub(crate) readers: BTreeMap<VendorId, Reader>,
    pub(crate) writers: BTreeMap<VendorId, Writer>,
    pub(crate) keeper: Keeper,
    store: Arc<Memory>,
    events: Mutex<Vec<Event>>,
    ids: AtomicUsize,
    /// What the clock of this machine shows.
    pub(crate) clock: &'static str,
    parallelism: usize,
}

/// A store that only remembers, and refuses its nth write where asked.
#[derive(Default)]
pub(crate) struct Memory {
    document: Mutex<Option<Document>>,
    writes: AtomicUsize,
    fails_at: AtomicUsize,
}

impl Store for Memory {
    fn place(&self) -> String {
        "memory".to_owned()
    }
    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        let document = self.document.lock().unwrap().clone();
        Box::pin(async move { Ok(document) })
    }
    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        _before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.fails_at.load(Ordering::SeqCst) {
            let error = StateError::Io {
                place: self.place(),
                doing: "written",
                problem: "the disk is full".to_owned(),
            };
            return Box::pin(async { Err(error) });
        }
        let mut document = self.document.lock().unwrap();
        for entry in entries {
            document.as_mut().unwrap().apply(&entry.op);
        }
        Box::pin(async { Ok(()) })
    }
    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        *self.document.lock().unwrap() = Some(document.clone());
        Box::pin(async { Ok(()) })
    }
    fn lock<'a>(&'a self, _info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        panic!("these tests run alone and take no lock")
    }
    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(async { Ok(None) })
    }
}

/// An emulator of the sandbox, as new.
pub(crate) fn sandbox(emulator: Box<dyn Emulator>) -> Ground {
    let config = Config {
        clock: Clock::manual("2026-03-02T18:00:00Z".parse().unwrap()),
        ..Config::default()
    };
    Ground::Sandbox(Sandbox::open(config, vec![emulator]).unwrap())
}

/// Does something with each of many, on every core until there is nothing left to do. Each has a clock of its own, which
/// moves by itself.
pub(crate) fn on_every_core<T: Send>(
    all: impl IntoIterator<Item = T, IntoIter: Send>,
    work: impl AsyncFn(T) + Sync,
) {
    let all = Mutex::new(all.into_iter());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let Some(next) = all.lock().unwrap().next() else {
                        break;
                    };
                    finish(work(next));
                }
            });
        }
    });
}

/// Runs something to its end, on a clock that moves by itself.
pub(crate) fn finish<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(work)
}

/// Reads a manifest.
pub(crate) fn load(manifest: &str) -> manifest::Loaded {
    add();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("soda.yaml"), manifest).unwrap();
    let base = dir.path().to_owned();
    manifest::load(&[], &Options { base })
}

/// What a manifest means.
pub(crate) fn desired(manifest: &str) -> Desired {
    let loaded = load(manifest);
    let shown = infield::diag::text::render(
        &loaded.diagnostics,
        &loaded.sources,
        infield::diag::text::Style::default(),
    );
    assert!(!loaded.has_errors(), "{shown}");
    loaded.desired
}

impl World {
    /// A world with one marketplace, whose emulator has these settings.
    pub(crate) async fn open(subject: &dyn Subject, settings: &Value) -> Self {
        let world = Self::settling_after(subject, Duration::ZERO).await;
        if !settings.is_null() {
            world.admin("POST", "settings", settings).await;
        }
        world
    }

    /// A world in which what is new may be missing from lists for a time.
    pub(crate) async fn settling_after(subject: &dyn Subject, time: Duration) -> Self {
        let patience = Patience {
            retries: 2,
            jitter_seed: Some(7),
            ..Patience::default()
        };
        Self::paced(subject, time, Some(1_000_000), patience).await
    }

    async fn paced(subject: &dyn Subject, time: Duration, rate: Option<u32>, patience: Patience) -> Self {
        add();
        let vendor = subject.vendor();
        let ground = subject.ground();
        let line = Arc::new(Line::new(match &ground {
            Ground::Sandbox(sandbox) => sandbox.router(),
            Ground::Studio(studio) => studio.router(),
        }));
        let account = Account {
            vendor,
            base_url: Some(subject.base_url()),
            token: subject.token().to_owned().into(),
            client: subject.client(),
            // Zero is no limit.
            requests_per_second: rate.or(Some(0)),
            concurrency: rate.map_or(Some(10), |_| None),
            lists_settle_after: Some(time),
        };
        let session = account.open(line.clone(), patience).unwrap();
        let store = Arc::new(Memory::default());
        let keeper = Keeper::open(store.clone(), "sandbox", "lineage".to_owned())
            .await
            .unwrap();
        Self {
            vendor,
            markets: Markets::default(),
            guards: GuardRules::default(),
            ground,
            line,
            readers: BTreeMap::from([(vendor, Reader::new(session.clone()))]),
            writers: BTreeMap::from([(vendor, Writer::new(session))]),
            keeper,
            store,
            events: Mutex::default(),
            ids: AtomicUsize::new(0),
            clock: "2026-03-02T18:00:00Z",
            parallelism: 1,
        }
    }

    /// A world whose marketplace takes no more than so many requests in a second and has told nobody.
    pub(crate) async fn limited(subject: &dyn Subject, a_second: usize) -> Self {
        let mut world = Self::paced(subject, Duration::ZERO, None, Patience::default()).await;
        world.line.limit(a_second);
        world.parallelism = 10;
        world
    }

    pub(crate) fn vendor(&self) -> VendorId {
        self.vendor
    }

    /// The sandbox, at the marketplaces that it imitates.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        match &self.ground {
            Ground::Sandbox(sandbox) => sandbox,
            Ground::Studio(_) => panic!("{} is not in the sandbox", self.vendor),
        }
    }

    /// The emulator of Panelworks.
    pub(crate) fn studio(&self) -> &Studio {
        match &self.ground {
            Ground::Studio(studio) => studio,
            Ground::Sandbox(_) => panic!("{} is in the sandbox", self.vendor),
        }
    }

    /// A program that was killed and started again: the state is read anew, whatever it had not written is gone.
    pub(crate) async fn restart(&mut self) {
        self.store.fails_at.store(0, Ordering::SeqCst);
        self.keeper = Keeper::open(self.store.clone(), "sandbox", "lineage".to_owned())
            .await
            .unwrap();
    }

    /// Another clone, or a fresh runner: it has the manifests and no state.
    pub(crate) async fn clone_anew(&mut self) {
        *self.store.document.lock().unwrap() = None;
        self.restart().await;
    }

    /// Lets the state fail at its nth write from now on.
    pub(crate) fn fail_state_at(&self, nth: usize) {
        let written = self.store.writes.load(Ordering::SeqCst);
        self.store.fails_at.store(written + nth, Ordering::SeqCst);
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        use tower::ServiceExt as _;
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("x-access-token", "sandbox")
            .header("access-token", "sandbox")
            .header("authorization", "Bearer sandbox")
            .header("cint-api-version", "2025-12-18")
            .body(axum::body::Body::from(body))
            .unwrap();
        let response = self.sandbox().router().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(method, &format!("/_sandbox/{path}"), body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Everything the vendor has stored of a kind, by id.
    pub(crate) async fn stored(&self, kind: &str) -> Vec<Value> {
        let vendor = self.vendor.key();
        let all = self
            .admin("GET", &format!("documents/{vendor}"), &Value::Null)
            .await;
        let prefix = format!("{vendor}/{kind}/");
        let all = all.as_object().unwrap().iter();
        all.filter(|(key, _)| key.starts_with(&prefix))
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// Writing calls the vendor received.
    pub(crate) async fn writes(&self) -> Vec<String> {
        let log = self.admin("GET", "requests", &Value::Null).await;
        let calls = log
            .as_array()
            .cloned()
            .unwrap_or_else(|| log["requests"].as_array().cloned().unwrap());
        calls
            .iter()
            .filter(|call| {
                let path = call["path"].as_str().unwrap();
                let reads = ["/pega/jobs", "/oauth/token", "/profiles/validate"];
                call["method"] != "GET" && !reads.iter().any(|end| path.ends_with(end))
            })
            .map(|call| {
                let path = call["path"].as_str().unwrap();
                let path = ["/pega", "/demand/accounts/1"]
                    .iter()
                    .find_map(|base| path.split(base).nth(1))
                    .unwrap();
                format!("{} {path} {}", call["method"].as_str().unwrap(), call["body"])
            })
            .collect()
    }

    /// Respondents of the sandbox in everything that a marketplace has stored of a kind: what that is charged. `cost` is where
    /// it keeps what it has charged.
    pub(crate) async fn respondents(&self, kind: &str, cost: &str, what: &Value) -> Decimal {
        let charged = async || {
            let all = self.stored(kind).await;
            let costs = all.iter().filter_map(|one| match one.pointer(cost)? {
                Value::String(text) => text.parse::<Decimal>().ok(),
                number => number.to_string().parse().ok(),
            });
            costs.sum::<Decimal>()
        };
        let before = charged().await;
        for one in self.stored(kind).await {
            let mut body = what.clone();
            body["vendor"] = self.vendor.key().into();
            body["survey"] = match &one["id"] {
                Value::Number(id) => id.to_string().into(),
                other => other.clone(),
            };
            // Nobody begins where nobody is let in.
            self.call("POST", "/_sandbox/respondents", &body).await;
        }
        charged().await - before
    }

    pub(crate) async fn plan(&self, desired: &Desired) -> Plan {
        self.plan_with(desired, &Choices::default()).await
    }

    pub(crate) async fn plan_with(&self, desired: &Desired, choices: &Choices) -> Plan {
        self.planned_with(desired, choices).await.plan
    }

    /// A plan with what could not be read.
    pub(crate) async fn planned(&self, desired: &Desired) -> Planned {
        self.planned_with(desired, &Choices::default()).await
    }

    async fn planned_with(&self, desired: &Desired, choices: &Choices) -> Planned {
        let known = self.keeper.known().await;
        let alone = Some(jiff::SignedDuration::ZERO);
        let recoveries = infield::recover::recover(&known, &self.readers, alone).await;
        for recovery in &recoveries {
            let ops = recovery.ops();
            if !ops.is_empty() {
                self.keeper.commit(ops).await.unwrap();
            }
        }
        let known = self.keeper.known().await;
        let choices = Choices {
            whole_project: true,
            ..choices.clone()
        };
        let request = Request {
            environment: "sandbox",
            desired,
            readers: &self.readers,
            markets: &self.markets,
            guards: &self.guards,
            choices: &choices,
            own_rules: None,
            now: self.clock.parse().unwrap(),
        };
        let planned = workflow::make_plan(&request, &known, &[]).await.unwrap();
        assert_eq!(audit::audit(&planned.plan), Vec::<String>::new());
        planned
    }

    pub(crate) async fn apply(&self, plan: &Plan) -> Tally {
        self.events.lock().unwrap().clear();
        let context = Context {
            writers: &self.writers,
            readers: &self.readers,
            keeper: &self.keeper,
            markets: &self.markets,
            events: &|event| self.events.lock().unwrap().push(event),
            parallelism: self.parallelism,
            stop: CancellationToken::new(),
            undoes: &std::collections::BTreeSet::new(),
            now: &|| self.clock.to_owned(),
            new_intent_id: &|| format!("intent-{}", self.ids.fetch_add(1, Ordering::SeqCst)),
        };
        apply::run(plan, 0, &context).await.unwrap_or_default()
    }

    /// Takes everything out of field as `infield freeze` does.
    pub(crate) async fn freeze(&self) -> Vec<Paused> {
        let known = self.keeper.known().await;
        let meant = freeze::meant(&known, &[Pattern::everything()]);
        let frozen = freeze::make_plan(&self.at(&known), &meant).await;
        assert_eq!(frozen.unread, BTreeMap::new());
        let tally = self.apply(&frozen.plan).await;
        assert_eq!(tally.done, frozen.plan.steps.len(), "{:?}", self.problems());
        frozen.paused
    }

    /// Puts it back as `infield thaw` does.
    pub(crate) async fn thaw(&self, paused: &[Paused]) -> Tally {
        let known = self.keeper.known().await;
        let thawed = freeze::make_thaw(&self.at(&known), paused).await;
        assert!(
            thawed.unread.is_empty() && thawed.settled.is_empty(),
            "{thawed:#?}"
        );
        self.apply(&thawed.plan).await
    }

    fn at<'a>(&'a self, known: &'a Known) -> freeze::Request<'a> {
        freeze::Request {
            environment: "sandbox",
            known,
            readers: &self.readers,
            markets: &self.markets,
            now: "2026-03-02T18:00:00Z".parse().unwrap(),
        }
    }

    /// Lets a stop mark stand beside the state.
    pub(crate) async fn mark(&mut self, stops: Stops) {
        self.store.document.lock().unwrap().as_mut().unwrap().stops = stops;
        self.restart().await;
    }

    /// Applies, and wants the next plan to have nothing to do.
    pub(crate) async fn converge(&self, manifest: &str) {
        let desired = desired(manifest);
        let plan = self.plan(&desired).await;
        let tally = self.apply(&plan).await;
        assert_eq!(
            tally.failed + tally.skipped,
            0,
            "{:#?}",
            self.events.lock().unwrap()
        );
        let again = self.plan(&desired).await;
        assert!(again.is_empty(), "{again:#?}");
        let blocked: Vec<_> = again
            .notes
            .iter()
            .filter(|note| !matches!(note.kind, NoteKind::Advice | NoteKind::Done))
            .collect();
        assert!(blocked.is_empty(), "{blocked:#?}");
    }

    /// Why the steps that failed did so.
    pub(crate) fn problems(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .filter_map(|event| match event {
                Event::StepFailed { step, problem, .. } => Some(format!("{step}: {problem}")),
                _ => None,
            })
            .collect()
    }

    /// Takes the steps of one action out of a plan, with what depends on them, as a refused guard does.
    pub(crate) fn without(plan: &Plan, action: infield::plan::Action) -> Plan {
        let mut plan = plan.clone();
        drop_steps(&mut plan, |step| {
            (step.action == action).then(|| {
                infield::plan::Note::new(
                    &step.address,
                    infield::plan::NoteKind::Refused,
                    "not now".to_owned(),
                )
            })
        });
        plan
    }
}
