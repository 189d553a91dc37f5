//! Reconciliations: completes that are taken back, or given, after the fact (OpenAPI "Reconciliations").
//!
//! A file names respondents by their RID, one a line, with a reason code; or, for a whole project, all that are to be
//! kept. Which respondents there are is made up at `POST /_sandbox/transactions` with `group` and `count`. A request is
//! `processing` for as many looks as a job. Until when a respondent can be reconciled: the end of the 25th of the month
//! after the complete, Central time (guide "Understanding reconciliations"); here UTC-6 all year (assumed).

use super::auth::{ACCOUNT, Caller};
use super::envelope::{Outcome, bad_request, not_found, ok, uuid_of};
use super::job;
use super::life;
use super::money::{Money, time};
use super::page;
use super::record::{self, DRAFT, Group, SCHEDULED, save_group, ulid};
use super::respondents::{count_completes, refuse};
use crate::sandbox::{Answer, Batch, Call, Documents as _, Failure, World};
use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Code, name, and whether a buyer may use it (guide "Reconciliation reason codes").
const REASONS: [(&str, &str, bool); 13] = [
    ("930", "Unspecified Fraud", true),
    ("932", "Straight-lining", true),
    ("933", "Speeder", true),
    ("934", "Poor Quality Open End", true),
    ("935", "Ghost Complete", true),
    ("936", "Inconsistent Answers", true),
    (TO_COMPLETE, "Adjusted Completed", true),
    ("26", "No Reason Provided", true),
    ("940", "Survey Setup Error", false),
    ("941", "Inaccurate CPI", false),
    ("942", "Incorrect Qualifications and Quotas", false),
    ("943", "Project Overfilling", false),
    ("944", "Other", false),
];
/// The one code that makes a complete.
const TO_COMPLETE: &str = "11";
/// OpenAPI `post_reconciliations`.
const MOST_ROWS: usize = 100_000;
/// Central time, without its summer (assumed).
const CENTRAL: i8 = -6;

/// A respondent as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Respondent {
    group: String,
    project: String,
    at_ms: i64,
    is_complete: bool,
    price: Decimal,
}

/// What came of the rows of a request, or of a target group's share of them.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
struct Counts {
    submitted: u64,
    expired: u64,
    invalid: u64,
    positive: u64,
    negative: u64,
}

/// A request as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Request {
    id: String,
    name: String,
    keeps: bool,
    submitted_ms: i64,
    submitted_by: String,
    looks: u64,
    counts: Counts,
    groups: BTreeMap<String, Counts>,
    submitted: Vec<String>,
    expired: Vec<String>,
    invalid: Vec<String>,
    remaining: Vec<String>,
}

fn respondent_key(rid: &str) -> String {
    format!("cint/respondent/{}", rid.to_lowercase())
}

fn request_key(id: &str) -> String {
    format!("cint/reconciliation/{id}")
}

/// Whether a complete of `at_ms` can still be reconciled at `now_ms`.
fn is_open(at_ms: i64, now_ms: i64) -> bool {
    let zone = TimeZone::fixed(Offset::constant(CENTRAL));
    let Ok(at) = Timestamp::from_millisecond(at_ms) else {
        return false;
    };
    let at = at.to_zoned(zone.clone());
    let (year, month) = match at.month() {
        12 => (at.year() + 1, 1),
        month => (at.year(), month + 1),
    };
    let end = date(year, month, 26).to_zoned(zone);
    end.is_ok_and(|end| now_ms < end.timestamp().as_millisecond())
}

/// Makes respondents who completed: `group`, and `count` or their own `rids`.
pub(super) fn make(world: &World, body: &Map<String, Value>) -> Result<Answer, Failure> {
    let known = ["vendor", "group", "count", "rids"];
    if let Some(key) = body.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(refuse(format!(
            "unknown key {key:?}; known are {}",
            known.join(", ")
        )));
    }
    let id = body
        .get("group")
        .and_then(Value::as_str)
        .ok_or_else(|| refuse("say which target group by its id, as group"))?;
    let own = body.get("rids").and_then(Value::as_array);
    let count = body.get("count").and_then(Value::as_u64).unwrap_or(1).min(100_000);
    let rids = world.store.write(|batch| {
        let project =
            record::project_of(batch, id)?.ok_or_else(|| refuse(format!("there is no target group {id}")))?;
        let mut group = life::open(batch, world, &project, id)?;
        if matches!(group.status(), DRAFT | SCHEDULED) {
            return Err(refuse(format!("target group {id} was never live")));
        }
        let made = group.counts.completes;
        let rids: Vec<String> = match own {
            Some(own) => own.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => (0..count)
                .map(|number| uuid_of(&format!("{id} respondent {}", made + number)).to_string())
                .collect(),
        };
        let price = life::price(&group).value;
        for rid in &rids {
            let respondent = Respondent {
                group: id.to_owned(),
                project: project.clone(),
                at_ms: world.now_ms(),
                is_complete: true,
                price,
            };
            batch.put_json(&respondent_key(rid), &respondent)?;
        }
        let count = u64::try_from(rids.len()).unwrap_or(u64::MAX);
        count_completes(&mut group, count, world.now_ms());
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(rids)
    })?;
    Ok(Answer::json(StatusCode::OK, &json!({"group": id, "rids": rids})))
}

