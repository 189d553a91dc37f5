//! A world in one process: manifests, the planner, the executor, a state in a folder, and Panelworks' emulator.

use crate::emulator::{BASE, Emulator, KEY};
use crate::market::{ID, Panelworks};
use futures_util::future::BoxFuture;
use infield::apply::{self, Context, Tally};
use infield::manifest::{self, Loaded, Options};
use infield::marketplace::http::in_process::InProcess;
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::{Account, Markets, Reader, Writer, registry};
use infield::model::Desired;
use infield::plan::{Choices, GuardRules, Plan};
use infield::state::{Keeper, LocalStore};
use infield::workflow::{self, Planned, Request};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The survey of these tests.
pub(crate) const SODA: &str = "\
kind: Survey
name: soda
title: Soda tracker
locale: en-US
completes: 400
length_of_interview: 5
cpi: 3.75 USD
live_url: https://survey.example.com/s/soda?tk=1
status: live
qualifications:
  age: [18-64]
quotas:
  - {name: men, completes: 200, where: {gender: [male], age: [18-34]}}
  - {name: women, completes: 200, where: {gender: [female], age: [18-34]}}
panelworks:
  topic: food
";

/// The one line by which a program gets another marketplace.
pub(crate) fn add() {
    registry::add(&Panelworks);
}

/// Reads a manifest.
pub(crate) fn load(text: &str) -> Loaded {
    add();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("soda.yaml"), text).unwrap();
    let base = folder.path().to_owned();
    manifest::load(&[], &Options { base })
}

/// What a manifest means.
pub(crate) fn desired(text: &str) -> Desired {
    let loaded = load(text);
    assert!(!loaded.has_errors(), "{:#?}", loaded.diagnostics);
    loaded.desired
}

/// How an answer is lost.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Loss {
    /// Before the request arrived.
    Before,
    /// After it was carried out.
    After,
}

/// A line that loses one answer.
struct Lossy {
    line: InProcess,
    sent: AtomicUsize,
    lost: Mutex<Option<(usize, Loss)>>,
}

impl Transport for Lossy {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        let loss = *self.lost.lock().unwrap();
        let loss = loss.filter(|(nth, _)| *nth == number).map(|(_, loss)| loss);
        Box::pin(async move {
            let lost = || Err(NoAnswer::Lost("the line broke".to_owned()));
            match loss {
                None => self.line.send(request).await,
                Some(Loss::Before) => lost(),
                Some(Loss::After) => {
                    self.line.send(request).await?;
                    lost()
                }
            }
        })
    }
}

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) keeper: Keeper,
    pub(crate) readers: BTreeMap<infield::model::VendorId, Reader>,
    writers: BTreeMap<infield::model::VendorId, Writer>,
    line: Arc<Lossy>,
    folder: tempfile::TempDir,
    ids: AtomicUsize,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::settling_after(Duration::ZERO).await
    }

    /// A world in which what is new may be missing from lists for a time.
    pub(crate) async fn settling_after(time: Duration) -> Self {
        add();
        let emulator = Emulator::default();
        let line = Arc::new(Lossy {
            line: InProcess::new(emulator.router()),
            sent: AtomicUsize::new(0),
            lost: Mutex::default(),
        });
        let account = Account {
            vendor: ID,
            base_url: Some(format!("http://panelworks.example{BASE}")),
            token: KEY.to_owned().into(),
            client: None,
            requests_per_second: None,
            concurrency: None,
            lists_settle_after: Some(time),
        };
        let patience = Patience {
            retries: 0,
            ..Patience::default()
        };
        let session = account.open(line.clone(), patience).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            emulator,
            keeper: keeper(&folder).await,
            readers: BTreeMap::from([(ID, Reader::new(session.clone()))]),
            writers: BTreeMap::from([(ID, Writer::new(session))]),
            line,
            folder,
            ids: AtomicUsize::new(0),
        }
    }

    /// Loses the answer to the nth request from now on.
    pub(crate) fn lose(&self, nth: usize, loss: Loss) {
        *self.line.lost.lock().unwrap() = Some((self.requests() + nth, loss));
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.line.sent.load(Ordering::SeqCst)
    }

    /// The program is started again.
    pub(crate) async fn restart(&mut self) {
        self.keeper = keeper(&self.folder).await;
    }

    pub(crate) async fn planned(&self, manifest: &str) -> Planned {
        let desired = desired(manifest);
        let now = "2026-03-02T18:10:00Z".parse().unwrap();
        let known = self.keeper.known().await;
        for recovery in infield::recover::recover(&known, &self.readers, now, Some(now)).await {
            let ops = recovery.ops();
            if !ops.is_empty() {
                self.keeper.commit(ops).await.unwrap();
            }
        }
        let request = Request {
            environment: "production",
            desired: &desired,
            readers: &self.readers,
            markets: &Markets::default(),
            guards: &GuardRules::default(),
            choices: &Choices {
                whole_project: true,
                ..Choices::default()
            },
            now,
        };
        let known = self.keeper.known().await;
        workflow::make_plan(&request, &known, &[]).await.unwrap()
    }

    pub(crate) async fn plan(&self, manifest: &str) -> Plan {
        self.planned(manifest).await.plan
    }

    pub(crate) async fn apply(&self, plan: &Plan) -> Tally {
        let context = Context {
            writers: &self.writers,
            readers: &self.readers,
            keeper: &self.keeper,
            markets: &Markets::default(),
            events: &|_| {},
            parallelism: 1,
            stop: CancellationToken::new(),
            now: &|| "2026-03-02T18:00:00Z".to_owned(),
            new_intent_id: &|| format!("intent-{}", self.ids.fetch_add(1, Ordering::SeqCst)),
        };
        apply::run(plan, 0, &context).await.unwrap()
    }

    /// Applies, and wants the next plan to have nothing to do and nothing to say.
    pub(crate) async fn converge(&self, manifest: &str) {
        let plan = self.plan(manifest).await;
        let tally = self.apply(&plan).await;
        assert_eq!(tally.failed + tally.skipped, 0, "{plan:#?}");
        let again = self.plan(manifest).await;
        assert!(again.is_empty() && again.notes.is_empty(), "{again:#?}");
    }
}

async fn keeper(folder: &tempfile::TempDir) -> Keeper {
    let path = camino::Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    let store = Arc::new(LocalStore::new(path));
    Keeper::open(store, "production", "lineage".to_owned())
        .await
        .unwrap()
}

/// The calls of a plan, as the emulator writes down what it gets.
pub(crate) fn calls(plan: &Plan) -> Vec<String> {
    let calls = plan.steps.iter().flat_map(|step| &step.calls);
    calls
        .map(|call| match &call.body {
            None => format!("{} {}", call.method, call.path),
            Some(body) => format!("{} {} {body}", call.method, call.path),
        })
        .collect()
}
