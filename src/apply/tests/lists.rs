//! Lists of respondents: not remembered before they are sent, covered in what a vendor says, and uploaded once.

use super::support::{World, applied, create, draft, known_at_cint, ok, step, titled, write};
use crate::marketplace::http::scripted::Answer;
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until, list_placeholder};
use crate::model::known::Job;
use crate::model::{Call, Field, KnownSurvey, Method, Respondents};
use crate::plan::{Action, Step};
use serde_json::json;

fn list() -> Respondents {
    Respondents::of("v", ["psid-1", "psid-2"].map(Box::from).into())
}

fn send(path: &str) -> Call {
    let body = json!({"PSIDRef": list_placeholder(&list())});
    write(Method::Post, path).body(body).lists([list()])
}

/// Makes a draft with a list.
fn listed() -> Step {
    let mut spec = titled("Soda");
    spec.recontact = Field::Set(list());
    spec.exclude_respondents = Field::Set(list());
    Step {
        calls: vec![create(), send("/surveys/{soda}/PSIDRef")],
        record: applied(spec),
        ..step("soda", Action::Create)
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_is_filled_in_where_it_is_sent_and_remembered_by_its_digest() {
    let world = World::new().await;
    world.vendor([
        ("POST /surveys", Answer::new(200, &json!({"id": 7}))),
        ("POST /surveys/7/PSIDRef", ok()),
        ("GET /surveys/7", draft("7")),
    ]);
    let tally = world.apply([listed()]).await;
    assert_eq!((tally.done, tally.failed), (1, 0), "{:#?}", world.events());
    assert_eq!(world.asked()[1].body, json!({"PSIDRef": ["psid-1", "psid-2"]}));
    let stored = serde_json::to_string(&world.survey("soda")).unwrap();
    assert!(
        stored.contains(&list().to_string()) && !stored.contains("psid"),
        "{stored}"
    );
    assert!(!format!("{:?}", world.events()).contains("psid"));
}

#[tokio::test(start_paused = true)]
async fn a_list_does_not_count_as_sent_before_it_is_and_whoever_refuses_it_names_nobody() {
    let world = World::new().await;
    let no = json!({"ps_error_code": 7, "ps_error_message": "psid-2 is unknown"});
    world.vendor([
        ("POST /surveys", Answer::new(200, &json!({"id": 7}))),
        ("POST /surveys/7/PSIDRef", Answer::new(400, &no)),
    ]);
    assert_eq!(world.apply([listed()]).await.failed, 1);
    let applied = world.survey("soda").applied;
    assert!(applied.recontact.is_absent() && applied.exclude_respondents.is_absent());
    let (problem, ..) = world.failure();
    assert!(problem.contains("999999 is unknown"), "{problem}");
}

#[tokio::test(start_paused = true)]
async fn a_call_without_the_ids_of_its_list_is_not_sent() {
    let world = World::new().await;
    let call = Call {
        lists: Vec::new(),
        ..send("/surveys/7/PSIDRef")
    };
    let step = Step {
        calls: vec![call],
        ..step("soda", Action::Update)
    };
    assert_eq!(world.apply([step]).await.failed, 1);
    assert!(world.asked().is_empty());
    let (problem, ..) = world.failure();
    assert!(problem.contains("2 respondents #"), "{problem}");
}

/// Uploads a list by a job.
fn uploading() -> Step {
    let call = Call {
        headers: [("idempotency-key".to_owned(), KEY_PLACEHOLDER.to_owned())].into(),
        then: Some(Followup {
            path: "/jobs/{$job}".to_owned(),
            until: Until::Finished,
        }),
        ..send("/p/{soda}/list")
    };
    Step {
        vendor: crate::marketplace::CINT,
        calls: vec![call],
        ..step("soda", Action::Update)
    }
}

/// A world in which an apply has begun this upload, and another one.
async fn begun(call: &str) -> World {
    let survey = KnownSurvey {
        job: Some(Job {
            call: call.to_owned(),
            key: "old".to_owned(),
            path: Some("/jobs/j0".to_owned()),
        }),
        ..KnownSurvey::default()
    };
    World::knowing([("soda", known_at_cint("7", survey))]).await
}

fn own() -> String {
    let body = json!({"PSIDRef": list_placeholder(&list())});
    format!("POST /p/7/list {body}")
}

fn job(status: &str) -> Answer {
    Answer::new(200, &json!({"status": status}))
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_under_way_is_followed_and_not_begun_again() {
    let world = begun(&own()).await;
    world.vendor([
        ("GET /jobs/j0", job("Processing")),
        ("GET /jobs/j0", job("Completed")),
    ]);
    world.project("7");
    assert_eq!(world.apply([uploading()]).await.done, 1, "{:#?}", world.events());
    assert_eq!(world.survey("soda").job, None);
}

#[tokio::test(start_paused = true)]
async fn a_vendor_at_other_work_is_asked_again_another_time() {
    let conflict = r#"{"object":"conflict_error","detail":"another job"}"#;
    for (status, busy) in [(409, true), (400, false)] {
        let world = begun("POST /p/7/list {}").await;
        world.vendor([("POST /p/7/list", Answer::new(status, conflict))]);
        assert_eq!(world.apply([uploading()]).await.failed, 1);
        let (_, help, _) = world.failure();
        assert_eq!(help.contains("at other work on it"), busy, "{status}: {help}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_list_is_an_upload_of_its_own() {
    let world = begun("POST /p/7/list {}").await;
    world.vendor([
        ("POST /p/7/list", Answer::new(201, &json!({"job_id": "j1"}))),
        ("GET /jobs/j1", job("Completed")),
    ]);
    world.project("7");
    assert_eq!(world.apply([uploading()]).await.done, 1, "{:#?}", world.events());
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_left_somebody_out_or_that_nobody_knows_is_begun_anew_another_time() {
    let partly = json!({"status": "Completed", "partial_success_reason": {"description": "1 failed"}});
    let gone = r#"{"object":"not_found_error","detail":"resource not found"}"#;
    let world = begun(&own()).await;
    world.vendor([("GET /jobs/j0", Answer::new(200, &partly))]);
    assert_eq!(world.apply([uploading()]).await.failed, 1);
    assert_eq!(world.survey("soda").job, None);
    let world = begun(&own()).await;
    world.vendor([("GET /jobs/j0", Answer::new(404, gone).always())]);
    assert_eq!(world.apply([uploading()]).await.failed, 1);
    assert_eq!(world.survey("soda").job, None);
    let (_, help, _) = world.failure();
    assert!(help.contains("starts anew"), "{help}");
}
