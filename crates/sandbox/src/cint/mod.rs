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
mod exclusion_group;
mod feasibility;
mod fielding;
mod form;
mod job;
mod keys;
mod launched;
mod library;
mod life;
mod listed;
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
    let at = At {
        world,
        call,
        caller,
        project: "",
        id: "",
    };
    match (call.method.as_str(), path) {
        ("GET", ["accounts"]) => definitions::accounts(),
        ("GET", ["accounts", account, rest @ ..]) => definitions::of_account(call, account, rest),
        ("GET", ["demand", "questions", "categories"]) => ok(&library::categories()),
        ("GET", ["demand", "target-groups", id, "overview"]) => launched::overview_by_id(At { id, ..at }),
        (_, ["demand", "accounts", account, rest @ ..]) => {
            auth::account(account)?;
            of_account(at, rest)
        }
        ("GET", [name]) => definitions::list(name),
        _ => Err(NOT_FOUND.into()),
    }
}

/// Below `/demand/accounts/{account_id}`.
fn of_account(at: At<'_>, path: &[&str]) -> Outcome {
    let At { world, call, .. } = at;
    match (call.method.as_str(), path) {
        ("GET", ["business-units", unit, "rate-card"]) => rate_card::by_unit(call, unit),
        (_, ["exclusion-groups", rest @ ..]) => exclusion_group::route(world, call, rest),
        ("GET", ["target-groups", id, "exclusion-groups"]) => {
            exclusion_group::of_target_group(world, call, id)
        }
        ("GET", ["projects"]) => project::list(world, call),
        ("POST", ["projects"]) => keys::once(at, Required, |batch| project::create(at, batch)),
        ("GET", ["questions-translation"]) => library::read(world, call),
        ("POST", ["profiles", "validate"]) => unstored::validate(world, call),
        ("POST", ["drafts", "generate-blended-profile"]) => unstored::blend(world, call),
        ("POST", ["target-groups", "calculate-feasibility"]) => feasibility::of_specification(world, call),
        ("POST", ["reconciliations"]) => {
            keys::once(at, Optional, |batch| reconciliation::submit(world, batch, call))
        }
        ("GET", ["reconciliations", rest @ ..]) => of_reconciliations(world, call, rest),
        (_, ["projects", project, rest @ ..]) => of_project(At { project, ..at }, rest),
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

fn of_project(at: At<'_>, path: &[&str]) -> Outcome {
    let At {
        world, call, project, ..
    } = at;
    match (call.method.as_str(), path) {
        ("GET", []) => project::get(world, project),
        ("PUT", []) => keys::once(at, Required, |batch| project::put(at, batch)),
        ("GET", ["overview"]) => project::overview(world, project),
        ("GET", ["target-groups"]) => launched::list(world, call, project),
        // No key is documented for this one; by default it is not even looked at.
        ("POST", ["target-groups"]) if world.is_on(switches::CREATE_GROUP_HONOURS_KEY) => {
            keys::once(at, Optional, |batch| draft::create(at, batch))
        }
        ("POST", ["target-groups"]) => world.store.write(|batch| draft::create(at, batch)),
        ("GET", ["exclusions"]) => exclusion::of_project(world, project),
        ("POST", ["reconciliations", "completes"]) => keys::once(at, Optional, |batch| {
            reconciliation::keep(world, batch, call, project)
        }),
        ("PUT", ["exclusion-policies"]) => exclusion::put_policies(at),
        ("POST", ["compute-target-group-transitions"]) => stats::transitions(world, call, project),
        ("POST", ["batch-jobs", word]) if batch::is_known(word) => {
            keys::once(at, batch::need(word), |batch| batch::create(at, batch, word))
        }
        ("GET", ["batch-jobs", word, job]) if batch::is_known(word) => batch::read(at, word, job),
        (_, ["target-groups", id, rest @ ..]) => of_group(At { id, ..at }, rest),
        _ => Err(NOT_FOUND.into()),
    }
}

fn of_group(at: At<'_>, path: &[&str]) -> Outcome {
    let world = at.world;
    match (at.call.method.as_str(), path) {
        ("GET", []) => draft::get(world, &at.group()?),
        ("PUT", []) => draft::put(at),
        ("GET", ["details"]) => ok(&launched::details(world, &at.launched()?, true)),
        ("PUT", ["details"]) => at.edit(launched::put_details),
        ("GET", ["overview"]) => ok(&launched::overview(world, &at.launched()?)?),
        ("PUT", ["cost-per-interview"]) => at.edit(launched::put_cpi),
        ("PUT", ["filling-strategy"]) => at.edit(launched::put_strategy),
        ("GET", ["rate-card"]) => ok(&rate_card::of_group(&at.group()?)),
        ("GET", ["fielding-assistant-assignment"]) => assistant::get(&at.launched()?),
        ("PUT", ["fielding-assistant-assignment"]) => at.edit(assistant::put),
        ("GET", ["allocation-specification"]) => ok(&allocation::shown(&at.launched()?)),
        ("PUT", ["allocation-specification"]) => at.edit(allocation::put),
        ("GET", ["exclusion-policy"]) => ok(&exclusion::policy(&at.group()?)),
        (_, [list @ ("recontacts" | "exclusions"), rest @ ..]) => listed::route(at, list, rest),
        ("GET", ["respondent-activity-exclusions"]) => {
            ok(&json!({"respondent_activity_exclusions": at.group()?.activity_exclusions}))
        }
        ("PUT", ["respondent-activity-exclusions"]) => exclusion::put_activity(at),
        ("POST", ["fielding-run-jobs", word]) => {
            let schedules = job::schedules(word)?;
            keys::once(at, Required, |batch| job::create(at, batch, schedules))
        }
        ("GET", ["fielding-run-jobs", word, job]) => job::read(at, job, job::schedules(word)?),
        ("GET", ["performance"]) => ok(&stats::performance(&at.launched()?)),
        ("GET", ["completes-aggregated-by-interval"]) => stats::completes(at, &at.launched()?),
        ("GET", ["changelog"]) => stats::changelog(at.call, &at.group()?),
        ("POST", ["calculate-feasibility"]) => feasibility::of_group(at, &at.launched()?),
        ("GET", ["profiles"]) => ok(&profiles::shown(world, &at.launched()?)),
        ("POST", ["profiles", "manage-profiles"]) => profiles::manage(at),
        ("PUT", ["profiles", "completes-goal"]) => at.edit(profiles::put_goal),
        ("POST", ["profiles", "delete-profiles"]) => at.edit(profiles::delete),
        ("GET", ["profiles", profile]) => profiles::get(&at.launched()?, profile),
        ("GET", ["fielding-runs"]) => fielding::list(world, &at.group()?),
        ("GET", ["fielding-runs", run]) => fielding::get(world, &at.group()?, run),
        ("PUT", ["fielding-runs", run]) => fielding::put(at, run),
        ("POST", ["fielding-runs", run, action]) => {
            fielding::do_action(at, run, Action::of(action).ok_or(NOT_FOUND)?)
        }
        _ => Err(NOT_FOUND.into()),
    }
}
