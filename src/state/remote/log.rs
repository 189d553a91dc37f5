//! The document in an object store with its log: a commit adds a segment, and what is uploaded grows with what changed.
//!
//! Promises: a segment is written once, under the number after the last one that its writer knows of, so that whoever
//! writes past somebody else finds the number taken. A log is sealed before it is folded: nothing can be added to it any
//! more that the new document does not hold. What is torn, missing or out of order is an error that names it. A fold that
//! is cut off anywhere leaves a state that reads the same. Logs that were folded stay for a while, so that a writer that
//! slept finds its number taken. Where somebody else put another document there, nothing more is added.

use super::last::{Last, Log};
use super::{DOCUMENT, LEDGERS, LOG, PREVIOUS, RemoteStore, stops};
use crate::state::document::{Document, DocumentError};
use crate::state::store::{Entry, MAX_BYTES, StateError, TOO_LARGE};
use crate::text::{hex, packed};
use futures_util::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use object_store::path::Path;
use object_store::{Error as ObjectError, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, PutPayload};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use uuid::Uuid;

/// A log is folded once it is larger than its document and than this: all folds of a long apply together upload no more
/// than a few times what the log holds.
const FOLDED_FROM: u64 = 8 * 1024 * 1024;
/// A log is folded once it has so many segments: each of them is a request when a log that a crash left is read.
const MOST_SEGMENTS: u64 = 4_000;
/// Segments fetched at once.
const AT_ONCE: usize = 16;
/// How many folded logs stay whatever their age.
const KEPT: usize = 4;
/// How long a folded log stays at least.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The operations of one commit. One without any is a seal: nothing follows it.
#[derive(Serialize, Deserialize)]
struct Segment<'a> {
    log: Cow<'a, str>,
    number: u64,
    /// The sum of the segment before, or the log's id.
    after: Cow<'a, str>,
    /// Whoever wrote it, so that no two writers write the same bytes.
    by: Cow<'a, str>,
    entries: Cow<'a, [Entry]>,
}

impl Segment<'_> {
    fn is_seal(&self) -> bool {
        self.entries.is_empty()
    }

    /// The segment as an object: packed, with its sum behind it.
    fn to_bytes(&self) -> (Vec<u8>, String) {
        let plain = serde_json::to_vec(self).expect("a segment consists of plain data");
        let mut bytes = packed::pack(&plain);
        let sum = hex::sha256(&bytes, 16);
        bytes.extend_from_slice(format!("\n{sum}\n").as_bytes());
        (bytes, sum)
    }

    /// The segment with its sum, or what is wrong with the bytes. Those of earlier versions are not packed.
    fn parse(bytes: &[u8]) -> Result<(Self, String), String> {
        let lines = bytes.strip_suffix(b"\n").and_then(|bytes| {
            let end = bytes.iter().rposition(|byte| *byte == b'\n')?;
            Some((&bytes[..end], &bytes[end + 1..]))
        });
        let Some((segment, sum)) = lines.filter(|(_, sum)| sum.len() == 32) else {
            return Err("it is cut off".to_owned());
        };
        let counted = hex::sha256(segment, 16);
        if counted.as_bytes() != sum {
            return Err("its checksum does not match".to_owned());
        }
        let plain = packed::unpack(segment, MAX_BYTES)?;
        let parsed = serde_json::from_slice(&plain).map_err(|error| error.to_string())?;
        Ok((parsed, counted))
    }

    /// Applies it to the document behind which it stands.
    fn apply(&self, log: &Log, document: &mut Document) -> Result<(), String> {
        if log.sealed {
            return Err("it stands behind the end of its log".to_owned());
        }
        if self.log != log.id || self.number != log.next || self.after != log.after {
            return Err("it does not follow the segment before it".to_owned());
        }
        for entry in &*self.entries {
            if entry.serial != document.serial + 1 {
                return Err(format!(
                    "operation {} follows operation {}",
                    entry.serial, document.serial
                ));
            }
            document.apply(&entry.op);
        }
        Ok(())
    }
}

/// When a log began, since 1970; its name says it.
fn began(id: &str) -> Option<Duration> {
    let (second, nanosecond) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    Some(Duration::new(second, nanosecond))
}

/// The name of a segment in its log.
fn segment_name(number: u64) -> String {
    format!("{number:08}.json")
}

impl RemoteStore {
    pub(super) async fn load_now(&self) -> Result<Option<Document>, StateError> {
        let Some((mut document, last)) = self.read_state().await? else {
            *self.last() = Last::default();
            return Ok(None);
        };
        document.stops = self.stops_now().await?.0;
        *self.last() = last;
        Ok(Some(document))
    }

