//! A state in memory that fails the way files do: before a write, after it, and in the middle.

use super::sim::{Sabotage, Sim, lock};
use futures_util::future::BoxFuture;
use infield::state::Document;
use infield::state::store::{Entry, Lock, LockInfo, StateError, Store};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What survives a crash.
#[derive(Default)]
pub(crate) struct Durable {
    document: Mutex<Option<Document>>,
    locked: Arc<AtomicBool>,
}

/// One process's way to it.
pub(crate) struct SimStore {
    pub(crate) sim: Arc<Sim>,
    pub(crate) durable: Arc<Durable>,
    /// Whether it confirms what it does not keep; only under sabotage.
    pub(crate) losing: AtomicBool,
}

impl Durable {
    pub(crate) fn document(&self) -> Option<Document> {
        lock(&self.document).clone()
    }
}

impl SimStore {
    fn error(&self) -> StateError {
        StateError::Io {
            place: self.place(),
            doing: "written",
            problem: "no space left on device".to_owned(),
        }
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
            Ok(self.durable.document())
        })
    }

    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        _before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            self.sim.boundary("before a state write").await;
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
            self.sim.boundary("after the state is folded").await;
            Ok(())
        })
    }

    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        Box::pin(async move {
            let free = !self.durable.locked.swap(true, Ordering::SeqCst);
            if free || self.sim.sabotage == Some(Sabotage::NoLock) {
                return Ok(Box::new(Held(Arc::clone(&self.durable.locked))) as Box<dyn Lock>);
            }
            Err(StateError::Locked {
                place: self.place(),
                holder: info.purpose.clone(),
            })
        })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(async { Ok(None) })
    }
}

/// A lock that goes with its process, as one of the operating system does.
struct Held(Arc<AtomicBool>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Lock for Held {
    fn check(&self, _lasting: std::time::Duration) -> Result<(), StateError> {
        Ok(())
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { drop(self) })
    }
}
