//! The bytes of a call.

use crate::model::{Call, Method};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

/// The body of a call, with its type among the headers. One with a type of its own is text; every other one is JSON. What
/// could have a body and has none says so: servers may wait for one, or refuse the request (RFC 9110, 8.6; Cint wants it for
/// its actions on fielding runs, OpenAPI of 2025-02).
pub(super) fn of(call: &Call, headers: &mut HeaderMap) -> Option<Bytes> {
    let own_type = headers.contains_key(CONTENT_TYPE);
    let Some(body) = call.body.as_ref() else {
        if matches!(call.method, Method::Post | Method::Put | Method::Patch) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        return None;
    };
    let bytes = match own_type.then(|| body.value()) {
        Some(Value::String(text)) => Bytes::from(text),
        _ => Bytes::copy_from_slice(body.text().as_bytes()),
    };
    if !own_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Some(bytes)
}
