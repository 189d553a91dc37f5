//! The error envelopes, of which the vendor has four.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{Answer, Failure};

/// Text of 1018 (vendor wiki 2499411993).
const NO_TEMPLATE_FEATURE: &str = "You do not have the template feature activated. Please ask your PureSpectrum reference to activate it in order to use a template in a survey.";
/// Text of 1006 for templates (vendor wiki 2499411993).
const NO_TEMPLATE: &str = "Template Id does not exist. Please try a different Template id again.";
/// Text of 1014 when the survey has another template (vendor wiki 2499411993).
const OTHER_TEMPLATE: &str = "You can only apply one template to a survey. Please consider creating a new survey to use this template.";
/// Text of 1014 when the survey was made without a template (vendor wiki 2499411993).
const LATE_TEMPLATE: &str = "Template Id cannot be applied. Create a new survey to use this template.";
/// Text of the FEOT refusal, spelled as the vendor sends it (vendor wiki 2749038627).
const NO_FEATURE: &str = "This users dosen't have access to this feature";

/// What every handler returns: the answer, or why there is another one.
pub(super) type Outcome = Result<Answer, Failure>;

/// Answers 200 with `body`.
pub(super) fn ok(body: &Value) -> Outcome {
    Ok(Answer::json(StatusCode::OK, body))
}

/// Makes the `ps_api_response_*` envelope of surveys, quotas, performance and templates.
pub(super) fn envelope(status: StatusCode, code: u16, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({"ps_api_response_code": code, "ps_api_response_message": message}),
    )
}

/// Answers success in the envelope, as the early revisions do (vendor wiki 34695095).
pub(super) fn done(status: StatusCode, message: &str) -> Outcome {
    Ok(envelope(status, 1000, message))
}

/// Refuses input: 400, code 9999 (the code is assumed; validation is 400 by wiki 34700934).
pub(super) fn invalid(message: impl AsRef<str>) -> Failure {
    envelope(StatusCode::BAD_REQUEST, 9999, message.as_ref()).into()
}

/// Refuses a body that is not JSON.
pub(super) fn syntax_error() -> Failure {
    envelope(StatusCode::BAD_REQUEST, 1001, "JSON syntax error").into()
}

/// The survey does not exist (vendor wiki 2502819845).
pub(super) fn no_survey() -> Failure {
    envelope(StatusCode::NOT_FOUND, 1006, "Survey not found").into()
}

/// Something below the survey does not exist (code assumed by analogy with surveys).
pub(super) fn not_found(what: &str) -> Failure {
    envelope(StatusCode::NOT_FOUND, 1006, &format!("{what} not found")).into()
}

/// The survey belongs to another account (vendor wiki 2502819845).
pub(super) fn foreign() -> Failure {
    envelope(
        StatusCode::FORBIDDEN,
        1020,
        "You don't have permission for this survey",
    )
    .into()
}

/// The account lacks the template feature.
pub(super) fn no_template_feature() -> Failure {
    envelope(StatusCode::FORBIDDEN, 1018, NO_TEMPLATE_FEATURE).into()
}

/// The template is unknown, or not for this account.
pub(super) fn no_template() -> Failure {
    envelope(StatusCode::NOT_FOUND, 1006, NO_TEMPLATE).into()
}

/// The survey has another template (HTTP status assumed).
pub(super) fn other_template() -> Failure {
    envelope(StatusCode::BAD_REQUEST, 1014, OTHER_TEMPLATE).into()
}

/// The survey was made without a template (HTTP status assumed).
pub(super) fn late_template() -> Failure {
    envelope(StatusCode::BAD_REQUEST, 1014, LATE_TEMPLATE).into()
}

/// The account lacks a feature other than templates (HTTP status assumed).
pub(super) fn no_feature() -> Failure {
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({"status": "Failure", "msg": NO_FEATURE}),
    )
    .into()
}

/// The token is missing or wrong (public R client justindbk reads `msg` on 401).
pub(super) fn unauthorized() -> Failure {
    Answer::json(
        StatusCode::UNAUTHORIZED,
        &json!({"msg": "Invalid or missing access-token"}),
    )
    .into()
}

/// A transaction's status cannot be changed; these codes are a numbering of their own.
pub(super) fn transaction(code: u16) -> Failure {
    let message = match code {
        1001 => "Incorrect status code",
        1002 => "Insufficient parameters - please check your request",
        1003 => "This transaction id already has a final status",
        1004 => "Transaction ID Not found. Please check the survey id and transaction ID and try again.",
        _ => "Invalid or missing QLC codes",
    };
    Answer::json(
        StatusCode::BAD_REQUEST,
        &json!({"ps_error_code": code, "ps_error_message": message}),
    )
    .into()
}
