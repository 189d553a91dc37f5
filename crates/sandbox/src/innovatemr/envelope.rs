//! The vendor's envelopes: success as its own page shows it, failures in either of the two styles that clients allow for.

use super::prelude::*;

/// Success with a message and a payload under its key.
pub(super) fn ok(message: &str, key: &str, payload: &Value) -> Outcome {
    let body = json!({"apiStatus": "success", "msg": message, key: payload});
    Ok(Answer::ok(&body))
}

/// A failure with a status in both styles.
pub(super) fn refuse(status: StatusCode, message: &str) -> Failure {
    Answer::json(status, &json!({"apiStatus": "failure", "msg": message})).into()
}

/// A failure: HTTP 200 with `apiStatus: failure`, or the status with the same body.
pub(super) fn fail(world: &World, status: StatusCode, message: impl AsRef<str>) -> Failure {
    let as_http = world.is_on(switches::HTTP_ERRORS);
    refuse(if as_http { status } else { StatusCode::OK }, message.as_ref())
}

/// A failure because of what the body says.
pub(super) fn bad(world: &World, message: impl AsRef<str>) -> Failure {
    fail(world, StatusCode::BAD_REQUEST, message)
}
