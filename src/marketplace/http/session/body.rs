//! The bytes of a call.

use crate::model::Call;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

/// The body of a call, with its type among the headers. One with a type of its own is text; every other one is JSON.
pub(super) fn of(call: &Call, headers: &mut HeaderMap) -> Option<Bytes> {
    let own_type = headers.contains_key(CONTENT_TYPE);
    let body = call.body.as_ref()?;
    let bytes = match own_type.then(|| body.value()) {
        Some(Value::String(text)) => Bytes::from(text),
        _ => Bytes::copy_from_slice(body.text().as_bytes()),
    };
    if !own_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Some(bytes)
}
