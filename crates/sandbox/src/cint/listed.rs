//! Lists of respondents of a target group: who alone may come (recontacts), and who is kept out (exclusions); OpenAPI, tags
//! Recontacts and Respondent Exclusions.
//!
//! Uploads add to what is there, and removals take off everybody. Each is a job; one runs at a time, another one is a conflict. A
//! job ends as those do that launch: after some looks, or some seconds. A line that is no UUID is left out, which the job says.

use super::envelope::{CONFLICT, refused};
use super::job::{looks, status};
use super::prelude::*;

/// After how long a job has ended even if nobody looked (assumed).
const TAKES_MS: i64 = 5_000;

/// Most ids of a target group.
const MOST: usize = 100_000;

/// Most bytes of a file.
const MOST_BYTES: usize = 5_000_000;

/// The two lists of a target group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Lists {
    /// Who alone may come; `None` where nothing was ever uploaded.
    recontacts: Option<BTreeSet<String>>,
    exclusions: BTreeSet<String>,
    job: Option<Job>,
    /// Jobs that have ended.
    ended: Vec<Job>,
}

/// A job that changes a list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Job {
    id: String,
    /// The list and what is done with it, as the path has them.
    what: String,
    ids: BTreeSet<String>,
    /// Lines that are left out.
    refused: usize,
    created_ms: i64,
    ended_ms: Option<i64>,
    created_by: String,
    looks: u64,
}

impl Lists {
    /// How many may come; anybody where nobody was ever listed.
    pub(super) fn invited(&self) -> Option<usize> {
        self.recontacts.as_ref().map(BTreeSet::len)
    }

    /// Whether there is nothing to store.
    pub(super) fn is_nothing(&self) -> bool {
        self.recontacts.is_none() && self.exclusions.is_empty() && self.job.is_none() && self.ended.is_empty()
    }

    /// Brings a job on: `looked` says that somebody asks.
    fn go_on(&mut self, now: i64, looked: bool) {
        let Some(job) = &mut self.job else { return };
        job.looks = job.looks.saturating_sub(u64::from(looked));
        if job.looks > 0 && now < job.created_ms + TAKES_MS {
            return;
        }
        let mut job = self.job.take().unwrap_or_default();
        job.ended_ms = Some(now);
        let ids = std::mem::take(&mut job.ids);
        match job.what.as_str() {
            UPLOADS_RECONTACTS => self.recontacts.get_or_insert_default().extend(ids),
            REMOVES_RECONTACTS => self.recontacts = Some(BTreeSet::new()),
            UPLOADS_EXCLUSIONS => self.exclusions.extend(ids),
            _ => self.exclusions.clear(),
        }
        self.ended.push(job);
    }
}

const UPLOADS_RECONTACTS: &str = "recontacts/upload-respondents-by-file";
const REMOVES_RECONTACTS: &str = "recontacts/remove-all-rsids";
const UPLOADS_EXCLUSIONS: &str = "exclusions/upload-respondents-by-file";
const REMOVES_EXCLUSIONS: &str = "exclusions/remove-all-respondents";

const KINDS: [&str; 4] = [
    UPLOADS_RECONTACTS,
    REMOVES_RECONTACTS,
    UPLOADS_EXCLUSIONS,
    REMOVES_EXCLUSIONS,
];

