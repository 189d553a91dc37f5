//! The request log, scripted faults, latency and rate, in process and over a socket.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request};
use infield_sandbox::{Config, DropPoint};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::support::{BASE, World, plain, with, world};

async fn fault(world: &World, body: Value) {
    world.admin(Method::POST, "/faults", &body).await.with(200);
}

#[tokio::test]
async fn the_log_has_every_vendor_call_and_no_token() {
    let world = world();
    world.create(&plain()).await;
    world.get("/surveys?status=11").await.with(200);
    let request = Request::builder()
        .method("POST")
        .uri(format!("{BASE}/surveys"))
        .header("access-token", "hunter2")
        .body(Body::from("not json"))
        .unwrap();
    world.send(request).await;
    let log = world.log().await;
    assert_eq!(log.as_array().unwrap().len(), 3, "admin calls are not logged");
    assert_eq!(log[0]["seq"], 1);
    assert_eq!(log[0]["at"], "2026-03-02T18:00:00Z");
    assert_eq!(log[0]["vendor"], "purespectrum");
    assert_eq!(log[0]["method"], "POST");
    assert_eq!(log[0]["path"], "/purespectrum/buyers/v2/surveys");
    assert_eq!(log[0]["status"], 201);
    assert_eq!(log[0]["body"], plain());
    assert_eq!(log[1]["path"], "/purespectrum/buyers/v2/surveys?status=11");
    assert_eq!(log[1]["body"], Value::Null);
    assert_eq!(log[2]["status"], 401);
    assert_eq!(log[2]["body"], "not json");
    assert!(!log.to_string().contains("hunter2"));
    world
        .admin(Method::DELETE, "/requests", &Value::Null)
        .await
        .with(200);
    assert_eq!(world.log().await, json!([]));
}

#[tokio::test]
async fn a_status_fault_does_nothing_unless_told_to() {
    let world = world();
    fault(
        &world,
        json!([
            {"method": "POST", "path": "/purespectrum/buyers/v2/surveys", "status": 503,
             "headers": {"Retry-After": "2"}, "body": {"oops": true}},
            {"method": "POST", "path": "*/surveys", "nth": 2, "status": 500, "after_commit": true},
        ]),
    )
    .await;
    let first = world.post("/surveys", &plain()).await;
    assert_eq!(first.with(503), json!({"oops": true}));
    assert_eq!(first.headers["retry-after"], "2");
    assert_eq!(world.get("/surveys?status=11").await.with(200), json!([]));
    world.post("/surveys", &plain()).await.refused(500, 9999);
    let drafts = world.get("/surveys?status=11").await.with(200);
    assert_eq!(drafts.as_array().unwrap().len(), 1);
    world.post("/surveys", &plain()).await.with(201);
    let listed = world.admin(Method::GET, "/faults", &Value::Null).await.with(200);
    assert_eq!(listed[0]["fired"], 1);
    assert_eq!(listed[0]["seen"], 3);
}

#[tokio::test]
async fn drops_are_marked_in_process() {
    let world = world();
    fault(
        &world,
        json!([{"drop_before": true}, {"nth": 2, "drop_after_commit": true},
            {"nth": 3, "malformed": true}]),
    )
    .await;
    let before = world.post("/surveys", &plain()).await;
    assert_eq!(before.dropped.unwrap().at, DropPoint::Before);
    let after = world.post("/surveys", &plain()).await;
    assert_eq!(after.dropped.unwrap().at, DropPoint::AfterCommit);
    let malformed = world.post("/surveys", &plain()).await;
    assert_eq!(malformed.status, 201);
    assert!(serde_json::from_str::<Value>(&malformed.text).is_err());
    let drafts = world.get("/surveys?status=11").await.with(200);
    assert_eq!(drafts.as_array().unwrap().len(), 2);
    let log = world.log().await;
    assert_eq!(log[0]["dropped"], "before");
    assert_eq!(log[0]["status"], Value::Null);
    assert_eq!(log[1]["dropped"], "after_commit");
    assert_eq!(log[1]["status"], 201);
    assert_eq!(log[2].get("dropped"), None);
}

#[tokio::test]
async fn a_fault_that_is_not_understood_is_refused() {
    let world = world();
    for bad in [json!({"status": 500, "sometimes": true}), json!({}), json!("x")] {
        let reply = world.admin(Method::POST, "/faults", &bad).await;
        assert_eq!(reply.status, 400, "{bad}");
        assert!(reply.json()["error"].is_string());
    }
    fault(&world, json!({"path": "surveys", "status": 500, "times": 0})).await;
    world.get("/surveys").await.refused(500, 9999);
    world
        .admin(Method::DELETE, "/faults", &Value::Null)
        .await
        .with(200);
    world.get("/surveys").await.with(200);
}

#[tokio::test(start_paused = true)]
async fn delays_pass_on_tokios_clock() {
    let world = with(Config {
        latency: Duration::from_secs(1),
        ..Config::default()
    });
    fault(&world, json!({"method": "GET", "delay_ms": 60_000})).await;
    let start = Instant::now();
    world.create(&plain()).await;
    assert_eq!(start.elapsed().as_secs(), 1);
    world.get("/surveys").await.with(200);
    assert_eq!(start.elapsed().as_secs(), 62);
}

#[tokio::test(start_paused = true)]
async fn beyond_the_rate_is_429_and_nothing_is_done() {
    let world = with(Config {
        rate_per_second: Some(2),
        ..Config::default()
    });
    world.create(&plain()).await;
    world.create(&plain()).await;
    let refused = world.post("/surveys", &plain()).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers["retry-after"], "1");
    tokio::time::advance(Duration::from_secs(1)).await;
    let drafts = world.get("/surveys?status=11").await.with(200);
    assert_eq!(drafts.as_array().unwrap().len(), 2);
}

/// Sends one create over a socket and returns every byte that comes back.
async fn raw_create(address: std::net::SocketAddr) -> Vec<u8> {
    let body = plain().to_string();
    let request = format!(
        "POST {BASE}/surveys HTTP/1.1\r\nhost: localhost\r\naccess-token: sandbox\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset instead of an end is a dropped connection just the same.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_drop_really_closes_the_connection() {
    let world = world();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let sandbox = world.sandbox.clone();
    let server = tokio::spawn(async move {
        let shutdown = async {
            let _ = stopped.await;
        };
        sandbox.serve(listener, shutdown).await
    });
    fault(
        &world,
        json!([{"drop_before": true}, {"nth": 2, "drop_after_commit": true}]),
    )
    .await;
    assert_eq!(raw_create(address).await, b"");
    assert_eq!(raw_create(address).await, b"");
    let answer = String::from_utf8(raw_create(address).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let drafts = world.get("/surveys?status=11").await.with(200);
    assert_eq!(drafts.as_array().unwrap().len(), 2);
    // An idle connection does not hold up the end.
    let _idle = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_creates_make_as_many_surveys() {
    let world = std::sync::Arc::new(world());
    let calls = (0..40).map(|_| {
        let world = std::sync::Arc::clone(&world);
        tokio::spawn(async move { world.create(&plain()).await })
    });
    let mut ids = std::collections::BTreeSet::new();
    for call in calls.collect::<Vec<_>>() {
        ids.insert(call.await.unwrap());
    }
    assert_eq!(ids.len(), 40);
    assert_eq!(world.log().await.as_array().unwrap().len(), 40);
}
