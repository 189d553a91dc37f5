//! Who is kept out of what: exclusion groups of the account, and exclusions by the name of a survey.

use super::subject::open;
use crate::world::{World, desired};
use infield::model::Address;
use infield::plan::{Guard, Plan};
use serde_json::{Value, json};

/// A wave of a tracker with one target group, and more settings of it.
fn wave(number: u8, more: &str) -> String {
    format!(
        "
---
kind: Survey
name: wave-{number}
title: Brand tracker, wave {number}
tags: [tracker]
status: live
incidence_rate: 60
length_of_interview: 8
field: {{end: 2026-04-15T18:00:00Z}}
live_url: https://survey.example.com/s/{number}?rid=[%RID%]
test_url: https://survey.example.com/s/{number}?test=1&rid=[%RID%]
cint:
  business_unit: 3337
  project_manager: b551326b-ac9d-4d32-8823-4f025787dab9{more}
groups:
  - {{name: us, locale: en-US, completes: 100, cpi: 2.75 USD}}"
    )
}

/// Waves of a tracker in a group, named as it says.
fn waves(names: &str, numbers: &[u8]) -> String {
    let waves: String = numbers.iter().map(|number| wave(*number, "")).collect();
    format!(
        "kind: SurveyGroup\nname: waves\ntitle: Waves of the tracker\nref: acme-waves\nsurveys: [{names}]{waves}"
    )
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// The target groups of the vendor's only exclusion group.
async fn members(world: &World) -> Vec<Value> {
    let all = world.stored("exclusion_group").await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["description"], "Waves of the tracker");
    all[0]["members"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn waves_by_name_pattern_and_tag_are_kept_out_of_each_other_before_they_go_in_field() {
    for names in [
        "wave-1, wave-2",
        "wave-1/us, wave-2/us",
        "'wave-*'",
        "'tag:tracker'",
    ] {
        let world = open(&Value::Null).await;
        let two = waves(names, &[1, 2]);
        let plan = world.plan(&desired(&two)).await;
        let place = |id: &str| ids(&plan).iter().position(|step| *step == id).unwrap();
        for launch in ["wave-1/us:launch", "wave-2/us:launch"] {
            assert!(place("waves:create") < place(launch), "{:?}", ids(&plan));
            let waits = &plan.steps[place(launch)].depends_on;
            assert!(waits.contains(&"waves:create".to_owned()), "{waits:?}");
        }
        world.converge(&two).await;
        assert_eq!(members(&world).await.len(), 2, "{names}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_wave_joins_by_itself_and_one_that_leaves_is_asked_about() {
    let world = open(&Value::Null).await;
    world.converge(&waves("'wave-*'", &[1, 2])).await;
    let three = waves("'wave-*'", &[1, 2, 3]);
    world.converge(&three).await;
    assert_eq!(members(&world).await.len(), 3);
    let less = waves("wave-2, wave-3", &[1, 2, 3]);
    let plan = world.plan(&desired(&less)).await;
    assert_eq!(ids(&plan), ["waves:update"]);
    assert_eq!(plan.steps[0].guards, [Guard::EditLiveTargeting]);
    world.converge(&less).await;
    assert_eq!(members(&world).await.len(), 2);
}

/// A world whose first group loses the answer to its create, with lists that show a new one at this look.
async fn lost(listed_at: u8) -> (World, String) {
    let settings =
        json!({"cint_exclusion_group_listed_at_read": listed_at, "cint_exclusion_twice_refused": true});
    let world = open(&settings).await;
    let two = waves("wave-1, wave-2", &[1, 2]);
    let lost = json!({"method": "POST", "path": "*/exclusion-groups", "drop_after_commit": true, "times": 1});
    world.admin("POST", "faults", &lost).await;
    let plan = world.plan(&desired(&two)).await;
    assert_eq!(world.apply(&plan).await.unknown, 1);
    let groups = world.target_groups().await;
    assert!(
        groups.iter().all(|group| group["run"].is_null()),
        "nobody is asked before others are kept out"
    );
    (world, two)
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_create_lost_its_answer_is_found_and_not_made_twice() {
    let (world, two) = lost(1).await;
    world.converge(&two).await;
    assert_eq!(members(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_lost_state_finds_the_group_by_its_reference() {
    let mut world = open(&Value::Null).await;
    let one = waves("wave-1", &[1]);
    world.converge(&one).await;
    // Only the group is forgotten.
    let address = Address::survey("waves");
    let forget = infield::state::Op::Remove { address };
    world.keeper.commit(vec![forget]).await.unwrap();
    world.restart().await;
    world.converge(&one).await;
    assert_eq!(members(&world).await.len(), 1);
}

/// These worlds wait for no list, so that one which lags behind makes a second group: nothing is done with either.
#[tokio::test(start_paused = true)]
async fn two_groups_with_one_tag_are_not_told_apart() {
    let (world, two) = lost(9).await;
    let plan = world.plan(&desired(&two)).await;
    world.apply(&plan).await;
    world
        .admin(
            "POST",
            "settings",
            &json!({"cint_exclusion_group_listed_at_read": 1}),
        )
        .await;
    for _ in 0..9 {
        world.plan(&desired(&two)).await;
    }
    let plan = world.plan(&desired(&two)).await;
    let told = "2 exclusion groups have the tag acme-waves";
    assert!(
        plan.notes.iter().any(|note| note.message.contains(told)),
        "{:?}",
        plan.notes
    );
    assert!(
        !ids(&plan).iter().any(|id| id.contains("launch")),
        "{:?}",
        ids(&plan)
    );
    assert_eq!(world.stored("exclusion_group").await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn exclusions_by_name_are_written_with_ids_and_stay() {
    let world = open(&Value::Null).await;
    let manifest = |days: u8| {
        let first = wave(1, "");
        let more = format!("\n  activity_exclusions: [{{survey: wave-1, days: {days}}}]");
        format!("{}{}", first.trim_start_matches("\n---\n"), wave(2, &more))
    };
    // Made in one go: the second waits for the first.
    world.converge(&manifest(60)).await;
    let excluded = |groups: Vec<Value>| {
        let mut all = groups.iter().map(|group| group["activity_exclusions"].clone());
        all.find(|list| !list.as_array().unwrap().is_empty()).unwrap()
    };
    let project = world.stored("project").await;
    let first = project
        .iter()
        .find(|project| project["name"] == "Brand tracker, wave 1")
        .unwrap();
    let shown = excluded(world.target_groups().await);
    assert_eq!(
        shown,
        json!([{"type": "project", "id": first["id"], "duration": "P60D"}])
    );
    // In field, too, and after a loss of the state's memory of it.
    world.converge(&manifest(30)).await;
    let shown = excluded(world.target_groups().await);
    assert_eq!(shown[0]["duration"], "P30D");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_read_is_no_list_without_the_group() {
    let world = open(&Value::Null).await;
    let one = waves("wave-1", &[1]);
    world.converge(&one).await;
    let broken = json!({"method": "GET", "path": "*/exclusion-groups", "status": 404, "times": 50});
    world.admin("POST", "faults", &broken).await;
    let planned = world.planned(&desired(&one)).await;
    assert_eq!(ids(&planned.plan), [""; 0]);
    assert!(
        planned.plan.notes[0]
            .message
            .starts_with("the group could not be read")
    );
}
