//! The document in memory, with a store behind it: commits that many callers share.

use super::document::{Document, Op};
use super::store::{ChangeStops, Entry, Lock, LockInfo, StateError, Store};
use crate::model::{Address, Known, Level, Resource, Stops, VendorId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, oneshot};

/// The longest that a request to a vendor can be under way: the time for a connection and the time for an answer.
pub const LONGEST_REQUEST: Duration = Duration::from_secs(70);

/// How often whoever waits looks whether the lock is still held.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Holds the document of one environment while a command works on it.
///
/// Guarantee: when [`Keeper::commit`] returns `Ok`, the operations are durable. Callers that commit at the same time
/// share one write. After a write that failed or was cut off nothing more is accepted: what is in memory and what is
/// stored would drift apart.
pub struct Keeper {
    store: Arc<dyn Store>,
    lock: Option<Box<dyn Lock>>,
    waiting: std::sync::Mutex<Vec<Waiting>>,
    writer: Mutex<Writer>,
}

struct Writer {
    document: Document,
    /// Its serial when it was opened.
    opened: u64,
    /// The store has operations that are not folded into its document.
    unfolded: bool,
    broken: Option<StateError>,
}

struct Waiting {
    ops: Vec<Op>,
    done: oneshot::Sender<Result<(), StateError>>,
}

impl Keeper {
    /// Opens the state of an environment; a new one gets this lineage, and is stored at once so that its journal has
    /// something to follow.
    ///
    /// # Errors
    /// As the store has it; also when the state belongs to another environment.
    pub async fn open(
        store: Arc<dyn Store>,
        environment: &str,
        new_lineage: String,
    ) -> Result<Self, StateError> {
        let document = match store.load().await? {
            Some(document) => document,
            None => {
                let document = Document::new(environment, new_lineage);
                store.checkpoint(&document).await?;
                document
            }
        };
        Self::check_environment(&*store, &document, environment)?;
        Ok(Self {
            store,
            lock: None,
            waiting: std::sync::Mutex::default(),
            writer: Mutex::new(Writer {
                opened: document.serial,
                document,
                unfolded: false,
                broken: None,
            }),
        })
    }

    /// Takes the lock and opens the state under it. A state that cannot be opened does not stay locked.
    ///
    /// # Errors
    /// As [`Keeper::open`]; also when somebody else has the lock.
    pub async fn open_locked(
        store: Arc<dyn Store>,
        environment: &str,
        new_lineage: String,
        info: &LockInfo,
    ) -> Result<Self, StateError> {
        let lock = store.lock(info).await?;
        match Self::open(store, environment, new_lineage).await {
            Ok(keeper) => Ok(keeper.holding(lock)),
            Err(error) => {
                lock.release().await;
                Err(error)
            }
        }
    }

    /// Ties the keeper to the lock it works under: nothing is written once the lock is lost.
    #[must_use]
    pub fn holding(mut self, lock: Box<dyn Lock>) -> Self {
        self.lock = Some(lock);
        self
    }

    /// Ends the work: folds everything into one document, where something was written, and gives the lock back.
    ///
    /// # Errors
    /// When the store fails; what was committed stays committed, and the lock is given back all the same.
    pub async fn close(self) -> Result<(), StateError> {
        let folded = self.checkpoint().await;
        if let Some(lock) = self.lock {
            lock.release().await;
        }
        folded
    }

    /// Whether the lock that the keeper works under is still held.
    ///
    /// # Errors
    /// When somebody else has taken it over: then nothing may be sent or written any more.
    pub fn check_lock(&self) -> Result<(), StateError> {
        self.holds_for(Duration::ZERO)
    }

    /// Whether a request may leave now: the lock outlives even the longest one, so that nobody who takes it over meets
    /// a request of ours that is still under way.
    ///
    /// # Errors
    /// When it does not; then nothing may be sent any more.
    pub fn may_send(&self) -> Result<(), StateError> {
        self.holds_for(LONGEST_REQUEST)
    }

