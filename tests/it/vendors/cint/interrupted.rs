//! Every call of a first apply and of an edit, interrupted in every way: nothing is made twice, nothing goes in field half
//! written, and what follows converges.

use super::support::{TRACKER, open, reference};
use crate::vendors::support::{World, desired, finish, on_every_core};
use infield::plan::NoteKind;
use serde_json::{Value, json};

/// How a call is interrupted.
fn ways() -> Vec<(&'static str, Value)> {
    vec![
        ("lost before", json!({"drop_before": true})),
        ("lost after", json!({"drop_after_commit": true})),
        ("500 before", json!({"status": 500})),
        ("500 after", json!({"status": 500, "after_commit": true})),
        ("maintenance", json!({"malformed": true})),
        (
            "refused",
            json!({"status": 400, "body": {"object": "bad_request_error", "detail": "not now"}}),
        ),
        (
            "stale",
            json!({"status": 412, "body": {"object": "precondition_failed_error", "detail": "changed"}}),
        ),
    ]
}

fn edited() -> String {
    TRACKER
        .replace("completes: 300", "completes: 320")
        .replace("completes: 140", "completes: 160")
        .replace("title: Brand tracker", "title: Brand tracker 2")
        .replace("2026-04-15T18", "2026-04-16T18")
        .replace("max_cpi: 4.00 USD", "max_cpi: 3.90 USD")
        .replace("max: 60}", "max: 70}")
}

/// Brings a world to what the manifest wants, as often as it takes, and checks what must hold on the way.
async fn settle(world: &mut World, manifest: &str, what: &str) {
    world.admin("DELETE", "faults", &Value::Null).await;
    let wanted = desired(manifest);
    for round in 0..4 {
        never_wrong(world, what).await;
        let plan = world.plan(&wanted).await;
        let waits: Vec<_> = plan
            .notes
            .iter()
            .filter(|note| note.kind == NoteKind::Blocked)
            .collect();
        if plan.is_empty() && waits.is_empty() {
            return;
        }
        let tally = world.apply(&plan).await;
        assert_eq!(
            tally.failed,
            0,
            "{what}, round {round}: {:?} {waits:#?}",
            world.problems()
        );
    }
    panic!("{what}: does not converge");
}

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

/// Nothing is there twice, and nothing is in field without its profiles and its price.
async fn never_wrong(world: &World, what: &str) {
    assert!(world.stored("project").await.len() <= 1, "{what}: two projects");
    let groups = world.target_groups().await;
    let mut references: Vec<String> = groups.iter().map(reference).collect();
    references.dedup();
    assert_eq!(references.len(), groups.len(), "{what}: a target group twice");
    for group in groups {
        if group["run"]["status"] == "live" {
            assert!(!group["profiling"].is_null() && !group["cpi"].is_null(), "{what}");
        }
    }
}

/// What the vendor has, without ids, times and what only counts.
async fn picture(world: &World) -> Value {
    let groups = world.target_groups().await;
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            json!([
                group["fields"],
                group["goal"],
                group["cpi"],
                group["end_ms"].is_number(),
                in_field(group),
                group["run"]["end_ms"],
                group["strategy"],
                group["exclusion"],
                group["activity_exclusions"],
                group["assistant"],
                targets(&group["profiling"]),
            ])
        })
        .collect();
    let projects: Vec<Value> = world
        .stored("project")
        .await
        .iter()
        .map(|project| json!([project["name"], project["reference"], project["manager"]]))
        .collect();
    json!([projects, groups])
}

/// A run that starts now counts as scheduled until somebody looks.
fn in_field(group: &Value) -> bool {
    matches!(group["run"]["status"].as_str(), Some("scheduled" | "live"))
}

/// Profiles without the ids that every write makes anew.
fn targets(profiling: &Value) -> Value {
    match profiling {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "id")
            .map(|(key, value)| (key.clone(), targets(value)))
            .collect(),
        Value::Array(items) => items.iter().map(targets).collect(),
        other => other.clone(),
    }
}

async fn undisturbed() -> (Value, Value, usize, usize) {
    let world = open(&Value::Null).await;
    let mut counts = Vec::new();
    let mut pictures = Vec::new();
    for manifest in [TRACKER.to_owned(), edited()] {
        let plan = world.plan(&desired(&manifest)).await;
        let before = world.requests().await;
        world.apply(&plan).await;
        counts.push(world.requests().await - before);
        pictures.push(picture(&world).await);
        assert!(world.plan(&desired(&manifest)).await.is_empty());
    }
    (pictures[0].take(), pictures[1].take(), counts[0], counts[1])
}

/// Interrupts the nth request of what follows, whatever it is.
async fn fault(world: &World, nth: usize, effect: &Value) {
    let mut fault = effect.clone();
    fault["vendor"] = json!("cint");
    fault["path"] = json!("*");
    fault["nth"] = json!(nth);
    world.admin("POST", "faults", &fault).await;
}

#[test]
fn a_first_apply_interrupted_anywhere() {
    let (wanted, _, calls, _) = finish(undisturbed());
    on_every_core(ways(), async |(what, effect)| {
        let mut failed = 0;
        for nth in 1..=calls {
            let mut world = open(&Value::Null).await;
            let plan = world.plan(&desired(TRACKER)).await;
            fault(&world, nth, &effect).await;
            failed += world.apply(&plan).await.failed;
            world.restart().await;
            let what = format!("{what} at call {nth}");
            settle(&mut world, TRACKER, &what).await;
            assert_eq!(picture(&world).await, wanted, "{what}");
        }
        assert!(
            failed >= 1,
            "{what}: no step failed, so the faults did not strike"
        );
    });
}

#[test]
fn an_edit_interrupted_anywhere() {
    let (_, wanted, _, calls) = finish(undisturbed());
    let manifest = edited();
    let each = ways()
        .into_iter()
        .flat_map(|way| (1..=calls).map(move |nth| (way.clone(), nth)));
    on_every_core(each, async |((what, effect), nth)| {
        let mut world = open(&Value::Null).await;
        world.converge(TRACKER).await;
        let plan = world.plan(&desired(&manifest)).await;
        fault(&world, nth, &effect).await;
        world.apply(&plan).await;
        world.restart().await;
        let what = format!("{what} at call {nth}");
        settle(&mut world, &manifest, &what).await;
        assert_eq!(picture(&world).await, wanted, "{what}");
    });
}

#[test]
fn a_state_that_fails_after_any_effect() {
    let (first, second, ..) = finish(undisturbed());
    on_every_core(1..=20, async |nth| {
        let mut world = open(&Value::Null).await;
        world.fail_state_at(nth);
        let plan = world.plan(&desired(TRACKER)).await;
        world.apply(&plan).await;
        world.restart().await;
        let what = format!("state fails at write {nth}");
        settle(&mut world, TRACKER, &what).await;
        assert_eq!(picture(&world).await, first, "{what}");
        world.fail_state_at(nth % 5 + 1);
        let plan = world.plan(&desired(&edited())).await;
        world.apply(&plan).await;
        world.restart().await;
        settle(&mut world, &edited(), &what).await;
        assert_eq!(picture(&world).await, second, "{what}");
    });
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
