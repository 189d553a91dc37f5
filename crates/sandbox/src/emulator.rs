//! What a vendor's emulator is to the sandbox, and what the sandbox is to it.
//!
//! An emulator answers one call at a time from the documents in the store. It is synchronous: it
//! waits for nothing, so that latency, faults and sockets stay on the other side of this line.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use http::header::AsHeaderName;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::clock::Clock;
use super::store::{Batch, Store, StoreError};
use super::switch::{Position, Switch, Switches};

/// A call that reached a vendor.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The segments of the path after the vendor's key, percent-decoded, without empty ones.
    pub path: Vec<String>,
    /// The query's pairs in the order received, percent-decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty when there was none.
    pub body: Bytes,
}

impl Call {
    /// Returns the first value of the query parameter `name`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns every value of the query parameter `name`.
    pub fn parameters(&self, name: &str) -> Vec<&str> {
        let values = self.query.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the header `name`, if it is there and a text.
    pub fn header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the segments of the path.
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// What a vendor answers.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Headers beside the content type.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// The content type; `None` for an empty body.
    pub content_type: Option<&'static str>,
}

impl Answer {
    /// Makes an answer with a JSON body.
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            body: Bytes::from(body.to_string()),
            content_type: Some("application/json; charset=utf-8"),
            ..Self::empty(status)
        }
    }

    /// Makes an answer of success, 200, with a JSON body.
    pub fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// Makes an answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            content_type: None,
        }
    }
}

/// Why an emulator did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The vendor refuses, and this is how.
    Refused(Box<Answer>),
    /// The store failed: the sandbox's own fault, answered with 500.
    Store(StoreError),
}

impl Failure {
    /// Refuses in another way; a fault of the sandbox stays one.
    #[must_use]
    pub fn or(self, refuse: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Refused(_) => refuse(),
            Self::Store(_) => self,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Self {
        Self::Refused(Box::new(answer))
    }
}

/// What a handler returns: the answer, or why there is another one.
pub(crate) type Outcome = Result<Answer, Failure>;

/// Answers 200 with `body`.
pub(crate) fn ok(body: &Value) -> Outcome {
    Ok(Answer::ok(body))
}

/// What the sandbox's own endpoints can ask of an emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulation {
    /// Respondents take part in a survey.
    Respondents,
    /// Transactions come to exist.
    Transactions,
    /// Somebody adds a quota in the vendor's web interface.
    InterfaceQuota,
}

/// A vendor's emulator.
pub trait Emulator: Send + Sync {
    /// Returns the vendor's key, which is also the first segment of its paths.
    fn key(&self) -> &'static str;

    /// Returns the vendor's switches.
    fn switches(&self) -> Vec<Switch<Position>> {
        Vec::new()
    }

    /// Puts into an empty store what exists at the vendor before anybody called.
    fn seed(&self, _world: &World, _batch: &mut Batch<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Answers one call. Everything it changed is committed when it returns.
    fn answer(&self, world: &World, call: &Call) -> Result<Answer, Failure>;

    /// Does what the vendor does by itself at the present time, and returns one entry per change.
    fn clock_moved(&self, _world: &World) -> Result<Vec<Value>, StoreError> {
        Ok(Vec::new())
    }

    /// Carries out a simulation; `body` is the request's JSON object.
    fn simulate(
        &self,
        world: &World,
        simulation: Simulation,
        body: &Map<String, Value>,
    ) -> Result<Answer, Failure>;

    /// Returns the body of an answer with `status` that a fault or the rate limit made up.
    fn fault_body(&self, status: StatusCode) -> Value {
        json!({"message": format!("sandbox answers {status}")})
    }
}

/// What an emulator works with: the store, the clock and the switches of one sandbox.
#[derive(Debug)]
pub struct World {
    /// The documents.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The number all made-up ids derive from.
    pub seed: u64,
    switches: RwLock<Switches>,
}

impl World {
    pub(super) fn new(store: Store, clock: Clock, seed: u64, switches: Switches) -> Self {
        Self {
            store,
            clock,
            seed,
            switches: RwLock::new(switches),
        }
    }

    /// Returns the time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    /// Returns whether a switch is on.
    pub fn is_on(&self, switch: Switch<bool>) -> bool {
        let moved = self.moved(switch.name);
        moved.map_or(switch.default, |moved| moved == Position::On(true))
    }

    /// Returns the number that a switch is set to.
    pub fn number(&self, switch: Switch<u64>) -> u64 {
        match self.moved(switch.name) {
            Some(Position::Number(number)) => number,
            _ => switch.default,
        }
    }

    /// Returns the text that a switch is set to.
    pub fn text(&self, switch: Switch<&'static str>) -> Cow<'static, str> {
        match self.moved(switch.name) {
            Some(Position::Text(text)) => text,
            _ => switch.default.into(),
        }
    }

    fn moved(&self, name: &str) -> Option<Position> {
        let switches = self.switches.read().unwrap_or_else(PoisonError::into_inner);
        switches.moved(name).cloned()
    }

    pub(super) fn switches(&self) -> Switches {
        let switches = self.switches.read().unwrap_or_else(PoisonError::into_inner);
        switches.clone()
    }

    pub(super) fn replace_switches(&self, new: Switches) {
        *self.switches.write().unwrap_or_else(PoisonError::into_inner) = new;
    }
}
