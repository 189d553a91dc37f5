//! The line to a marketplace: counts requests, loses and spoils answers, and remembers what was read.

use futures_util::future::BoxFuture;
use infield::marketplace::http::in_process::InProcess;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// It does not arrive, and nobody can tell.
    LostBefore,
    /// It is carried out, and the answer is lost.
    LostAfter,
    /// A 500, and nothing was done.
    ErrorBefore,
    /// It is carried out, and the answer is a 500.
    ErrorAfter,
    /// A web page instead of an answer, and nothing was done.
    Page,
    /// It is carried out, and a gateway answers in the marketplace's place.
    Gateway(u16, Value),
    /// The marketplace says no.
    Refused(u16, Value),
}

/// An answer that was read: what was asked, and what came back.
pub(crate) type Answers = BTreeMap<String, Value>;

pub(crate) struct Line {
    router: InProcess,
    sent: AtomicUsize,
    disturbed: Mutex<Option<(usize, Way)>>,
    /// The answer to this, with another value at a pointer.
    spoilt: Mutex<Option<(String, String, Value)>>,
    answers: Mutex<Answers>,
    limit: Mutex<Option<Limit>>,
}

/// How many requests are taken in a second, and what became of those so far.
#[derive(Debug, Default)]
struct Limit {
    a_second: usize,
    taken: Vec<Instant>,
    refused: usize,
}

impl Line {
    pub(crate) fn new(router: axum::Router) -> Self {
        Self {
            router: InProcess::new(router),
            sent: AtomicUsize::new(0),
            disturbed: Mutex::default(),
            spoilt: Mutex::default(),
            answers: Mutex::default(),
            limit: Mutex::default(),
        }
    }

    /// From now on no more than so many requests are taken in any second, and each takes 50 ms.
    pub(crate) fn limit(&self, a_second: usize) {
        *self.limit.lock().unwrap() = Some(Limit {
            a_second,
            ..Limit::default()
        });
    }

    /// Requests that were taken, and that were turned away, since there is a limit.
    pub(crate) fn taken_and_refused(&self) -> (usize, usize) {
        let limit = self.limit.lock().unwrap();
        let limit = limit.as_ref().unwrap();
        (limit.taken.len(), limit.refused)
    }

    /// Whether one more request is taken; `None` where there is no limit.
    fn takes(&self) -> Option<bool> {
        let mut limit = self.limit.lock().unwrap();
        let limit = limit.as_mut()?;
        let lately = limit.taken.iter().rev();
        let lately = lately.take_while(|at| at.elapsed() < Duration::from_secs(1));
        let takes = lately.count() < limit.a_second;
        match takes {
            true => limit.taken.push(Instant::now()),
            false => limit.refused += 1,
        }
        Some(takes)
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Disturbs the nth request from now on, whatever it is.
    pub(crate) fn disturb(&self, nth: usize, way: Way) {
        *self.disturbed.lock().unwrap() = Some((self.requests() + nth, way));
    }

    /// Nothing is disturbed or spoilt from now on.
    pub(crate) fn calm(&self) {
        *self.disturbed.lock().unwrap() = None;
        *self.spoilt.lock().unwrap() = None;
    }

    /// From now on the answers to a question have another value at a pointer.
    pub(crate) fn spoil(&self, question: &str, pointer: &str, value: Value) {
        *self.spoilt.lock().unwrap() = Some((question.to_owned(), pointer.to_owned(), value));
    }

    /// The good answers since the last time somebody asked.
    pub(crate) fn take_answers(&self) -> Answers {
        std::mem::take(&mut *self.answers.lock().unwrap())
    }

    /// Remembers an answer, and spoils it where that is wanted.
    fn heard(&self, question: String, mut answer: Incoming) -> Incoming {
        let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
            return answer;
        };
        if let Some((asked, pointer, value)) = &*self.spoilt.lock().unwrap()
            && *asked == question
            && let Some(place) = body.pointer_mut(pointer)
        {
            *place = value.clone();
            answer.body = body.to_string().into();
        }
        self.answers.lock().unwrap().insert(question, body);
        answer
    }
}

fn answer(status: u16, body: String) -> Result<Incoming, NoAnswer> {
    Ok(Incoming {
        status,
        headers: http::HeaderMap::new(),
        body: body.into(),
    })
}

impl Transport for Line {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst) + 1;
        let disturbed = self.disturbed.lock().unwrap().clone();
        let way = disturbed.filter(|(nth, _)| *nth == number).map(|(_, way)| way);
        Box::pin(async move {
            let lost = || Err(NoAnswer::Lost("the line broke".to_owned()));
            let takes = self.takes();
            if takes.is_some() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if takes == Some(false) {
                let mut turned_away = answer(429, "{}".to_owned())?;
                let second = http::HeaderValue::from_static("1");
                turned_away.headers.insert(http::header::RETRY_AFTER, second);
                return Ok(turned_away);
            }
            match way {
                None => {
                    let question = format!("{} {}", request.method, request.url);
                    let answer = self.router.send(request).await?;
                    Ok(self.heard(question, answer))
                }
                Some(Way::LostBefore) => lost(),
                Some(Way::LostAfter) => {
                    self.router.send(request).await?;
                    lost()
                }
                Some(Way::ErrorBefore) => answer(500, "{}".to_owned()),
                Some(Way::ErrorAfter) => {
                    self.router.send(request).await?;
                    answer(500, "{}".to_owned())
                }
                Some(Way::Page) => answer(200, "<html>We are back soon.</html>".to_owned()),
                Some(Way::Gateway(status, body)) => {
                    self.router.send(request).await?;
                    answer(status, body.to_string())
                }
                Some(Way::Refused(status, body)) => answer(status, body.to_string()),
            }
        })
    }
}
