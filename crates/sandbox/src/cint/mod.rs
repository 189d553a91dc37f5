//! The emulator of the Cint Exchange Demand API, version 2025-12-18.
//!
//! Built from the vendor's OpenAPI document and guides alone, and sharing no code with the client, so that a misreading
//! in one shows against the other; a script holds its answers to the same document (`.ci/contract-cint`). Where the
//! document is silent it does one definite thing, says "assumed" beside it, and has a switch where the other thing is
//! plausible. `https://api.cint.com/v1` is `/cint/v1` here, `https://auth.cint.com/oauth/token` is `/cint/oauth/token`.

mod allocation;
mod assistant;
mod auth;
mod batch;
mod consistency;
mod definitions;
mod draft;
mod envelope;
mod exclusion;
mod feasibility;
mod fielding;
mod form;
mod job;
mod keys;
mod launched;
mod library;
mod life;
mod money;
mod page;
mod prelude;
mod profiles;
mod profiling;
mod project;
mod rate_card;
mod reconciliation;
mod record;
mod respondents;
mod rules;
mod stats;
pub mod switches;
mod unstored;

use envelope::{error_body, object_of};
use fielding::Action;
use keys::Need::{Optional, Required};
use prelude::*;

/// The emulated vendor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cint;

impl Emulator for Cint {
    fn key(&self) -> &'static str {
        "cint"
    }

    fn switches(&self) -> Vec<Switch<Position>> {
        switches::all()
    }

    fn answer(&self, world: &World, call: &Call) -> Outcome {
        match call.segments().as_slice() {
            ["oauth", "token"] if call.method == "POST" => auth::token(world, call),
            ["v1", rest @ ..] => {
                let caller = auth::caller(world, call)?;
                let answer = route(world, call, caller, rest)?;
                let compresses = world.is_on(switches::GZIP);
                Ok(if compresses {
                    envelope::compressed(call, answer)
                } else {
                    answer
                })
            }
            _ => Err(NOT_FOUND.into()),
        }
    }

    fn clock_moved(&self, world: &World) -> Result<Vec<Value>, StoreError> {
        life::clock_moved(world)
    }

    fn simulate(&self, world: &World, simulation: Simulation, body: &Map<String, Value>) -> Outcome {
        match simulation {
            Simulation::Respondents => respondents::simulate(world, body),
            Simulation::InterfaceQuota => respondents::add_in_interface(world, body),
            Simulation::Transactions => reconciliation::simulate(world, body),
        }
    }

    fn fault_body(&self, status: StatusCode) -> Value {
        match status.as_u16() {
            429 => json!({
                "object": "too_many_requests_problem_details", "details": "The rate limit has been exceeded.",
            }),
            404 => error_body("not_found_error", "resource not found"),
            // No fault of a vendor's own making: 405 is a state of a target group.
            405 => error_body("unexpected_internal_error", "sandbox fault"),
            other => error_body(object_of(other), "sandbox fault"),
        }
    }
}

/// Adds what a later revision might: fields nobody documented.
fn future(world: &World, mut body: Value) -> Value {
    if world.is_on(switches::EXTRA_FIELDS) {
        body["sandbox_extra"] = json!({"note": "a field that no document names", "values": [1, null]});
    }
    body
}

fn route(world: &World, call: &Call, caller: Caller, path: &[&str]) -> Outcome {
    let method = call.method.as_str();
    match (method, path) {
        ("GET", ["accounts"]) => definitions::accounts(),
        ("GET", ["accounts", account, rest @ ..]) => definitions::of_account(call, account, rest),
        ("GET", ["demand", "questions", "categories"]) => ok(&library::categories()),
        ("GET", ["demand", "target-groups", id, "overview"]) => launched::get_overview_by_id(world, id),
        (_, ["demand", "accounts", account, rest @ ..]) => {
            if let ("GET", ["business-units", unit, "rate-card"]) = (method, rest) {
                return rate_card::by_unit(call, account, unit);
            }
            auth::account(account)?;
            of_account(world, call, caller, rest)
        }
        ("GET", [name]) => definitions::list(name),
        _ => Err(NOT_FOUND.into()),
    }
}

/// Below `/demand/accounts/{account_id}`.
fn of_account(world: &World, call: &Call, caller: Caller, path: &[&str]) -> Outcome {
    match (call.method.as_str(), path) {
        ("GET", ["projects"]) => project::list(world, call),
        ("POST", ["projects"]) => {
            keys::once(world, call, Required, |batch| project::create(world, batch, call))
        }
        ("GET", ["questions-translation"]) => library::read(world, call),
        ("POST", ["profiles", "validate"]) => unstored::validate(world, call),
        ("POST", ["drafts", "generate-blended-profile"]) => unstored::blend(world, call),
        ("POST", ["target-groups", "calculate-feasibility"]) => feasibility::of_specification(world, call),
        ("POST", ["reconciliations"]) => keys::once(world, call, Optional, |batch| {
            reconciliation::submit(world, batch, call)
        }),
        ("GET", ["reconciliations", rest @ ..]) => of_reconciliations(world, call, rest),
        (_, ["projects", project, rest @ ..]) => of_project(world, call, caller, project, rest),
        _ => Err(NOT_FOUND.into()),
    }
}

fn of_reconciliations(world: &World, call: &Call, path: &[&str]) -> Outcome {
    match path {
        [] => reconciliation::list(world, call),
        ["reason-codes"] => reconciliation::reasons(),
        ["eligible-target-groups"] => reconciliation::eligible(world, call),
        [id] => reconciliation::get(world, id),
        [id, "target-groups"] => reconciliation::groups(world, call, id),
        [id, "target-groups", group] => reconciliation::group(world, id, group),
        [id, "downloads", file] => reconciliation::download(world, id, file),
        _ => Err(NOT_FOUND.into()),
    }
}

