//! One call, from the request to the response: log, limit, fault, vendor, delay.
//!
//! Promises that the log has the call before anything is done, that work is committed before the
//! wait that delays its answer, and that it waits only through `tokio::time`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use jiff::fmt::rfc2822;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::time::Instant;

use super::emulator::{Answer, Call, Emulator, Failure};
use super::fault::{Effect, MadeUp};
use super::log::DropPoint;
use super::{Inner, admin};

/// The largest body accepted, in bytes; lists of postal codes are long.
const MAX_BODY: usize = 64 * 1024 * 1024;
const NOT_JSON: &[u8] = b"<html><head><title>Bad gateway</title></head><body>upstream said {\"ps";

/// Marks a response that must not be sent: over a socket the connection is closed instead.
///
/// Found among the response's extensions when a sandbox is called in process; a simulated transport
/// turns it into a connection error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// Whether the vendor had done its work.
    pub at: DropPoint,
}

pub(super) fn router(inner: Arc<Inner>) -> Router {
    Router::new().fallback(move |request: Request<Body>| {
        let inner = Arc::clone(&inner);
        async move { handle(&inner, request).await }
    })
}

/// Every answer says what time it is here, and that it comes from a sandbox.
pub(super) async fn handle(inner: &Inner, request: Request<Body>) -> Response<Body> {
    let mut response = answer(inner, request).await;
    let headers = response.headers_mut();
    headers.insert("infield-sandbox", HeaderValue::from_static("1"));
    let now = inner.world.clock.now();
    let date = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    let date = date.ok().and_then(|date| HeaderValue::try_from(date).ok());
    // A fault may tell another time.
    if let Some(date) = date.filter(|_| !headers.contains_key(DATE)) {
        headers.insert(DATE, date);
    }
    response
}

async fn answer(inner: &Inner, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        let message = json!({"error": "the body could not be read, or is larger than 64 MiB"});
        return respond(Answer::json(StatusCode::PAYLOAD_TOO_LARGE, &message));
    };
    let path = parts.uri.path();
    let first = path.split('/').find(|segment| !segment.is_empty());
    if first == Some("_sandbox") {
        return respond(admin::answer(inner, &parts.method, path, &body));
    }
    let Some(vendor) = first.and_then(|key| inner.vendor(key)) else {
        let message = json!({"error": format!("nothing is served at {path}")});
        return respond(Answer::json(StatusCode::NOT_FOUND, &message));
    };
    let call = Call {
        method: parts.method,
        path: segments(path).skip(1).collect(),
        query: query(&parts.uri),
        headers: parts.headers,
        body,
    };
    let target = parts.uri.path_and_query().map_or(path, |target| target.as_str());
    vendor_call(inner, vendor, &call, target).await
}

async fn vendor_call(inner: &Inner, vendor: &dyn Emulator, call: &Call, target: &str) -> Response<Body> {
    let now = inner.world.clock.now();
    let (key, log) = (vendor.key(), &inner.log);
    let seq = log.begin(now, key, &call.method, target, &call.body);
    if let Some(rate) = &inner.rate
        && let Err(wait) = rate.check(Instant::now())
    {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let mut answer = Answer::json(status, &vendor.fault_body(status));
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        let seconds = HeaderValue::from_str(&seconds.to_string()).expect("digits are a header value");
        answer.headers.insert(RETRY_AFTER, seconds);
        log.finish(seq, Some(status.as_u16()), None);
        return respond(answer);
    }
    // Whatever is removed after the fault struck ends its delay.
    let cleared = inner.faults.cleared();
    let effect = inner.faults.strike(key, &call.method, target).unwrap_or_default();
    let (answer, dropped) = outcome(inner, vendor, call, &effect);
    let status = answer.as_ref().map(|answer| answer.status.as_u16());
    log.finish(seq, status, dropped);
    if !inner.latency.is_zero() {
        tokio::time::sleep(inner.latency).await;
    }
    if !effect.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(effect.delay) => {}
            () = cleared => {}
        }
    }
    let mut response = respond(answer.unwrap_or_else(|| Answer::empty(StatusCode::BAD_GATEWAY)));
    if let Some(at) = dropped {
        response.extensions_mut().insert(Dropped { at });
    }
    response
}

/// Does the work, unless the fault forbids it, and returns the answer and where it gets lost.
fn outcome(
    inner: &Inner,
    vendor: &dyn Emulator,
    call: &Call,
    effect: &Effect,
) -> (Option<Answer>, Option<DropPoint>) {
    let dropped = effect.dropped;
    if dropped == Some(DropPoint::Before) {
        return (None, dropped);
    }
    let mut answer = match &effect.answer {
        // A lost answer presumes work: with a drop after the commit there has to be one.
        Some(made_up) if !made_up.after_commit && dropped.is_none() => make_up(vendor, made_up),
        Some(made_up) => {
            let _replaced = perform(inner, vendor, call);
            make_up(vendor, made_up)
        }
        None => perform(inner, vendor, call),
    };
    if effect.malformed {
        answer.body = Bytes::from_static(NOT_JSON);
        answer.content_type = Some("application/json; charset=utf-8");
    }
    (Some(answer), dropped)
}

fn perform(inner: &Inner, vendor: &dyn Emulator, call: &Call) -> Answer {
    vendor.answer(&inner.world, call).unwrap_or_else(failed)
}

/// Turns a failure into the answer it stands for.
pub(super) fn failed(failure: Failure) -> Answer {
    match failure {
        Failure::Refused(answer) => *answer,
        Failure::Store(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "sandbox store");
            let message = json!({"error": format!("the sandbox itself failed: {error}")});
            Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &message)
        }
    }
}

fn make_up(vendor: &dyn Emulator, made_up: &MadeUp) -> Answer {
    let mut answer = match &made_up.body {
        None => Answer::json(made_up.status, &vendor.fault_body(made_up.status)),
        Some(serde_json::Value::String(text)) => Answer {
            body: Bytes::from(text.clone()),
            content_type: Some("text/plain; charset=utf-8"),
            ..Answer::empty(made_up.status)
        },
        Some(body) => Answer::json(made_up.status, body),
    };
    answer.headers.extend(made_up.headers.clone());
    answer
}

fn respond(answer: Answer) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    if let Some(content_type) = answer.content_type {
        let value = HeaderValue::from_static(content_type);
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    // A fault may name the content type itself; its word is the last.
    let mut last = None;
    for (name, value) in answer.headers {
        last = name.or(last);
        if let Some(name) = &last {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn segments(path: &str) -> impl Iterator<Item = String> + '_ {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
}

fn query(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}
