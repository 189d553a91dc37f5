//! The emulator of the PureSpectrum Buy API v2.
//!
//! Built from the vendor's documents alone: it keeps its own idea of a survey as JSON and shares no
//! code with the client, so that a misreading in one shows against the other. Where the documents
//! are silent it does one definite thing and says "assumed" beside it.
//!
//! Promises the vendor's paths, envelopes, codes and habits: draft on create, live surveys only in
//! a list, codes in another order, dropped keys, pauses and closes of its own. It has one account,
//! reached with `access-token: sandbox`, and a survey of another account to be refused.

mod adjustment;
mod attribute;
mod edit;
mod envelope;
mod feasibility;
mod field;
mod group;
mod lifecycle;
mod performance;
mod prelude;
mod quota;
mod recontact;
mod record;
mod render;
mod respondents;
mod supplier;
mod survey;
pub mod switches;
mod targeting;
mod template;
mod transaction;

use envelope::unauthorized;
use prelude::*;
use record::OTHER_ACCOUNT;

/// The token of the emulated account.
const TOKEN: &str = "sandbox";
/// A survey that belongs to somebody else.
const FOREIGN_SURVEY: u64 = 900_001;

/// The emulated vendor; the first survey made in a new store will be 1000001.
#[derive(Debug, Clone, Default)]
pub struct PureSpectrum {
    first_survey_id: Option<u64>,
}

impl PureSpectrum {
    /// Makes the emulator.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the first survey made in a new store; ids ascend from there by one.
    pub fn first_survey_id(self, first: u64) -> Self {
        let first_survey_id = Some(first);
        Self { first_survey_id }
    }
}

impl Emulator for PureSpectrum {
    fn key(&self) -> &'static str {
        "purespectrum"
    }

    fn switches(&self) -> Vec<Switch<Position>> {
        switches::all()
    }

    fn seed(&self, world: &World, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        batch.put_json(record::NEXT_ID, &self.first_survey_id.unwrap_or(1_000_001))?;
        group::seed(batch)?;
        let fields = json!({
            "survey_title": "Somebody else's survey", "survey_category_code": 231, "survey_localization": "en_US",
            "completes_required": 100, "expected_ir": 50, "expected_loi": 10, "field_time": 7,
        });
        let foreign = Survey {
            id: FOREIGN_SURVEY,
            account: OTHER_ACCOUNT,
            status: LIVE,
            fields: fields.as_object().cloned().unwrap_or_default(),
            created_ms: world.now_ms(),
            ..Survey::default()
        };
        record::save(batch, &foreign)
    }

    fn answer(&self, world: &World, call: &Call) -> Outcome {
        // Where browsers come back, which know no token.
        if call.method == "GET" && call.path == ["surveydone"] {
            return transaction::redirect(world, call);
        }
        if call.header("access-token") != Some(TOKEN) {
            return Err(unauthorized());
        }
        match call.segments().as_slice() {
            ["buyers", "v2", rest @ ..] => version_2(world, call, rest),
            ["buyers", "v3", "surveys", survey, "transactions", id] if call.method == "GET" => {
                transaction::read(world, survey, id)
            }
            ["buyers", "v3", "surveys", survey, "transactions"] if call.method == "GET" => {
                transaction::list(world, call, survey)
            }
            ["buyers", "v3", "Attributes"] if call.method == "GET" => attribute::list(call),
            _ => Err(no_route(call)),
        }
    }

    fn clock_moved(&self, world: &World) -> Result<Vec<Value>, StoreError> {
        let mut changes = lifecycle::clock_moved(world)?;
        changes.extend(adjustment::clock_moved(world)?);
        Ok(changes)
    }

    fn simulate(&self, world: &World, simulation: Simulation, body: &Map<String, Value>) -> Outcome {
        match simulation {
            Simulation::Respondents => respondents::simulate(world, body),
            Simulation::Transactions => transaction::simulate(world, body),
            Simulation::InterfaceQuota => quota::add_in_interface(world, body),
        }
    }

    fn fault_body(&self, status: StatusCode) -> Value {
        let message = format!("sandbox fault: {status}");
        json!({"ps_api_response_code": 9999, "ps_api_response_message": message})
    }
}

