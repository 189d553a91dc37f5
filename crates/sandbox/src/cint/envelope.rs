//! The vendor's errors, and the few answers that are alike everywhere.
//!
//! Error envelope: OpenAPI `Error`. Profile errors have their own (`ValidationErrorResponseDemographics`), and the rate
//! limit's spells its text `details` and has no id (`TooManyRequestsProblemDetails`).

use crate::{Answer, Call, Failure};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::io::Write as _;
use uuid::{Builder, Uuid};

pub(super) type Outcome = Result<Answer, Failure>;

/// A UUID that follows from its seed.
pub(super) fn uuid_of(seed: &str) -> Uuid {
    let digest = Sha256::digest(seed);
    let bytes = std::array::from_fn(|index| digest[index]);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// The body of an error.
pub(super) fn error_body(object: &str, detail: &str) -> Value {
    let id = uuid_of(&format!("{object} {detail}"));
    json!({"id": id.to_string(), "object": object, "detail": detail})
}

fn refuse(status: StatusCode, object: &str, detail: &str) -> Failure {
    Answer::json(status, &error_body(object, detail)).into()
}

pub(super) fn bad_request(detail: impl AsRef<str>) -> Failure {
    refuse(StatusCode::BAD_REQUEST, "bad_request_error", detail.as_ref())
}

/// A 400 that names the fields; the pairs are field and reason.
pub(super) fn bad_fields(problems: &[(String, String)]) -> Failure {
    let detail = match problems.first() {
        Some((name, reason)) => format!("{name}: {reason}"),
        None => "the request is invalid".to_owned(),
    };
    let mut body = error_body("bad_request_error", &detail);
    body["invalid_params"] = problems
        .iter()
        .map(|(name, reason)| json!({"name": name, "reason": reason}))
        .collect();
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}

pub(super) fn unauthorized() -> Failure {
    refuse(
        StatusCode::UNAUTHORIZED,
        "authorization_error",
        "no valid authorization provided for this operation",
    )
}

/// Missing permission, expired token and gated field look alike.
pub(super) fn forbidden() -> Failure {
    refuse(
        StatusCode::FORBIDDEN,
        "authorization_error",
        "no authorization to access this resource",
    )
}

pub(super) fn version_missing() -> Failure {
    refuse(
        StatusCode::FORBIDDEN,
        "required_header_missing",
        "The Cint-API-Version HTTP request header is missing. This is a required header, please try again by specifying one of our supplied API versions.",
    )
}

pub(super) fn not_found() -> Failure {
    refuse(StatusCode::NOT_FOUND, "not_found_error", "resource not found")
}

pub(super) fn not_allowed() -> Failure {
    refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed_error",
        "the operation is not allowed in the present state",
    )
}

pub(super) fn precondition_failed() -> Failure {
    refuse(
        StatusCode::PRECONDITION_FAILED,
        "precondition_failed_error",
        "The resource has been modified since you last retrieved it. Please fetch the latest version and try your request again.",
    )
}

pub(super) fn invalid_state() -> Failure {
    refuse(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid_state_error",
        "The entity does not meet the required state.",
    )
}

pub(super) fn ok(body: &Value) -> Answer {
    Answer::json(StatusCode::OK, body)
}

pub(super) fn no_content() -> Answer {
    Answer::empty(StatusCode::NO_CONTENT)
}

/// An asynchronous job was made: nothing but where it is.
pub(super) fn job_made(location: &str) -> Answer {
    let mut answer = Answer::empty(StatusCode::CREATED);
    if let Ok(value) = HeaderValue::from_str(location) {
        answer.headers.insert(LOCATION, value);
    }
    answer
}

/// The tag of a version (assumed; the vendor's own are opaque).
pub(super) fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

pub(super) fn with_etag(mut answer: Answer, version: u64) -> Answer {
    let value = HeaderValue::from_str(&etag(version)).expect("digits and quotes are a header value");
    answer.headers.insert(ETAG, value);
    answer
}

/// The body as an object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(bad_request("the body must be a JSON object")),
        Err(error) => Err(bad_request(format!("the body is not JSON: {error}"))),
    }
}

/// From which size on an answer is compressed (assumed; that answers are is in the portal guide of 2025-02).
const WORTH_IT: usize = 1024;

/// An answer compressed, if it is large and the caller accepts that.
pub(super) fn compressed(call: &Call, mut answer: Answer) -> Answer {
    let accepted = call
        .headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|name| name.trim().starts_with("gzip")));
    if !accepted || answer.body.len() < WORTH_IT {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let bytes = encoder
        .write_all(&answer.body)
        .and_then(|()| encoder.finish())
        .expect("a vector takes every byte");
    answer.body = bytes.into();
    answer
        .headers
        .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    answer
}
