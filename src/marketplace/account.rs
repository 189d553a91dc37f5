//! The settings of an account at a vendor.

use crate::model::VendorId;
use secrecy::SecretString;
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
