//! A launch is a job of the vendor; and what has no reference.

use super::subject::{TRACKER, open};
use crate::world::desired;
use infield::plan::NoteKind;
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn what_is_to_have_no_reference_is_found_again_by_its_title() {
    let block = "  business_unit: 3337";
    let without = format!("  project_reference: null\n  reference: null\n{block}");
    let manifest = TRACKER.replacen(block, &without, 1);
    let wanted = desired(&manifest);
    let world = open(&Value::Null).await;
    for path in ["*/projects", "*/target-groups"] {
        let lost = json!({"method": "POST", "path": path, "drop_after_commit": true, "times": 20});
        world.admin("POST", "faults", &lost).await;
        let plan = world.plan(&wanted).await;
        assert!(world.apply(&plan).await.failed > 0, "{path}");
        world.admin("DELETE", "faults", &Value::Null).await;
    }
    // What is found again is a draft that wants its launch.
    let plan = world.plan(&wanted).await;
    assert_eq!(world.apply(&plan).await.failed, 0, "{:?}", world.problems());
    world.converge(&manifest).await;
    assert_eq!(world.stored("project").await.len(), 1);
    assert_eq!(world.target_groups().await.len(), 2);
}

/// A launch whose job was started and whose process died: the next apply asks for that job and starts no other.
#[tokio::test(start_paused = true)]
async fn a_job_goes_on_while_nobody_looks() {
    let mut world = open(&json!({"cint_job_ends_at_read": 80})).await;
    let wanted = desired(TRACKER);
    let plan = world.plan(&wanted).await;
    // Patience ends before the job does.
    let tally = world.apply(&plan).await;
    assert_eq!(tally.failed, 2, "{:?}", world.problems());
    world.restart().await;
    let plan = world.plan(&wanted).await;
    assert!(plan.is_empty(), "{plan:#?}");
    let blocked = plan
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Blocked)
        .count();
    assert_eq!(blocked, 2, "{:#?}", plan.notes);
    // Every plan is a look at the jobs; at last they are done.
    for _ in 0..40 {
        let plan = world.plan(&wanted).await;
        if plan.notes.iter().all(|note| note.kind != NoteKind::Blocked) {
            break;
        }
    }
    world.converge(TRACKER).await;
    let launches = world.writes().await;
    let launches = launches
        .iter()
        .filter(|call| call.contains("launch-from-draft"))
        .count();
    assert_eq!(launches, 2, "one for each target group");
}
