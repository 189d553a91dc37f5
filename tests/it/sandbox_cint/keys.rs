//! Idempotency keys and ETags.

use crate::sandbox_cint::support::{A, MANAGER, id, plain, world};
use http::Method;
use serde_json::{Value, json};

fn project(name: &str) -> Value {
    json!({"name": name, "project_manager_id": MANAGER})
}

#[tokio::test]
async fn the_same_key_makes_one_project_and_one_job() {
    let world = world().await;
    let path = format!("{A}/projects");
    let key = [("idempotency-key", "once")];
    let first = world.call(Method::POST, &path, &key, &project("Tea study")).await;
    let second = world.call(Method::POST, &path, &key, &project("Tea study")).await;
    assert_eq!(first.with(202), second.with(202));
    assert_eq!(first.header("etag"), second.header("etag"));
    let other = world
        .call(Method::POST, &path, &key, &project("Coffee study"))
        .await;
    other.refused(400, "bad_request_error");
    world.setting("cint_key_reuse_refused", json!(false)).await;
    let other = world
        .call(Method::POST, &path, &key, &project("Coffee study"))
        .await;
    assert_eq!(other.with(202), first.with(202));
    let list = world.get(&path).await.with(200);
    assert_eq!(list["projects"].as_array().unwrap().len(), 1);
    let none = world
        .call(
            Method::POST,
            &path,
            &[("idempotency-key", "")],
            &project("Tea study"),
        )
        .await;
    none.refused(400, "bad_request_error");

    let group = world.draft(&world.project().await, &plain()).await;
    let path = format!("{group}/fielding-run-jobs/launch-from-draft");
    let body = json!({"end_fielding_at": "2024-08-01T00:00:00Z"});
    let key = [("idempotency-key", "launch")];
    let first = world.call(Method::POST, &path, &key, &body).await.job();
    let second = world.call(Method::POST, &path, &key, &body).await.job();
    assert_eq!(first, second);
}

#[tokio::test]
async fn creating_a_target_group_has_no_key_unless_the_switch_is_on() {
    let world = world().await;
    let project = world.project().await;
    let path = format!("{project}/target-groups");
    let key = [("idempotency-key", "once")];
    let first = world.call(Method::POST, &path, &key, &plain()).await.with(201);
    let second = world.call(Method::POST, &path, &key, &plain()).await.with(201);
    assert_ne!(first["id"], second["id"]);
    world.setting("cint_create_group_honours_key", json!(true)).await;
    let first = world.call(Method::POST, &path, &key, &plain()).await.with(201);
    let second = world.call(Method::POST, &path, &key, &plain()).await.with(201);
    assert_eq!(first["id"], second["id"]);
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let world = world().await;
    let path = format!("{A}/projects");
    let key = [("idempotency-key", "k")];
    let wrong = world.call(Method::POST, &path, &key, &project("Tea")).await;
    wrong.refused(400, "bad_request_error");
    world
        .call(Method::POST, &path, &key, &project("Tea study"))
        .await
        .with(202);
}

#[tokio::test]
async fn a_project_changes_only_under_its_present_tag_and_as_a_whole() {
    let world = world().await;
    let path = world.project().await;
    let tag = world.get(&path).await.header("etag").to_owned();
    assert_eq!(tag, "W/\"1\"");
    let put =
        async |tag: &str, body: &Value| world.call(Method::PUT, &path, &[("if-match", tag)], body).await;
    let mut body = project("Tea study, again");
    body["project_customer_reference_number"] = json!("TEA-1");
    put("", &body).await.refused(400, "bad_request_error");
    put("W/\"7\"", &body)
        .await
        .refused(412, "precondition_failed_error");
    put(&tag, &body).await.with(200);
    put(&tag, &body).await.refused(412, "precondition_failed_error");
    let read = world.get(&path).await;
    assert_eq!(read.with(200)["project_customer_reference_number"], "TEA-1");
    // What is left out is deleted.
    put(read.header("etag"), &project("Tea study, again"))
        .await
        .with(200);
    let shown = world.get(&path).await.with(200);
    assert!(
        shown.get("project_customer_reference_number").is_none(),
        "{shown}"
    );
}

#[tokio::test]
async fn the_assistant_has_a_tag_that_nobody_has_to_send() {
    let world = world().await;
    let group = world.live(&plain()).await;
    let path = format!("{group}/fielding-assistant-assignment");
    let tag = world.get(&path).await.header("etag").to_owned();
    let overlay = json!({"quota_overlay": {"prevent_overfill": true, "balance_fill": false}});
    let put =
        async |headers: &[(&str, &str)], body: &Value| world.call(Method::PUT, &path, headers, body).await;
    put(&[("if-match", &tag)], &overlay).await.with(204);
    put(&[("if-match", &tag)], &overlay)
        .await
        .refused(412, "precondition_failed_error");
    put(&[("if-none-match", "*")], &json!({})).await.with(204);
    let shown = world.get(&path).await.with(200);
    assert_eq!(shown["quota_overlay"], Value::Null, "what is left out is off");
    assert_eq!(id(&group).len(), 26);
}
