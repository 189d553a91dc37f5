//! The settings of an account at a vendor.

use crate::model::VendorId;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;

/// The settings of an account at a vendor.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which vendor.
    pub vendor: VendorId,
    /// Base URL; `None` for the vendor's production host.
    pub base_url: Option<String>,
    /// Access token, or the secret of the client.
    pub token: SecretString,
    /// Who the secret belongs to, at vendors where a token has to be asked for.
    pub client: Option<Client>,
    /// Requests a second; `None` for the vendor's default.
    pub requests_per_second: Option<u32>,
    /// Requests under way at once; `None` for the vendor's default.
    pub concurrency: Option<usize>,
    /// How long something new may be missing from lists; `None` for the vendor's default.
    pub lists_settle_after: Option<Duration>,
}

impl Account {
    /// The headers of every request where the token is sent in a header of its own: it, and that JSON is wanted.
    ///
    /// # Errors
    /// When no header can carry the token.
    pub fn token_in(&self, header: &'static str) -> Result<HeaderMap, AccountError> {
        let token = HeaderValue::from_str(self.token.expose_secret());
        let mut token = token.map_err(|_| AccountError::Token(self.vendor.name()))?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header, token);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(headers)
    }
}

/// A client that asks for tokens with a secret.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: SecretString,
    /// Where tokens are issued; `None` for the vendor's production host.
    pub auth_url: Option<String>,
}

/// Why an account cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// A header cannot carry the token.
    #[error("the {0} token contains characters that no HTTP header can carry (a line break at its end?)")]
    Token(&'static str),
    /// The vendor wants to know who the secret belongs to.
    #[error("the {0} account has no client id")]
    Client(&'static str),
}
