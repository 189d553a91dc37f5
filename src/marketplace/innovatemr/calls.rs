//! From changes to calls. Pure: the same changes give the same calls, byte for byte.
//!
//! A PUT of a job or a group is always complete. A target is one question per call, added by POST and changed by PUT;
//! which of the two the vendor takes for a question that an interrupted apply may have written is not known, so each
//! has the other as its alternative. The same goes for the two spellings of the status.

use super::assumptions::{Assumptions, Endpoint};
use super::encode;
use crate::model::call::{Expectation, body_placeholder, path_placeholder};
use crate::model::{Address, Call, CallClass, Criterion, Field, Lexicon, Method, Status, SurveySpec};
use crate::plan::Refusal;
use crate::plan::diff::{FieldName, QualificationEdit, QuotaEdit, quota_path};
use crate::plan::market::{Edits, Subject};
use serde_json::{Map, Value, json};

fn write(method: Method, path: String, body: Value, purpose: impl Into<String>) -> Call {
    Call::new(method, path, CallClass::IdempotentWrite, purpose).body(body)
}

/// Makes a job, as a draft.
pub(super) fn create_job(table: &Assumptions, wanted: &SurveySpec) -> Vec<Call> {
    let mut body = encode::job(wanted);
    body.insert("Status".to_owned(), Value::from(table.code(Status::Draft)));
    let path = table.path(Endpoint::CreateJob, &[]);
    vec![Call {
        returns_id: Some("/job/Id".to_owned()),
        ..Call::new(Method::Post, path, CallClass::Create, "create the job").body(body)
    }]
}

/// Makes a group with its targets and quotas, as a draft.
pub(super) fn create_group(
    table: &Assumptions,
    subject: Subject<'_>,
    wanted: &SurveySpec,
) -> Result<Vec<Call>, Refusal> {
    let parent = subject
        .address
        .parent()
        .unwrap_or_else(|| subject.address.clone());
    let job = path_placeholder(&parent);
    let id = path_placeholder(subject.address);
    let path = table.path(Endpoint::CreateGroup, &[("JobId", &job)]);
    let body = encode::group(table, wanted, true)?;
    let mut calls = vec![Call {
        returns_id: Some("/group/Id".to_owned()),
        ..Call::new(Method::Post, path, CallClass::Create, "create the group").body(body)
    }];
    let has = |key: &str| wanted.attributes.get(key).and_then(Field::value).is_some();
    let afterwards = encode::AFTER_CREATE.iter().any(|(key, _)| has(key));
    if afterwards {
        calls.push(put_group(table, &id, encode::group(table, wanted, false)?));
    }
    for criterion in wanted.qualifications.value().into_iter().flatten() {
        calls.push(target(table, &id, criterion, subject.lexicon, true)?);
    }
    for quota in wanted.quotas.value().into_iter().flatten() {
        calls.push(add_quota(
            table,
            encode::quota(quota, &body_placeholder(subject.address)),
            &quota.name,
        ));
    }
    Ok(calls)
}

fn put_group(table: &Assumptions, id: &str, body: Map<String, Value>) -> Call {
    write(
        Method::Put,
        table.path(Endpoint::UpdateGroup, &[("GroupId", id)]),
        Value::Object(body),
        "write the group",
    )
}

/// Not repeatable, yet recognisable by its title when read back.
fn add_quota(table: &Assumptions, body: Value, name: &str) -> Call {
    let (path, purpose) = (
        table.path(Endpoint::CreateQuota, &[]),
        format!("add quota {name}"),
    );
    Call::new(Method::Post, path, CallClass::Create, purpose).body(body)
}

fn target(
    table: &Assumptions,
    id: &str,
    criterion: &Criterion,
    lexicon: Option<&Lexicon>,
    new: bool,
) -> Result<Call, Refusal> {
    let body = encode::target(criterion, lexicon)?;
    let path = table.path(Endpoint::Target, &[("GroupId", id)]);
    let (first, second) = if new {
        (Method::Post, Method::Put)
    } else {
        (Method::Put, Method::Post)
    };
    let purpose = format!("target {}", criterion.question);
    let call = |method| write(method, path.clone(), body.clone(), purpose.clone());
    Ok(Call {
        otherwise: Some(Box::new(call(second))),
        ..call(first)
    })
}

/// Changes a job in place.
pub(super) fn update_job(table: &Assumptions, edits: &Edits<'_>) -> Vec<Call> {
    if edits.fields.is_empty() {
        return Vec::new();
    }
    vec![write(
        Method::Put,
        table.path(Endpoint::UpdateJob, &[("JobId", &edits.live.id)]),
        Value::Object(encode::job(&edits.after())),
        "write the job",
    )]
}

