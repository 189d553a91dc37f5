//! A state in memory that fails the way files do: before a write, after it, and in the middle. In every second world it is
//! kept in objects instead.

use super::objects::{self, Late, Objects};
use super::sim::{Sabotage, Sim, lock};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use infield::model::Stops;
use infield::state::store::{Entry, Lock, LockInfo, StateError, Store};
use infield::state::{ChangeStops, Document, RemoteStore};
use object_store::memory::InMemory;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// In place of who has a lease: somebody who has lost it.
const LAPSED: u64 = u64::MAX;

/// What survives a crash.
#[derive(Default)]
pub(crate) struct Durable {
    document: Mutex<Option<Document>>,
    /// The document without its journal.
    folded: Mutex<Option<Document>>,
    /// The document is gone, and its journal is there.
    torn: AtomicBool,
    /// Its objects, where it is kept in an object store.
    objects: Option<Arc<InMemory>>,
    /// Objects on their way, whose senders have given up.
    pub(crate) late: Late,
    stops: Mutex<Stops>,
    /// Who has the lease; nobody is 0.
    holder: AtomicU64,
}

/// One process's way to it.
pub(crate) struct SimStore {
    pub(crate) sim: Arc<Sim>,
    pub(crate) durable: Arc<Durable>,
    /// Whether it confirms what it does not keep; only under sabotage.
    pub(crate) losing: AtomicBool,
    /// The lease that it was opened under.
    pub(crate) lease: AtomicU64,
    remote: Option<RemoteStore>,
}

impl Durable {
    /// A state that is not there yet, in an object store or not.
    pub(crate) fn new(logged: bool, seed: u64) -> Self {
        Self {
            objects: logged.then(Arc::default),
            late: Late::new(seed),
            ..Self::default()
        }
    }

    /// Its objects, where it is kept in an object store.
    pub(crate) fn objects(&self) -> Option<&Arc<InMemory>> {
        self.objects.as_ref()
    }

    pub(crate) fn document(&self) -> Option<Document> {
        let mut document = match &self.objects {
            Some(inner) => {
                let store = objects::open(inner.clone());
                let read = store
                    .load()
                    .now_or_never()
                    .expect("nothing is waited for in memory");
                read.expect("whatever happened, the state can be read")
            }
            None => lock(&self.document).clone().filter(|_| !self.is_torn()),
        };
        if let Some(document) = &mut document {
            document.stops = lock(&self.stops).clone();
        }
        document
    }

    /// Another place, with a copy of a document or with nothing.
    pub(crate) fn holding(document: Option<Document>) -> Self {
        let durable = Self::default();
        durable.put_by_hand(document);
        durable
    }

    /// Somebody puts another document in its place, or loses it.
    pub(crate) fn put_by_hand(&self, document: Option<Document>) {
        lock(&self.folded).clone_from(&document);
        *lock(&self.document) = document;
        self.tear(false);
    }

    /// The document is gone and its journal is there, or it is found again.
    pub(crate) fn tear(&self, torn: bool) {
        self.torn.store(torn, Ordering::SeqCst);
    }

    pub(crate) fn is_torn(&self) -> bool {
        self.torn.load(Ordering::SeqCst)
    }

    /// The document as it is without its journal.
    pub(crate) fn folded(&self) -> Option<Document> {
        lock(&self.folded).clone()
    }

    /// What is frozen.
    pub(crate) fn stops(&self) -> Stops {
        lock(&self.stops).clone()
    }

