//! PureSpectrum: the thinnest path through every layer, and what it costs.

pub(crate) mod subject;

use crate::world::{World, desired};
use infield::plan::{Action, NoteKind};
use serde_json::{Value, json};
use subject::{PureSpectrum, SODA};

#[tokio::test(start_paused = true)]
async fn a_survey_goes_in_field_with_two_calls() {
    let world = World::open(&PureSpectrum, &Value::Null).await;
    let wanted = desired(SODA);
    let plan = world.plan(&wanted).await;
    let actions: Vec<Action> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, [Action::Create, Action::Launch]);
    assert_eq!(plan.exposure[0].after.to_string(), "1500.00 USD");
    let tally = world.apply(&plan).await;
    assert_eq!((tally.done, tally.failed, tally.calls), (2, 0, 2));
    let again = world.plan(&wanted).await;
    assert!(again.is_empty() && again.notes.is_empty(), "{again:#?}");
    assert_eq!(again.exposure[0].before.to_string(), "1500.00 USD");
}

#[tokio::test(start_paused = true)]
async fn a_survey_at_a_marketplace_without_an_account_is_held_back_and_the_others_are_not() {
    let world = World::open(&PureSpectrum, &Value::Null).await;
    let elsewhere = "---
kind: Survey
name: cola
title: Cola
status: draft
incidence_rate: 50
length_of_interview: 5
live_url: https://survey.example.com/s/cola?tk=[%%token%%]
groups: [{name: main, locale: en-US, completes: 10}]
innovatemr: {category: 7}
";
    let plan = world.plan(&desired(&format!("{SODA}{elsewhere}"))).await;
    assert!(plan.steps.iter().all(|step| step.address.as_str() == "soda"));
    let why = "it is not made: this environment configures no InnovateMR account in infield.yaml";
    let told = |address: &str| {
        let mut notes = plan.notes.iter().filter(|note| note.address.as_str() == address);
        notes.any(|note| note.message == why)
    };
    assert!(told("cola") && !told("soda"), "{:#?}", plan.notes);
}

/// Somebody adds a quota by hand, and a manifest wants ranges across it: the vendor refuses that, so it is not sent.
#[tokio::test(start_paused = true)]
async fn a_quota_across_one_made_by_hand_is_held_back() {
    let world = World::open(&PureSpectrum, &Value::Null).await;
    world.converge(SODA).await;
    let criteria = json!([{"qualification_code": 212, "range_sets": [{"from": 50, "to": 64, "units": 311}]}]);
    let mut surveys = world.stored("survey").await.into_iter();
    let own = surveys.find(|survey| survey["account"] == 1);
    let id = own.unwrap_or_default()["id"].clone();
    let body = json!({"survey": id, "title": "By hand", "required_count": 5, "criteria": criteria});
    world.admin("POST", "ui/quotas", &body).await;
    let wanted = SODA.replace(
        "  - {name: women-18-34",
        "  - {name: older, completes: 20, where: {age: 40-55}}\n  - {name: women-18-34",
    );
    let plan = world.plan(&desired(&wanted)).await;
    assert!(plan.steps.is_empty(), "{plan:#?}");
    let mut notes = plan.notes.iter().filter(|note| note.kind == NoteKind::Blocked);
    let note = notes.next().unwrap_or_else(|| panic!("{plan:#?}"));
    assert!(
        note.message.starts_with("the ranges of `older` overlap"),
        "{note:?}"
    );
    let beside = wanted.replace("age: 40-55", "age: 40-49");
    let plan = world.plan(&desired(&beside)).await;
    let tally = world.apply(&plan).await;
    assert_eq!((tally.done, tally.failed), (1, 0), "{:?}", world.problems());
}
