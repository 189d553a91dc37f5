//! The sandbox on a socket.
//!
//! Its own accept loop, because an ordinary server always answers: here a response marked
//! [`Dropped`] ends the connection without a byte. Promises that calls in flight at shutdown are
//! finished, within a few seconds.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
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
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(router.clone(), stream, closed.clone()));
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

async fn connection(router: Router, stream: TcpStream, mut closed: watch::Receiver<bool>) {
    // Small answers must not wait for one another; a socket that cannot do this still works.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move { call(router, request).await }
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

async fn call(router: Router, request: Request<Incoming>) -> Result<Response<Body>, DroppedOnPurpose> {
    let outcome: Result<_, Infallible> = router.oneshot(request.map(Body::new)).await;
    let Ok(response) = outcome;
    match response.extensions().get::<Dropped>() {
        Some(_) => Err(DroppedOnPurpose),
        None => Ok(response),
    }
}
