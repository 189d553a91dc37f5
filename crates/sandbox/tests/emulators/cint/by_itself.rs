//! What the vendor does by itself, and how the history tells who did what.

use super::support::{id, plain, plain_with, world};
use serde_json::{Value, json};

fn entry(status: &str, reason: &str, user: &str) -> (String, String, String) {
    (status.to_owned(), reason.to_owned(), user.to_owned())
}

#[tokio::test]
async fn a_scheduled_one_starts_and_ends_at_its_times() {
    let mut world = world().await;
    let group = world.draft(&world.project().await, &plain()).await;
    let dates =
        json!({"start_fielding_at": "2024-07-10T00:00:00Z", "end_fielding_at": "2024-07-20T00:00:00Z"});
    world.job(&group, "schedule-from-draft", &dates).await;
    assert_eq!(world.status(&group).await, "scheduled");
    let changes = world.advance("9d").await;
    assert_eq!(changes[0]["status"], "live", "{changes}");
    world.log_in_again().await;
    assert_eq!(world.status(&group).await, "live");
    // Also without being told that the clock moved.
    world
        .sandbox
        .clock()
        .advance(jiff::SignedDuration::from_hours(24 * 11));
    world.log_in_again().await;
    assert_eq!(world.status(&group).await, "completed");
    assert_eq!(
        world.history(&group).await,
        [
            entry("completed", "past_scheduled_end_date", "system_marketplace_user"),
            entry("live", "", "system_marketplace_user"),
            entry("scheduled", "", "las_user"),
        ]
    );
    world
        .act(&group, "relaunch")
        .await
        .refused(422, "invalid_state_error");
}

#[tokio::test]
async fn the_goal_completes_it_and_a_higher_one_lets_it_go_on() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let counted = world
        .respondents(id(&group), json!({"completes": 100, "terminations": 50}))
        .await
        .with(200);
    assert_eq!(counted["status"], "completed");
    assert_eq!(counted["cost"]["value"], "250.00");
    assert_eq!(
        world.history(&group).await[0],
        entry("completed", "total_completes_reached", "system_marketplace_user")
    );
    world
        .act(&group, "relaunch")
        .await
        .refused(422, "invalid_state_error");
    let path = format!("{group}/profiles/completes-goal");
    world.put(&path, &json!({"completes_goal": 150})).await.with(200);
    world.act(&group, "relaunch").await.with(204);
    let performance = world.get(&format!("{group}/performance")).await.with(200);
    assert_eq!(performance["completes"], 100);
    assert_eq!(performance["entrants"], 150);
    let series = world
        .get(&format!("{group}/completes-aggregated-by-interval"))
        .await
        .with(200);
    assert_eq!(
        series["aggregated_completes_intervals"],
        json!([]),
        "no interval is over"
    );
    let refused = world
        .respondents(id(&group), json!({"nonsense": 1}))
        .await
        .with(400);
    assert!(refused["error"].as_str().unwrap().contains("nonsense"));
}

#[tokio::test]
async fn completes_are_counted_by_the_end_of_each_interval() {
    let mut world = world().await;
    let group = world.live(&plain()).await;
    world
        .respondents(id(&group), json!({"completes": 3}))
        .await
        .with(200);
    world.advance("25h").await;
    world.log_in_again().await;
    world
        .respondents(id(&group), json!({"completes": 4}))
        .await
        .with(200);
    let path = format!("{group}/completes-aggregated-by-interval");
    let series = world.get(&path).await.with(200);
    assert_eq!(
        series["aggregated_completes_intervals"],
        json!([
            {"timestamp": "2024-07-02T08:00:00.000Z", "count": 3},
            {"timestamp": "2024-07-03T08:00:00.000Z", "count": 7},
        ])
    );
    let hours = world
        .get(&format!("{path}?aggregation_interval=PT1H"))
        .await
        .with(200);
    assert_eq!(
        hours["aggregated_completes_intervals"].as_array().unwrap().len(),
        25
    );
    world
        .get(&format!("{path}?aggregation_interval=PT0S"))
        .await
        .refused(400, "bad_request_error");
}

