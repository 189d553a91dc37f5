//! Where a state is kept in an object store: the program's own, over objects in memory whose writes fail, lose their
//! answers, and are the last thing that a process does.

use super::sim::Sim;
use super::store::Durable;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use infield::state::RemoteStore;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use std::fmt;
use std::sync::Arc;

/// The state in these objects.
pub(crate) fn open(objects: Arc<dyn ObjectStore>) -> RemoteStore {
    RemoteStore::over(objects, Path::from("state"), "memory://state")
}

/// One process's way to the objects.
pub(crate) struct Objects {
    pub(crate) sim: Arc<Sim>,
    pub(crate) durable: Arc<Durable>,
    pub(crate) inner: Arc<InMemory>,
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
    async fn put(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.sim.boundary("before an object is stored").await;
        let fails = {
            let writes = self.sim.weather().writes;
            self.sim.random().percent(writes)
        };
        if fails && self.sim.random().percent(50) {
            self.sim.tell(format!("{location} is not stored"));
            return Err(failed());
        }
        let before = self.durable.document();
        let put = self.inner.put_opts(location, payload, options).await?;
        self.sim.tell(format!("{location} is stored"));
        if let Some(next) = self
            .durable
            .document()
            .filter(|next| before.as_ref() != Some(next))
            && let Some(what) = self.sim.checker().state_changed(before.as_ref(), &next)
        {
            self.sim.fail(what);
        }
        self.sim.boundary("after an object is stored").await;
        match fails {
            true => Err(failed()),
            false => Ok(put),
        }
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
