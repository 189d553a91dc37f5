//! Every assumption that has a switch, with the switch in its other position.

use super::support::{MANAGER, genders, id, plain, plain_with, share, with_profiles, world};
use http::Method;
use infield_sandbox::cint::switches;
use serde_json::{Value, json};

#[tokio::test]
async fn paused_ones_can_be_completed() {
    let world = world().await;
    world.set(switches::COMPLETE_PAUSED, true);
    let group = world.live(&plain()).await;
    world.act(&group, "pause").await.with(204);
    world.act(&group, "complete").await.with(204);
}

#[tokio::test]
async fn the_end_pauses() {
    let mut world = world().await;
    world.set(switches::END_PAUSES, true);
    let group = world.live(&plain()).await;
    world.advance("60d").await;
    world.log_in_again().await;
    assert_eq!(world.status(&group).await, "paused");
}

#[tokio::test]
async fn a_launch_needs_nothing() {
    let world = world().await;
    world.set(switches::LAUNCH_CHECKS_DRAFT, false);
    world.live(&plain_with(&json!({"live_url": null}))).await;
}

#[tokio::test]
async fn locations_are_whole() {
    let world = world().await;
    world.set(switches::FULL_LOCATION, true);
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
    world.set(switches::START_AN_HOUR_AHEAD, true);
    let path = format!("{project}/target-groups");
    world.post(&path, &soon).await.refused(400, "bad_request_error");
}

#[tokio::test]
async fn details_keep_what_is_left_out() {
    let world = world().await;
    world.set(switches::DETAILS_PUT_CLEARS, false);
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
    world.set(switches::CPI_ROUNDED, true);
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
    world.set(switches::SUMS_CHECKED, false);
    world.set(switches::MANAGE_KEEPS_IDS, true);
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
    world.set(switches::PROJECT_EXCLUSION_AFTER_LAUNCH, false);
    world.put(&path, &body).await.refused(400, "bad_request_error");
}

#[tokio::test]
async fn drafts_of_the_newer_revision() {
    let world = world().await;
    world.set(switches::NEWER_REVISION, true);
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
    world.set(switches::EXTRA_FIELDS, false);
    assert_eq!(
        world.get(&path).await.with(200).get("sandbox_extra"),
        None::<&Value>
    );
    world.act(&group, "pause").await.with(204);
    world.set(switches::NEW_WORDS, true);
    assert_eq!(world.get(&path).await.with(200)["status"], "hibernating");
    assert_eq!(world.status(&group).await, "hibernating");
}

#[tokio::test]
async fn tokens_live_as_long_as_they_are_told() {
    let mut world = world().await;
    world.set(switches::TOKEN_SECONDS, 60);
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
    world.set(switches::ALLOCATIONS_AS_REQUESTED, true);
    assert!(open().await.get("blocked_supplier_ids").is_some());
}

#[tokio::test]
async fn exclusion_groups_show_later_and_take_less() {
    let world = world().await;
    let account = "/demand/accounts/1/exclusion-groups";
    world.set(switches::EXCLUSION_GROUP_LISTED_AT_READ, 2);
    let body = json!({"tag": "waves", "description": "Waves"});
    let made = world.post(account, &body).await.with(201);
    let own = format!("{account}/{}", made["exclusion_group_id"].as_str().unwrap());
    assert_eq!(world.get(account).await.with(200)["data"], json!([]));
    let listed = world.get(account).await.with(200);
    assert_eq!(listed["data"][0]["tag"], "waves");
    world.set(switches::EXCLUSION_GROUPS_TAKE_DRAFTS, false);
    let draft = world.draft(&world.project().await, &plain()).await;
    let add = format!("{own}/target-groups/add");
    world
        .post(&add, &json!({"data": [id(&draft)]}))
        .await
        .refused(400, "bad_request_error");
    let live = json!({"data": [id(&world.live(&plain()).await)]});
    world.post(&add, &live).await.with(204);
    world.post(&add, &live).await.with(204);
    world.set(switches::EXCLUSION_TWICE_REFUSED, true);
    world.post(&add, &live).await.refused(400, "bad_request_error");
}

#[tokio::test]
async fn exclusion_groups_hold_target_groups_until_they_are_taken_out() {
    let world = world().await;
    let account = "/demand/accounts/1";
    let groups = format!("{account}/exclusion-groups");
    world
        .post(&groups, &json!({"tag": "waves"}))
        .await
        .refused(400, "bad_request_error");
    let body = json!({"tag": "waves", "description": "Waves"});
    let made = world.post(&groups, &body).await.with(201);
    let own = format!("{groups}/{}", made["exclusion_group_id"].as_str().unwrap());
    let group = world.draft(&world.project().await, &plain()).await;
    let held = json!({"data": [id(&group)]});
    world
        .post(&format!("{own}/target-groups/add"), &json!({"data": ["nobody"]}))
        .await
        .refused(400, "bad_request_error");
    world
        .post(&format!("{own}/target-groups/add"), &held)
        .await
        .with(204);
    let shown = world.get(&format!("{own}/target-groups")).await.with(200);
    assert_eq!(shown["data"], held["data"]);
    let of = format!("{account}/target-groups/{}/exclusion-groups", id(&group));
    assert_eq!(world.get(&of).await.with(200)["data"][0]["tag"], "waves");
    let delete = || world.call(Method::DELETE, &own, &[], &Value::Null);
    delete().await.refused(409, "conflict_error");
    world
        .post(&format!("{own}/target-groups/remove"), &held)
        .await
        .with(204);
    world
        .put(&own, &json!({"description": "Old waves"}))
        .await
        .with(204);
    let shown = world.get(&own).await.with(200);
    assert_eq!(
        (&shown["tag"], &shown["description"]),
        (&json!("waves"), &json!("Old waves"))
    );
    delete().await.with(204);
    world.get(&own).await.refused(404, "not_found_error");
}
