//! Where a sandbox keeps what its vendors were told: one ordered table of documents.
//!
//! Promises that a write is all or nothing, that it is committed when [`Store::write`] returns, that
//! a write touches only the keys it names, and that one directory belongs to one process at a time.
//! What the keys mean is left to the emulators; by agreement they begin with the vendor's key.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::backends::InMemoryBackend;
use redb::{
    Database, DatabaseError, Durability, ReadOnlyTable, ReadableTable, StorageError, TableDefinition,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const DOCUMENTS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("documents");
const CACHE_BYTES: usize = 128 * 1024 * 1024;

/// Where a store lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// In this process only; gone when the sandbox is dropped.
    Memory,
    /// In a directory, which is created when it does not exist.
    Directory(PathBuf),
}

/// Why a store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the directory.
    #[error("the sandbox store {} is in use by another process", directory.display())]
    InUse {
        /// The directory asked for.
        directory: PathBuf,
    },
    /// The directory or a file in it could not be used.
    #[error("cannot use the sandbox store {}", path.display())]
    Io {
        /// The path that was being used.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The database refused.
    #[error("the sandbox store failed")]
    Database(#[source] Box<redb::Error>),
    /// A document cannot be read back.
    #[error("the sandbox store holds an unreadable document under {key}")]
    Unreadable {
        /// The document's key.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The store was written by another version of the sandbox.
    #[error(
        "the sandbox store has format {found}, this version reads {expected}; empty the directory to go on"
    )]
    Format {
        /// The format found.
        found: String,
        /// The format this version reads.
        expected: String,
    },
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        }
    )*};
}
from_redb!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);

/// An ordered table of documents with transactions; copies share one table.
#[derive(Debug, Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    database: Database,
    durability: Durability,
    writes: AtomicU64,
}

impl Store {
    /// Opens a store, making it when there is none.
    ///
    /// In a directory everything committed survives the end of the process and of power, however sudden, at the price of a
    /// disk flush per write.
    pub fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES);
        let (database, durability) = match location {
            StoreLocation::Memory => {
                let database = builder.create_with_backend(InMemoryBackend::new())?;
                (database, Durability::None)
            }
            StoreLocation::Directory(directory) => {
                std::fs::create_dir_all(directory).map_err(failed_at(directory))?;
                let path = directory.join("sandbox.redb");
                let database = builder.create(&path).map_err(|error| match error {
                    DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
                        directory: directory.clone(),
                    },
                    DatabaseError::Storage(StorageError::Io(error)) => failed_at(&path)(error),
                    error => error.into(),
                });
                (database?, Durability::Immediate)
            }
        };
        let store = Self {
            shared: Arc::new(Shared {
                database,
                durability,
                writes: AtomicU64::new(0),
            }),
        };
        // Makes the table, so that readers of an empty store find one.
        store.write(|_| Ok::<_, StoreError>(()))?;
        Ok(store)
    }

    /// Returns a consistent view of everything committed so far.
    pub fn view(&self) -> Result<View, StoreError> {
        use redb::ReadableDatabase as _;
        let transaction = self.shared.database.begin_read()?;
        Ok(Table(transaction.open_table(DOCUMENTS)?))
    }

    /// How often something was committed since the store was opened: between two equal numbers nothing was.
    pub fn writes(&self) -> u64 {
        self.shared.writes.load(Ordering::SeqCst)
    }

    /// Runs `work` as one transaction: committed when it returns `Ok`, undone when it returns `Err`.
    ///
    /// Transactions run one after the other.
    pub fn write<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Batch<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut transaction = self.shared.database.begin_write().map_err(StoreError::from)?;
        transaction
            .set_durability(self.shared.durability)
            .map_err(StoreError::from)?;
        let table = transaction.open_table(DOCUMENTS).map_err(StoreError::from);
        let result = work(&mut Table(table?));
        match result {
            Ok(value) => {
                transaction.commit().map_err(StoreError::from)?;
                self.shared.writes.fetch_add(1, Ordering::SeqCst);
                Ok(value)
            }
            Err(error) => {
                transaction.abort().map_err(StoreError::from)?;
                Err(error)
            }
        }
    }
}

/// What can be asked of a store, inside a transaction or outside.
pub trait Documents {
    /// Returns the bytes under `key`.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits the documents whose keys begin with `prefix`, in the order of their keys, until
    /// `visit` breaks.
    fn scan(
        &self,
        prefix: &str,
        visit: &mut dyn FnMut(&str, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Returns the JSON document under `key`.
    fn get_json<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        match self.get(key)? {
            None => Ok(None),
            Some(bytes) => decode(key, &bytes).map(Some),
        }
    }

    /// Returns the JSON documents whose keys begin with `prefix`, each behind its key, in their order.
    fn entries<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<(String, T)>, StoreError> {
        let mut found = Vec::new();
        self.scan(prefix, &mut |key, bytes| {
            found.push(decode(key, bytes).map(|value| (key.to_owned(), value)));
            ControlFlow::Continue(())
        })?;
        found.into_iter().collect()
    }

    /// Returns the JSON documents whose keys begin with `prefix`, in the order of their keys.
    fn all<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>, StoreError> {
        let entries = self.entries(prefix)?;
        Ok(entries.into_iter().map(|(_, value)| value).collect())
    }
}

/// Reads a stored JSON document.
pub fn decode<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(unreadable(key))
}

