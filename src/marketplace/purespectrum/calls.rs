//! From changes to calls. Pure: the same changes give the same calls, byte for byte.
//!
//! Fewest calls win. A price or a goal is a PATCH, a quota its own PUT; as soon as any other field changes, one PUT of
//! the whole survey carries everything, quotas and qualifications included, because whether the vendor keeps what a PUT
//! leaves out is not documented. A template is sent by create and by nothing else.

use super::assumptions::{DELETE_QUOTAS_OF_DRAFTS, PATCH_TAKES_SEVERAL, STATUS_PATCH_PATH};
use super::{attributes, decode, encode};
use crate::marketplace::http::json::number;
use crate::model::call::{body_placeholder, encode_segment, path_placeholder};
use crate::model::{
    Address, Answers, Call, CallClass, Criterion, DesiredGroup, Field, GroupMember, LiveGroup, LiveQuota,
    Method, Quota, Status, SurveySpec,
};
use crate::plan::diff::{FieldName, QuotaEdit};
use crate::plan::market::Edits;
use serde_json::{Map, Value, json};

fn call(
    method: Method,
    path: String,
    body: Option<Value>,
    class: CallClass,
    purpose: impl Into<String>,
) -> Call {
    Call {
        body,
        ..Call::new(method, path, class, purpose)
    }
}

/// Makes the draft. Quotas and qualifications go along, so that one call makes the whole survey.
pub(super) fn create(address: &Address, wanted: &SurveySpec) -> Vec<Call> {
    let mut body = Map::new();
    encode::fields(wanted, &mut body);
    // Null is what an omitted field comes back as (vendor docs create-your-first-survey), and says nothing on create.
    body.retain(|_, value| !value.is_null());
    if let Field::Set(template) = wanted.template {
        body.insert("template_id".to_owned(), Value::from(template));
    }
    if let Field::Set(criteria) = &wanted.qualifications {
        body.insert("qualifications".to_owned(), encode::criteria(criteria));
    }
    if let Field::Set(quotas) = &wanted.quotas {
        body.insert("quotas".to_owned(), quotas.iter().map(encode::quota).collect());
    }
    let mut create = call(
        Method::Post,
        "/surveys".to_owned(),
        Some(Value::Object(body)),
        CallClass::Create,
        "create the draft",
    );
    create.returns_id = Some("/ps_survey_id".to_owned());
    let mut calls = vec![create];
    let id = path_placeholder(address);
    let operations: Vec<Value> = attributes::all()
        .filter(|setting| setting.patch_only)
        .filter_map(|setting| {
            let value = wanted.attributes.get(setting.key)?.value()?;
            Some(replace(&setting.patch_path(), value.clone()))
        })
        .collect();
    calls.extend(patches(&id, operations));
    calls
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    json!({"op": "replace", "path": path, "value": value})
}

/// PATCH calls for operations, as few as the vendor takes.
fn patches(id: &str, operations: Vec<Value>) -> Vec<Call> {
    let describe = |operations: &[Value]| {
        let names: Vec<&str> = operations
            .iter()
            .filter_map(|operation| operation["path"].as_str())
            .map(|path| path.trim_start_matches('/'))
            .collect();
        format!("set {}", names.join(", "))
    };
    let patch = |operations: Vec<Value>| {
        let purpose = describe(&operations);
        call(
            Method::Patch,
            format!("/surveys/{id}"),
            Some(Value::Array(operations)),
            CallClass::IdempotentWrite,
            purpose,
        )
    };
    if operations.is_empty() {
        Vec::new()
    } else if PATCH_TAKES_SEVERAL {
        vec![patch(operations)]
    } else {
        operations
            .into_iter()
            .map(|operation| patch(vec![operation]))
            .collect()
    }
}

/// Changes the status.
pub(super) fn set_status(id: &str, to: Status) -> Vec<Call> {
    let mut calls = patches(
        id,
        vec![replace(STATUS_PATCH_PATH, Value::from(decode::status_code(to)))],
    );
    for call in &mut calls {
        call.purpose = format!("set the status to {to}");
    }
    calls
}

