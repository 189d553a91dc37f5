//! Estimates. What they mean at the vendor is not documented; here they are completes obtainable by then (assumed).

use super::prelude::*;

pub(super) fn estimate(world: &World, call: &Call) -> Outcome {
    let body = body(world, call)?;
    if library::country_code(body.word("Country")).is_none() {
        return Err(bad(world, "Country is unknown"));
    }
    let n = body.count("N").ok_or_else(|| bad(world, "N is required"))?;
    let days = body.count("DaysInField").unwrap_or(1).clamp(1, 365);
    let row = |day| json!({"days": day, "estimate": n.min(n * day / days)});
    let rows: Value = (1..=days).map(row).collect();
    // The client that is known reads no `apiStatus` here.
    Ok(Answer::ok(&json!({"feasibility": {"commonFeas": rows}})))
}

pub(super) fn of_group(world: &World, id: &str) -> Outcome {
    let group = find(&world.store.view()?, world, Kind::Group, id)?;
    let n = group.fields.count("N").unwrap_or(0);
    let estimate = json!({"Common": [{"Estimate": n}]});
    ok("Feasibility", "Feasibility", &estimate)
}
