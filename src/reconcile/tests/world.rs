//! A scripted vendor with what else the work needs: ledgers in memory, a lock, a clock that stands still.

use super::super::prepare::{Fact, Facts, Target};
use super::super::{Context, Plan, Problem, Progress, Ran, Verdict, prepare, run};
use super::vendor::Vendor;
use crate::marketplace::http::permit::Permit;
use crate::marketplace::http::session::{Patience, Session};
use crate::marketplace::http::transport::Transport;
use crate::marketplace::{Account, Client, Markets, Reader, Writer};
use crate::model::reconciliation::{Bytes, Named, Phase, Reconciliation, Row, Standing, SurveyRef};
use crate::model::{Outcome, Reading, VendorId};
use crate::state::ledger::{Confirmed, to_lines};
use crate::state::{Ledgers, StateError};
use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The clock stands still at this time.
pub(super) const NOW: &str = "2026-03-02T18:00:00Z";
/// The state's lineage.
pub(super) const LINEAGE: &str = "lineage";

/// A row of the first survey.
pub(super) fn row(id: &str, outcome: Outcome) -> Row {
    Row {
        id: id.into(),
        outcome,
        reason: None,
        quotas: None,
        survey: 0,
        place: Bytes::default(),
    }
}

/// A list of rows; surveys `1`, `2` and so on, as many as the rows name.
pub(super) fn list(vendor: VendorId, rows: Vec<Row>) -> Reconciliation {
    let surveys = rows.iter().map(|row| row.survey).max().map_or(1, |last| last + 1);
    let named = |number: u32| Named {
        survey: SurveyRef::Id((number + 1).to_string()),
        file: "".into(),
        path: PathBuf::new(),
        place: Bytes::default(),
    };
    Reconciliation {
        name: "november".to_owned(),
        vendor: Some(vendor),
        surveys: (0..surveys).map(named).collect(),
        rows,
        file: "november.csv".into(),
        path: PathBuf::from("november.csv"),
    }
}

/// The surveys of such a list.
pub(super) fn targets(list: &Reconciliation) -> Vec<Target> {
    let target = |named: &Named| Target {
        label: named.survey.to_string(),
        id: named.survey.to_string(),
    };
    list.surveys.iter().map(target).collect()
}

/// What PureSpectrum reports of a transaction with this status, at 1.30 USD.
pub(super) fn standing(code: i64) -> Standing {
    let (name, phase) = match code {
        13 => ("PS_Termination_Core", Phase::Elsewhere),
        16 => ("Buyer_side_In_Progress", Phase::Open),
        18 => ("Buyer_Termination", Phase::Ended(Outcome::Termination)),
        20 => (
            "Buyer_Quality_Termination",
            Phase::Ended(Outcome::QualityTermination),
        ),
        21 => ("Complete", Phase::Ended(Outcome::Complete)),
        31 => ("Buyer_Hash_Failure", Phase::EndedOtherwise),
        33 => ("Buyer_Reconciliation_Reject", Phase::Ended(Outcome::Reject)),
        _ => panic!("no test needs {code}"),
    };
    Standing {
        code,
        name: name.into(),
        phase,
        price: Some("1.30 USD".parse().unwrap()),
    }
}

/// A transaction that was read, in this status.
pub(super) fn read(code: i64) -> Fact {
    Fact::Read(Reading::Present(standing(code)))
}

/// A plan from a list and what is known about its rows, in the environment `test`.
pub(super) fn plan_of(list: Reconciliation, facts: impl IntoIterator<Item = Fact>) -> Plan {
    let facts = Facts {
        rows: facts.into_iter().collect(),
        ..Facts::default()
    };
    plan_in("test", list, facts)
}

/// The same in any environment, with everything that can be known.
pub(super) fn plan_in(environment: &str, list: Reconciliation, facts: Facts) -> Plan {
    let vendor = list.vendor.unwrap();
    let targets = targets(&list);
    Plan::new(
        environment,
        Arc::new(list),
        vendor,
        targets,
        &Markets::default(),
        facts,
    )
}

/// Expects a verdict of this kind, whose reason has these words in it.
#[track_caller]
pub(super) fn says(verdict: &Verdict, kind: fn(String) -> Verdict, text: &str) {
    let (Verdict::Pending(why) | Verdict::Refused(why) | Verdict::Unknown(why) | Verdict::NotSent(why)) =
        verdict
    else {
        panic!("{verdict:?}");
    };
    assert_eq!(*verdict, kind(why.clone()));
    assert!(why.contains(text), "{why}");
}

