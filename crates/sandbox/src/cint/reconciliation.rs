//! Reconciliations (OpenAPI `post_reconciliations` and its neighbours): respondents are uploaded with reason codes, worked
//! through in the vendor's own time, and told apart into changed, expired and invalid.
//!
//! Respondents with ids exist only where `POST /_sandbox/transactions` made them: `group`, and `transactions` with
//! `transaction_id`, `status` (`complete` or `terminated`) and `expired`. A change takes effect with the upload (assumed);
//! that it is finished shows from the look on that `cint_reconciliation_ends_at_read` says. An unknown code, and one that
//! is the vendor's own, is 400 (assumed).

use super::prelude::*;
use super::respondents::project_of;
use crate::simulation;
use http::header::CONTENT_TYPE;

/// Page "Reconciliation reason codes": code, name, whether a buyer may use it.
const REASONS: [(&str, &str, bool); 12] = [
    ("930", "Unspecified Fraud", true),
    ("932", "Straight-lining", true),
    ("933", "Speeder", true),
    ("934", "Poor Quality Open End", true),
    ("935", "Ghost Complete", true),
    ("936", "Inconsistent Answers", true),
    ("11", "Adjusted Completed", true),
    ("26", "No Reason Provided", true),
    ("940", "Survey Setup Error", false),
    ("941", "Inaccurate CPI", false),
    ("942", "Incorrect Qualifications and Quotas", false),
    ("943", "Project Overfilling", false),
];

const MOST_ROWS: usize = 100_000;

/// A respondent with an id.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Session {
    transaction_id: String,
    group: String,
    project: String,
    status: Ending,
    expired: bool,
}

/// How a respondent's way ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ending {
    #[default]
    Complete,
    Terminated,
}

/// A respondent to make.
#[derive(Deserialize)]
struct Made {
    #[serde(alias = "survey")]
    group: String,
    transaction_id: String,
    #[serde(default)]
    status: Ending,
    #[serde(default)]
    expired: bool,
}

/// What came of the rows of one target group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Counts {
    submitted: u64,
    expired: u64,
    invalid: u64,
    positive: u64,
    negative: u64,
}

/// An upload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Request {
    id: String,
    name: String,
    submitted_ms: i64,
    looks: u64,
    kept: bool,
    total: Counts,
    groups: BTreeMap<String, Counts>,
    submitted: Vec<String>,
    expired: Vec<String>,
    invalid: Vec<String>,
    remaining: Vec<String>,
}

fn session_key(rid: &str) -> String {
    format!("cint/rid/{}", rid.to_ascii_lowercase())
}

fn request_key(id: &str) -> String {
    format!("cint/reconciliation/{id}")
}

/// `POST /_sandbox/transactions`: makes respondents with ids.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let items: Vec<Made> = simulation::transactions(body)?;
    let made: Vec<Value> = world.store.write(|batch| {
        let mut made = Vec::new();
        for item in items {
            let session = Session {
                project: project_of(batch, &item.group)?,
                transaction_id: item.transaction_id,
                group: item.group,
                status: item.status,
                expired: item.expired,
            };
            batch.put_json(&session_key(&session.transaction_id), &session)?;
            let mut shown = json!(session);
            shown.put("vendor", "cint");
            made.push(shown);
        }
        Ok::<_, Failure>(made)
    })?;
    ok(&json!(made))
}

fn lines(call: &Call) -> Result<Vec<String>, Failure> {
    let kind = call.header(CONTENT_TYPE).unwrap_or_default();
    if !kind.starts_with("text/csv") && !kind.starts_with("application/csv") {
        return Err(bad_request("the body must be text/csv"));
    }
    if call.parameter("name").is_none_or(str::is_empty) {
        return Err(bad_request("name is required"));
    }
    let text = std::str::from_utf8(&call.body).map_err(|_| bad_request("the file is not UTF-8"))?;
    let lines = text.lines().map(|line| line.trim().to_owned());
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > MOST_ROWS {
        return Err(bad_request(format!(
            "the file must have from 1 to {MOST_ROWS} rows"
        )));
    }
    Ok(lines)
}

/// `POST /reconciliations`
pub(super) fn submit(world: &World, batch: &mut Batch<'_>, call: &Call) -> Outcome {
    let mut request = begin(world, batch, call)?;
    for line in lines(call)? {
        let (rid, code) = line.split_once(',').unwrap_or((&line, ""));
        let (rid, code) = (rid.trim().to_owned(), code.trim());
        let mut allowed = REASONS.iter().filter(|(_, _, allowed)| *allowed);
        if !allowed.any(|(known, ..)| *known == code) {
            let message = format!("the reason code {code:?} of {rid} is not allowed");
            return Err(bad_request(message));
        }
        let to = if code == "11" {
            Ending::Complete
        } else {
            Ending::Terminated
        };
        change(batch, &mut request, &rid, to)?;
        request.submitted.push(rid);
    }
    taken(batch, &request)
}

