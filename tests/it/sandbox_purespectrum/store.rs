//! What outlives a sandbox, and what a reset undoes.

use std::path::Path;

use http::Method;
use infield::sandbox::{Clock, Config, Sandbox, SandboxError, StoreError, StoreLocation};
use infield::vendor::purespectrum::sandbox::PureSpectrum;
use serde_json::{Value, json};

use crate::sandbox_purespectrum::support::{plain, plain_with, quota, with, world};

fn in_directory(path: &Path) -> Config {
    Config {
        store: StoreLocation::Directory(path.to_owned()),
        ..Config::default()
    }
}

#[tokio::test]
async fn a_directory_keeps_surveys_settings_and_the_clock() {
    let directory = tempfile::tempdir().unwrap();
    let first = with(in_directory(directory.path()));
    let id = first.launch(&plain()).await;
    let before = first.survey(id).await;
    first.setting("list_page_max", json!(7)).await;
    let advance = json!({"advance": "2d"});
    first.admin(Method::POST, "/clock", &advance).await.with(200);
    drop(first);
    let second = with(in_directory(directory.path()));
    assert_eq!(second.survey(id).await, before);
    assert_eq!(second.get("/surveys").await.with(200)[0], before);
    let settings = second.admin(Method::GET, "/settings", &Value::Null).await;
    assert_eq!(settings.with(200)["list_page_max"], 7);
    let clock = second.admin(Method::GET, "/clock", &Value::Null).await;
    assert_eq!(clock.with(200)["offset_seconds"], 172_800);
    assert_eq!(second.create(&plain()).await, id + 1);
}

#[tokio::test]
async fn a_directory_in_use_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _first = with(in_directory(directory.path()));
    let vendors = || -> Vec<Box<dyn infield::sandbox::Emulator>> { vec![Box::new(PureSpectrum::new())] };
    let second = Sandbox::open(in_directory(directory.path()), vendors());
    assert!(matches!(
        second,
        Err(SandboxError::Store(StoreError::InUse { .. }))
    ));
}

#[tokio::test]
async fn a_reset_starts_over() {
    let world = world();
    let first = world.create(&plain()).await;
    world.setting("template_feature", json!(false)).await;
    world.admin(Method::POST, "/reset", &Value::Null).await.with(200);
    assert_eq!(world.log().await, json!([]));
    assert_eq!(world.get("/surveys?status=11").await.with(200), json!([]));
    world.get("/templates").await.with(200);
    world.get("/surveys/900001").await.refused(403, 1020);
    assert_eq!(world.create(&plain()).await, first);
}

#[tokio::test]
async fn equal_seeds_and_calls_give_equal_worlds() {
    let body = plain_with(&json!({"quotas": [
        quota("a", 3, &[json!({"qualification_code": 211, "condition_codes": ["111", "112"]})]),
        {"required_count": 2, "criteria": [{"qualification_code": 214, "condition_codes": ["1"]}]},
    ]}));
    let mut seen = Vec::new();
    for seed in [1, 1, 2] {
        let world = with(Config {
            clock: Clock::manual("2026-01-05T00:00:00Z".parse().unwrap()),
            seed,
            ..Config::default()
        });
        seen.push(world.post("/surveys", &body).await.with(201));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0]["quotas"], seen[2]["quotas"]);
}

#[tokio::test]
async fn settings_are_checked() {
    let world = world();
    for bad in [
        json!({"colour": true}),
        json!({"shuffle": "yes"}),
        json!({"list_page_max": 0}),
        json!({"shuffle": false, "colour": true}),
    ] {
        let reply = world.admin(Method::POST, "/settings", &bad).await;
        assert_eq!(reply.status, 400, "{bad}");
    }
    let settings = world.admin(Method::GET, "/settings", &Value::Null).await;
    assert_eq!(settings.with(200)["shuffle"], true);
    let health = world.admin(Method::GET, "/health", &Value::Null).await;
    assert_eq!(health.with(200)["status"], "ok");
    let nowhere = world.admin(Method::GET, "/nowhere", &Value::Null).await;
    assert_eq!(nowhere.status, 404);
}
