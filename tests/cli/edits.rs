//! Edits of what is in field: the plan shows exactly what was changed, and apply sends exactly what the plan showed.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

/// The quickstart in field.
fn in_field(sandbox: &Sandbox) -> Project {
    let project = Project::example("quickstart").with(sandbox);
    project.apply();
    sandbox.forget();
    project
}

#[test]
fn one_quota_and_one_price_are_two_changes_and_two_calls() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.edit("from-template.yaml", "completes: 10", "completes: 12");
    project.edit("minimal.yaml", "2.50 USD", "2.75 USD");

    let plan = project.run(&["plan", "--detailed-exitcode"]).code(2);
    insta::assert_snapshot!("one_quota_and_one_price", plan.text());
    let json = project.plan();
    let changes: Vec<&Value> = json["steps"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|step| step["changes"].as_array().unwrap())
        .collect();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(changes[0]["path"], "/quotas/own-women/completes");
    assert_eq!(
        (&changes[0]["before"], &changes[0]["after"]),
        (&json!(10), &json!(12))
    );
    assert_eq!(changes[1]["path"], "/cpi");
    assert_eq!(json["exposure"][0]["change"], "25.00");

    let shown = project.ok(&["plan", "--show-calls"]).stdout;
    let planned = project.planned_calls();
    assert_eq!(planned.len(), 2);
    for call in &planned {
        let line = format!(
            "{} {}",
            call["method"].as_str().unwrap(),
            call["path"].as_str().unwrap()
        );
        assert!(shown.contains(&line), "{line} not in\n{shown}");
    }
    sandbox.forget();
    project.ok(&APPLY);
    assert_eq!(
        sandbox.writes(),
        planned,
        "the vendor received what the plan showed"
    );
    project.expect_settled();
}

#[test]
fn a_whole_project_is_created_with_exactly_the_planned_calls() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    let planned = project.planned_calls();
    project.apply();
    let mut ids = [1_000_001, 1_000_002, 1_000_003].into_iter();
    let expected: Vec<Value> = planned
        .into_iter()
        .map(|mut call| {
            // Only the id that the create before has returned is filled in.
            let path = call["path"].as_str().unwrap();
            if let Some(start) = path.find('{') {
                let end = path.rfind('}').unwrap() + 1;
                let id: i32 = ids.next().unwrap();
                call["path"] = format!("{}{id}{}", &path[..start], &path[end..]).into();
            }
            call
        })
        .collect();
    assert_eq!(sandbox.writes(), expected);
}

#[test]
fn fields_left_out_are_not_managed_and_changes_of_others_are_taken_back() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let test_url = "test_url: https://survey.example.com/s/breakfast?test=1\n";
    project.edit("layered-quotas.yaml", test_url, "");
    project.expect_settled();
    sandbox.by_hand(
        "PUT",
        "/surveys/1000002",
        json!({"test_url": "https://elsewhere.example"}),
    );
    project.expect_settled();
    // What is managed goes back to what the manifest says, and the plan says whose change that was.
    sandbox.by_hand(
        "PATCH",
        "/surveys/1000003",
        json!([{"op": "replace", "path": "/offer_price", "value": 9.5}]),
    );
    project
        .run(&["plan", "--detailed-exitcode"])
        .code(2)
        .says("9.50 USD → 2.50 USD")
        .says("changed outside infield since the last apply");
    project.apply();
    project.expect_settled();
    assert_eq!(sandbox.survey(1_000_002)["test_url"], "https://elsewhere.example");
}

#[test]
fn null_clears_what_the_vendor_can_clear() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.edit(
        "layered-quotas.yaml",
        "test_url: https://survey.example.com/s/breakfast?test=1\n",
        "test_url: null\n",
    );
    project
        .run(&["plan", "--detailed-exitcode"])
        .code(2)
        .says("test_url");
    project.apply();
    project.expect_settled();
    assert!(
        sandbox.survey(1_000_002)["test_url"]
            .as_str()
            .is_none_or(str::is_empty)
    );
}

#[test]
fn a_quota_can_be_added_and_taken_away() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let quota = "  - {name: age-50-64, completes: 33.4%, where: {age: 50-64}}\n";
    project.edit("layered-quotas.yaml", quota, "");
    let all = [
        "apply",
        "--yes",
        "--allow",
        "launch,edit-live-targeting,remove",
        "--parallelism",
        "1",
    ];
    project.ok(&all);
    project.expect_settled();
    let planned_after_removal = sandbox.writes().len();
    assert!(planned_after_removal > 0);
    let text = project.read("layered-quotas.yaml");
    project.write(
        "layered-quotas.yaml",
        &text.replace("purespectrum:\n", &format!("{quota}purespectrum:\n")),
    );
    project.ok(&all);
    project.expect_settled();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

#[test]
fn target_and_exclude_choose_what_is_done() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    project.ok(&["apply", "--yes", "--allow", "launch", "--target", "minimal"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    project.ok(&[
        "apply",
        "--yes",
        "--allow",
        "launch",
        "--exclude",
        "from-template",
    ]);
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
    let left = project.plan();
    let steps = left["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["address"] == "from-template"),
        "{steps:?}"
    );
}

/// Whoever approves a plan reads what `validate` has to say of its surveys, in every format, and of no others.
#[test]
fn what_validate_says_of_the_surveys_of_a_plan_is_part_of_it() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let short = "quotas: [{name: men, completes: 20, where: {gender: male}}, {name: women, completes: 20, where: {gender: female}}]\n";
    project.write("one.yaml", &survey("one", short));
    project.write("two.yaml", &survey("two", short));
    let said = "the quotas over gender sum to 40 of 100 completes (quota::sum-below-completes)";
    let noted = |args: &[&str]| -> Vec<String> {
        let plan = project.ok(&[&["plan", "--format", "json"], args].concat()).json();
        let notes = plan["notes"].as_array().unwrap().iter();
        let about = notes.filter(|note| note["message"] == said && note["help"].is_string());
        about
            .map(|note| note["address"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(noted(&[]), ["one", "two"]);
    assert_eq!(noted(&["--target", "two"]), ["two"]);
    project
        .ok(&["plan"])
        .says("the quotas over gender sum to 40 of 100 completes");
    project
        .ok(&["plan", "--format", "markdown"])
        .says("the quotas over gender sum to 40 of 100 completes");
    project.apply();
    assert_eq!(noted(&[]), [""; 0], "nothing is touched any more");
    project.edit("one.yaml", "2.50 USD", "2.75 USD");
    assert_eq!(noted(&[]), ["one"]);
}