#[tokio::test]
async fn a_health_check_pauses_it_and_says_why() {
    let world = world().await;
    let group = world.live(&plain()).await;
    world
        .respondents(id(&group), json!({"pause": "high_drop_rates"}))
        .await
        .with(200);
    assert_eq!(world.status(&group).await, "paused");
    let paused = entry("paused", "high_drop_rates", "system_marketplace_user");
    assert_eq!(world.history(&group).await[0], paused);
    let runs = world.get(&format!("{group}/fielding-runs")).await.with(200);
    assert_eq!(runs["data"][0]["version"], 2, "the tag moved too");
    world.act(&group, "resume").await.with(204);
    assert_eq!(world.history(&group).await[0], entry("live", "", "las_user"));
}

#[tokio::test]
async fn a_soft_launch_ends_in_a_pause_once() {
    let mut world = world().await;
    let body = plain_with(&json!({"fielding_assistant_assignment": {"soft_launch": {
        "end_at": "2024-07-05T00:00:00Z", "filling_goal_percentage": 10, "demographics_strictness_percentage": 50,
    }}}));
    let group = world.live(&body).await;
    world.advance("5d").await;
    world.log_in_again().await;
    assert_eq!(world.status(&group).await, "paused");
    assert_eq!(world.history(&group).await[0].1, "past_soft_launch_end_date");
    world.act(&group, "resume").await.with(204);
    assert_eq!(world.status(&group).await, "live");
}

#[tokio::test]
async fn the_price_in_effect_moves_and_the_asked_one_stays_in_the_history() {
    let world = world().await;
    let body = plain_with(&json!({"fielding_assistant_assignment": {"pricing": {
        "type": "dynamic", "maximum_cpi": {"value": "4.00", "currency_code": "USD"},
    }}}));
    let group = world.live(&body).await;
    world
        .respondents(id(&group), json!({"cpi": "3.33"}))
        .await
        .with(200);
    let overview = world.get(&format!("{group}/overview")).await.with(200);
    assert_eq!(overview["is_pricing_restricted"], true);
    assert_eq!(overview["current_cost_per_interview"]["value"], "3.330000000");
    let of = async |kind: &str| {
        let path = format!("{group}/changelog?change_types={kind}");
        let log = world.get(&path).await.with(200);
        log["changelog"][0]["changes"][0]["new_value"]["value"].clone()
    };
    assert_eq!(of("user_requested_cpi_change").await, "2.50");
    assert_eq!(of("cpi_change").await, "3.33");
    world
        .respondents(id(&group), json!({"cpi": "4.50"}))
        .await
        .with(200);
    assert_eq!(world.history(&group).await[0].1, "max_cpi_limit_reached");
}

#[tokio::test]
async fn the_history_says_which_person_it_was() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let colleague = format!("Bearer {}", world.login("colleague").await);
    let path = format!("{group}/cost-per-interview");
    let body = json!({"target_group_cpi": {"value": "9.99", "currency_code": "USD"}});
    let headers = [("authorization", colleague.as_str())];
    world
        .call(http::Method::PUT, &path, &headers, &body)
        .await
        .with(200);
    let log = world
        .get(&format!("{group}/changelog?page_size=1"))
        .await
        .with(200);
    let newest = &log["changelog"][0];
    assert_eq!(
        newest["user"]["las_user_id"],
        "54736158-e90e-404c-bc32-4d938f8a9cfa"
    );
    assert_eq!(newest["changes"][0]["object"], "user_requested_cpi_change");
    let cursor = log["next_cursor"].as_str().unwrap();
    let rest = world
        .get(&format!("{group}/changelog?start_after={cursor}"))
        .await
        .with(200);
    assert_eq!(rest["next_cursor"], "", "an empty text at the end");
    assert_eq!(rest["changelog"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_can_add_a_profile_in_the_interface() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let profile = json!({"object": "regular", "quotas_enabled": false, "targets": [
        {"conditions": [{"object": "selection", "question_id": 96, "option": "5"}]},
    ]});
    let body = json!({"vendor": "cint", "group": id(&group), "profile": profile});
    world.admin("/ui/quotas", &body).await.with(200);
    let list = world.get(&format!("{group}/profiles")).await.with(200);
    let target = &list["profiles"][0]["targets"][0];
    assert_eq!(
        target["name"], "CALIFORNIA",
        "without a name it gets its answer's text"
    );
    assert_eq!(target.get("quota"), None::<&Value>);
}
