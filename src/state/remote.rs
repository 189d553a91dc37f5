//! A state in an object store (`s3://`, `gs://`, `az://`): a document and its log, written on condition, and a lease
//! beside them.
//!
//! Promises: an object that somebody else wrote since we read it is never overwritten; a write whose answer was lost is
//! recognised as ours by its bytes; whoever lost the lease cannot write any more. A lease is renewed while it is held,
//! and may be taken over once it has run out.

mod connector;
mod last;
mod lease;
mod ledger;
mod log;
mod parts;
mod stops;

use super::document::Document;
use super::store::{ChangeStops, Entry, Lock, LockInfo, MAX_BYTES, StateError, Store, TOO_LARGE};
use crate::model::Stops;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use last::Last;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    BackoffConfig, Error as ObjectError, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode, PutOptions,
    PutPayload, PutResult, RetryConfig, UpdateVersion,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// What an address may be.
const USE: &str = "use s3://, gs://, az:// or file://";

/// The folder of the ledgers.
const LEDGERS: &str = "reconciled";

/// The time of day; tests hand in one that they move.
type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A state in an object store.
pub struct RemoteStore {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    url: String,
    now: Clock,
    /// Stands in every segment that is written through this.
    writer: String,
    last: Mutex<Last>,
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
        // Other ways to write an address name a host, which then comes from the repository and would be sent credentials.
        let store: Arc<dyn ObjectStore> = match scheme {
            _ if !["s3", "gs", "az"].contains(&parsed.scheme()) || !parsed.username().is_empty() => {
                return Err(refuse(USE.to_owned()));
            }
            ObjectStoreScheme::AmazonS3 => {
                let builder = AmazonS3Builder::new()
                    .with_url(url)
                    .with_retry(retries())
                    .with_http_connector(connector::Connector);
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
                    .with_retry(retries())
                    .with_http_connector(connector::Connector);
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
                let builder = MicrosoftAzureBuilder::new()
                    .with_url(url)
                    .with_retry(retries())
                    .with_http_connector(connector::Connector);
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
            _ => return Err(refuse(USE.to_owned())),
        };
        Ok(Self::over(store, folder, url))
    }

    /// A state in a store that is open already; tests hand in one in memory.
    pub fn over(store: Arc<dyn ObjectStore>, folder: Path, url: &str) -> Self {
        Self {
            store,
            folder,
            url: url.trim_end_matches('/').to_owned(),
            now: Arc::new(Timestamp::now),
            writer: Uuid::new_v4().to_string(),
            last: Mutex::default(),
        }
    }

    /// The same, by another clock.
    #[must_use]
    pub fn at_the_time(self, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        Self { now, ..self }
    }

    /// The same place, of which nothing was read yet.
    fn again(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            folder: self.folder.clone(),
            url: self.url.clone(),
            now: Arc::clone(&self.now),
            writer: self.writer.clone(),
            last: Mutex::default(),
        }
    }

    fn object(&self, name: &str) -> Path {
        name.split('/').fold(self.folder.clone(), Path::join)
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
        if found.meta.size > MAX_BYTES {
            return Err(StateError::Io {
                place: self.url.clone(),
                doing: "read",
                problem: TOO_LARGE.to_owned(),
            });
        }
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
}

const DOCUMENT: &str = "state.json";
const PREVIOUS: &str = "state.previous.json";
/// The folder of the logs.
const LOG: &str = "log";

/// A few tries; a create waits for the state, and a store that is down for longer is told.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: 4,
        retry_timeout: Duration::from_secs(30),
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
        Box::pin(self.append_now(entries, before))
    }

    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(self.checkpoint_now(document))
    }

    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        Box::pin(async move { Ok(Box::new(self.take_lease(info).await?) as Box<dyn Lock>) })
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(self.unlock_now())
    }

    fn stops(&self) -> BoxFuture<'_, Result<Stops, StateError>> {
        Box::pin(async { Ok(self.stops_now().await?.0) })
    }

    fn change_stops<'a>(&'a self, change: &'a ChangeStops<'a>) -> BoxFuture<'a, Result<Stops, StateError>> {
        Box::pin(self.change_stops_now(change))
    }
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