/// A line of a ledger: transaction, outcome, what it was, and the list it is in.
pub(super) type Line = (String, String, String, Option<String>);

/// Such a line.
pub(super) fn line(id: &str, outcome: &str, was: &str, request: Option<&str>) -> Line {
    (
        id.to_owned(),
        outcome.to_owned(),
        was.to_owned(),
        request.map(str::to_owned),
    )
}

/// Ledgers in memory.
#[derive(Default)]
pub(super) struct Shelf {
    ledgers: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Every attempt to write: how many lines.
    pub(super) writes: Mutex<Vec<usize>>,
    /// Attempts to write that succeed; all of them, unless it is said.
    pub(super) good_writes: Mutex<Option<usize>>,
    /// Nothing can be read.
    pub(super) unreadable: AtomicBool,
    chronicle: Arc<Mutex<Vec<String>>>,
}

/// What the disk says once it is full.
fn full(name: &str, doing: &'static str) -> StateError {
    StateError::Io {
        place: name.to_owned(),
        doing,
        problem: "the disk is full".to_owned(),
    }
}

impl Shelf {
    /// The lines of a survey's ledger.
    pub(super) fn lines(&self, vendor: VendorId, survey: &str) -> Vec<Line> {
        let ledgers = self.ledgers.lock().unwrap();
        let name = format!("{LINEAGE}/{}-{survey}", vendor.key());
        let Some(bytes) = ledgers.get(&name) else {
            return Vec::new();
        };
        let lines = std::str::from_utf8(bytes).unwrap().lines();
        lines
            .map(|line| {
                let line: Confirmed = serde_json::from_str(line).unwrap();
                assert_eq!(line.at, NOW);
                (line.transaction, line.outcome, line.was, line.request)
            })
            .collect()
    }

    /// Puts lines into a survey's ledger, as an earlier run did.
    pub(super) fn holds(&self, vendor: VendorId, survey: &str, lines: &[Line]) {
        let lines = lines.iter().cloned();
        let confirmed: Vec<Confirmed> = lines
            .map(|(transaction, outcome, was, request)| Confirmed {
                transaction,
                outcome,
                was,
                at: NOW.to_owned(),
                request,
            })
            .collect();
        let name = format!("{LINEAGE}/{}-{survey}", vendor.key());
        let mut ledgers = self.ledgers.lock().unwrap();
        let ledger = ledgers.entry(name).or_default();
        ledger.extend(to_lines(&confirmed));
    }
}

impl Ledgers for Shelf {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<u8>, StateError>> {
        Box::pin(async move {
            if self.unreadable.load(Ordering::Relaxed) {
                return Err(full(name, "read"));
            }
            let ledgers = self.ledgers.lock().unwrap();
            Ok(ledgers.get(name).cloned().unwrap_or_default())
        })
    }

    fn append<'a>(&'a self, name: &'a str, lines: &'a [u8]) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            let count = lines.iter().filter(|byte| **byte == b'\n').count();
            let attempt = {
                let mut writes = self.writes.lock().unwrap();
                writes.push(count);
                writes.len()
            };
            if self
                .good_writes
                .lock()
                .unwrap()
                .is_some_and(|good| attempt > good)
            {
                return Err(full(name, "written"));
            }
            self.chronicle
                .lock()
                .unwrap()
                .push(format!("{name}: {count} lines"));
            let mut ledgers = self.ledgers.lock().unwrap();
            ledgers
                .entry(name.to_owned())
                .or_default()
                .extend_from_slice(lines);
            Ok(())
        })
    }
}

/// Everything a run meets.
pub(super) struct World {
    id: VendorId,
    pub(super) vendor: Arc<Vendor>,
    pub(super) shelf: Shelf,
    /// Waits before each further look.
    pub(super) waits: Vec<Duration>,
    /// Tries after the first.
    pub(super) retries: usize,
    /// What was told while the work went on.
    pub(super) told: Mutex<Vec<String>>,
    /// Rows that were said to be read, before a plan.
    pub(super) read: AtomicUsize,
}