fn version_2(world: &World, call: &Call, path: &[&str]) -> Outcome {
    match (call.method.as_str(), path) {
        ("POST", ["surveys"]) => survey::create(world, call),
        ("GET", ["surveys"]) => survey::list(world, call),
        ("POST", ["feasibility"]) => feasibility::estimate(call),
        ("GET", ["suppliers"]) => supplier::available(call),
        ("POST", ["adjustments"]) => adjustment::post(world, call, None),
        ("POST", ["adjustments", "surveys", id]) => adjustment::post(world, call, Some(id)),
        ("GET", ["templates"]) => template::list(world, call),
        ("POST", ["surveygroups"]) => group::create(world, call),
        ("GET", ["surveygroups", id]) => group::read(world, id),
        ("PUT", ["surveygroups", id]) => group::put(world, call, id),
        ("DELETE", ["surveygroups", id]) => group::delete(world, id),
        (_, ["surveys", id, rest @ ..]) => of_survey(world, call, id, rest),
        _ => Err(no_route(call)),
    }
}

fn of_survey(world: &World, call: &Call, id: &str, path: &[&str]) -> Outcome {
    if call.method == "GET" {
        return look(world, call, &load(&world.store.view()?, id)?, path);
    }
    match (call.method.as_str(), path) {
        ("PUT", []) => edit::put(world, call, id),
        ("PATCH", []) => edit::patch(world, call, id),
        ("DELETE", []) => survey::delete(world, id),
        ("POST", ["qualifications"]) => quota::add_qualification(world, call, id),
        ("PUT", ["qualifications", code]) => quota::put_qualification(world, call, id, code),
        ("DELETE", ["qualifications", code]) => quota::delete_qualification(world, id, code),
        ("POST", ["quotas"]) => quota::add(world, call, id),
        ("PUT", ["quotas", quota]) => quota::put(world, call, id, quota),
        ("PATCH", ["quotas", quota]) => quota::patch(world, call, id, quota),
        ("DELETE", ["quotas", quota]) => quota::delete(world, id, quota),
        ("PUT", ["suppliers"]) => supplier::put(world, call, id),
        ("POST", ["PSIDRef"]) => recontact::put_psids(world, call, id, false),
        ("PATCH", ["PSIDRef"]) => recontact::put_psids(world, call, id, true),
        ("POST", ["channels"]) => recontact::channel(call, &load(&world.store.view()?, id)?),
        ("POST", ["transactions", transaction, "status"]) => {
            transaction::set_status(world, call, id, transaction)
        }
        _ => Err(no_route(call)),
    }
}

/// What can be seen of a survey.
fn look(world: &World, call: &Call, survey: &Survey, path: &[&str]) -> Outcome {
    match path {
        [] => survey::read(world, call, survey),
        ["status"] => ok(&survey::status(survey)),
        ["performance"] => ok(&performance::survey(survey)),
        ["qualifications"] => quota::qualifications(world, survey),
        ["qualifications", code] => quota::qualification(world, survey, code),
        ["quotas"] => quota::list(world, call, survey),
        ["quotas", "performance"] => ok(&performance::quotas(survey)),
        ["quotas", quota] => quota::read(world, call, survey, quota),
        ["suppliers"] => supplier::of_survey(call, survey),
        ["PSIDRef"] => ok(&recontact::psids(survey)),
        _ => Err(no_route(call)),
    }
}

fn no_route(call: &Call) -> Failure {
    let message = format!("Cannot {} /{}", call.method, call.path.join("/"));
    envelope::envelope(StatusCode::NOT_FOUND, 9999, &message).into()
}
