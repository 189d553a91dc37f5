//! Work that goes on at the vendor after its answer.

use super::support::{World, create, known_at_cint, ok, plan, step, write};
use crate::marketplace::http::scripted::Answer;
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until};
use crate::model::known::Job;
use crate::model::{Call, CallClass, KnownSurvey, Method};
use crate::plan::{Action, Step};
use serde_json::json;

/// What a job is known by.
const CALL: &str = r#"PUT /p/7/price {"cpi":3}"#;

/// A call that starts work.
fn start() -> Call {
    Call {
        class: CallClass::KeyedWrite,
        body: Some(json!({"cpi": 3}).into()),
        headers: [("idempotency-key".to_owned(), KEY_PLACEHOLDER.to_owned())].into(),
        then: Some(Followup {
            path: "/jobs/{$job}".to_owned(),
            until: Until::Finished,
        }),
        ..write(Method::Put, "/p/{soda}/price")
    }
}

fn starting() -> Step {
    Step {
        vendor: crate::marketplace::CINT,
        calls: vec![start()],
        ..step("soda", Action::Update)
    }
}

fn started() -> Answer {
    Answer::new(202, "").header("location", "https://vendor.example/v1/jobs/j1/")
}

fn job(status: &str) -> Answer {
    Answer::new(200, &json!({"status": status}))
}

/// A survey of which this job is remembered.
async fn world(call: &str, path: Option<&str>) -> World {
    let survey = KnownSurvey {
        job: Some(Job {
            call: call.to_owned(),
            key: "old".to_owned(),
            path: path.map(str::to_owned),
        }),
        ..KnownSurvey::default()
    };
    World::knowing([("soda", known_at_cint("7", survey))]).await
}

async fn idle() -> World {
    World::knowing([("soda", known_at_cint("7", KnownSurvey::default()))]).await
}

