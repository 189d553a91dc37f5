//! What the calls of drafts and of launched target groups are made of. Pure, as `calls`.

use super::profiling;
use super::wire::{Kept, Profiles, items};
use crate::model::call::{Followup, JOB_PLACEHOLDER, KEY_PLACEHOLDER, Until, path_placeholder};
use crate::model::{Address, Call, CallClass, Field, Method};
use crate::plan::Refusal;
use crate::plan::diff::written_questions;
use crate::plan::market::Edits;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A write of a whole resource.
pub(super) fn put(path: String, body: Value, purpose: &str) -> Call {
    Call {
        body: Some(body.into()),
        ..Call::new(Method::Put, path, CallClass::IdempotentWrite, purpose)
    }
}

pub(super) fn header(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

/// A call that uploads a list, one respondent a line.
pub(super) fn upload(call: Call, rows: &[String]) -> Call {
    Call {
        headers: header("content-type", "text/csv"),
        body: Some(Value::from(format!("{}\n", rows.join("\n"))).into()),
        ..call
    }
}

/// A job of the vendor, followed until it has ended.
pub(super) fn job(path: &str, query: &str, class: CallClass, purpose: impl Into<String>) -> Call {
    Call {
        headers: header("idempotency-key", KEY_PLACEHOLDER),
        then: Some(Followup {
            path: format!("{path}/{JOB_PLACEHOLDER}"),
            until: Until::Finished,
        }),
        ..Call::new(Method::Post, format!("{path}{query}"), class, purpose)
    }
}

/// The project of a target group, as it stands in paths until it is known.
pub(super) fn project_of(address: &Address) -> String {
    path_placeholder(&address.parent().unwrap_or_else(|| address.clone()))
}

/// The profiles after an update: the managed ones as wanted, the others as they are.
pub(super) fn profiles_after(edits: &Edits<'_>, kept: &Kept) -> Result<Profiles, Refusal> {
    let shown = items(&kept.profiles);
    // What is not edited is as the vendor shows it. What was applied last is not: an interrupted apply may have written
    // more than it could note down.
    if edits.qualifications.is_empty() && edits.quotas.is_empty() {
        return Ok(profiling::verbatim(shown, &BTreeSet::new()));
    }
    let qualifications = edits.wanted.qualifications.value().cloned().unwrap_or_default();
    let quotas = match &edits.wanted.quotas {
        Field::Set(quotas) => quotas.clone(),
        Field::Absent | Field::Null => edits.after().quotas.value().cloned().unwrap_or_default(),
    };
    let managed = written_questions(edits.wanted, edits.applied, quotas.iter());
    let mut profiles = profiling::encode(&qualifications, &quotas)?;
    profiles.extend(profiling::verbatim(shown, &managed));
    Ok(profiles)
}