fn file_name(call: &Call) -> Result<String, Failure> {
    match call.parameter("name") {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(bad_request("name is required in the query")),
    }
}

/// The rows of a file: RID, and a reason code where one is wanted.
fn rows(call: &Call) -> Result<Vec<(String, String)>, Failure> {
    let kind = call
        .headers
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("text/csv") && !kind.starts_with("application/csv") {
        return Err(bad_request("Content-Type must be text/csv or application/csv"));
    }
    let text = String::from_utf8_lossy(&call.body);
    let rows: Vec<(String, String)> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (rid, code) = line.split_once(',').unwrap_or((line, ""));
            (rid.trim().to_owned(), code.trim().to_owned())
        })
        .collect();
    if rows.is_empty() || rows.len() > MOST_ROWS {
        return Err(bad_request(format!("the file must have 1 to {MOST_ROWS} rows")));
    }
    Ok(rows)
}

/// What becomes of a respondent.
enum Fate {
    Invalid,
    Expired,
    Reversed(bool),
}

/// Carries the rows out and remembers what came of them.
struct Desk<'w, 'b, 't> {
    world: &'w World,
    batch: &'b mut Batch<'t>,
    request: Request,
    groups: BTreeMap<String, Group>,
}

impl Desk<'_, '_, '_> {
    /// Makes a respondent complete or not, if that is possible and a change.
    fn reverse(&mut self, rid: &str, complete: bool) -> Result<(Fate, Option<Respondent>), Failure> {
        let Some(mut respondent) = self.batch.get_json::<Respondent>(&respondent_key(rid))? else {
            return Ok((Fate::Invalid, None));
        };
        if respondent.is_complete == complete {
            return Ok((Fate::Invalid, Some(respondent)));
        }
        if !is_open(respondent.at_ms, self.world.now_ms()) {
            return Ok((Fate::Expired, Some(respondent)));
        }
        respondent.is_complete = complete;
        self.batch.put_json(&respondent_key(rid), &respondent)?;
        let id = respondent.group.clone();
        if !self.groups.contains_key(&id) {
            let group = life::open(self.batch, self.world, &respondent.project, &id)?;
            self.groups.insert(id.clone(), group);
        }
        if let Some(group) = self.groups.get_mut(&id) {
            let counts = &mut group.counts;
            if complete {
                counts.completes += 1;
                counts.cost += respondent.price;
            } else {
                counts.completes = counts.completes.saturating_sub(1);
                counts.terminations += 1;
                counts.cost -= respondent.price;
            }
            group.updated_ms = self.world.now_ms();
        }
        Ok((Fate::Reversed(complete), Some(respondent)))
    }

    fn count(&mut self, rid: &str, fate: &Fate, respondent: Option<&Respondent>) {
        let add = |counts: &mut Counts| {
            counts.submitted += 1;
            match fate {
                Fate::Invalid => counts.invalid += 1,
                Fate::Expired => counts.expired += 1,
                Fate::Reversed(true) => counts.positive += 1,
                Fate::Reversed(false) => counts.negative += 1,
            }
        };
        add(&mut self.request.counts);
        if let Some(respondent) = respondent {
            add(self.request.groups.entry(respondent.group.clone()).or_default());
        }
        match fate {
            Fate::Invalid => self.request.invalid.push(rid.to_owned()),
            Fate::Expired => self.request.expired.push(rid.to_owned()),
            Fate::Reversed(_) => {}
        }
    }

    fn finish(mut self) -> Result<Answer, Failure> {
        for group in self.groups.values_mut() {
            if self.world.is_on("cint_reversal_reopens") {
                life::reopen(self.world, group);
            }
            life::settle(self.batch, self.world, group)?;
            save_group(self.batch, group)?;
        }
        let request = self.request;
        self.batch.put_json(&request_key(&request.id), &request)?;
        let body = json!({"name": request.name, "request_id": request.id});
        Ok(Answer::json(StatusCode::ACCEPTED, &body))
    }
}