/// Changes a group in place: its own fields, then its targets, then its quotas.
pub(super) fn update_group(table: &Assumptions, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    let id = &edits.live.id;
    let mut calls = Vec::new();
    if !edits.fields.is_empty() {
        calls.push(put_group(table, id, encode::group(table, &after(edits), false)?));
    }
    for edit in edits.qualifications {
        calls.push(change_target(table, id, edit, edits.subject.lexicon)?);
    }
    let group = id.parse::<u64>().map_or_else(|_| json!(id), Value::from);
    for edit in edits.quotas {
        calls.push(match edit {
            QuotaEdit::Add(quota) => add_quota(table, encode::quota(quota, &group), &quota.name),
            QuotaEdit::Change { before, after, .. } => write(
                Method::Put,
                table.path(Endpoint::UpdateQuota, &[("QuotaId", &before.id)]),
                encode::quota(after, &group),
                format!("write quota {}", after.name),
            ),
            QuotaEdit::Stop { .. } => {
                return Err(Refusal::new(format!(
                    "the quota {} cannot be removed: InnovateMR has no call for that",
                    edit.name()
                ))
                .help(
                    "put it back into the manifest, or replace the group: list the new one under another name and \
                     remove this one, which is then paused",
                )
                .at(quota_path(edit.name())));
            }
        });
    }
    Ok(calls)
}

/// Every value afterwards. The ceiling stands in for an estimate that no manifest has: one that it was before, and that
/// the vendor shows, goes down with it and is not left above it.
fn after(edits: &Edits<'_>) -> SurveySpec {
    let mut after = edits.after();
    let above = match (after.cpi.value(), edits.changed().max_cpi.value()) {
        (Some(estimate), Some(ceiling)) => estimate.amount > ceiling.amount,
        _ => false,
    };
    if above && edits.wanted.cpi.is_absent() {
        after.cpi = after.max_cpi.clone();
    }
    after
}

fn change_target(
    table: &Assumptions,
    id: &str,
    edit: &QualificationEdit,
    lexicon: Option<&Lexicon>,
) -> Result<Call, Refusal> {
    match &edit.after {
        Some(criterion) => target(table, id, criterion, lexicon, edit.before.is_none()),
        None => {
            let values = [("GroupId", id), ("QuestionKey", &edit.question)];
            let path = table.path(Endpoint::RemoveTarget, &values);
            let purpose = format!("remove target {}", edit.question);
            Ok(Call {
                may_be_gone: edit.unsure,
                ..Call::new(Method::Delete, path, CallClass::IdempotentWrite, purpose)
            })
        }
    }
}

/// Changes a status. An answer that shows another one is no success, and gets the other spelling of the key once.
pub(super) fn set_status(table: &Assumptions, address: &Address, id: &str, to: Status) -> Vec<Call> {
    let (endpoint, name, key, payload) = if address.is_group() {
        (Endpoint::GroupStatus, "GroupId", &table.group_status_key, "group")
    } else {
        (Endpoint::JobStatus, "JobId", &table.job_status_key, "job")
    };
    let code = table.code(to);
    let other = if key == "status" { "Status" } else { "status" };
    let call = |key: &str| Call {
        expects: Some(Expectation {
            pointer: format!("/{payload}/Status"),
            value: Value::from(code),
        }),
        ..write(
            Method::Put,
            table.path(endpoint, &[(name, id)]),
            json!({ key: code }),
            format!("set the status to {to}"),
        )
    };
    vec![Call {
        otherwise: Some(Box::new(call(other))),
        ..call(key)
    }]
}

/// Whether a field can be written while respondents are asked. The vendor documents nothing; raising a goal or a
/// ceiling and the notes to oneself are assumed harmless (assumed).
pub(super) fn harmless_in_field(field: &FieldName, before: &Value, after: &Value) -> bool {
    match field {
        FieldName::Completes => matches!((before.as_u64(), after.as_u64()), (Some(b), Some(a)) if a > b),
        FieldName::MaxCpi => amount(before).zip(amount(after)).is_some_and(|(b, a)| a > b),
        FieldName::Attribute(key) => {
            ["note", "priority", "color", "extra", "category"].contains(&key.as_str())
        }
        _ => false,
    }
}

fn amount(value: &Value) -> Option<rust_decimal::Decimal> {
    let money: crate::model::Money = value.as_str()?.parse().ok()?;
    Some(money.amount)
}
