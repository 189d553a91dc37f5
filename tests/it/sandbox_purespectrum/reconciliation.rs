//! Reconciliation: the documented samples of the live one in both revisions, and the accept list with its danger.

use http::{Method, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::sandbox_purespectrum::support::{Reply, World, plain_with, world};

const IDS: [&str; 4] = [
    "Ab0cD1eF2gH3iJ4kL5mN6o",
    "Bc1dE2fG3hI4jK5lM6nO7p",
    "Cd2eF3gH4iJ5kL6mN7oP8q",
    "De3fG4hI5jK6lM7nO8pQ9r",
];

fn fixture(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/purespectrum")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn make(world: &World, survey: u64, id: &str, status: u64) {
    let body = json!({"vendor": "purespectrum", "survey": survey, "transaction_id": id, "status": status,
        "count": true});
    world.admin(Method::POST, "/transactions", &body).await.with(200);
}

async fn bare(world: &World, path: &str, token: bool) -> Reply {
    let mut request = Request::builder().uri(format!("/purespectrum{path}"));
    if token {
        request = request.header("access-token", "sandbox");
    }
    world.send(request.body(axum::body::Body::empty()).unwrap()).await
}

async fn shown(world: &World, survey: u64, id: &str) -> Value {
    let reply = bare(
        world,
        &format!("/buyers/v3/surveys/{survey}/transactions/{id}"),
        true,
    )
    .await;
    reply.with(200)[0].clone()
}

async fn status(world: &World, survey: u64, id: &str) -> u64 {
    shown(world, survey, id).await["Respondent Status Code"]
        .as_u64()
        .unwrap()
}

fn keys(value: &Value) -> BTreeSet<&String> {
    value.as_object().unwrap().keys().collect()
}

const REJECT: &str = "operationType=LIVE_RECONCILIATION&reconStatus=2";
const COMPLETE: &str = "operationType=LIVE_RECONCILIATION&reconStatus=1";

async fn four_completes(world: &World) -> u64 {
    let survey = world.launch(&plain_with(&json!({"offer_price": 1.3}))).await;
    for id in IDS {
        make(world, survey, id, 21).await;
    }
    survey
}

/// The sample: four listed, four eligible, two of them live reconciled before, none rejected.
#[tokio::test]
async fn the_documented_sample_is_answered_as_documented() {
    let world = world();
    let survey = four_completes(&world).await;
    let path = format!("/adjustments/surveys/{survey}?{REJECT}");
    let request = fixture("live_reconcile_single_reject.request.json");
    let half: Value = request.as_array().unwrap()[..2].into();
    world.post(&path, &half).await.with(200);
    let answer = world.post(&path, &request).await.with(200);
    let sample = fixture("live_reconcile_single_reject.response.json");
    assert_eq!(answer["summary"], sample["summary"]);
    assert_eq!(keys(&answer), keys(&sample));
    for id in IDS {
        assert_eq!(status(&world, survey, id).await, 33);
    }
    let first = shown(&world, survey, IDS[0]).await;
    assert_eq!(first["Reconciliation Reason"], "Respondent Quality");
    assert_eq!(first["Transaction Original Status"], 21);
    let performance = world
        .get(&format!("/surveys/{survey}/performance"))
        .await
        .with(200);
    assert_eq!(performance["completes_fielded"], 0);
    assert_eq!(performance["current_cost"], "0.00");
    // And back.
    let path = format!("/adjustments/surveys/{survey}?{COMPLETE}");
    world.post(&path, &request).await.with(200);
    let performance = world
        .get(&format!("/surveys/{survey}/performance"))
        .await
        .with(200);
    assert_eq!(performance["completes_fielded"], 4);
}

#[tokio::test]
async fn the_newer_summary_has_its_own_keys() {
    let world = world();
    world.setting("newer_reconciliation_summary", json!(true)).await;
    let survey = four_completes(&world).await;
    let request = fixture("live_reconcile_single.request.json");
    let two: Value = request.as_array().unwrap()[..2].into();
    let answer = world
        .post(&format!("/adjustments/surveys/{survey}?{REJECT}"), &two)
        .await
        .with(200);
    let sample = fixture("live_reconcile_single_newer_summary.response.json");
    assert_eq!(answer["summary"], sample["summary"]);
}

#[tokio::test]
async fn several_surveys_are_reconciled_by_one_call() {
    let world = world();
    let (one, two) = (
        world.launch(&plain_with(&json!({}))).await,
        world.launch(&plain_with(&json!({}))).await,
    );
    make(&world, one, "a", 18).await;
    make(&world, two, "b", 33).await;
    make(&world, two, "screened", 13).await;
    let rows = json!([{"transaction_id": "a"}, {"transaction_id": "b"}, {"transaction_id": "screened"},
        {"transaction_id": "nobody"}]);
    let answer = world
        .post(&format!("/adjustments?{COMPLETE}"), &rows)
        .await
        .with(200);
    let summary = &answer["summary"];
    assert_eq!(
        (
            &summary["transactions"],
            &summary["eligible"],
            &summary["rejected"]
        ),
        (&json!(4), &json!(2), &json!(2))
    );
    assert_eq!(status(&world, one, "a").await, 21);
    assert_eq!(status(&world, two, "b").await, 21);
    assert_eq!(status(&world, two, "screened").await, 13);
}

#[tokio::test]
async fn open_transactions_are_not_reconciled_and_wrong_parameters_are_refused() {
    let world = world();
    let survey = world.launch(&plain_with(&json!({}))).await;
    make(&world, survey, "open", 16).await;
    let rows = json!([{"transaction_id": "open"}]);
    let answer = world
        .post(&format!("/adjustments/surveys/{survey}?{COMPLETE}"), &rows)
        .await
        .with(200);
    assert_eq!(answer["summary"]["eligible"], 0);
    assert_eq!(status(&world, survey, "open").await, 16);
    for query in [
        "operationType=LIVE_RECONCILIATION&reconStatus=3",
        "operationType=OTHER",
        "reconStatus=1",
    ] {
        world
            .post(&format!("/adjustments/surveys/{survey}?{query}"), &rows)
            .await
            .with(400);
    }
    world
        .post(&format!("/adjustments/surveys/{survey}?{COMPLETE}"), &json!([]))
        .await
        .with(400);
    world
        .post(&format!("/adjustments/surveys/5?{COMPLETE}"), &rows)
        .await
        .refused(404, 1006);
}

/// The same path without its query string rejects what it does not list.
#[tokio::test]
async fn an_accept_list_rejects_what_it_does_not_list() {
    let world = world();
    let survey = four_completes(&world).await;
    make(&world, survey, "termination", 18).await;
    make(&world, survey, "rejected", 33).await;
    let rows = json!([{"transaction_id": IDS[0]}, {"transaction_id": "rejected"}]);
    let answer = world
        .post(&format!("/adjustments/surveys/{survey}"), &rows)
        .await
        .with(202);
    let sample = fixture("reconcile_accept_single.response.json");
    assert_eq!(keys(&answer), keys(&sample));
    assert_eq!(keys(&answer["summary"]), keys(&sample["summary"]));
    assert_eq!(
        answer["summary"],
        json!({"transactions": 2, "eligible": 2, "completes": 1, "rejected": 3})
    );
    assert_eq!(status(&world, survey, IDS[0]).await, 21);
    assert_eq!(status(&world, survey, "rejected").await, 21);
    assert_eq!(status(&world, survey, "termination").await, 18);
    for id in &IDS[1..] {
        assert_eq!(status(&world, survey, id).await, 33);
    }
}

/// What the API said stays the truth when the browser comes back later with something else.
#[tokio::test]
async fn a_later_redirect_does_not_overrule_the_api() {
    let world = world();
    let survey = world.launch(&plain_with(&json!({}))).await;
    for id in ["told", "silent"] {
        make(&world, survey, id, 16).await;
    }
    world
        .post(
            &format!("/surveys/{survey}/transactions/told/status?st=18"),
            &Value::Null,
        )
        .await
        .with(200);
    for id in ["told", "silent"] {
        bare(&world, &format!("/surveydone?st=21&transaction_id={id}"), false)
            .await
            .with(200);
    }
    assert_eq!(status(&world, survey, "told").await, 18);
    assert_eq!(status(&world, survey, "silent").await, 21);
    // The other way round: what the redirect delivered, the API cannot change.
    let reply = world
        .post(
            &format!("/surveys/{survey}/transactions/silent/status?st=18"),
            &Value::Null,
        )
        .await;
    assert_eq!(reply.with(400)["ps_error_code"], 1003);
}

#[tokio::test]
async fn transactions_of_a_survey_come_in_pages() {
    let world = world();
    let survey = world.launch(&plain_with(&json!({}))).await;
    for n in 0..5 {
        make(&world, survey, &format!("t{n}"), 16).await;
    }
    let path = |page: u64| format!("/buyers/v3/surveys/{survey}/transactions?limit=2&page={page}");
    let mut seen = Vec::new();
    for page in 1..=4 {
        let items = bare(&world, &path(page), true).await.with(200);
        seen.extend(
            items
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["Transaction ID"].clone()),
        );
    }
    assert_eq!(seen, ["t0", "t1", "t2", "t3", "t4"]);
    world.setting("transactions_by_survey", json!(false)).await;
    bare(&world, &path(1), true).await.with(404);
}
