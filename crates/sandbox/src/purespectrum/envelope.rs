//! The error envelopes, of which the vendor has four.

use super::prelude::*;

/// Makes the `ps_api_response_*` envelope of surveys, quotas, performance and templates.
pub(super) fn envelope(status: StatusCode, code: u16, message: &str) -> Answer {
    let body = json!({"ps_api_response_code": code, "ps_api_response_message": message});
    Answer::json(status, &body)
}

/// Answers success in the envelope, as the early revisions do (vendor wiki 34695095).
pub(super) fn done(status: StatusCode, message: &str) -> Outcome {
    Ok(envelope(status, 1000, message))
}

/// Refuses input: 400, code 9999 (the code is assumed; validation is 400 by wiki 34700934).
pub(super) fn invalid(message: impl AsRef<str>) -> Failure {
    envelope(StatusCode::BAD_REQUEST, 9999, message.as_ref()).into()
}

/// A refusal that is always the same: status, code and message in the envelope.
pub(super) struct Refusal(u16, u16, &'static str);

impl From<Refusal> for Failure {
    fn from(Refusal(status, code, message): Refusal) -> Self {
        let status = StatusCode::from_u16(status).expect("the refusals below have statuses");
        envelope(status, code, message).into()
    }
}

/// Refuses a body that is not JSON.
pub(super) const SYNTAX_ERROR: Refusal = Refusal(400, 1001, "JSON syntax error");
/// Refuses an edit of a closed survey.
pub(super) const SURVEY_CLOSED: Refusal = Refusal(400, 9999, "Survey is closed");
/// The survey does not exist (vendor wiki 2502819845).
pub(super) const NO_SURVEY: Refusal = Refusal(404, 1006, "Survey not found");
/// A list of questions is one of a locale (vendor wiki 39223298, of the first version of the call).
pub(super) const NO_LOCALIZATION: Refusal = Refusal(400, 1001, "missing localization parameter");
/// The same.
pub(super) const WRONG_LOCALIZATION: Refusal = Refusal(400, 1003, "invalid localization code");
/// Something below the survey does not exist (code assumed by analogy with surveys).
pub(super) const NO_QUOTA: Refusal = Refusal(404, 1006, "Quota not found");
/// The same of a qualification.
pub(super) const NO_QUALIFICATION: Refusal = Refusal(404, 1006, "Qualification not found");
/// The same of a survey group.
pub(super) const NO_GROUP: Refusal = Refusal(404, 1006, "Survey group not found");
/// The same of a transaction.
pub(super) const NO_TRANSACTION: Refusal = Refusal(404, 1006, "Transaction not found");
/// The survey belongs to another account (vendor wiki 2502819845).
pub(super) const FOREIGN: Refusal = Refusal(403, 1020, "You don't have permission for this survey");
/// The account lacks the template feature (vendor wiki 2499411993).
pub(super) const NO_TEMPLATE_FEATURE: Refusal = Refusal(
    403,
    1018,
    "You do not have the template feature activated. Please ask your PureSpectrum reference to activate it in order to use a template in a survey.",
);
/// The template is unknown, or not for this account (vendor wiki 2499411993).
pub(super) const NO_TEMPLATE: Refusal = Refusal(
    404,
    1006,
    "Template Id does not exist. Please try a different Template id again.",
);
/// The survey has another template (vendor wiki 2499411993; HTTP status assumed).
pub(super) const OTHER_TEMPLATE: Refusal = Refusal(
    400,
    1014,
    "You can only apply one template to a survey. Please consider creating a new survey to use this template.",
);
/// The survey was made without a template (vendor wiki 2499411993; HTTP status assumed).
pub(super) const LATE_TEMPLATE: Refusal = Refusal(
    400,
    1014,
    "Template Id cannot be applied. Create a new survey to use this template.",
);

/// The account lacks a feature other than templates (spelled as in vendor wiki 2749038627; HTTP status assumed).
pub(super) fn no_feature() -> Failure {
    let body = json!({"status": "Failure", "msg": "This users dosen't have access to this feature"});
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}

/// The token is missing or wrong (public R client justindbk reads `msg` on 401).
pub(super) fn unauthorized() -> Failure {
    let body = json!({"msg": "Invalid or missing access-token"});
    Answer::json(StatusCode::UNAUTHORIZED, &body).into()
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
    let body = json!({"ps_error_code": code, "ps_error_message": message});
    Answer::json(StatusCode::BAD_REQUEST, &body).into()
}
