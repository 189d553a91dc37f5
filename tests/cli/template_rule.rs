//! The template rule: a template is applied once, at creation, and no request ever carries one again.

use crate::support::{Project, Sandbox};
use serde_json::Value;

/// The survey of the example, in field from template 5.
fn in_field(sandbox: &Sandbox, guards: &str) -> Project {
    let project = Project::example("template-rule").with_guards(sandbox, guards);
    project.apply();
    sandbox.survey(1_000_001);
    sandbox.forget();
    project
}

/// Every request since the log was emptied that names a template.
fn requests_with_template(sandbox: &Sandbox) -> Vec<Value> {
    let writes = sandbox.writes();
    writes
        .into_iter()
        .filter(|call| call["body"].to_string().contains("template_id"))
        .collect()
}

#[test]
fn another_template_is_refused_with_the_vendors_rule_and_the_ways_out() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "{}");
    project.edit("tracker.yaml", "template_id: 5", "template_id: 15");
    let plan = project.ok(&["plan"]);
    insta::assert_snapshot!("another_template", plan.text());
    project
        .run(&["validate"])
        .code(1)
        .says("code 1014")
        .says("keep `template_id: 5`, or set `on_template_change: replace`");
    project.run(&["apply", "--yes", "--allow", "launch"]).code(3);
    assert!(sandbox.writes().is_empty(), "nothing is sent");
}

#[test]
fn a_template_added_later_is_refused_too() {
    let sandbox = Sandbox::start();
    let project = Project::example("quickstart").with(&sandbox);
    project.apply();
    sandbox.forget();
    project.edit(
        "minimal.yaml",
        "  category: 232",
        "  category: 232\n  template_id: 15",
    );
    project
        .ok(&["plan"])
        .says("made without a template")
        .says("leave `template_id` out");
    project.run(&["apply", "--yes", "--allow", "launch"]).code(3);
    assert!(sandbox.writes().is_empty(), "nothing is sent");
}

#[test]
fn a_template_left_out_later_changes_nothing() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "{}");
    // A survey without a template has to be complete, in case it is made again somewhere else.
    let own = "locale: en-US\ncompletes: 100\nincidence_rate: 34\nlength_of_interview: 23\nfield_days: 5\nstatus: live\n";
    project.edit("tracker.yaml", "status: live\n", own);
    project.edit("tracker.yaml", "  template_id: 5\n", "  category: 232\n");
    project
        .ok(&["plan", "--detailed-exitcode"])
        .says("template 5 was applied at creation");
    project.apply();
    assert!(sandbox.writes().is_empty(), "nothing is sent");
}

#[test]
fn replacing_is_denied_by_default() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "{}");
    project.edit("tracker.yaml", "template_id: 5", "template_id: 15");
    project.edit(
        "tracker.yaml",
        "on_template_change: refuse",
        "on_template_change: replace",
    );
    let all = ["apply", "--yes", "--allow", "launch,close,replace"];
    project.run(&all).code(3).says("replace");
    assert!(sandbox.writes().is_empty(), "nothing is sent");
}

#[test]
fn replacing_makes_a_new_survey_and_closes_the_old_one() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox, "{replace: ask}");
    project.edit("tracker.yaml", "template_id: 5", "template_id: 15");
    project.edit(
        "tracker.yaml",
        "on_template_change: refuse",
        "on_template_change: replace",
    );
    project
        .run(&["apply", "--yes", "--allow", "launch"])
        .code(3)
        .says("needs the approval `replace`");
    assert!(sandbox.writes().is_empty(), "an approval is missing");
    project.ok(&["apply", "--yes", "--allow", "launch,replace"]);
    assert_eq!(sandbox.survey(1_000_001)["ps_survey_status"], 44);
    assert_eq!(sandbox.survey(1_000_002)["ps_survey_status"], 22);
    let carried = requests_with_template(&sandbox);
    assert_eq!(carried.len(), 1, "{carried:?}");
    assert_eq!(
        (&carried[0]["method"], &carried[0]["path"]),
        (&"POST".into(), &"/surveys".into())
    );
    sandbox.forget();
    project.expect_settled();
    project.apply();
    assert!(sandbox.writes().is_empty());
    assert_eq!(project.ok(&["state", "list"]).stdout.lines().count(), 1);
}

#[test]
fn no_request_carries_the_template_of_a_survey_that_has_one() {
    let sandbox = Sandbox::start();
    let project = Project::example("template-rule").with(&sandbox);
    project.apply();
    assert_eq!(requests_with_template(&sandbox).len(), 1, "at creation");
    sandbox.forget();
    let manifest = project.read("tracker.yaml");
    project.write(
        "tracker.yaml",
        &manifest
            .replace(
                "title: Brand tracker",
                "title: Brand tracker 2\ncompletes: 150\nfield_days: 9",
            )
            .replace("3.50 USD", "3.60 USD"),
    );
    let all = ["apply", "--yes", "--allow", "launch,edit-live-targeting"];
    project.ok(&all);
    assert!(!sandbox.writes().is_empty());
    assert_eq!(requests_with_template(&sandbox), Vec::<Value>::new());
    project.expect_settled();
}
