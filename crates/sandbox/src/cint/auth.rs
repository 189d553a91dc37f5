//! Tokens, and what every call has to carry.
//!
//! A token lives 24 hours and several may be valid at once (portal guide "Request an access token"). An expired one is
//! answered 403 with the body of a missing permission (guide "Authentication", 2025-05-27). There are two people:
//! client `sandbox` is one, client `colleague` is somebody else who works in the same account.

use super::envelope::{FORBIDDEN, UNAUTHORIZED, version_missing};
use super::prelude::*;
use http::header::AUTHORIZATION;

/// The account of both.
pub(super) const ACCOUNT: u64 = 1;
pub(super) const ACCOUNT_NAME: &str = "Acme Inc.";

/// The secret of both clients.
const SECRET: &str = "sandbox";
const VERSION: &str = "2025-12-18";

/// The people with credentials: client id, and the id that the list of users has.
const PEOPLE: [(&str, &str); 2] = [
    ("sandbox", "43292405-363e-4fa3-85a6-6e74a49fab2e"),
    ("colleague", "54736158-e90e-404c-bc32-4d938f8a9cfa"),
];

fn person(client: &str) -> Option<&'static str> {
    let (_, id) = PEOPLE.iter().find(|(known, _)| *known == client)?;
    Some(id)
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) user_id: &'static str,
}

fn signature(world: &World, client: &str, expires_ms: i64) -> String {
    hex(format!("cint token {} {client} {expires_ms}", world.seed), 12)
}

/// `POST /oauth/token`; not the envelope of the rest.
pub(super) fn token(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    let client = body.word("client_id");
    let right = person(client).is_some()
        && body.word("client_secret") == SECRET
        && body.word("grant_type") == "client_credentials"
        && body.word("audience") == "https://api.luc.id"
        && body.word("auth_scopes") == "app:api";
    if !right {
        let body = json!({"error": "access_denied", "error_description": "Unauthorized"});
        return Ok(Answer::json(StatusCode::UNAUTHORIZED, &body));
    }
    let seconds = world.number(switches::TOKEN_SECONDS);
    let lifetime = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    let expires_ms = world.now_ms().saturating_add(lifetime);
    let token = format!("{client}.{expires_ms}.{}", signature(world, client, expires_ms));
    ok(&json!({"access_token": token, "expires_in": seconds, "token_type": "Bearer"}))
}

/// Who calls, if the call may be looked at: token first, then its age, then the version header.
pub(super) fn caller(world: &World, call: &Call) -> Result<Caller, Failure> {
    let bearer = call
        .header(AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "));
    let parts: Vec<&str> = bearer.unwrap_or_default().split('.').collect();
    let &[client, expires, seal] = parts.as_slice() else {
        return Err(UNAUTHORIZED.into());
    };
    let expires_ms: i64 = expires.parse().map_err(|_| UNAUTHORIZED)?;
    let user_id = person(client).filter(|_| seal == signature(world, client, expires_ms));
    let user_id = user_id.ok_or(UNAUTHORIZED)?;
    if expires_ms <= world.now_ms() {
        return Err(FORBIDDEN.into());
    }
    match call.header("cint-api-version") {
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
        Ok(_) => Err(FORBIDDEN.into()),
        Err(_) => Err(bad_request("account_id must be a whole number")),
    }
}
