use super::order::sort;
use crate::plan::Step;
use serde_json::json;

/// A step that waits for others.
fn step(id: &str, depends_on: &[&str]) -> Step {
    let step = json!({
        "id": id, "address": "soda", "vendor": "purespectrum", "action": "forget", "reason": "", "changes": [],
        "calls": [], "depends_on": depends_on, "guards": [], "record": "forgotten",
    });
    serde_json::from_value(step).unwrap()
}

fn sorted(mut steps: Vec<Step>) -> Vec<String> {
    sort(&mut steps);
    steps.into_iter().map(|step| step.id).collect()
}

#[test]
fn steps_come_after_what_they_wait_for_and_else_stay_in_their_order() {
    let steps = vec![
        step("a", &["d", "c"]),
        step("b", &[]),
        step("c", &["d"]),
        step("d", &["of-another-plan"]),
        step("e", &["a"]),
    ];
    assert_eq!(sorted(steps), ["b", "d", "c", "a", "e"]);
}

#[test]
fn no_step_is_lost_in_a_circle() {
    let steps = vec![step("a", &["b"]), step("b", &["a"]), step("c", &[])];
    assert_eq!(sorted(steps), ["c", "a", "b"]);
}