#[tokio::test(start_paused = true)]
async fn a_job_is_written_down_before_it_is_started_and_before_it_is_waited_for() {
    let world = idle().await;
    world.vendor([
        ("PUT /p/7/price", started()),
        ("GET /jobs/j1", job("Processing")),
        ("GET /jobs/j1", job("Completed")),
    ]);
    world.project("7");
    let tally = world.apply([starting()]).await;
    assert_eq!(tally.done, 1, "{:#?}", world.events());
    assert_eq!(
        world.log(),
        [
            "state: put soda 7 (job key-1)",
            "PUT /p/7/price (idempotency-key: key-1)",
            "state: put soda 7 (job key-1 at /jobs/j1)",
            "GET /jobs/j1",
            "GET /jobs/j1",
            "GET /demand/accounts/1/projects/7",
            "state: put soda 7",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_job_is_known_by_is_its_method_its_path_and_its_body() {
    for (body, expected) in [
        (Some(json!({"cpi": 3}).into()), CALL),
        (None, "PUT /p/7/price null"),
    ] {
        let world = idle().await;
        world.vendor([
            ("PUT /p/7/price", Answer::lost()),
            ("PUT /p/7/price", Answer::lost()),
        ]);
        let step = Step {
            calls: vec![Call { body, ..start() }],
            ..starting()
        };
        world.apply([step]).await;
        let expected = Job {
            call: expected.to_owned(),
            key: "key-1".to_owned(),
            path: None,
        };
        assert_eq!(world.survey("soda").job, Some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_cannot_be_written_down_is_not_started() {
    let world = idle().await;
    world.commit_fails(1);
    assert_eq!(world.apply([starting()]).await.failed, 1);
    assert_eq!(world.log(), ["state: cannot be written"]);
}

/// Its answer was never seen: the vendor knows the key if it has the call.
#[tokio::test(start_paused = true)]
async fn a_try_without_an_answer_is_repeated_under_its_key() {
    let world = world(CALL, None).await;
    world.vendor([("PUT /p/7/price", started()), ("GET /jobs/j1", job("Completed"))]);
    world.project("7");
    world.apply([starting()]).await;
    assert_eq!(
        world.log()[..2],
        [
            "PUT /p/7/price (idempotency-key: old)",
            "state: put soda 7 (job old at /jobs/j1)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn another_call_and_work_that_was_answered_get_a_key_of_their_own() {
    for (call, path) in [(r#"PUT /p/7/price {"cpi":4}"#, None), (CALL, Some("/jobs/j0"))] {
        let world = world(call, path).await;
        world.vendor([("PUT /p/7/price", started()), ("GET /jobs/j1", job("Completed"))]);
        world.project("7");
        world.apply([starting()]).await;
        assert_eq!(
            world.log()[..2],
            [
                "state: put soda 7 (job key-1)",
                "PUT /p/7/price (idempotency-key: key-1)",
            ],
            "{call} {path:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_failed_is_forgotten_so_that_the_next_one_is_new() {
    let world = idle().await;
    let failed = json!({"status": "Failed", "failure_reason": {"code": "InvalidFieldingDates", "description": "too late"}});
    world.vendor([
        ("PUT /p/7/price", started()),
        ("GET /jobs/j1", Answer::new(200, &failed)),
    ]);
    assert_eq!(world.apply([starting()]).await.failed, 1);
    let log = world.log();
    assert_eq!(log[3..], ["GET /jobs/j1", "state: put soda 7"], "{log:#?}");
    let (problem, ..) = world.failure();
    assert!(
        problem.starts_with("PUT /p/7/price: the vendor began it and gave up: "),
        "{problem}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_end_could_not_be_seen_is_remembered() {
    let world = idle().await;
    world.vendor([
        ("PUT /p/7/price", started()),
        ("GET /jobs/j1", Answer::new(500, "{}")),
        ("GET /jobs/j1", Answer::new(500, "{}")),
    ]);
    assert_eq!(world.apply([starting()]).await.failed, 1);
    assert_eq!(world.survey("soda").job.unwrap().path.unwrap(), "/jobs/j1");
    let (problem, help, _) = world.failure();
    assert!(
        problem.starts_with("GET /jobs/j1: Cint has a problem"),
        "{problem}"
    );
    assert!(help.contains("starts nothing twice"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_job_without_a_name_is_not_waited_for() {
    let world = idle().await;
    world.vendor([("PUT /p/7/price", Answer::new(202, ""))]);
    assert_eq!(world.apply([starting()]).await.failed, 1);
    let (problem, help, _) = world.failure();
    assert!(
        problem.starts_with("PUT /p/7/price: the vendor took it"),
        "{problem}"
    );
    assert!(help.contains("`infield plan`"), "{help}");
    assert_eq!(world.survey("soda").job.unwrap().path, None);
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_not_remembered_of_anything_is_still_waited_for() {
    let world = World::new().await;
    let call = Call {
        path: "/p/9/price".to_owned(),
        ..start()
    };
    let step = Step {
        calls: vec![call],
        ..starting()
    };
    let mut plan = plan([step]);
    // Nothing is known to look at afterwards.
    plan.steps[0].record = crate::plan::Record::Forgotten;
    world.vendor([("PUT /p/9/price", started()), ("GET /jobs/j1", job("Completed"))]);
    assert_eq!(world.run(&plan).await.unwrap().done, 1);
    assert_eq!(
        world.log(),
        [
            "PUT /p/9/price (idempotency-key: key-1)",
            "GET /jobs/j1",
            "state: remove soda"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_where_nobody_can_look() {
    let mut world = idle().await;
    world.readers.clear();
    world.vendor([("PUT /p/7/price", started())]);
    assert_eq!(world.apply([starting()]).await.done, 1);
}

/// A call after which what it made has to be seen.
fn making() -> Step {
    let call = Call {
        path: "/p".to_owned(),
        then: Some(Followup {
            path: "/p/{soda}".to_owned(),
            until: Until::Visible,
        }),
        ..create()
    };
    Step {
        vendor: crate::marketplace::CINT,
        calls: vec![call, write(Method::Put, "/p/{soda}/next")],
        ..step("soda", Action::Create)
    }
}

fn made() -> Answer {
    Answer::new(201, &json!({"id": "7"}))
}

#[tokio::test(start_paused = true)]
async fn what_was_made_is_waited_for_until_it_can_be_seen() {
    let world = World::new().await;
    world.vendor([
        ("POST /p", made()),
        ("GET /p/7", not_there()),
        ("GET /p/7", ok()),
        ("PUT /p/7/next", ok()),
    ]);
    world.project("7");
    assert_eq!(world.apply([making()]).await.done, 1, "{:#?}", world.events());
    assert_eq!(
        world.log(),
        [
            "state: open key-1 of soda",
            "POST /p",
            "state: put soda 7; close key-1",
            "GET /p/7",
            "GET /p/7",
            "PUT /p/7/next",
            "GET /demand/accounts/1/projects/7",
        ]
    );
}

/// Nobody would ask for it again: its end says nothing about what was sent.
#[tokio::test(start_paused = true)]
async fn a_call_after_which_only_something_is_waited_for_leaves_no_job() {
    let world = idle().await;
    world.vendor([("PUT /p/7/price", ok()), ("GET /p/7", ok())]);
    world.project("7");
    let call = Call {
        then: Some(Followup {
            path: "/p/{soda}".to_owned(),
            until: Until::Visible,
        }),
        ..start()
    };
    let step = Step {
        calls: vec![call],
        ..starting()
    };
    assert_eq!(world.apply([step]).await.done, 1);
    assert_eq!(
        world.log(),
        [
            "PUT /p/7/price (idempotency-key: key-1)",
            "GET /p/7",
            "GET /demand/accounts/1/projects/7",
            "state: put soda 7",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn patience_with_what_cannot_be_seen_ends_before_the_next_call() {
    let world = World::new().await;
    world.vendor([("POST /p", made())]);
    // A minute: looks after 1, 2, 4 and 8 seconds, then every 10.
    world.vendor([0; 9].map(|_| ("GET /p/7", not_there())));
    let tally = world.apply([making()]).await;
    assert_eq!((tally.failed, tally.unknown), (1, 0), "it is known what was made");
    let (problem, help, _) = world.failure();
    assert_eq!(problem, "POST /p: the vendor is not done with it yet (GET /p/7)");
    assert!(help.contains("run again later"), "{help}");
    assert_eq!(world.stored("soda").unwrap().id, "7");
}

/// The vendor does not show it yet.
fn not_there() -> Answer {
    Answer::new(
        404,
        r#"{"object":"not_found_error","detail":"resource not found"}"#,
    )
}