/// A permit that goes by the lock.
struct Lock<'a>(&'a (dyn Fn() -> Result<(), StateError> + Send + Sync));

impl Permit for Lock<'_> {
    fn may_send(&self) -> Result<(), String> {
        (self.0)().map_err(|error| error.to_string())
    }

    fn withdrawn(&self) -> BoxFuture<'_, String> {
        Box::pin(std::future::pending())
    }
}

impl World {
    pub(super) fn new(id: VendorId) -> Self {
        let vendor = Arc::new(Vendor::default());
        let shelf = Shelf {
            chronicle: Arc::clone(&vendor.chronicle),
            ..Shelf::default()
        };
        Self {
            id,
            vendor,
            shelf,
            waits: Vec::new(),
            retries: 0,
            told: Mutex::default(),
            read: AtomicUsize::new(0),
        }
    }

    pub(super) fn purespectrum() -> Self {
        Self::new(crate::marketplace::PURESPECTRUM)
    }

    pub(super) fn cint() -> Self {
        Self::new(crate::marketplace::CINT)
    }

    fn session(&self) -> Arc<Session> {
        let base = match self.id.key() {
            "purespectrum" => "http://vendor/v2",
            _ => "http://vendor",
        };
        let account = Account {
            vendor: self.id,
            base_url: Some(base.to_owned()),
            token: "secret".to_owned().into(),
            client: (self.id == crate::marketplace::CINT).then(|| Client {
                id: "client".to_owned().into(),
                auth_url: Some("http://vendor/token".to_owned()),
            }),
            requests_per_second: Some(0),
            concurrency: Some(4),
            lists_settle_after: None,
        };
        let patience = Patience {
            retries: self.retries,
            jitter_seed: Some(1),
            ..Patience::default()
        };
        let transport: Arc<dyn Transport> = Arc::clone(&self.vendor) as Arc<dyn Transport>;
        account.open(transport, patience).unwrap()
    }

    /// What is known about a list; ledgers are read when there is a lineage.
    pub(super) async fn gather(
        &self,
        list: &Reconciliation,
        lineage: Option<&str>,
    ) -> Result<(Facts, Vec<Problem>), StateError> {
        let reader = Reader::new(self.session());
        let on_read = |count| {
            self.read.fetch_add(count, Ordering::Relaxed);
        };
        prepare::gather(list, &targets(list), &reader, &self.shelf, lineage, &on_read).await
    }

    /// The plan of a list that is right.
    pub(super) async fn plan(&self, list: &Reconciliation) -> Plan {
        let (facts, problems) = self.gather(list, Some(LINEAGE)).await.unwrap();
        assert_eq!(problems, []);
        plan_in("test", list.clone(), facts)
    }

    /// Carries a plan out.
    pub(super) async fn run(&self, plan: &Plan) -> Ran {
        let session = self.session();
        let (reader, writer) = (Reader::new(session.clone()), Writer::new(session));
        let may_write = || {
            if self.vendor.lock_lost.load(Ordering::Relaxed) {
                return Err(StateError::Locked {
                    place: "state".to_owned(),
                    holder: "somebody else".to_owned(),
                });
            }
            Ok(())
        };
        let on_progress = |progress: Progress<'_>| {
            self.told.lock().unwrap().push(match progress {
                Progress::Sent(count) => format!("sent {count}"),
                Progress::Verified(count) => format!("verified {count}"),
                Progress::Accepted(receipt) => format!("accepted {}", receipt.id.as_deref().unwrap_or("-")),
                Progress::Retrying(problem, _) => format!("again: {problem}"),
            });
        };
        let context = Context {
            writer: &writer,
            reader: &reader,
            ledgers: &self.shelf,
            lineage: LINEAGE,
            permit: &Lock(&may_write),
            may_write: &may_write,
            on_progress: &on_progress,
            stop: self.vendor.stop.clone(),
            now: &|| NOW.to_owned(),
            waits: &|_| self.waits.clone(),
        };
        run::run(plan, &context).await
    }

    /// Somebody else has the lock, from the beginning.
    pub(super) fn loses_lock(&self) {
        self.vendor.lock_lost.store(true, Ordering::Relaxed);
    }

    /// The lines of the first survey's ledger.
    pub(super) fn ledger(&self) -> Vec<Line> {
        self.shelf.lines(self.id, "1")
    }
}
