//! A vendor, a network that loses things, ledgers that tear, and a process that can die anywhere. All of it in one
//! process, decided by a seed.

use futures_util::future::BoxFuture;
use infield::manifest::outcomes::{Defaults, parse};
use infield::marketplace::http::in_process::InProcess;
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::{Account, Markets, Reader, Writer};
use infield::model::Known;
use infield::model::reconciliation::{Bytes, Named, Reconciliation, SurveyRef};
use infield::reconcile::{Context, Plan, Problem, Ran, prepare, run};
use infield::state::{Ledgers, StateError};
use infield_sandbox::purespectrum::PureSpectrum;
use infield_sandbox::{Clock, Config, Sandbox};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

const BASE: &str = "http://sandbox/purespectrum/buyers/v2";

/// A small generator of numbers; the same seed gives the same world.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What the network and the disk do to this process.
pub(crate) struct Fate {
    random: Mutex<Random>,
    /// Requests of a hundred that something happens to.
    trouble: u64,
    /// Boundaries until the process dies; `None` for never.
    left: Mutex<Option<u64>>,
    died: Notify,
    /// Method and path with query of every request that reached the vendor, with the status of the answer.
    pub(crate) arrived: Mutex<Vec<(String, u16)>>,
}

impl Fate {
    pub(crate) fn new(seed: u64, trouble: u64, dies_after: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            random: Mutex::new(Random::new(seed)),
            trouble,
            left: Mutex::new(dies_after),
            died: Notify::new(),
            arrived: Mutex::default(),
        })
    }

    /// Whether the process dies here.
    fn dies(&self) -> bool {
        let mut left = self.left.lock().unwrap();
        match left.as_mut() {
            Some(0) => {
                self.died.notify_one();
                true
            }
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }

    async fn boundary(&self) {
        if self.dies() {
            std::future::pending::<()>().await;
        }
    }

    /// Calls that write and reached the vendor.
    pub(crate) fn writes(&self) -> Vec<(String, u16)> {
        let arrived = self.arrived.lock().unwrap();
        arrived
            .iter()
            .filter(|(call, _)| call.starts_with("POST"))
            .cloned()
            .collect()
    }
}

struct Network {
    inner: InProcess,
    fate: Arc<Fate>,
}

impl Transport for Network {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            self.fate.boundary().await;
            let (strikes, kind) = {
                let mut random = self.fate.random.lock().unwrap();
                (random.below(100) < self.fate.trouble, random.below(5))
            };
            let answer = |status| Incoming {
                status,
                headers: http::HeaderMap::new(),
                body: bytes::Bytes::from_static(b"<html>upstream</html>"),
            };
            match (strikes, kind) {
                (true, 0) => return Err(NoAnswer::NotSent("connection refused".to_owned())),
                (true, 1) => return Err(NoAnswer::Lost("reset before it arrived".to_owned())),
                (true, 2) => return Ok(answer(503)),
                _ => {}
            }
            let shown = format!(
                "{} {}",
                request.method,
                request.url.trim_start_matches("http://sandbox")
            );
            let arrived = self.inner.send(request).await;
            if let Ok(answer) = &arrived {
                self.fate.arrived.lock().unwrap().push((shown, answer.status));
            }
            self.fate.boundary().await;
            match (strikes, kind) {
                (true, 3) => Err(NoAnswer::Lost("reset after it was carried out".to_owned())),
                (true, _) => Ok(answer(502)),
                _ => arrived,
            }
        })
    }
}

/// Ledgers in memory; a process that dies while it writes leaves half a line.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<BTreeMap<String, Vec<u8>>>);

struct Torn<'a> {
    shelf: &'a Shelf,
    fate: &'a Fate,
}

impl Ledgers for Torn<'_> {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<u8>, StateError>> {
        let bytes = self
            .shelf
            .0
            .lock()
            .unwrap()
            .get(name)
            .cloned()
            .unwrap_or_default();
        Box::pin(async move { Ok(bytes) })
    }

    fn append<'a>(&'a self, name: &'a str, lines: &'a [u8]) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            let dies = self.fate.dies();
            {
                let mut shelf = self.shelf.0.lock().unwrap();
                let ledger = shelf.entry(name.to_owned()).or_default();
                if !ledger.is_empty() && !ledger.ends_with(b"\n") {
                    ledger.push(b'\n');
                }
                let kept = if dies { lines.len() / 2 } else { lines.len() };
                ledger.extend_from_slice(&lines[..kept]);
            }
            if dies {
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) shelf: Shelf,
    surveys: u64,
}

impl World {
    /// A vendor with so many surveys in field, ids from 1000001.
    pub(crate) async fn new(surveys: u64) -> Self {
        let config = Config {
            clock: Clock::manual("2026-03-02T18:00:00Z".parse().unwrap()),
            ..Config::default()
        };
        let sandbox = Sandbox::open(config, vec![Box::new(PureSpectrum::new())]).unwrap();
        let world = Self {
            sandbox,
            shelf: Shelf::default(),
            surveys,
        };
        for _ in 0..surveys {
            let body = json!({
                "survey_title": "Tea habits", "survey_category_code": 211, "survey_localization": "en_US",
                "completes_required": 1_000_000, "expected_ir": 40, "expected_loi": 8, "field_time": 7,
                "offer_price": 1.3, "live_url": "https://tea.example.com/s?id=[%%token%%]",
            });
            let id = world.by_hand("POST", "/surveys", body).await["ps_survey_id"].clone();
            let live = json!([{"op": "replace", "path": "/ps_survey_status", "value": 22}]);
            world.by_hand("PATCH", &format!("/surveys/{id}"), live).await;
        }
        world
    }

