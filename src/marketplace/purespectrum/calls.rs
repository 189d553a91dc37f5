//! From changes to calls. Pure: the same changes give the same calls, byte for byte.
//!
//! Fewest calls win. A price or a goal is a PATCH, a quota its own PUT; as soon as any other field changes, or what can be
//! spent would be more between two of these calls than before and after all, one PUT of the whole survey carries everything, quotas and qualifications included, because whether the vendor keeps what a PUT
//! leaves out is not documented. A template is sent by create and by nothing else.

use super::assumptions::{DELETE_QUOTAS_OF_DRAFTS, PATCH_TAKES_SEVERAL, QUOTA_PUT_ASIDE, STATUS_PATCH_PATH};
use super::wire::Kept;
use super::{attributes, decode, encode, recontact, suppliers};
use crate::marketplace::http::json::number;
use crate::model::call::{body_placeholder, encode_segment, path_placeholder};
use crate::model::{
    Address, Answers, Call, CallClass, Criterion, DesiredGroup, Field, GroupMember, LiveGroup, LiveQuota,
    Method, Money, Quota, Status, Suppliers, SurveySpec,
};
use crate::plan::diff::{FieldName, QuotaEdit};
use crate::plan::market::Edits;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// A write that may be repeated.
fn write(method: Method, path: String, body: Value, purpose: impl Into<String>) -> Call {
    Call::new(method, path, CallClass::IdempotentWrite, purpose).body(body)
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
    let mut calls = vec![Call {
        returns_id: Some("/ps_survey_id".to_owned()),
        ..Call::new(Method::Post, "/surveys", CallClass::Create, "create the draft").body(body)
    }];
    let id = path_placeholder(address);
    let operations: Vec<Value> = attributes::all()
        .filter(|setting| setting.patch_only)
        .filter_map(|setting| {
            let value = wanted.attributes.get(setting.key)?.value()?;
            Some(replace(&setting.patch_path(), value.clone()))
        })
        .collect();
    calls.extend(patches(&id, operations));
    calls.extend(wanted.recontact.value().map(|list| recontact::write(&id, list)));
    // Every supplier of the locale is attached when the draft is made (vendor wiki 855638135).
    if let Some(list) = wanted.suppliers.value() {
        let offer = wanted.cpi.value().copied();
        calls.push(suppliers::write(&id, list, offer, &Value::Null));
    }
    calls
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    json!({"op": "replace", "path": path, "value": value})
}

/// PATCH calls for operations, as few as the vendor takes.
fn patches(id: &str, operations: Vec<Value>) -> Vec<Call> {
    let patch = |operations: Vec<Value>| {
        let paths = operations
            .iter()
            .filter_map(|operation| operation["path"].as_str());
        let names: Vec<&str> = paths.map(|path| path.trim_start_matches('/')).collect();
        let purpose = format!("set {}", names.join(", "));
        write(
            Method::Patch,
            format!("/surveys/{id}"),
            Value::Array(operations),
            purpose,
        )
    };
    if operations.is_empty() {
        Vec::new()
    } else if PATCH_TAKES_SEVERAL {
        vec![patch(operations)]
    } else {
        operations.into_iter().map(|one| patch(vec![one])).collect()
    }
}

/// Changes the status.
pub(super) fn set_status(id: &str, to: Status) -> Vec<Call> {
    let operation = replace(STATUS_PATCH_PATH, decode::status_code(to));
    let purpose = format!("set the status to {to}");
    let said = |call: Call| Call {
        purpose: purpose.clone(),
        ..call
    };
    patches(id, vec![operation]).into_iter().map(said).collect()
}

/// Changes a survey in place.
pub(super) fn update(edits: &Edits<'_>) -> Vec<Call> {
    let id = encode_segment(&edits.live.id);
    let draft = edits.live.status == Some(Status::Draft);
    let needs_put = !edits.qualifications.is_empty()
        || edits
            .fields
            .iter()
            .any(|field| !has_patch(field) && !has_call(field))
        || regroups(edits.quotas, draft)
        || edits.live.status == Some(Status::Live) && crosses(edits);
    let drops = draft && DELETE_QUOTAS_OF_DRAFTS;
    let mut calls = Vec::new();
    let (first, last) = suppliers_call(&id, edits);
    calls.extend(first);
    for edit in edits.quotas.iter().filter(|_| drops) {
        if let QuotaEdit::Stop { before } = edit {
            let purpose = format!("delete quota {}", edit.name());
            let path = quota_path(&id, before);
            calls.push(Call::new(
                Method::Delete,
                path,
                CallClass::IdempotentWrite,
                purpose,
            ));
        }
    }
    calls.extend(renames(&id, edits, needs_put));
    if needs_put {
        let purpose = "write the survey with its targeting and quotas";
        calls.push(write(
            Method::Put,
            format!("/surveys/{id}"),
            put_body(edits, drops),
            purpose,
        ));
    } else {
        calls.extend(
            edits
                .quotas
                .iter()
                .filter_map(|edit| quota_call(&id, edit, drops)),
        );
    }
    let list = edits.wanted.recontact.value();
    let list = list.filter(|_| edits.fields.contains(&FieldName::Recontact));
    calls.extend(list.map(|list| recontact::write(&id, list)));
    let operations = edits
        .fields
        .iter()
        .filter(|field| !needs_put || is_patch_only(field))
        .filter_map(|field| operation(field, edits.wanted))
        .collect();
    calls.extend(patches(&id, operations));
    calls.extend(last);
    calls
}