fn desk<'w, 'b, 't>(
    world: &'w World,
    batch: &'b mut Batch<'t>,
    caller: Caller,
    name: String,
    keeps: bool,
) -> Result<Desk<'w, 'b, 't>, Failure> {
    let request = Request {
        id: ulid(batch, world)?,
        name,
        keeps,
        submitted_ms: world.now_ms(),
        submitted_by: caller.user_id.to_owned(),
        looks: job::looks(world),
        ..Request::default()
    };
    Ok(Desk {
        world,
        batch,
        request,
        groups: BTreeMap::new(),
    })
}

/// `post_reconciliations`: what is to change.
pub(super) fn submit(
    world: &World,
    batch: &mut Batch<'_>,
    call: &Call,
    caller: Caller,
) -> Result<Answer, Failure> {
    let (name, rows) = (file_name(call)?, rows(call)?);
    let mut desk = desk(world, batch, caller, name, false)?;
    for (rid, code) in rows {
        let allowed = REASONS.iter().any(|(known, _, allowed)| *known == code && *allowed);
        let (fate, respondent) = if allowed {
            desk.reverse(&rid, code == TO_COMPLETE)?
        } else {
            (Fate::Invalid, None)
        };
        desk.count(&rid, &fate, respondent.as_ref());
        desk.request.submitted.push(rid);
    }
    desk.finish()
}

/// `post_reconciliations_completes`: what is to stay; every other complete of the project is terminated.
pub(super) fn submit_kept(
    world: &World,
    batch: &mut Batch<'_>,
    call: &Call,
    caller: Caller,
    project: &str,
) -> Result<Answer, Failure> {
    let (name, rows) = (file_name(call)?, rows(call)?);
    // The document declares no 404 here.
    if record::raw_project(batch, project)?.is_none() {
        return Err(bad_request("no such project"));
    }
    let everybody = respondents(batch)?;
    let kept: BTreeSet<String> = rows.iter().map(|(rid, _)| rid.to_lowercase()).collect();
    let mut desk = desk(world, batch, caller, name, true)?;
    for (rid, _) in &rows {
        let known = everybody.get(&rid.to_lowercase());
        let fits = known.is_some_and(|known| known.project == project && known.is_complete);
        desk.request.counts.submitted += 1;
        if !fits {
            desk.request.counts.invalid += 1;
            desk.request.invalid.push(rid.clone());
        }
        desk.request.submitted.push(rid.clone());
    }
    for (rid, respondent) in &everybody {
        if respondent.project != project || !respondent.is_complete {
            continue;
        }
        if kept.contains(rid) {
            desk.request.remaining.push(rid.clone());
            continue;
        }
        let (fate, found) = desk.reverse(rid, false)?;
        desk.count(rid, &fate, found.as_ref());
        desk.request.counts.submitted -= 1;
    }
    desk.finish()
}

/// Everybody who ever took part, by RID.
fn respondents(batch: &Batch<'_>) -> Result<BTreeMap<String, Respondent>, Failure> {
    let mut found = BTreeMap::new();
    let prefix = "cint/respondent/";
    batch.scan(prefix, &mut |key, bytes| {
        if let Ok(respondent) = serde_json::from_slice(bytes) {
            found.insert(key[prefix.len()..].to_owned(), respondent);
        }
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(found)
}

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
    let requests: Vec<Request> = world.store.read(|view| record::all(view, "cint/reconciliation/"))?;
    let name = call.parameter("name").unwrap_or_default();
    let wanted = call.parameter("status");
    let by = call.parameter("submitted_by_user_id");
    let items = requests
        .iter()
        .filter(|request| request.name.contains(name))
        .filter(|request| wanted.is_none_or(|wanted| word(request.looks) == wanted))
        .filter(|request| by.is_none_or(|by| request.submitted_by == by))
        .map(|request| {
            let counts = if request.looks == 0 { request.counts } else { Counts::default() };
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
    let everybody = world.store.write(|batch| respondents(batch))?;
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
