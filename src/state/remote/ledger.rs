//! Ledgers in an object store: each append is an object of its own, so that a long ledger is never written anew.

use super::{LEDGERS, RemoteStore};
use crate::state::ledger::Ledgers;
use crate::state::store::StateError;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _, PutPayload};

/// Parts of a ledger fetched at once.
const AT_ONCE: usize = 8;

impl RemoteStore {
    fn ledger(&self, name: &str) -> Path {
        self.object(&format!("{LEDGERS}/{name}"))
    }
}

impl Ledgers for RemoteStore {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<u8>, StateError>> {
        Box::pin(async move {
            let folder = self.ledger(name);
            let listed = self.store.list(Some(&folder)).try_collect::<Vec<_>>().await;
            let mut parts: Vec<Path> = listed
                .map_err(|error| self.io("read", &error))?
                .into_iter()
                .map(|object| object.location)
                .collect();
            // Names ascend with the time they were written.
            parts.sort();
            let mut bytes = Vec::new();
            let mut fetched = futures_util::stream::iter(parts)
                .map(|part| async move { self.store.get(&part).await?.bytes().await })
                .buffered(AT_ONCE);
            while let Some(part) = fetched.next().await {
                bytes.extend_from_slice(&part.map_err(|error| self.io("read", &error))?);
            }
            Ok(bytes)
        })
    }

    fn append<'a>(&'a self, name: &'a str, lines: &'a [u8]) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            let part = format!("{}.jsonl", uuid::Uuid::now_v7());
            let place = self.ledger(name).join(part);
            let put = self.store.put(&place, PutPayload::from(lines.to_vec())).await;
            put.map(drop).map_err(|error| self.io("written", &error))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Put, pair};
    use super::*;

    #[tokio::test]
    async fn parts_are_read_in_the_order_they_were_written() {
        let (store, _, _) = pair();
        assert_eq!(Ledgers::read(&store, "l/purespectrum-1").await.unwrap(), b"");
        for line in ["one\n", "two\n", "three\n"] {
            store.append("l/purespectrum-1", line.as_bytes()).await.unwrap();
        }
        store.append("l/purespectrum-10", b"other\n").await.unwrap();
        assert_eq!(
            Ledgers::read(&store, "l/purespectrum-1").await.unwrap(),
            b"one\ntwo\nthree\n"
        );
        assert_eq!(
            store.ledger("l/purespectrum-1"),
            Path::from("acme/production/reconciled/l/purespectrum-1")
        );
    }

    #[tokio::test]
    async fn a_ledger_that_cannot_be_read_to_its_end_is_not_read() {
        let (store, _, shaky) = pair();
        store.append("l/a", b"one\n").await.unwrap();
        store.append("l/a", b"two\n").await.unwrap();
        // The list, then one part, then the other.
        for reads in [vec![false], vec![true, false], vec![true, true, false]] {
            *shaky.reads.lock().unwrap() = reads.into();
            let error = Ledgers::read(&store, "l/a").await.unwrap_err();
            assert!(matches!(error, StateError::Io { doing: "read", .. }), "{error}");
        }
        shaky.puts.lock().unwrap().push_back(Put::Fails);
        let error = store.append("l/a", b"three\n").await.unwrap_err();
        assert!(
            matches!(error, StateError::Io { doing: "written", .. }),
            "{error}"
        );
        assert_eq!(Ledgers::read(&store, "l/a").await.unwrap(), b"one\ntwo\n");
    }
}
