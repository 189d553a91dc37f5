//! Tokens, the version header, and the meanings of 403.

use crate::sandbox_cint::support::{A, plain_with, world};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_call_without_its_headers_is_refused_in_its_own_way() {
    let world = world().await;
    let path = format!("{A}/projects");
    let get = async |headers: &[(&str, &str)]| world.call(Method::GET, &path, headers, &Value::Null).await;
    get(&[("authorization", "")])
        .await
        .refused(401, "authorization_error");
    get(&[("authorization", "Bearer x.1.y")])
        .await
        .refused(401, "authorization_error");
    get(&[("cint-api-version", "")])
        .await
        .refused(403, "required_header_missing");
    get(&[("cint-api-version", "2025-02-17")])
        .await
        .refused(400, "bad_request_error");
    get(&[]).await.with(200);
}

#[tokio::test]
async fn a_token_ends_and_then_looks_like_a_missing_permission() {
    let mut world = world().await;
    let path = format!("{A}/projects");
    world.advance("23h").await;
    world.get(&path).await.with(200);
    world.advance("2h").await;
    world.get(&path).await.refused(403, "authorization_error");
    world
        .get("/demand/accounts/2/projects")
        .await
        .refused(403, "authorization_error");
    world.log_in_again().await;
    world.get(&path).await.with(200);
    world
        .get("/demand/accounts/2/projects")
        .await
        .refused(403, "authorization_error");
    let refused = world.token_for("sandbox", "wrong").await.with(401);
    assert_eq!(refused["error"], "access_denied");
}

#[tokio::test]
async fn a_gated_field_is_a_missing_permission_too() {
    let world = world().await;
    let project = world.project().await;
    let body = plain_with(&json!({"re_entry_configuration": {}}));
    let path = format!("{project}/target-groups");
    world.post(&path, &body).await.refused(403, "authorization_error");
    world.setting("cint_re_entry_feature", json!(true)).await;
    world.post(&path, &body).await.with(201);
}

#[tokio::test]
async fn faults_look_like_the_vendors_own() {
    let world = world().await;
    let path = format!("{A}/projects");
    for (status, key) in [(429, "details"), (500, "detail"), (503, "detail")] {
        let fault = json!({"vendor": "cint", "status": status, "headers": {"retry-after": "7"}});
        world.admin("/faults", &fault).await.with(200);
        let reply = world.get(&path).await;
        assert!(reply.with(status)[key].is_string(), "{}", reply.text);
        assert_eq!(reply.header("retry-after"), "7");
    }
}
