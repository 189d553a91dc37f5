//! Reading from Cint: envelopes, pages, redirects, jobs; what a plan and recovery need.

use super::decode::{self, ASSISTANT, Launched, RESOURCES};
use super::wire::Runs;
use super::{Cint, jobs, paths};
use crate::marketplace::VendorError;
use crate::marketplace::http::json::{Decoded, Mismatch, list};
use crate::marketplace::http::session::MOST_PAGES;
use crate::marketplace::http::session::Session;
use crate::marketplace::http::wire::typed;
use crate::model::call::encode_segment;
use crate::model::live::Seen;
use crate::model::{Call, CallClass, Level, LiveKey, LiveSurvey, Method, Reading};
use futures_util::future::join_all;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::OnceCell;

pub(super) const NAME: &str = "Cint";

/// What the vendor answers, or why there is no answer that can be read.
pub(super) type Answer<T> = Result<T, VendorError>;

/// The version of the API (portal page Versioning); without the header the vendor answers 403.
const VERSION: &str = "2025-12-18";

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

/// What cannot be read, and where, as an error.
pub(super) fn read<T>(body: &Value, read: impl FnOnce(&Value) -> Decoded<T>) -> Answer<T> {
    read(body).map_err(|mismatch| VendorError::undecodable(NAME, mismatch, body))
}

/// What was asked for, or why it is not known.
pub(super) fn known<T>(result: Answer<T>) -> Reading<T> {
    result.map_or_else(|error| error.unknown(), Reading::Present)
}

/// A reader of one account.
pub(super) struct Reader {
    pub(super) session: Arc<Session>,
    pub(super) cint: Cint,
    /// Currencies of the account's business units by their ids, once they were asked for.
    pub(super) currencies: OnceCell<BTreeMap<String, String>>,
}

impl Reader {
    /// Asks with a body, which changes nothing.
    pub(super) async fn ask<T>(
        &self,
        path: String,
        body: Value,
        purpose: &str,
        decode: impl FnOnce(&Value) -> Decoded<T>,
    ) -> Answer<T> {
        let ask = Call::new(Method::Post, path, CallClass::Read, purpose).body(body);
        self.session.ask(&ask, decode).await
    }

    /// All items of a list, page by page, to the end.
    pub(super) async fn all(&self, path: &str, pairs: &[(&str, &str)], key: &str) -> Answer<Vec<Value>> {
        let endless = |path: &str, problem: String| {
            let path = path.to_owned();
            VendorError::undecodable(NAME, Mismatch { path, problem }, &Value::Null)
        };
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for _ in 0..MOST_PAGES {
            let mut pairs = pairs.to_vec();
            pairs.push(("page_size", "100"));
            if let Some(cursor) = &cursor {
                pairs.push(("start_after", cursor));
            }
            let path = format!("{path}?{}", paths::query(&pairs));
            let of_page = |body: &Value| {
                let page = list(&body[key], &format!("/{key}"))?;
                Ok((page.clone(), decode::next_page(body)?))
            };
            let (page, next) = self.session.read(&path, of_page).await?;
            items.extend(page);
            match next {
                None => return Ok(items),
                Some(next) if seen.insert(next.clone()) => cursor = Some(next),
                Some(next) => return Err(endless("/next_cursor", format!("the page {next} came before"))),
            }
        }
        Err(endless("/has_more", "the list has no end".to_owned()))
    }
}

/// Reads one project or target group.
pub(super) async fn survey(reader: &Reader, key: &LiveKey) -> Reading<LiveSurvey> {
    match (key.level, &key.parent) {
        (Level::Container | Level::Survey, _) => {
            let path = paths::project(reader.cint.account, &encode_segment(&key.id));
            match VendorError::reading(reader.session.read(&path, decode::project).await) {
                Reading::Present(live) if live.id != key.id => Reading::Unknown {
                    why: format!("asked for {}, got {}", key.id, live.id),
                },
                other => other,
            }
        }
        (Level::Group, Some(project)) => {
            let own = paths::known_group(reader.cint.account, project, &key.id);
            // The job first: one that ends in between has changed what is read after it.
            let pending = match &key.job {
                Some(job) => pending(reader, job).await,
                None => None,
            };
            let found = group(reader, &own, key).await;
            found.map(|live| LiveSurvey { pending, ..live })
        }
        (Level::Group, None) => Reading::Unknown {
            why: "the project of the target group is not in the state".to_owned(),
        },
    }
}

/// Why a job that was started keeps the target group from being changed.
async fn pending(reader: &Reader, job: &str) -> Option<String> {
    match reader.session.read(job, jobs::status).await {
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
async fn group(reader: &Reader, own: &str, key: &LiveKey) -> Reading<LiveSurvey> {
    let id = &key.id;
    if key.hint.launched {
        match launched(reader, own, id, key.hint.managed.as_ref()).await {
            Err(VendorError::Refused {
                status: 301 | 404, ..
            }) => {}
            found => return known(found),
        }
    }
    match reader.session.read(own, |body| decode::draft(id, body)).await {
        // It was there a moment ago: one part that is not proves nothing about the whole.
        Err(VendorError::Refused { status: 301, .. }) => known(launched(reader, own, id, None).await),
        draft => VendorError::reading(draft),
    }
}

/// A launched target group: all of it, or what every one has and what is managed of the rest. What bounds and moves its
/// price is managed or not, but decides what it can cost, and whether the price that is shown is the one that was asked for:
/// it is read of each whose overview says that there is such a thing.
async fn launched(
    reader: &Reader,
    own: &str,
    id: &str,
    managed: Option<&BTreeSet<String>>,
) -> Answer<LiveSurvey> {
    let matters = |(_, settings): &(&str, &[&str])| {
        let managed = managed.filter(|_| !settings.is_empty());
        managed.is_none_or(|managed| settings.iter().any(|setting| managed.contains(*setting)))
    };
    let part = |resource: &'static str| async move {
        let document = reader.session.get(&format!("{own}/{resource}")).await;
        document.map(|document| (resource, document))
    };
    let parts = RESOURCES
        .into_iter()
        .filter(matters)
        .map(|(resource, _)| part(resource));
    let mut all: Launched = join_all(parts).await.into_iter().collect::<Result<_, _>>()?;
    if !all.contains_key(ASSISTANT) && decode::may_be_bounded(&all) {
        all.extend([part(ASSISTANT).await?]);
    }
    let whole = all.len() == RESOURCES.len() && managed.is_none();
    // The list has no version to write with; the single run has.
    let shown = all.remove("fielding-runs").unwrap_or_default();
    let runs: Runs = read(&shown, |runs| typed(runs, ""))?;
    let first = runs.data.value().and_then(|runs| runs.first()?.id.value());
    if !whole && first.is_some() {
        all.insert("fielding-runs", shown["data"][0].clone());
    } else if let Some(run) = first {
        let path = format!("{own}/fielding-runs/{}", encode_segment(run));
        all.insert("fielding-runs", reader.session.get(&path).await?);
    }
    let seen = if whole { Seen::Whole } else { Seen::InPart };
    let decoded = decode::launched(id, &all).map(|live| LiveSurvey { seen, ..live });
    decoded.map_err(|mismatch| {
        let resource = mismatch.path.split('/').nth(1).unwrap_or_default();
        let shown = all.get(resource).cloned().unwrap_or_default();
        VendorError::undecodable(NAME, mismatch, &shown)
    })
}
