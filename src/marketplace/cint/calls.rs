//! From changes to calls. Pure: the same changes give the same calls, byte for byte.
//!
//! A draft and a launched target group are two APIs: the draft is one document, written whole; in field every part has a
//! resource of its own, in [`super::launched`]. Which one a change needs is read off the live picture.

use super::encode;
use super::{Cint, launched, paths, profiling};
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until, encode_segment, path_placeholder};
use crate::model::{Address, Call, CallClass, Criterion, Field, Method, Quota, Status, SurveySpec};
use crate::plan::Refusal;
use crate::plan::market::{Edits, Subject};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn write(method: Method, path: String, body: Value, purpose: &str) -> Call {
    Call {
        body: Some(body),
        ..Call::new(method, path, CallClass::IdempotentWrite, purpose)
    }
}

pub(super) fn header(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

/// Makes a project. It is there when the vendor has answered, and can be read a little later.
pub(super) fn create_project(cint: &Cint, address: &Address, wanted: &SurveySpec) -> Vec<Call> {
    let own = paths::project(cint.account, &path_placeholder(address));
    vec![Call {
        body: Some(encode::project(wanted)),
        returns_id: Some("/id".to_owned()),
        headers: header("idempotency-key", KEY_PLACEHOLDER),
        then: Some(Followup {
            path: own,
            until: Until::Visible,
        }),
        ..Call::new(
            Method::Post,
            paths::projects(cint.account),
            CallClass::KeyedWrite,
            "create the project",
        )
    }]
}

/// Makes a target group as a draft, complete in one call. Nothing recognises a repetition.
pub(super) fn create_group(
    cint: &Cint,
    subject: Subject<'_>,
    wanted: &SurveySpec,
) -> Result<Vec<Call>, Refusal> {
    let mut body = encode::draft(wanted)?;
    let quotas = wanted.quotas.value().map_or(&[] as &[Quota], Vec::as_slice);
    let qualifications = wanted
        .qualifications
        .value()
        .map_or(&[] as &[Criterion], Vec::as_slice);
    let profiles = profiling::encode(qualifications, quotas)?;
    if !profiles.is_empty() {
        body.insert("profiling".to_owned(), profiling_body(&profiles));
    }
    Ok(vec![Call {
        body: Some(Value::Object(body)),
        returns_id: Some("/id".to_owned()),
        ..Call::new(
            Method::Post,
            paths::groups(cint.account, &project_of(subject.address)),
            CallClass::Create,
            "create the target group",
        )
    }])
}

pub(super) fn profiling_body(profiles: &[Value]) -> Value {
    json!({"profile_adjustment_type": "nominal", "profiles": profiles})
}

pub(super) fn project_of(address: &Address) -> String {
    path_placeholder(&address.parent().unwrap_or_else(|| address.clone()))
}

/// Changes a project in place; left out, its reference would be deleted.
pub(super) fn update_project(cint: &Cint, edits: &Edits<'_>) -> Vec<Call> {
    if edits.fields.is_empty() {
        return Vec::new();
    }
    let mut headers = header("idempotency-key", KEY_PLACEHOLDER);
    if let Some(tag) = edits.live.kept.raw().get("etag").and_then(Value::as_str) {
        headers.insert("if-match".to_owned(), tag.to_owned());
    }
    let mut body = encode::project(&edits.after());
    if body.get("project_customer_reference_number").is_none() {
        body["project_customer_reference_number"] = Value::Null;
    }
    vec![Call {
        headers,
        class: CallClass::KeyedWrite,
        ..write(
            Method::Put,
            paths::project(cint.account, &encode_segment(&edits.live.id)),
            body,
            "write the project",
        )
    }]
}

/// The profiles after an update: the managed ones as wanted, the others as they are.
pub(super) fn profiles_after(edits: &Edits<'_>) -> Result<Vec<Value>, Refusal> {
    let shown = edits.live.kept.raw().get("profiles").unwrap_or(&Value::Null);
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
    let known: Vec<&Criterion> = [&edits.wanted.qualifications, &edits.applied.qualifications]
        .iter()
        .filter_map(|field| field.value())
        .flatten()
        .chain(quotas.iter().flat_map(|quota| &quota.criteria))
        .collect();
    let managed: BTreeSet<&str> = known
        .iter()
        .map(|criterion| criterion.question.as_str())
        .collect();
    let mut profiles = profiling::encode(&qualifications, &quotas)?;
    profiles.extend(profiling::verbatim(shown, &managed));
    Ok(profiles)
}

/// Changes a target group in place.
pub(super) fn update_group(cint: &Cint, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    let own = paths::group(
        cint.account,
        &project_of(edits.subject.address),
        &encode_segment(&edits.live.id),
    );
    if edits.live.status == Some(Status::Draft) {
        update_draft(own, edits)
    } else {
        launched::update(cint, &own, edits)
    }
}

fn update_draft(own: String, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    if edits
        .live
        .kept
        .raw()
        .get("template")
        .is_some_and(|template| !template.is_null())
    {
        return Err(Refusal::new(
            "this draft takes profiles from a template of the vendor, which infield cannot write back",
        )
        .help("remove the template in the vendor's interface, or leave the draft alone"));
    }
    let mut after = edits.after();
    // A start that nobody here asked for was made from the end (`START_BEFORE_END`), and moves with it.
    after.start = edits.wanted.start.clone().or(edits.applied.start.clone());
    let mut body = encode::draft(&after)?;
    let profiles = profiles_after(edits)?;
    if profiles.is_empty() {
        body.insert("profiling".to_owned(), Value::Null);
    } else {
        body.insert("profiling".to_owned(), profiling_body(&profiles));
    }
    Ok(vec![write(
        Method::Put,
        own,
        Value::Object(body),
        "write the draft",
    )])
}
