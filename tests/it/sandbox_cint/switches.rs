//! Every assumption that has a switch, with the switch in its other position.

use crate::sandbox_cint::support::{MANAGER, genders, id, plain, plain_with, share, with_profiles, world};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn every_switch_is_described() {
    let world = world().await;
    let request = http::Request::get("/_sandbox/settings").body(axum::body::Body::empty());
    let settings = world.send(request.unwrap()).await.with(200);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/vendor/cint/sandbox/mod.rs");
    let text = std::fs::read_to_string(path).unwrap();
    for name in settings.as_object().unwrap().keys() {
        assert!(text.contains(&format!("//! | `{name}` |")), "{name}");
    }
}

#[tokio::test]
async fn paused_ones_can_be_completed() {
    let world = world().await;
    world.setting("cint_complete_paused", json!(true)).await;
    let group = world.live(&plain()).await;
    world.act(&group, "pause").await.with(204);
    world.act(&group, "complete").await.with(204);
}

#[tokio::test]
async fn the_end_pauses() {
    let mut world = world().await;
    world.setting("cint_end_pauses", json!(true)).await;
    let group = world.live(&plain()).await;
    world.advance("60d").await;
    world.log_in_again().await;
    assert_eq!(world.status(&group).await, "paused");
}

#[tokio::test]
async fn a_launch_needs_nothing() {
    let world = world().await;
    world.setting("cint_launch_checks_draft", json!(false)).await;
    world.live(&plain_with(&json!({"live_url": null}))).await;
}

#[tokio::test]
async fn locations_are_whole() {
    let world = world().await;
    world.setting("cint_full_location", json!(true)).await;
    let group = world.draft(&world.project().await, &plain()).await;
    let path = format!("{group}/fielding-run-jobs/launch-from-draft");
    let made = world
        .post(&path, &json!({"end_fielding_at": "2024-08-01T00:00:00Z"}))
        .await;
    assert!(
        made.header("location").starts_with("https://"),
        "{}",
        made.header("location")
    );
}

#[tokio::test]
async fn a_start_is_an_hour_ahead() {
    let world = world().await;
    let project = world.project().await;
    let soon = plain_with(&json!({"fielding_specification": {
        "start_at": "2024-07-01T08:30:00Z", "end_at": "2024-08-01T00:00:00Z",
    }}));
    world.draft(&project, &soon).await;
    world.setting("cint_start_an_hour_ahead", json!(true)).await;
    let path = format!("{project}/target-groups");
    world.post(&path, &soon).await.refused(400, "bad_request_error");
}

#[tokio::test]
async fn details_keep_what_is_left_out() {
    let world = world().await;
    world.setting("cint_details_put_clears", json!(false)).await;
    let group = world
        .live(&plain_with(
            &json!({"target_group_customer_reference_number": "TEA-1"}),
        ))
        .await;
    let details = json!({
        "name": "Drinkers of coffee", "project_manager_id": MANAGER, "expected_length_of_interview_minutes": 12,
        "expected_incidence_rate": 0.25, "industry_lockout_code": "past_90_days",
        "live_url": "https://survey.example.com/c", "test_url": "https://survey.example.com/ct",
    });
    let shown = world.put(&format!("{group}/details"), &details).await.with(200);
    assert_eq!(shown["target_group_customer_reference_number"], "TEA-1");
}

#[tokio::test]
async fn prices_are_rounded() {
    let world = world().await;
    world.setting("cint_cpi_rounded", json!(true)).await;
    let group = world.live(&plain()).await;
    let body = json!({"target_group_cpi": {"value": "3.1278", "currency_code": "USD"}});
    let shown = world
        .put(&format!("{group}/cost-per-interview"), &body)
        .await
        .with(200);
    assert_eq!(shown["target_group_cpi"]["value"], "3.13");
}

#[tokio::test]
async fn sums_are_free_and_ids_stay() {
    let world = world().await;
    world.setting("cint_sums_checked", json!(false)).await;
    world.setting("cint_manage_keeps_ids", json!(true)).await;
    let group = world
        .live(&with_profiles(
            "percentage",
            &[genders(&share(30.0), &share(30.0))],
        ))
        .await;
    let path = format!("{group}/profiles");
    let before = world.get(&path).await.with(200);
    let body = json!({"completes_goal": 100, "profiling": {
        "profile_adjustment_type": "percentage", "profiles": [genders(&share(40.0), &share(30.0))],
    }});
    let after = world
        .post(&format!("{path}/manage-profiles"), &body)
        .await
        .with(201);
    assert_eq!(before["profiles"][0]["id"], after["profiles"][0]["id"]);
    assert_eq!(after["profiles"][0]["targets"][0]["quota"]["completes_goal"], 40);
}

#[tokio::test]
async fn project_exclusion_is_for_drafts() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let (project, _) = group.split_once("/target-groups/").unwrap();
    let path = format!("{project}/exclusion-policies");
    let body = json!([{"target_group_id": id(&group), "project_exclusion_enabled": true}]);
    world.put(&path, &body).await.with(204);
    let policy = world.get(&format!("{group}/exclusion-policy")).await.with(200);
    assert_eq!(policy["project_exclusion_enabled"], true);
    world
        .setting("cint_project_exclusion_after_launch", json!(false))
        .await;
    world.put(&path, &body).await.refused(400, "bad_request_error");
}

#[tokio::test]
async fn drafts_of_the_newer_revision() {
    let world = world().await;
    world.setting("cint_newer_revision", json!(true)).await;
    let mut body = plain_with(&json!({
        "filling_strategy": "completes", "allocation_template": {"id": "01FXTRCNT00000000000000001", "type": "account"},
    }));
    let project = world.project().await;
    let path = format!("{project}/target-groups");
    world.post(&path, &body).await.refused(400, "bad_request_error");
    body.as_object_mut().unwrap().remove("allocations");
    let group = world.draft(&project, &body).await;
    world.launch(&group).await;
    let overview = world.get(&format!("{group}/overview")).await.with(200);
    assert_eq!(overview["progress"]["filling_strategy"], "completes");
}

#[tokio::test]
async fn answers_have_what_nobody_documented_or_not() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let path = format!("{group}/overview");
    assert!(world.get(&path).await.with(200).get("sandbox_extra").is_some());
    world.setting("cint_extra_fields", json!(false)).await;
    assert_eq!(
        world.get(&path).await.with(200).get("sandbox_extra"),
        None::<&Value>
    );
    world.act(&group, "pause").await.with(204);
    world.setting("cint_new_words", json!(true)).await;
    assert_eq!(world.get(&path).await.with(200)["status"], "hibernating");
    assert_eq!(world.status(&group).await, "hibernating");
}

#[tokio::test]
async fn tokens_live_as_long_as_they_are_told() {
    let mut world = world().await;
    world.setting("cint_token_seconds", json!(60)).await;
    world.log_in_again().await;
    world.advance("61s").await;
    let reply = world.call(Method::GET, "/accounts", &[], &Value::Null).await;
    reply.refused(403, "authorization_error");
}

#[tokio::test]
async fn allocations_of_a_draft_in_the_requests_form() {
    let world = world().await;
    let group = world.draft(&world.project().await, &plain()).await;
    let open = async || world.get(&group).await.with(200)["allocations"]["open_exchange_allocations"].clone();
    assert!(open().await.get("blocked_suppliers").is_some());
    world.setting("cint_allocations_as_requested", json!(true)).await;
    assert!(open().await.get("blocked_supplier_ids").is_some());
}
