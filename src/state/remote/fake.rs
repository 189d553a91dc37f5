//! An object store in memory whose calls can be made to go wrong, and a clock that moves with tokio's.

use super::{Clock, RemoteStore};
use crate::model::Address;
use crate::state::Op;
use crate::state::store::{Entry, LockInfo};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use jiff::{SignedDuration, Timestamp};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What happens to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// It is stored.
    Works,
    /// It is not stored, and that is said.
    Fails,
    /// It is stored, and the answer is lost.
    LosesAnswer,
    /// Its process dies before it is stored.
    DiesBefore,
    /// Its process dies once it is stored.
    DiesAfter,
}

/// An object store that a test can disturb.
#[derive(Debug, Default)]
pub(super) struct Shaky {
    inner: InMemory,
    /// What happens to the next writes; those after them work.
    pub(super) puts: Mutex<VecDeque<Put>>,
    /// Whether each of the next reads and lists works; those after them do.
    pub(super) reads: Mutex<VecDeque<bool>>,
    /// How the next removal fails.
    pub(super) removal: Mutex<Option<Error>>,
    /// What somebody else writes just before our next write.
    pub(super) before: Mutex<Option<(Path, Vec<u8>)>>,
    /// The names of the objects that were written, in order.
    pub(super) written: Mutex<Vec<String>>,
    /// The bytes of all of them.
    pub(super) uploaded: AtomicU64,
    times: Times,
}

/// The store's own times, which move with tokio's clock and not with the machines'.
#[derive(Debug, Default)]
struct Times {
    /// Something whose time is the beginning.
    first: Mutex<Option<(ObjectMeta, Instant)>>,
    /// When each object was written, from the beginning.
    written: Mutex<BTreeMap<Path, Duration>>,
}

impl Times {
    fn wrote(&self, location: &Path) {
        let first = self.first.lock().unwrap();
        let passed = first.as_ref().map_or(Duration::ZERO, |(_, at)| at.elapsed());
        self.written.lock().unwrap().insert(location.clone(), passed);
    }

    fn tell(&self, meta: &mut ObjectMeta) {
        let mut first = self.first.lock().unwrap();
        let (first, _) = first.get_or_insert_with(|| (meta.clone(), Instant::now()));
        let passed = self.written.lock().unwrap().get(&meta.location).copied();
        meta.last_modified = first.last_modified + passed.unwrap_or_default();
    }
}

impl fmt::Display for Shaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a shaky store")
    }
}

fn failed() -> Error {
    Error::Generic {
        store: "shaky",
        source: "connection reset".into(),
    }
}

impl Shaky {
    fn read_works(&self) -> Result<()> {
        match self.reads.lock().unwrap().pop_front() {
            Some(false) => Err(failed()),
            Some(true) | None => Ok(()),
        }
    }

    async fn put(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let before = self.before.lock().unwrap().take();
        if let Some((location, bytes)) = before {
            self.inner.put(&location, PutPayload::from(bytes)).await?;
        }
        let trouble = self.puts.lock().unwrap().pop_front().unwrap_or(Put::Works);
        match trouble {
            Put::Fails => return Err(failed()),
            Put::DiesBefore => std::future::pending().await,
            Put::Works | Put::LosesAnswer | Put::DiesAfter => {}
        }
        let bytes = payload.content_length() as u64;
        self.uploaded.fetch_add(bytes, Ordering::SeqCst);
        let put = self.inner.put_opts(location, payload, options).await?;
        let name = location.filename().unwrap_or_default().to_owned();
        self.written.lock().unwrap().push(name);
        let meta = self.inner.head(location).await?;
        self.times
            .first
            .lock()
            .unwrap()
            .get_or_insert((meta, Instant::now()));
        self.times.wrote(location);
        match trouble {
            Put::LosesAnswer => Err(failed()),
            Put::DiesAfter => std::future::pending().await,
            _ => Ok(put),
        }
    }
}

impl ObjectStore for Shaky {
    fn put_opts<'s, 'l, 'f>(
        &'s self,
        location: &'l Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> BoxFuture<'f, Result<PutResult>>
    where
        's: 'f,
        'l: 'f,
    {
        Box::pin(self.put(location, payload, options))
    }

    fn put_multipart_opts<'s, 'l, 'f>(
        &'s self,
        location: &'l Path,
        options: PutMultipartOptions,
    ) -> BoxFuture<'f, Result<Box<dyn MultipartUpload>>>
    where
        's: 'f,
        'l: 'f,
    {
        self.inner.put_multipart_opts(location, options)
    }

    fn get_opts<'s, 'l, 'f>(
        &'s self,
        location: &'l Path,
        options: GetOptions,
    ) -> BoxFuture<'f, Result<GetResult>>
    where
        's: 'f,
        'l: 'f,
    {
        Box::pin(async move {
            self.read_works()?;
            let mut found = self.inner.get_opts(location, options).await?;
            self.times.tell(&mut found.meta);
            Ok(found)
        })
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.removal.lock().unwrap().take() {
            Some(error) => futures_util::stream::once(async move { Err(error) }).boxed(),
            None => self.inner.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.read_works() {
            Ok(()) => self.inner.list(prefix),
            Err(error) => futures_util::stream::once(async move { Err(error) }).boxed(),
        }
    }

    fn list_with_delimiter<'s, 'p, 'f>(
        &'s self,
        prefix: Option<&'p Path>,
    ) -> BoxFuture<'f, Result<ListResult>>
    where
        's: 'f,
        'p: 'f,
    {
        self.inner.list_with_delimiter(prefix)
    }

    fn copy_opts<'s, 'a, 'b, 'f>(
        &'s self,
        from: &'a Path,
        to: &'b Path,
        options: CopyOptions,
    ) -> BoxFuture<'f, Result<()>>
    where
        's: 'f,
        'a: 'f,
        'b: 'f,
    {
        self.inner.copy_opts(from, to, options)
    }
}

/// Two machines with one state, and what it is kept in. Their clocks move with tokio's.
pub(super) fn pair() -> (RemoteStore, RemoteStore, Arc<Shaky>) {
    let shared = Arc::new(Shaky::default());
    let clock = clock();
    let open = || {
        let store = Arc::clone(&shared) as Arc<dyn ObjectStore>;
        let folder = Path::from("acme/production");
        RemoteStore::over(store, folder, "memory://acme/production/").at_the_time(Arc::clone(&clock))
    };
    (open(), open(), shared)
}

fn clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || {
        let passed = SignedDuration::try_from(start.elapsed()).unwrap();
        "2026-11-21T00:00:00Z".parse::<Timestamp>().unwrap() + passed
    })
}

pub(super) fn info(owner: &str) -> LockInfo {
    LockInfo {
        owner: owner.to_owned(),
        pid: 1,
        purpose: "apply".to_owned(),
        since: "2026-11-21T00:00:00Z".to_owned(),
    }
}

pub(super) fn entry(serial: u64) -> Entry {
    Entry {
        serial,
        op: Op::Remove {
            address: Address::survey("s"),
        },
    }
}
