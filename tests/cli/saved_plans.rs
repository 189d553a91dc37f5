//! Saved plans: carried out as they are, once, and only if nothing has moved.

use crate::support::{Project, Sandbox, survey};
use serde_json::json;

fn planned(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with_guards(sandbox, "{launch: allow}");
    project.write("one.yaml", &survey("one", ""));
    project.ok(&["plan", "--out", "plan.json"]);
    project
}

#[test]
fn a_saved_plan_is_carried_out_once() {
    let sandbox = Sandbox::start();
    let project = planned(&sandbox);
    project.ok(&["apply", "--plan", "plan.json", "--yes"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    sandbox.forget();
    project.run(&["apply", "--plan", "plan.json", "--yes"]).code(5);
    assert!(sandbox.writes().is_empty());
}

#[test]
fn a_saved_plan_holds_what_is_sent_once_and_little_else() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{launch: allow}");
    let quota = |n: usize| {
        format!(
            "  - {{name: male-q-{n}, completes: 20, where: {{gender: male, age: {}-{0}}}}}\n",
            18 + n
        )
    };
    let quotas: String = (0..20).map(quota).collect();
    for n in 0..10 {
        let name = format!("s-{n}");
        project.write(
            &format!("{name}.yaml"),
            &survey(&name, &format!("quotas:\n{quotas}")),
        );
    }
    project.ok(&["plan", "--out", "plan.json"]);
    let text = project.read("plan.json");
    let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        plan["plan"]["steps"].as_array().unwrap().len(),
        20,
        "creates and launches"
    );
    // Ten thousand such surveys are less than 80 MB.
    assert!(text.len() < 10 * 8_000, "{}", text.len());
    assert_eq!(text.lines().count(), 1);
    project.ok(&["apply", "--plan", "plan.json", "--yes"]);
    assert_eq!(sandbox.count(), [0, 10, 0, 0]);
}

#[test]
fn a_saved_plan_is_refused_when_something_moved() {
    let sandbox = Sandbox::start();
    let project = planned(&sandbox);
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project
        .run(&["apply", "--plan", "plan.json", "--yes"])
        .code(5)
        .says("the manifests were changed")
        .says("one: /cpi goes from null to \"2.60 USD\" now, not from null to \"2.50 USD\"");
    project.edit("one.yaml", "2.60 USD", "2.50 USD");
    project.ok(&["apply", "--plan", "plan.json", "--yes"]);
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project.ok(&["plan", "--out", "plan.json"]);
    let patch = json!([{"op": "replace", "path": "/completes_required", "value": 90}]);
    sandbox.by_hand("PATCH", "/surveys/1000001", patch);
    sandbox.forget();
    project
        .run(&["apply", "--plan", "plan.json", "--yes"])
        .code(5)
        .says("one");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn a_saved_plan_that_was_touched_is_refused() {
    let sandbox = Sandbox::start();
    let project = planned(&sandbox);
    let text = project.read("plan.json");
    for bad in [
        text.replace("2.5", "2.4"),
        text[..text.len() / 2].to_owned(),
        "{}".to_owned(),
        String::new(),
    ] {
        project.write("plan.json", &bad);
        let run = project.run(&["apply", "--plan", "plan.json", "--yes"]);
        assert!(sandbox.writes().is_empty(), "{}", run.text());
        run.says("error:").never_says("panicked");
    }
}
