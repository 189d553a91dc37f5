//! The sandbox's own endpoints, below `/_sandbox`.
//!
//! Promises that a request it does not understand changes nothing and is answered 400 with
//! `{"error": ...}` in words. Calls to these endpoints never appear in the request log.

use std::ops::ControlFlow;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Inner;
use super::clock::parse_duration;
use super::emulator::{Answer, Emulator, Failure, Simulation};
use super::json::typed;
use super::service::failed;
use super::simulation::{refuse, refuse_with};
use super::store::Documents as _;

pub(super) fn answer(inner: &Inner, method: &Method, path: &str, body: &Bytes) -> Answer {
    route(inner, method, path, body).unwrap_or_else(failed)
}

fn route(inner: &Inner, method: &Method, path: &str, body: &Bytes) -> Result<Answer, Failure> {
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let shown = match (method.as_str(), &segments[1..]) {
        ("GET", ["health"] | []) => health(inner),
        ("GET", ["requests"]) => inner.log.to_json(),
        ("DELETE", ["requests"]) => {
            inner.log.clear();
            json!({"cleared": true})
        }
        ("GET", ["faults"]) => inner.faults.to_json(),
        ("DELETE", ["faults"]) => {
            inner.faults.clear();
            json!({"cleared": true})
        }
        ("POST", ["faults"]) => {
            let ids = inner.faults.register(&parse(body)?).map_err(refuse)?;
            json!({"registered": ids})
        }
        ("GET", ["clock"]) => clock_json(inner),
        ("POST", ["clock"]) => move_clock(inner, &object(body)?)?,
        ("GET", ["settings"]) => json!(inner.world.switches().positions()),
        ("POST" | "PUT" | "PATCH", ["settings"]) => {
            let moved = inner.move_switches(&object(body)?)?;
            moved.map_err(|error| refuse(error.to_string()))?;
            json!(inner.world.switches().positions())
        }
        ("POST", ["respondents"]) => return simulate(inner, Simulation::Respondents, body),
        ("POST", ["transactions"]) => return simulate(inner, Simulation::Transactions, body),
        ("POST", ["ui", "quotas"]) => return simulate(inner, Simulation::InterfaceQuota, body),
        ("GET", ["documents", vendor]) => documents(inner, vendor)?,
        ("POST", ["reset"]) => {
            inner.reset()?;
            json!({"reset": true})
        }
        _ => {
            let message = format!("the sandbox has no {method} {path}");
            return Err(refuse_with(StatusCode::NOT_FOUND, message));
        }
    };
    Ok(Answer::ok(&shown))
}

/// Everything a vendor has stored, by key: also what its API shows to nobody.
fn documents(inner: &Inner, vendor: &str) -> Result<Value, Failure> {
    named(inner, vendor)?;
    let mut found = Map::new();
    inner
        .world
        .store
        .view()?
        .scan(&format!("{vendor}/"), &mut |key, bytes| {
            if let Ok(value) = serde_json::from_slice(bytes) {
                found.insert(key.to_owned(), value);
            }
            ControlFlow::Continue(())
        })?;
    Ok(Value::Object(found))
}

fn named<'i>(inner: &'i Inner, vendor: &str) -> Result<&'i dyn Emulator, Failure> {
    let found = inner.vendor(vendor);
    found.ok_or_else(|| refuse(format!("this sandbox has no vendor {vendor:?}")))
}

fn parse(body: &Bytes) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|error| refuse(format!("the body is not JSON: {error}")))
}

fn object(body: &Bytes) -> Result<Map<String, Value>, Failure> {
    match parse(body)? {
        Value::Object(map) => Ok(map),
        _ => Err(refuse("the body must be a JSON object")),
    }
}

fn health(inner: &Inner) -> Value {
    let vendors: Vec<&str> = inner.vendors.iter().map(|vendor| vendor.key()).collect();
    json!({"status": "ok", "now": inner.world.clock.now().to_string(), "vendors": vendors})
}

/// Hands a simulation to the vendor that the body names, or to the first one when it names none.
fn simulate(inner: &Inner, simulation: Simulation, body: &Bytes) -> Result<Answer, Failure> {
    let mut map = object(body)?;
    let vendor = match map.shift_remove("vendor") {
        None | Some(Value::Null) => inner.vendors.first().map(|vendor| &**vendor),
        Some(Value::String(key)) => Some(named(inner, &key)?),
        Some(_) => return Err(refuse("vendor must be a string")),
    };
    let vendor = vendor.ok_or_else(|| refuse("this sandbox has no vendors"))?;
    vendor.simulate(&inner.world, simulation, &map)
}

fn clock_json(inner: &Inner) -> Value {
    json!({
        "now": inner.world.clock.now().to_string(),
        "offset_seconds": inner.world.clock.offset().as_secs(),
    })
}

/// How the clock is moved.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Move {
    Advance(String),
    AdvanceSeconds(u32),
    Set(Timestamp),
    Stop(Timestamp),
}

fn move_clock(inner: &Inner, map: &Map<String, Value>) -> Result<Value, Failure> {
    let clock = &inner.world.clock;
    let before = clock.now();
    let wanted: Move = typed(map).map_err(|error| {
        refuse(format!(
            "say exactly one of advance (\"11d\", \"3h\", \"90s\"), advance_seconds, set or stop (an RFC 3339 time): {error}"
        ))
    })?;
    match wanted {
        Move::Advance(by) => {
            let by = parse_duration(&by);
            clock.advance(by.ok_or_else(|| refuse("advance must be a duration such as \"11d\" or \"90s\""))?);
        }
        Move::AdvanceSeconds(seconds) => clock.advance(SignedDuration::from_secs(seconds.into())),
        Move::Set(to) => clock.set(to),
        Move::Stop(at) => clock.stop(Some(at)),
    }
    let changes = inner.clock_moved()?;
    let mut shown = clock_json(inner);
    shown["before"] = json!(before.to_string());
    shown["changes"] = Value::Array(changes);
    Ok(shown)
}
