//! Ledgers in a folder beside `state.json`: one file of lines each, appended and synced.

use super::{LocalStore, blocking, private, sync_folder};
use crate::state::ledger::Ledgers;
use crate::state::store::StateError;
use camino::Utf8PathBuf;
use futures_util::future::BoxFuture;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};

impl LocalStore {
    /// The folder of the ledgers.
    pub(super) fn ledgers(&self) -> Utf8PathBuf {
        self.folder.join("reconciled")
    }

    fn ledger(&self, name: &str) -> Utf8PathBuf {
        self.ledgers().join(format!("{name}.jsonl"))
    }

    fn append_lines(&self, name: &str, lines: &[u8]) -> Result<(), StateError> {
        let path = self.ledger(name);
        let fail = Self::io(&path, "written");
        let folder = path.parent().unwrap_or(&self.folder);
        if !folder.exists() {
            fs::create_dir_all(folder).map_err(&fail)?;
            let above = folder.parent().unwrap_or(&self.folder);
            sync_folder(above).map_err(&fail)?;
            sync_folder(&self.folder).map_err(&fail)?;
        }
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        let mut file = private(&mut options).open(&path).map_err(&fail)?;
        // A torn line of an earlier crash is ended, so that it does not swallow the next one.
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last).map_err(&fail)?;
        }
        if last != [b'\n'] {
            file.write_all(b"\n").map_err(&fail)?;
        }
        file.write_all(lines)
            .and_then(|()| file.sync_data())
            .map_err(&fail)?;
        if is_new {
            sync_folder(folder).map_err(&fail)?;
        }
        Ok(())
    }
}

impl Ledgers for LocalStore {
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<u8>, StateError>> {
        let path = self.ledger(name);
        Box::pin(blocking(self.clone(), move |_| match super::read_file(&path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(Self::io(&path, "read")(error)),
        }))
    }

    fn append<'a>(&'a self, name: &'a str, lines: &'a [u8]) -> BoxFuture<'a, Result<(), StateError>> {
        let (name, lines) = (name.to_owned(), lines.to_owned());
        Box::pin(blocking(self.clone(), move |store| {
            store.append_lines(&name, &lines)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_torn_line_does_not_swallow_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap());
        assert_eq!(store.read("l/a").await.unwrap(), b"");
        store.append("l/a", b"one\n").await.unwrap();
        fs::write(store.ledger("l/a"), "one\ntw").unwrap();
        store.append("l/a", b"three\n").await.unwrap();
        assert_eq!(store.read("l/a").await.unwrap(), b"one\ntw\nthree\n");
    }
    #[tokio::test]
    async fn ledgers_are_kept_apart_and_one_that_cannot_be_read_is_no_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap());
        store.append("l/a", b"one\n").await.unwrap();
        store.append("l/b", b"two\n").await.unwrap();
        store.append("m/a", b"three\n").await.unwrap();
        assert_eq!(store.read("l/a").await.unwrap(), b"one\n");
        assert_eq!(store.read("l/b").await.unwrap(), b"two\n");
        fs::create_dir_all(store.ledger("l/c")).unwrap();
        for (error, doing) in [
            (store.read("l/c").await.unwrap_err(), "read"),
            (store.append("l/c", b"x\n").await.unwrap_err(), "written"),
        ] {
            assert!(
                matches!(&error, StateError::Io { place, doing: told, .. }
                    if *told == doing && *place == store.ledger("l/c")),
                "{error}"
            );
        }
    }
}
