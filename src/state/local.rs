//! A state in a folder: `state.json`, a journal of operations beside it, the previous document, and a lock.
//!
//! A commit appends lines to the journal and syncs it; that costs the same for ten surveys and for ten thousand. At the
//! end of an apply the journal is folded into a new `state.json`, written beside, synced and renamed.

mod ledger;
mod parts;
mod stops;

use super::document::{Document, DocumentError};
use super::store::{ChangeStops, Entry, Lock, LockInfo, MAX_BYTES, StateError, Store, TOO_LARGE};
use crate::model::Stops;
use crate::text::hex;
use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Seek, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A state in a folder.
#[derive(Debug, Clone)]
pub struct LocalStore {
    folder: Utf8PathBuf,
    appending: Arc<Mutex<Appending>>,
}

/// What is known about the end of the journal.
#[derive(Debug, Default)]
struct Appending {
    /// The end was looked at since this store was opened, and a torn line of an earlier crash cut off.
    mended: bool,
    /// A failed append could not be undone: nothing may be appended behind a torn line.
    poisoned: bool,
}

/// A file that lines are added to; tests hand in one that fails.
trait Tail: Write {
    fn sync(&self) -> io::Result<()>;
    fn cut(&self, length: u64) -> io::Result<()>;
}

impl Tail for File {
    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

impl Appending {
    /// Adds text behind the first `start` bytes of a file, all of it or none.
    fn add(&mut self, file: &mut impl Tail, start: u64, text: &[u8]) -> io::Result<()> {
        let added = file.write_all(text).and_then(|()| file.sync());
        if added.is_err() {
            self.poisoned = file.cut(start).and_then(|()| file.sync()).is_err();
        }
        added
    }
}

/// One line of the journal.
#[derive(Serialize, Deserialize)]
struct Line {
    entry: Entry,
    sum: String,
}

fn checksum(entry: &Entry) -> String {
    let bytes = serde_json::to_vec(entry).expect("an entry consists of plain data");
    hex::sha256(bytes, 8)
}

impl LocalStore {
    /// A state in this folder, which need not exist yet.
    pub fn new(folder: impl Into<Utf8PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            appending: Arc::default(),
        }
    }

    fn document(&self) -> Utf8PathBuf {
        self.folder.join("state.json")
    }

    fn previous(&self) -> Utf8PathBuf {
        self.folder.join("state.previous.json")
    }

    fn journal(&self) -> Utf8PathBuf {
        self.folder.join("journal.jsonl")
    }

    fn lock_file(&self) -> Utf8PathBuf {
        self.folder.join("lock")
    }

    fn io<'a>(path: &'a Utf8Path, doing: &'static str) -> impl Fn(io::Error) -> StateError + 'a {
        move |error| StateError::Io {
            place: path.to_string(),
            doing,
            problem: error.to_string(),
        }
    }

    fn damaged(&self, path: &Utf8Path, problem: impl Into<String>) -> StateError {
        let copy = self.previous();
        let good = read_file(&copy)
            .ok()
            .is_some_and(|bytes| Document::parse(&bytes).is_ok());
        StateError::Damaged {
            place: path.to_string(),
            problem: problem.into(),
            good_copy: good.then(|| copy.to_string()),
        }
    }

    fn load_now(&self) -> Result<Option<Document>, StateError> {
        let path = self.document();
        let bytes = match read_file(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(Self::io(&path, "read")(error)),
        };
        let journal_path = self.journal();
        let journal = match read_file(&journal_path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(Self::io(&journal_path, "read")(error)),
        };
        let Some(bytes) = bytes else {
            // An empty start is only believed when there is no trace of an earlier one. A journal is made after the first
            // document, and stays when it is folded into one.
            let traces = [journal_path, self.previous(), self.mark(), self.ledgers()];
            if let Some(trace) = traces.iter().find(|trace| trace.exists()) {
                let problem = format!("it is missing although there was one: {trace} is there");
                return Err(self.damaged(&path, problem));
            }
            return Ok(None);
        };
        let stops = self.stops_now()?;
        let mut document = Document::parse(&bytes).map_err(|error| match error {
            DocumentError::Damaged(problem) => self.damaged(&path, problem),
            other => StateError::Unusable {
                place: path.to_string(),
                problem: other.to_string(),
            },
        })?;
        for entry in self.journal_entries(&journal)? {
            if entry.serial <= document.serial {
                continue; // folded into the document already
            }
            if entry.serial != document.serial + 1 {
                return Err(self.damaged(
                    &journal_path,
                    format!("operation {} follows operation {}", entry.serial, document.serial),
                ));
            }
            document.apply(&entry.op);
        }
        document.stops = stops;
        Ok(Some(document))
    }