    /// Who has the lease loses it, and it can be taken over once it has run out. Whether anybody had it.
    pub(crate) fn lose_lease(&self) -> bool {
        let lapsed = |holder| (holder != 0).then_some(LAPSED);
        self.holder
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, lapsed)
            .is_ok()
    }

    /// The lease that was lost has run out.
    pub(crate) fn lease_runs_out(&self) {
        let _ = self
            .holder
            .compare_exchange(LAPSED, 0, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Whether this is the lease that holds now.
    pub(crate) fn is_held_by(&self, lease: u64) -> bool {
        self.holder.load(Ordering::SeqCst) == lease
    }
}

impl SimStore {
    pub(crate) fn new(sim: &Arc<Sim>, durable: &Arc<Durable>) -> Self {
        let remote = Objects::of(sim, durable).map(|way| objects::open(Arc::new(way)));
        Self {
            sim: Arc::clone(sim),
            durable: Arc::clone(durable),
            losing: AtomicBool::new(false),
            lease: AtomicU64::new(0),
            remote,
        }
    }

    fn error(&self) -> StateError {
        StateError::Io {
            place: self.place(),
            doing: "written",
            problem: "no space left on device".to_owned(),
        }
    }

    /// Whoever lost the lease finds that somebody else has written, or may have.
    fn follows(&self) -> Result<(), StateError> {
        let lease = self.lease.load(Ordering::SeqCst);
        let minds = self.sim.sabotage != Some(Sabotage::NoLock);
        if minds && lease > 0 && !self.durable.is_held_by(lease) {
            return Err(StateError::Moved { place: self.place() });
        }
        Ok(())
    }

    fn replace(&self, next: &Document) {
        let before = lock(&self.durable.document).replace(next.clone());
        let found = self.sim.checker().state_changed(before.as_ref(), next);
        if let Some(what) = found {
            self.sim.fail(what);
        }
    }

    fn apply(&self, entries: &[Entry]) {
        let Some(mut next) = self.durable.document() else {
            self.sim
                .fail("operations were appended to a state that was never stored");
            return;
        };
        for entry in entries {
            if entry.serial != next.serial + 1 {
                self.sim.fail(format!(
                    "operation {} was appended behind operation {}",
                    entry.serial, next.serial
                ));
                return;
            }
            next.apply(&entry.op);
            self.sim
                .tell(format!("state {} {}", entry.serial, describe(entry)));
        }
        self.replace(&next);
    }
}

fn describe(entry: &Entry) -> String {
    use infield::state::Op;
    match &entry.op {
        Op::Put { address, resource } => format!("put {address} = {}", resource.id),
        Op::Remove { address } => format!("remove {address}"),
        Op::Move { moves } => format!("move {moves:?}"),
        Op::OpenIntent { id, intent } => format!("open {id} for {}", intent.address),
        Op::CloseIntent { id } => format!("close {id}"),
        Op::NoneOf { address, ids } => format!("{address} is none of {ids:?}"),
        Op::UseSavedPlan { id } => format!("use saved plan {id}"),
        Op::Approve { approved } => format!("approve {}", approved.name),
        Op::Finish { name } => format!("finish {name}"),
    }
}

impl Store for SimStore {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        Box::pin(async {
            self.sim.boundary("before the state is read").await;
            if self.durable.is_torn() && self.sim.sabotage != Some(Sabotage::FreshStart) {
                return Err(StateError::Unusable {
                    place: self.place(),
                    problem: "its document is missing, and there is a journal".to_owned(),
                });
            }
            let mut document = match &self.remote {
                Some(remote) => remote.load().await?.map(|read| Document {
                    stops: self.durable.stops(),
                    ..read
                }),
                None => self.durable.document(),
            };
            if let (Some(document), Some(Sabotage::IgnoreStops)) = (&mut document, self.sim.sabotage) {
                document.stops = Stops::default();
            }
            Ok(document)
        })
    }

    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            self.sim.boundary("before a state write").await;
            self.follows()?;
            if let Some(remote) = &self.remote {
                return remote.append(entries, before).await;
            }
            let weather = self.sim.weather();
            let fails = self.sim.random().percent(weather.writes);
            if fails && self.sim.random().percent(50) {
                self.sim.tell("state write fails, nothing kept");
                return Err(self.error());
            }
            if self.sim.sabotage == Some(Sabotage::LossyStore)
                && weather.crashes > 0
                && (self.losing.load(Ordering::SeqCst) || self.sim.random().percent(10))
            {
                if !self.losing.swap(true, Ordering::SeqCst) {
                    let left = self.sim.random().between(1, 8);
                    self.sim.arm(Some(left));
                }
                self.sim.tell("state write confirmed and not kept");
                return Ok(());
            }
            if entries.len() > 1 && self.sim.crashes_here("in the middle of a state write") {
                // Lines reach the disk in order: some of the front may have made it.
                let kept = self.sim.random().between(0, entries.len() as u64 - 1);
                self.apply(&entries[..usize::try_from(kept).expect("a small number")]);
                std::future::pending::<()>().await;
            }
            self.apply(entries);
            if fails {
                self.sim.tell("state write fails although it was kept");
                return Err(self.error());
            }
            self.sim.boundary("after a state write").await;
            Ok(())
        })
    }

    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            self.sim.boundary("before the state is folded").await;
            self.follows()?;
            if let Some(remote) = &self.remote {
                return remote.checkpoint(document).await;
            }
            let weather = self.sim.weather();
            if self.losing.load(Ordering::SeqCst) {
                return Ok(());
            }
            if self.sim.random().percent(weather.writes) {
                self.sim.tell("folding the state fails");
                return Err(self.error());
            }
            self.sim.tell(format!("state folded at {}", document.serial));
            self.replace(document);
            *lock(&self.durable.folded) = Some(document.clone());
            self.sim.boundary("after the state is folded").await;
            Ok(())
        })
    }

    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        Box::pin(async move {
            let durable = &self.durable;
            // Unlike any other of this world, whichever of its states it is of.
            let lease = 1 + self.sim.leases.fetch_add(1, Ordering::SeqCst);
            let free = durable
                .holder
                .compare_exchange(0, lease, Ordering::SeqCst, Ordering::SeqCst);
            if free.is_ok() || self.sim.sabotage == Some(Sabotage::NoLock) {
                self.lease.store(lease, Ordering::SeqCst);
                let held = Held {
                    sim: Arc::clone(&self.sim),
                    durable: Arc::clone(durable),
                    lease,
                };
                return Ok(Box::new(held) as Box<dyn Lock>);
            }
            Err(StateError::Locked {
                place: self.place(),
                holder: info.purpose.clone(),
            })
        })
    }

    fn stops(&self) -> BoxFuture<'_, Result<Stops, StateError>> {
        Box::pin(async {
            Ok(match self.sim.sabotage {
                Some(Sabotage::IgnoreStops) => Stops::default(),
                _ => self.durable.stops(),
            })
        })
    }

    fn change_stops<'a>(&'a self, change: &'a ChangeStops<'a>) -> BoxFuture<'a, Result<Stops, StateError>> {
        Box::pin(async move {
            self.sim.boundary("before the stop mark is changed").await;
            let mut stops = lock(&self.durable.stops);
            change(&mut stops);
            Ok(stops.clone())
        })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(async { Ok(None) })
    }
}

/// A lease that goes with its process.
struct Held {
    sim: Arc<Sim>,
    durable: Arc<Durable>,
    lease: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let holder = &self.durable.holder;
        // One that was lost is somebody else's.
        let _ = holder.compare_exchange(self.lease, 0, Ordering::SeqCst, Ordering::SeqCst);
    }
}

impl Lock for Held {
    fn check(&self, _lasting: std::time::Duration) -> Result<(), StateError> {
        let minds = !matches!(self.sim.sabotage, Some(Sabotage::NoLock | Sabotage::IgnoreLease));
        if minds && !self.durable.is_held_by(self.lease) {
            return Err(StateError::Moved {
                place: "memory".to_owned(),
            });
        }
        Ok(())
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { drop(self) })
    }
}