/// Everything below `recontacts` and `exclusions` of a target group.
pub(super) fn route(at: At<'_>, list: &str, path: &[&str]) -> Outcome {
    let kind = |word: &str| {
        let what = format!("{list}/{word}");
        KINDS.contains(&&*what).then_some(what).ok_or(NOT_FOUND)
    };
    match (at.call.method.as_str(), path) {
        ("POST", ["jobs", word]) => begin(at, kind(word)?),
        ("GET", ["jobs", word, job]) => read(at, &kind(word)?, job),
        ("GET", ["overview"]) => overview(at, list),
        ("GET", ["rsids"]) if list == "recontacts" => ids(at, list),
        ("GET", ["rsid", "paginated"]) if list == "exclusions" => ids(at, list),
        _ => Err(NOT_FOUND.into()),
    }
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// The file of a form: what stands between the head of its only part and the next boundary.
fn file(call: &Call) -> Option<String> {
    let kind = call.header("content-type")?;
    let boundary = kind
        .strip_prefix("multipart/form-data")?
        .split_once("boundary=")?
        .1;
    let boundary = format!("--{}", boundary.trim_matches('"'));
    let body = String::from_utf8_lossy(&call.body);
    let part = body.strip_prefix(&boundary)?;
    let (head, rest) = part.split_once("\r\n\r\n")?;
    let (text, _) = rest.split_once(&format!("\r\n{boundary}"))?;
    head.contains("name=\"file\"").then(|| text.to_owned())
}

fn begin(at: At<'_>, what: String) -> Outcome {
    let uploads = what.ends_with("by-file");
    let kind = at.call.parameter("entity_type");
    let kinds = [
        "RSID",
        "RESPONDENT_ID",
        "RID",
        "RESPONSE_ID",
        "ACCESS_RESPONDENT_GUID",
    ];
    if what != REMOVES_RECONTACTS && !kind.is_some_and(|kind| kinds.contains(&kind)) {
        return Err(bad_request(format!(
            "entity_type must be one of {}",
            kinds.join(", ")
        )));
    }
    let lines: Vec<String> = match (uploads, file(at.call)) {
        (false, _) => Vec::new(),
        (true, None) => return Err(refused(415, "a file in a form is expected")),
        (true, Some(text)) if text.len() >= MOST_BYTES => {
            return Err(refused(413, "File upload limit exceeded"));
        }
        (true, Some(text)) => text
            .lines()
            .map(str::to_owned)
            .filter(|line| !line.is_empty())
            .collect(),
    };
    let (good, bad): (BTreeSet<String>, Vec<String>) = {
        let (good, bad): (Vec<String>, Vec<String>) = lines.into_iter().partition(|line| is_uuid(line));
        (good.into_iter().map(|id| id.to_ascii_lowercase()).collect(), bad)
    };
    let now = at.world.now_ms();
    let (_, id) = life::write(at.world, at.project, at.id, |batch, group| {
        group.lists.go_on(now, false);
        if group.lists.job.is_some() {
            return Err(CONFLICT.into());
        }
        let there = match what.as_str() {
            UPLOADS_RECONTACTS => group.lists.invited().unwrap_or(0),
            _ => group.lists.exclusions.len(),
        };
        if uploads && there + good.len() > MOST {
            return Err(bad_request(format!("at most {MOST} ids")));
        }
        let id = ulid(batch, at.world)?;
        group.lists.job = Some(Job {
            id: id.clone(),
            what,
            ids: good,
            refused: bad.len(),
            created_ms: now,
            ended_ms: None,
            created_by: at.caller.user_id.to_owned(),
            looks: looks(at.world),
        });
        Ok(id)
    })?;
    Ok(Answer::json(StatusCode::CREATED, &json!({"job_id": id})))
}

fn read(at: At<'_>, what: &str, id: &str) -> Outcome {
    let now = at.world.now_ms();
    let (group, ()) = life::write(at.world, at.project, at.id, |_, group| {
        group.lists.go_on(now, true);
        Ok(())
    })?;
    let all = group.lists.ended.iter().chain(&group.lists.job);
    let job = all.into_iter().find(|job| job.id == id && job.what == what);
    let job = job.ok_or(NOT_FOUND)?;
    let partly = (job.refused > 0).then(|| {
        json!({"description": format!("Upload partially successful. {} respondent IDs failed (invalid or empty).", job.refused)})
    });
    // The two kinds of jobs have words of their own for the same (OpenAPI `RecontactJobStatus`, `ExclusionsJobStatus`).
    let word = match (job.ended_ms, what.starts_with("exclusions/")) {
        (Some(_), true) => "Success",
        (ended, _) => status(ended.map(|_| true)),
    };
    let mut shown = json!({
        "job_id": job.id, "created_at": time(job.created_ms), "created_by": job.created_by, "status": word,
    });
    if let Some(ended) = job.ended_ms {
        shown["completed_at"] = json!(time(ended));
    }
    if let Some(partly) = partly.filter(|_| job.ended_ms.is_some()) {
        shown["partial_success_reason"] = partly;
    }
    ok(&shown)
}

fn listed(at: At<'_>, list: &str) -> Result<BTreeSet<String>, Failure> {
    let mut lists = at.group()?.lists;
    lists.go_on(at.world.now_ms(), false);
    Ok(match list {
        "recontacts" => lists.recontacts.unwrap_or_default(),
        _ => lists.exclusions,
    })
}

fn overview(at: At<'_>, list: &str) -> Outcome {
    let mut shown = json!({"saved_respondent_ids_count": listed(at, list)?.len()});
    if list == "exclusions" {
        shown["saved_access_respondent_guids_count"] = json!(0);
    }
    ok(&shown)
}

fn ids(at: At<'_>, list: &str) -> Outcome {
    let (default, most) = match list {
        "recontacts" => (10, 100),
        _ => (1000, 1000),
    };
    let all = listed(at, list)?.into_iter();
    let page = page::cut(
        at.call,
        all.map(|id| (id.clone(), json!(id))).collect(),
        default,
        most,
    )?;
    let mut shown = json!({"data": page.items});
    if let Some(next) = page.next {
        shown["next_cursor"] = json!(next);
    }
    ok(&shown)
}
