//! Going in field and out of it: jobs that launch or schedule a draft, and actions on the run of what is launched. Pure.

use super::calls::{header, project_of};
use super::launched::{run_headers, run_path, strategy};
use super::{Cint, encode, paths};
use crate::model::call::{Followup, JOB_PLACEHOLDER, KEY_PLACEHOLDER, Until, encode_segment};
use crate::model::{Call, CallClass, Method, Status};
use crate::plan::market::Move;
use serde_json::{Value, json};

/// The calls that change the status of a target group; a project has none.
pub(super) fn set_status(cint: &Cint, change: &Move<'_>) -> Vec<Call> {
    if !change.address.is_group() {
        return Vec::new();
    }
    let id = if change.live.is_some() {
        encode_segment(change.id)
    } else {
        change.id.to_owned()
    };
    let own = paths::group(cint.account, &project_of(change.address), &id);
    let draft = change.live.is_none_or(|live| live.status == Some(Status::Draft));
    if draft {
        return match change.to {
            Status::Live => [launch(&own, change)]
                .into_iter()
                .chain(strategy(&own, change.after))
                .collect(),
            Status::Draft | Status::Paused | Status::Closed => Vec::new(),
        };
    }
    let Some(live) = change.live else {
        return Vec::new();
    };
    let action = match (change.to, live.status_text.as_str()) {
        (Status::Live, "completed") => "relaunch",
        (Status::Live, "scheduled") => "launch-now",
        (Status::Live, _) => "resume",
        (Status::Paused, _) => "pause",
        (Status::Closed, _) => "complete",
        (Status::Draft, _) => return Vec::new(),
    };
    let Some(run) = run_path(&own, live) else {
        return Vec::new();
    };
    vec![Call {
        headers: run_headers(live),
        // With the version of the run, a repetition is refused; what it led to shows.
        reaches: Some(change.to),
        ..Call::new(
            Method::Post,
            format!("{run}/{action}"),
            CallClass::IdempotentWrite,
            format!("{action} the fielding run"),
        )
    }]
}

/// A job of the vendor: at once, or at the start that lies ahead.
fn launch(own: &str, change: &Move<'_>) -> Call {
    let end = change
        .after
        .end
        .value()
        .map(|end| encode::time(*end))
        .unwrap_or(Value::Null);
    let ahead = change
        .after
        .start
        .value()
        .filter(|start| change.as_of.is_none_or(|now| **start > now));
    let (job, body, purpose) = match ahead {
        Some(start) => (
            "schedule-from-draft",
            json!({"start_fielding_at": encode::time(*start), "end_fielding_at": end}),
            "schedule the target group",
        ),
        None => (
            "launch-from-draft",
            json!({"end_fielding_at": end}),
            "launch the target group",
        ),
    };
    let path = format!("{own}/fielding-run-jobs/{job}");
    Call {
        body: Some(body),
        headers: header("idempotency-key", KEY_PLACEHOLDER),
        then: Some(Followup {
            path: format!("{path}/{JOB_PLACEHOLDER}"),
            until: Until::Finished,
        }),
        ..Call::new(Method::Post, path, CallClass::KeyedWrite, purpose)
    }
}