    /// The document with all that its log holds.
    async fn read_state(&self) -> Result<Option<(Document, Last)>, StateError> {
        let Some((bytes, version)) = self.read(DOCUMENT).await? else {
            // An empty start is only believed when there is no trace of an earlier one.
            return match self.trace().await? {
                Some(trace) => {
                    let there = format!("{}/{trace} is there", self.url);
                    Err(self
                        .damaged(format!("it is missing although there was one: {there}"))
                        .await)
                }
                None => Ok(None),
            };
        };
        let (mut document, id) = match Document::parse_beside_log(&bytes) {
            Ok(parsed) => parsed,
            Err(DocumentError::Damaged(problem)) => return Err(self.damaged(problem).await),
            Err(error) => {
                return Err(StateError::Unusable {
                    place: format!("{}/{DOCUMENT}", self.url),
                    problem: error.to_string(),
                });
            }
        };
        let log = match id {
            Some(id) => Some(self.read_log(Log::new(id), &mut document).await?),
            None => None,
        };
        let last = Last {
            version: Some(version),
            size: bytes.len() as u64,
            log,
            copied: false,
        };
        Ok(Some((document, last)))
    }

    /// Applies the segments of a log to its document.
    async fn read_log(&self, mut log: Log, document: &mut Document) -> Result<Log, StateError> {
        let folder = self.log(&log.id);
        let listed = self.store.list(Some(&folder)).try_collect::<Vec<_>>().await;
        let mut parts = listed.map_err(|error| self.io("read", &error))?;
        parts.sort_by(|one, other| one.location.cmp(&other.location));
        for (part, number) in parts.iter().zip(1..) {
            let due = segment_name(number);
            if part.location.filename() != Some(&due) {
                let problem = format!("{folder}/{due} is missing, and {} is there", part.location);
                return Err(self.damaged(problem).await);
            }
        }
        if parts.iter().map(|part| part.size).sum::<u64>() > MAX_BYTES {
            return Err(StateError::Io {
                place: format!("{}/{LOG}", self.url),
                doing: "read",
                problem: TOO_LARGE.to_owned(),
            });
        }
        let mut fetched = futures_util::stream::iter(parts)
            .map(|part| async move {
                self.store
                    .get(&part.location)
                    .await?
                    .bytes()
                    .await
                    .map(|bytes| (part, bytes))
            })
            .buffered(AT_ONCE);
        while let Some(part) = fetched.next().await {
            let (part, bytes) = part.map_err(|error| self.io("read", &error))?;
            let applied = Segment::parse(&bytes).and_then(|(segment, sum)| {
                segment.apply(&log, document)?;
                Ok(log.followed_by(segment.is_seal(), sum, bytes.len()))
            });
            log = match applied {
                Ok(log) => log,
                Err(problem) => return Err(self.damaged(format!("{}: {problem}", part.location)).await),
            };
        }
        Ok(log)
    }

