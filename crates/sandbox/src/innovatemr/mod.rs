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
mod quota;
mod record;
mod respondents;
pub mod switches;
mod target;

use crate::{Answer, Batch, Call, Emulator, Failure, Position, Simulation, StoreError, Switch, World};
use envelope::{Outcome, fail, unauthorized};
use http::StatusCode;
use serde_json::{Map, Value, json};

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

    fn seed(&self, _world: &World, _batch: &mut Batch<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    fn answer(&self, world: &World, call: &Call) -> Outcome {
        let token = call.headers.get("x-access-token");
        if token.is_none_or(|token| token.as_bytes() != TOKEN.as_bytes()) {
            return Err(unauthorized());
        }
        let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
        // Any base path that ends in `/api/v2`.
        let at = path.windows(3).position(|part| part == ["api", "v2", "pega"]);
        match at {
            Some(at) => route(world, call, &path[at + 3..]),
            None => Err(no_route(call)),
        }
    }

    fn clock_moved(&self, _world: &World) -> Result<Vec<Value>, StoreError> {
        // Nothing is documented that the vendor does by itself.
        Ok(Vec::new())
    }

    fn simulate(
        &self,
        world: &World,
        simulation: Simulation,
        body: &Map<String, Value>,
    ) -> Result<Answer, Failure> {
        match simulation {
            Simulation::Respondents => respondents::simulate(world, body),
            Simulation::InterfaceQuota => quota::add_in_interface(world, body),
            Simulation::Transactions => Err(respondents::refuse(
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
        ("POST", ["group", id, "target"]) => target::add(world, call, id),
        ("PUT", ["group", id, "target"]) => target::change(world, call, id),
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
    let body =
        json!({"apiStatus": "failure", "msg": format!("Cannot {} /{}", call.method, call.path.join("/"))});
    Answer::json(StatusCode::NOT_FOUND, &body).into()
}

/// The body of a call as an object.
fn body(world: &World, call: &Call) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(fail(world, StatusCode::BAD_REQUEST, "the body is no JSON object")),
    }
}
