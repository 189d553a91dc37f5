//! Reconciliations: completes that are taken back, or given, after the fact (OpenAPI "Reconciliations").
//!
//! A file names respondents by their RID, one a line, with a reason code; or, for a whole project, all that are to be
//! kept. Which respondents there are is made up at `POST /_sandbox/transactions` with `group` and `count`. A request is
//! `processing` for as many looks as a job. Until when a respondent can be reconciled: the end of the 25th of the month
//! after the complete, Central time (guide "Understanding reconciliations"); here UTC-6 all year (assumed).

use super::auth::Caller;
use super::envelope::{bad_request, uuid_of};
use super::job;
use super::life;
use super::record::{self, DRAFT, Group, SCHEDULED, save_group, ulid};
use super::respondents::{count_completes, refuse};
use crate::sandbox::{Answer, Batch, Call, Documents, Failure, World};
use http::StatusCode;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Code, name, and whether a buyer may use it (guide "Reconciliation reason codes").
pub(super) const REASONS: [(&str, &str, bool); 13] = [
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
pub(super) struct Respondent {
    pub(super) group: String,
    pub(super) project: String,
    pub(super) at_ms: i64,
    pub(super) is_complete: bool,
    pub(super) price: Decimal,
}

/// What came of the rows of a request, or of a target group's share of them.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    pub(super) submitted: u64,
    pub(super) expired: u64,
    pub(super) invalid: u64,
    pub(super) positive: u64,
    pub(super) negative: u64,
}

/// A request as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) keeps: bool,
    pub(super) submitted_ms: i64,
    pub(super) submitted_by: String,
    pub(super) looks: u64,
    pub(super) counts: Counts,
    pub(super) groups: BTreeMap<String, Counts>,
    pub(super) submitted: Vec<String>,
    pub(super) expired: Vec<String>,
    pub(super) invalid: Vec<String>,
    pub(super) remaining: Vec<String>,
}

fn respondent_key(rid: &str) -> String {
    format!("cint/respondent/{}", rid.to_lowercase())
}

pub(super) fn request_key(id: &str) -> String {
    format!("cint/reconciliation/{id}")
}

/// Whether a complete of `at_ms` can still be reconciled at `now_ms`.
pub(super) fn is_open(at_ms: i64, now_ms: i64) -> bool {
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
    let count = body
        .get("count")
        .and_then(Value::as_u64)
        .unwrap_or(1)
        .min(100_000);
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
        let allowed = REASONS
            .iter()
            .any(|(known, _, allowed)| *known == code && *allowed);
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
pub(super) fn respondents(store: &impl Documents) -> Result<BTreeMap<String, Respondent>, Failure> {
    let mut found = BTreeMap::new();
    let prefix = "cint/respondent/";
    store.scan(prefix, &mut |key, bytes| {
        if let Ok(respondent) = serde_json::from_slice(bytes) {
            found.insert(key[prefix.len()..].to_owned(), respondent);
        }
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(found)
}