fn of_project(world: &World, call: &Call, caller: Caller, project: &str, path: &[&str]) -> Outcome {
    match (call.method.as_str(), path) {
        ("GET", []) => project::get(world, project),
        ("PUT", []) => keys::once(world, call, Required, |batch| {
            project::put(world, batch, call, project)
        }),
        ("GET", ["overview"]) => project::overview(world, project),
        ("GET", ["target-groups"]) => launched::list(world, call, project),
        ("POST", ["target-groups"]) => create_group(world, call, project),
        ("GET", ["exclusions"]) => exclusion::of_project(world, project),
        ("POST", ["reconciliations", "completes"]) => keys::once(world, call, Optional, |batch| {
            reconciliation::keep(world, batch, call, project)
        }),
        ("PUT", ["exclusion-policies"]) => exclusion::put_policies(world, call, caller, project),
        ("POST", ["compute-target-group-transitions"]) => stats::transitions(world, call, project),
        ("POST", ["batch-jobs", word]) if batch::is_known(word) => {
            keys::once(world, call, batch::need(word), |batch| {
                batch::create(world, batch, call, caller, project, word)
            })
        }
        ("GET", ["batch-jobs", word, job]) if batch::is_known(word) => batch::read(world, project, word, job),
        (_, ["target-groups", id, rest @ ..]) => of_group(world, call, caller, (project, id), rest),
        _ => Err(NOT_FOUND.into()),
    }
}

/// No key is documented for this one; by default it is not even looked at.
fn create_group(world: &World, call: &Call, project: &str) -> Outcome {
    let create = |batch: &mut Batch<'_>| draft::create(world, batch, call, project);
    if world.is_on(switches::CREATE_GROUP_HONOURS_KEY) {
        keys::once(world, call, Optional, create)
    } else {
        world.store.write(create)
    }
}

fn of_group(
    world: &World,
    call: &Call,
    caller: Caller,
    (project, id): (&str, &str),
    path: &[&str],
) -> Outcome {
    match (call.method.as_str(), path) {
        ("GET", []) => draft::get(world, project, id),
        ("PUT", []) => draft::put(world, call, caller, project, id),
        ("GET", ["details"]) => launched::get_details(world, project, id),
        ("PUT", ["details"]) => launched::put_details(world, call, caller, project, id),
        ("GET", ["overview"]) => launched::get_overview(world, project, id),
        ("PUT", ["cost-per-interview"]) => launched::put_cpi(world, call, caller, project, id),
        ("PUT", ["filling-strategy"]) => launched::put_strategy(world, call, caller, project, id),
        ("GET", ["rate-card"]) => rate_card::of_group(world, project, id),
        ("GET", ["fielding-assistant-assignment"]) => assistant::get(world, project, id),
        ("PUT", ["fielding-assistant-assignment"]) => assistant::put(world, call, caller, project, id),
        ("GET", ["allocation-specification"]) => allocation::get(world, project, id),
        ("PUT", ["allocation-specification"]) => allocation::put(world, call, project, id),
        ("GET", ["exclusion-policy"]) => exclusion::policy(world, project, id),
        ("GET", ["respondent-activity-exclusions"]) => exclusion::get_activity(world, project, id),
        ("PUT", ["respondent-activity-exclusions"]) => exclusion::put_activity(world, call, project, id),
        ("POST", ["fielding-run-jobs", word]) => {
            let schedules = job::schedules(word)?;
            let create =
                |batch: &mut Batch<'_>| job::create(world, batch, call, caller, (project, id), schedules);
            keys::once(world, call, Required, create)
        }
        ("GET", ["fielding-run-jobs", word, job]) => {
            job::read(world, project, id, job, job::schedules(word)?)
        }
        ("GET", ["performance"]) => stats::performance(world, project, id),
        ("GET", ["completes-aggregated-by-interval"]) => stats::completes(world, call, project, id),
        ("GET", ["changelog"]) => stats::changelog(world, call, project, id),
        ("POST", ["calculate-feasibility"]) => feasibility::of_group(world, call, project, id),
        (_, ["profiles", rest @ ..]) => of_profiles(world, call, caller, (project, id), rest),
        ("GET", ["fielding-runs"]) => fielding::list(world, project, id),
        ("GET", ["fielding-runs", run]) => fielding::get(world, project, id, run),
        ("PUT", ["fielding-runs", run]) => fielding::put(world, call, caller, (project, id, run)),
        ("POST", ["fielding-runs", run, action]) => {
            let action = Action::of(action).ok_or(NOT_FOUND)?;
            fielding::do_action(world, call, caller, (project, id, run), action)
        }
        _ => Err(NOT_FOUND.into()),
    }
}

fn of_profiles(
    world: &World,
    call: &Call,
    caller: Caller,
    (project, id): (&str, &str),
    path: &[&str],
) -> Outcome {
    match (call.method.as_str(), path) {
        ("GET", []) => profiles::list(world, project, id),
        ("POST", ["manage-profiles"]) => profiles::manage(world, call, caller, project, id),
        ("PUT", ["completes-goal"]) => profiles::put_goal(world, call, caller, project, id),
        ("POST", ["delete-profiles"]) => profiles::delete(world, call, project, id),
        ("GET", [profile]) => profiles::get(world, project, id, profile),
        _ => Err(NOT_FOUND.into()),
    }
}
