//! Changes of target groups in field, where every part has a resource of its own. Pure, as [`super::calls`].

use super::encode::{self, attribute};
use super::parts::{self, header, profiles_after, project_of, put};
use super::wire::Kept;
use super::{Cint, allocations, fielding, paths, profiling};
use crate::marketplace::http::wire::Time;
use crate::model::call::encode_segment;
use crate::model::{Call, Field, LiveQuota, Method, Status, SurveySpec};
use crate::plan::Refusal;
use crate::plan::diff::{FieldName, QuotaEdit, quota_path};
use crate::plan::market::{Edits, Marketplace};
use jiff::Timestamp;
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
        FieldName::Attribute(key) => matches!(
            key.as_str(),
            "project_manager" | "reference" | "industry_lockout" | "client_cpi_note"
        ),
        _ => false,
    }
}

/// Small, separate calls: details, dates, goal and targeting, price, Fielding Assistant, the rest.
pub(super) fn update(cint: &Cint, own: &str, edits: &Edits<'_>, kept: &Kept) -> Result<Vec<Call>, Refusal> {
    let after = edits.after();
    let has = |field: &FieldName| edits.fields.contains(field);
    let set = |key: &str| has(&FieldName::Attribute(key.to_owned()));
    let put = |rest: &str, body: Value, purpose: &str| put(format!("{own}/{rest}"), body, purpose);
    let mut calls = Vec::new();
    if edits.fields.iter().any(of_details) {
        calls.push(put("details", encode::details(&after), "write the details"));
    }
    if has(&FieldName::Start) || has(&FieldName::End) {
        calls.push(dates(own, edits, &after, kept)?);
    }
    let (first, last) = prices(cint, own, edits, &after, kept);
    calls.extend(first);
    calls.extend(goal_and_targeting(own, edits, &after, kept)?);
    calls.extend(last);
    if set("filling_strategy") {
        calls.extend(strategy(own, &after));
    }
    if set("allocations") || has(&FieldName::Suppliers) {
        let none = BTreeMap::new();
        let known = kept.allocation_groups.value().unwrap_or(&none);
        // What is shown says both; only what the manifest says is laid over the other.
        let wanted = SurveySpec {
            suppliers: edits.wanted.suppliers.clone(),
            ..after.clone()
        };
        let shares = allocations::encode(allocations::of(&wanted).as_ref(), Some(known));
        calls.push(put("allocation-specification", shares, "write the allocations"));
    }
    if set("exclude_within_project") {
        let project = paths::project(cint.account, &project_of(edits.subject.address));
        let enabled = attribute(&after, "exclude_within_project");
        let path = format!("{project}/exclusion-policies");
        let body = json!([{"target_group_id": edits.live.id, "project_exclusion_enabled": enabled}]);
        calls.push(parts::put(path, body, "write the exclusion within the project"));
    }
    if set("activity_exclusions") {
        let list = attribute(&after, "activity_exclusions");
        let list = list.map_or_else(|| json!([]), encode::activity_exclusions);
        let body = json!({"respondent_activity_exclusions": list});
        let purpose = "write the exclusions by activity";
        calls.push(put("respondent-activity-exclusions", body, purpose));
    }
    if set("re_entry")
        && let Some(path) = &cint.assumptions.re_entry_path
    {
        let body = json!({"re_entry_configuration": attribute(&after, "re_entry")});
        calls.push(put(path, body, "write the re-entry configuration"));
    }
    Ok(calls)
}

/// The calls that say what a complete may cost: those that go before goal and counts, and those that go after them. Between
/// two calls no more may be at stake than before or after all: what bounds the price lower goes first.
fn prices(
    cint: &Cint,
    own: &str,
    edits: &Edits<'_>,
    after: &SurveySpec,
    kept: &Kept,
) -> (Vec<Call>, Vec<Call>) {
    let has = |field: &FieldName| edits.fields.contains(field);
    let put = |rest: &str, body: Value, purpose: &str| put(format!("{own}/{rest}"), body, purpose);
    let offer = after.cpi.value().filter(|_| has(&FieldName::Cpi)).map(|cpi| {
        let body = json!({"target_group_cpi": encode::money(cpi)});
        put("cost-per-interview", body, "write the price")
    });
    let assistant = has(&FieldName::MaxCpi) || has(&FieldName::Attribute("fielding_assistant".to_owned()));
    let assistant = assistant.then(|| {
        let tag = kept.assistant_etag.value();
        let (modules, purpose) = (encode::assistant(after), "write the Fielding Assistant");
        Call {
            headers: tag.map_or_else(|| header("if-none-match", "*"), |tag| header("if-match", tag)),
            ..put("fielding-assistant-assignment", modules, purpose)
        }
    });
    let before = edits.before();
    let price = |spec: &SurveySpec| cint.highest_price(spec).map(|price| price.amount);
    let offered_first = SurveySpec {
        cpi: after.cpi.clone(),
        ..before.clone()
    };
    let (from, to) = (price(&before), price(after));
    // A new offer under the modules that were there may be higher than both.
    let calls = match price(&offered_first) > from.max(to) {
        true => [assistant, offer],
        false => [offer, assistant],
    };
    let calls: Vec<Call> = calls.into_iter().flatten().collect();
    let falls = match (from, to) {
        (Some(from), Some(to)) => to < from,
        // Where no price bounds it, a budget may.
        (None, Some(_)) => cint.budget(&before).is_none(),
        (_, None) => cint.budget(after).is_some(),
    };
    if falls {
        (calls, Vec::new())
    } else {
        (Vec::new(), calls)
    }
}

