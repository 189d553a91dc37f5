//! What the sandbox's own endpoints are told, as all emulators read it.

use super::emulator::{Answer, Failure};
use super::json::Fields as _;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Refuses in words.
pub(crate) fn refuse_with(status: StatusCode, message: impl Into<String>) -> Failure {
    let message: String = message.into();
    Answer::json(status, &json!({"error": message})).into()
}

/// Refuses what cannot be understood, in words.
pub(crate) fn refuse(message: impl Into<String>) -> Failure {
    refuse_with(StatusCode::BAD_REQUEST, message)
}

/// Refuses keys that are neither known nor another name of one; both are lists with commas.
pub(crate) fn known(body: &Map<String, Value>, keys: &str, aliases: &str) -> Result<(), Failure> {
    match unknown(body, keys, aliases) {
        Some(key) => Err(refuse(format!("unknown key {key:?}; known are {keys}"))),
        None => Ok(()),
    }
}

/// The first key that is neither known nor another name of one; both are lists with commas.
pub(crate) fn unknown<'b>(body: &'b Map<String, Value>, keys: &str, aliases: &str) -> Option<&'b String> {
    let mut unknown = body.keys();
    unknown.find(|key| {
        !keys
            .split(", ")
            .chain(aliases.split(", "))
            .any(|known| known == *key)
    })
}

/// How many respondents `key` asks for; none where it is missing.
pub(crate) fn count(body: &Map<String, Value>, key: &str) -> Result<u64, Failure> {
    let found = body.get(key).map_or(Some(0), Value::as_u64);
    found
        .filter(|count| *count <= 1_000_000)
        .ok_or_else(|| refuse(format!("{key} must be a whole number from 0 to 1000000")))
}

/// The first of these keys as the id of something, which may be a number or a text.
pub(crate) fn id(body: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    match keys.iter().find_map(|key| body.field(key))? {
        Value::Number(id) => Some(id.to_string()),
        Value::String(id) => Some(id.clone()),
        _ => None,
    }
}

/// The transactions to make: those of a list, or the one that the body itself is.
pub(crate) fn transactions(body: &Map<String, Value>) -> Result<Vec<Value>, Failure> {
    match body.get("transactions") {
        None => Ok(vec![Value::Object(body.clone())]),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(_) => Err(refuse("transactions must be an array")),
    }
}
