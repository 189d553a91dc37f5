//! The lock of a state in an object store: a lease beside the document, renewed while it is held.
//!
//! Promises: a lease is taken over only when the store's own times say that it has run out, nobody renewed it for a whole
//! period while the taker looked on, and the longest request that its holder can have sent is over too; and only exactly
//! the one that was looked at. Its holder finds out, at the latest when its own time is over, also when it slept
//! meanwhile. One gap remains: a process that is stopped between its last look at the lease and the request that follows
//! sends that one request whenever it wakes.

use super::{RemoteStore, UpdateVersion};
use crate::state::keeper::LONGEST_REQUEST;
use crate::state::store::{Lock, LockInfo, StateError};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use object_store::{Error as ObjectError, ObjectStoreExt as _, PutPayload};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const LEASE_OBJECT: &str = "lease.json";

/// Written only to learn what time it is at the store.
const CLOCK_OBJECT: &str = "lease.clock";

/// How long a lease lasts unless it is renewed: the longest request fits into it, with several heartbeats to spare.
const LEASE: Duration = Duration::from_secs(120);
/// How often it is renewed, and how often a taker looks at it.
const HEARTBEAT: Duration = Duration::from_secs(15);

impl RemoteStore {
    pub(super) async fn take_lease(&self, info: &LockInfo) -> Result<Lease, StateError> {
        let lease = LeaseFile {
            id: uuid::Uuid::new_v4().to_string(),
            holder: info.clone(),
            expires: self.lease_end(),
            beat: 0,
        };
        let taken = Moment::now(self);
        let version = match self.write(LEASE_OBJECT, &lease.to_bytes(), None).await {
            Err(StateError::Moved { .. }) => (self.take_over(&lease).await?, true),
            written => (written?, false),
        };
        let shared = Arc::new(Shared(Mutex::new(Held {
            // A take-over waits; what it wrote counts from when it wrote.
            since: if version.1 { Moment::now(self) } else { taken },
            lost: false,
        })));
        let version = version.0;
        let id = lease.id.clone();
        let renewal = Renewal {
            store: self.again(),
            shared: Arc::clone(&shared),
            lease,
            version,
        };
        Ok(Lease {
            store: self.again(),
            id,
            shared,
            beat: tokio::spawn(renewal.run()),
        })
    }

    /// When a lease that is written now ends, by our clock. People read it; nothing is decided by it.
    fn lease_end(&self) -> Timestamp {
        (self.now)().checked_add(LEASE).unwrap_or(Timestamp::MAX)
    }

    /// Puts a lease in the place of one that ran out, or that nobody can read.
    async fn take_over(&self, lease: &LeaseFile) -> Result<UpdateVersion, StateError> {
        let Some((bytes, version)) = self.read(LEASE_OBJECT).await? else {
            return Err(self.locked("another process"));
        };
        if let Some(held) = LeaseFile::parse(&bytes) {
            let holder = format!("{}, until {}", held.holder, held.expires);
            if self.age_at_store().await? < LEASE {
                return Err(self.locked(&holder));
            }
            tracing::warn!(
                "the lock of {} is held by {holder}, and nobody renews it; it is taken over in {} s if it stays so \
                 (`infield state unlock` frees it at once)",
                self.url,
                (LEASE + LONGEST_REQUEST).as_secs()
            );
            let until = Instant::now() + LEASE + LONGEST_REQUEST;
            while Instant::now() < until {
                tokio::time::sleep(HEARTBEAT.min(until - Instant::now())).await;
                match self.read(LEASE_OBJECT).await? {
                    Some((_, found)) if found == version => {}
                    _ => return Err(self.locked(&holder)),
                }
            }
        }
        // Exactly this one: somebody else may be about to do the same.
        let lease = LeaseFile {
            expires: self.lease_end(),
            ..lease.clone()
        };
        match self.write(LEASE_OBJECT, &lease.to_bytes(), Some(version)).await {
            Err(StateError::Moved { .. }) => Err(self.locked("another process")),
            written => written,
        }
    }

    /// How long ago the lease was written, by the store's own times: clocks of machines differ.
    async fn age_at_store(&self) -> Result<Duration, StateError> {
        let fail = |error: ObjectError| self.io("locked", &error);
        let clock = self.object(CLOCK_OBJECT);
        let nothing = PutPayload::from_static(b"\n");
        self.store.put(&clock, nothing).await.map_err(fail)?;
        let now = self.store.head(&clock).await.map_err(fail)?.last_modified;
        let lease = self.store.head(&self.object(LEASE_OBJECT)).await;
        let written = lease.map_err(fail)?.last_modified;
        Ok((now - written).to_std().unwrap_or(Duration::ZERO))
    }

    fn locked(&self, holder: &str) -> StateError {
        StateError::Locked {
            place: self.url.clone(),
            holder: holder.to_owned(),
        }
    }