/// Changes a survey in place.
pub(super) fn update(edits: &Edits<'_>) -> Vec<Call> {
    let id = encode_segment(&edits.live.id);
    let draft = edits.live.status == Some(Status::Draft);
    let needs_put = !edits.qualifications.is_empty()
        || edits.fields.iter().any(|field| !has_patch(field))
        || regroups(edits.quotas, draft);
    let mut calls = Vec::new();
    let mut put_has_quotas = false;
    if draft && DELETE_QUOTAS_OF_DRAFTS {
        for edit in edits.quotas {
            if let QuotaEdit::Stop { before } = edit {
                calls.push(call(
                    Method::Delete,
                    quota_path(&id, before),
                    None,
                    CallClass::IdempotentWrite,
                    format!("delete quota {}", edit.name()),
                ));
            }
        }
    }
    if needs_put {
        let body = put_body(edits, draft && DELETE_QUOTAS_OF_DRAFTS);
        calls.push(call(
            Method::Put,
            format!("/surveys/{id}"),
            Some(body),
            CallClass::IdempotentWrite,
            "write the survey with its targeting and quotas",
        ));
        put_has_quotas = true;
    }
    if !put_has_quotas {
        calls.extend(
            edits
                .quotas
                .iter()
                .filter_map(|edit| quota_call(&id, edit, draft)),
        );
    }
    let operations = edits
        .fields
        .iter()
        .filter(|field| !needs_put || is_patch_only(field))
        .filter_map(|field| operation(field, edits.wanted))
        .collect();
    calls.extend(patches(&id, operations));
    calls
}

/// Whether quotas have to change together: ranges of one question must not overlap between quotas (vendor wiki
/// 34700934), and moving a border one quota at a time makes them overlap in between.
fn regroups(quotas: &[QuotaEdit], draft: bool) -> bool {
    let has_ranges = |criteria: &[Criterion]| {
        let mut answers = criteria.iter().map(|criterion| &criterion.answers);
        answers.any(|answers| matches!(answers, Answers::Ranges(_)))
    };
    let over_ranges = quotas.iter().filter(|edit| match edit {
        QuotaEdit::Add(quota) => has_ranges(&quota.criteria),
        QuotaEdit::Change { before, after, .. } => {
            has_ranges(&before.criteria) || has_ranges(&after.criteria)
        }
        // Deleted before anything else is written.
        QuotaEdit::Stop { .. } if draft && DELETE_QUOTAS_OF_DRAFTS => false,
        QuotaEdit::Stop { before } => has_ranges(&before.criteria),
    });
    over_ranges.count() > 1 && quotas.iter().any(QuotaEdit::changes_criteria)
}

/// Fields with a documented PATCH path (vendor docs update-survey PATCH, wiki 34117092, 2676850692).
fn has_patch(field: &FieldName) -> bool {
    matches!(field, FieldName::Completes | FieldName::Cpi) || is_patch_only(field)
}

fn is_patch_only(field: &FieldName) -> bool {
    match field {
        FieldName::Attribute(key) => attributes::setting(key).is_some_and(|setting| setting.patch_only),
        _ => false,
    }
}

fn operation(field: &FieldName, wanted: &SurveySpec) -> Option<Value> {
    match field {
        FieldName::Completes => Some(replace(
            "/completes_required",
            Value::from(*wanted.completes.value()?),
        )),
        FieldName::Cpi => {
            let price = wanted.cpi.value().map_or(Value::Null, |cpi| number(cpi.amount));
            Some(replace("/offer_price", price))
        }
        FieldName::Attribute(key) => {
            let setting = attributes::setting(key)?;
            let value = wanted
                .attributes
                .get(key)?
                .value()
                .cloned()
                .unwrap_or(Value::Null);
            Some(replace(&setting.patch_path(), value))
        }
        _ => None,
    }
}

/// The path of a quota: by our key, or by the vendor's for one made by hand (vendor wiki 33494326).
fn quota_path(id: &str, quota: &LiveQuota) -> String {
    let key = quota.name.as_deref().unwrap_or(&quota.id);
    format!("/surveys/{id}/quotas/{}", encode_segment(key))
}

fn quota_call(id: &str, edit: &QuotaEdit, draft: bool) -> Option<Call> {
    let put = |before: &LiveQuota, after: &Quota, purpose: String| {
        call(
            Method::Put,
            quota_path(id, before),
            Some(encode::quota(after)),
            CallClass::IdempotentWrite,
            purpose,
        )
    };
    match edit {
        // Not repeatable (the vendor does not say what a second one does), yet recognisable by its key when read back.
        QuotaEdit::Add(quota) => Some(call(
            Method::Post,
            format!("/surveys/{id}/quotas"),
            Some(encode::quota(quota)),
            CallClass::Create,
            format!("add quota {}", quota.name),
        )),
        QuotaEdit::Change { before, after, .. } => {
            Some(put(before, after, format!("write quota {}", after.name)))
        }
        QuotaEdit::Stop { .. } if draft && DELETE_QUOTAS_OF_DRAFTS => None,
        QuotaEdit::Stop { before } => {
            let stopped = Quota {
                name: before.name.clone().unwrap_or_else(|| before.id.clone()),
                completes: 0,
                criteria: before.criteria.clone(),
            };
            Some(put(before, &stopped, format!("stop quota {}", edit.name())))
        }
    }
}