/// The call that writes who sends respondents, where that changes or their price is the survey's, which does: before
/// everything else where it lowers what a complete can cost, and behind it otherwise, so that between two calls no more is at
/// stake than before or after all.
fn suppliers_call(id: &str, edits: &Edits<'_>) -> (Option<Call>, Option<Call>) {
    let touched = |field| edits.fields.contains(&field);
    let Some(list) = edits.wanted.suppliers.value() else {
        return (None, None);
    };
    if !touched(FieldName::Suppliers) && !touched(FieldName::Cpi) {
        return (None, None);
    }
    let (before, after) = (edits.before(), edits.after());
    let highest = |spec: &SurveySpec| spec.suppliers.value().and_then(Suppliers::highest_price);
    let amount = |price: Option<Money>| price.map(|price| price.amount);
    let references = edits.live.kept.read::<Kept>().unwrap_or_default().supplier_groups;
    let call = suppliers::write(id, list, after.cpi.value().copied(), &references);
    match amount(highest(&after)) < amount(highest(&before)) {
        true => (Some(call), None),
        false => (None, Some(call)),
    }
}

/// Quotas under new keys, each by the vendor's own id, which stays. What else changes of one goes along where nothing
/// writes the whole survey afterwards. Keys are unique within a survey (vendor wiki 33494326), so those that change places
/// are put aside first.
fn renames(id: &str, edits: &Edits<'_>, alone: bool) -> Vec<Call> {
    let pairs = edits.quotas.iter().filter_map(|edit| match edit {
        QuotaEdit::Change { before, after, .. } => Some((edit.renames()?, before, after)),
        QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => None,
    });
    let call = |before: &LiveQuota, after: &Quota| {
        let path = format!("/surveys/{id}/quotas/{}", encode_segment(&before.id));
        let old = before.name.as_deref().unwrap_or(&before.id);
        let purpose = format!("rename quota {old} to {}", after.name);
        write(Method::Put, path, encode::quota(after), purpose)
    };
    let under = |name: &str, before: &LiveQuota| Quota {
        name: name.to_owned(),
        completes: before.completes,
        criteria: before.criteria.clone(),
    };
    let mut calls = Vec::new();
    let mut open: Vec<_> = pairs.collect();
    let mut aside: Vec<LiveQuota> = Vec::new();
    while !open.is_empty() {
        let taken = |name: &str| open.iter().any(|(old, _, _)| *old == name);
        let free = open.iter().position(|(_, _, after)| !taken(&after.name));
        let (old, before, after) = open.remove(free.unwrap_or(0));
        let now = LiveQuota {
            name: Some(format!("{old}{QUOTA_PUT_ASIDE}")),
            ..before.clone()
        };
        if free.is_none() {
            calls.push(call(before, &under(&format!("{old}{QUOTA_PUT_ASIDE}"), before)));
            aside.push(now);
            open.push((ASIDE, before, after));
            continue;
        }
        let before = aside.iter().find(|other| other.id == before.id).unwrap_or(before);
        let wanted = if alone {
            under(&after.name, before)
        } else {
            after.clone()
        };
        calls.push(call(before, &wanted));
    }
    calls
}

/// A key that no quota of a manifest has.
const ASIDE: &str = "";

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

/// Whether some of these edits raise what a survey in field can spend and others lower it. One after the other, more could
/// be spent in between than before and after them, and an apply may end there.
fn crosses(edits: &Edits<'_>) -> bool {
    let before = edits.before();
    let wanted = edits.wanted;
    let fields = edits.fields.iter().filter_map(|field| match field {
        FieldName::Completes => Some(way(before.completes.value(), wanted.completes.value())),
        FieldName::Cpi => {
            let amount = |spec: &SurveySpec| spec.cpi.value().map(|cpi| cpi.amount);
            Some(way(amount(&before), amount(wanted)))
        }
        _ => None,
    });
    let quotas = edits.quotas.iter().map(|edit| match edit {
        QuotaEdit::Change { before, after, .. } if !edit.changes_criteria() => {
            way(Some(before.completes), Some(after.completes))
        }
        // Who may take part with or without it decides whether more can come.
        QuotaEdit::Change { .. } | QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => None,
    });
    let mut ways = fields.chain(quotas).filter(|way| *way != Some(Ordering::Equal));
    match ways.next() {
        None => false,
        Some(None) => ways.next().is_some(),
        first => ways.any(|way| Some(way) != first),
    }
}

