//! The way to the vendor, with everything that happens to requests on real networks.

mod ids;
mod pages;

use super::check::Write;
use super::market::{Does, Keeps, body_of, read, text_of};
use super::sim::{Held, Sabotage, Sim};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Method};
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// One process's way to the vendor.
pub(crate) struct Faulty(Arc<Sim>, pages::Lists);

/// What happens to a request.
#[derive(Debug, Clone)]
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
        body: &'static [u8],
    },
    Truncated,
    /// JSON, but nothing one could use.
    Odd,
    /// Confirmed and not kept, or not all of it.
    Lie(Keeps),
}

/// What a gateway says in JSON of its own.
const FOREIGN: &[u8] = br#"{"message":"the gateway has nothing for you"}"#;
const HTML: &[u8] = b"<html><head><title>Bad gateway</title></head><body>upstream</body></html>";

impl Faulty {
    pub(crate) fn new(sim: Arc<Sim>) -> Self {
        Self(sim, pages::Lists::default())
    }

    fn fate(&self, request: &Outgoing) -> Fate {
        let sim = &self.0;
        let weather = sim.weather();
        if weather.lies > 0
            && let Some(keeps) = sim.market.lie(sim, request)
            && sim.random().percent(weather.lies)
        {
            return Fate::Lie(keeps);
        }
        if weather.held_back && matches!(does(sim, request), Does::Makes { .. }) {
            match sim.hold_back(shown(sim, request)) {
                Held::Waits => {
                    let seconds = sim.random().between(100, 200);
                    return Fate::TooMany(Some(seconds));
                }
                // Here it is the lease that is lost meanwhile.
                Held::SenderIsGone if sim.sabotage == Some(Sabotage::IgnoreLease) => return Fate::Fine,
                Held::SenderIsGone => {
                    sim.arm(Some(0));
                    return Fate::Fine;
                }
                Held::No => {}
            }
        }
        let mut random = sim.random();
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
                status: *random.pick(&[200, 303, 403, 404, 408, 409, 499, 502]),
                body: if random.pick(&[true, false]) == &true {
                    HTML
                } else {
                    FOREIGN
                },
                after,
            },
            9 => Fate::Truncated,
            _ => Fate::Odd,
        }
    }

    async fn travel(&self, mut request: Outgoing) -> Result<Incoming, NoAnswer> {
        let sim = &self.0;
        if let Some(sabotage) = sim.sabotage {
            sabotage.spoil(&mut sim.random(), &mut request.headers);
        }
        sim.boundary("before a request is sent").await;
        let sent_at = sim.now();
        let fate = self.fate(&request);
        let shown = shown(sim, &request);
        if matches!(fate, Fate::NotSent) {
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
        let (arrives, after) = match &fate {
            Fate::LostBefore | Fate::TooMany(_) => (false, false),
            Fate::Error { after, .. } | Fate::Page { after, .. } => (*after, *after),
            Fate::Lie(Keeps::Nothing { .. }) => (false, true),
            _ => (true, true),
        };
        sim.tell(format!("{shown}: {fate:?}"));
        if matches!(
            fate,
            Fate::LostBefore | Fate::LostAfter | Fate::Silence | Fate::Truncated
        ) {
            sim.count(|count| count.lost_answers += 1);
        }
        let answer = if arrives {
            let sent = match &fate {
                Fate::Lie(Keeps::Body(body)) => Outgoing {
                    body: Some(Bytes::from(body.to_string())),
                    ..request.clone()
                },
                _ => pages::ask(sim, &request),
            };
            Some(sim.arrive(&request, sent, Some(sent_at)))
        } else {
            None
        };
        if after {
            sim.boundary("after the vendor did it").await;
        }
        tokio::time::sleep(trip).await;
        let answer = answer.map(|answer| {
            let answer = lagging(sim, &request, answer);
            let answer = self.1.cut(sim, &request, answer);
            match fate {
                Fate::Fine => ids::repeated(sim, &request, answer),
                _ => answer,
            }
        });
        conclude(sim, fate, &request, answer).await
    }
}

