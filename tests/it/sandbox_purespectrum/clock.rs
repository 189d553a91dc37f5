//! What the vendor does by itself as time passes.

use http::Method;
use serde_json::{Value, json};

use crate::sandbox_purespectrum::support::{World, plain, world};

async fn advance(world: &World, by: &str) -> Value {
    let body = json!({"advance": by});
    world.admin(Method::POST, "/clock", &body).await.with(200)
}

async fn status(world: &World, id: u64) -> u64 {
    world.survey(id).await["ps_survey_status"].as_u64().unwrap()
}

#[tokio::test]
async fn a_long_pause_closes() {
    let world = world();
    let id = world.launch(&plain()).await;
    world.set_status(id, 33).await.with(200);
    advance(&world, "10d").await;
    assert_eq!(status(&world, id).await, 33);
    let moved = advance(&world, "1h").await;
    assert_eq!(moved["changes"][0]["survey"], id);
    assert_eq!(moved["changes"][0]["to"], 44);
    assert_eq!(status(&world, id).await, 44);
    let closed = world.get("/surveys?status=44").await.with(200);
    assert_eq!(closed[0]["ps_survey_id"], id);
    world.set_status(id, 22).await.refused(400, 9999);
}

#[tokio::test]
async fn silence_after_the_launch_closes_and_a_complete_prevents_it() {
    let world = world();
    let silent = world.launch(&plain()).await;
    let busy = world.launch(&plain()).await;
    let draft = world.create(&plain()).await;
    world
        .respondents(&json!({"survey": busy, "completes": 1}))
        .await
        .with(200);
    advance(&world, "3d").await;
    assert_eq!(status(&world, silent).await, 44);
    assert_eq!(status(&world, busy).await, 22);
    advance(&world, "11d").await;
    assert_eq!(status(&world, busy).await, 44, "inactive for more than 10 days");
    assert_eq!(status(&world, draft).await, 11);
}

#[tokio::test]
async fn the_clock_is_set_and_shown() {
    let world = world();
    let set = json!({"set": "2026-04-01T00:00:00Z"});
    world.admin(Method::POST, "/clock", &set).await.with(200);
    let seconds = json!({"advance_seconds": 90});
    world.admin(Method::POST, "/clock", &seconds).await.with(200);
    let shown = world.admin(Method::GET, "/clock", &Value::Null).await.with(200);
    assert_eq!(shown["now"], "2026-04-01T00:01:30Z");
    for bad in [
        json!({}),
        json!({"advance": "soon"}),
        json!({"set": 5}),
        json!({"advance": "1d", "set": "2026-04-01T00:00:00Z"}),
        json!({"advance_seconds": -5}),
        json!([]),
    ] {
        let reply = world.admin(Method::POST, "/clock", &bad).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
}