    pub(super) async fn unlock_now(&self) -> Result<Option<String>, StateError> {
        let Some((bytes, _)) = self.read(LEASE_OBJECT).await? else {
            return Ok(None);
        };
        let holder =
            LeaseFile::parse(&bytes).map_or_else(|| "somebody".to_owned(), |lease| lease.holder.to_string());
        match self.store.delete(&self.object(LEASE_OBJECT)).await {
            Ok(()) | Err(ObjectError::NotFound { .. }) => Ok(Some(holder)),
            Err(error) => Err(self.io("unlocked", &error)),
        }
    }
}

/// The lease as an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LeaseFile {
    id: String,
    holder: LockInfo,
    expires: Timestamp,
    /// Counts renewals, so that no two versions of a lease have the same bytes.
    beat: u64,
}

impl LeaseFile {
    fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a lease consists of plain data")
    }

    /// A lease that somebody can read.
    fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// A moment by two clocks: one that nobody can set back, and one that goes on while the machine sleeps.
#[derive(Clone, Copy)]
struct Moment {
    steady: Instant,
    wall: Timestamp,
}

impl Moment {
    fn now(store: &RemoteStore) -> Self {
        Self {
            steady: Instant::now(),
            wall: (store.now)(),
        }
    }

    /// How long ago that was: the longer of what the two clocks say.
    fn ago(self, store: &RemoteStore) -> Duration {
        let wall = (store.now)().duration_since(self.wall);
        let wall = Duration::try_from(wall).unwrap_or(Duration::ZERO);
        self.steady.elapsed().max(wall)
    }
}

/// What the holder knows of its lease.
struct Held {
    /// When it was last about to be renewed, and was.
    since: Moment,
    lost: bool,
}

/// The same for the holder and for the task that renews it.
struct Shared(Mutex<Held>);

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Renews a lease until it is lost or the task is ended.
struct Renewal {
    store: RemoteStore,
    shared: Arc<Shared>,
    lease: LeaseFile,
    version: UpdateVersion,
}

impl Renewal {
    async fn run(mut self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let began = Moment::now(&self.store);
            match self.renew().await {
                Ok(()) => self.shared.held().since = began,
                Err(StateError::Moved { .. }) => {
                    self.shared.held().lost = true;
                    return;
                }
                // The store may come back before the lease runs out.
                Err(error) => tracing::debug!(%error, "the lease could not be renewed"),
            }
        }
    }

    async fn renew(&mut self) -> Result<(), StateError> {
        match self.write().await {
            // What is in the way may be an earlier renewal of our own, which was stored although it seemed to fail.
            Err(StateError::Moved { place }) => match self.store.read(LEASE_OBJECT).await? {
                Some((bytes, version)) if self.is_ours(&bytes) => {
                    self.version = version;
                    self.write().await
                }
                Some(_) | None => Err(StateError::Moved { place }),
            },
            written => written,
        }
    }

    async fn write(&mut self) -> Result<(), StateError> {
        self.lease.expires = self.store.lease_end();
        self.lease.beat += 1;
        let (bytes, version) = (self.lease.to_bytes(), self.version.clone());
        self.version = self.store.write(LEASE_OBJECT, &bytes, Some(version)).await?;
        Ok(())
    }

    fn is_ours(&self, bytes: &[u8]) -> bool {
        LeaseFile::parse(bytes).is_some_and(|lease| lease.id == self.lease.id)
    }
}

/// A lease that is held.
pub(super) struct Lease {
    store: RemoteStore,
    id: String,
    shared: Arc<Shared>,
    beat: JoinHandle<()>,
}

impl Lock for Lease {
    fn check(&self, lasting: Duration) -> Result<(), StateError> {
        let held = self.shared.held();
        if held.lost {
            return Err(self.store.locked("somebody who took the lock over"));
        }
        if held.since.ago(&self.store) + lasting > LEASE {
            return Err(self
                .store
                .locked("nobody: our lease ran out because it could not be renewed"));
        }
        Ok(())
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.beat.abort();
        Box::pin(async move {
            // Only ours is deleted; one that was taken over belongs to somebody else. Nothing is deleted on condition, so it is
            // renewed once more, which is: whoever takes over has to look on for minutes from there.
            let Some((bytes, version)) = self.store.read(LEASE_OBJECT).await.ok().flatten() else {
                return;
            };
            let Some(lease) = LeaseFile::parse(&bytes).filter(|lease| lease.id == self.id) else {
                return;
            };
            let mut renewal = Renewal {
                store: self.store.again(),
                shared: Arc::clone(&self.shared),
                lease,
                version,
            };
            if renewal.renew().await.is_ok() {
                let _ = self.store.store.delete(&self.store.object(LEASE_OBJECT)).await;
            }
        })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.beat.abort();
    }
}

#[cfg(test)]
mod tests;
