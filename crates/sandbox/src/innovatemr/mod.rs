//! The emulator of the InnovateMR Buyer API v2 (PEGA).
//!
//! Built from what is known of the vendor, and sharing no code with the client, so that a misreading in one shows
//! against the other. One endpoint is documented in full; where nothing is, it does one definite thing and says
//! "assumed" beside it. What cannot be read back at the vendor can be seen at `/_sandbox/documents/innovatemr`.

mod envelope;
mod feasibility;
mod group;
mod job;
mod library;
mod prelude;
mod quota;
mod record;
mod respondents;
pub mod switches;
mod target;

use crate::simulation;
use envelope::refuse;
use prelude::*;

/// The token of the emulated account.
const TOKEN: &str = "sandbox";

/// The emulated vendor.
#[derive(Debug, Clone, Copy, Default)]
pub struct InnovateMr;

impl Emulator for InnovateMr {
    fn key(&self) -> &'static str {
        "innovatemr"
    }

    fn switches(&self) -> Vec<Switch<Position>> {
        switches::all()
    }

    fn answer(&self, world: &World, call: &Call) -> Outcome {
        if call.header("x-access-token") != Some(TOKEN) {
            return Err(refuse(StatusCode::UNAUTHORIZED, "Invalid token"));
        }
        let path = call.segments();
        // Any base path that ends in `/api/v2`.
        let at = path.windows(3).position(|part| part == ["api", "v2", "pega"]);
        match at {
            Some(at) => route(world, call, &path[at + 3..]),
            None => Err(no_route(call)),
        }
    }

    fn simulate(&self, world: &World, simulation: Simulation, body: &Map<String, Value>) -> Outcome {
        match simulation {
            Simulation::Respondents => respondents::simulate(world, body),
            Simulation::InterfaceQuota => quota::add_in_interface(world, body),
            Simulation::Transactions => Err(simulation::refuse(
                "InnovateMR's buyer API has no transactions; nothing to make",
            )),
        }
    }

    fn fault_body(&self, status: StatusCode) -> Value {
        json!({"apiStatus": "failure", "msg": format!("sandbox fault: {status}")})
    }
}

/// The paths, as a public client uses them; those marked are assumed and mirror their neighbours.
fn route(world: &World, call: &Call, path: &[&str]) -> Outcome {
    match (call.method.as_str(), path) {
        ("POST", ["job"]) => job::create(world, call),
        ("PUT", ["job", id]) => job::put(world, call, id), // assumed
        ("GET", ["jobs", id]) => job::read(world, id),     // assumed
        ("PUT", ["job", id, "status"]) => job::set_status(world, call, id),
        ("POST", ["jobs"]) if world.is_on(switches::JOB_LIST) => job::list(world, call), // assumed
        ("POST", ["jobs", id, "group"]) => group::create(world, call, id),
        ("PUT", ["group", id]) => group::put(world, call, id),
        ("GET", ["groups", id]) => group::read(world, id),
        ("PUT", ["group", id, "status"]) => group::set_status(world, call, id),
        ("POST", ["group", id, "target"]) => target::write(world, call, id, false),
        ("PUT", ["group", id, "target"]) => target::write(world, call, id, true),
        ("GET", ["group", id, "feasibility"]) => feasibility::of_group(world, id),
        ("GET", ["group", id, "stats"]) => respondents::group_stats(world, id), // assumed
        ("GET", ["group", id, "quota", "stats"]) => respondents::quota_stats(world, id), // assumed
        ("DELETE", ["group", id, key]) => target::remove(world, id, key),
        ("POST", ["quota"]) => quota::add(world, call),
        ("PUT", ["quota", id]) => quota::put(world, call, id),
        ("GET", ["quotas", id]) => quota::list(world, id),
        ("POST", ["feasibility"]) => feasibility::estimate(world, call),
        ("GET", ["questions", country, language]) => library::read(world, country, language),
        ("GET", ["job", id, "stats"]) => respondents::job_stats(world, id), // assumed
        _ => Err(no_route(call)),
    }
}

fn no_route(call: &Call) -> Failure {
    let message = format!("Cannot {} /{}", call.method, call.path.join("/"));
    refuse(StatusCode::NOT_FOUND, &message)
}

/// The body of a call as an object.
fn body(world: &World, call: &Call) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(bad(world, "the body is no JSON object")),
    }
}
