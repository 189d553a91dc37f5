//! The vendor's envelopes: success as its own page shows it, failures in either of the two styles that clients allow for.

use super::switches;
use crate::{Answer, Failure, World};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) type Outcome = Result<Answer, Failure>;

/// Success with a message and a payload under its key.
pub(super) fn ok(message: &str, key: &str, payload: &Value) -> Outcome {
    Ok(Answer::json(
        StatusCode::OK,
        &json!({"apiStatus": "success", "msg": message, key: payload}),
    ))
}

/// A failure: HTTP 200 with `apiStatus: failure`, or the status with the same body.
pub(super) fn fail(world: &World, status: StatusCode, message: impl Into<String>) -> Failure {
    let message: String = message.into();
    let status = if world.is_on(switches::HTTP_ERRORS) {
        status
    } else {
        StatusCode::OK
    };
    Answer::json(status, &json!({"apiStatus": "failure", "msg": message})).into()
}

/// The answer to a call without a valid token, in both styles.
pub(super) fn unauthorized() -> Failure {
    Answer::json(
        StatusCode::UNAUTHORIZED,
        &json!({"apiStatus": "failure", "msg": "Invalid token"}),
    )
    .into()
}