/// The one call that writes goal, qualifications and quotas, or the one that only moves counts.
fn goal_and_targeting(
    own: &str,
    edits: &Edits<'_>,
    after: &SurveySpec,
    kept: &Kept,
) -> Result<Option<Call>, Refusal> {
    let goal_changes = edits.fields.contains(&FieldName::Completes);
    let goal = after.completes.value().copied();
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
        let profiles = profiles_after(edits, kept)?;
        let seen = profiling::decode(&profiles, "").unwrap_or_default();
        // None where nothing counts who is in a quota any more.
        not_below_collected(edits, goal, |quota| {
            let same = seen.quotas.iter().find(|other| other.criteria == quota.criteria);
            same.map(|same| same.completes)
        })?;
        let path = format!("{own}/profiles/manage-profiles");
        let body = json!({"completes_goal": goal, "profiling": profiling::body(&profiles)});
        return Ok(Some(Call {
            method: Method::Post,
            ..put(path, body, "write goal, qualifications and quotas")
        }));
    }
    if !goal_changes && edits.quotas.is_empty() {
        return Ok(None);
    }
    not_below_collected(edits, goal, |quota| count_after(edits, quota))?;
    Ok(Some(goals(own, edits, after)))
}

/// What counts against the goal; only what is launched takes it.
pub(super) fn strategy(own: &str, after: &SurveySpec) -> Option<Call> {
    let strategy = attribute(after, "filling_strategy")?;
    let body = json!({"filling_strategy": strategy});
    let path = format!("{own}/filling-strategy");
    Some(put(path, body, "write the filling strategy"))
}

/// The path of the fielding run, and the header with the version of it that was read.
pub(super) fn run(own: &str, kept: &Kept) -> Option<(String, BTreeMap<String, String>)> {
    let path = format!("{own}/fielding-runs/{}", encode_segment(kept.run.value()?));
    let tag = kept.run_etag.value();
    Some((path, tag.map(|tag| header("if-match", tag)).unwrap_or_default()))
}

/// Both dates, always: in field the start is sent as it is.
fn dates(own: &str, edits: &Edits<'_>, after: &SurveySpec, kept: &Kept) -> Result<Call, Refusal> {
    let Some((path, headers)) = run(own, kept) else {
        let why = "its fielding run could not be read, so its dates cannot be changed";
        return Err(Refusal::new(why));
    };
    let scheduled = edits.live.status_text == "scheduled";
    // One that is kept from starting stays so until its status says otherwise.
    let out = matches!(edits.wanted.status, Field::Set(Status::Paused | Status::Draft));
    if scheduled && (out || edits.live.status == Some(Status::Paused)) {
        return Ok(Call {
            headers,
            ..put(path, fielding::parked_times(), "keep its start away")
        });
    }
    let time =
        |wanted: Option<&Timestamp>, kept: &Field<Time>| wanted.copied().or(kept.value().map(|time| time.0));
    let start = time(after.start.value().filter(|_| scheduled), &kept.run_start);
    let end = time(after.end.value(), &kept.run_end);
    // One that ended before it started begins when it is fielded again, and nobody knows that time before.
    let ahead = edits.as_of.is_some_and(|now| start > Some(now));
    if !scheduled && start.is_some() && (start >= end || ahead) {
        let why = "it ended before it started, so its dates can be written once it is back in field";
        return Err(Refusal::new(why).help("the plan after this one writes them"));
    }
    let (start, end) = (start.map(encode::time), end.map(encode::time));
    let body = json!({"start_fielding_at": start, "end_fielding_at": end});
    Ok(Call {
        headers,
        ..put(path, body, "write the dates")
    })
}

/// The count that a call without a change of structure sends for a quota; none where it leaves it alone.
fn count_after(edits: &Edits<'_>, quota: &LiveQuota) -> Option<u64> {
    let edited = edits.quotas.iter().find_map(|edit| match edit {
        QuotaEdit::Change { before, after, .. } => (before.id == quota.id).then_some(after.completes),
        QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => None,
    });
    let goal_changes = edits.fields.contains(&FieldName::Completes);
    edited.or(goal_changes.then_some(quota.completes))
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
            let path = format!("{}/completes", quota_path(name));
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
    let path = format!("{own}/profiles/completes-goal");
    put(path, Value::Object(body), "write goal and counts")
}
