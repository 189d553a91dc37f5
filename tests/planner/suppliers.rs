//! Who sends respondents: a list that is written as a whole, and what it does to the money.

use crate::support::*;
use infield::model::{Field, Reading, Status, SurveySpec};
use infield::plan::{Action, Plan};
use serde_json::{Value, json};

/// The survey in field, with these suppliers.
fn supplied(list: Value) -> SurveySpec {
    let mut spec = soda();
    spec.status = Field::Set(Status::Live);
    spec.suppliers = Field::Set(serde_json::from_value(list).unwrap());
    spec
}

fn two() -> Value {
    json!([
        {"supplier": 1, "completes": 400},
        {"name": "partners", "suppliers": [3, 6], "completes": 100, "cpi": "5.00 USD"},
    ])
}

fn set(world: &mut World, list: Value) {
    world.spec("soda").suppliers = Field::Set(serde_json::from_value(list).unwrap());
}

/// Paths and bodies of the calls.
fn calls(plan: &Plan) -> Vec<(String, Value)> {
    let calls = plan.steps.iter().flat_map(|step| &step.calls);
    let body = |call: &infield::model::Call| {
        call.body
            .as_ref()
            .map_or(Value::Null, infield::model::Json::value)
    };
    calls
        .map(|call| (format!("{} {}", call.method, call.path), body(call)))
        .collect()
}

#[test]
fn a_new_survey_is_made_then_supplied_and_then_launched() {
    let mut world = World::new();
    world.want("soda", supplied(two()));
    let plan = world.plan();
    let actions: Vec<Action> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [Action::Create, Action::Launch]);
    let sent = calls(&plan);
    assert_eq!(sent[0].0, "POST /surveys");
    assert!(
        sent[1].0.starts_with("PUT /surveys/") && sent[1].0.ends_with("/suppliers"),
        "{}",
        sent[1].0
    );
    let body = json!([
        {"completes_goal": 400, "suppliers": [1], "cpi": 3.75},
        {"completes_goal": 100, "suppliers": [3, 6], "cpi": 5, "group_name": "partners"},
    ]);
    assert_eq!(sent[1].1, body);
    let text = world.text();
    assert!(text.contains("all other suppliers send nobody"), "{text}");
    // Each of 400 completes may come from who gets most.
    assert_eq!(plan.exposure[0].after.to_string(), "2000.00 USD");
}

#[test]
fn what_is_as_wanted_is_left_alone_and_so_is_what_nobody_manages() {
    let mut world = World::new();
    world.fielded("soda", supplied(two()));
    assert!(world.plan().is_empty());
    let address = infield::model::Address::survey("soda");
    world.spec("soda").suppliers = Field::Absent;
    let Some(Reading::Present(live)) = world.live.surveys.get_mut(&address) else {
        panic!("it is not there");
    };
    live.spec.suppliers =
        Field::Set(serde_json::from_value(json!([{"supplier": 9, "completes": 1}])).unwrap());
    assert!(world.plan().is_empty());
}

#[test]
fn a_plan_names_whom_it_silences() {
    let mut world = World::new();
    world.fielded("soda", supplied(two()));
    set(
        &mut world,
        json!([{"supplier": 1, "completes": 400}, {"supplier": 6, "completes": 50}]),
    );
    let remark = world.plan().steps[0].changes[0].remark.clone();
    assert_eq!(remark.as_deref(), Some("supplier 3 sends nobody any more"));
    let sent = calls(&world.plan());
    let body = json!([
        {"completes_goal": 400, "suppliers": [1], "cpi": 3.75}, {"completes_goal": 50, "suppliers": [6], "cpi": 3.75},
    ]);
    assert_eq!(sent, [("PUT /surveys/1001/suppliers".to_owned(), body)]);
    let exposure = world.plan().exposure[0];
    let amounts = [exposure.before, exposure.after].map(|money| money.to_string());
    assert_eq!(amounts, ["2000.00 USD", "1500.00 USD"]);
}

