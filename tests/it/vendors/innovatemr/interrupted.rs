//! Every writing call of a first apply and of an edit, interrupted in every way: nothing is made twice, nothing goes in
//! field half written, and what follows converges.

use super::support::{LIFT, open};
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
            json!({"status": 400, "body": {"apiStatus": "failure", "msg": "not now"}}),
        ),
    ]
}

/// Edits of everything that is hidden from reads, among others.
fn edited() -> String {
    LIFT.replace("max_cpi: 3.75 USD", "max_cpi: 3.50 USD")
        .replace("note: second country", "note: changed")
        .replace("[18-34, 35-64]", "[18-34]")
        .replace("zip: ['01234', '99999'], ", "")
        .replace("name: men, completes: 150", "name: men, completes: 140")
        .replace(
            "    quotas:\n",
            "    quotas:\n      - {name: all, completes: 300, where: {gender: [male, female]}}\n",
        )
}

/// Brings a world to what the manifest wants, as often as it takes, and checks what must hold on the way.
async fn settle(world: &mut World, manifest: &str, what: &str) {
    world.admin("DELETE", "faults", &Value::Null).await;
    let wanted = desired(manifest);
    for round in 0..4 {
        never_half_written(world, what).await;
        let plan = world.plan(&wanted).await;
        let waits = plan.notes.iter().any(|note| note.kind == NoteKind::Blocked);
        if plan.is_empty() && !waits {
            return;
        }
        if waits {
            world.settle_by_hand().await;
        }
        let tally = world.apply(&plan).await;
        assert_eq!(tally.failed, 0, "{what}, round {round}: {:?}", world.problems());
    }
    panic!("{what}: does not converge");
}

/// Nothing is in field before its ceiling, its targets and its quotas are there.
async fn never_half_written(world: &World, what: &str) {
    for group in world.stored("group").await {
        if group["status"] == 1 {
            let targets = group["targets"].as_object().unwrap().len();
            assert!(targets >= 2, "{what}: in field with {targets} targets");
            assert!(group["fields"]["MaximumCostPerInterview"].is_number(), "{what}");
        }
    }
    assert!(world.stored("job").await.len() <= 1, "{what}: two jobs");
    assert!(world.stored("group").await.len() <= 2, "{what}: three groups");
    let mut titles: Vec<String> = world
        .stored("quota")
        .await
        .iter()
        .map(|quota| quota["fields"]["Title"].to_string())
        .collect();
    titles.sort();
    let count = titles.len();
    titles.dedup();
    assert_eq!(titles.len(), count, "{what}: a quota twice");
}

/// What the vendor has, without what only says when it was made.
async fn picture(world: &World) -> Value {
    let mut groups = world.stored("group").await;
    groups.sort_by_key(|group| group["fields"]["Name"].to_string());
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| json!([group["fields"], group["targets"], group["status"]]))
        .collect();
    let mut quotas: Vec<Value> = world
        .stored("quota")
        .await
        .iter()
        .map(|quota| {
            let mut fields = quota["fields"].clone();
            fields["GroupId"] = Value::Null;
            fields
        })
        .collect();
    quotas.sort_by_key(|quota| quota["Title"].to_string());
    let jobs: Vec<Value> = world
        .stored("job")
        .await
        .iter()
        .map(|job| json!([job["fields"], job["status"]]))
        .collect();
    json!([jobs, groups, quotas])
}

/// A world after an apply that nothing disturbed and after an edit, and the number of requests of each of the two.
async fn undisturbed() -> (Value, Value, usize, usize) {
    let world = open(&Value::Null).await;
    let mut counts = Vec::new();
    let mut pictures = Vec::new();
    for manifest in [LIFT.to_owned(), edited()] {
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
    fault["vendor"] = json!("innovatemr");
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
            let plan = world.plan(&desired(LIFT)).await;
            fault(&world, nth, &effect).await;
            failed += world.apply(&plan).await.failed;
            world.restart().await;
            let what = format!("{what} at call {nth}");
            settle(&mut world, LIFT, &what).await;
            assert_eq!(picture(&world).await, wanted, "{what}");
        }
        assert!(
            failed >= 3,
            "{what}: only {failed} steps failed, so the faults did not strike"
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
        world.converge(LIFT).await;
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
fn an_edit_interrupted_anywhere_and_taken_back() {
    let (wanted, _, _, calls) = finish(undisturbed());
    // A quota cannot be removed, so what is taken back adds none.
    let manifest = edited().replace(
        "      - {name: all, completes: 300, where: {gender: [male, female]}}\n",
        "",
    );
    let each = ways()
        .into_iter()
        .flat_map(|way| (1..=calls).map(move |nth| (way.clone(), nth)));
    on_every_core(each, async |((what, effect), nth)| {
        let mut world = open(&Value::Null).await;
        world.converge(LIFT).await;
        let plan = world.plan(&desired(&manifest)).await;
        fault(&world, nth, &effect).await;
        world.apply(&plan).await;
        world.restart().await;
        let what = format!("{what} at call {nth}, taken back");
        settle(&mut world, LIFT, &what).await;
        assert_eq!(
            picture(&world).await,
            wanted,
            "{what}: what nobody can see is as it was"
        );
    });
}

#[test]
fn a_state_that_fails_after_any_effect() {
    let (first, second, ..) = finish(undisturbed());
    on_every_core(1..=24, async |nth| {
        let mut world = open(&Value::Null).await;
        world.fail_state_at(nth);
        let plan = world.plan(&desired(LIFT)).await;
        world.apply(&plan).await;
        world.restart().await;
        let what = format!("state fails at write {nth}");
        settle(&mut world, LIFT, &what).await;
        assert_eq!(picture(&world).await, first, "{what}");
        world.fail_state_at(nth % 7 + 1);
        let plan = world.plan(&desired(&edited())).await;
        world.apply(&plan).await;
        world.restart().await;
        settle(&mut world, &edited(), &what).await;
        assert_eq!(picture(&world).await, second, "{what}");
    });
}
