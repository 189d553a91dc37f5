//! What the sandbox's own endpoints are told, as all emulators read it.

use super::emulator::{Answer, Failure};
use super::json::typed;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::fmt;

/// Refuses in words.
pub(crate) fn refuse_with(status: StatusCode, message: impl Into<String>) -> Failure {
    let message: String = message.into();
    Answer::json(status, &json!({"error": message})).into()
}

/// Refuses what cannot be understood, in words.
pub(crate) fn refuse(message: impl Into<String>) -> Failure {
    refuse_with(StatusCode::BAD_REQUEST, message)
}

/// Reads what is asked for, or says what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(body: &Map<String, Value>) -> Result<T, Failure> {
    typed(body).map_err(refuse)
}

/// The transactions to make: those of a list, each with what the body says of all, or the one that the body itself is.
pub(crate) fn transactions<T: DeserializeOwned>(body: &Map<String, Value>) -> Result<Vec<T>, Failure> {
    let mut common = body.clone();
    let Some(list) = common.shift_remove("transactions") else {
        return Ok(vec![read(body)?]);
    };
    let list: Vec<Map<String, Value>> = typed(&list).map_err(refuse)?;
    let one = |own: Map<String, Value>| read(&common.clone().into_iter().chain(own).collect());
    list.into_iter().map(one).collect()
}

/// The id of what a simulation is about.
pub(crate) fn named(id: Option<Id>) -> Result<String, Failure> {
    let id = id.map(|id| id.to_string());
    id.ok_or_else(|| refuse("say which one by its id"))
}

/// A number of people, at most a million.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "u64")]
pub(crate) struct People(pub(crate) u64);

impl TryFrom<u64> for People {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        let few = number <= 1_000_000;
        few.then_some(Self(number)).ok_or("must be at most 1000000")
    }
}

/// The id of something, which may be a number or a text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Id {
    Number(u64),
    Text(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
