//! Where a state is kept in an object store: the program's own, over objects in memory whose writes fail, lose their
//! answers, arrive when their sender has given up, arrive twice, and are the last thing that a process does. And whose objects
//! are cut off, lost or copied by tools that mean well.

use super::random::Random;
use super::sim::{Sim, lock};
use super::store::Durable;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, TryStreamExt as _};
use infield::state::RemoteStore;
use infield::state::store::Store as _;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::fmt;
use std::sync::{Arc, Mutex};

/// The state in these objects.
pub(crate) fn open(objects: Arc<dyn ObjectStore>) -> RemoteStore {
    RemoteStore::over(objects, Path::from("state"), "memory://state")
}

/// Objects on their way, whose senders have given up.
#[derive(Default)]
pub(crate) struct Late {
    sent: Mutex<Vec<(Path, PutPayload, PutOptions)>>,
    chance: Mutex<Random>,
}

impl Late {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            sent: Mutex::default(),
            chance: Mutex::new(Random::apart(seed.rotate_left(32))),
        }
    }

    fn percent(&self, chance: u64) -> bool {
        lock(&self.chance).percent(chance)
    }
}

/// What was done to an object, so that it can be undone.
pub(crate) struct Spoiled {
    at: Path,
    /// What was there.
    before: Option<PutPayload>,
    /// What somebody did.
    pub(crate) what: String,
}

/// What somebody makes of an object; nothing where it is gone.
type Change = fn(Vec<u8>) -> Option<Vec<u8>>;

fn cut(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    bytes.truncate(bytes.len() / 2);
    Some(bytes)
}

fn newer(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let text = String::from_utf8(bytes).expect("a document is text");
    Some(
        text.replacen("infield.state/2", "infield.state/9", 1)
            .into_bytes(),
    )
}

/// What nobody waits for, because it is in memory.
fn now<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("nothing is waited for in memory")
}

impl Spoiled {
    /// Cuts a segment of a log off, loses it or copies it behind the last one; loses the document, or has it from a newer
    /// program. `None` where that spoils nothing that anybody reads.
    pub(crate) fn some(inner: &Arc<InMemory>, chance: &mut Random) -> Option<Self> {
        let mut listed: Vec<ObjectMeta> =
            now(inner.list(Some(&Path::from("state/log"))).try_collect()).expect("a list in memory");
        listed.sort_by(|one, other| one.location.cmp(&other.location));
        let last = listed.last()?.location.clone();
        let any = chance.pick(&listed).location.clone();
        let read = |at: &Path| -> PutPayload {
            now(async { inner.get(at).await?.bytes().await })
                .expect("it is there")
                .into()
        };
        let document = || Path::from("state/state.json");
        let (at, after, what): (_, Change, _) = match chance.between(0, 5) {
            0 => (any, cut, "is cut off"),
            1 => (last, cut, "is cut off"),
            2 => (any, |_| None, "is lost"),
            3 => (document(), |_| None, "is lost"),
            4 => (document(), newer, "is from a newer program"),
            _ => {
                let number: u64 = last.filename()?.strip_suffix(".json")?.parse().ok()?;
                let next = last
                    .as_ref()
                    .replace(last.filename()?, &format!("{:08}.json", number + 1));
                let copy = Self {
                    what: format!("{last} is there twice"),
                    before: None,
                    at: Path::from(next),
                };
                copy.put(inner, Some(read(&last)));
                return copy.or_not(inner);
            }
        };
        let before = read(&at);
        let spoiled = Self {
            what: format!("{at} {what}"),
            before: Some(before.clone()),
            at,
        };
        spoiled.put(
            inner,
            after(before.iter().flatten().copied().collect()).map(PutPayload::from),
        );
        spoiled.or_not(inner)
    }

    /// A segment that is the last of its log, or of one that was folded, is missed by nobody.
    fn or_not(self, inner: &Arc<InMemory>) -> Option<Self> {
        if now(open(Arc::clone(inner) as Arc<dyn ObjectStore>).load()).is_ok() {
            self.undo(inner);
            return None;
        }
        Some(self)
    }

    pub(crate) fn undo(&self, inner: &Arc<InMemory>) {
        self.put(inner, self.before.clone());
    }

    fn put(&self, inner: &Arc<InMemory>, payload: Option<PutPayload>) {
        let done = match payload {
            Some(payload) => now(inner.put(&self.at, payload)).map(drop),
            None => now(inner.delete(&self.at)),
        };
        done.expect("memory takes what it is given");
    }
}

/// One process's way to the objects.
pub(crate) struct Objects {
    sim: Arc<Sim>,
    durable: Arc<Durable>,
    inner: Arc<InMemory>,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the objects of a simulation")
    }
}

impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

fn failed() -> Error {
    Error::Generic {
        store: "simulation",
        source: "connection reset".into(),
    }
}

impl Objects {
    /// The way to a state that is kept in an object store.
    pub(crate) fn of(sim: &Arc<Sim>, durable: &Arc<Durable>) -> Option<Self> {
        durable.objects().map(|inner| Self {
            sim: Arc::clone(sim),
            durable: Arc::clone(durable),
            inner: Arc::clone(inner),
        })
    }

    async fn put(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.sim.boundary("before an object is stored").await;
        self.late_ones_arrive(50).await;
        let fails = {
            let writes = self.sim.weather().writes;
            self.sim.random().percent(writes)
        };
        if fails && self.sim.random().percent(50) {
            let comes = self.durable.late.percent(40);
            let yet = if comes { " yet" } else { "" };
            self.sim.tell(format!("{location} is not stored{yet}"));
            if comes {
                lock(&self.durable.late.sent).push((location.clone(), payload, options));
            }
            return Err(failed());
        }
        let put = self
            .store(location, payload.clone(), options.clone(), "stored")
            .await?;
        self.sim.boundary("after an object is stored").await;
        if fails && self.durable.late.percent(50) {
            self.sim.tell(format!("{location} is sent twice"));
            self.sim.count(|count| count.doubled_objects += 1);
            return self.store(location, payload, options, "stored again").await;
        }
        match fails {
            true => Err(failed()),
            false => Ok(put),
        }
    }

    /// What was sent and given up arrives, so often in a hundred, before the next object.
    pub(crate) async fn late_ones_arrive(&self, chance: u64) {
        let sent = std::mem::take(&mut *lock(&self.durable.late.sent));
        for (location, payload, options) in sent {
            if self.durable.late.percent(chance) {
                self.sim.count(|count| count.late_objects += 1);
                // Where its place is taken by now, it is refused, and there is nobody to hear it.
                let _ = self.store(&location, payload, options, "stored late").await;
            } else {
                lock(&self.durable.late.sent).push((location, payload, options));
            }
        }
    }

    async fn store(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
        how: &str,
    ) -> Result<PutResult> {
        let before = self.durable.document();
        let put = self.inner.put_opts(location, payload, options).await?;
        self.sim.tell(format!("{location} is {how}"));
        if let Some(next) = self
            .durable
            .document()
            .filter(|next| before.as_ref() != Some(next))
            && let Some(what) = self.sim.checker().state_changed(before.as_ref(), &next)
        {
            self.sim.fail(what);
        }
        Ok(put)
    }
}

impl ObjectStore for Objects {
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
        self.inner.get_opts(location, options)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
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
