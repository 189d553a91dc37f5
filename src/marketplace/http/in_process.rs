//! A vendor inside this process: the sandbox as a service, without a socket. Simulations and tests speak to it.

use super::transport::{Incoming, NoAnswer, Outgoing, Transport};
use axum::Router;
use axum::body::Body;
use futures_util::future::BoxFuture;
use infield_sandbox::Dropped;
use tower::ServiceExt;

/// Sends requests straight to a router. The host part of a URL is ignored.
#[derive(Debug, Clone)]
pub struct InProcess {
    router: Router,
}

impl InProcess {
    /// A transport to this router.
    pub fn new(router: Router) -> Self {
        Self { router }
    }
}

impl Transport for InProcess {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        Box::pin(async move {
            let mut builder = http::Request::builder().method(request.method).uri(&request.url);
            if let Some(headers) = builder.headers_mut() {
                *headers = request.headers;
            }
            let body = request.body.map_or_else(Body::empty, Body::from);
            let request = builder
                .body(body)
                .map_err(|error| NoAnswer::NotSent(error.to_string()))?;
            let Ok(answer) = self.router.clone().oneshot(request).await;
            if answer.extensions().get::<Dropped>().is_some() {
                return Err(NoAnswer::Lost(
                    "the connection was closed without an answer".to_owned(),
                ));
            }
            let (parts, body) = answer.into_parts();
            let body = axum::body::to_bytes(body, usize::MAX)
                .await
                .map_err(|error| NoAnswer::Lost(error.to_string()))?;
            Ok(Incoming {
                status: parts.status.as_u16(),
                headers: parts.headers,
                body,
            })
        })
    }
}