    /// An object that only an earlier state can have left.
    async fn trace(&self) -> Result<Option<&'static str>, StateError> {
        // A stop mark is left only where something is remembered.
        for trace in [PREVIOUS, stops::MARK] {
            if self.read(trace).await?.is_some() {
                return Ok(Some(trace));
            }
        }
        for folder in [LEDGERS, LOG] {
            let first = self.store.list(Some(&self.object(folder))).try_next().await;
            if first.map_err(|error| self.io("read", &error))?.is_some() {
                return Ok(Some(folder));
            }
        }
        Ok(None)
    }

    async fn damaged(&self, problem: String) -> StateError {
        let copy = self.read(PREVIOUS).await.ok().flatten();
        let good = copy.is_some_and(|(bytes, _)| Document::parse(&bytes).is_ok());
        StateError::Damaged {
            place: format!("{}/{DOCUMENT}", self.url),
            problem,
            good_copy: good.then(|| format!("{}/{PREVIOUS}", self.url)),
        }
    }

    /// Adds a segment to the log of the document, which is written first where it has none, or too long a one.
    pub(super) async fn append_now(&self, entries: &[Entry], before: &Document) -> Result<(), StateError> {
        if entries.is_empty() {
            return Ok(());
        }
        let last = self.last().clone();
        if !last.copied && last.version.is_some() {
            self.copy(before).await?;
        }
        let open = last.log.filter(|log| {
            let short = log.bytes <= last.size.max(FOLDED_FROM) && log.next <= MOST_SEGMENTS;
            short && !log.sealed
        });
        let log = match open {
            Some(log) => log,
            None => self.fold(before).await?,
        };
        self.add(&log, entries).await?;
        self.stands().await
    }

    /// Whether the document that the log goes with is the one we know: whoever writes past the lock puts another one there,
    /// and nothing that we add to the log would be read again.
    async fn stands(&self) -> Result<(), StateError> {
        let found = match self.store.head(&self.object(DOCUMENT)).await {
            Ok(found) => Some(found),
            Err(ObjectError::NotFound { .. }) => None,
            Err(error) => return Err(self.io("read", &error)),
        };
        let known = self.last().version.clone();
        let same =
            |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
        let is_ours = |found: ObjectMeta| {
            known
                .is_some_and(|known| same(&known.e_tag, &found.e_tag) && same(&known.version, &found.version))
        };
        match found.is_some_and(is_ours) {
            true => Ok(()),
            false => Err(StateError::Moved {
                place: self.url.clone(),
            }),
        }
    }

    /// Puts a document in the place of the one that is there and of its log.
    pub(super) async fn checkpoint_now(&self, document: &Document) -> Result<(), StateError> {
        let last = self.last().clone();
        if !last.copied
            && last.version.is_some()
            && let Some((before, _)) = self.read_state().await?
        {
            self.copy(&before).await?;
        }
        self.fold(document).await.map(drop)
    }

    /// Keeps the state as it was when this command began, in the format that every version reads.
    async fn copy(&self, before: &Document) -> Result<(), StateError> {
        let payload = PutPayload::from(before.to_bytes());
        let put = self.store.put(&self.object(PREVIOUS), payload).await;
        put.map_err(|error| self.io("written", &error))?;
        self.last().copied = true;
        Ok(())
    }

    /// Adds a segment; one without entries seals the log.
    async fn add(&self, log: &Log, entries: &[Entry]) -> Result<Log, StateError> {
        let segment = Segment {
            log: Cow::Borrowed(&log.id),
            number: log.next,
            after: Cow::Borrowed(&log.after),
            by: Cow::Borrowed(&self.writer),
            entries: Cow::Borrowed(entries),
        };
        let (bytes, sum) = segment.to_bytes();
        let name = format!("{LOG}/{}/{}", log.id, segment_name(log.next));
        self.write(&name, &bytes, None).await?;
        let added = log.followed_by(segment.is_seal(), sum, bytes.len());
        self.last().log = Some(added.clone());
        Ok(added)
    }

    /// Seals the log and writes the document anew, with an empty log. What somebody else added meanwhile is in the seal's
    /// place, and then nothing is written.
    async fn fold(&self, document: &Document) -> Result<Log, StateError> {
        let last = self.last().clone();
        let log = Log::new(self.new_log(last.log.as_ref()));
        if let Some(open) = last.log.filter(|log| !log.sealed) {
            self.add(&open, &[]).await?;
        }
        let bytes = document.to_bytes_beside_log(&log.id);
        let version = self.write(DOCUMENT, &bytes, last.version).await?;
        {
            let mut last = self.last();
            last.version = Some(version);
            last.size = bytes.len() as u64;
            last.log = Some(log.clone());
        }
        if let Err(error) = self.sweep(&log.id).await {
            tracing::debug!(%error, "old logs could not be removed");
        }
        Ok(log)
    }

    /// Removes logs that were folded long ago.
    async fn sweep(&self, current: &str) -> Result<(), object_store::Error> {
        let listed = self.store.list_with_delimiter(Some(&self.object(LOG))).await?;
        let mut folded: Vec<&str> = listed
            .common_prefixes
            .iter()
            .filter_map(Path::filename)
            .filter(|id| *id < current)
            .collect();
        // Their names ascend with the time they began.
        folded.sort_unstable();
        folded.truncate(folded.len().saturating_sub(KEPT));
        for id in folded {
            if began(id)
                .zip(began(current))
                .is_some_and(|(then, now)| then + KEPT_FOR < now)
            {
                let parts = self.store.list(Some(&self.log(id))).map_ok(|part| part.location);
                self.store
                    .delete_stream(parts.boxed())
                    .try_collect::<Vec<_>>()
                    .await?;
            }
        }
        Ok(())
    }

    /// The name of a new log: later than the one before, whatever the clocks of two machines show.
    fn new_log(&self, before: Option<&Log>) -> String {
        let now = (self.now)().duration_since(Timestamp::UNIX_EPOCH);
        let now = Duration::try_from(now).unwrap_or_default();
        let before = before.and_then(|log| began(&log.id));
        let began = before.map_or(now, |before| now.max(before + Duration::from_millis(1)));
        let time = uuid::Timestamp::from_unix(uuid::NoContext, began.as_secs(), began.subsec_nanos());
        Uuid::new_v7(time).to_string()
    }

    fn log(&self, id: &str) -> Path {
        self.object(LOG).join(id)
    }
}

#[cfg(test)]
mod tests;
