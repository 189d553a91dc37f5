//! Drafts, what becomes of them in reading, and what is refused.

use crate::sandbox_cint::support::{MANAGER, id, plain, plain_with, world};
use serde_json::{Value, json};

#[tokio::test]
async fn a_draft_and_a_launched_one_have_paths_of_their_own() {
    let world = world().await;
    let project = world.project().await;
    let group = world.draft(&project, &plain()).await;
    let draft = world.get(&group).await.with(200);
    assert!(
        draft.get("id").is_none() && draft.get("status").is_none(),
        "{draft}"
    );
    assert_eq!(draft["business_unit_id"], 3337);
    for launched in [
        "details",
        "overview",
        "profiles",
        "performance",
        "allocation-specification",
        "fielding-assistant-assignment",
    ] {
        world
            .get(&format!("{group}/{launched}"))
            .await
            .refused(404, "not_found_error");
    }
    world.launch(&group).await;
    let moved = world.get(&group).await;
    assert_eq!(moved.status, 301);
    assert!(moved.header("location").ends_with("/details"));
    world.put(&group, &plain()).await.refused(404, "not_found_error");
    let details = world.get(&format!("{group}/details")).await.with(200);
    assert_eq!(details["id"], id(&group));
    assert_eq!(details["business_unit_id"], "3337");
    let overview = world.get(&format!("{group}/overview")).await.with(200);
    assert_eq!(
        (&overview["country_code"], &overview["language_code"]),
        (&json!("US"), &json!("ENG"))
    );
    // More decimals than the scale.
    assert_eq!(
        overview["current_cost_per_interview"],
        json!({"value": "2.500000000", "currency_code": "USD", "currency_scale": 2})
    );
    let by_id = world
        .get(&format!("/demand/target-groups/{}/overview", id(&group)))
        .await
        .with(200);
    assert_eq!(by_id["project_id"], id(&project));
}