/// `POST /projects/{project_id}/reconciliations/completes`: the completes to keep; every other one of the project is
/// terminated.
pub(super) fn keep(world: &World, batch: &mut Batch<'_>, call: &Call, project: &str) -> Outcome {
    // The document declares no 404 here.
    if record::raw_project(batch, project)?.is_none() {
        return Err(bad_request("no such project"));
    }
    let kept: Vec<String> = lines(call)?;
    let mut request = begin(world, batch, call)?;
    request.kept = true;
    let all: Vec<Session> = batch.all("cint/rid/")?;
    for session in all.into_iter().filter(|session| session.project == project) {
        let rid = session.transaction_id;
        if kept.iter().any(|kept| kept.eq_ignore_ascii_case(&rid)) {
            request.remaining.push(rid);
        } else if session.status == Ending::Complete {
            change(batch, &mut request, &rid, Ending::Terminated)?;
        }
    }
    request.total.submitted = u64::try_from(kept.len()).unwrap_or(u64::MAX);
    request.submitted = kept;
    taken(batch, &request)
}

fn begin(world: &World, batch: &mut Batch<'_>, call: &Call) -> Result<Request, Failure> {
    let now = world.now_ms();
    Ok(Request {
        id: record::ulid(batch, world)?,
        name: call.parameter("name").unwrap_or_default().to_owned(),
        submitted_ms: now,
        ..Request::default()
    })
}

fn taken(batch: &mut Batch<'_>, request: &Request) -> Outcome {
    batch.put_json(&request_key(&request.id), request)?;
    let body = json!({"name": request.name, "request_id": request.id});
    Ok(Answer::json(StatusCode::ACCEPTED, &body))
}

fn change(batch: &mut Batch<'_>, request: &mut Request, rid: &str, to: Ending) -> Result<(), Failure> {
    let complete = to == Ending::Complete;
    request.total.submitted += 1;
    let Some(mut session) = batch.get_json::<Session>(&session_key(rid))? else {
        request.total.invalid += 1;
        request.invalid.push(rid.to_owned());
        return Ok(());
    };
    let own = request.groups.entry(session.group.clone()).or_default();
    own.submitted += 1;
    if session.expired {
        request.total.expired += 1;
        own.expired += 1;
        request.expired.push(rid.to_owned());
    } else if session.status != to {
        for counts in [&mut request.total, own] {
            counts.positive += u64::from(complete);
            counts.negative += u64::from(!complete);
        }
        session.status = to;
        batch.put_json(&session_key(rid), &session)?;
        if let Some(mut group) = record::raw_group(batch, &session.project, &session.group)? {
            let more = group.counts.completes + u64::from(complete);
            group.counts.completes = more.saturating_sub(u64::from(!complete));
            record::save_group(batch, &group)?;
        }
    }
    Ok(())
}

fn load(store: &impl crate::Documents, id: &str) -> Result<Request, Failure> {
    Ok(store.get_json(&request_key(id))?.ok_or(NOT_FOUND)?)
}

impl Request {
    fn is_done(&self, world: &World) -> bool {
        self.looks >= world.number(switches::RECONCILIATION_ENDS_AT_READ)
    }

    fn status(&self, world: &World) -> &'static str {
        ["processing", "complete"][usize::from(self.is_done(world))]
    }

    fn kind(&self) -> &'static str {
        ["rejected_rids", "approved_rids"][usize::from(self.kept)]
    }

    /// What came of the rows of one target group.
    fn of_group(&self, world: &World, group: &str, own: &Counts) -> Value {
        let shown = json!({"target_group_id": group, "status": self.status(world)});
        counted(shown, own)
    }
}

/// `GET /reconciliations/{request_id}`; each look brings its end nearer.
pub(super) fn get(world: &World, id: &str) -> Outcome {
    world.store.write(|batch| {
        let mut request = load(batch, id)?;
        request.looks += 1;
        batch.put_json(&request_key(id), &request)?;
        let body = json!({
            "request_id": request.id, "name": request.name, "status": request.status(world),
            "submitted_at": time(request.submitted_ms), "submitter_las_id": "sandbox",
            "submission_type": request.kind(),
        });
        ok(&counted(body, &request.total))
    })
}

fn counted(mut body: Value, counts: &Counts) -> Value {
    body.put_all(json!({
        "submitted_count": counts.submitted, "expired_count": counts.expired, "invalid_count": counts.invalid,
        "positive_reversed_count": counts.positive, "negative_reversed_count": counts.negative,
    }));
    body
}

