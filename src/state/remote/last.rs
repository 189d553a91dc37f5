//! What we know of the document in an object store and of its log.

use object_store::UpdateVersion;

/// The state as we last read or wrote it.
#[derive(Debug, Clone, Default)]
pub(super) struct Last {
    /// The document's object.
    pub(super) version: Option<UpdateVersion>,
    /// Its length in bytes.
    pub(super) size: u64,
    /// The log that goes with it. Documents of older versions have none.
    pub(super) log: Option<Log>,
    /// The last good copy was written by this command.
    pub(super) copied: bool,
}

/// Where a log goes on.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub(super) id: String,
    /// The number of the next segment.
    pub(super) next: u64,
    /// What the next segment follows: the sum of the last one, or the log's id.
    pub(super) after: String,
    pub(super) bytes: u64,
    pub(super) sealed: bool,
}

impl Log {
    pub(super) fn new(id: String) -> Self {
        Self {
            next: 1,
            after: id.clone(),
            id,
            bytes: 0,
            sealed: false,
        }
    }

    pub(super) fn followed_by(&self, is_seal: bool, sum: String, bytes: usize) -> Self {
        Self {
            id: self.id.clone(),
            next: self.next + 1,
            after: sum,
            bytes: self.bytes + bytes as u64,
            sealed: is_seal,
        }
    }
}
