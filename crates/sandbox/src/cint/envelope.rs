//! The vendor's errors, and the few answers that are alike everywhere.
//!
//! Error envelope: OpenAPI `Error`. Profile errors have their own (`ValidationErrorResponseDemographics`), and the rate
//! limit's spells its text `details` and has no id (`TooManyRequestsProblemDetails`).

use super::prelude::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderName};
use sha2::{Digest, Sha256};
use std::io::Write as _;
use uuid::{Builder, Uuid};

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

/// What an error with a status is called.
pub(super) fn object_of(status: u16) -> &'static str {
    match status {
        400 => "bad_request_error",
        401 | 403 => "authorization_error",
        404 => "not_found_error",
        405 => "method_not_allowed_error",
        409 => "conflict_error",
        412 => "precondition_failed_error",
        413 => "content_too_large_error",
        415 => "unsupported_media_type_error",
        422 => "invalid_state_error",
        _ => "unexpected_internal_error",
    }
}

/// A refusal that is always the same: status and detail.
pub(super) struct Refusal(u16, &'static str);

impl From<Refusal> for Failure {
    fn from(Refusal(status, detail): Refusal) -> Self {
        let body = error_body(object_of(status), detail);
        let status = StatusCode::from_u16(status).expect("the refusals below have statuses");
        Answer::json(status, &body).into()
    }
}

pub(super) const UNAUTHORIZED: Refusal = Refusal(401, "no valid authorization provided for this operation");
/// Missing permission, expired token and gated field look alike.
pub(super) const FORBIDDEN: Refusal = Refusal(403, "no authorization to access this resource");
pub(super) const NOT_FOUND: Refusal = Refusal(404, "resource not found");
pub(super) const NOT_ALLOWED: Refusal = Refusal(405, "the operation is not allowed in the present state");
pub(super) const CONFLICT: Refusal = Refusal(409, "the request conflicts with the present state");
pub(super) const PRECONDITION_FAILED: Refusal = Refusal(
    412,
    "The resource has been modified since you last retrieved it. Please fetch the latest version and try your request again.",
);
pub(super) const INVALID_STATE: Refusal = Refusal(422, "The entity does not meet the required state.");

/// Refuses a call without the version header.
pub(super) fn version_missing() -> Failure {
    let detail = "The Cint-API-Version HTTP request header is missing. This is a required header, please try again by specifying one of our supplied API versions.";
    Answer::json(
        StatusCode::FORBIDDEN,
        &error_body("required_header_missing", detail),
    )
    .into()
}

/// A refusal with a status.
pub(super) fn refused(status: u16, detail: &str) -> Failure {
    let body = error_body(object_of(status), detail);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Answer::json(status, &body).into()
}

pub(super) fn bad_request(detail: impl AsRef<str>) -> Failure {
    let body = error_body("bad_request_error", detail.as_ref());
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}

/// A 400 about one field.
pub(super) fn bad_field(name: &str, reason: &str) -> Failure {
    let mut problems = Problems::default();
    problems.add(name, reason);
    problems.failure()
}

/// What is wrong with a request: fields and reasons.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<(String, String)>);

impl Problems {
    pub(super) fn add(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.0.push((name.into(), reason.into()));
    }

    /// Takes a value over, or what is wrong with it.
    pub(super) fn take<T>(&mut self, name: &str, found: Result<T, impl Into<String>>) -> Option<T> {
        found.map_err(|reason| self.add(name, reason)).ok()
    }

    /// Refuses, if anything is wrong.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.failure())
        }
    }

    /// The 400 that names the fields.
    fn failure(&self) -> Failure {
        let (name, reason) = &self.0[0];
        let mut body = error_body("bad_request_error", &format!("{name}: {reason}"));
        let shown = |(name, reason): &(String, String)| json!({"name": name, "reason": reason});
        body["invalid_params"] = self.0.iter().map(shown).collect();
        Answer::json(StatusCode::BAD_REQUEST, &body).into()
    }
}

pub(super) fn no_content() -> Outcome {
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// An answer with a header more.
pub(super) fn with(mut answer: Answer, name: HeaderName, value: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers.insert(name, value);
    }
    answer
}

/// The tag of a version (assumed; the vendor's own are opaque).
pub(super) fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

pub(super) fn with_etag(answer: Answer, version: u64) -> Outcome {
    Ok(with(answer, ETAG, &etag(version)))
}

/// The body, read into what it has to be.
pub(super) fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Failure> {
    let sent: Value = serde_json::from_slice(&call.body)
        .map_err(|error| bad_request(format!("the body is not JSON: {error}")))?;
    typed(&sent).map_err(bad_request)
}

/// The body as an object.
pub(super) fn object(call: &Call) -> Result<Map<String, Value>, Failure> {
    body(call)
}

/// From which size on an answer is compressed (assumed; that answers are is in the portal guide of 2025-02).
const WORTH_IT: usize = 1024;

/// An answer compressed, if it is large and the caller accepts that.
pub(super) fn compressed(call: &Call, mut answer: Answer) -> Answer {
    let mut accepted = call.header(ACCEPT_ENCODING).unwrap_or_default().split(',');
    if answer.body.len() < WORTH_IT || !accepted.any(|name| name.trim().starts_with("gzip")) {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&answer.body);
    let bytes = written.and_then(|()| encoder.finish());
    answer.body = bytes.expect("a vector takes every byte").into();
    with(answer, CONTENT_ENCODING, "gzip")
}