#[tokio::test]
async fn an_update_replaces_all_of_a_draft() {
    let world = world().await;
    let project = world.project().await;
    let full = plain_with(&json!({
        "target_group_customer_reference_number": "TEA-TG-1",
        "client_id": 1234,
        "industry_lockout_code": "past_30_days",
        "exclusion": {"enabled": true},
        "respondent_activity_exclusions": [{"type": "project", "id": "01FXTRCNT00000000000000001", "duration": "P2W"}],
        "fielding_assistant_assignment": {"pacing": {"type": "linear", "increment_interval": "P1D"}},
    }));
    let group = world.draft(&project, &full).await;
    let draft = world.get(&group).await.with(200);
    assert_eq!(draft["respondent_activity_exclusions"][0]["duration"], "P14D");
    assert_eq!(draft["fielding_assistant_assignment"]["pacing"]["type"], "linear");
    world.put(&group, &plain()).await.with(204);
    let draft = world.get(&group).await.with(200);
    for gone in ["target_group_customer_reference_number", "client_id", "profiling"] {
        assert!(draft.get(gone).is_none(), "{gone}");
    }
    assert_eq!(draft["industry_lockout_code"], "no_lock_out");
    assert_eq!(draft["exclusion"]["enabled"], false);
    assert_eq!(draft["respondent_activity_exclusions"], json!([]));
    assert_eq!(draft["fielding_assistant_assignment"]["pacing"], Value::Null);
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_named() {
    let world = world().await;
    let project = world.project().await;
    let path = format!("{project}/target-groups");
    for (name, value) in [
        ("name", json!("Tea")),
        ("business_unit_id", json!(99)),
        ("locale", json!("en-US")),
        ("collects_pii", json!("no")),
        (
            "cost_per_interview",
            json!({"value": "2.50", "currency_code": "EUR"}),
        ),
        (
            "cost_per_interview",
            json!({"value": 2.5, "currency_code": "USD"}),
        ),
        ("project_manager_id", json!("nobody")),
        ("completes_goal", json!(0)),
        ("expected_length_of_interview_minutes", json!(46)),
        ("expected_incidence_rate", json!(0.555)),
        ("live_url", json!("http://survey.example.com")),
        ("industry_lockout_code", json!("for ever")),
        ("target_group_customer_reference_number", json!("a/b")),
        (
            "fielding_specification",
            json!({"start_at": "2020-01-01T00:00:00Z", "end_at": "2020-01-02T00:00:00Z"}),
        ),
        (
            "fielding_specification",
            json!({"start_at": "2024-07-03T00:00:00Z", "end_at": "2024-07-02T00:00:00Z"}),
        ),
        ("fielding_assistant_assignment", Value::Null),
        (
            "fielding_assistant_assignment.pricing",
            json!({"pricing": {"type": "rate_card"}}),
        ),
        ("allocations", Value::Null),
        (
            "respondent_activity_exclusions",
            json!([{"type": "project", "id": id(&project)}]),
        ),
        (
            "respondent_activity_exclusions",
            json!([
                {"type": "project", "id": "01FXTRCNT00000000000000001", "duration": "P397D"}
            ]),
        ),
    ] {
        let key = name.split('.').next().unwrap();
        let reply = world.post(&path, &plain_with(&json!({ key: value }))).await;
        reply.refused(400, "bad_request_error");
        let params = reply.with(400)["invalid_params"].clone();
        assert_eq!(params[0]["name"], name, "{params}");
        assert_eq!(params.as_array().unwrap().len(), 1, "{params}");
    }
    let rate_card = plain_with(&json!({"business_unit_id": "4321"}));
    world
        .post(&path, &rate_card)
        .await
        .refused(400, "bad_request_error");
}

#[tokio::test]
async fn what_nobody_declared_is_ignored() {
    let world = world().await;
    let project = world.project().await;
    let body = plain_with(&json!({"status": "live", "pricing_model": "rate_card", "nonsense": 1}));
    let group = world.draft(&project, &body).await;
    let draft = world.get(&group).await.with(200);
    assert_eq!(draft["pricing_model"], "dynamic");
    assert!(draft.get("nonsense").is_none());
    assert_eq!(world.status(&group).await, "draft");
    // It goes from the newer revision of the document to this one as an unknown field.
    let body = plain_with(&json!({"filling_strategy": "completes"}));
    let group = world.draft(&project, &body).await;
    world.launch(&group).await;
    let overview = world.get(&format!("{group}/overview")).await.with(200);
    assert_eq!(overview["progress"]["filling_strategy"], "prescreens");
}

#[tokio::test]
async fn details_of_a_launched_one_are_replaced_too() {
    let world = world().await;
    let body = plain_with(&json!({"target_group_customer_reference_number": "TEA-TG-1"}));
    let group = world.live(&body).await;
    let path = format!("{group}/details");
    let mut details = json!({
        "name": "Drinkers of coffee", "project_manager_id": MANAGER, "expected_length_of_interview_minutes": 12,
        "expected_incidence_rate": 0.25, "industry_lockout_code": "past_90_days",
        "live_url": "https://survey.example.com/c", "test_url": "https://survey.example.com/ct",
    });
    let shown = world.put(&path, &details).await.with(200);
    assert!(shown.get("links").is_none());
    assert!(
        shown.get("target_group_customer_reference_number").is_none(),
        "left out is cleared"
    );
    details["live_url"] = Value::Null;
    world.put(&path, &details).await.refused(400, "bad_request_error");
}

#[tokio::test]
async fn a_price_is_set_where_the_buyer_sets_prices() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let path = format!("{group}/cost-per-interview");
    let usd = |value: &str| json!({"target_group_cpi": {"value": value, "currency_code": "USD"}});
    let shown = world.put(&path, &usd("3.1250")).await.with(200);
    assert_eq!(
        shown["target_group_cpi"],
        json!({"value": "3.1250", "currency_code": "USD", "currency_scale": 2})
    );
    world
        .put(&path, &usd("105.01"))
        .await
        .refused(400, "bad_request_error");
    let other = json!({"target_group_cpi": {"value": "3", "currency_code": "EUR"}});
    world.put(&path, &other).await.refused(400, "bad_request_error");
    let mut body = plain_with(&json!({"business_unit_id": 4321}));
    body.as_object_mut().unwrap().remove("cost_per_interview");
    let card = world.live(&body).await;
    let path = format!("{card}/cost-per-interview");
    world
        .put(&path, &usd("3.00"))
        .await
        .refused(400, "bad_request_error");
    let bound = world.get(&format!("{card}/rate-card")).await.with(200);
    assert!(bound.get("bound_rate_card_token").is_some(), "{bound}");
}

#[tokio::test]
async fn suppliers_go_in_as_text_and_come_out_as_numbers() {
    let world = world().await;
    let test_only = json!({"open_exchange_allocations": {
        "blocked_supplier_ids": [], "exchange_min_percentage": 0, "exchange_max_percentage": 0,
        "groups": [{"group_name": "Test", "min_percentage": 100, "max_percentage": 100, "suppliers": ["980"]}],
    }});
    let group = world.live(&plain_with(&json!({"allocations": test_only}))).await;
    let path = format!("{group}/allocation-specification");
    let shown = world.get(&path).await.with(200);
    let open = &shown["open_exchange_allocations"];
    assert_eq!(open["exchange_max_percentage"], 0);
    assert_eq!(open["groups"][0]["suppliers"][0]["id"], 980);
    let number = open["groups"][0]["group_id"].clone();
    let mut body = json!({
        "open_exchange_allocations": {
            "blocked_supplier_ids": ["421"], "exchange_min_percentage": 0, "exchange_max_percentage": 100,
            "groups": [{
                "group_id": number, "group_name": "Test", "min_percentage": 0, "max_percentage": 50,
                "supplier_ids": ["980"],
            }],
        },
        "private_exchange_allocations": {"blocked_supplier_ids": [], "groups": []},
    });
    world.put(&path, &body).await.with(204);
    let shown = world.get(&path).await.with(200);
    assert_eq!(
        shown["open_exchange_allocations"]["groups"][0]["group_id"],
        number
    );
    assert_eq!(
        shown["open_exchange_allocations"]["blocked_suppliers"][0]["id"],
        421
    );
    body["open_exchange_allocations"]["blocked_supplier_ids"] = json!([421]);
    world.put(&path, &body).await.refused(400, "bad_request_error");
}