#[test]
fn a_list_that_somebody_moved_is_drift_and_written_back() {
    let mut world = World::new();
    let address = world.fielded("soda", supplied(two()));
    let Some(Reading::Present(live)) = world.live.surveys.get_mut(&address) else {
        panic!("it is not there");
    };
    live.spec.suppliers =
        Field::Set(serde_json::from_value(json!([{"supplier": 8, "completes": 400}])).unwrap());
    let plan = world.plan();
    assert!(plan.steps[0].changes[0].drift);
    assert!(
        world
            .text()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains("supplier 8 sends nobody any more"),
        "{}",
        world.text()
    );
}

#[test]
fn a_new_price_of_the_survey_is_that_of_its_suppliers_as_well() {
    let mut world = World::new();
    world.fielded("soda", supplied(two()));
    world.spec("soda").cpi = Field::Set("4.00 USD".parse().unwrap());
    let sent = calls(&world.plan());
    let paths: Vec<&str> = sent.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["PATCH /surveys/1001", "PUT /surveys/1001/suppliers"]);
    assert_eq!(sent[1].1[0]["cpi"], 4);
    assert_eq!(sent[1].1[1]["cpi"], 5);
    // It says what the suppliers get, and changes nothing else of them.
    let changed: Vec<String> = world.plan().steps[0]
        .changes
        .iter()
        .map(|change| change.path.clone())
        .collect();
    assert_eq!(changed, ["/cpi"]);
}

#[test]
fn what_lowers_the_highest_price_goes_first() {
    let mut world = World::new();
    world.fielded("soda", supplied(two()));
    world.spec("soda").cpi = Field::Set("4.00 USD".parse().unwrap());
    set(
        &mut world,
        json!([{"supplier": 1, "completes": 400, "cpi": "4.50 USD"}]),
    );
    let sent = calls(&world.plan());
    assert_eq!(sent[0].0, "PUT /surveys/1001/suppliers");
    set(
        &mut world,
        json!([{"supplier": 1, "completes": 400, "cpi": "6.00 USD"}]),
    );
    let sent = calls(&world.plan());
    assert_eq!(sent[1].0, "PUT /surveys/1001/suppliers");
}

#[test]
fn a_title_takes_the_whole_survey_along_and_not_its_suppliers() {
    let mut world = World::new();
    world.fielded("soda", supplied(two()));
    world.spec("soda").title = Field::Set("Another".to_owned());
    let paths: Vec<String> = calls(&world.plan()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["PUT /surveys/1001"]);
}

#[test]
fn a_supplier_above_the_limit_of_prices_is_refused() {
    for new in [true, false] {
        let mut world = World::new();
        world
            .guards
            .max_cpi
            .insert("USD".to_owned(), "4.50 USD".parse().unwrap());
        if new {
            world.want("soda", supplied(two()));
        } else {
            world.fielded("soda", supplied(json!([{"supplier": 1, "completes": 400}])));
            set(&mut world, two());
        }
        let plan = world.plan();
        assert!(plan.steps.is_empty(), "{}", world.text());
        let text = world.text();
        assert!(
            text.contains("a CPI of 5.00 USD is above the environment's max_cpi of 4.50 USD"),
            "{text}"
        );
    }
}

#[test]
fn more_for_a_supplier_is_more_at_stake_and_spends() {
    let mut world = World::new();
    world.fielded("soda", supplied(json!([{"supplier": 1, "completes": 400}])));
    set(&mut world, two());
    let plan = world.plan();
    assert_eq!(plan.steps[0].adds_exposure.unwrap().to_string(), "500.00 USD");
    assert!(plan.steps[0].spends());
    // Another one at the same price costs no more, and yet more may come.
    set(
        &mut world,
        json!([{"supplier": 1, "completes": 400}, {"supplier": 3, "completes": 5}]),
    );
    let plan = world.plan();
    assert_eq!(plan.steps[0].adds_exposure, None);
    assert!(plan.steps[0].spends());
    set(&mut world, json!([{"supplier": 1, "completes": 300}]));
    assert!(!world.plan().steps[0].spends());
}