fn unreadable(key: &str) -> impl Fn(serde_json::Error) -> StoreError {
    |source| StoreError::Unreadable {
        key: key.to_owned(),
        source,
    }
}

/// A table that documents are read from.
pub struct Table<T>(T);

/// A consistent view of a store; later writes do not change it.
pub type View = Table<ReadOnlyTable<&'static str, &'static [u8]>>;

/// A transaction that writes.
pub type Batch<'t> = Table<redb::Table<'t, &'static str, &'static [u8]>>;

impl<T: ReadableTable<&'static str, &'static [u8]>> Documents for Table<T> {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key)?.map(|found| found.value().to_vec()))
    }

    fn scan(
        &self,
        prefix: &str,
        visit: &mut dyn FnMut(&str, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        for entry in self.0.range::<&str>(prefix..)? {
            let (key, value) = entry?;
            if !key.value().starts_with(prefix) || visit(key.value(), value.value()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Batch<'_> {
    /// Puts `bytes` under `key`.
    pub fn put(&mut self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.insert(key, bytes)?;
        Ok(())
    }

    /// Puts `value` as JSON under `key`.
    pub fn put_json(&mut self, key: &str, value: &impl Serialize) -> Result<(), StoreError> {
        self.put(key, &serde_json::to_vec(value).map_err(unreadable(key))?)
    }

    /// Takes the next of the numbers counted under `key`, which begin with `first`.
    pub fn take_number(&mut self, key: &str, first: u64) -> Result<u64, StoreError> {
        let number = self.get_json(key)?.unwrap_or(first);
        self.put_json(key, &(number + 1))?;
        Ok(number)
    }

    /// Removes what is under `key`, if anything.
    pub fn delete(&mut self, key: &str) -> Result<(), StoreError> {
        self.0.remove(key)?;
        Ok(())
    }

    /// Removes everything.
    pub fn clear(&mut self) -> Result<(), StoreError> {
        self.0.retain(|_, _| false)?;
        Ok(())
    }
}

fn failed_at(path: &Path) -> impl Fn(io::Error) -> StoreError {
    |source| StoreError::Io {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let store = Store::open(&StoreLocation::Memory).unwrap();
        let before = store.writes();
        let outcome: Result<(), StoreError> = store.write(|batch| {
            batch.put("a/1", b"x")?;
            Err(StoreError::Format {
                found: "a".into(),
                expected: "b".into(),
            })
        });
        assert!(outcome.is_err());
        assert_eq!(store.view().unwrap().get("a/1").unwrap(), None);
        assert_eq!(store.writes(), before);
    }

    #[test]
    fn a_scan_sees_its_prefix_in_order() {
        let store = Store::open(&StoreLocation::Memory).unwrap();
        store
            .write(|batch| {
                for key in ["b/1", "a/2", "a/1", "a0"] {
                    batch.put(key, key.as_bytes())?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let mut seen = Vec::new();
        store
            .view()
            .unwrap()
            .scan("a/", &mut |key, _| {
                seen.push(key.to_owned());
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(seen, ["a/1", "a/2"]);
    }

    #[test]
    fn a_directory_is_kept_and_belongs_to_one() {
        let directory = tempfile::tempdir().unwrap();
        let location = StoreLocation::Directory(directory.path().join("store"));
        let store = Store::open(&location).unwrap();
        store.write(|batch| batch.put("k", b"v")).unwrap();
        assert!(matches!(Store::open(&location), Err(StoreError::InUse { .. })));
        drop(store);
        let again = Store::open(&location).unwrap();
        assert_eq!(again.view().unwrap().get("k").unwrap(), Some(b"v".to_vec()));
    }

    #[test]
    fn what_is_committed_outlives_a_killed_process() {
        let directory = tempfile::tempdir().unwrap();
        let killed = directory.path().join("killed");
        let store = Store::open(&StoreLocation::Directory(killed.clone())).unwrap();
        for key in ["a", "b", "c"] {
            store.write(|batch| batch.put(key, key.as_bytes())).unwrap();
        }
        // The files as they are while the store is open are what a killed process leaves.
        let found = directory.path().join("found");
        std::fs::create_dir(&found).unwrap();
        std::fs::copy(killed.join("sandbox.redb"), found.join("sandbox.redb")).unwrap();
        let again = Store::open(&StoreLocation::Directory(found)).unwrap();
        assert_eq!(again.view().unwrap().get("c").unwrap(), Some(b"c".to_vec()));
    }
}
