//! The way to the vendor, with everything that happens to requests on real networks.

use super::check::Write;
use super::sim::{Sabotage, Sim};
use super::vendor::BASE;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method};
use infield::vendor::transport::{Incoming, NoAnswer, Outgoing, Transport};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// One process's way to the vendor.
pub(crate) struct Faulty(pub(crate) Arc<Sim>);

/// What happens to a request.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Fine,
    NotSent,
    LostBefore,
    LostAfter,
    /// Lost after a minute of silence.
    Silence,
    TooMany(Option<u64>),
    Error {
        status: u16,
        after: bool,
    },
    /// A page of some machine in between.
    Page {
        status: u16,
        after: bool,
    },
    Truncated,
    /// JSON, but nothing one could use.
    Odd,
    /// Confirmed and not kept, or not all of it.
    Lie,
}

const HTML: &[u8] = b"<html><head><title>Bad gateway</title></head><body>upstream</body></html>";

impl Faulty {
    fn fate(&self, request: &Outgoing) -> Fate {
        let sim = &self.0;
        let weather = sim.weather();
        let mut random = sim.random();
        let content = request.method != Method::GET && is_seen(request) && is_survey(request);
        if content && random.percent(weather.lies) {
            return Fate::Lie;
        }
        if !random.percent(weather.requests) {
            return Fate::Fine;
        }
        let after = random.percent(50);
        match random.between(0, 10) {
            0 => Fate::NotSent,
            1 => Fate::LostBefore,
            2 | 3 => Fate::LostAfter,
            4 => Fate::Silence,
            5 => {
                let seconds = random.between(1, 200);
                Fate::TooMany(random.percent(70).then_some(seconds))
            }
            6 | 7 => Fate::Error {
                status: *random.pick(&[500, 502, 503]),
                after,
            },
            8 => Fate::Page {
                status: *random.pick(&[200, 403, 404, 408, 502]),
                after,
            },
            9 => Fate::Truncated,
            _ => Fate::Odd,
        }
    }

    async fn travel(&self, request: Outgoing) -> Result<Incoming, NoAnswer> {
        let sim = &self.0;
        sim.boundary("before a request is sent").await;
        let fate = self.fate(&request);
        let shown = shown(&request);
        if let Fate::NotSent = fate {
            sim.tell(format!("{shown}: not sent"));
            return Err(NoAnswer::NotSent("connection refused".to_owned()));
        }
        let mut under_way = UnderWay {
            sim: Arc::clone(sim),
            request: Some(request),
        };
        sim.boundary("while a request is under way").await;
        let trip = Duration::from_millis(sim.random().between(0, 300));
        tokio::time::sleep(trip).await;
        let request = under_way.request.take().expect("nobody else takes it");
        if sim.crashed() {
            std::future::pending::<()>().await;
        }
        let (arrives, after) = match fate {
            Fate::LostBefore | Fate::TooMany(_) => (false, false),
            Fate::Error { after, .. } | Fate::Page { after, .. } => (after, after),
            Fate::Lie => (request.method == Method::POST, true),
            _ => (true, true),
        };
        sim.tell(format!("{shown}: {fate:?}"));
        let answer = if arrives {
            let sent = match fate {
                Fate::Lie => trimmed(&request),
                _ => request.clone(),
            };
            Some(sim.arrive(&request, sent, false))
        } else {
            None
        };
        if after {
            sim.boundary("after the vendor did it").await;
        }
        tokio::time::sleep(trip).await;
        let answer = answer.map(|answer| lagging(sim, &request, answer));
        conclude(sim, fate, &request, answer).await
    }
}

async fn conclude(
    sim: &Sim,
    fate: Fate,
    request: &Outgoing,
    answer: Option<Incoming>,
) -> Result<Incoming, NoAnswer> {
    let page = |status| Incoming {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from_static(HTML),
    };
    match fate {
        Fate::Fine => Ok(answer.expect("it arrived")),
        Fate::Lie => Ok(answer.unwrap_or_else(|| {
            // What the survey looks like now is what an honest answer would look like, too.
            let (status, _, body) = sim.deliver(Outgoing {
                method: Method::GET,
                body: None,
                ..request.clone()
            });
            Incoming {
                status,
                headers: HeaderMap::new(),
                body,
            }
        })),
        Fate::NotSent => Err(NoAnswer::NotSent("connection refused".to_owned())),
        Fate::LostBefore | Fate::LostAfter => Err(NoAnswer::Lost("connection reset by peer".to_owned())),
        Fate::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Err(NoAnswer::Lost("operation timed out".to_owned()))
        }
        Fate::TooMany(seconds) => {
            let mut headers = HeaderMap::new();
            if let Some(seconds) = seconds {
                headers.insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            Ok(Incoming {
                status: 429,
                headers,
                body: Bytes::from_static(b"{}"),
            })
        }
        Fate::Error { status, .. } => Ok(Incoming {
            status,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"{\"ps_api_response_code\":9999,\"ps_api_response_message\":\"oops\"}"),
        }),
        Fate::Page { status, .. } => Ok(page(status)),
        Fate::Truncated => {
            let mut answer = answer.expect("it arrived");
            answer.body.truncate(answer.body.len() / 2);
            Ok(answer)
        }
        Fate::Odd => Ok(Incoming {
            body: Bytes::from_static(b"{}"),
            ..answer.expect("it arrived")
        }),
    }
}

