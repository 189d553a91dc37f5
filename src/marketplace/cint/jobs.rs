//! Jobs: work that the vendor does in its own time.

use super::wire::Job;
use crate::marketplace::http::json::{Decoded, mismatch};
use crate::marketplace::http::wire::typed;
use crate::model::Field;
use serde_json::Value;

/// The word for how far a job is.
pub(super) fn status(job: &Value) -> Decoded<String> {
    let shown: Job = typed(job, "")?;
    match shown.status {
        Field::Set(word) => Ok(word),
        Field::Absent | Field::Null => mismatch("/status", "how far the job is", &Value::Null),
    }
}

/// Why a job failed, in the vendor's words.
pub(super) fn failure(job: &Value) -> String {
    let Some(reason) = job.get("failure_reason").filter(|reason| !reason.is_null()) else {
        return "the vendor gives no reason".to_owned();
    };
    let word = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut text = match (word(reason, "code"), word(reason, "description")) {
        (code, description) if description.is_empty() => code,
        (code, description) => format!("{description} ({code})"),
    };
    for more in reason
        .get("reasons")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let detail = match (word(more, "detail"), word(more, "reason")) {
            (detail, reason) if detail.is_empty() => reason,
            (detail, _) => detail,
        };
        text.push_str(&format!("; {detail}"));
    }
    text
}