/// Whether a value rises or falls, where that is known.
fn way<T: Ord>(before: Option<T>, after: Option<T>) -> Option<Ordering> {
    Some(after?.cmp(&before?))
}

/// Fields with a documented PATCH path (vendor docs update-survey PATCH, wiki 34117092, 2676850692).
fn has_patch(field: &FieldName) -> bool {
    matches!(field, FieldName::Completes | FieldName::Cpi) || is_patch_only(field)
}

/// Fields that a call of their own writes.
fn has_call(field: &FieldName) -> bool {
    *field == FieldName::Suppliers || field.is_list_of_respondents()
}

fn is_patch_only(field: &FieldName) -> bool {
    match field {
        FieldName::Attribute(key) => attributes::setting(key).is_some_and(|setting| setting.patch_only),
        _ => false,
    }
}

fn operation(field: &FieldName, wanted: &SurveySpec) -> Option<Value> {
    match field {
        FieldName::Completes => Some(replace("/completes_required", *wanted.completes.value()?)),
        FieldName::Cpi => {
            let price = wanted.cpi.value().map(|cpi| number(cpi.amount));
            Some(replace("/offer_price", price))
        }
        FieldName::Attribute(key) => {
            let value = wanted.attributes.get(key)?.value().cloned();
            Some(replace(&attributes::setting(key)?.patch_path(), value))
        }
        _ => None,
    }
}

/// The path of a quota: by our key, or by the vendor's for one made by hand (vendor wiki 33494326), and for one whose key
/// would be something else in a path.
fn quota_path(id: &str, quota: &LiveQuota) -> String {
    let plain = |key: &&str| Quota::is_name(key) && !matches!(*key, "." | "..");
    let key = quota
        .name
        .as_deref()
        .filter(|key| plain(key) || quota.id.is_empty());
    let key = key.unwrap_or(&quota.id);
    format!("/surveys/{id}/quotas/{}", encode_segment(key))
}

/// The call of one quota; `drops` says that stopped ones are deleted before.
fn quota_call(id: &str, edit: &QuotaEdit, drops: bool) -> Option<Call> {
    let put = |before: &LiveQuota, after: &Quota, purpose: String| {
        write(Method::Put, quota_path(id, before), encode::quota(after), purpose)
    };
    match edit {
        // Not repeatable (the vendor does not say what a second one does), yet recognisable by its key when read back.
        QuotaEdit::Add(quota) => {
            let (path, purpose) = (
                format!("/surveys/{id}/quotas"),
                format!("add quota {}", quota.name),
            );
            Some(Call::new(Method::Post, path, CallClass::Create, purpose).body(encode::quota(quota)))
        }
        QuotaEdit::Change { .. } if edit.renames().is_some() => None,
        QuotaEdit::Change { before, after, .. } => {
            Some(put(before, after, format!("write quota {}", after.name)))
        }
        QuotaEdit::Stop { .. } if drops => None,
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

/// The whole survey as it should be: what was read, overlaid with what earlier steps wrote and with what changes now.
fn put_body(edits: &Edits<'_>, drop_stopped: bool) -> Value {
    let mut body = edits.live.kept.read::<Kept>().unwrap_or_default().into_body();
    let mut overlay = edits.changed();
    // Settings the vendor does not show would be lost by a PUT that replaces: they go along although they do not change.
    for (key, value) in &edits.wanted.attributes {
        if !edits.live.spec.attributes.contains_key(key) {
            overlay.attributes.insert(key.clone(), value.clone());
        }
    }
    encode::fields(&overlay, &mut body);
    let shown = edits.live.qualifications.value();
    let mut criteria: Vec<_> = shown.into_iter().flatten().cloned().collect();
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
    let member = |member: &GroupMember| match member {
        GroupMember::Survey(address) => body_placeholder(address),
        GroupMember::VendorId(id) => Value::from(id),
    };
    let mut body = json!({
        "buyer_surveygroup_ref": wanted.reference,
        "name": wanted.title,
        "surveys_in_group": wanted.members.iter().map(member).collect::<Value>(),
    });
    if let Some(days) = wanted.exclusion_days {
        body["exclusion_period"] = Value::from(days);
    }
    body
}

/// Makes an exclusion group (vendor wiki 33550418).
pub(super) fn create_group(wanted: &DesiredGroup) -> Vec<Call> {
    let purpose = "create the exclusion group";
    vec![Call::new(Method::Post, "/surveygroups", CallClass::Create, purpose).body(group_body(wanted))]
}

/// Brings an exclusion group to the wanted values. The body of PUT is assumed to be that of the create, and its path the
/// reference: the only key that the create is known to hold, and a unique one (vendor wiki 33550418).
pub(super) fn update_group(live: &LiveGroup, wanted: &DesiredGroup) -> Vec<Call> {
    let path = format!("/surveygroups/{}", encode_segment(&live.id));
    vec![write(
        Method::Put,
        path,
        group_body(wanted),
        "write the exclusion group",
    )]
}
