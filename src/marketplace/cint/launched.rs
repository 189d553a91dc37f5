//! Changes of target groups in field, where every part has a resource of its own. Pure, as [`super::calls`].

use super::calls::{header, profiles_after, profiling_body, project_of, write};
use super::encode::{self, attribute};
use super::{Cint, paths, profiling};
use crate::model::call::encode_segment;
use crate::model::{Call, LiveQuota, LiveSurvey, Method, Status, SurveySpec};
use crate::plan::Refusal;
use crate::plan::diff::{FieldName, QuotaEdit};
use crate::plan::market::Edits;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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
pub(super) fn update(cint: &Cint, own: &str, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
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
    let price = after.cpi.value().filter(|_| has(&FieldName::Cpi)).map(|cpi| {
        write(
            Method::Put,
            format!("{own}/cost-per-interview"),
            json!({"target_group_cpi": encode::money(cpi)}),
            "write the price",
        )
    });
    // Between two calls no more may be at stake than before or after both: a price that falls goes first.
    let falls = match (edits.live.spec.cpi.value(), after.cpi.value()) {
        (Some(before), Some(after)) => after.amount < before.amount,
        _ => false,
    };
    let (first, last) = if falls { (price, None) } else { (None, price) };
    calls.extend(first);
    let goal_changes = has(&FieldName::Completes);
    // The call that only moves counts takes none of zero (OpenAPI).
    let to_nothing = edits.quotas.iter().any(|edit| match edit {
        QuotaEdit::Change { after, .. } => after.completes == 0,
        QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => false,
    });
    let of_nothing = goal_changes && edits.live.quotas.iter().any(|quota| quota.completes == 0);
    let structure = to_nothing
        || of_nothing
        || !edits.qualifications.is_empty()
        || edits.quotas.iter().any(QuotaEdit::changes_criteria);
    if structure {
        let goal = after.completes.value().copied();
        let profiles = profiles_after(edits)?;
        let counts = |quota: &LiveQuota| counted(&profiles, quota);
        not_below_collected(edits, goal, counts)?;
        calls.push(Call {
            ..write(
                Method::Post,
                format!("{own}/profiles/manage-profiles"),
                json!({"completes_goal": goal, "profiling": profiling_body(&profiles)}),
                "write goal, qualifications and quotas",
            )
        });
    } else if has(&FieldName::Completes) || !edits.quotas.is_empty() {
        let goal = after.completes.value().copied();
        not_below_collected(edits, goal, |quota| count_after(edits, quota))?;
        calls.push(goals(own, edits, &after));
    }
    calls.extend(last);
    if has(&FieldName::MaxCpi) || set("fielding_assistant") {
        let tag = edits
            .live
            .kept
            .raw()
            .get("assistant_etag")
            .and_then(Value::as_str);
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
        if edits.live.status == Some(Status::Closed) {
            let rule =
                "Cint changes no filling strategy of a target group that has ended (update_filling_strategy)";
            return Err(Refusal::new(rule).at("/cint/filling_strategy"));
        }
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
pub(super) fn strategy(own: &str, after: &SurveySpec) -> Option<Call> {
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
                .kept
                .raw()
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

pub(super) fn run_path(own: &str, live: &LiveSurvey) -> Option<String> {
    let run = live.kept.raw().get("run")?.as_str()?;
    Some(format!("{own}/fielding-runs/{}", encode_segment(run)))
}

pub(super) fn run_headers(live: &LiveSurvey) -> BTreeMap<String, String> {
    let tag = live.kept.raw().get("run_etag").and_then(Value::as_str);
    tag.map(|tag| header("if-match", tag)).unwrap_or_default()
}

/// Both dates, always: in field the start is sent as it is.
fn dates(own: &str, edits: &Edits<'_>, after: &SurveySpec) -> Result<Call, Refusal> {
    let Some(path) = run_path(own, edits.live) else {
        return Err(Refusal::new(
            "its fielding run could not be read, so its dates cannot be changed",
        ));
    };
    if edits.live.status == Some(Status::Closed) {
        return Err(Refusal::new(
            "Cint changes no times of a target group that has ended (update_fielding_run)",
        )
        .help("put the old end back and field it again first, or make a new target group")
        .at("/field/end"));
    }
    let scheduled = edits.live.status_text == "scheduled";
    let kept = |key: &str| edits.live.kept.raw().get(key).cloned().unwrap_or(Value::Null);
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

/// The count that a call without a change of structure sends for a quota; none where it leaves it alone.
fn count_after(edits: &Edits<'_>, quota: &LiveQuota) -> Option<u64> {
    let edited = edits.quotas.iter().find_map(|edit| match edit {
        QuotaEdit::Change { before, after, .. } => (before.id == quota.id).then_some(after.completes),
        QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => None,
    });
    edited.or_else(|| {
        edits
            .fields
            .contains(&FieldName::Completes)
            .then_some(quota.completes)
    })
}

/// The count that profiles have for who is in a quota; none where nothing counts them any more.
fn counted(profiles: &[Value], quota: &LiveQuota) -> Option<u64> {
    let seen = profiling::decode(&Value::from(profiles.to_vec()), "").ok()?;
    let same = seen
        .quotas
        .iter()
        .find(|other| other.criteria == quota.criteria)?;
    Some(same.completes)
}

/// Neither the goal nor a quota goes below what is collected (OpenAPI, `profile_validation_error_076` and `_046`). The
/// vendor collects a little more than was asked for, so what is written along with an edit may be below already.
fn not_below_collected(
    edits: &Edits<'_>,
    goal: Option<u64>,
    count: impl Fn(&LiveQuota) -> Option<u64>,
) -> Result<(), Refusal> {
    let fielded = edits.live.fielded.unwrap_or(0);
    let refusal = |what: &str, wanted: u64, fielded: u64| {
        Refusal::new(format!(
            "{what} cannot be written as {wanted}: {fielded} completes are collected already, and Cint takes no number \
             below that along with other changes of who is asked and how many"
        ))
        .help(format!("{fielded} is the lowest value"))
    };
    if let Some(goal) = goal.filter(|goal| *goal < fielded) {
        return Err(refusal("/completes", goal, fielded).at("/completes"));
    }
    for quota in &edits.live.quotas {
        let fielded = quota.fielded.unwrap_or(0);
        if let Some(wanted) = count(quota).filter(|wanted| *wanted < fielded) {
            let name = quota.name.as_deref().unwrap_or(&quota.id);
            let path = format!("/quotas/{name}/completes");
            return Err(refusal(&path, wanted, fielded).at(path.clone()));
        }
    }
    Ok(())
}

/// Goal and counts without a change of structure. With a new goal every quota is sent, or the vendor would work them out
/// anew from its suppliers.
fn goals(own: &str, edits: &Edits<'_>, after: &SurveySpec) -> Call {
    let goal_changes = edits.fields.contains(&FieldName::Completes);
    let mut profiles: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for quota in &edits.live.quotas {
        let Some(count) = count_after(edits, quota) else {
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
