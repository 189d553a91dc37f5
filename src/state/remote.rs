//! A state in an object store (`s3://`, `gs://`, `az://`): one object written on condition, and a lease beside it.
//!
//! Promises: an object that somebody else wrote since we read it is never overwritten; a write whose answer was lost is
//! recognised as ours by its bytes; whoever lost the lease cannot write any more. A lease is renewed while it is held,
//! and may be taken over once it has run out.

mod ledger;

use super::document::{Document, DocumentError};
use super::store::{Entry, Lock, LockInfo, StateError, Store};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, Error as ObjectError, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode, PutOptions,
    PutPayload, PutResult, RetryConfig, UpdateVersion,
};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;
use url::Url;

/// How long a lease lasts unless it is renewed.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often it is renewed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How much the clocks of two machines may differ before a lease that ran out is taken over.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(10);

/// A state in an object store.
pub struct RemoteStore {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    url: String,
    last: Mutex<Last>,
}

/// The object as we last read or wrote it.
#[derive(Default)]
struct Last {
    version: Option<UpdateVersion>,
    bytes: Vec<u8>,
    copied: bool,
}

/// Why an address cannot be a state's place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url} cannot be used for the state: {problem}")]
pub struct AddressError {
    url: String,
    problem: String,
}

impl RemoteStore {
    /// A state at this address. `options` are settings by the names the clouds' own tools use (`AWS_REGION`,
    /// `AZURE_STORAGE_ACCOUNT_NAME`, `GOOGLE_APPLICATION_CREDENTIALS`); names that mean nothing here are passed over.
    ///
    /// # Errors
    /// When the address is not one of a known store, or lacks something.
    pub fn open(
        url: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, AddressError> {
        let refuse = |problem: String| AddressError {
            url: url.to_owned(),
            problem,
        };
        // The store's client needs a provider for TLS; another part of the process may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let parsed = Url::parse(url).map_err(|error| refuse(error.to_string()))?;
        let (scheme, folder) =
            ObjectStoreScheme::parse(&parsed).map_err(|error| refuse(error.to_string()))?;
        let options: Vec<(String, String)> = options
            .into_iter()
            .map(|(key, value)| (key.to_ascii_lowercase(), value))
            .collect();
        let store: Arc<dyn ObjectStore> = match scheme {
            ObjectStoreScheme::AmazonS3 => {
                let builder = AmazonS3Builder::new().with_url(url).with_retry(retries());
                let set = |builder: AmazonS3Builder, (key, value): &(String, String)| match key.parse() {
                    Ok(key) => builder.with_config(key, value),
                    Err(_) => builder,
                };
                Arc::new(
                    options
                        .iter()
                        .fold(builder, set)
                        .build()
                        .map_err(|error| refuse(error.to_string()))?,
                )
            }
            ObjectStoreScheme::GoogleCloudStorage => {
                let builder = GoogleCloudStorageBuilder::new()
                    .with_url(url)
                    .with_retry(retries());
                let set =
                    |builder: GoogleCloudStorageBuilder, (key, value): &(String, String)| match key.parse() {
                        Ok(key) => builder.with_config(key, value),
                        Err(_) => builder,
                    };
                Arc::new(
                    options
                        .iter()
                        .fold(builder, set)
                        .build()
                        .map_err(|error| refuse(error.to_string()))?,
                )
            }
            ObjectStoreScheme::MicrosoftAzure => {
                let builder = MicrosoftAzureBuilder::new().with_url(url).with_retry(retries());
                let set = |builder: MicrosoftAzureBuilder, (key, value): &(String, String)| match key.parse()
                {
                    Ok(key) => builder.with_config(key, value),
                    Err(_) => builder,
                };
                Arc::new(
                    options
                        .iter()
                        .fold(builder, set)
                        .build()
                        .map_err(|error| refuse(error.to_string()))?,
                )
            }
            _ => return Err(refuse("use s3://, gs://, az:// or file://".to_owned())),
        };
        Ok(Self::over(store, folder, url))
    }

    /// A state in a store that is open already; tests hand in one in memory.
    pub fn over(store: Arc<dyn ObjectStore>, folder: Path, url: &str) -> Self {
        Self {
            store,
            folder,
            url: url.trim_end_matches('/').to_owned(),
            last: Mutex::default(),
        }
    }

    fn object(&self, name: &str) -> Path {
        self.folder.clone().join(name)
    }

    fn io(&self, doing: &'static str, error: &ObjectError) -> StateError {
        StateError::Io {
            place: self.url.clone(),
            doing,
            problem: error.to_string(),
        }
    }

    /// An object with what is needed to replace exactly it.
    async fn read(&self, name: &str) -> Result<Option<(Vec<u8>, UpdateVersion)>, StateError> {
        let fail = |error: ObjectError| self.io("read", &error);
        let found = match self.store.get(&self.object(name)).await {
            Ok(found) => found,
            Err(ObjectError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        let version = UpdateVersion {
            e_tag: found.meta.e_tag.clone(),
            version: found.meta.version.clone(),
        };
        let bytes = found.bytes().await.map_err(fail)?;
        Ok(Some((bytes.to_vec(), version)))
    }

    /// Writes an object if it is still the version given, or still absent.
    async fn write(
        &self,
        name: &str,
        bytes: &[u8],
        version: Option<UpdateVersion>,
    ) -> Result<UpdateVersion, StateError> {
        let mode = version.map_or(PutMode::Create, PutMode::Update);
        let options = PutOptions {
            mode,
            ..PutOptions::default()
        };
        let put = self
            .store
            .put_opts(&self.object(name), PutPayload::from(bytes.to_vec()), options)
            .await;
        match put {
            Ok(PutResult { e_tag, version, .. }) => Ok(UpdateVersion { e_tag, version }),
            // A write can be reported as refused or failed although it was stored: the answer got lost, the client
            // repeated it, and the repetition met our own object.
            Err(error) => match self.read(name).await {
                Ok(Some((found, version))) if found == bytes => Ok(version),
                Ok(_)
                    if matches!(
                        error,
                        ObjectError::Precondition { .. } | ObjectError::AlreadyExists { .. }
                    ) =>
                {
                    Err(StateError::Moved {
                        place: self.url.clone(),
                    })
                }
                Ok(_) | Err(_) => Err(self.io("written", &error)),
            },
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn load_now(&self) -> Result<Option<Document>, StateError> {
        let Some((bytes, version)) = self.read(DOCUMENT).await? else {
            // An empty start is only believed when there is no trace of an earlier one.
            if self.read(PREVIOUS).await?.is_some() {
                return Err(self
                    .damaged("it is missing although there was one".to_owned())
                    .await);
            }
            *self.last() = Last::default();
            return Ok(None);
        };
        match Document::parse(&bytes) {
            Ok(document) => {
                *self.last() = Last {
                    version: Some(version),
                    bytes,
                    copied: false,
                };
                Ok(Some(document))
            }
            Err(DocumentError::Damaged(problem)) => Err(self.damaged(problem).await),
            Err(error) => Err(StateError::Unusable {
                place: self.place(),
                problem: error.to_string(),
            }),
        }
    }

    async fn damaged(&self, problem: String) -> StateError {
        let copy = self.read(PREVIOUS).await.ok().flatten();
        let good = copy.is_some_and(|(bytes, _)| Document::parse(&bytes).is_ok());
        StateError::Damaged {
            place: self.place(),
            problem,
            good_copy: good.then(|| format!("{}/{PREVIOUS}", self.url)),
        }
    }

    async fn store_document(&self, document: &Document) -> Result<(), StateError> {
        let bytes = document.to_bytes();
        let (version, before, copied) = {
            let last = self.last();
            (last.version.clone(), last.bytes.clone(), last.copied)
        };
        if bytes == before {
            return Ok(());
        }
        // The last good copy is the document as it was when this command began.
        if !copied && !before.is_empty() {
            let payload = PutPayload::from(before);
            self.store
                .put(&self.object(PREVIOUS), payload)
                .await
                .map_err(|error| self.io("written", &error))?;
            self.last().copied = true;
        }
        let version = self.write(DOCUMENT, &bytes, version).await?;
        let mut last = self.last();
        last.version = Some(version);
        last.bytes = bytes;
        Ok(())
    }

    async fn take_lease(&self, info: &LockInfo) -> Result<Lease, StateError> {
        let mut lease = LeaseFile {
            id: uuid::Uuid::new_v4().to_string(),
            holder: info.clone(),
            expires: Timestamp::now() + LEASE,
            beat: 0,
        };
        let version = match self.write(LEASE_OBJECT, &lease.to_bytes(), None).await {
            Ok(version) => version,
            Err(StateError::Moved { .. }) => {
                let Some((bytes, version)) = self.read(LEASE_OBJECT).await? else {
                    return Err(self.locked("another process"));
                };
                let held: Option<LeaseFile> = serde_json::from_slice(&bytes).ok();
                match held {
                    Some(held) if held.expires + CLOCK_SKEW > Timestamp::now() => {
                        return Err(self.locked(&format!("{}, until {}", held.holder, held.expires)));
                    }
                    // It ran out, or nobody can read it: take over exactly this one.
                    Some(_) | None => {
                        lease.expires = Timestamp::now() + LEASE;
                        match self.write(LEASE_OBJECT, &lease.to_bytes(), Some(version)).await {
                            Ok(version) => version,
                            Err(StateError::Moved { .. }) => return Err(self.locked("another process")),
                            Err(error) => return Err(error),
                        }
                    }
                }
            }
            Err(error) => return Err(error),
        };
        let shared = Arc::new(Mutex::new(Held {
            expires: lease.expires,
            lost: false,
        }));
        let keeper = Renewal {
            store: Self::over(Arc::clone(&self.store), self.folder.clone(), &self.url),
            shared: Arc::clone(&shared),
            lease: lease.clone(),
            version,
        };
        let beat = tokio::spawn(keeper.run());
        let store = Self::over(Arc::clone(&self.store), self.folder.clone(), &self.url);
        Ok(Lease {
            store,
            id: lease.id,
            shared,
            beat,
        })
    }

    fn locked(&self, holder: &str) -> StateError {
        StateError::Locked {
            place: self.url.clone(),
            holder: holder.to_owned(),
        }
    }

    async fn unlock_now(&self) -> Result<Option<String>, StateError> {
        let Some((bytes, _)) = self.read(LEASE_OBJECT).await? else {
            return Ok(None);
        };
        let holder = serde_json::from_slice::<LeaseFile>(&bytes)
            .map_or_else(|_| "somebody".to_owned(), |lease| lease.holder.to_string());
        match self.store.delete(&self.object(LEASE_OBJECT)).await {
            Ok(()) | Err(ObjectError::NotFound { .. }) => Ok(Some(holder)),
            Err(error) => Err(self.io("unlocked", &error)),
        }
    }
}

const DOCUMENT: &str = "state.json";
const PREVIOUS: &str = "state.previous.json";
const LEASE_OBJECT: &str = "lease.json";

/// A few tries; a create waits for the state, and a store that is down for longer is told.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: 4,
        retry_timeout: Duration::from_secs(30),
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
}

/// What the holder knows of its lease.
struct Held {
    expires: Timestamp,
    lost: bool,
}

/// Renews a lease until it is lost or the task is ended.
struct Renewal {
    store: RemoteStore,
    shared: Arc<Mutex<Held>>,
    lease: LeaseFile,
    version: UpdateVersion,
}

impl Renewal {
    async fn run(mut self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            self.lease.expires = Timestamp::now() + LEASE;
            self.lease.beat += 1;
            let bytes = self.lease.to_bytes();
            match self
                .store
                .write(LEASE_OBJECT, &bytes, Some(self.version.clone()))
                .await
            {
                Ok(version) => {
                    self.version = version;
                    self.shared.lock().unwrap_or_else(PoisonError::into_inner).expires = self.lease.expires;
                }
                Err(StateError::Moved { .. }) => {
                    self.shared.lock().unwrap_or_else(PoisonError::into_inner).lost = true;
                    return;
                }
                // The store may come back before the lease runs out.
                Err(error) => tracing::debug!(%error, "the lease could not be renewed"),
            }
        }
    }
}

/// A lease that is held.
struct Lease {
    store: RemoteStore,
    id: String,
    shared: Arc<Mutex<Held>>,
    beat: JoinHandle<()>,
}

impl Lock for Lease {
    fn check(&self) -> Result<(), StateError> {
        let held = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if held.lost {
            return Err(self.store.locked("somebody who took the lock over"));
        }
        if held.expires < Timestamp::now() {
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
                .and_then(|(bytes, _)| serde_json::from_slice::<LeaseFile>(&bytes).ok())
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

impl Store for RemoteStore {
    fn place(&self) -> String {
        format!("{}/{DOCUMENT}", self.url)
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        Box::pin(self.load_now())
    }

    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            let mut after = before.clone();
            for entry in entries {
                after.apply(&entry.op);
            }
            self.store_document(&after).await
        })
    }

    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(self.store_document(document))
    }

    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        Box::pin(async move { Ok(Box::new(self.take_lease(info).await?) as Box<dyn Lock>) })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(self.unlock_now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;
    use crate::state::Op;
    use object_store::memory::InMemory;

    fn pair() -> (RemoteStore, RemoteStore) {
        let shared: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let open = || {
            RemoteStore::over(
                Arc::clone(&shared),
                Path::from("acme/production"),
                "memory://acme/production",
            )
        };
        (open(), open())
    }

    fn info(owner: &str) -> LockInfo {
        LockInfo {
            owner: owner.to_owned(),
            pid: 1,
            purpose: "apply".to_owned(),
            since: "2026-11-21T00:00:00Z".to_owned(),
        }
    }

    fn entry(serial: u64) -> Entry {
        Entry {
            serial,
            op: Op::Remove {
                address: Address::survey("s"),
            },
        }
    }

    #[tokio::test]
    async fn what_somebody_else_wrote_is_never_overwritten() {
        let (ours, theirs) = pair();
        assert_eq!(ours.load().await.unwrap(), None);
        let document = Document::new("production", "l".to_owned());
        ours.checkpoint(&document).await.unwrap();
        let read = theirs.load().await.unwrap().unwrap();
        theirs.append(&[entry(1)], &read).await.unwrap();
        let error = ours.append(&[entry(1), entry(2)], &document).await.unwrap_err();
        assert!(matches!(error, StateError::Moved { .. }), "{error}");
        assert_eq!(ours.load().await.unwrap().unwrap().serial, 1);
    }

    #[tokio::test]
    async fn two_starts_from_nothing_exclude_each_other() {
        let (ours, theirs) = pair();
        assert_eq!(ours.load().await.unwrap(), None);
        assert_eq!(theirs.load().await.unwrap(), None);
        ours.checkpoint(&Document::new("production", "one".to_owned()))
            .await
            .unwrap();
        let error = theirs
            .checkpoint(&Document::new("production", "two".to_owned()))
            .await
            .unwrap_err();
        assert!(error.is_contention(), "{error}");
    }

    #[tokio::test]
    async fn a_missing_document_with_a_copy_is_never_a_fresh_start() {
        let (ours, theirs) = pair();
        let document = Document::new("production", "l".to_owned());
        ours.checkpoint(&document).await.unwrap();
        ours.append(&[entry(1)], &document).await.unwrap();
        ours.store.delete(&ours.object(DOCUMENT)).await.unwrap();
        let error = theirs.load().await.unwrap_err();
        assert!(
            matches!(
                error,
                StateError::Damaged {
                    good_copy: Some(_),
                    ..
                }
            ),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_lease_excludes_names_its_holder_and_is_given_back() {
        let (ours, theirs) = pair();
        let lock = ours.lock(&info("ada@one")).await.unwrap();
        let Err(error) = theirs.lock(&info("bob@two")).await else {
            panic!("locked twice")
        };
        assert!(
            error.is_contention() && error.to_string().contains("ada@one"),
            "{error}"
        );
        lock.check().unwrap();
        lock.release().await;
        theirs.lock(&info("bob@two")).await.unwrap();
    }

    #[tokio::test]
    async fn a_lease_that_ran_out_is_taken_over_and_its_holder_finds_out() {
        let (ours, theirs) = pair();
        let lease = ours.take_lease(&info("ada@one")).await.unwrap();
        let (bytes, version) = ours.read(LEASE_OBJECT).await.unwrap().unwrap();
        let mut old: LeaseFile = serde_json::from_slice(&bytes).unwrap();
        old.expires = Timestamp::now() - CLOCK_SKEW - SignedDuration::from_secs(1);
        ours.write(LEASE_OBJECT, &old.to_bytes(), Some(version))
            .await
            .unwrap();
        let taken = theirs.take_lease(&info("bob@two")).await.unwrap();
        lease.shared.lock().unwrap().expires = old.expires;
        assert!(lease.check().is_err());
        Box::new(lease).release().await;
        taken.check().unwrap();
        assert!(
            theirs.read(LEASE_OBJECT).await.unwrap().is_some(),
            "the old holder deleted the new holder's lease"
        );
    }

    #[tokio::test]
    async fn unlock_takes_a_lease_away() {
        let (ours, theirs) = pair();
        assert_eq!(ours.unlock().await.unwrap(), None);
        let _lock = ours.lock(&info("ada@one")).await.unwrap();
        assert!(theirs.unlock().await.unwrap().unwrap().contains("ada@one"));
        theirs.lock(&info("bob@two")).await.unwrap();
    }
}
