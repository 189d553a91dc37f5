//! The newcomer's path: three surveys in field with one command, and nothing to do the second time.

use crate::support::{Project, Sandbox};
use serde_json::json;

#[test]
fn the_main_command_puts_three_surveys_in_field_once() {
    let project = Project::example("quickstart");
    let first = project.ok(&["apply", "--yes", "--allow", "launch"]);
    assert!(
        first.stdout.contains("3 to create, 3 to launch"),
        "{}",
        first.text()
    );
    assert!(
        first.stdout.ends_with("Apply: 6 steps done, 6 calls made.\n"),
        "{}",
        first.text()
    );
    let before = project.read(".infield/sandbox/state.json");
    let second = project.ok(&["apply", "--yes", "--allow", "launch"]);
    assert!(second.stdout.contains("Nothing to do"), "{}", second.text());
    assert_eq!(
        before,
        project.read(".infield/sandbox/state.json"),
        "nothing was done"
    );
    project.ok(&["plan", "--detailed-exitcode"]);
    let list = project.ok(&["state", "list"]);
    assert_eq!(
        list.stdout.matches("survey, in field").count(),
        3,
        "{}",
        list.text()
    );
}

#[test]
fn the_vendor_receives_six_writing_calls_and_then_none() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    project.apply();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
    let methods: Vec<_> = sandbox
        .writes()
        .into_iter()
        .map(|call| call["method"].clone())
        .collect();
    assert_eq!(methods, ["POST", "PATCH", "POST", "PATCH", "POST", "PATCH"]);
    sandbox.forget();
    project.apply().says("Nothing to do");
    assert_eq!(sandbox.writes(), Vec::<serde_json::Value>::new());
    project.expect_settled();
}

#[test]
fn plan_writes_nothing_anywhere_and_says_the_same_every_time() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    let first = project
        .run(&["plan", "--detailed-exitcode", "--show-calls"])
        .code(2);
    let second = project
        .run(&["plan", "--detailed-exitcode", "--show-calls"])
        .code(2);
    assert_eq!(first.stdout, second.stdout);
    assert!(!project.exists(".infield"), "a plan leaves no trace");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn validate_is_offline_and_plans_come_in_three_formats() {
    let mut sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    let plan = project.plan();
    assert_eq!(plan["format"], "infield.plan/1");
    // Of `minimal`, 167 people are let in for 100 completes at 60%, and each of them may complete at 2.50.
    assert_eq!(
        plan["exposure"],
        json!([{
            "currency": "USD", "before": "0.00", "after": "1628.25", "change": "1628.25", "under_way": "167.50",
        }])
    );
    let markdown = project.ok(&["plan", "--format", "markdown"]);
    let hash = plan["hash"].as_str().unwrap();
    assert!(markdown.stdout.contains(hash), "{}", markdown.text());
    sandbox.stop();
    let valid = project.ok(&["validate"]);
    assert_eq!(valid.stderr, "3 surveys in 4 files: valid\n");
    assert!(!project.exists(".infield"));
}

#[test]
fn init_makes_a_project_that_applies() {
    let project = Project::empty();
    project.ok(&["init"]);
    project.ok(&["validate"]);
    project.ok(&["apply", "--yes"]).says("1 to create");
    let text = project.read("infield.yaml");
    project.write("infield.yaml", "kind: Project\nname: mine\n");
    project.ok(&["init"]).says("left ./infield.yaml as it is");
    assert_eq!(project.read("infield.yaml"), "kind: Project\nname: mine\n");
    assert!(text.contains("kind: Project"));
}

#[test]
fn wrong_usage_is_told_from_failure() {
    let project = Project::example("quickstart");
    project.run(&["aply"]).code(64).says("apply");
    project
        .run(&["apply", "--allow", "lunch"])
        .code(64)
        .says("there is no guard `lunch`");
    project
        .run(&["plan", "--target", "minimul"])
        .code(64)
        .says("did you mean `minimal`?");
    project
        .run(&["plan", "--env", "prod"])
        .code(1)
        .says("there is no environment `prod`");
    project.ok(&["--version"]);
    project.ok(&["help", "plan"]);
}
