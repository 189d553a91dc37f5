//! Tokens, and what every call has to carry.
//!
//! A token lives 24 hours and several may be valid at once (portal guide "Request an access token"). An expired one is
//! answered 403 with the body of a missing permission (guide "Authentication", 2025-05-27). There are two people:
//! client `sandbox` is one, client `colleague` is somebody else who works in the same account.

use super::envelope::{Outcome, bad_request, forbidden, object, ok, unauthorized, version_missing};
use super::switches;
use crate::{Answer, Call, Failure, World};
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The account of both.
pub(super) const ACCOUNT: u64 = 1;
pub(super) const ACCOUNT_NAME: &str = "Acme Inc.";

/// The secret of both clients.
const SECRET: &str = "sandbox";
const VERSION: &str = "2025-12-18";

/// A person with credentials; id, client id, name.
pub(super) const PEOPLE: [(&str, &str, &str, &str); 2] = [
    (
        "43292405-363e-4fa3-85a6-6e74a49fab2e",
        "sandbox",
        "jane.doe@example.com",
        "Jane Doe",
    ),
    (
        "54736158-e90e-404c-bc32-4d938f8a9cfa",
        "colleague",
        "john.doe@example.com",
        "John Doe",
    ),
];

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) user_id: &'static str,
}

fn signature(world: &World, client: &str, expires_ms: i64) -> String {
    let digest = Sha256::digest(format!("cint token {} {client} {expires_ms}", world.seed));
    digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// `POST /oauth/token`; not the envelope of the rest.
pub(super) fn token(world: &World, call: &Call) -> Outcome {
    let body = object(&call.body)?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let client = text("client_id");
    let known = PEOPLE.iter().any(|(_, id, _, _)| *id == client);
    let right = known
        && text("client_secret") == SECRET
        && text("grant_type") == "client_credentials"
        && text("audience") == "https://api.luc.id"
        && text("auth_scopes") == "app:api";
    if !right {
        let body = json!({"error": "access_denied", "error_description": "Unauthorized"});
        return Ok(Answer::json(StatusCode::UNAUTHORIZED, &body));
    }
    let seconds = world.number(switches::TOKEN_SECONDS);
    let lifetime = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    let expires_ms = world.now_ms().saturating_add(lifetime);
    let token = format!("{client}.{expires_ms}.{}", signature(world, client, expires_ms));
    Ok(ok(&json!({
        "access_token": token,
        "expires_in": seconds,
        "token_type": "Bearer",
    })))
}

/// Who calls, if the call may be looked at: token first, then its age, then the version header.
pub(super) fn caller(world: &World, call: &Call) -> Result<Caller, Failure> {
    let bearer = call
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(unauthorized)?;
    let mut parts = bearer.split('.');
    let (Some(client), Some(expires), Some(seal), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(unauthorized());
    };
    let expires_ms: i64 = expires.parse().map_err(|_| unauthorized())?;
    let person = PEOPLE.iter().find(|(_, id, _, _)| *id == client);
    let (Some((user_id, ..)), true) = (person, seal == signature(world, client, expires_ms)) else {
        return Err(unauthorized());
    };
    if expires_ms <= world.now_ms() {
        return Err(forbidden());
    }
    match call
        .headers
        .get("cint-api-version")
        .and_then(|value| value.to_str().ok())
    {
        None | Some("") => Err(version_missing()),
        Some(VERSION) => Ok(Caller { user_id }),
        // Older versions answer in other shapes, which nobody here knows.
        Some(other) => Err(bad_request(format!(
            "Cint-API-Version {other} is not emulated; {VERSION} is"
        ))),
    }
}

/// Whether the account in a path is the caller's.
pub(super) fn account(id: &str) -> Result<(), Failure> {
    match id.parse::<u64>() {
        Ok(ACCOUNT) => Ok(()),
        Ok(_) => Err(forbidden()),
        Err(_) => Err(bad_request("account_id must be a whole number")),
    }
}
