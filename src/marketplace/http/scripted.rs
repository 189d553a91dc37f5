//! A vendor that answers from a script, for tests: what may be asked, in which words, and what becomes of it.
//!
//! Promises: a request that is not in the script fails the test; what was asked is told as it arrives, before it is
//! answered. The script is made of whole answers, so a test says what a vendor does without imitating one.

use super::transport::{Incoming, NoAnswer, Outgoing, Transport};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;

/// Where a scripted vendor is.
pub(crate) const BASE: &str = "http://vendor.example";

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and path: `POST /surveys`.
    pub(crate) line: String,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body; `Null` where it has none.
    pub(crate) body: Value,
}

impl Asked {
    /// The text of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// An answer as it comes in.
pub(crate) fn incoming(status: u16, body: &(impl ToString + ?Sized)) -> Incoming {
    Incoming {
        status,
        headers: HeaderMap::new(),
        body: Bytes::from(body.to_string()),
    }
}

/// What becomes of a request.
pub(crate) struct Answer {
    outcome: Result<Incoming, NoAnswer>,
    takes: Duration,
    again: bool,
    meanwhile: Option<Box<dyn FnOnce() + Send>>,
}

impl Answer {
    fn of(outcome: Result<Incoming, NoAnswer>) -> Self {
        Self {
            outcome,
            takes: Duration::ZERO,
            again: false,
            meanwhile: None,
        }
    }

    /// An answer with a body.
    pub(crate) fn new(status: u16, body: &(impl ToString + ?Sized)) -> Self {
        Self::of(Ok(incoming(status, body)))
    }

    /// The request arrives, and its answer does not.
    pub(crate) fn lost() -> Self {
        Self::of(Err(NoAnswer::Lost("the connection broke".to_owned())))
    }

    /// The request does not even leave.
    pub(crate) fn not_sent() -> Self {
        Self::of(Err(NoAnswer::NotSent("the connection was refused".to_owned())))
    }

    /// The same answer with a header.
    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        if let Ok(answer) = &mut self.outcome {
            let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
            answer.headers.insert(name, value);
        }
        self
    }

    /// The same answer, only later.
    pub(crate) fn after(mut self, takes: Duration) -> Self {
        self.takes = takes;
        self
    }

    /// The same answer, also to every repetition of the request.
    pub(crate) fn always(mut self) -> Self {
        self.again = true;
        self
    }

    /// The same answer; before it, something else happens.
    pub(crate) fn meanwhile(mut self, happens: impl FnOnce() + Send + 'static) -> Self {
        self.meanwhile = Some(Box::new(happens));
        self
    }
}

/// Hears of a request when it arrives; says whether it is kept quiet about.
type Told = Box<dyn Fn(&Asked) + Send + Sync>;

/// Answers requests from a script.
pub(crate) struct Scripted {
    script: Mutex<Vec<(String, Answer)>>,
    told: Told,
}

impl Scripted {
    /// Nothing in the script yet; `told` hears of every request.
    pub(crate) fn new(told: impl Fn(&Asked) + Send + Sync + 'static) -> Self {
        Self {
            script: Mutex::default(),
            told: Box::new(told),
        }
    }

    /// Adds requests with their answers. The same request several times is answered in this order.
    pub(crate) fn expect<S: Into<String>>(&self, lines: impl IntoIterator<Item = (S, Answer)>) {
        let lines = lines.into_iter().map(|(line, answer)| (line.into(), answer));
        self.script.lock().unwrap().extend(lines);
    }

    /// What the script has and nobody asked for.
    pub(crate) fn left(&self) -> Vec<String> {
        let script = self.script.lock().unwrap();
        let once = script.iter().filter(|(_, answer)| !answer.again);
        once.map(|(line, _)| line.clone()).collect()
    }
}

impl Transport for Scripted {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let path = request.url.strip_prefix(BASE).unwrap_or(&request.url);
        let line = format!("{} {path}", request.method);
        let body = request.body.as_deref().map(serde_json::from_slice);
        let asked = Asked {
            line: line.clone(),
            headers: request.headers,
            body: body.transpose().unwrap().unwrap_or_default(),
        };
        let answer = {
            let mut script = self.script.lock().unwrap();
            let found = script.iter().position(|(expected, _)| *expected == line);
            found.map(|at| match &script[at].1 {
                lasting if lasting.again => Answer::of(lasting.outcome.clone()).after(lasting.takes),
                _ => script.remove(at).1,
            })
        };
        // A test is about what is in its script; how far fielding got is asked beside it and changes nothing.
        if answer.is_none() && line.ends_with("/performance") {
            return Box::pin(async { Answer::new(404, "{}").outcome });
        }
        (self.told)(&asked);
        let answer = answer.unwrap_or_else(|| panic!("{line} is not in the script: {:?}", self.left()));
        Box::pin(async move {
            if let Some(happens) = answer.meanwhile {
                happens();
            }
            tokio::time::sleep(answer.takes).await;
            answer.outcome
        })
    }
}