    async fn request(&self, method: &str, url: &str, body: Value) -> (u16, Value) {
        let mut headers = http::HeaderMap::new();
        headers.insert("access-token", http::HeaderValue::from_static("sandbox"));
        let answer = InProcess::new(self.sandbox.router())
            .send(Outgoing {
                method: method.parse().unwrap(),
                url: url.to_owned(),
                headers,
                body: (!body.is_null()).then(|| body.to_string().into()),
            })
            .await
            .unwrap();
        (
            answer.status,
            serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
        )
    }

    pub(crate) async fn by_hand(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.request(method, &format!("{BASE}{path}"), body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    pub(crate) async fn admin(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self
            .request("POST", &format!("http://sandbox/_sandbox{path}"), body)
            .await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// Makes transactions: id, status and whether it is locked; the survey goes round.
    pub(crate) async fn transactions(&self, made: &[(String, u16, bool)]) {
        for chunk in made.chunks(1000) {
            let items: Vec<Value> = chunk
                .iter()
                .enumerate()
                .map(|(index, (id, status, locked))| {
                    json!({"transaction_id": id, "survey": self.survey(index), "status": status,
                        "locked": locked, "count": true})
                })
                .collect();
            self.admin(
                "/transactions",
                json!({"vendor": "purespectrum", "transactions": items}),
            )
            .await;
        }
    }

    /// The survey of the transaction made at this place.
    pub(crate) fn survey(&self, index: usize) -> u64 {
        1_000_001 + index as u64 % 1000 % self.surveys
    }

    pub(crate) async fn status(&self, survey: u64, id: &str) -> i64 {
        let url = format!("http://sandbox/purespectrum/buyers/v3/surveys/{survey}/transactions/{id}");
        let (status, body) = self.request("GET", &url, Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body[0]["Respondent Status Code"].as_i64().unwrap()
    }

    pub(crate) async fn completes(&self, survey: u64) -> u64 {
        let performance = self
            .by_hand("GET", &format!("/surveys/{survey}/performance"), Value::Null)
            .await;
        performance["completes_fielded"].as_u64().unwrap()
    }

    /// A process's plan, or what is wrong with the list. `None` when it died.
    pub(crate) async fn plan(&self, list: &str, fate: &Arc<Fate>) -> Option<Result<Plan, Vec<Problem>>> {
        let (reader, _) = self.account(fate);
        let torn = Torn {
            shelf: &self.shelf,
            fate,
        };
        let wanted = Arc::new(wanted(list));
        let work = async {
            let (vendor, targets) = prepare::resolve(&wanted, &Known::default(), None).unwrap();
            let (facts, problems) =
                prepare::gather(&wanted, &targets, &reader, &torn, Some("lineage"), &|_| {})
                    .await
                    .unwrap();
            if problems.is_empty() {
                Ok(Plan::new(
                    "test",
                    Arc::clone(&wanted),
                    vendor,
                    targets,
                    &Markets::default(),
                    facts,
                ))
            } else {
                Err(problems)
            }
        };
        tokio::select! {
            plan = work => Some(plan),
            () = fate.died.notified() => None,
        }
    }

    /// Carries a plan out. `None` when the process died.
    pub(crate) async fn run(&self, plan: &Plan, fate: &Arc<Fate>) -> Option<Ran> {
        self.run_until(plan, fate, CancellationToken::new()).await
    }

    /// As [`World::run`], until somebody asks to stop.
    pub(crate) async fn run_until(
        &self,
        plan: &Plan,
        fate: &Arc<Fate>,
        stop: CancellationToken,
    ) -> Option<Ran> {
        let (reader, writer) = self.account(fate);
        let torn = Torn {
            shelf: &self.shelf,
            fate,
        };
        let context = Context {
            writer: &writer,
            reader: &reader,
            ledgers: &torn,
            lineage: "lineage",
            permit: &infield::marketplace::http::permit::Always,
            may_write: &|| Ok(()),
            on_progress: &|_| {},
            stop,
            now: &|| "2026-03-02T18:00:00Z".to_owned(),
            waits: &|_| vec![Duration::from_secs(1)],
        };
        tokio::select! {
            ran = run::run(plan, &context) => Some(ran),
            () = fate.died.notified() => None,
        }
    }

    fn account(&self, fate: &Arc<Fate>) -> (Reader, Writer) {
        let account = Account {
            vendor: infield::marketplace::PURESPECTRUM,
            base_url: Some(BASE.to_owned()),
            token: "sandbox".to_owned().into(),
            client: None,
            requests_per_second: None,
            concurrency: Some(8),
            lists_settle_after: None,
        };
        let network = Network {
            inner: InProcess::new(self.sandbox.router()),
            fate: Arc::clone(fate),
        };
        let patience = Patience {
            retries: 3,
            jitter_seed: Some(1),
            ..Patience::default()
        };
        let session = account.open(Arc::new(network), patience).unwrap();
        (Reader::new(session.clone()), Writer::new(session))
    }
}

/// A list for the first survey, unless rows say another one.
pub(crate) fn wanted(list: &str) -> Reconciliation {
    let defaults = Defaults {
        survey: Some(Named {
            survey: SurveyRef::Id("1000001".to_owned()),
            file: "".into(),
            path: PathBuf::new(),
            place: Bytes::default(),
        }),
        ..Defaults::default()
    };
    let path = PathBuf::from("list.csv");
    let listed = parse(list, &path, &"list.csv".into(), defaults);
    assert_eq!(listed.problems, []);
    Reconciliation {
        name: "list".to_owned(),
        vendor: Some(infield::marketplace::PURESPECTRUM),
        surveys: listed.surveys,
        rows: listed.rows,
        file: "list.csv".into(),
        path,
    }
}
