//! A vendor that answers from a script, and keeps what it was sent.

use crate::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// What comes of one request.
#[derive(Debug, Clone)]
pub(super) enum Say {
    /// An answer.
    This(u16, &'static str, String),
    /// It arrived, and its answer was lost.
    Lost,
    /// It never left.
    NotSent,
}

/// An answer of JSON.
#[expect(
    clippy::needless_pass_by_value,
    reason = "callers write the value on the spot"
)]
pub(super) fn answer(status: u16, body: Value) -> Say {
    Say::This(status, "application/json", body.to_string())
}

/// An answer that says that it was done, and nothing else.
pub(super) fn done() -> Say {
    answer(200, json!({}))
}

/// A refusal of PureSpectrum.
pub(super) fn refused(code: i64) -> Say {
    answer(400, json!({"ps_error_code": code, "msg": "no"}))
}

/// A file of lines.
pub(super) fn lines(text: &str) -> Say {
    Say::This(200, "text/csv", text.to_owned())
}

/// A transaction in a status, as PureSpectrum shows it.
pub(super) fn shows(id: &str, code: i64) -> Say {
    let item = json!({"Transaction ID": id, "Respondent Status Code": code, "Survey ID": 1,
        "Expected Buyer CPI": "1.30"});
    answer(200, json!([item]))
}

/// One request that arrived.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    /// Method and path with query, without the version.
    pub(super) call: String,
    /// The body.
    pub(super) body: String,
    /// The key that makes a repetition the same request.
    pub(super) key: Option<String>,
}

/// Answers from a script. What it has no answer for fails the test.
#[derive(Default)]
pub(super) struct Vendor {
    script: Mutex<Vec<(String, VecDeque<Say>)>>,
    heard: Mutex<Vec<Heard>>,
    /// Everything that happened, in its order: requests, and what was written into ledgers.
    pub(super) chronicle: Arc<Mutex<Vec<String>>>,
    takes_lock_at: Mutex<Option<String>>,
    stops_at: Mutex<Option<String>>,
    /// Somebody else has taken the lock over.
    pub(super) lock_lost: AtomicBool,
    /// Somebody asked to stop.
    pub(super) stop: CancellationToken,
}

impl Vendor {
    /// Answers requests that begin like this, one after the other; the last answer is given again and again. Of several
    /// beginnings the longest one counts.
    pub(super) fn answers(&self, begins: &str, says: impl IntoIterator<Item = Say>) {
        let says: VecDeque<Say> = says.into_iter().collect();
        assert!(!says.is_empty(), "{begins} has no answer");
        self.script.lock().unwrap().push((begins.to_owned(), says));
    }

    /// Somebody takes the lock over while this request is under way.
    pub(super) fn takes_lock_at(&self, begins: &str) {
        *self.takes_lock_at.lock().unwrap() = Some(begins.to_owned());
    }

    /// Somebody asks to stop while this request is under way.
    pub(super) fn stops_at(&self, begins: &str) {
        *self.stops_at.lock().unwrap() = Some(begins.to_owned());
    }

    /// Requests that arrived, with this method.
    pub(super) fn heard(&self, method: &str) -> Vec<Heard> {
        let heard = self.heard.lock().unwrap();
        let wanted = heard.iter().filter(|heard| heard.call.starts_with(method));
        wanted.cloned().collect()
    }

    /// The same without bodies.
    pub(super) fn calls(&self, method: &str) -> Vec<String> {
        self.heard(method).into_iter().map(|heard| heard.call).collect()
    }

    fn say(&self, call: &str) -> Say {
        let mut script = self.script.lock().unwrap();
        let (_, says) = script
            .iter_mut()
            .filter(|(begins, _)| call.starts_with(begins.as_str()))
            .max_by_key(|(begins, _)| begins.len())
            .unwrap_or_else(|| panic!("nobody expects {call}"));
        match says.len() {
            1 => says[0].clone(),
            _ => says.pop_front().unwrap(),
        }
    }
}

impl Transport for Vendor {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            let path = request.url.trim_start_matches("http://vendor");
            let path = path.trim_start_matches("/v2").trim_start_matches("/v3");
            let text = |bytes: &bytes::Bytes| String::from_utf8(bytes.to_vec()).unwrap();
            let heard = Heard {
                call: format!("{} {path}", request.method),
                body: request.body.as_ref().map(text).unwrap_or_default(),
                key: request
                    .headers
                    .get("idempotency-key")
                    .map(|key| key.to_str().unwrap().to_owned()),
            };
            let say = if path == "/token" {
                answer(200, json!({"access_token": "t", "expires_in": 86400}))
            } else {
                let is_at = |place: &Mutex<Option<String>>| {
                    let place = place.lock().unwrap();
                    place
                        .as_ref()
                        .is_some_and(|begins| heard.call.starts_with(begins))
                };
                if is_at(&self.takes_lock_at) {
                    self.lock_lost.store(true, Ordering::Relaxed);
                }
                if is_at(&self.stops_at) {
                    self.stop.cancel();
                }
                let say = self.say(&heard.call);
                if !matches!(say, Say::NotSent) {
                    self.chronicle.lock().unwrap().push(heard.call.clone());
                    self.heard.lock().unwrap().push(heard);
                }
                say
            };
            match say {
                Say::Lost => Err(NoAnswer::Lost("reset".to_owned())),
                Say::NotSent => Err(NoAnswer::NotSent("connection refused".to_owned())),
                Say::This(status, kind, body) => {
                    let mut headers = http::HeaderMap::new();
                    headers.insert("content-type", http::HeaderValue::from_static(kind));
                    Ok(Incoming {
                        status,
                        headers,
                        body: body.into(),
                    })
                }
            }
        })
    }
}