    fn holds_for(&self, lasting: Duration) -> Result<(), StateError> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.check(lasting))
    }

    /// Ends when nothing may be sent any more, with the reason. While the lock is held, it does not end.
    pub async fn lock_lost(&self) -> StateError {
        loop {
            if let Err(error) = self.may_send() {
                return error;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Refuses the state of another environment.
    ///
    /// # Errors
    /// When the names differ.
    pub fn check_environment(
        store: &dyn Store,
        document: &Document,
        environment: &str,
    ) -> Result<(), StateError> {
        if document.environment == environment {
            return Ok(());
        }
        Err(StateError::Unusable {
            place: store.place(),
            problem: format!(
                "it belongs to the environment `{}`, not to `{environment}`",
                document.environment
            ),
        })
    }

    /// What is remembered now.
    pub async fn known(&self) -> Known {
        self.writer.lock().await.document.known()
    }

    /// What is remembered of one resource.
    pub async fn resource(&self, address: &Address) -> Option<Resource> {
        self.writer.lock().await.document.resources.get(address).cloned()
    }

    /// What is frozen by now.
    ///
    /// # Errors
    /// When it cannot be told; then nothing may go in field.
    pub async fn stops(&self) -> Result<Stops, StateError> {
        self.store.stops().await
    }

    /// Changes what is frozen.
    ///
    /// # Errors
    /// When it is not durable.
    pub async fn change_stops(&self, change: &ChangeStops<'_>) -> Result<Stops, StateError> {
        self.store.change_stops(change).await
    }

    /// The vendor's ids by address.
    pub async fn ids(&self) -> BTreeMap<Address, String> {
        self.writer.lock().await.document.ids()
    }

    /// The address that answers for each survey and group, by the vendor's ids, former ones among them.
    pub async fn owners(&self) -> BTreeMap<(VendorId, Level, String), Address> {
        let writer = self.writer.lock().await;
        let mut owners = BTreeMap::new();
        for (address, resource) in &writer.document.resources {
            let level = Level::of(resource.vendor, address);
            let ids = resource.ids().map(|id| (resource.vendor, level, id.to_owned()));
            owners.extend(ids.map(|key| (key, address.clone())));
        }
        owners
    }

    /// Whether something was written since it was opened.
    pub async fn has_written(&self) -> bool {
        let writer = self.writer.lock().await;
        writer.document.serial != writer.opened
    }

    /// A copy of the document.
    pub async fn document(&self) -> Document {
        self.writer.lock().await.document.clone()
    }

    /// Makes operations durable, all or none.
    ///
    /// # Errors
    /// When the store fails; then, and from then on, nothing counts.
    pub async fn commit(&self, ops: Vec<Op>) -> Result<(), StateError> {
        let (done, mut result) = oneshot::channel();
        self.waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(Waiting { ops, done });
        let mut writer = self.writer.lock().await;
        // Whoever had the writer before us may have taken our operations along.
        if let Ok(result) = result.try_recv() {
            return result;
        }
        let batch = std::mem::take(
            &mut *self
                .waiting
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
        let outcome = self.write(&mut writer, &batch).await;
        for waiting in batch {
            // A caller that is gone no longer wants to know.
            let _ = waiting.done.send(outcome.clone());
        }
        outcome
    }

    /// Before something has another name, what is frozen by its old one is so by the new one, too.
    async fn follow(&self, document: &Document, ops: impl Iterator<Item = &Op>) -> Result<(), StateError> {
        for op in ops {
            if let Op::Move { moves } = op
                && !self.stops().await?.is_empty()
            {
                let follow = |stops: &mut Stops| stops.follow(moves, &document.resources);
                self.change_stops(&follow).await?;
            }
        }
        Ok(())
    }

    async fn write(&self, writer: &mut Writer, batch: &[Waiting]) -> Result<(), StateError> {
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        self.check_lock()?;
        let ops = batch.iter().flat_map(|waiting| &waiting.ops);
        self.follow(&writer.document, ops.clone()).await?;
        let entries: Vec<Entry> = ops
            .zip(writer.document.serial + 1..)
            .map(|(op, serial)| Entry {
                serial,
                op: op.clone(),
            })
            .collect();
        // Stands where this call is dropped in the middle: nobody knows then what is stored, nor do those who wait.
        writer.broken = Some(StateError::Io {
            place: self.store.place(),
            doing: "written",
            problem: "an earlier write was cut off".to_owned(),
        });
        let written = self.store.append(&entries, &writer.document).await;
        // Whoever took the lock over meanwhile may have read the state before this was in it.
        let written = written.and_then(|()| self.check_lock());
        writer.broken = written.as_ref().err().cloned();
        written?;
        writer.unfolded = true;
        for entry in &entries {
            writer.document.apply(&entry.op);
        }
        Ok(())
    }

    /// Puts another document in place of this one. Whether it may follow is left to the caller.
    ///
    /// # Errors
    /// When the store fails; also when the document is of another environment.
    pub async fn replace(&self, document: Document) -> Result<(), StateError> {
        let mut writer = self.writer.lock().await;
        Self::check_environment(&*self.store, &document, &writer.document.environment)?;
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        self.check_lock()?;
        let stored = self.store.checkpoint(&document).await;
        writer.broken = stored.as_ref().err().cloned();
        writer.unfolded = false;
        writer.document = document;
        stored
    }

    /// Folds everything into one document, at the end of a command. Where nothing was written since the last time, the
    /// document and its last good copy stay as they are.
    ///
    /// # Errors
    /// When the store fails; what was committed stays committed.
    pub async fn checkpoint(&self) -> Result<(), StateError> {
        let mut writer = self.writer.lock().await;
        if let Some(error) = &writer.broken {
            return Err(error.clone());
        }
        if writer.unfolded {
            self.check_lock()?;
            self.store.checkpoint(&writer.document).await?;
            writer.unfolded = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