impl Transport for Faulty {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            let mut outcome = self.travel(request.clone()).await;
            if self.0.sabotage == Some(Sabotage::BlindRetry) {
                for _ in 0..3 {
                    if outcome.is_ok() {
                        break;
                    }
                    outcome = self.travel(request.clone()).await;
                }
            }
            outcome
        })
    }
}

/// A request between its sender and the vendor. When the sender is gone, the request may still arrive.
struct UnderWay {
    sim: Arc<Sim>,
    request: Option<Outgoing>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Some(request) = self.request.take() else {
            return;
        };
        let late = self.sim.weather().late;
        let creates = request.method == Method::POST && path(&request) == "/surveys";
        if !creates || late.is_zero() || !self.sim.crashed() || self.sim.random().percent(50) {
            return;
        }
        let millis = u64::try_from(late.as_millis()).expect("a minute at most");
        let wait = Duration::from_millis(self.sim.random().between(0, millis));
        let sim = Arc::clone(&self.sim);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            sim.tell(format!("{}: arrives late", shown(&request)));
            sim.arrive(&request, request.clone(), true);
        });
    }
}

impl Sim {
    /// The vendor gets a request of infield's: does it, and the bystander looks at what came of it.
    fn arrive(&self, request: &Outgoing, sent: Outgoing, late: bool) -> Incoming {
        let path = path(request).to_owned();
        let id = path
            .strip_prefix("/surveys/")
            .and_then(|rest| rest.split(['/', '?']).next())
            .map(str::to_owned);
        let before = id.as_ref().and_then(|id| self.checker().mirror.get(id).cloned());
        let whole = sent.body == request.body;
        let (status, headers, body) = self.deliver(sent);
        if request.method != Method::GET {
            let answer: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            let created = answer
                .get("ps_survey_id")
                .filter(|_| path == "/surveys")
                .map(Value::to_string);
            let id = id.or(created);
            match &id {
                Some(id) => self.look(id),
                None => self.look_at_all(),
            }
            let after = id.as_ref().and_then(|id| self.checker().mirror.get(id).cloned());
            let write = Write {
                method: request.method.to_string(),
                path,
                body: request
                    .body
                    .as_ref()
                    .and_then(|body| serde_json::from_slice(body).ok()),
                ok: (200..300).contains(&status),
                late,
                id,
                before,
                after,
            };
            if !write.ok {
                self.tell(format!("  refused: {status} {answer}"));
            }
            if let (false, Some(id)) = (whole, &write.id) {
                self.checker().differs_already(id);
            }
            let found = self.checker().written(&write);
            if let Some(what) = found {
                self.fail(what);
            }
        }
        Incoming {
            status,
            headers,
            body,
        }
    }
}

/// Hides what is too young for the vendor's lists.
fn lagging(sim: &Sim, request: &Outgoing, answer: Incoming) -> Incoming {
    let lag = sim.weather().list_lag;
    if lag.is_zero() || request.method != Method::GET || !path(request).starts_with("/surveys?") {
        return answer;
    }
    let Ok(Value::Array(items)) = serde_json::from_slice(&answer.body) else {
        return answer;
    };
    let lag = SignedDuration::try_from(lag).expect("a minute at most");
    let newest = sim
        .sandbox
        .clock()
        .now()
        .saturating_sub(lag)
        .expect("a small lag");
    let shown: Vec<Value> = items
        .into_iter()
        .filter(|survey| {
            survey["project_creation_date"]
                .as_str()
                .and_then(|text| text.parse::<Timestamp>().ok())
                .is_none_or(|made| made <= newest)
        })
        .collect();
    Incoming {
        body: Bytes::from(Value::Array(shown).to_string()),
        ..answer
    }
}

/// A create of which the vendor keeps only a part.
fn trimmed(request: &Outgoing) -> Outgoing {
    let mut request = request.clone();
    let body = request
        .body
        .as_ref()
        .and_then(|body| serde_json::from_slice(body).ok());
    if let Some(Value::Object(mut map)) = body {
        if map.remove("quotas").is_none() {
            map.remove("offer_price");
        }
        request.body = Some(Bytes::from(Value::Object(map).to_string()));
    }
    request
}

fn path(request: &Outgoing) -> &str {
    request.url.strip_prefix(BASE).unwrap_or(&request.url)
}

fn is_survey(request: &Outgoing) -> bool {
    let path = path(request);
    match request.method {
        Method::POST => path == "/surveys",
        Method::PUT | Method::PATCH => path.starts_with("/surveys/") && !path.contains("/quotas"),
        _ => false,
    }
}

/// Whether a lie about it could be seen at all: a status is read back by itself, and the data-quality switch is not
/// shown before it was set once.
fn is_seen(request: &Outgoing) -> bool {
    let body = request.body.as_deref().unwrap_or_default();
    let text = String::from_utf8_lossy(body);
    !text.contains("/ps_survey_status") && !text.contains("/is_dq_enable")
}

fn shown(request: &Outgoing) -> String {
    let body = request.body.as_ref().map(|body| {
        let text = String::from_utf8_lossy(body);
        text.chars().take(300).collect::<String>()
    });
    format!(
        "{} {} {}",
        request.method,
        path(request),
        body.unwrap_or_default()
    )
}
