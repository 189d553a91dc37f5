//! The lock of a state in an object store: a lease beside the document, renewed while it is held.
//!
//! Promises: a lease is taken over only when it has run out, by as much as clocks may differ, and only exactly the one
//! that was looked at; its holder finds out, at the latest when its own time is over.

use super::{RemoteStore, UpdateVersion};
use crate::state::store::{Lock, LockInfo, StateError};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use object_store::{Error as ObjectError, ObjectStoreExt as _};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

const LEASE_OBJECT: &str = "lease.json";

/// How long a lease lasts unless it is renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often it is renewed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How much the clocks of two machines may differ before a lease that ran out is taken over.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(10);

impl RemoteStore {
    pub(super) async fn take_lease(&self, info: &LockInfo) -> Result<Lease, StateError> {
        let lease = LeaseFile {
            id: uuid::Uuid::new_v4().to_string(),
            holder: info.clone(),
            expires: (self.now)() + LEASE,
            beat: 0,
        };
        let version = match self.write(LEASE_OBJECT, &lease.to_bytes(), None).await {
            Err(StateError::Moved { .. }) => self.take_over(&lease).await?,
            written => written?,
        };
        let shared = Arc::new(Shared(Mutex::new(Held {
            expires: lease.expires,
            lost: false,
        })));
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

    /// Puts a lease in the place of one that ran out, or that nobody can read.
    async fn take_over(&self, lease: &LeaseFile) -> Result<UpdateVersion, StateError> {
        let Some((bytes, version)) = self.read(LEASE_OBJECT).await? else {
            return Err(self.locked("another process"));
        };
        if let Some(held) = LeaseFile::parse(&bytes)
            && (self.now)().duration_since(held.expires) < CLOCK_SKEW
        {
            return Err(self.locked(&format!("{}, until {}", held.holder, held.expires)));
        }
        // Exactly this one: somebody else may be about to do the same.
        match self.write(LEASE_OBJECT, &lease.to_bytes(), Some(version)).await {
            Err(StateError::Moved { .. }) => Err(self.locked("another process")),
            written => written,
        }
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

/// What the holder knows of its lease.
struct Held {
    expires: Timestamp,
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
            match self.renew().await {
                Ok(()) => self.shared.held().expires = self.lease.expires,
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
        self.lease.expires = (self.store.now)() + LEASE;
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
    fn check(&self) -> Result<(), StateError> {
        let held = self.shared.held();
        if held.lost {
            return Err(self.store.locked("somebody who took the lock over"));
        }
        if held.expires < (self.store.now)() {
            return Err(self
                .store
                .locked("nobody: our lease ran out because it could not be renewed"));
        }
        Ok(())
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.beat.abort();
        Box::pin(async move {
            // Only ours is deleted; one that was taken over belongs to somebody else.
            let found = self.store.read(LEASE_OBJECT).await.ok().flatten();
            let ours = found
                .and_then(|(bytes, _)| LeaseFile::parse(&bytes))
                .is_some_and(|lease| lease.id == self.id);
            if ours {
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
