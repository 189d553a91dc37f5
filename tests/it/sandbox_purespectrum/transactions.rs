//! Transactions: made by the sandbox, ended by the vendor's call.

use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::sandbox_purespectrum::support::{Reply, World, codes, plain, plain_with, quota, world};

async fn make(world: &World, survey: u64, id: &str, status: u64) {
    let body = json!({"vendor": "purespectrum", "survey": survey, "transaction_id": id,
        "status": status});
    let made = world.admin(Method::POST, "/transactions", &body).await.with(200);
    assert_eq!(made["transaction_id"], id);
}

async fn end(world: &World, survey: u64, id: &str, query: &str) -> Reply {
    let path = format!("/surveys/{survey}/transactions/{id}/status{query}");
    world.post(&path, &Value::Null).await
}

async fn read(world: &World, survey: u64, id: &str) -> Reply {
    let request = Request::builder()
        .uri(format!(
            "/purespectrum/buyers/v3/surveys/{survey}/transactions/{id}"
        ))
        .header("access-token", "sandbox")
        .body(Body::empty())
        .unwrap();
    world.send(request).await
}

fn refused(reply: &Reply, code: u64) {
    let body = reply.with(400);
    assert_eq!(body["ps_error_code"], code, "{body}");
    assert!(body["ps_error_message"].is_string());
}

#[tokio::test]
async fn an_open_transaction_is_ended_once() {
    let world = world();
    let survey = world.launch(&plain_with(&json!({"offer_price": 1.3}))).await;
    for (id, status) in [("a", 16), ("b", 19), ("c", 29), ("d", 21)] {
        make(&world, survey, id, status).await;
    }
    for id in ["a", "b", "c"] {
        assert_eq!(end(&world, survey, id, "?st=21").await.with(200), json!([]));
    }
    refused(&end(&world, survey, "a", "?st=21").await, 1003);
    refused(&end(&world, survey, "d", "?st=18").await, 1003);
    let shown = read(&world, survey, "a").await.with(200);
    assert_eq!(shown[0]["Respondent Status Code"], 21);
    assert_eq!(shown[0]["Respondent Buyer CPI"], "1.30");
    let performance = world
        .get(&format!("/surveys/{survey}/performance"))
        .await
        .with(200);
    assert_eq!(performance["completes_fielded"], 3);
    assert_eq!(performance["current_cost"], "3.90");
    read(&world, survey, "zzz").await.refused(404, 1006);
}

#[tokio::test]
async fn refusals_have_their_own_numbers() {
    let world = world();
    let survey = world.launch(&plain()).await;
    make(&world, survey, "t", 16).await;
    refused(&end(&world, survey, "none", "").await, 1002);
    refused(&end(&world, survey, "none", "?st=22").await, 1001);
    refused(&end(&world, survey, "none", "?st=21").await, 1004);
    refused(&end(&world, 5, "t", "?st=21").await, 1004);
}

#[tokio::test]
async fn with_qlc_a_complete_names_its_quotas() {
    let world = world();
    let survey = world
        .launch(&plain_with(&json!({
            "qlc": {"enable": true, "multiple_quotas": {"enable": true}},
            "quotas": [quota("m", 5, &[codes(211, &["111"])])],
        })))
        .await;
    make(&world, survey, "t", 16).await;
    refused(&end(&world, survey, "t", "?st=21").await, 1005);
    refused(&end(&world, survey, "t", "?st=21&quota_id=m,x").await, 1005);
    end(&world, survey, "t", "?st=21&quota_id=m").await.with(200);
    let quotas = world.get(&format!("/surveys/{survey}/quotas/performance")).await;
    assert_eq!(quotas.with(200)[0]["completes_fielded"], 1);
}
