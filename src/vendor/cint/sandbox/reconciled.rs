//! What came of reconciliations, and what can be reconciled.

use super::auth::ACCOUNT;
use super::envelope::{Outcome, not_found, ok};
use super::life;
use super::money::{Money, time};
use super::page;
use super::reconciliation::{Counts, REASONS, Request, is_open, request_key, respondents};
use super::record;
use crate::sandbox::{Answer, Call, Documents as _, Failure, World};
use bytes::Bytes;
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn word(looks: u64) -> &'static str {
    if looks == 0 { "complete" } else { "processing" }
}

fn kind(keeps: bool) -> &'static str {
    if keeps { "approved_rids" } else { "rejected_rids" }
}

/// Looks at a request, which brings it on; nothing is counted before it is complete.
fn look(world: &World, id: &str) -> Result<Request, Failure> {
    let mut request = world.store.write(|batch| {
        let request: Option<Request> = batch.get_json(&request_key(id))?;
        let mut request = request.ok_or_else(not_found)?;
        if request.looks > 0 {
            request.looks -= 1;
            batch.put_json(&request_key(id), &request)?;
        }
        Ok::<_, Failure>(request)
    })?;
    if request.looks > 0 {
        request.counts = Counts::default();
        request.groups.clear();
    }
    Ok(request)
}

/// `get_reconciliation_by_request_id`.
pub(super) fn get(world: &World, id: &str) -> Outcome {
    let request = look(world, id)?;
    let counts = request.counts;
    Ok(ok(&json!({
        "request_id": request.id,
        "name": request.name,
        "status": word(request.looks),
        "submitted_at": time(request.submitted_ms),
        "submitter_las_id": request.submitted_by,
        "submitted_count": counts.submitted,
        "expired_count": counts.expired,
        "invalid_count": counts.invalid,
        "positive_reversed_count": counts.positive,
        "negative_reversed_count": counts.negative,
        "submission_type": kind(request.keeps),
    })))
}

/// `get_reconciliations_by_account_id`: newest last (assumed), no `has_more`.
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let requests: Vec<Request> = world
        .store
        .read(|view| record::all(view, "cint/reconciliation/"))?;
    let name = call.parameter("name").unwrap_or_default();
    let wanted = call.parameter("status");
    let by = call.parameter("submitted_by_user_id");
    let items = requests
        .iter()
        .filter(|request| request.name.contains(name))
        .filter(|request| wanted.is_none_or(|wanted| word(request.looks) == wanted))
        .filter(|request| by.is_none_or(|by| request.submitted_by == by))
        .map(|request| {
            let counts = if request.looks == 0 {
                request.counts
            } else {
                Counts::default()
            };
            let shown = json!({
                "id": request.id, "name": request.name, "submitted_at": time(request.submitted_ms),
                "status": word(request.looks), "submitted_by_user_id": request.submitted_by,
                "result_counts": {
                    "submitted": counts.submitted, "expired": counts.expired, "invalid": counts.invalid,
                    "total_reversed": counts.positive + counts.negative,
                    "positive_reversed": counts.positive, "negative_reversed": counts.negative,
                },
                "submission_type": kind(request.keeps),
            });
            (request.id.clone(), shown)
        })
        .collect();
    let size = page::size(call, 10, 100)?;
    let page = page::cut(call, items, 10, 100)?;
    Ok(ok(&json!({
        "reconciliation_requests": page.items, "next_cursor": page.next(), "page_size": size,
    })))
}

fn of_group(request: &Request, id: &str, counts: Counts) -> Value {
    json!({
        "target_group_id": id,
        "status": word(request.looks),
        "submitted_count": counts.submitted,
        "expired_count": counts.expired,
        "invalid_count": counts.invalid,
        "positive_reversed_count": counts.positive,
        "negative_reversed_count": counts.negative,
    })
}

/// `get_target_groups_by_request_id`.
pub(super) fn groups(world: &World, call: &Call, id: &str) -> Outcome {
    let request = look(world, id)?;
    let items = request
        .groups
        .iter()
        .map(|(group, counts)| (group.clone(), of_group(&request, group, *counts)))
        .collect();
    let size = page::size(call, 10, 100)?;
    let page = page::cut(call, items, 10, 100)?;
    Ok(ok(&json!({
        "target_groups": page.items, "next_cursor": page.next(), "page_size": size,
    })))
}

/// `get_target_group_by_request_id_and_target_group_id`.
pub(super) fn group(world: &World, id: &str, group: &str) -> Outcome {
    let request = look(world, id)?;
    let counts = *request.groups.get(group).ok_or_else(not_found)?;
    Ok(ok(&of_group(&request, group, counts)))
}

/// `get_recon_downloads`: RIDs, one a line.
pub(super) fn download(world: &World, id: &str, kind: &str) -> Outcome {
    let request = look(world, id)?;
    let rids = match kind {
        "submitted-rids" => &request.submitted,
        "expired-rids" => &request.expired,
        "invalid-rids" => &request.invalid,
        "remaining-project-completes" => &request.remaining,
        _ => return Err(not_found()),
    };
    Ok(Answer {
        body: Bytes::from(rids.iter().map(|rid| format!("{rid}\n")).collect::<String>()),
        content_type: Some("text/csv"),
        ..Answer::empty(StatusCode::OK)
    })
}

/// `request_reconciliation_reason_codes`.
pub(super) fn reasons() -> Outcome {
    let reasons: Vec<Value> = REASONS
        .iter()
        .map(|(code, name, allowed)| {
            json!({"code": code, "name": name, "description": name, "allowed": allowed})
        })
        .collect();
    Ok(ok(&json!({"reconciliation_reasons": reasons})))
}

/// `get_eligible_target_groups`: numbers are texts here. A target group is due in the month after its last complete.
pub(super) fn eligible(world: &World, call: &Call) -> Outcome {
    let everybody = world.store.read(respondents)?;
    let mut due: BTreeMap<String, (String, u64, Decimal)> = BTreeMap::new();
    for respondent in everybody.values() {
        if respondent.is_complete && is_open(respondent.at_ms, world.now_ms()) {
            let entry = due
                .entry(respondent.group.clone())
                .or_insert_with(|| (respondent.project.clone(), 0, Decimal::ZERO));
            entry.1 += 1;
            entry.2 += respondent.price;
        }
    }
    let mut items = Vec::new();
    let (mut completes, mut cost) = (0, Decimal::ZERO);
    for (id, (project_id, count, amount)) in &due {
        let group = life::read_launched(world, project_id, id)?;
        let project = world.store.read(|view| record::project(view, project_id))?;
        completes += count;
        cost += *amount;
        items.push((
            id.clone(),
            json!({
                "name": group.text("name"), "target_group_id": id, "project_id": project_id,
                "project_manager": {
                    "id": group.text("project_manager_id"), "name": "Jean Field", "email": "jean.field@example.com",
                },
                "status": group.status(), "project_name": project.name,
                "eligible_completes": count.to_string(),
                "monetary_amount": Money::new(*amount, &group.currency).shown(),
            }),
        ));
    }
    let found = items.len();
    let size = page::size(call, 10, 100)?;
    let page = page::cut(call, items, 10, 100)?;
    Ok(ok(&json!({
        "target_groups": page.items,
        "url": format!("/accounts/{ACCOUNT}/reconciliations/eligible-target-groups"),
        "summary": {
            "monetary_amount": Money::new(cost, "USD").shown(),
            "completes": completes.to_string(),
            "target_group_count": found.to_string(),
        },
        "has_more": page.next().is_some(),
        "next_cursor": page.next().unwrap_or_default(),
        "page_size": size,
    })))
}