    /// The journal's entries. A torn last line is what a crash in the middle of a write leaves: it was never confirmed
    /// to anybody and is dropped. Anything else that does not add up is damage.
    fn journal_entries(&self, bytes: &[u8]) -> Result<Vec<Entry>, StateError> {
        let mut entries = Vec::new();
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            if !line.ends_with(b"\n") {
                break; // only the last line can be without its end
            }
            let parsed = serde_json::from_slice::<Line>(line)
                .map_err(|error| error.to_string())
                .and_then(|line| match checksum(&line.entry) == line.sum {
                    true => Ok(line.entry),
                    false => Err("its checksum does not match".to_owned()),
                });
            let entry = parsed
                .map_err(|problem| self.damaged(&self.journal(), format!("line {}: {problem}", index + 1)))?;
            entries.push(entry);
        }
        Ok(entries)
    }

    fn append_now(&self, entries: &[Entry]) -> Result<(), StateError> {
        let path = self.journal();
        let mut appending = self
            .appending
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if appending.poisoned {
            return Err(StateError::Io {
                place: path.to_string(),
                doing: "written",
                problem: "an earlier write failed half-way".to_owned(),
            });
        }
        let mut text = Vec::new();
        for entry in entries {
            let line = Line {
                entry: entry.clone(),
                sum: checksum(entry),
            };
            serde_json::to_writer(&mut text, &line).expect("an entry consists of plain data");
            text.push(b'\n');
        }
        let fail = Self::io(&path, "written");
        let mut options = OpenOptions::new();
        options.create(true);
        let mut file = adding(private(&mut options)).open(&path).map_err(&fail)?;
        if !appending.mended {
            let bytes = read_file(&path).map_err(&fail)?;
            let whole = bytes
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |index| index + 1);
            file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))
                .map_err(&fail)?;
            sync_folder(&self.folder).map_err(&fail)?;
            appending.mended = true;
        }
        let start = file.seek(io::SeekFrom::End(0)).map_err(&fail)?;
        appending.add(&mut file, start, &text).map_err(&fail)
    }

    fn checkpoint_now(&self, document: &Document) -> Result<(), StateError> {
        let path = self.document();
        let fail = Self::io(&path, "written");
        fs::create_dir_all(&self.folder).map_err(&fail)?;
        let mut file = tempfile::Builder::new()
            .prefix(".state")
            .tempfile_in(&self.folder)
            .map_err(&fail)?;
        file.write_all(&document.to_bytes()).map_err(&fail)?;
        file.as_file().sync_all().map_err(&fail)?;
        if path.exists() {
            let copy = tempfile::Builder::new()
                .prefix(".previous")
                .tempfile_in(&self.folder)
                .map_err(&fail)?;
            fs::copy(&path, copy.path()).map_err(&fail)?;
            copy.as_file().sync_all().map_err(&fail)?;
            copy.persist(self.previous()).map_err(|error| fail(error.error))?;
        }
        file.persist(&path).map_err(|error| fail(error.error))?;
        sync_folder(&self.folder).map_err(&fail)?;
        // From here on the journal holds nothing that the document does not. Emptying it may fail without harm.
        if let Ok(journal) = OpenOptions::new().write(true).open(self.journal())
            && journal.set_len(0).is_ok()
        {
            let _ = journal.sync_data();
        }
        Ok(())
    }

    fn lock_now(&self, info: &LockInfo) -> Result<Box<dyn Lock>, StateError> {
        let path = self.lock_file();
        let fail = Self::io(&path, "locked");
        fs::create_dir_all(&self.folder).map_err(&fail)?;
        regular(&path).map_err(&fail)?;
        let mut options = OpenOptions::new();
        options.create(true).read(true).write(true).truncate(false);
        let mut file = private(&mut options).open(&path).map_err(&fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.locked()),
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let lock = FileLock {
            file: file.try_clone().map_err(&fail)?,
            path: path.clone(),
        };
        // Between opening and locking it somebody may have put another file in its place.
        lock.check(Duration::ZERO)?;
        let text = serde_json::to_vec(info).expect("a lock's text is plain data");
        file.set_len(0)
            .and_then(|()| file.write_all(&text))
            .and_then(|()| file.flush())
            .map_err(&fail)?;
        Ok(Box::new(lock))
    }

    fn locked(&self) -> StateError {
        let holder = read_file(&self.lock_file())
            .ok()
            .and_then(|bytes| serde_json::from_slice::<LockInfo>(&bytes).ok())
            .map_or_else(|| "another process".to_owned(), |info| info.to_string());
        StateError::Locked {
            place: self.folder.to_string(),
            holder,
        }
    }

    /// The operating system frees a lock whose process is gone, so there is nothing to break: either the lock is free,
    /// or its holder is alive.
    fn unlock_now(&self) -> Result<Option<String>, StateError> {
        let path = self.lock_file();
        regular(&path).map_err(Self::io(&path, "locked"))?;
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Self::io(&path, "locked")(error)),
        };
        match file.try_lock() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Err(self.locked()),
            Err(TryLockError::Error(error)) => Err(Self::io(&path, "locked")(error)),
        }
    }
}

