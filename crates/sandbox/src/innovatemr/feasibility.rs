//! Estimates. What they mean at the vendor is not documented; here they are completes obtainable by then (assumed).

use super::body;
use super::envelope::{Outcome, fail, ok};
use super::library;
use super::record::{Kind, find};
use crate::{Answer, Call, World};
use http::StatusCode;
use serde_json::{Value, json};

fn rows(n: u64, days: u64) -> Vec<Value> {
    let days = days.max(1);
    (1..=days)
        .map(|day| json!({"days": day, "estimate": n.min(n * day / days)}))
        .collect()
}

pub(super) fn estimate(world: &World, call: &Call) -> Outcome {
    let body = body(world, call)?;
    let country = body.get("Country").and_then(Value::as_str).unwrap_or_default();
    if library::country_code(country).is_none() {
        return Err(fail(world, StatusCode::BAD_REQUEST, "Country is unknown"));
    }
    let number = |key: &str| body.get(key).and_then(Value::as_u64);
    let Some(n) = number("N") else {
        return Err(fail(world, StatusCode::BAD_REQUEST, "N is required"));
    };
    let days = number("DaysInField").unwrap_or(1).min(365);
    // The client that is known reads no `apiStatus` here.
    Ok(Answer::json(
        StatusCode::OK,
        &json!({"feasibility": {"commonFeas": rows(n, days)}}),
    ))
}

pub(super) fn of_group(world: &World, id: &str) -> Outcome {
    let group = world.store.read(|view| find(view, world, Kind::Group, id))?;
    let n = group.fields.get("N").and_then(Value::as_u64).unwrap_or(0);
    ok(
        "Feasibility",
        "Feasibility",
        &json!({"Common": [{"Estimate": n}]}),
    )
}
