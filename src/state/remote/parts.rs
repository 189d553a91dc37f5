//! Parts in an object store: an object each, made on condition that there is none of its name.

use super::RemoteStore;
use crate::state::parts::{Part, Parts, PartsError};
use crate::state::store::{MAX_BYTES, StateError, TOO_LARGE};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{Error as ObjectError, ObjectStore as _, ObjectStoreExt as _};

/// The folder of the parts' folders.
const HISTORY: &str = "history";

impl RemoteStore {
    fn parts_error(&self, name: &str, doing: &'static str, problem: &dyn std::fmt::Display) -> PartsError {
        PartsError {
            place: format!("{}/{HISTORY}/{name}", self.url),
            doing,
            problem: problem.to_string(),
        }
    }
}

impl Parts for RemoteStore {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Part>, PartsError>> {
        Box::pin(async move {
            let path = self.object(&format!("{HISTORY}/{folder}"));
            let listed = self.store.list(Some(&path)).try_collect::<Vec<_>>().await;
            let listed = listed.map_err(|error| self.parts_error(folder, "read", &error))?;
            let part = |meta: object_store::ObjectMeta| {
                let name = meta.location.filename()?.to_owned();
                Some(Part {
                    name,
                    size: meta.size,
                })
            };
            let mut parts: Vec<Part> = listed.into_iter().filter_map(part).collect();
            parts.sort_by(|one, other| one.name.cmp(&other.name));
            Ok(parts)
        })
    }

    fn read<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, PartsError>> {
        Box::pin(async move {
            let name = format!("{folder}/{name}");
            let fail = |problem: &dyn std::fmt::Display| self.parts_error(&name, "read", problem);
            let found = match self.store.get(&self.object(&format!("{HISTORY}/{name}"))).await {
                Ok(found) => found,
                Err(ObjectError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(fail(&error)),
            };
            if found.meta.size > MAX_BYTES {
                return Err(fail(&TOO_LARGE));
            }
            let bytes = found.bytes().await.map_err(|error| fail(&error))?;
            Ok(Some(bytes.to_vec()))
        })
    }

    fn add<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
        bytes: &'a [u8],
    ) -> BoxFuture<'a, Result<(), PartsError>> {
        Box::pin(async move {
            let name = format!("{folder}/{name}");
            let written = self.write(&format!("{HISTORY}/{name}"), bytes, None).await;
            written.map(drop).map_err(|error| match error {
                StateError::Io { problem, .. } => self.parts_error(&name, "written", &problem),
                error => self.parts_error(&name, "written", &error),
            })
        })
    }

    fn remove<'a>(&'a self, folder: &'a str, names: &'a [String]) -> BoxFuture<'a, Result<(), PartsError>> {
        Box::pin(async move {
            let folder = format!("{HISTORY}/{folder}");
            let paths: Vec<_> = names
                .iter()
                .map(|name| Ok(self.object(&format!("{folder}/{name}"))))
                .collect();
            let paths = futures_util::stream::iter(paths).boxed();
            let mut removed = self.store.delete_stream(paths);
            while let Some(one) = removed.next().await {
                match one {
                    Ok(_) | Err(ObjectError::NotFound { .. }) => {}
                    Err(error) => return Err(self.parts_error(&folder, "removed", &error)),
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Put, pair};
    use super::*;
    use crate::state::Store as _;

    fn part(name: &str, size: u64) -> Part {
        Part {
            name: name.to_owned(),
            size,
        }
    }

    #[tokio::test]
    async fn what_one_machine_adds_another_reads_and_nobody_writes_over_it() {
        let (one, other, _) = pair();
        assert_eq!(other.list("looks").await.unwrap(), []);
        one.add("looks", "b", b"two").await.unwrap();
        one.add("looks", "a", b"first").await.unwrap();
        one.add("runs", "c", b"three").await.unwrap();
        assert_eq!(other.list("looks").await.unwrap(), [part("a", 5), part("b", 3)]);
        let error = other.add("looks", "a", b"other").await.unwrap_err();
        assert_eq!(error.doing, "written");
        let read = async |name: &str| Parts::read(&other, "looks", name).await.unwrap();
        assert_eq!(read("a").await.as_deref(), Some(&b"first"[..]));
        assert_eq!(read("gone").await, None);
        let names = ["a".to_owned(), "gone".to_owned()];
        other.remove("looks", &names).await.unwrap();
        assert_eq!(one.list("looks").await.unwrap(), [part("b", 3)]);
        // Nothing of it counts as a state.
        assert_eq!(one.load().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_lost_answer_is_no_failure_and_what_fails_is_told_with_its_place() {
        let (one, _, shaky) = pair();
        shaky.puts.lock().unwrap().push_back(Put::LosesAnswer);
        one.add("runs", "a", b"one").await.unwrap();
        shaky.puts.lock().unwrap().push_back(Put::Fails);
        let error = one.add("runs", "b", b"two").await.unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with("memory://acme/production/history/runs/b cannot be written: ")
                && told.contains("connection reset")
                && !told.contains("the state"),
            "{told}"
        );
        *shaky.reads.lock().unwrap() = vec![false, false].into();
        assert_eq!(one.list("runs").await.unwrap_err().doing, "read");
        assert_eq!(Parts::read(&one, "runs", "a").await.unwrap_err().doing, "read");
        *shaky.removal.lock().unwrap() = Some(ObjectError::Generic {
            store: "shaky",
            source: "no".into(),
        });
        let names = ["a".to_owned()];
        assert_eq!(one.remove("runs", &names).await.unwrap_err().doing, "removed");
    }
}
