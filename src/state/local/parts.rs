//! Parts in folders below `history`, beside `state.json`.

use super::{LocalStore, read_file};
use crate::state::parts::{Part, Parts, PartsError};
use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::BoxFuture;
use std::fs;
use std::io::{self, ErrorKind, Write as _};

/// What a part begins with while it is written.
const UNFINISHED: &str = ".";

fn fail<'a>(path: &'a Utf8Path, doing: &'static str) -> impl Fn(io::Error) -> PartsError + 'a {
    move |error| PartsError {
        place: path.to_string(),
        doing,
        problem: error.to_string(),
    }
}

/// What is not there is nothing.
fn found<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn list(folder: &Utf8Path) -> io::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for entry in found(folder.read_dir_utf8())?.into_iter().flatten() {
        let entry = entry?;
        let name = entry.file_name().to_owned();
        if let Some(meta) = found(entry.metadata())?
            && meta.is_file()
            && !name.starts_with(UNFINISHED)
        {
            let size = meta.len();
            parts.push(Part { name, size });
        }
    }
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(parts)
}

/// The file is for its owner, as temporary ones are.
fn add(folder: &Utf8Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_data()?;
    file.persist_noclobber(folder.join(name))?;
    Ok(())
}

/// Runs file work where it does not hold up the network.
fn blocking<T: Send + 'static>(
    path: Utf8PathBuf,
    doing: &'static str,
    work: impl FnOnce(&Utf8Path) -> io::Result<T> + Send + 'static,
) -> BoxFuture<'static, Result<T, PartsError>> {
    Box::pin(async move {
        let at = path.clone();
        let done = tokio::task::spawn_blocking(move || work(&at)).await;
        done.unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(fail(&path, doing))
    })
}

impl LocalStore {
    fn parts(&self, folder: &str) -> Utf8PathBuf {
        self.folder.join("history").join(folder)
    }
}

impl Parts for LocalStore {
    fn list<'a>(&'a self, folder: &'a str) -> BoxFuture<'a, Result<Vec<Part>, PartsError>> {
        blocking(self.parts(folder), "read", list)
    }

    fn read<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<u8>>, PartsError>> {
        blocking(self.parts(folder).join(name), "read", |path| {
            found(read_file(path))
        })
    }

    fn add<'a>(
        &'a self,
        folder: &'a str,
        name: &'a str,
        bytes: &'a [u8],
    ) -> BoxFuture<'a, Result<(), PartsError>> {
        let (name, bytes) = (name.to_owned(), bytes.to_vec());
        blocking(self.parts(folder), "written", move |folder| {
            add(folder, &name, &bytes)
        })
    }

    fn remove<'a>(&'a self, folder: &'a str, names: &'a [String]) -> BoxFuture<'a, Result<(), PartsError>> {
        let names = names.to_vec();
        blocking(self.parts(folder), "removed", move |folder| {
            names
                .iter()
                .try_for_each(|name| found(fs::remove_file(folder.join(name))).map(drop))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, LocalStore) {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
        (folder, LocalStore::new(path))
    }

    #[tokio::test]
    async fn a_part_is_listed_and_read_and_nobody_writes_over_it() {
        let (_folder, store) = store();
        assert_eq!(store.list("looks").await.unwrap(), []);
        assert_eq!(Parts::read(&store, "looks", "a").await.unwrap(), None);
        store.add("looks", "b", b"two").await.unwrap();
        store.add("looks", "a", b"one").await.unwrap();
        store.add("runs", "c", b"three").await.unwrap();
        fs::write(store.parts("looks").join(".unfinished"), "x").unwrap();
        fs::create_dir(store.parts("looks").join("folder")).unwrap();
        let part = |name: &str| Part {
            name: name.to_owned(),
            size: 3,
        };
        assert_eq!(store.list("looks").await.unwrap(), [part("a"), part("b")]);
        let error = store.add("looks", "a", b"other").await.unwrap_err();
        assert_eq!(error.doing, "written");
        let read = Parts::read(&store, "looks", "a").await.unwrap();
        assert_eq!(read.as_deref(), Some(&b"one"[..]));
        let names = ["a".to_owned(), "gone".to_owned()];
        store.remove("looks", &names).await.unwrap();
        assert_eq!(store.list("looks").await.unwrap(), [part("b")]);
        // Nothing of it counts as a state.
        assert_eq!(crate::state::Store::load(&store).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_cannot_be_done_is_told_with_its_place() {
        let (_folder, store) = store();
        fs::write(store.folder.join("history"), "no folder").unwrap();
        let error = store.add("looks", "a", b"one").await.unwrap_err();
        assert_eq!(
            (error.doing, error.place),
            ("written", store.parts("looks").to_string())
        );
        let error = store.list("looks").await.unwrap_err();
        assert_eq!(error.doing, "read");
        let error = Parts::read(&store, "looks", "a").await.unwrap_err();
        assert!(
            error.to_string().starts_with(store.parts("looks/a").as_str())
                && error.to_string().contains(" cannot be read: "),
            "{error}"
        );
        let error = store.remove("looks", &["a".to_owned()]).await.unwrap_err();
        assert_eq!(error.doing, "removed");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_may_read_a_part() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, store) = store();
        store.add("looks", "a", b"one").await.unwrap();
        let meta = fs::metadata(store.parts("looks").join("a")).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    }
}
