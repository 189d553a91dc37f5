//! The log of calls the vendors received.
//!
//! Promises an entry per call in the order of arrival, with the body as it came, and no header at
//! all: a token cannot leak from what was never stored. Bounded in entries and bytes, oldest out.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

const MAX_ENTRIES: usize = 200_000;
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Query parameters and body keys whose values are never shown: secrets, and people.
const SECRET_KEYS: [&str; 7] = [
    "access-token",
    "access_token",
    "authorization",
    "client_secret",
    "psidref",
    "token",
    "x_access_token",
];
const REDACTED: &str = "[redacted]";

/// At which point a connection was closed on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropPoint {
    /// Before the vendor did anything.
    Before,
    /// After the vendor did everything.
    #[serde(alias = "after")]
    AfterCommit,
}

#[derive(Debug, Serialize)]
struct Entry {
    seq: u64,
    at: Timestamp,
    vendor: &'static str,
    method: String,
    path: String,
    status: Option<u16>,
    #[serde(serialize_with = "as_json")]
    body: Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<DropPoint>,
}

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    bytes: usize,
    kept: VecDeque<Entry>,
}

/// The log; see the module's promise.
#[derive(Debug, Default)]
pub(super) struct RequestLog {
    entries: Mutex<Entries>,
}

impl RequestLog {
    /// Notes a call's arrival and returns its number.
    pub(super) fn begin(
        &self,
        at: Timestamp,
        vendor: &'static str,
        method: &Method,
        path: &str,
        body: &Bytes,
    ) -> u64 {
        let mut entries = self.lock();
        entries.next += 1;
        let seq = entries.next;
        entries.bytes += body.len() + path.len();
        entries.kept.push_back(Entry {
            seq,
            at,
            vendor,
            method: method.to_string(),
            path: redact_query(path),
            body: body.clone(),
            status: None,
            dropped: None,
        });
        while entries.kept.len() > MAX_ENTRIES || entries.bytes > MAX_BYTES {
            let Some(oldest) = entries.kept.pop_front() else {
                break;
            };
            let size = oldest.body.len() + oldest.path.len();
            entries.bytes = entries.bytes.saturating_sub(size);
        }
        seq
    }

    /// Notes how call `seq` ended: the vendor's status, and whether the caller never saw it.
    pub(super) fn finish(&self, seq: u64, status: Option<u16>, dropped: Option<DropPoint>) {
        let mut entries = self.lock();
        if let Ok(index) = entries.kept.binary_search_by_key(&seq, |entry| entry.seq) {
            let entry = &mut entries.kept[index];
            (entry.status, entry.dropped) = (status, dropped);
        }
    }

    /// Forgets every entry; numbers go on.
    pub(super) fn clear(&self) {
        let mut entries = self.lock();
        entries.kept.clear();
        entries.bytes = 0;
    }

    /// Returns the entries as JSON, oldest first.
    pub(super) fn to_json(&self) -> Value {
        json!(self.lock().kept)
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn as_json<S: Serializer>(body: &Bytes, to: S) -> Result<S::Ok, S::Error> {
    if body.is_empty() {
        return to.serialize_none();
    }
    if body.starts_with(b"--") {
        return to.serialize_str(&format!("[a file in {} bytes]", body.len()));
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return to.serialize_str(&redact_pairs(&String::from_utf8_lossy(body)));
    };
    redact(&mut value);
    value.serialize(to)
}

fn is_secret(key: &str) -> bool {
    SECRET_KEYS.iter().any(|secret| secret.eq_ignore_ascii_case(key))
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if is_secret(key) {
                    *inner = Value::String(REDACTED.into());
                } else {
                    redact(inner);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

fn redact_query(path: &str) -> String {
    match path.split_once('?') {
        None => path.to_owned(),
        Some((path, query)) => format!("{path}?{}", redact_pairs(query)),
    }
}

fn redact_pairs(pairs: &str) -> String {
    let redacted = pairs.split('&').map(|pair| match pair.split_once('=') {
        Some((key, _)) if is_secret(key) => format!("{key}={REDACTED}"),
        _ => pair.to_owned(),
    });
    redacted.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(log: &RequestLog, path: &str, body: &'static str) -> u64 {
        log.begin(
            Timestamp::UNIX_EPOCH,
            "v",
            &Method::POST,
            path,
            &Bytes::from_static(body.as_bytes()),
        )
    }

    #[test]
    fn secrets_never_show() {
        let log = RequestLog::default();
        begin(
            &log,
            "/v/a?access_token=s3cret&b=1",
            r#"{"x":{"Token":"s3cret"}}"#,
        );
        begin(&log, "/v/b", "client_secret=s3cret&c=2");
        let shown = log.to_json().to_string();
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("b=1") && shown.contains("c=2"));
    }

    #[test]
    fn nobody_who_is_listed_shows() {
        let log = RequestLog::default();
        begin(&log, "/v/a", r#"{"PSIDRef":["s3cret"]}"#);
        begin(
            &log,
            "/v/b",
            "--b\r\nContent-Disposition: form-data\r\n\r\ns3cret\n--b--",
        );
        let shown = log.to_json().to_string();
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("[a file in 51 bytes]"), "{shown}");
    }

    #[test]
    fn an_ending_finds_its_entry_after_a_clear() {
        let log = RequestLog::default();
        let first = begin(&log, "/v/1", "");
        log.clear();
        let second = begin(&log, "/v/2", "");
        log.finish(first, Some(200), None);
        log.finish(second, Some(201), Some(DropPoint::AfterCommit));
        let shown = log.to_json();
        assert_eq!(shown[0]["seq"], 2);
        assert_eq!(shown[0]["status"], 201);
        assert_eq!(shown[0]["dropped"], "after_commit");
        assert_eq!(shown.as_array().unwrap().len(), 1);
    }
}
