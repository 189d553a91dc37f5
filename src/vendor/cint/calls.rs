//! From changes to calls. Pure: the same changes give the same calls, byte for byte.
//!
//! A draft and a launched target group are two APIs: the draft is one document, written whole; in field every part has a
//! resource of its own. Which one a change needs is read off the live picture.

use super::encode::{self, attribute};
use super::{Cint, paths, profiling};
use crate::model::call::{
    Followup, JOB_PLACEHOLDER, KEY_PLACEHOLDER, Until, encode_segment, path_placeholder,
};
use crate::model::{
    Address, Call, CallClass, Criterion, Field, LiveSurvey, Method, Quota, Status, SurveySpec,
};
use crate::plan::Refusal;
use crate::plan::diff::{FieldName, QuotaEdit};
use crate::plan::market::{Edits, Move, Subject};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn write(method: Method, path: String, body: Value, purpose: &str) -> Call {
    Call {
        body: Some(body),
        ..Call::new(method, path, CallClass::IdempotentWrite, purpose)
    }
}

fn header(name: &str, value: &str) -> BTreeMap<String, String> {
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
        body.insert("profiling".to_owned(), profiling_body(profiles));
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

fn profiling_body(profiles: Vec<Value>) -> Value {
    json!({"profile_adjustment_type": "nominal", "profiles": profiles})
}

fn project_of(address: &Address) -> String {
    path_placeholder(&address.parent().unwrap_or_else(|| address.clone()))
}

/// Changes a project in place; left out, its reference would be deleted.
pub(super) fn update_project(cint: &Cint, edits: &Edits<'_>) -> Vec<Call> {
    if edits.fields.is_empty() {
        return Vec::new();
    }
    let mut headers = header("idempotency-key", KEY_PLACEHOLDER);
    if let Some(tag) = edits.live.document.get("etag").and_then(Value::as_str) {
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
fn profiles_after(edits: &Edits<'_>) -> Result<Vec<Value>, Refusal> {
    let shown = edits.live.document.get("profiles").unwrap_or(&Value::Null);
    let touched = |spec: &SurveySpec| !spec.qualifications.is_absent() || !spec.quotas.is_absent();
    let after = edits.after();
    if !touched(edits.wanted) && !touched(edits.applied) {
        return Ok(profiling::verbatim(shown, &BTreeSet::new()));
    }
    let of = |field: &Field<Vec<Criterion>>| field.value().cloned().unwrap_or_default();
    let editing = !edits.qualifications.is_empty() || !edits.quotas.is_empty();
    // What is managed and not edited is at the vendor as it was applied.
    let qualifications = if editing {
        of(&edits.wanted.qualifications)
    } else {
        of(&after.qualifications)
    };
    let quotas = match (&edits.wanted.quotas, editing) {
        (Field::Set(quotas), true) => quotas.clone(),
        _ => after.quotas.value().cloned().unwrap_or_default(),
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
        update_launched(cint, &own, edits)
    }
}

fn update_draft(own: String, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    if edits
        .live
        .document
        .get("template")
        .is_some_and(|template| !template.is_null())
    {
        return Err(Refusal::new(
            "this draft takes profiles from a template of the vendor, which infield cannot write back",
        )
        .help("remove the template in the vendor's interface, or leave the draft alone"));
    }
    let mut body = encode::draft(&edits.after())?;
    let profiles = profiles_after(edits)?;
    if profiles.is_empty() {
        body.insert("profiling".to_owned(), Value::Null);
    } else {
        body.insert("profiling".to_owned(), profiling_body(profiles));
    }
    Ok(vec![write(
        Method::Put,
        own,
        Value::Object(body),
        "write the draft",
    )])
}

/// Which resource of a launched target group a field belongs to.
fn of_details(field: &FieldName) -> bool {
    match field {
        FieldName::Title
        | FieldName::IncidenceRate
        | FieldName::LengthOfInterview
        | FieldName::LiveUrl
        | FieldName::TestUrl => true,
        FieldName::Attribute(key) => [
            "project_manager",
            "reference",
            "industry_lockout",
            "client_cpi_note",
        ]
        .contains(&key.as_str()),
        _ => false,
    }
}

/// Small, separate calls: details, dates, goal and targeting, price, Fielding Assistant, the rest.
fn update_launched(cint: &Cint, own: &str, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
    let after = edits.after();
    let has = |field: &FieldName| edits.fields.contains(field);
    let set = |key: &str| has(&FieldName::Attribute(key.to_owned()));
    let mut calls = Vec::new();
    if edits.fields.iter().any(of_details) {
        calls.push(write(
            Method::Put,
            format!("{own}/details"),
            encode::details(&after),
            "write the details",
        ));
    }
    if has(&FieldName::Start) || has(&FieldName::End) {
        calls.push(dates(own, edits, &after)?);
    }
    let structure = !edits.qualifications.is_empty() || edits.quotas.iter().any(QuotaEdit::changes_criteria);
    if structure {
        let goal = after.completes.value().copied();
        calls.push(Call {
            ..write(
                Method::Post,
                format!("{own}/profiles/manage-profiles"),
                json!({"completes_goal": goal, "profiling": profiling_body(profiles_after(edits)?)}),
                "write goal, qualifications and quotas",
            )
        });
    } else if has(&FieldName::Completes) || !edits.quotas.is_empty() {
        calls.push(goals(own, edits, &after));
    }
    if has(&FieldName::Cpi)
        && let Some(cpi) = after.cpi.value()
    {
        calls.push(write(
            Method::Put,
            format!("{own}/cost-per-interview"),
            json!({"target_group_cpi": encode::money(cpi)}),
            "write the price",
        ));
    }
    if has(&FieldName::MaxCpi) || set("fielding_assistant") {
        let tag = edits.live.document.get("assistant_etag").and_then(Value::as_str);
        calls.push(Call {
            headers: tag.map_or_else(|| header("if-none-match", "*"), |tag| header("if-match", tag)),
            ..write(
                Method::Put,
                format!("{own}/fielding-assistant-assignment"),
                encode::assistant(&after),
                "write the Fielding Assistant",
            )
        });
    }
    if set("filling_strategy") {
        calls.extend(strategy(own, &after));
    }
    if set("allocations") {
        calls.push(write(
            Method::Put,
            format!("{own}/allocation-specification"),
            with_ids(
                encode::allocations(attribute(&after, "allocations"), "supplier_ids"),
                edits.live,
            ),
            "write the allocations",
        ));
    }
    if set("exclude_within_project") {
        let project = paths::project(cint.account, &project_of(edits.subject.address));
        let enabled = attribute(&after, "exclude_within_project");
        calls.push(write(
            Method::Put,
            format!("{project}/exclusion-policies"),
            json!([{"target_group_id": edits.live.id, "project_exclusion_enabled": enabled}]),
            "write the exclusion within the project",
        ));
    }
    if set("activity_exclusions") {
        let list = attribute(&after, "activity_exclusions")
            .cloned()
            .unwrap_or_else(|| json!([]));
        calls.push(write(
            Method::Put,
            format!("{own}/respondent-activity-exclusions"),
            json!({"respondent_activity_exclusions": encode::activity_exclusions(&list)}),
            "write the exclusions by activity",
        ));
    }
    if set("re_entry")
        && let Some(path) = &cint.assumptions.re_entry_path
    {
        calls.push(write(
            Method::Put,
            format!("{own}/{path}"),
            json!({"re_entry_configuration": attribute(&after, "re_entry")}),
            "write the re-entry configuration",
        ));
    }
    Ok(calls)
}

/// What counts against the goal; only what is launched takes it.
fn strategy(own: &str, after: &SurveySpec) -> Option<Call> {
    let strategy = attribute(after, "filling_strategy")?;
    Some(write(
        Method::Put,
        format!("{own}/filling-strategy"),
        json!({"filling_strategy": strategy}),
        "write the filling strategy",
    ))
}

/// An update of allocations names the groups that exist by their ids.
fn with_ids(mut body: Value, live: &LiveSurvey) -> Value {
    for part in ["open_exchange_allocations", "private_exchange_allocations"] {
        let groups = body.get_mut(part).and_then(|part| part.get_mut("groups"));
        for group in groups.and_then(Value::as_array_mut).into_iter().flatten() {
            let name = group
                .get("group_name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let id = live
                .document
                .get("allocation_groups")
                .and_then(|ids| ids.get(name))
                .cloned();
            if let (Some(id), Some(group)) = (id, group.as_object_mut()) {
                group.insert("group_id".to_owned(), id);
            }
        }
    }
    body
}

fn run_path(own: &str, live: &LiveSurvey) -> Option<String> {
    let run = live.document.get("run")?.as_str()?;
    Some(format!("{own}/fielding-runs/{}", encode_segment(run)))
}

fn run_headers(live: &LiveSurvey) -> BTreeMap<String, String> {
    let tag = live.document.get("run_etag").and_then(Value::as_str);
    tag.map(|tag| header("if-match", tag)).unwrap_or_default()
}

/// Both dates, always: in field the start is sent as it is.
fn dates(own: &str, edits: &Edits<'_>, after: &SurveySpec) -> Result<Call, Refusal> {
    let Some(path) = run_path(own, edits.live) else {
        return Err(Refusal::new(
            "its fielding run could not be read, so its dates cannot be changed",
        ));
    };
    let scheduled = edits.live.status_text == "scheduled";
    let kept = |key: &str| edits.live.document.get(key).cloned().unwrap_or(Value::Null);
    let start = match after.start.value() {
        Some(start) if scheduled => encode::time(*start),
        _ => kept("run_start"),
    };
    let end = after
        .end
        .value()
        .map_or_else(|| kept("run_end"), |end| encode::time(*end));
    Ok(Call {
        headers: run_headers(edits.live),
        ..write(
            Method::Put,
            path,
            json!({"start_fielding_at": start, "end_fielding_at": end}),
            "write the dates",
        )
    })
}

/// Goal and counts without a change of structure. With a new goal every quota is sent, or the vendor would work them out
/// anew from its suppliers.
fn goals(own: &str, edits: &Edits<'_>, after: &SurveySpec) -> Call {
    let goal_changes = edits.fields.contains(&FieldName::Completes);
    let wanted: BTreeMap<&str, u64> = edits
        .quotas
        .iter()
        .filter_map(|edit| match edit {
            QuotaEdit::Change { before, after, .. } => Some((before.id.as_str(), after.completes)),
            QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => None,
        })
        .collect();
    let mut profiles: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for quota in &edits.live.quotas {
        let count = wanted.get(quota.id.as_str()).copied();
        let Some(count) = count.or(goal_changes.then_some(quota.completes)) else {
            continue;
        };
        if let Some((profile, target)) = quota.id.split_once('/') {
            let target = json!({"id": target, "quota": {"completes_goal": count}});
            profiles.entry(profile).or_default().push(target);
        }
    }
    let mut body = Map::new();
    if goal_changes && let Some(goal) = after.completes.value() {
        body.insert("completes_goal".to_owned(), Value::from(*goal));
    }
    if !profiles.is_empty() {
        let profiles = profiles.into_iter();
        let list = profiles.map(|(id, targets)| json!({"profile_id": id, "targets": targets}));
        body.insert("profiles".to_owned(), list.collect());
    }
    write(
        Method::Put,
        format!("{own}/profiles/completes-goal"),
        Value::Object(body),
        "write goal and counts",
    )
}

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
