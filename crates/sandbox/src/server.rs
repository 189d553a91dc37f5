//! The sandbox on a socket.
//!
//! Its own accept loop, because an ordinary server always answers: here a response marked
//! [`Dropped`] ends the connection without a byte. Promises that calls in flight at shutdown are
//! finished, within a few seconds.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::SandboxError;
use super::service::Dropped;

const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct DroppedOnPurpose;

pub(super) async fn serve(
    router: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), SandboxError> {
    let (closing, closed) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    // On a socket of this machine alone, a name of another machine comes from a browser that was led here.
    let only_local = listener
        .local_addr()
        .is_ok_and(|address| address.ip().is_loopback());
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(router.clone(), stream, closed.clone(), only_local));
                }
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => return Err(error.into()),
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    drop(listener);
    closing.send_replace(true);
    let finish = async { while connections.join_next().await.is_some() {} };
    // What is still open after that is abandoned with the set.
    let _ = tokio::time::timeout(FAREWELL, finish).await;
    Ok(())
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

async fn connection(router: Router, stream: TcpStream, mut closed: watch::Receiver<bool>, only_local: bool) {
    // Small answers must not wait for one another; a socket that cannot do this still works.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            match only_local && led_here(request.headers()) {
                true => Ok(foreign()),
                false => call(router, request).await,
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    loop {
        tokio::select! {
            // An error is the peer's hang-up or our own drop: the connection is over either way.
            _ = connection.as_mut() => break,
            changed = closed.changed() => {
                connection.as_mut().graceful_shutdown();
                if changed.is_err() {
                    break;
                }
            }
        }
    }
}

/// Whether a page of another site sends this, or its name was made to lead to this machine.
fn led_here(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).map(|host| host.to_str().is_ok_and(is_local));
    let origin = headers.get(ORIGIN).map(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        let rest = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        rest.is_some_and(is_local)
    });
    host == Some(false) || origin == Some(false)
}

/// Whether a host, perhaps with a port, is this machine by whatever name.
fn is_local(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn foreign() -> Response<Body> {
    let body = r#"{"error": "the sandbox answers only to the names of this machine, and to no page of another site"}"#;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

async fn call(router: Router, request: Request<Incoming>) -> Result<Response<Body>, DroppedOnPurpose> {
    let outcome: Result<_, Infallible> = router.oneshot(request.map(Body::new)).await;
    let Ok(response) = outcome;
    match response.extensions().get::<Dropped>() {
        Some(_) => Err(DroppedOnPurpose),
        None => Ok(response),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_names_of_this_machine_are_answered_and_no_page_of_another_site() {
        let led = |host: &'static str, origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            led_here(&headers)
        };
        for host in [
            "127.0.0.1:8080",
            "localhost:1",
            "LOCALHOST",
            "[::1]:80",
            "127.9.9.9",
        ] {
            assert!(!led(host, None), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:80",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "",
            "a b",
        ] {
            assert!(led(host, None), "{host}");
        }
        assert!(!led("localhost", Some("http://localhost:3000")));
        for origin in [
            "https://evil.example",
            "null",
            "file://",
            "http://127.0.0.1.evil.example",
        ] {
            assert!(led("localhost", Some(origin)), "{origin}");
        }
        assert!(!led_here(&HeaderMap::new()), "a program need not say a name");
    }
}
