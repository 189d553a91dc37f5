//! From changes to calls. Pure: the same changes give the same calls, byte for byte.
//!
//! A draft and a launched target group are two APIs: the draft is one document, written whole; in field every part has a
//! resource of its own, in [`super::launched`]. Which one a change needs is read off the live picture.

use super::parts::{header, profiles_after, project_of, put};
use super::wire::{Kept, Profiles};
use super::{Cint, encode, fit, launched, paths, profiling, resolve, respondents};
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until, encode_segment, path_placeholder};
use crate::model::{Address, Call, CallClass, Criterion, Method, Status, SurveySpec};
use crate::plan::Refusal;
use crate::plan::diff::FieldName;
use crate::plan::market::{Edits, Subject};
use serde_json::Value;

/// Makes a project. It is there when the vendor has answered, and can be read a little later.
pub(super) fn create_project(cint: &Cint, address: &Address, wanted: &SurveySpec) -> Vec<Call> {
    let path = paths::projects(cint.account);
    vec![Call {
        body: Some(encode::project(wanted).into()),
        returns_id: Some("/id".to_owned()),
        headers: header("idempotency-key", KEY_PLACEHOLDER),
        then: Some(Followup {
            path: paths::project(cint.account, &path_placeholder(address)),
            until: Until::Visible,
        }),
        ..Call::new(Method::Post, path, CallClass::KeyedWrite, "create the project")
    }]
}

/// Makes a target group as a draft, complete in one call. Nothing recognises a repetition.
pub(super) fn create_group(
    cint: &Cint,
    subject: Subject<'_>,
    wanted: &SurveySpec,
) -> Result<Vec<Call>, Refusal> {
    let mut body = encode::draft(wanted)?;
    let (qualifications, quotas) = fit::targeting(wanted);
    let profiles = profiling::encode(qualifications, quotas)?;
    if !profiles.is_empty() {
        body.insert("profiling".to_owned(), profiling::body(&profiles));
    }
    let path = paths::groups(cint.account, &project_of(subject.address));
    let mut calls = vec![Call {
        body: Some(Value::Object(body).into()),
        returns_id: Some("/id".to_owned()),
        ..Call::new(Method::Post, path, CallClass::Create, "create the target group")
    }];
    let (project, id) = (project_of(subject.address), path_placeholder(subject.address));
    let own = paths::group(cint.account, &project, &id);
    calls.extend(respondents::create(&own, wanted));
    Ok(calls)
}

/// Changes a project in place; left out, its reference would be deleted.
pub(super) fn update_project(cint: &Cint, edits: &Edits<'_>) -> Vec<Call> {
    if edits.fields.is_empty() {
        return Vec::new();
    }
    let mut headers = header("idempotency-key", KEY_PLACEHOLDER);
    if let Some(tag) = Kept::of(edits.live).and_then(|kept| kept.etag.value().cloned()) {
        headers.insert("if-match".to_owned(), tag);
    }
    let mut body = encode::project(&edits.after());
    if body.get("project_customer_reference_number").is_none() {
        body["project_customer_reference_number"] = Value::Null;
    }
    let own = paths::project(cint.account, &encode_segment(&edits.live.id));
    vec![Call {
        headers,
        class: CallClass::KeyedWrite,
        ..put(own, body, "write the project")
    }]
}

/// Changes a target group in place.
pub(super) fn update_group(cint: &Cint, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    let (project, id) = (project_of(edits.subject.address), encode_segment(&edits.live.id));
    let own = paths::group(cint.account, &project, &id);
    let Some(kept) = Kept::of(edits.live) else {
        let why = "what was kept of it when it was read is of another version";
        return Err(Refusal::new(why).help("read it again"));
    };
    let lists = respondents::update(&own, edits)?;
    let mut calls = match edits.live.status {
        _ if respondents::are_all(edits) => Vec::new(),
        Some(Status::Draft) => update_draft(own, edits, &kept)?,
        _ => launched::update(cint, &own, edits, &kept)?,
    };
    calls.extend(lists);
    Ok(calls)
}

fn update_draft(own: String, edits: &Edits<'_>, kept: &Kept) -> Result<Vec<Call>, Refusal> {
    if kept.template.value().is_some() {
        let why = "this draft takes profiles from a template of the vendor, which infield cannot write back";
        let help = "remove the template in the vendor's interface, or leave the draft alone";
        return Err(Refusal::new(why).help(help));
    }
    let mut after = edits.after();
    // What is shown says both; only what the manifest says is laid over the other.
    after.suppliers = edits.wanted.suppliers.clone();
    // A start that nobody here asked for was made from the end (`START_BEFORE_END`), and moves with it.
    after.start = edits.wanted.start.clone().or(edits.applied.start.clone());
    let mut body = encode::draft(&after)?;
    let profiles = profiles_after(edits, kept)?;
    asked_in_its_locale(edits, &profiles)?;
    let profiling = (!profiles.is_empty()).then(|| profiling::body(&profiles));
    body.insert("profiling".to_owned(), profiling.unwrap_or_default());
    Ok(vec![put(own, Value::Object(body), "write the draft")])
}

/// Refuses another locale for a draft that asks what the library of the new one does not have: what was added by hand goes
/// along, and Cint takes no question of another locale (OpenAPI, `profile_validation_error_015`).
fn asked_in_its_locale(edits: &Edits<'_>, profiles: &Profiles) -> Result<(), Refusal> {
    let Some(lexicon) = edits
        .subject
        .lexicon
        .filter(|_| edits.fields.contains(&FieldName::Locale))
    else {
        return Ok(());
    };
    let seen = profiling::decode(profiles, "").unwrap_or_default();
    let counted = seen.quotas.iter().flat_map(|quota| &quota.criteria);
    let asked = |criterion: &&Criterion| resolve::one(criterion, lexicon, "").is_ok();
    match seen.qualifications.iter().chain(counted).find(|one| !asked(one)) {
        None => Ok(()),
        Some(criterion) => Err(Refusal::new(format!(
            "it asks `{}` in words that Cint's library of the new locale does not have",
            fit::name(&criterion.question)
        ))
        .help("remove that profile at the vendor, or put the old locale back")
        .at("/locale")),
    }
}
