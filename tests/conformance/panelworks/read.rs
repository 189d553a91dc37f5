//! Reading Panelworks: what its answers mean, and what is asked of it.

use super::wire;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use infield::marketplace::contract::Read;
use infield::marketplace::http::error::{VendorError, excerpt, not_json};
use infield::marketplace::http::json::Mismatch;
use infield::marketplace::http::session::Session;
use infield::marketplace::http::transport::Incoming;
use infield::marketplace::shelf::inventory::{Entries, Unread, each, matching};
use infield::marketplace::{Listed, Sought};
use infield::model::call::encode_segment;
use infield::model::{LiveKey, LiveSurvey, Reading};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Opens the envelope that every answer comes in.
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return Err(not_json("Panelworks", answer, "not JSON"));
    };
    let message = body["reason"].as_str().unwrap_or_default().to_owned();
    match (body["ok"].as_bool(), answer.status) {
        (Some(true), 200) => Ok(body["data"].take()),
        (Some(false), status @ 401) => Err(VendorError::Credentials {
            vendor: "Panelworks",
            status,
            message,
        }),
        (Some(false), status @ 400..) => Err(VendorError::Refused {
            vendor: "Panelworks",
            status,
            code: None,
            message,
        }),
        _ => Err(undecodable(
            "/ok".to_owned(),
            "neither yes nor no".to_owned(),
            &body,
        )),
    }
}

fn undecodable(path: String, problem: String, body: &Value) -> VendorError {
    VendorError::Undecodable {
        vendor: "Panelworks",
        path,
        problem,
        excerpt: excerpt(body.to_string().as_bytes()),
    }
}

/// Looks at an account.
pub(crate) struct Reader(pub(crate) Arc<Session>);

impl Reader {
    async fn one(&self, id: &str) -> Reading<LiveSurvey> {
        let answer = self.0.get(&format!("/studies/{}", encode_segment(id))).await;
        match answer.and_then(|body| study(&body)) {
            Ok(live) if live.id != id => Reading::Unknown {
                why: format!("asked for study {id}, got {}", live.id),
            },
            Ok(live) => Reading::Present(live),
            Err(error) if error.is_not_found() => Reading::Absent {
                proof: error.to_string(),
            },
            Err(error) => Reading::Unknown {
                why: error.to_string(),
            },
        }
    }

    /// Every study, page by page.
    async fn all(&self) -> Result<Entries<LiveSurvey>, VendorError> {
        let mut all = Vec::new();
        let mut path = "/studies".to_owned();
        loop {
            let page = self.0.get(&path).await?;
            let read = |entry: &Value, place: &str| {
                wire::study(entry)
                    .map_err(|mismatch| Mismatch::new(format!("{place}{}", mismatch.path), mismatch.problem))
            };
            let unread = |entry: &Value, mismatch: &Mismatch| Unread::of(entry, ["ref", "label"], mismatch);
            all.extend(self.0.decoded(&page["studies"], |studies| {
                each(studies, "/studies", read, unread)
            })?);
            match &page["next"] {
                Value::Null => return Ok(all),
                next => path = format!("/studies?after={}", next.as_str().unwrap_or_default()),
            }
        }
    }
}

fn study(body: &Value) -> Result<LiveSurvey, VendorError> {
    wire::study(body).map_err(|mismatch| undecodable(mismatch.path, mismatch.problem, body))
}

impl Read for Reader {
    fn surveys<'a>(&'a self, keys: &'a [LiveKey]) -> BoxFuture<'a, BTreeMap<LiveKey, Reading<LiveSurvey>>> {
        let one = |key: &'a LiveKey| async move { (key.clone(), self.one(&key.id).await) };
        join_all(keys.iter().map(one))
            .map(|all| all.into_iter().collect())
            .boxed()
    }

    fn survey<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Reading<LiveSurvey>> {
        self.one(&key.id).boxed()
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Entries<Listed>, VendorError>> {
        let listed = |live: LiveSurvey| Listed::of(LiveKey::survey(live.id.clone()), &live, None);
        async move {
            let all = self.all().await?;
            Ok(all.into_iter().map(|entry| entry.map(listed)).collect())
        }
        .boxed()
    }

    fn twins<'a>(&'a self, sought: &'a [Sought<'a>]) -> BoxFuture<'a, Vec<Reading<Vec<LiveSurvey>>>> {
        async move {
            let all = self.all().await;
            let same = |sought: &Sought<'_>| match &all {
                Ok(all) => {
                    let title = &sought.wanted.title;
                    let could_be = |unread: &Unread| unread.could_be(title.value());
                    matching(all, |live| live.spec.title == *title, could_be)
                }
                Err(error) => error.unknown(),
            };
            sought.iter().map(same).collect()
        }
        .boxed()
    }
}
