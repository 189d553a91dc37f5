//! Tokens by client credentials (portal page Request an access token): asked for when needed, kept until they end.

use super::assumptions::TOKEN_LIFE_USED;
use super::client::NAME;
use crate::marketplace::Client;
use crate::marketplace::VendorError;
use crate::marketplace::http::error::{excerpt, not_json};
use crate::marketplace::http::session::Tokens;
use crate::marketplace::http::transport::{NoAnswer, Outgoing, Transport, without_mark};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Where tokens are issued in production.
const AUTH_URL: &str = "https://auth.cint.com/oauth/token";

/// Life of a token where the answer does not say, seconds.
const LIFE: u64 = 86_400;

/// What the answer to a request for a token says: the token, or why there is none.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Issued {
    access_token: Option<String>,
    expires_in: Value,
    error: Option<String>,
    error_description: Option<String>,
}

/// Asks for tokens and keeps the last one.
pub(crate) struct Auth {
    url: String,
    id: SecretString,
    secret: SecretString,
    transport: Arc<dyn Transport>,
    held: Mutex<Option<(HeaderMap, Instant)>>,
}

impl Auth {
    pub(crate) fn new(client: &Client, secret: &SecretString, transport: Arc<dyn Transport>) -> Self {
        Self {
            url: client.auth_url.clone().unwrap_or_else(|| AUTH_URL.to_owned()),
            id: client.id.clone(),
            secret: secret.clone(),
            transport,
            held: Mutex::new(None),
        }
    }

    async fn ask(&self) -> Result<(HeaderMap, Instant), VendorError> {
        let body = json!({
            "client_id": self.id.expose_secret(),
            "client_secret": self.secret.expose_secret(),
            "grant_type": "client_credentials",
            "audience": "https://api.luc.id",
            "auth_scopes": "app:api",
        });
        let json = HeaderValue::from_static("application/json");
        let request = Outgoing {
            method: http::Method::POST,
            url: self.url.clone(),
            headers: HeaderMap::from_iter([(CONTENT_TYPE, json.clone()), (ACCEPT, json)]),
            body: Some(Bytes::from(body.to_string())),
        };
        // A token that was issued and lost costs nothing: nothing else was sent.
        let lost = |why: NoAnswer| VendorError::Unreachable(NAME, format!("no token: {}", why.text()));
        let mut answer = self.transport.send(request).await.map_err(lost)?;
        answer.body = without_mark(&answer.body);
        if !(200..300).contains(&answer.status) {
            let refused: Issued = serde_json::from_slice(&answer.body).unwrap_or_default();
            let said = refused.error_description.or(refused.error);
            let message = said.unwrap_or_else(|| excerpt(&answer.body));
            let status = answer.status;
            if !matches!(status, 400 | 401 | 403) {
                let why = format!("no token is issued ({status}): {message}");
                return Err(VendorError::Unreachable(NAME, why));
            }
            return Err(VendorError::Credentials {
                vendor: NAME,
                status,
                message: format!("no token is issued for this client id and secret: {message}"),
            });
        }
        // Nothing of this answer is shown: it may hold the token.
        let issued: Issued = serde_json::from_slice(&answer.body).map_err(|_| {
            answer.body = Bytes::new();
            not_json(NAME, &answer, "no token: the answer is not JSON")
        })?;
        let token = issued.access_token.filter(|token| !token.is_empty());
        let mut header = token
            .and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok())
            .ok_or_else(|| VendorError::Unreachable(NAME, "the answer carries no token".to_owned()))?;
        header.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, header)]);
        // No token is kept for longer than a day, whatever it says.
        let life = Duration::from_secs(issued.expires_in.as_u64().unwrap_or(LIFE).min(LIFE));
        Ok((headers, Instant::now() + life * TOKEN_LIFE_USED / 100))
    }
}

impl Tokens for Auth {
    fn token<'a>(&'a self, refused: Option<&'a HeaderMap>) -> BoxFuture<'a, Result<HeaderMap, VendorError>> {
        Box::pin(async move {
            // Who comes second waits for the first one's token.
            let mut held = self.held.lock().await;
            if let Some((headers, until)) = held.as_ref()
                && *until > Instant::now()
                && refused != Some(headers)
            {
                return Ok(headers.clone());
            }
            let (headers, until) = self.ask().await?;
            *held = Some((headers.clone(), until));
            Ok(headers)
        })
    }
}