/// `GET /reconciliations`
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let requests: Vec<Request> = world.store.view()?.all("cint/reconciliation/")?;
    let items = requests.into_iter().map(|request| {
        let total = &request.total;
        let body = json!({
            "id": request.id, "name": request.name, "submitted_at": time(request.submitted_ms),
            "status": request.status(world), "submitted_by_user_id": "sandbox",
            "result_counts": {
                "submitted": total.submitted, "expired": total.expired, "invalid": total.invalid,
                "total_reversed": total.positive + total.negative,
                "positive_reversed": total.positive, "negative_reversed": total.negative,
            },
            "submission_type": request.kind(),
        });
        (request.id, body)
    });
    paged(call, items.collect(), "reconciliation_requests")
}

/// `GET /reconciliations/{request_id}/target-groups`
pub(super) fn groups(world: &World, call: &Call, id: &str) -> Outcome {
    let request = load(&world.store.view()?, id)?;
    let groups = request.groups.iter();
    let items = groups.map(|(group, own)| (group.clone(), request.of_group(world, group, own)));
    paged(call, items.collect(), "target_groups")
}

/// `GET /reconciliations/{request_id}/target-groups/{target_group_id}`
pub(super) fn group(world: &World, id: &str, group: &str) -> Outcome {
    let request = load(&world.store.view()?, id)?;
    let own = request.groups.get(group).ok_or(NOT_FOUND)?;
    ok(&request.of_group(world, group, own))
}

fn paged(call: &Call, items: Vec<(String, Value)>, key: &str) -> Outcome {
    let page = page::cut(call, items, 10, 100)?;
    let mut body = json!({"page_size": page::size(call, 10, 100)?});
    page.mark(&mut body);
    body[key] = Value::Array(page.items);
    ok(&body)
}

/// `GET /reconciliations/{request_id}/downloads/{file}`; before the end there is nothing to download (assumed).
pub(super) fn download(world: &World, id: &str, file: &str) -> Outcome {
    let request = load(&world.store.view()?, id)?;
    let rids = match file {
        "submitted-rids" => &request.submitted,
        "expired-rids" => &request.expired,
        "invalid-rids" => &request.invalid,
        "remaining-project-completes" => &request.remaining,
        _ => return Err(NOT_FOUND.into()),
    };
    if !request.is_done(world) {
        return Err(NOT_FOUND.into());
    }
    let lines = rids.iter().flat_map(|rid| [rid, "\n"]);
    Ok(Answer {
        body: lines.collect::<String>().into(),
        content_type: Some("text/csv"),
        ..Answer::empty(StatusCode::OK)
    })
}

/// `GET /reconciliations/reason-codes`
pub(super) fn reasons() -> Outcome {
    let reason = |(code, name, allowed): &(&str, &str, bool)| json!({"code": code, "name": name, "description": name, "allowed": allowed});
    let reasons: Value = REASONS.iter().map(reason).collect();
    ok(&json!({"reconciliation_reasons": reasons}))
}

/// `GET /reconciliations/eligible-target-groups`: what can still be reconciled, with numbers as texts.
pub(super) fn eligible(world: &World, call: &Call) -> Outcome {
    let sessions: Vec<Session> = world.store.view()?.all("cint/rid/")?;
    let mut due: BTreeMap<(String, String), u64> = BTreeMap::new();
    let open = sessions
        .into_iter()
        .filter(|session| session.status == Ending::Complete && !session.expired);
    for session in open {
        *due.entry((session.group, session.project)).or_default() += 1;
    }
    let mut items = Vec::new();
    let (mut completes, mut cost) = (0, Decimal::ZERO);
    for ((id, project_id), count) in due {
        let group = life::read(world, &project_id, &id)?;
        let project = record::project(&world.store.view()?, &project_id)?;
        let amount = life::price(&group).value * Decimal::from(count);
        completes += count;
        cost += amount;
        let shown = json!({
            "name": group.text("name"), "target_group_id": id, "project_id": project_id,
            "project_manager": {
                "id": group.text("project_manager_id"), "name": "Jean Field", "email": "jean.field@example.com",
            },
            "status": group.status(), "project_name": project.name, "eligible_completes": count.to_string(),
            "monetary_amount": Money::new(amount, &group.currency).shown(),
        });
        items.push((id, shown));
    }
    let found = items.len();
    let page = page::cut(call, items, 10, 100)?;
    ok(&json!({
        "target_groups": page.items,
        "url": format!("/accounts/{ACCOUNT}/reconciliations/eligible-target-groups"),
        "summary": {
            "monetary_amount": Money::new(cost, "USD").shown(),
            "completes": completes.to_string(), "target_group_count": found.to_string(),
        },
        "has_more": page.next.is_some(), "next_cursor": page.next.unwrap_or_default(),
        "page_size": page::size(call, 10, 100)?,
    }))
}