/// Keys a PUT may carry (vendor docs update-survey PUT). `template_id` is left out on purpose: a survey takes one only
/// once. `incl_excl` is in the vendor's schema and immutable by its own rule (wiki 107839551).
const WRITABLE: [&str; 25] = [
    "survey_title",
    "survey_category_code",
    "survey_localization",
    "completes_required",
    "offer_price",
    "quota_throttling",
    "click_balancing",
    "expected_ir",
    "expected_loi",
    "live_url",
    "test_url",
    "feasibility_exclusions",
    "subscriber_emails",
    "field_time",
    "global_flexibility",
    "buyer_message",
    "billing_id",
    "mc_unique_id",
    "external_project_id",
    "qbp",
    "qlc",
    "is_feot_enabled",
    "feot",
    "buyer_surveygroup_ref",
    "buyer_surveygroup_refs",
];

/// The whole survey as it should be: what was read, overlaid with what earlier steps wrote and with what changes now.
fn put_body(edits: &Edits<'_>, drop_stopped: bool) -> Value {
    let mut body = Map::new();
    let document = edits.live.kept.raw().as_object();
    for key in WRITABLE {
        if let Some(value) = document
            .and_then(|map| map.get(key))
            .filter(|value| !value.is_null())
        {
            body.insert(key.to_owned(), value.clone());
        }
    }
    let mut overlay = edits.changed();
    // Settings the vendor does not show would be lost by a PUT that replaces: they go along although they do not change.
    for (key, value) in &edits.wanted.attributes {
        if !edits.live.spec.attributes.contains_key(key) {
            overlay.attributes.insert(key.clone(), value.clone());
        }
    }
    encode::fields(&overlay, &mut body);
    let mut criteria: Vec<_> = edits.live.qualifications.value().cloned().unwrap_or_default();
    for edit in edits.written.qualifications.iter().chain(edits.qualifications) {
        criteria.retain(|criterion| criterion.question != edit.question);
        criteria.extend(edit.after.clone());
    }
    let criteria = crate::model::targeting::canonical(criteria);
    body.insert("qualifications".to_owned(), encode::criteria(&criteria));
    body.insert("quotas".to_owned(), Value::Array(put_quotas(edits, drop_stopped)));
    Value::Object(body)
}

fn put_quotas(edits: &Edits<'_>, drop_stopped: bool) -> Vec<Value> {
    let all = edits.written.quotas.iter().chain(edits.quotas);
    let mut quotas = Vec::new();
    for live in &edits.live.quotas {
        let edit = all.clone().find(|edit| match edit {
            QuotaEdit::Add(_) => false,
            QuotaEdit::Change { before, .. } | QuotaEdit::Stop { before } => before.id == live.id,
        });
        let mut as_is =
            json!({"required_count": live.completes, "criteria": encode::criteria(&live.criteria)});
        match &live.name {
            Some(name) => as_is["buyer_quota_id"] = Value::from(name.as_str()),
            None => as_is["ps_quota_id"] = Value::from(live.id.as_str()),
        }
        match edit {
            Some(QuotaEdit::Change { after, .. }) => quotas.push(encode::quota(after)),
            Some(QuotaEdit::Stop { .. }) if drop_stopped => {}
            Some(QuotaEdit::Stop { .. }) => {
                as_is["required_count"] = Value::from(0);
                quotas.push(as_is);
            }
            Some(QuotaEdit::Add(_)) | None => quotas.push(as_is),
        }
    }
    for edit in all {
        if let QuotaEdit::Add(quota) = edit {
            quotas.push(encode::quota(quota));
        }
    }
    quotas
}

fn group_body(wanted: &DesiredGroup) -> Value {
    let members: Vec<Value> = wanted
        .members
        .iter()
        .map(|member| match member {
            GroupMember::Survey(address) => body_placeholder(address),
            GroupMember::VendorId(id) => Value::from(*id),
        })
        .collect();
    let mut body = json!({
        "buyer_surveygroup_ref": wanted.reference,
        "name": wanted.title,
        "surveys_in_group": members,
    });
    if let Some(days) = wanted.exclusion_days {
        body["exclusion_period"] = Value::from(days);
    }
    body
}

/// Makes an exclusion group (vendor wiki 33550418).
pub(super) fn create_group(wanted: &DesiredGroup) -> Vec<Call> {
    vec![call(
        Method::Post,
        "/surveygroups".to_owned(),
        Some(group_body(wanted)),
        CallClass::Create,
        "create the exclusion group",
    )]
}

/// Brings an exclusion group to the wanted values. The body of PUT is assumed to be that of the create.
pub(super) fn update_group(live: &LiveGroup, wanted: &DesiredGroup) -> Vec<Call> {
    vec![call(
        Method::Put,
        format!("/surveygroups/{}", encode_segment(&live.id)),
        Some(group_body(wanted)),
        CallClass::IdempotentWrite,
        "write the exclusion group",
    )]
}
