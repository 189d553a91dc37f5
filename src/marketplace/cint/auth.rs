//! Tokens by client credentials (portal page Request an access token): asked for when needed, kept until they end.

use super::assumptions::TOKEN_LIFE_USED;
use super::client::NAME;
use crate::marketplace::Client;
use crate::marketplace::VendorError;
use crate::marketplace::http::error::{excerpt, not_json};
use crate::marketplace::http::session::Tokens;
use crate::marketplace::http::transport::{NoAnswer, Outgoing, Transport};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Where tokens are issued in production.
const AUTH_URL: &str = "https://auth.cint.com/oauth/token";

/// Life of a token where the answer does not say, seconds.
const LIFE: u64 = 86_400;

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
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let request = Outgoing {
            method: http::Method::POST,
            url: self.url.clone(),
            headers,
            body: Some(Bytes::from(body.to_string())),
        };
        let answer = match self.transport.send(request).await {
            Ok(answer) => answer,
            // A token that was issued and lost costs nothing: nothing else was sent.
            Err(NoAnswer::NotSent(why) | NoAnswer::Lost(why)) => {
                return Err(VendorError::Unreachable(NAME, format!("no token: {why}")));
            }
        };
        if !(200..300).contains(&answer.status) {
            let text = serde_json::from_slice::<Value>(&answer.body).ok();
            let said = |key: &str| text.as_ref()?.get(key)?.as_str().map(str::to_owned);
            let message = said("error_description")
                .or_else(|| said("error"))
                .unwrap_or_else(|| excerpt(&answer.body));
            return Err(if matches!(answer.status, 400 | 401 | 403) {
                VendorError::Credentials {
                    vendor: NAME,
                    status: answer.status,
                    message: format!("no token is issued for this client id and secret: {message}"),
                }
            } else {
                VendorError::Unreachable(NAME, format!("no token is issued ({}): {message}", answer.status))
            });
        }
        let body: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| not_json(NAME, &answer, &format!("not JSON: {error}")))?;
        let token = body
            .get("access_token")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut header = HeaderValue::from_str(&format!("Bearer {token}"))
            .ok()
            .filter(|_| !token.is_empty())
            .ok_or_else(|| VendorError::Unreachable(NAME, "the answer carries no token".to_owned()))?;
        header.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, header);
        let life = Duration::from_secs(body.get("expires_in").and_then(Value::as_u64).unwrap_or(LIFE));
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
