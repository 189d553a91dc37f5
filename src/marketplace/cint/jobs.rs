//! Jobs: work that the vendor does in its own time.

use super::decode::needed;
use super::wire::{Job, items, word};
use crate::marketplace::http::json::Decoded;
use crate::marketplace::http::wire::typed;
use serde_json::Value;

/// The word for how far a job is.
pub(super) fn status(job: &Value) -> Decoded<String> {
    let shown: Job = typed(job, "")?;
    needed(shown.status, "/status", "how far the job is")
}

/// Why a job failed, in the vendor's words.
pub(super) fn failure(job: &Job) -> String {
    let Some(failure) = job.failure_reason.value() else {
        return "the vendor gives no reason".to_owned();
    };
    let mut text = match (word(&failure.code), word(&failure.description)) {
        (code, "") => code.to_owned(),
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
