//! Completes taken back, and given.

use crate::support::{A, World, id, plain, world};
use serde_json::{Value, json};

/// Makes completes in a live target group, and returns its path and their ids.
async fn completed(world: &World, count: u64) -> (String, Vec<String>) {
    let group = world.live(&plain()).await;
    let body = json!({"vendor": "cint", "group": id(&group), "count": count});
    let made = world.admin("/transactions", &body).await.with(200);
    let rids = made["rids"].as_array().unwrap().iter();
    (group, rids.map(|rid| rid.as_str().unwrap().to_owned()).collect())
}

async fn completes(world: &World, group: &str) -> Value {
    world.get(&format!("{group}/overview")).await.with(200)["progress"]["current_completes"].clone()
}

/// Submits a file and returns the request when it is complete.
async fn submit(world: &World, path: &str, text: &str) -> Value {
    let made = world.csv(&format!("{path}?name=file.csv"), text).await.with(202);
    let path = format!("{A}/reconciliations/{}", made["request_id"].as_str().unwrap());
    let first = world.get(&path).await.with(200);
    assert_eq!(
        (&first["status"], &first["submitted_count"]),
        (&json!("processing"), &json!(0))
    );
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
    let (group, rids) = completed(&world, 10).await;
    let path = format!("{A}/reconciliations");
    // Rejected, rejected, a reason buyers may not use, nobody, and one that is complete already.
    let text = format!(
        "{},930\n{},932\n{},940\nnobody,930\n{},11\n",
        rids[0].to_uppercase(),
        rids[1],
        rids[2],
        rids[3]
    );
    let request = submit(&world, &path, &text).await;
    assert_eq!(counts(&request), [5, 0, 3, 0, 2]);
    assert_eq!(request["submission_type"], "rejected_rids");
    assert_eq!(completes(&world, &group).await, 8);
    let request = submit(&world, &path, &format!("{},11", rids[0])).await;
    assert_eq!(counts(&request), [1, 0, 0, 1, 0]);
    assert_eq!(completes(&world, &group).await, 9);
    let of = format!("{path}/{}/target-groups", request["request_id"].as_str().unwrap());
    let share = world.get(&format!("{of}/{}", id(&group))).await.with(200);
    assert_eq!(share["positive_reversed_count"], 1);
    world
        .get(&format!("{of}/01FXTRCNT00000000000009999"))
        .await
        .refused(404, "not_found_error");
    let file = format!(
        "{path}/{}/downloads/submitted-rids",
        request["request_id"].as_str().unwrap()
    );
    assert_eq!(world.get(&file).await.text, format!("{}\n", rids[0]));
    let due = world
        .get(&format!("{path}/eligible-target-groups"))
        .await
        .with(200);
    assert_eq!(due["summary"]["completes"], "9", "a text");
}

#[tokio::test]
async fn a_list_of_the_kept_terminates_everybody_else() {
    let world = world().await;
    let (group, rids) = completed(&world, 5).await;
    let (project, _) = group.split_once("/target-groups/").unwrap();
    let (other, _) = completed(&world, 3).await;
    let path = format!("{project}/reconciliations/completes");
    let request = submit(&world, &path, &format!("{}\n{}\n", rids[0], rids[1])).await;
    assert_eq!(counts(&request), [2, 0, 0, 0, 3]);
    assert_eq!(request["submission_type"], "approved_rids");
    assert_eq!(completes(&world, &group).await, 2);
    assert_eq!(completes(&world, &other).await, 3, "of another project");
}

#[tokio::test]
async fn the_deadline_is_the_25th_of_the_next_month() {
    let mut world = world().await;
    let (group, rids) = completed(&world, 2).await;
    let path = format!("{A}/reconciliations");
    // The complete is of the first of July.
    world
        .admin("/clock", &json!({"set": "2024-08-26T05:59:00Z"}))
        .await
        .with(200);
    world.log_in_again().await;
    let request = submit(&world, &path, &format!("{},930", rids[0])).await;
    assert_eq!(counts(&request), [1, 0, 0, 0, 1]);
    world
        .admin("/clock", &json!({"set": "2024-08-26T06:01:00Z"}))
        .await
        .with(200);
    let request = submit(&world, &path, &format!("{},930", rids[1])).await;
    assert_eq!(counts(&request), [1, 1, 0, 0, 0]);
    assert_eq!(completes(&world, &group).await, 1);
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
        .post(&format!("{path}?name=a.csv"), &json!({}))
        .await
        .refused(400, "bad_request_error");
}

#[tokio::test]
async fn taking_completes_back_can_reopen_it() {
    let world = world().await;
    world.setting("cint_reversal_reopens", json!(true)).await;
    let (group, rids) = completed(&world, 100).await;
    assert_eq!(world.status(&group).await, "completed");
    submit(
        &world,
        &format!("{A}/reconciliations"),
        &format!("{},930", rids[0]),
    )
    .await;
    assert_eq!(world.status(&group).await, "live");
}
