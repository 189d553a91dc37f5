//! The bytes of a call, and of its answer where those may name people.

use crate::marketplace::http::transport::Incoming;
use crate::model::call::NoList;
use crate::model::{Call, Method};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use std::borrow::Cow;

/// The body of a call, with its type among the headers. One with a type of its own is text; every other one is JSON. What
/// could have a body and has none says so: servers may wait for one, or refuse the request (RFC 9110, 8.6; Cint wants it for
/// its actions on fielding runs, OpenAPI of 2025-02). Lists of respondents are filled in here and nowhere before.
///
/// # Errors
/// When such a list is not at hand.
pub(super) fn of(call: &Call, headers: &mut HeaderMap) -> Result<Option<Bytes>, NoList> {
    let own_type = headers.contains_key(CONTENT_TYPE);
    let Some(body) = call.filled()? else {
        if matches!(call.method, Method::Post | Method::Put | Method::Patch) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        return Ok(None);
    };
    let bytes = match own_type.then(|| body.value()) {
        Some(Value::String(text)) => Bytes::from(text),
        _ => Bytes::copy_from_slice(body.text().as_bytes()),
    };
    if !own_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(Some(bytes))
}

/// Covers the respondents of a call wherever its answer names them: what a vendor says may end up in a log.
pub(super) fn without_lists(call: &Call, answer: &mut Incoming) {
    for list in &call.lists {
        let text = String::from_utf8_lossy(&answer.body);
        if let Cow::Owned(hidden) = list.hidden_in(&text) {
            answer.body = Bytes::from(hidden);
        }
    }
}
