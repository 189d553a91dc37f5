//! Jobs: work that the vendor does in its own time.

use super::decode::needed;
use super::wire::{Failure, Job, items, word};
use crate::marketplace::http::json::Decoded;
use crate::marketplace::http::wire::{Object, typed};
use crate::model::Field;
use serde_json::Value;

/// The word for how far a job is.
pub(super) fn status(job: &Value) -> Decoded<String> {
    let shown: Job = typed(job, "")?;
    needed(shown.status, "/status", "how far the job is")
}

/// Why a job failed, in the vendor's words.
pub(super) fn failure(job: &Job) -> String {
    why(&job.failure_reason)
}

fn why(failure: &Field<Object<Failure>>) -> String {
    failure.value().map_or_else(
        || "the vendor gives no reason".to_owned(),
        |failure| reason(failure),
    )
}

/// What a job that is done all the same left as it was, in the vendor's words: one over many target groups is `Completed`
/// also where some of them failed (OpenAPI `get_bulk_pause_target_groups_job`).
pub(super) fn left(job: &Job) -> Option<String> {
    // An upload of a list is `Completed` also where it left some of them out (OpenAPI `RecontactJobPartialSuccessReason`).
    if let Some(partly) = job.partial_success_reason.value() {
        return Some(reason(partly));
    }
    let left = job.failed_target_groups.value().map(|left| items(&left.data))?;
    let lines: Vec<String> = left
        .iter()
        .map(|group| format!("{}: {}", word(&group.target_group_id), why(&group.failure_reason)))
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn reason(failure: &Failure) -> String {
    let mut text = match (word(&failure.code), word(&failure.description)) {
        (code, "") => code.to_owned(),
        ("", description) => description.to_owned(),
        (code, description) => format!("{description} ({code})"),
    };
    for more in items(&failure.reasons) {
        let detail = match word(&more.detail) {
            "" => word(&more.reason),
            detail => detail,
        };
        text.push_str(&format!("; {detail}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn job(shown: &Value) -> Job {
        typed(shown, "").unwrap()
    }

    #[test]
    fn a_job_that_is_done_may_have_left_some_as_they_were() {
        let none = json!({"data": [], "has_more": false});
        for shown in [
            json!({}),
            json!({"failed_target_groups": null}),
            json!({"failed_target_groups": none}),
        ] {
            assert_eq!(left(&job(&shown)), None);
        }
        let why = json!({"code": "StatusTransitionNotAllowed", "description": "Not allowed."});
        let shown = json!({"status": "Completed", "failed_target_groups": {"has_more": false, "data": [
            {"target_group_id": "01A", "failure_reason": why}, {"target_group_id": "01B"},
        ]}});
        assert_eq!(
            left(&job(&shown)).unwrap(),
            "01A: Not allowed. (StatusTransitionNotAllowed); 01B: the vendor gives no reason"
        );
    }

    #[test]
    fn an_upload_that_left_some_out_is_not_done() {
        let why = "500 respondent IDs uploaded successfully, 10 failed (invalid or empty).";
        let shown = json!({"status": "Completed", "partial_success_reason": {"description": why}});
        assert_eq!(left(&job(&shown)).unwrap(), why);
        assert_eq!(left(&job(&json!({"partial_success_reason": null}))), None);
    }

    #[test]
    fn a_job_that_failed_says_why() {
        let shown = json!({"failure_reason": {"code": "C", "reasons": [{"reason": "required"}, {"detail": "A URL."}]}});
        assert_eq!(failure(&job(&shown)), "C; required; A URL.");
        assert_eq!(failure(&job(&json!({}))), "the vendor gives no reason");
    }
}
