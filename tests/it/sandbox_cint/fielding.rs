//! The status machine.

use crate::sandbox_cint::support::{id, plain, world};
use http::Method;
use serde_json::json;

/// Every action from every status: where it is allowed, it leads where it should.
#[tokio::test]
async fn every_action_from_every_status() {
    let allowed = [
        ("scheduled", "launch-now", "live"),
        ("scheduled", "complete", "completed"),
        ("live", "pause", "paused"),
        ("live", "complete", "completed"),
        ("paused", "resume", "live"),
        ("completed", "relaunch", "live"),
    ];
    let world = world().await;
    for status in ["scheduled", "live", "paused", "completed"] {
        for action in ["launch-now", "pause", "resume", "complete", "relaunch"] {
            let project = world.project().await;
            let group = world.draft(&project, &plain()).await;
            if status == "scheduled" {
                let body = json!({
                    "start_fielding_at": "2024-07-10T00:00:00Z", "end_fielding_at": "2024-07-20T00:00:00Z",
                });
                let job = world.job(&group, "schedule-from-draft", &body).await;
                assert_eq!(job["created_fielding_run_id"], id(&group));
            } else {
                world.launch(&group).await;
                match status {
                    "paused" => drop(world.act(&group, "pause").await.with(204)),
                    "completed" => drop(world.act(&group, "complete").await.with(204)),
                    _ => {}
                }
            }
            assert_eq!(world.status(&group).await, status);
            let reply = world.act(&group, action).await;
            let to = allowed
                .iter()
                .find(|(from, what, _)| *from == status && *what == action);
            match to {
                Some((.., to)) => {
                    assert!(reply.status.is_success(), "{status} {action}: {}", reply.text);
                    assert!(reply.header("etag").starts_with("W/"), "{status} {action}");
                    assert_eq!(world.status(&group).await, *to);
                }
                None => {
                    reply.refused(422, "invalid_state_error");
                    assert_eq!(world.status(&group).await, status);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_run_changes_under_its_present_tag_only() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let run = format!("{group}/fielding-runs/{}", id(&group));
    let post = async |tag: &str| {
        let path = format!("{run}/pause");
        world
            .call(Method::POST, &path, &[("if-match", tag)], &json!(null))
            .await
    };
    post("").await.refused(400, "bad_request_error");
    post("W/\"9\"").await.refused(412, "precondition_failed_error");
    let paused = post("W/\"1\"").await;
    paused.with(204);
    assert_eq!(paused.header("etag"), "W/\"2\"");
    assert_eq!(world.get(&run).await.header("etag"), "W/\"2\"");
    let list = world.get(&format!("{group}/fielding-runs")).await;
    assert_eq!(list.header("etag"), "", "the list has none");
    assert_eq!(list.with(200)["data"][0]["version"], 2);
}

#[tokio::test]
async fn dates_of_a_run() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let run = format!("{group}/fielding-runs/{}", id(&group));
    let shown = world.get(&run).await.with(200);
    let start = shown["start_fielding_at"].as_str().unwrap().to_owned();
    let put = async |start: &str, end: &str| {
        let tag = world.get(&run).await.header("etag").to_owned();
        let body = json!({"start_fielding_at": start, "end_fielding_at": end});
        world.call(Method::PUT, &run, &[("if-match", &tag)], &body).await
    };
    world.advance("12h").await;
    world.act(&group, "pause").await.with(204);
    // The start is over and may be repeated, but not changed.
    assert_eq!(
        put(&start, "2024-09-01T00:00:00Z").await.with(202)["id"],
        id(&group)
    );
    put("2024-07-05T00:00:00Z", "2024-09-01T00:00:00Z")
        .await
        .refused(400, "bad_request_error");
    put(&start, "2024-06-01T00:00:00Z")
        .await
        .refused(400, "bad_request_error");
    world.act(&group, "resume").await.with(204);
    world.act(&group, "complete").await.with(204);
    put(&start, "2024-10-01T00:00:00Z")
        .await
        .refused(422, "invalid_state_error");
}

#[tokio::test]
async fn launching_now_moves_the_end_along() {
    let world = world().await;
    let project = world.project().await;
    let group = world.draft(&project, &plain()).await;
    let body =
        json!({"start_fielding_at": "2024-07-10T00:00:00Z", "end_fielding_at": "2024-07-20T00:00:00Z"});
    world.job(&group, "schedule-from-draft", &body).await;
    let dates = world.act(&group, "launch-now").await.with(200);
    assert_eq!(dates["start_fielding_at"], "2024-07-01T08:00:00.000Z");
    assert_eq!(dates["end_fielding_at"], "2024-07-11T08:00:00.000Z");
}

#[tokio::test]
async fn transitions_are_those_that_all_of_them_allow() {
    let world = world().await;
    let project = world.project().await;
    let (one, two) = (
        world.draft(&project, &plain()).await,
        world.draft(&project, &plain()).await,
    );
    world.launch(&one).await;
    let path = format!("{project}/compute-target-group-transitions");
    let of = async |ids: &[&str]| {
        let body = json!({"included_target_group_ids": ids});
        let shown = world.post(&path, &body).await.with(200);
        ["launch", "pause", "resume", "relaunch", "finish"]
            .map(|word| shown[format!("is_{word}_allowed")].as_bool().unwrap())
    };
    assert_eq!(of(&[id(&one)]).await, [false, true, false, false, true]);
    assert_eq!(of(&[id(&two)]).await, [true, false, false, false, false]);
    assert_eq!(of(&[id(&one), id(&two)]).await, [false; 5]);
    world.act(&one, "complete").await.with(204);
    assert_eq!(of(&[id(&one)]).await, [false, false, false, true, false]);
}

#[tokio::test]
async fn the_filling_strategy_is_fixed_once_completed() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let path = format!("{group}/filling-strategy");
    let body = json!({"filling_strategy": "completes"});
    assert_eq!(world.put(&path, &body).await.with(200), body);
    world.act(&group, "complete").await.with(204);
    world
        .put(&path, &body)
        .await
        .refused(405, "method_not_allowed_error");
}
