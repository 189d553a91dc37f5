//! Reading from Cint: envelopes, pages, redirects, jobs; what a plan and recovery need.

use super::decode::{self, Launched};
use super::{Cint, jobs, paths};
use crate::marketplace::VendorError;
use crate::marketplace::http::error::excerpt;
use crate::marketplace::http::json::{Decoded, Mismatch};
use crate::marketplace::http::session::Session;
use crate::model::call::encode_segment;
use crate::model::{Level, LiveKey, LiveSurvey, Reading};
use futures_util::future::join_all;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const NAME: &str = "Cint";

/// The version of the API (portal page Versioning); without the header the vendor answers 403.
const VERSION: &str = "2025-12-18";

/// Most pages of one list; more is a server that goes round in circles.
const MAX_PAGES: usize = 2_000;

/// The headers of every request; the token comes from [`super::auth`].
pub(crate) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static("cint-api-version"),
        HeaderValue::from_static(VERSION),
    );
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

pub(super) fn read<T>(body: &Value, read: impl Fn(&Value) -> Decoded<T>) -> Result<T, VendorError> {
    read(body).map_err(|mismatch| undecodable(body, mismatch))
}

fn undecodable(body: &Value, mismatch: Mismatch) -> VendorError {
    VendorError::Undecodable {
        vendor: NAME,
        path: mismatch.path,
        problem: mismatch.problem,
        excerpt: excerpt(body.to_string().as_bytes()),
    }
}

pub(super) fn unknown<T>(error: &VendorError) -> Reading<T> {
    Reading::Unknown {
        why: error.to_string(),
    }
}

pub(super) fn of<T>(result: Result<T, VendorError>) -> Reading<T> {
    match result {
        Ok(value) => Reading::Present(value),
        Err(error) if error.is_not_found() => Reading::Absent {
            proof: error.to_string(),
        },
        Err(error) => unknown(&error),
    }
}

/// All items of a list, page by page, to the end.
pub(super) async fn all(
    session: &Session,
    path: &str,
    pairs: &[(&str, &str)],
    key: &str,
) -> Result<Vec<Value>, VendorError> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MAX_PAGES {
        let mut pairs = pairs.to_vec();
        pairs.push(("page_size", "100"));
        if let Some(cursor) = &cursor {
            pairs.push(("start_after", cursor));
        }
        let body = session.get(&format!("{path}?{}", paths::query(&pairs))).await?;
        let page = read(&body, |body| decode::items(body, key).cloned())?;
        items.extend(page);
        match read(&body, decode::next_page)? {
            None => return Ok(items),
            Some(next) if seen.insert(next.clone()) => cursor = Some(next),
            Some(next) => {
                return Err(VendorError::Undecodable {
                    vendor: NAME,
                    path: "/next_cursor".to_owned(),
                    problem: format!("the page {next} came before"),
                    excerpt: String::new(),
                });
            }
        }
    }
    Err(VendorError::Undecodable {
        vendor: NAME,
        path: "/has_more".to_owned(),
        problem: "the list has no end".to_owned(),
        excerpt: String::new(),
    })
}

/// Reads projects and target groups, side by side.
pub(crate) async fn surveys(
    session: &Session,
    cint: &Cint,
    keys: &[LiveKey],
) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
    let reads = keys
        .iter()
        .map(|key| async move { (key.clone(), survey(session, cint, key).await) });
    join_all(reads).await.into_iter().collect()
}

/// Reads one project or target group.
pub(crate) async fn survey(session: &Session, cint: &Cint, key: &LiveKey) -> Reading<LiveSurvey> {
    match (key.level, &key.parent) {
        (Level::Container | Level::Survey, _) => {
            let path = paths::project(cint.account, &encode_segment(&key.id));
            let found = session.get(&path).await;
            match of(found.and_then(|body| read(&body, decode::project))) {
                Reading::Present(live) if live.id != key.id => Reading::Unknown {
                    why: format!("asked for {}, got {}", key.id, live.id),
                },
                other => other,
            }
        }
        (Level::Group, Some(project)) => {
            let own = paths::known_group(cint.account, project, &key.id);
            // The job first: one that ends in between has changed what is read after it.
            let pending = match &key.job {
                Some(job) => pending(session, job).await,
                None => None,
            };
            let found = group(session, &own, &key.id).await;
            let Reading::Present(live) = found else {
                return found;
            };
            Reading::Present(LiveSurvey { pending, ..live })
        }
        (Level::Group, None) => Reading::Unknown {
            why: "the project of the target group is not in the state".to_owned(),
        },
    }
}

/// Why a job that was started keeps the target group from being changed.
async fn pending(session: &Session, job: &str) -> Option<String> {
    let found = session.get(job).await;
    match found.and_then(|body| read(&body, jobs::status)) {
        Ok(status) => {
            (status == "Processing").then(|| format!("the vendor is still working on it (GET {job})"))
        }
        // A job that is forgotten is not under way.
        Err(error) if error.is_not_found() => None,
        Err(error) => Some(format!(
            "how far the vendor got with it could not be read: {error}"
        )),
    }
}

/// A draft is one document; 301 and 404 send a reader to the resources of launched ones, and the other way round.
async fn group(session: &Session, own: &str, id: &str) -> Reading<LiveSurvey> {
    match session.get(own).await {
        Ok(body) => of(read(&body, |body| decode::draft(id, body))),
        Err(VendorError::Refused { status: 301, .. }) => launched(session, own, id).await,
        Err(error) => of(Err(error)),
    }
}

async fn launched(session: &Session, own: &str, id: &str) -> Reading<LiveSurvey> {
    let get = |rest: &str| {
        let path = format!("{own}/{rest}");
        async move { session.get(&path).await }
    };
    let (details, overview, runs, profiles, assistant, allocations, activity, exclusion) = futures_util::join!(
        get("details"),
        get("overview"),
        get("fielding-runs"),
        get("profiles"),
        get("fielding-assistant-assignment"),
        get("allocation-specification"),
        get("respondent-activity-exclusions"),
        get("exclusion-policy"),
    );
    // The list has no version to write with; the single run has.
    let run = async {
        let runs = runs?;
        let listed = read(&runs, |runs| decode::items(runs, "data").cloned())?;
        let run = listed.first().and_then(|run| run.get("id")?.as_str());
        match run {
            Some(run) => {
                session
                    .get(&format!("{own}/fielding-runs/{}", encode_segment(run)))
                    .await
            }
            None => Ok(Value::Null),
        }
    }
    .await;
    let all = || -> Result<Launched, VendorError> {
        Ok(Launched {
            details: details?,
            overview: overview?,
            run: run?,
            profiles: profiles?,
            assistant: assistant?,
            allocations: allocations?,
            activity: activity?,
            exclusion: exclusion?,
        })
    };
    match all() {
        Ok(all) => {
            of(decode::launched(id, &all)
                .map_err(|mismatch| undecodable(all.answer(&mismatch.path), mismatch)))
        }
        // It was there a moment ago: one part that is not proves nothing about the whole.
        Err(error) => unknown(&error),
    }
}