/// Refuses what is there and no file: a pipe or a device may never end.
fn regular(path: &Utf8Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(place) if !place.is_file() => Err(io::Error::other("it is not a regular file")),
        _ => Ok(()),
    }
}

/// The bytes of a file that is one, and not larger than any state.
fn read_file(path: &Utf8Path) -> io::Result<Vec<u8>> {
    regular(path)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(io::Error::other(TOO_LARGE)),
        false => Ok(bytes),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Utf8Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows opens no folder as a file. Its file systems keep a journal of names.
#[cfg(not(unix))]
fn sync_folder(_: &Utf8Path) -> io::Result<()> {
    Ok(())
}

/// The options of a file that lines are added to, and cut from where an append failed.
#[cfg(unix)]
fn adding(options: &mut OpenOptions) -> &mut OpenOptions {
    options.append(true)
}

/// Windows lets nobody cut a file that may only be added to. Its end is looked for before every append, below the lock.
#[cfg(not(unix))]
fn adding(options: &mut OpenOptions) -> &mut OpenOptions {
    options.write(true).truncate(false)
}

/// The options of a file that nobody else may read.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

struct FileLock {
    file: File,
    path: Utf8PathBuf,
}

impl FileLock {
    /// Whether the file that is locked is the one that others find at its path. The system keeps the lock for as long as
    /// the file is open, also when its folder was deleted or another one put in its place.
    #[cfg(unix)]
    fn is_in_place(&self) -> io::Result<bool> {
        use std::os::unix::fs::MetadataExt as _;
        let (ours, there) = (self.file.metadata()?, fs::metadata(&self.path)?);
        Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
    }

    /// The same where open files cannot be moved or deleted.
    #[cfg(not(unix))]
    fn is_in_place(&self) -> io::Result<bool> {
        fs::metadata(&self.path).map(|_| true)
    }
}

impl Lock for FileLock {
    fn check(&self, _lasting: Duration) -> Result<(), StateError> {
        match self.is_in_place() {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(StateError::Locked {
                place: self.path.to_string(),
                holder: "nobody: the folder of the state was deleted or replaced meanwhile".to_owned(),
            }),
        }
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        let _ = self.file.unlock();
        Box::pin(async {})
    }
}

/// Runs file work where it does not hold up the network.
async fn blocking<T: Send + 'static>(
    store: LocalStore,
    work: impl FnOnce(&LocalStore) -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    let place = store.folder.to_string();
    tokio::task::spawn_blocking(move || work(&store))
        .await
        .unwrap_or_else(|error| {
            Err(StateError::Io {
                place,
                doing: "written",
                problem: error.to_string(),
            })
        })
}

impl Store for LocalStore {
    fn place(&self) -> String {
        self.document().to_string()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        Box::pin(blocking(self.clone(), Self::load_now))
    }

    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        _before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        let entries = entries.to_vec();
        Box::pin(blocking(self.clone(), move |store| store.append_now(&entries)))
    }

    fn checkpoint<'a>(&'a self, document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        let document = document.clone();
        Box::pin(blocking(self.clone(), move |store| {
            store.checkpoint_now(&document)
        }))
    }

    fn lock<'a>(&'a self, info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        let info = info.clone();
        Box::pin(blocking(self.clone(), move |store| store.lock_now(&info)))
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        Box::pin(blocking(self.clone(), Self::unlock_now))
    }

    fn stops(&self) -> BoxFuture<'_, Result<Stops, StateError>> {
        Box::pin(blocking(self.clone(), Self::stops_now))
    }

    fn change_stops<'a>(&'a self, change: &'a ChangeStops<'a>) -> BoxFuture<'a, Result<Stops, StateError>> {
        // A file of a few lines.
        Box::pin(async move { self.change_stops_now(change) })
    }
}

#[cfg(test)]
mod tests;