async fn conclude(
    sim: &Sim,
    fate: Fate,
    request: &Outgoing,
    answer: Option<Incoming>,
) -> Result<Incoming, NoAnswer> {
    let page = |status, body| Incoming {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from_static(body),
    };
    match fate {
        Fate::Fine => Ok(answer.expect("it arrived")),
        Fate::Lie(Keeps::Body(_)) => Ok(answer.expect("it arrived")),
        Fate::Lie(Keeps::Nothing { ask: None }) => Ok(Incoming {
            status: 204,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }),
        Fate::Lie(Keeps::Nothing { ask: Some(ask) }) => {
            let (status, _, body) = sim.deliver(Outgoing {
                method: Method::GET,
                url: format!("{}{ask}", sim.market.base()),
                body: None,
                ..request.clone()
            });
            Ok(Incoming {
                status,
                headers: HeaderMap::new(),
                body,
            })
        }
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
            body: Bytes::from_static(sim.market.failure().as_bytes()),
        }),
        Fate::Page { status, body, .. } => Ok(page(status, body)),
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
        let creates = matches!(does(&self.sim, &request), Does::Makes { .. });
        let surely = self.sim.weather().held_back;
        if !creates || late.is_zero() || !self.sim.crashed() || (!surely && self.sim.random().percent(50)) {
            return;
        }
        let millis = u64::try_from(late.as_millis()).expect("a minute at most");
        let wait = Duration::from_millis(self.sim.random().between(0, millis));
        let sim = Arc::clone(&self.sim);
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            sim.tell(format!("{}: arrives late", shown(&sim, &request)));
            sim.arrive(&request, request.clone(), None);
        });
    }
}

impl Sim {
    /// The vendor gets a request of infield's: does it, and the bystander looks at what came of it. `sent_at` is `None` where
    /// its sender is gone.
    fn arrive(&self, request: &Outgoing, sent: Outgoing, sent_at: Option<Timestamp>) -> Incoming {
        let body = body_of(request);
        let does = does(self, request);
        let whole = sent.body == request.body;
        let before = match &does {
            Does::Changes(id) => self.checker().mirror.get(id).cloned(),
            Does::Reads | Does::Makes { .. } => None,
        };
        // Asking for a token looks at nothing.
        let stirs = path(self, request).starts_with('/') && self.market.is_due(self);
        let written = self.sandbox.writes();
        let (status, headers, answered) = self.deliver(sent);
        if stirs && self.sandbox.writes() != written {
            self.look_at_all();
        }
        if does != Does::Reads {
            let answer = read(&answered).unwrap_or(Value::Null);
            let ok = self.market.accepted(status, &answer);
            let id = match &does {
                Does::Changes(id) => Some(id.clone()),
                Does::Reads | Does::Makes { .. } => self.market.made_id(&answer).filter(|_| ok),
            };
            match &id {
                // What holds several surveys may touch all of them.
                Some(id) if id.is_empty() => self.look_at_all(),
                Some(id) => self.look(id),
                None => {}
            }
            let after = id.as_ref().and_then(|id| self.checker().mirror.get(id).cloned());
            let write = Write {
                method: request.method.to_string(),
                path: path(self, request).to_owned(),
                body,
                key: header(request, "idempotency-key"),
                version: header(request, "if-match"),
                makes: matches!(does, Does::Makes { .. }),
                parent: match does {
                    Does::Makes { parent } => parent,
                    Does::Reads | Does::Changes(_) => None,
                },
                ok,
                sent_at,
                id,
                before,
                after,
            };
            if !ok {
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
            body: answered,
        }
    }
}

/// Hides what is too young for the vendor's lists.
fn lagging(sim: &Sim, request: &Outgoing, answer: Incoming) -> Incoming {
    let lag = sim.weather().list_lag;
    if lag.is_zero() {
        return answer;
    }
    let Some(mut whole) = read(&answer.body) else {
        return answer;
    };
    let path = path(sim, request);
    let Some((items, key)) = sim.market.listed(&request.method, path, &mut whole) else {
        return answer;
    };
    let lag = SignedDuration::try_from(lag).expect("a minute at most");
    let newest = sim.now().saturating_sub(lag).expect("a small lag");
    let checker = sim.checker();
    items.retain(|item| {
        checker
            .born
            .get(&text_of(&item[key]))
            .is_none_or(|born| *born <= newest)
    });
    Incoming {
        body: Bytes::from(whole.to_string()),
        ..answer
    }
}

fn does(sim: &Sim, request: &Outgoing) -> Does {
    sim.market
        .does(&request.method, path(sim, request), body_of(request).as_ref())
}

fn path<'a>(sim: &Sim, request: &'a Outgoing) -> &'a str {
    request
        .url
        .strip_prefix(sim.market.base())
        .unwrap_or(&request.url)
}

fn header(request: &Outgoing, name: &str) -> Option<String> {
    Some(request.headers.get(name)?.to_str().ok()?.to_owned())
}

fn shown(sim: &Sim, request: &Outgoing) -> String {
    let body = request.body.as_ref().map(|body| {
        let text = String::from_utf8_lossy(body);
        text.chars().take(300).collect::<String>()
    });
    format!(
        "{} {} {}",
        request.method,
        path(sim, request),
        body.unwrap_or_default()
    )
}
