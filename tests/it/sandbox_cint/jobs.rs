//! Jobs: launching, scheduling, and many target groups at once.

use crate::sandbox_cint::support::{id, plain, plain_with, world};
use serde_json::{Value, json};

const END: &str = "2024-08-01T00:00:00Z";

#[tokio::test]
async fn a_launch_is_a_job_that_takes_its_looks() {
    let world = world().await;
    world.setting("cint_job_ends_at_read", json!(3)).await;
    let group = world.draft(&world.project().await, &plain()).await;
    let path = format!("{group}/fielding-run-jobs/launch-from-draft");
    let made = world.post(&path, &json!({"end_fielding_at": END})).await;
    assert_eq!(made.text, "");
    assert!(
        made.header("location").starts_with("/demand/"),
        "{}",
        made.header("location")
    );
    let job = format!("{path}/{}", made.job());
    for status in ["Processing", "Processing", "Completed", "Completed"] {
        let shown = world.get(&job).await.with(200);
        assert_eq!(shown["status"], status);
        let run = if status == "Completed" {
            json!(id(&group))
        } else {
            Value::Null
        };
        assert_eq!(shown["created_fielding_run_id"], run);
    }
    assert_eq!(world.status(&group).await, "live");
}

#[tokio::test]
async fn a_job_nobody_looks_at_ends_all_the_same() {
    let world = world().await;
    let group = world.draft(&world.project().await, &plain()).await;
    let path = format!("{group}/fielding-run-jobs/launch-from-draft");
    let job = world.post(&path, &json!({"end_fielding_at": END})).await.job();
    assert_eq!(world.status(&group).await, "draft");
    world.sandbox.clock().advance(jiff::SignedDuration::from_secs(6));
    assert_eq!(world.status(&group).await, "live");
    let shown = world.get(&format!("{path}/{job}")).await.with(200);
    assert_eq!(shown["status"], "Completed");
}

#[tokio::test]
async fn a_failed_launch_says_why_and_leaves_a_draft() {
    let world = world().await;
    let project = world.project().await;
    let failed = async |body: &Value, word: &str, dates: &Value, code: &str| {
        let group = world.draft(&project, body).await;
        let job = world.job(&group, word, dates).await;
        assert_eq!(job["status"], "Failed");
        assert_eq!(job["failure_reason"]["code"], code, "{job}");
        assert_eq!(job["created_fielding_run_id"], Value::Null);
        assert!(job["job_trace_id"].is_string());
        assert_eq!(world.status(&group).await, "draft");
        job
    };
    let launch = json!({"end_fielding_at": END});
    let late = json!({"end_fielding_at": "2024-06-01T00:00:00Z"});
    let past = json!({"start_fielding_at": "2024-06-01T00:00:00Z", "end_fielding_at": END});
    let (now, then) = ("launch-from-draft", "schedule-from-draft");
    let bare = plain_with(&json!({"live_url": null, "cost_per_interview": null}));
    let job = failed(&bare, now, &launch, "TargetGroupInvalidState").await;
    let names: Vec<&Value> = job["failure_reason"]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| &reason["name"])
        .collect();
    assert_eq!(names, ["live_url", "cost_per_interview"]);
    failed(&plain(), now, &late, "InvalidFieldingDates").await;
    failed(&plain(), then, &past, "InvalidFieldingDates").await;
    world.setting("cint_launch_failure", json!("SomethingNew")).await;
    failed(&plain(), now, &launch, "SomethingNew").await;
    world.setting("cint_launch_failure", json!("")).await;

    let live = world.live(&plain()).await;
    let job = world.job(&live, now, &launch).await;
    assert_eq!(job["failure_reason"]["code"], "TargetGroupInvalidState");
    assert_eq!(world.status(&live).await, "live");
    // There is no 404 for the request.
    let nothing = format!("{project}/target-groups/01FXTRCNT00000000000009999");
    let job = world.job(&nothing, now, &launch).await;
    assert_eq!(job["failure_reason"]["code"], "TargetGroupNotFound");
}

#[tokio::test]
async fn a_batch_says_what_became_of_each() {
    let world = world().await;
    let project = world.project().await;
    let (live, draft) = (
        world.draft(&project, &plain()).await,
        world.draft(&project, &plain()).await,
    );
    world.launch(&live).await;
    let unknown = "01FXTRCNT00000000000009999";
    let body = json!({"target_group_ids": [id(&live), id(&draft), unknown]});
    let path = format!("{project}/batch-jobs/pause-fielding-runs-by-target-group-id");
    for _ in 0..2 {
        let made = world.post(&path, &body).await;
        // Another path than the one to look at.
        assert!(made.header("location").contains("/batch-jobs/pause/"));
        let job = format!("{path}/{}", made.job());
        assert_eq!(world.get(&job).await.with(200)["status"], "Processing");
        let shown = world.get(&job).await.with(200);
        assert_eq!(shown["status"], "Completed");
        // What is paused already counts as done.
        assert_eq!(
            shown["updated_target_groups"]["data"],
            json!([{"target_group_id": id(&live)}])
        );
        let codes: Vec<&Value> = shown["failed_target_groups"]["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|failed| &failed["failure_reason"]["code"])
            .collect();
        assert_eq!(codes, ["StatusTransitionNotAllowed", "TargetGroupNotFound"]);
    }
    assert_eq!(world.status(&live).await, "paused");
    // Launching many is for scheduled ones; a draft stays one.
    let path = format!("{project}/batch-jobs/launch-fielding-runs-by-target-group-id");
    world
        .post(&path, &json!({"target_group_ids": [id(&draft)]}))
        .await
        .job();
    assert_eq!(world.status(&draft).await, "draft");
}
