//! Completes taken back, and given.

use crate::sandbox_cint::support::{A, World, id, plain, world};
use serde_json::{Value, json};

/// A live target group with these respondents who completed.
async fn completed(world: &World, rids: &[&str]) -> String {
    let group = world.live(&plain()).await;
    let made: Vec<Value> = rids.iter().map(|rid| json!({"transaction_id": rid})).collect();
    let body = json!({"vendor": "cint", "group": id(&group), "transactions": made});
    world.admin("/transactions", &body).await.with(200);
    let body = json!({"completes": rids.len()});
    world.respondents(id(&group), body).await.with(200);
    group
}

async fn completes(world: &World, group: &str) -> Value {
    world.get(&format!("{group}/overview")).await.with(200)["progress"]["current_completes"].clone()
}

/// Submits a file and returns the request when it is complete.
async fn submit(world: &World, path: &str, text: &str) -> Value {
    let made = world.csv(&format!("{path}?name=file.csv"), text).await.with(202);
    let path = format!("{A}/reconciliations/{}", made["request_id"].as_str().unwrap());
    assert_eq!(world.get(&path).await.with(200)["status"], "processing");
    let last = world.get(&path).await.with(200);
    assert_eq!(last["status"], "complete");
    last
}

fn counts(request: &Value) -> [u64; 5] {
    [
        "submitted",
        "expired",
        "invalid",
        "positive_reversed",
        "negative_reversed",
    ]
    .map(|key| request[format!("{key}_count")].as_u64().unwrap())
}

#[tokio::test]
async fn rows_take_completes_back_and_give_them() {
    let world = world().await;
    let group = completed(&world, &["aa-1", "aa-2", "aa-3"]).await;
    let path = format!("{A}/reconciliations");
    let request = submit(&world, &path, "AA-1,930\naa-2,932\nnobody,930\n").await;
    assert_eq!(counts(&request), [3, 0, 1, 0, 2]);
    assert_eq!(request["submission_type"], "rejected_rids");
    assert_eq!(completes(&world, &group).await, 1);
    let request = submit(&world, &path, "aa-1,11").await;
    assert_eq!(counts(&request), [1, 0, 0, 1, 0]);
    assert_eq!(completes(&world, &group).await, 2);
    let due = world
        .get(&format!("{path}/eligible-target-groups"))
        .await
        .with(200);
    assert_eq!(due["summary"]["completes"], "2", "a text");
    let of = format!("{path}/{}/target-groups", request["request_id"].as_str().unwrap());
    world.get(&format!("{of}/{}", id(&group))).await.with(200);
    world
        .get(&format!("{of}/nothing"))
        .await
        .refused(404, "not_found_error");
}

#[tokio::test]
async fn a_list_of_the_kept_terminates_everybody_else() {
    let world = world().await;
    let group = completed(&world, &["aa-1", "aa-2", "aa-3"]).await;
    let other = completed(&world, &["bb-1"]).await;
    let (project, _) = group.split_once("/target-groups/").unwrap();
    let path = format!("{project}/reconciliations/completes");
    let request = submit(&world, &path, "aa-2\n").await;
    assert_eq!(request["submission_type"], "approved_rids");
    assert_eq!(counts(&request), [1, 0, 0, 0, 2]);
    assert_eq!(completes(&world, &group).await, 1);
    assert_eq!(completes(&world, &other).await, 1, "of another project");
}

#[tokio::test]
async fn a_file_is_refused_for_what_it_is() {
    let world = world().await;
    let path = format!("{A}/reconciliations");
    world.csv(&path, "x,930").await.refused(400, "bad_request_error");
    world
        .csv(&format!("{path}?name=a.csv"), "\n")
        .await
        .refused(400, "bad_request_error");
    world
        .csv(&format!("{path}?name=a.csv"), "x,940")
        .await
        .refused(400, "bad_request_error");
    world
        .post(&format!("{path}?name=a.csv"), &json!({}))
        .await
        .refused(400, "bad_request_error");
}
